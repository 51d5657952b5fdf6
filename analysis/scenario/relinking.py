"""Relinking: points linked in a scenario, anew only where it may have changed their links."""

from collections.abc import Mapping

import numpy as np

from analysis.linking.candidate_arcs import Walls
from analysis.linking.known_links import KnownLinks
from analysis.linking.linkable import LinkableArcs, arc_lines
from analysis.linking.linkage import Linkage, joined_links, picked_links
from analysis.linking.linker import Linker
from analysis.linking.relinked import in_turn, reached_points
from analysis.linking.uncut import UncutStreets
from analysis.streets.barriers import Barriers
from analysis.streets.network import WalkNetwork
from analysis.units import BoolArray, FloatArray, GeometryArray
from analysis.walking import WalkProfile


class Relinker(Linker):
    """Links what is new; what `known` (by what is closed to the walker) holds it takes from there.

    Where streets were edited, everything that these edits can have reached is linked anew: what
    lies within the snap limit of a street that is new, closed or linkable now and was not before,
    and what leaves its compound by a gate that does.
    """

    def __init__(
        self,
        baseline: Linker,
        known: Mapping[int, KnownLinks],
        network: WalkNetwork,
        barriers: Barriers,
        uncut: UncutStreets | None,
    ) -> None:
        super().__init__(network, barriers, baseline.rules, uncut)
        self._baseline, self._known_links = baseline, known
        self._ground: dict[int, GeometryArray] = {}

    def link(self, xy_m: FloatArray, profile: WalkProfile) -> Linkage:
        """Link points, float64 [p, 2] in metres."""
        known = self._known_links.get(int(profile.barred))
        if known is None:
            return super().link(xy_m, profile)
        row = known.rows(xy_m)
        if self.uncut is not None:
            row[self._reached(xy_m, profile)] = -1
        fresh, old = np.flatnonzero(row < 0), np.flatnonzero(row >= 0)
        kept = picked_links(known.links, row[old])
        if self.uncut is not None:
            kept = self.uncut.on_pieces(kept)
        both = joined_links([kept, super().link(xy_m[fresh], profile)])
        return picked_links(both, in_turn(old, fresh))

    def linkable_of(self, network: WalkNetwork, profile: WalkProfile) -> LinkableArcs:
        """Return the arcs of `network` that may be linked to, from the baseline where it is it."""
        own = self._baseline.network
        if network is own or (
            self.uncut is not None
            and network is self.uncut.before
            and np.array_equal(network.arc_flags, own.arc_flags)
        ):
            return self._baseline.linkable(profile)
        return super().linkable_of(network, profile)

    def walls_of(self, barriers: Barriers) -> Walls:
        """Return the lines of `barriers`, from the baseline where they are its own."""
        if barriers is self._baseline.barriers:
            return self._baseline.walls_of(barriers)
        return super().walls_of(barriers)

    def _reached(self, xy_m: FloatArray, profile: WalkProfile) -> BoolArray:
        """Return which points the edits of streets can have reached."""
        return reached_points(self._changed(profile), xy_m, self.barriers, self.rules.snap_limit_m)

    def _changed(self, profile: WalkProfile) -> GeometryArray:
        """Return all streets that this walker may link to now and not before, or the reverse."""
        assert self.uncut is not None  # noqa: S101 - asked for edited streets alone
        barred = int(profile.barred)
        if barred not in self._ground:
            whole = self.uncut.whole
            n_before = self.uncut.before.n_arcs
            was, is_ = self._baseline.linkable(profile), self.linkable_of(whole, profile)
            without = self.linkable_of(self.uncut.before, profile)
            changed = np.ones(whole.n_arcs, dtype=bool)
            changed[:n_before] = False
            for before, after in ((was, without), (was, is_)):
                for name in ("on_foot", "usable"):
                    other = getattr(after, name)[:n_before]
                    changed[:n_before] |= getattr(before, name) != other
            arcs = np.flatnonzero(changed).astype(np.int32)
            self._ground[barred] = arc_lines(whole, arcs)
        return self._ground[barred]

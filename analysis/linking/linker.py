"""Linker: how the points of one place are linked, whoever walks."""

from analysis.linking.candidate_arcs import Walls, walls_of
from analysis.linking.linkable import LinkableArcs, LinkRules, linkable_arcs
from analysis.linking.linkage import Linkage, link_points, no_links
from analysis.linking.uncut import UncutStreets, both
from analysis.streets.barriers import Barriers
from analysis.streets.network import WalkNetwork
from analysis.units import FloatArray
from analysis.walking import WalkProfile


class Linker:
    """Links points to `network` past `barriers` by `rules`.

    Where a point is linked depends on where it lies and on what is closed to the walker, and on
    nothing else. `uncut` are the streets as people link to them, where those of `network` are cut.
    """

    def __init__(
        self,
        network: WalkNetwork,
        barriers: Barriers,
        rules: LinkRules,
        uncut: UncutStreets | None = None,
    ) -> None:
        self.network, self.barriers, self.rules, self.uncut = network, barriers, rules, uncut
        self._linkable: dict[tuple[int, int], LinkableArcs] = {}
        self._walls: dict[int, Walls] = {}

    def linkable(self, profile: WalkProfile) -> LinkableArcs:
        """Return the arcs that points may be linked to."""
        return self.linkable_of(self.network, profile)

    def link(self, xy_m: FloatArray, profile: WalkProfile) -> Linkage:
        """Link points, float64 [p, 2] in metres."""
        if len(xy_m) == 0:
            return no_links()
        if self.uncut is None:
            return self._link(xy_m, profile, self.network, self.barriers)
        before = self._link(xy_m, profile, self.uncut.before, self.uncut.barriers_before)
        after = self._link(xy_m, profile, self.uncut.whole, self.barriers)
        return self.uncut.on_pieces(both(before, after))

    def linkable_of(self, network: WalkNetwork, profile: WalkProfile) -> LinkableArcs:
        """Return the arcs of one of the networks in question that points may be linked to."""
        key = (id(network), int(profile.barred))
        if key not in self._linkable:
            streets = next(
                (one.streets for (of, _), one in self._linkable.items() if of == key[0]), None
            )
            self._linkable[key] = linkable_arcs(network, profile, self.rules, streets=streets)
        return self._linkable[key]

    def walls_of(self, barriers: Barriers) -> Walls:
        """Return the lines of `barriers`, laid out once."""
        if id(barriers) not in self._walls:
            self._walls[id(barriers)] = walls_of(barriers)
        return self._walls[id(barriers)]

    def _link(
        self, xy_m: FloatArray, profile: WalkProfile, network: WalkNetwork, barriers: Barriers
    ) -> Linkage:
        return link_points(
            xy_m,
            network,
            self.linkable_of(network, profile),
            barriers,
            self.rules,
            walls=self.walls_of(barriers),
        )

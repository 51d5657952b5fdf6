"""Variants: who would be covered if one assumption of the study were a little different."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import shapely

from analysis.judgement.coverage import Measured
from analysis.linking.linkable import LinkRules
from analysis.linking.linkage import Linkage
from analysis.linking.linker import Linker
from analysis.linking.relinked import linked_within, reached_points, with_fresh
from analysis.places.facilities import Facilities
from analysis.reach.serving import rule_searches
from analysis.reach.study_walks import StudyWalks, facility_of_entrance
from analysis.standard.profile import ServiceStandard
from analysis.streets.barriers import Barriers
from analysis.units import BoolArray, FloatArray, IntArray, freeze
from analysis.walks.travel_time import TargetGroup, walk_to_nearest

VariantName = Literal["shorter", "longer", "snap", "doubtful", "gate"]
VARIANTS: Final[tuple[VariantName, ...]] = ("shorter", "longer", "snap", "doubtful", "gate")
MARGIN: Final = 0.1  # of the threshold, or of the speed
_SNAP: Final = 0.5  # of the distance within which every street is a candidate
_ON_RING_M: Final = 0.5
_NOBODY: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Variant:
    """Who is covered under one changed assumption: `covered` bool [p, e], as in the reach table.

    `by` int32 [p, e]: a facility that covers them then, -1 for none; None where nobody asks.
    """

    name: VariantName
    covered: BoolArray
    by: IntArray | None = None

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self.covered)
        if self.by is not None:
            freeze(self.by)


def variants(walks: Sequence[StudyWalks], measured: Measured) -> Iterator[Variant]:
    """Yield the variants of what was measured by `walks` together, one after another.

    ``shorter`` and ``longer``: the threshold in metres, or the speed in minutes, a tenth less and a
    tenth more. ``snap``: streets are candidates within half the distance. ``doubtful``: without the
    facilities of :func:`doubtful_rows`. ``gate``: compounds whose gate was inferred may be left
    anywhere. Those that cannot differ from the study are left out.
    """
    reach = measured.reach
    yield Variant(name="shorter", covered=reach.stretch <= 1.0 - MARGIN)
    yield Variant(name="longer", covered=reach.stretch <= 1.0 + MARGIN)
    again, rules, barriers = _Again(walks, measured), walks[0].rules, walks[0].barriers
    yield Variant(name="snap", covered=again.relinked(replace(rules, near_m=rules.near_m * _SNAP)))
    doubtful = doubtful_rows(measured.facilities, measured.standard)
    if doubtful.any():
        yield Variant(name="doubtful", covered=again.without(doubtful))
    if barriers.gate_inferred.any():
        by = np.full(measured.reach.covered.shape, _NOBODY, dtype=np.int32)
        covered = again.relinked(rules, opened=guessed_compounds(barriers), by=by)
        yield Variant(name="gate", covered=covered, by=by)


def doubtful_rows(facilities: Facilities, standard: ServiceStandard) -> BoolArray:
    """Return which facilities a visit should confirm, bool [k].

    Those whose kind the tags cannot tell, and those that only OSM lists of elements that it is
    expected to hold poorly: where few are mapped, what is mapped is often out of date, too.
    """
    poor = {
        one.id
        for one in standard.elements
        if one.osm.expected_completeness in standard.evidence.untold_completeness
    }
    mapped = [
        origin == "osm" and element_id in poor
        for origin, element_id in zip(facilities.origin, facilities.element_id, strict=True)
    ]
    doubtful: BoolArray = facilities.ambiguous | np.array(mapped, dtype=bool)
    return doubtful


def guessed_compounds(barriers: Barriers) -> IntArray:
    """Return the compounds whose gates are all inferred, int32, ascending."""
    inferred = np.unique(barriers.gate_compound[barriers.gate_inferred])
    known = np.unique(barriers.gate_compound[~barriers.gate_inferred])
    return np.setdiff1d(inferred, known).astype(np.int32)


def without_inferred(barriers: Barriers, guessed: IntArray | None = None) -> Barriers:
    """Return barriers without the rings of compounds whose gates are all inferred.

    `guessed` are these compounds, where they are known already.
    """
    compounds = guessed_compounds(barriers) if guessed is None else guessed
    keep = _kept(barriers, compounds)
    return replace(
        barriers,
        lines=barriers.lines[keep],
        kinds=tuple(barriers.kinds[row] for row in keep.tolist()),
    )


def _kept(barriers: Barriers, compounds: IntArray) -> IntArray:
    """Return the lines that are no part of the rings of `compounds`, int32, ascending."""
    rings = shapely.buffer(shapely.boundary(barriers.compounds[compounds]), _ON_RING_M)
    line, _ = shapely.STRtree(rings).query(barriers.lines, predicate="covered_by")
    return np.setdiff1d(np.arange(len(barriers.lines)), line).astype(np.int32)


class _Again:
    """The reach once more, by the measure that decides, for covered or not alone."""

    def __init__(self, walks: Sequence[StudyWalks], measured: Measured) -> None:
        self._walks, self._measured = walks, measured

    def relinked(
        self, rules: LinkRules, opened: IntArray | None = None, by: IntArray | None = None
    ) -> BoolArray:
        """Return who is covered when points are linked otherwise; `by` is filled with by whom.

        `opened` are compounds whose rings are taken away.
        """
        measured = self._measured
        linker = self._linker(rules, opened)
        links: dict[int, tuple[Linkage, Linkage]] = {}
        covered = np.zeros(measured.reach.covered.shape, dtype=bool)
        for walks in self._walks:
            barred = int(walks.profile.barred)  # nothing else of a walker decides how points link
            if barred not in links:
                points, entrances = (
                    self._relinked(known, xy_m, linker, walks, opened)
                    for known, xy_m in (
                        (walks.points, measured.demand.xy_m),
                        (walks.entrances, measured.facilities.entrance_xy_m),
                    )
                )
                links[barred] = points, entrances
            self._cover(covered, walks, *links[barred], measured.counting, by)
        return covered

    def _relinked(
        self,
        known: Linkage,
        xy_m: FloatArray,
        linker: Linker,
        walks: StudyWalks,
        opened: IntArray | None,
    ) -> Linkage:
        """Return `known` links as `linker` makes them, anew only where they can differ."""

        def link(some_xy_m: FloatArray) -> Linkage:
            return linker.link(some_xy_m, walks.profile)

        if walks.uncut is not None:
            return link(xy_m)
        if opened is None:
            return linked_within(known, xy_m, linker.rules.near_m, link)
        gone = np.setdiff1d(np.arange(len(walks.barriers.lines)), _kept(walks.barriers, opened))
        changed = np.concatenate([walks.barriers.lines[gone], walks.barriers.compounds[opened]])
        fresh = reached_points(changed, xy_m, walks.barriers, walks.rules.snap_limit_m)
        return with_fresh(known, xy_m, fresh, link)

    def _linker(self, rules: LinkRules, opened: IntArray | None) -> Linker:
        one = self._walks[0]
        barriers, uncut = one.barriers, one.uncut
        if opened is not None:
            barriers = without_inferred(barriers, opened)
            if uncut is not None:
                before = without_inferred(uncut.barriers_before, opened)
                uncut = replace(uncut, barriers_before=before)
        return Linker(one.graph.network, barriers, rules, uncut)

    def without(self, rows: BoolArray) -> BoolArray:
        """Return who is covered without some facilities."""
        covered = np.zeros(self._measured.reach.covered.shape, dtype=bool)
        for walks in self._walks:
            counting = self._measured.counting & ~rows
            self._cover(covered, walks, walks.points, walks.entrances, counting)
        return covered

    def _cover(
        self,
        covered: BoolArray,
        walks: StudyWalks,
        points: Linkage,
        entrances: Linkage,
        counting: BoolArray,
        by: IntArray | None = None,
    ) -> None:
        """Mark in `covered` whom the elements that `walks` judge cover."""
        measured = self._measured
        rank = facility_of_entrance(measured.facilities)
        elements = walks.judged(measured.standard)
        searches = [
            one
            for one in rule_searches(
                measured.standard, measured.facilities, walks.profile, walks.criterion, elements
            )
            if one.counts
        ]
        if not searches:
            return
        groups = [
            TargetGroup(chosen=(one.serving & counting)[rank], limit=one.limit) for one in searches
        ]
        found = walk_to_nearest(
            walks.graph, points, entrances, target_rank=rank, groups=groups,
            hierarchy=walks.hierarchy,
        )  # fmt: skip
        for lane, one in enumerate(searches):
            column = measured.reach.column(elements[one.column].id)
            within = found.cost[:, lane] <= one.limit
            if by is not None:
                first = within & (by[:, column] == _NOBODY)
                by[first, column] = found.rank[first, lane]
            covered[:, column] |= within

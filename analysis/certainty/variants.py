"""Variants: who would be covered if one assumption of the study were a little different."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import shapely

from analysis.judgement.coverage import Measured
from analysis.linking.linkable import LinkRules, linkable_arcs
from analysis.linking.linkage import Linkage, link_points
from analysis.places.facilities import Facilities
from analysis.reach.serving import rule_searches
from analysis.reach.study_walks import StudyWalks, facility_of_entrance
from analysis.standard.profile import ServiceStandard
from analysis.streets.barriers import Barriers
from analysis.units import BoolArray, freeze
from analysis.walks.travel_time import TargetGroup, walk_to_nearest

VariantName = Literal["shorter", "longer", "snap", "doubtful", "gate"]
VARIANTS: Final[tuple[VariantName, ...]] = ("shorter", "longer", "snap", "doubtful", "gate")
MARGIN: Final = 0.1  # of the threshold, or of the speed
_SNAP: Final = 0.5  # of the distance within which every street is a candidate
_ON_RING_M: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Variant:
    """Who is covered under one changed assumption: `covered` bool [p, e], as in the reach table."""

    name: VariantName
    covered: BoolArray

    def __post_init__(self) -> None:
        """Freeze the array."""
        freeze(self.covered)


def variants(walks: StudyWalks, measured: Measured) -> Iterator[Variant]:
    """Yield the variants of what was measured, one after another.

    ``shorter`` and ``longer``: the threshold in metres, or the speed in minutes, a tenth less and a
    tenth more. ``snap``: streets are candidates within half the distance. ``doubtful``: without the
    facilities of :func:`doubtful_rows`. ``gate``: compounds whose gate was inferred may be left
    anywhere. Those that cannot differ from the study are left out.
    """
    reach = measured.reach
    yield Variant(name="shorter", covered=reach.stretch <= 1.0 - MARGIN)
    yield Variant(name="longer", covered=reach.stretch <= 1.0 + MARGIN)
    again, rules = _Again(walks, measured), walks.rules
    yield Variant(name="snap", covered=again.relinked(replace(rules, near_m=rules.near_m * _SNAP)))
    doubtful = doubtful_rows(measured.facilities, measured.standard)
    if doubtful.any():
        yield Variant(name="doubtful", covered=again.without(doubtful))
    if walks.barriers.gate_inferred.any():
        opened = without_inferred(walks.barriers)
        yield Variant(name="gate", covered=again.relinked(rules, opened))


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


def without_inferred(barriers: Barriers) -> Barriers:
    """Return barriers without the rings of compounds whose gates are all inferred."""
    inferred = np.unique(barriers.gate_compound[barriers.gate_inferred])
    known = np.unique(barriers.gate_compound[~barriers.gate_inferred])
    guessed = np.setdiff1d(inferred, known)
    rings = shapely.buffer(shapely.boundary(barriers.compounds[guessed]), _ON_RING_M)
    tree = shapely.STRtree(rings)
    line, _ = tree.query(barriers.lines, predicate="covered_by")
    keep = np.ones(len(barriers.lines), dtype=bool)
    keep[line] = False
    return replace(
        barriers,
        lines=barriers.lines[keep],
        kinds=tuple(kind for kind, kept in zip(barriers.kinds, keep, strict=True) if kept),
    )


class _Again:
    """The reach once more, by the measure that decides, for covered or not alone."""

    def __init__(self, walks: StudyWalks, measured: Measured) -> None:
        self._walks, self._measured = walks, measured

    def relinked(self, rules: LinkRules, barriers: Barriers | None = None) -> BoolArray:
        """Return who is covered when points are linked otherwise."""
        walks, measured = self._walks, self._measured
        network = walks.graph.network
        linkable = linkable_arcs(network, walks.profile, rules)
        walls = walks.barriers if barriers is None else barriers
        points, entrances = (
            link_points(xy_m, network, linkable, walls, rules)
            for xy_m in (measured.demand.xy_m, measured.facilities.entrance_xy_m)
        )
        return self._covered(points, entrances, measured.counting)

    def without(self, rows: BoolArray) -> BoolArray:
        """Return who is covered without some facilities."""
        walks = self._walks
        return self._covered(walks.points, walks.entrances, self._measured.counting & ~rows)

    def _covered(self, points: Linkage, entrances: Linkage, counting: BoolArray) -> BoolArray:
        walks, measured = self._walks, self._measured
        rank = facility_of_entrance(measured.facilities)
        searches = [
            one
            for one in rule_searches(
                measured.standard, measured.facilities, walks.profile, walks.criterion
            )
            if one.counts
        ]
        groups = [
            TargetGroup(chosen=(one.serving & counting)[rank], limit=one.limit) for one in searches
        ]
        found = walk_to_nearest(
            walks.graph, points, entrances, target_rank=rank, groups=groups,
            hierarchy=walks.hierarchy,
        )  # fmt: skip
        covered = np.zeros(measured.reach.covered.shape, dtype=bool)
        for lane, one in enumerate(searches):
            covered[:, one.column] |= found.cost[:, lane] <= one.limit
        return covered

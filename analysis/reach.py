"""Reach: metres from every demand point to the nearest facility of every walked element.

Everything else is derived from this table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from analysis.demand import Demand
from analysis.facilities import Facilities
from analysis.linkage import Linkage
from analysis.standard import Element, ReachRule, ServiceStandard
from analysis.travel_time import NOWHERE, WalkableArcs, walk_to_nearest
from analysis.units import BoolArray, FloatArray, IntArray, freeze, seconds
from analysis.walking import WalkProfile

Criterion = Literal["metres", "minutes"]
SEARCH_FACTOR: Final = 2.0  # search to twice the threshold, so that gaps are graded, not all inf


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Reach:
    """The demand × element table.

    Attributes
    ----------
    element_ids
        The walked elements, in the standard's order [e].
    threshold_m
        The walk that decides, by element, under the study's criterion, float64 [e].
    walk_m
        Metres to the nearest facility that may serve, float64 [p, e]; inf beyond the search limit.
    nearest
        Row of that facility in :class:`Facilities`, int32 [p, e]; -1 where inf.
    covered
        Whether a reach rule holds, bool [p, e].
    covered_certain
        The same without ambiguous facilities, bool [p, e].
    edge_m
        Straight metres from each point to where the data ends, float64 [p].
    """

    element_ids: tuple[str, ...]
    threshold_m: FloatArray
    walk_m: FloatArray
    nearest: IntArray
    covered: BoolArray
    covered_certain: BoolArray
    edge_m: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.threshold_m, self.walk_m, self.nearest, self.covered):
            freeze(array)
        freeze(self.covered_certain)
        freeze(self.edge_m)

    def __repr__(self) -> str:
        """Summarise the table."""
        return f"Reach({self.walk_m.shape[0]} points × {len(self.element_ids)} elements)"

    def column(self, element_id: str) -> int:
        """Return the position of an element; raises ``ValueError`` where it is not walked."""
        return self.element_ids.index(element_id)

    def at_edge(self, column: int) -> BoolArray:
        """Return the points whose answer the missing data beyond the edge could change.

        Not covered, and the data ends closer than the threshold: bool [p].
        """
        at_edge: BoolArray = ~self.covered[:, column] & (self.edge_m < self.threshold_m[column])
        return at_edge


def measure_reach(
    *,
    standard: ServiceStandard,
    demand: Demand,
    facilities: Facilities,
    arcs: WalkableArcs,
    points: Linkage,
    entrances: Linkage,
    edge_m: FloatArray,
    profile: WalkProfile,
    criterion: Criterion,
    on_element: Callable[[str], None] = lambda _: None,
) -> Reach:
    """Measure the table; `points` link the demand and `entrances` all facility entrances.

    `on_element` is told the id of each element when it is done, for progress bars.
    """
    elements = standard.walked
    shape = (len(demand), len(elements))
    walk_m, nearest = np.full(shape, np.inf), np.full(shape, NOWHERE, dtype=np.int32)
    covered, certain = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    rank = np.repeat(np.arange(len(facilities), dtype=np.int32), np.diff(facilities.entrance_first))
    counting = counted(facilities, standard)
    for column, element in enumerate(elements):
        for rule in element.reach_rules:
            limit_m = rule_limit_m(rule, element, profile, criterion)
            serving = _serving(rule, facilities) & counting
            found_m, who = walk_to_nearest(
                arcs, points, entrances,
                target_rank=rank, chosen=serving[rank], limit_m=SEARCH_FACTOR * limit_m,
            )  # fmt: skip
            closer = found_m < walk_m[:, column]
            walk_m[closer, column], nearest[closer, column] = found_m[closer], who[closer]
            covered[:, column] |= found_m <= limit_m
            sure = serving & ~facilities.ambiguous
            if not np.array_equal(sure, serving):
                found_m, _ = walk_to_nearest(
                    arcs, points, entrances,
                    target_rank=rank, chosen=sure[rank], limit_m=limit_m,
                )  # fmt: skip
            certain[:, column] |= found_m <= limit_m
        on_element(element.id)
    return Reach(
        element_ids=tuple(element.id for element in elements),
        threshold_m=np.array(
            [element_limit_m(element, profile, criterion) for element in elements], dtype=np.float64
        ),
        walk_m=walk_m,
        nearest=nearest,
        covered=covered,
        covered_certain=certain,
        edge_m=edge_m,
    )


def counted(facilities: Facilities, standard: ServiceStandard) -> BoolArray:
    """Return which facilities count in a baseline, bool [k].

    Neither closed nor under construction; an ambiguous one only where the profile lets it.
    """
    lets = {element.id: element.osm.ambiguous_counts for element in standard.elements}
    may = np.array([lets.get(one, True) for one in facilities.element_id], dtype=bool)
    return facilities.counts_now & (may | ~facilities.ambiguous)


def rule_limit_m(
    rule: ReachRule, element: Element, profile: WalkProfile, criterion: Criterion
) -> float:
    """Return the metres that decide `rule`.

    Under *metres* the standard's own figure. Under *minutes* the element's minutes at the walker's
    speed; a rule with a shorter radius keeps its proportion to the element's.
    """
    if criterion == "metres" or element.minutes is None or element.threshold is None:
        return rule.threshold_m
    walked_m = seconds(element.minutes) * profile.speed_m_s
    return walked_m * rule.threshold_m / element.threshold.value


def element_limit_m(element: Element, profile: WalkProfile, criterion: Criterion) -> float:
    """Return the largest limit of an element's rules, metres."""
    return max(
        (rule_limit_m(rule, element, profile, criterion) for rule in element.reach_rules),
        default=0.0,
    )


def _serving(rule: ReachRule, facilities: Facilities) -> BoolArray:
    is_element = np.zeros(len(facilities), dtype=bool)
    is_element[facilities.of_element(rule.element_id)] = True
    area_m2 = np.where(np.isnan(facilities.area_m2), 0.0, facilities.area_m2)
    big_enough = area_m2 >= rule.min_area_m2
    unknown = np.isnan(facilities.area_m2) & (rule.min_area_m2 <= 0)
    sized = (big_enough & (area_m2 < rule.below_area_m2)) | unknown
    return is_element & sized

"""Reach: the walk from every demand point to the nearest facility of every walked element.

Everything else is derived from this table. It holds metres and seconds side by side, each a least
value of its own: the shortest walk and the fastest one. The criterion says which of them decides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.places.demand import Demand
from analysis.places.facilities import Facilities
from analysis.reach.serving import (
    Criterion,
    RuleSearch,
    counted,
    element_limit,
    rule_searches,
    search_limit,
)
from analysis.reach.study_walks import StudyWalks, facility_of_entrance
from analysis.standard.profile import SEARCH_FACTOR, ServiceStandard
from analysis.units import UNITS, BoolArray, FloatArray, IntArray, freeze
from analysis.walks.hierarchy import Hierarchy
from analysis.walks.scratch import limit_units
from analysis.walks.travel_time import NOWHERE, Nearest, TargetGroup, walk_to_nearest
from analysis.walks.walk_graph import WalkGraph

__all__ = ["SEARCH_FACTOR", "Criterion", "Reach", "counted", "measure_reach"]

_SLACK: Final = 1.5  # slopes and steps seldom cost more than half as much again
_WIDER: Final = 4.0
_ROUNDS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Reach:
    """The demand × element table.

    Attributes
    ----------
    criterion
        Whether metres or minutes decide.
    element_ids
        The walked elements, in the standard's order [e].
    threshold_m, threshold_s
        The walk that decides, by element, float64 [e]. The one that the criterion does not name is
        for reading: the same walk on the level, at the walker's speed.
    search
        How far facilities were looked for, metres or seconds as the criterion has it, float64 [e].
    beyond_m
        Metres that who is beyond the search walks at least, float64 [p, e]; says nothing of others.
    farthest_m
        Metres that nobody can exceed within the threshold, float64 [e].
    walk_m, walk_s
        Metres of the shortest and seconds of the fastest walk to a facility that may serve, float64
        [p, e]; both inf where the one that decides is beyond the search limit.
    nearest
        Row in :class:`Facilities` of the nearest by the criterion, int32 [p, e]; -1 where inf.
    covered
        Whether a reach rule holds, bool [p, e].
    covered_certain
        The same without ambiguous facilities, bool [p, e].
    stretch
        The least walk as a share of what its rule allows, float64 [p, e]: at most 1 where covered;
        inf beyond the search.
    edge_m
        Straight metres from each point to where the data ends, float64 [p].
    """

    criterion: Criterion
    element_ids: tuple[str, ...]
    threshold_m: FloatArray
    threshold_s: FloatArray
    search: FloatArray
    beyond_m: FloatArray
    farthest_m: FloatArray
    walk_m: FloatArray
    walk_s: FloatArray
    nearest: IntArray
    covered: BoolArray
    covered_certain: BoolArray
    stretch: FloatArray
    edge_m: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for floats in (
            self.threshold_m, self.threshold_s, self.search, self.beyond_m, self.farthest_m,
            self.walk_m, self.walk_s, self.stretch, self.edge_m,
        ):  # fmt: skip
            freeze(floats)
        for array in (self.nearest, self.covered, self.covered_certain):
            freeze(array)

    def __repr__(self) -> str:
        """Summarise the table."""
        return f"Reach({self.walk_m.shape[0]} points × {len(self.element_ids)} elements)"

    @property
    def walk(self) -> FloatArray:
        """Return the walks that decide: `walk_m`, or `walk_s` under minutes."""
        return self.walk_m if self.criterion == "metres" else self.walk_s

    @property
    def threshold(self) -> FloatArray:
        """Return the thresholds that decide: `threshold_m`, or `threshold_s` under minutes."""
        return self.threshold_m if self.criterion == "metres" else self.threshold_s

    def column(self, element_id: str) -> int:
        """Return the position of an element; raises ``ValueError`` where it is not walked."""
        return self.element_ids.index(element_id)

    def at_edge(self, column: int) -> BoolArray:
        """Return the points whose answer the missing data beyond the edge could change.

        Not covered, and the data ends closer than anybody can walk within the threshold: bool [p].
        """
        at_edge: BoolArray = ~self.covered[:, column] & (self.edge_m < self.farthest_m[column])
        return at_edge


def measure_reach(
    *,
    standard: ServiceStandard,
    demand: Demand,
    facilities: Facilities,
    walks: StudyWalks,
    beside: Hierarchy,
    edge_m: FloatArray,
    threads: int = 1,
) -> Reach:
    """Measure the table, of the elements that are judged by `walks`.

    `walks` count in the measure of the criterion, `beside` is the network in the other one.
    """
    criterion, profile = walks.criterion, walks.profile
    elements = walks.judged(standard)
    rank = facility_of_entrance(facilities)
    hierarchies = {one.graph.costs.measure: one for one in (walks.hierarchy, beside)}

    def ask(graph: WalkGraph, searches: Sequence[RuleSearch], stretch: float) -> Nearest:
        groups = [
            TargetGroup(chosen=one.serving[rank], limit=one.search * stretch) for one in searches
        ]
        return walk_to_nearest(
            graph, walks.points, walks.entrances, target_rank=rank, groups=groups,
            hierarchy=hierarchies[graph.costs.measure], threads=threads,
        )  # fmt: skip

    hilly = beside.graph.network.terrain is not None
    fastest_m_s = profile.fastest_m_s if hilly else profile.fastest_level_m_s
    searches = rule_searches(standard, facilities, profile, criterion, elements)
    limits = np.array([element_limit(one, profile, criterion) for one in elements])
    table = _Table(len(demand), len(elements))
    decided = ask(walks.graph, searches, 1.0)
    if criterion == "metres":
        other, _ = _beside(beside.graph, searches, decided, ask, _SLACK / profile.speed_m_s)
        past_m = np.array([_past(one.search) for one in searches])
        least_m = np.broadcast_to(past_m, (1, len(searches)))
        threshold_m, threshold_s = limits, limits / profile.speed_m_s
    else:
        other, least_m = _beside(beside.graph, searches, decided, ask, fastest_m_s)
        threshold_m, threshold_s = limits * profile.speed_m_s, limits
    table.fill(searches, decided, other)
    metres = criterion == "metres"
    return Reach(
        criterion=criterion,
        element_ids=tuple(element.id for element in elements),
        threshold_m=threshold_m,
        threshold_s=threshold_s,
        search=np.array([search_limit(one, profile, criterion) for one in elements]),
        beyond_m=np.broadcast_to(_beyond_m(searches, least_m, len(elements)), table.walk.shape),
        farthest_m=threshold_m.copy() if metres else threshold_s * fastest_m_s,
        walk_m=table.walk if metres else table.other,
        walk_s=table.other if metres else table.walk,
        nearest=table.nearest,
        covered=table.covered,
        covered_certain=table.certain,
        stretch=table.stretch,
        edge_m=edge_m,
    )


class _Table:
    """The columns of elements, filled from the searches for their rules."""

    def __init__(self, n_points: int, n_elements: int) -> None:
        shape = (n_points, n_elements)
        self.walk, self.other = np.full(shape, np.inf), np.full(shape, np.inf)
        self.nearest = np.full(shape, NOWHERE, dtype=np.int32)
        self.covered, self.certain = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
        self.stretch = np.full(shape, np.inf)

    def fill(self, searches: list[RuleSearch], decided: Nearest, other: FloatArray) -> None:
        """Take the least over the rules of each element."""
        for lane, one in enumerate(searches):
            found, column = decided.cost[:, lane], one.column
            if one.counts:
                closer = found < self.walk[:, column]
                self.walk[closer, column] = found[closer]
                self.nearest[closer, column] = decided.rank[closer, lane]
                self.other[:, column] = np.minimum(self.other[:, column], other[:, lane])
                self.covered[:, column] |= found <= one.limit
                share = found / one.limit
                self.stretch[:, column] = np.minimum(self.stretch[:, column], share)
            if one.sure:
                self.certain[:, column] |= found <= one.limit


def _beside(
    graph: WalkGraph,
    searches: list[RuleSearch],
    decided: Nearest,
    ask: Callable[[WalkGraph, Sequence[RuleSearch], float], Nearest],
    stretch: float,
) -> tuple[FloatArray, FloatArray]:
    """Return the least walks in the measure of `graph` wherever `decided` has one, [p, g].

    No limit in one measure is a limit in the other, so the search goes `stretch` times as far and
    farther for the few whose walk is slower than that; inf elsewhere, however far it went. With
    them what those elsewhere walk at least, [p, g].
    """
    cost = np.full(decided.cost.shape, np.inf)
    past = np.array([_past(one.search * stretch) for one in searches])
    least: FloatArray | None = None
    left = [lane for lane, one in enumerate(searches) if one.counts]
    for _ in range(_ROUNDS):
        if not left:
            break
        found = ask(graph, [searches[lane] for lane in left], stretch)
        wanted = np.isfinite(decided.cost[:, left])
        if least is None:  # later rounds ask for the few
            least = np.broadcast_to(past, cost.shape).copy()
            least[:, left] = np.minimum(least[:, left], found.cost)
        cost[:, left] = np.where(wanted, found.cost, np.inf)
        short = np.any(wanted & np.isinf(found.cost), axis=0)
        left = [lane for lane, again in zip(left, short.tolist(), strict=True) if again]
        stretch *= _WIDER
    return cost, np.broadcast_to(past, cost.shape) if least is None else least


def _past(limit: float) -> float:
    """Return the least cost beyond a search that goes as far as `limit`: one unit more."""
    return (limit_units(limit) + 1) / UNITS


def _beyond_m(searches: list[RuleSearch], least_m: FloatArray, n_elements: int) -> FloatArray:
    """Return the least over the rules that count of each element, float64 [p, e]."""
    beyond_m = np.full((len(least_m), n_elements), np.inf)
    for lane, one in enumerate(searches):
        if one.counts:
            beyond_m[:, one.column] = np.minimum(beyond_m[:, one.column], least_m[:, lane])
    return beyond_m

"""Walks to the nearest: from points or nodes to the nearest facility of many groups in one go.

Point *x* is within *b* metres of facility *s* iff access(x) + network(x, s) + access(s) ≤ b, where
both are linked to every candidate arc, the network distance is continuous along arcs and the direct
walk along a shared arc counts (``docs/architecture.md``, Semantics).
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.kernels.hierarchy import pick_climbs
from analysis.kernels.lanes import BARRED, ascend, descend, gather, read, sow
from analysis.kernels.rows import LANES, empty_rows
from analysis.linking.linkage import Linkage
from analysis.messages import message
from analysis.units import UNITS, BoolArray, FloatArray, IdArray, IntArray, KeyArray, freeze
from analysis.walks.feet import feet_of
from analysis.walks.hierarchy import Hierarchy, hierarchy_of
from analysis.walks.scratch import limit_units
from analysis.walks.walk_graph import WalkGraph

NOWHERE: Final = -1
_KEY_BITS: Final = 62  # two keys may be added without overflow
_LONGEST_LEGS: Final = 1e6  # metres or seconds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TargetGroup:
    """The targets that count in one search, and how far it goes.

    `chosen` bool [t]; `limit` in the graph's measure: longer walks are inf, one of exactly `limit`
    is kept.
    """

    chosen: BoolArray
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nearest:
    """The nearest target of each group.

    `cost` float64 [p, g] in the graph's measure, inf beyond the group's limit; `rank` int32 [p, g]
    of the target, :data:`NOWHERE` where inf; of equally near targets the smallest rank.
    """

    cost: FloatArray
    rank: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self.cost)
        freeze(self.rank)


def walk_to_nearest(
    graph: WalkGraph,
    points: Linkage,
    targets: Linkage,
    *,
    target_rank: IntArray,
    groups: Sequence[TargetGroup],
    hierarchy: Hierarchy | None = None,
    threads: int = 1,
) -> Nearest:
    """Return what it costs each point to walk to the nearest target of each group, and which it is.

    Parameters
    ----------
    graph
        The network as the walker walks it.
    points, targets
        Linked people and linked entrances.
    target_rank
        int32 [t] ≥ 0: what is reported for each target, and how ties break (smaller wins). Several
        entrances of one facility share a rank.
    groups
        The searches: all are done at once.
    hierarchy
        Of `graph`, for who asks more than once; made anew where None.
    threads
        Cores to share the work between; the answer does not depend on it.

    Raises :class:`InvalidParameterError` for a limit that is negative or not a number and for a
    hierarchy of another graph.
    """
    search = _Search(graph, targets, target_rank, groups, hierarchy)
    feet = feet_of(graph, points)
    goal_first = np.searchsorted(search.goals.arc, np.arange(graph.network.n_arcs + 1))
    cost = np.empty((len(points.how), len(groups)))
    rank = np.empty((len(points.how), len(groups)), dtype=np.int32)
    every = np.arange(len(cost), dtype=np.int32)

    def finish(lanes: slice, cells: KeyArray, start: KeyArray, barred: KeyArray) -> None:
        best = empty_rows(len(cost))
        best.fill(BARRED)
        gather(
            best, cells, search.bits, search.beyond, feet,
            search.goals, goal_first, search.rank, barred,
        )  # fmt: skip
        read(best, every, search.bits, start, 1.0 / UNITS, lanes.start, lanes.stop, cost, rank)

    search.run(finish, threads)
    return Nearest(cost=cost, rank=rank)


def node_costs_to_nearest(
    graph: WalkGraph,
    targets: Linkage,
    *,
    target_rank: IntArray,
    groups: Sequence[TargetGroup],
    hierarchy: Hierarchy | None = None,
    identities: bool = True,
    threads: int = 1,
) -> Nearest:
    """Return the same from every node of the network, in the network's own order.

    Without `identities` the ranks have no columns.
    """
    search = _Search(graph, targets, target_rank, groups, hierarchy)
    cost = np.empty((graph.network.n_nodes, len(groups)))
    rank = np.empty((graph.network.n_nodes, len(groups) if identities else 0), dtype=np.int32)

    def finish(lanes: slice, cells: KeyArray, start: KeyArray, _: KeyArray) -> None:
        read(
            cells, graph.place, search.bits, start, 1.0 / UNITS,
            lanes.start, lanes.stop, cost, rank,
        )  # fmt: skip

    search.run(finish, threads)
    return Nearest(cost=cost, rank=rank)


class _Search:
    """The searches for all groups; costs and ranks are packed into keys of `bits` for the rank.

    `start` uint64 [g] are keys and `beyond` units; `goals` are the feet of the targets, sorted by
    arc, and `rank` uint64 [c] theirs. See :mod:`analysis.kernels.lanes`.
    """

    def __init__(
        self,
        graph: WalkGraph,
        targets: Linkage,
        target_rank: IntArray,
        groups: Sequence[TargetGroup],
        hierarchy: Hierarchy | None,
    ) -> None:
        self.groups = groups
        self.hierarchy = hierarchy_of(graph) if hierarchy is None else hierarchy
        if self.hierarchy.graph is not graph:
            raise InvalidParameterError(message("travel_time.hierarchy"))
        self.bits = int(target_rank.max(initial=0)).bit_length()
        limits = [_limit_units(group.limit, graph, _KEY_BITS - self.bits) for group in groups]
        self.start = (np.array(limits, dtype=np.uint64) + np.uint64(1)) << np.uint64(self.bits)
        self.beyond = max(limits, default=0) + 1
        by_arc = np.argsort(targets.arc, kind="stable")
        self.goals = feet_of(graph, _each_alone(targets, by_arc))
        counts = np.diff(targets.point_first)
        self._target = np.repeat(np.arange(len(counts)), counts)[by_arc]
        self.rank = target_rank[self._target].astype(np.uint64)

    def run(
        self, finish: Callable[[slice, KeyArray, KeyArray, KeyArray], None], threads: int
    ) -> None:
        """Search for LANES groups at a time; `finish` gets what came of it."""
        begins = range(0, len(self.groups), LANES)
        used: list[KeyArray] = []  # cells that the next search may write over
        rising = self._climbs(self.hierarchy.rising)
        falling = (
            rising
            if self.hierarchy.falling is self.hierarchy.rising
            else self._climbs(self.hierarchy.falling)
        )

        def search(begin: int) -> None:
            lanes = slice(begin, min(begin + LANES, len(self.groups)))
            barred = self._barred(lanes)
            start = np.zeros((1, LANES), dtype=np.uint64)
            start[0, : lanes.stop - begin] = self.start[lanes]
            cells = used.pop() if used else empty_rows(len(self.hierarchy.first) - 1)
            filled = np.zeros(len(cells), dtype=np.bool_)
            sow(cells, filled, start, self.bits, self.beyond, self.goals, self.rank, barred)
            ascend(*rising, cells, filled, start)
            descend(*falling, cells, filled, start)
            finish(lanes, cells, start, barred)
            used.append(cells)

        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(search, begins):
                pass

    def _climbs(self, cost: KeyArray) -> tuple[IdArray, IntArray, KeyArray]:
        whole = self.hierarchy
        picked = np.empty_like(whole.first), np.empty_like(whole.upper), np.empty_like(cost)
        pick_climbs(whole.first, whole.upper, cost, self.beyond, self.bits, *picked)
        return picked

    def _barred(self, lanes: slice) -> KeyArray:
        """Return ``BARRED`` where a goal does not count in a lane, else 0, uint64 [c, LANES]."""
        barred = empty_rows(len(self._target))
        barred.fill(BARRED)
        for lane, group in enumerate(self.groups[lanes]):
            barred[group.chosen[self._target], lane] = 0
        return barred


def _limit_units(limit: float, graph: WalkGraph, bits: int) -> int:
    """Return the last units within `limit`, where `bits` are left for them.

    A limit beyond what these can count is none at all, unless the network is as long as that.
    """
    units, most = limit_units(limit), (1 << bits) - 2
    if units > most:
        longest = sum(
            float(cost[np.isfinite(cost)].sum())
            for cost in (graph.costs.forward, graph.costs.backward)
        )
        if longest + _LONGEST_LEGS > most / UNITS:
            raise InvalidParameterError(message("travel_time.too_far"), value=limit)
    return min(units, most)


def _each_alone(linked: Linkage, rows: IdArray) -> Linkage:
    """Return the candidates at `rows` as if each belonged to a point of its own."""
    return Linkage(
        point_first=np.arange(len(rows) + 1, dtype=np.int32),
        arc=linked.arc[rows],
        offset_m=linked.offset_m[rows],
        access_m=linked.access_m[rows],
        how=np.zeros(len(rows), dtype=np.uint8),
    )

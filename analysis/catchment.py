"""Catchments: who reaches whom within a limit, counted by group or listed pair by pair.

Both directions of asking are one search from the people: how many facilities of each element has a
home within its walk, and which homes belong to a facility (:meth:`Catchment.by_target`).
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.feet import feet_of
from analysis.kernels.along import Feet
from analysis.kernels.catchment import LANES, Origins, Targets, Ways, count_batches, pair_batches
from analysis.kernels.hilbert import hilbert_key
from analysis.kernels.wave import LONGEST
from analysis.linkage import Linkage
from analysis.messages import message
from analysis.units import CAP32, UNITS, CellArray, FloatArray, IdArray, IntArray, freeze
from analysis.walk_graph import WalkGraph

PAIRS_AT_ONCE: Final = 4_000_000  # 48 MB
_FAR64: Final = 1 << 61  # two of them may be added


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CatchmentTargets:
    """Who may be reached.

    Attributes
    ----------
    linked
        The targets' linkage (entrances).
    rank
        int32 [t], the facility each entrance belongs to, 0…f-1; several entrances are one facility.
    group
        int32 [f], the group of each facility, such as its element, 0…g-1.
    limit
        float64 [g], how far a facility of each group may be, in the graph's measure; a walk of
        exactly the limit counts. 0 lets nobody in but those who stand on the spot.
    """

    linked: Linkage
    rank: IntArray
    group: IntArray
    limit: FloatArray

    def __post_init__(self) -> None:
        """Check the limits and freeze the arrays."""
        top = (LONGEST - 1) / UNITS
        if not (np.isfinite(self.limit).all() and (self.limit >= 0).all()) or (
            self.limit.max(initial=0.0) > top
        ):
            raise InvalidParameterError(message("catchment.limit"), value=self.limit.tolist())
        for array in (self.rank, self.group, self.limit):
            freeze(array)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Catchment:
    """Pairs of people and facilities, people by people.

    `origin` int32 [r]: rows of the points that were asked for; `first` int64 [r + 1]: the pairs of
    ``origin[i]`` are ``first[i]:first[i + 1]`` of `rank` int32 (ascending) and `cost` float64.
    """

    origin: IntArray
    first: IdArray
    rank: IntArray
    cost: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.origin, self.first, self.rank, self.cost):
            freeze(array)

    def by_target(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Return the pairs by facility: (rank, origin, cost), sorted by rank, then by origin."""
        origin = np.repeat(self.origin, np.diff(self.first))
        order = np.lexsort((origin, self.rank))
        return self.rank[order], origin[order], self.cost[order]


def count_within(
    graph: WalkGraph, points: Linkage, targets: CatchmentTargets, *, threads: int = 1
) -> IntArray:
    """Return how many facilities of each group each point has within the limit, int32 [p, g].

    The answer does not depend on `threads`, the cores to share the work between.
    """
    asked = _asked(graph, points, targets)
    count = np.zeros((len(points.how), len(targets.limit)), dtype=np.int32)
    batches = -(-len(asked.order) // LANES)
    cuts = np.linspace(0, batches, max(threads, 1) + 1).astype(int) * LANES

    def part(low: int, high: int) -> None:
        count_batches(
            asked.ways, asked.origins, asked.targets, asked.order[low:high],
            asked.limit, asked.far, count,
        )  # fmt: skip

    with ThreadPoolExecutor(max(threads, 1)) as pool:
        list(pool.map(part, cuts[:-1], cuts[1:]))
    return count


def catchments(
    graph: WalkGraph,
    points: Linkage,
    targets: CatchmentTargets,
    *,
    pairs_at_once: int = PAIRS_AT_ONCE,
) -> Iterator[Catchment]:
    """Yield all pairs within the limits, as many points at a time as fit in `pairs_at_once`.

    Points come in the order of where they lie, each once, also those without any pair; memory is
    bounded by `pairs_at_once`, or by what 64 points need where that is more.
    """
    asked = _asked(graph, points, targets)
    done, room = 0, max(pairs_at_once, 1)
    while done < len(asked.order):
        order = asked.order[done:]
        first = np.zeros(len(order) + 1, dtype=np.int64)
        rank, cost = np.empty(room, dtype=np.int32), np.empty(room)
        n, needed = pair_batches(
            asked.ways, asked.origins, asked.targets, order, asked.limit, asked.far,
            1.0 / UNITS, first, rank, cost,
        )  # fmt: skip
        room = max(room, needed)
        if n > 0:
            end = first[n]
            yield Catchment(
                origin=order[:n].copy(),
                first=first[: n + 1].copy(),
                rank=rank[:end].copy(),
                cost=cost[:end].copy(),
            )
        done += n


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Asked:
    """One question in the form of the kernels."""

    ways: Ways
    origins: Origins
    targets: Targets
    order: IntArray
    limit: int
    far: int


def _asked(graph: WalkGraph, points: Linkage, targets: CatchmentTargets) -> _Asked:
    limits: IdArray = np.floor(targets.limit * UNITS).astype(np.int64)
    limit = int(limits.max(initial=0))
    wide = limit >= CAP32
    half = graph.outwards
    people, served = feet_of(graph, points), feet_of(graph, targets.linked)
    far = _FAR64 if wide else CAP32

    def cells(units: IdArray) -> CellArray:
        cut = np.minimum(units, far)
        return cut.astype(np.uint64) if wide else cut.astype(np.uint32)

    return _Asked(
        ways=Ways(half.indptr, half.indices, graph.wide_outwards_cost() if wide else half.cost),
        origins=Origins(
            people.first, people.arc, people.ends, cells(people.leaving),
            people.leaving < LONGEST, people.along, people.leg,
        ),
        targets=_targets(graph, served, targets, limits, cells(served.arriving)),
        order=_order(graph, points),
        limit=limit,
        far=far,
    )  # fmt: skip


def _targets(
    graph: WalkGraph, served: Feet, targets: CatchmentTargets, limits: IdArray, cost: CellArray
) -> Targets:
    of_target = np.repeat(np.arange(len(targets.rank)), np.diff(targets.linked.point_first))
    rank = targets.rank[of_target].astype(np.int32)
    place, at_cost = served.ends.ravel(), cost.ravel()
    open_ = np.flatnonzero(served.arriving.ravel() < LONGEST)
    by_place = open_[np.argsort(place[open_], kind="stable")]
    by_arc = np.argsort(served.arc, kind="stable")
    return Targets(
        place_first=_first(place[by_place], graph.network.n_nodes),
        rank=np.repeat(rank, 2)[by_place],
        cost=at_cost[by_place],
        arc_first=_first(served.arc[by_arc], graph.network.n_arcs),
        arc_rank=rank[by_arc],
        along=served.along[by_arc],
        leg=served.leg[by_arc],
        group=targets.group.astype(np.int32),
        limit=limits,
    )


def _first(of: IntArray, n: int) -> IntArray:
    first = np.zeros(n + 1, dtype=np.int32)
    first[1:] = np.cumsum(np.bincount(of, minlength=n))
    return first


def _order(graph: WalkGraph, points: Linkage) -> IntArray:
    """Return the points in an order that keeps neighbours together; unlinked ones come last."""
    linked = np.flatnonzero(points.linked)
    arc = points.arc[points.point_first[linked]]
    key = hilbert_key(graph.network.node_xy_m[graph.network.arc_tail[arc]])
    near = linked[np.argsort(key, kind="stable")]
    return np.concatenate([near, np.flatnonzero(~points.linked)]).astype(np.int32)

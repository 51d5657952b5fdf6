"""Pairs within reach: which facilities may serve each demand point, and how far they are.

Capacity is shared over these pairs, see :mod:`analysis.capacity.assignment` and
:mod:`analysis.capacity.floating_catchment`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.linking.linkage import Linkage
from analysis.messages import message
from analysis.units import FloatArray, IdArray, IntArray, freeze
from analysis.walks.catchment import Catchment, CatchmentTargets, catchments
from analysis.walks.hierarchy import Hierarchy
from analysis.walks.walk_graph import WalkGraph


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Serving:
    """Which facilities may serve, and how far each may be: one element, say.

    `facility` int32 [f]: rows of :class:`~analysis.places.facilities.Facilities`, ascending, each
    once; `limit` float64 [f] metres or seconds, as the graph counts; a walk of exactly the limit
    counts.
    """

    facility: IntArray
    limit: FloatArray

    def __post_init__(self) -> None:
        """Check the order and freeze the arrays."""
        if len(self.limit) != len(self.facility) or np.any(np.diff(self.facility) <= 0):
            raise InvalidParameterError(message("within_reach.facilities"))
        freeze(self.facility)
        freeze(self.limit)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class WithinReach:
    """Demand points and the facilities within their reach, point by point.

    Attributes
    ----------
    facility
        Rows of :class:`~analysis.places.facilities.Facilities` asked about, int32 [f], ascending.
    limit
        How far each of them may be, metres or seconds, float64 [f].
    first
        The pairs of point *i* are ``first[i]:first[i + 1]``, int64 [p + 1].
    position
        Positions in `facility`, int32 [q], ascending for each point.
    cost
        Metres or seconds, float64 [q].
    """

    facility: IntArray
    limit: FloatArray
    first: IdArray
    position: IntArray
    cost: FloatArray

    def __post_init__(self) -> None:
        """Check that the pairs fit together and freeze the arrays."""
        if not _sound(self):
            raise InvalidParameterError(message("within_reach.pairs"))
        for array in (self.facility, self.limit, self.first, self.position, self.cost):
            freeze(array)

    def __repr__(self) -> str:
        """Summarise the pairs."""
        return (
            f"WithinReach({len(self.position)} pairs of {self.n_points} points "
            f"and {len(self.facility)} facilities)"
        )

    @property
    def n_points(self) -> int:
        """Return the number of demand points."""
        return len(self.first) - 1

    @property
    def n_facilities(self) -> IntArray:
        """Return how many facilities each point has in reach, int32 [p]."""
        return np.diff(self.first).astype(np.int32)

    @property
    def point(self) -> IntArray:
        """Return the demand point of each pair, int32 [q]."""
        return np.repeat(np.arange(self.n_points, dtype=np.int32), self.n_facilities)

    def of_points(self, rows: IntArray) -> "WithinReach":
        """Return the pairs of some points, in the order of `rows`."""
        count = np.diff(self.first)[rows]
        first = np.concatenate([[0], np.cumsum(count, dtype=np.int64)])
        pair = np.arange(first[-1]) + np.repeat(self.first[rows] - first[:-1], count)
        return WithinReach(
            facility=self.facility, limit=self.limit, first=first,
            position=self.position[pair], cost=self.cost[pair],
        )  # fmt: skip


def within_reach(
    graph: WalkGraph,
    points: Linkage,
    entrances: Linkage,
    *,
    entrance_first: IntArray,
    asked: Sequence[Serving],
    hierarchy: Hierarchy | None = None,
) -> tuple[WithinReach, ...]:
    """Return the pairs within reach for each of `asked`, all found in one pass over the points.

    Parameters
    ----------
    graph
        The network as the walker walks it; its measure is that of the limits and costs.
    points
        Linked demand points, in their order [p].
    entrances, entrance_first
        All facility entrances linked, and which rows belong to which facility:
        ``Facilities.entrance_first``, int32 [k + 1]. Several entrances are one facility.
    asked
        Who may serve and how far; a facility may be asked about more than once.
    hierarchy
        Of `graph`, for who asks more than once; made anew where None.

    Twelve bytes a pair are kept. Raises :class:`InvalidParameterError` for limits that are negative
    or not finite, and for a hierarchy of another graph.
    """
    members = _Members(asked, len(entrance_first) - 1)
    counts = [np.zeros(len(points.how), dtype=np.int32) for _ in asked]
    parts: list[list[_Part]] = [[] for _ in asked]
    if len(members.facility):
        targets = _targets(members, entrances, entrance_first)
        for batch in catchments(graph, points, targets, hierarchy=hierarchy):
            for number, part in members.split(batch):
                counts[number] += np.bincount(part.point, minlength=len(points.how)).astype(
                    np.int32
                )
                parts[number].append(part)
    # One element after another gives back its parts, so that hardly more than the answer is held.
    return tuple(_joined(one, counts[number], parts[number]) for number, one in enumerate(asked))


class _Part(NamedTuple):
    """Some pairs of one question: `point` and `position` int32, `cost` float64, by point."""

    point: IntArray
    position: IntArray
    cost: FloatArray


class _Members:
    """All facilities asked about, each once, and the questions that each belongs to.

    `facility` int32 [r]: rows, ascending; `limit` float64 [r]: the largest limit of each. The
    memberships of ``facility[i]`` are ``first[i]:first[i + 1]`` of `number` (the question),
    `position` (in its list) and `own_limit`.
    """

    def __init__(self, asked: Sequence[Serving], n_facilities: int) -> None:
        rows = [one.facility for one in asked]
        facility = np.concatenate([*rows, np.empty(0, np.int32)])
        if len(facility) and (facility.min() < 0 or facility.max() >= n_facilities):
            raise InvalidParameterError(message("within_reach.facilities"))
        limit = np.concatenate([*(one.limit for one in asked), np.empty(0)])
        number = np.repeat(np.arange(len(asked), dtype=np.int16), [len(one) for one in rows])
        position = np.concatenate([*(np.arange(len(one)) for one in rows), np.empty(0)])
        order = np.argsort(facility, kind="stable")
        self.number, self.own_limit = number[order], limit[order]
        self.position = position[order].astype(np.int32)
        self.facility, first, count = np.unique(
            facility[order], return_index=True, return_counts=True
        )
        self.first, self.count = first, count
        most = np.maximum.reduceat(self.own_limit, first) if len(first) else np.empty(0)
        self.limit: FloatArray = most

    def split(self, batch: Catchment) -> Iterator[tuple[int, _Part]]:
        """Yield the pairs of a batch by question."""
        point = np.repeat(batch.origin, np.diff(batch.first))
        rank, cost = batch.rank, batch.cost
        member = self.first[rank]
        if self.count.max() > 1:
            times = self.count[rank]
            before = np.cumsum(times) - times
            member = np.repeat(member - before, times) + np.arange(times.sum())
            point, cost = np.repeat(point, times), np.repeat(cost, times)
        number = self.number[member]
        number[cost > self.own_limit[member]] = -1
        order = np.argsort(number, kind="stable")
        cuts = np.searchsorted(number[order], np.arange(self.number.max() + 2))
        for one, (low, high) in enumerate(pairwise(cuts.tolist())):
            if high > low:
                rows = order[low:high]
                yield one, _Part(point[rows], self.position[member[rows]], cost[rows])


def _targets(members: _Members, entrances: Linkage, entrance_first: IntArray) -> CatchmentTargets:
    """Return the facilities asked about as targets; the entrances of all others lead nowhere."""
    starts, ends = entrance_first[members.facility], entrance_first[members.facility + 1]
    rank = np.repeat(np.arange(len(members.facility), dtype=np.int32), ends - starts)
    shift = starts - (np.cumsum(ends - starts) - (ends - starts))
    entrance = np.arange(len(rank)) + np.repeat(shift, ends - starts)
    limit, group = np.unique(members.limit, return_inverse=True)
    return CatchmentTargets(
        linked=_picked(entrances, entrance), rank=rank, group=group.astype(np.int32), limit=limit
    )


def _picked(linkage: Linkage, row: IdArray) -> Linkage:
    """Return some rows of a linkage."""
    low, count = linkage.point_first[row], np.diff(linkage.point_first)[row]
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int32)
    candidate = np.arange(first[-1]) + np.repeat(low - first[:-1], count)
    return Linkage(
        point_first=first,
        arc=linkage.arc[candidate],
        offset_m=linkage.offset_m[candidate],
        access_m=linkage.access_m[candidate],
        how=linkage.how[row],
    )


def _joined(one: Serving, count: IntArray, parts: list[_Part]) -> WithinReach:
    """Put the parts in the order of the points; each point is in one part only."""
    first = np.concatenate([[0], np.cumsum(count, dtype=np.int64)])
    position = np.empty(first[-1], dtype=np.int32)
    cost = np.empty(first[-1])
    while parts:
        part = parts.pop()
        begins = np.flatnonzero(np.diff(part.point, prepend=-1))
        length = np.diff(begins, append=len(part.point))
        at = np.arange(len(part.point)) + np.repeat(first[part.point[begins]] - begins, length)
        position[at], cost[at] = part.position, part.cost
    return WithinReach(
        facility=one.facility, limit=one.limit, first=first, position=position, cost=cost
    )


def _sound(pairs: WithinReach) -> bool:
    """Return whether rows add up, positions rise by point and walks are within their limits."""
    n, rows = len(pairs.facility), np.diff(pairs.first)
    if pairs.first[0] != 0 or pairs.first[-1] != len(pairs.position) or (rows < 0).any():
        return False
    if len(pairs.cost) != len(pairs.position) or len(pairs.limit) != n:
        return False
    if not len(pairs.position):
        return True
    if pairs.position.min() < 0 or pairs.position.max() >= n:
        return False
    # One rising sequence over all points, where each has its own stretch of numbers.
    rising = pairs.position + n * pairs.point.astype(np.int64)
    within = (pairs.cost >= 0) & (pairs.cost <= pairs.limit[pairs.position])
    return bool((np.diff(rising) > 0).all() and within.all())

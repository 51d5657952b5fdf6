"""The k nearest facilities, by name, of every place and of points along arcs."""

from typing import NamedTuple

import numba as nb
import numpy as np

from analysis.kernels.along import Feet, straight
from analysis.kernels.priority import first, pop, push
from analysis.kernels.wave import LONGEST, LabelArray
from analysis.units import IdArray, IntArray


class Labels(NamedTuple):
    """The nearest facilities of each place, nearest first: `units` int64 and `rank` int32 [n, k].

    `n` int32 [n]: how many there are. Of equal units the smaller rank comes first; a rank is there
    once.
    """

    units: IdArray
    rank: IntArray
    n: IntArray


@nb.njit(nogil=True, cache=True)
def _has(rank: IntArray, n: int, place: int, who: int) -> bool:
    for j in range(n):  # noqa: SIM110 - numba takes no generators
        if rank[place, j] == who:
            return True
    return False


@nb.njit(nogil=True, cache=True)
def _settle(
    indptr: IntArray, indices: IntArray, cost: LabelArray, limit: int,
    heap: IdArray, size: int, labels: Labels,
) -> int:  # fmt: skip
    """Settle labels in rising order; return what is left in the heap where it has no room."""
    units, rank, n_labels = labels
    k = units.shape[1]
    while size > 0:
        so_far, who, here = first(heap)
        low, high = indptr[here], indptr[here + 1]
        if size + (high - low) > len(heap):
            return size
        size = pop(heap, size)
        n = n_labels[here]
        # All that went before is nearer, or as near and of smaller rank: so are its ways onwards.
        if n == k or _has(rank, n, here, who):
            continue
        units[here, n], rank[here, n], n_labels[here] = so_far, who, n + 1
        for p in range(low, high):
            there, new = indices[p], so_far + int(np.int64(cost[p]))
            if new <= limit and n_labels[there] < k and not _has(rank, n_labels[there], there, who):
                size = push(heap, size, new, who, there)
    return 0


@nb.njit(nogil=True, cache=True)
def nearest_k_labels(
    indptr: IntArray, indices: IntArray, cost: LabelArray,
    goals: Feet, goal_rank: IntArray, k: int, limit: int,
) -> Labels:  # fmt: skip
    """Return the `k` nearest ranks of every place within `limit` units, which is included.

    The half-edges arrive at their places; `goal_rank` int32 is by candidate of the facilities.
    """
    n = len(indptr) - 1
    labels = Labels(
        np.empty((n, k), dtype=np.int64), np.empty((n, k), dtype=np.int32), np.zeros(n, np.int32)
    )
    heap, size = np.empty((2 * len(goal_rank) + 64, 2), dtype=np.int64), 0
    for c in range(len(goal_rank)):
        for side in range(2):
            if goals.arriving[c, side] <= limit:
                size = push(heap, size, goals.arriving[c, side], goal_rank[c], goals.ends[c, side])
    while size > 0:
        size = _settle(indptr, indices, cost, limit, heap, size, labels)
        if size > 0:
            longer = np.empty((2 * len(heap), 2), dtype=np.int64)
            longer[:size] = heap[:size]
            heap = longer
    return labels


@nb.njit(nogil=True, cache=True)
def _keep(units: IdArray, rank: IntArray, n: int, new: int, who: int) -> int:
    """Insert into the nearest that are kept, nearest first, each rank once; return their number."""
    at = n
    for j in range(n):
        if rank[j] == who:
            if units[j] <= new:
                return n
            at = j  # it moves up from here
            break
    else:
        if n == len(units):
            if new > units[n - 1] or (new == units[n - 1] and who > rank[n - 1]):
                return n
            at = n - 1
        else:
            n += 1
    while at > 0 and (units[at - 1] > new or (units[at - 1] == new and rank[at - 1] > who)):
        units[at], rank[at] = units[at - 1], rank[at - 1]
        at -= 1
    units[at], rank[at] = new, who
    return n


@nb.njit(nogil=True, cache=True)
def points_nearest_k(
    feet: Feet, labels: Labels, goals: Feet, goal_rank: IntArray,
    by_arc: IntArray, low: IntArray, high: IntArray, limit: int,
) -> tuple[IdArray, IntArray]:  # fmt: skip
    """Return (units int64, rank int32 [p, k]) for points; ``LONGEST`` and -1 where there are fewer.

    The candidates of facilities on the arc of foot *c* are rows ``by_arc[low[c]:high[c]]``.
    """
    n_points, k = len(feet.first) - 1, labels.units.shape[1]
    units = np.full((n_points, k), LONGEST, dtype=np.int64)
    rank = np.full((n_points, k), -1, dtype=np.int32)
    for i in range(n_points):
        n = 0
        for c in range(feet.first[i], feet.first[i + 1]):
            for side in range(2):
                end = feet.ends[c, side]
                for j in range(labels.n[end]):
                    new = labels.units[end, j] + feet.leaving[c, side]
                    if new > limit:
                        break
                    n = _keep(units[i], rank[i], n, new, labels.rank[end, j])
            for row in range(low[c], high[c]):
                new = straight(feet, c, goals, by_arc[row])
                if new <= limit:
                    n = _keep(units[i], rank[i], n, new, goal_rank[by_arc[row]])
    return units, rank

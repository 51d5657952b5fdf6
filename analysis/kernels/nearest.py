"""Nearest facility for every node, and from the nodes to points along arcs."""

import numba as nb
import numpy as np

from analysis.kernels.heap import pop, push
from analysis.units import BoolArray, FloatArray, IntArray

NOBODY = np.int32(2**31 - 1)


@nb.njit(nogil=True, cache=True)
def nearest_labels(
    indptr: IntArray, indices: IntArray, length_m: FloatArray,
    seed_node: IntArray, seed_m: FloatArray, seed_rank: IntArray, limit_m: float,
) -> tuple[FloatArray, IntArray]:  # fmt: skip
    """Multi-source Dijkstra with labels.

    Returns for each node the least metres from any seed (inf beyond `limit_m`, which is included)
    and the smallest rank among the seeds at that distance (``NOBODY`` where inf). Exact in float64:
    a distance is the sum of its arcs from the seed outwards.
    """
    n = len(indptr) - 1
    walk_m = np.full(n, np.inf)
    rank = np.full(n, NOBODY, dtype=np.int32)
    room = len(seed_node) + len(indices) + 1
    key_m, key_rank = np.empty(room), np.empty(room, dtype=np.int32)
    key_node = np.empty(room, dtype=np.int32)
    size = 0
    for s in range(len(seed_node)):
        node, metres, who = seed_node[s], seed_m[s], seed_rank[s]
        if metres <= limit_m and (
            metres < walk_m[node] or (metres == walk_m[node] and who < rank[node])
        ):
            walk_m[node], rank[node] = metres, who
            size = push(key_m, key_rank, key_node, size, metres, who, node)
    while size > 0:
        metres, who, node = key_m[0], key_rank[0], key_node[0]
        size = pop(key_m, key_rank, key_node, size)
        if metres != walk_m[node] or who != rank[node]:
            continue
        for p in range(indptr[node], indptr[node + 1]):
            there, to_m = indices[p], metres + length_m[p]
            if to_m <= limit_m and (
                to_m < walk_m[there] or (to_m == walk_m[there] and who < rank[there])
            ):
                walk_m[there], rank[there] = to_m, who
                size = push(key_m, key_rank, key_node, size, to_m, who, there)
    return walk_m, rank


@nb.njit(nogil=True, cache=True)
def points_from_labels(  # noqa: C901 - three ways onwards for each candidate, in one loop
    point_first: IntArray, arc: IntArray, offset_m: FloatArray, access_m: FloatArray,
    arc_tail: IntArray, arc_head: IntArray, arc_length_m: FloatArray,
    forward: BoolArray, backward: BoolArray,
    node_m: FloatArray, node_rank: IntArray,
    target_first: IntArray, target_offset_m: FloatArray, target_access_m: FloatArray,
    target_rank: IntArray, limit_m: float,
) -> tuple[FloatArray, IntArray]:  # fmt: skip
    """Metres from each point to its nearest target, with the target's rank.

    A point tries all its candidate arcs: over the arc's head, over its tail, or straight along the
    arc to a target on the same arc. The targets of arc *a* are rows
    ``target_first[a]:target_first[a + 1]``. inf and ``NOBODY`` beyond `limit_m`.
    """
    n = len(point_first) - 1
    walk_m = np.full(n, np.inf)
    rank = np.full(n, NOBODY, dtype=np.int32)
    for i in range(n):
        best, who = np.inf, NOBODY
        for c in range(point_first[i], point_first[i + 1]):
            a, x, leg = arc[c], offset_m[c], access_m[c]
            if forward[a]:
                there = arc_head[a]
                metres = node_m[there] + (arc_length_m[a] - x) + leg
                if metres < best or (metres == best and node_rank[there] < who):
                    best, who = metres, node_rank[there]
            if backward[a]:
                there = arc_tail[a]
                metres = node_m[there] + x + leg
                if metres < best or (metres == best and node_rank[there] < who):
                    best, who = metres, node_rank[there]
            for t in range(target_first[a], target_first[a + 1]):
                along = target_offset_m[t] - x
                if (along >= 0 and forward[a]) or (along <= 0 and backward[a]):
                    metres = abs(along) + target_access_m[t] + leg
                    if metres < best or (metres == best and target_rank[t] < who):
                        best, who = metres, target_rank[t]
        if best <= limit_m:
            walk_m[i], rank[i] = best, who
    return walk_m, rank

"""One origin, bounded: metres to every node within a limit."""

import numba as nb
import numpy as np

from analysis.kernels.heap import pop, push
from analysis.units import FloatArray, IntArray


@nb.njit(nogil=True, cache=True)
def bounded_search(
    indptr: IntArray, indices: IntArray, length_m: FloatArray,
    seed_node: IntArray, seed_m: FloatArray, limit_m: float,
) -> FloatArray:  # fmt: skip
    """Return metres to each node, float64 [n]; inf beyond `limit_m`, which is included."""
    n = len(indptr) - 1
    walk_m = np.full(n, np.inf)
    room = len(seed_node) + len(indices) + 1
    key_m, key_rank = np.empty(room), np.empty(room, dtype=np.int32)
    key_node = np.empty(room, dtype=np.int32)
    size = 0
    for s in range(len(seed_node)):
        if seed_m[s] <= limit_m and seed_m[s] < walk_m[seed_node[s]]:
            walk_m[seed_node[s]] = seed_m[s]
            size = push(key_m, key_rank, key_node, size, seed_m[s], 0, seed_node[s])
    while size > 0:
        metres, node = key_m[0], key_node[0]
        size = pop(key_m, key_rank, key_node, size)
        if metres != walk_m[node]:
            continue
        for p in range(indptr[node], indptr[node + 1]):
            there, to_m = indices[p], metres + length_m[p]
            if to_m <= limit_m and to_m < walk_m[there]:
                walk_m[there] = to_m
                size = push(key_m, key_rank, key_node, size, to_m, 0, there)
    return walk_m

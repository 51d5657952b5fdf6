"""A binary heap of (metres, rank, node), ordered by the first two, for use inside kernels.

The rank breaks ties of distance, so that labels do not depend on the order of the input.
"""

import numba as nb
import numpy as np

from analysis.units import FloatArray, IntArray


@nb.njit(inline="always")
def _before(metres_a: float, rank_a: int, metres_b: float, rank_b: int) -> bool:
    return metres_a < metres_b or (metres_a == metres_b and rank_a < rank_b)


@nb.njit(nogil=True, cache=True)
def push(
    key_m: FloatArray, key_rank: IntArray, node: IntArray, size: int,
    metres: float, rank: int, new_node: int,
) -> int:  # fmt: skip
    """Add one row and return the new size."""
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if not _before(metres, rank, key_m[parent], key_rank[parent]):
            break
        key_m[i], key_rank[i], node[i] = key_m[parent], key_rank[parent], node[parent]
        i = parent
    key_m[i], key_rank[i], node[i] = metres, np.int32(rank), np.int32(new_node)
    return size + 1


@nb.njit(nogil=True, cache=True)
def pop(key_m: FloatArray, key_rank: IntArray, node: IntArray, size: int) -> int:
    """Remove the first row (read it at position 0 before) and return the new size."""
    size -= 1
    metres, rank, last = key_m[size], key_rank[size], node[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and _before(
            key_m[child + 1], key_rank[child + 1], key_m[child], key_rank[child]
        ):
            child += 1
        if not _before(key_m[child], key_rank[child], metres, rank):
            break
        key_m[i], key_rank[i], node[i] = key_m[child], key_rank[child], node[child]
        i = child
    key_m[i], key_rank[i], node[i] = metres, rank, last
    return size

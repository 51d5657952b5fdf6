"""Arcs to half-edges in CSR form, by a counting sort."""

import numba as nb
import numpy as np

from analysis.units import CellArray, IntArray


@nb.njit(nogil=True, cache=True)
def half_edges(
    n_nodes: int, tail: IntArray, head: IntArray,
    forward: CellArray, backward: CellArray, closed: int,
) -> tuple[IntArray, IntArray, CellArray, IntArray]:  # fmt: skip
    """Return (indptr int32 [n + 1], indices int32, cost, arc int32) of the open ways.

    `forward` and `backward` are the costs tail → head and head → tail, uint32 or uint64; ways that
    cost `closed` are left out. The half-edges of a place follow the order of the arcs, forward
    before backward.
    """
    indptr = np.zeros(n_nodes + 1, dtype=np.int32)
    for a in range(len(tail)):
        if forward[a] != closed:
            indptr[tail[a] + 1] += 1
        if backward[a] != closed:
            indptr[head[a] + 1] += 1
    for u in range(n_nodes):
        indptr[u + 1] += indptr[u]
    room = indptr[n_nodes]
    indices, arc = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    cost = np.empty(room, dtype=forward.dtype)
    at = indptr[:-1].copy()
    for a in range(len(tail)):
        if forward[a] != closed:
            p = at[tail[a]]
            at[tail[a]] += 1
            indices[p], cost[p], arc[p] = head[a], forward[a], np.int32(a)
        if backward[a] != closed:
            p = at[head[a]]
            at[head[a]] += 1
            indices[p], cost[p], arc[p] = tail[a], backward[a], np.int32(a)
    return indptr, indices, cost, arc

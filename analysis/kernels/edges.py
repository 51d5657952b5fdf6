"""Half-edges side by side: all that a search wants to know of one lies together in memory."""

import numba as nb
import numpy as np

from analysis.kernels.along import whole_units
from analysis.kernels.wave import LabelArray
from analysis.units import CAP32, FloatArray, IntArray


@nb.njit(nogil=True, cache=True)
def lay_out(
    nodes: LabelArray, edges: LabelArray, never: int,
    indptr: IntArray, indices: IntArray, cost: LabelArray, arc: IntArray,
    tail: IntArray, head: IntArray, place: IntArray, forward: FloatArray,
    length_m: FloatArray,
) -> None:  # fmt: skip
    """Fill `nodes` [n + 1, 2] and `edges` [h, 4], see :class:`analysis.kernels.wave.Wave`.

    The half-edges leave their places; `forward` are the costs of the arcs, inf where closed.
    """
    for here in range(len(indptr)):
        nodes[here, 0], nodes[here, 1] = never, indptr[here]
    for here in range(len(indptr) - 1):
        for p in range(indptr[here], indptr[here + 1]):
            a = arc[p]
            from_head = place[tail[a]] != here
            if tail[a] == head[a]:  # a loop is left forward first, then backward
                again = p > indptr[here] and arc[p - 1] == a
                from_head = again or not np.isfinite(forward[a])
            edges[p, 0], edges[p, 1] = indices[p], cost[p]
            edges[p, 2] = 2 * a + (1 if from_head else 0)
            edges[p, 3] = min(whole_units(length_m[a]), CAP32)

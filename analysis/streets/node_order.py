"""The order in which nodes lie in memory: what is needed together side by side."""

import numpy as np

from analysis.units import IntArray


def locality_order(n_nodes: int, tail: IntArray, head: IntArray) -> IntArray:
    """Return the place of each node, int32 [n], a permutation of 0…n-1.

    The order serves two ends: searches that move through the city move through memory alike, and
    contracting the places from the lowest to the highest makes a small
    :class:`~analysis.walks.hierarchy.Hierarchy`. Any permutation gives the same answers, most of
    them slowly.
    """
    if n_nodes == 0:
        return np.empty(0, dtype=np.int32)
    # Compiled code is slow to load, and a saved network has its order already.
    from analysis.kernels.elimination import contraction_order, nested_places  # noqa: PLC0415

    tail, head = tail.astype(np.int32), head.astype(np.int32)
    place: IntArray = nested_places(contraction_order(n_nodes, tail, head), tail, head)
    return place

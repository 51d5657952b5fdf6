"""NodePlaces: where each node of a network lies in memory, worked out when first asked for."""

import numpy as np

from analysis.streets.node_order import locality_order
from analysis.units import IntArray, freeze


class NodePlaces:
    """The places of the nodes that arcs join.

    A value that follows from the arcs alone and takes longer to work out than to read a city, so
    it is left until a search needs it, and kept.

    Parameters
    ----------
    n_nodes, tail, head
        The network's nodes and arcs.
    place
        int32 [n], a permutation of 0…n-1, where it is known already.
    """

    __slots__ = ("_head", "_n_nodes", "_place", "_tail")

    def __init__(
        self, n_nodes: int, tail: IntArray, head: IntArray, place: IntArray | None = None
    ) -> None:
        self._n_nodes, self._tail, self._head = n_nodes, tail, head
        self._place = place
        if place is not None:
            freeze(place)

    def are_of(self, tail: IntArray, head: IntArray) -> bool:
        """Return whether these are the places of the nodes that these very arrays join."""
        return self._tail is tail and self._head is head

    @property
    def known(self) -> IntArray | None:
        """Return the places where they are known already."""
        return self._place

    @property
    def place(self) -> IntArray:
        """Return the place of each node, int32 [n]."""
        if self._place is None:
            place = locality_order(self._n_nodes, self._tail, self._head).astype(np.int32)
            freeze(place)
            self._place = place
        return self._place

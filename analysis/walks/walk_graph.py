"""WalkGraph: a network as one walker walks it, in the form that the kernels search.

Nodes are renumbered inside, so that neighbours lie side by side in memory; nobody outside sees it.
Parallel arcs and loops are all kept, because people live along each of them and pieces are cut out
of each; a search takes the cheapest.
"""

from dataclasses import dataclass

import numpy as np

from analysis.kernels.csr import half_edges
from analysis.streets.network import WalkNetwork
from analysis.units import (
    CAP32,
    CellArray,
    FloatArray,
    IntArray,
    KeyArray,
    UnitArray,
    freeze,
    to_units,
)
from analysis.walks.walk_costs import WalkCosts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HalfEdges:
    """The ways out of each place (or into it), in CSR form.

    `indptr` int32 [n + 1]; for the half-edges of place *u*, rows ``indptr[u]:indptr[u + 1]``:
    `indices` int32 [h] the place at the other end, `cost` uint32 [h] in units, capped at
    :data:`~analysis.units.CAP32`, `arc` int32 [h] the arc it belongs to.
    """

    indptr: IntArray
    indices: IntArray
    cost: UnitArray
    arc: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.indptr, self.indices, self.cost, self.arc):
            freeze(array)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WalkGraph:
    """A network with its costs, ready for the kernels.

    Attributes
    ----------
    network
        Where the arcs lie.
    costs
        What they cost this walker.
    outwards
        Half-edges that leave each place: searches from an origin.
    inwards
        Half-edges that arrive at each place, seen from there: searches from facilities back to
        people. The same object as `outwards` where every arc costs the same both ways.
    """

    network: WalkNetwork
    costs: WalkCosts
    outwards: HalfEdges
    inwards: HalfEdges

    @property
    def place(self) -> IntArray:
        """Return the inside number of each node, int32 [n]."""
        return self.network.node_place

    def wide_outwards_cost(self) -> KeyArray:
        """Return the costs of `outwards` without the cap, uint64 [h]: for limits beyond it."""
        *_, cost, _ = _csr(self.network, self.costs.forward, self.costs.backward, np.uint64)
        return cost.astype(np.uint64)

    def wide_inwards_cost(self) -> KeyArray:
        """Return the costs of `inwards` without the cap, uint64 [h]."""
        *_, cost, _ = _csr(self.network, self.costs.backward, self.costs.forward, np.uint64)
        return cost.astype(np.uint64)


def walk_graph(network: WalkNetwork, costs: WalkCosts) -> WalkGraph:
    """Prepare `network` for searches with `costs`."""
    outwards = _half_edges(network, costs.forward, costs.backward)
    same = np.array_equal(costs.forward, costs.backward)
    inwards = outwards if same else _half_edges(network, costs.backward, costs.forward)
    return WalkGraph(network=network, costs=costs, outwards=outwards, inwards=inwards)


def _half_edges(network: WalkNetwork, forward: FloatArray, backward: FloatArray) -> HalfEdges:
    indptr, indices, cost, arc = _csr(network, forward, backward, np.uint32)
    return HalfEdges(indptr=indptr, indices=indices, cost=cost.astype(np.uint32), arc=arc)


def _csr(
    network: WalkNetwork, forward: FloatArray, backward: FloatArray, dtype: type[np.unsignedinteger]
) -> tuple[IntArray, IntArray, CellArray, IntArray]:
    tail, head = network.node_place[network.arc_tail], network.node_place[network.arc_head]
    closed = np.iinfo(dtype).max
    cap = CAP32 if dtype is np.uint32 else np.iinfo(np.int64).max

    def cells(cost: FloatArray) -> CellArray:
        units = np.minimum(to_units(cost), cap).astype(dtype)
        units[np.isinf(cost)] = closed
        return units

    parts: tuple[IntArray, IntArray, CellArray, IntArray] = half_edges(
        network.n_nodes, tail, head, cells(forward), cells(backward), closed
    )
    return parts

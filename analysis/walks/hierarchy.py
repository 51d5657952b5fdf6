"""Hierarchy: a WalkGraph contracted, so that searches from many places to all others need no queue.

It does not depend on how far one searches. How big it is depends on the order of the places
(:func:`~analysis.streets.node_order.locality_order`), what it answers does not.
"""

from dataclasses import dataclass

import numpy as np

from analysis.kernels.hierarchy import climb_costs, climbs
from analysis.kernels.wave import LONGEST
from analysis.units import CAP32, IdArray, IntArray, KeyArray, freeze
from analysis.walks.walk_graph import WalkGraph


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hierarchy:
    """The ways up from each place of `graph`, for searches back from facilities to people.

    Between any two places there is a shortest walk that first rises along such ways and then falls.
    Those of place *v* are rows ``first[v]:first[v + 1]`` (int64 [n + 1]) of `upper` int32 [k], the
    place at the upper end, ascending; of `rising` uint64 [k], the units of the walk from the upper
    end to *v*; and of `falling` uint64 [k], those of the walk from *v* to the upper end, the same
    array where every way costs the same in both directions.
    """

    graph: WalkGraph
    first: IdArray
    upper: IntArray
    rising: KeyArray
    falling: KeyArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.first, self.upper, self.rising, self.falling):
            freeze(array)


def hierarchy_of(graph: WalkGraph) -> Hierarchy:
    """Contract `graph`."""
    network, ways = graph.network, graph.inwards
    tail, head = graph.place[network.arc_tail], graph.place[network.arc_head]
    first, upper = climbs(network.n_nodes, tail, head)
    upper = upper[: first[-1]].copy()
    capped = int(ways.cost.max(initial=0)) >= CAP32
    cost = graph.wide_inwards_cost() if capped else ways.cost.astype(np.uint64)
    even = graph.inwards is graph.outwards
    rising = np.full(len(upper), LONGEST, dtype=np.uint64)
    falling = rising if even else rising.copy()
    climb_costs(first, upper, ways.indptr, ways.indices, cost, rising, falling, even)
    return Hierarchy(graph=graph, first=first, upper=upper, rising=rising, falling=falling)

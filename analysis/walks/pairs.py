"""Walks between points, and the nodes within a budget of each of many points."""

from dataclasses import dataclass

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.kernels.search import search_each, search_pairs
from analysis.kernels.segments import read_only
from analysis.kernels.wave import LONGEST
from analysis.linking.linkage import Linkage
from analysis.messages import message
from analysis.units import FloatArray, IdArray, IntArray, freeze, from_units
from analysis.walks.feet import feet_of
from analysis.walks.scratch import SearchScratch, limit_units
from analysis.walks.walk_graph import WalkGraph


def walks_between(
    graph: WalkGraph,
    origins: Linkage,
    targets: Linkage,
    pairs: IntArray,
    limit: float,
    scratch: SearchScratch | None = None,
) -> FloatArray:
    """Return what it costs to walk from one point to another, float64 [k].

    Parameters
    ----------
    graph
        The network as the walker walks it; costs are in its measure.
    origins, targets
        Linked points. Both access legs are part of the walk, every candidate arc is tried, and the
        direct walk along an arc that both stand on counts.
    pairs
        int32 [k, 2]: rows of `origins` and of `targets`, in any order. An origin is searched once
        for all its pairs, and no further than the farthest of them.
    limit
        A dearer walk is ``inf``; one of exactly `limit` is kept.
    scratch
        Working memory for `graph`; made anew where None.

    Raises :class:`InvalidParameterError` for a limit that is negative or not a number and for pairs
    that name no point.
    """
    scratch = SearchScratch(graph) if scratch is None else scratch
    scratch.check(graph)
    pairs = np.asarray(pairs, dtype=np.int32).reshape(-1, 2)
    if len(pairs) and (
        pairs.min() < 0 or (pairs.max(axis=0) >= [len(origins.how), len(targets.how)]).any()
    ):
        raise InvalidParameterError(message("search.pairs"))
    within = limit_units(limit)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    units = np.empty(len(pairs), dtype=np.int64)
    units[order] = search_pairs(
        scratch.wave(within), feet_of(graph, origins), feet_of(graph, targets),
        read_only(pairs[order, 0]), read_only(pairs[order, 1]), within,
    )  # fmt: skip
    return np.where(units == LONGEST, np.inf, from_units(units))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReachedNodes:
    """The nodes that each of many origins reaches.

    Those of origin *i* are rows ``first[i]:first[i + 1]`` (int64 [p + 1]) of `node` int32 [k],
    positions in the network, and of `cost` float64 [k], in the graph's measure, access leg
    included; in the order in which the wave comes to them, which does not depend on other origins.
    """

    first: IdArray
    node: IntArray
    cost: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.first, self.node, self.cost):
            freeze(array)


def reached_nodes(
    graph: WalkGraph, origins: Linkage, limit: float, scratch: SearchScratch | None = None
) -> ReachedNodes:
    """Return the nodes within `limit` (included) of each origin; see :class:`ReachedNodes`."""
    scratch = SearchScratch(graph) if scratch is None else scratch
    scratch.check(graph)
    within = limit_units(limit)
    first, place, units = search_each(scratch.wave(within), feet_of(graph, origins), within)
    node_at = np.empty(graph.network.n_nodes, dtype=np.int32)
    node_at[graph.place] = np.arange(graph.network.n_nodes, dtype=np.int32)
    return ReachedNodes(first=first, node=node_at[place], cost=from_units(units))

"""Our side of the benchmarks: what the tables time, in one place."""

import numpy as np

from analysis.linking.linkage import Link, Linkage
from analysis.streets.network import WalkNetwork
from analysis.walking import WalkProfile, walk_profile
from analysis.walks.walk_costs import walk_costs
from analysis.walks.walk_graph import WalkGraph, walk_graph
from tests.benchmarks.graphs import BenchGraph

ADULT: WalkProfile = walk_profile("adult", speed_m_s=5 / 3.6)
MM = 1e-3


def prepared(graph: BenchGraph) -> WalkGraph:
    """Return the graph ready to search, in metres: made once, not timed."""
    return walk_graph(graph.network, walk_costs(graph.network, ADULT, "metres"))


def at_nodes(network: WalkNetwork, nodes: np.ndarray) -> Linkage:
    """Link points that stand on `nodes`, each to one of its arcs, without an access leg."""
    arc = np.empty(network.n_nodes, np.int32)
    every = np.arange(network.n_arcs, dtype=np.int32)
    arc[network.arc_head[::-1]] = every[::-1]
    arc[network.arc_tail[::-1]] = every[::-1]
    arc = arc[nodes]
    at_head = network.arc_tail[arc] != nodes
    return Linkage(
        point_first=np.arange(len(nodes) + 1, dtype=np.int32),
        arc=arc,
        offset_m=np.where(at_head, network.arc_length_m[arc], 0.0),
        access_m=np.zeros(len(nodes)),
        how=np.full(len(nodes), int(Link.NEAR), np.uint8),
    )


def facilities(graph: BenchGraph) -> tuple[Linkage, np.ndarray]:
    """Return the facilities of all elements as one linkage, and the element of each."""
    sets = graph.facility_sets()
    element = np.repeat(np.arange(len(sets)), [len(one) for one in sets])
    return at_nodes(graph.network, np.concatenate(sets)), element

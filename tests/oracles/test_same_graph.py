"""The same graph through networkx, scipy, igraph, networkit and pandana, on random worlds."""

import warnings

import igraph
import networkit
import networkx as nx
import numpy as np
import pandana
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from analysis.linking.linkable import LinkRules, linkable_arcs
from analysis.linking.linkage import Linkage, link_points
from analysis.streets.barriers import no_barriers
from analysis.streets.network import WalkNetwork
from analysis.testing.cities import street_city
from analysis.walking import walk_profile
from analysis.walks.travel_time import TargetGroup, node_costs_to_nearest, walk_to_nearest
from analysis.walks.walk_costs import walk_costs
from analysis.walks.walk_graph import WalkGraph, walk_graph

ADULT = walk_profile("adult", speed_m_s=1.2)
RULES = LinkRules(min_component_share=0.0)
MM = 1e-3


def random_city(seed: int, n_nodes: int = 60) -> WalkNetwork:
    """Return a random street network, in parts, with parallel and dead-end arcs."""
    rng = np.random.default_rng(seed)
    xy_m = rng.uniform(0, 1000, (n_nodes, 2)).round(2)
    arcs = []
    for node in range(n_nodes):
        near = np.argsort(np.hypot(*(xy_m - xy_m[node]).T))[1:5]
        arcs += [(node, int(other)) for other in near if rng.random() < 0.6]
    return street_city(xy_m, arcs or [(0, 1)])


def as_networkx(network: WalkNetwork) -> nx.MultiGraph:
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(network.n_nodes))
    for tail, head, metres in zip(
        network.arc_tail.tolist(),
        network.arc_head.tolist(),
        network.arc_length_m.tolist(),
        strict=True,
    ):
        graph.add_edge(tail, head, weight=metres)
    return graph


def at_nodes(network: WalkNetwork, nodes: np.ndarray) -> Linkage:
    """Link points that stand on these nodes, by an end of one of their arcs (or not at all)."""
    first, arcs, offsets = [0], [], []
    for node in nodes.tolist():
        at = np.flatnonzero((network.arc_tail == node) | (network.arc_head == node))[:1]
        arcs += at.tolist()
        offsets += [0.0 if network.arc_tail[a] == node else network.arc_length_m[a] for a in at]
        first.append(len(arcs))
    return Linkage(
        point_first=np.array(first, dtype=np.int32),
        arc=np.array(arcs, dtype=np.int32),
        offset_m=np.array(offsets, dtype=np.float64),
        access_m=np.zeros(len(arcs)),
        how=np.zeros(len(nodes), dtype=np.uint8),
    )


def in_metres(network: WalkNetwork) -> WalkGraph:
    return walk_graph(network, walk_costs(network, ADULT, "metres"))


@given(seed=st.integers(0, 10_000), n_seeds=st.integers(1, 6))
@settings(max_examples=150, deadline=None)
def test_nodes_equal_networkx_and_scipy(seed: int, n_seeds: int) -> None:
    network = random_city(seed)
    rng = np.random.default_rng(seed + 1)
    seeds = rng.choice(np.unique(network.arc_tail), n_seeds)
    found = node_costs_to_nearest(
        in_metres(network),
        at_nodes(network, seeds),
        target_rank=np.arange(n_seeds, dtype=np.int32),
        groups=[TargetGroup(chosen=np.ones(n_seeds, dtype=bool), limit=700.0)],
    )
    metres, rank = found.cost[:, 0], found.rank[:, 0]
    theirs = nx.multi_source_dijkstra_path_length(
        as_networkx(network), set(seeds.tolist()), cutoff=700.0
    )
    expected = np.full(network.n_nodes, np.inf)
    expected[list(theirs)] = list(theirs.values())
    np.testing.assert_array_equal(metres, expected)
    by_seed = dijkstra(as_scipy(network), directed=False, indices=seeds, limit=700.0)
    np.testing.assert_array_equal(metres, by_seed.min(axis=0))
    # The label names the first of the seeds at that very distance.
    first = np.where(np.isfinite(metres), np.argmin(by_seed, axis=0), -1)
    np.testing.assert_array_equal(rank, first)


def as_scipy(network: WalkNetwork) -> csr_array:
    """Return the shortest of parallel arcs, both ways."""
    least: dict[tuple[int, int], float] = {}
    ends = network.arc_tail.tolist(), network.arc_head.tolist(), network.arc_length_m.tolist()
    for tail, head, metres in zip(*ends, strict=True):
        pair = min(tail, head), max(tail, head)
        least[pair] = min(least.get(pair, np.inf), metres)
    rows, columns = np.array(list(least)).T
    shape = (network.n_nodes, network.n_nodes)
    return csr_array((np.array(list(least.values())), (rows, columns)), shape=shape)


LIMIT_M = 500.0


def shops_of_elements(network: WalkNetwork, seed: int) -> list[np.ndarray]:
    """Return nodes for each of 20 elements, from 1 shop to 20."""
    rng = np.random.default_rng(seed)
    nodes = np.unique(network.arc_tail)
    return [rng.choice(nodes, i + 1, replace=False) for i in range(20)]


def nearest_of_elements(
    network: WalkNetwork, shops: list[np.ndarray], limit_m: float
) -> np.ndarray:
    """Return our metres from each node, float64 [n, 20]."""
    counts = [len(nodes) for nodes in shops]
    element = np.repeat(np.arange(len(shops)), counts)
    return node_costs_to_nearest(
        in_metres(network),
        at_nodes(network, np.concatenate(shops)),
        target_rank=np.arange(len(element), dtype=np.int32),
        groups=[TargetGroup(chosen=element == i, limit=limit_m) for i in range(len(shops))],
    ).cost


@pytest.mark.parametrize("seed", range(3))
def test_nodes_equal_igraph_and_networkit(seed: int) -> None:
    network = random_city(seed, 400)
    shops = shops_of_elements(network, seed)
    ours = nearest_of_elements(network, shops, 1e9)
    ends = np.column_stack([network.arc_tail, network.arc_head]).astype(np.int64)
    first = igraph.Graph(n=network.n_nodes, edges=ends)
    second = networkit.Graph(network.n_nodes, weighted=True)
    for (a, b), metres in zip(ends.tolist(), network.arc_length_m.tolist(), strict=True):
        if not second.hasEdge(a, b):
            second.addEdge(a, b, metres)
        elif metres < second.weight(a, b):
            second.setWeight(a, b, metres)
    for i, nodes in enumerate(shops):
        theirs = first.distances(source=nodes.tolist(), weights=network.arc_length_m.tolist())
        np.testing.assert_array_equal(ours[:, i], np.min(theirs, axis=0))
        each = [networkit.distance.Dijkstra(second, int(node), False).run() for node in nodes]
        least = np.min([one.getDistances() for one in each], axis=0)
        least[least > 1e300] = np.inf  # networkit's word for unreachable
        np.testing.assert_array_equal(ours[:, i], least)


def test_nodes_equal_pandana_to_its_rounding() -> None:
    network = random_city(7, 400)
    shops = shops_of_elements(network, 7)
    ours = nearest_of_elements(network, shops, LIMIT_M)
    x, y = (pd.Series(column) for column in network.node_xy_m.T)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = pandana.Network(
            x, y, pd.Series(network.arc_tail), pd.Series(network.arc_head),
            pd.DataFrame({"length": network.arc_length_m}), twoway=True,
        )  # fmt: skip
        for i, nodes in enumerate(shops):
            theirs.set_pois(str(i), LIMIT_M, 1, x[nodes], y[nodes])
            metres = theirs.nearest_pois(LIMIT_M, str(i), num_pois=1)[1].to_numpy()
            # It counts whole millimetres, and says the limit where there is nothing.
            found = np.minimum(ours[:, i], LIMIT_M)
            hops = 60
            np.testing.assert_allclose(metres, found, atol=hops * MM, rtol=0)
            assert np.abs(metres - found).max() > 0


def split_graph(network: WalkNetwork, points: np.ndarray) -> tuple[nx.Graph, list[str]]:
    """Return a graph in which every candidate foot is a node of its own: the plain way to do it."""
    linkable = linkable_arcs(network, ADULT, RULES)
    linked = link_points(points, network, linkable, no_barriers(), RULES)
    on_arc: dict[int, list[tuple[float, str]]] = {}
    graph = nx.Graph()

    def add(a: str, b: str, metres: float) -> None:
        if a == b:
            return
        if not graph.has_edge(a, b) or graph[a][b]["weight"] > metres:
            graph.add_edge(a, b, weight=metres)

    names = [f"p{i}" for i in range(len(points))]
    graph.add_nodes_from(names)
    for i, name in enumerate(names):
        for row in range(linked.point_first[i], linked.point_first[i + 1]):
            foot = f"f{row}"
            graph.add_edge(name, foot, weight=float(linked.access_m[row]))
            on_arc.setdefault(int(linked.arc[row]), []).append((float(linked.offset_m[row]), foot))
    for arc in range(network.n_arcs):
        stops = sorted(on_arc.get(arc, []))
        chain = [
            (0.0, f"n{network.arc_tail[arc]}"),
            *stops,
            (float(network.arc_length_m[arc]), f"n{network.arc_head[arc]}"),
        ]
        for (a_m, a), (b_m, b) in zip(chain, chain[1:], strict=False):
            add(a, b, b_m - a_m)
    return graph, names


@given(seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_points_equal_a_graph_with_every_foot_split_in(seed: int) -> None:
    network = random_city(seed, 30)
    rng = np.random.default_rng(seed + 2)
    people, shops = rng.uniform(0, 1000, (12, 2)), rng.uniform(0, 1000, (4, 2))
    linkable = linkable_arcs(network, ADULT, RULES)
    found = walk_to_nearest(
        in_metres(network),
        link_points(people, network, linkable, no_barriers(), RULES),
        link_points(shops, network, linkable, no_barriers(), RULES),
        target_rank=np.arange(4, dtype=np.int32),
        groups=[TargetGroup(chosen=np.ones(4, dtype=bool), limit=2000.0)],
    )
    metres, who = found.cost[:, 0], found.rank[:, 0]
    graph, names = split_graph(network, np.concatenate([people, shops]))
    for i in range(12):
        # Walks may not pass through another point's yard: leave the other points out.
        keep = [n for n in graph if not n.startswith("p") or n in (names[i], *names[12:])]
        best = np.inf
        for j in range(4):
            alone = graph.subgraph(
                [n for n in keep if not n.startswith("p") or n in (names[i], names[12 + j])]
            )
            try:
                best = min(best, nx.dijkstra_path_length(alone, names[i], names[12 + j]))
            except nx.NetworkXNoPath:
                continue
        expected = best if best <= 2000.0 else np.inf
        assert metres[i] == expected or abs(metres[i] - expected) <= MM
        assert (who[i] == -1) == np.isinf(metres[i])

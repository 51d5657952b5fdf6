"""The same graph through networkx and scipy: equal to a millimetre, on random worlds."""

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from analysis.barriers import no_barriers
from analysis.kernels.nearest import nearest_labels
from analysis.linkable import LinkRules, linkable_arcs
from analysis.linkage import link_points
from analysis.network import WalkNetwork, search_graph
from analysis.testing.cities import street_city
from analysis.travel_time import walk_to_nearest, walkable_arcs
from analysis.walking import walk_profile

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


@given(seed=st.integers(0, 10_000), n_seeds=st.integers(1, 6))
@settings(max_examples=150, deadline=None)
def test_nodes_equal_networkx_and_scipy(seed: int, n_seeds: int) -> None:
    network = random_city(seed)
    rng = np.random.default_rng(seed + 1)
    seeds = rng.choice(network.n_nodes, n_seeds, replace=False).astype(np.int32)
    graph = search_graph(network, ADULT, reverse=True)
    metres, rank = nearest_labels(
        graph.indptr,
        graph.indices,
        graph.length_m,
        seeds,
        np.zeros(n_seeds),
        np.arange(n_seeds, dtype=np.int32),
        700.0,
    )
    theirs = nx.multi_source_dijkstra_path_length(
        as_networkx(network), set(seeds.tolist()), cutoff=700.0
    )
    expected = np.full(network.n_nodes, np.inf)
    expected[list(theirs)] = list(theirs.values())
    np.testing.assert_allclose(metres, expected, atol=MM, rtol=0)
    matrix = csr_array((graph.length_m, graph.indices, graph.indptr), shape=(network.n_nodes,) * 2)
    by_seed = dijkstra(matrix, indices=seeds, limit=700.0)
    np.testing.assert_allclose(metres, by_seed.min(axis=0), atol=MM, rtol=0)
    reached = np.isfinite(metres)
    # The label names a seed at that very distance, the first of them.
    assert np.all(by_seed[rank[reached], reached] <= metres[reached] + MM)
    for node in np.flatnonzero(reached):
        ties = np.flatnonzero(np.abs(by_seed[:, node] - metres[node]) == 0)
        assert len(ties) == 0 or rank[node] == ties[0]


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
    metres, who = walk_to_nearest(
        walkable_arcs(network, ADULT),
        link_points(people, network, linkable, no_barriers(), RULES),
        link_points(shops, network, linkable, no_barriers(), RULES),
        target_rank=np.arange(4, dtype=np.int32),
        chosen=np.ones(4, dtype=bool),
        limit_m=2000.0,
    )
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

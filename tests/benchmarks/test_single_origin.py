"""15 minutes from one origin: ours with the pieces of every arc; networkx and scipy without."""

import networkx as nx
import numpy as np
import pytest
from scipy.sparse.csgraph import dijkstra

from analysis.walks.reached import ReachedPieces, reached_pieces
from analysis.walks.scratch import SearchScratch
from tests.benchmarks import foreign
from tests.benchmarks.graphs import LIMIT_M, BenchGraph, tiled
from tests.benchmarks.ours import MM, at_nodes, prepared
from tests.benchmarks.timing import by_query, fact, faster, show

pytestmark = [pytest.mark.slow, pytest.mark.shared_data]
N_QUERIES = 200


def expected_m(graph: BenchGraph, origin: int) -> tuple[np.ndarray, np.ndarray]:
    """Return metres reached of each arc, and which arcs are reached at all, from scipy alone."""
    network = graph.network
    node_m = dijkstra(graph.matrix, indices=origin, limit=LIMIT_M)
    left = np.where(np.isfinite(node_m), LIMIT_M - node_m, -1.0)
    from_tail, from_head = left[network.arc_tail], left[network.arc_head]
    both = np.maximum(from_tail, 0.0) + np.maximum(from_head, 0.0)
    return np.minimum(both, network.arc_length_m), np.maximum(from_tail, from_head) >= 0


def assert_equal(graph: BenchGraph, origin: int, pieces: ReachedPieces) -> None:
    metres, touched = expected_m(graph, origin)
    found = np.bincount(pieces.arc, pieces.end_m - pieces.start_m, minlength=len(metres))
    assert np.abs(found - metres).max() <= MM
    assert np.array_equal(np.unique(pieces.arc), np.flatnonzero(touched))


@pytest.mark.parametrize(
    ("character", "scipy_bar"), [("sparse", 8.0), ("medium", None), ("dense", 1.7)]
)
def test_search_with_pieces(character: str, scipy_bar: float | None) -> None:
    graph = tiled(character, 250_000)
    ready = prepared(graph)
    scratch = SearchScratch(ready)
    origins = np.random.default_rng(3).choice(graph.n, N_QUERIES, replace=False)
    linked = [at_nodes(graph.network, np.array([node])) for node in origins]
    digraph = foreign.multi_digraph(graph)
    nodes, places = origins.tolist(), graph.network.node_place[origins].tolist()
    jobs = {
        "ours": lambda i: reached_pieces(ready, linked[i], (LIMIT_M,), scratch),
        "scipy": lambda i: dijkstra(graph.matrix_in_place, indices=places[i], limit=LIMIT_M),
        "networkx": lambda i: nx.ego_graph(digraph, nodes[i], radius=LIMIT_M, distance="length"),
    }
    took = by_query({name: jobs[name] for name in ("ours", "scipy")}, N_QUERIES)
    beside = by_query({name: jobs[name] for name in ("ours", "networkx")}, 30, passes=1, block=10)
    for i in range(0, N_QUERIES, 5):
        (pieces,) = jobs["ours"](i)
        assert_equal(graph, nodes[i], pieces)
    for i in range(5):
        reached = np.flatnonzero(
            np.isfinite(dijkstra(graph.matrix, indices=nodes[i], limit=LIMIT_M))
        )
        assert set(jobs["networkx"](i)) == set(reached.tolist())
    k = [len(jobs["ours"](i)[0].arc) for i in range(0, N_QUERIES, 10)]
    show(
        f"15 minutes from one origin, {graph.name}",
        [
            faster("networkx ego_graph (nodes and edges)", beside["ours"], beside["networkx"], 300),
            faster("scipy dijkstra(limit) (nodes only)", took["ours"], took["scipy"], scipy_bar),
            fact("p95 of ours", f"{took['ours'].p95_s * 1e3:.3f} ms"),
            fact("pieces, median", f"{np.median(k):,.0f}"),
        ],
        [
            f"{N_QUERIES} random origins in blocks of 20, three times over; networkx 30 of them, once",
            "minima are medians over the origins of the quickest run of each",
            "metres of every arc equal to scipy's distances on 40 origins, ≤ 1 mm; the same arcs",
        ],
    )

"""Searches from origins against scipy, networkx and igraph on random cities, to a millimetre."""

import igraph
import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from analysis.linking.linkage import Linkage
from analysis.streets.network import WalkNetwork
from analysis.testing.cities import street_city
from analysis.walks.nearest_k import nearest_k
from analysis.walks.pairs import reached_nodes, walks_between
from analysis.walks.reached import reached_pieces
from analysis.walks.scratch import SearchScratch
from analysis.what_if.nearest_field import RepairScratch, nearest_field
from analysis.what_if.repair import facility_added, facility_closed, path_changed
from tests.random_graphs import graph_of, linked

MM = 1e-3
LIMIT_M = 700.0


def random_city(rng: np.random.Generator, n_nodes: int = 50) -> WalkNetwork:
    """Return streets between near junctions, in parts, winding, some of them twice."""
    xy_m = rng.uniform(0, 1000, (n_nodes, 2))
    arcs = [(0, 1)]
    for node in range(n_nodes):
        near = np.argsort(np.hypot(*(xy_m - xy_m[node]).T))[1:5]
        arcs += [(node, int(other)) for other in near if rng.random() < 0.6]
    straight = np.array([np.hypot(*(xy_m[a] - xy_m[b])) for a, b in arcs])
    return street_city(xy_m, arcs, length_m=(straight * rng.uniform(1, 1.5, len(arcs))).tolist())


def at(network: WalkNetwork, nodes: list[int]) -> Linkage:
    """Link points that stand on nodes; a node without a street has no candidate."""
    points = []
    for node in nodes:
        arcs = np.flatnonzero((network.arc_tail == node) | (network.arc_head == node))[:1].tolist()
        points.append(
            [
                (a, 0.0 if network.arc_tail[a] == node else network.arc_length_m[a], 0.0)
                for a in arcs
            ]
        )
    return linked(*points)


def as_networkx(network: WalkNetwork) -> nx.MultiGraph:
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(network.n_nodes))
    for a in range(network.n_arcs):
        ends = int(network.arc_tail[a]), int(network.arc_head[a])
        graph.add_edge(*ends, key=a, weight=float(network.arc_length_m[a]))
    return graph


def as_matrix(network: WalkNetwork) -> csr_array:
    """Return the shortest of parallel arcs, both ways."""
    best = np.full((network.n_nodes,) * 2, np.inf)
    np.minimum.at(best, (network.arc_tail, network.arc_head), network.arc_length_m)
    best = np.minimum(best, best.T)
    best[np.isinf(best)] = 0
    return csr_array(best)


def with_points(network: WalkNetwork, points: list[tuple[int, float]]) -> nx.Graph:
    """Return a graph in which points at offsets along arcs are nodes, named by their rows."""
    graph = nx.Graph()
    graph.add_nodes_from(f"n{node}" for node in range(network.n_nodes))
    stops: dict[int, list[tuple[float, str]]] = {}
    for row, (a, x) in enumerate(points):
        stops.setdefault(a, []).append((x, f"p{row}"))
    for a in range(network.n_arcs):
        chain = [
            (0.0, f"n{network.arc_tail[a]}"),
            *sorted(stops.get(a, [])),
            (float(network.arc_length_m[a]), f"n{network.arc_head[a]}"),
        ]
        for (from_m, one), (to_m, other) in zip(chain, chain[1:], strict=False):
            if one != other and to_m - from_m < graph.get_edge_data(one, other, {}).get(
                "weight", np.inf
            ):
                graph.add_edge(one, other, weight=to_m - from_m)
    return graph


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_reached_nodes_equal_three_engines(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_city(rng)
    nodes = rng.choice(network.n_nodes, 3, replace=False).tolist()
    origins = at(network, nodes)
    reached = reached_nodes(graph_of(network), origins, LIMIT_M)
    by_scipy = dijkstra(as_matrix(network), indices=nodes, limit=LIMIT_M)
    theirs = igraph.Graph(
        n=network.n_nodes,
        edges=np.stack([network.arc_tail, network.arc_head], axis=1).tolist(),
        edge_attrs={"weight": network.arc_length_m.tolist()},
    )
    by_igraph = np.array(theirs.distances(source=nodes, weights="weight"))
    by_igraph[by_igraph > LIMIT_M] = np.inf
    for i, node in enumerate(nodes):
        if not origins.linked[i]:
            continue
        ours = np.full(network.n_nodes, np.inf)
        rows = slice(reached.first[i], reached.first[i + 1])
        ours[reached.node[rows]] = reached.cost[rows]
        by_networkx = np.full(network.n_nodes, np.inf)
        for other, metres in nx.single_source_dijkstra_path_length(
            as_networkx(network), node, cutoff=LIMIT_M
        ).items():
            by_networkx[other] = metres
        for expected in (by_scipy[i], by_igraph[i], by_networkx):
            np.testing.assert_allclose(ours, expected, atol=MM, rtol=0)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_walks_between_points_equal_networkx(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_city(rng, 30)
    feet = [
        (int(a), float(network.arc_length_m[a] * rng.random()))
        for a in rng.integers(0, network.n_arcs, 12)
    ]
    points = linked(*[[(a, x, 0.0)] for a, x in feet])
    pairs = rng.integers(0, 12, (30, 2)).astype(np.int32)
    found = walks_between(graph_of(network), points, points, pairs, LIMIT_M)
    theirs = with_points(network, feet)
    for (i, j), metres in zip(pairs.tolist(), found, strict=True):
        try:
            expected = nx.dijkstra_path_length(theirs, f"p{i}", f"p{j}")
        except nx.NetworkXNoPath:
            expected = np.inf
        if expected > LIMIT_M + MM:
            assert metres == np.inf
        elif expected < LIMIT_M - MM:
            assert abs(metres - expected) <= MM


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_a_place_is_in_a_piece_just_where_networkx_gets_in_time(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_city(rng, 30)
    feet = [
        (int(a), float(network.arc_length_m[a] * rng.random()))
        for a in rng.integers(0, network.n_arcs, 60)
    ]
    (a, x), places = feet[0], feet[1:]
    cutoff_m = float(rng.uniform(50, 900))
    (pieces,) = reached_pieces(graph_of(network), linked([(a, x, 7.0)]), (cutoff_m,))
    theirs = nx.single_source_dijkstra_path_length(with_points(network, feet), "p0")
    for row, (arc, offset_m) in enumerate(places, start=1):
        rows = np.flatnonzero(pieces.arc == arc)
        inside = ((pieces.start_m[rows] <= offset_m) & (offset_m <= pieces.end_m[rows])).any()
        metres = theirs.get(f"p{row}", np.inf) + 7.0
        if abs(metres - cutoff_m) > MM:
            assert inside == (metres < cutoff_m)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_nearest_k_equals_sorting_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_city(rng)
    linkable = np.unique([network.arc_tail, network.arc_head])
    shops = rng.choice(linkable, 7, replace=False)
    home = rng.choice(linkable, 10, replace=False)
    cost, who = nearest_k(
        graph_of(network),
        at(network, home.tolist()),
        at(network, shops.tolist()),
        target_rank=np.arange(7, dtype=np.int32),
        chosen=np.ones(7, bool),
        k=3,
        limit=LIMIT_M,
    )
    theirs = dijkstra(as_matrix(network), indices=shops, limit=LIMIT_M)[:, home].T
    np.testing.assert_allclose(cost, np.sort(theirs, axis=1)[:, :3], atol=MM, rtol=0)
    for i in range(10):
        named = who[i][who[i] >= 0]
        assert len(set(named.tolist())) == len(named) == np.isfinite(cost[i]).sum()
        np.testing.assert_allclose(cost[i][: len(named)], theirs[i, named], atol=MM, rtol=0)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_edited_fields_equal_scipy_on_the_edited_city(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_city(rng)
    graph, scratch = graph_of(network), None
    scratch = RepairScratch(graph, LIMIT_M)
    linkable = np.unique([network.arc_tail, network.arc_head])
    shops = rng.choice(linkable, 5, replace=False).tolist()
    field = nearest_field(
        graph,
        at(network, shops),
        target_rank=np.arange(5, dtype=np.int32),
        chosen=np.ones(5, bool),
        limit=LIMIT_M,
    )
    more = int(rng.choice(linkable))
    closed = int(rng.integers(5))
    edited = facility_added(field, at(network, [more]), 9, scratch).field
    edited = facility_closed(edited, closed, scratch).field
    open_ = [shop for i, shop in enumerate(shops) if i != closed] + [more]
    # A street gets longer or shorter; shops at its ends must stay where they are.
    arcs = np.flatnonzero(~np.isin(network.arc_tail, open_) & ~np.isin(network.arc_head, open_))
    length_m = network.arc_length_m.copy()
    if len(arcs):
        arc = int(rng.choice(arcs))
        length_m[arc] = float(np.rint(length_m[arc] * rng.choice([0.5, 3.0])))
        edited = path_changed(edited, arc, length_m[arc], length_m[arc], scratch).field
    best = np.full((network.n_nodes,) * 2, np.inf)
    np.minimum.at(best, (network.arc_tail, network.arc_head), length_m)
    best = np.minimum(best, best.T)
    best[np.isinf(best)] = 0
    theirs = dijkstra(csr_array(best), indices=open_, min_only=True, limit=LIMIT_M)
    np.testing.assert_allclose(edited.costs()[0], theirs, atol=MM, rtol=0)


def test_one_scratch_serves_a_thousand_searches() -> None:
    rng = np.random.default_rng(8)
    network = random_city(rng, 200)
    graph = graph_of(network)
    scratch = SearchScratch(graph)
    linkable = np.unique([network.arc_tail, network.arc_head])
    theirs = dijkstra(as_matrix(network), indices=linkable)
    for _ in range(1000):
        i, limit = int(rng.integers(len(linkable))), float(rng.uniform(0, 1500))
        origin = at(network, [int(linkable[i])])
        reached = reached_nodes(graph, origin, limit, scratch)
        assert set(reached.node.tolist()) == set(np.flatnonzero(theirs[i] <= limit).tolist())
        reached_pieces(graph, origin, (limit / 2, limit), scratch)

"""Walks between points and reached nodes: predicted by hand; limits, scratch, order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InvalidParameterError
from analysis.kernels import wave
from analysis.linking.linkage import Linkage
from analysis.testing.cities import grid_city, street_city
from analysis.units import UNITS
from analysis.walks.pairs import reached_nodes, walks_between
from analysis.walks.scratch import SearchScratch
from analysis.walks.walk_graph import WalkGraph
from tests.random_graphs import (
    finite,
    graph_of,
    linked,
    plain_node_costs,
    random_graph,
    random_points,
)


def part(points: Linkage, i: int) -> Linkage:
    """Return one point of several."""
    rows = slice(points.point_first[i], points.point_first[i + 1])
    columns = (points.arc[rows], points.offset_m[rows], points.access_m[rows])
    return linked(list(zip(*columns, strict=True)))


def walk(graph: WalkGraph, origin: tuple, target: tuple, limit: float = np.inf) -> float:
    cost = walks_between(graph, linked([origin]), linked([target]), np.array([[0, 0]]), limit)
    return float(cost[0])


def test_blocks_and_legs_are_added() -> None:
    graph = graph_of(street_city(np.array([[0, 0], [100, 0], [400, 0]], float), [(0, 1), (1, 2)]))
    assert walk(graph, (0, 30.0, 5.0), (1, 40.0, 7.0)) == 5 + 70 + 40 + 7
    assert walk(graph, (1, 40.0, 7.0), (0, 30.0, 5.0)) == 5 + 70 + 40 + 7


def test_the_same_arc_is_walked_directly() -> None:
    graph = graph_of(street_city(np.array([[0, 0], [1000, 0]], float), [(0, 1)]))
    assert walk(graph, (0, 400.0, 1.0), (0, 450.0, 2.0)) == 53
    assert walk(graph, (0, 450.0, 1.0), (0, 400.0, 2.0)) == 53
    assert walk(graph, (0, 400.0, 1.0), (0, 400.0, 2.0)) == 3
    # One way only: round the block, here there is none.
    oneway = graph_of(graph.network, [1000.0], [np.inf])
    assert walk(oneway, (0, 400.0, 1.0), (0, 450.0, 2.0)) == 53
    assert walk(oneway, (0, 450.0, 1.0), (0, 400.0, 2.0)) == np.inf


def test_a_short_cut_beats_the_shared_arc() -> None:
    # 500 m of winding street between two junctions that a path of 20 m joins.
    graph = graph_of(
        street_city(np.array([[0, 0], [20, 0]], float), [(0, 1), (0, 1)], length_m=[500.0, 20.0])
    )
    assert walk(graph, (0, 10.0, 0.0), (0, 480.0, 0.0)) == 10 + 20 + 20


def test_a_search_goes_on_until_its_farthest_target_is_settled() -> None:
    # Ten blocks of 40 m, and one winding street of 500 m that leads past them to their end.
    corners = np.array([(40.0 * i, 0.0) for i in range(11)])
    blocks = [(i, i + 1) for i in range(10)]
    graph = graph_of(street_city(corners, [*blocks, (0, 10)], length_m=[40.0] * 10 + [500.0]))
    near, far = [(0, 10.0, 0.0)], [(9, 40.0, 0.0)]
    pairs = np.array([[0, 0], [0, 1]], np.int32)
    for limit in (500.0, 9000.0, np.inf):
        cost = walks_between(graph, linked([(0, 0.0, 0.0)]), linked(near, far), pairs, limit)
        assert cost.tolist() == [10.0, 400.0]


def test_uphill_costs_more_than_downhill() -> None:
    graph = graph_of(
        street_city(np.array([[0, 0], [100, 0], [200, 0]], float), [(0, 1), (2, 1)]),
        [200.0, 90.0],
        [100.0, 300.0],
        pace=1.5,
    )
    # 50 m at 2 s up, then arc 1 from its head back: 40 m at 3 s; legs at 1.5 s.
    assert walk(graph, (0, 50.0, 2.0), (1, 60.0, 4.0)) == 3 + 100 + 120 + 6
    assert walk(graph, (1, 60.0, 4.0), (0, 50.0, 2.0)) == 6 + 36 + 50 + 3


def test_the_limit_is_included() -> None:
    graph = graph_of(street_city(np.array([[0, 0], [100, 0], [400, 0]], float), [(0, 1), (1, 2)]))
    here, there = (0, 0.0, 0.0), (1, 200.0, 0.0)
    assert walk(graph, here, there, 300.0) == 300
    assert walk(graph, here, there, np.nextafter(300.0, 0)) == np.inf
    assert walk(graph, here, (0, 50.0, 0.0), 50.0) == 50
    assert walk(graph, here, (0, 50.0, 0.0), 49.0) == np.inf
    assert walk(graph, here, (0, 0.0, 0.0), 0.0) == 0


def test_limits_beyond_32_bits_and_none_at_all() -> None:
    graph = graph_of(street_city(np.array([[0, 0], [5e3, 0], [9e6, 0]], float), [(0, 1), (1, 2)]))
    for limit in (9e6, 1e9, 1e30, np.inf):
        assert walk(graph, (0, 0.0, 0.0), (1, 8_994_000.0, 0.0), limit) == 8_999_000
    assert walk(graph, (0, 0.0, 0.0), (1, 8_994_000.0, 0.0), 8e6) == np.inf


def test_what_names_no_point_is_refused() -> None:
    graph = graph_of(grid_city(2, 2))
    two = linked([(0, 1.0, 0.0)], [(1, 1.0, 0.0)])
    for bad in ([[0, 2]], [[2, 0]], [[-1, 0]]):
        with pytest.raises(InvalidParameterError, match="not there"):
            walks_between(graph, two, two, np.array(bad, np.int32), 10.0)
    with pytest.raises(InvalidParameterError, match="0 or more"):
        walks_between(graph, two, two, np.array([[0, 0]], np.int32), float("nan"))
    assert len(walks_between(graph, two, two, np.empty((0, 2), np.int32), 10.0)) == 0


def test_an_unlinked_point_is_nowhere() -> None:
    graph = graph_of(grid_city(2, 2))
    points = linked([], [(1, 1.0, 0.0)])
    pairs = np.array([[0, 1], [1, 0], [0, 0], [1, 1]], np.int32)
    assert walks_between(graph, points, points, pairs, 99.0).tolist() == [np.inf] * 3 + [0]
    assert np.diff(reached_nodes(graph, points, 98.0).first).tolist() == [0, 1]


def test_nodes_on_a_grid_form_a_diamond() -> None:
    graph = graph_of(grid_city(10, 10))
    corner = int(np.flatnonzero((graph.network.node_xy_m == (500, 500)).all(axis=1))[0])
    arc = int(np.flatnonzero(graph.network.arc_tail == corner)[0])
    reached = reached_nodes(graph, linked([(arc, 0.0, 10.0)], [(arc, 0.0, 0.0)]), 310.0)
    blocks = np.abs(graph.network.node_xy_m - 500).sum(axis=1)
    for i, leg in enumerate((10.0, 0.0)):
        rows = slice(reached.first[i], reached.first[i + 1])
        assert sorted(reached.node[rows].tolist()) == np.flatnonzero(blocks <= 300).tolist()
        np.testing.assert_array_equal(reached.cost[rows], blocks[reached.node[rows]] + leg)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_walks_equal_scipy_and_the_order_of_pairs_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(rng)
    origins, targets = random_points(rng, graph, 4), random_points(rng, graph, 5)
    whole = finite(graph.costs.forward).sum() + graph.costs.leg_pace * 2
    limit = rng.choice([0.0, 2.0, whole, rng.uniform(0, whole), np.inf])
    pairs = rng.permutation(np.stack(np.meshgrid(range(4), range(5)), -1).reshape(-1, 2))
    found = walks_between(graph, origins, targets, pairs.astype(np.int32), limit)
    few = pairs[rng.random(len(pairs)) < 0.4].astype(np.int32)
    alone = walks_between(graph, origins, targets, few, limit)
    by_pair = {tuple(pair): cost for pair, cost in zip(pairs.tolist(), found, strict=True)}
    assert alone.tolist() == [by_pair[tuple(pair)] for pair in few.tolist()]
    for (i, j), cost in by_pair.items():
        assert cost == plain_walk(graph, part(origins, i), part(targets, j), limit)


def plain_walk(graph: WalkGraph, origin: Linkage, target: Linkage, limit: float) -> float:
    """Return the cheapest walk by way of scipy's costs of the nodes, or along a shared arc."""
    costs, length_m = graph.costs, graph.network.arc_length_m
    node = plain_node_costs(graph, origin, np.inf)
    best = np.inf

    def at(cost: np.ndarray, a: int, x: float) -> float:
        share = x / length_m[a] if length_m[a] else 0.0
        return float(np.rint(cost[a] * share * UNITS) / UNITS) if np.isfinite(cost[a]) else np.inf

    def leg(metres: float) -> float:
        return float(np.rint(metres * costs.leg_pace * UNITS) / UNITS)

    for b, y, to_m in zip(target.arc, target.offset_m, target.access_m, strict=True):
        on, back = at(costs.forward, b, y), at(costs.backward, b, y)
        tail, head = graph.place[graph.network.arc_tail[b]], graph.place[graph.network.arc_head[b]]
        best = min(best, node[tail] + on + leg(to_m))
        if np.isfinite(back):
            best = min(best, node[head] + (costs.backward[b] - back) + leg(to_m))
        for a, x, from_m in zip(origin.arc, origin.offset_m, origin.access_m, strict=True):
            if a == b and np.isfinite(on) and on >= at(costs.forward, a, x):
                best = min(best, on - at(costs.forward, a, x) + leg(from_m) + leg(to_m))
            if a == b and np.isfinite(back) and back <= at(costs.backward, a, x):
                best = min(best, at(costs.backward, a, x) - back + leg(from_m) + leg(to_m))
    return best if best <= limit else np.inf


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_each_of_many_origins_reaches_what_scipy_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(rng)
    points = random_points(rng, graph, 4)
    limit = rng.choice([0.0, 2.0, 5.0, np.inf, rng.uniform(0, 15) * graph.costs.leg_pace])
    scratch = SearchScratch(graph)
    if rng.random() < 0.5:  # the pool grows on the way
        scratch._narrow = scratch._narrow._replace(waiting=np.empty((1, 2), np.int32))
    reached = reached_nodes(graph, points, limit, scratch)
    for i in range(4):
        expected = plain_node_costs(graph, part(points, i), limit)[graph.place]
        rows = slice(reached.first[i], reached.first[i + 1])
        ours = np.full(graph.network.n_nodes, np.inf)
        ours[reached.node[rows]] = reached.cost[rows]
        assert len(np.unique(reached.node[rows])) == len(reached.node[rows])
        np.testing.assert_array_equal(ours, expected)


def test_no_limit_needs_more_buckets_than_there_are() -> None:
    for limit in (0, 10**9, wave.LONGEST - 1):
        assert limit >> wave.bucket_shift(limit) < wave.N_BUCKETS

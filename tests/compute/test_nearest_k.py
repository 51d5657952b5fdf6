"""The k nearest facilities: predicted by hand, and against one walk to each of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InvalidParameterError
from analysis.linking.linkage import Linkage
from analysis.testing.cities import grid_city, street_city
from analysis.walks.nearest_k import nearest_k
from analysis.walks.pairs import walks_between
from analysis.walks.walk_graph import WalkGraph
from tests.random_graphs import graph_of, linked, random_graph, random_points


def nearest(
    graph: WalkGraph,
    points: Linkage,
    targets: Linkage,
    k: int,
    *,
    limit: float = np.inf,
    rank: list[int] | None = None,
    chosen: list[bool] | None = None,
) -> tuple[list[list[float]], list[list[int]]]:
    n = len(targets.how)
    cost, who = nearest_k(
        graph,
        points,
        targets,
        target_rank=np.array(range(n) if rank is None else rank, np.int32),
        chosen=np.array([True] * n if chosen is None else chosen, bool),
        k=k,
        limit=limit,
    )
    return cost.tolist(), who.tolist()


def street(*x_m: float) -> WalkGraph:
    xy_m = np.array([(x, 0.0) for x in x_m])
    return graph_of(street_city(xy_m, [(i, i + 1) for i in range(len(x_m) - 1)]))


def test_they_come_in_order_with_their_names() -> None:
    graph = street(0, 1000, 2000)
    shops = linked([(1, 500.0, 3.0)], [(0, 100.0, 0.0)], [(0, 900.0, 0.0)])
    home = linked([(0, 400.0, 10.0)])
    assert nearest(graph, home, shops, 2) == ([[310.0, 510.0]], [[1, 2]])
    assert nearest(graph, home, shops, 4) == ([[310.0, 510.0, 1113.0, np.inf]], [[1, 2, 0, -1]])
    assert nearest(graph, home, shops, 3, limit=1112.0) == (
        [[310.0, 510.0, np.inf]],
        [[1, 2, -1]],
    )
    assert nearest(graph, home, shops, 2, chosen=[True, False, True])[1] == [[2, 0]]


def test_a_facility_with_many_entrances_counts_once() -> None:
    graph = street(0, 1000, 2000)
    entrances = linked([(0, 500.0, 0.0)], [(0, 450.0, 0.0)], [(1, 800.0, 0.0)], [(0, 390.0, 0.0)])
    home = linked([(0, 400.0, 0.0)], [(1, 600.0, 0.0)])
    assert nearest(graph, home, entrances, 2, rank=[7, 7, 3, 7]) == (
        [[10.0, 1400.0], [200.0, 1100.0]],
        [[7, 3], [3, 7]],
    )


def test_ties_break_by_rank() -> None:
    graph = graph_of(grid_city(4, 4))
    node = {tuple(xy): i for i, xy in enumerate(graph.network.node_xy_m.tolist())}

    def at(x: float, y: float) -> list[tuple[int, float, float]]:
        return [(int(np.flatnonzero(graph.network.arc_tail == node[x, y])[0]), 0.0, 0.0)]

    shops = linked(at(200, 0), at(0, 200), at(300, 200), at(200, 300))
    home = linked(at(200, 200))
    for rank in ([0, 1, 2, 3], [3, 2, 1, 0], [9, 4, 6, 5]):
        cost, who = nearest(graph, home, shops, 3, rank=rank)
        assert cost == [[100.0, 100.0, 200.0]]
        assert who == [[*sorted(rank[2:]), min(rank[:2])]]


def test_bad_questions_are_refused() -> None:
    graph = street(0, 1000)
    for k, limit in ((0, 10.0), (-3, 10.0), (1, -1.0), (1, float("nan"))):
        with pytest.raises(InvalidParameterError):
            nearest(graph, linked([(0, 1.0, 0.0)]), linked([(0, 1.0, 0.0)]), k, limit=limit)


def test_nobody_is_nearest_where_there_is_none() -> None:
    graph = street(0, 1000)
    assert nearest(graph, linked([]), linked([(0, 1.0, 0.0)]), 1) == ([[np.inf]], [[-1]])
    assert nearest(graph, linked([(0, 1.0, 0.0)]), linked([]), 2) == ([[np.inf] * 2], [[-1] * 2])


def test_on_a_grid_they_are_the_least_manhattan_distances() -> None:
    city = graph_of(grid_city(20, 20))
    xy_m = city.network.node_xy_m
    at = [(int(np.flatnonzero(city.network.arc_tail == node)[0]), 0.0, 0.0) for node in range(400)]
    shops = np.random.default_rng(1).choice(400, 25, replace=False)
    home = [0, 57, 210, 399]
    cost, who = nearest(
        city, linked(*[[at[i]] for i in home]), linked(*[[at[i]] for i in shops]), 8
    )
    for i, node in enumerate(home):
        metres = np.abs(xy_m[shops] - xy_m[node]).sum(axis=1)
        expected = sorted(zip(metres.tolist(), range(25), strict=True))[:8]
        assert list(zip(cost[i], who[i], strict=True)) == expected


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None)
def test_they_equal_the_least_of_all_walks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(rng)
    people, shops = random_points(rng, graph, 5), random_points(rng, graph, 9)
    rank = rng.integers(0, 5, 9).astype(np.int32)
    chosen = rng.random(9) < 0.8
    k, limit = (
        int(rng.integers(1, 6)),
        float(rng.choice([np.inf, 5.0, rng.uniform(0, 20) * graph.costs.leg_pace])),
    )
    cost, who = nearest_k(graph, people, shops, target_rank=rank, chosen=chosen, k=k, limit=limit)
    pairs = np.stack(np.meshgrid(range(5), range(9), indexing="ij"), -1).reshape(-1, 2)
    walk = walks_between(graph, people, shops, pairs.astype(np.int32), limit).reshape(5, 9)
    for i in range(5):
        best = {int(one): float(walk[i, chosen & (rank == one)].min()) for one in set(rank[chosen])}
        expected = sorted((c, one) for one, c in best.items() if np.isfinite(c))[:k]
        expected += [(np.inf, -1)] * (k - len(expected))
        assert list(zip(cost[i].tolist(), who[i].tolist(), strict=True)) == expected


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_input_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(rng)
    people = random_points(rng, graph, 4)
    shops = [
        [(int(rng.integers(graph.network.n_arcs)), 0.0, float(rng.integers(3)))] for _ in range(6)
    ]
    rank = rng.integers(0, 4, 6)
    order = rng.permutation(6)
    one = nearest(graph, people, linked(*shops), 3, rank=rank.tolist())
    other = nearest(graph, people, linked(*[shops[i] for i in order]), 3, rank=rank[order].tolist())
    assert one == other

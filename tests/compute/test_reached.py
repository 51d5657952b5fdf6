"""Reached pieces: predicted by hand, and against a plain computation over all nodes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InvalidParameterError
from analysis.linking.linkage import Linkage
from analysis.streets.network import WalkNetwork
from analysis.testing.cities import grid_city, street_city
from analysis.units import UNITS
from analysis.walks.reached import ReachedPieces, reached_pieces
from analysis.walks.scratch import SearchScratch
from analysis.walks.walk_graph import WalkGraph
from tests.random_graphs import graph_of, linked, plain_node_costs, random_graph, random_points

SLACK_M = 1e-5  # places along an arc are rounded to whole units of its cost, which may be few


def rows_of(pieces: ReachedPieces) -> list[tuple[int, float, float]]:
    columns = (pieces.arc.tolist(), pieces.start_m.tolist(), pieces.end_m.tolist())
    return list(zip(*columns, strict=True))


def reach(graph: WalkGraph, origin: Linkage, *cutoffs: float) -> list[list[tuple]]:
    return [rows_of(one) for one in reached_pieces(graph, origin, cutoffs)]


def street(*x_m: float, **named) -> WalkNetwork:
    """Return a straight street with junctions at `x_m`; arc *i* runs from junction *i*."""
    xy_m = np.array([(x, 0.0) for x in x_m])
    return street_city(xy_m, [(i, i + 1) for i in range(len(x_m) - 1)], **named)


def test_a_street_is_cut_where_the_budget_ends() -> None:
    graph = graph_of(street(0, 100, 400))
    assert reach(graph, linked([(0, 0.0, 20.0)]), 250.0) == [[(0, 0.0, 100.0), (1, 0.0, 130.0)]]


def test_one_walks_both_ways_from_the_middle_of_an_arc() -> None:
    graph = graph_of(street(0, 1000))
    assert reach(graph, linked([(0, 500.0, 20.0)]), 120.0, 20.0, 19.0) == [
        [(0, 400.0, 600.0)],
        [(0, 500.0, 500.0)],
        [],
    ]


def test_waves_from_both_ends_leave_the_middle_out() -> None:
    square = street_city(
        np.array([[0, 0], [100, 0], [100, 100], [0, 100]], float), [(0, 1), (1, 2), (2, 3), (3, 0)]
    )
    origin = linked([(0, 0.0, 0.0)])
    most, all_, half = reach(graph_of(square), origin, 190.0, 200.0, 50.0)
    assert most == [(0, 0.0, 100.0), (1, 0.0, 90.0), (2, 10.0, 100.0), (3, 0.0, 100.0)]
    assert all_ == [(a, 0.0, 100.0) for a in range(4)]
    assert half == [(0, 0.0, 50.0), (3, 50.0, 100.0)]
    # A tent on one arc: both ends reached, 30 m and 20 m of it left over.
    long = street_city(
        np.array([[0, 0], [100, 0]], float), [(0, 1), (0, 1)], length_m=[60.0, 150.0]
    )
    assert reach(graph_of(long), origin, 110.0) == [[(0, 0.0, 60.0), (1, 0.0, 150.0)]]
    assert reach(graph_of(long), origin, 90.0) == [
        [(0, 0.0, 60.0), (1, 0.0, 90.0), (1, 120.0, 150.0)]
    ]


def test_loops_and_parallel_arcs_are_each_walked() -> None:
    city = street_city(
        np.array([[0, 0], [100, 0]], float), [(0, 1), (0, 1), (1, 1)], length_m=[100.0, 130.0, 80.0]
    )
    assert reach(graph_of(city), linked([(0, 0.0, 0.0)]), 120.0) == [
        [(0, 0.0, 100.0), (1, 0.0, 130.0), (2, 0.0, 20.0), (2, 60.0, 80.0)]
    ]
    # Into the loop from one side only.
    open_, closed = np.array([100.0, 130.0, 80.0]), np.array([100.0, 130.0, np.inf])
    graph = graph_of(city, open_, closed)
    assert reach(graph, linked([(0, 0.0, 0.0)]), 120.0)[0][2:] == [(2, 0.0, 20.0)]
    graph = graph_of(city, closed, open_)
    assert reach(graph, linked([(0, 0.0, 0.0)]), 120.0)[0][2:] == [(2, 60.0, 80.0)]


def test_an_arc_without_length_is_reached_whole() -> None:
    graph = graph_of(street(0, 100, 100, 200, length_m=[100.0, 0.0, 100.0]))
    assert reach(graph, linked([(0, 0.0, 0.0)]), 150.0, 100.0) == [
        [(0, 0.0, 100.0), (1, 0.0, 0.0), (2, 0.0, 50.0)],
        [(0, 0.0, 100.0), (1, 0.0, 0.0), (2, 0.0, 0.0)],
    ]
    # With a cost it is reached if that can be paid, and touched otherwise.
    graph = graph_of(graph.network, np.array([100.0, 30.0, 100.0]))
    assert reach(graph, linked([(0, 0.0, 0.0)]), 150.0) == [
        [(0, 0.0, 100.0), (1, 0.0, 0.0), (2, 0.0, 20.0)]
    ]


def test_uphill_and_downhill_are_cut_apart() -> None:
    # From the middle of 100 m: 2 s a metre uphill, 1 s a metre down, a leg at 1.5 s a metre.
    graph = graph_of(street(0, 100), np.array([200.0]), np.array([100.0]), pace=1.5)
    assert reach(graph, linked([(0, 50.0, 10.0)]), 45.0) == [[(0, 20.0, 65.0)]]
    # Closed one way, and the other.
    graph = graph_of(street(0, 100), np.array([np.inf]), np.array([100.0]))
    assert reach(graph, linked([(0, 50.0, 10.0)]), 45.0) == [[(0, 15.0, 50.0)]]
    graph = graph_of(street(0, 100), np.array([100.0]), np.array([np.inf]))
    assert reach(graph, linked([(0, 50.0, 10.0)]), 45.0) == [[(0, 50.0, 85.0)]]


def test_several_points_are_the_nearer_of_them() -> None:
    graph = graph_of(street(0, 1000))
    origin = linked([(0, 700.0, 0.0)], [(0, 100.0, 50.0), (0, 120.0, 0.0)])
    assert reach(graph, origin, 100.0) == [[(0, 20.0, 220.0), (0, 600.0, 800.0)]]
    assert reach(graph, origin, 300.0) == [[(0, 0.0, 1000.0)]]


def test_far_walks_are_counted_exactly() -> None:
    graph = graph_of(street(0, 8000, 20_000))
    assert reach(graph, linked([(0, 0.0, 0.0)]), 8001.0, 15_000.0, np.inf) == [
        [(0, 0.0, 8000.0), (1, 0.0, 1.0)],
        [(0, 0.0, 8000.0), (1, 0.0, 7000.0)],
        [(0, 0.0, 8000.0), (1, 0.0, 12_000.0)],
    ]


def test_the_scratch_may_be_used_again_and_again() -> None:
    graph, scratch = graph_of(grid_city(4, 4)), None
    scratch = SearchScratch(graph)
    origins = [linked([(a, 30.0, 5.0)]) for a in range(graph.network.n_arcs)]
    alone = [reach(graph, origin, 170.0)[0] for origin in origins]
    for _ in range(3):
        again = [rows_of(reached_pieces(graph, one, (170.0,), scratch)[0]) for one in origins]
        assert again == alone
    with pytest.raises(InvalidParameterError, match="another walking graph"):
        reached_pieces(graph_of(grid_city(4, 4)), origins[0], (170.0,), scratch)


@pytest.mark.parametrize("bad", [-1.0, float("nan")])
def test_budgets_that_are_none_are_refused(bad: float) -> None:
    with pytest.raises(InvalidParameterError, match="0 or more"):
        reached_pieces(graph_of(grid_city(1, 1)), linked([(0, 0.0, 0.0)]), (10.0, bad))


def plainly_reached(graph: WalkGraph, origin: Linkage, cutoff: float) -> list[tuple]:
    """Return the pieces by looking at every arc, with lists and sorting."""
    network, costs = graph.network, graph.costs
    cutoff = np.floor(cutoff * UNITS) / UNITS
    node = plain_node_costs(graph, origin, cutoff)
    stretches: dict[int, list[tuple[float, float]]] = {}
    for a in range(network.n_arcs):
        length, on, back = network.arc_length_m[a], costs.forward[a], costs.backward[a]
        left = cutoff - node[graph.place[network.arc_tail[a]]]
        if left >= 0 and np.isfinite(on):
            stretches.setdefault(a, []).append((0.0, length if left >= on else length * left / on))
        left = cutoff - node[graph.place[network.arc_head[a]]]
        if left >= 0 and np.isfinite(back):
            low = 0.0 if left >= back else length - length * left / back
            stretches.setdefault(a, []).append((low, length))
    for a, x, leg_m in zip(origin.arc, origin.offset_m, origin.access_m, strict=True):
        left = cutoff - np.rint(leg_m * costs.leg_pace * UNITS) / UNITS
        if left < 0:
            continue
        length, on, back = network.arc_length_m[a], costs.forward[a], costs.backward[a]
        low = high = x
        if np.isfinite(on):
            high = (
                length
                if left >= on * (1 - (x / length if length else 0)) - 1e-9
                else x + left * length / on
            )
        if np.isfinite(back):
            low = (
                0.0
                if left >= back * (x / length if length else 0) - 1e-9
                else x - left * length / back
            )
        stretches.setdefault(int(a), []).append((low, high))
    out: list[tuple] = []
    for a, found in sorted(stretches.items()):
        merged: list[list[float]] = []
        for low, high in sorted(found):
            if merged and low <= merged[-1][1] + SLACK_M:
                merged[-1][1] = max(merged[-1][1], high)
            else:
                merged.append([low, high])
        out += [(a, low, high) for low, high in merged]
    return out


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=400, deadline=None)
def test_pieces_equal_a_look_at_every_arc(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(rng)
    origin = random_points(rng, graph, int(rng.integers(1, 4)))
    whole = float(np.nan_to_num(graph.costs.forward, posinf=0).sum()) + 1
    cutoffs = tuple(
        rng.choice(
            [
                0.0,
                1.0,
                2.0,
                *rng.uniform(0, whole, 3),
                *rng.uniform(0, 10, 2) * graph.costs.leg_pace,
            ],
            3,
        )
    )
    for cutoff, pieces in zip(cutoffs, reached_pieces(graph, origin, cutoffs), strict=True):
        expected = plainly_reached(graph, origin, cutoff)
        ours = joined(rows_of(pieces))
        assert [row[0] for row in ours] == [row[0] for row in expected]
        np.testing.assert_allclose(
            np.array([row[1:] for row in ours]).reshape(-1, 2),
            np.array([row[1:] for row in expected]).reshape(-1, 2),
            atol=SLACK_M,
        )


def joined(rows: list[tuple]) -> list[tuple]:
    """Check the order and join stretches that only a rounding keeps apart."""
    out: list[tuple] = []
    for a, low, high in rows:
        assert low <= high
        if out and out[-1][0] == a:
            assert out[-1][2] < low
            if low <= out[-1][2] + SLACK_M:
                out[-1] = (a, out[-1][1], high)
                continue
        assert not out or out[-1][0] <= a
        out.append((a, low, high))
    return out


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_cutoffs_do_not_know_of_each_other_and_nest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(rng)
    origin = random_points(rng, graph, 2)
    cutoffs = tuple(rng.uniform(0, 12, 4) * graph.costs.leg_pace)
    together = reach(graph, origin, *cutoffs)
    assert together == [reach(graph, origin, cutoff)[0] for cutoff in cutoffs]
    by_budget = [rows for _, rows in sorted(zip(cutoffs, together, strict=True))]
    for small, large in zip(by_budget, by_budget[1:], strict=False):
        for a, low, high in small:
            assert any(a == b and at <= low and high <= to for b, at, to in large)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_many_origins_are_the_union_of_each(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(rng)
    points = random_points(rng, graph, 3)
    cutoff = rng.uniform(0, 8) * graph.costs.leg_pace
    alone = []
    for i in range(3):
        part = slice(points.point_first[i], points.point_first[i + 1])
        rows = zip(points.arc[part], points.offset_m[part], points.access_m[part], strict=True)
        alone += reach(graph, linked(list(rows)), cutoff)[0]
    together = reach(graph, points, cutoff)[0]
    for a, low, high in alone:
        assert any(a == b and at <= low + 1e-9 and high <= to + 1e-9 for b, at, to in together)
    for a, low, high in together:
        assert any(a == b and at <= low + 1e-9 and low <= to + 1e-9 for b, at, to in alone)
        assert any(a == b and at <= high + 1e-9 and high <= to + 1e-9 for b, at, to in alone)

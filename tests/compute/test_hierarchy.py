"""Contraction: places, climbs and their costs, against hand counts and the plain way to do it."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.kernels.elimination import contraction_order, nested_places
from analysis.kernels.hierarchy import climbs
from analysis.kernels.wave import LONGEST
from analysis.streets.node_order import locality_order
from analysis.testing.cities import grid_city, street_city
from analysis.units import UNITS
from analysis.walking import walk_profile
from analysis.walks.hierarchy import hierarchy_of
from analysis.walks.walk_costs import WalkCosts, walk_costs
from analysis.walks.walk_graph import WalkGraph, walk_graph

ADULT = walk_profile("adult", speed_m_s=1.2)


def ends(arcs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    tail, head = np.array(arcs, dtype=np.int32).reshape(-1, 2).T
    return tail.copy(), head.copy()


def ring(n: int) -> list[tuple[int, int]]:
    return [(i, (i + 1) % n) for i in range(n)]


def climbs_of(n: int, arcs: list[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return (lower, upper) of all climbs when nodes are contracted as they are numbered."""
    first, upper = climbs(n, *ends(arcs))
    lower = np.repeat(np.arange(n), np.diff(first))
    pairs = list(zip(lower.tolist(), upper[: len(lower)].tolist(), strict=True))
    assert pairs == sorted(set(pairs))
    return set(pairs)


def contracted_plainly(n: int, arcs: list[tuple[int, int]]) -> set[tuple[int, int]]:
    around: list[set[int]] = [set() for _ in range(n)]
    for a, b in arcs:
        if a != b:
            around[a].add(b)
            around[b].add(a)
    pairs = set()
    for v in range(n):
        above = {u for u in around[v] if u > v}
        pairs |= {(v, u) for u in above}
        for a, b in combinations(above, 2):
            around[a].add(b)
            around[b].add(a)
    return pairs


def test_contracting_a_ring_joins_what_it_leaves() -> None:
    # 0 joins 1 and 4, 1 joins 2 and 4, 2 joins 3 and 4.
    assert climbs_of(5, ring(5)) == {(0, 1), (0, 4), (1, 2), (1, 4), (2, 3), (2, 4), (3, 4)}


def test_a_tree_needs_no_short_cuts() -> None:
    # A street of 12 junctions with a dead end at each, numbered at random.
    rng = np.random.default_rng(3)
    name = rng.permutation(24)
    arcs = [(name[i], name[i + 1]) for i in range(11)] + [
        (name[i], name[12 + i]) for i in range(12)
    ]
    place = locality_order(24, *ends(arcs))
    assert sorted(place.tolist()) == list(range(24))
    renamed = [(place[a], place[b]) for a, b in arcs]
    assert len(climbs_of(24, renamed)) == 23


def test_a_hub_is_contracted_after_its_dead_ends() -> None:
    arcs = [(2, i) for i in (0, 1, 3, 4)]
    order = contraction_order(5, *ends(arcs))
    # With one dead end left the hub is as good as that: both hang on each other alone.
    assert set(order[:3].tolist()) < {0, 1, 3, 4}


def test_what_hangs_below_a_node_lies_right_before_it() -> None:
    tail, head = ends([(0, 4), (1, 4), (2, 5), (3, 5), (4, 6), (5, 6)])
    place = nested_places(np.array([0, 2, 1, 3, 4, 5, 6], dtype=np.int32), tail, head)
    below = {
        node: sorted(place[list(under)].tolist()) for node, under in ((4, (0, 1)), (5, (2, 3)))
    }
    assert place[6] == 6
    for node, under in below.items():
        assert under == [place[node] - 2, place[node] - 1]


def test_loops_parallels_and_lonely_nodes_change_nothing() -> None:
    plain = ring(6)
    more = [*plain, (2, 2), (1, 0), (3, 4)]
    assert climbs_of(8, more) == climbs_of(8, plain)
    np.testing.assert_array_equal(locality_order(8, *ends(more)), locality_order(8, *ends(plain)))
    assert locality_order(0, *ends([])).tolist() == []
    assert sorted(locality_order(3, *ends([])).tolist()) == [0, 1, 2]


@given(seed=st.integers(0, 10_000), n=st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_climbs_are_those_of_contracting_one_by_one(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    arcs = rng.integers(0, n, (rng.integers(0, 3 * n), 2)).tolist()
    assert climbs_of(n, arcs) == contracted_plainly(n, arcs)
    tail, head = ends(arcs)
    order = contraction_order(n, tail, head)
    assert sorted(order.tolist()) == list(range(n))
    rank, place = np.argsort(order), nested_places(order, tail, head)
    assert sorted(place.tolist()) == list(range(n))
    # The nested places contract alike: the same pairs by name, only in another sequence.
    by_rank = {
        frozenset(order[list(p)].tolist())
        for p in climbs_of(n, rank[np.array(arcs, int).reshape(-1, 2)].tolist())
    }
    node = np.argsort(place)
    by_place = {
        frozenset(node[list(p)].tolist())
        for p in climbs_of(n, place[np.array(arcs, int).reshape(-1, 2)].tolist())
    }
    assert by_rank == by_place


def test_a_city_contracts_to_few_climbs() -> None:
    city = grid_city(60, 60)
    graph = walk_graph(city, walk_costs(city, ADULT, "metres"))
    # A good order leaves n log n climbs (George 1973), the one along the streets n^1.5: 227,000.
    assert len(hierarchy_of(graph).upper) < 60_000


def shortest_through_lower(graph: WalkGraph) -> dict[tuple[int, int], float]:
    """Return for all pairs of places the least walk over places below both, by trying all."""
    n = graph.network.n_nodes
    cost = np.full((n, n), np.inf)
    tail, head = graph.place[graph.network.arc_tail], graph.place[graph.network.arc_head]
    np.minimum.at(cost, (tail, head), graph.costs.forward)
    np.minimum.at(cost, (head, tail), graph.costs.backward)
    for v in range(n):  # Floyd and Warshall, stopped short: only what lies above v gains by v
        above = slice(v + 1, n)
        over = cost[above, v, None] + cost[None, v, above]
        cost[above, above] = np.minimum(cost[above, above], over)
    return {(a, b): cost[a, b] for a in range(n) for b in range(n) if a != b}


@given(seed=st.integers(0, 10_000), even=st.booleans())
@settings(max_examples=100, deadline=None)
def test_climbs_cost_the_least_walk_below(seed: int, even: bool) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 10))
    arcs = rng.integers(0, n, (rng.integers(1, 3 * n), 2))
    network = street_city(rng.uniform(0, 100, (n, 2)), arcs.tolist())
    both = rng.integers(0, 50, (2, network.n_arcs)).astype(float)
    both[rng.random(both.shape) < 0.2] = np.inf
    costs = WalkCosts(
        measure="seconds", forward=both[0], backward=both[0] if even else both[1], leg_pace=1.0
    )
    graph = walk_graph(network, costs)
    hierarchy, least = hierarchy_of(graph), shortest_through_lower(graph)
    assert (hierarchy.falling is hierarchy.rising) == (graph.inwards is graph.outwards)
    lower = np.repeat(np.arange(n), np.diff(hierarchy.first))
    for k, (v, u) in enumerate(zip(lower.tolist(), hierarchy.upper.tolist(), strict=True)):
        for units, walk in ((hierarchy.rising[k], (u, v)), (hierarchy.falling[k], (v, u))):
            assert (np.inf if units == LONGEST else units / UNITS) == least[walk]


def test_a_hierarchy_is_read_only() -> None:
    city = grid_city(1, 1)
    hierarchy = hierarchy_of(walk_graph(city, walk_costs(city, ADULT, "metres")))
    with pytest.raises(ValueError, match="read-only"):
        hierarchy.rising[0] = 1

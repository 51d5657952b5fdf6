"""Nearest of many groups at once: predicted by hand, and scipy in float64 on random graphs."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from analysis.errors import InvalidParameterError
from analysis.linking.linkage import Linkage
from analysis.streets.network import WalkNetwork
from analysis.streets.node_places import NodePlaces
from analysis.testing.cities import grid_city, street_city
from analysis.units import quantised
from analysis.walking import ArcFlag, walk_profile
from analysis.walks.hierarchy import hierarchy_of
from analysis.walks.travel_time import (
    NOWHERE,
    Nearest,
    TargetGroup,
    node_costs_to_nearest,
    walk_to_nearest,
)
from analysis.walks.walk_costs import WalkCosts, walk_costs
from analysis.walks.walk_graph import WalkGraph, walk_graph

ADULT = walk_profile("adult", speed_m_s=1.2)


def in_metres(network: WalkNetwork) -> WalkGraph:
    return walk_graph(network, walk_costs(network, ADULT, "metres"))


def linked(feet: list[list[tuple[int, float, float]]]) -> Linkage:
    """Link points to (arc, metres from its tail, metres of access leg); an empty list to nothing."""
    table = np.array([foot for one in feet for foot in one], dtype=float).reshape(-1, 3)
    return Linkage(
        point_first=np.cumsum([0, *map(len, feet)]).astype(np.int32),
        arc=table[:, 0].astype(np.int32),
        offset_m=table[:, 1].copy(),
        access_m=table[:, 2].copy(),
        how=np.zeros(len(feet), dtype=np.uint8),
    )


def at_nodes(network: WalkNetwork, nodes: list[int]) -> Linkage:
    """Link points that stand on nodes, by all arcs that meet there."""
    feet = []
    for node in nodes:
        out = [(int(a), 0.0, 0.0) for a in np.flatnonzero(network.arc_tail == node)]
        back = np.flatnonzero(network.arc_head == node)
        feet.append([*out, *((int(a), float(network.arc_length_m[a]), 0.0) for a in back)])
    return linked(feet)


def every(n: int, limit: float) -> TargetGroup:
    return TargetGroup(chosen=np.ones(n, dtype=bool), limit=limit)


def from_nodes(
    graph: WalkGraph, nodes: list[int], limit: float, rank: list[int] | None = None
) -> Nearest:
    return node_costs_to_nearest(
        graph, at_nodes(graph.network, nodes),
        target_rank=np.array(range(len(nodes)) if rank is None else rank, dtype=np.int32),
        groups=[every(len(nodes), limit)],
    )  # fmt: skip


def test_a_grid_with_ties() -> None:
    # Shops at two opposite corners of 4 × 4 blocks: the diagonal between is as far from both.
    found = from_nodes(in_metres(grid_city(4, 4)), [24, 0], 1000.0)
    steps = np.add.outer(np.arange(5), np.arange(5))
    assert (
        found.cost[:, 0].reshape(5, 5).tolist() == (100.0 * np.minimum(steps, 8 - steps)).tolist()
    )
    assert found.rank[:, 0].reshape(5, 5).tolist() == (steps < 4).astype(int).tolist()


def test_a_ring_is_walked_the_shorter_way_round() -> None:
    angle = np.arange(8) * np.pi / 4
    network = street_city(
        100 * np.column_stack([np.cos(angle), np.sin(angle)]),
        [(i, (i + 1) % 8) for i in range(8)],
        length_m=[50.0] * 8,
    )
    found = from_nodes(in_metres(network), [0], 150.0)
    assert found.cost[:, 0].tolist() == [0, 50, 100, 150, np.inf, 150, 100, 50]
    assert found.rank[:, 0].tolist() == [0, 0, 0, 0, NOWHERE, 0, 0, 0]


def test_arcs_of_no_length_and_parallel_arcs() -> None:
    network = street_city(
        np.array([[0, 0], [1, 0], [2, 0], [3, 0]], float),
        [(0, 1), (1, 2), (1, 2), (2, 3), (3, 3)],
        length_m=[0.0, 7.0, 5.0, 0.0, 4.0],
    )
    found = from_nodes(in_metres(network), [3, 2], 100.0, rank=[1, 0])
    assert found.cost[:, 0].tolist() == [5, 5, 0, 0]
    # Both shops are at no distance from each other: the smaller rank is named everywhere.
    assert found.rank[:, 0].tolist() == [0, 0, 0, 0]


def test_one_way_arcs_are_walked_towards_the_shop() -> None:
    network = street_city(
        np.array([[0, 0], [100, 0], [200, 0]], float),
        [(0, 1), (1, 2)],
        flags=[int(ArcFlag.NO_BACKWARD), 0],
    )
    assert from_nodes(in_metres(network), [1], 1e4).cost[:, 0].tolist() == [100, 0, 100]
    assert from_nodes(in_metres(network), [0], 1e4).cost[:, 0].tolist() == [0, np.inf, np.inf]


def test_a_limit_is_kept_and_one_unit_more_is_not() -> None:
    graph = in_metres(grid_city(3, 1))
    for limit, far in ((300.0, 300.0), (np.nextafter(300.0, 0.0), np.inf), (299.9, np.inf)):
        found = from_nodes(graph, [0], limit)
        assert found.cost[6, 0] == far
        assert (found.rank[6, 0] == NOWHERE) == np.isinf(far)
    assert from_nodes(graph, [0], 0.0).cost[:2, 0].tolist() == [0.0, np.inf]


@pytest.mark.parametrize("limit", [20_000.0, 1e9, 1e30, np.inf])
def test_farther_than_uint32_counts(limit: float) -> None:
    network = street_city(
        np.array([[0, 0], [9000, 0], [18_000, 0], [30_000, 0]], float), [(0, 1), (1, 2), (2, 3)]
    )
    cost = from_nodes(in_metres(network), [0], limit).cost[:, 0]
    assert cost.tolist() == [0, 9000, 18_000, np.inf if limit == 20_000.0 else 30_000]
    # A limit below the cap leaves out what lies beyond, however long the arcs.
    assert from_nodes(in_metres(network), [0], 8000.0).cost[:, 0].tolist() == [0, *[np.inf] * 3]


def test_no_overflow_where_ranks_leave_few_bits() -> None:
    network = street_city(np.array([[0, 0], [9000, 0]], float), [(0, 1)])
    found = from_nodes(in_metres(network), [0, 1], 1e6, rank=[2**20, 2**20 + 1])
    assert found.cost[:, 0].tolist() == [0, 0]
    assert found.rank[:, 0].tolist() == [2**20, 2**20 + 1]
    with pytest.raises(InvalidParameterError, match="too far"):
        from_nodes(in_metres(network), [0], np.inf, rank=[2**30])


@pytest.mark.parametrize("limit", [-1.0, np.nan])
def test_a_limit_below_nothing_is_refused(limit: float) -> None:
    with pytest.raises(InvalidParameterError):
        from_nodes(in_metres(grid_city(1, 1)), [0], limit)


def test_a_hierarchy_of_another_graph_is_refused() -> None:
    one, other = in_metres(grid_city(1, 1)), in_metres(grid_city(1, 1))
    with pytest.raises(InvalidParameterError, match="another graph"):
        node_costs_to_nearest(
            one, linked([]), target_rank=np.zeros(0, dtype=np.int32), groups=[],
            hierarchy=hierarchy_of(other),
        )  # fmt: skip


def test_every_group_has_its_own_targets_and_limit() -> None:
    city = grid_city(9, 1)
    along = list(range(0, 20, 2))  # the lower street
    chosen = np.eye(10, dtype=bool)
    groups = [TargetGroup(chosen=chosen[i % 10], limit=100.0 * (i // 10)) for i in range(40)]
    groups.append(TargetGroup(chosen=np.zeros(10, dtype=bool), limit=1e4))
    found = node_costs_to_nearest(
        in_metres(city), at_nodes(city, along),
        target_rank=np.arange(100, 110, dtype=np.int32), groups=groups,
    )  # fmt: skip
    for i in range(40):
        blocks = np.abs(np.arange(10) - i % 10)
        expected = np.where(blocks <= i // 10, 100.0 * blocks, np.inf)
        assert found.cost[along, i].tolist() == expected.tolist()
        assert set(found.rank[:, i]) <= {100 + i % 10, NOWHERE}
    assert np.isinf(found.cost[:, 40]).all()
    assert (found.rank[:, 40] == NOWHERE).all()


def test_nobody_asked_or_nothing_there() -> None:
    city = grid_city(1, 1)
    graph, people = in_metres(city), linked([[(0, 10.0, 5.0)], []])
    nothing, shop = linked([]), linked([[(0, 60.0, 1.0)]])
    ask = {"target_rank": np.zeros(0, dtype=np.int32)}
    alone = walk_to_nearest(graph, people, nothing, groups=[every(0, 9.0)], **ask)
    assert alone.cost.tolist() == [[np.inf], [np.inf]]
    assert walk_to_nearest(graph, people, nothing, groups=[], **ask).cost.shape == (2, 0)
    ask = {"target_rank": np.zeros(1, dtype=np.int32), "groups": [every(1, 1e3)]}
    assert walk_to_nearest(graph, nothing, shop, **ask).cost.shape == (0, 1)
    both = walk_to_nearest(graph, people, shop, **ask)
    assert both.cost.tolist() == [[5 + 50 + 1], [np.inf]]
    assert both.rank.tolist() == [[0], [NOWHERE]]
    unlinked = walk_to_nearest(graph, people, linked([[]]), **ask)
    assert np.isinf(unlinked.cost).all()


def test_along_one_arc_each_way_has_its_cost() -> None:
    # A hill: 100 m that take 200 s up and 80 s down; the way round takes 1,000 s.
    network = street_city(
        np.array([[0, 0], [100, 0], [50, 50]], float),
        [(0, 1), (1, 2), (2, 0)],
        length_m=[100.0] * 3,
    )
    costs = WalkCosts(
        measure="seconds",
        forward=np.array([200.0, 500.0, 500.0]),
        backward=np.array([80.0, 500.0, 500.0]),
        leg_pace=2.0,
    )
    graph = walk_graph(network, costs)
    found = walk_to_nearest(
        graph, linked([[(0, 25.0, 3.0)], [(0, 75.0, 0.0)]]),
        linked([[(0, 75.0, 5.0)], [(0, 25.0, 0.0)]]),
        target_rank=np.arange(2, dtype=np.int32),
        groups=[TargetGroup(chosen=np.arange(2) == i, limit=1e4) for i in range(2)],
    )  # fmt: skip
    # Up 50 m and down 50 m, legs of 3 and 5 m at 2 s each.
    assert found.cost.tolist() == [[6 + 100 + 10, 6 + 0], [10, 40]]
    closed = WalkCosts(
        measure="seconds",
        forward=np.array([np.inf, 500.0, 500.0]),
        backward=costs.backward,
        leg_pace=2.0,
    )
    found = walk_to_nearest(
        walk_graph(network, closed), linked([[(0, 25.0, 0.0)]]), linked([[(0, 75.0, 0.0)]]),
        target_rank=np.zeros(1, dtype=np.int32), groups=[every(1, 1e4)],
    )  # fmt: skip
    assert found.cost.tolist() == [[20 + 1000 + 20]]


def test_of_targets_as_near_along_an_arc_the_smaller_rank_is_named() -> None:
    street = street_city(np.array([[0, 0], [100, 0]], float), [(0, 1)])
    shops = linked([[(0, 70.0, 0.0)], [(0, 30.0, 0.0)]])
    for rank in ([4, 7], [7, 4]):
        found = walk_to_nearest(
            in_metres(street), linked([[(0, 50.0, 0.0)]]), shops,
            target_rank=np.array(rank, dtype=np.int32), groups=[every(2, 100.0)],
        )  # fmt: skip
        assert found.cost.tolist() == [[20.0]]
        assert found.rank.tolist() == [[4]]


@dataclass(frozen=True, eq=False)
class World:
    """A random graph of costs that differ by direction, and shops on some of its nodes."""

    graph: WalkGraph
    shops: list[int]
    rank: np.ndarray
    groups: list[TargetGroup]

    def ask(self, graph: WalkGraph | None = None, **how: object) -> Nearest:
        graph = graph or self.graph
        targets = at_nodes(graph.network, self.shops)
        return node_costs_to_nearest(
            graph, targets, target_rank=self.rank, groups=self.groups, **how
        )


def random_world(seed: int, n_groups: int = 3) -> World:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 40))
    ends = rng.integers(0, n, (int(rng.integers(1, 4 * n)), 2))
    coarse = bool(rng.random() < 0.5)  # then there are ties, and ways that cost nothing
    length_m = rng.integers(0, 4, len(ends)) * 50.0 if coarse else rng.uniform(0, 200, len(ends))
    network = street_city(rng.uniform(0, 500, (n, 2)), ends.tolist(), length_m=length_m.tolist())
    kind = int(rng.integers(3))
    forward = quantised(network.arc_length_m * (1.0 if kind == 0 else rng.choice([0.5, 1, 2, 7.3])))
    backward = forward.copy()
    if kind == 2:
        backward = quantised(backward * rng.choice([1, 1.5], network.n_arcs))
        forward[rng.random(network.n_arcs) < 0.15] = np.inf
        backward[rng.random(network.n_arcs) < 0.15] = np.inf
    graph = walk_graph(
        network, WalkCosts(measure="seconds", forward=forward, backward=backward, leg_pace=1.0)
    )
    # A shop on a node is entered by an arc that leaves it.
    left = np.union1d(
        network.arc_tail[np.isfinite(forward)], network.arc_head[np.isfinite(backward)]
    )
    shops = rng.choice(left, min(len(left), 6)).tolist() if len(left) else []
    groups = [
        TargetGroup(chosen=rng.random(len(shops)) < 0.6, limit=float(rng.choice([100, 333.3, 1e5])))
        for _ in range(n_groups)
    ]
    return World(
        graph, shops, rng.permutation(len(shops) + 3)[: len(shops)].astype(np.int32), groups
    )


def by_scipy(world: World) -> np.ndarray:
    """Return the cost from each node to each shop, float64 [s, n]."""
    network, costs = world.graph.network, world.graph.costs
    least: dict[tuple[int, int], float] = {}
    for tail, head, way in (
        (network.arc_tail, network.arc_head, costs.forward),
        (network.arc_head, network.arc_tail, costs.backward),
    ):
        for a, b, cost in zip(tail.tolist(), head.tolist(), way.tolist(), strict=True):
            if np.isfinite(cost):
                least[b, a] = min(least.get((b, a), np.inf), cost)  # backwards: from the shops
    at = sorted(least)
    rows, columns = np.array(at, dtype=np.int32).reshape(-1, 2).T
    first = np.searchsorted(rows, np.arange(network.n_nodes + 1)).astype(np.int32)
    matrix = csr_array(
        (np.array([least[p] for p in at], dtype=float), columns, first),
        shape=(network.n_nodes,) * 2,
    )
    return dijkstra(matrix, indices=world.shops).reshape(len(world.shops), network.n_nodes)


@given(seed=st.integers(0, 100_000))
@settings(max_examples=400, deadline=None)
def test_costs_equal_scipy_bit_for_bit_and_ranks_are_the_smallest(seed: int) -> None:
    world = random_world(seed)
    found, by_shop = world.ask(), by_scipy(world)
    for lane, group in enumerate(world.groups):
        chosen = np.where(group.chosen[:, None] & (by_shop <= group.limit), by_shop, np.inf)
        least = chosen.min(axis=0, initial=np.inf)
        np.testing.assert_array_equal(found.cost[:, lane], least)
        ranks = np.where(chosen == least, world.rank[:, None], 99).min(axis=0, initial=99)
        np.testing.assert_array_equal(
            found.rank[:, lane], np.where(np.isinf(least), NOWHERE, ranks)
        )


@given(seed=st.integers(0, 100_000))
@settings(max_examples=50, deadline=None)
def test_answers_do_not_depend_on_how_they_are_found(seed: int) -> None:
    world = random_world(seed, n_groups=20)
    plain, network = world.ask(), world.graph.network
    backwards = np.random.default_rng(seed).permutation(network.n_nodes).astype(np.int32)
    places = NodePlaces(network.n_nodes, network.arc_tail, network.arc_head, backwards)
    elsewhere = walk_graph(_with_places(network, places), world.graph.costs)
    for other in (
        world.ask(threads=3),
        world.ask(hierarchy=hierarchy_of(world.graph)),
        world.ask(elsewhere),
    ):
        np.testing.assert_array_equal(other.cost, plain.cost)
        np.testing.assert_array_equal(other.rank, plain.rank)
    unnamed = world.ask(identities=False)
    np.testing.assert_array_equal(unnamed.cost, plain.cost)
    assert unnamed.rank.shape == (network.n_nodes, 0)


def _with_places(network: WalkNetwork, places: NodePlaces) -> WalkNetwork:
    from dataclasses import fields

    known = {one.name: getattr(network, one.name) for one in fields(network)}
    return WalkNetwork(**(known | {"places": places}))

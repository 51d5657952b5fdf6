"""Approach: walks to the nearest, their slope and the roads they cross, predicted and compared."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from analysis.judgement.on_the_way import crossing_answer, slope_answer
from analysis.linking.linkage import Linkage
from analysis.reach.approach import approaches
from analysis.standard.figures import Known, Unknown
from analysis.standard.rules import Target
from analysis.streets.network import WalkNetwork, build_network
from analysis.testing.cities import TEST_CRS, grid_city, on_hills, street_city
from analysis.walking import ArcFlag, Crossing
from analysis.walks.travel_time import TargetGroup
from tests.random_worlds import graph_of, linked, nearest, random_world


def walked(network: WalkNetwork, people, shops, *, limit=3000.0):
    graph = graph_of(network)
    points, targets = linked(network, people), linked(network, shops)
    group = TargetGroup(chosen=np.ones(len(targets.how), dtype=bool), limit=limit)
    rank = np.arange(len(targets.how), dtype=np.int32)
    (found,) = approaches(graph, points, targets, target_rank=rank, groups=[group])
    return found, nearest(graph, points, targets, limit=limit)


@pytest.mark.parametrize("seed", range(40))
def test_costs_are_those_of_the_search_to_the_nearest(seed):
    """Every bit of them: the tree is the search's own."""
    world = random_world(seed, n_nodes=60, n_people=30, n_shops=4)
    network = on_hills(world.network(), lambda x, y: 0.05 * x + 0.0 * y)
    found, expected = walked(network, world.people, world.shops)
    assert np.array_equal(found.cost, expected.cost[:, 0])
    reached = np.isfinite(found.cost)
    assert (found.street_m <= found.cost + 1e-9)[reached].all()
    assert (found.street_m[~reached] == 0.0).all()
    assert (found.rise_m <= 0.05 * found.street_m + 1e-6).all()


@pytest.mark.parametrize("seed", range(10))
def test_on_a_grid_all_metres_are_the_streets(seed):
    """Homes and shops at crossings: blocks east plus blocks north, and no access legs."""
    rng = np.random.default_rng(seed)
    homes, shops = rng.integers(0, 8, (20, 2)) * 100.0, rng.integers(0, 8, (3, 2)) * 100.0
    found, _ = walked(grid_city(7, 7), homes, shops)
    expected = np.abs(homes[:, None, :] - shops[None, :, :]).sum(axis=2).min(axis=1)
    assert found.cost.tolist() == expected.tolist()
    assert found.street_m.tolist() == expected.tolist()


def at_nodes(network: WalkNetwork, nodes) -> Linkage:
    """Return points that stand at nodes, each linked to one arc that ends there."""
    arc = [int(np.flatnonzero((network.arc_tail == u) | (network.arc_head == u))[0]) for u in nodes]
    offset_m = np.where(network.arc_tail[arc] == nodes, 0.0, network.arc_length_m[arc])
    return Linkage(
        point_first=np.arange(len(arc) + 1, dtype=np.int32),
        arc=np.array(arc, dtype=np.int32),
        offset_m=offset_m,
        access_m=np.zeros(len(arc)),
        how=np.zeros(len(arc), dtype=np.uint8),
    )


@pytest.mark.parametrize("seed", range(20))
def test_rise_and_fall_are_those_of_the_path_that_another_engine_finds(seed):
    rng = np.random.default_rng(seed)
    world = random_world(seed, n_nodes=60)
    network = on_hills(
        world.network(), lambda x, y: 40.0 * np.sin(x / 150.0) + 30.0 * np.cos(y / 200.0)
    )
    terrain = network.terrain
    rise_m = terrain.arc_sums(terrain.run_m * np.abs(terrain.grade))
    streets = nx.Graph()
    for a in range(network.n_arcs):
        u, v, m = network.arc_tail[a], network.arc_head[a], network.arc_length_m[a]
        if not streets.has_edge(u, v) or streets[u][v]["m"] > m:
            streets.add_edge(u, v, m=m, rise_m=rise_m[a])
    nodes = sorted(streets)
    homes, shops = rng.choice(nodes, 15), rng.choice(nodes, 3, replace=False)
    group = TargetGroup(chosen=np.ones(3, dtype=bool), limit=5000.0)
    (found,) = approaches(
        graph_of(network), at_nodes(network, homes), at_nodes(network, shops),
        target_rank=np.arange(3, dtype=np.int32), groups=[group],
    )  # fmt: skip
    to_shops = nx.multi_source_dijkstra(streets, set(shops.tolist()), weight="m")
    for i, home in enumerate(homes):
        if home not in to_shops[0]:
            assert np.isinf(found.cost[i])
            continue
        path = to_shops[1][home]
        assert found.cost[i] == to_shops[0][home]
        expected = sum(streets[u][v]["rise_m"] for u, v in zip(path, path[1:], strict=False))
        assert found.rise_m[i] == pytest.approx(expected, abs=1e-6)


def test_landings_of_no_length_are_walked():
    """Three nodes at one place, 100 m from the shop: the walk passes all of them."""
    network = street_city(
        np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 0.0], [100.0, 0.0], [200.0, 0.0]]),
        [(0, 1), (1, 2), (2, 3), (3, 4)],
        length_m=[100.0, 0.0, 0.0, 100.0],
    )
    found, _ = walked(network, [[10.0, 0.0]], [[190.0, 0.0]])
    assert found.cost.tolist() == [180.0]
    assert found.street_m.tolist() == [180.0]


def test_slope_is_the_mean_over_all_metres_walked():
    """Ground rises 1 in 10 eastwards. 300 m east by 2 people, 200 m north by 1: 60 m / 800 m."""
    network = on_hills(grid_city(6, 6), lambda x, y: 0.1 * x + 0.0 * y)
    people = np.array([2.0, 1.0, 5.0])
    found, _ = walked(
        network, [[0.0, 0.0], [300.0, 200.0], [600.0, 600.0]], [[300.0, 0.0]], limit=300
    )
    assert found.street_m[:2].tolist() == [300.0, 200.0]
    assert np.allclose(found.rise_m[:2], [30.0, 0.0])
    here = np.ones(3, dtype=bool)
    answer = slope_answer(found, people, here, network.terrain)
    assert isinstance(answer, Known)
    assert answer.value == pytest.approx(60.0 / 800.0)
    assert answer.known_share == 3.0 / 8.0
    assert answer.basis.text("en") == "3 of 8 residents known"


def test_slope_of_a_part_of_an_arc_is_its_own():
    """A street rises over its first half alone; who lives in its middle walks the level half."""
    network = on_hills(
        street_city(np.array([[0.0, 0.0], [600.0, 0.0]]), [(0, 1)]),
        lambda x, y: np.minimum(0.1 * x, 30.0) + 0.0 * y,
    )
    found, _ = walked(network, [[360.0, 0.0], [0.0, 0.0], [150.0, 0.0]], [[600.0, 0.0]])
    assert found.street_m.tolist() == [240.0, 600.0, 450.0]
    assert np.allclose(found.rise_m, [0.0, 30.0, 15.0], atol=0.2)


def test_without_heights_the_raster_is_named():
    network = grid_city(2, 2)
    found, _ = walked(network, [[0.0, 0.0]], [[100.0, 0.0]])
    answer = slope_answer(found, np.ones(1), np.ones(1, dtype=bool), network.terrain)
    assert isinstance(answer, Unknown)
    assert "elevation" in answer.why_not.text("en")


def arterial_city(*, flag: ArcFlag = ArcFlag(0)) -> WalkNetwork:
    """Return an arterial from (0, 0) to (1600, 0) that footways cross at x = 400 and 1200.

    North of it two footways meet it at (800, 0); `flag` is on all of it.
    """
    xy_m = [
        (0, 0), (100, 0), (200, 0), (300, 0), (400, 0),
        (100, 100), (100, -100), (150, 100), (250, 100), (300, 100), (300, -100),
    ]  # fmt: skip
    arcs = [(0, 1), (1, 2), (2, 3), (3, 4), (5, 1), (1, 6), (7, 2), (2, 8), (9, 3), (3, 10)]
    tail, head = np.array(arcs, dtype=np.int32).T
    flags = np.zeros(len(arcs), dtype=np.uint16)
    flags[:4] = int(flag)
    return build_network(
        crs=TEST_CRS.definition,
        node_id=np.arange(1, len(xy_m) + 1, dtype=np.int64),
        node_xy_m=4.0 * np.array(xy_m, dtype=np.float64),
        arc_tail=tail,
        arc_head=head,
        arc_class=("primary",) * 4 + ("footway",) * 6,
        arc_flags=flags,
    )


HOMES = [(400, 400), (600, 400), (1200, 400), (400, 0)]
SHOPS = [(400, -400), (1000, 400), (1200, -400)]


def test_crossing_is_from_side_to_side():
    """Across; along one side of it and back; across; from the middle of the road."""
    found, _ = walked(arterial_city(), HOMES, SHOPS)
    assert found.crosses.tolist() == [True, False, True, False]


EIGHT_IN_TEN = Target(op="ge", low=0.8, source="DEFAULT", confidence="default")
PEOPLE = np.array([1.0, 2.0, 4.0, 8.0])


def told(**by_node: Crossing) -> WalkNetwork:
    """Return the arterial city where the tags of nodes tell of signals: n1=… is at x = 400."""
    crossing = np.zeros(11, dtype=np.uint8)
    for name, one in by_node.items():
        crossing[int(name[1:])] = one
    return replace(arterial_city(), node_crossing=crossing)


def answered(network: WalkNetwork, people=PEOPLE, *, target=EIGHT_IN_TEN) -> Known:
    found, _ = walked(network, HOMES, SHOPS)
    answer = crossing_answer(target, found, people, np.ones(4, dtype=bool), min_known=0.5)
    assert isinstance(answer, Known)
    return answer


def test_without_any_tag_it_is_the_least_and_open() -> None:
    """1 and 4 of 15 cross: 10 of 15 are sure, all 15 may be safe."""
    answer = answered(arterial_city())
    assert (answer.value, answer.known_share) == (10.0 / 15.0, 10.0 / 15.0)
    assert (answer.estimated, answer.judged) == (True, False)
    assert answer.note is not None
    for language in ("zh", "en"):
        assert "highway=traffic_signals" in answer.note.text(language)
    # Where most cross nothing, no signal could change the verdict.
    answer = answered(arterial_city(), np.array([1.0, 30.0, 4.0, 0.0]))
    assert (answer.value, answer.judged, answer.note) == (30.0 / 35.0, True, None)


def test_a_signal_guards_the_crossing() -> None:
    network = told(n1=Crossing.NO_SIGNAL, n3=Crossing.SIGNAL)
    found, _ = walked(network, HOMES, SHOPS)
    assert found.at_signal.tolist() == [False, False, True, False]
    assert found.at_no_signal.tolist() == [True, False, False, False]
    assert found.crosses.tolist() == [True, False, False, False]
    answer = answered(network, np.array([1.0, 2.0, 4.0, 0.0]))
    assert (answer.value, answer.judged, answer.estimated) == (6.0 / 7.0, True, False)


def test_a_crossing_without_a_signal_is_weak() -> None:
    answer = answered(told(n1=Crossing.NO_SIGNAL, n3=Crossing.NO_SIGNAL), np.array([1.0, 2, 4, 0]))
    assert (answer.value, answer.judged, answer.known_share) == (2.0 / 7.0, True, 1.0)


def test_where_enough_is_told_the_rest_is_taken_alike() -> None:
    """4 cross at a signal, 1 where nobody tells: 0.8 of those who cross are known."""
    answer = answered(told(n3=Crossing.SIGNAL), np.array([1.0, 2.0, 4.0, 0.0]))
    assert (answer.value, answer.judged, answer.estimated) == (1.0, True, True)
    assert answer.known_share == pytest.approx(6.0 / 7.0)
    # Of 4 only 1 is told: not enough, and 3 of 4 can go either way.
    answer = answered(told(n1=Crossing.SIGNAL), np.array([1.0, 0.0, 3.0, 0.0]))
    assert (answer.value, answer.judged) == (0.25, False)
    # That much is sure to be missed: nothing unknown could change it.
    answer = answered(told(n1=Crossing.NO_SIGNAL), np.array([1.0, 0.0, 3.0, 0.0]))
    assert (answer.value, answer.judged, answer.note) == (0.0, True, None)


def test_a_bridge_is_no_crossing_and_walking_along_is_one():
    found, _ = walked(arterial_city(flag=ArcFlag.BRIDGE), HOMES, SHOPS)
    assert not found.crosses.any()
    found, _ = walked(arterial_city(), [(400, 400)], [(1000, 400)])
    assert found.crosses.tolist() == [True]


def test_nobody_who_reaches_any():
    found, _ = walked(arterial_city(), HOMES, SHOPS, limit=1.0)
    people, here = np.ones(4), np.ones(4, dtype=bool)
    answer = crossing_answer(EIGHT_IN_TEN, found, people, here, min_known=0.5)
    assert isinstance(answer, Unknown)


@pytest.mark.parametrize("turned", [0, 1, 2, 3])
def test_sides_are_those_of_the_road_however_it_lies(turned):
    """Two footways meet a road at one node, on one side of it or on both."""
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    xy_m = np.array([(0, 0), (-900, 0), (900, 0), (-300, 400), (300, 400), (-300, -400)], float)
    network = build_network(
        crs=TEST_CRS.definition,
        node_id=np.arange(1, 7, dtype=np.int64),
        node_xy_m=xy_m @ np.linalg.matrix_power(turn, turned),
        arc_tail=np.array([1, 0, 3, 0, 0], dtype=np.int32),
        arc_head=np.array([0, 2, 0, 4, 5], dtype=np.int32),
        arc_class=("trunk",) * 2 + ("footway",) * 3,
    )
    group = TargetGroup(chosen=np.ones(1, dtype=bool), limit=3000.0)
    crosses = []
    for shop in (4, 5):
        (found,) = approaches(
            graph_of(network), at_nodes(network, [3]), at_nodes(network, [shop]),
            target_rank=np.zeros(1, dtype=np.int32), groups=[group],
        )  # fmt: skip
        assert found.cost.tolist() == [1000.0]
        crosses += found.crosses.tolist()
    assert crosses == [False, True]

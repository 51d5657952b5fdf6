"""The traps other engines are known for, one test each (GOAT, pandana, node-based isochrones)."""

import numpy as np
import pytest
from pyproj import Geod

from analysis.crs import metric_crs
from analysis.isochrones.isochrone import isochrones, prepare_place
from analysis.linking.linkable import LinkRules
from analysis.streets.barriers import no_barriers
from analysis.streets.network import WalkNetwork
from analysis.testing.cities import grid_city, street_city
from analysis.units import seconds
from analysis.walking import walk_profile
from analysis.walks.catchment import CatchmentTargets, count_within
from analysis.walks.reached import reached_pieces
from tests.random_worlds import ADULT, graph_of, linked, nearest


def pieces(network: WalkNetwork, at: tuple[float, float], cutoff_m: float) -> list[tuple]:
    (found,) = reached_pieces(graph_of(network), linked(network, np.array([at])), (cutoff_m,))
    return list(zip(found.arc.tolist(), found.start_m.tolist(), found.end_m.tolist(), strict=True))


def test_two_waves_meet_in_a_tent_not_on_a_straight_line() -> None:
    # A loop: home at node 0, a short side of 100 m, a long side of 100 + 600 m. Both ends of the
    # long arc are 100 m away; a line between the ends says "100 m" for its middle, which is 400 m.
    network = street_city(
        np.array([(0, 0), (0, 100.0), (600.0, 100), (600.0, 0)]),
        [(0, 1), (1, 2), (2, 3), (3, 0)],
        length_m=[100.0, 600.0, 100.0, 0.0],
    )
    found = {arc: [] for arc in range(4)}
    for arc, start, end in pieces(network, (0, 0), 250.0):
        found[arc].append((start, end))
    assert found[1] == [(0.0, 150.0), (450.0, 600.0)]
    middle = linked(network, np.array([(300.0, 100.0)]))
    home = linked(network, np.array([(0.0, 0.0)]))
    assert nearest(graph_of(network), home, middle).cost[0, 0] == 400.0


def test_the_budget_is_spent_to_the_last_metre_of_an_arc() -> None:
    network = street_city(np.array([(0, 0), (100.0, 0), (400.0, 0)]), [(0, 1), (1, 2)])
    assert pieces(network, (0, 0), 250.0) == [(0, 0.0, 100.0), (1, 0.0, 150.0)]


@pytest.mark.parametrize(("lon", "lat"), [(104.0, 1.3), (121.5, 31.2), (24.9, 60.2), (-16.0, -45)])
def test_metres_are_metres_at_every_latitude(lon: float, lat: float) -> None:
    # Web Mercator would say 2.01 times as much in Helsinki.
    crs = metric_crs(lon, lat)
    a, b = np.array([(lon, lat)]), np.array([(lon + 0.01, lat + 0.004)])
    _, _, true_m = Geod(ellps="WGS84").inv(*a[0], *b[0])
    metres = float(np.hypot(*(crs.project(a) - crs.project(b))[0]))
    assert metres == pytest.approx(true_m, rel=2e-4)


def test_minutes_are_not_rounded_before_they_are_shown() -> None:
    # 100 m at 1.25 m/s are 80 s: inside 1.34 minutes, outside 1.33.
    network = street_city(np.array([(0, 0), (500.0, 0)]), [(0, 1)])
    home, shop = linked(network, np.array([(0.0, 0)])), linked(network, np.array([(100.0, 0)]))
    graph = graph_of(network, measure="seconds")
    assert nearest(graph, home, shop, limit=seconds(1.34)).cost[0, 0] == 80.0
    assert nearest(graph, home, shop, limit=seconds(1.33)).cost[0, 0] == np.inf


def test_a_lake_in_the_middle_stays_a_hole() -> None:
    # One block of 400 m: 12 ha of it lie beyond the 25 m of any street.
    place = prepare_place(grid_city(1, 1, block_m=400.0), no_barriers(), ADULT, LinkRules())
    (round_it,) = isochrones((0.0, 0.0), (5000.0,), place=place)
    (hole,) = round_it.shape.interiors
    assert abs(np.ptp(np.array(hole.coords)[:, 0]) - 350.0) < 1.0
    assert round_it.shape.area == pytest.approx(450**2 - 350**2 - (4 - np.pi) * 25**2, rel=0.005)


def test_neighbours_a_metre_apart_keep_their_own_answers() -> None:
    network = street_city(np.array([(0, 0), (500.0, 0)]), [(0, 1)])
    homes = linked(network, np.array([(100.0, 0), (101.0, 0), (100.0, 0)]))
    shops = linked(network, np.array([(200.0, 0), (203.0, 0)]))
    found = nearest(graph_of(network), homes, shops)
    assert found.cost[:, 0].tolist() == [100.0, 99.0, 100.0]
    both = CatchmentTargets(
        linked=shops, rank=np.array([0, 1], np.int32), group=np.zeros(2, np.int32),
        limit=np.array([102.0]),
    )  # fmt: skip
    assert count_within(graph_of(network), homes, both)[:, 0].tolist() == [1, 2, 1]


def test_what_does_not_count_is_left_out_before_the_nearest_is_taken() -> None:
    # A closed shop next door must not hide the open one further on.
    network = street_city(np.array([(0, 0), (500.0, 0)]), [(0, 1)])
    home = linked(network, np.array([(100.0, 0)]))
    shops = linked(network, np.array([(110.0, 0), (300.0, 0)]))
    found = nearest(graph_of(network), home, shops, chosen=np.array([False, True]))
    assert (found.cost[0, 0], found.rank[0, 0]) == (200.0, 1)


def test_edits_of_streets_and_speed_are_seen_at_once() -> None:
    # Nothing is precomputed that an edit could leave behind.
    xy_m = np.array([(0, 0), (500.0, 0), (500.0, 80), (0, 80.0)])
    walled = street_city(xy_m, [(0, 1), (1, 2), (2, 3)])
    opened = street_city(xy_m, [(0, 1), (1, 2), (2, 3), (0, 3)])
    for network, metres in ((walled, 1080.0), (opened, 80.0)):
        home, shop = linked(network, np.array([(0.0, 0)])), linked(network, np.array([(0.0, 80)]))
        assert nearest(graph_of(network), home, shop).cost[0, 0] == metres
    home, shop = linked(opened, np.array([(0.0, 0)])), linked(opened, np.array([(0.0, 80)]))
    for speed, expected_s in ((1.25, 64.0), (1.0, 80.0), (0.8, 100.0)):
        profile = walk_profile("adult", speed_m_s=speed)
        graph = graph_of(opened, profile=profile, measure="seconds")
        assert nearest(graph, home, shop).cost[0, 0] == pytest.approx(expected_s, abs=1e-4)


def test_nobody_is_moved_to_a_node() -> None:
    # Home and shop in the middle of one block of 400 m: 10 m apart, 190 and 200 m from any node.
    network = street_city(np.array([(0, 0), (400.0, 0)]), [(0, 1)])
    home, shop = linked(network, np.array([(200.0, 0)])), linked(network, np.array([(210.0, 0)]))
    assert nearest(graph_of(network), home, shop).cost[0, 0] == 10.0


def test_the_leg_to_the_street_is_walked_too() -> None:
    network = street_city(np.array([(0, 0), (400.0, 0)]), [(0, 1)])
    home, shop = linked(network, np.array([(100.0, 45)])), linked(network, np.array([(300, -30.0)]))
    assert nearest(graph_of(network), home, shop).cost[0, 0] == 45.0 + 200.0 + 30.0
    slow = graph_of(network, measure="seconds")
    assert nearest(slow, home, shop).cost[0, 0] == pytest.approx(275.0 / 1.25, abs=1e-4)


def test_nothing_found_is_neither_a_distance_nor_a_facility() -> None:
    network = street_city(np.array([(0, 0), (400.0, 0)]), [(0, 1)])
    home = linked(network, np.array([(0.0, 0)]))
    shop, none = linked(network, np.array([(400.0, 0)])), linked(network, np.empty((0, 2)))
    for shops in (shop, none):
        found = nearest(graph_of(network), home, shops, limit=399.0)
        assert found.cost[0, 0] == np.inf  # not -1, and not the limit
        assert found.rank[0, 0] == -1
        assert not (found.cost <= 1e12).any()

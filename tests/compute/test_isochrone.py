"""Isochrones predicted by hand: cut inside arcs, tents, nesting, area."""

import numpy as np
import pytest
import shapely

from analysis.barriers import no_barriers
from analysis.errors import InvalidParameterError, NotOnNetworkError
from analysis.isochrone import isochrones
from analysis.linkable import LinkRules
from analysis.network import WalkNetwork
from analysis.testing.cities import grid_city, street_city
from analysis.walking import walk_profile

ADULT = walk_profile("adult", speed_m_s=1.2)


def reach(network: WalkNetwork, origin: tuple[float, float], *cutoffs_m: float):
    return isochrones(
        origin,
        cutoffs_m,
        network=network,
        barriers=no_barriers(),
        profile=ADULT,
        rules=LinkRules(near_m=30.0),
    )


def test_streets_are_cut_where_the_budget_ends() -> None:
    street = street_city(np.array([[0, 0], [1000, 0]], float), [(0, 1)])
    (one,) = reach(street, (500.0, 20.0), 120.0)
    # 20 m to the street leave 100 m both ways.
    assert one.reached_m == pytest.approx(200)
    assert one.access_m == pytest.approx(20)
    assert shapely.union_all(one.pieces).bounds == pytest.approx((400, 0, 600, 0))
    # A band of 50 m, round at its ends, and the cap of the leg that stands out of it: a segment of
    # a disc of 25 m cut 5 m from its centre.
    cap_m2 = 25**2 * np.arccos(5 / 25) - 5 * np.sqrt(25**2 - 5**2)
    assert one.shape.area == pytest.approx(200 * 50 + np.pi * 25**2 + cap_m2, rel=0.005)
    assert one.access_leg.coords[:] == [(500, 20), (500, 0)]
    assert one.shape.contains(shapely.Point(500, 20))


def test_a_budget_that_ends_before_the_street_reaches_nothing() -> None:
    street = street_city(np.array([[0, 0], [1000, 0]], float), [(0, 1)])
    (one,) = reach(street, (500.0, 20.0), 10.0)
    assert one.shape.is_empty
    assert one.reached_m == 0
    assert one.access_m == 20


def test_the_tent_leaves_the_middle_out() -> None:
    # A ring of 400 m around a square; from a corner the far corner is 200 m away both ways.
    square = street_city(
        np.array([[0, 0], [100, 0], [100, 100], [0, 100]], float), [(0, 1), (1, 2), (2, 3), (3, 0)]
    )
    most, all_ = reach(square, (0.0, 0.0), 190.0, 200.0)
    assert most.reached_m == pytest.approx(380)
    assert all_.reached_m == pytest.approx(400)
    missing = shapely.Point(100, 100)
    assert shapely.distance(shapely.union_all(most.pieces), missing) == pytest.approx(10)


def test_an_arc_with_one_unreached_end_is_walked_to_the_last_metre() -> None:
    tree = street_city(np.array([[0, 0], [100, 0], [400, 0]], float), [(0, 1), (1, 2)])
    (one,) = reach(tree, (0.0, 0.0), 250.0)
    assert one.reached_m == pytest.approx(250)
    assert shapely.union_all(one.pieces).bounds[2] == pytest.approx(250)


def test_on_a_grid_the_reach_is_a_diamond() -> None:
    (one,) = reach(grid_city(10, 10), (500.0, 500.0), 300.0)
    # 4 arms of 300, and the streets crossing them at 100 and 200 m: 8 × 200 + 8 × 100... by hand:
    # row y=500: 600; rows y=500±100: 400 each; ±200: 200 each; the same for columns.
    assert one.reached_m == pytest.approx(2 * (600 + 2 * 400 + 2 * 200))


def test_larger_holds_smaller_and_contours_are_independent() -> None:
    city = grid_city(10, 10)
    small, large = reach(city, (430.0, 510.0), 300.0, 700.0)
    assert large.shape.buffer(1e-6).covers(small.shape)
    (alone,) = reach(city, (430.0, 510.0), 300.0)
    assert alone.shape.equals(small.shape)


def test_bad_points_and_budgets_are_refused_in_words() -> None:
    city = grid_city(3, 3)
    with pytest.raises(NotOnNetworkError, match="no walkable street"):
        reach(city, (5000.0, 0.0), 300.0)
    for bad in (0.0, -5.0, float("nan")):
        with pytest.raises(InvalidParameterError):
            reach(city, (0.0, 0.0), bad)

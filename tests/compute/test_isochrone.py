"""Isochrones predicted by hand: cut inside arcs, tents, nesting, area."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import shapely

from analysis.errors import InvalidParameterError, NotOnNetworkError
from analysis.isochrones.isochrone import PreparedPlace, isochrones, prepare_place
from analysis.linking.linkable import LinkRules
from analysis.streets.barriers import no_barriers
from analysis.streets.network import WalkNetwork
from analysis.testing.cities import grid_city, street_city
from analysis.walking import ArcFlag, walk_profile
from analysis.walks.walk_costs import Measure


def place_of(network: WalkNetwork, measure: Measure = "metres", **walker) -> PreparedPlace:
    profile = walk_profile("adult", speed_m_s=1.2, **walker)
    return prepare_place(network, no_barriers(), profile, LinkRules(near_m=30.0), measure=measure)


def reach(network: WalkNetwork, origin: tuple[float, float], *cutoffs_m: float, **drawn):
    return isochrones(origin, cutoffs_m, place=place_of(network), **drawn)


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
    assert one.shape.area == pytest.approx(200 * 50 + np.pi * 25**2 + cap_m2, rel=0.001)
    assert one.access_leg.coords[:] == [(500, 20), (500, 0)]
    assert one.shape.contains(shapely.Point(500, 20))


def test_a_budget_that_ends_before_the_street_reaches_nothing() -> None:
    street = street_city(np.array([[0, 0], [1000, 0]], float), [(0, 1)])
    (one,) = reach(street, (500.0, 20.0), 10.0)
    assert one.shape.is_empty
    assert len(one.pieces) == 0
    assert one.drawing.agreement is None
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


def test_one_search_answers_all_cutoffs_and_keeps_their_order() -> None:
    place = place_of(grid_city(10, 10))
    cutoffs_m = (700.0, 150.0, 300.0)
    together = isochrones((430.0, 510.0), cutoffs_m, place=place)
    for cutoff_m, one in zip(cutoffs_m, together, strict=True):
        (alone,) = isochrones((430.0, 510.0), (cutoff_m,), place=place)
        assert alone.cutoff == one.cutoff == cutoff_m
        assert alone.shape.equals_exact(one.shape, 0.0)
        assert np.array_equal(alone.piece_xy_m, one.piece_xy_m)
    assert len(place.scratches) == 1  # borrowed and given back


def test_pieces_are_drawn_along_their_streets() -> None:
    (one,) = reach(grid_city(10, 10), (500.0, 500.0), 150.0)
    # From a crossing: four arms of 100 m, and 50 m three ways from each of their ends.
    assert len(one.pieces) == len(one.reached.arc) == 16
    assert sorted(shapely.length(one.pieces).round(6)) == [50.0] * 12 + [100.0] * 4
    assert shapely.length(one.pieces).sum() == pytest.approx(one.reached_m)
    for line in one.pieces:
        assert shapely.covers(one.shape, line)


def test_a_bent_street_is_cut_along_its_drawing() -> None:
    # 200 m of walking, drawn as 100 m east and 100 m north; 150 m end halfway up.
    bent = street_city(
        np.array([[0, 0], [100, 100]], float),
        [(0, 1)],
        length_m=[200.0],
    )
    bent = replace(
        bent,
        arc_first=np.array([0, 3], np.int32),
        arc_xy_m=np.array([[0, 0], [100, 0], [100, 100]], float),
    )
    (one,) = reach(bent, (0.0, 0.0), 150.0)
    (line,) = one.pieces
    assert shapely.get_coordinates(line).tolist() == [[0, 0], [100, 0], [100, 50]]


def test_the_screen_and_the_report_draw_the_same_pieces() -> None:
    city, origin = grid_city(10, 10), (430.0, 510.0)
    (fast,) = reach(city, origin, 700.0, drawing="fast")
    (exact,) = reach(city, origin, 700.0)
    assert (fast.drawing.kind, exact.drawing.kind) == ("fast", "exact")
    assert np.array_equal(fast.piece_xy_m, exact.piece_xy_m)
    truth = shapely.union_all(shapely.buffer([*exact.pieces, exact.access_leg], 25.0, quad_segs=32))
    for one, least in ((fast, 0.97), (exact, 0.99)):
        share = shapely.area(one.shape & truth) / shapely.area(one.shape | truth)
        assert share > least
        assert one.drawing.agreement.jaccard == pytest.approx(share, abs=0.01)
        assert one.shape.area == pytest.approx(truth.area, rel=0.01)


def test_yards_are_kept_unless_asked() -> None:
    # Streets 100 m apart leave yards of 50 × 50 m; 300 m from a crossing close three blocks in each
    # quadrant: those whose far corner is 200 or 300 m away.
    city, origin = grid_city(10, 10), (500.0, 500.0)
    (kept,) = reach(city, origin, 300.0)
    (filled,) = reach(city, origin, 300.0, fill_holes_below_m2=2600.0)
    yards = len(kept.shape.interiors)
    assert yards == 4 * 3
    assert kept.drawing.holes_filled == 0
    assert filled.drawing.holes_filled == yards
    assert len(filled.shape.interiors) == 0
    assert filled.drawing.agreement.jaccard < kept.drawing.agreement.jaccard


def test_in_seconds_stairs_take_their_time() -> None:
    street = street_city(
        np.array([[-1000, 0], [0, 0], [1000, 0]], float),
        [(0, 1), (1, 2)],
        flags=[0, int(ArcFlag.STEPS)],
    )
    stairs = {"steps_up_m_s": 0.5, "steps_down_m_s": 0.5}
    place = place_of(street, "seconds", **stairs)
    (one,) = isochrones((0.0, 0.0), (200.0,), place=place)
    # 200 s: 240 m on the level to the west, 100 m of stairs to the east.
    assert shapely.union_all(one.pieces).bounds == pytest.approx((-240, 0, 100, 0), abs=1e-4)
    (metres,) = isochrones((0.0, 0.0), (240.0,), place=place_of(street, **stairs))
    assert metres.reached_m == pytest.approx(480)


def test_holes_below_nothing_are_refused() -> None:
    for bad in (-1.0, float("nan")):
        with pytest.raises(InvalidParameterError, match="holes"):
            reach(grid_city(3, 3), (0.0, 0.0), 100.0, fill_holes_below_m2=bad)


def test_a_place_serves_several_threads() -> None:
    place = place_of(grid_city(20, 20))
    origins = [(100.0 * i, 70.0 * i) for i in range(1, 15)]

    def drawn(origin: tuple[float, float]):
        (one,) = isochrones(origin, (400.0,), place=place, drawing="fast")
        return one.reached_m, shapely.to_wkb(one.shape)

    alone = [drawn(one) for one in origins]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(drawn, origins * 4)) == alone * 4

"""Checks of circles, by hand: a grid of streets 100 m apart with homes on its crossings."""

from math import isnan, pi

import numpy as np
import pytest
import shapely

from analysis.delineation.checks import check_circles
from analysis.delineation.figures import CircleBands, CircleChecks, bands_of
from analysis.linking.linkable import LinkRules, linkable_arcs
from analysis.linking.linkage import link_points
from analysis.messages import Name
from analysis.places.circles import Circles
from analysis.places.demand import Demand
from analysis.standard.profile_rules import CircleRules, Span
from analysis.streets.barriers import no_barriers
from analysis.streets.dividers import DividerKind, Rank, build_dividers
from analysis.testing.cities import grid_city, people_at, plain_standard, square_circles
from analysis.walks.walk_costs import walk_costs
from analysis.walks.walk_graph import walk_graph

KINDS = tuple(
    DividerKind(
        id=one, name=Name(zh=one, en=one), rank=rank, source="DEFAULT", confidence="default"
    )
    for one, rank in (("railway", Rank.NEVER), ("arterial", Rank.ARTERIAL))
)
BANDS = CircleBands(people=(4.0, 8.0), tolerated=(2.0, 10.0), area_km2=(0.1, 1.0), walk_m=300.0)


def checked(
    circles: Circles,
    demand: Demand,
    *drawn: tuple[int, str, list[tuple[float, float]]],
    whole_area: bool = True,
) -> CircleChecks:
    network, rules = grid_city(10, 10), LinkRules()
    profile = plain_standard().profile("adult")
    linkable = linkable_arcs(network, profile, rules)
    geometry = np.empty(len(drawn), dtype=object)
    geometry[:] = [shapely.LineString(points) for *_, points in drawn]
    return check_circles(
        circles,
        demand,
        build_dividers(
            geometry,
            tuple(name for _, name, _ in drawn),
            np.array([kind for kind, *_ in drawn], dtype=np.int32),
            KINDS,
        ),
        graph=walk_graph(network, walk_costs(network, profile, "metres")),
        points=link_points(demand.xy_m, network, linkable, no_barriers(), rules),
        linkable=linkable,
        bands=BANDS,
        whole_area=whole_area,
    )


def codes(checks: CircleChecks) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.code.removeprefix("circle_checks."), one.subjects) for one in checks.notices]


def test_people_area_and_the_walk_to_the_middle() -> None:
    # Weighted middle: x = (0·1 + 400·2 + 800·1) / 4 = 400, y = 500; walks 400, 0, 400 … at 300 m
    # only the two in the middle reach it; one more moves nothing but stands 300 m away exactly.
    demand = people_at(
        [(0.0, 500.0), (400.0, 500.0), (800.0, 500.0), (400.0, 200.0), (400.0, 800.0)],
        people=[1.0, 2.0, 1.0, 1.0, 1.0],
    )
    checks = checked(square_circles((-50.0, -50.0, 950.0, 1050.0)), demand)
    (one,) = checks.circles
    assert one.centre_xy_m == (400.0, 500.0)
    assert (one.people, one.homes, one.people_estimated) == (6.0, 5, 0.0)
    assert one.walk_share == pytest.approx(4.0 / 6.0)
    assert one.area_m2 == pytest.approx(1000.0 * 1100.0)
    assert one.compactness == pytest.approx(4 * pi * 1.1e6 / 4200.0**2)
    assert codes(checks) == [("area", ("A",))]


def test_the_walk_follows_streets_and_not_the_crow() -> None:
    # (200, 200) away: 283 m straight, 400 m along streets, over 300.
    demand = people_at([(300.0, 300.0), (500.0, 500.0)], people=[1e6, 1.0])
    (one,) = checked(square_circles((0.0, 0.0, 1000.0, 1000.0)), demand).circles
    assert one.walk_share == pytest.approx(1e6 / (1e6 + 1.0), abs=1e-12)


def test_cuts_are_measured_off_the_border_and_parallel_tracks_once() -> None:
    circles = square_circles((0.0, 0.0, 1000.0, 1000.0))
    demand = people_at([(500.0, 500.0)], people=[5.0])
    checks = checked(
        circles,
        demand,
        (0, "line", [(-500.0, 400.0), (1500.0, 400.0)]),  # 900 m of it count
        (0, "line", [(-500.0, 410.0), (1500.0, 410.0)]),  # its second track
        (0, "border", [(40.0, -100.0), (40.0, 1100.0)]),  # within 50 m of the border
        (1, "road", [(700.0, 500.0), (700.0, 1500.0)]),  # 450 m
    )
    (one,) = checks.circles
    found = [(cut.kind, cut.name, round(cut.length_m, 6)) for cut in one.cuts]
    assert found == [("railway", "line", 900.0), ("arterial", "road", 450.0)]
    assert one.cut_m() == pytest.approx(900.0)
    assert codes(checks) == [("cut", ("A",)), ("arterials", ("A",))]


def test_overlaps_gaps_and_people_in_none_or_several() -> None:
    circles = square_circles(
        (0.0, 0.0, 400.0, 400.0), (300.0, 0.0, 600.0, 400.0), (640.0, 0.0, 1000.0, 400.0)
    )
    demand = people_at(
        [(100.0, 100.0), (350.0, 200.0), (500.0, 100.0), (620.0, 100.0), (800.0, 100.0)],
        people=[1.0, 2.0, 4.0, 8.0, 16.0],
    )
    checks = checked(circles, demand)
    first, second, third = checks.circles
    assert (first.people, second.people, third.people) == (3.0, 4.0, 16.0)  # 2 count for A
    assert [(o.other_id, o.area_m2, o.people) for o in first.overlaps] == [("B", 40_000.0, 2.0)]
    assert [(o.other_id, o.area_m2, o.people) for o in second.overlaps] == [("A", 40_000.0, 2.0)]
    assert third.overlaps == ()
    assert (checks.people, checks.uncovered_people, checks.uncovered_homes) == (31.0, 8.0, 1)
    assert checks.shared_people == 2.0
    assert (len(checks.gaps), checks.gap_m2) == (1, pytest.approx(40.0 * 400.0))
    severities = {one.code: one.severity for one in checks.notices}
    assert severities["circle_checks.overlap"] == "warning"
    assert ("people", ("C",)) in codes(checks)
    told = [one for one in checks.notices if one.code == "circle_checks.people"]
    assert [one.severity for one in told] == ["info", "warning"]  # 3 is tolerated, 16 is not


def test_people_outside_are_not_assessed_where_they_were_not_read() -> None:
    demand = people_at([(100.0, 100.0)], people=[5.0])
    checks = checked(square_circles((0.0, 0.0, 900.0, 900.0)), demand, whole_area=False)
    assert isnan(checks.uncovered_people)
    assert checks.uncovered_homes == -1
    assert codes(checks) == [("uncovered_unknown", ())]


def test_an_empty_circle_has_no_share() -> None:
    demand = people_at([(100.0, 100.0)], people=[5.0])
    circles = square_circles((0.0, 0.0, 400.0, 400.0), (500.0, 500.0, 900.0, 900.0))
    second = checked(circles, demand).circles[1]
    assert (second.people, second.homes, isnan(second.walk_share)) == (0.0, 0, True)


def test_the_stated_population_is_what_is_held_against_the_band() -> None:
    demand = people_at([(100.0, 100.0)], people=[5.0])
    plain = square_circles((0.0, 0.0, 500.0, 500.0))
    stated = Circles(
        circle_id=plain.circle_id, name=plain.name, level=plain.level, polygons=plain.polygons.copy(),
        total_population=np.array([20.0]), inside_data=np.ones(1),
    )  # fmt: skip
    assert codes(checked(plain, demand)) == []
    assert codes(checked(stated, demand)) == [("people", ("A",))]


def test_bands_come_from_the_standard_and_the_planner() -> None:
    def span(low: float, high: float) -> Span:
        return Span(low=low, high=high, source="DEFAULT", confidence="default")

    rules = CircleRules(population=span(5.0, 9.0), radius_m=span(200.0, 400.0))
    assert bands_of(None) == CircleBands()
    assert bands_of(rules) == CircleBands(people=(5.0, 9.0), walk_m=400.0)
    assert bands_of(rules, (1.0, 2.0)).tolerated == (1.0, 2.0)

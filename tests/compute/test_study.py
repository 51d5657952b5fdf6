"""The whole flow on predicted cities: shares, verdicts, reasons, gaps."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.linking.linkable import LinkRules
from analysis.places.circles import ALL_CIRCLES
from analysis.places.facilities import Entrance, FacilityRecord, build_facilities
from analysis.standard.profile import ReachRule
from analysis.standard.rules import StockRule
from analysis.study import Study, StudyParameters, analyse
from analysis.testing.cities import (
    grid_city,
    people_at,
    plain_element,
    plain_inputs,
    plain_standard,
    shops_at,
    square_circles,
    street_city,
)
from analysis.walking import ArcFlag

CITY = grid_city(20, 4)  # 2,000 × 400 m, blocks of 100 m
WHOLE = square_circles((-50, -50, 2050, 450))
HOMES = [(100.0 * i, 0.0) for i in range(0, 20, 2)]  # people 1, 2, 4 … 512


def study(
    homes=HOMES, shops=(("market", 0.0, 0.0),), *, elements=None, parameters=None, **kwargs
) -> Study:
    """Analyse a grid city with markets."""
    kwargs.setdefault("network", CITY)
    kwargs.setdefault("circles", WHOLE)
    kwargs.setdefault("demand", people_at(homes))
    kwargs.setdefault("facilities", shops_at(list(shops)))
    return analyse(
        plain_inputs(standard=plain_standard(*(elements or (plain_element("market"),))), **kwargs),
        parameters or StudyParameters(min_gap_people=1.0),
    )


def row(result: Study, circle: str = "A", element: str = "market"):
    """Return one verdict."""
    return next(r for r in result.assessment.of_circle(circle) if r.element_id == element)


def test_powers_of_two_name_the_homes_that_are_covered() -> None:
    result = study()
    figures = row(result).figures
    # Homes at 0, 200 and 400 m are within 500 m: 1 + 2 + 4 of 1,023 people.
    assert figures.people_covered == 7
    assert figures.people == 1023
    assert figures.share == pytest.approx(7 / 1023)
    assert figures.share_buildings == pytest.approx(3 / 10)
    assert np.isnan(figures.share_land)
    assert row(result).verdict == "short"
    assert result.assessment.missing("A") == ("market",)
    # Searched to twice the threshold: 600, 800 and 1,000 m are known, beyond is inf.
    assert result.reach.walk_m[:6, 0].tolist() == [0, 200, 400, 600, 800, 1000]
    assert np.isinf(result.reach.walk_m[6:, 0]).all()
    assert figures.walk_max_m == np.inf
    assert figures.walk_mean_m == np.inf
    assert figures.walk_median_m == np.inf


@pytest.mark.parametrize(
    ("covered", "verdict"),
    [(10, "met"), (9, "met"), (8, "weak"), (7, "short"), (0, "short")],
)
def test_target_and_acceptable_are_both_inclusive(covered: int, verdict: str) -> None:
    near, far = [(0.0, 0.0)] * covered, [(2000.0, 0.0)] * (10 - covered)
    demand = people_at([*near, *far], people=[1.0] * 10)
    assert row(study(demand=demand)).coverage.verdict == verdict


def test_the_first_basis_decides_and_the_others_are_shown() -> None:
    demand = people_at([(0, 0), (2000, 0)], people=[1.0, 99.0], land_m2=[900.0, 100.0])
    by_land = row(
        study(
            demand=demand,
            elements=(plain_element("market", basis=("residential_land", "population")),),
        )
    )
    by_people = row(study(demand=demand))
    assert by_land.figures.share == pytest.approx(0.9)
    assert by_land.verdict == "met"
    assert by_people.figures.share == pytest.approx(0.01)
    assert by_people.verdict == "short"
    assert by_people.figures.share_land == pytest.approx(0.9)


def test_a_group_without_a_column_is_stood_for_by_all_residents_and_says_so() -> None:
    one = row(study(elements=(plain_element("market", basis=("population_60plus",)),)))
    assert one.figures.basis == "population"
    assert one.figures.basis_stands_for == "population_60plus"
    assert "60+" in one.coverage.reason.text("en")
    assert "60岁" in one.coverage.reason.text("zh")


def test_circles_are_judged_apart_and_together() -> None:
    halves = square_circles((-50, -50, 1000, 450), (1000, -50, 2050, 450))
    demand = people_at([(0, 0), (1500, 0)], people=[10.0, 30.0], circle=[0, 1])
    result = study(demand=demand, circles=halves)
    assert row(result, "A").figures.share == 1.0
    assert row(result, "B").figures.share == 0.0
    assert row(result, ALL_CIRCLES).figures.share == pytest.approx(0.25)
    # A market outside the circle counts for reach but not among the facilities inside.
    over = study(
        [(1100.0, 0.0)],
        (("market", 900.0, 0.0),),
        circles=halves,
        demand=people_at([(1100, 0)], circle=[1]),
    )
    assert row(over, "B").verdict == "met"
    assert row(over, "B").figures.facilities_inside == 0


def test_closed_and_unfinished_facilities_do_not_count() -> None:
    def record(status: str) -> FacilityRecord:
        return FacilityRecord(
            element_id="market",
            source_id=f"t:{status}",
            name="",
            origin="table",
            status=status,
            xy_m=(0.0, 0.0),
            area_m2=float("nan"),
            ambiguous=False,
            entrances=((0.0, 0.0, Entrance.POINT),),
            attributes={},
        )

    for status, share in (("closed", 0.0), ("construction", 0.0), ("open", 1.0), ("unknown", 1.0)):
        result = study([(0.0, 0.0)], facilities=build_facilities([record(status)]))
        assert row(result).figures.share == share


def test_park_tiers_have_their_own_radius() -> None:
    tiers = (
        ReachRule(element_id="park", threshold_m=500.0, min_area_m2=5000.0),
        ReachRule(element_id="park", threshold_m=300.0, below_area_m2=5000.0),
    )
    park = plain_element("park", rules=tiers, treatment="tiered_polygon_access")
    homes = [(400.0, 0.0), (200.0, 0.0), (1600.0, 0.0)]  # 400 m and 200 m; 400 m from the big park
    parks = shops_at([("park", 0, 0), ("park", 2000, 0)], area_m2=[1000.0, 6000.0])
    result = study(homes, elements=(park,), facilities=parks)
    assert result.reach.covered[:, 0].tolist() == [False, True, True]
    assert result.reach.walk_m[:, 0].tolist() == [400, 200, 400]
    # A park of unknown size has the small one's radius.
    unknown = shops_at([("park", 0, 0)], area_m2=[float("nan")])
    assert study(homes, elements=(park,), facilities=unknown).reach.covered[:, 0].tolist() == [
        False,
        True,
        False,
    ]


def test_another_element_may_serve_where_the_profile_says_so() -> None:
    rules = (
        ReachRule(element_id="station", threshold_m=500.0),
        ReachRule(element_id="centre", threshold_m=300.0),
    )
    elements = (plain_element("station", rules=rules), plain_element("centre", threshold_m=1000.0))
    result = study([(200.0, 0.0), (400.0, 0.0)], (("centre", 0, 0),), elements=elements)
    assert result.reach.covered[:, result.reach.column("station")].tolist() == [True, False]
    assert result.reach.covered[:, result.reach.column("centre")].tolist() == [True, True]


def test_ambiguous_facilities_count_and_are_told() -> None:
    shops = shops_at([("market", 0, 0), ("market", 2000, 0)], ambiguous=[False, True])
    one = row(study([(0.0, 0.0), (2000.0, 0.0)], facilities=shops))
    assert one.verdict == "met"
    assert one.figures.facilities_ambiguous == 1
    assert one.figures.people_ambiguous == 2  # the second home
    assert "tags cannot tell" in one.coverage.reason.text("en")


def test_minutes_use_the_walkers_speed() -> None:
    # 10 minutes at 1.2 m/s are 720 m: the home at 600 m is covered by time, not by 500 m.
    by_m = study([(600.0, 0.0)])
    by_min = study([(600.0, 0.0)], parameters=StudyParameters(criterion="minutes"))
    assert row(by_m).verdict == "short"
    assert row(by_min).verdict == "met"
    assert by_min.reach.threshold_m[0] == pytest.approx(720)


def test_the_walker_changes_the_answer() -> None:
    nodes = np.array([[0, 0], [400, 0], [400, 400], [0, 400]], float)
    stairs = street_city(
        nodes, [(0, 1), (1, 2), (2, 3), (3, 0)], flags=[int(ArcFlag.STEPS), 0, 0, 0]
    )
    kwargs = {"network": stairs, "demand": people_at([(400, 0)])}
    assert row(study(**kwargs)).verdict == "met"
    assert row(study(**kwargs, parameters=StudyParameters(walker="wheelchair"))).verdict == "short"


def test_thin_data_is_not_called_a_gap() -> None:
    def verdict(**kwargs) -> tuple[str, str]:
        one = row(study(shops=(), **kwargs))
        return one.verdict, one.coverage.reason.key

    assert verdict() == ("short", "verdict.reason")  # a rich extract, an element it knows well
    low = (plain_element("market", completeness="very_low"),)
    assert verdict(elements=low) == ("not_assessed", "verdict.no_data_completeness")
    assert verdict(services=3) == ("not_assessed", "verdict.no_data_streets_only")
    crowd = people_at([(0.0, 0.0)], people=[1e6])
    assert verdict(services=100, demand=crowd) == ("not_assessed", "verdict.no_data_thin")
    # A planner's table that lists the element settles it.
    assert verdict(elements=low, table_elements=frozenset({"market"}))[0] == "short"


def test_edge_of_data_leaves_open_what_it_cannot_know() -> None:
    # The data ends 300 m east of the uncovered home: a market may stand just beyond.
    data = shapely.box(-1e5, -1e5, 2000, 1e5)
    result = study(
        [(0.0, 0.0), (1700.0, 0.0)],
        data_area=data,
        demand=people_at([(0, 0), (1700, 0)], people=[50, 50]),
    )
    one = row(result)
    assert one.verdict == "not_assessed"
    assert one.edge_of_data
    assert one.coverage.reason.key == "verdict.edge_of_data"
    assert "50.0%" in one.coverage.reason.text("en")
    assert "100.0%" in one.coverage.reason.text("en")
    assert one.figures.share_upper == 1.0
    assert result.gaps[0].edge_of_data
    # 3 people at the edge of 103 cannot change a verdict that is met.
    firm = study(data_area=data, demand=people_at([(0, 0), (1700, 0)], people=[100, 3]))
    assert row(firm).verdict == "met"
    assert row(firm).edge_of_data
    assert "edge of the data" in row(firm).coverage.reason.text("en")


def test_without_residents_the_run_ends_and_names_what_is_needed() -> None:
    one = row(study([], demand=people_at([])))
    assert one.verdict == "not_assessed"
    assert "--population" in one.coverage.reason.text("zh")


def test_elements_that_are_not_walked_name_their_column() -> None:
    lanes = replace(
        plain_element("market", treatment="line_renewal"),
        stock=StockRule(amount=("length_m",), done=("renewed",)),
    )
    one = row(study(elements=(lanes,)))
    assert one.verdict == "not_assessed"
    assert one.figures is None
    assert "renewed" in one.coverage.reason.text("en")


def test_gaps_are_connected_groups_with_their_walks() -> None:
    homes = [(0.0, 0.0), (800.0, 0.0), (900.0, 0.0), (1900.0, 0.0)]  # people 1, 2, 4, 8
    result = study(homes)
    assert [(g.people, g.walk_worst_m, g.walk_median_m, g.buildings) for g in result.gaps] == [
        (8.0, np.inf, np.inf, 1),
        (6.0, 900.0, 900.0, 2),
    ]
    assert [g.rank for g in result.gaps] == [1, 2]
    assert result.gaps[1].gap_id == "A/market/home/0001"
    assert result.gaps[1].shape.covers(shapely.Point(850, 0))
    assert result.gaps[1].shape.within(WHOLE.polygons[0].buffer(1e-6))
    small = study(homes, parameters=StudyParameters(min_gap_people=7.0))
    assert [g.people for g in small.gaps] == [8.0]


def test_unlinked_homes_count_as_uncovered_and_are_listed() -> None:
    demand = people_at([(0.0, 0.0), (1000.0, 800.0)], people=[10.0, 90.0])
    result = study(demand=demand, circles=square_circles((-50, -50, 2050, 1000)))
    assert row(result).figures.people_unlinked == 90
    assert row(result).figures.share == pytest.approx(0.1)
    told = {n.code: n for n in result.notices}
    assert told["linkage.homes.no_street"].subjects == ("home/0001",)


def test_facilities_nobody_reaches_are_listed() -> None:
    result = study(shops=(("market", 0, 0), ("market", 0, 5000)))
    told = {n.code: n for n in result.notices}
    assert told["linkage.facilities.no_street"].subjects == ("test:0001",)


shops_strategy = st.lists(
    st.tuples(st.integers(0, 2000), st.integers(0, 400)), min_size=1, max_size=6, unique=True
)


@given(places=shops_strategy, extra=st.tuples(st.integers(0, 2000), st.integers(0, 400)))
@settings(max_examples=60, deadline=None)
def test_one_more_facility_never_lengthens_a_walk(places, extra) -> None:
    shops = [("market", float(x), float(y)) for x, y in places]
    before = study(shops=shops)
    after = study(shops=[*shops, ("market", float(extra[0]), float(extra[1]))])
    assert (after.reach.walk_m <= before.reach.walk_m).all()
    assert row(after).figures.share >= row(before).figures.share


@given(places=shops_strategy, seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_the_order_of_input_changes_nothing(places, seed) -> None:
    shops = [("market", float(x), float(y)) for x, y in places]
    records = shops_at(shops)
    shuffled = np.random.default_rng(seed).permutation(len(CITY.arc_tail))
    again = street_city(
        CITY.node_xy_m,
        [(int(CITY.arc_tail[i]), int(CITY.arc_head[i])) for i in shuffled],
    )
    one, two = study(facilities=records), study(facilities=records, network=again)
    np.testing.assert_array_equal(one.reach.walk_m, two.reach.walk_m)
    np.testing.assert_array_equal(one.reach.nearest, two.reach.nearest)
    assert repr(one.assessment) == repr(two.assessment)  # repr, since nan is not nan


@given(low=st.floats(50, 900), more=st.floats(0, 500))
@settings(max_examples=40, deadline=None)
def test_a_wider_threshold_never_lowers_coverage(low: float, more: float) -> None:
    narrow = study(elements=(plain_element("market", threshold_m=low),))
    wide = study(elements=(plain_element("market", threshold_m=low + more),))
    assert (wide.reach.covered >= narrow.reach.covered).all()


def test_link_rules_change_the_answer() -> None:
    far_home = people_at([(1000.0, 520.0)])
    square = square_circles((-50, -50, 2050, 1000))
    near_only = StudyParameters(link=LinkRules(snap_limit_m=100.0))
    assert study(demand=far_home, circles=square).points.linked.all()
    assert not study(demand=far_home, circles=square, parameters=near_only).points.linked.any()


def test_ambiguous_facilities_count_only_where_the_profile_lets_them() -> None:
    from dataclasses import replace

    strict = plain_element("market")
    strict = replace(strict, osm=replace(strict.osm, ambiguous_counts=False))
    shops = shops_at([("market", 0, 0)], ambiguous=[True])
    assert row(study([(0.0, 0.0)], facilities=shops)).verdict == "met"
    one = row(study([(0.0, 0.0)], facilities=shops, elements=(strict,)))
    assert one.verdict == "short"
    assert one.figures.facilities_inside == 0


def test_a_short_verdict_says_when_the_map_is_known_to_be_thin() -> None:
    poor = (plain_element("market", completeness="low"),)
    assert "may be more" in row(study(elements=poor)).coverage.reason.text("en")
    assert "may be more" not in row(study()).coverage.reason.text("en")


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.89996, 0.899), (0.9, 0.9), (0.79999, 0.799), (0.8512, 0.851), (0.99999, 0.999)],
)
def test_a_share_is_never_rounded_up_to_its_target(share: float, shown: float) -> None:
    from analysis.judgement.coverage_verdict import shown_share

    assert shown_share(share, plain_element("market").coverage) == pytest.approx(shown)


def test_the_reason_tells_those_who_have_none_at_all() -> None:
    reason = row(study()).coverage.reason.text("en")
    # Homes at 1,200 m and beyond hold 64 + … + 512 of 1,023 people; the search ends at 1,000 m.
    assert "960 have none within 1,000 m" in reason
    assert "farthest" not in reason
    near = row(study([(0.0, 0.0), (600.0, 0.0)])).coverage.reason.text("en")
    assert "farthest 600 m" in near


def test_the_standards_snap_limit_is_honoured() -> None:
    from dataclasses import replace

    from analysis.standard.rules import Sourced

    standard = plain_standard(plain_element("market"))
    strict = replace(
        standard, snap_limit_m=Sourced(value=100.0, source="DEFAULT", confidence="default")
    )
    for one, linked in ((standard, True), (strict, False)):
        inputs = plain_inputs(
            network=CITY,
            demand=people_at([(1000.0, 520.0)]),
            facilities=shops_at([("market", 0, 0)]),
            standard=one,
            circles=square_circles((-50, -50, 2050, 1000)),
        )
        result = analyse(inputs, StudyParameters())
        assert result.points.linked.all() == linked
        assert result.link_rules.snap_limit_m == one.snap_limit_m.value

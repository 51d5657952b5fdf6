"""The four kinds of gaps on towns whose walks and amounts are worked out by hand."""

from dataclasses import replace
from math import hypot

import numpy as np
import pytest

from analysis.gaps.groups import connected_groups, median
from analysis.messages import Name
from analysis.places.facilities import Entrance, FacilityRecord, build_facilities
from analysis.sources.standards import read_standard
from analysis.standard.profile import ReachRule
from analysis.standard.profile_rules import GapRules
from analysis.standard.rule_checks import rule_problems
from analysis.standard.rule_parsing import gap_rules
from analysis.standard.rules import (
    Attribute,
    CapacityRule,
    Metric,
    MetricRule,
    ScaleRule,
    Sourced,
    Target,
)
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

WHOLE = square_circles((-50, -50, 2050, 450))
# Two streets 250 m apart, joined 400 m further on: nobody's access leg is that long.
HAIRPIN = street_city(
    np.array([(0.0, 0.0), (400.0, 0.0), (400.0, 250.0), (0.0, 250.0)]), [(0, 1), (1, 2), (2, 3)]
)
RAMP = Attribute(
    id="ramp", name=Name(zh="坡道", en="ramp"), kind="yes_no", unit="share", columns=("ramp",)
)
RAMP_SHARE = MetricRule(
    metric=Metric(
        id="ramp_share", name=Name(zh="坡道", en="ramps"), measure="share", unit="share",
        attribute="ramp",
    ),
    target=Target(op="ge", low=0.8, source="DEFAULT", confidence="default"),
)  # fmt: skip
SEATS = ScaleRule(
    indicator="seats", unit="seat", basis="population", per=1000.0,
    norm=Sourced(value=75.0, source="DEFAULT", confidence="default"),
    capacity=CapacityRule(columns=("capacity",)),
)  # fmt: skip


def record(number: int, x: float, element_id: str = "school", **said: str) -> FacilityRecord:
    return FacilityRecord(
        element_id=element_id, source_id=f"test:{number:04d}", name="", origin="table",
        status="open", xy_m=(x, 0.0), area_m2=float("nan"), ambiguous=False,
        entrances=((x, 0.0, Entrance.POINT),), attributes=said,
    )  # fmt: skip


def study(elements, homes, people, facilities, *, network=None, min_gap_people=1.0) -> Study:
    standard = replace(
        plain_standard(*elements),
        attributes={"ramp": RAMP},
        gap_rules=GapRules(poor_attributes=("ramp",)),
    )
    return analyse(
        plain_inputs(
            network=grid_city(20, 4) if network is None else network,
            demand=people_at(homes, people=people),
            facilities=facilities,
            standard=standard,
            circles=WHOLE,
        ),
        StudyParameters(min_gap_people=min_gap_people),
    )


def of_kind(found: Study, kind: str):
    return [gap for gap in found.gaps if gap.kind == kind]


def hairpin(people) -> Study:
    """Homes 1,050, 950, 850 and 750 m on foot from a shop 250 to 391 m away in a straight line."""
    homes = [(0.0, 0.0), (100.0, 0.0), (200.0, 0.0), (300.0, 0.0)]
    shop = shops_at([("market", 0.0, 250.0)])
    near = plain_element("market", threshold_m=1100.0)
    return study((near,), homes, people, shop, network=HAIRPIN)


def test_who_goes_three_times_the_straight_line_is_inconvenient() -> None:
    (gap,) = hairpin([600, 500, 9000, 9000]).gaps
    # 1,050 / 250 = 4.2 and 950 / 269.3 = 3.5; 850 / 320.2 = 2.7 is not enough.
    assert gap.kind == "inconvenient"
    assert gap.points.tolist() == [0, 1]
    assert gap.people == 1100
    assert gap.detour == pytest.approx(1050 / 250, rel=1e-3)
    assert (gap.lacking, gap.unit, gap.tolerated) == (None, "", False)
    assert gap.walk_worst_m == pytest.approx(1050)
    assert "4.2" in gap.reason.text("zh")
    assert "800 m more" in gap.reason.text("en")


def test_a_detour_of_few_people_is_no_gap() -> None:
    assert hairpin([600, 399, 9000, 9000]).gaps == ()


def test_a_detour_that_costs_little_is_no_gap() -> None:
    found = hairpin([600, 500, 0, 0])
    longer = 950 - hypot(100, 250)  # what the nearer of both homes walks more
    for least, kinds in ((longer - 1, ["inconvenient"]), (1050 - 250 + 1, [])):
        rules = GapRules(longer_by_m=Sourced(value=least, source="DEFAULT", confidence="default"))
        inputs = replace(found.inputs, standard=replace(found.inputs.standard, gap_rules=rules))
        again = analyse(inputs, StudyParameters(min_gap_people=1.0))
        assert [gap.kind for gap in again.gaps] == kinds


SCHOOL = replace(plain_element("school"), scale=SEATS, quality=(RAMP_SHARE,))


def schools(*said: dict[str, str]) -> Study:
    """Homes at 0 and 1,900 m; schools beside the first, all within its walk."""
    rows = [record(number, 100.0 * number, **one) for number, one in enumerate(said)]
    far = record(len(rows), 1900.0, capacity="900", ramp="yes")
    return study((SCHOOL,), [(0.0, 0.0), (1900.0, 0.0)], [600, 400], build_facilities([*rows, far]))


NO, YES, SILENT = ({"capacity": "900", "ramp": one} for one in ("no", "yes", ""))


def test_poor_is_who_has_none_that_might_be_good() -> None:
    (gap,) = schools(NO, NO).gaps
    assert (gap.kind, gap.people, gap.points.tolist()) == ("poor", 600, [0])
    assert "坡道" in gap.reason.text("zh")
    assert schools(NO, YES).gaps == ()
    # Nothing is known of the second: silence makes no gap.
    assert schools(NO, SILENT).gaps == ()


def test_poor_needs_a_metric_that_reads_the_attribute() -> None:
    found = schools(NO, NO)
    plain = replace(found.inputs.standard, elements=(replace(SCHOOL, quality=()),))
    assert analyse(replace(found.inputs, standard=plain), StudyParameters()).gaps == ()


def test_what_stands_in_for_an_element_spares_it() -> None:
    rules = (
        ReachRule(element_id="school", threshold_m=500.0),
        ReachRule(element_id="hall", threshold_m=300.0),
    )
    both = (replace(SCHOOL, reach_rules=rules), replace(plain_element("hall"), scale=SEATS))
    for hall_x, kinds in ((300.0, []), (400.0, ["poor"])):
        rows = [
            record(0, 0.0, **NO),
            record(1, 1900.0, **YES),
            record(2, hall_x, "hall", capacity="900"),
            record(3, 1800.0, "hall", capacity="900"),
        ]
        homes = [(0.0, 0.0), (1900.0, 0.0)]
        found = study(both, homes, [600, 400], build_facilities(rows))
        assert [gap.kind for gap in found.gaps] == kinds


def test_insufficient_is_a_whole_circle_with_what_it_lacks() -> None:
    few = study(
        (SCHOOL,), [(0.0, 0.0), (400.0, 0.0)], [600, 400],
        build_facilities([record(0, 0.0, capacity="30", ramp="yes")]),
    )  # fmt: skip
    (gap,) = few.gaps
    # 1,000 residents at 75 seats per 1,000 need 75; 30 of them are 40 %, below 70 %.
    assert (gap.kind, gap.people, gap.buildings) == ("insufficient", 1000, 2)
    assert gap.lacking == pytest.approx(45.0)
    assert gap.unit == "seat"
    assert gap.gap_id == "A/school/insufficient"
    assert gap.shape.equals(WHOLE.polygons[0])
    assert "45" in gap.reason.text("en")
    weak = study(
        (SCHOOL,), [(0.0, 0.0), (400.0, 0.0)], [600, 400],
        build_facilities([record(0, 0.0, capacity="53", ramp="yes")]),
    )  # fmt: skip
    assert weak.gaps == ()  # 53 of 75 are 71 %: weak, no gap


def test_what_remains_where_the_target_is_met_is_tolerated() -> None:
    market = plain_element("market")
    homes = [(0.0, 0.0), (1900.0, 0.0)]
    shop = shops_at([("market", 0.0, 0.0)])
    met = study((market,), homes, [950, 50], shop)
    assert [(gap.kind, gap.people, gap.tolerated) for gap in met.gaps] == [("missing", 50, True)]
    weak = study((market,), homes, [850, 150], shop)  # between acceptable 80 % and target 90 %
    assert [(gap.people, gap.tolerated) for gap in weak.gaps] == [(150, False)]
    short = study((market,), homes, [600, 400], shop)
    assert [(gap.people, gap.tolerated) for gap in short.gaps] == [(400, False)]


def test_missing_come_first_and_ranks_are_whole() -> None:
    found = study(
        (SCHOOL,), [(0.0, 0.0), (1900.0, 0.0)], [600, 400],
        build_facilities([record(0, 0.0, capacity="5", ramp="no")]),
    )  # fmt: skip
    told = [(gap.rank, gap.kind, gap.people) for gap in found.gaps]
    assert told == [(1, "missing", 400), (2, "insufficient", 1000), (3, "poor", 600)]


def test_groups_join_over_chains_of_near_homes() -> None:
    xy_m = np.array([(0.0, 0.0), (500.0, 0.0), (100.0, 0.0), (200.0, 0.0), (600.0, 500.0)])
    chosen = np.array([True, True, True, True, False])
    assert [one.tolist() for one in connected_groups(xy_m, chosen)] == [[0, 2, 3], [1]]
    assert connected_groups(xy_m, ~chosen & False) == []


def test_the_median_is_that_of_people() -> None:
    assert median(np.array([9.0, 1.0, 5.0]), np.array([1.0, 1.0, 3.0])) == 5.0
    assert median(np.array([9.0, 1.0]), np.array([1.0, 1.0])) == 1.0


def test_the_profile_holds_the_numbers_and_a_standard_may_set_its_own() -> None:
    rules = read_standard().gap_rules
    held = (rules.detour, rules.longer_by_m, rules.min_people)
    assert [one.value for one in held] == [3.0, 360.0, 1000.0]
    assert {one.confidence for one in held} == {"default"}
    assert rules.poor_attributes == ("barrier_free",)
    own = gap_rules(
        {
            "inconvenient": {"detour": {"value": 2, "source": "A", "confidence": "verbatim"}},
            "poor": {"attributes": []},
        }
    )
    assert own.detour == Sourced(value=2.0, source="A", confidence="verbatim")
    assert own.longer_by_m == GapRules().longer_by_m
    assert own.poor_attributes == ()


def test_an_attribute_that_is_not_in_the_catalogue_is_a_mistake() -> None:
    profile = {
        "attributes": [{"id": "ramp", "columns": ["ramp"]}],
        "gaps": {"poor": {"attributes": ["ramp", "rampe"]}},
    }
    (problem,) = [
        one for one in rule_problems({"profile": profile}) if one.reason.key == "standard.attribute"
    ]
    assert problem.path == ("profile", "gaps", "poor", "attributes", 1)
    assert "ramp" in problem.remedy.text("en")

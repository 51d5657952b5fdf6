"""Parking: spaces against cars, and residents short of a space of their own."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.judgement.parking import people_short_of_spaces
from analysis.messages import Name
from analysis.places.facilities import Entrance, FacilityRecord, build_facilities
from analysis.standard.profile_rules import Cohorts
from analysis.standard.rules import CapacityRule, Metric, MetricRule, ScaleRule, Sourced, Target
from analysis.study import StudyParameters, analyse
from analysis.testing.cities import (
    grid_city,
    people_at,
    plain_element,
    plain_inputs,
    plain_standard,
    square_circles,
)

CITY = grid_city(20, 2)
WHOLE = square_circles((-50, -50, 2050, 250))
ID = "parking"
NEAR = (0.0, 0.0)
FAR = (900.0, 0.0)


def element():
    shortage = Metric(
        id="shortage_spaces", name=Name(zh="缺口", en="shortage"), measure="shortage", unit="count"
    )
    none = Target(op="le", high=0.0, source="DEFAULT", confidence="default")
    return replace(
        plain_element(ID, treatment="capacity_ratio", target=0.8, acceptable=0.6),
        scale=ScaleRule(
            indicator="spaces per car", unit="space", basis="vehicles", per=1.0, upper=1.1,
            norm=Sourced(value=0.8, source="GYPK", confidence="secondary"),
            capacity=CapacityRule(columns=("capacity",), per_land_m2=1 / 30),
        ),
        efficiency=(MetricRule(metric=shortage, target=none),),
    )  # fmt: skip


def car_parks(*rows: tuple[float, dict[str, str]], area_m2: float = float("nan")):
    return build_facilities(
        [
            FacilityRecord(
                element_id=ID, source_id=f"t:{i:02d}", name="", origin="table", status="open",
                xy_m=(x, 0.0), area_m2=area_m2, ambiguous=False,
                entrances=((x, 0.0, Entrance.TABLE),), attributes=cells,
            )
            for i, (x, cells) in enumerate(rows)
        ]
    )  # fmt: skip


def demand_of(homes, people, **groups: list[float]):
    return replace(
        people_at(list(homes), people=list(people)),
        groups={name: np.array(values, dtype=np.float64) for name, values in groups.items()},
    )


def judged(facilities, demand):
    per_1000 = Sourced(value=250.0, source="DEFAULT", confidence="default")
    standard = replace(plain_standard(element()), cohorts=Cohorts(vehicles_per_1000=per_1000))
    inputs = plain_inputs(
        network=CITY, demand=demand, facilities=facilities, standard=standard, circles=WHOLE
    )
    return analyse(inputs, StudyParameters()).assessment.of_circle("A")[0]


SPACES = ((0.0, {"capacity": "60"}),)


def test_all_spaces_against_the_cars_of_the_table() -> None:
    # 100 cars need 80 spaces: 60 public and 20 of the compound's own.
    demand = demand_of([NEAR], [400.0], cars=[100.0], own_spaces=[20.0])
    row = judged(car_parks(*SPACES), demand)
    scale = row.dimension("scale")
    assert scale.verdict == "met"
    assert scale.figures[0].value == pytest.approx(0.8)
    assert not scale.figures[0].estimated
    assert row.dimension("efficiency").figures[0].value == 0.0
    # Without two of them 78 of 80 are left: weak, and two are lacking.
    less = judged(car_parks(*SPACES), replace(demand, groups={
        "cars": np.array([100.0]), "own_spaces": np.array([18.0])}))  # fmt: skip
    assert less.dimension("scale").verdict == "weak"
    shortage = less.dimension("efficiency").figures[0]
    assert (shortage.value, shortage.verdict) == (pytest.approx(2.0), "weak")


def test_without_own_spaces_public_ones_can_prove_enough_but_never_a_lack() -> None:
    demand = demand_of([NEAR], [400.0], cars=[100.0])
    open_ = judged(car_parks(*SPACES), demand)
    assert open_.dimension("scale").verdict == "not_assessed"
    assert "own_spaces" in open_.dimension("scale").reason.text("zh")
    figure = open_.dimension("efficiency").figures[0]
    assert figure.verdict == "not_assessed"
    assert figure.value == pytest.approx(20.0)  # at most
    enough = judged(car_parks((0.0, {"capacity": "80"})), demand)
    assert enough.dimension("scale").verdict == "met"
    assert enough.dimension("efficiency").figures[0].verdict == "met"


def test_cars_of_no_table_are_estimated_and_so_are_spaces_of_a_polygon() -> None:
    # 400 residents: 100 cars by 250 per 1000; 2,400 m² of car park: 80 spaces.
    demand = demand_of([NEAR], [400.0])
    row = judged(car_parks((0.0, {}), area_m2=2400.0), demand)
    assert row.dimension("scale").verdict == "met"
    assert row.dimension("scale").figures[0].estimated
    assert row.dimension("scale").figures[0].value == pytest.approx(0.8)


def test_coverage_is_of_those_short_of_a_space_where_tables_tell() -> None:
    # Half of the 400 near have no own space, all 100 far have one: 200 of 200 are within 500 m.
    own = demand_of([NEAR, FAR], [400.0, 100.0], cars=[100.0, 20.0], own_spaces=[50.0, 20.0])
    row = judged(car_parks(*SPACES), own)
    assert row.figures.share == pytest.approx(1.0)
    assert row.coverage.verdict == "met"
    assert "short of a space" in row.coverage.reason.text("en")
    np.testing.assert_allclose(people_short_of_spaces(own), [200.0, 0.0])
    # The far ones have none: 200 of 300.
    far = demand_of([NEAR, FAR], [400.0, 100.0], cars=[100.0, 20.0], own_spaces=[50.0, 0.0])
    assert judged(car_parks(*SPACES), far).figures.share == pytest.approx(2 / 3)


def test_else_all_residents_stand_for_them_and_the_reason_says_so() -> None:
    row = judged(car_parks(*SPACES), demand_of([NEAR, FAR], [400.0, 100.0], cars=[100.0, 20.0]))
    assert row.figures.share == pytest.approx(0.8)
    assert row.coverage.verdict == "met"
    assert "own_spaces" in row.coverage.reason.text("en")
    assert "估算" in row.coverage.reason.text("zh")


def test_a_compound_without_cars_is_short_of_nothing() -> None:
    assert people_short_of_spaces(demand_of([NEAR], [10.0], own_spaces=[5.0])) is None
    short = people_short_of_spaces(
        demand_of([NEAR, FAR], [10.0, 10.0], cars=[0.0, 4.0], own_spaces=[9.0, 3.0])
    )
    np.testing.assert_allclose(short, [0.0, 2.5])


@given(
    spaces=st.lists(st.integers(0, 120), min_size=1, max_size=4), own=st.integers(0, 60),
    more=st.integers(1, 50), shuffled=st.randoms(use_true_random=False),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_a_space_never_lowers_a_verdict_and_relabelling_changes_none(
    spaces: list[int], own: int, more: int, shuffled
) -> None:
    order = ("short", "not_assessed", "weak", "met")
    demand = demand_of([NEAR, FAR], [300.0, 100.0], cars=[75.0, 25.0], own_spaces=[float(own), 1.0])

    def verdicts(given_: list[int]) -> list[str]:
        found = judged(car_parks(*((0.0, {"capacity": str(n)}) for n in given_)), demand)
        return [one.verdict for one in found.dimensions[:3]]

    other = list(spaces)
    shuffled.shuffle(other)
    was = verdicts(spaces)
    assert verdicts(other) == was
    grown = [spaces[0] + more, *spaces[1:]]
    for before, after in zip(was, verdicts(grown), strict=True):
        assert order.index(after) >= order.index(before)

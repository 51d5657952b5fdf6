"""Who a norm counts: columns first, then stated shares, else nothing."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.capacity.amounts import amounts
from analysis.places.demand import Demand
from analysis.standard.profile_rules import Cohorts
from analysis.standard.rules import Basis, Sourced
from analysis.testing.cities import people_at


def sourced(value: float) -> Sourced:
    return Sourced(value=value, source="DEFAULT", confidence="default")


COHORTS = Cohorts(
    share={"population_60plus": sourced(0.2), "population_0_2": sourced(0.03)},
    household_size=sourced(2.5),
    vehicles_per_1000=sourced(200.0),
    ebikes_per_1000=sourced(500.0),
)


def demand(people: tuple[float, ...] = (100.0, 300.0), **changes: object) -> Demand:
    homes = people_at([(0.0, 0.0), (100.0, 0.0)], people=list(people), land_m2=[2e6])
    return replace(homes, **{"households": np.zeros(3), **changes})  # type: ignore[arg-type]


def test_residents_are_counted_and_say_where_they_are_estimates() -> None:
    found = amounts(demand(), COHORTS, "population")
    assert found is not None
    assert found.of_point.tolist() == [100.0, 300.0, 0.0]
    assert not found.estimated
    guessed = demand(people_estimated=np.array([True, False, False]))
    assert amounts(guessed, COHORTS, "population").estimated  # type: ignore[union-attr]
    # Nobody lives where the estimate is: it estimates nothing.
    empty = demand((0.0, 300.0), people_estimated=np.array([True, False, False]))
    assert not amounts(empty, COHORTS, "population").estimated  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        ("population_60plus", [20.0, 60.0, 0.0]),
        ("population_0_2", [3.0, 9.0, 0.0]),
        ("households", [40.0, 120.0, 0.0]),
        ("vehicles", [20.0, 60.0, 0.0]),
        ("ebikes", [20.0, 60.0, 0.0]),
    ],
)
def test_shares_stand_for_groups_that_no_table_counts(basis: Basis, expected: list[float]) -> None:
    found = amounts(demand(), COHORTS, basis)
    assert found is not None
    assert found.of_point == pytest.approx(np.array(expected))
    assert found.estimated
    assert found.stands_for is not None
    assert found.stands_for.source == "DEFAULT"


@pytest.mark.parametrize(
    ("basis", "column"),
    [
        ("population_60plus", "population_60plus"),
        ("population_12_14", "population_12_14"),
        ("vehicles", "cars"),
        ("ebikes", "ebikes"),
    ],
)
def test_a_column_counts_before_any_share(basis: Basis, column: str) -> None:
    counted = demand(groups={column: np.array([7.0, 0.0, 0.0])})
    found = amounts(counted, COHORTS, basis)
    assert found is not None
    assert found.of_point.tolist() == [7.0, 0.0, 0.0]
    assert not found.estimated
    assert found.stands_for is None


def test_an_empty_column_is_no_count() -> None:
    empty = demand(groups={"population_60plus": np.zeros(3), "population_12_14": np.zeros(3)})
    assert amounts(empty, COHORTS, "population_60plus").of_point.tolist() == [20.0, 60.0, 0.0]  # type: ignore[union-attr]
    assert amounts(empty, COHORTS, "population_12_14") is None


@pytest.mark.parametrize(
    "basis",
    ["population_12_14", "area", "lane_length", "eligible_households"],
)
def test_without_column_or_share_there_is_no_amount_never_zero(basis: Basis) -> None:
    assert amounts(demand(), COHORTS, basis) is None


@pytest.mark.parametrize("basis", ["households", "vehicles", "ebikes", "population_60plus"])
def test_a_profile_without_cohorts_stands_for_nobody(basis: Basis) -> None:
    assert amounts(demand(), Cohorts(), basis) is None


def test_households_of_a_table_count_and_e_bikes_follow_them() -> None:
    told = demand(households=np.array([30.0, 100.0, 0.0]))
    households = amounts(told, COHORTS, "households")
    assert households is not None
    assert households.of_point.tolist() == [30.0, 100.0, 0.0]
    assert not households.estimated
    ebikes = amounts(told, COHORTS, "ebikes")
    assert ebikes is not None
    assert ebikes.of_point.tolist() == [15.0, 50.0, 0.0]
    assert ebikes.estimated


def test_residential_land_counts_in_square_kilometres() -> None:
    found = amounts(demand(), COHORTS, "residential_land")
    assert found is not None
    assert found.of_point.tolist() == [0.0, 0.0, 2.0]
    assert not found.estimated


def test_a_household_of_no_size_is_no_rate() -> None:
    assert amounts(demand(), replace(COHORTS, household_size=sourced(0.0)), "households") is None


@given(
    st.floats(min_value=1e-3, max_value=1e6), st.sampled_from(["population", "ebikes", "vehicles"])
)
def test_amounts_grow_with_the_residents(factor: float, basis: Basis) -> None:
    few, many = (
        amounts(demand(one), COHORTS, basis)
        for one in ((100.0, 300.0), (100 * factor, 300 * factor))
    )
    assert few is not None
    assert many is not None
    assert many.of_point == pytest.approx(few.of_point * factor)
    assert not many.of_point.flags.writeable

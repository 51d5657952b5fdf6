"""What a facility offers: stated, estimated from its size, or unknown and bounded."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.capacity.supply import Supply, supply_of
from analysis.places.facilities import Facilities, build_facilities
from analysis.standard.rules import CapacityRule
from tests.diagnosis_city import facility

SEATS = CapacityRule(columns=("capacity", "seats"), osm_tags=("capacity:students",))


def one(
    attributes: dict[str, str], rule: CapacityRule = SEATS, area_m2: float = math.nan
) -> Supply:
    facilities = build_facilities([facility(0.0, attributes, area_m2=area_m2)])
    return supply_of(rule, facilities, np.array([0], dtype=np.int32))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("640", 640.0),
        ("1,240", 1240.0),
        ("约 300 人", 300.0),
        ("１２００", 1200.0),
        ("３．５", 3.5),
        ("1.5e3", 1500.0),
        ("0", 0.0),
        (" 36班", 36.0),
    ],
)
def test_a_stated_number_is_read(text: str, amount: float) -> None:
    supply = one({"capacity": text})
    assert supply.amount.tolist() == [amount]
    assert not supply.estimated.any()
    assert (supply.least.tolist(), supply.most.tolist()) == ([amount], [amount])


@pytest.mark.parametrize("text", ["", "未知", "-5", "n/a", "unknown", "inf", "nan", "1e999"])
def test_what_states_no_number_is_unknown_never_zero(text: str) -> None:
    supply = one({"capacity": text})
    assert math.isnan(supply.amount[0])
    assert not supply.known.any()
    assert (supply.least.tolist(), supply.most.tolist()) == ([0.0], [math.inf])


def test_columns_come_before_tags_and_empty_ones_are_passed_over() -> None:
    both = {"capacity": "", "seats": "20", "capacity:students": "30"}
    assert one(both).amount.tolist() == [20.0]
    assert one({"capacity:students": "30"}).amount.tolist() == [30.0]
    assert one({"capacity": "无", "capacity:students": "30"}).amount.tolist() == [30.0]


def test_each_stands_for_what_states_nothing_before_its_size_does() -> None:
    rule = replace(SEATS, each=1.0, per_land_m2=0.1)
    assert one({}, rule, 500.0).amount.tolist() == [1.0]
    assert one({"capacity": "3"}, rule, 500.0).amount.tolist() == [3.0]
    assert one({"capacity": "0"}, rule, 500.0).amount.tolist() == [0.0]


def test_sizes_are_estimates_and_floors_count_for_buildings_alone() -> None:
    land = one({}, replace(SEATS, per_land_m2=0.1), 500.0)
    assert land.amount.tolist() == [50.0]
    assert land.estimated.all()
    floors = replace(SEATS, per_floor_m2=0.1)
    assert one({"building": "yes", "building:levels": "4"}, floors, 500.0).amount.tolist() == [
        200.0
    ]
    assert one({"building": "yes", "levels": "3"}, floors, 500.0).amount.tolist() == [150.0]
    assert one({"building": "yes"}, floors, 500.0).amount.tolist() == [50.0]
    campus = one({"building:levels": "4"}, floors, 500.0)
    assert math.isnan(campus.amount[0])
    assert not campus.estimated.any()
    for area_m2 in (math.nan, 0.0, -1.0, math.inf):
        assert not one({"building": "yes"}, floors, area_m2).known.any()
        assert not one({}, replace(SEATS, per_land_m2=0.1), area_m2).known.any()


def test_an_unknown_size_is_bounded_by_what_one_usually_offers() -> None:
    supply = one({}, replace(SEATS, typical=(100.0, 900.0)))
    assert math.isnan(supply.amount[0])
    assert (supply.least.tolist(), supply.most.tolist()) == ([100.0], [900.0])
    stated = one({"capacity": "5"}, replace(SEATS, typical=(100.0, 900.0)))
    assert (stated.least.tolist(), stated.most.tolist()) == ([5.0], [5.0])


@given(
    stated=st.lists(st.one_of(st.none(), st.integers(0, 9999)), min_size=1, max_size=6),
    data=st.data(),
)
def test_rows_are_read_one_by_one_whatever_stands_beside_them(
    stated: list[int | None], data: st.DataObject
) -> None:
    facilities: Facilities = build_facilities(
        [
            facility(0.0, {} if one_ is None else {"capacity": str(one_)}, number=i)
            for i, one_ in enumerate(stated)
        ]
    )
    rows = sorted(data.draw(st.sets(st.integers(0, len(stated) - 1))))
    supply = supply_of(SEATS, facilities, np.array(rows, dtype=np.int32))
    expected = [math.nan if stated[row] is None else float(stated[row]) for row in rows]  # type: ignore[arg-type]
    assert np.array_equal(supply.amount, expected, equal_nan=True)
    assert (supply.least <= supply.most).all()
    assert not supply.amount.flags.writeable

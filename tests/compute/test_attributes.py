"""Attributes: columns before tags, words and numbers as planners write them."""

import numpy as np
import pytest

from analysis.messages import Name
from analysis.places.attributes import read, unread_notice
from analysis.places.cells import plain, said_number, said_yes
from analysis.places.facilities import Entrance, FacilityRecord, build_facilities
from analysis.standard.rules import Attribute

YN = {"yes": "yes", "no": "no"}


def facilities(*said, origin="table", area_m2=float("nan")):
    return build_facilities(
        [
            FacilityRecord(
                element_id="shop", source_id=f"t:{i:03d}", name="", origin=origin, status="open",
                xy_m=(0.0, 0.0), area_m2=area_m2, ambiguous=False,
                entrances=((0.0, 0.0, Entrance.POINT),), attributes=one,
            )
            for i, one in enumerate(said)
        ]
    )  # fmt: skip


def attribute(kind="yes_no", columns=("ramp",), unit="share", **more):
    return Attribute(
        id="ramp", name=Name(zh="坡道", en="ramp"), kind=kind, unit=unit, columns=columns, **more
    )


def values(one, *said, **more):
    given = facilities(*said, **more)
    return read(one, given, np.arange(len(given), dtype=np.int32))


def same(found, *expected):
    return np.array_equal(found.value, np.array(expected, float), equal_nan=True)


NAN = float("nan")


@pytest.mark.parametrize(
    ("text", "value"),
    [("是", 1), ("有", 1), ("Yes", 1), ("√", 1), ("已配", 1), ("1", 1), ("３", 1),
     ("否", 0), ("无", 0), ("没有", 0), ("no", 0), ("×", 0), ("0", 0), ("部分", 0.5),
     ("也许", None), ("-3", None)],
)  # fmt: skip
def test_words_for_yes_and_no(text, value):
    assert said_yes(plain(text)) == value


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [("45", "pupil", 45), ("45 人", "pupil", 45), ("４５人", "pupil", 45), ("约45人/班", "pupil", 45),
     ("1,200", "m2", 1200), ("1,200.5㎡", "m2", 1200.5), ("1.2万平方米", "m2", 12000),
     ("2公顷", "m2", 20000), ("3 亩", "m2", 2000), ("40-50人", "pupil", 45), ("40～50", "pupil", 45),
     ("3米至5米", "m", 4), ("200 cm", "m", 2), ("85%", "share", 0.85), ("85", "share", 0.85),
     ("0.85", "share", 0.85), ("无", "m", 0),
     ("120%", "share", None), ("-3", "m", None), ("2019-05", "m", None), ("12,5", "m", None),
     ("5 ft", "m", None), ("10'", "m", None), ("3+2", "m", None), ("nan", "m", None),
     ("很多", "m", None), ("9" * 400, "m", None)],
)  # fmt: skip
def test_numbers_as_they_are_written(text, unit, value):
    found = said_number(plain(text), unit)
    assert found == (None if value is None else pytest.approx(value))


def test_a_column_goes_before_a_tag_and_the_first_filled_column_counts():
    one = attribute(columns=("ramp", "ramp2"), osm={"wheelchair": YN})
    found = values(
        one,
        {"ramp": "是", "wheelchair": "no"},
        {"ramp": "", "ramp2": "否", "wheelchair": "yes"},
        {"ramp": "不详", "wheelchair": "yes"},
        {"wheelchair": "designated"},
        {},
    )
    assert same(found, 1, 0, 1, NAN, NAN)
    assert found.source == ("column", "column", "osm", "", "")
    assert found.unread == ()


def test_what_comes_from_the_map_has_no_columns():
    """A tag that happens to be called like a column is read by the meaning of the tag alone."""
    one = attribute(columns=("surface",), words={"*": "no"}, osm={"surface": {"rubber": "yes"}})
    assert same(values(one, {"surface": "rubber"}, {"surface": "wood"}, origin="osm"), 1, NAN)
    assert same(values(one, {"surface": "rubber"}, {"surface": "wood"}), 1, 0)


def test_words_of_a_list_come_before_yes_and_no():
    one = attribute(columns=("functions",), words={"非助餐": "no", "助餐": "yes", "*": "no"})
    found = values(
        one, {"functions": "日间照料、助餐"}, {"functions": "阅览"}, {"functions": "非助餐"},
        {"functions": "是"}, {"functions": ""},
    )  # fmt: skip
    assert same(found, 1, 0, 0, 1, NAN)


def test_partly_is_what_the_tags_mean_by_limited():
    limited = attribute(osm={"wheelchair": {**YN, "limited": "yes"}})
    assert same(values(limited, {"ramp": "部分"}), 1)
    assert same(values(attribute(), {"ramp": "部分"}), 0.5)


def test_the_first_key_whose_value_is_listed_counts():
    one = attribute(columns=(), osm={"toilets:wheelchair": YN, "wheelchair": YN})
    found = values(
        one,
        {"toilets:wheelchair": "bad", "wheelchair": "yes"},
        {"toilets:wheelchair": "no", "wheelchair": "yes"},
        {"wheelchair": "yes;no"},
        origin="osm",
    )
    assert same(found, 1, 0, 1)


def test_any_value_is_taken_as_it_stands_or_by_its_meaning():
    number = attribute("number", (), "count", osm={"capacity:disabled": {"no": "0", "*": "*"}})
    found = values(
        number, {"capacity:disabled": "no"}, {"capacity:disabled": "4"},
        {"capacity:disabled": "yes"}, origin="osm",
    )  # fmt: skip
    assert same(found, 0, 4, NAN)
    assert [one.source_id for one in found.unread] == ["t:002"]
    assert same(values(attribute(columns=(), osm={"fee": {"*": "yes"}}), {"fee": "5 CNY"}), 1)


def test_lists_count_different_entries():
    one = attribute("text", ("sport",), "count", osm={"sport": {"*": "*"}})
    found = values(one, {"sport": "篮球、网球；篮球"}, {"sport": "无"}, {"sport": "tennis;soccer"})
    assert same(found, 2, 0, 2)
    assert found.entries[0] == {"篮球", "网球"}


def test_opening_hours_give_the_figure_that_the_unit_names():
    said = {"opening_hours": "Mo-Fr 08:00-18:00; Sa 09:00-22:00"}
    for unit, figure in (
        ("hours_per_week", 63), ("days_per_week", 6), ("opens_at", 8), ("closes_at", 22),
    ):  # fmt: skip
        one = attribute("hours", ("opening_hours",), unit, osm={"opening_hours": {"*": "*"}})
        assert same(values(one, said, {"opening_hours": "42"}), figure, 42)
        assert same(values(one, said, origin="osm"), figure)


def test_the_polygon_stands_for_land_that_nobody_states():
    one = attribute("number", ("land_m2",), "m2", polygon_area=True)
    found = values(one, {"land_m2": "500"}, {}, area_m2=800.0)
    assert same(found, 500, 800)
    assert found.source == ("column", "area")
    assert same(values(one, {}), NAN)


def test_defaults_are_marked():
    found = values(attribute(default="no"), {"ramp": "是"}, {})
    assert same(found, 1, 0)
    assert found.defaults_at(np.array([0, 1], dtype=np.int32)).tolist() == [False, True]


def test_bad_cells_are_told_once_with_an_example_and_all_facilities():
    found = values(attribute(), {"ramp": "maybe" * 20}, {"ramp": "也许"}, {"ramp": "是"})
    told = unread_notice(found)
    assert told is not None
    assert told.subjects == ("t:000", "t:001")
    assert told.severity == "warning"
    assert "2" in told.text.text("zh")
    assert told.text.text("en").endswith(f"ramp = {('maybe' * 20)[:40]}…")
    assert unread_notice(values(attribute(), {"ramp": "是"})) is None


def test_values_are_picked_by_row():
    found = values(attribute(), {"ramp": "是"}, {"ramp": "否"}, {})
    picked = found.at(np.array([2, 0], dtype=np.int32))
    assert np.isnan(picked[0])
    assert picked[1] == 1.0

"""What is one facility in map and table, what is not, and what a person should look at."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.places.facilities import Entrance, FacilityRecord, Origin, Status
from analysis.places.matches import MatchReview
from analysis.sources.services.matching import Matching, match_facilities
from analysis.sources.services.merge import merge_facilities
from analysis.sources.services.name_likeness import similarity
from analysis.sources.standards import read_standard

STANDARD = read_standard()
SCHOOL, DEDUPE_M = "primary_school", 50.0  # so twice that, 100 m, is the limit for one name


def record(
    source_id: str,
    x: float = 0.0,
    name: str = "明德小学",
    *,
    element_id: str = SCHOOL,
    status: Status = "open",
    **attributes: str,
) -> FacilityRecord:
    origin: Origin = "osm" if source_id.startswith("osm:") else "table"
    return FacilityRecord(
        element_id=element_id,
        source_id=source_id,
        name=name,
        origin=origin,
        status=status,
        xy_m=(x, 0.0),
        area_m2=float("nan"),
        ambiguous=False,
        entrances=((x, 0.0, Entrance.POINT),),
        attributes=attributes,
    )


def match(osm: list[FacilityRecord], tables: list[FacilityRecord]) -> Matching:
    return match_facilities(osm, tables, STANDARD)


def found(matching: Matching) -> list[tuple[str, str, str, str]]:
    return [
        (one.finding, one.row.source_id, "" if one.other is None else one.other.source_id,
         one.decision)
        for one in matching.reviews
    ]  # fmt: skip


def test_the_distance_is_the_one_assumed() -> None:
    assert STANDARD.element(SCHOOL).osm.dedupe_m == DEDUPE_M


# --- likeness of names ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("明德", "明德", 1.0),
        ("明德", "德明", 0.5),  # one character in order of two and two
        ("贵阳市明德", "明德", 4 / 7),
        ("观山湖区明德实验", "观山湖明德实验", 14 / 15),
        ("第一", "第二", 0.5),
        ("贵阳市观山湖区第一实验", "贵阳市观山湖区第二实验", 0.5),  # 20/22, but for the number
        ("第3实验", "第三实验", 1.0),  # the same number written differently
        ("第12实验", "第十二实验", 1.0),
        ("百货大楼", "100货大楼", 1.0),
        ("第2实验", "第12实验", 0.5),
        ("永辉", "合力", 0.0),
    ],
)
def test_likeness_is_the_share_of_characters_in_order(
    one: str, other: str, expected: float
) -> None:
    assert similarity(one, other) == pytest.approx(expected)
    assert similarity(other, one) == pytest.approx(expected)


def test_no_name_is_like_nothing() -> None:
    assert math.isnan(similarity("", "明德"))
    assert math.isnan(similarity("", ""))


# --- one or two -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mapped", "row", "gap_m", "same", "finding"),
    [
        ("明德小学", "明德小学", 100.0, True, None),
        ("明德小学", "明德小学", 100.1, False, "far_apart"),
        ("明德小学", "明德小学", 300.1, False, None),
        # Without the generic suffix 小学: 7 and 8 characters, 7 in order → 14/15 ≥ 0.8.
        ("观山湖区明德实验小学", "观山湖明德实验小学", 90.0, True, "alike_names"),
        ("观山湖区明德实验小学", "观山湖明德实验小学", 110.0, False, "far_apart"),
        ("观山湖第一实验小学", "观山湖第二实验小学", 20.0, False, "number_differs"),
        ("观山湖第一实验小学", "观山湖第二实验小学", 31.0, False, None),
        ("明德小学", "育才小学", 30.0, False, "other_name"),
        ("明德小学", "育才小学", 31.0, False, None),
        ("", "育才小学", 30.0, True, "unnamed"),
        ("", "育才小学", 30.1, False, None),
    ],
)
def test_name_and_distance_decide_together(
    mapped: str, row: str, gap_m: float, same: bool, finding: str | None
) -> None:
    matching = match([record("osm:node/1", name=mapped)], [record("t:1", gap_m, row)])
    assert [(one.osm, one.table) for one in matching.pairs] == ([(0, 0)] if same else [])
    decision = "merged" if same else "kept_both"
    assert found(matching) == ([(finding, "t:1", "osm:node/1", decision)] if finding else [])
    for one in matching.reviews:
        assert one.distance_m == pytest.approx(gap_m)


def test_the_most_alike_row_wins_and_the_second_is_shown() -> None:
    osm = [record("osm:node/1", name="观山湖区明德实验小学")]
    rows = [
        record("t:1", 5.0, "观山湖明德实验小学"),  # nearer, but 14/15 alike
        record("t:2", 60.0, "观山湖区明德实验小学"),
    ]
    matching = match(osm, rows)
    assert [(one.osm, one.table) for one in matching.pairs] == [(0, 1)]
    assert found(matching) == [
        ("second_row", "t:1", "osm:node/1", "kept_both"),
        ("two_rows", "t:1", "t:2", "kept_both"),
    ]
    merged = merge_facilities(osm, rows, STANDARD, "add")
    assert merged.facilities.source_id == ("t:1", "t:2")
    assert merged.reviews == matching.reviews


def test_the_tables_status_counts_and_is_shown() -> None:
    osm = [record("osm:node/1")]
    merged = merge_facilities(osm, [record("t:1", status="closed")], STANDARD, "add")
    assert merged.facilities.status == ("closed",)
    (review,) = merged.reviews
    assert (review.finding, review.decision) == ("status", "merged")
    assert review.why.text("zh") == "表中为“关闭”，地图上为“开放”；以表为准"
    assert match(osm, [record("t:1", status="unknown")]).reviews == ()


def test_one_row_for_two_mapped_objects_is_shown_with_both() -> None:
    osm = [record("osm:node/1", -40.0), record("osm:node/2", 40.0)]
    matching = match(osm, [record("t:1")])
    assert found(matching) == [
        ("several_objects", "t:1", "osm:node/1", "merged"),
        ("several_objects", "t:1", "osm:node/2", "merged"),
    ]


def test_the_same_place_as_another_element_is_shown() -> None:
    row = record("t:1", 10.0, element_id="junior_middle_school")
    matching = match([record("osm:node/1")], [row])
    assert matching.pairs == []
    assert found(matching) == [("other_element", "t:1", "osm:node/1", "kept_both")]
    far = record("t:1", 31.0, element_id="junior_middle_school")
    assert match([record("osm:node/1")], [far]).reviews == ()


def test_two_rows_alike_are_shown_once() -> None:
    matching = match([], [record("t:2", 90.0), record("t:1"), record("t:3", 500.0)])
    assert [one.finding for one in matching.reviews] == ["two_rows"]


# --- corrected by the planner ---------------------------------------------------------------------


@pytest.mark.parametrize("stated", ["osm:way/7", "way/7", "w7", "7", "way 7"])
def test_a_stated_osm_id_settles_it(stated: str) -> None:
    osm = [record("osm:node/1"), record("osm:way/7", 900.0, "育才小学")]
    matching = match(osm, [record("t:1", osm_id=stated)])
    assert [(one.osm, one.table) for one in matching.pairs] == [(0, 0), (1, 0)]
    findings = [one[0] for one in found(matching) if one[2] == "osm:way/7"]
    assert findings == ["declared", "several_objects"]


def test_a_stated_id_that_is_none_is_shown() -> None:
    matching = match([record("osm:node/1", 900.0)], [record("t:1", osm_id="way/9")])
    assert found(matching) == [("unknown_osm_id", "t:1", "", "kept_both")]


def test_a_row_may_say_that_it_is_none_of_the_mapped_ones() -> None:
    matching = match([record("osm:node/1")], [record("t:1", osm_id="无")])
    assert matching.pairs == []
    assert matching.reviews == ()


# --- properties -----------------------------------------------------------------------------------

places = st.integers(0, 200)
names = st.sampled_from(["", "明德小学", "明德实验小学", "第一小学", "第二小学"])
statuses = st.sampled_from(["open", "closed", "unknown"])
sides = st.lists(st.tuples(places, names, statuses), max_size=8)


@given(sides, sides, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_every_pair_fits(
    left: list[tuple[int, str, Status]],
    right: list[tuple[int, str, Status]],
    shuffler: random.Random,
) -> None:
    osm = [record(f"osm:node/{i}", float(x), n, status=s) for i, (x, n, s) in enumerate(left)]
    rows = [record(f"t:{i}", float(x), n, status=s) for i, (x, n, s) in enumerate(right)]
    merged = merge_facilities(osm, rows, STANDARD, "add")
    shuffler.shuffle(osm)
    shuffler.shuffle(rows)
    again = merge_facilities(osm, rows, STANDARD, "add")
    assert list(map(_key, again.reviews)) == list(map(_key, merged.reviews))
    assert again.facilities.source_id == merged.facilities.source_id
    for one in match(osm, rows).pairs:
        gap_m = abs(osm[one.osm].xy_m[0] - rows[one.table].xy_m[0])
        assert gap_m <= 2 * DEDUPE_M


def _key(one: MatchReview) -> tuple[str, str, str, str, str]:
    other = "" if one.other is None else one.other.source_id
    return one.finding, one.row.source_id, other, f"{one.distance_m:.6f}", f"{one.similarity:.6f}"

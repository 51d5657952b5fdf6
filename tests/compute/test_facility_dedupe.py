"""Planners' tables laid over the map, and names made comparable."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InvalidParameterError
from analysis.notices import Notice
from analysis.places.facilities import Entrance, Facilities, FacilityRecord, Origin, Status
from analysis.sources.services.merge import merge_facilities
from analysis.sources.services.same_place import normal_name, shown_name
from analysis.sources.standards import read_standard

STANDARD = read_standard()
SUFFIXES = STANDARD.generic_suffixes
SHOP = "fresh_food_store"  # dedupe_m 50: a named pair may be 100 m apart
Doors = tuple[tuple[float, float, Entrance], ...]


def record(
    source_id: str,
    xy_m: tuple[float, float] = (0.0, 0.0),
    *,
    name: str = "永辉超市",
    element_id: str = SHOP,
    status: Status = "open",
    area_m2: float = float("nan"),
    ambiguous: bool = False,
    doors: Doors | None = None,
    **attributes: str,
) -> FacilityRecord:
    origin: Origin = "osm" if source_id.startswith("osm:") else "table"
    kind = Entrance.POINT if origin == "osm" else Entrance.TABLE
    return FacilityRecord(
        element_id=element_id,
        source_id=source_id,
        name=name,
        origin=origin,
        status=status,
        xy_m=xy_m,
        area_m2=area_m2,
        ambiguous=ambiguous,
        entrances=doors or ((*xy_m, kind),),
        attributes=attributes,
    )


def ids(facilities: Facilities) -> list[str]:
    return list(facilities.source_id)


def told(notices: tuple[Notice, ...]) -> dict[str, tuple[str, ...]]:
    return {one.code: one.subjects for one in notices}


# --- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("永辉超市（云岩店）", "永辉超市"),
        ("永辉超市【总店】", "永辉超市"),
        ("ＣＥＩＰ　Iberia", "ceip iberia"),
        ("C.E.I.P. Iberia", "CEIP Iberia"),
        ("永辉超市有限公司", "永辉超市"),
        ("永辉超市 门店", "永辉超市"),
        ("Mercadona S.A.", "Mercadona"),
        ("Hörmann GmbH", "HÖRMANN"),
        ("Cafe\u0301", "Café"),
    ],
)
def test_names_that_are_the_same(one: str, other: str) -> None:
    assert normal_name(one, SUFFIXES) == normal_name(other, SUFFIXES) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("第一小学", "第二小学"), ("Klab", "Kl"), ("药店", "药"), ("（甲）", "（乙）"), ("A1", "A")],
)
def test_names_that_are_not(one: str, other: str) -> None:
    assert normal_name(one, SUFFIXES) != normal_name(other, SUFFIXES)


def test_the_shown_name_falls_back_to_other_keys() -> None:
    assert shown_name({"name": "甲", "name:en": "A"}) == "甲"
    assert shown_name({"name": "", "name:en": "A", "name:zh": "乙"}) == "乙"
    assert shown_name({"old_name": "甲"}) == ""


# --- adding -----------------------------------------------------------------------------------


def test_a_row_replaces_the_mapped_facility_and_keeps_what_the_map_knew() -> None:
    doors: Doors = ((5.0, 0.0, Entrance.GATE), (9.0, 0.0, Entrance.GATE))
    mapped = record(
        "osm:way/1",
        area_m2=900.0,
        doors=doors,
        shop="supermarket",
        capacity="1",
        merged="osm:node/2",
    )
    row = record("shops.csv:7", (60.0, 0.0), name="永辉超市（云岩店）", capacity="40")
    facilities, notices, _ = merge_facilities([mapped], [row], STANDARD, "add")
    assert ids(facilities) == ["shops.csv:7"]
    assert facilities.origin == ("table",)
    assert facilities.name == ("永辉超市（云岩店）",)
    assert facilities.xy_m.tolist() == [[60.0, 0.0]]
    assert facilities.area_m2.tolist() == [900.0]
    assert facilities.entrance_xy_m.tolist() == [[5.0, 0.0], [9.0, 0.0]]
    assert dict(facilities.attributes[0]) == {
        "shop": "supermarket",
        "capacity": "40",
        "merged": "osm:node/2;osm:way/1",
    }
    assert told(notices) == {"facility_merge.paired": (f"{SHOP}:osm:way/1→shops.csv:7",)}


def test_stated_entrances_and_area_of_a_row_stay() -> None:
    mapped = record("osm:way/1", area_m2=900.0, doors=((5.0, 0.0, Entrance.GATE),))
    row = record("t:1", area_m2=800.0, doors=((1.0, 1.0, Entrance.TABLE),))
    facilities, *_ = merge_facilities([mapped], [row], STANDARD, "add")
    assert facilities.area_m2.tolist() == [800.0]
    assert facilities.entrance_xy_m.tolist() == [[1.0, 1.0]]


@pytest.mark.parametrize("status", ["open", "construction", "closed", "unknown"])
def test_the_row_s_status_wins(status: Status) -> None:
    facilities, *_ = merge_facilities(
        [record("osm:node/1")], [record("t:1", status=status)], STANDARD, "add"
    )
    assert facilities.status == (status,)


@pytest.mark.parametrize(
    ("mapped_name", "row_name", "gap_m", "same"),
    [
        ("永辉超市", "永辉超市", 100.0, True),
        ("永辉超市", "永辉超市", 100.1, False),
        ("永辉超市", "合力超市", 1.0, False),
        ("", "合力超市", 30.0, True),
        ("", "合力超市", 30.1, False),
        ("永辉超市", "", 30.0, True),
        ("", "", 30.0, True),
        ("", "", 30.1, False),
    ],
)
def test_what_is_the_same(mapped_name: str, row_name: str, gap_m: float, same: bool) -> None:
    mapped = record("osm:node/1", name=mapped_name)
    row = record("t:1", (gap_m, 0.0), name=row_name)
    facilities, *_ = merge_facilities([mapped], [row], STANDARD, "add")
    assert ids(facilities) == (["t:1"] if same else ["osm:node/1", "t:1"])
    if same:
        assert facilities.name == (row_name or mapped_name,)


def test_a_gate_of_a_large_site_is_near_enough() -> None:
    mapped = record(
        "osm:way/1", name="黔灵山公园", element_id="park_green_space",
        doors=((900.0, 0.0, Entrance.GATE),),
    )  # fmt: skip
    row = record("t:1", (990.0, 0.0), name="黔灵山公园", element_id="park_green_space")
    facilities, *_ = merge_facilities([mapped], [row], STANDARD, "add")
    assert ids(facilities) == ["t:1"]


def test_another_element_is_another_facility() -> None:
    row = record("t:1", element_id="pharmacy")
    facilities, notices, _ = merge_facilities([record("osm:node/1")], [row], STANDARD, "add")
    assert ids(facilities) == ["osm:node/1", "t:1"]
    assert notices == ()


def test_a_named_row_goes_before_a_nearer_unnamed_one_and_ties_go_by_id() -> None:
    mapped = record("osm:node/1")
    rows = [record("t:9", name=""), record("t:3", (40.0, 0.0)), record("t:2", (0.0, 40.0))]
    facilities, notices, _ = merge_facilities([mapped], rows, STANDARD, "add")
    assert ids(facilities) == ["t:2", "t:3", "t:9"]
    assert told(notices)["facility_merge.paired"] == (f"{SHOP}:osm:node/1→t:2",)


def test_one_row_may_stand_for_several_mapped_ones() -> None:
    mapped = [record("osm:node/2", (80.0, 0.0)), record("osm:node/1", (-80.0, 0.0))]
    facilities, *_ = merge_facilities(mapped, [record("t:1")], STANDARD, "add")
    assert ids(facilities) == ["t:1"]
    assert facilities.attributes[0]["merged"] == "osm:node/1;osm:node/2"


def test_a_row_that_tells_a_school_s_level_takes_it_out_of_the_other_one() -> None:
    school = {"name": "明德学校", "ambiguous": True}
    mapped = [
        record("osm:way/1", element_id="primary_school", **school),  # type: ignore[arg-type]
        record("osm:way/1", element_id="junior_middle_school", **school),  # type: ignore[arg-type]
        record("osm:way/2", (5000.0, 0.0), element_id="primary_school", **school),  # type: ignore[arg-type]
    ]
    row = record("t:1", element_id="primary_school", name="明德学校")
    facilities, notices, _ = merge_facilities(mapped, [row], STANDARD, "add")
    assert list(zip(facilities.element_id, facilities.source_id, strict=True)) == [
        ("primary_school", "osm:way/2"),
        ("primary_school", "t:1"),
    ]
    assert facilities.ambiguous.tolist() == [True, False]
    assert told(notices)["facility_merge.settled"] == ("junior_middle_school:osm:way/1",)


# --- replacing, ids, order --------------------------------------------------------------------


def test_replace_drops_and_lists_all_mapped_facilities_of_the_tables_elements() -> None:
    mapped = [
        record("osm:node/1"),
        record("osm:node/2", (4000.0, 0.0)),
        record("osm:node/3", element_id="pharmacy"),
    ]
    facilities, notices, _ = merge_facilities(
        mapped, [record("t:1", (9.0, 0.0))], STANDARD, "replace"
    )
    assert ids(facilities) == ["t:1", "osm:node/3"]
    assert told(notices) == {
        "facility_merge.replaced": (f"{SHOP}:osm:node/1", f"{SHOP}:osm:node/2")
    }
    assert facilities.attributes[0] == {}


def test_without_tables_the_map_stays_in_both_modes() -> None:
    mapped = [record("osm:node/2"), record("osm:node/1", (500.0, 0.0))]
    for mode in ("add", "replace"):
        facilities, notices, _ = merge_facilities(mapped, [], STANDARD, mode)  # type: ignore[arg-type]
        assert ids(facilities) == ["osm:node/1", "osm:node/2"]
        assert notices == ()
    empty, *_ = merge_facilities([], [], STANDARD, "add")
    assert len(empty) == 0


def test_repeated_ids_of_tables_are_numbered_and_told() -> None:
    rows = [record("t:1", (x, 0.0), name=str(x)) for x in (900.0, 0.0, 500.0)]
    rows.append(record("t:1#2", (1500.0, 0.0), name="other"))
    facilities, notices, _ = merge_facilities([], rows, STANDARD, "add")
    assert ids(facilities) == ["t:1", "t:1#2", "t:1#3", "t:1#4"]
    assert facilities.name == ("0.0", "other", "500.0", "900.0")
    assert told(notices)["facility_merge.renamed"] == ("t:1#3", "t:1#4")


def test_another_mode_is_refused() -> None:
    with pytest.raises(InvalidParameterError):
        merge_facilities([], [], STANDARD, "blend")  # type: ignore[arg-type]


places = st.tuples(st.integers(0, 300), st.integers(0, 300))
names = st.sampled_from(["", "A", "B店", "B"])
elements = st.sampled_from([SHOP, "pharmacy", "bus_stop"])


@given(
    st.lists(st.tuples(places, names, elements), max_size=10),
    st.lists(st.tuples(places, names, elements), max_size=10),
    st.sampled_from(["add", "replace"]),
    st.randoms(use_true_random=False),
)
def test_nobody_is_lost_and_order_does_not_matter(
    mapped: list[tuple[tuple[int, int], str, str]],
    rows: list[tuple[tuple[int, int], str, str]],
    mode: str,
    shuffler: random.Random,
) -> None:
    def records(items: list[tuple[tuple[int, int], str, str]], prefix: str) -> list[FacilityRecord]:
        return [
            record(f"{prefix}{i}", (float(x), float(y)), name=name, element_id=element)
            for i, ((x, y), name, element) in enumerate(items)
        ]

    osm, tables = records(mapped, "osm:node/"), records(rows, "t:")
    facilities, notices, _ = merge_facilities(osm, tables, STANDARD, mode)  # type: ignore[arg-type]
    shuffler.shuffle(osm)
    shuffler.shuffle(tables)
    again, notices_again, _ = merge_facilities(osm, tables, STANDARD, mode)  # type: ignore[arg-type]
    assert again.source_id == facilities.source_id
    assert again.attributes == facilities.attributes
    assert np.array_equal(again.entrance_xy_m, facilities.entrance_xy_m)
    assert notices_again == notices
    kept = {*facilities.source_id}
    merged = {part for one in facilities.attributes for part in one.get("merged", "").split(";")}
    dropped = {
        subject.split(":", 1)[1]
        for one in notices
        if one.code == "facility_merge.replaced"
        for subject in one.subjects
    }
    assert {one.source_id for one in (*osm, *tables)} == (kept | merged | dropped) - {""}

"""Facilities of the map: shapes and their entrances, one facility mapped twice, services counted."""

import random
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from analysis.crs import MetricCRS, metric_crs
from analysis.places.facilities import Entrance, FacilityRecord, build_facilities
from analysis.sources.extent import StudyArea
from analysis.sources.osm.data import OsmData
from analysis.sources.services.mapped import FacilityReading, is_service, read_osm_facilities
from analysis.sources.standards import read_standard
from analysis.streets.network import WalkNetwork, build_network
from analysis.units import FloatArray
from analysis.walking import ArcFlag

STANDARD = read_standard()
CRS: MetricCRS = metric_crs(106.6, 26.6)
BOX = shapely.box(-1000.0, -1000.0, 1000.0, 1000.0)
AREA = StudyArea(crs=CRS, judged=BOX, read=BOX, data=BOX)
Place = tuple[float, float]
Tags = dict[str, str]
SCHOOL: Tags = {"amenity": "school", "name": "第一小学"}


def osm(
    nodes: Mapping[int, tuple[Place, Tags]],
    ways: Mapping[int, tuple[Sequence[int], Tags]] | None = None,
    relations: Mapping[int, tuple[shapely.Geometry, Tags]] | None = None,
    data_date: str = "2023-02-20",
) -> OsmData:
    """Build an extract from places in metres; ids in any order."""
    node_id = np.array(sorted(nodes), dtype=np.int64)
    position = {int(one): i for i, one in enumerate(node_id)}
    xy_m = np.array([nodes[int(one)][0] for one in node_id], dtype=np.float64).reshape(-1, 2)
    way_id = sorted(ways or {})
    refs = [[position[one] for one in (ways or {})[way][0]] for way in way_id]
    tagged = [i for i, one in enumerate(node_id) if nodes[int(one)][1]]
    relation_id = sorted(relations or {})
    polygons = np.empty(len(relation_id), dtype=object)
    for i, one in enumerate(relation_id):
        polygons[i] = shapely.transform((relations or {})[one][0], CRS.unproject)
    return OsmData(
        node_id=node_id,
        node_lonlat=CRS.unproject(xy_m),
        way_id=np.array(way_id, dtype=np.int64),
        way_first=np.cumsum([0, *(len(one) for one in refs)]).astype(np.int32),
        way_node=np.array([i for one in refs for i in one], dtype=np.int32),
        way_tags=tuple((ways or {})[way][1] for way in way_id),
        tagged_node=np.array(tagged, dtype=np.int32),
        node_tags=tuple(nodes[int(node_id[i])][1] for i in tagged),
        relation_id=np.array(relation_id, dtype=np.int64),
        relation_polygon=polygons,
        relation_tags=tuple((relations or {})[one][1] for one in relation_id),
        mapped_lonlat=CRS.unproject(xy_m),
        extent=(106.5, 26.5, 106.7, 26.7),
        extent_from="header",
        data_date=data_date,
        notices=(),
    )


def streets(*lines: Sequence[Place], flags: Sequence[int] | None = None) -> WalkNetwork:
    """Build a network of separate straight or bent streets, in metres."""
    ends = [place for line in lines for place in (line[0], line[-1])]
    count = len(lines)
    return build_network(
        crs=CRS.definition,
        node_id=np.arange(2 * count, dtype=np.int64),
        node_xy_m=np.array(ends, dtype=np.float64).reshape(-1, 2),
        arc_tail=np.arange(0, 2 * count, 2, dtype=np.int32),
        arc_head=np.arange(1, 2 * count, 2, dtype=np.int32),
        arc_lines_m=[np.array(line, dtype=np.float64) for line in lines],
        arc_flags=None if flags is None else np.array(flags, dtype=np.uint16),
    )


FAR_STREET = streets([(-900.0, 900.0), (900.0, 900.0)])


def square(first_id: int, x: float, y: float, side: float) -> dict[int, tuple[Place, Tags]]:
    """Return the four corners of a square, ids first_id … first_id + 3, from the lower left."""
    corners = ((x, y), (x + side, y), (x + side, y + side), (x, y + side))
    return {first_id + i: (corner, {}) for i, corner in enumerate(corners)}


def ring(first_id: int) -> list[int]:
    return [first_id, first_id + 1, first_id + 2, first_id + 3, first_id]


def read(data: OsmData, network: WalkNetwork = FAR_STREET) -> FacilityReading:
    return read_osm_facilities(data, AREA, network, STANDARD)


def only(reading: FacilityReading) -> FacilityRecord:
    (record,) = reading.records
    return record


def codes(reading: FacilityReading) -> dict[str, tuple[str, ...]]:
    return {one.code: one.subjects for one in reading.notices}


def near(record: FacilityRecord) -> list[tuple[float, float]]:
    return sorted((round(x, 1), round(y, 1)) for x, y, _ in record.entrances)


# --- shapes and entrances --------------------------------------------------------------------


def test_a_node_is_its_own_entrance() -> None:
    record = only(read(osm({7: ((10.0, 20.0), SCHOOL)})))
    assert (record.element_id, record.source_id) == ("primary_school", "osm:node/7")
    assert (record.name, record.origin, record.status) == ("第一小学", "osm", "open")
    assert record.xy_m == pytest.approx((10.0, 20.0), abs=1e-6)
    assert np.isnan(record.area_m2)
    assert record.entrances[0][2] == Entrance.POINT
    assert near(record) == [(10.0, 20.0)]
    assert record.attributes == SCHOOL


def test_a_polygon_with_gates_is_entered_there_and_only_there() -> None:
    nodes = square(1, 0.0, 0.0, 100.0)
    nodes[2] = ((100.0, 0.0), {"barrier": "gate"})
    nodes[9] = ((100.0, 50.0), {"entrance": "main"})
    nodes[10] = ((0.0, 50.0), {"barrier": "gate", "access": "no"})
    nodes[11] = ((50.0, 50.0), {"entrance": "yes"})  # a door inside, not on the ring
    nodes[12] = ((50.0, 100.0), {"entrance": "emergency"})
    data = osm(nodes, {5: ([1, 2, 9, 3, 12, 4, 10, 1], SCHOOL)})
    crossing = streets([(-50.0, 20.0), (150.0, 20.0)])
    record = only(read(data, crossing))
    assert record.source_id == "osm:way/5"
    assert record.area_m2 == pytest.approx(10_000.0, rel=1e-6)
    assert {kind for *_, kind in record.entrances} == {Entrance.GATE}
    assert near(record) == [(100.0, 0.0), (100.0, 50.0)]


def test_without_gates_a_polygon_is_entered_where_streets_cross_or_touch_its_ring() -> None:
    data = osm(square(1, 0.0, 0.0, 100.0), {5: (ring(1), {"leisure": "park"})})
    network = streets(
        [(-50.0, 30.0), (150.0, 30.0)],  # crosses twice
        [(50.0, -40.0), (50.0, 0.0)],  # ends on the ring
        [(-50.0, 140.0), (150.0, 140.0)],  # passes by
    )
    record = only(read(data, network))
    assert {kind for *_, kind in record.entrances} == {Entrance.CROSSING}
    assert near(record) == [(0.0, 30.0), (50.0, 0.0), (100.0, 30.0)]


def test_a_bridge_over_a_park_is_no_entrance() -> None:
    data = osm(square(1, 0.0, 0.0, 100.0), {5: (ring(1), {"leisure": "park"})})
    network = streets(
        [(-50.0, 30.0), (150.0, 30.0)],
        [(130.0, 10.0), (130.0, 90.0)],
        flags=[int(ArcFlag.BRIDGE | ArcFlag.UNLINKABLE), 0],
    )
    record = only(read(data, network))
    assert {kind for *_, kind in record.entrances} == {Entrance.RING}
    assert all(x == pytest.approx(100.0, abs=1e-3) for x, _, _ in record.entrances)


def test_else_the_nearest_ring_point_to_each_street_within_50_m() -> None:
    data = osm(square(1, 0.0, 0.0, 100.0), {5: (ring(1), {"leisure": "park"})})
    network = streets(
        [(130.0, 40.0), (190.0, 40.0)],  # 30 m east
        [(20.0, -60.0), (20.0, -45.0)],  # 45 m south
        [(50.0, 151.0), (50.0, 300.0)],  # 51 m north: too far
    )
    reading = read(data, network)
    record = only(reading)
    assert {kind for *_, kind in record.entrances} == {Entrance.RING}
    assert near(record) == [(20.0, 0.0), (100.0, 40.0)]
    assert codes(reading)["osm_facilities.ring"] == ("osm:way/5",)


def test_a_polygon_far_from_every_street_still_has_one_entrance() -> None:
    data = osm(square(1, 0.0, 0.0, 100.0), {5: (ring(1), {"leisure": "park"})})
    record = only(read(data, streets([(400.0, 50.0), (500.0, 50.0)])))
    assert near(record) == [(100.0, 50.0)]
    assert record.entrances[0][2] == Entrance.RING


def test_a_relation_has_its_area_without_the_hole() -> None:
    outer = shapely.box(0.0, 0.0, 200.0, 200.0)
    polygon = outer.difference(shapely.box(50.0, 50.0, 150.0, 150.0))
    record = only(read(osm({}, {}, {3: (polygon, {"leisure": "park"})})))
    assert record.source_id == "osm:relation/3"
    assert record.area_m2 == pytest.approx(30_000.0, rel=1e-6)
    assert shapely.intersects(polygon, shapely.Point(record.xy_m))


def test_a_crossed_ring_is_repaired_and_told() -> None:
    nodes = square(1, 0.0, 0.0, 100.0)
    data = osm(nodes, {5: ([1, 3, 2, 4, 1], {"leisure": "park"})})  # a bow tie
    reading = read(data)
    assert only(reading).area_m2 == pytest.approx(5_000.0, rel=1e-6)
    assert codes(reading)["osm_facilities.repaired"] == ("osm:way/5",)


def test_an_open_way_is_read_as_a_line_with_an_unknown_area() -> None:
    nodes: dict[int, tuple[Place, Tags]] = {1: ((0.0, 0.0), {}), 2: ((30.0, 0.0), {})}
    platform = {"public_transport": "platform", "bus": "yes", "name": "喷水池"}
    record = only(read(osm(nodes, {5: ([1, 2], platform)}), streets([(0.0, 5.0), (30.0, 5.0)])))
    assert np.isnan(record.area_m2)
    assert {kind for *_, kind in record.entrances} == {Entrance.RING}


def test_what_lies_outside_the_area_read_is_left_out() -> None:
    nodes = {1: ((10.0, 0.0), SCHOOL), 2: ((1001.0, 0.0), SCHOOL)}
    assert only(read(osm(nodes))).source_id == "osm:node/1"


def test_nothing_there_gives_an_empty_reading() -> None:
    reading = read(osm({}))
    assert (reading.records, reading.service_count) == ([], 0)


# --- one facility mapped twice ----------------------------------------------------------------


def test_a_named_pair_of_bus_stops_is_one_facility_with_two_entrances() -> None:
    stop = {"highway": "bus_stop", "name": "喷水池"}
    nodes = {4: ((0.0, 0.0), stop), 3: ((60.0, 12.0), {**stop, "name": "喷水池 "})}
    reading = read(osm(nodes))
    record = only(reading)
    assert record.source_id == "osm:node/3"
    assert near(record) == [(0.0, 0.0), (60.0, 12.0)]
    assert record.attributes["merged"] == "osm:node/4"
    assert codes(reading)["osm_facilities.merged"] == ("osm:node/4→osm:node/3",)


def test_bus_stops_of_other_names_or_farther_than_100_m_stay_apart() -> None:
    stop = {"highway": "bus_stop"}
    nodes = {
        1: ((0.0, 0.0), {**stop, "name": "A"}),
        2: ((10.0, 0.0), {**stop, "name": "B"}),
        3: ((101.0, 0.0), {**stop, "name": "A"}),
    }
    assert len(read(osm(nodes)).records) == 3


def test_an_unnamed_platform_belongs_to_the_nearest_named_stop_within_20_m() -> None:
    stop = {"highway": "bus_stop"}
    nodes = {
        1: ((0.0, 0.0), {**stop, "name": "A"}),
        2: ((30.0, 0.0), {**stop, "name": "B"}),
        3: ((18.0, 0.0), {"public_transport": "platform", "bus": "yes"}),
        4: ((200.0, 0.0), stop),
    }
    records = {one.source_id: near(one) for one in read(osm(nodes)).records}
    assert records == {
        "osm:node/1": [(0.0, 0.0)],
        "osm:node/2": [(18.0, 0.0), (30.0, 0.0)],
        "osm:node/4": [(200.0, 0.0)],
    }


def test_the_same_name_within_50_m_is_one_shop_and_no_name_is_no_name() -> None:
    shop = {"shop": "supermarket"}
    nodes = {
        1: ((0.0, 0.0), {**shop, "name": "永辉超市（云岩店）"}),
        2: ((49.0, 0.0), {**shop, "name": "永辉超市"}),
        3: ((0.0, 20.0), shop),
        4: ((0.0, 25.0), shop),
        5: ((200.0, 0.0), {**shop, "name": "永辉超市"}),
    }
    ids = [one.source_id for one in read(osm(nodes)).records]
    assert ids == ["osm:node/1", "osm:node/3", "osm:node/4", "osm:node/5"]


def test_a_node_inside_a_polygon_of_the_element_is_that_facility_whatever_its_name() -> None:
    nodes = {**square(1, 0.0, 0.0, 100.0), 9: ((50.0, 50.0), {**SCHOOL, "name": "实验小学"})}
    reading = read(osm(nodes, {5: (ring(1), {"amenity": "school", "isced:level": "1"})}))
    record = only(reading)
    assert record.source_id == "osm:way/5"
    assert record.name == "实验小学"
    assert record.area_m2 == pytest.approx(10_000.0, rel=1e-6)
    assert {kind for *_, kind in record.entrances} == {Entrance.RING}


def test_two_polygons_of_one_school_keep_all_their_entrances() -> None:
    nodes = {**square(1, 0.0, 0.0, 40.0), **square(11, 70.0, 0.0, 20.0)}
    data = osm(nodes, {5: (ring(11), SCHOOL), 6: (ring(1), SCHOOL)})
    network = streets([(-10.0, 10.0), (10.0, 10.0)], [(80.0, -10.0), (80.0, 10.0)])
    record = only(read(data, network))
    assert record.source_id == "osm:way/6"  # the larger one
    assert record.area_m2 == pytest.approx(2_000.0, rel=1e-6)
    assert near(record) == [(0.0, 10.0), (80.0, 0.0)]


def test_a_nine_year_school_is_two_rows_with_one_id() -> None:
    reading = read(osm({1: ((0.0, 0.0), {"amenity": "school", "isced:level": "1-2"})}))
    assert [(one.element_id, one.source_id, one.ambiguous) for one in reading.records] == [
        ("junior_middle_school", "osm:node/1", False),
        ("primary_school", "osm:node/1", False),
    ]
    assert len(build_facilities(reading.records)) == 2


# --- what counts ------------------------------------------------------------------------------


def test_ambiguous_facilities_are_marked_and_told_by_whether_they_count() -> None:
    nodes = {
        1: ((0.0, 0.0), {"amenity": "school", "name": "明德学校"}),
        2: ((500.0, 0.0), {"amenity": "clinic", "name": "诊所"}),
    }
    reading = read(osm(nodes))
    assert all(one.ambiguous for one in reading.records)
    assert codes(reading)["osm_facilities.ambiguous"] == ("osm:node/1",)
    assert codes(reading)["osm_facilities.ambiguous_shown"] == ("osm:node/2",)


def test_a_certain_member_makes_the_merged_facility_certain() -> None:
    nodes = {**square(1, 0.0, 0.0, 60.0), 9: ((30.0, 30.0), SCHOOL)}
    reading = read(osm(nodes, {5: (ring(1), {"amenity": "school"})}))
    primary = next(one for one in reading.records if one.element_id == "primary_school")
    assert (primary.source_id, primary.ambiguous) == ("osm:way/5", False)


def test_a_named_school_inside_settles_what_its_nameless_ground_is() -> None:
    nodes = {**square(1, 0.0, 0.0, 60.0), 9: ((30.0, 30.0), SCHOOL)}
    reading = read(osm(nodes, {5: (ring(1), {"amenity": "school"})}))
    assert only(reading).element_id == "primary_school"
    assert codes(reading)["osm_facilities.settled"] == ("junior_middle_school:osm:way/5",)


def test_small_gardens_are_no_parks_but_park_nodes_are_kept() -> None:
    nodes = {**square(1, 0.0, 0.0, 19.0), **square(11, 100.0, 0.0, 21.0)}
    nodes[30] = ((300.0, 0.0), {"leisure": "park"})
    garden = {"leisure": "garden", "access": "yes"}
    reading = read(osm(nodes, {5: (ring(1), garden), 6: (ring(11), garden)}))
    assert [one.source_id for one in reading.records] == ["osm:node/30", "osm:way/6"]
    assert codes(reading)["osm_facilities.too_small"] == ("osm:way/5",)


def test_pitches_on_school_ground_count_only_when_open_to_the_public() -> None:
    pitch = {"leisure": "pitch", "sport": "basketball"}
    nodes = {
        **square(1, 0.0, 0.0, 100.0),
        10: ((20.0, 20.0), pitch),
        11: ((80.0, 80.0), {**pitch, "access": "yes"}),
        12: ((200.0, 20.0), pitch),
    }
    reading = read(osm(nodes, {5: (ring(1), SCHOOL)}))
    grounds = [one.source_id for one in reading.records if one.element_id == "multi_sport_ground"]
    assert grounds == ["osm:node/11", "osm:node/12"]
    assert codes(reading)["osm_facilities.inside"] == ("osm:node/10",)


def test_lifecycle_prefixes_are_no_facility_and_building_sites_do_not_count_today() -> None:
    nodes = {
        1: ((0.0, 0.0), {"disused:amenity": "school", "name": "第一小学"}),
        2: ((200.0, 0.0), {**SCHOOL, "opening_date": "2025"}),
        3: ((400.0, 0.0), {**SCHOOL, "disused": "yes"}),
    }
    reading = read(osm(nodes))
    statuses = {one.source_id: one.status for one in reading.records}
    assert statuses == {"osm:node/2": "construction", "osm:node/3": "closed"}
    assert not build_facilities(reading.records).counts_now.any()


def test_stock_to_be_renewed_is_not_read_as_a_facility() -> None:
    nodes = square(1, 0.0, 0.0, 100.0)
    ways = {5: (ring(1), {"landuse": "residential"}), 6: ([1, 2], {"highway": "residential"})}
    assert read(osm(nodes, ways)).records == []


def test_services_are_counted_without_street_furniture_and_outside_places() -> None:
    rule = STANDARD.evidence
    assert is_service({"amenity": "cafe"}, rule)
    assert is_service({"amenity": "bench;cafe"}, rule)
    assert not is_service({"amenity": "bench"}, rule)
    assert not is_service({"highway": "bus_stop", "public_transport": "platform"}, rule)
    nodes = {
        **square(1, 0.0, 0.0, 50.0),
        10: ((0.0, 0.0), {"amenity": "cafe"}),
        11: ((0.0, 5.0), {"amenity": "waste_basket"}),
        12: ((5000.0, 0.0), {"amenity": "cafe"}),
    }
    polygon = shapely.box(0.0, 0.0, 50.0, 50.0)
    reading = read(
        osm(nodes, {5: (ring(1), {"shop": "mall"})}, {6: (polygon, {"office": "company"})})
    )
    assert reading.service_count == 3


# --- order and hostility ----------------------------------------------------------------------


def _town() -> tuple[dict[int, tuple[Place, Tags]], dict[int, tuple[list[int], Tags]]]:
    stop = {"highway": "bus_stop", "name": "A"}
    nodes = {
        **square(1, 0.0, 0.0, 100.0),
        10: ((200.0, 0.0), stop),
        11: ((250.0, 0.0), stop),
        12: ((300.0, 0.0), stop),
        13: ((50.0, 50.0), SCHOOL),
        14: ((260.0, 15.0), {"public_transport": "platform", "bus": "yes"}),
        15: ((0.0, 0.0), {"barrier": "gate"}),
    }
    return nodes, {5: (ring(1), {"amenity": "school"}), 6: (ring(1), {"leisure": "park"})}


def test_the_order_of_objects_does_not_matter() -> None:
    nodes, ways = _town()
    expected = read(osm(nodes, ways))
    assert [one.source_id for one in expected.records if one.element_id == "bus_stop"] == [
        "osm:node/10"
    ]
    data = osm(nodes, ways)
    order = list(range(len(data.node_tags)))
    random.Random(3).shuffle(order)
    turned = OsmData(
        **{
            **{name: getattr(data, name) for name in OsmData.__dataclass_fields__},
            "tagged_node": data.tagged_node[order],
            "node_tags": tuple(data.node_tags[i] for i in order),
        }
    )
    again = read(turned)
    assert repr(again.records) == repr(expected.records)  # an unknown area is not equal to itself
    assert again.notices == expected.notices


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "\u202e校学\u202c", "x" * 10_000, "（（（", "\x00", "店"]
)
def test_hostile_names_are_kept_as_given(name: str) -> None:
    tags = {"shop": "supermarket", "name": name}
    nodes = {1: ((0.0, 0.0), tags), 2: ((10.0, 0.0), tags), 3: ((500.0, 0.0), tags)}
    records = read(osm(nodes)).records
    assert {one.name for one in records} == {name}
    assert "osm:node/3" in {one.source_id for one in records}


places = st.tuples(st.integers(-900, 900), st.integers(-900, 900))


@given(st.lists(st.tuples(places, st.sampled_from(["", "A", "B", "甲店"])), max_size=12))
def test_every_stop_is_in_exactly_one_facility(stops: list[tuple[tuple[int, int], str]]) -> None:
    nodes = {
        i + 1: (
            (float(x), float(y)),
            {"highway": "bus_stop", **({"name": name} if name else {})},
        )
        for i, ((x, y), name) in enumerate(stops)
    }
    records = read(osm(nodes)).records
    members = [
        one
        for record in records
        for one in (record.source_id, *record.attributes.get("merged", "").split(";"))
        if one
    ]
    assert sorted(members) == sorted(f"osm:node/{i}" for i in nodes)
    assert all(record.entrances for record in records)


@pytest.mark.shared_data
def test_markets_and_schools_of_monaco(shared_data) -> None:  # noqa: ANN001
    from analysis.sources.osm.reader import read_osm  # noqa: PLC0415 - only here

    data = read_osm(shared_data / "monaco_2023.osm.pbf")
    crs = metric_crs(7.42, 43.74)
    lonlat: FloatArray = np.array([[7.409, 43.723], [7.449, 43.752]])
    low, high = crs.project(lonlat)
    box = shapely.box(*low, *high)
    area = StudyArea(crs=crs, judged=box, read=box, data=box)
    reading = read_osm_facilities(data, area, FAR_STREET, STANDARD)
    markets = {one.name for one in reading.records if one.element_id == "wet_market"}
    assert markets == {
        "Marché de la Condamine",
        "Halles du marché de la Condamine",
        "Marché de Monte-Carlo",
    }
    schools = [one for one in reading.records if one.element_id == "primary_school"]
    assert len(schools) == 7
    assert all(one.ambiguous for one in schools)
    assert reading.service_count > 500

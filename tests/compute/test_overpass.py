"""Overpass answers: joints by coordinates, clipped geometry, copies, partial and broken answers."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from analysis.errors import SourceDataError
from analysis.sources.osm.data import OsmData
from analysis.sources.osm.overpass import read_overpass
from analysis.sources.osm.reader import read_osm

PATH = {"highway": "path"}


def node(key: int, lon: float, lat: float, **tags: str) -> dict[str, Any]:
    body = {"type": "node", "id": key, "lon": lon, "lat": lat}
    return body | ({"tags": tags} if tags else {})


def drawn(key: int, *points: tuple[float, float] | None, **tags: str) -> dict[str, Any]:
    """Return a way as ``out geom`` without node ids gives it."""
    geometry = [None if point is None else {"lon": point[0], "lat": point[1]} for point in points]
    return {"type": "way", "id": key, "geometry": geometry, "tags": tags or PATH}


def listed(key: int, *nodes: int, **tags: str) -> dict[str, Any]:
    """Return a way as ``out body`` gives it."""
    return {"type": "way", "id": key, "nodes": list(nodes), "tags": tags or PATH}


def read(*elements: object, **members: object) -> OsmData:
    return read_overpass(orjson.dumps({"elements": elements, **members}), "answer.json")


def refused(text: bytes) -> SourceDataError:
    with pytest.raises(SourceDataError) as caught:
        read_overpass(text, "答案.json")
    for language, remedy in (("en", "Remedy:"), ("zh", "建议：")):
        assert "答案.json" in caught.value.text(language)  # type: ignore[arg-type]
        assert remedy in caught.value.text(language)  # type: ignore[arg-type]
    return caught.value


def test_a_joint_is_found_by_equal_coordinates() -> None:
    data = read(drawn(1, (0.0, 0.0), (0.1, 0.0)), drawn(2, (0.1, 0.0), (0.1, 0.1)))

    assert data.way_nodes(0).tolist()[1] == data.way_nodes(1).tolist()[0]
    # (0, 0), (0.1, 0), (0.1, 0.1) in the order of longitude and latitude
    assert data.node_id.tolist() == [-3, -2, -1]
    assert data.node_lonlat.tolist() == [[0.1, 0.1], [0.1, 0.0], [0.0, 0.0]]


def test_coordinates_join_within_a_ten_millionth_of_a_degree_only() -> None:
    data = read(
        drawn(1, (0.0, 0.0), (0.1, 0.0)),
        drawn(2, (0.100000000001, 0.0), (0.1, 0.1)),
        drawn(3, (0.1000001, 0.0), (0.2, 0.1)),
    )

    first, second, third = (data.way_nodes(way).tolist() for way in range(3))
    assert first[1] == second[0]
    assert third[0] not in first


def test_a_mapped_gate_on_a_drawn_street_keeps_its_id_and_lies_on_it() -> None:
    data = read(node(70, 0.1, 0.0, barrier="gate"), drawn(1, (0.0, 0.0), (0.1, 0.0), (0.2, 0.0)))

    gate = data.tagged_node[0]
    assert data.node_id[gate] == 70
    assert gate == data.way_nodes(0)[1]


def test_of_two_nodes_at_one_place_the_lower_id_joins() -> None:
    elements = [node(9, 0.1, 0.0, a="b"), node(8, 0.1, 0.0, a="c"), drawn(1, (0, 0), (0.1, 0.0))]

    for order in itertools.permutations(elements):
        data = read(*order)
        assert data.node_id[data.way_nodes(0)[1]] == 8


def test_a_clipped_street_is_split_at_the_parts_outside() -> None:
    data = read(
        drawn(1, None, (0.0, 0.0), (0.1, 0.0), None, None, (0.2, 0.1), (0.3, 0.1), None),
        drawn(2, (0.0, 0.0), None),
    )

    assert data.way_id.tolist() == [1, 1]
    assert [data.node_lonlat[data.way_nodes(way)].tolist() for way in range(2)] == [
        [[0.0, 0.0], [0.1, 0.0]],
        [[0.2, 0.1], [0.3, 0.1]],
    ]
    assert {n.code: n.subjects for n in data.notices} == {
        "source.way_cut": ("way/1",),
        "source.way_lost": ("way/2",),
    }


def test_areas_drawn_only_as_members_are_assembled() -> None:
    corners = [(0.0, 0.0), (0.2, 0.0), (0.2, 0.2), (0.0, 0.2)]
    halves = [[*corners[:3]], [*corners[2:], corners[0]]]
    members = [
        {"type": "way", "ref": 50 + i, "role": "outer"}
        | {"geometry": [{"lon": x, "lat": y} for x, y in half]}
        for i, half in enumerate(halves)
    ]
    tags = {"type": "multipolygon", "leisure": "park"}
    data = read({"type": "relation", "id": 5, "members": members, "tags": tags})

    assert data.relation_polygon[0].area == pytest.approx(0.04)
    assert data.relation_tags == (tags,)
    assert len(data.way_id) == 0


def test_a_way_that_is_an_element_and_a_member_comes_once() -> None:
    ring = [(0.0, 0.0), (0.2, 0.0), (0.2, 0.2), (0.0, 0.0)]
    geometry = [{"lon": x, "lat": y} for x, y in ring]
    member = {"type": "way", "ref": 3, "role": "outer", "geometry": geometry}
    relation = {"type": "relation", "id": 5, "members": [member]}
    data = read(
        drawn(3, *ring, building="yes"), relation | {"tags": {"type": "multipolygon", "a": "b"}}
    )

    assert data.way_id.tolist() == [3]
    assert data.is_closed().tolist() == [True]
    assert data.relation_polygon[0].area == pytest.approx(0.02)


def test_copies_are_merged_and_their_order_does_not_matter() -> None:
    full = listed(1, 1, 2, highway="steps") | {"version": 2}
    skeleton = {"type": "way", "id": 1, "nodes": [1, 2]}
    older = listed(1, 2, 1, highway="path") | {"version": 1}
    nodes = [node(2, 0.1, 0.0), node(1, 0.0, 0.0)]

    for order in itertools.permutations([full, skeleton, older, *nodes]):
        data = read(*order)
        assert data.way_id.tolist() == [1]
        assert data.way_tags == ({"highway": "steps"},)
        assert data.node_id[data.way_nodes(0)].tolist() == [1, 2]


def test_negative_ids_do_not_meet_the_ids_made_for_coordinates() -> None:
    data = read(
        node(-1, 0.5, 0.5, amenity="bank"), node(-2, 0.6, 0.5), drawn(4, (0.0, 0.0), (0.1, 0.0))
    )

    assert data.node_id.tolist() == [-4, -3, -1]
    assert data.node_id[data.tagged_node].tolist() == [-1]


def test_stated_bounds_are_the_extent() -> None:
    bounds = {"minlon": -1, "minlat": -2, "maxlon": 1.5, "maxlat": 2.5}

    data = read(node(1, 0.1, 0.2, a="b"), bounds=bounds)

    assert data.extent == (-1.0, -2.0, 1.5, 2.5)
    assert data.extent_from == "header"


@pytest.mark.parametrize("bounds", [{}, {"minlon": "x"}, "x", {"minlon": 1, "maxlon": 0}])
def test_unusable_bounds_are_ignored(bounds: object) -> None:
    data = read(node(1, 0.1, 0.2, a="b"), bounds=bounds)

    assert data.extent == (0.1, 0.2, 0.1, 0.2)
    assert data.extent_from == "nodes"


def test_the_date_is_the_servers_else_the_newest_objects() -> None:
    stamped = node(1, 0.1, 0.2, a="b") | {"timestamp": "2020-05-06T00:00:00Z"}

    assert read(stamped).data_date == "2020-05-06"
    base = {"timestamp_osm_base": "2021-01-01T00:00:00Z"}
    assert read(stamped, osm3s=base).data_date == "2021-01-01"
    assert read(node(1, 0.1, 0.2)).data_date == ""


def test_a_harmless_remark_and_other_elements_are_told() -> None:
    data = read(node(1, 0.1, 0.2, a="b"), {"type": "count", "id": 0}, remark="runtime remark: slow")

    assert [(n.code, n.subjects) for n in data.notices] == [
        ("source.remark", ()),
        ("source.other_elements", ("count/0",)),
    ]
    assert "slow" in data.notices[0].text.text("zh")


@pytest.mark.parametrize(
    "remark",
    [
        'runtime error: Query timed out in "query" at line 3 after 26 seconds.',
        "runtime error: Query run out of memory using about 2048 MB of RAM.",
        "Dispatcher_Client::request_read_and_idx::timeout. The server is probably too busy.",
    ],
)
def test_a_partial_answer_is_refused(remark: str) -> None:
    error = refused(orjson.dumps({"elements": [node(1, 0.1, 0.2)], "remark": remark}))

    assert error.reason.key == "source.partial"
    assert error.value is not None
    assert error.value[:20] == remark[:20]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (b"{", "source.json"),
        (b'{"elements": [{"type": "node", "id": 1, "lat": NaN, "lon": 1}]}', "source.json"),
        (b'{"elements": "\xff"}', "source.json"),
        (b'{"elements": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "source.json"),
        (b"[]", "source.not_osm"),
        (b"{}", "source.not_osm"),
        (b'{"elements": {}}', "source.not_osm"),
        (b'{"type": "FeatureCollection", "features": []}', "source.not_osm"),
        (b'{"elements": []}', "source.no_elements"),
        (b'{"elements": [{"type": "count", "id": 0}]}', "source.no_elements"),
    ],
)
def test_json_that_is_no_answer_is_refused(text: bytes, key: str) -> None:
    assert refused(text).reason.key == key


WAY = {"type": "way", "id": 1}
RELATION = {"type": "relation", "id": 1}


@pytest.mark.parametrize(
    ("element", "field"),
    [
        (7, "type"),
        ({"type": "node", "id": "1", "lat": 1, "lon": 1}, "id"),
        ({"type": "node", "id": True, "lat": 1, "lon": 1}, "id"),
        ({"type": "node", "id": 2**62, "lat": 1, "lon": 1}, "id"),
        ({"type": "node", "id": 1, "lat": "1", "lon": 1}, "lat, lon"),
        ({"type": "node", "id": 1, "lat": 1}, "lat, lon"),
        ({"type": "node", "id": 1, "lat": 1, "lon": 1, "tags": []}, "tags"),
        ({"type": "node", "id": 1, "lat": 1, "lon": 1, "tags": {"a": 1}}, "tags"),
        (WAY | {"nodes": 5}, "nodes"),
        (WAY | {"nodes": ["5"]}, "nodes"),
        (WAY | {"geometry": [5]}, "geometry"),
        (WAY | {"geometry": [{"lat": 1}]}, "lat, lon"),
        (WAY | {"nodes": [1, 2], "geometry": [None]}, "geometry"),
        (RELATION | {"members": [5]}, "members"),
        (RELATION | {"members": [{"type": "way", "ref": None}]}, "members"),
        (RELATION | {"members": [{"type": "area", "ref": 1}]}, "members"),
    ],
)
def test_a_broken_element_is_named_with_its_field(element: object, field: str) -> None:
    error = refused(orjson.dumps({"elements": [node(5, 0.0, 0.0), element]}))

    assert error.reason.key == "source.element"
    assert error.reason.args["field"] == field


@pytest.mark.parametrize(("lon", "lat"), [(181.0, 0.0), (0.0, -90.5), (1e300, 0.0)])
def test_coordinates_out_of_range_name_the_element(lon: float, lat: float) -> None:
    error = refused(orjson.dumps({"elements": [drawn(6, (0.0, 0.0), (lon, lat))]}))

    assert error.reason.key == "source.coordinates"
    assert error.reason.args["object"] == "way/6"


def test_the_edges_of_the_world_are_in_range() -> None:
    data = read(node(1, 180.0, -90.0, a="b"), node(2, -180.0, 90.0, a="b"))

    assert data.extent == (-180.0, -90.0, 180.0, 90.0)


@pytest.mark.parametrize(
    "way", [WAY | {"tags": PATH}, WAY | {"tags": PATH, "center": {"lat": 1, "lon": 1}}]
)
def test_streets_without_nodes_or_geometry_are_refused(way: object) -> None:
    error = refused(orjson.dumps({"elements": [node(5, 0.0, 0.0), way]}))

    assert error.reason.key == "source.no_locations"
    assert "out geom" in error.text("en")


def test_an_overlong_tag_is_a_typed_error() -> None:
    error = refused(orjson.dumps({"elements": [node(5, 0.0, 0.0, **{"k" * 2000: "v"})]}))

    assert error.reason.key == "source.damaged"


@pytest.mark.shared_data
def test_a_real_answer_without_node_ids(shared_data: Path) -> None:
    data = read_osm(shared_data / "guiyang_guanshanhu_2026.overpass.json")

    streets = np.array([i for i, tags in enumerate(data.way_tags) if "highway" in tags])
    nodes = np.unique(np.concatenate([data.way_nodes(way) for way in streets]))
    assert len(data.way_id) == 84
    assert len(streets) == 52
    assert len(data.tagged_node) == 9
    assert len(nodes) >= 565  # the walkable part of them, counted by an independent script

"""Reading extracts: five formats of one small world, gaps, versions, ids, and hostile files."""

import bz2
import gzip
import random
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import orjson
import osmium
import pytest
import shapely
from osmium.osm import mutable

from analysis.errors import SourceDataError, SourceError, SourceUnavailableError
from analysis.sources.osm.data import OsmData
from analysis.sources.osm.reader import read_osm
from analysis.sources.osm.sniff import check_size, kind_of

# Two streets around a block, a house in it, a park with a pond, a gate and a pharmacy.
NODES: dict[int, tuple[float, float]] = {
    1: (120.000, 30.000),
    2: (120.001, 30.000),
    3: (120.001, 30.001),
    4: (120.000, 30.001),
    5: (120.0002, 30.0002),
    6: (120.0004, 30.0002),
    7: (120.0004, 30.0004),
    8: (120.0002, 30.0004),
    9: (120.002, 30.000),
    10: (120.006, 30.000),
    11: (120.006, 30.004),
    12: (120.002, 30.004),
    13: (120.003, 30.001),
    14: (120.004, 30.001),
    15: (120.004, 30.002),
    16: (120.003, 30.002),
    30: (120.0005, 30.0005),
}
NODE_TAGS = {2: {"barrier": "gate"}, 30: {"amenity": "pharmacy", "name": "药店"}}
WAYS = {
    100: [1, 2, 3],
    101: [3, 4, 1],
    102: [5, 6, 7, 8, 5],
    103: [9, 10, 11],
    104: [11, 12, 9],
    105: [13, 14, 15, 16, 13],
}
WAY_TAGS = {
    100: {"highway": "residential", "name": "中山路"},
    101: {"highway": "footway"},
    102: {"building": "yes"},
}
MEMBERS = [("w", 103, "outer"), ("w", 104, "outer"), ("w", 105, "inner")]
RELATION_TAGS = {"type": "multipolygon", "leisure": "park"}
STAMP = "2024-05-06T07:08:09Z"


def write_pbf(path: Path, header: osmium.io.Header | None = None) -> Path:
    file = osmium.io.File(str(path), "pbf")
    with osmium.SimpleWriter(file, header=header or osmium.io.Header(), overwrite=True) as writer:
        for key, place in NODES.items():
            tags = NODE_TAGS.get(key, {})
            writer.add_node(mutable.Node(id=key, location=place, tags=tags, timestamp=STAMP))
        for key, nodes in WAYS.items():
            writer.add_way(mutable.Way(id=key, nodes=nodes, tags=WAY_TAGS.get(key, {})))
        writer.add_relation(mutable.Relation(id=200, members=MEMBERS, tags=RELATION_TAGS))
    return path


def tag_lines(tags: dict[str, str]) -> str:
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())


def xml_objects() -> list[str]:
    lines = [
        f'<node id="{key}" version="1" timestamp="{STAMP}" lon="{lon}" lat="{lat}">'
        f"{tag_lines(NODE_TAGS.get(key, {}))}</node>"
        for key, (lon, lat) in NODES.items()
    ]
    for key, nodes in WAYS.items():
        refs = "".join(f'<nd ref="{node}"/>' for node in nodes)
        lines.append(f'<way id="{key}" version="1">{refs}{tag_lines(WAY_TAGS.get(key, {}))}</way>')
    members = "".join(f'<member type="way" ref="{r}" role="{role}"/>' for _, r, role in MEMBERS)
    lines.append(f'<relation id="200" version="1">{members}{tag_lines(RELATION_TAGS)}</relation>')
    return lines


def xml(objects: list[str], head: str = "") -> bytes:
    body = "\n".join(objects)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">{head}\n{body}\n</osm>'
    return text.encode()


def overpass(*, geometry: bool, node_ids: bool, node_elements: bool) -> bytes:
    def points(way: int) -> list[dict[str, float]]:
        return [{"lat": NODES[node][1], "lon": NODES[node][0]} for node in WAYS[way]]

    elements: list[dict[str, object]] = []
    for key, (lon, lat) in NODES.items():
        if node_elements or key in NODE_TAGS:
            body = {"type": "node", "id": key, "lat": lat, "lon": lon}
            elements.append(body | ({"tags": NODE_TAGS[key]} if key in NODE_TAGS else {}))
    for key, nodes in WAYS.items():
        if key in WAY_TAGS or not geometry:
            way: dict[str, object] = {"type": "way", "id": key}
            way |= {"tags": WAY_TAGS[key]} if key in WAY_TAGS else {}
            way |= {"nodes": nodes} if node_ids else {}
            elements.append(way | ({"geometry": points(key)} if geometry else {}))
    members = [
        {"type": "way", "ref": ref, "role": role} | ({"geometry": points(ref)} if geometry else {})
        for _, ref, role in MEMBERS
    ]
    relation = {"type": "relation", "id": 200, "members": members, "tags": RELATION_TAGS}
    answer = {
        "version": 0.6,
        "generator": "Overpass API",
        "osm3s": {"timestamp_osm_base": STAMP},
        "elements": [*elements, relation],
    }
    return orjson.dumps(answer)


def as_pbf(path: Path) -> Path:
    return write_pbf(path)


def repacked(path: Path) -> Path:
    path.write_bytes(gzip.compress(path.read_bytes()))
    return path


def as_bytes(content: Callable[[], bytes]) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_bytes(content())
        return path

    return write


FORMATS: dict[str, Callable[[Path], Path]] = {
    "pbf": as_pbf,
    "xml": as_bytes(lambda: xml(xml_objects())),
    "pbf.gz": lambda path: repacked(write_pbf(path)),
    "xml.gz": as_bytes(lambda: gzip.compress(xml(xml_objects()))),
    "xml.bz2": as_bytes(lambda: bz2.compress(xml(xml_objects()))),
    "xml with byte order mark": as_bytes(lambda: b"\xef\xbb\xbf" + xml(xml_objects())),
    "overpass body": as_bytes(lambda: overpass(geometry=False, node_ids=True, node_elements=True)),
    "overpass geom": as_bytes(lambda: overpass(geometry=True, node_ids=False, node_elements=False)),
    "overpass body geom": as_bytes(
        lambda: overpass(geometry=True, node_ids=True, node_elements=False)
    ),
}


def lines(data: OsmData) -> dict[int, list[tuple[float, float]]]:
    """Return each way's coordinates, which every format must agree on."""
    return {
        int(way_id): [tuple(point) for point in data.node_lonlat[data.way_nodes(way)].tolist()]
        for way, way_id in enumerate(data.way_id.tolist())
    }


def assert_same_content(first: OsmData, second: OsmData) -> None:
    assert lines(first) == lines(second)
    for name in ("node_id", "node_lonlat", "way_id", "way_first", "way_node", "tagged_node"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name
    assert first.way_tags == second.way_tags
    assert first.node_tags == second.node_tags
    assert first.relation_tags == second.relation_tags
    assert shapely.equals_exact(first.relation_polygon, second.relation_polygon).all()
    assert (first.extent, first.data_date) == (second.extent, second.data_date)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_gives_the_same_world(form: str, tmp_path: Path) -> None:
    data = read_osm(FORMATS[form](tmp_path / "any name.bin"))

    assert lines(data) == {key: [NODES[node] for node in WAYS[key]] for key in (100, 101, 102)}
    assert data.way_tags == tuple(WAY_TAGS.values())
    # 1..8 belong to tagged ways and 30 is tagged; 9..16 only shape the park.
    assert sorted(map(tuple, data.node_lonlat.tolist())) == sorted(
        NODES[key] for key in (1, 2, 3, 4, 5, 6, 7, 8, 30)
    )
    assert (np.diff(data.node_id) > 0).all()
    tagged = {
        tuple(data.node_lonlat[at].tolist()): tags
        for at, tags in zip(data.tagged_node, data.node_tags, strict=True)
    }
    assert tagged == {NODES[key]: tags for key, tags in NODE_TAGS.items()}
    # The two streets share their corners: joints are nodes, not equal coordinates.
    first, second = data.way_nodes(0).tolist(), data.way_nodes(1).tolist()
    assert (first[0], first[2]) == (second[2], second[0])
    assert data.is_closed().tolist() == [False, False, True]
    assert data.notices == ()


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_assembles_the_park_with_its_pond(form: str, tmp_path: Path) -> None:
    data = read_osm(FORMATS[form](tmp_path / "x"))

    assert data.relation_id.tolist() == [200]
    assert data.relation_tags == (RELATION_TAGS,)
    park = shapely.box(120.002, 30.0, 120.006, 30.004)
    pond = shapely.box(120.003, 30.001, 120.004, 30.002)
    assert (
        data.relation_polygon[0].normalize().equals_exact(park.difference(pond).normalize(), 1e-9)
    )


@pytest.mark.parametrize("form", FORMATS)
def test_extent_and_date(form: str, tmp_path: Path) -> None:
    data = read_osm(FORMATS[form](tmp_path / "x"))

    assert data.extent == (120.0, 30.0, 120.006, 30.004)
    assert data.extent_from == "nodes"
    assert data.data_date == "2024-05-06"


@pytest.mark.parametrize("form", ["pbf", "xml", "overpass body"])
def test_arrays_are_read_only(form: str, tmp_path: Path) -> None:
    data = read_osm(FORMATS[form](tmp_path / "x"))

    for name in ("node_id", "node_lonlat", "way_id", "way_first", "way_node", "relation_polygon"):
        assert not getattr(data, name).flags.writeable, name


def test_coordinate_nodes_keep_real_ids_and_number_the_rest_by_place(tmp_path: Path) -> None:
    data = read_osm(FORMATS["overpass geom"](tmp_path / "x"))

    assert data.node_id[data.way_nodes(0)].tolist()[1] == 2
    made = {
        int(node_id): tuple(place)
        for node_id, place in zip(data.node_id, data.node_lonlat.tolist(), strict=True)
        if node_id < 0
    }
    by_place = sorted(place for key, place in NODES.items() if key not in NODE_TAGS)
    assert made == {
        -rank: place
        for rank, place in enumerate(by_place, start=1)
        if place in {NODES[key] for key in range(1, 9)}
    }


@pytest.mark.parametrize("seed", range(5))
def test_the_order_in_the_file_does_not_matter(seed: int, tmp_path: Path) -> None:
    objects = xml_objects()
    random.Random(seed).shuffle(objects)  # noqa: S311 - a shuffle, not a secret
    (tmp_path / "shuffled").write_bytes(xml(objects))

    assert_same_content(
        read_osm(tmp_path / "shuffled"), read_osm(FORMATS["xml"](tmp_path / "sorted"))
    )


@pytest.mark.parametrize("turned", [False, True])
def test_the_newest_version_rules(turned: bool, tmp_path: Path) -> None:
    old = '<way id="100" version="3"><nd ref="4"/><nd ref="1"/><tag k="highway" v="steps"/></way>'
    new = '<way id="100" version="4"><nd ref="1"/><nd ref="2"/><tag k="highway" v="path"/></way>'
    moved = '<node id="1" version="2" lon="120.0001" lat="30.0"/>'
    extra = [new, old, moved] if turned else [moved, old, new]
    (tmp_path / "x").write_bytes(xml([*extra, *xml_objects()]))

    data = read_osm(tmp_path / "x")

    assert data.way_id.tolist() == [100, 101, 102]
    assert data.way_tags[0] == {"highway": "path"}
    assert lines(data)[100] == [(120.0001, 30.0), NODES[2]]


def test_a_street_is_split_where_its_nodes_are_missing_and_never_joined(tmp_path: Path) -> None:
    street = '<way id="300"><nd ref="1"/><nd ref="2"/><nd ref="999"/><nd ref="3"/><nd ref="4"/>'
    fence = street.replace("300", "301")
    ring = '<way id="302"><nd ref="5"/><nd ref="6"/><nd ref="998"/><nd ref="8"/><nd ref="5"/>'
    gone = '<way id="303"><nd ref="1"/><nd ref="997"/><tag k="highway" v="path"/></way>'
    extra = [
        f'{street}<tag k="highway" v="path"/></way>',
        f'{fence}<tag k="barrier" v="fence"/></way>',
        f'{ring}<tag k="building" v="yes"/></way>',
        gone,
    ]
    (tmp_path / "x").write_bytes(xml([*xml_objects(), *extra]))

    data = read_osm(tmp_path / "x")

    ids = data.way_id.tolist()
    assert ids == [100, 101, 102, 300, 300, 301, 302]
    of = [[int(data.node_id[n]) for n in data.way_nodes(way)] for way in range(len(ids))]
    assert of[3:] == [[1, 2], [3, 4], [1, 2, 3, 4], [5, 6, 8, 5]]
    assert data.is_closed().tolist()[-1]
    assert data.way_tags[3] == data.way_tags[4] == {"highway": "path"}
    assert {n.code: n.subjects for n in data.notices} == {
        "source.way_cut": ("way/300", "way/301", "way/302"),
        "source.way_lost": ("way/303",),
    }


def test_areas_that_cannot_be_assembled_are_told_apart(tmp_path: Path) -> None:
    tags = tag_lines({"type": "boundary", "boundary": "administrative"})
    open_ring = f'<relation id="400"><member type="way" ref="103" role="outer"/>{tags}</relation>'
    absent = f'<relation id="401"><member type="way" ref="999" role="outer"/>{tags}</relation>'
    whole = f'<relation id="402"><member type="way" ref="102" role="outer"/>{tags}</relation>'
    route = '<relation id="403"><member type="way" ref="999" role=""/></relation>'
    (tmp_path / "x").write_bytes(xml([*xml_objects(), open_ring, absent, whole, route]))

    data = read_osm(tmp_path / "x")

    assert data.relation_id.tolist() == [200, 402]
    assert data.relation_tags[1]["type"] == "boundary"
    assert {n.code: n.subjects for n in data.notices} == {
        "source.relation_incomplete": ("relation/401",),
        "source.relation_broken": ("relation/400",),
    }


def test_negative_ids_from_an_editor_are_kept_and_their_areas_assembled(tmp_path: Path) -> None:
    text = xml(xml_objects()).decode()
    for key in (*NODES, *WAYS, 200):
        text = text.replace(f'id="{key}"', f'id="-{key}"').replace(f'ref="{key}"', f'ref="-{key}"')
    (tmp_path / "x").write_text(text, encoding="utf-8")

    data = read_osm(tmp_path / "x")

    assert data.way_id.tolist() == [-102, -101, -100]
    assert data.node_id.tolist() == [-30, -8, -7, -6, -5, -4, -3, -2, -1]
    assert data.relation_id.tolist() == [-200]
    assert lines(data)[-100] == [NODES[1], NODES[2], NODES[3]]
    assert data.notices == ()


def boxed(west: float, south: float, east: float, north: float) -> osmium.io.Header:
    header = osmium.io.Header()
    header.add_box(osmium.osm.Box(west, south, east, north))
    header.set("osmosis_replication_timestamp", "2023-01-02T03:04:05Z")
    return header


def test_the_header_box_and_date_rule_over_the_nodes(tmp_path: Path) -> None:
    data = read_osm(write_pbf(tmp_path / "x", boxed(120.0, 30.0, 120.001, 30.001)))

    assert data.extent == (120.0, 30.0, 120.001, 30.001)
    assert data.extent_from == "header"
    assert data.data_date == "2023-01-02"


def test_a_header_box_elsewhere_is_not_believed(tmp_path: Path) -> None:
    data = read_osm(write_pbf(tmp_path / "x", boxed(7.0, 43.0, 8.0, 44.0)))

    assert data.extent == (120.0, 30.0, 120.006, 30.004)
    assert data.extent_from == "nodes"
    assert [n.code for n in data.notices] == ["source.box_elsewhere"]


def test_xml_bounds_and_the_overpass_date_are_used(tmp_path: Path) -> None:
    head = (
        '<note>text</note><meta osm_base="2022-02-03T04:05:06Z"/>'
        '<bounds minlat="30" minlon="120" maxlat="30.001" maxlon="120.002"/>'
    )
    (tmp_path / "x").write_bytes(xml(xml_objects(), head))

    data = read_osm(tmp_path / "x")

    assert data.extent == (120.0, 30.0, 120.002, 30.001)
    assert data.data_date == "2022-02-03"


def test_no_date_anywhere_is_left_empty(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(xml(['<node id="1" lon="1" lat="2"/>']))

    data = read_osm(tmp_path / "x")

    assert data.data_date == ""
    assert data.extent == (1.0, 2.0, 1.0, 2.0)
    assert len(data.node_id) == 0  # neither tagged nor in a way


def test_an_extract_without_streets_is_read(tmp_path: Path) -> None:
    node = '<node id="7" lon="1" lat="2"><tag k="amenity" v="bank"/></node>'
    (tmp_path / "x").write_bytes(xml([node]))

    data = read_osm(tmp_path / "x")

    assert data.node_tags == ({"amenity": "bank"},)
    assert len(data.way_id) == 0
    assert data.way_first.tolist() == [0]


def test_a_tagged_node_without_coordinates_is_told(tmp_path: Path) -> None:
    bare = '<node id="77"><tag k="amenity" v="bank"/></node>'
    (tmp_path / "x").write_bytes(xml([*xml_objects(), bare]))

    data = read_osm(tmp_path / "x")

    assert [(n.code, n.subjects) for n in data.notices] == [("source.node_lost", ("node/77",))]
    assert data.node_tags == tuple(NODE_TAGS.values())


# --- bad input -----------------------------------------------------------------------------------


def blob(kind: bytes, content: bytes, raw_size: int) -> bytes:
    """Return one PBF block; `raw_size` is what it claims to unpack to."""

    def number(value: int) -> bytes:
        out = b""
        while value > 127:
            out += bytes([value & 127 | 128])
            value >>= 7
        return out + bytes([value])

    packed = zlib.compress(content, 9)
    body = b"\x10" + number(raw_size) + b"\x1a" + number(len(packed)) + packed
    head = b"\x0a" + number(len(kind)) + kind + b"\x18" + number(len(body))
    return len(head).to_bytes(4, "big") + head + body


def pbf_bytes(folder: Path) -> bytes:
    return write_pbf(folder / "whole.osm.pbf").read_bytes()


def first_block(folder: Path) -> bytes:
    whole = pbf_bytes(folder)
    return whole[: whole.index(b"OSMData") - 6]


ONE_NODE = '<node id="1" lon="1" lat="2"/>'
BOMB_XML = b"<osm>" + b" " * (70 * 2**20)

BAD: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "empty": (lambda _: b"", "source.empty"),
    "web page": (lambda _: b"<!DOCTYPE html><html><body>404</body></html>", "source.not_osm"),
    "web page without doctype": (lambda _: b"\n <HTML><head>", "source.not_osm"),
    "zip": (lambda _: b"PK\x03\x04" + b"\x00" * 40, "source.not_osm"),
    "xz": (lambda _: b"\xfd7zXZ\x00" + b"\x00" * 40, "source.not_osm"),
    "o5m": (lambda _: b"\xff\xe0\x04o5m2", "source.not_osm"),
    "geopackage": (lambda _: b"SQLite format 3\x00" + b"\x01" * 40, "source.not_osm"),
    "plain text": (lambda _: "这是说明文字".encode(), "source.not_osm"),
    "plain text in GB 18030": (lambda _: "这是说明文字".encode("gb18030"), "source.not_osm"),
    "binary": (lambda _: bytes(range(256)) * 4, "source.not_osm"),
    "binary without zeros": (lambda _: b"\xff\xfe\xff" * 99, "source.not_osm"),
    "other XML": (lambda _: b"<?xml version='1.0'?><kml><x/></kml>", "source.not_osm"),
    "change file": (
        lambda _: b'<osmChange version="0.6"><create/></osmChange>',
        "source.not_osm",
    ),
    "gzip in gzip": (lambda _: gzip.compress(gzip.compress(b"x")), "source.not_osm"),
    "zip in gzip": (lambda _: gzip.compress(b"PK\x03\x04aaaa"), "source.not_osm"),
    "empty in gzip": (lambda _: gzip.compress(b""), "source.empty"),
    "truncated PBF": (lambda p: pbf_bytes(p)[:-20], "source.damaged"),
    "PBF cut in a length": (lambda p: pbf_bytes(p) + b"\x00\x00", "source.damaged"),
    "PBF with a broken block": (
        lambda p: first_block(p) + blob(b"OSMData", b"\x00" * 100, 100),
        "source.damaged",
    ),
    "PBF block of false size": (
        lambda p: first_block(p) + blob(b"OSMData", b"\x00" * 2**21, 10),
        "source.damaged",
    ),
    "PBF block above 32 MiB": (
        lambda p: first_block(p) + blob(b"OSMData", b"\x00" * 1000, 33 * 2**20),
        "source.block",
    ),
    "PBF of many blocks of zeros": (
        lambda p: first_block(p) + blob(b"OSMData", b"\x00" * 2**20, 30 * 2**20) * 50,
        "source.bomb",
    ),
    "truncated gzip": (lambda _: gzip.compress(xml(xml_objects()))[:-30], "source.damaged"),
    "broken gzip": (lambda _: b"\x1f\x8b\x08\x00" + b"\x55" * 60, "source.damaged"),
    "gzip bomb": (lambda _: gzip.compress(BOMB_XML, 9), "source.bomb"),
    "bzip2 bomb": (lambda _: bz2.compress(BOMB_XML, 9), "source.bomb"),
    "truncated XML": (lambda _: xml(xml_objects())[:-30], "source.damaged"),
    "unknown entity": (lambda _: xml(['<node id="&x;" lon="1" lat="2"/>']), "source.damaged"),
    "XML with a DOCTYPE": (
        lambda _: b'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "b">]><osm version="0.6"/>',
        "source.doctype",
    ),
    "DOCTYPE after a long comment": (
        lambda _: b"<!--" + b"x" * 200_000 + b'--><!DOCTYPE osm SYSTEM "file:///etc/passwd"><osm/>',
        "source.doctype",
    ),
    "bad id": (lambda _: xml(['<node id="x" lon="1" lat="2"/>']), "source.damaged"),
    "NaN": (lambda _: xml(['<node id="1" lon="NaN" lat="2"/>']), "source.coordinates"),
    "latitude 95": (lambda _: xml(['<node id="1" lon="1" lat="95"/>']), "source.coordinates"),
    "metres": (lambda _: xml(['<node id="1" lon="412345" lat="2"/>']), "source.coordinates"),
    "nothing in it": (lambda _: xml([]), "source.no_elements"),
    "ways without nodes": (
        lambda _: xml(['<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="x"/></way>']),
        "source.no_locations",
    ),
    "streets whose nodes are elsewhere": (
        lambda _: xml(
            [ONE_NODE, '<way id="1"><nd ref="8"/><nd ref="9"/><tag k="highway" v="x"/></way>']
        ),
        "source.no_locations",
    ),
}


def assert_names_file_and_remedy(error: SourceError, path: Path) -> None:
    english, chinese = error.text("en"), error.text("zh")
    assert path.name in english
    assert path.name in chinese
    assert "Remedy:" in english
    assert "建议：" in chinese


@pytest.mark.parametrize("case", BAD)
def test_bad_content_is_refused_with_its_name_and_a_remedy(case: str, tmp_path: Path) -> None:
    content, key = BAD[case]
    path = tmp_path / "区划.osm.pbf"
    path.write_bytes(content(tmp_path))

    with pytest.raises(SourceDataError) as caught:
        read_osm(path)

    assert caught.value.reason.key == key
    assert_names_file_and_remedy(caught.value, path)


def test_the_text_says_what_a_wrong_file_looks_like(tmp_path: Path) -> None:
    path = tmp_path / "city.osm.pbf"
    path.write_bytes(b"<!doctype html><html>")

    with pytest.raises(SourceDataError) as caught:
        read_osm(path)

    assert "a web page (HTML)" in caught.value.text("en")
    assert "网页（HTML）" in caught.value.text("zh")


def test_a_coordinate_out_of_range_names_the_first_node_and_how_many(tmp_path: Path) -> None:
    path = tmp_path / "x.osm"
    path.write_bytes(xml([f'<node id="{i}" lon="1" lat="{90 + i}"/>' for i in (0, 9, 5)]))

    with pytest.raises(SourceDataError) as caught:
        read_osm(path)

    assert caught.value.reason.args == {"count": 2, "object": "node/5"}
    assert caught.value.value == "1.0, 95.0"


@pytest.mark.parametrize(
    ("name", "key"), [("absent.osm.pbf", "source.missing"), ("", "source.folder")]
)
def test_a_file_that_is_not_there(name: str, key: str, tmp_path: Path) -> None:
    path = tmp_path / name

    with pytest.raises(SourceUnavailableError) as caught:
        read_osm(path)

    assert caught.value.reason.key == key
    assert_names_file_and_remedy(caught.value, path)


def test_a_path_that_no_file_can_have(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailableError) as caught:
        read_osm(tmp_path / "a\x00b")

    assert caught.value.reason.key == "source.unreadable"


def test_a_file_above_the_limit_is_refused_with_both_sizes(tmp_path: Path) -> None:
    path = tmp_path / "省.osm.pbf"
    path.write_bytes(b"x" * (3 * 2**20 + 1))
    check_size(path, 4, str(path))

    with pytest.raises(SourceDataError) as caught:
        check_size(path, 3, str(path))

    assert caught.value.reason.args == {"size_mib": "3", "limit_mib": 3}
    assert "osmium extract" in caught.value.text("zh")
    assert_names_file_and_remedy(caught.value, path)


def test_kinds_are_told_from_the_first_bytes() -> None:
    assert kind_of(b"\x00\x00\x00\x0e\x0a\x09OSMHeader\x18\x7c") == "pbf"
    assert kind_of(b"  \n{") == "json"
    assert kind_of(b"<!-- exported --><osm>") == "xml"
    assert kind_of("半个字".encode()[:-1]) == "text"


# --- real files ----------------------------------------------------------------------------------


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "highways", "amenities", "date", "extent_from"),
    [
        ("monaco_2023.osm.pbf", 2852, 885, "2023-12", "header"),
        ("beijing_tsinghua_2017.osm.pbf", 684, 183, "2017-06-24", "header"),
        ("shanghai_tongji_2026.osm.pbf", 204, 45, "2026-03-16", "header"),
        ("puyang_qingzu_2023_rural.osm.pbf", 342, 7, "2023-01-31", "header"),
        ("guiyang_guanshanhu_2026.overpass.json", 52, 6, "2026-04-13", "nodes"),
    ],
)
def test_real_extracts(
    name: str, highways: int, amenities: int, date: str, extent_from: str, shared_data: Path
) -> None:
    data = read_osm(shared_data / name)

    tags = (*data.way_tags, *data.node_tags, *data.relation_tags)
    assert sum("highway" in way for way in data.way_tags) == highways
    assert sum("amenity" in tag for tag in tags) == amenities
    assert data.data_date.startswith(date)
    assert data.extent_from == extent_from
    assert shapely.is_valid(data.relation_polygon).all()


@pytest.mark.shared_data
def test_a_whole_city(shared_data: Path) -> None:
    data = read_osm(shared_data / "las_palmas_2023.osm.pbf")

    # 13,954 streets in the file, some of which end outside it: whole, split or told as lost.
    notices = {n.code: set(n.subjects) for n in data.notices}
    streets = {
        f"way/{way_id}"
        for way_id, tags in zip(data.way_id.tolist(), data.way_tags, strict=True)
        if "highway" in tags
    }
    assert len(streets) <= 13_954 <= len(streets | notices["source.way_lost"])
    assert len(data.relation_id) == 2030

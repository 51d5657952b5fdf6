"""libosmium's text of objects, cut up: held against libosmium's own objects, one by one."""

import itertools
import random
from pathlib import Path

import numpy as np
import osmium
import pytest
from osmium.osm import mutable

from analysis.sources.osm.object_lines import (
    NODE,
    RELATION,
    UNDEFINED,
    WAY,
    IdColumn,
    ObjectLines,
    TagKeys,
    TagReader,
)
from analysis.sources.osm.reader import read_osm

ODD = "".join(map(chr, itertools.chain(range(1, 0x250), range(0x2000, 0x2070))))


def write(path: Path, *objects: object) -> Path:
    with osmium.SimpleWriter(osmium.io.File(str(path), "pbf"), overwrite=True) as writer:
        for one in objects:
            writer.add(one)
    return path


def keys(*names: str) -> TagKeys:
    return TagKeys(*(frozenset(names) for _ in range(3)))


def test_every_character_of_a_tag_comes_back(tmp_path: Path) -> None:
    tags = [
        {f"k{one}": f"{one}v{one}", "=": ",", "a b": "%20%", "@": "T"} for one in f"{ODD}路😀名"
    ]
    path = write(
        tmp_path / "x",
        *(mutable.Node(id=i, location=(1, 1), tags=one) for i, one in enumerate(tags, start=1)),
    )
    lines, reader = ObjectLines(path, tmp_path, None), TagReader()
    assert {i: reader.tags(field) for i, field, _ in lines.objects(NODE)} == dict(
        enumerate(tags, start=1)
    )
    wanted = ObjectLines(path, tmp_path, keys("k路"))
    assert [reader.tags(field)["k路"] for _, field, _ in wanted.objects(NODE)] == ["路v路"]


def test_only_objects_with_a_key_are_told_but_all_places_and_ids(tmp_path: Path) -> None:
    path = write(
        tmp_path / "x",
        mutable.Node(id=3, location=(106.5, 26.5), timestamp="2024-05-06T07:08:09Z"),
        mutable.Node(id=4, location=(-1.25, 90.0), tags={"barrier": "gate", "a": "b"}),
        mutable.Node(id=9),
        mutable.Way(id=1, nodes=[3, 4, 3], tags={"highway": "path"}),
        mutable.Way(id=2, nodes=[4, 3], tags={"highways": "path", "name": "highway=path"}),
        mutable.Way(id=5, nodes=[]),
        mutable.Way(id=6, nodes=[], tags={"highway": "x"}, timestamp="2021-01-02T03:04:05Z"),
        mutable.Relation(
            id=7, members=[("w", 1, "outer,@w2"), ("n", 3, "")], tags={"barrier": "x"}
        ),
        mutable.Relation(id=8, members=[]),
    )
    lines = ObjectLines(path, tmp_path, keys("highway", "barrier"))
    assert [one for one, *_ in lines.objects(NODE)] == [4]
    ways = list(lines.objects(WAY))
    assert [(one, rest) for one, _, rest in ways] == [(1, b"Nn3,n4,n3\n"), (6, b"N\n")]
    assert [one for one, *_ in lines.objects(RELATION)] == [7]
    assert lines.way_ids.tolist() == [1, 2, 5, 6]
    assert lines.relation_ids.tolist() == [7, 8]
    assert lines.in_order
    assert lines.newest == b"2021-01-02T03:04:05Z"
    ids, x, y = lines.places()
    assert ids.tolist() == [3, 4, 9]
    assert x.tolist() == [1_065_000_000, -12_500_000, UNDEFINED]
    assert y.tolist() == [265_000_000, 900_000_000, UNDEFINED]


def test_relations_before_ways_are_noticed(tmp_path: Path) -> None:
    path = write(
        tmp_path / "x", mutable.Relation(id=7, members=[]), mutable.Way(id=5, nodes=[1, 2])
    )
    assert not ObjectLines(path, tmp_path, None).in_order


def test_nodes_after_ways_are_noticed(tmp_path: Path) -> None:
    node = mutable.Node(id=3, location=(1, 1))
    path = write(tmp_path / "x", mutable.Way(id=5, nodes=[3, 3]), node)
    lines = ObjectLines(path, tmp_path, None)
    assert not lines.in_order
    assert ObjectLines(write(tmp_path / "y", node), tmp_path, None).in_order


def test_an_empty_file_has_nothing(tmp_path: Path) -> None:
    lines = ObjectLines(write(tmp_path / "x"), tmp_path, None)
    assert list(lines.objects(WAY)) == []
    assert [len(one) for one in (*lines.places(), lines.way_ids, lines.relation_ids)] == [0] * 5
    assert lines.newest == b""


def world() -> list[object]:
    return [
        *(mutable.Node(id=i, location=(106.5 + i / 1e4, 26.5), version=1) for i in range(1, 6)),
        mutable.Way(id=1, nodes=[1, 2, 3], tags={"highway": "path"}, version=1),
        mutable.Way(id=2, nodes=[3, 4, 5], tags={"highway": "steps"}, version=1),
        mutable.Relation(id=1, members=[("w", 1, "outer")], tags={"type": "multipolygon"}),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_a_pbf_out_of_order_is_read_like_one_in_order(seed: int, tmp_path: Path) -> None:
    in_order = read_osm(write(tmp_path / "a", *world()))
    mixed = world()
    random.Random(seed).shuffle(mixed)
    for only in (None, keys("highway")):
        found = read_osm(write(tmp_path / "b", *mixed), only)
        assert found.way_id.tolist() == in_order.way_id.tolist() == [1, 2]
        assert found.node_id.tolist() == in_order.node_id.tolist() == [1, 2, 3, 4, 5]
        assert found.way_tags == in_order.way_tags
        assert np.array_equal(found.node_lonlat, in_order.node_lonlat)


@pytest.mark.parametrize("only", [None, keys("highway")])
def test_of_two_versions_in_a_pbf_the_newest_rules_even_without_the_key(only, tmp_path) -> None:
    newer = [
        mutable.Way(id=1, nodes=[1, 2, 3], tags={"note": "gone"}, version=2),
        mutable.Node(id=5, location=(106.6, 26.5), version=2),
    ]
    found = read_osm(write(tmp_path / "x", *world(), *newer), only)
    assert {"highway": "path"} not in found.way_tags
    assert {"highway": "steps"} in found.way_tags
    assert found.node_lonlat[found.node_id == 5].tolist() == [[106.6, 26.5]]


@pytest.mark.parametrize("only", [None, keys("highway")])
def test_negative_ids_in_a_pbf_are_kept(only, tmp_path: Path) -> None:
    objects = [
        mutable.Node(id=-1, location=(106.5, 26.5)),
        mutable.Node(id=-2, location=(106.6, 26.5)),
        mutable.Way(id=-3, nodes=[-1, -2], tags={"highway": "path"}),
    ]
    found = read_osm(write(tmp_path / "x", *objects), only)
    assert found.way_id.tolist() == [-3]
    assert sorted(found.node_id.tolist()) == [-2, -1]


@pytest.mark.parametrize("rows", [1, 4095, 4096, 4097, 10_000])
def test_ids_are_gathered_in_blocks(rows: int) -> None:
    column = IdColumn()
    wanted = [[7 * row + k for k in range(row % 4)] for row in range(rows)]
    for ids in wanted:
        column.add(b"N" + b",".join(b"n%d" % one for one in ids) + b"\n")
    first, ids = column.arrays()
    assert first.tolist() == np.cumsum([0, *map(len, wanted)]).tolist()
    assert ids.tolist() == [one for row in wanted for one in row]


@pytest.mark.shared_data
def test_a_real_city_against_libosmiums_own_objects(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "monaco_2023.osm.pbf"
    lines, reader = ObjectLines(path, tmp_path, None), TagReader()
    ways = {i: (reader.tags(field), rest) for i, field, rest in lines.objects(WAY)}
    theirs = {
        one.id: (dict(one.tags), b"N" + b",".join(b"n%d" % n.ref for n in one.nodes) + b"\n")
        for one in osmium.FileProcessor(str(path), osmium.osm.WAY)
        if one.tags
    }
    assert ways == theirs
    nodes = [
        (one.id, one.location.x, one.location.y)
        for one in osmium.FileProcessor(str(path), osmium.osm.NODE)
    ]
    assert list(zip(*(one.tolist() for one in lines.places()), strict=True)) == nodes
    tagged = {i: reader.tags(field) for i, field, _ in lines.objects(NODE)}
    assert tagged == {
        one.id: dict(one.tags)
        for one in osmium.FileProcessor(str(path), osmium.osm.NODE)
        if one.tags
    }

"""Polygons of relations: from lines of text and a table of places, predicted by hand."""

from pathlib import Path

import osmium
import pytest
import shapely
from osmium.osm import mutable

from analysis.sources.osm.object_lines import RELATION, ObjectLines
from analysis.sources.osm.relation_areas import assembled, way_members

PARTS = {"type": "multipolygon", "natural": "water"}


def corners(first: int, low: float, high: float) -> list[mutable.Node]:
    """Return the corners of a square, ids from `first`."""
    places = ((low, low), (high, low), (high, high), (low, high))
    return [mutable.Node(id=first + i, location=place) for i, place in enumerate(places)]


def relation(number: int, *members: tuple[int, str]) -> mutable.Relation:
    return mutable.Relation(
        id=number, members=[("w", way, role) for way, role in members], tags=PARTS
    )


@pytest.fixture
def lines(tmp_path: Path) -> ObjectLines:
    """Return a lake in two halves with an island, two ponds as one, a broken one, and a house."""
    lake, island = corners(1, 0.0, 4.0), corners(11, 1.0, 2.0)
    ponds = [*corners(21, 5.0, 6.0), *corners(31, 7.0, 8.0)]
    path = tmp_path / "x.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for node in (*lake, *island, *ponds):
            writer.add_node(node)
        for way, nodes in (
            (1, [1, 2, 3]), (2, [3, 4, 1]), (3, [11, 12, 13, 14, 11]), (4, [21, 22, 23, 24, 21]),
            (5, [31, 32, 33, 34, 31]), (6, [1, 2, 999, 1]),
        ):  # fmt: skip
            writer.add_way(mutable.Way(id=way, nodes=nodes, tags={"building": "yes"}))
        writer.add_relation(relation(2, (1, "outer"), (2, "outer"), (3, "inner")))
        writer.add_relation(relation(3, (4, "outer"), (5, "outer")))
        writer.add_relation(relation(4, (1, "outer")))
        writer.add_relation(relation(5, (77, "outer")))
    return ObjectLines(path, tmp_path, None)


def asked(lines: ObjectLines, tmp_path: Path, *ids: int) -> dict[int, shapely.Geometry]:
    told = {one: (field, rest) for one, field, rest in lines.objects(RELATION)}
    texts = [b"r%d %b %b" % (one, *told[one]) for one in ids]
    return assembled(tmp_path / "x.osm.pbf", lines.index, texts, ids)


def test_outlines_are_joined_and_holes_kept(lines: ObjectLines, tmp_path: Path) -> None:
    found = asked(lines, tmp_path, 2, 3)
    lake = shapely.difference(shapely.box(0, 0, 4, 4), shapely.box(1, 1, 2, 2))
    ponds = shapely.union(shapely.box(5, 5, 6, 6), shapely.box(7, 7, 8, 8))
    assert sorted(found) == [2, 3]
    assert found[2].normalize() == lake.normalize()
    assert found[3].normalize() == ponds.normalize()


def test_only_what_is_asked_for_and_makes_a_ring(lines: ObjectLines, tmp_path: Path) -> None:
    """Neither other relations nor the closed ways, whose areas are numbered among theirs."""
    assert sorted(asked(lines, tmp_path, 3, 4, 5)) == [3]
    assert asked(lines, tmp_path, 5) == {}


def test_member_ways_are_read_from_a_line() -> None:
    assert way_members(b"Mw1@outer%20%w9,n2@,w-3@,r4@w5\n") == (1, -3)
    assert way_members(b"M\n") == ()

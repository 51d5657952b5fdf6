"""The elements of an Overpass answer, checked, each once, all ways on node ids."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, cast

import orjson

from analysis.errors import SourceDataError
from analysis.messages import message
from analysis.sources.osm.data import Tags

Point = tuple[int, int]  # longitude and latitude in 1e-7 degrees
Json = Mapping[str, object]
Member = tuple[str, int, str]

_PER_DEGREE: Final = 1e7
_MAX_LON, _MAX_LAT = 180.0, 90.0
_MAX_ID: Final = 2**49
_NO_NODE: Final = 0  # stands for a part outside the queried box; no OSM node has id 0
_KINDS: Final = ("node", "way", "relation")


@dataclass(frozen=True, slots=True)
class Node:
    """A node; coordinates in whole 1e-7 degrees."""

    id: int
    x: int
    y: int
    tags: Tags = field(default_factory=dict)
    timestamp: str | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """A way; `points` has a coordinate or None for each node where the answer gave geometry."""

    id: int
    node_ids: tuple[int, ...]
    points: tuple[Point | None, ...]
    tags: Tags = field(default_factory=dict)
    timestamp: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation; members as (n, w or r; id; role), and the geometry of its way members."""

    id: int
    members: tuple[Member, ...]
    way_points: tuple[tuple[int, tuple[Point | None, ...]], ...]
    tags: Tags
    timestamp: str | None


@dataclass(frozen=True, slots=True)
class Elements:
    """All elements by id; `others` are the elements of further kinds, such as ``count/0``."""

    nodes: dict[int, Node]
    ways: dict[int, Way]
    relations: dict[int, Relation]
    others: tuple[str, ...]


def read_elements(listed: object, source: str) -> Elements:
    """Check the `listed` elements and bring all ways onto node ids.

    Of several copies of one element the newest version rules; what only an older copy or a copy
    without tags has is kept. Coordinates that belong to no node become nodes with negative ids,
    numbered in the order of longitude and latitude.

    Raises
    ------
    SourceDataError
        An element lacks what it needs, or a coordinate is out of range.
    """
    raw, others = _unique(cast("list[object]", listed), source)
    reader = _Reader(source)
    nodes = {key: reader.node(key, body) for key, body in raw["node"].items() if "lat" in body}
    ways = {key: reader.way(key, body) for key, body in raw["way"].items()}
    relations = {key: reader.relation(key, body) for key, body in raw["relation"].items()}
    _add_member_ways(ways, relations.values())
    _number_nodes(nodes, ways)
    return Elements(nodes, ways, relations, others)


def _unique(
    listed: list[object], source: str
) -> tuple[dict[str, dict[int, Json]], tuple[str, ...]]:
    copies: dict[str, dict[int, list[Json]]] = {kind: {} for kind in _KINDS}
    others: set[str] = set()
    for number, element in enumerate(listed, start=1):
        if not isinstance(element, dict):
            raise _wrong(f"#{number}", "type", element, source)
        kind, key = element.get("type"), element.get("id")
        if kind not in copies:
            others.add(f"{kind}/{key}")
        elif not isinstance(key, int) or isinstance(key, bool) or abs(key) > _MAX_ID:
            raise _wrong(f"#{number}", "id", key, source)
        else:
            copies[kind].setdefault(key, []).append(element)
    return {
        kind: {key: _merged(found) for key, found in by_id.items()}
        for kind, by_id in copies.items()
    }, tuple(sorted(others))


def _merged(copies: list[Json]) -> Json:
    if len(copies) == 1:
        return copies[0]
    merged: dict[str, object] = {}
    for copy in sorted(copies, key=_rank):
        merged |= copy
    return merged


def _rank(body: Json) -> tuple[int, bytes]:
    version = body.get("version")
    text = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return (version if isinstance(version, int) else 0, text)


class _Reader:
    """Turns raw elements into checked ones; knows the file's name for errors."""

    def __init__(self, source: str) -> None:
        self.source = source

    def node(self, key: int, body: Json) -> Node:
        x, y = self._point(body, f"node/{key}")
        return Node(key, x, y, self._tags(body, f"node/{key}"), _timestamp(body))

    def way(self, key: int, body: Json) -> Way:
        name = f"way/{key}"
        node_ids = self._list(body, "nodes", name)
        for node_id in node_ids:
            if not isinstance(node_id, int) or abs(node_id) > _MAX_ID:
                raise _wrong(name, "nodes", node_id, self.source)
        points = self._points(body, name)
        if node_ids and points and len(node_ids) != len(points):
            raise _wrong(name, "geometry", f"{len(points)} ≠ {len(node_ids)}", self.source)
        ids = tuple(cast("list[int]", node_ids))
        return Way(key, ids, points, self._tags(body, name), _timestamp(body))

    def relation(self, key: int, body: Json) -> Relation:
        name = f"relation/{key}"
        members: list[Member] = []
        way_points: list[tuple[int, tuple[Point | None, ...]]] = []
        for member in self._list(body, "members", name):
            if not isinstance(member, dict):
                raise _wrong(name, "members", member, self.source)
            kind, ref, role = member.get("type"), member.get("ref"), member.get("role", "")
            if kind not in _KINDS or not isinstance(ref, int) or not isinstance(role, str):
                raise _wrong(name, "members", member, self.source)
            members.append((kind[0], ref, role))
            if kind == "way" and "geometry" in member:
                way_points.append((ref, self._points(member, name)))
        tags = self._tags(body, name)
        return Relation(key, tuple(members), tuple(way_points), tags, _timestamp(body))

    def _points(self, body: Json, name: str) -> tuple[Point | None, ...]:
        points: list[Point | None] = []
        for point in self._list(body, "geometry", name):
            if point is not None and not isinstance(point, dict):
                raise _wrong(name, "geometry", point, self.source)
            points.append(None if point is None else self._point(point, name))
        return tuple(points)

    def _point(self, body: Json, name: str) -> Point:
        lon, lat = body.get("lon"), body.get("lat")
        if not isinstance(lon, int | float) or not isinstance(lat, int | float):
            raise _wrong(name, "lat, lon", f"{lat}, {lon}", self.source)
        if not (math.isfinite(lon) and abs(lon) <= _MAX_LON and abs(lat) <= _MAX_LAT):
            raise SourceDataError(
                message("source.coordinates", count=1, object=name),
                remedy=message("source.coordinates.remedy"),
                source=self.source,
                value=f"{lon}, {lat}",
            )
        return round(lon * _PER_DEGREE), round(lat * _PER_DEGREE)

    def _tags(self, body: Json, name: str) -> Tags:
        tags = body.get("tags", {})
        if not isinstance(tags, dict) or not all(isinstance(v, str) for v in tags.values()):
            raise _wrong(name, "tags", tags, self.source)
        return tags

    def _list(self, body: Json, key: str, name: str) -> list[object]:
        value = body.get(key, [])
        if not isinstance(value, list):
            raise _wrong(name, key, value, self.source)
        return value


def _add_member_ways(ways: dict[int, Way], relations: Iterable[Relation]) -> None:
    """Add the ways that only stand as members with geometry, as ``out geom`` gives them."""
    for relation in relations:
        for key, points in relation.way_points:
            way = ways.get(key)
            if way is None:
                ways[key] = Way(key, (), points)
            elif not way.node_ids and len(points) > len(way.points):
                ways[key] = replace(way, points=points)


def _number_nodes(nodes: dict[int, Node], ways: dict[int, Way]) -> None:
    """Give every coordinate a node and every way node ids, in place."""
    for key in sorted(ways):
        way = ways[key]
        for node_id, point in zip(way.node_ids, way.points, strict=False):
            if point is not None:
                nodes.setdefault(node_id, Node(node_id, *point))
    node_at: dict[Point, int] = {}
    for node_id in sorted(nodes, reverse=True):  # of several at one place the lowest id rules
        node_at[nodes[node_id].x, nodes[node_id].y] = node_id
    unnamed = [way for way in ways.values() if not way.node_ids]
    points = {point for way in unnamed for point in way.points if point is not None}
    lowest = min((0, *nodes))
    for rank, point in enumerate(sorted(points - node_at.keys()), start=1):
        node_at[point] = lowest - rank
        nodes[lowest - rank] = Node(lowest - rank, *point)
    for way in unnamed:
        ids = tuple(_NO_NODE if point is None else node_at[point] for point in way.points)
        ways[way.id] = replace(way, node_ids=ids)


def _timestamp(body: Json) -> str | None:
    value = body.get("timestamp")
    return value if isinstance(value, str) else None


def _wrong(name: str, part: str, value: object, source: str) -> SourceDataError:
    return SourceDataError(
        message("source.element", object=name, field=part),
        remedy=message("source.element.remedy"),
        source=source,
        value=value,
    )

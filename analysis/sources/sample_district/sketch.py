"""The sketch: nodes, ways and relations collected in plan metres before they become OSM."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from shapely.geometry import LineString, Polygon
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry.polygon import orient

from analysis.sources.sample_district.frame import Point, Points, densify, warp

FIRST_NODE_ID = 1_000_000_000
FIRST_WAY_ID = 2_000_000_000
FIRST_RELATION_ID = 3_000_000_000
PUBLIC = -1
Tags = Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """One way: node ids in order, tags, and the compound (``zone``) it lies in."""

    way_id: int
    nodes: tuple[int, ...]
    tags: dict[str, str]
    zone: int = PUBLIC
    walkable: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Relation:
    """One multipolygon: member way ids with their roles."""

    relation_id: int
    members: tuple[tuple[int, str], ...]
    tags: dict[str, str]


@dataclass(kw_only=True, slots=True)
class Sketch:
    """Collects features; equal plan coordinates of shared features become one node."""

    points: list[Point] = field(default_factory=list)
    node_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    ways: list[Way] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    _shared: dict[tuple[int, int], int] = field(default_factory=dict)

    def node(self, point: Point, tags: Tags | None = None, *, shared: bool = True) -> int:
        """Return the id of the node at ``point`` (plan metres), making it when it is new."""
        key = (round(point[0] * 100), round(point[1] * 100))
        node_id = self._shared.get(key) if shared else None
        if node_id is None:
            node_id = FIRST_NODE_ID + len(self.points)
            self.points.append((float(point[0]), float(point[1])))
            if shared:
                self._shared[key] = node_id
        if tags:
            self.node_tags.setdefault(node_id, {}).update(tags)
        return node_id

    def tag_at(self, point: Point, tags: Tags) -> None:
        """Tag the shared node at ``point`` (plan metres), where there is one."""
        node_id = self._shared.get((round(point[0] * 100), round(point[1] * 100)))
        if node_id is not None:
            self.node_tags.setdefault(node_id, {}).update(tags)

    def way(
        self,
        points: Sequence[Point],
        tags: Tags,
        *,
        zone: int = PUBLIC,
        walkable: bool = False,
        shared: bool = True,
        step_m: float | None = None,
    ) -> int:
        """Add a line; ``step_m`` densifies it so that it follows the bend of the ground."""
        line = densify(list(points), step_m) if step_m is not None else list(points)
        ids = [self.node(point, shared=shared) for point in line]
        kept = [ids[0]] + [b for a, b in pairwise(ids) if a != b]
        return self._append(tuple(kept), tags, zone=zone, walkable=walkable)

    def area(
        self,
        polygon: Polygon,
        tags: Tags,
        *,
        through: Sequence[Point] = (),
        shared: bool = False,
        step_m: float | None = None,
    ) -> int:
        """Add a closed way along the outer ring, passing through the given ring points."""
        ring = self._ring(polygon, through, shared=shared, step_m=step_m)
        return self._append(ring, tags, zone=PUBLIC, walkable=False)

    def multipolygon(self, polygon: Polygon, tags: Tags, *, step_m: float | None = None) -> int:
        """Add a relation with the outer ring and every hole as its own untagged way."""
        members = [(self.area(Polygon(polygon.exterior), {}, step_m=step_m), "outer")]
        members += [(self.area(Polygon(h), {}, step_m=step_m), "inner") for h in polygon.interiors]
        relation_id = FIRST_RELATION_ID + len(self.relations)
        self.relations.append(
            Relation(
                relation_id=relation_id,
                members=tuple(members),
                tags={"type": "multipolygon", **tags},
            )
        )
        return relation_id

    def ground(self) -> Points:
        """Ground metres of all nodes, ``(nodes, 2)``; row ``i`` is node ``FIRST_NODE_ID + i``."""
        return warp(np.asarray(self.points, dtype=np.float64))

    def _append(self, nodes: tuple[int, ...], tags: Tags, *, zone: int, walkable: bool) -> int:
        way_id = FIRST_WAY_ID + len(self.ways)
        self.ways.append(
            Way(way_id=way_id, nodes=nodes, tags=dict(tags), zone=zone, walkable=walkable)
        )
        return way_id

    def _ring(
        self, polygon: Polygon, through: Sequence[Point], *, shared: bool, step_m: float | None
    ) -> tuple[int, ...]:
        exterior = LineString(orient(polygon).exterior.coords)
        corners: list[tuple[float, Point]] = [
            (float(exterior.project(_at(c))), (float(c[0]), float(c[1])))
            for c in list(exterior.coords)[:-1]
        ]
        corners += [(float(exterior.project(_at(p))), p) for p in through]
        ordered = [point for _, point in sorted(corners)]
        closed = [*ordered, ordered[0]]
        line = densify(closed, step_m) if step_m is not None else closed
        ids = [self.node(point, shared=shared) for point in line[:-1]]
        kept = [ids[0]] + [b for a, b in pairwise(ids) if a != b]
        return (*kept, kept[0])


def _at(point: Sequence[float]) -> ShapelyPoint:
    return ShapelyPoint(point[0], point[1])

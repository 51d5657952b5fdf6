"""Objects of an extract that somebody asks for by tags: where they are, in metres, and their shape.

Nodes are points, closed ways and multipolygon relations polygons, other ways lines.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import shapely

from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.sources.extent import StudyArea
from analysis.sources.osm.data import OsmData, Tags
from analysis.sources.streets.areas import (
    project_ways,
    relation_polygons_m,
    relations_near,
    ways_near,
)
from analysis.units import BoolArray, GeometryArray, IntArray

Picked = TypeVar("Picked")
_NOT_AN_AREA = ("no", "false", "0")


@dataclass(frozen=True, slots=True, eq=False)
class MapObject(Generic[Picked]):
    """One object of the map.

    Attributes
    ----------
    source_id
        Such as ``osm:way/12``.
    tags
        All its tags.
    geometry
        A valid Point, LineString, Polygon or MultiPolygon in metres.
    picked
        What the question said of its tags, such as the elements it matches.
    """

    source_id: str
    tags: Tags
    geometry: shapely.Geometry
    picked: Picked

    @property
    def is_area(self) -> bool:
        """Return whether it is a polygon."""
        return bool(shapely.get_dimensions(self.geometry) == 2)  # noqa: PLR2004 - an area

    @property
    def area_m2(self) -> float:
        """Return the area of a polygon, square metres; not-a-number for points and lines."""
        return float(shapely.area(self.geometry)) if self.is_area else float("nan")


def read_objects(
    data: OsmData, area: StudyArea, pick: Callable[[Tags], Picked]
) -> tuple[list[MapObject[Picked]], tuple[Notice, ...]]:
    """Return the objects inside or touching `area.read` of whose tags `pick` says something.

    Sorted by source id. Broken polygons are repaired and listed in a notice; one without any area
    left is taken as its outline.
    """
    found = [
        *_nodes(data, area, pick),
        *_ways(data, area, pick),
        *_relations(data, area, pick),
    ]
    if not found:
        return [], ()
    geometries = np.array([one.geometry for one in found], dtype=object)
    broken = ~shapely.is_valid(geometries)
    geometries[broken] = [_repaired(one) for one in geometries[broken]]
    shapely.prepare(area.read)
    inside = shapely.intersects(area.read, geometries)
    kept = [
        MapObject(one.source_id, one.tags, geometry, one.picked)
        for one, geometry, is_in in zip(found, geometries, inside, strict=True)
        if is_in
    ]
    kept.sort(key=lambda one: one.source_id)
    mended = [found[i].source_id for i in np.flatnonzero(broken & inside)]
    if not mended:
        return kept, ()
    text = message("osm_facilities.repaired", count=len(mended))
    return kept, (notice("osm_facilities.repaired", text, mended),)


def count_objects(data: OsmData, area: StudyArea, holds: Callable[[Tags], bool]) -> int:
    """Return how many nodes, ways and relations inside `area.read` have tags that `holds` accepts.

    A way stands where its first node is, a relation at the middle of its box.
    """
    nodes = _chosen(data.node_tags, holds)
    ways = _chosen(data.way_tags, holds)
    ways = ways[np.diff(data.way_first)[ways] > 0]
    relations = _chosen(data.relation_tags, holds)
    boxes = shapely.bounds(data.relation_polygon[relations]).reshape(-1, 4)
    lonlat = np.concatenate(
        [
            data.node_lonlat[data.tagged_node[nodes]],
            data.node_lonlat[data.way_node[data.way_first[ways]]],
            (boxes[:, :2] + boxes[:, 2:]) / 2.0,
        ]
    )
    return int(shapely.intersects_xy(area.read, area.crs.project(lonlat)).sum())


def _chosen(tags: Sequence[Tags], holds: Callable[[Tags], object]) -> IntArray:
    return np.array([row for row, one in enumerate(tags) if holds(one)], dtype=np.int32)


def _picked(
    tags: Sequence[Tags], pick: Callable[[Tags], Picked]
) -> tuple[IntArray, dict[int, Picked]]:
    said = {row: answer for row, one in enumerate(tags) if (answer := pick(one))}
    return np.array(list(said), dtype=np.int32), said


def _nodes(
    data: OsmData, area: StudyArea, pick: Callable[[Tags], Picked]
) -> list[MapObject[Picked]]:
    rows, said = _picked(data.node_tags, pick)
    positions = data.tagged_node[rows]
    points = shapely.points(area.crs.project(data.node_lonlat[positions]))
    return [
        MapObject(f"osm:node/{data.node_id[position]}", data.node_tags[row], point, said[row])
        for row, position, point in zip(rows.tolist(), positions, points, strict=True)
    ]


def _ways(
    data: OsmData, area: StudyArea, pick: Callable[[Tags], Picked]
) -> list[MapObject[Picked]]:
    rows, said = _picked(data.way_tags, pick)
    rows = rows[ways_near(data, rows, area)]
    if len(rows) == 0:
        return []
    node_xy_m = project_ways(data, rows, area)
    is_area = _is_area(data, rows)
    shapes = np.empty(len(rows), dtype=object)
    shapes[is_area] = data.way_polygons(rows[is_area], node_xy_m)
    shapes[~is_area] = data.way_lines(rows[~is_area], node_xy_m)
    return [
        MapObject(f"osm:way/{data.way_id[row]}", data.way_tags[row], shape, said[row])
        for row, shape in zip(rows.tolist(), shapes, strict=True)
    ]


def _is_area(data: OsmData, rows: IntArray) -> BoolArray:
    says_no = [data.way_tags[row].get("area") in _NOT_AN_AREA for row in rows.tolist()]
    closed: BoolArray = data.is_closed()[rows]
    return np.asarray(closed & ~np.array(says_no, dtype=bool), dtype=np.bool_)


def _relations(
    data: OsmData, area: StudyArea, pick: Callable[[Tags], Picked]
) -> list[MapObject[Picked]]:
    rows, said = _picked(data.relation_tags, pick)
    rows = rows[relations_near(data, rows, area)]
    shapes: GeometryArray = relation_polygons_m(data, rows, area)
    return [
        MapObject(f"osm:relation/{data.relation_id[row]}", data.relation_tags[row], s, said[row])
        for row, s in zip(rows.tolist(), shapes, strict=True)
    ]


def _repaired(geometry: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shapely.make_valid(geometry))
    areas = parts[shapely.get_dimensions(parts) == 2]  # noqa: PLR2004 - an area
    if len(areas):
        return shapely.union_all(areas)
    lines = parts[shapely.get_dimensions(parts) == 1]
    if len(lines):
        return shapely.union_all(lines)
    return parts[0] if len(parts) else shapely.Point(shapely.get_coordinates(geometry)[0])

"""OsmData: an OpenStreetMap extract as arrays, whatever file it came in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely

from analysis.crs import MetricCRS
from analysis.notices import Notice
from analysis.units import FloatArray, GeometryArray, IdArray, IntArray

Tags = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OsmData:
    """The tagged ways, tagged nodes and multipolygon relations of an extract, or those asked for.

    Attributes
    ----------
    node_id, node_lonlat
        int64 [n] strictly ascending, float64 [n, 2] degrees: every node that a kept way uses or
        that carries a tag.
    way_id, way_first, way_node, way_tags
        int64 [w] ascending; the nodes of way *i* are positions
        ``way_node[way_first[i]:way_first[i + 1]]`` (int32); tags by way.
    tagged_node, node_tags
        int32 [t] positions of nodes with tags, ascending, and their tags.
    relation_id, relation_polygon, relation_tags
        Multipolygon and boundary relations that could be assembled: int64 [r], shapely (Multi)
        polygons in degrees, tags.
    mapped_lonlat
        float64 [k, 2] degrees: where anything was mapped, kept or not: one node of each square of
        0.0001° (some 11 m) that holds any.
    extent
        (west, south, east, north) in degrees inside which the extract is complete.
    extent_from
        ``header`` where the file states it, ``nodes`` where it is the nodes' bounding box.
    data_date
        ISO date of the file's header, else of the newest object kept; empty where unknown.
    notices
        What was dropped or repaired on reading.
    """

    node_id: IdArray
    node_lonlat: FloatArray
    way_id: IdArray
    way_first: IntArray
    way_node: IntArray
    way_tags: tuple[Tags, ...]
    tagged_node: IntArray
    node_tags: tuple[Tags, ...]
    relation_id: IdArray
    relation_polygon: GeometryArray
    relation_tags: tuple[Tags, ...]
    mapped_lonlat: FloatArray
    extent: tuple[float, float, float, float]
    extent_from: Literal["header", "nodes"]
    data_date: str
    notices: tuple[Notice, ...]

    def __repr__(self) -> str:
        """Summarise the extract."""
        return f"OsmData({len(self.node_id)} nodes, {len(self.way_id)} ways, extent {self.extent})"

    def way_nodes(self, way: int) -> IntArray:
        """Return the node positions of one way."""
        return self.way_node[self.way_first[way] : self.way_first[way + 1]]

    def node_xy_m(self, crs: MetricCRS) -> FloatArray:
        """Return all nodes in metres, float64 [n, 2]."""
        return crs.project(self.node_lonlat)

    def way_lines(self, ways: IntArray, node_xy_m: FloatArray) -> GeometryArray:
        """Return ways as LineStrings in metres, object array like `ways` (two nodes or more)."""
        picked, row = self._points_of(ways)
        lines: GeometryArray = shapely.linestrings(node_xy_m[picked], indices=row)
        return lines

    def way_polygons(self, ways: IntArray, node_xy_m: FloatArray) -> GeometryArray:
        """Return closed ways (four nodes or more) as Polygons in metres; validity not checked."""
        picked, row = self._points_of(ways)
        polygons: GeometryArray = shapely.polygons(
            shapely.linearrings(node_xy_m[picked], indices=row)
        )
        return polygons

    def is_closed(self) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Return which ways end where they start and have four nodes or more, bool [w]."""
        count = np.diff(self.way_first)
        closed = count >= 4  # noqa: PLR2004 - the smallest ring
        rows = np.flatnonzero(closed)
        first = self.way_node[self.way_first[rows]]
        last = self.way_node[self.way_first[rows + 1] - 1]
        closed[rows] = first == last
        return closed

    def _points_of(self, ways: IntArray) -> tuple[IntArray, IntArray]:
        counts = (self.way_first[ways + 1] - self.way_first[ways]).astype(np.int64)
        starts = self.way_first[ways].astype(np.int64)
        row = np.repeat(np.arange(len(ways)), counts)
        within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        return self.way_node[np.repeat(starts, counts) + within], row.astype(np.int32)

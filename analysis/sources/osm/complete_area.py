"""Where an extract is complete: its box, or, where it was cut along a boundary, what it fills.

An extract cut along an administrative boundary states a box, too, and most of that box is empty:
beyond the boundary nothing was kept. Taking the box for the end of the data would call the
neighbouring town's school a gap.
"""

from typing import Final

import numpy as np
import shapely

from analysis.crs import MetricCRS
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.sources.osm.data import OsmData
from analysis.units import FloatArray, GeometryArray, IdArray

COAST_KEY: Final = "natural"
MIN_FILLED: Final = 0.8  # a box whose land is filled less than this was not cut as a box
_CELL_M: Final = 100.0
_CELLS_ACROSS: Final = 400  # in a country the cells grow instead of their number
_JOIN_M: Final = 500.0  # emptiness narrower than twice this lies inside the data: woods, fields
_SPIKE_M: Final = 200.0  # ways are kept whole: what sticks out narrower than twice this is one
_MOST_CELLS: Final = 1 << 31  # more than lie side by side on Earth
_OVER_M: Final = 1.0
_DEGREES: Final = 0.005  # an edge of the box is bent this often


def complete_area(data: OsmData, crs: MetricCRS) -> tuple[shapely.Geometry, tuple[Notice, ...]]:
    """Return where `data` is complete, in metres, and a notice where that is not its box.

    The sea counts as filled: nothing is missing there. The rim of a filled area is known to about
    200 m.
    """
    box = shapely.transform(shapely.segmentize(shapely.box(*data.extent), _DEGREES), crs.project)
    filled = shapely.intersection(_filled(crs.project(data.mapped_lonlat), box), box)
    sea = _sea(data, crs, box)
    land_m2 = float(shapely.area(shapely.difference(box, sea)))
    kept_m2 = float(shapely.area(shapely.difference(filled, sea)))
    if kept_m2 == 0 or kept_m2 >= MIN_FILLED * land_m2:  # next to nothing tells no shape
        return box, ()
    code = "source.not_a_box"
    text = message(code, share=kept_m2 / land_m2)
    return shapely.union(filled, sea), (notice(code, text, (), "warning"),)


def _filled(xy_m: FloatArray, box: shapely.Geometry) -> shapely.Geometry:
    """Return the area that nodes inside `box` fill, without holes and spikes."""
    west, south, east, north = shapely.bounds(box).tolist()
    size_m = max(_CELL_M, (east - west) / _CELLS_ACROSS, (north - south) / _CELLS_ACROSS)
    x_m, y_m = xy_m.T
    inside = (x_m >= west) & (x_m <= east) & (y_m >= south) & (y_m <= north)
    column, row = _cells(np.floor(xy_m[inside] / size_m).astype(np.int64)).T
    # Made of whole numbers of cells, so that cells side by side share their corners to the bit.
    cells = shapely.box(column * size_m, row * size_m, (column + 1) * size_m, (row + 1) * size_m)
    joined = shapely.buffer(shapely.coverage_union_all(cells), _JOIN_M)
    shrunk = shapely.buffer(joined, -_JOIN_M - _SPIKE_M)
    parts = shapely.get_parts(shapely.buffer(shrunk, _SPIKE_M))
    filled = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(parts)))
    # No node lies exactly on the box: what comes near its edge reaches it.
    rim = shapely.difference(box, shapely.buffer(box, -_SPIKE_M))
    return shapely.union(filled, shapely.intersection(rim, shapely.buffer(filled, _SPIKE_M)))


def _cells(cells: IdArray) -> IdArray:
    """Return the distinct of `cells` (int64 [n, 2], column and row)."""
    key = np.unique(cells[:, 1] * _MOST_CELLS + cells[:, 0])
    column = (key + _MOST_CELLS // 2) % _MOST_CELLS - _MOST_CELLS // 2
    return np.column_stack([column, (key - column) // _MOST_CELLS])


def _sea(data: OsmData, crs: MetricCRS, box: shapely.Geometry) -> shapely.Geometry:
    """Return the part of `box` that is sea: what lies on the right of its coastlines.

    A coastline that ends inside the box, as an extract's last one does, is led to the box by the
    shortest way.
    """
    coast = [row for row, tags in enumerate(data.way_tags) if tags.get(COAST_KEY) == "coastline"]
    if not coast:
        return shapely.Polygon()
    xy_m = np.full((len(data.node_id), 2), np.nan)
    used = np.unique(np.concatenate([data.way_nodes(row) for row in coast]))
    xy_m[used] = crs.project(data.node_lonlat[used])
    lines = data.way_lines(np.array(coast, dtype=np.int32), xy_m)
    wider = shapely.buffer(box, _OVER_M)  # lines that end a little outside cut the box for certain
    inside = shapely.intersection(shapely.union_all(lines), wider)
    if shapely.is_empty(inside):
        return shapely.Polygon()
    merged = shapely.get_parts(shapely.line_merge(inside))
    ends = shapely.get_parts(shapely.union_all(shapely.boundary(merged)))
    led_out = shapely.shortest_line(ends, shapely.boundary(wider))
    cuts = shapely.union_all([*merged, *led_out, shapely.boundary(box)])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(cuts)))
    faces = faces[shapely.within(shapely.point_on_surface(faces), box)]
    return shapely.union_all(faces[_sides(lines, faces) > 0])


def _sides(lines: GeometryArray, faces: GeometryArray) -> FloatArray:
    """Return for each face on how many metres of coastline it is the sea less those it is land."""
    xy_m, line = shapely.get_coordinates(lines, return_index=True)
    step = np.diff(xy_m, axis=0)
    length_m = np.hypot(step[:, 0], step[:, 1])
    real = (line[1:] == line[:-1]) & (length_m > 0)
    middle = (xy_m[:-1] + xy_m[1:])[real] / 2.0
    to_right = np.column_stack([step[:, 1], -step[:, 0]])[real] / length_m[real, None]
    sides_m = np.zeros(len(faces))
    shapely.prepare(faces)
    for sign in (1.0, -1.0):
        x_m, y_m = (middle + sign * to_right).T
        for at, face in enumerate(faces):
            within = shapely.contains_xy(face, x_m, y_m)
            sides_m[at] += sign * length_m[real][within].sum()
    return sides_m

"""Drawings: the polygon of all places within a distance of stretches of street, or of points.

The boundary is a contour of the distance itself, interpolated between the points of a grid, not the
outline of coloured cells. The grid is anchored at the origin of the CRS and its cell depends on the
distance alone, so that a drawing never depends on what else is drawn, and of two sets the larger
has the larger drawing. (Beyond ``MAX_GRID_POINTS`` the cell is doubled, and told.)
"""

from dataclasses import dataclass
from typing import Final, Literal, cast

import contourpy
import numpy as np
import shapely

from analysis.errors import InvalidParameterError, one_of
from analysis.isochrones.agreement import Agreement, measure_agreement
from analysis.kernels.field import distance_field, keep_off
from analysis.kernels.rings import corners
from analysis.messages import message
from analysis.units import FloatArray, GeometryArray, IntArray

DrawingKind = Literal["fast", "exact"]
DRAWING_KINDS: Final[tuple[DrawingKind, ...]] = ("fast", "exact")

# Cells as a share of the buffer: at 25 m, 8 m for the screen and 2.5 m for reports.
CELL_SHARE: Final[dict[DrawingKind, float]] = {"fast": 0.32, "exact": 0.1}
# Places of the agreement's sample that fall inside: a screen does not wait for the third digit.
_SAMPLE: Final[dict[DrawingKind, int]] = {"fast": 500, "exact": 2_000}
_OUTLINE_CELL_SHARE: Final = 1 / 6
_OUTLINE_STRAIGHT_SHARE: Final = 1 / 300
MAX_GRID_POINTS: Final = 1 << 24  # 10 km by 10 km at 2.5 m; beyond, cells are doubled
_MARGIN_CELLS: Final = 1 / 128  # no contour passes a grid point closer than about this
_STRAIGHT_M: Final = 1e-6  # points this close to a straight line between their neighbours go


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawing:
    """A polygon and how it was drawn.

    Attributes
    ----------
    shape
        Polygon or MultiPolygon, metres, valid, outer rings anticlockwise; empty for an empty set.
    kind
        ``fast`` for the screen, ``exact`` for reports.
    buffer_m
        The polygon draws the places within this many metres of the segments.
    cell_m
        Side of the grid's cells, metres.
    holes_filled, holes_filled_m2
        How many holes were filled because they were asked to be, and how much area that added.
    agreement
        The polygon, as it is, against the exact set; None where it is empty.
    """

    shape: shapely.Geometry
    kind: DrawingKind
    buffer_m: float
    cell_m: float
    holes_filled: int
    holes_filled_m2: float
    agreement: Agreement | None


def drawing_kind(name: str) -> DrawingKind:
    """Return `name` where it names a kind of drawing; raises :class:`InvalidParameterError`."""
    for kind in DRAWING_KINDS:
        if kind == name:
            return kind
    raise InvalidParameterError(
        message("parameter.choice", name="drawing", allowed=one_of(DRAWING_KINDS)),
        source="drawing",
        value=name,
    )


def draw(
    segments: FloatArray,
    *,
    buffer_m: float,
    kind: DrawingKind = "exact",
    fill_holes_below_m2: float = 0.0,
) -> Drawing:
    """Draw all places within `buffer_m` of `segments` (float64 [s, 4], metres).

    Holes are kept; those smaller than `fill_holes_below_m2` are filled and counted. A small set
    inside a larger one gets a drawing inside the larger's, holes filled or not. Raises
    :class:`InvalidParameterError` where the buffer is too narrow to be seen on the largest grid.
    """
    shape, cell_m = _contour(segments, buffer_m, CELL_SHARE[kind] * buffer_m)
    holes, filled_m2 = 0, 0.0
    if fill_holes_below_m2 > 0 and not shape.is_empty:
        shape, holes, filled_m2 = _filled(shape, fill_holes_below_m2)
    return Drawing(
        shape=shape,
        kind=kind,
        buffer_m=buffer_m,
        cell_m=cell_m,
        holes_filled=holes,
        holes_filled_m2=filled_m2,
        agreement=measure_agreement(shape, segments, buffer_m, _SAMPLE[kind]),
    )


def outline_of_points(xy_m: FloatArray, buffer_m: float) -> shapely.Geometry:
    """Return the outline of all places within `buffer_m` of points (float64 [p, 2], metres).

    For maps: fewer corners than a drawing has, moved by up to 1/300 of `buffer_m`; area and Jaccard
    within 1 % of the exact outline.
    """
    segments, cell_m = np.hstack([xy_m, xy_m]), _OUTLINE_CELL_SHARE * buffer_m
    shape, _ = _contour(segments, buffer_m, cell_m, _OUTLINE_STRAIGHT_SHARE * buffer_m)
    if not shapely.is_valid(shape):  # where corners moved across each other
        shape, _ = _contour(segments, buffer_m, cell_m)
    return shape


def _contour(
    segments: FloatArray, buffer_m: float, cell_m: float, straight_m: float = _STRAIGHT_M
) -> tuple[shapely.Geometry, float]:
    """Return the contour of the distance to `segments` at `buffer_m`, and the cell used."""
    if len(segments) == 0:
        return shapely.Polygon(), cell_m
    ends = segments.reshape(-1, 2)
    low_m, high_m = ends.min(axis=0), ends.max(axis=0)
    while True:
        # Exact for both ends of every cell side that the contour crosses, and one diagonal more.
        cap_m = buffer_m + 1.5 * cell_m
        first = np.floor((low_m - cap_m) / cell_m).astype(np.int64)
        count = np.ceil((high_m + cap_m) / cell_m).astype(np.int64) - first + 1
        if int(count[0]) * int(count[1]) <= MAX_GRID_POINTS:
            break
        cell_m *= 2.0
        if cell_m > buffer_m / 2.0:
            raise InvalidParameterError(message("isochrone.narrow"), value=buffer_m)
    field = distance_field(
        segments, int(first[0]), int(first[1]), int(count[0]), int(count[1]), cell_m, cap_m
    )
    keep_off(field, buffer_m, _MARGIN_CELLS * cell_m)
    contours = contourpy.contour_generator(
        z=field, name="serial", fill_type=contourpy.FillType.OuterOffset
    )
    filled = contours.filled(-1.0, buffer_m)
    points, offsets = cast("tuple[list[FloatArray], list[IntArray]]", filled)
    return _polygons(points, offsets, first, cell_m, straight_m), cell_m


def _polygons(
    points: list[FloatArray],
    offsets: list[IntArray],
    first: IntArray,
    cell_m: float,
    straight_m: float,
) -> shapely.Geometry:
    """Build polygons from the rings of each: the outer one first, then its holes."""
    rings = np.array([len(one) - 1 for one in offsets])
    sizes = np.concatenate([np.diff(one) for one in offsets]).astype(np.int64)
    ring_first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    grid = np.concatenate(points)
    keep = corners(ring_first, grid, straight_m / cell_m)
    xy_m = (grid[keep] + first) * cell_m
    of_ring = np.repeat(np.arange(len(sizes)), sizes)[keep]
    linear = shapely.linearrings(xy_m, indices=of_ring)
    parts: GeometryArray = shapely.polygons(linear, indices=np.repeat(np.arange(len(rings)), rings))
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _filled(shape: shapely.Geometry, below_m2: float) -> tuple[shapely.Geometry, int, float]:
    """Fill the holes smaller than `below_m2`; return also how many and the area gained."""
    parts = shapely.get_parts(shape)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    outer = np.diff(of_part, prepend=-1) > 0
    small = ~outer & (shapely.area(shapely.polygons(rings)) < below_m2)
    if not small.any():
        return shape, 0, 0.0
    whole = shapely.polygons(rings[~small], indices=of_part[~small])
    if len(whole) > 1:  # a part that stood in a filled hole is now inside another
        inside, _ = shapely.STRtree(whole).query(
            shapely.points(shapely.get_coordinates(rings[outer])[_starts(rings[outer])]),
            predicate="within",
        )
        whole = np.delete(whole, inside)
    filled = whole[0] if len(whole) == 1 else shapely.multipolygons(whole)
    gained_m2 = float(shapely.area(filled) - shapely.area(shape))
    return filled, int(np.count_nonzero(small)), gained_m2


def _starts(rings: GeometryArray) -> IntArray:
    sizes = shapely.get_num_coordinates(rings)
    starts: IntArray = np.cumsum(sizes) - sizes
    return starts

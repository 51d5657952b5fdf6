"""Residential land as grid cells: the points of the ``residential_land`` basis of coverage."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.places.circles import Circles
from analysis.units import FloatArray, GeometryArray, IntArray, freeze

CELL_M: Final = 50.0
_TILE_CELLS: Final = 20  # land is cut into tiles of so many cells first, then into cells
_SLIVER_M2: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LandCells:
    """Pieces of residential land, one for each cell of a fixed grid and circle, sorted by id.

    Attributes
    ----------
    cell_id
        ``land/<column>/<row>`` of the grid through the metric system's origin; a cell shared by
        several circles has one piece for each, with the circle's id behind [p].
    xy_m
        A point inside the piece, metres, float64 [p, 2].
    land_m2
        Area of the piece, float64 [p], > 0.
    circle
        Position of its circle, int32 [p].
    """

    cell_id: tuple[str, ...]
    xy_m: FloatArray
    land_m2: FloatArray
    circle: IntArray

    def __post_init__(self) -> None:
        """Freeze."""
        for array in (self.xy_m, self.land_m2, self.circle):
            freeze(array)

    def __len__(self) -> int:
        """Return the number of pieces."""
        return len(self.cell_id)

    def __repr__(self) -> str:
        """Summarise the cells."""
        return f"LandCells({len(self)} pieces, {self.land_m2.sum() / 1e6:.2f} km2)"


def land_cells(polygons: GeometryArray, circles: Circles, cell_m: float = CELL_M) -> LandCells:
    """Cut residential land into the cells of a grid, circle by circle.

    Parameters
    ----------
    polygons
        Disjoint valid polygons in metres, object array.
    circles
        The circles; land in several of them belongs to the first by id.
    cell_m
        Side of a cell, metres, > 0. Its lines run through the metric system's origin, so that
        cells keep their ids when a circle is redrawn.
    """
    pieces, column, row, circle = _pieces(polygons, circles, cell_m)
    key = np.stack([column, row, circle], axis=1)
    distinct, group = np.unique(key, axis=0, return_inverse=True)
    group = group.reshape(-1)
    area_m2 = shapely.area(pieces)
    land_m2: FloatArray = np.zeros(len(distinct))
    np.add.at(land_m2, group, area_m2)
    # The point of a cell stands in its largest piece.
    largest = np.lexsort((-area_m2, group))
    first = np.searchsorted(group[largest], np.arange(len(distinct)))
    xy_m = shapely.get_coordinates(shapely.point_on_surface(pieces[largest[first]]))
    _, cell, uses = np.unique(distinct[:, :2], axis=0, return_inverse=True, return_counts=True)
    shared = uses[cell.reshape(-1)] > 1
    ids = [
        f"land/{one[0]}/{one[1]}" + (f"/{circles.circle_id[one[2]]}" if split else "")
        for one, split in zip(distinct.tolist(), shared, strict=True)
    ]
    order = sorted(range(len(ids)), key=ids.__getitem__)
    return LandCells(
        cell_id=tuple(ids[one] for one in order),
        xy_m=xy_m.reshape(-1, 2)[order],
        land_m2=land_m2[order],
        circle=distinct[order, 2].astype(np.int32),
    )


def _pieces(
    polygons: GeometryArray, circles: Circles, cell_m: float
) -> tuple[GeometryArray, IntArray, IntArray, IntArray]:
    """Return pieces of land with the grid column, grid row and circle of each."""
    # Cutting a large polygon by a tile costs all of its vertices, so tiles come before cells.
    tiles, _, _, _ = _cut(polygons, np.zeros(len(polygons), dtype=np.int32), cell_m * _TILE_CELLS)
    found: list[tuple[GeometryArray, IntArray]] = []
    tree = shapely.STRtree(tiles)
    free: list[shapely.Geometry] = []
    for position, polygon in enumerate(circles.polygons):
        own = polygon
        for earlier in free:
            if shapely.intersects(own, earlier):
                own = shapely.difference(own, earlier)
        free.append(polygon)
        shapely.prepare(own)
        near = tiles[np.sort(tree.query(own, predicate="intersects"))]
        clipped = _areal(shapely.intersection(near, own))[0]
        found.append((clipped, np.full(len(clipped), position, dtype=np.int32)))
    if not found:
        return _cut(np.empty(0, dtype=object), np.empty(0, dtype=np.int32), cell_m)
    return _cut(
        np.concatenate([one for one, _ in found]), np.concatenate([one for _, one in found]), cell_m
    )


def _cut(
    polygons: GeometryArray, label: IntArray, cell_m: float
) -> tuple[GeometryArray, IntArray, IntArray, IntArray]:
    """Cut polygons along the lines of a grid; returns pieces, columns, rows and labels."""
    parts, label = _split(polygons, label, cell_m, axis=0)
    parts, label = _split(parts, label, cell_m, axis=1)
    bounds = shapely.bounds(parts).reshape(-1, 4)
    middle = (bounds[:, :2] + bounds[:, 2:]) / 2
    column, row = np.floor(middle / cell_m).astype(np.int32).T
    return parts, column, row, label


def _split(
    polygons: GeometryArray, label: IntArray, cell_m: float, axis: int
) -> tuple[GeometryArray, IntArray]:
    """Cut polygons into strips of `cell_m` along one axis."""
    bounds = shapely.bounds(polygons).reshape(-1, 4)
    first = np.floor(bounds[:, axis] / cell_m).astype(np.int64)
    strips = np.maximum(np.ceil(bounds[:, axis + 2] / cell_m).astype(np.int64) - first, 1)
    which = np.repeat(np.arange(len(polygons)), strips)
    offset = np.arange(len(which)) - np.repeat(np.cumsum(strips) - strips, strips)
    low = (first[which] + offset) * cell_m
    box = bounds[which].copy()
    box[:, 1 - axis] -= 1.0
    box[:, 3 - axis] += 1.0
    box[:, axis], box[:, axis + 2] = low, low + cell_m
    whole = strips[which] == 1
    pieces = polygons[which].copy()
    boxes = shapely.box(*box[~whole].T)
    pieces[~whole] = shapely.intersection(pieces[~whole], boxes)
    parts, origin = _areal(pieces)
    return parts, label[which[origin]]


def _areal(geometries: GeometryArray) -> tuple[GeometryArray, IntArray]:
    """Return the polygons among the parts of `geometries`, slivers left out, and their origin."""
    parts, origin = shapely.get_parts(geometries, return_index=True)
    keep = (shapely.get_type_id(parts) == 3) & (shapely.area(parts) > _SLIVER_M2)  # noqa: PLR2004 - Polygon
    return parts[keep], origin[keep].astype(np.int32)

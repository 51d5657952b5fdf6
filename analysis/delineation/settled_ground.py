"""Settled ground: the land around homes, up to the arterial roads that bound it."""

from typing import Final

import numpy as np
import shapely

from analysis.delineation.street_blocks import street_blocks
from analysis.streets.dividers import Dividers, Rank
from analysis.units import FloatArray

TOGETHER_M: Final = 400.0  # homes nearer than twice this to each other make one settled ground
MARGIN_M: Final = 150.0  # settled ground reaches this far around homes
MAX_HOLE_M2: Final = 1e6  # larger open land inside a town is no part of a circle
_SQUARE_M: Final = 50.0
MAX_BLOCK_M2: Final = 5e6  # as much as a circle usually has
LEAST_SETTLED: Final = 1.0 / 3.0


def settled_ground(xy_m: FloatArray, ground: shapely.Geometry) -> shapely.Geometry:
    """Return the ground around homes, float64 [n, 2], without open land: what circles may cover.

    Homes nearer than :data:`TOGETHER_M` twice over stand on one ground, with :data:`MARGIN_M`
    around them; holes up to :data:`MAX_HOLE_M2` belong to it.
    """
    # Squares with homes first: buffers of thousands of single homes take GEOS a minute.
    corner = np.unique(np.floor(xy_m / _SQUARE_M), axis=0) * _SQUARE_M
    squares = shapely.box(*corner.T, *(corner + _SQUARE_M).T)
    around = shapely.buffer(shapely.union_all(squares), TOGETHER_M, quad_segs=3)
    closed = shapely.simplify(shapely.buffer(around, MARGIN_M - TOGETHER_M, quad_segs=3), 10.0)
    inside = shapely.get_parts(shapely.intersection(shapely.make_valid(closed), ground))
    inside = inside[shapely.get_dimensions(inside) == 2]  # noqa: PLR2004 - areas
    filled = [
        shapely.Polygon(
            one.exterior, [r for r in one.interiors if shapely.Polygon(r).area > MAX_HOLE_M2]
        )
        for one in inside
    ]
    return shapely.intersection(shapely.union_all(filled), ground)


def with_whole_blocks(
    settled: shapely.Geometry, dividers: Dividers, ground: shapely.Geometry
) -> shapely.Geometry:
    """Return settled ground grown to the arterials, railways and water around it.

    A block between them is taken whole where a third of it is settled and it is no larger than a
    circle: a campus or a works inside it belongs to the circle of the homes around.
    """
    strong = dividers.picked(dividers.rank >= Rank.MINOR_ARTERIAL)
    blocks = street_blocks(ground, strong, np.empty(0, dtype=object)).polygons
    area_m2 = shapely.area(blocks)
    shapely.prepare(blocks)
    settled_m2 = shapely.area(shapely.intersection(blocks, settled))
    whole = (area_m2 <= MAX_BLOCK_M2) & (settled_m2 >= LEAST_SETTLED * area_m2)
    return shapely.union_all([settled, *blocks[whole]])

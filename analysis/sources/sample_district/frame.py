"""The metric frame of the district: a drawn plan, a gentle warp, and lon/lat."""

from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

Point = tuple[float, float]
Points = NDArray[np.float64]

LOCAL_CRS = "+proj=tmerc +lat_0=26.70 +lon_0=106.65 +k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m"
PLANNING_CRS = "EPSG:4545"
HALF_WIDTH_M = 2300.0
HALF_HEIGHT_M = 1650.0
RING_WIDTH_M = 1100.0


def warp(plan: Points) -> Points:
    """Bend the drawn plan so that streets are not ruled with a ruler.

    The plan is drawn on straight lines, where junctions are found by arithmetic; the bend is smooth
    and small (neighbouring distances change by a few per cent), so nothing that was apart overlaps.

    Parameters
    ----------
    plan
        ``(n, 2)`` plan coordinates, metres.

    Returns
    -------
    Points
        ``(n, 2)`` ground coordinates, metres east and north of the district's origin.
    """
    x, y = plan[:, 0], plan[:, 1]
    east = x + 42.0 * np.sin(y / 520.0 + 0.4) + 16.0 * np.sin((x + y) / 290.0)
    north = y + 38.0 * np.sin(x / 610.0 - 0.7) + 14.0 * np.cos((x - y) / 310.0)
    return np.column_stack([east, north])


def to_lon_lat(ground: Points) -> Points:
    """Project ground metres to degrees.

    Parameters
    ----------
    ground
        ``(n, 2)`` metres in the local frame.

    Returns
    -------
    Points
        ``(n, 2)`` longitude and latitude, WGS 84, rounded to OSM's seven decimals.
    """
    lon, lat = _transformer().transform(ground[:, 0], ground[:, 1])
    return np.round(np.column_stack([lon, lat]), 7)


@cache
def _transformer() -> Transformer:
    # Making one takes milliseconds, and rows of tables are projected one by one.
    return Transformer.from_crs(LOCAL_CRS, "EPSG:4326", always_xy=True)


def plan_to_lon_lat(plan: Points) -> Points:
    """Warp and project in one step; ``(n, 2)`` plan metres to ``(n, 2)`` degrees."""
    return to_lon_lat(warp(np.asarray(plan, dtype=np.float64).reshape(-1, 2)))


def densify(points: list[Point], step_m: float) -> list[Point]:
    """Add vertices so that no piece is longer than ``step_m`` metres; the ends stay exact."""
    dense: list[Point] = [points[0]]
    for start, end in pairwise(points):
        length_m = float(np.hypot(end[0] - start[0], end[1] - start[1]))
        pieces = max(1, int(np.ceil(length_m / step_m)))
        for k in range(1, pieces):
            share = k / pieces
            dense.append(
                (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
            )
        dense.append(end)
    return dense

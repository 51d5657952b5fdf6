"""Windows: heights averaged over what a raster can tell, so that a grade is one over a window.

Between two points a raster's noise stands like a slope: ±2 m in cells of 30 m make 13 %. The mean
of n × n heights falls along a street by exactly the mean grade over n cells, at any place and on a
street of any length, and stays a function of the place alone: two streets that meet have one height
there, however the map cuts them into arcs (docs/adr/0011).
"""

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from analysis.sources.elevation.height_grid import HeightGrid, Places
from analysis.streets.terrain import WINDOW_CELLS, WINDOW_M
from analysis.units import BoolArray, FloatArray, IdArray

Heights = npt.NDArray[np.float32]

_AT_ONCE: Final = 500_000


def cell_sizes(places: Places, xy_m: FloatArray) -> FloatArray:
    """Return the length of one column's and one row's step, metres, float64 [2].

    Taken amid the points `xy_m` (float64 [n, 2]), whatever the raster's CRS and orientation; nan
    where they cannot be projected.
    """
    middle = (xy_m.min(axis=0) + xy_m.max(axis=0)) / 2.0
    there = places(middle + np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    cells_per_m = (there[1:] - there[0]).T
    if not np.isfinite(cells_per_m).all() or np.linalg.det(cells_per_m) == 0.0:
        return np.full(2, np.nan)
    sizes: FloatArray = np.hypot(*np.linalg.inv(cells_per_m))
    return sizes


def window_cells(cell_m: FloatArray) -> IdArray:
    """Return how many columns and rows a window has, int64 [2]: odd, so that it has a middle.

    At least three, and as many as span 30 m.
    """
    known = np.where(np.isfinite(cell_m), cell_m, WINDOW_M)
    spanning = np.ceil(WINDOW_M / known * (1.0 - 1e-3))  # cells of 9.99 m count as 10
    cells: IdArray = np.maximum(spanning, WINDOW_CELLS).astype(np.int64) // 2 * 2 + 1
    return cells


def averaged(grid: HeightGrid, xy_m: FloatArray) -> tuple[HeightGrid, float]:
    """Return the part of `grid` around points with heights averaged, and its cells' longer side.

    Parameters
    ----------
    grid
        Heights as the raster has them.
    xy_m
        float64 [n, 2], metres of the study: where heights will be asked for.

    Returns
    -------
    tuple
        A grid whose heights are means over :func:`window_cells`, and metres per cell. Planes stay
        as they are: heights come in pairs at equal distances on both sides, and where one of a
        pair is not known the window ends. What was not known stays unknown.
    """
    place = grid.places(xy_m)
    place = place[np.isfinite(place).all(axis=1)]
    if len(place) == 0:
        return grid, 0.0
    cell_m = cell_sizes(grid.places, xy_m)
    cells = window_cells(cell_m)
    size = np.array(grid.height_m.shape[::-1])
    low = np.clip(np.floor(place.min(axis=0)) - cells // 2, 0, size - 1).astype(np.int64)
    high = np.clip(np.ceil(place.max(axis=0)) + cells // 2 + 1, low + 1, size).astype(np.int64)
    height_m = grid.height_m[low[1] : high[1], low[0] : high[0]]
    height_m = _mean_of_pairs(height_m, int(cells[1]) // 2)
    height_m = _mean_of_pairs(height_m.T, int(cells[0]) // 2).T

    def within(points_m: FloatArray) -> FloatArray:
        shifted: FloatArray = grid.places(points_m) - low
        return shifted

    kept = replace(grid, height_m=height_m, places=within)
    return kept, float(np.nan_to_num(cell_m).max())


def _mean_of_pairs(height_m: Heights, half: int) -> Heights:
    """Return the mean of each height and up to `half` pairs before and after it in its column."""
    mean_m = np.empty_like(height_m)
    wide = max(_AT_ONCE // len(height_m), 1)  # strips of columns: a fine raster has millions
    for left in range(0, height_m.shape[1], wide):
        strip = height_m[:, left : left + wide].astype(np.float64)
        mean_m[:, left : left + wide] = _strip_means(strip, half)
    return mean_m


def _strip_means(height_m: FloatArray, half: int) -> FloatArray:
    total, count = height_m.copy(), np.ones(height_m.shape)
    going: BoolArray = np.isfinite(height_m)
    for away in range(1, min(half, (len(height_m) - 1) // 2) + 1):
        pair = np.full(height_m.shape, np.nan)
        pair[away:-away] = height_m[: -2 * away] + height_m[2 * away :]
        going &= np.isfinite(pair)
        total += np.where(going, pair, 0.0)
        count += 2.0 * going
    return total / count

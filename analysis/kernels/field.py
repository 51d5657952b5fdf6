"""Distance to the nearest of many segments: on a grid in a band around them, and at points."""

import numba as nb
import numpy as np

from analysis.units import BoolArray, FloatArray, IntArray

_ROUNDING_M = 1e-6


@nb.njit(nogil=True, cache=True)
def distance_field(
    segments: FloatArray, column: int, row: int, n_columns: int, n_rows: int,
    cell_m: float, cap_m: float,
) -> FloatArray:  # fmt: skip
    """Return metres from each grid point to the nearest segment, float64 [n_rows, n_columns].

    Grid point (*j*, *i*) lies at ``((column + i) * cell_m, (row + j) * cell_m)``. Distances are
    Euclidean and exact up to `cap_m`, which stands for all that is farther: only grid points near a
    segment are touched. `segments` float64 [s, 4], metres; one of no length is a point.
    """
    field = np.full((n_rows, n_columns), cap_m * cap_m)
    for s in range(len(segments)):
        low_x, high_x = _ordered(segments[s, 0], segments[s, 2])
        low_y, high_y = _ordered(segments[s, 1], segments[s, 3])
        short = high_x - low_x <= cap_m and high_y - low_y <= cap_m
        low = max(int(np.ceil((low_y - cap_m) / cell_m)) - row, 0)
        high = min(int(np.floor((high_y + cap_m) / cell_m)) - row, n_rows - 1)
        for j in range(low, high + 1):
            y = (row + j) * cell_m
            if short:  # looking where to start costs more than some points too many
                west, east = low_x - cap_m, high_x + cap_m
            else:
                west, east = _capsule_span(segments[s], y, cap_m)
            left = max(int(np.ceil(west / cell_m)) - column, 0)
            right = min(int(np.floor(east / cell_m)) - column, n_columns - 1)
            if left <= right:
                _lower(field[j, left : right + 1], segments[s], (column + left), y, cell_m)
    for j in range(n_rows):
        for i in range(n_columns):
            field[j, i] = np.sqrt(field[j, i])
    return field


@nb.njit(inline="always")
def _ordered(one: float, other: float) -> tuple[float, float]:
    return (one, other) if one <= other else (other, one)


@nb.njit(nogil=True, cache=True)
def _capsule_span(segment: FloatArray, y: float, radius_m: float) -> tuple[float, float]:
    """Return where the line at height `y` enters and leaves the places within `radius_m`.

    Those places are convex, so what lies between the first and the last of the crossings with the
    two discs and the two long sides is all of it. An empty span has west > east.
    """
    x0, y0, x1, y1 = segment[0], segment[1], segment[2], segment[3]
    west, east = np.inf, -np.inf
    for x_end, y_end in ((x0, y0), (x1, y1)):
        square = radius_m * radius_m - (y - y_end) * (y - y_end)
        if square >= 0.0:
            half = np.sqrt(square)
            west, east = min(west, x_end - half), max(east, x_end + half)
    length_m = np.hypot(x1 - x0, y1 - y0)
    rise = y1 - y0
    if length_m > 0.0 and rise != 0.0:
        side_x, side_y = -rise / length_m * radius_m, (x1 - x0) / length_m * radius_m
        for sign in (-1.0, 1.0):
            share = (y - y0 - sign * side_y) / rise
            if 0.0 <= share <= 1.0:
                x = x0 + sign * side_x + share * (x1 - x0)
                west, east = min(west, x), max(east, x)
    return west, east


@nb.njit(nogil=True, cache=True)
def _lower(squares: FloatArray, segment: FloatArray, column: int, y: float, cell_m: float) -> None:
    """Take the smaller of the squared distances that are there and those to `segment`."""
    x0, y0 = segment[0], segment[1]
    along_x, along_y = segment[2] - x0, segment[3] - y0
    square = along_x * along_x + along_y * along_y
    over = 1.0 / square if square > 0.0 else 0.0
    dy = y - y0
    for i in range(len(squares)):
        dx = (column + i) * cell_m - x0
        share = min(max((dx * along_x + dy * along_y) * over, 0.0), 1.0)
        off_x, off_y = dx - share * along_x, dy - share * along_y
        squares[i] = min(squares[i], off_x * off_x + off_y * off_y)


@nb.njit(nogil=True, cache=True)
def keep_off(field: FloatArray, level_m: float, margin_m: float) -> None:
    """Move distances within `margin_m` of `level_m` to that margin, each to its own side.

    A contour at the level then passes no grid point closer than the margin times the slope, so that
    its rings neither touch nor fold at grid points. The order of distances is kept. A distance that
    equals the level but for rounding is below it, whatever the rounding.
    """
    below_m = level_m + _ROUNDING_M
    n_rows, n_columns = field.shape
    for j in range(n_rows):
        for i in range(n_columns):
            metres = field[j, i]
            inner = min(metres, level_m - margin_m)
            outer = max(metres, level_m + margin_m)
            field[j, i] = inner if metres < below_m else outer


@nb.njit(nogil=True, cache=True)
def within_distance(
    xy_m: FloatArray, segments: FloatArray, distance_m: float, bucket_m: float
) -> BoolArray:
    """Return which points (float64 [p, 2]) lie within `distance_m` of a segment, that included.

    Exact: each point is measured against every segment near it; `bucket_m` is the side of the
    squares in which points are looked up and does not change the answer.
    """
    n = len(xy_m)
    inside = np.zeros(n, dtype=np.bool_)
    if n == 0:
        return inside
    west, south = xy_m[:, 0].min(), xy_m[:, 1].min()
    n_columns = int((xy_m[:, 0].max() - west) / bucket_m) + 1
    n_rows = int((xy_m[:, 1].max() - south) / bucket_m) + 1
    first, point = _in_buckets(xy_m, west, south, n_columns, n_rows, bucket_m)
    limit = distance_m * distance_m
    for s in range(len(segments)):
        x0, y0, x1, y1 = segments[s]
        left = max(int((min(x0, x1) - distance_m - west) / bucket_m), 0)
        right = min(int((max(x0, x1) + distance_m - west) / bucket_m), n_columns - 1)
        low = max(int((min(y0, y1) - distance_m - south) / bucket_m), 0)
        high = min(int((max(y0, y1) + distance_m - south) / bucket_m), n_rows - 1)
        if left > right:  # beside all points
            continue
        for j in range(low, high + 1):
            for p in range(first[j * n_columns + left], first[j * n_columns + right + 1]):
                k = point[p]
                if not inside[k]:
                    inside[k] = _square(xy_m[k, 0], xy_m[k, 1], x0, y0, x1, y1) <= limit
    return inside


@nb.njit(nogil=True, cache=True)
def _in_buckets(
    xy_m: FloatArray, west: float, south: float, n_columns: int, n_rows: int, bucket_m: float
) -> tuple[IntArray, IntArray]:
    """Sort points into squares, row by row: those of square *q* are ``point[first[q]:…]``."""
    n = len(xy_m)
    square = np.empty(n, dtype=np.int32)
    first = np.zeros(n_columns * n_rows + 1, dtype=np.int32)
    for k in range(n):
        i = int((xy_m[k, 0] - west) / bucket_m)
        j = int((xy_m[k, 1] - south) / bucket_m)
        square[k] = j * n_columns + i
        first[square[k] + 1] += 1
    for q in range(n_columns * n_rows):
        first[q + 1] += first[q]
    place = first[:-1].copy()
    point = np.empty(n, dtype=np.int32)
    for k in range(n):
        point[place[square[k]]] = k
        place[square[k]] += 1
    return first, point


@nb.njit(nogil=True, cache=True)
def _square(x: float, y: float, x0: float, y0: float, x1: float, y1: float) -> float:
    """Return the squared distance from a point to a segment."""
    along_x, along_y = x1 - x0, y1 - y0
    square = along_x * along_x + along_y * along_y
    share = 0.0
    if square > 0.0:
        share = min(max(((x - x0) * along_x + (y - y0) * along_y) / square, 0.0), 1.0)
    off_x, off_y = x - x0 - share * along_x, y - y0 - share * along_y
    return off_x * off_x + off_y * off_y

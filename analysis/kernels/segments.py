"""A uniform grid of square cells over straight segments: what lies near a place, without a tree."""

from typing import Final, NamedTuple, TypeVar

import numba as nb
import numpy as np
import numpy.typing as npt

from analysis.units import FloatArray, IntArray, freeze

CELL_M: Final = 50.0
_CELLS_PER_SEGMENT: Final = 4  # so that far-off segments do not make a grid of empty cells
_CELLS_ANYWAY: Final = 1 << 16
_PAD: Final = 1e-6  # in cells; more than any rounding, so that what touches a cell is in it

Number = TypeVar("Number", bound=np.generic)


class SegmentGrid(NamedTuple):
    """Segments of polylines by the cells they pass; a named tuple, which kernels take whole.

    Polyline *l* has the points ``line_first[l]:line_first[l + 1]`` (int32) of `xy_m`, float64
    [v, 2], metres; segment *k* runs from point *k* to point *k* + 1. Cell *c* is in column
    ``c % columns``, counted from `west_m`, and row ``c // columns``, counted from `south_m`; the
    segments that pass it are entries ``cell_first[c]:cell_first[c + 1]`` (int32) of `segment` and,
    the polyline each belongs to, of `line`, both int32 and ascending within a cell.
    """

    xy_m: FloatArray
    line_first: IntArray
    cell_first: IntArray
    segment: IntArray
    line: IntArray
    west_m: float
    south_m: float
    cell_m: float
    columns: int
    rows: int


def segment_grid(
    xy_m: FloatArray, line_first: IntArray, lines: IntArray, *, cell_m: float = CELL_M
) -> SegmentGrid:
    """Lay a grid over the polylines in `lines` (int32, ascending); see :class:`SegmentGrid`.

    Cells grow beyond `cell_m` where the segments are few for the ground they cover.
    """
    xy_m, line_first = read_only(xy_m), read_only(line_first)
    lines = read_only(lines)
    west_m, south_m, wide_m, high_m, n_segments = _extent(xy_m, line_first, lines)
    cells = _CELLS_PER_SEGMENT * n_segments + _CELLS_ANYWAY
    while (wide_m / cell_m + 1.0) * (high_m / cell_m + 1.0) > cells:
        cell_m *= 2.0
    columns, rows = int(wide_m / cell_m) + 1, int(high_m / cell_m) + 1
    cell_first, segment, line = _laid_out(
        xy_m, line_first, lines, west_m, south_m, cell_m, columns, rows
    )
    for array in (cell_first, segment, line):
        freeze(array)
    return SegmentGrid(
        xy_m, line_first, cell_first, segment, line, west_m, south_m, cell_m, columns, rows
    )


def read_only(array: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Return `array` in one piece and read-only, so that kernels are compiled for one type only."""
    view = np.ascontiguousarray(array).view()
    freeze(view)
    return view


@nb.njit(nogil=True, cache=True)
def _extent(
    xy_m: FloatArray, line_first: IntArray, lines: IntArray
) -> tuple[float, float, float, float, int]:
    """Return west, south, width and height, metres, and the number of segments."""
    west, south, east, north, n = np.inf, np.inf, -np.inf, -np.inf, 0
    for line in lines:
        n += line_first[line + 1] - line_first[line] - 1
        for k in range(line_first[line], line_first[line + 1]):
            west, east = min(west, xy_m[k, 0]), max(east, xy_m[k, 0])
            south, north = min(south, xy_m[k, 1]), max(north, xy_m[k, 1])
    if n == 0:
        return 0.0, 0.0, 0.0, 0.0, 0
    return west, south, east - west, north - south, n


@nb.njit(nogil=True, cache=True)
def columns_in_row(
    u: float, v: float, to_u: float, to_v: float, row: int, columns: int
) -> tuple[int, int]:
    """Return the first and last column that a segment passes within a row, clipped to the grid.

    Places in cells: the segment runs from column *u*, row *v* to `to_u`, `to_v`.
    """
    from_share, to_share = 0.0, 1.0
    if v != to_v:
        below, above = (row - _PAD - v) / (to_v - v), (row + 1.0 + _PAD - v) / (to_v - v)
        from_share = max(min(below, above, 1.0), 0.0)
        to_share = min(max(below, above, 0.0), 1.0)
    one, other = u + from_share * (to_u - u), u + to_share * (to_u - u)
    west, east = np.floor(min(one, other) - _PAD), np.floor(max(one, other) + _PAD)
    return int(min(max(west, 0.0), columns)), int(max(min(east, columns - 1.0), -1.0))


@nb.njit(nogil=True, cache=True)
def rows_passed(v: float, to_v: float, rows: int) -> tuple[int, int]:
    """Return the first and last row that a segment passes, clipped to the grid."""
    south, north = np.floor(min(v, to_v) - _PAD), np.floor(max(v, to_v) + _PAD)
    return int(min(max(south, 0.0), rows)), int(max(min(north, rows - 1.0), -1.0))


@nb.njit(nogil=True, cache=True)
def _laid_out(
    xy_m: FloatArray, line_first: IntArray, lines: IntArray,
    west_m: float, south_m: float, cell_m: float, columns: int, rows: int,
) -> tuple[IntArray, IntArray, IntArray]:  # fmt: skip
    """Sort the segments into cells by counting; return `cell_first`, `segment` and `line`."""
    first = np.zeros(columns * rows + 1, dtype=np.int32)
    at = np.zeros(columns * rows, dtype=np.int32)
    segment, of_line = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32)
    for filling in (False, True):
        for line in lines:
            u = (xy_m[line_first[line], 0] - west_m) / cell_m
            v = (xy_m[line_first[line], 1] - south_m) / cell_m
            for k in range(line_first[line], line_first[line + 1] - 1):
                to_u = (xy_m[k + 1, 0] - west_m) / cell_m
                to_v = (xy_m[k + 1, 1] - south_m) / cell_m
                south, north = rows_passed(v, to_v, rows)
                for row in range(south, north + 1):
                    west, east = columns_in_row(u, v, to_u, to_v, row, columns)
                    for c in range(row * columns + west, row * columns + east + 1):
                        if filling:
                            segment[at[c]], of_line[at[c]] = k, line
                        at[c] += 1
                u, v = to_u, to_v
        if not filling:
            for c in range(columns * rows):
                first[c + 1] = first[c] + at[c]
                at[c] = first[c]
            segment = np.empty(first[columns * rows], dtype=np.int32)
            of_line = np.empty(first[columns * rows], dtype=np.int32)
    return first, segment, of_line


@nb.njit(nogil=True, cache=True)
def cells_within(
    x: float, y: float, within_m: float, grid: SegmentGrid
) -> tuple[int, int, int, int]:
    """Return the first and last column and row of the cells in a square around (x, y)."""
    west = np.floor((x - within_m - grid.west_m) / grid.cell_m)
    east = np.floor((x + within_m - grid.west_m) / grid.cell_m)
    south = np.floor((y - within_m - grid.south_m) / grid.cell_m)
    north = np.floor((y + within_m - grid.south_m) / grid.cell_m)
    if not (west < grid.columns and east >= 0 and south < grid.rows and north >= 0):
        return 0, -1, 0, -1  # beyond the grid, or not a number
    return (
        int(max(west, 0.0)), int(min(east, grid.columns - 1.0)),
        int(max(south, 0.0)), int(min(north, grid.rows - 1.0)),
    )  # fmt: skip


@nb.njit(nogil=True, cache=True)
def entries(grid: SegmentGrid, row: int, west: int, east: int) -> tuple[int, int]:
    """Return where the segments of the cells `west` … `east` of a row begin and end."""
    cell = row * grid.columns
    return grid.cell_first[cell + west], grid.cell_first[cell + east + 1]

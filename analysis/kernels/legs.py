"""Straight access legs from points to the polylines around them, and whether a wall cuts them."""

import numba as nb
import numpy as np

from analysis.kernels.segments import (
    SegmentGrid,
    cells_within,
    columns_in_row,
    entries,
    rows_passed,
)
from analysis.units import BoolArray, FloatArray, IdArray, IntArray

_TOUCH_M = 1e-6  # a shorter leg cannot cross anything


@nb.njit(nogil=True, cache=True)
def _foot(x: float, y: float, xy_m: FloatArray, k: int) -> tuple[float, float]:
    """Return metres from (x, y) to segment *k* and where its foot lies, 0 at its start … 1.

    In the order of operations of GEOS, so that equally near segments come out equal where they do
    there.
    """
    ax, ay, bx, by = xy_m[k, 0], xy_m[k, 1], xy_m[k + 1, 0], xy_m[k + 1, 1]
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    along = (x - ax) * dx + (y - ay) * dy
    if along <= 0.0:  # also where the segment has no length
        return np.sqrt((x - ax) * (x - ax) + (y - ay) * (y - ay)), 0.0
    if along >= square:
        return np.sqrt((x - bx) * (x - bx) + (y - by) * (y - by)), 1.0
    return abs(((ay - y) * dx - (ax - x) * dy) / square) * np.sqrt(square), along / square


@nb.njit(nogil=True, cache=True)
def _place(xy_m: FloatArray, k: int, share: float) -> tuple[float, float]:
    """Return the place at a share of segment *k*; its ends exactly, since walls may start there."""
    if share == 1.0:
        return xy_m[k + 1, 0], xy_m[k + 1, 1]
    return (
        xy_m[k, 0] + share * (xy_m[k + 1, 0] - xy_m[k, 0]),
        xy_m[k, 1] + share * (xy_m[k + 1, 1] - xy_m[k, 1]),
    )


@nb.njit(nogil=True, cache=True)
def _side(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> float:
    """Return on which side of the line from a to b a place lies: > 0 left, < 0 right, 0 on it."""
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax)


@nb.njit(nogil=True, cache=True)
def leg_is_cut(
    x: float, y: float, to_x: float, to_y: float, walls: SegmentGrid, solid: BoolArray
) -> bool:
    """Return whether the leg crosses a segment of a wall that is `solid`, bool by polyline.

    A leg that only ends on a wall does not cross it.
    """
    u, v = (x - walls.west_m) / walls.cell_m, (y - walls.south_m) / walls.cell_m
    to_u, to_v = (to_x - walls.west_m) / walls.cell_m, (to_y - walls.south_m) / walls.cell_m
    south, north = rows_passed(v, to_v, walls.rows)
    for row in range(south, north + 1):
        west, east = columns_in_row(u, v, to_u, to_v, row, walls.columns)
        if west > east:
            continue
        first, last = entries(walls, row, west, east)
        for entry in range(first, last):
            k = walls.segment[entry]
            ax, ay = walls.xy_m[k, 0], walls.xy_m[k, 1]
            bx, by = walls.xy_m[k + 1, 0], walls.xy_m[k + 1, 1]
            apart = _side(ax, ay, bx, by, x, y) * _side(ax, ay, bx, by, to_x, to_y) < 0.0
            # Half-open, so that a leg through the very corner of two segments crosses one of them.
            if (
                apart
                and (_side(x, y, to_x, to_y, ax, ay) >= 0.0)
                != (_side(x, y, to_x, to_y, bx, by) >= 0.0)
                and solid[walls.line[entry]]
            ):
                return True
    return False


@nb.njit(nogil=True, cache=True)
def _offset_m(streets: SegmentGrid, arc: int, k: int, share: float, length_m: float) -> float:
    """Return metres from the tail of `arc` to a foot on segment *k*.

    An arc may be longer than its drawing says (a stated length): offsets follow the arc.
    """
    drawn_m, offset_m = 0.0, 0.0
    for j in range(streets.line_first[arc], streets.line_first[arc + 1] - 1):
        dx = streets.xy_m[j + 1, 0] - streets.xy_m[j, 0]
        dy = streets.xy_m[j + 1, 1] - streets.xy_m[j, 1]
        step_m = np.sqrt(dx * dx + dy * dy)
        if j == k:
            offset_m = drawn_m + share * step_m
        drawn_m += step_m
    if drawn_m > 0.0:
        offset_m *= length_m / drawn_m
    return min(max(offset_m, 0.0), length_m)


@nb.njit(nogil=True, cache=True)
def _feet_around(
    x: float, y: float, within_m: float, streets: SegmentGrid, open_: BoolArray,
    slot_of: IntArray, arc: IntArray, segment: IntArray, leg_m: FloatArray, share: FloatArray,
) -> int:  # fmt: skip
    """Write the nearest place of each open arc around (x, y) and return how many arcs there are.

    Rows of `arc`, `segment`, `leg_m` and `share` (along the segment); `slot_of` by arc is 0 before
    and after.
    """
    found = 0
    west, east, south, north = cells_within(x, y, within_m, streets)
    for row in range(south, north + 1):
        first, last = entries(streets, row, west, east)
        for entry in range(first, last):
            a, k = streets.line[entry], streets.segment[entry]
            if not open_[a]:
                continue
            metres, along = _foot(x, y, streets.xy_m, k)
            if metres > within_m:
                continue
            s = slot_of[a] - 1
            if s < 0:
                s, found = found, found + 1
                slot_of[a], arc[s] = found, a
            elif metres > leg_m[s] or (metres == leg_m[s] and k >= segment[s]):
                continue
            segment[s], leg_m[s], share[s] = k, metres, along
    for s in range(found):
        slot_of[arc[s]] = 0
    return found


@nb.njit(nogil=True, cache=True)
def free_legs(
    xy_m: FloatArray, points: IdArray, within_m: float,
    streets: SegmentGrid, open_: BoolArray, arc_length_m: FloatArray,
    walls: SegmentGrid, solid: BoolArray,
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:  # fmt: skip
    """Return the legs of `points` (rows of `xy_m`) to all open arcs that no solid wall cuts.

    A leg runs to the arc's nearest place, among equals the one nearest to its tail, and is at most
    `within_m` long. `open_` bool [m] by arc, `solid` bool by wall. Returned by row, in the order of
    `points` and by arc: point int32, arc int32, offset from the arc's tail and leg, float64 metres.
    """
    m = len(open_)  # rooms that are hardly filled: memory is taken where it is touched
    slot_of, arc_at = np.zeros(m, dtype=np.int32), np.empty(m, dtype=np.int32)
    segment_at, leg_at, share_at = np.empty(m, dtype=np.int32), np.empty(m), np.empty(m)
    room, n = 4 * len(points) + 64, 0
    point, arc = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    offset_m, access_m = np.empty(room), np.empty(room)
    for i in points:
        x, y = xy_m[i, 0], xy_m[i, 1]
        found = _feet_around(
            x, y, within_m, streets, open_, slot_of, arc_at, segment_at, leg_at, share_at
        )
        if n + found > len(point):
            whole, metres = np.empty(n + found, dtype=np.int32), np.empty(n + found)
            point, arc = np.concatenate((point, whole)), np.concatenate((arc, whole))
            offset_m, access_m = (
                np.concatenate((offset_m, metres)), np.concatenate((access_m, metres)),
            )  # fmt: skip
        start = n
        for s in range(found):
            a, k, share = arc_at[s], segment_at[s], share_at[s]
            to_x, to_y = _place(streets.xy_m, k, share)
            if leg_at[s] > _TOUCH_M and leg_is_cut(x, y, to_x, to_y, walls, solid):
                continue
            at = n
            while at > start and arc[at - 1] > a:  # the arcs around a point are few
                arc[at], offset_m[at], access_m[at] = (
                    arc[at - 1],
                    offset_m[at - 1],
                    access_m[at - 1],
                )
                at -= 1
            point[n], arc[at], access_m[at] = i, a, leg_at[s]
            offset_m[at] = _offset_m(streets, a, k, share, arc_length_m[a])
            n += 1
    return point[:n], arc[:n], offset_m[:n], access_m[:n]


@nb.njit(nogil=True, cache=True)
def nearest_by_kind(
    xy_m: FloatArray, points: IdArray, within_m: float, streets: SegmentGrid, open_: BoolArray
) -> FloatArray:
    """Return metres to the nearest closed and the nearest open arc, float64 [points, 2].

    inf beyond `within_m`, which is included. `open_` bool [m] by arc.
    """
    nearest_m = np.full((len(points), 2), np.inf)
    for p in range(len(points)):
        x, y = xy_m[points[p], 0], xy_m[points[p], 1]
        west, east, south, north = cells_within(x, y, within_m, streets)
        for row in range(south, north + 1):
            first, last = entries(streets, row, west, east)
            for entry in range(first, last):
                k, kind = streets.segment[entry], int(open_[streets.line[entry]])
                leg_m, _ = _foot(x, y, streets.xy_m, k)
                if leg_m <= within_m and leg_m < nearest_m[p, kind]:
                    nearest_m[p, kind] = leg_m
    return nearest_m

"""Stretches of street cut out of arc drawings, as chains of points."""

import numba as nb
import numpy as np

from analysis.units import FloatArray, IntArray


@nb.njit(nogil=True, cache=True)
def cut_stretches(
    arc: IntArray, start_m: FloatArray, end_m: FloatArray,
    arc_first: IntArray, arc_xy_m: FloatArray, arc_length_m: FloatArray,
) -> tuple[IntArray, FloatArray]:  # fmt: skip
    """Cut stretches out of the drawings of their arcs.

    Offsets are metres of walking, 0…`arc_length_m`; the drawing of an arc may be longer or shorter
    than that and is cut in proportion. Returns the chains as ``first`` int32 [k + 1] and ``xy_m``
    float64 [v, 2], metres: at least two points each; a stretch of no length is one point twice.
    Offsets at the ends of an arc give its end points bit for bit.
    """
    n = len(arc)
    room = 2 * n
    for k in range(n):
        room += arc_first[arc[k] + 1] - arc_first[arc[k]]
    first = np.empty(n + 1, dtype=np.int32)
    xy_m = np.empty((room, 2))
    size = 0
    for k in range(n):
        first[k] = size
        a = arc[k]
        low, high = arc_first[a], arc_first[a + 1]
        if start_m[k] <= 0.0 and end_m[k] >= arc_length_m[a]:
            for v in range(low, high):
                xy_m[size, 0], xy_m[size, 1] = arc_xy_m[v, 0], arc_xy_m[v, 1]
                size += 1
        else:
            size = _cut(arc_xy_m, low, high, start_m[k], end_m[k], arc_length_m[a], xy_m, size)
    first[n] = size
    return first, xy_m[:size].copy()


@nb.njit(nogil=True, cache=True)
def _cut(
    line_m: FloatArray, low: int, high: int, start_m: float, end_m: float, length_m: float,
    xy_m: FloatArray, size: int,
) -> int:  # fmt: skip
    """Append the part of one drawing between two offsets and return the new size."""
    drawn_m = 0.0
    for v in range(low + 1, high):
        drawn_m += np.hypot(line_m[v, 0] - line_m[v - 1, 0], line_m[v, 1] - line_m[v - 1, 1])
    scale = drawn_m / length_m if length_m > 0.0 else 0.0
    from_m = start_m * scale if start_m > 0.0 else 0.0
    to_m = end_m * scale if end_m < length_m else drawn_m
    size = _append_at(line_m, low, high, from_m, xy_m, size)
    at_m = 0.0
    for v in range(low + 1, high - 1):
        at_m += np.hypot(line_m[v, 0] - line_m[v - 1, 0], line_m[v, 1] - line_m[v - 1, 1])
        if from_m < at_m < to_m:
            xy_m[size, 0], xy_m[size, 1] = line_m[v, 0], line_m[v, 1]
            size += 1
    if end_m >= length_m:
        xy_m[size, 0], xy_m[size, 1] = line_m[high - 1, 0], line_m[high - 1, 1]
        return size + 1
    return _append_at(line_m, low, high, to_m, xy_m, size)


@nb.njit(nogil=True, cache=True)
def _append_at(
    line_m: FloatArray, low: int, high: int, offset_m: float, xy_m: FloatArray, size: int
) -> int:
    """Append the point `offset_m` along a drawing and return the new size."""
    at_m = 0.0
    for v in range(low + 1, high):
        step_x, step_y = line_m[v, 0] - line_m[v - 1, 0], line_m[v, 1] - line_m[v - 1, 1]
        step_m = np.hypot(step_x, step_y)
        if offset_m <= at_m + step_m or v == high - 1:
            share = min(max((offset_m - at_m) / step_m, 0.0), 1.0) if step_m > 0.0 else 0.0
            xy_m[size, 0] = line_m[v - 1, 0] + share * step_x
            xy_m[size, 1] = line_m[v - 1, 1] + share * step_y
            return size + 1
        at_m += step_m
    return size


@nb.njit(nogil=True, cache=True)
def segments_of(first: IntArray, xy_m: FloatArray) -> FloatArray:
    """Return the segments of chains of points, float64 [s, 4]: from x, y to x, y."""
    n = len(first) - 1
    segments = np.empty((len(xy_m) - n, 4))
    s = 0
    for k in range(n):
        for v in range(first[k], first[k + 1] - 1):
            segments[s, 0], segments[s, 1] = xy_m[v, 0], xy_m[v, 1]
            segments[s, 2], segments[s, 3] = xy_m[v + 1, 0], xy_m[v + 1, 1]
            s += 1
    return segments

"""Rings of a contour without the points that lie straight between their neighbours."""

import numba as nb
import numpy as np

from analysis.units import BoolArray, FloatArray, IntArray


@nb.njit(nogil=True, cache=True)
def corners(first: IntArray, xy: FloatArray, tolerance: float) -> BoolArray:
    """Return which points of closed rings to keep, bool [v].

    Ring *r* is ``xy[first[r]:first[r + 1]]``, its last point equal to its first; that point stays.
    A point goes only where it lies within `tolerance` of the straight line between those kept
    around it; at least four points of every ring stay.
    """
    keep = np.zeros(len(xy), dtype=np.bool_)
    for r in range(len(first) - 1):
        low, high = first[r], first[r + 1]
        keep[low] = keep[high - 1] = True
        kept, start = 2, low
        for end in range(low + 2, high):
            if not _straight(xy, start, end, tolerance):
                keep[end - 1] = True
                kept, start = kept + 1, end - 1
        if kept < 4:  # noqa: PLR2004 - a triangle, closed
            keep[low:high] = True
    return keep


@nb.njit(nogil=True, cache=True)
def _straight(xy: FloatArray, start: int, end: int, tolerance: float) -> bool:
    """Return whether all points between two lie within `tolerance` of the line between them."""
    along_x, along_y = xy[end, 0] - xy[start, 0], xy[end, 1] - xy[start, 1]
    square = along_x * along_x + along_y * along_y
    allowed = tolerance * np.sqrt(square)
    for k in range(start + 1, end):
        to_x, to_y = xy[k, 0] - xy[start, 0], xy[k, 1] - xy[start, 1]
        if abs(to_x * along_y - to_y * along_x) > allowed:
            return False
        if not 0.0 <= to_x * along_x + to_y * along_y <= square:
            return False
    return True

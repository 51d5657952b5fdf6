"""Points in an order that keeps neighbours together: along Hilbert's curve."""

import numba as nb
import numpy as np

from analysis.units import FloatArray, IdArray

_BITS = 16  # a curve of 65,536 × 65,536 steps


@nb.njit(nogil=True, cache=True)
def hilbert_key(xy: FloatArray) -> IdArray:
    """Return how far along the curve each point (float64 [p, 2]) lies, int64 [p].

    The curve fills the square around the points (Hilbert 1891; turns as in Warren, *Hacker's
    Delight*, 16-1).
    """
    key = np.zeros(len(xy), dtype=np.int64)
    if len(xy) == 0:
        return key
    west, south = xy[:, 0].min(), xy[:, 1].min()
    side = max(xy[:, 0].max() - west, xy[:, 1].max() - south)
    scale = ((1 << _BITS) - 1) / side if side > 0 else 0.0
    for i in range(len(xy)):
        x, y = int((xy[i, 0] - west) * scale), int((xy[i, 1] - south) * scale)
        step = 1 << (_BITS - 1)
        while step > 0:
            right, up = 1 if x & step else 0, 1 if y & step else 0
            key[i] += step * step * ((3 * right) ^ up)
            x, y = x & (step - 1), y & (step - 1)
            if up == 0:
                if right == 1:
                    x, y = step - 1 - x, step - 1 - y
                x, y = y, x
            step >>= 1
    return key

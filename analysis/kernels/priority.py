"""A binary heap of (units, rank, place), ordered by the first two, for use inside kernels.

An entry is a row of an int64 [e, 2]: units, and the rank in the high half of a word with the place
in the low half. Of equal units the smaller rank comes first, so that labels do not depend on the
order of the input.
"""

import numba as nb

from analysis.units import IdArray

_HALF = 32
_LOW = (1 << _HALF) - 1


@nb.njit(nogil=True, cache=True)
def push(heap: IdArray, size: int, units: int, rank: int, place: int) -> int:
    """Add an entry and return the new size; there must be room for it."""
    who = (rank << _HALF) | place
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if heap[parent, 0] < units or (heap[parent, 0] == units and heap[parent, 1] <= who):
            break
        heap[i, 0], heap[i, 1] = heap[parent, 0], heap[parent, 1]
        i = parent
    heap[i, 0], heap[i, 1] = units, who
    return size + 1


@nb.njit(nogil=True, cache=True)
def first(heap: IdArray) -> tuple[int, int, int]:
    """Return units, rank and place of the first entry of a heap that is not empty."""
    return heap[0, 0], heap[0, 1] >> _HALF, heap[0, 1] & _LOW


@nb.njit(nogil=True, cache=True)
def pop(heap: IdArray, size: int) -> int:
    """Remove the first entry and return the new size."""
    size -= 1
    units, who = heap[size, 0], heap[size, 1]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        other = child + 1
        if other < size and (
            heap[other, 0] < heap[child, 0]
            or (heap[other, 0] == heap[child, 0] and heap[other, 1] < heap[child, 1])
        ):
            child = other
        if units < heap[child, 0] or (units == heap[child, 0] and who <= heap[child, 1]):
            break
        heap[i, 0], heap[i, 1] = heap[child, 0], heap[child, 1]
        i = child
    heap[i, 0], heap[i, 1] = units, who
    return size

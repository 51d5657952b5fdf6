"""Climbs of many at once in a hierarchy, and what facilities leave behind on theirs.

A batch of :data:`~analysis.kernels.rows.LANES` points that lie near each other climbs together: a
row of cells for each place that any of them comes to, one lane a point. Ways only lead up, so that
taking the lowest place that waits finds its row complete. What a facility costs from each place it
climbed to waits there in a bucket for who climbs to the same place: their walks meet. Buckets for
many-to-many shortest walks: Knopp, Sanders, Schultes, Schulz & Wagner 2007.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numba as nb
import numpy as np
from numba.cpython.unsafe import numbers

from analysis.kernels.rows import LANES, push_row
from analysis.kernels.wave import LONGEST
from analysis.units import IdArray, IntArray, KeyArray

_WORD_BITS = 6
_bits: Any = numbers  # comes without useful types
trailing_zeros: Callable[[np.uint64], int] = _bits.trailing_zeros
_ONE = np.uint64(1)
_NEVER = np.uint64(LONGEST)
_SHRINK = 3  # of the gaps of Shell's sort


class Ups(NamedTuple):
    """Ways up from the places, one way; see :class:`analysis.walks.hierarchy.Hierarchy`."""

    first: IdArray
    upper: IntArray
    cost: KeyArray


class Climbers(NamedTuple):
    """Who climbs: candidates ``first[i]:first[i + 1]`` of climber *i*.

    `ends` int32 [c, 2] are the places at both ends of the arc, `units` int64 [c, 2] what lies
    between them and the climber.
    """

    first: IntArray
    ends: IntArray
    units: IdArray


class Heights(NamedTuple):
    """What climbing writes into: rows of `cells` [n, LANES] for the places that wait, and who does.

    Place *v* waits where bit ``v % 64`` of ``words[v // 64]`` is set, and word *w* is not zero
    where bit ``w % 64`` of ``blocks[w // 64]`` is set. All are zero between batches. Its cells are
    row ``row[v]``. Few places wait at once: the rows ``free[:taken[0]]`` are theirs, those that
    follow, the last one given back first, are the next to be taken, and stay in the cache.
    """

    cells: KeyArray
    row: IntArray
    free: IntArray
    taken: IdArray
    words: KeyArray
    blocks: KeyArray


class Buckets(NamedTuple):
    """Facilities that climbed to place *v*: rows ``first[v]:first[v + 1]``, nearest first.

    `rank` int32 [e] of the facility and `units` uint64 [e] from the place to it.
    """

    first: IdArray
    rank: IntArray
    units: KeyArray


class Notes(NamedTuple):
    """Who came where: climber `rank` int32 [e] to `place` int32 [e], for `units` uint64 [e]."""

    place: IntArray
    rank: IntArray
    units: KeyArray


@nb.njit(nogil=True, cache=True, forceinline=True)
def reach(heights: Heights, place: int) -> int:
    """Let `place` wait, all lanes far away, unless it does already; return how many are new."""
    word, bit = place >> _WORD_BITS, _ONE << np.uint64(place & 63)
    if heights.words[word] & bit:
        return 0
    heights.words[word] |= bit
    heights.blocks[word >> _WORD_BITS] |= _ONE << np.uint64(word & 63)
    row = heights.free[heights.taken[0]]
    heights.taken[0] += 1
    heights.row[place] = row
    for lane in range(LANES):
        heights.cells[row, lane] = _NEVER
    return 1


@nb.njit(nogil=True, cache=True, forceinline=True)
def give_back(heights: Heights, row: int) -> None:
    """Let the cells of a place that was taken be used by others."""
    heights.taken[0] -= 1
    heights.free[heights.taken[0]] = row


@nb.njit(nogil=True, cache=True, forceinline=True)
def take_lowest(heights: Heights, block: int) -> int:
    """Return the lowest place that waits, which then waits no more; no block below `block` does."""
    while heights.blocks[block] == 0:
        block += 1
    word = (block << _WORD_BITS) + np.int64(trailing_zeros(heights.blocks[block]))
    bits = heights.words[word]
    place = (word << _WORD_BITS) + np.int64(trailing_zeros(bits))
    heights.words[word] = bits & (bits - _ONE)
    if heights.words[word] == 0:
        heights.blocks[block] &= heights.blocks[block] - _ONE
    return int(place)


@nb.njit(nogil=True, cache=True, forceinline=True)
def set_out(batch: IntArray, climbers: Climbers, heights: Heights, limit: int) -> int:
    """Start the climbs of a batch; return how many places wait."""
    waiting = 0
    for lane in range(len(batch)):
        for c in range(climbers.first[batch[lane]], climbers.first[batch[lane] + 1]):
            for side in range(2):
                if climbers.units[c, side] > limit:
                    continue
                place, units = climbers.ends[c, side], np.uint64(climbers.units[c, side])
                waiting += reach(heights, place)
                row = heights.row[place]
                heights.cells[row, lane] = min(heights.cells[row, lane], units)
    return waiting


@nb.njit(nogil=True, cache=True, forceinline=True)
def climb_on(ups: Ups, heights: Heights, place: int, limit: int) -> tuple[int, int]:
    """Climb on from `place`; return (the least units of its lanes, how many more places wait)."""
    least, row = _NEVER, heights.row[place]
    for lane in range(LANES):
        least = min(least, heights.cells[row, lane])
    more = 0
    for p in range(ups.first[place], ups.first[place + 1]):
        if np.int64(least + ups.cost[p]) <= limit:
            more += reach(heights, ups.upper[p])
            push_row(heights.cells, heights.row[ups.upper[p]], heights.cells, row, ups.cost[p])
    return int(np.int64(least)), more


@nb.njit(nogil=True, cache=True)
def note_climbs(
    ups: Ups, climbers: Climbers, order: IntArray, limit: IdArray, heights: Heights,
    begin: int, notes: Notes, count: IntArray,
) -> tuple[int, int]:  # fmt: skip
    """Note which of `order` come to which place, from note `begin` on.

    Returns how many climbers are done, all or as many as the notes have room for, and where the
    notes end. `count` int32 [n] is raised by the climbers that come to each place; `limit` int64
    [climbers]: how far each may go.
    """
    end = begin
    for low in range(0, len(order), LANES):
        batch = order[low : low + LANES]
        most, undone = limit[batch].max(), end
        waiting, place = set_out(batch, climbers, heights, most), 0
        fits = True
        while waiting > 0:
            place = take_lowest(heights, place >> (2 * _WORD_BITS))
            waiting += climb_on(ups, heights, place, most)[1] - 1
            row = heights.row[place]
            give_back(heights, row)
            fits = fits and end + len(batch) <= len(notes.place)
            for lane in range(len(batch) if fits else 0):
                if np.int64(heights.cells[row, lane]) <= limit[batch[lane]]:
                    notes.place[end], notes.rank[end] = place, batch[lane]
                    notes.units[end] = heights.cells[row, lane]
                    end += 1
        if not fits:
            return low, undone
        for i in range(undone, end):
            count[notes.place[i]] += 1
    return len(order), end


@nb.njit(nogil=True, cache=True)
def lay_buckets(counts: IntArray, first: IdArray) -> IdArray:
    """Set `first` int64 [n + 1] from the `counts` int32 [threads, n] of climbers at each place.

    Returns int64 [threads, n], the row of each place that the thread begins to write at.
    """
    at = np.empty(counts.shape, dtype=np.int64)
    row = 0
    for place in range(counts.shape[1]):
        first[place] = row
        for thread in range(len(counts)):
            at[thread, place] = row
            row += counts[thread, place]
    first[counts.shape[1]] = row
    return at


@nb.njit(nogil=True, cache=True)
def fill_buckets(notes: Notes, n: int, at: IdArray, buckets: Buckets) -> None:
    """Write the first `n` notes into the buckets, from row `at` int64 [n] of each place on."""
    for i in range(n):
        row = at[notes.place[i]]
        at[notes.place[i]] = row + 1
        buckets.rank[row], buckets.units[row] = notes.rank[i], notes.units[i]


@nb.njit(nogil=True, cache=True)
def sort_buckets(buckets: Buckets, low: int, high: int) -> None:
    """Put the nearest first in the buckets of the places from `low` to `high`."""
    rank, units = buckets.rank, buckets.units
    for place in range(low, high):
        begin, end = buckets.first[place], buckets.first[place + 1]
        gap = 1
        while gap < (end - begin) // _SHRINK:
            gap = _SHRINK * gap + 1
        while gap > 0:
            for i in range(begin + gap, end):
                key, whose, j = units[i], rank[i], i
                while j - gap >= begin and units[j - gap] > key:
                    units[j], rank[j] = units[j - gap], rank[j - gap]
                    j -= gap
                units[j], rank[j] = key, whose
            gap //= _SHRINK

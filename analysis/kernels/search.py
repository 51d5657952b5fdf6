"""Searches from one origin after another, bounded, on scratch that is not cleared in between."""

import numba as nb
import numpy as np

from analysis.kernels.along import Feet, straight
from analysis.kernels.wave import (
    LONGEST,
    Wave,
    begin,
    bucket_shift,
    forget,
    label_of,
    sow,
    spread,
)
from analysis.units import IdArray, IntArray

_BUCKETS_AT_ONCE = 4  # settled between two looks at whether all targets are found


@nb.njit(nogil=True, cache=True)
def _start(wave: Wave, feet: Feet, point: int, limit: int, shift: int) -> Wave:
    """Walk from a point to the ends of the arcs that it is linked to."""
    begin(wave)
    for c in range(feet.first[point], feet.first[point + 1]):
        for side in range(2):
            if feet.leaving[c, side] <= limit:
                wave = sow(wave, feet.ends[c, side], feet.leaving[c, side], shift)
    return wave


@nb.njit(nogil=True, cache=True)
def search_each(wave: Wave, feet: Feet, limit: int) -> tuple[IdArray, IntArray, IdArray]:
    """Search from each of many points as far as `limit` units, which is included.

    Returns (first int64 [p + 1], place int32 [k], units int64 [k]): what point *i* reaches is rows
    ``first[i]:first[i + 1]``, in the order in which the wave comes to it.
    """
    n_points, shift = len(feet.first) - 1, bucket_shift(limit)
    n_buckets = (limit >> shift) + 1
    first = np.zeros(n_points + 1, dtype=np.int64)
    place, units = np.empty(1024, dtype=np.int32), np.empty(1024, dtype=np.int64)
    k = 0
    for i in range(n_points):
        wave = spread(_start(wave, feet, i, limit, shift), limit, shift, 0, n_buckets)
        if k + wave.state[0] > len(place):
            room = 2 * (k + wave.state[0])
            longer, dearer = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int64)
            longer[:k], dearer[:k] = place[:k], units[:k]
            place, units = longer, dearer
        for j in range(wave.state[0]):
            place[k], units[k] = wave.order[j], wave.nodes[wave.order[j], 0]
            k += 1
        first[i + 1] = k
        forget(wave, limit, shift, n_buckets)
    return first, place[:k].copy(), units[:k].copy()


@nb.njit(nogil=True, cache=True)
def _direct(feet: Feet, origin: int, goals: Feet, target: int) -> int:
    """Return units of the walk along an arc that both points are linked to."""
    best = LONGEST
    for goal in range(goals.first[target], goals.first[target + 1]):
        for foot in range(feet.first[origin], feet.first[origin + 1]):
            if feet.arc[foot] == goals.arc[goal]:
                best = min(best, straight(feet, foot, goals, goal))
    return best


@nb.njit(nogil=True, cache=True)
def _by_way(wave: Wave, goals: Feet, target: int) -> int:
    """Return units to a target over the places that the wave has come to."""
    best = LONGEST
    for goal in range(goals.first[target], goals.first[target + 1]):
        for side in range(2):
            best = min(best, label_of(wave, goals.ends[goal, side]) + goals.arriving[goal, side])
    return best


@nb.njit(nogil=True, cache=True)
def search_pairs(
    wave: Wave, feet: Feet, goals: Feet, origin: IntArray, target: IntArray, limit: int
) -> IdArray:
    """Return units from point ``origin[r]`` to point ``target[r]``, int64 [k].

    ``LONGEST`` beyond `limit`. Rows with the same origin follow each other: it is searched once,
    and no further than its farthest target.
    """
    units = np.empty(len(origin), dtype=np.int64)
    shift, end = bucket_shift(limit), 0
    while end < len(origin):
        start, here = end, origin[end]
        while end < len(origin) and origin[end] == here:
            units[end] = _direct(feet, here, goals, target[end])
            end += 1
        wave = _start(wave, feet, here, limit, shift)
        within, bucket, found = limit, 0, start
        while bucket <= within >> shift:
            wave = spread(wave, within, shift, bucket, bucket + _BUCKETS_AT_ONCE)
            bucket += _BUCKETS_AT_ONCE
            while found < end:  # is there a way to every target by now?
                units[found] = min(units[found], _by_way(wave, goals, target[found]))
                if units[found] > within:
                    break
                found += 1
            if found == end:
                for r in range(start, end):
                    units[r] = min(units[r], _by_way(wave, goals, target[r]))
                within = min(within, units[start:end].max())
        for r in range(start, end):
            units[r] = min(units[r], _by_way(wave, goals, target[r]))
            if units[r] > limit:
                units[r] = LONGEST
        # The last round may have stopped short of `bucket`, where `within` shrank meanwhile.
        forget(wave, limit, shift, min(bucket, (within >> shift) + 1))
    return units

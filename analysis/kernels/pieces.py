"""Reached pieces of arcs around one origin: a search, and the cutting of every arc it comes to."""

from typing import NamedTuple

import numba as nb
import numpy as np

from analysis.kernels.along import units_along, whole_units
from analysis.kernels.marks import Marks, marked_arcs, rank_of
from analysis.kernels.prefetch import prefetch
from analysis.kernels.wave import LONGEST, Wave, begin, bucket_shift, forget, sow, spread
from analysis.units import CAP32, UNITS, FloatArray, IdArray, IntArray

_AHEAD = 16  # arcs between asking for memory and using it
_METRE = 1.0 / UNITS
_ONE = np.uint64(1)


class ArcTable(NamedTuple):
    """The arcs as pieces are cut from them; `place` int32 [n] is by node, the rest by arc.

    `forward` and `backward` are costs in metres or seconds.
    """

    tail: IntArray
    head: IntArray
    place: IntArray
    forward: FloatArray
    backward: FloatArray
    length_m: FloatArray


class Origin(NamedTuple):
    """Candidates of the points that the walk starts from, by ascending arc; `pace`: of the legs."""

    arc: IntArray
    offset_m: FloatArray
    leg_m: FloatArray
    pace: float


@nb.njit(nogil=True, cache=True)
def _seed(wave: Wave, arcs: ArcTable, origin: Origin, limit: int, shift: int) -> Wave:
    """Walk from the origin's candidates to the ends of their arcs."""
    begin(wave)
    for c in range(len(origin.arc)):
        a, offset_m = origin.arc[c], origin.offset_m[c]
        forward, backward, length_m = arcs.forward[a], arcs.backward[a], arcs.length_m[a]
        leg = whole_units(origin.leg_m[c] * origin.pace)
        if whole_units(forward) < LONGEST:
            units = leg + whole_units(forward) - units_along(forward, offset_m, length_m)
            if units <= limit:
                wave = sow(wave, arcs.place[arcs.head[a]], units, shift)
        if whole_units(backward) < LONGEST:
            units = leg + units_along(backward, offset_m, length_m)
            if units <= limit:
                wave = sow(wave, arcs.place[arcs.tail[a]], units, shift)
    return wave


@nb.njit(nogil=True, cache=True)
def _walk_on(
    wave: Wave, marks: Marks, own_arcs: IntArray, cutoff: int
) -> tuple[IntArray, IdArray, int]:
    """Walk from the reached places into all their arcs, and mark those.

    Returns the half-edges that the budget does not get to the end of, with what is left for them,
    units; and how many arcs there are at most.
    """
    nodes, edges, order, n_reached = wave.nodes, wave.edges, wave.order, int(wave.state[0])
    whole, partly, words = marks.whole, marks.partly, marks.words
    room = len(own_arcs)
    for i in range(n_reached):
        room += int(np.int64(nodes[order[i] + 1, 1])) - int(np.int64(nodes[order[i], 1]))
    rest, left_for = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int64)
    n = 0
    for i in range(n_reached):
        left = cutoff - np.int64(nodes[order[i], 0])
        if left < 0:
            continue
        for p in range(nodes[order[i], 1], nodes[order[i] + 1, 1]):
            a = np.int64(edges[p, 2]) >> 1
            word, bit = a >> 6, _ONE << np.uint64(a & 63)
            words[word >> 6] |= _ONE << np.uint64(word & 63)
            if left >= np.int64(edges[p, 1]):
                whole[word] |= bit
            else:
                partly[word] |= bit
                rest[n], left_for[n] = p, left
                n += 1
    for a in own_arcs:
        partly[a >> 6] |= _ONE << np.uint64(a & 63)
        words[a >> 12] |= _ONE << np.uint64((a >> 6) & 63)
    return rest[:n], left_for[:n], room


@nb.njit(nogil=True, cache=True)
def _part_ways(
    wave: Wave, arcs: ArcTable, marks: Marks, rest: IntArray, left_for: IdArray, n_partly: int
) -> FloatArray:
    """Return how far one gets on arcs that are walked partly, float64 [n_partly, 3].

    By rank: how far from the tail (-1: not at all), whence one has come from the head (inf), and
    the length of the arc.
    """
    ways_m = np.empty((n_partly, 3))
    for rank in range(n_partly):
        ways_m[rank, 0], ways_m[rank, 1] = -1.0, np.inf
    for i in range(len(rest)):
        span = np.int64(wave.edges[rest[i], 2])
        a, from_head = int(span >> 1), int(span & 1)
        cost, length = int(np.int64(wave.edges[rest[i], 1])), np.int64(wave.edges[rest[i], 3])
        length_m = length * _METRE
        if cost >= CAP32 or length >= CAP32:  # uint32 does not tell
            cost = whole_units(arcs.backward[a] if from_head else arcs.forward[a])
            length_m = arcs.length_m[a]
        way_m, rank = left_for[i] * (length_m / cost), rank_of(marks, a)
        ways_m[rank, from_head] = length_m - way_m if from_head else way_m
        ways_m[rank, 2] = length_m
    return ways_m


@nb.njit(nogil=True, cache=True)
def _own_stretch(arcs: ArcTable, a: int, offset_m: float, left: int) -> tuple[float, float]:
    """Return how far one gets both ways along the arc one starts on, with `left` units to spend."""
    start_m = end_m = offset_m
    length_m, on, back = (
        arcs.length_m[a],
        whole_units(arcs.forward[a]),
        whole_units(arcs.backward[a]),
    )
    if on < LONGEST:
        at = units_along(arcs.forward[a], offset_m, length_m) + left
        end_m = length_m if at >= on else max(at * (length_m / on), offset_m)
    if back < LONGEST:
        at = units_along(arcs.backward[a], offset_m, length_m) - left
        start_m = 0.0 if at <= 0 else min(at * (length_m / back), offset_m)
    return start_m, end_m


@nb.njit(nogil=True, cache=True)
def _joined(low: FloatArray, high: FloatArray, n: int) -> int:
    """Sort a handful of stretches and join those that touch; return how many are left."""
    for i in range(1, n):
        low_i, high_i = low[i], high[i]
        j = i
        while j > 0 and low[j - 1] > low_i:
            low[j], high[j] = low[j - 1], high[j - 1]
            j -= 1
        low[j], high[j] = low_i, high_i
    kept = 0
    for i in range(1, n):
        if low[i] <= high[kept]:
            high[kept] = max(high[kept], high[i])
        else:
            kept += 1
            low[kept], high[kept] = low[i], high[i]
    return kept + 1


@nb.njit(nogil=True, cache=True)
def _on_own_arc(
    arcs: ArcTable, origin: Origin, own: int, cutoff: int, low: FloatArray, high: FloatArray, n: int
) -> tuple[int, int]:
    """Add to the `n` stretches of an arc those of the candidates that stand on it, from `own` on.

    Returns how many they are then, sorted and joined, and the first candidate on another arc.
    """
    a = origin.arc[own]
    while own < len(origin.arc) and origin.arc[own] == a:
        left = cutoff - whole_units(origin.leg_m[own] * origin.pace)
        if left >= 0:
            low[n], high[n] = _own_stretch(arcs, a, origin.offset_m[own], left)
            n += 1
        own += 1
    return (_joined(low, high, n) if n > 1 else n), own


@nb.njit(nogil=True, cache=True)
def _cut(  # noqa: C901 - a call for each arc would cost more than the work
    wave: Wave, arcs: ArcTable, marks: Marks, origin: Origin, cutoff: int
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the stretches reached within a cutoff, by arc and start."""
    rest, left_for, room = _walk_on(wave, marks, origin.arc, cutoff)
    found, n_partly = marked_arcs(marks, room)
    ways_m = _part_ways(wave, arcs, marks, rest, left_for, n_partly)
    whole, own_arc, length_m = marks.whole, origin.arc, arcs.length_m
    room = len(found) + n_partly + len(own_arc)
    of_arc = np.empty(room, dtype=np.int32)
    start_m, end_m = np.empty(room), np.empty(room)
    low, high = np.empty(len(own_arc) + 2), np.empty(len(own_arc) + 2)
    k = rank = own = 0
    for i in range(len(found)):
        if i + _AHEAD < len(found):
            prefetch(length_m, found[i + _AHEAD])
        a, bit = found[i], _ONE << np.uint64(found[i] & 63)
        all_of_it = whole[a >> 6] & bit != 0
        stood_on = own < len(own_arc) and own_arc[own] == a
        to_m, from_m, whole_m = 0.0, 0.0, 0.0
        if marks.partly[a >> 6] & bit != 0:
            to_m, from_m, whole_m = ways_m[rank, 0], ways_m[rank, 1], ways_m[rank, 2]
            rank += 1
        if all_of_it or (to_m >= from_m and not stood_on):
            of_arc[k], start_m[k], end_m[k] = a, 0.0, length_m[a] if all_of_it else whole_m
            k += 1
            while own < len(own_arc) and own_arc[own] == a:
                own += 1
            continue
        n = 0
        if to_m >= 0.0:
            low[0], high[0], n = 0.0, to_m, 1
        if from_m < np.inf:
            low[n], high[n] = from_m, whole_m
            n += 1
        if stood_on:
            n, own = _on_own_arc(arcs, origin, own, cutoff, low, high, n)
        for j in range(n):
            of_arc[k], start_m[k], end_m[k] = a, low[j], high[j]
            k += 1
    for a in found:
        whole[a >> 6] = marks.partly[a >> 6] = marks.words[a >> 12] = 0
    return of_arc[:k], start_m[:k], end_m[:k]


@nb.njit(nogil=True, cache=True)
def search_pieces(
    wave: Wave, arcs: ArcTable, marks: Marks,
    arc: IntArray, offset_m: FloatArray, leg_m: FloatArray, pace: float, cutoffs: IdArray,
) -> tuple[IdArray, IntArray, FloatArray, FloatArray]:  # fmt: skip
    """Return the stretches of arcs reached within each of `cutoffs` (int64, units, not empty).

    `arc` (ascending), `offset_m` and `leg_m` are those of an :class:`Origin`. Returns (first int64
    [c + 1], arc int32 [k], start_m, end_m float64 [k]): the rows ``first[c]:first[c + 1]`` belong
    to cutoff *c*, by arc and start, disjoint.
    """
    origin = Origin(arc, offset_m, leg_m, pace)
    limit = cutoffs.max()
    shift = bucket_shift(limit)
    n_buckets = (limit >> shift) + 1
    wave = spread(_seed(wave, arcs, origin, limit, shift), limit, shift, 0, n_buckets)
    first = np.zeros(len(cutoffs) + 1, dtype=np.int64)
    of_arc, start_m, end_m = _cut(wave, arcs, marks, origin, cutoffs[0])
    first[1] = len(of_arc)
    for c in range(1, len(cutoffs)):
        more, more_start_m, more_end_m = _cut(wave, arcs, marks, origin, cutoffs[c])
        of_arc = np.concatenate((of_arc, more))
        start_m = np.concatenate((start_m, more_start_m))
        end_m = np.concatenate((end_m, more_end_m))
        first[c + 1] = len(of_arc)
    forget(wave, limit, shift, n_buckets)
    return first, of_arc, start_m, end_m

"""Moves: what it costs to send somebody who is served at a full facility to another one.

They are kept in heaps, one for each pair of facilities, and one for going without. A move is listed
when somebody comes to a full facility, or when it gets full. It is not struck out when they leave:
it is dropped when it comes to the front of its heap.
"""

from typing import NamedTuple

import numba as nb

from analysis.kernels.pairing import NONE, Pool, add, drop_first, empty_pool, new_heap
from analysis.units import ByteArray, IdArray, IntArray

_ROOM = 1 << 12


class Arcs(NamedTuple):
    """Pairs of points and facilities in reach, point by point.

    ``first[i]:first[i + 1]`` int64 are the arcs of point *i*; by arc `facility` int32, `cost` int64
    and `point` int32; ``by_facility[starts[a]:starts[a + 1]]`` int32 are the arcs of facility *a*.
    `without` is what it costs to go without, more than any chain of moves.
    """

    first: IdArray
    facility: IntArray
    cost: IdArray
    point: IntArray
    starts: IdArray
    by_facility: IntArray
    without: int


class Served(NamedTuple):
    """Who is served: `flow` int64 by arc, `unserved` int64 by point.

    By facility, and in the last place for going without: `room` and `price` int64 (endless room, at
    no price). `listed` uint8 by arc: it is in all heaps of its facility.
    """

    flow: IdArray
    unserved: IdArray
    room: IdArray
    price: IdArray
    listed: ByteArray


@nb.njit(nogil=True, cache=True)
def show_heaps(facility: int, pool: Pool, heap_at: IntArray) -> None:
    """Write to `heap_at` where the heaps of a facility are, by the facility they lead to."""
    begin = pool.begin[facility]
    for heap in range(begin, begin + pool.n_heaps[facility]):
        heap_at[pool.least[heap, 1]] = heap


@nb.njit(nogil=True, cache=True)
def hide_heaps(facility: int, pool: Pool, heap_at: IntArray) -> None:
    """Undo :func:`show_heaps`."""
    begin = pool.begin[facility]
    for heap in range(begin, begin + pool.n_heaps[facility]):
        heap_at[pool.least[heap, 1]] = NONE


@nb.njit(nogil=True, cache=True)
def _list_move(
    facility: int, goal: int, cost: int, leave: int, enter: int, pool: Pool, heap_at: IntArray
) -> None:
    if heap_at[goal] == NONE:
        begin = pool.begin[facility]
        heap_at[goal] = new_heap(pool, facility, goal)
        if pool.begin[facility] != begin:  # they have moved
            show_heaps(facility, pool, heap_at)
    add(pool, heap_at[goal], cost, leave, enter)


@nb.njit(nogil=True, cache=True)
def list_arc(arc: int, arcs: Arcs, served: Served, pool: Pool, heap_at: IntArray) -> None:
    """Add all moves away from an arc with flow; `heap_at` shows the heaps of its facility."""
    facility, point, cost = arcs.facility[arc], arcs.point[arc], arcs.cost[arc]
    served.listed[arc] = 1
    for other in range(arcs.first[point], arcs.first[point + 1]):
        goal = arcs.facility[other]
        if goal != facility:
            _list_move(facility, goal, arcs.cost[other] - cost, arc, other, pool, heap_at)
    _list_move(facility, len(heap_at) - 1, arcs.without - cost, arc, NONE, pool, heap_at)


@nb.njit(nogil=True, cache=True)
def list_facility(facility: int, arcs: Arcs, served: Served, pool: Pool, heap_at: IntArray) -> None:
    """Add all moves away from a facility that has none in its heaps."""
    for q in range(arcs.starts[facility], arcs.starts[facility + 1]):
        arc = arcs.by_facility[q]
        served.listed[arc] = 0
        if served.flow[arc] > 0:
            list_arc(arc, arcs, served, pool, heap_at)
    hide_heaps(facility, pool, heap_at)


@nb.njit(nogil=True, cache=True)
def n_moves(facility: int, arcs: Arcs, served: Served) -> int:
    """Return how many moves there are away from a facility."""
    n = 0
    for q in range(arcs.starts[facility], arcs.starts[facility + 1]):
        arc = arcs.by_facility[q]
        if served.flow[arc] > 0:
            point = arcs.point[arc]
            n += arcs.first[point + 1] - arcs.first[point]
    return n


@nb.njit(nogil=True, cache=True)
def listed_anew(needed: int, arcs: Arcs, served: Served, heap_at: IntArray) -> Pool:
    """Return a pool of all moves away from full facilities, with room for as many and `needed`."""
    n, n_facilities = needed, len(served.room) - 1
    for facility in range(n_facilities):
        if served.room[facility] == 0:
            n += n_moves(facility, arcs, served)
    pool = empty_pool(2 * n + _ROOM, n_facilities)
    for facility in range(n_facilities):
        if served.room[facility] == 0:
            list_facility(facility, arcs, served, pool, heap_at)
    return pool


@nb.njit(nogil=True, cache=True)
def drop_idle(pool: Pool, heap: int, served: Served) -> None:
    """Take moves that can no longer be made out of the front of a heap."""
    while pool.root[heap] != NONE and served.flow[pool.leave[pool.root[heap]]] == 0:
        served.listed[pool.leave[pool.root[heap]]] = 0
        drop_first(pool, heap)

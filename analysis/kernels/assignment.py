"""Who is served where when places are scarce: exact, in whole numbers, one point after another.

This is a minimum-cost maximum flow by successive shortest paths (Ahuja, Magnanti and Orlin 1993,
section 9.7), with the network folded onto the facilities. A point that comes goes to the facility
where walk plus *price* is least. Where that one is full, somebody served there is moved on to
another facility, and so on, until there is room, or until somebody goes without. Going without
costs more than any chain of moves, so that nobody goes without who could be served; and prices keep
all moves from costing less than nothing, so that the chain is found by a search of Dijkstra's over
the facilities around.
"""

from typing import NamedTuple

import numba as nb
import numpy as np

from analysis.kernels.moves import (
    Arcs,
    Served,
    drop_idle,
    hide_heaps,
    list_arc,
    list_facility,
    listed_anew,
    n_moves,
    show_heaps,
)
from analysis.kernels.pairing import NEVER, NONE, Pool, empty_pool
from analysis.kernels.priority import first as first_of
from analysis.kernels.priority import pop, push
from analysis.units import IdArray, IntArray

_ROOM = 1 << 12
_WIDER = 8


class Search(NamedTuple):
    """One search; by facility, and in the last place for going without.

    `label` int64, ``NEVER`` between searches; `leave` and `enter` int32: the arcs of the move that
    leads there, ``leave`` is -1 for the point that comes, ``enter`` for going without. `touched`
    int32 lists the labels that were written. `state` int64 [3]: how many these are, how far beyond
    its least label a search looks at first, and the facilities settled so far. `heap_at` int32, -1
    between uses, is for finding the heaps of one facility.
    """

    label: IdArray
    leave: IntArray
    enter: IntArray
    touched: IntArray
    state: IdArray
    heap_at: IntArray


@nb.njit(nogil=True, cache=True)
def _label(facility: int, label: int, leave: int, enter: int, search: Search) -> None:
    """Write a label that is better than the one before."""
    if search.label[facility] == NEVER:
        search.touched[search.state[0]] = facility
        search.state[0] += 1
    search.label[facility] = label
    search.leave[facility], search.enter[facility] = leave, enter


@nb.njit(nogil=True, cache=True)
def _set_out(point: int, arcs: Arcs, served: Served, search: Search) -> tuple[int, int, int]:
    """Start a search from a point; return (where it may end, at which label, the least label)."""
    end, best = len(served.room) - 1, arcs.without
    search.leave[end], search.enter[end] = NONE, NONE
    low, high = arcs.first[point], arcs.first[point + 1]
    for arc in range(low, high):
        facility = arcs.facility[arc]
        if served.room[facility] > 0 and arcs.cost[arc] < best:
            end, best = facility, arcs.cost[arc]
            search.leave[end], search.enter[end] = NONE, arc
    least = best
    for arc in range(low, high):
        facility = arcs.facility[arc]
        label = arcs.cost[arc] + served.price[facility]
        if label < best and served.room[facility] == 0:
            _label(facility, label, NONE, arc, search)
            least = min(least, label)
    return end, best, least


@nb.njit(nogil=True, cache=True)
def _spread(  # noqa: C901, PLR0912 - the innermost loop: a call costs more than its work
    end: int, best: int, horizon: int, served: Served, pool: Pool, search: Search, queue: IdArray
) -> tuple[int, int, int]:
    """Settle facilities below the horizon, nearest first; labels beyond it are not written.

    Return (the end, its label, 0), or instead of 0 the room that the queue needs: then ask again.
    """
    price, room, flow, state = served.price, served.room, served.flow, search.state
    least, root, pool_leave, pool_enter = pool.least, pool.root, pool.leave, pool.enter
    begin, n_heaps = pool.begin, pool.n_heaps
    labels, leave, enter, touched = search.label, search.leave, search.enter, search.touched
    size = 0
    for facility in touched[: state[0]]:
        if labels[facility] < horizon:
            size = push(queue, size, labels[facility], facility, facility)
    while size > 0:
        label, _, here = first_of(queue)
        if label >= best:
            break
        size = pop(queue, size)
        if label > labels[here]:
            continue
        if size + n_heaps[here] > len(queue):
            return end, best, size + n_heaps[here]
        state[2] += 1
        so_far = label - price[here]
        for heap in range(begin[here], begin[here] + n_heaps[here]):
            # What can no longer be moved only makes a heap look cheaper than it is.
            goal = least[heap, 1]
            most = min(best, horizon, labels[goal]) - price[goal] - so_far
            if least[heap, 0] >= most:
                continue
            if flow[pool_leave[root[heap]]] == 0:
                drop_idle(pool, heap, served)
                if least[heap, 0] >= most:
                    continue
            new = so_far + least[heap, 0] + price[goal]
            leave[goal], enter[goal] = pool_leave[root[heap]], pool_enter[root[heap]]
            if room[goal] > 0:
                end, best = goal, new
            else:
                if labels[goal] == NEVER:
                    touched[state[0]] = goal
                    state[0] += 1
                labels[goal] = new
                size = push(queue, size, new, goal, goal)
    return end, best, 0


@nb.njit(nogil=True, cache=True)
def _find_room(
    point: int, arcs: Arcs, served: Served, pool: Pool, search: Search, queue: IdArray
) -> tuple[int, IdArray]:
    """Find the cheapest chain of moves that lets `point` in, and raise the prices on the way.

    Return its end, and the queue for the next search.
    """
    end, best, least = _set_out(point, arcs, served, search)
    stretch, horizon, labels = search.state[1], least, search.label
    while horizon < best:
        horizon = min(best, least + stretch)
        stretch *= _WIDER
        needed = 1
        while needed > 0:
            end, best, needed = _spread(end, best, horizon, served, pool, search, queue)
            if needed > 0:
                queue = np.empty((2 * needed + len(labels), 2), dtype=np.int64)
    # The next search will probably have to go as far.
    used = best - least
    search.state[1] = max(1, 2 * used, search.state[1] - (search.state[1] >> 3))
    for facility in search.touched[: search.state[0]]:
        if labels[facility] < best:
            served.price[facility] += best - labels[facility]
        labels[facility] = NEVER
    search.state[0] = 0
    return end, queue


@nb.njit(nogil=True, cache=True)
def _narrowest(end: int, most: int, arcs: Arcs, served: Served, search: Search) -> tuple[int, int]:
    """Return how many can move along the chain, and how many entries it may add to the heaps."""
    most, needed = min(most, served.room[end]), 0
    leave, here = search.leave[end], end
    while leave != NONE:
        most = min(most, served.flow[leave])
        here = arcs.facility[leave]
        who = arcs.point[search.enter[here]]
        needed += arcs.first[who + 1] - arcs.first[who]
        leave = search.leave[here]
    return most, needed


@nb.njit(nogil=True, cache=True)
def _move(point: int, end: int, amount: int, arcs: Arcs, served: Served, search: Search) -> None:
    """Move `amount` along the chain that was found."""
    served.room[end] -= amount
    here = end
    while True:
        leave, enter = search.leave[here], search.enter[here]
        if enter != NONE:
            served.flow[enter] += amount
        else:
            served.unserved[point if leave == NONE else arcs.point[leave]] += amount
        if leave == NONE:
            return
        served.flow[leave] -= amount
        here = arcs.facility[leave]


@nb.njit(nogil=True, cache=True)
def _list_chain(
    end: int, needed: int, arcs: Arcs, served: Served, pool: Pool, search: Search
) -> Pool:
    """List what can be moved from now on; return the pool, or a larger one."""
    full = served.room[end] == 0
    if full:
        needed += n_moves(end, arcs, served)
    if pool.used[0] + needed > len(pool.cost):
        return listed_anew(needed, arcs, served, search.heap_at)
    if full:
        list_facility(end, arcs, served, pool, search.heap_at)
    leave = search.leave[end]
    while leave != NONE:
        here = arcs.facility[leave]
        if served.listed[search.enter[here]] == 0:
            show_heaps(here, pool, search.heap_at)
            list_arc(search.enter[here], arcs, served, pool, search.heap_at)
            hide_heaps(here, pool, search.heap_at)
        leave = search.leave[here]
    return pool


@nb.njit(nogil=True, cache=True)
def assign_points(
    arcs: Arcs, demand: IdArray, capacity: IdArray, order: IntArray
) -> tuple[Served, IdArray]:
    """Serve as much of `demand` int64 [p] as `capacity` int64 [f] allows, at the least cost.

    Points come as `order` int32 says; of equally good ways the one found first is kept. Returns who
    is served, and int64 [2]: the searches made and the facilities settled in them.
    """
    n_arcs, n_facilities = len(arcs.facility), len(capacity)
    n = n_facilities + 1
    served = Served(
        np.zeros(n_arcs, dtype=np.int64), np.zeros(len(demand), dtype=np.int64),
        np.full(n, NEVER, dtype=np.int64), np.zeros(n, dtype=np.int64),
        np.zeros(n_arcs, dtype=np.uint8),
    )  # fmt: skip
    served.room[:n_facilities] = capacity
    search = Search(
        np.full(n, NEVER, dtype=np.int64), np.empty(n, dtype=np.int32),
        np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32), np.ones(3, dtype=np.int64),
        np.full(n, NONE, dtype=np.int32),
    )  # fmt: skip
    search.state[0], search.state[2] = 0, 0
    queue, n_searches = np.empty((_ROOM + n, 2), dtype=np.int64), 0
    pool = empty_pool(_ROOM, n_facilities)
    for point in order:
        left = demand[point]
        while left > 0:
            end, queue = _find_room(point, arcs, served, pool, search, queue)
            n_searches += 1
            amount, needed = _narrowest(end, left, arcs, served, search)
            _move(point, end, amount, arcs, served, search)
            pool = _list_chain(end, needed, arcs, served, pool, search)
            left -= amount
    return served, np.array([n_searches, search.state[2]])

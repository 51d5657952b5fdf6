"""The order in which the nodes of a network are contracted: those that join least first.

Contracting a node joins its neighbours to each other, so that no walk between them is lost. The
fewer joins the better: the node taken next is the one with the least estimate of new joins and
neighbours (minimum fill after Tinney & Walker 1967, estimated as by Rothberg & Eisenstat 1998).
Nodes that have just the neighbours of the one taken follow at once, because that joins nothing.
"""

import numba as nb
import numpy as np

from analysis.units import IdArray, IntArray

_LEAST_ROOM = 4  # neighbours that a node has room for
_TAKEN = -1


@nb.njit(nogil=True, cache=True)
def contraction_order(n_nodes: int, tail: IntArray, head: IntArray) -> IntArray:
    """Return the nodes in the order in which they are contracted, int32 [n].

    The arcs join `tail` and `head`, whatever their direction; parallel ones and loops do not count.
    """
    start, size, room, pool = _neighbours(n_nodes, tail, head)
    used = start[n_nodes]
    rank, ends, beside = _queue(size)
    order, rest = np.empty(n_nodes, dtype=np.int32), np.empty(n_nodes, dtype=np.int32)
    mark, tick = np.zeros(n_nodes, dtype=np.int64), 0
    taken, least = 0, 0
    while taken < n_nodes:
        while ends[least, 0] < 0:
            least += 1
        tick += 1
        taken, n_rest = _take(
            ends[least, 0], start, size, pool, rank, ends, beside, mark, tick, order, taken, rest
        )
        for k in range(n_rest):
            node = rest[k]
            tick += 1
            kept = _keep(node, start, size, pool, mark, tick)
            if kept + n_rest > room[node]:
                pool, used = _move(node, kept, kept + n_rest, start, room, pool, used)
            size[node] = _join(node, kept, rest, n_rest, start, pool, mark, tick)
            joins = _joins(size[node], n_rest - 1, n_nodes)
            if joins != rank[node]:
                _leave(node, rank[node], ends, beside)
                _enter(node, joins, ends, beside)
                rank[node] = joins
                least = min(least, joins)
    return order


@nb.njit(nogil=True, cache=True)
def _joins(degree: int, joined: int, n_nodes: int) -> int:
    """Return the rank of a node: neighbours, and pairs of them that may not be joined yet.

    Of its `degree` neighbours `joined` are joined to each other for certain.
    """
    pairs = (degree * (degree - 1) - joined * (joined - 1)) // 2
    return min(degree + pairs, n_nodes)


@nb.njit(nogil=True, cache=True)
def _neighbours(
    n_nodes: int, tail: IntArray, head: IntArray
) -> tuple[IdArray, IntArray, IntArray, IntArray]:
    """Return where each node's neighbours start, how many there are, room for how many, and all."""
    room = np.zeros(n_nodes, dtype=np.int32)
    for a in range(len(tail)):
        room[tail[a]] += 1
        room[head[a]] += 1
    start = np.zeros(n_nodes + 1, dtype=np.int64)
    for node in range(n_nodes):
        room[node] = max(room[node], _LEAST_ROOM)
        start[node + 1] = start[node] + room[node]
    pool, size = np.empty(2 * start[n_nodes], dtype=np.int32), np.zeros(n_nodes, dtype=np.int32)
    for a in range(len(tail)):
        _add(tail[a], head[a], start, size, pool)
        _add(head[a], tail[a], start, size, pool)
    return start, size, room, pool


@nb.njit(nogil=True, cache=True)
def _add(node: int, other: int, start: IdArray, size: IntArray, pool: IntArray) -> None:
    """Add a neighbour unless it is there already, or the node itself."""
    p, end = start[node], start[node] + size[node]
    while p < end and pool[p] != other:
        p += 1
    if p == end and node != other:
        pool[p] = other
        size[node] += 1


@nb.njit(nogil=True, cache=True)
def _queue(size: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return the rank of each node, and a queue for each rank.

    A queue has its two `ends` [n + 1, 2], and every node knows who is `beside` it [n, 2]; who came
    first is taken first.
    """
    n_nodes = len(size)
    rank = np.empty(n_nodes, dtype=np.int32)
    ends = np.full((n_nodes + 1, 2), -1, dtype=np.int32)
    beside = np.empty((n_nodes, 2), dtype=np.int32)
    for node in range(n_nodes):
        rank[node] = size[node]
        _enter(node, rank[node], ends, beside)
    return rank, ends, beside


@nb.njit(nogil=True, cache=True)
def _enter(node: int, rank: int, ends: IntArray, beside: IntArray) -> None:
    last = ends[rank, 1]
    beside[node, 0], beside[node, 1] = last, -1
    if last >= 0:
        beside[last, 1] = node
    else:
        ends[rank, 0] = node
    ends[rank, 1] = node


@nb.njit(nogil=True, cache=True)
def _leave(node: int, rank: int, ends: IntArray, beside: IntArray) -> None:
    before, after = beside[node, 0], beside[node, 1]
    if before >= 0:
        beside[before, 1] = after
    else:
        ends[rank, 0] = after
    if after >= 0:
        beside[after, 0] = before
    else:
        ends[rank, 1] = before


@nb.njit(nogil=True, cache=True)
def _take(
    node: int, start: IdArray, size: IntArray, pool: IntArray,
    rank: IntArray, ends: IntArray, beside: IntArray, mark: IdArray, tick: int,
    order: IntArray, taken: int, rest: IntArray,
) -> tuple[int, int]:  # fmt: skip
    """Contract `node` and all its equals; return how many are taken now and how many rest."""
    mark[node] = tick
    for p in range(start[node], start[node] + size[node]):
        mark[pool[p]] = tick
    order[taken] = node
    begin, taken, n_rest = taken, taken + 1, 0
    for p in range(start[node], start[node] + size[node]):
        one = pool[p]
        equal = size[one] == size[node]
        q = start[one]
        while equal and q < start[one] + size[one]:
            equal = mark[pool[q]] == tick
            q += 1
        if equal:
            order[taken] = one
            taken += 1
        else:
            rest[n_rest] = one
            n_rest += 1
    for k in range(begin, taken):
        _leave(order[k], rank[order[k]], ends, beside)
        mark[order[k]] = _TAKEN
    return taken, n_rest


@nb.njit(nogil=True, cache=True)
def _keep(
    node: int, start: IdArray, size: IntArray, pool: IntArray, mark: IdArray, tick: int
) -> int:
    """Drop contracted neighbours, mark the others and return how many they are."""
    kept = start[node]
    for p in range(start[node], start[node] + size[node]):
        if mark[pool[p]] != _TAKEN:
            mark[pool[p]] = tick
            pool[kept] = pool[p]
            kept += 1
    mark[node] = tick
    return int(kept - start[node])


@nb.njit(nogil=True, cache=True)
def _join(
    node: int, kept: int, rest: IntArray, n_rest: int, start: IdArray, pool: IntArray,
    mark: IdArray, tick: int,
) -> int:  # fmt: skip
    """Add those of `rest` that are not marked; return the number of neighbours."""
    for k in range(n_rest):
        if mark[rest[k]] != tick:
            pool[start[node] + kept] = rest[k]
            kept += 1
    return kept


@nb.njit(nogil=True, cache=True)
def _move(
    node: int, kept: int, needed: int, start: IdArray, room: IntArray, pool: IntArray, used: int
) -> tuple[IntArray, int]:
    """Move the neighbours of `node` to the end of the pool, where there is room for more."""
    room[node] = needed + needed // 2
    if used + room[node] > len(pool):
        longer = np.empty(2 * len(pool) + room[node], dtype=np.int32)
        for k in range(used):
            longer[k] = pool[k]
        pool = longer
    for k in range(kept):
        pool[used + k] = pool[start[node] + k]
    start[node] = used
    return pool, used + room[node]


@nb.njit(nogil=True, cache=True)
def nested_places(order: IntArray, tail: IntArray, head: IntArray) -> IntArray:
    """Return a place for each node, int32 [n]: contracted before means a lower place.

    Of the orders that contract alike this is the one in which all that hangs below a node lies
    right before it (the postorder of the elimination tree, Liu 1990), so that what is needed
    together lies together in memory.
    """
    n_nodes = len(order)
    rank = np.empty(n_nodes, dtype=np.int32)
    for r in range(n_nodes):
        rank[order[r]] = r
    parent = _parents(rank[tail], rank[head], n_nodes)
    child, sibling = np.full(n_nodes + 1, -1, dtype=np.int32), np.empty(n_nodes, dtype=np.int32)
    for r in range(n_nodes - 1, -1, -1):
        sibling[r], child[parent[r]] = child[parent[r]], r
    place = np.empty(n_nodes, dtype=np.int32)
    at, following = n_nodes, 0  # the root above all roots
    while True:
        if child[at] >= 0:
            below = child[at]
            child[at] = sibling[below]
            at = below
        elif at == n_nodes:
            return place
        else:
            place[order[at]] = following
            following += 1
            at = parent[at]


@nb.njit(nogil=True, cache=True)
def _parents(tail: IntArray, head: IntArray, n_nodes: int) -> IntArray:
    """Return the first neighbour that each node has left when it is contracted; n for none.

    By way of the arcs sorted by their later end (Liu 1986).
    """
    first = np.zeros(n_nodes + 1, dtype=np.int64)
    for a in range(len(tail)):
        first[max(tail[a], head[a])] += 1
    for r in range(n_nodes):
        first[r + 1] += first[r]
    lower = np.empty(len(tail), dtype=np.int32)
    for a in range(len(tail)):
        later = max(tail[a], head[a])
        first[later] -= 1
        lower[first[later]] = min(tail[a], head[a])
    parent = np.full(n_nodes, n_nodes, dtype=np.int32)
    topmost = np.full(n_nodes, -1, dtype=np.int32)  # a short cut towards the root
    for r in range(n_nodes):
        for p in range(first[r], first[r + 1]):
            below = lower[p]
            while below != r and topmost[below] >= 0 and topmost[below] != r:
                above = topmost[below]
                topmost[below] = r
                below = above
            if below != r and topmost[below] < 0:
                topmost[below] = parent[below] = r
    return parent

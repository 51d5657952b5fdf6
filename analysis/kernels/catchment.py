"""Who reaches whom within a limit: many origins side by side, one lane for each.

Origins that lie near each other share most of what they reach, so a batch of :data:`LANES` of them
is searched at once: a row of cells for each place that any of them reaches, one lane an origin.
Places wait in buckets by the least cost that is new to them and are taken up again when more
arrives. Rows are handed out as places are come upon; nothing is cleared between batches but what
was touched.
"""

from typing import NamedTuple

import numba as nb
import numpy as np

from analysis.units import BoolArray, CellArray, FloatArray, IdArray, IntArray

LANES = 64
_WIDTH_BITS = 22  # buckets of 16 metres or seconds, wider where the limit needs it
_MOST_BUCKETS = 1 << 14


class Ways(NamedTuple):
    """Half-edges that leave the places, see :class:`analysis.walk_graph.HalfEdges`."""

    indptr: IntArray
    indices: IntArray
    cost: CellArray


class Origins(NamedTuple):
    """Where origins stand: candidates ``first[i]:first[i + 1]`` of origin *i*.

    `arc` int32 [c]; `ends` int32 [c, 2] the places at its tail and head and `cost` [c, 2] what it
    takes to get there, where the way is `open` bool [c, 2]; `along` int64 [c, 2] units from the
    tail to the point and from the point back to the tail; `leg` int64 [c] units of the access leg.
    """

    first: IntArray
    arc: IntArray
    ends: IntArray
    cost: CellArray
    open: BoolArray
    along: IdArray
    leg: IdArray


class Targets(NamedTuple):
    """Who may be come upon: at places, and along arcs.

    Place *u* leads to the targets ``rank[place_first[u]:place_first[u + 1]]`` for `cost` more; on
    arc *a* lie ``arc_rank[arc_first[a]:arc_first[a + 1]]`` at `along`, with access legs `leg`.
    `group` int32 [ranks] and `limit` int64 [groups]: how far each may be.
    """

    place_first: IntArray
    rank: IntArray
    cost: CellArray
    arc_first: IntArray
    arc_rank: IntArray
    along: IdArray
    leg: IdArray
    group: IntArray
    limit: IdArray


class Rows(NamedTuple):
    """Rows of cells that are handed out to places or to targets.

    ``slot[one]`` is its row + 1 (0: none yet), ``taken[row]`` whose it is. Memory of rows that are
    never handed out is never touched.
    """

    cells: CellArray
    slot: IntArray
    taken: IntArray


class Queue(NamedTuple):
    """Places that wait in buckets: `waits` 0 or 1, `after` the next one, `head` [buckets]."""

    waits: IntArray
    after: IntArray
    head: IntArray


@nb.njit(nogil=True, cache=True)
def _rows(n: int, like: CellArray) -> Rows:
    return Rows(np.empty((n, LANES), like.dtype), np.zeros(n, np.int32), np.empty(n, np.int32))


@nb.njit(nogil=True, cache=True)
def _queue(n: int, limit: int, shift: int) -> Queue:
    return Queue(
        np.zeros(n, np.int32), np.empty(n, np.int32), np.full((limit >> shift) + 1, -1, np.int32)
    )


@nb.njit(nogil=True, cache=True)
def _shift(limit: int) -> int:
    shift = _WIDTH_BITS
    while limit >> shift >= _MOST_BUCKETS:
        shift += 1
    return shift


@nb.njit(nogil=True, cache=True)
def _hand_out(one: int, used: int, rows: Rows, far: int) -> int:
    """Give `one` the next row, all of it far away, and return how many are used."""
    rows.slot[one] = used + 1
    rows.taken[used] = one
    cell = rows.cells.dtype.type
    for lane in range(LANES):
        rows.cells[used, lane] = cell(far)
    return used + 1


@nb.njit(nogil=True, cache=True)
def _sow(batch: IntArray, origins: Origins, rows: Rows, queue: Queue, limit: int, far: int) -> int:
    used = 0
    for lane in range(len(batch)):
        for c in range(origins.first[batch[lane]], origins.first[batch[lane] + 1]):
            for side in range(2):
                place, start = origins.ends[c, side], origins.cost[c, side]
                if not origins.open[c, side] or np.int64(start) > limit:
                    continue
                if rows.slot[place] == 0:
                    used = _hand_out(place, used, rows, far)
                row = rows.slot[place] - 1
                rows.cells[row, lane] = min(rows.cells[row, lane], start)
                if queue.waits[place] == 0:
                    # All in the first bucket: what starts later is taken up again where needed.
                    queue.waits[place] = 1
                    queue.after[place], queue.head[0] = queue.head[0], place
    return used


@nb.njit(nogil=True, cache=True)
def _wave(ways: Ways, rows: Rows, used: int, queue: Queue, limit: int, far: int, shift: int) -> int:
    """Search from the rows that are sown; return how many rows are used.

    Cells up to `limit` are exact; larger ones mean nothing.
    """
    cells, slot = rows.cells, rows.slot
    cell = cells.dtype.type
    most, none = cell(limit), cell(far)
    for bucket in range(len(queue.head)):
        place = queue.head[bucket]
        while place >= 0:
            queue.head[bucket] = queue.after[place]
            queue.waits[place] = 0
            row = slot[place] - 1
            for p in range(ways.indptr[place], ways.indptr[place + 1]):
                there, step = ways.indices[p], ways.cost[p]
                news = none
                if slot[there] == 0:
                    for lane in range(LANES):
                        news = min(news, cell(cells[row, lane] + step))
                    if news > most:
                        continue
                    used = _hand_out(there, used, rows, far)
                to = slot[there] - 1
                news = none
                for lane in range(LANES):
                    new, old = cell(cells[row, lane] + step), cells[to, lane]
                    cells[to, lane] = min(new, old)
                    news = min(news, new if new < old else none)
                if news <= most and queue.waits[there] == 0:
                    queue.waits[there] = 1
                    later = int(max(np.int64(news) >> shift, np.int64(bucket)))
                    queue.after[there], queue.head[later] = queue.head[later], there
            place = queue.head[bucket]
    return used


@nb.njit(nogil=True, cache=True)
def _over_network(rows: Rows, used: int, targets: Targets, met: Rows, far: int) -> int:
    """Carry the rows of the places over to their targets and free them; return the rows met."""
    cell = met.cells.dtype.type
    found = 0
    for row in range(used):
        place = rows.taken[row]
        rows.slot[place] = 0
        for q in range(targets.place_first[place], targets.place_first[place + 1]):
            rank, leg = targets.rank[q], targets.cost[q]
            if met.slot[rank] == 0:
                found = _hand_out(rank, found, met, far)
            to = met.slot[rank] - 1
            for lane in range(LANES):
                met.cells[to, lane] = min(met.cells[to, lane], cell(rows.cells[row, lane] + leg))
    return found


@nb.njit(nogil=True, cache=True)
def _along_arcs(
    batch: IntArray, origins: Origins, targets: Targets, met: Rows, found: int, limit: int, far: int
) -> int:
    """Add the direct walks along shared arcs; return the rows met."""
    cell = met.cells.dtype.type
    for lane in range(len(batch)):
        for c in range(origins.first[batch[lane]], origins.first[batch[lane] + 1]):
            arc = origins.arc[c]
            for t in range(targets.arc_first[arc], targets.arc_first[arc + 1]):
                ahead = targets.along[t, 0] - origins.along[c, 0]
                behind = origins.along[c, 1] - targets.along[t, 1]
                legs = origins.leg[c] + targets.leg[t]
                direct = limit + 1
                if origins.open[c, 1] and ahead >= 0:
                    direct = min(direct, ahead + legs)
                if origins.open[c, 0] and behind >= 0:
                    direct = min(direct, behind + legs)
                if direct > limit:
                    continue
                rank = targets.arc_rank[t]
                if met.slot[rank] == 0:
                    found = _hand_out(rank, found, met, far)
                to = met.slot[rank] - 1
                met.cells[to, lane] = min(met.cells[to, lane], cell(direct))
    return found


@nb.njit(nogil=True, cache=True)
def count_batches(
    ways: Ways, origins: Origins, targets: Targets, order: IntArray,
    limit: int, far: int, count: IntArray,
) -> None:  # fmt: skip
    """Raise ``count[o, g]`` by the targets of group *g* within its limit of origin *o*.

    `order` int32 [r]: the origins to be searched, neighbours together. `limit`: the largest limit;
    `far`: a cost that no lane keeps, to which any other cost may be added without overflow.
    """
    n, shift = len(ways.indptr) - 1, _shift(limit)
    rows, met = _rows(n, ways.cost), _rows(len(targets.group), ways.cost)
    queue = _queue(n, limit, shift)
    for low in range(0, len(order), LANES):
        batch = order[low : low + LANES]
        used = _sow(batch, origins, rows, queue, limit, far)
        used = _wave(ways, rows, used, queue, limit, far, shift)
        found = _over_network(rows, used, targets, met, far)
        found = _along_arcs(batch, origins, targets, met, found, limit, far)
        for row in range(found):
            rank = met.taken[row]
            met.slot[rank] = 0
            group = targets.group[rank]
            for lane in range(len(batch)):
                if np.int64(met.cells[row, lane]) <= targets.limit[group]:
                    count[batch[lane], group] += 1


@nb.njit(nogil=True, cache=True)
def pair_batches(
    ways: Ways, origins: Origins, targets: Targets, order: IntArray, limit: int, far: int,
    scale: float, first: IdArray, pair_rank: IntArray, pair_cost: FloatArray,
) -> tuple[int, int]:  # fmt: skip
    """Write the pairs of as many origins as fit; return (origins done, room the next batch needs).

    ``first[i]:first[i + 1]`` are the rows of the *i*-th origin of `order`, by rising rank;
    `pair_cost` is in units times `scale`. The room is 0 where all origins are done.
    """
    n, shift = len(ways.indptr) - 1, _shift(limit)
    rows, met = _rows(n, ways.cost), _rows(len(targets.group), ways.cost)
    queue = _queue(n, limit, shift)
    at = 0
    first[0] = 0
    for low in range(0, len(order), LANES):
        batch = order[low : low + LANES]
        used = _sow(batch, origins, rows, queue, limit, far)
        used = _wave(ways, rows, used, queue, limit, far, shift)
        found = _over_network(rows, used, targets, met, far)
        found = _along_arcs(batch, origins, targets, met, found, limit, far)
        if at + found * len(batch) > len(pair_rank):
            return low, found * len(batch)
        by_rank = np.sort(met.taken[:found])
        for lane in range(len(batch)):
            for rank in by_rank:
                here = met.cells[met.slot[rank] - 1, lane]
                if np.int64(here) <= targets.limit[targets.group[rank]]:
                    pair_rank[at], pair_cost[at] = rank, np.float64(here) * scale
                    at += 1
            first[low + lane + 1] = at
        for rank in by_rank:
            met.slot[rank] = 0
    return len(order), 0

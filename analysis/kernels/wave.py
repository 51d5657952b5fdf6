"""A bounded wave over a graph: the one search loop that all searches from origins share.

Labels are costs in units and are set back place by place after a search: nothing that is as long as
the graph is cleared. Places wait in buckets of equal width. Within a bucket labels are corrected
until none falls any more, so that the answer is exact whatever the width.
"""

from typing import NamedTuple

import numba as nb
import numpy as np

from analysis.kernels.prefetch import prefetch
from analysis.units import IdArray, IntArray, UnitArray

LONGEST = (1 << 48) - 1  # what is closed costs this; no search goes as far: a million kilometres
N_BUCKETS = 4096
_WIDTH_BITS = 22  # buckets of 16 metres or seconds, wider where the limit needs it

LabelArray = UnitArray | IdArray


class Wave(NamedTuple):
    """The graph as a search reads it and all that it writes into; kernels take it whole.

    `nodes` [n + 1, 2]: the label of each place and its first half-edge. `edges` [h, 4]: the place
    at the other end of each half-edge, its cost, twice its arc, plus 1 where that is walked from
    its head, and the arc's length in units, which stops at ``CAP32``. Both are uint32, or int64 for
    searches beyond that: the same source serves either. A place that was not reached has the label
    `never`.

    `order` int32 [n] lists the places as the wave comes to them, ``state[0]`` of them. An entry of
    `waiting` int32 [e, 2] is a place that waits and the next entry of its bucket; `head` int32
    [N_BUCKETS] names the first one, -1 ends a list. The entries below ``state[1]`` wait or are
    free; the free ones are listed from ``state[2]`` on.
    """

    nodes: LabelArray
    edges: LabelArray
    never: int
    order: IntArray
    waiting: IntArray
    head: IntArray
    state: IdArray


@nb.njit(nogil=True, cache=True)
def bucket_shift(limit: int) -> int:
    """Return log₂ of the width of the buckets in a search as far as `limit`, units."""
    shift = _WIDTH_BITS
    while limit >> shift >= N_BUCKETS:
        shift += 1
    return shift


@nb.njit(nogil=True, cache=True)
def label_of(wave: Wave, place: int) -> int:
    """Return the units at which the wave has come to `place`, ``LONGEST`` where it has not."""
    units = int(np.int64(wave.nodes[place, 0]))
    return LONGEST if units == wave.never else units


@nb.njit(nogil=True, cache=True)
def begin(wave: Wave) -> None:
    """Begin a new search; the labels and buckets are as `forget` left them."""
    wave.state[0], wave.state[1], wave.state[2] = 0, 0, -1


@nb.njit(nogil=True, cache=True)
def sow(wave: Wave, place: int, units: int, shift: int) -> Wave:
    """Let the wave start from `place` with `units` on its account; return it, with more room."""
    old = np.int64(wave.nodes[place, 0])
    if units >= old:
        return wave
    if wave.state[1] == len(wave.waiting):
        wave = _with_room(wave)
    if old == wave.never:
        wave.order[wave.state[0]] = place
        wave.state[0] += 1
    wave.nodes[place, 0] = units
    entry = wave.state[1]
    wave.waiting[entry, 0], wave.waiting[entry, 1] = place, wave.head[units >> shift]
    wave.head[units >> shift] = entry
    wave.state[1] += 1
    return wave


@nb.njit(nogil=True, cache=True)
def _with_room(wave: Wave) -> Wave:
    longer = np.empty((2 * len(wave.waiting), 2), dtype=np.int32)
    longer[: len(wave.waiting)] = wave.waiting
    return Wave(wave.nodes, wave.edges, wave.never, wave.order, longer, wave.head, wave.state)


@nb.njit(nogil=True, cache=True)
def spread(wave: Wave, limit: int, shift: int, bucket: int, end_bucket: int) -> Wave:
    """Settle the buckets ``bucket:end_bucket``; labels below their end are then final.

    Larger labels are upper bounds; none exceeds `limit`.
    """
    end_bucket = min(end_bucket, (limit >> shift) + 1)
    while bucket < end_bucket:
        bucket = _settle(wave, limit, shift, bucket, end_bucket)
        if bucket < end_bucket:
            wave = _with_room(wave)
    return wave


@nb.njit(nogil=True, cache=True)
def _settle(  # noqa: C901 - the one hot loop; calls in it would cost more than they explain
    wave: Wave, limit: int, shift: int, bucket: int, end_bucket: int
) -> int:
    """Return the bucket to go on with: `end_bucket`, or an earlier one where there is no room."""
    nodes, edges, order, waiting, head = (
        wave.nodes, wave.edges, wave.order, wave.waiting, wave.head,
    )  # fmt: skip
    n_reached, used, free = wave.state[0], wave.state[1], wave.state[2]
    done = end_bucket
    for b in range(bucket, end_bucket):
        entry = np.int64(head[b])
        while entry >= 0:
            here = waiting[entry, 0]
            units, first, last = np.int64(nodes[here, 0]), nodes[here, 1], nodes[here + 1, 1]
            if used + np.int64(last - first) > len(waiting):
                break
            head[b], waiting[entry, 1], free = waiting[entry, 1], free, entry
            if units >> shift == b:  # else it was settled with a lower label
                for p in range(first, last):
                    there, new = edges[p, 0], units + np.int64(edges[p, 1])
                    old = np.int64(nodes[there, 0])
                    if new >= old or new > limit:
                        continue
                    nodes[there, 0] = new
                    to = new >> shift
                    if old == wave.never:
                        prefetch(edges, np.int64(nodes[there, 1]))
                        prefetch(edges, np.int64(nodes[there, 1]) + 2)
                        order[n_reached] = there
                        n_reached += 1
                    elif to != b and old >> shift == to:
                        continue  # it waits there already
                    entry = free
                    if entry >= 0:
                        free = np.int64(waiting[entry, 1])
                    else:
                        entry, used = used, used + 1
                    waiting[entry, 0], waiting[entry, 1] = there, head[to]
                    head[to] = entry
            entry = np.int64(head[b])
        if entry >= 0:
            done = b
            break
    wave.state[0], wave.state[1], wave.state[2] = n_reached, used, free
    return done


@nb.njit(nogil=True, cache=True)
def forget(wave: Wave, limit: int, shift: int, bucket: int) -> None:
    """Set back what the search wrote; from `bucket` on its buckets may still be full."""
    for i in range(wave.state[0]):
        wave.nodes[wave.order[i], 0] = wave.never
    for b in range(bucket, (limit >> shift) + 1):
        wave.head[b] = -1

"""Repair of the nearest facilities of all places after an edit, touching only what changes.

The *key* of a place is its cost in units, shifted left, with the rank of the facility in the low
bits: the smaller key is the nearer facility and, of equally near ones, the one of smaller rank. A
key is *supported* by a facility that stands there, or by a neighbour whose key is less by just the
cost of the way. What an edit takes away leaves keys without support: they are given up, with all
that leaned on them, and filled again from those that hold. That is right for ways that cost
nothing too, where two places might lean on each other: whatever leans on a doubtful key is given
up, whether or not something else would have held it.
"""

import numba as nb
import numpy as np

from analysis.kernels.buckets import Buckets, put, with_room
from analysis.kernels.fields import NEVER, Edit, Field, Paths, Scale, Stands
from analysis.kernels.prefetch import prefetch
from analysis.units import IdArray, IntArray


@nb.njit(nogil=True, cache=True)
def _key(field: Field, place: int) -> int:
    own = field.own[place, 0]
    return int(own if own >= 0 else field.base[place])


@nb.njit(nogil=True, cache=True)
def _set(field: Field, place: int, key: int) -> None:
    if field.own[place, 0] < 0:
        field.touched[field.size[0]] = place
        field.size[0] += 1
    if field.own[place, 1] < 0:
        field.own[place, 1] = _key(field, place)
    field.own[place, 0] = key


@nb.njit(nogil=True, cache=True)
def _among(values: IntArray, value: int) -> bool:
    """Return whether `value` is among ascending `values`."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) >> 1
        if values[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low < len(values) and values[low] == value


@nb.njit(nogil=True, cache=True)
def _more(scale: Scale, units: int) -> int:
    """Return what a way adds to a key; one that is dearer than the limit adds too much."""
    return min(units, scale.limit + 1) << scale.bits


@nb.njit(nogil=True, cache=True)
def _give_up(field: Field, place: int, key: int) -> None:
    """Give up the key of a place if it is `key`; one beyond the limit is nobody's."""
    if key < NEVER and _key(field, place) == key:
        _set(field, place, NEVER)
        field.given_up[field.size[1]] = place
        field.size[1] += 1


@nb.njit(nogil=True, cache=True)
def _give_up_all(  # noqa: C901 - written out, see below
    field: Field, paths: Paths, edit: Edit, scale: Scale
) -> None:
    """Give up what leans on what is lost."""
    for i in range(len(edit.lost_place)):
        _give_up(field, edit.lost_place[i], edit.lost_key[i])
    for i in range(len(edit.lost_start)):
        leant_on = field.own[edit.lost_end[i], 1]
        if leant_on < 0:
            leant_on = _key(field, edit.lost_end[i])
        if leant_on < NEVER:
            _give_up(field, edit.lost_start[i], leant_on + _more(scale, edit.lost_cost[i]))
    # The loops that follow, and those below, are written out: a call would cost more than they do.
    indptr, indices, cost, arc = paths.inwards
    base, own, dropped, past = field.base, field.own, paths.dropped, scale.limit + 1
    start, end, way_cost = paths.start, paths.end, paths.cost
    touched, given_up, n_touched, n = field.touched, field.given_up, field.size[0], field.size[1]
    i = 0
    while i < n:
        here = given_up[i]
        was = own[here, 1]
        n_ways = indptr[here + 1] - indptr[here]
        for j in range(n_ways + len(end)):
            if j < n_ways:
                p = indptr[here] + j
                there, more = indices[p], int(np.int64(cost[p]))
                if len(dropped) > 0 and _among(dropped, arc[p]):
                    continue
            elif end[j - n_ways] == here:
                there, more = start[j - n_ways], way_cost[j - n_ways]
            else:
                continue
            key = was + (min(more, past) << scale.bits)
            if key < NEVER and key == (own[there, 0] if own[there, 0] >= 0 else base[there]):
                if own[there, 0] < 0:
                    touched[n_touched] = there
                    n_touched += 1
                own[there, 1], own[there, 0] = key, NEVER
                given_up[n] = there
                n += 1
        i += 1
    field.size[0], field.size[1] = n_touched, n


@nb.njit(nogil=True, cache=True)
def _standing(
    stand_place: IntArray, stand_key: IdArray, row: IntArray, gone: IntArray, place: int
) -> int:
    """Return the least key of the facilities that stand at a place."""
    best, i = NEVER, np.searchsorted(stand_place, place)
    while i < len(stand_place) and stand_place[i] == place:
        if stand_key[i] < best and not _among(gone, row[i]):
            best = stand_key[i]
        i += 1
    return best


@nb.njit(nogil=True, cache=True)
def _lower(field: Field, buckets: Buckets, scale: Scale, place: int, key: int) -> None:
    """Lower the key of a place and let it wait; there must be room for one more."""
    if key < _key(field, place) and key >> scale.bits <= scale.limit:
        _set(field, place, key)
        put(buckets, (key >> scale.bits) >> scale.shift, place)


@nb.njit(nogil=True, cache=True)
def _fill_rim(
    field: Field, paths: Paths, stands: Stands, added: Stands, buckets: Buckets, scale: Scale
) -> None:
    """Give the places that were given up the best key that what holds can offer."""
    indptr, indices, cost, arc = paths.outwards
    base, own, dropped, past = field.base, field.own, paths.dropped, scale.limit + 1
    start, end, way_cost, given_up = paths.start, paths.end, paths.cost, field.given_up
    place, key, row, gone = stands
    place_2, key_2, row_2, gone_2 = added
    for i in range(field.size[1]):
        here = given_up[i]
        best = min(
            _standing(place, key, row, gone, here), _standing(place_2, key_2, row_2, gone_2, here)
        )
        for p in range(indptr[here], indptr[here + 1]):
            there = indices[p]
            offer = own[there, 0] if own[there, 0] >= 0 else base[there]
            offer += min(int(np.int64(cost[p])), past) << scale.bits
            if offer < best and (len(dropped) == 0 or not _among(dropped, arc[p])):
                best = offer
        for e in range(len(start)):
            if start[e] == here:
                offer = own[end[e], 0] if own[end[e], 0] >= 0 else base[end[e]]
                best = min(best, offer + (min(way_cost[e], past) << scale.bits))
        if best >> scale.bits <= scale.limit:
            own[here, 0] = best
            put(buckets, (best >> scale.bits) >> scale.shift, here)


@nb.njit(nogil=True, cache=True)
def _spread(  # noqa: C901, PLR0912, PLR0915 - written out, see above
    field: Field, paths: Paths, buckets: Buckets, scale: Scale, bucket: int
) -> int:
    """Lower what lies behind the places that wait, from `bucket` on, until nothing falls any more.

    Returns the bucket to go on with where there is no room, else one that is not there.
    """
    indptr, indices, cost, arc = paths.inwards
    base, own, dropped, past = field.base, field.own, paths.dropped, scale.limit + 1
    start, end, way_cost = paths.start, paths.end, paths.cost
    touched, n_touched = field.touched, field.size[0]
    waiting, head, used, free = buckets.waiting, buckets.head, buckets.state[0], buckets.state[1]
    bits, shift, top, n_new = (
        scale.bits,
        scale.bits + scale.shift,
        (past << scale.bits) - 1,
        len(end),
    )
    stopped = (scale.limit >> scale.shift) + 1
    for b in range(bucket, (scale.limit >> scale.shift) + 1):
        entry = np.int64(head[b])
        while entry >= 0:
            here = waiting[entry, 0]
            first, n_ways = indptr[here], indptr[here + 1] - indptr[here]
            if used + n_ways + n_new > len(waiting):
                break
            head[b], waiting[entry, 1], free = waiting[entry, 1], free, entry
            key = own[here, 0]
            if key >> shift == b:  # else it was settled with a lower one
                for j in range(n_ways + n_new):
                    if j < n_ways:
                        there, more = indices[first + j], int(np.int64(cost[first + j]))
                        if len(dropped) > 0 and _among(dropped, arc[first + j]):
                            continue
                    elif end[j - n_ways] == here:
                        there, more = start[j - n_ways], way_cost[j - n_ways]
                    else:
                        continue
                    new, was = key + (min(more, past) << bits), own[there, 0]
                    if was < 0:
                        was = base[there]
                    if new >= was or new > top:
                        continue
                    if own[there, 0] < 0:
                        prefetch(indices, indptr[there])
                        prefetch(cost, indptr[there])
                        touched[n_touched] = there
                        n_touched += 1
                    if own[there, 1] < 0:
                        own[there, 1] = was
                    own[there, 0] = new
                    entry = free
                    if entry >= 0:
                        free = np.int64(waiting[entry, 1])
                    else:
                        entry, used = used, used + 1
                    waiting[entry, 0], waiting[entry, 1] = there, head[new >> shift]
                    head[new >> shift] = entry
            entry = np.int64(head[b])
        if entry >= 0:
            stopped = b
            break
    field.size[0] = n_touched
    buckets.state[0], buckets.state[1] = used, free
    return stopped


@nb.njit(nogil=True, cache=True)
def standing(
    ends: IntArray, arriving: IdArray, rank: IntArray, scale: Scale
) -> tuple[IntArray, IdArray, IntArray]:
    """Return (place, key, row) of where candidates are come upon within the limit, by place.

    `ends` int32 [c, 2], `arriving` int64 [c, 2] and `rank` int32 [c] are theirs.
    """
    n = 2 * len(rank)
    place, row = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    key, n = np.empty(n, dtype=np.int64), 0
    for c in range(len(rank)):
        for side in range(2):
            if arriving[c, side] <= scale.limit:
                place[n], row[n] = ends[c, side], c
                key[n] = (arriving[c, side] << scale.bits) | np.int64(rank[c])
                n += 1
    order = np.argsort(place[:n], kind="mergesort")
    return place[order], key[order], row[order]


@nb.njit(nogil=True, cache=True)
def take_changes(
    field: Field, place: IntArray
) -> tuple[IntArray, IdArray, IntArray, IdArray, IdArray]:
    """Take what a repair came to out of the scratch, which is as new after it.

    `place` are those that it touched, ascending. Returns (place, key) where the field now differs
    from its base, and (place, key before, key) where the repair changed it.
    """
    own, base, n_differ, n_moved = field.own, field.base, 0, 0
    for p in place:
        n_differ += own[p, 0] != base[p]
        n_moved += own[p, 1] >= 0 and own[p, 1] != own[p, 0]
    patch_place, patch_key = np.empty(n_differ, np.int32), np.empty(n_differ, np.int64)
    moved, before, after = (
        np.empty(n_moved, np.int32),
        np.empty(n_moved, np.int64),
        np.empty(n_moved, np.int64),
    )
    n_differ = n_moved = 0
    for p in place:
        key, was = own[p, 0], own[p, 1]
        if key != base[p]:
            patch_place[n_differ], patch_key[n_differ] = p, key
            n_differ += 1
        if was >= 0 and was != key:
            moved[n_moved], before[n_moved], after[n_moved] = p, was, key
            n_moved += 1
        own[p, 0] = own[p, 1] = -1
    return patch_place, patch_key, moved, before, after


@nb.njit(nogil=True, cache=True)
def repair(
    field: Field, paths: Paths, stands: Stands, added: Stands, edit: Edit,
    buckets: Buckets, scale: Scale, patch_place: IntArray, patch_key: IdArray,
) -> None:  # fmt: skip
    """Work out an edit on a field that differs from its base by a patch.

    `paths`, `stands` and `added` are what is in force after it. The new keys are in ``field.own``.
    """
    field.size[:] = 0
    buckets.state[0], buckets.state[1] = 0, -1
    for i in range(len(patch_place)):
        field.own[patch_place[i], 0] = patch_key[i]
        field.touched[i] = patch_place[i]
    field.size[0] = len(patch_place)
    _give_up_all(field, paths, edit, scale)
    room = field.size[1] + len(edit.new_place) + len(edit.new_start)
    buckets = with_room(buckets, room)
    _fill_rim(field, paths, stands, added, buckets, scale)
    for i in range(len(edit.new_place)):
        _lower(field, buckets, scale, edit.new_place[i], edit.new_key[i])
    for i in range(len(edit.new_start)):
        new = _key(field, edit.new_end[i]) + _more(scale, edit.new_cost[i])
        _lower(field, buckets, scale, edit.new_start[i], new)
    bucket = 0
    while bucket <= scale.limit >> scale.shift:
        bucket = _spread(field, paths, buckets, scale, bucket)
        buckets = with_room(buckets, len(buckets.waiting))

"""Places that wait in buckets, as lists in a pool of entries; for use inside kernels."""

from typing import NamedTuple

import numba as nb
import numpy as np

from analysis.units import IdArray, IntArray


class Buckets(NamedTuple):
    """An entry of `waiting` int32 [e, 2] is a place and the next entry of its bucket.

    `head` int32 names the first entry of each bucket, -1 ends a list. The entries below
    ``state[0]`` wait or are free; the free ones are listed from ``state[1]`` on.
    """

    waiting: IntArray
    head: IntArray
    state: IdArray


@nb.njit(nogil=True, cache=True)
def has_room(buckets: Buckets, n: int) -> bool:
    """Return whether `n` more entries fit."""
    return bool(buckets.state[0] + n <= len(buckets.waiting))


@nb.njit(nogil=True, cache=True)
def with_room(buckets: Buckets, n: int) -> Buckets:
    """Return buckets, the same or longer ones, with room for `n` more entries."""
    if has_room(buckets, n):
        return buckets
    longer = np.empty((2 * (buckets.state[0] + n), 2), dtype=np.int32)
    longer[: len(buckets.waiting)] = buckets.waiting
    return Buckets(longer, buckets.head, buckets.state)


@nb.njit(nogil=True, cache=True)
def put(buckets: Buckets, bucket: int, place: int) -> None:
    """Let a place wait in a bucket; there must be room for one more."""
    entry = buckets.state[1]
    if entry >= 0:
        buckets.state[1] = buckets.waiting[entry, 1]
    else:
        entry = buckets.state[0]
        buckets.state[0] += 1
    buckets.waiting[entry, 0], buckets.waiting[entry, 1] = place, buckets.head[bucket]
    buckets.head[bucket] = entry

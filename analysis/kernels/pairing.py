"""Many small heaps in one pool, for use inside kernels: whom a full facility could send elsewhere.

Heap *s* holds what it costs to move somebody from one facility to another, least first, then by the
smaller arc. They are pairing heaps (Fredman, Sedgewick, Sleator and Tarjan 1986): adding costs one
comparison, and most that are added are never taken out.
"""

from typing import NamedTuple

import numba as nb
import numpy as np

from analysis.units import IdArray, IntArray

NONE = -1
NEVER = 1 << 61
_BLOCK = 32


class Pool(NamedTuple):
    """Entries, and the heaps they hang in; the heaps of a facility lie side by side.

    By entry: `cost` int64, `leave` int32 the arc that somebody leaves, `enter` int32 the arc that
    they take instead, `child` and `beside` int32 links. By heap: `least` int64 [h, 2]: the cost of
    the first entry, `NEVER` where there is none, and the facility it leads to; `root` int32. By
    facility: its heaps are ``begin[a]:begin[a] + n_heaps[a]``, with `space` int32 for more. `used`
    int64 [2]: entries and places for heaps in use.
    """

    cost: IdArray
    leave: IntArray
    enter: IntArray
    child: IntArray
    beside: IntArray
    least: IdArray
    root: IntArray
    begin: IdArray
    n_heaps: IntArray
    space: IntArray
    used: IdArray


@nb.njit(nogil=True, cache=True)
def empty_pool(n_entries: int, n_facilities: int) -> Pool:
    """Return a pool for so many entries, without heaps."""
    # Blocks double when they are full: of all that a facility ever had, half is the last one's.
    n_heaps = min(n_facilities * (4 * n_facilities + _BLOCK), 4 * n_entries + _BLOCK * n_facilities)
    return Pool(
        np.empty(n_entries, dtype=np.int64), np.empty(n_entries, dtype=np.int32),
        np.empty(n_entries, dtype=np.int32), np.empty(n_entries, dtype=np.int32),
        np.empty(n_entries, dtype=np.int32), np.empty((n_heaps, 2), dtype=np.int64),
        np.empty(n_heaps, dtype=np.int32), np.zeros(n_facilities, dtype=np.int64),
        np.zeros(n_facilities, dtype=np.int32), np.zeros(n_facilities, dtype=np.int32),
        np.zeros(2, dtype=np.int64),
    )  # fmt: skip


@nb.njit(nogil=True, cache=True)
def _joined(pool: Pool, one: int, other: int) -> int:
    """Hang the dearer of two roots below the other; return the other."""
    dearer = pool.cost[one] > pool.cost[other]
    if dearer or (pool.cost[one] == pool.cost[other] and pool.leave[one] > pool.leave[other]):
        one, other = other, one
    pool.beside[other] = pool.child[one]
    pool.child[one] = other
    return one


@nb.njit(nogil=True, cache=True)
def add(pool: Pool, heap: int, cost: int, leave: int, enter: int) -> None:
    """Add an entry; there must be room for it."""
    entry = pool.used[0]
    pool.used[0] = entry + 1
    pool.cost[entry], pool.leave[entry], pool.enter[entry] = cost, leave, enter
    pool.child[entry], pool.beside[entry] = NONE, NONE
    root = pool.root[heap]
    pool.root[heap] = entry if root == NONE else _joined(pool, root, entry)
    pool.least[heap, 0] = min(pool.least[heap, 0], cost)


@nb.njit(nogil=True, cache=True)
def drop_first(pool: Pool, heap: int) -> None:
    """Take the first entry out of a heap that is not empty."""
    left, paired = pool.child[pool.root[heap]], NONE
    while left != NONE:
        one, other = left, pool.beside[left]
        if other == NONE:
            left = NONE
        else:
            left = pool.beside[other]
            one = _joined(pool, one, other)
        pool.beside[one] = paired
        paired = one
    root = NONE
    while paired != NONE:
        following = pool.beside[paired]
        pool.beside[paired] = NONE
        root = paired if root == NONE else _joined(pool, root, paired)
        paired = following
    pool.root[heap] = root
    pool.least[heap, 0] = NEVER if root == NONE else pool.cost[root]


@nb.njit(nogil=True, cache=True)
def new_heap(pool: Pool, facility: int, goal: int) -> int:
    """Return an empty heap from `facility` to `goal`; its others may have moved."""
    n = pool.n_heaps[facility]
    if n == pool.space[facility]:
        old, begin = pool.begin[facility], pool.used[1]
        space = max(2 * n, _BLOCK)
        pool.least[begin : begin + n] = pool.least[old : old + n]
        pool.root[begin : begin + n] = pool.root[old : old + n]
        pool.begin[facility], pool.space[facility] = begin, space
        pool.used[1] = begin + space
    heap: int = pool.begin[facility] + n
    pool.n_heaps[facility] = n + 1
    pool.root[heap] = NONE
    pool.least[heap, 0], pool.least[heap, 1] = NEVER, goal
    return heap

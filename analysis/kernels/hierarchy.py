"""A contraction hierarchy: the ways up that shortest walks can be made of.

Places are contracted from the lowest to the highest. Contracting one joins its neighbours above by
short cuts, so that between any two places a shortest walk first climbs and then descends. Which
climbs there are follows from the order alone (:func:`climbs`); what they cost is worked out for
each walker (:func:`climb_costs`). Customizable contraction hierarchies: Dibbelt, Strasser & Wagner
2016.
"""

import numba as nb
import numpy as np

from analysis.units import IdArray, IntArray, KeyArray


@nb.njit(nogil=True, cache=True)
def climbs(n_places: int, tail: IntArray, head: IntArray) -> tuple[IdArray, IntArray]:
    """Return (first int64 [n + 1], upper int32 [k]): the neighbours above each place, ascending.

    Those of place *v* are ``upper[first[v]:first[v + 1]]``: where the arcs between the places
    `tail` and `head` lead up to, and what the places contracted into *v* leave to it. `upper` may
    be longer than that.
    """
    arc_first, arc_upper = _by_lower_end(n_places, tail, head)
    first = np.zeros(n_places + 1, dtype=np.int64)
    upper = np.empty(4 * len(tail) + n_places, dtype=np.int32)
    child = np.full(n_places, -1, dtype=np.int32)
    sibling = np.full(n_places, -1, dtype=np.int32)
    row, spare = np.empty(n_places, dtype=np.int32), np.empty(n_places, dtype=np.int32)
    for v in range(n_places):
        size = 0
        for p in range(arc_first[v], arc_first[v + 1]):
            size = _insert(row, size, arc_upper[p])
        below = child[v]
        while below >= 0:
            # The first of those above `below` is v itself.
            size = _merge(row, size, upper, first[below] + 1, first[below + 1], spare)
            row, spare = spare, row
            below = sibling[below]
        if first[v] + size > len(upper):
            upper = _longer(upper, first[v], size)
        for k in range(size):
            upper[first[v] + k] = row[k]
        first[v + 1] = first[v] + size
        if size > 0:
            sibling[v], child[row[0]] = child[row[0]], v
    return first, upper


@nb.njit(nogil=True, cache=True)
def _longer(upper: IntArray, used: int, more: int) -> IntArray:
    longer = np.empty(2 * len(upper) + more, dtype=np.int32)
    for k in range(used):
        longer[k] = upper[k]
    return longer


@nb.njit(nogil=True, cache=True)
def _by_lower_end(n_places: int, tail: IntArray, head: IntArray) -> tuple[IdArray, IntArray]:
    """Return the upper ends of the arcs in CSR form by their lower ends, loops left out."""
    first = np.zeros(n_places + 1, dtype=np.int64)
    for a in range(len(tail)):
        if tail[a] != head[a]:
            first[min(tail[a], head[a])] += 1
    for v in range(n_places):
        first[v + 1] += first[v]
    upper = np.empty(first[n_places], dtype=np.int32)
    for a in range(len(tail)):
        if tail[a] != head[a]:
            v = min(tail[a], head[a])
            first[v] -= 1
            upper[first[v]] = max(tail[a], head[a])
    return first, upper


@nb.njit(nogil=True, cache=True)
def _insert(row: IntArray, size: int, one: int) -> int:
    """Insert `one` into the ascending ``row[:size]`` unless it is there; return the new size."""
    at = size
    while at > 0 and row[at - 1] > one:
        at -= 1
    if at > 0 and row[at - 1] == one:
        return size
    for k in range(size, at, -1):
        row[k] = row[k - 1]
    row[at] = one
    return size + 1


@nb.njit(nogil=True, cache=True)
def _merge(row: IntArray, size: int, more: IntArray, begin: int, end: int, out: IntArray) -> int:
    """Write the union of the ascending ``row[:size]`` and ``more[begin:end]`` to `out`."""
    i, j, k = 0, begin, 0
    while i < size and j < end:
        one, other = row[i], more[j]
        out[k] = min(one, other)
        i += one <= other
        j += other <= one
        k += 1
    for rest in range(i, size):
        out[k] = row[rest]
        k += 1
    for rest in range(j, end):
        out[k] = more[rest]
        k += 1
    return k


@nb.njit(nogil=True, cache=True)
def climb_costs(
    first: IdArray, upper: IntArray, indptr: IntArray, indices: IntArray, cost: KeyArray,
    rising: KeyArray, falling: KeyArray, even: bool,
) -> None:  # fmt: skip
    """Lower the costs of the climbs from below (`rising` [k]) and from above (`falling` [k]).

    `cost` [h] are the costs of the half-edges. `rising` and `falling` come filled with a cost that
    nobody walks, twice which must fit. Where every way is `even`, costing the same in both
    directions, they are one array.
    """
    _own_costs(first, upper, indptr, indices, cost, rising, falling)
    for v in range(len(first) - 1):
        for i in range(first[v], first[v + 1]):
            a = upper[i]
            at = first[a]
            for j in range(i + 1, first[v + 1]):
                # The short cut from a over v to b, which lies above both; a has them all.
                while upper[at] != upper[j]:
                    at += 1
                if even:
                    rising[at] = min(rising[at], rising[i] + rising[j])
                else:
                    rising[at] = min(rising[at], falling[i] + rising[j])
                    falling[at] = min(falling[at], falling[j] + rising[i])


@nb.njit(nogil=True, cache=True)
def _own_costs(
    first: IdArray, upper: IntArray, indptr: IntArray, indices: IntArray, cost: KeyArray,
    rising: KeyArray, falling: KeyArray,
) -> None:  # fmt: skip
    """Lower the costs of the climbs to those of the half-edges between the same places."""
    for u in range(len(indptr) - 1):
        for p in range(indptr[u], indptr[u + 1]):
            v = indices[p]
            if v == u:
                continue
            low, high = min(u, v), max(u, v)
            at, end = first[low], first[low + 1]
            while at < end:
                middle = (at + end) >> 1
                if upper[middle] < high:
                    at = middle + 1
                else:
                    end = middle
            if v > u:
                rising[at] = min(rising[at], cost[p])
            else:
                falling[at] = min(falling[at], cost[p])


@nb.njit(nogil=True, cache=True)
def pick_climbs(
    first: IdArray, upper: IntArray, cost: KeyArray, limit: int, bits: int,
    first_picked: IdArray, upper_picked: IntArray, key: KeyArray,
) -> None:  # fmt: skip
    """Write the climbs that cost no more than `limit`, with their keys (see `lanes`).

    The last three arrays are as large as the first three. A longer climb is part of no walk within
    the limit.
    """
    k = 0
    for v in range(len(first) - 1):
        first_picked[v] = k
        for p in range(first[v], first[v + 1]):
            upper_picked[k], key[k] = upper[p], cost[p] << np.uint64(bits)
            k += cost[p] <= limit
    first_picked[-1] = k

"""Which sets lie in others: what makes rows and columns of a covering problem superfluous."""

import numba as nb
import numpy as np

from analysis.units import BoolArray, IdArray, IntArray


@nb.njit(nogil=True, cache=True)
def _within(one: IntArray, other: IntArray) -> bool:
    """Tell whether all of `one` is in `other`, both ascending."""
    at = 0
    for value in one:
        while at < len(other) and other[at] < value:
            at += 1
        if at == len(other) or other[at] != value:
            return False
        at += 1
    return True


@nb.njit(nogil=True, cache=True)
def _marks(first: IdArray, member: IntArray) -> IdArray:
    """Return 64 bits for each set; those of a subset are among those of its superset."""
    marks = np.zeros(len(first) - 1, dtype=np.int64)
    for one in range(len(marks)):
        for at in range(first[one], first[one + 1]):
            marks[one] |= np.int64(1) << np.int64((member[at] * 40503) & 63)
    return marks


@nb.njit(nogil=True, cache=True)
def superfluous(
    first: IdArray, member: IntArray, set_first: IdArray, set_of: IntArray, larger: bool
) -> BoolArray:
    """Return which sets another set makes superfluous, bool [n].

    Set *i* is ``member[first[i]:first[i + 1]]`` int32, ascending; ``set_of`` with ``set_first``
    lists the sets that hold each member. With `larger`, a set that holds another is superfluous,
    otherwise one that lies in another is; of equal sets all but the first are.
    """
    n, marks = len(first) - 1, _marks(first, member)
    gone = np.zeros(n, dtype=np.bool_)
    for one in range(n):
        low, high = first[one], first[one + 1]
        if gone[one] or low == high:
            gone[one] = gone[one] or not larger
            continue
        rarest = member[low]
        for at in range(low, high):
            size = set_first[member[at] + 1] - set_first[member[at]]
            if size < set_first[rarest + 1] - set_first[rarest]:
                rarest = member[at]
        for at in range(set_first[rarest], set_first[rarest + 1]):
            other = set_of[at]
            size = first[other + 1] - first[other]
            if other == one or gone[other] or size < high - low or marks[one] & ~marks[other]:
                continue
            if size == high - low and (other < one) == larger:
                continue
            if _within(member[low:high], member[first[other] : first[other + 1]]):
                if larger:
                    gone[other] = True
                else:
                    gone[one] = True
                    break
    return gone

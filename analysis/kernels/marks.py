"""Sets of arcs as bits: put in, read out in ascending order, and ranked, without sorting."""

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from analysis.units import IntArray

BitArray = npt.NDArray[np.uint64]

_ONE = np.uint64(1)
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)  # a lone bit times this has its number in the top 6
_BIT_OF = np.zeros(64, dtype=np.int64)
_BIT_OF[[((int(_DE_BRUIJN) << bit) & (2**64 - 1)) >> 58 for bit in range(64)]] = np.arange(64)


class Marks(NamedTuple):
    """Two sets of arcs, a bit for each: those walked whole, and those walked or stood on in part.

    `whole` and `partly` uint64 [m / 64 + 1]; a bit of `words` uint64 says which words of them are
    not empty; `before` int32 counts the arcs in earlier words of `partly`.
    """

    whole: BitArray
    partly: BitArray
    words: BitArray
    before: IntArray


@nb.njit(nogil=True, cache=True)
def _lowest_bit(word: np.uint64) -> int:
    """Return the number of the lowest bit that is set in a uint64 that is not zero."""
    alone = word & (~word + np.uint64(1))
    return int(_BIT_OF[(alone * _DE_BRUIJN) >> np.uint64(58)])


@nb.njit(nogil=True, cache=True)
def _n_bits(word: np.uint64) -> int:
    """Return how many bits are set in a uint64."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    twos = np.uint64(0x3333333333333333)
    word = (word & twos) + ((word >> np.uint64(2)) & twos)
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int(np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56)))


@nb.njit(nogil=True, cache=True)
def marked_arcs(marks: Marks, room: int) -> tuple[IntArray, int]:
    """Return the marked arcs, ascending, and how many of them are walked partly."""
    arcs = np.empty(room, dtype=np.int32)
    n = n_partly = 0
    for high in range(len(marks.words)):
        words = marks.words[high]
        while words != 0:
            word = (high << 6) + _lowest_bit(words)
            words &= words - _ONE
            marks.before[word] = n_partly
            n_partly += _n_bits(marks.partly[word])
            bits = marks.whole[word] | marks.partly[word]
            while bits != 0:
                arcs[n] = (word << 6) + _lowest_bit(bits)
                n += 1
                bits &= bits - _ONE
    return arcs[:n], n_partly


@nb.njit(nogil=True, cache=True)
def rank_of(marks: Marks, a: int) -> int:
    """Return how many arcs that are walked partly come before one that is."""
    earlier = (_ONE << np.uint64(a & 63)) - _ONE
    return int(marks.before[a >> 6] + _n_bits(marks.partly[a >> 6] & earlier))

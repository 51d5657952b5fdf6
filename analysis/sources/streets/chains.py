"""Chains: stretches between neighbouring nodes joined up to the next junction.

An OSM way may be split anywhere by an editor; an arc must not be. A node is passed over where just
two stretches meet that look alike to a walker, whatever ways they belong to.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.streets.components import smallest_in_component
from analysis.units import BoolArray, FlagArray, IdArray, IntArray
from analysis.walking import ArcFlag

_OPPOSITE: Final = (
    (int(ArcFlag.NO_FORWARD), int(ArcFlag.NO_BACKWARD)),
    (int(ArcFlag.RISES), int(ArcFlag.FALLS)),
)


@dataclass(frozen=True, slots=True, eq=False)
class Chains:
    """Chains of stretches, each from the end with the smaller node position.

    `first` int32 [c + 1]: the stretches of chain *i*, in order, are
    ``segment[first[i]:first[i + 1]]``, and ``origin`` (int32 [s]) the node where each begins;
    `end` int32 [c] is the last node and `flags` uint16 [c] the flags from first to last node.
    """

    first: IntArray
    segment: IntArray
    origin: IntArray
    end: IntArray
    flags: FlagArray


def reversed_flags(flags: FlagArray) -> FlagArray:
    """Return `flags` as seen when walking the other way: those that tell a direction swap."""
    turned = flags.astype(np.uint16)
    for one, other in _OPPOSITE:
        turned &= ~np.uint16(one | other)
        turned |= np.where(flags & one, other, 0).astype(np.uint16)
        turned |= np.where(flags & other, one, 0).astype(np.uint16)
    return turned


def chain(tail: IntArray, head: IntArray, flags: FlagArray, n_nodes: int) -> Chains:
    """Join stretches `tail` → `head` (int32 [s], no stretch back to its own node) into chains.

    `flags` (uint16 [s]) are those from tail to head. No two stretches may share nodes and flags.
    A ring without a junction is broken at its smallest node. The chains come sorted by their first
    two nodes and flags, so that the order of the stretches does not matter.
    """
    count = len(tail)
    origin, goal = np.concatenate([tail, head]), np.concatenate([head, tail])
    seen = np.concatenate([flags, reversed_flags(flags)])
    twin = np.concatenate([np.arange(count, 2 * count), np.arange(count)])
    onward = _onward(origin, seen, twin, n_nodes)
    onward = _break_rings(onward, goal, count)
    last, steps = _to_the_end(onward)

    is_first = np.ones(2 * count, dtype=np.bool_)
    is_first[onward[onward != np.arange(2 * count)]] = False
    starts = np.flatnonzero(is_first)
    back = twin[last[starts]]
    here = np.column_stack([origin[starts], goal[starts], seen[starts], starts])
    there = np.column_stack([origin[back], goal[back], seen[back], back])
    starts = starts[_smaller(here, there)]
    starts = starts[np.lexsort((seen[starts], goal[starts], origin[starts]))]

    # Every stretch of a chain knows its start: the end of the walk the other way, turned round.
    rank = np.full(2 * count, -1, dtype=np.int64)
    rank[starts] = np.arange(len(starts))
    of_half = rank[twin[last[twin]]]
    halves = np.flatnonzero(of_half >= 0)
    halves = halves[np.lexsort((-steps[halves], of_half[halves]))]
    lengths = np.bincount(of_half[halves], minlength=len(starts))
    return Chains(
        first=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        segment=(halves % max(count, 1)).astype(np.int32),
        origin=origin[halves].astype(np.int32),
        end=goal[last[starts]].astype(np.int32),
        flags=seen[starts],
    )


def _onward(origin: IntArray, seen: FlagArray, twin: IdArray, n_nodes: int) -> IdArray:
    """Return for each half the half that continues it through a plain node, else itself."""
    onward = np.arange(len(origin))
    degree = np.bincount(origin, minlength=n_nodes)
    by_node = np.argsort(origin, kind="stable")
    place = (np.cumsum(degree) - degree)[degree == 2]  # noqa: PLR2004 - two stretches meet
    one, other = by_node[place], by_node[place + 1]
    alike = seen[twin[one]] == seen[other]
    one, other = one[alike], other[alike]
    onward[twin[one]], onward[twin[other]] = other, one
    return onward


def _break_rings(onward: IdArray, goal: IntArray, count: int) -> IdArray:
    halves = np.arange(2 * count)
    # Both halves of a stretch belong together, so the links are laid between stretches.
    of_half = (halves % max(count, 1)).astype(np.int32)
    label = smallest_in_component(count, of_half, (onward % max(count, 1)).astype(np.int32))
    has_end = np.zeros(count, dtype=np.bool_)
    label = np.concatenate([label, label])
    has_end[label[onward == halves]] = True
    smallest = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(smallest, label, goal)
    broken = ~has_end[label] & (goal == smallest[label])
    return np.where(broken, halves, onward)


def _to_the_end(onward: IdArray) -> tuple[IdArray, IdArray]:
    """Return the last half of each walk and the steps to it, doubling the stride each round."""
    steps = (onward != np.arange(len(onward))).astype(np.int64)
    last = onward
    while True:
        farther = last[last]
        if np.array_equal(farther, last):
            return last, steps
        steps = steps + steps[last]
        last = farther


def _smaller(here: IdArray, there: IdArray) -> BoolArray:
    """Return which rows of `here` come before those of `there`, column by column."""
    less = np.zeros(len(here), dtype=np.bool_)
    tied = np.ones(len(here), dtype=np.bool_)
    for mine, theirs in zip(here.T, there.T, strict=True):
        less |= tied & (mine < theirs)
        tied &= mine == theirs
    return less

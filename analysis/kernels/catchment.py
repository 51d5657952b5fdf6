"""Who reaches whom within a limit: many origins side by side, one lane for each.

A batch of origins climbs together and meets, at the places it comes to, the facilities that climbed
to the same places before, see :mod:`analysis.kernels.ancestors`. Nothing is cleared between batches
but what was touched.
"""

from typing import NamedTuple

import numba as nb
import numpy as np

from analysis.kernels.along import Feet, straight
from analysis.kernels.ancestors import (
    Buckets,
    Climbers,
    Heights,
    Ups,
    climb_on,
    give_back,
    set_out,
    take_lowest,
)
from analysis.kernels.rows import LANES, push_row
from analysis.kernels.wave import LONGEST
from analysis.units import FloatArray, IdArray, IntArray, KeyArray

_BLOCK_BITS = 12  # places of a block, see Heights
_NEVER = np.uint64(LONGEST)


class Targets(NamedTuple):
    """Who may be come upon: at places, in `buckets`, and along arcs.

    On arc *a* stand the ``feet`` at ``on_arc[arc_first[a]:arc_first[a + 1]]``; `foot_rank` int32
    [c] are their targets. `group` int32 [ranks] and `limit` int64 [groups]: how far each may be.
    """

    buckets: Buckets
    feet: Feet
    foot_rank: IntArray
    arc_first: IntArray
    on_arc: IntArray
    group: IntArray
    limit: IdArray


class Met(NamedTuple):
    """Rows of cells that are handed out to targets as they are met.

    ``slot[rank]`` is its row + 1 (0: none yet), ``taken[row]`` whose it is.
    """

    cells: KeyArray
    slot: IntArray
    taken: IntArray


@nb.njit(nogil=True, cache=True, forceinline=True)
def _hand_out(rank: int, found: int, met: Met) -> int:
    """Give `rank` a row, all of it far away, unless it has one; return how many are used."""
    if met.slot[rank] > 0:
        return found
    met.slot[rank] = found + 1
    met.taken[found] = rank
    for lane in range(LANES):
        met.cells[found, lane] = _NEVER
    return found + 1


@nb.njit(nogil=True, cache=True, forceinline=True)
def _over_network(
    batch: IntArray, ups: Ups, climbers: Climbers, buckets: Buckets,
    heights: Heights, met: Met, limit: int,
) -> int:  # fmt: skip
    """Climb, and meet the facilities in the buckets; return the rows met."""
    waiting, place, found = set_out(batch, climbers, heights, limit), 0, 0
    while waiting > 0:
        place = take_lowest(heights, place >> _BLOCK_BITS)
        least, more = climb_on(ups, heights, place, limit)
        waiting += more - 1
        row = heights.row[place]
        give_back(heights, row)
        for q in range(buckets.first[place], buckets.first[place + 1]):
            if least + np.int64(buckets.units[q]) > limit:
                break
            rank = buckets.rank[q]
            found = _hand_out(rank, found, met)
            push_row(met.cells, met.slot[rank] - 1, heights.cells, row, buckets.units[q])
    return found


@nb.njit(nogil=True, cache=True)
def _along_arcs(
    batch: IntArray, feet: Feet, targets: Targets, met: Met, found: int, limit: int
) -> int:
    """Add the direct walks along shared arcs; return the rows met."""
    for lane in range(len(batch)):
        for c in range(feet.first[batch[lane]], feet.first[batch[lane] + 1]):
            arc = feet.arc[c]
            for t in targets.on_arc[targets.arc_first[arc] : targets.arc_first[arc + 1]]:
                direct = straight(feet, c, targets.feet, t)
                if direct > limit:
                    continue
                rank = targets.foot_rank[t]
                found = _hand_out(rank, found, met)
                row = met.slot[rank] - 1
                met.cells[row, lane] = min(met.cells[row, lane], np.uint64(direct))
    return found


@nb.njit(nogil=True, cache=True)
def count_batches(
    ups: Ups, feet: Feet, targets: Targets, order: IntArray, limit: int,
    heights: Heights, met: Met, count: IntArray,
) -> None:  # fmt: skip
    """Write to ``count[o, g]`` how many targets of group *g* are within its limit of origin *o*.

    `order` int32 [r]: the origins to be searched, neighbours together. `limit`: the largest limit.
    """
    climbers = Climbers(feet.first, feet.ends, feet.leaving)
    here = np.zeros((len(targets.limit), LANES), dtype=np.int32)
    for low in range(0, len(order), LANES):
        batch = order[low : low + LANES]
        found = _over_network(batch, ups, climbers, targets.buckets, heights, met, limit)
        found = _along_arcs(batch, feet, targets, met, found, limit)
        here[:] = 0
        for row in range(found):
            rank = met.taken[row]
            met.slot[rank] = 0
            group = targets.group[rank]
            most = np.uint64(targets.limit[group])
            for lane in range(LANES):
                here[group, lane] += met.cells[row, lane] <= most
        for lane in range(len(batch)):
            for group in range(len(here)):
                count[batch[lane], group] = here[group, lane]


@nb.njit(nogil=True, cache=True)
def pair_batches(
    ups: Ups, feet: Feet, targets: Targets, order: IntArray, limit: int,
    heights: Heights, met: Met, scale: float,
    first: IdArray, pair_rank: IntArray, pair_cost: FloatArray,
) -> tuple[int, int]:  # fmt: skip
    """Write the pairs of as many origins as fit; return (origins done, room the next batch needs).

    ``first[i]:first[i + 1]`` are the rows of the *i*-th origin of `order`, by rising rank;
    `pair_cost` is in units times `scale`. The room is 0 where all origins are done.
    """
    climbers = Climbers(feet.first, feet.ends, feet.leaving)
    at = 0
    first[0] = 0
    for low in range(0, len(order), LANES):
        batch = order[low : low + LANES]
        found = _over_network(batch, ups, climbers, targets.buckets, heights, met, limit)
        found = _along_arcs(batch, feet, targets, met, found, limit)
        by_rank = np.sort(met.taken[:found])
        fits = at + found * len(batch) <= len(pair_rank)
        for lane in range(len(batch) if fits else 0):
            for rank in by_rank:
                cell = met.cells[met.slot[rank] - 1, lane]
                if cell <= np.uint64(targets.limit[targets.group[rank]]):
                    pair_rank[at], pair_cost[at] = rank, np.float64(cell) * scale
                    at += 1
            first[low + lane + 1] = at
        for rank in by_rank:
            met.slot[rank] = 0
        if not fits:
            return low, found * len(batch)
    return len(order), 0

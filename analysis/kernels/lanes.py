"""Many searches at once: one lane for each, all lanes of a place side by side in memory.

A cell holds a *key*: the cost in units, shifted left by a number of bits in which the rank of the
facility rides along. The smaller key is then the nearer facility and, of equally near ones, the one
of the smaller rank, so that one minimum finds both. Adding a cost (shifted alike) leaves the rank
alone. What is farther than a lane's limit stands at the lane's `start` key, one unit beyond it.

A search sows the seeds, lets them climb to the top of the hierarchy and the answers descend from
there: two passes over the climbs and no queue (PHAST: Delling, Goldberg, Nowatzyk & Werneck 2011).
"""

import numba as nb
import numpy as np

from analysis.kernels.along import Feet, straight
from analysis.kernels.prefetch import prefetch
from analysis.kernels.rows import LANES, copy_row, pull_row, push_row
from analysis.units import BoolArray, FloatArray, IdArray, IntArray, KeyArray

BARRED = 1 << 63  # added to a key it is too much for any lane
_AHEAD = 16  # rows asked for before they are needed


@nb.njit(nogil=True, cache=True)
def sow(
    cells: KeyArray, filled: BoolArray, start: KeyArray, bits: int, beyond: int,
    goals: Feet, rank: KeyArray, barred: KeyArray,
) -> None:  # fmt: skip
    """Lower the rows of `cells` [n, LANES] at the ends of the goals' arcs to the goals' keys.

    Goal *g* counts with ``rank[g]`` in the lanes where ``barred[g]`` [LANES] is 0; in the others
    that is ``BARRED``. Rows that hold something are noted in `filled` bool [n]; `start` is
    [1, LANES]; `beyond`: units that are too many for any lane.
    """
    for g in range(len(rank)):
        for side in range(2):
            if goals.arriving[g, side] <= beyond:
                u = goals.ends[g, side]
                if not filled[u]:
                    filled[u] = True
                    copy_row(cells, u, start, 0)
                key = (np.uint64(goals.arriving[g, side]) << np.uint64(bits)) + rank[g]
                push_row(cells, u, barred, g, key)


@nb.njit(nogil=True, cache=True)
def ascend(
    first: IdArray, upper: IntArray, key: KeyArray,
    cells: KeyArray, filled: BoolArray, start: KeyArray,
) -> None:  # fmt: skip
    """Let what lies in `cells` climb, from the lowest place to the highest."""
    for v in range(len(cells)):
        if filled[v]:
            for p in range(first[v], first[v + 1]):
                u = upper[p]
                if not filled[u]:
                    filled[u] = True
                    copy_row(cells, u, start, 0)
                push_row(cells, u, cells, v, key[p])


@nb.njit(nogil=True, cache=True)
def descend(
    first: IdArray, upper: IntArray, key: KeyArray,
    cells: KeyArray, filled: BoolArray, start: KeyArray,
) -> None:  # fmt: skip
    """Let what has climbed descend, from the highest place to the lowest; all rows are filled."""
    for v in range(len(cells) - 1, -1, -1):
        if not filled[v]:
            copy_row(cells, v, start, 0)
        pull_row(cells, v, upper, key, first[v], first[v + 1])


@nb.njit(nogil=True, cache=True)
def gather(
    best: KeyArray, cells: KeyArray, bits: int, beyond: int, feet: Feet,
    goals: Feet, goal_first: IdArray, rank: KeyArray, barred: KeyArray,
) -> None:  # fmt: skip
    """Lower `best` [p, LANES] to the least key over the candidates of each point.

    A candidate leads over the ends of its arc, or straight to the goals on the same arc, which are
    rows ``goal_first[arc]:goal_first[arc + 1]`` of `goals`, each with its `rank` and the lanes from
    which it is `barred`. `beyond`: units that are too many for any lane.
    """
    shift, last = np.uint64(bits), len(feet.arc) - 1
    halves = cells.reshape(2 * len(cells), LANES // 2)  # cache lines
    for i in range(len(best)):
        for c in range(feet.first[i], feet.first[i + 1]):
            for side in range(2):
                soon = feet.ends[min(c + _AHEAD, last), side]
                prefetch(halves, 2 * soon)
                prefetch(halves, 2 * soon + 1)
            for side in range(2):
                if feet.leaving[c, side] <= beyond:
                    key = np.uint64(feet.leaving[c, side]) << shift
                    push_row(best, i, cells, feet.ends[c, side], key)
            for t in range(goal_first[feet.arc[c]], goal_first[feet.arc[c] + 1]):
                units = straight(feet, c, goals, t)
                if units <= beyond:
                    push_row(best, i, barred, t, (np.uint64(units) << shift) + rank[t])


@nb.njit(nogil=True, cache=True)
def read(
    cells: KeyArray, row: IntArray, bits: int, start: KeyArray, unit: float,
    begin: int, end: int, cost: FloatArray, rank: IntArray,
) -> None:  # fmt: skip
    """Split keys into the columns from `begin` to `end` of `cost` [r, g] and `rank` [r, g].

    Row *i* is read from ``cells[row[i]]``. Costs are units times `unit`; from the lane's `start`
    [1, LANES] on they are inf, and the rank is -1. `rank` may be without columns.
    """
    shift, mask = np.uint64(bits), np.int64((1 << bits) - 1)
    halves = cells.reshape(2 * len(cells), LANES // 2)  # cache lines
    for i in range(len(row)):
        soon = row[min(i + _AHEAD, len(row) - 1)]
        prefetch(halves, 2 * soon)
        prefetch(halves, 2 * soon + 1)
        # One loop each, and signed numbers: so the compiler makes vectors of them.
        for lane in range(end - begin):
            key = cells[row[i], lane]
            near = np.float64(np.int64(key >> shift)) * unit
            cost[i, begin + lane] = near if key < start[0, lane] else np.inf
        if rank.shape[1] > 0:
            for lane in range(end - begin):
                key = cells[row[i], lane]
                who = np.int32(np.int64(key) & mask)
                rank[i, begin + lane] = who if key < start[0, lane] else np.int32(-1)

"""Where a point stands on its arc, counted in what the walk costs.

Costs along an arc are even, and whole units: the part before a point is rounded and the part behind
it is the rest, so that they add up exactly.
"""

from typing import NamedTuple

import numba as nb
import numpy as np

from analysis.kernels.wave import LONGEST
from analysis.units import UNITS, FloatArray, IdArray, IntArray


class Feet(NamedTuple):
    """The candidates of linked points, with what each costs to and from the ends of its arc, units.

    The candidates of point *i* are rows ``first[i]:first[i + 1]`` (int32 [p + 1]) of `arc` int32
    [c]; `ends` int32 [c, 2], the places at tail and head; `leaving` int64 [c, 2], from the point to
    tail and head, and `arriving` int64 [c, 2], from tail and head to the point, access leg
    included; `along` int64 [c, 2], without the leg, from the tail to the foot and from the foot to
    the tail; `leg` int64 [c]. What is closed costs ``LONGEST``.
    """

    first: IntArray
    arc: IntArray
    ends: IntArray
    leaving: IdArray
    arriving: IdArray
    along: IdArray
    leg: IdArray


@nb.njit(nogil=True, cache=True)
def whole_units(cost: float) -> int:
    """Return a cost in metres or seconds as units; what nobody walks, and inf, is ``LONGEST``."""
    units = np.rint(cost * UNITS)
    return int(units) if units < LONGEST else LONGEST


@nb.njit(nogil=True, cache=True)
def units_along(cost: float, offset_m: float, length_m: float) -> int:
    """Return the part of the cost of a whole arc that falls on its first `offset_m`, units."""
    share = offset_m / length_m if length_m > 0.0 else 0.0
    return whole_units(cost * share) if share > 0.0 else 0


@nb.njit(nogil=True, cache=True)
def ways_of_feet(
    arc: IntArray, offset_m: FloatArray, leg_m: FloatArray, pace: float,
    forward: FloatArray, backward: FloatArray, length_m: FloatArray,
) -> tuple[IdArray, IdArray, IdArray, IdArray]:  # fmt: skip
    """Return (leaving, arriving, along int64 [c, 2], leg int64 [c]) in units.

    See :class:`Feet`; `forward` and `backward` are the costs of all arcs in metres
    or seconds, `pace` those of a metre of access leg.
    """
    n = len(arc)
    leaving, arriving = np.empty((n, 2), dtype=np.int64), np.empty((n, 2), dtype=np.int64)
    along, leg = np.empty((n, 2), dtype=np.int64), np.empty(n, dtype=np.int64)
    for c in range(n):
        a = arc[c]
        leg[c] = whole_units(leg_m[c] * pace)
        on, back = whole_units(forward[a]), whole_units(backward[a])
        along[c, 0] = along[c, 1] = LONGEST
        leaving[c, 0] = leaving[c, 1] = arriving[c, 0] = arriving[c, 1] = LONGEST
        if on < LONGEST:
            along[c, 0] = units_along(forward[a], offset_m[c], length_m[a])
            leaving[c, 1] = leg[c] + on - along[c, 0]
            arriving[c, 0] = leg[c] + along[c, 0]
        if back < LONGEST:
            along[c, 1] = units_along(backward[a], offset_m[c], length_m[a])
            leaving[c, 0] = leg[c] + along[c, 1]
            arriving[c, 1] = leg[c] + back - along[c, 1]
    return leaving, arriving, along, leg


@nb.njit(nogil=True, cache=True)
def straight(feet: Feet, foot: int, goals: Feet, goal: int) -> int:
    """Return units of the walk from a foot along its own arc to a goal on it, both legs included.

    ``LONGEST`` or more where the way is closed.
    """
    best = LONGEST
    ahead = goals.along[goal, 0] - feet.along[foot, 0]
    behind = feet.along[foot, 1] - goals.along[goal, 1]
    if ahead >= 0 and goals.along[goal, 0] < LONGEST:
        best = ahead
    if behind >= 0 and feet.along[foot, 1] < LONGEST:
        best = min(best, behind)
    return int(best + feet.leg[foot] + goals.leg[goal])

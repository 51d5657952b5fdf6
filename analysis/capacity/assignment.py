"""Assignment: who is served where when places are limited.

The most demand is served within the limit of walking, and of all ways to do so the one with the
least walking in total: a transportation problem, solved as a minimum-cost maximum flow (Ahuja,
Magnanti and Orlin 1993, Network Flows). People are fractional: demand is an amount, and one home
may be split between facilities, or partly served.

All arithmetic is in whole numbers: demand and capacity in 2⁻²⁰ of a place, walks in the units of
:mod:`analysis.units`. So the optimum is exact. Where several assignments are equally good, the one
that is found first is kept: points come by the walk to their nearest facility, then in their order.
What follows from the optimum alone (who could be served in total, and the walking) is free of that
choice; whom of two homes at the same distance it leaves out is not.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.capacity.within_reach import WithinReach
from analysis.errors import InvalidParameterError
from analysis.kernels.assignment import assign_points
from analysis.kernels.moves import Arcs
from analysis.messages import message
from analysis.units import FloatArray, IdArray, IntArray, freeze, to_units

QUANTA: Final = 1 << 20  # parts of a place (seat, bed, m² …) in which demand and capacity count
_TOP: Final = 1 << 60  # sums of whole numbers stay below


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Assignment:
    """Who is served where; amounts in the unit of capacity (seats, beds, m² …).

    Attributes
    ----------
    demand
        What each point asks for, rounded to 2⁻²⁰, float64 [p].
    served, unserved
        What it gets and what not, float64 [p]; together they are `demand`.
    out_of_reach
        The part of `unserved` that has no facility within the limit at all, float64 [p]; the rest
        finds all places taken.
    capacity, load
        What each facility has, rounded down to 2⁻²⁰, and what is used of it, float64 [f]; by
        position in ``WithinReach.facility``.
    first, position, amount, cost
        The flows: of point *i* rows ``first[i]:first[i + 1]`` int64 [p + 1] with the facility's
        position int32, the amount > 0 and the walk in metres or seconds, float64.
    """

    demand: FloatArray
    served: FloatArray
    unserved: FloatArray
    out_of_reach: FloatArray
    capacity: FloatArray
    load: FloatArray
    first: IdArray
    position: IntArray
    amount: FloatArray
    cost: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for floats in (
            self.demand, self.served, self.unserved, self.out_of_reach, self.capacity, self.load,
            self.amount, self.cost,
        ):  # fmt: skip
            freeze(floats)
        freeze(self.first)
        freeze(self.position)

    def __repr__(self) -> str:
        """Summarise the assignment."""
        return (
            f"Assignment({self.served.sum():,.1f} of {self.demand.sum():,.1f} served, "
            f"capacity {self.capacity.sum():,.1f}, mean walk {self.mean_cost:.0f})"
        )

    @property
    def total_cost(self) -> float:
        """Return the walking of all who are served, amount × metres or seconds."""
        return float(np.dot(self.amount, self.cost))

    @property
    def mean_cost(self) -> float:
        """Return the mean walk of who is served, metres or seconds; nan where nobody is."""
        amount = float(self.amount.sum())
        return self.total_cost / amount if amount > 0 else float("nan")

    @property
    def utilisation(self) -> FloatArray:
        """Return load over capacity, float64 [f], 0…1; nan where there is no capacity."""
        share = np.full(len(self.capacity), np.nan)
        some = self.capacity > 0
        share[some] = self.load[some] / self.capacity[some]
        return share

    def of_first(self, n_points: int) -> "Assignment":
        """Return the same for the first points alone; facilities stay loaded by everybody."""
        if n_points == len(self.demand):
            return self
        flows = int(self.first[n_points])
        return Assignment(
            demand=self.demand[:n_points], served=self.served[:n_points],
            unserved=self.unserved[:n_points], out_of_reach=self.out_of_reach[:n_points],
            capacity=self.capacity, load=self.load, first=self.first[: n_points + 1],
            position=self.position[:flows], amount=self.amount[:flows], cost=self.cost[:flows],
        )  # fmt: skip


def assign(pairs: WithinReach, demand: FloatArray, capacity: FloatArray) -> Assignment:
    """Serve the most demand over `pairs`, then with the least walking.

    Parameters
    ----------
    pairs
        Who may be served where.
    demand
        What each point asks for, in the unit of capacity, float64 [p], finite, ≥ 0.
    capacity
        What each facility of ``pairs.facility`` has, float64 [f], finite, ≥ 0. Facilities without a
        known capacity do not belong here: leave them out of the pairs.

    Raises :class:`InvalidParameterError` for amounts that are negative, not finite, of the wrong
    length, or too large to be counted (from 10¹² in total).
    """
    wanted = _whole(demand, pairs.n_points, np.rint)
    places = _whole(capacity, len(pairs.facility), np.floor)
    arcs = _arcs(pairs)
    served, _ = assign_points(arcs, wanted, places, _order(pairs))
    unserved = served.unserved / QUANTA
    point = arcs.point[served.flow > 0]
    some = np.flatnonzero(served.flow > 0)
    first = np.zeros(pairs.n_points + 1, dtype=np.int64)
    first[1:] = np.cumsum(np.bincount(point, minlength=pairs.n_points))
    return Assignment(
        demand=wanted / QUANTA,
        served=(wanted - served.unserved) / QUANTA,
        unserved=unserved,
        out_of_reach=np.where(pairs.n_facilities == 0, unserved, 0.0),
        capacity=places / QUANTA,
        load=(places - served.room[:-1]) / QUANTA,
        first=first,
        position=pairs.position[some],
        amount=served.flow[some] / QUANTA,
        cost=pairs.cost[some],
    )


def _whole(amount: FloatArray, n: int, rounded: np.ufunc) -> IdArray:
    if len(amount) != n or not np.isfinite(amount).all() or (amount < 0).any():
        raise InvalidParameterError(message("assignment.amounts"))
    if float(amount.sum()) * QUANTA >= _TOP:
        raise InvalidParameterError(message("assignment.too_much"), value=float(amount.sum()))
    whole: IdArray = rounded(amount * QUANTA).astype(np.int64)
    return whole


def _arcs(pairs: WithinReach) -> Arcs:
    n_facilities = len(pairs.facility)
    cost = to_units(pairs.cost)
    # A chain of moves passes each facility once at most; no step costs more than the longest walk.
    without = (n_facilities + 2) * (int(cost.max(initial=0)) + 1)
    if 4 * without >= _TOP:
        raise InvalidParameterError(message("assignment.too_far"), value=float(pairs.cost.max()))
    starts = np.zeros(n_facilities + 1, dtype=np.int64)
    starts[1:] = np.cumsum(np.bincount(pairs.position, minlength=n_facilities))
    by_facility = np.argsort(pairs.position, kind="stable").astype(np.int32)
    # Whatever comes in, the kernel is compiled once.
    first = np.ascontiguousarray(pairs.first, dtype=np.int64)
    position = np.ascontiguousarray(pairs.position, dtype=np.int32)
    return Arcs(first, position, cost, pairs.point, starts, by_facility, without)


def _order(pairs: WithinReach) -> IntArray:
    """Return the points by the walk to their nearest facility, then in their order."""
    nearest = np.full(pairs.n_points, np.inf)
    some = np.flatnonzero(pairs.n_facilities)
    if len(some):
        nearest[some] = np.minimum.reduceat(pairs.cost, pairs.first[some])
    return np.argsort(nearest, kind="stable").astype(np.int32)

"""Amounts: how much of a demand basis each point holds, counted or stood for by stated shares."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.places.demand import Demand
from analysis.standard.profile_rules import Cohorts
from analysis.standard.rules import Basis, Sourced
from analysis.units import FloatArray, freeze

_M2_PER_KM2 = 1e6
_COUNTED: Mapping[Basis, str] = {
    "vehicles": "cars"
}  # where a group of the demand is called otherwise


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Amounts:
    """How much of `basis` each demand point holds.

    Attributes
    ----------
    of_point
        float64 [p], ≥ 0: people, households, cars, or km² of residential land.
    estimated
        Whether it rests on floor area or on a share that stands for a count.
    stands_for
        The share or rate that was used in place of a count; None where it was counted.
    """

    basis: Basis
    of_point: FloatArray
    estimated: bool
    stands_for: Sourced | None = None

    def __post_init__(self) -> None:
        """Freeze the array."""
        freeze(self.of_point)


def amounts(
    demand: Demand, cohorts: Cohorts, basis: Basis, *, like: Demand | None = None
) -> Amounts | None:
    """Return how much of `basis` each point holds; None where nothing tells.

    A column of the planner's table counts; else residents or households times the profile's share.
    An area, and stock to be renewed, belong to no point: None. `like` is the demand whose columns
    tell whether a group was counted, so that two of one source are measured alike.
    """
    like = demand if like is None else like
    guessed = bool(demand.people_estimated[demand.people > 0].any())
    if basis == "population":
        return Amounts(basis=basis, of_point=demand.people.copy(), estimated=guessed)
    if basis == "residential_land":
        land_km2 = demand.land_m2 / _M2_PER_KM2
        return Amounts(basis=basis, of_point=land_km2, estimated=False)
    column = _COUNTED.get(basis, basis)
    counted, told = demand.groups.get(column), like.groups.get(column)
    if counted is not None and told is not None and told.sum() > 0:
        return Amounts(basis=basis, of_point=counted.copy(), estimated=False)
    if basis == "households":
        return _households(demand, cohorts, like, estimated=guessed)
    of: Basis = "households" if basis == "ebikes" else "population"
    rates = {"ebikes": cohorts.ebikes_per_1000, "vehicles": cohorts.vehicles_per_1000}
    per = 1000.0 if basis in rates else 1.0
    rate = rates.get(basis, cohorts.share.get(basis))
    return _by_rate(basis, amounts(demand, cohorts, of, like=like), rate, per)


def _households(
    demand: Demand, cohorts: Cohorts, like: Demand, *, estimated: bool
) -> Amounts | None:
    if like.households.sum() > 0:
        return Amounts(basis="households", of_point=demand.households.copy(), estimated=estimated)
    size = cohorts.household_size
    if size is None or size.value <= 0:
        return None
    return Amounts(
        basis="households", of_point=demand.people / size.value, estimated=True, stands_for=size
    )


def _by_rate(basis: Basis, of: Amounts | None, rate: Sourced | None, per: float) -> Amounts | None:
    if of is None or rate is None:
        return None
    each = np.asarray(of.of_point * (rate.value / per), dtype=np.float64)
    return Amounts(basis=basis, of_point=each, estimated=True, stands_for=rate)

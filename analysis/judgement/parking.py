"""Parking: spaces against cars, and who lacks one of their own (停车位供需).

The norm is for all spaces. Compounds have their own, which no map and no register of car parks
shows: without a column of them, public spaces alone can prove that there is enough, never a lack.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from analysis.judgement.scale_figures import ScaleFigures
from analysis.messages import Joined, Message, message
from analysis.places.demand import Demand
from analysis.standard.figures import Answer, Known, Unknown
from analysis.standard.rules import ScaleRule, Target
from analysis.standard.verdicts import DimensionVerdict
from analysis.units import BoolArray, FloatArray

OWN_SPACES: Final = "own_spaces"  # groups of the demand: a compound's own spaces, and its cars
_CARS: Final = "cars"
SHORT_OF_SPACES: Final = "population_short_of_spaces"


def own_spaces(demand: Demand) -> FloatArray | None:
    """Return the compounds' own spaces by point, float64 [p]; None where no table holds them."""
    own = demand.groups.get(OWN_SPACES)
    return None if own is None or own.sum() <= 0 else own


def people_short_of_spaces(demand: Demand) -> FloatArray | None:
    """Return the residents whose cars find no space of their own, float64 [p].

    A point's residents in proportion to its cars beyond its own spaces. None where no table holds
    both spaces and cars: then all residents stand for them.
    """
    own, cars = own_spaces(demand), demand.groups.get(_CARS)
    if own is None or cars is None or cars.sum() <= 0:
        return None
    lacking = np.maximum(cars - own, 0.0)
    share = np.divide(lacking, cars, out=np.zeros(len(demand)), where=cars > 0)
    return np.asarray(demand.people * share, dtype=np.float64)


def with_own_spaces(figures: ScaleFigures, demand: Demand, here: BoolArray) -> ScaleFigures:
    """Add the own spaces of the compounds `here` (bool [p]); unknown, they may be any number."""
    own = own_spaces(demand)
    if own is None:
        return replace(figures, most=float("inf"))
    spaces = float(own[here].sum())
    return replace(
        figures,
        supply=figures.supply + spaces,
        least=figures.least + spaces,
        most=figures.most + spaces,
    )


def own_unknown(verdict: DimensionVerdict, figures: ScaleFigures) -> DimensionVerdict:
    """Say of a scale that stays open that own spaces are what is lacking to judge it."""
    why_not = message("parking.own_unknown", spaces=figures.supply, need=figures.need)
    shown = tuple(replace(one, why_not=why_not) for one in verdict.figures)
    return replace(verdict, reason=why_not, figures=shown)


def coverage_notes(demand: Demand) -> list[Message]:
    """Return what a reader has to know of the residents that coverage counts."""
    known = people_short_of_spaces(demand) is not None
    return [] if known else [message("parking.all_residents")]


def shortage(
    rule: ScaleRule, figures: ScaleFigures, target: Target, columns: tuple[str, ...]
) -> Answer:
    """Return what is lacking to the norm in a scope, in the unit of scale, not below 0.

    Where some sizes are unknown, it is the most that may be lacking, and it is judged only where
    the least that may be lacking has the same verdict; else `columns` are named.
    """
    if figures.need <= 0:
        return Unknown(why_not=message("scale.no_demand", basis=message(f"basis.{rule.basis}")))
    known = figures.facilities - figures.unknown
    most = max(figures.need - figures.least, 0.0)
    least = max(figures.need - figures.most, 0.0)
    settled = target.holds(most) == target.holds(least)
    note = None
    if not settled:
        note = message("parking.shortage_between", least=least, most=most, columns=Joined(columns))
    return Known(
        value=most,
        known_share=known / figures.facilities if figures.facilities else 1.0,
        basis=message("parking.basis", need=figures.need, unit=message(f"unit.{rule.unit}")),
        estimated=figures.estimated or least < most,
        judged=settled,
        note=note,
    )

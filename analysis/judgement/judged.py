"""What a circle's quality is judged by: facilities that count, and what surrounds them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from analysis.places.facilities import Facilities
from analysis.standard.figures import Answer
from analysis.standard.rules import Basis
from analysis.units import IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a circle's quality needs besides its facilities' own attributes.

    Attributes
    ----------
    measured
        By metric id: ``choice``, ``near_element``, ``slope``, ``crossing``, ``tiers`` and all else
        that is worked out from walks.
    demand
        What the circle holds of each basis, for ``per_demand``; without a basis that nobody knows.
    demand_estimated
        The bases of `demand` that rest on defaults.
    """

    measured: Mapping[str, Answer] = field(default_factory=dict)
    demand: Mapping[Basis, float] = field(default_factory=dict)
    demand_estimated: frozenset[Basis] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """The facilities that a circle's quality is judged by: `rows` int32 [r], ascending.

    `inside` is False where the circle has none and its residents go to facilities outside.
    """

    facilities: Facilities
    rows: IntArray
    inside: bool


def judged_facilities(facilities: Facilities, inside: IntArray, in_reach: IntArray) -> Judged:
    """Return those that count inside a circle, else those outside that its residents reach.

    `inside` and `in_reach` are rows of one element that count, int32 in any order.
    """
    rows = np.unique(inside if len(inside) else in_reach).astype(np.int32)
    return Judged(facilities=facilities, rows=rows, inside=bool(len(inside)))

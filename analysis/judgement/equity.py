"""Equity: the same coverage by group of residents, and who walks farthest."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.judgement.coverage import Measured
from analysis.judgement.efficiency import walk_p95
from analysis.messages import Message, message
from analysis.places.scope import Scope
from analysis.standard.figures import Known
from analysis.units import BoolArray, FloatArray

EVERYBODY: Final = "population"
GROUPS: Final = ("population_60plus", "population_0_2", "population_3_5", "population_6_11")
_FAR, _NEAR = 0.1, 0.4  # Palma: the farthest tenth beside the nearest four tenths


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupReach:
    """One element as one group of residents of a circle reaches it.

    Attributes
    ----------
    group
        ``population`` for all residents, else a group that the planner's table counts.
    people
        How many they are.
    covered_share
        Of them within the walk, 0…1; nan where there are none.
    walk_p95_m
        The walk that 95 of 100 of them stay within; inf beyond the search.
    palma
        Metres walked by the tenth that walks farthest over those by the four tenths that walk
        least; 0.25 where all walk alike. inf where the nearest walk nothing or the farthest have
        none; nan without people.
    """

    circle_id: str
    element_id: str
    group: str
    people: float
    covered_share: float
    walk_p95_m: float
    palma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Equity:
    """By circle, element and group; `unknown` names groups that no table counts."""

    rows: tuple[GroupReach, ...]
    unknown: tuple[str, ...]
    note: Message | None


def equity(measured: Measured, scopes: tuple[Scope, ...], wanted: tuple[str, ...]) -> Equity:
    """Compare all residents with each group of `wanted` that the demand counts.

    A group that is a fixed share of the residents everywhere would repeat their figures: it is
    listed as unknown instead, with the column that would settle it.
    """
    demand = measured.demand
    groups = {EVERYBODY: demand.people}
    groups |= {
        name: demand.groups[name]
        for name in wanted
        if name in demand.groups and demand.groups[name].sum() > 0
    }
    unknown = tuple(name for name in wanted if name not in groups)
    rows = [
        _reach(measured, scope, element.id, name, people)
        for scope in scopes
        for element in measured.standard.walked
        for name, people in groups.items()
    ]
    note = None
    if unknown:
        note = message("equity.unknown", groups=", ".join(unknown))
    return Equity(rows=tuple(rows), unknown=unknown, note=note)


def palma(walk_m: FloatArray, people: FloatArray) -> float:
    """Return the Palma ratio of walks, weighted by people; see :class:`GroupReach`.

    After Palma (2011), with metres walked in place of income.
    """
    lived = people > 0
    if not lived.any():
        return float("nan")
    order = np.argsort(walk_m[lived], kind="stable")
    walk, weight = walk_m[lived][order], people[lived][order]
    share = np.cumsum(weight) / weight.sum()
    before = share - weight / weight.sum()
    near = np.clip(np.minimum(share, _NEAR) - before, 0.0, None)
    far = np.clip(share - np.maximum(before, 1.0 - _FAR), 0.0, None)
    least = float((walk[near > 0] * near[near > 0]).sum())
    most = float((walk[far > 0] * far[far > 0]).sum())
    if least <= 0 or not np.isfinite(most):
        return float("inf")
    return most / least


def _reach(
    measured: Measured, scope: Scope, element_id: str, group: str, people: FloatArray
) -> GroupReach:
    reach = measured.reach
    column = reach.column(element_id)
    here: BoolArray = scope.here
    whole = float(people[here].sum())
    far = walk_p95(reach.walk_m[:, column], people, here)
    return GroupReach(
        circle_id=scope.circle_id,
        element_id=element_id,
        group=group,
        people=whole,
        covered_share=(
            float(people[here & reach.covered[:, column]].sum()) / whole
            if whole > 0
            else float("nan")
        ),
        walk_p95_m=far.value if isinstance(far, Known) else float("nan"),
        palma=palma(reach.walk_m[here, column], people[here]),
    )

"""Equity: the same coverage by group of residents, and who walks farthest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.judgement.coverage import Measured
from analysis.judgement.efficiency import quantile
from analysis.messages import Joined, Message, message
from analysis.places.circles import ALL_CIRCLES
from analysis.places.scope import Scope
from analysis.reach.table import Reach
from analysis.units import BoolArray, FloatArray
from analysis.walking import WalkerName

EVERYBODY: Final = "population"
GROUPS: Final = ("population_60plus", "population_0_2", "population_3_5", "population_6_11")
# Who walks in a study that judges by group; the youngest are carried or led by an adult.
GROUP_WALKERS: Final[Mapping[str, WalkerName]] = {
    "population_60plus": "older_adult",
    "population_6_11": "child",
}
_SAME_SHARE: Final = 1e-6  # relative: what is left of rounding where a share was multiplied out
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
    walker
        Who walks for them, where the study lets the group walk as it does; None: who judges the
        element.
    by_fixed_share
        Whether they are the same share of residents at every point of the circle. But for the
        walker, their figures then equal everybody's by construction, and tell nothing.
    walk_p95_m, walk_p95_s
        The walk that 95 of 100 of them stay within, metres and seconds; inf beyond the search.
    palma
        Metres walked by the tenth that walks farthest over those by the four tenths that walk
        least; 0.25 where all walk alike. inf where the nearest walk nothing or the farthest have
        none; nan without people.
    """

    circle_id: str
    element_id: str
    group: str
    walker: WalkerName | None
    by_fixed_share: bool
    people: float
    covered_share: float
    walk_p95_m: float
    walk_p95_s: float
    palma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Equity:
    """By circle, element and group; `unknown` names groups that no table counts.

    `note` says so, `fixed_note` in which groups nothing but the walker differs from everybody.
    """

    rows: tuple[GroupReach, ...]
    unknown: tuple[str, ...]
    note: Message | None
    fixed_note: Message | None


def equity(
    measured: Measured,
    scopes: tuple[Scope, ...],
    wanted: tuple[str, ...],
    own_reach: Mapping[str, Reach] | None = None,
) -> Equity:
    """Compare all residents with each group of `wanted` that the demand counts.

    `own_reach` by group: the reach table on the walks of the group's own walker; groups without one
    walk as the element is judged.
    """
    demand, own = measured.demand, own_reach or {}
    groups = {EVERYBODY: demand.people}
    groups |= {
        name: demand.groups[name]
        for name in wanted
        if name in demand.groups and demand.groups[name].sum() > 0
    }
    unknown = tuple(name for name in wanted if name not in groups)
    rows: list[GroupReach] = []
    fixed_groups: set[str] = set()
    for scope in scopes:
        fixed = {name for name in groups if is_fixed_share(groups[name], demand.people, scope.here)}
        fixed -= {EVERYBODY}
        fixed_groups |= fixed
        rows += [
            _reach(measured, own, scope, element.id, name, people, fixed=name in fixed)
            for element in measured.standard.walked
            for name, people in groups.items()
        ]
    return Equity(
        rows=tuple(rows),
        unknown=unknown,
        note=message("equity.unknown", groups=", ".join(unknown)) if unknown else None,
        fixed_note=_fixed_note(rows, fixed_groups),
    )


def is_fixed_share(group: FloatArray, people: FloatArray, here: BoolArray) -> bool:
    """Return whether `group` is one share of `people` at every point `here`, and is anybody."""
    if not group[here].sum() > 0 or (group[here & ~(people > 0)] > 0).any():
        return False
    share = group[here & (people > 0)] / people[here & (people > 0)]
    return bool(np.ptp(share) <= _SAME_SHARE * share.max())


def _fixed_note(rows: list[GroupReach], groups: set[str]) -> Message | None:
    """Say which groups are a fixed share, and in which circles."""
    if not groups:
        return None
    where = dict.fromkeys(row.circle_id for row in rows if row.by_fixed_share)
    everywhere = message("outputs.all_circles")
    return message(
        "equity.fixed_share",
        groups=Joined(tuple(message(f"basis.{one}") for one in GROUPS if one in groups)),
        circles=Joined(tuple(everywhere if one == ALL_CIRCLES else one for one in where)),
    )


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
    measured: Measured,
    own: Mapping[str, Reach],
    scope: Scope,
    element_id: str,
    group: str,
    people: FloatArray,
    *,
    fixed: bool,
) -> GroupReach:
    reach = own.get(group, measured.reach)
    column = reach.column(element_id)
    here: BoolArray = scope.here
    whole = float(people[here].sum())
    covered = float(people[here & reach.covered[:, column]].sum())
    return GroupReach(
        circle_id=scope.circle_id,
        element_id=element_id,
        group=group,
        walker=GROUP_WALKERS[group] if group in own else None,
        by_fixed_share=fixed,
        people=whole,
        covered_share=covered / whole if whole > 0 else float("nan"),
        walk_p95_m=_p95(reach.walk_m[:, column], people, here),
        walk_p95_s=_p95(reach.walk_s[:, column], people, here),
        palma=palma(reach.walk_m[here, column], people[here]),
    )


def _p95(walk: FloatArray, people: FloatArray, here: BoolArray) -> float:
    return quantile(walk, people, here)

"""Demand edits: new homes in a scenario."""

from collections.abc import Sequence
from math import isnan
from typing import Final

import numpy as np

from analysis.places.circles import Circles
from analysis.places.demand import Demand
from analysis.scenario.modifications import AddHousing
from analysis.units import FloatArray, IntArray

HOMES_ADDED: Final = "scenario:"  # point ids of new homes begin with this


def edited_demand(
    demand: Demand, beyond: Demand, edits: Sequence[AddHousing], circles: Circles
) -> tuple[Demand, Demand]:
    """Return `demand` and the demand `beyond` all circles, each with its new homes at the end.

    Homes outside every circle are judged nowhere; their residents share what serves those inside.
    What is not stated of new homes is as among the residents of `demand`.
    """
    if not edits:
        return demand, beyond
    xy_m = np.array([one.xy_m for one in edits], dtype=np.float64).reshape(-1, 2)
    circle = circles.locate(xy_m)
    inside = [row for row in range(len(edits)) if circle[row] >= 0]
    outside = [row for row in range(len(edits)) if circle[row] < 0 and edits[row].people > 0]
    groups = tuple(demand.groups)
    return (
        _with_homes(demand, demand, [edits[row] for row in inside], circle[inside], groups),
        _with_homes(
            beyond, demand, [edits[row] for row in outside], circle[outside],
            tuple(beyond.groups) if len(beyond) else groups,
        ),
    )  # fmt: skip


def _with_homes(
    demand: Demand,
    like: Demand,
    added: Sequence[AddHousing],
    circle: IntArray,
    groups: tuple[str, ...],
) -> Demand:
    """Return `demand` with homes after all other points, their shares those of `like`."""
    if not added:
        return demand
    n, total = len(added), float(like.people.sum())
    people = np.array([one.people for one in added], dtype=np.float64)
    per_household = _ratio(total, float(like.households.sum()))
    households = np.array(
        [
            _ratio(one.people, per_household) if isnan(one.households) else one.households
            for one in added
        ]
    )
    before = np.empty(0)

    def of_group(name: str) -> FloatArray:
        share = _ratio(float(like.groups[name].sum()), total) if name in like.groups else 0.0
        fresh = [one.groups.get(name, one.people * share) for one in added]
        return np.concatenate([demand.groups.get(name, before), fresh])

    return Demand(
        point_id=(*demand.point_id, *(f"{HOMES_ADDED}{one.id}" for one in added)),
        xy_m=np.concatenate([demand.xy_m, [one.xy_m for one in added]]),
        is_building=np.concatenate([demand.is_building, np.ones(n, dtype=bool)]),
        people=np.concatenate([demand.people, people]),
        people_estimated=np.concatenate([demand.people_estimated, np.zeros(n, dtype=bool)]),
        households=np.concatenate([demand.households, households]),
        groups={name: of_group(name) for name in groups},
        land_m2=np.concatenate([demand.land_m2, np.zeros(n)]),
        circle=np.concatenate([demand.circle, circle]).astype(np.int32),
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0

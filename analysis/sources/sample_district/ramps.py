"""Ramps: facilities that only steps lead into, so that one quarter is left without another."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.sources.sample_district.frame import Point, warp
from analysis.sources.sample_district.layout import OLD_TOWN
from analysis.sources.sample_district.services import SERVICES
from analysis.sources.sample_district.siting import Ground

if TYPE_CHECKING:
    from analysis.sources.sample_district.facilities import Facility

HILL_ELEMENT = "elderly_day_care_station"
HILL_M = 330.0
EVERY = 6
# Whoever an engine may find within the walk must have another well within it.
FAR, NEAR = 1.15, 0.85


def with_steps(
    ground: Ground, facilities: Sequence["Facility"], top: Point | None
) -> list["Facility"]:
    """Put steps before the stations on the hill around `top`, and before some others.

    The others stand where everybody who reaches them reaches one without steps.
    """
    found = list(facilities)
    for k, facility in enumerate(found):
        if facility.element == HILL_ELEMENT and top is not None and facility.circle == OLD_TOWN:
            away = warp(np.array([facility.point, top]))
            if np.hypot(*(away[0] - away[1])) <= HILL_M:
                found[k] = replace(facility, steps_only=True, note="入口只有台阶")
    for service in SERVICES:
        mine = [k for k, one in enumerate(found) if one.element == service.element]
        for k in mine[::EVERY]:
            if not found[k].steps_only and _has_others(ground, found, k, mine, service.threshold_m):
                found[k] = replace(found[k], steps_only=True)
    return found


def only_steps(ground: Ground, facilities: Sequence["Facility"]) -> NDArray[np.bool_]:
    """Return the buildings whose day-care stations all have steps, ``(buildings,)``."""
    threshold_m = next(s.threshold_m for s in SERVICES if s.element == HILL_ELEMENT)
    open_ones = [f for f in facilities if f.element == HILL_ELEMENT and f.site >= 0]
    level = [f.site for f in open_ones if not f.steps_only]
    near = ground.reach_m[level] <= FAR * threshold_m
    return np.asarray(~near.any(axis=0), dtype=np.bool_)


def _has_others(
    ground: Ground, found: Sequence["Facility"], k: int, mine: Sequence[int], threshold_m: float
) -> bool:
    served = ground.reach_m[found[k].site] <= FAR * threshold_m
    level = [found[i].site for i in mine if i != k and not found[i].steps_only]
    near = np.asarray(ground.reach_m[level] <= NEAR * threshold_m, dtype=np.bool_)
    return bool(near[:, served].any(axis=0).all())

"""Gap kinds: whom each kind of gap concerns, element by element, as masks of demand points.

*missing* (coverage): no facility within the walk. *inconvenient* (efficiency): one within the walk,
but by a long way round. *poor* (quality): facilities within the walk, all of them known to fail.
*insufficient* (scale) concerns all residents of a circle and needs no mask.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from analysis.judgement.coverage import Measured
from analysis.judgement.efficiency import MIN_STRAIGHT_M, straight_m
from analysis.places.attributes import read
from analysis.standard.profile import Element
from analysis.standard.verdicts import Dimension
from analysis.units import BoolArray, FloatArray, quantised

GapKind = Literal["missing", "insufficient", "inconvenient", "poor"]
GAP_KINDS: Final[tuple[GapKind, ...]] = ("missing", "insufficient", "inconvenient", "poor")
DIMENSION_OF: Final[Mapping[GapKind, Dimension]] = {
    "missing": "coverage", "insufficient": "scale", "inconvenient": "efficiency", "poor": "quality",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detours:
    """Who goes a long way round: `chosen` bool [p], `straight_m` float64 [p] (nan: nowhere)."""

    chosen: BoolArray
    straight_m: FloatArray


def missing(measured: Measured, element: Element) -> BoolArray:
    """Return the points that no reach rule covers, bool [p]."""
    uncovered: BoolArray = ~measured.reach.covered[:, measured.reach.column(element.id)]
    return uncovered


def inconvenient(measured: Measured, element: Element) -> Detours:
    """Return who is covered, but walks much further than the straight line to the same facility.

    Both must hold: at least `detour` times the straight line, and at least `longer_by_m` metres
    more than it. Straight lines up to 50 m say nothing of detours and are left out.
    """
    reach, rules = measured.reach, measured.standard.gap_rules
    column = reach.column(element.id)
    apart_m = straight_m(measured.demand.xy_m, reach.nearest[:, column], measured.facilities)
    walk_m = reach.walk_m[:, column]
    chosen: BoolArray = (
        reach.covered[:, column]
        & (apart_m > MIN_STRAIGHT_M)
        & (walk_m >= rules.detour.value * apart_m)
        & (walk_m - apart_m >= rules.longer_by_m.value)
    )
    return Detours(chosen=chosen, straight_m=apart_m)


def poor_attributes(measured: Measured, element: Element) -> tuple[str, ...]:
    """Return the attributes that decide *poor* and that a quality metric of the element reads."""
    asked = {one.metric.attribute for one in element.quality}
    return tuple(one for one in measured.standard.gap_rules.poor_attributes if one in asked)


def poor(measured: Measured, element: Element) -> BoolArray:
    """Return who has facilities within the walk, all of them known to fail, bool [p].

    A facility fails that is known to be without one of :func:`poor_attributes`; one of which
    nothing is known does not, so that silence never makes a gap. Whoever is covered by what stands
    in for the element is not concerned.
    """
    n_points = len(measured.demand)
    load, names = measured.loads.get(element.id), poor_attributes(measured, element)
    if load is None or not names:
        return np.zeros(n_points, dtype=bool)
    row = load.supply.row.astype(np.int32)
    fails = np.zeros(len(row), dtype=bool)
    for name in names:
        attribute = measured.standard.attributes[name]
        fails |= read(attribute, measured.facilities, row).value == 0.0
    within = np.bincount(load.reach.point, minlength=n_points)
    failing = np.bincount(load.reach.point, fails[load.reach.position], n_points)
    concerned: BoolArray = (within > 0) & (failing == within)
    return concerned & ~_stood_in(measured, element)


def _stood_in(measured: Measured, element: Element) -> BoolArray:
    """Return who has another element's facility that may serve in its place, bool [p]."""
    reach = measured.reach
    limit = float(reach.threshold[reach.column(element.id)])
    found = np.zeros(len(measured.demand), dtype=bool)
    for rule in element.reach_rules:
        load = measured.loads.get(rule.element_id)
        if rule.element_id == element.id or load is None:
            continue
        own = quantised(np.array(limit * (rule.threshold_m / element.threshold_m)))
        found[load.reach.point[load.reach.cost <= own]] = True
    return found

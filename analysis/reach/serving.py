"""Serving: which facilities count for which rule of an element, and how far each rule reaches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.places.facilities import Facilities
from analysis.standard.profile import SEARCH_FACTOR, Element, ReachRule, ServiceStandard
from analysis.units import UNITS, BoolArray, FloatArray, IntArray, seconds
from analysis.walking import WalkProfile

Criterion = Literal["metres", "minutes"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RuleSearch:
    """One rule of the element in `column`: `serving` bool [k] facilities, decided at `limit`.

    It `counts` for coverage and the nearest, or decides what is `sure` without ambiguous
    facilities, or both. Metrics are held against walks up to `asked`. Metres under the criterion
    *metres*, seconds under *minutes*.
    """

    column: int
    serving: BoolArray
    limit: float
    asked: float
    counts: bool
    sure: bool

    @property
    def search(self) -> float:
        """Return how far to look: what only decides needs no more than its limit."""
        return max(SEARCH_FACTOR * self.limit, self.asked) if self.counts else self.limit


def rule_searches(
    standard: ServiceStandard,
    facilities: Facilities,
    profile: WalkProfile,
    criterion: Criterion,
    elements: Sequence[Element],
) -> list[RuleSearch]:
    """Return what has to be searched for walked `elements` of `standard`, in their order."""
    counting = counted(facilities, standard)
    searches = []
    for column, element in enumerate(elements):
        asked = _asked(element, profile, criterion)
        for rule in element.reach_rules:
            limit = rule_limit(rule, element, profile, criterion)
            serving = _serving(rule, facilities) & counting
            sure = serving & ~facilities.ambiguous
            all_sure = np.array_equal(sure, serving)
            searches.append(
                RuleSearch(
                    column=column,
                    serving=serving,
                    limit=limit,
                    asked=asked,
                    counts=True,
                    sure=all_sure,
                )
            )
            if not all_sure:
                searches.append(
                    RuleSearch(
                        column=column,
                        serving=sure,
                        limit=limit,
                        asked=asked,
                        counts=False,
                        sure=True,
                    )
                )
    return searches


def counted(facilities: Facilities, standard: ServiceStandard) -> BoolArray:
    """Return which facilities count in a baseline, bool [k].

    Neither closed nor under construction; an ambiguous one only where the profile lets it.
    """
    lets = {element.id: element.osm.ambiguous_counts for element in standard.elements}
    may = np.array([lets.get(one, True) for one in facilities.element_id], dtype=bool)
    return facilities.counts_now & (may | ~facilities.ambiguous)


def rule_limit(
    rule: ReachRule, element: Element, profile: WalkProfile, criterion: Criterion
) -> float:
    """Return what decides `rule`: metres under *metres*, seconds under *minutes*.

    Metres are the standard's own, whoever walks. Seconds are the element's minutes; a rule with a
    shorter radius keeps its proportion to the element's. An element without minutes keeps its
    metres: the seconds that they take `profile` on the level.
    """
    if criterion == "metres":
        return rule.threshold_m
    if element.minutes is None or element.threshold is None:
        return rule.threshold_m / profile.speed_m_s
    return seconds(element.minutes) * (rule.threshold_m / element.threshold.value)


def element_limit(element: Element, profile: WalkProfile, criterion: Criterion) -> float:
    """Return the largest limit of an element's rules, metres or seconds as :func:`rule_limit`."""
    return max(
        (rule_limit(rule, element, profile, criterion) for rule in element.reach_rules),
        default=0.0,
    )


def search_limit(element: Element, profile: WalkProfile, criterion: Criterion) -> float:
    """Return how far its facilities are looked for, metres or seconds as :func:`rule_limit`.

    Twice the largest limit, and at least as far as its metrics ask.
    """
    limit = element_limit(element, profile, criterion)
    return max(SEARCH_FACTOR * limit, _asked(element, profile, criterion))


def _asked(element: Element, profile: WalkProfile, criterion: Criterion) -> float:
    """Return the largest walk that metrics are held against: metres, or seconds on the level."""
    asked_m = element.farthest_target_m
    if criterion == "metres" or asked_m <= 0:
        return asked_m
    return asked_m / profile.speed_m_s + 1.0 / UNITS  # lest rounding stop short of it


def facility_limits(
    element: Element,
    facilities: Facilities,
    rows: IntArray,
    profile: WalkProfile,
    criterion: Criterion,
) -> FloatArray:
    """Return how far each facility of `element` itself serves, float64 [r], as :func:`rule_limit`.

    The largest limit of the rules that its size satisfies; 0 where it satisfies none.
    """
    limits = np.zeros(len(rows))
    for rule in element.reach_rules:
        if rule.element_id == element.id:
            sized = is_sized(rule, facilities.area_m2[rows])
            limit = rule_limit(rule, element, profile, criterion)
            limits = np.where(sized, np.maximum(limits, limit), limits)
    return limits


def _serving(rule: ReachRule, facilities: Facilities) -> BoolArray:
    is_element = np.zeros(len(facilities), dtype=bool)
    is_element[facilities.of_element(rule.element_id)] = True
    return is_element & is_sized(rule, facilities.area_m2)


def is_sized(rule: ReachRule, area_m2: FloatArray) -> BoolArray:
    """Return which areas (float64, nan: unknown) are of the size that `rule` asks for."""
    unknown = np.isnan(area_m2)
    known_m2 = np.where(unknown, 0.0, area_m2)
    sized: BoolArray = (known_m2 >= rule.min_area_m2) & (known_m2 < rule.below_area_m2)
    return np.where(unknown, rule.min_area_m2 <= 0, sized)

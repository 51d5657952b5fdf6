"""ElementRoutes: what residents meet on their way, and what stands near facilities."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from analysis.places.facilities import Facilities
from analysis.reach.approach import Approach, approaches
from analysis.reach.choices import near_elements
from analysis.reach.serving import search_limit
from analysis.reach.study_walks import StudyWalks, facility_of_entrance
from analysis.standard.profile import Element, ServiceStandard
from analysis.standard.rules import Measure
from analysis.units import BoolArray
from analysis.walks.hierarchy import Hierarchy
from analysis.walks.travel_time import TargetGroup

_ON_THE_WAY: Final[tuple[Measure, ...]] = ("slope", "crossing")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ElementRoutes:
    """What the metrics of walks and surroundings rest on; only what some metric asks for.

    `approach` by element: the walk of each point to its nearest. `near` by element, the other
    element and metres: which facilities have one of the other within so many metres, bool [k].
    """

    approach: Mapping[str, Approach] = field(default_factory=dict)
    near: Mapping[tuple[str, str, float], BoolArray] = field(default_factory=dict)


def measure_routes(
    *,
    standard: ServiceStandard,
    facilities: Facilities,
    counting: BoolArray,
    walks: StudyWalks,
    metres: Hierarchy,
) -> ElementRoutes:
    """Measure what the metrics of the elements judged by `walks` ask for.

    `metres` is the network in metres.
    """
    return ElementRoutes(
        approach=_approaches(standard, facilities, counting, walks),
        near=_near(standard, facilities, counting, walks, metres),
    )


def _approaches(
    standard: ServiceStandard, facilities: Facilities, counting: BoolArray, walks: StudyWalks
) -> Mapping[str, Approach]:
    elements = [one for one in walks.judged(standard) if _asks(one)]
    rank = facility_of_entrance(facilities)
    groups = []
    for element in elements:
        serving = np.zeros(len(facilities), dtype=bool)
        for element_id in {rule.element_id for rule in element.reach_rules}:
            serving[facilities.of_element(element_id)] = True
        limit = search_limit(element, walks.profile, walks.criterion)
        groups.append(TargetGroup(chosen=(serving & counting)[rank], limit=limit))
    if not groups:
        return {}
    found = approaches(
        walks.graph, walks.points, walks.entrances, target_rank=rank, groups=groups,
        hierarchy=walks.hierarchy,
    )  # fmt: skip
    return {element.id: one for element, one in zip(elements, found, strict=True)}


def _near(
    standard: ServiceStandard,
    facilities: Facilities,
    counting: BoolArray,
    walks: StudyWalks,
    metres: Hierarchy,
) -> Mapping[tuple[str, str, float], BoolArray]:
    asked = sorted(
        {
            (element.id, rule.metric.element_id, rule.metric.within_m)
            for element in walks.judged(standard)
            for rule in (*element.efficiency, *element.quality)
            if rule.metric.element_id is not None and rule.metric.within_m is not None
        }
    )
    if not asked:
        return {}
    wanted = sorted({(other, within_m) for _, other, within_m in asked})
    near = near_elements(
        metres.graph, walks.entrances, facilities, counting, wanted, hierarchy=metres
    )
    return {one: near[:, wanted.index(one[1:])] for one in asked}


def _asks(element: Element) -> bool:
    rules = (*element.efficiency, *element.quality)
    return any(rule.metric.measure in _ON_THE_WAY for rule in rules)

"""Path or building: for one gap the best missing link beside the best new facility, with costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.gaps.listing import Gap
from analysis.linking.linkage import picked_links
from analysis.messages import Message, Spoken, message
from analysis.plan.builds import Build, Cost, cost_of, smallest
from analysis.plan.link_aims import Aim, aims_of
from analysis.plan.link_parameters import LinkParameters
from analysis.plan.link_proposal import LinkProposal
from analysis.plan.link_words import cost_text, within_text
from analysis.plan.links import find_links
from analysis.reach.serving import is_sized, rule_limit
from analysis.scenario.evaluation import WhatIf
from analysis.scenario.modifications import XY, AddFacility
from analysis.scenario.scenario import Scenario
from analysis.study import Study
from analysis.units import FloatArray, GeometryArray, IntArray
from analysis.walks.catchment import CatchmentTargets, catchments

_MOST_SITES: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NewFacility:
    """The smallest facility that may be built, where it helps most people of one gap.

    It stands at the home of the gap from which most of its people come near enough, a place to
    compare with and no site: whether there is land, and whether it may be built there, is asked
    where sites are chosen. `people` are residents of the gap whom it helps, exactly as the scenario
    with it shows.
    """

    element_id: str
    xy_m: XY
    build: Build
    cost: Cost
    people: float
    text: Message

    @property
    def facility(self) -> AddFacility:
        """Return the edit that builds it."""
        return _facility(self.element_id, self.xy_m, self.build)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PathOrBuilding:
    """Two answers to one gap; `link` None where no link helps, `building` where nothing does."""

    gap_id: str
    link: LinkProposal | None
    building: NewFacility | None
    text: Message


def path_or_building(
    study: Study,
    what_if: WhatIf,
    gap: Gap,
    parameters: LinkParameters | None = None,
    *,
    links: Sequence[LinkProposal] | None = None,
    footprints: GeometryArray | None = None,
) -> PathOrBuilding | None:
    """Return the best link and the best new facility for one missing or inconvenient gap.

    None for gaps of other kinds: neither is what they lack. `links` are proposals for this gap and
    others, where they are at hand (:func:`~analysis.plan.links.find_links`).
    """
    aims = aims_of(study, [gap])
    if not aims:
        return None
    (aim,) = aims
    if links is None:
        links = find_links(study, what_if, [gap], parameters, footprints=footprints)
    link = next((one for one in links if gap.gap_id in one.gap_people), None)
    building = _new_facility(study, what_if, aim)
    said: Spoken = message("link.none") if link is None else link.text
    beside: Spoken = (
        message("build.none", element=aim.element.name) if building is None else building.text
    )
    return PathOrBuilding(
        gap_id=gap.gap_id,
        link=link,
        building=building,
        text=message("path_or_building", link=said, building=beside),
    )


def _new_facility(study: Study, what_if: WhatIf, aim: Aim) -> NewFacility | None:
    build = smallest(aim.element)
    limit = max(
        (
            rule_limit(rule, aim.element, aim.walks.profile, aim.criterion)
            for rule in aim.element.reach_rules
            if rule.element_id == aim.element.id
            and bool(is_sized(rule, np.array([build.area_m2]))[0])
        ),
        default=0.0,
    )
    site = _best_site(study, aim, limit)
    if site is None:
        return None
    x_m, y_m = study.inputs.demand.xy_m[site].tolist()
    edit = _facility(aim.element.id, (x_m, y_m), build)
    reach = what_if.reach(Scenario(title="", modifications=(edit,))).reach
    residents = study.inputs.demand.people[aim.point]
    people = float(residents[aim.helped(study, reach)].sum())
    cost = cost_of(aim.element, "new", build)
    return NewFacility(
        element_id=aim.element.id,
        xy_m=(x_m, y_m),
        build=build,
        cost=cost,
        people=people,
        text=message(
            "build.new" if aim.from_limit else "build.new.straightens",
            element=aim.element.name,
            people=people,
            within=within_text(study.reach, aim.element),
            cost=cost_text(cost),
        ),
    )


def _facility(element_id: str, xy_m: XY, build: Build) -> AddFacility:
    return AddFacility(id="new", element_id=element_id, xy_m=xy_m, area_m2=build.area_m2)


def _best_site(study: Study, aim: Aim, limit: float) -> int | None:
    """Return the row of the home from which most people concerned are near enough."""
    people = study.inputs.demand.people[aim.point]
    linked = np.flatnonzero((np.diff(aim.homes.point_first) > 0) & (people > 0))
    if limit <= 0 or len(linked) == 0:
        return None
    sites = _thinned(study, aim, linked.astype(np.int32))
    need = np.full(len(aim.point), limit) if aim.from_limit else np.minimum(aim.need, limit)
    n = len(sites)
    targets = CatchmentTargets(
        linked=picked_links(aim.homes, sites),
        rank=np.arange(n, dtype=np.int32),
        group=np.zeros(n, dtype=np.int32),
        limit=np.array([max(float(need.max()), 0.0)]),
    )
    total = np.zeros(n)
    for found in catchments(aim.hierarchy.graph, aim.homes, targets, hierarchy=aim.hierarchy):
        person = np.repeat(found.origin, np.diff(found.first))
        near = found.cost <= need[person]
        total += np.bincount(found.rank[near], people[person[near]], n)
    best = int(np.argmax(total))
    return int(aim.point[sites[best]]) if total[best] > 0 else None


def _thinned(study: Study, aim: Aim, rows: IntArray) -> IntArray:
    """Return some of the homes, evenly spread: one of each square, where there are too many."""
    xy_m: FloatArray = study.inputs.demand.xy_m[aim.point[rows]]
    side_m = 10.0
    while len(rows) > _MOST_SITES:
        _, first = np.unique(np.floor(xy_m / side_m), axis=0, return_index=True)
        rows, xy_m = rows[np.sort(first)], xy_m[np.sort(first)]
        side_m *= 1.5
    return rows

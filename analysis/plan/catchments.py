"""Catchments of sites: who would reach a new facility, element by element."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.capacity.within_reach import Serving, WithinReach, within_reach
from analysis.linking.linkable import LinkRules
from analysis.linking.linkage import Linkage, joined_links
from analysis.linking.linker import Linker
from analysis.plan.builds import Build
from analysis.plan.sites import Sites
from analysis.reach.serving import is_sized, rule_limit
from analysis.reach.study_walks import StudyWalks
from analysis.standard.profile import SEARCH_FACTOR, Element
from analysis.study import Study
from analysis.units import FloatArray, IdArray, IntArray, freeze


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteReach:
    """Who of the demand reaches which site when `built` stands there, for `served`.

    Those of site *j* are ``first[j]:first[j + 1]`` (int64 [k + 1]) of `point` int32, ascending, and
    `walk` float64 (metres; seconds under minutes). `limit` float64 [k] is how far each serves, 0
    where it would serve nobody. `beyond_first` and `beyond_point` name in the same way who beyond
    all circles has it within the limit, by position in the demand beyond.
    """

    built: str
    served: str
    limit: FloatArray
    first: IdArray
    point: IntArray
    walk: FloatArray
    beyond_first: IdArray
    beyond_point: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (
            self.limit, self.first, self.point, self.walk, self.beyond_first, self.beyond_point,
        ):  # fmt: skip
            freeze(array)

    def of_site(self, site: int) -> tuple[IntArray, FloatArray]:
        """Return the points within the limit of a site, ascending, and their walks."""
        span = slice(int(self.first[site]), int(self.first[site + 1]))
        near = self.walk[span] <= self.limit[site]
        return self.point[span][near], self.walk[span][near]

    def beyond_of(self, site: int) -> IntArray:
        """Return who beyond all circles has the site within the limit, int32."""
        return self.beyond_point[self.beyond_first[site] : self.beyond_first[site + 1]]


def site_reaches(
    study: Study,
    sites: Sites,
    builds: Mapping[str, Sequence[Build]],
    *,
    far: Iterable[str] = (),
) -> Mapping[tuple[str, str], SiteReach]:
    """Return who reaches which site, by (element built, element served).

    `builds` are the elements that may be built, as each would be at every site. An element is also
    served by another one where a reach rule says so. Walks are looked for up to the limit that
    decides coverage, for the elements in `far` as far as the study itself searches.
    """
    standard, distant = study.inputs.standard, set(far)
    asked = [
        (built, served)
        for built in builds
        for served in standard.walked
        if any(rule.element_id == built for rule in served.reach_rules)
    ]
    linker = linker_of(study)
    found: dict[tuple[str, str], SiteReach] = {}
    for walks in _walks_of(study):
        own = [(built, one) for built, one in asked if _walks(study, one.id) is walks]
        if not own or not len(sites):
            continue
        linked = linker.link(sites.xy_m, walks.profile)
        found |= _searched(study, sites, builds, own, walks, linked, distant)
    return found


def linker_of(study: Study) -> Linker:
    """Return what links new points to the streets of a study, as its own points are."""
    inputs = study.inputs
    rules = study.parameters.link or LinkRules(snap_limit_m=inputs.standard.snap_limit_m.value)
    return Linker(inputs.network, inputs.barriers, rules, inputs.uncut)


def _walks(study: Study, element_id: str) -> StudyWalks:
    return study.measured.other_walks.get(element_id, study.walks)


def _walks_of(study: Study) -> tuple[StudyWalks, ...]:
    return (study.walks, *study.other_walks)


def _searched(
    study: Study,
    sites: Sites,
    builds: Mapping[str, Sequence[Build]],
    asked: list[tuple[str, Element]],
    walks: StudyWalks,
    linked: Linkage,
    far: set[str],
) -> dict[tuple[str, str], SiteReach]:
    rows = [sites.allowed_for(built) for built, _ in asked]
    limits = [_limits(served, builds[built], walks) for built, served in asked]
    serving = [
        Serving(
            facility=row[limit[row] > 0],
            limit=limit[row[limit[row] > 0]] * (SEARCH_FACTOR if served.id in far else 1.0),
        )
        for (_, served), row, limit in zip(asked, rows, limits, strict=True)
    ]
    pairs = within_reach(
        walks.graph, joined_links((walks.points, walks.beyond)), linked,
        entrance_first=np.arange(len(sites) + 1, dtype=np.int32), asked=serving,
        hierarchy=walks.hierarchy,
    )  # fmt: skip
    n = len(study.inputs.demand)
    return {
        (built, served.id): _by_site(built, served.id, limit, reach, n)
        for (built, served), limit, reach in zip(asked, limits, pairs, strict=True)
    }


def _limits(served: Element, builds: Sequence[Build], walks: StudyWalks) -> FloatArray:
    """Return how far a new facility at each site would serve, float64 [k]; 0: it would not."""
    area_m2 = np.array([one.area_m2 for one in builds])
    built = {one.element_id for one in builds}
    limits = np.zeros(len(builds))
    for rule in served.reach_rules:
        if rule.element_id in built:
            one = rule_limit(rule, served, walks.profile, walks.criterion)
            limits = np.where(is_sized(rule, area_m2), np.maximum(limits, one), limits)
    return limits


def _by_site(
    built: str, served: str, limit: FloatArray, reach: WithinReach, n_inside: int
) -> SiteReach:
    point, site = reach.point, reach.facility[reach.position]
    inside = point < n_inside
    within = ~inside & (reach.cost <= limit[site])
    parts = []
    for chosen in (inside, within):
        order = np.argsort(site[chosen], kind="stable")  # points stay ascending
        first = np.zeros(len(limit) + 1, dtype=np.int64)
        first[1:] = np.cumsum(np.bincount(site[chosen], minlength=len(limit)))
        parts.append((first, point[chosen][order], reach.cost[chosen][order]))
    (first, points, walk), (beyond_first, beyond, _) = parts
    return SiteReach(
        built=built,
        served=served,
        limit=limit,
        first=first,
        point=points.astype(np.int32),
        walk=walk,
        beyond_first=beyond_first,
        beyond_point=(beyond - n_inside).astype(np.int32),
    )

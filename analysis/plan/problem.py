"""PlanProblem: demand and sites of a study as tables for the siting models."""

from collections.abc import Iterable, Mapping

import numpy as np

from analysis.judgement.coverage import deciding
from analysis.plan.builds import Build, Cost, cost_of, people_of, site_cost, smallest
from analysis.plan.catchments import SiteReach, site_reaches
from analysis.plan.sites import Sites, builds_at
from analysis.siting.cover_table import CoverTable, cover_table
from analysis.standard.profile import Element
from analysis.study import Study
from analysis.units import BoolArray, FloatArray, IntArray


class Progress:
    """Who is covered, and how far everybody walks, after the works so far.

    Begins as the study found it. `covered` bool [p] and `walk` float64 [p] by walked element.
    """

    def __init__(self, study: Study) -> None:
        reach = study.reach
        self.covered: dict[str, BoolArray] = {}
        self.walk: dict[str, FloatArray] = {}
        for column, element_id in enumerate(reach.element_ids):
            self.covered[element_id] = reach.covered[:, column].copy()
            self.walk[element_id] = reach.walk[:, column].copy()

    def copy(self) -> "Progress":
        """Return the same, to go on from independently."""
        other = object.__new__(Progress)
        other.covered = {key: one.copy() for key, one in self.covered.items()}
        other.walk = {key: one.copy() for key, one in self.walk.items()}
        return other

    def add(self, element_id: str, points: IntArray, walk: FloatArray) -> IntArray:
        """Let `points` (int32) reach an element by walks within its limit; return who is new."""
        fresh = points[~self.covered[element_id][points]]
        self.covered[element_id][points] = True
        self.walk[element_id][points] = np.minimum(self.walk[element_id][points], walk)
        return fresh


class PlanProblem:
    """The demand and the sites of one study, for the elements `elements`.

    `circles` are the positions of those that count (None: all); who lives elsewhere asks for
    nothing, but is served all the same.
    """

    def __init__(
        self,
        study: Study,
        sites: Sites,
        elements: Iterable[Element],
        *,
        circles: tuple[int, ...] | None = None,
        far: Iterable[str] = (),
    ) -> None:
        self.study, self.sites = study, sites
        self.elements = tuple(elements)
        self.builds: Mapping[str, tuple[Build, ...]] = {
            one.id: builds_at(one, sites) for one in self.elements
        }
        self.reaches = site_reaches(study, sites, self.builds, far=far)
        demand = study.inputs.demand
        everywhere = range(len(study.inputs.circles))
        self.circles = tuple(everywhere) if circles is None else circles
        self.here: BoolArray = np.isin(demand.circle, self.circles)

    def weights(self, element: Element) -> FloatArray:
        """Return what each point counts for an element: its deciding basis, float64 [p]."""
        _, weight = deciding(element, self.study.inputs.demand)
        return np.where(self.here, weight, 0.0)

    def reach(self, built: str, served: str | None = None) -> SiteReach | None:
        """Return who reaches the sites of one element for another (None: itself), if any does."""
        return self.reaches.get((built, built if served is None else served))

    def served_by(self, built: str) -> tuple[str, ...]:
        """Return the elements that a new facility of `built` would serve, itself first."""
        others = [served for one, served in self.reaches if one == built and served != built]
        return (built, *others) if (built, built) in self.reaches else tuple(others)

    def table(
        self,
        element: Element,
        progress: Progress,
        *,
        circles: Iterable[int] | None = None,
        closed: Iterable[int] = (),
        far: bool = False,
        weight: FloatArray | None = None,
    ) -> CoverTable:
        """Return who lacks an element and which sites reach them, after the works so far.

        `circles` (positions) leaves their residents alone; `closed` sites cannot be had. `weight`
        float64 [p] counts people otherwise than by the deciding basis. With `far` walks beyond the
        limit that decides stay in.
        """
        reach, k = self.reach(element.id), len(self.sites)
        weight = self.weights(element) if weight is None else weight
        if circles is not None:
            here = np.isin(self.study.inputs.demand.circle, list(circles))
            weight = np.where(here, weight, 0.0)
        n = len(weight)
        point, site, walk = _pairs(reach, k)
        if reach is not None:
            open_ = np.ones(k, dtype=bool)
            open_[list(closed)] = False
            asks = weight > 0 if far else (weight > 0) & ~progress.covered[element.id]
            keep = asks[point] & open_[site] & ((walk <= reach.limit[site]) | far)
            point, site, walk = point[keep], site[keep], walk[keep]
        order = np.argsort(point, kind="stable")  # sites stay ascending
        first = np.zeros(n + 1, dtype=np.int64)
        first[1:] = np.cumsum(np.bincount(point, minlength=n))
        return cover_table(
            first=first, site=site[order], walk_m=walk[order], people=weight, n_sites=k,
            covered=progress.covered[element.id], existing_m=progress.walk[element.id],
        )  # fmt: skip

    def build(self, element: Element, site: int, *, shared: bool = False) -> Build:
        """Return what is built of an element at a site, or its part of a shared one.

        What the standard gives no size in the element's own unit (chargers) is as many as those ask
        for who would newly reach it.
        """
        build = smallest(element, shared=True) if shared else self.builds[element.id][site]
        rule = element.scale
        cost = element.siting.costs.get("new")
        if not np.isnan(build.amount) or rule is None or cost is None or cost.per != rule.unit:
            return build
        points = self.points(element.id, site)
        lacking = points[~self.study.reach.covered[points, self.study.reach.column(element.id)]]
        asked = float(self.study.inputs.demand.people[lacking].sum()) / people_of(element, 1.0)
        return Build(
            element_id=build.element_id, floor_m2=build.floor_m2, land_m2=build.land_m2,
            amount=max(1.0, float(np.ceil(asked))), shared=build.shared,
        )  # fmt: skip

    def points(self, element_id: str, site: int) -> IntArray:
        """Return who would have an element within the limit from a site, int32, ascending."""
        reach = self.reach(element_id)
        return np.empty(0, dtype=np.int32) if reach is None else reach.of_site(site)[0]

    def cost(self, element: Element, site: int, build: Build) -> Cost:
        """Return what `build` costs at a site: by unit costs, and its part of the site's own."""
        room_m2 = float(self.sites.room_m2[site])
        own = site_cost(float(self.sites.cost_yuan[site]), room_m2, build)
        return cost_of(element, "new", build).plus(own)


def _pairs(reach: SiteReach | None, k: int) -> tuple[IntArray, IntArray, FloatArray]:
    if reach is None:
        none = np.empty(0, dtype=np.int32)
        return none, none, np.empty(0)
    site = np.repeat(np.arange(k, dtype=np.int32), np.diff(reach.first))
    return reach.point, site, reach.walk

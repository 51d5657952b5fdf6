"""Coverage: who has an element within the walk, in figures, before anything is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from analysis.capacity.loads import Load
from analysis.judgement.parking import SHORT_OF_SPACES, people_short_of_spaces
from analysis.linking.linkage import Linkage
from analysis.places.circles import Circles
from analysis.places.demand import Demand
from analysis.places.evidence import Evidence
from analysis.places.facilities import Facilities
from analysis.reach.element_routes import ElementRoutes
from analysis.reach.study_walks import StudyWalks
from analysis.reach.table import Reach
from analysis.standard.profile import Element, ServiceStandard
from analysis.streets.network import WalkNetwork
from analysis.units import BoolArray, FloatArray

_BASES: Final = ("population", "buildings", "residential_land")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageFigures:
    """The figures behind one coverage verdict; shares 0…1, nan where their denominator is 0.

    `share` is the deciding one, on `basis`; `share_upper` is what it would be if every uncovered
    point at the edge of the data were covered. Of `basis_amount` (residents of the group,
    homes or m²) `basis_covered` are covered. `people_*` are residents: in the circle, covered,
    covered only by ambiguous facilities, uncovered at the edge of the data, not linked to any
    street, and linked but without any facility within the search limit. Walks are residents'
    metres and seconds to the nearest facility, of the shortest and the fastest walk each, beyond
    the search limit inf.
    """

    basis: str
    basis_stands_for: str
    basis_amount: float
    basis_covered: float
    share: float
    share_upper: float
    share_people: float
    share_buildings: float
    share_land: float
    people: float
    people_covered: float
    people_ambiguous: float
    people_edge: float
    people_unlinked: float
    people_beyond: float
    buildings: int
    walk_mean_m: float
    walk_median_m: float
    walk_p95_m: float
    walk_max_m: float
    walk_mean_s: float
    walk_median_s: float
    walk_p95_s: float
    walk_max_s: float
    facilities_inside: int
    facilities_ambiguous: int

    @property
    def basis_lacking(self) -> float:
        """Return how much of the deciding basis is not covered."""
        return max(self.basis_amount - self.basis_covered, 0.0)

    @property
    def by_residents(self) -> bool:
        """Return whether all residents decide, rather than a group of them, homes or land."""
        return self.basis == "population"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """What is judged: the tables that :func:`assess` reads.

    `counting` bool [k]: the facilities that count (:func:`analysis.reach.table.counted`). `loads`
    by element: who draws on its facilities. `network` tells how dense streets are. `other_walks` by
    element: the walks of the walker that judges it, where that is not the study's.
    """

    standard: ServiceStandard
    circles: Circles
    demand: Demand
    facilities: Facilities
    counting: BoolArray
    points: Linkage
    reach: Reach
    evidence: Evidence
    loads: Mapping[str, Load] = field(default_factory=dict)
    routes: ElementRoutes = field(default_factory=ElementRoutes)
    network: WalkNetwork | None = None
    other_walks: Mapping[str, StudyWalks] = field(default_factory=dict)

    def linked(self, element_id: str) -> BoolArray:
        """Return which points are linked to streets that the element's walker may use, bool [p]."""
        walks = self.other_walks.get(element_id)
        return self.points.linked if walks is None else walks.points.linked


def coverage_figures(
    measured: Measured, element: Element, here: BoolArray, inside: BoolArray
) -> CoverageFigures:
    """Return the figures of one element for the points `here` and the facilities `inside`."""
    reach, demand = measured.reach, measured.demand
    column = reach.column(element.id)
    covered, edge = reach.covered[:, column] & here, reach.at_edge(column) & here
    basis, weight = deciding(element, demand)
    people = np.where(here, demand.people, 0.0)
    walk_m = _walk_figures(reach.walk_m[here, column], people[here])
    walk_s = _walk_figures(reach.walk_s[here, column], people[here])
    serving, linked = serving_rows(element, measured.facilities), measured.linked(element.id)
    used = np.unique(reach.nearest[here & (reach.nearest[:, column] >= 0), column])
    shares = {b: _share(measured.demand.weights(b), covered, here) for b in _BASES}
    return CoverageFigures(
        basis=basis,
        basis_stands_for=element.coverage.basis[0],
        basis_amount=float(weight[here].sum()),
        basis_covered=float(weight[covered].sum()),
        share=_share(weight, covered, here),
        share_upper=_share(weight, covered | edge, here),
        share_people=shares["population"],
        share_buildings=shares["buildings"],
        share_land=shares["residential_land"],
        people=float(people.sum()),
        people_covered=float(people[covered].sum()),
        people_ambiguous=float(people[covered & ~reach.covered_certain[:, column]].sum()),
        people_edge=float(people[edge].sum()),
        people_unlinked=float(people[~linked].sum()),
        people_beyond=float(people[np.isinf(reach.walk[:, column]) & linked].sum()),
        buildings=int((demand.is_building & here).sum()),
        walk_mean_m=walk_m[0],
        walk_median_m=walk_m[1],
        walk_p95_m=walk_m[2],
        walk_max_m=walk_m[3],
        walk_mean_s=walk_s[0],
        walk_median_s=walk_s[1],
        walk_p95_s=walk_s[2],
        walk_max_s=walk_s[3],
        facilities_inside=int((serving & measured.counting & inside).sum()),
        facilities_ambiguous=int(measured.facilities.ambiguous[used].sum()),
    )


def serving_rows(element: Element, facilities: Facilities) -> BoolArray:
    """Return which rows are of an element that may serve `element`, bool [k]."""
    serving = np.zeros(len(facilities), dtype=bool)
    for element_id in {rule.element_id for rule in element.reach_rules}:
        serving[facilities.of_element(element_id)] = True
    return serving


def deciding(element: Element, demand: Demand) -> tuple[str, FloatArray]:
    """Return the deciding basis and its weights.

    A group that the data does not hold is stood for by all residents: with one share of the group
    everywhere both give the same coverage. The verdict says so. Of parking those count who are
    short of a space of their own, where tables tell.
    """
    if element.treatment == "capacity_ratio":
        short = people_short_of_spaces(demand)
        if short is not None and short.sum() > 0:
            return SHORT_OF_SPACES, short
    first = element.coverage.basis[0]
    weight = demand.weights(first)
    if weight is not None and weight.sum() > 0:
        return first, weight
    if first in _BASES:
        return first, demand.people if weight is None else weight
    return "population", demand.people


def _share(weight: FloatArray | None, covered: BoolArray, here: BoolArray) -> float:
    if weight is None or weight[here].sum() <= 0:
        return float("nan")
    return float(weight[covered].sum() / weight[here].sum())


def _walk_figures(walk: FloatArray, people: FloatArray) -> tuple[float, float, float, float]:
    """Return mean, median, 95th percentile and maximum of people's walks, metres or seconds.

    Weighted by people; nan without people. Mean and maximum are inf as soon as anybody is beyond
    the search limit.
    """
    lived = people > 0
    if not lived.any():
        return (float("nan"),) * 4
    walk, people = walk[lived], people[lived]
    order = np.argsort(walk, kind="stable")
    walk, upto = walk[order], np.cumsum(people[order])
    # A hair below, so that scaling all people by one factor never moves a quantile.
    at = np.searchsorted(upto, np.array([0.5, 0.95]) * upto[-1] * (1 - 1e-12), side="left")
    finite = walk[np.isfinite(walk)]
    all_within = len(finite) == len(walk)
    mean = float(np.average(walk, weights=people[order])) if all_within else float("inf")
    return mean, float(walk[at[0]]), float(walk[at[1]]), float(walk[-1])

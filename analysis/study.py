"""Study: the whole flow from checked inputs to verdicts and gaps, as one value.

``analysis.sources.inputs.read_inputs`` brings a place in; :func:`analyse` does the rest and touches
neither files nor sockets.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely

from analysis.capacity.sharing import Sharing
from analysis.capacity.unusual import unusual_notices
from analysis.certainty.robustness import Robustness, robustness
from analysis.coordinates.check import CoordinateCheck
from analysis.crs import MetricCRS
from analysis.delineation.checks import check_circles
from analysis.delineation.figures import CircleChecks, bands_of
from analysis.gaps.listing import Gap, find_gaps
from analysis.judgement.assessment import Assessment, assess, scopes
from analysis.judgement.attribute_values import unread_notices
from analysis.judgement.coverage import Measured
from analysis.judgement.equity import GROUP_WALKERS, GROUPS, Equity, equity
from analysis.judgement.measuring import measure
from analysis.linking.link_notices import link_notices
from analysis.linking.linkable import LinkableArcs, LinkRules
from analysis.linking.linkage import Linkage
from analysis.linking.linker import Linker
from analysis.linking.uncut import UncutStreets
from analysis.messages import Name
from analysis.notices import Notice
from analysis.places.circles import Circles
from analysis.places.demand import Demand, nobody
from analysis.places.evidence import Evidence
from analysis.places.facilities import Facilities
from analysis.places.planner_tables import PlannerTables
from analysis.places.site_layers import SiteLayers
from analysis.reach.element_walks import (
    Hierarchies,
    WalkersOfPlace,
    WalkerWalks,
    other_notices,
    reach_by_element,
)
from analysis.reach.study_walks import StudyWalks
from analysis.reach.table import Criterion, Reach, measure_reach
from analysis.standard.profile import ServiceStandard
from analysis.streets.barriers import Barriers
from analysis.streets.dividers import Dividers
from analysis.streets.network import WalkNetwork
from analysis.units import FloatArray
from analysis.walking import WalkerName, WalkProfile

STAGES: Final = ("link", "reach", "assess", "certainty", "gaps")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyParameters:
    """What the planner chose; every one of them changes the answer.

    `link`: how points are linked; None takes the standard's snap limit. `min_gap_people`: smaller
    groups of uncovered residents are not listed as gaps (they still count in every share).
    `old_area`: norms of green space are eased as the standard allows in old areas. `by_group`:
    elements that name a walker of their own (schools a child) are judged by that one's walks.
    """

    criterion: Criterion = "metres"
    walker: WalkerName = "adult"
    link: LinkRules | None = None
    min_gap_people: float = 10.0
    old_area: bool = False
    by_group: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """One input with its digest: what a study was made from."""

    role: str
    name: str
    n_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessCount:
    """What one pedestrian access rule decided: objects, and metres of street for ways.

    `section` is the part of the table (ways, marks, nodes …); `verdict` what the rule says there.
    """

    section: str
    rule_id: str
    verdict: str
    objects: int
    length_m: float
    note: Name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StudyInputs:
    """Everything a study is made from, checked and in one metric CRS.

    `data_area` is where the extract is complete, metres. `notices` tell what the readers dropped,
    repaired or inferred; `access` lists the pedestrian access rules with what each decided.
    `planner` holds what planners' files gave beside: how they were read, rows without a place,
    pairs to review, opinions and parcels. `coordinates` holds those of planners' files against
    streets and buildings. `dividers` are the lines that may cut a circle; without them circles are
    not checked. `beyond` holds residents beyond all circles: they share facilities with those
    inside and are in no figure of a circle. `site_layers` is the map as siting rules look at it;
    nothing in a verdict rests on it.
    """

    title: str
    crs: MetricCRS
    standard: ServiceStandard
    network: WalkNetwork
    barriers: Barriers
    facilities: Facilities
    demand: Demand
    circles: Circles
    evidence: Evidence
    data_area: shapely.Geometry
    data_date: str
    access: tuple[AccessCount, ...]
    files: tuple[InputFile, ...]
    notices: tuple[Notice, ...]
    planner: PlannerTables = field(default_factory=PlannerTables)
    coordinates: tuple[CoordinateCheck, ...] = ()
    dividers: Dividers | None = None
    beyond: Demand = field(default_factory=nobody)
    uncut: UncutStreets | None = None
    site_layers: SiteLayers = field(default_factory=SiteLayers)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Study:
    """The result: inputs, parameters and all that follows from them.

    `walks` are those of the study's walker, `other_walks` those of single elements' own walkers.
    """

    inputs: StudyInputs
    parameters: StudyParameters
    walks: StudyWalks
    measured: Measured
    assessment: Assessment
    certainty: Robustness
    equity: Equity
    circle_checks: CircleChecks | None
    gaps: tuple[Gap, ...]
    notices: tuple[Notice, ...]
    other_walks: tuple[StudyWalks, ...] = ()

    @property
    def reach(self) -> Reach:
        """Return the demand × element table."""
        return self.measured.reach

    @property
    def profile(self) -> WalkProfile:
        """Return who walks, but to elements with a walker of their own."""
        return self.walks.profile

    def walker_of(self, element_id: str) -> WalkProfile:
        """Return whose walks judge an element."""
        walks = self.measured.other_walks.get(element_id, self.walks)
        return walks.profile

    @property
    def link_rules(self) -> LinkRules:
        """Return how points are linked."""
        return self.walks.rules

    @property
    def points(self) -> Linkage:
        """Return the linked demand points."""
        return self.walks.points

    @property
    def entrances(self) -> Linkage:
        """Return the linked entrances of facilities."""
        return self.walks.entrances


def _silent(_stage: str, _share: float) -> None:
    """Tell nobody."""


def analyse(
    inputs: StudyInputs,
    parameters: StudyParameters,
    *,
    on_progress: Callable[[str, float], None] = _silent,
) -> Study:
    """Run the whole study on `inputs`.

    `on_progress` is told a stage of :data:`STAGES` and how much of it is done, 0…1.
    """
    on_progress("link", 0.0)
    walkers = walkers_of(inputs, parameters)
    by_element = walkers.by_element(parameters.walker, by_group=parameters.by_group)
    walks, others = by_element.own.walks, tuple(one.walks for one in by_element.others)
    linkable = walkers.linkable(walks.profile)
    on_progress("reach", 0.0)
    edge_m = edge_m_of(inputs)
    reach = reach_by_element(
        by_element,
        standard=inputs.standard,
        demand=inputs.demand,
        facilities=inputs.facilities,
        edge_m=edge_m,
    )
    on_progress("assess", 0.0)
    measured = measure(
        standard=judging_standard(inputs, parameters),
        circles=inputs.circles,
        demand=inputs.demand,
        beyond=inputs.beyond,
        facilities=inputs.facilities,
        evidence=inputs.evidence,
        network=inputs.network,
        walks=by_element,
        reach=reach,
    )
    assessment = assess(measured)
    on_progress("certainty", 0.0)
    certainty = robustness((walks, *others), measured, assessment)
    on_progress("gaps", 0.0)
    gaps = find_gaps(
        assessment=assessment,
        measured=measured,
        min_people=parameters.min_gap_people,
    )
    return Study(
        inputs=inputs,
        parameters=parameters,
        walks=walks,
        other_walks=others,
        measured=measured,
        assessment=assessment,
        certainty=certainty,
        equity=equity(
            measured, scopes(measured), GROUPS, own_reach(inputs, parameters, walkers, edge_m)
        ),
        circle_checks=_circle_checks(inputs, by_element.own, linkable),
        gaps=gaps,
        notices=inputs.notices
        + unread_notices(inputs.standard.elements, inputs.standard.attributes, inputs.facilities)
        + link_notices(
            network=inputs.network,
            demand=inputs.demand,
            facilities=inputs.facilities,
            linkable=linkable,
            points=walks.points,
            entrances=walks.entrances,
            rules=walks.rules,
        )
        + other_notices(by_element, inputs.demand, inputs.facilities)
        + Sharing.of(measured.loads, inputs.beyond, walks.beyond).notices()
        + unusual_notices(inputs.standard, inputs.facilities),
    )


def judging_standard(inputs: StudyInputs, parameters: StudyParameters) -> ServiceStandard:
    """Return the standard that judges: with norms eased where the area counts as old."""
    return inputs.standard.in_old_area() if parameters.old_area else inputs.standard


def walkers_of(
    inputs: StudyInputs,
    parameters: StudyParameters,
    *,
    linker: Linker | None = None,
    hierarchies: Hierarchies | None = None,
) -> WalkersOfPlace:
    """Return the walks of a place; `linker` and `hierarchies` where they are at hand."""
    rules = parameters.link or LinkRules(snap_limit_m=inputs.standard.snap_limit_m.value)
    return WalkersOfPlace(
        linker=linker or Linker(inputs.network, inputs.barriers, rules, inputs.uncut),
        standard=inputs.standard,
        demand=inputs.demand,
        beyond=inputs.beyond,
        facilities=inputs.facilities,
        criterion=parameters.criterion,
        hierarchies=hierarchies,
    )


def own_reach(
    inputs: StudyInputs, parameters: StudyParameters, walkers: WalkersOfPlace, edge_m: FloatArray
) -> Mapping[str, Reach]:
    """Return the whole table on the walks of each group that is counted and has its own walker."""
    found: dict[str, Reach] = {}
    stated, groups = inputs.standard.walking.speeds_m_s, inputs.demand.groups
    for group, name in GROUP_WALKERS.items() if parameters.by_group else ():
        if name in stated and group in groups and groups[group].sum() > 0:
            one = walkers.walks(name)
            found[group] = measure_reach(
                standard=inputs.standard, demand=inputs.demand, facilities=inputs.facilities,
                walks=one.walks, beside=one.beside, edge_m=edge_m,
            )  # fmt: skip
    return found


def _circle_checks(
    inputs: StudyInputs, own: WalkerWalks, linkable: LinkableArcs
) -> CircleChecks | None:
    """Check the circles as they were given; None where the lines that may cut them are unknown."""
    if inputs.dividers is None:
        return None
    return check_circles(
        inputs.circles,
        inputs.demand,
        inputs.dividers,
        graph=own.metres.graph,
        points=own.walks.points,
        linkable=linkable,
        bands=bands_of(inputs.standard.circle),
        whole_area=False,
    )


def edge_m_of(inputs: StudyInputs) -> FloatArray:
    """Return straight metres from each demand point to the end of the data; 0 outside it."""
    where = shapely.points(inputs.demand.xy_m)
    edge_m = shapely.distance(where, shapely.boundary(inputs.data_area))
    return np.where(shapely.covers(inputs.data_area, where), edge_m, 0.0)

"""Study: the whole flow from checked inputs to verdicts and gaps, as one value.

``analysis.sources.inputs.read_inputs`` brings a place in; :func:`analyse` does the rest and touches
neither files nor sockets.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely

from analysis.capacity.loads import measure_loads
from analysis.certainty.robustness import Robustness, robustness
from analysis.coordinates.check import CoordinateCheck
from analysis.crs import MetricCRS
from analysis.delineation.checks import check_circles
from analysis.delineation.figures import CircleChecks, bands_of
from analysis.gaps.listing import Gap, find_gaps
from analysis.judgement.assessment import Assessment, assess, scopes
from analysis.judgement.coverage import Measured
from analysis.judgement.equity import GROUPS, Equity, equity
from analysis.judgement.quality import unread_notices
from analysis.linking.link_notices import link_notices
from analysis.linking.linkable import LinkableArcs, LinkRules, linkable_arcs
from analysis.linking.linkage import Linkage, link_points
from analysis.messages import Name
from analysis.notices import Notice
from analysis.places.circles import Circles
from analysis.places.demand import Demand
from analysis.places.evidence import Evidence
from analysis.places.facilities import Facilities
from analysis.places.planner_tables import PlannerTables
from analysis.reach.element_routes import measure_routes
from analysis.reach.study_walks import StudyWalks
from analysis.reach.table import Criterion, Reach, counted, measure_reach
from analysis.standard.profile import ServiceStandard
from analysis.streets.barriers import Barriers
from analysis.streets.dividers import Dividers
from analysis.streets.network import WalkNetwork
from analysis.units import FloatArray
from analysis.walking import WalkerName, WalkProfile
from analysis.walks.hierarchy import Hierarchy, hierarchy_of
from analysis.walks.walk_costs import MEASURES, walk_costs
from analysis.walks.walk_graph import walk_graph

STAGES: Final = ("link", "reach", "assess", "certainty", "gaps")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyParameters:
    """What the planner chose; every one of them changes the answer.

    `link`: how points are linked; None takes the standard's snap limit. `min_gap_people`: smaller
    groups of uncovered residents are not listed as gaps (they still count in every share).
    `old_area`: norms of green space are eased as the standard allows in old areas.
    """

    criterion: Criterion = "metres"
    walker: WalkerName = "adult"
    link: LinkRules | None = None
    min_gap_people: float = 10.0
    old_area: bool = False


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
    not checked.
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Study:
    """The result: inputs, parameters and all that follows from them."""

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

    @property
    def reach(self) -> Reach:
        """Return the demand × element table."""
        return self.measured.reach

    @property
    def profile(self) -> WalkProfile:
        """Return who walks."""
        return self.walks.profile

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
    profile = inputs.standard.profile(parameters.walker)
    on_progress("link", 0.0)
    rules = parameters.link or LinkRules(snap_limit_m=inputs.standard.snap_limit_m.value)
    linkable = linkable_arcs(inputs.network, profile, rules)
    walks, beside = _walks(inputs, parameters, profile, rules, linkable)
    on_progress("reach", 0.0)
    reach = measure_reach(
        standard=inputs.standard,
        demand=inputs.demand,
        facilities=inputs.facilities,
        walks=walks,
        beside=beside,
        edge_m=_edge_m(inputs),
    )
    on_progress("assess", 0.0)
    measured = _measured(inputs, parameters, walks, beside, reach)
    assessment = assess(measured)
    on_progress("certainty", 0.0)
    certainty = robustness(walks, measured, assessment)
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
        measured=measured,
        assessment=assessment,
        certainty=certainty,
        equity=equity(measured, scopes(measured), GROUPS),
        circle_checks=_circle_checks(inputs, walks, beside, linkable),
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
            rules=rules,
        ),
    )


def _walks(
    inputs: StudyInputs,
    parameters: StudyParameters,
    profile: WalkProfile,
    rules: LinkRules,
    linkable: LinkableArcs,
) -> tuple[StudyWalks, Hierarchy]:
    """Return how walks are measured by the criterion, and the network in the other measure."""
    points, entrances = (
        link_points(xy_m, inputs.network, linkable, inputs.barriers, rules)
        for xy_m in (inputs.demand.xy_m, inputs.facilities.entrance_xy_m)
    )
    metres, seconds = (
        hierarchy_of(walk_graph(inputs.network, walk_costs(inputs.network, profile, measure)))
        for measure in MEASURES
    )
    decides, beside = (metres, seconds) if parameters.criterion == "metres" else (seconds, metres)
    walks = StudyWalks(
        hierarchy=decides,
        barriers=inputs.barriers,
        profile=profile,
        criterion=parameters.criterion,
        rules=rules,
        points=points,
        entrances=entrances,
    )
    return walks, beside


def _measured(
    inputs: StudyInputs,
    parameters: StudyParameters,
    walks: StudyWalks,
    beside: Hierarchy,
    reach: Reach,
) -> Measured:
    standard = inputs.standard.in_old_area() if parameters.old_area else inputs.standard
    counting = counted(inputs.facilities, standard)
    return Measured(
        standard=standard,
        circles=inputs.circles,
        demand=inputs.demand,
        facilities=inputs.facilities,
        counting=counting,
        points=walks.points,
        reach=reach,
        evidence=inputs.evidence,
        network=inputs.network,
        routes=measure_routes(
            standard=standard,
            facilities=inputs.facilities,
            counting=counting,
            walks=walks,
            metres=walks.hierarchy if walks.criterion == "metres" else beside,
        ),
        loads=measure_loads(
            standard=standard,
            demand=inputs.demand,
            facilities=inputs.facilities,
            counting=counting,
            walks=walks,
        ),
    )


def _circle_checks(
    inputs: StudyInputs, walks: StudyWalks, beside: Hierarchy, linkable: LinkableArcs
) -> CircleChecks | None:
    """Check the circles as they were given; None where the lines that may cut them are unknown."""
    if inputs.dividers is None:
        return None
    metres = walks.hierarchy if walks.criterion == "metres" else beside
    return check_circles(
        inputs.circles,
        inputs.demand,
        inputs.dividers,
        graph=metres.graph,
        points=walks.points,
        linkable=linkable,
        bands=bands_of(inputs.standard.circle),
        whole_area=False,
    )


def _edge_m(inputs: StudyInputs) -> FloatArray:
    """Return straight metres from each demand point to the end of the data; 0 outside it."""
    where = shapely.points(inputs.demand.xy_m)
    edge_m = shapely.distance(where, shapely.boundary(inputs.data_area))
    return np.where(shapely.covers(inputs.data_area, where), edge_m, 0.0)

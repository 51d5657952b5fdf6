"""Study: the whole flow from checked inputs to verdicts and gaps, as one value.

``analysis.sources.inputs.read_inputs`` brings a place in; :func:`analyse` does the rest and touches
neither files nor sockets.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.assessment import Assessment, assess
from analysis.barriers import Barriers
from analysis.circles import Circles
from analysis.coverage import Measured
from analysis.crs import MetricCRS
from analysis.demand import Demand
from analysis.evidence import Evidence
from analysis.facilities import Facilities
from analysis.gaps import Gap, find_gaps
from analysis.link_notices import link_notices
from analysis.linkable import LinkableArcs, LinkRules, linkable_arcs
from analysis.linkage import Linkage, link_points
from analysis.messages import Name
from analysis.network import WalkNetwork
from analysis.notices import Notice
from analysis.reach import Criterion, Reach, counted, measure_reach
from analysis.standard import ServiceStandard
from analysis.units import FloatArray
from analysis.walk_costs import MEASURES, walk_costs
from analysis.walk_graph import walk_graph
from analysis.walking import WalkerName, WalkProfile

STAGES: Final = ("link", "reach", "assess", "gaps")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyParameters:
    """What the planner chose; every one of them changes the answer.

    `link`: how points are linked; None takes the standard's snap limit. `min_gap_people`: smaller
    groups of uncovered residents are not listed as gaps (they still count in every share).
    """

    criterion: Criterion = "metres"
    walker: WalkerName = "adult"
    link: LinkRules | None = None
    min_gap_people: float = 10.0


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Study:
    """The result: inputs, parameters and all that follows from them."""

    inputs: StudyInputs
    parameters: StudyParameters
    profile: WalkProfile
    link_rules: LinkRules
    points: Linkage
    entrances: Linkage
    reach: Reach
    assessment: Assessment
    gaps: tuple[Gap, ...]
    notices: tuple[Notice, ...]


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
    points = _link(inputs.demand.xy_m, inputs, linkable, rules)
    entrances = _link(inputs.facilities.entrance_xy_m, inputs, linkable, rules)
    on_progress("reach", 0.0)
    reach = _reach(inputs, parameters, profile, points, entrances, on_progress)
    on_progress("assess", 0.0)
    measured = Measured(
        standard=inputs.standard,
        circles=inputs.circles,
        demand=inputs.demand,
        facilities=inputs.facilities,
        counting=counted(inputs.facilities, inputs.standard),
        points=points,
        reach=reach,
        evidence=inputs.evidence,
    )
    assessment = assess(measured)
    on_progress("gaps", 0.0)
    gaps = find_gaps(
        assessment=assessment,
        reach=reach,
        demand=inputs.demand,
        circles=inputs.circles,
        min_people=parameters.min_gap_people,
    )
    return Study(
        inputs=inputs,
        parameters=parameters,
        profile=profile,
        link_rules=rules,
        points=points,
        entrances=entrances,
        reach=reach,
        assessment=assessment,
        gaps=gaps,
        notices=inputs.notices
        + link_notices(
            network=inputs.network,
            demand=inputs.demand,
            facilities=inputs.facilities,
            linkable=linkable,
            points=points,
            entrances=entrances,
            rules=rules,
        ),
    )


def _link(
    xy_m: FloatArray, inputs: StudyInputs, linkable: LinkableArcs, rules: LinkRules
) -> Linkage:
    return link_points(xy_m, inputs.network, linkable, inputs.barriers, rules)


def _reach(
    inputs: StudyInputs,
    parameters: StudyParameters,
    profile: WalkProfile,
    points: Linkage,
    entrances: Linkage,
    on_progress: Callable[[str, float], None],
) -> Reach:
    by_metres, by_seconds = (
        walk_graph(inputs.network, walk_costs(inputs.network, profile, measure))
        for measure in MEASURES
    )
    done = {element.id: i for i, element in enumerate(inputs.standard.walked, start=1)}
    return measure_reach(
        standard=inputs.standard,
        demand=inputs.demand,
        facilities=inputs.facilities,
        by_metres=by_metres,
        by_seconds=by_seconds,
        points=points,
        entrances=entrances,
        edge_m=_edge_m(inputs),
        profile=profile,
        criterion=parameters.criterion,
        on_element=lambda element_id: on_progress("reach", done[element_id] / len(done)),
    )


def _edge_m(inputs: StudyInputs) -> FloatArray:
    """Return straight metres from each demand point to the end of the data; 0 outside it."""
    where = shapely.points(inputs.demand.xy_m)
    edge_m = shapely.distance(where, shapely.boundary(inputs.data_area))
    return np.where(shapely.covers(inputs.data_area, where), edge_m, 0.0)

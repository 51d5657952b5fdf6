"""Evaluation: what a scenario comes to, worked out from what is known of the baseline.

Only what a scenario touches is measured and judged again: the elements whose facilities it edits,
and the points that its paths can have linked otherwise. The result is exactly that of analysing
:func:`~analysis.scenario.applied.applied` inputs from scratch.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.gaps.listing import Gap, find_gaps, ranked
from analysis.judgement.assessment import Assessment, assess, scopes
from analysis.judgement.coverage import Measured
from analysis.judgement.equity import GROUPS, Equity, equity
from analysis.judgement.measuring import measure
from analysis.linking.linkable import LinkRules
from analysis.linking.linker import Linker
from analysis.places.facilities import Facilities
from analysis.reach.element_walks import (
    ElementWalks,
    Hierarchies,
    WalkersOfPlace,
    merged_reach,
    reach_by_element,
    reach_columns,
)
from analysis.reach.table import Reach
from analysis.scenario.applied import applied
from analysis.scenario.facility_edits import rows_in
from analysis.scenario.relinking import Relinker
from analysis.scenario.scenario import Scenario
from analysis.scenario.touched import touched_elements, with_readers
from analysis.standard.profile import ServiceStandard
from analysis.study import (
    Study,
    StudyInputs,
    edge_m_of,
    judging_standard,
    own_reach,
    walkers_of,
)
from analysis.units import FloatArray
from analysis.walks.travel_time import NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScenarioReach:
    """Who reaches what in a scenario.

    `inputs` as they would be; `touched` elements may differ from the baseline, all others do not;
    `reach` is the whole table; its points are the baseline's, then new homes.
    """

    scenario: Scenario
    inputs: StudyInputs
    touched: frozenset[str]
    reach: Reach


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScenarioResult:
    """A scenario judged: as :class:`~analysis.study.Study`, without how certain it is.

    `measured` holds the touched elements, and those that their figures read.
    """

    of: ScenarioReach
    measured: Measured
    assessment: Assessment
    gaps: tuple[Gap, ...]
    equity: Equity


class WhatIf:
    """Answers for scenarios on one baseline; what is costly is worked out once and kept."""

    def __init__(self, study: Study) -> None:
        self.study = study
        inputs, parameters = study.inputs, study.parameters
        rules = parameters.link or LinkRules(snap_limit_m=inputs.standard.snap_limit_m.value)
        self._linker = Linker(inputs.network, inputs.barriers, rules, inputs.uncut)
        self._hierarchies = Hierarchies(inputs.network)
        walkers = walkers_of(inputs, parameters, linker=self._linker, hierarchies=self._hierarchies)
        walkers.by_element(parameters.walker, by_group=parameters.by_group)
        self._known = walkers.known()

    def reach(self, scenario: Scenario) -> ScenarioReach:
        """Return who reaches what; quick enough to follow a pin that is being moved."""
        return self._reach(scenario)[0]

    def evaluate(self, scenario: Scenario) -> ScenarioResult:
        """Judge `scenario` in all four dimensions, with its gaps and who fares how."""
        found, walks, walkers = self._reach(scenario)
        parameters, inputs = self.study.parameters, found.inputs
        judging = _of_elements(
            judging_standard(inputs, parameters), with_readers(found.touched, inputs.standard)
        )
        measured = measure(
            standard=judging,
            circles=inputs.circles,
            demand=inputs.demand,
            beyond=inputs.beyond,
            facilities=inputs.facilities,
            evidence=inputs.evidence,
            network=inputs.network,
            walks=walks,
            reach=reach_columns(found.reach, frozenset(one.id for one in judging.walked)),
        )
        assessment = assess(measured)
        gaps = find_gaps(
            assessment=assessment, measured=measured, min_people=parameters.min_gap_people
        )
        kept = [one for one in self.study.gaps if one.element_id not in found.touched]
        fresh = [one for one in gaps if one.element_id in found.touched]
        return ScenarioResult(
            of=found,
            measured=measured,
            assessment=self._rows(assessment, found),
            gaps=ranked([*kept, *fresh], by_metres=parameters.criterion == "metres"),
            equity=self._equity(measured, found, walkers),
        )

    def _reach(self, scenario: Scenario) -> tuple[ScenarioReach, ElementWalks, WalkersOfPlace]:
        baseline, parameters = self.study, self.study.parameters
        inputs = applied(baseline.inputs, scenario)
        touched = touched_elements(scenario, inputs.standard)
        linker = Relinker(self._linker, self._known, inputs.network, inputs.barriers, inputs.uncut)
        same = inputs.network is baseline.inputs.network
        walkers = walkers_of(
            inputs, parameters, linker=linker, hierarchies=self._hierarchies if same else None
        )
        walks = walkers.by_element(parameters.walker, by_group=parameters.by_group)
        wanted = _of_elements(inputs.standard, touched)
        edge_m = self._edge_m(inputs)
        parts = [_moved(baseline.reach, baseline.inputs.facilities, inputs.facilities)]
        if wanted.walked:
            fresh = reach_by_element(
                walks, standard=wanted, demand=inputs.demand, facilities=inputs.facilities,
                edge_m=edge_m,
            )  # fmt: skip
            ids = frozenset(fresh.element_ids)
            kept = frozenset(baseline.reach.element_ids) - ids
            parts = [*([reach_columns(parts[0], kept)] if kept else []), fresh]
        reach = merged_reach(parts, tuple(one.id for one in inputs.standard.walked))
        found = ScenarioReach(scenario=scenario, inputs=inputs, touched=touched, reach=reach)
        return found, walks, walkers

    def _edge_m(self, inputs: StudyInputs) -> FloatArray:
        """Return how far each point is from the end of the data; only new homes are measured."""
        known = self.study.reach.edge_m
        n = len(inputs.demand) - len(known)
        return np.append(known, edge_m_of(inputs)[-n:]) if n else known

    def _rows(self, assessment: Assessment, found: ScenarioReach) -> Assessment:
        fresh = {(row.circle_id, row.element_id): row for row in assessment.rows}
        return Assessment(
            rows=tuple(
                fresh[row.circle_id, row.element_id] if row.element_id in found.touched else row
                for row in self.study.assessment.rows
            )
        )

    def _equity(self, measured: Measured, found: ScenarioReach, walkers: WalkersOfPlace) -> Equity:
        own = own_reach(found.inputs, self.study.parameters, walkers, found.reach.edge_m)
        again = equity(measured, scopes(measured), GROUPS, own)
        fresh = {(row.circle_id, row.element_id, row.group): row for row in again.rows}
        rows = tuple(
            fresh[row.circle_id, row.element_id, row.group]
            if row.element_id in found.touched
            else row
            for row in self.study.equity.rows
        )
        return replace(again, rows=rows)


def _of_elements(standard: ServiceStandard, wanted: frozenset[str]) -> ServiceStandard:
    """Return `standard` with some of its elements."""
    return replace(standard, elements=tuple(one for one in standard.elements if one.id in wanted))


def _moved(reach: Reach, before: Facilities, after: Facilities) -> Reach:
    """Return `reach` with its facilities named by their rows in `after`."""
    if after is before:
        return reach
    row = np.append(rows_in(before, after), NOWHERE).astype(np.int32)
    return replace(reach, nearest=row[reach.nearest])

"""Proof: a plan judged as the scenario that it is, and its claims held against the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.judgement.assessment import ElementVerdict
from analysis.plan.problem import Progress
from analysis.plan.works import Work
from analysis.scenario.difference import ScenarioDifference, difference
from analysis.scenario.evaluation import ScenarioReach, ScenarioResult, WhatIf
from analysis.scenario.scenario import Scenario
from analysis.study import Study
from analysis.units import BoolArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proof:
    """What a plan comes to when the whole study is judged with it.

    Attributes
    ----------
    claimed, found
        Residents newly covered by element, as the works say and as the judged scenario has them.
    agrees
        Whether all works but paths cover the very homes that they claim, one by one, in a scenario
        of them alone.
    with_paths
        Whether paths are among the works: together with new facilities they may cover more.
    difference
        Who gains, verdicts and gaps that change, circle by circle.
    before, after
        Verdicts of the planned elements, row by row.
    result
        The judged scenario itself.
    """

    claimed: Mapping[str, float]
    found: Mapping[str, float]
    agrees: bool
    with_paths: bool
    difference: ScenarioDifference
    before: tuple[ElementVerdict, ...]
    after: tuple[ElementVerdict, ...]
    result: ScenarioResult


def scenario_of(title: str, works: Sequence[Work]) -> Scenario:
    """Return the works as modifications, in their order."""
    edits = tuple(edit for work in works for edit in work.proposal.edits)
    return Scenario(title=title, modifications=edits)


def prove(session: WhatIf, title: str, works: Sequence[Work]) -> Proof:
    """Judge the works as a scenario and compare.

    Paths change walks to everything. Where some are among the works, what the others claim is held
    against a scenario without them; the whole is judged all the same.
    """
    study = session.study
    result = session.evaluate(scenario_of(title, works))
    standing = [one for one in works if one.proposal.kind != "path"]
    with_paths = len(standing) < len(works)
    alone = session.reach(scenario_of(title, standing)) if with_paths else result.of
    touched = {effect.element_id for work in works for effect in work.proposal.effects}
    planned = {one for work in works for one in work.proposal.element_ids} | touched
    rows = [
        (before, after)
        for before, after in zip(study.assessment.rows, result.assessment.rows, strict=True)
        if before.element_id in planned
    ]
    claimed, found = _done(study, works).covered, _columns(study, result.of)
    return Proof(
        claimed={one: _people(study, one, claimed[one]) for one in sorted(touched)},
        found={one: _people(study, one, found[one]) for one in sorted(touched)},
        agrees=_same(_done(study, standing).covered, _columns(study, alone)),
        with_paths=with_paths,
        difference=difference(study, result),
        before=tuple(one for one, _ in rows),
        after=tuple(one for _, one in rows),
        result=result,
    )


def _done(study: Study, works: Sequence[Work]) -> Progress:
    progress = Progress(study)
    for work in works:
        for effect in work.proposal.effects:
            progress.add(effect.element_id, effect.points, effect.walk)
    return progress


def _columns(study: Study, found: ScenarioReach) -> dict[str, BoolArray]:
    """Return who of the baseline has each element in a scenario, bool [p]."""
    n, reach = len(study.inputs.demand), found.reach
    return {one: reach.covered[:n, reach.column(one)] for one in study.reach.element_ids}


def _same(one: Mapping[str, BoolArray], other: Mapping[str, BoolArray]) -> bool:
    return all(np.array_equal(one[key], other[key]) for key in other)


def _people(study: Study, element_id: str, covered: BoolArray) -> float:
    had = study.reach.covered[:, study.reach.column(element_id)]
    return float(study.inputs.demand.people[covered & ~had].sum())

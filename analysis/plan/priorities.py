"""Priorities: through which gate of the programme a work goes, and who asks for it."""

from collections.abc import Iterable

import numpy as np

from analysis.plan.works import Proposal
from analysis.scenario.modifications import AddPath
from analysis.standard.siting_rules import PriorityRule
from analysis.study import Study

_PATH_WORK = {"stairs": "stair"}


def gate_of(study: Study, proposal: Proposal) -> PriorityRule | None:
    """Return the first gate that a work goes through; None where it goes through none."""
    for rule in sorted(study.inputs.standard.works.priorities, key=lambda one: one.rank):
        if _goes_through(study, proposal, rule):
            return rule
    return None


def last_rank(study: Study) -> int:
    """Return the rank of works that go through no gate."""
    return 1 + max((one.rank for one in study.inputs.standard.works.priorities), default=0)


def people_asking(study: Study, proposal: Proposal) -> float:
    """Return how many distinct people ask for one of its elements in the circle of a work.

    0 outside all circles, and where no opinions were given.
    """
    rows = _opinions(study, proposal)
    opinions = study.inputs.planner.opinions
    if opinions is None:
        return 0.0
    most: dict[str, float] = {}
    for row in rows:
        who = opinions.person[row]
        most[who] = max(most.get(who, 0.0), float(opinions.persons[row]))
    return float(sum(most.values()))


def _goes_through(study: Study, proposal: Proposal, rule: PriorityRule) -> bool:
    if set(rule.elements) & set(proposal.element_ids):
        return True
    paths = {
        _PATH_WORK.get(one.kind, one.kind) for one in proposal.edits if isinstance(one, AddPath)
    }
    if paths & set(rule.path_works):
        return True
    if proposal.kind == "upgrade" and _mends(study, proposal, set(rule.metrics)):
        return True
    rows = _opinions(study, proposal)
    if rule.any_opinion and rows:
        return True
    return bool(rule.opinion_words) and any(_says(study, row, rule.opinion_words) for row in rows)


def _mends(study: Study, proposal: Proposal, metrics: set[str]) -> bool:
    """Return whether one of `metrics` failed for its elements in its circle."""
    circles = study.inputs.circles.circle_id
    circle_id = circles[proposal.circle] if proposal.circle >= 0 else None
    return any(
        figure.metric in metrics and figure.verdict == "short"
        for row in study.assessment.rows
        if row.circle_id == circle_id and row.element_id in proposal.element_ids
        for dimension in row.dimensions
        for figure in dimension.figures
    )


def _opinions(study: Study, proposal: Proposal) -> list[int]:
    """Return the rows of opinions that name one of its elements in its circle."""
    opinions = study.inputs.planner.opinions
    if opinions is None or proposal.circle < 0:
        return []
    here = np.flatnonzero(opinions.circle == proposal.circle).tolist()
    return [row for row in here if set(opinions.element_ids[row]) & set(proposal.element_ids)]


def _says(study: Study, row: int, words: Iterable[str]) -> bool:
    opinions = study.inputs.planner.opinions
    if opinions is None:
        return False
    said = f"{opinions.category[row]}\n{opinions.text[row]}".casefold()
    return any(word.casefold() in said for word in words)

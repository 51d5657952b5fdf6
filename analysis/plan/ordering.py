"""Ordering: works by the gates of the programme, then by people for the money, then overruled.

What a work adds depends on all before it. Within one gate the next is always the one that adds most
people for its cost, there and then; what costs nobody knows how much comes after the others, by
people. Ties go to the id.
"""

from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heapreplace

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.messages import message
from analysis.plan.missing_gaps import MissingGaps
from analysis.plan.plan_parameters import Override
from analysis.plan.priorities import gate_of, last_rank, people_asking
from analysis.plan.problem import Progress
from analysis.plan.works import Proposal, Work
from analysis.study import Study
from analysis.units import FloatArray

_Key = tuple[bool, float, str]


def in_order(study: Study, proposals: Iterable[Proposal]) -> tuple[Proposal, ...]:
    """Return `proposals` in the order in which they should be done."""
    progress, last = Progress(study), last_rank(study)
    classes: dict[int, list[Proposal]] = {}
    for one in proposals:
        gate = gate_of(study, one)
        classes.setdefault(last if gate is None else gate.rank, []).append(one)
    ordered: list[Proposal] = []
    for rank in sorted(classes):
        ordered += _greedily(study, progress, classes[rank])
    return tuple(ordered)


def laid_out(study: Study, ordered: Sequence[Proposal]) -> tuple[Work, ...]:
    """Return `ordered` as works, each with what it adds to those before it."""
    progress, last, gaps = Progress(study), last_rank(study), MissingGaps(study)
    people, works = study.inputs.demand.people, []
    for number, one in enumerate(ordered, start=1):
        saved = sum(_saved(study, progress, one))
        fresh = {
            effect.element_id: progress.add(effect.element_id, effect.points, effect.walk)
            for effect in one.effects
        }
        gained = {key: float(people[points].sum()) for key, points in fresh.items()}
        closes, narrows = gaps.answered(fresh)
        gate = gate_of(study, one)
        works.append(
            Work(
                proposal=one,
                order=number,
                people=sum(gained.values()),
                people_by_element=gained,
                walk_saved=saved,
                closes=closes,
                narrows=narrows,
                priority_id="" if gate is None else gate.id,
                priority_rank=last if gate is None else gate.rank,
                people_asking=people_asking(study, one),
            )
        )
    return tuple(works)


def overruled(ordered: Sequence[Proposal], overrides: Iterable[Override]) -> tuple[Proposal, ...]:
    """Return `ordered` after `overrides`, one after another.

    Raises :class:`InvalidParameterError` for a work that is not there.
    """
    order = list(ordered)
    for one in overrides:
        at = next((i for i, work in enumerate(order) if work.work_id == one.work_id), None)
        if at is None:
            raise InvalidParameterError(
                message("plan.override.unknown"),
                remedy=message("plan.override.unknown.remedy"),
                value=one.work_id,
            )
        work = order.pop(at)
        if one.action != "drop":
            to = {"up": max(at - 1, 0), "down": at + 1, "first": 0, "last": len(order)}
            order.insert(to[one.action], work)
    return tuple(order)


def _greedily(study: Study, progress: Progress, proposals: list[Proposal]) -> list[Proposal]:
    by_id = {one.work_id: one for one in proposals}
    queue = [_key(study, progress, one) for one in proposals]
    heapify(queue)
    ordered: list[Proposal] = []
    while queue:  # what a work adds only falls as others are done
        one = by_id[queue[0][2]]
        now = _key(study, progress, one)
        if now > queue[0]:
            heapreplace(queue, now)
            continue
        heappop(queue)
        ordered.append(one)
        for effect in one.effects:
            progress.add(effect.element_id, effect.points, effect.walk)
    return ordered


def _key(study: Study, progress: Progress, one: Proposal) -> _Key:
    people, benefit = study.inputs.demand.people, one.helped
    for effect in one.effects:
        open_to = ~progress.covered[effect.element_id][effect.points]
        benefit += float(people[effect.points[open_to]].sum())
    if one.cost.known:
        return False, -benefit / max(one.cost.middle, 1.0), one.work_id
    return True, -benefit, one.work_id


def _saved(study: Study, progress: Progress, one: Proposal) -> list[float]:
    people = study.inputs.demand.people
    saved = []
    for effect in one.effects:
        limit = float(study.reach.search[study.reach.column(effect.element_id)])
        before: FloatArray = np.minimum(progress.walk[effect.element_id][effect.points], limit)
        less = np.maximum(before - effect.walk, 0.0)
        saved.append(float((less * people[effect.points]).sum()))
    return saved

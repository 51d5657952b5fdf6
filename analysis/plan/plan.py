"""Plan: what to add where, in which order, at what cost, with proof.

:func:`make_plan` does all of it: what is under construction, new sites by the siting models, more
room and better quality beside them, one order for all, and the whole judged as a scenario.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.gaps.listing import Gap
from analysis.messages import Message, message
from analysis.places.circles import ALL_CIRCLES
from analysis.plan.choices import ElementAlternatives, SolveRecord
from analysis.plan.choosing import Chooser
from analysis.plan.links import LinkProposal, find_links
from analysis.plan.new_sites import new_work
from analysis.plan.openings import openings
from analysis.plan.ordering import in_order, laid_out, overruled
from analysis.plan.path_or_building import PathOrBuilding, path_or_building
from analysis.plan.plan_parameters import Override, PlanParameters
from analysis.plan.problem import PlanProblem, Progress
from analysis.plan.proof import Proof, prove, scenario_of
from analysis.plan.remedies import remedies
from analysis.plan.sites import Sites
from analysis.plan.unreachable import Unreachable, unreachable
from analysis.plan.works import Proposal, Work
from analysis.scenario.evaluation import WhatIf
from analysis.scenario.scenario import Scenario
from analysis.study import Study

_LACKING = ("short", "weak")


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """How far the money goes: after `order` works.

    Yuan so far, low and high, of what is known; `unpriced` works of which nobody knows the cost;
    `people` newly covered × elements so far; `share` of all residents × planned elements in the
    planned circles that are covered then, 0…1.
    """

    order: int
    work_id: str
    cost_low: float
    cost_high: float
    unpriced: int
    people: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """Works in order, how good they are, and what they come to.

    Attributes
    ----------
    title, parameters
        What was asked.
    element_ids, circle_ids
        What was planned for whom.
    works
        In order, each with what it adds to those before it.
    dropped
        Proposals that the planner left out.
    overrides
        Where the planner overruled the order, and why.
    records
        Every question put to a siting model, with status, objective, bound and gap.
    curve
        Coverage against money.
    unreachable
        Whom no candidate can serve, where, and why not.
    alternatives
        Plans nearly as good and really different, by element, as far as they were asked for.
    left_out
        What no work was found for, in words.
    links
        Missing links that were found for missing and inconvenient gaps. Those for inconvenient gaps
        are works, too.
    beside
        For each of these gaps the best link beside the smallest new facility, with both costs.
    proof
        The plan judged as a scenario.
    """

    title: str
    parameters: PlanParameters
    element_ids: tuple[str, ...]
    circle_ids: tuple[str, ...]
    sites: Sites
    works: tuple[Work, ...]
    dropped: tuple[Proposal, ...]
    overrides: tuple[Override, ...]
    records: tuple[SolveRecord, ...]
    curve: tuple[CurvePoint, ...]
    unreachable: tuple[Unreachable, ...]
    alternatives: tuple[ElementAlternatives, ...]
    left_out: tuple[Message, ...]
    links: tuple[LinkProposal, ...]
    beside: tuple[PathOrBuilding, ...]
    proof: Proof

    @property
    def people(self) -> float:
        """Return residents newly covered × elements, by all works."""
        return sum(one.people for one in self.works)

    def scenario(self) -> Scenario:
        """Return the works as a scenario on the study."""
        return scenario_of(self.title, self.works)


def make_plan(
    study: Study,
    sites: Sites,
    parameters: PlanParameters | None = None,
    *,
    title: str = "",
    overrides: Sequence[Override] = (),
    session: WhatIf | None = None,
) -> Plan:
    """Plan works for `study` on `sites`.

    `session` is a :class:`WhatIf` of the same study, where one is at hand. The same inputs give the
    same plan, whatever their order. Raises :class:`InvalidParameterError` for elements or circles
    that the study does not have, and for overrides of works that are not in the plan.
    """
    asked = parameters or PlanParameters()
    wanted = wanted_of(study, asked)
    elements = [one for one in study.inputs.standard.walked if wanted.get(one.id)]
    far = [one.id for one in elements if asked.model_of(one.id) in ("p_median", "p_centre")]
    circles = tuple(sorted({circle for own in wanted.values() for circle in own}))
    problem = PlanProblem(study, sites, elements, circles=circles, far=far)
    opened = openings(problem, elements)
    chosen = Chooser(problem, asked, wanted, opened).chosen()
    proposals = [*opened, *(new_work(problem, one) for one in chosen.choices)]
    left_out = list(chosen.left_out)
    session = session or WhatIf(study)
    gaps = _gaps_to_link(study, asked, wanted)
    links = find_links(study, session, gaps) if gaps else ()
    if asked.remedies:
        beside = remedies(problem, wanted, proposals, links)
        proposals += beside.works
        left_out += beside.left
    ordered = in_order(study, proposals)
    ordered, over = _affordable(ordered, asked.budget_yuan)
    left_out += over
    ordered = _useful(study, ordered)
    kept = overruled(ordered, overrides)
    works = laid_out(study, kept)
    return Plan(
        title=title,
        parameters=asked,
        element_ids=tuple(one.id for one in elements),
        circle_ids=tuple(study.inputs.circles.circle_id[one] for one in circles),
        sites=sites,
        works=works,
        dropped=tuple(one for one in ordered if one not in kept),
        overrides=tuple(overrides),
        records=chosen.records,
        curve=_curve(problem, works),
        unreachable=tuple(
            found for one in elements for found in unreachable(problem, one, wanted[one.id])
        ),
        alternatives=chosen.alternatives,
        left_out=tuple(left_out),
        links=links,
        beside=_beside(session, gaps, links),
        proof=prove(session, title, works),
    )


def wanted_of(study: Study, parameters: PlanParameters) -> dict[str, tuple[int, ...]]:
    """Return for each element in which circles (positions) it is to be mended.

    Without a list, wherever it is short or weak; elements and circles that are asked for by name
    are planned for wherever coverage can be judged.
    """
    ids = study.inputs.circles.circle_id
    walked = {one.id for one in study.inputs.standard.walked}
    _known("elements", parameters.elements, walked)
    _known("circles", parameters.circles, set(ids))
    wanted: dict[str, list[int]] = {}
    for row in study.assessment.rows:
        if row.circle_id == ALL_CIRCLES or row.element_id not in walked:
            continue
        if parameters.circles is not None and row.circle_id not in parameters.circles:
            continue
        if parameters.elements is not None and row.element_id not in parameters.elements:
            continue
        if row.verdict in _LACKING:
            wanted.setdefault(row.element_id, []).append(ids.index(row.circle_id))
    return {element_id: tuple(sorted(circles)) for element_id, circles in wanted.items()}


def _gaps_to_link(
    study: Study, asked: PlanParameters, wanted: Mapping[str, tuple[int, ...]]
) -> tuple[Gap, ...]:
    """Return the gaps that are planned for and that a missing link may mend."""
    kinds = (*(["inconvenient"] if asked.remedies else []), *(["missing"] if asked.links else []))
    ids = study.inputs.circles.circle_id
    here = {(element_id, ids[one]) for element_id, own in wanted.items() for one in own}
    return tuple(
        one for one in study.gaps if one.kind in kinds and (one.element_id, one.circle_id) in here
    )


def _beside(
    session: WhatIf, gaps: Iterable[Gap], links: Sequence[LinkProposal]
) -> tuple[PathOrBuilding, ...]:
    """Return path and building side by side for the gaps that a link was found for."""
    linked = {gap_id for one in links for gap_id in one.gap_people}
    answers = (
        path_or_building(session.study, session, one, links=links)
        for one in gaps
        if one.gap_id in linked
    )
    return tuple(one for one in answers if one is not None)


def _known(what: str, given: Iterable[str] | None, known: set[str]) -> None:
    for one in given or ():
        if one not in known:
            raise InvalidParameterError(
                message(f"plan.unknown.{what}"),
                remedy=message("plan.unknown.remedy", known=", ".join(sorted(known))),
                value=one,
            )


def _affordable(
    ordered: Sequence[Proposal], budget: float | None
) -> tuple[tuple[Proposal, ...], list[Message]]:
    """Return what the budget allows, in order, and what it does not, in words.

    New sites were chosen within the budget; what mends scale and quality takes what they leave.
    """
    if budget is None:
        return tuple(ordered), []
    chosen_first = sorted(ordered, key=lambda one: bool(one.helped_by))  # stable
    left, kept, dear = budget, set[str](), 0
    for one in chosen_first:
        cost = one.cost.middle if one.cost.known else np.inf
        if cost <= left * (1 + 1e-9):
            left -= cost
            kept.add(one.work_id)
        else:
            dear += 1
    told = [message("plan.left_out.budget", count=dear)] if dear else []
    return tuple(one for one in ordered if one.work_id in kept), told


def _useful(study: Study, ordered: Sequence[Proposal]) -> tuple[Proposal, ...]:
    """Return `ordered` without works that add nothing where they stand in the order."""
    works = laid_out(study, ordered)
    shorter = [one for one in works if one.benefit > 0 or one.walk_saved > 0]
    return tuple(one.proposal for one in shorter)


def _curve(problem: PlanProblem, works: Sequence[Work]) -> tuple[CurvePoint, ...]:
    study, progress = problem.study, Progress(problem.study)
    people = np.where(problem.here, study.inputs.demand.people, 0.0)
    ids = [one.id for one in problem.elements]
    whole = float(people.sum()) * len(ids)

    def share() -> float:
        covered = sum(float(people[progress.covered[one]].sum()) for one in ids)
        return covered / whole if whole > 0 else float("nan")

    points = [
        CurvePoint(
            order=0, work_id="", cost_low=0.0, cost_high=0.0, unpriced=0, people=0.0, share=share()
        )
    ]
    for work in works:
        cost, last = work.proposal.cost, points[-1]
        for effect in work.proposal.effects:
            progress.add(effect.element_id, effect.points, effect.walk)
        points.append(
            CurvePoint(
                order=work.order,
                work_id=work.work_id,
                cost_low=last.cost_low + (cost.low if cost.known else 0.0),
                cost_high=last.cost_high + (cost.high if cost.known else 0.0),
                unpriced=last.unpriced + (not cost.known),
                people=last.people + work.people,
                share=share(),
            )
        )
    return tuple(points)

"""Budgeting: many elements, many sites, one sum of money, and sites that may be shared."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.messages import Message, message
from analysis.plan.builds import smallest
from analysis.plan.choices import SolveRecord
from analysis.plan.plan_parameters import PlanParameters
from analysis.plan.problem import PlanProblem, Progress
from analysis.plan.sites import takes_all
from analysis.siting.conditions import SideConditions
from analysis.siting.joint import JointSites, joint_plan
from analysis.standard.profile import Element
from analysis.units import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgeted:
    """What the money buys: `opened` (site, element) in the order of people per yuan.

    `spent` are, for each element that was asked about, its costs at all sites and what the plan
    spends on it.
    """

    record: SolveRecord
    opened: tuple[tuple[int, Element], ...]
    spent: tuple[SideConditions, ...]


def budgeted(
    problem: PlanProblem,
    progress: Progress,
    elements: Sequence[Element],
    circles: Sequence[tuple[int, ...]],
    parameters: PlanParameters,
    budget_yuan: float,
) -> Budgeted:
    """Choose what to open where, so that most people newly have one of `elements` in reach.

    One person of an element's deciding basis counts 1, whichever element it is. A site costs what
    the smallest facility costs on its own; who shares one takes less and never more, so that the
    budget holds.
    """
    started = time.perf_counter()
    tables = [
        problem.table(element, progress, circles=own)
        for element, own in zip(elements, circles, strict=True)
    ]
    sites = _joint_sites(problem, elements, joint=parameters.joint)
    answer = joint_plan(tables, sites, budget_yuan, effort=parameters.effort)
    unreached = sum(float(one.people[one.unreached].sum()) for one in tables)
    people = sum(float(one.people.sum()) for one in tables)
    ids = problem.study.inputs.circles.circle_id
    record = SolveRecord(
        element_ids=tuple(one.id for one in elements),
        circle_ids=tuple(ids[one] for one in sorted({one for own in circles for one in own})),
        model="joint",
        status=answer.status,
        objective=answer.objective,
        bound=answer.bound,
        gap=answer.gap,
        unit="people",
        n_sites=len(np.unique(answer.site)),
        target_share=float("nan"),
        best_share=1.0 - unreached / people if people > 0 else float("nan"),
        people_unreached=unreached,
        solvers=answer.solvers,
        iterations=answer.iterations,
        seconds=time.perf_counter() - started,
    )
    pairs = zip(answer.site.tolist(), answer.element.tolist(), strict=True)
    return Budgeted(
        record=record,
        opened=tuple((site, elements[element]) for site, element in pairs),
        spent=tuple(
            SideConditions(
                cost=sites.cost[:, number].copy(),
                budget=float(answer.cost[answer.element == number].sum()),
            )
            for number in range(len(elements))
        ),
    )


def is_priced(problem: PlanProblem, element: Element) -> bool:
    """Return whether it may stand somewhere, and money can be held against it there."""
    return bool(np.isfinite(costs_of(problem, element)).any())


def why_not_priced(problem: PlanProblem, element: Element) -> Message | None:
    """Return that nothing says what an element costs; None where something does."""
    if len(problem.sites.allowed_for(element.id)) == 0 or is_priced(problem, element):
        return None
    return message("plan.left_out.no_cost", element=element.name)


def costs_of(problem: PlanProblem, element: Element) -> FloatArray:
    """Return the middle of what it costs at each site on its own, float64 [k]; nan: not there."""
    costs = np.full(len(problem.sites), np.nan)
    for site in problem.sites.allowed_for(element.id).tolist():
        costs[site] = problem.cost(element, site, problem.build(element, site)).middle
    return costs


def _joint_sites(problem: PlanProblem, elements: Sequence[Element], *, joint: bool) -> JointSites:
    costs = np.column_stack([costs_of(problem, one) for one in elements])
    allowed = np.isfinite(costs)
    alone = np.array([not joint or takes_all(one) for one in elements])
    together = np.array(
        [[two.id in one.siting.compatible_with for two in elements] for one in elements]
    )
    together = together & together.T & ~(alone[:, None] | alone[None, :])
    return JointSites(
        floor_m2=problem.sites.room_m2,
        need_m2=np.array([smallest(one, shared=joint).room_m2 for one in elements]),
        cost=np.where(allowed, costs, 0.0),
        allowed=allowed,
        compatible=together | np.eye(len(elements), dtype=bool),
        weight=np.ones(len(elements)),
    )

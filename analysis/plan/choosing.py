"""Choosing sites: the siting models put to the tables of a plan, in a stated order.

Without a budget each element is planned circle by circle (whoever lacks most comes first), and what
is chosen for one circle serves the next. With a budget all elements and circles are one problem.
"""

import time
from collections.abc import Iterable, Mapping

import numpy as np

from analysis.capacity.amounts import amounts
from analysis.errors import InvalidParameterError
from analysis.messages import Message, message
from analysis.plan.budgeting import budgeted, is_priced, why_not_priced
from analysis.plan.builds import people_of, smallest
from analysis.plan.choices import Choice, Chosen, ElementAlternatives, SolveRecord
from analysis.plan.plan_parameters import PlanParameters
from analysis.plan.preferring import preferred
from analysis.plan.problem import PlanProblem, Progress
from analysis.plan.sites import takes_all
from analysis.plan.works import Proposal
from analysis.siting.alternatives import alternatives
from analysis.siting.answer import SitingAnswer
from analysis.siting.capacitated import capacitated_lscp, capacitated_mclp
from analysis.siting.conditions import FREE, SideConditions
from analysis.siting.cover_table import CoverTable
from analysis.siting.lscp import lscp
from analysis.siting.mclp import mclp
from analysis.siting.p_centre import p_centre
from analysis.siting.p_median import p_median
from analysis.standard.profile import Element
from analysis.units import IntArray

_ALL = 1.0
_ROUNDING = 1e-9  # as in the verdict of coverage


class Chooser:
    """Chooses sites for a plan.

    `wanted` says for each element id in which circles (positions) it is to be mended; `opened`
    works are done in any case.
    """

    def __init__(
        self,
        problem: PlanProblem,
        parameters: PlanParameters,
        wanted: Mapping[str, tuple[int, ...]],
        opened: Iterable[Proposal] = (),
    ) -> None:
        self.problem, self.parameters, self.wanted = problem, parameters, wanted
        self.progress = Progress(problem.study)
        for one in opened:
            for effect in one.effects:
                self.progress.add(effect.element_id, effect.points, effect.walk)
        self._start = self.progress.copy()
        self._held: dict[int, list[Element]] = {}
        self._records: list[SolveRecord] = []
        self._left_out: list[Message] = []
        self._alternatives: list[ElementAlternatives] = []

    def chosen(self) -> Chosen:
        """Choose, and tell how."""
        elements = [one for one in self.problem.elements if self.wanted.get(one.id)]
        # What also serves others comes first, so that these do not build twice.
        elements.sort(key=lambda one: -len(self.problem.served_by(one.id)))
        if self.parameters.budget_yuan is not None:
            self._within_budget(elements, self.parameters.budget_yuan)
        else:
            for element in elements:
                self._one_element(element)
        order = {one.id: place for place, one in enumerate(self.problem.elements)}
        return Chosen(
            choices=tuple(
                Choice(
                    site=site,
                    element_ids=tuple(sorted((one.id for one in held), key=order.__getitem__)),
                )
                for site, held in sorted(self._held.items())
            ),
            records=tuple(self._records),
            alternatives=tuple(self._alternatives),
            left_out=tuple(self._left_out),
        )

    def _one_element(self, element: Element) -> None:
        before = self.progress.copy()
        closed = self._closed(element)
        model, circles = self.parameters.model_of(element.id), self.wanted[element.id]
        sites: list[int] = []
        if model in ("lscp", "capacitated") and self.parameters.n_sites is None:
            for circle in self._most_lacking(element, circles):
                if not self._is_reached(element, circle):
                    sites += self._ask(element, (circle,), [*closed, *sites])
        else:
            sites = self._ask(element, circles, closed)
        self._offer_alternatives(element, before, circles, closed, sites)

    def _ask(self, element: Element, circles: tuple[int, ...], closed: list[int]) -> list[int]:
        started = time.perf_counter()
        answer, table = self._answer(element, circles, closed)
        seconds = time.perf_counter() - started
        model, target = answer.model, self._target(element)
        unit = {"p_median": "person_m", "p_centre": "m", "mclp": "people"}.get(model, "sites")
        if model == "capacitated_mclp":
            unit = "people"
        if self.problem.study.reach.criterion == "minutes":
            unit = {"person_m": "person_s", "m": "s"}.get(unit, unit)
        asked = model in ("lscp", "capacitated_lscp")
        self._records.append(
            _record(
                (element.id,), self._names(circles), answer, table, unit,
                target if asked else float("nan"), seconds,
            )
        )  # fmt: skip
        sites: list[int] = preferred(table, self.problem.sites, answer, target).tolist()
        for site in sites:
            self._open(element, site)
        return sites

    def _answer(
        self, element: Element, circles: tuple[int, ...], closed: list[int]
    ) -> tuple[SitingAnswer, CoverTable]:
        problem, parameters = self.problem, self.parameters
        model, k = parameters.model_of(element.id), parameters.n_sites or 1
        far = model in ("p_median", "p_centre")
        if model == "capacitated":
            return self._capacitated(element, circles, closed)
        table = problem.table(element, self.progress, circles=circles, closed=closed, far=far)
        effort = parameters.effort
        if model == "p_median":
            column = problem.study.reach.column(element.id)
            beyond_m = float(problem.study.reach.search[column])
            return p_median(table, k, beyond_m=beyond_m, effort=effort), table
        if model == "p_centre":
            return p_centre(table, k, effort=effort), table
        if model == "mclp":
            return mclp(table, k, effort=effort), table
        return lscp(table, self._target(element), effort=effort), table

    def _capacitated(
        self, element: Element, circles: tuple[int, ...], closed: list[int]
    ) -> tuple[SitingAnswer, CoverTable]:
        """Ask with room for so many: by the basis of the norm, which sizes a facility."""
        problem, rule = self.problem, element.scale
        demand, cohorts = problem.study.inputs.demand, problem.study.inputs.standard.cohorts
        basis = None if rule is None else amounts(demand, cohorts, rule.basis)
        each = people_of(element, smallest(element).amount)
        if basis is None or not np.isfinite(each):
            raise InvalidParameterError(
                message("plan.no_capacity", element=element.name),
                remedy=message("plan.no_capacity.remedy"),
                value=element.id,
            )
        weight = np.where(problem.here, basis.of_point, 0.0)
        table = problem.table(element, self.progress, circles=circles, closed=closed, weight=weight)
        capacity = np.array([people_of(element, one.amount) for one in problem.builds[element.id]])
        effort, k = self.parameters.effort, self.parameters.n_sites
        if k is None:
            return capacitated_lscp(table, capacity, effort=effort), table
        return capacitated_mclp(table, k, capacity, effort=effort), table

    def _within_budget(self, elements: list[Element], budget: float) -> None:
        for one in elements:
            why = why_not_priced(self.problem, one)
            if why is not None:
                self._left_out.append(why)
        priced = [one for one in elements if is_priced(self.problem, one)]
        if not priced:
            return
        found = budgeted(
            self.problem, self._start, priced, [self.wanted[one.id] for one in priced],
            self.parameters, budget,
        )  # fmt: skip
        self._records.append(found.record)
        for site, element in found.opened:
            self._open(element, site)
        for one, conditions in zip(priced, found.spent, strict=True):
            own = [site for site, element in found.opened if element is one]
            self._offer_alternatives(one, self._start, self.wanted[one.id], [], own, conditions)

    def _open(self, element: Element, site: int) -> None:
        self._held.setdefault(site, []).append(element)
        for served in self.problem.served_by(element.id):
            reach = self.problem.reach(element.id, served)
            if reach is not None:
                self.progress.add(served, *reach.of_site(site))

    def _closed(self, element: Element) -> list[int]:
        """Return the sites that what was chosen before leaves no place on."""
        return [site for site, held in self._held.items() if not self._fits(element, site, held)]

    def _fits(self, element: Element, site: int, held: list[Element]) -> bool:
        together = all(one.id in element.siting.compatible_with for one in held)
        whole = any(takes_all(one) for one in (element, *held))
        if not self.parameters.joint or not together or whole:
            return False
        taken_m2 = sum(smallest(one, shared=True).room_m2 for one in held)
        return self.problem.sites.has_room(site, smallest(element, shared=True), taken_m2)

    def _most_lacking(self, element: Element, circles: tuple[int, ...]) -> tuple[int, ...]:
        weight, circle = self.problem.weights(element), self.problem.study.inputs.demand.circle
        lacking = np.where(self.progress.covered[element.id], 0.0, weight)
        return tuple(sorted(circles, key=lambda one: (-float(lacking[circle == one].sum()), one)))

    def _is_reached(self, element: Element, circle: int) -> bool:
        """Return whether a circle has what it is to have, by what exists and was chosen so far."""
        here = self.problem.study.inputs.demand.circle == circle
        weight = np.where(here, self.problem.weights(element), 0.0)
        if self.parameters.model_of(element.id) == "capacitated":
            return False
        covered = float(weight[self.progress.covered[element.id]].sum())
        return covered >= (self._target(element) - _ROUNDING) * float(weight.sum())

    def _target(self, element: Element) -> float:
        share = self.parameters.target_share
        return element.coverage.target.value if share is None else share

    def _names(self, circles: tuple[int, ...]) -> tuple[str, ...]:
        ids = self.problem.study.inputs.circles.circle_id
        return tuple(ids[one] for one in circles)

    def _offer_alternatives(
        self,
        element: Element,
        before: Progress,
        circles: tuple[int, ...],
        closed: list[int],
        sites: list[int],
        conditions: SideConditions = FREE,
    ) -> None:
        count = self.parameters.alternatives
        if not count or not sites:
            return
        table = self.problem.table(element, before, circles=circles, closed=closed)
        chosen = np.array(sorted(sites), dtype=np.int32)
        covered = table.covered_by(chosen) & ~table.covered
        answer = _as_answer(chosen, float(table.people[covered].sum()))
        found = alternatives(
            table, answer, count, conditions=conditions, effort=self.parameters.effort
        )
        self._alternatives.append(
            ElementAlternatives(
                element_id=element.id,
                plans=tuple(tuple(sorted(one.sites.tolist())) for one in found.plans),
                loss=tuple(found.loss.tolist()),
                loss_share=tuple(found.loss_share.tolist()),
                no_regret=tuple(found.no_regret.tolist()),
            )
        )


def _as_answer(sites: IntArray, people: float) -> SitingAnswer:
    """Return chosen sites as an answer that alternatives can be held against."""
    each = np.zeros(len(sites))
    each[:1] = people
    return SitingAnswer(
        model="mclp", sites=sites, people=each, status="heuristic", objective=people, bound=np.inf,
        unreached=np.empty(0, dtype=np.int32), unreached_people=0.0, solvers=(), iterations=0,
    )  # fmt: skip


def _record(
    element_ids: tuple[str, ...],
    circle_ids: tuple[str, ...],
    answer: SitingAnswer,
    table: CoverTable,
    unit: str,
    target: float,
    seconds: float,
) -> SolveRecord:
    people = float(table.people.sum())
    unreached = table.unreached
    return SolveRecord(
        element_ids=element_ids,
        circle_ids=circle_ids,
        model=answer.model,
        status=answer.status,
        objective=answer.objective,
        bound=answer.bound,
        gap=answer.gap,
        unit=unit,
        n_sites=len(answer.sites),
        target_share=target,
        best_share=_ALL - float(table.people[unreached].sum()) / people if people else np.nan,
        people_unreached=float(table.people[unreached].sum()),
        solvers=answer.solvers,
        iterations=answer.iterations,
        seconds=seconds,
    )

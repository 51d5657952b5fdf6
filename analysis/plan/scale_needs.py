"""ScaleNeeds: what circles lack of an element's scale, and what part of a work reaches whom."""

from dataclasses import dataclass

import numpy as np
import shapely

from analysis.capacity.amounts import amounts
from analysis.capacity.loads import BY_GROUND
from analysis.judgement.assessment import scopes
from analysis.judgement.scale_figures import drawn_of
from analysis.plan.problem import PlanProblem
from analysis.standard.profile import Element
from analysis.standard.rules import ScaleRule
from analysis.units import M2_PER_KM2, FloatArray, IntArray


@dataclass(slots=True, kw_only=True, eq=False)
class ScaleNeed:
    """What one circle lacks of an element, in the unit of its scale; `lacking` falls as works add.

    `needed` is all that the norm asks for, `people` the residents concerned.
    """

    circle: int
    gap_id: str
    lacking: float
    needed: float
    people: float

    def meet(self, amount: float) -> float:
        """Take `amount` off what is lacking; return the residents whom it does for."""
        useful = min(max(amount, 0.0), self.lacking)
        self.lacking -= useful
        return self.people * useful / self.needed if self.needed > 0 else 0.0


class Draws:
    """Which part of a facility each circle draws, as the assessment of scale counts it."""

    def __init__(self, problem: PlanProblem, element: Element, rule: ScaleRule) -> None:
        self.problem, self.element = problem, element
        study = problem.study
        demand, cohorts = study.inputs.demand, study.inputs.standard.cohorts
        self.by_ground = rule.basis in BY_GROUND
        basis = amounts(demand, cohorts, rule.basis)
        self._inside = None if basis is None else basis.of_point
        beyond = amounts(study.inputs.beyond, cohorts, rule.basis, like=demand)
        self._beyond = None if beyond is None else beyond.of_point
        self._rule, self._scopes = rule, scopes(study.measured)
        self._shares: dict[int, FloatArray] = {}
        self._drawn: dict[int, tuple[IntArray, FloatArray, FloatArray]] = {}

    def needed(self, circle: int) -> float:
        """Return what the norm asks for in a circle."""
        study = self.problem.study
        if self._rule.basis == "area":
            held = float(shapely.area(study.inputs.circles.polygons[circle])) / M2_PER_KM2
        elif self._inside is None:
            return 0.0
        else:
            held = float(self._inside[study.inputs.demand.circle == circle].sum())
        return held / self._rule.per * self._rule.norm.value

    def of_site(self, site: int, circle: int) -> float:
        """Return the part of a new facility at a site that a circle would draw, 0…1."""
        if site not in self._shares:
            self._shares[site] = self._by_circle(site)
        return float(self._shares[site][circle])

    def of_facilities(self, circle: int) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return rows of what there is, what each offers (nan unknown), and the part drawn."""
        if circle not in self._drawn:
            load = self.problem.study.measured.loads.get(self.element.id)
            none = np.empty(0)
            self._drawn[circle] = (
                (np.empty(0, dtype=np.int32), none, none)
                if load is None
                else (load.supply.row, load.supply.amount, drawn_of(load, self._scopes[circle]))
            )
        return self._drawn[circle]

    def _by_circle(self, site: int) -> FloatArray:
        """Return the part of a new facility that each circle would draw, float64 [c]."""
        demand, reach = self.problem.study.inputs.demand, self.problem.reach(self.element.id)
        n = len(self.problem.study.inputs.circles)
        stands: FloatArray = (np.arange(n) == self.problem.sites.circle[site]).astype(np.float64)
        if self.by_ground or reach is None or self._inside is None:
            return stands
        points = reach.of_site(site)[0]
        held = self._inside[points]
        whole = float(held.sum()) + self._of_beyond(reach.beyond_of(site))
        if whole <= 0:
            return stands
        ours = demand.circle[points]
        parts: FloatArray = np.bincount(ours[ours >= 0], held[ours >= 0], n) / whole
        return parts

    def _of_beyond(self, points: IntArray) -> float:
        return 0.0 if self._beyond is None else float(self._beyond[points].sum())

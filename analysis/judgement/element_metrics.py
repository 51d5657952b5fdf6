"""ElementMetrics: every metric of one element, worked out for any scope."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from analysis.capacity.amounts import amounts
from analysis.capacity.loads import Load
from analysis.judgement import efficiency
from analysis.judgement.coverage import Measured
from analysis.judgement.element_scale import figures_of_scale, own_are_unknown
from analysis.judgement.judged import judged_facilities
from analysis.judgement.on_the_way import crossing_answer, slope_answer
from analysis.judgement.park_tiers import entrances_per_facility, tiers_in_reach, tiers_share
from analysis.judgement.parking import OWN_SPACES, shortage
from analysis.judgement.quality import attribute_answer
from analysis.judgement.quality_measures import OF_ATTRIBUTES
from analysis.judgement.rates import per_demand
from analysis.judgement.scale_figures import drawn_of
from analysis.messages import Joined, Message, message
from analysis.places.attributes import AttributeValues
from analysis.places.scope import Scope
from analysis.reach.approach import Approach
from analysis.reach.choices import choice_answer, near_answer
from analysis.standard.figures import Answer, Unknown
from analysis.standard.profile import Element
from analysis.standard.rules import Measure, MetricRule
from analysis.units import FloatArray, IntArray

_Answering = Callable[["ElementMetrics", Scope, MetricRule], Answer]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ElementMetrics:
    """One walked element of a study and what its metrics are worked out from.

    `straight_m` float64 [p] is the straight distance to the nearest facility; None where no metric
    asks for it. `load` is None where the element has no norm of scale. `values` are the attributes
    that its metrics read.
    """

    measured: Measured
    element: Element
    load: Load | None
    straight_m: FloatArray | None
    values: Mapping[str, AttributeValues] = field(default_factory=dict)

    def answer(self, scope: Scope, rule: MetricRule) -> Answer:
        """Return one metric in one scope, or why there is none."""
        measure = rule.metric.measure
        if measure in _ANSWERS:
            return _ANSWERS[measure](self, scope, rule)
        if measure in OF_ATTRIBUTES:
            return self._of_attributes(scope, rule)
        return Unknown(why_not=self.no_method(rule))

    def rows(self, scope: Scope, *, only_inside: bool = False) -> IntArray:
        """Return which facilities that count lie inside or, unless asked for only those, are used.

        int32, ascending.
        """
        rows = self.measured.facilities.of_element(self.element.id)
        chosen = scope.inside[rows] & self.measured.counting[rows]
        if self.load is not None and not only_inside:
            drawn = drawn_of(self.load, scope) > 0
            chosen |= np.isin(rows, self.load.supply.row[drawn])
        return rows[chosen]

    @property
    def min_known(self) -> float:
        """Return the least share of facilities that must be known for a figure to be judged."""
        return self.measured.standard.verdict_rules.min_known_share.value

    def no_method(self, rule: MetricRule) -> Message:
        """Return that a metric cannot be worked out."""
        return message("efficiency.no_method", name=rule.metric.name)

    @property
    def _walk_m(self) -> FloatArray:
        reach = self.measured.reach
        walk_m: FloatArray = reach.walk_m[:, reach.column(self.element.id)]
        return walk_m

    def _walks(self, scope: Scope) -> efficiency.Walks:
        reach = self.measured.reach
        return efficiency.Walks(
            walk_m=self._walk_m,
            people=self.measured.demand.people,
            here=scope.here,
            beyond_m=reach.beyond_m[:, reach.column(self.element.id)],
        )

    def _walk_mean(self, scope: Scope, rule: MetricRule) -> Answer:
        return efficiency.walk_mean(self._walks(scope), rule.target)

    def _walk_p95(self, scope: Scope, rule: MetricRule) -> Answer:
        return efficiency.walk_p95(self._walks(scope), rule.target)

    def _detour(self, scope: Scope, rule: MetricRule) -> Answer:
        if self.straight_m is None:
            return Unknown(why_not=self.no_method(rule))
        people = self.measured.demand.people
        return efficiency.detour(self._walk_m, self.straight_m, people, scope.here)

    def _loaded(self, scope: Scope, rule: MetricRule) -> Answer:
        load = self.load
        if load is None or self.element.scale is None:
            return Unknown(why_not=message("efficiency.no_scale"))
        if load.assignment is None:
            return Unknown(why_not=_capacity_unknown(load, self.element))
        found = load.assignment
        if rule.metric.measure == "unserved":
            return efficiency.unserved(
                found.demand, found.served, scope.here, estimated=load.estimated
            )
        used = drawn_of(load, scope)
        return efficiency.utilisation(found.load, found.capacity, used, estimated=load.estimated)

    def _shortage(self, scope: Scope, rule: MetricRule) -> Answer:
        scale, load = self.element.scale, self.load
        if load is None or scale is None:
            return Unknown(why_not=message("efficiency.no_scale"))
        own = (OWN_SPACES,) if own_are_unknown(self.measured, self.element) else ()
        columns = (*scale.capacity.columns, *own) or ("capacity",)
        figures = figures_of_scale(self.measured, self.element, scale, load, scope)
        return shortage(scale, figures, rule.target, columns)

    def _entrances(self, scope: Scope, _: MetricRule) -> Answer:
        rows = self.rows(scope)
        return entrances_per_facility(self.measured.facilities, rows, self.min_known)

    def _of_attributes(self, scope: Scope, rule: MetricRule) -> Answer:
        inside, reached = self.rows(scope, only_inside=True), self.rows(scope)
        judged = judged_facilities(self.measured.facilities, inside, reached)
        return attribute_answer(
            rule, judged=judged, values=self.values, min_known_share=self.min_known
        )

    def _per_demand(self, scope: Scope, rule: MetricRule) -> Answer:
        name, standard, load = rule.metric.attribute, self.measured.standard, self.load
        if name is None or name not in self.values or load is None:
            return Unknown(why_not=self.no_method(rule))
        if len(self.rows(scope)) == 0:
            return Unknown(why_not=message("quality.no_facility"))
        return per_demand(
            rule,
            standard.attributes[name],
            self.values[name].at(load.supply.row),
            drawn_of(load, scope),
            amounts(self.measured.demand, standard.cohorts, rule.metric.basis),
            scope.here,
            min_known=self.min_known,
            estimated=load.co_users.estimated,
        )

    def _tiers(self, scope: Scope, _: MetricRule) -> Answer:
        """Return the share of residents with a facility of every size tier in reach."""
        load, reach = self.load, self.measured.reach
        if load is None:
            return Unknown(why_not=message("efficiency.no_scale"))
        area_m2 = self.measured.facilities.area_m2[load.supply.row]
        limit = float(reach.threshold[reach.column(self.element.id)])
        holds = tiers_in_reach(self.element, load.reach, area_m2, limit)
        return tiers_share(holds, self.measured.demand.people, scope.here, area_m2)

    def _slope(self, scope: Scope, rule: MetricRule) -> Answer:
        approach, network = self._approach, self.measured.network
        if approach is None or network is None:
            return Unknown(why_not=self.no_method(rule))
        return slope_answer(approach, self.measured.demand.people, scope.here, network.terrain)

    def _crossing(self, scope: Scope, rule: MetricRule) -> Answer:
        if self._approach is None:
            return Unknown(why_not=self.no_method(rule))
        people = self.measured.demand.people
        return crossing_answer(
            rule.target, self._approach, people, scope.here, min_known=self.min_known
        )

    def _choice(self, scope: Scope, rule: MetricRule) -> Answer:
        load, metric = self.load, rule.metric
        values = None if metric.attribute is None else self.values.get(metric.attribute)
        unread = metric.attribute is not None and values is None
        if load is None or metric.at_least is None or unread:
            return Unknown(why_not=self.no_method(rule))
        reach = load.reach
        return choice_answer(
            reach.first, reach.facility[reach.position], self.measured.demand.people, scope.here,
            at_least=metric.at_least, values=values, min_known_share=self.min_known,
        )  # fmt: skip

    def _near(self, scope: Scope, rule: MetricRule) -> Answer:
        element_id, within_m = rule.metric.element_id, rule.metric.within_m
        if element_id is None or within_m is None:
            return Unknown(why_not=self.no_method(rule))
        inside = self.rows(scope, only_inside=True)
        rows = inside if len(inside) else self.rows(scope)
        near = self.measured.routes.near[self.element.id, element_id, within_m]
        return near_answer(near, rows)

    @property
    def _approach(self) -> Approach | None:
        return self.measured.routes.approach.get(self.element.id)


_ANSWERS: Mapping[Measure, _Answering] = {
    "walk_mean": ElementMetrics._walk_mean,  # noqa: SLF001 - its own table
    "walk_p95": ElementMetrics._walk_p95,  # noqa: SLF001
    "detour": ElementMetrics._detour,  # noqa: SLF001
    "utilisation": ElementMetrics._loaded,  # noqa: SLF001
    "unserved": ElementMetrics._loaded,  # noqa: SLF001
    "shortage": ElementMetrics._shortage,  # noqa: SLF001
    "entrances": ElementMetrics._entrances,  # noqa: SLF001
    "per_demand": ElementMetrics._per_demand,  # noqa: SLF001
    "tiers": ElementMetrics._tiers,  # noqa: SLF001
    "slope": ElementMetrics._slope,  # noqa: SLF001
    "crossing": ElementMetrics._crossing,  # noqa: SLF001
    "choice": ElementMetrics._choice,  # noqa: SLF001
    "near_element": ElementMetrics._near,  # noqa: SLF001
}


def _capacity_unknown(load: Load, element: Element) -> Message:
    rule = element.scale
    columns = ("capacity",) if rule is None else rule.capacity.columns or ("capacity",)
    return message(
        "efficiency.capacity_unknown",
        facilities=len(load.supply.row),
        unknown=int(np.count_nonzero(~load.supply.known)),
        columns=Joined(columns),
    )

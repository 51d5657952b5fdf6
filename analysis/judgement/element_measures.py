"""ElementMeasures: what is worked out once for an element and then judged for each circle."""

from dataclasses import dataclass, replace
from functools import partial

from analysis.judgement import efficiency
from analysis.judgement.attribute_values import read_attributes
from analysis.judgement.coverage import Measured
from analysis.judgement.element_metrics import ElementMetrics
from analysis.judgement.element_scale import judge_element_scale
from analysis.judgement.judged import Surroundings, judged_facilities
from analysis.judgement.quality import judge_quality
from analysis.judgement.quality_measures import OF_ATTRIBUTES
from analysis.judgement.renewal import Renewal, renewal
from analysis.messages import message
from analysis.places.scope import Scope
from analysis.standard.figures import judge_figures
from analysis.standard.profile import Element
from analysis.standard.verdicts import Dimension, DimensionVerdict

# Reasons of an open coverage that say nothing of the facilities that are known.
_OPEN_BY_PLACE = ("verdict.edge_of_data", "verdict.at_least")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ElementMeasures:
    """One element of a study, ready to be judged in any scope.

    `metrics` answer for a walked element, `renewal` for stock to be renewed; the other is None.
    """

    metrics: ElementMetrics | None
    renewal: Renewal | None

    def walked(self, scope: Scope, coverage: DimensionVerdict) -> dict[Dimension, DimensionVerdict]:
        """Return scale, efficiency and quality of a walked element.

        Where coverage is open because the data cannot tell of any facility, so are the others.
        """
        if self.metrics is None:
            return {}
        if coverage.verdict == "not_assessed" and coverage.reason.key not in _OPEN_BY_PLACE:
            return {
                one: DimensionVerdict(dimension=one, verdict="not_assessed", reason=coverage.reason)
                for one in ("scale", "efficiency", "quality")
            }
        metrics = self.metrics
        return {
            "scale": judge_element_scale(
                metrics.measured, metrics.element, metrics.load, scope, coverage
            ),
            "efficiency": _unless_edge(_efficiency(metrics, scope), coverage),
            "quality": _unless_edge(_quality(metrics, scope), coverage),
        }

    def stock(self, scope: Scope) -> dict[Dimension, DimensionVerdict]:
        """Return all that is known of an element that nobody walks to."""
        return {} if self.renewal is None else self.renewal.judge(scope)


def element_measures(measured: Measured, element: Element) -> ElementMeasures:
    """Work out what an element needs in every scope."""
    if not element.is_walked:
        return ElementMeasures(metrics=None, renewal=renewal(measured, element))
    straight_m = None
    if any(one.metric.measure == "detour" for one in element.efficiency):
        nearest = measured.reach.nearest[:, measured.reach.column(element.id)]
        straight_m = efficiency.straight_m(measured.demand.xy_m, nearest, measured.facilities)
    metrics = ElementMetrics(
        measured=measured,
        element=element,
        load=measured.loads.get(element.id),
        straight_m=straight_m,
        values=read_attributes(
            (*element.efficiency, *element.quality),
            measured.standard.attributes,
            measured.facilities,
            measured.facilities.of_element(element.id),
        ),
    )
    return ElementMeasures(metrics=metrics, renewal=None)


def _efficiency(metrics: ElementMetrics, scope: Scope) -> DimensionVerdict:
    """Judge efficiency, and show the scores of the floating catchments beside it."""
    element, load = metrics.element, metrics.load
    verdict = judge_figures("efficiency", element.efficiency, partial(metrics.answer, scope))
    if load is None or element.scale is None or load.amounts is None:
        return verdict
    scores = tuple(
        efficiency.score_figure(
            name, score, load.amounts.of_point, scope.here, element.scale, estimated=load.estimated
        )
        for name, score in load.scores.items()
    )
    return replace(verdict, figures=(*verdict.figures, *scores))


def _unless_edge(verdict: DimensionVerdict, coverage: DimensionVerdict) -> DimensionVerdict:
    """Leave open what facilities beyond the end of the data could make good."""
    if verdict.verdict != "weak" or coverage.reason.key != "verdict.edge_of_data":
        return verdict
    return DimensionVerdict(
        dimension=verdict.dimension, verdict="not_assessed", reason=message("figures.edge_of_data"),
        figures=verdict.figures,
    )  # fmt: skip


def _quality(metrics: ElementMetrics, scope: Scope) -> DimensionVerdict:
    inside, reached = metrics.rows(scope, only_inside=True), metrics.rows(scope)
    around = {
        rule.metric.id: metrics.answer(scope, rule)
        for rule in metrics.element.quality
        if rule.metric.measure not in OF_ATTRIBUTES or rule.metric.measure == "per_demand"
    }
    return judge_quality(
        metrics.element.quality,
        judged=judged_facilities(metrics.measured.facilities, inside, reached),
        values=metrics.values,
        surroundings=Surroundings(measured=around),
        min_known_share=metrics.min_known,
    )

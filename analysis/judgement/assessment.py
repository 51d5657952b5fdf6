"""Assessment: every circle × element × dimension judged against the standard, with the reason."""

from dataclasses import dataclass

import numpy as np
import shapely

from analysis.judgement.coverage import CoverageFigures, Measured, coverage_figures
from analysis.judgement.coverage_verdict import judge_coverage
from analysis.judgement.element_measures import ElementMeasures, element_measures
from analysis.judgement.sentences import verdict_sentence
from analysis.messages import Joined, Message, message
from analysis.places.circles import ALL_CIRCLES
from analysis.places.scope import Scope
from analysis.standard.profile import Element
from analysis.standard.verdicts import DIMENSIONS, Dimension, DimensionVerdict, Verdict

_EVERY_TABLE = ("id", "name", "status")  # columns that settle nothing by themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementVerdict:
    """One element in one circle.

    Attributes
    ----------
    verdict
        By the profile's rule over the assessed dimensions; it rests on `assessed` of the four.
    dimensions
        Scale, coverage, efficiency, quality, each with its own verdict, reason and figures.
    figures
        Those behind coverage; None where coverage by walking is not measured.
    sentence
        What a planner can paste: the figures that matter, in one sentence.
    edge_of_data
        Set wherever residents without a facility live closer to the end of the data than the
        threshold.
    """

    circle_id: str
    element_id: str
    verdict: Verdict
    assessed: int
    dimensions: tuple[DimensionVerdict, ...]
    figures: CoverageFigures | None
    sentence: Message
    edge_of_data: bool

    @property
    def coverage(self) -> DimensionVerdict:
        """Return the coverage dimension."""
        return self.dimension("coverage")

    def dimension(self, name: Dimension) -> DimensionVerdict:
        """Return one dimension."""
        return self.dimensions[DIMENSIONS.index(name)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """All verdicts: circle by circle in their order, then all circles together (id ``*``)."""

    rows: tuple[ElementVerdict, ...]

    def of_circle(self, circle_id: str) -> tuple[ElementVerdict, ...]:
        """Return the verdicts of one circle, in the standard's order."""
        return tuple(row for row in self.rows if row.circle_id == circle_id)

    def missing(self, circle_id: str) -> tuple[str, ...]:
        """Return what the circle lacks (缺什么): ids of elements whose verdict is short."""
        return tuple(r.element_id for r in self.of_circle(circle_id) if r.verdict == "short")


def assess(measured: Measured) -> Assessment:
    """Judge every circle × element, then the whole study."""
    measures = {
        element.id: element_measures(measured, element) for element in measured.standard.elements
    }
    return Assessment(
        rows=tuple(
            _element_row(measured, element, measures[element.id], scope)
            for scope in scopes(measured)
            for element in measured.standard.elements
        )
    )


def scopes(measured: Measured) -> tuple[Scope, ...]:
    """Return what is judged: each circle in order, then all of them together."""
    circles, demand = measured.circles, measured.demand
    inside = circles.locate(measured.facilities.xy_m)
    area_m2 = shapely.area(circles.polygons)
    each = [
        Scope(
            circle_id=circle_id,
            here=demand.circle == number,
            inside=inside == number,
            polygon=circles.polygons[number],
            area_m2=float(area_m2[number]),
            inside_data=float(circles.inside_data[number]),
        )
        for number, circle_id in enumerate(circles.circle_id)
    ]
    whole = shapely.union_all(circles.polygons)
    together = Scope(
        circle_id=ALL_CIRCLES,
        here=np.ones(len(demand), dtype=bool),
        inside=inside >= 0,
        polygon=whole,
        area_m2=float(shapely.area(whole)),
        inside_data=float((circles.inside_data * area_m2).sum() / area_m2.sum()),
    )
    return (*each, together)


def _element_row(
    measured: Measured, element: Element, measures: ElementMeasures, scope: Scope
) -> ElementVerdict:
    figures = (
        coverage_figures(measured, element, scope.here, scope.inside) if element.is_walked else None
    )
    found: dict[Dimension, DimensionVerdict] = {}
    if figures is not None:
        coverage = judge_coverage(measured, element, figures, scope.inside_data)
        found = {"coverage": coverage, **measures.walked(scope, coverage)}
    else:
        found = measures.stock(scope)
    dimensions = tuple(found.get(one) or _not_assessed(one, element) for one in DIMENSIONS)
    return ElementVerdict(
        circle_id=scope.circle_id,
        element_id=element.id,
        verdict=element_verdict(dimensions),
        assessed=sum(one.verdict != "not_assessed" for one in dimensions),
        dimensions=dimensions,
        figures=figures,
        sentence=verdict_sentence(element, dimensions, figures, measured.reach),
        edge_of_data=figures is not None and figures.people_edge > 0,
    )


def element_verdict(dimensions: tuple[DimensionVerdict, ...]) -> Verdict:
    """Apply the profile's rule: coverage decides whether an element is assessed at all.

    *Short* where any dimension is, *weak* where any is weak, else *met*; what is not assessed
    decides nothing.
    """
    coverage = dimensions[DIMENSIONS.index("coverage")].verdict
    if coverage in ("not_assessed", "short"):
        return coverage
    if any(one.verdict == "short" for one in dimensions):
        return "short"
    return "weak" if any(one.verdict == "weak" for one in dimensions) else "met"


def _not_assessed(dimension: Dimension, element: Element) -> DimensionVerdict:
    stated = element.needs_columns.get(dimension, ())
    columns = tuple(one for one in stated if one not in _EVERY_TABLE)
    reason = (
        message("verdict.needs_columns", columns=Joined(columns))
        if columns
        else message("verdict.no_rule")
    )
    return DimensionVerdict(dimension=dimension, verdict="not_assessed", reason=reason)

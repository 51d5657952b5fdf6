"""Assessment: every circle × element × dimension judged against the standard, with the reason."""

from dataclasses import dataclass
from math import floor
from typing import Final, Literal

import numpy as np

from analysis.circles import ALL_CIRCLES
from analysis.coverage import CoverageFigures, Measured, coverage_figures, serving_rows
from analysis.evidence import too_thin, untold
from analysis.messages import Joined, Message, message
from analysis.reach import Reach
from analysis.standard import SEARCH_FACTOR, CoverageTarget, Element
from analysis.units import BoolArray, minutes
from analysis.verdicts import DIMENSIONS, Dimension, DimensionVerdict, Verdict

MIN_INSIDE_DATA: Final = 0.5  # a circle with less of its area inside the extract is not judged
_ROUNDING: Final = 1e-9  # a share of exactly the target may come out this far below it
_EVERY_TABLE: Final = ("id", "name", "status")  # columns that settle nothing by themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementVerdict:
    """One element in one circle.

    `verdict` follows the profile's rule over the assessed dimensions; it rests on `assessed` of the
    four. `figures` are None where coverage by walking is not measured. `edge_of_data` is set
    wherever residents without a facility live closer to the end of the data than the threshold.
    """

    circle_id: str
    element_id: str
    verdict: Verdict
    assessed: int
    dimensions: tuple[DimensionVerdict, ...]
    figures: CoverageFigures | None
    edge_of_data: bool

    @property
    def coverage(self) -> DimensionVerdict:
        """Return the coverage dimension."""
        return self.dimensions[DIMENSIONS.index("coverage")]


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
    inside = measured.circles.locate(measured.facilities.xy_m)
    rows: list[ElementVerdict] = []
    for number, circle_id in enumerate(measured.circles.circle_id):
        rows += _circle_rows(
            measured, circle_id, measured.demand.circle == number, inside == number,
            float(measured.circles.inside_data[number]),
        )  # fmt: skip
    everywhere = np.ones(len(measured.demand), dtype=bool)
    area = np.array([geometry.area for geometry in measured.circles.polygons])
    inside_data = float((measured.circles.inside_data * area).sum() / area.sum())
    rows += _circle_rows(measured, ALL_CIRCLES, everywhere, inside >= 0, inside_data)
    return Assessment(rows=tuple(rows))


def _circle_rows(
    measured: Measured, circle_id: str, here: BoolArray, inside: BoolArray, inside_data: float
) -> list[ElementVerdict]:
    rows = []
    for element in measured.standard.elements:
        figures = coverage_figures(measured, element, here, inside) if element.is_walked else None
        coverage = _judge_coverage(measured, element, figures, inside_data)
        others = {d: _not_yet(d, element) for d in DIMENSIONS}
        dimensions = tuple(coverage if d == "coverage" else others[d] for d in DIMENSIONS)
        rows.append(
            ElementVerdict(
                circle_id=circle_id,
                element_id=element.id,
                verdict=_element_verdict(dimensions),
                assessed=sum(d.verdict != "not_assessed" for d in dimensions),
                dimensions=dimensions,
                figures=figures,
                edge_of_data=figures is not None and figures.people_edge > 0,
            )
        )
    return rows


def _element_verdict(dimensions: tuple[DimensionVerdict, ...]) -> Verdict:
    """Apply the profile's rule: coverage decides whether an element is assessed at all."""
    coverage = dimensions[DIMENSIONS.index("coverage")].verdict
    if coverage in ("not_assessed", "short"):
        return coverage
    if any(one.verdict == "short" for one in dimensions):
        return "short"
    return "weak" if any(one.verdict == "weak" for one in dimensions) else "met"


def _not_yet(dimension: Dimension, element: Element) -> DimensionVerdict:
    stated = element.needs_columns.get(dimension, ())
    columns = tuple(one for one in stated if one not in _EVERY_TABLE)
    if not columns:
        reason = message("verdict.needs_method")
    elif dimension == "coverage":
        reason = message("verdict.needs_columns", columns=Joined(columns))
    else:
        reason = message("verdict.later", columns=Joined(columns))
    return DimensionVerdict(dimension=dimension, verdict="not_assessed", reason=reason)


def _judge_coverage(
    measured: Measured, element: Element, figures: CoverageFigures | None, inside_data: float
) -> DimensionVerdict:
    if figures is None:
        return _not_yet("coverage", element)
    why_not = _why_not(measured, element, figures, inside_data)
    if why_not is not None:
        return DimensionVerdict(dimension="coverage", verdict="not_assessed", reason=why_not)
    verdict = share_verdict(figures.share, element.coverage)
    return DimensionVerdict(
        dimension="coverage", verdict=verdict, reason=_reason(measured, element, figures, verdict)
    )


def _why_not(
    measured: Measured, element: Element, figures: CoverageFigures, inside_data: float
) -> Message | None:
    if inside_data < MIN_INSIDE_DATA:
        return message("verdict.outside_extract", share=inside_data)
    if np.isnan(figures.share):
        return message(f"verdict.no_demand.{figures.basis}")
    low = share_verdict(figures.share, element.coverage)
    known = _known(measured, element)
    no_data = None if known else untold(element, measured.standard, measured.evidence)
    if known and low != "met":
        # What the extract does not show can only add to what it shows.
        no_data = too_thin(element, measured.standard, measured.evidence, figures.share)
    if no_data is not None:
        return no_data
    high = share_verdict(figures.share_upper, element.coverage)
    if low != high:
        return message(
            "verdict.edge_of_data",
            low=figures.share, high=figures.share_upper, people=figures.people_edge,
        )  # fmt: skip
    return None


def _known(measured: Measured, element: Element) -> bool:
    """Return whether the area read holds any facility that counts for `element`."""
    return bool((serving_rows(element, measured.facilities) & measured.counting).any())


def share_verdict(share: float, target: CoverageTarget) -> Verdict:
    """Return the verdict of a covered share: met at the target, weak from the acceptable."""
    if share >= target.target.value - _ROUNDING:
        return "met"
    return "weak" if share >= target.acceptable.value - _ROUNDING else "short"


def shown_share(share: float, target: CoverageTarget) -> float:
    """Return `share` as it is printed, in tenths of a per cent.

    A share below the target or the acceptable one is never rounded up to it.
    """
    tenths = round(share * 1000.0)
    for bound in (target.target.value, target.acceptable.value):
        if share < bound - _ROUNDING and tenths >= round(bound * 1000.0):
            tenths = floor(share * 1000.0)
    return tenths / 1000.0


def _reason(
    measured: Measured, element: Element, figures: CoverageFigures, verdict: Verdict
) -> Message:
    parts: list[Message] = [
        message(
            f"verdict.coverage.{figures.basis}",
            share=shown_share(figures.share, element.coverage),
            target=element.coverage.target.value,
        )
    ]
    lacking = figures.people - figures.people_covered
    if verdict != "met" and lacking > 0:
        parts.append(message("verdict.lacking", people=lacking))
    parts += _farthest(measured.reach, element, figures)
    if figures.basis_stands_for != figures.basis:
        parts.append(message(f"verdict.stands_for.{figures.basis_stands_for}"))
    if verdict == "short" and not _known(measured, element):
        parts.append(message("verdict.none_known"))
    if verdict == "short" and measured.evidence.poorly_mapped(element, measured.standard):
        level = message(f"completeness.{element.osm.expected_completeness}")
        parts.append(message("verdict.poorly_mapped", level=level))
    if figures.facilities_ambiguous > 0:
        parts.append(
            message(
                "verdict.ambiguous",
                facilities=figures.facilities_ambiguous,
                people=figures.people_ambiguous,
            )
        )
    if figures.people_edge > 0:
        parts.append(message("verdict.edge_note", people=figures.people_edge))
    if figures.people_unlinked > 0:
        parts.append(message("verdict.unlinked", people=figures.people_unlinked))
    return message("verdict.reason", parts=Sentence(tuple(parts)))


def _farthest(reach: Reach, element: Element, figures: CoverageFigures) -> list[Message]:
    """Return how many have none within the search, else how far the farthest walk is."""
    by_metres = reach.criterion == "metres"
    if figures.people_beyond > 0:
        limit = SEARCH_FACTOR * float(reach.threshold[reach.column(element.id)])
        if by_metres:
            return [message("verdict.beyond", people=figures.people_beyond, limit_m=limit)]
        within = minutes(limit)
        return [message("verdict.beyond_minutes", people=figures.people_beyond, minutes=within)]
    if by_metres and np.isfinite(figures.walk_max_m):
        return [message("verdict.farthest", walk_m=figures.walk_max_m)]
    if not by_metres and np.isfinite(figures.walk_max_s):
        return [message("verdict.farthest_minutes", minutes=minutes(figures.walk_max_s))]
    return []


@dataclass(frozen=True, slots=True)
class Sentence:
    """Clauses of one reason, joined by the language's own semicolon."""

    parts: tuple[Message, ...]

    def text(self, language: Literal["zh", "en"]) -> str:
        """Return the clauses in `language`."""
        return ("；" if language == "zh" else "; ").join(p.text(language) for p in self.parts)

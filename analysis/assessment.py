"""Assessment: every circle × element × dimension judged against the standard, with the reason."""

from dataclasses import dataclass
from math import floor
from typing import Final, Literal

import numpy as np

from analysis.circles import Circles
from analysis.demand import Demand
from analysis.evidence import Evidence, untold
from analysis.facilities import Facilities
from analysis.linkage import Linkage
from analysis.messages import Joined, Message, message
from analysis.reach import Reach
from analysis.standard import DIMENSIONS, CoverageTarget, Dimension, Element, ServiceStandard
from analysis.units import BoolArray, FloatArray

Verdict = Literal["met", "weak", "short", "not_assessed"]
VERDICTS: Final[tuple[Verdict, ...]] = ("met", "weak", "short", "not_assessed")
ALL_CIRCLES: Final = "*"
MIN_INSIDE_DATA: Final = 0.5  # a circle with less of its area inside the extract is not judged
_ROUNDING: Final = 1e-9  # a share of exactly the target may come out this far below it
_EVERY_TABLE: Final = ("id", "name", "status")  # columns that settle nothing by themselves
_BASES: Final = ("population", "buildings", "residential_land")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageFigures:
    """The figures behind one coverage verdict; shares 0…1, nan where their denominator is 0.

    `share` is the deciding one, on `basis`; `share_upper` is what it would be if every uncovered
    point at the edge of the data were covered. `people_*` are residents: in the circle, covered,
    covered only by ambiguous facilities, uncovered at the edge of the data, and not linked to any
    street. Walks are residents' metres to the nearest facility, beyond the search limit inf.
    """

    basis: str
    basis_stands_for: str
    share: float
    share_upper: float
    share_people: float
    share_buildings: float
    share_land: float
    people: float
    people_covered: float
    people_ambiguous: float
    people_edge: float
    people_unlinked: float
    buildings: int
    walk_mean_m: float
    walk_median_m: float
    walk_p95_m: float
    walk_max_m: float
    facilities_inside: int
    facilities_ambiguous: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionVerdict:
    """One dimension of one element in one circle."""

    dimension: Dimension
    verdict: Verdict
    reason: Message


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """What is judged: the tables that :func:`assess` reads.

    `counting` bool [k]: the facilities that count (:func:`analysis.reach.counted`).
    """

    standard: ServiceStandard
    circles: Circles
    demand: Demand
    facilities: Facilities
    counting: BoolArray
    points: Linkage
    reach: Reach
    evidence: Evidence


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
        figures = _figures(measured, element, here, inside) if element.is_walked else None
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
    reason = (
        message("verdict.needs_columns", columns=Joined(columns))
        if columns
        else message("verdict.needs_method")
    )
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
    known = bool((_serving(element, measured.facilities) & measured.counting).any())
    no_data = None if known else untold(element, measured.standard, measured.evidence)
    if no_data is not None:
        return no_data
    low = share_verdict(figures.share, element.coverage)
    high = share_verdict(figures.share_upper, element.coverage)
    if low != high:
        return message(
            "verdict.edge_of_data",
            low=figures.share, high=figures.share_upper, people=figures.people_edge,
        )  # fmt: skip
    return None


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
    if np.isfinite(figures.walk_max_m):
        parts.append(message("verdict.farthest", walk_m=figures.walk_max_m))
    if figures.basis_stands_for != figures.basis:
        parts.append(message(f"verdict.stands_for.{figures.basis_stands_for}"))
    poorly_mapped = element.osm.expected_completeness in measured.standard.evidence.untold_completeness
    if verdict == "short" and poorly_mapped and element.id not in measured.evidence.table_elements:
        level = message(f"completeness.{element.osm.expected_completeness}")
        parts.append(message("verdict.poorly_mapped", level=level))
    if figures.facilities_ambiguous > 0:
        parts.append(
            message(
                "verdict.ambiguous",
                facilities=figures.facilities_ambiguous, people=figures.people_ambiguous,
            )  # fmt: skip
        )
    if figures.people_edge > 0:
        parts.append(message("verdict.edge_note", people=figures.people_edge))
    if figures.people_unlinked > 0:
        parts.append(message("verdict.unlinked", people=figures.people_unlinked))
    return message("verdict.reason", parts=Sentence(tuple(parts)))


@dataclass(frozen=True, slots=True)
class Sentence:
    """Clauses of one reason, joined by the language's own semicolon."""

    parts: tuple[Message, ...]

    def text(self, language: Literal["zh", "en"]) -> str:
        """Return the clauses in `language`."""
        return ("；" if language == "zh" else "; ").join(p.text(language) for p in self.parts)


def _figures(
    measured: Measured, element: Element, here: BoolArray, inside: BoolArray
) -> CoverageFigures:
    reach, demand = measured.reach, measured.demand
    column = reach.column(element.id)
    covered, edge = reach.covered[:, column] & here, reach.at_edge(column) & here
    basis, weight = _deciding(element, demand)
    people = np.where(here, demand.people, 0.0)
    walk = _walk_figures(reach.walk_m[here, column], people[here])
    used = np.unique(reach.nearest[here & (reach.nearest[:, column] >= 0), column])
    shares = {b: _share(measured.demand.weights(b), covered, here) for b in _BASES}
    return CoverageFigures(
        basis=basis,
        basis_stands_for=element.coverage.basis[0],
        share=_share(weight, covered, here),
        share_upper=_share(weight, covered | edge, here),
        share_people=shares["population"],
        share_buildings=shares["buildings"],
        share_land=shares["residential_land"],
        people=float(people.sum()),
        people_covered=float(people[covered].sum()),
        people_ambiguous=float(people[covered & ~reach.covered_certain[:, column]].sum()),
        people_edge=float(people[edge].sum()),
        people_unlinked=float(people[~measured.points.linked].sum()),
        buildings=int((demand.is_building & here).sum()),
        walk_mean_m=walk[0],
        walk_median_m=walk[1],
        walk_p95_m=walk[2],
        walk_max_m=walk[3],
        facilities_inside=int((_serving(element, measured.facilities) & measured.counting & inside).sum()),
        facilities_ambiguous=int(measured.facilities.ambiguous[used].sum()),
    )


def _serving(element: Element, facilities: Facilities) -> BoolArray:
    """Return which rows are of an element that may serve `element`, bool [k]."""
    serving = np.zeros(len(facilities), dtype=bool)
    for element_id in {rule.element_id for rule in element.reach_rules}:
        serving[facilities.of_element(element_id)] = True
    return serving


def _deciding(element: Element, demand: Demand) -> tuple[str, FloatArray]:
    """Return the deciding basis and its weights.

    A group that the data does not hold is stood for by all residents: with one share of the group
    everywhere both give the same coverage. The verdict says so.
    """
    first = element.coverage.basis[0]
    weight = demand.weights(first)
    if weight is not None and weight.sum() > 0:
        return first, weight
    if first in _BASES:
        return first, demand.people if weight is None else weight
    return "population", demand.people


def _share(weight: FloatArray | None, covered: BoolArray, here: BoolArray) -> float:
    if weight is None or weight[here].sum() <= 0:
        return float("nan")
    return float(weight[covered].sum() / weight[here].sum())


def _walk_figures(walk_m: FloatArray, people: FloatArray) -> tuple[float, float, float, float]:
    """Return mean, median, 95th percentile and maximum of people's walks, metres.

    Weighted by people; nan without people. The mean is inf as soon as anybody is beyond the search
    limit, the maximum is the longest finite walk.
    """
    lived = people > 0
    if not lived.any():
        return (float("nan"),) * 4
    walk_m, people = walk_m[lived], people[lived]
    order = np.argsort(walk_m, kind="stable")
    walk_m, upto = walk_m[order], np.cumsum(people[order])
    at = np.searchsorted(upto, np.array([0.5, 0.95]) * upto[-1], side="left")
    finite = walk_m[np.isfinite(walk_m)]
    longest = float(finite.max()) if len(finite) else float("inf")
    mean = float(np.average(walk_m, weights=people[order])) if np.isfinite(walk_m).all() else float("inf")
    return mean, float(walk_m[at[0]]), float(walk_m[at[1]]), longest

"""A street with schools of known size, for tests of the four dimensions; answers are arithmetic.

Two circles side by side on one street, west of x = 450 and east of it. Walks are |x − x'|.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from analysis.capacity.within_reach import WithinReach
from analysis.messages import Name
from analysis.places.demand import Demand
from analysis.places.facilities import (
    Entrance,
    Facilities,
    FacilityRecord,
    Origin,
    Status,
    build_facilities,
)
from analysis.places.scope import Scope
from analysis.standard.profile import Element, ServiceStandard
from analysis.standard.rules import (
    Basis,
    CapacityRule,
    CountRule,
    Measure,
    Metric,
    MetricRule,
    ScaleRule,
    Sourced,
    Target,
)
from analysis.streets.network import WalkNetwork
from analysis.study import Study, StudyInputs, StudyParameters, analyse
from analysis.testing.cities import (
    people_at,
    plain_element,
    plain_inputs,
    plain_standard,
    square_circles,
    street_city,
)
from analysis.units import BoolArray

WEST, EAST = (-50.0, -50.0, 450.0, 50.0), (450.0, -50.0, 1050.0, 50.0)


def street(length_m: float = 1000.0, step_m: float = 100.0) -> WalkNetwork:
    """Return one straight street along y = 0."""
    n = int(length_m / step_m) + 1
    nodes = np.column_stack([np.arange(n) * step_m, np.zeros(n)])
    return street_city(nodes, list(pairwise(range(n))))


def scale_rule(
    norm: float = 300.0,
    *,
    basis: Basis = "population",
    per: float = 1000.0,
    typical: tuple[float, float] | None = None,
    each: float | None = None,
    at_least: int | None = None,
    unit: str = "seat",
) -> ScaleRule:
    """Return a norm of `norm` seats per `per`; sizes stand in the column ``capacity``."""
    count = None
    if at_least is not None:
        count = CountRule(at_least=at_least, per="circle", source="DEFAULT", confidence="default")
    return ScaleRule(
        indicator="seats",
        unit=unit,
        basis=basis,
        per=per,
        norm=Sourced(value=norm, source="DEFAULT", confidence="default"),
        capacity=CapacityRule(columns=("capacity", "seats"), typical=typical, each=each),
        count_rule=count,
    )


def metric(
    measure: Measure, op: str, bound: float, *, unit: str = "m", metric_id: str | None = None
) -> MetricRule:
    """Return a metric with a target of one bound."""
    ends = {"le": {"high": bound}, "ge": {"low": bound}, "eq": {"low": bound, "high": bound}}
    return MetricRule(
        metric=Metric(
            id=metric_id or measure, name=Name(f"指标{measure}", measure), measure=measure,
            unit=unit,
        ),
        target=Target(op=op, source="DEFAULT", confidence="default", **ends[op]),  # type: ignore[arg-type]
    )  # fmt: skip


EFFICIENCY = (
    metric("walk_mean", "le", 400.0),
    metric("walk_p95", "le", 600.0),
    metric("detour", "le", 1.4, unit="ratio"),
    metric("utilisation", "le", 1.0, unit="share"),
    metric("unserved", "le", 0.1, unit="share"),
)


def school(**changes: object) -> Element:
    """Return the element *school*: 500 m, a norm of seats, five metrics of efficiency."""
    rule = changes.pop("scale", None)
    element = plain_element("school", **changes)  # type: ignore[arg-type]
    return replace(
        element,
        name=Name("小学", "school"),
        scale=rule if isinstance(rule, ScaleRule) else scale_rule(),
        efficiency=EFFICIENCY,
    )


def standard_of(*elements: Element) -> ServiceStandard:
    """Return a standard of these elements that holds the catalogue of their metrics."""
    used = {
        rule.metric.id: rule.metric for one in elements for rule in (*one.efficiency, *one.quality)
    }
    return replace(plain_standard(*elements), metrics=used)


def facility(
    x_m: float,
    attributes: Mapping[str, str] | None = None,
    *,
    element_id: str = "school",
    number: int = 0,
    status: Status = "open",
    origin: Origin = "table",
    ambiguous: bool = False,
    area_m2: float = float("nan"),
    y_m: float = 0.0,
) -> FacilityRecord:
    """Return one facility on the street."""
    return FacilityRecord(
        element_id=element_id,
        source_id=f"test:{number:04d}",
        name=f"facility {number}",
        origin=origin,
        status=status,
        xy_m=(x_m, y_m),
        area_m2=area_m2,
        ambiguous=ambiguous,
        entrances=((x_m, y_m, Entrance.POINT),),
        attributes=dict(attributes or {}),
    )


def schools(places: Iterable[tuple[float, str | None]]) -> Facilities:
    """Return schools at x metres with what their table states of the capacity."""
    return build_facilities(
        [
            facility(x_m, {} if stated is None else {"capacity": stated}, number=number)
            for number, (x_m, stated) in enumerate(places)
        ]
    )


def homes(places: Sequence[tuple[float, float]]) -> Demand:
    """Return homes of (x metres, people), each in the circle it stands in."""
    return people_at(
        [(x, 0.0) for x, _ in places],
        people=[people for _, people in places],
        circle=[int(x >= EAST[0]) for x, _ in places],
    )


def inputs_of(
    demand: Demand, facilities: Facilities, *elements: Element, **changes: object
) -> StudyInputs:
    """Return the inputs of a study on the street."""
    given: dict[str, object] = {
        "network": street(),
        "circles": square_circles(WEST, EAST),
        **changes,
    }
    return plain_inputs(
        demand=demand,
        facilities=facilities,
        standard=standard_of(*(elements or (school(),))),
        **given,  # type: ignore[arg-type]
    )


def study_of(
    demand: Demand, facilities: Facilities, *elements: Element, **changes: object
) -> Study:
    """Return a study on the street."""
    return analyse(inputs_of(demand, facilities, *elements, **changes), StudyParameters())


def verdict_of(study: Study, circle: str, element: str = "school"):  # noqa: ANN201 - test helper
    """Return one row of the assessment."""
    return next(r for r in study.assessment.of_circle(circle) if r.element_id == element)


def reach_of(matrix: BoolArray) -> WithinReach:
    """Return pairs for a matrix point × facility."""
    point, position = np.nonzero(matrix)
    counts = np.bincount(point, minlength=matrix.shape[0])
    n = matrix.shape[1]
    return WithinReach(
        facility=np.arange(n, dtype=np.int32),
        limit=np.full(n, 500.0),
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        position=position.astype(np.int32),
        cost=np.zeros(len(position)),
    )


def scope_of(here: BoolArray, inside: BoolArray, *, area_m2: float = 1e6) -> Scope:
    """Return a circle that holds these points and facilities."""
    polygon = square_circles(WEST).polygons[0]
    return Scope(
        circle_id="A", here=here, inside=inside, polygon=polygon, area_m2=area_m2, inside_data=1.0
    )

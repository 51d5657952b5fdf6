"""From plain mappings to the rules of a standard: scales, metrics, attributes, cohorts, circles.

Pure, like :mod:`analysis.standard.parsing`, of which it is the second half.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from analysis.messages import Name
from analysis.standard.profile_rules import (
    CircleRules,
    Cohorts,
    GapRules,
    Span,
    TwoStepZones,
    VerdictRules,
)
from analysis.standard.rules import (
    Attribute,
    Basis,
    CapacityRule,
    CountRule,
    Measure,
    Metric,
    MetricRule,
    ScaleRule,
    Sourced,
    StockRule,
    Target,
)

Fields = Mapping[str, Any]
# The key of a norm: how many of the basis its number is for, and which bases it may name.
NORMS: Final[Mapping[str, tuple[float, tuple[Basis, ...]]]] = {
    "per_1000": (
        1000.0,
        ("population", "population_60plus", "population_0_2", "population_3_5", "population_6_11",
         "population_12_14"),
    ),
    "per_km2": (1.0, ("residential_land", "area")),
    "per_100_households": (100.0, ("households",)),
    "per_vehicle": (1.0, ("vehicles",)),
    "per_ebike": (1.0, ("ebikes",)),
    "target_share": (1.0, ("eligible_households", "lane_length")),
}  # fmt: skip
# Measures that rest on how much each facility offers.
OF_CAPACITY: Final[tuple[Measure, ...]] = ("utilisation", "unserved", "shortage")
_NO_RULES: Final = VerdictRules()
_NO_GAP_RULES: Final = GapRules()


def sourced(fields: Fields) -> Sourced:
    """Return a number with its source and confidence."""
    return Sourced(
        value=float(fields["value"]), source=fields["source"], confidence=fields["confidence"]
    )


def span(fields: Fields) -> Span:
    """Return a range with its source and confidence."""
    low, high = fields["value"]
    return Span(
        low=float(low), high=float(high), source=fields["source"], confidence=fields["confidence"]
    )


def scale_rule(fields: Fields | None, rules: VerdictRules) -> ScaleRule | None:
    """Return how much an element needs; None where the standard sets no norm."""
    if fields is None:
        return None
    key = next(one for one in NORMS if one in fields)
    stated = fields[key]
    value = stated["value"]
    low, upper = value if isinstance(value, list) else (value, None)
    return ScaleRule(
        indicator=fields["indicator"],
        unit=fields["unit"],
        basis=fields["basis"],
        per=NORMS[key][0],
        norm=sourced({**stated, "value": low}),
        upper=None if upper is None else float(upper),
        short_share=rules.short_share.value,
        capacity=_capacity(fields),
        count_rule=_count_rule(fields.get("count_rule")),
        density=None if fields.get("density") is None else sourced(fields["density"]),
    )


def _capacity(fields: Fields) -> CapacityRule:
    """Return how much one facility offers; its usual size only where it has the scale's unit."""
    given, usual = fields.get("capacity"), fields.get("per_facility")
    typical = None
    if usual is not None and usual.get("unit") == fields["unit"]:
        low, high = usual["value"]
        typical = (float(low), float(high))
    if given is None:
        return CapacityRule(typical=typical)

    def number(key: str) -> float | None:
        return None if given.get(key) is None else float(given[key])

    return CapacityRule(
        columns=tuple(given.get("columns", ())),
        osm_tags=tuple(given.get("osm_tags", ())),
        each=number("each"),
        per_land_m2=number("per_land_m2"),
        per_floor_m2=number("per_floor_m2"),
        typical=typical,
        source=given["source"],
        confidence=given["confidence"],
    )


def _count_rule(fields: Fields | None) -> CountRule | None:
    if fields is None:
        return None
    return CountRule(
        at_least=int(fields["at_least"]),
        per=fields["per"],
        source=fields["source"],
        confidence=fields["confidence"],
    )


def stock_rule(fields: Fields | None) -> StockRule | None:
    """Return how stock to be renewed is read; None for everything else."""
    if fields is None:
        return None
    before = fields.get("built_before")
    return StockRule(
        amount=tuple(fields["amount"]),
        done=tuple(fields["done"]),
        done_year=tuple(fields.get("done_year", ())),
        listed=tuple(fields.get("listed", ())),
        built_year=tuple(fields.get("built_year", ())),
        built_before=None if before is None else sourced(before),
    )


def metrics(catalogue: Sequence[Fields]) -> Mapping[str, Metric]:
    """Return the catalogue of metrics by id, in its order."""
    return {one["id"]: _metric(one) for one in catalogue}


def _metric(fields: Fields) -> Metric:
    def number(key: str) -> float | None:
        return None if key not in fields else float(fields[key])

    return Metric(
        id=fields["id"],
        name=Name(fields["zh"], fields.get("en", "")),
        measure=fields["measure"],
        unit=fields["unit"],
        formula=fields.get("formula", ""),
        attribute=fields.get("attribute"),
        per_attribute=fields.get("per_attribute"),
        at_least=number("at_least"),
        element_id=fields.get("element"),
        within_m=number("within_m"),
        per=float(fields.get("per", 1.0)),
        basis=fields.get("basis", "population"),
    )


def metric_rules(
    given: Sequence[Fields], catalogue: Mapping[str, Metric]
) -> tuple[MetricRule, ...]:
    """Return an element's metrics, each with its target, in the file's order."""
    return tuple(
        MetricRule(metric=catalogue[fields["metric"]], target=_target(fields)) for fields in given
    )


def _target(fields: Fields) -> Target:
    op, value = fields["target"]["op"], fields["target"]["value"]
    source, confidence = fields["source"], fields["confidence"]
    if op == "text":
        return Target(op=op, text=_both(value), source=source, confidence=confidence)
    low, high = value if op == "between" else (value, value)
    return Target(
        op=op,
        low=float("-inf") if op == "le" else float(low),
        high=float("inf") if op == "ge" else float(high),
        source=source,
        confidence=confidence,
    )


def _both(value: str | Fields) -> Name:
    """Return a text by language; one that is plain stands for both."""
    return Name(value, value) if isinstance(value, str) else Name(value["zh"], value["en"])


def attributes(given: Sequence[Fields]) -> Mapping[str, Attribute]:
    """Return how the properties of facilities are read, by id, in the file's order."""
    return {
        one["id"]: Attribute(
            id=one["id"],
            name=Name(one["zh"], one.get("en", "")),
            kind=one["kind"],
            unit=one["unit"],
            columns=tuple(one["columns"]),
            osm={key: dict(values) for key, values in one.get("osm", {}).items()},
            words=dict(one.get("words", {})),
            polygon_area=one.get("polygon_area", False),
            default=one.get("default"),
        )
        for one in given
    }


def cohorts(fields: Fields | None) -> Cohorts:
    """Return what stands for groups that no table counts."""
    if fields is None:
        return Cohorts()

    def one(key: str) -> Sourced | None:
        return None if key not in fields else sourced(fields[key])

    return Cohorts(
        share={basis: sourced(stated) for basis, stated in fields.get("share", {}).items()},
        household_size=one("household_size"),
        vehicles_per_1000=one("vehicles_per_1000"),
        ebikes_per_1000=one("ebikes_per_1000"),
    )


def circle_rules(fields: Fields | None) -> CircleRules | None:
    """Return what a circle should be; None where the band or the radius is not stated."""
    if fields is None or "population" not in fields or "radius_m" not in fields:
        return None
    area, tolerated = fields.get("area_km2"), fields.get("tolerated_population")
    return CircleRules(
        population=span(fields["population"]),
        radius_m=span(fields["radius_m"]),
        area_km2=None if area is None else span(area),
        tolerated_population=None if tolerated is None else span(tolerated),
    )


def two_step_zones(fields: Fields | None) -> TwoStepZones | None:
    """Return the zones of E2SFCA; None where the standard sets none."""
    if fields is None:
        return None
    return TwoStepZones(
        until_share=tuple(float(one) for one in fields["until_share"]),
        weight=tuple(float(one) for one in fields["weight"]),
        source=fields["source"],
        confidence=fields["confidence"],
    )


def verdict_rules(fields: Fields) -> VerdictRules:
    """Return the numbers of the verdicts, the project's own where the standard is silent."""

    def one(key: str, default: Sourced) -> Sourced:
        return sourced(fields[key]) if key in fields else default

    return VerdictRules(
        short_share=one("short_share", _NO_RULES.short_share),
        min_known_share=one("min_known_share", _NO_RULES.min_known_share),
    )


def gap_rules(fields: Fields) -> GapRules:
    """Return what is called an inconvenient or a poor gap, the project's own where it is silent."""
    given = fields.get("inconvenient", {})

    def one(key: str, default: Sourced) -> Sourced:
        return sourced(given[key]) if key in given else default

    return GapRules(
        detour=one("detour", _NO_GAP_RULES.detour),
        longer_by_m=one("longer_by_m", _NO_GAP_RULES.longer_by_m),
        min_people=one("min_people", _NO_GAP_RULES.min_people),
        poor_attributes=tuple(
            fields.get("poor", {}).get("attributes", _NO_GAP_RULES.poor_attributes)
        ),
    )

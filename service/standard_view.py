"""A standard as plain JSON, for the API and for ``standard show --json``."""

from analysis.documents.plain import number, texts
from analysis.standard.profile import Element, ServiceStandard
from analysis.standard.profile_rules import CircleRules, Cohorts, Span, WalkingRules
from analysis.standard.rules import (
    Attribute,
    Metric,
    MetricRule,
    ScaleRule,
    Sourced,
    StockRule,
    Target,
)
from service.works_view import siting_view, works_view


def standard_view(standard: ServiceStandard) -> dict[str, object]:
    """Return what decides a verdict, each number with its source and confidence."""
    return {
        "id": standard.id,
        "version": standard.version,
        "title": texts(standard.title),
        "statement": texts(standard.statement),
        "official": standard.official,
        "digest": standard.digest,
        "walking": _walking(standard.walking),
        "snap_limit_m": _sourced(standard.snap_limit_m),
        "categories": [{"id": one.id, "name": texts(one.name)} for one in standard.categories],
        "elements": [_element(one) for one in standard.elements],
        "optional_elements": [_element(one) for one in standard.available],
        "metrics": [_metric(one) for one in standard.metrics.values()],
        "attributes": [_attribute(one) for one in standard.attributes.values()],
        "cohorts": _cohorts(standard.cohorts),
        "circle": None if standard.circle is None else _circle(standard.circle),
        "two_step_zones": _zones(standard),
        "verdict_rules": {
            "short_share": _sourced(standard.verdict_rules.short_share),
            "min_known_share": _sourced(standard.verdict_rules.min_known_share),
            "old_area_factor": _maybe(standard.old_area_factor),
        },
        "works": works_view(standard.works),
        "sources": dict(standard.sources),
    }


def _walking(walking: WalkingRules) -> dict[str, object]:
    grade = walking.wheelchair_max_grade
    return {
        "speeds_m_s": {name: _sourced(one) for name, one in walking.speeds_m_s.items()},
        "steps_m_s": {
            name: {"up": _sourced(one.up), "down": _sourced(one.down)}
            for name, one in walking.steps_m_s.items()
        },
        "slope_law": None if walking.slope is None else walking.slope.text,
        "wheelchair_max_grade": None if grade is None else _sourced(grade),
    }


def _element(element: Element) -> dict[str, object]:
    return {
        "id": element.id,
        "name": texts(element.name),
        "category_id": element.category_id,
        "tier": element.tier,
        "treatment": element.treatment,
        "walked": element.is_walked,
        "minutes": element.minutes,
        "walker": element.walker,
        "threshold_m": None if element.threshold is None else _sourced(element.threshold),
        "coverage": {
            "basis": list(element.coverage.basis),
            "target": _sourced(element.coverage.target),
            "acceptable": _sourced(element.coverage.acceptable),
        },
        "osm_completeness": element.osm.expected_completeness,
        "optional": element.optional,
        "provision": element.provision,
        "scale": None if element.scale is None else _scale(element.scale),
        "stock": None if element.stock is None else _stock(element.stock),
        "efficiency": [_rule(one) for one in element.efficiency],
        "quality": [_rule(one) for one in element.quality],
        "planner_columns": list(element.planner_columns),
        "needs_columns": {one: list(columns) for one, columns in element.needs_columns.items()},
        "meaning": element.meaning,
        "works": siting_view(element.siting),
    }


def _sourced(one: Sourced) -> dict[str, object]:
    return {"value": number(one.value), "source": one.source, "confidence": one.confidence}


def _maybe(one: Sourced | None) -> dict[str, object] | None:
    return None if one is None else _sourced(one)


def _span(one: Span | None) -> dict[str, object] | None:
    if one is None:
        return None
    return {"value": [one.low, one.high], "source": one.source, "confidence": one.confidence}


def _scale(rule: ScaleRule) -> dict[str, object]:
    capacity, count = rule.capacity, rule.count_rule
    return {
        "indicator": rule.indicator,
        "unit": rule.unit,
        "basis": rule.basis,
        "per": rule.per,
        "norm": _sourced(rule.norm),
        "upper": rule.upper,
        "capacity": {
            "columns": list(capacity.columns),
            "osm_tags": list(capacity.osm_tags),
            "each": capacity.each,
            "per_land_m2": capacity.per_land_m2,
            "per_floor_m2": capacity.per_floor_m2,
            "typical": None if capacity.typical is None else list(capacity.typical),
            "source": capacity.source,
            "confidence": capacity.confidence,
        },
        "count_rule": None
        if count is None
        else {
            "at_least": count.at_least,
            "per": count.per,
            "source": count.source,
            "confidence": count.confidence,
        },
    }


def _stock(rule: StockRule) -> dict[str, object]:
    return {
        "amount": list(rule.amount),
        "done": list(rule.done),
        "done_year": list(rule.done_year),
        "listed": list(rule.listed),
        "built_year": list(rule.built_year),
        "built_before": _maybe(rule.built_before),
    }


def _rule(rule: MetricRule) -> dict[str, object]:
    target = rule.target
    return {
        "metric": rule.metric.id,
        "op": target.op,
        "target": _bound(target),
        "source": target.source,
        "confidence": target.confidence,
    }


def _bound(target: Target) -> object:
    """Return what a target is held against: a number, two, or a text by language."""
    if target.op == "text":
        return texts(target.text)
    if target.op == "between":
        return [target.low, target.high]
    return number(target.high if target.op == "le" else target.low)


def _metric(metric: Metric) -> dict[str, object]:
    return {
        "id": metric.id,
        "name": texts(metric.name),
        "measure": metric.measure,
        "unit": metric.unit,
        "formula": metric.formula,
        "attribute": metric.attribute,
        "per_attribute": metric.per_attribute,
        "at_least": metric.at_least,
        "element_id": metric.element_id,
        "within_m": metric.within_m,
        "per": metric.per,
        "basis": metric.basis,
    }


def _attribute(attribute: Attribute) -> dict[str, object]:
    return {
        "id": attribute.id,
        "name": texts(attribute.name),
        "kind": attribute.kind,
        "unit": attribute.unit,
        "columns": list(attribute.columns),
        "osm": {key: dict(values) for key, values in attribute.osm.items()},
        "words": dict(attribute.words),
        "polygon_area": attribute.polygon_area,
        "default": attribute.default,
    }


def _cohorts(cohorts: Cohorts) -> dict[str, object]:
    return {
        "share": {basis: _sourced(one) for basis, one in cohorts.share.items()},
        "household_size": _maybe(cohorts.household_size),
        "vehicles_per_1000": _maybe(cohorts.vehicles_per_1000),
        "ebikes_per_1000": _maybe(cohorts.ebikes_per_1000),
    }


def _circle(rules: CircleRules) -> dict[str, object]:
    return {
        "population": _span(rules.population),
        "radius_m": _span(rules.radius_m),
        "area_km2": _span(rules.area_km2),
        "tolerated_population": _span(rules.tolerated_population),
    }


def _zones(standard: ServiceStandard) -> dict[str, object] | None:
    zones = standard.two_step_zones
    if zones is None:
        return None
    return {
        "until_share": list(zones.until_share),
        "weight": list(zones.weight),
        "source": zones.source,
        "confidence": zones.confidence,
    }

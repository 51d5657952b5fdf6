"""What a standard says of building, as plain JSON: sizes, costs, siting rules, shared sites."""

from analysis.documents.plain import number, texts
from analysis.standard.profile_rules import Span
from analysis.standard.siting_rules import (
    MinBuild,
    PathCost,
    PriorityRule,
    SitingProfile,
    SitingRule,
    UnitCost,
    WorksRules,
)


def siting_view(siting: SitingProfile) -> dict[str, object]:
    """Return what building one element asks for, each number with its source and confidence."""
    return {
        "min_build": _min_build(siting.min_build),
        "shared_build": _min_build(siting.shared_build),
        "unit_cost": {kind: _cost(one) for kind, one in siting.costs.items()},
        "lead_time_months": _span(siting.lead_time_months),
        "compatible_with": list(siting.compatible_with),
        "incompatible_with": list(siting.incompatible_with),
        "siting": [_rule(one) for one in siting.rules],
    }


def works_view(works: WorksRules) -> dict[str, object]:
    """Return what holds for the works of all elements."""
    return {
        "price_year": works.price_year,
        "siting": [_rule(one) for one in works.siting],
        "path_costs": [_path(one) for one in works.path_costs.values()],
        "priorities": [_priority(one) for one in works.priorities],
    }


def _rule(rule: SitingRule) -> dict[str, object]:
    return {
        "id": rule.id,
        "hard": rule.hard,
        "text": texts(rule.text),
        "needs_person": rule.needs_person,
        "layer": rule.layer or None,
        "column": rule.column or None,
        "op": rule.op,
        "low": number(rule.low),
        "high": number(rule.high),
        "words": list(rule.words),
        "unit": rule.unit or None,
        "source": rule.source,
        "confidence": rule.confidence,
    }


def _min_build(one: MinBuild | None) -> dict[str, object] | None:
    if one is None:
        return None
    capacity = one.capacity
    return {
        "building_m2": one.building_m2,
        "land_m2": one.land_m2,
        "capacity": None
        if capacity is None
        else {
            "value": number(capacity.value),
            "source": capacity.source,
            "confidence": capacity.confidence,
        },
        "source": one.source,
        "confidence": one.confidence,
    }


def _cost(one: UnitCost) -> dict[str, object]:
    return {
        "low_yuan": one.low,
        "high_yuan": one.high,
        "per": one.per,
        "price_year": one.price_year,
        "source": one.source,
        "confidence": one.confidence,
    }


def _span(one: Span | None) -> dict[str, object] | None:
    if one is None:
        return None
    return {"value": [one.low, one.high], "source": one.source, "confidence": one.confidence}


def _path(one: PathCost) -> dict[str, object]:
    return {
        "work": one.work,
        "name": texts(one.name),
        **_cost(one.cost),
        "lead_time_months": _span(one.lead_time_months),
    }


def _priority(one: PriorityRule) -> dict[str, object]:
    return {
        "rank": one.rank,
        "id": one.id,
        "name": texts(one.name),
        "elements": list(one.elements),
        "path_works": list(one.path_works),
        "metrics": list(one.metrics),
        "opinion_words": list(one.opinion_words),
        "any_opinion": one.any_opinion,
        "source": one.source,
        "confidence": one.confidence,
    }

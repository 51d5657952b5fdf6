"""A standard as plain JSON, for the API and for ``standard show --json``."""

from analysis.documents.plain import number, texts
from analysis.standard import Element, ServiceStandard, WalkingRules
from analysis.standard_rules import Sourced


def standard_view(standard: ServiceStandard) -> dict[str, object]:
    """Return what decides a verdict, each number with its source and confidence."""
    return {
        "id": standard.id,
        "title": texts(standard.title),
        "statement": texts(standard.statement),
        "official": standard.official,
        "digest": standard.digest,
        "walking": _walking(standard.walking),
        "snap_limit_m": _sourced(standard.snap_limit_m),
        "categories": [{"id": one.id, "name": texts(one.name)} for one in standard.categories],
        "elements": [_element(one) for one in standard.elements],
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
        "threshold_m": None if element.threshold is None else _sourced(element.threshold),
        "coverage": {
            "basis": list(element.coverage.basis),
            "target": _sourced(element.coverage.target),
            "acceptable": _sourced(element.coverage.acceptable),
        },
        "osm_completeness": element.osm.expected_completeness,
        "planner_columns": list(element.planner_columns),
        "meaning": element.meaning,
    }


def _sourced(one: Sourced) -> dict[str, object]:
    return {"value": number(one.value), "source": one.source, "confidence": one.confidence}

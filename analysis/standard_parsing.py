"""From the plain mapping of a standard's file to :class:`~analysis.standard.ServiceStandard`.

Pure: the mapping has passed the JSON Schema and :mod:`analysis.standard_checks` before.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from analysis.messages import Name
from analysis.standard import (
    WALKED,
    Category,
    CoverageTarget,
    Element,
    EvidenceRule,
    OsmRule,
    ReachRule,
    ServiceStandard,
    StepSpeeds,
    TagRule,
    WalkingRules,
)
from analysis.standard_rules import Sourced
from analysis.verdicts import DIMENSIONS, Dimension
from analysis.walking import slope_law

Fields = Mapping[str, Any]
_ADMINISTRATIVE: Final = ("id", "name", "status")


def parse_standard(document: Fields) -> ServiceStandard:
    """Build the typed standard from the checked plain `document` (the whole file)."""
    profile = document["profile"]
    matching = profile["osm_matching"]
    category_ids = {
        key: one["id"] for one in profile["categories"] for key in (one["zh"], one["id"])
    }
    default_dedupe_m = float(matching["dedupe_m"]["value"])
    return ServiceStandard(
        id=profile["id"],
        title=Name(profile["title_zh"], profile.get("title_en", "")),
        statement=Name(profile["statement_zh"], profile["statement_en"]),
        official=profile["official"],
        categories=tuple(
            Category(id=one["id"], name=Name(one["zh"], one.get("en", "")))
            for one in profile["categories"]
        ),
        elements=tuple(
            _element(one, category_ids, default_dedupe_m) for one in document["elements"]
        ),
        walking=_walking(profile["walking"]),
        snap_limit_m=_sourced(profile["walking"]["max_snap_m"]),
        range_keys=tuple(matching["range_keys"]),
        evidence=_evidence(profile["evidence"]),
        sources={one["id"]: one["title"] for one in document["sources"]},
        digest=standard_digest(document),
        generic_suffixes=tuple(matching.get("generic_suffixes", ())),
    )


def standard_digest(document: Fields) -> str:
    """Return the SHA-256 of `document` as canonical JSON; comments and layout do not count."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def pattern_text(alternatives: str | Sequence[str]) -> str:
    """Return one regular expression for a pattern given as one text or as alternatives."""
    return alternatives if isinstance(alternatives, str) else "|".join(alternatives)


def _sourced(fields: Fields) -> Sourced:
    return Sourced(
        value=float(fields["value"]), source=fields["source"], confidence=fields["confidence"]
    )


def _walking(fields: Fields) -> WalkingRules:
    slope, grade = fields.get("slope_model"), fields.get("wheelchair_max_grade")
    return WalkingRules(
        speeds_m_s={one["group"]: _sourced(one) for one in fields["speeds_m_per_s"]},
        steps_m_s={
            one["group"]: StepSpeeds(
                up=_sourced({**one, "value": one["up"]}),
                down=_sourced({**one, "value": one["down"]}),
            )
            for one in fields.get("steps_m_per_s", ())
        },
        slope=None if slope is None else slope_law(slope["value"]),
        wheelchair_max_grade=None if grade is None else _sourced(grade),
    )


def _evidence(fields: Fields) -> EvidenceRule:
    return EvidenceRule(
        min_services=int(fields["min_services"]["value"]),
        min_services_per_1000=float(fields["min_services_per_1000"]["value"]),
        untold_completeness=tuple(fields["untold_completeness"]),
        service_keys=tuple(fields["service_keys"]),
        trivial_values={key: tuple(v) for key, v in fields.get("trivial_values", {}).items()},
    )


def _element(fields: Fields, category_ids: Mapping[str, str], default_dedupe_m: float) -> Element:
    walk = fields["walk_threshold"]
    threshold = None
    if walk["metres"] is not None:
        threshold = Sourced(
            value=float(walk["metres"]), source=walk["source"], confidence=walk["confidence"]
        )
    minutes = walk.get("minutes")
    return Element(
        id=fields["id"],
        name=Name(fields["name_zh"], fields.get("name_en", "")),
        category_id=category_ids[fields["category"]],
        tier=fields["tier"],
        treatment=fields["treatment"],
        minutes=None if minutes is None else float(minutes),
        threshold=threshold,
        reach_rules=_reach_rules(fields, threshold),
        coverage=_coverage(fields["coverage"]),
        osm=_osm_rule(fields["osm"], default_dedupe_m),
        planner_columns=tuple(fields["planner_columns"]),
        needs_columns=_needs_columns(fields),
        meaning=fields.get("meaning", ""),
    )


def _reach_rules(fields: Fields, threshold: Sourced | None) -> tuple[ReachRule, ...]:
    if fields["treatment"] not in WALKED:
        return ()
    given = fields["coverage"].get("rules")
    if given is None:
        own_m = 0.0 if threshold is None else threshold.value
        return (ReachRule(element_id=fields["id"], threshold_m=own_m),)
    return tuple(
        ReachRule(
            element_id=rule.get("element", fields["id"]),
            threshold_m=float(rule["metres"]),
            min_area_m2=float(rule.get("min_area_m2", 0.0)),
            below_area_m2=float(rule.get("below_area_m2", "inf")),
        )
        for rule in given
    )


def _coverage(fields: Fields) -> CoverageTarget:
    return CoverageTarget(
        basis=tuple(fields["basis"]),
        target=Sourced(
            value=float(fields["target"]),
            source=fields["source"],
            confidence=fields["confidence"],
        ),
        acceptable=Sourced(
            value=float(fields["acceptable"]),
            source=fields["acceptable_source"],
            confidence=fields["acceptable_confidence"],
        ),
    )


def _osm_rule(fields: Fields, default_dedupe_m: float) -> OsmRule:
    def number(key: str, default: float) -> float:
        return float(fields[key]["value"]) if key in fields else default

    def patterns(key: str) -> Mapping[str, str]:
        return {language: pattern_text(one) for language, one in fields.get(key, {}).items()}

    return OsmRule(
        any_of=_tag_rules(fields["any_of"]),
        ambiguous=_tag_rules(fields.get("ambiguous", ())),
        ambiguous_counts=fields.get("ambiguous_counts", False),
        exclude=_tag_rules(fields.get("exclude", ())),
        name_patterns=patterns("name_patterns"),
        ambiguous_name_patterns=patterns("ambiguous_name_patterns"),
        exclude_patterns=patterns("exclude_patterns"),
        dedupe_m=number("dedupe_m", default_dedupe_m),
        expected_completeness=fields["expected_completeness_cn"],
        unnamed_dedupe_m=number("unnamed_dedupe_m", 0.0),
        min_area_m2=number("min_area_m2", 0.0),
        not_inside=_tag_rules(fields.get("not_inside", ())),
        not_inside_unless=_tag_rules(fields.get("not_inside_unless", ())),
    )


def _tag_rules(rules: Sequence[Fields]) -> tuple[TagRule, ...]:
    return tuple(
        TagRule(
            tags={
                key: (value,) if isinstance(value, str) else tuple(value)
                for key, value in rule["tags"].items()
            },
            needs_name=rule.get("needs_name", False),
        )
        for rule in rules
    )


def _needs_columns(fields: Fields) -> Mapping[Dimension, tuple[str, ...]]:
    """Return the columns that settle each dimension: as stated, else derived.

    Derived: quality takes the planner columns that its ``data`` texts name; scale and efficiency
    take the other ones that are not administrative; coverage needs a column only where it is not
    judged by walking, then the same ones as scale.
    """
    columns = fields["planner_columns"]
    words = {
        word
        for metric in fields.get("quality", ())
        for word in re.findall(r"[a-z0-9_]+", metric.get("data", ""))
    }
    quality = tuple(column for column in columns if column in words)
    amounts = tuple(c for c in columns if c not in _ADMINISTRATIVE and c not in words)
    derived: dict[Dimension, tuple[str, ...]] = {
        "scale": amounts,
        "coverage": () if fields["treatment"] in WALKED else amounts,
        "efficiency": amounts,
        "quality": quality,
    }
    stated = fields.get("needs_columns", {})
    return {one: tuple(stated.get(one, derived[one])) for one in DIMENSIONS}

"""From the plain mapping of one element to :class:`~analysis.standard.profile.Element`.

Pure, like :mod:`analysis.standard.parsing`, which hands it what all elements of a profile share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.messages import Name
from analysis.standard.profile import WALKED, CoverageTarget, Element, OsmRule, ReachRule, TagRule
from analysis.standard.profile_rules import VerdictRules
from analysis.standard.rule_parsing import OF_CAPACITY, metric_rules, scale_rule, stock_rule
from analysis.standard.rules import Attribute, Metric, MetricRule, ScaleRule, Sourced, StockRule
from analysis.standard.siting_parsing import Partners, siting_profile
from analysis.standard.verdicts import Dimension

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What every element of one profile is parsed with."""

    category_ids: Mapping[str, str]
    default_dedupe_m: float
    metrics: Mapping[str, Metric]
    attributes: Mapping[str, Attribute]
    verdict_rules: VerdictRules
    partners: Mapping[str, Partners]
    price_year: int | None


def parse_element(fields: Fields, shared: Shared, *, optional: bool) -> Element:
    """Return one element; `optional` where it stands among the extensions."""
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
        category_id=shared.category_ids[fields["category"]],
        tier=fields["tier"],
        treatment=fields["treatment"],
        minutes=None if minutes is None else float(minutes),
        threshold=threshold,
        reach_rules=_reach_rules(fields, threshold),
        coverage=_coverage(fields["coverage"]),
        osm=_osm_rule(fields["osm"], shared.default_dedupe_m),
        planner_columns=tuple(fields["planner_columns"]),
        needs_columns=_needs_columns(fields, shared),
        meaning=fields.get("meaning", ""),
        scale=scale_rule(fields.get("scale"), shared.verdict_rules),
        efficiency=metric_rules(fields.get("efficiency", ()), shared.metrics),
        quality=metric_rules(fields.get("quality", ()), shared.metrics),
        stock=stock_rule(fields.get("stock")),
        siting=siting_profile(fields, shared.partners, shared.price_year),
        provision=fields.get("provision", {}).get("value"),
        optional=optional,
        walker=fields.get("walker", {}).get("value"),
    )


def pattern_text(alternatives: str | Sequence[str]) -> str:
    """Return one regular expression for a pattern given as one text or as alternatives."""
    return alternatives if isinstance(alternatives, str) else "|".join(alternatives)


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


def _needs_columns(fields: Fields, shared: Shared) -> Mapping[Dimension, tuple[str, ...]]:
    """Return the planner's columns that settle each dimension, derived from its rules.

    Scale: how much one facility offers, unless each counts the same. Coverage: nothing where it is
    judged by walking. Efficiency and quality: the attributes of their metrics, and the columns of
    scale where a metric rests on capacity.
    """
    amounts = _amount_columns(
        scale_rule(fields.get("scale"), shared.verdict_rules), stock_rule(fields.get("stock"))
    )
    own = fields["planner_columns"]

    def read(key: str) -> tuple[str, ...]:
        found: list[str] = []
        for rule in metric_rules(fields.get(key, ()), shared.metrics):
            found += amounts if rule.metric.measure in OF_CAPACITY else ()
            found += _attribute_columns(rule, shared.attributes, own)
        return tuple(dict.fromkeys(found))

    return {
        "scale": amounts,
        "coverage": () if fields["treatment"] in WALKED else amounts,
        "efficiency": read("efficiency"),
        "quality": read("quality"),
    }


def _attribute_columns(
    rule: MetricRule, known: Mapping[str, Attribute], own: Sequence[str]
) -> list[str]:
    """Return one column for each attribute of a metric: its first that the element lists."""
    named = (rule.metric.attribute, rule.metric.per_attribute)
    columns = [known[one].columns for one in named if one is not None]
    return [next((c for c in each if c in own), each[0]) for each in columns if each]


def _amount_columns(scale: ScaleRule | None, stock: StockRule | None) -> tuple[str, ...]:
    """Return the columns that tell how much there is: of alternatives the first."""
    if stock is not None:
        parts = (stock.amount, stock.done, stock.built_year)
        return tuple(columns[0] for columns in parts if columns)
    if scale is None or scale.capacity.each is not None:
        return ()
    return scale.capacity.columns[:1]

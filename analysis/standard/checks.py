"""What a JSON Schema cannot say of a standard: references, order of numbers, patterns.

Every check is defensive, so that all problems of a file are found in one go even where some values
have the wrong type; the schema reports those.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from analysis.errors import one_of
from analysis.messages import Message, message
from analysis.standard.problem import (
    Path,
    Problem,
    all_elements,
    is_number,
    list_of,
    mapping_of,
    rows_of,
)
from analysis.standard.profile import WALKED
from analysis.standard.rule_checks import rule_problems
from analysis.standard.siting_checks import siting_problems
from analysis.walking import SlopeLaw, slope_law

__all__ = ["Path", "Problem", "standard_problems"]
_TOBLER: Final = SlopeLaw(k=3.5, offset=0.05)
_PATTERN_KEYS: Final = ("name_patterns", "ambiguous_name_patterns", "exclude_patterns")
# A repeated group that itself holds an open repetition can take exponential time on one name.
_NESTED_REPEAT: Final = re.compile(r"\((?:[^()\\]|\\.)*[+*](?:[^()\\]|\\.)*\)[+*{]")


def standard_problems(document: object) -> list[Problem]:
    """Return all problems of the plain `document` that its schema cannot see."""
    profile = mapping_of(mapping_of(document).get("profile"))
    problems: list[Problem] = []
    for check in (_repeats, _categories, _references, _numbers, _profile_keys, _walking, _walkers):
        problems += check(document, profile)
    for path, fields in all_elements(document):
        problems += _element_problems(path, fields)
    return problems + rule_problems(document) + siting_problems(document)


def _repeats(document: object, profile: dict[str, Any]) -> Iterator[Problem]:
    named = ("categories", "metric_catalogue", "attributes")
    groups = [
        list(all_elements(document)),
        _entries(document, (), "sources"),
        *(_entries(profile, ("profile",), key) for key in named),
    ]
    for entries in groups:
        seen: dict[str, int] = {}
        for row, (path, fields) in enumerate(entries):
            one = fields.get("id")
            if isinstance(one, str):
                if one in seen:
                    remedy = message("standard.repeated_id.remedy", first=seen[one] + 1)
                    yield Problem((*path, "id"), message("standard.repeated_id"), remedy, one)
                seen.setdefault(one, row)


def _entries(parent: object, path: Path, key: str) -> list[tuple[Path, dict[str, Any]]]:
    return [((*path, key, row), one) for row, one in enumerate(rows_of(parent, key))]


def _categories(document: object, profile: dict[str, Any]) -> Iterator[Problem]:
    rows = rows_of(profile, "categories")
    known = {str(one[key]) for one in rows for key in ("zh", "id") if key in one}
    used: list[str] = []
    for path, fields in all_elements(document):
        category = fields.get("category")
        if not isinstance(category, str):
            continue
        if path[0] == "elements":
            used.append(category)
        if category not in known:
            remedy = message("standard.unknown_id.remedy", allowed=one_of(tuple(sorted(known))))
            yield Problem((*path, "category"), message("standard.category"), remedy, category)
    for row, fields in enumerate(rows):
        stated = fields.get("elements")
        count = sum(one in (fields.get("zh"), fields.get("id")) for one in used)
        if isinstance(stated, int) and stated != count:
            yield Problem(
                ("profile", "categories", row, "elements"),
                message("standard.category_count", count=count),
                message("standard.category_count.remedy", count=count),
                str(stated),
            )


def _references(document: object, _profile: dict[str, Any]) -> Iterator[Problem]:
    sources = {str(one.get("id")) for one in rows_of(document, "sources")}
    elements = {str(one.get("id")) for one in rows_of(document, "elements")}
    for path, fields in _mappings(document, ()):
        for key in ("source", "acceptable_source"):
            source = fields.get(key)
            if isinstance(source, str) and source not in sources:
                remedy = message("standard.source.remedy")
                yield Problem((*path, key), message("standard.source"), remedy, source)
    for path, fields in all_elements(document):
        for i, rule in enumerate(rows_of(fields.get("coverage"), "rules")):
            other = rule.get("element")
            if isinstance(other, str) and other not in elements | {str(fields.get("id"))}:
                yield Problem(
                    (*path, "coverage", "rules", i, "element"),
                    message("standard.substitute"),
                    message("standard.substitute.remedy"),
                    other,
                )


def _mappings(value: object, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    if isinstance(value, dict):
        yield path, value
    children = value.items() if isinstance(value, dict) else enumerate(list_of(value))
    for key, child in children:
        yield from _mappings(child, (*path, key))


def _numbers(document: object, _profile: dict[str, Any]) -> Iterator[Problem]:
    for path, fields in _mappings(document, ()):
        low, high = fields.get("acceptable"), fields.get("target")
        if _is_above(low, high):
            remedy = message("standard.target.remedy")
            value = f"target {high}, acceptable {low}"
            yield Problem((*path, "target"), message("standard.target"), remedy, value)
        low, high = fields.get("min_area_m2"), fields.get("below_area_m2")
        if _is_above(low, high) or (is_number(low) and low == high):
            yield Problem(
                (*path, "below_area_m2"), message("standard.span"),
                message("standard.span.remedy"), f"{low}, {high}",
            )  # fmt: skip
        for key in ("value", "range", "metres", "population"):
            span = fields.get(key)
            if isinstance(span, list) and span and _is_above(span[0], span[-1]):
                remedy = message("standard.span.remedy")
                yield Problem((*path, key), message("standard.span"), remedy, str(span))


def _is_above(low: Any, high: Any) -> bool:
    return is_number(low) and is_number(high) and bool(low > high)


def _profile_keys(_document: object, profile: dict[str, Any]) -> Iterator[Problem]:
    evidence = mapping_of(profile.get("evidence"))
    keys = [one for one in list_of(evidence.get("service_keys")) if isinstance(one, str)]
    for key in mapping_of(evidence.get("trivial_values")):
        if key not in keys:
            remedy = message("standard.unknown_id.remedy", allowed=one_of(tuple(keys)))
            place = ("profile", "evidence", "trivial_values", key)
            yield Problem(place, message("standard.trivial"), remedy, key)


def _walking(_document: object, profile: dict[str, Any]) -> Iterator[Problem]:
    walking = mapping_of(profile.get("walking"))
    for key in ("speeds_m_per_s", "steps_m_per_s"):
        seen: dict[str, int] = {}
        for row, fields in enumerate(rows_of(walking, key)):
            group = fields.get("group")
            if isinstance(group, str) and seen.setdefault(group, row) != row:
                yield Problem(
                    ("profile", "walking", key, row, "group"), message("standard.repeated_id"),
                    message("standard.repeated_id.remedy", first=seen[group] + 1), group,
                )  # fmt: skip
    law = mapping_of(walking.get("slope_model")).get("value")
    if isinstance(law, str) and slope_law(law) is None:
        remedy = message("standard.slope_law.remedy", form=_TOBLER.text)
        place = ("profile", "walking", "slope_model", "value")
        yield Problem(place, message("standard.slope_law"), remedy, law)


def _walkers(document: object, profile: dict[str, Any]) -> Iterator[Problem]:
    """Elements may name only walkers whose speed is stated, and only where anybody walks."""
    speeds = rows_of(mapping_of(profile.get("walking")), "speeds_m_per_s")
    stated = tuple(str(one["group"]) for one in speeds if "group" in one)
    for path, fields in all_elements(document):
        if "walker" not in fields:
            continue
        name = mapping_of(fields["walker"]).get("value")
        place = (*path, "walker", "value")
        if fields.get("treatment") not in WALKED:
            remedy = message("standard.walker.not_walked.remedy")
            yield Problem(place, message("standard.walker.not_walked"), remedy, str(name))
        elif isinstance(name, str) and name not in stated:
            remedy = message("standard.walker.no_speed.remedy", allowed=one_of(stated))
            yield Problem(place, message("standard.walker.no_speed"), remedy, name)


def _element_problems(path: Path, fields: dict[str, Any]) -> Iterator[Problem]:
    walk = mapping_of(fields.get("walk_threshold"))
    rules = rows_of(fields.get("coverage"), "rules")
    if fields.get("treatment") in WALKED and walk.get("metres") is None and not rules:
        yield Problem(
            (*path, "walk_threshold", "metres"),
            message("standard.no_threshold"),
            message("standard.no_threshold.remedy"),
        )
    yield from _osm_problems((*path, "osm"), mapping_of(fields.get("osm")))


def _osm_problems(path: Path, osm: dict[str, Any]) -> Iterator[Problem]:
    for key, patterns in (("any_of", "name_patterns"), ("ambiguous", "ambiguous_name_patterns")):
        if any(rule.get("needs_name") for rule in rows_of(osm, key)) and not osm.get(patterns):
            yield Problem(
                (*path, key),
                message("standard.needs_name", patterns=patterns),
                message("standard.needs_name.remedy", patterns=patterns),
            )
    if list_of(osm.get("ambiguous")) and "ambiguous_counts" not in osm:
        remedy = message("standard.ambiguous_counts.remedy")
        yield Problem((*path, "ambiguous"), message("standard.ambiguous_counts"), remedy)
    for key in _PATTERN_KEYS:
        for language, given in mapping_of(osm.get(key)).items():
            for pattern in [given] if isinstance(given, str) else list_of(given):
                fault = _pattern_fault(pattern) if isinstance(pattern, str) else None
                if fault is not None:
                    remedy = message("standard.pattern.remedy")
                    yield Problem((*path, key, language), fault, remedy, pattern)


def _pattern_fault(pattern: str) -> Message | None:
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return message("standard.pattern", problem=str(error))
    if compiled.groups or compiled.flags & ~re.UNICODE or _NESTED_REPEAT.search(pattern):
        return message("standard.pattern_form")
    return None

"""What a JSON Schema cannot say of siting: layers, comparisons, shared sites, priorities."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from analysis.errors import one_of
from analysis.messages import message
from analysis.standard.checkable_layers import (
    COLUMNS,
    DISTANCE_OPS,
    ELEMENT_LAYER,
    LAYERS,
    WORD_OPS,
    ops_of_column,
    ops_of_layer,
)
from analysis.standard.problem import (
    Path,
    Problem,
    all_elements,
    is_number,
    list_of,
    mapping_of,
    rows_of,
    texts_of,
)
from analysis.standard.siting_parsing import COMPATIBLE, INCOMPATIBLE

_COMPARED: Final = ("op", "value")


def siting_problems(document: object) -> list[Problem]:
    """Return all problems of siting rules, costs, shared sites and priorities of `document`."""
    profile = mapping_of(mapping_of(document).get("profile"))
    entries = list(all_elements(document))
    judged = tuple(str(one.get("id")) for path, one in entries if path[0] == "elements")
    known = tuple(str(one.get("id")) for _, one in entries)
    found: list[Problem] = []
    found += _rules(("profile", "common_siting"), rows_of(profile, "common_siting"), judged)
    found += _repeats(("profile", "path_costs"), rows_of(profile, "path_costs"), "id")
    found += _priorities(profile, known)
    found += _years(profile, entries)
    found += _shared_sites(entries, known)
    for path, fields in entries:
        nearby = (*judged, str(fields.get("id")))
        found += _rules((*path, "siting"), rows_of(fields, "siting"), nearby)
    return found


def _repeats(path: Path, rows: list[dict[str, Any]], key: str) -> Iterator[Problem]:
    first: dict[object, int] = {}
    for row, fields in enumerate(rows):
        one = fields.get(key)
        if isinstance(one, str | int) and first.setdefault(one, row) != row:
            remedy = message("standard.repeated_id.remedy", first=first[one] + 1)
            yield Problem((*path, row, key), message("standard.repeated_id"), remedy, str(one))


def _unknown(path: Path, key: str, value: str, known: tuple[str, ...]) -> Problem:
    near = tuple(get_close_matches(value, known, n=5, cutoff=0.4)) or known
    return Problem(path, message(key), message(f"{key}.remedy", allowed=one_of(near)), value)


def _rules(path: Path, rows: list[dict[str, Any]], elements: tuple[str, ...]) -> Iterator[Problem]:
    yield from _repeats(path, rows, "id")
    for row, fields in enumerate(rows):
        yield from _rule((*path, row), fields, elements)


def _rule(path: Path, fields: Mapping[str, Any], elements: tuple[str, ...]) -> Iterator[Problem]:
    looked_at = [key for key in ("layer", "column") if key in fields]
    if len(looked_at) > 1:
        remedy = message("standard.siting.both.remedy")
        yield Problem((*path, "column"), message("standard.siting.both"), remedy)
        return
    if not looked_at:
        for key in _COMPARED:
            if key in fields:
                remedy = message("standard.siting.nothing.remedy")
                yield Problem((*path, key), message("standard.siting.nothing"), remedy)
        return
    lacking = [key for key in _COMPARED if key not in fields]
    for key in lacking:
        reason = message("standard.siting.lacking", field=key)
        yield Problem((*path, key), reason, message("standard.siting.lacking.remedy", field=key))
    key, name = looked_at[0], fields[looked_at[0]]
    if not isinstance(name, str):
        return
    if key == "layer":
        ops, fault = ops_of_layer(name), _layer_fault((*path, key), name, elements)
    else:
        ops = ops_of_column(name)
        fault = None if ops else _unknown((*path, key), "standard.siting.column", name, (*COLUMNS,))
    if fault is not None:
        yield fault
    elif not lacking:
        yield from _comparison(path, fields, ops)


def _layer_fault(path: Path, name: str, elements: tuple[str, ...]) -> Problem | None:
    other = name.removeprefix(ELEMENT_LAYER)
    if other != name:
        known = other in elements
        return None if known else _unknown(path, "standard.near_element", other, elements)
    return None if name in LAYERS else _unknown(path, "standard.siting.layer", name, (*LAYERS,))


def _comparison(path: Path, fields: Mapping[str, Any], ops: tuple[str, ...]) -> Iterator[Problem]:
    op, value = fields["op"], fields["value"]
    if not isinstance(op, str):
        return
    if op not in ops:
        remedy = message("standard.siting.op.remedy", allowed=one_of(ops))
        yield Problem((*path, "op"), message("standard.siting.op"), remedy, op)
        return
    given = list_of(value)
    words = bool(given) and texts_of(value) == given
    pair = len(given) == len(("low", "high")) and all(is_number(one) for one in given)
    fits = {"between": pair} | dict.fromkeys(WORD_OPS, words)
    if not fits.get(op, is_number(value)):
        form = "words" if op in WORD_OPS else "between" if op == "between" else "number"
        reason, remedy = message("standard.siting.value"), message(f"standard.siting.value.{form}")
        yield Problem((*path, "value"), reason, remedy, str(value))
    elif op in DISTANCE_OPS and value < 0:
        remedy = message("standard.siting.value.number")
        yield Problem((*path, "value"), message("standard.siting.negative"), remedy, str(value))
    allowed = COLUMNS[fields["column"]].words if "column" in fields else ()
    for word in texts_of(value):
        if allowed and word not in allowed:
            yield _unknown((*path, "value"), "standard.siting.word", word, allowed)


def _years(
    profile: Mapping[str, Any], entries: list[tuple[Path, dict[str, Any]]]
) -> Iterator[Problem]:
    if "cost_basis" in profile:
        return
    paths: list[tuple[Path, Mapping[str, Any]]] = [
        (("profile", "path_costs", row), one)
        for row, one in enumerate(rows_of(profile, "path_costs"))
    ]
    for path, fields in entries:
        for kind, one in mapping_of(fields.get("unit_cost")).items():
            paths.append(((*path, "unit_cost", kind), mapping_of(one)))
    for path, one in paths:
        if "price_year" not in one:
            remedy = message("standard.price_year.remedy")
            yield Problem((*path, "price_year"), message("standard.price_year"), remedy)


def _shared_sites(
    entries: list[tuple[Path, dict[str, Any]]], known: tuple[str, ...]
) -> Iterator[Problem]:
    never: set[tuple[str, str]] = set()
    for _, fields in entries:
        own = str(fields.get("id"))
        for other in texts_of(mapping_of(fields.get(INCOMPATIBLE)).get("elements")):
            never |= {(own, other), (other, own)}
    for path, fields in entries:
        own = str(fields.get("id"))
        for key in (COMPATIBLE, INCOMPATIBLE):
            place = (*path, key, "elements")
            for row, other in enumerate(texts_of(mapping_of(fields.get(key)).get("elements"))):
                if other not in known:
                    yield _unknown((*place, row), "standard.near_element", other, known)
                elif other == own:
                    remedy = message("standard.shared.itself.remedy")
                    yield Problem((*place, row), message("standard.shared.itself"), remedy, other)
                elif key == COMPATIBLE and (own, other) in never:
                    remedy = message("standard.shared.never.remedy")
                    yield Problem((*place, row), message("standard.shared.never"), remedy, other)


def _priorities(profile: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[Problem]:
    rows = rows_of(profile, "priority_rule")
    metrics = tuple(str(one.get("id")) for one in rows_of(profile, "metric_catalogue"))
    path: Path = ("profile", "priority_rule")
    for key in ("id", "rank"):
        yield from _repeats(path, rows, key)
    for row, fields in enumerate(rows):
        for key, ids, phrase in (
            ("elements", known, "standard.near_element"),
            ("metrics", metrics, "standard.metric"),
        ):
            for number, one in enumerate(texts_of(fields.get(key))):
                if one not in ids:
                    yield _unknown((*path, row, key, number), phrase, one, ids)

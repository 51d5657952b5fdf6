"""What a JSON Schema cannot say of the rules: metrics, attributes, targets, norms, columns."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

from analysis.errors import one_of
from analysis.messages import Joined, message
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
from analysis.standard.profile import STOCK
from analysis.standard.rule_parsing import NORMS, OF_CAPACITY
from analysis.standard.rules import HoursUnit

Catalogue = Mapping[str, Mapping[str, Any]]
_HOURS: Final = get_args(HoursUnit)
# What each measure cannot do without; the others need nothing of their own.
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "share": ("attribute",),
    "mean": ("attribute",),
    "least": ("attribute",),
    "greatest": ("attribute",),
    "sum": ("attribute",),
    "ratio": ("attribute", "per_attribute"),
    "per_demand": ("attribute", "per"),
    "near_element": ("element", "within_m"),
    "choice": ("at_least",),
}
_OFFERS: Final = ("columns", "osm_tags", "each", "per_land_m2", "per_floor_m2")
_YES_NO: Final = ("yes", "no")
_AS_IT_STANDS: Final = "*"
_DIMENSIONS: Final = ("efficiency", "quality")


def rule_problems(document: object) -> list[Problem]:
    """Return all problems of the rules of the plain `document`."""
    profile = mapping_of(mapping_of(document).get("profile"))
    known = {key: _by_id(profile, key) for key in ("metric_catalogue", "attributes")}
    found: list[Problem] = []
    found += _catalogue(document, profile, known["attributes"])
    found += _attributes(profile)
    found += _gaps(profile, known["attributes"])
    found += _zones(mapping_of(profile.get("two_step_zones")))
    for path, fields in all_elements(document):
        found += _scale(path, fields)
        found += _stock(path, fields)
        for dimension in _DIMENSIONS:
            for row, rule in enumerate(rows_of(fields, dimension)):
                place = (*path, dimension, row)
                found += _metric_rule(place, rule, fields, known)
    return found


def _gaps(profile: Mapping[str, Any], attributes: Catalogue) -> Iterator[Problem]:
    fields = mapping_of(mapping_of(profile.get("gaps")).get("poor"))
    for row, named in enumerate(texts_of(fields.get("attributes"))):
        if named not in attributes:
            path = ("profile", "gaps", "poor", "attributes", row)
            yield _unknown(path, "standard.attribute", named, attributes)


def _by_id(profile: Mapping[str, Any], key: str) -> Catalogue:
    return {str(one["id"]): one for one in rows_of(profile, key) if isinstance(one.get("id"), str)}


def _unknown(path: Path, key: str, value: str, known: Catalogue | tuple[str, ...]) -> Problem:
    remedy = message(f"{key}.remedy", allowed=_near(value, tuple(known)))
    return Problem(path, message(key), remedy, value)


def _near(value: str, known: tuple[str, ...]) -> Joined:
    """Return the names closest to `value`, so that a long list does not hide the slip."""
    from difflib import get_close_matches  # noqa: PLC0415 - slow to import, for errors only

    return one_of(tuple(get_close_matches(value, known, n=5, cutoff=0.4)) or known[:8])


def _catalogue(
    document: object, profile: Mapping[str, Any], attributes: Catalogue
) -> Iterator[Problem]:
    elements = tuple(str(one.get("id")) for one in rows_of(document, "elements"))
    for row, fields in enumerate(rows_of(profile, "metric_catalogue")):
        path: Path = ("profile", "metric_catalogue", row)
        measure = fields.get("measure")
        for key in _NEEDS.get(measure, ()) if isinstance(measure, str) else ():
            if key not in fields:
                reason = message("standard.measure", measure=str(measure), field=key)
                remedy = message("standard.measure.remedy", field=key)
                yield Problem((*path, key), reason, remedy)
        for key in ("attribute", "per_attribute"):
            named = fields.get(key)
            if isinstance(named, str) and named not in attributes:
                yield _unknown((*path, key), "standard.attribute", named, attributes)
        other = fields.get("element")
        if isinstance(other, str) and other not in elements:
            yield _unknown((*path, "element"), "standard.near_element", other, elements)
        kind = mapping_of(attributes.get(str(fields.get("attribute")))).get("kind")
        if measure == "share" and kind not in ("yes_no", None) and "at_least" not in fields:
            remedy = message("standard.measure.remedy", field="at_least")
            yield Problem((*path, "at_least"), message("standard.share_of_number"), remedy)


def _attributes(profile: Mapping[str, Any]) -> Iterator[Problem]:
    for row, fields in enumerate(rows_of(profile, "attributes")):
        path: Path = ("profile", "attributes", row)
        kind, unit = fields.get("kind"), fields.get("unit")
        if isinstance(unit, str) and (kind == "hours") is not (unit in _HOURS):
            reason = message("standard.hours_unit", allowed=one_of(_HOURS))
            remedy = message("standard.hours_unit.remedy", allowed=one_of(_HOURS))
            yield Problem((*path, "unit"), reason, remedy, unit)
        for tag, values in mapping_of(fields.get("osm")).items():
            for value, meaning in mapping_of(values).items():
                if isinstance(meaning, str) and not _is_meant(kind, meaning):
                    place = (*path, "osm", tag, value)
                    yield Problem(
                        place, message("standard.meaning"), message("standard.meaning.remedy"),
                        meaning,
                    )  # fmt: skip
        default = fields.get("default")
        if isinstance(default, str) and not _is_meant(kind, default, stands=False):
            remedy = message("standard.meaning.remedy")
            yield Problem((*path, "default"), message("standard.meaning"), remedy, default)
        if "words" in fields and kind not in ("yes_no", None):
            remedy = message("standard.words.remedy")
            yield Problem((*path, "words"), message("standard.words"), remedy)


def _is_meant(kind: object, meaning: str, *, stands: bool = True) -> bool:
    """Return whether a tag's value can mean that: yes or no, a number, or itself."""
    if stands and meaning == _AS_IT_STANDS:
        return kind != "yes_no"
    if kind == "yes_no":
        return meaning in _YES_NO
    if kind == "number":
        try:
            return float(meaning) >= 0
        except ValueError:
            return False
    return True


def _zones(zones: Mapping[str, Any]) -> Iterator[Problem]:
    until, weight = list_of(zones.get("until_share")), list_of(zones.get("weight"))
    if not zones or not all(is_number(one) for one in (*until, *weight)):
        return
    path: Path = ("profile", "two_step_zones")
    if len(until) != len(weight):
        yield Problem(
            (*path, "weight"), message("standard.zones.length"), message("standard.zones.remedy"),
            str(weight),
        )  # fmt: skip
    if until != sorted(set(until)) or (until and until[-1] != 1):
        remedy = message("standard.zones.remedy")
        yield Problem((*path, "until_share"), message("standard.zones.until"), remedy, str(until))
    if weight != sorted(weight, reverse=True):
        remedy = message("standard.zones.remedy")
        yield Problem((*path, "weight"), message("standard.zones.weight"), remedy, str(weight))


def _scale(path: Path, fields: Mapping[str, Any]) -> Iterator[Problem]:
    if "scale" not in fields:
        return
    scale, place = mapping_of(fields["scale"]), (*path, "scale")
    norms = tuple(key for key in NORMS if key in scale)
    if len(norms) != 1:
        reason = message("standard.norm", count=len(norms))
        remedy = message("standard.norm.remedy", allowed=one_of(tuple(NORMS)))
        yield Problem(place if not norms else (*place, norms[-1]), reason, remedy, ", ".join(norms))
    elif isinstance(scale.get("basis"), str) and scale["basis"] not in NORMS[norms[0]][1]:
        allowed = one_of(NORMS[norms[0]][1])
        yield Problem(
            (*place, "basis"), message("standard.norm_basis", norm=norms[0]),
            message("standard.unknown_id.remedy", allowed=allowed), scale["basis"],
        )  # fmt: skip
    capacity = mapping_of(scale.get("capacity"))
    if capacity and not any(capacity.get(key) for key in _OFFERS):
        remedy = message("standard.capacity.remedy", allowed=one_of(_OFFERS))
        yield Problem((*place, "capacity"), message("standard.capacity"), remedy)
    yield from _not_listed((*place, "capacity", "columns"), capacity.get("columns"), fields)


def _stock(path: Path, fields: Mapping[str, Any]) -> Iterator[Problem]:
    is_stock, stock = fields.get("treatment") in STOCK, mapping_of(fields.get("stock"))
    if is_stock is not ("stock" in fields):
        key = "standard.stock.missing" if is_stock else "standard.stock.extra"
        remedy = message(f"{key}.remedy")
        yield Problem((*path, "stock"), message(key), remedy)
    for key, columns in stock.items():
        yield from _not_listed((*path, "stock", key), columns, fields)


def _not_listed(path: Path, columns: object, fields: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the columns that the element's ``planner_columns`` do not have."""
    own = texts_of(fields.get("planner_columns"))
    for column in texts_of(columns):
        if own and column not in own:
            remedy = message("standard.column.remedy")
            yield Problem(path, message("standard.column"), remedy, column)


def _metric_rule(
    path: Path, rule: Mapping[str, Any], fields: Mapping[str, Any], known: Mapping[str, Catalogue]
) -> Iterator[Problem]:
    named = rule.get("metric")
    if not isinstance(named, str):
        return
    metric = known["metric_catalogue"].get(named)
    if metric is None:
        yield _unknown((*path, "metric"), "standard.metric", named, known["metric_catalogue"])
        return
    if metric.get("measure") in OF_CAPACITY and not mapping_of(fields.get("scale")):
        remedy = message("standard.no_scale.remedy")
        yield Problem((*path, "metric"), message("standard.no_scale"), remedy, named)
    own = texts_of(fields.get("planner_columns"))
    for key in ("attribute", "per_attribute"):
        attribute = known["attributes"].get(str(metric.get(key)), {})
        columns = texts_of(attribute.get("columns"))
        if own and columns and not set(columns) & set(own):
            reason = message("standard.metric_column", attribute=str(metric.get(key)))
            remedy = message("standard.metric_column.remedy", allowed=one_of(tuple(columns)))
            yield Problem((*path, "metric"), reason, remedy, named)
    yield from _target((*path, "target"), mapping_of(rule.get("target")), str(metric.get("unit")))


def _target(path: Path, target: Mapping[str, Any], unit: str) -> Iterator[Problem]:
    op, value = target.get("op"), target.get("value")
    fits = {
        "le": is_number(value),
        "ge": is_number(value),
        "eq": is_number(value) or isinstance(value, bool),
        "between": isinstance(value, list),
        "text": isinstance(value, str | dict),
    }
    if isinstance(op, str) and op in fits and value is not None and not fits[op]:
        reason = message("standard.target_form", op=op)
        remedy = message(f"standard.target_form.{op}.remedy")
        yield Problem((*path, "value"), reason, remedy, str(value))
        return
    given: list[Any] = value if isinstance(value, list) else [value]
    numbers = [float(one) for one in given if is_number(one)]
    if unit == "share" and any(not 0 <= one <= 1 for one in numbers):
        remedy = message("standard.target_share.remedy")
        yield Problem((*path, "value"), message("standard.target_share"), remedy, str(value))

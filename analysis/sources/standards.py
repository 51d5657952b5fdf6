"""Open a service standard: packaged or a planner's own file, checked whole before it is used."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import yaml

from analysis.errors import InvalidStandardError, SourceDataError, SourceUnavailableError, one_of
from analysis.messages import Message, message
from analysis.sources.yaml_lines import Fault, YamlDocument, read_yaml
from analysis.standard import ServiceStandard
from analysis.standard_checks import standard_problems
from analysis.standard_parsing import parse_standard

if TYPE_CHECKING:  # slow to import, and only a planner's own standard is checked
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

PACKAGED: Final = "living_circle_25"
MAX_BYTES: Final = 2_000_000
_PACKAGE: Final = "analysis.standards"
_PLAIN_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_MAX_VALUE_CHARS: Final = 80
_UNION: Final = ("anyOf", "oneOf")
_LIMIT_PHRASES: Final = {
    "minimum": "standard.schema.minimum",
    "exclusiveMinimum": "standard.schema.above",
    "maximum": "standard.schema.maximum",
    "minLength": "standard.schema.min_length",
    "maxLength": "standard.schema.max_length",
    "minItems": "standard.schema.min_items",
    "maxItems": "standard.schema.max_items",
    "minProperties": "standard.schema.min_items",
    "maxProperties": "standard.schema.max_items",
    "pattern": "standard.schema.pattern",
}


def packaged_standards() -> tuple[str, ...]:
    """Return the names of the packaged standards, sorted."""
    files = resources.files(_PACKAGE).iterdir()
    return tuple(sorted(f.name.removesuffix(".yaml") for f in files if f.name.endswith(".yaml")))


def read_standard(source: str | Path | None = None) -> ServiceStandard:
    """Read a standard and check it whole.

    Parameters
    ----------
    source
        None for the packaged ``living_circle_25``, the name of a packaged standard, or a path.

    Raises
    ------
    SourceUnavailableError
        No such file, and no packaged standard of that name.
    SourceDataError
        Larger than 2 MB or not UTF-8.
    InvalidStandardError
        Its `problems` lists everything that is wrong, each with line, element, field, value and
        remedy; `row` is the line of the first.
    """
    name, text = _open(source)
    if name in packaged_standards():  # checked before it was packaged
        return parse_standard(yaml.load(text, Loader=yaml.CSafeLoader))
    document, faults = _checked(text)
    if faults:
        raise InvalidStandardError(
            message("standard.invalid", count=len(faults)),
            problems=tuple(_problem(document, fault) for fault in faults),
            remedy=message("standard.invalid.remedy"),
            source=name,
            row=faults[0].line,
        )
    return parse_standard(cast("dict[str, Any]", document.value))  # the schema has just said so


def validate_standard(path: str | Path) -> tuple[Message, ...]:
    """Return all problems of a standard's file, in the order of its lines; empty when it is good.

    Raises :class:`SourceUnavailableError` or :class:`SourceDataError` where it cannot be read at
    all.
    """
    _, text = _open(path)
    document, faults = _checked(text)
    return tuple(_problem(document, fault) for fault in faults)


def _open(source: str | Path | None) -> tuple[str, str]:
    name = PACKAGED if source is None else str(source)
    if _PLAIN_NAME.fullmatch(name) and name in packaged_standards():
        return name, resources.files(_PACKAGE).joinpath(f"{name}.yaml").read_text("utf-8")
    try:
        with Path(name).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise SourceUnavailableError(
            message("standard.missing"),
            remedy=message("standard.missing.remedy", names=one_of(packaged_standards())),
            source=name,
            value=type(error).__name__,
        ) from error
    if len(data) > MAX_BYTES:
        remedy = message("standard.too_large.remedy")
        limit = message("standard.too_large", limit_mb=MAX_BYTES // 1_000_000)
        raise SourceDataError(limit, remedy=remedy, source=name)
    try:
        return name, data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        reason, remedy = message("standard.encoding"), message("standard.encoding.remedy")
        raise SourceDataError(reason, remedy=remedy, source=name, row=row) from error


def _checked(text: str) -> tuple[YamlDocument, list[Fault]]:
    document = read_yaml(text)
    faults = list(document.faults)
    if document.value is None and not faults:
        remedy = message("standard.empty.remedy")
        faults.append(Fault(1, (), message("standard.empty"), remedy))
    if document.value is not None:
        for error in _validator().iter_errors(document.value):
            faults += _schema_faults(document, error)
        for problem in standard_problems(document.value):
            line = document.line(problem.path)
            faults.append(Fault(line, problem.path, problem.reason, problem.remedy, problem.value))
    faults.sort(key=lambda one: (one.line, tuple(map(str, one.path)), one.reason.key, one.value))
    return document, faults


@lru_cache(maxsize=1)
def _validator() -> "Draft202012Validator":
    import jsonschema  # noqa: PLC0415 - see above

    text = resources.files(_PACKAGE).joinpath("standard.schema.json").read_text("utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


def _schema_faults(document: YamlDocument, error: "ValidationError") -> Iterator[Fault]:
    path = tuple(error.absolute_path)
    instance: Any = error.instance
    if error.validator == "additionalProperties" and isinstance(instance, dict):
        schema: Any = error.schema
        known = tuple(sorted(schema.get("properties", {})))
        remedy = message("standard.schema.unknown.remedy", allowed=one_of(known))
        for key in sorted(set(instance) - set(known), key=str):
            place = (*path, key)
            reason = message("standard.schema.unknown")
            yield Fault(document.line(place), place, reason, remedy, str(key))
    elif error.validator == "required":
        wanted: Any = error.validator_value
        for key in sorted(set(wanted) - set(instance)):
            reason = message("standard.schema.required", field=key)
            remedy = message("standard.schema.required.remedy", field=key)
            if f"'{key}' is" in error.message:  # jsonschema makes one error for each key
                yield Fault(document.line(path), (*path, key), reason, remedy)
    elif inner := _of_right_type(error):
        for one in inner:
            yield from _schema_faults(document, one)
    else:
        reason, remedy = _schema_reason(error)
        shown = error.instance if not isinstance(error.instance, dict | list) else ""
        value = json.dumps(shown, ensure_ascii=False) if shown != "" else ""
        yield Fault(document.line(path), path, reason, remedy, value)


def _of_right_type(error: "ValidationError") -> "list[ValidationError]":
    """Return what is wrong by the one alternative whose type fits; empty where none does."""
    branches: dict[object, list[ValidationError]] = {}
    for one in error.context or ():
        branches.setdefault(one.relative_schema_path[0], []).append(one)
    for faults in branches.values():
        if not any(one.validator == "type" and not one.relative_path for one in faults):
            return faults
    return []


def _schema_reason(error: "ValidationError") -> tuple[Message, Message]:
    limit: Any = error.validator_value
    schema: Any = error.schema
    if error.validator == "type" or error.validator in _UNION:
        remedy = (
            "standard.schema.quote" if isinstance(error.instance, bool) else "standard.schema.type"
        )
        allowed = one_of(tuple(sorted(_types(schema))))
        return message("standard.schema.type", allowed=allowed), message(
            f"{remedy}.remedy", allowed=allowed
        )
    if error.validator in ("enum", "const"):
        choices = tuple(str(one) for one in (limit if error.validator == "enum" else [limit]))
        remedy_choice = message("standard.unknown_id.remedy", allowed=one_of(choices))
        return message("standard.schema.enum"), remedy_choice
    if error.validator in _LIMIT_PHRASES:
        key = _LIMIT_PHRASES[str(error.validator)]
        return message(key, limit=limit), message("standard.schema.limit.remedy", limit=limit)
    if error.validator == "contains":
        return message("standard.schema.adult"), message("standard.schema.adult.remedy")
    reason = message("standard.schema.other", rule=str(error.validator))
    return reason, message("standard.schema.other.remedy")


def _types(schema: Mapping[str, Any]) -> set[str]:
    """Return the type names that `schema` allows, following its references one step."""
    found: set[str] = set()
    if "$ref" in schema:
        definitions = _validator().schema["$defs"]  # type: ignore[index]
        return _types(definitions[schema["$ref"].rsplit("/", 1)[-1]])
    if isinstance(schema.get("type"), str):
        found.add(str(schema["type"]))
    for union in _UNION:
        for one in schema.get(union, ()):
            found |= _types(one)
    return found


def _problem(document: YamlDocument, fault: Fault) -> Message:
    """Return a fault as one phrase: line, element, field, reason, value, remedy."""
    element = _element_id(document, fault)
    field = ".".join(str(part) for part in fault.path) or "-"
    if element:
        field = ".".join(str(part) for part in fault.path[2:]) or "-"
    value = fault.value
    if len(value) > _MAX_VALUE_CHARS:
        value = value[: _MAX_VALUE_CHARS - 1] + "…"
    key = "standard.problem_element" if element else "standard.problem"
    return message(
        key if value else f"{key}_no_value",
        line=fault.line,
        element=element,
        field=field,
        reason=fault.reason,
        remedy=fault.remedy,
        value=value,
    )


def _element_id(document: YamlDocument, fault: Fault) -> str:
    if fault.path[:1] != ("elements",) or len(fault.path) < 2:  # noqa: PLR2004 - elements, row
        return ""
    value = document.value
    rows = value.get("elements") if isinstance(value, dict) else None
    row = fault.path[1]
    if not isinstance(rows, list) or not isinstance(row, int) or row >= len(rows):
        return ""
    one = rows[row].get("id") if isinstance(rows[row], dict) else None
    return one if isinstance(one, str) and one else f"#{row + 1}"

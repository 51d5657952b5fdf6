"""What a published JSON Schema says of a document, in our own words and in both languages."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from analysis.errors import one_of
from analysis.messages import Message, message
from analysis.standard.problem import Problem

if TYPE_CHECKING:  # slow to import, and only what a planner wrote is checked
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

_UNION: Final = ("anyOf", "oneOf")
_VERSION: Final = ("version",)  # its form is told in words, not as a pattern
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


@dataclass(frozen=True, slots=True)
class PackagedSchema:
    """A JSON Schema: `file` in the folder of `package`."""

    package: str
    file: str


def schema_problems(document: object, schema: PackagedSchema) -> Iterator[Problem]:
    """Yield all that `schema` finds wrong with the plain `document`."""
    for error in _validator(schema).iter_errors(document):
        yield from _schema_faults(error, schema)


@lru_cache(maxsize=4)
def _validator(schema: PackagedSchema) -> "Draft202012Validator":
    import jsonschema  # noqa: PLC0415 - see above

    text = resources.files(schema.package).joinpath(schema.file).read_text("utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


def _schema_faults(error: "ValidationError", within: PackagedSchema) -> Iterator[Problem]:
    path = tuple(error.absolute_path)
    instance: Any = error.instance
    if error.validator == "additionalProperties" and isinstance(instance, dict):
        schema: Any = error.schema
        known = tuple(sorted(schema.get("properties", {})))
        remedy = message("standard.schema.unknown.remedy", allowed=one_of(known))
        for key in sorted(set(instance) - set(known), key=str):
            place = (*path, key)
            reason = message("standard.schema.unknown")
            yield Problem(place, reason, remedy, str(key))
    elif error.validator == "required":
        wanted: Any = error.validator_value
        for key in sorted(set(wanted) - set(instance)):
            reason = message("standard.schema.required", field=key)
            remedy = message("standard.schema.required.remedy", field=key)
            if f"'{key}' is" in error.message:  # jsonschema makes one error for each key
                yield Problem((*path, key), reason, remedy)
    elif inner := _of_right_type(error):
        for one in inner:
            yield from _schema_faults(one, within)
    else:
        reason, remedy = _schema_reason(error, within)
        shown = error.instance if not isinstance(error.instance, dict | list) else ""
        value = json.dumps(shown, ensure_ascii=False) if shown != "" else ""
        yield Problem(path, reason, remedy, value)


def _of_right_type(error: "ValidationError") -> "list[ValidationError]":
    """Return what is wrong by the one alternative whose type fits; empty where none does."""
    branches: dict[object, list[ValidationError]] = {}
    for one in error.context or ():
        branches.setdefault(one.relative_schema_path[0], []).append(one)
    for faults in branches.values():
        if not any(one.validator == "type" and not one.relative_path for one in faults):
            return faults
    return []


def _schema_reason(error: "ValidationError", within: PackagedSchema) -> tuple[Message, Message]:
    limit: Any = error.validator_value
    schema: Any = error.schema
    if error.validator == "type" or error.validator in _UNION:
        types = _types(schema, within)
        remedy = "standard.schema.type"
        if isinstance(error.instance, bool):
            remedy = "standard.schema.quote"
        elif isinstance(error.instance, int | float) and types == {"string"}:
            remedy = "standard.schema.as_text"
        allowed = one_of(tuple(sorted(types)))
        return message("standard.schema.type", allowed=allowed), message(
            f"{remedy}.remedy", allowed=allowed, value=str(error.instance)
        )
    if error.validator in ("enum", "const"):
        choices = tuple(str(one) for one in (limit if error.validator == "enum" else [limit]))
        remedy_choice = message("standard.unknown_id.remedy", allowed=one_of(choices))
        return message("standard.schema.enum"), remedy_choice
    if error.validator == "pattern" and tuple(error.absolute_path)[-1:] == _VERSION:
        return message("standard.version.form"), message("standard.version.form.remedy")
    if error.validator in _LIMIT_PHRASES:
        key = _LIMIT_PHRASES[str(error.validator)]
        return message(key, limit=limit), message("standard.schema.limit.remedy", limit=limit)
    if error.validator == "contains":
        return message("standard.schema.adult"), message("standard.schema.adult.remedy")
    reason = message("standard.schema.other", rule=str(error.validator))
    return reason, message("standard.schema.other.remedy")


def _types(schema: Mapping[str, Any], within: PackagedSchema) -> set[str]:
    """Return the type names that `schema` allows, following its references one step."""
    found: set[str] = set()
    if "$ref" in schema:
        definitions = _validator(within).schema["$defs"]  # type: ignore[index]
        return _types(definitions[schema["$ref"].rsplit("/", 1)[-1]], within)
    if isinstance(schema.get("type"), str):
        found.add(str(schema["type"]))
    for union in _UNION:
        for one in schema.get(union, ()):
            found |= _types(one, within)
    return found

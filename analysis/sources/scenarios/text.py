"""Scenario text: YAML, JSON or GeoJSON as one plain document, of which every value knows its line.

GeoJSON becomes what the other two say: a feature is a modification, its properties are the fields,
its geometry is ``lon`` and ``lat`` or ``line``.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from analysis.errors import SourceDataError
from analysis.messages import message
from analysis.sources.yaml_lines import Path, YamlDocument, read_yaml
from analysis.standard.problem import Problem

MAX_BYTES: Final = 2_000_000
_ESCAPED_SLASH: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\/")


@dataclass(slots=True)
class ScenarioText:
    """A document with the places of its values.

    `value` is a mapping, or None where nothing was readable; `line` returns the line of the value
    at a path, counted from 1, None where lines mean nothing.
    """

    value: dict[str, Any] | None
    line: Callable[[Path], int | None]
    problems: list[Problem] = field(default_factory=list)


def read_text(data: bytes, name: str, *, lines: bool = True) -> ScenarioText:
    """Read a scenario in any of the three forms; what is wrong with it becomes a problem.

    `lines` False spares finding them, for text that nobody has open in an editor; it must then be
    JSON. Raises :class:`SourceDataError` for what is no text at all, or more than 2 MB.
    """
    text = _decoded(data, name)
    if not lines or text.lstrip()[:1] in ("{", "["):
        return _from_json(text, lines=lines)
    read = read_yaml(text)
    problems = [Problem(one.path, one.reason, one.remedy, one.value) for one in read.faults]
    return _mapping(read.value, _line_of(read), problems)


def _decoded(data: bytes, name: str) -> str:
    if len(data) > MAX_BYTES:
        limit = message("scenario.file.too_large", limit_mb=MAX_BYTES // 1_000_000)
        raise SourceDataError(limit, remedy=message("scenario.file.remedy"), source=name)
    if b"\0" in data:
        raise SourceDataError(
            message("scenario.file.binary"), remedy=message("scenario.file.remedy"), source=name
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        reason, remedy = message("scenario.file.encoding"), message("standard.encoding.remedy")
        raise SourceDataError(reason, remedy=remedy, source=name, row=row) from error


def _line_of(read: YamlDocument) -> Callable[[Path], int | None]:
    return read.line


def _no_line(_path: Path) -> int | None:
    return None


def _from_json(text: str, *, lines: bool) -> ScenarioText:
    """Read JSON strictly: no key twice, no NaN, nothing infinite."""
    problems: list[Problem] = []

    def pairs(held: list[tuple[str, Any]]) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key, value in held:
            if key in built:
                remedy = message("scenario.file.repeated.remedy")
                problems.append(Problem((), message("standard.yaml.repeated"), remedy, key))
            built.setdefault(key, value)
        return built

    def constant(written: str) -> None:
        remedy = message("standard.yaml.scalar.remedy")
        problems.append(Problem((), message("standard.yaml.scalar"), remedy, written))

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        remedy = message("scenario.file.json.remedy")
        found = Problem((), message("scenario.file.json"), remedy, getattr(error, "msg", ""))
        return ScenarioText(None, lambda _path: line, [found])
    where = _line_of(_as_yaml(text)) if lines else _no_line
    found_text = _mapping(value, where, problems)
    if found_text.value is None or found_text.value.get("type") != "FeatureCollection":
        return found_text
    return _from_features(found_text)


def _as_yaml(text: str) -> YamlDocument:
    """Return JSON read once more for its lines; YAML knows neither tabs nor escaped slashes."""
    read = read_yaml(_ESCAPED_SLASH.sub(r"\1/", text.replace("\t", " ")))
    return YamlDocument() if read.value is None else read


def _mapping(
    value: object, line: Callable[[Path], int | None], problems: list[Problem]
) -> ScenarioText:
    if isinstance(value, dict):
        return ScenarioText(value, line, problems)
    if not problems:
        remedy = message("scenario.file.remedy")
        problems.append(Problem((), message("scenario.file.no_mapping"), remedy))
    return ScenarioText(None, line, problems)


def _from_features(read: ScenarioText) -> ScenarioText:
    """Return a FeatureCollection as a scenario document."""
    assert read.value is not None  # noqa: S101 - asked for mappings alone
    features = read.value.get("features")
    problems, modifications = list(read.problems), []
    for row, feature in enumerate(features if isinstance(features, list) else ()):
        fields, wrong = _fields(feature)
        modifications.append(fields)
        problems += [
            Problem(("modifications", row, *one.path), one.reason, one.remedy, one.value)
            for one in wrong
        ]
    document: dict[str, Any] = {
        name: read.value[name]
        for name in ("scenario", "title", "coordinates")
        if name in read.value
    }
    if "title" not in document and isinstance(read.value.get("name"), str):
        document["title"] = read.value["name"]
    document["modifications"] = modifications if isinstance(features, list) else features

    def line(path: Path) -> int | None:
        if path[:1] != ("modifications",):
            return read.line(path)
        if path[2:] and path[2] in ("lon", "lat", "line"):
            return read.line(("features", path[1], "geometry", "coordinates"))
        if path[2:3] == ("geometry",):
            return read.line(("features", path[1], "geometry"))
        return read.line(("features", *path[1:2], "properties", *path[2:]))

    return ScenarioText(document, line, problems)


def _fields(feature: object) -> tuple[object, list[Problem]]:
    """Return a feature's fields, and what is wrong with its geometry.

    Properties that are null say nothing: map programs fill the columns of other rows with them.
    """
    if not isinstance(feature, dict):
        return feature, []
    properties = feature.get("properties")
    held = properties if isinstance(properties, dict) else {}
    fields: dict[str, object] = {key: one for key, one in held.items() if one is not None}
    if "id" not in fields and isinstance(feature.get("id"), str | int):
        fields["id"] = str(feature["id"])
    geometry = feature.get("geometry")
    if geometry is None:
        return fields, []
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind == "Point" and isinstance(coordinates, list) and len(coordinates) > 1:
        return {**fields, "lon": coordinates[0], "lat": coordinates[1]}, []
    if kind == "LineString" and isinstance(coordinates, list):
        # Heights are not read.
        return {**fields, "line": [_flat(one) for one in coordinates]}, []
    reason, remedy = message("scenario.file.geometry"), message("scenario.file.geometry.remedy")
    return fields, [Problem(("geometry",), reason, remedy, kind if isinstance(kind, str) else "")]


def _flat(position: object) -> object:
    return position[:2] if isinstance(position, list) else position

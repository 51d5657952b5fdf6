"""Scenarios from files and requests, checked against the study that they change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from analysis.coordinates.reading import AS_WRITTEN, CoordinateReading, parse_reading
from analysis.documents.plain import plain_text
from analysis.errors import (
    InvalidParameterError,
    InvalidScenarioError,
    SourceUnavailableError,
)
from analysis.messages import Message, message
from analysis.scenario.checking import ScenarioProblem, problems_of
from analysis.scenario.scenario import Scenario
from analysis.sources.json_schema import PackagedSchema, schema_problems
from analysis.sources.scenarios.text import MAX_BYTES, ScenarioText, read_text
from analysis.sources.scenarios.values import PlaceReader, modification_of
from analysis.standard.problem import Problem, list_of, mapping_of
from analysis.study import StudyInputs

SCHEMA: Final = PackagedSchema("analysis.sources.scenarios", "scenario.schema.json")
_MAX_VALUE_CHARS: Final = 80
# The field that a problem of the check is about, where that is not the whole modification.
_FIELDS: Final[Mapping[str, str]] = {
    "no_id": "id", "same_id": "id", "area": "area_m2", "unread": "attributes", "no_length": "line",
    "too_long": "line", "joined_nowhere": "line", "half_a_bridge": "line", "no_way": "way",
    "far_from_way": "lon", "no_field": "field", "share": "value", "not_positive": "value",
    "people": "people", "unknown_groups": "groups", "no_element": "element",
    "not_walked": "element", "no_facility": "facility", "closed_already": "facility",
    "open_already": "facility",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedScenarioProblem:
    """One thing that is wrong with a scenario, and where.

    `line` counts from 1, None where the text has none; `number` is the modification's, from 1, 0
    for the scenario itself; `id` is the planner's name of it. An error forbids the scenario, a
    warning tells of an edit that does less than it seems to.
    """

    line: int | None
    number: int
    id: str
    field: str
    text: Message
    severity: str

    @property
    def told(self) -> Message:
        """Return place and text as one phrase."""
        where = "whole" if self.number == 0 else "modification"
        line = "" if self.line is None else "_line"
        return message(
            f"scenario.at.{where}{line}",
            line=self.line or 0,
            number=self.number,
            id=self.id,
            field=self.field or "-",
            text=self.text,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedScenario:
    """A scenario as it was read, with all that is wrong: `scenario` holds what is sound."""

    scenario: Scenario
    problems: tuple[PlacedScenarioProblem, ...]

    @property
    def errors(self) -> tuple[PlacedScenarioProblem, ...]:
        """Return the problems that forbid it."""
        return tuple(one for one in self.problems if one.severity == "error")

    def sound(self, name: str) -> Scenario:
        """Return the scenario; raises :class:`InvalidScenarioError` where anything forbids it."""
        errors = self.errors
        if errors:
            raise InvalidScenarioError(
                message("scenario.invalid", count=len(errors)),
                problems=tuple(one.told for one in errors),
                remedy=message("scenario.invalid.remedy"),
                source=name,
                row=errors[0].line,
            )
        return self.scenario


def open_scenario(
    path: Path, inputs: StudyInputs, declared: CoordinateReading | None = None
) -> OpenedScenario:
    """Read the scenario in a file and check it on `inputs`.

    `declared`: how its coordinates are to be read, before what the file itself says. Raises
    :class:`SourceUnavailableError` or :class:`SourceDataError` where it cannot be read at all.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise SourceUnavailableError(
            message("scenario.file.missing"),
            remedy=message("scenario.file.missing.remedy"),
            source=str(path),
            value=None if isinstance(error, FileNotFoundError) else type(error).__name__,
        ) from error
    return _opened(read_text(data, path.name), inputs, declared)


def scenario_from(data: bytes, inputs: StudyInputs) -> OpenedScenario:
    """Read a scenario that a client sent as JSON; its problems have no lines."""
    return _opened(read_text(data, "scenario", lines=False), inputs, None)


def _opened(
    text: ScenarioText, inputs: StudyInputs, declared: CoordinateReading | None
) -> OpenedScenario:
    document = mapping_of(text.value)
    wrong = list(text.problems)
    if text.value is not None:
        unreadable = {one.path for one in wrong}
        found = [*schema_problems(document, SCHEMA), *_days(document)]
        wrong += [one for one in _each_once(found) if one.path not in unreadable or not one.path]
    reading, unread = _reading(document, declared)
    wrong += unread
    given = list_of(document.get("modifications"))
    faulty = {one.path[1] for one in wrong if one.path[:1] == ("modifications",) and one.path[1:]}
    rows = [row for row in range(len(given)) if row not in faulty]
    places = PlaceReader(inputs.crs, reading)
    whole = any(one.path[:1] == ("modifications",) and not one.path[1:] for one in wrong)
    scenario = Scenario(
        title=_title(document),
        modifications=()
        if whole
        else tuple(modification_of(given[row], row + 1, places) for row in rows),
    )
    placed = [_placed(text, given, one) for one in wrong]
    placed += [_of_check(text, rows, one) for one in problems_of(scenario, inputs)]
    placed.sort(key=lambda one: (one.line or 0, one.number, one.field, one.text.key))
    return OpenedScenario(scenario=scenario, problems=tuple(placed))


def _each_once(problems: Iterable[Problem]) -> Iterable[Problem]:
    """Yield problems without repetition: a value of the wrong type fails every kind's schema."""
    told = set()
    for one in problems:
        key = (one.path, one.reason.key, one.value)
        if key not in told:
            told.add(key)
            yield one


def _title(document: Mapping[str, Any]) -> str:
    title = document.get("title")
    return plain_text(title) if isinstance(title, str) else ""


def _days(document: Mapping[str, Any]) -> Iterable[Problem]:
    """Yield the days that no calendar has."""
    for row, one in enumerate(list_of(document.get("modifications"))):
        since = mapping_of(one).get("since")
        if not isinstance(since, str) or not since:
            continue
        try:
            date.fromisoformat(since)
        except ValueError:
            reason, remedy = message("scenario.file.since"), message("scenario.file.since.remedy")
            yield Problem(("modifications", row, "since"), reason, remedy, since)


def _reading(
    document: Mapping[str, Any], declared: CoordinateReading | None
) -> tuple[CoordinateReading, tuple[Problem, ...]]:
    said = document.get("coordinates")
    if declared is not None or not isinstance(said, str):
        return declared or AS_WRITTEN, ()
    try:
        return parse_reading(said), ()
    except InvalidParameterError as error:
        remedy = error.remedy or message("coordinates.remedy")
        return AS_WRITTEN, (Problem(("coordinates",), error.reason, remedy, said),)


def _placed(text: ScenarioText, given: list[Any], problem: Problem) -> PlacedScenarioProblem:
    inside = problem.path[:1] == ("modifications",) and len(problem.path) > 1
    row = int(problem.path[1]) if inside else -1
    named = mapping_of(given[row]).get("id") if inside and row < len(given) else ""
    value = problem.value
    if len(value) > _MAX_VALUE_CHARS:
        value = value[: _MAX_VALUE_CHARS - 1] + "…"
    return PlacedScenarioProblem(
        line=text.line(problem.path),
        number=row + 1,
        id=plain_text(named) if isinstance(named, str) and named else str(row + 1),
        field=".".join(str(part) for part in problem.path[2 if inside else 0 :]),
        text=message(
            "scenario.fault" if value else "scenario.fault_no_value",
            reason=problem.reason,
            value=plain_text(value),
            remedy=problem.remedy,
        ),
        severity="error",
    )


def _of_check(text: ScenarioText, rows: list[int], one: ScenarioProblem) -> PlacedScenarioProblem:
    """Return what the check found, numbered as in the file."""
    row, said = rows[one.number - 1], one.text
    if "first" in said.args:
        first = rows[int(str(said.args["first"])) - 1] + 1
        said = replace(said, args={**said.args, "first": first})
    field = _FIELDS.get(said.key.rpartition(".")[2], "")
    return PlacedScenarioProblem(
        line=text.line(("modifications", row, field)),
        number=row + 1,
        id=one.id,
        field=field,
        text=said,
        severity=one.severity,
    )

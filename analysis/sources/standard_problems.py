"""What is wrong with a standard, told with the line or cell where it stands."""

from pathlib import Path
from typing import Final

from analysis.messages import Message, message
from analysis.standard.inheritance import Place, PlacedProblem
from analysis.standard.problem import Problem

_MAX_VALUE_CHARS: Final = 80


def problem_text(name: str, document: object, one: PlacedProblem) -> Message:
    """Return a problem as one phrase: place, element, field, reason, value, remedy."""
    problem = one.problem
    element = _element_id(document, problem)
    parts = problem.path[2:] if element else problem.path
    value = problem.value
    if len(value) > _MAX_VALUE_CHARS:
        value = value[: _MAX_VALUE_CHARS - 1] + "…"
    key = "standard.problem_element" if element else "standard.problem"
    return message(
        key if value else f"{key}_no_value",
        place=_place(name, one.place),
        line=one.place.line,
        element=element,
        field=".".join(str(part) for part in parts) or "-",
        reason=problem.reason,
        remedy=problem.remedy,
        value=value,
    )


def _place(name: str, place: Place) -> Message:
    if place.sheet:
        return message("standard.at.cell", sheet=place.sheet, row=place.line, column=place.column)
    if place.source in ("", name):
        return message("standard.at.line", line=place.line)
    return message("standard.at.other", source=Path(place.source).name, line=place.line)


def _element_id(document: object, problem: Problem) -> str:
    if problem.path[:1] != ("elements",) or len(problem.path) < 2:  # noqa: PLR2004 - elements, row
        return ""
    rows = document.get("elements") if isinstance(document, dict) else None
    row = problem.path[1]
    if not isinstance(rows, list) or not isinstance(row, int) or row >= len(rows):
        return ""
    one = rows[row].get("id") if isinstance(rows[row], dict) else None
    return one if isinstance(one, str) and one else f"#{row + 1}"

"""Cells of planners' files made plain: bare numbers and years; the rest stays as it is written.

Attributes of facilities (yes and no, shares, opening hours, lists) are read where they are judged,
by :mod:`analysis.places.attributes`; here only what every reader needs is made plain.
"""

import re
from collections.abc import Mapping
from typing import Final

from analysis.messages import message
from analysis.sources.files.columns import (
    Columns,
    Problem,
    columns_of_kind,
    parse_number,
    plain,
)

_YEAR: Final = re.compile(r"((?:18|19|20)\d\d)(?:\D.*)?")


def normal_cells(
    cells: Mapping[str, str], row: int, columns: Columns, problems: list[Problem]
) -> dict[str, str]:
    """Return every cell of a row under its canonical name, numbers bare, dates of years as years.

    What must be a number and is none, or is negative, joins `problems`.
    """
    normal: dict[str, str] = {}
    for column, text in cells.items():
        name = columns.canonical_of(column)
        normal[name] = text.strip()
        if name in columns_of_kind("numeric"):
            normal[name], why = _number(text)
            if why is not None:
                problems.append(Problem(row, column, text, message(why)))
        elif name in columns_of_kind("year"):
            found = _YEAR.fullmatch(plain(text))
            normal[name] = found.group(1) if found else normal[name]
    return normal


def _number(text: str) -> tuple[str, str | None]:
    try:
        number = parse_number(text)
    except ValueError:
        return text.strip(), "table.not_a_number"
    if number is None:
        return "", None
    return f"{number:.15g}", "table.negative" if number < 0 else None


def plain_number(text: str) -> float:
    """Return a cell that was made plain; nan for a blank. Raises ``ValueError`` for other text."""
    return float(text) if text else float("nan")

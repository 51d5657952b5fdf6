"""Opinions from a planner's table or layer."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from analysis.errors import InvalidDemandError
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.places.circles import Circles
from analysis.places.opinions import Opinions
from analysis.places.planner_tables import FileReading, UnlocatedRow
from analysis.sources.extent import StudyArea
from analysis.sources.files.columns import parse_number, plain, raise_problems
from analysis.sources.files.mapping import ColumnMapping
from analysis.sources.files.row_reading import NO_MAPPING, read_rows
from analysis.sources.files.rows import Rows
from analysis.sources.opinions.words import ElementWords
from analysis.standard.profile import ServiceStandard
from analysis.units import FloatArray

_DATE: Final = re.compile(r"((?:19|20)\d\d)[-/.年](\d{1,2})(?:[-/.月](\d{1,2}))?[月日]?(?:[ t].*)?")
_DIGEST_CHARS: Final = 16
_MONTHS: Final = 12
_DAYS: Final = 31


@dataclass(frozen=True, slots=True, eq=False)
class OpinionReading:
    """Opinions of one or several files, what was guessed, and rows without a place."""

    opinions: Opinions
    notices: tuple[Notice, ...]
    readings: tuple[FileReading, ...]
    unlocated: tuple[UnlocatedRow, ...]


def read_opinions(
    paths: tuple[Path, ...],
    standard: ServiceStandard,
    area: StudyArea,
    circles: Circles,
    mapping: ColumnMapping = NO_MAPPING,
) -> OpinionReading:
    """Read opinions of any format.

    Wanted: ``category`` or ``element`` or ``text`` (what it is about). Understood: ``lon`` and
    ``lat``, ``address``, ``date``, ``persons`` (for how many it speaks) and ``person`` (who: one
    counts once for an element). Rows without coordinates count for the study, not for a
    circle, and are `unlocated`. Names and numbers of people are kept as digests only. Raises
    :class:`InvalidDemandError` for files without rows or such columns and numbers that are none.
    """
    words, told = ElementWords(standard), list[Notice]()
    parts: list[_Part] = []
    for path in sorted(paths, key=lambda one: one.name):
        rows = read_rows(path, "opinions", area, InvalidDemandError, mapping=mapping)
        parts.append(_part(rows, words, area))
        told += rows.told
    xy_m = np.concatenate([one.xy_m for one in parts])
    placed = np.isfinite(xy_m).all(axis=1)
    circle = np.full(len(xy_m), -1, dtype=np.int32)
    circle[placed] = circles.locate(xy_m[placed])
    opinions = Opinions(
        opinion_id=_all(parts, "opinion_id"),
        xy_m=xy_m,
        address=_all(parts, "address"),
        category=_all(parts, "category"),
        date=_all(parts, "date"),
        text=_all(parts, "text"),
        element_ids=tuple(ids for one in parts for ids in one.element_ids),
        person=_all(parts, "person"),
        persons=np.concatenate([one.persons for one in parts]),
        circle=circle,
    )
    return OpinionReading(
        opinions,
        tuple(told),
        tuple(one.reading for one in parts),
        tuple(row for one in parts for row in one.unlocated),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """The opinions of one file."""

    opinion_id: tuple[str, ...]
    xy_m: FloatArray
    address: tuple[str, ...]
    category: tuple[str, ...]
    date: tuple[str, ...]
    text: tuple[str, ...]
    element_ids: tuple[tuple[str, ...], ...]
    person: tuple[str, ...]
    persons: FloatArray
    reading: FileReading
    unlocated: tuple[UnlocatedRow, ...]


def _all(parts: list[_Part], name: str) -> tuple[str, ...]:
    return tuple(text for one in parts for text in getattr(one, name))


def _part(rows: Rows, words: ElementWords, area: StudyArea) -> _Part:
    if not rows.cells:
        raise InvalidDemandError(
            message("opinions.rows", source=rows.source),
            remedy=message("table.empty_file.remedy"),
            source=rows.source,
        )
    if not any(one in rows.columns for one in ("element", "category", "text")):
        rows.require(InvalidDemandError, "category")
    persons = _persons(rows)
    raise_problems(rows.problems, InvalidDemandError, rows.source, message("table.fix_rows.remedy"))
    everyone = range(len(rows))
    elements = tuple(_elements(rows, one, words) for one in everyone)
    dates = [_date(rows.get(one, "date")) for one in everyone]
    ids = tuple(f"{rows.source}:{number}" for number in rows.numbers)
    unlocated = rows.unlocated(tuple(one[0] if len(one) == 1 else "" for one in elements))
    _tell(rows, ids, elements, dates)
    return _Part(
        opinion_id=ids,
        xy_m=rows.xy_m(area),
        address=tuple(rows.get(one, "address") for one in everyone),
        category=tuple(rows.get(one, "category") or rows.get(one, "element") for one in everyone),
        date=tuple(date or "" for date in dates),
        text=tuple(rows.get(one, "text") for one in everyone),
        element_ids=elements,
        person=tuple(_person(rows.get(one, "person")) or ids[one] for one in everyone),
        persons=persons,
        reading=rows.reading(len(unlocated)),
        unlocated=unlocated,
    )


def _persons(rows: Rows) -> FloatArray:
    persons = np.ones(len(rows))
    for position in range(len(rows)):
        text = rows.get(position, "persons")
        try:
            stated = parse_number(text)
        except ValueError:
            rows.problem(position, "persons", "table.not_a_number")
            continue
        if stated is not None and stated <= 0:
            rows.problem(position, "persons", "opinions.not_above_zero")
        persons[position] = 1.0 if stated is None else stated
    return persons


def _elements(rows: Rows, position: int, words: ElementWords) -> tuple[str, ...]:
    """Return what the category names, else what the text does."""
    for name in ("element", "category", "text"):
        named = words.named(rows.get(position, name))
        if named:
            return named
    return ()


def _date(text: str) -> str | None:
    """Return an ISO date (or month); empty for a blank, None where it cannot be read."""
    if not text:
        return ""
    found = _DATE.fullmatch(plain(text))
    if found is None:
        return None
    year, month, day = found.group(1), int(found.group(2)), found.group(3)
    if not 1 <= month <= _MONTHS or (day is not None and not 1 <= int(day) <= _DAYS):
        return None
    return f"{year}-{month:02d}" + ("" if day is None else f"-{int(day):02d}")


def _person(text: str) -> str:
    """Return a digest that tells people apart without naming them."""
    if not text:
        return ""
    return "person:" + hashlib.sha256(plain(text).encode()).hexdigest()[:_DIGEST_CHARS]


def _tell(
    rows: Rows,
    ids: tuple[str, ...],
    elements: tuple[tuple[str, ...], ...],
    dates: list[str | None],
) -> None:
    rows.tell_left_out()
    for key, chosen in (
        ("opinions.no_element", [not one for one in elements]),
        ("opinions.bad_date", [one is None for one in dates]),
    ):
        names = [one for one, is_so in zip(ids, chosen, strict=True) if is_so]
        if names:
            text = message(key, source=rows.source, count=len(names))
            rows.told.append(notice(key, text, names, "warning"))

"""What planners call their columns, and what they write in them.

The names are data (``columns.yaml``). A column is *read as* a canonical one; every such reading is
told in a notice, so that nobody has to guess which of two population columns counted.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import cast

import yaml

from analysis.errors import InputError
from analysis.messages import Joined, Language, Message, message
from analysis.notices import Notice, notice
from analysis.places.planner_tables import How, Role
from analysis.sources.files.column_likeness import most_alike

MAX_LINES = 50
MAX_LISTED = 8  # rows of one kind of problem
VALUES_SHOWN = 3
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_UNIT = re.compile(r"(.*?)\s*[(\[]([^()\[\]]*)[)\]]")


@dataclass(frozen=True, slots=True)
class Lines:
    """Problems by column and kind, one kind to a line, with the first rows of each."""

    problems: tuple["Problem", ...]

    def text(self, language: Language) -> str:
        """Return the lines in `language`, each behind a dash."""
        kinds: dict[tuple[str, str], list[Problem]] = {}
        for one in self.problems:
            kinds.setdefault((one.column, one.why.text(language)), []).append(one)
        shown = list(kinds.values())[:MAX_LINES]
        lines = [_kind_text(alike, language) for alike in shown]
        rest = len(self.problems) - sum(map(len, shown))
        if rest:
            lines.append(message("table.more_problems", count=rest).text(language))
        return "".join(f"\n  - {line}" for line in lines)


@dataclass(frozen=True, slots=True)
class Problem:
    """One cell that cannot be used: row as a person counts it, column, value, why."""

    row: int
    column: str
    value: str
    why: Message

    def text(self, language: Language) -> str:
        """Return row, column, value and reason as one line."""
        line = message(
            "table.problem",
            row=self.row,
            column=self.column,
            value=_short(self.value),
            why=self.why,
        )
        return line.text(language)


def _kind_text(alike: Sequence[Problem], language: Language) -> str:
    """Return one line: a problem by itself, or the rows that share it with their first values."""
    if len(alike) == 1:
        return alike[0].text(language)
    rows = list(dict.fromkeys(str(one.row) for one in alike))
    values = list(dict.fromkeys(_short(one.value) for one in alike))
    left = len(rows) - MAX_LISTED
    return message(
        "table.problem_kind",
        rows=Joined(tuple(rows[:MAX_LISTED])),
        more=message("table.more_rows", count=left) if left > 0 else "",
        column=alike[0].column,
        values=Joined(tuple(f"“{one}”" for one in values[:VALUES_SHOWN])),
        etc="…" if len(values) > VALUES_SHOWN else "",
        why=alike[0].why,
    ).text(language)


def raise_problems(
    problems: Sequence[Problem], error: type[InputError], source: str, remedy: Message
) -> None:
    """Raise one `error` that names every problem, or return where there is none."""
    if not problems:
        return
    ordered = tuple(sorted(problems, key=lambda one: (one.row, one.column)))
    raise error(
        message("table.problems", count=len(ordered), problems=Lines(ordered)),
        remedy=remedy,
        source=source,
        row=ordered[0].row,
        value=ordered[0].value,
    )


def plain(text: str) -> str:
    """Return `text` in NFKC (full-width → half-width), trimmed, with single spaces, lower case."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def parse_number(text: str) -> float | None:
    """Return the number in `text`, None for a blank; raises ``ValueError`` for anything else.

    Thousands separators (``1,234``) and full-width digits are understood; ``nan``, ``inf``, units
    and decimal commas are not, for they would have to be guessed.
    """
    cleaned = plain(text)
    if not cleaned:
        return None
    if _THOUSANDS.fullmatch(cleaned):
        cleaned = cleaned.replace(",", "")
    elif not _PLAIN.fullmatch(cleaned):
        raise ValueError(text)
    number = float(cleaned)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of a file is read as which canonical one.

    Attributes
    ----------
    read_as
        Canonical name → the file's column.
    passed_over
        Canonical name → columns that could have been read as it too.
    how
        Canonical name → why the column is read so: its own name, a synonym of ``columns.yaml``,
        likeness (a guess), or declared by the planner.
    unused
        Columns without a meaning here, in the file's order.
    """

    read_as: Mapping[str, str]
    passed_over: Mapping[str, tuple[str, ...]]
    how: Mapping[str, How] = field(default_factory=dict)
    unused: tuple[str, ...] = ()

    def __contains__(self, canonical: object) -> bool:
        """Return whether some column is read as `canonical`."""
        return canonical in self.read_as

    def get(self, row: Mapping[str, str], canonical: str) -> str:
        """Return the trimmed cell of `row`; an empty text where the file has no such column."""
        column = self.read_as.get(canonical)
        return "" if column is None else row.get(column, "").strip()

    def label(self, canonical: str) -> str:
        """Return the file's own name of a canonical column."""
        return self.read_as.get(canonical, canonical)

    def canonical_of(self, column: str) -> str:
        """Return the canonical name of the file's `column`, or its own."""
        return next((name for name, own in self.read_as.items() if own == column), column)

    def notices(self, source: str) -> tuple[Notice, ...]:
        """Return which columns are read under another name and which were passed over."""
        told = []
        renamed = [f"{own} → {name}" for name, own in self.read_as.items() if own != name]
        if renamed:
            text = message("table.columns_read", source=source, columns=Joined(tuple(renamed)))
            told.append(notice("table.columns_read", text, renamed))
        guessed = [f"{self.read_as[name]} → {name}" for name in self.how if self._guessed(name)]
        if guessed:
            text = message("table.columns_guessed", source=source, columns=Joined(tuple(guessed)))
            told.append(notice("table.columns_guessed", text, guessed, "warning"))
        for name, others in sorted(self.passed_over.items()):
            text = message(
                "table.column_passed_over",
                source=source,
                used=self.read_as[name],
                canonical=name,
                others=Joined(others),
            )
            told.append(notice("table.column_passed_over", text, others, "warning"))
        return tuple(told)

    def _guessed(self, name: str) -> bool:
        return self.how[name] == "similar"


def recognise(
    columns: Iterable[str],
    wanted: Iterable[str],
    declared: Mapping[str, str | None] | None = None,
) -> Columns:
    """Return which of `columns` are read as which of the `wanted` canonical names.

    A column is used once; where several could be read as the same name the canonical spelling
    wins, then the order of ``columns.yaml``; the others are listed in `passed_over`. What
    `declared` says of a column (a wanted name, or None for *leave it unread*) goes before all
    guessing. A name that no spelling fits takes the one column that is like it, as a guess.
    """
    columns, wanted, declared = tuple(columns), tuple(wanted), declared or {}
    read_as = {name: column for column, name in declared.items() if name in wanted and name}
    how: dict[str, How] = dict.fromkeys(read_as, "declared")
    passed_over: dict[str, tuple[str, ...]] = {}
    free = [one for one in columns if one not in declared]
    for name in wanted:
        found = [one for one in _spelled_as(name, free) if one not in read_as.values()]
        if found and name not in read_as:
            read_as[name] = found.pop(0)
            how[name] = "exact" if plain(read_as[name]) == plain(name) else "synonym"
        if found:
            passed_over[name] = tuple(found)
    used = {*read_as.values(), *(one for others in passed_over.values() for one in others)}
    lacking = {name: _words(name) for name in wanted if name not in read_as}
    spelled = {one: _spellings(one) for one in free if one not in used}
    alike = most_alike(spelled, lacking, columns_of_kind("numeric"))
    read_as |= alike
    how |= dict.fromkeys(alike, "similar")
    used |= set(alike.values())
    return Columns(
        {name: read_as[name] for name in wanted if name in read_as},
        passed_over,
        {name: how[name] for name in wanted if name in how},
        tuple(one for one in columns if one not in used),
    )


def _words(name: str) -> list[str]:
    """Return a canonical name and its synonyms, plain, the best first."""
    return [plain(name), *(plain(alias) for alias in vocabulary("aliases").get(name, ()))]


def _spelled_as(name: str, columns: Sequence[str]) -> list[str]:
    """Return the columns that may be read as `name`, the best first."""
    ranked = _words(name)
    found = [
        (min(ranked.index(one) for one in spellings if one in ranked), position, column)
        for position, (column, spellings) in enumerate((one, _spellings(one)) for one in columns)
        if any(one in ranked for one in spellings)
    ]
    return [column for _, _, column in sorted(found)]


def word(kind: str, text: str) -> str | None:
    """Return what a word stands for in ``status_words`` or the like; None if not listed."""
    return _meanings(kind).get(plain(text))


@lru_cache
def _meanings(kind: str) -> Mapping[str, str]:
    return {plain(one): meaning for meaning, words in vocabulary(kind).items() for one in words}


@lru_cache
def vocabulary(section: str) -> Mapping[str, tuple[str, ...]]:
    """Return one mapping section of ``columns.yaml``."""
    entries = cast("Mapping[str, Sequence[object]]", _file()[section])
    return {str(name): tuple(map(str, words)) for name, words in entries.items()}


@lru_cache
def columns_of_kind(kind: str) -> frozenset[str]:
    """Return the canonical names that hold one kind of cell wherever they stand.

    ``numeric``: numbers ≥ 0; ``year``: years or dates.
    """
    return frozenset(cast("Sequence[str]", _file()[kind]))


def wanted_columns(role: Role) -> tuple[str, ...]:
    """Return the canonical names that are looked for in files of a role, the surest first."""
    return vocabulary("wanted")[role]


def meaning_of(text: str, among: Iterable[str]) -> str | None:
    """Return the canonical name of `among` that `text` or a synonym of it names; else None."""
    return next((name for name in among if plain(text) in _words(name)), None)


@lru_cache(maxsize=1)
def _file() -> Mapping[str, object]:
    text = resources.files("analysis.sources.files").joinpath("columns.yaml").read_text("utf-8")
    return cast("Mapping[str, object]", yaml.load(text, Loader=yaml.CSafeLoader))


def _spellings(column: str) -> tuple[str, ...]:
    whole = plain(column)
    bracketed = _UNIT.fullmatch(whole)
    units = cast("Sequence[str]", _file()["ignored_units"])
    if bracketed and bracketed.group(2).strip() in map(plain, units):
        return whole, bracketed.group(1)
    return (whole,)


def _short(value: str) -> str:
    limit = 60
    return value if len(value) <= limit else value[: limit - 1] + "…"

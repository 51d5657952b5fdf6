"""Attributes: what planners' columns and map tags say of facilities, as numbers.

A planner's column goes before a tag, and a facility of the map has tags only. Nothing is guessed:
what cannot be read is *unknown*, and all such cells are told in one notice.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np

from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.places.cells import BLANK, NO, PARTLY, plain, said_number, said_yes
from analysis.places.facilities import Facilities
from analysis.places.opening_hours import open_week
from analysis.standard.rules import Attribute
from analysis.units import BoolArray, FloatArray, IntArray, freeze

Source = Literal["column", "osm", "area", "default", ""]
_ANY: Final = "*"
_SHOWN: Final = 40  # characters of a cell that a notice quotes
_SEPARATORS: Final = re.compile(r"[;、,/|\n]")
_OF_WEEK: Final = {
    "hours_per_week": "hours", "days_per_week": "days", "opens_at": "opens_at",
    "closes_at": "closes_at",
}  # fmt: skip


class Unread(NamedTuple):
    """A cell or tag that could not be read."""

    source_id: str
    key: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AttributeValues:
    """One attribute of some facilities.

    Attributes
    ----------
    rows
        int32 [r], ascending: rows of :class:`~analysis.places.facilities.Facilities`.
    value
        float64 [r] in the attribute's unit: yes 1, no 0, *partly* between; of a list how many
        different entries it has. nan where it is not known.
    entries
        The different entries of a list, of other kinds nothing, [r].
    source
        What said it, empty where nobody did, [r].
    unread
        What was said and could not be read.
    """

    attribute: Attribute
    rows: IntArray
    value: FloatArray
    entries: tuple[frozenset[str], ...]
    source: tuple[Source, ...]
    unread: tuple[Unread, ...]

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self.rows)
        freeze(self.value)

    def at(self, rows: IntArray) -> FloatArray:
        """Return the values of `rows`, a part of those that were read, float64."""
        return self.value[self._positions(rows)]

    def defaults_at(self, rows: IntArray) -> BoolArray:
        """Return where in `rows` a default stands for what nobody said."""
        picked = (self.source[i] == "default" for i in self._positions(rows).tolist())
        return np.fromiter(picked, dtype=bool, count=len(rows))

    def _positions(self, rows: IntArray) -> IntArray:
        return np.searchsorted(self.rows, rows).astype(np.int32)


class _Read(NamedTuple):
    """A value that was read; None where a text says nothing that is understood."""

    value: float
    entries: frozenset[str] = frozenset()


def read(attribute: Attribute, facilities: Facilities, rows: IntArray) -> AttributeValues:
    """Return `attribute` of the facilities `rows` (int32, ascending)."""
    unread: list[Unread] = []
    found = [_read_one(attribute, facilities, row, unread) for row in rows.tolist()]
    return AttributeValues(
        attribute=attribute,
        rows=rows.astype(np.int32),
        value=np.array([np.nan if one is None else one.value for one, _ in found], np.float64),
        entries=tuple(frozenset() if one is None else one.entries for one, _ in found),
        source=tuple(source for _, source in found),
        unread=tuple(unread),
    )


def tag_value(attribute: Attribute, tags: Mapping[str, str]) -> float:
    """Return what the tags of an object of the map say of `attribute`, nan for nothing."""
    for key in attribute.osm:
        text = plain(tags.get(key, ""))
        answer = _of_tag(attribute, key, text) if text else None
        if isinstance(answer, _Read):
            return answer.value
    return float("nan")


def unread_notice(values: AttributeValues) -> Notice | None:
    """Return what could not be read, with an example and all facilities; None where nothing."""
    if not values.unread:
        return None
    example = values.unread[0]
    shown = example.text if len(example.text) <= _SHOWN else f"{example.text[:_SHOWN]}…"
    text = message(
        "attributes.unread",
        name=values.attribute.name, count=len(values.unread), key=example.key, text=shown,
    )  # fmt: skip
    return notice("attributes.unread", text, {one.source_id for one in values.unread}, "warning")


def _read_one(
    attribute: Attribute, facilities: Facilities, row: int, unread: list[Unread]
) -> tuple[_Read | None, Source]:
    """Return what is said of one facility and by whom, the first that can be read."""
    said = facilities.attributes[row]
    bad: list[Unread] = []
    for key, source in _keys(attribute, facilities, row):
        text = plain(said.get(key, ""))
        if not text or text in BLANK:
            continue
        if attribute.kind == "hours":  # whose syntax tells capitals from small letters
            text = said[key].strip()
        answer = (
            _of_column(attribute, key, text)
            if source == "column"
            else _of_tag(attribute, key, text)
        )
        if isinstance(answer, _Read):
            unread += bad
            return answer, source
        if answer == "unread":
            bad.append(Unread(facilities.source_id[row], key, said[key].strip()))
    unread += [one for i, one in enumerate(bad) if one not in bad[:i]]
    if attribute.polygon_area and not np.isnan(facilities.area_m2[row]):
        return _Read(float(facilities.area_m2[row])), "area"
    if attribute.default is not None:
        return _meant(attribute, attribute.default), "default"
    return None, ""


def _keys(
    attribute: Attribute, facilities: Facilities, row: int
) -> Iterable[tuple[str, Literal["column", "osm"]]]:
    """Yield where to look: what came from the map alone has tags, and no columns."""
    if facilities.origin[row] == "table":
        for column in attribute.columns:
            yield column, "column"
    for key in attribute.osm:
        yield key, "osm"


_Answer = _Read | Literal["unread"] | None


def _of_column(attribute: Attribute, key: str, text: str) -> _Answer:
    """Return what a planner's cell says; a column may also hold what a tag of its name may."""
    for word, meaning in attribute.words.items():
        if word != _ANY and plain(word) in text:
            return _meant(attribute, meaning)
    listed = _listed(attribute.osm.get(key, {}), text)
    if listed is not None:
        return _meant(attribute, listed)
    answer = _meant(attribute, text)
    if answer is None and _ANY in attribute.words:
        answer = _meant(attribute, attribute.words[_ANY])
    return "unread" if answer is None else answer


def _of_tag(attribute: Attribute, key: str, text: str) -> _Answer:
    """Return what a tag says, None for a value that the standard does not list."""
    meanings = attribute.osm[key]
    listed = _listed(meanings, text)
    if listed is None and _ANY in meanings:
        listed = text if meanings[_ANY] in ("", _ANY) else meanings[_ANY]
    if listed is None:
        return None
    answer = _meant(attribute, listed)
    return "unread" if answer is None else answer


def _listed(meanings: Mapping[str, str], text: str) -> str | None:
    """Return the meaning of a tag's value, or of the first of several values that is listed."""
    for one in (text, *(part.strip() for part in text.split(";"))):
        if one != _ANY and one in meanings:
            return meanings[one]
    return None


def _meant(attribute: Attribute, text: str) -> _Read | None:
    """Return a text as what the attribute is; None where it cannot be."""
    if attribute.kind == "yes_no":
        return _yes_no(attribute, text)
    if attribute.kind == "number":
        number = said_number(text, attribute.unit)
        return None if number is None else _Read(number)
    if attribute.kind == "hours":
        return _hours(attribute, text)
    entries = frozenset(part.strip() for part in _SEPARATORS.split(text)) - {""}
    if entries and entries <= NO:
        return _Read(0.0)
    return _Read(float(len(entries)), entries) if entries else None


def _hours(attribute: Attribute, text: str) -> _Read | None:
    """Return a figure of the ordinary week; a bare number is the figure itself."""
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return _Read(float(text))
    week = open_week(text)
    return None if week is None else _Read(float(getattr(week, _OF_WEEK[attribute.unit])))


def _yes_no(attribute: Attribute, text: str) -> _Read | None:
    """Return yes, no or half; *partly* is what the tags of the attribute mean by *limited*."""
    value = said_yes(text)
    if value is None:
        return None
    if value == PARTLY:
        for meanings in attribute.osm.values():
            if "limited" in meanings:
                return _Read(1.0 if meanings["limited"] == "yes" else 0.0)
    return _Read(value)

"""Which elements of the standard an OpenStreetMap object is, by its tags alone.

Pure: rules come from the standard, compiled once in a :class:`TagMatcher`. A feature may be several
elements (a nine-year school is a primary and a junior school). Ambiguous rules are looked at only
where the feature is no element for certain and carries no readable range key, so a feature certain
for one element is never ambiguous for another; stock to be renewed does not count here, so that a
clinic in a block of flats stays ambiguous. Keys with a lifecycle prefix (``disused:amenity``)
are other keys and never match.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from analysis.places.facilities import Status
from analysis.sources.osm.data import Tags
from analysis.standard.profile import STOCK, Element, ServiceStandard, TagRule

MAX_NAME_CHARS: Final = 300
_NAME_KEYS: Final = ("name", "official_name", "alt_name", "short_name")
_NAME_KEY: Final = re.compile(
    r"(?:name|official_name|alt_name|short_name)(?::[a-z]{2,3}(?:[-_][A-Za-z]{2,8})*)?"
)
_RANGE_PART: Final = re.compile(r"(pk|k|\d{1,3})(?:\s*[-\u2013]\s*(k|\d{1,3}))?", re.IGNORECASE)
_MAX_RANGE: Final = 30
_ANY: Final = "*"
_DATE: Final = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_GONE_KEYS: Final = ("disused", "abandoned", "demolished", "removed", "razed", "vacant")
_BUILT_KEYS: Final = ("construction", "proposed", "planned")
_CLOSED_TAGS: Final = (
    ("opening_hours", "closed"),
    ("opening_hours", "off"),
    ("operational_status", "closed"),
)
_BUILT_TAGS: Final = (("building", "construction"), ("landuse", "construction"))
_NO: Final = ("no", "0", "false", "minor")  # construction=minor: works at something that is open


@dataclass(frozen=True, slots=True, order=True)
class Match:
    """An element that a feature is, or, where `ambiguous`, perhaps is."""

    element_id: str
    ambiguous: bool


def values_of(value: str) -> tuple[str, ...]:
    """Return the values of a tag, split at semicolons and trimmed; empty ones are left out."""
    if ";" not in value:
        return (value,)
    return tuple(part for raw in value.split(";") if (part := raw.strip()))


def numbers_of(value: str) -> frozenset[int]:
    """Return the whole numbers of a range value: ``1-3;5`` is 1, 2, 3, 5; K is 0, PK is -1.

    A value with anything else in it, or a range that falls or is longer than 30, is unreadable and
    gives the empty set.
    """
    found: set[int] = set()
    for part in re.split(r"[;,]", value):
        match = _RANGE_PART.fullmatch(part.strip())
        if match is None:
            return frozenset()
        low = _grade(match[1])
        high = low if match[2] is None else _grade(match[2])
        if not low <= high <= low + _MAX_RANGE:
            return frozenset()
        found.update(range(low, high + 1))
    return frozenset(found)


def _grade(text: str) -> int:
    return {"pk": -1, "k": 0}[text.lower()] if text.lower() in ("pk", "k") else int(text)


def names_of(tags: Tags) -> tuple[str, ...]:
    """Return all present names, NFKC-normalised, each cut to 300 characters; old names are not.

    Looked at: ``name``, ``official_name``, ``alt_name``, ``short_name``, each also by language.
    """
    return tuple(
        unicodedata.normalize("NFKC", value[:MAX_NAME_CHARS])
        for key, value in tags.items()
        if key.startswith(_NAME_KEYS) and _NAME_KEY.fullmatch(key)
    )


def status_of(tags: Tags, data_date: str) -> Status:
    """Return whether the object is open, under construction or closed on `data_date` (ISO).

    An object on the map is open unless it says otherwise. A future ``opening_date`` means
    construction, a past ``end_date`` closed; without a data date such a date leaves it unknown.
    """
    opening, end = _date(tags, "opening_date"), _date(tags, "end_date")
    ended = bool(end and data_date) and end < data_date[: len(end)]
    if ended or _says(tags, _GONE_KEYS) or any(tags.get(key) == v for key, v in _CLOSED_TAGS):
        return "closed"
    unopened = bool(opening and data_date) and opening > data_date[: len(opening)]
    if unopened or _says(tags, _BUILT_KEYS) or any(tags.get(key) == v for key, v in _BUILT_TAGS):
        return "construction"
    return "unknown" if (opening or end) and not data_date else "open"


def _says(tags: Tags, keys: tuple[str, ...]) -> bool:
    return any(key in tags and tags[key] not in _NO for key in keys)


def _date(tags: Tags, key: str) -> str:
    value = tags.get(key, "")
    return value if _DATE.fullmatch(value) else ""


class TagMatcher:
    """The standard's tag rules, compiled and indexed by (key, value).

    Parameters
    ----------
    standard
        Its elements' ``osm`` rules; they are compiled here and nowhere else.
    """

    __slots__ = ("_elements", "_index", "_keys", "_range_keys", "_stock")

    def __init__(self, standard: ServiceStandard) -> None:
        self._range_keys = frozenset(standard.range_keys)
        self._elements = [_CompiledElement(one, self._range_keys) for one in standard.elements]
        self._stock = frozenset(one.id for one in standard.elements if one.treatment in STOCK)
        self._index: dict[tuple[str, str], list[int]] = {}
        for position, element in enumerate(self._elements):
            for anchor in sorted(element.anchors()):
                self._index.setdefault(anchor, []).append(position)
        self._keys = frozenset(key for key, _ in self._index)

    def match(self, tags: Tags) -> tuple[Match, ...]:
        """Return the elements that `tags` make a feature, each at most once.

        Certain ones first, then ambiguous ones, which come only where no facility is certain; each
        in the order of the standard.
        """
        candidates: set[int] = set()
        for key in self._keys & tags.keys():
            candidates.update(self._index.get((key, _ANY), ()))
            for value in values_of(tags[key]):
                candidates.update(self._index.get((key, value), ()))
        if not candidates:
            return ()
        names = names_of(tags)
        possible = [
            element
            for position in sorted(candidates)
            if not (element := self._elements[position]).excludes(tags, names)
        ]
        certain = tuple(Match(one.id, False) for one in possible if one.is_certain(tags, names))
        known = {one.element_id for one in certain}
        told = not known <= self._stock
        if told or self._levels_are_known(tags):
            return certain
        perhaps = (
            Match(one.id, True)
            for one in possible
            if one.id not in known and one.is_ambiguous(tags, names)
        )
        return (*certain, *perhaps)

    def _levels_are_known(self, tags: Tags) -> bool:
        return any(key in tags and numbers_of(tags[key]) for key in self._range_keys)


class RuleSet:
    """Tag rules of which one must hold, compiled; names are not asked for.

    Parameters
    ----------
    rules
        The alternatives.
    range_keys
        Keys that compare as sets of numbers.
    """

    __slots__ = ("_rules",)

    def __init__(self, rules: Sequence[TagRule], range_keys: frozenset[str]) -> None:
        self._rules = [(_compile_tags(rule, range_keys), rule.needs_name) for rule in rules]

    def holds(self, tags: Tags, *, named: bool = True) -> bool:
        """Return whether a rule holds; those that need a name count only where `named`."""
        return any(
            (named or not needs_name) and all(test.holds(tags) for test in tests)
            for tests, needs_name in self._rules
        )

    def anchors(self) -> set[tuple[str, str]]:
        """Return (key, value) pairs of which a feature must have one for a rule to hold."""
        found: set[tuple[str, str]] = set()
        for tests, _ in self._rules:
            found.update(min(tests, key=lambda test: (test.is_range, len(test.values))).pairs())
        return found


@dataclass(frozen=True, slots=True)
class _TagTest:
    """One key of a rule with its alternative values."""

    key: str
    values: frozenset[str]
    numbers: frozenset[int]
    is_range: bool

    def holds(self, tags: Tags) -> bool:
        value = tags.get(self.key)
        if value is None:
            return False
        if self.is_range:
            return not self.numbers.isdisjoint(numbers_of(value))
        return _ANY in self.values or not self.values.isdisjoint(values_of(value))

    def pairs(self) -> set[tuple[str, str]]:
        if self.is_range or _ANY in self.values:
            return {(self.key, _ANY)}
        return {(self.key, value) for value in self.values}


def _compile_tags(rule: TagRule, range_keys: frozenset[str]) -> tuple[_TagTest, ...]:
    return tuple(
        _TagTest(
            key=key,
            values=frozenset(values),
            numbers=frozenset(n for value in values for n in numbers_of(value)),
            is_range=key in range_keys,
        )
        for key, values in rule.tags.items()
    )


class _Patterns:
    """Name patterns of several languages; each is searched in every name."""

    __slots__ = ("_compiled",)

    def __init__(self, patterns: Mapping[str, str]) -> None:
        self._compiled = [re.compile(one, re.IGNORECASE) for one in patterns.values()]

    def found_in(self, names: tuple[str, ...]) -> bool:
        # A nameless feature is asked as the empty name, so that a pattern may say ^$.
        return any(one.search(name) for one in self._compiled for name in names or ("",))


class _CompiledElement:
    """One element's rules, compiled."""

    __slots__ = ("_ambiguous", "_certain", "_exclude", "_exclude_names", "_names", "_perhaps", "id")

    def __init__(self, element: Element, range_keys: frozenset[str]) -> None:
        self.id = element.id
        rule = element.osm
        self._certain = RuleSet(rule.any_of, range_keys)
        self._ambiguous = RuleSet(rule.ambiguous, range_keys)
        self._exclude = RuleSet(rule.exclude, range_keys)
        self._names = _Patterns(rule.name_patterns)
        self._perhaps = _Patterns(rule.ambiguous_name_patterns)
        self._exclude_names = _Patterns(rule.exclude_patterns)

    def anchors(self) -> set[tuple[str, str]]:
        return self._certain.anchors() | self._ambiguous.anchors()

    def excludes(self, tags: Tags, names: tuple[str, ...]) -> bool:
        return self._exclude.holds(tags) or self._exclude_names.found_in(names)

    def is_certain(self, tags: Tags, names: tuple[str, ...]) -> bool:
        return self._certain.holds(tags, named=False) or (
            self._certain.holds(tags) and self._names.found_in(names)
        )

    def is_ambiguous(self, tags: Tags, names: tuple[str, ...]) -> bool:
        return self._ambiguous.holds(tags, named=False) or (
            self._ambiguous.holds(tags) and self._perhaps.found_in(names)
        )

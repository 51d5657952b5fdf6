"""Bilingual text: a key of the phrase table with its arguments, rendered late.

One table (``analysis/phrases/*.yaml``) holds every text that people see. Code carries
:class:`Message` values and asks for a language only where somebody reads, so an error, a verdict
and a map label never exist in one language alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from string import Formatter
from typing import Final, Literal, Protocol, cast, runtime_checkable

import yaml

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, Language] = ("zh", "en")

Phrase = Mapping[Language, str]


@runtime_checkable
class Spoken(Protocol):
    """Anything that has a text in each language."""

    def text(self, language: Language) -> str:
        """Return the text in `language`."""
        ...


@dataclass(frozen=True, slots=True)
class Name:
    """A name in both languages, such as an element's; `en` falls back to `zh` where empty."""

    zh: str
    en: str

    def text(self, language: Language) -> str:
        """Return the name in `language`."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)


@dataclass(frozen=True, slots=True)
class Joined:
    """Several texts in a row, joined the way each language joins a list."""

    parts: tuple[Spoken | str, ...]

    def text(self, language: Language) -> str:
        """Return the parts joined by the language's own comma."""
        separator = "、" if language == "zh" else ", "
        return separator.join(str(_spoken(part, language)) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Clauses:
    """Clauses of one sentence, joined by the language's own semicolon."""

    parts: tuple[Spoken, ...]

    def text(self, language: Language) -> str:
        """Return the clauses in `language`."""
        return ("；" if language == "zh" else "; ").join(p.text(language) for p in self.parts)


@dataclass(frozen=True, slots=True)
class Message:
    """A phrase with its arguments.

    `key` names an entry of the phrase table; `args` fill its placeholders and may themselves be
    :class:`Spoken`. Equal messages compare equal, which tests use instead of comparing prose.
    """

    key: str
    args: Mapping[str, object] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Hash the key alone: a mapping has no hash, and equal messages share their key."""
        return hash(self.key)

    def text(self, language: Language) -> str:
        """Return the phrase in `language`; raises ``KeyError`` for an unknown key."""
        phrase = phrase_table()[self.key][language]
        said = {name: _spoken(arg, language) for name, arg in self.args.items()}
        return _FORMATTER.vformat(phrase, (), said)


class _PhraseFormatter(Formatter):
    """Fills placeholders as ``str.format`` does, with three specs of our own.

    ``{count:pair|pairs}`` is the first word where the number, as a reader sees it, is 1, and else
    the second; ``{target:share}`` is a share in per cent with the decimals that it has: 92.5%;
    ``{minutes:tenths}`` has one decimal where it needs one (:func:`tenths`).
    """

    def format_field(self, value: object, format_spec: str) -> str:
        """Return one placeholder filled in."""
        if "|" in format_spec:
            one, other = format_spec.split("|")
            return one if _is_one(value) else other
        if format_spec == "share" and isinstance(value, int | float):
            return f"{round(100.0 * value, _SHARE_DECIMALS):.10g}%"
        if format_spec == "tenths" and isinstance(value, int | float):
            return tenths(value)
        return str(super().format_field(value, format_spec))


_SHARE_DECIMALS: Final = 2
_FORMATTER: Final = _PhraseFormatter()


def tenths(value: float) -> str:
    """Return a number such as minutes with one decimal, and none where that would be a zero."""
    return f"{round(value, 1) + 0.0:,.1f}".removesuffix(".0")


def _is_one(value: object) -> bool:
    """Return whether a number, or a text that is a number, is printed as 1."""
    return round(value) == 1 if isinstance(value, int | float) else str(value) == "1"


def message(key: str, /, **args: object) -> Message:
    """Build a :class:`Message` with keyword arguments."""
    return Message(key, args)


def _spoken(value: object, language: Language) -> object:
    return value.text(language) if isinstance(value, Spoken) else value


@lru_cache(maxsize=1)
def phrase_table() -> Mapping[str, Phrase]:
    """Return the whole table: key → text by language.

    The packaged files are read once, on first use. A key that stands in two files, or that lacks a
    language, is a mistake of ours and raises ``ValueError``.
    """
    table: dict[str, Phrase] = {}
    for file in sorted(resources.files("analysis.phrases").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".yaml"):
            continue
        entries = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader) or {}
        for key, phrase in entries.items():
            if key in table:
                text = f"phrase {key!r} stands in two files, one of them {file.name}"
                raise ValueError(text)
            if set(phrase) != set(LANGUAGES):
                text = f"phrase {key!r} in {file.name} needs exactly {LANGUAGES}"
                raise ValueError(text)
            table[key] = cast("Phrase", phrase)
    return table

"""What the fields of a standard are called, and how their values read, in both languages."""

import json
from dataclasses import dataclass
from typing import Final

from analysis.messages import Joined, Language, Spoken, message, phrase_table

FieldPath = tuple[str, ...]
_PREFIX: Final = "standard.field."
_SILENT: Final = ("value",)  # the number itself: its holder's name says what it is
_SHARES: Final = (("coverage", "target"), ("coverage", "acceptable"))
_UNITS: Final = (
    ("_m_per_s", "m/s"), ("_m2", "m²"), ("_m", "m"), ("metres", "m"), ("minutes", "min"),
)  # fmt: skip
_MAX_CHARS: Final = 160


@dataclass(frozen=True, slots=True)
class FieldLabel:
    """The name of a field: its own phrase, else those of its parts."""

    path: FieldPath

    def text(self, language: Language) -> str:
        """Return the name in `language`; parts without a phrase stay as they are in the file."""
        own = _label(".".join(self.path), language)
        if own is not None:
            return own
        parts = [one for one in self.path if one not in _SILENT] or list(self.path)
        if len(parts) < len(self.path) and (whole := _label(".".join(parts), language)):
            return whole
        return " · ".join(_label(one, language) or one for one in parts)


def _label(name: str, language: Language) -> str | None:
    phrase = phrase_table().get(_PREFIX + name)
    return None if phrase is None else phrase[language]


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value of the field at `path`, as people read it: 500 m, 90 %, yes, none."""

    path: FieldPath
    value: object

    def text(self, language: Language) -> str:
        """Return the value in `language`, long ones cut to 160 characters."""
        said = _spoken(self.path, self.value).text(language)
        return said if len(said) <= _MAX_CHARS else said[: _MAX_CHARS - 1] + "…"


def field_unit(path: FieldPath) -> str:
    """Return the unit that the name of a field carries; empty where it carries none."""
    for name in reversed(path):
        for ending, unit in _UNITS:
            if name.endswith(ending):
                return unit
        if name not in ("value", "range", "up", "down"):
            return ""
    return ""


@dataclass(frozen=True, slots=True)
class _Literal:
    said: str

    def text(self, language: Language) -> str:
        del language
        return self.said


def _spoken(path: FieldPath, value: object) -> Spoken:
    if value is None:
        return message("standard.value.none")
    if isinstance(value, bool):
        return message("standard.value.yes" if value else "standard.value.no")
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return Joined(tuple(value))
    return _Literal(_literal(path, value))


def _literal(path: FieldPath, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return _number(path, value)
    if isinstance(value, list) and value and all(isinstance(one, int | float) for one in value):
        unit = field_unit(path)
        return "–".join(f"{one:,.10g}" for one in value) + (f" {unit}" if unit else "")
    return json.dumps(value, ensure_ascii=False)


def _number(path: FieldPath, value: float) -> str:
    if path[-2:] in _SHARES:
        return f"{value * 100:.10g} %"
    unit = field_unit(path)
    return f"{value:,.10g} {unit}" if unit else f"{value:,.10g}"

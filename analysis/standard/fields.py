"""What the fields of a standard are called, and how their values read, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from analysis.messages import Joined, Language, Name, Spoken, message, phrase_table
from analysis.standard.field_codes import code_word, minutes_word

FieldPath = tuple[str, ...]
_PREFIX: Final = "standard.field."
_SILENT: Final = ("value",)  # the number itself: its holder's name says what it is
_SHARES: Final = (("coverage", "target"), ("coverage", "acceptable"))
_UNITS: Final = (
    ("_m_per_s", "m/s"), ("_m2", "m²"), ("_m", "m"), ("metres", "m"), ("minutes", "min"),
)  # fmt: skip
_NAMES: Final = (("zh", "en"), ("name_zh", "name_en"))  # of a row, in both languages
_TOLD_BY_UNIT: Final = ("value", "metres", "minutes")  # need no label beside their value
_DATA: Final = ("tags",)  # mappings whose keys are data, not fields
_MAX_CHARS: Final = 160


@dataclass(frozen=True, slots=True)
class FieldLabel:
    """The name of a field: its own phrase, else those of its parts; rows by `names` of ids."""

    path: FieldPath
    names: Mapping[str, Name] = field(default_factory=dict, compare=False, repr=False)

    def text(self, language: Language) -> str:
        """Return the name in `language`; parts without a phrase stay as they are in the file."""
        own = _label(".".join(self.path), language)
        if own is not None:
            return own
        parts = [one for one in self.path if one not in _SILENT] or list(self.path)
        if len(parts) < len(self.path) and (whole := _label(".".join(parts), language)):
            return whole
        holders = ("", *parts)
        return " · ".join(
            self._part(holder, one, language) for holder, one in zip(holders, parts, strict=False)
        )

    def _part(self, holder: str, part: str, language: Language) -> str:
        own = self.names.get(f"{holder}.{part}")
        if own is None and (told := _label(part, language)) is not None:
            return told
        row = own or self.names.get(part) or minutes_word(part) or code_word(("group",), part, {})
        return part if row is None else row.text(language)


def _label(name: str, language: Language) -> str | None:
    phrase = phrase_table().get(_PREFIX + name)
    return None if phrase is None else phrase[language]


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value of the field at `path`, as people read it: 500 m, 90 %, yes, none.

    Codes and ids stand in words; `names` are those of elements, metrics and attributes by id.
    """

    path: FieldPath
    value: object
    names: Mapping[str, Name] = field(default_factory=dict, compare=False, repr=False)

    def text(self, language: Language) -> str:
        """Return the value in `language`, long ones cut to 160 characters."""
        said = _spoken(self.path, self.value, self.names).text(language)
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


@dataclass(frozen=True, slots=True)
class _Row:
    """Fields of a row beside one another: the name first, then what each field says."""

    parts: tuple[tuple[FieldLabel | None, Spoken], ...]

    def text(self, language: Language) -> str:
        said = [
            one.text(language) if label is None else f"{label.text(language)} {one.text(language)}"
            for label, one in self.parts
        ]
        return message("standard.code.join").text(language).join(said)


@dataclass(frozen=True, slots=True)
class _Rows:
    rows: tuple[Spoken, ...]

    def text(self, language: Language) -> str:
        return ("；" if language == "zh" else "; ").join(one.text(language) for one in self.rows)


def _spoken(path: FieldPath, value: object, names: Mapping[str, Name]) -> Spoken:
    if value is None or value == []:
        return message("standard.value.none")
    if isinstance(value, bool):
        return message("standard.value.yes" if value else "standard.value.no")
    if isinstance(value, str):
        return code_word(path, value, names) or _Literal(value)
    if isinstance(value, Mapping):
        return _row(path, value, names)
    if isinstance(value, list) and not all(isinstance(one, int | float) for one in value):
        said = tuple(_spoken(path, one, names) for one in value)
        return Joined(said) if all(isinstance(one, str) for one in value) else _Rows(said)
    return _Literal(_literal(path, value))


def _row(path: FieldPath, value: Mapping[str, Any], names: Mapping[str, Name]) -> Spoken:
    """Return a mapping field by field; what has a name is called by it instead of its id."""
    if path[-1:] in {(one,) for one in _DATA}:
        return _Literal(", ".join(f"{key}={one}" for key, one in value.items()))
    parts: list[tuple[FieldLabel | None, Spoken]] = []
    rest = dict(value)
    for zh, en in _NAMES:
        if isinstance(rest.get(zh), str):
            parts.append((None, Name(rest.pop(zh), str(rest.pop(en, "")))))
            rest.pop("id", None)
    if isinstance(rest.get("id"), str):
        own = rest.pop("id")
        parts.append((None, names.get(own) or minutes_word(own) or _Literal(own)))
    if isinstance(rest.get("op"), str) and "value" in rest:
        sign = _spoken((*path, "op"), rest.pop("op"), names)
        parts.append((None, _Signed(sign, _spoken((*path, "value"), rest.pop("value"), names))))
    for key, one in rest.items():
        label = None if key in _TOLD_BY_UNIT else FieldLabel((key,), names)
        parts.append((label, _spoken((*path, key), one, names)))
    return _Row(tuple(parts))


@dataclass(frozen=True, slots=True)
class _Signed:
    """A comparison before its value, such as *≤ 800*."""

    sign: Spoken
    value: Spoken

    def text(self, language: Language) -> str:
        return f"{self.sign.text(language)} {self.value.text(language)}"


def _literal(path: FieldPath, value: object) -> str:
    if isinstance(value, int | float):
        return _number(path, value)
    if isinstance(value, list):
        unit = field_unit(path)
        ends = dict.fromkeys(f"{one:,.10g}" for one in value)  # 500–500 is 500
        return "–".join(ends) + (f" {unit}" if unit else "")
    return str(value)


def _number(path: FieldPath, value: float) -> str:
    if path[-2:] in _SHARES:
        return f"{value * 100:.10g} %"
    unit = field_unit(path)
    return f"{value:,.10g} {unit}" if unit else f"{value:,.10g}"

"""Reading the table of pedestrian access rules, packaged or a planner's own copy."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Final, NoReturn, TypeVar, cast

import yaml

from analysis.errors import SourceDataError, SourceUnavailableError
from analysis.messages import Message, Name, message
from analysis.sources.streets.access import (
    AccessRule,
    AccessRules,
    CompoundRules,
    Condition,
    CrossingRules,
    LineRule,
    Opener,
    Shape,
    Verdict,
)
from analysis.walking import ArcFlag

_TABLE: Final = "access_rules.yaml"
_ANY: Final = "*"
_SECTIONS: Final = frozenset(
    {"version", "scope", "ways", "marks", "nodes", "openings", "compounds", "lines"}
)
_RULE: Final = frozenset({"id", "when", "note"})
_VERDICTS: Final = ("open", "closed")
_SHAPES: Final = ("line", "area")
_OPENERS: Final = ("gates", "streets", "crossings")

T = TypeVar("T")
Fields = Mapping[str, object]


def access_rules(path: Path | None = None) -> AccessRules:
    """Read a table of access rules; without `path` the packaged one.

    Raises
    ------
    SourceUnavailableError
        Where the file cannot be read.
    SourceDataError
        Where it is no YAML or breaks the form; names the rule and the value.
    """
    source = _TABLE if path is None else str(path)
    try:
        text = (
            resources.files("analysis.sources.streets").joinpath(_TABLE).read_text("utf-8")
            if path is None
            else path.read_text("utf-8")
        )
        table = yaml.load(text, Loader=yaml.CSafeLoader)
    except OSError as error:
        raise SourceUnavailableError(
            message("access.unreadable"),
            remedy=message("access.unreadable.remedy"),
            source=source,
            value=error.strerror,
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise SourceDataError(
            message("access.not_yaml"),
            remedy=message("access.remedy"),
            source=source,
            value=" ".join(str(error).split()),
        ) from error
    return _TableReader(source).table(table)


class _TableReader:
    """Turns the parsed YAML into rules; `_row` is the rule at hand, for the error that names it."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._row = "-"

    def table(self, raw: object) -> AccessRules:
        top = self._fields(raw, _SECTIONS, frozenset({"lists", "passages", "crossings"}))
        openings = self._fields(
            top["openings"], frozenset({"gates", "ring_gates", "crossings"}), frozenset()
        )
        rules = AccessRules(
            version=str(top["version"]),
            scope=self._conditions(top["scope"]),
            ways=self._each(top["ways"], self._deciding),
            marks=self._each(top["marks"], self._mark),
            nodes=self._each(top["nodes"], self._deciding),
            gates=self._conditions(openings["gates"]),
            ring_gates=self._conditions(openings["ring_gates"]),
            crossings=self._conditions(openings["crossings"]),
            passages=self._each(top.get("passages", []), self._mark),
            signals=self._crossings(top.get("crossings")),
            compounds=self._compounds(top["compounds"]),
            lines=self._each(top["lines"], self._line),
        )
        access = (*rules.ways, *rules.marks, *rules.nodes, *rules.passages)
        counts = Counter([rule.rule_id for rule in access] + [rule.rule_id for rule in rules.lines])
        twice = sorted(rule_id for rule_id, count in counts.items() if count > 1)
        if twice:
            self._fail(message("access.id_twice"), twice[0])
        return rules

    def _each(self, raw: object, build: Callable[[object], T]) -> tuple[T, ...]:
        built = []
        for position, entry in enumerate(self._list(raw)):
            self._row = str(entry.get("id", position) if isinstance(entry, dict) else position)
            built.append(build(entry))
        self._row = "-"
        return tuple(built)

    def _deciding(self, raw: object) -> AccessRule:
        optional = frozenset({"unless", "flags", "class", "inside"})
        fields = self._fields(raw, _RULE | {"verdict"}, optional)
        return self._rule(fields, cast("Verdict", self._choice(fields["verdict"], _VERDICTS)))

    def _mark(self, raw: object) -> AccessRule:
        fields = self._fields(raw, _RULE | {"flags"}, frozenset({"unless"}))
        return self._rule(fields, "open")

    def _rule(self, fields: Fields, verdict: Verdict) -> AccessRule:
        flags = ArcFlag(0)
        for name in self._list(fields.get("flags", [])):
            if name not in ArcFlag.__members__:
                self._fail(message("access.flag", allowed=", ".join(ArcFlag.__members__)), name)
            flags |= ArcFlag[str(name)]
        if "inside" in fields:
            self._choice(fields["inside"], ("compound",))
        return AccessRule(
            rule_id=str(fields["id"]),
            condition=self._condition(fields),
            verdict=verdict,
            flags=flags,
            street_class=str(fields.get("class", "")),
            inside_compound="inside" in fields,
            note=self._note(fields["note"]),
        )

    def _line(self, raw: object) -> LineRule:
        optional = frozenset({"unless", "opened_by", "min_area_m2", "closed_to_walkers"})
        fields = self._fields(raw, _RULE | {"kind", "shape"}, optional)
        openers = {self._choice(o, _OPENERS) for o in self._list(fields.get("opened_by", []))}
        return LineRule(
            rule_id=str(fields["id"]),
            condition=self._condition(fields),
            kind=str(fields["kind"]),
            shape=cast("Shape", self._choice(fields["shape"], _SHAPES)),
            opened_by=cast("frozenset[Opener]", frozenset(openers)),
            only_closed=fields.get("closed_to_walkers", False) is True,
            min_area_m2=self._number(fields.get("min_area_m2", 0)),
            note=self._note(fields["note"]),
        )

    def _compounds(self, raw: object) -> CompoundRules:
        need = frozenset({"residential", "closed_when", "walled", "min_area_m2", "max_area_m2"})
        fields = self._fields(raw, need, frozenset())
        walled = self._fields(fields["walled"], frozenset({"when"}), frozenset({"unless"}))
        return CompoundRules(
            residential=self._conditions(fields["residential"]),
            closed_when=self._conditions(fields["closed_when"]),
            walled=self._condition(walled),
            min_area_m2=self._number(fields["min_area_m2"]),
            max_area_m2=self._number(fields["max_area_m2"]),
        )

    def _crossings(self, raw: object) -> CrossingRules:
        if raw is None:
            return CrossingRules()
        fields = self._fields(raw, frozenset({"ways", "signal", "no_signal"}), frozenset())

        def each(name: str) -> tuple[Condition, ...]:
            need, may = frozenset({"when"}), frozenset({"unless"})
            entries = self._list(fields[name])
            return tuple(self._condition(self._fields(one, need, may)) for one in entries)

        return CrossingRules(
            ways=self._conditions(fields["ways"]),
            signal=each("signal"),
            no_signal=each("no_signal"),
        )

    def _condition(self, fields: Fields) -> Condition:
        return Condition(self._tags(fields["when"]), self._conditions(fields.get("unless", [])))

    def _conditions(self, raw: object) -> tuple[Condition, ...]:
        return tuple(Condition(self._tags(entry)) for entry in self._list(raw))

    def _tags(self, raw: object) -> tuple[tuple[str, frozenset[str] | None], ...]:
        if not isinstance(raw, dict) or not raw:
            self._fail(message("access.condition"), raw)
        return tuple((str(key), self._values(raw[key])) for key in raw)

    def _values(self, raw: object) -> frozenset[str] | None:
        if raw == _ANY:
            return None
        if raw is None or isinstance(raw, dict) or raw == []:
            self._fail(message("access.condition"), raw)
        return frozenset(_word(value) for value in (raw if isinstance(raw, list) else [raw]))

    def _note(self, raw: object) -> Name:
        fields = self._fields(raw, frozenset({"zh", "en"}), frozenset())
        return Name(zh=str(fields["zh"]), en=str(fields["en"]))

    def _fields(self, raw: object, need: frozenset[str], may: frozenset[str]) -> Fields:
        if not isinstance(raw, dict):
            self._fail(message("access.fields", fields=", ".join(sorted(need))), raw)
        for key in sorted(need - raw.keys()):
            self._fail(message("access.lacks", field=key), None)
        for key in sorted(str(key) for key in raw.keys() - need - may):
            self._fail(message("access.unknown", allowed=", ".join(sorted(need | may))), key)
        return raw

    def _list(self, raw: object) -> Sequence[object]:
        if not isinstance(raw, list):
            self._fail(message("access.list"), raw)
        return raw

    def _choice(self, raw: object, allowed: tuple[str, ...]) -> str:
        if raw not in allowed:
            self._fail(message("access.choice", allowed=", ".join(allowed)), raw)
        return str(raw)

    def _number(self, raw: object) -> float:
        if isinstance(raw, bool) or not isinstance(raw, int | float) or not raw >= 0:
            self._fail(message("access.number"), raw)
        return float(raw)

    def _fail(self, reason: Message, value: object) -> NoReturn:
        raise SourceDataError(
            reason,
            remedy=message("access.remedy"),
            source=self._source,
            row=self._row,
            value=value,
        )


def _word(value: object) -> str:
    # YAML 1.1 reads a bare yes as true; a tag's value is never a truth value.
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)

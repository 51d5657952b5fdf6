"""Pedestrian access: which tags may be walked, said by one table of rules and nothing else.

The table (``access_rules.yaml``, read by :mod:`analysis.sources.streets.access_table`) is ordered
data. This module applies it to tags; it knows no tag by name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from analysis.messages import Name
from analysis.sources.osm.data import Tags
from analysis.walking import ArcFlag, Crossing

Verdict = Literal["open", "closed"]
Opener = Literal["gates", "streets", "crossings"]
Shape = Literal["line", "area"]
Section = Literal["ways", "marks", "nodes", "passages"]


@dataclass(frozen=True, slots=True)
class Condition:
    """Tags that must be there, and exceptions.

    `when` names keys, each with its allowed values (None: any value), all of which must hold;
    `unless` lists further such sets, none of which may hold.
    """

    when: tuple[tuple[str, frozenset[str] | None], ...]
    unless: tuple["Condition", ...] = ()

    def holds(self, tags: Tags) -> bool:
        """Return whether `tags` meet the condition."""
        for key, allowed in self.when:
            value = tags.get(key)
            if value is None:
                return False
            if allowed is not None and value not in allowed and not _part_in(value, allowed):
                return False
        return not any(exception.holds(tags) for exception in self.unless)

    @property
    def keys(self) -> frozenset[str]:
        """Return the tag keys that the condition looks at."""
        own = frozenset(key for key, _ in self.when)
        return own.union(*(exception.keys for exception in self.unless))


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRule:
    """One row of the table for ways, marks, nodes or passages.

    `inside_compound` limits it to what lies inside a residential compound; `flags` go to the arcs;
    `street_class` names the class where the way has no highway tag.
    """

    rule_id: str
    condition: Condition
    verdict: Verdict
    flags: ArcFlag
    street_class: str
    inside_compound: bool
    note: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRule:
    """One kind of line that nobody walks across.

    `opened_by` says what cuts it open; `only_closed` limits it to ways that walkers may not use;
    `min_area_m2` is the size below which an area is walked around.
    """

    rule_id: str
    condition: Condition
    kind: str
    shape: Shape
    opened_by: frozenset[Opener]
    only_closed: bool
    min_area_m2: float
    note: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class CompoundRules:
    """What counts as a residential compound, and when its ring is known to be closed.

    A `walled` one needs no land use: any closed wall that holds people. Areas in m².
    """

    residential: tuple[Condition, ...]
    closed_when: tuple[Condition, ...]
    walled: Condition
    min_area_m2: float
    max_area_m2: float


@dataclass(frozen=True, kw_only=True)
class CrossingRules:
    """What tells whether a roadway is crossed at a signal; `ways` says which ways are crossings."""

    ways: tuple[Condition, ...] = ()
    signal: tuple[Condition, ...] = ()
    no_signal: tuple[Condition, ...] = ()

    def crossing(self, tags: Tags) -> Crossing:
        """Return what the tags of a node or of a crossing way tell."""
        if holds_any(self.signal, tags):
            return Crossing.SIGNAL
        return Crossing.NO_SIGNAL if holds_any(self.no_signal, tags) else Crossing.UNTOLD

    def of_way(self, tags: Tags) -> Crossing:
        """Return what the tags of a way tell; nothing where it is no crossing."""
        return self.crossing(tags) if holds_any(self.ways, tags) else Crossing.UNTOLD

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Return all tag keys that any of this can depend on, sorted."""
        return _keys((*self.ways, *self.signal, *self.no_signal))


@dataclass(frozen=True, slots=True, kw_only=True)
class WayVerdict:
    """What the table says of one way: the deciding rule, and for open ways class, flags, marks."""

    rule: int
    is_open: bool
    street_class: str
    flags: ArcFlag
    marks: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class AccessRules:
    """The table, ready to be asked.

    Built by :func:`~analysis.sources.streets.access_table.access_rules`.
    """

    version: str
    scope: tuple[Condition, ...]
    ways: tuple[AccessRule, ...]
    marks: tuple[AccessRule, ...]
    nodes: tuple[AccessRule, ...]
    gates: tuple[Condition, ...]
    ring_gates: tuple[Condition, ...]
    crossings: tuple[Condition, ...]
    passages: tuple[AccessRule, ...]
    signals: CrossingRules
    compounds: CompoundRules
    lines: tuple[LineRule, ...]

    def way(self, tags: Tags, *, inside_compound: bool = False) -> WayVerdict | None:
        """Return the verdict on a way with `tags`; None for what is no street at all."""
        if not any(condition.holds(tags) for condition in self.scope):
            return None
        for position, rule in enumerate(self.ways):
            if rule.inside_compound and not inside_compound:
                continue
            if rule.condition.holds(tags):
                return self._verdict(position, rule, tags)
        return None

    def node(self, tags: Tags, *, inside_compound: bool = False) -> AccessRule | None:
        """Return the rule that decides on a node standing on a way; None where none holds."""
        for rule in self.nodes:
            if (inside_compound or not rule.inside_compound) and rule.condition.holds(tags):
                return rule
        return None

    @cached_property
    def node_keys(self) -> tuple[str, ...]:
        """Return all tag keys that what a node is can depend on, sorted."""
        own = (*self.gates, *self.ring_gates, *self.crossings)
        return _keys((*own, *(rule.condition for rule in self.nodes)))

    def line(self, tags: Tags) -> int | None:
        """Return the position in `lines` of the barrier that `tags` describe; None for none."""
        for position, rule in enumerate(self.lines):
            if rule.condition.holds(tags):
                return position
        return None

    def _verdict(self, position: int, rule: AccessRule, tags: Tags) -> WayVerdict:
        if rule.verdict == "closed":
            return WayVerdict(
                rule=position, is_open=False, street_class="", flags=ArcFlag(0), marks=()
            )
        marks = tuple(i for i, mark in enumerate(self.marks) if mark.condition.holds(tags))
        flags = rule.flags
        for mark in marks:
            flags |= self.marks[mark].flags
        street_class = rule.street_class or tags.get("highway", "")
        return WayVerdict(
            rule=position, is_open=True, street_class=street_class, flags=flags, marks=marks
        )

    @cached_property
    def way_keys(self) -> tuple[str, ...]:
        """Return all tag keys that a verdict on a way can depend on, sorted."""
        rules = (*self.ways, *self.marks)
        return _keys((*self.scope, *(rule.condition for rule in rules)))

    @cached_property
    def line_keys(self) -> tuple[str, ...]:
        """Return all tag keys that decide whether a way is a barrier, sorted."""
        own = _keys(rule.condition for rule in self.lines)
        return tuple(sorted({*self.way_keys, *own}))

    @cached_property
    def scope_keys(self) -> frozenset[str]:
        """Return the keys of which a way must carry one to be a street at all."""
        return frozenset(condition.when[0][0] for condition in self.scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """What one rule decided inside the area read: number of objects, and metres for ways."""

    section: Section
    rule_id: str
    verdict: Verdict
    objects: int
    length_m: float
    note: Name


@dataclass(frozen=True, slots=True)
class AccessTally:
    """How much each rule of the table let in or kept out.

    The lengths of section ``ways`` add up to all streets of the area read, since exactly one rule
    decides each stretch; marks overlap. A way that is private inside a compound and closed outside
    counts once under either rule.
    """

    rules: tuple[RuleCount, ...]

    def length_m(self, verdict: Verdict) -> float:
        """Return the metres of streets with `verdict`."""
        return sum(
            rule.length_m
            for rule in self.rules
            if rule.section == "ways" and rule.verdict == verdict
        )


def holds_any(conditions: Iterable[Condition], tags: Tags) -> bool:
    """Return whether one of `conditions` holds."""
    return any(condition.holds(tags) for condition in conditions)


def _keys(conditions: Iterable[Condition]) -> tuple[str, ...]:
    return tuple(sorted(frozenset[str]().union(*(one.keys for one in conditions))))


def _part_in(value: str, allowed: frozenset[str]) -> bool:
    return ";" in value and any(part.strip() in allowed for part in value.split(";"))

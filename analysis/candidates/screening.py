"""Screening: which elements could stand at which candidates, and every reason why not.

Hard rules that a machine checks and sizes reject; soft ones score; rules that only a person can
check are listed and reject nothing, and so is what is not known. What stands already is not held
against sizes; a facility is enlarged only where a new one might stand, and mended or opened
wherever it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.candidates.candidates import Candidates
from analysis.candidates.checks import BROKEN, KEPT, Check, check
from analysis.candidates.findings import Finding, finding
from analysis.candidates.looked_at import LookedAt
from analysis.candidates.outlines import FacilityOutlines
from analysis.candidates.sizes import FLOOR_RATIO, Room, SizeCheck, room_of, size_checks
from analysis.messages import Message, Name, message
from analysis.places.facilities import Facilities
from analysis.places.site_layers import SiteLayers
from analysis.standard.profile import Element
from analysis.standard.siting_rules import SitingRule
from analysis.units import BoolArray, FloatArray, freeze

_AS_IT_STANDS: Final = ("upgrade", "opening")
_SIZE: Final = Name("", "")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ElementChecks:
    """All that one element asks of candidates.

    `alone`: sizes of one on its own site; `beside`: of one that shares a site; `checks` of all
    rules that a machine checks; `for_person` those that it does not.
    """

    alone: tuple[SizeCheck, ...]
    beside: tuple[SizeCheck, ...]
    checks: tuple[Check, ...]
    for_person: tuple[SitingRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Screening:
    """Element × candidate: may it stand there, how well, and why not.

    Attributes
    ----------
    candidates, elements
        What was screened for what [c], [e].
    room
        Ground and floor of the candidates.
    applies
        Whether a candidate is for the element at all, bool [c, e]: a facility is for its own.
    keeps_rules
        No hard rule that a machine checks is broken, bool [c, e].
    allowed
        And there is room for the smallest on a site of its own, bool [c, e].
    allowed_shared
        And there is room for what one takes up on a shared site, bool [c, e].
    score
        Share of the soft rules that a machine checks which are known to be kept, 0…1, float64
        [c, e]; 1 where there is none.
    """

    candidates: Candidates
    elements: tuple[Element, ...]
    room: Room
    applies: BoolArray
    keeps_rules: BoolArray
    allowed: BoolArray
    allowed_shared: BoolArray
    score: FloatArray
    by_element: tuple[ElementChecks, ...]

    def __post_init__(self) -> None:
        """Freeze."""
        for array in (
            self.applies, self.keeps_rules, self.allowed, self.allowed_shared, self.score,
        ):  # fmt: skip
            freeze(array)

    def __repr__(self) -> str:
        """Summarise the screening."""
        return (
            f"Screening({len(self.candidates)} × {len(self.elements)}, {self.allowed.sum()} pairs)"
        )

    def column(self, element_id: str) -> int:
        """Return the position of an element; raises ``ValueError``."""
        return [one.id for one in self.elements].index(element_id)

    def reasons(self, row: int, column: int) -> tuple[Message, ...]:
        """Return why an element may not stand at a candidate; empty where it may."""
        if not self.applies[row, column]:
            return (message("candidates.other_element"),)
        return self._texts(row, column, "rejected")

    def missed(self, row: int, column: int) -> tuple[Message, ...]:
        """Return the soft rules that a candidate misses."""
        return self._texts(row, column, "missed")

    def unknown(self, row: int, column: int) -> tuple[Message, ...]:
        """Return what could not be told of a candidate; it rejects nothing."""
        return self._texts(row, column, "unknown")

    def needs_person(self, column: int) -> tuple[SitingRule, ...]:
        """Return the rules of an element, common ones first, that only a person can check."""
        return self.by_element[column].for_person

    def findings(self, row: int, column: int) -> tuple[Finding, ...]:
        """Return all that is told of one pair: sizes, then rules in the standard's order."""
        if not self.applies[row, column]:
            return ()
        return tuple(self._findings(row, self.by_element[column]))

    def _findings(self, row: int, asked: ElementChecks) -> Iterator[Finding]:
        for size in asked.alone:
            if size.outcome[row] != KEPT:
                yield Finding(
                    kind="rejected" if size.outcome[row] == BROKEN else "unknown",
                    rule_id="min_build",
                    rule=_SIZE,
                    text=size.reason(row),
                    source=size.least.source,
                    confidence=size.least.confidence,
                )
        as_it_stands = self.candidates.kind[row] in _AS_IT_STANDS
        for one in asked.checks:
            if one.rule.hard and as_it_stands:
                continue
            found = finding(one, row)
            if found is not None:
                yield found

    def _texts(self, row: int, column: int, kind: str) -> tuple[Message, ...]:
        return tuple(one.text for one in self.findings(row, column) if one.kind == kind)


def screen(
    candidates: Candidates,
    elements: Sequence[Element],
    layers: SiteLayers,
    facilities: Facilities,
    *,
    common: Sequence[SitingRule] = (),
    data_area: shapely.Geometry | None = None,
    floor_ratio: float = FLOOR_RATIO,
) -> Screening:
    """Screen all candidates for all elements.

    Parameters
    ----------
    candidates, elements
        What to screen for what.
    layers, facilities
        What rules look at, in the candidates' metres.
    common
        Rules of every element (``standard.works.siting``).
    data_area
        Where the map is complete, metres; None: everywhere.
    floor_ratio
        Floor per ground, for candidates that state no floor.
    """
    names = {one.id: one.name for one in elements}
    outlines = FacilityOutlines(facilities, layers)
    site = LookedAt(candidates, outlines, names=names, data_area=data_area)
    room = room_of(candidates, floor_ratio)
    held = _Held(site)
    by_element = tuple(_asked(one, common, held, room, candidates.is_new) for one in elements)
    shape = (len(candidates), len(elements))
    applies, keeps = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    alone, beside = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    score = np.ones(shape)
    own = np.array(candidates.element_id, dtype=object)
    exempt = np.array([one in _AS_IT_STANDS for one in candidates.kind], dtype=bool)
    for column, asked in enumerate(by_element):
        applies[:, column] = (own == "") | (own == elements[column].id)
        hard = [one.outcome != BROKEN for one in asked.checks if one.rule.hard]
        keeps[:, column] = applies[:, column] & (_all(hard, len(candidates)) | exempt)
        alone[:, column] = keeps[:, column] & _fits(asked.alone, len(candidates))
        beside[:, column] = keeps[:, column] & _fits(asked.beside, len(candidates))
        soft = [one.outcome == KEPT for one in asked.checks if not one.rule.hard]
        if soft:
            score[:, column] = np.mean(soft, axis=0)
    return Screening(
        candidates=candidates,
        elements=tuple(elements),
        room=room,
        applies=applies,
        keeps_rules=keeps,
        allowed=alone,
        allowed_shared=beside,
        score=score,
        by_element=by_element,
    )


class _Held:
    """Rules held against the candidates, each of the same meaning once."""

    def __init__(self, site: LookedAt) -> None:
        self._site = site
        self._checks: dict[object, Check] = {}

    def check(self, rule: SitingRule) -> Check:
        if rule not in self._checks:
            self._checks[rule] = check(rule, self._site)
        return self._checks[rule]


def _asked(
    element: Element, common: Sequence[SitingRule], held: _Held, room: Room, is_new: BoolArray
) -> ElementChecks:
    rules = (*common, *element.siting.rules)
    alone = element.siting.min_build
    beside = element.siting.shared_build or alone
    return ElementChecks(
        alone=size_checks(alone, room, is_new),
        beside=size_checks(beside, room, is_new),
        checks=tuple(held.check(one) for one in rules if not one.needs_person),
        for_person=tuple(one for one in rules if one.needs_person),
    )


def _fits(sizes: Sequence[SizeCheck], n: int) -> BoolArray:
    return _all([one.outcome != BROKEN for one in sizes], n)


def _all(parts: Sequence[BoolArray], n: int) -> BoolArray:
    held: BoolArray = np.ones(n, dtype=bool)
    for one in parts:
        held &= one
    return held

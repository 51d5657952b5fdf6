"""What a scenario changes in sentences to paste, each figure with its denominator."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Final

from analysis.messages import Message, Spoken, message, tenths
from analysis.places.circles import ALL_CIRCLES
from analysis.scenario.difference import CircleChange
from analysis.scenario.modifications import (
    AddHousing,
    AddPath,
    AnyModification,
    ClosePath,
    kind_of,
)
from analysis.scenario.reach_difference import CircleReach
from analysis.scenario.scenario import Scenario
from analysis.standard.profile import Element, ServiceStandard
from analysis.units import minutes

_TOLD_ELEMENTS: Final = 3  # in the one sentence about the whole scenario
_LEAST_POINTS: Final = 0.05  # a share that moves less is written with the same decimals


def did(scenario: Scenario, standard: ServiceStandard) -> Message:
    """Return in words what is done: the one modification, or how many."""
    edits = scenario.modifications
    if len(edits) != 1:
        return message("scenario.did.many" if edits else "scenario.did.nothing", count=len(edits))
    return _did(edits[0], standard)


def headline(
    scenario: Scenario,
    standard: ServiceStandard,
    rows: Sequence[CircleReach],
    bases: Mapping[str, str],
    gaps: tuple[int, int] | None,
) -> Message:
    """Return the sentence about all circles: the elements that matter most, then gaps.

    `bases` say by element who is counted; `gaps` are those closed and opened, None where not known.
    """
    whole = [one for one in rows if one.circle_id == ALL_CIRCLES]
    whole.sort(key=lambda one: (-_moved(one), -(one.people_nearer + one.people_farther)))
    parts: list[Spoken] = []
    for one in whole[:_TOLD_ELEMENTS]:
        said = clauses(one, bases)
        if said and len(whole) == 1 and _names(scenario, one.element_id):
            parts += said
        elif said:
            name = standard.element(one.element_id).name
            parts.append(message("scenario.element", element=name, clauses=_and(said)))
    if len(whole) > _TOLD_ELEMENTS:
        parts.append(message("scenario.clause.more", count=len(whole) - _TOLD_ELEMENTS))
    whole_said = _and([*parts, *_gap_clauses(gaps)])
    return message("scenario.sentence", did=did(scenario, standard), clauses=whole_said)


def row_sentence(
    row: CircleReach,
    circle: Spoken,
    element: Element,
    bases: Mapping[str, str],
    gaps: tuple[int, int] | None,
) -> Message:
    """Return the sentence about one element in one circle."""
    said = _and([*clauses(row, bases), *_gap_clauses(gaps)])
    return message("scenario.row", circle=circle, element=element.name, clauses=said)


def clauses(row: CircleReach, bases: Mapping[str, str]) -> list[Spoken]:
    """Return what happens to an element in a circle, clause by clause."""
    said: list[Spoken] = [
        message(f"scenario.clause.{what}", people=_people(people), count=people)
        for what, people in (("gained", row.people_gained), ("lost", row.people_lost))
        if people > 0
    ]
    said += _share(row, bases.get(row.element_id, "population"))
    said += _walks(row)
    if row.people_new > 0:
        said.append(
            message(
                "scenario.clause.new_homes",
                people=_people(row.people_new),
                covered=_people(row.people_new_covered),
                count=row.people_new,
            )
        )
    return said + (_verdicts(row) if isinstance(row, CircleChange) else [])


def _moved(row: CircleReach) -> float:
    return row.people_gained + row.people_lost


def _names(scenario: Scenario, element_id: str) -> bool:
    """Return whether what is done names the element already."""
    (one,) = scenario.modifications if len(scenario.modifications) == 1 else (None,)
    return getattr(one, "element_id", "") == element_id


def _and(said: Sequence[Spoken]) -> Spoken:
    """Return clauses in a row, with each language's own comma."""
    if not said:
        return message("scenario.clause.nothing")
    whole = said[0]
    for one in said[1:]:
        whole = message("scenario.and", before=whole, after=one)
    return whole


def _did(one: AnyModification, standard: ServiceStandard) -> Message:
    if isinstance(one, AddPath):
        return message(f"scenario.did.path.{one.kind}")
    if isinstance(one, ClosePath):
        return message("scenario.did.close_path")
    if isinstance(one, AddHousing):
        return message("scenario.did.add_housing", people=_people(one.people))
    element = standard.element(one.element_id).name
    return message(f"scenario.did.{kind_of(one)}", element=element)


def _share(row: CircleReach, basis: str) -> list[Spoken]:
    points = (row.share_after - row.share_before) * 100.0
    if not isfinite(points) or abs(points) < _LEAST_POINTS:
        return []
    return [
        message(
            "scenario.clause.share",
            before=f"{row.share_before:.1%}",
            after=f"{row.share_after:.1%}",
            points=f"{points:+.1f}",
            basis=message(f"counted_by.{basis}"),
            people=_people(row.people),
        )
    ]


def _walks(row: CircleReach) -> list[Spoken]:
    """Return whose walks change, and by how much where both are within the search."""
    nearer, farther = row.people_nearer, row.people_farther
    if not nearer and not farther:
        return []
    both_ways = nearer > 0 and farther > 0
    what = "both_ways" if both_ways else "nearer" if nearer > 0 else "farther"
    said: list[Spoken] = [
        message(
            f"scenario.clause.{what}",
            people=_people(nearer or farther),
            count=nearer or farther,
            nearer=_people(nearer),
            farther=_people(farther),
        )
    ]
    if not isfinite(row.saved_mean):
        return said
    known = "all" if row.people_compared == nearer + farther else "some"
    more = "less" if row.saved_mean >= 0 else "more"
    said.append(
        message(
            f"scenario.clause.{more}_{known}",
            saved=_measure(row, abs(row.saved_mean)),
            people=_people(row.people_compared),
        )
    )
    return said


def _measure(row: CircleReach, value: float) -> Message:
    if row.measure == "seconds":
        return message("scenario.clause.minutes", value=tenths(minutes(value)))
    return message("scenario.clause.metres", value=f"{value:,.0f}")


def _verdicts(row: CircleChange) -> list[Spoken]:
    if row.before != row.after:
        before, after = (message(f"verdict.{one}") for one in (row.before, row.after))
        return [message("scenario.clause.verdict", before=before, after=after)]
    return [
        message(
            "scenario.clause.dimension",
            dimension=message(f"dimension.{name}"),
            before=message(f"verdict.{before}"),
            after=message(f"verdict.{after}"),
        )
        for name, (before, after) in row.dimensions.items()
        if before != after
    ]


def _gap_clauses(gaps: tuple[int, int] | None) -> list[Spoken]:
    if gaps is None:
        return []
    return [
        message(f"scenario.clause.{what}", count=count)
        for what, count in zip(("closed", "opened"), gaps, strict=True)
        if count
    ]


def _people(people: float) -> str:
    return f"{people:,.0f}"

"""Field checks: the shortest list of facilities and gates that, once visited, settles the most."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.capacity.within_reach import Serving, WithinReach, within_reach
from analysis.certainty.flips import FlipLists
from analysis.certainty.gate_checks import gate_visits, open_by_gates
from analysis.certainty.variants import doubtful_rows
from analysis.judgement.coverage import Measured
from analysis.reach.serving import RuleSearch, rule_searches
from analysis.reach.study_walks import StudyWalks
from analysis.units import BoolArray, FloatArray

CheckKind = Literal["facility", "gate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCheck:
    """One facility or one compound's gate to visit.

    Attributes
    ----------
    rank
        1 for the one that settles the most people of all elements; then the next best, given that
        those before it were confirmed.
    kind
        What is to be visited.
    facility
        Row in :class:`~analysis.places.facilities.Facilities`; -1 for a gate.
    compound
        Position in the compounds of :class:`~analysis.streets.barriers.Barriers`; -1 for a
        facility.
    element_ids
        Whose answers it settles: one of a facility, all that a gate is in the way of.
    people
        Residents, once for each element, whose answer this visit settles: those covered by doubtful
        facilities alone, or those of whom all inferred gates open would change it.
    residents
        The same residents, each once whatever the number of elements.
    people_so_far
        As `people`, with all visits before it.
    people_open
        Residents of the study, over all elements, whose answer rests on doubtful facilities or
        inferred gates.
    """

    rank: int
    kind: CheckKind
    facility: int
    compound: int
    element_ids: tuple[str, ...]
    people: float
    residents: float
    people_so_far: float
    people_open: float


def field_checks(
    walks: Sequence[StudyWalks], measured: Measured, flips: FlipLists
) -> tuple[FieldCheck, ...]:
    """Return the visits, the most telling first; `walks` together judge all elements.

    Who has several doubtful facilities in reach is settled by the first that is confirmed: each
    step takes the facility that settles the most people left (greedy set cover, which no list of
    the same length betters by more than 1/(1 − 1/e)). Who is in doubt for a facility and for a gate
    is counted with the facility.
    """
    open_people = measured.reach.covered & ~flips.sure
    open_by_gate = open_by_gates(flips) & ~open_people
    facilities = measured.facilities
    doubtful = doubtful_rows(facilities, measured.standard) & measured.counting
    steps: list[_Visit] = []
    for one in walks:
        steps += [
            (people, "facility", (element_id,), row, people)
            for people, row, element_id in _visits(one, measured, open_people, doubtful)
        ]
    steps += [
        (one.people, "gate", one.element_ids, one.compound, one.residents)
        for one in gate_visits(measured, walks[0].barriers, flips, open_by_gate)
    ]
    if not steps:
        return ()
    steps.sort(key=lambda one: (-one[0], *one[1:]))
    whole = float(((open_people | open_by_gate) * measured.demand.people[:, None]).sum())
    so_far = np.cumsum([one[0] for one in steps])
    return tuple(
        FieldCheck(
            rank=rank, kind=kind, element_ids=element_ids,
            facility=row if kind == "facility" else -1, compound=row if kind == "gate" else -1,
            people=people, residents=residents, people_so_far=float(so_far[rank - 1]),
            people_open=whole,
        )
        for rank, (people, kind, element_ids, row, residents) in enumerate(steps, start=1)
    )  # fmt: skip


# People settled for all elements, what is visited, whose answers, its row or position, residents.
_Visit = tuple[float, CheckKind, tuple[str, ...], int, float]


def _visits(
    walks: StudyWalks, measured: Measured, open_people: BoolArray, doubtful: BoolArray
) -> list[tuple[float, int, str]]:
    """Return people settled, facility and element of each visit for the elements `walks` judge."""
    facilities, reach_of = measured.facilities, measured.reach.column
    elements = walks.judged(measured.standard)
    wanted = [
        (column, one)
        for column, one in enumerate(elements)
        if open_people[:, reach_of(one.id)].any()
    ]
    if not wanted:
        return []
    searches = rule_searches(
        measured.standard, facilities, walks.profile, walks.criterion, elements
    )
    pairs = within_reach(
        walks.graph, walks.points, walks.entrances, entrance_first=facilities.entrance_first,
        asked=[_serving(searches, doubtful, column) for column, _ in wanted],
        hierarchy=walks.hierarchy,
    )  # fmt: skip
    steps: list[tuple[float, int, str]] = []
    for (_, element), reach in zip(wanted, pairs, strict=True):
        weight = np.where(open_people[:, reach_of(element.id)], measured.demand.people, 0.0)
        steps += [(people, row, element.id) for row, people in _greedy(reach, weight)]
    return steps


def _serving(searches: Sequence[RuleSearch], doubtful: BoolArray, column: int) -> Serving:
    """Return the doubtful facilities that may serve an element, each as far as its rules let it."""
    farthest = np.full(len(doubtful), -1.0)
    for one in searches:
        if one.column == column and one.counts:
            serves = one.serving & doubtful
            farthest[serves] = np.maximum(farthest[serves], one.limit)
    rows = np.flatnonzero(farthest >= 0).astype(np.int32)
    return Serving(facility=rows, limit=farthest[rows])


def _greedy(reach: WithinReach, weight: FloatArray) -> list[tuple[int, float]]:
    """Return (facility row, people settled) step by step until nobody is left."""
    left = weight.copy()
    steps = []
    point = reach.point
    for _ in range(len(reach.facility)):
        gain = np.bincount(reach.position, left[point], len(reach.facility))
        best = int(np.argmax(gain))
        if gain[best] <= 0:
            break
        steps.append((int(reach.facility[best]), float(gain[best])))
        left[point[reach.position == best]] = 0.0
    return steps

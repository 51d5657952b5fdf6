"""Field checks: the shortest list of facilities that, once visited, settles the most people."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.capacity.within_reach import Serving, WithinReach, within_reach
from analysis.certainty.variants import doubtful_rows
from analysis.judgement.coverage import Measured
from analysis.reach.serving import RuleSearch, rule_searches
from analysis.reach.study_walks import StudyWalks
from analysis.units import BoolArray, FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCheck:
    """One facility to visit.

    Attributes
    ----------
    rank
        1 for the one that settles the most people of all elements; then the next best, given that
        those before it were confirmed.
    facility
        Row in :class:`~analysis.places.facilities.Facilities`.
    people
        Residents covered by doubtful facilities alone whose answer this visit settles.
    people_so_far
        The same with all visits before it.
    people_open
        Residents of the study, over all elements, whose answer rests on doubtful facilities.
    """

    rank: int
    facility: int
    element_id: str
    people: float
    people_so_far: float
    people_open: float


def field_checks(walks: StudyWalks, measured: Measured, sure: BoolArray) -> tuple[FieldCheck, ...]:
    """Return the visits, the most telling first.

    `sure` bool [p, e] is who is covered without doubtful facilities
    (variant ``doubtful``). Who has several doubtful facilities in reach is settled by the first
    that is confirmed: each step takes the facility that settles the most people left (greedy set
    cover, which no list of the same length betters by more than 1/(1 − 1/e)).
    """
    open_people = measured.reach.covered & ~sure
    facilities = measured.facilities
    doubtful = doubtful_rows(facilities, measured.standard) & measured.counting
    elements = [
        (column, element)
        for column, element in enumerate(measured.standard.walked)
        if open_people[:, column].any()
    ]
    if not elements:
        return ()
    searches = rule_searches(measured.standard, facilities, walks.profile, walks.criterion)
    asked = [_serving(searches, doubtful, column) for column, _ in elements]
    pairs = within_reach(
        walks.graph, walks.points, walks.entrances, entrance_first=facilities.entrance_first,
        asked=asked, hierarchy=walks.hierarchy,
    )  # fmt: skip
    steps: list[tuple[float, int, str]] = []
    for (column, element), reach in zip(elements, pairs, strict=True):
        weight = np.where(open_people[:, column], measured.demand.people, 0.0)
        steps += [(people, row, element.id) for row, people in _greedy(reach, weight)]
    steps.sort(key=lambda one: (-one[0], one[2], one[1]))
    whole = float((open_people * measured.demand.people[:, None]).sum())
    so_far = np.cumsum([one[0] for one in steps])
    return tuple(
        FieldCheck(
            rank=rank, facility=row, element_id=element_id, people=people,
            people_so_far=float(so_far[rank - 1]), people_open=whole,
        )
        for rank, (people, row, element_id) in enumerate(steps, start=1)
    )  # fmt: skip


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

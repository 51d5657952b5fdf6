"""What a scenario changes of who reaches what: point by point, and circle by circle.

People are those of the baseline; residents of new homes are counted apart, for they had nothing to
gain or to lose.
"""

from dataclasses import dataclass

import numpy as np

from analysis.judgement.coverage import deciding
from analysis.places.circles import ALL_CIRCLES
from analysis.places.demand import Demand
from analysis.reach.table import Reach
from analysis.scenario.evaluation import ScenarioReach
from analysis.standard.profile import Element
from analysis.study import Study
from analysis.units import BoolArray, FloatArray, IntArray, freeze
from analysis.walks.walk_costs import Measure


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReachChange:
    """One element whose reach a scenario changes.

    Attributes
    ----------
    gained, lost
        Points of the baseline that are covered now and were not, and the reverse, int32,
        ascending.
    nearer, farther
        Points whose walk is shorter, or longer, by the criterion, int32, ascending; beyond the
        search counts as longer than any, where the search goes as far on both sides.
    saved
        Metres (seconds under minutes) that residents walk less, float64 [p]; below 0 for more, nan
        where there is no facility within the search on one side.
    """

    element_id: str
    gained: IntArray
    lost: IntArray
    nearer: IntArray
    farther: IntArray
    saved: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.gained, self.lost, self.nearer, self.farther, self.saved):
            freeze(array)


@dataclass(frozen=True, slots=True, kw_only=True)
class CircleReach:
    """One element in one circle (``*``: all of them): who reaches it, before and after.

    `people` are the residents of the baseline and `people_covered` those of them who had it. Of
    them some gain it, lose it, walk less or walk more. Of those who walk less or more,
    `people_compared` have a facility within the search on both sides and save `saved_mean` in the
    `measure` that decides; nan where there are none. `people_new` live in new homes,
    `people_new_covered` of them have it. Shares decide coverage, 0…1, nan where it is not measured.
    """

    circle_id: str
    element_id: str
    measure: Measure
    people: float
    people_covered: float
    people_gained: float
    people_lost: float
    people_nearer: float
    people_farther: float
    people_compared: float
    saved_mean: float
    people_new: float
    people_new_covered: float
    share_before: float
    share_after: float

    @property
    def is_reach_changed(self) -> bool:
        """Return whether anybody, or the share that decides, is better or worse off."""
        people = (
            self.people_gained, self.people_lost, self.people_nearer, self.people_farther,
            self.people_new,
        )  # fmt: skip
        shares = np.array([self.share_before, self.share_after])
        return any(people) or not np.array_equal(shares[:1], shares[1:], equal_nan=True)


def measure_of(study: Study) -> Measure:
    """Return what decides: metres, or seconds under minutes."""
    return "metres" if study.parameters.criterion == "metres" else "seconds"


def reach_changes(study: Study, found: ScenarioReach) -> tuple[ReachChange, ...]:
    """Return the elements whose reach differs, in the standard's order."""
    before, after = study.reach, found.reach
    changes = (
        _reach_change(before, after, element_id)
        for element_id in after.element_ids
        if element_id in found.touched
    )
    return tuple(
        one for one in changes if any(map(len, (one.gained, one.lost, one.nearer, one.farther)))
    )


def circle_reach(
    study: Study, found: ScenarioReach, changes: tuple[ReachChange, ...]
) -> tuple[CircleReach, ...]:
    """Return every circle × touched element, circle by circle, all circles together last.

    `changes` are :func:`reach_changes`; an element that is not among them has nobody who gains.
    """
    of_element = {one.element_id: one for one in changes}
    columns = [
        _Column(study, found, element, of_element.get(element.id)).rows()
        for element in found.inputs.standard.walked
        if element.id in found.touched
    ]
    return tuple(row for circle in zip(*columns, strict=True) for row in circle)


class _Column:
    """One element in all circles, counted at one go."""

    def __init__(
        self, study: Study, found: ScenarioReach, element: Element, change: ReachChange | None
    ) -> None:
        self._study, self._found, self._element, self._change = study, found, element, change
        self._circle_ids = study.inputs.circles.circle_id

    def rows(self) -> list[CircleReach]:
        """Return the circles in order, then all of them together."""
        study, found, name = self._study, self._found, self._element.id
        demand, now = study.inputs.demand, found.inputs.demand
        had = study.reach.covered[:, study.reach.column(name)]
        has = found.reach.covered[:, found.reach.column(name)]
        parts = (np.empty(0, dtype=np.int32),) * 4
        if self._change is not None:
            one = self._change
            parts = (one.gained, one.lost, one.nearer, one.farther)
        people = self._sums(demand, demand.people)
        covered = self._sums(demand, demand.people, _rows(had))
        moved = [self._sums(demand, demand.people, rows) for rows in parts]
        fresh = np.arange(len(demand), len(now), dtype=np.int32)
        new = self._sums(now, now.people, fresh)
        new_covered = self._sums(now, now.people, fresh[has[fresh]])
        compared, saved = self._saved(demand)
        before, after = self._shares(demand, had), self._shares(now, has)
        return [
            CircleReach(
                circle_id=circle_id,
                element_id=name,
                measure=measure_of(study),
                people=float(people[at]),
                people_covered=float(covered[at]),
                people_gained=float(moved[0][at]),
                people_lost=float(moved[1][at]),
                people_nearer=float(moved[2][at]),
                people_farther=float(moved[3][at]),
                people_compared=float(compared[at]),
                saved_mean=float(saved[at]),
                people_new=float(new[at]),
                people_new_covered=float(new_covered[at]),
                share_before=float(before[at]),
                share_after=float(after[at]),
            )
            for at, circle_id in enumerate((*self._circle_ids, ALL_CIRCLES))
        ]

    def _sums(self, demand: Demand, values: FloatArray, rows: IntArray | None = None) -> FloatArray:
        """Return `values` (of some rows) by circle, and over all of them, float64 [c + 1]."""
        circle = demand.circle if rows is None else demand.circle[rows]
        added = values if rows is None else values[rows]
        each = np.bincount(circle, weights=added, minlength=len(self._circle_ids))
        return np.append(each, added.sum())

    def _shares(self, demand: Demand, covered: BoolArray) -> FloatArray:
        _, weight = deciding(self._element, demand)
        whole = self._sums(demand, weight)
        shares = np.full(len(whole), np.nan)
        part = self._sums(demand, weight, _rows(covered))
        np.divide(part, whole, out=shares, where=whole > 0)
        return shares

    def _saved(self, demand: Demand) -> tuple[FloatArray, FloatArray]:
        """Return for how many what they save is known and not nothing, and its mean."""
        mean = np.full(len(self._circle_ids) + 1, np.nan)
        if self._change is None:
            return np.zeros(len(mean)), mean
        saved = self._change.saved
        held = _rows(np.isfinite(saved) & (saved != 0.0))
        whole = self._sums(demand, demand.people, held)
        part = self._sums(demand, demand.people * saved, held)
        np.divide(part, whole, out=mean, where=whole > 0)
        return whole, mean


def _reach_change(before: Reach, after: Reach, element_id: str) -> ReachChange:
    n = before.walk.shape[0]
    was, is_ = before.column(element_id), after.column(element_id)
    walked, walks = before.walk[:, was], after.walk[:n, is_]
    had, has = before.covered[:, was], after.covered[:n, is_]
    with np.errstate(invalid="ignore"):
        saved = walked - walks
    if before.threshold[was] != after.threshold[is_]:
        # Looked for farther, or less far, than before: what is beyond the search tells nothing.
        walked, walks = (np.where(np.isfinite(saved), one, np.nan) for one in (walked, walks))
    return ReachChange(
        element_id=element_id,
        gained=_rows(has & ~had),
        lost=_rows(had & ~has),
        nearer=_rows(walks < walked),
        farther=_rows(walks > walked),
        saved=np.where(np.isfinite(saved), saved, np.nan),
    )


def _rows(chosen: BoolArray) -> IntArray:
    return np.flatnonzero(chosen).astype(np.int32)

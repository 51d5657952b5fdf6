"""MissingGaps: which gaps the works close one after another."""

from collections.abc import Mapping

import numpy as np

from analysis.study import Study
from analysis.units import IntArray

_NONE = -1


class MissingGaps:
    """The missing gaps of a study and who of them still lacks the element.

    A home belongs to one missing gap of an element at most.
    """

    def __init__(self, study: Study) -> None:
        people = study.inputs.demand.people
        self._gap_id = [one.gap_id for one in study.gaps]
        self._left = np.zeros(len(study.gaps), dtype=np.int64)
        self._of: dict[str, IntArray] = {}
        for number, gap in enumerate(study.gaps):
            if gap.kind != "missing":
                continue
            none = np.full(len(people), _NONE, dtype=np.int32)
            lived = gap.points[people[gap.points] > 0]
            self._of.setdefault(gap.element_id, none)[lived] = number
            self._left[number] = len(lived)

    def answered(self, fresh: Mapping[str, IntArray]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Take off who is newly covered, by element; return ids of gaps closed, and narrowed."""
        closed: list[str] = []
        narrowed: list[str] = []
        for element_id, points in fresh.items():
            if element_id not in self._of:
                continue
            gap = self._of[element_id][points]
            numbers, counts = np.unique(gap[gap != _NONE], return_counts=True)
            for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
                self._left[number] -= count
                ids = closed if self._left[number] == 0 else narrowed
                ids.append(self._gap_id[number])
        return tuple(closed), tuple(narrowed)

"""Gaps: who lacks what, how many and how far, of four kinds, one for each dimension.

*missing*: connected groups without a facility within the walk. *insufficient*: all residents of a
circle whose facilities offer too little; where there are none, they are missing. *inconvenient*:
connected groups that have one within the walk, by a long way round. *poor*: connected groups whose
facilities are all known to fail. Stock to be renewed has no gaps: it has works.
:mod:`analysis.gaps.kinds` says whom each kind concerns.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely

from analysis.gaps.groups import connected_groups, median
from analysis.gaps.kinds import (
    DIMENSION_OF,
    GAP_KINDS,
    GapKind,
    inconvenient,
    missing,
    poor,
    poor_attributes,
)
from analysis.isochrones.drawing import outline_of_points
from analysis.judgement.assessment import Assessment, ElementVerdict
from analysis.judgement.coverage import Measured, deciding
from analysis.messages import Joined, Message, message
from analysis.standard.profile import Element
from analysis.standard.verdicts import Verdict
from analysis.units import IntArray

__all__ = ["GAP_KINDS", "OUTLINE_M", "Gap", "GapKind", "find_gaps"]

OUTLINE_M: Final = 60.0  # the drawing of a group: this far around its homes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gap:
    """One gap: residents of one circle and what is wrong with an element for them.

    Attributes
    ----------
    rank
        1 first: missing, insufficient, inconvenient, poor; within a kind by people, then worst
        walk, then id. Gaps whose verdict the edge of the data leaves open come after all others.
    gap_id
        Stable id: circle, element, the kind where it is not *missing*, and the group's first
        building.
    kind
        What is wrong; see the module.
    circle_verdict
        The element's verdict in the circle.
    tolerated
        True for a missing group of a circle whose coverage reaches its target all the same: it is
        told, but the circle is not called short of the element.
    reason
        The figures behind it, in words.
    people, buildings
        Residents and residential buildings concerned.
    walk_median_m, walk_worst_m
        Metres to the nearest facility, weighted by people; inf where none within the search limit.
    walk_median_s, walk_worst_s
        The same in seconds, of the fastest walks.
    detour
        Median of walk over straight distance, of an inconvenient gap; else None.
    lacking, unit
        What scale lacks to its norm, in the unit of the element's scale, of an insufficient gap;
        else None and empty.
    threshold_m, threshold_s
        The walk that was allowed; the one that the criterion does not name is for reading.
    edge_of_data
        True where the data ends within the threshold of somebody concerned.
    shape
        Outline in metres, clipped to the circle; the circle where all of it is concerned.
    points
        Rows in the demand, ascending.
    """

    rank: int
    gap_id: str
    kind: GapKind
    circle_id: str
    element_id: str
    circle_verdict: Verdict
    tolerated: bool
    reason: Message
    people: float
    buildings: int
    walk_median_m: float
    walk_worst_m: float
    walk_median_s: float
    walk_worst_s: float
    detour: float | None
    lacking: float | None
    unit: str
    threshold_m: float
    threshold_s: float
    edge_of_data: bool
    shape: shapely.Geometry
    points: IntArray


def find_gaps(
    *, assessment: Assessment, measured: Measured, min_people: float = 1.0
) -> tuple[Gap, ...]:
    """Return all gaps of at least `min_people` by rank.

    Inconvenient groups hold at least the people that the profile asks for, too. Elements that could
    not be judged in a circle have no gaps there, except where only the edge of the data left the
    verdict open: those are listed and marked.
    """
    verdicts = {(row.circle_id, row.element_id): row for row in assessment.rows}
    gaps = [
        gap
        for element in measured.standard.walked
        for gap in _Finder(measured, element).gaps(verdicts)
        if gap.people >= min_people
    ]
    return ranked(gaps, by_metres=measured.reach.criterion == "metres")


def ranked(gaps: Iterable[Gap], *, by_metres: bool) -> tuple[Gap, ...]:
    """Return `gaps` in the order of their ranks, see :class:`Gap`, and with these."""
    ordered = sorted(
        gaps,
        key=lambda gap: (
            gap.circle_verdict == "not_assessed",
            GAP_KINDS.index(gap.kind),
            -gap.people,
            -(gap.walk_worst_m if by_metres else gap.walk_worst_s),
            gap.gap_id,
        ),
    )
    return tuple(replace(gap, rank=rank) for rank, gap in enumerate(ordered, start=1))


class _Finder:
    """The gaps of one element in all circles."""

    def __init__(self, measured: Measured, element: Element) -> None:
        self.measured, self.element = measured, element
        self.column = measured.reach.column(element.id)
        self.detours = inconvenient(measured, element)
        self.concerned = {
            "missing": missing(measured, element),
            "inconvenient": self.detours.chosen,
            "poor": poor(measured, element),
        }

    def gaps(self, verdicts: dict[tuple[str, str], ElementVerdict]) -> Iterator[Gap]:
        """Yield the gaps of all kinds, circle by circle."""
        for number, circle_id in enumerate(self.measured.circles.circle_id):
            row = verdicts[circle_id, self.element.id]
            if row.verdict == "not_assessed" and row.coverage.reason.key != "verdict.edge_of_data":
                continue
            for kind in GAP_KINDS:
                yield from self._of_kind(kind, number, row)

    def _of_kind(self, kind: GapKind, number: int, row: ElementVerdict) -> Iterator[Gap]:
        demand, circles = self.measured.demand, self.measured.circles
        here = (demand.circle == number) & (demand.people > 0)
        if kind == "insufficient":
            if _is_insufficient(row) and here.any():
                points = np.flatnonzero(here).astype(np.int32)
                yield self._gap(kind, points, row, circles.polygons[number])
            return
        least = self.measured.standard.gap_rules.min_people.value if kind == "inconvenient" else 0.0
        for points in connected_groups(demand.xy_m, here & self.concerned[kind]):
            if float(demand.people[points].sum()) >= least:
                outline = outline_of_points(demand.xy_m[points], OUTLINE_M)
                shape = shapely.intersection(outline, circles.polygons[number])
                yield self._gap(kind, points, row, shape)

    def _gap(
        self, kind: GapKind, points: IntArray, row: ElementVerdict, shape: shapely.Geometry
    ) -> Gap:
        reach, demand = self.measured.reach, self.measured.demand
        walk_m, walk_s = reach.walk_m[points, self.column], reach.walk_s[points, self.column]
        people, scale = demand.people[points], self.element.scale
        short = kind == "insufficient"
        return Gap(
            rank=0,
            gap_id=_gap_id(kind, row, demand.point_id[int(points[0])]),
            kind=kind,
            circle_id=row.circle_id,
            element_id=row.element_id,
            circle_verdict=row.verdict,
            tolerated=kind == "missing" and row.dimension(DIMENSION_OF[kind]).verdict == "met",
            reason=self._reason(kind, points, row),
            people=float(people.sum()),
            buildings=int(demand.is_building[points].sum()),
            walk_median_m=median(walk_m, people),
            walk_worst_m=float(walk_m.max()),
            walk_median_s=median(walk_s, people),
            walk_worst_s=float(walk_s.max()),
            detour=self._detour(points) if kind == "inconvenient" else None,
            lacking=row.dimension("scale").lacking if short else None,
            unit=scale.unit if short and scale is not None else "",
            threshold_m=float(reach.threshold_m[self.column]),
            threshold_s=float(reach.threshold_s[self.column]),
            edge_of_data=bool(reach.at_edge(self.column)[points].any()),
            shape=shape,
            points=points,
        )

    def _detour(self, points: IntArray) -> float:
        """Return the median of walk over straight distance of an inconvenient group."""
        walk_m = self.measured.reach.walk_m[points, self.column]
        return median(walk_m / self.detours.straight_m[points], self.measured.demand.people[points])

    def _reason(self, kind: GapKind, points: IntArray, row: ElementVerdict) -> Message:
        if kind == "missing":
            basis, weight = deciding(self.element, self.measured.demand)
            if basis == "population":
                return message("gap.missing")
            amount = float(weight[points].sum())
            return message("gap.missing.of", lacking=message(f"lacking.{basis}", amount=amount))
        if kind == "insufficient":
            return row.dimension("scale").reason
        if kind == "inconvenient":
            rules, people = self.measured.standard.gap_rules, self.measured.demand.people[points]
            walk_m = self.measured.reach.walk_m[points, self.column]
            return message(
                "gap.inconvenient",
                detour=self._detour(points),
                longer=median(walk_m - self.detours.straight_m[points], people),
                least=rules.detour.value,
                least_m=rules.longer_by_m.value,
            )
        attributes = self.measured.standard.attributes
        names = poor_attributes(self.measured, self.element)
        return message("gap.poor", names=Joined(tuple(attributes[one].name for one in names)))


def _is_insufficient(row: ElementVerdict) -> bool:
    """Return whether there is something, and too little of it."""
    scale = row.dimension("scale")
    return scale.verdict == "short" and any(figure.value > 0 for figure in scale.figures)


def _gap_id(kind: GapKind, row: ElementVerdict, first: str) -> str:
    stem = f"{row.circle_id}/{row.element_id}"
    if kind == "missing":
        return f"{stem}/{first}"
    return f"{stem}/{kind}" if kind == "insufficient" else f"{stem}/{kind}/{first}"

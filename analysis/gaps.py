"""Gaps: connected groups of residents beyond the threshold: who lacks what, how many, how far."""

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from analysis.assessment import Assessment
from analysis.circles import Circles
from analysis.demand import Demand
from analysis.drawing import outline_of_points
from analysis.reach import Reach
from analysis.units import BoolArray, FloatArray, IntArray
from analysis.verdicts import Verdict

GapKind = Literal["missing"]
NEIGHBOUR_M: Final = 120.0  # uncovered homes closer than this form one group
OUTLINE_M: Final = 60.0  # the drawing of a group: this far around its homes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gap:
    """One connected group of residents without an element.

    Attributes
    ----------
    rank
        1 for the largest; by people, then worst walk, then id. Groups whose verdict the edge of the
        data leaves open come after all that are judged.
    gap_id
        Stable id: circle, element and the group's first building.
    kind
        ``missing``: no facility within the threshold.
    circle_verdict
        The element's verdict in the circle: a group may remain where the circle meets its target.
    people, buildings
        Residents and residential buildings in the group.
    walk_median_m, walk_worst_m
        Metres to the nearest facility, weighted by people; inf where none within the search limit.
    walk_median_s, walk_worst_s
        The same in seconds, of the fastest walks.
    threshold_m, threshold_s
        The walk that was allowed; the one that the criterion does not name is for reading.
    edge_of_data
        True where the data ends within the threshold of somebody in the group.
    shape
        Outline in metres, clipped to the circle.
    points
        Rows in the demand, ascending.
    """

    rank: int
    gap_id: str
    kind: GapKind
    circle_id: str
    element_id: str
    circle_verdict: Verdict
    people: float
    buildings: int
    walk_median_m: float
    walk_worst_m: float
    walk_median_s: float
    walk_worst_s: float
    threshold_m: float
    threshold_s: float
    edge_of_data: bool
    shape: shapely.Geometry
    points: IntArray


def find_gaps(
    *,
    assessment: Assessment,
    reach: Reach,
    demand: Demand,
    circles: Circles,
    min_people: float = 1.0,
) -> tuple[Gap, ...]:
    """Return all gaps of at least `min_people`, judged ones first, the largest first.

    Elements that could not be judged in a circle have no gaps there, except where only the edge of
    the data left the verdict open: those groups are listed and marked.
    """
    verdicts = {(row.circle_id, row.element_id): row for row in assessment.rows}
    gaps: list[Gap] = []
    for column, element_id in enumerate(reach.element_ids):
        for number, circle_id in enumerate(circles.circle_id):
            row = verdicts[circle_id, element_id]
            if row.verdict == "not_assessed" and row.coverage.reason.key != "verdict.edge_of_data":
                continue
            lacking = _lacking(reach, demand, column, number)
            for points in _groups(demand.xy_m, lacking):
                gap = _gap(
                    points, column, element_id, circle_id, row.verdict, reach, demand,
                    circles.polygons[number],
                )  # fmt: skip
                if gap.people >= min_people:
                    gaps.append(gap)
    gaps.sort(
        key=lambda gap: (
            gap.circle_verdict == "not_assessed",
            -gap.people,
            -(gap.walk_worst_m if reach.criterion == "metres" else gap.walk_worst_s),
            gap.gap_id,
        )
    )  # fmt: skip
    return tuple(replace(gap, rank=rank) for rank, gap in enumerate(gaps, start=1))


def _lacking(reach: Reach, demand: Demand, column: int, circle: int) -> BoolArray:
    here = (demand.circle == circle) & (demand.people > 0)
    lacking: BoolArray = here & ~reach.covered[:, column]
    return lacking


def _groups(xy_m: FloatArray, chosen: BoolArray) -> list[IntArray]:
    rows = np.flatnonzero(chosen).astype(np.int32)
    if len(rows) == 0:
        return []
    pairs = cKDTree(xy_m[rows]).query_pairs(NEIGHBOUR_M, output_type="ndarray")
    links = coo_array(
        (np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(len(rows), len(rows))
    )
    _, label = connected_components(links, directed=False)
    order = np.argsort(label, kind="stable")
    return np.split(rows[order], np.flatnonzero(np.diff(label[order])) + 1)


def _gap(
    points: IntArray,
    column: int,
    element_id: str,
    circle_id: str,
    verdict: Verdict,
    reach: Reach,
    demand: Demand,
    circle: shapely.Geometry,
) -> Gap:
    walk_m, walk_s = reach.walk_m[points, column], reach.walk_s[points, column]
    people = demand.people[points]
    outline = outline_of_points(demand.xy_m[points], OUTLINE_M)
    return Gap(
        rank=0,
        gap_id=f"{circle_id}/{element_id}/{demand.point_id[int(points[0])]}",
        kind="missing",
        circle_id=circle_id,
        element_id=element_id,
        circle_verdict=verdict,
        people=float(people.sum()),
        buildings=int(demand.is_building[points].sum()),
        walk_median_m=_median(walk_m, people),
        walk_worst_m=float(walk_m.max()),
        walk_median_s=_median(walk_s, people),
        walk_worst_s=float(walk_s.max()),
        threshold_m=float(reach.threshold_m[column]),
        threshold_s=float(reach.threshold_s[column]),
        edge_of_data=bool(reach.at_edge(column)[points].any()),
        shape=shapely.intersection(outline, circle),
        points=points,
    )


def _median(walk: FloatArray, people: FloatArray) -> float:
    order = np.argsort(walk, kind="stable")
    upto = np.cumsum(people[order])
    return float(walk[order][int(np.searchsorted(upto, upto[-1] / 2.0, side="left"))])

"""LinkCandidates: pairs of street points that are near by air and far on foot."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from scipy.spatial import cKDTree

from analysis.plan.crossed import LINK_KINDS, NO_LINK, Crossed, LinkGround, LinkKind
from analysis.plan.link_aims import Aim
from analysis.plan.link_parameters import LinkParameters
from analysis.plan.street_points import StreetPoints, street_points
from analysis.study import Study
from analysis.units import BoolArray, FloatArray, IntArray, freeze
from analysis.walks.pairs import walks_between
from analysis.walks.scratch import SearchScratch
from analysis.walks.travel_time import TargetGroup, walk_to_nearest

_BEGINS_AT_ONCE: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinkCandidates:
    """Links that somebody at their begin would use; sorted by begin, kind and what is left after.

    `begin`, `end` int32 [l]: rows of `points`; `length_m` float64 [l], straight; `left` float64
    [l], the link and what is left to walk after it, in the measure and from the zero of the aim.
    """

    points: StreetPoints
    begin: IntArray
    end: IntArray
    length_m: FloatArray
    left: FloatArray
    crossed: Crossed

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.begin, self.end, self.length_m, self.left):
            freeze(array)

    def __len__(self) -> int:
        """Return the number of links."""
        return len(self.begin)

    def line_m(self, row: int) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return where a link begins and ends, metres."""
        ends = self.points.xy_m[[self.begin[row], self.end[row]]].tolist()
        return (ends[0][0], ends[0][1]), (ends[1][0], ends[1][1])

    def kind(self, row: int) -> LinkKind:
        """Return the kind of a link."""
        return LINK_KINDS[int(self.crossed.kind[row])]


def link_candidates(
    study: Study, aim: Aim, ground: LinkGround, parameters: LinkParameters
) -> LinkCandidates:
    """Return the links that may help some of those whom `aim` concerns.

    A link is kept where its ends are as near as its kind allows, where a walk between them takes at
    least `least_ratio` times as long, where somebody at its begin comes nearer to the element by
    `least_gain_m`, and where somebody concerned can be at its begin in time. Of all links of one
    kind from one begin the one that leaves least to walk is kept, and the shortest.
    """
    points, rest, near = _ends(study, aim, parameters)
    most = float(aim.need.max(initial=0.0))
    pace = aim.hierarchy.graph.costs.leg_pace
    # Of whom nothing is known to be near, the walk is longer than was looked for.
    known = np.where(np.isfinite(rest), rest, np.inf)
    parts = []
    for begin, end, length_m in _pairs(points, near, rest <= most, parameters.longest_m):
        left = rest[end] + length_m * pace
        gained = known[begin] - left >= parameters.least_gain_m * pace
        of_use = gained & (near[begin] + left <= most) & (length_m > 0)
        parts.append(np.column_stack([begin[of_use], end[of_use], length_m[of_use], left[of_use]]))
    rows = np.concatenate(parts) if parts else np.empty((0, 4))
    begin, end = rows[:, 0].astype(np.int32), rows[:, 1].astype(np.int32)
    length_m, left = rows[:, 2], rows[:, 3]
    far = _far_on_foot(aim, points, (begin, end), length_m * pace * parameters.least_ratio)
    begin, end, length_m, left = begin[far], end[far], length_m[far], left[far]
    crossed = ground.crossed(points.picked(begin), points.picked(end))
    kept = _best(begin, end, crossed, length_m, left)
    return LinkCandidates(
        points=points,
        begin=begin[kept],
        end=end[kept],
        length_m=length_m[kept],
        left=left[kept],
        crossed=crossed.rows(kept),
    )


def _ends(
    study: Study, aim: Aim, parameters: LinkParameters
) -> tuple[StreetPoints, FloatArray, FloatArray]:
    """Return street points, what is left to walk from each, and who is nearest to it how far.

    That walk is a bound from below of the walk of anybody concerned.
    """
    graph = aim.hierarchy.graph
    reaching = aim.reaching(study)
    reaching_m = reaching * (1.0 if aim.criterion == "metres" else aim.walks.profile.fastest_m_s)
    homes_m = study.inputs.demand.xy_m[aim.point]
    low, high = homes_m.min(axis=0), homes_m.max(axis=0)
    margin_m = reaching_m + parameters.longest_m
    area = shapely.box(*(low - margin_m).tolist(), *(high + margin_m).tolist())
    points = street_points(graph.network, aim.walks.profile, area, parameters.spacing_m)
    linked = points.linked()
    nobody = np.zeros(len(aim.point), dtype=np.int32)
    near = walk_to_nearest(
        graph, linked, aim.homes, target_rank=nobody,
        groups=[TargetGroup(chosen=nobody == 0, limit=reaching)], hierarchy=aim.hierarchy,
    ).cost[:, 0]  # fmt: skip
    # Measured towards the homes; where ways cost more in one direction this is no bound: halved.
    both_ways_alike = graph.inwards is graph.outwards
    return points, aim.rest(study, linked), near if both_ways_alike else near / 2.0


def _pairs(
    points: StreetPoints, near: FloatArray, serving: BoolArray, within_m: float
) -> Iterator[tuple[IntArray, IntArray, FloatArray]]:
    """Yield (begin, end, metres between), of begins that somebody reaches and ends that serve."""
    begins, ends = np.flatnonzero(np.isfinite(near)), np.flatnonzero(serving)
    if len(ends) == 0:
        return
    tree = cKDTree(points.xy_m[ends])
    for first in range(0, len(begins), _BEGINS_AT_ONCE):
        some = begins[first : first + _BEGINS_AT_ONCE]
        found = cKDTree(points.xy_m[some]).sparse_distance_matrix(
            tree, np.nextafter(within_m, np.inf), output_type="coo_matrix"
        )
        yield some[found.row], ends[found.col], np.asarray(found.data, dtype=np.float64)


def _far_on_foot(
    aim: Aim, points: StreetPoints, ends: tuple[IntArray, IntArray], least: FloatArray
) -> BoolArray:
    """Return which pairs are at least `least` apart on foot, bool [l]."""
    begin, end = ends
    if len(begin) == 0:
        return np.zeros(0, dtype=bool)
    linked, graph = points.linked(), aim.hierarchy.graph
    walk = walks_between(
        graph, linked, linked, np.column_stack([begin, end]), float(least.max()),
        SearchScratch(graph),
    )  # fmt: skip
    far: BoolArray = walk >= least
    return far


def _best(
    begin: IntArray, end: IntArray, crossed: Crossed, length_m: FloatArray, left: FloatArray
) -> IntArray:
    """Return the rows to keep: by begin and kind the least left, and the shortest."""
    kept = []
    for by in (left, length_m):
        order = np.lexsort((end, length_m, by, crossed.kind, begin))
        order = order[crossed.kind[order] != NO_LINK]
        key = begin[order].astype(np.int64) * len(LINK_KINDS) + crossed.kind[order]
        first = np.ones(len(order), dtype=bool)
        first[1:] = np.diff(key) != 0
        kept.append(order[first])
    rows = np.unique(np.concatenate(kept))
    order = np.lexsort((end[rows], left[rows], crossed.kind[rows], begin[rows]))
    chosen: IntArray = rows[order].astype(np.int32)
    return chosen

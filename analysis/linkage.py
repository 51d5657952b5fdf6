"""Linkage: points attached to arcs, on every candidate arc, without moving anything.

A candidate arc is one whose straight access leg crosses no barrier. Arcs within `near_m` are looked
at first; only where none is left the search widens to `snap_limit_m`; a point shut in by its own
compound leaves through the compound's gates, and one shut in by walls without any known gate
through an inferred one. Only arcs of components that hold a stated share of the network are
candidates: a six-node island never swallows a point.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import shapely

from analysis.barriers import Barriers
from analysis.candidate_arcs import (
    Pairs,
    gate_pairs,
    join,
    near_then_wide,
    picked,
    wall_pairs,
    walls_of,
)
from analysis.linkable import LinkableArcs, LinkRules
from analysis.network import WalkNetwork
from analysis.units import BoolArray, ByteArray, FloatArray, GeometryArray, IntArray, freeze


class Link(IntEnum):
    """How a point was linked, or why it was not."""

    NEAR = 0  # a free arc within near_m
    WIDENED = 1  # a free arc within snap_limit_m
    GATE = 2  # through a gate of its own compound
    INFERRED_GATE = 3  # through a wall without a known gate, where it is nearest to a street
    NO_STREET = 4  # no arc within snap_limit_m
    ISLAND = 5  # only arcs of refused components within snap_limit_m
    SHUT_IN = 6  # arcs within snap_limit_m, all across water, railway or motorway
    BARRED = 7  # linked for others, but only to arcs that are closed to this walker


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Linkage:
    """Points linked to arcs.

    `point_first` int32 [p + 1]: the candidates of point *i* are rows
    ``point_first[i]:point_first[i + 1]`` of `arc` int32, `offset_m` float64 (from the arc's tail)
    and `access_m` float64 ≥ 0. `how` uint8 [p] of :class:`Link`.
    """

    point_first: IntArray
    arc: IntArray
    offset_m: FloatArray
    access_m: FloatArray
    how: ByteArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.point_first, self.arc, self.offset_m, self.access_m, self.how):
            freeze(array)

    @property
    def linked(self) -> BoolArray:
        """Return which points have at least one candidate."""
        return np.diff(self.point_first) > 0


def link_points(
    xy_m: FloatArray,
    network: WalkNetwork,
    linkable: LinkableArcs,
    barriers: Barriers,
    rules: LinkRules,
) -> Linkage:
    """Link points (float64 [p, 2], metres) to all their candidate arcs."""
    points = shapely.points(xy_m)
    walls = walls_of(barriers.lines)
    how = np.full(len(points), Link.NO_STREET, dtype=np.uint8)
    near, wide = near_then_wide(points, network, linkable, walls, rules)
    how[near.point], how[wide.point] = Link.NEAR, Link.WIDENED
    left = np.flatnonzero(how == Link.NO_STREET)
    gated = gate_pairs(xy_m, left, network, linkable, barriers, walls, rules)
    how[gated.point] = Link.GATE
    left = np.flatnonzero(how == Link.NO_STREET)
    through = wall_pairs(points, left, network, linkable, barriers, rules)
    how[through.point] = Link.INFERRED_GATE
    _explain(points, how, linkable, rules.snap_limit_m)
    pairs = join((near, wide, gated, through))
    open_ = linkable.usable[np.searchsorted(linkable.arcs, pairs.arc)]
    shut = np.setdiff1d(pairs.point[~open_], pairs.point[open_])
    how[shut] = Link.BARRED
    return _linkage(len(points), picked(pairs, open_), how)


def _explain(
    points: GeometryArray, how: ByteArray, linkable: LinkableArcs, within_m: float
) -> None:
    left = np.flatnonzero(how == Link.NO_STREET)
    behind, _ = linkable.tree.query(points[left], predicate="dwithin", distance=within_m)
    island, _ = linkable.refused_tree.query(points[left], predicate="dwithin", distance=within_m)
    how[left[np.unique(island)]] = Link.ISLAND
    how[left[np.unique(behind)]] = Link.SHUT_IN


def _linkage(n_points: int, pairs: Pairs, how: ByteArray) -> Linkage:
    order = np.lexsort((pairs.access_m, pairs.offset_m, pairs.arc, pairs.point))
    first = np.zeros(n_points + 1, dtype=np.int32)
    first[1:] = np.cumsum(np.bincount(pairs.point, minlength=n_points))
    return Linkage(
        point_first=first,
        arc=pairs.arc[order].astype(np.int32),
        offset_m=pairs.offset_m[order],
        access_m=pairs.access_m[order],
        how=how,
    )

"""Linkage: points attached to arcs, on every candidate arc, without moving anything.

A candidate arc is one whose straight access leg crosses no barrier. Arcs within `near_m` are looked
at first; only where none is left the search widens to `snap_limit_m`; a point shut in by its own
compound leaves through the compound's gates, and one shut in by walls without any known gate
through an inferred one. Only arcs of components that hold a stated share of the network are
candidates: a six-node island never swallows a point.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from analysis.linking.candidate_arcs import (
    Pairs,
    Walls,
    gate_pairs,
    join,
    near_then_wide,
    picked,
    wall_pairs,
    walls_of,
)
from analysis.linking.linkable import LinkableArcs, LinkRules, island_and_street_m
from analysis.streets.barriers import Barriers
from analysis.streets.network import WalkNetwork
from analysis.units import BoolArray, ByteArray, FloatArray, IdArray, IntArray, freeze

_POINTS_AT_ONCE: Final = 100_000  # bounds the memory beside the answer's own


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
    *,
    walls: Walls | None = None,
) -> Linkage:
    """Link points (float64 [p, 2], metres) to all their candidate arcs.

    `walls` is :func:`~analysis.linking.candidate_arcs.walls_of` of the barriers, where it is at
    hand.
    """
    walls = walls_of(barriers) if walls is None else walls
    parts = [
        _link(xy_m[first : first + _POINTS_AT_ONCE], network, linkable, barriers, walls, rules)
        for first in range(0, max(len(xy_m), 1), _POINTS_AT_ONCE)
    ]
    return joined_links(parts)


def _link(
    xy_m: FloatArray,
    network: WalkNetwork,
    linkable: LinkableArcs,
    barriers: Barriers,
    walls: Walls,
    rules: LinkRules,
) -> Linkage:
    how = np.full(len(xy_m), Link.NO_STREET, dtype=np.uint8)
    near, wide = near_then_wide(xy_m, network, linkable, walls, rules)
    how[near.point], how[wide.point] = Link.NEAR, Link.WIDENED
    left = np.flatnonzero(how == Link.NO_STREET)
    gated = gate_pairs(xy_m, left, network, linkable, barriers, walls, rules)
    how[gated.point] = Link.GATE
    left = np.flatnonzero(how == Link.NO_STREET)
    through = wall_pairs(xy_m, left, network, linkable, walls, rules)
    how[through.point] = Link.INFERRED_GATE
    _explain(xy_m, how, linkable, rules.snap_limit_m)
    pairs = join((near, wide, gated, through))
    open_ = linkable.usable[pairs.arc]
    if not open_.all():
        some_open = np.zeros(len(xy_m), dtype=bool)
        some_open[pairs.point[open_]] = True
        shut = pairs.point[~open_]
        how[shut[~some_open[shut]]] = Link.BARRED
        pairs = picked(pairs, open_)
    return _linkage(len(xy_m), pairs, how)


def _explain(xy_m: FloatArray, how: ByteArray, linkable: LinkableArcs, within_m: float) -> None:
    left = np.flatnonzero(how == Link.NO_STREET)
    island_m, street_m = island_and_street_m(xy_m, left, linkable, within_m)
    how[left[np.isfinite(island_m)]] = Link.ISLAND
    how[left[np.isfinite(street_m)]] = Link.SHUT_IN


def _linkage(n_points: int, pairs: Pairs, how: ByteArray) -> Linkage:
    first = np.zeros(n_points + 1, dtype=np.int32)
    first[1:] = np.cumsum(np.bincount(pairs.point, minlength=n_points))
    return Linkage(
        point_first=first,
        arc=pairs.arc,
        offset_m=pairs.offset_m,
        access_m=pairs.access_m,
        how=how,
    )


def joined_links(parts: Sequence[Linkage]) -> Linkage:
    """Return the points of all parts, one part after another."""
    if len(parts) == 1:
        return parts[0]
    rows = np.cumsum([0, *(len(part.arc) for part in parts)])
    firsts = [part.point_first[:-1] + before for part, before in zip(parts, rows, strict=False)]
    return Linkage(
        point_first=np.concatenate([*firsts, rows[-1:]]).astype(np.int32),
        arc=np.concatenate([part.arc for part in parts]),
        offset_m=np.concatenate([part.offset_m for part in parts]),
        access_m=np.concatenate([part.access_m for part in parts]),
        how=np.concatenate([part.how for part in parts]),
    )


def picked_links(links: Linkage, rows: IntArray | IdArray) -> Linkage:
    """Return some points of `links`, in the order of `rows`."""
    count = np.diff(links.point_first)[rows]
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int32)
    take = np.arange(first[-1]) + np.repeat(links.point_first[:-1][rows] - first[:-1], count)
    return Linkage(
        point_first=first,
        arc=links.arc[take],
        offset_m=links.offset_m[take],
        access_m=links.access_m[take],
        how=links.how[rows],
    )


def no_links() -> Linkage:
    """Return the linkage of no point."""
    none = np.empty(0)
    return Linkage(
        point_first=np.zeros(1, dtype=np.int32), arc=np.empty(0, dtype=np.int32), offset_m=none,
        access_m=none.copy(), how=np.empty(0, dtype=np.uint8),
    )  # fmt: skip

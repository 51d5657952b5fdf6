"""Linkage: points attached to arcs, on every candidate arc, without moving anything.

A candidate arc is one whose straight access leg crosses no barrier. Arcs within `near_m` are looked
at first; only where none is left the search widens to `snap_limit_m`; a point shut in by its own
compound leaves through the compound's gates, and one shut in by walls without any known gate through
an inferred one. Only arcs of components that hold a stated share of
the network are candidates: a six-node island never swallows a point.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from analysis.barriers import Barriers
from analysis.network import WalkNetwork
from analysis.units import BoolArray, ByteArray, FloatArray, GeometryArray, IdArray, IntArray, freeze
from analysis.walking import ArcFlag, WalkProfile

_TOUCH_M: Final = 1e-6  # a shorter leg cannot cross anything


class Link(IntEnum):
    """How a point was linked, or why it was not."""

    NEAR = 0  # a free arc within near_m
    WIDENED = 1  # a free arc within snap_limit_m
    GATE = 2  # through a gate of its own compound
    INFERRED_GATE = 3  # through a wall without a known gate, where it is nearest to a street
    NO_STREET = 4  # no arc within snap_limit_m
    ISLAND = 5  # only arcs of refused components within snap_limit_m
    SHUT_IN = 6  # arcs within snap_limit_m, all across water, railway or motorway


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRules:
    """How points are linked; all values in metres but the share.

    `min_component_share`: share of the walkable length (as this walker may walk it) that a
    component must hold to be linked to.
    """

    near_m: float = 50.0
    snap_limit_m: float = 200.0
    min_component_share: float = 0.02


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinkableArcs:
    """The arcs that points may be linked to.

    Attributes
    ----------
    arcs
        int32 [l], positions in the network, ascending.
    lines, tree
        Their drawings and a search tree over them.
    refused
        int32: arcs of refused components, which a point may see but not use.
    refused_tree
        Search tree over the refused arcs.
    """

    arcs: IntArray
    lines: GeometryArray
    tree: shapely.STRtree
    refused: IntArray
    refused_tree: shapely.STRtree


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


def arc_lines(network: WalkNetwork, arcs: IntArray) -> GeometryArray:
    """Return the drawings of `arcs` as LineStrings in metres."""
    counts = np.diff(network.arc_first)[arcs]
    row = np.repeat(np.arange(len(arcs)), counts)
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    points = network.arc_xy_m[np.repeat(network.arc_first[arcs], counts) + within]
    lines: GeometryArray = shapely.linestrings(points, indices=row)
    return lines


def linkable_arcs(network: WalkNetwork, profile: WalkProfile, rules: LinkRules) -> LinkableArcs:
    """Return the arcs that `profile` may step onto.

    Components are those of the arcs this walker may walk, so that a courtyard behind stairs is an
    island to a wheelchair and a street to everybody else.
    """
    open_ = (network.arc_flags & int(profile.barred)) == 0
    share = _component_share(network, open_)
    steppable = open_ & ((network.arc_flags & int(ArcFlag.UNLINKABLE)) == 0)
    arcs = np.flatnonzero(steppable & (share >= rules.min_component_share)).astype(np.int32)
    refused = np.flatnonzero(steppable & (share < rules.min_component_share)).astype(np.int32)
    lines = arc_lines(network, arcs)
    return LinkableArcs(
        arcs=arcs,
        lines=lines,
        tree=shapely.STRtree(lines),
        refused=refused,
        refused_tree=shapely.STRtree(arc_lines(network, refused)),
    )


def link_points(
    xy_m: FloatArray,
    network: WalkNetwork,
    linkable: LinkableArcs,
    barriers: Barriers,
    rules: LinkRules,
) -> Linkage:
    """Link points (float64 [p, 2], metres) to all their candidate arcs."""
    points = shapely.points(xy_m)
    walls = shapely.STRtree(barriers.lines)
    how = np.full(len(points), Link.NO_STREET, dtype=np.uint8)
    near, wide = _near_then_wide(points, network, linkable, walls, rules)
    how[near.point], how[wide.point] = Link.NEAR, Link.WIDENED
    left = np.flatnonzero(how == Link.NO_STREET)
    gated = _gate_pairs(xy_m, left, network, linkable, barriers, walls, rules)
    how[gated.point] = Link.GATE
    left = np.flatnonzero(how == Link.NO_STREET)
    through = _through_walls(points, left, network, linkable, barriers, rules)
    how[through.point] = Link.INFERRED_GATE
    _explain(points, how, linkable, rules.snap_limit_m)
    return _linkage(len(points), (near, wide, gated, through), how)


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    point: IntArray
    arc: IntArray
    offset_m: FloatArray
    access_m: FloatArray


def _near_then_wide(
    points: GeometryArray,
    network: WalkNetwork,
    linkable: LinkableArcs,
    walls: shapely.STRtree,
    rules: LinkRules,
) -> tuple[_Pairs, _Pairs]:
    every = np.arange(len(points))
    near = _free_pairs(points, every, network, linkable, walls, rules.near_m)
    left = np.setdiff1d(every, near.point)
    return near, _free_pairs(points, left, network, linkable, walls, rules.snap_limit_m)


def _free_pairs(
    points: GeometryArray,
    rows: IdArray,
    network: WalkNetwork,
    linkable: LinkableArcs,
    walls: shapely.STRtree,
    within_m: float,
) -> _Pairs:
    at, line = linkable.tree.query(points[rows], predicate="dwithin", distance=within_m)
    point, drawing = points[rows[at]], linkable.lines[line]
    along = shapely.line_locate_point(drawing, point)
    access_m = shapely.distance(drawing, point)
    foot = shapely.line_interpolate_point(drawing, along)
    free = ~_crosses_wall(point, foot, access_m, walls)
    arc = linkable.arcs[line[free]]
    drawn_m = shapely.length(drawing[free])
    # An arc may be longer than its drawing says (a stated length): offsets follow the arc.
    scale = np.divide(network.arc_length_m[arc], drawn_m, out=np.ones(len(arc)), where=drawn_m > 0)
    # The located metres may pass the arc's end by a rounding.
    offset_m = np.clip(along[free] * scale, 0.0, network.arc_length_m[arc])
    return _Pairs(rows[at[free]].astype(np.int32), arc, offset_m, access_m[free])


def _crosses_wall(
    start: GeometryArray, end: GeometryArray, leg_m: FloatArray, walls: shapely.STRtree
) -> BoolArray:
    blocked = np.zeros(len(start), dtype=bool)
    long = np.flatnonzero(leg_m > _TOUCH_M)
    if len(long) == 0 or len(walls) == 0:
        return blocked
    ends = np.stack([shapely.get_coordinates(start[long]), shapely.get_coordinates(end[long])], 1)
    hit, _ = walls.query(shapely.linestrings(ends), predicate="crosses")
    blocked[long[np.unique(hit)]] = True
    return blocked


def _gate_pairs(
    xy_m: FloatArray,
    rows: IdArray,
    network: WalkNetwork,
    linkable: LinkableArcs,
    barriers: Barriers,
    walls: shapely.STRtree,
    rules: LinkRules,
) -> _Pairs:
    none = _Pairs(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0), np.empty(0))
    if len(rows) == 0 or len(barriers.gate_compound) == 0:
        return none
    gates = shapely.points(barriers.gate_xy_m)
    beyond = _join(_near_then_wide(gates, network, linkable, walls, rules))
    points = shapely.points(xy_m[rows])
    at, compound = shapely.STRtree(barriers.compounds).query(points, predicate="within")
    in_gate = _match(compound, barriers.gate_compound)
    at, gate = at[in_gate[0]], in_gate[1]
    # Straight to the gate: walls between the gardens of one compound do not shut anybody in.
    leg_m = shapely.distance(points[at], gates[gate])
    left, right = _match(gate, beyond.point)
    return _Pairs(
        rows[at[left]].astype(np.int32),
        beyond.arc[right],
        beyond.offset_m[right],
        leg_m[left] + beyond.access_m[right],
    )


def _through_walls(
    points: GeometryArray,
    rows: IdArray,
    network: WalkNetwork,
    linkable: LinkableArcs,
    barriers: Barriers,
    rules: LinkRules,
) -> _Pairs:
    """Let people out of walls in which no gate is mapped, over the shortest leg to a street."""
    firm = shapely.STRtree(barriers.lines[~barriers.may_hide_gate])
    pairs = _free_pairs(points, rows, network, linkable, firm, rules.snap_limit_m)
    order = np.lexsort((pairs.arc, pairs.access_m, pairs.point))
    _, first = np.unique(pairs.point[order], return_index=True)
    nearest = order[first]
    return _Pairs(
        pairs.point[nearest], pairs.arc[nearest], pairs.offset_m[nearest], pairs.access_m[nearest]
    )


def _match(left: IntArray, right: IntArray) -> tuple[IntArray, IntArray]:
    """Return all pairs of positions (i, j) with ``left[i] == right[j]``."""
    order = np.argsort(right, kind="stable")
    low = np.searchsorted(right[order], left, side="left")
    high = np.searchsorted(right[order], left, side="right")
    counts = high - low
    i = np.repeat(np.arange(len(left)), counts)
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return i.astype(np.int32), order[np.repeat(low, counts) + within].astype(np.int32)


def _explain(
    points: GeometryArray, how: ByteArray, linkable: LinkableArcs, within_m: float
) -> None:
    left = np.flatnonzero(how == Link.NO_STREET)
    behind, _ = linkable.tree.query(points[left], predicate="dwithin", distance=within_m)
    island, _ = linkable.refused_tree.query(points[left], predicate="dwithin", distance=within_m)
    how[left[np.unique(island)]] = Link.ISLAND
    how[left[np.unique(behind)]] = Link.SHUT_IN


def island_nearest(points_m: FloatArray, linkable: LinkableArcs, near_m: float) -> IntArray:
    """Return the points whose nearest arc within `near_m` lies on a refused component.

    They are linked elsewhere where possible; the study lists them, since the map may simply lack
    the joint that would tie the island to the network.
    """
    points = shapely.points(points_m)
    at, line = linkable.refused_tree.query_nearest(
        points, max_distance=near_m, all_matches=False
    )
    if len(at) == 0:
        return np.empty(0, dtype=np.int32)
    island_m = shapely.distance(linkable.refused_tree.geometries[line], points[at])
    seen, other = linkable.tree.query_nearest(points[at], max_distance=near_m, all_matches=False)
    street_m = np.full(len(at), np.inf)
    street_m[seen] = shapely.distance(linkable.lines[other], points[at[seen]])
    return np.sort(at[island_m < street_m]).astype(np.int32)


def _component_share(network: WalkNetwork, open_: BoolArray) -> FloatArray:
    """Return for each arc the share of the open length that its component holds."""
    n = network.n_nodes
    tail, head = network.arc_tail[open_], network.arc_head[open_]
    links = csr_array((np.ones(len(tail), np.int8), (tail, head)), shape=(n, n))
    _, label = connected_components(links, directed=False)
    total_m = np.bincount(label[tail], weights=network.arc_length_m[open_], minlength=1)
    share = np.zeros(network.n_arcs)
    if total_m.sum() > 0:
        share[open_] = total_m[label[tail]] / total_m.sum()
    return share


def _join(parts: tuple[_Pairs, ...]) -> _Pairs:
    return _Pairs(
        np.concatenate([part.point for part in parts]),
        np.concatenate([part.arc for part in parts]),
        np.concatenate([part.offset_m for part in parts]),
        np.concatenate([part.access_m for part in parts]),
    )


def _linkage(n_points: int, parts: tuple[_Pairs, ...], how: ByteArray) -> Linkage:
    pairs = _join(parts)
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

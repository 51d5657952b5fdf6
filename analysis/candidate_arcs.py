"""Candidate arcs: pairs of a point and an arc that its straight access leg reaches unhindered."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.barriers import Barriers
from analysis.linkable import LinkableArcs, LinkRules
from analysis.network import WalkNetwork
from analysis.units import BoolArray, FloatArray, GeometryArray, IdArray, IntArray

_LEGS_AT_ONCE: Final = 20_000  # bounds the memory of the pairs of legs and walls
_TOUCH_M: Final = 1e-6  # a shorter leg cannot cross anything


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Candidates by row: point, arc, offset from the arc's tail and access leg, metres."""

    point: IntArray
    arc: IntArray
    offset_m: FloatArray
    access_m: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Walls:
    """Barrier lines as straight segments from `start` to `end`, float64 [s, 2], with their tree.

    A coastline of thousands of points would be walked through for every leg near any part of it;
    a segment is settled by four signs.
    """

    tree: shapely.STRtree
    start: FloatArray
    end: FloatArray


def walls_of(lines: GeometryArray) -> Walls:
    """Cut barrier lines into segments."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    joined = np.flatnonzero(line[:-1] == line[1:])
    start, end = points[joined], points[joined + 1]
    return Walls(shapely.STRtree(shapely.linestrings(np.stack([start, end], 1))), start, end)


def near_then_wide(
    points: GeometryArray,
    network: WalkNetwork,
    linkable: LinkableArcs,
    walls: Walls,
    rules: LinkRules,
) -> tuple[Pairs, Pairs]:
    """Return the free arcs within `near_m`, and for points without one those within the limit."""
    every = np.arange(len(points))
    near = _free_pairs(points, every, network, linkable, walls, rules.near_m)
    left = np.setdiff1d(every, near.point)
    return near, _free_pairs(points, left, network, linkable, walls, rules.snap_limit_m)


def gate_pairs(
    xy_m: FloatArray,
    rows: IdArray,
    network: WalkNetwork,
    linkable: LinkableArcs,
    barriers: Barriers,
    walls: Walls,
    rules: LinkRules,
) -> Pairs:
    """Return what points shut in by their own compound reach through its gates."""
    none = Pairs(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0), np.empty(0))
    if len(rows) == 0 or len(barriers.gate_compound) == 0:
        return none
    gates = shapely.points(barriers.gate_xy_m)
    beyond = join(near_then_wide(gates, network, linkable, walls, rules))
    points = shapely.points(xy_m[rows])
    at, compound = shapely.STRtree(barriers.compounds).query(points, predicate="within")
    in_gate = _match(compound, barriers.gate_compound)
    at, gate = at[in_gate[0]], in_gate[1]
    # Straight to the gate: walls between the gardens of one compound do not shut anybody in.
    leg_m = shapely.distance(points[at], gates[gate])
    left, right = _match(gate, beyond.point)
    return Pairs(
        rows[at[left]].astype(np.int32),
        beyond.arc[right],
        beyond.offset_m[right],
        leg_m[left] + beyond.access_m[right],
    )


def wall_pairs(
    points: GeometryArray,
    rows: IdArray,
    network: WalkNetwork,
    linkable: LinkableArcs,
    barriers: Barriers,
    rules: LinkRules,
) -> Pairs:
    """Let people out of walls in which no gate is mapped, over the shortest leg to a street."""
    firm = walls_of(barriers.lines[~barriers.may_hide_gate])
    pairs = _free_pairs(points, rows, network, linkable, firm, rules.snap_limit_m)
    order = np.lexsort((pairs.arc, pairs.access_m, pairs.point))
    _, first = np.unique(pairs.point[order], return_index=True)
    nearest = np.zeros(len(order), dtype=bool)
    nearest[order[first]] = True
    return picked(pairs, nearest)


def _free_pairs(
    points: GeometryArray,
    rows: IdArray,
    network: WalkNetwork,
    linkable: LinkableArcs,
    walls: Walls,
    within_m: float,
) -> Pairs:
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
    return Pairs(rows[at[free]].astype(np.int32), arc, offset_m, access_m[free])


def _crosses_wall(
    start: GeometryArray, end: GeometryArray, leg_m: FloatArray, walls: Walls
) -> BoolArray:
    """Return which legs cross a wall; one that only ends on a wall does not."""
    blocked = np.zeros(len(start), dtype=bool)
    long = np.flatnonzero(leg_m > _TOUCH_M)
    if len(long) == 0 or len(walls.start) == 0:
        return blocked
    for first in range(0, len(long), _LEGS_AT_ONCE):
        legs = long[first : first + _LEGS_AT_ONCE]
        p, q = shapely.get_coordinates(start[legs]), shapely.get_coordinates(end[legs])
        blocked[legs[_crossing_rows(p, q, walls)]] = True
    return blocked


def _crossing_rows(p: FloatArray, q: FloatArray, walls: Walls) -> IdArray:
    leg, wall = walls.tree.query(shapely.linestrings(np.stack([p, q], 1)))
    p, q, a, b = p[leg], q[leg], walls.start[wall], walls.end[wall]
    apart = _side(a, b, p) * _side(a, b, q) < 0
    # Half-open, so that a leg through the very corner of two segments crosses one of them.
    through = (_side(p, q, a) >= 0) != (_side(p, q, b) >= 0)
    return np.unique(leg[apart & through])


def _side(a: FloatArray, b: FloatArray, c: FloatArray) -> FloatArray:
    """Return on which side of the line from a to b each c lies: > 0 left, < 0 right, 0 on it."""
    ab, ac = b - a, c - a
    return np.asarray(ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0], dtype=np.float64)


def _match(left: IntArray, right: IntArray) -> tuple[IntArray, IntArray]:
    """Return all pairs of positions (i, j) with ``left[i] == right[j]``."""
    order = np.argsort(right, kind="stable")
    low = np.searchsorted(right[order], left, side="left")
    high = np.searchsorted(right[order], left, side="right")
    counts = high - low
    i = np.repeat(np.arange(len(left)), counts)
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return i.astype(np.int32), order[np.repeat(low, counts) + within].astype(np.int32)


def join(parts: tuple[Pairs, ...]) -> Pairs:
    """Return all rows of several tables in one."""
    return Pairs(
        np.concatenate([part.point for part in parts]),
        np.concatenate([part.arc for part in parts]),
        np.concatenate([part.offset_m for part in parts]),
        np.concatenate([part.access_m for part in parts]),
    )


def picked(pairs: Pairs, rows: BoolArray) -> Pairs:
    """Return the rows that are True in `rows`."""
    return Pairs(pairs.point[rows], pairs.arc[rows], pairs.offset_m[rows], pairs.access_m[rows])

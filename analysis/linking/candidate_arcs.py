"""Candidate arcs: pairs of a point and an arc that its straight access leg reaches unhindered."""

from dataclasses import dataclass

import numpy as np

from analysis.kernels.legs import free_legs
from analysis.kernels.segments import SegmentGrid, read_only, segment_grid
from analysis.linking.linkable import LinkableArcs, LinkRules
from analysis.streets.barriers import Barriers
from analysis.streets.network import WalkNetwork
from analysis.units import BoolArray, FloatArray, IdArray, IntArray, freeze, quantised


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Candidates by row: point, arc, offset from the arc's tail and access leg.

    int32 and, in metres and whole units (:func:`~analysis.units.quantised`), float64; ordered by
    point, arc, offset and leg.
    """

    point: IntArray
    arc: IntArray
    offset_m: FloatArray
    access_m: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Walls:
    """Barrier lines by the cells they pass; made once, it serves every linking.

    `solid` bool [b]: all lines; `firm` bool [b]: those in which no gate can be hidden.
    """

    grid: SegmentGrid
    solid: BoolArray
    firm: BoolArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self.solid)
        freeze(self.firm)


def walls_of(barriers: Barriers) -> Walls:
    """Lay out the lines of `barriers`."""
    xy_m, first = np.empty((0, 2)), np.zeros(1, dtype=np.int32)
    n = len(barriers.lines)
    if n:
        import shapely  # noqa: PLC0415 - slow to import, and not every place has walls

        xy_m, line = shapely.get_coordinates(barriers.lines, return_index=True)
        first = np.searchsorted(line, np.arange(n + 1)).astype(np.int32)
    grid = segment_grid(xy_m, first, np.arange(n, dtype=np.int32))
    return Walls(grid, np.ones(n, dtype=bool), ~barriers.may_hide_gate)


def near_then_wide(
    xy_m: FloatArray, network: WalkNetwork, linkable: LinkableArcs, walls: Walls, rules: LinkRules
) -> tuple[Pairs, Pairs]:
    """Return the free arcs within `near_m`, and for points without one those within the limit."""
    every = np.arange(len(xy_m))
    near = free_pairs(xy_m, every, network, linkable, walls.grid, walls.solid, rules.near_m)
    alone = np.ones(len(xy_m), dtype=bool)
    alone[near.point] = False
    left = np.flatnonzero(alone)
    wide = free_pairs(xy_m, left, network, linkable, walls.grid, walls.solid, rules.snap_limit_m)
    return near, wide


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
    if len(rows) == 0 or len(barriers.gate_compound) == 0:
        return join(())
    import shapely  # noqa: PLC0415 - slow to import, and few places need it

    gate_xy_m = barriers.gate_xy_m
    beyond = join(near_then_wide(gate_xy_m, network, linkable, walls, rules))
    points = shapely.points(xy_m[rows])
    at, compound = shapely.STRtree(barriers.compounds).query(points, predicate="within")
    in_gate = _match(compound, barriers.gate_compound)
    at, gate = at[in_gate[0]], in_gate[1]
    # Straight to the gate: walls between the gardens of one compound do not shut anybody in.
    leg_m = quantised(np.hypot(*(xy_m[rows[at]] - gate_xy_m[gate]).T))
    left, right = _match(gate, beyond.point)
    pairs = Pairs(
        rows[at[left]].astype(np.int32),
        beyond.arc[right],
        beyond.offset_m[right],
        leg_m[left] + beyond.access_m[right],
    )
    return picked(pairs, np.lexsort((pairs.access_m, pairs.offset_m, pairs.arc, pairs.point)))


def wall_pairs(
    xy_m: FloatArray,
    rows: IdArray,
    network: WalkNetwork,
    linkable: LinkableArcs,
    walls: Walls,
    rules: LinkRules,
) -> Pairs:
    """Let people out of walls in which no gate is mapped, over the shortest leg to a street."""
    pairs = free_pairs(xy_m, rows, network, linkable, walls.grid, walls.firm, rules.snap_limit_m)
    order = np.lexsort((pairs.arc, pairs.access_m, pairs.point))
    first = np.diff(pairs.point[order], prepend=-1) > 0
    return picked(pairs, order[first])


def free_pairs(
    xy_m: FloatArray,
    rows: IdArray,
    network: WalkNetwork,
    linkable: LinkableArcs,
    walls: SegmentGrid,
    solid: BoolArray,
    within_m: float,
) -> Pairs:
    """Return all arcs within `within_m` of `rows` of points whose leg crosses no solid wall."""
    # Neighbours in turn, so that what lies around them is still in the processor's cache.
    by = np.lexsort(np.floor(xy_m[rows] / linkable.streets.cell_m).T)
    point, arc, offset_m, access_m = free_legs(
        read_only(xy_m), rows[by], float(within_m),
        linkable.streets, linkable.on_foot, read_only(network.arc_length_m), walls, solid,
    )  # fmt: skip
    # Rounding must not carry a foot beyond its arc's end.
    offset_m = np.minimum(quantised(offset_m), network.arc_length_m[arc])
    found = Pairs(point, arc, offset_m, quantised(access_m))
    return picked(found, _regrouped(point, rows[by], rows, len(xy_m)))


def _regrouped(point: IntArray, come: IdArray, asked: IdArray, n_points: int) -> IdArray:
    """Return the rows of `point`, which are grouped in the order of `come`, in that of `asked`."""
    count = np.bincount(point, minlength=n_points)
    start = np.zeros(n_points, dtype=np.int64)
    start[come] = np.cumsum(count[come]) - count[come]
    taken = count[asked]
    jump = np.repeat(start[asked] - (np.cumsum(taken) - taken), taken)
    rows: IdArray = jump + np.arange(len(point))
    return rows


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
    """Return all rows of several tables in one, by point; no point may be in two of them."""
    if len(parts) == 0:
        return Pairs(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0), np.empty(0))
    point = np.concatenate([part.point for part in parts])
    by = np.argsort(point, kind="stable")
    return Pairs(
        point[by],
        np.concatenate([part.arc for part in parts])[by],
        np.concatenate([part.offset_m for part in parts])[by],
        np.concatenate([part.access_m for part in parts])[by],
    )


def picked(pairs: Pairs, rows: BoolArray | IdArray) -> Pairs:
    """Return some rows, in their order."""
    return Pairs(pairs.point[rows], pairs.arc[rows], pairs.offset_m[rows], pairs.access_m[rows])

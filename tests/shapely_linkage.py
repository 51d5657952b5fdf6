"""Linkage by shapely's trees and predicates: what the kernels must equal, and are timed against.

The semantics of docs/architecture.md ("Reach") and ADR 0004 once more, with nothing of ours but
the containers: STRtree pairs within a distance, GEOS feet and offsets, scipy's components.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from analysis.linking.linkable import LinkRules
from analysis.linking.linkage import Link
from analysis.streets.barriers import Barriers
from analysis.streets.network import WalkNetwork
from analysis.walking import ArcFlag, WalkProfile

LEGS_AT_ONCE = 20_000
TOUCH_M = 1e-6


@dataclass(frozen=True)
class Rows:
    """Candidates by row."""

    point: np.ndarray
    arc: np.ndarray
    offset_m: np.ndarray
    access_m: np.ndarray

    def picked(self, rows: np.ndarray) -> "Rows":
        return Rows(self.point[rows], self.arc[rows], self.offset_m[rows], self.access_m[rows])

    def ordered(self) -> "Rows":
        return self.picked(np.lexsort((self.access_m, self.offset_m, self.arc, self.point)))


def joined(*parts: Rows) -> Rows:
    names = ("point", "arc", "offset_m", "access_m")
    return Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True)
class Wall:
    tree: shapely.STRtree
    start: np.ndarray
    end: np.ndarray


def wall_of(lines: np.ndarray) -> Wall:
    points, line = shapely.get_coordinates(lines, return_index=True)
    rows = np.flatnonzero(line[:-1] == line[1:])
    start, end = points[rows], points[rows + 1]
    return Wall(shapely.STRtree(shapely.linestrings(np.stack([start, end], 1))), start, end)


def component_share(network: WalkNetwork, open_: np.ndarray) -> np.ndarray:
    n = network.n_nodes
    tail, head = network.arc_tail[open_], network.arc_head[open_]
    links = csr_array((np.ones(len(tail), np.int8), (tail, head)), shape=(n, n))
    _, label = connected_components(links, directed=False)
    total_m = np.bincount(label[tail], weights=network.arc_length_m[open_], minlength=1)
    share = np.zeros(network.n_arcs)
    share[open_] = total_m[label[tail]] / max(total_m.sum(), 1e-300)
    return share


def side(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    ab, ac = b - a, c - a
    return ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]


class ShapelyLinker:
    """A network and barriers, ready to link points."""

    def __init__(
        self, network: WalkNetwork, profile: WalkProfile, barriers: Barriers, rules: LinkRules
    ) -> None:
        self.network, self.barriers, self.rules = network, barriers, rules
        open_ = (network.arc_flags & int(profile.barred)) == 0
        steppable = (network.arc_flags & int(ArcFlag.UNLINKABLE)) == 0
        least = rules.min_component_share
        on_foot = component_share(network, np.ones(network.n_arcs, bool)) >= least
        self.usable = open_ & (component_share(network, open_) >= least)
        self.arcs = np.flatnonzero(steppable & on_foot)
        self.refused = np.flatnonzero(steppable & ~on_foot)
        lines = shapely.linestrings(
            network.arc_xy_m,
            indices=np.repeat(np.arange(network.n_arcs), np.diff(network.arc_first)),
        )
        self.tree = shapely.STRtree(lines[self.arcs])
        self.refused_tree = shapely.STRtree(lines[self.refused])
        self.walls = wall_of(barriers.lines)
        self.firm = wall_of(barriers.lines[~barriers.may_hide_gate])

    def link(self, xy_m: np.ndarray) -> tuple[Rows, np.ndarray]:
        """Return the candidates, ordered, and how each point was linked."""
        points = shapely.points(xy_m)
        how = np.full(len(points), Link.NO_STREET, dtype=np.uint8)
        near, wide = self.near_then_wide(points)
        how[near.point], how[wide.point] = Link.NEAR, Link.WIDENED
        gated = self.through_gates(points, np.flatnonzero(how == Link.NO_STREET))
        how[gated.point] = Link.GATE
        through = self.through_walls(points, np.flatnonzero(how == Link.NO_STREET))
        how[through.point] = Link.INFERRED_GATE
        left = np.flatnonzero(how == Link.NO_STREET)
        for tree, reason in ((self.refused_tree, Link.ISLAND), (self.tree, Link.SHUT_IN)):
            seen, _ = tree.query(points[left], "dwithin", self.rules.snap_limit_m)
            how[left[np.unique(seen)]] = reason
        rows = joined(near, wide, gated, through)
        usable = self.usable[rows.arc]
        how[np.setdiff1d(rows.point[~usable], rows.point[usable])] = Link.BARRED
        return rows.picked(usable).ordered(), how

    def near_then_wide(self, points: np.ndarray) -> tuple[Rows, Rows]:
        every = np.arange(len(points))
        near = self.free(points, every, self.walls, self.rules.near_m)
        left = np.setdiff1d(every, near.point)
        return near, self.free(points, left, self.walls, self.rules.snap_limit_m)

    def free(self, points: np.ndarray, rows: np.ndarray, walls: Wall, within_m: float) -> Rows:
        at, line = self.tree.query(points[rows], "dwithin", within_m)
        point, drawing, arc = points[rows[at]], self.tree.geometries[line], self.arcs[line]
        along, leg_m = shapely.line_locate_point(drawing, point), shapely.distance(drawing, point)
        foot = shapely.line_interpolate_point(drawing, along)
        drawn_m, length_m = shapely.length(drawing), self.network.arc_length_m[arc]
        scale = np.divide(length_m, drawn_m, out=np.ones(len(arc)), where=drawn_m > 0)
        offset_m = np.clip(along * scale, 0.0, length_m)
        free = ~self.crossing(point, foot, leg_m, walls)
        return Rows(rows[at], arc, offset_m, leg_m).picked(free)

    def crossing(
        self, start: np.ndarray, end: np.ndarray, leg_m: np.ndarray, walls: Wall
    ) -> np.ndarray:
        cut, long = np.zeros(len(start), bool), np.flatnonzero(leg_m > TOUCH_M)
        for first in range(0, len(long) if len(walls.start) else 0, LEGS_AT_ONCE):
            legs = long[first : first + LEGS_AT_ONCE]
            p, q = shapely.get_coordinates(start[legs]), shapely.get_coordinates(end[legs])
            leg, wall = walls.tree.query(shapely.linestrings(np.stack([p, q], 1)))
            p, q, a, b = p[leg], q[leg], walls.start[wall], walls.end[wall]
            apart = side(a, b, p) * side(a, b, q) < 0
            through = (side(p, q, a) >= 0) != (side(p, q, b) >= 0)
            cut[legs[leg[apart & through]]] = True
        return cut

    def through_gates(self, points: np.ndarray, rows: np.ndarray) -> Rows:
        """One home and one gate at a time, as one would explain it."""
        gates = shapely.points(self.barriers.gate_xy_m)
        beyond = joined(*self.near_then_wide(gates))
        out = []
        for row in rows.tolist():
            for gate, compound in enumerate(self.barriers.gate_compound.tolist()):
                if shapely.within(points[row], self.barriers.compounds[compound]):
                    onward = beyond.picked(beyond.point == gate)
                    leg_m = shapely.distance(points[row], gates[gate]) + onward.access_m
                    out.append(Rows(np.full(len(leg_m), row), onward.arc, onward.offset_m, leg_m))
        return joined(beyond.picked(np.empty(0, int)), *out)

    def through_walls(self, points: np.ndarray, rows: np.ndarray) -> Rows:
        found = self.free(points, rows, self.firm, self.rules.snap_limit_m)
        found = found.picked(np.lexsort((found.arc, found.access_m, found.point)))
        return found.picked(np.diff(found.point, prepend=-1) > 0)

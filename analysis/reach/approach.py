"""Approach: the walks to the nearest facility themselves, how steep they are and what they cross.

What it costs each node to walk to its nearest facility is known exactly, in whole units. So the
next step of its walk is an arc whose cost is exactly the difference, and the walks of all nodes are
one tree; sums along them need no search of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from analysis.kernels.wave import LONGEST
from analysis.linking.linkage import Linkage
from analysis.streets.network import WalkNetwork
from analysis.streets.street_sides import StreetSides, street_sides
from analysis.units import BoolArray, FloatArray, IdArray, IntArray, freeze, from_units, to_units
from analysis.walking import Crossing
from analysis.walks.feet import Feet, chosen_goals, feet_of
from analysis.walks.hierarchy import Hierarchy
from analysis.walks.travel_time import TargetGroup, node_costs_to_nearest
from analysis.walks.walk_graph import WalkGraph

_NOBODY: Final = -1
_SUMS: Final = 5  # what is added up along a walk


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Approach:
    """The walk of each point to its nearest target of one group.

    Attributes
    ----------
    cost
        float64 [p] in the graph's measure, access legs included; inf where there is none.
    street_m
        Metres along streets, without access legs, float64 [p]; 0 where there is no walk.
    rise_m
        Metres of rise and fall along them, added up, float64 [p]; None without a terrain.
    at_signal
        Whether the walk crosses an arterial road at a signal, bool [p].
    at_no_signal
        Whether it crosses one at a crossing that is told to have none, bool [p].
    untold
        Whether it crosses one where nobody tells, or goes along one, bool [p].
    """

    cost: FloatArray
    street_m: FloatArray
    rise_m: FloatArray | None
    at_signal: BoolArray
    at_no_signal: BoolArray
    untold: BoolArray

    @property
    def crosses(self) -> BoolArray:
        """Return which walks cross an arterial road, or go along one, not surely at signals."""
        return self.at_no_signal | self.untold

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.cost, self.street_m, self.at_signal, self.at_no_signal, self.untold):
            freeze(array)
        if self.rise_m is not None:
            freeze(self.rise_m)


def approaches(
    graph: WalkGraph,
    points: Linkage,
    targets: Linkage,
    *,
    target_rank: IntArray,
    groups: Sequence[TargetGroup],
    hierarchy: Hierarchy | None = None,
) -> tuple[Approach, ...]:
    """Return the walks of all points to the nearest target of each group.

    Parameters are those of :func:`~analysis.walks.travel_time.walk_to_nearest`. Of several walks
    that cost the same the one along the arcs of lowest number is taken.
    """
    nearest = node_costs_to_nearest(
        graph, targets, target_rank=target_rank, groups=groups, hierarchy=hierarchy,
        identities=False,
    )  # fmt: skip
    here, there = feet_of(graph, points), feet_of(graph, targets)
    streets = _Streets(graph.network, street_sides(graph.network))
    found = []
    for column, group in enumerate(groups):
        goals, rows = _chosen(there, targets, group.chosen)
        node_units = np.minimum(to_units(nearest.cost[:, column]), LONGEST)
        goal_m = targets.offset_m[rows]
        tree = _Tree(graph, streets, node_units, goals, goal_m)
        found.append(tree.walks(here, points.offset_m, int(to_units(np.array([group.limit]))[0])))
    return tuple(found)


class _Streets:
    """Sums along arcs: how much they rise and fall, whichever way they are walked."""

    def __init__(self, network: WalkNetwork, sides: StreetSides) -> None:
        self.network = network
        self.sides = sides
        self._terrain = network.terrain
        if self._terrain is not None:
            run_m = self._terrain.run_m
            self._at_m = np.concatenate([[0.0], np.cumsum(run_m)])
            rise_m = run_m * np.abs(self._terrain.grade)
            self._rise_m = np.concatenate([[0.0], np.cumsum(rise_m)])

    def rise_m(self, arc: IntArray, from_m: FloatArray, to_m: FloatArray) -> FloatArray:
        """Return the rise and fall of pieces of arcs, metres; 0 without a terrain."""
        if self._terrain is None:
            return np.zeros(len(arc))
        first, last = self._terrain.run_first[arc], self._terrain.run_first[arc + 1]

        def upto(along_m: FloatArray) -> FloatArray:
            at_m = np.minimum(self._at_m[first] + along_m, self._at_m[last])
            risen_m: FloatArray = np.interp(at_m, self._at_m, self._rise_m)
            return risen_m

        return np.abs(upto(to_m) - upto(from_m))


class _Steps(NamedTuple):
    """Pieces of arcs that are walked: `node` is where each ends, :data:`_NOBODY` at a target."""

    arc: IntArray
    from_m: FloatArray
    to_m: FloatArray
    node: IntArray


class _Tree:
    """The walks of all nodes to the nearest target of one group."""

    def __init__(
        self, graph: WalkGraph, streets: _Streets, units: IdArray, goals: Feet, goal_m: FloatArray
    ) -> None:
        self._streets, self._units, self._goals, self._goal_m = streets, units, goals, goal_m
        network = graph.network
        n = network.n_nodes
        self._next_arc = np.full(n, _NOBODY, dtype=np.int32)
        self._parent = np.full(n, _NOBODY, dtype=np.int32)
        self._from_m, self._to_m = np.zeros(n), np.zeros(n)
        self._decided = units == LONGEST
        self._at_goals(network)
        self._along_arcs(graph)
        self._sums = self._summed()

    def _at_goals(self, network: WalkNetwork) -> None:
        """Let the nodes beside a target walk straight to it."""
        goals = self._goals
        for end, nodes in enumerate((network.arc_tail, network.arc_head)):
            node = nodes[goals.arc]
            rows = np.flatnonzero(goals.arriving[:, end] == self._units[node])
            self._decide(
                node[rows], goals.arc[rows], np.full(len(rows), _NOBODY, dtype=np.int32),
                network.arc_length_m[goals.arc[rows]] * end, self._goal_m[rows],
            )  # fmt: skip

    def _along_arcs(self, graph: WalkGraph) -> None:
        """Let every other node take an arc that costs just what it brings it nearer."""
        network, units = graph.network, self._units
        ways = (
            (network.arc_tail, network.arc_head, to_units(graph.costs.forward), 0.0),
            (network.arc_head, network.arc_tail, to_units(graph.costs.backward), 1.0),
        )
        level: list[tuple[IntArray, IntArray, IntArray, FloatArray]] = []
        for node, parent, cost, side in ways:
            open_ = (cost < LONGEST) & (units[node] < LONGEST) & (units[parent] < LONGEST)
            tight = np.flatnonzero(
                open_ & (np.where(open_, cost, 0) + units[parent] == units[node])
            )
            level.append(
                (node[tight], parent[tight], tight.astype(np.int32), np.full(len(tight), side))
            )
        node, parent, arc = (np.concatenate([one[i] for one in level]) for i in range(3))
        end = np.concatenate([one[3] for one in level])
        down = units[parent] < units[node]
        length_m = network.arc_length_m[arc]
        start_m, stop_m = length_m * end, length_m * (1.0 - end)
        pick = np.flatnonzero(down)
        self._decide(node[pick], arc[pick], parent[pick], start_m[pick], stop_m[pick])
        while True:  # arcs that cost nothing, from nodes that know their way outwards
            pick = np.flatnonzero(~down & ~self._decided[node] & self._decided[parent])
            if len(pick) == 0:
                return
            self._decide(node[pick], arc[pick], parent[pick], start_m[pick], stop_m[pick])

    def _decide(
        self, node: IntArray, arc: IntArray, parent: IntArray, from_m: FloatArray, to_m: FloatArray
    ) -> None:
        """Settle nodes that are not settled yet, each by its arc of lowest number."""
        order = np.lexsort((to_m, arc, node))
        order = order[~self._decided[node[order]]]
        first = np.unique(node[order], return_index=True)[1]
        rows = order[first]
        self._next_arc[node[rows]], self._parent[node[rows]] = arc[rows], parent[rows]
        self._from_m[node[rows]], self._to_m[node[rows]] = from_m[rows], to_m[rows]
        self._decided[node[rows]] = True

    def _measured(self, steps: _Steps) -> FloatArray:
        """Return metres, rise and roads crossed of single steps, float64 [k, 5].

        Roads crossed at a signal, at a crossing told to have none, and where nobody tells.
        """
        piece_m = np.abs(steps.to_m - steps.from_m)
        rise_m = self._streets.rise_m(steps.arc, steps.from_m, steps.to_m)
        onward = np.where(steps.node >= 0, self._next_arc[steps.node], _NOBODY)
        crossed = self._streets.sides.crossed(steps.arc, steps.node, onward.astype(np.int32))
        along = self._streets.sides.arterial[steps.arc] & (piece_m > 0.0)
        told = np.where(crossed, self._streets.network.crossing[steps.node], Crossing.UNTOLD)
        signal, no_signal = told == Crossing.SIGNAL, told == Crossing.NO_SIGNAL
        untold = along | (crossed & ~signal & ~no_signal)
        return np.column_stack([piece_m, rise_m, signal, no_signal, untold])

    def _summed(self) -> FloatArray:
        """Return the sums of each node's whole walk, float64 [n + 1, 5]; the last row is 0.

        Each round adds the sums of the node as many steps ahead as were added before.
        """
        n = len(self._parent)
        sums = np.zeros((n + 1, _SUMS))
        walks = np.flatnonzero(self._next_arc >= 0)
        sums[walks] = self._measured(
            _Steps(
                self._next_arc[walks], self._from_m[walks], self._to_m[walks], self._parent[walks]
            )
        )
        ahead = np.append(np.where(self._parent >= 0, self._parent, n), n)
        while (ahead != n).any():
            sums = sums + sums[ahead]
            ahead = ahead[ahead]
        return sums

    def walks(self, feet: Feet, offset_m: FloatArray, limit: int) -> Approach:
        """Return the walks of linked points, `offset_m` from the tails of their arcs."""
        network, n = self._streets.network, len(self._parent)
        length_m = network.arc_length_m[feet.arc]
        ends = (network.arc_tail[feet.arc], network.arc_head[feet.arc])
        row = np.arange(len(feet.arc), dtype=np.int32)
        goal_row, goal, straight = self._straight(feet)
        cost = np.concatenate(
            [
                np.minimum(feet.leaving[:, 0], LONGEST) + self._units[ends[0]],
                np.minimum(feet.leaving[:, 1], LONGEST) + self._units[ends[1]],
                straight,
            ]
        )
        foot = np.concatenate([row, row, goal_row])
        to_m = np.concatenate([np.zeros(len(row)), length_m, self._goal_m[goal]])
        node = np.concatenate([*ends, np.full(len(goal), _NOBODY)]).astype(np.int32)
        point = np.repeat(np.arange(len(feet.first) - 1), np.diff(feet.first))[foot]
        order = np.lexsort((feet.arc[foot], cost, point))
        order = order[cost[order] <= min(limit, LONGEST - 1)]
        who, first = np.unique(point[order], return_index=True)
        best = order[first]
        steps = _Steps(feet.arc[foot[best]], offset_m[foot[best]], to_m[best], node[best])
        sums = np.zeros((len(feet.first) - 1, _SUMS))
        sums[who] = self._measured(steps) + self._sums[np.where(steps.node >= 0, steps.node, n)]
        total = np.full(len(sums), np.inf)
        total[who] = from_units(cost[best])
        return Approach(
            cost=total,
            street_m=sums[:, 0].copy(),
            rise_m=None if network.terrain is None else sums[:, 1].copy(),
            at_signal=sums[:, 2] > 0.0,
            at_no_signal=sums[:, 3] > 0.0,
            untold=sums[:, 4] > 0.0,
        )

    def _straight(self, feet: Feet) -> tuple[IntArray, IntArray, IdArray]:
        """Return the walks along one arc: rows of feet and goals that share it, and the units."""
        goals = self._goals
        order = np.argsort(goals.arc, kind="stable")
        low = np.searchsorted(goals.arc[order], feet.arc, side="left")
        count = np.searchsorted(goals.arc[order], feet.arc, side="right") - low
        foot = np.repeat(np.arange(len(feet.arc), dtype=np.int32), count)
        within = np.arange(len(foot)) - np.repeat(np.cumsum(count) - count, count)
        goal = order[np.repeat(low, count) + within].astype(np.int32)
        ahead = goals.along[goal, 0] - feet.along[foot, 0]
        behind = feet.along[foot, 1] - goals.along[goal, 1]
        ahead = np.where((ahead >= 0) & (goals.along[goal, 0] < LONGEST), ahead, LONGEST)
        behind = np.where((behind >= 0) & (feet.along[foot, 1] < LONGEST), behind, LONGEST)
        return foot, goal, np.minimum(ahead, behind) + feet.leg[foot] + goals.leg[goal]


def _chosen(there: Feet, targets: Linkage, chosen: BoolArray) -> tuple[Feet, IdArray]:
    rows = np.flatnonzero(np.repeat(chosen, np.diff(targets.point_first)))
    goals, _ = chosen_goals(there, np.zeros(len(chosen), dtype=np.int32), chosen)
    return goals, rows

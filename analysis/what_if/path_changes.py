"""Path changes: arcs whose cost is another than in the graph, and arcs that the graph has not."""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from analysis.kernels.fields import Paths, Rows
from analysis.kernels.segments import read_only
from analysis.kernels.wave import LONGEST
from analysis.units import FloatArray, IdArray, IntArray, freeze, quantised, to_units
from analysis.walks.walk_graph import WalkGraph


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PathChanges:
    """Arcs as they are in a scenario, where that differs from the graph.

    `arc` int32 [e]: arcs of the network, or from its number of arcs on for new ones; `tail` and
    `head` int32 [e], places; `forward` and `backward` float64 [e], their costs as in
    :class:`~analysis.walks.walk_costs.WalkCosts`, ``inf`` where closed.
    """

    arc: IntArray
    tail: IntArray
    head: IntArray
    forward: FloatArray
    backward: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for one in fields(self):
            freeze(getattr(self, one.name))

    def ways(self) -> tuple[IntArray, IntArray, IdArray]:
        """Return (start, end, cost) of the ways that are open, int32, int32 and int64."""
        if len(self.arc) == 0:
            return self.tail, self.head, NO_COST
        start = np.concatenate([self.tail, self.head])
        end = np.concatenate([self.head, self.tail])
        cost = np.minimum(to_units(np.concatenate([self.forward, self.backward])), LONGEST)
        open_ = cost < LONGEST
        return read_only(start[open_]), read_only(end[open_]), read_only(cost[open_])

    def of(self, graph: WalkGraph, arc: int) -> "PathChanges":
        """Return one arc as it is in this scenario."""
        row = np.flatnonzero(self.arc == arc)
        if len(row):
            return PathChanges(**{one.name: getattr(self, one.name)[row] for one in fields(self)})
        network, costs = graph.network, graph.costs
        ends = graph.place[[network.arc_tail[arc], network.arc_head[arc]]]
        return one_path(
            arc, int(ends[0]), int(ends[1]), float(costs.forward[arc]), float(costs.backward[arc])
        )

    def put(self, other: "PathChanges") -> "PathChanges":
        """Return these with one arc as in `other`, which has one row."""
        kept = self.arc != other.arc[0]
        return PathChanges(
            **{
                one.name: np.concatenate([getattr(self, one.name)[kept], getattr(other, one.name)])
                for one in fields(self)
            }
        )

    def in_force(self, graph: WalkGraph, inwards: Rows, outwards: Rows) -> Paths:
        """Return what a repair walks on."""
        if len(self.arc) == 0:
            return Paths(inwards, outwards, self.arc, self.tail, self.head, NO_COST)
        dropped = read_only(np.sort(self.arc[self.arc < graph.network.n_arcs]))
        return Paths(inwards, outwards, dropped, *self.ways())


def one_path(arc: int, tail: int, head: int, forward: float, backward: float) -> PathChanges:
    """Return one arc between two places, with its costs in metres or seconds."""
    return PathChanges(
        arc=np.array([arc], dtype=np.int32),
        tail=np.array([tail], dtype=np.int32),
        head=np.array([head], dtype=np.int32),
        forward=quantised(np.array([forward], dtype=np.float64)),
        backward=quantised(np.array([backward], dtype=np.float64)),
    )


NO_COST: Final = read_only(np.empty(0, dtype=np.int64))


def cheaper_ways(one: PathChanges, other: PathChanges) -> tuple[IntArray, IntArray, IdArray]:
    """Return (start, end, cost) of the ways of an arc that are open in `one`, and cheaper there.

    Both have one row, the same arc.
    """
    forward, backward = one.forward < other.forward, one.backward < other.backward
    start = np.concatenate([one.tail[forward], one.head[backward]])
    end = np.concatenate([one.head[forward], one.tail[backward]])
    cost = to_units(np.concatenate([one.forward[forward], one.backward[backward]]))
    return read_only(start), read_only(end), read_only(cost)


NO_CHANGES: Final = PathChanges(
    arc=np.empty(0, dtype=np.int32),
    tail=np.empty(0, dtype=np.int32),
    head=np.empty(0, dtype=np.int32),
    forward=np.empty(0),
    backward=np.empty(0),
)

"""Feet: where linked points stand on their arcs, counted in what the walk costs."""

import numpy as np

from analysis.kernels.along import Feet, ways_of_feet
from analysis.linking.linkage import Linkage
from analysis.units import BoolArray, IntArray, freeze
from analysis.walks.walk_graph import WalkGraph

__all__ = ["Feet", "chosen_goals", "feet_of"]


def feet_of(graph: WalkGraph, linked: Linkage) -> Feet:
    """Return the candidates of `linked` points on `graph`; the arrays are read-only."""
    network, costs, arc = graph.network, graph.costs, linked.arc
    leaving, arriving, along, leg = ways_of_feet(
        arc, linked.offset_m, linked.access_m, costs.leg_pace,
        costs.forward, costs.backward, network.arc_length_m,
    )  # fmt: skip
    ends = np.empty((len(arc), 2), dtype=np.int32)
    ends[:, 0], ends[:, 1] = graph.place[network.arc_tail[arc]], graph.place[network.arc_head[arc]]
    for array in (leaving, arriving, along, leg, ends):
        freeze(array)
    return Feet(linked.point_first, arc, ends, leaving, arriving, along, leg)


def chosen_goals(goals: Feet, target_rank: IntArray, chosen: BoolArray) -> tuple[Feet, IntArray]:
    """Return the candidates of the `chosen` targets alone, and the rank of each, int32 [c].

    `target_rank` int32 [t] and `chosen` bool [t] are by target.
    """
    counts = np.diff(goals.first)
    rows = np.flatnonzero(np.repeat(chosen, counts))
    first = np.concatenate([[0], np.cumsum(counts[chosen])]).astype(np.int32)
    picked = Feet(
        first, goals.arc[rows], goals.ends[rows], goals.leaving[rows], goals.arriving[rows],
        goals.along[rows], goals.leg[rows],
    )  # fmt: skip
    rank = np.repeat(target_rank.astype(np.int32), counts)[rows]
    for array in (*picked, rank):
        freeze(array)
    return picked, rank

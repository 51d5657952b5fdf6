"""The k nearest facilities of each point, and which they are."""

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.kernels.nearest_k import nearest_k_labels, points_nearest_k
from analysis.kernels.segments import read_only
from analysis.kernels.wave import LONGEST
from analysis.linking.linkage import Linkage
from analysis.messages import message
from analysis.units import BoolArray, FloatArray, IntArray, from_units
from analysis.walks.feet import chosen_goals, feet_of
from analysis.walks.scratch import arriving_cost, limit_units
from analysis.walks.walk_graph import WalkGraph


def nearest_k(
    graph: WalkGraph,
    points: Linkage,
    targets: Linkage,
    *,
    target_rank: IntArray,
    chosen: BoolArray,
    k: int,
    limit: float,
) -> tuple[FloatArray, IntArray]:
    """Return what it costs each point to walk to its `k` nearest facilities, and which they are.

    Parameters
    ----------
    graph
        The network as the walker walks it; costs are in its measure.
    points, targets
        Linked people and linked entrances.
    target_rank
        int32 [t] ≥ 0: the facility that each target belongs to. A facility with many entrances
        counts once, at the nearest of them; ties break by rank, smaller first.
    chosen
        bool [t]: the targets that count.
    k
        How many, ≥ 1.
    limit
        What is dearer is left out; what costs exactly `limit` is kept.

    Returns
    -------
    tuple
        Cost float64 [p, k] and rank int32 [p, k], nearest first; ``inf`` and -1 where there are
        fewer than `k`.

    Raises :class:`InvalidParameterError` for a limit or a `k` out of their range.
    """
    if k < 1:
        raise InvalidParameterError(message("search.k"), value=k)
    within, half = limit_units(limit), graph.inwards
    goals, goal_rank = chosen_goals(feet_of(graph, targets), target_rank, chosen)
    labels = nearest_k_labels(
        half.indptr, half.indices, arriving_cost(graph, within), goals, goal_rank, k, within
    )  # fmt: skip
    feet = feet_of(graph, points)
    by_arc = read_only(np.argsort(goals.arc, kind="stable").astype(np.int32))
    low, high = (
        read_only(np.searchsorted(goals.arc[by_arc], feet.arc, side).astype(np.int32))
        for side in ("left", "right")
    )
    units, rank = points_nearest_k(feet, labels, goals, goal_rank, by_arc, low, high, within)
    return np.where(units == LONGEST, np.inf, from_units(units)), rank

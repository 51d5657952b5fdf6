"""Walks: metres from points to their nearest facility over the network.

Point *x* is within *b* metres of facility *s* iff access(x) + network(x, s) + access(s) ≤ b, where
both are linked to every candidate arc, the network distance is continuous along arcs and the direct
walk along a shared arc counts (``docs/architecture.md``, Semantics).
"""

from dataclasses import dataclass

import numpy as np

from analysis.kernels.nearest import NOBODY, nearest_labels, points_from_labels
from analysis.linkage import Linkage
from analysis.network import SearchGraph, WalkNetwork, search_graph
from analysis.units import BoolArray, FloatArray, IntArray
from analysis.walking import ArcFlag, WalkProfile

NOWHERE = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WalkableArcs:
    """A network prepared for one walker: what :func:`walk_to_nearest` searches.

    `graph` holds the arcs reversed, so that searches run from facilities towards people;
    `forward` and `backward` bool [m] say which arcs this walker may walk either way.
    """

    network: WalkNetwork
    graph: SearchGraph
    forward: BoolArray
    backward: BoolArray


def walkable_arcs(network: WalkNetwork, profile: WalkProfile) -> WalkableArcs:
    """Prepare `network` for `profile`."""
    open_ = (network.arc_flags & int(profile.barred)) == 0
    return WalkableArcs(
        network=network,
        graph=search_graph(network, profile, reverse=True),
        forward=open_ & ((network.arc_flags & int(ArcFlag.NO_FORWARD)) == 0),
        backward=open_ & ((network.arc_flags & int(ArcFlag.NO_BACKWARD)) == 0),
    )


def walk_to_nearest(
    arcs: WalkableArcs,
    points: Linkage,
    targets: Linkage,
    *,
    target_rank: IntArray,
    chosen: BoolArray,
    limit_m: float,
) -> tuple[FloatArray, IntArray]:
    """Return metres from each point to the nearest chosen target, and that target's rank.

    Parameters
    ----------
    arcs
        The network as the walker may walk it.
    points, targets
        Linked people and linked entrances.
    target_rank
        int32 [t]: what is reported for each target, and how ties break (smaller wins). Several
        entrances of one facility share a rank.
    chosen
        bool [t]: the targets that count in this search.
    limit_m
        Walks longer than this are inf; a walk of exactly `limit_m` is kept.

    Returns
    -------
    tuple
        Metres float64 [p] (inf where none) and rank int32 [p] (``NOWHERE`` where inf).
    """
    counts = np.diff(targets.point_first)
    rows = np.flatnonzero(np.repeat(chosen, counts))
    of_target = np.repeat(np.arange(len(counts), dtype=np.int32), counts)[rows]
    arc, offset_m, leg_m = targets.arc[rows], targets.offset_m[rows], targets.access_m[rows]
    rank = target_rank[of_target].astype(np.int32)
    network = arcs.network
    out, back = arcs.forward[arc], arcs.backward[arc]
    # A target is come upon from the tail walking forward, or from the head walking backward.
    node_m, node_rank = nearest_labels(
        arcs.graph.indptr,
        arcs.graph.indices,
        arcs.graph.length_m,
        np.concatenate([network.arc_tail[arc[out]], network.arc_head[arc[back]]]),
        np.concatenate(
            [
                leg_m[out] + offset_m[out],
                leg_m[back] + (network.arc_length_m[arc[back]] - offset_m[back]),
            ]
        ),
        np.concatenate([rank[out], rank[back]]),
        limit_m,
    )
    order = np.argsort(arc, kind="stable")
    first = np.zeros(network.n_arcs + 1, dtype=np.int32)
    first[1:] = np.cumsum(np.bincount(arc, minlength=network.n_arcs))
    walk_m, who = points_from_labels(
        points.point_first, points.arc, points.offset_m, points.access_m,
        network.arc_tail, network.arc_head, network.arc_length_m, arcs.forward, arcs.backward,
        node_m, node_rank, first, offset_m[order], leg_m[order], rank[order], limit_m,
    )  # fmt: skip
    who[who == NOBODY] = NOWHERE
    return walk_m, who

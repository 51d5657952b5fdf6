"""Which arcs points may be linked to: open streets of components large enough to count."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from analysis.network import WalkNetwork
from analysis.units import BoolArray, FloatArray, GeometryArray, IntArray
from analysis.walking import ArcFlag, WalkProfile


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
        int32 [l], positions in the network, ascending: what anybody on foot may step onto.
    usable
        bool [l]: whether this walker may, too.
    lines, tree
        Their drawings and a search tree over them.
    refused
        int32: arcs of refused components, which a point may see but not use.
    refused_tree
        Search tree over the refused arcs.
    """

    arcs: IntArray
    usable: BoolArray
    lines: GeometryArray
    tree: shapely.STRtree
    refused: IntArray
    refused_tree: shapely.STRtree


def arc_lines(network: WalkNetwork, arcs: IntArray) -> GeometryArray:
    """Return the drawings of `arcs` as LineStrings in metres."""
    counts = np.diff(network.arc_first)[arcs]
    row = np.repeat(np.arange(len(arcs)), counts)
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    points = network.arc_xy_m[np.repeat(network.arc_first[arcs], counts) + within]
    lines: GeometryArray = shapely.linestrings(points, indices=row)
    return lines


def linkable_arcs(network: WalkNetwork, profile: WalkProfile, rules: LinkRules) -> LinkableArcs:
    """Return the arcs that people may step onto, and which of them `profile` may use.

    Where a point is linked does not depend on the walker: a home at the foot of stairs is linked to
    the stairs, and a wheelchair cannot leave it. So no walker ever gets a shorter way than one to
    whom more is open. Components are those of the arcs each may walk: a courtyard behind stairs is
    an island to a wheelchair.
    """
    steppable = (network.arc_flags & int(ArcFlag.UNLINKABLE)) == 0
    anybody = np.ones(network.n_arcs, dtype=bool)
    on_foot = steppable & (_component_share(network, anybody) >= rules.min_component_share)
    arcs = np.flatnonzero(on_foot).astype(np.int32)
    refused = np.flatnonzero(steppable & ~on_foot).astype(np.int32)
    open_ = (network.arc_flags & int(profile.barred)) == 0
    usable = open_ & (_component_share(network, open_) >= rules.min_component_share)
    lines = arc_lines(network, arcs)
    return LinkableArcs(
        arcs=arcs,
        usable=usable[arcs],
        lines=lines,
        tree=shapely.STRtree(lines),
        refused=refused,
        refused_tree=shapely.STRtree(arc_lines(network, refused)),
    )


def island_nearest(points_m: FloatArray, linkable: LinkableArcs, near_m: float) -> IntArray:
    """Return the points whose nearest arc within `near_m` lies on a refused component.

    They are linked elsewhere where possible; the study lists them, since the map may simply lack
    the joint that would tie the island to the network.
    """
    points = shapely.points(points_m)
    at, line = linkable.refused_tree.query_nearest(points, max_distance=near_m, all_matches=False)
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

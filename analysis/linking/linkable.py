"""Which arcs points may be linked to: open streets of components large enough to count."""

from dataclasses import dataclass

import numpy as np

from analysis.kernels.legs import nearest_by_kind
from analysis.kernels.segments import SegmentGrid, read_only, segment_grid
from analysis.streets.components import smallest_in_component
from analysis.streets.network import WalkNetwork
from analysis.units import BoolArray, FloatArray, GeometryArray, IdArray, IntArray, freeze
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
    """The arcs that points may be linked to; made once, it links demand, entrances and origins.

    Attributes
    ----------
    streets
        A grid over all arcs that can be stepped onto midway, refused ones too.
    on_foot
        bool [m]: what anybody on foot may step onto.
    usable
        bool [m]: the arcs of `on_foot` that this walker may step onto, too.
    refused
        int32, ascending: arcs of refused components, which a point may see but not use.
    """

    streets: SegmentGrid
    on_foot: BoolArray
    usable: BoolArray
    refused: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.on_foot, self.usable, self.refused):
            freeze(array)


def arc_lines(network: WalkNetwork, arcs: IntArray) -> GeometryArray:
    """Return the drawings of `arcs` as LineStrings in metres."""
    import shapely  # noqa: PLC0415 - slow to import, and linking needs no drawings

    counts = np.diff(network.arc_first)[arcs]
    row = np.repeat(np.arange(len(arcs)), counts)
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    points = network.arc_xy_m[np.repeat(network.arc_first[arcs], counts) + within]
    lines: GeometryArray = shapely.linestrings(points, indices=row)
    return lines


def street_grid(network: WalkNetwork) -> SegmentGrid:
    """Return a grid over all arcs that can be stepped onto midway, whoever walks."""
    arcs = np.flatnonzero(_steppable(network)).astype(np.int32)
    return segment_grid(network.arc_xy_m, network.arc_first, arcs)


def linkable_arcs(
    network: WalkNetwork,
    profile: WalkProfile,
    rules: LinkRules,
    *,
    streets: SegmentGrid | None = None,
) -> LinkableArcs:
    """Return the arcs that people may step onto, and which of them `profile` may use.

    Where a point is linked does not depend on the walker: a home at the foot of stairs is linked to
    the stairs, and a wheelchair cannot leave it. So no walker ever gets a shorter way than one to
    whom more is open. Components are those of the arcs each may walk: a courtyard behind stairs is
    an island to a wheelchair. `streets` is :func:`street_grid` of the network, where it is at hand.
    """
    steppable = _steppable(network)
    on_foot = steppable & (_share_on_foot(network) >= rules.min_component_share)
    usable = on_foot
    if profile.barred:
        open_ = (network.arc_flags & int(profile.barred)) == 0
        usable = on_foot & open_ & (_open_share(network, open_) >= rules.min_component_share)
    return LinkableArcs(
        streets=street_grid(network) if streets is None else streets,
        on_foot=on_foot,
        usable=usable,
        refused=np.flatnonzero(steppable & ~on_foot).astype(np.int32),
    )


def island_nearest(points_m: FloatArray, linkable: LinkableArcs, near_m: float) -> IntArray:
    """Return the points whose nearest arc within `near_m` lies on a refused component.

    They are linked elsewhere where possible; the study lists them, since the map may simply lack
    the joint that would tie the island to the network.
    """
    island_m, street_m = island_and_street_m(points_m, np.arange(len(points_m)), linkable, near_m)
    return np.flatnonzero(island_m < street_m).astype(np.int32)


def island_and_street_m(
    points_m: FloatArray, rows: IdArray, linkable: LinkableArcs, within_m: float
) -> tuple[FloatArray, FloatArray]:
    """Return metres from `rows` of points to the nearest refused and linkable arc, whatever walls.

    inf beyond `within_m`, which is included.
    """
    nearest_m = nearest_by_kind(
        read_only(points_m), rows, float(within_m), linkable.streets, linkable.on_foot
    )
    return nearest_m[:, 0], nearest_m[:, 1]


def _steppable(network: WalkNetwork) -> BoolArray:
    steppable: BoolArray = (network.arc_flags & int(ArcFlag.UNLINKABLE)) == 0
    return steppable


def _share_on_foot(network: WalkNetwork) -> FloatArray:
    """Return for each arc the share of the whole length that its component holds."""
    component_m = network.component_length_m()
    return _share(component_m[network.arc_component], network.length_m)


def _open_share(network: WalkNetwork, open_: BoolArray) -> FloatArray:
    """Return for each open arc the share of the open length that its component of them holds."""
    tail, length_m = network.arc_tail[open_], network.arc_length_m[open_]
    of_arc = smallest_in_component(network.n_nodes, tail, network.arc_head[open_])[tail]
    total_m = np.bincount(of_arc, weights=length_m).astype(np.float64)
    share = np.zeros(network.n_arcs)
    share[open_] = _share(total_m[of_arc], float(length_m.sum()))
    return share


def _share(part_m: FloatArray, whole_m: float) -> FloatArray:
    return part_m / whole_m if whole_m > 0 else np.zeros(len(part_m))

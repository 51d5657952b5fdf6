"""StreetPoints: places along the streets where a new path may begin or end."""

from dataclasses import dataclass

import numpy as np
import shapely

from analysis.linking.linkage import Link, Linkage
from analysis.streets.network import WalkNetwork
from analysis.streets.relief import stations
from analysis.units import BoolArray, FloatArray, IntArray, freeze, quantised
from analysis.walking import ArcFlag, WalkProfile

_CLOSED_BOTH_WAYS = int(ArcFlag.NO_FORWARD | ArcFlag.NO_BACKWARD)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StreetPoints:
    """Junctions, then places at even distances along the arcs.

    `arc` int32 [s], `offset_m` float64 [s] from its tail in whole units, `xy_m` float64 [s, 2].
    """

    arc: IntArray
    offset_m: FloatArray
    xy_m: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.arc, self.offset_m, self.xy_m):
            freeze(array)

    def __len__(self) -> int:
        """Return the number of places."""
        return len(self.arc)

    def linked(self) -> Linkage:
        """Return the places as points that stand on their arcs."""
        return Linkage(
            point_first=np.arange(len(self) + 1, dtype=np.int32),
            arc=self.arc,
            offset_m=self.offset_m,
            access_m=np.zeros(len(self)),
            how=np.full(len(self), Link.NEAR, dtype=np.uint8),
        )

    def picked(self, rows: IntArray | BoolArray) -> "StreetPoints":
        """Return some of the places, in the order of `rows`."""
        return StreetPoints(arc=self.arc[rows], offset_m=self.offset_m[rows], xy_m=self.xy_m[rows])


def street_points(
    network: WalkNetwork, profile: WalkProfile, within: shapely.Geometry, spacing_m: float
) -> StreetPoints:
    """Return all places `within` an area where `profile` may step off or onto a street.

    Bridges, tunnels and ferries are left at their ends alone, stairs and short arcs too. Places
    along an arc are at most `spacing_m` apart.
    """
    shut = int(ArcFlag.UNLINKABLE) | int(profile.barred)
    usable = (network.arc_flags & shut) == 0
    usable &= (network.arc_flags & _CLOSED_BOTH_WAYS) != _CLOSED_BOTH_WAYS
    where = stations(network, spacing_m=spacing_m)
    count = np.diff(where.first)
    arc = np.repeat(np.arange(network.n_arcs), count)
    step = np.arange(len(arc)) - where.first[arc] + 1
    inner_m = quantised(network.arc_length_m[arc] * step / (count[arc] + 1))
    node, of_arc, at_head = _junctions(network, usable)
    points = StreetPoints(
        arc=np.concatenate([of_arc, arc[usable[arc]]]).astype(np.int32),
        offset_m=np.concatenate(
            [np.where(at_head, network.arc_length_m[of_arc], 0.0), inner_m[usable[arc]]]
        ),
        xy_m=np.concatenate([network.node_xy_m[node], where.xy_m[network.n_nodes :][usable[arc]]]),
    )
    shapely.prepare(within)
    inside: BoolArray = shapely.intersects_xy(within, *points.xy_m.T)
    return points.picked(inside)


def _junctions(network: WalkNetwork, usable: BoolArray) -> tuple[IntArray, IntArray, BoolArray]:
    """Return each node of the `usable` arcs, the first such arc at it, and whether as its head."""
    arcs = np.flatnonzero(usable)
    nodes = np.concatenate([network.arc_tail[arcs], network.arc_head[arcs]])
    node, first = np.unique(nodes, return_index=True)
    if len(arcs) == 0:
        return node.astype(np.int32), arcs.astype(np.int32), np.zeros(0, dtype=bool)
    return node.astype(np.int32), arcs[first % len(arcs)].astype(np.int32), first >= len(arcs)

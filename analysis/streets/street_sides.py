"""Street sides: where a walk crosses an arterial road from one side to the other."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from math import atan2
from typing import Final

import numpy as np

from analysis.streets.network import WalkNetwork
from analysis.units import BoolArray, IntArray, freeze
from analysis.walking import ArcFlag

ARTERIALS: Final = ("primary", "trunk")
_OFF_GROUND: Final = int(ArcFlag.BRIDGE | ArcFlag.TUNNEL)
_A_ROAD: Final = 2  # a road that ends at a node has no other side there


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StreetSides:
    """The arterial roads of a network and what lies on which side of them.

    `arterial` bool [m]: arcs that are one, on the ground. `bearings`: by node at which one may be
    crossed, the directions in which its arcs leave, radians, ascending.
    """

    network: WalkNetwork
    arterial: BoolArray
    bearings: Mapping[int, tuple[float, ...]]

    def __post_init__(self) -> None:
        """Freeze the array."""
        freeze(self.arterial)

    def crossed(self, arc: IntArray, node: IntArray, onward: IntArray) -> BoolArray:
        """Return where a walk along `arc` into `node` and on along `onward` changes sides.

        All int32 [k]; -1 for a walk that ends before any node. Walks along the arterial itself do
        not cross it.
        """
        crossed = np.zeros(len(arc), dtype=bool)
        aside = (node >= 0) & (onward >= 0) & ~self.arterial[arc] & ~self.arterial[onward]
        for row in np.flatnonzero(aside).tolist():
            at = int(node[row])
            if at in self.bearings:
                crossed[row] = self._side(int(arc[row]), at) != self._side(int(onward[row]), at)
        return crossed

    def _side(self, arc: int, node: int) -> int:
        roads = self.bearings[node]
        return bisect_left(roads, bearing(self.network, arc, node)) % len(roads)


def bearing(network: WalkNetwork, arc: int, node: int) -> float:
    """Return the direction in which an arc leaves a node, radians."""
    line = network.arc_xy_m[network.arc_first[arc] : network.arc_first[arc + 1]]
    if int(network.arc_tail[arc]) != node:
        line = line[::-1]
    apart = line - line[0]
    x, y = apart[int((apart != 0.0).any(axis=1).argmax())].tolist()
    return atan2(y, x)


def street_sides(network: WalkNetwork) -> StreetSides:
    """Return the arterial roads of `network`; those on bridges and in tunnels are none."""
    codes = [code for code, name in enumerate(network.class_names) if name in ARTERIALS]
    arterial = np.isin(network.arc_class, codes) & ((network.arc_flags & _OFF_GROUND) == 0)
    found: dict[int, list[float]] = {}
    for a in np.flatnonzero(arterial).tolist():
        for node in {int(network.arc_tail[a]), int(network.arc_head[a])}:
            found.setdefault(node, []).append(bearing(network, a, node))
    bearings = {
        node: tuple(sorted(roads)) for node, roads in found.items() if len(roads) >= _A_ROAD
    }
    return StreetSides(network=network, arterial=arterial, bearings=bearings)

"""Where a facility with a shape is entered, many entrances to one facility.

Mapped gates come first, else crossings of its ring, else places of the ring near streets.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely

from analysis.linking.linkable import arc_lines
from analysis.places.facilities import Entrance
from analysis.sources.extent import StudyArea
from analysis.sources.osm.data import OsmData, Tags
from analysis.streets.network import WalkNetwork
from analysis.units import FloatArray, GeometryArray, IntArray
from analysis.walking import ArcFlag

Entrances = tuple[tuple[float, float, Entrance], ...]
NEAR_ARC_M: Final = 50.0
_ON_RING_M: Final = 0.2
_SPACING_M: Final = 1.0
_GATES: Final = frozenset(
    (
        "gate", "entrance", "lift_gate", "swing_gate", "sliding_gate", "wicket_gate",
        "kissing_gate", "hampshire_gate", "bump_gate", "turnstile", "full-height_turnstile",
        "stile", "sally_port", "cycle_barrier", "bollard",
    )
)  # fmt: skip
_NO_WAY_IN: Final = frozenset(
    ("no", "exit", "emergency", "emergency_exit", "fire_exit", "garage", "service", "delivery")
)


def is_gate(tags: Tags) -> bool:
    """Return whether a node lets people in: a gate or an entrance that is not closed to them."""
    if tags.get("access") == "no" and tags.get("foot") not in ("yes", "designated", "permissive"):
        return False
    entrance = tags.get("entrance")
    if entrance is not None:
        return entrance not in _NO_WAY_IN
    return tags.get("barrier") in _GATES


class EntranceFinder:
    """Finds the entrances of shapes.

    Parameters
    ----------
    data, area
        The extract, for its mapped gates and entrances.
    network
        The walkable streets; tunnels, bridges and ferries, onto which nobody steps midway, do not
        make an entrance.
    """

    __slots__ = ("_arc_tree", "_arcs", "_gate_tree", "_gates_m")

    def __init__(self, data: OsmData, area: StudyArea, network: WalkNetwork) -> None:
        rows = [row for row, tags in enumerate(data.node_tags) if is_gate(tags)]
        positions = data.tagged_node[np.array(rows, dtype=np.int32)]
        self._gates_m: FloatArray = area.crs.project(data.node_lonlat[positions])
        self._gate_tree = shapely.STRtree(shapely.points(self._gates_m))
        steppable = (network.arc_flags & int(ArcFlag.UNLINKABLE)) == 0
        self._arcs: GeometryArray = arc_lines(network, np.flatnonzero(steppable).astype(np.int32))
        self._arc_tree = shapely.STRtree(self._arcs)

    def find(self, shapes: Sequence[shapely.Geometry]) -> list[Entrances]:
        """Return the entrances of each of `shapes` (points, lines, polygons, in metres).

        A point is its own entrance. Each shape has at least one entrance; they are of one kind,
        the best there is, sorted by place.
        """
        geometries = np.array([*shapes, None], dtype=object)[:-1]
        is_area = shapely.get_dimensions(geometries) == 2  # noqa: PLR2004 - an area
        rings = geometries.copy()
        rings[is_area] = shapely.boundary(geometries[is_area])
        found: list[Entrances] = [()] * len(rings)
        for row in np.flatnonzero(shapely.get_dimensions(geometries) == 0):
            found[row] = _entrances(shapely.get_coordinates(geometries[row]), Entrance.POINT)
        for look, kind in (
            (self._at_gates, Entrance.GATE),
            (self._at_crossings, Entrance.CROSSING),
            (self._on_ring, Entrance.RING),
        ):
            rows = np.array([row for row, one in enumerate(found) if not one], dtype=np.int64)
            for row, places in zip(rows, look(rings[rows]), strict=True):
                found[row] = _entrances(places, kind)
        return found

    def _at_gates(self, rings: GeometryArray) -> list[FloatArray]:
        ring, gate = self._gate_tree.query(rings, predicate="dwithin", distance=_ON_RING_M)
        return _grouped(len(rings), ring, self._gates_m[gate])

    def _at_crossings(self, rings: GeometryArray) -> list[FloatArray]:
        ring, arc = self._arc_tree.query(rings, predicate="intersects")
        shared = shapely.intersection(rings[ring], self._arcs[arc])
        places, pair = shapely.get_coordinates(shared, return_index=True)
        return _grouped(len(rings), ring[pair], places)

    def _on_ring(self, rings: GeometryArray) -> list[FloatArray]:
        if len(self._arcs) == 0:
            return [shapely.get_coordinates(ring) for ring in rings]
        ring, arc = self._arc_tree.query(rings, predicate="dwithin", distance=NEAR_ARC_M)
        lonely = np.setdiff1d(np.arange(len(rings)), ring)
        nearest = self._arc_tree.nearest(rings[lonely])
        ring, arc = np.concatenate([ring, lonely]), np.concatenate([arc, nearest])
        legs = shapely.shortest_line(rings[ring], self._arcs[arc])
        return _grouped(len(rings), ring, shapely.get_coordinates(legs)[::2])


def _grouped(count: int, group: IntArray, places: FloatArray) -> list[FloatArray]:
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], np.arange(1, count))
    return np.split(places[order], ends) if count else []


def _entrances(places: FloatArray, kind: Entrance) -> Entrances:
    """Return `places` sorted, one for each square metre."""
    if len(places) == 0:
        return ()
    places = places[np.lexsort((places[:, 1], places[:, 0]))]
    cells = np.floor(places / _SPACING_M)
    _, first = np.unique(cells, axis=0, return_index=True)
    return tuple((float(x), float(y), kind) for x, y in places[np.sort(first)])

"""Walking distances on the drawn network: the generator's own yardstick for siting."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from analysis.sources.sample_district.frame import Points
from analysis.sources.sample_district.sketch import FIRST_NODE_ID, PUBLIC, Sketch, Way

SEARCH_M = 1450.0
CHUNK = 256
# Residents of a compound without mapped gates walk to the nearest street whatever its ring says;
# further than this no engine would link them.
LINK_LIMIT_M = 260.0


@dataclass(frozen=True, kw_only=True, slots=True)
class WalkGraph:
    """The largest component of the walkable ways.

    ``nodes`` are row numbers of the sketch's points, ``ground`` their metres, ``zones`` the
    compound a node lies in (gates lie in their compound) and ``outside`` whether a public way
    uses the node.
    """

    nodes: NDArray[np.int64]
    ground: Points
    zones: NDArray[np.int64]
    outside: NDArray[np.bool_]
    lengths_m: csr_array

    def distances_m(self, sources: NDArray[np.int64], limit_m: float) -> NDArray[np.float32]:
        """Metres from each source node to every node, ``inf`` beyond the limit."""
        rows = [
            dijkstra(
                self.lengths_m, directed=False, indices=sources[k : k + CHUNK], limit=limit_m
            ).astype(np.float32)
            for k in range(0, len(sources), CHUNK)
        ]
        return np.concatenate(rows)

    def nearest_m(self, sources: NDArray[np.int64]) -> NDArray[np.float64]:
        """Metres from every node to the nearest source, without limit."""
        found = dijkstra(self.lengths_m, directed=False, indices=sources, min_only=True)
        return np.asarray(found, dtype=np.float64)

    def index_of(self) -> dict[int, int]:
        """Graph index by sketch node id."""
        return {int(node) + FIRST_NODE_ID: k for k, node in enumerate(self.nodes)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """The graph node a point starts from and the metres to it."""

    node: NDArray[np.int64]
    access_m: NDArray[np.float64]


def build_walk_graph(sketch: Sketch) -> WalkGraph:
    """Build the graph of the walkable ways and keep its largest component."""
    ground = sketch.ground()
    walkable = [way for way in sketch.ways if way.walkable]
    pairs = np.concatenate([_pairs(way) for way in walkable]) - FIRST_NODE_ID
    length_m = np.linalg.norm(ground[pairs[:, 0]] - ground[pairs[:, 1]], axis=1)
    count = len(ground)
    matrix = csr_array((length_m, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    _, label = connected_components(matrix, directed=False)
    used = np.zeros(count, dtype=np.bool_)
    used[pairs.ravel()] = True
    main = np.bincount(label[used]).argmax()
    nodes = np.flatnonzero(used & (label == main)).astype(np.int64)
    zones, outside = _zones(walkable, count)
    return WalkGraph(
        nodes=nodes,
        ground=ground[nodes],
        zones=zones[nodes],
        outside=outside[nodes],
        lengths_m=csr_array(matrix[nodes][:, nodes]),
    )


def drop_stray_ways(sketch: Sketch, graph: WalkGraph) -> None:
    """Remove walkable ways that hang on nothing; nodes left without a way are not written."""
    main = {int(node) + FIRST_NODE_ID for node in graph.nodes}
    sketch.ways[:] = [w for w in sketch.ways if not w.walkable or w.nodes[0] in main]


def link(graph: WalkGraph, points: Points, zones: NDArray[np.int64]) -> Links:
    """Link ground points to the nearest node of their own compound, or of the public streets."""
    node = np.zeros(len(points), dtype=np.int64)
    access_m = np.full(len(points), np.inf)
    for zone in np.unique(zones):
        mine = np.flatnonzero(zones == zone)
        own = graph.zones == zone
        if zone == PUBLIC or not own.any():
            own = graph.outside
        candidates = np.flatnonzero(own)
        away, nearest = cKDTree(graph.ground[candidates]).query(points[mine])
        node[mine] = candidates[nearest]
        access_m[mine] = np.where(away <= LINK_LIMIT_M, away, np.inf)
    return Links(node=node, access_m=access_m)


def _pairs(way: Way) -> NDArray[np.int64]:
    ids = np.array(way.nodes, dtype=np.int64)
    return np.column_stack([ids[:-1], ids[1:]])


def _zones(ways: list[Way], count: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    zones = np.full(count, PUBLIC, dtype=np.int64)
    outside = np.zeros(count, dtype=np.bool_)
    for way in ways:
        rows = np.array(way.nodes, dtype=np.int64) - FIRST_NODE_ID
        if way.zone == PUBLIC:
            outside[rows] = True
        else:
            zones[rows] = way.zone
    zones[outside] = PUBLIC
    return zones, outside

"""Predicted extracts: OpenStreetMap data drawn in metres, for tests and docs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely

from analysis.crs import MetricCRS, metric_crs
from analysis.sources.extent import StudyArea
from analysis.sources.osm.data import OsmData, Tags

WORLD_CRS: Final[MetricCRS] = metric_crs(106.65, 26.70)
_EDGE_M: Final = 5000.0


@dataclass(slots=True)
class OsmWorld:
    """A drawing board: nodes and areas in metres around (0, 0), ids as given or counted from 1."""

    nodes: dict[int, tuple[float, float]] = field(default_factory=dict)
    node_tags: dict[int, Tags] = field(default_factory=dict)
    ways: dict[int, tuple[tuple[int, ...], Tags]] = field(default_factory=dict)
    relations: dict[int, tuple[shapely.Geometry, Tags]] = field(default_factory=dict)

    def node(
        self, x_m: float, y_m: float, tags: Tags | None = None, *, node_id: int | None = None
    ) -> int:
        """Draw a node and return its id."""
        number = len(self.nodes) + 1 if node_id is None else node_id
        self.nodes[number] = (x_m, y_m)
        if tags:
            self.node_tags[number] = tags
        return number

    def way(self, nodes: Sequence[int], tags: Tags, *, way_id: int | None = None) -> int:
        """Draw a way through nodes and return its id."""
        number = 100 + len(self.ways) if way_id is None else way_id
        self.ways[number] = (tuple(nodes), tags)
        return number

    def line(
        self, places: Sequence[tuple[float, float]], tags: Tags, *, way_id: int | None = None
    ) -> int:
        """Draw a way through new nodes and return its id; equal places are one node."""
        own: dict[tuple[float, float], int] = {}
        nodes = [own[at] if at in own else own.setdefault(at, self.node(*at)) for at in places]
        return self.way(nodes, tags, way_id=way_id)

    def relation(self, polygon: shapely.Geometry, tags: Tags, *, relation_id: int = 900) -> int:
        """Draw a multipolygon in metres and return its id."""
        lonlat = shapely.transform(polygon, WORLD_CRS.unproject)
        self.relations[relation_id] = (lonlat, tags)
        return relation_id

    def data(self, *, shuffled: int | None = None) -> OsmData:
        """Return the extract; `shuffled` is the seed that mixes the order of its ways."""
        node_id = np.array(sorted(self.nodes), dtype=np.int64)
        xy_m = np.array([self.nodes[i] for i in node_id.tolist()]).reshape(-1, 2)
        position: Mapping[int, int] = {number: at for at, number in enumerate(node_id.tolist())}
        way_id = sorted(self.ways)
        if shuffled is not None:
            way_id = np.random.default_rng(shuffled).permutation(way_id).tolist()
        counts = [len(self.ways[i][0]) for i in way_id]
        tagged = sorted(self.node_tags)
        relation_id = sorted(self.relations)
        polygons = np.empty(len(relation_id), dtype=object)
        polygons[:] = [self.relations[i][0] for i in relation_id]
        return OsmData(
            node_id=node_id,
            node_lonlat=WORLD_CRS.unproject(xy_m),
            way_id=np.array(way_id, dtype=np.int64),
            way_first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
            way_node=np.array(
                [position[node] for i in way_id for node in self.ways[i][0]], dtype=np.int32
            ),
            way_tags=tuple(self.ways[i][1] for i in way_id),
            tagged_node=np.array([position[i] for i in tagged], dtype=np.int32),
            node_tags=tuple(self.node_tags[i] for i in tagged),
            relation_id=np.array(relation_id, dtype=np.int64),
            relation_polygon=polygons,
            relation_tags=tuple(self.relations[i][1] for i in relation_id),
            mapped_lonlat=WORLD_CRS.unproject(xy_m),
            extent=(106.60, 26.65, 106.70, 26.75),
            extent_from="nodes",
            data_date="",
            notices=(),
        )


def world_area(half_m: float = _EDGE_M) -> StudyArea:
    """Return a square study area of ± `half_m` metres around (0, 0)."""
    square = shapely.box(-half_m, -half_m, half_m, half_m)
    return StudyArea(crs=WORLD_CRS, judged=square, read=square, data=square)

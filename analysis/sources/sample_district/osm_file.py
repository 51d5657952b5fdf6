"""The OSM extract: one PBF with fixed header, sorted objects and fixed timestamps."""

from pathlib import Path

import numpy as np
import osmium
from osmium.osm import Box, mutable

from analysis.sources.sample_district.frame import plan_to_lon_lat, to_lon_lat
from analysis.sources.sample_district.obstacles import extent
from analysis.sources.sample_district.sketch import FIRST_NODE_ID, Sketch

GENERATOR = "living-circle sample_district"
TIMESTAMP = "2026-01-01T00:00:00Z"


def write_osm(path: Path, sketch: Sketch) -> int:
    """Write the sketch as PBF and return the number of objects.

    Nodes that no way uses and that carry no tags are left out.
    """
    path.unlink(missing_ok=True)
    header = osmium.io.Header()
    header.set("generator", GENERATOR)
    header.set("sorting", "Type_then_ID")
    header.set("osmosis_replication_timestamp", TIMESTAMP)
    corners = plan_to_lon_lat(np.array(extent().exterior.coords))
    west, south = (float(v) for v in corners.min(axis=0) - 0.0006)
    east, north = (float(v) for v in corners.max(axis=0) + 0.0006)
    header.add_box(Box(west, south, east, north))
    lon_lat = to_lon_lat(sketch.ground())
    used = {node for way in sketch.ways for node in way.nodes} | set(sketch.node_tags)
    writer = osmium.SimpleWriter(str(path), header=header)
    try:
        for k, (lon, lat) in enumerate(lon_lat):
            node_id = FIRST_NODE_ID + k
            if node_id in used:
                writer.add_node(
                    mutable.Node(
                        id=node_id,
                        version=1,
                        timestamp=TIMESTAMP,
                        location=(float(lon), float(lat)),
                        tags=sketch.node_tags.get(node_id, {}),
                    )
                )
        for way in sketch.ways:
            writer.add_way(
                mutable.Way(
                    id=way.way_id,
                    version=1,
                    timestamp=TIMESTAMP,
                    nodes=list(way.nodes),
                    tags=way.tags,
                )
            )
        for relation in sketch.relations:
            writer.add_relation(
                mutable.Relation(
                    id=relation.relation_id,
                    version=1,
                    timestamp=TIMESTAMP,
                    members=[("w", way_id, role) for way_id, role in relation.members],
                    tags=relation.tags,
                )
            )
    finally:
        writer.close()
    return len(used) + len(sketch.ways) + len(sketch.relations)

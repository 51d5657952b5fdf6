"""Drawn worlds as .osm.pbf files, for readers and for engines that read nothing else."""

from pathlib import Path

import numpy as np
import osmium
from osmium.osm import mutable

from analysis.testing.osm import WORLD_CRS, OsmWorld

STAMP = "2026-01-01T00:00:00Z"


def write_pbf(world: OsmWorld, path: Path) -> Path:
    """Write the nodes and ways of a world, in order, and return the file."""
    ids = sorted(world.nodes)
    lonlat = WORLD_CRS.unproject(np.array([world.nodes[i] for i in ids], dtype=np.float64))
    header = osmium.io.Header()
    header.set("sorting", "Type_then_ID")
    low, high = lonlat.min(axis=0) - 0.01, lonlat.max(axis=0) + 0.01
    header.add_box(osmium.osm.Box(*low.tolist(), *high.tolist()))
    with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
        for node, place in zip(ids, lonlat.tolist(), strict=True):
            writer.add_node(
                mutable.Node(
                    id=node, version=1, timestamp=STAMP, location=tuple(place),
                    tags=dict(world.node_tags.get(node, {})),
                )
            )  # fmt: skip
        for way in sorted(world.ways):
            nodes, tags = world.ways[way]
            writer.add_way(
                mutable.Way(id=way, version=1, timestamp=STAMP, nodes=list(nodes), tags=dict(tags))
            )
    return path

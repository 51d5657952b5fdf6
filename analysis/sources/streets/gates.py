"""Nodes that stand on streets and barriers: gates, bollards, crossings, and what they refuse."""

from collections.abc import Callable

import numpy as np
import shapely

from analysis.sources.extent import ReadArea
from analysis.sources.osm.data import OsmData, Tags
from analysis.sources.streets.access import AccessRules
from analysis.sources.streets.areas import CompoundAreas, read_bounds
from analysis.units import FloatArray, IntArray

ON_LINE_M = 1.0  # a gate drawn this near to a line or ring stands on it


def tagged_near(data: OsmData, area: ReadArea, wanted: Callable[[Tags], bool]) -> IntArray:
    """Return the rows of `data.tagged_node` near `area.read` whose tags are `wanted`."""
    lon, lat = data.node_lonlat[data.tagged_node].T
    west, south, east, north = read_bounds(area)
    near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
    rows = [row for row in near if wanted(data.node_tags[row])]
    return np.array(rows, dtype=np.int32)


def closing_rules(
    data: OsmData, rows: IntArray, xy_m: FloatArray, rules: AccessRules, compounds: CompoundAreas
) -> IntArray:
    """Return which rule of `rules.nodes` closes each tagged node, −1 where it stays open.

    `rows` int32 [t] of ``data.tagged_node``, `xy_m` float64 [t, 2] their places. The gates of a
    residential compound, up to 1 m off its ring, are judged as its residents find them.
    """
    homes = shapely.STRtree(compounds.polygons[compounds.residential])
    points = shapely.points(xy_m)
    inside = np.zeros(len(rows), dtype=np.bool_)
    inside[homes.query(points, predicate="dwithin", distance=ON_LINE_M)[0]] = True
    closing = np.full(len(rows), -1, dtype=np.int32)
    place = {rule.rule_id: position for position, rule in enumerate(rules.nodes)}
    known: dict[tuple[tuple[str | None, ...], bool], int] = {}  # nodes that look alike to the rules
    for at, (row, within) in enumerate(zip(rows.tolist(), inside.tolist(), strict=True)):
        tags = data.node_tags[row]
        alike = (tuple(map(tags.get, rules.node_keys)), within)
        if alike not in known:
            rule = rules.node(tags, inside_compound=within)
            closes = rule is not None and rule.verdict == "closed"
            known[alike] = place[rule.rule_id] if rule is not None and closes else -1
        closing[at] = known[alike]
    return closing

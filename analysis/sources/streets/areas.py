"""Ways and areas of an extract in metres: only what lies near the area read is projected."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.sources.extent import ReadArea
from analysis.sources.osm.data import OsmData, Tags
from analysis.sources.streets.access import AccessRules, holds_any
from analysis.units import BoolArray, FloatArray, GeometryArray, IntArray

_MAX_REPAIR_POINTS: Final = 200_000
_EDGE_STEPS: Final = 32


def read_bounds(area: ReadArea) -> tuple[float, float, float, float]:
    """Return a lon/lat box (west, south, east, north) that surely holds `area.read`."""
    west, south, east, north = shapely.bounds(area.read)
    along_x, along_y = (np.linspace(*ends, _EDGE_STEPS) for ends in ((west, east), (south, north)))
    # A straight edge in metres is bent in degrees: walk along it, and leave room between steps.
    edge = np.vstack(
        [
            *(np.column_stack([along_x, np.full(_EDGE_STEPS, y)]) for y in (south, north)),
            *(np.column_stack([np.full(_EDGE_STEPS, x), along_y]) for x in (west, east)),
        ]
    )
    lonlat = area.crs.unproject(edge)
    low, high = lonlat.min(axis=0), lonlat.max(axis=0)
    room = 0.01 * (high - low)
    (left, bottom), (right, top) = low - room, high + room
    return float(left), float(bottom), float(right), float(top)


def ways_near(data: OsmData, ways: IntArray, area: ReadArea) -> BoolArray:
    """Return which of `ways` have two nodes or more and a box that meets that of `area.read`."""
    near = np.diff(data.way_first)[ways] >= 2  # noqa: PLR2004 - a line has two ends
    rows = ways[near]
    if len(rows) == 0:
        return near
    picked, starts = way_points(data, rows)
    lon, lat = data.node_lonlat[picked].T
    west, south, east, north = read_bounds(area)
    meets = np.minimum.reduceat(lon, starts) <= east
    meets &= np.maximum.reduceat(lon, starts) >= west
    meets &= np.minimum.reduceat(lat, starts) <= north
    meets &= np.maximum.reduceat(lat, starts) >= south
    near[near] = meets
    return near


def way_points(data: OsmData, ways: IntArray) -> tuple[IntArray, IntArray]:
    """Return the node positions of `ways` one after the other, and where each way starts."""
    counts = np.diff(data.way_first)[ways].astype(np.int64)
    starts = np.cumsum(counts) - counts
    jumps = np.repeat(data.way_first[ways].astype(np.int64) - starts, counts)
    return data.way_node[np.arange(int(counts.sum())) + jumps], starts.astype(np.int32)


def project_ways(data: OsmData, ways: IntArray, area: ReadArea) -> FloatArray:
    """Return float64 [n, 2] metres for the nodes of `ways`, not-a-number for all other nodes."""
    xy_m = np.full((len(data.node_id), 2), np.nan)
    used = np.zeros(len(data.node_id), dtype=np.bool_)
    used[way_points(data, ways)[0]] = True
    xy_m[used] = area.crs.project(data.node_lonlat[used])
    return xy_m


def relations_near(data: OsmData, relations: IntArray, area: ReadArea) -> BoolArray:
    """Return which of `relations` have a polygon whose box meets that of `area.read`."""
    west, south, east, north = read_bounds(area)
    left, bottom, right, top = shapely.bounds(data.relation_polygon[relations]).reshape(-1, 4).T
    meets = (left <= east) & (right >= west) & (bottom <= north) & (top >= south)
    return np.asarray(meets, dtype=np.bool_)


def relation_polygons_m(data: OsmData, relations: IntArray, area: ReadArea) -> GeometryArray:
    """Return the polygons of `relations` in metres, object array like `relations`."""
    polygons: GeometryArray = shapely.transform(data.relation_polygon[relations], area.crs.project)
    return polygons


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CompoundAreas:
    """Areas that may be compounds: residential land use and other walled ground.

    `polygons` object [c] in metres, valid; `source_id` such as ``way/12``; `way` int64 [c] the way
    id, or -1 for a relation; `residential` bool [c]; sorted by source id's kind and number.
    """

    polygons: GeometryArray
    source_id: tuple[str, ...]
    tags: tuple[Tags, ...]
    way: IntArray
    residential: BoolArray
    notices: tuple[Notice, ...]


def compound_areas(data: OsmData, area: ReadArea, rules: AccessRules) -> CompoundAreas:
    """Return the areas of `rules.compounds` that meet `area.read`, repaired where need be.

    Areas outside the sizes that the table allows are left out; too large residential ones are
    listed in a notice, as are repaired and unusable outlines.
    """
    ways, relations = _wanted(data, area, rules)
    polygons = np.concatenate(
        [
            data.way_polygons(ways, project_ways(data, ways, area)),
            relation_polygons_m(data, relations, area),
        ]
    )
    names = [f"way/{data.way_id[i]}" for i in ways]
    names += [f"relation/{data.relation_id[i]}" for i in relations]
    tags = [data.way_tags[i] for i in ways] + [data.relation_tags[i] for i in relations]
    way = np.concatenate([data.way_id[ways], np.full(len(relations), -1, dtype=np.int64)])
    polygons, repaired, dropped = _repair(polygons)
    size_m2 = shapely.area(polygons)
    residential = np.array([holds_any(rules.compounds.residential, t) for t in tags], np.bool_)
    keep = ~dropped & (size_m2 >= rules.compounds.min_area_m2)
    keep &= shapely.intersects(area.read, polygons)
    large = keep & (size_m2 > rules.compounds.max_area_m2)
    kept = np.flatnonzero(keep & ~large)
    notices = (
        notice("osm.area_repaired", message("osm_areas.repaired"), _names(names, keep & repaired)),
        notice("osm.area_dropped", message("osm_areas.dropped"), _names(names, dropped), "warning"),
        notice(
            "compound.too_large",
            message("compound.too_large", max_m2=f"{rules.compounds.max_area_m2:,.0f}"),
            _names(names, large & residential),
        ),
    )
    return CompoundAreas(
        polygons=polygons[kept],
        source_id=tuple(names[i] for i in kept),
        tags=tuple(tags[i] for i in kept),
        way=way[kept],
        residential=residential[kept],
        notices=tuple(entry for entry in notices if entry.subjects),
    )


def _wanted(data: OsmData, area: ReadArea, rules: AccessRules) -> tuple[IntArray, IntArray]:
    compounds = rules.compounds
    conditions = (*compounds.residential, compounds.walled)
    closed = np.flatnonzero(data.is_closed())
    ways = np.array([i for i in closed if holds_any(conditions, data.way_tags[i])], dtype=np.int32)
    relations = np.array(
        [i for i, tags in enumerate(data.relation_tags) if holds_any(conditions, tags)],
        dtype=np.int32,
    )
    # The readers promise ascending ids; sorting costs nothing and keeps the order ours.
    ways = ways[np.argsort(data.way_id[ways], kind="stable")]
    relations = relations[np.argsort(data.relation_id[relations], kind="stable")]
    return ways[ways_near(data, ways, area)], relations[relations_near(data, relations, area)]


def _repair(polygons: GeometryArray) -> tuple[GeometryArray, BoolArray, BoolArray]:
    broken = ~shapely.is_valid(polygons)
    # A hostile outline of millions of points would hold the repair for minutes.
    mendable = broken & (shapely.get_num_coordinates(polygons) <= _MAX_REPAIR_POINTS)
    mended = polygons.copy()
    mended[mendable] = shapely.make_valid(
        polygons[mendable], method="structure", keep_collapsed=False
    )
    dropped = (broken & ~mendable) | (shapely.area(mended) == 0)
    return mended, mendable & ~dropped, dropped


def _names(names: list[str], chosen: BoolArray) -> list[str]:
    return [names[i] for i in np.flatnonzero(chosen)]

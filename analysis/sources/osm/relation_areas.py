"""Polygons of relations, put together by libosmium from the ways of a file.

libosmium makes an area of every closed way, too; those are left out before Python sees them. The
relations are known by then as lines of text, and the places of nodes as a table, so that of the
file only ways are read again. (A filter that shows it the member ways alone would be quicker by
40 ms, but libosmium keeps ids as bits: 80 MB for the ids of a city.)
"""

from collections.abc import Collection, Container, Iterable
from pathlib import Path
from typing import Final, cast

import numpy as np
import osmium
import shapely

from analysis.sources.osm.object_lines import pbf
from analysis.units import GeometryArray

_WAY_MEMBER: Final = b"w"


def way_members(rest: bytes) -> tuple[int, ...]:
    """Return the ids of the member ways of a relation's line, whose rest is ``Mw1@outer,n2@``."""
    members = (one for one in rest[1:-1].split(b",") if one.startswith(_WAY_MEMBER))
    return tuple(int(one[1:].partition(b"@")[0]) for one in members)


def assembled(
    path: Path,
    places: osmium.index.LocationTable,
    lines: Iterable[bytes],
    ids: Collection[int],
) -> dict[int, shapely.Geometry]:
    """Return the polygons of relations, degrees, by id; those that make none are left out.

    Parameters
    ----------
    path, places
        A PBF with the member ways, and the places of its nodes.
    lines
        The relations as they stand in OPL, one each.
    ids
        Their ids.
    """
    manager = osmium.area.AreaManager()
    # Only relations, which makes one pass of the two that the manager needs.
    with osmium.io.Reader(osmium.io.FileBuffer(b"".join(lines), "opl")) as reader:
        osmium.apply(reader, manager.first_pass_handler())
    locations = osmium.NodeLocationsForWays(places)
    locations.ignore_errors()
    only = _of_relations(ids)  # osmium does not keep what it is given: it must stay in reach
    areas = osmium.BufferIterator(*only)
    keep = manager.second_pass_to_buffer(areas)
    with osmium.io.Reader(pbf(path), osmium.osm.WAY) as reader:
        osmium.apply(reader, locations, keep)
    return _polygons(areas, ids)


def _of_relations(ids: Collection[int]) -> list[osmium.BaseFilter]:
    """Return a filter that keeps the areas of relations; libosmium makes them of ways, too."""
    if min(ids, default=0) < 0:  # the filter by id knows no negative ones
        return []
    # The area of relation i is number 2i + 1.
    one = osmium.filter.IdFilter([2 * number + 1 for number in ids])
    one.enable_for(osmium.osm.AREA)
    return [one]


def _polygons(
    areas: Iterable[osmium.osm.types.OSMEntity], wanted: Container[int]
) -> dict[int, shapely.Geometry]:
    """Return the areas of the relations `wanted`, single parts as Polygons."""
    factory, found = osmium.geom.WKBFactory(), dict[int, str]()
    for area in cast("Iterable[osmium.osm.Area]", areas):
        # No ring: it could not be assembled.
        if not area.from_way() and area.orig_id() in wanted and area.num_rings()[0]:
            found[area.orig_id()] = factory.create_multipolygon(area)
    polygons: GeometryArray = shapely.from_wkb(np.array(list(found.values()), np.object_))
    single = shapely.get_num_geometries(polygons) == 1
    polygons[single] = shapely.get_geometry(polygons[single], 0)
    return dict(zip(found, polygons, strict=True))

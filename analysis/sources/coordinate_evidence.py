"""What planners' coordinates are held against: the streets and all buildings of an extract."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

from analysis.coordinates.check import CoordinateCheck, check_coordinates
from analysis.coordinates.reading import StatedCoordinates, parse_declarations
from analysis.coordinates.surroundings import Surroundings
from analysis.places.planner_tables import Role
from analysis.sources.extent import StudyArea, extent_polygon, placed, study_area
from analysis.sources.files.circles import read_circle_layer
from analysis.sources.files.mapping import read_mapping
from analysis.sources.files.row_reading import rows_as_written
from analysis.sources.osm.data import OsmData
from analysis.sources.osm.reader import read_osm
from analysis.sources.streets.access_table import access_rules
from analysis.sources.streets.network import read_network
from analysis.streets.network import WalkNetwork
from analysis.units import GeometryArray


def check_files(
    files: Iterable[StatedCoordinates], data: OsmData, area: StudyArea, network: WalkNetwork
) -> tuple[CoordinateCheck, ...]:
    """Hold the coordinates of planners' files against `network` and the buildings of `data`."""
    named = tuple(files)
    return check_coordinates(named, _surroundings(data, area, network)) if named else ()


def inspect_coordinates(
    path: Path, role: Role, extract: Path, mapping: Sequence[str], coordinates: Sequence[str]
) -> tuple[CoordinateCheck, ...]:
    """Hold one file's coordinates against all of an extract, before any analysis.

    `mapping` and `coordinates` are the values of those options. Raises what reading the two files
    and the options raises; a file without places gives no check.
    """
    declared = parse_declarations(coordinates, [path.name, role])
    known = replace(read_mapping(mapping, [path]), coordinates=declared)
    if role == "circles":
        files = read_circle_layer(path, mapping=known).outlines
    else:
        files = (rows_as_written(path, role, mapping=known, lines=True).written,)
    data = read_osm(extract)
    whole = np.array([extent_polygon(data.extent)], dtype=object)
    area, _ = study_area(whole, data, 0.0)
    network = read_network(data, area, access_rules()).network
    return check_files(files, data, area, network)


def _surroundings(data: OsmData, area: StudyArea, network: WalkNetwork) -> Surroundings:
    arc = np.repeat(np.arange(network.n_arcs), np.diff(network.arc_first))
    streets = shapely.linestrings(network.arc_xy_m, indices=arc)
    known = shapely.intersection(area.read, area.data)
    return Surroundings.of(area.crs, known, streets, _footprints(data, area))


def _footprints(data: OsmData, area: StudyArea) -> GeometryArray:
    """Return the outline of every building of any use, metres, object array [b]."""
    closed = data.is_closed()
    ways = np.array(
        [
            row
            for row, tags in enumerate(data.way_tags)
            if closed[row] and tags.get("building", "no") != "no"
        ],
        dtype=np.int32,
    )
    relations = [
        row for row, tags in enumerate(data.relation_tags) if tags.get("building", "no") != "no"
    ]
    none = np.empty(0, dtype=object)
    return np.concatenate(
        [
            data.way_polygons(ways, data.node_xy_m(area.crs)) if len(ways) else none,
            placed(data.relation_polygon[relations], area.crs) if relations else none,
        ]
    )

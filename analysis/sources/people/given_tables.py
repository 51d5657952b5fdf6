"""People by address: rows of a table, or points of a layer, that stand for homes."""

import re
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from analysis.errors import InvalidDemandError
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.sources.extent import StudyArea
from analysis.sources.files.columns import plain
from analysis.sources.files.coordinates import Coordinates, tell_rows
from analysis.sources.files.mapping import ColumnMapping
from analysis.sources.files.row_reading import NO_MAPPING, read_rows
from analysis.sources.files.rows import Rows
from analysis.sources.people.buildings import Buildings
from analysis.sources.people.given import OwnPoints, PeopleSource, read_values
from analysis.units import BoolArray, FloatArray, IntArray

NEAR_M: Final = 60.0
_NOWHERE: Final = -1
_OSM_ID: Final = re.compile(r"(?:osm:)?(?:(way|relation|w|r)\s*[/: ]?\s*)?(\d+)")


def read_people_rows(
    path: Path, buildings: Buildings, area: StudyArea, mapping: ColumnMapping = NO_MAPPING
) -> PeopleSource:
    """Read people by rows with ``osm_id``, or ``lon`` and ``lat``, or both; or a layer of points.

    A row goes to the building of its ``osm_id``; else to the building that holds its point or is
    nearest within 60 m (ties by source id); else it stays a place of its own. Rows that can be
    put nowhere are named and listed as `unlocated`. Raises :class:`InvalidDemandError` as
    :func:`~analysis.sources.people.given.read_values` does, and for swapped or impossible
    coordinates.
    """
    rows = read_rows(path, "population", area, InvalidDemandError, mapping=mapping)
    _require_rows_and_places(rows)
    coordinates = rows.coordinates
    rows.told += tell_rows("table.swapped_rows", rows.source, rows.numbers, rows.swapped)
    _check_ids(rows)
    values, more = read_values(rows.source, rows.cells, rows.numbers, rows.columns, rows.problems)
    rows.told += more
    by_id, unknown = match_osm_ids(rows, buildings)
    target = np.where(by_id >= 0, by_id, _by_place(coordinates, buildings, area))
    alone = np.flatnonzero((target < 0) & coordinates.stated)
    own = OwnPoints(
        point_id=tuple(f"{rows.source}:{rows.numbers[one]}" for one in alone),
        xy_m=area.crs.project(coordinates.lonlat[alone]),
        is_building=True,
    )
    target[alone] = len(buildings) + np.arange(len(alone))
    rows.told += tell_rows("population.unknown_osm_id", rows.source, rows.numbers, unknown)
    rows.told += _placing(rows.source, rows.numbers, target, values.people, len(buildings))
    row = np.flatnonzero(target >= 0).astype(np.int32)
    unlocated = tuple(
        one
        for one in rows.unlocated(people=values.people)
        if target[rows.numbers.index(one.row)] < 0
    )
    return PeopleSource(
        source=rows.source,
        values=values,
        row=row,
        target=target[row].astype(np.int32),
        share=np.ones(len(row)),
        own=own,
        spread=False,
        notices=tuple(rows.told),
        reading=rows.reading(len(unlocated)),
        unlocated=unlocated,
        row_names=tuple(f"{rows.source}:{one}" for one in rows.numbers),
    )


def _check_ids(rows: Rows) -> None:
    """Let an id that stands in two rows join the problems: its people would count twice."""
    first: dict[str, int] = {}
    for position, number in enumerate(rows.numbers):
        row_id = rows.get(position, "id")
        if row_id and row_id in first:
            rows.problem(position, "id", "population.duplicate", first=first[row_id])
        first.setdefault(row_id, number)


def _require_rows_and_places(rows: Rows) -> None:
    if not rows.cells:
        raise InvalidDemandError(
            message("table.no_rows"), remedy=message("table.empty_file.remedy"), source=rows.source
        )
    placeable = rows.is_layer or any(one in rows.columns for one in ("osm_id", "wkt", "address"))
    if not placeable and not ("lon" in rows.columns and "lat" in rows.columns):
        raise InvalidDemandError(
            message("population.no_places", found=", ".join(rows.names)),
            remedy=message("table.missing_columns.remedy"),
            source=rows.source,
            row=1,
        )


def match_osm_ids(rows: Rows, buildings: Buildings) -> tuple[IntArray, BoolArray]:
    """Return the building of each row by its ``osm_id`` or -1, and which ids are no building."""
    position: dict[str, set[int]] = {}
    for place, one in enumerate(buildings.source_id):
        kind, _, number = one.removeprefix("osm:").partition("/")
        for key in (f"{kind[0]}{number}", number):
            position.setdefault(key, set()).add(place)
    found = np.full(len(rows), _NOWHERE, dtype=np.int32)
    unknown = np.zeros(len(rows), dtype=bool)
    for row in range(len(rows)):
        text = rows.get(row, "osm_id")
        stated = _OSM_ID.fullmatch(plain(text))
        key = f"{(stated.group(1) or '')[:1]}{stated.group(2)}" if stated else ""
        places = position.get(key, set())
        if len(places) == 1:
            found[row] = min(places)
        elif text:
            unknown[row] = True
    return found, unknown


def _by_place(coordinates: Coordinates, buildings: Buildings, area: StudyArea) -> IntArray:
    """Return the building at or nearest to each row within 60 m, -1 where none; int32 [r]."""
    found = np.full(len(coordinates.rows), len(buildings), dtype=np.int32)
    stated = np.flatnonzero(coordinates.stated)
    if len(buildings) and len(stated):
        points = shapely.points(area.crs.project(coordinates.lonlat[stated]))
        tree = shapely.STRtree(buildings.polygons)
        point, building = tree.query_nearest(points, max_distance=NEAR_M, all_matches=True)
        np.minimum.at(found, stated[point], building.astype(np.int32))
    found[found == len(buildings)] = _NOWHERE
    return found


def _placing(
    source: str,
    numbers: tuple[int, ...],
    target: IntArray,
    people: FloatArray,
    n_buildings: int,
) -> list[Notice]:
    told = []
    for rows, key, severity in (
        (np.flatnonzero(target >= n_buildings), "population.own_points", "info"),
        (np.flatnonzero(target < 0), "population.nowhere", "warning"),
    ):
        if len(rows):
            text = message(key, source=source, count=len(rows), people=f"{people[rows].sum():,.0f}")
            names = [f"{source}:{numbers[row]}" for row in rows]
            told.append(notice(key, text, names, "warning" if severity == "warning" else "info"))
    return told

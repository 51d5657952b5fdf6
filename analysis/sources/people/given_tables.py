"""People by address: a table whose rows stand for buildings or compounds."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from analysis.errors import InvalidDemandError
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.sources.extent import StudyArea
from analysis.sources.files.columns import Columns, Problem, plain, recognise
from analysis.sources.files.coordinates import (
    Coordinates,
    check_not_swapped,
    check_range,
    read_coordinates,
    tell_rows,
)
from analysis.sources.files.tables import read_table
from analysis.sources.people.buildings import Buildings
from analysis.sources.people.given import VALUE_COLUMNS, OwnPoints, PeopleSource, read_values
from analysis.units import BoolArray, FloatArray, IntArray

NEAR_M: Final = 60.0
_NOWHERE: Final = -1
_OSM_ID: Final = re.compile(r"(?:osm:)?(?:(way|relation|w|r)\s*[/: ]?\s*)?(\d+)")


def read_people_table(path: Path, buildings: Buildings, area: StudyArea) -> PeopleSource:
    """Read people by rows with ``osm_id``, or ``lon`` and ``lat``, or both.

    A row goes to the building of its ``osm_id``; else to the building that holds its point or is
    nearest within 60 m (ties by source id); else it stays a place of its own. Rows that can be
    put nowhere are named. Raises :class:`InvalidDemandError` as
    :func:`~analysis.sources.people.given.read_values` does, and for swapped or impossible
    coordinates.
    """
    table = read_table(path)
    columns = recognise(table.columns, ("osm_id", "lon", "lat", *VALUE_COLUMNS))
    told = [*table.notices, *columns.notices(table.source)]
    _require_rows_and_places(table.source, table.rows, table.columns, columns)
    problems: list[Problem] = []
    coordinates = read_coordinates(table.rows, table.row_numbers, columns, problems)
    swapped = check_not_swapped(coordinates, area, table.source, InvalidDemandError)
    told += tell_rows("table.swapped_rows", table.source, table.row_numbers, swapped)
    check_range(coordinates, problems)
    values, more = read_values(table.source, table.rows, table.row_numbers, columns, problems)
    told += more
    by_id, unknown = _by_osm_id(table.rows, columns, buildings)
    target = np.where(by_id >= 0, by_id, _by_place(coordinates, buildings, area))
    alone = np.flatnonzero((target < 0) & coordinates.stated)
    own = OwnPoints(
        point_id=tuple(f"{table.source}:{table.row_numbers[one]}" for one in alone),
        xy_m=area.crs.project(coordinates.lonlat[alone]),
        is_building=True,
    )
    target[alone] = len(buildings) + np.arange(len(alone))
    told += tell_rows("population.unknown_osm_id", table.source, table.row_numbers, unknown)
    told += _placing(table.source, table.row_numbers, target, values.people, len(buildings))
    row = np.flatnonzero(target >= 0).astype(np.int32)
    return PeopleSource(
        source=table.source,
        values=values,
        row=row,
        target=target[row].astype(np.int32),
        share=np.ones(len(row)),
        own=own,
        spread=False,
        notices=tuple(told),
    )


def _require_rows_and_places(
    source: str, rows: Sequence[Mapping[str, str]], found: tuple[str, ...], columns: Columns
) -> None:
    if not rows:
        raise InvalidDemandError(
            message("table.no_rows"), remedy=message("table.empty_file.remedy"), source=source
        )
    if "osm_id" not in columns and not ("lon" in columns and "lat" in columns):
        raise InvalidDemandError(
            message("population.no_places", found=", ".join(found)),
            remedy=message("table.missing_columns.remedy"),
            source=source,
            row=1,
        )


def _by_osm_id(
    rows: Sequence[Mapping[str, str]], columns: Columns, buildings: Buildings
) -> tuple[IntArray, BoolArray]:
    """Return the building of each row by its ``osm_id`` or -1, and which ids are no building."""
    position: dict[str, set[int]] = {}
    for place, one in enumerate(buildings.source_id):
        kind, _, number = one.removeprefix("osm:").partition("/")
        for key in (f"{kind[0]}{number}", number):
            position.setdefault(key, set()).add(place)
    found = np.full(len(rows), _NOWHERE, dtype=np.int32)
    unknown = np.zeros(len(rows), dtype=bool)
    for row, cells in enumerate(rows):
        text = columns.get(cells, "osm_id")
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

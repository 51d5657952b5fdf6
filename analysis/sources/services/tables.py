"""Facilities from planners' tables and layers: element, status, place, all columns they gave."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

import numpy as np
import shapely

from analysis.errors import InvalidFacilitiesError
from analysis.facilities import Entrance, FacilityRecord, Status
from analysis.messages import Joined, message
from analysis.notices import Notice, notice
from analysis.sources.extent import StudyArea, placed
from analysis.sources.files.columns import (
    Columns,
    Problem,
    numeric_columns,
    parse_number,
    plain,
    raise_problems,
    recognise,
    word,
)
from analysis.sources.files.coordinates import (
    Coordinates,
    check_not_swapped,
    check_range,
    inside,
    read_coordinates,
    tell_rows,
)
from analysis.sources.files.layers import is_polygon, read_places
from analysis.sources.files.tables import read_table
from analysis.sources.files.vector import is_layer
from analysis.standard import ServiceStandard
from analysis.units import BoolArray, FloatArray, GeometryArray

_PLACED: Final = ("id", "name", "element", "lon", "lat", "status", "entrance_lon", "entrance_lat")
_RING_STEP_M: Final = 25.0
_MAX_RING_POINTS: Final = 400
Places = tuple[tuple[float, float, Entrance], ...]


@dataclass(frozen=True, slots=True, eq=False)
class TableReading:
    """What a facility table holds: its records, and what was skipped, mended or guessed."""

    records: list[FacilityRecord]
    notices: tuple[Notice, ...]


@dataclass(slots=True)
class _Rows:
    """The rows of a table or layer on their way into records."""

    source: str
    cells: tuple[Mapping[str, str], ...]
    numbers: tuple[int, ...]
    columns: Columns
    coordinates: Coordinates
    polygons: GeometryArray | None
    told: list[Notice]
    problems: list[Problem] = field(default_factory=list)

    def problem(self, position: int, column: str, why: str, **args: object) -> None:
        text = self.columns.get(self.cells[position], column)
        self.problems.append(
            Problem(self.numbers[position], self.columns.label(column), text, message(why, **args))
        )


def read_facility_table(
    path: Path, standard: ServiceStandard, area: StudyArea, *, layer: str | None = None
) -> TableReading:
    """Read facilities from a CSV or XLSX table, or from a layer of points and polygons.

    Wanted columns: ``element`` (id or name of the standard, in Chinese or English) and, in a table,
    ``lon`` and ``lat`` in WGS84 degrees. Understood: ``id``, ``name``, ``status``,
    ``entrance_lon`` and ``entrance_lat`` (several by ``;``), ``area_m2`` or ``land_m2``. Every
    column is kept in `attributes`, known ones under their canonical name with bare numbers.

    Rows without coordinates or outside the study area are left out and named in notices. Raises
    :class:`InvalidFacilitiesError` listing *all* cells that cannot be used, or saying that
    longitude and latitude are swapped.
    """
    problems: list[Problem] = []
    rows = _read_layer(path, layer, area) if is_layer(path) else _read_rows(path, problems)
    rows.problems.extend(problems)
    if not rows.cells:
        raise InvalidFacilitiesError(
            message("facility_table.no_rows"),
            remedy=message("facility_table.no_rows.remedy"),
            source=rows.source,
        )
    _require(rows, ("element",) if rows.polygons is not None else ("element", "lon", "lat"))
    swapped = check_not_swapped(rows.coordinates, area, rows.source, InvalidFacilitiesError)
    check_range(rows.coordinates, rows.problems)
    elements = _elements(rows, standard)
    statuses = [_status(rows, position) for position in range(len(rows.cells))]
    attributes = [_attributes(rows, position) for position in range(len(rows.cells))]
    entrances = [_stated_entrances(rows, position, area) for position in range(len(rows.cells))]
    _check_ids(rows, elements)
    known = Joined(tuple(element.name for element in standard.elements))
    raise_problems(
        rows.problems,
        InvalidFacilitiesError,
        rows.source,
        message("facility_table.remedy", known=known),
    )
    kept = inside(rows.coordinates.lonlat, area)
    if not kept.any():
        raise InvalidFacilitiesError(
            message("facility_table.none_inside", count=len(rows.cells)),
            remedy=message("facility_table.none_inside.remedy"),
            source=rows.source,
        )
    _tell_left_out(rows, kept, swapped)
    xy_m = area.crs.project(np.where(kept[:, None], rows.coordinates.lonlat, 0.0))
    records = [
        FacilityRecord(
            element_id=elements[position],
            source_id=_source_id(rows, position),
            name=rows.columns.get(rows.cells[position], "name"),
            origin="table",
            status=statuses[position],
            xy_m=(float(xy_m[position, 0]), float(xy_m[position, 1])),
            area_m2=_area_m2(rows, position, attributes[position]),
            ambiguous=False,
            entrances=entrances[position] or _entrances(rows, position, xy_m[position]),
            attributes=attributes[position],
        )
        for position in np.flatnonzero(kept).tolist()
    ]
    return TableReading(records, tuple(rows.told))


def _wanted() -> tuple[str, ...]:
    return (*_PLACED, *sorted(numeric_columns()), "opening_hours", "barrier_free")


def _read_rows(path: Path, problems: list[Problem]) -> _Rows:
    table = read_table(path)
    columns = recognise(table.columns, _wanted())
    told = [*table.notices, *columns.notices(table.source)]
    if not table.rows:
        text = message("table.no_rows")
        told.append(notice("table.no_rows", text, (table.source,), "warning"))
    coordinates = read_coordinates(table.rows, table.row_numbers, columns, problems)
    return _Rows(table.source, table.rows, table.row_numbers, columns, coordinates, None, told)


def _read_layer(path: Path, layer: str | None, area: StudyArea) -> _Rows:
    places = read_places(path, layer=layer)
    columns = recognise(places.columns, _wanted())
    told = [*places.notices, *columns.notices(places.source)]
    polygons = placed(places.geometries, area.crs)
    points = shapely.point_on_surface(places.geometries)
    lonlat = shapely.get_coordinates(points)
    coordinates = Coordinates(lonlat, places.row_numbers, columns)
    return _Rows(
        places.source, places.attributes, places.row_numbers, columns, coordinates, polygons, told
    )


def _require(rows: _Rows, names: tuple[str, ...]) -> None:
    lacking = tuple(name for name in names if name not in rows.columns)
    if lacking:
        found = tuple(dict.fromkeys(name for cells in rows.cells for name in cells))
        raise InvalidFacilitiesError(
            message("table.missing_columns", columns=Joined(lacking), found=Joined(found)),
            remedy=message("table.missing_columns.remedy"),
            source=rows.source,
            row=None if rows.polygons is not None else 1,
        )


def _elements(rows: _Rows, standard: ServiceStandard) -> list[str]:
    """Return the element of each row; an unknown one joins the problems."""
    known: dict[str, set[str]] = {}
    for element in standard.elements:
        exact = {_key(text) for text in (element.id, element.name.zh, element.name.en)}
        shorter = {_key(text.split("(")[0]) for text in map(_half_width, _texts(element.name))}
        for key in exact | shorter:
            known.setdefault(key, set()).add(element.id)
    found = []
    for position, cells in enumerate(rows.cells):
        meant = known.get(_key(rows.columns.get(cells, "element")), set())
        if len(meant) != 1:
            rows.problem(position, "element", "facility_table.bad_element")
        found.append(min(meant, default=""))
    return found


def _texts(name: object) -> tuple[str, str]:
    return getattr(name, "zh", ""), getattr(name, "en", "")


def _half_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _key(text: str) -> str:
    return plain(text).replace(" ", "").replace("_", "").replace("-", "")


def _status(rows: _Rows, position: int) -> Status:
    text = rows.columns.get(rows.cells[position], "status")
    status = word("status_words", text) if text else "unknown"
    if status is None:
        rows.problem(position, "status", "facility_table.bad_status")
    return cast("Status", status)


def _attributes(rows: _Rows, position: int) -> dict[str, str]:
    """Return every cell under its canonical name, known numbers as bare numbers ≥ 0."""
    numeric = numeric_columns()
    attributes: dict[str, str] = {}
    for column, text in rows.cells[position].items():
        name = rows.columns.canonical_of(column)
        attributes[name] = text.strip()
        if name not in numeric:
            continue
        try:
            number = parse_number(text)
        except ValueError:
            rows.problem(position, name, "table.not_a_number")
            continue
        if number is not None:
            attributes[name] = f"{number:.15g}"
            if number < 0:
                rows.problem(position, name, "table.negative")
    return attributes


def _stated_entrances(rows: _Rows, position: int, area: StudyArea) -> Places:
    lonlat: list[list[float]] = []
    for name in ("entrance_lon", "entrance_lat"):
        text = rows.columns.get(rows.cells[position], name)
        try:
            parsed = [parse_number(part) for part in _half_width(text).split(";")]
        except ValueError:
            rows.problem(position, name, "table.not_a_number")
            return ()
        lonlat.append([value for value in parsed if value is not None])
    if len(lonlat[0]) != len(lonlat[1]):
        rows.problem(position, "entrance_lon", "facility_table.entrances")
        return ()
    if not lonlat[0]:
        return ()
    degrees = np.array(lonlat, dtype=np.float64).T
    if not inside(degrees, area).all():
        rows.problem(position, "entrance_lon", "facility_table.entrance_outside")
        return ()
    return tuple((float(x), float(y), Entrance.TABLE) for x, y in area.crs.project(degrees))


def _entrances(rows: _Rows, position: int, xy_m: FloatArray) -> Places:
    """Return the point itself, or points all along the ring of a polygon without known gates."""
    if rows.polygons is None or not is_polygon(rows.polygons[position : position + 1])[0]:
        return ((float(xy_m[0]), float(xy_m[1]), Entrance.TABLE),)
    ring = shapely.boundary(rows.polygons[position])
    step_m = max(_RING_STEP_M, float(shapely.length(ring)) / _MAX_RING_POINTS)
    along = np.unique(shapely.get_coordinates(shapely.segmentize(ring, step_m)), axis=0)
    return tuple((float(x), float(y), Entrance.RING) for x, y in along)


def _area_m2(rows: _Rows, position: int, attributes: Mapping[str, str]) -> float:
    if rows.polygons is not None and is_polygon(rows.polygons[position : position + 1])[0]:
        return float(shapely.area(rows.polygons[position]))
    stated = attributes.get("area_m2") or attributes.get("land_m2") or ""
    return float(stated) if stated else float("nan")


def _source_id(rows: _Rows, position: int) -> str:
    own = rows.columns.get(rows.cells[position], "id")
    return f"{rows.source}:{own or rows.numbers[position]}"


def _check_ids(rows: _Rows, elements: list[str]) -> None:
    first: dict[tuple[str, str], int] = {}
    for position, element in enumerate(elements):
        key = (element, _source_id(rows, position))
        if key in first and element:
            rows.problem(position, "id", "facility_table.duplicate", first=first[key])
        first.setdefault(key, rows.numbers[position])


def _tell_left_out(rows: _Rows, kept: BoolArray, swapped: BoolArray) -> None:
    stated = rows.coordinates.stated
    for left_out, key in (
        (~stated, "table.no_coordinates"),
        (swapped, "table.swapped_rows"),
        (stated & ~kept & ~swapped, "table.outside"),
    ):
        rows.told += tell_rows(key, rows.source, rows.numbers, left_out)

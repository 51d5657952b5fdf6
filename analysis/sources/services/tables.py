"""Facilities from planners' tables and layers: element, status, place, all columns they gave."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, cast

import numpy as np
import shapely

from analysis.errors import InvalidFacilitiesError
from analysis.messages import Joined, message
from analysis.notices import Notice, notice
from analysis.places.facilities import Entrance, FacilityRecord, Status
from analysis.places.planner_tables import FileReading, UnlocatedRow
from analysis.sources.extent import StudyArea, placed
from analysis.sources.files.cells import normal_cells
from analysis.sources.files.columns import parse_number, raise_problems, word
from analysis.sources.files.coordinates import inside
from analysis.sources.files.layers import is_polygon
from analysis.sources.files.mapping import ColumnMapping
from analysis.sources.files.row_reading import NO_MAPPING, read_rows
from analysis.sources.files.rows import Rows
from analysis.sources.services.osm_places import OsmPlaces
from analysis.sources.services.table_elements import NOT_OURS, row_elements
from analysis.standard.profile import STOCK, ServiceStandard
from analysis.units import BoolArray, FloatArray, GeometryArray

_RING_STEP_M: Final = 25.0
_MAX_RING_POINTS: Final = 400
_LINES: Final = (1, 5)  # shapely type ids: LineString, MultiLineString
Places = tuple[tuple[float, float, Entrance], ...]


@dataclass(frozen=True, slots=True, eq=False)
class TableReading:
    """What a facility table holds.

    Attributes
    ----------
    records
        Rows with a place inside the area that is read.
    notices
        What was skipped, mended or guessed.
    reading
        How its columns were read.
    unlocated
        Rows that say what there is but not where.
    """

    records: list[FacilityRecord]
    notices: tuple[Notice, ...]
    reading: FileReading
    unlocated: tuple[UnlocatedRow, ...]


def read_facility_table(
    path: Path,
    standard: ServiceStandard,
    area: StudyArea,
    *,
    layer: str | None = None,
    mapping: ColumnMapping = NO_MAPPING,
    places: OsmPlaces | None = None,
) -> TableReading:
    """Read facilities from a CSV or XLSX table, or from a layer of points, polygons and lines.

    Wanted columns: ``element`` (id or name of the standard, in Chinese or English) and, in a table,
    ``lon`` and ``lat`` in WGS84 degrees, or ``wkt``, or at least an ``address``. Understood:
    ``id``, ``name``, ``status``, ``osm_id``, ``entrance_lon`` and ``entrance_lat`` (several by
    ``;``) and
    the attributes of ``columns.yaml``. Every column is kept in `attributes`, known ones under their
    canonical name in their plain form. Old communities and back streets keep their outline. A row
    without coordinates whose ``osm_id`` names an object of `places` stands where that is.

    Rows without coordinates are returned as `unlocated`; those outside the study area are named in
    notices. Raises :class:`InvalidFacilitiesError` listing *all* cells that cannot be used, or
    saying that longitude and latitude are swapped.
    """
    rows = read_rows(
        path, "facilities", area, InvalidFacilitiesError, mapping=mapping, layer=layer, lines=True
    )
    if not rows.cells:
        raise InvalidFacilitiesError(
            message("facility_table.no_rows"),
            remedy=message("facility_table.no_rows.remedy"),
            source=rows.source,
        )
    elements = row_elements(rows, standard, mapping.element_of(rows.source))
    if places is not None:
        _place_by_osm_id(rows, places, area)
    _require(rows)
    statuses = [_status(rows, position) for position in range(len(rows))]
    attributes = [
        normal_cells(cells, number, rows.columns, rows.problems)
        for cells, number in zip(rows.cells, rows.numbers, strict=True)
    ]
    entrances = [_stated_entrances(rows, position, area) for position in range(len(rows))]
    _check_ids(rows, elements)
    known = Joined(tuple(element.name for element in standard.elements))
    raise_problems(
        rows.problems,
        InvalidFacilitiesError,
        rows.source,
        message("facility_table.remedy", known=known),
    )
    ours = np.array([one != NOT_OURS for one in elements], dtype=bool)
    kept = _kept(rows) & ours
    shapes = None if rows.shapes is None else _in_metres(rows.shapes, area)
    drawn = _unfit_lines(rows, elements, standard, shapes)
    xy_m = rows.xy_m(area)
    records = [
        _record(rows, position, elements[position], statuses[position], attributes[position],
                entrances[position], xy_m[position], None if shapes is None else shapes[position])
        for position in np.flatnonzero(kept & ~drawn).tolist()
    ]  # fmt: skip
    lost = tuple(one for one in rows.unlocated(tuple(elements)) if one.element_id != NOT_OURS)
    unlocated = lost + _drawn_as_lines(rows, elements, kept & drawn)
    _tell(rows, unlocated)
    return TableReading(records, tuple(rows.told), rows.reading(len(unlocated)), unlocated)


def _require(rows: Rows) -> None:
    """Ask for what a table cannot do without; rows of addresses alone are kept as unlocated."""
    rows.require(InvalidFacilitiesError, *rows.lacking_place)


def _place_by_osm_id(rows: Rows, places: OsmPlaces, area: StudyArea) -> None:
    """Give rows without coordinates the place and shape of the mapped object that they name."""
    shapes = np.full(len(rows), None, dtype=object) if rows.shapes is None else rows.shapes.copy()
    lonlat = rows.coordinates.lonlat.copy()
    placed_rows = []
    for position in np.flatnonzero(~rows.coordinates.stated).tolist():
        shape = places.shape(rows.get(position, "osm_id"))
        if shape is not None:
            shapes[position] = shapely.transform(shape, area.crs.unproject)
            lonlat[position] = shapely.get_coordinates(shapely.point_on_surface(shapes[position]))
            placed_rows.append(f"{rows.source}:{rows.numbers[position]}")
    if placed_rows:
        rows.shapes = shapes
        rows.coordinates = replace(rows.coordinates, lonlat=lonlat)
        rows.kept = inside(lonlat, area)
        text = message("facility_table.by_osm_id", source=rows.source, count=len(placed_rows))
        rows.told.append(notice("facility_table.by_osm_id", text, placed_rows))


def _kept(rows: Rows) -> BoolArray:
    """Return which rows lie in the area; none of those with a place is an error."""
    if rows.coordinates.stated.any() and not rows.kept.any():
        raise InvalidFacilitiesError(
            message("facility_table.none_inside", count=len(rows)),
            remedy=message("facility_table.none_inside.remedy"),
            source=rows.source,
        )
    return rows.kept


def _in_metres(shapes: GeometryArray, area: StudyArea) -> GeometryArray:
    given = ~shapely.is_missing(shapes)
    moved = np.full(len(shapes), None, dtype=object)
    moved[given] = placed(shapes[given], area.crs)
    return moved


def _unfit_lines(
    rows: Rows, elements: list[str], standard: ServiceStandard, shapes: GeometryArray | None
) -> BoolArray:
    """Return which rows are drawn as lines though their element is none that lines stand for."""
    if shapes is None:
        return np.zeros(len(rows), dtype=bool)
    stock = {one.id for one in standard.elements if one.treatment in STOCK}
    is_line: BoolArray = np.isin(shapely.get_type_id(shapes), _LINES)
    unfit: BoolArray = is_line & np.array([one not in stock for one in elements], dtype=bool)
    return unfit


def _drawn_as_lines(rows: Rows, elements: list[str], chosen: BoolArray) -> tuple[UnlocatedRow, ...]:
    return tuple(
        UnlocatedRow(
            role=rows.role,
            source=rows.source,
            row=rows.numbers[one],
            row_id=rows.get(one, "id"),
            name=rows.get(one, "name"),
            address=rows.get(one, "address"),
            element_id=elements[one],
            people=float("nan"),
            why=message("unlocated.line"),
        )
        for one in np.flatnonzero(chosen).tolist()
    )


def _tell(rows: Rows, unlocated: tuple[UnlocatedRow, ...]) -> None:
    rows.tell_left_out()
    lines = [f"{one.source}:{one.row}" for one in unlocated if one.why.key == "unlocated.line"]
    if lines:
        text = message("unlocated.lines", source=rows.source, count=len(lines))
        rows.told.append(notice("unlocated.lines", text, lines, "warning"))


def _record(
    rows: Rows,
    position: int,
    element_id: str,
    status: Status,
    attributes: dict[str, str],
    entrances: Places,
    xy_m: FloatArray,
    shape: shapely.Geometry | None,
) -> FacilityRecord:
    is_line = shape is not None and shapely.get_type_id(shape) in _LINES
    if shape is not None and is_line and not attributes.get("length_m"):
        attributes["length_m"] = f"{shape.length:.1f}"
    return FacilityRecord(
        element_id=element_id,
        source_id=_source_id(rows, position),
        name=rows.get(position, "name"),
        origin="table",
        status=status,
        xy_m=(float(xy_m[0]), float(xy_m[1])),
        area_m2=_area_m2(shape, attributes),
        ambiguous=False,
        entrances=entrances or _entrances(shape, xy_m),
        attributes=attributes,
        shape=shape if is_line or _is_area(shape) else None,
    )


def _is_area(shape: shapely.Geometry | None) -> bool:
    return shape is not None and bool(is_polygon(np.array([shape], dtype=object))[0])


def _half_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _status(rows: Rows, position: int) -> Status:
    text = rows.columns.get(rows.cells[position], "status")
    status = word("status_words", text) if text else "unknown"
    if status is None:
        rows.problem(position, "status", "facility_table.bad_status")
    return cast("Status", status)


def _stated_entrances(rows: Rows, position: int, area: StudyArea) -> Places:
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
    degrees = rows.written.declared.lonlat(np.array(lonlat, dtype=np.float64).T)
    if not inside(degrees, area).all():
        rows.problem(position, "entrance_lon", "facility_table.entrance_outside")
        return ()
    return tuple((float(x), float(y), Entrance.TABLE) for x, y in area.crs.project(degrees))


def _entrances(shape: shapely.Geometry | None, xy_m: FloatArray) -> Places:
    """Return the point itself, or points all along the ring of a polygon without known gates."""
    if shape is None or not _is_area(shape):
        return ((float(xy_m[0]), float(xy_m[1]), Entrance.TABLE),)
    ring = shapely.boundary(shape)
    step_m = max(_RING_STEP_M, float(shapely.length(ring)) / _MAX_RING_POINTS)
    along = np.unique(shapely.get_coordinates(shapely.segmentize(ring, step_m)), axis=0)
    return tuple((float(x), float(y), Entrance.RING) for x, y in along)


def _area_m2(shape: shapely.Geometry | None, attributes: Mapping[str, str]) -> float:
    if shape is not None and _is_area(shape):
        return float(shapely.area(shape))
    stated = attributes.get("area_m2") or attributes.get("land_m2") or ""
    return float(stated) if stated else float("nan")


def _source_id(rows: Rows, position: int) -> str:
    own = rows.columns.get(rows.cells[position], "id")
    return f"{rows.source}:{own or rows.numbers[position]}"


def _check_ids(rows: Rows, elements: list[str]) -> None:
    first: dict[tuple[str, str], int] = {}
    for position, element in enumerate(elements):
        key = (element, _source_id(rows, position))
        if key in first and element:
            rows.problem(position, "id", "facility_table.duplicate", first=first[key])
        first.setdefault(key, rows.numbers[position])

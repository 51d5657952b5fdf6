"""Reading of rows: a planner's table or layer, its columns recognised, its places checked."""

from pathlib import Path

import numpy as np
import shapely

from analysis.coordinates.reading import CoordinateReading, StatedCoordinates, stated
from analysis.crs import WGS84
from analysis.errors import InputError
from analysis.messages import message
from analysis.notices import Notice
from analysis.places.planner_tables import Role
from analysis.sources.extent import StudyArea
from analysis.sources.files.columns import Columns, Problem, recognise, wanted_columns
from analysis.sources.files.coordinates import (
    Coordinates,
    check_not_projected,
    check_not_swapped,
    check_range,
    inside,
    read_coordinates,
)
from analysis.sources.files.layers import PolygonLayer, checked_places, read_places
from analysis.sources.files.mapping import ColumnMapping
from analysis.sources.files.raw_layers import raw_layer
from analysis.sources.files.rows import Rows
from analysis.sources.files.tables import Table, read_table
from analysis.sources.files.vector import is_layer
from analysis.units import GeometryArray

NO_MAPPING = ColumnMapping()


def read_rows(
    path: Path,
    role: Role,
    area: StudyArea,
    error: type[InputError],
    *,
    mapping: ColumnMapping = NO_MAPPING,
    layer: str | None = None,
    lines: bool = False,
) -> Rows:
    """Read any file of a planner: CSV, XLSX, GeoPackage, shapefile or GeoJSON.

    A table's rows are placed by ``lon`` and ``lat`` or by a column ``wkt`` of outlines, all read as
    `mapping` declares. Features without a geometry stay as rows without a place. Raises `error`
    where longitude and latitude are swapped throughout or metres of some zone, and whatever reading
    the file raises.
    """
    rows = rows_as_written(path, role, mapping=mapping, layer=layer, lines=lines)
    check_not_projected(rows.written, rows.columns, area, error)
    rows.swapped = check_not_swapped(rows.coordinates, area, rows.source, error)
    check_range(rows.coordinates, rows.problems)
    rows.kept = inside(rows.coordinates.lonlat, area)
    return rows


def rows_as_written(
    path: Path,
    role: Role,
    *,
    mapping: ColumnMapping = NO_MAPPING,
    layer: str | None = None,
    lines: bool = False,
) -> Rows:
    """Read as :func:`read_rows` does, without holding coordinates against a study area."""
    if is_layer(path):
        declared = mapping.reading_of(path.name, role)
        places = read_places(path, layer=layer, usual_name=role, lines=lines, declared=declared)
        return _from_layer(places, role, mapping)
    return _from_table(read_table(path), role, mapping, lines=lines)


def read_columns(
    table_columns: tuple[str, ...], source: str, role: Role, mapping: ColumnMapping
) -> Columns:
    """Return which columns of a file are read as what, declared ones first."""
    declared = mapping.of(source, role, table_columns)
    return recognise(table_columns, wanted_columns(role), declared)


def _from_table(table: Table, role: Role, mapping: ColumnMapping, *, lines: bool) -> Rows:
    columns = read_columns(table.columns, table.source, role, mapping)
    problems: list[Problem] = []
    told = [*table.notices, *columns.notices(table.source)]
    declared = mapping.reading_of(table.source, role)
    numbers = read_coordinates(table.rows, table.row_numbers, columns, problems)
    written = StatedCoordinates(
        role=role, source=table.source, declared=declared, pairs=numbers.lonlat
    )
    coordinates = Coordinates(written.lonlat, table.row_numbers, columns)
    shapes = None
    if "wkt" in columns:
        shapes = _outlines(table, columns, problems, told, declared, lines=lines)
        given = ~shapely.is_missing(shapes)
        lonlat = coordinates.lonlat.copy()
        lonlat[given] = shapely.get_coordinates(shapely.point_on_surface(shapes[given]))
        coordinates = Coordinates(lonlat, table.row_numbers, columns)
        written = stated(role, table.source, declared, lonlat)
    return Rows(
        role=role, source=table.source, cells=table.rows, numbers=table.row_numbers,
        columns=columns, names=table.columns, coordinates=coordinates, shapes=shapes,
        is_layer=False, told=told, problems=problems, written=written,
    )  # fmt: skip


def _outlines(
    table: Table,
    columns: Columns,
    problems: list[Problem],
    told: list[Notice],
    declared: CoordinateReading,
    *,
    lines: bool,
) -> GeometryArray:
    """Return the geometries of the column ``wkt``, checked as a layer's are."""
    shapes = np.full(len(table), None, dtype=object)
    for position, row in enumerate(table.rows):
        text = columns.get(row, "wkt")
        try:
            shapes[position] = shapely.from_wkt(text) if text else None
        except shapely.errors.GEOSException:
            why = message("table.not_wkt")
            number = table.row_numbers[position]
            problems.append(Problem(number, columns.label("wkt"), text, why))
    given = np.flatnonzero(~shapely.is_missing(shapes))
    if len(given):
        crs = declared.system if declared.is_code else WGS84
        raw = raw_layer(table.source, "", (shapes, table.rows, crs))
        layer = checked_places(raw, lines=lines, declared=declared)
        told += [one for one in layer.notices if one.code != "layer.no_geometry"]
        shapes = np.full(len(table), None, dtype=object)
        shapes[np.array(layer.row_numbers) - 1] = layer.geometries
    return shapes


def _from_layer(layer: PolygonLayer, role: Role, mapping: ColumnMapping) -> Rows:
    names = dict.fromkeys(name for row in layer.attributes for name in row)
    names |= dict.fromkeys(name for _, row in layer.without_geometry for name in row)
    columns = read_columns(tuple(names), layer.source, role, mapping)
    features = [
        *zip(layer.row_numbers, layer.attributes, layer.geometries, strict=True),
        *((number, cells, None) for number, cells in layer.without_geometry),
    ]
    features.sort(key=lambda one: one[0])
    numbers = tuple(number for number, _, _ in features)
    shapes = np.full(len(features), None, dtype=object)
    shapes[:] = [shape for _, _, shape in features]
    given = ~shapely.is_missing(shapes)
    lonlat = np.full((len(features), 2), np.nan)
    lonlat[given] = shapely.get_coordinates(shapely.point_on_surface(shapes[given]))
    return Rows(
        role=role, source=layer.source, cells=tuple(cells for _, cells, _ in features),
        numbers=numbers, columns=columns, names=tuple(names),
        coordinates=Coordinates(lonlat, numbers, columns), shapes=shapes, is_layer=True,
        told=[*layer.notices, *columns.notices(layer.source)], problems=[],
        written=stated(role, layer.source, mapping.reading_of(layer.source, role), lonlat),
    )  # fmt: skip

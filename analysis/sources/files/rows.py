"""Rows: one way from any planner's file, table or layer, to cells with a meaning and a place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely

from analysis.coordinates.reading import CoordinateReading, StatedCoordinates, stated
from analysis.crs import WGS84
from analysis.errors import InputError, InvalidFacilitiesError
from analysis.messages import Joined, Message, message
from analysis.notices import Notice
from analysis.places.planner_tables import ColumnUse, FileReading, Role, UnlocatedRow
from analysis.sources.extent import StudyArea
from analysis.sources.files.columns import (
    Columns,
    Problem,
    recognise,
    wanted_columns,
)
from analysis.sources.files.coordinates import (
    Coordinates,
    check_not_projected,
    check_not_swapped,
    check_range,
    inside,
    read_coordinates,
    tell_rows,
)
from analysis.sources.files.layers import PolygonLayer, checked_places, read_places
from analysis.sources.files.mapping import ColumnMapping
from analysis.sources.files.raw_layers import raw_layer
from analysis.sources.files.tables import Table, read_table
from analysis.sources.files.vector import is_layer
from analysis.units import BoolArray, FloatArray, GeometryArray

NO_MAPPING = ColumnMapping()


@dataclass(slots=True, kw_only=True, eq=False)
class Rows:
    """The rows of a planner's file, read as files of one role are.

    Attributes
    ----------
    role, source
        What the file was given as, and its name without its folder.
    cells, numbers
        The cells of each row as text, and the row as a person counts it [r].
    columns
        Which column is read as what.
    names
        The file's columns, in order.
    coordinates
        Where each row is, degrees; a point inside where it is a polygon.
    shapes
        Geometries in WGS84 degrees, None where a row has none, object array [r]; None for a table
        of coordinates.
    is_layer
        Whether the file is a spatial layer, whose rows are features.
    kept, swapped
        Which rows lie in the area that is read, and which would if longitude and latitude were
        exchanged, bool [r].
    told, problems
        What was skipped, mended or guessed, and cells that cannot be used.
    written
        The coordinates before they were read as declared.
    """

    role: Role
    source: str
    cells: tuple[Mapping[str, str], ...]
    numbers: tuple[int, ...]
    columns: Columns
    names: tuple[str, ...]
    coordinates: Coordinates
    shapes: GeometryArray | None
    is_layer: bool
    told: list[Notice]
    problems: list[Problem]
    written: StatedCoordinates
    kept: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    swapped: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.cells)

    def get(self, position: int, name: str) -> str:
        """Return a trimmed cell by its canonical name; empty where the file has no such column."""
        return self.columns.get(self.cells[position], name)

    def problem(self, position: int, name: str, why: str, **args: object) -> None:
        """Add a cell that cannot be used to the problems."""
        self.problems.append(
            Problem(
                self.numbers[position],
                self.columns.label(name),
                self.get(position, name),
                message(why, **args),
            )
        )

    def require(self, error: type[InputError], *names: str) -> None:
        """Raise `error` unless the file has all columns of those canonical names."""
        lacking = tuple(name for name in names if name not in self.columns)
        if lacking:
            raise error(
                message("table.missing_columns", columns=Joined(lacking), found=Joined(self.names)),
                remedy=message("table.missing_columns.remedy"),
                source=self.source,
                row=None if self.is_layer else 1,
            )

    @property
    def lacking_place(self) -> tuple[str, ...]:
        """Return the coordinate columns that a table lacks which says in no other way where."""
        if self.is_layer or any(one in self.columns for one in ("wkt", "address", "osm_id")):
            return ()
        return tuple(one for one in ("lon", "lat") if one not in self.columns)

    def require_element(self, declared: str | None) -> None:
        """Raise for a table whose element nobody says, or that is declared as an unknown one."""
        if declared is not None:
            raise InvalidFacilitiesError(
                message("facility_table.bad_declared"),
                remedy=message("facility_table.declare_element.remedy", source=self.source),
                source=self.source,
                value=declared,
            )
        lacking = ("element", *self.lacking_place)
        raise InvalidFacilitiesError(
            message("table.missing_columns", columns=Joined(lacking), found=Joined(self.names)),
            remedy=message("facility_table.declare_element.remedy", source=self.source),
            source=self.source,
            row=None if self.is_layer else 1,
        )

    def xy_m(self, area: StudyArea) -> FloatArray:
        """Return where the kept rows are, metres, float64 [r, 2]; nan for the others."""
        lonlat = np.where(self.kept[:, None], self.coordinates.lonlat, 0.0)
        return np.where(self.kept[:, None], area.crs.project(lonlat), np.nan)

    @property
    def lost(self) -> BoolArray:
        """Return which rows have no usable place, bool [r]."""
        return ~self.coordinates.stated | self.swapped

    def unlocated(
        self, element_ids: tuple[str, ...] | None = None, people: FloatArray | None = None
    ) -> tuple[UnlocatedRow, ...]:
        """Return the rows that say what there is but not where."""
        return tuple(
            UnlocatedRow(
                role=self.role,
                source=self.source,
                row=self.numbers[one],
                row_id=self.get(one, "id") or self.get(one, "osm_id"),
                name=self.get(one, "name"),
                address=self.get(one, "address"),
                element_id="" if element_ids is None else element_ids[one],
                people=float("nan") if people is None else float(people[one]),
                why=self._why_lost(one),
            )
            for one in np.flatnonzero(self.lost).tolist()
        )

    def _why_lost(self, position: int) -> Message:
        return message("unlocated.swapped" if self.swapped[position] else "unlocated.no_place")

    def reading(self, unlocated: int) -> FileReading:
        """Return how the file was read, for the study document."""
        return file_reading(
            self.role, self.source, len(self), self.names, self.columns, unlocated, self.written
        )

    def tell_left_out(self) -> None:
        """Add notices of the rows without coordinates, swapped and outside the study area."""
        stated = self.coordinates.stated
        for left_out, key in (
            (~stated, "table.no_coordinates"),
            (self.swapped, "table.swapped_rows"),
            (stated & ~self.kept & ~self.swapped, "table.outside"),
        ):
            self.told += tell_rows(key, self.source, self.numbers, left_out)


def file_reading(
    role: Role,
    source: str,
    n_rows: int,
    names: tuple[str, ...],
    columns: Columns,
    unlocated: int,
    written: StatedCoordinates | None = None,
) -> FileReading:
    """Return how a file's columns were read, in the order of the file."""
    meaning = {own: name for name, own in columns.read_as.items()}
    passed = {one: name for name, others in columns.passed_over.items() for one in others}
    return FileReading(
        role=role,
        source=source,
        rows=n_rows,
        unlocated=unlocated,
        columns=tuple(
            ColumnUse(column=one, meaning=meaning[one], how=columns.how[meaning[one]])
            for one in names
            if one in meaning
        ),
        passed_over={one: passed[one] for one in names if one in passed},
        unused=columns.unused,
        coordinates=written,
    )


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

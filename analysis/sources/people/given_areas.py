"""People by area: polygons or raster cells, spread over the buildings in them by floor area."""

from pathlib import Path
from typing import Final

import numpy as np
import pyproj
import rasterio
import shapely
from rasterio.windows import Window

from analysis.coordinates.reading import stated
from analysis.errors import CRSError, InvalidDemandError, SourceDataError
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.places.circles import Circles
from analysis.sources.extent import StudyArea
from analysis.sources.files.layers import PolygonLayer, read_polygons
from analysis.sources.files.mapping import ColumnMapping
from analysis.sources.files.row_reading import NO_MAPPING, read_columns
from analysis.sources.files.rows import file_reading
from analysis.sources.files.tables import check_file
from analysis.sources.geotiff import open_geotiff
from analysis.sources.people.building_rules import building_rules
from analysis.sources.people.buildings import Buildings
from analysis.sources.people.given import (
    OwnPoints,
    PeopleSource,
    Values,
    read_values,
)
from analysis.units import FloatArray, GeometryArray, IntArray

RASTER_SUFFIXES: Final = (".tif", ".tiff")
MAX_RASTER_BYTES: Final = 2**32
MAX_CELLS: Final = 25_000_000
_TIFF: Final = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_WHOLE: Final = 0.999
_SLIVER: Final = 1e-9  # of a polygon: what rounding leaves beyond circles that hold all of it


def is_raster(path: Path) -> bool:
    """Return whether the file's name says that it is a raster."""
    return path.suffix.lower() in RASTER_SUFFIXES


def read_people_layer(
    path: Path,
    buildings: Buildings,
    circles: Circles,
    area: StudyArea,
    mapping: ColumnMapping = NO_MAPPING,
) -> PeopleSource:
    """Read people by polygons and spread them over the buildings whose inner point they hold.

    A polygon that leaves the area where buildings are known gives the part of its people that its
    area inside has. One without buildings gives each circle the part that its area in that circle
    has, at a point in it, and the same of what is left beyond the circles. Raises as
    :func:`~analysis.sources.files.layers.read_polygons` and
    :func:`~analysis.sources.people.given.read_values` do.
    """
    declared = mapping.reading_of(path.name, "population")
    layer = read_polygons(path, usual_name="population", declared=declared)
    columns = read_columns(layer.columns, layer.source, "population", mapping)
    told = [*layer.notices, *columns.notices(layer.source)]
    values, more = read_values(layer.source, layer.attributes, layer.row_numbers, columns, [])
    told += more
    polygons = layer.placed(area.crs)
    names = tuple(f"{layer.source}:{row}" for row in layer.row_numbers)
    known = shapely.intersection(area.read, area.data)
    shapely.prepare(known)
    inside = shapely.area(shapely.intersection(polygons, known)) / shapely.area(polygons)
    cut = np.flatnonzero((inside > 0) & (inside < _WHOLE))
    if len(cut):
        text = message("population.cut", source=layer.source, count=len(cut))
        told.append(notice("population.cut", text, [names[one] for one in cut], "warning"))
    building, row = shapely.STRtree(polygons).query(
        shapely.points(buildings.xy_m), predicate="intersects"
    )
    floor_m2 = buildings.home_floor_m2[building]
    total_m2 = np.bincount(row, weights=floor_m2, minlength=len(polygons))
    share = floor_m2 / total_m2[row] * inside[row]
    empty = np.flatnonzero((total_m2 == 0) & (inside > 0) & (values.people > 0)).astype(np.int32)
    own, own_row, own_share = _left_over(polygons, empty, names, circles, known)
    if len(empty):
        people = f"{values.people[empty].sum():,.0f}"
        text = message(
            "population.no_buildings", source=layer.source, count=len(empty), people=people
        )
        told.append(
            notice("population.no_buildings", text, [names[one] for one in empty], "warning")
        )
    return PeopleSource(
        source=layer.source,
        values=values,
        row=np.concatenate([row, own_row]).astype(np.int32),
        target=np.concatenate([building, len(buildings) + np.arange(len(own_row))]).astype(
            np.int32
        ),
        share=np.concatenate([share, own_share]),
        own=own,
        spread=True,
        notices=tuple(told),
        row_names=names,
        reading=file_reading(
            "population",
            layer.source,
            len(layer),
            layer.columns,
            columns,
            unlocated=0,
            written=stated("population", layer.source, declared, _inner_lonlat(layer)),
        ),
    )


def _inner_lonlat(layer: PolygonLayer) -> FloatArray:
    inner: FloatArray = shapely.get_coordinates(shapely.point_on_surface(layer.geometries))
    return inner


def _left_over(
    polygons: GeometryArray,
    empty: IntArray,
    names: tuple[str, ...],
    circles: Circles,
    known: shapely.Geometry,
) -> tuple[OwnPoints, IntArray, FloatArray]:
    """Return one point for each polygon without buildings and circle, with its row and share.

    What is left of it beyond the circles, where the data is `known`, has a point likewise.
    """
    ids: list[str] = []
    rows: list[int] = []
    shares: list[float] = []
    points: list[shapely.Geometry] = []
    for row in empty.tolist():
        rest = polygons[row]
        for circle, polygon in zip(circles.circle_id, circles.polygons, strict=True):
            piece = shapely.intersection(rest, polygon)
            if piece.area <= 0:
                continue
            ids.append(f"{names[row]}/{circle}")
            rows.append(row)
            shares.append(piece.area / polygons[row].area)
            points.append(shapely.point_on_surface(piece))
            rest = shapely.difference(rest, polygon)  # land in two circles belongs to the first
        rest = shapely.intersection(rest, known)
        if rest.area > _SLIVER * polygons[row].area:
            ids.append(names[row])
            rows.append(row)
            shares.append(rest.area / polygons[row].area)
            points.append(shapely.point_on_surface(rest))
    own = OwnPoints(
        point_id=tuple(ids),
        xy_m=shapely.get_coordinates(points).reshape(-1, 2),
        is_building=False,
    )
    return own, np.array(rows, dtype=np.int32), np.array(shares, dtype=np.float64)


def read_people_raster(path: Path, buildings: Buildings, area: StudyArea) -> PeopleSource:
    """Read a GeoTIFF of people per cell and spread each cell over the buildings in it.

    Cells without data count nothing; a cell without buildings stays a point at its middle. Raises
    :class:`SourceDataError` for a file that is no GeoTIFF, :class:`CRSError` without a reference
    system, and :class:`InvalidDemandError` for negative or infinite cells, a raster elsewhere, or
    people that sum to zero.
    """
    check_file(path, MAX_RASTER_BYTES)
    with path.open("rb") as file:
        head = file.read(4)
    if head not in _TIFF:
        raise SourceDataError(
            message("population.not_a_tiff"),
            remedy=message("population.not_a_tiff.remedy"),
            source=path.name,
        )
    why, remedy = message("layer.unreadable"), message("population.not_a_tiff.remedy")
    with open_geotiff(path, why=why, remedy=remedy) as dataset:
        return _spread_raster(dataset, path.name, buildings, area)


def _spread_raster(
    dataset: rasterio.DatasetReader, source: str, buildings: Buildings, area: StudyArea
) -> PeopleSource:
    if dataset.crs is None:
        raise CRSError(
            message("layer.no_crs"), remedy=message("layer.no_crs.remedy"), source=source
        )
    grid = _Grid(dataset, source, area)
    told: list[Notice] = []
    if dataset.count > 1:
        text = message("population.bands", source=source, count=dataset.count)
        told.append(notice("population.bands", text, (source,), "warning"))
    people = grid.people()
    cell = grid.cell_of(buildings.xy_m)
    building = np.flatnonzero(cell >= 0)
    row = cell[building]
    floor_m2 = buildings.home_floor_m2[building]
    total_m2 = np.bincount(row, weights=floor_m2, minlength=len(people))
    middle_m = grid.middles_m()
    empty = np.flatnonzero((total_m2 == 0) & (people > 0))
    empty = empty[shapely.contains_xy(area.read, *middle_m[empty].T)]
    ids = tuple(f"{source}:{one // grid.width}/{one % grid.width}" for one in empty)
    if len(empty):
        text = message(
            "population.no_buildings",
            source=source,
            count=len(empty),
            people=f"{people[empty].sum():,.0f}",
        )
        told.append(notice("population.no_buildings", text, ids, "warning"))
    counted = np.unique(np.concatenate([row, empty]))
    if people[counted].sum() <= 0:
        raise InvalidDemandError(
            message("population.zero"), remedy=message("population.zero.remedy"), source=source
        )
    used = np.zeros(len(people))
    used[counted] = people[counted]
    return PeopleSource(
        source=source,
        values=Values(
            people=used,
            households=used / building_rules().persons_per_household,
            groups={},
            people_estimated=np.zeros(len(people), dtype=bool),
        ),
        row=np.concatenate([row, empty]).astype(np.int32),
        target=np.concatenate([building, len(buildings) + np.arange(len(empty))]).astype(np.int32),
        share=np.concatenate([floor_m2 / total_m2[row], np.ones(len(empty))]),
        own=OwnPoints(point_id=ids, xy_m=middle_m[empty], is_building=False),
        spread=True,
        notices=tuple(told),
    )


class _Grid:
    """The cells of a raster that touch the area that is read."""

    def __init__(self, dataset: rasterio.DatasetReader, source: str, area: StudyArea) -> None:
        transform = dataset.transform
        if transform.b or transform.d or transform.is_degenerate:
            raise InvalidDemandError(
                message("population.rotated"),
                remedy=message("population.rotated.remedy"),
                source=source,
            )
        self._dataset, self._source = dataset, source
        self._origin = np.array([transform.c, transform.f])
        self._step = np.array([transform.a, transform.e])
        self._to_raster = pyproj.Transformer.from_crs(
            area.crs.definition, dataset.crs.to_wkt(), always_xy=True
        )
        outline = shapely.get_coordinates(shapely.segmentize(area.read, 500.0))
        column, row = self._cells(*self._to_raster.transform(*outline.T))
        columns = np.clip([np.floor(column.min()), np.ceil(column.max())], 0, dataset.width)
        rows = np.clip([np.floor(row.min()), np.ceil(row.max())], 0, dataset.height)
        self._column, self._row = int(columns[0]), int(rows[0])
        self.width, self.height = int(np.diff(columns)[0]), int(np.diff(rows)[0])
        if self.width * self.height == 0:
            raise InvalidDemandError(
                message("population.elsewhere"),
                remedy=message("population.elsewhere.remedy"),
                source=source,
            )
        if self.width * self.height > MAX_CELLS:
            raise InvalidDemandError(
                message("population.too_many_cells", limit=MAX_CELLS),
                remedy=message("population.rotated.remedy"),
                source=source,
            )

    def _cells(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        column, row = ((np.column_stack([x, y]) - self._origin) / self._step).T
        return column, row

    def people(self) -> FloatArray:
        """Return people of each cell row by row, float64 [cells], 0 where there is no data."""
        window = Window(self._column, self._row, self.width, self.height)
        values = self._dataset.read(1, window=window, masked=True).astype(np.float64)
        flat: FloatArray = values.filled(0.0).reshape(-1)
        flat[np.isnan(flat)] = 0.0
        bad = np.flatnonzero(~(flat >= 0) | np.isinf(flat))
        if len(bad):
            row, column = divmod(int(bad[0]), self.width)
            raise InvalidDemandError(
                message("population.bad_cell", count=len(bad), column=column + self._column + 1),
                remedy=message("population.bad_cell.remedy"),
                source=self._source,
                row=row + self._row + 1,
                value=flat[bad[0]],
            )
        return flat

    def cell_of(self, xy_m: FloatArray) -> IntArray:
        """Return the cell of each point, int32 [n]; -1 outside."""
        x, y = self._to_raster.transform(xy_m[:, 0], xy_m[:, 1])
        column, row = self._cells(x, y)
        column = np.floor(column) - self._column
        row = np.floor(row) - self._row
        inside = (column >= 0) & (column < self.width) & (row >= 0) & (row < self.height)
        return np.where(inside, row * self.width + column, -1).astype(np.int32)

    def middles_m(self) -> FloatArray:
        """Return the middle of each cell in metres, float64 [cells, 2]."""
        row, column = np.divmod(np.arange(self.width * self.height), self.width)
        place = self._origin + self._step * np.stack(
            [column + self._column + 0.5, row + self._row + 0.5], axis=1
        )
        back = pyproj.enums.TransformDirection.INVERSE
        return np.column_stack(self._to_raster.transform(place[:, 0], place[:, 1], direction=back))

"""Layers: polygons (or points) in WGS84 degrees, checked, mended and with what was done told."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyproj
import shapely

from analysis.coordinates.reading import AS_WRITTEN, CoordinateReading
from analysis.crs import WGS84, MetricCRS
from analysis.errors import CRSError, SourceDataError
from analysis.messages import Joined, Message, message
from analysis.notices import Notice, notice
from analysis.sources.extent import placed
from analysis.sources.files.raw_layers import RawLayer
from analysis.sources.files.vector import read_raw_layer
from analysis.units import BoolArray, FloatArray, GeometryArray, IntArray

MAX_REPAIR_VERTICES: Final = 20_000
MAX_CROSSINGS: Final = 2_000
_SAMPLED_SEGMENTS: Final = 200
_POLYGONS: Final = (3, 6)  # shapely type ids: Polygon, MultiPolygon
_POINTS: Final = (0, 4)  # Point, MultiPoint
_LINES: Final = (1, 5)  # LineString, MultiLineString
_DEGREES_SLACK: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PolygonLayer:
    """Features of one layer.

    Attributes
    ----------
    source, layer
        The file's name without its folder, and the layer's name.
    geometries
        Valid 2-D geometries in WGS84 degrees (lon, lat), object array [f]: Polygon or
        MultiPolygon, or points as well where they were asked for.
    attributes
        Attributes as text [f].
    row_numbers
        The feature of the file that each came from; the first feature is 1.
    crs
        The reference system that the file declares.
    notices
        What was skipped, mended or guessed.
    without_geometry
        Feature number and attributes of those that have no geometry.
    """

    source: str
    layer: str
    geometries: GeometryArray
    attributes: tuple[Mapping[str, str], ...]
    row_numbers: tuple[int, ...]
    crs: str
    notices: tuple[Notice, ...]
    without_geometry: tuple[tuple[int, Mapping[str, str]], ...] = ()

    def __len__(self) -> int:
        """Return the number of features."""
        return len(self.geometries)

    def __repr__(self) -> str:
        """Summarise the layer."""
        return f"PolygonLayer({self.source}, {len(self)} features)"

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the attributes' names in the order of their first use."""
        return tuple(dict.fromkeys(name for row in self.attributes for name in row))

    def placed(self, crs: MetricCRS) -> GeometryArray:
        """Return the geometries in metres, valid, object array [f]."""
        return placed(self.geometries, crs)


def read_polygons(
    path: Path,
    *,
    layer: str | None = None,
    usual_name: str = "circles",
    declared: CoordinateReading = AS_WRITTEN,
) -> PolygonLayer:
    """Read a polygon layer of a GeoPackage, shapefile (also zipped) or GeoJSON file.

    `layer` names the layer; where it is None the one called `usual_name`, or the only polygon
    layer, is taken. Coordinates are read as `declared`: in its system instead of the file's own
    where it names a code, its shift undone otherwise. Self-crossing polygons are mended and
    reported; heights are dropped. Raises :class:`SourceDataError` for an unreadable, hostile or
    empty layer, one without polygons or with impossible coordinates, and :class:`CRSError` where
    the reference system is missing.
    """
    raw = read_raw_layer(path, layer, usual_name=usual_name, crs=_code(declared))
    return _checked(raw, _POLYGONS, "layer.no_polygons", declared)


def read_places(
    path: Path,
    *,
    layer: str | None = None,
    usual_name: str = "facilities",
    lines: bool = False,
    declared: CoordinateReading = AS_WRITTEN,
) -> PolygonLayer:
    """Read points and polygons alike, `lines` too; otherwise as :func:`read_polygons`.

    The layer taken by default is the one called `usual_name`, or the only spatial layer.
    """
    raw = read_raw_layer(path, layer, usual_name=usual_name, points=True, crs=_code(declared))
    return checked_places(raw, lines=lines, declared=declared)


def _code(declared: CoordinateReading) -> str:
    return declared.system if declared.is_code else ""


def checked_places(
    raw: RawLayer, *, lines: bool = False, declared: CoordinateReading = AS_WRITTEN
) -> PolygonLayer:
    """Return points and polygons (`lines` too) of a raw layer in degrees, checked and mended."""
    wanted = _POLYGONS + _POINTS + (_LINES if lines else ())
    return _checked(raw, wanted, "layer.no_places", declared)


def is_polygon(geometries: GeometryArray) -> BoolArray:
    """Return which geometries are Polygons or MultiPolygons, bool like `geometries`."""
    return np.isin(shapely.get_type_id(geometries), _POLYGONS)


def _checked(
    raw: RawLayer, wanted: tuple[int, ...], none_found: str, declared: CoordinateReading
) -> PolygonLayer:
    if len(raw.geometries) == 0:
        raise SourceDataError(
            message("layer.empty"), remedy=message("layer.empty.remedy"), source=raw.source
        )
    told = list(raw.notices)
    missing = shapely.is_missing(raw.geometries) | shapely.is_empty(raw.geometries)
    fitting = np.isin(shapely.get_type_id(raw.geometries), wanted) & ~missing
    if not fitting.any():
        kinds = Counter(getattr(one, "geom_type", "-") for one in raw.geometries)
        raise SourceDataError(
            message(none_found, kinds=Joined(tuple(sorted(kinds)))),
            remedy=message(f"{none_found}.remedy"),
            source=raw.source,
        )
    for skipped, key in (
        (missing, "layer.no_geometry"),
        (~missing & ~fitting, "layer.other_geometry"),
    ):
        if skipped.any():
            names = [f"{raw.source}:{row + 1}" for row in np.flatnonzero(skipped)]
            text = message(key, source=raw.source, count=len(names))
            told.append(notice(key, text, names, "warning"))
    rows = np.flatnonzero(fitting).astype(np.int32)
    geometries = raw.geometries[rows]
    if shapely.has_z(geometries).any():
        text = message("layer.z_dropped", source=raw.source)
        told.append(notice("layer.z_dropped", text, (raw.source,)))
    geometries = shapely.force_2d(geometries)
    _check_finite(raw.source, geometries, rows)
    if declared.swapped:
        geometries = shapely.transform(geometries, lambda xy: xy[:, ::-1])
    geometries = _to_degrees(raw, geometries, rows)
    if not declared.is_code and declared.system != "wgs84":
        shifted = CoordinateReading(declared.system)
        geometries = shapely.transform(geometries, shifted.lonlat)
    geometries, mended = _mended(raw.source, geometries, rows)
    if mended:
        text = message("layer.repaired", source=raw.source, count=len(mended))
        told.append(notice("layer.repaired", text, mended, "warning"))
    return PolygonLayer(
        source=raw.source,
        layer=raw.layer,
        geometries=geometries,
        attributes=tuple(raw.attributes[row] for row in rows),
        row_numbers=tuple(int(row) + 1 for row in rows),
        crs=raw.crs,
        notices=tuple(told),
        without_geometry=tuple(
            (int(row) + 1, raw.attributes[row]) for row in np.flatnonzero(missing)
        ),
    )


def _check_finite(source: str, geometries: GeometryArray, rows: IntArray) -> None:
    coordinates, index = shapely.get_coordinates(geometries, return_index=True)
    bad = np.flatnonzero(~np.isfinite(coordinates).all(axis=1))
    if len(bad):
        raise _broken(
            source,
            int(rows[index[bad[0]]]),
            message("layer.bad_coordinate"),
            _pair(coordinates[bad[0]]),
        )


def _pair(point: FloatArray) -> str:
    return f"{point[0]:.6f}, {point[1]:.6f}"


def _broken(
    source: str, row: int, reason: Message, value: object, remedy: str = "layer.bad_geometry.remedy"
) -> SourceDataError:
    return SourceDataError(reason, remedy=message(remedy), source=source, row=row + 1, value=value)


def _to_degrees(raw: RawLayer, geometries: GeometryArray, rows: IntArray) -> GeometryArray:
    if not raw.crs:
        raise CRSError(
            message("layer.no_crs"), remedy=message("layer.no_crs.remedy"), source=raw.source
        )
    try:
        crs = pyproj.CRS.from_user_input(raw.crs)
        to_wgs84 = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True)
    except pyproj.exceptions.ProjError as error:
        raise CRSError(
            message("layer.unknown_crs"),
            remedy=message("layer.no_crs.remedy"),
            source=raw.source,
            value=raw.crs,
        ) from error
    if crs.is_geographic:
        _check_degrees(raw, geometries, rows)
    moved: GeometryArray = shapely.transform(
        geometries, lambda xy: np.column_stack(to_wgs84.transform(xy[:, 0], xy[:, 1]))
    )
    coordinates, index = shapely.get_coordinates(moved, return_index=True)
    bad = np.flatnonzero(~(np.abs(coordinates) <= (180 + _DEGREES_SLACK, 90)).all(axis=1))
    if len(bad):
        given = shapely.get_coordinates(geometries)[bad[0]]
        raise CRSError(
            message("layer.not_projectable", crs=_crs_name(raw.crs)),
            remedy=message("layer.no_crs.remedy"),
            source=raw.source,
            row=int(rows[index[bad[0]]]) + 1,
            value=_pair(given),
        )
    return moved


def _check_degrees(raw: RawLayer, geometries: GeometryArray, rows: IntArray) -> None:
    coordinates, index = shapely.get_coordinates(geometries, return_index=True)
    beyond = ~(np.abs(coordinates) <= (180 + _DEGREES_SLACK, 90 + _DEGREES_SLACK)).all(axis=1)
    if not beyond.any():
        return
    first = int(np.flatnonzero(beyond)[0])
    row = int(rows[index[first]])
    exchanged = np.abs(coordinates[:, ::-1]) <= (180, 90)
    if exchanged.all():
        raise _broken(
            raw.source,
            row,
            message("layer.swapped"),
            _pair(coordinates[first]),
            "layer.swapped.remedy",
        )
    raise CRSError(
        message("layer.not_degrees", crs=_crs_name(raw.crs)),
        remedy=message("layer.not_degrees.remedy"),
        source=raw.source,
        row=row + 1,
        value=_pair(coordinates[first]),
    )


def _crs_name(crs: str) -> str:
    limit = 60
    return crs if len(crs) <= limit else pyproj.CRS.from_user_input(crs).name


def _mended(
    source: str, geometries: GeometryArray, rows: IntArray
) -> tuple[GeometryArray, list[str]]:
    mended: list[str] = []
    out = geometries.copy()
    for position in np.flatnonzero(~shapely.is_valid(geometries)):
        row = int(rows[position])
        vertices = int(shapely.get_num_coordinates(geometries[position]))
        if vertices > MAX_REPAIR_VERTICES or crossings(geometries[position]) > MAX_CROSSINGS:
            reason = message("layer.tangled", vertices=vertices)
            raise _broken(source, row, reason, shapely.is_valid_reason(geometries[position]))
        parts = shapely.get_parts(shapely.make_valid(geometries[position], method="structure"))
        areal = parts[is_polygon(parts)]
        out[position] = (
            shapely.multipolygons(shapely.get_parts(areal))
            if len(areal) > 1
            else (areal[0] if len(areal) else shapely.Polygon())
        )
        mended.append(f"{source}:{row + 1}")
    flat = np.flatnonzero(is_polygon(out) & (shapely.area(out) <= 0))
    if len(flat):
        where = int(rows[flat[0]])
        raise _broken(source, where, message("layer.collapsed"), out[flat[0]].wkt)
    return out, mended


def crossings(polygon: shapely.Geometry) -> float:
    """Return about how often the rings of a polygon cross themselves, from 200 of its segments.

    Mending costs with the number of crossings, not of vertices: a random star of 300 vertices
    takes longer than a coast line of 20 000.
    """
    coordinates, ring = shapely.get_coordinates(
        shapely.get_rings(shapely.get_parts(polygon)), return_index=True
    )
    same = ring[1:] == ring[:-1]
    segments = shapely.linestrings(np.stack([coordinates[:-1], coordinates[1:]], axis=1)[same])
    picked = segments[:: max(1, len(segments) // _SAMPLED_SEGMENTS)]
    found = shapely.STRtree(segments).query(picked, predicate="crosses")
    return int(found.shape[1]) * len(segments) / max(len(picked), 1) / 2

"""Circles from a planner's layer, a boundary or an extent, in degrees.

The metric reference system of a study is laid through its circles, so they are read in degrees
(:func:`read_circle_layer`), and then they are placed
(:mod:`analysis.sources.files.placed_circles`).
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, cast

import numpy as np
import shapely

from analysis.coordinates.reading import AS_WRITTEN, CoordinateReading, StatedCoordinates, stated
from analysis.errors import InvalidCirclesError
from analysis.messages import Joined, Name, message
from analysis.notices import Notice, notice
from analysis.places.circles import ALL_CIRCLES, Level
from analysis.places.planner_tables import FileReading
from analysis.sources.extent import extent_polygon
from analysis.sources.files.columns import (
    Columns,
    Problem,
    parse_number,
    raise_problems,
    recognise,
    word,
)
from analysis.sources.files.layers import PolygonLayer, read_polygons
from analysis.sources.files.mapping import ColumnMapping
from analysis.sources.files.row_reading import NO_MAPPING, read_columns
from analysis.sources.files.rows import file_reading
from analysis.units import FloatArray, GeometryArray

EXTENT: Final = ""  # the source of the circle that no file gives
_WHOLE: Final = "1"
_OUTLINE_STEP_DEG: Final = 0.0008  # about 90 m


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CircleLayer:
    """Circles in degrees, sorted by id.

    Attributes
    ----------
    source
        The file's name without its folder, or what else the circles come from.
    circle_id, name, level
        As for :class:`~analysis.places.circles.Circles` [c].
    polygons
        Valid polygons in WGS84 degrees, object array [c].
    total_population
        As the planner states it, float64 [c]; nan where not stated.
    notices
        What was mended, guessed or skipped.
    reading
        How the columns were read; None where no file gives the circles.
    outlines
        Points along the outlines of circles and boundary, as written.
    """

    source: str
    circle_id: tuple[str, ...]
    name: tuple[str, ...]
    level: tuple[Level, ...]
    polygons: GeometryArray
    total_population: FloatArray
    notices: tuple[Notice, ...]
    reading: FileReading | None = None
    outlines: tuple[StatedCoordinates, ...] = ()

    def __len__(self) -> int:
        """Return the number of circles."""
        return len(self.circle_id)

    def __repr__(self) -> str:
        """Summarise the layer."""
        return f"CircleLayer({self.source}, {len(self)} circles)"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Boundary:
    """The outline of a study area.

    Attributes
    ----------
    source
        The file's name without its folder.
    name
        The name of its only feature; empty where there are several or none is stated.
    polygon
        Valid Polygon or MultiPolygon in WGS84 degrees.
    notices
        What was mended or skipped.
    outlines
        Points along the outlines of its features, as written.
    """

    source: str
    name: str
    polygon: shapely.Geometry
    notices: tuple[Notice, ...]
    outlines: tuple[StatedCoordinates, ...] = ()


def read_circle_layer(
    path: Path, *, layer: str | None = None, mapping: ColumnMapping = NO_MAPPING
) -> CircleLayer:
    """Read circles from a polygon layer.

    Columns for the id, the name, the level and the people of a circle are found by the names of
    ``columns.yaml``; without an id column the features' numbers are the ids. Raises
    :class:`InvalidCirclesError` for blank or repeated ids, an unknown level or a number that is
    none, and whatever :func:`~analysis.sources.files.layers.read_polygons` raises.
    """
    declared = mapping.reading_of(path.name, "circles")
    polygons = read_polygons(path, layer=layer, declared=declared)
    columns = read_columns(polygons.columns, polygons.source, "circles", mapping)
    told = [*polygons.notices, *columns.notices(polygons.source)]
    ids = _ids(polygons, columns)
    if "id" not in columns:
        text = message("circle_layer.no_id", source=polygons.source)
        told.append(notice("circle_layer.no_id", text, (polygons.source,)))
    levels, totals = _levels_and_totals(polygons, columns)
    order = sorted(range(len(ids)), key=ids.__getitem__)
    names = [columns.get(row, "name") for row in polygons.attributes]
    return CircleLayer(
        source=polygons.source,
        circle_id=tuple(ids[one] for one in order),
        name=tuple(names[one] or ids[one] for one in order),
        level=tuple(levels[one] for one in order),
        polygons=polygons.geometries[order],
        total_population=np.array([totals[one] for one in order], dtype=np.float64),
        notices=tuple(told),
        reading=file_reading(
            "circles", polygons.source, len(polygons), polygons.columns, columns, unlocated=0
        ),
        outlines=(_outlines("circles", polygons, declared),),
    )


def _ids(layer: PolygonLayer, columns: Columns) -> list[str]:
    if "id" not in columns:
        return [str(row) for row in layer.row_numbers]
    ids = [columns.get(row, "id") for row in layer.attributes]
    rows = defaultdict(list)
    for one, row in zip(ids, layer.row_numbers, strict=True):
        rows[one].append(row)
    if "" in rows:
        raise InvalidCirclesError(
            message("circle_layer.blank_id", column=columns.label("id"), rows=_rows(rows[""])),
            remedy=message("circle_layer.duplicate.remedy"),
            source=layer.source,
            row=rows[""][0],
        )
    if ALL_CIRCLES in rows:
        raise InvalidCirclesError(
            message("circle_layer.reserved_id"),
            remedy=message("circle_layer.duplicate.remedy"),
            source=layer.source,
            row=rows[ALL_CIRCLES][0],
            value=ALL_CIRCLES,
        )
    for one, where in sorted(rows.items()):
        if len(where) > 1:
            raise InvalidCirclesError(
                message("circle_layer.duplicate", value=one, rows=_rows(where)),
                remedy=message("circle_layer.duplicate.remedy"),
                source=layer.source,
                row=where[1],
                value=one,
            )
    return ids


def _rows(rows: list[int]) -> Joined:
    return Joined(tuple(map(str, rows)))


def _levels_and_totals(layer: PolygonLayer, columns: Columns) -> tuple[list[Level], list[float]]:
    people = "total_population" if "total_population" in columns else "population"
    problems: list[Problem] = []
    levels: list[Level] = []
    totals: list[float] = []
    for row, cells in zip(layer.row_numbers, layer.attributes, strict=True):
        stated = columns.get(cells, "level")
        level = word("level_words", stated) if stated else "15min"
        if level is None:
            problems.append(
                Problem(row, columns.label("level"), stated, message("circle_layer.unknown_level"))
            )
        levels.append(cast("Level", level))
        text = columns.get(cells, people)
        try:
            total = parse_number(text)
        except ValueError:
            problems.append(
                Problem(row, columns.label(people), text, message("table.not_a_number"))
            )
            total = None
        if total is not None and total < 0:
            problems.append(Problem(row, columns.label(people), text, message("table.negative")))
        totals.append(float("nan") if total is None else total)
    raise_problems(problems, InvalidCirclesError, layer.source, message("table.fix_rows.remedy"))
    return levels, totals


def _outlines(role: str, layer: PolygonLayer, declared: CoordinateReading) -> StatedCoordinates:
    """Return points along the outlines of a layer, as evidence of how its coordinates are meant."""
    step = _OUTLINE_STEP_DEG
    drawn = shapely.segmentize(shapely.boundary(layer.geometries), step)
    points = np.unique(np.round(shapely.get_coordinates(drawn) / step), axis=0, return_index=True)
    lonlat = shapely.get_coordinates(drawn)[np.sort(points[1])]
    return stated(role, layer.source, declared, lonlat, outlines=True)


def read_boundary(
    path: Path, *, layer: str | None = None, declared: CoordinateReading = AS_WRITTEN
) -> Boundary:
    """Read the union of a layer's polygons; raises as :func:`read_polygons` does."""
    polygons = read_polygons(path, layer=layer, usual_name="boundary", declared=declared)
    columns = recognise(polygons.columns, ("name",))
    return Boundary(
        source=polygons.source,
        name=columns.get(polygons.attributes[0], "name") if len(polygons) == 1 else "",
        polygon=shapely.union_all(polygons.geometries),
        notices=polygons.notices,
        outlines=(_outlines("boundary", polygons, declared),),
    )


def boundary_circle(boundary: Boundary) -> CircleLayer:
    """Return the boundary as one 15-minute circle."""
    name = boundary.name or boundary.source
    circle = _one_circle(boundary.source, name, boundary.polygon, boundary.notices)
    return replace(circle, outlines=boundary.outlines)


def extent_circle(
    extent: tuple[float, float, float, float], name: Name | None = None
) -> CircleLayer:
    """Return an extent (west, south, east, north in degrees) as one 15-minute circle.

    Raises :class:`InvalidCirclesError` where the extent has no area.
    """
    polygon = extent_polygon(extent)
    shown = name or Name("全部范围", "whole extent")
    return _one_circle(EXTENT, f"{shown.zh} {shown.en}", polygon, ())


def _one_circle(
    source: str, name: str, polygon: shapely.Geometry, notices: tuple[Notice, ...]
) -> CircleLayer:
    return CircleLayer(
        source=source,
        circle_id=(_WHOLE,),
        name=(name,),
        level=("15min",),
        polygons=np.array([polygon], dtype=object),
        total_population=np.array([np.nan]),
        notices=notices,
    )

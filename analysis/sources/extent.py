"""StudyArea: the polygon that is judged, what is read around it, and where the data ends."""

from dataclasses import dataclass

import numpy as np
import shapely

from analysis.crs import MetricCRS, metric_crs
from analysis.errors import InvalidCirclesError
from analysis.messages import message
from analysis.notices import Notice
from analysis.sources.osm.complete_area import complete_area
from analysis.sources.osm.data import OsmData
from analysis.units import GeometryArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadArea:
    """Where streets, facilities and barriers are read.

    Attributes
    ----------
    crs
        The study's metric CRS.
    judged
        Union of the circles, metres.
    read
        `judged` buffered by the search limit: streets, facilities and barriers are read here.
    """

    crs: MetricCRS
    judged: shapely.Geometry
    read: shapely.Geometry


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyArea(ReadArea):
    """Where a study looks; `data` is where the extract is complete: its box, or what it fills."""

    data: shapely.Geometry


def study_area(
    polygons: GeometryArray, data: OsmData, beyond_m: float
) -> tuple[StudyArea, tuple[Notice, ...]]:
    """Return the area of a study of `polygons` (degrees), read `beyond_m` metres around them.

    Where the extract does not fill its box a notice says so.
    """
    area = read_area(polygons, beyond_m)
    complete, notices = complete_area(data, area.crs)
    return StudyArea(crs=area.crs, judged=area.judged, read=area.read, data=complete), notices


def read_area(polygons: GeometryArray, beyond_m: float) -> ReadArea:
    """Return what to read for a study of `polygons` (degrees): `beyond_m` metres around them."""
    crs = crs_around(polygons)
    judged = shapely.union_all(placed(polygons, crs))
    # Buffer first, compute, clip last: people at the rim walk out of the circle and back.
    return ReadArea(crs=crs, judged=judged, read=shapely.buffer(judged, beyond_m))


def extent_polygon(extent: tuple[float, float, float, float]) -> shapely.Polygon:
    """Return an extent (west, south, east, north in degrees) as a polygon.

    Raises :class:`InvalidCirclesError` where it has no area.
    """
    west, south, east, north = extent
    if not (west < east and south < north):
        raise InvalidCirclesError(
            message("circle_layer.negative_extent"),
            remedy=message("circle_layer.negative_extent.remedy"),
            value=extent,
        )
    return shapely.box(*extent)


def crs_around(polygons: GeometryArray) -> MetricCRS:
    """Return the metric reference system through the middle of the bounds of `polygons`."""
    west, south, east, north = shapely.total_bounds(polygons)
    return metric_crs((west + east) / 2, (south + north) / 2)


def placed(lonlat: GeometryArray, crs: MetricCRS) -> GeometryArray:
    """Return geometries in degrees as valid ones in metres, object array like `lonlat`."""
    metres: GeometryArray = shapely.transform(np.asarray(lonlat, dtype=object), crs.project)
    broken = ~shapely.is_valid(metres)
    if broken.any():
        metres[broken] = shapely.make_valid(metres[broken], method="structure")
    return metres

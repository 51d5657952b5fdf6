"""Placed circles: in metres, checked against each other and against the end of the data."""

from typing import Final

import numpy as np
import shapely

from analysis.crs import MetricCRS
from analysis.errors import InvalidCirclesError
from analysis.messages import Joined, message
from analysis.notices import Notice, notice
from analysis.places.circles import Circles
from analysis.sources.extent import crs_around, placed
from analysis.sources.files.circles import CircleLayer
from analysis.units import GeometryArray

OVERLAP_M2: Final = 1.0
OVERLAP_SHARE: Final = 0.001
OUTSIDE_SHARE: Final = 0.01


def crs_of(layer: CircleLayer) -> MetricCRS:
    """Return the metric reference system laid through the middle of the circles' bounds."""
    return crs_around(layer.polygons)


def place_circles(
    layer: CircleLayer, crs: MetricCRS, data_area: shapely.Geometry
) -> tuple[Circles, tuple[Notice, ...]]:
    """Place circles in metres and check them against each other and against the data.

    Parameters
    ----------
    layer
        Circles in degrees.
    crs
        The study's metric reference system.
    data_area
        Where the extract is complete, metres.

    Returns
    -------
    circles, notices
        The circles, and the layer's notices with overlaps and circles outside the data added.

    Raises
    ------
    InvalidCirclesError
        No circle has more than 1 % of its area inside the data.
    """
    polygons = placed(layer.polygons, crs)
    shapely.prepare(data_area)
    inside = shapely.area(shapely.intersection(polygons, data_area)) / shapely.area(polygons)
    outside = inside < OUTSIDE_SHARE
    if outside.all():
        raise InvalidCirclesError(
            message(
                "circle_layer.all_outside",
                circles=_span(layer.polygons),
                data=_span(shapely.transform(data_area, crs.unproject)),
            ),
            remedy=message("circle_layer.all_outside.remedy"),
            source=layer.source,
        )
    told = [*layer.notices, *_overlaps(layer.circle_id, polygons)]
    if outside.any():
        ids = [layer.circle_id[one] for one in np.flatnonzero(outside)]
        text = message("circle_layer.outside", count=len(ids))
        told.append(notice("circle_layer.outside", text, ids, "warning"))
    circles = Circles(
        circle_id=layer.circle_id,
        name=layer.name,
        level=layer.level,
        polygons=polygons,
        total_population=layer.total_population.copy(),
        inside_data=np.clip(inside, 0.0, 1.0),
    )
    return circles, tuple(told)


def _overlaps(ids: tuple[str, ...], polygons: GeometryArray) -> list[Notice]:
    first, second = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    shared_m2 = shapely.area(shapely.intersection(polygons[first], polygons[second]))
    areas_m2 = shapely.area(polygons)
    smaller_m2 = np.minimum(areas_m2[first], areas_m2[second])
    found = np.flatnonzero((shared_m2 > OVERLAP_M2) & (shared_m2 > OVERLAP_SHARE * smaller_m2))
    pairs = sorted((ids[first[one]], ids[second[one]], float(shared_m2[one])) for one in found)
    if not pairs:
        return []
    named = tuple(
        message("circle_layer.pair", first=a, second=b, area=f"{m2:,.0f}") for a, b, m2 in pairs
    )
    text = message("circle_layer.overlap", count=len(pairs), pairs=Joined(named))
    subjects = {one for a, b, _ in pairs for one in (a, b)}
    return [notice("circle_layer.overlap", text, subjects, "warning")]


def _span(geometry: shapely.Geometry | GeometryArray) -> str:
    return "({:.4f}, {:.4f}, {:.4f}, {:.4f})".format(*shapely.total_bounds(geometry))

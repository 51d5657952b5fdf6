"""Shapes as GeoJSON geometries (RFC 7946): WGS84, outer rings anticlockwise, centimetres."""

from itertools import pairwise
from typing import Final

import numpy as np
import shapely

from analysis.crs import MetricCRS
from analysis.units import FloatArray, IntArray

_DECIMALS: Final = 7  # about a centimetre


def lonlat_polygons(shape: shapely.Geometry, crs: MetricCRS) -> shapely.MultiPolygon:
    """Return the areas of a metric `shape` in degrees, outer rings anticlockwise.

    Points and lines that a clip left over are dropped: they hold no area.
    """
    parts = [one for one in shapely.get_parts(shape) if one.geom_type == "Polygon"]
    exact = shapely.transform(shapely.MultiPolygon(parts), crs.unproject)
    rounded = shapely.transform(exact, _rounded)
    chosen = rounded if shapely.is_valid(rounded) else exact
    return shapely.orient_polygons(chosen, exterior_cw=False)


def geometry_json(polygons: shapely.MultiPolygon) -> dict[str, object] | None:
    """Return a GeoJSON geometry: a Polygon where one is enough, None for an empty one."""
    parts = [
        [shapely.get_coordinates(ring).tolist() for ring in (one.exterior, *one.interiors)]
        for one in shapely.get_parts(polygons)
    ]
    if not parts:
        return None
    if len(parts) == 1:
        return {"type": "Polygon", "coordinates": parts[0]}
    return {"type": "MultiPolygon", "coordinates": parts}


def chains_json(first: IntArray, xy_m: FloatArray, crs: MetricCRS) -> dict[str, object] | None:
    """Return chains of points in metres as a MultiLineString in degrees; None where there are none.

    Chain *k* is ``xy_m[first[k]:first[k + 1]]``.
    """
    if len(first) <= 1:
        return None
    lonlat = _rounded(crs.unproject(xy_m)).tolist()
    lines = [lonlat[low:high] for low, high in pairwise(first.tolist())]
    return {"type": "MultiLineString", "coordinates": lines}


def _rounded(lonlat: FloatArray) -> FloatArray:
    return np.round(lonlat, _DECIMALS)

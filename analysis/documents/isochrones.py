"""Isochrones as GeoJSON: from degrees and minutes to polygons in degrees."""

import re
from typing import Any, Final

import numpy as np
import shapely

from analysis.barriers import Barriers
from analysis.crs import MetricCRS
from analysis.documents.gaps import geometry_json, lonlat_polygons
from analysis.documents.plain import number, texts
from analysis.errors import InvalidParameterError, NotOnNetworkError
from analysis.isochrone import DEFAULT_BUFFER_M, Isochrone, isochrones
from analysis.linkable import LinkRules
from analysis.messages import Message, message
from analysis.network import WalkNetwork
from analysis.units import seconds
from analysis.walking import WalkProfile

MAX_CUTOFFS: Final = 6
MAX_MINUTES: Final = 60.0
_MAX_LON: Final = 180.0
_MAX_LAT: Final = 84.0
_DECIMAL: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")

Box = tuple[float, float, float, float]
"""West, south, east, north, degrees."""


def decimal(text: str) -> float:
    """Return the number that `text` writes in plain digits, blanks around it allowed.

    Raises ``ValueError`` for anything else: ``float()`` would also take ``1_0``, full-width digits
    and ``nan``.
    """
    if _DECIMAL.fullmatch(text.strip(" ")) is None:
        raise ValueError(text)
    return float(text)


def parse_minutes(text: str) -> tuple[float, ...]:
    """Return the cutoffs of a text such as ``5,10,15``, in the order given, each once.

    Raises :class:`InvalidParameterError` for no number, more than six of them, or one that is not
    within 0 < minutes ≤ 60.
    """
    try:
        found = tuple(dict.fromkeys(decimal(part) for part in text.replace("，", ",").split(",")))
    except ValueError:
        found = ()
    if not 0 < len(found) <= MAX_CUTOFFS or not all(0 < one <= MAX_MINUTES for one in found):
        raise InvalidParameterError(
            message("api.minutes", count=MAX_CUTOFFS, limit=MAX_MINUTES),
            remedy=message("api.minutes.remedy"),
            source="minutes",
            value=text,
        )
    return found


def parse_place(text: str) -> tuple[float, float]:
    """Return (lon, lat) of a text such as ``106.63,26.65``; raises `InvalidParameterError`."""
    parts = text.replace("，", ",").split(",")
    try:
        lon, lat = (decimal(part) for part in parts)
    except ValueError:
        lon, lat = float("nan"), float("nan")
    if not (abs(lon) <= _MAX_LON and abs(lat) <= _MAX_LAT):
        raise InvalidParameterError(
            message("api.place"), remedy=message("api.place.remedy"), source="--at", value=text
        )
    return lon, lat


def swap_remedy(lonlat: tuple[float, float], extent: Box | None) -> Message | None:
    """Return what to do where a place and its mirror look exchanged: lat as lon, lon as lat.

    None where `extent` is not known, where the place lies in it, or where the mirror does not.
    """
    lon, lat = lonlat
    if extent is None or _inside(lon, lat, extent) or not _inside(lat, lon, extent):
        return None
    return message("api.place.remedy_swapped", lon=f"{lat:.10g}", lat=f"{lon:.10g}")


def isochrone_collection(
    lonlat: tuple[float, float],
    minutes: tuple[float, ...],
    *,
    network: WalkNetwork,
    barriers: Barriers,
    profile: WalkProfile,
    rules: LinkRules,
    crs: MetricCRS,
    data_area: shapely.Geometry | None,
) -> dict[str, Any]:
    """Return one feature for each cutoff, largest first so that smaller ones are drawn on top.

    Parameters
    ----------
    lonlat
        The origin, degrees WGS84.
    minutes
        Cutoffs; a minute is 60 s at the walker's speed.
    network, barriers, profile, rules, crs
        The study's own.
    data_area
        Where the data is complete, metres; features that could reach beyond say *edge of data*.

    Raises
    ------
    NotOnNetworkError
        Where no street is within the snap limit of the origin; the remedy says so where longitude
        and latitude look exchanged.
    """
    try:
        return _collection(lonlat, minutes, network, barriers, profile, rules, crs, data_area)
    except NotOnNetworkError as error:
        raise NotOnNetworkError(
            error.reason,
            remedy=swap_remedy(lonlat, _extent(data_area, crs)) or error.remedy,
            value=f"{lonlat[0]:.10g},{lonlat[1]:.10g}",
        ) from error


def _collection(
    lonlat: tuple[float, float],
    minutes: tuple[float, ...],
    network: WalkNetwork,
    barriers: Barriers,
    profile: WalkProfile,
    rules: LinkRules,
    crs: MetricCRS,
    data_area: shapely.Geometry | None,
) -> dict[str, Any]:
    xy_m = crs.project(np.array([lonlat], dtype=np.float64))
    if not np.isfinite(xy_m).all():
        raise NotOnNetworkError(
            message("isochrone.not_linked.no_street", limit_m=rules.snap_limit_m),
            remedy=message("isochrone.not_linked.remedy"),
        )
    origin = (float(xy_m[0, 0]), float(xy_m[0, 1]))
    largest_first = tuple(sorted(minutes, reverse=True))
    cutoffs_m = tuple(seconds(one) * profile.speed_m_s for one in largest_first)
    found = isochrones(
        origin, cutoffs_m, network=network, barriers=barriers, profile=profile, rules=rules
    )
    edge_m = _edge_m(origin, data_area)
    return {
        "type": "FeatureCollection",
        "attribution": message("outputs.attribution").text("en"),
        "features": [
            _feature(lonlat, minutes_, one, profile, crs, edge_m)
            for minutes_, one in zip(largest_first, found, strict=True)
        ],
    }


def _inside(lon: float, lat: float, extent: Box) -> bool:
    west, south, east, north = extent
    return west <= lon <= east and south <= lat <= north


def _extent(data_area: shapely.Geometry | None, crs: MetricCRS) -> Box | None:
    """Return the box around `data_area` in degrees."""
    if data_area is None or data_area.is_empty:
        return None
    lonlat = crs.unproject(shapely.get_coordinates(data_area))
    west, south = lonlat.min(axis=0).tolist()
    east, north = lonlat.max(axis=0).tolist()
    return west, south, east, north


def _edge_m(origin: tuple[float, float], data_area: shapely.Geometry | None) -> float:
    """Return straight metres from the origin to the end of the data; inf where not known."""
    if data_area is None or data_area.is_empty:
        return float("inf")
    point = shapely.Point(origin)
    if not shapely.covers(data_area, point):
        return 0.0
    return float(shapely.distance(point, shapely.boundary(data_area)))


def _feature(
    lonlat: tuple[float, float],
    minutes: float,
    isochrone: Isochrone,
    profile: WalkProfile,
    crs: MetricCRS,
    edge_m: float,
) -> dict[str, Any]:
    geometry = geometry_json(lonlat_polygons(isochrone.shape, crs))
    why = message(
        "api.isochrone.unreached",
        access_m=isochrone.access_m,
        minutes=minutes,
        cutoff_m=isochrone.cutoff_m,
    )
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {
            "minutes": minutes,
            "cutoff_m": number(isochrone.cutoff_m),
            "origin": list(lonlat),
            "walker": profile.name,
            "speed_m_s": number(profile.speed_m_s),
            "reached_street_m": number(isochrone.reached_m),
            "area_m2": number(float(shapely.area(isochrone.shape))),
            "buffer_m": DEFAULT_BUFFER_M,
            "access_m": number(isochrone.access_m),
            "edge_of_data": edge_m < isochrone.cutoff_m,
            "note": texts(why) if geometry is None else None,
        },
    }

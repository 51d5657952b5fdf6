"""Isochrones as GeoJSON: from degrees and cutoffs to polygons in degrees."""

from typing import Any, Final

import numpy as np
import shapely

from analysis.crs import MetricCRS
from analysis.documents.cutoffs import Cutoffs, decimal
from analysis.documents.geometry import chains_json, geometry_json, lonlat_polygons
from analysis.documents.plain import number, texts
from analysis.errors import InvalidParameterError, NotOnNetworkError
from analysis.isochrones.agreement import Agreement
from analysis.isochrones.drawing import drawing_kind
from analysis.isochrones.isochrone import Isochrone, PreparedPlace, isochrones, prepare_place
from analysis.linking.linkable import LinkRules
from analysis.messages import Message, message
from analysis.streets.barriers import Barriers
from analysis.streets.network import WalkNetwork
from analysis.walking import WalkProfile

_MAX_LON: Final = 180.0
_MAX_LAT: Final = 84.0
_WHOLLY_KNOWN: Final = 0.9995  # from here on a share would be told as 100.0 %

Box = tuple[float, float, float, float]
"""West, south, east, north, degrees."""


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
    cutoffs: Cutoffs,
    *,
    network: WalkNetwork,
    barriers: Barriers,
    profile: WalkProfile,
    rules: LinkRules,
    crs: MetricCRS,
    data_area: shapely.Geometry | None,
    drawing: str = "exact",
    fill_holes_below_m2: float = 0.0,
    pieces: bool = False,
    place: PreparedPlace | None = None,
) -> dict[str, Any]:
    """Return one feature for each cutoff, largest first so that smaller ones are drawn on top.

    Parameters
    ----------
    lonlat
        The origin, degrees WGS84.
    cutoffs
        Minutes, which slopes and steps take their part of where they are known, or metres.
    network, barriers, profile, rules, crs
        The study's own.
    data_area
        Where the data is complete, metres; features that could reach beyond say *edge of data*.
    drawing
        ``fast`` for the screen or ``exact`` for reports.
    fill_holes_below_m2
        Holes smaller than this are filled and counted; 0 keeps all.
    pieces
        Whether the reached stretches of street follow the polygons, a feature for each cutoff.
    place
        What :func:`~analysis.isochrones.isochrone.prepare_place` makes of the above in the measure
        of the cutoffs, where it is at hand.

    Raises
    ------
    NotOnNetworkError
        Where no street is within the snap limit of the origin; the remedy says so where longitude
        and latitude look exchanged.
    InvalidParameterError
        Where `drawing` is neither, or the area below 0 or not a number.
    """
    kind = drawing_kind(drawing)
    try:
        origin = _projected(lonlat, crs, rules)
        if place is None:
            place = prepare_place(network, barriers, profile, rules, measure=cutoffs.measure)
        found = isochrones(
            origin,
            cutoffs.budgets,
            place=place,
            drawing=kind,
            fill_holes_below_m2=fill_holes_below_m2,
        )
    except NotOnNetworkError as error:
        raise NotOnNetworkError(
            error.reason,
            remedy=swap_remedy(lonlat, _extent(data_area, crs)) or error.remedy,
            value=f"{lonlat[0]:.10g},{lonlat[1]:.10g}",
        ) from error
    edge_m, known_share = _edge_m(origin, data_area), _elevation_known_share(network)
    told = [
        {
            **_budget(cutoffs, asked, one, profile),
            "origin": list(lonlat),
            "walker": profile.name,
            "speed_m_s": number(profile.speed_m_s),
            "elevation_known_share": known_share,
            **_drawn(one),
            "edge_of_data": edge_m < _farthest_m(cutoffs, one.cutoff, network, profile),
        }
        for asked, one in zip(cutoffs.largest_first, found, strict=True)
    ]
    shapes = [geometry_json(lonlat_polygons(one.shape, crs)) for one in found]
    features = _features("polygon", shapes, told)
    if pieces:
        lines = [chains_json(one.piece_first, one.piece_xy_m, crs) for one in found]
        features += _features("pieces", lines, told)
    return {
        "type": "FeatureCollection",
        "attribution": message("outputs.attribution").text("en"),
        "notes": [texts(one) for one in _notes(cutoffs, profile, known_share)],
        "features": features,
    }


def _features(
    part: str, geometries: list[dict[str, object] | None], told: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    return [
        {"type": "Feature", "geometry": geometry, "properties": {"part": part, **properties}}
        for geometry, properties in zip(geometries, told, strict=True)
    ]


def _projected(
    lonlat: tuple[float, float], crs: MetricCRS, rules: LinkRules
) -> tuple[float, float]:
    """Return the origin in metres; raises :class:`NotOnNetworkError` where the CRS ends."""
    xy_m = crs.project(np.array([lonlat], dtype=np.float64))
    if not np.isfinite(xy_m).all():
        raise NotOnNetworkError(
            message("isochrone.not_linked.no_street", limit_m=rules.snap_limit_m),
            remedy=message("isochrone.not_linked.remedy"),
        )
    return float(xy_m[0, 0]), float(xy_m[0, 1])


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


def _farthest_m(
    cutoffs: Cutoffs, budget: float, network: WalkNetwork, profile: WalkProfile
) -> float:
    """Return the metres that a budget in the measure of `cutoffs` can be good for at most."""
    if cutoffs.measure == "metres":
        return budget
    hilly = network.terrain is not None
    return budget * (profile.fastest_m_s if hilly else profile.fastest_level_m_s)


def _elevation_known_share(network: WalkNetwork) -> float | None:
    """Return the share of street whose heights are known, 0…1; None where none were given."""
    if network.terrain is None or network.length_m == 0.0:
        return None
    return number(network.terrain.known_m / network.length_m)


def _notes(
    cutoffs: Cutoffs, profile: WalkProfile, known_share: float | None
) -> tuple[Message, ...]:
    """Return what a reader of times must know of slopes; nothing where all are in them."""
    if cutoffs.measure == "metres":
        return ()
    speed_m_s = profile.speed_m_s
    if not known_share:
        return (message("isochrone.level.no_heights", speed_m_s=speed_m_s),)
    if profile.slope is None:
        return (message("isochrone.level.no_law", speed_m_s=speed_m_s),)
    if known_share < _WHOLLY_KNOWN:
        return (message("isochrone.level.partly", speed_m_s=speed_m_s, share=known_share),)
    return ()


def _budget(
    cutoffs: Cutoffs, asked: float, isochrone: Isochrone, profile: WalkProfile
) -> dict[str, Any]:
    """Return what was asked, and why there is no shape where the access leg takes all of it."""
    access_m = isochrone.access_m
    if cutoffs.measure == "seconds":
        access_s = access_m / profile.speed_m_s
        why = message(
            "isochrone.unreached.minutes", access_m=access_m, access_s=access_s,
            cutoff_s=isochrone.cutoff, minutes=asked,
        )  # fmt: skip
        told = {"minutes": asked, "cutoff_s": number(isochrone.cutoff), "cutoff_m": None}
    else:
        why = message("isochrone.unreached.metres", access_m=access_m, cutoff_m=asked)
        told = {"minutes": None, "cutoff_s": None, "cutoff_m": number(isochrone.cutoff)}
    note = texts(why) if isochrone.shape.is_empty else None
    return {**told, "measure": cutoffs.measure, "note": note}


def _drawn(isochrone: Isochrone) -> dict[str, Any]:
    drawing = isochrone.drawing
    return {
        "reached_street_m": number(isochrone.reached_m),
        "area_m2": number(float(shapely.area(drawing.shape))),
        "drawing": drawing.kind,
        "buffer_m": number(drawing.buffer_m),
        "cell_m": number(drawing.cell_m),
        **_agreement(drawing.agreement),
        "holes_filled": drawing.holes_filled,
        "holes_filled_m2": number(drawing.holes_filled_m2),
        "access_m": number(isochrone.access_m),
    }


def _agreement(agreement: Agreement | None) -> dict[str, Any]:
    if agreement is None:
        return {
            "agreement_jaccard": None,
            "agreement_area_error_share": None,
            "agreement_n_sample": 0,
        }
    return {
        "agreement_jaccard": number(agreement.jaccard),
        "agreement_area_error_share": number(agreement.area_error_share),
        "agreement_n_sample": agreement.n_sample,
    }

"""WGS84 ↔ GCJ-02 ↔ BD-09: the shifts that Chinese map services add to coordinates, and back.

Maps published in mainland China carry GCJ-02 (Gaode, Tencent, Google China), Baidu's carry BD-09, a
second shift on top of it; OpenStreetMap, GPS and CGCS2000 (EPSG:4490, within decimetres of WGS84)
carry none. The shift is 0.1–1 km and differs from place to place. The formula has never been
published officially; this is the one that every open library shares (``coord-convert`` 0.2.1 and
``gcoord`` 1.0.7 agree with it to a micrometre). Its inverse is iterated, not approximated.

The conversion happens on the machine of whoever declares that a file is shifted; nothing converted
is published by this program on its own.
"""

from collections.abc import Callable
from typing import Final, Literal

import numpy as np

from analysis.units import BoolArray, FloatArray

Datum = Literal["wgs84", "gcj02", "bd09"]
DATUMS: Final[tuple[Datum, ...]] = ("wgs84", "gcj02", "bd09")

# The ellipsoid of the formula: Krassowsky 1940, whatever the data refer to.
_AXIS_M: Final = 6_378_245.0
_ECCENTRICITY2: Final = 0.006_693_421_622_965_943_23
_CENTRE: Final = (105.0, 35.0)
_BAIDU_PI: Final = np.pi * 3000.0 / 180.0
_BAIDU_OFFSET: Final = np.array([0.0065, 0.006])
# Each round leaves less than a hundredth of the error before it; four reach rounding.
_ROUNDS: Final = 8
# West, south, east, north in degrees. Rough rectangles around the mainland, as published with the
# first open implementation: the usual single rectangle would shift Seoul and Taipei too.
_MAINLAND: Final = (
    (79.4462, 42.8899, 96.3300, 49.2204),
    (109.6872, 39.3742, 135.0002, 54.1415),
    (73.1246, 29.5297, 124.143255, 42.8899),
    (82.9684, 26.7186, 97.0352, 29.5297),
    (97.0253, 20.414096, 124.367395, 29.5297),
    (107.975793, 17.871542, 111.744104, 20.414096),
)
_ABROAD: Final = (
    (119.921265, 21.785006, 122.497559, 25.398623),
    (101.8652, 20.0988, 106.6650, 22.2840),
    (106.4525, 20.4878, 108.0510, 21.5422),
    (109.0323, 50.3257, 119.1270, 55.8175),
    (127.4568, 49.5574, 137.0227, 55.8175),
    (131.2662, 42.5692, 137.0227, 44.8922),
)


def is_shifted_area(lonlat: FloatArray) -> BoolArray:
    """Return where GCJ-02 and BD-09 differ from WGS84, bool [n]: roughly mainland China.

    `lonlat` are degrees [n, 2]. Twelve rectangles decide: along land borders they are off by tens
    of kilometres; Hong Kong and Macau lie inside them, as in Gaode's data, Taiwan does not.
    Elsewhere all three datums are taken to be the same. False for nan.
    """
    return _in_any(lonlat, _MAINLAND) & ~_in_any(lonlat, _ABROAD)


def to_wgs84(lonlat: FloatArray, datum: Datum) -> FloatArray:
    """Return WGS84 degrees for degrees in `datum`; shapes [n, 2] (lon, lat) → [n, 2].

    The exact inverse of :func:`from_wgs84` within the shifted area (round trip below 1 µm); points
    outside it stay as they are. nan stays nan.
    """
    if datum == "wgs84":
        return lonlat.copy()
    gcj02 = _undone(lonlat, _baidu) if datum == "bd09" else lonlat
    found = _undone(gcj02, _mars)
    return np.where(is_shifted_area(found)[:, None], found, lonlat)


def from_wgs84(lonlat: FloatArray, datum: Datum) -> FloatArray:
    """Return degrees in `datum` for WGS84 degrees; shapes [n, 2] (lon, lat) → [n, 2].

    Points outside the shifted area (:func:`is_shifted_area`) stay as they are.
    """
    if datum == "wgs84":
        return lonlat.copy()
    moved = _mars(lonlat)
    if datum == "bd09":
        moved = _baidu(moved)
    return np.where(is_shifted_area(lonlat)[:, None], moved, lonlat)


def _in_any(lonlat: FloatArray, boxes: tuple[tuple[float, float, float, float], ...]) -> BoolArray:
    west, south, east, north = np.array(boxes).T
    lon, lat = lonlat[:, :1], lonlat[:, 1:]
    within: BoolArray = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    found: BoolArray = np.logical_or.reduce(within, axis=1)
    return found


def _mars(lonlat: FloatArray) -> FloatArray:
    """Return GCJ-02 degrees of WGS84 degrees, whatever the place."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    x, y = lon - _CENTRE[0], lat - _CENTRE[1]
    root = np.sqrt(np.abs(x))
    wave = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m += (wave + 20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi / 3.0 * y)) * 2.0 / 3.0
    north_m += (160.0 * np.sin(np.pi / 12.0 * y) + 320.0 * np.sin(np.pi / 30.0 * y)) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east_m += (wave + 20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi / 3.0 * x)) * 2.0 / 3.0
    east_m += (150.0 * np.sin(np.pi / 12.0 * x) + 300.0 * np.sin(np.pi / 30.0 * x)) * 2.0 / 3.0
    latitude = np.radians(lat)
    flat = 1.0 - _ECCENTRICITY2 * np.sin(latitude) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY2) / (flat * np.sqrt(flat))
    parallel_m = _AXIS_M / np.sqrt(flat) * np.cos(latitude)
    shift = np.column_stack([east_m / parallel_m, north_m / meridian_m])
    moved: FloatArray = lonlat + np.degrees(shift)
    return moved


def _baidu(lonlat: FloatArray) -> FloatArray:
    """Return BD-09 degrees of GCJ-02 degrees."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * _BAIDU_PI)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * _BAIDU_PI)
    moved: FloatArray = (
        np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]) + _BAIDU_OFFSET
    )
    return moved


def _undone(moved: FloatArray, shift: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Return what `shift` moves to `moved`, by fixed-point iteration."""
    found = moved.copy()
    for _ in range(_ROUNDS):
        found -= shift(found) - moved
    return found

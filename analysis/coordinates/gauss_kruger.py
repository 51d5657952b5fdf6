"""The Gauss-Krüger zones of CGCS2000, and which of them a pair of metres may be written in.

Chinese surveys write northings first (X) and eastings second (Y), in zones 3° or 6° wide, with
false eastings of 500 000 m that carry the zone's number in front (``36 500 000``) or not. Without
the number nothing in a pair of coordinates tells the zone: only where its place must lie does.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import numpy as np

from analysis.units import FloatArray

_FALSE_EASTING_M: Final = 500_000.0
_ZONE_STEP_M: Final = 1_000_000.0
_MAX_OFF_MERIDIAN_M: Final = 450_000.0  # a 6° zone reaches 334 km, and neighbours are tolerated
_MIN_NORTHING_M: Final = 300_000.0  # the southernmost reefs, 3° N
_MAX_NORTHING_M: Final = 6_100_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One zone: its EPSG code, width and central meridian in degrees, number, and false easting.

    `prefixed`: whether the zone's number stands in front of eastings.
    """

    epsg: int
    width_deg: Literal[3, 6]
    meridian_deg: int
    number: int
    prefixed: bool

    @property
    def code(self) -> str:
        """Return the authority's code, such as ``EPSG:4545``."""
        return f"EPSG:{self.epsg}"

    @property
    def false_easting_m(self) -> float:
        """Return the easting of the central meridian, metres."""
        return _FALSE_EASTING_M + (_ZONE_STEP_M * self.number if self.prefixed else 0.0)


@lru_cache(maxsize=1)
def zones() -> tuple[Zone, ...]:
    """Return the 64 zones of CGCS2000, 3° ones first, then by code."""
    found: list[Zone] = []
    for first_epsg, prefixed in ((4513, True), (4534, False)):
        found += [
            Zone(epsg=first_epsg + at, width_deg=3, meridian_deg=3 * number, number=number,
                 prefixed=prefixed)
            for at, number in enumerate(range(25, 46))
        ]  # fmt: skip
    for first_epsg, prefixed in ((4491, True), (4502, False)):
        found += [
            Zone(epsg=first_epsg + at, width_deg=6, meridian_deg=6 * number - 3, number=number,
                 prefixed=prefixed)
            for at, number in enumerate(range(13, 24))
        ]  # fmt: skip
    return tuple(found)


def are_projected(pairs: FloatArray) -> bool:
    """Return whether most finite pairs [n, 2] look like Gauss-Krüger metres, either way round."""
    return any(_share_fitting(pairs[:, order]) > 1 / 2 for order in ([0, 1], [1, 0]))


def possible_zones(pairs: FloatArray) -> tuple[tuple[Zone, bool], ...]:
    """Return the zones that most finite pairs [n, 2] may be written in, and whether swapped.

    Swapped means northing first. The meridian of every 6° zone is one of a 3° zone too, and without
    a number in front both are the same projection: only the 3° one is returned.
    """
    found: list[tuple[Zone, bool]] = []
    for swapped in (False, True):
        en_m = pairs[:, ::-1] if swapped else pairs
        for zone in zones():
            twin = zone.width_deg == 6 and not zone.prefixed  # noqa: PLR2004
            if not twin and _share_in(en_m, zone) > 1 / 2:
                found.append((zone, swapped))
    return tuple(found)


def _share_fitting(en_m: FloatArray) -> float:
    return max(_share_in(en_m, zone) for zone in zones())


def _share_in(en_m: FloatArray, zone: Zone) -> float:
    """Return the share of pairs (easting, northing) whose numbers fit `zone`."""
    stated = np.isfinite(en_m).all(axis=1)
    if not stated.any():
        return 0.0
    easting_m, northing_m = en_m[stated].T
    fits = np.abs(easting_m - zone.false_easting_m) <= _MAX_OFF_MERIDIAN_M
    fits &= (northing_m >= _MIN_NORTHING_M) & (northing_m <= _MAX_NORTHING_M)
    return float(fits.mean())

"""The metric CRS of a study: a transverse Mercator of its own, true to scale at its centre.

UTM is 0.04 % short at its central meridian (0.4 m in a kilometre) and a district can straddle two
zones; a transverse Mercator laid through the study's centre with scale 1 keeps lengths true to
1 : 125 000 within 25 km. See ADR 0003.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pyproj

from analysis.errors import CRSError
from analysis.messages import message
from analysis.units import FloatArray

WGS84: Final = "EPSG:4326"
_CENTRE_STEP_DEG: Final = 0.01
_MAX_ABS_LAT: Final = 84.0
_MAX_ABS_LON: Final = 180.0


@dataclass(frozen=True, slots=True)
class MetricCRS:
    """A transverse Mercator with its centre at a rounded longitude and latitude (degrees)."""

    lon: float
    lat: float

    @property
    def definition(self) -> str:
        """Return the PROJ definition, which is also what is stored with a study."""
        return (
            f"+proj=tmerc +lat_0={self.lat:.2f} +lon_0={self.lon:.2f} "
            "+k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m +no_defs"
        )

    def project(self, lonlat: FloatArray) -> FloatArray:
        """Return metres for WGS84 degrees; shapes [n, 2] (lon, lat) → [n, 2] (x, y)."""
        x, y = _transformer(self.definition).transform(lonlat[:, 0], lonlat[:, 1])
        return np.column_stack([x, y]).astype(np.float64)

    def unproject(self, xy_m: FloatArray) -> FloatArray:
        """Return WGS84 degrees for metres; shapes [n, 2] (x, y) → [n, 2] (lon, lat)."""
        lon, lat = _transformer(self.definition).transform(
            xy_m[:, 0], xy_m[:, 1], direction=pyproj.enums.TransformDirection.INVERSE
        )
        return np.column_stack([lon, lat]).astype(np.float64)


def metric_crs(lon: float, lat: float) -> MetricCRS:
    """Return the metric CRS of a study centred near (`lon`, `lat`) in degrees.

    The centre is rounded to 0.01°, so that small edits of a boundary do not move it. Raises
    :class:`CRSError` where the centre is no place on Earth or too near a pole.
    """
    if not (abs(lon) <= _MAX_ABS_LON and abs(lat) <= _MAX_ABS_LAT):
        raise CRSError(
            message("crs.centre", lon=f"{lon:.5f}", lat=f"{lat:.5f}"),
            remedy=message("crs.centre.remedy"),
        )
    return MetricCRS(
        lon=round(round(lon / _CENTRE_STEP_DEG) * _CENTRE_STEP_DEG, 2) + 0.0,
        lat=round(round(lat / _CENTRE_STEP_DEG) * _CENTRE_STEP_DEG, 2) + 0.0,
    )


@lru_cache(maxsize=16)
def _transformer(definition: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(WGS84, definition, always_xy=True)

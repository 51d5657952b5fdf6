"""The metric CRS: true lengths, exact round trips, refusals."""

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.crs import metric_crs
from analysis.errors import CRSError

GEOD = pyproj.Geod(ellps="WGS84")


@given(
    lon=st.floats(-179, 179),
    lat=st.floats(-70, 70),
    azimuth=st.floats(0, 360),
    offset_m=st.floats(0, 25_000),
    offset_azimuth=st.floats(0, 360),
)
def test_a_kilometre_is_a_kilometre_within_25_km(
    lon, lat, azimuth, offset_m, offset_azimuth
) -> None:
    crs = metric_crs(lon, lat)
    lon0, lat0, _ = GEOD.fwd(crs.lon, crs.lat, offset_azimuth, offset_m)
    lon1, lat1, _ = GEOD.fwd(lon0, lat0, azimuth, 1000.0)
    a, b = crs.project(np.array([[lon0, lat0], [lon1, lat1]]))
    assert np.hypot(*(b - a)) == pytest.approx(1000.0, abs=0.01)


def test_round_trip_and_centre() -> None:
    crs = metric_crs(106.6512, 26.6991)
    assert (crs.lon, crs.lat) == (106.65, 26.7)
    assert crs.project(np.array([[106.65, 26.7]])) == pytest.approx(np.zeros((1, 2)), abs=1e-6)
    lonlat = np.array([[106.7, 26.6], [106.5, 26.8]])
    assert crs.unproject(crs.project(lonlat)) == pytest.approx(lonlat, abs=1e-10)


def test_small_edits_of_a_boundary_do_not_move_the_centre() -> None:
    assert metric_crs(106.6512, 26.6991) == metric_crs(106.6534, 26.7032)


@pytest.mark.parametrize(("lon", "lat"), [(26.6, 106.6), (500, 0), (0, 89), (float("nan"), 0)])
def test_no_place_on_earth_is_refused(lon: float, lat: float) -> None:
    with pytest.raises(CRSError, match="swapped"):
        metric_crs(lon, lat)

"""WGS84, GCJ-02, BD-09 and the zones of CGCS2000: against a published library and pyproj."""

from pathlib import Path

import numpy as np
import pyproj
import pytest

from analysis.coordinates.datum import from_wgs84, is_shifted_area, to_wgs84
from analysis.coordinates.gauss_kruger import are_projected, possible_zones, zones
from analysis.coordinates.reading import (
    AS_WRITTEN,
    CoordinateReading,
    parse_declarations,
    parse_reading,
)
from analysis.errors import InvalidParameterError

GEOD = pyproj.Geod(ellps="WGS84")
# Made with coord-convert 0.2.1 (MIT), which agrees with gcoord 1.0.7: a grid over the mainland and
# eight cities, both ways.
GRID = Path(__file__).parent.parent / "golden" / "datum_grid.csv"


def apart_m(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.abs(GEOD.inv(one[:, 0], one[:, 1], other[:, 0], other[:, 1])[2])


@pytest.fixture(scope="module")
def grid() -> dict[str, np.ndarray]:
    table = np.loadtxt(GRID, delimiter=",", skiprows=1)
    assert len(table) > 200
    names = ("wgs84", "gcj02", "bd09", "back_gcj02", "back_bd09")
    return {name: table[:, 2 * at : 2 * at + 2] for at, name in enumerate(names)}


def everywhere(n: int) -> np.ndarray:
    rng = np.random.default_rng(4)
    points = rng.uniform((73.5, 18.0), (135.0, 53.5), (3 * n, 2))
    return points[is_shifted_area(points)][:n]


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_agrees_with_a_published_library_both_ways(grid, datum: str) -> None:
    assert apart_m(from_wgs84(grid["wgs84"], datum), grid[datum]).max() < 0.001
    ours = to_wgs84(grid[datum], datum)
    # The library undoes BD-09 in one step, which leaves up to 0.2 m.
    assert apart_m(ours, grid[f"back_{datum}"]).max() < 0.5
    assert apart_m(ours, grid["wgs84"]).max() < 0.001


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_round_trip_is_exact_both_ways(datum: str) -> None:
    points = everywhere(20_000)
    assert len(points) == 20_000
    shifted = from_wgs84(points, datum)
    assert apart_m(to_wgs84(shifted, datum), points).max() < 1e-6
    moved_m = apart_m(shifted, points)
    assert np.median(moved_m) > (300 if datum == "gcj02" else 700)
    assert moved_m.max() < 1600


def test_bd09_is_a_shift_on_top_of_gcj02() -> None:
    points = everywhere(500)
    baidu = from_wgs84(points, "bd09")
    gcj02 = from_wgs84(points, "gcj02")
    # Undoing BD-09 as if it were GCJ-02 stays hundreds of metres off.
    assert apart_m(to_wgs84(baidu, "gcj02"), points).min() > 300
    assert (apart_m(baidu, gcj02) > 600).all()


@pytest.mark.parametrize(
    ("name", "lon", "lat", "shifted"),
    [
        ("Beijing", 116.4, 39.9, True), ("Kashgar", 75.99, 39.47, True),
        ("Mohe", 122.5, 53.0, True), ("Sanya", 109.5, 18.25, True),
        ("Lhasa", 91.1, 29.65, True), ("Hong Kong", 114.17, 22.3, True),
        ("Taipei", 121.5, 25.04, False), ("Seoul", 126.98, 37.56, False),
        ("Hanoi", 105.85, 21.03, False), ("Ulaanbaatar", 106.9, 47.9, False),
        ("Las Palmas", -15.4, 28.1, False),
    ],
)  # fmt: skip
def test_only_the_mainland_is_shifted(name: str, lon: float, lat: float, shifted: bool) -> None:
    here = np.array([[lon, lat]])
    assert is_shifted_area(here)[0] == shifted, name
    for datum in ("gcj02", "bd09"):
        for moved in (from_wgs84(here, datum), to_wgs84(here, datum)):
            assert (apart_m(moved, here)[0] > 10) == shifted


def test_nan_stays_nan_and_input_is_untouched() -> None:
    here = np.array([[np.nan, np.nan], [116.4, 39.9]])
    kept = here.copy()
    for datum in ("wgs84", "gcj02", "bd09"):
        for moved in (from_wgs84(here, datum), to_wgs84(here, datum)):
            assert np.isnan(moved[0]).all()
            assert np.isfinite(moved[1]).all()
            assert moved is not here
    assert np.array_equal(here, kept, equal_nan=True)


def test_every_zone_is_what_the_registry_says() -> None:
    assert len(zones()) == 21 + 21 + 11 + 11
    assert len({zone.epsg for zone in zones()}) == 64
    for zone in zones():
        crs = pyproj.CRS.from_epsg(zone.epsg)
        stated = {one.name: one.value for one in crs.coordinate_operation.params}
        assert "CGCS2000" in crs.name, zone
        assert ("3-degree" in crs.name) == (zone.width_deg == 3), zone
        assert stated["Longitude of natural origin"] == zone.meridian_deg, zone
        assert stated["False easting"] == zone.false_easting_m, zone
        assert stated["Scale factor at natural origin"] == 1, zone


@pytest.mark.parametrize(
    ("code", "among"),
    [
        ("EPSG:4545", {"EPSG:4545", "EPSG:4544"}),  # no number in front: any zone
        ("EPSG:4524", {"EPSG:4524"}), ("EPSG:4496", {"EPSG:4496"}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("swapped", [False, True])
def test_metres_name_their_possible_zones(code: str, among: set[str], swapped: bool) -> None:
    guiyang = np.array([[106.62, 26.63], [106.70, 26.58], [np.nan, np.nan]])
    pairs = CoordinateReading(code, swapped).pairs(guiyang)
    assert are_projected(pairs)
    found = possible_zones(pairs)
    assert {one for _, one in found} == {swapped}
    assert among <= {zone.code for zone, _ in found}
    assert (len(found) == 1) == (len(among) == 1)


def test_degrees_and_blanks_are_no_metres() -> None:
    assert not are_projected(np.array([[106.6, 26.6], [106.7, 26.5]]))
    assert not are_projected(np.full((3, 2), np.nan))
    assert not are_projected(np.empty((0, 2)))
    assert possible_zones(np.array([[106.6, 26.6]])) == ()


@pytest.mark.parametrize(
    ("text", "system", "swapped"),
    [
        ("wgs84", "wgs84", False), ("CGCS2000", "wgs84", False), ("EPSG:4490", "wgs84", False),
        ("gcj02", "gcj02", False), ("GCJ02 + swapped", "gcj02", True), ("bd09", "bd09", False),
        ("swapped", "wgs84", True), ("swapped+bd09", "bd09", True),
        ("epsg:4545", "EPSG:4545", False), ("EPSG:4524+swapped", "EPSG:4524", True),
    ],
)  # fmt: skip
def test_reads_what_a_planner_declares(text: str, system: str, swapped: bool) -> None:
    reading = parse_reading(text)
    assert (reading.system, reading.swapped) == (system, swapped)
    assert parse_reading(reading.text) == reading
    here = np.array([[106.62, 26.63], [106.70, 26.58]])
    assert apart_m(reading.lonlat(reading.pairs(here)), here).max() < 1e-3
    assert (reading == AS_WRITTEN) == np.allclose(reading.pairs(here), here, atol=1e-9)


@pytest.mark.parametrize(
    "text", ["gcj2", "", "gcj02+bd09", "swapped+swapped", "EPSG:", "EPSG:999999", "gcj02-swapped"]
)
def test_refuses_what_it_does_not_know(text: str) -> None:
    with pytest.raises(InvalidParameterError) as caught:
        parse_reading(text)
    assert "gcj02" in caught.value.text("en")
    assert "gcj02" in caught.value.text("zh")


def test_declarations_name_files_or_roles() -> None:
    names = ("a.csv", "b=c.csv", "facilities")
    found = parse_declarations(["a.csv=gcj02", "b=c.csv=swapped", "facilities＝bd09"], names)
    assert {name: one.text for name, one in found.items()} == {
        "a.csv": "gcj02", "b=c.csv": "swapped", "facilities": "bd09",
    }  # fmt: skip
    for values, key in (
        (["a.csv"], "coordinates.form"),
        (["x.csv=gcj02"], "coordinates.no_file"),
        (["a.csv=gcj02", "a.csv=bd09"], "coordinates.twice"),
    ):
        with pytest.raises(InvalidParameterError) as caught:
            parse_declarations(values, names)
        assert caught.value.reason.key == key

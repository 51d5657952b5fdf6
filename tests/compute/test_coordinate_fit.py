"""Whether coordinates fit streets and buildings: an invented town, and real extracts moved."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import shapely

from analysis.coordinates.check import check_coordinates
from analysis.coordinates.fit import (
    MIN_POINTS,
    CoordinateVerdict,
    judge_coordinates,
    paired_t,
)
from analysis.coordinates.reading import AS_WRITTEN, StatedCoordinates, parse_reading
from analysis.coordinates.surroundings import Surroundings
from analysis.crs import metric_crs
from analysis.sources import coordinate_evidence
from analysis.sources.extent import extent_polygon, study_area
from analysis.sources.osm.reader import read_osm
from analysis.sources.streets.access_table import access_rules
from analysis.sources.streets.network import read_network

CRS = metric_crs(106.70, 26.60)
HALF_M = 2500.0


@lru_cache(maxsize=1)
def town() -> Surroundings:
    """Return 25 km² of crooked blocks; beyond x = 1500 m there is a lake without anything."""
    rng = np.random.default_rng(1)
    lines = []
    for axis in (0, 1):
        for at in np.cumsum(rng.uniform(90, 230, 40)) - HALF_M:
            if at < (1500 if axis == 0 else HALF_M):
                ends = [(at, -HALF_M), (at, HALF_M)] if axis == 0 else [(-HALF_M, at), (1500, at)]
                lines.append(shapely.LineString(ends))
    middles = rng.uniform((-HALF_M, -HALF_M), (1480, HALF_M), (9000, 2))
    sizes = rng.uniform(6, 16, (9000, 2))
    boxes = shapely.box(*(middles - sizes / 2).T, *(middles + sizes / 2).T)
    streets = np.array(lines, dtype=object)
    boxes = boxes[shapely.distance(boxes, shapely.union_all(streets)) > 4]
    return Surroundings.of(CRS, shapely.box(-HALF_M, -HALF_M, HALF_M, HALF_M), streets, boxes)


def places(n: int, seed: int, noise_m: float = 8.0) -> np.ndarray:
    """Return WGS84 degrees of places in buildings, roughly surveyed."""
    rng = np.random.default_rng(seed)
    inner = shapely.get_coordinates(shapely.centroid(town().buildings.geometries))
    chosen = inner[rng.choice(len(inner), n, replace=False)]
    return CRS.unproject(chosen + rng.normal(0, noise_m, (n, 2)))


def judged(written_as: str, lonlat: np.ndarray, declared: str = "wgs84") -> CoordinateVerdict:
    pairs = parse_reading(written_as).pairs(lonlat)
    return judge_coordinates(pairs, parse_reading(declared), town())


@pytest.mark.parametrize(
    "written_as",
    ["gcj02", "bd09", "swapped", "gcj02+swapped", "EPSG:4545", "EPSG:4544+swapped", "EPSG:4524",
     "EPSG:4496+swapped"],
)  # fmt: skip
def test_names_what_the_numbers_are(written_as: str) -> None:
    found = judged(written_as, places(120, 2))
    assert (found.verdict, found.likely.text) == ("other", written_as)
    assert found.points == 120
    likely = found.fit(found.likely)
    assert likely.building_share > 0.6
    assert likely.inside_share > 0.95
    declared = found.fits[0]
    assert declared.reading == AS_WRITTEN
    assert not declared.inside_share > 0 or declared.building_share < 0.5


@pytest.mark.parametrize("declared", ["gcj02", "bd09", "swapped", "EPSG:4545"])
def test_what_is_declared_rightly_fits_and_what_is_not_is_told(declared: str) -> None:
    right = judged(declared, places(120, 3), declared)
    assert (right.verdict, right.likely.text) == ("fits", declared)
    wrong = judged("wgs84", places(120, 3), declared)
    assert wrong.verdict == "other"
    assert wrong.likely == AS_WRITTEN


def test_true_places_are_never_called_anything_else() -> None:
    fits = 0
    for seed in range(60):
        n, noise_m = (12, 30, 80)[seed % 3], (5.0, 15.0, 30.0)[seed // 3 % 3]
        found = judged("wgs84", places(n, seed, noise_m))
        assert found.verdict != "other", (seed, n, noise_m)
        fits += found.verdict == "fits"
    assert fits > 15


def test_places_that_have_nothing_to_do_with_buildings_are_called_nothing() -> None:
    rng = np.random.default_rng(9)
    for seed in range(40):
        n = (15, 60, 200)[seed % 3]
        shore = np.column_stack([rng.uniform(1530, 1700, n), rng.uniform(-2400, 2400, n)])
        fields = rng.uniform(-2400, 2400, (n, 2))
        for xy_m in (shore, fields):
            found = judged("wgs84", CRS.unproject(xy_m))
            assert found.verdict == "cannot_tell", (seed, n)
    # The shore gets better by nearly any move; only the peak test holds it back.
    assert max(one.better_t for one in found.fits[1:]) < 3
    found = judged("wgs84", CRS.unproject(shore))
    assert max(one.better_t for one in found.fits[1:]) > 3


def test_few_places_are_cannot_tell_but_a_wrong_order_is_seen_in_two() -> None:
    for written_as in ("wgs84", "gcj02"):
        assert judged(written_as, places(MIN_POINTS - 1, 4)).verdict == "cannot_tell"
    assert judged("swapped", places(2, 4)).likely.text == "swapped"
    assert judged("EPSG:4545", places(2, 4)).likely.text == "EPSG:4545"


def test_a_table_of_both_orders_is_not_called_swapped() -> None:
    pairs = places(60, 4)
    pairs[:45] = pairs[:45, ::-1]
    found = judge_coordinates(pairs, AS_WRITTEN, town())
    assert found.fit(parse_reading("swapped")).inside_share == 0.75
    assert found.verdict != "other"


def test_a_shift_is_not_blamed_where_all_lies_outside() -> None:
    beyond = CRS.unproject(np.random.default_rng(3).uniform(2600, 2900, (30, 2)) * (1, 0.1))
    found = judged("wgs84", beyond)
    assert max(one.inside_share for one in found.fits) > 0.5  # undoing a shift lands in the lake
    assert found.verdict == "cannot_tell"


def test_abroad_there_is_nothing_to_shift() -> None:
    around = town()
    spain = Surroundings(metric_crs(-15.4, 28.1), around.known, around.streets, around.buildings)
    pairs = spain.crs.unproject(CRS.project(places(100, 5)))
    found = judge_coordinates(pairs, AS_WRITTEN, spain)
    assert [one.reading.text for one in found.fits] == ["wgs84"]
    assert found.verdict == "fits"


def test_order_and_repetition_of_rows_do_not_matter() -> None:
    pairs = parse_reading("gcj02").pairs(places(700, 6))
    rng = np.random.default_rng(0)
    mixed = np.vstack([pairs, pairs[:50], [[np.nan, 1.0]]])[rng.permutation(751)]
    one, other = (judge_coordinates(p, AS_WRITTEN, town()) for p in (pairs, mixed))
    assert one.points == other.points == 500
    assert one == other


def test_outlines_along_streets_are_told_by_streets_alone() -> None:
    around = town()
    along = shapely.get_coordinates(shapely.segmentize(around.streets.geometries[[3, 9, 30]], 90.0))
    lonlat = CRS.unproject(along + np.random.default_rng(1).normal(0, 3, along.shape))
    for written_as, verdict in (("wgs84", "fits"), ("gcj02", "other")):
        pairs = parse_reading(written_as).pairs(lonlat)
        found = judge_coordinates(pairs, AS_WRITTEN, around, outlines=True)
        assert (found.verdict, found.likely.text) == (verdict, written_as)


def test_a_town_without_buildings_is_judged_by_streets() -> None:
    around = town()
    bare = Surroundings.of(CRS, around.known, around.streets.geometries, np.empty(0, dtype=object))
    found = judge_coordinates(places(100, 7), AS_WRITTEN, bare)
    assert found.verdict != "other"
    assert all(np.isnan(one.building_share) for one in found.fits)


def test_no_place_at_all_is_no_error() -> None:
    for pairs in (np.empty((0, 2)), np.full((4, 2), np.nan)):
        found = judge_coordinates(pairs, AS_WRITTEN, town())
        assert (found.verdict, found.points) == ("cannot_tell", 0)


def test_paired_t_by_hand() -> None:
    assert paired_t(np.arange(9.0)) == 0.0  # too few
    # Mean 4.5, sd 3.02765, n 10: 4.5 / (3.02765 / sqrt 10).
    assert paired_t(np.append(np.arange(10.0), np.nan)) == pytest.approx(4.70014, abs=1e-4)
    assert paired_t(np.zeros(20)) == 0.0
    assert paired_t(np.ones(20)) == np.inf


def test_a_check_tells_the_shift_before_and_after_and_the_option() -> None:
    lonlat = places(100, 8)
    pairs = parse_reading("gcj02").pairs(lonlat)
    stated = [
        StatedCoordinates(
            role="facilities", source="a.csv", declared=parse_reading(one), pairs=pairs
        )
        for one in ("wgs84", "gcj02")
    ]
    undeclared, declared = check_coordinates(stated, town())
    assert undeclared.option == "--coordinates a.csv=gcj02"
    assert [one.code for one in undeclared.notices()] == ["coordinates.looks_other"]
    for language in ("zh", "en"):
        assert undeclared.option in undeclared.text().text(language)
    moved_m = np.hypot(*(CRS.project(lonlat) - CRS.project(pairs)).T)
    assert declared.shift_m == pytest.approx(np.median(moved_m), rel=1e-6)
    assert declared.before.building_share < declared.applied.building_share
    told = declared.notices()
    assert [(one.code, one.severity) for one in told] == [("coordinates.applied", "info")]
    assert "redistribute" in told[0].text.text("en")
    assert "分发" in told[0].text.text("zh")


# Real extracts: mapped buildings, roughly surveyed, moved with the forward formulas.
TSINGHUA = "beijing_tsinghua_2017.osm.pbf"
GUIYANG = "guiyang_guanshanhu_2026.overpass.json"
SHANGHAI = "shanghai_tongji_2026.osm.pbf"


@lru_cache(maxsize=3)
def city(path: Path) -> Surroundings:
    data = read_osm(path)
    area, _ = study_area(np.array([extent_polygon(data.extent)], dtype=object), data, 0.0)
    network = read_network(data, area, access_rules()).network
    return coordinate_evidence._surroundings(data, area, network)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "n", "written_as"),
    [
        (TSINGHUA, 60, "gcj02"), (TSINGHUA, 120, "bd09"), (TSINGHUA, 60, "gcj02+swapped"),
        (TSINGHUA, 60, "EPSG:4547"), (GUIYANG, 15, "gcj02"), (GUIYANG, 15, "EPSG:4545+swapped"),
        (SHANGHAI, 120, "gcj02"), (SHANGHAI, 60, "EPSG:4549"),
    ],
)  # fmt: skip
def test_real_places_moved_are_found_and_unmoved_are_left_alone(
    shared_data: Path, name: str, n: int, written_as: str
) -> None:
    around = city(shared_data / name)
    rng = np.random.default_rng(12)
    inner = shapely.get_coordinates(shapely.point_on_surface(around.buildings.geometries))
    inner = inner[around.holds(inner)]
    right, false_alarms = 0, 0
    for _ in range(5):
        chosen = inner[rng.choice(len(inner), n, replace=False)] + rng.normal(0, 8, (n, 2))
        lonlat = around.crs.unproject(chosen)
        pairs = parse_reading(written_as).pairs(lonlat)
        right += judge_coordinates(pairs, AS_WRITTEN, around).likely.text == written_as
        false_alarms += judge_coordinates(lonlat, AS_WRITTEN, around).verdict == "other"
    assert false_alarms == 0
    assert right >= 4

"""Grades over windows: short ramps, long ramps and noise by hand, and what marks an estimate."""

from dataclasses import replace

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.documents.study import study_document
from analysis.errors import InvalidNetworkError
from analysis.sources.elevation.height_grid import HeightGrid
from analysis.sources.elevation.streets import with_elevation
from analysis.sources.elevation.windows import averaged, cell_sizes, window_cells
from analysis.sources.standards import read_standard
from analysis.sources.store.terrain import terrain_arrays, terrain_of
from analysis.streets.network import WalkNetwork
from analysis.streets.relief import lay_terrain, stations
from analysis.streets.terrain import Terrain
from analysis.study import StudyParameters, analyse
from analysis.testing.cities import (
    TEST_CRS,
    grid_city,
    people_at,
    plain_element,
    plain_inputs,
    plain_standard,
    shops_at,
    square_circles,
    street_city,
)
from analysis.walking import ArcFlag

STANDARD = read_standard()
LARGEST = STANDARD.walking.wheelchair_max_grade.value  # 1:12


def raster(height, cell_m: float, *, half_m: float = 600.0) -> HeightGrid:
    """Return heights of a function of x and y, `cell_m` apart, over a square around (0, 0)."""
    at = np.arange(-half_m, half_m + cell_m / 2, cell_m)
    x, y = np.meshgrid(at, at)
    return HeightGrid(
        height_m=np.asarray(height(x, y) + 0.0 * x, dtype=np.float32),
        places=lambda xy_m: (xy_m + half_m) / cell_m,
        margin=0.0,
    )


def street(*xs: float) -> WalkNetwork:
    """Return one street along the x axis, cut into arcs at `xs`."""
    nodes = np.array([[x, 0.0] for x in xs])
    return street_city(nodes, [(i, i + 1) for i in range(len(xs) - 1)])


def laid(city: WalkNetwork, grid: HeightGrid) -> WalkNetwork:
    where = stations(city)
    smooth, cell_m = averaged(grid, where.xy_m)
    height_m, _ = smooth.at(where.xy_m)
    return lay_terrain(city, where, height_m, wheelchair_max_grade=LARGEST, cell_m=cell_m)


def raw(city: WalkNetwork, grid: HeightGrid) -> WalkNetwork:
    where = stations(city)
    return lay_terrain(city, where, grid.at(where.xy_m)[0], wheelchair_max_grade=LARGEST)


def is_steep(network: WalkNetwork) -> list[bool]:
    return ((network.arc_flags & int(ArcFlag.STEEP)) != 0).tolist()


def ramp(start_m: float, length_m: float):
    """Return ground that is flat but for a ramp of 1:10 along x."""
    return lambda x, y: np.clip(x - start_m, 0.0, length_m) / 10.0


# --- ramps ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell_m", [1.0, 5.0, 10.0, 30.0])
@pytest.mark.parametrize("cuts", [(), (90.0, 110.0), (90.0, 95.0, 100.0, 105.0, 110.0)])
def test_twenty_steep_metres_in_two_hundred_flat_ones_close_nothing(cell_m, cuts) -> None:
    city = street(0.0, *cuts, 200.0)
    assert not any(is_steep(laid(city, raster(ramp(90.0, 20.0), cell_m))))
    # Heights as they are would close the ramp where the map has a node at its ends.
    if cuts and cell_m <= 10.0:
        assert any(is_steep(raw(city, raster(ramp(90.0, 20.0), cell_m))))


def test_a_short_ramp_has_the_mean_grade_of_its_window() -> None:
    # 1 m cells: 31 heights. At the foot 0.1 + 0.2 + … + 1.5 = 12 m over 31, at the top 2 m less that.
    hill = laid(street(0.0, 90.0, 110.0, 200.0), raster(ramp(90.0, 20.0), 1.0))
    (middle,) = hill.terrain.grade[hill.terrain.run_arc == 1]
    assert middle == pytest.approx((2.0 - 24.0 / 31.0) / 20.0, abs=1e-6)  # 6.1 %


@pytest.mark.parametrize("cell_m", [1.0, 5.0, 10.0, 30.0])
@pytest.mark.parametrize("cuts", [(), (100.0, 150.0, 200.0), (120.0, 135.0, 150.0, 165.0, 180.0)])
@pytest.mark.parametrize("shift_m", [0.0, 7.0, 15.0, 22.0])
def test_a_hundred_steep_metres_close_the_street(cell_m, cuts, shift_m) -> None:
    city = street(0.0, *(one + shift_m for one in cuts), 300.0 + shift_m)
    hill = laid(city, raster(ramp(100.0 + shift_m, 100.0), cell_m))
    assert any(is_steep(hill))
    assert hill.terrain.steepest().max() <= 0.1 + 1e-6
    if cell_m == 10.0:
        assert hill.terrain.steepest().max() == pytest.approx(0.1, abs=1e-6)


def test_cells_of_ninety_metres_cannot_tell_a_ramp_of_a_hundred() -> None:
    # 10 m of rise over 3 · 90 m is 3.7 %: the price of a coarse raster, and why it is an estimate.
    hill = laid(street(0.0, 300.0), raster(ramp(100.0, 100.0), 90.0, half_m=1350.0))
    assert is_steep(hill) == [False]
    assert hill.terrain.steepest() == pytest.approx(10.0 / 270.0, abs=1e-6)
    assert hill.terrain.estimated
    long = laid(street(0.0, 900.0), raster(ramp(100.0, 700.0), 90.0, half_m=1350.0))
    assert is_steep(long) == [True]


# --- noise ----------------------------------------------------------------------------------------


def test_a_step_of_four_metres_between_two_cells_is_four_metres_in_three() -> None:
    grid = raster(lambda x, y: np.where(x < 100.0, -2.0, 2.0), 30.0)
    city = street(-90.0, 90.0, 120.0, 300.0)  # 90 and 120: the cells on both sides
    assert raw(city, grid).terrain.steepest()[1] == pytest.approx(4 / 30)
    assert laid(city, grid).terrain.steepest()[1] == pytest.approx(4 / 90, abs=1e-6)


@given(seed=st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_two_metres_of_noise_on_flat_ground_close_no_street(seed: int) -> None:
    """Of n × n heights ±2 m, what enters and what leaves a window differ by at most 4 m."""
    rng = np.random.default_rng(seed)
    grid = raster(lambda x, y: rng.choice([-2.0, 2.0], x.shape), 30.0)
    city = grid_city(6, 6, block_m=float(rng.uniform(30.0, 90.0)))
    hill = laid(city, grid)
    assert hill.terrain.steepest().max() <= 4 / 90 + 1e-6
    assert not any(is_steep(hill))
    assert any(is_steep(raw(city, grid)))


# --- windows --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell_m", "cells"),
    [(0.5, 61), (1.0, 31), (5.0, 7), (7.5, 5), (9.995, 3), (10.0, 3), (12.0, 3), (30.0, 3),
     (90.0, 3), (np.nan, 3)],
)  # fmt: skip
def test_windows_are_odd_and_span_thirty_metres_and_three_cells(cell_m, cells) -> None:
    assert window_cells(np.array([cell_m, 30.0])).tolist() == [cells, 3]


def test_cells_have_their_own_size_each_way_however_the_raster_lies() -> None:
    turn = np.array([[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]])
    xy_m = np.array([[0.0, 0.0], [500.0, 300.0]])
    assert cell_sizes(lambda xy: xy @ turn / [30.0, 20.0], xy_m) == pytest.approx([30.0, 20.0])
    assert np.isnan(cell_sizes(lambda xy: xy * np.nan, xy_m)).all()


@given(seed=st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_planes_stay_planes_and_holes_stay_holes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    east, north = rng.uniform(-0.3, 0.3, 2)
    cell_m = float(rng.choice([3.0, 10.0, 30.0]))
    grid = raster(lambda x, y: 50.0 + east * x + north * y, cell_m, half_m=8 * cell_m)
    hole = rng.random(grid.height_m.shape) < 0.1
    grid = replace(grid, height_m=np.where(hole, np.float32(np.nan), grid.height_m))
    everywhere = np.array([[-8.0, -8.0], [8.0, 8.0]]) * cell_m
    smooth, coarsest_m = averaged(grid, everywhere)
    assert np.array_equal(np.isnan(smooth.height_m), hole)
    assert smooth.height_m[~hole] == pytest.approx(grid.height_m[~hole], abs=1e-4)
    assert coarsest_m == pytest.approx(cell_m)


def test_nothing_is_taken_from_beyond_a_hole() -> None:
    heights = np.array([[0.0, 3.0, np.nan, 9.0, 0.0, 90.0, 0.0]], np.float32)
    grid = HeightGrid(height_m=heights, places=lambda xy: xy / 6.0, margin=0.5)
    smooth, _ = averaged(grid, np.array([[0.0, 0.0], [36.0, 0.0]]))  # windows of five
    # Each has pairs up to the hole or the end: 0, 3 alone, hole, 9 alone, (9 + 0 + 90) / 3 …
    assert smooth.height_m[0] == pytest.approx([0, 3, np.nan, 9, 33, 30, 0], nan_ok=True)


def test_a_grid_far_from_all_points_stays_as_it_is() -> None:
    grid = raster(lambda x, y: x, 30.0)
    lost = replace(grid, places=lambda xy: np.full(xy.shape, np.inf))
    assert averaged(lost, np.zeros((2, 2))) == (lost, 0.0)
    away, _ = averaged(grid, np.array([[1e6, 1e6], [1e6 + 50, 1e6]]))
    assert not away.at(np.array([[1e6, 1e6]]))[1].any()


# --- from files to documents ----------------------------------------------------------------------


def write_tif(path, heights: np.ndarray, *, west: float, north: float, cell_m: float):
    with rasterio.open(
        path, "w", driver="GTiff", width=heights.shape[1], height=heights.shape[0], count=1,
        dtype="float32", crs=TEST_CRS.definition,
        transform=rasterio.Affine(cell_m, 0.0, west, 0.0, -cell_m, north),
    ) as out:  # fmt: skip
        out.write(heights.astype(np.float32), 1)
    return path


@pytest.mark.parametrize("cell_m", [4.0, 30.0])
def test_streets_at_the_rim_have_whole_windows(tmp_path, cell_m) -> None:
    """Of a file only what lies around the streets is read: enough of it for the outer windows."""
    rng = np.random.default_rng(7)
    heights = rng.uniform(0.0, 9.0, (600, 600)) if cell_m < 10 else rng.uniform(0, 9, (90, 90))
    west, north = -1000.0, 1200.0
    path = write_tif(tmp_path / "noise.tif", heights, west=west, north=north, cell_m=cell_m)
    city = grid_city(4, 4)
    found, _ = with_elevation(city, (path,), TEST_CRS, STANDARD)
    whole = HeightGrid(
        height_m=heights.astype(np.float32), margin=0.5,
        places=lambda xy: np.column_stack([xy[:, 0] - west, north - xy[:, 1]]) / cell_m - 0.5,
    )  # fmt: skip
    everywhere = np.array([[west + 50, north - 50], [west + 2300, north - 2300]])
    height_m, _ = averaged(whole, everywhere)[0].at(stations(city).xy_m)
    exact = lay_terrain(city, stations(city), height_m)
    assert found.terrain.grade == pytest.approx(exact.terrain.grade, abs=1e-5)


@pytest.mark.parametrize(("cell_m", "estimated"), [(10.0, False), (30.0, True), (90.0, True)])
def test_what_a_coarse_raster_tells_is_marked_an_estimate(tmp_path, cell_m, estimated) -> None:
    path = write_tif(
        tmp_path / "flat.tif", np.zeros((200, 200)), west=-50 * cell_m, north=100 * cell_m,
        cell_m=cell_m,
    )  # fmt: skip
    hill, told = with_elevation(grid_city(2, 2), (path,), TEST_CRS, STANDARD)
    assert hill.terrain.cell_m == pytest.approx(cell_m, rel=1e-6)
    assert hill.terrain.window_m == pytest.approx(max(30.0, 3 * cell_m), rel=1e-6)
    assert hill.terrain.estimated is estimated
    marks = [one for one in told if one.code == "elevation.estimate"]
    assert len(marks) == estimated
    for one in marks:
        assert one.severity == "warning"
        assert f"cells of about {cell_m:.0f} m" in one.text.text("en")
        assert f"约 {3 * cell_m:.0f} 米" in one.text.text("zh")
    kept = terrain_of(terrain_arrays(hill))
    assert (kept.cell_m, kept.estimated) == (hill.terrain.cell_m, estimated)


def test_of_several_rasters_the_coarsest_that_tells_something_counts(tmp_path) -> None:
    fine = write_tif(tmp_path / "fine.tif", np.zeros((99, 99)), west=-100, north=500, cell_m=10.0)
    wide = write_tif(tmp_path / "wide.tif", np.zeros((99, 99)), west=-900, north=900, cell_m=30.0)
    one, _ = with_elevation(grid_city(2, 2), (fine, wide), TEST_CRS, STANDARD)
    assert one.terrain.cell_m == pytest.approx(10.0)  # the other fills nothing in
    other, _ = with_elevation(grid_city(20, 2), (fine, wide), TEST_CRS, STANDARD)
    assert other.terrain.cell_m == pytest.approx(30.0)


@pytest.mark.parametrize(("cell_m", "told"), [(0.0, (0, 30, False)), (31.0, (31, 93, True))])
def test_the_document_says_over_what_grades_are_means(cell_m, told) -> None:
    city = grid_city(3, 1)
    where = stations(city)
    for network, expected in (
        (city, (None, None, None)),
        (lay_terrain(city, where, np.zeros(len(where.xy_m)), cell_m=cell_m), told),
    ):
        inputs = plain_inputs(
            standard=plain_standard(plain_element("market", threshold_m=700.0)),
            network=network, demand=people_at([(0.0, 0.0)]),
            facilities=shops_at([("market", 300.0, 0.0)]),
            circles=square_circles((-900, -900, 900, 900)),
        )  # fmt: skip
        data = study_document(analyse(inputs, StudyParameters(walker="wheelchair")))["data"]
        keys = ("elevation_cell_m", "grade_window_m", "grades_estimated")
        assert tuple(data[key] for key in keys) == expected


@pytest.mark.parametrize("cell_m", [np.nan, np.inf, -1.0])
def test_a_terrain_knows_its_cells_or_refuses(cell_m) -> None:
    with pytest.raises(InvalidNetworkError):
        Terrain(
            run_first=np.array([0, 1], np.int32), run_m=np.array([1.0]), grade=np.array([0.0]),
            known_m=1.0, cell_m=cell_m,
        )  # fmt: skip

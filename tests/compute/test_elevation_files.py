"""Elevation files: planes come back exact, what cannot be used is refused by name."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
from rasterio.windows import Window
from scipy.ndimage import map_coordinates

from analysis.errors import (
    CRSError,
    InvalidElevationError,
    SourceDataError,
    SourceUnavailableError,
)
from analysis.sources.elevation import geotiff
from analysis.sources.elevation.height_grid import HeightGrid
from analysis.sources.elevation.srtm import read_tile
from analysis.sources.elevation.streets import with_elevation
from analysis.sources.inputs import read_inputs
from analysis.sources.request import InputRequest, given_files
from analysis.sources.standards import read_standard
from analysis.streets.relief import stations
from analysis.testing.cities import TEST_CRS, grid_city
from analysis.walking import ArcFlag
from analysis.walks.walk_costs import walk_seconds

STANDARD = read_standard()


def from_origin(west: float, north: float, east_step: float, south_step: float) -> rasterio.Affine:
    return rasterio.Affine(east_step, 0.0, west, 0.0, -south_step, north)


CITY = grid_city(6, 4)  # 600 × 400 m north-east of (0, 0), near 106.65 E, 26.70 N
LON, LAT = TEST_CRS.unproject(np.array([[0.0, 0.0]]))[0]
STEP = 0.0005  # degrees, about 50 m


def slant(lon, lat):
    """A plane in degrees: 2 m of rise each 0.001° east, 1 m each 0.001° north, 100 m at (0, 0)."""
    return 100.0 + 2000.0 * (lon - LON) + 1000.0 * (lat - LAT)


def write_tif(
    path: Path,
    values=None,
    *,
    west=LON - 40 * STEP,
    north=LAT + 40 * STEP,
    size=80,
    dtype="float32",
    crs="EPSG:4326",
    transform=None,
    height=slant,
    unit=None,
    scale=None,
    **options,
) -> Path:
    """Write a raster of cells whose middles lie on a plane."""
    transform = from_origin(west, north, STEP, STEP) if transform is None else transform
    if values is None:
        column, row = np.meshgrid(np.arange(size) + 0.5, np.arange(size) + 0.5)
        x, y = transform @ (column, row)
        values = np.asarray(height(x, y)).astype(dtype)
    bands = values if values.ndim == 3 else values[None]
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=bands.shape[2],
        height=bands.shape[1],
        count=len(bands),
        dtype=bands.dtype,
        crs=crs,
        transform=transform,
        **options,
    ) as out:
        out.write(bands)
        if unit is not None:
            out.units = [unit]
        if scale is not None:
            out.scales, out.offsets = [scale[0]], [scale[1]]
    return path


def grades(path: Path | tuple[Path, ...], city=CITY, standard=STANDARD):
    """Return the network on the raster and its notices by code."""
    paths = path if isinstance(path, tuple) else (path,)
    hill, told = with_elevation(city, paths, TEST_CRS, standard)
    return hill, {one.code: one for one in told}


def exact_grade(city=CITY) -> np.ndarray:
    """Return the grade of each (straight) arc on the plane."""
    height = slant(*TEST_CRS.unproject(city.node_xy_m).T)
    return (height[city.arc_head] - height[city.arc_tail]) / city.arc_length_m


def test_a_plane_in_degrees_comes_back_exact(tmp_path) -> None:
    hill, told = grades(write_tif(tmp_path / "plane.tif"))
    steepness = hill.terrain.arc_sums(hill.terrain.run_m * hill.terrain.grade) / CITY.arc_length_m
    assert steepness == pytest.approx(exact_grade(), abs=2e-6)
    assert np.abs(exact_grade()).min() > 0.008
    assert hill.terrain.known_m == pytest.approx(CITY.length_m)
    assert set(told) == {"elevation.used", "elevation.estimate"}  # cells of 50 m
    assert "100.0%" in told["elevation.used"].text.text("en")
    # The same plane in a metric CRS, where cells are askew to the study's own axes.
    to_utm = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:32648", always_xy=True)
    back = pyproj.Transformer.from_crs("EPSG:32648", "EPSG:4326", always_xy=True)
    east, north = to_utm.transform(LON, LAT)
    utm = write_tif(
        tmp_path / "utm.tif", crs="EPSG:32648",
        transform=from_origin(east - 1000, north + 1500, 30, 30), size=100,
        height=lambda x, y: slant(*back.transform(x, y)),
    )  # fmt: skip
    askew, _ = grades(utm)
    steepness = askew.terrain.arc_sums(askew.terrain.run_m * askew.terrain.grade)
    assert steepness / CITY.arc_length_m == pytest.approx(exact_grade(), abs=1e-5)
    # Turned by 30 degrees.
    turned = rasterio.Affine.translation(east, north) @ rasterio.Affine.rotation(30)
    turned = turned @ rasterio.Affine.translation(-1500, 1500) @ rasterio.Affine.scale(30, -30)
    oblique, _ = grades(
        write_tif(tmp_path / "turned.tif", crs="EPSG:32648", transform=turned, size=100,
                  height=lambda x, y: slant(*back.transform(x, y)))
    )  # fmt: skip
    steepness = oblique.terrain.arc_sums(oblique.terrain.run_m * oblique.terrain.grade)
    assert steepness / CITY.arc_length_m == pytest.approx(exact_grade(), abs=1e-5)


def test_elevation_changes_seconds_and_without_files_nothing_changes(tmp_path) -> None:
    assert with_elevation(CITY, (), TEST_CRS, STANDARD) == (CITY, ())
    hill, _ = grades(write_tif(tmp_path / "plane.tif"))
    adult = STANDARD.profile("adult")
    forward, backward = walk_seconds(hill, adult)
    up = exact_grade() > 0
    assert (forward[up] > walk_seconds(CITY, adult)[0][up]).all()
    assert (backward[up] < forward[up]).all()


def test_scale_offset_feet_and_integers_are_metres(tmp_path) -> None:
    plain, _ = grades(write_tif(tmp_path / "plain.tif"))
    for name, options, tolerance in (
        ("scaled", {"height": lambda x, y: (slant(x, y) - 50) / 0.5, "scale": (0.5, 50.0)}, 1e-6),
        ("feet", {"height": lambda x, y: slant(x, y) / 0.3048, "unit": "ft"}, 1e-6),
        ("us", {"height": lambda x, y: slant(x, y) * 3937 / 1200, "unit": "US survey foot"}, 1e-6),
        ("metre", {"unit": "metre"}, 1e-9),
        ("double", {"dtype": "float64"}, 1e-6),
        ("cm", {"height": lambda x, y: np.rint(slant(x, y) * 100), "dtype": "int32",
                "scale": (0.01, 0.0)}, 5e-4),
    ):  # fmt: skip
        hill, told = grades(write_tif(tmp_path / f"{name}.tif", **options))
        assert hill.terrain.grade == pytest.approx(plain.terrain.grade, abs=tolerance + 1e-6), name
        assert ("elevation.feet" in told) == (name in {"feet", "us"}), name


def test_holes_are_level_and_told(tmp_path) -> None:
    def with_hole(x, y):  # no heights east of 300 m
        return np.where(
            x > TEST_CRS.unproject(np.array([[300.0, 0.0]]))[0, 0], -9999.0, slant(x, y)
        )

    hill, told = grades(write_tif(tmp_path / "hole.tif", height=with_hole, nodata=-9999.0))
    share = hill.terrain.known_m / CITY.length_m
    assert 0.4 < share < 0.6
    east = CITY.node_xy_m[CITY.arc_tail, 0] >= 400
    of_run = east[hill.terrain.run_arc]
    assert (hill.terrain.grade[of_run] == 0).all()
    assert told["elevation.partly"].severity == "warning"
    assert f"{1 - share:.1%}" in told["elevation.partly"].text.text("en")
    # nan, and a void that no tag declares, are holes too; what no place on Earth has is counted.
    nan, _ = grades(write_tif(
        tmp_path / "nan.tif", height=lambda x, y: np.where(with_hole(x, y) < 0, np.nan, slant(x, y))
    ))  # fmt: skip
    assert np.array_equal(nan.terrain.grade, hill.terrain.grade)
    wild, told = grades(write_tif(tmp_path / "wild.tif", height=with_hole))
    assert np.array_equal(wild.terrain.grade, hill.terrain.grade)
    assert told["elevation.implausible"].severity == "warning"


def test_a_raster_that_ends_within_the_study_says_how_much_is_missing(tmp_path) -> None:
    half = write_tif(tmp_path / "half.tif", west=LON - 20 * STEP, north=LAT + 13 * STEP, size=26)
    hill, told = grades(half)  # 26 cells of 50 m from 1,000 m west: 300 m into the city
    assert 0.35 < hill.terrain.known_m / CITY.length_m < 0.65
    assert "elevation.partly" in told
    other = write_tif(tmp_path / "other.tif", west=LON + 2 * STEP, size=60)
    both, told = grades((half, other))
    assert both.terrain.known_m == pytest.approx(CITY.length_m)
    assert "elevation.partly" not in told
    # Where two know a height, the first named counts.
    raised = write_tif(tmp_path / "raised.tif", height=lambda x, y: slant(x, y) * 0 + 7)
    flat, _ = grades((raised, half))
    assert (flat.terrain.grade == 0).all()


def test_eight_bits_end_at_255(tmp_path) -> None:
    low = write_tif(tmp_path / "low.tif", dtype="uint8")
    assert "elevation.byte" not in grades(low)[1]
    high = write_tif(
        tmp_path / "high.tif", height=lambda x, y: np.full(x.shape, 255), dtype="uint8"
    )
    assert grades(high)[1]["elevation.byte"].severity == "warning"


@pytest.mark.parametrize(
    ("options", "error", "key"),
    [
        ({"crs": None}, CRSError, "layer.no_crs"),
        ({"values": np.zeros((3, 9, 9), np.uint8)}, InvalidElevationError, "elevation.bands"),
        ({"values": np.zeros((9, 9), np.complex64)}, InvalidElevationError, "elevation.bands"),
        ({"unit": "fathom"}, InvalidElevationError, "elevation.unit"),
        ({"west": 10.0, "north": 50.0}, InvalidElevationError, "elevation.elsewhere"),
        ({"height": lambda x, y: 0 * x - 9999, "nodata": -9999.0}, InvalidElevationError,
         "elevation.elsewhere"),
    ],
)  # fmt: skip
def test_rasters_that_cannot_be_used_are_refused(tmp_path, options, error, key) -> None:
    path = write_tif(tmp_path / "bad.tif", **options)
    with pytest.raises(error) as caught:
        grades(path)
    assert caught.value.reason.key == key
    assert caught.value.source == "bad.tif"
    for language in ("zh", "en"):
        assert caught.value.text(language)


def test_damaged_and_foreign_files_are_named(tmp_path) -> None:
    good = write_tif(tmp_path / "good.tif", compress="deflate").read_bytes()
    for name, data, error, key in (
        ("cut.tif", good[: len(good) // 2], SourceDataError, "elevation.damaged"),
        ("garbage.tif", b"II*\x00" + b"\xff" * 200, SourceDataError, "elevation.damaged"),
        ("text.tif", b"not a raster at all", InvalidElevationError, "elevation.kind"),
        ("png.tif", b"\x89PNG\r\n\x1a\n" + b"0" * 99, InvalidElevationError, "elevation.kind"),
        ("empty.tif", b"", SourceDataError, "table.empty_file"),
        ("N26E106.hgt", b"\0" * 1000, SourceDataError, "elevation.tile_size"),
        ("tile.hgt", b"\0" * 1000, SourceDataError, "elevation.tile_name"),
        ("broken.zip", b"PK\x03\x04" + b"x" * 50, SourceDataError, "elevation.damaged"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(error) as caught:
            grades(tmp_path / name)
        assert caught.value.reason.key == key, name
        assert caught.value.source.endswith(name)
    with pytest.raises(SourceUnavailableError):
        grades(tmp_path / "nowhere.tif")
    with pytest.raises(SourceUnavailableError):
        grades(tmp_path)


def test_a_raster_too_large_to_hold_is_refused_before_it_is_read(tmp_path, monkeypatch) -> None:
    path = write_tif(tmp_path / "plane.tif")
    monkeypatch.setattr(geotiff, "MAX_CELLS", 100)
    with pytest.raises(InvalidElevationError) as caught:
        grades(path)
    assert caught.value.reason.key == "elevation.too_many_cells"
    monkeypatch.undo()
    # One block of a billion cells packs to next to nothing: it is never unpacked.
    bomb = tmp_path / "bomb.tif"
    with rasterio.open(
        bomb, "w", driver="GTiff", width=30_000, height=30_000, count=1, dtype="uint8",
        crs="EPSG:4326", transform=from_origin(LON - 1, LAT + 1, 1e-4, 1e-4), compress="deflate",
        tiled=True, blockxsize=16_384, blockysize=16_384,
        SPARSE_OK=True,
    ):  # fmt: skip
        pass
    assert bomb.stat().st_size < 1_000_000
    with pytest.raises(InvalidElevationError) as caught:
        grades(bomb)
    assert caught.value.reason.key == "elevation.too_many_cells"


def test_a_standard_without_a_slope_law_refuses_elevation(tmp_path) -> None:
    lawless = replace(STANDARD, walking=replace(STANDARD.walking, slope=None))
    with pytest.raises(InvalidElevationError) as caught:
        grades(write_tif(tmp_path / "plane.tif"), standard=lawless)
    assert caught.value.reason.key == "elevation.no_law"


def test_steep_streets_are_told_and_closed_to_wheelchairs(tmp_path) -> None:
    steep = write_tif(tmp_path / "steep.tif", height=lambda x, y: 100 + 12_000.0 * (x - LON))
    hill, told = grades(steep)  # about 12 % east and west, level north and south
    closed = (hill.arc_flags & int(ArcFlag.STEEP)) != 0
    eastward = np.abs(np.diff(CITY.node_xy_m[:, 0][[CITY.arc_tail, CITY.arc_head]], axis=0)[0]) > 1
    assert np.array_equal(closed, eastward)
    assert f"{CITY.arc_length_m[closed].sum() / 1000:.1f} km" in told["elevation.steep"].text.text(
        "en"
    )
    silent = replace(STANDARD, walking=replace(STANDARD.walking, wheelchair_max_grade=None))
    open_, told = grades(steep, standard=silent)
    assert not (open_.arc_flags & int(ArcFlag.STEEP)).any()
    assert "elevation.steep" not in told


# --- SRTM tiles -----------------------------------------------------------------------------------


def tile(west: int, south: int, height=slant, posts: int = 1201, scale: float = 100.0) -> bytes:
    """Return a tile whose posts lie on the plane, as whole numbers of 1/`scale` metres."""
    lon = west + np.arange(posts) / (posts - 1)
    lat = south + 1 - np.arange(posts) / (posts - 1)
    grid = np.asarray(height(*np.meshgrid(lon, lat)))
    return np.clip(np.rint(grid * scale), -32768, 32767).astype(">i2").tobytes()


def tile_plane(lon, lat):
    """A plane that rises 4 m from post to post east, 2 m north: whole metres in 3″ tiles."""
    return 100.0 + 4800.0 * (lon - 106.0) + 2400.0 * (lat - 26.0)


def test_posts_of_a_tile_stand_at_whole_parts_of_a_degree(tmp_path) -> None:
    (tmp_path / "N26E106.hgt").write_bytes(tile(106, 26, tile_plane, scale=1.0))
    hill, told = grades(tmp_path / "N26E106.hgt")
    height = tile_plane(*TEST_CRS.unproject(CITY.node_xy_m).T)
    exact = (height[CITY.arc_head] - height[CITY.arc_tail]) / CITY.arc_length_m
    found = hill.terrain.arc_sums(hill.terrain.run_m * hill.terrain.grade) / CITY.arc_length_m
    assert found == pytest.approx(exact, abs=1e-5)
    assert np.abs(exact).min() > 0.02
    assert set(told) - {"elevation.steep"} == {"elevation.used", "elevation.estimate"}
    ((grid, wrong),) = read_tile(tmp_path / "N26E106.hgt", CITY.node_xy_m, TEST_CRS)
    assert grid.at(CITY.node_xy_m)[0] == pytest.approx(height, abs=1e-3)
    assert wrong == 0
    fine = tmp_path / "n26e106_1arc.hgt"
    fine.write_bytes(tile(106, 26, tile_plane, posts=3601, scale=1.0))
    finer, _ = grades(fine)
    found = finer.terrain.arc_sums(finer.terrain.run_m * finer.terrain.grade) / CITY.arc_length_m
    assert found == pytest.approx(exact, abs=0.02)  # whole metres a post


def test_a_zip_gives_the_tiles_that_the_study_touches(tmp_path) -> None:
    plain = tmp_path / "N26E106.hgt"
    plain.write_bytes(tile(106, 26, tile_plane, scale=1.0))
    packed = tmp_path / "srtm.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(plain, "tiles/N26E106.hgt")
        archive.writestr("tiles/S10W003.hgt", b"too short, but nobody asks for it")
        archive.writestr("__MACOSX/._N26E106.hgt", b"resource fork")
        archive.writestr("readme.txt", b"hello")
    one, other = grades(plain)[0], grades(packed)[0]
    assert np.array_equal(one.terrain.grade, other.terrain.grade)
    for names, key in ((("readme.txt",), "elevation.no_tile"), ((), "elevation.no_tile"),
                       (("tile.hgt",), "elevation.tile_name"),
                       (("N26E106.hgt",), "elevation.tile_size")):  # fmt: skip
        with zipfile.ZipFile(packed, "w") as archive:
            for name in names:
                archive.writestr(name, b"x")
        if not names:
            packed.write_bytes(b"PK\x03\x04")
        with pytest.raises(SourceDataError) as caught:
            grades(packed)
        assert caught.value.reason.key in (key, "elevation.damaged"), names


def test_of_a_bomb_no_more_is_unpacked_than_a_tile_holds(tmp_path, monkeypatch) -> None:
    packed = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("N26E106.hgt", "w") as member,
    ):
        for _ in range(200):
            member.write(b"\0" * 2**20)
    read: list[int] = []
    whole = zipfile.ZipExtFile.read

    def counted(self, n=-1):
        data = whole(self, n)
        read.append(len(data))
        return data

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    with pytest.raises(SourceDataError) as caught:
        grades(packed)
    assert caught.value.reason.key == "elevation.tile_size"
    assert sum(read) <= 2 * 3601 * 3601 + 1


def test_two_tiles_join_at_the_whole_degree(tmp_path) -> None:
    from analysis.crs import metric_crs

    crs = metric_crs(107.0, 26.5)
    city = replace(grid_city(4, 2), crs=crs.definition)  # around 107° E
    shifted = replace(city, node_xy_m=city.node_xy_m - [200.0, 0.0],
                      arc_xy_m=city.arc_xy_m - [200.0, 0.0])  # fmt: skip
    for west in (106, 107):
        (tmp_path / f"N26E{west}.hgt").write_bytes(tile(west, 26, tile_plane, scale=1.0))
    both = (tmp_path / "N26E106.hgt", tmp_path / "N26E107.hgt")
    hill, told = with_elevation(shifted, both, crs, STANDARD)
    assert hill.terrain.known_m == pytest.approx(city.length_m)
    flipped, _ = with_elevation(shifted, both[::-1], crs, STANDARD)
    assert hill.terrain.grade == pytest.approx(flipped.terrain.grade, abs=1e-4)
    one, told = with_elevation(shifted, both[:1], crs, STANDARD)
    assert 0.3 < one.terrain.known_m / city.length_m < 0.7
    assert "elevation.partly" in {x.code for x in told}


def test_between_posts_heights_are_bilinear_and_beside_a_hole_unknown() -> None:
    grid = HeightGrid(
        height_m=np.array([[0, 10, 20], [30, 40, np.nan]], np.float32),
        places=lambda xy: xy, margin=0.0,
    )  # fmt: skip
    asked = np.array([[0.5, 0.5], [1.0, 1.0], [0.25, 0.0], [1.5, 0.5], [2.0, 0.0], [2.0, 1.0],
                      [-0.1, 0.0], [2.1, 0.0], [np.nan, 0.0], [np.inf, 0.0], [1.5, 0.0]])  # fmt: skip
    found, inside = grid.at(asked)
    nan = np.nan
    assert found == pytest.approx([20, 40, 2.5, nan, 20, nan, nan, nan, nan, nan, 15], nan_ok=True)
    assert inside.tolist() == [True] * 6 + [False] * 4 + [True]
    cells = replace(grid, margin=0.5)
    assert cells.at(np.array([[-0.4, 0.0], [0.0, -0.5], [2.4, 0.0]]))[0].tolist() == [0, 0, 20]
    lone = HeightGrid(height_m=np.array([[7.0]], np.float32), places=lambda xy: xy, margin=0.5)
    assert lone.at(np.array([[0.3, -0.2]]))[0].tolist() == [7.0]


# --- real rasters ---------------------------------------------------------------------------------


@pytest.mark.shared_data
def test_heights_of_porto_alegre_are_scipy_s(shared_data) -> None:
    from analysis.crs import metric_crs

    path, crs = shared_data / "porto_alegre_dem_srtm.tif", metric_crs(-51.2, -30.05)
    rng = np.random.default_rng(1)
    xy_m = rng.uniform(-5000, 5000, (2000, 2))
    ((grid, wrong),), _ = geotiff.read_geotiff(path, xy_m, crs)
    found, inside = grid.at(xy_m)
    assert wrong == 0
    assert inside.mean() > 0.9
    with rasterio.open(path) as dataset:
        whole = dataset.read(1, window=Window(0, 0, dataset.width, dataset.height), masked=True)
        lonlat = crs.unproject(xy_m)
        column, row = ~dataset.transform @ (lonlat[:, 0], lonlat[:, 1])
    ours = np.isfinite(found)
    theirs = map_coordinates(
        whole.astype(float).filled(np.nan), [row[ours] - 0.5, column[ours] - 0.5], order=1
    )
    kept = np.isfinite(theirs)
    assert kept.mean() > 0.95
    assert found[ours][kept] == pytest.approx(theirs[kept], abs=1e-3)


@pytest.mark.shared_data
def test_monaco_on_its_tile(shared_data) -> None:
    request = InputRequest(
        source=shared_data / "monaco_2023.osm.pbf",
        elevation=(shared_data / "monaco_dem_srtm3_N43E007.hgt.zip",),
    )
    inputs = read_inputs(request)
    network, told = inputs.network, {one.code: one for one in inputs.notices}
    assert network.terrain.known_m / network.length_m > 0.99  # the rest lies by the sea
    assert "elevation.partly" in told
    adult = STANDARD.profile("adult")
    forward, backward = walk_seconds(network, adult)
    streets = (network.arc_flags & int(ArcFlag.STEPS)) == 0
    up = np.maximum(forward, backward)[streets].sum()
    down = np.minimum(forward, backward)[streets].sum()
    assert 1.15 < up / down < 1.4
    level = network.arc_length_m[streets].sum() / adult.speed_m_s
    assert 1.1 < (up + down) / 2 / level < 1.4
    roles = [one.role for one in inputs.files]
    assert roles == ["extract", "elevation"]
    assert given_files(request)[0].sha256 == inputs.files[1].sha256
    assert len(stations(network).xy_m) > network.n_nodes


def test_the_bytes_of_a_zip_need_no_file_name(tmp_path) -> None:
    """A tile is told by its content and its member's name, whatever the archive is called."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("N26E106.hgt", tile(106, 26, tile_plane, scale=1.0))
    path = tmp_path / "download (1).bin"
    path.write_bytes(data.getvalue())
    assert grades(path)[0].terrain.known_m == pytest.approx(CITY.length_m)

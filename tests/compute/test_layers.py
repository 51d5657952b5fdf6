"""Polygon layers: formats, reference systems, broken geometry and hostile files."""

import json
import random
import zipfile
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from analysis.errors import AnalysisError, CRSError, SourceDataError
from analysis.sources.files.layers import crossings, read_places, read_polygons

SQUARE = [[106.6, 26.6], [106.61, 26.6], [106.61, 26.61], [106.6, 26.61], [106.6, 26.6]]
BOW_TIE = [[106.6, 26.6], [106.61, 26.61], [106.61, 26.6], [106.6, 26.61], [106.6, 26.6]]


def feature(ring: Sequence[Sequence[float]], **properties: object) -> dict[str, object]:
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def geojson(folder: Path, *features: object, name: str = "a.geojson", **members: object) -> Path:
    path = folder / name
    document = {"type": "FeatureCollection", "features": list(features), **members}
    path.write_text(json.dumps(document), "utf-8")
    return path


def refusal(path: Path, kind: type[AnalysisError], **options: str) -> AnalysisError:
    with pytest.raises(kind) as caught:
        read_polygons(path, **options)
    for language in ("zh", "en"):
        assert path.name in caught.value.text(language)
        assert ("建议：" if language == "zh" else "Remedy: ") in caught.value.text(language)
    return caught.value


def frame(**columns: object) -> gpd.GeoDataFrame:
    boxes = [shapely.box(106.6, 26.6, 106.61, 26.61), shapely.box(106.7, 26.6, 106.71, 26.61)]
    return gpd.GeoDataFrame(dict(columns), geometry=boxes, crs=4490)


def test_reads_geojson_with_attributes_as_text(tmp_path: Path) -> None:
    layer = read_polygons(geojson(tmp_path, feature(SQUARE, id=7, people=2.0, none=None, tags=[1])))
    assert layer.attributes == ({"id": "7", "people": "2", "none": "", "tags": "[1]"},)
    assert layer.row_numbers == (1,)
    assert layer.geometries[0].equals(shapely.Polygon(SQUARE))


def test_honours_a_legacy_crs_member(tmp_path: Path) -> None:
    ring = [[500_000, 2_950_000], [501_000, 2_950_000], [501_000, 2_951_000], [500_000, 2_950_000]]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4545"}}
    layer = read_polygons(geojson(tmp_path, feature(ring), crs=crs))
    west, south, _, _ = shapely.total_bounds(layer.geometries)
    assert west == pytest.approx(108.0, abs=1e-6)  # the central meridian has easting 500 000
    assert 26 < south < 27


@pytest.mark.parametrize(
    "member",
    [
        {"type": "link", "properties": {"href": "http://example.org/crs"}},
        {"type": "name", "properties": {"name": "/etc/passwd"}},
        {"type": "name", "properties": {"name": "EPSG:999999"}},
    ],
)
def test_refuses_a_crs_that_is_no_known_code(tmp_path: Path, member: object) -> None:
    assert refusal(geojson(tmp_path, feature(SQUARE), crs=member), CRSError).reason.key == (
        "layer.unknown_crs"
    )


def test_metres_without_a_crs_are_refused_with_the_remedy(tmp_path: Path) -> None:
    ring = [[500_000, 2_950_000], [501_000, 2_950_000], [501_000, 2_951_000], [500_000, 2_950_000]]
    error = refusal(geojson(tmp_path, feature(ring)), CRSError)
    assert error.row == 1
    assert error.value == "500000.000000, 2950000.000000"
    assert error.reason.key == "layer.not_degrees"


def test_swapped_degrees_are_named(tmp_path: Path) -> None:
    error = refusal(geojson(tmp_path, feature([[y, x] for x, y in SQUARE])), SourceDataError)
    assert error.reason.key == "layer.swapped"
    assert error.value == "26.600000, 106.600000"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"type": "FeatureCollection", "features": []}', "layer.empty"),
        ('{"type": "FeatureCollection", "features": [', "layer.unreadable"),
        ('{"a": 1}', "layer.foreign"),
        ('{"type": "Point", "coordinates": [NaN, 1]}', "layer.unreadable"),
        ('{"type": "Point", "coordinates": [106.6, 26.6]}', "layer.no_polygons"),
        (
            '{"type": "Polygon", "coordinates": [[[0, 0], [1, null], [1, 1], [0, 0]]]}',
            "layer.bad_geometry",
        ),
        ('{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}', "layer.bad_geometry"),
        (
            '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [2, 0], [0, 0]]]}',
            "layer.collapsed",
        ),
        ("<OGRVRTDataSource/>", "layer.mismatch"),
    ],
)
def test_refuses_broken_geojson(tmp_path: Path, text: str, key: str) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(text, "utf-8")
    assert refusal(path, SourceDataError).reason.key == key


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".zip", ".kml", ".csv"])
def test_no_engine_sees_a_file_that_is_not_what_it_says(tmp_path: Path, suffix: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n", "utf-8")
    path = tmp_path / f"a{suffix}"
    path.write_text(
        f"<OGRVRTDataSource><OGRVRTLayer name='secret'><SrcDataSource>{secret}</SrcDataSource>"
        "</OGRVRTLayer></OGRVRTDataSource>",
        "utf-8",
    )
    assert refusal(path, SourceDataError).reason.key in ("layer.mismatch", "layer.foreign")


def test_mends_and_reports_a_self_crossing_polygon(tmp_path: Path) -> None:
    layer = read_polygons(geojson(tmp_path, feature(SQUARE), feature(BOW_TIE)))
    assert shapely.is_valid(layer.geometries).all()
    assert shapely.area(layer.geometries)[1] == pytest.approx(0.5e-4)  # two triangles of a quarter
    assert {one.code: one.subjects for one in layer.notices} == {"layer.repaired": ("a.geojson:2",)}


def test_refuses_a_tangle_without_trying_to_mend_it(tmp_path: Path) -> None:
    points = np.random.default_rng(1).uniform(0, 0.1, (600, 2)).tolist()
    path = geojson(tmp_path, feature([*points, points[0]]))
    assert refusal(path, SourceDataError).reason.key == "layer.tangled"


def test_counts_crossings() -> None:
    assert crossings(shapely.Polygon(BOW_TIE)) == 1


def test_drops_heights_and_tells_features_that_are_no_polygons(tmp_path: Path) -> None:
    point = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "Point", "coordinates": [106.6, 26.6]},
    }
    bare: dict[str, object] = {"type": "Feature", "properties": {}, "geometry": None}
    raised = feature([[x, y, 1000.0] for x, y in SQUARE])
    layer = read_polygons(geojson(tmp_path, point, bare, raised))
    assert layer.row_numbers == (3,)
    assert not shapely.has_z(layer.geometries).any()
    told = {one.code: one.subjects for one in layer.notices}
    assert told["layer.other_geometry"] == ("a.geojson:1",)
    assert told["layer.no_geometry"] == ("a.geojson:2",)
    assert "layer.z_dropped" in told
    assert len(read_places(tmp_path / "a.geojson")) == 2
    line = {"type": "LineString", "coordinates": [[106.6, 26.6], [106.7, 26.6]]}
    with pytest.raises(SourceDataError) as caught:
        read_places(geojson(tmp_path, {**bare, "geometry": line}))
    assert "LineString" in caught.value.text("en")
    assert "点或面图层" in caught.value.text("zh")


def test_chooses_the_layer_of_a_geopackage(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(frame(n=[1, 2]), path, layer="b")
    assert read_polygons(path).layer == "b"
    pyogrio.write_dataframe(frame(n=[3, 4]), path, layer="a", append=True)
    error = refusal(path, SourceDataError)
    assert error.reason.key == "layer.which"
    assert "a、b" in error.text("zh")
    assert read_polygons(path, layer="a").attributes[0] == {"n": "3"}
    assert refusal(path, SourceDataError, layer="c").reason.key == "layer.no_such"
    pyogrio.write_dataframe(frame(n=[5, 6]), path, layer="circles", append=True)
    assert read_polygons(path).attributes[0] == {"n": "5"}


def test_a_layer_without_crs_names_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    with pytest.warns(UserWarning, match="crs"):
        pyogrio.write_dataframe(frame().set_crs(None, allow_override=True), path)
    assert refusal(path, CRSError).reason.key in ("layer.no_crs", "layer.unknown_crs")


def test_damaged_geopackage_is_a_typed_error(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"SQLite format 3\x00" + b"\xff" * 4096)
    assert refusal(path, SourceDataError).reason.key == "layer.unreadable"


def shapefile(folder: Path, encoding: str) -> Path:
    path = folder / "圈.shp"
    pyogrio.write_dataframe(frame(名称=["云岩区一号圈", "乌当"]), path, encoding=encoding)
    (folder / "圈.cpg").unlink(missing_ok=True)
    return path


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
@pytest.mark.parametrize("cpg", [None, "GBK", "UTF-8", "nonsense"])
def test_reads_chinese_shapefiles_even_with_a_wrong_cpg(
    tmp_path: Path, encoding: str, cpg: str | None
) -> None:
    path = shapefile(tmp_path, encoding)
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg, "ascii")
    if (encoding, cpg) == ("UTF-8", "GBK"):
        return  # UTF-8 text is valid GB18030: a .cpg that lies this way cannot be told
    assert read_polygons(path).attributes == ({"名称": "云岩区一号圈"}, {"名称": "乌当"})


@pytest.mark.parametrize(
    ("part", "key"),
    [(".shx", "layer.shapefile_part"), (".dbf", "layer.shapefile_part"), (".prj", "layer.no_prj")],
)
def test_names_the_missing_part_of_a_shapefile(tmp_path: Path, part: str, key: str) -> None:
    path = shapefile(tmp_path, "UTF-8")
    path.with_suffix(part).unlink()
    assert refusal(path, AnalysisError).reason.key == key


def test_reads_a_zipped_shapefile_under_names_of_our_own(tmp_path: Path) -> None:
    path = shapefile(tmp_path, "GBK")
    packed = tmp_path / "p.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for part in (".shp", ".shx", ".dbf", ".prj"):
            archive.write(path.with_suffix(part), f"../../out{part}")
    layer = read_polygons(packed)
    assert layer.attributes[0] == {"名称": "云岩区一号圈"}
    assert layer.source == "p.zip"
    assert not (tmp_path.parent.parent / "out.shp").exists()


def test_refuses_archives_with_no_or_two_shapefiles_and_bombs(tmp_path: Path) -> None:
    packed = tmp_path / "p.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.shp", b"")
        archive.writestr("b.shp", b"")
    assert refusal(packed, SourceDataError).reason.key == "layer.zip_shapefiles"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\x00" * (32 * 2**20))
    assert refusal(packed, SourceDataError).reason.key == "table.archive_bomb"


@pytest.mark.shared_data
def test_reads_the_school_districts_in_epsg_5635(shared_data: Path) -> None:
    layer = read_polygons(shared_data / "las_palmas_school_districts_epsg5635.geojson")
    assert len(layer) == 29
    west, south, east, north = shapely.total_bounds(layer.geometries)
    assert -15.53 < west < east < -15.39
    assert 28.0 < south < north < 28.19


def damaged(data: bytes, seed: int) -> bytes:
    """Return `data` cut short or with some bytes changed."""
    dice = random.Random(seed)
    if seed % 5 == 0:
        return data[: dice.randrange(4, len(data))]
    changed = bytearray(data)
    for _ in range(dice.choice([1, 3, 20, 200])):
        changed[dice.randrange(4, len(data))] = dice.randrange(256)
    return bytes(changed)


@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf", ".prj", ".zip"])
def test_damage_gives_a_layer_or_a_typed_error(tmp_path: Path, part: str) -> None:
    path = shapefile(tmp_path, "GBK")
    packed = path.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in (".shp", ".shx", ".dbf", ".prj"):
            archive.write(path.with_suffix(one), f"a{one}")
    sound = path.with_suffix(part).read_bytes()
    refused = 0
    for seed in range(60):
        path.with_suffix(part).write_bytes(damaged(sound, seed))
        try:
            read_polygons(packed if part == ".zip" else path)
        except AnalysisError as error:
            assert path.stem in error.text("zh")
            refused += 1
    assert refused > 0

"""``--coordinates``: nothing is converted unasked, what looks wrong is told with the option."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from analysis.coordinates.reading import parse_reading
from analysis.crs import metric_crs
from analysis.errors import InputError, InvalidParameterError
from analysis.sources.inputs import read_inputs
from analysis.sources.request import InputRequest
from analysis.study import StudyInputs
from service import cli
from service.commands.console import Speaker
from service.commands.summary import _warnings

CRS = metric_crs(106.63, 26.62)
HALF_M = 900.0


@pytest.fixture(scope="module")
def town(tmp_path_factory) -> Path:
    """Return an extract of crooked blocks with 700 buildings of any use."""
    rng = np.random.default_rng(2)
    places: list[tuple[float, float]] = []
    ways: list[str] = []

    def way(xy, tags: dict[str, str]) -> None:
        first = len(places) + 1
        places.extend(xy)
        ids = [*range(first, len(places) + 1), *([first] if "building" in tags else [])]
        refs = "".join(f'<nd ref="{one}"/>' for one in ids)
        told = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        ways.append(f'<way id="{len(ways) + 1}">{refs}{told}</way>')

    cuts = [np.cumsum(rng.uniform(60, 180, 14)) - HALF_M for _ in range(2)]
    cuts = [one[one < HALF_M] for one in cuts]
    crossings = {}
    for column, x in enumerate(cuts[0]):
        for row, y in enumerate(cuts[1]):
            places.append((x, y))
            crossings[column, row] = len(places)
    lines = [[crossings[c, r] for r in range(len(cuts[1]))] for c in range(len(cuts[0]))]
    lines += [[crossings[c, r] for c in range(len(cuts[0]))] for r in range(len(cuts[1]))]
    for line in lines:
        refs = "".join(f'<nd ref="{one}"/>' for one in line)
        ways.append(f'<way id="{len(ways) + 1}">{refs}<tag k="highway" v="residential"/></way>')
    streets = shapely.union_all(
        [shapely.LineString([places[one - 1] for one in line]) for line in lines]
    )
    for x, y in rng.uniform(-HALF_M, HALF_M, (900, 2)):
        box = shapely.box(x - 6, y - 5, x + 6, y + 5)
        if box.distance(streets) > 4:
            way(list(box.exterior.coords)[:-1], {"building": "apartments"})
    lonlat = CRS.unproject(np.array(places))
    nodes = "".join(
        f'<node id="{one}" lon="{lon:.8f}" lat="{lat:.8f}"/>'
        for one, (lon, lat) in enumerate(lonlat, start=1)
    )
    path = tmp_path_factory.mktemp("town") / "town.osm"
    path.write_text(f'<osm version="0.6">{nodes}{"".join(ways)}</osm>', "utf-8")
    return path


@pytest.fixture(scope="module")
def shops(town: Path) -> np.ndarray:
    """Return WGS84 degrees of 80 shops, roughly surveyed, in buildings of the town."""
    from analysis.sources.osm.reader import read_osm

    data = read_osm(town)
    rng = np.random.default_rng(3)
    rows = [row for row, tags in enumerate(data.way_tags) if "building" in tags]
    polygons = data.way_polygons(np.array(rows, dtype=np.int32), data.node_xy_m(CRS))
    middles = shapely.get_coordinates(shapely.centroid(polygons))
    chosen = middles[rng.choice(len(middles), 80, replace=False)] + rng.normal(0, 5, (80, 2))
    return CRS.unproject(chosen)


def table(folder: Path, shops: np.ndarray, written_as: str, columns: str = "经度,纬度") -> Path:
    path = folder / "设施.csv"
    pairs = parse_reading(written_as).pairs(shops)
    rows = [f"便利店,店{at},{a:.8f},{b:.8f}" for at, (a, b) in enumerate(pairs)]
    path.write_text("\n".join([f"要素,名称,{columns}", *rows]), "utf-8")
    return path


def read(town: Path, facilities: Path, *coordinates: str, **named) -> StudyInputs:
    request = InputRequest(source=town, facilities=(facilities,), coordinates=coordinates, **named)
    return read_inputs(request)


def told(inputs: StudyInputs, code: str) -> list[str]:
    return [one.text.text("en") for one in inputs.notices if one.code == code]


def placed_m(inputs: StudyInputs, shops: np.ndarray) -> np.ndarray:
    """Return how far each shop is from where it truly is, in the order of the table."""
    found = {name: at for at, name in enumerate(inputs.facilities.name)}
    rows = [found[f"店{at}"] for at in range(len(shops))]
    return np.hypot(*(inputs.facilities.xy_m[rows] - inputs.crs.project(shops)).T)


def test_without_a_declaration_nothing_moves_and_the_option_is_told(town, shops, tmp_path) -> None:
    inputs = read(town, table(tmp_path, shops, "gcj02"))
    (said,) = told(inputs, "coordinates.looks_other")
    assert "look like gcj02, not wgs84" in said
    assert "--coordinates 设施.csv=gcj02" in said
    assert not told(inputs, "coordinates.applied")
    (check,) = inputs.coordinates
    shift_m = check.verdict.fit(check.verdict.likely).shift_m
    assert shift_m > 300
    kept = {name: at for at, name in enumerate(inputs.facilities.name)}
    one = next(at for at in range(len(shops)) if f"店{at}" in kept)
    moved = inputs.facilities.xy_m[kept[f"店{one}"]] - inputs.crs.project(shops[one : one + 1])[0]
    assert np.hypot(*moved) == pytest.approx(shift_m, rel=0.05)


@pytest.mark.parametrize(
    ("written_as", "columns"),
    [
        ("gcj02", "经度,纬度"), ("bd09", "lon,lat"), ("swapped", "经度,纬度"),
        ("gcj02+swapped", "经度,纬度"), ("EPSG:4544", "x,y"), ("EPSG:4523+swapped", "X坐标,Y坐标"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["设施.csv", "facilities"])
def test_what_is_declared_is_applied(town, shops, tmp_path, written_as, columns, name) -> None:
    inputs = read(town, table(tmp_path, shops, written_as, columns), f"{name}={written_as}")
    assert placed_m(inputs, shops).max() < 0.05
    (check,) = inputs.coordinates
    assert (check.verdict.verdict, check.verdict.declared.text) == ("fits", written_as)
    assert len(told(inputs, "coordinates.applied")) == 1
    assert not told(inputs, "coordinates.looks_other")
    assert (check.shift_m > 300) == ("0" in written_as and "EPSG" not in written_as)


def test_true_coordinates_are_left_alone_and_not_talked_about(town, shops, tmp_path) -> None:
    inputs = read(town, table(tmp_path, shops, "wgs84"))
    assert placed_m(inputs, shops).max() < 0.05
    assert inputs.coordinates[0].verdict.verdict == "fits"
    assert not [one for one in inputs.notices if one.code.startswith("coordinates.")]


def test_a_wrong_declaration_is_contradicted(town, shops, tmp_path) -> None:
    inputs = read(town, table(tmp_path, shops, "wgs84"), "设施.csv=gcj02")
    (said,) = told(inputs, "coordinates.looks_other")
    assert "look like wgs84, not gcj02" in said


@pytest.mark.parametrize(
    ("written_as", "columns", "option"),
    [
        ("EPSG:4544", "x,y", "--coordinates 设施.csv=EPSG:4544"),
        ("EPSG:4523+swapped", "经度,纬度", "--coordinates 设施.csv=EPSG:4523+swapped"),
        ("EPSG:4496", "东坐标,北坐标", "--coordinates 设施.csv=EPSG:4496"),
        ("swapped", "经度,纬度", "--coordinates 设施.csv=swapped"),
        ("EPSG:32630", "x,y", "EPSG:"),
    ],
)  # fmt: skip
def test_what_cannot_be_degrees_names_its_zone(
    town, shops, tmp_path, written_as, columns, option
) -> None:
    with pytest.raises(InputError) as caught:
        if written_as == "EPSG:32630":  # metres of nowhere near
            shops = CRS.unproject(CRS.project(shops)) - (106.0, 0.0)
        read(town, table(tmp_path, shops, written_as, columns))
    for language in ("zh", "en"):
        assert option in caught.value.text(language)
    assert caught.value.source == "设施.csv"


def geojson(path: Path, polygon_lonlat: np.ndarray) -> Path:
    ring = [*polygon_lonlat.tolist(), polygon_lonlat[0].tolist()]
    feature = {"type": "Feature", "properties": {"id": "A"},
               "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    return path


@pytest.mark.parametrize("role", ["circles", "boundary"])
@pytest.mark.parametrize("written_as", ["gcj02", "bd09+swapped", "EPSG:4544"])
def test_circles_and_boundary_are_read_as_declared(town, shops, tmp_path, role, written_as) -> None:
    corners = np.array([(-500.0, -400.0), (450.0, -420.0), (480.0, 430.0), (-470.0, 460.0)])
    lonlat = CRS.unproject(corners)
    path = geojson(tmp_path / "圈.geojson", parse_reading(written_as).pairs(lonlat))
    inputs = read(town, table(tmp_path, shops, "wgs84"), f"圈.geojson={written_as}", **{role: path})
    expected = shapely.Polygon(inputs.crs.project(lonlat))
    (found,) = inputs.circles.polygons
    assert shapely.hausdorff_distance(found, expected) < 0.05
    assert [one.role for one in inputs.coordinates] == [role, "facilities"]


@pytest.mark.parametrize("written_as", ["gcj02", "EPSG:4544+swapped"])
def test_layers_of_points_and_people_are_read_as_declared(
    town, shops, tmp_path, written_as
) -> None:
    pairs = parse_reading(written_as).pairs(shops)
    features = [
        {"type": "Feature", "properties": {"element": "便利店", "name": f"店{at}", "population": 5},
         "geometry": {"type": "Point", "coordinates": pair}}
        for at, pair in enumerate(pairs.tolist())
    ]  # fmt: skip
    path = tmp_path / "点.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    declared = (f"facilities={written_as}", f"population={written_as}")
    inputs = read(town, path, *declared, population=path)
    assert placed_m(inputs, shops).max() < 0.05
    assert inputs.demand.people.sum() == pytest.approx(400)
    assert {one.role: one.verdict.verdict for one in inputs.coordinates} == {
        "facilities": "fits", "population": "fits",
    }  # fmt: skip


def test_entrances_move_with_their_facility(town, shops, tmp_path) -> None:
    path = tmp_path / "设施.csv"
    gcj02 = parse_reading("gcj02").pairs(shops)
    rows = [
        f"便利店,店{at},{lon:.8f},{lat:.8f},{lon:.8f},{lat:.8f}"
        for at, (lon, lat) in enumerate(gcj02)
    ]
    path.write_text("\n".join(["要素,名称,经度,纬度,入口经度,入口纬度", *rows]), "utf-8")
    inputs = read(town, path, "facilities=gcj02")
    facilities = inputs.facilities
    first = facilities.entrance_first[:-1]
    apart = facilities.entrance_xy_m[first] - facilities.xy_m
    own = np.array([one == "table" for one in facilities.origin])
    assert own.sum() == 80
    assert np.hypot(*apart[own].T).max() < 0.01


@pytest.mark.parametrize(
    ("values", "key"),
    [
        (("设施.csv=gcj2",), "coordinates.unknown"), (("x.csv=gcj02",), "coordinates.no_file"),
        (("gcj02",), "coordinates.form"),
    ],
)  # fmt: skip
def test_refuses_what_names_no_file_or_system(town, shops, tmp_path, values, key) -> None:
    with pytest.raises(InvalidParameterError) as caught:
        read(town, table(tmp_path, shops, "wgs84"), *values)
    assert caught.value.reason.key == key


def test_the_command_line_tells_and_records(town, shops, tmp_path, capsys) -> None:
    path, out = table(tmp_path, shops, "gcj02"), tmp_path / "out"
    asked = ["analyse", str(town), "--facilities", str(path), "--out", str(out), "--lang", "zh"]
    assert cli.main(asked) == 0
    said = capsys.readouterr()
    assert "--coordinates设施.csv=gcj02" in "".join((said.out + said.err).split())
    document = json.loads((out / "study.json").read_text("utf-8"))
    (record,) = [one["coordinates"] for one in document["inputs"] if one["role"] == "facilities"]
    assert (record["declared"], record["verdict"], record["likely"]) == ("wgs84", "other", "gcj02")
    assert record["option"] == "--coordinates 设施.csv=gcj02"
    assert "coordinates.looks_other" in {one["code"] for one in document["notices"]}

    assert cli.main([*asked, "--coordinates", "设施.csv=gcj02"]) == 0
    document = json.loads((out / "study.json").read_text("utf-8"))
    (record,) = [one["coordinates"] for one in document["inputs"] if one["role"] == "facilities"]
    assert (record["declared"], record["verdict"], record["option"]) == ("gcj02", "fits", None)
    assert record["shift_m"] > 300
    assert record["before"]["building_share"] < record["fits"][0]["building_share"]
    extract = next(one for one in document["inputs"] if one["role"] == "extract")
    assert extract["coordinates"] is None


def test_a_file_in_another_datum_is_the_first_warning_whatever_its_count(capsys) -> None:
    said = [
        {"code": f"other.{at}", "severity": "warning", "count": 10_000, "zh": f"杂{at}", "en": "x"}
        for at in range(6)
    ]
    said.append({"code": "coordinates.looks_other", "severity": "warning", "count": 1,
                 "zh": "坐标像是", "en": "look like"})  # fmt: skip
    _warnings(Speaker(None, quiet=False, as_json=False), {"notices": said}, Path("out"))
    told = capsys.readouterr()
    lines = [one for one in (told.out + told.err).splitlines() if one.startswith("  - ")]
    assert len(lines) < len(said)
    assert "坐标像是" in lines[0] or "look like" in lines[0]


def test_a_shapefile_without_prj_is_read_in_the_system_declared(town, shops, tmp_path) -> None:
    import pyogrio

    pairs = parse_reading("EPSG:4544").pairs(shops)
    path = tmp_path / "shops.shp"
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(shapely.points(pairs)),
        field_data=[np.array(["便利店"] * 80, dtype=object),
                    np.array([f"店{at}" for at in range(80)], dtype=object)],
        fields=["element", "name"],
        geometry_type="Point",
        crs="EPSG:4544",
        encoding="utf-8",
    )  # fmt: skip
    path.with_suffix(".prj").unlink()
    with pytest.raises(InputError) as caught:
        read(town, path)
    assert "--coordinates" in caught.value.text("zh")
    inputs = read(town, path, "shops.shp=EPSG:4544")
    assert placed_m(inputs, shops).max() < 0.05


def test_a_raster_takes_no_declaration(town, shops, tmp_path) -> None:
    raster = tmp_path / "people.tif"
    raster.write_bytes(b"II*\x00")
    for name in ("people.tif", "population"):
        with pytest.raises(InvalidParameterError) as caught:
            read(town, table(tmp_path, shops, "wgs84"), f"{name}=gcj02", population=raster)
        assert caught.value.reason.key == "coordinates.raster"


def test_inspect_holds_a_table_against_an_extract(town, shops, tmp_path, capsys) -> None:
    path = table(tmp_path, shops, "EPSG:4544+swapped", "x,y")
    asked = ["inspect", str(path), "--against", str(town), "--json", "--lang", "en"]
    assert cli.main(asked) == 0
    (found,) = json.loads(capsys.readouterr().out)["coordinates"]
    assert found["option"] == "--coordinates 设施.csv=EPSG:4544+swapped"
    assert cli.main([*asked, "--coordinates", "设施.csv=EPSG:4544+swapped"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["coordinates"]
    assert (found["verdict"], found["option"]) == ("fits", None)

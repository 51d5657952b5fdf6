"""Map layers of siting rules: what the map draws, as what it is drawn; heights; parcels' storeys."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely

from analysis.candidates.gathering import gather, screen_study
from analysis.errors import InvalidParameterError
from analysis.places.facilities import FacilityRecord, build_facilities
from analysis.places.ground import Ground
from analysis.sources.elevation.ground import read_ground
from analysis.sources.inputs import read_inputs
from analysis.sources.parcels.storeys import drawn_widths_m, storey, width
from analysis.sources.parcels.table import read_parcels
from analysis.sources.request import InputRequest
from analysis.sources.sample_district.district import write_sample_district
from analysis.sources.site_layers import read_site_layers
from analysis.standard.checkable_layers import CHECKABLE_LAYERS
from analysis.study import StudyParameters, analyse
from analysis.testing.cities import TEST_CRS, grid_city, shops_at, square_circles
from analysis.testing.osm import OsmWorld, world_area

NOBODY = shops_at([])
OBJECTS = [one for one in CHECKABLE_LAYERS if one.kind == "objects"]


def ring(west, south, east, north):
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def layers_of(world, *, half_m=1000.0, facilities=NOBODY, shuffled=None):
    return read_site_layers(world.data(shuffled=shuffled), world_area(half_m), facilities, None)


@pytest.mark.parametrize("layer", OBJECTS, ids=[one.id for one in OBJECTS])
def test_each_tag_of_each_layer_is_found_unless_excluded(layer) -> None:
    for key, values in layer.osm.items():
        for value in values:
            world = OsmWorld()
            world.node(0.0, 0.0, {key: value})
            world.line([(0, 0), (50, 0)], {key: value})
            assert len(layers_of(world).of_layer(layer.id)) == 2, (key, value)
            for without, several in layer.excluding.items():
                world = OsmWorld()
                world.node(0.0, 0.0, {key: value, without: several[0]})
                assert len(layers_of(world).of_layer(layer.id)) == 0, (key, value, without)


def test_every_layer_is_there_even_where_it_is_empty() -> None:
    world = OsmWorld()
    world.line([(0, 0), (50, 0)], {"highway": "footway"})
    found = layers_of(world)
    assert {name: len(one) for name, one in found.shapes.items()} == {one.id: 0 for one in OBJECTS}
    assert len(found.land) == 0


def test_a_street_round_a_block_is_a_line_and_a_pond_is_an_area() -> None:
    world = OsmWorld()
    world.line(ring(0, 0, 100, 100), {"highway": "residential"})
    world.line(ring(200, 0, 300, 100), {"highway": "residential", "area": "yes"})
    world.line(ring(0, 200, 100, 300), {"natural": "water"})
    world.line(ring(200, 200, 300, 300), {"natural": "cliff"})
    world.relation(shapely.box(400, 0, 500, 100), {"landuse": "industrial"})
    found = layers_of(world)
    assert shapely.area(found.of_layer("motor_road")).round(3).tolist() == [0.0, 10000.0]
    assert shapely.distance(found.of_layer("motor_road")[0], shapely.Point(50, 50)) == (
        pytest.approx(50.0, abs=1e-3)
    )
    assert shapely.area(found.of_layer("water")).round(3).tolist() == [10000.0]
    assert shapely.area(found.of_layer("geological_hazard")).tolist() == [0.0]
    assert shapely.area(found.of_layer("industrial_land")).round(3).tolist() == [10000.0]


def test_what_lies_beyond_the_area_read_is_left_out() -> None:
    world = OsmWorld()
    world.node(0.0, 0.0, {"amenity": "fuel"})
    world.node(1001.0, 0.0, {"amenity": "fuel"})
    assert len(layers_of(world).of_layer("fuel_station")) == 1


@pytest.mark.parametrize(
    ("tags", "side_m", "kind"),
    [
        ({"landuse": "brownfield"}, 20, "vacant_land"),
        ({"landuse": "greenfield", "name": "=1+1"}, 20, "vacant_land"),
        ({"landuse": "brownfield"}, 5, None),  # 25 m²: a flower bed
        ({"landuse": "construction"}, 20, None),
        ({"landuse": "brownfield", "building": "yes"}, 20, None),
        ({"landuse": "brownfield", "access": "private"}, 20, None),
        ({"leisure": "common"}, 20, "public_land"),
        ({"office": "government"}, 20, "public_land"),
        ({"office": "government", "building": "yes"}, 20, None),
        ({"amenity": "community_centre"}, 20, "public_land"),
        ({"amenity": "parking"}, 30, "public_land"),
        ({"amenity": "parking"}, 20, None),
        ({"amenity": "parking", "parking": "surface", "access": "yes"}, 30, "public_land"),
        ({"amenity": "parking", "parking": "underground"}, 30, None),
        ({"amenity": "parking", "access": "customers"}, 30, None),
        ({"leisure": "park"}, 50, None),
    ],
)
def test_land_that_may_be_free(tags, side_m, kind) -> None:
    world = OsmWorld()
    way = world.line(ring(0, 0, side_m, side_m), tags)
    world.node(-50.0, -50.0, tags)  # a point is no land
    land = layers_of(world).land
    assert land.kind == (() if kind is None else (kind,))
    if kind is not None:
        assert land.source_id == (f"osm:way/{way}",)
        assert land.name == (tags.get("name", ""),)
        assert shapely.area(land.shapes[0]) == pytest.approx(side_m**2, rel=1e-4)


def test_facilities_have_the_outline_that_the_map_draws() -> None:
    world = OsmWorld()
    park = world.line(ring(0, 0, 100, 100), {"leisure": "park"})
    world.relation(shapely.box(300, 0, 400, 100), {"leisure": "park"}, relation_id=7)
    path = world.line([(0, 500), (50, 500)], {"shop": "bakery"})

    def row(source_id):
        return FacilityRecord(
            element_id="park", source_id=source_id, name="", origin="osm", status="open",
            xy_m=(50.0, 50.0), area_m2=1e4, ambiguous=False, entrances=((0.0, 50.0, 3),),
            attributes={},
        )  # fmt: skip

    ids = [f"osm:way/{park}", "osm:relation/7", f"osm:way/{path}", "osm:node/1", "t.csv:1"]
    found = layers_of(world, facilities=build_facilities([row(one) for one in ids]))
    assert found.outline_id == ("osm:relation/7", f"osm:way/{park}")
    assert shapely.area(found.outlines) == pytest.approx([1e4, 1e4], rel=1e-3)


def test_the_order_of_the_extract_does_not_matter() -> None:
    world = OsmWorld()
    for number in range(12):
        x_m = 60.0 * number
        world.line(ring(x_m, 0, x_m + 40, 40), {"landuse": "brownfield", "building": "no"})
        world.line(ring(x_m, 100, x_m + 40, 140), {"building": "house"})
    first = layers_of(world)
    for seed in range(3):
        other = layers_of(world, shuffled=seed)
        assert other.land.source_id == first.land.source_id
        for name, one in first.shapes.items():
            assert shapely.to_wkt(one).tolist() == shapely.to_wkt(other.shapes[name]).tolist()


# --- the ground -----------------------------------------------------------------------------------


def raster(path: Path, *, cell_m: float, east: float) -> Path:
    """Write a plane that rises by `east` a metre, in degrees around the test city."""
    lon, lat = TEST_CRS.unproject(np.array([[0.0, 0.0], [1000.0, 1000.0]]))[0]
    step = cell_m / 111_000.0
    n = int(4000.0 / cell_m)
    lons = lon - 0.012 + (np.arange(n) + 0.5) * step
    lats = lat + 0.016 - (np.arange(n) + 0.5) * step
    grid = np.column_stack([np.repeat(lons[None], n, 0).ravel(), np.repeat(lats, n)])
    values = (100.0 + east * TEST_CRS.project(grid)[:, 0]).reshape(n, n).astype(np.float32)
    with rasterio.open(
        path, "w", driver="GTiff", width=n, height=n, count=1, dtype="float32", crs="EPSG:4326",
        transform=rasterio.Affine(step, 0, lon - 0.012, 0, -step, lat + 0.016),
    ) as dataset:  # fmt: skip
        dataset.write(values, 1)
    return path


@pytest.mark.parametrize("cell_m", [5.0, 30.0])
def test_the_slope_of_a_plane_comes_back_from_a_raster(tmp_path, cell_m) -> None:
    ground = read_ground((raster(tmp_path / "h.tif", cell_m=cell_m, east=0.22),), grid_city(6, 4),
                         TEST_CRS)  # fmt: skip
    assert ground is not None
    assert ground.step_m == 20.0
    assert ground.estimated == (cell_m > 10.0)
    sites = np.array([shapely.Point(300, 200), shapely.box(100, 100, 400, 300)], dtype=object)
    assert ground.slopes(sites) == pytest.approx([0.22, 0.22], abs=2e-3)
    assert ground.elevations(sites) == pytest.approx([166.0, 155.0], abs=2.0)
    away = np.array([shapely.Point(5000, 5000), shapely.box(4e3, 4e3, 5e3, 5e3)], dtype=object)
    assert np.isnan(ground.slopes(away)).all()


def test_no_raster_no_ground() -> None:
    assert read_ground((), grid_city(2, 2), TEST_CRS) is None


def test_a_single_line_of_heights_has_no_slope() -> None:
    flat = Ground(origin_m=np.zeros(2), step_m=20.0, height_m=np.zeros((1, 5), dtype=np.float32))
    assert np.isnan(flat.slopes(np.array([shapely.Point(20, 0)], dtype=object))).all()


# --- parcels' storeys and widths ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1), ("-1", -1), ("２", 2), ("B1", -1), ("b2层", -2), ("负一层", -1), ("地下2层", -2),
        ("首层", 1), ("底楼", 1), ("地下室", -1), ("3F", 3), ("第二层", 2), ("地上1层", 1), ("二楼", 2),
        ("1.0", 1), ("ground floor", 1),
    ],
)  # fmt: skip
def test_storeys_as_planners_write_them(text, expected) -> None:
    assert storey(text) == expected


@pytest.mark.parametrize("text", ["0", "1.5", "夹层", "1-2层", "nan", "b", "一二层"])
def test_what_names_no_storey_is_refused(text) -> None:
    with pytest.raises(ValueError, match=text):
        storey(text)


def test_widths() -> None:
    assert np.isnan(width(" "))
    assert width("8.5") == 8.5
    for wrong in ("0", "-1", "宽"):
        with pytest.raises(ValueError, match=wrong):
            width(wrong)
    turned = shapely.transform(
        shapely.box(0, 0, 30, 8), lambda xy: xy @ np.array([[0.8, 0.6], [-0.6, 0.8]])
    )
    drawn = np.array([shapely.box(0, 0, 5, 40), turned, shapely.Point(1, 1), None], dtype=object)
    found = drawn_widths_m(drawn)
    assert found[:2] == pytest.approx([5.0, 8.0])
    assert np.isnan(found[2:]).all()


# --- whole places ---------------------------------------------------------------------------------

# What the sample district plants on its first eight parcels: unfit for anything.
PLANTED = {
    "P001": "洪水缓冲区", "P002": "洪水缓冲区", "P003": "洪水缓冲区", "P004": "陡坡(>25%)",
    "P005": "陡坡(>25%)", "P006": "面积过小", "P007": "面积过小", "P008": "面积过小",
}  # fmt: skip


def test_the_planted_parcels_of_the_sample_district(tmp_path) -> None:
    files = write_sample_district(tmp_path / "d")
    inputs = read_inputs(
        InputRequest(
            source=files.osm_pbf,
            circles=files.circles,
            population=files.population,
            parcels=(files.parcels_gpkg,),
            elevation=(files.elevation,),
        )  # fmt: skip
    )
    study = analyse(inputs, StudyParameters())
    candidates = gather(study).candidates
    screening = screen_study(study, candidates)
    assert candidates.kind.count("parcel") == 62
    for row, source_id in enumerate(candidates.source_id):
        if candidates.kind[row] != "parcel":
            continue
        planted = PLANTED.get(source_id.split(":")[1])
        assert (not screening.keeps_rules[row].any()) or planted is None
        for column in range(len(screening.elements)):
            told = [one.text("zh") for one in screening.reasons(row, column)]
            assert (f"地块表注明不可用：{planted}" in told) == (planted is not None)
    # P002 lies in the river that the district draws; P007 is 45 m² of some 48 m² of ground.
    pharmacy = screening.column("pharmacy")
    water = candidates.row("parcel:parcels.gpkg:P002")
    assert "位于水面内" in [one.text("zh") for one in screening.reasons(water, pharmacy)]
    small = screening.findings(candidates.row("parcel:parcels.gpkg:P007"), pharmacy)
    assert [one.rule_id for one in small if one.kind == "rejected"] == ["min_build", "exclusion"]
    good = candidates.row("parcel:parcels.gpkg:P009")
    assert screening.allowed[good, pharmacy]
    # Every place with a gap has somewhere to go: an idle plot was planted in each.
    assert screening.allowed[np.array(candidates.kind) == "parcel"].any(axis=0).sum() >= 20


@pytest.mark.shared_data
def test_monaco(shared_data: Path) -> None:
    inputs = read_inputs(
        InputRequest(
            source=shared_data / "monaco_2023.osm.pbf",
            boundary=shared_data / "monaco_boundary.geojson",
            elevation=(shared_data / "monaco_dem_srtm3_N43E007.hgt.zip",),
        )
    )
    assert len(inputs.site_layers.of_layer("dwelling")) > 100
    assert inputs.site_layers.ground is not None
    assert inputs.site_layers.ground.estimated  # cells of 90 m
    study = analyse(inputs, StudyParameters())
    found = gather(study)
    assert {"generated", "public_land"} <= set(found.candidates.kind)
    screening = screen_study(study, found.candidates)
    steep = [
        one.text.text("en") for row in range(len(found.candidates))
        for one in screening.findings(row, 0) if one.rule_id == "steep"
    ]  # fmt: skip
    assert len(steep) > 10  # the hillside
    assert all("exceeds 0.20" in one for one in steep)
    assert screening.allowed.any(axis=0).all()


def test_cells_that_name_no_storey_are_refused_with_their_row(tmp_path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(
        "编号,空间类型,楼层,宽度,lon,lat\n"
        "a,首层空间,,,106.65,26.70\nb,闲置,B1,6.5,106.65,26.70\n", "utf-8",
    )  # fmt: skip
    circles = square_circles((-1e3, -1e3, 1e3, 1e3))
    found = read_parcels((path,), world_area(), circles).parcels
    assert found.floor.tolist() == [1.0, -1.0]
    assert found.width_m.tolist()[1] == 6.5
    path.write_text("编号,楼层,宽度,lon,lat\na,夹层,0,106.65,26.70\n", "utf-8")
    with pytest.raises(InvalidParameterError) as caught:
        read_parcels((path,), world_area(), circles)
    told = caught.value.text("zh")
    assert "夹层" in told
    assert "看不出是哪一层" in told
    assert "宽度须是大于 0 的数字" in told

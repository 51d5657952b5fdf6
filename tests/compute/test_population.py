"""Demand: people from floor area, tables, polygons and rasters; nobody is lost."""

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio import Affine

from analysis.crs import metric_crs
from analysis.errors import (
    AnalysisError,
    CRSError,
    InvalidDemandError,
    InvalidParameterError,
    SourceDataError,
)
from analysis.notices import Notice
from analysis.places.circles import Circles
from analysis.places.demand import Demand
from analysis.sources.extent import StudyArea
from analysis.sources.people.buildings import Buildings
from analysis.sources.people.demand import build_demand
from analysis.sources.people.land_cells import LandCells, land_cells

CRS = metric_crs(106.70, 26.60)
EAST, WEST = shapely.box(0, -500, 500, 500), shapely.box(-500, -500, 0, 500)
READ = shapely.box(-1500, -1500, 1500, 1500)
AREA = StudyArea(crs=CRS, judged=shapely.union(EAST, WEST), read=READ, data=READ)
NO_LAND = land_cells(np.empty(0, dtype=object), Circles(
    circle_id=("a",), name=("",), level=("15min",), polygons=np.array([EAST], dtype=object),
    total_population=np.array([np.nan]), inside_data=np.ones(1),
))  # fmt: skip
Result = tuple[Demand, tuple[Notice, ...]]


def circles(east: float = float("nan"), west: float = float("nan")) -> Circles:
    return Circles(
        circle_id=("east", "west"),
        name=("东", "西"),
        level=("15min", "15min"),
        polygons=np.array([EAST, WEST], dtype=object),
        total_population=np.array([east, west]),
        inside_data=np.ones(2),
    )


def homes(*places: tuple[float, float, float]) -> Buildings:
    """Return one-storey homes 1, 2, … of 10 m × (floor / 10) at x, y with a floor area each."""
    n = len(places)
    polygons = [shapely.box(x - 5, y - f / 20, x + 5, y + f / 20) for x, y, f in places]
    return Buildings(
        source_id=tuple(f"osm:way/{one + 1}" for one in range(n)),
        xy_m=np.array([one[:2] for one in places], dtype=np.float64).reshape(-1, 2),
        polygons=np.array(polygons, dtype=object),
        footprint_m2=np.array([one[2] for one in places], dtype=np.float64),
        levels=np.ones(n),
        floor_area_m2=np.array([one[2] for one in places], dtype=np.float64),
        home_share=np.ones(n),
        levels_estimated=np.zeros(n, dtype=bool),
        rule=("house",) * n,
        notices=(),
    )


# Two homes in the east (100 and 300 m² of floor), one in the west, one outside every circle.
FOUR = homes((100, 0, 100), (200, 0, 300), (-100, 0, 400), (900, 0, 800))


def run(
    population: Path | None = None,
    *,
    total: float | None = None,
    buildings: Buildings = FOUR,
    land: LandCells = NO_LAND,
    within: Circles | None = None,
) -> Result:
    found = build_demand(
        buildings,
        land,
        within or circles(),
        population=population,
        total_population=total,
        area=AREA,
    )
    return found.demand, found.notices


def codes(result: Result) -> dict[str, tuple[str, ...]]:
    return {one.code: one.subjects for one in result[1]}


def people(result: Result) -> dict[str, float]:
    demand = result[0]
    return dict(zip(demand.point_id, demand.people.tolist(), strict=True))


def at(x: float, y: float) -> str:
    lon, lat = CRS.unproject(np.array([[x, y]], dtype=np.float64))[0]
    return f"{lon:.9f},{lat:.9f}"


def table(folder: Path, *lines: str, name: str = "人口.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines), "utf-8")
    return path


def refusal(kind: type[AnalysisError], path: Path | None = None, **options: float) -> AnalysisError:
    with pytest.raises(kind) as caught:
        run(path, total=options.get("total"))
    assert "Remedy: " in caught.value.text("en")
    assert "建议：" in caught.value.text("zh")
    if path is not None:
        assert path.name in caught.value.text("zh")
    return caught.value


# --- floor area -----------------------------------------------------------------------------------


def test_floor_area_gives_estimated_people() -> None:
    result = run()
    assert people(result) == pytest.approx(
        {"osm:way/1": 100 / 35, "osm:way/2": 300 / 35, "osm:way/3": 400 / 35}
    )
    demand = result[0]
    assert demand.circle.tolist() == [0, 0, 1]
    assert demand.people_estimated.all()
    assert demand.households == pytest.approx(demand.people / 2.6)
    assert "population.from_floor_area" in codes(result)


def test_a_total_is_shared_by_floor_area() -> None:
    assert people(run(total=1024)) == pytest.approx(
        {"osm:way/1": 128, "osm:way/2": 384, "osm:way/3": 512}
    )


def test_totals_of_circles_are_met_each() -> None:
    result = run(within=circles(east=64))
    assert people(result) == pytest.approx(
        {"osm:way/1": 16, "osm:way/2": 48, "osm:way/3": 400 / 35}
    )
    assert codes(result)["population.scaled_to_circles"] == ("east",)
    both = run(within=circles(east=64, west=64), total=1024)
    assert people(both) == pytest.approx({"osm:way/1": 128, "osm:way/2": 384, "osm:way/3": 512})


def test_a_circle_without_homes_is_told() -> None:
    result = run(buildings=homes((100, 0, 100)), within=circles(east=8, west=16))
    assert people(result) == pytest.approx({"osm:way/1": 8})
    assert codes(result)["population.circle_without_homes"] == ("west",)


@pytest.mark.parametrize("total", [0, -1, 0.5, 1e11, float("nan"), float("inf")])
def test_refuses_totals_that_are_no_people(total: float) -> None:
    refusal(InvalidParameterError, total=total)


def test_nothing_at_all_is_no_error() -> None:
    result = run(buildings=homes())
    assert len(result[0]) == 0


def test_a_total_that_nobody_can_carry_is_refused() -> None:
    with pytest.raises(InvalidDemandError) as caught:
        run(buildings=homes(), total=1024)
    assert "1,024" in caught.value.text("zh")
    assert "--population" in caught.value.text("en")


def test_land_cells_come_last_and_hold_nobody() -> None:
    land = land_cells(np.array([shapely.box(0, 0, 100, 50)], dtype=object), circles())
    demand, _ = run(land=land)
    assert demand.point_id[-2:] == ("land/0/0", "land/1/0")
    assert demand.is_building.tolist() == [True, True, True, False, False]
    assert demand.people[-2:].tolist() == [0, 0]
    assert demand.land_m2.tolist() == [0, 0, 0, 2500, 2500]


# --- tables ---------------------------------------------------------------------------------------


def test_rows_go_to_their_building_the_nearest_or_stay(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "osm_id,经度,纬度,人口,户数,60岁以上",
        "way/1,,,1,1,1",
        f",{at(150 + 46, 0)},2,,0",  # in way/2
        f",{at(200, 15 + 59)},4,,0",  # 59 m from way/2
        f",{at(200, 15 + 61)},8,,8",  # 61 m from it
        f"3,{at(400, 400)},16,,0",  # the id counts, not the place
        f"way/99,{at(-100, 0)},32,,",
        "way/98,,,64,,0",
        f",{at(900, 0)},128,,0",
    )
    result = run(path)
    assert people(result) == pytest.approx(
        {"osm:way/1": 1, "osm:way/2": 6, "osm:way/3": 48, "人口.csv:5": 8}
    )
    demand = result[0]
    assert demand.groups["population_60plus"].tolist() == [1, 0, 0, 8]
    assert demand.households == pytest.approx([1, 6 / 2.6, 48 / 2.6, 8 / 2.6])
    assert not demand.people_estimated.any()
    assert demand.is_building.all()
    told = codes(result)
    assert told["population.own_points"] == ("人口.csv:5",)
    assert told["population.nowhere"] == ("人口.csv:8",)
    assert told["population.unknown_osm_id"] == ("人口.csv:7", "人口.csv:8")
    assert told["population.blank_group"] == ("人口.csv:7",)
    assert told["population.outside"] == ("osm:way/4",)


def test_ties_of_distance_go_to_the_first_by_id(tmp_path: Path) -> None:
    two = homes((100, 0, 100), (140, 0, 100))
    path = table(tmp_path, "lon,lat,population", f"{at(120, 0)},7")
    assert people(run(path, buildings=two)) == {"osm:way/1": 7, "osm:way/2": 0}
    assert codes(run(path, buildings=two))["population.buildings_without"] == ("osm:way/2",)


def test_an_own_place_without_people_is_no_building_without(tmp_path: Path) -> None:
    path = table(tmp_path, "lon,lat,population", f"{at(400, 400)},0", f"{at(100, 0)},2")
    result = run(path, buildings=homes((100, 0, 100)))
    assert people(result) == {"osm:way/1": 2, "人口.csv:2": 0}
    assert "population.buildings_without" not in codes(result)


def test_households_stand_in_for_people(tmp_path: Path) -> None:
    result = run(table(tmp_path, "osm_id,户数", "1,10"))
    assert people(result)["osm:way/1"] == pytest.approx(26)
    assert result[0].people_estimated.tolist() == [True, False, False]
    assert "population.from_households" in codes(result)


def test_a_total_scales_a_table_and_says_so(tmp_path: Path) -> None:
    result = run(table(tmp_path, "osm_id,population,cars", "1,8,2", "3,24,4"), total=64)
    assert people(result) == pytest.approx({"osm:way/1": 16, "osm:way/2": 0, "osm:way/3": 48})
    assert result[0].groups["cars"].tolist() == pytest.approx([4, 0, 8])
    assert "population.scaled_to_total" in codes(result)


@pytest.mark.parametrize(
    ("lines", "row", "value", "column"),
    [
        (["osm_id,人口", "1,5", "2,约20"], 3, "约20", "人口"),
        (["osm_id,人口", "1,5", "2,"], 3, "", "人口"),
        (["osm_id,人口", "1,-5"], 2, "-5", "人口"),
        (["osm_id,人口,60岁以上", "1,5,x"], 2, "x", "60岁以上"),
        (["lon,lat,人口", "东经,26.6,5"], 2, "东经", "lon"),
        (["lon,lat,人口", "500,26.6,5"], 2, "500", "lon"),
    ],
)
def test_names_bad_cells(
    tmp_path: Path, lines: list[str], row: int, value: str, column: str
) -> None:
    error = refusal(InvalidDemandError, table(tmp_path, *lines))
    assert (error.row, error.value) == (row, value)
    assert f"第 {row} 行，列“{column}”" in error.text("zh")
    assert f"row {row}, column “{column}”" in error.text("en")


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        (["osm_id,人口", "1,0"], "population.zero"),
        (["osm_id,人口"], "table.no_rows"),
        (["名称,人口", "a,1"], "population.no_places"),
        (["osm_id,名称", "1,a"], "table.missing_columns"),
        (["lon,lat,人口", "26.6,106.7,5"], "table.swapped"),
        (["lon,lat,人口", "107.9,26.6,5"], "population.all_outside"),
    ],
)
def test_refuses_tables_that_hold_nobody_here(tmp_path: Path, lines: list[str], key: str) -> None:
    assert refusal(InvalidDemandError, table(tmp_path, *lines)).reason.key == key


def test_refuses_a_file_of_unknown_kind(tmp_path: Path) -> None:
    refusal(SourceDataError, table(tmp_path, "x", name="people.doc"))


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.floats(-490, 490), st.floats(-490, 490), st.floats(0, 1e5)),
        min_size=1,
        max_size=8,
    )
)
def test_nobody_in_a_table_is_lost(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[float, float, float]]
) -> None:
    stated = sum(n for _, _, n in rows)
    if stated == 0:
        return
    lines = [f"{at(x, y)},{n!r}" for x, y, n in rows]
    path = table(tmp_path_factory.mktemp("t"), "lon,lat,population", *lines)
    assert run(path)[0].people.sum() == pytest.approx(stated, rel=1e-9)
    backwards = table(tmp_path_factory.mktemp("t"), "lon,lat,population", *lines[::-1])
    on_buildings = run(path)[0].people[:3]
    assert run(backwards)[0].people[:3] == pytest.approx(on_buildings)


# --- polygons -------------------------------------------------------------------------------------


def polygons(folder: Path, *parts: tuple[shapely.Geometry, object]) -> Path:
    path = folder / "街道.geojson"
    features = []
    for polygon, number in parts:
        degrees = shapely.transform(polygon, CRS.unproject)
        features.append(
            {
                "type": "Feature",
                "properties": {"常住人口": number},
                "geometry": shapely.geometry.mapping(degrees),
            }
        )
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def test_a_polygon_is_shared_by_floor_area(tmp_path: Path) -> None:
    path = polygons(tmp_path, (EAST, 1024), (shapely.box(-200, -100, -10, 100), 64))
    result = run(path)
    assert people(result) == pytest.approx({"osm:way/1": 256, "osm:way/2": 768, "osm:way/3": 64})
    assert result[0].people_estimated.all()


def test_people_in_homes_outside_the_circles_are_told(tmp_path: Path) -> None:
    result = run(polygons(tmp_path, (shapely.box(150, -100, 1000, 100), 1100)))
    assert people(result) == pytest.approx({"osm:way/1": 0, "osm:way/2": 300, "osm:way/3": 0})
    assert codes(result)["population.outside"] == ("osm:way/4",)
    (told,) = (one.text for one in result[1] if one.code == "population.outside")
    assert "1,100 人中有 800 人（72.73%）" in told.text("zh")
    assert "(72.73%)" in told.text("en")


def test_a_polygon_without_homes_keeps_its_people_by_circle(tmp_path: Path) -> None:
    # 100 m in the west, 200 m in the east, 100 m of it beyond the circles' northern edge of 500 m
    path = polygons(tmp_path, (shapely.box(-100, 300, 200, 600), 9))
    result = run(path)
    found = {one: n for one, n in people(result).items() if n}
    assert found == pytest.approx({"街道.geojson:1/east": 4, "街道.geojson:1/west": 2})
    demand = result[0]
    assert demand.is_building.tolist() == [True, True, True, False, False]
    assert demand.circle.tolist() == [0, 0, 1, 0, 1]
    assert codes(result)["population.no_buildings"] == ("街道.geojson:1",)


def test_a_polygon_beyond_the_known_buildings_counts_with_its_part(tmp_path: Path) -> None:
    # half of it lies beyond the area that is read, which ends at 1 500 m
    result = run(polygons(tmp_path, (shapely.box(0, -100, 3000, 100), 2400)))
    assert people(result)["osm:way/1"] == pytest.approx(100, rel=1e-4)
    assert people(result)["osm:way/2"] == pytest.approx(300, rel=1e-4)
    assert codes(result)["population.cut"] == ("街道.geojson:1",)


@pytest.mark.parametrize(
    ("number", "key"),
    [("many", "table.problems"), (None, "table.problems"), (0, "population.zero")],
)
def test_refuses_polygons_without_people(tmp_path: Path, number: object, key: str) -> None:
    assert refusal(InvalidDemandError, polygons(tmp_path, (EAST, number))).reason.key == key


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(-480, 400), st.floats(20, 80), st.integers(0, 9)), min_size=1))
def test_nobody_in_polygons_is_lost(
    tmp_path_factory: pytest.TempPathFactory, strips: list[tuple[float, float, int]]
) -> None:
    stated = sum(n for *_, n in strips)
    if stated == 0:
        return
    parts = [(shapely.box(x, -400, x + width, 400), n) for x, width, n in strips]
    path = polygons(tmp_path_factory.mktemp("t"), *parts)
    assert run(path)[0].people.sum() == pytest.approx(stated, rel=1e-6)


# --- rasters --------------------------------------------------------------------------------------


def north_up(west: float, north: float, cell: float) -> Affine:
    return Affine(cell, 0, west, 0, -cell, north)


def raster(folder: Path, values: object, **options: object) -> Path:
    """Write cells of 250 m with their upper left corner at (-500, 500)."""
    path = folder / "pop.tif"
    cells = np.array(values, dtype=np.float64)
    profile = {
        "driver": "GTiff",
        "height": cells.shape[0],
        "width": cells.shape[1],
        "count": 1,
        "dtype": "float64",
        "crs": CRS.definition,
        "transform": north_up(-500, 500, 250),
        **options,
    }
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(cells, 1)
    return path


# The cells of row 2 (0 to 250 m north) hold the homes' inner points, which lie at y = 1.
NORTH = homes((100, 1, 100), (200, 1, 300), (-100, 1, 400), (900, 1, 800))


def test_cells_are_shared_by_floor_area_and_empty_ones_stay(tmp_path: Path) -> None:
    nodata = -9999.0
    cells = [[0, 1, nodata, 0], [0, 2, 64, 0], [0, 0, 0, 4], [8, np.nan, 0, 0]]
    result = run(raster(tmp_path, cells, nodata=nodata), buildings=NORTH)
    assert people(result) == pytest.approx(
        {
            "osm:way/1": 16,
            "osm:way/2": 48,
            "osm:way/3": 2,
            "pop.tif:0/1": 1,
            "pop.tif:2/3": 4,
            "pop.tif:3/0": 8,
        }
    )
    demand = result[0]
    assert demand.xy_m[3] == pytest.approx([-125, 375], abs=1e-3)
    assert demand.is_building.tolist() == [True, True, True, False, False, False]
    assert demand.people_estimated.tolist() == [True, True, True, False, False, False]


def test_a_raster_in_degrees_keeps_everybody(tmp_path: Path) -> None:
    west, north = CRS.unproject(np.array([[-450.0, 450.0]]))[0]
    path = raster(
        tmp_path,
        np.full((8, 8), 2.0),
        crs="EPSG:4326",
        transform=north_up(west, north, 0.001),
    )
    assert run(path)[0].people.sum() == pytest.approx(128, rel=1e-9)


@pytest.mark.parametrize(
    ("cells", "options", "kind", "key"),
    [
        ([[1.0]], {"crs": None}, CRSError, "layer.no_crs"),
        ([[1.0, -2.0]], {}, InvalidDemandError, "population.bad_cell"),
        ([[1.0, np.inf]], {}, InvalidDemandError, "population.bad_cell"),
        ([[0.0]], {}, InvalidDemandError, "population.zero"),
        (
            [[1.0]],
            {"transform": north_up(9e4, 9e4, 250)},
            InvalidDemandError,
            "population.elsewhere",
        ),
    ],
)
def test_refuses_bad_rasters(
    tmp_path: Path,
    cells: object,
    options: dict[str, object],
    kind: type[AnalysisError],
    key: str,
) -> None:
    error = refusal(kind, raster(tmp_path, cells, **options))
    assert error.reason.key == key
    if key == "population.bad_cell":
        assert error.row == 1
        assert "column 2" in error.text("en")


def test_refuses_what_is_no_geotiff(tmp_path: Path) -> None:
    path = tmp_path / "pop.tif"
    for content in (b"<VRTDataset/>", b"II*\x00" + b"\x07" * 64):
        path.write_bytes(content)
        assert refusal(SourceDataError, path).source == "pop.tif"


@pytest.mark.shared_data
def test_helsinki_grid_is_spread_and_kept(shared_data: Path) -> None:
    crs = metric_crs(24.93, 60.165)
    outline = shapely.transform(shapely.box(24.90, 60.15, 24.96, 60.18), crs.project)
    area = StudyArea(crs=crs, judged=outline, read=outline, data=outline)
    one = Circles(
        circle_id=("h",),
        name=("Helsinki",),
        level=("15min",),
        polygons=np.array([outline], dtype=object),
        total_population=np.array([np.nan]),
        inside_data=np.ones(1),
    )
    demand, notices, *_ = build_demand(
        homes(),
        NO_LAND,
        one,
        population=shared_data / "helsinki_population_grid_2020.gpkg",
        total_population=None,
        area=area,
    )
    assert len(demand) == 92
    assert demand.people.sum() == pytest.approx(71_724, rel=1e-9)
    assert {one.code for one in notices} >= {"population.no_buildings"}

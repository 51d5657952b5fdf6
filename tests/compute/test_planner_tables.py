"""Planners' tables: every role in every format, rows without a place, buildings, wishes, sites."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from analysis.crs import metric_crs
from analysis.errors import InputError, InvalidDemandError, InvalidParameterError
from analysis.notices import Notice
from analysis.places.circles import Circles
from analysis.sources.extent import StudyArea
from analysis.sources.files.mapping import read_mapping
from analysis.sources.opinions.table import OpinionReading, read_opinions
from analysis.sources.osm.reader import read_osm
from analysis.sources.parcels.table import ParcelReading, read_parcels
from analysis.sources.people.building_rules import building_rules
from analysis.sources.people.buildings import Buildings
from analysis.sources.people.demand import build_demand
from analysis.sources.people.given_buildings import BuildingReading, read_building_rows
from analysis.sources.people.land_cells import LandCells, land_cells
from analysis.sources.services.osm_places import OsmPlaces
from analysis.sources.services.tables import read_facility_table
from analysis.sources.standards import read_standard

STANDARD = read_standard()
CRS = metric_crs(106.70, 26.60)
EAST, WEST = shapely.box(0, -500, 500, 500), shapely.box(-500, -500, 0, 500)
READ = shapely.box(-1500, -1500, 1500, 1500)
AREA = StudyArea(crs=CRS, judged=shapely.union(EAST, WEST), read=READ, data=READ)
CIRCLES = Circles(
    circle_id=("east", "west"), name=("东", "西"), level=("15min", "15min"),
    polygons=np.array([EAST, WEST], dtype=object), total_population=np.full(2, np.nan),
    inside_data=np.ones(2),
)  # fmt: skip
NO_LAND: LandCells = land_cells(np.empty(0, dtype=object), CIRCLES)
Row = Mapping[str, object]


def lonlat(x: float, y: float) -> tuple[float, float]:
    lon, lat = CRS.unproject(np.array([[x, y]], dtype=np.float64))[0]
    return round(float(lon), 9), round(float(lat), 9)


def degrees(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, CRS.unproject)


# --- writers, one for each format -----------------------------------------------------------------


def _flat(rows: Sequence[Row]) -> list[dict[str, object]]:
    flat = []
    for row in rows:
        cells = {name: cell for name, cell in row.items() if name != "shape"}
        shape = row["shape"]
        if isinstance(shape, shapely.Point):
            cells["经度"], cells["纬度"] = lonlat(shape.x, shape.y)
        elif isinstance(shape, shapely.Geometry):
            cells["几何"] = degrees(shape).wkt
        flat.append(cells)
    return flat


def csv(folder: Path, rows: Sequence[Row], encoding: str = "utf-8") -> Path:
    path = folder / "表.csv"
    pd.DataFrame(_flat(rows)).to_csv(path, index=False, encoding=encoding)
    return path


def gbk_csv(folder: Path, rows: Sequence[Row]) -> Path:
    return csv(folder, rows, "gbk")


def xlsx(folder: Path, rows: Sequence[Row]) -> Path:
    path, book = folder / "表.xlsx", openpyxl.Workbook()
    flat = _flat(rows)
    names = list(dict.fromkeys(name for row in flat for name in row))
    book.active.append(names)
    for row in flat:
        book.active.append([row.get(name) for name in names])
    book.save(path)
    return path


def _frame(rows: Sequence[Row]) -> "gpd.GeoDataFrame":
    shapes = [None if row["shape"] is None else degrees(row["shape"]) for row in rows]
    cells = [{name: cell for name, cell in row.items() if name != "shape"} for row in rows]
    return gpd.GeoDataFrame(cells, geometry=shapes, crs="EPSG:4326")


def geojson(folder: Path, rows: Sequence[Row]) -> Path:
    path = folder / "表.geojson"
    path.write_text(_frame(rows).to_json(), "utf-8")
    return path


def gpkg(folder: Path, rows: Sequence[Row]) -> Path:
    path = folder / "表.gpkg"
    _frame(rows).to_file(path, layer="x", driver="GPKG", engine="pyogrio")
    return path


def shp(folder: Path, rows: Sequence[Row], encoding: str = "utf-8") -> Path:
    """Write a shapefile as others do: names cut at ten bytes, be it in the middle of a letter."""
    path, frame = folder / "表.shp", _frame(rows)
    names = [one for one in frame.columns if one != "geometry"]
    plain = frame.rename(columns={name: f"f{i}" for i, name in enumerate(names)})
    plain.to_file(path, driver="ESRI Shapefile", engine="pyogrio", encoding=encoding)
    table = path.with_suffix(".dbf")
    data = bytearray(table.read_bytes())
    for i, name in enumerate(names):
        at = 32 + 32 * i
        data[at : at + 11] = name.encode(encoding)[:10].ljust(11, b"\0")
    table.write_bytes(data)
    return path


def gbk_shp(folder: Path, rows: Sequence[Row]) -> Path:
    return shp(folder, rows, "GBK")


FORMATS = (csv, gbk_csv, xlsx, geojson, gpkg, shp, gbk_shp)
Writer = Callable[[Path, Sequence[Row]], Path]
every_format = pytest.mark.parametrize("write", FORMATS)
tables_only = pytest.mark.parametrize("write", (csv, gbk_csv, xlsx))


def codes(notices: Sequence[Notice]) -> dict[str, int]:
    return {one.code: one.count for one in notices}


# --- facilities -----------------------------------------------------------------------------------


def test_names_that_a_shapefile_cut_are_guessed_and_told(tmp_path: Path) -> None:
    rows = [{"要素": "小学", "学位数量": 9, "详细地址": "甲", "shape": shapely.Point(0, 0)}]
    reading = read_facility_table(shp(tmp_path, rows), STANDARD, AREA)
    uses = {one.column: (one.meaning, one.how) for one in reading.reading.columns}
    assert uses["详细地"] == ("address", "similar")
    assert uses["学位数"] == ("capacity", "synonym")
    assert codes(reading.notices)["table.columns_guessed"] == 1


@every_format
def test_facilities_read_alike_in_every_format(tmp_path: Path, write: Writer) -> None:
    rows = [
        {
            "编号": "a",
            "名称": "一小",
            "要素": "小学",
            "学位数": 900,
            "shape": shapely.Point(10, 20),
        },
        {
            "编号": "b",
            "名称": "二小",
            "要素": "小学",
            "学位数": 450,
            "shape": shapely.Point(-300, 5),
        },
    ]
    reading = read_facility_table(write(tmp_path, rows), STANDARD, AREA)
    assert [(one.name, one.element_id, one.attributes["capacity"]) for one in reading.records] == [
        ("一小", "primary_school", "900"),
        ("二小", "primary_school", "450"),
    ]
    assert [one.xy_m for one in reading.records] == [
        pytest.approx((10, 20), abs=1e-2),
        pytest.approx((-300, 5), abs=1e-2),
    ]
    assert {one.column: (one.meaning, one.how) for one in reading.reading.columns}["学位数"] == (
        "capacity",
        "synonym",
    )


@every_format
def test_old_communities_keep_their_outline(tmp_path: Path, write: Writer) -> None:
    rows = [
        {"名称": "老院", "要素": "老旧小区改造", "户数": 120, "建成年份": "1996年", "是否改造": "是",
         "shape": shapely.box(0, 0, 100, 50)},
    ]  # fmt: skip
    (record,) = read_facility_table(write(tmp_path, rows), STANDARD, AREA).records
    assert record.element_id == "old_community_renovation"
    assert record.shape is not None
    assert record.shape.area == pytest.approx(5000, rel=1e-4)
    assert record.area_m2 == pytest.approx(5000, rel=1e-4)
    assert record.attributes["households"] == "120"
    assert record.attributes["built_year"] == "1996"
    assert record.attributes["renovated"] == "是"


@every_format
def test_back_streets_are_lines_with_their_length(tmp_path: Path, write: Writer) -> None:
    line = shapely.LineString([(0, 0), (300, 0), (300, 40)])
    rows = [{"名称": "小巷", "要素": "背街小巷改造", "路灯": "有", "shape": line}]
    (record,) = read_facility_table(write(tmp_path, rows), STANDARD, AREA).records
    assert record.shape is not None
    assert record.shape.length == pytest.approx(340, rel=1e-3)
    assert float(record.attributes["length_m"]) == pytest.approx(340, rel=1e-3)
    assert record.attributes["lit"] == "有"
    assert len(record.entrances) == 1


def test_a_stated_length_stays(tmp_path: Path) -> None:
    line = shapely.LineString([(0, 0), (300, 0)])
    rows = [{"要素": "背街小巷改造", "长度": 280, "shape": line}]
    (record,) = read_facility_table(geojson(tmp_path, rows), STANDARD, AREA).records
    assert record.attributes["length_m"] == "280"


def test_a_school_drawn_as_a_line_is_listed_not_placed(tmp_path: Path) -> None:
    rows = [
        {"名称": "线", "要素": "小学", "shape": shapely.LineString([(0, 0), (9, 0)])},
        {"名称": "点", "要素": "小学", "shape": shapely.Point(0, 0)},
    ]
    reading = read_facility_table(geojson(tmp_path, rows), STANDARD, AREA)
    assert [one.name for one in reading.records] == ["点"]
    assert [(one.row, one.name, one.why.key) for one in reading.unlocated] == [
        (1, "线", "unlocated.line")
    ]
    assert codes(reading.notices)["unlocated.lines"] == 1


def test_rows_with_an_address_alone_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(
        "名称,要素,详细地址,lon,lat\n一小,小学,甲路1号,,\n二小,小学,,106.70,26.60\n三小,小学,丙路,106.7,\n",
        "gb18030",
    )
    reading = read_facility_table(path, STANDARD, AREA)
    assert [one.name for one in reading.records] == ["二小"]
    assert [(one.row, one.name, one.address, one.element_id) for one in reading.unlocated] == [
        (2, "一小", "甲路1号", "primary_school"),
        (4, "三小", "丙路", "primary_school"),
    ]
    assert reading.reading.unlocated == 2


def test_a_table_of_addresses_only_is_no_error_and_one_without_any_place_is(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("名称,要素,地址\n一小,小学,甲路1号\n", "utf-8")
    reading = read_facility_table(path, STANDARD, AREA)
    assert reading.records == []
    assert len(reading.unlocated) == 1
    path.write_text("名称,要素,x\n一小,小学,1\n", "utf-8")
    with pytest.raises(InputError) as caught:
        read_facility_table(path, STANDARD, AREA)
    assert caught.value.reason.key == "table.missing_columns"


def test_a_feature_without_geometry_is_kept_as_unlocated(tmp_path: Path) -> None:
    rows = [
        {"名称": "无", "要素": "小学", "地址": "丁路", "shape": None},
        {"名称": "有", "要素": "小学", "地址": "", "shape": shapely.Point(0, 0)},
    ]
    reading = read_facility_table(geojson(tmp_path, rows), STANDARD, AREA)
    assert [one.name for one in reading.records] == ["有"]
    assert [(one.row, one.name, one.address) for one in reading.unlocated] == [(1, "无", "丁路")]


def test_a_mapping_corrects_a_table(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("校名,种类,东,北,招生数\n一小,小学,106.70,26.60,90\n", "utf-8")
    mapping = read_mapping(["f.csv:校名=name,种类=element,东=lon,北=lat,招生数=capacity"], [path])
    (record,) = read_facility_table(path, STANDARD, AREA, mapping=mapping).records
    assert (record.name, record.attributes["capacity"]) == ("一小", "90")


# --- population -----------------------------------------------------------------------------------


def homes() -> Buildings:
    """Return two one-storey homes of 10 m × 10 m, at x = 100 and x = -100."""
    boxes = [shapely.box(x - 5, -5, x + 5, 5) for x in (100.0, -100.0)]
    return Buildings(
        source_id=("osm:way/1", "osm:way/2"),
        xy_m=np.array([[100.0, 0.0], [-100.0, 0.0]]),
        polygons=np.array(boxes, dtype=object),
        footprint_m2=np.full(2, 100.0),
        levels=np.ones(2),
        floor_area_m2=np.full(2, 100.0),
        home_share=np.ones(2),
        levels_estimated=np.zeros(2, dtype=bool),
        rule=("house", "house"),
        notices=(),
    )


@every_format
def test_population_as_points_reads_alike_in_every_format(tmp_path: Path, write: Writer) -> None:
    rows = [
        {"小区名称": "甲", "人口": 30, "户数": 10, "shape": shapely.Point(101, 0)},
        {"小区名称": "乙", "人口": 12, "户数": 4, "shape": shapely.Point(-300, 0)},
    ]
    found = build_demand(
        homes(), NO_LAND, CIRCLES, population=write(tmp_path, rows), total_population=None,
        area=AREA,
    )  # fmt: skip
    people = dict(zip(found.demand.point_id, found.demand.people.tolist(), strict=True))
    assert people["osm:way/1"] == 30
    assert sorted(people.values()) == [0, 12, 30]
    assert found.reading is not None
    assert found.reading.rows == 2


def test_people_without_a_place_are_listed_with_their_number(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("小区名称,地址,人口,lon,lat\n甲,甲路,30,106.70,26.60\n乙,乙路,12,,\n", "utf-8")
    found = build_demand(
        homes(), NO_LAND, CIRCLES, population=path, total_population=None, area=AREA
    )
    assert [(one.row, one.name, one.address, one.people) for one in found.unlocated] == [
        (3, "乙", "乙路", 12.0)
    ]


# --- buildings ------------------------------------------------------------------------------------


def laid_over(path: Path, buildings: Buildings | None = None) -> BuildingReading:
    return read_building_rows(path, buildings or homes(), AREA)


@every_format
def test_buildings_replace_the_mapped_home_that_they_are(tmp_path: Path, write: Writer) -> None:
    rows = [
        # 8 of 10 m of the home at x = 100: the same one. Then one where nothing is mapped.
        {
            "编号": "a",
            "人口": 40,
            "层数": 6,
            "建成年份": 1995,
            "shape": shapely.box(97, -5, 107, 5),
        },
        {
            "编号": "b",
            "人口": 25,
            "层数": 3,
            "建成年份": 2010,
            "shape": shapely.box(300, 0, 320, 10),
        },
    ]
    found = laid_over(write(tmp_path, rows))
    kept = [one for one in found.buildings.source_id if one.startswith("osm:")]
    assert kept == ["osm:way/2"]
    assert found.counts.replaced == 1
    assert found.counts.own == 1
    assert (found.counts.year_known, found.counts.before_2001) == (2, 1)
    floor_m2 = dict(zip(found.buildings.source_id, found.buildings.floor_area_m2, strict=True))
    given = sorted(floor_m2[one] for one in floor_m2 if not one.startswith("osm:"))
    assert given == pytest.approx([600, 600], rel=1e-3)  # 100 m² × 6 and 200 m² × 3
    assert found.counts.residents_stated == 65
    assert list(found.buildings.source_id) == sorted(found.buildings.source_id)


@tables_only
def test_points_take_the_outline_of_the_home_they_lie_in(tmp_path: Path, write: Writer) -> None:
    rows = [{"人口": 40, "shape": shapely.Point(102, 2)}]
    found = laid_over(write(tmp_path, rows))
    (given,) = [i for i, one in enumerate(found.buildings.source_id) if "表" in one]
    assert found.buildings.footprint_m2[given] == pytest.approx(100)
    assert found.stated.people[given] == 40
    assert len(found.buildings) == 2


def test_a_sliver_shared_is_another_building(tmp_path: Path) -> None:
    rows = [{"人口": 1, "shape": shapely.box(101, -5, 111, 5)}]  # 4 of 10 m
    found = laid_over(geojson(tmp_path, rows))
    assert found.counts.replaced == 0
    assert found.counts.own == 1


def test_a_building_of_another_use_takes_the_mapped_home_away(tmp_path: Path) -> None:
    rows = [{"用途": "办公", "人口": 0, "shape": shapely.Point(100, 0)}]
    found = laid_over(csv(tmp_path, rows))
    assert found.buildings.source_id == ("osm:way/2",)
    assert (found.counts.not_homes, found.counts.replaced) == (1, 1)


def test_stated_people_stay_and_the_rest_shares_what_the_circle_states(tmp_path: Path) -> None:
    found = laid_over(csv(tmp_path, [{"人口": 40, "shape": shapely.Point(100, 0)}]), more_homes())
    circles = Circles(
        circle_id=("east",), name=("东",), level=("15min",),
        polygons=np.array([EAST], dtype=object), total_population=np.array([100.0]),
        inside_data=np.ones(1),
    )  # fmt: skip
    result = build_demand(
        found.buildings, NO_LAND, circles, population=None, total_population=None, area=AREA,
        stated=found.stated,
    )  # fmt: skip
    people = dict(zip(result.demand.point_id, result.demand.people.tolist(), strict=True))
    assert people["表.csv:2"] == 40
    assert people["osm:way/3"] == pytest.approx(60)
    estimated = dict(zip(result.demand.point_id, result.demand.people_estimated, strict=True))
    assert not estimated["表.csv:2"]
    assert estimated["osm:way/3"]


def more_homes() -> Buildings:
    """Return homes 1 at x = 100 and 3 at x = 200, both in the east."""
    boxes = [shapely.box(x - 5, -5, x + 5, 5) for x in (100.0, 200.0)]
    return Buildings(
        source_id=("osm:way/1", "osm:way/3"),
        xy_m=np.array([[100.0, 0.0], [200.0, 0.0]]),
        polygons=np.array(boxes, dtype=object),
        footprint_m2=np.full(2, 100.0),
        levels=np.ones(2),
        floor_area_m2=np.full(2, 100.0),
        home_share=np.ones(2),
        levels_estimated=np.zeros(2, dtype=bool),
        rule=("house", "house"),
        notices=(),
    )


def test_households_stand_in_for_people_of_a_building(tmp_path: Path) -> None:
    found = laid_over(csv(tmp_path, [{"户数": 10, "shape": shapely.Point(100, 0)}]))
    (given,) = [i for i, one in enumerate(found.buildings.source_id) if "表" in one]
    assert found.stated.people[given] == 10 * building_rules().persons_per_household
    assert found.stated.from_households[given]


def test_buildings_by_osm_id_need_no_coordinates_and_the_rest_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text("名称,osm_id,人口,地址\n甲,way/2,7,\n乙,,8,乙路\n丙,way/99,9,丙路\n", "utf-8")
    found = laid_over(path)
    assert found.counts.replaced == 1
    assert [(one.row, one.name, one.people) for one in found.unlocated] == [
        (3, "乙", 8.0),
        (4, "丙", 9.0),
    ]
    assert codes(found.notices)["buildings.unknown_osm_id"] == 1


@pytest.mark.parametrize(
    ("header", "cells", "why"),
    [
        ("人口", "-3", "must not be negative"),
        ("人口", "许多", "is no number"),
        ("层数", "六", "is no number"),
        ("建成年份", "古代", "is no year"),
        ("用途", "城堡", "is no known use"),
    ],
)
def test_bad_cells_of_buildings_are_named(
    tmp_path: Path, header: str, cells: str, why: str
) -> None:
    path = tmp_path / "b.csv"
    path.write_text(f"lon,lat,{header}\n106.70,26.60,{cells}\n", "utf-8")
    with pytest.raises(InvalidDemandError) as caught:
        laid_over(path)
    assert f"row 2, column “{header}”, value “{cells}”: {why}" in caught.value.text("en")


# --- opinions -------------------------------------------------------------------------------------


def heard(*paths: Path) -> OpinionReading:
    return read_opinions(paths, STANDARD, AREA, CIRCLES)


@every_format
def test_opinions_read_alike_in_every_format(tmp_path: Path, write: Writer) -> None:
    rows = [
        {
            "类别": "停车",
            "诉求内容": "停车难",
            "反映时间": "2024-05-06",
            "shape": shapely.Point(10, 0),
        },
        {
            "类别": "其他",
            "诉求内容": "想要菜场",
            "反映时间": "2024年3月",
            "shape": shapely.Point(-10, 0),
        },
    ]
    opinions = heard(write(tmp_path, rows)).opinions
    assert opinions.element_ids == (("public_parking",), ("wet_market",))
    assert opinions.circle.tolist() == [0, 1]
    assert opinions.date == ("2024-05-06", "2024-03")
    assert opinions.asked_for() == {"public_parking": 1.0, "wet_market": 1.0}
    assert opinions.asked_for(1) == {"wet_market": 1.0}


def test_the_same_person_counts_once_for_an_element(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    lon, lat = lonlat(10, 0)
    path.write_text(
        "内容,联系电话,人数,lon,lat\n"
        f"停车难,139,,{lon},{lat}\n"
        f"再说一次：车位不够,139,,{lon},{lat}\n"
        f"车位,138,,{lon},{lat}\n"
        f"联名要停车场,,20,{lon},{lat}\n"
        "公厕,139,,,\n",
        "utf-8",
    )
    reading = heard(path)
    opinions = reading.opinions
    assert opinions.people("public_parking", 0) == 1 + 1 + 20
    assert opinions.people("public_toilet") == 1
    assert opinions.people("public_toilet", 0) == 0  # nobody knows where
    assert opinions.people() == 22
    assert "139" not in "".join(opinions.person)
    assert [(one.row, one.element_id) for one in reading.unlocated] == [(6, "public_toilet")]


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("老年食堂", ("community_canteen",)),
        ("养老服务站和托育点", ("elderly_day_care_station", "nursery")),
        ("社区卫生服务中心太远", ("community_health_center",)),
        ("小学", ("primary_school",)),
        ("Please build a KINDERGARTEN", ("kindergarten",)),
        ("天气不好", ()),
    ],
)
def test_words_name_elements(tmp_path: Path, text: str, elements: tuple[str, ...]) -> None:
    path = tmp_path / "o.csv"
    path.write_text(f"内容,lon,lat\n{text},106.70,26.60\n", "utf-8")
    assert heard(path).opinions.element_ids == (elements,)


def test_what_cannot_be_told_of_opinions_is_told(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_text("内容,日期,lon,lat\n天气,昨天,106.70,26.60\n停车,2024-13-01,,\n", "utf-8")
    assert codes(heard(path).notices) == {
        "opinions.no_element": 1,
        "opinions.bad_date": 2,
        "table.no_coordinates": 1,
        "table.columns_read": 2,
    }
    path.write_text("内容,人数,lon,lat\n停车,0,106.70,26.60\n", "utf-8")
    with pytest.raises(InvalidDemandError) as caught:
        heard(path)
    assert "must be above 0" in caught.value.text("en")


# --- parcels --------------------------------------------------------------------------------------


def sites(path: Path) -> ParcelReading:
    return read_parcels((path,), AREA, CIRCLES)


@every_format
def test_parcels_read_alike_in_every_format(tmp_path: Path, write: Writer) -> None:
    rows = [
        {"编号": "P2", "空间类型": "闲置地块", "权属": "区属", "费用": 50000,
         "shape": shapely.box(10, 0, 50, 20)},
        {"编号": "P1", "空间类型": "边角地", "权属": "社区", "费用": 0,
         "shape": shapely.box(-60, 0, -50, 10)},
    ]  # fmt: skip
    parcels = sites(write(tmp_path, rows)).parcels
    assert [one.split(":")[1] for one in parcels.parcel_id] == ["P1", "P2"]
    assert parcels.kind == ("corner", "idle")
    assert parcels.tenure == ("社区", "区属")
    assert parcels.area_m2 == pytest.approx([100, 800], rel=1e-3)
    assert parcels.cost_yuan.tolist() == [0, 50000]
    assert parcels.circle.tolist() == [1, 0]


def test_cost_in_ten_thousand_yuan_and_stated_areas(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(
        "编号,空间类型,面积(平方米),可用面积,费用(万元),lon,lat\n"
        "a,首层空间,120,90,3.5,106.70,26.60\nb,拆违,,,,106.70,26.60\n",
        "utf-8",
    )
    reading = sites(path)
    assert reading.parcels.cost_yuan.tolist()[0] == 35000
    assert reading.parcels.area_m2.tolist()[0] == 120
    assert reading.parcels.floor_area_m2.tolist()[0] == 90
    assert np.isnan(reading.parcels.area_m2[1])
    assert codes(reading.notices)["parcels.no_area"] == 1


def test_odd_parcels_are_told(tmp_path: Path) -> None:
    rows = [
        {"编号": "a", "面积": 500, "shape": shapely.box(0, 0, 20, 20)},  # 400 m² drawn
        {"编号": "b", "面积": 400, "shape": shapely.box(10, 0, 30, 20)},
    ]
    reading = sites(gpkg(tmp_path, rows))
    told = codes(reading.notices)
    assert told["parcels.area_differs"] == 1
    assert told["parcels.overlap"] == 1
    assert reading.parcels.area_m2.tolist() == [500, 400]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("a,城堡,5,106.70,26.60", "is no known kind"),
        ("a,闲置,-5,106.70,26.60", "must not be negative"),
        ("a,闲置,5,106.70,26.60\na,闲置,5,106.70,26.60", "occurs twice (first in row 2)"),
    ],
)
def test_bad_parcels_are_refused(tmp_path: Path, line: str, why: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(f"编号,空间类型,面积,lon,lat\n{line}\n", "utf-8")
    with pytest.raises(InvalidParameterError) as caught:
        sites(path)
    assert why in caught.value.text("en")


def test_a_parcels_name_may_tell_its_kind_and_cost_per_square_metre_is_multiplied(
    tmp_path: Path,
) -> None:
    path = tmp_path / "p.csv"
    path.write_text(
        "名称,面积,单价,限制条件,lon,lat\n建设边角地1号,200,30,陡坡,106.70,26.60\n某地,,,,106.70,26.60\n",
        "utf-8",
    )
    reading = sites(path)
    assert reading.parcels.kind == ("corner", "unknown")
    assert reading.parcels.cost_yuan.tolist()[0] == 6000
    assert reading.parcels.exclusion == ("陡坡", "")
    assert codes(reading.notices)["parcels.kind_guessed"] == 1


# --- tables of one element, and rows placed by the map --------------------------------------------


def test_all_rows_may_be_declared_as_one_element(tmp_path: Path) -> None:
    path = tmp_path / "幼儿园.csv"
    path.write_text("名称,lon,lat\n一幼,106.70,26.60\n", "utf-8")
    mapping = read_mapping(["幼儿园.csv:*=幼儿园"], [path])
    (record,) = read_facility_table(path, STANDARD, AREA, mapping=mapping).records
    assert record.element_id == "kindergarten"
    for value, key in (("幼儿圆", "facility_table.bad_declared"), (None, "table.missing_columns")):
        wrong = read_mapping([f"幼儿园.csv:*={value}"] if value else [], [path])
        with pytest.raises(InputError) as caught:
            read_facility_table(path, STANDARD, AREA, mapping=wrong)
        assert caught.value.reason.key == key
        assert "*=" in caught.value.text("zh")


def test_columns_of_one_element_alone_tell_it_and_that_is_a_guess(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("名称,同意率,加装电梯数,lon,lat\n老院,85%,2,106.70,26.60\n", "utf-8")
    reading = read_facility_table(path, STANDARD, AREA)
    assert reading.records[0].element_id == "old_community_renovation"
    assert reading.records[0].attributes["consent"] == "85%"
    assert codes(reading.notices)["facility_table.element_guessed"] == 1


def test_a_street_without_coordinates_lies_where_its_way_does(tmp_path: Path) -> None:
    data = read_osm(osm_with_a_street(tmp_path))
    path = tmp_path / "x.csv"
    path.write_text("名称,要素,osm_id\n巷,背街小巷改造,way/7\n无,背街小巷改造,way/8\n", "utf-8")
    reading = read_facility_table(path, STANDARD, AREA, places=OsmPlaces(data, CRS))
    (record,) = reading.records
    assert record.shape is not None
    assert record.shape.length == pytest.approx(100, rel=1e-3)
    assert [(one.row, one.name) for one in reading.unlocated] == [(3, "无")]
    assert codes(reading.notices)["facility_table.by_osm_id"] == 1


def osm_with_a_street(folder: Path) -> Path:
    """Return an extract with way 7, from the origin 100 m east."""
    path = folder / "street.osm"
    nodes = "".join(
        f'<node id="{i}" version="1" lat="{lat:.7f}" lon="{lon:.7f}"/>'
        for i, (lon, lat) in enumerate((lonlat(0, 0), lonlat(100, 0)), start=1)
    )
    path.write_text(
        f'<osm version="0.6">{nodes}<way id="7" version="1"><nd ref="1"/><nd ref="2"/>'
        '<tag k="highway" v="residential"/></way></osm>',
        "utf-8",
    )
    return path

"""Facilities from planners' tables and layers."""

import json
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import shapely

from analysis.crs import metric_crs
from analysis.errors import InvalidFacilitiesError, SourceDataError
from analysis.places.facilities import Entrance, build_facilities
from analysis.sources.extent import StudyArea
from analysis.sources.services.tables import TableReading, read_facility_table
from analysis.sources.standards import read_standard
from analysis.standard.profile import ServiceStandard

CRS = metric_crs(106.70, 26.60)
SQUARE = shapely.box(-2000, -2000, 2000, 2000)
AREA = StudyArea(crs=CRS, judged=SQUARE, read=SQUARE, data=SQUARE)


@pytest.fixture(scope="module")
def standard() -> ServiceStandard:
    return read_standard()


def read(folder: Path, text: str, standard: ServiceStandard) -> TableReading:
    path = folder / "设施.csv"
    path.write_text(text, "utf-8")
    return read_facility_table(path, standard, AREA)


def refusal(folder: Path, text: str, standard: ServiceStandard) -> InvalidFacilitiesError:
    with pytest.raises(InvalidFacilitiesError) as caught:
        read(folder, text, standard)
    assert caught.value.text("zh").startswith("设施.csv")
    assert "Remedy: " in caught.value.text("en")
    assert "建议：" in caught.value.text("zh")
    return caught.value


def test_reads_a_chinese_table(tmp_path: Path, standard: ServiceStandard) -> None:
    reading = read(
        tmp_path,
        "编号,名称,要素,经度,纬度,状态,学位,备注\n"
        'x1,一小,小学,106.70,26.60,在建,"1,080",好\n'
        ",二小, primary_school ,106.71,26.60,,,\n",
        standard,
    )
    first, second = reading.records
    assert (first.element_id, first.source_id, first.name) == (
        "primary_school",
        "设施.csv:x1",
        "一小",
    )
    assert (first.origin, first.status, second.status) == ("table", "construction", "unknown")
    assert first.xy_m == pytest.approx((0, 0), abs=1e-6)
    assert second.source_id == "设施.csv:3"
    assert first.attributes["capacity"] == "1080"
    assert first.attributes["备注"] == "好"
    assert first.entrances == ((*first.xy_m, Entrance.TABLE),)
    assert np.isnan(first.area_m2)
    assert len(build_facilities(reading.records)) == 2
    assert "学位 → capacity" in reading.notices[0].text.text("en")


@pytest.mark.parametrize(
    "name", ["primary_school", "Primary School", "小学", " 小学　", "ｐrimary-school"]
)
def test_knows_an_element_by_id_and_both_names(
    tmp_path: Path, standard: ServiceStandard, name: str
) -> None:
    text = f"element,lon,lat\n{name},106.70,26.60\n"
    assert read(tmp_path, text, standard).records[0].element_id == "primary_school"


def test_every_element_of_the_standard_can_be_written_either_way(
    tmp_path: Path, standard: ServiceStandard
) -> None:
    for element in standard.elements:
        for name in (element.id, element.name.zh, element.name.en):
            text = f'element,lon,lat\n"{name}",106.70,26.60\n'
            assert read(tmp_path, text, standard).records[0].element_id == element.id


def test_all_bad_cells_are_listed_at_once(tmp_path: Path, standard: ServiceStandard) -> None:
    error = refusal(
        tmp_path,
        "名称,要素,lon,lat,状态,学位,面积\n"
        "a,星际港,106.70,26.60,,,\n"
        "b,小学,东经106,26.60,,,\n"
        "c,小学,106.70,26.60,也许,,\n"
        "d,小学,106.70,26.60,,约900,\n"
        "e,小学,106.70,26.60,,,-5\n"
        "f,小学,206.70,26.60,,,\n",
        standard,
    )
    assert (error.row, error.value) == (2, "星际港")
    english, chinese = error.text("en"), error.text("zh")
    assert "6 cells" in english
    for row, column, value in (
        (2, "要素", "星际港"),
        (3, "lon", "东经106"),
        (4, "状态", "也许"),
        (5, "学位", "约900"),
        (6, "面积", "-5"),
        (7, "lon", "206.7"),
    ):
        assert f"row {row}, column “{column}”, value “{value}”" in english
        assert f"第 {row} 行，列“{column}”，值“{value}”" in chinese
    assert "公共厕所" in chinese


def test_a_long_list_is_cut_but_counted(tmp_path: Path, standard: ServiceStandard) -> None:
    lines = "".join("x,106.70,26.60\n" for _ in range(60))
    error = refusal(tmp_path, f"element,lon,lat\n{lines}", standard)
    assert "60 cells" in error.text("en")
    assert "and 52 more" in error.text("en")
    assert error.text("en").count("\n  - ") == 1


def test_swapped_coordinates_are_refused(tmp_path: Path, standard: ServiceStandard) -> None:
    text = "element,经度,纬度\n小学,26.60,106.70\n小学,26.601,106.701\n"
    error = refusal(tmp_path, text, standard)
    assert error.reason.key == "table.swapped"
    assert (error.row, error.value) == (2, "26.6, 106.7")
    assert "“经度”和“纬度”" in error.text("zh")
    assert "2, 3" in error.text("en")


def test_rows_left_out_are_named(tmp_path: Path, standard: ServiceStandard) -> None:
    reading = read(
        tmp_path,
        "element,lon,lat\n小学,106.70,26.60\n小学,,\n小学,107.70,26.60\n小学,106.70,\n"
        "小学,26.60,89.9\n",
        standard,
    )
    assert len(reading.records) == 1
    assert {one.code: one.subjects for one in reading.notices} == {
        "table.no_coordinates": ("设施.csv:3", "设施.csv:5"),
        "table.outside": ("设施.csv:4", "设施.csv:6"),
    }


def test_missing_columns_are_named(tmp_path: Path, standard: ServiceStandard) -> None:
    error = refusal(tmp_path, "名称,p,q\na,1,2\n", standard)
    assert "element, lon, lat" in error.text("en")
    assert "名称、p、q" in error.text("zh")


def test_repeated_ids_of_one_element_are_named(tmp_path: Path, standard: ServiceStandard) -> None:
    rows = "id,element,lon,lat\n7,小学,106.7,26.6\n7,药店,106.7,26.6\n7,小学,106.7,26.6\n"
    error = refusal(tmp_path, rows, standard)
    assert error.row == 4
    assert "first in row 2" in error.text("en")


def test_entrances_may_be_given(tmp_path: Path, standard: ServiceStandard) -> None:
    text = (
        "element,lon,lat,入口经度,入口纬度\n"
        "小学,106.70,26.60,106.701;106.702,26.60；26.60\n"
        "小学,106.70,26.60,106.701,\n"
    )
    error = refusal(tmp_path, text, standard)
    assert (error.row, "differ in number" in error.text("en")) == (3, True)
    record = read(tmp_path, "\n".join(text.split("\n")[:2]), standard).records[0]
    expected = CRS.project(np.array([[106.701, 26.60], [106.702, 26.60]]))
    assert [one[2] for one in record.entrances] == [Entrance.TABLE] * 2
    assert np.array([one[:2] for one in record.entrances]) == pytest.approx(expected)


def test_a_table_of_which_nothing_is_used_is_refused(
    tmp_path: Path, standard: ServiceStandard
) -> None:
    assert "no row" in refusal(tmp_path, "element,lon,lat\n", standard).text("en")
    far = "element,lon,lat\n药店,116.40,39.90\n药店,116.41,39.91\n"
    assert "All 2 facilities lie outside" in refusal(tmp_path, far, standard).text("en")


def test_reads_a_workbook(tmp_path: Path, standard: ServiceStandard) -> None:
    book = openpyxl.Workbook()
    book.active.append(["名称", "要素", "经度", "纬度", "建筑面积"])
    book.active.append(["惠民药店", "药店", 106.7, 26.6, 120])
    book.save(tmp_path / "a.xlsx")
    (record,) = read_facility_table(tmp_path / "a.xlsx", standard, AREA).records
    assert (record.element_id, record.attributes["building_m2"]) == ("pharmacy", "120")


def test_polygons_have_their_area_and_are_entered_along_their_ring(
    tmp_path: Path, standard: ServiceStandard
) -> None:
    corners = CRS.unproject(np.array([[0, 0], [100, 0], [100, 100], [0, 100], [0, 0]], dtype=float))
    features = [
        {
            "type": "Feature",
            "properties": {"element": "小学", "id": "p"},
            "geometry": {"type": "Polygon", "coordinates": [corners.tolist()]},
        },
        {
            "type": "Feature",
            "properties": {"element": "小学", "id": "q"},
            "geometry": {"type": "Point", "coordinates": [106.70, 26.60]},
        },
    ]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    polygon, point = read_facility_table(path, standard, AREA).records
    assert polygon.area_m2 == pytest.approx(10_000, rel=1e-6)
    assert len(polygon.entrances) == 16  # 400 m of ring, every 25 m
    ring = shapely.boundary(shapely.box(0, 0, 100, 100))
    assert max(ring.distance(shapely.Point(one[:2])) for one in polygon.entrances) < 1e-3
    assert {one[2] for one in polygon.entrances} == {Entrance.RING}
    assert np.isnan(point.area_m2)
    assert len(point.entrances) == 1


def test_row_order_does_not_matter(tmp_path: Path, standard: ServiceStandard) -> None:
    rows = ["b,小学,106.70,26.60", "a,药店,106.71,26.60", "c,小学,106.69,26.61"]
    built = [
        build_facilities(
            read(tmp_path, "\n".join(["id,element,lon,lat", *order]), standard).records
        )
        for order in (rows, rows[::-1])
    ]
    assert built[0].source_id == built[1].source_id
    assert np.array_equal(built[0].xy_m, built[1].xy_m)


def test_a_layer_that_is_hostile_is_refused(tmp_path: Path, standard: ServiceStandard) -> None:
    path = tmp_path / "a.gpkg"
    path.write_text("<OGRVRTDataSource/>", "utf-8")
    with pytest.raises(SourceDataError):
        read_facility_table(path, standard, AREA)

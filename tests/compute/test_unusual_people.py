"""Residents beyond belief are told by file, row and value, and counted as they are stated."""

import json
from pathlib import Path

import pytest
import shapely

from analysis.notices import Notice
from analysis.sources.people.given_buildings import read_building_rows
from tests.compute.test_population import AREA, CRS, at, homes, people, run, table


def told(result: object, code: str) -> Notice | None:
    return next((one for one in result[1] if one.code == code), None)  # type: ignore[index]


def test_a_building_of_millions_is_told_and_kept(tmp_path: Path) -> None:
    result = run(table(tmp_path, "osm_id,人口", "way/1,120", "way/2,9999999", "way/3,4000"))
    one = told(result, "population.crowded")
    assert one is not None
    assert one.severity == "warning"
    assert one.subjects == ("人口.csv:3 (osm:way/2)",)
    assert "人口.csv:3 (osm:way/2)，9,999,999 人，建筑面积 300 平方米" in one.text.text("zh")
    assert "with 9,999,999 people on 300 m² of floor" in one.text.text("en")
    assert people(result)["osm:way/2"] == pytest.approx(9_999_999)


def test_the_bounds_themselves_are_not_told(tmp_path: Path) -> None:
    full = run(table(tmp_path, "osm_id,人口", "1,1000", "2,3000"))  # 10 on each square metre
    assert told(full, "population.crowded") is None
    over = run(table(tmp_path, "osm_id,人口", "1,600", "1,401", "2,3000"))  # two rows, one building
    one = told(over, "population.crowded")
    assert one is not None
    assert one.subjects == ("人口.csv:2 (osm:way/1)",)
    assert "1,001" in one.text.text("zh")


def test_a_place_of_its_own_has_no_floor(tmp_path: Path) -> None:
    path = table(tmp_path, "lon,lat,population", f"{at(400, 400)},20001", f"{at(-400, 400)},20000")
    one = told(run(path), "population.crowded")
    assert one is not None
    assert one.subjects == ("人口.csv:2",)
    assert "人口.csv:2，20,001 人。" in one.text.text("zh")


def test_many_are_grouped(tmp_path: Path) -> None:
    lines = [f"{at(-400 + 100 * one, 400)},30000" for one in range(5)]
    one = told(run(table(tmp_path, "lon,lat,population", *lines)), "population.crowded")
    assert one is not None
    assert len(one.subjects) == 5
    assert "其余 2 处" in one.text.text("zh")


def test_groups_larger_than_their_total_are_told(tmp_path: Path) -> None:
    path = table(
        tmp_path, "osm_id,人口,60岁以上,pop_0_2", "1,0,5000,0", "2,120,5000,0", "3,100,60,41",
        "3,100,60,40",
    )  # fmt: skip
    one = told(run(path), "population.group_over")
    assert one is not None
    assert one.subjects == ("人口.csv:2", "人口.csv:3", "人口.csv:4")
    zh = one.text.text("zh")
    assert "人口.csv:3，60岁以上人口 5,000，总人口 120" in zh
    assert "人口.csv:4，各年龄段合计 101，总人口 100" in zh
    assert one.severity == "warning"


def test_people_taken_from_households_bound_no_group(tmp_path: Path) -> None:
    result = run(table(tmp_path, "osm_id,户数,60岁以上", "1,10,30"))
    assert told(result, "population.group_over") is None


def test_rows_of_a_building_table_are_told_with_their_floor(tmp_path: Path) -> None:
    path = tmp_path / "楼栋.csv"
    header = "编号,人口,建筑面积,lon,lat\n"
    path.write_text(
        header + f"a,9000,800,{at(300, 300)}\nb,8000,800,{at(-300, 300)}\nc,20001,,{at(0, 300)}\n"
        f"d,15000,,{at(0, -300)}\n", "utf-8",
    )  # fmt: skip
    found = read_building_rows(path, homes(), AREA)
    one = next(one for one in found.notices if one.code == "population.crowded")
    assert one.subjects == ("楼栋.csv:2", "楼栋.csv:4")  # nobody knows the floor of the other
    assert "楼栋.csv:2，9,000 人，建筑面积 800 平方米" in one.text.text("zh")
    assert "楼栋.csv:4，20,001 人" in one.text.text("zh")


def test_a_polygon_s_people_fill_its_buildings(tmp_path: Path) -> None:
    area = shapely.box(50, -50, 250, 50)
    lon_lat = shapely.transform(area, CRS.unproject)
    path = tmp_path / "社区.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"人口": 4001, "60岁以上": 5000},
         "geometry": shapely.geometry.mapping(lon_lat)},
    ]}), "utf-8")  # fmt: skip
    result = run(path)
    one = told(result, "population.crowded")
    assert one is not None
    assert [name.split(" ")[1] for name in one.subjects] == ["(osm:way/1)", "(osm:way/2)"]
    assert one.subjects[0].startswith("社区.geojson:")
    assert told(result, "population.group_over") is not None

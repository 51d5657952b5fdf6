"""Planners' tables on the command line: shown, corrected, and seen in the study."""

import csv
import json
from pathlib import Path

import pytest

from analysis.sources.sample_district import write_sample_district
from service import cli
from service.errors import EXIT_INPUT


@pytest.fixture(scope="module")
def district(tmp_path_factory):
    """Return the files of the sample district."""
    return write_sample_district(tmp_path_factory.mktemp("district"))


def table(folder: Path, name: str, text: str, encoding: str = "gb18030") -> Path:
    path = folder / name
    path.write_text(text, encoding)
    return path


def test_inspect_shows_how_columns_are_read(tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    path = table(tmp_path, "设施.csv", "学校名称,要素,经度,纬度,备注\n一小,小学,106.7,26.6,好\n")
    assert cli.main(["inspect", str(path), "--lang", "zh"]) == 0
    told = capsys.readouterr()
    assert "按设施表读取" in told.out + told.err
    assert "gb18030" in told.out + told.err
    assert cli.main(["inspect", str(path), "--json", "-q"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {one["column"]: (one["read_as"], one["how"]) for one in told["columns"]} == {
        "学校名称": ("name", "similar"),
        "要素": ("element", "synonym"),
        "经度": ("lon", "synonym"),
        "纬度": ("lat", "synonym"),
    }
    assert told["unused"] == ["备注"]
    assert told["encoding"] == "gb18030"
    assert "capacity" in told["possible_meanings"]


def test_inspect_heeds_a_mapping_and_a_role(tmp_path: Path, capsys) -> None:
    path = table(tmp_path, "x.csv", "a,b\n1,2\n")
    call = [
        "inspect",
        str(path),
        "--json",
        "-q",
        "--as",
        "parcels",
        "--mapping",
        "x.csv:a=空间类型",
    ]
    assert cli.main(call) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["role"] == "parcels"
    assert told["columns"] == [{"column": "a", "read_as": "kind", "how": "declared"}]
    assert told["lacking"] == [["lon"], ["lat"]]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("设施.csv:学位=seatz", "capacity"),
        ("设施.csv:座位=capacity", "学位"),
        ("别的.csv:学位=capacity", "设施.csv"),
        ("学位=capacity", "文件名:列名=含义"),
    ],
)
def test_a_wrong_mapping_says_what_is_possible(
    tmp_path: Path, district, capsys, value: str, said: str
) -> None:
    path = table(tmp_path, "设施.csv", "名称,要素,lon,lat,学位\n一小,小学,106.65,26.69,9\n")
    call = ["analyse", str(district.osm_pbf), "--facilities", str(path), "--mapping", value]
    assert cli.main([*call, "--out", str(tmp_path / "out"), "--lang", "zh"]) == EXIT_INPUT
    assert said in capsys.readouterr().err.replace("\n", "")
    assert not (tmp_path / "out").exists()


def test_all_tables_show_in_the_study(tmp_path: Path, district, capsys) -> None:
    """Each option leaves its trace: nothing that is given changes nothing."""
    facilities = table(
        tmp_path,
        "设施.csv",
        "校名,要素,lon,lat,地址,学位\n新一小,小学,106.65,26.69,甲路1号,900\n新二小,小学,,,乙路2号,450\n",
    )
    opinions = table(
        tmp_path,
        "意见.csv",
        "内容,电话,lon,lat\n没有小学,1,106.65,26.69\n还是小学,1,106.65,26.69\n",
    )
    parcels = table(tmp_path, "地块.csv", "编号,空间类型,面积,lon,lat\nP1,闲置,900,106.65,26.69\n")
    homes = district.population.read_text("utf-8-sig").splitlines()
    osm_id = next(csv.DictReader(homes[:2]))["osm_id"]
    buildings = table(tmp_path, "建筑.csv", f"osm_id,人口,建成年份\n{osm_id},77,1996\n")
    out = tmp_path / "out"
    code = cli.main(
        ["analyse", str(district.osm_pbf), "--circles", str(district.circles),
         "--facilities", str(facilities), "--opinions", str(opinions), "--parcels", str(parcels),
         "--buildings", str(buildings), "--mapping", "设施.csv:校名=name",
         "--out", str(out), "--lang", "zh"],
    )  # fmt: skip
    told = capsys.readouterr()
    assert code == 0, told.err
    study = json.loads((out / "study.json").read_text("utf-8"))
    planner = study["planner_tables"]
    assert [one["role"] for one in planner["files"]] == [
        "circles", "facilities", "buildings", "opinions", "parcels",
    ]  # fmt: skip
    assert planner["files"][1]["columns"][0] == {
        "column": "校名",
        "read_as": "name",
        "how": "declared",
    }
    assert [one["name"] for one in planner["unlocated"]] == ["新二小"]
    rows = list(csv.DictReader((out / "unlocated.csv").read_text("utf-8-sig").splitlines()))
    assert [(one["row"], one["address"], one["element_zh"]) for one in rows] == [
        ("3", "乙路2号", "小学")
    ]
    assert planner["buildings"]["mapped_homes_replaced"] == 1
    assert planner["buildings"]["built_before_2001"] == 1
    assert planner["opinions"]["people"] == 1
    assert planner["opinions"]["asked_for"][0]["element_id"] == "primary_school"
    assert planner["parcels"]["by_kind"] == {"idle": 1}
    asking = [lack["people_asking"] for one in study["circles"] for lack in one["missing"]]
    assert all(one is not None for one in asking)
    assert {one["role"] for one in study["inputs"]} >= {"buildings", "opinions", "parcels"}
    for said in ("unlocated.csv", "群众意见 2 条、1 人", "潜力地块 1 块", "建筑表 1 行"):
        assert said in told.out + told.err

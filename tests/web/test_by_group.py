"""``--by-group``: schools are judged by a child's walk, from the command line to the API."""

from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from analysis.sources.store.inputs import open_inputs
from analysis.sources.store.studies import open_study
from service import cli
from service.app import create_app
from service.settings import Settings

LON, LAT = 106.65, 26.70
EAST = 0.0066  # degrees: about 657 m; in 10 minutes an adult walks 720 m, a child 600 m


@pytest.fixture(scope="module")
def street(tmp_path_factory) -> Path:
    """Return an extract of one street: a home at its west end, a school and a pharmacy east."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">']
    places = {1: (LON, LAT), 2: (LON + EAST, LAT)}
    home = [(LON - 5e-5, LAT - 1e-4), (LON + 5e-5, LAT - 1e-4), (LON + 5e-5, LAT - 5e-5),
            (LON - 5e-5, LAT - 5e-5)]  # fmt: skip
    places |= {10 + i: one for i, one in enumerate(home)}
    places |= {20: (LON - 0.05, LAT - 0.05), 21: (LON + 0.05, LAT + 0.05)}
    lines += [f'<node id="{one}" lon="{x}" lat="{y}"/>' for one, (x, y) in places.items()]
    east = f'lon="{LON + EAST}" lat="{LAT + 2e-5}"'
    lines.append(f'<node id="8" {east}><tag k="amenity" v="pharmacy"/></node>')
    lines.append(
        f'<node id="9" {east}><tag k="amenity" v="school"/><tag k="name" v="阳光小学"/></node>'
    )
    lines.append('<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="footway"/></way>')
    refs = "".join(f'<nd ref="{one}"/>' for one in (10, 11, 12, 13, 10))
    lines.append(f'<way id="2">{refs}<tag k="building" v="apartments"/></way>')
    lines.append('<way id="3"><nd ref="20"/><nd ref="21"/><tag k="power" v="line"/></way></osm>')
    path = tmp_path_factory.mktemp("street") / "street.osm"
    path.write_text("\n".join(lines), "utf-8")
    return path


def covered(street: Path, out: Path, *options: str) -> dict[str, bool]:
    arguments = ["analyse", str(street), "--out", str(out), "--criterion", "minutes", *options]
    assert cli.main(arguments) == 0
    (home,) = [
        one for one in pq.read_table(out / "reach.parquet").to_pylist() if one["is_building"]
    ]
    return {one: home[f"covered.{one}"] for one in ("primary_school", "pharmacy")}


def test_the_option_judges_schools_by_children_and_says_so(street, tmp_path, capsys) -> None:
    off = covered(street, tmp_path / "off", "--lang", "en")
    assert off == {"primary_school": True, "pharmacy": True}
    assert "own walkers" not in capsys.readouterr().out
    on = covered(street, tmp_path / "on", "--by-group", "--lang", "en")
    assert on == {"primary_school": False, "pharmacy": True}
    told = capsys.readouterr().out
    assert "Judged by their own walkers: " in told
    assert "child: primary school" in " ".join(told.split())
    zh = covered(street, tmp_path / "zh", "--by-group", "--lang", "zh")
    assert zh == on
    assert "儿童：小学" in capsys.readouterr().out.replace("\n", "")
    document = open_study(tmp_path / "on").document
    assert document["parameters"]["by_group"] is True
    assert open_study(tmp_path / "off").document["parameters"]["by_group"] is False
    assert open_study(tmp_path / "off").document["element_walkers"] == []
    assert {
        (one["walker"], each["id"]) for one in document["element_walkers"] for each in one["elements"]
    } == {
        ("child", "primary_school"), ("child", "junior_middle_school"),
        ("older_adult", "elderly_care_center"), ("older_adult", "elderly_day_care_station"),
        ("older_adult", "community_canteen"),
    }  # fmt: skip
    assert open_inputs(tmp_path / "on").parameters.by_group
    book = openpyxl.load_workbook(next((tmp_path / "on").glob("*.xlsx")), read_only=True)
    sheet = next(one for one in book.worksheets if "Assessment" in one.title)
    head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    name, walker = (next(i for i, one in enumerate(head) if part in str(one))
                    for part in ("要素", "步行者"))  # fmt: skip
    walkers = {row[name]: row[walker] for row in rows}
    assert (walkers["小学"], walkers["药店"]) == ("儿童", "成年人")
    cared_for = "街道综合养老服务中心(老年养护)、社区养老服务站(日间照料)、社区食堂(老年助餐点)"
    adult = "成年人：平地 1.2 米/秒，上台阶 0.57 米/秒，下台阶 0.77 米/秒"
    assert who_decided(tmp_path / "off") == [f"{adult}；评价 23 项要素"]
    assert who_decided(tmp_path / "on") == [
        f"{adult}；评价 18 项要素",
        "儿童：平地 1 米/秒，上台阶 0.48 米/秒，下台阶 0.64 米/秒；评价 2 项要素（小学、初中）",
        f"老年人：平地 0.9 米/秒，上台阶 0.42 米/秒，下台阶 0.59 米/秒；评价 3 项要素（{cared_for}）",
    ]


def who_decided(folder: Path) -> list[str]:
    """Return what the sheet About says, in Chinese, of the walkers."""
    book = openpyxl.load_workbook(next(folder.glob("*.xlsx")), read_only=True)
    rows = book["说明 About"].iter_rows(values_only=True)
    label = "评价所用步行者 / Walker that decided"
    return [str(row[1]).split(" / ")[0] for row in rows if row[0] == label]


def test_the_api_tells_it(street, tmp_path) -> None:
    covered(street, tmp_path / "on", "--by-group", "--quiet")
    with TestClient(create_app(Settings(studies_folder=tmp_path))) as client:
        document = client.get("/api/v1/studies/on").json()
        assert document["parameters"]["by_group"] is True
        assert document["element_walkers"][0]["walker"] == "child"
        rows = client.get("/api/v1/studies/on/assessment").json()["rows"]
        assert {row["walker"] for row in rows if row["element_id"] == "primary_school"} == {"child"}
        pages = {one: client.get("/", params={"lang": one}).text for one in ("zh", "en")}
        standard = client.get("/api/v1/standards/living_circle_25").json()
    version, date = document["standard"]["version"], document["data"]["date"] or "—"
    for said in ("评价依据", "按分钟，成年人", "按使用人群：儿童 2 项、老年人 3 项",
                 f"（living_circle_25 {version}）", f"数据日期：{date}"):  # fmt: skip
        assert said in pages["zh"]
    for said in ("Judged by", "by minutes, adult", "child 2 elements, older adult 3 elements",
                 f"(living_circle_25 {version})", f"data of {date}"):  # fmt: skip
        assert said in pages["en"]
    walkers = {one["id"]: one["walker"] for one in standard["elements"]}
    assert (walkers["primary_school"], walkers["pharmacy"]) == ("child", None)

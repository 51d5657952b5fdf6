"""``living-circle standard``: comparing two standards and the way through a workbook."""

import json
from pathlib import Path

import openpyxl
import pytest

from analysis.sources.standards import read_standard
from service import cli
from tests.small_standard import CHILD, PARENT


@pytest.fixture
def child(tmp_path):
    """Return the path of a profile that extends its parent in the same folder."""
    (tmp_path / "parent.yaml").write_text(PARENT, "utf-8")
    path = tmp_path / "child.yaml"
    path.write_text(CHILD, "utf-8")
    return path


@pytest.fixture
def extract(tmp_path) -> Path:
    """Return a small OSM XML file: three streets, a shop, four homes."""
    path = tmp_path / "tiny.osm"
    nodes = {1: (106.650, 26.700), 2: (106.654, 26.700), 3: (106.654, 26.704), 4: (106.650, 26.704)}
    lines = ['<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">']
    for one, (lon, lat) in nodes.items():
        lines.append(f'<node id="{one}" lon="{lon}" lat="{lat}"/>')
    lines.append(
        '<node id="9" lon="106.652" lat="26.7001"><tag k="amenity" v="pharmacy"/>'
        '<tag k="name" v="[red]药店\u001b"/></node>'.replace("\u001b", "")
    )
    for way, (a, b) in enumerate([(1, 2), (2, 3), (3, 4)], start=1):
        lines.append(
            f'<way id="{way}"><nd ref="{a}"/><nd ref="{b}"/><tag k="highway" v="footway"/></way>'
        )
    lines.append("</osm>")
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_diff_tells_in_words(child, capsys) -> None:
    parent = child.with_name("parent.yaml")
    assert cli.main(["standard", "diff", str(parent), str(child), "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    assert "学校　步行阈值：500 m → 800 m" in told
    assert "试行" in told  # the statement of each
    assert cli.main(["standard", "diff", str(parent), str(child), "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert (body["a"]["id"], body["b"]["id"], body["b"]["version"]) == ("parent", "child", "2026.1")
    change = next(one for one in body["changes"] if one["field"] == "walk_threshold.metres")
    assert (change["element_id"], change["old"], change["new"]) == ("school", 500, 800)
    assert change["text"]["en"] == "school: walking threshold 500 m → 800 m"
    assert "verdicts" not in body


def test_diff_of_a_standard_with_itself(capsys) -> None:
    assert cli.main(["standard", "diff", "tdt1062_2021", "tdt1062_2021", "--lang", "en"]) == 0
    assert "say the same" in capsys.readouterr().out


def test_diff_judges_a_place_with_both(extract, tmp_path, capsys) -> None:
    strict = tmp_path / "strict.yaml"
    strict.write_text(
        CHILD.replace("parent.yaml", "living_circle_25").replace("id: school", "id: pharmacy")
        .replace("metres: 800", "minutes: 1, metres: 1"), "utf-8",
    )  # fmt: skip
    arguments = ["standard", "diff", "living_circle_25", str(strict), "--source", str(extract)]
    assert cli.main([*arguments, "--json"]) == 0
    verdicts = json.loads(capsys.readouterr().out)["verdicts"]
    assert verdicts["judged"] == sum(one["count"] for one in verdicts["counts"]) == 25
    assert {one["element_id"] for one in verdicts["changes"]} <= {
        "pharmacy", "community_health_station",
    }  # fmt: skip
    assert cli.main([*arguments, "--lang", "zh"]) == 0
    assert "两个标准各评一遍：25 个" in capsys.readouterr().out


def test_a_saved_study_says_what_it_was_made_from(studies_folder, capsys) -> None:
    study = studies_folder / "small"
    arguments = ["standard", "diff", "living_circle_25", "tdt1062_2021"]
    assert cli.main([*arguments, "--study", str(study), "--lang", "en"]) == 2
    assert "--source" in capsys.readouterr().err
    assert cli.main([*arguments, "--circles", "c.geojson", "--lang", "en"]) == 2
    assert "no extract" in capsys.readouterr().err


def test_export_edit_validate_show(child, tmp_path, capsys) -> None:
    book = tmp_path / "out" / "标准.xlsx"
    assert cli.main(["standard", "export", str(book), "--standard", str(child), "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["digest"] == read_standard(book).digest == read_standard(child).digest
    assert cli.main(["standard", "validate", str(book), "--lang", "en"]) == 0
    assert "nothing wrong" in capsys.readouterr().out
    assert cli.main(["standard", "show", str(child), "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "version 2026.1" in told
    assert "extends parent.yaml" in told
    edited = openpyxl.load_workbook(book)
    sheet = next(one for one in edited.worksheets if one.title.endswith(" elements"))
    column = next(one.column for one in sheet[2] if one.value == "tier")
    sheet.cell(4, column).value = "=1"
    edited.save(book)
    assert cli.main(["standard", "validate", str(book), "--lang", "zh"]) == 2
    told = capsys.readouterr().err
    assert f"{sheet.cell(4, column).coordinate} 单元格" in told
    assert "公式" in told


def test_export_refuses_other_names_and_leaves_nothing_half_written(tmp_path, capsys) -> None:
    assert cli.main(["standard", "export", str(tmp_path / "x.csv"), "--lang", "en"]) == 2
    assert ".xlsx" in capsys.readouterr().err
    (tmp_path / "dir.xlsx").mkdir()
    assert cli.main(["standard", "export", str(tmp_path / "dir.xlsx"), "--lang", "en"]) == 2
    assert [one.name for one in tmp_path.iterdir()] == ["dir.xlsx"]
    assert "Traceback" not in capsys.readouterr().err

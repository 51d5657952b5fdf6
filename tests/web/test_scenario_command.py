"""``living-circle scenario``: checks, outputs, the same bytes, and what it never overwrites."""

import csv
import json
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import yaml
from openpyxl import load_workbook

from analysis.testing.studies import small_inputs
from service.cli import main

CRS = small_inputs().crs
LON, LAT = CRS.unproject(np.array([[800.0, 500.0]]))[0].tolist()
GOOD = f"""title: 新市场
modifications:
- id: S
  kind: add_facility
  element: market
  lon: {LON}
  lat: {LAT}
  name: 新 </script> 市场
  since: 2027-09-01
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "s.yaml"
    path.write_text(GOOD, "utf-8")
    return path


def run(study: Path, file: Path, *more: str) -> int:
    return main(["scenario", str(study), str(file), *more])


def test_all_files_are_written_and_the_same_every_time(
    studies_folder, file, tmp_path, capsys
) -> None:
    study, out = studies_folder / "small", tmp_path / "out"
    assert run(study, file, "--out", str(out), "--years", "--lang", "zh") == 0
    told = capsys.readouterr().out
    assert "新增菜市场后：新增 900 人可达" in told
    assert "2027-09-01 菜市场：覆盖率 100.0%（1,500 人中 1,500 人可达）" in told
    document = json.loads((out / "difference.json").read_text("utf-8"))
    assert document["gaps"]["closed"] == 2
    with (out / "changes.csv").open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.DictReader(table))
    assert [row["circle_id"] for row in rows] == ["c-2", "*"]
    assert (out / "days.csv").read_text("utf-8-sig").count("\n") == 3
    assert yaml.safe_load((out / "scenario.yaml").read_text("utf-8"))["title"] == "新市场"
    layers = {name for name, _ in pyogrio.list_layers(out / "scenario.gpkg")}
    assert layers == {"points", "places", "paths"}
    assert len(pyogrio.raw.read(out / "scenario.gpkg", layer="points")[2]) == 2
    book = load_workbook(out / "scenario.xlsx")
    assert [one.split(" ")[0] for one in book.sheetnames] == ["情景变化", "缺口变化", "分期"]
    page = (out / "map.html").read_text("utf-8")
    assert "新 \\u003c/script\\u003e 市场" in page
    first = {one.name: one.read_bytes() for one in out.iterdir()}
    assert run(study, file, "--out", str(out), "--years", "--lang", "zh", "--quiet") == 0
    assert first == {one.name: one.read_bytes() for one in out.iterdir()}


def test_what_was_written_is_read_back(studies_folder, file, tmp_path, capsys) -> None:
    study, out = studies_folder / "small", tmp_path / "out"
    assert run(study, file, "--out", str(out), "--json") == 0
    first = json.loads(capsys.readouterr().out)
    assert run(study, out / "scenario.yaml", "--json") == 0
    again = json.loads(capsys.readouterr().out)
    assert again["id"] == first["id"]
    assert again["circles"] == first["circles"]
    assert not (out / "days.csv").exists()


def test_on_a_day_before_anything_opens_nothing_changes(studies_folder, file, capsys) -> None:
    assert run(studies_folder / "small", file, "--on", "2027-08-31", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["circles"] == []
    assert found["scenario"]["modifications"] == []
    assert run(studies_folder / "small", file, "--on", "soon") == 2


def test_check_lists_everything(studies_folder, file, tmp_path, capsys) -> None:
    study = studies_folder / "small"
    assert run(study, file, "--check", "--lang", "en") == 0
    assert "sound: 1 modification" in capsys.readouterr().out
    file.write_text(GOOD + "- {kind: add_path, line: []}\n- {kind: fly}\n", "utf-8")
    assert run(study, file, "--check", "--lang", "en") == 2
    told = capsys.readouterr().err
    assert "line 10, modification 2" in told
    assert "line 11, modification 3" in told
    assert run(study, file, "--check", "--json", "--lang", "en") == 2
    found = json.loads(capsys.readouterr().out)
    assert [one["line"] for one in found["problems"]] == [10, 11]
    assert not found["valid"]
    assert run(study, file, "--out", str(tmp_path / "out")) == 2
    assert not (tmp_path / "out").exists()


def test_a_warning_does_not_forbid(studies_folder, file, capsys) -> None:
    source = small_inputs().facilities.source_id[0]
    edit = f"- {{id: O, kind: open_facility, element: market, facility: '{source}'}}\n"
    file.write_text(GOOD + edit, "utf-8")
    assert run(studies_folder / "small", file, "--check", "--lang", "en") == 0
    assert "counts in the baseline already" in capsys.readouterr().out
    assert run(studies_folder / "small", file, "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["warnings"]) == 1


def test_coordinates_are_declared(studies_folder, file, capsys) -> None:
    file.write_text(GOOD.replace("lon:", "xxx:").replace("lat:", "lon:").replace("xxx:", "lat:"))
    assert run(studies_folder / "small", file, "--check") == 2
    assert run(studies_folder / "small", file, "--check", "--coordinates", "swapped") == 0
    assert run(studies_folder / "small", file, "--coordinates", "mars") == 2
    capsys.readouterr()


def test_foreign_files_are_never_overwritten(studies_folder, file, tmp_path, capsys) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "notes.txt").write_text("mine", "utf-8")
    assert run(studies_folder / "small", file, "--out", str(out)) == 2
    assert run(studies_folder / "small", file, "--out", str(studies_folder / "small")) == 2
    assert (out / "notes.txt").read_text("utf-8") == "mine"
    assert run(tmp_path, file) == 2
    capsys.readouterr()

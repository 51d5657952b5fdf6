"""``living-circle plan`` on a saved small study: files, texts, refusals."""

import json
from pathlib import Path

import openpyxl
import pytest

from analysis.sources.store.studies import save_study
from service.cli import main
from tests.planned_towns import planned, street, study_of

HOMES = [(100.0, 100.0), (800.0, 300.0), (1000.0, 200.0), (1800.0, 400.0)]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved") / "town"
    save_study(study_of(street(HOMES, [("market", 0.0)], planned("market"))), folder, run={})
    return folder


def test_a_plan_of_a_saved_study(saved: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "plan"
    assert main(["plan", str(saved), "--out", str(out), "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    assert "新增覆盖900人次" in told
    assert "逐户核对" in told
    document = json.loads((out / "plan.json").read_text("utf-8"))
    assert sum(row["people"] for row in document["works"]) == 900.0
    assert document["proof"]["agrees"] is True
    book = openpyxl.load_workbook(out / "works.xlsx")
    assert book.sheetnames[:3] == ["说明 Notes", "项目 Works", "资金曲线 Stop curve"]
    assert book["项目 Works"].max_row == 1 + len(document["works"])
    html = (out / "map.html").read_text("utf-8")
    assert "1. 要素market新建：新增覆盖500人；10–20万元（标准默认）" in html
    assert (out / "proposals.gpkg").exists()
    # An earlier plan is replaced; anything else is not.
    assert main(["plan", str(saved), "--out", str(out), "--quiet"]) == 0
    assert main(["plan", str(saved), "--out", str(saved), "--quiet"]) == 2


def test_a_budget_and_json(saved: Path, tmp_path: Path, capsys) -> None:
    arguments = ["plan", str(saved), "--out", str(tmp_path / "p"), "--json", "--budget", "160000"]
    assert main(arguments) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["works"] == 1
    assert said["people"] == 500.0
    assert said["solves"][0]["model"] == "joint"
    assert said["solves"][0]["status"] == "optimal"


@pytest.mark.parametrize(
    "options",
    [
        ["--budget", "0"],
        ["--sites", "0"],
        ["--target", "1.5"],
        ["--model", "market=best"],
        ["--model", "market=p_median"],
        ["--elements", "nothing"],
        ["--in-circles", "nowhere"],
    ],
)
def test_what_cannot_be_asked(saved: Path, tmp_path: Path, capsys, options: list[str]) -> None:
    assert main(["plan", str(saved), "--out", str(tmp_path / "p"), *options]) == 2
    assert capsys.readouterr().err.strip()
    assert not (tmp_path / "p").exists()

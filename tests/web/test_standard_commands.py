"""``living-circle standard``: comparing two standards and the way through a workbook."""

import json

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


def test_a_saved_study_is_judged_again_as_if_it_were_read_again(extract, tmp_path, capsys) -> None:
    strict = tmp_path / "strict.yaml"
    strict.write_text(
        CHILD.replace("parent.yaml", "living_circle_25").replace("id: school", "id: pharmacy")
        .replace("metres: 800", "minutes: 1, metres: 1"), "utf-8",
    )  # fmt: skip
    study = tmp_path / "study"
    assert cli.main(["analyse", str(extract), "--out", str(study), "--walker", "child"]) == 0
    capsys.readouterr()
    diff = ["standard", "diff", "living_circle_25", str(strict), "--json"]
    assert cli.main([*diff, "--source", str(extract), "--walker", "child"]) == 0
    read_again = json.loads(capsys.readouterr().out)["verdicts"]
    extract.unlink()  # the study holds all that it was made from
    assert cli.main([*diff, "--study", str(study)]) == 0
    assert json.loads(capsys.readouterr().out)["verdicts"] == read_again
    assert read_again["notices"] == []
    assert cli.main([*diff[:-1], "--study", str(study), "--lang", "zh"]) == 0
    assert "两个标准各评一遍：25 个" in capsys.readouterr().out


def test_the_saved_study_s_own_basis_counts_and_is_said(extract, tmp_path, capsys) -> None:
    study = tmp_path / "study"
    assert cli.main(["analyse", str(extract), "--out", str(study), "--by-group", "--criterion",
                     "minutes"]) == 0  # fmt: skip
    capsys.readouterr()
    diff = ["standard", "diff", "living_circle_25", "tdt1062_2021", "--study", str(study)]

    def parameters(*options: str) -> dict[str, object]:
        assert cli.main([*diff, *options, "--json"]) == 0
        return json.loads(capsys.readouterr().out)["verdicts"]["parameters"]

    own = {"criterion": "minutes", "walker": "adult", "by_group": True}
    assert parameters() == own
    assert parameters("--no-by-group", "--criterion", "metres") == {
        **own, "criterion": "metres", "by_group": False,
    }  # fmt: skip
    assert cli.main([*diff, "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    assert "评价口径：按分钟，步行者 成年人，各要素按其使用人群步行（与已存研究相同）" in told
    assert "全部生活圈合计（不计入上面的个数）" in told
    assert cli.main([*diff, "--walker", "child", "--lang", "zh"]) == 0
    assert "步行者 儿童" in (told := capsys.readouterr().out)
    assert "步行者 由选项指定" in told


def test_rows_that_are_counted_are_those_that_are_listed(extract, tmp_path, capsys) -> None:
    diff = ["standard", "diff", "living_circle_25", "tdt1062_2021", "--source", str(extract)]
    assert cli.main([*diff, "--json"]) == 0
    verdicts = json.loads(capsys.readouterr().out)["verdicts"]
    of_circles = [one for one in verdicts["changes"] if one["circle_id"] != "*"]
    changed = sum(one["count"] for one in verdicts["counts"] if one["before"] != one["after"])
    differ = [one for one in of_circles if one["before"] != one["after"]]
    assert len(differ) == changed > 0
    assert all("dimensions" in one for one in of_circles)
    assert cli.main([*diff, "--lang", "en"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    beneath = len(of_circles) - changed
    assert (
        f"{changed} of 25 pairs of circle and element are judged differently, {beneath} more"
        in told
    )


def test_two_contents_under_one_version_are_warned_of(child, tmp_path, capsys) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(child.read_text("utf-8").replace("metres: 800", "metres: 850"), "utf-8")
    assert cli.main(["standard", "diff", str(child), str(other), "--lang", "zh"]) == 0
    assert "编号和版本相同（child 2026.1），内容却不同" in capsys.readouterr().out
    assert cli.main(["standard", "diff", str(child), str(child), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["warnings"] == []
    book = tmp_path / "edited.xlsx"
    assert cli.main(["standard", "export", str(book)]) == 0
    edited = openpyxl.load_workbook(book)
    sheet = next(one for one in edited.worksheets if one.title.endswith(" elements"))
    column = next(one.column for one in sheet[2] if one.value == "walk_threshold.metres")
    sheet.cell(3, column).value = 650
    edited.save(book)
    capsys.readouterr()
    assert cli.main(["standard", "validate", str(book), "--lang", "zh"]) == 0
    assert (
        "edited.xlsx 的编号和版本（living_circle_25 2026.1）与自带标准相同"
        in capsys.readouterr().out
    )
    diff = ["standard", "diff", "living_circle_25", str(book), "--json"]
    assert cli.main(diff) == 0
    assert len(json.loads(capsys.readouterr().out)["warnings"]) == 1


def test_show_speaks_in_words_and_warns_first(child, capsys) -> None:
    text = child.read_text("utf-8").replace("extends: parent.yaml", "extends: parent.yaml@0")
    child.write_text(text, "utf-8")
    assert cli.main(["standard", "show", str(child), "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    assert "继承自 parent.yaml 1" in told
    assert (
        told.index("按上级标准 parent.yaml 的 0 版编写") < told.index("继承自") < told.index("学校")
    )
    assert cli.main(["standard", "show", "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    assert "60岁以上人口" in told
    assert "项目默认" in told
    for code in ("population", " default", " memory", "verbatim"):
        assert code not in told


def test_what_a_saved_study_cannot_answer_is_said(studies_folder, capsys) -> None:
    study = studies_folder / "small"
    arguments = ["standard", "diff", "living_circle_25", "living_circle_25", "--study", str(study)]
    assert cli.main([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["verdicts"]
    assert {one["code"] for one in told["notices"]} >= {"rejudging.left_out"}
    left_out = next(one for one in told["notices"] if one["code"] == "rejudging.left_out")
    assert "library" in left_out["subjects"] or len(left_out["subjects"]) > 20
    assert told["changes"] == []
    assert cli.main([*arguments, "--lang", "en"]) == 0
    assert "never looked for" in capsys.readouterr().out


def test_a_study_beside_other_inputs_is_refused(studies_folder, capsys) -> None:
    study = studies_folder / "small"
    arguments = ["standard", "diff", "living_circle_25", "tdt1062_2021"]
    beside = ["--study", str(study), "--source", "x.osm"]
    assert cli.main([*arguments, *beside, "--lang", "en"]) == 2
    assert "holds its own inputs" in capsys.readouterr().err
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

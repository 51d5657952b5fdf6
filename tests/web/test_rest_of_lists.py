"""Where the rest of a list that was cut stands, and who is left out, on the first screen."""

from pathlib import Path

import pytest

from analysis.documents.gaps import gap_collection
from analysis.documents.study import study_document
from analysis.messages import message
from analysis.testing.studies import small_study
from service.commands.console import Speaker
from service.commands.planner_lines import planner_lines
from service.commands.summary import show_summary

OUTSIDE = {
    "code": "population.outside", "severity": "info", "count": 2,
    "zh": "人口.csv 的 100 人中有 18 人（18%）在圈外，不作评价。",
    "en": "18 of the 100 people of 人口.csv (18%) live outside the circles and are not judged.",
}  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_people_outside_all_circles_are_on_the_first_screen(capsys, language) -> None:
    study = small_study()
    document, gaps = study_document(study), gap_collection(study)
    show_summary(Speaker(language), document, gaps, Path("out"))
    assert "18%" not in capsys.readouterr().out
    show_summary(Speaker(language), document | {"notices": [OUTSIDE]}, gaps, Path("out"))
    told = " ".join(capsys.readouterr().out.split())
    assert told.replace(" ", "").count(OUTSIDE[language].replace(" ", "")) == 1


@pytest.mark.parametrize(
    ("key", "where"),
    [
        ("capacity.unusual.more", "study.json"),
        ("population.more_rows", "study.json"),
        ("cli.warnings.more", "study.json"),
        ("cli.planner.more", "study.json"),
        ("map.notice.more", "study.json"),
        ("map.gaps.more", "gaps.geojson"),
        ("cli.missing_more", "assessment.xlsx"),
        ("cli.more_circles", "assessment.xlsx"),
        ("cli.plan.more", "works.xlsx"),
        ("cli.circles.more", "--json"),
        ("cli.circles.named_more", "--json"),
        ("cli.scenario.more", "--json"),
        ("standard.diff.more", "--json"),
    ],
)
def test_the_rest_of_a_list_is_said_to_stand_somewhere(key, where) -> None:
    said = {"count": 5, "left": 5, "folder": "out", "shown": 1, "circles": "5"}
    for language in ("zh", "en"):
        assert where in message(key, **said).text(language)


def test_long_lists_of_planners_files_are_cut_aloud() -> None:
    columns = [{"column": f"列{one}", "read_as": "name", "how": "similar"} for one in range(11)]
    asked = [{"element_zh": f"要素{one}", "element_en": f"e{one}", "people": 9} for one in range(7)]
    tables = {
        "files": [{"file": "a.csv", "columns": columns}], "unlocated": [], "review": [],
        "buildings": None, "parcels": None,
        "opinions": {"opinions": 1, "people": 1.0, "asked_for": asked},
    }  # fmt: skip
    guessed, opinions = (one.text("zh") for one in planner_lines(tables, "zh"))
    assert "列7" in guessed
    assert "列8" not in guessed
    assert "另有 3 项见 study.json" in guessed
    assert "另有 2 项见 study.json" in opinions

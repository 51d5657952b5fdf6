"""Whom a count is of, what stays empty where the data cannot tell, and what is lacking by scale."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from analysis.documents.gaps import gap_collection
from analysis.documents.study import study_document
from analysis.documents.tables import ASSESSMENT_COLUMNS, assessment_rows
from analysis.messages import LANGUAGES, message
from analysis.standard.profile import Element
from analysis.study import Study
from analysis.testing.cities import plain_element
from service.maps.numbers import figures_json
from service.reports.workbook import assessment_workbook
from tests.diagnosis_city import homes, school, schools, study_of, verdict_of

CARE = replace(plain_element("school", basis=("population_60plus", "population")), efficiency=())


def old_people() -> Study:
    """At 0 m, beside the school, 600 residents, 100 of them old; at 1,000 m 400, of them 300."""
    town = homes([(0.0, 600.0), (1000.0, 400.0)])
    town = replace(town, groups={"population_60plus": np.array([100.0, 300.0])})
    return study_of(town, schools([(0.0, None)]), replace(CARE, reach_rules=near()))


def near() -> tuple:  # type: ignore[type-arg]
    return plain_element("school", threshold_m=300.0).reach_rules


def row_of(study: Study, circle: str = "*") -> dict[str, object]:
    return next(dict(one) for one in assessment_rows(study) if one["circle_id"] == circle)


def test_where_a_group_decides_its_number_is_told_and_residents_are_called_all_residents() -> None:
    study = old_people()
    row = row_of(study)
    assert (row["basis_amount"], row["basis_lacking"]) == (400.0, 300.0)
    assert (row["people"], row["people_lacking"]) == (1000.0, 400.0)
    assert "60岁以上 300 人步行不可达（全体居民 400 人）" in str(row["reason_coverage_zh"])
    assert "全体居民中 400 人在 600 米内无此类设施" in str(row["reason_coverage_zh"])
    assert "全体居民中 400 人在 600 米内无此类设施" in str(row["sentence_zh"])
    assert "300 residents aged 60+ without (400 of all residents)" in str(row["reason_coverage_en"])
    circle = study_document(study)["circles"][-1]  # type: ignore[index]
    (lack,) = circle["missing"]
    assert lack["lacks"]["zh"] == row["lacks_zh"] == "60岁以上 300 人步行不可达"
    assert (lack["deciding_basis"], lack["basis_lacking"]) == ("population_60plus", 300.0)


def test_gaps_and_map_give_the_group_that_decides() -> None:
    study = old_people()
    gap = gap_collection(study)["features"][0]["properties"]  # type: ignore[index]
    assert (gap["deciding_basis"], gap["basis_lacking"]) == ("population_60plus", 300.0)
    assert gap["people"] == 400.0
    assert "60岁以上 300 人" in gap["reason_zh"]
    figures = figures_json(verdict_of(study, "*"), CARE)
    assert figures is not None
    told = {key: figures[key] for key in ("basis", "basis_covered", "basis_amount", "covered")}
    assert told == {
        "basis": "population_60plus", "basis_covered": 100, "basis_amount": 400, "covered": 600,
    }  # fmt: skip


def test_where_all_residents_decide_nothing_is_said_twice() -> None:
    town = homes([(0.0, 600.0), (1000.0, 400.0)])
    study = study_of(town, schools([(0.0, None)]), replace(plain_element("school")))
    row = row_of(study)
    assert row["basis_lacking"] == row["people_lacking"] == 400.0
    assert "全体居民" not in str(row["reason_coverage_zh"])
    assert row["lacks_zh"] == "400 人步行不可达"


@pytest.mark.parametrize("basis", ["buildings", "residential_land", "population_short_of_spaces"])
def test_every_basis_has_its_words(basis: str) -> None:
    for language in LANGUAGES:
        assert "1,234" in message(f"lacking.{basis}", amount=1234.0).text(language)
        assert message(f"map.covered.{basis}").text(language)


def untold(element: Element) -> Study:
    """Nothing is known of an element that maps seldom hold."""
    element = replace(element, osm=replace(element.osm, expected_completeness="low"))
    return study_of(homes([(0.0, 600.5), (1000.0, 400.0)]), schools([]), element)


def test_what_the_data_cannot_tell_stays_empty() -> None:
    row = row_of(untold(plain_element("school")))
    assert row["coverage_verdict"] == "not_assessed"
    for name in (
        "share", "share_upper", "share_people", "share_buildings", "share_land", "people_covered",
        "people_lacking", "basis_lacking", "people_beyond", "people_ambiguous", "people_edge",
        "walk_max_m", "walk_note_zh", "lacks_zh",
    ):  # fmt: skip
        assert row[name] is None, name
    # Counts that are facts stay.
    assert (row["people"], row["buildings"], row["facilities_inside"]) == (1000.5, 2, 0)
    assert tuple(row) == ASSESSMENT_COLUMNS


def test_what_is_judged_keeps_its_numbers_even_none() -> None:
    row = row_of(study_of(homes([(0.0, 600.0)]), schools([(0.0, None)]), plain_element("school")))
    assert (row["people_lacking"], row["basis_lacking"], row["people_beyond"]) == (0.0, 0.0, 0.0)
    assert row["people_covered"] == 600.0


def test_the_sheet_of_what_is_missing_tells_what_lacks_by_scale(tmp_path: Path) -> None:
    # All within 500 m; 300 seats are asked for, 20 are there.
    study = study_of(homes([(0.0, 1000.0)]), schools([(0.0, "20")]), school())
    path = tmp_path / "assessment.xlsx"
    assessment_workbook(study, path)
    sheet = openpyxl.load_workbook(path)["缺什么 Missing"]
    head, *rows = [[cell.value for cell in line] for line in sheet.iter_rows()]
    place = {str(name).split("\n")[0]: number for number, name in enumerate(head)}
    told = rows[-1]
    document = study_document(study)["circles"][-1]["missing"]  # type: ignore[index]
    assert told[place["缺什么"]] == document[0]["lacks"]["zh"] == "缺 280 个学位"
    assert (told[place["规模缺口"]], told[place["规模缺口单位"]]) == (280, "个学位")
    assert told[place["步行不可达（人）"]] == 0
    formats = {cell.number_format for cell in sheet[2] if isinstance(cell.value, int | float)} - {
        "0.0%"
    }
    assert formats == {"#,##0"}  # people are whole numbers to the eye

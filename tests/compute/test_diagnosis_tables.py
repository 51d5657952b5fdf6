"""The tables of the diagnosis: whole, traced, the same bytes again, and never silent."""

import csv
import io
import math
import re
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from analysis.certainty.variants import VARIANTS
from analysis.documents.diagnosis import (
    DATA_COLUMNS,
    EQUITY_COLUMNS,
    FIGURE_COLUMNS,
    FLIP_COLUMNS,
    SCORE_COLUMNS,
    data_rows,
    equity_rows,
    figure_rows,
    flip_rows,
    flipped_points,
    score_rows,
)
from analysis.documents.field_checks import FIELD_CHECK_COLUMNS, field_check_rows
from analysis.documents.plain import number
from analysis.messages import LANGUAGES, message
from analysis.places.facilities import build_facilities
from analysis.sources.store.diagnosis import write_diagnosis
from analysis.standard.verdicts import DIMENSIONS, VERDICTS
from analysis.study import Study, StudyParameters
from analysis.testing.studies import small_study
from service.reports.diagnosis_sheets import SHEETS
from tests.diagnosis_city import facility, homes, scale_rule, school, schools, study_of

FILES = {
    "figures.csv": (FIGURE_COLUMNS, figure_rows),
    "scorecard.csv": (SCORE_COLUMNS, score_rows),
    "flips.csv": (FLIP_COLUMNS, flip_rows),
    "field_checks.csv": (FIELD_CHECK_COLUMNS, field_check_rows),
    "data.csv": (DATA_COLUMNS, data_rows),
    "equity.csv": (EQUITY_COLUMNS, equity_rows),
}


def town() -> Study:
    """Return a street where something flips, is in doubt, lacks a size, and is far."""
    demand = homes([(0.0, 100.0), (400.0, 50.0), (470.0, 0.0), (510.0, 300.0), (900.0, 30.0)])
    places = build_facilities(
        [
            facility(0.0, {"capacity": "20"}, number=0),
            facility(350.0, {}, number=1, ambiguous=True),
            facility(900.0, {"capacity": "4000"}, number=2, status="closed"),
            facility(1000.0, {}, number=3, ambiguous=True, y_m=20.0),
        ]
    )
    return study_of(demand, places)


@pytest.fixture(scope="module", params=["street", "small", "minutes"])
def study(request: pytest.FixtureRequest) -> Study:
    if request.param == "street":
        return town()
    criterion = "minutes" if request.param == "minutes" else "metres"
    return small_study(
        StudyParameters(criterion=criterion),  # type: ignore[arg-type]
        circle_name="=1+1",
        shop_name="@\ud800 {x} %s",
    )


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def test_each_row_has_the_columns_of_its_table_and_no_number_that_is_none(study: Study) -> None:
    for columns, rows_of in FILES.values():
        for row in rows_of(study):
            assert sorted(row) == sorted(columns)
            for name, cell in row.items():
                assert not (isinstance(cell, float) and not math.isfinite(cell)), name
                if isinstance(cell, str) and name.endswith(("_zh", "_en")):
                    assert not re.search(r"[{}]|\bnan\b|\binf\b", cell), (name, cell)
                if name.endswith("_share") and isinstance(cell, float):
                    assert 0.0 <= cell <= 1.0, name


def test_every_figure_of_the_study_is_a_row_with_its_source(study: Study) -> None:
    figures = [
        (row, one.dimension, figure)
        for row in study.assessment.rows
        for one in row.dimensions
        for figure in one.figures
    ]
    rows = figure_rows(study)
    assert len(rows) == len(figures)
    for cells, (row, dimension, figure) in zip(rows, figures, strict=True):
        assert (cells["circle_id"], cells["element_id"]) == (row.circle_id, row.element_id)
        assert (cells["dimension"], cells["metric"]) == (dimension, figure.metric)
        assert cells["value"] == number(figure.value)
        assert cells["verdict"] == figure.verdict
        assert cells["source"]
        assert cells["confidence"] in ("verbatim", "secondary", "memory", "default")
        assert cells["basis_zh"]
        assert cells["basis_en"]
        for language in LANGUAGES:
            if cells["value"] is None and not math.isinf(figure.value):
                assert cells[f"value_{language}"] == ""
                assert cells[f"note_{language}"]  # what is not known says why
            else:
                assert cells[f"value_{language}"]


def test_the_figures_of_the_street_are_written_in_words() -> None:
    rows = {(one["circle_id"], one["metric"]): one for one in figure_rows(town())}
    far = rows["*", "walk_p95"]
    assert far["value_zh"] == "160 米"
    scale = rows["A", "scale"]
    assert scale["metric_zh"] == "规模"
    assert scale["verdict"] == "not_assessed"
    assert "capacity" in str(scale["note_zh"])
    assert scale["known_share"] == 0.5
    assert scale["target_zh"] == "≥ 300"
    mean = rows["A", "walk_mean"]
    assert mean["target_en"] == "≤ 400 m"
    assert mean["value_en"] == "17 m"  # 100 at 0 m, 50 at 50 m


def test_a_rate_of_square_metres_is_not_written_as_an_area() -> None:
    element = school(scale=scale_rule(300.0, unit="m2"))
    study = study_of(homes([(0.0, 100.0)]), schools([(0.0, "45")]), element)
    row = next(one for one in figure_rows(study) if one["metric"] == "scale")
    assert (row["value_zh"], row["target_zh"], row["unit"]) == ("450", "≥ 300", "m2")


def test_scores_add_up_to_the_elements_and_carry_their_formula(study: Study) -> None:
    rows = score_rows(study)
    assert [one["circle_id"] for one in rows] == [*study.inputs.circles.circle_id, "*"]
    elements = len(study.inputs.standard.elements)
    for row in rows:
        assert sum(row[one] for one in VERDICTS) == elements  # type: ignore[misc]
        for name in DIMENSIONS:
            assert sum(row[f"{name}_{one}"] for one in VERDICTS) == elements  # type: ignore[misc]
        assert "0.5" in str(row["formula_zh"])
        assert "0.5" in str(row["formula_en"])
        assert (row["index"] is None) == (row["assessed_share"] == 0)


def test_flips_name_the_verdict_before_and_after(study: Study) -> None:
    rows = flip_rows(study)
    assert len(rows) == len(study.certainty.flips.rows) > 0
    for row in rows:
        assert row["flips"] == (row["verdict"] != row["verdict_then"])
        assert row["verdict"] != "not_assessed"
        assert row["variant_zh"]
        assert row["variant_en"] != row["variant_zh"]


def test_flipped_points_are_the_bits_one_by_one(study: Study) -> None:
    found = flipped_points(study)
    bits = study.certainty.flips.points
    expected = [
        (point, element, number_)
        for point in range(bits.shape[0])
        for element in range(bits.shape[1])
        for number_ in range(len(VARIANTS))
        if bits[point, element] >> number_ & 1
    ]
    assert (
        list(zip(*(found[one].tolist() for one in ("point", "element", "variant")), strict=True))
        == expected
    )  # noqa: E501
    assert len(expected) > 0


def test_field_checks_point_at_their_facility(study: Study) -> None:
    rows, checks = field_check_rows(study), study.certainty.field_checks
    facilities = study.inputs.facilities
    assert len(rows) == len(checks) > 0
    for row, check in zip(rows, checks, strict=True):
        assert row["source_id"] == facilities.source_id[check.facility]
        assert row["people"] == number(check.people)
        assert row["people_so_far"] == number(check.people_so_far)
        assert row["people_open"] == number(check.people_open)
        xy_m = study.inputs.crs.project(np.array([[row["lon"], row["lat"]]], dtype=float))
        assert xy_m[0] == pytest.approx(facilities.xy_m[check.facility], abs=0.05)
    assert study.inputs.title != "predicted city" or len(rows) == 2
    assert rows[-1]["people_so_far"] == rows[-1]["people_open"]


def test_the_files_hold_the_rows_and_the_same_study_gives_the_same_bytes(
    study: Study, tmp_path: Path
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        write_diagnosis(study, folder)
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted([*FILES, "flips.parquet"])
    for name in names:
        assert (one / name).read_bytes() == (other / name).read_bytes()
    for name, (columns, rows_of) in FILES.items():
        rows = read(one / name)
        assert len(rows) == len(rows_of(study))
        if rows:
            assert tuple(rows[0]) == columns
        for row in rows:
            for cell in row.values():
                assert not cell.startswith(("=", "+", "-", "@")), cell


def test_the_parquet_names_whose_answer_changes(study: Study, tmp_path: Path) -> None:
    write_diagnosis(study, tmp_path)
    table = pq.read_table(tmp_path / "flips.parquet").to_pylist()
    demand, reach = study.inputs.demand, study.reach
    place = {one: i for i, one in enumerate(demand.point_id)}
    found = set()
    for row in table:
        point, column = place[row["point_id"]], reach.column(row["element_id"])
        assert row["people"] == demand.people[point]
        assert row["covered"] == reach.covered[point, column]
        found.add((point, column, VARIANTS.index(row["variant"])))
    bits = study.certainty.flips.points
    assert len(found) == len(table) == int(np.unpackbits(bits).sum())
    # What the flip rows add up is what the points tell.
    for flip in study.certainty.flips.rows:
        if flip.circle_id == "*":
            lost = [
                row["people"]
                for row in table
                if row["element_id"] == flip.element_id
                and row["variant"] == flip.variant
                and row["covered"]
            ]
            assert sum(lost) == pytest.approx(flip.people_lost)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda one: one[0])
def test_every_column_of_a_sheet_stands_in_its_rows_and_has_a_heading(sheet, study: Study) -> None:  # noqa: ANN001
    key, columns, rows_of, freeze = sheet
    assert 0 < freeze <= len(columns)
    assert message(key).text("zh") != message(key).text("en")
    rows = rows_of(study)
    for name, _ in columns:
        for language in LANGUAGES:
            assert message(f"outputs.column.{name}").text(language)
        assert all(name in row for row in rows)


def test_equity_rows_are_those_of_the_study(study: Study) -> None:
    rows = equity_rows(study)
    assert len(rows) == len(study.equity.rows)
    for row, one in zip(rows, study.equity.rows, strict=True):
        assert row["people"] == number(one.people)
        assert row["covered_share"] == number(one.covered_share)
        assert row["palma"] == number(one.palma)
        assert row["group_zh"] == "居民"


def test_data_rows_state_what_is_known_of_each_element(study: Study) -> None:
    rows = data_rows(study)
    assert [one["element_id"] for one in rows] == [one.id for one in study.inputs.standard.elements]
    for row, one in zip(rows, study.certainty.data, strict=True):
        assert (row["mapped"], row["listed"]) == (one.mapped, one.listed)
        assert row["statement_zh"]
        assert row["statement_en"]


def test_scores_beside_the_metrics_are_told_and_never_judged() -> None:
    study = study_of(
        homes([(0.0, 100.0), (900.0, 300.0)]),
        build_facilities([facility(450.0, {"capacity": "40"})]),
    )
    rows = [one for one in figure_rows(study) if str(one["metric"]).endswith("2sfca")]
    assert len(rows) == 3  # two circles and both together
    # 40 seats for the 400 residents who reach them: 100 for every 1,000, whoever asks.
    assert [row["value_zh"] for row in rows] == ["100", "100", "100"]
    for row in rows:
        assert row["verdict"] == "not_assessed"
        assert "nan" not in str(row["basis_en"])
        assert row["metric_zh"] != row["metric_en"]

"""The study document and the flat assessment: predicted figures, both languages, no infinity."""

import json
from dataclasses import replace

import numpy as np
import pytest
import shapely

from analysis.documents.gaps import gap_collection
from analysis.documents.plain import leaves, number, plain_text
from analysis.documents.study import (
    ASSESSMENT_COLUMNS,
    assessment_rows,
    study_digest,
    study_document,
)  # fmt: skip
from analysis.linking.linkage import Link
from analysis.messages import phrase_table
from analysis.study import Study, StudyParameters, analyse
from analysis.testing.studies import small_inputs, small_study


@pytest.fixture(scope="module")
def study() -> Study:
    return small_study()


@pytest.fixture(scope="module")
def document(study):
    return study_document(study)


@pytest.fixture(scope="module")
def rows(study):
    return {(row["circle_id"], row["element_id"]): row for row in assessment_rows(study)}


def test_counts_are_the_worlds(document) -> None:
    counts = document["counts"]
    assert counts["nodes"] == 121
    assert counts["arcs"] == 220
    assert counts["street_km"] == 22.0
    assert (counts["components"], counts["largest_component_share"]) == (1, 1.0)
    assert (counts["barriers"], counts["barriers_by_kind"]) == (1, {"wall": 1})
    assert (counts["compounds"], counts["gates"], counts["inferred_gates"]) == (1, 1, 1)
    assert counts["residents"] == 1500.0
    assert counts["residents_estimated"] == 0.0
    assert (counts["buildings"], counts["land_cells"]) == (5, 1)
    assert counts["residential_land_m2"] == 2500.0
    assert counts["facilities_by_element"] == {
        "market": {"osm": 0, "table": 1, "ambiguous": 0, "not_counting": 0},
        "school": {"osm": 0, "table": 1, "ambiguous": 1, "not_counting": 0},
    }
    assert sum(counts["buildings_by_link"].values()) == 5


def test_inputs_parameters_and_statement_are_told(document) -> None:
    assert document["inputs"] == [
        {
            "role": "osm",
            "name": "small.osm.pbf",
            "bytes": 1,
            "sha256": "1" * 64,
            "coordinates": None,
        }
    ]
    assert document["parameters"]["criterion"] == "metres"
    assert document["parameters"]["snap_limit_m"] == 200.0
    assert document["statement"] == {
        "zh": "这是项目配置，不是官方标准。", "en": "A project profile, not the official list.",
    }  # fmt: skip
    assert document["standard"]["digest"] == "0" * 64
    assert "OpenStreetMap" in document["data"]["attribution"]["en"]
    assert document["access_rules"][0]["note"] == {"zh": "步行道", "en": "footways"}


def test_notices_keep_every_subject_sorted(document) -> None:
    notice = document["notices"][0]
    assert notice["code"] == "test.repaired"
    assert notice["subjects"] == ["way/1", "way/2"]
    assert notice["count"] == 2
    assert notice["zh"] != notice["en"]


def test_missing_is_sorted_by_residents_lacking(document) -> None:
    circles = {circle["id"]: circle for circle in document["circles"]}
    assert list(circles) == ["c-1", "c-2", "*"]
    assert [one["element"] for one in circles["c-1"]["missing"]] == ["clinic"]
    # All three lack 900 residents in the east: the standard's order decides.
    assert [one["element"] for one in circles["c-2"]["missing"]] == ["market", "school", "clinic"]
    # Over all: nobody has a clinic (1500), 900 have no market and no school.
    lacking = [(one["element"], one["people_lacking"]) for one in circles["*"]["missing"]]
    assert lacking == [("clinic", 1500.0), ("market", 900.0), ("school", 900.0)]
    assert circles["c-1"]["verdicts"] == {"met": 2, "weak": 0, "short": 1, "not_assessed": 1}
    assert circles["c-1"]["stated_population"] == 600.0
    assert circles["c-2"]["stated_population"] is None


def test_assessment_figures_are_predicted(rows) -> None:
    west = rows["c-1", "market"]
    # Homes at 100, 300, 400 and the market at 200 on one straight street: 100, 100 and 200 m.
    assert (west["share"], west["verdict"]) == (1.0, "met")
    assert west["walk_mean_m"] == pytest.approx((100 * 100 + 200 * 100 + 300 * 200) / 600)
    assert (west["walk_median_m"], west["walk_max_m"]) == (100.0, 200.0)
    assert (west["target"], west["acceptable"]) == (0.9, 0.6)
    assert (west["target_source"], west["target_confidence"]) == ("DEFAULT", "default")
    assert (west["people"], west["buildings"], west["land_m2"]) == (600.0, 3, 2500.0)
    assert (west["threshold_m"], west["minutes"]) == (300.0, 3.75)
    assert west["assessed_dimensions"] == "1/4"
    assert west["reason_scale_en"] == "The standard sets no norm of scale."
    assert west["sentence_en"] == "market: covers 100.0% of residents (target 90%); farthest 200 m."
    assert west["fragile"] == ""
    whole = rows["*", "market"]
    assert (whole["share"], whole["people_lacking"]) == (0.4, 900.0)
    assert whole["share_buildings"] == pytest.approx(3 / 5)
    assert rows["*", "school"]["people_ambiguous"] == 600.0
    assert rows["*", "clinic"]["stands_for_basis"] == "population_60plus"
    assert rows["*", "clinic"]["deciding_basis"] == "population"


def test_beyond_the_search_is_a_word_not_a_number(rows) -> None:
    # In the east homes are 500 and 700 m from the market; the search ends at 600 m.
    east = rows["c-2", "market"]
    assert (east["walk_median_m"], east["walk_p95_m"], east["walk_mean_m"]) == (None, None, None)
    assert east["walk_max_m"] is None
    assert "600" in east["walk_note_en"]
    assert "95th percentile" in east["walk_note_en"]
    assert "第95百分位" in east["walk_note_zh"]
    assert rows["c-1", "market"]["walk_note_en"] == ""


def test_what_is_not_walked_has_no_figures(rows) -> None:
    pipes = rows["c-1", "pipes"]
    assert pipes["verdict"] == "not_assessed"
    assert pipes["coverage_verdict"] == "not_assessed"
    for column in ("share", "target", "people", "threshold_m", "walk_max_m"):
        assert pipes[column] is None


def test_rows_have_the_stated_columns_in_order(study) -> None:
    for row in assessment_rows(study):
        assert tuple(row) == ASSESSMENT_COLUMNS
    assert len(assessment_rows(study)) == 3 * 4


def test_nothing_is_nan_or_infinite(study, document) -> None:
    for whole in (document, assessment_rows(study), gap_collection(study)):
        json.dumps(whole, allow_nan=False)
        assert not [one for one in leaves(whole) if isinstance(one, float) and not np.isfinite(one)]


def test_gap_features_are_wgs84_anticlockwise_and_ranked(study) -> None:
    features = gap_collection(study)["features"]
    assert [one["properties"]["rank"] for one in features] == list(range(1, len(features) + 1))
    people = [one["properties"]["people"] for one in features]
    assert people == sorted(people, reverse=True)
    for feature in features:
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert shapely.is_valid(shape)
        assert 106.6 < shapely.get_coordinates(shape)[:, 0].min() < 106.7
        assert 26.6 < shapely.get_coordinates(shape)[:, 1].min() < 26.8
        for part in shapely.get_parts(shape):
            assert shapely.is_ccw(part.exterior)


def test_the_digest_is_the_same_twice_and_tells_changes(study, document) -> None:
    again = study_document(small_study())
    assert again == document
    renamed = study_document(small_study(circle_name="别的圈"))
    wheelchair = study_document(small_study(StudyParameters(walker="wheelchair")))
    digests = {document["digest"], renamed["digest"], wheelchair["digest"]}
    assert len(digests) == 3
    assert renamed["array_digests"]["reach"] == document["array_digests"]["reach"]
    assert renamed["array_digests"]["circles"] != document["array_digests"]["circles"]


def test_the_digest_sees_one_moved_home(study) -> None:
    inputs = small_inputs()
    xy_m = inputs.demand.xy_m.copy()
    xy_m[0, 0] += 0.001
    moved = analyse(replace(inputs, demand=replace(inputs.demand, xy_m=xy_m)), StudyParameters())
    first, second = study_document(study), study_document(moved)
    assert first["digest"] != second["digest"]
    assert first["array_digests"]["network"] == second["array_digests"]["network"]
    assert first["array_digests"]["demand"] != second["array_digests"]["demand"]


def test_the_digest_covers_the_document_and_the_rows(study, document) -> None:
    body = {name: part for name, part in document.items() if name != "digest"}
    rows = assessment_rows(study)
    assert study_digest(body, rows, study) == document["digest"]
    assert study_digest({**body, "title": "x"}, rows, study) != document["digest"]
    assert study_digest(body, [{**rows[0], "share": 0.5}, *rows[1:]], study) != document["digest"]


def test_lone_surrogates_do_not_reach_the_document() -> None:
    document = study_document(small_study(circle_name="圈\ud800", shop_name="\udfff"))
    json.dumps(document, ensure_ascii=False).encode("utf-8")
    assert document["circles"][0]["name"] == "圈?"


def test_edge_of_data_is_told() -> None:
    inputs = replace(small_inputs(), data_area=shapely.box(-2000, -2000, 950, 3000))
    document = study_document(analyse(inputs, StudyParameters()))
    edge = document["edge_of_data"]
    # The home at x = 900 has 50 m to the edge and lacks all three walked elements.
    assert edge["affected"]
    assert edge["circles"] == ["c-2"]
    assert edge["verdicts_touched"] == 3
    assert "edge of data" in edge["text"]["en"].lower()
    assert "数据边缘" in edge["text"]["zh"]


def test_every_way_of_linking_has_a_phrase() -> None:
    for one in Link:
        assert f"outputs.link.{one.name.lower()}" in phrase_table()


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1 / 3, 0.333333), (float("inf"), None), (float("nan"), None), (-0.0, 0.0), (2, 2.0)],
)
def test_numbers(value, expected) -> None:
    assert number(value) == expected
    assert str(number(value)) == str(expected)


def test_plain_text_keeps_chinese_and_drops_surrogates() -> None:
    assert plain_text("龙泉苑 – café") == "龙泉苑 – café"
    assert plain_text("a\ud800b") == "a?b"

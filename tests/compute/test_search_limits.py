"""How far is looked: at least as far as the metrics ask, and no verdict of who lies beyond."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.documents.gaps import gap_collection
from analysis.documents.tables import assessment_rows
from analysis.reach.table import Criterion
from analysis.standard.profile import Element, ReachRule
from analysis.standard.recognition import read_beyond_m
from analysis.study import Study, StudyParameters, analyse
from analysis.testing.cities import plain_element
from service.maps.tables import elements_json
from tests.diagnosis_city import homes, inputs_of, metric, schools, standard_of, verdict_of

HOMES = [(450.0, 900.0), (1000.0, 100.0)]  # a school stands at 450 m: nobody walks, or 550 m


def near(*metrics: tuple[str, float]) -> Element:
    """A school within three minutes: a wheelchair at 0.8 m/s goes 144 m and is sought for 288 m."""
    return replace(
        plain_element("school", threshold_m=200.0),
        minutes=3.0,
        efficiency=tuple(metric(name, "le", high_m) for name, high_m in metrics),  # type: ignore[arg-type]
    )


def study(element: Element, criterion: Criterion) -> Study:
    given = inputs_of(homes(HOMES), schools([(450.0, None)]), element)
    return analyse(given, StudyParameters(criterion=criterion, walker="wheelchair"))


@pytest.mark.parametrize("criterion", ["metres", "minutes"])
def test_facilities_are_looked_for_as_far_as_a_target_in_metres(criterion: Criterion) -> None:
    plain, asked = (study(near(*one), criterion) for one in ((), (("walk_p95", 600.0),)))
    assert np.isinf(plain.reach.walk_m[1, 0])
    assert asked.reach.walk_m[1, 0] == pytest.approx(550.0)
    (figure,) = verdict_of(asked, "*").dimension("efficiency").figures
    assert (figure.value, figure.verdict) == (pytest.approx(550.0), "met")
    # Who is covered is decided by the threshold, however far is looked.
    assert np.array_equal(plain.reach.covered, asked.reach.covered)
    assert verdict_of(plain, "*").coverage.verdict == verdict_of(asked, "*").coverage.verdict


@pytest.mark.parametrize("criterion", ["metres", "minutes"])
@pytest.mark.parametrize(("high_m", "verdict"), [(500.0, "weak"), (540.0, "weak"), (560.0, "met")])
def test_p95_is_told_on_either_side_of_a_target_beyond_the_search(
    criterion: Criterion, high_m: float, verdict: str
) -> None:
    found = study(near(("walk_p95", high_m)), criterion)
    (figure,) = verdict_of(found, "*").dimension("efficiency").figures
    assert figure.verdict == verdict
    assert figure.least is (verdict == "weak")
    if figure.least:
        assert figure.value == pytest.approx(high_m, abs=0.01)


@pytest.mark.parametrize("criterion", ["metres", "minutes"])
def test_a_mean_that_leaves_the_farthest_out_is_open_in_both_measures(criterion: Criterion) -> None:
    # 0.9 × 0 m + 0.1 × 550 m = 55 m, of which nobody knows when the search ends before 550 m.
    for high_m, verdict in ((100.0, "not_assessed"), (20.0, "weak")):
        (figure,) = (
            verdict_of(study(near(("walk_mean", high_m)), criterion), "*")
            .dimension("efficiency")
            .figures
        )
        assert figure.verdict == verdict
        assert figure.least
        assert 20.0 < figure.value < 55.0


def test_every_text_names_the_limit_that_was_searched() -> None:
    element = near(("walk_p95", 540.0))
    found = study(element, "metres")
    assert found.reach.search.tolist() == [540.0]
    (row,) = (one for one in assessment_rows(found) if one["circle_id"] == "*")
    told = "540 m"
    assert told in str(row["reason_coverage_en"])
    assert told in str(row["walk_note_en"])
    gap = gap_collection(found)["features"][0]["properties"]  # type: ignore[index]
    assert (gap["search_m"], gap["search_s"]) == (540.0, None)
    assert told in gap["walk_note_en"]
    assert [one["limit"] for one in elements_json(found)] == [540.0]


def test_small_tiers_are_looked_for_as_far_as_large_ones_are_asked() -> None:
    tiers = (
        ReachRule(element_id="school", threshold_m=100.0, below_area_m2=10.0),
        ReachRule(element_id="school", threshold_m=300.0, min_area_m2=10.0),
    )
    element = replace(near(("walk_p95", 560.0)), reach_rules=tiers)
    (figure,) = verdict_of(study(element, "metres"), "*").dimension("efficiency").figures
    assert (figure.value, figure.verdict) == (pytest.approx(550.0), "met")


def test_a_place_is_read_as_far_around_as_metrics_ask() -> None:
    few, many = (standard_of(near(("walk_p95", one))) for one in (100.0, 5000.0))
    assert read_beyond_m(few, on_slopes=False) < 5000.0
    assert read_beyond_m(many, on_slopes=False) == 5000.0
    assert read_beyond_m(many, on_slopes=True) > 5000.0

"""Capacities far outside the usual are told and left as they are; figures at a range's ends."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.capacity.unusual import unusual_notices
from analysis.judgement.judged import Judged, Surroundings
from analysis.judgement.quality import judge_quality
from analysis.judgement.rates import _is_final
from analysis.places.facilities import build_facilities
from analysis.sources.standards import read_standard
from analysis.standard.rules import Target
from tests.diagnosis_city import (
    facility,
    homes,
    scale_rule,
    school,
    schools,
    standard_of,
    study_of,
    verdict_of,
)

USUAL = school(scale=scale_rule(typical=(810.0, 1620.0)))


def told(*stated: str | None):  # noqa: ANN201
    found = unusual_notices(standard_of(USUAL), schools([(100.0, one) for one in stated]))
    return found[0] if found else None


@pytest.mark.parametrize(
    ("stated", "unusual"),
    [("81", False), ("80.9", True), ("16200", False), ("16201", True), ("0", True), (None, False),
     ("many", False), ("1,000", False)],
)  # fmt: skip
def test_a_tenth_and_ten_times_the_usual_are_the_ends(stated: str | None, *, unusual: bool) -> None:
    assert (told(stated) is not None) is unusual


def test_file_row_value_and_range_are_named() -> None:
    found = told("900", "90000", "3")
    assert found is not None
    assert found.severity == "warning"
    assert found.subjects == ("test:0001", "test:0002")
    for text in (found.text.text("en"), found.text.text("zh")):
        assert "test:0001" in text
        assert "90,000" in text
        assert "810" in text
        assert "1,620" in text
    five = told("1", "2", "3", "4", "5")
    assert five is not None
    assert "2 more" in five.text.text("en")
    assert five.count == 5


def test_nothing_is_changed_and_the_study_tells() -> None:
    study = study_of(homes([(0.0, 100.0)]), schools([(100.0, "90000")]), USUAL)
    assert [one.code for one in study.notices if one.code == "capacity.unusual"]
    assert verdict_of(study, "A").dimension("scale").figures[0].value == pytest.approx(900_000)


def test_without_a_usual_size_nothing_is_unusual() -> None:
    assert unusual_notices(standard_of(school()), schools([(0.0, "1e9")])) == ()


@pytest.mark.parametrize(
    ("op", "low", "high", "amount", "final"),
    [
        ("between", 2.0, 4.0, 1.0, False),  # more could bring it in
        ("between", 2.0, 4.0, 3.0, False),  # more could take it out
        ("between", 2.0, 4.0, 5.0, True),
        ("ge", 2.0, float("inf"), 1.0, False),
        ("ge", 2.0, float("inf"), 2.0, True),
        ("le", float("-inf"), 4.0, 3.0, False),
        ("le", float("-inf"), 4.0, 5.0, True),
    ],
)
def test_what_more_of_it_could_not_change(
    op: str, low: float, high: float, amount: float, *, final: bool
) -> None:
    target = Target(op=op, low=low, high=high, source="", confidence="default")  # type: ignore[arg-type]
    assert _is_final(target, amount) is final


def test_a_range_of_the_norm_shows_both_ends_and_judges_the_lower() -> None:
    element = school(scale=replace(scale_rule(300.0), upper=500.0))
    study = study_of(homes([(0.0, 100.0)]), schools([(100.0, "31")]), element)
    scale = verdict_of(study, "A").dimension("scale")
    assert scale.verdict == "met"
    assert "300–500" in scale.reason.text("en")
    for language in ("zh", "en"):
        assert "300–500" in scale.figures[0].basis.text(language)
    plain = verdict_of(study_of(homes([(0.0, 100.0)]), schools([(100.0, "31")])), "A")
    assert "–" not in plain.dimension("scale").figures[0].basis.text("en")


def test_too_few_and_too_little_are_both_told() -> None:
    # 100 residents need 30 seats; a school of 12 stands beyond the border, none inside.
    element = school(scale=scale_rule(at_least=1))
    found = verdict_of(study_of(homes([(0.0, 100.0)]), schools([(460.0, "12")]), element), "A")
    scale = found.dimension("scale")
    assert scale.verdict == "short"
    assert scale.lacking == pytest.approx(18.0)
    assert scale.brief is not None
    for text in (scale.brief.text("zh"), scale.reason.text("zh")):
        assert "圈内不足 1 处" in text
        assert "18" in text
    unknown = study_of(homes([(0.0, 100.0)]), schools([(460.0, None)]), element)
    open_ = verdict_of(unknown, "A").dimension("scale")
    assert open_.verdict == "short"
    assert open_.lacking == 0.0  # nobody knows how much the school holds
    assert "capacity" in open_.reason.text("en")


def test_a_stand_in_serves_reach_and_brings_no_capacity() -> None:
    station = school(
        rules=(
            *school().reach_rules,
            replace(school().reach_rules[0], element_id="center", threshold_m=300.0),
        )
    )
    center = replace(
        school(rules=(replace(school().reach_rules[0], element_id="center"),)), id="center"
    )
    both = build_facilities(
        [
            facility(900.0, {"capacity": "12"}),
            facility(100.0, {"capacity": "500"}, element_id="center", number=1),
        ]
    )
    study = study_of(homes([(0.0, 100.0), (900.0, 100.0)]), both, station, center)
    west = verdict_of(study, "A")
    assert west.coverage.verdict == "met"  # by the centre alone
    scale = west.dimension("scale")
    assert scale.verdict == "short"
    assert scale.figures[0].value == 0.0
    assert "1 facility of another element stands in" in scale.figures[0].basis.text("en")
    assert "此处不计" in scale.figures[0].basis.text("zh")
    assert verdict_of(study, "A", "center").dimension("scale").verdict == "met"
    # Nothing stands in for the centre, and nothing stands in in the east.
    for circle, element in (("A", "center"), ("B", "school")):
        basis = verdict_of(study, circle, element).dimension("scale").figures[0].basis
        assert "stand" not in basis.text("en")


def test_what_needs_a_plan_or_a_second_study_says_so() -> None:
    standard = read_standard("living_circle_25")
    for element in ("old_community_renovation", "back_street_renewal"):
        rules = [
            one for one in standard.element(element).efficiency
            if one.metric.measure == "reported" and one.metric.attribute is None
        ]  # fmt: skip
        assert rules
        judged = Judged(
            facilities=schools([(0.0, "9")]), rows=np.zeros(1, dtype=np.int32), inside=True
        )
        found = judge_quality(rules, judged=judged, values={}, surroundings=Surroundings())
        for figure in found.figures:
            assert figure.verdict == "not_assessed"
            assert figure.why_not is not None
            assert "a second study after the works" in figure.why_not.text("en")
            assert "改造计划" in figure.why_not.text("zh")

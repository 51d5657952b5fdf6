"""One sentence for each element in a circle, as a planner pastes it."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.judgement.coverage_verdict import share_verdict, shown_share
from analysis.messages import LANGUAGES
from analysis.places.facilities import build_facilities
from analysis.standard.profile import CoverageTarget
from analysis.standard.rules import Sourced
from analysis.study import StudyParameters, analyse
from analysis.testing.cities import plain_element
from analysis.testing.studies import small_study
from tests.diagnosis_city import homes, inputs_of, scale_rule, school, schools, study_of, verdict_of


def sentence(study, circle: str = "*", element: str = "school") -> tuple[str, str]:  # noqa: ANN001
    said = verdict_of(study, circle, element).sentence
    return said.text("zh"), said.text("en")


def test_the_sentence_of_a_school_that_is_too_small_and_too_far() -> None:
    # 713 of 1,000 residents within 500 m; 300 seats are asked for, 20 are there.
    town = homes([(100.0, 713.0), (700.0, 287.0)])
    element = replace(school(), efficiency=())
    zh, en = sentence(study_of(town, schools([(100.0, "20")]), element))
    assert zh == "小学：覆盖率 71.3%（目标 90%）；缺 280 个学位；最远 600 米。"
    assert en == (
        "school: covers 71.3% of residents (target 90%); 280 seats short; farthest 600 m."
    )


def test_enough_seats_are_said_and_a_weak_figure_too() -> None:
    town = homes([(0.0, 100.0), (450.0, 900.0)])
    zh, en = sentence(study_of(town, schools([(0.0, "300")])))
    assert zh == (
        "小学：覆盖率 100.0%（目标 90%）；规模满足（现有 300 个学位，需 300）；"
        "指标walk_mean 405 米（目标 ≤ 400 米）；最远 450 米。"
    )
    assert "walk_mean 405 m (target ≤ 400 m)" in en
    assert "detour" not in en  # what is met is left out


def test_residents_beyond_the_search_are_counted_instead_of_a_farthest_walk() -> None:
    town = homes([(0.0, 1000.0), (1000.0, 33.0)])
    element = replace(school(threshold_m=300.0), scale=None, efficiency=())
    zh, en = sentence(study_of(town, schools([(0.0, None)]), element))
    assert zh == "小学：覆盖率 96.8%（目标 90%）；33 人在 600 米内无此类设施。"
    assert en.endswith("33 residents have none within 600 m.")


def test_minutes_are_said_under_minutes() -> None:
    town = homes([(0.0, 100.0), (360.0, 900.0)])
    inputs = inputs_of(town, schools([(0.0, "300")]))
    study = analyse(inputs, StudyParameters(criterion="minutes"))
    zh, en = sentence(study)
    assert zh.endswith("最远 5 分钟。")  # 360 m at 1.2 m/s
    assert en.endswith("farthest 5 min.")


def test_what_is_not_assessed_is_left_out_but_never_silently_all_of_it() -> None:
    zh, en = sentence(study_of(homes([(0.0, 100.0)]), schools([(0.0, None)])))
    assert zh == "小学：覆盖率 100.0%（目标 90%）；最远 0 米。"
    nothing = study_of(homes([(0.0, 100.0)]), build_facilities([]), school(), services=0)
    zh, en = sentence(nothing)
    assert zh.startswith("小学：未评价。")
    assert en.startswith("school: not assessed. ")
    assert "--facilities" in zh
    assert "--facilities" in en


def test_a_share_below_the_target_does_not_read_like_it() -> None:
    town = homes([(0.0, 8996.0), (900.0, 1004.0)])
    element = replace(school(), scale=None, efficiency=())
    zh, _ = sentence(study_of(town, schools([(0.0, None)]), element))
    assert zh.startswith("小学：覆盖率 89.9%（目标 90%）")


def test_every_sentence_of_a_study_reads_in_both_languages() -> None:
    for study in (small_study(), small_study(StudyParameters(criterion="minutes"))):
        for row in study.assessment.rows:
            for language in LANGUAGES:
                text = row.sentence.text(language)
                assert not re.search(r"[{}]|\bnan\b|\binf\b", text), text
                assert text.endswith("。" if language == "zh" else "."), text
                for one in row.dimensions:
                    assert not re.search(r"[{}]|\bnan\b|\binf\b", one.reason.text(language))


@pytest.mark.parametrize(
    "basis", ["population", "population_60plus", "buildings", "residential_land"]
)
def test_each_basis_of_coverage_has_its_words(basis: str) -> None:
    town = homes([(0.0, 100.0), (900.0, 100.0)])
    town = replace(
        town,
        groups={"population_60plus": np.array([30.0, 10.0])},
        land_m2=np.array([300.0, 100.0]) if basis == "residential_land" else town.land_m2,
    )
    element = plain_element("school", basis=(basis,))
    zh, en = sentence(study_of(town, schools([(0.0, None)]), element))
    assert ("75.0%" if basis in ("population_60plus", "residential_land") else "50.0%") in zh
    assert "target 90%" in en


def target(target_: float, acceptable: float) -> CoverageTarget:
    one, other = (
        Sourced(value=value, source="DEFAULT", confidence="default")
        for value in (target_, acceptable)
    )
    return CoverageTarget(basis=("population",), target=one, acceptable=other)


@given(
    share=st.floats(0.0, 1.0),
    bound=st.integers(1, 100),
    below=st.integers(0, 50),
    near=st.booleans(),
)
def test_a_printed_share_is_judged_as_the_share_is(
    share: float, bound: int, below: int, *, near: bool
) -> None:
    aim = target(bound / 100, max(bound - below, 0) / 100)
    if near:
        share = max(bound / 100 - share * 1e-3, 0.0)
    shown = shown_share(share, aim)
    assert share_verdict(shown, aim) == share_verdict(share, aim)
    assert abs(shown - share) <= 0.001
    assert f"{shown:.1%}" == f"{round(shown * 1000) / 10:.1f}%"


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.integers(1, 100), st.integers(0, 50))
def test_more_coverage_is_never_judged_worse(
    one: float, other: float, bound: int, below: int
) -> None:
    aim = target(bound / 100, max(bound - below, 0) / 100)
    rank = {"short": 0, "weak": 1, "met": 2}
    low, high = sorted((one, other))
    assert rank[share_verdict(low, aim)] <= rank[share_verdict(high, aim)]


@pytest.mark.parametrize(
    ("share", "verdict"),
    [(0.9, "met"), (0.3 + 0.3 + 0.3, "met"), (0.899, "weak"), (0.8, "weak"), (0.799, "short")],
)
def test_exactly_the_target_is_met(share: float, verdict: str) -> None:
    assert share_verdict(share, target(0.9, 0.8)) == verdict


def test_a_norm_of_shops_reads_in_parts_of_one() -> None:
    town = homes([(0.0, 1000.0), (450.0, 2000.0)])
    rule = scale_rule(0.5, each=1.0, unit="shop")
    study = study_of(town, schools([(225.0, None)]), replace(school(scale=rule), efficiency=()))
    assert "缺 1 家" in sentence(study, "A")[0]

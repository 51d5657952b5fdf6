"""Figures against targets: what is met, and what is printed of it."""

import math
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.messages import LANGUAGES, Joined, message
from analysis.sources.standards import packaged_standards, read_standard
from analysis.standard.figures import (
    Answer,
    Known,
    Unknown,
    figure_of,
    judge_figures,
    plain_number,
    said,
    target_text,
    written,
)
from analysis.standard.rules import MetricRule, Target
from tests.diagnosis_city import metric

UNITS = ("share", "grade", "m", "m2", "ratio", "h", "min", "pupil", "count", "yes_no", "space", "x")
BASIS = message("figures.nothing")


def at_most(high: float) -> Target:
    return Target(op="le", source="S", confidence="default", high=high)


def at_least(low: float) -> Target:
    return Target(op="ge", source="S", confidence="default", low=low)


def known(value: float, **more: object) -> Known:
    return Known(value=value, known_share=1.0, basis=BASIS, **more)  # type: ignore[arg-type]


def printed(text: str) -> float:
    """Return the number in a text, shares as shares."""
    found = re.search(r"-?[\d,]+(?:\.\d+)?", text)
    assert found is not None, text
    number = float(found.group().replace(",", ""))
    return number / 100.0 if "%" in text else number


# Targets.


def test_bounds_are_inclusive_and_rounding_of_sums_is_forgiven() -> None:
    assert at_most(400.0).holds(400.0) is True
    assert at_most(400.0).holds(400.001) is False
    assert at_least(0.9).holds(0.1 * 9) is True
    assert at_least(0.9).holds(0.3 + 0.3 + 0.3) is True  # 0.8999999999999999
    assert at_most(0.3).holds(0.1 + 0.2) is True  # 0.30000000000000004
    assert at_least(0.9).holds(0.8999) is False
    between = Target(op="between", source="S", confidence="default", low=0.7, high=1.0)
    assert [between.holds(one) for one in (0.69, 0.7, 1.0, 1.01)] == [False, True, True, False]
    yes = Target(op="eq", source="S", confidence="default", low=1.0, high=1.0)
    assert [yes.holds(one) for one in (0.0, 0.99, 1.0)] == [False, False, True]


@pytest.mark.parametrize("op", ["le", "ge", "between", "eq"])
def test_not_a_number_holds_no_target_and_breaks_none(op: str) -> None:
    target = Target(op=op, source="S", confidence="default", low=0.0, high=1.0)  # type: ignore[arg-type]
    assert target.holds(math.nan) is None


def test_no_finite_bound_holds_infinity() -> None:
    assert at_most(1e300).holds(math.inf) is False
    assert at_least(-1e300).holds(-math.inf) is False


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("op", ["le", "ge", "eq"])
def test_a_value_that_is_not_finite_never_meets(value: float, op: str) -> None:
    rule = metric("walk_mean", op, 400.0)
    figure = figure_of(rule, known(value))
    assert figure.verdict != "met"
    if figure.verdict == "not_assessed":
        assert figure.why_not is not None
        assert all(figure.why_not.text(one) for one in LANGUAGES)
    assert judge_figures("efficiency", [rule], lambda _: known(value)).verdict != "met"


def test_a_walk_beyond_the_search_is_weak_and_nan_is_open() -> None:
    rule = metric("walk_p95", "le", 600.0)
    assert figure_of(rule, known(math.inf)).verdict == "weak"
    assert figure_of(rule, known(math.nan)).verdict == "not_assessed"


# Judging.


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ((300.0, 300.0), "met"),
        ((300.0, 500.0), "weak"),
        ((500.0, None), "weak"),
        ((300.0, None), "met"),
        ((None, None), "not_assessed"),
    ],
)
def test_one_figure_short_of_its_target_makes_the_dimension_weak(
    values: tuple[float | None, ...], verdict: str
) -> None:
    rules = [metric("walk_mean", "le", 400.0, metric_id=f"m{i}") for i in range(len(values))]
    answers: dict[str, Answer] = {
        rule.metric.id: Unknown(why_not=message("efficiency.nobody")) if one is None else known(one)
        for rule, one in zip(rules, values, strict=True)
    }
    found = judge_figures("efficiency", rules, lambda rule: answers[rule.metric.id])
    assert found.verdict == verdict
    assert [one.metric for one in found.figures] == ["m0", "m1"]
    unknown = [one for one in found.figures if one.verdict == "not_assessed"]
    assert len(unknown) == values.count(None)
    assert all(math.isnan(one.value) and one.known_share == 0.0 for one in unknown)


def test_what_is_only_shown_decides_nothing() -> None:
    rule = metric("walk_mean", "le", 400.0)
    shown = known(900.0, judged=False, note=message("efficiency.nobody"))
    found = judge_figures("efficiency", [rule], lambda _: shown)
    assert found.verdict == "not_assessed"
    assert found.figures[0].value == 900.0
    assert found.reason == message("efficiency.nobody")
    text = MetricRule(
        metric=rule.metric, target=Target(op="text", source="S", confidence="default", text="看")
    )
    assert figure_of(text, known(0.0)).verdict == "not_assessed"


def test_reasons_of_an_open_dimension_stand_once_each_in_order() -> None:
    columns = Joined(("a", "b"))
    asked = message("efficiency.capacity_unknown", facilities=2, unknown=2, columns=columns)
    again = message("efficiency.capacity_unknown", facilities=2, unknown=2, columns=columns)
    other = message("efficiency.capacity_unknown", facilities=3, unknown=2, columns=columns)
    why = iter([asked, again, other])
    rules = [metric("walk_mean", "le", 1.0, metric_id=f"m{i}") for i in range(3)]
    found = judge_figures("efficiency", rules, lambda _: Unknown(why_not=next(why)))
    assert found.reason == message("figures.none", why=Joined((asked, other)))
    assert judge_figures("quality", [], lambda _: known(1.0)).reason.key == "figures.no_metric"


def test_a_weak_dimension_names_what_is_weak_and_how_much_was_assessed() -> None:
    rules = [
        metric("walk_mean", "le", 400.0),
        metric("detour", "le", 1.4, unit="ratio"),
        metric("unserved", "le", 0.1, unit="share"),
    ]
    answers: dict[str, Answer] = {
        "walk_mean": known(312.0),
        "detour": known(1.62, estimated=True),
        "unserved": Unknown(why_not=message("efficiency.nobody")),
    }
    found = judge_figures("efficiency", rules, lambda rule: answers[rule.metric.id])
    assert found.reason.text("zh") == (
        "指标detour 1.62（目标 ≤ 1.40，估算）（3 项指标中评价了 2 项）。"
    )
    assert found.reason.text("en") == (
        "detour 1.62 (target ≤ 1.40, estimate) (2 of 3 metrics assessed)."
    )
    assert found.brief is not None
    assert found.brief.text("zh") == "指标detour 1.62（目标 ≤ 1.40，估算）"


# Printing.


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (0.713, "share", "71.3%", "71.3%"),
        (0.05, "grade", "5.0%", "5.0%"),
        (1240.2, "m", "1,240 米", "1,240 m"),
        (33.0, "m2", "33 平方米", "33 m²"),
        (1.4, "ratio", "1.40", "1.40"),
        (42.0, "h", "42 小时", "42 h"),
        (7.5, "h", "7.5 小时", "7.5 h"),
        (10.0, "min", "10 分钟", "10 min"),
        (45.0, "pupil", "45 名学生", "45 pupils"),
        (12345.0, "count", "12,345", "12,345"),
        (1.0, "yes_no", "是", "yes"),
        (0.0, "yes_no", "否", "no"),
        (12345.6, "space", "12,346", "12,346"),
        (0.33333, "port", "0.3333", "0.3333"),
        (math.inf, "m", "超出搜索范围", "beyond the search"),
        (math.nan, "m", "未知", "unknown"),
    ],
)
def test_values_are_written_in_their_unit(value: float, unit: str, zh: str, en: str) -> None:
    assert (written(value, unit).text("zh"), written(value, unit).text("en")) == (zh, en)


@pytest.mark.parametrize(
    ("value", "target", "unit", "en"),
    [
        (0.8996, at_least(0.9), "share", "89.96%"),
        (0.89999, at_least(0.9), "share", "89.999%"),
        (0.9, at_least(0.9), "share", "90.0%"),
        (0.1004, at_most(0.1), "share", "10.04%"),
        (400.3, at_most(400.0), "m", "400.3 m"),
        (400.0, at_most(400.0), "m", "400 m"),
        (1.4001, at_most(1.4), "ratio", "1.4001"),
        (5.96, at_least(6.0), "count", "5.96"),
        (0.66698, at_least(0.667), "share", "66.698%"),
    ],
)
def test_a_value_short_of_its_target_is_never_printed_as_the_target(
    value: float, target: Target, unit: str, en: str
) -> None:
    assert written(value, unit, target).text("en") == en


@given(
    value=st.floats(min_value=0.0, max_value=1e6),
    bound=st.one_of(
        st.floats(min_value=0.0, max_value=1e6),
        st.sampled_from([0.1, 0.667, 0.9, 1.0, 1.4, 45.0, 400.0]),
    ),
    near=st.booleans(),
    unit=st.sampled_from(UNITS),
    op=st.sampled_from(["le", "ge"]),
)
def test_the_printed_number_stands_where_the_value_does(
    value: float, bound: float, *, near: bool, unit: str, op: str
) -> None:
    if near:
        value = bound * (1.0 + (value / 1e6 - 0.5) * 1e-3)
    target = at_most(bound) if op == "le" else at_least(bound)
    if abs(value - bound) < 1e-7:
        return  # below what twelve decimals tell
    for language in LANGUAGES:
        text = written(value, unit, target).text(language)
        if unit == "yes_no" and value in (0.0, 1.0):
            continue
        assert target.holds(printed(text)) is target.holds(value), text


@given(value=st.floats(min_value=1e-6, max_value=1e9))
def test_a_plain_number_has_four_true_digits_and_no_exponent(value: float) -> None:
    text = plain_number(value)
    assert "e" not in text
    off = abs(Fraction(text.replace(",", "")) - Fraction(value))
    assert off <= Fraction(value) / 1000


@given(
    value=st.one_of(
        st.floats(min_value=0.0, max_value=1e9), st.sampled_from([math.inf, -math.inf, math.nan])
    ),
    bound=st.floats(min_value=0.0, max_value=1e6),
    op=st.sampled_from(["le", "ge", "eq"]),
    unit=st.sampled_from(UNITS),
    estimated=st.booleans(),
)
def test_every_kind_of_figure_can_be_said_in_both_languages(
    value: float, bound: float, op: str, unit: str, *, estimated: bool
) -> None:
    rule = metric("walk_mean", op, bound, unit=unit)
    figure = figure_of(rule, known(value, estimated=estimated))
    for language in LANGUAGES:
        text = said(rule, figure).text(language)
        assert not re.search(r"[{}]|\bnan\b|\binf\b|\de[+-]?\d", text), text


@pytest.mark.parametrize("name", sorted(packaged_standards()))
def test_every_target_of_the_packaged_standards_is_written_in_full(name: str) -> None:
    rules = [
        rule
        for element in read_standard(name).elements
        for rule in (*element.efficiency, *element.quality)
    ]
    assert len(rules) > 50
    for rule in rules:
        target, unit = rule.target, rule.metric.unit
        for language in LANGUAGES:
            text = target_text(target, unit).text(language)
            assert not re.search(r"[{}]|\bnan\b|\binf\b|搜索|search", text), text
            bound = target.high if target.op == "le" else target.low
            if target.op != "text":
                assert printed(text) == pytest.approx(bound, abs=1e-9), (rule.metric.id, text)

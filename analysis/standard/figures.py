"""Figures: what was measured, held against the standard's target, and said in a sentence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, isfinite, isinf, isnan, log10
from typing import Final

from analysis.messages import Joined, Message, message
from analysis.standard.rules import MetricRule, Target
from analysis.standard.verdicts import Dimension, DimensionVerdict, Figure, Verdict

# How a value is written, by its unit: times what, and with how many decimals at least. What is not
# listed is a plain number of four digits.
_WRITTEN: Final = {
    "share": (100.0, 1), "grade": (100.0, 1), "yes_no": (100.0, 0), "m": (1.0, 0), "m2": (1.0, 0),
    "ratio": (1.0, 2), "h": (1.0, 1), "min": (1.0, 1), "pupil": (1.0, 1), "count": (1.0, 1),
}  # fmt: skip
_BARE: Final = ("h", "min", "m2", "pupil", "count", "plain")  # without zeros behind the point
_DIGITS: Final = 4  # of a plain number
_DECIMALS: Final = 12  # more than any target asks for


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A figure that could be worked out.

    `known_share` of what it is about is known, 0…1; `basis` is its denominator in words. `note` is
    what a reader has to know with it. Where `judged` is False it is only shown; `note` says why.
    Where `least` is True it is more than `value`, and nobody can tell how much.
    """

    value: float
    known_share: float
    basis: Message
    estimated: bool = False
    judged: bool = True
    least: bool = False
    note: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A figure that could not be worked out, and what would settle it."""

    why_not: Message


Answer = Known | Unknown


def judge_figures(
    dimension: Dimension, rules: Sequence[MetricRule], answer: Callable[[MetricRule], Answer]
) -> DimensionVerdict:
    """Judge a dimension by its metrics.

    Each metric is met at its target, else weak. The dimension is met where every assessed metric
    is, weak where one is not, and not assessed where none could be; what is only reported decides
    nothing.
    """
    found = [(rule, figure_of(rule, answer(rule))) for rule in rules]
    figures = tuple(figure for _, figure in found)
    judged = [(rule, figure) for rule, figure in found if figure.verdict != "not_assessed"]
    if not judged:
        return DimensionVerdict(
            dimension=dimension, verdict="not_assessed", reason=_why_not(figures), figures=figures
        )
    weak = [pair for pair in judged if pair[1].verdict == "weak"]
    verdict: Verdict = "weak" if weak else "met"
    parts = tuple(said(rule, figure) for rule, figure in (weak or judged))
    return DimensionVerdict(
        dimension=dimension,
        verdict=verdict,
        reason=message(
            "figures.said", parts=Joined(parts), judged=len(judged), metrics=len(figures)
        ),
        figures=figures,
        brief=message("figures.brief", parts=Joined(parts)),
    )


def figure_of(rule: MetricRule, answer: Answer) -> Figure:
    """Return an answer as a figure, held against its target."""
    metric, target = rule.metric, rule.target
    if isinstance(answer, Unknown):
        return Figure(
            metric=metric.id, value=float("nan"), unit=metric.unit, target=target,
            verdict="not_assessed", known_share=0.0, basis=message("figures.nothing"),
            source=target.source, confidence=target.confidence, why_not=answer.why_not,
        )  # fmt: skip
    # What may as well be infinite is judged as if it were.
    asked = float("inf") if answer.least else answer.value
    holds = target.holds(asked) if answer.judged else None
    note = answer.note
    if holds is not False and not isfinite(answer.value):
        # Neither *not a number* nor *beyond the search* is ever a pass.
        holds, note = None, note or message("figures.no_value", name=metric.name)
    verdict: Verdict = "not_assessed" if holds is None else "met" if holds else "weak"
    return Figure(
        metric=metric.id, value=answer.value, unit=metric.unit, target=target, verdict=verdict,
        known_share=answer.known_share, basis=answer.basis, source=target.source,
        confidence=target.confidence, estimated=answer.estimated, least=answer.least, why_not=note,
    )  # fmt: skip


def said(rule: MetricRule, figure: Figure) -> Message:
    """Return a clause such as *mean walk 312 m (target ≤ 400 m)*."""
    return message(
        "figure.estimated" if figure.estimated else "figure.plain",
        name=rule.metric.name,
        value=value_text(figure),
        target=target_text(rule.target, figure.unit),
    )


def value_text(figure: Figure) -> Message:
    """Return a figure's value with its unit; one that is the least it can be is rounded down."""
    if figure.least:
        least = floor(figure.value) if isfinite(figure.value) else figure.value
        return message("value.over", value=written(least, figure.unit))
    return written(figure.value, figure.unit, figure.target)


def written(value: float, unit: str, target: Target | None = None) -> Message:
    """Return a value with its unit, in words.

    With a `target`, as many decimals are given as it takes to show on which side of it the value
    lies: 89.96 % is never printed as 90.0 % of 90 %.
    """
    if isnan(value):
        return message("value.unknown")
    if isinf(value):
        return message("value.beyond")
    if unit == "yes_no" and value in (0.0, 1.0):
        return message("value.yes" if value else "value.no")
    form = unit if unit in _WRITTEN else "plain"
    factor, least = _WRITTEN.get(form, (1.0, _decimals(value, _DIGITS)))
    text = _text(value, factor, least, target)
    return message(f"value.{form}", value=_bare(text) if form in _BARE else text)


def target_text(target: Target, unit: str) -> Message:
    """Return a target with its sign, such as *≤ 400 m*; its numbers are written out in full."""
    if target.op == "text":
        return message("target.text", text=target.text)
    low, high = (
        written(one, unit, Target(op="eq", source="", confidence="default", low=one, high=one))
        for one in (target.low, target.high)
    )
    return message(f"target.{target.op}", low=low, high=high)


def plain_number(value: float, target: Target | None = None, *, digits: int = _DIGITS) -> str:
    """Return a number of at least so many digits, without exponent and without idle zeros.

    With a `target`, as many as it takes to show on which side of it the value lies.
    """
    if not isfinite(value):
        return str(value)
    return _bare(_text(value, 1.0, _decimals(value, digits), target))


def _text(value: float, factor: float, decimals: int, target: Target | None) -> str:
    holds = None if target is None else target.holds(value)
    while decimals < _DECIMALS and holds is not None:
        if target is None or target.holds(round(value * factor, decimals) / factor) is holds:
            break
        decimals += 1
    return f"{round(value * factor, decimals) + 0.0:,.{decimals}f}"


def _decimals(value: float, digits: int) -> int:
    """Return how many decimals give a number so many digits."""
    if not isfinite(value) or value == 0:
        return 0
    return min(max(digits - 1 - floor(log10(abs(value))), 0), _DECIMALS)


def _bare(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _why_not(figures: Sequence[Figure]) -> Message:
    reasons: list[Message] = []  # each once; messages cannot be hashed
    for one in figures:
        if one.why_not is not None and one.why_not not in reasons:
            reasons.append(one.why_not)
    if not reasons:
        return message("figures.no_metric")
    return reasons[0] if len(reasons) == 1 else message("figures.none", why=Joined(tuple(reasons)))

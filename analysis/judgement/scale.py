"""Scale (规模): whether there is enough for those who use it.

Facilities whose size nobody states bound the answer, and a verdict is given only where both ends
give the same one.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from analysis.judgement.scale_figures import ScaleFigures
from analysis.messages import Message, Spoken, message
from analysis.places.scope import Scope
from analysis.standard.figures import plain_number
from analysis.standard.rules import CountRule, ScaleRule, Target
from analysis.standard.verdicts import DimensionVerdict, Figure, Verdict
from analysis.units import BoolArray

_ROUNDING: Final = 1e-9
_MEASURED: Final = ("m2", "m")  # units that are not counted one by one


def judge_scale(
    rule: ScaleRule, figures: ScaleFigures, *, columns: Spoken, count_holds: bool | None
) -> DimensionVerdict:
    """Judge a scope: met at the norm, weak from its `short_share`, short below.

    `columns` names what would settle an unknown size; `count_holds` tells whether the rule of the
    least number holds, None where it cannot be told or there is none.
    """
    target = Target(
        op="ge", low=rule.norm.value, source=rule.norm.source, confidence=rule.norm.confidence
    )
    if figures.need <= 0:
        return _open(rule, figures, target, message("scale.no_demand", basis=basis_name(rule)))
    low, high = (_verdict(rule, one / figures.need) for one in (figures.least, figures.most))
    if count_holds is False and rule.count_rule is not None:
        said = _reason(rule, figures) if low == high else _between(rule, figures, columns)
        return _too_few(rule, rule.count_rule, figures, target, said)
    if low != high:
        return _open(rule, figures, target, _between(rule, figures, columns))
    return DimensionVerdict(
        dimension="scale",
        verdict=low,
        reason=_reason(rule, figures),
        lacking=max(figures.need - figures.least, 0.0),
        figures=(_figure(rule, figures, target, low, None),),
        brief=_brief(rule, figures),
    )


def _too_few(
    rule: ScaleRule, count: CountRule, figures: ScaleFigures, target: Target, said: Message
) -> DimensionVerdict:
    """Return *short* for too few facilities, with what is said of their capacity beside it.

    Of capacity only what is proved is lacking: what the most that they can offer leaves open.
    """
    at_most = replace(figures, least=figures.most)
    lacking = max(figures.need - figures.most, 0.0)
    brief = message("scale.brief.count", at_least=count.at_least)
    if lacking > figures.need * _ROUNDING:
        brief = message("scale.brief.both", few=brief, lacking=_brief(rule, at_most))
    return DimensionVerdict(
        dimension="scale",
        verdict="short",
        reason=message("scale.count", at_least=count.at_least, said=said),
        lacking=lacking,
        figures=(_figure(rule, figures, target, "short", None),),
        brief=brief,
    )


def basis_name(rule: ScaleRule) -> Message:
    """Return what the norm counts by, in words."""
    return message(f"basis.{rule.basis}")


def unit_name(rule: ScaleRule) -> Message:
    """Return the unit of the scale, in words."""
    return message(f"unit.{rule.unit}")


def _verdict(rule: ScaleRule, ratio: float) -> Verdict:
    if ratio >= 1.0 - _ROUNDING:
        return "met"
    return "weak" if ratio >= rule.short_share - _ROUNDING else "short"


def _rate(rule: ScaleRule, figures: ScaleFigures, amount: float) -> float:
    """Return an amount in the terms of the norm: so many per so much of the basis."""
    if figures.basis_amount <= 0:
        return float("nan")
    return amount / figures.basis_amount * rule.per


def _figure(
    rule: ScaleRule,
    figures: ScaleFigures,
    target: Target,
    verdict: Verdict,
    why_not: Message | None,
) -> Figure:
    known = figures.facilities - figures.unknown
    basis = message(
        "scale.basis",
        facilities=figures.facilities,
        known=known,
        amount=plain_number(figures.basis_amount),
        basis=basis_name(rule),
    )
    if rule.upper is not None:
        basis = message("scale.basis.range", said=basis, norm=_norm(rule))
    if figures.standing_in:
        basis = message("scale.basis.standing_in", said=basis, count=figures.standing_in)
    return Figure(
        metric="scale",
        value=_rate(rule, figures, figures.supply) if known or not figures.unknown else np.nan,
        unit=rule.unit,
        target=target,
        verdict=verdict,
        known_share=known / figures.facilities if figures.facilities else 1.0,
        basis=basis,
        source=rule.norm.source,
        confidence=rule.norm.confidence,
        estimated=figures.estimated,
        why_not=why_not,
    )


def _open(
    rule: ScaleRule, figures: ScaleFigures, target: Target, why_not: Message
) -> DimensionVerdict:
    return DimensionVerdict(
        dimension="scale",
        verdict="not_assessed",
        reason=why_not,
        figures=(_figure(rule, figures, target, "not_assessed", why_not),),
    )


def _between(rule: ScaleRule, figures: ScaleFigures, columns: Spoken) -> Message:
    if figures.unknown == figures.facilities:
        return message("scale.unknown", facilities=figures.facilities, columns=columns)
    return message(
        "scale.partly_known",
        known=figures.facilities - figures.unknown,
        facilities=figures.facilities,
        supply=_told(figures.supply),
        need=_told(figures.need),
        unit=unit_name(rule),
        columns=columns,
    )


def _reason(rule: ScaleRule, figures: ScaleFigures) -> Message:
    key = "scale.enough" if figures.least >= figures.need * (1 - _ROUNDING) else "scale.lacking"
    return message(
        "scale.estimated" if figures.estimated else "scale.plain",
        said=message(
            key,
            unit=unit_name(rule),
            supply=_told(figures.least, figures.need),
            need=_told(figures.need),
            lacking=_lacking(rule, max(figures.need - figures.least, 0.0)),
            rate=plain_number(_rate(rule, figures, figures.least), _at_least(rule.norm.value)),
            norm=_norm(rule),
            per=message(f"per.{rule.basis}", per=rule.per),
        ),
    )


def _norm(rule: ScaleRule) -> str:
    """Return the norm; of a range both ends, of which the lower one is judged."""
    norm = plain_number(rule.norm.value)
    return norm if rule.upper is None else f"{norm}–{plain_number(rule.upper)}"


def _brief(rule: ScaleRule, figures: ScaleFigures) -> Message:
    lacking = figures.need - figures.least
    key = "lacking" if lacking > figures.need * _ROUNDING else "enough"
    return message(
        f"scale.brief.{key}",
        unit=unit_name(rule),
        lacking=_lacking(rule, lacking),
        supply=_told(figures.least, figures.need),
        need=_told(figures.need),
    )


def _lacking(rule: ScaleRule, amount: float) -> str:
    """Return what is lacking in words; of what comes whole (shops, beds), whole ones."""
    return _told(amount if rule.unit in _MEASURED else float(np.ceil(amount - _ROUNDING)))


def _told(amount: float, need: float | None = None) -> str:
    """Return an amount of the unit in words; what is below the need never reads like the need."""
    return plain_number(amount, None if need is None else _at_least(need), digits=3)


def _at_least(least: float) -> Target:
    return Target(op="ge", low=least, source="", confidence="default")


def count_holds(rule: ScaleRule, scope: Scope, rows: BoolArray) -> bool | None:
    """Return whether the least number of facilities stands inside; None where it is not counted.

    `rows` bool [k]: the facilities of the element that count.
    """
    if rule.count_rule is None or rule.count_rule.per != "circle":
        return None
    return int(np.count_nonzero(rows & scope.inside)) >= rule.count_rule.at_least

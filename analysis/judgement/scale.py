"""Scale (规模): whether there is enough for those who use it.

What a facility offers is shared by all who reach it, in proportion to their number, wherever they
live: a circle has the parts that its own residents draw. Facilities whose size nobody states bound
the answer: from what one usually offers at least to at most. A verdict is given only where both
ends give the same one.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.capacity.amounts import Amounts
from analysis.capacity.supply import Supply
from analysis.capacity.within_reach import WithinReach
from analysis.messages import Message, Spoken, message
from analysis.places.scope import Scope
from analysis.standard.figures import plain_number
from analysis.standard.rules import ScaleRule, Target
from analysis.standard.verdicts import DimensionVerdict, Figure, Verdict
from analysis.units import BoolArray, FloatArray

_ROUNDING: Final = 1e-9
_MEASURED: Final = ("m2", "m")  # units that are not counted one by one
_M2_PER_KM2: Final = 1e6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScaleFigures:
    """What one circle has and needs of an element, in the unit of its scale.

    Attributes
    ----------
    basis_amount
        How much of the basis the circle holds: residents, households, km² …
    need
        The norm times that.
    supply
        What the circle draws of the facilities whose size is known.
    least, most
        The same with the others at the least and the most that one usually offers.
    facilities, unknown
        How many the circle draws on, and of how many the size is unknown.
    unused
        What the facilities inside the circle offer that nobody of the study reaches.
    estimated
        Whether any figure rests on defaults or on sizes that nobody stated.
    """

    basis_amount: float
    need: float
    supply: float
    least: float
    most: float
    facilities: int
    unknown: int
    unused: float
    estimated: bool


def drawn_shares(
    scope: Scope, supply: Supply, reach: WithinReach, amounts: Amounts | None
) -> FloatArray:
    """Return which part of each facility the residents of a scope draw, float64 [f], 0…1.

    In proportion to those within the walk; a facility that nobody reaches is drawn by the circle
    it stands in. Without `amounts` (norms by ground) facilities belong where they stand.
    """
    inside = scope.inside[supply.row].astype(np.float64)
    if amounts is None:
        return inside
    weight = np.repeat(amounts.of_point, np.diff(reach.first))
    own = np.repeat(scope.here, np.diff(reach.first))
    n = len(supply.row)
    whole = np.bincount(reach.position, weight, n)
    ours = np.bincount(reach.position[own], weight[own], n)
    return np.where(whole > 0, ours / np.where(whole > 0, whole, 1.0), inside)


def scale_figures(
    rule: ScaleRule,
    scope: Scope,
    supply: Supply,
    reach: WithinReach,
    amounts: Amounts | None,
    demand: Amounts | None,
) -> ScaleFigures:
    """Measure one scope.

    `amounts` is the basis of the norm; `demand` weighs who draws how much of a facility, the same
    or, where the norm is by ground, None.
    """
    basis_amount = 0.0  # what nobody counts asks for nothing that could be judged
    if rule.basis == "area":
        basis_amount = scope.area_m2 / _M2_PER_KM2
    elif amounts is not None:
        basis_amount = float(amounts.of_point[scope.here].sum())
    share = drawn_shares(scope, supply, reach, demand)
    drawn = share > 0
    parts = np.where(supply.known, supply.amount, 0.0) * share
    reached = _reached(reach, demand, len(supply.row))
    alone = drawn & ~reached & supply.known
    return ScaleFigures(
        basis_amount=basis_amount,
        need=basis_amount / rule.per * rule.norm.value,
        supply=float(parts.sum()),
        least=float((supply.least[drawn] * share[drawn]).sum()),
        most=float((supply.most[drawn] * share[drawn]).sum()),
        facilities=int(np.count_nonzero(drawn)),
        unknown=int(np.count_nonzero(drawn & ~supply.known)),
        unused=float(parts[alone].sum()) if demand is not None else 0.0,
        estimated=(amounts is not None and amounts.estimated)
        or bool((supply.estimated & drawn).any()),
    )


def _reached(reach: WithinReach, demand: Amounts | None, n: int) -> BoolArray:
    """Return which facilities anybody who counts has in reach, bool [f]."""
    of_point = np.ones(reach.n_points) if demand is None else demand.of_point
    weight = np.repeat(of_point, np.diff(reach.first))
    reached: BoolArray = np.bincount(reach.position, weight, n) > 0
    return reached


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
    if count_holds is False:
        low = high = "short"
    if low != high:
        return _open(rule, figures, target, _between(rule, figures, columns))
    return DimensionVerdict(
        dimension="scale",
        verdict=low,
        reason=_reason(rule, figures, count_holds=count_holds),
        lacking=max(figures.need - figures.least, 0.0),
        figures=(_figure(rule, figures, target, low, None),),
        brief=_brief(rule, figures, count_holds=count_holds),
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
    return Figure(
        metric="scale",
        value=_rate(rule, figures, figures.supply) if known or not figures.unknown else np.nan,
        unit=rule.unit,
        target=target,
        verdict=verdict,
        known_share=known / figures.facilities if figures.facilities else 1.0,
        basis=message(
            "scale.basis",
            facilities=figures.facilities,
            known=known,
            amount=plain_number(figures.basis_amount),
            basis=basis_name(rule),
        ),
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


def _reason(rule: ScaleRule, figures: ScaleFigures, *, count_holds: bool | None) -> Message:
    key = "scale.enough" if figures.least >= figures.need * (1 - _ROUNDING) else "scale.lacking"
    if count_holds is False and rule.count_rule is not None:
        return message("scale.count", at_least=rule.count_rule.at_least)
    return message(
        "scale.estimated" if figures.estimated else "scale.plain",
        said=message(
            key,
            unit=unit_name(rule),
            supply=_told(figures.least, figures.need),
            need=_told(figures.need),
            lacking=_lacking(rule, max(figures.need - figures.least, 0.0)),
            rate=plain_number(_rate(rule, figures, figures.least), _at_least(rule.norm.value)),
            norm=plain_number(rule.norm.value),
            per=message(f"per.{rule.basis}", per=rule.per),
        ),
    )


def _brief(rule: ScaleRule, figures: ScaleFigures, *, count_holds: bool | None) -> Message:
    if count_holds is False and rule.count_rule is not None:
        return message("scale.brief.count", at_least=rule.count_rule.at_least)
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

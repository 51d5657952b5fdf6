"""Rates: what the residents of a scope draw of facilities, for every so many of them."""

import numpy as np

from analysis.capacity.amounts import Amounts
from analysis.messages import Joined, message
from analysis.standard.figures import Answer, Known, Unknown, plain_number
from analysis.standard.rules import Attribute, MetricRule, Target
from analysis.units import BoolArray, FloatArray


def per_demand(
    rule: MetricRule,
    attribute: Attribute,
    value: FloatArray,
    drawn: FloatArray,
    demand: Amounts | None,
    here: BoolArray,
    *,
    min_known: float,
    estimated: bool,
) -> Answer:
    """Return how much of `attribute` there is for every `per` of the demand of a scope.

    `value` float64 [f] of each facility, nan where unknown; `drawn` float64 [f], 0…1, is the part
    of it that the scope draws, so that a facility is shared by all who reach it; `estimated` says
    that these parts are. What is unknown
    can only add: the figure is judged where enough facilities are known, or where it already holds.
    """
    metric = rule.metric
    whole = 0.0 if demand is None else float(demand.of_point[here].sum())
    basis = message(f"basis.{metric.basis}")
    if demand is None or whole <= 0:
        return Unknown(why_not=message("scale.no_demand", basis=basis))
    used = drawn > 0
    known = used & np.isfinite(value)
    facilities = int(np.count_nonzero(used))
    if facilities and not known.any():
        columns = Joined(attribute.columns or (attribute.id,))
        return Unknown(
            why_not=message(
                "rate.unknown", name=rule.metric.name, facilities=facilities, columns=columns
            )
        )
    amount = float((value[known] * drawn[known]).sum()) / whole * metric.per
    known_share = int(np.count_nonzero(known)) / facilities if facilities else 1.0
    settled = known_share >= min_known or _is_final(rule.target, amount)
    note = None
    if not settled:
        note = message("rate.few", name=rule.metric.name, share=known_share, least=min_known)
    return Known(
        value=amount,
        known_share=known_share,
        basis=message("rate.basis", facilities=facilities, amount=plain_number(whole), basis=basis),
        estimated=demand.estimated or estimated,
        judged=settled,
        note=note,
    )


def _is_final(target: Target, amount: float) -> bool:
    """Return whether more of it could not change what a target says: held for good, or past it."""
    holds = target.holds(amount)
    if holds is not False:
        return holds is target.holds(np.inf)
    return amount > target.high

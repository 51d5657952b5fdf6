"""Checks: one siting rule held against all candidates at once."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from analysis.candidates.looked_at import LookedAt, kind_of
from analysis.messages import Message, message
from analysis.standard.siting_rules import SitingRule
from analysis.units import BoolArray, FloatArray, freeze

OutcomeArray = npt.NDArray[np.int8]
KEPT: Final = 1
BROKEN: Final = 0
UNKNOWN: Final = -1
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Check:
    """What one rule says of all candidates.

    Attributes
    ----------
    rule
        A rule that a machine checks.
    subject
        What it looks at, in words.
    outcome
        int8 [c]: :data:`KEPT`, :data:`BROKEN` or :data:`UNKNOWN`.
    found
        Distances in metres, or the numbers found, float64 [c]; nan for texts.
    words
        Texts found [c]; empty for distances and numbers.
    in_area
        Where a distance is 0 inside a polygon, bool [c].
    why_unknown
        By candidate why it cannot be told, position in `reasons_unknown`, int8 [c]; -1 where known.
    reasons_unknown
        The reasons that occur.
    """

    rule: SitingRule
    subject: Message
    outcome: OutcomeArray
    found: FloatArray
    words: tuple[str | None, ...]
    in_area: BoolArray
    why_unknown: OutcomeArray
    reasons_unknown: tuple[Message, ...]

    def __post_init__(self) -> None:
        """Freeze."""
        for array in (self.outcome, self.found, self.in_area, self.why_unknown):
            freeze(array)


def check(rule: SitingRule, site: LookedAt) -> Check:
    """Hold a rule against all candidates that `site` looks at."""
    return {"distance": _distance, "ground": _ground, "number": _number, "text": _text}[
        kind_of(rule)
    ](rule, site)


def _distance(rule: SitingRule, site: LookedAt) -> Check:
    """Check a distance: of a loose place, and beyond the end of the data, only what is sure."""
    found = site.distances(rule.layer)
    if found.empty:
        untold = message("candidates.unknown.layer", layer=site.subject(rule))
        return _untold(rule, site, untold)
    loose_m, edge_m = site.candidates.loose_m, site.edge_m()
    nearest_m, farthest_m = found.metres - loose_m, found.metres + loose_m
    if rule.op == "beyond_m":
        slack_m = _slack(rule.low)
        kept = (nearest_m >= rule.low - slack_m) & (nearest_m > 0)
        broken = (farthest_m < rule.low - slack_m) | (farthest_m <= 0)
        at_edge = kept & (edge_m < rule.low)  # something nearer may lie where nothing was mapped
    else:
        slack_m = _slack(rule.high)
        kept = farthest_m <= rule.high + slack_m
        broken = nearest_m > rule.high + slack_m
        at_edge = broken & (edge_m < rule.high)
    outcome = np.select([at_edge, kept, broken], [UNKNOWN, KEPT, BROKEN], UNKNOWN).astype(np.int8)
    why = np.select([outcome != UNKNOWN, at_edge], [-1, 0], 1).astype(np.int8)
    return Check(
        rule=rule,
        subject=site.subject(rule),
        outcome=outcome,
        found=found.metres,
        words=(),
        in_area=found.in_area,
        why_unknown=why,
        reasons_unknown=(
            message("candidates.unknown.edge", layer=site.subject(rule)),
            message("candidates.unknown.loose", layer=site.subject(rule)),
        ),
    )


def _ground(rule: SitingRule, site: LookedAt) -> Check:
    found = site.ground(rule.layer)
    if found is None:
        why = message("candidates.unknown.no_heights", layer=site.subject(rule))
        return _untold(rule, site, why)
    why = message("candidates.unknown.hole", layer=site.subject(rule))
    return _of_numbers(rule, site, found, why)


def _number(rule: SitingRule, site: LookedAt) -> Check:
    why = message("candidates.unknown.column", column=site.subject(rule))
    return _of_numbers(rule, site, site.numbers(rule.column), why)


def _text(rule: SitingRule, site: LookedAt) -> Check:
    words = site.texts(rule.column)
    said = {one: rule.holds(one) for one in set(words)}
    outcome = np.array(
        [UNKNOWN if said[one] is None else int(bool(said[one])) for one in words], dtype=np.int8
    )
    why = message("candidates.unknown.column", column=site.subject(rule))
    n = len(words)
    return _plain(rule, site, outcome, np.full(n, np.nan), why, words)


def _of_numbers(rule: SitingRule, site: LookedAt, found: FloatArray, why: Message) -> Check:
    """Hold numbers against a rule as :meth:`SitingRule.holds` does one."""
    slack = _ROUNDING * np.maximum(1.0, np.abs(np.nan_to_num(found)))
    with np.errstate(invalid="ignore"):
        inside = (found >= rule.low - slack) & (found <= rule.high + slack)
    outcome = np.where(np.isnan(found), UNKNOWN, np.where(inside, KEPT, BROKEN)).astype(np.int8)
    return _plain(rule, site, outcome, found.copy(), why, ())


def _untold(rule: SitingRule, site: LookedAt, why: Message) -> Check:
    n = len(site.candidates)
    return _plain(rule, site, np.full(n, UNKNOWN, dtype=np.int8), np.full(n, np.nan), why, ())


def _plain(
    rule: SitingRule,
    site: LookedAt,
    outcome: OutcomeArray,
    found: FloatArray,
    why: Message,
    words: tuple[str | None, ...],
) -> Check:
    return Check(
        rule=rule,
        subject=site.subject(rule),
        outcome=outcome,
        found=found,
        words=words,
        in_area=np.zeros(len(outcome), dtype=bool),
        why_unknown=np.where(outcome == UNKNOWN, 0, -1).astype(np.int8),
        reasons_unknown=(why,),
    )


def _slack(limit_m: float) -> float:
    return _ROUNDING * max(1.0, abs(limit_m))

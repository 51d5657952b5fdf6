"""Findings: what a rule says of one candidate, in words, with its figure."""

from dataclasses import dataclass
from math import isinf
from typing import Final, Literal

from analysis.candidates.checks import BROKEN, Check
from analysis.messages import Message, Name, message
from analysis.standard.checkable_layers import COLUMNS
from analysis.standard.rules import Confidence

FindingKind = Literal["rejected", "missed", "unknown"]
_MOST_DECIMALS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that speaks against a candidate, or that could not be told.

    Attributes
    ----------
    kind
        ``rejected`` by a hard rule or its size; ``missed``: a soft rule; ``unknown``: rejects
        nothing.
    rule_id
        Of the siting rule; ``min_build`` or ``shared_build`` for sizes.
    rule
        The rule as planners say it; empty for sizes.
    text
        What was found.
    source, confidence
        Of the rule.
    """

    kind: FindingKind
    rule_id: str
    rule: Name
    text: Message
    source: str
    confidence: Confidence


def finding(check: Check, row: int) -> Finding | None:
    """Return what a check says of one candidate; None where the rule is kept."""
    outcome = int(check.outcome[row])
    if outcome > BROKEN:
        return None
    kind: FindingKind = "missed"
    if outcome < BROKEN:
        kind, text = "unknown", check.reasons_unknown[int(check.why_unknown[row])]
    else:
        kind, text = "rejected" if check.rule.hard else "missed", broken(check, row)
    return Finding(
        kind=kind,
        rule_id=check.rule.id,
        rule=check.rule.text,
        text=text,
        source=check.rule.source,
        confidence=check.rule.confidence,
    )


def broken(check: Check, row: int) -> Message:
    """Return how a candidate breaks a rule, with the figure."""
    rule, found = check.rule, float(check.found[row])
    if rule.op in ("in", "not_in"):
        word: Message | str = check.words[row] or ""
        if rule.column == "exclusion" and rule.op == "not_in":
            return message("candidates.broken.exclusion", found=word)
        if COLUMNS[rule.column].words:
            word = message(f"parcel_kind.{word}")
        return message(f"candidates.broken.{rule.op}", name=check.subject, found=word)
    if rule.op in ("within_m", "beyond_m"):
        return _distance(check, row, found)
    limit, key = (rule.low, "low") if found < rule.low else (rule.high, "high")
    shown, least = _apart(found, limit)
    return message(f"candidates.broken.{key}", name=check.subject, found=shown, limit=least)


def _distance(check: Check, row: int, found: float) -> Message:
    rule = check.rule
    if found <= 0:
        key = "inside" if check.in_area[row] else "across"
        return message(f"candidates.broken.{key}", name=check.subject)
    if isinf(found):
        return message("candidates.broken.none", name=check.subject)
    limit, key = (rule.low, "near") if rule.op == "beyond_m" else (rule.high, "far")
    shown, asked = _apart(found, limit)
    return message(f"candidates.broken.{key}", name=check.subject, found=shown, limit=asked)


def _apart(found: float, limit: float) -> tuple[str, str]:
    """Return both numbers with as few decimals as keep them apart; slopes and ratios with two."""
    fewest = 2 if abs(limit) < 1 else 0
    for decimals in range(fewest, fewest + _MOST_DECIMALS):
        shown = f"{found:,.{decimals}f}"
        if shown != f"{limit:,.{decimals}f}":
            return shown, _least(limit, fewest)
    return f"{found:.6g}", _least(limit, fewest)


def _least(limit: float, fewest: int) -> str:
    whole = round(limit, fewest) == round(limit, fewest + _MOST_DECIMALS)
    return f"{limit:,.{fewest}f}" if whole else f"{limit:g}"

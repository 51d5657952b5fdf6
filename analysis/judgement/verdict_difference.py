"""How the verdicts on one place differ between two standards."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from analysis.judgement.assessment import Assessment, ElementVerdict
from analysis.places.circles import ALL_CIRCLES
from analysis.standard.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictChange:
    """One circle × element that the two standards judge differently.

    `before` and `after` are None where the standard does not have the element. Shares are covered
    shares, 0…1, nan where coverage is not measured.
    """

    circle_id: str
    element_id: str
    before: Verdict | None
    after: Verdict | None
    share_before: float
    share_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictDifference:
    """All changes, circle by circle; `judged` counts circle × element pairs in either.

    `counts` holds each pair of verdicts (before, after) with how many circle × element pairs have
    it, unchanged ones too; all circles together (``*``) are listed among `changes` but not counted.
    """

    changes: tuple[VerdictChange, ...]
    counts: Mapping[tuple[Verdict | None, Verdict | None], int]
    judged: int


def verdict_difference(before: Assessment, after: Assessment) -> VerdictDifference:
    """Compare the verdicts of two standards on the same circles."""
    old = {(row.circle_id, row.element_id): row for row in before.rows}
    new = {(row.circle_id, row.element_id): row for row in after.rows}
    circles = list(dict.fromkeys(row.circle_id for row in (*after.rows, *before.rows)))
    elements = list(dict.fromkeys(row.element_id for row in (*after.rows, *before.rows)))
    counts: Counter[tuple[Verdict | None, Verdict | None]] = Counter()
    changes = []
    for pair in ((circle, element) for circle in circles for element in elements):
        a, b = old.get(pair), new.get(pair)
        if a is None and b is None:
            continue
        verdicts = (None if a is None else a.verdict, None if b is None else b.verdict)
        if pair[0] != ALL_CIRCLES:
            counts[verdicts] += 1
        if verdicts[0] != verdicts[1]:
            changes.append(
                VerdictChange(
                    circle_id=pair[0],
                    element_id=pair[1],
                    before=verdicts[0],
                    after=verdicts[1],
                    share_before=_share(a),
                    share_after=_share(b),
                )
            )
    return VerdictDifference(
        changes=tuple(changes), counts=dict(counts), judged=sum(counts.values())
    )


def _share(row: ElementVerdict | None) -> float:
    return float("nan") if row is None or row.figures is None else row.figures.share

"""How the verdicts on one place differ between two standards."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import Final

from analysis.judgement.assessment import Assessment, ElementVerdict
from analysis.places.circles import ALL_CIRCLES
from analysis.standard.verdicts import DIMENSIONS, Dimension, Verdict

SHARE_DIFFERS: Final = 0.0005  # of the demand: as much as a share in per cent shows
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionChange:
    """One dimension that the two standards judge differently."""

    dimension: Dimension
    before: Verdict
    after: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictChange:
    """One circle × element that the two standards judge differently, as a whole or in part.

    `before` and `after` are None where the standard does not have the element. Shares are covered
    shares, 0…1, nan where coverage is not measured. `dimensions` are those whose verdict changes;
    empty where one of the standards does not have the element.
    """

    circle_id: str
    element_id: str
    before: Verdict | None
    after: Verdict | None
    share_before: float
    share_after: float
    dimensions: tuple[DimensionChange, ...] = ()

    @property
    def overall(self) -> bool:
        """Return whether the verdict of the element as a whole differs."""
        return self.before != self.after

    @property
    def share_differs(self) -> bool:
        """Return whether covered shares differ by 0.05 percentage points or more, or one is nan."""
        if isnan(self.share_before) != isnan(self.share_after):
            return self.before is not None and self.after is not None
        return abs(self.share_after - self.share_before) >= SHARE_DIFFERS - _ROUNDING


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictDifference:
    """All changes, circle by circle; `judged` counts circle × element pairs in either.

    `changes` hold those of the whole verdict, of a dimension and of the covered share. `counts`
    holds each pair of verdicts (before, after) with how many circle × element pairs have it,
    unchanged ones too. All circles together (``*``) are among `changes` but in no count.
    """

    changes: tuple[VerdictChange, ...]
    counts: Mapping[tuple[Verdict | None, Verdict | None], int]
    judged: int

    def of_circles(self) -> tuple[VerdictChange, ...]:
        """Return the changes that are counted: those of single circles."""
        return tuple(one for one in self.changes if one.circle_id != ALL_CIRCLES)

    def of_all(self) -> tuple[VerdictChange, ...]:
        """Return the changes of all circles together."""
        return tuple(one for one in self.changes if one.circle_id == ALL_CIRCLES)


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
        change = _change(pair, a, b)
        if pair[0] != ALL_CIRCLES:
            counts[change.before, change.after] += 1
        if change.overall or change.dimensions or change.share_differs:
            changes.append(change)
    return VerdictDifference(
        changes=tuple(changes), counts=dict(counts), judged=sum(counts.values())
    )


def _change(
    pair: tuple[str, str], a: ElementVerdict | None, b: ElementVerdict | None
) -> VerdictChange:
    dimensions: tuple[DimensionChange, ...] = ()
    if a is not None and b is not None:
        verdicts = [(one, a.dimension(one).verdict, b.dimension(one).verdict) for one in DIMENSIONS]
        dimensions = tuple(
            DimensionChange(dimension=one, before=was, after=now)
            for one, was, now in verdicts
            if was != now
        )
    return VerdictChange(
        circle_id=pair[0],
        element_id=pair[1],
        before=None if a is None else a.verdict,
        after=None if b is None else b.verdict,
        share_before=_share(a),
        share_after=_share(b),
        dimensions=dimensions,
    )


def _share(row: ElementVerdict | None) -> float:
    return float("nan") if row is None or row.figures is None else row.figures.share

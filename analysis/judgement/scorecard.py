"""Scorecard: each circle in one line, with the formula, beside its parts and never instead."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from analysis.judgement.assessment import Assessment
from analysis.standard.verdicts import DIMENSIONS, VERDICTS, Dimension, Verdict

WEIGHTS: Mapping[Verdict, float] = {"met": 1.0, "weak": 0.5, "short": 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One circle.

    Attributes
    ----------
    counts
        Elements by verdict.
    by_dimension
        Verdicts of each dimension.
    index
        (met + ½ weak) / (met + weak + short), 0…1; nan where nothing was assessed.
    assessed_share
        Elements with a verdict, of all, 0…1.
    dimension_share
        Dimensions with a verdict, of four for each element, 0…1.
    """

    circle_id: str
    counts: Mapping[Verdict, int]
    by_dimension: Mapping[Dimension, Mapping[Verdict, int]]
    index: float
    assessed_share: float
    dimension_share: float


def scorecard(assessment: Assessment) -> tuple[Score, ...]:
    """Return the score of every circle, in their order, then of all together.

    Elements count alike, whatever they cost; what is not assessed neither adds nor takes away, so
    two indices compare only beside their `assessed_share`.
    """
    ids = dict.fromkeys(row.circle_id for row in assessment.rows)
    return tuple(_score(assessment, circle_id) for circle_id in ids)


def _score(assessment: Assessment, circle_id: str) -> Score:
    rows = assessment.of_circle(circle_id)
    found = Counter(row.verdict for row in rows)
    parts = {name: Counter(row.dimension(name).verdict for row in rows) for name in DIMENSIONS}
    judged = sum(found[one] for one in WEIGHTS)
    points = sum(weight * found[one] for one, weight in WEIGHTS.items())
    known = sum(part[one] for part in parts.values() for one in WEIGHTS)
    return Score(
        circle_id=circle_id,
        counts={one: found[one] for one in VERDICTS},
        by_dimension={name: {one: part[one] for one in VERDICTS} for name, part in parts.items()},
        index=points / judged if judged else float("nan"),
        assessed_share=judged / len(rows) if rows else float("nan"),
        dimension_share=known / (len(rows) * len(DIMENSIONS)) if rows else float("nan"),
    )

"""Verdicts: how one figure, one dimension and one element are judged, and why."""

from dataclasses import dataclass, field
from typing import Final, Literal

from analysis.messages import Message
from analysis.standard.rules import Confidence, Target

Verdict = Literal["met", "weak", "short", "not_assessed"]
VERDICTS: Final[tuple[Verdict, ...]] = ("met", "weak", "short", "not_assessed")
Dimension = Literal["scale", "coverage", "efficiency", "quality"]
DIMENSIONS: Final[tuple[Dimension, ...]] = ("scale", "coverage", "efficiency", "quality")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure with its target.

    Attributes
    ----------
    metric
        Id in the standard's catalogue; ``scale`` for the scale figure.
    value
        In `unit`; nan where it is not known.
    target
        What it is held against; None where it is only reported.
    verdict
        ``met`` or ``weak`` (``short`` only for scale), ``not_assessed`` where nothing can be said.
    known_share
        Share of what should be known that is known, 0…1: facilities with the attribute, or people.
    basis
        The denominator, such as ``12 facilities`` or ``53,120 residents``.
    estimated
        Whether it rests on defaults or on sizes that nobody stated.
    least
        Whether it is more than `value`, and nobody can tell how much: some lie beyond the search.
    why_not
        What is missing, where it is not assessed.
    """

    metric: str
    value: float
    unit: str
    target: Target | None
    verdict: Verdict
    known_share: float
    basis: Message
    source: str
    confidence: Confidence
    estimated: bool = False
    least: bool = False
    why_not: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionVerdict:
    """One dimension of one element in one circle.

    `reason` is a whole sentence; `brief` says the same as a clause of a longer one. `lacking` is
    what scale lacks to its norm, in the unit of its figure; None where nobody can tell.
    """

    dimension: Dimension
    verdict: Verdict
    reason: Message
    figures: tuple[Figure, ...] = field(default=())
    brief: Message | None = None
    lacking: float | None = None

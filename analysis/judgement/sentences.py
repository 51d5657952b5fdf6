"""Sentences: what a planner can paste of one element in one circle, in both languages."""

import numpy as np

from analysis.judgement.coverage import CoverageFigures
from analysis.judgement.coverage_verdict import of_all, shown_share
from analysis.messages import Clauses, Message, message
from analysis.reach.table import Reach
from analysis.standard.profile import Element
from analysis.standard.verdicts import DIMENSIONS, Dimension, DimensionVerdict
from analysis.units import minutes


def verdict_sentence(
    element: Element,
    dimensions: tuple[DimensionVerdict, ...],
    figures: CoverageFigures | None,
    reach: Reach,
) -> Message:
    """Return one sentence: coverage, what is lacking, what is weak, and the farthest walk.

    Other dimensions that are not assessed are left out; where none is, the sentence says so and
    why coverage is not.
    """
    assessed = [one for one in dimensions if one.verdict != "not_assessed"]
    if not assessed:
        coverage = dimensions[DIMENSIONS.index("coverage")]
        return message("sentence.open", element=element.name, why=coverage.reason)
    parts: list[Message] = []
    by_name = {one.dimension: one for one in assessed}
    if "coverage" in by_name:
        parts.append(_coverage(element, figures, by_name["coverage"]))
    else:
        parts.append(_open_coverage(dimensions[DIMENSIONS.index("coverage")]))
    parts += [
        _other(by_name[one]) for one in ("scale", "efficiency", "quality") if _tells(by_name, one)
    ]
    if figures is not None and "coverage" in by_name:
        parts += _farthest(element, figures, reach)
    return message("sentence.said", element=element.name, parts=Clauses(tuple(parts)))


def _open_coverage(coverage: DimensionVerdict) -> Message:
    """Return that coverage is open, and why where a word can say it."""
    words = {"verdict.edge_of_data": "edge", "verdict.at_least": "thin"}
    word = words.get(coverage.reason.key)
    return message("sentence.coverage.open" if word is None else f"sentence.coverage.open.{word}")


def _tells(by_name: dict[Dimension, DimensionVerdict], name: Dimension) -> bool:
    return name in by_name and (name == "scale" or by_name[name].verdict != "met")


def _coverage(
    element: Element, figures: CoverageFigures | None, verdict: DimensionVerdict
) -> Message:
    if figures is None:
        return message("sentence.clause", text=verdict.brief or verdict.reason)
    return message(
        f"sentence.coverage.{figures.basis}",
        share=shown_share(figures.share, element.coverage),
        target=element.coverage.target.value,
    )


def _other(verdict: DimensionVerdict) -> Message:
    return message(f"sentence.{verdict.dimension}", text=verdict.brief or verdict.reason)


def _farthest(element: Element, figures: CoverageFigures, reach: Reach) -> list[Message]:
    limit = float(reach.search[reach.column(element.id)])
    by_metres = reach.criterion == "metres"
    if figures.people_beyond > 0:
        key = "sentence.beyond" if by_metres else "sentence.beyond_minutes"
        far = limit if by_metres else minutes(limit)
        return [of_all(figures, message(key, people=figures.people_beyond, limit=far))]
    if by_metres and np.isfinite(figures.walk_max_m):
        return [message("sentence.farthest", walk_m=figures.walk_max_m)]
    if not by_metres and np.isfinite(figures.walk_max_s):
        return [message("sentence.farthest_minutes", minutes=minutes(figures.walk_max_s))]
    return []

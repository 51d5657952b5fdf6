"""Coverage (覆盖性) judged: who has one within the walk, against the target, with the reason."""

from math import floor
from typing import Final

import numpy as np

from analysis.judgement.coverage import CoverageFigures, Measured, serving_rows
from analysis.judgement.parking import coverage_notes
from analysis.messages import Clauses, Message, message
from analysis.places.evidence import too_thin, untold
from analysis.reach.table import Reach
from analysis.standard.profile import CoverageTarget, Element
from analysis.standard.verdicts import DimensionVerdict, Verdict
from analysis.units import minutes

MIN_INSIDE_DATA: Final = 0.5  # a circle with less of its area inside the extract is not judged
_ROUNDING: Final = 1e-9  # a share of exactly the target may come out this far below it


def judge_coverage(
    measured: Measured, element: Element, figures: CoverageFigures, inside_data: float
) -> DimensionVerdict:
    """Judge one walked element in one scope; `inside_data` is the share of its area in the data."""
    open_for = why_not(measured, element, figures, inside_data)
    if open_for is not None:
        return DimensionVerdict(dimension="coverage", verdict="not_assessed", reason=open_for)
    verdict = share_verdict(figures.share, element.coverage)
    return DimensionVerdict(
        dimension="coverage", verdict=verdict, reason=_reason(measured, element, figures, verdict)
    )


def why_not(
    measured: Measured, element: Element, figures: CoverageFigures, inside_data: float
) -> Message | None:
    """Return why coverage stays open; None where it can be judged."""
    if inside_data < MIN_INSIDE_DATA:
        return message("verdict.outside_extract", share=inside_data)
    if np.isnan(figures.share):
        return message(f"verdict.no_demand.{figures.basis}")
    low = share_verdict(figures.share, element.coverage)
    known = is_known(measured, element)
    no_data = None if known else untold(element, measured.standard, measured.evidence)
    if known and low != "met":
        # What the extract does not show can only add to what it shows.
        no_data = too_thin(element, measured.standard, measured.evidence, figures.share)
    if no_data is not None:
        return no_data
    high = share_verdict(figures.share_upper, element.coverage)
    if low != high:
        return message(
            "verdict.edge_of_data",
            low=figures.share, high=figures.share_upper, people=figures.people_edge,
        )  # fmt: skip
    return None


def is_known(measured: Measured, element: Element) -> bool:
    """Return whether the area read holds any facility that counts for `element`."""
    return bool((serving_rows(element, measured.facilities) & measured.counting).any())


def share_verdict(share: float, target: CoverageTarget) -> Verdict:
    """Return the verdict of a covered share: met at the target, weak from the acceptable."""
    if share >= target.target.value - _ROUNDING:
        return "met"
    return "weak" if share >= target.acceptable.value - _ROUNDING else "short"


def shown_share(share: float, target: CoverageTarget) -> float:
    """Return `share` as it is printed, in tenths of a per cent.

    A share below the target, the acceptable one or the whole is never rounded up to it.
    """
    tenths = round(share * 1000.0)
    for bound in (target.target.value, target.acceptable.value, 1.0):
        if share < bound - _ROUNDING and tenths >= round(bound * 1000.0):
            tenths = floor(share * 1000.0)
    return tenths / 1000.0


def _reason(
    measured: Measured, element: Element, figures: CoverageFigures, verdict: Verdict
) -> Message:
    parts: list[Message] = [
        message(
            f"verdict.coverage.{figures.basis}",
            share=shown_share(figures.share, element.coverage),
            target=element.coverage.target.value,
        )
    ]
    lacking = figures.people - figures.people_covered
    if verdict != "met" and lacking > 0:
        parts.append(_lacking(figures, lacking))
    parts += _farthest(measured.reach, element, figures)
    if figures.basis_stands_for != figures.basis:
        parts.append(message(f"verdict.stands_for.{figures.basis_stands_for}"))
    if element.treatment == "capacity_ratio":
        parts += coverage_notes(measured.demand)
    if verdict == "short" and not is_known(measured, element):
        parts.append(message("verdict.none_known"))
    if verdict == "short" and measured.evidence.poorly_mapped(element, measured.standard):
        level = message(f"completeness.{element.osm.expected_completeness}")
        parts.append(message("verdict.poorly_mapped", level=level))
    if figures.facilities_ambiguous > 0 and figures.people_ambiguous > 0:
        parts.append(
            message(
                "verdict.ambiguous",
                facilities=figures.facilities_ambiguous,
                people=figures.people_ambiguous,
            )
        )
    if figures.people_edge > 0:
        parts.append(message("verdict.edge_note", people=figures.people_edge))
    if figures.people_unlinked > 0:
        parts.append(of_all(figures, message("verdict.unlinked", people=figures.people_unlinked)))
    return message("verdict.reason", parts=Clauses(tuple(parts)))


def _lacking(figures: CoverageFigures, people: float) -> Message:
    """Return how much of what decides is not covered, and how many residents that are."""
    if figures.by_residents:
        return message("verdict.lacking", people=people)
    lacking = message(f"lacking.{figures.basis}", amount=figures.basis_lacking)
    return message("lacking.residents", lacking=lacking, people=people)


def of_all(figures: CoverageFigures, text: Message) -> Message:
    """Return a clause on residents; where a group of them decides it says that it is on all."""
    return text if figures.by_residents else message("verdict.of_all", text=text)


def _farthest(reach: Reach, element: Element, figures: CoverageFigures) -> list[Message]:
    """Return how many have none within the search, else how far the farthest walk is."""
    by_metres = reach.criterion == "metres"
    if figures.people_beyond > 0:
        limit = float(reach.search[reach.column(element.id)])
        if by_metres:
            said = message("verdict.beyond", people=figures.people_beyond, limit_m=limit)
        else:
            within = minutes(limit)
            said = message("verdict.beyond_minutes", people=figures.people_beyond, minutes=within)
        return [of_all(figures, said)]
    if by_metres and np.isfinite(figures.walk_max_m):
        return [message("verdict.farthest", walk_m=figures.walk_max_m)]
    if not by_metres and np.isfinite(figures.walk_max_s):
        return [message("verdict.farthest_minutes", minutes=minutes(figures.walk_max_s))]
    return []

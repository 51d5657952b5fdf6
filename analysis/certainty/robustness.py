"""Robustness: all that tells how far the verdicts of a study can be relied on."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.certainty.completeness import ElementData, element_data
from analysis.certainty.field_checks import FieldCheck, field_checks
from analysis.certainty.flips import FlipLists, flip_lists
from analysis.judgement.assessment import Assessment
from analysis.judgement.coverage import Measured
from analysis.reach.study_walks import StudyWalks


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Robustness:
    """Flip lists, the shortest field-check list, and what the inputs hold of each element."""

    flips: FlipLists
    field_checks: tuple[FieldCheck, ...]
    data: tuple[ElementData, ...]


def robustness(
    walks: Sequence[StudyWalks], measured: Measured, assessment: Assessment
) -> Robustness:
    """Work everything out; a fraction of the time of the reach for each variant."""
    flips = flip_lists(walks, measured, assessment)
    return Robustness(
        flips=flips,
        field_checks=field_checks(walks, measured, flips),
        data=element_data(measured),
    )

"""What a scenario changes: who gains and who loses, which verdicts and gaps, circle by circle."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

from analysis.gaps.listing import Gap
from analysis.judgement.assessment import ElementVerdict
from analysis.scenario.evaluation import ScenarioResult
from analysis.scenario.reach_difference import (
    CircleReach,
    ReachChange,
    circle_reach,
    measure_of,
    reach_changes,
)
from analysis.standard.verdicts import DIMENSIONS, Dimension, Verdict
from analysis.study import Study
from analysis.walks.walk_costs import Measure

__all__ = ["CircleChange", "ReachChange", "ScenarioDifference", "difference", "reach_changes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CircleChange(CircleReach):
    """One element in one circle (``*``: all of them), before and after, judged."""

    before: Verdict
    after: Verdict
    dimensions: Mapping[Dimension, tuple[Verdict, Verdict]]

    @property
    def is_verdict_changed(self) -> bool:
        """Return whether the element or one of its dimensions is judged otherwise."""
        return self.before != self.after or any(a != b for a, b in self.dimensions.values())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScenarioDifference:
    """All that changes; elements and circles in which nothing does are left out.

    `gaps_closed` are gaps of the baseline of whose points none is in a gap of that circle, element
    and kind any more; of `gaps_opened` none was before. A gap that shrinks or falls apart is
    neither. `people_in_gaps` (before, after) adds up residents × gaps.
    """

    scenario_id: str
    reach: tuple[ReachChange, ...]
    circles: tuple[CircleChange, ...]
    gaps_closed: tuple[Gap, ...]
    gaps_opened: tuple[Gap, ...]
    people_in_gaps: tuple[float, float]


def difference(study: Study, result: ScenarioResult) -> ScenarioDifference:
    """Compare a judged scenario with its baseline."""
    reach = reach_changes(study, result.of)
    counted = {
        (one.circle_id, one.element_id): one for one in circle_reach(study, result.of, reach)
    }
    rows = (
        _circle_change(
            before, after, counted.get((before.circle_id, before.element_id)), measure_of(study)
        )
        for before, after in zip(study.assessment.rows, result.assessment.rows, strict=True)
        if before.element_id in result.of.touched
    )
    return ScenarioDifference(
        scenario_id=result.of.scenario.scenario_id,
        reach=reach,
        circles=tuple(one for one in rows if one.is_reach_changed or one.is_verdict_changed),
        gaps_closed=_without(study.gaps, result.gaps),
        gaps_opened=_without(result.gaps, study.gaps),
        people_in_gaps=(
            float(sum(one.people for one in study.gaps)),
            float(sum(one.people for one in result.gaps)),
        ),
    )


def _without(gaps: Iterable[Gap], others: Iterable[Gap]) -> tuple[Gap, ...]:
    """Return the `gaps` of which no point is in any of `others` of their kind."""
    held: dict[tuple[str, str, str], set[int]] = {}
    for one in others:
        held.setdefault(_of(one), set()).update(one.points.tolist())
    return tuple(one for one in gaps if held.get(_of(one), set()).isdisjoint(one.points.tolist()))


def _of(gap: Gap) -> tuple[str, str, str]:
    return gap.circle_id, gap.element_id, gap.kind


def _circle_change(
    before: ElementVerdict, after: ElementVerdict, counted: CircleReach | None, measure: Measure
) -> CircleChange:
    """Return one row; stock to be renewed is walked to by nobody."""
    reach = counted or _nobody(before.circle_id, before.element_id, measure)
    reach = replace(reach, share_before=_share(before), share_after=_share(after))
    return CircleChange(
        **{one.name: getattr(reach, one.name) for one in fields(CircleReach)},
        before=before.verdict,
        after=after.verdict,
        dimensions={
            name: (before.dimension(name).verdict, after.dimension(name).verdict)
            for name in DIMENSIONS
        },
    )


def _nobody(circle_id: str, element_id: str, measure: Measure) -> CircleReach:
    nan = float("nan")
    return CircleReach(
        circle_id=circle_id, element_id=element_id, measure=measure, people=nan, people_covered=nan,
        people_gained=0.0, people_lost=0.0, people_nearer=0.0, people_farther=0.0,
        people_compared=0.0, saved_mean=nan,
        people_new=0.0, people_new_covered=0.0, share_before=nan, share_after=nan,
    )  # fmt: skip


def _share(row: ElementVerdict) -> float:
    return float("nan") if row.figures is None else row.figures.share

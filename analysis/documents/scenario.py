"""What a scenario changes as one JSON value: by reach alone, or judged."""

from collections.abc import Iterable, Sequence
from typing import Any

from analysis.documents.plain import number, texts
from analysis.documents.scenario_file import scenario_document
from analysis.documents.scenario_tables import (
    bases_of,
    change_rows,
    day_rows,
    gap_counts,
    gap_rows,
    point_collection,
    point_rows,
)
from analysis.documents.scenario_words import headline
from analysis.messages import Message
from analysis.scenario.difference import ScenarioDifference
from analysis.scenario.evaluation import ScenarioReach, ScenarioResult
from analysis.scenario.reach_difference import circle_reach, reach_changes
from analysis.scenario.years import ScenarioDay
from analysis.study import Study

Json = dict[str, Any]


def reach_document(study: Study, found: ScenarioReach, warnings: Sequence[Message] = ()) -> Json:
    """Return who gains and who loses what, circle by circle: reach and coverage, not judged."""
    changes = reach_changes(study, found)
    rows = [one for one in circle_reach(study, found, changes) if one.is_reach_changed]
    told = headline(found.scenario, found.inputs.standard, rows, bases_of(study), None)
    return {
        **_head(study, found, "reach", told, warnings),
        "circles": change_rows(study, rows, {}),
        "points": point_collection(point_rows(study, found, changes)),
    }


def difference_document(
    study: Study,
    result: ScenarioResult,
    change: ScenarioDifference,
    warnings: Sequence[Message] = (),
    days: Iterable[ScenarioDay] = (),
) -> Json:
    """Return all that a scenario changes: reach, verdicts, gaps, and day by day where asked."""
    found, counts = result.of, gap_counts(change)
    gaps = (len(change.gaps_closed), len(change.gaps_opened))
    told = headline(found.scenario, found.inputs.standard, change.circles, bases_of(study), gaps)
    before, after = change.people_in_gaps
    return {
        **_head(study, found, "all", told, warnings),
        "circles": change_rows(study, change.circles, counts),
        "gaps": {
            "closed": gaps[0],
            "opened": gaps[1],
            "before": len(study.gaps),
            "after": len(result.gaps),
            "people_before": number(before),
            "people_after": number(after),
            "rows": gap_rows(study, change),
        },
        "days": day_rows(study, days),
        "points": point_collection(point_rows(study, found, change.reach)),
    }


def _head(
    study: Study, found: ScenarioReach, parts: str, told: Message, warnings: Sequence[Message]
) -> Json:
    standard = found.inputs.standard
    return {
        "id": found.scenario.scenario_id,
        "parts": parts,
        "headline": texts(told),
        "criterion": study.parameters.criterion,
        "walker": study.parameters.walker,
        "touched": [one.id for one in standard.elements if one.id in found.touched],
        "residents": number(float(study.inputs.demand.people.sum())),
        "residents_new": number(
            float(found.inputs.demand.people.sum() - study.inputs.demand.people.sum())
        ),
        "scenario": scenario_document(found.scenario, study.inputs.crs),
        "warnings": [texts(one) for one in warnings],
    }

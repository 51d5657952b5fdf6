"""A plan as flat tables: works in order, by circle, solves, curve, proof, what nobody can serve."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from analysis.documents.plain import number, plain_text, texts
from analysis.documents.plan_words import (
    element_names,
    gap_words,
    gate_name,
    lead_time,
    scale_words,
    solve_words,
)
from analysis.documents.tables import Row, circle_names
from analysis.messages import Joined, Spoken, message
from analysis.plan.plan import Plan
from analysis.plan.works import Work
from analysis.study import Study

WORK_COLUMNS: Final = (
    "order", "work_id", "work", "work_zh", "work_en", "elements", "elements_zh", "elements_en",
    "circle_id", "circle_name", "place", "site_id", "site_kind_zh", "site_kind_en",
    "priority_rank", "priority_id", "priority_zh",
    "priority_en", "people", "people_helped", "walk_saved", "walk_saved_unit", "scale_zh",
    "scale_en", "cost_low_yuan", "cost_high_yuan", "cost_source", "cost_source_zh",
    "cost_source_en", "cost_confidence", "yuan_per_person", "cost_so_far_low_yuan",
    "cost_so_far_high_yuan", "covered_so_far", "people_asking", "gaps_closed", "gaps_narrowed",
    "gaps_mended", "siting_score", "needs_person_zh", "needs_person_en", "lead_time_months",
    "lon", "lat",
)  # fmt: skip
CURVE_COLUMNS: Final = (
    "order", "work_id", "cost_so_far_low_yuan", "cost_so_far_high_yuan", "unpriced",
    "covered_so_far", "people_elements_share",
)  # fmt: skip
SOLVE_COLUMNS: Final = (
    "elements_zh", "elements_en", "circles", "model", "model_zh", "model_en", "status",
    "status_zh", "status_en", "objective", "bound", "gap", "solve_unit", "sites_chosen",
    "target_share", "best_share", "people_unreached", "solvers", "iterations", "said_zh", "said_en",
)  # fmt: skip
PLAN_CIRCLE_COLUMNS: Final = (
    "circle_id", "circle_name", "works", "people", "people_helped", "cost_low_yuan",
    "cost_high_yuan", "unpriced", "elements_zh", "elements_en",
)  # fmt: skip
PROOF_COLUMNS: Final = (
    "circle_id", "circle_name", "element_id", "element_zh", "element_en", "verdict_before",
    "verdict_after", "share_before", "share_after", "target", "people_gained",
)  # fmt: skip
UNREACHABLE_COLUMNS: Final = (
    "circle_id", "circle_name", "element_id", "element_zh", "element_en", "people", "groups",
    "best_share", "target", "rejected", "why_zh", "why_en", "lon", "lat",
)  # fmt: skip
OVERRIDE_COLUMNS: Final = ("work_id", "action", "action_zh", "action_en", "reason", "by")
_LONLAT_DECIMALS: Final = 7


def work_rows(study: Study, plan: Plan) -> list[Row]:
    """Return the works in order, with the keys of :data:`WORK_COLUMNS`."""
    rows = []
    for work, point in zip(plan.works, plan.curve[1:], strict=True):
        row = _work_row(study, work)
        row |= {
            "cost_so_far_low_yuan": number(point.cost_low),
            "cost_so_far_high_yuan": number(point.cost_high),
            "covered_so_far": number(point.people),
        }
        rows.append({column: row[column] for column in WORK_COLUMNS})
    return rows


def curve_rows(plan: Plan) -> list[Row]:
    """Return coverage against money: before the first work, and after each."""
    return [
        {
            "order": one.order,
            "work_id": plain_text(one.work_id),
            "cost_so_far_low_yuan": number(one.cost_low),
            "cost_so_far_high_yuan": number(one.cost_high),
            "unpriced": one.unpriced,
            "covered_so_far": number(one.people),
            "people_elements_share": number(one.share),
        }
        for one in plan.curve
    ]


def solve_rows(study: Study, plan: Plan) -> list[Row]:
    """Return every question put to a siting model, with its proof; no times."""
    rows: list[Row] = []
    for one in plan.records:
        names, said = texts(element_names(study, one.element_ids)), texts(solve_words(one))
        model, status = (
            texts(message(f"plan.model.{one.model}")),
            texts(message(f"plan.status.{one.status}")),
        )
        rows.append(
            {
                "elements_zh": names["zh"],
                "elements_en": names["en"],
                "circles": plain_text(", ".join(one.circle_ids)),
                "model": one.model,
                "model_zh": model["zh"],
                "model_en": model["en"],
                "status": one.status,
                "status_zh": status["zh"],
                "status_en": status["en"],
                "objective": number(one.objective),
                "bound": number(one.bound),
                "gap": number(one.gap),
                "solve_unit": one.unit,
                "sites_chosen": one.n_sites,
                "target_share": number(one.target_share),
                "best_share": number(one.best_share),
                "people_unreached": number(one.people_unreached),
                "solvers": ", ".join(one.solvers),
                "iterations": one.iterations,
                "said_zh": said["zh"],
                "said_en": said["en"],
            }
        )
    return rows


def plan_circle_rows(study: Study, plan: Plan) -> list[Row]:
    """Return what is done in each planned circle; works outside all circles come last."""
    ids, names = study.inputs.circles.circle_id, circle_names(study)
    rows: list[Row] = []
    for circle_id in (*plan.circle_ids, ""):
        number_of = ids.index(circle_id) if circle_id else -1
        own = [one for one in plan.works if one.proposal.circle == number_of]
        if not circle_id and not own:
            continue
        said = texts(
            element_names(study, {one: None for w in own for one in w.proposal.element_ids})
        )
        priced = [one.proposal.cost for one in own if one.proposal.cost.known]
        rows.append(
            {
                "circle_id": plain_text(circle_id),
                "circle_name": names[circle_id].text("zh") if circle_id else "",
                "works": len(own),
                "people": number(sum(one.people for one in own)),
                "people_helped": number(sum(one.proposal.helped for one in own)),
                "cost_low_yuan": number(sum(one.low for one in priced)),
                "cost_high_yuan": number(sum(one.high for one in priced)),
                "unpriced": len(own) - len(priced),
                "elements_zh": said["zh"],
                "elements_en": said["en"],
            }
        )
    return rows


def proof_rows(study: Study, plan: Plan) -> list[Row]:
    """Return the verdicts of the planned elements before and after, as the judged scenario has."""
    names = circle_names(study)
    gained = {
        (one.circle_id, one.element_id): one.people_gained for one in plan.proof.difference.circles
    }
    rows: list[Row] = []
    for before, after in zip(plan.proof.before, plan.proof.after, strict=True):
        element = study.inputs.standard.element(before.element_id)
        said = texts(element.name)
        rows.append(
            {
                "circle_id": plain_text(before.circle_id),
                "circle_name": names[before.circle_id].text("zh"),
                "element_id": element.id,
                "element_zh": said["zh"],
                "element_en": said["en"],
                "verdict_before": before.verdict,
                "verdict_after": after.verdict,
                "share_before": None if before.figures is None else number(before.figures.share),
                "share_after": None if after.figures is None else number(after.figures.share),
                "target": number(element.coverage.target.value),
                "people_gained": number(gained.get((before.circle_id, element.id), 0.0)),
            }
        )
    return rows


def unreachable_rows(study: Study, plan: Plan) -> list[Row]:
    """Return whom no candidate can serve, where, and why not."""
    names = circle_names(study)
    rows: list[Row] = []
    for one in plan.unreachable:
        element = study.inputs.standard.element(one.element_id)
        said, why = texts(element.name), texts(one.why)
        rows.append(
            {
                "circle_id": plain_text(one.circle_id),
                "circle_name": names[one.circle_id].text("zh"),
                "element_id": element.id,
                "element_zh": said["zh"],
                "element_en": said["en"],
                "people": number(one.people),
                "groups": one.groups,
                "best_share": number(one.best_share),
                "target": number(element.coverage.target.value),
                "rejected": one.rejected,
                "why_zh": why["zh"],
                "why_en": why["en"],
                **_lonlat(study, one.xy_m),
            }
        )
    return rows


def override_rows(plan: Plan) -> list[Row]:
    """Return where the planner overruled the order, with the reason."""
    rows: list[Row] = []
    for one in plan.overrides:
        said = texts(message(f"plan.action.{one.action}"))
        rows.append(
            {
                "work_id": plain_text(one.work_id),
                "action": one.action,
                "action_zh": said["zh"],
                "action_en": said["en"],
                "reason": plain_text(one.reason),
                "by": plain_text(one.by),
            }
        )
    return rows


def _work_row(study: Study, work: Work) -> Row:
    one, circles = work.proposal, study.inputs.circles
    circle_id = circles.circle_id[one.circle] if one.circle >= 0 else ""
    minutes = study.reach.criterion == "minutes"
    said: dict[str, Spoken] = {
        "work": message(f"plan.work.{one.kind}"),
        "elements": element_names(study, one.element_ids),
        "priority": gate_name(study, work.priority_id),
        "scale": Joined(tuple(scale_words(study, scale) for scale in one.scale)),
        "cost_source": message(f"plan.cost_source.{one.cost.source}"),
        "needs_person": Joined(one.needs_person),
        "site_kind": message(f"candidates.kind.{one.site_kind}") if one.site_kind else Joined(()),
    }
    row: Row = {
        f"{name}_{language}": text
        for name, spoken in said.items()
        for language, text in texts(spoken).items()
    }
    row |= {
        "order": work.order,
        "work_id": plain_text(work.work_id),
        "work": one.kind,
        "elements": ";".join(one.element_ids),
        "circle_id": plain_text(circle_id),
        "circle_name": circle_names(study)[circle_id].text("zh") if circle_id else "",
        "place": plain_text(one.place),
        "site_id": plain_text(one.site_id),
        "priority_rank": work.priority_rank,
        "priority_id": work.priority_id,
        "people": number(work.people),
        "people_helped": number(one.helped),
        "walk_saved": number(work.walk_saved),
        "walk_saved_unit": "person_s" if minutes else "person_m",
        "cost_low_yuan": number(one.cost.low),
        "cost_high_yuan": number(one.cost.high),
        "cost_source": one.cost.source,
        "cost_confidence": one.cost.confidence or None,
        "yuan_per_person": number(work.yuan_per_person),
        "people_asking": number(work.people_asking),
        "gaps_closed": gap_words(work.closes),
        "gaps_narrowed": gap_words(work.narrows),
        "gaps_mended": gap_words(one.helped_by),
        "siting_score": number(one.score),
        "lead_time_months": lead_time(one.lead_time_months),
        **_lonlat(study, one.xy_m),
    }
    return row


def _lonlat(study: Study, xy_m: Sequence[float]) -> Row:
    lon, lat = study.inputs.crs.unproject(np.array([xy_m], dtype=np.float64))[0].tolist()
    return {"lon": round(lon, _LONLAT_DECIMALS), "lat": round(lat, _LONLAT_DECIMALS)}

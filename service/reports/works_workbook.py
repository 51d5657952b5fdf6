"""A plan as a workbook: works in order with costs, stop curve, circles, solves, proof."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from analysis.documents.plain import plain_text, texts
from analysis.documents.plan import plan_document
from analysis.messages import message
from analysis.plan.plan import Plan
from analysis.study import Study
from service.reports.workbook import Kind, Pen

Columns = tuple[tuple[str, Kind], ...]
WORKS: Final[Columns] = (
    ("order", "count"), ("work_zh", "text"), ("work_en", "text"), ("elements_zh", "text"),
    ("elements_en", "text"), ("circle_name", "text"), ("place", "text"),
    ("site_kind_zh", "text"), ("site_kind_en", "text"),
    ("priority_zh", "text"), ("priority_en", "text"), ("people", "count"),
    ("people_helped", "count"), ("cost_low_yuan", "count"), ("cost_high_yuan", "count"),
    ("cost_source_zh", "text"), ("cost_source_en", "text"), ("cost_confidence", "word"),
    ("yuan_per_person", "count"), ("cost_so_far_low_yuan", "count"),
    ("cost_so_far_high_yuan", "count"), ("covered_so_far", "count"), ("scale_zh", "wide"),
    ("scale_en", "wide"), ("walk_saved", "count"), ("people_asking", "count"),
    ("siting_score", "share"), ("lead_time_months", "text"), ("needs_person_zh", "wide"),
    ("needs_person_en", "wide"), ("gaps_closed", "text"), ("gaps_narrowed", "text"),
    ("gaps_mended", "text"), ("lon", "text"), ("lat", "text"), ("work_id", "text"),
)  # fmt: skip
CURVE: Final[Columns] = (
    ("order", "count"), ("work_id", "text"), ("cost_so_far_low_yuan", "count"),
    ("cost_so_far_high_yuan", "count"), ("unpriced", "count"), ("covered_so_far", "count"),
    ("people_elements_share", "share"),
)  # fmt: skip
CIRCLES: Final[Columns] = (
    ("circle_name", "text"), ("works", "count"), ("people", "count"), ("people_helped", "count"),
    ("cost_low_yuan", "count"), ("cost_high_yuan", "count"), ("unpriced", "count"),
    ("elements_zh", "wide"), ("elements_en", "wide"),
)  # fmt: skip
SOLVES: Final[Columns] = (
    ("elements_zh", "text"), ("elements_en", "text"), ("circles", "text"), ("model_zh", "text"),
    ("model_en", "text"), ("status_zh", "text"), ("status_en", "text"), ("objective", "count"),
    ("bound", "count"), ("gap", "share"), ("sites_chosen", "count"), ("target_share", "share"),
    ("best_share", "share"), ("said_zh", "wide"), ("said_en", "wide"),
)  # fmt: skip
PROOF: Final[Columns] = (
    ("circle_name", "text"), ("element_zh", "text"), ("element_en", "text"),
    ("verdict_before", "verdict"), ("verdict_after", "verdict"), ("share_before", "share"),
    ("share_after", "share"), ("target", "share"), ("people_gained", "count"),
)  # fmt: skip
UNREACHABLE: Final[Columns] = (
    ("circle_name", "text"), ("element_zh", "text"), ("element_en", "text"), ("people", "count"),
    ("best_share", "share"), ("target", "share"), ("why_zh", "wide"), ("why_en", "wide"),
    ("lon", "text"), ("lat", "text"),
)  # fmt: skip
BESIDE: Final[Columns] = (
    ("text_zh", "wide"), ("text_en", "wide"), ("link_people", "count"),
    ("link_cost_low_yuan", "count"), ("link_cost_high_yuan", "count"),
    ("building_people", "count"), ("building_cost_low_yuan", "count"),
    ("building_cost_high_yuan", "count"), ("gap_id", "text"),
)  # fmt: skip
REJECTED: Final[Columns] = (
    ("element_zh", "text"), ("element_en", "text"), ("sites_asked", "count"),
    ("sites_allowed", "count"), ("sites_rejected", "count"),
)  # fmt: skip
OVERRIDES: Final[Columns] = (
    ("work_id", "text"), ("action_zh", "text"), ("action_en", "text"), ("reason", "wide"),
    ("by", "text"),
)  # fmt: skip
_CREATED: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed stamp; the format holds no zone


def works_workbook(study: Study, plan: Plan, path: Path) -> None:
    """Write the workbook of `plan` to `path`: the same plan gives the same bytes.

    Sheets: 说明 Notes, 项目 Works, 资金曲线 Stop curve, 分圈 By circle, 求解 Solves, 验证 Proof,
    覆盖不到 Out of reach, 修路或建设 Path or building where links were found, 候选用地 Candidates,
    and 调整 Overrides where there are any.
    """
    document: Any = plan_document(study, plan)
    proof = document["proof"]["verdicts"]
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": plain_text(plan.title)[:250], "created": _CREATED})
        pen = Pen(book, study.inputs.standard.sources)
        _notes(pen, document)
        pen.table("outputs.sheet.works", WORKS, document["works"], freeze=4)
        pen.table("outputs.sheet.curve", CURVE, document["curve"], freeze=1)
        pen.table("outputs.sheet.plan_circles", CIRCLES, document["by_circle"], freeze=1)
        pen.table("outputs.sheet.solves", SOLVES, document["solves"], freeze=2)
        pen.table("outputs.sheet.proof", PROOF, proof, freeze=2)
        pen.table("outputs.sheet.out_of_reach", UNREACHABLE, document["unreachable"], freeze=2)
        if document["path_or_building"]:
            pen.table("outputs.sheet.beside", BESIDE, document["path_or_building"], freeze=1)
        pen.table("outputs.sheet.rejected", REJECTED, _rejected(study, plan), freeze=1)
        if document["overrides"]:
            pen.table("outputs.sheet.overrides", OVERRIDES, document["overrides"], freeze=1)


def _rejected(study: Study, plan: Plan) -> list[dict[str, object]]:
    """Return how many candidates each planned element may use; reasons stand in rejections.csv."""
    rows = []
    for element_id in plan.element_ids:
        name = texts(study.inputs.standard.element(element_id).name)
        allowed = len(plan.sites.allowed_for(element_id))
        rows.append(
            {
                "element_zh": name["zh"],
                "element_en": name["en"],
                "sites_asked": len(plan.sites),
                "sites_allowed": allowed,
                "sites_rejected": len(plan.sites) - allowed,
            }
        )
    return rows


def _notes(pen: Pen, document: Any) -> None:
    sheet = pen.sheet("outputs.sheet.notes")
    sheet.set_column(0, 1, 90)
    sheet.write_string(0, 0, plain_text(document["title"]), pen.formats["title"])
    for line, said in enumerate(_lines(document), start=2):
        for column, language in enumerate(("zh", "en")):
            sheet.write_string(line, column, said[language], pen.formats["wide"])


def _lines(document: Any) -> Sequence[dict[str, str]]:
    works, proof = document["works"], document["proof"]
    last, unseen = document["curve"][-1], document["works_unseen"]
    headline = message(
        "plan.headline",
        works=len(works),
        people=last["covered_so_far"],
        low=last["cost_so_far_low_yuan"] / 1e4,
        high=last["cost_so_far_high_yuan"] / 1e4,
    )
    return [
        texts(headline),
        document["statement"],
        proof["text"],
        *([texts(message("candidates.unseen", count=unseen))] if unseen else []),
        *document["left_out"],
    ]

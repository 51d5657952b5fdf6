"""What a scenario changes as a workbook: circles × elements, gaps, days."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from analysis.documents.plain import plain_text
from analysis.messages import message
from service.reports.workbook import Kind, Pen

CHANGES: Final[tuple[tuple[str, Kind], ...]] = (
    ("circle_name", "text"), ("element_zh", "text"), ("element_en", "text"),
    ("sentence_zh", "wide"), ("sentence_en", "wide"), ("people", "count"),
    ("people_covered", "count"), ("people_covered_after", "count"), ("people_gained", "count"),
    ("people_lost", "count"), ("people_nearer", "count"), ("people_farther", "count"),
    ("people_compared", "count"), ("saved_mean_m", "metres"), ("saved_mean_s", "seconds"),
    ("people_new", "count"), ("people_new_covered", "count"), ("deciding_basis", "word"),
    ("share_before", "share"), ("share_after", "share"), ("share_points", "ratio"),
    ("verdict_before", "verdict"), ("verdict_after", "verdict"),
)  # fmt: skip
GAPS: Final[tuple[tuple[str, Kind], ...]] = (
    ("change_word", "text"), ("kind_zh", "text"), ("kind_en", "text"), ("circle_name", "text"),
    ("element_zh", "text"), ("element_en", "text"), ("people", "count"), ("buildings", "count"),
    ("walk_median_m", "metres"), ("gap_id", "text"),
)  # fmt: skip
DAYS: Final[tuple[tuple[str, Kind], ...]] = (
    ("day", "text"), ("element_zh", "text"), ("element_en", "text"), ("people", "count"),
    ("people_covered", "count"), ("share", "share"), ("verdict", "verdict"),
    ("gaps_count", "count"), ("people_in_gaps", "count"),
)  # fmt: skip
_CREATED: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed stamp; the format holds no zone


def scenario_workbook(document: Mapping[str, Any], path: Path) -> None:
    """Write a scenario's document to `path`: the same document gives the same bytes.

    Sheets: 情景变化 Scenario, 缺口变化 Gap changes and, where days were asked for, 分期 By date.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        title = plain_text(document["headline"]["zh"])
        book.set_properties({"title": title[:250], "created": _CREATED})
        pen = Pen(book, {})
        changes = [{**row, "deciding_basis": row["basis"]} for row in document["circles"]]
        pen.table("outputs.sheet.scenario", CHANGES, changes, freeze=2)
        gaps = [
            {**row, "change_word": _gap_word(row["change"])} for row in document["gaps"]["rows"]
        ]
        pen.table("outputs.sheet.scenario_gaps", GAPS, gaps, freeze=1)
        if document["days"]:
            days = [
                {**row, "gaps_count": row["gaps"], "day": row["day"] or _both("scenario.day.start")}
                for row in document["days"]
            ]
            pen.table("outputs.sheet.scenario_days", DAYS, days, freeze=1)


def _gap_word(change: str) -> str:
    return _both(f"scenario.gap.{change}")


def _both(key: str) -> str:
    told = message(key)
    return f"{told.text('zh')} {told.text('en')}"

"""The assessment as a workbook that a planner can filter, colour-coded, in both languages."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from analysis.documents.facilities import facility_rows
from analysis.documents.gaps import gap_collection
from analysis.documents.plain import plain_text, texts
from analysis.documents.study import assessment_rows, study_document
from analysis.messages import message
from analysis.study import Study
from analysis.units import minutes
from service.reports.about import about_lines
from service.reports.diagnosis_sheets import SHEETS
from service.reports.words import words_of

# text, wide, count, metres, share, minutes, seconds, yes, verdict; word: a code in words (WORDS);
# source: the title of a source of the standard
Kind = str

VERDICT_COLOURS: Final = {
    "met": ("#D9EAD3", "#1E5B2A"),
    "weak": ("#FFF2CC", "#7F6000"),
    "short": ("#F4CCCC", "#8B1A1A"),
    "not_assessed": ("#EDEDED", "#595959"),
}
_FORMATS: Final[dict[Kind, dict[str, object]]] = {
    "text": {"valign": "top"},
    "word": {"valign": "top"},
    "source": {"valign": "top"},
    "wide": {"valign": "top", "text_wrap": True},
    "count": {"valign": "top", "num_format": "#,##0"},
    "metres": {"valign": "top", "num_format": "#,##0"},
    "share": {"valign": "top", "num_format": "0.0%"},
    "ratio": {"valign": "top", "num_format": "0.00"},
    "minutes": {"valign": "top", "num_format": "General"},
    "seconds": {"valign": "top", "num_format": "0.0"},
    "yes": {"valign": "top", "align": "center"},
    "head": {
        "bold": True, "text_wrap": True, "valign": "vcenter", "align": "center",
        "bg_color": "#1F3864", "font_color": "#FFFFFF", "border": 1,
    },
    "title": {"bold": True, "font_size": 16},
    "label": {"bold": True, "valign": "top"},
}  # fmt: skip
_WIDTHS: Final[dict[Kind, float]] = {
    "text": 18, "word": 18, "source": 30, "wide": 52, "count": 11, "metres": 11, "share": 10,
    "ratio": 9, "minutes": 9, "seconds": 9, "yes": 9, "verdict": 14,
}  # fmt: skip
FONT: Final = {"font_name": "Microsoft YaHei", "font_size": 10}
_CREATED: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed stamp; the format holds no zone
_MAX_CELL: Final = 32767  # characters a cell may hold

ASSESSMENT_SHEET: Final[tuple[tuple[str, Kind], ...]] = (
    ("circle_name", "text"), ("category_zh", "text"), ("element_zh", "text"),
    ("element_en", "text"), ("verdict", "verdict"), ("assessed_dimensions", "yes"),
    ("scale_verdict", "verdict"), ("coverage_verdict", "verdict"),
    ("efficiency_verdict", "verdict"), ("quality_verdict", "verdict"),
    ("sentence_zh", "wide"), ("sentence_en", "wide"), ("fragile_zh", "text"),
    ("share", "share"), ("target", "share"), ("acceptable", "share"), ("share_upper", "share"),
    ("deciding_basis", "word"), ("basis_amount", "count"), ("basis_lacking", "count"),
    ("people", "count"), ("people_covered", "count"),
    ("people_lacking", "count"), ("people_beyond", "count"), ("people_edge", "count"),
    ("people_unlinked", "count"),
    ("share_people", "share"), ("share_buildings", "share"), ("share_land", "share"),
    ("threshold_m", "metres"), ("minutes", "minutes"), ("walker_zh", "text"),
    ("walker_en", "text"), ("walk_median_m", "metres"),
    ("walk_p95_m", "metres"), ("walk_max_m", "metres"), ("walk_median_s", "seconds"),
    ("walk_p95_s", "seconds"), ("walk_max_s", "seconds"), ("walk_note_zh", "text"),
    ("facilities_inside", "count"), ("facilities_ambiguous", "count"), ("edge_of_data", "yes"),
    ("reason_coverage_zh", "wide"), ("reason_coverage_en", "wide"),
    ("reason_scale_zh", "wide"), ("reason_scale_en", "wide"), ("reason_efficiency_zh", "wide"),
    ("reason_efficiency_en", "wide"), ("reason_quality_zh", "wide"), ("reason_quality_en", "wide"),
    ("target_source", "source"), ("target_confidence", "word"),
)  # fmt: skip
MISSING_SHEET: Final[tuple[tuple[str, Kind], ...]] = (
    ("circle_name", "text"), ("element_zh", "text"), ("element_en", "text"), ("share", "share"),
    ("target", "share"), ("lacks_zh", "wide"), ("lacks_en", "wide"), ("deciding_basis", "word"),
    ("basis_lacking", "count"), ("people_lacking", "count"), ("scale_lacking", "count"),
    ("scale_unit_zh", "text"), ("scale_unit_en", "text"), ("edge_of_data", "yes"),
    ("reason_coverage_zh", "wide"), ("reason_coverage_en", "wide"),
)  # fmt: skip
GAPS_SHEET: Final[tuple[tuple[str, Kind], ...]] = (
    ("rank", "count"), ("kind_zh", "text"), ("kind_en", "text"),
    ("circle_name", "text"), ("element_zh", "text"), ("element_en", "text"),
    ("deciding_basis", "word"), ("basis_lacking", "count"),
    ("people", "count"), ("buildings", "count"), ("walk_median_m", "metres"),
    ("walk_worst_m", "metres"), ("walk_median_s", "seconds"), ("walk_worst_s", "seconds"),
    ("walk_note_zh", "text"), ("walk_note_en", "text"),
    ("threshold_m", "metres"), ("walker_zh", "text"), ("walker_en", "text"),
    ("reason_zh", "wide"), ("reason_en", "wide"), ("circle_verdict", "verdict"),
    ("tolerated", "yes"), ("edge_of_data", "yes"),
    ("gap_id", "text"),
)  # fmt: skip
FACILITIES_SHEET: Final[tuple[tuple[str, Kind], ...]] = (
    ("element_zh", "text"), ("element_en", "text"), ("name", "text"), ("source_id", "text"),
    ("origin", "word"), ("status", "word"), ("counts", "yes"), ("ambiguous", "yes"),
    ("area_m2", "metres"), ("entrances", "count"), ("entrances_found_zh", "text"),
    ("link_zh", "text"), ("link_en", "text"), ("nearest_for_people", "count"),
    ("lon", "text"), ("lat", "text"), ("attributes", "text"),
)  # fmt: skip


def assessment_workbook(study: Study, path: Path) -> None:
    """Write the workbook of `study` to `path`: the same study gives the same bytes.

    Sheets: 说明 About, 评价 Assessment, 缺什么 Missing, those of the diagnosis
    (:mod:`service.reports.diagnosis_sheets`), 缺口 Gaps, 设施 Facilities. Names from maps
    and tables stay text whatever they begin with.
    """
    document, rows = study_document(study), assessment_rows(study)
    collection: Any = gap_collection(study)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": plain_text(study.inputs.title), "created": _CREATED})
        pen = Pen(book, study.inputs.standard.sources)
        _about(pen, document)
        pen.table("outputs.sheet.assessment", ASSESSMENT_SHEET, rows, freeze=4)
        pen.table("outputs.sheet.missing", MISSING_SHEET, _missing(rows), freeze=1)
        for key, columns, rows_of, freeze in SHEETS:
            pen.table(key, columns, rows_of(study), freeze=freeze)
        gaps = [feature["properties"] for feature in collection["features"]]
        pen.table("outputs.sheet.gaps", GAPS_SHEET, gaps, freeze=1)
        pen.table("outputs.sheet.facilities", FACILITIES_SHEET, facility_rows(study), freeze=3)


def _missing(rows: Sequence[Any]) -> list[Any]:
    """Return short rows circle by circle, most lacking residents first."""
    circles = list(dict.fromkeys(row["circle_id"] for row in rows))
    short = [row for row in rows if row["verdict"] == "short"]
    return sorted(
        short, key=lambda row: (circles.index(row["circle_id"]), -(row["people_lacking"] or 0.0))
    )


def _about(pen: "Pen", document: dict[str, Any]) -> None:
    sheet = pen.sheet("outputs.sheet.about")
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 110)
    sheet.write_string(0, 0, _cut(document["title"]), pen.formats["title"])
    for line, (label, text) in enumerate(about_lines(document), start=2):
        sheet.write_string(line, 0, _cut(label), pen.formats["label"])
        sheet.write_string(line, 1, _cut(text), pen.formats["wide"])


class Pen:
    """Writes typed cells; every text goes through ``write_string``."""

    def __init__(self, book: Any, sources: Mapping[str, str]) -> None:
        self._book = book
        self._sources = sources
        self.formats = {name: book.add_format(FONT | look) for name, look in _FORMATS.items()}
        self._verdicts = {
            name: book.add_format(
                FONT | {"bg_color": back, "font_color": ink, "bold": True, "valign": "top"}
            )
            for name, (back, ink) in VERDICT_COLOURS.items()
        }

    def sheet(self, key: str) -> Any:
        """Add a sheet, named in both languages."""
        return self._book.add_worksheet(_both(key, " "))

    def table(
        self,
        key: str,
        columns: Sequence[tuple[str, Kind]],
        rows: Iterable[Any],
        *,
        freeze: int,
    ) -> None:
        """Add a sheet with a row for each of `rows`; the first `freeze` columns stay in sight."""
        sheet = self.sheet(key)
        sheet.set_row(0, 46)
        sheet.freeze_panes(1, freeze)
        for number, (name, kind) in enumerate(columns):
            sheet.set_column(number, number, _WIDTHS[kind])
            head = _both(f"outputs.column.{name}", "\n")
            sheet.write_string(0, number, head, self.formats["head"])
        last = 0
        for last, row in enumerate(rows, start=1):
            for number, (name, kind) in enumerate(columns):
                self._cell(sheet, last, number, self._told(name, row[name], kind), kind)
        sheet.autofilter(0, 0, max(last, 1), len(columns) - 1)

    def _told(self, name: str, value: object, kind: Kind) -> object:
        """Return what a cell says: the words of a code, the title of a source, else the value."""
        if value is None or kind not in {"word", "source"}:
            return value
        code = str(value)
        return words_of(name, code) if kind == "word" else self._sources.get(code, code)

    def _cell(self, sheet: Any, row: int, column: int, value: object, kind: Kind) -> None:
        if value is None:
            return
        if kind == "verdict":
            text = _both(f"verdict.{value}", " ")
            sheet.write_string(row, column, text, self._verdicts[str(value)])
        elif isinstance(value, bool):
            mark = _both("outputs.yes" if value else "outputs.no", " ")
            sheet.write_string(row, column, mark, self.formats["yes"])
        elif kind == "seconds":  # people read minutes
            sheet.write_number(row, column, minutes(float(str(value))), self.formats[kind])
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value, self.formats[kind])
        else:
            sheet.write_string(row, column, _cut(str(value)), self.formats[kind])


def _both(key: str, separator: str) -> str:
    both = texts(message(key))
    return f"{both['zh']}{separator}{both['en']}"


def _cut(text: str) -> str:
    text = plain_text(text)
    return text if len(text) <= _MAX_CELL else text[: _MAX_CELL - 1] + "…"

"""A standard as a workbook that a planner can edit and hand back; nothing of it is lost."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from analysis.documents.plain import texts
from analysis.errors import InvalidStandardError
from analysis.messages import message, phrase_table
from analysis.sources.standard_cells import MAX_CELL_CHARS, CellValue
from analysis.sources.standard_sheets import ABOUT, FIELD, LABEL, VALUE, VERSION, Sheet, sheets_of
from analysis.standard.fields import FieldLabel
from service.reports.workbook import FONT

_CREATED: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed stamp; the format holds no zone
_FORMATS: Final[Mapping[str, Mapping[str, object]]] = {
    "head": {
        "bold": True, "text_wrap": True, "valign": "vcenter", "align": "center",
        "bg_color": "#1F3864", "font_color": "#FFFFFF", "border": 1,
    },
    "ids": {"italic": True, "bg_color": "#D9E1F2", "border": 1, "font_color": "#404040"},
    "cell": {"valign": "top", "text_wrap": True},
    # What is typed over a version stays text: of 2026.10 Excel would keep 2026.1.
    "version": {"valign": "top", "num_format": "@"},
    "title": {"bold": True, "font_size": 16},
}  # fmt: skip
_NARROW, _WIDE, _LONG = 14, 40, 24
_HELP: Final = (
    "head", "ids", "blank", "null", "list", "rows", "number", "sources", "back", "refused",
)  # fmt: skip


def standard_workbook(document: Mapping[str, Any], path: Path) -> None:
    """Write the resolved `document` to `path`: the same document gives the same bytes.

    Raises :class:`InvalidStandardError` where one value is too long for a cell.
    """
    sheets = sheets_of(document)
    _check_lengths(sheets)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        profile = document["profile"]
        book.set_properties({"title": profile["title_zh"], "created": _CREATED})
        formats = {name: book.add_format({**FONT, **look}) for name, look in _FORMATS.items()}
        _about(book, formats, profile)
        for sheet in sheets:
            _table(book, formats, sheet)


def _check_lengths(sheets: tuple[Sheet, ...]) -> None:
    for sheet in sheets:
        for row in sheet.rows:
            for name, cell in row.items():
                if isinstance(cell, str) and len(cell) > MAX_CELL_CHARS:
                    raise InvalidStandardError(
                        message("standard.workbook.too_long", field=name, length=len(cell)),
                        remedy=message("standard.workbook.too_long.remedy"),
                        value=next(iter(row.values())),
                    )


def _about(book: Any, formats: Mapping[str, Any], profile: Mapping[str, Any]) -> None:
    sheet = book.add_worksheet(_title(ABOUT))
    sheet.set_column(0, 0, 110)
    sheet.write_string(0, 0, profile["title_zh"], formats["title"])
    lines = [profile["statement_zh"], profile["statement_en"]]
    for name in _HELP:
        both = texts(message(f"standard.about.{name}"))
        lines += [both["zh"], both["en"]]
    for number, line in enumerate(lines, start=2):
        sheet.write_string(number, 0, line, formats["cell"])


def _table(book: Any, formats: Mapping[str, Any], table: Sheet) -> None:
    sheet = book.add_worksheet(_title(table.id))
    sheet.freeze_panes(2, 1)
    sheet.set_row(0, 32)
    for column, name in enumerate(table.columns):
        both = texts(FieldLabel(tuple(name.split("."))))
        sheet.write_string(0, column, f"{both['zh']}\n{both['en']}", formats["head"])
        sheet.write_string(1, column, name, formats["ids"])
        sheet.set_column(column, column, _width(table, name))
    for number, row in enumerate(table.rows, start=2):
        for column, name in enumerate(table.columns):
            cell = _words(str(row[FIELD])) if name == LABEL else row.get(name)
            if cell is not None:
                is_version = name == VALUE and row.get(FIELD) == VERSION
                look = formats["version" if is_version else "cell"]
                _write(sheet, number, column, cell, look)
    sheet.autofilter(1, 0, max(len(table.rows) + 1, 2), len(table.columns) - 1)


def _write(sheet: Any, row: int, column: int, cell: CellValue, look: Any) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell, look)
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell, look)
    else:
        sheet.write_string(row, column, cell, look)


def _words(field: str) -> str:
    """Return what a field of the profile is, in Chinese; rows of a list keep their number."""
    keys = tuple(part for part in field.split(".") if part != "profile") or (field,)
    return FieldLabel(tuple(one.split("[")[0] for one in keys)).text("zh")


def _width(table: Sheet, name: str) -> float:
    longest = max((len(str(row.get(name, ""))) for row in table.rows), default=0)
    if name == LABEL:
        return _LONG
    return _NARROW if longest <= _NARROW else _LONG if longest <= 2 * _LONG else _WIDE


def _title(sheet_id: str) -> str:
    key = f"standard.sheet.{sheet_id}"
    return f"{message(key).text('zh')} {sheet_id}" if key in phrase_table() else sheet_id

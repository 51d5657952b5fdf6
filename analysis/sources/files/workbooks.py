"""Excel workbooks as rows of text, opened only after their archive was measured."""

import datetime as dt
import zipfile
import zlib
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from analysis.errors import SourceDataError
from analysis.messages import Joined, message
from analysis.notices import Notice, notice

MAX_UNPACKED_BYTES: Final = 512 * 2**20
MAX_RATIO: Final = 100
_MAX_MEMBERS: Final = 10_000
_SMALL_BYTES: Final = 8 * 2**20  # below this a high ratio is only a very regular sheet
# What zipfile lets through when an archive is damaged or of a kind it does not know.
DAMAGED_ARCHIVE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    IndexError,
)
# The same for openpyxl, which has no class of its own for a damaged workbook.
DAMAGED: Final = (
    *DAMAGED_ARCHIVE,
    InvalidFileException,
    ParseError,
    KeyError,
    TypeError,
    AttributeError,
)

Records = list[tuple[int, list[str]]]


def check_archive(path: Path) -> None:
    """Raise :class:`SourceDataError` unless `path` is a zip archive of reasonable size inside.

    Refused: more than 512 MB unpacked, more than 10 000 members, or a ratio above 100 where it
    unpacks to more than 8 MB. Only the directory is read, so a bomb costs nothing.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except DAMAGED_ARCHIVE as error:
        raise SourceDataError(
            message("table.not_an_archive"),
            remedy=message("table.not_an_archive.remedy"),
            source=path.name,
        ) from error
    unpacked = sum(member.file_size for member in members)
    ratio = unpacked / max(path.stat().st_size, 1)
    if (
        unpacked > MAX_UNPACKED_BYTES
        or len(members) > _MAX_MEMBERS
        or (ratio > MAX_RATIO and unpacked > _SMALL_BYTES)
    ):
        raise SourceDataError(
            message(
                "table.archive_bomb", limit_mb=MAX_UNPACKED_BYTES // 2**20, max_ratio=MAX_RATIO
            ),
            remedy=message("table.archive_bomb.remedy"),
            source=path.name,
            value=f"{unpacked / 2**20:.0f} MB, {ratio:.0f}:1",
        )


def read_workbook(
    path: Path, max_rows: int, max_columns: int
) -> tuple[Records, tuple[Notice, ...]]:
    """Read the first sheet as (row number, cells); also what was left unread.

    Formulas count with the value stored when the workbook was last calculated; where there is
    none the cell is blank and named in a notice.
    """
    check_archive(path)
    try:
        values, sheets = _first_sheet(path, max_rows, max_columns, computed=True)
        formulas, _ = _first_sheet(path, max_rows, max_columns, computed=False)
    except DAMAGED as error:
        if isinstance(error, SourceDataError):
            raise
        raise SourceDataError(
            message("table.damaged_workbook"),
            remedy=message("table.not_an_archive.remedy"),
            source=path.name,
            value=f"{type(error).__name__}: {error}",
        ) from error
    return values, _notices(path.name, values, formulas, sheets)


def _first_sheet(
    path: Path, max_rows: int, max_columns: int, *, computed: bool
) -> tuple[Records, tuple[str, ...]]:
    book = openpyxl.load_workbook(path, read_only=True, data_only=computed, keep_links=False)
    try:
        sheets = tuple(sheet.title for sheet in book.worksheets)
        if not sheets:
            return [], ()
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # the stated extent of a sheet is often wrong
        records: Records = []
        for number, row in enumerate(
            sheet.iter_rows(max_col=max_columns + 1, values_only=True), start=1
        ):
            cells = [_text(value) for value in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                records.append((number, cells))
            if len(records) > max_rows + 1:
                raise SourceDataError(
                    message("table.too_many_rows", limit=max_rows),
                    remedy=message("table.too_large.remedy"),
                    source=path.name,
                )
    finally:
        book.close()
    return records, sheets


def _notices(
    source: str, values: Records, formulas: Records, sheets: tuple[str, ...]
) -> tuple[Notice, ...]:
    stored = {(row, col) for row, cells in values for col, cell in enumerate(cells) if cell}
    lost = [
        f"{source}:{openpyxl.utils.get_column_letter(col + 1)}{row}"
        for row, cells in formulas
        for col, cell in enumerate(cells)
        if cell.startswith("=") and (row, col) not in stored
    ]
    told = []
    if lost:
        text = message("table.formulas", source=source, count=len(lost))
        told.append(notice("table.formulas", text, lost, "warning"))
    if len(sheets) > 1:
        text = message(
            "table.other_sheets", source=source, used=sheets[0], others=Joined(sheets[1:])
        )
        told.append(notice("table.other_sheets", text, sheets[1:], "warning"))
    return tuple(told)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004 - exact integers
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return str(value)

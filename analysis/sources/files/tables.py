"""Tables that planners bring: CSV in whatever encoding and delimiter, and Excel workbooks.

A table is read as text only; what a column means and which cells must be numbers is decided by the
reader that wants it. Row numbers are those a person sees in a spreadsheet: the header is row 1.
"""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from analysis.errors import SourceDataError, SourceUnavailableError
from analysis.messages import Joined, message
from analysis.notices import Notice, notice

MAX_FILE_BYTES: Final = 200 * 2**20
MAX_ROWS: Final = 500_000
MAX_COLUMNS: Final = 500
TABLE_SUFFIXES: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")
_WORKBOOK_SUFFIXES: Final = (".xlsx", ".xlsm")
_DELIMITERS: Final = (",", ";", "\t", "|")
_DELIMITER_NAMES: Final = (",", ";", "TAB", "|")
_FOREIGN: Final = {
    b"PK\x03\x04": "XLSX/ZIP",
    b"\xd0\xcf\x11\xe0": "XLS",
    b"%PDF": "PDF",
    b"SQLite format 3": "SQLite/GPKG",
    b"\x00\x00\x27\x0a": "SHP",
    b"\x1f\x8b": "GZIP",
    b"<": "HTML/XML",
    b"{": "JSON",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as text.

    Attributes
    ----------
    source
        The file's name, without its folder.
    columns
        Trimmed, unique, not empty.
    rows
        One mapping column → cell for each row that has something in it.
    row_numbers
        The row of the file that each came from; the header is row 1.
    encoding
        As detected; empty for a workbook.
    notices
        What was skipped or left unread.
    """

    source: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    row_numbers: tuple[int, ...]
    encoding: str
    notices: tuple[Notice, ...]

    def __len__(self) -> int:
        """Return the number of rows below the header."""
        return len(self.rows)


def is_table(path: Path) -> bool:
    """Return whether the file's name says that it is a table."""
    return path.suffix.lower() in TABLE_SUFFIXES


def read_table(path: Path) -> Table:
    """Read a CSV file (``,`` ``;`` tab or ``|``; UTF-8, UTF-16 or GB18030) or a workbook.

    Raises
    ------
    SourceUnavailableError
        There is no such file.
    SourceDataError
        The file is empty, too large, of another format, or a row does not fit its header.
    """
    check_file(path, MAX_FILE_BYTES)
    if path.suffix.lower() in _WORKBOOK_SUFFIXES:
        from analysis.sources.files.workbooks import read_workbook  # noqa: PLC0415 - slow to import

        cells, notices = read_workbook(path, MAX_ROWS, MAX_COLUMNS)
        return _table(path.name, cells, "", "", notices)
    text, encoding = _decode(path.read_bytes(), path.name)
    delimiter = _delimiter(text, path.name)
    cells = _records(text, delimiter, path.name)
    return _table(path.name, cells, encoding, delimiter, ())


def check_file(path: Path, max_bytes: int) -> None:
    """Raise a typed error unless `path` is a readable file of 1 to `max_bytes` bytes."""
    try:
        is_file, size = path.is_file(), path.stat().st_size
    except (OSError, ValueError) as error:
        raise SourceUnavailableError(
            message("table.no_file"), remedy=message("source.missing.remedy"), source=str(path)
        ) from error
    if not is_file:
        raise SourceUnavailableError(
            message("table.no_file"), remedy=message("source.missing.remedy"), source=str(path)
        )
    if size == 0:
        raise SourceDataError(
            message("table.empty_file"), remedy=message("table.empty_file.remedy"), source=path.name
        )
    if size > max_bytes:
        raise SourceDataError(
            message("table.too_large", limit_mb=max_bytes // 2**20),
            remedy=message("table.too_large.remedy"),
            source=path.name,
            value=f"{size / 2**20:.0f} MB",
        )


def _decode(data: bytes, source: str) -> tuple[str, str]:
    for magic, kind in _FOREIGN.items():
        if data.startswith(magic):
            raise SourceDataError(
                message("table.foreign", kind=kind),
                remedy=message("table.foreign.remedy"),
                source=source,
            )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text, "utf-8" if encoding == "utf-8-sig" else encoding
    raise SourceDataError(
        message("table.binary"), remedy=message("table.binary.remedy"), source=source
    )


def _delimiter(text: str, source: str) -> str:
    """Return the delimiter that splits the header into most cells and the next rows alike."""
    head = "\n".join(text.lstrip("\r\n").splitlines()[:40])
    scored = []
    for rank, delimiter in enumerate(_DELIMITERS):
        rows = [row for row in csv.reader(io.StringIO(head), delimiter=delimiter) if row]
        width = len(rows[0]) if rows else 0
        alike = sum(len(row) == width for row in rows) / max(len(rows), 1)
        scored.append((width > 1, alike >= 0.5, width, -rank, delimiter))  # noqa: PLR2004 - most
    found, _, _, _, delimiter = max(scored)
    if not found:
        raise SourceDataError(
            message("table.one_column", delimiters=Joined(_DELIMITER_NAMES)),
            remedy=message("table.one_column.remedy"),
            source=source,
            row=1,
            value=head.split("\n", 1)[0],
        )
    return delimiter


def _records(text: str, delimiter: str, source: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
    try:
        for number, cells in enumerate(reader, start=1):
            if number > MAX_ROWS + 1:
                raise SourceDataError(
                    message("table.too_many_rows", limit=MAX_ROWS),
                    remedy=message("table.too_large.remedy"),
                    source=source,
                )
            records.append((number, cells))
    except csv.Error as error:
        raise SourceDataError(
            message("table.broken_quotes"),
            remedy=message("table.broken_quotes.remedy"),
            source=source,
            row=len(records) + 1,
            value=str(error),
        ) from error
    return records


def _table(
    source: str,
    records: Sequence[tuple[int, Sequence[str]]],
    encoding: str,
    delimiter: str,
    notices: tuple[Notice, ...],
) -> Table:
    filled = [(number, cells) for number, cells in records if any(c.strip() for c in cells)]
    if not filled:
        raise SourceDataError(
            message("table.empty_file"), remedy=message("table.empty_file.remedy"), source=source
        )
    header_row, header = filled[0]
    columns = _header(source, header_row, header)
    rows: list[Mapping[str, str]] = []
    for number, cells in filled[1:]:
        extra = [cell for cell in cells[len(columns) :] if cell.strip()]
        short = bool(delimiter) and len(cells) < len(columns)
        if extra or short:
            raise SourceDataError(
                message("table.ragged", found=len(cells), expected=len(columns)),
                remedy=message("table.ragged.remedy"),
                source=source,
                row=number,
                value=(delimiter or ",").join(cells),
            )
        padded = [*cells, *([""] * (len(columns) - len(cells)))]
        rows.append(dict(zip(columns, padded, strict=False)))
    blank = [
        n
        for n, cells in records
        if header_row < n < filled[-1][0] and not any(map(str.strip, cells))
    ]
    if blank:
        text = message("table.blank_rows", source=source, count=len(blank))
        notices = (*notices, notice("table.blank_rows", text, (f"{source}:{n}" for n in blank)))
    return Table(
        source=source,
        columns=columns,
        rows=tuple(rows),
        row_numbers=tuple(number for number, _ in filled[1:]),
        encoding=encoding,
        notices=notices,
    )


def _header(source: str, row: int, cells: Sequence[str]) -> tuple[str, ...]:
    columns = [cell.strip() for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    counts = Counter(columns)
    twice = tuple(column for column, count in counts.items() if count > 1 and column)
    if twice:
        raise SourceDataError(
            message("table.duplicate_columns", columns=Joined(twice)),
            remedy=message("table.duplicate_columns.remedy"),
            source=source,
            row=row,
            value=twice[0],
        )
    if "" in columns:
        raise SourceDataError(
            message("table.unnamed_column", position=columns.index("") + 1),
            remedy=message("table.unnamed_column.remedy"),
            source=source,
            row=row,
        )
    if len(columns) > MAX_COLUMNS:
        raise SourceDataError(
            message("table.too_many_columns", limit=MAX_COLUMNS),
            remedy=message("table.too_large.remedy"),
            source=source,
            row=row,
            value=len(columns),
        )
    return tuple(columns)

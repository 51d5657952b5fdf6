"""Tables as CSV that a spreadsheet opens as text and numbers, never as formulas."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

Cell = str | float | int | bool | None

BOM: Final = b"\xef\xbb\xbf"  # Excel takes a file without it for the machine's own code page
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell_text(text: str) -> str:
    """Return `text` so that a spreadsheet shows it: what could begin a formula gets a quote."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_bytes(columns: Sequence[str], rows: Iterable[Mapping[str, Cell]]) -> bytes:
    """Return rows as CSV in UTF-8 with a byte order mark.

    Numbers stay numbers; truth values are 1 and 0; None is an empty cell.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row[column]) for column in columns])
    return BOM + out.getvalue().encode("utf-8", "replace")


def _cell(value: Cell) -> str | float | int:
    if value is None:
        return ""
    if isinstance(value, bool):
        return int(value)
    # A NUL ends the cell, or the file, in most readers of CSV.
    return cell_text(value.replace("\0", "�")) if isinstance(value, str) else value

"""One value of a standard in one cell of a workbook, and back, so that nothing is lost.

A text stands as it is, a number as a number, true and false as Excel's own. What a cell cannot hold
by itself is written so that it can be told from a text: lists and mappings as compact YAML
(``[id, name]``), nothing as ``null``, a number with more digits than a workbook keeps as ``!`` and
the number, and a text that looks like one of these in double quotes.
"""

import json
import math
import re
from typing import Any, Final

import yaml

from analysis.messages import Message, message
from analysis.sources.yaml_lines import read_yaml

CellValue = str | int | float | bool
NOTHING: Final = "null"
EXACT: Final = "!"
MAX_CELL_CHARS: Final = 32_767
_EXACT_DIGITS: Final = "{:.15G}"  # what Excel keeps of a number
# Characters that XML or a workbook would change, and Excel's own escapes for them.
_UNSAFE: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_"
)
_MARKED: Final = ("[", "{", '"', EXACT)


class CellError(ValueError):
    """A cell that cannot be read; `reason` and `remedy` are phrases."""

    def __init__(self, reason: Message, remedy: Message) -> None:
        super().__init__(reason.key)
        self.reason = reason
        self.remedy = remedy


def cell_of(value: object) -> CellValue:
    """Return what stands in the cell for the plain `value`."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if _keeps(value) else EXACT + repr(value)
    if value is None:
        return NOTHING
    if isinstance(value, str):
        plain = value.strip() and value != NOTHING and not value.startswith(_MARKED)
        return value if plain and not _UNSAFE.search(value) else json.dumps(value)
    text = yaml.dump(
        value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=math.inf
    ).strip()  # fmt: skip
    if _UNSAFE.search(text) or "\n" in text or not _same(text, value):
        return json.dumps(value)
    return text


def value_of(cell: CellValue) -> Any:
    """Return the plain value of a cell that is not blank; raises :class:`CellError`."""
    if not isinstance(cell, str):
        return cell
    if cell == NOTHING:
        return None
    if cell.startswith(("[", "{")):
        return _collection(cell)
    try:
        if cell.startswith('"'):
            return json.loads(cell)
        return _exact(cell[1:]) if cell.startswith(EXACT) else cell
    except ValueError as error:
        reason, remedy = message("standard.cell.broken"), message("standard.cell.broken.remedy")
        raise CellError(reason, remedy) from error


def _collection(cell: str) -> Any:
    try:  # what no YAML can say, such as characters beyond the sixteen-bit ones, is JSON
        return json.loads(cell, object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        read = read_yaml(cell)
    if read.faults:
        raise CellError(read.faults[0].reason, read.faults[0].remedy)
    return read.value


def _exact(text: str) -> int | float:
    number = float(text) if re.search(r"[.eE]", text) else int(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError
    return dict(pairs)


def _refuse(_constant: str) -> Any:
    raise ValueError


def _keeps(number: float) -> bool:
    return math.isfinite(number) and float(_EXACT_DIGITS.format(number)) == number


def _same(text: str, value: object) -> bool:
    """Return whether the YAML reads back as it was; what does not is written as JSON."""
    try:
        return json.dumps(_collection(text)) == json.dumps(value)
    except CellError:
        return False

"""Read a standard back from the workbook that a planner has edited.

Row 1 of each sheet says in words what a column is, row 2 holds the field ids, rows follow from 3.
Values are taken as they stand: formulas, dates, errors and merged cells are refused, each with its
cell.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.utils import get_column_letter

from analysis.errors import SourceDataError, one_of
from analysis.messages import Message, message
from analysis.sources.files.workbooks import DAMAGED, check_archive
from analysis.sources.standard_cells import CellError, value_of
from analysis.sources.standard_sheets import (
    ABOUT,
    ELEMENT,
    ENTRIES,
    FIELD,
    LABEL,
    LIST,
    OSM_ROWS,
    OTHER_ROWS,
    PARTS,
    PROFILE,
    PROFILE_TABLES,
    ROWS,
    SHEETS,
    VALUE,
    VERSION,
)
from analysis.standard.inheritance import Node, Place, PlacedProblem, plant
from analysis.standard.problem import Path as FieldPath
from analysis.standard.problem import Problem

ID_ROW: Final = 2
FIRST_ROW: Final = 3
MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 500
_REFUSED: Final = {"f": "formula", "d": "date", "e": "error"}
_PART: Final = re.compile(r"([A-Za-z][A-Za-z0-9_]*)((?:\[[1-9][0-9]{0,3}\])*)")
_LISTS: Final = {*ROWS.values(), OSM_ROWS, OTHER_ROWS}
Row = tuple[int, dict[str, Node]]


def read_standard_workbook(path: Path) -> tuple[Node | None, tuple[PlacedProblem, ...]]:
    """Return the document with the cell of each value, and all that cannot be read.

    Raises :class:`SourceDataError` where `path` is no workbook, or a damaged or oversized one.
    """
    check_archive(path)
    try:
        book = openpyxl.load_workbook(path, data_only=False, keep_links=False)
        return _Reader(path.name).read(book)
    except DAMAGED as error:
        if isinstance(error, SourceDataError):
            raise
        raise SourceDataError(
            message("table.damaged_workbook"),
            remedy=message("table.not_an_archive.remedy"),
            source=path.name,
            value=f"{type(error).__name__}: {error}",
        ) from error


class _Reader:
    """Collects the document sheet by sheet, and what is wrong with it."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.problems: list[PlacedProblem] = []
        self.root = Node({}, Place(source, 1))
        self.entries: dict[str, Node] = {}

    def read(self, book: Any) -> tuple[Node | None, tuple[PlacedProblem, ...]]:
        """Read every sheet: those of the elements before those of their parts."""
        tables: dict[str, tuple[Any, list[Row]]] = {}
        for sheet in book.worksheets:
            name = sheet.title.split()[-1] if sheet.title.split() else ""
            if name == ABOUT or _is_blank(sheet):
                continue
            if name in tables or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                self._wrong(Place(self.source, 1, sheet.title, "A"), "sheet", sheet.title)
                continue
            tables[name] = (sheet, list(self._rows(sheet)))
        if not tables.keys() & set(SHEETS):
            self.problems.clear()  # another workbook: its sheets are not what is wrong with it
            self._wrong(Place(self.source, 1, book.sheetnames[0], "A"), "empty", "")
            return None, tuple(self.problems)
        for name in sorted(tables, key=_reading_order):
            sheet, rows = tables[name]
            self._table(name, Place(self.source, ID_ROW, sheet.title, "A"), rows)
        _lists(self.root)
        return self.root, tuple(self.problems)

    def _table(self, name: str, place: Place, rows: list[Row]) -> None:
        if name == PROFILE:
            self._profile(rows)
        elif name in PARTS.values():
            self._parts(rows, place)
        elif name in _LISTS:
            self._list_rows(rows, place)
        else:
            entries = [self._entry(cells, place, number) for number, cells in rows]
            if name in ENTRIES:
                for one in entries:
                    key = one.value.get("id")
                    if key is not None and isinstance(key.value, str):
                        self.entries.setdefault(key.value, one)
            self._put(self.root, self._home(name), Node(entries, place))

    @staticmethod
    def _home(name: str) -> str:
        return f"{PROFILE}.{name}" if name in PROFILE_TABLES else name

    def _profile(self, rows: list[Row]) -> None:
        for number, cells in rows:
            named, value = cells.get(FIELD), cells.get(VALUE)
            if named is None:
                first = next(iter(cells.values()))
                self._wrong(first.place, "no_field", "")
            elif value is not None:
                self._put(self.root, named.value, _as_text(named, value), named.place)
            elif set(cells) - {FIELD, LABEL}:
                self._wrong(named.place, "row", str(number))

    def _parts(self, rows: list[Row], place: Place) -> None:
        for number, cells in rows:
            entry = self._owner(cells, place, number)
            if entry is not None:
                for path, node in cells.items():
                    if path != ELEMENT:
                        self._put(entry, path, node)

    def _list_rows(self, rows: list[Row], place: Place) -> None:
        for number, cells in rows:
            entry = self._owner(cells, place, number)
            wanted = cells.get(LIST)
            if wanted is None:
                self._wrong(_row_place(place, number), "no_list", "")
            if entry is None or wanted is None:
                continue
            own = {key: one for key, one in cells.items() if key not in (ELEMENT, LIST)}
            none_yet = Node([], _row_place(place, number))
            held = self._put(entry, wanted.value, none_yet, wanted.place, share=True)
            if held is not None:
                held.value.append(self._entry(own, place, number))

    def _owner(self, cells: dict[str, Node], place: Place, number: int) -> Node | None:
        named = cells.get(ELEMENT)
        if named is None:
            self._wrong(_row_place(place, number), "no_element", "")
            return None
        entry = self.entries.get(str(named.value))
        if entry is None:
            self._wrong(named.place, "element", str(named.value))
        return entry

    def _entry(self, cells: dict[str, Node], place: Place, number: int) -> Node:
        entry = Node({}, _row_place(place, number))
        for path, node in cells.items():
            self._put(entry, path, node)
        return entry

    def _put(
        self,
        holder: Node,
        path: object,
        node: Node,
        named: Place | None = None,
        *,
        share: bool = False,
    ) -> Node | None:
        """Set the value at a dotted path, making the mappings on the way; returns what is there.

        `named` is the cell that names the path, where that is another one than the value's.
        """
        place = named or node.place
        keys = _keys(str(path))
        if not keys:
            self._wrong(place, "path", str(path))
            return None
        for key in keys[:-1]:
            holder = holder.value.setdefault(key, Node({}, node.place))
            if not isinstance(holder.value, dict):
                self._wrong(place, "twice", str(path))
                return None
        there = holder.value.setdefault(keys[-1], node)
        if there is not node and not (share and isinstance(there.value, list)):
            self._wrong(place, "twice", str(path))
            return None
        return there if isinstance(there, Node) else None

    def _rows(self, sheet: Any) -> Iterator[Row]:
        for merged in sheet.merged_cells.ranges:
            column = get_column_letter(merged.min_col)
            place = Place(self.source, merged.min_row, sheet.title, column)
            self._wrong(place, "merged", str(merged))
        if sheet.max_row > MAX_ROWS or sheet.max_column > MAX_COLUMNS:
            place = Place(self.source, MAX_ROWS, sheet.title, "A")
            self._wrong(place, "large", f"{sheet.max_row} × {sheet.max_column}")
            return
        ids: dict[int, str] = {}
        for cell in sheet[ID_ROW] if sheet.max_row >= ID_ROW else ():
            if cell.value is not None:
                place = Place(self.source, ID_ROW, sheet.title, cell.column_letter)
                if not isinstance(cell.value, str) or cell.value in ids.values():
                    self._wrong(place, "heading", str(cell.value))
                else:
                    ids[cell.column] = cell.value
        for cells in sheet.iter_rows(min_row=FIRST_ROW):
            found = dict(self._cells(sheet.title, cells, ids))
            if set(found) - {LABEL}:
                yield cells[0].row, found

    def _cells(self, title: str, cells: Any, ids: dict[int, str]) -> Iterator[tuple[str, Node]]:
        for cell in cells:
            if cell.value is None or cell.value == "":
                continue
            place = Place(self.source, cell.row, title, cell.column_letter)
            if cell.column not in ids:
                self._wrong(place, "no_heading", str(cell.value))
            elif cell.data_type in _REFUSED:
                self._wrong(place, _REFUSED[cell.data_type], str(cell.value))
            else:
                try:
                    yield ids[cell.column], plant(value_of(cell.value), _always(place))
                except CellError as fault:
                    self._add(place, fault.reason, fault.remedy, cell.value)

    def _wrong(self, place: Place, kind: str, value: str) -> None:
        key = f"standard.workbook.{kind}"
        known = one_of(tuple(one for one in SHEETS if one != ABOUT))
        self._add(place, message(key), message(f"{key}.remedy", sheets=known), value)

    def _add(self, place: Place, reason: Message, remedy: Message, value: str) -> None:
        self.problems.append(PlacedProblem(place, Problem((), reason, remedy, value)))


def _as_text(named: Node, value: Node) -> Node:
    """Return the version as the text that its cell shows: Excel makes a number of 2026.1."""
    is_number = isinstance(value.value, int | float) and not isinstance(value.value, bool)
    if named.value != VERSION or not is_number:
        return value
    return Node(f"{value.value:.15g}", value.place)


def _is_blank(sheet: Any) -> bool:
    return all(one is None for row in sheet.iter_rows(values_only=True) for one in row)


def _always(place: Place) -> Callable[[FieldPath], Place]:
    return lambda _path: place


def _reading_order(name: str) -> tuple[bool, bool, str]:
    """Put the elements before what belongs to them."""
    return (name in _LISTS or name in PARTS.values(), name not in ENTRIES, name)


def _row_place(place: Place, number: int) -> Place:
    return Place(place.source, number, place.sheet, place.column)


def _keys(path: str) -> list[str]:
    """Split ``walking.speeds_m_per_s[2].value``; positions become keys of the form ``[2]``."""
    keys: list[str] = []
    for part in path.split("."):
        fits = _PART.fullmatch(part)
        if fits is None:
            return []
        keys += [fits[1], *re.findall(r"\[\d+\]", fits[2])]
    return keys


def _lists(node: Node) -> None:
    """Turn mappings whose keys are positions into lists, in the order of the positions."""
    if isinstance(node.value, list):
        for one in node.value:
            _lists(one)
    elif isinstance(node.value, dict):
        for one in node.value.values():
            _lists(one)
        if node.value and all(key.startswith("[") for key in node.value):
            rows = sorted(node.value, key=lambda key: int(key[1:-1]))
            node.value = [node.value[key] for key in rows]

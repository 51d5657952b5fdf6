"""``living-circle inspect`` of a planner's file: which column is read as what."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from analysis.messages import Joined, Message, message
from service.commands.console import Speaker, printable
from service.commands.options import RoleChoice

if TYPE_CHECKING:
    from rich.table import Table

    from analysis.coordinates.check import CoordinateCheck
    from analysis.places.planner_tables import Role
    from analysis.sources.table_inspection import TableInspection

_CELL_CHARS: Final = 24


def show_table(
    speaker: Speaker,
    source: Path,
    role: RoleChoice | None,
    mapping: Sequence[str],
    against: Path | None = None,
    coordinates: Sequence[str] = (),
) -> None:
    """Tell how a planner's file would be read and, `against` an extract, how well it fits there."""
    from analysis.documents.planner import file_document
    from analysis.sources.table_inspection import inspect_table

    found = inspect_table(source, None if role is None else role.value, mapping)
    reading = found.reading
    fit = None if against is None else _fit(source, reading.role, mapping, against, coordinates)
    if not speaker.silent:
        speaker.say(
            message(
                "inspect.table",
                file=printable(reading.source),
                role=message(f"role.{reading.role}"),
                rows=reading.rows,
                encoding=found.encoding or "-",
            )
        )
        speaker.show(_columns(speaker, found))
        for said in _findings(found, source):
            speaker.say(said)
        for one in found.notices:
            speaker.show(f"- {printable(one.text.text(speaker.language))}")
        speaker.say(message("inspect.table.possible", names=Joined(found.possible)))
        speaker.say(message("inspect.table.correct", file=printable(reading.source)))
        for check in () if fit is None else fit:
            speaker.show(printable(check.text().text(speaker.language)))
    speaker.result(
        {
            **file_document(reading),
            "encoding": found.encoding or None,
            "examples": {name: list(cells) for name, cells in found.examples.items()},
            "lacking": [list(one) for one in found.lacking],
            "possible_meanings": list(found.possible),
            "notices": [
                {"code": one.code, "zh": one.text.text("zh"), "en": one.text.text("en")}
                for one in found.notices
            ],
            "coordinates": None if fit is None else _fit_documents(fit),
        }
    )


def _findings(found: "TableInspection", source: Path) -> list[Message]:
    """Return what an analysis would refuse the file for, each with its remedy."""
    said = []
    if found.reading.rows == 0:
        said.append(
            message(
                "inspect.table.finding",
                finding=message("table.no_rows"),
                remedy=message("table.empty_file.remedy"),
            )
        )
    for group in found.lacking:
        lacking = message("inspect.table.lacking", names=" / ".join(group))
        key = "element" if "element" in group and found.reading.role == "facilities" else "column"
        remedy = message(f"inspect.table.add_{key}", name=group[0], file=printable(source.name))
        said.append(message("inspect.table.finding", finding=lacking, remedy=remedy))
    return said


def _fit_documents(fit: "tuple[CoordinateCheck, ...]") -> list[dict[str, object]]:
    from analysis.documents.coordinates import coordinates_document

    return [coordinates_document(one) for one in fit]


def _fit(
    source: Path, role: "Role", mapping: Sequence[str], against: Path, coordinates: Sequence[str]
) -> "tuple[CoordinateCheck, ...]":
    from analysis.sources.coordinate_evidence import inspect_coordinates

    return inspect_coordinates(source, role, against, mapping, coordinates)


def _columns(speaker: Speaker, found: "TableInspection") -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    language = speaker.language
    table = Table(box=box.SIMPLE, pad_edge=False)
    for key in ("inspect.table.column", "inspect.table.read_as", "inspect.table.how",
                "inspect.table.examples"):  # fmt: skip
        table.add_column(message(key).text(language), overflow="fold")
    uses = {one.column: one for one in found.reading.columns}
    for column, cells in found.examples.items():
        use = uses.get(column)
        how = message(f"how.{use.how}" if use else "how.unused").text(language)
        shown = " | ".join(printable(cell)[:_CELL_CHARS] for cell in cells)
        meaning = use.meaning if use else "-"
        table.add_row(Text(printable(column)), Text(meaning), how, Text(shown))
    return table

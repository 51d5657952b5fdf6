"""What a planner's file holds, and how its columns would be read: before any analysis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from analysis.notices import Notice
from analysis.places.planner_tables import FileReading, Role
from analysis.sources.files.columns import recognise, wanted_columns
from analysis.sources.files.mapping import read_mapping
from analysis.sources.files.row_reading import read_columns
from analysis.sources.files.rows import file_reading
from analysis.sources.files.tables import is_table, read_table
from analysis.sources.files.vector import is_layer, read_raw_layer

_FIRST: Final = 3
# What a file of each role can hardly be without; the first role that has one of them is taken.
_TELLING: Final[Mapping[Role, tuple[str, ...]]] = {
    "parcels": ("kind", "tenure", "cost", "cost_wan", "floor_area_m2"),
    "opinions": ("text", "person", "persons"),
    "facilities": (
        "element",
        "renovated",
        "renewed",
        "capacity",
        "beds",
        "ports",
        "meals",
        "places",
    ),
    "buildings": ("levels", "use"),
    "circles": ("level", "total_population"),
    "population": ("population", "households"),
}
_NEEDED: Final[Mapping[Role, tuple[tuple[str, ...], ...]]] = {
    "facilities": (("element",),),
    "population": (("population", "households"),),
    "opinions": (("element", "category", "text"),),
    "buildings": (),
    "parcels": (),
    "circles": (),
}
_PLACES: Final[Mapping[Role, tuple[str, ...]]] = {
    "facilities": ("wkt", "address", "osm_id"),
    "population": ("wkt", "address", "osm_id"),
    "buildings": ("wkt", "address", "osm_id"),
    "opinions": ("wkt", "address"),
    "parcels": ("wkt", "address"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableInspection:
    """How a planner's file would be read.

    Attributes
    ----------
    reading
        Which column is read as what.
    encoding
        As detected; empty where the format says so itself.
    examples
        The first cells of each column [column → up to three].
    lacking
        What a file of this role cannot do without: any one of each group.
    possible
        All meanings that columns of such a file can have.
    notices
        What was skipped or guessed on reading.
    """

    reading: FileReading
    encoding: str
    examples: Mapping[str, tuple[str, ...]]
    lacking: tuple[tuple[str, ...], ...]
    possible: tuple[str, ...]
    notices: tuple[Notice, ...]


def is_planner_file(path: Path) -> bool:
    """Return whether the name says that it is a table or layer; ``.json`` may be anything."""
    return is_table(path) or (is_layer(path) and path.suffix.lower() != ".json")


def inspect_table(
    path: Path, role: Role | None = None, mapping: Sequence[str] = ()
) -> TableInspection:
    """Return how the file would be read as `role`; None to tell the role from its columns.

    Raises what reading the file and :func:`~analysis.sources.files.mapping.read_mapping` raise.
    """
    if is_table(path):
        table = read_table(path)
        names, rows, told = table.columns, table.rows, table.notices
        encoding, located = table.encoding, False
    else:
        raw = read_raw_layer(path, usual_name=role or "facilities", points=True)
        rows, told, encoding, located = raw.attributes, raw.notices, "", True
        names = tuple(dict.fromkeys(name for row in rows for name in row))
    role = role or _likely_role(names)
    columns = read_columns(names, path.name, role, read_mapping(mapping, [path]))
    needed = list(_NEEDED[role])
    placeable = located or any(one in columns for one in _PLACES.get(role, ()))
    if not placeable and role in _PLACES:
        needed += [("lon",), ("lat",)]
    return TableInspection(
        reading=file_reading(role, path.name, len(rows), names, columns, unlocated=0),
        encoding=encoding,
        examples={name: _examples(rows, name) for name in names},
        lacking=tuple(one for one in needed if not any(name in columns for name in one)),
        possible=wanted_columns(role),
        notices=(*told, *columns.notices(path.name)),
    )


def _likely_role(names: Sequence[str]) -> Role:
    for role, telling in _TELLING.items():
        if any(one in recognise(names, telling) for one in telling):
            return role
    return "facilities"


def _examples(rows: Sequence[Mapping[str, str]], name: str) -> tuple[str, ...]:
    cells = (row.get(name, "").strip() for row in rows)
    return tuple(dict.fromkeys(cell for cell in cells if cell))[:_FIRST]

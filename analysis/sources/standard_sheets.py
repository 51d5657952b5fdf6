"""A standard's document as tables that a planner can edit: which field stands in which sheet.

One row per element in *elements*, *works*, *scale* and *osm*; one row per metric, tag rule,
attribute, siting rule; everything about the profile field by field. Pure: cells in, cells out.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from analysis.sources.standard_cells import CellValue, cell_of

ELEMENT: Final = "@element"
LIST: Final = "@list"
FIELD: Final = "field"
LABEL: Final = "label"
VALUE: Final = "value"
VERSION: Final = "profile.version"  # a text, whatever it looks like
ABOUT: Final = "about"
PROFILE: Final = "profile"
# Lists of the profile that have a sheet of their own.
PROFILE_TABLES: Final = (
    "categories", "attributes", "metric_catalogue", "dimensions", "common_siting", "path_costs",
    "priority_rule",
)  # fmt: skip
ENTRIES: Final = ("elements", "optional_extensions")
# Fields of an element that have a sheet of their own, a row for each element.
PARTS: Final = {
    "scale": "scale", "osm": "osm",
    **dict.fromkeys(("min_build", "shared_build", "unit_cost", "lead_time_months",
                     "compatible_with", "incompatible_with"), "works"),
}  # fmt: skip
# Lists of an element whose rows have a sheet of their own.
ROWS: Final = {
    "efficiency": "metrics", "quality": "metrics", "siting": "siting",
    "coverage.rules": "reach_rules",
}  # fmt: skip
OSM_ROWS: Final = "osm_rules"
OTHER_ROWS: Final = "lists"
SHEETS: Final = (
    ABOUT, PROFILE, "elements", "works", "scale", "metrics", "osm", OSM_ROWS, "reach_rules",
    "siting", OTHER_ROWS, "optional_extensions", *PROFILE_TABLES, "sources",
)  # fmt: skip
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_WHOLE: Final = ("tags", "trivial_values")  # mappings whose keys are data, not fields


@dataclass(slots=True)
class Sheet:
    """One table: `columns` are field ids, each row holds its filled cells by column."""

    id: str
    columns: list[str]
    rows: list[dict[str, CellValue]]

    def add(self, row: Mapping[str, CellValue]) -> None:
        """Append a row; columns that are new follow at the end."""
        self.columns += [one for one in row if one not in self.columns]
        self.rows.append(dict(row))


def sheets_of(document: Mapping[str, Any]) -> tuple[Sheet, ...]:
    """Return the resolved `document` as tables, in the order of :data:`SHEETS`."""
    sheets: dict[str, Sheet] = {}
    rest = dict(document)
    tables = [key for key in rest if _is_table(rest[key])]
    entries = [(key, one) for key in ENTRIES if key in tables for one in rest[key]]
    for key in PROFILE_TABLES:
        rows = rest.get(PROFILE, {}).get(key)
        if _is_table(rows):
            rest[PROFILE] = {k: v for k, v in rest[PROFILE].items() if k != key}
            for one in rows:
                _sheet(sheets, key).add({path: cell_of(value) for path, value in one.items()})
    for key in tables:
        for one in rest.pop(key) if key not in ENTRIES else ():
            _sheet(sheets, key).add(_flat(one))
    for key, one in entries:
        rest.pop(key, None)
        _add_entry(sheets, key, one)
    for path, value in _profile_leaves(rest, ""):
        _sheet(sheets, PROFILE).add({FIELD: path, VALUE: cell_of(value)})
    known = {name: place for place, name in enumerate(SHEETS)}
    ordered = sorted(sheets.values(), key=lambda one: known.get(one.id, len(known)))
    return tuple(ordered)


def sheet_of_list(path: str) -> str:
    """Return the sheet that holds the rows of an element's list."""
    return OSM_ROWS if path.startswith("osm.") else ROWS.get(path, OTHER_ROWS)


def _sheet(sheets: dict[str, Sheet], name: str) -> Sheet:
    if name not in sheets:
        first = {
            PROFILE: (FIELD, LABEL, VALUE), **dict.fromkeys(PARTS.values(), (ELEMENT,)),
            **dict.fromkeys((*ROWS.values(), OSM_ROWS, OTHER_ROWS), (ELEMENT, LIST)),
        }.get(name, ())  # fmt: skip
        sheets[name] = Sheet(name, list(first), [])
    return sheets[name]


def _is_table(value: object) -> bool:
    """Return whether `value` is a list whose rows are mappings with an id."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, Mapping) and isinstance(one.get("id"), str) for one in value)
    )


def _is_fields(value: object) -> bool:
    """Return whether `value` is a mapping of named fields, to be spread over columns."""
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(key, str) and _NAME.fullmatch(key) for key in value)
    )


def _leaves(fields: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in fields.items():
        path = f"{prefix}{key}"
        if _is_fields(value) and key not in _WHOLE:
            yield from _leaves(value, f"{path}.")
        else:
            yield path, value


def _flat(fields: Mapping[str, Any]) -> dict[str, CellValue]:
    return {path: cell_of(value) for path, value in _leaves(fields, "")}


def _add_entry(sheets: dict[str, Sheet], key: str, entry: Mapping[str, Any]) -> None:
    own: dict[str, CellValue] = {}
    parts: dict[str, dict[str, CellValue]] = {}
    for path, value in _leaves(entry, ""):
        if _has_rows(value):
            for one in value:
                row = {ELEMENT: entry["id"], LIST: path} | _flat(one)
                _sheet(sheets, sheet_of_list(path)).add(row)
            continue
        part = path.split(".")[0]
        where = own
        if part in PARTS and path != part:
            where = parts.setdefault(PARTS[part], {ELEMENT: entry["id"]})
        where[path] = cell_of(value)
    _sheet(sheets, key).add(own)
    for name, row in parts.items():
        _sheet(sheets, name).add(row)


def _has_rows(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(_is_fields(one) and not {ELEMENT, LIST} & set(one) for one in value)
    )


def _profile_leaves(value: object, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and _is_fields(value) and path.rpartition(".")[2] not in _WHOLE:
        for key, one in value.items():
            yield from _profile_leaves(one, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and all(_is_fields(one) for one in value):
        for number, one in enumerate(value, start=1):
            yield from _profile_leaves(one, f"{path}[{number}]")
    else:
        yield path, value

"""What a scenario changes, as a folder of files: written whole or not at all."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from analysis.documents.scenario_file import scenario_yaml
from analysis.documents.scenario_tables import (
    CHANGE_COLUMNS,
    DAY_COLUMNS,
    GAP_COLUMNS,
    POINT_COLUMNS,
    point_collection,
)
from analysis.documents.tables import Row
from analysis.sources.store.cells import csv_bytes
from analysis.sources.store.folder import json_object
from analysis.sources.store.geopackage import floats, write_layer
from analysis.sources.store.replacing import absolute, check_foreign, write_whole

DIFFERENCE_FILE: Final = "difference.json"
SCENARIO_FILE: Final = "scenario.yaml"
_KIND: Final = "scenario difference"
_FORMAT: Final = "format"
_FILES: Final = (
    DIFFERENCE_FILE, SCENARIO_FILE, "changes.csv", "gaps.csv", "days.csv", "scenario_points.csv",
    "points.geojson", "scenario.gpkg",
)  # fmt: skip
_NUMBERS: Final = (
    "people", "walk_before_m", "walk_after_m", "walk_before_s", "walk_after_s",
)  # fmt: skip
Extra = Callable[[Path], object]


def save_difference(
    document: Mapping[str, Any],
    points: Sequence[Row],
    folder: Path,
    *,
    extras: Mapping[str, Extra],
) -> tuple[Path, ...]:
    """Write what a scenario changes into `folder` and return the files, sorted.

    `document` is that of :func:`analysis.documents.scenario.difference_document`, `points` are all
    columns of its points; `extras` are more files by name. Raises
    :class:`~analysis.errors.InvalidParameterError` where the folder holds anything else, and
    :class:`~analysis.errors.SourceUnavailableError` where it cannot be written.
    """
    folder = absolute(folder)
    check_ours(folder, tuple(extras))
    return write_whole(folder, lambda making: _write(document, points, making, extras))


def check_ours(folder: Path, extras: Sequence[str]) -> None:
    """Raise :class:`InvalidParameterError` where writing to `folder` could lose something."""
    check_foreign(folder, lambda: _known(folder, extras), "scenario.store")


def _known(folder: Path, extras: Sequence[str]) -> set[str]:
    found = json_object(folder, DIFFERENCE_FILE)
    return {*_FILES, *extras} if found.get(_FORMAT) == _KIND else set()


def _write(
    document: Mapping[str, Any],
    points: Sequence[Row],
    folder: Path,
    extras: Mapping[str, Extra],
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    _json(folder / DIFFERENCE_FILE, {_FORMAT: _KIND, **document})
    text = scenario_yaml(document["scenario"])
    (folder / SCENARIO_FILE).write_text(text, "utf-8", newline="\n")
    _json(folder / "points.geojson", point_collection(points))
    for name, columns, rows in (
        ("changes.csv", CHANGE_COLUMNS, document["circles"]),
        ("gaps.csv", GAP_COLUMNS, document["gaps"]["rows"]),
        ("days.csv", DAY_COLUMNS, document["days"]),
        ("scenario_points.csv", POINT_COLUMNS, points),
    ):
        if rows or name != "days.csv":
            (folder / name).write_bytes(csv_bytes(columns, rows))
    _layers(folder / "scenario.gpkg", document["scenario"]["modifications"], points)
    for name, write in sorted(extras.items()):
        write(folder / name)


def _json(path: Path, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_bytes(text.encode("utf-8", "replace") + b"\n")


def _layers(path: Path, modifications: Iterable[Mapping[str, Any]], points: Sequence[Row]) -> None:
    """Write who gains and loses, and what is new, as layers of one file in WGS84."""
    edits = list(modifications)
    write_layer(path, "points", "Point", _at(points), points, POINT_COLUMNS[:-2], floats(_NUMBERS))
    for name, kind, chosen in (
        ("places", "Point", [one for one in edits if "lon" in one]),
        ("paths", "LineString", [one for one in edits if "line" in one]),
    ):
        shapes = (
            _at(chosen)
            if kind == "Point"
            else [shapely.linestrings(np.array(one["line"])) for one in chosen]
        )
        rows = [{key: str(one.get(key, "")) for key in _EDIT_COLUMNS} for one in chosen]
        write_layer(path, name, kind, shapes, rows, _EDIT_COLUMNS, {})


_EDIT_COLUMNS: Final = ("id", "kind", "element", "facility", "name", "path", "way", "since")


def _at(rows: Iterable[Mapping[str, Any]]) -> list[shapely.Point]:
    return [shapely.Point(one["lon"], one["lat"]) for one in rows]

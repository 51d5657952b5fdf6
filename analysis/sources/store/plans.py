"""The files of a plan: JSON, tables, GeoJSON and a GeoPackage; the same plan, the same bytes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from analysis.documents.digest import canonical_json
from analysis.documents.plan import PLAN_FORMAT, plan_document, proposal_collection
from analysis.documents.plan_tables import WORK_COLUMNS
from analysis.documents.tables import Row
from analysis.plan.plan import Plan
from analysis.sources.store.cells import csv_bytes
from analysis.sources.store.folder import json_object
from analysis.sources.store.geopackage import floats, write_layer
from analysis.sources.store.replacing import absolute, check_foreign, write_whole
from analysis.sources.store.studies import Extra
from analysis.study import Study

PLAN_FILE: Final = "plan.json"
PROPOSALS_FILE: Final = "proposals.geojson"
GEOPACKAGE_FILE: Final = "proposals.gpkg"
WORKS_FILE: Final = "works.csv"
PLAN_FILES: Final = (PLAN_FILE, PROPOSALS_FILE, GEOPACKAGE_FILE, WORKS_FILE)
_NUMBERS: Final = (
    "order", "priority_rank", "people", "people_helped", "walk_saved", "cost_low_yuan",
    "cost_high_yuan", "yuan_per_person", "cost_so_far_low_yuan", "cost_so_far_high_yuan",
    "covered_so_far", "people_asking", "siting_score", "lon", "lat",
)  # fmt: skip


def save_plan(
    study: Study, plan: Plan, folder: Path, *, extras: Mapping[str, Extra] | None = None
) -> tuple[Path, ...]:
    """Write :data:`PLAN_FILES` and `extras` as `folder`, whole or not at all, and return them.

    Raises :class:`InvalidParameterError` where `folder` holds anything else than an earlier plan,
    and :class:`SourceUnavailableError` where it cannot be written.
    """
    folder, more = absolute(folder), extras or {}
    check_plan_folder(folder, tuple(more))
    return write_whole(folder, lambda making: _write(study, plan, making, more))


def check_plan_folder(folder: Path, extras: Sequence[str] = ()) -> None:
    """Raise :class:`InvalidParameterError` where writing to `folder` could lose something."""
    check_foreign(absolute(folder), lambda: _known(folder, extras), "plan.store")


def _known(folder: Path, extras: Sequence[str]) -> set[str]:
    ours = json_object(folder, PLAN_FILE).get("format") == PLAN_FORMAT
    return {*PLAN_FILES, *extras} if ours else set()


def _write(study: Study, plan: Plan, folder: Path, extras: Mapping[str, Extra]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    document: Any = plan_document(study, plan)
    (folder / PLAN_FILE).write_bytes(canonical_json(document))
    collection: Any = proposal_collection(study, plan)
    (folder / PROPOSALS_FILE).write_bytes(canonical_json(collection))
    (folder / WORKS_FILE).write_bytes(csv_bytes(WORK_COLUMNS, document["works"]))
    _write_geopackage(document["works"], collection["features"], folder / GEOPACKAGE_FILE)
    for name, write in sorted(extras.items()):
        write(folder / name)


def _write_geopackage(rows: Sequence[Row], features: Sequence[Any], path: Path) -> None:
    """Write layer ``proposals``, a point for each work, and ``outlines`` of those that have one."""
    points = shapely.points([(row["lon"], row["lat"]) for row in rows] or np.empty((0, 2)))
    drawn = [
        (shapely.geometry.shape(one["geometry"]), row)
        for one, row in zip(features, rows, strict=True)
        if one["geometry"] is not None and one["geometry"]["type"] != "Point"
    ]
    layers: tuple[tuple[str, str, Any, list[Row]], ...] = (
        ("proposals", "Point", points, list(rows)),
        ("outlines", "Unknown", [shape for shape, _ in drawn], [row for _, row in drawn]),
    )
    for name, kind, shapes, own in layers:
        write_layer(path, name, kind, shapes, own, WORK_COLUMNS, floats(_NUMBERS))

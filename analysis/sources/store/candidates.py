"""The files of candidates: tables, GeoJSON and a GeoPackage; the same screening, the same bytes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from analysis.candidates.screening import Screening
from analysis.documents.candidates import (
    CANDIDATE_FIELDS,
    REJECTION_COLUMNS,
    RULE_COLUMNS,
    candidate_collection,
    rejection_rows,
    rule_rows,
)
from analysis.documents.digest import canonical_json
from analysis.documents.geometry import lonlat_polygons
from analysis.documents.tables import Row
from analysis.sources.store.cells import csv_bytes
from analysis.sources.store.folder import json_object
from analysis.sources.store.geopackage import floats, write_layer
from analysis.sources.store.replacing import absolute, check_foreign, write_whole
from analysis.study import Study

CANDIDATES_FILE: Final = "candidates.geojson"
GEOPACKAGE_FILE: Final = "candidates.gpkg"
REJECTIONS_FILE: Final = "rejections.csv"
RULES_FILE: Final = "siting_rules.csv"
CANDIDATE_FILES: Final = (CANDIDATES_FILE, GEOPACKAGE_FILE, REJECTIONS_FILE, RULES_FILE)
_MARK, _KIND = "living_circle", "candidates"
_NUMBERS: Final = (
    "lon", "lat", "area_m2", "floor_area_m2", "cost_yuan", "floor", "width_m",
)  # fmt: skip


def save_candidates(study: Study, screening: Screening, folder: Path) -> tuple[Path, ...]:
    """Write :data:`CANDIDATE_FILES` as `folder`, whole or not at all, and return them.

    Raises :class:`InvalidParameterError` where `folder` holds anything else than earlier
    candidates, and :class:`SourceUnavailableError` where it cannot be written.
    """
    folder = absolute(folder)
    check_candidates_folder(folder)
    return write_whole(folder, lambda making: _write(study, screening, making))


def check_candidates_folder(folder: Path) -> None:
    """Raise :class:`InvalidParameterError` where writing to `folder` could lose something."""
    check_foreign(absolute(folder), lambda: _known(folder), "candidates.store")


def _known(folder: Path) -> set[str]:
    ours = json_object(folder, CANDIDATES_FILE).get(_MARK) == _KIND
    return set(CANDIDATE_FILES) if ours else set()


def _write(study: Study, screening: Screening, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    collection = {_MARK: _KIND, **candidate_collection(study, screening)}
    (folder / CANDIDATES_FILE).write_bytes(canonical_json(collection))
    features: Any = collection["features"]
    _write_geopackage(
        study, screening, [one["properties"] for one in features], folder / GEOPACKAGE_FILE
    )
    rejected = rejection_rows(screening, study.inputs.circles)
    (folder / REJECTIONS_FILE).write_bytes(csv_bytes(REJECTION_COLUMNS, rejected))
    (folder / RULES_FILE).write_bytes(csv_bytes(RULE_COLUMNS, rule_rows(screening)))


def _write_geopackage(study: Study, screening: Screening, rows: Sequence[Row], path: Path) -> None:
    """Write layer ``candidates``, a point each, and ``outlines`` of those that have one."""
    shapes = screening.candidates.shapes
    areas = np.flatnonzero(shapely.area(shapes) > 0)
    points = shapely.points([(row["lon"], row["lat"]) for row in rows] or np.empty((0, 2)))
    outlines = [lonlat_polygons(shapes[one], study.inputs.crs) for one in areas.tolist()]
    layers: Mapping[str, tuple[str, Any, list[Row]]] = {
        "candidates": ("Point", points, list(rows)),
        "outlines": ("MultiPolygon", outlines, [rows[one] for one in areas.tolist()]),
    }
    types = floats(_NUMBERS) | {"unseen": "bool", "allowed": "int32"}
    for name, (kind, geometries, own) in layers.items():
        write_layer(path, name, kind, geometries, own, CANDIDATE_FIELDS, types)

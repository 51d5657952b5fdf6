"""The tables and layers of a saved study; the same study gives the same bytes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.documents.facilities import FACILITY_COLUMNS, facility_rows
from analysis.documents.gaps import GAP_FIELDS
from analysis.documents.geometry import lonlat_polygons
from analysis.documents.plain import plain_text
from analysis.documents.planner import (
    REVIEW_COLUMNS,
    UNLOCATED_COLUMNS,
    review_rows,
    unlocated_rows,
)
from analysis.documents.tables import ASSESSMENT_COLUMNS, Row
from analysis.sources.store.cells import csv_bytes
from analysis.sources.store.geopackage import write_layer
from analysis.study import Study

UNLOCATED_FILE: Final = "unlocated.csv"
REVIEW_FILE: Final = "review.csv"
_GEOPACKAGE_TYPES: Final[Mapping[str, str]] = {
    "rank": "int32", "buildings": "int32", "people": "float64", "walk_median_m": "float64",
    "walk_worst_m": "float64", "threshold_m": "float64", "walk_median_s": "float64",
    "walk_worst_s": "float64", "threshold_s": "float64", "search_m": "float64",
    "search_s": "float64", "basis_lacking": "float64", "detour": "float64",
    "lacking": "float64", "tolerated": "bool", "edge_of_data": "bool",
}  # fmt: skip


def write_assessment_csv(rows: list[Row], path: Path) -> None:
    """Write the flat assessment."""
    path.write_bytes(csv_bytes(ASSESSMENT_COLUMNS, rows))


def write_facilities_csv(study: Study, path: Path) -> None:
    """Write where each facility comes from, whether it counts and how it was linked."""
    path.write_bytes(csv_bytes(FACILITY_COLUMNS, facility_rows(study)))


def write_planner_csv(study: Study, folder: Path) -> None:
    """Write rows without a place and pairs to review, each only where there are any."""
    for name, columns, rows in (
        (UNLOCATED_FILE, UNLOCATED_COLUMNS, unlocated_rows(study)),
        (REVIEW_FILE, REVIEW_COLUMNS, review_rows(study)),
    ):
        if rows:
            (folder / name).write_bytes(csv_bytes(columns, rows))


def write_reach_parquet(study: Study, path: Path) -> None:
    """Write the demand × element table.

    Four columns for each element: ``walk_m.<id>`` and ``walk_s.<id>`` (the shortest and the fastest
    walk; inf beyond the search limit), ``nearest.<id>`` (source id; null where inf) and
    ``covered.<id>``.
    """
    demand, reach, circles = study.inputs.demand, study.reach, study.inputs.circles
    lonlat = study.inputs.crs.unproject(demand.xy_m)
    ids = np.array([plain_text(one) for one in study.inputs.facilities.source_id], dtype=object)
    columns: dict[str, pa.Array] = {
        "point_id": pa.array([plain_text(one) for one in demand.point_id], pa.string()),
        "lon": pa.array(np.round(lonlat[:, 0], 7)),
        "lat": pa.array(np.round(lonlat[:, 1], 7)),
        "circle_id": pa.array(
            [plain_text(circles.circle_id[one]) for one in demand.circle.tolist()], pa.string()
        ),
        "is_building": pa.array(demand.is_building),
        "people": pa.array(demand.people),
        "people_estimated": pa.array(demand.people_estimated),
        "land_m2": pa.array(demand.land_m2),
        "edge_m": pa.array(reach.edge_m),
    }
    for column, element_id in enumerate(reach.element_ids):
        columns[f"walk_m.{element_id}"] = pa.array(np.ascontiguousarray(reach.walk_m[:, column]))
        columns[f"walk_s.{element_id}"] = pa.array(np.ascontiguousarray(reach.walk_s[:, column]))
        nearest = reach.nearest[:, column]
        used, code = np.unique(nearest, return_inverse=True)
        names = [None if row < 0 else ids[row] for row in used.tolist()]
        columns[f"nearest.{element_id}"] = pa.array(names, pa.string()).take(pa.array(code))
        columns[f"covered.{element_id}"] = pa.array(np.ascontiguousarray(reach.covered[:, column]))
    table = pa.table(columns).replace_schema_metadata(
        {"unit": "metres (_m) and seconds (_s); inf = beyond the search limit", "crs": "OGC:CRS84"}
    )
    pq.write_table(table, path, compression="zstd")


def write_gaps_geopackage(study: Study, collection: Mapping[str, Any], path: Path) -> None:
    """Write the gaps of `collection` as layer ``gaps`` in WGS84, with a fixed time stamp."""
    shapes = [lonlat_polygons(gap.shape, study.inputs.crs) for gap in study.gaps]
    rows = [feature["properties"] for feature in collection["features"]]
    write_layer(path, "gaps", "MultiPolygon", shapes, rows, GAP_FIELDS, _GEOPACKAGE_TYPES)

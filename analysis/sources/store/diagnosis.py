"""The tables of the diagnosis among a study's files; the same study gives the same bytes."""

from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.certainty.variants import VARIANTS
from analysis.documents.diagnosis import (
    DATA_COLUMNS,
    EQUITY_COLUMNS,
    FIGURE_COLUMNS,
    FLIP_COLUMNS,
    SCORE_COLUMNS,
    data_rows,
    equity_rows,
    figure_rows,
    flip_rows,
    flipped_points,
    score_rows,
)
from analysis.documents.field_checks import FIELD_CHECK_COLUMNS, field_check_rows
from analysis.documents.plain import plain_text
from analysis.sources.store.cells import csv_bytes
from analysis.study import Study

FIGURES_FILE: Final = "figures.csv"
FLIPPED_FILE: Final = "flips.parquet"


def write_diagnosis(study: Study, folder: Path) -> None:
    """Write figures, scorecard, flips, field checks, data statements and equity into `folder`."""
    for name, columns, rows in (
        (FIGURES_FILE, FIGURE_COLUMNS, figure_rows(study)),
        ("scorecard.csv", SCORE_COLUMNS, score_rows(study)),
        ("flips.csv", FLIP_COLUMNS, flip_rows(study)),
        ("field_checks.csv", FIELD_CHECK_COLUMNS, field_check_rows(study)),
        ("data.csv", DATA_COLUMNS, data_rows(study)),
        ("equity.csv", EQUITY_COLUMNS, equity_rows(study)),
    ):
        (folder / name).write_bytes(csv_bytes(columns, rows))
    _write_flipped(study, folder / FLIPPED_FILE)


def _write_flipped(study: Study, path: Path) -> None:
    """Write whose met or unmet changes: point_id, people, element_id, covered now, variant."""
    found, demand = flipped_points(study), study.inputs.demand
    ids = np.array([plain_text(one) for one in demand.point_id], dtype=object)
    covered = study.reach.covered[found["point"], found["element"]]
    table = pa.table(
        {
            "point_id": pa.array(ids[found["point"]], pa.string()),
            "people": pa.array(demand.people[found["point"]]),
            "element_id": pa.array(
                np.array(study.reach.element_ids, dtype=object)[found["element"]], pa.string()
            ),
            "covered": pa.array(covered),
            "variant": pa.array(np.array(VARIANTS, dtype=object)[found["variant"]], pa.string()),
        }
    )
    pq.write_table(table, path, compression="zstd")

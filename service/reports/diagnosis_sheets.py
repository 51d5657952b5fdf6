"""Sheets of the diagnosis: which columns of which table, and how each is written."""

from collections.abc import Callable
from typing import Final

from analysis.documents.diagnosis import (
    data_rows,
    equity_rows,
    figure_rows,
    flip_rows,
    score_rows,
)
from analysis.documents.field_checks import field_check_rows
from analysis.documents.tables import Row
from analysis.standard.verdicts import DIMENSIONS, VERDICTS
from analysis.study import Study

Columns = tuple[tuple[str, str], ...]

_ELEMENT: Final[Columns] = (
    ("circle_name", "text"), ("element_zh", "text"), ("element_en", "text"),
)  # fmt: skip
SCORES: Final[Columns] = (
    ("circle_name", "text"), ("index", "share"), ("assessed_share", "share"),
    ("dimension_share", "share"), *((one, "count") for one in VERDICTS),
    *((f"{name}_{one}", "count") for name in DIMENSIONS for one in VERDICTS),
    ("formula_zh", "wide"), ("formula_en", "wide"),
)  # fmt: skip
FIGURES: Final[Columns] = (
    *_ELEMENT, ("dimension", "word"), ("metric_zh", "text"), ("metric_en", "text"),
    ("value_zh", "text"), ("value_en", "text"), ("target_zh", "text"), ("target_en", "text"),
    ("verdict", "verdict"), ("decides", "word"), ("known_share", "share"),
    ("basis_zh", "text"), ("basis_en", "text"), ("estimated", "yes"),
    ("source", "source"), ("confidence", "word"),
    ("note_zh", "wide"), ("note_en", "wide"),
)  # fmt: skip
FLIPS: Final[Columns] = (
    *_ELEMENT, ("variant_zh", "text"), ("variant_en", "text"), ("people_gained", "count"),
    ("people_lost", "count"), ("buildings_gained", "count"), ("buildings_lost", "count"),
    ("share", "share"), ("verdict", "verdict"), ("verdict_then", "verdict"), ("flips", "yes"),
)  # fmt: skip
FIELD_CHECKS: Final[Columns] = (
    ("rank", "count"), ("visit_zh", "text"), ("visit_en", "text"), ("circle_name", "text"),
    ("element_zh", "text"), ("element_en", "text"), ("name", "text"), ("why_zh", "wide"),
    ("why_en", "wide"), ("source_id", "text"), ("people", "count"), ("resident_elements", "count"),
    ("people_so_far", "count"), ("people_open", "count"), ("lon", "text"), ("lat", "text"),
)  # fmt: skip
DATA: Final[Columns] = (
    ("element_zh", "text"), ("element_en", "text"), ("mapped", "count"), ("listed", "count"),
    ("ambiguous", "count"), ("expected", "word"), ("sized_share", "share"),
    ("statement_zh", "wide"), ("statement_en", "wide"),
)  # fmt: skip
EQUITY: Final[Columns] = (
    *_ELEMENT, ("group_zh", "text"), ("group_en", "text"), ("walker_zh", "text"),
    ("walker_en", "text"), ("people", "count"), ("covered_share", "share"),
    ("walk_p95_m", "metres"), ("walk_p95_s", "seconds"), ("palma", "ratio"),
    ("by_fixed_share", "yes"),
)  # fmt: skip

SHEETS: Final[tuple[tuple[str, Columns, Callable[[Study], list[Row]], int], ...]] = (
    ("outputs.sheet.scores", SCORES, score_rows, 1),
    ("outputs.sheet.figures", FIGURES, figure_rows, 3),
    ("outputs.sheet.flips", FLIPS, flip_rows, 3),
    ("outputs.sheet.field_checks", FIELD_CHECKS, field_check_rows, 2),
    ("outputs.sheet.data", DATA, data_rows, 2),
    ("outputs.sheet.equity", EQUITY, equity_rows, 3),
)

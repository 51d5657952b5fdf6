"""The layout: grid lines, the cells between them, and what each cell is."""

from dataclasses import dataclass
from enum import StrEnum

from shapely.geometry import Polygon, box

from analysis.sources.sample_district.frame import HALF_HEIGHT_M, HALF_WIDTH_M, Point

COLUMNS = 12
ROWS = 10
CELL_WIDTH_M = 2 * HALF_WIDTH_M / COLUMNS
CELL_HEIGHT_M = 2 * HALF_HEIGHT_M / ROWS
STREET_MARGIN_M = 15.0
OLD_BEFORE_YEAR = 2001


class Fabric(StrEnum):
    """How a cell is built."""

    TOWERS = "towers"
    SLABS = "slabs"
    OLD = "old"
    VILLAGE = "village"
    PARK = "park"
    CAMPUS = "campus"
    CIVIC = "civic"


class Side(StrEnum):
    """A side of a cell."""

    SOUTH = "south"
    NORTH = "north"
    WEST = "west"
    EAST = "east"


OLD_TOWN, NEW_TOWN, VILLAGE, RIVERSIDE = 0, 1, 2, 3
CIRCLE_IDS = ("C1", "C2", "C3", "C4")
CIRCLE_NAMES = ("老城生活圈", "新城生活圈", "城中村生活圈", "滨河生活圈")
CIRCLE_RESIDENTS = (57_000, 58_500, 60_500, 55_000)

# Cells that are not ordinary housing, by (column, row) counted from the south-west corner.
SPECIAL_CELLS: dict[tuple[int, int], Fabric] = {
    (3, 7): Fabric.CIVIC,
    (8, 6): Fabric.PARK,
    (10, 8): Fabric.PARK,
    (8, 7): Fabric.CIVIC,
    (7, 9): Fabric.CAMPUS,
    (2, 0): Fabric.CAMPUS,
    (0, 3): Fabric.CAMPUS,
    (9, 4): Fabric.PARK,
    (10, 1): Fabric.PARK,
}
# How many cells from the west belong to the western circle, from the southern row on.
WEST_COLUMNS_BY_ROW = (6, 6, 6, 7, 7, 5, 5, 6, 6, 6)
SINGLE_GATE_CELL = (6, 8)
NO_GATE_CELL = (9, 5)
OLD_COMPOUND_CELLS = frozenset({(0, 5), (2, 6), (4, 5), (5, 9), (2, 9), (4, 8), (1, 5)})
VILLAGE_COMPOUND_CELLS = frozenset({(5, 4), (3, 4), (1, 4), (5, 2), (0, 1), (6, 3)})
MIDDLE_ROW = 2
MIDDLE_ROW_SOUTH = frozenset({0, 2, 4, 8, 10})
EVEN_OUT = frozenset({(5, 2), (9, 7)})
RIVERSIDE_LANE_CELLS = frozenset({(7, 4), (8, 3), (9, 0)})


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One block between four grid lines, plan metres."""

    column: int
    row: int
    circle: int
    fabric: Fabric

    @property
    def origin(self) -> Point:
        """South-west corner on the street centre lines."""
        return column_x(self.column), row_y(self.row)

    @property
    def polygon(self) -> Polygon:
        """The cell to the street centre lines."""
        x, y = self.origin
        return box(x, y, column_x(self.column + 1), row_y(self.row + 1))

    @property
    def built(self) -> Polygon:
        """The cell without its share of the streets."""
        return self.polygon.buffer(-STREET_MARGIN_M, join_style="mitre")


def column_x(column: float) -> float:
    """Easting of a vertical grid line, plan metres."""
    return round(-HALF_WIDTH_M + column * CELL_WIDTH_M, 2)


def row_y(row: float) -> float:
    """Northing of a horizontal grid line, plan metres."""
    return round(-HALF_HEIGHT_M + row * CELL_HEIGHT_M, 2)


def circle_of(column: int, row: int) -> int:
    """Return the number of the circle a cell lies in; the borders step, they are no plain cross."""
    west, east = (OLD_TOWN, NEW_TOWN) if row >= ROWS // 2 else (VILLAGE, RIVERSIDE)
    return west if column < WEST_COLUMNS_BY_ROW[row] else east


def fabric_of(column: int, row: int) -> Fabric:
    """How the cell is built."""
    special = SPECIAL_CELLS.get((column, row))
    if special is not None:
        return special
    circle = circle_of(column, row)
    if circle == NEW_TOWN:
        return Fabric.TOWERS
    if circle == OLD_TOWN:
        return Fabric.SLABS if (column, row) in OLD_COMPOUND_CELLS else Fabric.OLD
    if circle == VILLAGE:
        return Fabric.SLABS if (column, row) in VILLAGE_COMPOUND_CELLS else Fabric.VILLAGE
    return Fabric.OLD if (column, row) in RIVERSIDE_LANE_CELLS else Fabric.SLABS


def lay_out_cells() -> tuple[Cell, ...]:
    """All cells of the district, row by row from the south-west corner."""
    return tuple(
        Cell(column=c, row=r, circle=circle_of(c, r), fabric=fabric_of(c, r))
        for r in range(ROWS)
        for c in range(COLUMNS)
    )


def tenth_unit_of(column: int, row: int) -> int:
    """Index 0-2 of the ten-minute unit inside the circle: strips of about two columns."""
    first = {OLD_TOWN: 0, NEW_TOWN: 6, VILLAGE: 0, RIVERSIDE: 6}[circle_of(column, row)]
    return min(2, max(0, (column - first) // 2))


def fifth_unit_of(column: int, row: int) -> int:
    """Index 0-1 of the five-minute unit inside the ten-minute unit."""
    local_row = row % (ROWS // 2)
    if local_row == MIDDLE_ROW:
        # The middle row is shared out so that both halves hold 5 000 to 12 000 people.
        return 0 if column in MIDDLE_ROW_SOUTH or (column, row) in EVEN_OUT else 1
    return 0 if local_row < MIDDLE_ROW else 1

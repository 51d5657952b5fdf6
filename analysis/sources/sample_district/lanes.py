"""Lane fabrics: the old town with its stairs and walls, and the urban village (城中村)."""

# Shares drawn by chance describe the place and are read best where they are used.
# ruff: noqa: PLR2004

from dataclasses import dataclass

import numpy as np
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.prepared import PreparedGeometry, prep

from analysis.sources.sample_district.frame import Point
from analysis.sources.sample_district.layout import (
    CELL_HEIGHT_M,
    CELL_WIDTH_M,
    Cell,
    Fabric,
)
from analysis.sources.sample_district.names import LANE_STEMS, VILLAGE_STEMS, NameBook
from analysis.sources.sample_district.sketch import Sketch
from analysis.sources.sample_district.streets import StreetGrid

LANE_ROWS = 4
LANE_COLUMNS = 4
LANE_STEP_M = 30.0
HILL_CENTRE_M = (-1950.0, 1250.0)
HILL_STAIRS_RADIUS_M = 620.0
STAIRS_ONLY_CELL = (1, 8)
STAIRS_ONLY_KNOT = (2, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class LaneBlock:
    """Ground between four lanes, plan metres, with the names of cell and lane."""

    cell: Cell
    polygon: Polygon
    corner: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
    """One drawn lane for the register of back streets."""

    way_id: int
    name: str
    cell: Cell
    points: tuple[Point, ...]
    steps: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class LaneFabric:
    """What a lane cell holds."""

    blocks: tuple[LaneBlock, ...]
    lanes: tuple[Lane, ...]
    stairs_only: Point | None


def draw_lanes(
    sketch: Sketch,
    grid: StreetGrid,
    names: NameBook,
    rng: np.random.Generator,
    *,
    cell: Cell,
    blocked: BaseGeometry,
) -> LaneFabric:
    """Draw the lanes of one cell and return its blocks and lanes."""
    knots = _knots(grid, rng, cell)
    clear = prep(blocked)
    lanes: list[Lane] = []
    for kind in ("row", "column"):
        count = LANE_ROWS if kind == "row" else LANE_COLUMNS
        for line in range(1, count):
            name = _lane_name(names, cell, len(lanes) + line)
            cells = LANE_COLUMNS if kind == "row" else LANE_ROWS
            for k in range(cells):
                ends = ((k, line), (k + 1, line)) if kind == "row" else ((line, k), (line, k + 1))
                lane = _draw_lane(sketch, rng, knots, cell, ends, name, clear)
                if lane is not None:
                    lanes.append(lane)
    knot = (
        knots[STAIRS_ONLY_KNOT[1], STAIRS_ONLY_KNOT[0]]
        if (cell.column, cell.row) == STAIRS_ONLY_CELL
        else None
    )
    return LaneFabric(
        blocks=tuple(_blocks(cell, knots)),
        lanes=tuple(lanes),
        stairs_only=None if knot is None else (float(knot[0]), float(knot[1])),
    )


def _knots(grid: StreetGrid, rng: np.random.Generator, cell: Cell) -> np.ndarray:
    """Lattice of lane junctions ``(rows + 1, columns + 1, 2)``; NaN where no street is met."""
    x0, y0 = cell.origin
    jitter_m = 13.0 if cell.fabric == Fabric.VILLAGE else 7.0
    knots = np.full((LANE_ROWS + 1, LANE_COLUMNS + 1, 2), np.nan)
    shift = rng.uniform(-jitter_m, jitter_m, size=knots.shape)
    for j in range(LANE_ROWS + 1):
        for i in range(LANE_COLUMNS + 1):
            x = x0 + CELL_WIDTH_M * i / LANE_COLUMNS
            y = y0 + CELL_HEIGHT_M * j / LANE_ROWS
            inner = 0 < i < LANE_COLUMNS and 0 < j < LANE_ROWS
            near_plot = (i, j) in {(1, 1), (LANE_COLUMNS - 1, LANE_ROWS - 1)}
            if inner:
                move = np.abs(shift[j, i]) * (1 if i == 1 else -1) if near_plot else shift[j, i]
                move = move * (0.3 if near_plot else 1.0)
                knots[j, i] = np.round((x + move[0], y + move[1]), 2)
                continue
            point = None
            if i in {0, LANE_COLUMNS} and 0 < j < LANE_ROWS:
                point = grid.attach(vertical=True, position_m=x, along_m=y)
            elif j in {0, LANE_ROWS} and 0 < i < LANE_COLUMNS:
                point = grid.attach(vertical=False, position_m=y, along_m=x)
            if point is not None:
                knots[j, i] = point
    return knots


def _draw_lane(
    sketch: Sketch,
    rng: np.random.Generator,
    knots: np.ndarray,
    cell: Cell,
    ends: tuple[tuple[int, int], tuple[int, int]],
    name: str,
    blocked: PreparedGeometry,
) -> Lane | None:
    (i0, j0), (i1, j1) = ends
    pair = [tuple(map(float, knots[j0, i0])), tuple(map(float, knots[j1, i1]))]
    draw = rng.random(3)
    if np.isnan(pair).any() or blocked.intersects(LineString(pair)):
        return None
    at_stairs_knot = (cell.column, cell.row) == STAIRS_ONLY_CELL and STAIRS_ONLY_KNOT in ends
    if cell.fabric == Fabric.VILLAGE and draw[0] < 0.10:
        return None
    points: list[Point] = [(pair[0][0], pair[0][1]), (pair[1][0], pair[1][1])]
    steps = at_stairs_knot or (_on_hill(points) and draw[1] < 0.34)
    tags = _lane_tags(cell, name, steps=steps, draw=float(draw[2]))
    way_id = sketch.way(points, tags, walkable=True, step_m=LANE_STEP_M)
    if cell.fabric == Fabric.OLD and draw[1] > 0.86:
        _draw_wall(sketch, points)
    return Lane(way_id=way_id, name=name, cell=cell, points=tuple(points), steps=steps)


def _lane_tags(cell: Cell, name: str, *, steps: bool, draw: float) -> dict[str, str]:
    if steps:
        return {
            "highway": "steps",
            "name": name,
            "step_count": str(30 + int(draw * 90)),
            "incline": "up" if draw < 0.5 else "down",
            "handrail": "yes" if draw < 0.6 else "no",
        }
    kinds = ("footway", "living_street", "residential")
    if cell.fabric == Fabric.VILLAGE:
        kinds = ("footway", "service", "residential")
    tags = {"highway": kinds[int(draw * 3)], "name": name}
    if draw * 7 % 1 < 0.7:
        tags["surface"] = "paving_stones" if cell.fabric == Fabric.OLD else "concrete"
    if draw * 11 % 1 < 0.6:
        tags["lit"] = "yes" if draw * 13 % 1 < 0.6 else "no"
    return tags


def _draw_wall(sketch: Sketch, points: list[Point]) -> None:
    # Beside the lane, short of both ends, so that it blocks a look across but no junction.
    (ax, ay), (bx, by) = points
    length = max(1.0, float(np.hypot(bx - ax, by - ay)))
    nx, ny = -(by - ay) / length * 2.2, (bx - ax) / length * 2.2
    wall = [(ax + (bx - ax) * s + nx, ay + (by - ay) * s + ny) for s in (0.2, 0.35, 0.5, 0.65, 0.8)]
    sketch.way(wall, {"barrier": "wall", "height": "2.2"}, shared=False)


def _on_hill(points: list[Point]) -> bool:
    middle_x = (points[0][0] + points[1][0]) / 2
    middle_y = (points[0][1] + points[1][1]) / 2
    away = np.hypot(middle_x - HILL_CENTRE_M[0], middle_y - HILL_CENTRE_M[1])
    return bool(away < HILL_STAIRS_RADIUS_M)


def _lane_name(names: NameBook, cell: Cell, index: int) -> str:
    if cell.fabric == Fabric.VILLAGE:
        stem = VILLAGE_STEMS[(cell.column + 3 * cell.row) % len(VILLAGE_STEMS)]
        return names.unique(stem, "巷")
    return names.pick(LANE_STEMS, index + 5 * cell.column + 11 * cell.row, "巷")


def _blocks(cell: Cell, knots: np.ndarray) -> list[LaneBlock]:
    x0, y0 = cell.origin
    blocks = []
    built = cell.built
    for j in range(LANE_ROWS):
        for i in range(LANE_COLUMNS):
            corners = []
            for dj, di in ((0, 0), (0, 1), (1, 1), (1, 0)):
                knot = knots[j + dj, i + di]
                if np.isnan(knot).any():
                    knot = np.array(
                        [
                            x0 + CELL_WIDTH_M * (i + di) / LANE_COLUMNS,
                            y0 + CELL_HEIGHT_M * (j + dj) / LANE_ROWS,
                        ]
                    )
                corners.append((float(knot[0]), float(knot[1])))
            quad = Polygon(corners).buffer(-3.2, join_style="mitre").intersection(built)
            if isinstance(quad, Polygon) and quad.area > 500.0:
                corner = {(0, 0): "sw", (LANE_COLUMNS - 1, LANE_ROWS - 1): "ne"}.get((i, j), "")
                blocks.append(LaneBlock(cell=cell, polygon=quad, corner=corner))
    return blocks

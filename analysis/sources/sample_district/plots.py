"""Plots: ground kept free at two corners of a cell for a school, park, pitch or market."""

from dataclasses import dataclass

from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from analysis.sources.sample_district.frame import Point
from analysis.sources.sample_district.layout import (
    CELL_HEIGHT_M,
    CELL_WIDTH_M,
    STREET_MARGIN_M,
    Cell,
    Fabric,
)
from analysis.sources.sample_district.streets import StreetGrid

COMPOUND_PLOT_M = (118.0, 96.0)
LANE_PLOT_M = (82.0, 68.0)
LANE_FABRICS = frozenset({Fabric.OLD, Fabric.VILLAGE})
EDGE_M = STREET_MARGIN_M - 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Front:
    """Where a plot meets a street: the junction on the street and the gate on the ring."""

    street: Point
    gate: Point


@dataclass(frozen=True, kw_only=True, slots=True)
class Plot:
    """One plot with its ring and its fronts, plan metres."""

    cell: Cell
    polygon: Polygon
    fronts: tuple[Front, ...]


def lay_plots(cell: Cell, grid: StreetGrid, blocked: BaseGeometry) -> tuple[Plot, ...]:
    """Lay the corner plots of a cell where nothing is in the way (two; three by compounds)."""
    if cell.fabric == Fabric.CAMPUS:
        return ()
    width_m, height_m = LANE_PLOT_M if cell.fabric in LANE_FABRICS else COMPOUND_PLOT_M
    corners = [("west", "south", width_m, height_m), ("east", "north", width_m, height_m)]
    if cell.fabric in {Fabric.TOWERS, Fabric.SLABS}:
        corners.append(("east", "south", *LANE_PLOT_M))
    plots = []
    for east_west, north_south, wide_m, high_m in corners:
        x, inward_x = _edge(cell.origin[0], CELL_WIDTH_M, far=east_west == "east")
        y, inward_y = _edge(cell.origin[1], CELL_HEIGHT_M, far=north_south == "north")
        xs = sorted((x + inward_x * EDGE_M, x + inward_x * (EDGE_M + wide_m)))
        ys = sorted((y + inward_y * EDGE_M, y + inward_y * (EDGE_M + high_m)))
        polygon = box(xs[0], ys[0], xs[1], ys[1])
        if polygon.intersects(blocked):
            continue
        fronts = _fronts(grid, polygon, (x, y), (inward_x * EDGE_M, inward_y * EDGE_M))
        if fronts:
            plots.append(Plot(cell=cell, polygon=polygon, fronts=fronts))
    return tuple(plots)


def _edge(low: float, size_m: float, *, far: bool) -> tuple[float, float]:
    """Coordinate of a cell's near or far street, and the direction into the cell."""
    return (low + size_m, -1.0) if far else (low, 1.0)


def _fronts(
    grid: StreetGrid, polygon: Polygon, corner: Point, inward_m: Point
) -> tuple[Front, ...]:
    middle = polygon.centroid
    fronts = []
    south = grid.attach(vertical=False, position_m=corner[1], along_m=middle.x)
    if south is not None:
        gate = (south[0], round(corner[1] + inward_m[1], 2))
        fronts.append(Front(street=south, gate=gate))
    west = grid.attach(vertical=True, position_m=corner[0], along_m=middle.y)
    if west is not None:
        gate = (round(corner[0] + inward_m[0], 2), west[1])
        fronts.append(Front(street=west, gate=gate))
    return tuple(fronts)

"""The built fabric: every cell filled with compounds, lanes, houses and landmarks."""

from dataclasses import dataclass, field

import numpy as np
from shapely.geometry import Polygon
from shapely.ops import unary_union

from analysis.sources.sample_district.buildings import (
    Building,
    build_block,
    build_compound,
    build_courtyard_house,
)
from analysis.sources.sample_district.compounds import Compound, compound_rings, draw_compound
from analysis.sources.sample_district.frame import Point
from analysis.sources.sample_district.landmarks import (
    draw_courtyard_island,
    draw_cycleway,
    draw_landmark,
    draw_motorway_underpass,
)
from analysis.sources.sample_district.lanes import Lane, draw_lanes
from analysis.sources.sample_district.layout import RIVERSIDE, Cell, Fabric, lay_out_cells
from analysis.sources.sample_district.names import NameBook
from analysis.sources.sample_district.obstacles import Obstacles, draw_obstacles
from analysis.sources.sample_district.plots import Plot, lay_plots
from analysis.sources.sample_district.sketch import Sketch
from analysis.sources.sample_district.streets import StreetGrid, draw_streets, lay_street_grid

COURTYARD_COMPOUND_M2 = 60_000.0
LEAST_HOUSING_M2 = 5_000.0


@dataclass(kw_only=True, slots=True)
class FabricOfDistrict:
    """Everything drawn before the facilities come."""

    sketch: Sketch
    grid: StreetGrid
    names: NameBook
    cells: tuple[Cell, ...]
    buildings: list[Building] = field(default_factory=list)
    compounds: list[Compound] = field(default_factory=list)
    lanes: list[Lane] = field(default_factory=list)
    plots: list[Plot] = field(default_factory=list)
    park_gates: list[Point] = field(default_factory=list)
    stairs_only: Point | None = None


def weave(obstacles: Obstacles, rng: np.random.Generator) -> FabricOfDistrict:
    """Draw obstacles, cells, landmarks and streets."""
    sketch = Sketch()
    fabric = FabricOfDistrict(
        sketch=sketch,
        grid=lay_street_grid(obstacles),
        names=NameBook(),
        cells=lay_out_cells(),
    )
    draw_obstacles(sketch, obstacles)
    for cell in fabric.cells:
        _fill(fabric, cell, obstacles, rng)
    draw_cycleway(sketch, fabric.grid)
    draw_motorway_underpass(sketch, fabric.grid, obstacles.motorway)
    # Streets last: by now every gate, lane and plot has marked where it joins them.
    draw_streets(sketch, fabric.grid, obstacles)
    return fabric


def _fill(
    fabric: FabricOfDistrict, cell: Cell, obstacles: Obstacles, rng: np.random.Generator
) -> None:
    plots = lay_plots(cell, fabric.grid, obstacles.blocked(20.0))
    fabric.plots += plots
    if cell.fabric in {Fabric.PARK, Fabric.CIVIC, Fabric.CAMPUS}:
        fabric.park_gates += draw_landmark(fabric.sketch, fabric.grid, cell)
        return
    if cell.fabric in {Fabric.TOWERS, Fabric.SLABS}:
        _fill_with_compounds(fabric, cell, plots, obstacles, rng)
    else:
        _fill_with_lanes(fabric, cell, plots, obstacles, rng)


def _fill_with_compounds(
    fabric: FabricOfDistrict,
    cell: Cell,
    plots: tuple[Plot, ...],
    obstacles: Obstacles,
    rng: np.random.Generator,
) -> None:
    for ring in compound_rings(cell, plots, obstacles.blocked(24.0)):
        compound = draw_compound(
            fabric.sketch,
            fabric.grid,
            fabric.names,
            cell=cell,
            ring=ring,
            zone=len(fabric.compounds),
        )
        fabric.compounds.append(compound)
        court = _raise_courtyard(fabric, compound)
        fabric.buildings += build_compound(fabric.sketch, rng, compound, free=court)


def _raise_courtyard(fabric: FabricOfDistrict, compound: Compound) -> Polygon | None:
    """Give one riverside compound the perimeter block; returns the ground it takes."""
    done = any(b.osm_id.startswith("relation") for b in fabric.buildings)
    roomy = compound.ring.area > COURTYARD_COMPOUND_M2 and bool(compound.gates)
    if done or compound.cell.circle != RIVERSIDE or not roomy:
        return None
    building, court = build_courtyard_house(fabric.sketch, compound)
    fabric.buildings.append(building)
    draw_courtyard_island(fabric.sketch, court)
    return court.buffer(20.0, join_style="mitre")


def _fill_with_lanes(
    fabric: FabricOfDistrict,
    cell: Cell,
    plots: tuple[Plot, ...],
    obstacles: Obstacles,
    rng: np.random.Generator,
) -> None:
    blocked = obstacles.blocked(16.0)
    drawn = draw_lanes(fabric.sketch, fabric.grid, fabric.names, rng, cell=cell, blocked=blocked)
    fabric.lanes += drawn.lanes
    fabric.stairs_only = drawn.stairs_only or fabric.stairs_only
    free = unary_union([blocked, *(plot.polygon.buffer(3.0) for plot in plots)])
    for block in drawn.blocks:
        fabric.buildings += build_block(fabric.sketch, rng, block, free=free)
    ground = cell.built.difference(free)
    parts = [g for g in getattr(ground, "geoms", [ground]) if isinstance(g, Polygon)]
    for part in sorted(parts, key=lambda p: -p.area):
        if part.area > LEAST_HOUSING_M2:
            tags = {"landuse": "residential"}
            if cell.fabric == Fabric.VILLAGE:
                tags["residential"] = "urban_village"
                tags["name"] = f"云岚村{cell.column + 1}-{cell.row + 1}组"
            fabric.sketch.area(Polygon(part.exterior), tags, step_m=60.0)

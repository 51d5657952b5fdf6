"""Buildings: residential ones with their floor space, and the others."""

# Shares drawn by chance describe the place and are read best where they are used.
# ruff: noqa: PLR2004

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from analysis.sources.sample_district.compounds import Compound
from analysis.sources.sample_district.frame import Point
from analysis.sources.sample_district.lanes import LaneBlock
from analysis.sources.sample_district.layout import OLD_BEFORE_YEAR, Cell, Fabric
from analysis.sources.sample_district.sketch import PUBLIC, Sketch


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """How the houses of a fabric look: footprint and spacing in metres, storeys, share kept."""

    footprint_m: tuple[float, float]
    pitch_m: tuple[float, float]
    storeys: tuple[int, int]
    kept_share: float
    tag: str


FORMS = {
    Fabric.TOWERS: Form(
        footprint_m=(27.0, 19.0), pitch_m=(42.0, 36.0), storeys=(17, 33), kept_share=0.92,
        tag="apartments",
    ),
    Fabric.SLABS: Form(
        footprint_m=(36.0, 13.0), pitch_m=(41.0, 27.0), storeys=(5, 9), kept_share=0.9,
        tag="apartments",
    ),
    Fabric.OLD: Form(
        footprint_m=(23.0, 12.0), pitch_m=(27.0, 17.5), storeys=(3, 6), kept_share=0.74,
        tag="residential",
    ),
    Fabric.VILLAGE: Form(
        footprint_m=(17.0, 13.5), pitch_m=(19.5, 15.5), storeys=(2, 5), kept_share=0.60,
        tag="yes",
    ),
}  # fmt: skip
M2_PER_PERSON = {Fabric.TOWERS: 34.0, Fabric.SLABS: 27.0, Fabric.OLD: 24.0, Fabric.VILLAGE: 21.0}


@dataclass(frozen=True, kw_only=True, slots=True)
class Building:
    """One residential building; ``osm_id`` like ``way/2000000123``; plan metres."""

    osm_id: str
    centre: Point
    zone: int
    cell: Cell
    floor_m2: float
    built_year: int


def build_compound(
    sketch: Sketch,
    rng: np.random.Generator,
    compound: Compound,
    *,
    free: BaseGeometry | None = None,
) -> tuple[Building, ...]:
    """Set slabs or towers in a compound, off its ways, its fence and ``free`` ground."""
    ground = _compound_ground(compound)
    if free is not None:
        ground = ground.difference(free)
    spots = _spots(rng, ground, FORMS[compound.cell.fabric])
    return tuple(
        _raise_house(sketch, rng, spot, cell=compound.cell, zone=compound.zone,
                     year=compound.built_year)
        for spot in spots
    )  # fmt: skip


def build_block(
    sketch: Sketch, rng: np.random.Generator, block: LaneBlock, *, free: BaseGeometry
) -> tuple[Building, ...]:
    """Set the small houses of one lane block, outside of ``free`` ground (plots, obstacles)."""
    form = FORMS[block.cell.fabric]
    spots = _spots(rng, block.polygon.difference(free), form)
    years = rng.integers(1965, 2012, size=len(spots))
    return tuple(
        _raise_house(sketch, rng, spot, cell=block.cell, zone=PUBLIC, year=int(year))
        for spot, year in zip(spots, years, strict=True)
    )


def _spots(rng: np.random.Generator, ground: BaseGeometry, form: Form) -> list[Polygon]:
    """Rectangles of the form's pitch that fit wholly on the ground, some left out by chance."""
    # Each part between the ways has its own rows, as an architect would set them.
    parts = [g for g in getattr(ground, "geoms", [ground]) if isinstance(g, Polygon)]
    return [spot for part in parts if not part.is_empty for spot in _rows(rng, part, form)]


def _rows(rng: np.random.Generator, ground: Polygon, form: Form) -> list[Polygon]:
    x0, y0, x1, y1 = ground.bounds
    width, depth = form.footprint_m
    xs = np.arange(x0 + 0.5, x1 - width + 0.01, form.pitch_m[0])
    ys = np.arange(y0 + 0.5, y1 - depth + 0.01, form.pitch_m[1])
    if len(xs) == 0 or len(ys) == 0:
        return []
    gx, gy = (g.ravel() for g in np.meshgrid(xs, ys))
    # A little play in place and size, inside the pitch, so that no two houses touch.
    play = rng.uniform(0.0, 1.0, size=(4, len(gx)))
    left = gx + play[0] * (form.pitch_m[0] - width) * 0.5
    low = gy + play[1] * (form.pitch_m[1] - depth) * 0.5
    rectangles = shapely.box(
        left, low, left + width * (0.86 + 0.14 * play[2]), low + depth * (0.86 + 0.14 * play[3])
    )
    shapely.prepare(ground)
    fits = shapely.contains(ground, rectangles) & (rng.random(len(gx)) < form.kept_share)
    return [polygon for polygon in rectangles[fits] if isinstance(polygon, Polygon)]


def _raise_house(
    sketch: Sketch,
    rng: np.random.Generator,
    footprint: Polygon,
    *,
    cell: Cell,
    zone: int,
    year: int,
) -> Building:
    form = FORMS[cell.fabric]
    storeys = int(rng.integers(form.storeys[0], form.storeys[1] + 1))
    chance = rng.random(4)
    tags = {"building": form.tag if chance[0] < 0.85 else "house"}
    if form.tag == "apartments":
        tags["building"] = "apartments" if chance[0] < 0.9 else "residential"
    elif form.tag == "yes":
        tags["building"] = "yes" if chance[0] < 0.8 else "house"
    if chance[1] < 0.84:
        tags["building:levels"] = str(storeys)
    if chance[2] < 0.12:
        tags["addr:housenumber"] = str(int(chance[3] * 180) + 1)
    if year < OLD_BEFORE_YEAR and chance[3] < 0.5:
        tags["start_date"] = str(year)
    way_id = sketch.area(footprint, tags)
    middle = footprint.centroid
    return Building(
        osm_id=f"way/{way_id}",
        centre=(middle.x, middle.y),
        zone=zone,
        cell=cell,
        floor_m2=footprint.area * storeys,
        built_year=year,
    )


def build_courtyard_house(sketch: Sketch, compound: Compound) -> tuple[Building, Polygon]:
    """Raise one perimeter block round a courtyard (a multipolygon); return it and its court."""
    ground = _compound_ground(compound)
    x0, y0, x1, y1 = ground.bounds
    gx, gy = (g.ravel() for g in np.meshgrid(np.arange(x0, x1, 6.0), np.arange(y0, y1, 6.0)))
    fits = shapely.contains(ground, shapely.box(gx, gy, gx + 68.0, gy + 56.0))
    first = int(np.flatnonzero(fits)[0])
    x, y = float(gx[first]) + 34.0, float(gy[first]) + 28.0
    hole = box(x - 20.0, y - 14.0, x + 20.0, y + 14.0)
    house = Polygon(box(x - 34.0, y - 28.0, x + 34.0, y + 28.0).exterior, [hole.exterior.coords])
    tags = {"building": "apartments", "building:levels": "7", "name": f"{compound.name}围合楼"}
    relation_id = sketch.multipolygon(house, tags)
    building = Building(
        osm_id=f"relation/{relation_id}",
        centre=(x - 27.0, y),
        zone=compound.zone,
        cell=compound.cell,
        floor_m2=house.area * 7,
        built_year=compound.built_year,
    )
    return building, hole


def _compound_ground(compound: Compound) -> BaseGeometry:
    ground: BaseGeometry = compound.ring.buffer(-8.0)
    if compound.inner_lines:
        ground = ground.difference(unary_union(list(compound.inner_lines)).buffer(4.5))
    for gate in compound.gates:
        ground = ground.difference(shapely.Point(gate).buffer(14.0))
    return ground

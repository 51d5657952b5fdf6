"""Premises: the facilities drawn as OSM features, and the ground that stays unused."""

# Shares drawn by chance describe the place and are read best where they are used.
# ruff: noqa: PLR2004

import math

import numpy as np
from shapely.geometry import LineString, box
from shapely.ops import unary_union

from analysis.sources.sample_district.facilities import Facility
from analysis.sources.sample_district.frame import HALF_HEIGHT_M, HALF_WIDTH_M, Point
from analysis.sources.sample_district.names import LANE_STEMS
from analysis.sources.sample_district.plots import Plot
from analysis.sources.sample_district.services import SERVICES
from analysis.sources.sample_district.sketch import Sketch
from analysis.sources.sample_district.streets import StreetGrid

FOOTPATH = {"highway": "footway", "surface": "paving_stones"}
STREET_OFFSET_M = 5.5
LANE_OFFSET_M = 1.4
DISTRICT_BOX = (
    -HALF_WIDTH_M - 40.0, -HALF_HEIGHT_M - 40.0, HALF_WIDTH_M + 40.0, HALF_HEIGHT_M + 40.0,
)  # fmt: skip
NEIGHBOUR_SERVICES = (
    ({"shop": "convenience"}, "便利店"),
    ({"amenity": "pharmacy"}, "药店"),
    ({"highway": "bus_stop"}, "站"),
)


def draw_premises(
    sketch: Sketch,
    facilities: tuple[Facility, ...],
    streets: frozenset[int],
    rng: np.random.Generator,
) -> None:
    """Draw every open facility that OSM knows; ``streets`` are the sites on wide streets."""
    tags_of = {service.element: dict(service.tags) for service in SERVICES}
    for facility in facilities:
        if not facility.in_osm or facility.status != "open":
            continue
        tags = {**tags_of[facility.element], "name": facility.name}
        tags |= _details(facility, rng)
        if facility.plot is not None:
            _draw_on_plot(sketch, facility.plot, tags)
            continue
        if facility.element == "bus_stop":
            for sign in (-1.0, 1.0):
                point = (facility.point[0] + 6.0 * sign, facility.point[1] + 6.0 * sign)
                sketch.node(point, tags, shared=False)
            continue
        offset = STREET_OFFSET_M if facility.site in streets else LANE_OFFSET_M
        sketch.node(beside(facility.point, offset, facility.site), tags, shared=False)


def beside(point: Point, offset_m: float, number: int) -> Point:
    """Move a point a little to one side, the side decided by a number."""
    angle = number * 2.399963
    return point[0] + offset_m * math.cos(angle), point[1] + offset_m * math.sin(angle)


def draw_unused_plot(sketch: Sketch, plot: Plot, number: int) -> None:
    """Show unused ground as a shop row, a private car park, or fallow land."""
    x0, y0, x1, _ = plot.polygon.bounds
    kind = number % 3
    if kind == 0:
        shops = box(x0 + 8.0, y0 + 8.0, x1 - 8.0, y0 + 26.0)
        sketch.area(shops, {"building": "retail", "building:levels": "2"})
    elif kind == 1:
        tags = {"amenity": "parking", "access": "private", "parking": "surface"}
        sketch.area(plot.polygon.buffer(-6.0, join_style="mitre"), tags)
    else:
        sketch.area(plot.polygon, {"landuse": "brownfield"})


def draw_country(sketch: Sketch, grid: StreetGrid, rng: np.random.Generator) -> None:
    """Scatter fields, farm buildings and a few neighbouring services over the ring."""
    roads = unary_union([LineString([line.point(line.low_m), line.point(line.high_m)]).buffer(14.0)
                         for line in grid.lines])  # fmt: skip
    taken = unary_union([roads, grid.forbidden, box(*DISTRICT_BOX)])
    for _ in range(90):
        x, y = rng.uniform(-3300.0, 3200.0), rng.uniform(-2650.0, 2600.0)
        size = rng.uniform(60.0, 130.0)
        field = box(x, y, x + size, y + size * 0.7)
        if field.intersects(taken):
            continue
        taken = taken.union(field)
        sketch.area(field, {"landuse": "farmland"})
        sketch.area(box(x + 10.0, y + 10.0, x + 26.0, y + 20.0), {"building": "barn"})
    _draw_neighbours(sketch, grid)


def _draw_neighbours(sketch: Sketch, grid: StreetGrid) -> None:
    """Services of the neighbouring villages, too far out to close a planted gap."""
    villages = [
        line.point(line.high_m - 60.0 if k % 2 else line.low_m + 60.0)
        for k, line in enumerate(grid.lines)
        if line.highway != "unclassified" and line.high_m > HALF_WIDTH_M
    ]
    for k, (x, y) in enumerate(villages):
        name = f"{LANE_STEMS[k]}村"
        for n, (tags, ending) in enumerate(NEIGHBOUR_SERVICES):
            spot = (x + 5.0 + 4.0 * n, y + 6.0)
            sketch.node(spot, {**tags, "name": name + ending}, shared=False)


def _details(facility: Facility, rng: np.random.Generator) -> dict[str, str]:
    chance = rng.random(4)
    tags: dict[str, str] = {}
    if facility.element in {"primary_school", "junior_middle_school", "kindergarten"}:
        tags["capacity"] = str(facility.size)
        tags |= _wheelchair(facility, yes=chance[0] < 0.7)
    elif facility.element == "public_parking":
        tags |= {"capacity": str(facility.size), "fee": "yes" if chance[0] < 0.7 else "no"}
    elif facility.element == "public_toilet":
        tags |= _wheelchair(facility, yes=chance[0] < 0.8)
        tags["opening_hours"] = "24/7" if chance[1] < 0.6 else "06:00-22:00"
    elif facility.element == "bus_stop":
        tags |= {"shelter": "yes" if chance[0] < 0.6 else "no"}
        tags |= {"bench": "yes" if chance[1] < 0.55 else "no"}
    elif facility.element in {"convenience_store", "pharmacy", "fresh_food_store"}:
        if chance[0] < 0.7:
            tags["opening_hours"] = "24/7" if chance[1] < 0.25 else "08:00-22:00"
    elif facility.element in {"park_green_space", "multi_sport_ground"}:
        tags["lit"] = "yes" if chance[0] < 0.75 else "no"
    if facility.element == "wet_market":
        tags["opening_hours"] = "06:00-20:00"
    return tags


def _wheelchair(facility: Facility, *, yes: bool) -> dict[str, str]:
    """Return what mappers know: the steps, or that there are none, or nothing."""
    if facility.steps_only:
        return {"wheelchair": "no"}
    return {"wheelchair": "yes"} if yes else {}


def _draw_on_plot(sketch: Sketch, plot: Plot, tags: dict[str, str]) -> None:
    gates = [front.gate for front in plot.fronts]
    sketch.area(plot.polygon, tags, through=gates, shared=True)
    school = tags.get("amenity") == "school"
    middle = (round(plot.polygon.centroid.x, 2), round(plot.polygon.centroid.y, 2))
    for front in plot.fronts:
        inward = middle if not school else front.gate
        points = [front.street, front.gate] + ([inward] if inward != front.gate else [])
        sketch.way(points, FOOTPATH, walkable=True)
        if school or tags.get("leisure") == "park":
            sketch.node(front.gate, {"barrier": "gate", "entrance": "main"})
    if school:
        x0, y0, x1, y1 = plot.polygon.bounds
        house = box(x0 + 10.0, y0 + 10.0, x1 - 10.0, y0 + 26.0)
        levels = {"building": "school", "building:levels": "5"}
        sketch.area(house, levels)
        yard = box(x0 + 12.0, y0 + 32.0, x1 - 12.0, y1 - 8.0)
        sketch.area(yard, {"leisure": "pitch", "access": "private", "sport": "running"})

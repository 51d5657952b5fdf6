"""What cuts the district: the river with its island, the motorway and the railway."""

from dataclasses import dataclass
from itertools import pairwise

from shapely.affinity import rotate, scale
from shapely.geometry import LineString, Polygon, box
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from analysis.sources.sample_district.frame import (
    HALF_HEIGHT_M,
    HALF_WIDTH_M,
    RING_WIDTH_M,
    densify,
)
from analysis.sources.sample_district.sketch import Sketch

RIVER_LINE = (
    (3400.0, -380.0),
    (2300.0, -480.0),
    (1500.0, -640.0),
    (950.0, -820.0),
    (640.0, -1080.0),
    (560.0, -1400.0),
    (575.0, -1650.0),
    (580.0, -2750.0),
)
MOTORWAY_LINE = (
    (1000.0, 2750.0),
    (1030.0, 1900.0),
    (1130.0, 1450.0),
    (1400.0, 1060.0),
    (1800.0, 850.0),
    (2300.0, 790.0),
    (3400.0, 760.0),
)
RAILWAY_LINE = (
    (-3400.0, -1230.0),
    (-2300.0, -1235.0),
    (-1000.0, -1240.0),
    (-500.0, -1290.0),
    (-200.0, -1480.0),
    (0.0, -1750.0),
    (60.0, -2100.0),
    (80.0, -2750.0),
)
RIVER_HALF_WIDTH_M = 38.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Obstacles:
    """River polygon (with the island as hole) and the two lines, plan metres."""

    river: Polygon
    motorway: LineString
    railway: LineString

    def blocked(self, margin_m: float) -> BaseGeometry:
        """Everything a street may not enter, widened by ``margin_m`` metres."""
        return unary_union(
            [
                Polygon(self.river.exterior).buffer(margin_m),
                self.motorway.buffer(margin_m + 6.0),
                self.railway.buffer(margin_m),
            ]
        )


def smooth(line: LineString, times: int = 3) -> LineString:
    """Round the corners of a line (Chaikin), keeping its ends."""
    points = [(float(x), float(y)) for x, y in line.coords]
    for _ in range(times):
        cut = [points[0]]
        for (ax, ay), (bx, by) in pairwise(points):
            cut.append((0.75 * ax + 0.25 * bx, 0.75 * ay + 0.25 * by))
            cut.append((0.25 * ax + 0.75 * bx, 0.25 * ay + 0.75 * by))
        points = [*cut, points[-1]]
    return LineString(points)


def extent() -> Polygon:
    """District and ring together, plan metres."""
    return box(
        -HALF_WIDTH_M - RING_WIDTH_M,
        -HALF_HEIGHT_M - RING_WIDTH_M,
        HALF_WIDTH_M + RING_WIDTH_M,
        HALF_HEIGHT_M + RING_WIDTH_M,
    )


def lay_obstacles() -> Obstacles:
    """Draw the three obstacles from their control points."""
    centre = smooth(LineString(RIVER_LINE))
    bulge = rotate(scale(ShapelyPoint(1335.0, -690.0).buffer(1.0), 190.0, 78.0), 17.0)
    island = rotate(scale(ShapelyPoint(1335.0, -690.0).buffer(1.0, 6), 105.0, 26.0), 17.0)
    water = unary_union([centre.buffer(RIVER_HALF_WIDTH_M, cap_style="flat"), bulge])
    river = Polygon(water.intersection(extent()).simplify(1.0).exterior, [island.exterior.coords])
    return Obstacles(
        river=river,
        motorway=smooth(LineString(MOTORWAY_LINE)),
        railway=smooth(LineString(RAILWAY_LINE)),
    )


def draw_obstacles(sketch: Sketch, obstacles: Obstacles) -> None:
    """Put river, motorway and railway into the sketch."""
    sketch.multipolygon(
        obstacles.river, {"natural": "water", "water": "river", "name": "云溪河"}, step_m=60.0
    )
    river_line = list(smooth(LineString(RIVER_LINE)).coords)
    sketch.way(river_line[::-1], {"waterway": "river", "name": "云溪河"}, shared=False, step_m=60.0)
    sketch.way(
        densify(list(obstacles.motorway.coords), 60.0),
        {"highway": "motorway", "name": "云岚高速", "ref": "G9901", "maxspeed": "100"},
        shared=False,
    )
    sketch.way(
        densify(list(obstacles.railway.coords), 60.0),
        {"railway": "rail", "name": "黔云铁路", "usage": "main", "electrified": "contact_line"},
        shared=False,
    )

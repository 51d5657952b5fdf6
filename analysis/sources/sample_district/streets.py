"""Public streets on the grid lines, the country roads of the ring, and their crossings."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from shapely.geometry import LineString
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry.base import BaseGeometry
from shapely.prepared import PreparedGeometry, prep

from analysis.sources.sample_district.frame import (
    HALF_HEIGHT_M,
    HALF_WIDTH_M,
    RING_WIDTH_M,
    Point,
)
from analysis.sources.sample_district.layout import COLUMNS, ROWS, column_x, row_y
from analysis.sources.sample_district.names import STREET_STEMS
from analysis.sources.sample_district.obstacles import Obstacles
from analysis.sources.sample_district.sketch import Sketch

VERTEX_STEP_M = 32.0
RING_OFFSETS_M = (450.0, 950.0)
STREET_CLEARANCE_M = 13.0
MIDDLE_COLUMN, MIDDLE_ROW = COLUMNS // 2, ROWS // 2
SAME_LINE_M = 0.5
SHORTEST_STREET_M = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Crossing:
    """A place where a grid line is let through an obstacle."""

    vertical: bool
    position_m: float
    obstacle: str
    tags: tuple[tuple[str, str], ...]


@dataclass(kw_only=True, slots=True)
class StreetLine:
    """One grid line with the marks where something joins it."""

    vertical: bool
    position_m: float
    low_m: float
    high_m: float
    name: str
    highway: str
    marks_m: list[float] = field(default_factory=list)

    def point(self, along_m: float) -> Point:
        """Plan point at a coordinate along the line."""
        along = round(along_m, 2)
        return (self.position_m, along) if self.vertical else (along, self.position_m)

    def spans(self, along_m: float) -> bool:
        """Whether the line reaches this coordinate."""
        return self.low_m <= along_m <= self.high_m


@dataclass(kw_only=True, slots=True)
class StreetGrid:
    """All street lines; features attach to them before they are drawn."""

    lines: list[StreetLine]
    forbidden: BaseGeometry
    _prepared: PreparedGeometry = field(init=False)

    def __post_init__(self) -> None:
        """Prepare the forbidden area for many point questions."""
        self._prepared = prep(self.forbidden)

    def attach(self, *, vertical: bool, position_m: float, along_m: float) -> Point | None:
        """Mark a junction on a line and return its point, or ``None`` where no street runs."""
        for line in self.lines:
            same = line.vertical == vertical and abs(line.position_m - position_m) < SAME_LINE_M
            if same and line.spans(along_m):
                point = line.point(along_m)
                if self._prepared.intersects(ShapelyPoint(point).buffer(3.0)):
                    return None
                line.marks_m.append(round(along_m, 2))
                return point
        return None


def lay_street_grid(obstacles: Obstacles) -> StreetGrid:
    """Lay the lines of district and ring and mark where they meet."""
    lines = list(_core_lines()) + list(_ring_lines())
    for line in lines:
        for other in lines:
            if line.vertical != other.vertical and (
                line.spans(other.position_m) and other.spans(line.position_m)
            ):
                line.marks_m.append(other.position_m)
    return StreetGrid(lines=lines, forbidden=obstacles.blocked(STREET_CLEARANCE_M))


def _core_lines() -> Iterator[StreetLine]:
    for i in range(COLUMNS + 1):
        reach_m = HALF_HEIGHT_M + (RING_WIDTH_M - 40.0 if i % 2 == 0 else 0.0)
        major = i in {0, 3, 6, 9, 12}
        yield StreetLine(
            vertical=True,
            position_m=column_x(i),
            low_m=-reach_m,
            high_m=reach_m,
            name=STREET_STEMS[i] + ("大道" if major else "路"),
            highway="primary" if i == MIDDLE_COLUMN else "secondary" if major else "tertiary",
        )
    for j in range(ROWS + 1):
        reach_m = HALF_WIDTH_M + (RING_WIDTH_M - 40.0 if j in {0, 2, 5, 8, 10} else 0.0)
        major = j in {0, 2, 5, 8, 10}
        yield StreetLine(
            vertical=False,
            position_m=row_y(j),
            low_m=-reach_m,
            high_m=reach_m,
            name=STREET_STEMS[COLUMNS + 1 + j] + ("大街" if major else "街"),
            highway="primary" if j == MIDDLE_ROW else "secondary" if major else "tertiary",
        )


def _ring_lines() -> Iterator[StreetLine]:
    for k, offset_m in enumerate(RING_OFFSETS_M):
        for sign in (-1.0, 1.0):
            for vertical in (True, False):
                half, across = (
                    (HALF_WIDTH_M, HALF_HEIGHT_M) if vertical else (HALF_HEIGHT_M, HALF_WIDTH_M)
                )
                yield StreetLine(
                    vertical=vertical,
                    position_m=sign * (half + offset_m),
                    low_m=-across - offset_m,
                    high_m=across + offset_m,
                    name=STREET_STEMS[26 + 2 * k + int(vertical)] + "乡道",
                    highway="unclassified",
                )


def crossings() -> tuple[Crossing, ...]:
    """List the two river bridges, the passages of the motorway and those of the railway."""
    bridge = (("bridge", "yes"), ("layer", "1"))
    tunnel = (("tunnel", "yes"), ("layer", "-1"))
    return (
        Crossing(vertical=True, position_m=column_x(11), obstacle="river", tags=bridge),
        Crossing(vertical=False, position_m=row_y(1), obstacle="river", tags=bridge),
        Crossing(vertical=True, position_m=column_x(10), obstacle="motorway", tags=tunnel),
        Crossing(vertical=False, position_m=row_y(9), obstacle="motorway", tags=bridge),
        Crossing(vertical=True, position_m=column_x(2), obstacle="railway", tags=tunnel),
        Crossing(vertical=True, position_m=column_x(4), obstacle="railway", tags=tunnel),
    )


def draw_streets(sketch: Sketch, grid: StreetGrid, obstacles: Obstacles) -> None:
    """Draw every line between its marks, cut at obstacles, with the allowed crossings put back."""
    bodies = {
        "river": obstacles.river.buffer(STREET_CLEARANCE_M),
        "motorway": obstacles.motorway.buffer(STREET_CLEARANCE_M + 6.0),
        "railway": obstacles.railway.buffer(STREET_CLEARANCE_M),
    }
    for line in grid.lines:
        axis = LineString([line.point(line.low_m), line.point(line.high_m)])
        for piece in _parts(axis.difference(grid.forbidden)):
            _draw_piece(sketch, line, piece)
        for crossing in crossings():
            if crossing.vertical == line.vertical and crossing.position_m == line.position_m:
                for piece in _parts(axis.intersection(bodies[crossing.obstacle])):
                    _draw_crossing(sketch, line, piece, dict(crossing.tags))
    _draw_signals(sketch, grid)


def _draw_signals(sketch: Sketch, grid: StreetGrid) -> None:
    """Tag the junctions of primary streets: signals at main streets, bare crossings at others."""
    primary = [line for line in grid.lines if line.highway == "primary"]
    for line in primary:
        for other in grid.lines:
            if other.vertical == line.vertical or not line.spans(other.position_m):
                continue
            main = other.highway in {"primary", "secondary"}
            told = "traffic_signals" if main else "uncontrolled"
            highway = "traffic_signals" if main else "crossing"
            sketch.tag_at(line.point(other.position_m), {"highway": highway, "crossing": told})


def _draw_piece(sketch: Sketch, line: StreetLine, piece: LineString) -> None:
    low, high = _range(line, piece)
    inner = sorted({m for m in line.marks_m if low + 0.5 < m < high - 0.5})
    stops = [low, *inner, high]
    if high - low < SHORTEST_STREET_M:
        return
    # One way per few junctions, as mappers draw them, so that names and tags may differ along it.
    cuts = [*range(0, len(stops) - 1, 6), len(stops) - 1]
    for first, last in pairwise(cuts):
        points = [line.point(m) for m in stops[first : last + 1]]
        sketch.way(points, _street_tags(line), walkable=True, step_m=VERTEX_STEP_M)


def _draw_crossing(
    sketch: Sketch, line: StreetLine, piece: LineString, extra: dict[str, str]
) -> None:
    low, high = _range(line, piece)
    sketch.way(
        [line.point(low), line.point(high)],
        {**_street_tags(line), **extra},
        walkable=True,
        step_m=VERTEX_STEP_M,
    )


def _street_tags(line: StreetLine) -> dict[str, str]:
    tags = {"highway": line.highway, "name": line.name, "surface": "asphalt"}
    if line.highway in {"primary", "secondary"}:
        return {**tags, "sidewalk": "both", "lit": "yes", "lanes": "4"}
    if line.highway == "tertiary":
        return {**tags, "sidewalk": "both", "lit": "yes"}
    return tags


def _range(line: StreetLine, piece: LineString) -> tuple[float, float]:
    k = 1 if line.vertical else 0
    values = [float(c[k]) for c in piece.coords]
    return round(min(values), 2), round(max(values), 2)


def _parts(geometry: BaseGeometry) -> list[LineString]:
    parts = geometry.geoms if hasattr(geometry, "geoms") else [geometry]
    return [part for part in parts if isinstance(part, LineString) and part.length > 0]

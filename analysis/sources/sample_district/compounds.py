"""Gated superblocks (小区): fence ring, gates, internal ways."""

from dataclasses import dataclass

from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from analysis.sources.sample_district.frame import Point
from analysis.sources.sample_district.layout import (
    CELL_HEIGHT_M,
    CELL_WIDTH_M,
    NEW_TOWN,
    NO_GATE_CELL,
    OLD_BEFORE_YEAR,
    OLD_TOWN,
    SINGLE_GATE_CELL,
    VILLAGE,
    Cell,
    Fabric,
)
from analysis.sources.sample_district.names import (
    COMPOUND_ENDINGS,
    COMPOUND_STEMS,
    OLD_COMPOUND_ENDINGS,
    NameBook,
)
from analysis.sources.sample_district.plots import Plot
from analysis.sources.sample_district.sketch import Sketch
from analysis.sources.sample_district.streets import StreetGrid

LOOP_INSET_M = 24.0
SMALL_COMPOUND_M2 = 45_000.0
SMALL_LOOP_INSET_M = 38.0
INNER_STEP_M = 28.0
LONGEST_STUB_M = 72.0
SHORTEST_PIECE_M = 0.5
GATE_OFFSETS_M = (0.0, 40.0, -40.0, 80.0, -80.0)
MINIMUM_COMPOUND_M2 = 30_000.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Compound:
    """One compound: ring, the lines residents walk on inside, gates; plan metres."""

    zone: int
    cell: Cell
    name: str
    built_year: int
    ring: Polygon
    inner_lines: tuple[LineString, ...]
    gates: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Gate:
    street: Point
    ring: Point
    loop: Point


def compound_rings(cell: Cell, plots: tuple[Plot, ...], blocked: BaseGeometry) -> list[Polygon]:
    """Rings of the compounds a cell holds: its built ground without plots and obstacles."""
    ground: BaseGeometry = cell.built.difference(blocked)
    for plot in plots:
        ground = ground.difference(plot.polygon.buffer(5.0, join_style="mitre"))
    # Opening removes slivers along obstacles that no one would fence in.
    ground = ground.buffer(-42.0, join_style="mitre").buffer(42.0, join_style="mitre")
    parts = ground.geoms if isinstance(ground, MultiPolygon) else [ground]
    rings = [p for p in parts if isinstance(p, Polygon) and p.area >= MINIMUM_COMPOUND_M2]
    return sorted((Polygon(r.exterior).simplify(2.0) for r in rings), key=lambda r: -r.area)


def draw_compound(
    sketch: Sketch, grid: StreetGrid, names: NameBook, *, cell: Cell, ring: Polygon, zone: int
) -> Compound:
    """Draw one compound and return it."""
    name, built_year = _identity(names, cell, zone)
    key = (cell.column, cell.row)
    wanted = (
        0 if key == NO_GATE_CELL else 1 if key == SINGLE_GATE_CELL else gates_wanted(cell, zone)
    )
    # In a narrow compound the houses stand outside of the loop, so it lies further in.
    inset_m = SMALL_LOOP_INSET_M if ring.area < SMALL_COMPOUND_M2 else LOOP_INSET_M
    loop = _largest(ring.buffer(-inset_m, join_style="mitre"))
    gates = _find_gates(grid, cell, ring, loop, wanted=wanted, zone=zone) if wanted else []
    inner = _inner_lines(loop, gates)
    if gates:
        # Where no gate is mapped the ways inside are not mapped either; houses keep off them.
        _draw_inner(sketch, inner, gates, zone=zone)
    points = [gate.ring for gate in gates]
    barrier = "wall" if cell.circle in {OLD_TOWN, VILLAGE} else "fence"
    tags = {"landuse": "residential", "residential": "apartments", "barrier": barrier, "name": name}
    if built_year < OLD_BEFORE_YEAR:
        tags["start_date"] = str(built_year)
    sketch.area(ring, tags, through=points, shared=True, step_m=45.0)
    for number, point in enumerate(points):
        sketch.node(point, {"barrier": "gate", "name": f"{name}{'东南西北'[number % 4]}门"})
    return Compound(
        zone=zone,
        cell=cell,
        name=name,
        built_year=built_year,
        ring=ring,
        inner_lines=tuple(inner),
        gates=tuple(points),
    )


def gates_wanted(cell: Cell, zone: int) -> int:
    """Two or three gates; new estates have three."""
    return 3 if cell.fabric == Fabric.TOWERS else 2 + zone % 2


def _identity(names: NameBook, cell: Cell, zone: int) -> tuple[str, int]:
    if cell.circle in {OLD_TOWN, VILLAGE}:
        ending = OLD_COMPOUND_ENDINGS[zone % len(OLD_COMPOUND_ENDINGS)]
        return names.pick(COMPOUND_STEMS, zone * 5 + 3, ending), 1978 + (zone * 7) % 21
    ending = COMPOUND_ENDINGS[zone % len(COMPOUND_ENDINGS)]
    name = names.pick(COMPOUND_STEMS, zone, ending)
    first_year = 2006 if cell.circle == NEW_TOWN else 1994
    return name, first_year + (zone * 3) % 15


def _find_gates(
    grid: StreetGrid, cell: Cell, ring: Polygon, loop: Polygon, *, wanted: int, zone: int
) -> list[_Gate]:
    x0, y0 = cell.origin
    x1, y1 = x0 + CELL_WIDTH_M, y0 + CELL_HEIGHT_M
    middle = loop.centroid
    shift = 18.0 if zone % 2 else -18.0
    south_x, north_x = middle.x + 70.0 + shift, middle.x - 70.0 + shift
    west_y, east_y = middle.y + 45.0 + shift, middle.y - 45.0 - shift
    # Opposite sides first, so that two gates are not on the same corner.
    tries = [
        (False, y0, south_x, (south_x, middle.y)),
        (False, y1, north_x, (north_x, middle.y)),
        (True, x1, east_y, (middle.x, east_y)),
        (True, x0, west_y, (middle.x, west_y)),
    ]
    if zone % 4 in {1, 2}:
        tries = tries[2:] + tries[:2]
    gates: dict[int, _Gate] = {}
    # One gate a side; where a side is cut off at the usual place, try further along it.
    for offset_m in GATE_OFFSETS_M:
        for number, (vertical, position, along, inside) in enumerate(tries):
            if len(gates) >= wanted or number in gates:
                continue
            moved = round(along + offset_m, 2)
            street = (position, moved) if vertical else (moved, position)
            target = (inside[0], moved) if vertical else (moved, inside[1])
            gate = _gate_on_ray(street, target, ring, loop)
            if gate is None:
                continue
            point = grid.attach(vertical=vertical, position_m=position, along_m=moved)
            if point is not None:
                gates[number] = _Gate(street=point, ring=gate.ring, loop=gate.loop)
    return list(gates.values())


def _gate_on_ray(street: Point, inside: Point, ring: Polygon, loop: Polygon) -> _Gate | None:
    ray = LineString([street, inside])
    start = ShapelyPoint(street)
    found: list[Point] = []
    for polygon in (ring, loop):
        hits = ray.intersection(LineString(polygon.exterior.coords))
        points = [g for g in getattr(hits, "geoms", [hits]) if isinstance(g, ShapelyPoint)]
        points = [p for p in points if not p.is_empty]
        if not points:
            return None
        nearest = min(points, key=start.distance)
        found.append((round(nearest.x, 2), round(nearest.y, 2)))
    if start.distance(ShapelyPoint(found[0])) > LONGEST_STUB_M:
        return None
    return _Gate(street=street, ring=found[0], loop=found[1])


def _inner_lines(loop: Polygon, gates: list[_Gate]) -> list[LineString]:
    x0, y0, x1, y1 = loop.bounds
    crosses = [
        LineString([(x0 + (x1 - x0) * 0.36, y0), (x0 + (x1 - x0) * 0.36, y1)]),
        LineString([(x0 + (x1 - x0) * 0.66, y0), (x0 + (x1 - x0) * 0.66, y1)]),
        LineString([(x0, (y0 + y1) / 2), (x1, (y0 + y1) / 2)]),
    ]
    lines: list[BaseGeometry] = [LineString(loop.exterior.coords)]
    lines += [cross.intersection(loop) for cross in crosses]
    # The gate stubs run a centimetre on, so that rounding cannot leave them short of the loop.
    lines += [_prolonged(gate) for gate in gates]
    noded = unary_union(lines)
    parts = [g for g in getattr(noded, "geoms", [noded]) if isinstance(g, LineString)]
    return [part for part in parts if part.length > SHORTEST_PIECE_M]


def _prolonged(gate: _Gate) -> LineString:
    (gx, gy), (lx, ly) = gate.ring, gate.loop
    length = max(1.0, ((lx - gx) ** 2 + (ly - gy) ** 2) ** 0.5)
    return LineString([(gx, gy), (lx + (lx - gx) / length * 0.05, ly + (ly - gy) / length * 0.05)])


def _draw_inner(sketch: Sketch, inner: list[LineString], gates: list[_Gate], *, zone: int) -> None:
    for number, line in enumerate(inner):
        kind = (zone + number) % 4
        tags = {"highway": "footway", "surface": "paving_stones"}
        if kind in {0, 1}:
            tags = {"highway": "service", "service": "driveway", "surface": "concrete"}
        points = [(float(x), float(y)) for x, y in line.coords]
        sketch.way(points, tags, zone=zone, walkable=True, step_m=INNER_STEP_M)
    for gate in gates:
        tags = {"highway": "service", "service": "driveway", "surface": "asphalt"}
        sketch.way([gate.street, gate.ring], tags, zone=zone, walkable=True)
    if gates and zone % 5 == 0:
        # A ramp to an underground car park: private, and nobody's only way.
        lx, ly = gates[0].loop
        ramp = {"highway": "service", "service": "parking_aisle", "access": "private"}
        sketch.way([(lx, ly), (lx + 9.0, ly + 9.0)], ramp, zone=zone)


def _largest(geometry: BaseGeometry) -> Polygon:
    parts = [g for g in getattr(geometry, "geoms", [geometry]) if isinstance(g, Polygon)]
    return max(parts, key=lambda part: part.area)

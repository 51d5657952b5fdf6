"""Single features: big parks, plaza, campus, cycleway, escalator, underpass, courtyard island."""

import math

from shapely.geometry import LineString, Polygon, box

from analysis.sources.sample_district.frame import Point
from analysis.sources.sample_district.layout import (
    CELL_HEIGHT_M,
    CELL_WIDTH_M,
    NEW_TOWN,
    Cell,
    Fabric,
    column_x,
    row_y,
)
from analysis.sources.sample_district.sketch import Sketch
from analysis.sources.sample_district.streets import StreetGrid

PARK_NAMES = {
    (8, 6): "云岚中央公园",
    (10, 8): "观云湖公园",
    (9, 4): "云溪滨河公园",
    (10, 1): "南岸森林公园",
}


def draw_landmark(sketch: Sketch, grid: StreetGrid, cell: Cell) -> tuple[Point, ...]:
    """Draw a cell that is no housing; returns the entrances of a park, else nothing."""
    if cell.fabric == Fabric.PARK:
        return _draw_park(sketch, grid, cell)
    if cell.fabric == Fabric.CIVIC:
        _draw_plaza(sketch, grid, cell)
    elif cell.fabric == Fabric.CAMPUS:
        _draw_campus(sketch, grid, cell)
    return ()


def middle_gates(grid: StreetGrid, cell: Cell) -> list[tuple[Point, Point]]:
    """Street junction and ring point in the middle of each side of a cell that has a street."""
    x0, y0 = cell.origin
    middle = (round(x0 + CELL_WIDTH_M * 0.5, 2), round(y0 + CELL_HEIGHT_M * 0.5, 2))
    left, low, right, high = (round(v, 2) for v in cell.built.bounds)
    sides = (
        (False, y0, middle[0], (middle[0], low)),
        (False, y0 + CELL_HEIGHT_M, middle[0], (middle[0], high)),
        (True, x0, middle[1], (left, middle[1])),
        (True, x0 + CELL_WIDTH_M, middle[1], (right, middle[1])),
    )
    found = []
    for vertical, position, along, gate in sides:
        street = grid.attach(vertical=vertical, position_m=position, along_m=along)
        if street is not None:
            found.append((street, gate))
    return found


def _draw_park(sketch: Sketch, grid: StreetGrid, cell: Cell) -> tuple[Point, ...]:
    gates = middle_gates(grid, cell)
    name = PARK_NAMES[cell.column, cell.row]
    rings = [gate for _, gate in gates]
    tags = {"leisure": "park", "name": name, "lit": "yes", "wheelchair": "yes"}
    sketch.area(cell.built, tags, through=rings, shared=True, step_m=45.0)
    middle = cell.polygon.centroid
    path = {"highway": "footway", "surface": "asphalt", "lit": "yes"}
    for street, gate in gates:
        sketch.node(gate, {"barrier": "gate", "access": "yes"})
        sketch.way(
            [street, gate, (round(middle.x, 2), round(middle.y, 2))],
            path,
            walkable=True,
            step_m=30.0,
        )
    x, y = middle.x - 70.0, middle.y + 60.0
    lake = Polygon(
        [
            (x + 38.0 * math.cos(k * math.pi / 9), y + 26.0 * math.sin(k * math.pi / 9))
            for k in range(18)
        ]
    )
    sketch.area(lake, {"natural": "water", "water": "pond", "name": f"{name}池"})
    return tuple(rings)


def _draw_plaza(sketch: Sketch, grid: StreetGrid, cell: Cell) -> None:
    gates = middle_gates(grid, cell)
    x, y = cell.polygon.centroid.x, cell.polygon.centroid.y
    square = box(x - 70.0, y - 50.0, x + 70.0, y + 50.0)
    edge = [
        (round(x, 2), round(y - 50.0, 2)),
        (round(x, 2), round(y + 50.0, 2)),
        (round(x - 70.0, 2), round(y, 2)),
        (round(x + 70.0, 2), round(y, 2)),
    ]
    joins: list[Point] = []
    path = {"highway": "footway", "surface": "paving_stones", "lit": "yes"}
    for street, gate in gates:
        near = min(edge, key=lambda p: math.hypot(p[0] - gate[0], p[1] - gate[1]))
        sketch.way([street, gate, near], path, walkable=True, step_m=30.0)
        joins.append(near)
    name = "云岚广场" if cell.circle == NEW_TOWN else "老城广场"
    tags = {"highway": "pedestrian", "area": "yes", "name": name, "surface": "paving_stones"}
    ring = [*square.exterior.coords][:-1]
    order = sorted([*ring, *joins], key=lambda p: math.atan2(p[1] - y, p[0] - x))
    outline = [(float(p[0]), float(p[1])) for p in [*order, order[0]]]
    sketch.way(outline, tags, walkable=True)
    shop = {"building": "retail", "building:levels": "4", "shop": "mall", "name": f"{name}购物中心"}
    sketch.area(box(x - 150.0, y + 62.0, x - 20.0, y + 130.0), shop)
    hall = {"building": "civic", "building:levels": "6", "name": f"{name}政务楼"}
    sketch.area(box(x + 20.0, y - 130.0, x + 140.0, y - 64.0), hall)
    foot, top = (round(x + 85.0, 2), round(y, 2)), (round(x + 110.0, 2), round(y + 40.0, 2))
    moving = {"highway": "steps", "conveying": "yes", "incline": "up", "step_count": "48"}
    sketch.way([edge[3], foot], path, walkable=True)
    sketch.way([foot, top], moving, walkable=True)


def _draw_campus(sketch: Sketch, grid: StreetGrid, cell: Cell) -> None:
    gates = middle_gates(grid, cell)[:1]
    rings = [gate for _, gate in gates]
    name = {7: "云岚电子厂", 2: "城南机械厂", 0: "西郊水泥制品厂"}[cell.column]
    tags = {"landuse": "industrial", "barrier": "wall", "access": "private", "name": name}
    built = cell.built
    sketch.area(built, tags, through=rings, shared=True, step_m=45.0)
    x0, y0, x1, y1 = built.bounds
    for k in range(4):
        left = x0 + 25.0 + k * (x1 - x0 - 40.0) / 4
        hall = {"building": "industrial", "name": f"{name}{k + 1}号车间"}
        sketch.area(box(left, y0 + 60.0, left + 62.0, y1 - 30.0), hall)
    for street, gate in gates:
        sketch.node(gate, {"barrier": "gate", "access": "private"})
        yard = (gate[0], round(gate[1] + 26.0, 2))
        drive = {"highway": "service", "access": "private"}
        sketch.way([street, gate, yard], drive)
        sketch.way([(x0 + 30.0, yard[1]), yard, (x1 - 30.0, yard[1])], drive)


def draw_cycleway(sketch: Sketch, grid: StreetGrid) -> None:
    """Draw a greenway for cycling and walking between the central park and its street."""
    along = row_y(6) + 8.0
    ends = [grid.attach(vertical=True, position_m=column_x(c), along_m=along) for c in (8, 9)]
    if ends[0] is None or ends[1] is None:
        return
    tags = {"highway": "cycleway", "foot": "designated", "name": "云岚绿道", "surface": "asphalt"}
    sketch.way([ends[0], ends[1]], tags, walkable=True, step_m=30.0)


def draw_motorway_underpass(sketch: Sketch, grid: StreetGrid, motorway: LineString) -> None:
    """Draw a footway tunnel under the motorway on the line of a street it cuts."""
    x = column_x(11)
    crossing = motorway.intersection(LineString([(x, row_y(5)), (x, row_y(10))]))
    y = float(crossing.centroid.y)
    ends = [
        grid.attach(vertical=True, position_m=x, along_m=round(y + s * 42.0, 2)) for s in (-1, 1)
    ]
    if ends[0] is None or ends[1] is None:
        return
    tags = {"highway": "footway", "tunnel": "yes", "layer": "-1", "name": "高速下穿人行通道"}
    sketch.way([ends[0], ends[1]], tags, walkable=True, step_m=30.0)


def draw_courtyard_island(sketch: Sketch, court: Polygon) -> None:
    """Draw six nodes of footway that join nothing: the unconnected component every map has."""
    x, y = round(court.centroid.x), round(court.centroid.y)
    tags = {"highway": "footway", "name": "围合楼内院小径"}
    loop = [(x - 10.0, y - 6.0), (x + 10.0, y - 6.0), (x + 10.0, y + 6.0), (x - 10.0, y + 6.0)]
    sketch.way([*loop, loop[0]], tags)
    sketch.way([loop[0], (x - 4.0, y - 2.0), (x + 4.0, y + 1.0), loop[2]], tags)

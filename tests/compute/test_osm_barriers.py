"""Barriers of drawn extracts: which legs are blocked, and where the gates stand."""

import numpy as np
import pytest
import shapely

from analysis.sources.streets.access_table import access_rules
from analysis.sources.streets.barriers import BarriersReading, read_barriers
from analysis.sources.streets.network import read_network
from analysis.testing.osm import OsmWorld, world_area

RULES = access_rules()
STREET = {"highway": "residential"}
SQUARE = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]


def read(world: OsmWorld, *, half_m: float = 5000.0, extra=None, shuffled=None) -> BarriersReading:
    area = world_area(half_m)
    data = world.data(shuffled=shuffled)
    net = read_network(data, area, RULES).network
    return read_barriers(data, area, net, RULES, extra)


def blocked(reading: BarriersReading, *leg: tuple[float, float]) -> bool:
    return bool(shapely.intersects(shapely.LineString(leg), reading.barriers.lines).any())


def gates(reading: BarriersReading) -> list[tuple[float, float, bool]]:
    found = reading.barriers
    return [
        (round(float(x), 1) + 0.0, round(float(y), 1) + 0.0, bool(inferred))
        for (x, y), inferred in zip(found.gate_xy_m, found.gate_inferred, strict=True)
    ]


def subjects(reading: BarriersReading, code: str) -> tuple[str, ...]:
    return next((entry.subjects for entry in reading.notices if entry.code == code), ())


def south_street() -> OsmWorld:
    world = OsmWorld()
    world.line([(-200, -40), (200, -40)], STREET, way_id=1)
    return world


def test_a_river_is_not_opened_by_its_bridge():
    world = south_street()
    world.line([(-100, 0), (100, 0)], {"waterway": "river"})
    world.line([(0, -40), (0, 40)], {"highway": "footway", "bridge": "yes"})
    world.line([(50, -40), (50, 40)], {"highway": "path"})  # a ford: not dry-shod
    reading = read(world)
    assert reading.barriers.kinds == ("water",)
    assert blocked(reading, (0, -20), (0, 20))
    assert blocked(reading, (50, -20), (50, 20))
    assert not blocked(reading, (150, -20), (150, 20)), "the river ends at x = 100"


@pytest.mark.parametrize(
    "tags",
    [
        {"waterway": "stream"},
        {"waterway": "river", "tunnel": "culvert"},
        {"railway": "rail", "tunnel": "yes"},
        {"railway": "rail", "bridge": "viaduct"},
        {"railway": "tram"},
        {"railway": "abandoned"},
        {"highway": "motorway", "bridge": "yes"},
        {"highway": "trunk", "sidewalk": "both"},
        {"barrier": "kerb"},
    ],
)
def test_what_is_walked_across_or_above(tags):
    world = south_street()
    world.line([(-100, 0), (100, 0)], tags)
    assert len(read(world).barriers.lines) == 0


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"waterway": "canal"}, "water"),
        ({"natural": "coastline"}, "water"),
        ({"railway": "rail"}, "railway"),
        ({"railway": "subway"}, "railway"),
        ({"highway": "motorway"}, "motorway"),
        ({"highway": "trunk"}, "motorway"),
        ({"barrier": "wall"}, "wall"),
        ({"barrier": "fence"}, "fence"),
        ({"barrier": "hedge"}, "hedge"),
    ],
)
def test_what_nobody_walks_across(tags, kind):
    world = south_street()
    world.line([(-100, 0), (100, 0)], tags)
    reading = read(world)
    assert reading.barriers.kinds == (kind,)
    assert blocked(reading, (0, -20), (0, 20))


def test_lakes_block_from_ways_and_relations_and_puddles_do_not():
    world = south_street()
    world.line(SQUARE, {"natural": "water"})
    world.relation(shapely.box(200, 0, 300, 100), {"natural": "water", "type": "multipolygon"})
    pool = world.line([(400, 0), (410, 0), (410, 10), (400, 10), (400, 0)], {"natural": "water"})
    reading = read(world)
    assert reading.barriers.kinds == ("water", "water")
    assert blocked(reading, (50, -20), (50, 50))
    assert blocked(reading, (250, -20), (250, 50))
    assert subjects(reading, "barrier.small_water") == (f"way/{pool}",)


def test_a_level_crossing_opens_the_railway():
    world = south_street()
    rail = [world.node(x, 0) for x in (-100, 0, 100)]
    world.node_tags[rail[1]] = {"railway": "level_crossing"}
    world.way(rail, {"railway": "rail"})
    world.line([(60, -40), (60, 40)], {"highway": "path"})  # crosses without a level crossing
    reading = read(world)
    assert not blocked(reading, (2.9, -20), (2.9, 20))
    assert blocked(reading, (3.1, -20), (3.1, 20))
    assert blocked(reading, (60, -20), (60, 20))


def test_a_wall_is_open_three_metres_to_either_side_of_a_street():
    world = south_street()
    world.line([(-100, 0), (100, 0)], {"barrier": "wall"})
    world.line([(0, -40), (0, 40)], {"highway": "footway"})
    world.line([(60, -40), (60, 40)], {"highway": "footway", "bridge": "yes"})
    reading = read(world)
    assert len(reading.barriers.lines) == 2
    assert sum(line.length for line in reading.barriers.lines) == pytest.approx(200 - 6, abs=0.01)
    assert not blocked(reading, (2.9, -20), (2.9, 20))
    assert blocked(reading, (3.1, -20), (3.1, 20))
    assert blocked(reading, (60, -20), (60, 20)), "a bridge over a wall is no gate"


def test_a_street_along_a_wall_opens_it_all_along():
    world = south_street()
    nodes = [world.node(x, 0) for x in (-100, 0, 100)]
    world.way(nodes, {"barrier": "wall"})
    world.way(nodes[:2], STREET)
    reading = read(world)
    assert not blocked(reading, (-50, -20), (-50, 20))
    assert blocked(reading, (50, -20), (50, 20))


@pytest.mark.parametrize(
    ("tags", "shut"),
    [
        ({"barrier": "gate"}, False),
        ({"barrier": "stile"}, False),
        ({"barrier": "bollard", "access": "no"}, False),
        ({"entrance": "yes"}, False),
        ({"barrier": "gate", "foot": "no"}, True),
        ({"barrier": "gate", "locked": "yes"}, True),
        ({"barrier": "gate", "access": "private"}, True),
        ({"highway": "street_lamp"}, True),
    ],
)
def test_gates_on_a_wall(tags, shut):
    world = south_street()
    nodes = [world.node(x, 0) for x in (-100, 0, 100)]
    world.node_tags[nodes[1]] = tags
    world.way(nodes, {"barrier": "wall"})
    reading = read(world)
    assert blocked(reading, (0.1, -20), (0.1, 20)) is shut


def test_a_locked_gate_on_a_street_keeps_the_wall_shut():
    world = south_street()
    gate = world.node(0, 0, {"barrier": "gate", "locked": "yes"})
    south, north = world.node(0, -40), world.node(0, 40)
    world.way([world.node(-100, 0), gate, world.node(100, 0)], {"barrier": "wall"})
    world.way([south, gate, north], STREET)
    assert blocked(read(world), (0.1, -20), (0.1, 20))


def compound(tags: dict[str, str], *, gate: dict[str, str] | None = None) -> OsmWorld:
    world = south_street()
    corners = [world.node(*at) for at in SQUARE[:-1]]
    ring = [*corners, corners[0]]
    if gate is not None:
        ring.insert(1, world.node(30, 0, gate))
    world.way(ring, tags, way_id=500)
    return world


def test_a_compound_with_one_gate():
    reading = read(
        compound({"landuse": "residential"}, gate={"barrier": "gate", "access": "private"})
    )
    assert reading.barriers.compound_id == ("way/500",)
    assert gates(reading) == [(30, 0, False)]
    assert set(reading.barriers.kinds) == {"compound"}
    assert not blocked(reading, (30, 20), (30, -40))
    assert blocked(reading, (60, 20), (60, -40))
    assert not subjects(reading, "compound.gate_inferred")


def test_a_compound_without_a_gate_gets_one_where_the_street_is_nearest():
    world = compound({"landuse": "residential", "barrier": "fence"})
    world.line([(120, 50), (200, 50)], STREET)  # ends 20 m east of the ring
    reading = read(world)
    assert gates(reading) == [(100, 50, True)]
    assert subjects(reading, "compound.gate_inferred") == ("way/500",)
    assert not blocked(reading, (80, 50), (120, 50))
    assert blocked(reading, (80, 60), (120, 60))
    assert set(reading.barriers.kinds) == {"compound"}, "the fence is the ring: it stands once"


def test_streets_inside_a_compound_are_no_way_out():
    world = compound({"landuse": "residential", "gated": "yes"})
    world.line([(40, 99), (60, 99)], STREET)  # one metre from the ring, but inside
    assert gates(read(world))[0][1:] == (0, True)


def test_a_street_through_the_ring_is_a_mapped_gate():
    world = compound({"landuse": "residential", "gated": "yes"})
    world.line([(70, -40), (70, 50)], {"highway": "service", "access": "private", "foot": "yes"})
    world.line([(20, -40), (20, 50)], {"highway": "footway", "tunnel": "yes"})
    reading = read(world)
    assert gates(reading) == [(70, 0, False)]


def test_a_gate_that_refuses_walkers_is_none():
    world = compound({"landuse": "residential"}, gate={"barrier": "gate", "foot": "no"})
    assert gates(read(world))[0][2] is True


def test_land_use_alone_is_no_compound():
    reading = read(compound({"landuse": "residential"}))
    assert reading.barriers.compound_id == ()
    assert len(reading.barriers.lines) == 0


def test_a_wall_all_round_encloses_people_whatever_the_land_use():
    reading = read(compound({"barrier": "wall"}))
    assert reading.barriers.compound_id == ("way/500",)
    assert len(gates(reading)) == 1
    building_site = read(compound({"barrier": "wall", "landuse": "construction"}))
    assert building_site.barriers.compound_id == ()
    assert set(building_site.barriers.kinds) == {"wall"}


def test_a_compound_from_a_relation():
    world = south_street()
    world.relation(shapely.box(0, 0, 100, 100), {"landuse": "residential", "gated": "yes"})
    world.node(50, 0.5, {"barrier": "lift_gate"})
    reading = read(world)
    assert reading.barriers.compound_id == ("relation/900",)
    assert gates(reading) == [(50, 0.5, False)]


def test_the_planners_gates_replace_inferred_ones():
    world = compound({"landuse": "residential", "gated": "yes"})
    given = np.array([[50.0, 112.0], [50.0, 140.0], [np.nan, 0.0]])
    reading = read(world, extra=given)
    assert gates(reading) == [(50, 100, False)]
    assert not blocked(reading, (50, 90), (50, 110))
    assert subjects(reading, "barrier.gate_off_line") == ("gate/2", "gate/3")


def test_a_given_gate_opens_the_nearest_line_only():
    world = compound({"landuse": "residential", "gated": "yes"})
    world.line([(-20, 114), (120, 114)], {"barrier": "wall"})  # the neighbour's
    world.line([(-20, 100.5), (120, 100.5)], {"barrier": "fence"})  # runs with the ring
    reading = read(world, extra=np.array([[50.0, 104.0]]))
    assert gates(reading) == [(50, 100, False)]
    assert not blocked(reading, (50, 90), (50, 110))
    assert blocked(reading, (50, 112), (50, 116))


def test_a_gate_and_the_street_through_it_are_one_gate():
    world = compound({"landuse": "residential"}, gate={"barrier": "gate"})
    gate = next(iter(world.node_tags))
    world.way([world.node(30, -40), gate, world.node(30, 50)], STREET)
    world.line([(80, -40), (80, 50)], STREET)
    assert gates(read(world)) == [(30, 0, False), (80, 0, False)]


def test_a_compound_without_any_street_outside_stays_closed_and_is_reported():
    world = OsmWorld()
    world.line(SQUARE, {"landuse": "residential", "gated": "yes"}, way_id=500)
    world.line([(20, 20), (60, 60)], STREET)
    reading = read(world)
    assert gates(reading) == []
    assert subjects(reading, "compound.no_street") == ("way/500",)


def test_a_crossed_outline_is_mended_and_reported():
    world = south_street()
    bow = [(0, 0), (100, 100), (100, 0), (0, 100), (0, 0)]
    world.line(bow, {"landuse": "residential", "gated": "yes"}, way_id=500)
    reading = read(world)
    assert subjects(reading, "osm.area_repaired") == ("way/500",)
    assert shapely.is_valid(reading.barriers.compounds).all()
    assert shapely.area(reading.barriers.compounds)[0] == pytest.approx(5000, rel=1e-3)


def test_a_quarter_is_no_compound():
    world = south_street()
    ring = [(x * 12, y * 12) for x, y in SQUARE]
    world.line(ring, {"landuse": "residential", "gated": "yes"}, way_id=500)
    reading = read(world)
    assert reading.barriers.compound_id == ()
    assert subjects(reading, "compound.too_large") == ("way/500",)


def test_only_what_lies_in_the_area_is_read():
    world = south_street()
    world.line([(-400, 0), (400, 0)], {"natural": "coastline"})
    world.line([(300, 50), (400, 50)], {"barrier": "wall"})
    reading = read(world, half_m=100.0)
    assert reading.barriers.kinds == ("water",)
    assert reading.barriers.lines[0].length == pytest.approx(200, abs=0.01)


def test_nothing_there_is_no_barrier():
    reading = read(south_street())
    assert len(reading.barriers.lines) == 0
    assert reading.notices == ()


def test_the_order_of_ways_does_not_matter():
    world = compound({"landuse": "residential", "gated": "yes"})
    world.line([(300, 0), (400, 0), (400, 100), (300, 100), (300, 0)], {"barrier": "fence"})
    world.line([(-100, -20), (200, -20)], {"railway": "rail"})
    world.line([(70, -40), (70, 50)], STREET)
    base = read(world)
    for mix in range(3):
        mixed = read(world, shuffled=mix)
        assert (
            shapely.to_wkb(base.barriers.lines).tolist()
            == shapely.to_wkb(mixed.barriers.lines).tolist()
        )
        assert base.barriers.kinds == mixed.barriers.kinds
        assert gates(base) == gates(mixed)
        assert base.notices == mixed.notices

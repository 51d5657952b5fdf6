"""From drawn extracts to walking networks whose arcs can be counted by hand."""

from itertools import pairwise
from pathlib import Path
from random import Random

import networkx as nx
import numpy as np
import pytest
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from analysis.errors import InvalidNetworkError
from analysis.sources.streets.access_table import access_rules
from analysis.sources.streets.chains import chain, reversed_flags
from analysis.sources.streets.network import NetworkReading, read_network
from analysis.streets.network import WalkNetwork
from analysis.testing.osm import OsmWorld, world_area
from analysis.units import from_units
from analysis.walking import ArcFlag, walk_profile
from analysis.walks.walk_costs import walk_costs
from analysis.walks.walk_graph import walk_graph

RULES = access_rules()
FOOTWAY = {"highway": "footway"}
STREET = {"highway": "residential"}
ARRAYS = (
    "node_id", "node_xy_m", "arc_tail", "arc_head", "arc_length_m", "arc_first", "arc_xy_m",
    "arc_way_id", "arc_class", "arc_flags", "arc_component",
)  # fmt: skip


def read(world: OsmWorld, half_m: float = 5000.0) -> NetworkReading:
    return read_network(world.data(), world_area(half_m), RULES)


def network(world: OsmWorld) -> WalkNetwork:
    return read(world).network


def codes(reading: NetworkReading) -> dict[str, tuple[str, ...]]:
    return {entry.code: entry.subjects for entry in reading.notices}


def same(one: WalkNetwork, other: WalkNetwork) -> bool:
    return one.class_names == other.class_names and all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in ARRAYS
    )


def drawings(net: WalkNetwork) -> list[tuple[object, ...]]:
    """All that is known of each arc but its way, whatever the arcs' order."""
    return sorted(
        (
            int(net.node_id[net.arc_tail[a]]),
            int(net.node_id[net.arc_head[a]]),
            float(net.arc_length_m[a]),
            net.class_names[net.arc_class[a]],
            int(net.arc_flags[a]),
            net.arc_xy_m[net.arc_first[a] : net.arc_first[a + 1]].tobytes(),
        )
        for a in range(net.n_arcs)
    )


def ends(net: WalkNetwork) -> set[tuple[int, int]]:
    pairs = zip(net.node_id[net.arc_tail].tolist(), net.node_id[net.arc_head].tolist(), strict=True)
    return {(min(pair), max(pair)) for pair in pairs}


def flags_of(net: WalkNetwork, a: int, b: int) -> ArcFlag:
    for tail, head, flag in zip(
        net.node_id[net.arc_tail], net.node_id[net.arc_head], net.arc_flags, strict=True
    ):
        if (tail, head) == (a, b):
            return ArcFlag(int(flag))
        if (head, tail) == (a, b):
            return ArcFlag(int(reversed_flags(np.array([flag], dtype=np.uint16))[0]))
    raise AssertionError((a, b))


def t_junction() -> OsmWorld:
    world = OsmWorld()
    for x in (0, 100, 200):
        world.node(x, 0)  # 1, 2, 3
    world.node(100, 50)  # 4
    world.way([1, 2, 3], STREET)
    world.way([2, 4], FOOTWAY)
    return world


def test_t_junction():
    net = network(t_junction())
    assert net.node_id.tolist() == [1, 2, 3, 4]
    assert ends(net) == {(1, 2), (2, 3), (2, 4)}
    assert sorted(np.round(net.arc_length_m, 3)) == [50, 100, 100]
    assert net.n_components == 1
    assert [net.class_names[c] for c in net.arc_class] == ["residential", "residential", "footway"]


def test_bends_are_no_junctions():
    world = OsmWorld()
    world.line([(0, 0), (30, 0), (30, 40), (60, 40)], STREET)
    net = network(world)
    assert ends(net) == {(1, 4)}
    assert net.arc_length_m.tolist() == pytest.approx([100.0], abs=1e-3)
    assert np.round(net.arc_xy_m, 3).tolist() == [[0, 0], [30, 0], [30, 40], [60, 40]]


def zigzag(pieces: list[list[int]]) -> OsmWorld:
    world = OsmWorld()
    for x in range(9):
        world.node(10 * x, x % 2)
    world.node(40, 60)  # 10: a side street joins in the middle
    for at, piece in enumerate(pieces):
        world.way(piece, STREET, way_id=100 + at)
    world.way([5, 10], FOOTWAY, way_id=200)
    return world


@pytest.mark.parametrize(
    "pieces",
    [
        [[1, 2], [2, 3, 4], [4, 5, 6, 7], [7, 8], [8, 9]],
        [[at, at + 1] for at in range(1, 9)],
        [[9, 8, 7], [7, 6, 5, 4], [1, 2, 3, 4]],
    ],
)
def test_how_a_street_is_split_into_ways_does_not_matter(pieces):
    whole = network(zigzag([[1, 2, 3, 4, 5, 6, 7, 8, 9]]))
    parts = network(zigzag(pieces))
    assert whole.n_arcs == 3
    assert drawings(whole) == drawings(parts)
    assert whole.node_id.tolist() == parts.node_id.tolist()
    assert set(parts.arc_way_id) <= {*range(100, 110), 200}


def test_merged_ways_take_the_smallest_id_and_the_class_of_the_longer_part():
    world = OsmWorld()
    for x in (0, 10, 100):
        world.node(x, 0)
    world.way([1, 2], FOOTWAY, way_id=7)
    world.way([2, 3], STREET, way_id=8)
    net = network(world)
    assert net.n_arcs == 1
    assert net.arc_way_id.tolist() == [7]
    assert net.class_names[net.arc_class[0]] == "residential"


def test_a_change_of_flags_makes_a_node():
    world = OsmWorld()
    for x in (0, 10, 20, 30):
        world.node(x, 0)
    world.way([1, 2], FOOTWAY)
    world.way([2, 3], {"highway": "steps"})
    world.way([3, 4], {"highway": "footway", "tunnel": "yes"})
    net = network(world)
    assert ends(net) == {(1, 2), (2, 3), (3, 4)}
    assert flags_of(net, 1, 2) == ArcFlag(0)
    assert flags_of(net, 2, 3) == ArcFlag.STEPS
    assert flags_of(net, 3, 4) == ArcFlag.TUNNEL | ArcFlag.UNLINKABLE


def test_a_direction_follows_its_way_whatever_the_arcs_direction():
    for nodes in ([1, 2, 3], [3, 2, 1]):
        world = OsmWorld()
        for x in (0, 10, 20):
            world.node(x, 0)
        world.way(nodes, {"highway": "path", "oneway:foot": "yes"})
        net = network(world)
        assert net.n_arcs == 1
        assert flags_of(net, nodes[0], nodes[-1]) == ArcFlag.NO_BACKWARD


def test_opposed_directions_do_not_merge():
    world = OsmWorld()
    for x in (0, 10, 20):
        world.node(x, 0)
    world.way([1, 2], {"highway": "path", "oneway:foot": "yes"})
    world.way([3, 2], {"highway": "path", "oneway:foot": "yes"})
    assert ends(network(world)) == {(1, 2), (2, 3)}
    world.way([2, 3], {"highway": "path", "oneway:foot": "yes"}, way_id=101)  # replaces the second
    assert ends(network(world)) == {(1, 3)}


def test_parallel_arcs_are_all_kept_and_doubled_ones_once():
    world = OsmWorld()
    for at in ((0, 0), (100, 0), (50, 40), (-50, 0), (150, 0)):
        world.node(*at)
    world.way([4, 1, 2, 5], STREET)
    world.way([1, 3, 2], FOOTWAY)
    world.way([2, 1], {"highway": "pedestrian", "area": "yes"})  # the same two nodes again
    net = network(world)
    between = [
        (t, h)
        for t, h in zip(net.node_id[net.arc_tail], net.node_id[net.arc_head], strict=True)
        if {t, h} == {1, 2}
    ]
    assert len(between) == 2
    assert sorted(np.round(net.arc_length_m, 2)) == [50, 50, 100, 128.06]
    assert not any(net.arc_flags & int(ArcFlag.PLAZA))


def test_a_zero_length_arc_is_kept():
    world = OsmWorld()
    for at in ((0, 0), (10, 0), (10, 0), (20, 0)):
        world.node(*at)
    world.way([1, 2], FOOTWAY)
    world.way([2, 3], {"highway": "elevator"})
    world.way([3, 4], FOOTWAY)
    net = network(world)
    assert ends(net) == {(1, 2), (2, 3), (3, 4)}
    assert 0.0 in net.arc_length_m.tolist()
    assert net.n_components == 1


def test_a_lone_loop_is_broken_at_its_smallest_node():
    for start in range(4):
        world = OsmWorld()
        for at in ((100, 0), (100, 100), (0, 100), (0, 0)):
            world.node(*at)
        ring = [(start + step) % 4 + 1 for step in range(5)]
        world.way(ring, STREET)
        net = network(world)
        assert ends(net) == {(1, 1)}
        assert net.arc_length_m.tolist() == pytest.approx([400.0], abs=0.01)
        assert len(net.arc_xy_m) == 5


def test_a_lollipop_keeps_its_loop():
    world = OsmWorld()
    for at in ((0, 0), (100, 0), (150, 50), (150, -50)):
        world.node(*at)
    world.way([1, 2], STREET)
    world.way([2, 3, 4, 2], STREET)
    assert ends(network(world)) == {(1, 2), (2, 2)}


def test_a_plaza_is_walked_along_its_edges():
    world = OsmWorld()
    for at in ((0, 0), (60, 0), (60, 60), (0, 60), (-50, 0), (110, 60)):
        world.node(*at)
    world.way([1, 2, 3, 4, 1], {"highway": "pedestrian", "area": "yes"})
    world.way([5, 1], STREET)
    world.way([3, 6], STREET)
    net = network(world)
    assert net.n_components == 1
    edges = (net.arc_flags & int(ArcFlag.PLAZA)) != 0
    assert sorted(np.round(net.arc_length_m[edges])) == [120, 120]


def test_a_plaza_relation_joins_streets_at_the_nodes_it_shares():
    world = OsmWorld()
    for at in ((0, 0), (60, 60), (-50, 0)):
        world.node(*at)
    world.way([3, 1], STREET)
    hole = shapely.box(20, 20, 30, 30).exterior
    square = shapely.Polygon([(0, 0), (60, 0), (60, 60), (0, 60)], [hole.coords])
    world.relation(square, {"highway": "pedestrian", "type": "multipolygon"})
    net = network(world)
    assert net.n_components == 1, "the hole that no path leads to is not walked"
    assert net.length_m == pytest.approx(50 + 240, abs=0.01)
    assert -900 in net.arc_way_id.tolist()
    world.node(30, 30)
    world.node(20, 20, node_id=50)
    world.way([1, 50], FOOTWAY)
    assert network(world).length_m == pytest.approx(50 + 240 + 40 + 20 * 2**0.5, abs=0.01)


def test_a_private_way_is_open_inside_its_compound_only():
    world = OsmWorld()
    for at in ((-100, 0), (0, 0), (50, 0), (0, 300), (50, 300)):
        world.node(*at)
    world.way([1, 2], STREET)
    private = world.way([2, 3], {"highway": "service", "access": "private"})
    world.way([4, 5], {"highway": "service", "access": "private"})
    world.line([(-5, -50), (90, -50), (90, 50), (-5, 50), (-5, -50)], {"landuse": "residential"})
    reading = read(world)
    assert ends(reading.network) == {(1, 2), (2, 3)}
    assert flags_of(reading.network, 2, 3) == ArcFlag.PRIVATE
    assert codes(reading)["network.private_way"] == (f"way/{private}",)


def test_a_private_way_is_judged_stretch_by_stretch():
    for pieces in ([[1, 2, 3]], [[1, 2], [2, 3]]):
        world = OsmWorld()
        for x in (-100, 0, 50):
            world.node(x, 0)
        for piece in pieces:
            world.way(piece, {"highway": "service", "access": "private"})
        world.line(
            [(-5, -50), (90, -50), (90, 50), (-5, 50), (-5, -50)], {"landuse": "residential"}
        )
        assert ends(network(world)) == {(2, 3)}


def gated(**tags: str) -> OsmWorld:
    world = OsmWorld()
    for x in (0, 50):
        world.node(x, 0)
    world.node(100, 0, {"barrier": "gate", **tags})
    world.node(200, 0)
    world.way([1, 2, 3, 4], STREET)
    return world


@pytest.mark.parametrize("tags", [{}, {"access": "no", "foot": "yes"}, {"access": "customers"}])
def test_an_open_gate_changes_nothing(tags):
    net = network(gated(**tags))
    assert ends(net) == {(1, 4)}


@pytest.mark.parametrize("tags", [{"foot": "no"}, {"access": "private"}, {"locked": "yes"}])
def test_a_closed_gate_cuts_the_street(tags):
    reading = read(gated(**tags))
    net = reading.network
    assert net.n_components == 2
    assert net.n_nodes == 4
    assert sorted(net.arc_length_m.round(3)) == [100, 100]
    copies = net.node_xy_m[net.node_id < 0]
    assert copies[0].tolist() == copies[1].tolist()
    assert codes(reading)["network.node_closed"] == ("node/3",)
    assert sum(rule.objects for rule in reading.tally.rules if rule.section == "nodes") == 1


def test_residents_pass_the_private_gate_of_their_compound():
    world = gated(access="private")
    world.line(
        [(100, -50), (300, -50), (300, 50), (100, 50), (100, -50)], {"landuse": "residential"}
    )
    assert ends(network(world)) == {(1, 4)}


def test_a_closed_gate_at_a_dead_end_cuts_nothing():
    world = gated(foot="no")
    world.ways[100] = ((1, 2, 3), STREET)
    reading = read(world)
    assert ends(reading.network) == {(1, 3)}
    assert not reading.notices


def test_the_tally_accounts_for_every_metre():
    world = t_junction()
    world.line([(0, 200), (70, 200)], {"highway": "motorway"})
    world.line([(0, 300), (30, 300)], {"highway": "service", "access": "private"})
    world.line([(0, 400), (5, 400)], {"building": "yes"})
    tally = read(world).tally
    counted = {
        rule.rule_id: (rule.objects, round(rule.length_m, 2))
        for rule in tally.rules
        if rule.objects
    }
    assert counted == {
        "street.open": (1, 200.0),
        "path.open": (1, 50.0),
        "never.motorway": (1, 70.0),
        "access.refused": (1, 30.0),
    }
    assert tally.length_m("open") == pytest.approx(250, abs=0.01)
    assert tally.length_m("closed") == pytest.approx(100, abs=0.01)
    assert len(tally.rules) == sum(map(len, (RULES.ways, RULES.marks, RULES.nodes, RULES.passages)))


def town(seed: int) -> OsmWorld:
    """A grid with random tags, splits, plazas and closed gates."""
    rng = Random(seed)
    world = OsmWorld()
    for x in range(8):
        for y in range(8):
            barred = rng.random() < 0.1
            world.node(x * 80, y * 80, {"barrier": "gate", "foot": "no"} if barred else None)
    kinds = [STREET, FOOTWAY, {"highway": "steps"}, {"highway": "path", "oneway:foot": "yes"},
             {"highway": "motorway"}, {"highway": "footway", "bridge": "yes"}]  # fmt: skip
    for row in range(8):
        for nodes in (range(row * 8 + 1, row * 8 + 9), range(row + 1, 65, 8)):
            cut = rng.randrange(2, 7)
            line = list(nodes)
            world.way(line[: cut + 1], rng.choice(kinds))
            world.way(line[cut:], rng.choice(kinds))
    world.way([1, 2, 10, 9, 1], {"highway": "pedestrian", "area": "yes"})
    return world


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_ways_does_not_matter(seed):
    world = town(seed)
    area = world_area()
    base = read_network(world.data(), area, RULES)
    for mix in range(3):
        mixed = read_network(world.data(shuffled=mix), area, RULES)
        assert same(base.network, mixed.network)
        assert base.notices == mixed.notices
        assert base.tally == mixed.tally


@pytest.mark.parametrize("seed", range(4))
def test_contraction_loses_no_metre_and_no_connection(seed):
    world = town(seed)
    reading = read(world)
    net = reading.network
    # Two ways on the same stretch with the same flags are kept once: at most the plaza's 4 edges.
    doubled = reading.tally.length_m("open") - net.length_m
    assert -1e-6 <= doubled <= 4 * 80 + 1e-6
    degree = np.bincount(np.concatenate([net.arc_tail, net.arc_head]), minlength=net.n_nodes)
    for node in np.flatnonzero(degree == 2):
        arcs = np.flatnonzero((net.arc_tail == node) | (net.arc_head == node))
        if len(arcs) == 1:
            continue  # a loop that starts and ends here
        arriving = [
            net.arc_flags[a]
            if net.arc_head[a] == node
            else reversed_flags(net.arc_flags[a : a + 1])[0]
            for a in arcs
        ]
        leaving = reversed_flags(np.array(arriving[1:], dtype=np.uint16))[0]
        assert arriving[0] != leaving, (
            "a node that two like arcs share should have been passed over"
        )


@pytest.mark.parametrize("seed", range(4))
def test_walks_are_as_long_as_node_by_node(seed):
    """An oracle: every single stretch as an edge of its own, directions and closed gates kept."""
    world = town(seed)
    net = network(world)
    plain = nx.DiGraph()
    for way, (nodes, tags) in world.ways.items():
        verdict = RULES.way(tags)
        if not verdict.is_open:
            continue
        for a, b in pairwise(nodes):
            # A node that refuses walkers is another place for everyone who comes to it.
            at_a, at_b = (n if n not in world.node_tags else (n, way, a, b) for n in (a, b))
            length_m = float(np.hypot(*np.subtract(world.nodes[a], world.nodes[b])))
            plain.add_edge(at_a, at_b, weight=length_m)
            if ArcFlag.NO_BACKWARD not in verdict.flags:
                plain.add_edge(at_b, at_a, weight=length_m)
    profile = walk_profile("adult", speed_m_s=1.0)
    ways = walk_graph(net, walk_costs(net, profile, "metres")).outwards
    shape = (net.n_nodes, net.n_nodes)
    inside_m = dijkstra(csr_array((from_units(ways.cost), ways.indices, ways.indptr), shape=shape))
    ours_m = inside_m[np.ix_(net.node_place, net.node_place)]
    real = [
        at
        for at, number in enumerate(net.node_id.tolist())
        if number > 0 and number not in world.node_tags
    ]
    assert len(real) > 20
    for start in real:
        reached = nx.single_source_dijkstra_path_length(plain, int(net.node_id[start]))
        for goal in real:
            assert ours_m[start, goal] == pytest.approx(
                reached.get(int(net.node_id[goal]), np.inf), abs=1e-3
            )


def test_streets_outside_the_area_are_dropped_and_crossing_ones_kept_whole():
    world = OsmWorld()
    world.line([(0, 0), (80, 0)], STREET)
    world.line([(0, 50), (500, 50)], STREET)
    world.line([(300, 0), (400, 0)], STREET)
    net = read(world, half_m=100.0).network
    assert sorted(net.arc_length_m.round(2)) == [80, 500]


def test_nothing_to_walk_is_an_error_with_a_remedy():
    world = OsmWorld()
    world.line([(0, 0), (80, 0)], {"highway": "motorway"})
    with pytest.raises(InvalidNetworkError) as caught:
        read(world)
    assert caught.value.reason.args == {"considered": 1}
    assert "access rules" in caught.value.text("en")
    with pytest.raises(InvalidNetworkError):
        read(OsmWorld())


def test_a_way_of_one_node_is_reported():
    world = t_junction()
    stub = world.way([1, 1], STREET)
    reading = read(world)
    assert codes(reading) == {"network.incomplete_way": (f"way/{stub}",)}
    assert reading.network.n_arcs == 3


def test_chains_do_not_depend_on_the_order_of_stretches():
    tail = np.array([0, 1, 2, 2, 5, 6, 7], dtype=np.int32)
    head = np.array([1, 2, 3, 4, 6, 7, 5], dtype=np.int32)
    flags = np.zeros(7, dtype=np.uint16)
    base = chain(tail, head, flags, 8)
    assert [(int(o), int(e)) for o, e in zip(base.origin[base.first[:-1]], base.end, strict=True)] == [
        (0, 2), (2, 3), (2, 4), (5, 5),
    ]  # fmt: skip
    assert np.diff(base.first).tolist() == [2, 1, 1, 3]
    for seed in range(5):
        mixed = np.random.default_rng(seed).permutation(7)
        other = chain(tail[mixed], head[mixed], flags, 8)
        assert other.origin.tolist() == base.origin.tolist()
        assert other.end.tolist() == base.end.tolist()
        assert mixed[other.segment].tolist() == base.segment.tolist()


def test_chain_of_nothing():
    none = np.empty(0, dtype=np.int32)
    assert len(chain(none, none, np.empty(0, dtype=np.uint16), 0).end) == 0


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "reference_km"),
    [
        ("monaco_2023", 124.2),
        ("beijing_tsinghua_2017", 124.1),
        ("shanghai_tongji_2026", 29.7),
        ("puyang_qingzu_2023_rural", 303.1),
    ],
)
def test_real_extracts_hold_about_what_a_second_script_counted(
    shared_data: Path, name, reference_km
):
    from analysis.crs import metric_crs
    from analysis.sources.extent import StudyArea
    from analysis.sources.osm.reader import read_osm

    data = read_osm(shared_data / f"{name}.osm.pbf")
    west, south, east, north = data.extent
    crs = metric_crs((west + east) / 2, (south + north) / 2)
    everything = shapely.box(-60_000, -60_000, 60_000, 60_000)
    area = StudyArea(crs=crs, judged=everything, read=everything, data=everything)
    net = read_network(data, area, RULES).network
    # The other script walks bare cycleways (5 to 16 km of these), this table does not.
    assert 0.75 * reference_km < net.length_m / 1000 < 1.05 * reference_km
    assert net.component_length_m()[0] > 0.85 * net.length_m

"""Signals, kerbs and surfaces: from tags to networks, saved networks and verdicts, predicted."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.places.facilities import build_facilities
from analysis.sources.streets.access_table import access_rules
from analysis.sources.streets.network import NetworkReading, read_network
from analysis.standard.verdicts import Figure
from analysis.streets.network import WalkNetwork, build_network
from analysis.study import StudyParameters, analyse
from analysis.testing.cities import people_at, plain_element, plain_inputs, square_circles
from analysis.testing.osm import OsmWorld, world_area
from analysis.walking import ArcFlag, Crossing, walk_profile
from analysis.walks.walk_costs import walk_costs
from tests.diagnosis_city import facility, metric, standard_of

RULES = access_rules()
ROAD = {"highway": "primary"}
PATH = {"highway": "footway"}
AT_SIGNAL = {"highway": "crossing", "crossing": "traffic_signals"}


def read(world: OsmWorld, seed: int | None = None) -> NetworkReading:
    return read_network(world.data(shuffled=seed), world_area(), RULES)


def town(node: dict[str, str] | None, way: dict[str, str], *, bridge: bool = False) -> OsmWorld:
    """Return an arterial along y = 0; a home's path crosses it at x = 0, or bridges it there."""
    world = OsmWorld()
    west, east = world.node(-400, 0), world.node(400, 0)
    north, south = world.node(0, 200), world.node(0, -200)
    top, foot = world.node(0, 20), world.node(0, -20)
    world.way([north, top], PATH)
    world.way([foot, south], PATH)
    if bridge:
        world.way([west, east], ROAD)
        world.way([top, foot], PATH | {"bridge": "yes", "layer": "1"})
    else:
        middle = world.node(0, 0, node)
        world.way([west, middle, east], ROAD)
        world.way([top, middle, foot], PATH | way)
    return world


def school_figure(network: WalkNetwork) -> Figure:
    """Judge one school south of the road for one home north of it."""
    element = replace(
        plain_element("school", threshold_m=600.0), quality=(metric("crossing", "ge", 0.8),)
    )
    school = facility(0.0, number=0)
    school = replace(school, xy_m=(0.0, -200.0), entrances=((0.0, -200.0, school.entrances[0][2]),))
    inputs = plain_inputs(
        network=network, demand=people_at([(0.0, 200.0)]), facilities=build_facilities([school]),
        standard=standard_of(element), circles=square_circles((-500, -500, 500, 500)),
    )  # fmt: skip
    return (
        analyse(inputs, StudyParameters())
        .assessment.of_circle("A")[0]
        .dimension("quality")
        .figures[0]
    )


@pytest.mark.parametrize(
    ("node", "way", "bridge", "value", "verdict"),
    [
        (AT_SIGNAL, {}, False, 1.0, "met"),
        ({"highway": "traffic_signals"}, {}, False, 1.0, "met"),
        ({"highway": "crossing", "crossing": "marked", "crossing:signals": "yes"}, {}, False, 1.0,
         "met"),
        (None, {"footway": "crossing", "crossing": "traffic_signals"}, False, 1.0, "met"),
        ({"highway": "crossing", "crossing": "uncontrolled"}, {}, False, 0.0, "weak"),
        ({"highway": "crossing", "crossing:signals": "no"},
         {"footway": "crossing", "crossing": "traffic_signals"}, False, 0.0, "weak"),
        (None, {"footway": "crossing", "crossing": "zebra"}, False, 0.0, "weak"),
        ({"highway": "crossing"}, {}, False, 0.0, "not_assessed"),
        (None, {}, False, 0.0, "not_assessed"),
        ({"highway": "traffic_signals", "traffic_signals": "blinker"}, {}, False, 0.0,
         "not_assessed"),
        (None, {}, True, 1.0, "met"),
    ],
)  # fmt: skip
def test_a_school_across_an_arterial(
    node: dict[str, str] | None, way: dict[str, str], bridge: bool, value: float, verdict: str
) -> None:
    figure = school_figure(read(town(node, way, bridge=bridge)).network)
    assert (figure.value, figure.verdict) == (value, verdict)
    if verdict == "not_assessed":
        assert figure.why_not is not None
        assert "highway=crossing" in figure.why_not.text("en")


def test_what_is_told_does_not_depend_on_the_order_of_ways_or_nodes() -> None:
    world = town(AT_SIGNAL, {})
    one, other = read(world).network, read(world, 7).network
    assert one.crossing.tolist() == other.crossing.tolist()
    assert int((one.crossing == Crossing.SIGNAL).sum()) == 1
    at = int(np.flatnonzero(one.crossing)[0])
    assert np.allclose(one.node_xy_m[at], 0.0, atol=0.02)
    order = np.arange(one.n_nodes)[::-1]
    turned = build_network(
        crs=one.crs, node_id=one.node_id[order], node_xy_m=one.node_xy_m[order],
        node_crossing=one.crossing[order], arc_tail=(one.n_nodes - 1 - one.arc_tail),
        arc_head=(one.n_nodes - 1 - one.arc_head),
    )  # fmt: skip
    assert turned.crossing.tolist() == one.crossing.tolist()


def test_a_signal_survives_where_stretches_are_joined_and_cut() -> None:
    """The path's other nodes go, the signalled junction stays; beside it a gate is cut."""
    world = town(AT_SIGNAL, {})
    world.node_tags[6] = {"barrier": "gate", "locked": "yes"}
    network = read(world).network
    assert int((network.crossing == Crossing.SIGNAL).sum()) == 1
    assert (network.node_id < 0).any()
    assert (network.crossing[network.node_id < 0] == Crossing.UNTOLD).all()


def reach_m(network: WalkNetwork, walker: str) -> list[bool]:
    """Return which arcs are open to a walker."""
    costs = walk_costs(network, walk_profile(walker, speed_m_s=1.0), "metres")
    return np.isfinite(costs.forward).tolist()


def kerb_street(kerb: dict[str, str]) -> OsmWorld:
    """Return a path of 200 m with a tagged node in its middle."""
    world = OsmWorld()
    nodes = [world.node(-100, 0), world.node(0, 0, kerb), world.node(100, 0)]
    world.way(nodes, PATH)
    return world


@pytest.mark.parametrize("kerb", ["lowered", "flush", "rolled", "yes", "no"])
def test_kerbs_that_a_wheelchair_takes_part_nothing(kerb: str) -> None:
    network = read(kerb_street({"kerb": kerb})).network
    assert (network.n_arcs, network.n_nodes) == (1, 2)


def test_a_raised_kerb_stops_wheelchairs_alone() -> None:
    reading = read(kerb_street({"kerb": "raised", "barrier": "kerb"}))
    network = reading.network
    assert sorted(network.arc_length_m.round(1).tolist()) == [0.0, 100.0, 100.0]
    assert network.n_components == 1
    assert all(reach_m(network, "adult")) and all(reach_m(network, "older_adult"))
    closed = [not one for one in reach_m(network, "wheelchair")]
    assert closed == (network.arc_length_m == 0.0).tolist()
    flags = int(network.arc_flags[network.arc_length_m == 0.0][0])
    assert flags == int(ArcFlag.NO_WHEELCHAIR | ArcFlag.UNLINKABLE)
    assert [one.subjects for one in reading.notices if one.code == "network.node_passage"] == [
        ("node/2",)
    ]
    counted = {one.rule_id: one.objects for one in reading.tally.rules if one.objects}
    assert counted["passage.kerb"] == 1
    told = read(kerb_street({"kerb": "raised", "wheelchair": "yes"})).network
    assert told.n_arcs == 1


def test_a_kerb_at_a_junction_is_told_and_closes_nothing() -> None:
    world = kerb_street({"kerb": "raised"})
    world.way([2, world.node(0, 100)], PATH)
    reading = read(world)
    assert all(reach_m(reading.network, "wheelchair"))
    codes = {one.code: one.subjects for one in reading.notices}
    assert codes["network.node_passage_untold"] == ("node/2",)


@pytest.mark.parametrize(
    ("tags", "closed"),
    [
        ({"surface": "gravel"}, True),
        ({"surface": "cobblestone"}, True),
        ({"surface": "gravel", "smoothness": "good"}, False),
        ({"surface": "sand", "wheelchair": "yes"}, False),
        ({"surface": "asphalt"}, False),
        ({"surface": "sett"}, False),
        ({"smoothness": "bad"}, True),
        ({"smoothness": "intermediate"}, False),
        ({"smoothness": "very_bad", "surface": "asphalt"}, True),
        ({}, False),
    ],
)
def test_surfaces_that_a_wheelchair_rolls_on(tags: dict[str, str], closed: bool) -> None:
    verdict = RULES.way(PATH | tags)
    assert verdict is not None and verdict.is_open
    assert bool(verdict.flags & ArcFlag.NO_WHEELCHAIR) is closed

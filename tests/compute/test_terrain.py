"""Terrain: grades by hand on drawn ground, bridges over valleys, what is not known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InvalidNetworkError
from analysis.sources.streets.access_table import access_rules
from analysis.sources.streets.network import read_network
from analysis.streets.relief import SPACING_M, lay_terrain, stations
from analysis.streets.terrain import Terrain
from analysis.testing.cities import grid_city, on_hills, street_city
from analysis.testing.osm import OsmWorld, world_area
from analysis.walking import ArcFlag, SlopeLaw, slope_law, walk_profile
from analysis.walks.walk_costs import walk_costs, walk_seconds

TOBLER = SlopeLaw(k=3.5, offset=0.05)
ADULT = walk_profile("adult", speed_m_s=1.2, slope=TOBLER)


def plane(x, y, rise=0.1):
    return rise * x + 0.0 * y


def valley(x, y):
    """A valley 40 m deep between x = 100 and x = 400."""
    return np.where((x > 100) & (x < 400), 60.0, 100.0) + 0.0 * y


def test_tobler_by_hand_to_a_hundredth_of_a_second() -> None:
    # v = 1.2 · e^(−3.5·|s + 0.05|) / e^(−0.175): 0.8456 m/s up 10 %, 1.2 down 10 %.
    hill = on_hills(street_city(np.array([[0.0, 0.0], [500.0, 0.0]]), [(0, 1)]), plane)
    forward, backward = walk_seconds(hill, ADULT)
    assert forward[0] == pytest.approx(591.278, abs=0.01)
    assert backward[0] == pytest.approx(416.667, abs=0.01)
    # And down 5 % faster than on the level: e^0.175 times.
    gentle = on_hills(street_city(np.array([[0.0, 0.0], [500.0, 0.0]]), [(0, 1)]),
                      lambda x, y: plane(x, y, rise=0.05))  # fmt: skip
    forward, backward = walk_seconds(gentle, ADULT)
    assert forward[0] == pytest.approx(496.352, abs=0.01)
    assert backward[0] == pytest.approx(349.774, abs=0.01)


def test_the_law_that_is_written_is_the_one_computed() -> None:
    text = "Tobler: v = v0 * exp(-3.5*|s+0.05|) / exp(-3.5*0.05)"
    assert slope_law(text) == TOBLER
    assert slope_law(TOBLER.text) == TOBLER
    assert TOBLER.text == text
    assert slope_law(text.replace("3.5", "3")) == SlopeLaw(k=3.0, offset=0.05)
    for other in (
        "Tobler: v = v0 * exp(-3.5*|s+0.05|) / exp(-3.4*0.05)", "Naismith", "",
        "Tobler: v = v0 * exp(-3.5*|s-0.05|) / exp(-3.5*0.05)",
        "Tobler: v = v0 * exp(-99*|s+0.05|) / exp(-99*0.05)",
        "Tobler: v = v0 * exp(-0*|s+0.05|) / exp(-0*0.05)",
    ):  # fmt: skip
        assert slope_law(other) is None
    assert TOBLER.speed_share(np.array([0.0, -0.05, -0.1])) == pytest.approx(
        [1.0, np.exp(0.175), 1.0]
    )
    assert TOBLER.fastest == pytest.approx(np.exp(0.175))


def test_metres_know_no_slope() -> None:
    city = grid_city(3, 3)
    hill = on_hills(city, plane)
    flat, steep = (walk_costs(one, ADULT, "metres") for one in (city, hill))
    assert np.array_equal(flat.forward, steep.forward)
    assert np.array_equal(flat.backward, steep.backward)
    assert steep.leg_pace == 1.0
    assert walk_costs(hill, ADULT, "seconds").leg_pace == pytest.approx(1 / 1.2)


def test_stations_stand_at_equal_distances_along_a_bent_street() -> None:
    from analysis.streets.network import build_network
    from analysis.testing.cities import TEST_CRS

    bent = build_network(
        crs=TEST_CRS.definition,
        node_id=np.array([1, 2]),
        node_xy_m=np.array([[0.0, 0.0], [60.0, 40.0]]),
        arc_tail=np.array([0]),
        arc_head=np.array([1]),
        arc_lines_m=[np.array([[0.0, 0.0], [60.0, 0.0], [60.0, 40.0]])],
    )
    where = stations(bent)
    assert where.first.tolist() == [0, 3]  # 100 m: four runs of 25 m
    assert where.xy_m.tolist() == [[0, 0], [60, 40], [25, 0], [50, 0], [60, 15]]
    terrain = on_hills(bent, lambda x, y: y).terrain
    assert terrain.run_m.tolist() == [25.0] * 4
    assert terrain.grade.tolist() == [0.0, 0.0, 0.6, 1.0]
    assert terrain.known_m == 100.0


def test_a_long_street_follows_its_hill_and_a_short_one_has_one_run() -> None:
    city = street_city(np.array([[0.0, 0.0], [300.0, 0.0], [310.0, 0.0]]), [(0, 1), (1, 2)])
    terrain = on_hills(city, lambda x, y: 30.0 - np.abs(x - 150.0) / 5.0).terrain
    assert np.diff(terrain.run_first).tolist() == [10, 1]
    assert terrain.grade == pytest.approx([0.2] * 5 + [-0.2] * 6)
    assert terrain.steepest() == pytest.approx([0.2, 0.2])
    assert (terrain.run_m <= SPACING_M).all()
    assert "2 arcs, 11 runs" in repr(terrain)


@pytest.mark.parametrize("flag", [ArcFlag.BRIDGE, ArcFlag.TUNNEL, ArcFlag.BRIDGE | ArcFlag.TUNNEL])
def test_a_bridge_of_three_arcs_lies_straight_over_the_valley(flag: ArcFlag) -> None:
    nodes = np.array([[0.0, 0], [100, 0], [200, 0], [350, 0], [400, 0], [500, 0]])
    arcs = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]
    flags = [0, int(flag), int(flag), int(flag), 0]

    def ground(x, y):
        return valley(x, y) + np.where(x >= 400, 15.0, 0.0)  # the far bank is 15 m higher

    over = on_hills(street_city(nodes, arcs, flags=flags), ground)
    assert np.diff(over.terrain.run_first).tolist() == [4, 1, 1, 1, 4]
    assert over.terrain.grade[4:7] == pytest.approx([0.05] * 3)
    assert over.terrain.known_m == pytest.approx(500.0)
    through = on_hills(street_city(nodes, arcs), ground)
    assert through.terrain.steepest()[1] > 1.0
    level, hilly = walk_seconds(over, ADULT)[0][1:4].sum(), walk_seconds(through, ADULT)[0].sum()
    assert level == pytest.approx(300 / 1.2 * np.exp(3.5 * 0.05), abs=0.01)
    assert hilly > 2 * level


def test_where_bridges_branch_heights_are_between_those_of_the_ends() -> None:
    # Three ends at 10, 20 and 60 m, each 100 m from the middle over a pit: the middle is their mean.
    nodes = np.array([[-100.0, 0], [100, 0], [0, 100], [0, 0]])
    bridge = int(ArcFlag.BRIDGE)
    star = street_city(
        np.concatenate([nodes, nodes[:3] + [[0.0, 500.0]]]),
        [(0, 3), (1, 3), (2, 3), (0, 4), (1, 5), (2, 6)], flags=[bridge] * 3 + [0] * 3,
    )  # fmt: skip
    heights = {(-100, 0): 10.0, (100, 0): 20.0, (0, 100): 60.0}

    def ground(x, y):
        return np.array([heights.get((a, b), -5.0) for a, b in zip(x, y, strict=True)])

    grade = on_hills(star, ground).terrain.grade[:3]
    assert grade == pytest.approx([0.2, 0.1, -0.3])


def test_an_overpass_reached_by_steps_is_level_however_the_ground_looks() -> None:
    nodes = np.array([[0.0, 0], [10, 0], [50, 0], [60, 0], [70, 0]])
    flags = [int(ArcFlag.STEPS), int(ArcFlag.BRIDGE), int(ArcFlag.STEPS), 0]
    city = street_city(nodes, [(0, 1), (1, 2), (2, 3), (3, 4)], flags=flags)
    terrain = on_hills(city, lambda x, y: x).terrain
    assert terrain.grade.tolist() == [0.0, 0.0, 0.0, 1.0]
    assert terrain.known_m == 10.0  # neither the deck nor the steps up to it


def test_steps_take_from_the_ground_only_which_end_is_higher() -> None:
    walker = walk_profile(
        "adult", speed_m_s=1.2, slope=TOBLER, steps_up_m_s=0.5, steps_down_m_s=0.8
    )
    nodes = np.array([[0.0, 0], [40, 0], [80, 0], [120, 0]])
    steps = int(ArcFlag.STEPS)
    city = street_city(nodes, [(0, 1), (1, 2), (2, 3)], flags=[steps, steps, steps])
    # Up, level (a raster that is too coarse), down.
    hill = on_hills(city, lambda x, y: np.select([x < 40, x > 80], [0.0, 3.0], 7.0))
    forward, backward = walk_seconds(hill, walker)
    assert forward == pytest.approx([80.0, 65.0, 50.0])
    assert backward == pytest.approx([50.0, 65.0, 80.0])
    flat, back = walk_seconds(city, walker)
    assert flat == pytest.approx([65.0] * 3)
    assert np.array_equal(flat, back)
    # A standard without speeds on steps: like level ground, on whatever hill.
    assert walk_seconds(hill, ADULT)[0] == pytest.approx([40 / 1.2] * 3)


STAIRS = walk_profile("adult", speed_m_s=1.0, slope=TOBLER, steps_up_m_s=0.5, steps_down_m_s=0.8)


@pytest.mark.parametrize(
    ("places", "incline", "up_s", "down_s"),
    [
        ((50.0, 90.0), "up", 80.0, 50.0),
        ((90.0, 50.0), "down", 80.0, 50.0),
        ((50.0, 90.0), "down", 50.0, 80.0),
        ((90.0, 50.0), "up", 50.0, 80.0),
        ((50.0, 90.0), "12%", 65.0, 65.0),
    ],
)
def test_steps_say_themselves_which_way_they_rise(places, incline, up_s, down_s) -> None:
    world = OsmWorld()
    ids = {x: world.node(x, 0.0) for x in (0.0, 50.0, 90.0, 140.0)}
    world.way([ids[0.0], ids[50.0]], {"highway": "footway"})
    steps = {"highway": "steps", "incline": incline}
    world.way([ids[x] for x in places], steps)
    world.way([ids[90.0], ids[140.0]], {"highway": "footway"})
    city = read_network(world.data(), world_area(), access_rules()).network
    for hill in (city, on_hills(city, lambda x, y: 0.3 * x)):  # the map knows better than a raster
        costs = walk_costs(hill, STAIRS, "seconds")
        (row,) = np.flatnonzero(hill.arc_flags & int(ArcFlag.STEPS))
        eastward = hill.node_xy_m[hill.arc_tail[row], 0] < hill.node_xy_m[hill.arc_head[row], 0]
        ahead, back = (
            (costs.forward, costs.backward) if eastward else (costs.backward, costs.forward)
        )
        if incline == "12%" and hill.terrain is not None:
            up_s, down_s = 80.0, 50.0  # only the ground can tell
        assert (ahead[row], back[row]) == pytest.approx((up_s, down_s), rel=1e-4)


def test_steps_up_and_steps_down_stay_two_arcs() -> None:
    world = OsmWorld()
    one, top, other = (world.node(x, 0.0) for x in (0.0, 40.0, 80.0))
    world.way([one, top], {"highway": "steps", "incline": "up"})
    world.way([top, other], {"highway": "steps", "incline": "down"})
    city = read_network(world.data(), world_area(), access_rules()).network
    assert city.n_arcs == 2
    forward, backward = walk_seconds(city, STAIRS)
    assert forward.sum() == backward.sum() == pytest.approx(130.0, rel=1e-4)


def test_what_is_not_known_is_level_and_counted() -> None:
    city = street_city(np.array([[0.0, 0], [100, 0], [200, 0]]), [(0, 1), (1, 2)])
    where = stations(city)
    height_m = 0.2 * where.xy_m[:, 0]
    height_m[2] = np.nan  # the last node
    terrain = lay_terrain(city, where, height_m).terrain
    assert terrain.grade == pytest.approx([0.2] * 7 + [0.0])
    assert terrain.known_m == pytest.approx(175.0)
    nothing = lay_terrain(city, where, np.full(len(height_m), np.nan))
    assert nothing.terrain.known_m == 0.0
    assert walk_seconds(nothing, ADULT)[0] == pytest.approx(city.arc_length_m / 1.2)


def test_steep_streets_are_marked_against_a_largest_grade() -> None:
    nodes = np.array([[0.0, 0], [100, 0], [200, 0], [300, 0]])
    flags = [0, 0, int(ArcFlag.STEPS)]
    city = street_city(nodes, [(0, 1), (1, 2), (2, 3)], flags=flags)

    def ground(x, y):
        return np.where(x <= 100, 0.08 * x, 8.0 + 0.2 * (x - 100))

    def steep(network) -> list[bool]:
        return ((network.arc_flags & int(ArcFlag.STEEP)) != 0).tolist()

    assert steep(on_hills(city, ground)) == [False] * 3
    marked = on_hills(city, ground, wheelchair_max_grade=1 / 12)
    assert steep(marked) == [False, True, False]
    wheelchair = walk_profile("wheelchair", speed_m_s=0.8)
    for measure in ("metres", "seconds"):
        assert np.isinf(walk_costs(marked, wheelchair, measure).forward).tolist() == [
            False, True, True,
        ]  # fmt: skip
        assert np.isfinite(walk_costs(marked, ADULT, measure).forward).all()
    # A second terrain replaces the marks of the first.
    assert steep(on_hills(marked, lambda x, y: 0.0 * x, wheelchair_max_grade=1 / 12)) == [False] * 3


def test_a_landing_of_no_length_has_no_grade() -> None:
    city = street_city(
        np.array([[0.0, 0], [0, 0], [50, 0]]), [(0, 1), (1, 2), (2, 2)], length_m=[0.0, 50.0, 0.0]
    )
    terrain = on_hills(city, plane).terrain
    assert terrain.grade[0] == 0.0
    forward, backward = walk_seconds(on_hills(city, plane), ADULT)
    assert forward[0] == backward[0] == forward[2] == 0.0


def test_a_city_without_streets_has_a_terrain_without_runs() -> None:
    city = street_city(np.array([[0.0, 0.0]]), [])
    terrain = on_hills(city, plane).terrain
    assert terrain.n_arcs == 0
    assert terrain.steepest().tolist() == []


@pytest.mark.parametrize(
    "changed",
    [{"grade": np.array([np.nan])}, {"run_m": np.array([-1.0])}, {"run_m": np.array([1.0, 2.0])},
     {"run_first": np.array([0, 2], np.int32)}, {"run_first": np.array([0, 0, 1], np.int32)},
     {"run_first": np.array([1, 1], np.int32)}],
)  # fmt: skip
def test_a_terrain_checks_its_invariants(changed) -> None:
    sound = {
        "run_first": np.array([0, 1], np.int32), "run_m": np.array([1.0]),
        "grade": np.array([0.0]), "known_m": 1.0,
    }  # fmt: skip
    assert Terrain(**sound).n_arcs == 1
    with pytest.raises(InvalidNetworkError):
        Terrain(**(sound | changed))


def test_a_network_refuses_another_network_s_terrain() -> None:
    from dataclasses import replace

    hill = on_hills(grid_city(1, 1), plane)
    with pytest.raises(InvalidNetworkError):
        replace(grid_city(2, 1), terrain=hill.terrain)


@given(seed=st.integers(0, 2**32 - 1))
def test_walking_round_a_block_comes_back_to_the_same_height(seed: int) -> None:
    rng = np.random.default_rng(seed)
    city = grid_city(3, 3, block_m=float(rng.uniform(5, 120)))
    where = stations(city)
    hill = lay_terrain(city, where, rng.uniform(0, 50, len(where.xy_m)))
    rise_m = hill.terrain.arc_sums(hill.terrain.run_m * hill.terrain.grade)
    height = {0: 0.0}
    for _ in range(city.n_nodes):
        for tail, head, rise in zip(city.arc_tail.tolist(), city.arc_head.tolist(), rise_m.tolist(),
                                    strict=True):  # fmt: skip
            if tail in height and head not in height:
                height[head] = height[tail] + rise
            if head in height and tail not in height:
                height[tail] = height[head] - rise
    for tail, head, rise in zip(city.arc_tail.tolist(), city.arc_head.tolist(), rise_m.tolist(),
                                strict=True):  # fmt: skip
        assert height[head] - height[tail] == pytest.approx(rise, abs=1e-6)
    # The way back has the opposite grades: what is up one way is down the other.
    forward, backward = walk_seconds(hill, ADULT)
    turned = Terrain(
        run_first=hill.terrain.run_first, run_m=hill.terrain.run_m,
        grade=-hill.terrain.grade, known_m=0.0,
    )  # fmt: skip
    from dataclasses import replace

    again = walk_seconds(replace(hill, terrain=turned), ADULT)
    assert np.array_equal(again[0], backward)
    assert np.array_equal(again[1], forward)
    # Nowhere faster than the law's fastest.
    assert (forward >= city.arc_length_m / ADULT.fastest_m_s - 1e-9).all()

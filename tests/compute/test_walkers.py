"""Walkers: each of them, each slope and each criterion changes the answer as arithmetic says."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from analysis.documents.digest import array_digests
from analysis.documents.study import study_document
from analysis.documents.tables import assessment_rows
from analysis.errors import InvalidParameterError
from analysis.sources.standards import read_standard
from analysis.standard.profile import ReachRule
from analysis.standard.rules import Sourced
from analysis.study import Study, StudyParameters, analyse
from analysis.testing.cities import (
    grid_city,
    on_hills,
    people_at,
    plain_element,
    plain_inputs,
    plain_standard,
    shops_at,
    square_circles,
    street_city,
)
from analysis.walking import WALKERS, ArcFlag
from analysis.walks.walk_costs import walk_costs, walk_seconds

WHOLE = square_circles((-5000, -5000, 5000, 5000))
STANDARD = read_standard()
UP_10 = np.exp(3.5 * 0.1)  # how much slower than on the level, up 10 %
STEPS = int(ArcFlag.STEPS)


def road(length_m: float, *, flag: int = 0, more: tuple[float, ...] = ()):
    """A straight street from (0, 0) eastwards, with nodes at `more` besides its ends."""
    x = sorted({0.0, length_m, *more})
    nodes = np.array([[one, 0.0] for one in x])
    arcs = [(i, i + 1) for i in range(len(x) - 1)]
    return street_city(nodes, arcs, flags=[flag] * len(arcs))


def study(
    network,
    *,
    home=(0.0, 0.0),
    shop=None,
    criterion="minutes",
    walker="adult",
    element=None,
    standard=None,
    shops=None,
) -> Study:
    """Analyse one home and one shop at the ends of a street; 10 minutes or 700 m are allowed."""
    chosen = element or plain_element("market", threshold_m=700.0)
    own = replace(plain_standard(chosen), walking=(standard or STANDARD).walking)
    places = shops or [("market", *shop)]
    return analyse(
        plain_inputs(
            standard=own, network=network, demand=people_at([home], people=[100.0]),
            facilities=shops_at(places), circles=WHOLE,
        ),
        StudyParameters(criterion=criterion, walker=walker),
    )  # fmt: skip


def answer(found: Study) -> tuple[bool, float, float]:
    """Return covered, metres, seconds of the one home."""
    reach = found.reach
    return bool(reach.covered[0, 0]), float(reach.walk_m[0, 0]), float(reach.walk_s[0, 0])


def slope(grade: float):
    return lambda x, y: grade * x + 0.0 * y


# --- the packaged walkers -------------------------------------------------------------------------


def test_the_packaged_standard_states_every_walker_with_its_source() -> None:
    walking = STANDARD.walking
    assert tuple(walking.speeds_m_s) == WALKERS
    assert [one.value for one in walking.speeds_m_s.values()] == [1.2, 0.9, 1.0, 0.8]
    assert {one.confidence for one in walking.speeds_m_s.values()} == {"default"}
    # Fruin 1971, table 3-B, outdoor stair: 113 and 152 ft/min, over 50: 83 and 117.
    for name, up, down in (("adult", 113, 152), ("older_adult", 83, 117)):
        steps = walking.steps_m_s[name]
        assert (steps.up.source, steps.up.confidence) == ("FRUIN71", "secondary")
        assert steps.up.value == pytest.approx(up * 0.3048 / 60, abs=0.005)
        assert steps.down.value == pytest.approx(down * 0.3048 / 60, abs=0.005)
    assert "wheelchair" not in walking.steps_m_s
    assert 1 / 12 < walking.wheelchair_max_grade.value < 1 / 12 + 1e-4
    for name in walking.steps_m_s:  # nobody is faster on steps than on the level
        profile = STANDARD.profile(name)
        assert profile.steps_up_m_s < profile.steps_down_m_s < profile.speed_m_s
        assert profile.fastest_level_m_s == profile.speed_m_s
        assert profile.fastest_m_s == pytest.approx(profile.speed_m_s * np.exp(0.175))


def test_an_unknown_walker_and_one_without_speed_are_refused() -> None:
    with pytest.raises(InvalidParameterError) as caught:
        STANDARD.profile("horse")
    assert caught.value.reason.key == "parameter.choice"
    only_adults = replace(STANDARD, walking=replace(
        STANDARD.walking, speeds_m_s={"adult": STANDARD.walking.speeds_m_s["adult"]}))  # fmt: skip
    assert [one.name for one in only_adults.profiles] == ["adult"]
    with pytest.raises(InvalidParameterError) as caught:
        only_adults.profile("older_adult")
    assert caught.value.reason.key == "walkers.no_speed"
    assert "adult" in caught.value.text("en")


# --- speeds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("walker", "speed_m_s", "covered"),
    [("adult", 1.2, True), ("older_adult", 0.9, False), ("child", 1.0, False),
     ("wheelchair", 0.8, False)],
)  # fmt: skip
def test_under_minutes_the_walker_s_speed_decides(walker, speed_m_s, covered) -> None:
    # 650 m: 541.7 s for an adult, 722 s for an older adult, 650 s for a child; 600 s are allowed.
    found = study(road(650.0), shop=(650.0, 0.0), walker=walker)
    assert answer(found) == (covered, 650.0, pytest.approx(650.0 / speed_m_s, abs=1e-5))
    by_metres = study(road(650.0), shop=(650.0, 0.0), walker=walker, criterion="metres")
    assert answer(by_metres) == (True, 650.0, pytest.approx(650.0 / speed_m_s, abs=1e-5))
    assert by_metres.reach.walk is by_metres.reach.walk_m
    assert found.reach.walk is found.reach.walk_s
    assert found.reach.threshold.tolist() == [600.0]
    assert by_metres.reach.threshold.tolist() == [700.0]
    assert found.reach.threshold_m.tolist() == pytest.approx([600.0 * speed_m_s])
    assert by_metres.reach.threshold_s.tolist() == pytest.approx([700.0 / speed_m_s])


def test_ten_minutes_to_the_second() -> None:
    for length_m, covered in ((720.0, True), (720.01, False)):
        assert answer(study(road(length_m), shop=(length_m, 0.0)))[0] is covered


def test_the_access_leg_is_walked_at_the_walker_s_speed() -> None:
    found = study(road(400.0), home=(100.0, 40.0), shop=(400.0, 0.0), walker="older_adult")
    assert answer(found) == (True, 340.0, pytest.approx(340.0 / 0.9, abs=1e-5))


# --- slopes ---------------------------------------------------------------------------------------


def test_elevation_flips_minutes_and_leaves_metres() -> None:
    flat, hilly = road(650.0), on_hills(road(650.0), slope(0.1))
    shop = (650.0, 0.0)
    assert answer(study(flat, shop=shop)) == (True, 650.0, pytest.approx(541.667, abs=0.01))
    uphill_s = 650.0 / 1.2 * UP_10  # 768.66 s
    assert answer(study(hilly, shop=shop)) == (False, 650.0, pytest.approx(uphill_s, abs=0.01))
    for network in (flat, hilly):
        assert answer(study(network, shop=shop, criterion="metres"))[:2] == (True, 650.0)


def test_uphill_and_downhill_differ_and_the_way_people_walk_counts() -> None:
    # 520 m at 10 %: 614.9 s up to a school above, 433.3 s down to a school below.
    hill = on_hills(road(520.0), slope(0.1))
    below, above = (0.0, 0.0), (520.0, 0.0)
    up = study(hill, home=below, shop=above)
    down = study(hill, home=above, shop=below)
    assert answer(up) == (False, 520.0, pytest.approx(614.929, abs=0.01))
    assert answer(down) == (True, 520.0, pytest.approx(433.333, abs=0.01))
    # Halfway along, the arc's pace is even.
    half = study(hill, home=(260.0, 0.0), shop=above)
    assert answer(half)[2] == pytest.approx(614.929 / 2, abs=0.01)


def test_the_shortest_and_the_fastest_walk_are_each_their_own() -> None:
    # 300 m over a ridge of 30 % up and down, or 500 m around it on the level.
    nodes = np.array([[0.0, 0], [150, 0], [300, 0], [0, -100], [300, -100]])
    city = street_city(nodes, [(0, 1), (1, 2), (0, 3), (3, 4), (4, 2)])
    ridge = on_hills(city, lambda x, y: np.where(y < 0, 0.0, 45.0 - 0.3 * np.abs(x - 150.0)))
    over_s = 150 / 1.2 * (np.exp(3.5 * 0.3) + np.exp(3.5 * 0.2))  # 608.9 s
    around_s = 500 / 1.2
    assert over_s > around_s
    found = study(ridge, home=(0.0, 0.0), shop=(300.0, 0.0))
    assert answer(found) == (True, 300.0, pytest.approx(around_s, abs=0.01))
    level = study(city, home=(0.0, 0.0), shop=(300.0, 0.0))
    assert answer(level) == (True, 300.0, pytest.approx(250.0, abs=0.01))


def test_the_nearest_is_who_decides_by_the_criterion() -> None:
    # Market 0 is 300 m up 20 %, market 1 is 400 m on the level.
    nodes = np.array([[0.0, 0], [300, 0], [-400, 0]])
    hill = on_hills(street_city(nodes, [(0, 1), (0, 2)]), lambda x, y: np.maximum(x, 0) * 0.2)
    shops = [("market", 300.0, 0.0), ("market", -400.0, 0.0)]
    by_metres = study(hill, shops=shops, criterion="metres")
    by_minutes = study(hill, shops=shops)
    assert by_metres.reach.nearest.tolist() == [[0]]
    assert by_minutes.reach.nearest.tolist() == [[1]]
    for found in (by_metres, by_minutes):  # the figures are the same least values
        assert answer(found)[1:] == (300.0, pytest.approx(400 / 1.2, abs=0.01))


def test_seconds_are_known_wherever_metres_are_however_steep_the_street() -> None:
    # 1,390 m at 40 %: four times as slow as on the level, far beyond any limit set on the level.
    steep = on_hills(road(1390.0), slope(0.4))
    found = study(steep, shop=(1390.0, 0.0), criterion="metres")
    assert answer(found) == (
        False, 1390.0, pytest.approx(1390.0 / 1.2 * np.exp(3.5 * 0.4), abs=0.01),
    )  # fmt: skip
    # And a walk beyond twice the 700 m is known in neither.
    far = study(on_hills(road(1401.0), slope(-0.05)), shop=(1401.0, 0.0), criterion="metres")
    assert answer(far) == (False, np.inf, np.inf)
    # Under minutes twice the ten minutes are looked at, however few metres that is.
    slow = study(on_hills(road(700.0), slope(0.4)), shop=(700.0, 0.0))
    assert answer(slow) == (False, np.inf, np.inf)


def test_on_the_level_minutes_are_metres_at_the_walker_s_speed() -> None:
    city = on_hills(grid_city(6, 6), slope(0.0))
    for criterion in ("metres", "minutes"):
        found = study(city, home=(0.0, 0.0), shop=(300.0, 300.0), criterion=criterion)
        assert answer(found) == (True, 600.0, pytest.approx(500.0, abs=1e-4))


# --- steps ----------------------------------------------------------------------------------------


def test_steps_cost_their_own_time_and_stop_a_wheelchair() -> None:
    # 100 m of steps between level streets of 200 m.
    nodes = np.array([[0.0, 0], [200, 0], [300, 0], [500, 0]])
    city = street_city(nodes, [(0, 1), (1, 2), (2, 3)], flags=[0, STEPS, 0])
    hill = on_hills(city, lambda x, y: np.select([x <= 200, x >= 300], [0.0, 40.0], 20.0))
    shop = (500.0, 0.0)
    level_s = 400 / 1.2
    up, down = (study(hill, home=a, shop=b) for a, b in (((0.0, 0.0), shop), (shop, (0.0, 0.0))))
    assert answer(up) == (True, 500.0, pytest.approx(level_s + 100 / 0.57, abs=0.01))
    assert answer(down) == (True, 500.0, pytest.approx(level_s + 100 / 0.77, abs=0.01))
    flat = study(city, shop=shop)  # nobody knows which end is up
    mean_s = (100 / 0.57 + 100 / 0.77) / 2
    assert answer(flat) == (True, 500.0, pytest.approx(level_s + mean_s, abs=0.01))
    older = study(hill, shop=shop, walker="older_adult")
    assert answer(older) == (False, 500.0, pytest.approx(400 / 0.9 + 100 / 0.42, abs=0.01))
    for criterion in ("metres", "minutes"):
        stopped = study(hill, shop=shop, walker="wheelchair", criterion=criterion)
        assert answer(stopped) == (False, np.inf, np.inf)


@pytest.mark.parametrize("flag", [ArcFlag.NO_WHEELCHAIR, ArcFlag.ESCALATOR | ArcFlag.STEPS])
def test_what_stops_a_wheelchair_stops_nobody_else(flag) -> None:
    city = road(300.0, flag=int(flag))
    for walker in WALKERS:
        forward = walk_costs(city, STANDARD.profile(walker), "metres").forward
        assert np.isinf(forward[0]) == (walker == "wheelchair")


def test_a_wheelchair_goes_around_a_street_that_is_too_steep() -> None:
    # Straight: 200 m at 9 %; around: 400 m at 4.5 %, below 1:12.
    nodes = np.array([[0.0, 0], [200, 0], [0, 100], [200, 100]])
    city = street_city(nodes, [(0, 1), (0, 2), (2, 3), (3, 1)])
    grade = STANDARD.walking.wheelchair_max_grade.value

    def ground(x, y):
        return np.where(y == 0, 0.09 * x, np.select([x == 0, x == 200], [0.045 * y, 18 - 0.045 * y],
                                                    4.5 + 0.045 * x))  # fmt: skip

    hill = on_hills(city, ground, wheelchair_max_grade=grade)
    assert answer(study(hill, shop=(200.0, 0.0), walker="adult"))[1] == 200.0
    assert answer(study(hill, shop=(200.0, 0.0), walker="wheelchair"))[1] == 400.0
    # Without a raster the steep street is not known to be steep.
    assert answer(study(city, shop=(200.0, 0.0), walker="wheelchair"))[1] == 200.0


# --- rules, texts, documents ----------------------------------------------------------------------


def test_a_rule_with_a_shorter_radius_keeps_its_proportion() -> None:
    rules = (ReachRule(element_id="market", threshold_m=700.0, min_area_m2=1000.0),
             ReachRule(element_id="market", threshold_m=350.0, below_area_m2=1000.0))  # fmt: skip
    element = plain_element("market", threshold_m=700.0, rules=rules)
    for length_m, covered in ((360.0, True), (360.1, False)):  # half of 600 s at 1.2 m/s
        found = study(road(length_m), shop=(length_m, 0.0), element=element)
        assert answer(found)[0] is covered


def test_an_element_without_minutes_keeps_its_metres_on_the_level() -> None:
    element = replace(plain_element("market", threshold_m=700.0), minutes=None)
    for walker in ("adult", "older_adult"):
        for length_m, covered in ((699.99, True), (700.01, False)):
            found = study(road(length_m), shop=(length_m, 0.0), element=element, walker=walker)
            assert answer(found)[0] is covered


def test_reasons_rows_and_document_speak_in_the_criterion_s_measure() -> None:
    hill = on_hills(road(520.0), slope(0.1))
    found = study(hill, shop=(520.0, 0.0))
    row = next(one for one in assessment_rows(found) if one["circle_id"] == "A")
    assert "farthest 10.2 min" in row["reason_coverage_en"]
    assert "最远 10.2 分钟" in row["reason_coverage_zh"]
    assert row["walk_max_m"] == 520.0
    assert row["walk_max_s"] == row["walk_p95_s"] == pytest.approx(614.929, abs=0.01)
    assert (row["threshold_m"], row["threshold_s"]) == (720.0, 600.0)
    (gap,) = found.gaps
    assert gap.walk_worst_s == gap.walk_median_s == pytest.approx(614.929, abs=0.01)
    assert (gap.threshold_m, gap.threshold_s) == (720.0, 600.0)
    parameters = study_document(found)["parameters"]
    assert parameters["slope_law"] == "Tobler: v = v0 * exp(-3.5*|s+0.05|) / exp(-3.5*0.05)"
    assert (parameters["steps_up_m_s"], parameters["steps_down_m_s"]) == (0.57, 0.77)
    assert study_document(found)["data"]["elevation_known_share"] == 1.0
    flat = study_document(study(road(520.0), shop=(520.0, 0.0)))
    assert flat["parameters"]["slope_law"] is None
    assert flat["data"]["elevation_known_share"] is None
    beyond = study(on_hills(road(1100.0), slope(0.1)), shop=(1100.0, 0.0))
    row = next(one for one in assessment_rows(beyond) if one["circle_id"] == "A")
    assert "100 have none within 20 min" in row["reason_coverage_en"]
    assert "beyond the search limit (20 min)" in row["walk_note_en"]
    metres = study(on_hills(road(1500.0), slope(0.1)), shop=(1500.0, 0.0), criterion="metres")
    row = next(one for one in assessment_rows(metres) if one["circle_id"] == "A")
    assert "100 have none within 1,400 m" in row["reason_coverage_en"]


def test_the_digest_sees_the_terrain_and_both_measures() -> None:
    flat = study(road(520.0), shop=(520.0, 0.0), criterion="metres")
    hill = study(on_hills(road(520.0), slope(0.1)), shop=(520.0, 0.0), criterion="metres")
    one, other = array_digests(flat), array_digests(hill)
    assert {key for key in one if one[key] != other[key]} == {"terrain", "reach"}
    again = study(on_hills(road(520.0), slope(0.1)), shop=(520.0, 0.0), criterion="metres")
    assert array_digests(again) == other


def test_the_data_s_edge_is_as_far_as_anybody_can_walk_in_the_time() -> None:
    # 10 minutes at the fastest, down 5 %: 600 · 1.2 · e^0.175 = 857.7 m.
    hill = on_hills(road(900.0), slope(0.1))
    assert study(hill, shop=(900.0, 0.0)).reach.farthest_m == pytest.approx([857.7], abs=0.1)
    assert study(road(900.0), shop=(900.0, 0.0)).reach.farthest_m == pytest.approx([720.0])
    by_metres = study(hill, shop=(900.0, 0.0), criterion="metres")
    assert by_metres.reach.farthest_m.tolist() == [700.0]


# --- against scipy --------------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32 - 1))
def test_walks_are_scipy_s_on_any_ground(seed: int) -> None:
    rng = np.random.default_rng(seed)
    city = grid_city(4, 3, block_m=90.0)
    flags = np.where(rng.random(city.n_arcs) < 0.2, STEPS, 0).astype(np.uint16)
    city = replace(city, arc_flags=flags)
    heights = rng.uniform(0, 25, 10_000)
    hill = on_hills(city, lambda x, y: heights[: len(x)], wheelchair_max_grade=0.3)
    walker = str(rng.choice(WALKERS))
    homes = [tuple(city.node_xy_m[i]) for i in rng.choice(city.n_nodes, 4, replace=False)]
    shops = [("market", *city.node_xy_m[i]) for i in rng.choice(city.n_nodes, 2, replace=False)]
    element = plain_element("market", threshold_m=5000.0)
    found = analyse(
        plain_inputs(
            standard=replace(plain_standard(element), walking=STANDARD.walking), network=hill,
            demand=people_at(homes), facilities=shops_at(shops), circles=WHOLE,
        ),
        StudyParameters(criterion="metres", walker=walker),
    )  # fmt: skip
    profile = STANDARD.profile(walker)
    closed = (hill.arc_flags & int(profile.barred)) != 0
    for measure, ours in (("metres", found.reach.walk_m), ("seconds", found.reach.walk_s)):
        there = hill.arc_length_m if measure == "metres" else walk_seconds(hill, profile)[0]
        back = hill.arc_length_m if measure == "metres" else walk_seconds(hill, profile)[1]
        tail, head = hill.arc_tail[~closed], hill.arc_head[~closed]
        graph = csr_array(
            (np.concatenate([there[~closed], back[~closed]]),
             (np.concatenate([tail, head]), np.concatenate([head, tail]))),
            shape=(hill.n_nodes,) * 2,
        )  # fmt: skip
        node = {tuple(xy): i for i, xy in enumerate(hill.node_xy_m.tolist())}
        cost = dijkstra(graph, indices=[node[tuple(map(float, one))] for one in homes])
        nearest = cost[:, [node[(float(x), float(y))] for _, x, y in shops]].min(axis=1)
        # A home or shop whose streets are all closed to a wheelchair, or an island, is not linked.
        known = found.points.linked & np.isfinite(ours[:, 0])
        assert ours[known, 0] == pytest.approx(nearest[known], abs=1e-3)
        if walker != "wheelchair":
            assert known.all()


def test_speeds_of_a_planner_s_own_standard_are_used() -> None:
    walking = replace(
        STANDARD.walking,
        speeds_m_s={"adult": Sourced(value=2.0, source="X", confidence="default")},
        steps_m_s={}, slope=None,
    )  # fmt: skip
    own = replace(STANDARD, walking=walking)
    hill = on_hills(road(600.0, flag=STEPS), slope(0.3))
    assert answer(study(hill, shop=(600.0, 0.0), standard=own)) == (
        True, 600.0, pytest.approx(300.0, abs=1e-4),
    )  # fmt: skip

"""Walks predicted by hand: metres by block counts, points off the street, shared arcs."""

import numpy as np
import pytest
import shapely

from analysis.linking.linkable import LinkRules, linkable_arcs
from analysis.linking.linkage import Link, link_points
from analysis.streets.barriers import Barriers, no_barriers
from analysis.streets.network import WalkNetwork
from analysis.testing.cities import grid_city, street_city
from analysis.walking import ArcFlag, walk_profile
from analysis.walks.travel_time import TargetGroup, walk_to_nearest
from analysis.walks.walk_costs import walk_costs
from analysis.walks.walk_graph import walk_graph

ADULT = walk_profile("adult", speed_m_s=1.2)
WHEELCHAIR = walk_profile("wheelchair", speed_m_s=1.2)
RULES = LinkRules()


def walks(
    network: WalkNetwork,
    people: list[tuple[float, float]],
    shops: list[tuple[float, float]],
    *,
    limit_m: float = 1e9,
    barriers: Barriers | None = None,
    profile=ADULT,
    rules: LinkRules = RULES,
    rank: list[int] | None = None,
):
    """Return metres and rank of the nearest shop for each person."""
    barriers = barriers or no_barriers()
    linkable = linkable_arcs(network, profile, rules)
    points = link_points(np.array(people, float).reshape(-1, 2), network, linkable, barriers, rules)
    targets = link_points(np.array(shops, float).reshape(-1, 2), network, linkable, barriers, rules)
    found = walk_to_nearest(
        walk_graph(network, walk_costs(network, profile, "metres")),
        points,
        targets,
        target_rank=np.array(rank if rank is not None else range(len(shops)), dtype=np.int32),
        groups=[TargetGroup(chosen=np.ones(len(shops), dtype=bool), limit=limit_m)],
    )
    return found.cost[:, 0], found.rank[:, 0]


def walls(*lines: list[tuple[float, float]], compounds=(), gates=(), kind="wall") -> Barriers:
    """Return barrier lines of one kind and compounds."""
    drawn = np.empty(len(lines), dtype=object)
    drawn[:] = [shapely.LineString(line) for line in lines]
    rings = np.empty(len(compounds), dtype=object)
    rings[:] = [shapely.Polygon(ring) for ring in compounds]
    return Barriers(
        lines=drawn,
        kinds=(kind,) * len(lines),
        compounds=rings,
        compound_id=tuple(f"way/{i}" for i in range(len(rings))),
        gate_compound=np.array([g[0] for g in gates], dtype=np.int32),
        gate_xy_m=np.array([g[1:] for g in gates], dtype=float).reshape(-1, 2),
        gate_inferred=np.array([False] * len(gates), dtype=bool),
    )


def test_blocks_are_counted() -> None:
    metres, who = walks(grid_city(5, 5), [(0, 0), (300, 200), (500, 500)], [(100, 100), (400, 400)])
    assert metres == pytest.approx([200, 300, 200], abs=1e-9)
    assert who.tolist() == [0, 0, 1]


def test_mid_block_points_walk_to_the_nearer_corner() -> None:
    # Home 30 m east of a corner, shop 20 m north of the corner two blocks up: 30 + 200 + 20.
    metres, _ = walks(grid_city(5, 5), [(130, 100)], [(100, 320)])
    assert metres == pytest.approx([250], abs=1e-9)


def test_access_legs_are_costed_on_both_sides() -> None:
    # 12 m off the street at both ends, 400 m along it.
    metres, _ = walks(grid_city(5, 5), [(50, 112)], [(450, 88)])
    assert metres == pytest.approx([12 + 400 + 12], abs=1e-9)


def test_same_arc_is_walked_directly_and_not_by_way_of_a_node() -> None:
    street = street_city(np.array([[0.0, 0.0], [1000.0, 0.0]]), [(0, 1)])
    metres, _ = walks(street, [(400, 0), (400, 30)], [(450, 0)])
    assert metres == pytest.approx([50, 80], abs=1e-9)


def test_every_candidate_arc_counts_not_just_the_nearest() -> None:
    # The nearest street (5 m) is a dead end of 1,000 m; the other one (20 m) leads straight there.
    nodes = np.array([[0, 0], [0, 100], [1000, 25], [-1000, 0], [1000, 0]], float)
    network = street_city(
        np.array([[0, 0], [500, 0], [0, 25], [500, 25], [-800, 25], [-800, 0]], float),
        [(0, 1), (2, 3), (2, 4), (4, 5), (5, 0)],
    )
    assert len(nodes) == 5
    # Home at (100, 5): 5 m to the lower street, 20 m to the upper one; shop at the upper street.
    metres, _ = walks(network, [(100, 5)], [(400, 25)])
    assert metres == pytest.approx([20 + 300], abs=1e-9)


def test_limit_is_inclusive() -> None:
    city = grid_city(5, 5)
    assert walks(city, [(0, 0)], [(300, 0)], limit_m=300.0)[0][0] == 300.0
    metres, who = walks(city, [(0, 0)], [(300, 0)], limit_m=np.nextafter(300.0, 0))
    assert metres[0] == np.inf
    assert who[0] == -1


def test_ties_break_by_rank_whatever_the_order() -> None:
    city = grid_city(4, 4)
    shops = [(0, 200), (400, 200), (200, 0)]
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        metres, who = walks(city, [(200, 200)], [shops[i] for i in order], rank=order)
        assert metres[0] == 200
        assert who[0] == 0


def test_parallel_arcs_keep_the_shortest() -> None:
    network = street_city(
        np.array([[0, 0], [100, 0], [200, 0]], float),
        [(0, 1), (0, 1), (1, 2)],
        length_m=[7.0, 5.0, 100.0],
    )
    metres, _ = walks(network, [(0, 0)], [(200, 0)])
    assert metres == pytest.approx([105.0], abs=1e-9)


def test_an_arc_of_no_length_is_walked() -> None:
    network = street_city(
        np.array([[0, 0], [100, 0], [100, 0.5], [200, 0.5]], float),
        [(0, 1), (1, 2), (2, 3)],
        length_m=[100.0, 0.0, 100.0],
    )
    metres, _ = walks(network, [(0, 0)], [(200, 0.5)])
    assert metres == pytest.approx([200.0], abs=1e-9)


def test_river_is_crossed_at_its_bridge_only() -> None:
    # Two banks 40 m apart, bridge at x = 500; home and shop face each other at x = 0.
    network = street_city(
        np.array([[0, 0], [500, 0], [0, 40], [500, 40]], float), [(0, 1), (2, 3), (1, 3)]
    )
    river = walls([(-100, 20), (600, 20)], kind="water")
    metres, _ = walks(network, [(0, 0)], [(0, 40)], barriers=river)
    assert metres == pytest.approx([500 + 40 + 500], abs=1e-9)
    # Without the river the far bank is within the 50 m of a candidate arc.
    metres, _ = walks(network, [(0, 0)], [(0, 40)])
    assert metres == pytest.approx([40], abs=1e-9)


def test_a_wall_ending_short_lets_by() -> None:
    street = street_city(np.array([[0, 0], [200, 0]], float), [(0, 1)])
    behind = walls([(0, 10), (90, 10)])
    metres, _ = walks(street, [(100, 20), (50, 20)], [(100, 0)], barriers=behind)
    assert metres[0] == pytest.approx(20)
    # The other home is shielded from the street's near part: it links past the end of the wall,
    # which it sees nowhere within reach but through the wall, so a gate is inferred there.
    assert metres[1] == pytest.approx(20 + 50)


def test_nobody_is_let_through_water() -> None:
    street = street_city(np.array([[0, 0], [200, 0]], float), [(0, 1)])
    moat = walls([(-60, 10), (260, 10)], kind="water")
    metres, _ = walks(street, [(100, 20)], [(100, 0)], barriers=moat)
    assert metres[0] == np.inf


def test_superblock_is_left_through_its_gate() -> None:
    # A compound of 300 m with one gate in the east, no street inside; the street runs in the west.
    ring = [(0, 0), (300, 0), (300, 300), (0, 300)]
    cut = [(300, 153), (300, 300), (0, 300), (0, 0), (300, 0), (300, 147)]
    network = street_city(
        np.array([[-10, -10], [-10, 310], [310, 310], [310, -10]], float),
        [(0, 1), (1, 2), (2, 3), (3, 0)],
    )
    block = walls(cut, compounds=[ring], gates=[(0, 300.0, 150.0)])
    # Home at (20, 150): 30 m from the western street, but 280 m to the gate and 10 m on to the
    # eastern street; the shop is 100 m north of there.
    metres, _ = walks(network, [(20, 150)], [(310, 250)], barriers=block)
    assert metres == pytest.approx([280 + 10 + 100], abs=1e-9)


def test_point_without_street_is_not_linked_and_says_why() -> None:
    city = grid_city(5, 5)
    linkable = linkable_arcs(city, ADULT, RULES)
    far = link_points(np.array([[-500.0, 0.0], [-30.0, 0.0]]), city, linkable, no_barriers(), RULES)
    assert far.how.tolist() == [Link.NO_STREET, Link.NEAR]
    ring = walls([(-70, -30), (-70, 30), (-60, 30), (-60, -30), (-70, -30)], kind="water")
    shut_in = link_points(np.array([[-65.0, 0.0]]), city, linkable, ring, RULES)
    assert shut_in.how.tolist() == [Link.SHUT_IN]
    assert not shut_in.linked.any()
    by_wall = walls([(-70, -30), (-70, 30), (-60, 30), (-60, -30), (-70, -30)])
    inferred = link_points(np.array([[-65.0, 0.0]]), city, linkable, by_wall, RULES)
    assert inferred.how.tolist() == [Link.INFERRED_GATE]
    assert inferred.access_m.tolist() == [65.0]


def test_the_search_widens_only_where_nothing_was_found() -> None:
    city = grid_city(5, 5)
    linkable = linkable_arcs(city, ADULT, RULES)
    points = link_points(np.array([[-120.0, 50.0]]), city, linkable, no_barriers(), RULES)
    assert points.how.tolist() == [Link.WIDENED]
    assert points.access_m.min() == pytest.approx(120)


def test_islands_are_refused() -> None:
    # A six-node island of 10 m arcs beside the home, the city 60 m away.
    island = [(300 + 10.0 * i, 700.0) for i in range(6)]
    city = grid_city(5, 5)
    nodes = np.concatenate([city.node_xy_m, np.array(island)])
    arcs = list(zip(city.arc_tail.tolist(), city.arc_head.tolist(), strict=True))
    arcs += [(36 + i, 37 + i) for i in range(5)]
    network = street_city(nodes, arcs)
    linkable = linkable_arcs(network, ADULT, RULES)
    assert len(linkable.refused) == 5
    points = link_points(
        np.array([[320.0, 690.0], [320.0, 720.0]]), network, linkable, no_barriers(), RULES
    )
    assert points.how.tolist() == [Link.WIDENED, Link.ISLAND]


def test_nobody_steps_onto_a_bridge_midway() -> None:
    network = street_city(
        np.array([[0, 0], [100, 0], [200, 0]], float),
        [(0, 1), (1, 2)],
        flags=[0, int(ArcFlag.BRIDGE | ArcFlag.UNLINKABLE)],
    )
    metres, _ = walks(network, [(150, 10)], [(0, 0)])
    # Not down the bridge from (150, 10) but to the end of the street at (100, 0).
    assert metres == pytest.approx([np.hypot(50, 10) + 100], abs=1e-5)


def test_wheelchair_goes_round_the_stairs() -> None:
    nodes = np.array([[0, 0], [100, 0], [100, 100], [0, 100]], float)
    network = street_city(
        nodes, [(0, 1), (1, 2), (2, 3), (3, 0)], flags=[int(ArcFlag.STEPS), 0, 0, 0]
    )
    # Home and shop at the two ends of the stairs.
    assert walks(network, [(0, 0)], [(100, 0)])[0] == pytest.approx([100])
    assert walks(network, [(0, 0)], [(100, 0)], profile=WHEELCHAIR)[0] == pytest.approx([300])


def test_one_way_for_feet() -> None:
    nodes = np.array([[0, 0], [100, 0], [50, 800]], float)
    network = street_city(
        nodes,
        [(0, 1), (1, 2), (2, 0)],
        flags=[int(ArcFlag.NO_BACKWARD), 0, 0],
        length_m=[100.0, 300.0, 300.0],
    )
    assert walks(network, [(0, 0)], [(100, 0)])[0] == pytest.approx([100])
    assert walks(network, [(100, 0)], [(0, 0)])[0] == pytest.approx([600])
    # Along the arc itself only in its direction; against it, on over the rest of the loop.
    on_street = LinkRules(near_m=1.0, min_component_share=0.0)
    assert walks(network, [(20, 0)], [(70, 0)], rules=on_street)[0] == pytest.approx([50])
    assert walks(network, [(70, 0)], [(20, 0)], rules=on_street)[0] == pytest.approx(
        [30 + 600 + 20]
    )


def test_a_wheelchair_at_the_foot_of_stairs_is_not_flown_to_the_next_street() -> None:
    # Stairs at the door, a level street 120 m away across the slope.
    nodes = np.array([[0, 0], [100, 0], [100, 120], [0, 120]], float)
    network = street_city(nodes, [(0, 1), (1, 2), (2, 3)], flags=[int(ArcFlag.STEPS), 0, 0])
    home, shop = [(10.0, 0.0)], [(50.0, 120.0)]
    assert walks(network, home, shop)[0] == pytest.approx([90 + 120 + 50])
    assert np.isinf(walks(network, home, shop, profile=WHEELCHAIR)[0]).all()
    linkable = linkable_arcs(network, WHEELCHAIR, RULES)
    points = link_points(np.array(home), network, linkable, no_barriers(), RULES)
    assert points.how.tolist() == [Link.BARRED]


def test_a_long_wall_is_one_wall_also_at_its_corners() -> None:
    # A wall of 40 points every 10 m; legs go straight through a point of it, and between points.
    street = street_city(np.array([[0, 0], [400, 0]], float), [(0, 1)])
    moat = walls([(10.0 * i, 20.0) for i in range(41)], kind="water")
    xs = [5.0 * i for i in range(1, 80)]
    linkable = linkable_arcs(street, ADULT, RULES)
    homes = np.array([[x, 40.0] for x in xs])
    free = link_points(homes, street, linkable, moat, LinkRules(near_m=45.0, snap_limit_m=45.0))
    assert set(free.how.tolist()) == {Link.SHUT_IN}
    bent = walls([(200.0 + (i % 2), 5.0 * i) for i in range(3, 30)], kind="water")
    beside = link_points(np.array([[190.0, 40.0]]), street, linkable, bent, RULES)
    assert beside.how.tolist() == [Link.NEAR]

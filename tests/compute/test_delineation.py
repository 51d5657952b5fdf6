"""Circles proposed: predicted towns, and what must hold of every proposal."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.delineation.proposal import NOBODY, ProposalRules, propose_circles
from analysis.errors import InvalidCirclesError, InvalidParameterError
from analysis.messages import Name
from analysis.places.demand import Demand
from analysis.sources.streets.dividers import divider_rules, read_dividers
from analysis.streets.dividers import DividerKind, Dividers, Rank, build_dividers
from analysis.testing.cities import people_at
from analysis.testing.osm import OsmWorld, world_area

KINDS = tuple(
    DividerKind(
        id=one, name=Name(zh=one, en=one), rank=rank, source="DEFAULT", confidence="default"
    )
    for one, rank in (
        ("river", Rank.NEVER),
        ("railway", Rank.NEVER),
        ("arterial", Rank.ARTERIAL),
        ("street", Rank.STREET),
    )
)
# Everybody of a town of 1,960 in one circle, but nothing across a barrier: 100 m are too short.
ALL_IN_ONE = ProposalRules(min_people=1900.0, max_people=2000.0, radius_m=100.0)
RULES = ProposalRules(min_people=800.0, max_people=1600.0, radius_m=500.0)


def lines(*drawn: tuple[str, list[tuple[float, float]]]) -> Dividers:
    ids = [one.id for one in KINDS]
    geometry = np.empty(len(drawn), dtype=object)
    geometry[:] = [shapely.LineString(points) for _, points in drawn]
    kind = np.array([ids.index(one) for one, _ in drawn], dtype=np.int32)
    return build_dividers(geometry, tuple(one for one, _ in drawn), kind, KINDS)


def streets(size_m: float, step_m: float = 100.0) -> list[tuple[str, list[tuple[float, float]]]]:
    at = np.arange(step_m, size_m, step_m)
    return [("street", [(-100.0, y), (size_m + 100.0, y)]) for y in at] + [
        ("street", [(x, -100.0), (x, size_m + 100.0)]) for x in at
    ]


def town(size_m: float, *, each: float = 10.0, step_m: float = 100.0) -> Demand:
    """Return a home of `each` people in the middle of each block of 100 m."""
    at = np.arange(step_m / 2, size_m, step_m)
    places = [(float(x), float(y)) for x in at for y in at]
    return people_at(places, people=[each] * len(places))


def ground(size_m: float) -> shapely.Polygon:
    return shapely.box(-50.0, -50.0, size_m + 50.0, size_m + 50.0)


def halves(demand: Demand, axis: int, at_m: float) -> np.ndarray:
    return demand.xy_m[:, axis] > at_m


def test_a_river_parts_a_town_into_two_circles() -> None:
    demand = town(1400.0)  # 196 blocks, 1,960 people
    river = ("river", [(700.0, -100.0), (700.0, 1500.0)])
    proposal = propose_circles(demand, lines(*streets(1400.0), river), ground(1400.0), rules=RULES)
    assert proposal.people.tolist() == [980.0, 980.0]
    east = halves(demand, 0, 700.0)
    assert len(set(proposal.of_point[east])) == len(set(proposal.of_point[~east])) == 1
    shared = shapely.intersection(*proposal.circles.polygons)
    assert shapely.bounds(shared)[[0, 2]] == pytest.approx([700.0, 700.0])
    assert proposal.joins == proposal.notices == ()


def test_two_tracks_with_streets_across_part_like_one() -> None:
    demand = town(1400.0)
    tracks = [("railway", [(x, -100.0), (x, 1500.0)]) for x in (695.0, 715.0)]
    # These make one piece of the median belong to the east and the next one to the west.
    ends = [
        ("street", [(-100.0, 150.0), (695.0, 150.0)]),
        ("street", [(715.0, 250.0), (1500.0, 250.0)]),
    ]
    proposal = propose_circles(
        demand, lines(*streets(1400.0), *tracks, *ends), ground(1400.0), rules=RULES
    )
    assert proposal.people.tolist() == [980.0, 980.0]
    assert len(set(proposal.of_point[halves(demand, 0, 700.0)])) == 1
    assert shapely.distance(*proposal.circles.polygons) == 0.0
    alone = propose_circles(
        demand, lines(*streets(1400.0), *tracks, *ends), ground(1400.0), rules=ALL_IN_ONE
    )
    assert alone.people.tolist() == [980.0, 980.0]  # nothing is joined on the sly


def test_a_river_that_ends_just_before_the_edge_still_parts() -> None:
    demand = town(1400.0)
    river = ("river", [(710.0, -49.5), (710.0, 1449.5)])
    proposal = propose_circles(
        demand, lines(*streets(1400.0), river), ground(1400.0), rules=ALL_IN_ONE
    )
    east = halves(demand, 0, 700.0)
    assert len(set(proposal.of_point[east])) == len(set(proposal.of_point[~east])) == 1
    assert proposal.people.tolist() == [980.0, 980.0]


def test_a_river_and_a_railway_make_four() -> None:
    demand = town(2000.0)  # 4,000 people, 1,000 in each quarter
    barriers = (
        ("river", [(1000.0, -100.0), (1000.0, 2100.0)]),
        ("railway", [(-100.0, 1000.0), (2100.0, 1000.0)]),
    )
    proposal = propose_circles(
        demand, lines(*streets(2000.0), *barriers), ground(2000.0), rules=RULES
    )
    assert proposal.people.tolist() == [1000.0] * 4
    quarter = 2 * halves(demand, 1, 1000.0) + halves(demand, 0, 1000.0)
    # C01 is the north-west, C04 the south-east.
    assert proposal.of_point.tolist() == np.array([2, 3, 0, 1])[quarter].tolist()


def test_circles_end_at_an_arterial_rather_than_at_a_street_in_the_very_middle() -> None:
    demand = town(1400.0)
    arterial = ("arterial", [(800.0, -100.0), (800.0, 1500.0)])  # one block off the middle
    proposal = propose_circles(
        demand, lines(*streets(1400.0), arterial), ground(1400.0), rules=RULES
    )
    assert sorted(proposal.people.tolist()) == [840.0, 1120.0]
    assert len(set(proposal.of_point[halves(demand, 0, 800.0)])) == 1


def test_too_few_behind_a_railway_are_joined_and_told() -> None:
    demand = town(1000.0)  # 1,000 people, of them 200 north of the railway
    rail = ("railway", [(-100.0, 800.0), (1100.0, 800.0)])
    proposal = propose_circles(demand, lines(*streets(1000.0), rail), ground(1000.0), rules=RULES)
    assert proposal.people.tolist() == [1000.0]
    (join,) = proposal.joins
    assert (join.circle_id, join.why, join.people) == ("C01", "barrier", 200.0)
    assert join.across == ((Name(zh="railway", en="railway"), "railway"),)
    assert [one.code for one in proposal.notices] == ["delineation.joined_barrier"]


def test_what_cannot_be_joined_stays_and_is_told() -> None:
    demand = town(1400.0, each=10.0)  # 1,680 people south, 280 north of the railway
    rail = ("railway", [(-100.0, 1200.0), (1500.0, 1200.0)])
    rules = ProposalRules(min_people=1500.0, max_people=1800.0, radius_m=500.0)
    proposal = propose_circles(demand, lines(*streets(1400.0), rail), ground(1400.0), rules=rules)
    assert proposal.people.tolist() == [280.0, 1680.0]
    (below,) = proposal.notices
    assert (below.code, below.subjects, below.severity) == (
        "delineation.below", ("C01",), "warning",
    )  # fmt: skip


def test_without_any_line_a_crowded_block_is_halved() -> None:
    demand = town(1400.0)
    proposal = propose_circles(demand, lines(), ground(1400.0), rules=RULES)
    assert proposal.people.tolist() == pytest.approx([980.0, 980.0], rel=0.15)
    check_properties(demand, proposal)


def check_properties(demand: Demand, proposal) -> None:
    polygons = proposal.circles.polygons
    assert shapely.is_valid(polygons).all()
    for row, one in enumerate(polygons):
        assert shapely.area(shapely.intersection(one, polygons[row + 1 :])).sum() < 0.01
    lived = demand.is_building | (demand.people > 0)
    assert (proposal.of_point[~lived] == NOBODY).all()
    tree = shapely.STRtree(polygons)
    point, circle = tree.query(shapely.points(demand.xy_m[lived]), "dwithin", distance=0.02)
    assert set(point.tolist()) == set(range(int(lived.sum())))
    held = set(zip(point.tolist(), circle.tolist(), strict=True))
    assert set(enumerate(proposal.of_point[lived].tolist())) <= held
    inside, _ = tree.query(shapely.points(demand.xy_m[lived]), "within")
    assert len(inside) == len(set(inside.tolist()))
    assert proposal.people.sum() == pytest.approx(demand.people.sum())


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_every_home_is_in_one_circle_and_the_input_order_does_not_matter(seed: int) -> None:
    chance = np.random.default_rng(seed)
    n = int(chance.integers(30, 400))
    places = [tuple(one) for one in np.round(chance.uniform(0, 2000, (n, 2)), 1).tolist()]
    demand = people_at(places, people=chance.uniform(0, 40, n).tolist())
    if demand.people.sum() <= 0:
        return
    drawn = [
        (str(chance.choice(["river", "railway", "arterial", "street"])),
         [tuple(one) for one in np.round(chance.uniform(-200, 2200, (3, 2)), 1).tolist()])
        for _ in range(int(chance.integers(0, 25)))
    ]  # fmt: skip
    proposal = propose_circles(demand, lines(*drawn), ground(2000.0), rules=RULES)
    check_properties(demand, proposal)
    mixed = chance.permutation(n)
    again = propose_circles(
        Demand(
            point_id=tuple(demand.point_id[i] for i in mixed),
            xy_m=demand.xy_m[mixed],
            is_building=demand.is_building[mixed],
            people=demand.people[mixed],
            people_estimated=demand.people_estimated[mixed],
            households=demand.households[mixed],
            groups={},
            land_m2=demand.land_m2[mixed],
            circle=demand.circle[mixed],
        ),
        lines(*[(kind, points[::-1]) for kind, points in reversed(drawn)]),
        ground(2000.0),
        rules=RULES,
    )
    assert again.of_point.tolist() == proposal.of_point[mixed].tolist()
    assert [one.wkb for one in again.circles.polygons] == [
        one.wkb for one in proposal.circles.polygons
    ]
    assert again.notices == proposal.notices
    assert again.people.tolist() == proposal.people.tolist()


def test_a_grid_of_streets_gives_circles_within_the_band() -> None:
    demand = town(3000.0)  # 9,000 people: 6 to 11 circles
    proposal = propose_circles(demand, lines(*streets(3000.0)), ground(3000.0), rules=RULES)
    assert 6 <= len(proposal.circles) <= 11
    assert proposal.people.min() >= 800.0
    assert proposal.people.max() <= 1600.0
    area_m2 = shapely.area(proposal.circles.polygons)
    compact = 4 * np.pi * area_m2 / shapely.length(proposal.circles.polygons) ** 2
    assert compact.min() > 0.45
    check_properties(demand, proposal)


def test_nobody_and_wrong_limits_are_refused() -> None:
    with pytest.raises(InvalidCirclesError):
        propose_circles(people_at([], people=[]), lines(), ground(100.0))
    with pytest.raises(InvalidCirclesError):
        propose_circles(people_at([(1.0, 1.0)], people=[0.0]), lines(), ground(100.0))
    with pytest.raises(InvalidParameterError):
        ProposalRules(min_people=5.0, max_people=5.0)


def test_dividing_lines_are_read_by_kind_and_whole_over_bridges() -> None:
    world = OsmWorld()
    for tags in (
        {"highway": "motorway", "bridge": "yes", "name": "高架路"},
        {"highway": "motorway_link"},
        {"highway": "primary", "name": "大道"},
        {"highway": "secondary", "tunnel": "yes"},
        {"railway": "rail"},
        {"railway": "rail", "service": "siding"},
        {"railway": "subway", "layer": "-2"},
        {"waterway": "river", "name": "南明河"},
        {"waterway": "river", "intermittent": "yes"},
        {"waterway": "stream"},
        {"highway": "residential", "area": "yes"},
    ):
        x = float(100 * len(world.ways))
        world.line([(x, 0.0), (x, 100.0)], tags)
    found = read_dividers(world.data(shuffled=3), world_area())
    kinds = {
        (divider_rules().kinds[kind].id, name)
        for kind, name in zip(found.kind.tolist(), found.names, strict=True)
    }
    assert kinds == {
        ("expressway", "高架路"), ("arterial", "大道"), ("railway", ""), ("river", "南明河"),
        ("canal", ""),
    }  # fmt: skip
    assert len(found) == 5
    same = read_dividers(world.data(), world_area())
    assert [one.wkb for one in same.lines] == [one.wkb for one in found.lines]

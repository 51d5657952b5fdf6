"""Who is served where: predicted by hand, and what must hold of every assignment."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.capacity.assignment import Assignment, assign
from analysis.capacity.within_reach import WithinReach
from analysis.errors import InvalidParameterError


def pairs_of(
    walks: list[dict[int, float]], n_facilities: int, limit: float = 1000.0
) -> WithinReach:
    """Return pairs from the walks of each point, by position of the facility."""
    return WithinReach(
        facility=np.arange(n_facilities, dtype=np.int32),
        limit=np.full(n_facilities, limit),
        first=np.cumsum([0, *map(len, walks)]).astype(np.int64),
        position=np.array([j for one in walks for j in sorted(one)], np.int32),
        cost=np.array([one[j] for one in walks for j in sorted(one)], float),
    )


def assigned(walks: list[dict[int, float]], demand: list[float], places: list[float]) -> Assignment:
    return assign(pairs_of(walks, len(places)), np.array(demand, float), np.array(places, float))


def flows(found: Assignment) -> dict[tuple[int, int], float]:
    point = np.repeat(np.arange(len(found.demand)), np.diff(found.first))
    where = zip(point.tolist(), found.position.tolist(), strict=True)
    return dict(zip(where, found.amount.tolist(), strict=True))


def test_the_nearest_are_served_where_places_are_short() -> None:
    found = assigned([{0: 300.0}, {0: 100.0}, {0: 200.0}, {}], [1, 1, 1, 1], [2])
    assert found.served.tolist() == [0, 1, 1, 0]
    assert found.unserved.tolist() == [1, 0, 0, 1]
    assert found.out_of_reach.tolist() == [0, 0, 0, 1]
    assert found.load.tolist() == [2]
    assert found.total_cost == 300.0
    assert found.mean_cost == 150.0
    assert found.utilisation.tolist() == [1.0]


def test_who_has_a_choice_makes_room_for_who_has_none() -> None:
    # The first home is nearer to school 0, but school 0 is all that the second one has.
    found = assigned([{0: 100.0, 1: 900.0}, {0: 500.0}], [1, 1], [1, 1])
    assert flows(found) == {(0, 1): 1.0, (1, 0): 1.0}
    assert found.total_cost == 1400.0


def test_a_chain_of_three_schools_moves_on() -> None:
    walks = [{0: 10.0, 1: 20.0}, {1: 10.0, 2: 30.0}, {2: 10.0, 3: 40.0}, {0: 50.0}]
    found = assigned(walks, [1, 1, 1, 1], [1, 1, 1, 1])
    assert flows(found) == {(0, 1): 1.0, (1, 2): 1.0, (2, 3): 1.0, (3, 0): 1.0}
    assert found.total_cost == 140.0


def test_least_walking_among_all_ways_to_serve_the_most() -> None:
    # Serving each at the nearest costs 100 + 900; crosswise 150 + 160.
    found = assigned([{0: 100.0, 1: 150.0}, {0: 160.0, 1: 900.0}], [1, 1], [1, 1])
    assert flows(found) == {(0, 1): 1.0, (1, 0): 1.0}


def test_people_are_fractional() -> None:
    found = assigned([{0: 100.0, 1: 200.0}], [3.0], [2.0, 0.25])
    assert flows(found) == {(0, 0): 2.0, (0, 1): 0.25}
    assert found.unserved.tolist() == [0.75]
    assert found.out_of_reach.tolist() == [0.0]
    assert found.mean_cost == pytest.approx((200 + 50) / 2.25)


def test_of_equal_homes_the_first_is_served_and_of_equal_schools_too() -> None:
    found = assigned([{0: 100.0}, {0: 100.0}], [1, 1], [1])
    assert found.served.tolist() == [1, 0]
    found = assigned([{0: 100.0, 1: 100.0}], [1], [1, 1])
    assert flows(found) == {(0, 0): 1.0}


def test_a_school_without_places_serves_nobody() -> None:
    found = assigned([{0: 100.0, 1: 200.0}], [2], [0, 1])
    assert flows(found) == {(0, 1): 1.0}
    assert np.isnan(found.utilisation[0])
    assert found.utilisation[1] == 1.0


def test_nobody_and_nowhere() -> None:
    nobody = assigned([], [], [3])
    assert nobody.load.tolist() == [0]
    assert np.isnan(nobody.mean_cost)
    nowhere = assigned([{}, {}], [1, 0], [])
    assert nowhere.out_of_reach.tolist() == [1, 0]
    assert nowhere.first.tolist() == [0, 0, 0]


def test_amounts_are_counted_in_small_parts() -> None:
    found = assigned([{0: 1.0}] * 3, [0.1, 0.2, 0.3], [0.55])
    assert np.abs(found.demand - [0.1, 0.2, 0.3]).max() <= 2.0**-21
    assert 0.55 - 2.0**-20 <= found.capacity[0] <= 0.55
    assert found.load[0] == found.capacity[0]


@pytest.mark.parametrize(
    ("demand", "places"),
    [([-1.0], [1.0]), ([np.nan], [1.0]), ([1.0], [np.inf]), ([1.0, 1.0], [1.0]), ([1.0], []),
     ([1e13], [1.0])],
)  # fmt: skip
def test_amounts_that_cannot_be_are_refused(demand: list[float], places: list[float]) -> None:
    with pytest.raises(InvalidParameterError):
        assign(pairs_of([{0: 5.0}], 1), np.array(demand), np.array(places))


def test_walks_too_long_to_count_are_refused() -> None:
    with pytest.raises(InvalidParameterError):
        assign(pairs_of([{0: 1e12}], 1, 1e12), np.ones(1), np.ones(1))


def random_case(
    seed: int, n_points: int = 40, n_facilities: int = 8
) -> tuple[WithinReach, np.ndarray, np.ndarray]:
    """Return a world in which hardly any two walks are equal, and hardly enough places."""
    rng = np.random.default_rng(seed)
    walks = [
        {j: float(rng.integers(0, 1 << 28)) / (1 << 18) for j in range(n_facilities) if rng.random() < 0.4}
        for _ in range(n_points)
    ]  # fmt: skip
    demand = rng.integers(0, 20, n_points) / 4
    places = np.floor(rng.dirichlet(np.ones(n_facilities)) * demand.sum() * rng.uniform(0.3, 1.5))
    return pairs_of(walks, n_facilities, 1024.0), demand, places


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_more_places_never_serve_fewer(seed: int) -> None:
    pairs, demand, places = random_case(seed)
    before = assign(pairs, demand, places)
    more = places + np.eye(len(places))[seed % len(places)] * 2.5
    after = assign(pairs, demand, more)
    assert after.served.sum() >= before.served.sum()
    # Who walks is still served at no more walking in total, for as many people.
    if after.served.sum() == before.served.sum():
        assert after.total_cost <= before.total_cost + 1e-6


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_a_wider_threshold_never_serves_fewer(seed: int) -> None:
    pairs, demand, places = random_case(seed)
    near = pairs.cost <= 500.0
    narrow = replace(
        pairs,
        first=np.concatenate([[0], np.cumsum(near)])[pairs.first].astype(np.int64),
        position=pairs.position[near], cost=pairs.cost[near],
    )  # fmt: skip
    assert assign(narrow, demand, places).served.sum() <= assign(pairs, demand, places).served.sum()


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_relabelling_changes_nothing(seed: int) -> None:
    pairs, demand, places = random_case(seed)
    rng = np.random.default_rng(seed)
    homes, schools = rng.permutation(pairs.n_points), rng.permutation(len(places))
    new_name = np.argsort(schools)
    walks = [
        {
            int(new_name[pairs.position[q]]): float(pairs.cost[q])
            for q in range(pairs.first[i], pairs.first[i + 1])
        }
        for i in homes
    ]
    here = assign(pairs, demand, places)
    there = assign(pairs_of(walks, len(places), 1024.0), demand[homes], places[schools])
    assert there.served.sum() == here.served.sum()
    assert there.total_cost == pytest.approx(here.total_cost, abs=1e-6)
    # Walks differ, so that one assignment is the best: the same homes go to the same schools.
    expected = {(i, int(schools[j])): amount for (i, j), amount in flows(there).items()}
    assert {(int(homes[i]), j): a for (i, j), a in expected.items()} == flows(here)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_twice_the_people_and_places_are_served_twice(seed: int) -> None:
    pairs, demand, places = random_case(seed)
    once, twice = assign(pairs, demand, places), assign(pairs, 2 * demand, 2 * places)
    assert flows(twice) == {where: 2 * amount for where, amount in flows(once).items()}


def test_a_crowded_town_keeps_its_books() -> None:
    """Large enough for the heaps of moves to be made anew many times."""
    pairs, demand, places = random_case(3, n_points=3000, n_facilities=40)
    found = assign(pairs, demand, places)
    assert (found.load <= found.capacity).all()
    assert np.array_equal(found.served + found.unserved, found.demand)
    assert np.array_equal(np.bincount(found.position, found.amount, 40), found.load)
    again = assign(pairs, demand, places)
    assert flows(again) == flows(found)
    # Nobody is turned away where there is room.
    free = found.load < found.capacity
    turned_away = found.unserved[pairs.point] > 0
    assert not (turned_away & free[pairs.position]).any()


def test_results_are_read_only() -> None:
    found = assigned([{0: 1.0}], [1], [1])
    with pytest.raises(ValueError, match="read-only"):
        found.served[0] = 2.0
    assert "1.0 of 1.0 served" in repr(found)

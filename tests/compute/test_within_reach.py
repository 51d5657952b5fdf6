"""Pairs within reach: a street by hand, the other kernel, bad questions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.capacity import within_reach as module
from analysis.capacity.within_reach import Serving, WithinReach, within_reach
from analysis.errors import InvalidParameterError
from analysis.testing.cities import street_city
from analysis.walks.catchment import catchments
from analysis.walks.travel_time import TargetGroup, walk_to_nearest
from tests.random_worlds import graph_of, linked, random_world


def serving(rows: list[int], limit: float | list[float]) -> Serving:
    return Serving(
        facility=np.array(rows, np.int32), limit=np.broadcast_to(limit, len(rows)).astype(float)
    )


def listed(pairs: WithinReach) -> dict[tuple[int, int], float]:
    """Return the walks by point and row of the facility."""
    facility = pairs.facility[pairs.position]
    where = zip(pairs.point.tolist(), facility.tolist(), strict=True)
    return dict(zip(where, pairs.cost.tolist(), strict=True))


def test_a_street_by_hand() -> None:
    # Homes at 0, 500 and 1,000 m. Shops: row 0 at 100 m; row 1 with doors at 700 and 950 m; row 2
    # at 500 m.
    network = street_city(np.array([(0.0, 0.0), (1000.0, 0.0)]), [(0, 1)])
    homes = linked(network, np.array([(0.0, 0.0), (500.0, 0.0), (1000.0, 0.0)]))
    doors = linked(network, np.array([(100.0, 0.0), (700.0, 0.0), (950.0, 0.0), (500.0, 0.0)]))
    one, two, none = within_reach(
        graph_of(network), homes, doors,
        entrance_first=np.array([0, 1, 3, 4], np.int32),
        asked=[serving([0, 1], [400.0, 200.0]), serving([1, 2], 500.0), serving([], [])],
    )  # fmt: skip
    assert listed(one) == {(0, 0): 100.0, (1, 0): 400.0, (1, 1): 200.0, (2, 1): 50.0}
    assert one.first.tolist() == [0, 1, 3, 4]
    assert one.n_facilities.tolist() == [1, 2, 1]
    # Row 1 is asked about twice, each time with a limit of its own.
    assert listed(two) == {(0, 2): 500.0, (1, 1): 200.0, (1, 2): 0.0, (2, 1): 50.0, (2, 2): 500.0}
    assert two.position.tolist() == [1, 0, 1, 0, 1]
    assert none.first.tolist() == [0, 0, 0, 0]
    assert "5 pairs of 3 points and 2 facilities" in repr(two)


@given(seed=st.integers(0, 100_000), room=st.integers(1, 200))
@settings(max_examples=40, deadline=None)
def test_random_worlds_equal_the_search_for_the_nearest(seed: int, room: int) -> None:
    rng = np.random.default_rng(seed)
    world = random_world(seed, n_people=40, n_shops=9)
    network = world.network()
    graph, homes = graph_of(network), linked(network, world.people)
    doors = linked(network, world.shops)
    first = np.array([0, 1, 2, 4, 5, 6, 9], np.int32)  # six facilities, nine doors
    rank = np.repeat(np.arange(6), np.diff(first)).astype(np.int32)
    asked = [
        serving(sorted(rng.choice(6, int(rng.integers(0, 7)), replace=False).tolist()), limit)
        for limit in rng.uniform(0, 900, 4)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            module, "catchments", lambda *a, **named: catchments(*a, **named, pairs_at_once=room)
        )
        found = within_reach(graph, homes, doors, entrance_first=first, asked=asked)
    alone = [TargetGroup(chosen=rank == f, limit=1000.0) for f in range(6)]
    walk = walk_to_nearest(graph, homes, doors, target_rank=rank, groups=alone).cost
    for one, pairs in zip(asked, found, strict=True):
        assert listed(pairs) == {
            (i, int(f)): walk[i, f]
            for i in range(40)
            for f, limit in zip(one.facility, one.limit, strict=True)
            if walk[i, f] <= limit
        }


def test_questions_that_cannot_be_are_refused() -> None:
    network = street_city(np.array([(0.0, 0.0), (1000.0, 0.0)]), [(0, 1)])
    homes = linked(network, np.array([(0.0, 0.0)]))
    for rows, limit in (([1, 0], [1.0, 1.0]), ([0, 0], [1.0, 1.0])):
        with pytest.raises(InvalidParameterError):
            serving(rows, limit)
    with pytest.raises(InvalidParameterError):
        Serving(facility=np.array([0], np.int32), limit=np.ones(2))
    for bad in (serving([1], 5.0), serving([-1], 5.0), serving([0], -1.0), serving([0], np.inf)):
        with pytest.raises(InvalidParameterError):
            within_reach(
                graph_of(network), homes, homes,
                entrance_first=np.array([0, 1], np.int32), asked=[bad],
            )  # fmt: skip


@pytest.mark.parametrize(
    ("first", "position", "cost"),
    [([0, 1], [0, 1], [1.0, 1.0]), ([1, 2], [0, 1], [1.0, 1.0]), ([0, 2], [1, 0], [1.0, 1.0]),
     ([0, 2], [0, 0], [1.0, 1.0]), ([0, 2], [0, 2], [1.0, 1.0]), ([0, 2], [0, 1], [1.0, 11.0]),
     ([0, 2], [0, 1], [1.0, -1.0]), ([0, 2], [0, 1], [1.0, np.nan]), ([0, 2], [0, 1], [1.0]),
     ([0, 2, 1, 2], [0, 1], [1.0, 1.0])],
)  # fmt: skip
def test_pairs_that_do_not_fit_are_refused(
    first: list[int], position: list[int], cost: list[float]
) -> None:
    with pytest.raises(InvalidParameterError):
        WithinReach(
            facility=np.arange(2, dtype=np.int32), limit=np.full(2, 10.0),
            first=np.array(first, np.int64), position=np.array(position, np.int32),
            cost=np.array(cost),
        )  # fmt: skip

"""Assignment and floating catchments against networkx, HiGHS, brute force and PySAL ``access``."""

import itertools

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from access import fca, weights
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array

from analysis.capacity.assignment import Assignment, assign
from analysis.capacity.floating_catchment import EVEN, ZoneDecay, floating_catchment
from analysis.capacity.within_reach import WithinReach
from tests.decays import THIRDS

LIMIT_M = 1000.0


def random_pairs(
    rng: np.random.Generator, n_points: int, n_facilities: int, walks: list[float] | None = None
) -> WithinReach:
    """Return pairs with ties (few different walks) or without; some points reach nobody."""
    near = rng.random((n_points, n_facilities)) < rng.choice([0.2, 0.5, 1.0])
    cost = (
        rng.integers(0, 1001, near.shape) + rng.integers(0, 1 << 18, near.shape) / (1 << 18)
        if walks is None
        else rng.choice(walks, near.shape)
    )
    near &= cost <= LIMIT_M
    return WithinReach(
        facility=np.arange(n_facilities, dtype=np.int32),
        limit=np.full(n_facilities, LIMIT_M),
        first=np.concatenate([[0], np.cumsum(near.sum(axis=1))]).astype(np.int64),
        position=np.nonzero(near)[1].astype(np.int32),
        cost=cost[near].astype(np.float64),
    )


def random_case(seed: int) -> tuple[WithinReach, np.ndarray, np.ndarray]:
    """Return pairs, demand and capacity in halves: none, too much, hardly any of either."""
    rng = np.random.default_rng(seed)
    n_points, n_facilities = int(rng.integers(0, 30)), int(rng.integers(0, 8))
    walks = [None, [0.0, 100.0, 100.0, 250.0], [7.0]][int(rng.integers(3))]
    pairs = random_pairs(rng, n_points, n_facilities, walks)
    demand = rng.integers(0, int(rng.choice([2, 9, 40])), n_points) / 2
    scale = float(rng.choice([0.1, 0.7, 1.0, 1.5, 10.0]))
    capacity = np.floor(
        rng.dirichlet(np.ones(max(n_facilities, 1)))[:n_facilities] * demand.sum() * 2 * scale
    )
    capacity *= rng.random(n_facilities) < 0.8
    return pairs, demand, capacity / 2


def check(pairs: WithinReach, demand: np.ndarray, capacity: np.ndarray) -> Assignment:
    """Assign, and check what must hold of every assignment."""
    found = assign(pairs, demand, capacity)
    point = np.repeat(np.arange(pairs.n_points), np.diff(found.first))
    assert (found.amount > 0).all()
    assert (found.load <= found.capacity).all()
    assert (found.unserved >= 0).all()
    assert np.array_equal(found.served + found.unserved, found.demand)
    by_point = np.bincount(point, weights=found.amount, minlength=pairs.n_points)
    by_facility = np.bincount(found.position, weights=found.amount, minlength=len(capacity))
    assert np.array_equal(by_point, found.served)
    assert np.array_equal(by_facility, found.load)
    walk = dict(
        zip(
            zip(pairs.point.tolist(), pairs.position.tolist(), strict=True), pairs.cost, strict=True
        )
    )
    for i, j, metres in zip(point.tolist(), found.position.tolist(), found.cost, strict=True):
        assert walk[i, j] == metres
    return found


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=400, deadline=None)
def test_served_and_metres_equal_networkx(seed: int) -> None:
    pairs, demand, capacity = random_case(seed)
    found = check(pairs, demand, capacity)
    graph = nx.DiGraph()
    graph.add_nodes_from(["from", "to"])
    for i, wanted in enumerate(demand):
        graph.add_edge("from", ("point", i), capacity=int(2 * wanted), weight=0)
    for j, places in enumerate(capacity):
        graph.add_edge(("facility", j), "to", capacity=int(2 * places), weight=0)
    for i, j, metres in zip(pairs.point.tolist(), pairs.position.tolist(), pairs.cost, strict=True):
        graph.add_edge(("point", i), ("facility", j), weight=int(metres * (1 << 18)))
    flow = nx.max_flow_min_cost(graph, "from", "to")
    assert found.served.sum() == sum(flow["from"].values()) / 2
    assert found.total_cost == pytest.approx(nx.cost_of_flow(graph, flow) / 2 / (1 << 18), abs=1e-6)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=300, deadline=None)
def test_served_and_metres_equal_highs(seed: int) -> None:
    pairs, demand, capacity = random_case(seed)
    demand = demand * 1.37  # no whole numbers: people are fractional
    found = check(pairs, demand, capacity)
    q = len(pairs.cost)
    if q == 0:
        assert found.served.sum() == 0
        return
    every = np.arange(q)
    rows = np.concatenate([pairs.point, pairs.n_points + pairs.position])
    limits = csr_array(
        (np.ones(2 * q), (rows, np.concatenate([every, every]))),
        shape=(pairs.n_points + len(capacity), q),
    )
    room = np.concatenate([demand, capacity])
    most = linprog(-np.ones(q), A_ub=limits, b_ub=room, method="highs")
    assert found.served.sum() == pytest.approx(-most.fun, abs=1e-4)
    # Going without costs more than any chain of moves could save.
    without = (len(capacity) + 2) * LIMIT_M
    least = linprog(pairs.cost - without, A_ub=limits, b_ub=room, method="highs")
    metres = float(pairs.cost @ least.x)
    assert found.total_cost == pytest.approx(metres, rel=1e-6, abs=0.05)


def brute_force(pairs: WithinReach, demand: np.ndarray, capacity: np.ndarray) -> tuple[int, float]:
    """Try all ways to seat whole people one by one; return (the most served, its least walking)."""
    choices = []
    for i, wanted in enumerate(demand.astype(int)):
        rows = slice(pairs.first[i], pairs.first[i + 1])
        reach = list(zip(pairs.position[rows].tolist(), pairs.cost[rows].tolist(), strict=True))
        choices += [[(-1, 0.0), *reach]] * wanted
    best = (0, 0.0)
    for seats in itertools.product(*choices):
        load = np.bincount([j for j, _ in seats if j >= 0], minlength=len(capacity))
        if (load <= capacity).all():
            tried = (-sum(j >= 0 for j, _ in seats), sum(metres for _, metres in seats))
            best = min(best, tried)
    return -best[0], best[1]


@pytest.mark.parametrize("seed", range(60))
def test_served_and_metres_equal_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pairs = random_pairs(rng, 4, 3, [0.0, 100.0, 250.0, 251.0])
    demand, capacity = rng.integers(0, 3, 4), rng.integers(0, 4, 3)
    found = check(pairs, demand.astype(float), capacity.astype(float))
    most, metres = brute_force(pairs, demand, capacity)
    assert found.served.sum() == most
    assert found.total_cost == metres


@pytest.mark.parametrize("ratio", [0.3, 1.0, 3.0])
def test_a_town_equals_highs(ratio: float) -> None:
    """Chains of moves over many full facilities, heaps that are made anew."""
    rng = np.random.default_rng(5)
    home, school = rng.random((1500, 2)), rng.random((40, 2))
    metres = np.hypot(*(home[:, None] - school[None]).transpose(2, 0, 1)) * 4000
    near = metres <= LIMIT_M
    pairs = WithinReach(
        facility=np.arange(40, dtype=np.int32),
        limit=np.full(40, LIMIT_M),
        first=np.concatenate([[0], np.cumsum(near.sum(axis=1))]).astype(np.int64),
        position=np.nonzero(near)[1].astype(np.int32),
        cost=metres[near],
    )
    demand = rng.gamma(1.5, 3.0, 1500)
    capacity = np.floor(rng.dirichlet(np.full(40, 2.0)) * demand.sum() * ratio)
    found = check(pairs, demand, capacity)
    every = np.arange(len(pairs.cost))
    rows = np.concatenate([pairs.point, 1500 + pairs.position])
    limits = csr_array(
        (np.ones(2 * len(every)), (rows, np.concatenate([every, every]))), shape=(1540, len(every))
    )
    least = linprog(
        pairs.cost - 42 * LIMIT_M,
        A_ub=limits,
        b_ub=np.concatenate([demand, capacity]),
        method="highs",
    )
    assert found.served.sum() == pytest.approx(least.x.sum(), abs=1e-3)
    assert found.total_cost == pytest.approx(float(pairs.cost @ least.x), rel=1e-6)


@given(seed=st.integers(0, 2**32 - 1), thirds=st.booleans())
@settings(max_examples=100, deadline=None)
def test_floating_catchments_equal_pysal(seed: int, thirds: bool) -> None:
    rng = np.random.default_rng(seed)
    n_points, n_facilities = int(rng.integers(1, 40)), int(rng.integers(1, 10))
    pairs = random_pairs(rng, n_points, n_facilities, [0.0, 300.0, 500.0, 667.0, 1000.0])
    demand = rng.integers(1, 50, n_points).astype(float)
    supply = rng.integers(0, 30, n_facilities).astype(float)
    decay: ZoneDecay = THIRDS if thirds else EVEN
    found = floating_catchment(pairs, demand, supply, decay)
    if not len(pairs.cost):
        assert not found.score.any()
        return
    steps = weights.step_fn(
        {1000 * upto: w for upto, w in zip(decay.upto_share, decay.weight, strict=True)}
    )
    theirs = fca.two_stage_fca(
        pd.DataFrame({"demand": demand}, index=pd.RangeIndex(n_points, name="geoid")),
        pd.DataFrame({"supply": supply}, index=pd.RangeIndex(n_facilities, name="geoid")),
        pd.DataFrame({"origin": pairs.point, "dest": pairs.position, "cost": pairs.cost}),
        max_cost=LIMIT_M,
        demand_index=True,
        supply_index=True,
        weight_fn=steps,
    )
    expected = theirs.reindex(range(n_points)).fillna(0.0).to_numpy()
    np.testing.assert_allclose(found.score, expected, rtol=1e-12, atol=1e-15)

"""Floating catchments: predicted by hand, and supply that is neither made nor lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.capacity.floating_catchment import (
    EVEN,
    GaussianDecay,
    ZoneDecay,
    floating_catchment,
)
from analysis.capacity.within_reach import WithinReach
from analysis.errors import InvalidParameterError
from tests.decays import THIRDS


def pairs_of(walks: list[dict[int, float]], n_facilities: int, limit: float = 900.0) -> WithinReach:
    return WithinReach(
        facility=np.arange(n_facilities, dtype=np.int32),
        limit=np.full(n_facilities, limit),
        first=np.cumsum([0, *map(len, walks)]).astype(np.int64),
        position=np.array([j for one in walks for j in sorted(one)], np.int32),
        cost=np.array([one[j] for one in walks for j in sorted(one)], float),
    )


# Homes of 100, 50 and 50 people; the first reaches both clinics, the second one, the third none;
# a third clinic is reached by nobody.
WALKS = [{0: 300.0, 1: 600.0}, {1: 900.0}, {}]
PEOPLE, BEDS = np.array([100.0, 50.0, 50.0]), np.array([10.0, 30.0, 5.0])


def test_two_steps_by_hand() -> None:
    found = floating_catchment(pairs_of(WALKS, 3), PEOPLE, BEDS)
    # Clinic 0: 10 / 100. Clinic 1: 30 / 150.
    assert found.ratio[:2].tolist() == [0.1, 0.2]
    assert np.isnan(found.ratio[2])
    assert found.score.tolist() == pytest.approx([0.1 + 0.2, 0.2, 0.0])
    assert found.unreached.tolist() == [2]


def test_zones_by_hand() -> None:
    # Walks of exactly a third, two thirds and all of the limit lie in the nearer zone each.
    found = floating_catchment(pairs_of(WALKS, 3), PEOPLE, BEDS, THIRDS)
    clinic_0, clinic_1 = 10 / 100, 30 / (0.68 * 100 + 0.22 * 50)
    assert found.ratio[:2].tolist() == pytest.approx([clinic_0, clinic_1])
    expected = [clinic_0 + 0.68 * clinic_1, 0.22 * clinic_1, 0.0]
    assert found.score.tolist() == pytest.approx(expected)


def test_the_bell_by_hand() -> None:
    weight = GaussianDecay().weights(np.array([0.0, 450.0, 900.0]), np.full(3, 900.0))
    half = (np.exp(-0.125) - np.exp(-0.5)) / (1 - np.exp(-0.5))
    assert weight.tolist() == pytest.approx([1.0, half, 0.0])
    assert GaussianDecay().weights(np.zeros(1), np.zeros(1)).tolist() == [1.0]


def test_a_clinic_that_only_homes_at_the_limit_reach_is_unreached_by_the_bell() -> None:
    found = floating_catchment(pairs_of([{0: 900.0}], 1), np.ones(1), np.ones(1), GaussianDecay())
    assert found.unreached.tolist() == [0]
    assert found.score.tolist() == [0.0]


def test_homes_without_people_reach_but_do_not_ask() -> None:
    found = floating_catchment(pairs_of([{0: 1.0}, {0: 1.0}], 1), np.array([0.0, 4.0]), np.ones(1))
    assert found.score.tolist() == [0.25, 0.25]
    found = floating_catchment(pairs_of([{0: 1.0}], 1), np.zeros(1), np.ones(1))
    assert found.unreached.tolist() == [0]


@given(seed=st.integers(0, 2**32 - 1), which=st.integers(0, 2))
@settings(max_examples=100, deadline=None)
def test_supply_is_neither_made_nor_lost(seed: int, which: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 10))
    walks = [{j: rng.uniform(0, 900) for j in range(n) if rng.random() < 0.3} for _ in range(30)]
    people, supply = rng.uniform(0, 50, 30), rng.uniform(0, 9, n)
    people[rng.random(30) < 0.2] = 0
    decay = (EVEN, THIRDS, GaussianDecay())[which]
    found = floating_catchment(pairs_of(walks, n), people, supply, decay)
    reached = np.setdiff1d(np.arange(n), found.unreached)
    assert float(people @ found.score) == pytest.approx(supply[reached].sum())
    asked = {j for one, i in zip(walks, people, strict=True) if i > 0 for j in one}
    assert set(reached.tolist()) == asked
    # Twice the supply is twice the score.
    twice = floating_catchment(pairs_of(walks, n), people, 2 * supply, decay)
    assert np.array_equal(twice.score, 2 * found.score)


@pytest.mark.parametrize(
    ("upto", "weight"),
    [((), ()), ((0.5,), (1.0,)), ((0.5, 0.4, 1.0), (1.0, 1.0, 1.0)), ((1.0,), (-1.0,)),
     ((0.5, 1.0), (1.0,)), ((0.0, 1.0), (1.0, 1.0)), ((1.0,), (np.nan,))],
)  # fmt: skip
def test_zones_that_cannot_be_are_refused(
    upto: tuple[float, ...], weight: tuple[float, ...]
) -> None:
    with pytest.raises(InvalidParameterError):
        ZoneDecay(upto_share=upto, weight=weight)


def test_amounts_that_cannot_be_are_refused() -> None:
    for people, beds in ((np.array([-1.0]), np.ones(1)), (np.ones(2), np.ones(1)), (np.ones(1), np.array([np.inf]))):  # fmt: skip
        with pytest.raises(InvalidParameterError):
            floating_catchment(pairs_of([{0: 1.0}], 1), people, beds)

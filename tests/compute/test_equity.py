"""Who waits longest: the Palma ratio of walks, and coverage by group."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.judgement.assessment import scopes
from analysis.judgement.equity import GROUPS, GroupReach, equity, palma
from analysis.messages import LANGUAGES
from tests.diagnosis_city import homes, schools, study_of

PEOPLE = st.lists(st.integers(1, 50), min_size=1, max_size=30)


def ratio(pairs: list[tuple[float, int]]) -> float:
    """Return the Palma ratio person by person, each cut into ten parts."""
    walks = sorted(walk for walk, number in pairs for _ in range(10 * number))
    n = len(walks)
    near, far = walks[: 4 * n // 10], walks[9 * n // 10 :]
    return float(sum(map(Fraction, far)) / sum(map(Fraction, near)))


@given(PEOPLE, st.floats(1.0, 5000.0))
def test_where_all_walk_alike_the_ratio_is_a_quarter(people: list[int], walk_m: float) -> None:
    assert palma(np.full(len(people), walk_m), np.array(people, float)) == pytest.approx(0.25)


@given(
    st.lists(st.tuples(st.sampled_from([10.0, 80.0, 333.0, 2000.0]), st.integers(1, 9)), min_size=1)
)
def test_the_ratio_is_that_of_persons_counted_one_by_one(pairs: list[tuple[float, int]]) -> None:
    walk = np.array([one for one, _ in pairs])
    people = np.array([float(number) for _, number in pairs])
    expected = ratio(pairs)
    assert palma(walk, people) == pytest.approx(expected)
    order = np.argsort(people, kind="stable")
    assert palma(walk[order], people[order]) == pytest.approx(expected)
    assert palma(walk * 3.7, people / 7) == pytest.approx(expected)
    assert expected >= 0.25 - 1e-12


def test_the_ratio_by_hand() -> None:
    # Ten persons: the nearest four walk 100 + 100 + 200 + 200 m, the farthest one 1,200 m.
    walk = np.array([100.0, 200.0, 500.0, 1200.0])
    assert palma(walk, np.array([2.0, 2.0, 5.0, 1.0])) == pytest.approx(2.0)


def test_the_ratio_is_infinite_where_the_farthest_have_none_and_open_without_people() -> None:
    walk = np.array([100.0, math.inf])
    assert palma(walk, np.array([80.0, 20.0])) == math.inf
    assert palma(walk, np.array([95.0, 5.0])) == math.inf
    assert palma(np.array([math.inf, math.inf]), np.ones(2)) == math.inf
    assert palma(walk, np.array([1.0, 0.0])) == pytest.approx(0.25)
    assert palma(np.array([0.0, 0.0]), np.ones(2)) == math.inf  # the nearest walk nothing
    assert math.isnan(palma(walk, np.zeros(2)))


def street():  # noqa: ANN201
    # Residents and those of 60 or more at 0, 200 and 900 m; the school at 0 m reaches 500 m.
    town = homes([(0.0, 100.0), (200.0, 100.0), (900.0, 100.0)])
    town = replace(town, groups={"population_60plus": np.array([0.0, 10.0, 30.0])})
    return study_of(town, schools([(0.0, "40")]))


def by(rows: tuple[GroupReach, ...], circle: str, group: str) -> GroupReach:
    (found,) = (one for one in rows if (one.circle_id, one.group) == (circle, group))
    return found


def test_groups_are_covered_and_walk_as_their_own_members_do() -> None:
    study = street()
    rows = study.equity.rows
    everybody, old = by(rows, "*", "population"), by(rows, "*", "population_60plus")
    assert (everybody.people, old.people) == (300.0, 40.0)
    assert everybody.covered_share == pytest.approx(2 / 3)
    assert old.covered_share == pytest.approx(10 / 40)
    assert everybody.walk_p95_m == 900.0
    west = by(rows, "A", "population_60plus")
    assert (west.people, west.covered_share, west.walk_p95_m) == (10.0, 1.0, 200.0)
    # Twenty persons of each hundred: 30 of 300 walk 900 m, the nearest 120 walk 0 and 200 m.
    assert everybody.palma == pytest.approx(30 * 900 / (20 * 200))
    assert old.palma == pytest.approx(4 * 900 / (10 * 200 + 6 * 900))


def test_all_residents_repeat_the_study_s_coverage() -> None:
    study = street()
    for row in study.assessment.rows:
        assert row.figures is not None
        found = by(study.equity.rows, row.circle_id, "population")
        assert found.covered_share == pytest.approx(row.figures.share_people)
        assert found.walk_p95_m == row.figures.walk_p95_m


def test_groups_that_no_table_counts_are_named_never_stood_for() -> None:
    study = street()
    assert study.equity.unknown == tuple(one for one in GROUPS if one != "population_60plus")
    assert {one.group for one in study.equity.rows} == {"population", "population_60plus"}
    assert study.equity.note is not None
    for language in LANGUAGES:
        for name in study.equity.unknown:
            assert name in study.equity.note.text(language)
    empty = replace(
        study.measured,
        demand=replace(study.inputs.demand, groups={one: np.zeros(3) for one in GROUPS}),
    )
    assert equity(empty, scopes(empty), GROUPS).unknown == GROUPS
    known = equity(study.measured, scopes(study.measured), ("population_60plus",))
    assert known.note is None


def test_a_group_that_lives_elsewhere_has_no_share_here() -> None:
    town = homes([(0.0, 100.0), (900.0, 100.0)])
    town = replace(town, groups={"population_0_2": np.array([0.0, 9.0])})
    found = by(study_of(town, schools([(0.0, "40")])).equity.rows, "A", "population_0_2")
    assert found.people == 0.0
    assert math.isnan(found.covered_share)
    assert math.isnan(found.walk_p95_m)
    assert math.isnan(found.palma)

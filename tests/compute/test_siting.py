"""Siting on matrices: properties, predicted plans, conditions, empty and impossible inputs."""

import dataclasses

import numpy as np
import pytest

from analysis.errors import AnalysisError, InvalidParameterError
from analysis.siting.alternatives import alternatives
from analysis.siting.answer import Effort, SitingAnswer
from analysis.siting.capacitated import capacitated_lscp, capacitated_mclp
from analysis.siting.conditions import AtMost, SideConditions
from analysis.siting.cover_table import CoverTable
from analysis.siting.joint import JointSites, joint_plan
from analysis.siting.lscp import lscp
from analysis.siting.mclp import mclp
from analysis.siting.p_centre import p_centre
from analysis.siting.p_median import p_median
from tests.random_sites import (
    BEYOND_M,
    covered_people,
    matrix_of,
    random_walks,
    table_of,
)

X = np.inf
# Three towns in a row with a site in each and one between two of them.
TOWNS = np.array([[100.0, X, X, 500.0], [X, 200.0, X, 400.0], [X, X, 300.0, X]])
PEOPLE = np.array([50.0, 30.0, 20.0])


def none(n: int = 0, k: int = 0) -> CoverTable:
    return table_of(np.full((n, k), X), np.full(n, 5.0))


def test_predicted_plans() -> None:
    table = table_of(TOWNS, PEOPLE)
    one = mclp(table, 1)
    assert (one.sites.tolist(), one.people.tolist(), one.status) == ([3], [80.0], "optimal")
    two = mclp(table, 2)
    assert (two.sites.tolist(), two.people.tolist()) == ([3, 2], [80.0, 20.0])
    assert (two.objective, two.bound, two.gap) == (100.0, 100.0, 0.0)
    assert lscp(table).sites.tolist() == [3, 2]
    assert lscp(table, 0.5).sites.tolist() == [3]
    assert lscp(table, 0.0).sites.tolist() == []
    median = p_median(table, 2, beyond_m=1000.0)
    # 0 and 1: 50·100 + 30·200 + 20·1000 = 31 000; 3 and 2: 25 000 + 12 000 + 6 000 = 43 000.
    assert (sorted(median.sites.tolist()), median.objective) == ([0, 1], 31_000.0)
    assert p_centre(table, 2).objective == 500.0
    assert p_centre(table, 3).objective == 300.0
    assert p_centre(table, 3).people.tolist() == [50.0, 30.0, 20.0]


def test_capacities_predicted() -> None:
    table = table_of(TOWNS, PEOPLE)
    found = capacitated_mclp(table, 1, np.array([45.0, 99.0, 99.0, 60.0]))
    assert (found.sites.tolist(), found.objective, found.bound) == ([3], 60.0, 60.0)
    # Site 3 holds 60 of 80, so that 0 or 1 has to help, and 2 for the last town.
    fewest = capacitated_lscp(table, np.array([45.0, 30.0, 20.0, 60.0]))
    assert (fewest.objective, fewest.status) == (3.0, "optimal")
    assert fewest.people.sum() == 100.0
    short = capacitated_lscp(table, np.array([5.0, 5.0, 5.0, 5.0]))
    assert (short.status, short.people.sum()) == ("infeasible", 20.0)


def test_what_exists_is_fixed() -> None:
    table = table_of(
        TOWNS, PEOPLE, covered=np.array([True, False, False]), existing_m=np.array([150.0, X, X])
    )
    assert mclp(table, 1).sites.tolist() == [1], (
        "of equals the lower number; the first town has one"
    )
    assert mclp(table, 1).objective == 30.0
    assert lscp(table, 0.8).sites.tolist() == [1]
    assert lscp(table, 0.5).sites.tolist() == []
    assert p_median(table, 2).objective == 50 * 150 + 30 * 200 + 20 * 300
    assert p_centre(table, 2).objective == 300.0


def test_whom_nobody_reaches_is_told() -> None:
    walk_m = np.vstack([TOWNS, np.full(4, X), np.full(4, X)])
    table = table_of(walk_m, np.r_[PEOPLE, 7.0, 0.0])
    for found in (lscp(table, 1.0), p_median(table, 4), p_centre(table, 4)):
        assert found.status == "infeasible"
        assert found.unreached.tolist() == [3], "where nobody lives nobody is missed"
        assert found.unreached_people == 7.0
    assert lscp(table, 1.0).sites.tolist() == [3, 2]
    assert lscp(table).status == "optimal"
    assert mclp(table, 4).unreached_people == 7.0


@pytest.mark.parametrize("table", [none(), none(3, 0), none(0, 3), none(3, 3)], ids=repr)
def test_empty_inputs(table: CoverTable) -> None:
    capacity = np.ones(table.n_sites)
    for found in (mclp(table, 2), capacitated_mclp(table, 2, capacity), lscp(table),
                  capacitated_lscp(table, capacity), p_median(table, 2, beyond_m=10.0)):  # fmt: skip
        assert found.sites.tolist() == []
        assert found.status == "optimal"
        assert found.objective == found.bound
    assert p_centre(table, 2).status == ("infeasible" if table.n_demand else "optimal")


def test_nobody_anywhere_asks_for_nothing() -> None:
    table = table_of(TOWNS, np.zeros(3))
    for found in (mclp(table, 2), lscp(table), lscp(table, 1.0), p_centre(table, 1)):
        assert (found.sites.tolist(), found.status, found.objective) == ([], "optimal", 0.0)


def all_models(table: CoverTable, p: int) -> dict[str, float]:
    return {
        "mclp": mclp(table, p).objective,
        "lscp": lscp(table).objective,
        "share": lscp(table, 0.4).objective,
        "median": p_median(table, p, beyond_m=BEYOND_M).objective,
        "centre": p_centre(table, p).objective,
    }


@pytest.mark.parametrize("seed", range(20))
def test_another_candidate_never_makes_it_worse(seed: int) -> None:
    walk_m, people = random_walks(seed, k=8)
    fewer, more = table_of(walk_m[:, :-1], people), table_of(walk_m, people)
    p = 1 + seed % 3
    assert mclp(fewer, p).objective <= mclp(more, p).objective
    before = p_median(fewer, p, beyond_m=BEYOND_M).objective
    assert before >= p_median(more, p, beyond_m=BEYOND_M).objective * (1 - 1e-12)
    assert p_centre(fewer, p).objective >= p_centre(more, p).objective
    if fewer.unreached.tolist() == more.unreached.tolist():
        assert lscp(fewer).objective >= lscp(more).objective


@pytest.mark.parametrize("seed", range(20))
def test_names_and_order_do_not_matter(seed: int) -> None:
    walk_m, people = random_walks(seed, reached=True)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(walk_m.shape[0]), rng.permutation(walk_m.shape[1])
    one = all_models(table_of(walk_m, people), 2)
    other = all_models(table_of(walk_m[rows][:, columns], people[rows]), 2)
    assert one == pytest.approx(other, rel=1e-12)
    again = mclp(table_of(walk_m, people), 2)
    assert again.sites.tolist() == mclp(table_of(walk_m[rows], people[rows]), 2).sites.tolist()


def test_people_add_up_in_order() -> None:
    walk_m, people = random_walks(7, n=60, k=20)
    table = table_of(walk_m, people)
    found = mclp(table, 6)
    assert (np.diff(found.people) <= 0).all()
    for n in range(len(found.sites) + 1):
        assert covered_people(table, found.sites[:n]) == found.people[:n].sum()


def test_merging_keeps_people_and_leads_back() -> None:
    walk_m = np.array([[1.0, X, 2], [3, X, 4], [X, X, 9], [X, X, X], [5, X, 6]])
    table = table_of(walk_m, np.array([1.0, 2, 4, 8, 0]))
    merged = table.merged()
    assert merged.row.tolist() == [0, 0, 1, -1, -1]
    assert merged.people.tolist() == [3.0, 4.0]
    assert (merged.first.tolist(), merged.site.tolist()) == ([0, 2, 3], [0, 2, 2])


def test_an_impossible_force_is_infeasible() -> None:
    table = table_of(TOWNS, PEOPLE)
    both = np.array([0, 1], np.int32)
    for conditions, p in (
        (SideConditions(forced=both), 1),
        (SideConditions(forced=both, at_most=(AtMost(sites=both.copy()),)), 3),
        (SideConditions(forced=both, cost=np.full(4, 2.0), budget=3.0), 3),
    ):
        found = mclp(table, p, conditions=conditions)
        assert (found.status, found.bound) == ("infeasible", np.inf)
        assert sorted(found.sites.tolist()) == [0, 1]


def test_forced_sites_stay_even_if_they_add_nobody() -> None:
    table = table_of(TOWNS, PEOPLE)
    found = mclp(table, 2, conditions=SideConditions(forced=np.array([0], np.int32)))
    assert sorted(found.sites.tolist()) == [0, 1], "of 1 and 3, which add the same, the lower"
    assert found.objective == 80.0


def grid(seed: int, n: int = 300, k: int = 40) -> CoverTable:
    rng = np.random.default_rng(seed)
    points, sites = rng.random((n, 2)) * 3000, rng.random((k, 2)) * 3000
    walk_m = np.linalg.norm(points[:, None] - sites[None], axis=2)
    walk_m[walk_m > 500] = X
    return table_of(walk_m, rng.integers(1, 50, n).astype(float))


@pytest.mark.parametrize("min_difference", [0.3, 0.5, 1.0])
def test_alternatives_differ_and_state_their_loss(min_difference: float) -> None:
    table = grid(1)
    first = mclp(table, 10)
    found = alternatives(table, first, 3, min_difference=min_difference)
    assert len(found.plans) == 3
    plans = [set(first.sites.tolist()), *(set(one.sites.tolist()) for one in found.plans)]
    for at, one in enumerate(plans):
        for other in plans[:at]:
            assert len(one & other) <= (1 - min_difference) * 10
    assert found.no_regret.tolist() == sorted(set.intersection(*plans))
    assert (found.loss >= 0).all() and (np.diff(found.loss) >= 0).all()
    for plan, loss in zip(found.plans, found.loss, strict=True):
        assert first.objective - covered_people(table, plan.sites) == loss
        assert plan.status == "optimal"


def test_alternatives_end_where_candidates_end() -> None:
    table = table_of(TOWNS, PEOPLE)
    found = alternatives(table, mclp(table, 2), 5, min_difference=1.0)
    assert [sorted(one.sites.tolist()) for one in found.plans] == [[0, 1]]
    assert found.loss.tolist() == [20.0]
    assert found.loss_share.tolist() == [0.2]
    with pytest.raises(InvalidParameterError):
        alternatives(table, p_centre(table, 2), 1)


def joint_case(seed: int) -> tuple[list[CoverTable], JointSites, float]:
    rng = np.random.default_rng(seed)
    k, e = 4, 2
    people = rng.integers(1, 40, 12).astype(float)
    tables = [table_of(np.where(rng.random((12, k)) < 0.4, 100.0, X), people) for _ in range(e)]
    compatible = np.ones((e, e), bool)
    compatible[0, 1] = compatible[1, 0] = seed % 2 == 0
    sites = JointSites(
        floor_m2=rng.choice([50.0, 120.0, 200.0], k), need_m2=np.array([60.0, 100.0]),
        cost=rng.integers(1, 9, (k, e)).astype(float), allowed=rng.random((k, e)) < 0.9,
        compatible=compatible, weight=np.array([1.0, 0.5]),
    )  # fmt: skip
    return tables, sites, float(rng.integers(3, 25))


@pytest.mark.parametrize("seed", range(40))
def test_joint_plans_are_the_best_of_all(seed: int) -> None:
    tables, sites, budget = joint_case(seed)
    k, e = sites.cost.shape
    most = 0.0
    for code in range(1 << (k * e)):
        open_ = np.array([code >> bit & 1 for bit in range(k * e)], bool).reshape(k, e)
        if (open_ & ~sites.allowed).any() or sites.cost[open_].sum() > budget:
            continue
        if ((open_ * sites.need_m2).sum(axis=1) > sites.floor_m2).any():
            continue
        if not sites.compatible[0, 1] and open_.all(axis=1).any():
            continue
        value = sum(
            sites.weight[x] * covered_people(tables[x], np.flatnonzero(open_[:, x]))
            for x in range(e)
        )
        most = max(most, value)
    found = joint_plan(tables, sites, budget)
    assert found.status == "optimal"
    assert found.objective == pytest.approx(most)
    assert found.cost.sum() <= budget
    assert (found.people * sites.weight[found.element]).sum() == pytest.approx(most)
    rough = joint_plan(tables, sites, budget, effort=Effort(max_gap=0.2))
    assert rough.objective <= most + 1e-9 <= rough.bound + 2e-9


def refusals() -> dict[str, object]:
    table = table_of(TOWNS, PEOPLE)
    sites, walk = table.site.copy(), table.walk_m.copy()
    one = np.array([9], np.int32)
    return {
        "negative": lambda: mclp(table, -1),
        "no limit": lambda: mclp(table),
        "share": lambda: lscp(table, 1.5),
        "gap": lambda: Effort(max_gap=2.0),
        "time": lambda: Effort(time_limit_s=0.0),
        "no such site": lambda: mclp(table, 1, conditions=SideConditions(forced=one)),
        "both": lambda: SideConditions(forced=one, forbidden=one.copy()),
        "cost alone": lambda: SideConditions(cost=np.ones(4)),
        "costs": lambda: mclp(table, 1, conditions=SideConditions(cost=np.ones(3), budget=1.0)),
        "capacity": lambda: capacitated_lscp(table, np.ones(3)),
        "beyond": lambda: p_median(table, 1, beyond_m=10.0),
        "order": lambda: dataclasses.replace(table, site=np.zeros_like(sites)),
        "walk": lambda: dataclasses.replace(table, walk_m=-walk),
        "people": lambda: dataclasses.replace(table, people=np.array([1.0, np.nan, 2.0])),
        "too many": lambda: dataclasses.replace(table, people=np.array([1e10, 1.0, 2.0])),
        "budget": lambda: joint_plan([table], joint_case(0)[1], 1.0),
    }


@pytest.mark.parametrize("name", list(refusals()))
def test_refusals_are_in_words(name: str) -> None:
    with pytest.raises(AnalysisError) as caught:
        refusals()[name]()
    assert caught.value.text("zh") and caught.value.text("en")


def test_values_are_read_only() -> None:
    found: SitingAnswer = mclp(table_of(TOWNS, PEOPLE), 1)
    with pytest.raises(ValueError, match="read-only"):
        found.sites[0] = 1


def test_matrix_helper_reads_what_was_written() -> None:
    assert (matrix_of(table_of(TOWNS, PEOPLE)) == TOWNS).all()

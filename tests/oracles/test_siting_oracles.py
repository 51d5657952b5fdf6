"""Siting against brute force, a plain formulation of our own for HiGHS, and PySAL's ``spopt``."""

import warnings

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.siting import maximal_cover
from analysis.siting.answer import Effort, SitingAnswer
from analysis.siting.capacitated import capacitated_lscp, capacitated_mclp
from analysis.siting.conditions import FREE, AtMost, SideConditions
from analysis.siting.cover_table import CoverTable
from analysis.siting.lscp import lscp
from analysis.siting.maximal_problem import reduced
from analysis.siting.mclp import mclp
from analysis.siting.p_centre import p_centre
from analysis.siting.p_median import p_median
from tests.random_sites import (
    BEYOND_M,
    best,
    choices,
    covered_people,
    longest,
    matrix_of,
    random_walks,
    table_of,
    walked,
)

CLOSE = 1e-6


def small_table(seed: int) -> CoverTable:
    """Return a table with some who are covered already and walk to what exists."""
    walk_m, people = random_walks(seed)
    rng = np.random.default_rng(1000 + seed)
    existing_m = np.where(rng.random(len(people)) < 0.2, rng.integers(50, 900, len(people)), np.inf)
    return table_of(walk_m, people, existing_m=existing_m, covered=existing_m < 500)


def proved(answer: SitingAnswer) -> float:
    """Return the objective of an answer that is proved to be the best."""
    assert answer.status == "optimal"
    assert answer.gap <= 1e-9
    return answer.objective


@pytest.mark.parametrize("seed", range(40))
def test_brute_force_finds_nothing_better(seed: int) -> None:
    table, k = small_table(seed), small_table(seed).n_sites
    p = 1 + seed % 4
    most = best(k, p, lambda s: covered_people(table, s), max)
    found = mclp(table, p)
    assert proved(found) == pytest.approx(most)
    assert covered_people(table, found.sites) == pytest.approx(most)
    reachable = covered_people(table, range(k))
    fewest = min(len(s) for s in choices(k, k) if covered_people(table, s) >= reachable)
    assert proved(lscp(table)) == fewest
    least = best(k, p, lambda s: walked(table, s, BEYOND_M), min)
    assert proved(p_median(table, p, beyond_m=BEYOND_M)) == pytest.approx(least)


@pytest.mark.parametrize("seed", range(40))
def test_brute_force_where_everybody_must_be_reached(seed: int) -> None:
    walk_m, people = random_walks(seed, reached=True)
    table, p = table_of(walk_m, people), 1 + seed % 4
    k = table.n_sites
    least = best(k, p, lambda s: walked(table, s) if s else np.inf, min)
    far = best(k, p, lambda s: longest(table, s) if s else np.inf, min)
    for found, known in ((p_median(table, p), least), (p_centre(table, p), far)):
        if np.isinf(known):
            assert found.status == "infeasible"
            assert len(found.unreached) == 0
        else:
            assert proved(found) == pytest.approx(known)


@pytest.mark.parametrize("seed", range(40))
def test_brute_force_on_a_share_of_all_people(seed: int) -> None:
    table = small_table(seed)
    share = [0.3, 0.5, 0.7, 0.9][seed % 4]
    needed = share * table.people.sum() - table.people_covered - 1e-9
    sizes = [len(s) for s in choices(table.n_sites, 9) if covered_people(table, s) >= needed]
    found = lscp(table, share)
    if sizes:
        assert proved(found) == min(sizes)
        assert covered_people(table, found.sites) >= needed
    else:
        assert found.status == "infeasible"
        assert found.unreached_people > 0
        unreached = (table.people > 0) & ~table.covered & ~np.isfinite(matrix_of(table)).any(axis=1)
        assert found.unreached.tolist() == np.flatnonzero(unreached).tolist()


def conditions_for(seed: int, k: int) -> SideConditions:
    """Return random conditions on k sites."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(k).astype(np.int32)
    groups = tuple(
        AtMost(sites=np.sort(rng.choice(k, min(k, 3), replace=False)).astype(np.int32), most=most)
        for most in (1, 2)
    )
    return SideConditions(
        forced=order[: seed % 3], forbidden=order[k - seed % 2 :][: max(k - 3, 0)], at_most=groups,
        cost=rng.integers(0, 9, k).astype(float), budget=float(rng.integers(4, 25)),
    )  # fmt: skip


def keeps(chosen: tuple[int, ...], conditions: SideConditions) -> bool:
    """Tell whether a choice keeps to all conditions."""
    return (
        set(conditions.forced) <= set(chosen)
        and not set(conditions.forbidden) & set(chosen)
        and all(len(set(one.sites) & set(chosen)) <= one.most for one in conditions.at_most)
        and conditions.cost[list(chosen)].sum() <= conditions.budget
    )


@pytest.mark.parametrize("seed", range(60))
def test_brute_force_with_side_conditions(seed: int) -> None:
    table = small_table(seed)
    conditions, p = conditions_for(seed, table.n_sites), [2, 4, None][seed % 3]
    allowed = [s for s in choices(table.n_sites, p or 9) if keeps(s, conditions)]
    found = mclp(table, p, conditions=conditions)
    if not allowed:
        assert found.status == "infeasible"
        return
    assert proved(found) == pytest.approx(max(covered_people(table, s) for s in allowed))
    assert keeps(tuple(found.sites.tolist()), conditions)


def plain(
    cost: np.ndarray, rows: list[tuple[np.ndarray, float, float]], n_whole: int, upper: np.ndarray
) -> float:
    """Return the least ``cost @ x`` by scipy's HiGHS, inf where there is none."""
    found = milp(
        cost, integrality=np.arange(len(cost)) < n_whole, bounds=Bounds(0, upper),
        constraints=[LinearConstraint(np.array([r for r, _, _ in rows]),
                                      [a for _, a, _ in rows], [b for _, _, b in rows])],
        options={"mip_rel_gap": 0.0},
    )  # fmt: skip
    return found.fun if found.status == 0 else np.inf


whole_plain = plain


def plain_relaxed(cost: np.ndarray, rows: list, n_whole: int, upper: np.ndarray) -> float:
    """Return the least ``cost @ x`` if sites could be opened in part."""
    return whole_plain(cost, rows, 0, upper)


def plain_cover(table: CoverTable, p: int) -> float:
    near = np.isfinite(matrix_of(table)) & ~table.covered[:, None]
    n, k = near.shape
    rows = [(np.r_[near[i].astype(float), -np.eye(n)[i]], 0.0, np.inf) for i in range(n)]
    rows.append((np.r_[np.ones(k), np.zeros(n)], 0.0, p))
    return -plain(np.r_[np.zeros(k), -table.people], rows, k, np.ones(k + n))


def plain_fewest(table: CoverTable) -> float:
    near = np.isfinite(matrix_of(table)) & ~table.covered[:, None] & (table.people[:, None] > 0)
    rows = [(row.astype(float), 1.0, np.inf) for row in near if row.any()]
    return plain(np.ones(table.n_sites), rows, table.n_sites, np.ones(table.n_sites)) if rows else 0


def plain_capacity(
    walk_m: np.ndarray, people: np.ndarray, capacity: np.ndarray, p: int | None
) -> float:
    """x is sites, then people moved from point to site."""
    n, k = walk_m.shape
    upper = np.r_[np.ones(k), np.where(np.isfinite(walk_m), people[:, None], 0.0).ravel()]
    rows = []
    for i in range(n):
        row = np.zeros((n, k))
        row[i] = 1
        least = people[i] if p is None and np.isfinite(walk_m[i]).any() else 0.0
        rows.append((np.r_[np.zeros(k), row.ravel()], least, people[i]))
    for j in range(k):
        row = np.zeros((n, k))
        row[:, j] = 1
        rows.append((np.r_[-capacity[j] * np.eye(k)[j], row.ravel()], -np.inf, 0.0))
    if p is None:
        return plain(np.r_[np.ones(k), np.zeros(n * k)], rows, k, upper)
    rows.append((np.r_[np.ones(k), np.zeros(n * k)], 0.0, p))
    return -plain(np.r_[np.zeros(k), -np.ones(n * k)], rows, k, upper)


def plain_median(table: CoverTable, p: int) -> float:
    walk_m = np.c_[np.minimum(matrix_of(table), BEYOND_M), np.minimum(table.existing_m, BEYOND_M)]
    n, k = len(walk_m), table.n_sites
    rows = [(np.r_[np.ones(k), np.zeros(n * (k + 1))], 0.0, p)]
    for i in range(n):
        row = np.zeros((n, k + 1))
        row[i] = 1
        rows.append((np.r_[np.zeros(k), row.ravel()], 1.0, 1.0))
        for j in range(k):
            row = np.zeros((n, k + 1))
            row[i, j] = -1
            rows.append((np.r_[np.eye(k)[j], row.ravel()], 0.0, np.inf))
    cost = np.r_[np.zeros(k), (walk_m * table.people[:, None]).ravel()]
    return plain(cost, rows, k, np.ones(len(cost)))


@pytest.mark.parametrize("seed", range(100, 150))
def test_a_plain_formulation_finds_the_same(seed: int) -> None:
    walk_m, people = random_walks(seed, n=30, k=16)
    table, p = table_of(walk_m, people), 1 + seed % 5
    most = plain_cover(table, p)
    assert proved(mclp(table, p)) == pytest.approx(most, rel=CLOSE)
    assert proved(lscp(table)) == pytest.approx(plain_fewest(table))
    least = plain_median(table, p)
    assert proved(p_median(table, p, beyond_m=BEYOND_M)) == pytest.approx(least, rel=CLOSE)


@pytest.mark.parametrize("seed", range(200, 250))
def test_a_plain_formulation_finds_the_same_with_capacities(seed: int) -> None:
    walk_m, people = random_walks(seed, n=15, k=8)
    rng, table = np.random.default_rng(seed), table_of(walk_m, people)
    size = people.sum() / table.n_sites * rng.choice([0.5, 1.2, 2.5])
    capacity = np.rint(rng.random(table.n_sites) * 2 * size)
    most = plain_capacity(walk_m, people, capacity, 1 + seed % 4)
    found = capacitated_mclp(table, 1 + seed % 4, capacity)
    assert proved(found) == pytest.approx(most, rel=CLOSE, abs=CLOSE)
    fewest = plain_capacity(walk_m, people, capacity, None)
    found = capacitated_lscp(table, capacity)
    if np.isinf(fewest):
        assert found.status == "infeasible"
    else:
        assert proved(found) == pytest.approx(fewest)


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("max_gap", [0.0, 0.05, 0.5])
def test_bound_optimum_and_answer_never_cross(seed: int, max_gap: float) -> None:
    table, p, effort = small_table(seed), 1 + seed % 4, Effort(max_gap=max_gap)
    k = table.n_sites
    most = best(k, p, lambda s: covered_people(table, s), max)
    found = mclp(table, p, effort=effort)
    assert found.objective <= most + 1e-9 <= found.bound + 2e-9
    assert found.gap <= max_gap + 1e-9
    least = best(k, p, lambda s: walked(table, s, BEYOND_M), min)
    found = p_median(table, p, beyond_m=BEYOND_M, effort=effort)
    assert found.bound * (1 - 1e-12) <= least <= found.objective * (1 + 1e-12)
    assert found.gap <= max_gap + 1e-9


@pytest.mark.parametrize("seed", range(100, 130))
def test_prices_bound_the_relaxation_itself(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # A bound below what the heuristic reaches is raised to it in an answer: look at the prices.
    walk_m, people = random_walks(seed, n=30, k=16)
    table, p = table_of(walk_m, people), 1 + seed % 5
    problem = reduced(table, FREE, p).problem
    effort = Effort(max_gap=0.0)
    *_, dual, _ = maximal_cover._dual(
        problem, (np.zeros(len(problem.price), bool), 0.0), effort, np.inf, np.inf
    )
    monkeypatch.setattr(f"{__name__}.plain", plain_relaxed)
    most = plain_cover(table, p)
    assert most * (1 - 1e-9) - 1e-9 <= dual.figures[0] <= most * 1.3 + 1e-9


@pytest.fixture(scope="module")
def spopt() -> object:
    """Return spopt's models; its own imports warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pulp
        import spopt.locate

    class Models:
        LSCP, MCLP = spopt.locate.LSCP, spopt.locate.MCLP
        PMedian, PCenter = spopt.locate.PMedian, spopt.locate.PCenter

        @staticmethod
        def solved(model: object) -> float:
            """Return the objective only: its own percentages are not to be trusted."""
            model.solve(pulp.HiGHS(msg=False, gapRel=0.0), results=False)
            assert model.problem.status == 1
            return pulp.value(model.problem.objective)

    return Models


@pytest.mark.filterwarnings("ignore")  # of PuLP, about its next version
@pytest.mark.parametrize("seed", range(300, 345))
def test_spopt_finds_the_same(seed: int, spopt) -> None:
    walk_m, people = random_walks(seed, n=20, k=9, reached=True)
    table, p = table_of(walk_m, people), min(1 + seed % 4, walk_m.shape[1])
    cost = np.where(np.isfinite(walk_m), walk_m, 1e5)
    ours = proved(mclp(table, p))
    theirs = spopt.MCLP.from_cost_matrix(cost, people, service_radius=1e4, p_facilities=p)
    assert ours == pytest.approx(spopt.solved(theirs))
    fewest = spopt.LSCP.from_cost_matrix(cost, service_radius=1e4)
    assert proved(lscp(table)) == pytest.approx(spopt.solved(fewest))
    filled = table_of(cost, people)
    theirs = spopt.PMedian.from_cost_matrix(cost, people, p_facilities=p)
    assert proved(p_median(filled, p)) == pytest.approx(spopt.solved(theirs), rel=CLOSE)
    theirs = spopt.PCenter.from_cost_matrix(cost, p_facilities=p)
    assert proved(p_centre(filled, p)) == pytest.approx(spopt.solved(theirs), rel=CLOSE)
    capacity = np.full(table.n_sites, np.ceil(people.sum() * 0.7))
    ours = capacitated_lscp(table, capacity)
    if ours.status != "infeasible":
        theirs = spopt.LSCP.from_cost_matrix(
            cost, 1e4, demand_quantity_arr=people, facility_capacity_arr=capacity
        )
        assert proved(ours) == pytest.approx(spopt.solved(theirs))

"""Bounds by themselves: an answer never lies beyond its bound, which would hide a wrong one.

Heuristics are spoilt and solvers stopped here, so that the answer is far from the best and the
bound stands alone between them.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog

from analysis.kernels.medians import raise_bound
from analysis.siting import capacitated, p_centre, p_median, programme, set_cover
from analysis.siting.answer import Effort, SitingAnswer
from analysis.siting.cover_table import CoverTable
from analysis.siting.lscp import lscp
from analysis.siting.room import Room
from tests.random_sites import BEYOND_M, matrix_of, random_walks, table_of

TINY = 1e-9


def median_relaxed(table: CoverTable, p: int) -> float:
    """Return the least people times metres if sites could be opened in part."""
    walk_m = np.minimum(np.c_[matrix_of(table), table.existing_m], BEYOND_M)
    (n, k1), k = walk_m.shape, table.n_sites
    at = np.arange(n * k1).reshape(n, k1)
    only_open = np.zeros((n * k, k + n * k1))
    only_open[np.arange(n * k), k + at[:, :k].ravel()] = 1
    only_open[np.arange(n * k), np.tile(np.arange(k), n)] = -1
    served = np.zeros((n, k + n * k1))
    np.put_along_axis(served, k + at, 1, axis=1)
    number = np.r_[np.ones(k), np.zeros(n * k1)]
    found = linprog(
        np.r_[np.zeros(k), (walk_m * table.people[:, None]).ravel()],
        A_ub=np.vstack([only_open, number]), b_ub=np.r_[np.zeros(n * k), p],
        A_eq=served, b_eq=np.ones(n), bounds=(0, 1),
    )  # fmt: skip
    return found.fun


@pytest.mark.parametrize("seed", range(400, 440))
def test_prices_of_medians_bound_the_relaxation_itself(seed: int) -> None:
    walk_m, people = random_walks(seed, n=30, k=14)
    table, p = table_of(walk_m, people + 1.0), 1 + seed % 4
    relaxed = median_relaxed(table, p)
    rows = p_median._rows(table, BEYOND_M, float(table.walk_m.max(initial=0.0)))
    n = len(rows.walks.weight)
    price, best, direction = rows.walks.alone.copy(), np.zeros(n), np.zeros(n)
    figures = np.array([-np.inf, 1.0, 0.0])
    goal = 1.5 * relaxed + 1.0
    raise_bound(rows.walks, min(p, table.n_sites), goal, price, best, direction, figures, 2000)
    assert figures[0] <= relaxed * (1 + TINY) + TINY
    assert figures[0] >= 0.9 * relaxed


@pytest.mark.parametrize("seed", range(500, 530))
def test_a_poor_plan_does_not_lend_its_figure_to_the_bound(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk_m, people = random_walks(seed, n=30, k=14)
    table, p = table_of(walk_m, people + 1.0), 1 + seed % 4
    best = p_median.p_median(table, p, beyond_m=BEYOND_M)
    assert best.status == "optimal"

    def poor(rows: p_median._Rows, is_open: np.ndarray, most: int) -> p_median._Plan:
        nobody = np.zeros(len(is_open), dtype=bool)
        return p_median._Plan(is_open=nobody, walked=p_median._walked(rows, nobody))

    monkeypatch.setattr(p_median, "_improved", poor)
    monkeypatch.setattr(p_median, "MOST_PAIRS", -1)
    found = p_median.p_median(table, p, beyond_m=BEYOND_M)
    assert found.bound <= best.objective * (1 + TINY)
    assert found.bound >= 0.8 * best.objective or found.objective == best.objective


def stopped_at_once(solve: Callable[..., programme.Solved]) -> Callable[..., programme.Solved]:
    """Return a solver that proves what it can near the root, and finds nothing."""

    def stopped(*arguments: object, **named: object) -> programme.Solved:
        solved = solve(*arguments, **{**named, "max_gap": 0.9})
        return replace(solved, ended="stopped", x=None)

    return stopped


def everything(room: Room, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Open the first sites, whatever they add."""
    sites = np.arange(min(most, room._merged.n_sites), dtype=np.int32)
    served = np.array([room.served(sites[: one + 1]) for one in range(len(sites))])
    return sites, np.diff(served, prepend=0.0)


def fewest(table: CoverTable, effort: Effort) -> SitingAnswer:
    return lscp(table, effort=effort)


def centre(table: CoverTable, effort: Effort) -> SitingAnswer:
    return p_centre.p_centre(table, max(2, table.n_sites // 3), effort=effort)


def room_for(table: CoverTable) -> np.ndarray:
    rng = np.random.default_rng(len(table.site))
    return np.rint(rng.uniform(0.5, 3.0, table.n_sites) * table.people.sum() / table.n_sites)


def fewest_with_room(table: CoverTable, effort: Effort) -> SitingAnswer:
    return capacitated.capacitated_lscp(table, room_for(table), effort=effort)


def most_with_room(table: CoverTable, effort: Effort) -> SitingAnswer:
    return capacitated.capacitated_mclp(
        table, max(1, table.n_sites // 3), room_for(table), effort=effort
    )


@pytest.mark.parametrize("model", [fewest, centre, fewest_with_room, most_with_room])
def test_bounds_hold_where_the_solver_stopped(
    model: Callable[[CoverTable, Effort], SitingAnswer], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped, open_ones = stopped_at_once(programme.solve), 0
    for seed in range(600, 660):
        walk_m, people = random_walks(seed, n=60, k=24, reached=True)
        table = table_of(walk_m, people)
        best = model(table, Effort())
        with monkeypatch.context() as patched:
            patched.setattr(set_cover, "solve", stopped)
            patched.setattr(capacitated, "solve", stopped)
            patched.setattr(set_cover, "_greedy", lambda first, site, k: np.ones(k))
            patched.setattr(Room, "greedy", everything)
            found = model(table, Effort())
        if best.status != "optimal":
            continue
        smaller, larger = sorted([found.bound, best.objective])
        if best.model == "capacitated_mclp":
            smaller, larger = best.objective, found.bound
            assert found.objective <= best.objective + TINY
        else:
            assert found.bound <= best.objective * (1 + TINY)
        assert smaller <= larger * (1 + 1e-6)
        open_ones += found.objective != best.objective
    assert open_ones > 0  # otherwise this says nothing


@pytest.mark.parametrize("model", [fewest_with_room, most_with_room])
def test_what_is_not_begun_is_bounded_by_room(
    model: Callable[[CoverTable, Effort], SitingAnswer], monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(700, 730):
        walk_m, people = random_walks(seed, n=60, k=24, reached=True)
        table = table_of(walk_m, people)
        best = model(table, Effort())
        with monkeypatch.context() as patched:
            patched.setattr(programme, "MOST_ENTRIES", -1)
            found = model(table, Effort())
        assert np.isfinite(found.bound) or best.status == "infeasible"
        if best.model == "capacitated_mclp":
            assert found.objective <= best.objective * (1 + 1e-6) <= found.bound * (1 + 2e-6)
        elif best.status == "optimal":
            assert 1 <= found.bound <= best.objective <= found.objective

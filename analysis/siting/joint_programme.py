"""Joint plans with capacities, as a programme for HiGHS."""

from typing import Final

import numpy as np

from analysis.siting.maximal_problem import Problem
from analysis.siting.programme import Programme, Solved, rows_from, rows_of, solve

MOST_PAIRS: Final = 30_000  # beyond that HiGHS does not get far


def solve_jointly(problem: Problem, *, time_limit_s: float, max_gap: float) -> Solved:
    """Maximise the weight of who is served; x is columns, then shares of rows, pair by pair."""
    cover, packing, holds = problem.cover, problem.packing, problem.holds
    k, q, n, r = len(problem.price), len(cover.site), len(cover.weight), len(packing.amount)
    row = np.repeat(np.arange(n), np.diff(cover.demand_first))
    pair = np.arange(k, k + q, dtype=np.int32)
    once = rows_from(row, pair, np.ones(q), np.full(n, -np.inf), np.ones(n))
    only_open = rows_from(
        np.tile(np.arange(q), 2), np.concatenate([pair, cover.site]),
        np.concatenate([-np.ones(q), np.ones(q)]), np.zeros(q), np.full(q, np.inf),
    )  # fmt: skip
    near = np.bincount(cover.site, holds.people[row], k)
    full = np.minimum(holds.most, near)
    room = rows_from(
        np.concatenate([cover.site, np.arange(k)]),
        np.concatenate([pair, np.arange(k, dtype=np.int32)]),
        np.concatenate([holds.people[row], -full]), np.full(k, -np.inf), np.zeros(k),
    )  # fmt: skip
    column = np.repeat(np.arange(k, dtype=np.int32), np.diff(packing.first))
    using = rows_from(packing.resource, column, packing.use, np.full(r, -np.inf), packing.amount)
    programme = Programme(
        cost=np.concatenate([np.zeros(k), cover.weight[row]]),
        upper=np.ones(k + q),
        whole=np.arange(k + q) < k,
        rows=rows_of(once, only_open, room, using),
        maximise=True,
    )
    return solve(programme, start=None, time_limit_s=time_limit_s, max_gap=max_gap)

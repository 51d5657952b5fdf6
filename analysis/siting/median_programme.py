"""Shortest walks in total, as a programme for HiGHS: ReVelle and Swain 1970."""

from typing import Final

import numpy as np

from analysis.kernels.medians import Walks, two_nearest
from analysis.siting.programme import Programme, Solved, one_row, rows_from, rows_of, solve
from analysis.units import BoolArray, FloatArray

MOST_PAIRS: Final = 150_000  # walks; beyond that HiGHS does not get far


def solve_medians(
    walks: Walks,
    hard: BoolArray,
    most: int,
    *,
    fixed: tuple[BoolArray, BoolArray],
    start: BoolArray | None,
    time_limit_s: float,
    max_gap: float,
) -> Solved:
    """Minimise people times walks; x is sites, then walks by row, then rows left alone.

    Rows in `hard` bool [n] must not be left alone. Of `fixed`, the first sites are chosen and the
    second are not; `start` bool [k] is a known answer.
    """
    k, q, n = len(fixed[0]), len(walks.site), len(walks.weight)
    row = np.repeat(np.arange(n), np.diff(walks.demand_first))
    pair = np.arange(k, k + q, dtype=np.int32)
    left = np.arange(k + q, k + q + n, dtype=np.int32)
    served = rows_from(
        np.concatenate([row, np.arange(n)]), np.concatenate([pair, left]), np.ones(q + n),
        np.ones(n), np.full(n, np.inf),
    )  # fmt: skip
    only_open = rows_from(
        np.tile(np.arange(q), 2), np.concatenate([pair, walks.site]),
        np.concatenate([-np.ones(q), np.ones(q)]), np.zeros(q), np.full(q, np.inf),
    )  # fmt: skip
    number = one_row(np.arange(k, dtype=np.int32), np.ones(k), -np.inf, float(most))
    always = np.flatnonzero(fixed[0]).astype(np.int32)
    ones = np.ones(len(always))
    chosen = rows_from(np.arange(len(always)), always, ones, ones, ones)
    programme = Programme(
        cost=np.concatenate(
            [np.zeros(k), walks.weight[row] * walks.walk, walks.weight * walks.alone]
        ),
        upper=np.concatenate([np.where(fixed[1], 0.0, 1.0), np.ones(q), np.where(hard, 0.0, 1.0)]),
        whole=np.arange(k + q + n) < k,
        rows=rows_of(served, only_open, number, chosen),
        maximise=False,
    )
    keeps = start is not None and not (start & fixed[1]).any() and not (fixed[0] & ~start).any()
    point = _point(walks, start) if keeps and start is not None else None
    return solve(programme, start=point, time_limit_s=time_limit_s, max_gap=max_gap)


def _point(walks: Walks, start: BoolArray) -> FloatArray:
    nearest, _, _ = two_nearest(walks, start)
    row = np.repeat(np.arange(len(nearest)), np.diff(walks.demand_first))
    return np.concatenate([start, walks.site == nearest[row], nearest < 0]).astype(np.float64)

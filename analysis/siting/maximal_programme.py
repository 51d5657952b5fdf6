"""The most people covered, as a programme for HiGHS: Church and ReVelle 1974, with resources."""

import numpy as np

from analysis.kernels.covering import Cover, Packing
from analysis.siting.programme import Programme, Rows, Solved, rows_from, rows_of, solve
from analysis.units import BoolArray, FloatArray, IntArray


def solve_exactly(
    cover: Cover,
    packing: Packing,
    *,
    fixed: tuple[BoolArray, BoolArray],
    start: IntArray,
    time_limit_s: float,
    max_gap: float,
    enough: float | None = None,
) -> Solved:
    """Maximise the weight of covered rows; x is columns first, then rows.

    Of `fixed`, the first columns are chosen and the second are not; `start` are the columns of a
    known answer, which need not keep to that. More than `enough` is not looked for.
    """
    k, n = len(cover.site_first) - 1, len(cover.weight)
    programme = _programme(cover, packing)
    keep = ~fixed[1]
    programme.upper[:k][~keep] = 0.0
    rows = rows_of(programme.rows, _chosen(fixed[0]))
    point: FloatArray | None = None
    if keep[start].all() and np.isin(np.flatnonzero(fixed[0]), start).all():
        point = np.zeros(k + n)
        point[start] = 1.0
        row = np.repeat(np.arange(n), np.diff(cover.demand_first))
        point[k + row[np.isin(cover.site, start)]] = 1.0
    fixed_programme = Programme(
        cost=programme.cost,
        upper=programme.upper,
        whole=programme.whole,
        rows=rows,
        maximise=True,
    )
    return solve(
        fixed_programme,
        start=point,
        time_limit_s=time_limit_s,
        max_gap=max_gap,
        enough=enough,
    )


def _programme(cover: Cover, packing: Packing) -> Programme:
    k, n, r = len(cover.site_first) - 1, len(cover.weight), len(packing.amount)
    row = np.repeat(np.arange(n), np.diff(cover.demand_first))
    covering = rows_from(
        np.concatenate([row, np.arange(n)]),
        np.concatenate([cover.site, np.arange(k, k + n)]).astype(np.int32),
        np.concatenate([np.ones(len(row)), -np.ones(n)]),
        np.zeros(n),
        np.full(n, np.inf),
    )
    column = np.repeat(np.arange(k, dtype=np.int32), np.diff(packing.first))
    using = rows_from(packing.resource, column, packing.use, np.full(r, -np.inf), packing.amount)
    return Programme(
        cost=np.concatenate([np.zeros(k), cover.weight]),
        upper=np.ones(k + n),
        whole=np.concatenate([np.ones(k, dtype=bool), np.zeros(n, dtype=bool)]),
        rows=rows_of(covering, using),
        maximise=True,
    )


def _chosen(always: BoolArray) -> Rows:
    column = np.flatnonzero(always).astype(np.int32)
    ones = np.ones(len(column))
    return rows_from(np.arange(len(column)), column, ones, ones, ones)

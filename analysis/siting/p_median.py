"""Shortest walks in total to so many sites: the p-median problem.

ReVelle and Swain 1970, Geographical Analysis 2:30–42; interchange after Teitz and Bart 1968. What
exists stays open: people walk to it where it is no farther.
"""

import time
from dataclasses import dataclass

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.kernels.medians import (
    Walks,
    exchange_nearest,
    median_scores,
    open_nearest,
    raise_bound,
    two_nearest,
)
from analysis.messages import message
from analysis.siting.answer import (
    BEST,
    EQUAL,
    Effort,
    SitingAnswer,
    gap_between,
    served_by,
    status_of,
)
from analysis.siting.cover_table import CoverTable
from analysis.siting.median_programme import MOST_PAIRS, solve_medians
from analysis.siting.programme import NAME
from analysis.siting.set_cover import fewest_sites
from analysis.units import BoolArray, FloatArray, IdArray, IntArray

_ROUNDS, _STEPS, _MOST_STEPS, _SMALLEST_STEP = 2000, 25, 4000, 1e-3
_HALF = 0.5
_LAST_DIGITS = 1e-6
_FAR = 4.0  # times the longest walk: what a heuristic takes for having nobody to go to
SOLVERS = ("greedy and interchange", "Lagrangian dual")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rows:
    """Who walks: `walks` for the kernels, `hard` bool [n], who must be served by a site."""

    walks: Walks
    hard: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Plan:
    """Open sites bool [k] and the people times metres walked, ``inf`` if somebody cannot."""

    is_open: BoolArray
    walked: float


def p_median(
    table: CoverTable, n_sites: int, *, beyond_m: float | None = None, effort: Effort = BEST
) -> SitingAnswer:
    """Choose up to `n_sites` sites to which everybody walks least in total.

    `objective` and `bound` are people times metres, of all people of the table, to the nearest of
    what exists and what is chosen. Who has nobody within the walks of the table counts with
    `beyond_m` metres; with None everybody must be reached, and the answer is ``infeasible`` where
    that cannot be (`unreached`: no candidate, nothing that exists). Raises
    :class:`InvalidParameterError` for a negative number, or for `beyond_m` below a walk of the
    table.
    """
    if n_sites < 0:
        raise InvalidParameterError(message("siting.n_sites"), value=n_sites)
    longest = float(table.walk_m.max(initial=0.0))
    if beyond_m is not None and not (longest <= beyond_m < np.inf):
        raise InvalidParameterError(message("siting.beyond"), value=beyond_m)
    most, deadline = min(n_sites, table.n_sites), time.perf_counter() + effort.time_limit_s
    rows = _rows(table, beyond_m, longest)
    plan, needed = _first_plan(rows, most, effort)
    if needed > most:
        return _answer(table, beyond_m, np.flatnonzero(plan.is_open), np.inf, effort, 0)
    plan, bound, price, steps = _bounded(rows, most, plan, effort, deadline)
    if gap_between(plan.walked, bound) > max(effort.max_gap, EQUAL) and (
        len(rows.walks.site) <= MOST_PAIRS and time.perf_counter() < deadline
    ):
        return _exact(table, beyond_m, rows, most, plan, bound, price, effort, deadline, steps)
    chosen = np.flatnonzero(plan.is_open)
    return _answer(table, beyond_m, chosen, bound, effort, steps, deadline=deadline)


def _rows(table: CoverTable, beyond_m: float | None, longest: float) -> _Rows:
    """Return whoever lives somewhere; walks that what exists makes needless are left out."""
    alone = table.existing_m if beyond_m is None else np.minimum(table.existing_m, beyond_m)
    hard = np.isinf(alone)
    alone = np.where(hard, _FAR * longest + 1.0, alone)
    lived = table.people > 0
    point = table.point
    pairs = np.flatnonzero(lived[point] & (table.walk_m < alone[point]))
    has_some = np.bincount(point[pairs], minlength=table.n_demand) > 0
    hard &= has_some  # whom nobody reaches no choice can help; see _answer
    alone = np.where(np.isinf(table.existing_m) & ~has_some & (beyond_m is None), 0.0, alone)
    of_row = np.flatnonzero(lived)
    row_of = np.cumsum(lived) - 1
    row, site, walk = row_of[point[pairs]], table.site[pairs], table.walk_m[pairs]
    order = np.argsort(site, kind="stable")
    walks = Walks(
        _starts(site, table.n_sites), row[order].astype(np.int32), walk[order],
        _starts(row, len(of_row)), site, walk, table.people[lived], alone[lived],
    )  # fmt: skip
    return _Rows(walks=walks, hard=hard[lived])


def _starts(of: IdArray | IntArray, n: int) -> IdArray:
    first = np.zeros(n + 1, dtype=np.int64)
    first[1:] = np.cumsum(np.bincount(of, minlength=n))
    return first


def _walked(rows: _Rows, is_open: BoolArray) -> float:
    nearest, least, _ = two_nearest(rows.walks, is_open)
    if (rows.hard & (nearest < 0)).any():
        return np.inf
    return float((least * rows.walks.weight).sum())


def _improved(rows: _Rows, is_open: BoolArray, most: int) -> _Plan:
    open_nearest(rows.walks, most, is_open)
    before = _Plan(is_open=is_open.copy(), walked=_walked(rows, is_open))
    exchange_nearest(rows.walks, is_open, _ROUNDS)
    after = _Plan(is_open=is_open, walked=_walked(rows, is_open))
    return after if after.walked <= before.walked else before


def _first_plan(rows: _Rows, most: int, effort: Effort) -> tuple[_Plan, int]:
    """Return a plan, and how many sites it takes at least to reach everybody."""
    k = len(rows.walks.site_first) - 1
    plan = _improved(rows, np.zeros(k, dtype=bool), most)
    if np.isfinite(plan.walked):
        return plan, 0
    row = np.repeat(np.arange(len(rows.hard)), np.diff(rows.walks.demand_first))
    pairs = rows.hard[row]
    first = _starts(np.cumsum(rows.hard)[row[pairs]] - 1, int(rows.hard.sum()))
    least = fewest_sites(first, rows.walks.site[pairs], k, effort)
    if len(least.sites) <= most:
        is_open = np.zeros(k, dtype=bool)
        is_open[least.sites] = True
        plan = _improved(rows, is_open, most)
    return plan, least.bound


def _bounded(
    rows: _Rows, most: int, plan: _Plan, effort: Effort, deadline: float
) -> tuple[_Plan, float, FloatArray, int]:
    """Raise the bound; return (the best plan, the bound, the prices of it, steps)."""
    walks = rows.walks
    _, _, second = two_nearest(walks, plan.is_open)
    price, figures, steps = second, np.array([-np.inf, 1.0, 0.0]), 0
    best_price, direction = price.copy(), np.zeros(len(price))
    while steps < _MOST_STEPS and figures[1] > _SMALLEST_STEP:
        goal = plan.walked if np.isfinite(plan.walked) else float(walks.alone @ walks.weight)
        asked = raise_bound(walks, most, goal, price, best_price, direction, figures, _STEPS)
        steps += _STEPS
        is_open = np.zeros(len(plan.is_open), dtype=bool)
        is_open[asked] = True
        if steps % (4 * _STEPS) == 0:
            other = _improved(rows, is_open, most)
            plan = other if other.walked < plan.walked else plan
        close = gap_between(plan.walked, figures[0]) <= max(effort.max_gap, EQUAL)
        if close or time.perf_counter() > deadline:
            break
    return plan, min(float(figures[0]), plan.walked), best_price, steps


def _fixed(
    rows: _Rows, most: int, plan: _Plan, bound: float, price: FloatArray
) -> tuple[BoolArray, BoolArray]:
    """Return which sites every better plan has, and which none has."""
    score = median_scores(rows.walks, price)
    order = np.argsort(-score, kind="stable")
    inside = np.zeros(len(score), dtype=bool)
    inside[order[:most]] = score[order[:most]] > 0
    worst_in = float(score[order[most - 1]]) if most else np.inf
    best_out = float(score[order[most]]) if most < len(score) else 0.0
    if not np.isfinite(plan.walked):
        return np.zeros(len(score), dtype=bool), np.zeros(len(score), dtype=bool)
    known = plan.walked * (1 - EQUAL)
    return inside & (bound + score - best_out >= known), ~inside & (
        bound + worst_in - score >= known
    )


def _exact(
    table: CoverTable,
    beyond_m: float | None,
    rows: _Rows,
    most: int,
    plan: _Plan,
    bound: float,
    price: FloatArray,
    effort: Effort,
    deadline: float,
    steps: int,
) -> SitingAnswer:
    solved = solve_medians(
        rows.walks,
        rows.hard,
        most,
        fixed=_fixed(rows, most, plan, bound, price),
        start=plan.is_open if np.isfinite(plan.walked) else None,
        time_limit_s=deadline - time.perf_counter(),
        max_gap=effort.max_gap,
    )
    known = plan.walked
    if solved.x is not None:
        is_open = solved.x[: len(plan.is_open)] > _HALF
        walked = _walked(rows, is_open)
        plan = _Plan(is_open=is_open, walked=walked) if walked < plan.walked else plan
    bound = max(bound, min(solved.bound, known))
    if bound >= plan.walked * (1 - _LAST_DIGITS):
        bound = plan.walked
    return _answer(
        table, beyond_m, np.flatnonzero(plan.is_open), bound, effort, steps + solved.nodes,
        exact=True, timed_out=solved.ended == "stopped",
    )  # fmt: skip


def _answer(
    table: CoverTable,
    beyond_m: float | None,
    chosen: IdArray,
    bound: float,
    effort: Effort,
    steps: int,
    *,
    exact: bool = False,
    timed_out: bool = False,
    deadline: float = np.inf,
) -> SitingAnswer:
    sites, people = served_by(table, chosen.astype(np.int32))
    walk_m = table.nearest_m(sites)
    if beyond_m is not None:
        walk_m = np.minimum(walk_m, beyond_m)
    lived = table.people > 0
    walked = float((walk_m[lived] * table.people[lived]).sum())
    nobody = lived & (np.diff(table.first) == 0) & np.isinf(table.existing_m)
    late = timed_out or time.perf_counter() > deadline
    bound = min(bound, walked)
    return SitingAnswer(
        model="p_median",
        sites=sites,
        people=people,
        status="infeasible" if np.isinf(walked)
        else status_of(walked, bound, effort, timed_out=late),
        objective=walked,
        bound=bound,
        unreached=np.flatnonzero(nobody).astype(np.int32),
        unreached_people=float(table.people[nobody].sum()),
        solvers=(*SOLVERS, NAME) if exact else SOLVERS,
        iterations=steps,
    )  # fmt: skip

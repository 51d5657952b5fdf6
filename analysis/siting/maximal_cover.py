"""The most people covered by sites that share number, money, room: answer, certificate, proof.

First greedy and interchange, then prices (a Lagrangian dual) that bound every answer and suggest
where a heat bath begins to look for better ones; where the gap stays too wide, sites that the
prices decide are fixed and HiGHS does the rest, beginning with the answer at hand. What it all
serves stands in :mod:`analysis.siting.mclp`.
"""

import time
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from analysis.kernels.annealing import anneal
from analysis.kernels.covering import (
    Cover,
    Opened,
    fits,
    interchange,
    none_open,
    open_greedily,
    open_site,
)
from analysis.kernels.prices import Dual, dual_scores, lower_dual
from analysis.siting.answer import EQUAL, Effort, gap_between
from analysis.siting.cover_table import PARTS
from analysis.siting.maximal_problem import Problem
from analysis.siting.maximal_programme import solve_exactly
from analysis.siting.programme import NAME
from analysis.units import BoolArray, IdArray, IntArray

HEURISTIC: Final = "greedy, interchange, heat bath"
DUAL: Final = "Lagrangian dual"
_ROUNDS: Final = 50
_STEPS: Final = 25  # between two looks at the gap
_HEATED: Final = 4  # looks between two heat baths
_MOVES: Final = (500, 100, 12_000)  # of one: at least, for each site, at most
_HOT, _COLD = 0.03, 0.004  # of what one site covers
_TRIES: Final = 20  # heat baths where only a better answer can close the gap
MOST_PAIRS: Final = 200_000  # beyond that HiGHS does not solve the relaxation in time
_USE_STEP: Final = 0.1  # of all of a resource, against one row
_MOST_STEPS: Final = 6000
_FIRST_STEP, _SMALLEST_STEP = 1.0, 1e-3
_LAST_DIGITS: Final = 1e-6  # what HiGHS calls equal


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """Chosen columns, ascending; people covered, at most how many; how that was found."""

    columns: IntArray
    objective: float
    bound: float
    solvers: tuple[str, ...]
    iterations: int
    timed_out: bool


def best_cover(problem: Problem, effort: Effort, goal: float = np.inf) -> Found:
    """Return the best choice found and its bound.

    Nothing more is tried once the choice covers `goal` people, or the bound says that none does.
    """
    deadline = time.perf_counter() + effort.time_limit_s
    is_open, objective = _first_answer(problem)
    is_open, objective, dual, steps = _dual(problem, (is_open, objective), effort, deadline, goal)
    bound = max(whole_bound(problem, float(dual.figures[0])), objective)
    found = Found(
        columns=np.flatnonzero(is_open).astype(np.int32),
        objective=objective,
        bound=bound,
        solvers=(HEURISTIC, DUAL),
        iterations=steps,
        timed_out=time.perf_counter() > deadline,
    )
    if enough(objective, bound, effort, goal) or found.timed_out:
        return found
    fixed = _fixed(problem, found, dual)
    if int((~fixed[1])[problem.cover.site].sum()) > MOST_PAIRS:
        return _tried_on(problem, found, dual, effort, deadline, goal)
    return _exact(problem, found, fixed, effort, deadline, goal)


def _tried_on(
    problem: Problem, found: Found, dual: Dual, effort: Effort, deadline: float, goal: float
) -> Found:
    """Look for better answers where HiGHS would not get as far as the bound there is."""
    best = np.isin(np.arange(len(problem.price)), found.columns), found.objective
    lately = np.argsort(-dual.share, kind="stable").astype(np.int32)[: problem.most]
    tries = 0
    while tries < _TRIES and time.perf_counter() < deadline:
        start = (found.columns, lately)[tries % 2]
        best, tries = _heated(problem, best, start, _MOST_STEPS + tries), tries + 1
        if enough(best[1], found.bound, effort, goal):
            break
    return replace(
        found,
        columns=np.flatnonzero(best[0]).astype(np.int32),
        objective=best[1],
        bound=max(found.bound, best[1]),
        iterations=found.iterations + tries,
        timed_out=time.perf_counter() > deadline,
    )


def enough(objective: float, bound: float, effort: Effort, goal: float) -> bool:
    """Tell whether the goal is decided, or the gap narrow enough."""
    decided = objective >= goal or (bound < goal < np.inf)
    return decided or gap_between(objective, bound) <= max(effort.max_gap, EQUAL)


def covered_weight(cover: Cover, opened: Opened) -> float:
    """Return the people covered, the same sum whatever the order."""
    return float(cover.weight[opened.times > 0].sum())


def _first_answer(problem: Problem) -> tuple[BoolArray, float]:
    best, most = np.zeros(len(problem.price), dtype=bool), 0.0
    prices = [np.ones(len(problem.price))]
    if len(problem.price) and (problem.price != problem.price[0]).any():
        prices.append(problem.price)
    for price in prices:
        opened = none_open(problem.cover, problem.packing)
        open_greedily(problem.cover, problem.packing, price, opened)
        interchange(problem.cover, problem.packing, problem.price, opened, _ROUNDS)
        covered = covered_weight(problem.cover, opened)
        if covered > most:
            best, most = opened.is_open.astype(bool), covered
    return best, most


def _dual(
    problem: Problem,
    best: tuple[BoolArray, float],
    effort: Effort,
    deadline: float,
    goal: float,
) -> tuple[BoolArray, float, Dual, int]:
    """Lower the bound; return (sites, objective, prices, steps)."""
    dual, steps, looks = first_prices(problem, best[1]), 0, 0
    while steps < _MOST_STEPS and dual.figures[1] > _SMALLEST_STEP:
        asked, score = lower_dual(
            problem.cover, problem.packing, problem.holds, problem.most, best[1], dual, _STEPS
        )
        steps, looks = steps + _STEPS, looks + 1
        bound = max(whole_bound(problem, float(dual.figures[0])), best[1])
        if enough(best[1], bound, effort, goal) or time.perf_counter() > deadline:
            break
        if looks % _HEATED == 0:
            lately = np.argsort(-dual.share, kind="stable").astype(np.int32)[: problem.most]
            ranked = asked[np.argsort(-score[asked], kind="stable")]
            best = _heated(problem, best, (ranked, lately)[looks // _HEATED % 2], looks)
    return *best, dual, steps


def whole_bound(problem: Problem, bound: float) -> float:
    """Lower a bound to the next sum that weights can make: multiples of what divides them all."""
    parts = np.rint(problem.cover.weight * PARTS).astype(np.int64)
    one = int(np.gcd.reduce(parts)) / PARTS if len(parts) else 0.0
    if one == 0.0 or not np.isfinite(bound):
        return bound
    return float(min(bound, np.floor(bound * (1 + EQUAL) / one) * one))


def _heated(
    problem: Problem, best: tuple[BoolArray, float], columns: IntArray, seed: int
) -> tuple[BoolArray, float]:
    """Improve what the prices suggest by a heat bath; return that if it is better than `best`."""
    cover, packing, price = problem.cover, problem.packing, problem.price
    opened = _suggested(problem, columns)
    least, each, most = _MOVES
    moves = min(max(each * int(opened.is_open.sum()), least), most)
    heats = np.geomspace(_HOT, _COLD, moves)
    is_open, _ = anneal(cover, packing, price, opened, heats, seed)
    opened = _opened(problem, np.flatnonzero(is_open))
    interchange(cover, packing, price, opened, _ROUNDS)
    covered = covered_weight(cover, opened)
    return (opened.is_open.astype(bool), covered) if covered > best[1] else best


def _opened(problem: Problem, columns: IdArray) -> Opened:
    opened = none_open(problem.cover, problem.packing)
    for column in columns:
        open_site(int(column), problem.cover, problem.packing, opened)
    return opened


def first_prices(
    problem: Problem, objective: float, step: float = _FIRST_STEP, use_step: float = _USE_STEP
) -> Dual:
    """Return the first prices: of money, half of what it earned in the first answer."""
    cover, packing = problem.cover, problem.packing
    n, k, amount = len(cover.weight), len(problem.price), packing.amount
    cover_price = cover.weight / np.maximum(np.diff(cover.demand_first), 1)
    use_price, some = np.zeros(len(amount)), amount > 0
    some[0] = False  # the number is kept to as it is
    money = some & (np.bincount(packing.resource, minlength=len(amount)) == k)
    if money.any():
        use_price[money] = objective / 2 / amount[money] / int(money.sum())
        cover_price = cover.weight / 2
    typical = float(np.sqrt(np.mean(cover.weight**2))) if n else 1.0
    scale = np.zeros(len(amount))
    scale[some] = use_step * typical / amount[some]
    return Dual(
        cover_price, use_price, cover_price.copy(), use_price.copy(), np.zeros(n),
        np.zeros(len(amount)), scale, np.zeros(k), np.array([np.inf, step, 0.0]),
    )  # fmt: skip


def _suggested(problem: Problem, columns: IntArray) -> Opened:
    """Open `columns` as far as they fit, and fill up."""
    cover, packing = problem.cover, problem.packing
    opened = none_open(cover, packing)
    for column in columns:
        if fits(int(column), packing, opened):
            open_site(int(column), cover, packing, opened)
    open_greedily(cover, packing, problem.price, opened)
    return opened


def _fixed(problem: Problem, found: Found, dual: Dual) -> tuple[BoolArray, BoolArray]:
    """Return which columns every better answer chooses, and which none does.

    Choosing a column that the best prices leave out costs the bound at least the difference to the
    worst one they choose; where that falls to what is known already, it is decided.
    """
    score = dual_scores(
        problem.cover,
        problem.packing,
        problem.holds,
        dual.best_cover_price,
        dual.best_use_price,
    )
    order = np.argsort(-score, kind="stable")
    most = min(problem.most, len(score))
    inside = np.zeros(len(score), dtype=bool)
    inside[order[:most]] = score[order[:most]] > 0
    worst_in = max(float(score[order[most - 1]]), 0.0) if most else np.inf
    best_out = max(float(score[order[most]]), 0.0) if most < len(score) else 0.0
    bound, known = float(dual.figures[0]), found.objective * (1 + EQUAL)
    never = ~inside & (bound - worst_in + score <= known)
    always = inside & (bound - score + best_out <= known)
    return always, never


def _exact(
    problem: Problem,
    found: Found,
    fixed: tuple[BoolArray, BoolArray],
    effort: Effort,
    deadline: float,
    goal: float,
) -> Found:
    solved = solve_exactly(
        problem.cover,
        problem.packing,
        fixed=fixed,
        start=found.columns,
        time_limit_s=deadline - time.perf_counter(),
        max_gap=effort.max_gap,
        enough=goal * (1 - EQUAL) if np.isfinite(goal) else None,
    )
    columns, objective = found.columns, found.objective
    if solved.x is not None:
        chosen = np.flatnonzero(solved.x[: len(problem.price)] > 0.5).astype(np.int32)  # noqa: PLR2004
        covered = float(problem.cover.weight[_rows_of(problem.cover, chosen)].sum())
        if covered > objective:
            columns, objective = chosen, covered
    # What was fixed away reaches no more than what was known before.
    bound = whole_bound(problem, min(found.bound, max(solved.bound, found.objective)))
    if solved.ended == "infeasible" or bound <= objective * (1 + _LAST_DIGITS):
        bound = objective
    return Found(
        columns=columns,
        objective=objective,
        bound=max(bound, objective),
        solvers=(*found.solvers, NAME),
        iterations=found.iterations + solved.nodes,
        timed_out=solved.ended == "stopped" and time.perf_counter() > deadline,
    )


def _rows_of(cover: Cover, columns: IntArray) -> BoolArray:
    """Return which rows `columns` cover, bool [n]."""
    covered = np.zeros(len(cover.weight), dtype=bool)
    for column in columns:
        covered[cover.demand[cover.site_first[column] : cover.site_first[column + 1]]] = True
    return covered

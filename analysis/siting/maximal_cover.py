"""The most people covered by sites that share number, money, room: answer, certificate, proof.

First greedy and interchange, then prices (a Lagrangian dual) that bound every answer and suggest
better ones; where the gap stays too wide, sites that the prices decide are fixed and HiGHS does the
rest, beginning with the answer at hand. What it all serves stands in :mod:`analysis.siting.mclp`.
"""

import time
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.kernels.covering import (
    Cover,
    Opened,
    interchange,
    none_open,
    open_greedily,
    open_site,
    shake,
)
from analysis.kernels.prices import Dual, dual_scores, lower_dual
from analysis.siting.answer import EQUAL, Effort, gap_between
from analysis.siting.cover_table import PARTS
from analysis.siting.maximal_problem import Problem
from analysis.siting.maximal_programme import solve_exactly
from analysis.siting.programme import NAME
from analysis.units import BoolArray, IntArray

HEURISTIC: Final = "greedy and interchange"
DUAL: Final = "Lagrangian dual"
_ROUNDS: Final = 50
_STEPS: Final = 25  # between two looks for a better answer
_SHAKEN: Final = 500  # steps between two shakes
_USE_STEP: Final = 0.1  # of all of a resource, against one row
_TRIED: Final = 100  # columns forced in, at most
_SELDOM: Final = 0.02  # asked for less often than this does not count
_MOST_STEPS: Final = 6000
_SMALLEST_STEP: Final = 1e-3
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
    bound = max(_whole(problem, float(dual.figures[0])), objective)
    found = Found(
        columns=np.flatnonzero(is_open).astype(np.int32),
        objective=objective,
        bound=bound,
        solvers=(HEURISTIC, DUAL),
        iterations=steps,
        timed_out=time.perf_counter() > deadline,
    )
    if _enough(objective, bound, effort, goal) or found.timed_out:
        return found
    return _exact(problem, found, dual, effort, deadline, goal)


def _enough(objective: float, bound: float, effort: Effort, goal: float) -> bool:
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
    dual, steps = _prices(problem, best[1]), 0
    while steps < _MOST_STEPS and dual.figures[1] > _SMALLEST_STEP:
        asked, score = lower_dual(
            problem.cover, problem.packing, problem.most, best[1], dual, _STEPS
        )
        steps += _STEPS
        ranked = asked[np.argsort(-score[asked], kind="stable")]
        best = _better(best, *_suggested(problem, ranked))
        lately = np.argsort(-dual.share, kind="stable").astype(np.int32)
        best = _better(best, *_suggested(problem, lately[: problem.most]))
        if steps % _SHAKEN == 0:
            n = 2 - steps // _SHAKEN % 2
            best = _shaken(problem, best, lately[: _wanted(dual)], n, deadline)
        bound = max(_whole(problem, float(dual.figures[0])), best[1])
        if _enough(best[1], bound, effort, goal):
            break
        if time.perf_counter() > deadline:
            break
    return *best, dual, steps


def _whole(problem: Problem, bound: float) -> float:
    """Lower a bound to the next sum that weights can make: multiples of what divides them all."""
    parts = np.rint(problem.cover.weight * PARTS).astype(np.int64)
    one = int(np.gcd.reduce(parts)) / PARTS if len(parts) else 0.0
    if one == 0.0 or not np.isfinite(bound):
        return bound
    return float(min(bound, np.floor(bound * (1 + EQUAL) / one) * one))


def _better(
    best: tuple[BoolArray, float], opened: Opened, covered: float
) -> tuple[BoolArray, float]:
    return (opened.is_open.astype(bool), covered) if covered > best[1] else best


def _wanted(dual: Dual) -> int:
    """Return how many columns were asked for lately."""
    return min(int((dual.share > _SELDOM).sum()), _TRIED)


def _shaken(
    problem: Problem, best: tuple[BoolArray, float], lately: IntArray, n: int, deadline: float
) -> tuple[BoolArray, float]:
    """Force what was asked for lately into the answer, each in the place of `n`."""
    opened = none_open(problem.cover, problem.packing)
    for column in np.flatnonzero(best[0]):
        open_site(int(column), problem.cover, problem.packing, opened)
    for few in np.array_split(lately, max(1, len(lately) // 10)):
        if time.perf_counter() < deadline:
            shake(few, problem.cover, problem.packing, problem.price, opened, n)
    return _better(best, opened, covered_weight(problem.cover, opened))


def _prices(problem: Problem, objective: float) -> Dual:
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
    scale[some] = _USE_STEP * typical / amount[some]
    return Dual(
        cover_price, use_price, cover_price.copy(), use_price.copy(), np.zeros(n),
        np.zeros(len(amount)), scale, np.zeros(k), np.array([np.inf, 1.0, 0.0]),
    )  # fmt: skip


def _suggested(problem: Problem, columns: IntArray) -> tuple[Opened, float]:
    """Open `columns` as far as they fit, fill up, and improve that."""
    cover, packing = problem.cover, problem.packing
    opened = none_open(cover, packing)
    for column in columns:
        at = slice(packing.first[column], packing.first[column + 1])
        if (packing.use[at] <= opened.room[packing.resource[at]]).all():
            open_site(int(column), cover, packing, opened)
    open_greedily(cover, packing, problem.price, opened)
    interchange(cover, packing, problem.price, opened, 10)
    return opened, covered_weight(cover, opened)


def _fixed(problem: Problem, found: Found, dual: Dual) -> tuple[BoolArray, BoolArray]:
    """Return which columns every better answer chooses, and which none does.

    Choosing a column that the best prices leave out costs the bound at least the difference to the
    worst one they choose; where that falls to what is known already, it is decided.
    """
    score = dual_scores(problem.cover, problem.packing, dual.best_cover_price, dual.best_use_price)
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
    problem: Problem, found: Found, dual: Dual, effort: Effort, deadline: float, goal: float
) -> Found:
    always, never = _fixed(problem, found, dual)
    solved = solve_exactly(
        problem.cover,
        problem.packing,
        fixed=(always, never),
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
    bound = _whole(problem, min(found.bound, max(solved.bound, found.objective)))
    if solved.ended == "infeasible" or bound <= objective * (1 + _LAST_DIGITS):
        bound = objective
    return Found(
        columns=columns,
        objective=objective,
        bound=max(bound, objective),
        solvers=(*found.solvers, NAME),
        iterations=found.iterations + solved.nodes,
        timed_out=solved.ended == "stopped",
    )


def _rows_of(cover: Cover, columns: IntArray) -> BoolArray:
    """Return which rows `columns` cover, bool [n]."""
    covered = np.zeros(len(cover.weight), dtype=bool)
    for column in columns:
        covered[cover.demand[cover.site_first[column] : cover.site_first[column + 1]]] = True
    return covered

"""Fewest sites that reach a target: the location set covering problem.

Toregas, Swain, ReVelle and Bergman 1971, Operations Research 19:1363–1373. A target below everybody
is the inverse of :mod:`analysis.siting.mclp`: the least number of sites whose most people reach it.
"""

import time
from dataclasses import dataclass, replace

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.kernels.covering import none_open, open_greedily
from analysis.messages import message
from analysis.siting.answer import BEST, Effort, SitingAnswer, best_first, status_of
from analysis.siting.conditions import FREE
from analysis.siting.cover_table import CoverTable
from analysis.siting.maximal_cover import DUAL, HEURISTIC, Found, best_cover
from analysis.siting.maximal_problem import Problem, reduced
from analysis.siting.programme import NAME
from analysis.siting.set_cover import fewest_sites
from analysis.units import IntArray

REDUCTION = "reduction"


def lscp(
    table: CoverTable, target_share: float | None = None, *, effort: Effort = BEST
) -> SitingAnswer:
    """Choose the fewest sites that cover all who can be reached, or a share of all people.

    `target_share` 0…1 is of all people of the table, those whom existing facilities cover included;
    where the candidates cannot reach it, the answer is ``infeasible``: `sites` covers all who can
    be reached and `unreached` are the rest. `objective` and `bound` count sites. Raises
    :class:`InvalidParameterError` for a share out of range.
    """
    if target_share is not None and not 0 <= target_share <= 1:
        raise InvalidParameterError(message("siting.share"), value=target_share)
    reachable = float(table.people[table.asking].sum() - table.people[table.unreached].sum())
    if target_share is None:
        return _everybody(table, effort, feasible=True)
    needed = target_share * float(table.people.sum()) - table.people_covered
    if needed >= reachable * (1 - 1e-12):
        feasible = needed <= reachable * (1 + 1e-12)
        return _everybody(table, effort, feasible=feasible or needed <= 0)
    return _so_many(table, needed, effort)


def _everybody(table: CoverTable, effort: Effort, *, feasible: bool) -> SitingAnswer:
    merged = table.merged()
    found = fewest_sites(merged.first, merged.site, table.n_sites, effort)
    solvers = (REDUCTION, HEURISTIC, NAME) if found.exact_parts else (REDUCTION,)
    return _answer(
        table, found.sites, found.bound, effort, solvers, found.nodes,
        timed_out=found.timed_out, feasible=feasible,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Search:
    """Columns that reach the target; no fewer than `bound` do."""

    columns: IntArray
    bound: int
    solvers: tuple[str, ...]
    iterations: int
    timed_out: bool


def _so_many(table: CoverTable, needed: float, effort: Effort) -> SitingAnswer:
    left = reduced(table, FREE, table.n_sites)
    found = _least_number(left.problem, needed, effort)
    return _answer(
        table, left.site_of[found.columns], found.bound, effort, found.solvers,
        found.iterations, timed_out=found.timed_out, feasible=True,
    )  # fmt: skip


def _least_number(problem: Problem, needed: float, effort: Effort) -> _Search:
    """Halve the numbers between what is proved too few and what is known to do."""
    if needed <= 0:
        none = np.empty(0, dtype=np.int32)
        return _Search(columns=none, bound=0, solvers=(), iterations=0, timed_out=False)
    deadline = time.perf_counter() + effort.time_limit_s
    columns = _prefix(problem, needed)
    few, steps, open_from, open_to = 0, 0, 0, 0  # open: tried, but neither found nor refuted
    solvers: tuple[str, ...] = (HEURISTIC, DUAL)
    middle = _next_number(few, len(columns), open_from, open_to)
    while middle and time.perf_counter() < deadline:
        left_s = max(deadline - time.perf_counter(), 0.01)
        found = _with_number(problem, middle, needed, Effort(time_limit_s=left_s))
        steps += found.iterations
        solvers = found.solvers if NAME in found.solvers else solvers
        if found.objective >= needed:
            columns = found.columns
        elif found.bound < needed:
            few = middle
        else:
            open_from, open_to = min(open_from or middle, middle), max(open_to, middle)
        middle = _next_number(few, len(columns), open_from, open_to)
    timed_out = middle > 0
    return _Search(
        columns=columns, bound=few + 1, solvers=solvers, iterations=steps, timed_out=timed_out
    )


def _next_number(few: int, known: int, open_from: int, open_to: int) -> int:
    """Return the number to try: between too few and enough, beside what is open; 0: none."""
    if not open_from:
        return (few + known) // 2 if known - few > 1 else 0
    if known - open_to > 1:
        return (open_to + known) // 2
    return (few + open_from) // 2 if open_from - few > 1 else 0


def _with_number(problem: Problem, most: int, needed: float, effort: Effort) -> Found:
    amount = np.array([float(most)])
    asked = replace(problem, most=most, packing=problem.packing._replace(amount=amount))
    return best_cover(asked, effort, needed)


def _prefix(problem: Problem, needed: float) -> IntArray:
    """Return the fewest greedy columns that reach the target."""
    low, high = 0, len(problem.price)
    columns = np.arange(high, dtype=np.int32)
    while high - low > 1:
        middle = (low + high) // 2
        packing = problem.packing._replace(amount=np.array([float(middle)]))
        opened = none_open(problem.cover, packing)
        if open_greedily(problem.cover, packing, problem.price, opened) >= needed:
            columns, high = np.flatnonzero(opened.is_open).astype(np.int32), middle
        else:
            low = middle
    return columns


def _answer(
    table: CoverTable,
    sites: IntArray,
    bound: int,
    effort: Effort,
    solvers: tuple[str, ...],
    iterations: int,
    *,
    timed_out: bool,
    feasible: bool,
) -> SitingAnswer:
    ordered, people = best_first(table, sites)
    objective = float(len(sites))
    status = status_of(objective, float(bound), effort, timed_out=timed_out)
    return SitingAnswer(
        model="lscp",
        sites=ordered,
        people=people,
        status=status if feasible else "infeasible",
        objective=objective,
        bound=float(bound) if feasible else np.inf,
        unreached=table.unreached,
        unreached_people=float(table.people[table.unreached].sum()),
        solvers=solvers,
        iterations=iterations,
    )

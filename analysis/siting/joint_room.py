"""Joint plans whose facilities hold so many people only: answer and certificate.

Who is served is a maximum flow for each element (:mod:`analysis.siting.room`). Plans grow by what a
column could serve of those who go without; a heat bath improves them, and what the prices ask for.
The bound is that of :mod:`analysis.kernels.prices`.
"""

import time
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.kernels.prices import Dual, lower_dual
from analysis.kernels.serving import Asking, anneal_serving
from analysis.siting.answer import EQUAL, Effort, gap_between
from analysis.siting.cover_table import PARTS, MergedCover
from analysis.siting.joint_programme import MOST_PAIRS, solve_jointly
from analysis.siting.maximal_cover import Found, first_prices
from analysis.siting.maximal_problem import Problem
from analysis.siting.programme import NAME
from analysis.siting.room import Room
from analysis.units import BoolArray, FloatArray, IdArray, IntArray

SOLVERS: Final = ("heat bath, maximum flow", "Lagrangian dual")
_STEPS, _MOST_STEPS, _SMALLEST_STEP = 25, 3000, 1e-3
_FIRST_STEP, _USE_STEP = 20.0, 0.3
_HEATED: Final = 6  # looks between two heat baths
_TRIES: Final = 60  # heat baths in all
_MOVES_EACH, _LEAST_MOVES, _MOST_MOVES = 200, 500, 10_000
_HOT, _COLD = 0.05, 0.005  # of what one column serves
_NOBODY: Final = 1e-9  # people
_SLACK, _HALF, _LAST_DIGITS = 1e-9, 0.5, 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """Open columns bool [k], the people who go without by row, float64 [n], and what it counts."""

    is_open: BoolArray
    unserved: FloatArray
    value: float


class Rooms:
    """Serves the rows of a problem at its columns; `element` int32 [k] is that of each column."""

    def __init__(self, problem: Problem, element: IntArray) -> None:
        cover, people = problem.cover, problem.holds.people
        self.problem, self._element = problem, element
        self._of_pair = np.repeat(np.arange(len(people)), np.diff(cover.demand_first))
        self._worth = cover.weight / people
        self.asking = _asking(problem)
        self._parts = list[tuple[Room, IdArray, IdArray]]()
        of_row = element[cover.site[cover.demand_first[:-1]]]
        local = np.zeros(len(element), dtype=np.int32)
        for one in range(int(element.max(initial=-1)) + 1):
            rows, columns = np.flatnonzero(of_row == one), np.flatnonzero(element == one)
            local[columns] = np.arange(len(columns), dtype=np.int32)
            first = np.zeros(len(rows) + 1, dtype=np.int64)
            first[1:] = np.cumsum(np.diff(cover.demand_first)[rows])
            merged = MergedCover(
                n_sites=len(columns),
                first=first,
                site=local[cover.site[of_row[self._of_pair] == one]],
                people=people[rows],
                row=np.empty(0, dtype=np.int32),
            )
            self._parts.append((Room(merged, problem.holds.most[columns]), rows, columns))

    def plan(self, is_open: BoolArray, like: Plan | None = None) -> Plan:
        """Return who is served; only what differs from the plan `like` is counted anew."""
        unserved = self.problem.holds.people.copy() if like is None else like.unserved.copy()
        anew = is_open if like is None else is_open != like.is_open
        for element in np.unique(self._element[anew]):
            room, rows, columns = self._parts[element]
            unserved[rows] = room.unserved(np.flatnonzero(is_open[columns]).astype(np.int32))
        served = (self.problem.holds.people - unserved) * self._worth
        return Plan(is_open=is_open, unserved=unserved, value=float(served.sum()))

    def could_serve(self, plan: Plan) -> FloatArray:
        """Return what each closed column could serve of those who go without, float64 [k]."""
        cover, holds = self.problem.cover, self.problem.holds
        near = np.bincount(cover.site, plan.unserved[self._of_pair], len(self._element))
        value = np.bincount(
            cover.site, (plan.unserved * self._worth)[self._of_pair], len(self._element)
        )
        share = np.minimum(holds.most, near) / np.maximum(near, _NOBODY)
        return np.where(plan.is_open, 0.0, value * share)

    def grown(self, plan: Plan, price: FloatArray) -> Plan:
        """Open what could serve most for its price until nothing fits or helps."""
        packing = self.problem.packing
        while True:
            room = left_of(self.problem, plan.is_open)
            tight = packing.use > room[packing.resource] + _SLACK * packing.amount[packing.resource]
            stuck = np.bincount(np.repeat(np.arange(len(price)), np.diff(packing.first)), tight)
            worth = np.where(stuck > 0, 0.0, self.could_serve(plan) / price)
            best = int(np.argmax(worth)) if len(worth) else 0
            if not len(worth) or worth[best] <= 0.0:
                return plan
            is_open = plan.is_open.copy()
            is_open[best] = True
            plan = self.plan(is_open, plan)


def _asking(problem: Problem) -> Asking:
    """Return who asks for whom; of each column's rows, those with least choice first."""
    cover, holds = problem.cover, problem.holds
    n_of_row = np.diff(cover.demand_first)
    row = np.repeat(np.arange(len(n_of_row), dtype=np.int32), n_of_row)
    order = np.lexsort((row, n_of_row[row], cover.site))
    pair = np.empty(len(order), dtype=np.int64)
    pair[order] = np.arange(len(order))
    worth = np.zeros(len(problem.price))
    worth[cover.site] = (cover.weight / holds.people)[row]
    most = np.floor(holds.most * PARTS) / PARTS
    return Asking(
        cover.site_first, row[order], cover.demand_first, cover.site, pair, holds.people, most,
        worth,
    )  # fmt: skip


def left_of(problem: Problem, is_open: BoolArray) -> FloatArray:
    """Return what is left of each resource, float64 [r]."""
    packing = problem.packing
    used = np.repeat(is_open, np.diff(packing.first))
    amounts: FloatArray = packing.amount - np.bincount(
        packing.resource[used], packing.use[used], len(packing.amount)
    )
    return amounts


def best_joint(problem: Problem, element: IntArray, effort: Effort) -> Found:
    """Return the best choice of columns that serves people within what each can hold."""
    deadline = time.perf_counter() + effort.time_limit_s
    rooms = Rooms(problem, element)
    nothing = rooms.plan(np.zeros(len(element), dtype=bool))
    plan = max(
        (rooms.grown(nothing, price) for price in (problem.price, np.ones(len(element)))),
        key=lambda one: one.value,
    )
    dual = first_prices(problem, plan.value, _FIRST_STEP, _USE_STEP)
    bound, steps, looks, tries = np.inf, 0, 0, 0
    while tries < _TRIES:
        moving = steps < _MOST_STEPS and dual.figures[1] > _SMALLEST_STEP
        if moving:
            lower_dual(
                problem.cover, problem.packing, problem.holds, problem.most, plan.value, dual,
                _STEPS,
            )  # fmt: skip
            steps, looks, bound = steps + _STEPS, looks + 1, float(dual.figures[0])
        close = gap_between(plan.value, max(bound, plan.value)) <= max(effort.max_gap, EQUAL)
        if close or time.perf_counter() > deadline:
            break
        if not moving and len(problem.cover.site) <= MOST_PAIRS:
            return _exact(rooms, plan, bound, effort, deadline, steps + tries)
        if not moving or looks % _HEATED == 0:
            begin = plan if tries % 2 else _asked_for(rooms, dual)
            plan, tries = _heated(rooms, plan, begin, tries + 1), tries + 1
    return _found(plan, bound, SOLVERS, steps + tries, timed_out=time.perf_counter() > deadline)


def _asked_for(rooms: Rooms, dual: Dual) -> Plan:
    """Return the plan of the columns that the prices ask for most often."""
    packing, n = rooms.problem.packing, len(rooms.problem.price)
    is_open, room = np.zeros(n, dtype=bool), rooms.problem.packing.amount.copy()
    for column in np.argsort(-dual.share, kind="stable"):
        at = slice(packing.first[column], packing.first[column + 1])
        if dual.share[column] > 0 and (packing.use[at] <= room[packing.resource[at]]).all():
            is_open[column] = True
            room[packing.resource[at]] -= packing.use[at]
    return rooms.grown(rooms.plan(is_open), rooms.problem.price)


def _heated(rooms: Rooms, plan: Plan, begin: Plan, seed: int) -> Plan:
    """Improve `begin` by a heat bath; return that if it is better than `plan`."""
    problem = rooms.problem
    moves = min(max(_MOVES_EACH * int(begin.is_open.sum()), _LEAST_MOVES), _MOST_MOVES)
    is_open, _ = anneal_serving(
        begin.is_open.astype(np.uint8), rooms.asking, problem.packing, problem.price,
        np.geomspace(_HOT, _COLD, moves), seed,
    )  # fmt: skip
    other = rooms.grown(rooms.plan(is_open.astype(bool)), problem.price)
    return other if other.value > plan.value else plan


def _exact(
    rooms: Rooms, plan: Plan, bound: float, effort: Effort, deadline: float, steps: int
) -> Found:
    solved = solve_jointly(
        rooms.problem, time_limit_s=deadline - time.perf_counter(), max_gap=effort.max_gap
    )
    if solved.x is not None:
        other = rooms.plan(solved.x[: len(plan.is_open)] > _HALF)
        plan = max(plan, other, key=lambda one: one.value)
    bound = min(bound, solved.bound)
    if bound <= plan.value * (1 + _LAST_DIGITS):
        bound = plan.value
    late = solved.ended == "stopped" and time.perf_counter() > deadline
    return _found(plan, bound, (*SOLVERS, NAME), steps + solved.nodes, timed_out=late)


def _found(
    plan: Plan, bound: float, solvers: tuple[str, ...], iterations: int, *, timed_out: bool
) -> Found:
    return Found(
        columns=np.flatnonzero(plan.is_open).astype(np.int32),
        objective=plan.value,
        bound=max(bound, plan.value),
        solvers=solvers,
        iterations=iterations,
        timed_out=timed_out,
    )


def in_order(rooms: Rooms, columns: IntArray) -> tuple[IntArray, FloatArray]:
    """Return columns by what each could serve of those who go without, for its price.

    Also what each adds in that order, weighted, float64 [d].
    """
    plan = rooms.plan(np.zeros(len(rooms.problem.price), dtype=bool))
    order, gains, left = list[int](), list[float](), columns.copy()
    while len(left):
        best = int(np.argmax((rooms.could_serve(plan) / rooms.problem.price)[left]))
        is_open = plan.is_open.copy()
        is_open[left[best]] = True
        other = rooms.plan(is_open, plan)
        order.append(int(left[best]))
        gains.append(max(0.0, other.value - plan.value))
        left, plan = np.delete(left, best), other
    return np.array(order, dtype=np.int32), np.array(gains, dtype=np.float64)

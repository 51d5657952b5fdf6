"""Covering where a site has room for so many: fewest sites, or most people.

The capacitated set covering and maximal covering problems (Current and Storbeck 1988, Environment
and Planning B 15:153–163). People are fractional: one home may be split between sites. Whom what
exists covers is served there already.
"""

import time
from dataclasses import dataclass

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.messages import message
from analysis.siting.answer import BEST, EQUAL, Effort, Model, SitingAnswer, gap_between, status_of
from analysis.siting.cover_table import CoverTable, MergedCover
from analysis.siting.programme import NAME, Programme, Solved, one_row, rows_from, rows_of, solve
from analysis.siting.room import Room
from analysis.units import FloatArray, IntArray

SOLVERS = ("greedy by maximum flow", NAME)
_HALF = 0.5
_LAST_DIGITS = 1e-6


def capacitated_lscp(
    table: CoverTable, capacity: FloatArray, *, effort: Effort = BEST
) -> SitingAnswer:
    """Choose the fewest sites that have room for all whom candidates reach.

    `capacity` float64 [n_sites] is how many people each can serve. `people` of the answer is how
    many more are served with each site; `objective` and `bound` count sites. Where all sites
    together have no room for everybody, the answer is ``infeasible`` and `sites` serve as many as
    can be. Raises :class:`InvalidParameterError` for capacities that do not fit.
    """
    return _solve(table, capacity, None, effort)


def capacitated_mclp(
    table: CoverTable, n_sites: int, capacity: FloatArray, *, effort: Effort = BEST
) -> SitingAnswer:
    """Choose up to `n_sites` sites that serve most people within their `capacity`.

    `objective` and `bound` are people newly served. Raises :class:`InvalidParameterError` for a
    negative number, or capacities that do not fit.
    """
    if n_sites < 0:
        raise InvalidParameterError(message("siting.n_sites"), value=n_sites)
    return _solve(table, capacity, n_sites, effort)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Asked:
    """The rows, what sites hold, and how many there may be (None: as few as serve all)."""

    merged: MergedCover
    capacity: FloatArray
    most: int | None


def _solve(
    table: CoverTable, capacity: FloatArray, most: int | None, effort: Effort
) -> SitingAnswer:
    if len(capacity) != table.n_sites or not (np.isfinite(capacity) & (capacity >= 0)).all():
        raise InvalidParameterError(message("siting.capacities"))
    deadline = time.perf_counter() + effort.time_limit_s
    asked = _Asked(merged=table.merged(), capacity=capacity, most=most)
    room = Room(asked.merged, capacity)
    everybody = float(asked.merged.people.sum())
    sites, people = room.greedy(table.n_sites if most is None else most)
    short = everybody - float(people.sum()) > EQUAL * max(everybody, 1.0)
    if len(asked.merged.people) == 0 or (most is None and short):
        done = len(asked.merged.people) == 0
        return _answer(
            table, asked, (sites, people), None, effort, status_known=done, feasible=done
        )
    if most is not None and gap_between(float(people.sum()), _bound_by_room(asked)) <= EQUAL:
        return _answer(table, asked, (sites, people), None, effort, status_known=True)
    left_s = deadline - time.perf_counter()
    solved = solve(
        _programme(asked), start=_point(asked, room, sites), time_limit_s=left_s,
        max_gap=effort.max_gap,
    )  # fmt: skip
    if solved.x is not None:
        chosen = np.flatnonzero(solved.x[: table.n_sites] > _HALF).astype(np.int32)
        other = room.best_first(chosen)
        sites, people = _better(asked, (sites, people), other, everybody)
    return _answer(table, asked, (sites, people), solved, effort)


def _bound_by_room(asked: _Asked) -> float:
    """Return what the largest sites have room for, or how many of them all people need."""
    everybody, largest = float(asked.merged.people.sum()), np.sort(asked.capacity)[::-1]
    if asked.most is not None:
        return min(everybody, float(largest[: asked.most].sum()))
    room = np.cumsum(largest)
    return float(np.searchsorted(room, everybody * (1 - EQUAL)) + 1)


def _better(
    asked: _Asked,
    one: tuple[IntArray, FloatArray],
    other: tuple[IntArray, FloatArray],
    everybody: float,
) -> tuple[IntArray, FloatArray]:
    if asked.most is not None:
        return other if other[1].sum() > one[1].sum() else one
    serves_all = everybody - other[1].sum() <= _LAST_DIGITS * everybody
    return other if serves_all and len(other[0]) < len(one[0]) else one


def _programme(asked: _Asked) -> Programme:
    """Return the programme; its x is sites, then shares of rows served by site, pair by pair."""
    merged, k = asked.merged, asked.merged.n_sites
    n, q = len(merged.people), len(merged.site)
    row = np.repeat(np.arange(n), np.diff(merged.first))
    pair = np.arange(k, k + q, dtype=np.int32)
    least = np.ones(n) if asked.most is None else np.full(n, -np.inf)
    ones, sites = np.ones(k), np.arange(k, dtype=np.int32)
    served = rows_from(row, pair, np.ones(q), least, np.ones(n))
    room = rows_from(
        np.concatenate([merged.site, sites]), np.concatenate([pair, sites]),
        np.concatenate([merged.people[row], -asked.capacity]), np.full(k, -np.inf), np.zeros(k),
    )  # fmt: skip
    only_open = rows_from(
        np.tile(np.arange(q), 2), np.concatenate([pair, merged.site]),
        np.concatenate([-np.ones(q), np.ones(q)]), np.zeros(q), np.full(q, np.inf),
    )  # fmt: skip
    parts = [served, room, only_open]
    if asked.most is not None:
        parts.append(one_row(sites, ones, -np.inf, float(asked.most)))
    fewest = asked.most is None
    return Programme(
        cost=np.concatenate([ones, np.zeros(q)] if fewest else [0 * ones, merged.people[row]]),
        upper=np.ones(k + q),
        whole=np.arange(k + q) < k,
        rows=rows_of(*parts),
        maximise=not fewest,
    )


def _point(asked: _Asked, room: Room, sites: IntArray) -> FloatArray:
    is_open = np.zeros(asked.merged.n_sites)
    is_open[sites] = 1.0
    return np.concatenate([is_open, room.shares(sites)])


def _answer(
    table: CoverTable,
    asked: _Asked,
    chosen: tuple[IntArray, FloatArray],
    solved: Solved | None,
    effort: Effort,
    *,
    status_known: bool = False,
    feasible: bool = True,
) -> SitingAnswer:
    sites, people = chosen
    fewest = asked.most is None
    model: Model = "capacitated_lscp" if fewest else "capacitated_mclp"
    objective = float(len(sites)) if fewest else float(people.sum())
    bound = objective if status_known else (np.inf if not feasible else 0.0)
    if solved is not None:
        room = _bound_by_room(asked)
        if fewest:
            bound = min(max(float(np.ceil(solved.bound - _LAST_DIGITS)), room), objective)
        else:
            bound = max(min(solved.bound, room), objective)
        if gap_between(objective, bound) <= _LAST_DIGITS:
            bound = objective
    timed_out = solved is not None and solved.ended == "stopped"
    status = status_of(objective, bound, effort, timed_out=timed_out)
    return SitingAnswer(
        model=model,
        sites=sites,
        people=people,
        status=status if feasible else "infeasible",
        objective=objective,
        bound=bound,
        unreached=table.unreached,
        unreached_people=float(table.people[table.unreached].sum()),
        solvers=SOLVERS if solved is not None else SOLVERS[:1],
        iterations=0 if solved is None else solved.nodes,
    )

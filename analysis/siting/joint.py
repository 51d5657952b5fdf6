"""Many elements at once: what to open where, when sites are shared and money is short (复合设置).

Opening an element at a site costs floor area of the site and money of the budget; some elements
must not stand together. That is the maximal covering problem again, with a column for each element
at each site and with floor, money and company as resources (a multi-service covering problem after
Church and Davis 1992), so that answer, certificate and proof are those of
:mod:`analysis.siting.maximal_cover`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.kernels.covering import Cover
from analysis.kernels.prices import Holds
from analysis.messages import message
from analysis.siting.answer import BEST, Effort, Status, gap_between, status_of
from analysis.siting.cover_table import PARTS, CoverTable, both_ways
from analysis.siting.joint_room import Rooms, best_joint, in_order
from analysis.siting.maximal_cover import Found, best_cover
from analysis.siting.maximal_problem import Problem, packing_of
from analysis.units import BoolArray, FloatArray, IntArray, freeze


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JointSites:
    """What sites offer and elements ask for, *k* sites and *e* elements.

    `floor_m2` float64 [k] there is at each site, ``inf`` where that does not matter; `need_m2`
    float64 [e] is what each element takes; `cost` float64 [k, e] what opening it there costs;
    `allowed` bool [k, e]; `compatible` bool [e, e], symmetric, which elements may share a site;
    `weight` float64 [e] > 0, what covering one person with each element counts. `capacity`
    float64 [k, e] is how many people each element can serve at each site, ``inf`` where that does
    not matter; None: it never does.
    """

    floor_m2: FloatArray
    need_m2: FloatArray
    cost: FloatArray
    allowed: BoolArray
    compatible: BoolArray
    weight: FloatArray
    capacity: FloatArray | None = None

    def __post_init__(self) -> None:
        """Check the shapes and ranges and freeze the arrays."""
        k, e = len(self.floor_m2), len(self.need_m2)
        shapes = self.cost.shape == self.allowed.shape == (k, e)
        square = self.compatible.shape == (e, e) and len(self.weight) == e
        if not (shapes and square and (self.compatible == self.compatible.T).all()):
            raise InvalidParameterError(message("siting.joint_tables"))
        finite = np.isfinite(self.cost).all() and np.isfinite(self.need_m2).all()
        positive = (self.cost >= 0).all() and (self.need_m2 >= 0).all()
        if not (finite and positive and (self.weight > 0).all() and (self.floor_m2 >= 0).all()):
            raise InvalidParameterError(message("siting.joint_tables"))
        if self.capacity is not None:
            # Not a number fails, too.
            if self.capacity.shape != (k, e) or not (self.capacity >= 0).all():
                raise InvalidParameterError(message("siting.joint_tables"))
            freeze(self.capacity)
        arrays = (
            self.floor_m2, self.need_m2, self.cost, self.allowed, self.compatible, self.weight
        )  # fmt: skip
        for array in arrays:
            freeze(array)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JointAnswer:
    """What to open: `site` and `element` int32 [d] in the order of weighted people per cost.

    `people` float64 [d] newly covered with that element, in that order; `cost` float64 [d].
    `objective` and `bound` are weighted people; the rest as in
    :class:`~analysis.siting.answer.SitingAnswer`.
    """

    site: IntArray
    element: IntArray
    people: FloatArray
    cost: FloatArray
    status: Status
    objective: float
    bound: float
    solvers: tuple[str, ...]
    iterations: int

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.site, self.element, self.people, self.cost):
            freeze(array)

    @property
    def gap(self) -> float:
        """Return how far from the best it can be at most, 0…1."""
        return gap_between(self.objective, self.bound)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AtMostOf:
    """Of the `decisions` bool [k, e] (site, element) at most `most` may be taken."""

    decisions: BoolArray
    most: int

    def __post_init__(self) -> None:
        """Freeze the array."""
        freeze(self.decisions)


def joint_plan(
    tables: Sequence[CoverTable],
    sites: JointSites,
    budget: float,
    *,
    at_most: Sequence[AtMostOf] = (),
    effort: Effort = BEST,
) -> JointAnswer:
    """Choose what to open where, so that most weighted people are newly covered for `budget`.

    `tables` has one table for each element, all of the same candidate sites. With capacities,
    people are fractional: one home may be split between sites within its walk, and what counts is
    who is served. Whom existing facilities cover but have no room for asks like anybody else if the
    table says so: its people are then those unserved. `at_most` limits how many of some decisions
    are taken. Raises :class:`InvalidParameterError` where the inputs do not fit together.
    """
    k, e = sites.cost.shape
    if len(tables) != e or any(table.n_sites != k for table in tables) or not budget >= 0:
        raise InvalidParameterError(message("siting.joint_tables"))
    if any(one.decisions.shape != (k, e) or one.most < 0 for one in at_most):
        raise InvalidParameterError(message("siting.joint_tables"))
    column_of = _columns(tables, sites, budget)
    problem = _problem(tables, sites, column_of, budget, at_most)
    _, element = np.nonzero(column_of >= 0)
    if np.isinf(problem.holds.most).all():
        found = best_cover(problem, effort)
        order = _in_order(problem, found.columns)
    else:
        found = best_joint(problem, element.astype(np.int32), effort)
        order = in_order(Rooms(problem, element.astype(np.int32)), found.columns)
    return _answer(found, order, sites, column_of, effort)


def _columns(tables: Sequence[CoverTable], sites: JointSites, budget: float) -> IntArray:
    """Return the column of each element at each site, int32 [k, e], -1 where it cannot be."""
    useful = np.zeros(sites.cost.shape, dtype=bool)
    for element, table in enumerate(tables):
        useful[table.site[table.asking[table.point]], element] = True
    fits = sites.need_m2[None, :] <= sites.floor_m2[:, None]
    some = sites.allowed & useful & fits & (sites.cost <= budget)
    if sites.capacity is not None:
        some &= sites.capacity > 0
    column = np.full(some.shape, -1, dtype=np.int32)
    column[some] = np.arange(int(some.sum()), dtype=np.int32)
    return column


def _cover(
    tables: Sequence[CoverTable], column_of: IntArray, weight: FloatArray
) -> tuple[Cover, FloatArray]:
    """Return whom columns cover, weighted, and the people themselves, float64 [n]."""
    sizes, columns = [np.zeros(0, dtype=np.int64)], list[IntArray]()
    people, weights = list[FloatArray](), list[FloatArray]()
    for element, table in enumerate(tables):
        merged = table.merged()
        column = column_of[merged.site, element]
        row = np.repeat(np.arange(len(merged.people)), np.diff(merged.first))
        n_of_row = np.bincount(row[column >= 0], minlength=len(merged.people))
        sizes.append(n_of_row[n_of_row > 0])
        columns.append(column[column >= 0])
        people.append(merged.people[n_of_row > 0])
        weighted = people[-1] * weight[element]
        weights.append(np.rint(weighted * PARTS) / PARTS)
    size = np.concatenate(sizes)
    first = np.zeros(len(size) + 1, dtype=np.int64)
    first[1:] = np.cumsum(size)
    n_columns = int(column_of.max(initial=-1)) + 1
    column = np.concatenate(columns).astype(np.int32)
    cover = both_ways(first, column, np.concatenate(weights), n_columns)
    return cover, np.concatenate(people)


def _problem(
    tables: Sequence[CoverTable],
    sites: JointSites,
    column_of: IntArray,
    budget: float,
    at_most: Sequence[AtMostOf],
) -> Problem:
    at_site, at_element = np.nonzero(column_of >= 0)
    k = len(at_site)
    cost, need_m2 = sites.cost[at_site, at_element], sites.need_m2[at_element]
    every = np.arange(k, dtype=np.int32)
    columns, uses, amounts = [every, every], [np.ones(k), cost], [float(k), budget]
    for site in range(len(sites.floor_m2)):
        own = np.flatnonzero(at_site == site).astype(np.int32)
        if need_m2[own].sum() > sites.floor_m2[site]:
            columns.append(own)
            uses.append(need_m2[own])
            amounts.append(float(sites.floor_m2[site]))
        for one in own:
            apart = own[~sites.compatible[at_element[one], at_element[own]]]
            for other in apart[apart > one]:
                columns.append(np.array([one, other], dtype=np.int32))
                uses.append(np.ones(2))
                amounts.append(1.0)
    for group in at_most:
        own = np.flatnonzero(group.decisions[at_site, at_element]).astype(np.int32)
        columns.append(own)
        uses.append(np.ones(len(own)))
        amounts.append(float(group.most))
    dearest = float(cost.max(initial=0.0))
    cover, people = _cover(tables, column_of, sites.weight)
    most = np.full(k, np.inf)
    if sites.capacity is not None:
        most = sites.capacity[at_site, at_element]
    return Problem(
        cover=cover,
        packing=packing_of(columns, uses, amounts, k),
        most=k,
        price=np.maximum(cost, 1e-9 * dearest) if dearest > 0 else np.ones(k),
        holds=Holds(people, most),
    )


def _answer(
    found: Found,
    ordered: tuple[IntArray, FloatArray],
    sites: JointSites,
    column_of: IntArray,
    effort: Effort,
) -> JointAnswer:
    at_site, at_element = np.nonzero(column_of >= 0)
    order, gains = ordered
    element = at_element[order]
    bound = max(found.bound, found.objective)
    return JointAnswer(
        site=at_site[order].astype(np.int32),
        element=element.astype(np.int32),
        people=gains / sites.weight[element],
        cost=sites.cost[at_site[order], element],
        status=status_of(found.objective, bound, effort, timed_out=found.timed_out),
        objective=found.objective,
        bound=bound,
        solvers=found.solvers,
        iterations=found.iterations,
    )


def _in_order(problem: Problem, columns: IntArray) -> tuple[IntArray, FloatArray]:
    """Return columns by what each adds for its price, and what it adds."""
    cover, left = problem.cover, columns.copy()
    free = cover.weight.copy()
    order, gains = list[int](), list[float]()
    while len(left):
        spans = [slice(cover.site_first[one], cover.site_first[one + 1]) for one in left]
        added = np.array([free[cover.demand[span]].sum() for span in spans])
        best = int(np.argmax(added / problem.price[left]))
        order.append(int(left[best]))
        gains.append(float(added[best]))
        free[cover.demand[spans[best]]] = 0.0
        left = np.delete(left, best)
    return np.array(order, dtype=np.int32), np.array(gains, dtype=np.float64)

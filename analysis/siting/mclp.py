"""Most people covered by so many sites, or for so much money.

The maximal covering location problem (Church and ReVelle 1974, Papers of the Regional Science
Association 32:101–118), with sites that are forced, forbidden or exclude each other, and with a
budget (Church and Davis 1992).
"""

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.messages import message
from analysis.siting.answer import BEST, Effort, SitingAnswer, best_first, status_of
from analysis.siting.conditions import FREE, SideConditions
from analysis.siting.cover_table import CoverTable
from analysis.siting.maximal_cover import Found, best_cover
from analysis.siting.maximal_problem import broken, reduced
from analysis.units import IntArray


def mclp(
    table: CoverTable,
    n_sites: int | None = None,
    *,
    conditions: SideConditions = FREE,
    effort: Effort = BEST,
) -> SitingAnswer:
    """Choose up to `n_sites` sites, within the budget of `conditions`, that cover most people.

    `objective` and `bound` are people newly covered. Sites that add nobody are not chosen unless
    forced. The answer is ``infeasible`` where the forced sites alone break another condition.
    Raises :class:`InvalidParameterError` for parameters out of range, or if neither a number nor a
    budget limits the sites.
    """
    conditions.check(table.n_sites)
    if n_sites is None and conditions.budget is None:
        raise InvalidParameterError(message("siting.limit_missing"))
    if n_sites is not None and n_sites < 0:
        raise InvalidParameterError(message("siting.n_sites"), value=n_sites)
    most = table.n_sites if n_sites is None else min(n_sites, table.n_sites)
    number = most if n_sites is None else n_sites
    if broken(conditions, number):
        return _answer(table, conditions.forced, None, effort)
    left = reduced(table, conditions, most - len(conditions.forced))
    found = best_cover(left.problem, effort)
    sites = np.concatenate([conditions.forced, left.site_of[found.columns]])
    return _answer(table, sites, found, effort, left.before)


def _answer(
    table: CoverTable, sites: IntArray, found: Found | None, effort: Effort, before: float = 0.0
) -> SitingAnswer:
    ordered, people = best_first(table, sites)
    objective = float(people.sum())
    bound = np.inf if found is None else max(found.bound + before, objective)
    timed_out = found is not None and found.timed_out
    return SitingAnswer(
        model="mclp",
        sites=ordered,
        people=people,
        status="infeasible" if found is None
        else status_of(objective, bound, effort, timed_out=timed_out),
        objective=objective,
        bound=bound,
        unreached=table.unreached,
        unreached_people=float(table.people[table.unreached].sum()),
        solvers=() if found is None else found.solvers,
        iterations=0 if found is None else found.iterations,
    )  # fmt: skip

"""The shortest longest walk to so many sites: the p-centre problem.

Hakimi 1964, Operations Research 12:450–459; solved by halving the walks and asking each time for
the fewest sites within that walk (Minieka 1970, SIAM Review 12:138–139).
"""

import time

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.messages import message
from analysis.siting.answer import BEST, EQUAL, Effort, SitingAnswer, Status, served_by, status_of
from analysis.siting.cover_table import CoverTable
from analysis.siting.set_cover import SetCover, fewest_sites
from analysis.units import IntArray

SOLVERS = ("bisection", "reduction", "greedy and interchange", "HiGHS")


def p_centre(table: CoverTable, n_sites: int, *, effort: Effort = BEST) -> SitingAnswer:
    """Choose up to `n_sites` sites that make the longest walk of anybody as short as can be.

    `objective` and `bound` are metres, over everybody who lives at a point of the table, to the
    nearest of what exists and what is chosen. The answer is ``infeasible`` (objective ``inf``)
    where so many sites do not reach everybody within the walks of the table. Raises
    :class:`InvalidParameterError` for a negative number.
    """
    if n_sites < 0:
        raise InvalidParameterError(message("siting.n_sites"), value=n_sites)
    deadline = time.perf_counter() + effort.time_limit_s
    lived = table.people > 0
    walks = np.concatenate([table.walk_m[lived[table.point]], table.existing_m[lived]])
    walks = np.unique(np.append(walks[np.isfinite(walks)], 0.0))
    nearest_m = table.nearest_m(np.arange(table.n_sites, dtype=np.int32))[lived]
    low = int(np.searchsorted(walks, nearest_m.max(initial=0.0))) - 1  # shorter is too short
    high, sites, nodes = len(walks), np.empty(0, dtype=np.int32), 0
    late = False
    while high - low > 1 and not late and np.isfinite(nearest_m).all():
        middle = high - 1 if high == len(walks) else (low + high) // 2
        left_s = max(deadline - time.perf_counter(), 0.01)
        found = _fewest_within(table, float(walks[middle]), Effort(time_limit_s=left_s))
        nodes += found.nodes
        if len(found.sites) <= n_sites:
            sites, high = found.sites, middle
        elif found.bound > n_sites:
            low = middle
        else:
            late = True
    bound = float(walks[low + 1]) if low + 1 < len(walks) else np.inf
    return _answer(table, sites, bound, effort, nodes, reached=high < len(walks), late=late)


def _fewest_within(table: CoverTable, radius_m: float, effort: Effort) -> SetCover:
    merged = table.within(radius_m).merged()
    return fewest_sites(merged.first, merged.site, table.n_sites, effort)


def _answer(
    table: CoverTable,
    chosen: IntArray,
    bound: float,
    effort: Effort,
    nodes: int,
    *,
    reached: bool,
    late: bool,
) -> SitingAnswer:
    sites, people = served_by(table, chosen)
    lived = table.people > 0
    longest = float(table.nearest_m(sites)[lived].max(initial=0.0)) if reached else np.inf
    nobody = lived & (np.diff(table.first) == 0) & np.isinf(table.existing_m)
    # What no walk lies between is the same walk.
    bound = longest if longest <= bound * (1 + EQUAL) else bound
    status = status_of(longest, bound, effort, timed_out=late)
    unknown: Status = "time_limit" if late else "infeasible"
    return SitingAnswer(
        model="p_centre",
        sites=sites,
        people=people,
        status=status if reached else unknown,
        objective=longest,
        bound=bound,
        unreached=np.flatnonzero(nobody).astype(np.int32),
        unreached_people=float(table.people[nobody].sum()),
        solvers=SOLVERS,
        iterations=nodes,
    )

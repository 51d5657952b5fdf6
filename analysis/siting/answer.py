"""What a siting model answers, with its proof."""

from dataclasses import dataclass
from heapq import heappop, heapreplace
from typing import Final, Literal

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.messages import message
from analysis.siting.cover_table import CoverTable
from analysis.units import FloatArray, IntArray, freeze

Model = Literal["lscp", "mclp", "p_median", "p_centre", "capacitated_lscp", "capacitated_mclp"]
Status = Literal["optimal", "within_gap", "time_limit", "infeasible", "heuristic"]
EQUAL: Final = 1e-9  # as a share: bound and objective are the same number


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SitingAnswer:
    """Which sites to open, and how good that is.

    Attributes
    ----------
    model
        What was asked.
    sites
        Chosen candidate sites, int32 [s], in the order in which they add most; ties by number.
    people
        People each adds to those before and to what exists (people within its walk whom none of
        them covers; of p-median and p-centre: whom it serves in the end), float64 [s].
    status
        ``optimal``; ``within_gap``: as near as was asked; ``time_limit``: not as near when time
        was up; ``infeasible``: no choice does what was asked, `sites` is the best attempt;
        ``heuristic``: an answer without a bound, or with one that could not be closed.
    objective
        Sites of ``lscp``, people newly covered of ``mclp``, people times metres of ``p_median``,
        metres of ``p_centre``.
    bound
        What no choice can do better than, in the same unit; ``inf`` or 0 where nothing is proved.
    unreached, unreached_people
        Demand points that nothing that exists covers and no candidate reaches, int32 ascending,
        and how many people live there.
    solvers, iterations
        What found and what proved it, and how many steps were taken in all.
    """

    model: Model
    sites: IntArray
    people: FloatArray
    status: Status
    objective: float
    bound: float
    unreached: IntArray
    unreached_people: float
    solvers: tuple[str, ...]
    iterations: int

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.sites, self.people, self.unreached):
            freeze(array)

    @property
    def gap(self) -> float:
        """Return how far from the best it can be at most, as a share of the larger figure, 0…1."""
        return gap_between(self.objective, self.bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How hard to try.

    `max_gap` is the share of the objective within which an answer is good enough, 0 for the best;
    `time_limit_s` seconds may be spent on more than the first answer.
    """

    max_gap: float = 0.0
    time_limit_s: float = 60.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        if not 0 <= self.max_gap <= 1:
            raise InvalidParameterError(message("siting.share"), value=self.max_gap)
        if not self.time_limit_s > 0:
            raise InvalidParameterError(message("siting.time_limit"), value=self.time_limit_s)


BEST: Final = Effort()


def gap_between(objective: float, bound: float) -> float:
    """Return the distance of bound and objective as a share of the larger, 0…1."""
    if objective == bound:
        return 0.0
    larger = max(abs(objective), abs(bound))
    return 1.0 if np.isinf(larger) else min(1.0, abs(bound - objective) / larger)


def status_of(objective: float, bound: float, effort: Effort, *, timed_out: bool) -> Status:
    """Return the status of an answer that is feasible."""
    gap = gap_between(objective, bound)
    if gap <= EQUAL:
        return "optimal"
    if gap <= effort.max_gap:
        return "within_gap"
    return "time_limit" if timed_out else "heuristic"


def best_first(table: CoverTable, sites: IntArray) -> tuple[IntArray, FloatArray]:
    """Return `sites` in the order in which each adds most people, and what each adds."""
    chosen = np.sort(sites)
    row_of = np.full(table.n_sites, -1, dtype=np.int64)
    row_of[chosen] = np.arange(len(chosen))
    pairs = np.flatnonzero((row_of[table.site] >= 0) & table.asking[table.point])
    pairs = pairs[np.argsort(row_of[table.site[pairs]], kind="stable")]
    point = table.point[pairs]
    begin = np.searchsorted(row_of[table.site[pairs]], np.arange(len(chosen) + 1))
    open_to = table.people.copy()
    order: list[int] = []
    added: list[float] = []
    queue = [(-np.inf, one) for one in range(len(chosen))]
    while queue:  # what a site adds only falls, so that few are counted again
        least, one = queue[0]
        gain = float(open_to[point[begin[one] : begin[one + 1]]].sum())
        if -least > gain:
            heapreplace(queue, (-gain, one))
            continue
        heappop(queue)
        order.append(one)
        added.append(gain)
        open_to[point[begin[one] : begin[one + 1]]] = 0.0
    return chosen[order].astype(np.int32), np.array(added, dtype=np.float64)


def served_by(table: CoverTable, sites: IntArray) -> tuple[IntArray, FloatArray]:
    """Return `sites` and whom each serves if all go to the nearest, most first.

    Those who walk no farther to what exists stay there; ties go to the lower number.
    """
    chosen = np.zeros(table.n_sites, dtype=bool)
    chosen[sites] = True
    pairs = np.flatnonzero(chosen[table.site])
    pairs = pairs[table.walk_m[pairs] < table.existing_m[table.point[pairs]]]
    point = table.point[pairs]
    order = np.lexsort((table.site[pairs], table.walk_m[pairs], point))
    nearest = np.ones(len(order), dtype=bool)
    nearest[1:] = point[order][1:] != point[order][:-1]
    own = pairs[order[nearest]]
    moved = table.people[table.point[own]]
    people = np.bincount(table.site[own], moved, table.n_sites).astype(np.float64)
    ranked = np.sort(sites)
    ranked = ranked[np.argsort(-people[ranked], kind="stable")].astype(np.int32)
    return ranked, people[ranked]

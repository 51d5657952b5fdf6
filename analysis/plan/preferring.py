"""Preferring: of sites that do as well, those that a planner has named, then the better ones.

A siting model does not care which of two equal sites it takes. A place that was only generated from
the map gives way to one that somebody listed wherever the answer stays as good.
"""

from typing import Final

import numpy as np

from analysis.plan.sites import Sites
from analysis.siting.answer import SitingAnswer
from analysis.siting.cover_table import CoverTable
from analysis.units import BoolArray, IntArray

_SWAPPED: Final = ("lscp", "mclp")  # answers that count who is covered, and nothing else
_ROUNDING: Final = 1e-12


def preferred(table: CoverTable, sites: Sites, answer: SitingAnswer, target: float) -> IntArray:
    """Return the sites of `answer`, generated ones replaced by named ones that do as well.

    As well is: the share `target` still covered, or no fewer people than before where the answer
    does not reach it or counts people. The number of sites stays.
    """
    chosen = answer.sites.copy()
    named = np.array([one == "parcel" for one in sites.kind], dtype=bool)
    if answer.model not in _SWAPPED or not named.any() or named[chosen].all():
        return chosen
    needed = _covered(table, chosen)
    if answer.model == "lscp" and answer.status != "infeasible":
        needed = min(needed, target * float(table.people.sum()) - table.people_covered)
    usable = np.zeros(len(sites), dtype=bool)
    usable[table.site[table.asking[table.point]]] = True
    for place in range(len(chosen)):
        if not named[chosen[place]]:
            _swap(table, chosen, place, needed, _others(named & usable, chosen))
    return chosen


def _others(may: BoolArray, chosen: IntArray) -> IntArray:
    free = may.copy()
    free[chosen] = False
    order: IntArray = np.flatnonzero(free).astype(np.int32)
    return order


def _swap(table: CoverTable, chosen: IntArray, place: int, needed: float, others: IntArray) -> None:
    """Put in the other site with which most people are covered, if these are enough."""
    rest = np.delete(chosen, place)
    covered = table.covered_by(rest)
    left = np.where(covered, 0.0, table.people)
    gains = np.bincount(table.site, left[table.point], minlength=table.n_sites)
    base = _covered(table, rest)
    if not len(others):
        return
    best = int(others[int(np.argmax(gains[others]))])
    if base + float(gains[best]) >= needed * (1 - _ROUNDING):
        chosen[place] = best


def _covered(table: CoverTable, chosen: IntArray) -> float:
    fresh = table.covered_by(chosen) & ~table.covered
    return float(table.people[fresh].sum())

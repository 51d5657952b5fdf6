"""How many people chosen sites have room for: maximum flow, in whole parts of a person."""

from heapq import heappop, heapreplace

import numpy as np

from analysis.kernels.assignment import assign_points
from analysis.kernels.moves import Arcs, Served
from analysis.siting.cover_table import PARTS, MergedCover
from analysis.units import FloatArray, IdArray, IntArray


class Room:
    """Serves the rows of a table at chosen sites, as many as there is room for.

    What a site adds only falls as others open, so that few have to be looked at again (lazy greedy,
    Minoux 1978).
    """

    def __init__(self, merged: MergedCover, capacity: FloatArray) -> None:
        self._merged = merged
        self._demand: IdArray = np.rint(merged.people * PARTS).astype(np.int64)
        most = float(merged.people.sum())
        self._capacity: IdArray = np.floor(np.minimum(capacity, most) * PARTS).astype(np.int64)
        self._arcs = _arcs(merged)

    def served(self, sites: IntArray | list[int]) -> float:
        """Return how many people `sites` can serve together."""
        return float(self._demand.sum() - self._flow(sites).unserved.sum()) / PARTS

    def unserved(self, sites: IntArray) -> FloatArray:
        """Return how many people of each row go without if `sites` serve, float64 [m]."""
        unserved: FloatArray = self._flow(sites).unserved / PARTS
        return unserved

    def shares(self, sites: IntArray) -> FloatArray:
        """Return which share of its row each pair serves, float64 [q]."""
        row = np.repeat(np.arange(len(self._demand)), np.diff(self._merged.first))
        shares: FloatArray = self._flow(sites).flow / self._demand[row]
        return shares

    def greedy(self, most: int) -> tuple[IntArray, FloatArray]:
        """Open what adds most, up to `most` sites; return them in that order, and what each adds.

        Ties go to the lower number; sites that add nobody stay closed.
        """
        merged = self._merged
        row = np.repeat(np.arange(len(merged.people)), np.diff(merged.first))
        near = np.bincount(merged.site, merged.people[row], minlength=merged.n_sites)
        most_each = np.minimum(near, self._capacity / PARTS)
        return self._grown(np.flatnonzero(most_each > 0), most_each, most)

    def best_first(self, sites: IntArray) -> tuple[IntArray, FloatArray]:
        """Return those of `sites` that add somebody in the order in which they add most."""
        return self._grown(sites, self._capacity / PARTS, len(sites))

    def _grown(
        self, sites: IntArray | IdArray, most_each: FloatArray, most: int
    ) -> tuple[IntArray, FloatArray]:
        queue = sorted((-float(most_each[site]), int(site)) for site in sites)
        opened: list[int] = []
        added: list[float] = []
        total = 0.0
        while queue and len(opened) < most:
            least, site = queue[0]
            gain = self.served([*opened, site]) - total
            if -least > gain:
                heapreplace(queue, (-gain, site))
                continue
            heappop(queue)
            if gain <= 0.0:
                break
            opened.append(site)
            added.append(gain)
            total += gain
        return np.array(opened, dtype=np.int32), np.array(added, dtype=np.float64)

    def _flow(self, sites: IntArray | list[int]) -> Served:
        capacity = np.zeros_like(self._capacity)
        capacity[sites] = self._capacity[sites]
        # Who has least choice comes first; all walks are equal.
        order = np.argsort(np.diff(self._merged.first), kind="stable").astype(np.int32)
        served, _ = assign_points(self._arcs, self._demand, capacity, order)
        return served


def _arcs(merged: MergedCover) -> Arcs:
    n_sites = merged.n_sites
    starts = np.zeros(n_sites + 1, dtype=np.int64)
    starts[1:] = np.cumsum(np.bincount(merged.site, minlength=n_sites))
    row = np.repeat(np.arange(len(merged.people), dtype=np.int32), np.diff(merged.first))
    by_site = np.argsort(merged.site, kind="stable").astype(np.int32)
    cost = np.zeros(len(row), dtype=np.int64)
    first, site = merged.first.copy(), merged.site.copy()  # writeable, as elsewhere: one type
    return Arcs(first, site, cost, row, starts, by_site, n_sites + 2)

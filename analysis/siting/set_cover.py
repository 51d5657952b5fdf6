"""Fewest sites that cover every row: reductions, parts that do not touch, HiGHS for each.

A row that can be served wherever another one can is superfluous, a site whose rows another one
serves too, and a row with one site decides it (Toregas and ReVelle 1972). What is left falls into
parts that share no site.
"""

import time
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analysis.kernels.containment import superfluous
from analysis.kernels.covering import Packing, close_site, none_open, open_greedily, open_site
from analysis.siting.answer import Effort
from analysis.siting.cover_table import both_ways
from analysis.siting.programme import Programme, Rows, solve
from analysis.units import BoolArray, FloatArray, IdArray, IntArray

_HALF = 0.5
_ALMOST = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SetCover:
    """Chosen sites int32, ascending; no choice has fewer than `bound`."""

    sites: IntArray
    bound: int
    nodes: int
    timed_out: bool
    exact_parts: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pairs:
    """Rows and sites that are left, as pairs: `row` int64 ascending, `site` int32."""

    row: IdArray
    site: IntArray

    def only(self, keep: BoolArray) -> "_Pairs":
        return _Pairs(row=self.row[keep], site=self.site[keep])


def fewest_sites(first: IdArray, site: IntArray, n_sites: int, effort: Effort) -> SetCover:
    """Return the fewest sites such that every row (CSR of sites, none empty) has one."""
    deadline = time.perf_counter() + effort.time_limit_s
    row = np.repeat(np.arange(len(first) - 1), np.diff(first))
    pairs, chosen = _reduced(_Pairs(row=row, site=site), n_sites)
    sites, bound, nodes, timed_out, n_parts = list(chosen), len(chosen), 0, False, 0
    for part in _parts(pairs, n_sites):
        found = _solved(part, effort, deadline)
        sites += list(found.sites)
        bound, nodes = bound + found.bound, nodes + found.nodes
        timed_out, n_parts = timed_out or found.timed_out, n_parts + 1
    return SetCover(
        sites=np.sort(np.array(sites, dtype=np.int32)),
        bound=bound,
        nodes=nodes,
        timed_out=timed_out,
        exact_parts=n_parts,
    )


def _csr(pairs: _Pairs) -> tuple[IdArray, IntArray, IntArray]:
    """Return rows numbered anew as CSR, and the sites that occur."""
    sites, site = np.unique(pairs.site, return_inverse=True)
    _, counts = np.unique(pairs.row, return_counts=True)
    first = np.zeros(len(counts) + 1, dtype=np.int64)
    first[1:] = np.cumsum(counts)
    return first, site.astype(np.int32), sites


def _reduced(pairs: _Pairs, n_sites: int) -> tuple[_Pairs, IntArray]:
    """Return what cannot be decided, and the sites that every best choice may have."""
    chosen: list[IntArray] = []
    before = -1
    while len(pairs.row) not in (0, before):
        before = len(pairs.row)
        for larger in (True, False):
            first, site, sites = _csr(pairs)
            cover = both_ways(first, site, np.ones(len(first) - 1), len(sites))
            rows = (cover.demand_first, cover.site)
            columns = (cover.site_first, cover.demand)
            gone = superfluous(*rows, *columns, larger) if larger else superfluous(
                *columns, *rows, larger
            )  # fmt: skip
            at = np.repeat(np.arange(len(first) - 1), np.diff(first)) if larger else site
            pairs = pairs.only(~gone[at])
        _, inverse, counts = np.unique(pairs.row, return_inverse=True, return_counts=True)
        single = np.unique(pairs.site[counts[inverse] == 1])
        chosen.append(single)
        done = np.isin(pairs.row, pairs.row[np.isin(pairs.site, single)])
        pairs = pairs.only(~done)
    del n_sites
    return pairs, np.concatenate(chosen) if chosen else np.empty(0, dtype=np.int32)


def _parts(pairs: _Pairs, n_sites: int) -> list[_Pairs]:
    if len(pairs.row) == 0:
        return []
    _, row = np.unique(pairs.row, return_inverse=True)
    n = int(row.max()) + 1
    graph = coo_array((np.ones(len(row)), (row, n + pairs.site)), shape=(n + n_sites,) * 2)
    _, label = connected_components(graph, directed=False)
    order = np.argsort(label[row], kind="stable")
    cuts = np.flatnonzero(np.diff(label[row][order])) + 1
    return [pairs.only(np.sort(one)) for one in np.split(order, cuts)]


def _solved(part: _Pairs, effort: Effort, deadline: float) -> SetCover:
    first, site, sites = _csr(part)
    n, k = len(first) - 1, len(sites)
    start = _greedy(first, site, k)
    rows = Rows(
        first=first,
        index=site,
        value=np.ones(len(site)),
        lower=np.ones(n),
        upper=np.full(n, np.inf),
    )
    ones = np.ones(k)
    programme = Programme(
        cost=ones, upper=ones, whole=ones > 0, rows=rows, maximise=False
    )  # fmt: skip
    left_s = deadline - time.perf_counter()
    solved = solve(programme, start=start, time_limit_s=left_s, max_gap=effort.max_gap)
    x = start if solved.x is None or solved.x.sum() > start.sum() else solved.x
    chosen = np.flatnonzero(x > _HALF)
    bound = 1 if not np.isfinite(solved.bound) else max(1, int(np.ceil(solved.bound - _ALMOST)))
    return SetCover(
        sites=sites[chosen],
        bound=min(bound, len(chosen)),
        nodes=solved.nodes,
        timed_out=solved.ended != "optimal",
        exact_parts=1,
    )


def _greedy(first: IdArray, site: IntArray, k: int) -> FloatArray:
    """Return a cover without superfluous sites, float64 [k] of 0 and 1."""
    cover = both_ways(first, site, np.ones(len(first) - 1), k)
    free = Packing(
        np.zeros(k + 1, dtype=np.int64), np.empty(0, dtype=np.int32), np.empty(0), np.empty(0)
    )
    opened = none_open(cover, free)
    open_greedily(cover, free, np.ones(k), opened)
    for column in np.argsort(np.diff(cover.site_first), kind="stable"):
        if opened.is_open[column] and close_site(int(column), cover, free, opened) > 0:
            open_site(int(column), cover, free, opened)
    return opened.is_open.astype(np.float64)

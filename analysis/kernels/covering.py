"""Most people covered by sites that share what there is of money, room and number.

*Greedy* opens the best site that still fits, again and again. *Interchange* closes one and opens
the best instead, as long as that helps (Teitz and Bart 1968). Who is covered is counted as sites
open and close, so that the gain of every site is known at any time.

Weights are whole multiples of one part of a person, so that sums are exact whatever their order.
"""

from typing import NamedTuple

import numba as nb
import numpy as np

from analysis.units import ByteArray, FloatArray, IdArray, IntArray

_SLACK = 1e-9  # of an amount: what rounding may overdraw


class Cover(NamedTuple):
    """Who covers whom, both ways, *k* sites and *n* rows of demand.

    `site_first` int64 [k + 1] and `demand` int32 list the rows that each site covers;
    `demand_first` int64 [n + 1] and `site` int32 the sites that cover each row, ascending; `weight`
    float64 [n] is what each row counts.
    """

    site_first: IdArray
    demand: IntArray
    demand_first: IdArray
    site: IntArray
    weight: FloatArray


class Packing(NamedTuple):
    """What sites use up: `resource` int32 and `use` float64 of site *j* are at
    ``first[j]:first[j + 1]``, first int64 [k + 1]; there is `amount` float64 [r] of each.
    """  # noqa: D205 - one sentence

    first: IdArray
    resource: IntArray
    use: FloatArray
    amount: FloatArray


class Opened(NamedTuple):
    """Which sites are open, kept up to date: `is_open` uint8 [k]; `gain` float64 [k], what each
    would add (closed) or has added alone (open: 0); `times` int32 [n], how many cover each row;
    `room` float64 [r], what is left of each resource.
    """  # noqa: D205 - one sentence

    is_open: ByteArray
    gain: FloatArray
    times: IntArray
    room: FloatArray


@nb.njit(nogil=True, cache=True)
def none_open(cover: Cover, packing: Packing) -> Opened:
    """Return the state in which every site is closed."""
    k, n = len(cover.site_first) - 1, len(cover.weight)
    gain = np.zeros(k)
    for site in range(k):
        for at in range(cover.site_first[site], cover.site_first[site + 1]):
            gain[site] += cover.weight[cover.demand[at]]
    times = np.zeros(n, dtype=np.int32)
    return Opened(np.zeros(k, dtype=np.uint8), gain, times, packing.amount.copy())


@nb.njit(nogil=True, cache=True)
def open_site(site: int, cover: Cover, packing: Packing, opened: Opened) -> float:
    """Open a closed site; return what it adds."""
    added: float = opened.gain[site]
    opened.is_open[site] = 1
    for at in range(packing.first[site], packing.first[site + 1]):
        opened.room[packing.resource[at]] -= packing.use[at]
    for at in range(cover.site_first[site], cover.site_first[site + 1]):
        row = cover.demand[at]
        if opened.times[row] == 0:
            weight = cover.weight[row]
            for other in range(cover.demand_first[row], cover.demand_first[row + 1]):
                opened.gain[cover.site[other]] -= weight
        opened.times[row] += 1
    return added


@nb.njit(nogil=True, cache=True)
def close_site(site: int, cover: Cover, packing: Packing, opened: Opened) -> float:
    """Close an open site; return what is lost."""
    opened.is_open[site] = 0
    for at in range(packing.first[site], packing.first[site + 1]):
        opened.room[packing.resource[at]] += packing.use[at]
    for at in range(cover.site_first[site], cover.site_first[site + 1]):
        row = cover.demand[at]
        opened.times[row] -= 1
        if opened.times[row] == 0:
            weight = cover.weight[row]
            for other in range(cover.demand_first[row], cover.demand_first[row + 1]):
                opened.gain[cover.site[other]] += weight
    lost: float = opened.gain[site]
    return lost


@nb.njit(nogil=True, cache=True)
def fits(site: int, packing: Packing, opened: Opened) -> bool:
    """Tell whether what is left of all resources is enough for a site."""
    for at in range(packing.first[site], packing.first[site + 1]):
        resource = packing.resource[at]
        if packing.use[at] > opened.room[resource] + _SLACK * packing.amount[resource]:
            return False
    return True


@nb.njit(nogil=True, cache=True)
def _best(packing: Packing, price: FloatArray, opened: Opened) -> int:
    """Return the closed site that fits with the most gain for its price, -1 if none gains."""
    best, most = -1, 0.0
    for site in range(len(price)):
        worth = opened.gain[site] / price[site]
        if worth > most and opened.is_open[site] == 0 and fits(site, packing, opened):
            best, most = site, worth
    return best


@nb.njit(nogil=True, cache=True)
def open_greedily(cover: Cover, packing: Packing, price: FloatArray, opened: Opened) -> float:
    """Open the best site for its `price` float64 [k] until none fits or gains; return the gain."""
    total = 0.0
    site = _best(packing, price, opened)
    while site >= 0:
        total += open_site(site, cover, packing, opened)
        site = _best(packing, price, opened)
    return total


@nb.njit(nogil=True, cache=True)
def _replaced(
    site: int, cover: Cover, packing: Packing, price: FloatArray, opened: Opened, added: IntArray
) -> float:
    """Close a site and open others instead, listed in `added`; if that does not help, undo it."""
    change, n = -close_site(site, cover, packing, opened), 0
    other = _best(packing, price, opened)
    while other >= 0 and n < len(added):
        change += open_site(other, cover, packing, opened)
        added[n] = other
        n += 1
        other = _best(packing, price, opened)
    if change > 0.0:
        return change
    for at in range(n):
        close_site(added[at], cover, packing, opened)
    open_site(site, cover, packing, opened)
    return 0.0


@nb.njit(nogil=True, cache=True)
def interchange(
    cover: Cover, packing: Packing, price: FloatArray, opened: Opened, max_rounds: int
) -> tuple[float, int]:
    """Exchange open sites for better ones, each in turn, until a round changes nothing.

    Sites instead of a closed one are taken by their gain, then by their gain for their `price`.
    Return (what was gained, the rounds).
    """
    k = len(price)
    even, added, total = np.ones(k), np.empty(8, dtype=np.int32), 0.0
    priced = (price != price[0]).any() if k > 0 else False
    for turn in range(max_rounds):
        before = total
        for site in range(k):
            if opened.is_open[site] == 1:
                change = _replaced(site, cover, packing, even, opened, added)
                if priced and change == 0.0:
                    change = _replaced(site, cover, packing, price, opened, added)
                total += change
        if total == before:
            return total, turn + 1
    return total, max_rounds

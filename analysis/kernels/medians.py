"""Shortest walks to chosen sites: greedy, interchange and a bound from prices.

*Interchange* finds the best pair of a site to close and one to open in one look at all walks
(Whitaker 1983, INFOR 21:95–108; Resende and Werneck 2007, EJOR 174:54–68). The *bound* lets every
row pay for being served; at any prices the best sites give a bound from below (Narula, Ogbu and
Samuelsson 1977, Operations Research 25:709–713).
"""

from typing import NamedTuple

import numba as nb
import numpy as np

from analysis.kernels.prices import dearest
from analysis.units import BoolArray, FloatArray, IdArray, IntArray

_PATIENCE = 20  # steps without a better bound before they get smaller
_SMOOTH = 0.85
_SAME = 1e-12  # as a share: a gain that is rounding


class Walks(NamedTuple):
    """Walks both ways, *k* sites and *n* rows: `site_first` int64 [k + 1], `demand` int32 and
    `site_walk` float64 by site, `demand_first` int64 [n + 1], `site` int32 and `walk` by row.
    `weight` float64 [n] > 0; `alone` float64 [n] is the walk without any site, longer than all of
    the row's walks.
    """  # noqa: D205 - one sentence

    site_first: IdArray
    demand: IntArray
    site_walk: FloatArray
    demand_first: IdArray
    site: IntArray
    walk: FloatArray
    weight: FloatArray
    alone: FloatArray


@nb.njit(nogil=True, cache=True)
def two_nearest(walks: Walks, is_open: BoolArray) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the nearest open site of each row (-1: none), that walk, and the next longer one."""
    n = len(walks.weight)
    nearest, least, second = np.full(n, -1, dtype=np.int32), walks.alone.copy(), walks.alone.copy()
    for row in range(n):
        for at in range(walks.demand_first[row], walks.demand_first[row + 1]):
            if not is_open[walks.site[at]]:
                continue
            if walks.walk[at] < least[row]:
                second[row] = least[row]
                least[row], nearest[row] = walks.walk[at], walks.site[at]
            elif walks.walk[at] < second[row]:
                second[row] = walks.walk[at]
    return nearest, least, second


@nb.njit(nogil=True, cache=True)
def open_nearest(walks: Walks, most: int, is_open: BoolArray) -> float:
    """Open the site that shortens walks most until `most` are open; return what is walked."""
    _, least, _ = two_nearest(walks, is_open)
    for _ in range(most - is_open.sum()):
        best, most_saved = -1, 0.0
        for site in range(len(is_open)):
            saved = 0.0
            for at in range(walks.site_first[site], walks.site_first[site + 1]):
                row = walks.demand[at]
                saved += walks.weight[row] * max(0.0, least[row] - walks.site_walk[at])
            if saved > most_saved:
                best, most_saved = site, saved
        if best < 0:
            break
        is_open[best] = True
        for at in range(walks.site_first[best], walks.site_first[best + 1]):
            row = walks.demand[at]
            least[row] = min(least[row], walks.site_walk[at])
    walked: float = (least * walks.weight).sum()
    return walked


@nb.njit(nogil=True, cache=True)
def _best_pair(  # noqa: C901 - one look at all walks
    walks: Walks, is_open: BoolArray
) -> tuple[int, int, float]:
    """Return the site to open, the one to close, and what that saves."""
    nearest, least, second = two_nearest(walks, is_open)
    loss, extra = np.zeros(len(is_open)), np.zeros(len(is_open))
    for row in range(len(nearest)):
        if nearest[row] >= 0:
            loss[nearest[row]] += walks.weight[row] * (second[row] - least[row])
    opened = np.flatnonzero(is_open)
    cheapest = opened[np.argsort(loss[opened], kind="mergesort")]
    touched = np.empty(len(is_open), dtype=np.int32)
    enter, leave, most = -1, -1, 0.0
    for site in range(len(is_open)):
        if is_open[site]:
            continue
        saved, n = 0.0, 0
        for at in range(walks.site_first[site], walks.site_first[site + 1]):
            row, walk = walks.demand[at], walks.site_walk[at]
            saved += walks.weight[row] * max(0.0, least[row] - walk)
            near = nearest[row]
            if near >= 0 and walk < second[row]:
                if extra[near] == 0.0:
                    touched[n] = near
                    n += 1
                extra[near] += walks.weight[row] * (second[row] - max(least[row], walk))
        for other in cheapest:
            if extra[other] == 0.0:
                if saved - loss[other] > most:
                    enter, leave, most = site, other, saved - loss[other]
                break
        for other in touched[:n]:
            if saved - loss[other] + extra[other] > most:
                enter, leave, most = site, other, saved - loss[other] + extra[other]
            extra[other] = 0.0
    return enter, leave, most


@nb.njit(nogil=True, cache=True)
def exchange_nearest(walks: Walks, is_open: BoolArray, max_rounds: int) -> tuple[float, int]:
    """Exchange the best pair until none helps; return (what is walked, the exchanges)."""
    turns = 0
    while turns < max_rounds:
        enter, leave, saved = _best_pair(walks, is_open)
        _, least, _ = two_nearest(walks, is_open)
        if enter < 0 or saved <= _SAME * (least * walks.weight).sum():
            break
        is_open[enter], is_open[leave] = True, False
        turns += 1
    _, least, _ = two_nearest(walks, is_open)
    return (least * walks.weight).sum(), turns


@nb.njit(nogil=True, cache=True)
def median_scores(walks: Walks, price: FloatArray) -> FloatArray:
    """Return what each site saves at what rows pay, `price` float64 [n] metres, float64 [k]."""
    score = np.zeros(len(walks.site_first) - 1)
    for site in range(len(score)):
        for at in range(walks.site_first[site], walks.site_first[site + 1]):
            row = walks.demand[at]
            score[site] += walks.weight[row] * max(0.0, price[row] - walks.site_walk[at])
    return score


@nb.njit(nogil=True, cache=True)
def raise_bound(
    walks: Walks,
    most: int,
    goal: float,
    price: FloatArray,
    best_price: FloatArray,
    direction: FloatArray,
    figures: FloatArray,
    steps: int,
) -> IntArray:
    """Take `steps` steps towards the highest bound; `goal` is what is known to be reachable.

    `price`, `best_price` and `direction` float64 [n] go on from step to step, and `figures` float64
    [3]: the highest bound, the step, rounds without a better one. Return the last sites asked for.
    """
    chosen = np.empty(0, dtype=np.int32)
    for _ in range(steps):
        score = median_scores(walks, price)
        chosen = dearest(score, most)
        value = (price * walks.weight).sum() - score[chosen].sum()
        slope = np.ones(len(price))
        for site in chosen:
            for at in range(walks.site_first[site], walks.site_first[site + 1]):
                if walks.site_walk[at] < price[walks.demand[at]]:
                    slope[walks.demand[at]] -= 1.0
        for row in range(len(price)):
            if slope[row] > 0.0 and price[row] >= walks.alone[row]:
                slope[row] = 0.0
        keep = _SMOOTH if figures[0] > -np.inf else 0.0
        direction[:] = keep * direction + (1 - keep) * slope
        if value > figures[0]:
            figures[0], figures[2] = value, 0
            best_price[:] = price
        else:
            figures[2] += 1
            if figures[2] >= _PATIENCE:
                figures[1], figures[2] = 0.8 * figures[1], 0
                price[:] = best_price
        norm = (direction * direction).sum()
        if norm <= 0.0 or value >= goal:
            break
        step = figures[1] * (goal - value) / norm
        price[:] = np.minimum(np.maximum(price + step * direction / walks.weight, 0.0), walks.alone)
    return chosen

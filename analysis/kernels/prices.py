"""What any choice of sites can cover at most: a bound from prices.

Rows pay for being covered, resources are paid for being used; at any prices the best answer to them
is at least the best answer (Galvão and ReVelle 1996, EJOR 88:114–123). Prices follow the smoothed
subgradient, with steps after Polyak. A site that holds so many people only serves those who pay
most for each person, the last of them in part.
"""

from typing import NamedTuple

import numba as nb
import numpy as np

from analysis.kernels.covering import Cover, Packing
from analysis.units import FloatArray, IntArray

_PATIENCE = 20  # steps without a better bound before they get smaller
_LATELY = 0.99  # how long it is remembered what was asked for
_SMOOTH = 0.95  # how much of the last direction is kept


class Dual(NamedTuple):
    """Prices: `cover_price` float64 [n] and `use_price` float64 [r]; the best so far, the smoothed
    directions, and `figures` float64 [3]: the least bound, the step, and rounds without a better
    bound. `scale` float64 [r] makes steps of resources commensurable; `share` float64 [k] is how
    often a site was asked for lately, 0…1.
    """  # noqa: D205 - one sentence

    cover_price: FloatArray
    use_price: FloatArray
    best_cover_price: FloatArray
    best_use_price: FloatArray
    direction: FloatArray
    use_direction: FloatArray
    scale: FloatArray
    share: FloatArray
    figures: FloatArray


class Holds(NamedTuple):
    """How many people there are in each row, `people` float64 [n] > 0, and how many each site can
    serve, `most` float64 [k], ``inf`` where that does not matter.
    """  # noqa: D205 - one sentence

    people: FloatArray
    most: FloatArray


@nb.njit(nogil=True, cache=True)
def _last_served(rate: FloatArray, size: FloatArray, left: float) -> tuple[float, float]:
    """Return the least rate that is served, and which share of those at it; reorders both arrays.

    Whoever pays more comes first, until `left` is used up: a selection, not a sort.
    """
    low, high = 0, len(rate)
    while low < high:
        pivot, above, level, after = rate[(low + high) // 2], 0.0, 0.0, low
        end, at = high, low
        while at < end:  # more than the pivot to the front, less to the back
            if rate[at] > pivot:
                above += size[at]
                rate[at], rate[after] = rate[after], rate[at]
                size[at], size[after] = size[after], size[at]
                after += 1
                at += 1
            elif rate[at] == pivot:
                level += size[at]
                at += 1
            else:
                end -= 1
                rate[at], rate[end] = rate[end], rate[at]
                size[at], size[end] = size[end], size[at]
        if above >= left:
            high = after
        elif above + level >= left:
            return pivot, (left - above) / level
        else:
            left -= above + level
            low = end
    return 0.0, 0.0


@nb.njit(nogil=True, cache=True)
def _bar(site: int, cover: Cover, holds: Holds, cover_price: FloatArray) -> tuple[float, float]:
    """Return what people must pay each at a site, and the share served of those who pay just that.

    The bar is -1 where there is room for all.
    """
    if holds.most[site] == np.inf:
        return -1.0, 1.0
    low, high = cover.site_first[site], cover.site_first[site + 1]
    rate, size, total = np.empty(high - low), np.empty(high - low), 0.0
    for at in range(low, high):
        row = cover.demand[at]
        size[at - low] = holds.people[row]
        rate[at - low] = cover_price[row] / holds.people[row]
        total += holds.people[row]
    if total <= holds.most[site]:
        return -1.0, 1.0
    return _last_served(rate, size, holds.most[site])


@nb.njit(nogil=True, cache=True)
def dual_scores(
    cover: Cover, packing: Packing, holds: Holds, cover_price: FloatArray, use_price: FloatArray
) -> FloatArray:
    """Return what each site earns at these prices, float64 [k]."""
    k = len(cover.site_first) - 1
    score = np.empty(k)
    for site in range(k):
        earned = 0.0
        bar, share = _bar(site, cover, holds, cover_price)
        for at in range(cover.site_first[site], cover.site_first[site + 1]):
            price = cover_price[cover.demand[at]]
            if bar < 0.0:
                earned += price
                continue
            rate = price / holds.people[cover.demand[at]]
            if rate > bar:
                earned += price
            elif rate == bar:
                earned += share * price
        for at in range(packing.first[site], packing.first[site + 1]):
            earned -= use_price[packing.resource[at]] * packing.use[at]
        score[site] = earned
    return score


@nb.njit(nogil=True, cache=True)
def dearest(score: FloatArray, most: int) -> IntArray:
    """Return up to `most` sites of the highest scores above 0, by index; ties by index."""
    if most >= len(score):
        return np.flatnonzero(score > 0).astype(np.int32)
    if most == 0:
        return np.empty(0, dtype=np.int32)
    least = -np.partition(-score, most - 1)[most - 1]
    chosen, n = np.empty(most, dtype=np.int32), 0
    ties = most - (score > least).sum()
    for site in range(len(score)):
        tied = score[site] == least and ties > 0
        if score[site] > 0 and (score[site] > least or tied):
            chosen[n] = site
            n += 1
        if tied:
            ties -= 1
    return chosen[:n]


@nb.njit(nogil=True, cache=True)
def _directions(
    cover: Cover, packing: Packing, holds: Holds, chosen: IntArray, dual: Dual, first: bool
) -> tuple[float, float]:
    """Write the smoothed subgradients; return (what rows and resources add to the value, norm)."""
    n, r = len(cover.weight), len(packing.amount)
    times, used = np.zeros(n), np.zeros(r)
    for site in chosen:
        bar, share = _bar(site, cover, holds, dual.cover_price)
        for at in range(cover.site_first[site], cover.site_first[site + 1]):
            row = cover.demand[at]
            rate = dual.cover_price[row] / holds.people[row]
            if bar < 0.0 or rate > bar:
                times[row] += 1.0
            elif rate == bar:
                times[row] += share
        for at in range(packing.first[site], packing.first[site + 1]):
            used[packing.resource[at]] += packing.use[at]
    value, norm = 0.0, 0.0
    keep = 0.0 if first else _SMOOTH
    for row in range(n):
        slope = -times[row]
        if cover.weight[row] > dual.cover_price[row]:
            value += cover.weight[row] - dual.cover_price[row]
            slope += 1.0
        dual.direction[row] = keep * dual.direction[row] + (1 - keep) * slope
        norm += dual.direction[row] ** 2
    for at in range(r):
        value += dual.use_price[at] * packing.amount[at]
        slope = (used[at] - packing.amount[at]) * dual.scale[at]
        dual.use_direction[at] = keep * dual.use_direction[at] + (1 - keep) * slope
        norm += dual.use_direction[at] ** 2
    return value, norm


@nb.njit(nogil=True, cache=True)
def lower_dual(
    cover: Cover, packing: Packing, holds: Holds, most: int, goal: float, dual: Dual, steps: int
) -> tuple[IntArray, FloatArray]:
    """Take `steps` steps towards the least bound; `goal` is what is known to be reachable.

    Return the sites that answer the last prices, and their scores.
    """
    figures = dual.figures
    chosen, score = np.empty(0, dtype=np.int32), np.empty(0)
    for _ in range(steps):
        score = dual_scores(cover, packing, holds, dual.cover_price, dual.use_price)
        chosen = dearest(score, most)
        dual.share[:] *= _LATELY
        dual.share[chosen] += 1 - _LATELY
        value, norm = _directions(cover, packing, holds, chosen, dual, figures[0] == np.inf)
        for site in chosen:
            value += score[site]
        if value < figures[0] * (1 - 1e-7) or figures[0] == np.inf:
            figures[0], figures[2] = value, 0
            dual.best_cover_price[:] = dual.cover_price
            dual.best_use_price[:] = dual.use_price
        else:
            figures[2] += 1
            if figures[2] >= _PATIENCE:
                figures[1], figures[2] = 0.7 * figures[1], 0
                dual.cover_price[:] = dual.best_cover_price
                dual.use_price[:] = dual.best_use_price
        if norm <= 0.0 or value <= goal:
            break
        step = figures[1] * (value - goal) / norm
        for row in range(len(cover.weight)):
            price = dual.cover_price[row] + step * dual.direction[row]
            dual.cover_price[row] = min(max(price, 0.0), cover.weight[row])
        for at in range(len(packing.amount)):
            price = dual.use_price[at] + step * dual.use_direction[at] * dual.scale[at]
            dual.use_price[at] = max(price, 0.0)
    return chosen, score

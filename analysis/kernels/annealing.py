"""Better choices of sites by a heat bath: simulated annealing without refusals.

Some open site is closed, and what is opened instead is drawn by its gain, the best most often; the
cooler it is, the more so (Kirkpatrick, Gelatt and Vecchi 1983, Science 220:671–680; drawn as by
Geman and Geman 1984). That leaves plans behind that no single exchange improves. The draws come
from a generator of its own, so that the same call gives the same plan.
"""

import numba as nb
import numpy as np

from analysis.kernels.covering import Cover, Opened, Packing, close_site, fits, open_site
from analysis.units import ByteArray, FloatArray, IdArray

_NEGLIGIBLE = 9.0  # temperatures below the best: one draw in 8,000
TWICE = 0.25  # how often two sites are closed, where sites use different amounts
ENOUGH_ROOM = 0.5  # of one site


@nb.njit(nogil=True, cache=True)
def generator(seed: int) -> IdArray:
    """Return the state of a generator of random numbers, int64 [1]."""
    return np.array([seed * 2654435761 + 88172645463325252], dtype=np.int64)


@nb.njit(nogil=True, cache=True)
def draw(state: IdArray) -> float:
    """Return the next number of 0…1 (xorshift, Marsaglia 2003)."""
    x = np.uint64(state[0])
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = np.int64(x)
    return float(x >> np.uint64(11)) / 9007199254740992.0


@nb.njit(nogil=True, cache=True)
def drawn_site(
    packing: Packing, price: FloatArray, opened: Opened, heat: float, state: IdArray
) -> int:
    """Return a closed site that fits, drawn by its gain for its price, -1 if none gains."""
    most = 0.0
    for site in range(len(price)):
        worth = opened.gain[site] / price[site]
        if worth > most and opened.is_open[site] == 0 and fits(site, packing, opened):
            most = worth
    if most == 0.0:
        return -1
    least, total, drawn = max(most - _NEGLIGIBLE * heat, 0.0), 0.0, -1
    for site in range(len(price)):
        worth = opened.gain[site] / price[site]
        if worth <= least or opened.is_open[site] == 1 or not fits(site, packing, opened):
            continue
        weight = np.exp((worth - most) / heat)
        total += weight
        if draw(state) * total < weight:
            drawn = site
    return drawn


@nb.njit(nogil=True, cache=True)
def anneal(
    cover: Cover,
    packing: Packing,
    price: FloatArray,
    opened: Opened,
    heats: FloatArray,
    seed: int,
) -> tuple[ByteArray, float]:
    """Make one move for each of `heats` float64; return (which sites were open at best, people).

    A heat is a share of what one open site covers on average, > 0; `opened` is the plan to begin
    with and is left at the last one. Gains are weighed by `price` in every other move, if prices
    differ. The number of sites is the first resource of `packing`.
    """
    k = len(price)
    even, varied = np.ones(k), len(packing.amount) > 1
    priced = (price != price[0]).any() if k > 0 else False
    total = (cover.weight * (opened.times > 0)).sum()
    best, most = opened.is_open.copy(), total
    listed, n = np.empty(k + 1, dtype=np.int32), 0
    for site in range(k):
        if opened.is_open[site] == 1:
            listed[n] = site
            n += 1
    state = generator(seed)
    for move in range(len(heats)):
        if n == 0 or total == 0.0:
            break
        weighed = price if priced and move % 2 == 1 else even
        heat = heats[move] * total / weighed[listed[:n]].sum()
        for _ in range(2 if varied and n > 1 and draw(state) < TWICE else 1):
            at = min(int(draw(state) * n), n - 1)
            total -= close_site(listed[at], cover, packing, opened)
            n -= 1
            listed[at] = listed[n]
        while opened.room[0] > ENOUGH_ROOM:
            site = drawn_site(packing, weighed, opened, heat, state)
            if site < 0:
                break
            total += open_site(site, cover, packing, opened)
            listed[n] = site
            n += 1
        if total > most:
            best[:], most = opened.is_open, total
    return best, most

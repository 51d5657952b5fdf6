"""Better choices of sites that hold so many people only: a heat bath as in `annealing`.

A site that opens serves those who go without, first who has least choice; when it closes, others
with room to spare take over. Nobody is moved from one open site to another, so that more may be
served than is counted here: in the end a maximum flow tells.

People and what sites hold are whole multiples of one part of a person, so that sums are exact.
"""

from typing import NamedTuple

import numba as nb
import numpy as np

from analysis.kernels.annealing import ENOUGH_ROOM, TWICE, draw, drawn_site, generator
from analysis.kernels.covering import Opened, Packing
from analysis.units import ByteArray, FloatArray, IdArray, IntArray


class Asking(NamedTuple):
    """Who asks for whom, both ways: `row` int32 of site *j* are at ``first[j]:first[j + 1]``, in
    the order in which they are served; `site` int32 and `pair` int64 (where that pair is by site)
    of row *i* at ``row_first[i]:row_first[i + 1]``. `people` float64 [n]; `most` float64 [k], whom
    sites can serve; `worth` float64 [k], what one person counts there.
    """  # noqa: D205 - one sentence

    first: IdArray
    row: IntArray
    row_first: IdArray
    site: IntArray
    pair: IdArray
    people: FloatArray
    most: FloatArray
    worth: FloatArray


class Serving(NamedTuple):
    """Who is served: `opened` as in `covering` (its gains are what could be served of those who go
    without); `near` float64 [k], those who go without around; `spare` float64 [k]; `without`
    float64 [n]; `flow` float64 [q] by site.
    """  # noqa: D205 - one sentence

    opened: Opened
    near: FloatArray
    spare: FloatArray
    without: FloatArray
    flow: FloatArray


@nb.njit(nogil=True, cache=True)
def _nobody(asking: Asking, packing: Packing) -> Serving:
    k, n = len(asking.most), len(asking.people)
    near = np.zeros(k)
    for site in range(k):
        for at in range(asking.first[site], asking.first[site + 1]):
            near[site] += asking.people[asking.row[at]]
    gain = np.minimum(near, asking.most) * asking.worth
    opened = Opened(
        np.zeros(k, dtype=np.uint8), gain, np.zeros(n, dtype=np.int32), packing.amount.copy()
    )
    return Serving(opened, near, np.zeros(k), asking.people.copy(), np.zeros(len(asking.row)))


@nb.njit(nogil=True, cache=True)
def _go_without(row: int, more: float, asking: Asking, serving: Serving) -> None:
    serving.without[row] += more
    for at in range(asking.row_first[row], asking.row_first[row + 1]):
        site = asking.site[at]
        serving.near[site] += more
        if serving.opened.is_open[site] == 0:
            could = min(serving.near[site], asking.most[site])
            serving.opened.gain[site] = could * asking.worth[site]


@nb.njit(nogil=True, cache=True)
def _open(site: int, asking: Asking, packing: Packing, serving: Serving) -> float:
    opened, left = serving.opened, asking.most[site]
    opened.is_open[site], opened.gain[site] = 1, 0.0
    for at in range(packing.first[site], packing.first[site + 1]):
        opened.room[packing.resource[at]] -= packing.use[at]
    for at in range(asking.first[site], asking.first[site + 1]):
        row = asking.row[at]
        taken = min(left, serving.without[row])
        if taken > 0.0:
            serving.flow[at] = taken
            left -= taken
            _go_without(row, -taken, asking, serving)
    serving.spare[site] = left
    served: float = (asking.most[site] - left) * asking.worth[site] if left < np.inf else 0.0
    if left == np.inf:
        for at in range(asking.first[site], asking.first[site + 1]):
            served += serving.flow[at] * asking.worth[site]
    return served


@nb.njit(nogil=True, cache=True)
def _close(site: int, asking: Asking, packing: Packing, serving: Serving) -> float:
    opened, lost = serving.opened, 0.0
    opened.is_open[site], serving.spare[site] = 0, 0.0
    opened.gain[site] = min(serving.near[site], asking.most[site]) * asking.worth[site]
    for at in range(packing.first[site], packing.first[site + 1]):
        opened.room[packing.resource[at]] += packing.use[at]
    for at in range(asking.first[site], asking.first[site + 1]):
        left, row = serving.flow[at], asking.row[at]
        if left == 0.0:
            continue
        serving.flow[at] = 0.0
        for other in range(asking.row_first[row], asking.row_first[row + 1]):
            taken = min(left, serving.spare[asking.site[other]])
            if taken > 0.0:
                serving.flow[asking.pair[other]] += taken
                serving.spare[asking.site[other]] -= taken
                left -= taken
        if left > 0.0:
            _go_without(row, left, asking, serving)
            lost += left * asking.worth[site]
    return lost


@nb.njit(nogil=True, cache=True)
def anneal_serving(
    is_open: ByteArray,
    asking: Asking,
    packing: Packing,
    price: FloatArray,
    heats: FloatArray,
    seed: int,
) -> tuple[ByteArray, float]:
    """Make one move for each of `heats`; return (which sites were open at best, what that counts).

    As :func:`analysis.kernels.annealing.anneal`; it begins at the sites `is_open` uint8 [k].
    """
    k, total = len(price), 0.0
    even = np.ones(k)
    serving, state = _nobody(asking, packing), generator(seed)
    opened = serving.opened
    listed, n = np.empty(k + 1, dtype=np.int32), 0
    for site in range(k):
        if is_open[site] == 1:
            total += _open(site, asking, packing, serving)
            listed[n] = site
            n += 1
    best, most = opened.is_open.copy(), total
    for move in range(len(heats)):
        if n == 0 or total == 0.0:
            break
        weighed = price if move % 2 == 1 else even
        heat = heats[move] * total / weighed[listed[:n]].sum()
        for _ in range(2 if n > 1 and draw(state) < TWICE else 1):
            at = min(int(draw(state) * n), n - 1)
            total -= _close(listed[at], asking, packing, serving)
            n -= 1
            listed[at] = listed[n]
        while opened.room[0] > ENOUGH_ROOM:
            site = drawn_site(packing, weighed, opened, heat, state)
            if site < 0:
                break
            total += _open(site, asking, packing, serving)
            listed[n] = site
            n += 1
        if total > most:
            best[:], most = opened.is_open, total
    return best, most

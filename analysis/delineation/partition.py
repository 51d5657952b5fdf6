"""Partition: connected blocks shared out among circles that are compact and hold enough people.

What is minimised, in people-metres, over all partitions that local moves reach:

* for each circle, the sum over its people of (distance to its middle)² / radius,
* 1000 people-metres for each metre of border that follows a weak line, and for each metre of a
  strong line inside a circle (:data:`~analysis.delineation.block_graph.BETWEEN`, ``INSIDE``),
* 2000 people-metres for everybody above or below the band of people.

A circle never falls apart. Everything is done in the order of the blocks, without chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import Final

import numpy as np

from analysis.delineation.block_graph import BlockGraph
from analysis.units import FloatArray, IntArray

BORDER_PEOPLE: Final = 1000.0
BAND_M: Final = 2000.0
_MAX_SWEEPS: Final = 60
_LEAST_GAIN: Final = 1e-6
_TRIED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """How many people a circle should hold, and the walk from its middle, metres."""

    low: float
    high: float
    radius_m: float

    def off(self, people: float) -> float:
        """Return how many people are above or below the band."""
        return max(self.low - people, people - self.high, 0.0)

    def counts(self, people: float) -> list[int]:
        """Return into how many circles `people` may be shared, the likeliest first."""
        likely = people / sqrt(max(self.low, 1.0) * self.high)
        low, high = max(1, ceil(people / self.high)), max(1, floor(people / max(self.low, 1.0)))
        if high < low:
            return [low, high] if low != high else [low]
        return sorted(range(low, high + 1), key=lambda k: (abs(k - likely), k))[:_TRIED]


class _Circle:
    """Running sums of one circle: people, weight, first and second moments."""

    __slots__ = ("people", "square", "weight", "x", "y")

    def __init__(self) -> None:
        self.people = self.weight = self.x = self.y = self.square = 0.0

    def add(self, block: tuple[float, float, float, float], sign: float) -> None:
        people, weight, x, y = block
        self.people += sign * people
        self.weight += sign * weight
        self.x += sign * weight * x
        self.y += sign * weight * y
        self.square += sign * weight * (x * x + y * y)

    def cost(self, band: Band) -> float:
        if self.weight <= 0:
            return 0.0
        spread = self.square - (self.x * self.x + self.y * self.y) / self.weight
        return max(spread, 0.0) / band.radius_m + BAND_M * band.off(self.people)

    def cost_with(self, block: tuple[float, float, float, float], sign: float, band: Band) -> float:
        other = _Circle()
        other.people, other.weight = self.people, self.weight
        other.x, other.y, other.square = self.x, self.y, self.square
        other.add(block, sign)
        return other.cost(band)


def partition(graph: BlockGraph, blocks: IntArray, band: Band) -> IntArray:
    """Share `blocks` (connected among each other) out; returns a number for each, from 0.

    Several numbers of circles within the band are tried, and the cheapest partition is kept.
    """
    people = float(graph.people[blocks].sum())
    best: tuple[float, int, IntArray] | None = None
    for k in band.counts(people):
        if k > len(blocks):
            continue
        shared = _Sharing(graph, blocks, _bisected(graph, blocks, k), band)
        shared.connect()
        shared.improve()
        cost = shared.cost()
        if best is None or (cost, k) < best[:2]:
            best = (cost, k, shared.labels())
    return np.zeros(len(blocks), dtype=np.int32) if best is None else best[2]


def _bisected(graph: BlockGraph, blocks: IntArray, k: int) -> list[int]:
    """Return a first share-out into `k`: halves along the longer axis, again and again."""
    label = np.zeros(len(blocks), dtype=np.int64)
    stack: list[tuple[IntArray, int, int]] = [(np.arange(len(blocks)).astype(np.int32), 0, k)]
    while stack:
        rows, first, parts = stack.pop()
        if parts == 1 or len(rows) <= 1:
            label[rows] = first
            continue
        xy_m, weight = graph.xy_m[blocks[rows]], graph.weight[blocks[rows]]
        along = (xy_m - np.average(xy_m, axis=0, weights=weight)) @ _longer_axis(xy_m, weight)
        order = np.argsort(np.round(along, 3), kind="stable")
        left = parts // 2
        reached = np.cumsum(weight[order])
        cut = int(np.searchsorted(reached, reached[-1] * left / parts)) + 1
        cut = min(max(cut, 1), len(rows) - 1)
        stack.append((rows[order[:cut]], first, left))
        stack.append((rows[order[cut:]], first + left, parts - left))
    return [int(one) for one in label]


def _longer_axis(xy_m: FloatArray, weight: FloatArray) -> FloatArray:
    x, y = (xy_m - np.average(xy_m, axis=0, weights=weight)).T
    xx, yy, xy = (float(np.sum(weight * one)) for one in (x * x, y * y, x * y))
    angle = 0.5 * np.arctan2(2.0 * xy, xx - yy)
    return np.array([np.cos(angle), np.sin(angle)])


class _Sharing:
    """Blocks with the number of their circle, and moves between circles."""

    def __init__(
        self, graph: BlockGraph, blocks: IntArray, label: Sequence[int], band: Band
    ) -> None:
        self._band = band
        self._label = list(label)
        own = {int(block): row for row, block in enumerate(blocks)}
        self._block = [
            (float(graph.people[b]), float(graph.weight[b]), float(x), float(y))
            for b, (x, y) in zip(blocks, graph.xy_m[blocks], strict=True)
        ]
        # neighbour, cost between circles, cost inside one, whether a circle holds together there
        self._beside: list[list[tuple[int, float, float, bool]]] = [[] for _ in blocks]
        rows = zip(
            graph.first.tolist(), graph.second.tolist(), graph.between.tolist(),
            graph.inside.tolist(), graph.joinable.tolist(), strict=True,
        )  # fmt: skip
        for a, b, between, inside, joins in rows:
            if a in own and b in own:
                self._beside[own[a]].append((own[b], between, inside, joins))
                self._beside[own[b]].append((own[a], between, inside, joins))
        self._circles = [_Circle() for _ in range(max(self._label) + 1)]
        for row, one in enumerate(self._label):
            self._circles[one].add(self._block[row], 1.0)

    def labels(self) -> IntArray:
        """Return the number of each block's circle, without gaps, in order of first mention."""
        _, first, row = np.unique(self._label, return_index=True, return_inverse=True)
        rank = np.empty(len(first), dtype=np.int32)
        rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
        named: IntArray = rank[row]
        return named

    def cost(self) -> float:
        """Return what this share-out costs, people-metres."""
        total = sum(circle.cost(self._band) for circle in self._circles)
        for row, beside in enumerate(self._beside):
            for other, between, inside, _ in beside:
                if other > row:
                    same = self._label[row] == self._label[other]
                    total += BORDER_PEOPLE * (inside if same else between)
        return total

    def connect(self) -> None:
        """Keep the heaviest part of each circle and hand the rest to neighbours, block by block."""
        kept: set[int] = set()
        for one in range(len(self._circles)):
            parts = self._parts([row for row, label in enumerate(self._label) if label == one])
            if parts:
                kept |= max(parts, key=lambda p: (sum(self._block[row][1] for row in p), -min(p)))
        loose = [row for row in range(len(self._label)) if row not in kept]
        while loose:
            placed = []
            for row in loose:
                around = {
                    self._label[o] for o, *_, joins in self._beside[row] if joins and o in kept
                }
                if around:
                    self._put(row, min(around, key=lambda one: (self._gain(row, one), one)))
                    kept.add(row)
                    placed.append(row)
            if not placed:
                return  # the caller's blocks were not connected
            loose = [row for row in loose if row not in kept]

    def improve(self) -> None:
        """Move blocks to neighbouring circles while that pays."""
        for _ in range(_MAX_SWEEPS):
            moved = False
            for row in range(len(self._label)):
                own = self._label[row]
                around = {self._label[o] for o, *_, joins in self._beside[row] if joins} - {own}
                gains = sorted((self._gain(row, one), one) for one in around)
                if gains and gains[0][0] < -_LEAST_GAIN and self._holds_without(row):
                    self._put(row, gains[0][1])
                    moved = True
            if not moved:
                return

    def _gain(self, row: int, to: int) -> float:
        own, block = self._label[row], self._block[row]
        if own == to:
            return 0.0
        change = 0.0
        for one, sign in ((own, -1.0), (to, 1.0)):
            circle = self._circles[one]
            change += circle.cost_with(block, sign, self._band) - circle.cost(self._band)
        for other, between, inside, _ in self._beside[row]:
            if self._label[other] == own:
                change += BORDER_PEOPLE * (between - inside)
            elif self._label[other] == to:
                change += BORDER_PEOPLE * (inside - between)
        return change

    def _put(self, row: int, to: int) -> None:
        self._circles[self._label[row]].add(self._block[row], -1.0)
        self._circles[to].add(self._block[row], 1.0)
        self._label[row] = to

    def _holds_without(self, row: int) -> bool:
        """Return whether the circle of `row` is there and in one piece without it."""
        own = self._label[row]
        around = [o for o, *_, joins in self._beside[row] if joins and self._label[o] == own]
        if not around:
            return False  # its last block stays
        wanted = set(around[1:])
        seen, stack = {row, around[0]}, [around[0]]
        while stack and wanted:
            for other, *_, joins in self._beside[stack.pop()]:
                if joins and other not in seen and self._label[other] == own:
                    seen.add(other)
                    wanted.discard(other)
                    stack.append(other)
        return not wanted

    def _parts(self, rows: list[int]) -> list[set[int]]:
        left, parts = set(rows), []
        for row in rows:
            if row not in left:
                continue
            part, stack = {row}, [row]
            left.discard(row)
            while stack:
                for other, *_, joins in self._beside[stack.pop()]:
                    if joins and other in left:
                        left.discard(other)
                        part.add(other)
                        stack.append(other)
            parts.append(part)
        return parts

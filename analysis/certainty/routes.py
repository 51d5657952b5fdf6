"""Shortest walks over the stretches that one engine lets people walk, with their stretches.

Written apart from the kernels on purpose: it re-measures them on another drawing of the network.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from analysis.certainty.streets import NO_STRETCH, Openness, Positions, Streets
from analysis.units import FloatArray, IdArray, IntArray

_LEAST_M: Final = 1e-9  # a stretch without length must not vanish from a sparse matrix


@dataclass(frozen=True, slots=True)
class Route:
    """One walk: its metres (inf where there is none) and its stretches from start to end."""

    length_m: float
    stretches: tuple[int, ...]


class Router:
    """Finds shortest walks over `streets` as `openness` lets people go."""

    def __init__(self, streets: Streets, openness: Openness) -> None:
        self.streets = streets
        self.openness = openness

    def between(self, start: Positions, end: Positions, limit_m: FloatArray) -> list[Route]:
        """Return the shortest walk from each start to its end, as far as its limit.

        A walk leaves and arrives along the positions' own stretches, in the directions that are
        open. Limits are float64 [k] metres.
        """
        found = [Route(np.inf, ())] * len(start.stretch)
        known = (start.stretch != NO_STRETCH) & (end.stretch != NO_STRETCH)
        order = np.flatnonzero(known)
        order = order[np.lexsort((start.offset_m[order], start.stretch[order]))]
        for rows in _alike(order, start):
            routes = self._from_one(start, end, rows, float(limit_m[rows].max()))
            for row, route in zip(rows.tolist(), routes, strict=True):
                if route.length_m <= limit_m[row]:
                    found[row] = route
        return found

    @cached_property
    def _edges(self) -> tuple[IntArray, IntArray, IntArray]:
        """Return start, end and stretch of every step that may be walked, sorted, no two alike."""
        streets, open_ = self.streets, self.openness
        ahead, back = np.flatnonzero(open_.forward), np.flatnonzero(open_.backward)
        leave = np.concatenate([streets.tail[ahead], streets.head[back]])
        arrive = np.concatenate([streets.head[ahead], streets.tail[back]])
        stretch = np.concatenate([ahead, back]).astype(np.int32)
        # One may arrive at a node that refuses walkers, and go no farther.
        kept = ~open_.refuses[leave]
        leave, arrive, stretch = leave[kept], arrive[kept], stretch[kept]
        by = np.lexsort((stretch, streets.length_m[stretch], arrive, leave))
        leave, arrive, stretch = leave[by], arrive[by], stretch[by]
        first = np.ones(len(by), dtype=np.bool_)
        first[1:] = (leave[1:] != leave[:-1]) | (arrive[1:] != arrive[:-1])
        return leave[first], arrive[first], stretch[first]

    @cached_property
    def _graph(self) -> csr_array:
        leave, arrive, stretch = self._edges
        n = len(self.streets.node_xy_m)
        cost_m = np.maximum(self.streets.length_m[stretch], _LEAST_M)
        return csr_array((cost_m, (leave, arrive)), shape=(n, n))

    @cached_property
    def _step(self) -> IdArray:
        """Return one ascending number for each step, from its two nodes."""
        leave, arrive, _ = self._edges
        return leave.astype(np.int64) * len(self.streets.node_xy_m) + arrive

    def _from_one(
        self, start: Positions, end: Positions, rows: IdArray, limit_m: float
    ) -> Iterator[Route]:
        stretch, offset_m = int(start.stretch[rows[0]]), float(start.offset_m[rows[0]])
        seeds = self._ways_out(stretch, offset_m)
        fields = [
            dijkstra(self._graph, indices=node, limit=limit_m, return_predecessors=True)
            for node, _ in seeds
        ]
        for row in rows.tolist():
            goal, at_m = int(end.stretch[row]), float(end.offset_m[row])
            best = self._along(stretch, offset_m, goal, at_m)
            for (seed, out_m), (metres, before) in zip(seeds, fields, strict=True):
                for node, in_m in self._ways_in(goal, at_m):
                    length_m = out_m + float(metres[node]) + in_m
                    if length_m < best.length_m:
                        inner = self._traced(before, seed, node)
                        best = Route(length_m, (stretch, *inner, goal))
            yield best

    def _along(self, stretch: int, offset_m: float, goal: int, at_m: float) -> Route:
        if stretch != goal:
            return Route(np.inf, ())
        open_ = self.openness
        is_open = open_.forward[stretch] if at_m >= offset_m else open_.backward[stretch]
        return Route(abs(at_m - offset_m) if is_open else np.inf, (stretch,))

    def _ways_out(self, stretch: int, offset_m: float) -> list[tuple[int, float]]:
        """Return the nodes to which a position leads along its stretch, and how far they are."""
        streets, open_ = self.streets, self.openness
        left_m = float(streets.length_m[stretch]) - offset_m
        ways = [
            (int(streets.head[stretch]), left_m, open_.forward[stretch]),
            (int(streets.tail[stretch]), offset_m, open_.backward[stretch]),
        ]
        return [(node, out_m) for node, out_m, is_open in ways if is_open]

    def _ways_in(self, stretch: int, offset_m: float) -> list[tuple[int, float]]:
        """Return the nodes from which a position is come upon, and how far they are."""
        streets, open_ = self.streets, self.openness
        left_m = float(streets.length_m[stretch]) - offset_m
        ways = [
            (int(streets.tail[stretch]), offset_m, open_.forward[stretch]),
            (int(streets.head[stretch]), left_m, open_.backward[stretch]),
        ]
        return [(node, in_m) for node, in_m, is_open in ways if is_open and not open_.refuses[node]]

    def _traced(self, before: IntArray, seed: int, node: int) -> tuple[int, ...]:
        found: list[int] = []
        n = len(self.streets.node_xy_m)
        while node != seed:
            last = int(before[node])
            place = int(np.searchsorted(self._step, last * n + node))
            found.append(int(self._edges[2][place]))
            node = last
        return tuple(reversed(found))


def _alike(order: IdArray, start: Positions) -> Iterator[IdArray]:
    """Yield the rows that start at one place, so that one search serves them all."""
    if len(order) == 0:
        return
    stretch, offset_m = start.stretch[order], start.offset_m[order]
    new = np.flatnonzero((np.diff(stretch) != 0) | (np.diff(offset_m) != 0)) + 1
    yield from np.split(order, new)

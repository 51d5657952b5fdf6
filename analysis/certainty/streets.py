"""The same streets as two engines may walk them: who lets people onto which stretch.

Whether two engines differ because of access rules can only be told on one drawing. Here every
stretch between two neighbouring nodes stands once, with what either engine allows.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.units import BoolArray, FloatArray, IdArray, IntArray, freeze

NO_STRETCH: Final = -1
_GRID_PER_M: Final = 1e3  # ends of stretches are told apart to the millimetre


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Openness:
    """What one engine lets people walk.

    `forward`, `backward` bool [s]: whether each stretch may be walked tail → head and head → tail;
    `refuses` bool [n]: nodes that nobody passes (one may still arrive there).
    """

    forward: BoolArray
    backward: BoolArray
    refuses: BoolArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.forward, self.backward, self.refuses):
            freeze(array)

    @property
    def either_way(self) -> BoolArray:
        """Return which stretches may be walked in at least one direction, bool [s]."""
        return self.forward | self.backward


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Streets:
    """All stretches of an extract that either engine may know.

    `node_id` int64 [n]; `node_xy_m` float64 [n, 2] metres; `tail`, `head` int32 [s]; `length_m`
    float64 [s]; `way_id` int64 [s], negative for a relation; `rule` int32 [s] and `node_rule` int32
    [n] point into `rules`, the names of the access rules that decide here (-1: none).
    """

    node_id: IdArray
    node_xy_m: FloatArray
    tail: IntArray
    head: IntArray
    length_m: FloatArray
    way_id: IdArray
    rule: IntArray
    node_rule: IntArray
    rules: tuple[str, ...]

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (
            self.node_id, self.node_xy_m, self.tail, self.head, self.length_m, self.way_id,
            self.rule, self.node_rule,
        ):  # fmt: skip
            freeze(array)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Positions:
    """Places on stretches: `stretch` int32 [k] (-1: nowhere), `offset_m` float64 [k] from tail."""

    stretch: IntArray
    offset_m: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self.stretch)
        freeze(self.offset_m)


def between_nodes(
    streets: Streets, open_: BoolArray, ends_m: FloatArray, offset_m: FloatArray
) -> Positions:
    """Return positions known by the two ends of their stretch.

    Parameters
    ----------
    streets, open_
        The stretches, and which of them count, bool [s].
    ends_m
        float64 [k, 2, 2]: the places of the two end nodes, metres.
    offset_m
        float64 [k]: metres from the first of them.
    """
    rows = np.flatnonzero(open_)
    known: dict[bytes, int] = {}
    ends = np.stack(
        [streets.node_xy_m[streets.tail[rows]], streets.node_xy_m[streets.head[rows]]], axis=1
    )
    for key, row in zip(_keys(ends), rows.tolist(), strict=True):
        known.setdefault(key, row)
    ahead = [known.get(key, NO_STRETCH) for key in _keys(ends_m)]
    back = [known.get(key, NO_STRETCH) for key in _keys(ends_m[:, ::-1])]
    stretch, other = np.array(ahead, dtype=np.int32), np.array(back, dtype=np.int32)
    turned = (stretch == NO_STRETCH) & (other != NO_STRETCH)
    stretch = np.where(turned, other, stretch).astype(np.int32)
    length_m = streets.length_m[stretch]
    offset_m = np.clip(np.where(turned, length_m - offset_m, offset_m), 0.0, length_m)
    return Positions(stretch=stretch, offset_m=offset_m)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spots:
    """Places on stretches near points, nearest first.

    Those of point *i* are rows ``first[i]:first[i + 1]`` (int32 [k + 1]) of `stretch` int32 and
    `offset_m` float64.
    """

    first: IntArray
    stretch: IntArray
    offset_m: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.first, self.stretch, self.offset_m):
            freeze(array)

    def nearest(self) -> Positions:
        """Return the first place of each point, nowhere for one without."""
        has = np.diff(self.first) > 0
        stretch = np.full(len(has), NO_STRETCH, dtype=np.int32)
        offset_m = np.zeros(len(has))
        stretch[has] = self.stretch[self.first[:-1][has]]
        offset_m[has] = self.offset_m[self.first[:-1][has]]
        return Positions(stretch=stretch, offset_m=offset_m)

    def rows(self, point: int) -> range:
        """Return the rows of one point."""
        return range(int(self.first[point]), int(self.first[point + 1]))

    def picked(self, rows: list[int]) -> Positions:
        """Return the places in `rows`."""
        return Positions(stretch=self.stretch[rows], offset_m=self.offset_m[rows])


def spots_of_ways(
    streets: Streets,
    open_: BoolArray,
    xy_m: FloatArray,
    ways: list[frozenset[int]],
    within_m: float,
) -> Spots:
    """Return the places on open stretches of each point's `ways` within `within_m` metres of it.

    `xy_m` float64 [k, 2].
    """
    rows = np.flatnonzero(open_)
    lines = shapely.linestrings(
        np.stack(
            [streets.node_xy_m[streets.tail[rows]], streets.node_xy_m[streets.head[rows]]], axis=1
        )
    )
    points = shapely.points(xy_m)
    at, line = shapely.STRtree(lines).query(points, predicate="dwithin", distance=within_m)
    of_way = np.array(
        [way in ways[i] for i, way in zip(at, streets.way_id[rows[line]].tolist(), strict=True)],
        dtype=np.bool_,
    )
    at, line = at[of_way], line[of_way]
    by = np.lexsort((line, shapely.distance(points[at], lines[line]), at))
    at, line = at[by], line[by]
    return Spots(
        first=np.searchsorted(at, np.arange(len(xy_m) + 1)).astype(np.int32),
        stretch=rows[line].astype(np.int32),
        offset_m=shapely.line_locate_point(lines[line], points[at]),
    )


def _keys(ends_m: FloatArray) -> list[bytes]:
    grid = np.rint(ends_m * _GRID_PER_M).astype(np.int64).reshape(-1, 4)
    return [row.tobytes() for row in grid]

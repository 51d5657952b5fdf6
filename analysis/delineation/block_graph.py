"""Block graph: street blocks joined up to what arterials enclose, their people and borders."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.delineation.street_blocks import StreetBlocks
from analysis.streets.components import smallest_in_component
from analysis.streets.dividers import Rank
from analysis.units import M2_PER_KM2, BoolArray, ByteArray, FloatArray, IdArray, IntArray, freeze

# What a metre of border costs, by the rank of its line: between two circles, and inside one.
BETWEEN: Final = np.array([1.0, 0.6, 0.25, 0.0, 0.0])
INSIDE: Final = np.array([0.0, 0.0, 0.15, 0.5, 3.0])
_GROUND_PEOPLE_PER_KM2: Final = 2000.0  # what ground weighs, so that empty blocks join compactly
_TOUCH_M: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLimits:
    """What a block may hold before it is taken apart along weaker lines."""

    people: float
    area_m2: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BlockGraph:
    """Blocks to make circles of, and the borders between them.

    Attributes
    ----------
    of_polygon
        The block of each polygon of the street blocks, int32 [b].
    people, weight
        Residents, and what counts for compactness (people and a little for ground), float64 [n].
    xy_m
        Where the people are on average, else the middle of the ground, float64 [n, 2].
    area_m2
        float64 [n].
    first, second
        Blocks with a common border, first < second, int32 [k].
    between, inside
        What the border costs between two circles and inside one, weighted metres, float64 [k].
    open_m, barred_m
        Metres of the border that may be joined across, and that may not, float64 [k].
    """

    of_polygon: IntArray
    people: FloatArray
    weight: FloatArray
    xy_m: FloatArray
    area_m2: FloatArray
    first: IntArray
    second: IntArray
    between: FloatArray
    inside: FloatArray
    open_m: FloatArray
    barred_m: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (
            self.of_polygon, self.people, self.weight, self.xy_m, self.area_m2, self.first,
            self.second, self.between, self.inside, self.open_m, self.barred_m,
        ):  # fmt: skip
            freeze(array)

    def __len__(self) -> int:
        """Return the number of blocks."""
        return len(self.people)

    @property
    def joinable(self) -> BoolArray:
        """Return which borders may be joined across, bool [k]."""
        return self.open_m > _TOUCH_M


def block_graph(
    blocks: StreetBlocks, people: FloatArray, people_xy_m: FloatArray, limits: BlockLimits
) -> BlockGraph:
    """Join street blocks across all but arterials, taking apart what is then beyond `limits`.

    `people` float64 [b] and `people_xy_m` float64 [b, 2]: who lives in each polygon, and where on
    average (not-a-number where nobody lives).
    """
    area_m2 = shapely.area(blocks.polygons)
    group = _groups(blocks, people, area_m2, limits)
    n = int(group.max()) + 1
    held = np.bincount(group, weights=people, minlength=n)
    ground_m2 = np.bincount(group, weights=area_m2, minlength=n)
    middle = shapely.get_coordinates(shapely.centroid(blocks.polygons))
    lived = np.where(people[:, None] > 0, np.nan_to_num(people_xy_m), middle)
    share = np.where(held[group] > 0, people, area_m2)
    shares = np.bincount(group, weights=share, minlength=n)
    xy_m = np.column_stack(
        [np.bincount(group, weights=share * lived[:, i], minlength=n) / shares for i in (0, 1)]
    )
    weight = held + ground_m2 / M2_PER_KM2 * _GROUND_PEOPLE_PER_KM2
    pair, row, length_m, rank = _borders(blocks, group, n)

    def total(each: FloatArray) -> FloatArray:
        summed: FloatArray = np.bincount(row, weights=each, minlength=len(pair)).astype(np.float64)
        return summed

    return BlockGraph(
        of_polygon=group,
        people=held.astype(np.float64),
        weight=weight,
        xy_m=xy_m,
        area_m2=ground_m2.astype(np.float64),
        first=(pair // n).astype(np.int32),
        second=(pair % n).astype(np.int32),
        between=total(length_m * BETWEEN[rank]),
        inside=total(length_m * INSIDE[rank]),
        open_m=total(length_m * (rank != Rank.NEVER)),
        barred_m=total(length_m * (rank == Rank.NEVER)),
    )


def _groups(
    blocks: StreetBlocks, people: FloatArray, area_m2: FloatArray, limits: BlockLimits
) -> IntArray:
    n = len(blocks)
    slivers = np.flatnonzero(blocks.of_block != np.arange(n))
    group = blocks.of_block.astype(np.int64)
    apart = np.ones(n, dtype=bool)  # polygons whose group is still to be settled
    for weakest in (Rank.MINOR_ARTERIAL, Rank.COLLECTOR):
        joined = (blocks.rank < weakest) & apart[blocks.left] & apart[blocks.right]
        tail = np.concatenate([blocks.left[joined], slivers]).astype(np.int32)
        head = np.concatenate([blocks.right[joined], blocks.of_block[slivers]]).astype(np.int32)
        found = smallest_in_component(n, tail, head)
        held = np.bincount(found, weights=people, minlength=n)
        ground_m2 = np.bincount(found, weights=area_m2, minlength=n)
        small = (held <= limits.people) & (ground_m2 <= limits.area_m2)
        group[apart] = np.where(small[found], found, blocks.of_block)[apart]
        apart &= ~small[found]
    _, numbered = np.unique(group, return_inverse=True)
    return numbered.astype(np.int32)


def _borders(
    blocks: StreetBlocks, group: IntArray, n: int
) -> tuple[IdArray, IntArray, FloatArray, ByteArray]:
    """Return the pairs of groups that touch, and of each border its pair, length and rank."""
    a, b = group[blocks.left].astype(np.int64), group[blocks.right].astype(np.int64)
    apart = a != b
    key: IdArray = np.minimum(a, b)[apart] * n + np.maximum(a, b)[apart]
    pair, row = np.unique(key, return_inverse=True)
    return pair, row.astype(np.int32), blocks.length_m[apart], blocks.rank[apart]

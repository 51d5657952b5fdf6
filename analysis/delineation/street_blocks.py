"""Street blocks: the pieces into which streets, railways and water cut the ground."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely

from analysis.streets.dividers import Dividers, Rank
from analysis.units import BoolArray, ByteArray, FloatArray, GeometryArray, IntArray, freeze

GRID_M: Final = 0.01  # lines are noded to centimetres
_ON_LINE_M: Final = 0.05
_END_M: Final = 1.0  # a line that ends so near to the edge was cut there
_SLIVER_WIDTH_M: Final = 40.0  # between the carriageways of one road
_SLIVER_M2: Final = 2000.0
_ALIKE: Final = 0.6
_LEAN: Final = np.array([0.3, 1.0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StreetBlocks:
    """Blocks that tile an area, and the borders between them.

    Attributes
    ----------
    polygons
        Disjoint polygons in metres, object array [b], from south to north; what shares a border
        shares its vertices.
    of_block
        The block that each polygon belongs to, int32 [b]: slivers belong to a neighbour.
    left, right
        The polygons on either side of each border, int32 [e].
    length_m, rank
        Length of each border, float64 [e], and the strongest line along it, uint8 [e].
    """

    polygons: GeometryArray
    of_block: IntArray
    left: IntArray
    right: IntArray
    length_m: FloatArray
    rank: ByteArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.polygons, self.of_block, self.left, self.right, self.length_m):
            freeze(array)
        freeze(self.rank)

    def __len__(self) -> int:
        """Return the number of polygons."""
        return len(self.polygons)

    def locate(self, xy_m: FloatArray) -> IntArray:
        """Return the polygon of each point, int32 [n]: the first it touches, else the nearest."""
        tree = shapely.STRtree(self.polygons)
        points = shapely.points(xy_m)
        found = np.full(len(xy_m), len(self), dtype=np.int32)
        point, block = tree.query(points, predicate="intersects")
        np.minimum.at(found, point, block.astype(np.int32))
        lost = np.flatnonzero(found == len(self))
        if len(lost):
            point, block = tree.query_nearest(points[lost], all_matches=True)
            np.minimum.at(found, lost[point], block.astype(np.int32))
        return found


def street_blocks(
    ground: shapely.Geometry, dividers: Dividers, cuts: GeometryArray
) -> StreetBlocks:
    """Cut `ground` (metres) along `dividers` and along further lines `cuts` of no rank."""
    clipped = shapely.get_parts(shapely.intersection(dividers.lines, ground))
    edge = shapely.boundary(ground)
    lines = np.concatenate([clipped, _to_the_edge(clipped, edge), shapely.get_parts(edge), cuts])
    noded = shapely.get_parts(shapely.union_all(lines, grid_size=GRID_M))
    noded = noded[shapely.get_dimensions(noded) == 1]
    polygons = shapely.get_parts(shapely.polygonize(noded))
    inner = shapely.get_coordinates(shapely.point_on_surface(polygons))
    polygons = polygons[shapely.contains_xy(ground, inner[:, 0], inner[:, 1])]
    middle = shapely.get_coordinates(shapely.centroid(polygons)).round(2)
    polygons = polygons[np.lexsort((shapely.area(polygons), middle[:, 0], middle[:, 1]))]
    middles = shapely.line_interpolate_point(noded, 0.5, normalized=True)
    left, right, kept = _sides(polygons, middles)
    return StreetBlocks(
        polygons=polygons,
        of_block=np.arange(len(polygons), dtype=np.int32),
        left=left,
        right=right,
        length_m=shapely.length(noded[kept]),
        rank=_ranks(middles[kept], shapely.length(noded[kept]), dividers),
    )


def _sides(polygons: GeometryArray, middles: GeometryArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return the two polygons beside each line that has two, and which lines these are."""
    line, block = shapely.STRtree(polygons).query(middles, predicate="dwithin", distance=GRID_M / 4)
    order = np.lexsort((block, line))
    line, block = line[order], block[order]
    kept, first, count = np.unique(line, return_index=True, return_counts=True)
    two = count == 2  # noqa: PLR2004 - a border has two sides
    kept, first = kept[two], first[two]
    return (
        block[first].astype(np.int32),
        block[first + 1].astype(np.int32),
        kept.astype(np.int32),
    )


def _to_the_edge(lines: GeometryArray, edge: shapely.Geometry) -> GeometryArray:
    """Return what is missing of lines that end a little before the edge of the ground.

    An extract's edge is straight in degrees and not quite in metres: without, the two banks of a
    river would meet around its end.
    """
    lines = lines[shapely.get_type_id(lines) == 1]
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    shapely.prepare(edge)
    missing: GeometryArray = shapely.shortest_line(ends[shapely.dwithin(ends, edge, _END_M)], edge)
    found: GeometryArray = missing[shapely.length(missing) > 0]
    return found


def _ranks(middles: GeometryArray, length_m: FloatArray, dividers: Dividers) -> ByteArray:
    rank = np.full(len(middles), Rank.STREET, dtype=np.uint8)
    if len(dividers):
        tree = shapely.STRtree(dividers.lines)
        near_m = np.where(length_m <= _END_M, _END_M, _ON_LINE_M)
        border, line = tree.query(middles, predicate="dwithin", distance=near_m)
        np.maximum.at(rank, border, dividers.rank[line])
    return rank


def without_slivers(blocks: StreetBlocks, empty: BoolArray) -> StreetBlocks:
    """Give the empty ground between carriageways and in junctions to a neighbour.

    `empty` bool [b]: polygons that nobody lives in. A sliver goes to the neighbour with which it
    shares the longest border; of two that share about as much, to the northern one, so that one
    side gets the whole median.
    """
    area_m2 = shapely.area(blocks.polygons)
    width_m = 2.0 * area_m2 / shapely.length(blocks.polygons)
    sliver = empty & ((width_m < _SLIVER_WIDTH_M) | (area_m2 < _SLIVER_M2))
    beside = _neighbours(blocks)
    middle = shapely.get_coordinates(shapely.centroid(blocks.polygons))
    of_block = np.arange(len(blocks), dtype=np.int32)
    waiting = [int(one) for one in np.flatnonzero(sliver) if beside.get(int(one))]
    settled = ~sliver
    while waiting:
        hosts = {one: _host(one, beside[one], settled, middle) for one in waiting}
        found = {one: host for one, host in hosts.items() if host is not None}
        if not found:
            break
        for one, host in found.items():
            of_block[one] = of_block[host]
        settled[list(found)] = True
        waiting = [one for one in waiting if one not in found]
    return replace(blocks, of_block=of_block, rank=_across_slivers(blocks, of_block))


def _across_slivers(blocks: StreetBlocks, of_block: IntArray) -> ByteArray:
    """Return the rank of each border; that of a sliver is the strongest line around it.

    Where a street crosses a road of two carriageways, pieces of its median touch along the street,
    and these may belong to either side.
    """
    strongest = np.zeros(len(blocks), dtype=np.uint8)
    for side in (blocks.left, blocks.right):
        np.maximum.at(strongest, side, blocks.rank)
    strongest[of_block == np.arange(len(blocks))] = 0
    return np.maximum(blocks.rank, np.maximum(strongest[blocks.left], strongest[blocks.right]))


def _neighbours(blocks: StreetBlocks) -> dict[int, dict[int, float]]:
    beside: dict[int, dict[int, float]] = {}
    rows = zip(blocks.left.tolist(), blocks.right.tolist(), blocks.length_m.tolist(), strict=True)
    for a, b, length_m in rows:
        for one, other in ((a, b), (b, a)):
            own = beside.setdefault(one, {})
            own[other] = own.get(other, 0.0) + length_m
    return beside


def _host(one: int, beside: dict[int, float], settled: BoolArray, middle: FloatArray) -> int | None:
    able = {other: length_m for other, length_m in beside.items() if settled[other]}
    if not able:
        return None
    longest_m = max(able.values())
    alike = [other for other, length_m in able.items() if length_m >= _ALIKE * longest_m]
    return max(alike, key=lambda other: (float((middle[other] - middle[one]) @ _LEAN), -other))

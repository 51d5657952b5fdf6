"""Openings: where gates, streets and level crossings let through a barrier line."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.sources.streets.barrier_lines import BarrierLines
from analysis.sources.streets.gates import ON_LINE_M
from analysis.units import BoolArray, FloatArray, GeometryArray, IntArray

GAP_M: Final = 3.0  # to either side: a carriageway's width, and drawing error
_POINT, _LINE = 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class Openings:
    """Places where lines are open: `line` int32 [o] and `place`, object [o] of Point or LineString.

    A LineString is a stretch that a street shares with the line.
    """

    line: IntArray
    place: GeometryArray


def joined(*parts: Openings) -> Openings:
    """Return all openings of `parts`, in order."""
    return Openings(
        np.concatenate([part.line for part in parts]),
        np.concatenate([part.place for part in parts]),
    )


def openings_at(lines: BarrierLines, rows: IntArray, xy_m: FloatArray) -> Openings:
    """Return the openings that nodes at `xy_m` (float64 [g, 2]) make in the lines `rows`.

    A node up to 1 m off a line opens it.
    """
    points = shapely.points(xy_m)
    tree = shapely.STRtree(lines.geometry[rows])
    node, hit = tree.query(points, predicate="dwithin", distance=ON_LINE_M)
    return Openings(rows[hit].astype(np.int32), points[node])


def openings_nearest(
    lines: BarrierLines, rows: IntArray, xy_m: FloatArray, limit_m: float
) -> tuple[Openings, BoolArray]:
    """Return the openings of gates drawn roughly, moved onto the nearest line within `limit_m`.

    Lines that run together there (a ring and its fence) are all opened. The second value tells
    which gates found a line, bool [g].
    """
    points = shapely.points(xy_m)
    tree = shapely.STRtree(lines.geometry[rows])
    placed = np.flatnonzero(np.isfinite(xy_m).all(axis=1))  # a gate without a place finds no line
    gate, hit = tree.query(points[placed], predicate="dwithin", distance=limit_m)
    gate = placed[gate]
    apart_m = shapely.distance(points[gate], lines.geometry[rows[hit]])
    nearest_m = np.full(len(points), np.inf)
    np.minimum.at(nearest_m, gate, apart_m)
    near = apart_m <= nearest_m[gate] + ON_LINE_M
    gate, hit = gate[near], hit[near]
    legs = shapely.shortest_line(lines.geometry[rows[hit]], points[gate])
    openings = Openings(rows[hit].astype(np.int32), shapely.get_point(legs, 0))
    return openings, np.isfinite(nearest_m)


def street_openings(
    lines: BarrierLines, rows: IntArray, streets: GeometryArray, refused_m: FloatArray
) -> Openings:
    """Return the openings that streets make in the lines `rows` by crossing or touching them.

    None arises within 1 m of `refused_m` (float64 [r, 2]): a locked gate on a street opens nothing.
    """
    tree = shapely.STRtree(lines.geometry[rows])
    street, hit = tree.query(streets, predicate="intersects")
    shared = shapely.intersection(streets[street], lines.geometry[rows[hit]])
    places, of_pair = shapely.get_parts(shared, return_index=True)
    place_lines = rows[hit][of_pair]
    locked = shapely.STRtree(shapely.points(refused_m))
    is_point = shapely.get_type_id(places) == _POINT
    at_locked = locked.query(places, predicate="dwithin", distance=ON_LINE_M)[0]
    keep = np.ones(len(places), dtype=np.bool_)
    keep[at_locked] = ~is_point[at_locked]
    return Openings(place_lines[keep].astype(np.int32), places[keep])


def cut_open(lines: BarrierLines, openings: Openings) -> tuple[GeometryArray, IntArray]:
    """Return what is left of the lines, and the line that each piece is of.

    Around every opening 3 m go, to either side. Pieces keep the order of the lines.
    """
    cut = lines.geometry.copy()
    order = np.argsort(openings.line, kind="stable")
    touched, group = np.unique(openings.line[order], return_inverse=True)
    if len(touched):
        together = shapely.geometrycollections(openings.place[order], indices=group)
        gaps = shapely.buffer(together, GAP_M, quad_segs=8)
        cut[touched] = shapely.difference(lines.geometry[touched], gaps)
    parts, row = shapely.get_parts(cut, return_index=True)
    solid = shapely.length(parts) > 0
    return parts[solid], row[solid].astype(np.int32)


def gate_points(openings: Openings, lines: BarrierLines) -> tuple[IntArray, FloatArray]:
    """Return the compound and place (float64 [g, 2]) of each opening in a compound's ring.

    Along a stretch that street and ring share there is a gate at its ends and in its middle. Gates
    of one compound nearer than the gap's half width are one: the first by position in `openings`.
    """
    of_ring = np.flatnonzero(lines.compound[openings.line] >= 0)
    compound, place = lines.compound[openings.line[of_ring]], openings.place[of_ring]
    long = shapely.get_type_id(place) == _LINE
    stretch = shapely.line_interpolate_point(
        np.repeat(place[long], 3), np.tile([0.0, 0.5, 1.0], int(long.sum())), normalized=True
    )
    compound = np.concatenate([compound[~long], np.repeat(compound[long], 3)])
    xy_m = shapely.get_coordinates(np.concatenate([place[~long], stretch]))
    keep = _first_within(compound, xy_m)
    return compound[keep].astype(np.int32), xy_m[keep]


def _first_within(compound: IntArray, xy_m: FloatArray) -> IntArray:
    """Return the gates that no earlier kept gate of the same compound is near to."""
    points = shapely.points(xy_m)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=GAP_M)
    earlier = (other < one) & (compound[one] == compound[other])
    rivals: dict[int, list[int]] = {}
    for gate, before in zip(one[earlier].tolist(), other[earlier].tolist(), strict=True):
        rivals.setdefault(gate, []).append(before)
    dropped: set[int] = set()
    for gate in sorted(rivals):
        if any(before not in dropped for before in rivals[gate]):
            dropped.add(gate)
    return np.array([i for i in range(len(compound)) if i not in dropped], dtype=np.int32)

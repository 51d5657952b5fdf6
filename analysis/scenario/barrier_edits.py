"""Barrier edits: walls, fences and rings of compounds opened where new paths cross them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import shapely

from analysis.scenario.joints import JoinedPath
from analysis.streets.barriers import Barriers
from analysis.units import FloatArray, GeometryArray

GAP_M: Final = 3.0  # to either side, as where a street of the map crosses a wall
_ON_RING_M: Final = 1.0


def opened_barriers(barriers: Barriers, paths: Sequence[JoinedPath]) -> Barriers:
    """Return `barriers` open where `paths` cross them.

    Footbridges open nothing: they pass over. Water, railways and motorways stay closed to access
    legs; who follows the path crosses them. A path across a compound's ring is a gate of it; gates
    that were inferred stay beside it, so that nobody's way out is lost.
    """
    level = [one.line_m for one in paths if one.edit.kind != "footbridge"]
    if not level or len(barriers.lines) == 0:
        return barriers
    drawn = shapely.linestrings(np.concatenate(level), indices=_row(level))
    built = np.flatnonzero(barriers.may_hide_gate)
    path, hit = shapely.STRtree(barriers.lines[built]).query(drawn, predicate="intersects")
    if len(path) == 0:
        return barriers
    hit = built[hit]
    openings = _points(shapely.intersection(drawn[path], barriers.lines[hit]))
    holes = shapely.buffer(openings, GAP_M)
    row = np.unique(hit)
    around = [shapely.union_all(holes[hit == one]) for one in row.tolist()]
    lines, kinds = _cut(barriers, row, np.array(around, dtype=object))
    compound, gate_xy_m = _gates(barriers, openings)
    return replace(
        barriers,
        lines=lines,
        kinds=kinds,
        gate_compound=np.append(barriers.gate_compound, compound).astype(np.int32),
        gate_xy_m=np.vstack([barriers.gate_xy_m, gate_xy_m]),
        gate_inferred=np.append(barriers.gate_inferred, np.zeros(len(compound), dtype=bool)),
    )


def _row(lines: Sequence[FloatArray]) -> FloatArray:
    return np.repeat(np.arange(len(lines)), [len(one) for one in lines])


def _points(shared: GeometryArray) -> GeometryArray:
    """Return a point or points of each intersection; of a stretch, one on it."""
    stretch = shapely.get_dimensions(shared) > 0
    points = shared.copy()
    points[stretch] = shapely.point_on_surface(shared[stretch])
    return points


def _cut(
    barriers: Barriers, row: FloatArray, holes: GeometryArray
) -> tuple[GeometryArray, tuple[str, ...]]:
    """Return lines and kinds with the lines `row` less `holes`; what is left goes to the end."""
    left, of_row = shapely.get_parts(
        shapely.difference(barriers.lines[row], holes), return_index=True
    )
    real = shapely.length(left) > 0
    left, of_row = left[real], of_row[real]
    kept = np.ones(len(barriers.lines), dtype=bool)
    kept[row] = False
    kinds = [kind for kind, held in zip(barriers.kinds, kept.tolist(), strict=True) if held]
    return (
        np.concatenate([barriers.lines[kept], left]),
        (*kinds, *(barriers.kinds[one] for one in row[of_row].tolist())),
    )


def _gates(barriers: Barriers, openings: GeometryArray) -> tuple[FloatArray, FloatArray]:
    """Return the compounds on whose rings `openings` lie, and where."""
    points = shapely.get_parts(openings)
    rings = shapely.boundary(barriers.compounds)
    point, compound = shapely.STRtree(rings).query(points, predicate="dwithin", distance=_ON_RING_M)
    return compound.astype(np.int32), shapely.get_coordinates(points[point])

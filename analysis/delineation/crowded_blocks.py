"""Crowded blocks: street blocks that hold too many people for one piece, halved."""

from typing import Final

import numpy as np
import shapely

from analysis.delineation.street_blocks import StreetBlocks, street_blocks, without_slivers
from analysis.streets.dividers import Dividers
from analysis.units import FloatArray, GeometryArray, IntArray

_SPLIT_SHARE: Final = 0.25
_SPLIT_ROUNDS: Final = 8


def cut_blocks(
    settled: shapely.Geometry,
    dividers: Dividers,
    xy_m: FloatArray,
    people: FloatArray,
    max_people: float,
) -> tuple[StreetBlocks, IntArray]:
    """Return the street blocks and the polygon of each home; halve those that hold too many."""
    cuts: GeometryArray = np.empty(0, dtype=object)
    blocks = street_blocks(settled, dividers, cuts)
    polygon = blocks.locate(xy_m)
    for _ in range(_SPLIT_ROUNDS):
        held = np.bincount(polygon, weights=people, minlength=len(blocks))
        crowded = np.flatnonzero(held > _SPLIT_SHARE * max_people).tolist()
        halves = [
            _halving_line(blocks.polygons[one], xy_m[polygon == one], people[polygon == one])
            for one in crowded
        ]
        found = [line for line in halves if line is not None]
        if not found:
            break
        cuts = np.concatenate([cuts, np.array(found, dtype=object)])
        blocks = street_blocks(settled, dividers, cuts)
        polygon = blocks.locate(xy_m)
    empty = np.bincount(polygon, minlength=len(blocks)) == 0
    return without_slivers(blocks, empty), polygon


def _halving_line(
    polygon: shapely.Geometry, xy_m: FloatArray, people: FloatArray
) -> shapely.Geometry | None:
    """Return a straight line with half the people on either side; None for a single place."""
    middle = np.average(xy_m, axis=0, weights=people)
    _, _, axes = np.linalg.svd((xy_m - middle) * np.sqrt(people)[:, None], full_matrices=False)
    axis = axes[0] * np.sign(axes[0][np.argmax(np.abs(axes[0]))])
    along = (xy_m - middle) @ axis
    order = np.argsort(along, kind="stable")
    half = int(np.searchsorted(np.cumsum(people[order]), people.sum() / 2.0))
    half = min(half, len(order) - 2)
    if len(order) < 2 or along[order[half]] == along[order[half + 1]]:  # noqa: PLR2004 - two homes
        return None
    at = middle + axis * (along[order[half]] + along[order[half + 1]]) / 2.0
    across = np.array([-axis[1], axis[0]]) * 1e5
    return shapely.intersection(shapely.linestrings([at - across, at + across]), polygon)

"""Relinked: points linked otherwise than before, anew only where the difference can matter."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
import shapely

from analysis.linking.linkage import Link, Linkage, joined_links, picked_links
from analysis.streets.barriers import Barriers
from analysis.units import BoolArray, FloatArray, IdArray

_HAIR_M: Final = 1e-4  # legs are whole units; nearer to the limit than this, they are measured anew
Linking = Callable[[FloatArray], Linkage]


def with_fresh(links: Linkage, xy_m: FloatArray, fresh: BoolArray, link: Linking) -> Linkage:
    """Return `links` with the points `fresh` (bool [p], at `xy_m`) linked anew by `link`."""
    old, new = np.flatnonzero(~fresh), np.flatnonzero(fresh)
    if len(new) == 0:
        return links
    both = joined_links([picked_links(links, old), link(xy_m[new])])
    return picked_links(both, in_turn(old, new))


def in_turn(old: IdArray, new: IdArray) -> IdArray:
    """Return where each point stands in the points `old`, then `new`, int64."""
    order = np.empty(len(old) + len(new), dtype=np.int64)
    order[np.concatenate([old, new])] = np.arange(len(order))
    return order


def linked_within(links: Linkage, xy_m: FloatArray, near_m: float, link: Linking) -> Linkage:
    """Return points linked by less than the distance within which `links` took every street.

    Whoever has a street within `near_m` keeps those; who was linked farther off, or not at all,
    found none nearer and stays; all others, and who leaves by a gate, are linked anew by `link`.
    """
    close = links.access_m <= near_m
    point = np.repeat(np.arange(len(links.how)), np.diff(links.point_first))
    is_near = links.how == Link.NEAR
    # Gates look for streets as points do, so whoever leaves by one may come out elsewhere.
    fresh = (links.how == Link.BARRED) | (links.how == Link.GATE)
    fresh |= is_near & (np.bincount(point[close], minlength=len(links.how)) == 0)
    fresh[point[np.abs(links.access_m - near_m) < _HAIR_M]] = True
    kept = close | ~is_near[point]
    first = np.concatenate([[0], np.cumsum(np.bincount(point[kept], minlength=len(links.how)))])
    fewer = replace(
        links,
        point_first=first.astype(np.int32),
        arc=links.arc[kept],
        offset_m=links.offset_m[kept],
        access_m=links.access_m[kept],
    )
    return with_fresh(fewer, xy_m, fresh, link)


def reached_points(
    ground: shapely.STRtree, xy_m: FloatArray, barriers: Barriers, within_m: float
) -> BoolArray:
    """Return which points may be linked otherwise where the lines of `ground` changed, bool [p].

    Those within the snap limit of one, and those of a compound with a gate that is.
    """
    gates = points_within(ground, barriers.gate_xy_m, within_m)
    compounds = barriers.compounds[np.unique(barriers.gate_compound[gates])]
    reached = points_within(ground, xy_m, within_m)
    return reached | points_within(shapely.STRtree(compounds), xy_m, 0.0)


def points_within(ground: shapely.STRtree, xy_m: FloatArray, within_m: float) -> BoolArray:
    """Return which points lie within `within_m` of the ground, bool [p]."""
    near = np.zeros(len(xy_m), dtype=bool)
    if not len(ground.geometries):
        return near
    west, south, east, north = shapely.total_bounds(ground.geometries)
    low, high = (west - within_m, south - within_m), (east + within_m, north + within_m)
    rows = np.flatnonzero(np.all((xy_m >= low) & (xy_m <= high), axis=1))  # points cost time
    point, _ = ground.query(shapely.points(xy_m[rows]), predicate="dwithin", distance=within_m)
    near[rows[point]] = True
    return near

"""Relinked: points linked otherwise than before, anew only where the difference can matter."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
import shapely

from analysis.linking.linkage import Link, Linkage, joined_links, picked_links
from analysis.streets.barriers import Barriers
from analysis.units import BoolArray, FloatArray, GeometryArray, IdArray

_SQUARE_M: Final = 100.0
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
    changed: GeometryArray, xy_m: FloatArray, barriers: Barriers, within_m: float
) -> BoolArray:
    """Return the points that may be linked otherwise where `changed` lines or areas did, bool [p].

    All within the snap limit of one, and all of a compound with a gate that is; some of their
    neighbours, too, for nothing is lost by linking a point once more.
    """
    bounds = shapely.bounds(changed)
    gates = points_around(bounds, barriers.gate_xy_m, within_m)
    compounds = barriers.compounds[np.unique(barriers.gate_compound[gates])]
    reached = points_around(bounds, xy_m, within_m)
    return reached | points_around(shapely.bounds(compounds), xy_m, 0.0)


def points_around(bounds: FloatArray, xy_m: FloatArray, within_m: float) -> BoolArray:
    """Return at least the points within `within_m` of boxes (float64 [b, 4]), bool [p].

    The ground is laid out in squares, and points of a square that a widened box touches are taken.
    """
    if len(bounds) == 0 or len(xy_m) == 0:
        return np.zeros(len(xy_m), dtype=bool)
    corner = xy_m.min(axis=0)
    n = np.floor((xy_m.max(axis=0) - corner) / _SQUARE_M).astype(np.int64) + 1
    low = np.floor((bounds[:, :2] - within_m - corner) / _SQUARE_M).astype(np.int64)
    high = np.floor((bounds[:, 2:] + within_m - corner) / _SQUARE_M).astype(np.int64) + 1
    low, high = np.clip(low, 0, n), np.clip(high, 0, n)
    # How many boxes cover each square: corners added up along both axes.
    count = np.zeros(n + 1, dtype=np.int64)
    for i, j, sign in ((low, low, 1), (high, high, 1), (low, high, -1), (high, low, -1)):
        np.add.at(count, (i[:, 0], j[:, 1]), sign)
    covered = count.cumsum(axis=0).cumsum(axis=1) > 0
    at = np.floor((xy_m - corner) / _SQUARE_M).astype(np.int64)
    around: BoolArray = covered[at[:, 0], at[:, 1]]
    return around

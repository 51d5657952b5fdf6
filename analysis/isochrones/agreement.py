"""How far a drawn polygon agrees with the set it draws, measured on a sample of places."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.kernels.field import within_distance
from analysis.units import FloatArray

AIM: Final = 2_000  # sampled places that should fall inside the polygon
_MOST: Final = 10  # times as many at most, where the polygon is thin in its box
# Steps of the two-dimensional sequence of M. Roberts (2018), which fills a square evenly:
# 1/g and 1/g² for g³ = g + 1.
_STEPS: Final = (0.7548776662466927, 0.5698402909980532)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A polygon against the set of places within a distance of some segments.

    Attributes
    ----------
    jaccard
        Places in both by places in either, 0…1; the share of the area that is common.
    area_error_share
        What the polygon has too much (or too little, below 0), as a share of the set.
    n_sample
        Places tried, in the box around the polygon.
    inside_both, only_polygon, only_set
        How they fell; the rest is in neither.
    """

    jaccard: float
    area_error_share: float
    n_sample: int
    inside_both: int
    only_polygon: int
    only_set: int


def measure_agreement(
    shape: shapely.Geometry, segments: FloatArray, distance_m: float, aim: int = AIM
) -> Agreement | None:
    """Compare `shape` with the places within `distance_m` of `segments` (float64 [s, 4], metres).

    Whether a place is in the set is measured from the segments themselves, and whether it is in the
    polygon by GEOS; neither knows how the polygon was drawn. The sample is the same for the same
    box, and so large that about `aim` places fall inside. None for an empty shape or one whose
    sample misses both.
    """
    if shape.is_empty:
        return None
    xy_m = _sample(shape, distance_m, aim)
    bucket_m = max(distance_m, float(np.sqrt(np.prod(np.ptp(xy_m, axis=0)) / len(xy_m))))
    in_set = within_distance(xy_m, segments, distance_m, bucket_m)
    shapely.prepare(shape)
    in_shape = shapely.contains_xy(shape, xy_m[:, 0], xy_m[:, 1])
    both = int(np.count_nonzero(in_set & in_shape))
    only_shape = int(np.count_nonzero(in_shape)) - both
    only_set = int(np.count_nonzero(in_set)) - both
    if both + only_set == 0:
        return None
    return Agreement(
        jaccard=both / (both + only_shape + only_set),
        area_error_share=(only_shape - only_set) / (both + only_set),
        n_sample=len(xy_m),
        inside_both=both,
        only_polygon=only_shape,
        only_set=only_set,
    )


def _sample(shape: shapely.Geometry, around_m: float, aim: int) -> FloatArray:
    """Return evenly spread places in the box around `shape` widened by `around_m`."""
    west, south, east, north = shapely.bounds(shape).tolist()
    corner = np.array([west - around_m, south - around_m])
    size = np.array([east - west, north - south]) + 2.0 * around_m
    wanted = np.ceil(aim * np.prod(size) / shapely.area(shape))
    number = np.arange(1, min(int(wanted), _MOST * aim) + 1, dtype=np.float64)
    places: FloatArray = corner + (0.5 + number[:, None] * np.array(_STEPS)) % 1.0 * size
    return places

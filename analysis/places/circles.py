"""Circles: the living circles (生活圈) that are judged."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import shapely

from analysis.errors import InvalidCirclesError
from analysis.messages import message
from analysis.units import FloatArray, GeometryArray, IntArray, freeze

Level = Literal["15min", "10min", "5min"]
OUTSIDE: Final = -1
ALL_CIRCLES: Final = "*"  # stands for all circles together; no circle may be called so


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Circles:
    """Living circles in one order, by id.

    Attributes
    ----------
    circle_id, name
        Unique ids and display names [c]; names may be any text, even hostile.
    level
        Level of each circle [c]; ``15min`` where the layer does not say.
    polygons
        Valid Polygon or MultiPolygon in metres, object array [c].
    total_population
        People as the planner states them, float64 [c]; nan where not stated.
    inside_data
        Share of each circle's area that lies inside the extract's data area, 0…1, float64 [c].
    """

    circle_id: tuple[str, ...]
    name: tuple[str, ...]
    level: tuple[Level, ...]
    polygons: GeometryArray
    total_population: FloatArray
    inside_data: FloatArray

    def __post_init__(self) -> None:
        """Check and freeze."""
        n = len(self.circle_id)
        if n == 0:
            raise InvalidCirclesError(
                message("circles.none"), remedy=message("circles.none.remedy")
            )
        if len(set(self.circle_id)) != n:
            raise InvalidCirclesError(
                message("circles.duplicate"), value=_first_twin(self.circle_id)
            )
        for array in (self.polygons, self.total_population, self.inside_data):
            freeze(array)

    def __len__(self) -> int:
        """Return the number of circles."""
        return len(self.circle_id)

    def __repr__(self) -> str:
        """Summarise the circles."""
        area_km2 = float(shapely.area(self.polygons).sum()) / 1e6
        return f"Circles({len(self)} circles, {area_km2:.1f} km2)"

    def locate(self, xy_m: FloatArray) -> IntArray:
        """Return the circle of each point, int32 [n]; -1 outside all of them.

        A point in several circles belongs to the first by id; a point on a shared edge likewise.
        """
        tree = shapely.STRtree(self.polygons)
        points = shapely.points(xy_m)
        point, circle = tree.query(points, predicate="intersects")
        found = np.full(len(xy_m), len(self), dtype=np.int32)
        np.minimum.at(found, point, circle.astype(np.int32))
        found[found == len(self)] = OUTSIDE
        return found


def _first_twin(ids: tuple[str, ...]) -> str:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            return one
        seen.add(one)
    return ""

"""Surroundings: the streets and buildings that a file's coordinates are held against."""

from dataclasses import dataclass

import numpy as np
import shapely

from analysis.crs import MetricCRS
from analysis.units import BoolArray, FloatArray, GeometryArray


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What points are held against.

    Attributes
    ----------
    crs
        The study's metric CRS.
    known
        Where streets and buildings are known, metres.
    streets, buildings
        Lines and polygons in metres, object arrays; buildings may be empty.
    """

    crs: MetricCRS
    known: shapely.Geometry
    streets: shapely.STRtree
    buildings: shapely.STRtree

    @staticmethod
    def of(
        crs: MetricCRS, known: shapely.Geometry, streets: GeometryArray, buildings: GeometryArray
    ) -> "Surroundings":
        """Index streets and buildings."""
        return Surroundings(crs, known, shapely.STRtree(streets), shapely.STRtree(buildings))

    def distances_m(self, xy_m: FloatArray, limit_m: float) -> tuple[FloatArray, FloatArray]:
        """Return metres to the nearest street and building, `limit_m` at most; float64 [n] each."""
        points = shapely.points(xy_m)
        found = []
        for tree in (self.streets, self.buildings):
            metres = np.full(len(xy_m), limit_m)
            if len(tree):
                (at, _), apart_m = tree.query_nearest(
                    points, max_distance=limit_m, return_distance=True, all_matches=False
                )
                metres[at] = apart_m
            found.append(metres)
        return found[0], found[1]

    def holds(self, xy_m: FloatArray) -> BoolArray:
        """Return which points lie where streets and buildings are known, bool [n]."""
        shapely.prepare(self.known)
        found: BoolArray = shapely.contains_xy(self.known, xy_m[:, 0], xy_m[:, 1])
        return found

"""Ground: how high and how steep the ground is, on a square lattice in metres."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from analysis.units import FloatArray, GeometryArray, freeze

MOST_LATTICE_POINTS: Final = 2_000_000
FINE_WINDOW_M: Final = 30.0
_ROUND: Final = 1e-3  # a raster of 10 m has cells of 10.004 m somewhere
_SLOPE_DECIMALS: Final = 4  # heights in single precision know no more
_HEIGHT_DECIMALS: Final = 2
_FEWEST: Final = 2  # lattice lines each way, below which there is no slope


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Ground:
    """Heights at lattice points.

    Attributes
    ----------
    origin_m
        The south-western point, metres, float64 [2].
    step_m
        Metres between neighbours, > 0.
    height_m
        float32 [rows, columns], rows from south to north; nan where no height is known.
    window_m
        Metres over which heights are averaged, so that slopes are means over as much.
    """

    origin_m: FloatArray
    step_m: float
    height_m: npt.NDArray[np.float32]
    window_m: float = FINE_WINDOW_M

    def __post_init__(self) -> None:
        """Freeze."""
        freeze(self.origin_m)
        freeze(self.height_m)

    def __repr__(self) -> str:
        """Summarise the ground."""
        rows, columns = self.height_m.shape
        return f"Ground({rows} × {columns}, every {self.step_m:g} m)"

    @property
    def estimated(self) -> bool:
        """Return whether heights are so coarse that a slope is an estimate (docs/adr/0011)."""
        return self.window_m > FINE_WINDOW_M * (1.0 + _ROUND)

    def elevations(self, shapes: GeometryArray) -> FloatArray:
        """Return the mean height of the ground of each site, metres, float64 [n]; nan: unknown."""
        found = self._means(self.height_m.astype(np.float64), shapes)
        return np.round(found, _HEIGHT_DECIMALS)

    def slopes(self, shapes: GeometryArray) -> FloatArray:
        """Return the mean slope of the ground of each site, rise over run, float64 [n] ≥ 0.

        nan where a height that counts is not known. Of a polygon the mean over the lattice points
        inside, of a point and of a polygon too small to hold one the slope at a point of it.
        """
        if min(self.height_m.shape) < _FEWEST:
            return np.full(len(shapes), np.nan)
        north, east = np.gradient(self.height_m.astype(np.float64), self.step_m)
        # Central differences skip the middle: where its height is not known, neither is the slope.
        slope = np.where(np.isnan(self.height_m), np.nan, np.hypot(north, east))
        return np.round(self._means(slope, shapes), _SLOPE_DECIMALS)

    def _means(self, values: FloatArray, shapes: GeometryArray) -> FloatArray:
        found = self._at(values, shapely.get_coordinates(shapely.point_on_surface(shapes)))
        large = np.flatnonzero(shapely.area(shapes) >= self.step_m**2)
        for one in large.tolist():
            inside = self._inside(values, shapes[one])
            if len(inside):
                found[one] = inside.mean()
        return found

    def _inside(self, values: FloatArray, shape: shapely.Geometry) -> FloatArray:
        west, south, east, north = shapely.bounds(shape).tolist()
        columns = self._lines(west, east, 0, values.shape[1])
        rows = self._lines(south, north, 1, values.shape[0])
        column, row = (one.ravel() for one in np.meshgrid(columns, rows))
        x_m, y_m = (
            self.origin_m[axis] + self.step_m * one for axis, one in enumerate((column, row))
        )
        chosen = shapely.contains_xy(shape, x_m, y_m)
        inside: FloatArray = values[row[chosen], column[chosen]]
        return inside

    def _lines(self, low_m: float, high_m: float, axis: int, count: int) -> npt.NDArray[np.int64]:
        ends = (np.array([low_m, high_m]) - self.origin_m[axis]) / self.step_m
        first, last = np.clip([np.ceil(ends[0]), np.floor(ends[1])], [0, -1], [count, count - 1])
        return np.arange(int(first), int(last) + 1)

    def _at(self, values: FloatArray, xy_m: FloatArray) -> FloatArray:
        """Return values between lattice points, bilinear; nan outside and beside what is nan."""
        place = (xy_m - self.origin_m) / self.step_m
        last = np.array(values.shape[::-1]) - 1.0
        inside = np.all((place >= 0) & (place <= last), axis=1)
        found: FloatArray = np.full(len(xy_m), np.nan)
        column, row = place[inside].T
        left, low = np.floor(column).astype(np.int64), np.floor(row).astype(np.int64)
        right, high = np.ceil(column).astype(np.int64), np.ceil(row).astype(np.int64)
        east, north = column - left, row - low
        # A line of no weight is the same line twice, so that nothing is asked beyond the last.
        below = (1 - east) * values[low, left] + east * values[low, right]
        above = (1 - east) * values[high, left] + east * values[high, right]
        found[inside] = (1 - north) * below + north * above
        return found

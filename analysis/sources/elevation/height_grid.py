"""HeightGrid: a window of a raster, asked for heights between its points."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from analysis.units import BoolArray, FloatArray

LOWEST_M: Final = -500.0  # the Dead Sea's shore lies at −430 m
HIGHEST_M: Final = 9000.0
_SAME: Final = 1e-6  # of a cell: what projecting back and forth leaves

Places = Callable[[FloatArray], FloatArray]
"""From metres of the study, float64 [n, 2], to (column, row) of a raster, float64 [n, 2]."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeightGrid:
    """Heights at whole columns and rows.

    `height_m` float32 [rows, columns], nan where there is no data; `places` gives the place of
    points counted from the window's first height. A point up to `margin` cells outside the outer
    heights takes theirs: 0.5 where a height stands for a cell, 0 where it stands for a point.
    """

    height_m: npt.NDArray[np.float32]
    places: Places
    margin: float

    def at(self, xy_m: FloatArray) -> tuple[FloatArray, BoolArray]:
        """Return heights, float64 [n], and which points lie within the grid, bool [n].

        Bilinear between the four heights around; nan outside and where one of the four that count
        is not known: nothing is guessed from beyond a hole.
        """
        rows, columns = self.height_m.shape
        place = self.places(xy_m)
        last = np.array([columns - 1, rows - 1], dtype=np.float64)
        reach = self.margin + _SAME
        with np.errstate(invalid="ignore"):  # places that could not be projected are inf or nan
            inside = np.all((place >= -reach) & (place <= last + reach), axis=1)
        found: FloatArray = np.full(len(xy_m), np.nan)
        column, row = np.clip(place[inside], 0.0, last).T
        left = np.minimum(np.floor(column), max(columns - 2, 0)).astype(np.int64)
        top = np.minimum(np.floor(row), max(rows - 2, 0)).astype(np.int64)
        east, south = column - left, row - top
        right, bottom = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
        height_m = np.zeros(len(column))
        for weight, at_row, at_column in (
            ((1 - south) * (1 - east), top, left),
            ((1 - south) * east, top, right),
            (south * (1 - east), bottom, left),
            (south * east, bottom, right),
        ):
            # A height of no weight does not count, so that a point on the rim of a hole is known.
            height_m += np.where(weight > 0, weight * self.height_m[at_row, at_column], 0.0)
        found[inside] = height_m
        return found, inside


def plausible(height_m: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float32], int]:
    """Return heights with nan for what no place on Earth has, and how many those were."""
    with np.errstate(invalid="ignore"):
        wrong = (height_m < LOWEST_M) | (height_m > HIGHEST_M)
    return np.where(wrong, np.float32(np.nan), height_m), int(wrong.sum())

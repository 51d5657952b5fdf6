"""Terrain: how steep each arc is, as runs of even grade."""

from dataclasses import InitVar, dataclass
from typing import Final

import numpy as np

from analysis.errors import InvalidNetworkError
from analysis.messages import message
from analysis.units import FloatArray, IntArray, freeze

WINDOW_M: Final = 30.0  # grades of shorter stretches are not judged, however fine the raster
WINDOW_CELLS: Final = 3  # nor of fewer cells of a raster: its noise stands like a slope
_ROUND: Final = 1e-3  # a raster of 10 m has cells of 10.004 m somewhere


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Terrain:
    """The grades along all arcs of a network.

    Attributes
    ----------
    run_first
        int32 [m + 1]: the runs of arc *a*, from tail to head, are rows
        ``run_first[a]:run_first[a + 1]``, at least one.
    run_m
        float64 [r] ≥ 0, horizontal metres of each run; those of an arc add up to its length.
    grade
        float64 [r], metres of rise per horizontal metre walking tail → head; 0 where the ground's
        height is not known.
    known_m
        Metres of arc whose heights are known.
    cell_m
        Metres between the heights of the coarsest raster that they come from; 0 where they are
        exact. Grades are means over :attr:`window_m`.

    Raises
    ------
    InvalidNetworkError
        Where lengths disagree or a value is not finite.
    """

    run_first: IntArray
    run_m: FloatArray
    grade: FloatArray
    known_m: float
    cell_m: float = 0.0
    unread: InitVar[bool] = False

    def __post_init__(self, unread: bool) -> None:
        """Check the invariants once and freeze the arrays.

        `unread` arrays are mapped from a file and not touched yet: :meth:`check` does the rest
        when asked.
        """
        if not unread:
            self.check()
        for array in (self.run_first, self.run_m, self.grade):
            freeze(array)

    def check(self) -> None:
        """Raise :class:`InvalidNetworkError` where a value breaks an invariant."""
        holds = (
            len(self.run_first) > 0
            and int(self.run_first[0]) == 0
            and int(self.run_first[-1]) == len(self.run_m) == len(self.grade)
            and bool(np.all(np.diff(self.run_first) >= 1))
            and bool(np.isfinite(self.run_m).all() and np.isfinite(self.grade).all())
            and bool(np.all(self.run_m >= 0))
            and bool(np.isfinite(self.cell_m) and self.cell_m >= 0)
        )
        if not holds:
            raise InvalidNetworkError(message("network.invariant", field="terrain"))

    def __repr__(self) -> str:
        """Summarise the terrain."""
        return f"Terrain({self.n_arcs} arcs, {len(self.run_m)} runs, {self.known_m / 1000:.1f} km)"

    @property
    def n_arcs(self) -> int:
        """Return the number of arcs."""
        return len(self.run_first) - 1

    @property
    def window_m(self) -> float:
        """Return the metres over which cells are averaged, at least :data:`WINDOW_M`."""
        return max(WINDOW_M, WINDOW_CELLS * self.cell_m)

    @property
    def estimated(self) -> bool:
        """Return whether the raster is too coarse for :data:`WINDOW_M`: a ramp may hide in a cell.

        What is steep, and so closed to wheelchairs, is then an estimate.
        """
        return WINDOW_CELLS * self.cell_m > WINDOW_M * (1.0 + _ROUND)

    @property
    def run_arc(self) -> IntArray:
        """Return the arc of each run, int32 [r]."""
        return np.repeat(np.arange(self.n_arcs, dtype=np.int32), np.diff(self.run_first))

    def arc_sums(self, by_run: FloatArray) -> FloatArray:
        """Return the sum of a value of runs over each arc, float64 [m]."""
        sums = np.bincount(self.run_arc, weights=by_run, minlength=self.n_arcs)
        return sums.astype(np.float64)

    def steepest(self) -> FloatArray:
        """Return the largest grade of each arc whichever way it is walked, float64 [m] ≥ 0."""
        if self.n_arcs == 0:
            return np.empty(0)
        steepest: FloatArray = np.maximum.reduceat(np.abs(self.grade), self.run_first[:-1])
        return steepest

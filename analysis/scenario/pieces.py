"""Pieces: drawings and grades of an arc that is cut at places along it."""

from itertools import pairwise

import numpy as np

from analysis.units import FloatArray


def cut_drawing(line_m: FloatArray, at_share: FloatArray) -> list[FloatArray]:
    """Return the pieces of a line (float64 [k, 2]) cut at shares of its length.

    `at_share` float64 [c], ascending, within 0…1; the pieces join at the very same coordinates.
    """
    upto_m = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line_m, axis=0).T))])
    at_m = at_share * upto_m[-1]
    cuts = np.column_stack([np.interp(at_m, upto_m, line_m[:, axis]) for axis in (0, 1)])
    begins, ends = np.vstack([line_m[:1], cuts]), np.vstack([cuts, line_m[-1:]])
    bounds = np.concatenate([[-np.inf], at_m, [np.inf]])
    pieces = []
    for row, (low, high) in enumerate(pairwise(bounds)):
        inner = line_m[1:-1][(upto_m[1:-1] > low) & (upto_m[1:-1] < high)]
        pieces.append(np.vstack([begins[row], inner, ends[row]]))
    return pieces


def cut_runs(
    run_m: FloatArray, grade: FloatArray, at_m: FloatArray
) -> list[tuple[FloatArray, FloatArray]]:
    """Return (metres, grade) of the runs of each piece of an arc cut `at_m` from its tail.

    A run that is cut goes on with the same grade; every piece has a run, if one of no length.
    """
    upto_m = np.concatenate([[0.0], np.cumsum(run_m)])
    bounds = np.concatenate([[0.0], at_m, [max(float(upto_m[-1]), float(at_m.max(initial=0.0)))]])
    pieces = []
    for low, high in pairwise(bounds):
        part_m = np.minimum(upto_m[1:], high) - np.maximum(upto_m[:-1], low)
        held = part_m > 0
        if held.any():
            pieces.append((part_m[held], grade[held]))
        else:
            row = min(int(np.searchsorted(upto_m[1:], low)), len(grade) - 1)
            pieces.append((np.zeros(1), grade[row : row + 1]))
    return pieces

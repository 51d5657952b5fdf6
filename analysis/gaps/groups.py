"""Gap groups: residents of one circle whom a lack concerns, in connected groups."""

from typing import Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from analysis.units import BoolArray, FloatArray, IntArray

NEIGHBOUR_M: Final = 120.0  # homes closer than this form one group


def connected_groups(xy_m: FloatArray, chosen: BoolArray) -> list[IntArray]:
    """Return the rows `chosen` (bool [p]) in groups, each ascending, by their first row.

    Two homes are of one group where a chain of homes less than :data:`NEIGHBOUR_M` apart joins
    them, in a straight line.
    """
    rows = np.flatnonzero(chosen).astype(np.int32)
    if len(rows) == 0:
        return []
    pairs = cKDTree(xy_m[rows]).query_pairs(NEIGHBOUR_M, output_type="ndarray")
    links = coo_array(
        (np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(len(rows), len(rows))
    )
    _, label = connected_components(links, directed=False)
    order = np.argsort(label, kind="stable")
    return np.split(rows[order], np.flatnonzero(np.diff(label[order])) + 1)


def median(values: FloatArray, people: FloatArray) -> float:
    """Return the value that half of the `people` (both float64 [p], p > 0) do not exceed."""
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(people[order])
    return float(values[order][int(np.searchsorted(upto, upto[-1] / 2.0, side="left"))])

"""Terrain as named arrays, as a saved study and a saved network keep it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.streets.network import WalkNetwork
from analysis.streets.terrain import Terrain

_FIRST, _RUN_M, _GRADE, _KNOWN_M, _CELL_M = (
    "terrain_run_first", "terrain_run_m", "terrain_grade", "terrain_known_m", "terrain_cell_m",
)  # fmt: skip
TERRAIN_ARRAYS = (_FIRST, _RUN_M, _GRADE, _KNOWN_M, _CELL_M)


def terrain_arrays(network: WalkNetwork) -> dict[str, npt.NDArray[np.generic]]:
    """Return the terrain of `network` by :data:`TERRAIN_ARRAYS`; nothing where it has none."""
    terrain = network.terrain
    if terrain is None:
        return {}
    return {
        _FIRST: terrain.run_first,
        _RUN_M: terrain.run_m,
        _GRADE: terrain.grade,
        _KNOWN_M: np.array([terrain.known_m]),
        _CELL_M: np.array([terrain.cell_m]),
    }


def terrain_of(arrays: Mapping[str, npt.NDArray[Any]], *, unread: bool = False) -> Terrain | None:
    """Return the terrain that :func:`terrain_arrays` named; None where there is none.

    `unread` leaves its values unchecked, as :class:`~analysis.streets.terrain.Terrain` says.
    """
    if _FIRST not in arrays:
        return None
    return Terrain(
        run_first=arrays[_FIRST],
        run_m=arrays[_RUN_M],
        grade=arrays[_GRADE],
        known_m=float(arrays[_KNOWN_M][0]),
        cell_m=float(arrays[_CELL_M][0]),
        unread=unread,
    )

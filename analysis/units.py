"""Unit conversions, and the arrays' dtypes by name."""

from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int32]
IdArray = npt.NDArray[np.int64]
GeometryArray = npt.NDArray[np.object_]  # shapely geometries
BoolArray = npt.NDArray[np.bool_]
ByteArray = npt.NDArray[np.uint8]
FlagArray = npt.NDArray[np.uint16]

SECONDS_PER_MINUTE: Final = 60.0
M2_PER_KM2: Final = 1e6


def seconds(minutes: float) -> float:
    """Convert minutes to seconds."""
    return minutes * SECONDS_PER_MINUTE


def minutes(seconds_: float) -> float:
    """Convert seconds to minutes."""
    return seconds_ / SECONDS_PER_MINUTE


def freeze(array: npt.NDArray[np.generic]) -> None:
    """Make `array` read-only in place; the core types call it on all they hold."""
    array.flags.writeable = False

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
UnitArray = npt.NDArray[np.uint32]  # costs in units, see UNITS; uint64 beyond CAP32
KeyArray = npt.NDArray[np.uint64]  # costs in units with a rank in the low bits, see kernels.lanes
CellArray = UnitArray | KeyArray

UNITS: Final = 1 << 18  # units in a metre or in a second
CAP32: Final = (1 << 31) - 1  # no cost in uint32 exceeds it, so that two never wrap when added

SECONDS_PER_MINUTE: Final = 60.0
M2_PER_KM2: Final = 1e6


def seconds(minutes: float) -> float:
    """Convert minutes to seconds."""
    return minutes * SECONDS_PER_MINUTE


def minutes(seconds_: float) -> float:
    """Convert seconds to minutes."""
    return seconds_ / SECONDS_PER_MINUTE


def to_units(value: FloatArray) -> IdArray:
    """Return metres or seconds as whole units of 2⁻¹⁸, rounded to the nearest, int64.

    Sums of units are exact in integers and in float64 alike, so that no result depends on the order
    of adding. ``inf`` becomes the largest int64.
    """
    closed = np.isinf(value)
    units: IdArray = np.rint(np.where(closed, 0.0, value) * UNITS).astype(np.int64)
    units[closed] = np.iinfo(np.int64).max
    return units


def from_units(units: npt.NDArray[np.integer]) -> FloatArray:
    """Return whole units as metres or seconds."""
    return units.astype(np.float64) / UNITS


def quantised(value: FloatArray) -> FloatArray:
    """Round metres or seconds to whole units (3.8 µm), as float64; ``inf`` stays."""
    rounded: FloatArray = np.rint(value * UNITS) / UNITS
    return rounded


def freeze(array: npt.NDArray[np.generic]) -> None:
    """Make `array` read-only in place; the core types call it on all they hold."""
    array.flags.writeable = False

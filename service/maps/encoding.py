"""Compact text forms of arrays: quantised positions, columns of small integers, safe JSON.

Positions become whole steps of 1e-5° (about one metre) from an origin; successive differences are
written as zigzag variable-length integers and those as base64. ``static/decode.js`` reads them.
"""

import base64
import json
import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.units import ByteArray, FloatArray, IdArray

STEP_DEG: Final = 1e-5
_SEVEN_BITS: Final = 0x7F
_MORE: Final = 0x80
_MAX_BYTES: Final = 10  # a 64-bit integer in groups of seven bits
_WIDTHS: Final = ((8, "<u1"), (16, "<u2"), (32, "<u4"))

# What could end the script element, open a comment or break a line inside a JavaScript string.
# Lone surrogates have no UTF-8 form.
_UNSAFE: Final = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class LonLatGrid:
    """The grid that positions are rounded to; its origin in whole steps of :data:`STEP_DEG`."""

    lon_steps: int
    lat_steps: int

    def steps(self, lonlat: FloatArray) -> IdArray:
        """Return whole steps from the origin, int64 [n, 2], for degrees float64 [n, 2]."""
        origin = np.array([self.lon_steps, self.lat_steps], dtype=np.int64)
        return np.rint(lonlat / STEP_DEG).astype(np.int64) - origin

    def json(self) -> dict[str, float]:
        """Return what the page needs to turn steps back into degrees."""
        return {"lon": self.lon_steps, "lat": self.lat_steps, "per_degree": round(1 / STEP_DEG)}


def grid_at(lon: float, lat: float) -> LonLatGrid:
    """Return the grid with its origin at a longitude and latitude (degrees)."""
    return LonLatGrid(round(lon / STEP_DEG), round(lat / STEP_DEG))


def zigzag(values: IdArray) -> IdArray:
    """Return 0, 1, 2, 3, … for 0, -1, 1, -2, …: small integers of either sign become small."""
    return np.where(values >= 0, 2 * values, -2 * values - 1)


def varints(values: IdArray) -> bytes:
    """Return integers ≥ 0, int64 [n], as groups of seven bits, the lowest first."""
    if len(values) == 0:
        return b""
    size = np.ones(len(values), dtype=np.int64)
    for group in range(1, _MAX_BYTES):
        size += (values >> (7 * group)) > 0
    start = np.cumsum(size) - size
    out: ByteArray = np.zeros(int(size.sum()), dtype=np.uint8)
    for group in range(int(size.max())):
        has = size > group
        more = np.where(size[has] > group + 1, _MORE, 0)
        out[start[has] + group] = ((values[has] >> (7 * group)) & _SEVEN_BITS) | more
    return out.tobytes()


def pack_integers(values: IdArray) -> str:
    """Return integers ≥ 0 as base64 of :func:`varints`."""
    return base64.b64encode(varints(np.asarray(values, dtype=np.int64))).decode("ascii")


def pack_positions(steps: IdArray) -> str:
    """Return positions, int64 [n, 2], as base64 of their differences, x and y in turn."""
    moved = np.diff(steps, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return pack_integers(zigzag(moved).ravel())


def pack_lines(steps: IdArray, counts: IdArray) -> dict[str, str]:
    """Return lines or rings: how many positions each has, and all positions in a row."""
    return {"counts": pack_integers(counts), "xy": pack_positions(steps)}


def pack_column(values: IdArray) -> dict[str, str | int]:
    """Return a column of integers ≥ 0 below 2³² as base64 of the narrowest fixed width."""
    top = int(values.max()) if len(values) else 0
    bits, kind = next(width for width in _WIDTHS if top < 2 ** width[0])
    return {"bits": bits, "data": base64.b64encode(values.astype(kind).tobytes()).decode("ascii")}


def json_text(value: object) -> str:
    """Return `value` as JSON that may stand inside a ``<script>`` element; nan and inf raise."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)

"""Barriers and the data area as named arrays."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from analysis.streets.barriers import Barriers
from analysis.units import GeometryArray

Arrays = Mapping[str, npt.NDArray[Any]]

BARRIER_ARRAYS: Final = (
    "barrier_first", "barrier_xy_m", "barrier_kind", "compound_first", "compound_wkb",
    "gate_compound", "gate_xy_m", "gate_inferred",
)  # fmt: skip
DATA_AREA_ARRAYS: Final = ("data_area_first", "data_area_wkb")


def barrier_arrays(barriers: Barriers, kinds: tuple[str, ...]) -> dict[str, npt.NDArray[Any]]:
    """Return barriers by :data:`BARRIER_ARRAYS`; `kinds` are the names that the codes stand for.

    Lines are their points in a row (float64 [*, 2]) and where each begins (int64 [b + 1]);
    compounds are WKB.
    """
    code = {kind: place for place, kind in enumerate(kinds)}
    counts = shapely.get_num_coordinates(barriers.lines)
    return {
        "barrier_first": np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        "barrier_xy_m": shapely.get_coordinates(barriers.lines),
        "barrier_kind": np.array([code[kind] for kind in barriers.kinds], dtype=np.int32),
        **_wkb("compound", barriers.compounds),
        "gate_compound": barriers.gate_compound,
        "gate_xy_m": barriers.gate_xy_m,
        "gate_inferred": barriers.gate_inferred,
    }


def barriers_of(
    arrays: Arrays,
    kinds: Sequence[str],
    compound_id: Sequence[str],
    compound_name: Sequence[str] = (),
) -> Barriers:
    """Return the barriers that :func:`barrier_arrays` named.

    Raises ``ValueError``, ``IndexError`` or shapely's errors for arrays that do not fit together.
    """
    counts = np.diff(arrays["barrier_first"])
    lines: GeometryArray = np.empty(len(counts), dtype=object)
    if len(counts):
        row = np.repeat(np.arange(len(counts)), counts)
        lines[:] = shapely.linestrings(arrays["barrier_xy_m"], indices=row)
    return Barriers(
        lines=lines,
        kinds=tuple(kinds[code] for code in arrays["barrier_kind"].tolist()),
        compounds=_shapes("compound", arrays),
        compound_id=tuple(compound_id),
        compound_name=tuple(compound_name),
        gate_compound=arrays["gate_compound"],
        gate_xy_m=arrays["gate_xy_m"],
        gate_inferred=arrays["gate_inferred"],
    )


def data_area_arrays(area: shapely.Geometry) -> dict[str, npt.NDArray[Any]]:
    """Return an area by :data:`DATA_AREA_ARRAYS`."""
    return _wkb("data_area", np.array([area], dtype=object))


def data_area_of(arrays: Arrays) -> shapely.Geometry:
    """Return the area that :func:`data_area_arrays` named; raises as :func:`barriers_of` does."""
    return _shapes("data_area", arrays)[0]


def _wkb(name: str, shapes: GeometryArray) -> dict[str, npt.NDArray[Any]]:
    parts = [bytes(one) for one in shapely.to_wkb(shapes, byte_order=1)]
    return {
        f"{name}_first": np.cumsum([0, *(len(part) for part in parts)], dtype=np.int64),
        f"{name}_wkb": np.frombuffer(b"".join(parts), dtype=np.uint8),
    }


def _shapes(name: str, arrays: Arrays) -> GeometryArray:
    blob, ends = arrays[f"{name}_wkb"].tobytes(), arrays[f"{name}_first"].tolist()
    parts = [blob[low:high] for low, high in pairwise(ends)]
    shapes: GeometryArray = np.empty(len(parts), dtype=object)
    shapes[:] = shapely.from_wkb(parts)
    return shapes

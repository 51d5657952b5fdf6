"""Barriers: what a straight access leg may not cross, and the gates that let through."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.units import BoolArray, FloatArray, GeometryArray, IntArray, freeze

NEVER_GATED: Final = ("water", "railway", "motorway")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Barriers:
    """Lines that nobody walks across, and compounds (小区) that are left through gates.

    Attributes
    ----------
    lines
        Barrier lines in metres, object array of LineString [b]: water edges, railways, motorways,
        walls, fences, compound rings; already cut open at gates and where a street crosses.
    kinds
        Kind of each line, such as ``water`` or ``wall`` [b].
    compounds
        Polygons of residential compounds whose ring is a barrier, object array [c].
    compound_id
        Source id of each compound [c].
    compound_name
        Name of each compound [c], empty where it has none; without any nothing.
    gate_compound, gate_xy_m, gate_inferred
        int32 [g], float64 [g, 2], bool [g]: the gates, by compound. Where a compound has no known
        gate its inferred ones stand here, marked.
    """

    lines: GeometryArray
    kinds: tuple[str, ...]
    compounds: GeometryArray
    compound_id: tuple[str, ...]
    gate_compound: IntArray
    gate_xy_m: FloatArray
    gate_inferred: BoolArray
    compound_name: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.lines, self.compounds, self.gate_compound, self.gate_xy_m):
            freeze(array)
        freeze(self.gate_inferred)

    def name_of(self, compound: int) -> str:
        """Return the name of a compound, empty where nobody knows it."""
        return self.compound_name[compound] if self.compound_name else ""

    @property
    def may_hide_gate(self) -> BoolArray:
        """Return which lines are built (walls, fences, rings) and may have an unmapped gate."""
        return np.array([kind not in NEVER_GATED for kind in self.kinds], dtype=bool)

    def __repr__(self) -> str:
        """Summarise the barriers."""
        return (
            f"Barriers({len(self.lines)} lines, {len(self.compounds)} compounds, "
            f"{len(self.gate_compound)} gates, {int(self.gate_inferred.sum())} inferred)"
        )


def no_barriers() -> Barriers:
    """Return the empty set of barriers."""
    empty = np.empty(0, dtype=object)
    return Barriers(
        lines=empty,
        kinds=(),
        compounds=empty.copy(),
        compound_id=(),
        gate_compound=np.empty(0, dtype=np.int32),
        gate_xy_m=np.empty((0, 2)),
        gate_inferred=np.empty(0, dtype=bool),
    )

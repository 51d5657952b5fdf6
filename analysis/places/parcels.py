"""Parcels: places where something could be built or fitted in, as the planner lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.messages import message
from analysis.units import FloatArray, GeometryArray, IntArray, freeze

ParcelKind = Literal[
    "corner", "idle", "demolished", "ground_floor", "school_yard", "other", "unknown"
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Parcels:
    """Potential sites, sorted by id.

    Attributes
    ----------
    parcel_id
        Such as ``parcels.gpkg:B-07`` [p]; unique.
    name
        As given [p].
    kind
        边角地 corner, 闲置地块 idle, 拆违空间 demolished, 首层空间 ground_floor, … [p].
    shapes
        Polygons, or points where the file gives no outline, metres, object array [p].
    xy_m
        A point inside, metres, float64 [p, 2].
    area_m2
        As stated, else the polygon's, float64 [p]; nan where neither is known.
    floor_area_m2
        Floor that could be used, float64 [p]; nan where not stated.
    cost_yuan
        Cost of making it usable, float64 [p], ≥ 0; nan where not stated.
    floor
        Storey, float64 [p]: 1 the ground floor, below 0 a basement; as stated, and 1 for the kind
        ``ground_floor``; nan where not stated.
    width_m
        As stated, else the shorter side of the smallest rectangle round the outline, float64 [p],
        > 0; nan for points.
    land_use, tenure
        As given [p].
    exclusion
        Why it may not be used, as given; empty where nothing is stated [p].
    circle
        Position of the circle that holds `xy_m`, int32 [p]; -1 outside all of them.
    attributes
        All columns as given [p].
    """

    parcel_id: tuple[str, ...]
    name: tuple[str, ...]
    kind: tuple[ParcelKind, ...]
    shapes: GeometryArray
    xy_m: FloatArray
    area_m2: FloatArray
    floor_area_m2: FloatArray
    cost_yuan: FloatArray
    floor: FloatArray
    width_m: FloatArray
    land_use: tuple[str, ...]
    tenure: tuple[str, ...]
    exclusion: tuple[str, ...]
    circle: IntArray
    attributes: tuple[Mapping[str, str], ...]

    def __post_init__(self) -> None:
        """Check and freeze."""
        if list(self.parcel_id) != sorted(set(self.parcel_id)):
            raise InvalidParameterError(message("parcels.order"))
        for array in (
            self.xy_m, self.area_m2, self.floor_area_m2, self.cost_yuan, self.floor, self.width_m,
        ):  # fmt: skip
            freeze(array)
        freeze(self.shapes)
        freeze(self.circle)

    def __len__(self) -> int:
        """Return the number of parcels."""
        return len(self.parcel_id)

    def __repr__(self) -> str:
        """Summarise the parcels."""
        return f"Parcels({len(self)}, {np.nansum(self.area_m2) / 1e4:.1f} ha)"

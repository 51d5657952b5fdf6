"""Demand: where people live, and the residential land they live on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from analysis.errors import InvalidDemandError
from analysis.messages import message
from analysis.units import BoolArray, FloatArray, IntArray, freeze

MAX_PEOPLE: Final = 1e10  # more than live on Earth: such a number is a mistake
Basis = Literal["population", "population_60plus", "buildings", "residential_land"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Demand:
    """Points that need services: residential buildings, then cells of residential land.

    Attributes
    ----------
    point_id
        Source ids, unique; homes first, then people without one, then land, each sorted [p].
    xy_m
        Metres, float64 [p, 2].
    is_building
        True for homes: mapped residential buildings and places of a population table without one.
        False for cells of residential land (`land_m2` > 0) and for people of a polygon or raster
        cell without a building (`land_m2` = 0), bool [p].
    people
        Residents, float64 [p], finite, ≥ 0; 0 for land cells.
    people_estimated
        True where `people` rests on floor area or defaults, bool [p].
    households
        float64 [p]; 0 for land cells.
    groups
        Age and other groups by name, each float64 [p], such as ``population_60plus``.
    land_m2
        Residential land that a cell stands for, float64 [p]; 0 for buildings.
    circle
        Position of the circle, int32 [p]: ≥ 0 in the demand that is judged; -1 in the demand beyond
        all circles, which shares facilities and is not judged.
    """

    point_id: tuple[str, ...]
    xy_m: FloatArray
    is_building: BoolArray
    people: FloatArray
    people_estimated: BoolArray
    households: FloatArray
    groups: Mapping[str, FloatArray]
    land_m2: FloatArray
    circle: IntArray

    def __post_init__(self) -> None:
        """Check and freeze."""
        for name, values in (
            ("people", self.people),
            ("land_m2", self.land_m2),
            *self.groups.items(),
        ):
            if len(values) != len(self) or not np.isfinite(values).all() or (values < 0).any():
                raise InvalidDemandError(message("demand.weights", column=name))
        if len(set(self.point_id)) != len(self):
            raise InvalidDemandError(message("demand.duplicate"))
        freeze(self.is_building)
        freeze(self.people_estimated)
        freeze(self.circle)
        for array in (self.xy_m, self.people, self.households, self.land_m2, *self.groups.values()):
            freeze(array)

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.point_id)

    def __repr__(self) -> str:
        """Summarise the demand."""
        return (
            f"Demand({int(self.is_building.sum())} buildings, {self.people.sum():,.0f} people, "
            f"{self.land_m2.sum() / 1e6:.2f} km2 of residential land)"
        )

    def weights(self, basis: str) -> FloatArray | None:
        """Return the weight of each point on a coverage basis; None where it is not known."""
        if basis == "population":
            return self.people
        if basis == "buildings":
            return self.is_building.astype(np.float64)
        if basis == "residential_land":
            return self.land_m2
        return self.groups.get(basis)


def nobody() -> Demand:
    """Return a demand without a point."""
    none = np.empty(0)
    return Demand(
        point_id=(), xy_m=np.empty((0, 2)), is_building=np.empty(0, dtype=bool), people=none,
        people_estimated=np.empty(0, dtype=bool), households=none.copy(), groups={},
        land_m2=none.copy(), circle=np.empty(0, dtype=np.int32),
    )  # fmt: skip

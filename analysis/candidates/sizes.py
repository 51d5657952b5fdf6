"""Sizes: the smallest that is worth building, held against the ground and floor of candidates."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from analysis.candidates.candidates import Candidates
from analysis.candidates.checks import BROKEN, KEPT, UNKNOWN, OutcomeArray
from analysis.messages import Message, message
from analysis.standard.siting_rules import MinBuild
from analysis.units import BoolArray, FloatArray, freeze

FLOOR_RATIO: Final = 1.0  # 容积率: floor per ground where a parcel states no floor
_ROUNDING: Final = 1e-9

SizeOf = Literal["land", "floor"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SizeCheck:
    """Ground or floor of all candidates, held against the least of one element.

    `found_m2` float64 [c], nan where not known; `estimated` bool [c]: floor by the floor ratio;
    `least`: where it is from; `outcome` int8 [c] as of :class:`~analysis.candidates.checks.Check`.
    """

    of: SizeOf
    least_m2: float
    found_m2: FloatArray
    estimated: BoolArray
    outcome: OutcomeArray
    floor_ratio: float
    least: MinBuild

    def __post_init__(self) -> None:
        """Freeze."""
        for array in (self.found_m2, self.estimated, self.outcome):
            freeze(array)

    def reason(self, row: int) -> Message:
        """Return by how much a candidate is too small, or that its size is not known."""
        if self.outcome[row] == UNKNOWN:
            return message(f"candidates.unknown.{self.of}", least=_m2(self.least_m2))
        found_m2 = float(self.found_m2[row])
        estimated = ".estimated" if self.estimated[row] else ""
        lacking = self.least_m2 - found_m2
        return message(
            f"candidates.small.{self.of}{estimated}",
            lacking=_m2(lacking), found=_m2(found_m2), least=_m2(self.least_m2),
            ratio=f"{self.floor_ratio:g}",
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Room:
    """What there is at each candidate: `land_m2`, `floor_m2` float64 [c], nan where not known.

    `estimated` bool [c]: floor is ground times `floor_ratio`, since none is stated.
    """

    land_m2: FloatArray
    floor_m2: FloatArray
    estimated: BoolArray
    floor_ratio: float

    def __post_init__(self) -> None:
        """Freeze."""
        for array in (self.land_m2, self.floor_m2, self.estimated):
            freeze(array)


def room_of(candidates: Candidates, floor_ratio: float = FLOOR_RATIO) -> Room:
    """Return the ground and floor of candidates; floor that is not stated is estimated."""
    unstated = np.isnan(candidates.floor_area_m2)
    estimated = unstated & ~np.isnan(candidates.area_m2)
    floor_m2 = np.where(unstated, candidates.area_m2 * floor_ratio, candidates.floor_area_m2)
    return Room(
        land_m2=candidates.area_m2.copy(),
        floor_m2=floor_m2,
        estimated=estimated,
        floor_ratio=floor_ratio,
    )


def size_checks(least: MinBuild | None, room: Room, is_new: BoolArray) -> tuple[SizeCheck, ...]:
    """Return what `least` asks of each candidate; what stands already is large enough to stand."""
    if least is None:
        return ()
    sizes: tuple[tuple[SizeOf, float | None, FloatArray, BoolArray], ...] = (
        ("land", least.land_m2, room.land_m2, np.zeros(len(is_new), dtype=bool)),
        ("floor", least.building_m2, room.floor_m2, room.estimated.copy()),
    )
    return tuple(
        SizeCheck(
            of=of,
            least_m2=least_m2,
            found_m2=found_m2.copy(),
            estimated=estimated,
            outcome=_outcome(least_m2, found_m2, is_new),
            floor_ratio=room.floor_ratio,
            least=least,
        )
        for of, least_m2, found_m2, estimated in sizes
        if least_m2
    )


def _outcome(least_m2: float, found_m2: FloatArray, is_new: BoolArray) -> OutcomeArray:
    with np.errstate(invalid="ignore"):
        enough = found_m2 >= least_m2 * (1.0 - _ROUNDING)
    known = np.where(enough, KEPT, BROKEN)
    told = np.where(np.isnan(found_m2), UNKNOWN, known)
    return np.where(is_new, told, KEPT).astype(np.int8)


def _m2(value: float) -> str:
    """Return square metres as planners read them; never 0 for what is more."""
    return f"{value:,.0f}" if value >= 1 else f"{value:.2g}"

"""Walkers: who walks, how fast on the level, on slopes and on steps, and what is closed to them."""

import re
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from math import exp
from typing import Final, Literal

import numpy as np

from analysis.errors import InvalidParameterError, one_of
from analysis.messages import message
from analysis.units import FloatArray


class ArcFlag(IntFlag):
    """What is known of an arc, one bit each; stored as uint16 in the network."""

    STEPS = 1
    BRIDGE = 2
    TUNNEL = 4
    PRIVATE = 8  # inside a residential compound, open to its residents
    NO_WHEELCHAIR = 16
    NO_FORWARD = 32  # tail → head may not be walked
    NO_BACKWARD = 64  # head → tail may not be walked
    FERRY = 128
    PLAZA = 256  # an edge of an area that is walked along its ring
    INFERRED = 512  # not mapped: an inferred way through a compound's gate
    UNLINKABLE = 1024  # nobody steps onto it midway: tunnel, bridge, ferry
    ESCALATOR = 2048
    STEEP = 4096  # by an elevation raster steeper than the standard lets a wheelchair go
    RISES = 8192  # steps mapped as rising tail → head
    FALLS = 16384  # steps mapped as falling tail → head


class Crossing(IntEnum):
    """What is known of crossing the roadway at a node; stored as uint8 in the network."""

    UNTOLD = 0
    SIGNAL = 1  # with a signal
    NO_SIGNAL = 2  # a crossing told to have none


WalkerName = Literal["adult", "older_adult", "child", "wheelchair"]
WALKERS: Final[tuple[WalkerName, ...]] = ("adult", "older_adult", "child", "wheelchair")
_BARRED: Final = {
    "wheelchair": ArcFlag.STEPS | ArcFlag.NO_WHEELCHAIR | ArcFlag.ESCALATOR | ArcFlag.STEEP
}
# The one form in which a standard writes its slope law, blanks left out.
_TOBLER: Final = re.compile(
    r"Tobler:v=v0\*exp\(-(\d+(?:\.\d+)?)\*\|s\+(\d+(?:\.\d+)?)\|\)/exp\(-\1\*\2\)"
)
_STEEPEST_LAW: Final = 20.0
_LARGEST_OFFSET: Final = 0.5


@dataclass(frozen=True, slots=True)
class SlopeLaw:
    """Speed on a slope as a share of the speed on the level: e^(−k·|s + o|) / e^(−k·o).

    Tobler's hiking function with k = 3.5 and o = 0.05 (W. Tobler, Three presentations on
    geographical analysis and modeling, NCGIA report 93-1, 1993), scaled to 1 on the level: fastest
    on a fall of o, slower uphill and on steep falls. `k` 1 per grade, ≥ 0; `offset` a grade, ≥ 0.
    """

    k: float
    offset: float

    @property
    def text(self) -> str:
        """Return the law as a standard writes it."""
        k, offset = f"{self.k:g}", f"{self.offset:g}"
        return f"Tobler: v = v0 * exp(-{k}*|s+{offset}|) / exp(-{k}*{offset})"

    @property
    def fastest(self) -> float:
        """Return the largest share of the level's speed on any slope, ≥ 1."""
        return exp(self.k * self.offset)

    def speed_share(self, grade: FloatArray) -> FloatArray:
        """Return the share of the level's speed for grades (rise per horizontal metre)."""
        share: FloatArray = np.exp(self.k * (self.offset - np.abs(grade + self.offset)))
        return share


def slope_law(text: str) -> SlopeLaw | None:
    """Return the law that `text` writes; None for any other form, and for constants out of range.

    Nothing but the written form is understood, so that no formula in a standard stands there
    without being the one computed.
    """
    found = _TOBLER.fullmatch(re.sub(r"\s+", "", text))
    if found is None:
        return None
    k, offset = float(found[1]), float(found[2])
    if not (0 < k <= _STEEPEST_LAW and offset <= _LARGEST_OFFSET):
        return None
    return SlopeLaw(k=k, offset=offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkProfile:
    """A walker.

    Attributes
    ----------
    name
        The walker's slug.
    speed_m_s
        Walking speed on the level, metres per second, > 0. It turns metres into minutes, and under
        the minutes criterion decides what is within reach; it never changes a limit in metres.
    barred
        Arcs that carry any of these flags are closed.
    slope
        How a slope changes the speed; None where the walker is as fast on every slope.
    steps_up_m_s, steps_down_m_s
        Horizontal speed on steps; None where steps are walked like level ground.
    """

    name: WalkerName
    speed_m_s: float
    barred: ArcFlag
    slope: SlopeLaw | None = None
    steps_up_m_s: float | None = None
    steps_down_m_s: float | None = None

    @property
    def fastest_level_m_s(self) -> float:
        """Return the largest speed on streets without slopes, metres per second."""
        return max(self.speed_m_s, self.steps_up_m_s or 0.0, self.steps_down_m_s or 0.0)

    @property
    def fastest_m_s(self) -> float:
        """Return the largest speed on any street, slopes included, metres per second."""
        on_slopes = 1.0 if self.slope is None else self.slope.fastest
        return max(self.fastest_level_m_s, self.speed_m_s * on_slopes)


def walker_name(name: str) -> WalkerName:
    """Return `name` where it names a walker; raises :class:`InvalidParameterError`."""
    for walker in WALKERS:
        if walker == name:
            return walker
    raise InvalidParameterError(
        message("parameter.choice", name="--walker", allowed=one_of(WALKERS)), value=name
    )


def walk_profile(
    name: str,
    *,
    speed_m_s: float,
    slope: SlopeLaw | None = None,
    steps_up_m_s: float | None = None,
    steps_down_m_s: float | None = None,
) -> WalkProfile:
    """Return the walker called `name`; raises :class:`InvalidParameterError` for any other name.

    A service standard states the speeds:
    :meth:`~analysis.standard.profile.ServiceStandard.profile`.
    """
    walker = walker_name(name)
    return WalkProfile(
        name=walker,
        speed_m_s=speed_m_s,
        barred=_BARRED.get(walker, ArcFlag(0)),
        slope=slope,
        steps_up_m_s=steps_up_m_s,
        steps_down_m_s=steps_down_m_s,
    )

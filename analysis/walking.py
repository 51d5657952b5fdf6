"""Walkers: who walks, how fast, and which arcs are closed to them."""

from dataclasses import dataclass
from enum import IntFlag
from typing import Final, Literal

from analysis.errors import InvalidParameterError, one_of
from analysis.messages import message


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


WalkerName = Literal["adult", "wheelchair"]
WALKERS: Final[tuple[WalkerName, ...]] = ("adult", "wheelchair")


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkProfile:
    """A walker.

    Attributes
    ----------
    name
        The walker's slug.
    speed_m_s
        Walking speed on the level, metres per second, > 0. It turns metres into minutes shown, and
        under the minutes criterion minutes into the limit; it never changes a limit in metres.
    barred
        Arcs that carry any of these flags are closed.
    """

    name: WalkerName
    speed_m_s: float
    barred: ArcFlag


def walk_profile(name: str, *, speed_m_s: float) -> WalkProfile:
    """Return the walker called `name`; raises :class:`InvalidParameterError` for any other name."""
    if name == "adult":
        return WalkProfile(name="adult", speed_m_s=speed_m_s, barred=ArcFlag(0))
    if name == "wheelchair":
        barred = ArcFlag.STEPS | ArcFlag.NO_WHEELCHAIR | ArcFlag.ESCALATOR
        return WalkProfile(name="wheelchair", speed_m_s=speed_m_s, barred=barred)
    raise InvalidParameterError(
        message("parameter.choice", name="--walker", allowed=one_of(WALKERS)), value=name
    )

"""Walkers as plain JSON, as a saved study and a saved network keep them."""

from collections.abc import Mapping
from typing import Any

from analysis.walking import ArcFlag, SlopeLaw, WalkProfile, walker_name


def profile_json(profile: WalkProfile) -> dict[str, object]:
    """Return a walker as plain JSON values."""
    slope = profile.slope
    return {
        "name": profile.name,
        "speed_m_s": profile.speed_m_s,
        "barred": int(profile.barred),
        "slope": None if slope is None else {"k": slope.k, "offset": slope.offset},
        "steps_up_m_s": profile.steps_up_m_s,
        "steps_down_m_s": profile.steps_down_m_s,
    }


def profile_of(value: Mapping[str, Any]) -> WalkProfile:
    """Return the walker that :func:`profile_json` wrote.

    Raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else.
    """
    slope = value["slope"]
    return WalkProfile(
        name=walker_name(value["name"]),
        speed_m_s=float(value["speed_m_s"]),
        barred=ArcFlag(int(value["barred"])),
        slope=None if slope is None else SlopeLaw(float(slope["k"]), float(slope["offset"])),
        steps_up_m_s=_number(value["steps_up_m_s"]),
        steps_down_m_s=_number(value["steps_down_m_s"]),
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)

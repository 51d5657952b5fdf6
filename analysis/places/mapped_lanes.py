"""MappedLanes: the streets that the map shows as lanes of an element, with their tags."""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.units import GeometryArray, freeze


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MappedLanes:
    """Ways that the profile's tags name as lanes; they are no list, and give attributes alone.

    `lines` object [n] of LineString, metres; `tags` [n] all that the map says of each.
    """

    lines: GeometryArray
    tags: tuple[Mapping[str, str], ...]

    def __post_init__(self) -> None:
        """Freeze the array."""
        freeze(self.lines)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.tags)

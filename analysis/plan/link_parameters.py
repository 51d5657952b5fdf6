"""LinkParameters: how long a missing link may be, and when one is worth telling."""

from dataclasses import dataclass
from math import isfinite

from analysis.errors import InvalidParameterError
from analysis.messages import message


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkParameters:
    """What counts as a missing link; lengths in metres, straight from street to street.

    Attributes
    ----------
    gate_m, crossing_m, path_m, footbridge_m
        The longest of each kind; stairs and lifts are as long as paths. A gate leads from a way
        inside to the street outside, with what lies between the wall and either.
    least_ratio
        The walk between its ends today, at least so many times its length (or no walk at all).
    least_gain_m
        What somebody at its end walks less to the nearest facility, at least.
    spacing_m
        Places along the streets that are tried lie at most this far apart.
    nearly
        Of the links that serve at least this share of what the best one serves, the cheapest is
        proposed.
    tried
        How many of the most promising links of each gap are worked out exactly.
    min_people
        A link that serves fewer people of a gap is not told.

    Raises :class:`InvalidParameterError` for a number out of its range.
    """

    gate_m: float = 45.0
    crossing_m: float = 60.0
    path_m: float = 150.0
    footbridge_m: float = 200.0
    least_ratio: float = 3.0
    least_gain_m: float = 50.0
    spacing_m: float = 25.0
    nearly: float = 0.9
    tried: int = 2
    min_people: float = 10.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name in ("gate_m", "crossing_m", "path_m", "footbridge_m", "spacing_m", "tried"):
            value = float(getattr(self, name))
            if not (isfinite(value) and value > 0):
                raise InvalidParameterError(message("link.parameter.above", name=name), value=value)
        for name in ("least_gain_m", "min_people"):
            value = float(getattr(self, name))
            if not (isfinite(value) and value >= 0):
                raise InvalidParameterError(message("link.parameter.least", name=name), value=value)
        if not (isfinite(self.least_ratio) and self.least_ratio >= 1):
            raise InvalidParameterError(message("link.parameter.ratio"), value=self.least_ratio)
        if not 0 < self.nearly <= 1:
            raise InvalidParameterError(message("link.parameter.nearly"), value=self.nearly)

    @property
    def longest_m(self) -> float:
        """Return the length of the longest link of any kind."""
        return max(self.gate_m, self.crossing_m, self.path_m, self.footbridge_m)

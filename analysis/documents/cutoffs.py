"""Cutoffs: how far isochrones reach, as walking times or as walking distances."""

import re
from dataclasses import dataclass
from typing import Final

from analysis.errors import InvalidParameterError
from analysis.messages import message
from analysis.units import seconds
from analysis.walks.walk_costs import Measure

MAX_CUTOFFS: Final = 6
MAX_MINUTES: Final = 60.0
MAX_METRES: Final = 5_000.0
DEFAULT_MINUTES: Final = (5.0, 10.0, 15.0)
_DECIMAL: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoffs:
    """Walking times or walking distances, one of the two.

    Attributes
    ----------
    minutes
        Times, > 0: what the walker really takes, slopes and steps included where they are known.
    metres
        Distances, > 0, along streets, the access leg included: no slope changes them.

    Raises
    ------
    InvalidParameterError
        Where both are given, or neither.
    """

    minutes: tuple[float, ...] = ()
    metres: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Check that there is one of the two."""
        if bool(self.minutes) == bool(self.metres):
            raise _not_one(_listed(self.minutes), _listed(self.metres))

    @property
    def measure(self) -> Measure:
        """Return what a search for them counts."""
        return "seconds" if self.minutes else "metres"

    @property
    def largest_first(self) -> tuple[float, ...]:
        """Return the cutoffs as asked for, minutes or metres, each once."""
        return tuple(sorted(set(self.minutes or self.metres), reverse=True))

    @property
    def budgets(self) -> tuple[float, ...]:
        """Return :attr:`largest_first` in the measure: seconds or metres."""
        if self.measure == "metres":
            return self.largest_first
        return tuple(seconds(one) for one in self.largest_first)


def parse_cutoffs(minutes: str | None, metres: str | None) -> Cutoffs:
    """Return the cutoffs of a text such as ``5,10,15``, either of minutes or of metres.

    Without any they are 5, 10 and 15 minutes. Raises :class:`InvalidParameterError` for both, no
    number, more than six of them, or one that is not within 0 < minutes ≤ 60 or 0 < metres ≤ 5,000.
    """
    if minutes is not None and metres is not None:
        raise _not_one(minutes, metres)
    if metres is not None:
        return Cutoffs(metres=_numbers(metres, "metres", MAX_METRES))
    if minutes is not None:
        return Cutoffs(minutes=_numbers(minutes, "minutes", MAX_MINUTES))
    return Cutoffs(minutes=DEFAULT_MINUTES)


def decimal(text: str) -> float:
    """Return the number that `text` writes in plain digits, blanks around it allowed.

    Raises ``ValueError`` for anything else: ``float()`` would also take ``1_0``, full-width digits
    and ``nan``.
    """
    if _DECIMAL.fullmatch(text.strip(" ")) is None:
        raise ValueError(text)
    return float(text)


def _numbers(text: str, name: str, limit: float) -> tuple[float, ...]:
    try:
        found = tuple(dict.fromkeys(decimal(part) for part in text.replace("，", ",").split(",")))
    except ValueError:
        found = ()
    if not 0 < len(found) <= MAX_CUTOFFS or not all(0 < one <= limit for one in found):
        raise InvalidParameterError(
            message(f"isochrone.cutoffs.{name}", count=MAX_CUTOFFS, limit=limit),
            remedy=message(f"isochrone.cutoffs.{name}.remedy"),
            source=name,
            value=text,
        )
    return found


def _listed(numbers: tuple[float, ...]) -> str:
    return ",".join(f"{one:.10g}" for one in numbers)


def _not_one(minutes: str, metres: str) -> InvalidParameterError:
    return InvalidParameterError(
        message("isochrone.cutoffs.one"),
        remedy=message("isochrone.cutoffs.one.remedy"),
        source="metres",
        value=f"minutes={minutes} metres={metres}",
    )

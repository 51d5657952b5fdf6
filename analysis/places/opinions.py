"""Opinions: what residents ask for, where, counted by distinct people."""

from dataclasses import dataclass

import numpy as np

from analysis.errors import InvalidDemandError
from analysis.messages import message
from analysis.units import FloatArray, IntArray, freeze


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Opinions:
    """Opinions of residents, sorted by (source, row).

    Attributes
    ----------
    opinion_id
        Such as ``opinions.csv:7`` [o]; unique.
    xy_m
        Metres, float64 [o, 2]; nan where it is not known where.
    address, category, date, text
        As given, the date as ISO where it can be read [o].
    element_ids
        The elements that category or text name, sorted; empty where they name none [o].
    person
        Who it was, as a digest; unique where the file does not say. The same person counts once
        for an element in a circle [o].
    persons
        For how many people it speaks, float64 [o], > 0.
    circle
        Position of the circle, int32 [o]; -1 outside all of them or where the place is not known.
    """

    opinion_id: tuple[str, ...]
    xy_m: FloatArray
    address: tuple[str, ...]
    category: tuple[str, ...]
    date: tuple[str, ...]
    text: tuple[str, ...]
    element_ids: tuple[tuple[str, ...], ...]
    person: tuple[str, ...]
    persons: FloatArray
    circle: IntArray

    def __post_init__(self) -> None:
        """Check and freeze."""
        if not np.isfinite(self.persons).all() or (self.persons <= 0).any():
            raise InvalidDemandError(message("opinions.persons"))
        freeze(self.xy_m)
        freeze(self.persons)
        freeze(self.circle)

    def __len__(self) -> int:
        """Return the number of opinions."""
        return len(self.opinion_id)

    def __repr__(self) -> str:
        """Summarise the opinions."""
        return f"Opinions({len(self)}, {self.people():,.0f} people)"

    def people(self, element_id: str | None = None, circle: int | None = None) -> float:
        """Return how many distinct people ask for an element in a circle (None: any).

        Somebody who writes twice counts once, with the larger of the two numbers of `persons`.
        """
        most: dict[str, float] = {}
        for row, who in enumerate(self.person):
            if element_id is not None and element_id not in self.element_ids[row]:
                continue
            if circle is not None and int(self.circle[row]) != circle:
                continue
            most[who] = max(most.get(who, 0.0), float(self.persons[row]))
        return float(sum(most.values()))

    def asked_for(self, circle: int | None = None) -> dict[str, float]:
        """Return element → distinct people who ask for it, most first, ties by id."""
        rows = range(len(self)) if circle is None else np.flatnonzero(self.circle == circle)
        named = {one for row in rows for one in self.element_ids[int(row)]}
        counts = {one: self.people(one, circle) for one in named}
        return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))

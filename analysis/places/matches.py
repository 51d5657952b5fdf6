"""MatchReview: one decision about facilities that the map and the tables may both hold."""

from dataclasses import dataclass
from typing import Literal

from analysis.messages import Message
from analysis.places.facilities import Origin, Status

Decision = Literal["merged", "kept_both"]
Finding = Literal[
    "alike_names",  # merged though the names differ in letters
    "unnamed",  # merged by place alone
    "declared",  # merged because the row states the mapped object's id
    "unknown_osm_id",  # the row states an object that is not among the mapped facilities
    "status",  # merged, but open on one side and not on the other
    "several_objects",  # one row stands for several mapped objects
    "second_row",  # the mapped object was given to another row
    "other_name",  # same place, same element, different names
    "number_differs",  # names that differ in a number
    "far_apart",  # same name and element, but too far for one facility
    "other_element",  # same place and name, different elements
    "two_rows",  # two rows that look like one facility
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSide:
    """One side of a pair: a row of a table or a mapped facility."""

    origin: Origin
    source_id: str
    element_id: str
    name: str
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchReview:
    """A pair that somebody should look at.

    Attributes
    ----------
    finding
        What is worth a look.
    row, other
        The row of a table, and the mapped facility or the other row.
    distance_m
        Metres between their places (entrances included), ≥ 0; nan where there is no other.
    similarity
        Of their names, 0…1; nan where one has none.
    decision
        What was done.
    why
        In words.
    """

    finding: Finding
    row: MatchSide
    other: MatchSide | None
    distance_m: float
    similarity: float
    decision: Decision
    why: Message

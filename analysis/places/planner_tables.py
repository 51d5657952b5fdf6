"""PlannerTables: what planners' files gave, how it was read, and what could not be placed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from analysis.coordinates.reading import StatedCoordinates
from analysis.messages import Message
from analysis.places.matches import MatchReview
from analysis.places.opinions import Opinions
from analysis.places.parcels import Parcels

Role = Literal["facilities", "population", "buildings", "opinions", "parcels", "circles"]
How = Literal["exact", "synonym", "similar", "declared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnUse:
    """One column of a file and what it was read as; `how` says why."""

    column: str
    meaning: str
    how: How


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReading:
    """How one file was read.

    Attributes
    ----------
    role, source
        What it was given as, and its name without its folder.
    rows, unlocated
        How many rows it has, and how many of them could not be placed on the map.
    columns
        Which column was read as what, in the order of the file's columns.
    passed_over
        Columns that could mean the same as one that was read → that meaning.
    unused
        Columns that no meaning was found for.
    coordinates
        Where its rows are, as written; None where it states no places.
    """

    role: Role
    source: str
    rows: int
    unlocated: int
    columns: tuple[ColumnUse, ...]
    passed_over: Mapping[str, str]
    unused: tuple[str, ...]
    coordinates: StatedCoordinates | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlocatedRow:
    """A row that says what there is but not where: kept, to be located by hand.

    Attributes
    ----------
    role, source, row
        Which file, and the row as a person counts it.
    row_id, name, address
        As the file states them; empty where it does not.
    element_id
        The element it would serve; empty where that is not known.
    people
        Residents of a row of people; nan for other rows.
    why
        Why it could not be placed.
    """

    role: Role
    source: str
    row: int
    row_id: str
    name: str
    address: str
    element_id: str
    people: float
    why: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingCount:
    """What a building table changed, as counts.

    `replaced` mapped homes gave way to rows; `own` rows stand where no home was mapped;
    `not_homes` rows are of another use; `residents_stated` live in rows that state people.
    `before_2001` rows were built before the end of 2000, of `year_known`.
    """

    rows: int
    replaced: int
    own: int
    not_homes: int
    residents_stated: float
    year_known: int
    before_2001: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannerTables:
    """All that planners' files gave beside facilities, people and circles.

    Attributes
    ----------
    readings
        How each file was read, in the order given.
    unlocated
        Rows that could not be placed, by file and row.
    matches
        What was decided about facilities that stand in the map and in tables, to be reviewed.
    opinions, parcels, buildings
        None where no such file was given.
    """

    readings: tuple[FileReading, ...] = ()
    unlocated: tuple[UnlocatedRow, ...] = ()
    matches: tuple[MatchReview, ...] = ()
    opinions: Opinions | None = None
    parcels: Parcels | None = None
    buildings: BuildingCount | None = None

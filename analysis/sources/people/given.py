"""PeopleSource: people of a planner's file, and the points that they are shared among."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.errors import InvalidDemandError
from analysis.messages import Joined, message
from analysis.notices import Notice, notice
from analysis.places.demand import MAX_PEOPLE
from analysis.places.planner_tables import FileReading, UnlocatedRow
from analysis.sources.files.columns import Columns, Problem, parse_number, raise_problems
from analysis.sources.people.building_rules import building_rules
from analysis.units import BoolArray, FloatArray, IntArray

GROUPS: Final[Mapping[str, str]] = {
    "pop_0_2": "population_0_2",
    "pop_3_5": "population_3_5",
    "pop_6_11": "population_6_11",
    "pop_12_14": "population_12_14",
    "pop_60plus": "population_60plus",
    "cars": "cars",
    "ebikes": "ebikes",
    "own_spaces": "own_spaces",
}
VALUE_COLUMNS: Final = ("population", "households", *GROUPS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Values:
    """What each row of a file counts.

    Attributes
    ----------
    people, households
        float64 [r], finite, ≥ 0.
    groups
        Age and other groups by their name in :class:`~analysis.places.demand.Demand`, float64 [r]
        each.
    people_estimated
        True where people were taken from households, bool [r].
    """

    people: FloatArray
    households: FloatArray
    groups: Mapping[str, FloatArray]
    people_estimated: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OwnPoints:
    """Places of people that no building stands for.

    Attributes
    ----------
    point_id
        Such as ``population.csv:7`` [k].
    xy_m
        Metres, float64 [k, 2].
    is_building
        True for rows of a table, each a place of homes of its own; False for what is left of an
        area [k].
    """

    point_id: tuple[str, ...]
    xy_m: FloatArray
    is_building: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeopleSource:
    """Rows with values, shared among targets: buildings 0…b-1, then own points b…b+k-1.

    Attributes
    ----------
    source
        The file's name without its folder.
    values
        What each row counts.
    row, target, share
        Row `row` gives its part `share` (0…1) to `target`; int32, int32, float64 [s]. The shares of
        a row sum to at most 1; the rest lives outside the area that is read.
    own
        Own points.
    spread
        True where people were spread by floor or land area, so that they are estimates.
    notices
        What was assumed or could not be placed.
    reading
        How the columns were read; None for a raster.
    unlocated
        Rows that could be put nowhere.
    row_names
        Such as ``population.csv:7``, one for each row; empty for a raster.
    """

    source: str
    values: Values
    row: IntArray
    target: IntArray
    share: FloatArray
    own: OwnPoints
    spread: bool
    notices: tuple[Notice, ...]
    reading: FileReading | None = None
    unlocated: tuple[UnlocatedRow, ...] = ()
    row_names: tuple[str, ...] = ()

    def on_targets(self, per_row: FloatArray, n_targets: int) -> FloatArray:
        """Return a value of the rows summed over the targets, float64 [n_targets]."""
        given = per_row[self.row] * self.share
        return np.bincount(self.target, weights=given, minlength=n_targets).astype(np.float64)


def read_values(
    source: str,
    rows: Sequence[Mapping[str, str]],
    numbers: tuple[int, ...],
    columns: Columns,
    problems: list[Problem],
) -> tuple[Values, list[Notice]]:
    """Parse people, households and groups of each row.

    Without a population column, people are households times the persons of a household. Raises
    :class:`InvalidDemandError` where neither column is there, listing every cell that is blank
    where it must not be, negative or no number (with those already in `problems`), or where the
    people sum to zero.
    """
    if "population" not in columns and "households" not in columns:
        found = tuple(dict.fromkeys(name for row in rows for name in row))
        raise InvalidDemandError(
            message("table.missing_columns", columns="population", found=Joined(found)),
            remedy=message("table.missing_columns.remedy"),
            source=source,
        )
    main = "population" if "population" in columns else "households"
    parsed = {
        name: _numbers(rows, numbers, columns, name, problems, needed=name == main)
        for name in VALUE_COLUMNS
        if name in columns
    }
    raise_problems(problems, InvalidDemandError, source, message("table.fix_rows.remedy"))
    persons = building_rules().persons_per_household
    told: list[Notice] = []
    if main == "population":
        people = parsed["population"]
        households = parsed.get("households", np.full(len(rows), np.nan))
        households = np.where(np.isnan(households), people / persons, households)
    else:
        households = parsed["households"]
        people = households * persons
        text = message("population.from_households", source=source, persons=f"{persons:g}")
        told.append(notice("population.from_households", text, (source,), "warning"))
    if people.sum() <= 0:
        raise InvalidDemandError(
            message("population.zero"), remedy=message("population.zero.remedy"), source=source
        )
    groups = {GROUPS[name]: column for name, column in parsed.items() if name in GROUPS}
    told += _blank_groups(source, numbers, groups)
    return Values(
        people=people,
        households=households,
        groups={name: np.nan_to_num(column) for name, column in groups.items()},
        people_estimated=np.full(len(rows), main == "households"),
    ), told


def _numbers(
    rows: Sequence[Mapping[str, str]],
    numbers: tuple[int, ...],
    columns: Columns,
    name: str,
    problems: list[Problem],
    *,
    needed: bool,
) -> FloatArray:
    values = np.full(len(rows), np.nan)
    for position, row in enumerate(rows):
        text = columns.get(row, name)
        why = None
        try:
            value = parse_number(text)
        except ValueError:
            value, why = None, "table.not_a_number"
        if value is not None:
            values[position] = value
        if why is None and value is None and needed:
            why = "table.blank"
        if value is not None and value < 0:
            why = "table.negative"
        if value is not None and value > MAX_PEOPLE:
            why = "table.too_many"
        if why is not None:
            problems.append(Problem(numbers[position], columns.label(name), text, message(why)))
    return values


def _blank_groups(
    source: str, numbers: tuple[int, ...], groups: Mapping[str, FloatArray]
) -> list[Notice]:
    told = []
    for name, column in sorted(groups.items()):
        blank = np.flatnonzero(np.isnan(column))
        if len(blank):
            rows = [f"{source}:{numbers[position]}" for position in blank]
            text = message("population.blank_group", source=source, column=name, count=len(rows))
            told.append(notice("population.blank_group", text, rows, "warning"))
    return told

"""Rows: one way from any planner's file, table or layer, to cells with a meaning and a place."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from analysis.coordinates.reading import StatedCoordinates
from analysis.errors import InputError, InvalidFacilitiesError
from analysis.messages import Joined, Message, message
from analysis.notices import Notice
from analysis.places.planner_tables import ColumnUse, FileReading, Role, UnlocatedRow
from analysis.sources.extent import StudyArea
from analysis.sources.files.columns import (
    Columns,
    Problem,
)
from analysis.sources.files.coordinates import (
    Coordinates,
    tell_rows,
)
from analysis.units import BoolArray, FloatArray, GeometryArray


@dataclass(slots=True, kw_only=True, eq=False)
class Rows:
    """The rows of a planner's file, read as files of one role are.

    Attributes
    ----------
    role, source
        What the file was given as, and its name without its folder.
    cells, numbers
        The cells of each row as text, and the row as a person counts it [r].
    columns
        Which column is read as what.
    names
        The file's columns, in order.
    coordinates
        Where each row is, degrees; a point inside where it is a polygon.
    shapes
        Geometries in WGS84 degrees, None where a row has none, object array [r]; None for a table
        of coordinates.
    is_layer
        Whether the file is a spatial layer, whose rows are features.
    kept, swapped
        Which rows lie in the area that is read, and which would if longitude and latitude were
        exchanged, bool [r].
    told, problems
        What was skipped, mended or guessed, and cells that cannot be used.
    written
        The coordinates before they were read as declared.
    """

    role: Role
    source: str
    cells: tuple[Mapping[str, str], ...]
    numbers: tuple[int, ...]
    columns: Columns
    names: tuple[str, ...]
    coordinates: Coordinates
    shapes: GeometryArray | None
    is_layer: bool
    told: list[Notice]
    problems: list[Problem]
    written: StatedCoordinates
    kept: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    swapped: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.cells)

    def get(self, position: int, name: str) -> str:
        """Return a trimmed cell by its canonical name; empty where the file has no such column."""
        return self.columns.get(self.cells[position], name)

    def problem(self, position: int, name: str, why: str, **args: object) -> None:
        """Add a cell that cannot be used to the problems."""
        self.problems.append(
            Problem(
                self.numbers[position],
                self.columns.label(name),
                self.get(position, name),
                message(why, **args),
            )
        )

    def require(self, error: type[InputError], *names: str) -> None:
        """Raise `error` unless the file has all columns of those canonical names."""
        lacking = tuple(name for name in names if name not in self.columns)
        if lacking:
            raise error(
                message("table.missing_columns", columns=Joined(lacking), found=Joined(self.names)),
                remedy=message("table.missing_columns.remedy"),
                source=self.source,
                row=None if self.is_layer else 1,
            )

    @property
    def lacking_place(self) -> tuple[str, ...]:
        """Return the coordinate columns that a table lacks which says in no other way where."""
        if self.is_layer or any(one in self.columns for one in ("wkt", "address", "osm_id")):
            return ()
        return tuple(one for one in ("lon", "lat") if one not in self.columns)

    def require_element(self, declared: str | None, near: Message | None = None) -> None:
        """Raise for a table whose element nobody says, or that is declared as an unknown one.

        `near` is the remedy for a declared one that is near one of the standard's.
        """
        remedy = message("facility_table.declare_element.remedy", source=self.source)
        if declared is not None:
            raise InvalidFacilitiesError(
                message("facility_table.bad_declared"),
                remedy=near or remedy,
                source=self.source,
                value=declared,
            )
        lacking = ("element", *self.lacking_place)
        raise InvalidFacilitiesError(
            message("table.missing_columns", columns=Joined(lacking), found=Joined(self.names)),
            remedy=remedy,
            source=self.source,
            row=None if self.is_layer else 1,
        )

    def xy_m(self, area: StudyArea) -> FloatArray:
        """Return where the kept rows are, metres, float64 [r, 2]; nan for the others."""
        lonlat = np.where(self.kept[:, None], self.coordinates.lonlat, 0.0)
        return np.where(self.kept[:, None], area.crs.project(lonlat), np.nan)

    @property
    def lost(self) -> BoolArray:
        """Return which rows have no usable place, bool [r]."""
        return ~self.coordinates.stated | self.swapped

    def unlocated(
        self, element_ids: tuple[str, ...] | None = None, people: FloatArray | None = None
    ) -> tuple[UnlocatedRow, ...]:
        """Return the rows that say what there is but not where."""
        return tuple(
            UnlocatedRow(
                role=self.role,
                source=self.source,
                row=self.numbers[one],
                row_id=self.get(one, "id") or self.get(one, "osm_id"),
                name=self.get(one, "name"),
                address=self.get(one, "address"),
                element_id="" if element_ids is None else element_ids[one],
                people=float("nan") if people is None else float(people[one]),
                why=self._why_lost(one),
            )
            for one in np.flatnonzero(self.lost).tolist()
        )

    def _why_lost(self, position: int) -> Message:
        return message("unlocated.swapped" if self.swapped[position] else "unlocated.no_place")

    def reading(self, unlocated: int) -> FileReading:
        """Return how the file was read, for the study document."""
        return file_reading(
            self.role, self.source, len(self), self.names, self.columns, unlocated, self.written
        )

    def tell_left_out(self) -> None:
        """Add notices of the rows without coordinates, swapped and outside the study area."""
        stated = self.coordinates.stated
        for left_out, key in (
            (~stated, "table.no_coordinates"),
            (self.swapped, "table.swapped_rows"),
            (stated & ~self.kept & ~self.swapped, "table.outside"),
        ):
            self.told += tell_rows(key, self.source, self.numbers, left_out)


def file_reading(
    role: Role,
    source: str,
    n_rows: int,
    names: tuple[str, ...],
    columns: Columns,
    unlocated: int,
    written: StatedCoordinates | None = None,
) -> FileReading:
    """Return how a file's columns were read, in the order of the file."""
    meaning = {own: name for name, own in columns.read_as.items()}
    passed = {one: name for name, others in columns.passed_over.items() for one in others}
    return FileReading(
        role=role,
        source=source,
        rows=n_rows,
        unlocated=unlocated,
        columns=tuple(
            ColumnUse(column=one, meaning=meaning[one], how=columns.how[meaning[one]])
            for one in names
            if one in meaning
        ),
        passed_over={one: passed[one] for one in names if one in passed},
        unused=columns.unused,
        coordinates=written,
    )

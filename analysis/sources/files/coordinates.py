"""Longitude and latitude in planners' tables: parsed, checked and set against the study area."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.coordinates.gauss_kruger import are_projected, possible_zones
from analysis.coordinates.reading import OPTION, CoordinateReading, StatedCoordinates
from analysis.errors import InputError
from analysis.messages import Joined, message
from analysis.notices import Notice, notice
from analysis.sources.extent import StudyArea
from analysis.sources.files.columns import Columns, Problem, parse_number
from analysis.units import BoolArray, FloatArray

MAX_LON: Final = 180.0
MAX_LAT: Final = 90.0
_NAMED_ROWS: Final = 5


@dataclass(frozen=True, slots=True, eq=False)
class Coordinates:
    """Where the rows of a table are.

    Attributes
    ----------
    lonlat
        WGS84 degrees, float64 [r, 2]; nan where a row states none.
    rows
        The rows' numbers as a person counts them [r].
    columns
        Which columns they stand in.
    """

    lonlat: FloatArray
    rows: tuple[int, ...]
    columns: Columns

    @property
    def stated(self) -> BoolArray:
        """Return which rows state both coordinates, bool [r]."""
        return np.isfinite(self.lonlat[:, 0]) & np.isfinite(self.lonlat[:, 1])


def read_coordinates(
    rows: Sequence[Mapping[str, str]],
    row_numbers: tuple[int, ...],
    columns: Columns,
    problems: list[Problem],
) -> Coordinates:
    """Parse the ``lon`` and ``lat`` columns; a cell that is no number joins `problems`."""
    lonlat = np.full((len(rows), 2), np.nan)
    for position, (row, number) in enumerate(zip(rows, row_numbers, strict=True)):
        for axis, name in enumerate(("lon", "lat")):
            text = columns.get(row, name)
            try:
                value = parse_number(text)
            except ValueError:
                why = message("table.not_a_number")
                problems.append(Problem(number, columns.label(name), text, why))
                continue
            if value is not None:
                lonlat[position, axis] = value
    return Coordinates(lonlat, row_numbers, columns)


def check_range(coordinates: Coordinates, problems: list[Problem]) -> None:
    """Add every longitude beyond ±180° and latitude beyond ±90° to `problems`."""
    for axis, name, limit in ((0, "lon", MAX_LON), (1, "lat", MAX_LAT)):
        for position in np.flatnonzero(np.abs(coordinates.lonlat[:, axis]) > limit):
            value = f"{coordinates.lonlat[position, axis]:g}"
            why = message(f"table.bad_{name}")
            row = coordinates.rows[position]
            problems.append(Problem(row, coordinates.columns.label(name), value, why))


def check_not_projected(
    written: StatedCoordinates, columns: Columns, area: StudyArea, error: type[InputError]
) -> None:
    """Raise `error` where numbers that are read as degrees look like metres of a CGCS2000 zone.

    Its remedy is the option that declares the zone in which most of them lie in the study area.
    """
    if written.declared.is_code or not are_projected(written.pairs):
        return
    best, most = None, 0.0
    for zone, swapped in possible_zones(written.pairs):
        reading = CoordinateReading(zone.code, swapped)
        share = float(inside(reading.lonlat(written.pairs), area).mean())
        if share > most:
            best, most = reading, share
    labels = {"lon": columns.label("lon"), "lat": columns.label("lat")}
    first = written.pairs[np.isfinite(written.pairs).all(axis=1)][0]
    if best is None:
        reason = message("coordinates.projected_nowhere", **labels)
        remedy = message("coordinates.projected_nowhere.remedy", name=written.source)
    else:
        count = len(written.pairs)
        reason = message("coordinates.projected", zone=best.text, share=most, count=count, **labels)
        option = f"{OPTION} {written.source}={best.text}"
        remedy = message("coordinates.projected.remedy", option=option)
    value = f"{first[0]:.12g}, {first[1]:.12g}"
    raise error(reason, remedy=remedy, source=written.source, value=value)


def check_not_swapped(
    coordinates: Coordinates, area: StudyArea, source: str, error: type[InputError]
) -> BoolArray:
    """Return which rows would lie in the study area if longitude and latitude were exchanged.

    Raises `error` where that holds for at least half of the rows and none fits as written;
    nothing is ever exchanged silently.
    """
    stated = coordinates.stated
    fits = inside(coordinates.lonlat, area)
    swapped = inside(coordinates.lonlat[:, ::-1], area) & ~fits
    if swapped.any() and not fits.any() and 2 * swapped.sum() >= stated.sum():
        named = [coordinates.rows[position] for position in np.flatnonzero(swapped)]
        first = coordinates.lonlat[np.flatnonzero(swapped)[0]]
        columns = coordinates.columns
        raise error(
            message(
                "table.swapped", count=len(named), rows=Joined(tuple(map(str, named[:_NAMED_ROWS])))
            ),
            remedy=message(
                "table.swapped.remedy",
                lon=columns.label("lon"),
                lat=columns.label("lat"),
                name=source,
            ),
            source=source,
            row=named[0],
            value=f"{first[0]:g}, {first[1]:g}",
        )
    return swapped


def tell_rows(
    key: str, source: str, row_numbers: tuple[int, ...], chosen: BoolArray
) -> tuple[Notice, ...]:
    """Return a warning that names the chosen rows, or none where there are none.

    The phrase of `key` takes ``source`` and ``count``.
    """
    if not chosen.any():
        return ()
    names = [f"{source}:{row_numbers[position]}" for position in np.flatnonzero(chosen)]
    return (notice(key, message(key, source=source, count=len(names)), names, "warning"),)


def inside(lonlat: FloatArray, area: StudyArea) -> BoolArray:
    """Return which points lie in the area that is read, bool [r]; False for nan."""
    usable = (np.abs(lonlat) <= (MAX_LON, MAX_LAT)).all(axis=1)
    result = np.zeros(len(lonlat), dtype=bool)
    if usable.any():
        xy_m = area.crs.project(lonlat[usable])
        finite = np.isfinite(xy_m).all(axis=1)
        shapely.prepare(area.read)
        xy_m[~finite] = np.inf
        result[usable] = finite & shapely.contains_xy(area.read, xy_m[:, 0], xy_m[:, 1])
    return result

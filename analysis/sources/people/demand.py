"""Demand from buildings, residential land and, where the planner has one, a population file."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from analysis.errors import InvalidDemandError, InvalidParameterError, SourceDataError
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.places.circles import Circles
from analysis.places.demand import MAX_PEOPLE, Demand
from analysis.places.planner_tables import FileReading, UnlocatedRow
from analysis.sources.extent import StudyArea
from analysis.sources.files.mapping import ColumnMapping
from analysis.sources.files.row_reading import NO_MAPPING
from analysis.sources.files.tables import is_table
from analysis.sources.files.vector import is_layer
from analysis.sources.people.building_rules import building_rules
from analysis.sources.people.buildings import Buildings
from analysis.sources.people.given import PeopleSource
from analysis.sources.people.given_areas import is_raster, read_people_layer, read_people_raster
from analysis.sources.people.given_buildings import StatedHomes
from analysis.sources.people.given_tables import read_people_rows
from analysis.sources.people.land_cells import LandCells
from analysis.sources.people.people_points import (
    PeoplePoints,
    demand_beyond,
    demand_inside,
    points_from_file,
    points_from_floor_area,
    rows_beyond,
)
from analysis.sources.people.unusual_people import unusual_people
from analysis.units import IntArray


class DemandReading(NamedTuple):
    """Demand, what was done to make it, how a population file was read, and who lives beyond."""

    demand: Demand
    notices: tuple[Notice, ...]
    reading: FileReading | None
    unlocated: tuple[UnlocatedRow, ...]
    beyond: Demand


def build_demand(
    buildings: Buildings,
    land: LandCells,
    circles: Circles,
    *,
    population: Path | None,
    total_population: float | None,
    area: StudyArea,
    stated: StatedHomes | None = None,
    mapping: ColumnMapping = NO_MAPPING,
) -> DemandReading:
    """Return who lives where inside the circles, and who beyond them may share facilities.

    Parameters
    ----------
    buildings, land
        Homes and cells of residential land; either may be empty.
    circles
        The circles; what lies in one is judged.
    population
        Table, polygon layer or GeoTIFF of people; None to estimate people from floor area, scaled
        to the people that circles state.
    total_population
        People in all circles together, > 0, finite; everything is scaled to it. None to leave
        people as they are.
    area
        The study area.
    stated
        People and households that a building table states for `buildings`; they are not scaled to
        what circles state, and not used where there is a population file.
    mapping
        What the planner declares about columns.

    Returns
    -------
    demand, notices, reading, unlocated, beyond
        Buildings by id, then places of people without a building by id, then land cells by id.
        `beyond` holds residents beyond all circles where the study reads complete data.
        Without buildings and file it may have no people or no point at all: that is no error.

    Raises
    ------
    InvalidParameterError
        `total_population` is not a positive number.
    InvalidDemandError, SourceDataError, CRSError
        The population file cannot be used, sums to zero or lies elsewhere.
    """
    if total_population is not None and not (1 <= total_population <= MAX_PEOPLE):
        raise InvalidParameterError(
            message("population.total_range", limit=MAX_PEOPLE),
            remedy=message("population.total.remedy"),
            source="--total-population",
            value=total_population,
        )
    told: list[Notice] = []
    source = None
    if population is None:
        points = points_from_floor_area(buildings, stated)
        circle = circles.locate(points.xy_m)
        told += _scale_to_circles(points, circle, circles)
    else:
        source = _read_people(population, buildings, circles, area, mapping)
        points = points_from_file(buildings, source)
        circle = circles.locate(points.xy_m)
        told += [*source.notices, *unusual_people(source, buildings)]
        told += [*_outside(points, circle, source, len(buildings))]
        told += _unused_totals(circles, source.source)
        told += _unused_stated(stated, source.source)
    if total_population is not None:
        told += _scale_to_total(points, circle, total_population)
    rows = rows_beyond(points, circle, area)
    beyond = demand_beyond(points, rows)
    if source is not None:
        told += _none_beyond(beyond, int(points.is_building[rows].sum()), source.source)
    return DemandReading(
        demand_inside(points, circle, land),
        tuple(told),
        None if source is None else source.reading,
        () if source is None else source.unlocated,
        beyond,
    )


def _read_people(
    path: Path, buildings: Buildings, circles: Circles, area: StudyArea, mapping: ColumnMapping
) -> PeopleSource:
    if is_table(path):
        return read_people_rows(path, buildings, area, mapping)
    if is_layer(path):
        try:
            return read_people_layer(path, buildings, circles, area, mapping)
        except SourceDataError as error:
            if error.reason.key != "layer.no_polygons":
                raise
            return read_people_rows(path, buildings, area, mapping)
    if is_raster(path):
        return read_people_raster(path, buildings, area)
    raise SourceDataError(
        message("population.unknown_kind"),
        remedy=message("population.unknown_kind.remedy"),
        source=path.name,
    )


def _scale_to_circles(points: PeoplePoints, circle: IntArray, circles: Circles) -> list[Notice]:
    """Scale people to what the circles state; a circle without homes cannot hold its people.

    People whom a building table states stay as they are; the others share what is left. Beyond the
    circles a resident has as much floor area as in all circles together.
    """
    told = []
    in_circle = circle >= 0
    loose, firm = in_circle & ~points.fixed, in_circle & points.fixed
    estimated = np.bincount(circle[loose], weights=points.people[loose], minlength=len(circles))
    known = np.bincount(circle[firm], weights=points.people[firm], minlength=len(circles))
    stated = np.isfinite(circles.total_population)
    homeless = stated & (estimated + known == 0) & (circles.total_population > 0)
    if homeless.any():
        ids = [circles.circle_id[one] for one in np.flatnonzero(homeless)]
        people = f"{circles.total_population[homeless].sum():,.0f}"
        text = message("population.circle_without_homes", count=len(ids), people=people)
        told.append(notice("population.circle_without_homes", text, ids, "warning"))
    scaled = stated & (estimated > 0)
    factor = np.ones(len(circles) + 1)  # the last one is for points beyond, circle -1
    left = np.maximum(circles.total_population - known, 0.0)
    factor[:-1][scaled] = left[scaled] / estimated[scaled]
    if scaled.any():
        factor[-1] = float((factor[:-1] * estimated).sum() / estimated.sum())
    points.scale(np.where(points.fixed, 1.0, factor[circle]))
    unmet = stated & (known > 0) & ((estimated == 0) | (known > circles.total_population))
    if unmet.any():
        ids = [circles.circle_id[one] for one in np.flatnonzero(unmet)]
        text = message("buildings.table_totals", count=len(ids))
        told.append(notice("buildings.table_totals", text, ids, "warning"))
    if scaled.any():
        ids = [circles.circle_id[one] for one in np.flatnonzero(scaled)]
        text = message("population.scaled_to_circles", count=len(ids))
        told.append(notice("population.scaled_to_circles", text, ids))
    if loose.any():
        rules = building_rules()
        text = message("population.from_floor_area", m2=f"{rules.m2_per_person:g}")
        told.append(notice("population.from_floor_area", text, (), "warning"))
    return told


def _outside(
    points: PeoplePoints, circle: IntArray, source: PeopleSource, n_buildings: int
) -> list[Notice]:
    """Tell how many people of a file live outside the circles; all of them is an error."""
    stated = float(source.values.people.sum())
    within = float(points.people[circle >= 0].sum())
    if within <= 0:
        raise InvalidDemandError(
            message("population.all_outside", people=f"{stated:,.0f}"),
            remedy=message("population.elsewhere.remedy"),
            source=source.source,
        )
    told = []
    if stated - within > 1e-9 * stated:
        ids = [points.point_id[one] for one in np.flatnonzero((circle < 0) & (points.people > 0))]
        text = message(
            "population.outside",
            source=source.source,
            people=f"{stated - within:,.0f}",
            of=f"{stated:,.0f}",
            share=(stated - within) / stated,
        )
        told.append(notice("population.outside", text, ids))
    bare = np.flatnonzero((circle[:n_buildings] >= 0) & (points.people[:n_buildings] == 0))
    if len(bare):
        text = message("population.buildings_without", source=source.source, count=len(bare))
        ids = [points.point_id[one] for one in bare]
        told.append(notice("population.buildings_without", text, ids))
    return told


def _none_beyond(beyond: Demand, homes: int, source: str) -> list[Notice]:
    """Tell where a file knows of nobody beyond the circles, although `homes` stand there."""
    if len(beyond) or not homes:
        return []
    text = message("co_users.only_inside", source=source, homes=homes)
    return [notice("co_users.only_inside", text, (source,), "warning")]


def _unused_totals(circles: Circles, source: str) -> list[Notice]:
    stated = np.flatnonzero(np.isfinite(circles.total_population))
    if not len(stated):
        return []
    text = message("population.totals_unused", source=source, count=len(stated))
    ids = [circles.circle_id[one] for one in stated]
    return [notice("population.totals_unused", text, ids)]


def _unused_stated(stated: StatedHomes | None, source: str) -> list[Notice]:
    if stated is None or not np.isfinite(stated.people).any():
        return []
    count = int(np.isfinite(stated.people).sum())
    text = message("buildings.people_unused", source=source, count=count)
    return [notice("buildings.people_unused", text, (source,), "warning")]


def _scale_to_total(points: PeoplePoints, circle: IntArray, total: float) -> list[Notice]:
    within = float(points.people[circle >= 0].sum())
    if within <= 0:
        raise InvalidDemandError(
            message("population.total_unplaced", total=f"{total:,.0f}"),
            remedy=message("population.total_unplaced.remedy"),
            value=total,
        )
    factor = total / within
    points.scale(np.full(len(points.people), factor))
    text = message(
        "population.scaled_to_total",
        before=f"{within:,.0f}",
        total=f"{total:,.0f}",
        factor=f"{factor:.3f}",
    )
    return [notice("population.scaled_to_total", text)]

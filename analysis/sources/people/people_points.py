"""PeoplePoints: homes and own points with their people, in and out of the circles.

They become two demands: the one that is judged, and the one beyond all circles that shares
facilities.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from analysis.places.circles import OUTSIDE
from analysis.places.demand import Demand
from analysis.sources.extent import StudyArea
from analysis.sources.people.building_rules import building_rules
from analysis.sources.people.buildings import Buildings
from analysis.sources.people.given import PeopleSource
from analysis.sources.people.given_buildings import StatedHomes
from analysis.sources.people.land_cells import LandCells
from analysis.units import BoolArray, FloatArray, IntArray


@dataclass(slots=True, eq=False)
class PeoplePoints:
    """Buildings and own points with their people; `fixed` ones are stated and never scaled.

    Columns as in :class:`Demand`; `fixed` bool [p].
    """

    point_id: list[str]
    xy_m: FloatArray
    is_building: BoolArray
    people: FloatArray
    people_estimated: BoolArray
    households: FloatArray
    groups: Mapping[str, FloatArray]
    fixed: BoolArray

    def scale(self, factor: FloatArray) -> None:
        """Multiply people, households and groups point by point."""
        self.people = self.people * factor
        self.households = self.households * factor
        self.groups = {name: column * factor for name, column in self.groups.items()}


def points_from_floor_area(buildings: Buildings, stated: StatedHomes | None) -> PeoplePoints:
    """Return people as a building table states them, elsewhere from floor area."""
    rules = building_rules()
    people = buildings.home_floor_m2 / rules.m2_per_person
    households = people / rules.persons_per_household
    estimated = np.ones(len(buildings), dtype=bool)
    if stated is not None:
        known = np.isfinite(stated.people)
        people = np.where(known, stated.people, people)
        households = np.where(known, people / rules.persons_per_household, households)
        households = np.where(np.isfinite(stated.households), stated.households, households)
        estimated = ~known | stated.from_households
    return PeoplePoints(
        point_id=list(buildings.source_id),
        xy_m=buildings.xy_m,
        is_building=np.ones(len(buildings), dtype=bool),
        people=people,
        people_estimated=estimated,
        households=households,
        groups={},
        fixed=np.zeros(len(buildings), dtype=bool)
        if stated is None
        else np.isfinite(stated.people),
    )


def points_from_file(buildings: Buildings, source: PeopleSource) -> PeoplePoints:
    """Return people as a population file gives them to buildings and to own points."""
    n = len(buildings) + len(source.own.point_id)
    guessed = source.on_targets(source.values.people_estimated.astype(np.float64), n) > 0
    spread = np.zeros(n, dtype=bool)
    spread[: len(buildings)] = source.spread
    return PeoplePoints(
        point_id=[*buildings.source_id, *source.own.point_id],
        xy_m=np.concatenate([buildings.xy_m, source.own.xy_m]),
        is_building=np.arange(n) < (n if source.own.is_building else len(buildings)),
        people=source.on_targets(source.values.people, n),
        people_estimated=guessed | spread,
        households=source.on_targets(source.values.households, n),
        groups={name: source.on_targets(v, n) for name, v in source.values.groups.items()},
        fixed=np.zeros(n, dtype=bool),
    )


def demand_inside(points: PeoplePoints, circle: IntArray, land: LandCells) -> Demand:
    """Return the points inside circles in their canonical order, then the land cells."""
    return _demand(
        points, _sorted(points, np.flatnonzero(circle >= 0).astype(np.int32)), circle, land
    )


def rows_beyond(points: PeoplePoints, circle: IntArray, area: StudyArea) -> IntArray:
    """Return the points beyond all circles where streets and facilities are read and complete."""
    known = shapely.intersection(area.read, area.data)
    shapely.prepare(known)
    rows = np.flatnonzero(circle < 0).astype(np.int32)
    inside: BoolArray = shapely.intersects_xy(known, *points.xy_m[rows].T)
    return rows[inside]


def demand_beyond(points: PeoplePoints, rows: IntArray) -> Demand:
    """Return who lives at the points `rows` beyond all circles; empty homes are left out."""
    lived = (points.people > 0) | (points.households > 0)
    for column in points.groups.values():
        lived |= column > 0
    nowhere = np.full(len(lived), OUTSIDE, dtype=np.int32)
    return _demand(points, _sorted(points, rows[lived[rows]]), nowhere, None)


def _sorted(points: PeoplePoints, rows: IntArray) -> list[int]:
    kind = np.where(points.is_building, 0, 1)
    return sorted(rows.tolist(), key=lambda one: (kind[one], points.point_id[one]))


def _demand(
    points: PeoplePoints, order: list[int], circle: IntArray, land: LandCells | None
) -> Demand:
    cells = 0 if land is None else len(land)
    nobody, no_cell = np.zeros(cells), np.zeros(cells, dtype=bool)
    return Demand(
        point_id=(
            *(points.point_id[one] for one in order),
            *(() if land is None else land.cell_id),
        ),
        xy_m=np.concatenate(
            [points.xy_m[order], np.empty((0, 2)) if land is None else land.xy_m]
        ).reshape(-1, 2),
        is_building=np.concatenate([points.is_building[order], no_cell]),
        people=np.concatenate([points.people[order], nobody]),
        people_estimated=np.concatenate([points.people_estimated[order], no_cell]),
        households=np.concatenate([points.households[order], nobody]),
        groups={
            name: np.concatenate([column[order], nobody])
            for name, column in sorted(points.groups.items())
        },
        land_m2=np.concatenate([np.zeros(len(order)), nobody if land is None else land.land_m2]),
        circle=np.concatenate(
            [circle[order], np.empty(0, dtype=np.int32) if land is None else land.circle]
        ).astype(np.int32),
    )

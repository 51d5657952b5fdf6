"""People, opinions and parcels of a request, with how each file was read."""

from typing import NamedTuple

from analysis.notices import Notice
from analysis.places.circles import Circles
from analysis.places.demand import Demand
from analysis.places.planner_tables import PlannerTables
from analysis.sources.extent import StudyArea
from analysis.sources.files.mapping import ColumnMapping
from analysis.sources.opinions.table import read_opinions
from analysis.sources.osm.data import OsmData
from analysis.sources.parcels.table import read_parcels
from analysis.sources.people.buildings import read_buildings, read_residential_land
from analysis.sources.people.demand import build_demand
from analysis.sources.people.given_buildings import read_building_rows
from analysis.sources.people.land_cells import land_cells
from analysis.sources.request import InputRequest
from analysis.standard.profile import ServiceStandard


class PeopleFound(NamedTuple):
    """Who lives where, what was done, and how the planner's files were read."""

    demand: Demand
    notices: tuple[Notice, ...]
    planner: PlannerTables
    beyond: Demand


class WishesFound(NamedTuple):
    """What was told on reading opinions and parcels, and the two."""

    notices: tuple[Notice, ...]
    planner: PlannerTables


def read_people(
    request: InputRequest,
    data: OsmData,
    area: StudyArea,
    circles: Circles,
    mapping: ColumnMapping,
) -> PeopleFound:
    """Return demand from the map's homes, a building table laid over them and a population file."""
    homes, stated, told = read_buildings(data, area), None, list[Notice]()
    planner = PlannerTables()
    if request.buildings is not None:
        given = read_building_rows(request.buildings, homes, area, mapping)
        homes, stated = given.buildings, given.stated
        told += given.notices
        planner = PlannerTables(
            readings=(given.reading,), unlocated=given.unlocated, buildings=given.counts
        )
    land, land_notices = read_residential_land(data, area)
    found = build_demand(
        homes,
        land_cells(land, circles),
        circles,
        population=request.population,
        total_population=request.total_population,
        area=area,
        stated=stated,
        mapping=mapping,
    )
    people = PlannerTables(
        readings=() if found.reading is None else (found.reading,), unlocated=found.unlocated
    )
    return PeopleFound(
        found.demand, (*land_notices, *told, *found.notices), joined_tables(people, planner),
        found.beyond,
    )  # fmt: skip


def read_wishes(
    request: InputRequest,
    standard: ServiceStandard,
    area: StudyArea,
    circles: Circles,
    mapping: ColumnMapping,
) -> WishesFound:
    """Return what residents ask for and where something could be built."""
    told: list[Notice] = []
    parts: list[PlannerTables] = []
    if request.opinions:
        opinions = read_opinions(request.opinions, standard, area, circles, mapping)
        told += opinions.notices
        parts.append(
            PlannerTables(
                readings=opinions.readings,
                unlocated=opinions.unlocated,
                opinions=opinions.opinions,
            )
        )
    if request.parcels:
        parcels = read_parcels(request.parcels, area, circles, mapping)
        told += parcels.notices
        parts.append(
            PlannerTables(
                readings=parcels.readings, unlocated=parcels.unlocated, parcels=parcels.parcels
            )
        )
    return WishesFound(tuple(told), joined_tables(*parts))


def joined_tables(*parts: PlannerTables) -> PlannerTables:
    """Return the parts as one; of opinions, parcels and buildings the first that is there."""
    return PlannerTables(
        readings=tuple(one for part in parts for one in part.readings),
        unlocated=tuple(one for part in parts for one in part.unlocated),
        matches=tuple(one for part in parts for one in part.matches),
        opinions=next((part.opinions for part in parts if part.opinions is not None), None),
        parcels=next((part.parcels for part in parts if part.parcels is not None), None),
        buildings=next((part.buildings for part in parts if part.buildings is not None), None),
    )

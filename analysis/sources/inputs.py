"""From files to :class:`~analysis.study.StudyInputs`: the way a place comes in."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import shapely

from analysis.coordinates.reading import StatedCoordinates
from analysis.crs import MetricCRS
from analysis.errors import InvalidCirclesError
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.places.evidence import Evidence
from analysis.places.facilities import Facilities, FacilityRecord
from analysis.places.ground import Ground
from analysis.places.planner_tables import PlannerTables
from analysis.sources.coordinate_evidence import check_files
from analysis.sources.extent import StudyArea, study_area
from analysis.sources.files.circles import (
    EXTENT,
    CircleLayer,
    boundary_circle,
    extent_circle,
    read_boundary,
    read_circle_layer,
)
from analysis.sources.files.mapping import ColumnMapping
from analysis.sources.files.placed_circles import place_circles
from analysis.sources.network_inputs import naming, read_ways
from analysis.sources.osm.data import OsmData
from analysis.sources.planner_files import joined_tables, read_people, read_wishes
from analysis.sources.request import (
    Extract,
    InputRequest,
    column_mapping,
    given_files,
    open_extract,
)
from analysis.sources.services.mapped import read_osm_facilities
from analysis.sources.services.mapped_lanes import read_mapped_lanes
from analysis.sources.services.merge import merge_facilities
from analysis.sources.services.osm_places import OsmPlaces
from analysis.sources.services.tables import read_facility_table
from analysis.sources.site_layers import read_site_layers
from analysis.sources.standards import open_standard
from analysis.sources.streets.access import AccessTally
from analysis.sources.streets.dividers import read_dividers
from analysis.standard.profile import ServiceStandard
from analysis.standard.recognition import read_beyond_m
from analysis.streets.network import WalkNetwork
from analysis.study import AccessCount, StudyInputs
from analysis.units import GeometryArray

STAGES: Final = ("read", "streets", "facilities", "people")


def _silent(_stage: str, _share: float) -> None:
    """Tell nobody."""


def read_inputs(
    request: InputRequest, *, on_progress: Callable[[str, float], None] = _silent
) -> StudyInputs:
    """Read all that `request` names.

    `on_progress` is told a stage of :data:`STAGES` and how much of it is done, 0…1. Raises
    :class:`~analysis.errors.InputError` or :class:`~analysis.errors.SourceError`.
    """
    opened = open_standard(request.standard, request.extensions)
    standard = opened.standard
    on_progress("read", 0.0)
    beyond_m = read_beyond_m(standard, on_slopes=bool(request.elevation))
    extract = open_extract(request, beyond_m=beyond_m)
    with naming(extract.files[0].name):
        inputs = _from_extract(request, standard, extract, beyond_m, on_progress)
    return replace(inputs, notices=(*opened.notices, *inputs.notices))


def _from_extract(
    request: InputRequest,
    standard: ServiceStandard,
    extract: Extract,
    beyond_m: float,
    on_progress: Callable[[str, float], None],
) -> StudyInputs:
    mapping = column_mapping(request)
    layer = _layer(request, extract, mapping)
    area, area_notices = study_area(layer.polygons, extract.data, beyond_m)
    if area_notices and layer.source == EXTENT:
        layer = replace(layer, polygons=_as_layer(area))
    circles, circle_notices = place_circles(layer, area.crs, area.data)
    on_progress("streets", 0.0)
    ways = read_ways(extract.data, area, standard, request.elevation)
    on_progress("facilities", 0.0)
    services = _facilities(request, extract.data, area, ways.network, standard, mapping)
    facilities = services.facilities
    on_progress("people", 0.0)
    people = read_people(request, extract.data, area, circles, mapping)
    demand = people.demand
    wishes = read_wishes(request, standard, area, circles, mapping)
    drawn = PlannerTables(readings=() if layer.reading is None else (layer.reading,))
    planner = joined_tables(drawn, services.planner, people.planner, wishes.planner)
    coordinates = check_files(_written(layer, planner), extract.data, area, ways.network)
    on_progress("people", 1.0)
    return StudyInputs(
        title=request.title or extract.title,
        crs=area.crs,
        standard=standard,
        network=ways.network,
        barriers=ways.barriers,
        facilities=facilities,
        demand=demand,
        circles=circles,
        evidence=Evidence(
            services=services.services,
            table_elements=frozenset(
                one
                for one, origin in zip(facilities.element_id, facilities.origin, strict=True)
                if origin == "table"
            ),
            residents=float(demand.people.sum()),
            unlocated=Counter(one.element_id for one in services.planner.unlocated),
            lanes=read_mapped_lanes(extract.data, area, standard),
        ),
        data_area=area.data,
        data_date=extract.data.data_date,
        access=_access(ways.tally),
        files=extract.files + given_files(request),
        notices=(
            *extract.data.notices, *area_notices, *circle_notices, *ways.notices,
            *services.notices, *people.notices, *wishes.notices,
            *(told for one in coordinates for told in one.notices()),
        ),
        coordinates=coordinates,
        planner=planner,
        dividers=read_dividers(extract.data, area),
        beyond=people.beyond,
        site_layers=read_site_layers(
            extract.data, area, facilities, _ground(request, ways.network, area.crs)
        ),
    )  # fmt: skip


def _ground(request: InputRequest, network: WalkNetwork, crs: MetricCRS) -> Ground | None:
    if not request.elevation:
        return None
    # Slow to import, and most places are flat.
    from analysis.sources.elevation.ground import read_ground  # noqa: PLC0415

    return read_ground(request.elevation, network, crs)


def _written(layer: CircleLayer, planner: PlannerTables) -> list[StatedCoordinates]:
    """Return the coordinates of all files as written."""
    tables = [one.coordinates for one in planner.readings if one.coordinates is not None]
    return [*layer.outlines, *tables]


def _layer(request: InputRequest, extract: Extract, mapping: ColumnMapping) -> CircleLayer:
    """Return what is judged, in degrees."""
    boundary = None
    if request.boundary is not None:
        declared = mapping.reading_of(request.boundary.name, "boundary")
        boundary = read_boundary(request.boundary, declared=declared)
    if request.circles is not None:
        layer = read_circle_layer(request.circles, mapping=mapping)
        if boundary is None:
            return layer
        outlines = (*layer.outlines, *boundary.outlines)
        return replace(_clipped(layer, boundary.polygon), outlines=outlines)
    if boundary is not None:
        return boundary_circle(boundary)
    return extract.boundary or extent_circle(extract.data.extent)


def _clipped(layer: CircleLayer, clip: shapely.Geometry) -> CircleLayer:
    """Cut the circles to the boundary; those outside are left out and told."""
    polygons = shapely.intersection(layer.polygons, clip)
    kept = np.flatnonzero(shapely.area(polygons) > 0)
    if len(kept) == 0:
        raise InvalidCirclesError(
            message("inputs.circles_outside_boundary"),
            source=layer.source,
            remedy=message("inputs.circles_outside_boundary.remedy"),
        )
    lost = sorted(set(range(len(polygons))) - set(kept.tolist()))
    told: tuple[Notice, ...] = ()
    if lost:
        text = message("inputs.circles_left_out", count=len(lost))
        told = (
            notice("inputs.circles_left_out", text, (layer.circle_id[i] for i in lost), "warning"),
        )
    return CircleLayer(
        source=layer.source,
        circle_id=tuple(layer.circle_id[i] for i in kept),
        name=tuple(layer.name[i] for i in kept),
        level=tuple(layer.level[i] for i in kept),
        polygons=polygons[kept],
        total_population=layer.total_population[kept],
        notices=(*layer.notices, *told),
        reading=layer.reading,
    )


def _as_layer(area: StudyArea) -> GeometryArray:
    """Return the complete area in degrees, as the polygon of the one circle that it is."""
    polygon = np.empty(1, dtype=object)
    polygon[0] = shapely.transform(area.data, area.crs.unproject)
    return polygon


class _Services(NamedTuple):
    """Facilities, how many services the map holds, what was done, and the tables' readings."""

    facilities: Facilities
    services: int
    notices: tuple[Notice, ...]
    planner: PlannerTables


def _facilities(
    request: InputRequest,
    data: OsmData,
    area: StudyArea,
    network: WalkNetwork,
    standard: ServiceStandard,
    mapping: ColumnMapping,
) -> _Services:
    mapped = read_osm_facilities(data, area, network, standard)
    listed: list[FacilityRecord] = []
    notices: list[Notice] = [*mapped.notices]
    places = OsmPlaces(data, area.crs) if request.facilities else None
    tables = [
        read_facility_table(path, standard, area, mapping=mapping, places=places)
        for path in request.facilities
    ]
    for table in tables:
        listed += table.records
        notices += table.notices
    merged = merge_facilities(mapped.records, listed, standard, request.facilities_mode)
    planner = PlannerTables(
        readings=tuple(one.reading for one in tables),
        unlocated=tuple(row for one in tables for row in one.unlocated),
        matches=merged.reviews,
    )
    return _Services(merged.facilities, mapped.service_count, (*notices, *merged.notices), planner)


def _access(tally: AccessTally) -> tuple[AccessCount, ...]:
    return tuple(
        AccessCount(
            section=rule.section,
            rule_id=rule.rule_id,
            verdict=rule.verdict,
            objects=rule.objects,
            length_m=rule.length_m,
            note=rule.note,
        )
        for rule in tally.rules
    )

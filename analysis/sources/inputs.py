"""From files to :class:`~analysis.study.StudyInputs`: the way a place comes in."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import shapely

from analysis.circles import Circles
from analysis.demand import Demand
from analysis.errors import InvalidCirclesError, InvalidParameterError
from analysis.evidence import Evidence
from analysis.facilities import Facilities, FacilityRecord
from analysis.messages import message
from analysis.network import WalkNetwork
from analysis.notices import Notice, notice
from analysis.reach import SEARCH_FACTOR
from analysis.sources.extent import StudyArea
from analysis.sources.files.circles import (
    CircleLayer,
    boundary_circle,
    crs_of,
    extent_circle,
    place_circles,
    read_boundary,
    read_circle_layer,
)
from analysis.sources.files.layers import placed
from analysis.sources.osm.data import OsmData
from analysis.sources.osm.reader import read_osm
from analysis.sources.people.buildings import read_buildings, read_residential_land
from analysis.sources.people.demand import build_demand
from analysis.sources.people.land_cells import land_cells
from analysis.sources.place.cache import user_cache_folder
from analysis.sources.place.fetch import fetch_place
from analysis.sources.services.mapped import read_osm_facilities
from analysis.sources.services.merge import merge_facilities
from analysis.sources.services.tables import read_facility_table
from analysis.sources.standards import read_standard
from analysis.sources.streets.access import AccessTally
from analysis.sources.streets.access_table import access_rules
from analysis.sources.streets.barriers import read_barriers
from analysis.sources.streets.network import read_network
from analysis.standard import ServiceStandard
from analysis.study import AccessCount, InputFile, StudyInputs
from analysis.units import seconds

STAGES: Final = ("read", "streets", "facilities", "people")
_BLOCK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRequest:
    """What a planner named.

    Exactly one of `source` (a file) and `place` (a name, fetched online) is given. `circles` are
    judged as they are, cut to `boundary` where that is given too; without circles the boundary is
    one circle, without a boundary the place's own, or the extract's extent. `title` names the
    study; without it the file or place does.
    """

    source: Path | None = None
    place: str | None = None
    boundary: Path | None = None
    circles: Path | None = None
    facilities: tuple[Path, ...] = ()
    facilities_mode: Literal["add", "replace"] = "add"
    population: Path | None = None
    total_population: float | None = None
    standard: str | Path | None = None
    title: str | None = None
    cache_folder: Path | None = None
    online_timeout_s: float = 180.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Extract:
    title: str
    data: OsmData
    boundary: CircleLayer | None
    files: tuple[InputFile, ...]


def _silent(_stage: str, _share: float) -> None:
    """Tell nobody."""


def read_inputs(
    request: InputRequest, *, on_progress: Callable[[str, float], None] = _silent
) -> StudyInputs:
    """Read all that `request` names.

    `on_progress` is told a stage of :data:`STAGES` and how much of it is done, 0…1. Raises
    :class:`~analysis.errors.InputError` or :class:`~analysis.errors.SourceError`.
    """
    standard = read_standard(request.standard)
    on_progress("read", 0.0)
    extract = _extract(request, standard)
    layer = _layer(request, extract)
    area = _study_area(layer, extract.data, standard)
    circles, circle_notices = place_circles(layer, area.crs, area.data)
    on_progress("streets", 0.0)
    rules = access_rules()
    streets = read_network(extract.data, area, rules)
    walls = read_barriers(extract.data, area, streets.network, rules)
    on_progress("facilities", 0.0)
    facilities, services, facility_notices = _facilities(
        request, extract.data, area, streets.network, standard
    )
    on_progress("people", 0.0)
    demand, demand_notices = _demand(request, extract.data, area, circles)
    on_progress("people", 1.0)
    return StudyInputs(
        title=request.title or extract.title,
        crs=area.crs,
        standard=standard,
        network=streets.network,
        barriers=walls.barriers,
        facilities=facilities,
        demand=demand,
        circles=circles,
        evidence=Evidence(
            services=services,
            table_elements=frozenset(
                one
                for one, origin in zip(facilities.element_id, facilities.origin, strict=True)
                if origin == "table"
            ),
            residents=float(demand.people.sum()),
        ),
        data_area=area.data,
        data_date=extract.data.data_date,
        access=_access(streets.tally),
        files=extract.files + _files(request),
        notices=(
            *extract.data.notices, *circle_notices, *streets.notices, *walls.notices,
            *facility_notices, *demand_notices,
        ),
    )  # fmt: skip


def _extract(request: InputRequest, standard: ServiceStandard) -> _Extract:
    if (request.source is None) == (request.place is None):
        raise InvalidParameterError(message("inputs.source_or_place"))
    if request.source is not None:
        data = read_osm(request.source)
        title = request.source.name.split(".")[0]
        return _Extract(
            title=title, data=data, boundary=None, files=(_file("extract", request.source),)
        )
    name = request.place or ""
    fetched = fetch_place(
        name,
        cache_folder=request.cache_folder or user_cache_folder(),
        timeout_s=request.online_timeout_s,
        buffer_m=_read_beyond_m(standard),
    )
    polygon = np.empty(1, dtype=object)
    polygon[0] = fetched.boundary
    return _Extract(
        title=fetched.display_name,
        data=fetched.data,
        boundary=CircleLayer(
            source=name,
            circle_id=("1",),
            name=(fetched.display_name,),
            level=("15min",),
            polygons=polygon,
            total_population=np.array([np.nan]),
            notices=(),
        ),
        files=(_fetched_file(fetched.display_name, fetched.data),),
    )


def _layer(request: InputRequest, extract: _Extract) -> CircleLayer:
    """Return what is judged, in degrees."""
    boundary = None if request.boundary is None else read_boundary(request.boundary)
    if request.circles is not None:
        layer = read_circle_layer(request.circles)
        return layer if boundary is None else _clipped(layer, boundary.polygon)
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
    )


def _study_area(layer: CircleLayer, data: OsmData, standard: ServiceStandard) -> StudyArea:
    crs = crs_of(layer)
    judged = shapely.union_all(placed(layer.polygons, crs))
    return StudyArea(
        crs=crs,
        judged=judged,
        # Buffer first, compute, clip last: people at the rim walk out of the circle and back.
        read=shapely.buffer(judged, _read_beyond_m(standard)),
        data=shapely.transform(shapely.segmentize(shapely.box(*data.extent), 0.005), crs.project),
    )


def _read_beyond_m(standard: ServiceStandard) -> float:
    """Return how far around the circles to read: the search limit under either criterion."""
    walks_m = [standard.max_threshold_m]
    walks_m += [
        seconds(element.minutes) * standard.adult_speed_m_s.value
        for element in standard.walked
        if element.minutes is not None
    ]
    return SEARCH_FACTOR * max(walks_m)


def _facilities(
    request: InputRequest,
    data: OsmData,
    area: StudyArea,
    network: WalkNetwork,
    standard: ServiceStandard,
) -> tuple[Facilities, int, tuple[Notice, ...]]:
    mapped = read_osm_facilities(data, area, network, standard)
    listed: list[FacilityRecord] = []
    notices: list[Notice] = [*mapped.notices]
    for path in request.facilities:
        table = read_facility_table(path, standard, area)
        listed += table.records
        notices += table.notices
    facilities, merged = merge_facilities(mapped.records, listed, standard, request.facilities_mode)
    return facilities, mapped.service_count, (*notices, *merged)


def _demand(
    request: InputRequest, data: OsmData, area: StudyArea, circles: Circles
) -> tuple[Demand, tuple[Notice, ...]]:
    buildings = read_buildings(data, area)
    land, land_notices = read_residential_land(data, area)
    demand, notices = build_demand(
        buildings,
        land_cells(land, circles),
        circles,
        population=request.population,
        total_population=request.total_population,
        area=area,
    )
    return demand, (*land_notices, *notices)


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


def _files(request: InputRequest) -> tuple[InputFile, ...]:
    named: list[tuple[str, Path | None]] = [
        ("boundary", request.boundary),
        ("circles", request.circles),
        *(("facilities", path) for path in request.facilities),
        ("population", request.population),
    ]
    if request.standard is not None and Path(request.standard).is_file():
        named.append(("standard", Path(request.standard)))
    return tuple(_file(role, path) for role, path in named if path is not None)


def _file(role: str, path: Path) -> InputFile:
    sha256 = hashlib.sha256()
    with path.open("rb") as opened:
        while block := opened.read(_BLOCK_BYTES):
            sha256.update(block)
    return InputFile(
        role=role, name=path.name, n_bytes=path.stat().st_size, sha256=sha256.hexdigest()
    )


def _fetched_file(name: str, data: OsmData) -> InputFile:
    """Return the digest of what was fetched: of its content, since the file is ours."""
    sha256 = hashlib.sha256()
    for array in (data.node_id, data.node_lonlat, data.way_id, data.way_first, data.way_node):
        sha256.update(np.ascontiguousarray(array).tobytes())
    tags = [*data.way_tags, *data.node_tags, *data.relation_tags]
    sha256.update(repr([sorted(one.items()) for one in tags]).encode())
    return InputFile(role="place", name=name, n_bytes=0, sha256=sha256.hexdigest())

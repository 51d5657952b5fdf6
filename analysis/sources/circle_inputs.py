"""From files to what circles are delineated and checked by: people, streets and dividing lines.

Facilities are not read; people are those of the whole extract (or boundary), not of given circles.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely

from analysis.crs import MetricCRS
from analysis.notices import Notice
from analysis.places.circles import Circles
from analysis.places.demand import Demand
from analysis.sources.coordinate_evidence import check_files
from analysis.sources.extent import study_area
from analysis.sources.files.circles import (
    boundary_circle,
    extent_circle,
    read_boundary,
    read_circle_layer,
)
from analysis.sources.files.placed_circles import place_circles
from analysis.sources.network_inputs import naming, read_ways
from analysis.sources.people.buildings import read_buildings
from analysis.sources.people.demand import build_demand
from analysis.sources.people.land_cells import land_cells
from analysis.sources.request import InputRequest, column_mapping, open_extract
from analysis.sources.standards import read_standard
from analysis.sources.streets.dividers import read_dividers, read_place_names
from analysis.standard.profile import ServiceStandard
from analysis.standard.recognition import read_beyond_m
from analysis.streets.barriers import Barriers
from analysis.streets.dividers import Dividers
from analysis.streets.network import WalkNetwork
from analysis.study import InputFile


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CircleInputs:
    """What circles are made and judged from, in one metric CRS.

    `ground` is the area looked at, `demand` everybody in it, `given` the circles to check (None
    where none were named), `places` quarters as (name, x, y).
    """

    title: str
    crs: MetricCRS
    standard: ServiceStandard
    network: WalkNetwork
    barriers: Barriers
    dividers: Dividers
    demand: Demand
    ground: shapely.Geometry
    data_area: shapely.Geometry
    data_date: str
    given: Circles | None
    places: tuple[tuple[str, float, float], ...]
    files: tuple[InputFile, ...]
    notices: tuple[Notice, ...]


def _silent(_stage: str, _share: float) -> None:
    """Tell nobody."""


def read_circle_inputs(
    request: InputRequest,
    check: Path | None = None,
    *,
    on_progress: Callable[[str, float], None] = _silent,
) -> CircleInputs:
    """Read the extract of `request` and, where named, the circles of the file `check`.

    Of `request` only source or place, boundary, population, total population, coordinates and
    standard count.
    Raises :class:`~analysis.errors.InputError` or :class:`~analysis.errors.SourceError`.
    """
    standard = read_standard(request.standard)
    on_progress("read", 0.0)
    beyond_m = read_beyond_m(standard, on_slopes=False)
    extract = open_extract(request, beyond_m=beyond_m)
    mapping = column_mapping(replace(request, circles=check))
    given_layer = None if check is None else read_circle_layer(check, mapping=mapping)
    with naming(extract.files[0].name):
        layer = extract.boundary or extent_circle(extract.data.extent)
        if request.boundary is not None:
            declared = mapping.reading_of(request.boundary.name, "boundary")
            layer = boundary_circle(read_boundary(request.boundary, declared=declared))
        area, area_notices = study_area(layer.polygons, extract.data, beyond_m)
        whole, _ = place_circles(layer, area.crs, area.data)
        on_progress("streets", 0.0)
        ways = read_ways(extract.data, area, standard, ())
        dividers = read_dividers(extract.data, area)
        on_progress("people", 0.0)
        people = build_demand(
            read_buildings(extract.data, area),
            land_cells(np.empty(0, dtype=object), whole),
            whole,
            population=request.population,
            total_population=request.total_population,
            area=area,
            mapping=mapping,
        )
        found = read_place_names(extract.data, area)
    given: Circles | None = None
    told: tuple[Notice, ...] = ()
    if given_layer is not None:
        given, told = place_circles(given_layer, area.crs, area.data)
    written = [*layer.outlines, *(() if given_layer is None else given_layer.outlines)]
    if people.reading is not None and people.reading.coordinates is not None:
        written.append(people.reading.coordinates)
    checked = check_files(written, extract.data, area, ways.network)
    return CircleInputs(
        title=request.title or extract.title,
        crs=area.crs,
        standard=standard,
        network=ways.network,
        barriers=ways.barriers,
        dividers=dividers,
        demand=people.demand,
        ground=area.judged,
        data_area=area.data,
        data_date=extract.data.data_date,
        given=given,
        places=tuple(
            (name, float(x), float(y)) for name, (x, y) in zip(found.names, found.xy_m, strict=True)
        ),
        files=extract.files,
        notices=(
            *extract.data.notices,
            *area_notices,
            *told,
            *people.notices,
            *(one for file in checked for one in file.notices()),
        ),
    )

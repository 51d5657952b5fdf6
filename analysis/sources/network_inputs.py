"""From an extract to its streets and barriers alone: what isochrones and searches need.

Buildings, facilities and people are not even decoded.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely

from analysis.crs import MetricCRS
from analysis.errors import AnalysisError
from analysis.notices import Notice
from analysis.sources.digests import sha256_of
from analysis.sources.extent import ReadArea, extent_polygon, read_area
from analysis.sources.osm.complete_area import complete_area
from analysis.sources.osm.data import OsmData
from analysis.sources.osm.reader import read_osm
from analysis.sources.streets.access import AccessTally
from analysis.sources.streets.access_table import access_rules
from analysis.sources.streets.barriers import read_barriers
from analysis.sources.streets.keys import street_keys
from analysis.sources.streets.network import read_network
from analysis.standard.profile import ServiceStandard
from analysis.standard.recognition import read_beyond_m
from analysis.streets.barriers import Barriers
from analysis.streets.network import WalkNetwork


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """The streets and barriers of an extract, and what each access rule let in or kept out."""

    network: WalkNetwork
    barriers: Barriers
    tally: AccessTally
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkInputs:
    """The walking network of an extract.

    `data_area` is where the extract is complete, metres; `data_date` an ISO date, empty where
    unknown; `file_name` and `sha256` name the extract.
    """

    network: WalkNetwork
    barriers: Barriers
    crs: MetricCRS
    data_area: shapely.Geometry
    data_date: str
    file_name: str
    sha256: str
    notices: tuple[Notice, ...]


def read_network_inputs(
    source: Path, standard: ServiceStandard, elevation: tuple[Path, ...] = ()
) -> NetworkInputs:
    """Read the streets and barriers of a whole extract.

    The same network as :func:`~analysis.sources.inputs.read_inputs` makes of it. Raises
    :class:`~analysis.errors.InputError` or :class:`~analysis.errors.SourceError`.
    """
    data = read_osm(source, street_keys(access_rules()))
    with naming(source.name):
        polygons = np.array([extent_polygon(data.extent)], dtype=object)
        beyond_m = read_beyond_m(standard, on_slopes=bool(elevation))
        area = read_area(polygons, beyond_m)
        with ThreadPoolExecutor(1) as aside:  # GEOS needs no interpreter
            complete = aside.submit(complete_area, data, area.crs)
            ways = read_ways(data, area, standard, elevation)
            data_area, area_notices = complete.result()
    return NetworkInputs(
        network=ways.network,
        barriers=ways.barriers,
        crs=area.crs,
        data_area=data_area,
        data_date=data.data_date,
        file_name=source.name,
        sha256=sha256_of(source),
        notices=(*data.notices, *area_notices, *ways.notices),
    )


def read_ways(
    data: OsmData, area: ReadArea, standard: ServiceStandard, elevation: tuple[Path, ...]
) -> Ways:
    """Return the streets and barriers within `area.read`, with slopes where there are heights."""
    rules = access_rules()
    streets = read_network(data, area, rules)
    walls = read_barriers(data, area, streets.network, rules)
    ways = Ways(
        network=streets.network,
        barriers=walls.barriers,
        tally=streets.tally,
        notices=(*streets.notices, *walls.notices),
    )
    if not elevation:
        return ways
    # Slow to import, and most networks are flat.
    from analysis.sources.elevation.streets import with_elevation  # noqa: PLC0415

    network, told = with_elevation(ways.network, elevation, area.crs, standard)
    return replace(ways, network=network, notices=(*ways.notices, *told))


@contextmanager
def naming(source: str) -> Iterator[None]:
    """Give errors that know no file the extract's name."""
    try:
        yield
    except AnalysisError as error:
        error.source = error.source or source
        raise

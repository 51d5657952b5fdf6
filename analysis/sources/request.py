"""InputRequest: what a planner named, and the extract that it names, opened."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from analysis.coordinates.reading import CoordinateReading, parse_declarations
from analysis.errors import InvalidParameterError
from analysis.messages import message
from analysis.sources.digests import sha256_of
from analysis.sources.files.circles import CircleLayer
from analysis.sources.files.mapping import ColumnMapping, is_mapping_file, read_mapping
from analysis.sources.osm.data import OsmData
from analysis.sources.osm.reader import read_osm
from analysis.sources.people.given_areas import is_raster
from analysis.sources.place.cache import user_cache_folder
from analysis.sources.place.fetch import fetch_place
from analysis.study import InputFile


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRequest:
    """What a planner named.

    Exactly one of `source` (a file) and `place` (a name, fetched online) is given. `circles` are
    judged as they are, cut to `boundary` where that is given too; without circles the boundary is
    one circle, without a boundary the place's own, or the extract's extent. `elevation` are rasters
    of heights; where several know one the first counts. `mapping` declares what columns mean (see
    :mod:`analysis.sources.files.mapping`), `coordinates` what the coordinates of a file or role are
    (``facilities.csv=gcj02``, see :mod:`analysis.coordinates.reading`). `extensions` are the
    standard's optional elements that are judged too. `title` names the study; without it the file
    or place does.
    """

    source: Path | None = None
    place: str | None = None
    boundary: Path | None = None
    circles: Path | None = None
    facilities: tuple[Path, ...] = ()
    facilities_mode: Literal["add", "replace"] = "add"
    population: Path | None = None
    buildings: Path | None = None
    opinions: tuple[Path, ...] = ()
    parcels: tuple[Path, ...] = ()
    mapping: tuple[str, ...] = ()
    coordinates: tuple[str, ...] = ()
    elevation: tuple[Path, ...] = ()
    total_population: float | None = None
    standard: str | Path | None = None
    extensions: tuple[str, ...] = ()
    title: str | None = None
    cache_folder: Path | None = None
    online_timeout_s: float = 180.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Extract:
    """An opened extract: its title, content, own boundary where it has one, and digests."""

    title: str
    data: OsmData
    boundary: CircleLayer | None
    files: tuple[InputFile, ...]


def open_extract(request: InputRequest, *, beyond_m: float) -> Extract:
    """Read the file or fetch the place that `request` names, `beyond_m` metres around the place."""
    if (request.source is None) == (request.place is None):
        raise InvalidParameterError(
            message("inputs.source_or_place"), remedy=message("inputs.source_or_place.remedy")
        )
    if request.source is not None:
        data = read_osm(request.source)
        title = request.source.name.split(".")[0]
        return Extract(
            title=title, data=data, boundary=None, files=(_file("extract", request.source),)
        )
    name = request.place or ""
    fetched = fetch_place(
        name,
        cache_folder=request.cache_folder or user_cache_folder(),
        timeout_s=request.online_timeout_s,
        buffer_m=beyond_m,
    )
    polygon = np.empty(1, dtype=object)
    polygon[0] = fetched.boundary
    return Extract(
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


def given_files(request: InputRequest) -> tuple[InputFile, ...]:
    """Return the digests of the planner's own files."""
    named: list[tuple[str, Path | None]] = [
        ("boundary", request.boundary),
        ("circles", request.circles),
        *(("facilities", path) for path in request.facilities),
        ("population", request.population),
        ("buildings", request.buildings),
        *(("opinions", path) for path in request.opinions),
        *(("parcels", path) for path in request.parcels),
        *(("elevation", path) for path in request.elevation),
    ]
    named += [("mapping", Path(one)) for one in request.mapping if is_mapping_file(one)]
    if request.standard is not None and Path(request.standard).is_file():
        named.append(("standard", Path(request.standard)))
    return tuple(_file(role, path) for role, path in named if path is not None)


def column_mapping(request: InputRequest) -> ColumnMapping:
    """Return what the request declares about the columns and the coordinates of its files."""
    given = (request.circles, *request.facilities, request.population, request.buildings,
             *request.opinions, *request.parcels)  # fmt: skip
    mapping = read_mapping(request.mapping, [one for one in given if one is not None])
    return replace(mapping, coordinates=_declared_coordinates(request))


def _declared_coordinates(request: InputRequest) -> dict[str, CoordinateReading]:
    """Return how the coordinates of files are declared to be read, by name of file or role."""
    given: list[tuple[str, Path | None]] = [
        ("boundary", request.boundary), ("circles", request.circles),
        *(("facilities", path) for path in request.facilities),
        ("population", request.population), ("buildings", request.buildings),
        *(("opinions", path) for path in request.opinions),
        *(("parcels", path) for path in request.parcels),
    ]  # fmt: skip
    named = [(role, path) for role, path in given if path is not None]
    names = [*(path.name for _, path in named), *(role for role, _ in named)]
    declared = parse_declarations(request.coordinates, names)
    for role, path in named:
        if is_raster(path) and {role, path.name} & set(declared):
            raise InvalidParameterError(message("coordinates.raster"), source=path.name)
    return declared


def _file(role: str, path: Path) -> InputFile:
    return InputFile(role=role, name=path.name, n_bytes=path.stat().st_size, sha256=sha256_of(path))


def _fetched_file(name: str, data: OsmData) -> InputFile:
    """Return the digest of what was fetched: of its content, since the file is ours."""
    sha256 = hashlib.sha256()
    for array in (data.node_id, data.node_lonlat, data.way_id, data.way_first, data.way_node):
        sha256.update(np.ascontiguousarray(array).tobytes())
    tags = [*data.way_tags, *data.node_tags, *data.relation_tags]
    sha256.update(repr([sorted(one.items()) for one in tags]).encode())
    return InputFile(role="place", name=name, n_bytes=0, sha256=sha256.hexdigest())

"""Fetching a place by its name: boundary from Nominatim, streets and facilities from Overpass.

The only part of the analysis that uses a network, and only when a place name was asked for.
"""

import math
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import orjson
import shapely

from analysis.errors import (
    InvalidParameterError,
    SourceDataError,
    SourceError,
    SourceUnavailableError,
)
from analysis.messages import message
from analysis.sources.osm import overpass
from analysis.sources.osm.data import OsmData
from analysis.sources.place.cache import Cache
from analysis.sources.place.download import Failure, FailureKind, Job
from analysis.sources.processes import module_environment

_MAX_NAME_CHARS: Final = 200
_START_ALLOWANCE_S: Final = 60.0  # for starting Python and importing osmnx on a slow machine
_CACHE_FORMAT: Final = 1  # part of the key: raise it when what is stored changes
# Everything that streets, barriers, facilities, homes and land are read from.
FETCHED_KEYS: Final = (
    "amenity",
    "barrier",
    "building",
    "craft",
    "emergency",
    "entrance",
    "healthcare",
    "highway",
    "historic",
    "landuse",
    "leisure",
    "man_made",
    "natural",
    "office",
    "place",
    "public_transport",
    "railway",
    "residential",
    "shop",
    "social_facility",
    "sport",
    "tourism",
    "waterway",
)
_UNAVAILABLE: Final[tuple[FailureKind, ...]] = ("timeout", "unreachable", "busy")
_REMEDIES: Final[dict[FailureKind, str]] = {
    "timeout": "place.offline.remedy",
    "unreachable": "place.offline.remedy",
    "busy": "place.offline.remedy",
    "answer": "place.answer.remedy",
    "not_found": "place.not_found.remedy",
    "no_polygon": "place.no_polygon.remedy",
    "too_large": "place.too_large.remedy",
}


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The servers asked; the defaults are osmnx's."""

    nominatim_url: str = "https://nominatim.openstreetmap.org/"
    overpass_url: str = "https://overpass-api.de/api"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPlace:
    """A fetched place.

    Attributes
    ----------
    data
        What is mapped in the place's buffered box; `data.extent` is that box.
    boundary
        Polygon or MultiPolygon in degrees.
    display_name
        The place's full name as Nominatim gives it.
    fetched
        ISO time (UTC) of the download; older than now where the cache answered.
    """

    data: OsmData
    boundary: shapely.Geometry
    display_name: str
    fetched: str


def fetch_place(
    name: str,
    *,
    cache_folder: Path,
    timeout_s: float,
    refresh: bool = False,
    buffer_m: float = 2000.0,
    max_area_km2: float = 2500.0,
    endpoints: Endpoints | None = None,
) -> FetchedPlace:
    """Fetch a place by its name, from the cache where it was fetched before.

    Parameters
    ----------
    name
        A place with a boundary, such as a district; at most 200 characters.
    cache_folder
        Where fetched places are kept (:func:`analysis.sources.place.cache.user_cache_folder`).
    timeout_s
        Limit in seconds for all requests together.
    refresh
        Download again even where the cache has the place.
    buffer_m
        How far around the place's box to read, in metres; at least twice the largest threshold.
    max_area_km2
        Refuse a larger buffered box, in square kilometres.
    endpoints
        The servers to ask; None asks the public ones.

    Raises
    ------
    InvalidParameterError
        An empty or overlong name, a number that is not positive, or a place that is too large.
    SourceUnavailableError
        No network, a busy server, no answer in time, or a cache folder that cannot be written.
    SourceDataError
        No such place, a place without a boundary, or an answer that is no or only partial data.
    """
    name = " ".join(name.split())
    if not name or len(name) > _MAX_NAME_CHARS:
        raise InvalidParameterError(
            message("place.name"), remedy=message("place.name.remedy"), value=name
        )
    _check_positive(timeout_s=timeout_s, buffer_m=buffer_m, max_area_km2=max_area_km2)
    servers = endpoints or Endpoints()
    job = Job(
        name=name,
        buffer_m=buffer_m,
        max_area_km2=max_area_km2,
        timeout_s=timeout_s,
        nominatim_url=servers.nominatim_url,
        overpass_url=servers.overpass_url,
        keys=list(FETCHED_KEYS),
        languages="zh,en" if any("\u4e00" <= char <= "\u9fff" for char in name) else "en",
    )
    cache = Cache(cache_folder)
    request = {key: value for key, value in job.items() if key != "timeout_s"}
    request["format"] = _CACHE_FORMAT
    cached = None if refresh else cache.find(request)
    if cached is None:
        cache.check_writable()
        content = _merged(_download(job), name)
        place = _place(content, name, "")  # before it is stored: only usable answers are kept
        return _fetched_at(place, cache.store(request, content).fetched)
    return _place(cached.content, name, cached.fetched)


def _download(job: Job) -> dict[str, Any]:
    """Run the downloading process; return what it brought or raise why it brought nothing."""
    with TemporaryDirectory(prefix="living-circle-") as folder_name:
        folder = Path(folder_name)
        (folder / "job.json").write_bytes(orjson.dumps(job))
        command = [sys.executable, "-P", "-m", "analysis.sources.place.download", folder_name]
        try:
            ended = subprocess.run(  # noqa: S603 - our own module, no shell, no user text
                command,
                env=module_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=job["timeout_s"] + _START_ALLOWANCE_S,
            )
        except subprocess.TimeoutExpired:
            failure = Failure(kind="timeout", host="", detail="")
            raise _failed(failure, job) from None
        answer, failed = folder / "answer.json", folder / "failure.json"
        if answer.exists():
            brought: dict[str, Any] = orjson.loads(answer.read_bytes())
            return brought
        if failed.exists():
            raise _failed(orjson.loads(failed.read_bytes()), job)
    detail = ended.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    raise _failed(Failure(kind="answer", host="osmnx", detail=detail), job)


def _failed(failure: Failure, job: Job) -> SourceError | InvalidParameterError:
    kind = failure["kind"]
    reason = message(
        f"place.{kind}",
        host=failure["host"] or "Overpass",
        detail=failure["detail"],
        status=failure["detail"],
        timeout_s=f"{job['timeout_s']:g}",
        area_km2=failure["detail"],
        limit_km2=f"{job['max_area_km2']:g}",
    )
    if kind == "too_large":
        error: type[SourceError | InvalidParameterError] = InvalidParameterError
    else:
        error = SourceUnavailableError if kind in _UNAVAILABLE else SourceDataError
    return error(reason, remedy=message(_REMEDIES[kind]), source=job["name"])


def _merged(brought: dict[str, Any], name: str) -> bytes:
    """Return one JSON value for the cache: the place and one Overpass answer."""
    answers = [overpass.parse_answer(orjson.dumps(part), name) for part in brought["answers"]]
    west, south, east, north = brought["box"]
    stamps = [part["osm3s"] for part in answers if isinstance(part.get("osm3s"), dict)]
    answer = {
        "elements": [element for part in answers for element in _listed(part)],
        "osm3s": min(stamps, key=str, default={}),
        "bounds": {"minlon": west, "minlat": south, "maxlon": east, "maxlat": north},
    }
    place = {"display_name": brought["display_name"], "boundary": brought["boundary"]}
    return orjson.dumps({"place": place, "answer": answer}, option=orjson.OPT_SORT_KEYS)


def _listed(answer: overpass.Answer) -> Iterable[object]:
    elements = answer["elements"]
    return elements if isinstance(elements, list) else []


def _place(content: bytes, name: str, fetched: str) -> FetchedPlace:
    stored = orjson.loads(content)
    return FetchedPlace(
        data=overpass.read_answer(stored["answer"], name),
        boundary=shapely.from_wkb(stored["place"]["boundary"]),
        display_name=stored["place"]["display_name"],
        fetched=fetched,
    )


def _fetched_at(place: FetchedPlace, fetched: str) -> FetchedPlace:
    return FetchedPlace(
        data=place.data, boundary=place.boundary, display_name=place.display_name, fetched=fetched
    )


def _check_positive(**values: float) -> None:
    for name, value in values.items():
        if not (math.isfinite(value) and value > 0):
            raise InvalidParameterError(
                message("place.range", name=name),
                remedy=message("place.range.remedy"),
                source=name,
                value=value,
            )

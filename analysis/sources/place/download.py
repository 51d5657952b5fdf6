"""The process that downloads a place with osmnx; started by `place`, never imported for its work.

osmnx keeps its settings in a module, replaces ``socket.getaddrinfo`` for the whole process, and
sleeps 55 seconds and tries again without end while a server is busy. In a process of its own none
of that reaches the service, and the whole download ends when its time is up.

The process reads ``job.json`` in the folder named by its argument and leaves either
``answer.json`` or ``failure.json`` there.
"""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict, TypeVar

import orjson

if TYPE_CHECKING:
    import requests
    import shapely

FailureKind = Literal[
    "timeout", "unreachable", "busy", "answer", "not_found", "no_polygon", "too_large"
]

_Result = TypeVar("_Result")
_BUSY: Final = frozenset({429, 502, 503, 504})
_MAX_PAUSE_S: Final = 10.0
_HTTP_ERROR, _REDIRECT = 400, 300
_MAX_DETAIL_CHARS: Final = 200


class Job(TypedDict):
    """What to download."""

    name: str
    buffer_m: float
    max_area_km2: float
    timeout_s: float
    nominatim_url: str
    overpass_url: str
    keys: list[str]
    languages: str


class Failure(TypedDict):
    """Why nothing was downloaded; `detail` is the host, area, status or foreign text."""

    kind: FailureKind
    host: str
    detail: str


class RefusedError(Exception):
    """A request or an answer that ends the download, or with `busy` this attempt."""

    def __init__(self, kind: FailureKind, host: str = "", detail: str = "") -> None:
        super().__init__(kind)
        self.failure = Failure(kind=kind, host=host, detail=detail[:_MAX_DETAIL_CHARS])


class Recorder:
    """Checks every HTTP answer before osmnx sees it, and keeps those of Overpass."""

    def __init__(self) -> None:
        self.overpass: list[dict[str, Any]] = []

    def __call__(self, response: "requests.Response", **_options: object) -> None:
        """Keep an Overpass answer; raise :class:`RefusedError` for anything unusable."""
        host, status = response.url.split("/")[2], response.status_code
        if _REDIRECT <= status < _HTTP_ERROR:
            return
        if status in _BUSY:
            raise RefusedError("busy", host, str(status))
        if status >= _HTTP_ERROR:
            raise RefusedError("answer", host, f"HTTP {status}")
        try:
            body = orjson.loads(response.content)
        except orjson.JSONDecodeError as error:
            head = response.content[:60].decode("utf-8", "replace")
            raise RefusedError("answer", host, f"{head!r}") from error
        if isinstance(body, dict) and isinstance(body.get("elements"), list):
            self.overpass.append(body)
        elif not isinstance(body, list):
            raise RefusedError("answer", host, str(body))
        elif not body:
            raise RefusedError("not_found", host)


class _Patience:
    """Repeats a step while the server is busy, as long as the time allows."""

    def __init__(self, timeout_s: float) -> None:
        self.deadline = time.monotonic() + timeout_s
        self.pause_s = min(_MAX_PAUSE_S, timeout_s / 10)
        self.failure = Failure(kind="timeout", host="", detail="")  # unless a server was busy

    def repeat(self, step: Callable[[], _Result]) -> _Result:
        while True:
            try:
                return step()
            except RefusedError as refused:
                if refused.failure["kind"] != "busy":
                    raise
                self.failure = refused.failure
                if self.deadline - time.monotonic() < 2 * self.pause_s:
                    raise
            time.sleep(self.pause_s)


def run(folder: Path) -> None:
    """Do the job in `folder`."""
    job: Job = orjson.loads((folder / "job.json").read_bytes())
    import osmnx  # noqa: F401, PLC0415 - its import takes seconds that are not the servers'

    patience = _Patience(job["timeout_s"])
    watch = threading.Timer(job["timeout_s"], _give_up, [folder, patience])
    watch.daemon = True
    watch.start()
    try:
        answer = _download(job, patience)
    except RefusedError as refused:
        _leave(folder, "failure.json", refused.failure)
    else:
        _leave(folder, "answer.json", answer)


def _download(job: Job, patience: _Patience) -> dict[str, Any]:
    """Return the place and what is mapped in it, as one JSON value."""
    import osmnx  # noqa: PLC0415
    import requests  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    recorder = Recorder()
    _set_up(osmnx.settings, job, recorder)

    def query(area: "shapely.Geometry") -> None:
        # Stopped before a table is made (CacheOnlyInterruptError): the recorder has it all.
        with contextlib.suppress(InterruptedError):
            osmnx.features.features_from_polygon(area, dict.fromkeys(job["keys"], True))

    try:
        try:
            found = patience.repeat(lambda: osmnx.geocoder.geocode_to_gdf(job["name"]))
        except TypeError as error:  # osmnx's way of saying: no polygon among the results
            raise RefusedError("no_polygon") from error
        boundary = shapely.force_2d(found.geometry.iloc[0])
        area = _query_box(boundary, job)
        patience.repeat(lambda: query(area))
    except requests.exceptions.Timeout as error:
        raise RefusedError("timeout") from error
    except requests.exceptions.RequestException as error:
        url = error.request.url if error.request is not None else None
        raise RefusedError("unreachable", str(url).split("/")[2] if url else "") from error
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        host = job["nominatim_url"].split("/")[2]
        raise RefusedError("answer", host, repr(error)) from error
    if not recorder.overpass:
        raise RefusedError("answer", job["overpass_url"].split("/")[2], "no elements")
    return {
        "display_name": str(found["display_name"].iloc[0]),
        "boundary": shapely.to_wkb(boundary, hex=True),
        "box": list(area.bounds),
        "answers": recorder.overpass,
    }


def _set_up(settings: Any, job: Job, recorder: Recorder) -> None:
    settings.use_cache = False  # the caller caches whole places
    settings.cache_only_mode = True
    settings.nominatim_url = job["nominatim_url"]
    settings.overpass_url = job["overpass_url"]
    settings.requests_timeout = max(1, int(job["timeout_s"]))  # Overpass takes whole seconds
    settings.requests_kwargs = {"hooks": {"response": recorder}}
    settings.overpass_rate_limit = False  # a server without a free slot says 429: we wait then
    settings.doh_url_template = None  # ask no third party for addresses
    settings.http_user_agent = "living-circle"
    settings.http_referer = "living-circle"
    settings.http_accept_language = job["languages"]
    settings.max_query_area_size = 4e6 * job["max_area_km2"]  # one query, one moment of the data


def _query_box(boundary: "shapely.Geometry", job: Job) -> "shapely.Geometry":
    """Return the box around the boundary and its buffer; complete inside, so it is the extent."""
    import numpy as np  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    from analysis.crs import metric_crs  # noqa: PLC0415

    west, south, east, north = boundary.bounds
    crs = metric_crs((west + east) / 2, (south + north) / 2)
    corners = np.array([[west, south], [east, south], [east, north], [west, north]])
    metres = shapely.box(*shapely.MultiPoint(crs.project(corners)).bounds)
    metres = shapely.box(*metres.buffer(job["buffer_m"]).bounds)
    area_km2 = metres.area / 1e6
    if not area_km2 <= job["max_area_km2"]:
        raise RefusedError("too_large", "", f"{area_km2:.0f}")
    return shapely.box(*shapely.LinearRing(crs.unproject(shapely.get_coordinates(metres))).bounds)


def _give_up(folder: Path, patience: _Patience) -> None:
    """End the process from the watch's thread, whatever the main thread waits for."""
    _leave(folder, "failure.json", patience.failure)
    os._exit(1)  # the main thread may wait in a socket for ever


def _leave(folder: Path, name: str, value: object) -> None:
    part = folder / f"{name}.part"
    part.write_bytes(orjson.dumps(value))
    part.replace(folder / name)


if __name__ == "__main__":
    run(Path(sys.argv[1]))

"""Fetching a place: a local stand-in for Nominatim and Overpass, good, silent, busy and broken."""

import hashlib
import http.server
import io
import json
import sys
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import shapely

from analysis.errors import (
    AnalysisError,
    InvalidParameterError,
    SourceDataError,
    SourceUnavailableError,
)
from analysis.sources.place.cache import Cache, user_cache_folder
from analysis.sources.place.download import Recorder, RefusedError
from analysis.sources.place.fetch import Endpoints, FetchedPlace, fetch_place

NAME = "观山湖区"
BOUNDARY = shapely.box(106.60, 26.60, 106.62, 26.62)
PLACE = {
    "importance": 0.5,
    "display_name": "观山湖区, 贵阳市, 贵州省, 中国",
    "lat": "26.61",
    "lon": "106.61",
    "boundingbox": ["26.60", "26.62", "106.60", "106.62"],
    "geojson": json.loads(shapely.to_geojson(BOUNDARY)),
}
NODES = [
    {"type": "node", "id": 1, "lat": 26.61, "lon": 106.61},
    {"type": "node", "id": 2, "lat": 26.611, "lon": 106.61, "tags": {"amenity": "pharmacy"}},
    {"type": "node", "id": 3, "lat": 26.9, "lon": 106.61},  # a street's end, far outside
]
STREET = {"type": "way", "id": 9, "nodes": [1, 2, 3], "tags": {"highway": "residential"}}
ANSWER = {
    "version": 0.6,
    "osm3s": {"timestamp_osm_base": "2026-04-13T15:25:30Z"},
    "elements": [*NODES, STREET],
}

Reply = tuple[int, str]


class City(http.server.ThreadingHTTPServer):
    """Both services on one loopback port; tests change what they reply."""

    daemon_threads = True
    search: Callable[[], Reply]
    query: Callable[[], Reply]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.search = lambda: (200, json.dumps([PLACE]))
        self.query = lambda: (200, json.dumps(ANSWER))
        self.asked: list[tuple[str, str]] = []
        self.queries: list[str] = []

    @property
    def endpoints(self) -> Endpoints:
        root = f"http://127.0.0.1:{self.server_address[1]}"
        return Endpoints(nominatim_url=f"{root}/nominatim/", overpass_url=f"{root}/api")


class Handler(http.server.BaseHTTPRequestHandler):
    server: City

    def do_GET(self) -> None:
        self._reply("search", self.server.search)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.queries.append(urllib.parse.parse_qs(body)["data"][0])
        self._reply("query", self.server.query)

    def _reply(self, kind: str, reply: Callable[[], Reply]) -> None:
        self.server.asked.append((kind, self.headers["User-Agent"]))
        status, text = reply()
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = City()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def fetch(city: City, folder: Path, timeout_s: float = 30.0, **options: Any) -> FetchedPlace:
    return fetch_place(
        NAME,
        cache_folder=folder / "cache",
        timeout_s=timeout_s,
        endpoints=city.endpoints,
        **options,
    )


def assert_speaks(error: AnalysisError, key: str) -> None:
    assert error.reason.key == key
    assert NAME in error.text("zh")
    assert "建议：" in error.text("zh")
    assert "Remedy:" in error.text("en")


def test_a_place_is_fetched_then_comes_from_the_cache_without_a_server(
    city: City, tmp_path: Path
) -> None:
    osmnx_was_loaded = "osmnx" in sys.modules
    first = fetch(city, tmp_path, buffer_m=1000.0)

    assert first.display_name == PLACE["display_name"]
    assert first.boundary.equals(BOUNDARY)
    assert first.data.way_tags == ({"highway": "residential"},)
    assert first.data.node_tags == ({"amenity": "pharmacy"},)
    assert first.data.data_date == "2026-04-13"
    assert [kind for kind, _ in city.asked] == ["search", "query"]
    assert {agent for _, agent in city.asked} == {"living-circle"}
    assert ("osmnx" in sys.modules) == osmnx_was_loaded  # it works in a process of its own

    # The extent is the box with its buffer: 1 km is 0.009026° of latitude and 0.010052° of
    # longitude at 26.61° N (WGS 84). The street ends far outside.
    west, south, east, north = first.data.extent
    assert (south, north) == pytest.approx((26.60 - 0.009026, 26.62 + 0.009026), abs=2e-5)
    assert (west, east) == pytest.approx((106.60 - 0.010052, 106.62 + 0.010052), abs=2e-5)
    assert first.data.extent_from == "header"
    # One query, for streets and facilities and all that they consist of.
    assert len(city.queries) == 1
    for text in ("'highway'", "'amenity'", "(._;>;)"):
        assert text in city.queries[0]

    city.shutdown()
    city.server_close()
    again = fetch(city, tmp_path, buffer_m=1000.0)

    assert again.fetched == first.fetched
    assert again.display_name == first.display_name
    assert again.boundary.equals(BOUNDARY)
    assert again.data.node_id.tolist() == first.data.node_id.tolist() == [1, 2, 3]
    assert again.data.extent == first.data.extent

    with pytest.raises(SourceUnavailableError) as caught:  # another buffer is another request
        fetch(city, tmp_path, buffer_m=500.0)
    assert_speaks(caught.value, "place.unreachable")
    assert "127.0.0.1" in caught.value.text("en")
    assert ".osm.pbf" in caught.value.text("en")


def test_refresh_asks_again_and_replaces_what_was_kept(city: City, tmp_path: Path) -> None:
    fetch(city, tmp_path)
    newer = ANSWER | {"osm3s": {"timestamp_osm_base": "2026-05-01T00:00:00Z"}}
    city.query = lambda: (200, json.dumps(newer))

    assert fetch(city, tmp_path).data.data_date == "2026-04-13"
    assert fetch(city, tmp_path, refresh=True).data.data_date == "2026-05-01"
    assert fetch(city, tmp_path).data.data_date == "2026-05-01"


def test_a_silent_server_ends_in_time(city: City, tmp_path: Path) -> None:
    released = threading.Event()

    def wait() -> Reply:
        released.wait(60)
        return 200, "[]"

    city.query = wait
    with pytest.raises(SourceUnavailableError) as caught:
        fetch(city, tmp_path, timeout_s=3.0)
    released.set()

    assert_speaks(caught.value, "place.timeout")
    assert "3" in caught.value.text("zh")
    assert ".osm.pbf" in caught.value.text("zh")


def test_a_server_that_drips_ends_in_time(city: City, tmp_path: Path) -> None:
    released = threading.Event()

    class Dripping(str):
        __slots__ = ()

        def encode(self, *_args: object) -> bytes:
            return b"["

    original = Handler._reply  # noqa: SLF001

    def drip(handler: Handler, kind: str, reply: Callable[[], Reply]) -> None:
        original(handler, kind, lambda: (reply()[0], Dripping()))
        while not released.wait(0.2):
            handler.wfile.write(b" ")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Handler, "_reply", drip)
        with pytest.raises(SourceUnavailableError) as caught:
            fetch(city, tmp_path, timeout_s=3.0)
        released.set()

    assert_speaks(caught.value, "place.timeout")


@pytest.mark.parametrize(("kind", "status"), [("search", 429), ("query", 504)])
def test_a_busy_server_is_not_waited_for_beyond_the_limit(
    kind: str, status: int, city: City, tmp_path: Path
) -> None:
    setattr(city, kind, lambda: (status, "<html>busy</html>"))

    with pytest.raises(SourceUnavailableError) as caught:
        fetch(city, tmp_path, timeout_s=4.0)

    assert_speaks(caught.value, "place.busy")
    assert str(status) in caught.value.text("en")


def test_a_server_that_was_busy_once_is_asked_again(city: City, tmp_path: Path) -> None:
    replies: Iterator[Reply] = iter([(429, ""), (200, json.dumps(ANSWER))])
    city.query = lambda: next(replies)

    assert fetch(city, tmp_path).data.way_id.tolist() == [9]


@pytest.mark.parametrize(
    ("kind", "reply", "key"),
    [
        ("search", (200, "[]"), "place.not_found"),
        ("search", (200, '[{"display_name": "x"}]'), "place.answer"),
        ("query", (200, "<html>log in</html>"), "place.answer"),
        ("query", (200, json.dumps(ANSWER | {"elements": []})), "source.no_elements"),
        (
            "query",
            (200, json.dumps(ANSWER | {"remark": "runtime error: Query timed out"})),
            "source.partial",
        ),
    ],
)
def test_an_unusable_answer_is_refused_and_not_cached(
    kind: str, reply: Reply, key: str, city: City, tmp_path: Path
) -> None:
    setattr(city, kind, lambda: reply)

    with pytest.raises(SourceDataError) as caught:
        fetch(city, tmp_path)

    assert_speaks(caught.value, key)
    assert not any((tmp_path / "cache").rglob("*.json"))


@pytest.mark.parametrize(
    ("status", "body", "kind", "detail"),
    [
        (200, b"<html>log in", "answer", "<html>log in"),
        (200, b'{"error": "x"}', "answer", "error"),
        (200, b"{}", "answer", "{}"),
        (200, b"5", "answer", "5"),
        (200, b"[]", "not_found", ""),
        (403, b"no", "answer", "HTTP 403"),
        (500, b"[1]", "answer", "HTTP 500"),
        (429, b"[1]", "busy", "429"),
        (503, b"", "busy", "503"),
    ],
)
def test_every_http_answer_is_checked(status: int, body: bytes, kind: str, detail: str) -> None:
    with pytest.raises(RefusedError) as caught:
        Recorder()(http_answer(status, body))

    assert caught.value.failure["kind"] == kind
    assert detail in caught.value.failure["detail"]
    assert caught.value.failure["host"] == "example.org"


def test_redirects_and_good_answers_pass_and_those_of_overpass_are_kept() -> None:
    recorder = Recorder()

    recorder(http_answer(301, b"<html>moved"))
    recorder(http_answer(200, b'[{"display_name": "x"}]'))
    recorder(http_answer(200, b'{"elements": [1]}'))

    assert recorder.overpass == [{"elements": [1]}]


def http_answer(status: int, body: bytes) -> requests.Response:
    response = requests.Response()
    response.url = "https://example.org/api"
    response.status_code = status
    response.raw = io.BytesIO(body)
    return response


def test_a_place_that_is_a_point_is_refused(city: City, tmp_path: Path) -> None:
    point = PLACE | {"geojson": {"type": "Point", "coordinates": [106.61, 26.61]}}
    city.search = lambda: (200, json.dumps([point]))

    with pytest.raises(SourceDataError) as caught:
        fetch(city, tmp_path)

    assert_speaks(caught.value, "place.no_polygon")
    assert city.queries == []


def test_a_place_that_is_too_large_is_refused_before_the_query(city: City, tmp_path: Path) -> None:
    # 0.02° by 0.02° is 1.99 km by 2.22 km; with 2 km around it 5.99 by 6.22, or 37 km².
    with pytest.raises(InvalidParameterError) as caught:
        fetch(city, tmp_path, max_area_km2=36.0)

    assert_speaks(caught.value, "place.too_large")
    assert caught.value.reason.args["area_km2"] == "37"
    assert city.queries == []


@pytest.mark.parametrize("name", ["", "  \n", "x" * 201])
def test_a_name_that_cannot_be_one(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidParameterError) as caught:
        fetch_place(name, cache_folder=tmp_path, timeout_s=1.0)

    assert caught.value.reason.key == "place.name"


@pytest.mark.parametrize("option", ["timeout_s", "buffer_m", "max_area_km2"])
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_a_number_out_of_range(option: str, value: float, tmp_path: Path) -> None:
    options = {"timeout_s": 1.0, option: value}

    with pytest.raises(InvalidParameterError) as caught:
        fetch_place(NAME, cache_folder=tmp_path, **options)  # type: ignore[arg-type]

    assert option in caught.value.text("zh")


def test_a_cache_folder_that_cannot_be_written_is_told_before_the_download(
    city: City, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file", encoding="utf-8")

    with pytest.raises(SourceUnavailableError) as caught:
        fetch(city, tmp_path)

    assert caught.value.reason.key == "cache.folder"
    assert str(tmp_path / "cache") in caught.value.text("zh")
    assert city.asked == []


# --- the cache -----------------------------------------------------------------------------------


def test_the_cache_gives_back_what_was_stored_whatever_the_order_of_the_request(
    tmp_path: Path,
) -> None:
    cache = Cache(tmp_path / "deep" / "cache")
    stored = cache.store({"a": 1, "b": "二"}, b"content")

    assert cache.find({"b": "二", "a": 1}) == stored
    assert cache.find({"a": 1}) is None
    assert stored.content == b"content"
    digest = hashlib.sha256(b"content").hexdigest()
    assert (cache.folder / "content" / digest[:2] / digest).read_bytes() == b"content"


def test_a_newer_answer_replaces_the_older(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.store({"a": 1}, b"old")
    cache.store({"a": 1}, b"new")

    found = cache.find({"a": 1})
    assert found is not None
    assert found.content == b"new"


@pytest.mark.parametrize("part", ["content", "requests"])
@pytest.mark.parametrize("damage", [b"", b"conten", b"[]", b'{"content": 5}'])
def test_a_damaged_cache_counts_as_absent(part: str, damage: bytes, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.store({"a": 1}, b"content")
    (file,) = (path for path in (tmp_path / part).rglob("*") if path.is_file())
    file.write_bytes(damage)

    assert cache.find({"a": 1}) is None


def test_the_users_folder_follows_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert user_cache_folder() == Path("/somewhere/living-circle")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert user_cache_folder() == Path.home() / ".cache" / "living-circle"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert user_cache_folder() == Path("/local/living-circle")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert user_cache_folder() == Path.home() / "Library" / "Caches" / "living-circle"

"""pgRouting, the second foreign engine: the same walks over what osm2pgrouting makes of the extract.

It needs a database that may be emptied, named by ``LIVING_CIRCLE_PGROUTING_URL``, and the program
``osm2pgrouting``. Its import knows no access at all: whatever ``highway`` its list names is a way,
so its differences are of another kind than Valhalla's.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import osmium
import psycopg
import pytest
import shapely

from analysis.sources.second_engine.questions import SAME_PLACE_M, Answers, Place, Walk
from analysis.sources.second_engine.valhalla import Questions
from tests.oracles.city_opinions import (
    CITIES,
    PAIRS,
    assert_agreed,
    assert_logged,
    city_opinion,
)

pytestmark = [pytest.mark.slow, pytest.mark.shared_data]

# osm2pgrouting's own list for walkers (mapconfig_for_pedestrian.xml of 2.3.8, whose file no XML
# reader accepts for the dashes in its last remark).
HIGHWAYS = (
    "road", "primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link",
    "residential", "living_street", "service", "track", "pedestrian", "services", "path",
    "cycleway", "footway", "bridleway", "byway", "steps", "unclassified",
)  # fmt: skip
EDGES = "SELECT gid AS id, source, target, length_m AS cost, length_m AS reverse_cost FROM ways"
# Fractions in degrees would be wrong on bent edges: a degree east is shorter than one north.
NEAREST = """
    SELECT asked.row, ways.gid, ways.osm_id,
           ST_LineLocatePoint(ST_Transform(ways.the_geom, 3857), ST_Transform(asked.place, 3857)),
           ST_Distance(ways.the_geom::geography, asked.place::geography),
           ST_X(put), ST_Y(put)
    FROM asked
    CROSS JOIN LATERAL (
        SELECT * FROM (
            SELECT gid, osm_id, the_geom FROM ways ORDER BY the_geom <-> asked.place, gid LIMIT 12
        ) near ORDER BY ST_Distance(the_geom::geography, asked.place::geography), gid LIMIT 1
    ) ways
    CROSS JOIN LATERAL (SELECT ST_ClosestPoint(ways.the_geom, asked.place) AS put) closest
    ORDER BY asked.row
"""


def convert(extract: Path, folder: Path) -> tuple[Path, Path]:
    """Write the extract as XML, which alone the importer reads, and its list of highways."""
    xml, config = folder / "extract.osm", folder / "walkers.xml"
    with osmium.SimpleWriter(str(xml), overwrite=True) as writer:
        for one in osmium.FileProcessor(str(extract)):
            writer.add(one)
    values = "".join(f'<tag_value name="{one}" id="{i}"/>' for i, one in enumerate(HIGHWAYS, 100))
    config.write_text(
        '<?xml version="1.0"?><configuration><tag_name name="highway" id="1">'
        f"{values}</tag_name></configuration>"
    )
    return xml, config


def outlines(extract: Path) -> dict[int, int]:
    """Return the ways that a relation makes walkable, by the relation's id as we name its edges.

    The importer hands a relation's tags down to its members.
    """
    drawn: dict[int, int] = {}
    for one in osmium.FileProcessor(str(extract)):
        if one.is_relation() and one.tags.get("highway") in HIGHWAYS:
            drawn |= {member.ref: -one.id for member in one.members if member.type == "w"}
    for one in osmium.FileProcessor(str(extract), osmium.osm.WAY):
        if "highway" in one.tags:
            drawn.pop(one.id, None)  # a street of its own
    return drawn


class PgRouting:
    """Asks pgRouting for distances in metres, all ways open both ways."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url, self._folder = url, folder

    def __call__(self, extract: Path, questions: Questions) -> Answers:
        self._import(extract)
        drawn = outlines(extract)
        with psycopg.connect(self._url) as database:
            ways = list(
                database.execute("SELECT osm_id, ST_AsBinary(the_geom) FROM ways ORDER BY gid")
            )
            walks = self._walks(database, questions, drawn)
            version = database.execute("SELECT pgr_version()").fetchone()
        lines = shapely.from_wkb([bytes(line) for _, line in ways])
        ids = np.array([drawn.get(way, way) for way, _ in ways])
        return Answers(
            engine="pgRouting",
            version="" if version is None else version[0],
            walks=walks,
            stretches=_streets(ids, lines, questions.stretches),
            nodes=[None] * len(questions.nodes),
        )

    def _import(self, extract: Path) -> None:
        xml, config = convert(extract, self._folder)
        parts = urlsplit(self._url)
        with psycopg.connect(self._url) as database:
            database.execute("CREATE EXTENSION IF NOT EXISTS postgis")
            database.execute("CREATE EXTENSION IF NOT EXISTS pgrouting")
        subprocess.run(
            ["osm2pgrouting", "-f", str(xml), "-c", str(config), "--clean",
             "-d", parts.path.strip("/"), "-U", parts.username or "postgres",
             "-h", parts.hostname or "localhost", "-p", str(parts.port or 5432),
             "-W", parts.password or ""],
            check=True, capture_output=True, cwd=self._folder,
        )  # fmt: skip

    def _walks(
        self, database: psycopg.Connection, questions: Questions, drawn: dict[int, int]
    ) -> list[Walk]:
        ends = [
            place for pair in zip(questions.starts, questions.ends, strict=True) for place in pair
        ]
        database.execute("CREATE TEMP TABLE asked (row integer, place geometry(Point, 4326))")
        with database.cursor() as cursor, cursor.copy("COPY asked FROM STDIN") as copy:
            for row, (lon, lat) in enumerate(ends):
                copy.write_row((row, f"SRID=4326;POINT({lon!r} {lat!r})"))
        put = [
            (row, gid, drawn.get(way, way), *rest)
            for row, gid, way, *rest in database.execute(NEAREST)
        ]
        assert [one[0] for one in put] == list(range(len(ends)))
        database.execute("CREATE TEMP TABLE feet (pid integer, edge_id bigint, fraction float)")
        with database.cursor() as cursor, cursor.copy("COPY feet FROM STDIN") as copy:
            for row, gid, _, fraction, *_ in put:
                # It takes no place at the very end of an edge: a millionth inside instead.
                copy.write_row((row + 1, gid, min(max(fraction, 1e-6), 1 - 1e-6)))
        database.execute("CREATE TEMP TABLE wanted (source bigint, target bigint)")
        with database.cursor() as cursor, cursor.copy("COPY wanted FROM STDIN") as copy:
            for row in range(0, len(ends), 2):
                copy.write_row((-(row + 1), -(row + 2)))
        found = {
            (-start - 1, -end - 1): cost
            for start, end, cost in database.execute(
                f"SELECT * FROM pgr_withPointsCost('{EDGES}', "
                "'SELECT pid, edge_id, fraction FROM feet', "
                "'SELECT source, target FROM wanted', directed := false)"
            )
        }
        return [
            _walk(put[row], put[row + 1], found.get((row, row + 1)))
            for row in range(0, len(ends), 2)
        ]


def _walk(start: tuple, end: tuple, length_m: float | None) -> Walk:
    _, gid, from_way, at, from_m, *from_place = start
    _, goal, to_way, to, to_m, *to_place = end
    return Walk(
        length_m=length_m,
        line=[tuple(from_place), tuple(to_place)],
        from_ways=[from_way],
        to_ways=[to_way],
        from_snap_m=from_m,
        to_snap_m=to_m,
    )


def _streets(ids: np.ndarray, lines: np.ndarray, places: list[Place]) -> list[list[dict]]:
    """Return the ways at each place, open both ways."""
    points = shapely.points(np.array(places, dtype=float).reshape(-1, 2))
    tree = shapely.STRtree(lines)
    at, line = tree.query(points, predicate="dwithin", distance=SAME_PLACE_M / 111_000)
    found: list[set[int]] = [set() for _ in places]
    for row, one in zip(at.tolist(), line.tolist(), strict=True):
        found[row].add(int(ids[one]))
    return [
        [{"way_id": way, "headings": [0.0, 90.0, 180.0, 270.0]} for way in sorted(one)]
        for one in found
    ]


@pytest.fixture
def engine(pgrouting: str, tmp_path: Path) -> Iterator[PgRouting]:
    yield PgRouting(pgrouting, tmp_path)


@pytest.mark.parametrize("name", sorted(CITIES))
def test_whole_cities_agree(shared_data, engine, name):
    found = city_opinion(shared_data, name, ask=engine)
    assert found.walks == PAIRS
    assert found.engine.name == "pgRouting"
    assert_agreed(found)
    assert_logged(found, name)

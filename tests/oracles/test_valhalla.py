"""Valhalla against ourselves: a made city predicted by hand, then real ones from the same extract.

The findings on whole samples stand in ``docs/verification.md``.
"""

import contextlib
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.certainty.certificate import AgreementCertificate
from analysis.certainty.residuals import Cause
from analysis.certainty.sampling import StudyWalks
from analysis.errors import (
    InvalidParameterError,
    SourceDataError,
    SourceError,
    SourceUnavailableError,
)  # fmt: skip
from analysis.linking.linkage import Link, Linkage
from analysis.sources.osm.reader import read_osm
from analysis.sources.second_engine import valhalla
from analysis.sources.second_engine.opinion import StudyToCheck, second_opinion
from analysis.sources.second_engine.questions import Answers
from analysis.sources.second_engine.valhalla import Questions, ask_valhalla
from analysis.sources.streets.access_table import access_rules
from analysis.sources.streets.network import read_network
from analysis.testing.osm import WORLD_CRS, OsmWorld, world_area
from analysis.units import quantised
from analysis.walking import ArcFlag, WalkProfile
from analysis.walks.walk_costs import walk_costs
from analysis.walks.walk_graph import walk_graph
from tests.oracles.city_opinions import (
    CITIES,
    PAIRS,
    assert_agreed,
    assert_logged,
    city_opinion,
)
from tests.osm_files import write_pbf

ADULT = WalkProfile(name="adult", speed_m_s=1.25, barred=ArcFlag(0))
WHEELCHAIR = WalkProfile(name="wheelchair", speed_m_s=1.0, barred=ArcFlag.STEPS)

# Two streets, y = 0 and y = 300, joined at x = 0 and x = 1000, and one link for each question:
LINKS = {
    200: {"highway": "footway"},  # both walk it
    250: {"highway": "pedestrian", "area": "yes"},  # a plaza, 20 m wide: Valhalla drops it
    400: {"highway": "pedestrian", "oneway": "yes"},  # Valhalla: one way for walkers
    500: {"highway": "service", "access": "private"},  # Valhalla lets people in
    600: {"highway": "footway"},  # a locked gate at y = 150 stops both
    750: {"highway": "cycleway"},  # neither
    800: {"highway": "steps"},  # not for wheelchairs, in either
    810: {"highway": "footway"},  # 20 m longer than the steps: a penalty there would choose it
    900: {"route": "ferry", "foot": "yes"},  # no walk, in either
}
RING_M = 4 * np.hypot(10, 150)


def made_city() -> OsmWorld:
    world = OsmWorld()
    xs = sorted({0, 1000, *LINKS})
    low = {x: world.node(x, 0) for x in xs}
    high = {x: world.node(x, 300) for x in xs}
    world.way([low[x] for x in xs], {"highway": "residential"}, way_id=1)
    world.way([high[x] for x in xs], {"highway": "residential"}, way_id=2)
    for x in (0, 1000):
        world.way([low[x], high[x]], {"highway": "residential"}, way_id=3000 + x)
    for x, tags in LINKS.items():
        middle = [world.node(x, 150)]
        if x == 600:
            world.node_tags[middle[0]] = {"barrier": "gate", "access": "no", "locked": "yes"}
        nodes = [low[x], *middle, high[x]]
        if "area" in tags:
            left, right = world.node(x - 10, 150), world.node(x + 10, 150)
            nodes = [low[x], right, high[x], left, low[x]]
        world.way(nodes, tags, way_id=3000 + x)
    return world


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pbf(made_city(), tmp_path_factory.mktemp("city") / "city.osm.pbf")


def degrees(*places: tuple[float, float]) -> list[tuple[float, float]]:
    lonlat = WORLD_CRS.unproject(np.array(places, dtype=np.float64))
    return [(lon, lat) for lon, lat in lonlat.tolist()]


def asked(city: Path, pairs, *, walker="adult", plazas=False) -> list[float | None]:
    questions = Questions(
        starts=degrees(*(start for start, _ in pairs)),
        ends=degrees(*(end for _, end in pairs)),
        stretches=[],
        nodes=[],
    )
    answers = ask_valhalla(city, questions, walker=walker, plazas=plazas)
    return [walk["length_m"] for walk in answers["walks"]]


def across(x: float) -> tuple[tuple[float, float], tuple[float, float]]:
    return (x, 0.0), (x, 300.0)


def test_valhalla_walks_the_made_city_as_predicted(city):
    found = asked(
        city,
        [across(200), across(250), across(400), across(400)[::-1], across(500), across(600),
         across(750), across(900), ((100, 0), (150, 0)), ((30, 0), (0, 40))],
    )  # fmt: skip
    # Valhalla keeps whole metres of each edge.
    assert found == pytest.approx(
        [300, 50 + 300 + 50, 300, 100 + 300 + 100, 300, 100 + 300 + 100,
         50 + 300 + 50, 90 + 300 + 90, 50, 70], abs=3,
    )  # fmt: skip


def test_the_edges_of_plazas_can_be_given_to_it(city):
    assert asked(city, [across(250)], plazas=True) == pytest.approx([RING_M / 2], abs=3)


def test_a_wheelchair_is_asked_for_as_such(city):
    # By the steps at x = 800, or round by the footway at 810.
    assert asked(city, [across(800)]) == pytest.approx([300], abs=3)
    assert asked(city, [across(800)], walker="wheelchair") == pytest.approx([320], abs=3)


def places_on(network, places: list[tuple[float, float]]) -> Linkage:
    """Return places on streets as linked points with no access leg."""
    import shapely

    from analysis.linking.linkable import arc_lines

    lines = arc_lines(network, np.arange(network.n_arcs, dtype=np.int32))
    tree = shapely.STRtree(lines)
    points = shapely.points(np.array(places, dtype=float))
    arc = tree.nearest(points).astype(np.int32)
    assert (shapely.distance(lines[arc], points) < 0.02).all()  # OSM keeps whole 1e-7 degrees
    return Linkage(
        point_first=np.arange(len(places) + 1, dtype=np.int32),
        arc=arc,
        offset_m=shapely.line_locate_point(lines[arc], points),
        access_m=np.zeros(len(places)),
        how=np.full(len(places), Link.NEAR, dtype=np.uint8),
    )


def to_check(city: Path, pairs, profile: WalkProfile = ADULT, stretched: float = 1.0):
    """Return a study of walks between pairs of places; `stretched` falsifies our arcs."""
    network = read_network(read_osm(city), world_area(), access_rules()).network
    network = replace(network, arc_length_m=quantised(network.arc_length_m * stretched))
    graph = walk_graph(network, walk_costs(network, profile, "metres"))
    starts, ends = [start for start, _ in pairs], [end for _, end in pairs]
    linked, goals = places_on(network, starts), places_on(network, ends)
    nearest = np.arange(len(pairs), dtype=np.int32).reshape(-1, 1)
    return StudyToCheck(
        title="made", digest="0", crs=WORLD_CRS, profile=profile,
        walks=StudyWalks(
            graph=graph, points=linked, entrances=goals,
            point_xy_m=np.array(starts, float), entrance_xy_m=np.array(ends, float),
            entrance_first=np.arange(len(pairs) + 1, dtype=np.int32),
            nearest=nearest, walk_m=np.full((len(pairs), 1), np.nan),
        ),
        point_id=tuple(f"{x:g},{y:g}" for x, y in starts),
        facility_id=tuple(f"{x:g},{y:g}" for x, y in ends),
    )  # fmt: skip


def opinion(city: Path, pairs, **options) -> AgreementCertificate:
    study = to_check(city, pairs, options.pop("profile", ADULT), options.pop("stretched", 1.0))
    # Seven in ten are the pairs themselves; ask for so many that all of them are.
    return second_opinion(study, city, sha256="1", pairs=len(pairs) * 2, seed=0, **options)


def found_for(certificate: AgreementCertificate, pair):
    (x, y), (u, v) = pair
    wanted = (f"{x:g},{y:g}", f"{u:g},{v:g}")
    (one,) = [r for r in certificate.residuals if (r.point_id, r.facility_id) == wanted]
    return one


QUESTIONS = [across(x) for x in (200, 250, 400, 500, 600, 750, 900)] + [across(400)[::-1]]


@pytest.fixture(scope="module")
def made(city: Path) -> AgreementCertificate:
    return opinion(city, QUESTIONS)


def test_the_opinion_finds_each_planted_difference_and_its_rule(made):
    plaza = found_for(made, across(250))
    assert (plaza.cause, plaza.rules.ours_only) == (Cause.ACCESS_RULE, ("path.open/area",))
    assert plaza.ours_m == pytest.approx(RING_M / 2, abs=0.05)
    assert plaza.harmonised_m == pytest.approx(400, abs=0.3)  # their places: 1e-6 degrees
    private = found_for(made, across(500))
    assert (private.cause, private.rules.theirs_only) == (Cause.ACCESS_RULE, ("access.refused",))
    assert (private.ours_m, private.harmonised_m) == pytest.approx((500, 300), abs=0.3)
    back = found_for(made, across(400)[::-1])
    assert back.cause == Cause.ACCESS_RULE
    assert back.rules.ours_only == ("path.open/direction",)
    assert (back.ours_m, back.harmonised_m) == pytest.approx((300, 500), abs=0.3)
    same = {one.point_id for one in made.residuals}
    assert "200,0" not in same
    assert made.harmonised.share == 1.0
    assert made.by_cause[Cause.UNEXPLAINED] == 0
    assert made.engine.name == "Valhalla"


def test_with_the_edges_of_plazas_that_difference_is_gone(city):
    given = opinion(city, [across(250), across(500)], plazas=True)
    assert given.engine.plazas
    assert [one.point_id for one in given.residuals if one.point_id == "250,0"] == []
    assert found_for(given, across(500)).cause == Cause.ACCESS_RULE


def test_a_fault_of_ours_is_never_explained_away(city):
    """Arcs 10 % too long: every walk is off, and the drawing beside it tells that it is our fault."""
    false = opinion(city, QUESTIONS, stretched=1.1)
    assert false.by_cause[Cause.UNEXPLAINED] == false.walks
    assert "have no known cause" in false.statement.text("en")


def test_a_wheelchair_study_is_re_measured_for_a_wheelchair(city):
    found = opinion(city, [across(800), across(200)], profile=WHEELCHAIR)
    assert found.walker == "wheelchair"
    assert found.harmonised.share == 1.0
    assert found.by_cause[Cause.UNEXPLAINED] == 0


def test_two_runs_say_the_same(city, made):
    again = opinion(city, QUESTIONS)
    assert again == made


def test_an_xml_extract_is_converted_and_others_are_refused(city, tmp_path):
    import osmium

    xml = tmp_path / "city.osm"
    with osmium.SimpleWriter(str(xml)) as writer:
        for one in osmium.FileProcessor(str(city)):
            writer.add(one)
    assert asked(xml, [across(200)]) == pytest.approx([300], abs=3)
    other = tmp_path / "city.json"
    other.write_text('{"version": 0.6, "elements": []}')
    with pytest.raises(SourceDataError) as refused:
        asked(other, [across(200)])
    assert refused.value.reason.key == "verify.format"


def test_without_the_extra_the_remedy_is_named(city, monkeypatch):
    monkeypatch.setattr(valhalla, "_MODULE", "valhalla_that_is_not_there")
    with pytest.raises(SourceUnavailableError) as refused:
        asked(city, [across(200)])
    assert "pip install 'living-circle[verify]'" in refused.value.text("en")


def running_commands() -> list[bytes]:
    """Return the command lines of all processes there are."""
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            found.append(one.read_bytes())
    return found


def test_time_is_limited_and_nothing_is_left_running(city, tmp_path, monkeypatch):
    slow = tmp_path / "slow.py"
    slow.write_text("import subprocess\nsubprocess.run(['sleep', '47.11'])\n")
    monkeypatch.setattr(valhalla, "_PROCESS", "slow")
    monkeypatch.setattr(valhalla, "module_environment", lambda: {"PYTHONPATH": str(tmp_path)})
    with pytest.raises(SourceUnavailableError) as late:
        ask_valhalla(
            city, Questions(starts=[], ends=[], stretches=[], nodes=[]), walker="adult",
            timeout_s=2.0,
        )  # fmt: skip
    assert late.value.reason.key == "verify.timeout"
    deadline = time.monotonic() + 20.0  # a killed process may take a moment to leave
    while b"sleep\x0047.11\x00" in running_commands() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert b"sleep\x0047.11\x00" not in running_commands()


@pytest.mark.parametrize(
    ("script", "key"),
    [("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "verify.crashed"),
     ("import sys; sys.exit('out of memory')", "verify.crashed")],
)  # fmt: skip
def test_a_crash_of_the_engine_is_a_typed_error(city, tmp_path, monkeypatch, script, key):
    (tmp_path / "crash.py").write_text(script)
    monkeypatch.setattr(valhalla, "_PROCESS", "crash")
    monkeypatch.setattr(valhalla, "module_environment", lambda: {"PYTHONPATH": str(tmp_path)})
    with pytest.raises(SourceError) as crashed:
        asked(city, [across(200)])
    assert crashed.value.reason.key == key


def test_a_file_that_valhalla_cannot_use_is_a_typed_error(tmp_path):
    broken = tmp_path / "broken.osm.pbf"
    whole = write_pbf(made_city(), tmp_path / "whole.osm.pbf").read_bytes()
    broken.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError) as refused:
        asked(broken, [across(200)])
    assert refused.value.text("zh")


def test_pairs_and_walkers_out_of_range_are_refused(city):
    study = to_check(city, [across(200)])
    for pairs in (0, 20_001):
        with pytest.raises(InvalidParameterError) as refused:
            second_opinion(study, city, sha256="1", pairs=pairs)
        assert refused.value.reason.key == "verify.pairs"
    steep = replace(
        study,
        profile=replace(WHEELCHAIR, barred=ArcFlag.STEEP),
        walks=replace(study.walks, graph=_steep(study.walks.graph)),
    )
    with pytest.raises(InvalidParameterError) as refused:
        second_opinion(steep, city, sha256="1")
    assert refused.value.reason.key == "verify.steep"


def _steep(graph):
    flags = graph.network.arc_flags.copy()
    flags[0] |= int(ArcFlag.STEEP)
    return replace(graph, network=replace(graph.network, arc_flags=flags))


def test_answers_are_the_same_bytes_every_time(city):
    questions = Questions(
        starts=degrees((30, 0)), ends=degrees((200, 300)),
        stretches=degrees((500, 75), (200, 75)), nodes=degrees((600, 150), (500, 150)),
    )  # fmt: skip
    one: Answers = ask_valhalla(city, questions, walker="adult")
    assert one == ask_valhalla(city, questions, walker="adult")
    assert [[way["way_id"] for way in place] for place in one["stretches"]] == [[3500], [3200]]
    assert one["nodes"] == [False, None]


# Real cities -------------------------------------------------------------------------------------


@pytest.mark.shared_data
def test_tsinghua_agrees(shared_data):
    found = city_opinion(shared_data, "tsinghua", 300)
    assert found.walks == 300
    assert_agreed(found)


@pytest.mark.shared_data
@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CITIES))
def test_whole_cities_agree(shared_data, name):
    found = city_opinion(shared_data, name)
    assert found.walks == PAIRS
    assert_agreed(found)
    assert_logged(found, name)


@pytest.mark.shared_data
@pytest.mark.slow
@pytest.mark.parametrize(("name", "raw_share"), [("monaco", 0.98), ("las_palmas", 0.975)])
def test_cities_agree_better_where_valhalla_is_given_their_plazas(shared_data, name, raw_share):
    found = city_opinion(shared_data, name, plazas=True)
    assert_agreed(found, raw_share)
    assert "-path.open/area" not in found.by_rule
    assert_logged(found, name)

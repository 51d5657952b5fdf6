"""Whole real cities, end to end: findings that must stand, as bands; see ``docs/first-run.md``."""

import math
import random
from pathlib import Path

import networkx as nx
import numpy as np
import osmium
import pytest
from scipy.spatial import cKDTree

from analysis.documents.study import study_document
from analysis.sources.inspection import inspect_extract
from analysis.sources.osm.reader import read_osm
from analysis.sources.standards import read_standard
from analysis.study import Study
from service.commands.demo import helsinki_extract
from tests.real_cities import (
    EDGE,
    NO_DATA,
    assert_honest,
    codes,
    judged,
    real_study,
    street_km,
    whole,
)

pytestmark = [pytest.mark.slow, pytest.mark.shared_data]


@pytest.fixture(scope="module")
def monaco(shared_data: Path) -> Study:
    return real_study(
        shared_data / "monaco_2023.osm.pbf",
        boundary=shared_data / "monaco_boundary.geojson",
        total_population=39_000,
    )


@pytest.fixture(scope="module")
def las_palmas(shared_data: Path) -> Study:
    return real_study(
        shared_data / "las_palmas_2023.osm.pbf",
        circles=shared_data / "las_palmas_school_districts_epsg5635.geojson",
        total_population=378_000,
    )


@pytest.fixture(scope="module")
def porto_alegre(shared_data: Path) -> Study:
    return real_study(
        shared_data / "porto_alegre_2020_network.osm.pbf",
        population=shared_data / "porto_alegre_hexgrid.csv",
    )


def test_las_palmas_is_judged_circle_by_circle(las_palmas: Study) -> None:
    assert_honest(las_palmas)
    assert len(las_palmas.inputs.circles) == 29
    assert las_palmas.inputs.demand.people.sum() == pytest.approx(378_000)
    assert 1_950 < street_km(las_palmas) < 2_200
    assert len(judged(las_palmas)) >= 18
    rows = whole(las_palmas)
    assert {rows[one].verdict for one in ("bus_stop", "multi_sport_ground")} == {"met"}
    assert rows["public_toilet"].verdict == "short"
    assert rows["community_canteen"].coverage.reason.key in NO_DATA
    shares = {
        one: rows[one].figures.share for one in ("pharmacy", "fresh_food_store", "kindergarten")
    }
    assert 0.7 < shares["pharmacy"] < 0.9
    assert 0.7 < shares["fresh_food_store"] < 0.9
    assert 0.25 < shares["kindergarten"] < 0.55


def test_las_palmas_was_cut_well_beyond_its_districts(las_palmas: Study) -> None:
    assert "source.not_a_box" in codes(las_palmas)  # a buffered boundary, not a box
    touched = [row for row in las_palmas.assessment.rows if row.edge_of_data]
    assert len(touched) <= 0.05 * len(las_palmas.assessment.rows)


def test_las_palmas_floor_area_alone_comes_near_the_known_population(las_palmas: Study) -> None:
    (scaled,) = [one for one in las_palmas.notices if one.code == "population.scaled_to_total"]
    before = float(str(scaled.text.args["before"]).replace(",", ""))
    assert 0.6 < before / 378_000 < 1.2


def test_monaco_ends_at_its_border(monaco: Study) -> None:
    assert_honest(monaco)
    assert "source.not_a_box" in codes(monaco)
    assert monaco.inputs.demand.people.sum() == pytest.approx(39_000)
    rows = whole(monaco)
    assert rows["bus_stop"].verdict == "met"
    # French schools and pharmacies a street away are not in the file.
    for one in ("primary_school", "junior_middle_school", "pharmacy", "wet_market"):
        assert rows[one].coverage.reason.key == EDGE, one
    short = {one for one, row in rows.items() if row.verdict == "short"}
    assert len(short) <= 7
    assert all(rows[one].edge_of_data for one in short)


def test_porto_alegre_is_recognised_as_streets_only(shared_data: Path) -> None:
    source = shared_data / "porto_alegre_2020_network.osm.pbf"
    found = inspect_extract(read_osm(source), read_standard(None))
    assert found.streets_only
    assert found.buildings == 0
    assert 1_750 < sum(found.street_km.values()) < 1_950
    study = real_study(source)
    assert_honest(study)
    assert judged(study) == set()
    assert study.inputs.demand.people.sum() == 0
    assert study.gaps == ()


def test_people_do_not_make_services_of_streets(porto_alegre: Study) -> None:
    assert_honest(porto_alegre)
    assert porto_alegre.inputs.demand.people.sum() == pytest.approx(812_935, rel=0.01)
    assert judged(porto_alegre) <= {"bus_stop"}
    rows = whole(porto_alegre)
    assert 0.7 < rows["bus_stop"].figures.share < 0.9
    for row in rows.values():
        if row.figures is not None and row.verdict == "not_assessed":
            assert row.coverage.reason.key in NO_DATA, row.element_id
    assert porto_alegre.gaps == ()


def test_beijing_in_a_small_window(shared_data: Path) -> None:
    study = real_study(shared_data / "beijing_tsinghua_2017.osm.pbf")
    assert_honest(study)
    assert 15_000 < study.inputs.demand.people.sum() < 35_000
    rows = [row for row in whole(study).values() if row.figures is not None]
    assert all(row.edge_of_data for row in rows)
    assert "multi_sport_ground" in judged(study)
    assert 3 <= sum(row.coverage.reason.key == EDGE for row in rows) <= 8


def test_helsinki_with_and_without_a_population_grid(shared_data: Path) -> None:
    plain = real_study(helsinki_extract())
    grid = real_study(
        helsinki_extract(), population=shared_data / "helsinki_population_grid_2020.gpkg"
    )
    for study in (plain, grid):
        assert_honest(study)
        verdicts = {row.verdict for row in whole(study).values()}
        assert verdicts == {"met", "not_assessed"}  # the window is too small for a gap
    assert 4_000 < grid.inputs.demand.people.sum() < 4_700
    assert "population.outside" in codes(grid)
    assert judged(plain) == judged(grid)


def test_the_same_inputs_give_the_same_study(shared_data: Path, monaco: Study) -> None:
    again = real_study(
        shared_data / "monaco_2023.osm.pbf",
        boundary=shared_data / "monaco_boundary.geojson",
        total_population=39_000,
    )
    assert study_document(again)["digest"] == study_document(monaco)["digest"]


CLOSED = {
    "motorway", "motorway_link", "trunk", "trunk_link", "construction", "proposed", "platform",
    "bus_stop", "raceway", "cycleway",
}  # fmt: skip
GRANTED = {"yes", "designated", "permissive"}


def walkable(tags: dict[str, str]) -> bool:
    """Tell whether a way may be walked: a second opinion, written without the product's rules."""
    highway, foot = tags.get("highway"), tags.get("foot")
    if highway is None or foot in {"no", "private", "use_sidepath"}:
        return False
    if foot in GRANTED:
        return highway not in {"construction", "proposed", "motorway"}
    return highway not in CLOSED and tags.get("access") not in {"no", "private"}


def test_walks_agree_with_an_independent_graph(shared_data: Path, monaco: Study) -> None:
    """Every 8 m of street is a node, points reach all nodes within 50 m, no barriers."""
    crs, demand, facilities = monaco.inputs.crs, monaco.inputs.demand, monaco.inputs.facilities
    graph, xy = nx.Graph(), {}
    for way in osmium.FileProcessor(str(shared_data / "monaco_2023.osm.pbf")).with_locations():
        if not way.is_way() or not walkable(dict(way.tags)):
            continue
        located = [one for one in way.nodes if one.location.valid()]
        places = crs.project(np.array([[one.lon, one.lat] for one in located]).reshape(-1, 2))
        for (a, p), (b, q) in zip(
            zip(located, places, strict=True), list(zip(located, places, strict=True))[1:],
            strict=False,
        ):  # fmt: skip
            length, last = math.dist(p, q), a.ref
            xy[a.ref], pieces = p, max(1, int(length // 8))
            for i in range(1, pieces + 1):
                node = b.ref if i == pieces else (a.ref, b.ref, i)
                xy[node] = p + (q - p) * i / pieces
                graph.add_edge(last, node, weight=length / pieces)
                last = node
    keep = set().union(*(c for c in nx.connected_components(graph) if len(c) > 0.02 * len(graph)))
    graph = graph.subgraph(keep).copy()
    nodes = list(graph)
    tree = cKDTree([xy[node] for node in nodes])

    def link(place):
        near = tree.query_ball_point(place, 50) or tree.query_ball_point(place, 200)
        return [(nodes[i], math.dist(place, xy[nodes[i]])) for i in near]

    homes = random.Random(7).sample(np.flatnonzero(demand.people > 0).tolist(), 60)  # noqa: S311
    differences = []
    for element_id in ("pharmacy", "bus_stop", "fresh_food_store", "public_toilet"):
        column = monaco.reach.column(element_id)
        seeds: dict[object, float] = {}
        for row in facilities.of_element(element_id).tolist():
            if facilities.status[row] != "open":
                continue
            first, last = facilities.entrance_first[row : row + 2]
            for place in facilities.entrance_xy_m[first:last]:
                for node, metres in link(place):
                    seeds[node] = min(seeds.get(node, math.inf), metres)
        joined = graph.copy()
        joined.add_weighted_edges_from(("seed", node, metres) for node, metres in seeds.items())
        far = nx.single_source_dijkstra_path_length(joined, "seed", cutoff=2_500, weight="weight")
        for home in homes:
            mine = min(far.get(node, math.inf) + leg for node, leg in link(demand.xy_m[home]))
            theirs = monaco.reach.walk_m[home, column]
            if np.isfinite(theirs):
                differences.append(theirs - mine)
    difference_m = np.array(differences)
    assert len(difference_m) > 200
    assert abs(np.median(difference_m)) < 20
    assert np.mean(np.abs(difference_m) < 60) > 0.85
    assert difference_m.min() > -60  # barriers and gates lengthen a walk, nothing shortens it

"""Isochrones over HTTP: predicted lengths, ranges checked, edge of data told."""

import json

import numpy as np
import pytest
import shapely
from fastapi.testclient import TestClient

from analysis.standard.profile_rules import StepSpeeds
from analysis.standard.rules import Sourced
from analysis.study import StudyParameters, analyse
from analysis.testing.cities import TEST_CRS
from analysis.walking import ArcFlag
from service.app import create_app
from service.outputs import write_outputs
from service.settings import Settings

PATH = "/api/v1/studies/small/isochrones"


def lonlat(x: float, y: float) -> tuple[float, float]:
    lon, lat = TEST_CRS.unproject(np.array([[x, y]]))[0]
    return float(lon), float(lat)


def ask(client, x, y, minutes="2", **query):
    lon, lat = lonlat(x, y)
    return client.get(PATH, params={"lon": lon, "lat": lat, "minutes": minutes, **query})


def test_a_diamond_of_streets_is_reached(client) -> None:
    # 2 min at 1.25 m/s = 150 m from a crossing of a 100 m grid: four arms of 100 m, each with
    # 50 m further in three directions: 4 × (100 + 3 × 50) = 1000 m of street.
    answer = ask(client, 500.0, 500.0)
    assert answer.headers["content-type"].startswith("application/geo+json")
    (feature,) = answer.json()["features"]
    told = feature["properties"]
    assert (told["cutoff_s"], told["cutoff_m"]) == (120.0, None)
    assert told["reached_street_m"] == pytest.approx(1000.0, abs=0.1)
    assert told["walker"] == "adult"
    assert told["edge_of_data"] is False
    shape = shapely.from_geojson(json.dumps(feature["geometry"]))
    assert shapely.is_valid(shape)
    assert shapely.contains(shape, shapely.Point(lonlat(500.0, 500.0)))
    assert shapely.contains(shape, shapely.Point(lonlat(645.0, 500.0)))
    assert not shapely.contains(shape, shapely.Point(lonlat(500.0, 700.0)))


def test_the_largest_comes_first_and_holds_the_smaller(client) -> None:
    features = ask(client, 500.0, 500.0, "1,3,2").json()["features"]
    assert [one["properties"]["minutes"] for one in features] == [3.0, 2.0, 1.0]
    shapes = [shapely.from_geojson(json.dumps(one["geometry"])) for one in features]
    for larger, smaller in zip(shapes[:-1], shapes[1:], strict=True):
        # Corners are rounded to a centimetre: less than a square metre (1e-10 square degrees).
        assert shapely.area(shapely.difference(smaller, larger)) < 1e-10


def test_defaults_are_five_ten_fifteen(client) -> None:
    lon, lat = lonlat(500.0, 500.0)
    features = client.get(PATH, params={"lon": lon, "lat": lat}).json()["features"]
    assert [one["properties"]["minutes"] for one in features] == [15.0, 10.0, 5.0]


def test_the_edge_of_data_is_told(client) -> None:
    # The data ends 2000 m around the grid: from its corner 30 min (2250 m) could go beyond.
    near, far = ask(client, 0.0, 0.0, "30,20").json()["features"]
    assert (near["properties"]["minutes"], near["properties"]["edge_of_data"]) == (30.0, True)
    assert (far["properties"]["minutes"], far["properties"]["edge_of_data"]) == (20.0, False)


@pytest.mark.parametrize(
    "query",
    ["lon=181&lat=26", "lon=-180.1&lat=26", "lon=106&lat=91", "lon=106&lat=85", "lon=nan&lat=26",
     "lon=inf&lat=26", "lon=106", "lat=26", "lon=x&lat=26", "lon=106,5&lat=26"],
)  # fmt: skip
def test_places_out_of_range_are_refused(client, query) -> None:
    answer = client.get(f"{PATH}?{query}")
    assert answer.status_code == 422
    assert answer.json()["source"] in ("lon", "lat")


@pytest.mark.parametrize(
    "minutes",
    ["", "0", "-5", "60.1", "nan", "inf", "1e999", "5;10", "5,,10", "1,2,3,4,5,6,7", "a", "5,b",
     "1" * 101],
)  # fmt: skip
def test_minutes_out_of_range_are_refused(client, minutes) -> None:
    answer = ask(client, 500.0, 500.0, minutes)
    assert answer.status_code == 422
    assert answer.json()["source"] == "minutes"
    assert answer.json()["remedy"]


@pytest.mark.parametrize("minutes", ["60", "0.5", "1,2,3,4,5,6", " 5 , 10 ", "5,5,5"])
def test_minutes_within_range_are_taken(client, minutes) -> None:
    answer = ask(client, 500.0, 500.0, minutes)
    assert answer.status_code == 200
    assert len(answer.json()["features"]) == len({float(one) for one in minutes.split(",")})


@pytest.mark.parametrize("place", [(0.0, 0.0), (-73.4, -26.7), (106.0, 26.0), (180.0, 84.0)])
def test_a_place_off_the_network_is_told(client, place) -> None:
    answer = client.get(
        PATH, params={"lon": place[0], "lat": place[1]}, headers={"accept-language": "en"}
    )
    assert answer.status_code == 422
    body = answer.json()
    assert body["type"] == "urn:living-circle:problem:not-on-network"
    assert "200 m" in body["detail"]


def test_exchanged_coordinates_are_told(client) -> None:
    lon, lat = lonlat(500.0, 500.0)
    body = client.get(PATH, params={"lon": lat, "lat": lon}).json()  # lat is out of its range
    assert body["status"] == 422
    assert "颠倒" in body["remedies"]["zh"]
    assert f"lon={lon:.10g}&lat={lat:.10g}" in body["remedies"]["en"]
    for elsewhere in ((26.7, 120.0), (12.0, 106.65), (200.0, 26.7)):  # no place of this study
        body = client.get(PATH, params={"lon": elsewhere[0], "lat": elsewhere[1]}).json()
        assert body["status"] == 422
        assert "exchanged" not in body["remedies"]["en"]


def test_exchanged_coordinates_within_the_ranges_are_told(tmp_path) -> None:
    # Both 26.7,60.1 and 60.1,26.7 are places on earth: only the data tells them apart.
    from dataclasses import replace

    from analysis.crs import MetricCRS
    from analysis.testing.studies import small_inputs

    inputs = replace(small_inputs(), crs=MetricCRS(lon=26.7, lat=60.1))
    write_outputs(analyse(inputs, StudyParameters()), tmp_path / "s", language="zh", run={})
    with TestClient(create_app(Settings(studies_folder=tmp_path))) as one:
        path = "/api/v1/studies/s/isochrones"
        assert one.get(f"{path}?lon=26.7&lat=60.1").status_code == 200
        body = one.get(f"{path}?lon=60.1&lat=26.7").json()
        assert body["type"] == "urn:living-circle:problem:not-on-network"
        assert "lon=26.7&lat=60.1" in body["remedies"]["en"]
        assert body["value"] == "60.1,26.7"
        assert "exchanged" not in one.get(f"{path}?lon=60.1&lat=27.9").json()["remedies"]["en"]


@pytest.fixture(scope="module")
def stairs(tmp_path_factory):
    """Return a client of two studies, of an adult and of a wheelchair, over the same stairs.

    The streets east of the crossing (500, 500) are stairs; an adult takes them at 0.5 m/s.
    """
    from dataclasses import replace

    from analysis.testing.studies import small_inputs

    folder = tmp_path_factory.mktemp("stairs")
    inputs = small_inputs()
    network = inputs.network
    middle = (network.node_xy_m[network.arc_tail] + network.node_xy_m[network.arc_head]) / 2.0
    east = (abs(middle[:, 1] - 500.0) < 1.0) & (abs(middle[:, 0] - 550.0) < 1.0)
    assert east.sum() >= 1
    flags = np.where(east, network.arc_flags | int(ArcFlag.STEPS), network.arc_flags)
    slow = Sourced(value=0.5, source="DEFAULT", confidence="default")
    steps = {"adult": StepSpeeds(up=slow, down=slow)}
    walking = replace(inputs.standard.walking, steps_m_s=steps)
    inputs = replace(
        inputs,
        network=replace(network, arc_flags=flags.astype(np.uint16)),
        standard=replace(inputs.standard, walking=walking),
    )
    for walker in ("adult", "wheelchair"):
        study = analyse(inputs, StudyParameters(walker=walker))
        write_outputs(study, folder / walker, language="zh", run={})
    with TestClient(create_app(Settings(studies_folder=folder))) as one:
        yield one


def test_the_walker_changes_the_answer(stairs) -> None:
    # 1 min at 1.25 m/s is 75 m, and 30 m on the stairs: three arms and some steps for an adult; at
    # 0.8 m/s 48 m, three arms for a wheelchair.
    lon, lat = lonlat(500.0, 500.0)

    def reached(study, **query):
        path = f"/api/v1/studies/{study}/isochrones"
        answer = stairs.get(path, params={"lon": lon, "lat": lat, "minutes": "1", **query})
        (feature,) = answer.json()["features"]
        told = feature["properties"]
        return told["walker"], told["reached_street_m"], told["speed_m_s"]

    assert reached("adult") == ("adult", pytest.approx(255.0, abs=0.1), 1.25)
    assert reached("adult", walker="adult") == reached("adult")
    assert reached("adult", walker="wheelchair") == (
        "wheelchair", pytest.approx(144.0, abs=0.1), 0.8,
    )  # fmt: skip
    assert reached("wheelchair")[0] == "wheelchair"  # the study's own walker
    assert reached("wheelchair", walker="adult") == reached("adult")


def test_a_wheelchair_on_stairs_starts_from_the_next_street(stairs) -> None:
    lon, lat = lonlat(550.0, 500.0)
    for walker, access_m in (("adult", 0.0), ("wheelchair", 50.0)):
        query = {"lon": lon, "lat": lat, "walker": walker, "minutes": "5"}
        (feature,) = stairs.get("/api/v1/studies/adult/isochrones", params=query).json()["features"]
        assert feature["properties"]["access_m"] == pytest.approx(access_m, abs=0.01)


def test_a_place_that_reaches_no_street_says_why_it_has_no_shape(client) -> None:
    # From 20 m, which are 16 s, beside the street.
    features = ask(client, 550.0, 520.0, "1,0.1,0.001").json()["features"]
    assert [one["properties"]["access_m"] for one in features] == [20.0, 20.0, 20.0]
    reached, short, shortest = features
    assert reached["geometry"] is not None
    assert reached["properties"]["note"] is None
    assert short["geometry"] is None and shortest["geometry"] is None
    assert "20.00 m" in short["properties"]["note"]["en"]
    assert "16.00 s" in short["properties"]["note"]["en"]
    assert "6.00" in short["properties"]["note"]["zh"]
    assert "0.001" in shortest["properties"]["note"]["en"]
    assert short["properties"]["area_m2"] == 0.0


def test_an_isochrone_holds_its_own_origin(client) -> None:
    for x, y in ((500.0, 500.0), (550.0, 520.0), (555.0, 545.0)):
        (feature,) = ask(client, x, y, "2").json()["features"]
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert shapely.contains(shape, shapely.Point(lonlat(x, y)))


def test_the_screen_gets_the_fast_drawing_and_the_report_the_exact_one(client) -> None:
    (fast,) = ask(client, 500.0, 500.0, "5").json()["features"]
    (exact,) = ask(client, 500.0, 500.0, "5", drawing="exact").json()["features"]
    told = [one["properties"] for one in (fast, exact)]
    assert [(one["drawing"], one["cell_m"]) for one in told] == [("fast", 8.0), ("exact", 2.5)]
    assert {one["buffer_m"] for one in told} == {25.0}
    assert fast["properties"]["reached_street_m"] == exact["properties"]["reached_street_m"]
    for one, least, n in zip(told, (0.97, 0.99), (500, 2000), strict=True):
        assert least < one["agreement_jaccard"] <= 1.0
        assert abs(one["agreement_area_error_share"]) < 0.03
        assert one["agreement_n_sample"] > n
    assert len(str(fast["geometry"])) < len(str(exact["geometry"]))


def test_yards_are_kept_unless_asked(client) -> None:
    # 4 min at 1.25 m/s are 300 m: three whole blocks in each quadrant, with yards of 50 × 50 m.
    (kept,) = ask(client, 500.0, 500.0, "4", drawing="exact").json()["features"]
    assert len(kept["geometry"]["coordinates"]) == 1 + 12
    assert kept["properties"]["holes_filled"] == 0
    query = {"drawing": "exact", "holes_below_m2": 2600}
    (filled,) = ask(client, 500.0, 500.0, "4", **query).json()["features"]
    assert len(filled["geometry"]["coordinates"]) == 1
    told = filled["properties"]
    assert told["holes_filled"] == 12
    assert told["holes_filled_m2"] == pytest.approx(12 * 2500, rel=0.01)
    assert told["area_m2"] == pytest.approx(kept["properties"]["area_m2"] + told["holes_filled_m2"])
    assert told["agreement_jaccard"] < kept["properties"]["agreement_jaccard"]


def test_the_pieces_can_be_had_beside_the_polygons(client) -> None:
    features = ask(client, 500.0, 500.0, "2,1", pieces="yes").json()["features"]
    told = [(one["properties"]["part"], one["properties"]["minutes"]) for one in features]
    assert told == [("polygon", 2.0), ("polygon", 1.0), ("pieces", 2.0), ("pieces", 1.0)]
    for polygon, pieces in zip(features[:2], features[2:], strict=True):
        assert pieces["geometry"]["type"] == "MultiLineString"
        area = shapely.from_geojson(json.dumps(polygon["geometry"]))
        lines = shapely.from_geojson(json.dumps(pieces["geometry"]))
        assert shapely.covers(area, lines)
        xy_m = shapely.transform(lines, TEST_CRS.project)
        street_m = pieces["properties"]["reached_street_m"]
        assert shapely.length(xy_m) == pytest.approx(street_m, abs=0.5)
    assert len(ask(client, 500.0, 500.0, "2,1", pieces="no").json()["features"]) == 2
    nothing = ask(client, 550.0, 520.0, "0.1", pieces="yes").json()["features"]
    assert [one["geometry"] for one in nothing] == [None, None]
    assert nothing[0]["properties"]["agreement_jaccard"] is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("drawing", "pretty"), ("drawing", ""), ("holes_below_m2", "-1"), ("holes_below_m2", "1e10"),
     ("holes_below_m2", "nan"), ("holes_below_m2", "1_0"), ("pieces", "true")],
)  # fmt: skip
def test_drawings_that_do_not_exist_are_refused(client, name, value) -> None:
    answer = ask(client, 500.0, 500.0, **{name: value})
    assert answer.status_code == 422
    assert answer.json()["source"] == name
    assert answer.json()["remedy"]


def test_the_same_question_gets_the_same_answer_whatever_was_asked_before(client) -> None:
    first = ask(client, 430.0, 510.0, "3", drawing="exact").content
    for other in ("1,2,3", "10"):
        assert ask(client, 600.0, 200.0, other).status_code == 200
    assert ask(client, 430.0, 510.0, "3", drawing="exact").content == first
    among = ask(client, 430.0, 510.0, "9,3", drawing="exact").json()["features"]
    assert among[1] == json.loads(first)["features"][0]

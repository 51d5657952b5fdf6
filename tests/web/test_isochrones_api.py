"""Isochrones over HTTP: predicted lengths, ranges checked, edge of data told."""

import json

import pytest
import shapely

from analysis.testing.cities import TEST_CRS

PATH = "/api/v1/studies/small/isochrones"


def lonlat(x: float, y: float) -> tuple[float, float]:
    import numpy as np

    lon, lat = TEST_CRS.unproject(np.array([[x, y]]))[0]
    return float(lon), float(lat)


def ask(client, x, y, minutes="2"):
    lon, lat = lonlat(x, y)
    return client.get(PATH, params={"lon": lon, "lat": lat, "minutes": minutes})


def test_a_diamond_of_streets_is_reached(client) -> None:
    # 2 min at 1.25 m/s = 150 m from a crossing of a 100 m grid: four arms of 100 m, each with
    # 50 m further in three directions: 4 × (100 + 3 × 50) = 1000 m of street.
    answer = ask(client, 500.0, 500.0)
    assert answer.headers["content-type"].startswith("application/geo+json")
    (feature,) = answer.json()["features"]
    told = feature["properties"]
    assert told["cutoff_m"] == 150.0
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

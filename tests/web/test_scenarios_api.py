"""Scenarios over HTTP: asked, answered the same again, refused in words, bounded."""

import json
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from analysis.testing.studies import small_inputs
from service.app import create_app
from service.settings import Settings
from service.what_if_sessions import WhatIfSessions

URL = "/api/v1/studies/small/scenarios"
CRS = small_inputs().crs


def place(x: float, y: float) -> dict[str, float]:
    lon, lat = CRS.unproject(np.array([[x, y]]))[0].tolist()
    return {"lon": lon, "lat": lat}


SHOP = {"id": "S", "kind": "add_facility", "element": "market", **place(800.0, 500.0)}


def ask(client, *modifications, query: str = "", **more):
    return client.post(URL + query, json={"modifications": modifications, **more})


def test_a_new_market_is_told_as_a_difference(client) -> None:
    answer = ask(client, SHOP, title="新市场")
    assert answer.status_code == 200
    found = answer.json()
    assert found["links"]["self"] == f"{URL}/{found['id']}"
    assert found["headline"]["zh"].startswith(
        "新增菜市场后：新增 900 人可达，覆盖率 40.0% → 100.0%"
    )
    whole = next(row for row in found["circles"] if row["circle_id"] == "*")
    assert (whole["people_gained"], whole["people_covered"], whole["people"]) == (900, 600, 1500)
    assert (whole["verdict_before"], whole["verdict_after"]) == ("short", "met")
    assert found["gaps"]["closed"] == 2
    homes = [one["properties"]["point_id"] for one in found["points"]["features"]]
    assert homes == ["home/0003", "home/0004"]
    again = client.get(found["links"]["self"])
    assert again.json() == found


def test_the_same_scenario_has_the_same_answer_and_another_title_its_own(client) -> None:
    one, two = ask(client, SHOP), ask(client, SHOP)
    assert one.content == two.content
    other = ask(client, SHOP, title="X").json()
    assert other["id"] == one.json()["id"]
    assert other["scenario"]["title"] == "X"


def test_reach_alone_is_the_same_without_verdicts(client) -> None:
    reach, whole = ask(client, SHOP, query="?parts=reach").json(), ask(client, SHOP).json()
    assert "gaps" not in reach
    assert reach["points"] == whole["points"]
    assert len(reach["circles"]) == len(whole["circles"])
    for one, other in zip(reach["circles"], whole["circles"], strict=True):
        assert one["verdict_after"] is None
        for name, value in one.items():
            if not name.startswith("sentence") and value is not None:
                assert value == other[name], name


def test_days_and_dates(client) -> None:
    later = {**SHOP, "since": "2027-09-01"}
    found = ask(client, later, query="?days=yes").json()
    assert [(one["day"], one["share"]) for one in found["days"]] == [("", 0.4), ("2027-09-01", 1.0)]
    assert ask(client, later, query="?on=2027-01-01").json()["circles"] == []
    assert ask(client, later, query="?on=2027-09-01").json()["circles"]
    assert ask(client, later, query="?on=soon").status_code == 422


def test_all_mistakes_come_as_one_problem(client) -> None:
    answer = ask(client, {"kind": "nothing"}, {**SHOP, "element": "markt", "seats": 3})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problems = answer.json()["problems"]
    assert len(problems) == 2
    assert "seats" in problems[1]
    both = ask(client, {**SHOP, "element": "markt"}, {**SHOP, "lat": 0.0, "id": "T"}).json()
    assert len(both["problems"]) == 2


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b"\x00" * 9, b" " * 2_000_001])
def test_what_is_no_scenario_is_refused(client, body: bytes) -> None:
    answer = client.post(URL, content=body)
    assert answer.status_code in (422, 503)
    assert answer.json()["details"]["zh"]


def test_unknown_things(client) -> None:
    assert client.post("/api/v1/studies/nowhere/scenarios", json={}).status_code == 404
    assert client.get(f"{URL}/0123456789abcdef").status_code == 404
    assert ask(client, SHOP, query="?parts=some").status_code == 422
    assert ask(client, SHOP, query="?colour=red").status_code == 422
    refused = client.get(URL)
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST, OPTIONS")
    assert client.delete("/api/v1/studies/small").headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.options(URL).headers["allow"] == "POST, OPTIONS"


def test_geojson_bodies_do_as_well(client) -> None:
    feature = {
        "type": "Feature", "properties": {"kind": "add_facility", "element": "market", "id": "S"},
        "geometry": {"type": "Point", "coordinates": [SHOP["lon"], SHOP["lat"]]},
    }  # fmt: skip
    body = {"type": "FeatureCollection", "features": [feature]}
    answer = client.post(URL, content=json.dumps(body).encode())
    assert answer.json()["id"] == ask(client, SHOP).json()["id"]


def test_few_studies_are_kept_ready(studies_folder: Path) -> None:
    app = create_app(Settings(studies_folder=studies_folder))
    with TestClient(app) as client:
        app.state.what_if = WhatIfSessions(keep=1)
        opened = []
        for name in ("small", "small", "观山湖 1", "small"):
            client.post(f"/api/v1/studies/{name}/scenarios", json={"modifications": []})
            stored = app.state.studies.open(name)
            opened.append(id(app.state.what_if.open(stored)))
    assert opened[0] == opened[1]
    assert len(set(opened)) >= 2


def test_nothing_that_is_saved_changes(client, studies_folder: Path) -> None:
    before = {
        one: one.read_bytes() for one in (studies_folder / "small").rglob("*") if one.is_file()
    }
    ask(client, SHOP, {"id": "P", "kind": "add_housing", **place(210.0, 500.0), "people": 10})
    assert before == {one: one.read_bytes() for one in before}

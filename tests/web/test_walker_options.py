"""Walkers and elevation from the command line: each option changes the saved answer."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import rasterio
from fastapi.testclient import TestClient

from analysis.sources.store.studies import open_study
from service import cli
from service.app import create_app
from service.settings import Settings

LON, LAT = 106.65, 26.70
EAST = 0.0064  # degrees: about 637 m of street between a home and a pharmacy


@pytest.fixture(scope="module")
def hill(tmp_path_factory) -> Path:
    """Return a folder with an extract of one street and a raster that rises along it."""
    folder = tmp_path_factory.mktemp("hill")
    lines = ['<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">']
    places = {1: (LON, LAT), 2: (LON + EAST, LAT)}
    home = [(LON - 5e-5, LAT - 1e-4), (LON + 5e-5, LAT - 1e-4), (LON + 5e-5, LAT - 5e-5),
            (LON - 5e-5, LAT - 5e-5)]  # fmt: skip
    places |= {10 + i: one for i, one in enumerate(home)}
    # Corners far away, so that the data does not end within the walk.
    places |= {20: (LON - 0.05, LAT - 0.05), 21: (LON + 0.05, LAT + 0.05)}
    lines += [f'<node id="{one}" lon="{x}" lat="{y}"/>' for one, (x, y) in places.items()]
    lines.append(
        f'<node id="9" lon="{LON + EAST}" lat="{LAT + 2e-5}"><tag k="amenity" v="pharmacy"/></node>'
    )
    lines.append('<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="footway"/></way>')
    refs = "".join(f'<nd ref="{one}"/>' for one in (10, 11, 12, 13, 10))
    lines.append(f'<way id="2">{refs}<tag k="building" v="apartments"/></way>')
    lines.append('<way id="3"><nd ref="20"/><nd ref="21"/><tag k="power" v="line"/></way></osm>')
    (folder / "street.osm").write_text("\n".join(lines), "utf-8")
    step = 0.0003
    lon = LON - 0.05 + (np.arange(334) + 0.5) * step
    heights = np.tile(1000.0 + 99_500.0 * 0.1 * (lon - LON), (334, 1)).astype(np.float32)
    with rasterio.open(
        folder / "heights.tif", "w", driver="GTiff", width=334, height=334, count=1,
        dtype="float32", crs="EPSG:4326",
        transform=rasterio.Affine(step, 0, LON - 0.05, 0, -step, LAT + 0.05),
    ) as out:  # fmt: skip
        out.write(heights, 1)
    return folder


def analysed(folder: Path, out: Path, *options: str) -> dict[str, float | bool]:
    """Return the pharmacy's row of the one home after ``living-circle analyse``."""
    arguments = ["analyse", str(folder / "street.osm"), "--out", str(out), "--quiet", *options]
    assert cli.main(arguments) == 0
    table = pq.read_table(out / "reach.parquet").to_pylist()
    (home,) = [one for one in table if one["is_building"]]
    return {name: home[f"{name}.pharmacy"] for name in ("walk_m", "walk_s", "covered")}


def test_walker_criterion_and_elevation_each_change_what_is_saved(hill, tmp_path) -> None:
    elevation = ("--elevation", str(hill / "heights.tif"))
    minutes = ("--criterion", "minutes")
    base = analysed(hill, tmp_path / "base")
    assert 630 < base["walk_m"] < 655
    assert base["walk_s"] == pytest.approx(base["walk_m"] / 1.2, abs=0.01)
    assert not base["covered"]  # 500 m are allowed
    adult = analysed(hill, tmp_path / "adult", *minutes)
    assert adult["covered"]  # within 10 minutes
    older = analysed(hill, tmp_path / "older", *minutes, "--walker", "older_adult")
    assert not older["covered"]
    assert older["walk_s"] == pytest.approx(base["walk_m"] / 0.9, abs=0.01)
    child = analysed(hill, tmp_path / "child", *minutes, "--walker", "child")
    assert child["walk_s"] == pytest.approx(base["walk_m"], abs=0.01)
    uphill = analysed(hill, tmp_path / "uphill", *minutes, *elevation)
    assert not uphill["covered"]
    assert uphill["walk_s"] == pytest.approx(adult["walk_s"] * np.exp(0.35), rel=0.02)
    assert uphill["walk_m"] == base["walk_m"]
    wheelchair = analysed(hill, tmp_path / "chair", *minutes, *elevation, "--walker", "wheelchair")
    assert wheelchair["walk_s"] == np.inf  # 10 % is more than 1:12
    rolling = analysed(hill, tmp_path / "rolling", "--walker", "wheelchair")
    assert rolling["walk_m"] == base["walk_m"]
    assert rolling["walk_s"] == pytest.approx(base["walk_m"] / 0.8, abs=0.01)


def test_a_saved_study_tells_and_keeps_its_walker_and_terrain(hill, tmp_path) -> None:
    out = tmp_path / "study"
    analysed(hill, out, "--walker", "older_adult", "--elevation", str(hill / "heights.tif"))
    document = json.loads((out / "study.json").read_text("utf-8"))
    told = document["parameters"]
    assert told["walker"] == "older_adult"
    assert told["speed_m_s"] == 0.9
    assert told["slope_law"] == "Tobler: v = v0 * exp(-3.5*|s+0.05|) / exp(-3.5*0.05)"
    assert (told["steps_up_m_s"], told["steps_down_m_s"]) == (0.42, 0.59)
    assert document["data"]["elevation_known_share"] == 1.0
    (raster,) = [one for one in document["inputs"] if one["role"] == "elevation"]
    assert raster["name"] == "heights.tif"
    assert raster["bytes"] == (hill / "heights.tif").stat().st_size
    assert len(raster["sha256"]) == 64
    assert "elevation.used" in {one["code"] for one in document["notices"]}
    saved = open_study(out)
    assert saved.network.terrain.grade == pytest.approx(
        [0.1] * len(saved.network.terrain.grade), rel=0.02
    )
    assert {name: one.speed_m_s for name, one in saved.walkers.items()} == {
        "adult": 1.2, "older_adult": 0.9, "child": 1.0, "wheelchair": 0.8,
    }  # fmt: skip
    assert saved.profile == saved.walkers["older_adult"]


def test_elevation_that_cannot_be_used_is_one_paragraph(hill, tmp_path, capsys) -> None:
    (tmp_path / "notes.tif").write_text("no raster")
    for language, remedy in (("zh", "建议"), ("en", "Remedy")):
        code = cli.main([
            "analyse", str(hill / "street.osm"), "--out", str(tmp_path / "o"),
            "--elevation", str(tmp_path / "notes.tif"), "--lang", language,
        ])  # fmt: skip
        told = capsys.readouterr().err
        assert code == 2
        assert "notes.tif" in told
        assert remedy in told
        assert "Traceback" not in told
    assert not (tmp_path / "o").exists()


@pytest.fixture(scope="module")
def hill_client(hill, tmp_path_factory):
    """Return a client of the service over the study of the hill, made for adults."""
    folder = tmp_path_factory.mktemp("served")
    analysed(hill, folder / "hill", "--elevation", str(hill / "heights.tif"))
    with TestClient(create_app(Settings(studies_folder=folder))) as one:
        yield one


def reached_m(client: TestClient, at: float, walker: str | None, **cutoff: str) -> float:
    """Return metres of street reached from a place on the street, degrees east."""
    query = {"lon": LON + at, "lat": LAT, **cutoff}
    answer = client.get(
        "/api/v1/studies/hill/isochrones", params=query | ({"walker": walker} if walker else {})
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["features"][0]["properties"]["reached_street_m"]


def test_isochrones_of_each_walker_up_and_down_the_hill(hill_client) -> None:
    bottom, top = 0.0, EAST
    for walker, speed_m_s in ((None, 1.2), ("older_adult", 0.9), ("child", 1.0)):
        level = reached_m(hill_client, bottom, walker, metres=f"{300 * speed_m_s}")
        assert level == pytest.approx(300 * speed_m_s, rel=0.002)
        # 10 % up: e^0.35 times as slow; 10 % down: as fast as on the level.
        up = reached_m(hill_client, bottom, walker, minutes="5")
        down = reached_m(hill_client, top, walker, minutes="5")
        assert up == pytest.approx(300 * speed_m_s / np.exp(0.35), rel=0.02)
        assert down == pytest.approx(300 * speed_m_s, rel=0.02)
    refused = hill_client.get(
        "/api/v1/studies/hill/isochrones",
        params={"lon": LON, "lat": LAT, "minutes": "5", "walker": "wheelchair"},
    )
    assert refused.status_code == 422  # 10 % is more than 1:12: no street to roll on
    assert refused.json()["type"].endswith("not-on-network")


def test_an_unknown_walker_is_refused_in_words(hill_client) -> None:
    answer = hill_client.get(
        "/api/v1/studies/hill/isochrones", params={"lon": LON, "lat": LAT, "walker": "horse"}
    )
    assert answer.status_code == 422
    for name in ("adult", "older_adult", "child", "wheelchair"):
        assert name in answer.text


def test_the_isochrone_command_takes_walker_and_elevation(hill, tmp_path) -> None:
    def reached(*options: str, source: Path = hill / "street.osm") -> float:
        out = tmp_path / "isochrone.geojson"
        arguments = ["isochrone", str(source), "--at", f"{LON},{LAT}", "--out", str(out), "--quiet"]
        assert cli.main([*arguments, "--minutes", "5", *options]) == 0
        return json.loads(out.read_text("utf-8"))["features"][0]["properties"]["reached_street_m"]

    heights = ("--elevation", str(hill / "heights.tif"))
    assert reached() == pytest.approx(360, rel=0.002)
    assert reached(*heights) == pytest.approx(360 / np.exp(0.35), rel=0.02)
    assert reached("--walker", "older_adult") == pytest.approx(270, rel=0.002)
    # A network saved with its slopes keeps them, and takes no others.
    network = tmp_path / "network"
    arguments = ["network", str(hill / "street.osm"), "--out", str(network), "--quiet", *heights]
    assert cli.main(arguments) == 0
    assert reached(source=network) == reached(*heights)
    refused = ["isochrone", str(network), "--at", f"{LON},{LAT}", "--out", str(tmp_path / "x"),
               *heights]  # fmt: skip
    assert cli.main(refused) == 2

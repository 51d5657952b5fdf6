"""``living-circle circles``: proposed circles are written, checked and read by an analysis."""

import json
from pathlib import Path

import pytest

from analysis.sources.files.circles import read_circle_layer
from service.cli import main

COLUMNS, ROWS, STEP = 24, 12, 0.001


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a town of 23 × 11 blocks, an apartment house in each, parted by a river."""
    nodes, ways = [], []

    def node(lon: float, lat: float) -> int:
        nodes.append(f'<node id="{len(nodes) + 1}" lon="{lon:.7f}" lat="{lat:.7f}"/>')
        return len(nodes)

    def way(refs: list[int], **tags: str) -> None:
        told = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        drawn = "".join(f'<nd ref="{one}"/>' for one in refs)
        ways.append(f'<way id="{len(ways) + 1}">{drawn}{told}</way>')

    west, south = 106.65, 26.70
    grid = [[node(west + c * STEP, south + r * STEP) for c in range(COLUMNS)] for r in range(ROWS)]
    for line in [*grid, *map(list, zip(*grid, strict=True))]:
        way(line, highway="residential")
    middle = west + (COLUMNS / 2 - 0.45) * STEP
    way([node(middle, south - STEP), node(middle, south + ROWS * STEP)],
        waterway="river", name="南明河")  # fmt: skip
    for row in range(ROWS - 1):
        for column in range(COLUMNS - 1):
            x, y, side = west + (column + 0.2) * STEP, south + (row + 0.3) * STEP, 0.2 * STEP
            ring = [
                node(*at) for at in ((x, y), (x + side, y), (x + side, y + side), (x, y + side))
            ]
            way([*ring, ring[0]], building="apartments", **{"building:levels": "6"})
    path = tmp_path_factory.mktemp("circles") / "town.osm"
    body = "\n".join([*nodes, *ways])
    path.write_text(f'<?xml version="1.0"?><osm version="0.6">{body}</osm>', "utf-8")
    return path


def told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> dict:
    assert main(arguments) == 0
    return json.loads(capsys.readouterr().out)


def test_circles_are_proposed_checked_and_taken(extract, tmp_path, capsys) -> None:
    out = tmp_path / "圈.geojson"
    asked = ["circles", str(extract), "--total-population", "10000", "--people", "4000-8000"]
    found = told([*asked, "--out", str(out), "--json"], capsys)
    assert [one["id"] for one in found["circles"]] == ["C01", "C02"]
    assert sum(one["residents_found"] for one in found["circles"]) == pytest.approx(10000)
    assert sum(one["homes"] for one in found["circles"]) == 23 * 11
    assert [one["barrier_cut_m"] for one in found["circles"]] == [0, 0]
    assert found["whole"]["homes_uncovered"] == 0

    checked = told([*asked, "--check", str(out), "--json"], capsys)
    keys = ("residents_found", "homes", "centre_walk_share", "barrier_cut_m", "pieces")
    for before, after in zip(found["circles"], checked["circles"], strict=True):
        assert [before[key] for key in keys] == [after[key] for key in keys]
        assert after["area_km2"] == pytest.approx(before["area_km2"], rel=1e-4)
        assert 0.0 < after["centre_walk_share"] <= 1.0
    assert checked["whole"]["residents_uncovered"] == 0

    layer = read_circle_layer(out)
    assert layer.circle_id == ("C01", "C02")
    assert all(one != one for one in layer.total_population)  # found people are not stated people


def test_a_written_file_is_the_same_every_time_and_replaced(extract, tmp_path, capsys) -> None:
    out = tmp_path / "circles.geojson"
    asked = ["circles", str(extract), "--people", "1000-100000", "--out", str(out), "--lang", "zh"]
    assert main(asked) == 0
    first = out.read_bytes()
    assert main(asked) == 0
    assert out.read_bytes() == first
    assert "可达中心" in capsys.readouterr().out
    features = json.loads(first)["features"]
    assert {one["properties"]["level"] for one in features} == {"15min"}


def test_an_analysis_takes_the_file(extract, tmp_path, capsys) -> None:
    out = tmp_path / "circles.geojson"
    asked = ["circles", str(extract), "--people", "1000-5000", "--out", str(out), "--json"]
    found = told(asked, capsys)
    study = tmp_path / "study"
    assert main(["analyse", str(extract), "--circles", str(out), "--out", str(study), "-q"]) == 0
    circles = json.loads((study / "study.json").read_text("utf-8"))["circles"]
    assert [one["id"] for one in circles if one["id"] != "*"] == [
        one["id"] for one in found["circles"]
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "--out"),
        (["--out", "a.geojson", "--check", "b.geojson"], "--out"),
        (["--out", "a.geojson", "--people", "many"], "50000-100000"),
        (["--out", "a.geojson", "--people", "9-5"], "50000-100000"),
    ],
)
def test_wrong_options_are_refused_in_words(extract, capsys, options, said) -> None:
    assert main(["circles", str(extract), *options, "--lang", "en"]) == 2
    assert said in capsys.readouterr().err


def test_a_foreign_file_is_not_overwritten(extract, tmp_path, capsys) -> None:
    out = tmp_path / "mine.geojson"
    out.write_text('{"type": "FeatureCollection", "features": []}', "utf-8")
    assert main(["circles", str(extract), "--out", str(out), "--lang", "en"]) == 2
    assert "not overwritten" in capsys.readouterr().err
    assert out.read_text("utf-8").startswith('{"type": "FeatureCollection"')


def test_circles_are_read_as_their_coordinates_are_declared(extract, tmp_path, capsys) -> None:
    out = tmp_path / "circles.geojson"
    asked = ["circles", str(extract), "--people", "1000-5000"]
    told([*asked, "--out", str(out), "--json"], capsys)
    collection = json.loads(out.read_text("utf-8"))
    for one in collection["features"]:  # the same outlines, latitude first
        one["geometry"]["coordinates"] = _exchanged(one["geometry"]["coordinates"])
    drawn = tmp_path / "drawn.geojson"
    drawn.write_text(json.dumps(collection), "utf-8")
    declared = ["--coordinates", "drawn.geojson=swapped"]
    plain = told([*asked, "--check", str(out), "--json"], capsys)
    found = told([*asked, "--check", str(drawn), *declared, "--json"], capsys)
    assert found["circles"] == plain["circles"]
    assert main([*asked, "--check", str(drawn), "--lang", "en"]) == 2  # undeclared: nowhere


def _exchanged(places):
    if isinstance(places[0], float):
        return places[::-1]
    return [_exchanged(one) for one in places]

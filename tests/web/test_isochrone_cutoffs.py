"""Minutes or metres, over HTTP and from the command line: predicted lengths, both refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
from fastapi.testclient import TestClient

from analysis.documents.cutoffs import Cutoffs
from analysis.documents.isochrones import isochrone_collection
from analysis.sources.store.studies import open_study
from analysis.standard.profile_rules import StepSpeeds
from analysis.standard.rules import Sourced
from analysis.study import StudyParameters, analyse
from analysis.testing.cities import TEST_CRS
from analysis.testing.studies import small_inputs
from analysis.walking import ArcFlag
from service import cli
from service.app import create_app
from service.outputs import write_outputs
from service.settings import Settings

PATH = "/api/v1/studies/stairs/isochrones"
LON, LAT = (float(one) for one in TEST_CRS.unproject(np.array([[500.0, 500.0]]))[0])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with the study ``stairs``: 100 m grid, 1.25 m/s, stairs east of (500, 500).

    The stairs are walked at 0.5 m/s; no heights are known.
    """
    inputs = small_inputs()
    network = inputs.network
    middle = (network.node_xy_m[network.arc_tail] + network.node_xy_m[network.arc_head]) / 2.0
    east = (abs(middle[:, 1] - 500.0) < 1.0) & (abs(middle[:, 0] - 550.0) < 1.0)
    assert east.sum() == 1
    flags = np.where(east, network.arc_flags | int(ArcFlag.STEPS), network.arc_flags)
    slow = Sourced(value=0.5, source="DEFAULT", confidence="default")
    walking = replace(inputs.standard.walking, steps_m_s={"adult": StepSpeeds(up=slow, down=slow)})
    inputs = replace(
        inputs,
        network=replace(network, arc_flags=flags.astype(np.uint16)),
        standard=replace(inputs.standard, walking=walking),
    )
    made = tmp_path_factory.mktemp("cutoffs")
    write_outputs(analyse(inputs, StudyParameters()), made / "stairs", language="zh", run={})
    return made


@pytest.fixture(scope="module")
def stairs(folder):
    """Return a client of that folder."""
    with TestClient(create_app(Settings(studies_folder=folder))) as one:
        yield one


def asked(client, **query) -> dict:
    answer = client.get(PATH, params={"lon": LON, "lat": LAT, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_minutes_know_the_stairs_and_metres_do_not(stairs) -> None:
    # 1 min is 75 m along three arms and 30 m of stairs; 75 m are 75 m along all four. Asked in
    # turns: what is kept ready for one measure is not taken for the other.
    for _ in range(2):
        by_time, by_distance = asked(stairs, minutes="1"), asked(stairs, metres="75")
        told = by_time["features"][0]["properties"]
        assert told["reached_street_m"] == pytest.approx(3 * 75.0 + 30.0, abs=0.01)
        assert told["measure"] == "seconds"
        assert (told["minutes"], told["cutoff_s"], told["cutoff_m"]) == (1.0, 60.0, None)
        told = by_distance["features"][0]["properties"]
        assert told["reached_street_m"] == pytest.approx(4 * 75.0, abs=0.01)
        assert told["measure"] == "metres"
        assert (told["minutes"], told["cutoff_s"], told["cutoff_m"]) == (None, None, 75.0)
        assert told["elevation_known_share"] is None
        assert "apart from steps" in by_time["notes"][0]["en"]
        assert by_distance["notes"] == []


def test_time_is_what_is_asked_for_where_nobody_says(stairs) -> None:
    told = [one["properties"] for one in asked(stairs)["features"]]
    assert [(one["measure"], one["cutoff_s"]) for one in told] == [
        ("seconds", 900.0), ("seconds", 600.0), ("seconds", 300.0),
    ]  # fmt: skip


def test_the_largest_distance_comes_first(stairs) -> None:
    features = asked(stairs, metres="50,300，100")["features"]
    assert [one["properties"]["cutoff_m"] for one in features] == [300.0, 100.0, 50.0]
    reached = [one["properties"]["reached_street_m"] for one in features[1:]]
    assert reached == [pytest.approx(400.0, abs=0.01), pytest.approx(200.0, abs=0.01)]


def test_the_edge_of_data_is_as_far_as_anybody_gets(stairs) -> None:
    # The data ends 2000 m around the grid of 1000 m: 2500 m from its middle, 2000 s at 1.25 m/s.
    for name, values in (("metres", "2501,2499"), ("minutes", "33.4,33.3")):
        far, near = (one["properties"] for one in asked(stairs, **{name: values})["features"])
        assert (far["edge_of_data"], near["edge_of_data"]) == (True, False)


def test_a_distance_that_reaches_no_street_says_why(stairs) -> None:
    lon, lat = (float(one) for one in TEST_CRS.unproject(np.array([[450.0, 520.0]]))[0])
    (feature,) = asked(stairs, lon=lon, lat=lat, metres="19.5")["features"]
    assert feature["geometry"] is None
    for language in ("zh", "en"):
        note = feature["properties"]["note"][language]
        assert "20.00" in note and "19.50" in note


def test_both_at_once_are_refused_in_both_languages(stairs) -> None:
    query = {"lon": LON, "lat": LAT, "minutes": "5", "metres": "300"}
    answer = stairs.get(PATH, params=query)
    assert answer.status_code == 422
    body = answer.json()
    assert body["source"] == "metres"
    assert body["value"] == "minutes=5 metres=300"
    assert "不能两者都给" in body["details"]["zh"] and "not both" in body["details"]["en"]
    assert "只留一个" in body["remedies"]["zh"] and "Keep one" in body["remedies"]["en"]


@pytest.mark.parametrize("metres", ["", "0", "5000.1", "-1", "300,b", "1,2,3,4,5,6,7", "1" * 101])
def test_distances_out_of_range_are_refused(stairs, metres) -> None:
    answer = stairs.get(PATH, params={"lon": LON, "lat": LAT, "metres": metres})
    assert answer.status_code == 422
    body = answer.json()
    assert body["source"] == "metres"
    assert body["value"] == metres or len(metres) > 100
    assert body["remedies"]["zh"] and body["remedies"]["en"]


def test_the_measure_is_no_parameter(stairs, folder, tmp_path, capsys) -> None:
    answer = stairs.get(PATH, params={"lon": LON, "lat": LAT, "measure": "metres"})
    assert answer.status_code == 422
    assert "metres" in answer.json()["remedies"]["en"]
    out = tmp_path / "o.geojson"
    assert run(folder, out, "--measure", "metres") == 2
    assert not out.exists()


def run(folder, out, *options) -> int:
    place = ["--at", f"{LON},{LAT}", "--out", str(out), "--lang", "en"]
    return cli.main(["isochrone", str(folder / "stairs"), *place, *options])


def test_the_command_takes_either_and_says_what_it_took(folder, tmp_path, capsys) -> None:
    out = tmp_path / "o.geojson"
    lengths = {}
    for name, value, said in (("--minutes", "1,2", "1 min: "), ("--metres", "75,1500", "75 m: ")):
        assert run(folder, out, name, value) == 0
        told = capsys.readouterr().out
        assert told.startswith(said)
        assert ("1,500 m: " in told) is (name == "--metres")
        assert ("No heights are known" in told) is (name == "--minutes")
        lengths[name] = json.loads(out.read_text("utf-8"))["features"][1]["properties"][
            "reached_street_m"
        ]
    assert lengths["--minutes"] == pytest.approx(255.0, abs=0.01)
    assert lengths["--metres"] == pytest.approx(300.0, abs=0.01)
    assert run(folder, out, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["minutes"] for one in told["features"]] == [15.0, 10.0, 5.0]
    assert "No heights are known" in told["notes"][0]["en"]


def test_the_command_refuses_both_and_what_is_no_distance(folder, tmp_path, capsys) -> None:
    out = tmp_path / "o.geojson"
    for options, said in (
        (("--minutes", "5", "--metres", "300"), "minutes=5 metres=300"),
        (("--metres", "6000"), "6000"),
        (("--metres", ""), "at most 5,000"),
    ):
        assert run(folder, out, *options) == 2
        told = capsys.readouterr().err
        assert said in told
        assert "Remedy" in told
    assert not out.exists()


def test_from_python_the_answer_is_the_same(folder, stairs) -> None:
    study = open_study(folder / "stairs")
    for cutoffs, query in (
        (Cutoffs(minutes=(1.0,)), {"minutes": "1"}), (Cutoffs(metres=(75.0,)), {"metres": "75"}),
    ):  # fmt: skip
        found = isochrone_collection(
            (LON, LAT), cutoffs, network=study.network, barriers=study.barriers,
            profile=study.profile, rules=study.rules, crs=study.crs, data_area=study.data_area,
            drawing="fast",
        )  # fmt: skip
        assert json.loads(json.dumps(found)) == asked(stairs, **query)

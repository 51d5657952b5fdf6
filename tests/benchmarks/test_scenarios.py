"""What-if through the API on a whole city: a pin moved, a path drawn, one element judged again."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from analysis.scenario.applied import applied
from analysis.scenario.evaluation import WhatIf
from analysis.sources.inputs import read_inputs
from analysis.sources.request import InputRequest
from analysis.sources.scenarios.reading import scenario_from
from analysis.sources.store.studies import save_study
from analysis.study import Study, StudyParameters, analyse
from service.app import create_app
from service.settings import Settings
from tests.benchmarks.timing import Line, fact, show, within

pytestmark = [pytest.mark.slow, pytest.mark.shared_data]
EXTRACT, DISTRICTS = "las_palmas_2023.osm.pbf", "las_palmas_school_districts_epsg5635.geojson"
URL = "/api/v1/studies/city/scenarios"
N_PINS, N_PATHS, N_JUDGED, N_WHOLE = 100, 40, 20, 2
REACH_MS, PATH_MS, JUDGED_MS = 100.0, 300.0, 1000.0

Body = dict[str, object]


@pytest.fixture(scope="module")
def study(shared_data: Path) -> Study:
    request = InputRequest(source=shared_data / EXTRACT, circles=shared_data / DISTRICTS)
    return analyse(read_inputs(request), StudyParameters())


@pytest.fixture(scope="module")
def client(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("studies")
    save_study(study, folder / "city", run={})
    with TestClient(create_app(Settings(studies_folder=folder))) as one:
        yield one


def test_scenarios(study: Study, client: TestClient) -> None:
    pins, paths = pins_of(study), paths_of(study)
    opening = timed(lambda: ask(client, pins[0], "reach"))
    lines = [fact("the first question: the study is judged again", f"{opening / 1e3:.1f} s")]
    for name, bodies, parts, bar in (
        ("a facility added, reach and coverage", pins[:N_PINS], "reach", REACH_MS),
        ("a facility added, judged in all dimensions, gaps", pins[:N_JUDGED], "all", JUDGED_MS),
        ("a path added, reach and coverage of all elements", paths[:N_PATHS], "reach", PATH_MS),
        ("a path added, all elements judged, gaps", paths[:N_WHOLE], "all", None),
    ):
        lines.append(told(client, name, bodies, parts, bar))
    whole = timed(lambda: analyse(applied(study.inputs, first(study, pins)), study.parameters))
    lines.append(fact("beside it: the whole study from its inputs", f"{whole / 1e3:.1f} s"))
    show(
        "What if, asked over the API: Las Palmas",
        lines,
        ["every request another scenario; time from the request to the whole answer, JSON parsed"],
    )
    judged = WhatIf(study).evaluate(first(study, pins))
    again = analyse(applied(study.inputs, first(study, pins)), study.parameters)
    assert repr(judged.assessment.rows) == repr(again.assessment.rows)


def told(client: TestClient, name: str, bodies: list[Body], parts: str, bar: float | None) -> Line:
    took = np.array([timed(lambda one=body: ask(client, one, parts)) for body in bodies])
    note = f"median {np.median(took):.0f}, most {took.max():.0f} ms; {len(took)} requests"
    return within(f"{name}, p95", float(np.quantile(took, 0.95)), bar, "ms", note)


def timed(job: Callable[[], object]) -> float:
    began = time.perf_counter()
    job()
    return (time.perf_counter() - began) * 1e3


def ask(client: TestClient, body: Body, parts: str) -> object:
    answer = client.post(f"{URL}?parts={parts}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def pins_of(study: Study) -> list[Body]:
    """Return a new facility where people live, elements in turn."""
    rng, elements = np.random.default_rng(4), study.inputs.standard.walked
    rows = rng.choice(len(study.inputs.demand), N_PINS, replace=False)
    places = study.inputs.crs.unproject(study.inputs.demand.xy_m[rows]).tolist()
    return [
        scenario(kind="add_facility", element=elements[n % len(elements)].id, lon=lon, lat=lat)
        for n, (lon, lat) in enumerate(places)
    ]


def paths_of(study: Study) -> list[Body]:
    """Return a new path of about 80 m from street to street, somewhere in town."""
    rng, network = np.random.default_rng(5), study.inputs.network
    found: list[Body] = []
    while len(found) < N_PATHS:
        one = network.node_xy_m[rng.integers(network.n_nodes)]
        apart_m = np.hypot(*(network.node_xy_m - one).T)
        others = np.flatnonzero((apart_m > 60.0) & (apart_m < 100.0))
        if len(others) == 0:
            continue
        line = study.inputs.crs.unproject(np.array([one, network.node_xy_m[rng.choice(others)]]))
        body = scenario(kind="add_path", line=line.tolist())
        if not scenario_from(json.dumps(body).encode(), study.inputs).errors:
            found.append(body)
    return found


def scenario(**modification: object) -> Body:
    return {"modifications": [modification]}


def first(study: Study, bodies: list[Body]):  # noqa: ANN201 - test helper
    return scenario_from(json.dumps(bodies[0]).encode(), study.inputs).scenario

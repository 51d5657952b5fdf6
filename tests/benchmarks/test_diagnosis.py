"""The full diagnosis, in its own process time and memory: sample district, and Las Palmas."""

import resource
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.certainty.flips import flip_lists
from analysis.judgement.coverage import Measured
from analysis.places.facilities import Facilities
from analysis.reach.table import measure_reach
from analysis.sources.inputs import read_inputs
from analysis.sources.request import InputRequest
from analysis.sources.sample_district import write_sample_district
from analysis.study import Study, StudyInputs, StudyParameters, analyse
from analysis.walks.hierarchy import hierarchy_of
from analysis.walks.walk_costs import walk_costs
from analysis.walks.walk_graph import walk_graph
from tests.benchmarks.timing import fact, interleaved, show, within

pytestmark = [pytest.mark.slow, pytest.mark.shared_data]
RUNS = 3


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> StudyInputs:
    folder = tmp_path_factory.mktemp("district")
    write_sample_district(folder)
    return read_inputs(
        InputRequest(
            source=folder / "district.osm.pbf",
            circles=folder / "circles.gpkg",
            facilities=tuple(
                folder / name for name in ("facilities.csv", "old_communities.csv", "back_streets.csv")
            ),
            population=folder / "population.csv",
            elevation=(folder / "elevation.tif",),
        )
    )  # fmt: skip


@pytest.fixture(scope="module")
def las_palmas(shared_data: Path) -> StudyInputs:
    inputs = read_inputs(
        InputRequest(
            source=shared_data / "las_palmas_2023.osm.pbf",
            circles=shared_data / "las_palmas_school_districts_epsg5635.geojson",
        )
    )
    return replace(inputs, facilities=with_capacities(inputs))


def with_capacities(inputs: StudyInputs) -> Facilities:
    """Give every facility a capacity: of each element just as much as all its residents need."""
    facilities, rng = inputs.facilities, np.random.default_rng(6)
    attributes = [dict(one) for one in facilities.attributes]
    people = float(inputs.demand.people.sum())
    for element in inputs.standard.walked:
        rule, rows = element.scale, facilities.of_element(element.id)
        if rule is None or not rule.capacity.columns or not len(rows):
            continue
        each = people * rule.norm.value / rule.per / len(rows)
        for row in rows.tolist():
            attributes[row][rule.capacity.columns[0]] = f"{each * rng.uniform(0.3, 1.7):.1f}"
    return replace(facilities, attributes=tuple(attributes))


@pytest.mark.parametrize(("place", "bar_s"), [("district", 5.0), ("las_palmas", 15.0)])
def test_whole_diagnosis(place: str, bar_s: float, request: pytest.FixtureRequest) -> None:
    inputs: StudyInputs = request.getfixturevalue(place)
    took, stages, study = [], {}, None
    for _ in range(RUNS + 1):  # the first loads compiled code
        stages = {}
        start = time.perf_counter()
        study = analyse(inputs, StudyParameters(), on_progress=stage_clock(stages))
        took.append(time.perf_counter() - start)
    assert study is not None
    assigned = sum(one.assignment is not None for one in study.measured.loads.values())
    walks = replace_hierarchies(study)
    flips = interleaved(
        {
            "reach": lambda: plain_reach(study, walks),
            "flips": lambda: flip_lists((study.walks,), study.measured, study.assessment),
        },
        rounds=RUNS,
    )
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    spent = list(spent_in(stages, took[-1]))
    show(
        f"The diagnosis of {place}: {len(inputs.demand):,} points, {len(inputs.facilities):,} facilities",
        [
            within("link to gaps, all four dimensions, median", float(np.median(took[1:])), bar_s, "s"),
            within(
                "flip lists over the plain reach, ratio",
                flips["flips"].median_s / flips["reach"].median_s, 3.0, "×",
            ),
            fact("stages, s", ", ".join(f"{name} {seconds:.2f}" for name, seconds in spent)),
            fact("elements assigned by capacity", str(assigned)),
            fact("peak memory of this process, loading included", f"{peak_mb:,.0f} MB"),
        ],
        ["first run, which loads compiled code, left out; reach: both measures, as analyse() asks"],
    )  # fmt: skip
    assert isinstance(study.measured, Measured)
    assert len(study.assessment.rows) == len(inputs.standard.elements) * (len(inputs.circles) + 1)


def stage_clock(stages: dict[str, float]):
    def told(stage: str, _: float) -> None:
        stages.setdefault(stage, time.perf_counter())

    return told


def spent_in(stages: dict[str, float], _: float) -> Iterator[tuple[str, float]]:
    names = list(stages)
    ends = [*(stages[name] for name in names[1:]), time.perf_counter()]
    for name, end in zip(names[:-1], ends[:-1], strict=True):
        yield name, end - stages[name]


def replace_hierarchies(study: Study):
    seconds = walk_costs(study.inputs.network, study.profile, "seconds")
    return hierarchy_of(walk_graph(study.inputs.network, seconds))


def plain_reach(study: Study, beside) -> None:
    measure_reach(
        standard=study.inputs.standard,
        demand=study.inputs.demand,
        facilities=study.inputs.facilities,
        walks=study.walks,
        beside=beside,
        edge_m=study.reach.edge_m,
    )

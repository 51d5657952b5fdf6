"""Speed on a whole city: cold start to all outputs, and the reach beside scipy in one process.

Times are printed for ``docs/benchmarks.md``, never asserted. Run by ``make bench``.
"""

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from analysis.reach.table import SEARCH_FACTOR, measure_reach
from analysis.sources.inputs import read_inputs
from analysis.sources.request import InputRequest
from analysis.study import Study, StudyParameters, analyse
from analysis.units import from_units
from analysis.walks.hierarchy import hierarchy_of
from analysis.walks.walk_costs import walk_costs
from analysis.walks.walk_graph import walk_graph

pytestmark = [pytest.mark.slow, pytest.mark.shared_data]
EXTRACT, DISTRICTS = "las_palmas_2023.osm.pbf", "las_palmas_school_districts_epsg5635.geojson"


@pytest.fixture(scope="module")
def study(shared_data: Path) -> Study:
    request = InputRequest(source=shared_data / EXTRACT, circles=shared_data / DISTRICTS)
    return analyse(read_inputs(request), StudyParameters())


def show(*rows: tuple[str, str]) -> None:
    """Print a table for docs/benchmarks.md."""
    sys.stdout.write(
        f"\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n"
    )
    for name, value in rows:
        sys.stdout.write(f"| {name} | {value} |\n")


def test_cold_start_to_all_outputs(shared_data: Path, tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "service.cli", "analyse", "--quiet", str(shared_data / EXTRACT),
        "--circles", str(shared_data / DISTRICTS), "--out", str(tmp_path / "out"),
    ]  # fmt: skip
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run(command, check=True)
        seconds.append(time.perf_counter() - start)
    peak_gb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    run = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    size_mb = (tmp_path / "out" / "map.html").stat().st_size / 1e6
    show(
        ("whole process, s (3 runs)", ", ".join(f"{s:.1f}" for s in seconds)),
        ("peak memory, GB", f"{peak_gb:.2f}"),
        ("map.html, MB", f"{size_mb:.1f}"),
        ("run.json", json.dumps(run, ensure_ascii=False)[:1500]),
    )
    assert size_mb < 10


def in_turn(*jobs: Callable[[], object], rounds: int = 7) -> list[list[float]]:
    """Time jobs in turn, A B A B …, so that a drifting machine hits all alike."""
    seconds: list[list[float]] = [[] for _ in jobs]
    for _ in range(rounds):
        for job, times in zip(jobs, seconds, strict=True):
            start = time.perf_counter()
            job()
            times.append(time.perf_counter() - start)
    return seconds


def test_reach_beside_scipy(study: Study) -> None:
    """The same searches over the same graph; scipy from junctions, without homes or ties."""
    network = study.inputs.network
    graph = study.walks.graph
    seconds = walk_graph(network, walk_costs(network, study.profile, "seconds"))
    ways = graph.inwards
    n = len(ways.indptr) - 1
    matrix = csr_array((from_units(ways.cost), ways.indices, ways.indptr), shape=(n, n))
    facility = np.repeat(
        np.arange(len(study.inputs.facilities)), np.diff(study.inputs.facilities.entrance_first)
    )
    owner = np.repeat(facility, np.diff(study.entrances.point_first))
    tail = graph.place[network.arc_tail[study.entrances.arc]]
    seeds = {}
    for element in study.inputs.standard.walked:
        rows = np.isin(owner, study.inputs.facilities.of_element(element.id))
        if rows.any():
            seeds[element.id] = (np.unique(tail[rows]), SEARCH_FACTOR * element.threshold_m)

    def whole() -> None:
        measure_reach(
            standard=study.inputs.standard, demand=study.inputs.demand,
            facilities=study.inputs.facilities, edge_m=study.reach.edge_m,
            walks=replace(study.walks, hierarchy=hierarchy_of(graph)), beside=hierarchy_of(seconds),
        )  # fmt: skip

    def theirs() -> None:
        for nodes, limit_m in seeds.values():
            dijkstra(matrix, indices=nodes, min_only=True, limit=limit_m)

    whole_s, theirs_s = (statistics.median(t) for t in in_turn(whole, theirs))
    show(
        (
            "reach, both measures, s: {} points × {} elements".format(*study.reach.walk_m.shape),
            f"{whole_s:.3f}",
        ),
        ("scipy dijkstra(min_only, limit), nodes only, s", f"{theirs_s:.3f}"),
        ("ratio scipy / ours", f"{theirs_s / whole_s:.2f}"),
        ("graph", f"{n} nodes, {len(ways.indices)} half-arcs"),
    )

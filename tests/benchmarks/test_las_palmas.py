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
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from analysis.kernels.nearest import nearest_labels
from analysis.sources.inputs import read_inputs
from analysis.sources.request import InputRequest
from analysis.study import Study, StudyParameters, analyse
from analysis.travel_time import walkable_arcs

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
    """The same 22 searches over the same graph; scipy from junctions, without homes or ties."""
    from analysis.reach import SEARCH_FACTOR, measure_reach

    arcs = walkable_arcs(study.inputs.network, study.profile)
    graph = arcs.graph
    n = len(graph.indptr) - 1
    matrix = csr_array((graph.length_m, graph.indices, graph.indptr), shape=(n, n))
    seeds = {}
    facility = np.repeat(
        np.arange(len(study.inputs.facilities)), np.diff(study.inputs.facilities.entrance_first)
    )
    counts = np.diff(study.entrances.point_first)
    owner = np.repeat(facility, counts)
    for element in study.inputs.standard.walked:
        rows = np.isin(owner, study.inputs.facilities.of_element(element.id))
        nodes = np.unique(study.inputs.network.arc_tail[study.entrances.arc[rows]]).astype(np.int32)
        if len(nodes):
            seeds[element.id] = (nodes, SEARCH_FACTOR * element.threshold_m)

    def whole() -> None:
        measure_reach(
            standard=study.inputs.standard, demand=study.inputs.demand,
            facilities=study.inputs.facilities, arcs=arcs, points=study.points,
            entrances=study.entrances, edge_m=study.reach.edge_m, profile=study.profile,
            criterion="metres",
        )  # fmt: skip

    def ours() -> None:
        for nodes, limit_m in seeds.values():
            nearest_labels(
                graph.indptr, graph.indices, graph.length_m, nodes, np.zeros(len(nodes)),
                np.arange(len(nodes), dtype=np.int32), limit_m,
            )  # fmt: skip

    def theirs() -> None:
        for nodes, limit_m in seeds.values():
            dijkstra(matrix, indices=nodes, min_only=True, limit=limit_m)

    whole_s, ours_s, theirs_s = (statistics.median(t) for t in in_turn(whole, ours, theirs))
    show(
        (
            f"reach: {len(study.inputs.demand)} points × {len(study.reach.element_ids)} elements, s",
            f"{whole_s:.3f}",
        ),
        ("node searches alone, s", f"{ours_s:.3f}"),
        ("scipy dijkstra(min_only, limit), s", f"{theirs_s:.3f}"),
        ("ratio scipy / ours", f"{theirs_s / ours_s:.2f}"),
        ("graph", f"{n} nodes, {len(graph.indices)} half-arcs"),
    )
    # The answers are equal wherever both search.
    for nodes, limit_m in list(seeds.values())[:5]:
        mine, _ = nearest_labels(
            graph.indptr, graph.indices, graph.length_m, nodes, np.zeros(len(nodes)),
            np.arange(len(nodes), dtype=np.int32), limit_m,
        )  # fmt: skip
        other = dijkstra(matrix, indices=nodes, min_only=True, limit=limit_m)
        np.testing.assert_allclose(mine, other, atol=1e-3, rtol=0)

"""What the graphs of the benchmarks are: printed for ``docs/benchmarks.md``."""

import sys

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components, dijkstra

from tests.benchmarks.graphs import LIMIT_M, tiled
from tests.benchmarks.timing import machine

pytestmark = [pytest.mark.slow, pytest.mark.shared_data]


def test_what_they_are() -> None:
    rows = [
        (
            "| graph | nodes | joined pairs | arcs | median edge, m | streets, km | "
            "nodes reached in 1,250 m, median (p95) |"
        ),
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    reach = {}
    for character, n in (
        ("sparse", 60_000), ("sparse", 250_000), ("sparse", 1_000_000),
        ("medium", 250_000), ("dense", 60_000), ("dense", 250_000),
    ):  # fmt: skip
        graph = tiled(character, n)
        assert abs(graph.n / n - 1) < 0.15
        assert connected_components(graph.matrix)[0] == 1, "the copies are stitched"
        asked = np.random.default_rng(3).choice(graph.n, 100, replace=False)
        found = [
            np.isfinite(dijkstra(graph.matrix, indices=int(node), limit=LIMIT_M)).sum()
            for node in asked
        ]
        reach[graph.name] = np.median(found)
        metres = graph.edges()[2]
        rows.append(
            f"| {graph.name} | {graph.n:,} | {len(metres):,} | {graph.network.n_arcs:,} | "
            f"{np.median(metres):.1f} | {metres.sum() / 1000:,.0f} | "
            f"{np.median(found):,.0f} ({np.percentile(found, 95):,.0f}) |"
        )
    sys.stdout.write("\n\n## The graphs\n" + machine() + "\n\n" + "\n".join(rows) + "\n")
    assert reach["dense 250k"] > 5 * reach["medium 250k"] > 5 * reach["sparse 250k"]

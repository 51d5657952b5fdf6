"""How many and which facilities of 25 elements 20,000 people have within 15 minutes."""

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse.csgraph import dijkstra

from analysis.walks.catchment import CatchmentTargets, catchments, count_within
from analysis.walks.hierarchy import Hierarchy, hierarchy_of
from tests.benchmarks import foreign
from tests.benchmarks.graphs import LIMIT_M, N_ELEMENTS, BenchGraph, tiled
from tests.benchmarks.ours import MM, at_nodes, facilities, prepared
from tests.benchmarks.timing import (
    at_least,
    fact,
    faster,
    in_fresh_process,
    interleaved,
    show,
    within,
)

pytestmark = [pytest.mark.slow, pytest.mark.shared_data]
SAMPLE, CHUNKS = 256, (1, 4, 16, 64)
PRECOMPUTE_GB = {"sparse": 4, "dense": 12}


class Within:
    """The question, with what does not change made beforehand."""

    def __init__(self, graph: BenchGraph) -> None:
        self.graph = prepared(graph)
        linked, element = facilities(graph)
        self.targets = CatchmentTargets(
            linked=linked,
            rank=np.arange(len(element), dtype=np.int32),
            group=element.astype(np.int32),
            limit=np.full(N_ELEMENTS, LIMIT_M),
        )
        self.hierarchy = self.contract()
        self.origins = graph.origins()
        self.points = at_nodes(graph.network, self.origins)

    def counts(self, threads: int = 1) -> np.ndarray:
        return count_within(
            self.graph, self.points, self.targets, hierarchy=self.hierarchy, threads=threads
        )

    def contract(self) -> Hierarchy:
        """Make what is made once for a graph."""
        return hierarchy_of(self.graph)

    def stream(self) -> int:
        """Take all pairs batch by batch and keep none."""
        batches = catchments(self.graph, self.points, self.targets, hierarchy=self.hierarchy)
        return sum(len(batch.rank) for batch in batches)


class InScipy:
    """The same for a sample of the origins, so many at a time."""

    def __init__(self, graph: BenchGraph, asked: Within) -> None:
        self.matrix, place = graph.matrix_in_place, graph.network.node_place
        self.sample = np.linspace(0, len(asked.origins) - 1, SAMPLE).astype(int)
        self.origins = place[asked.origins[self.sample]]
        self.facility = place[np.concatenate(graph.facility_sets())]
        self.belongs = np.zeros((len(self.facility), N_ELEMENTS), np.float32)
        self.belongs[np.arange(len(self.facility)), asked.targets.group] = 1

    def counts(self, chunk: int) -> np.ndarray:
        out = []
        for first in range(0, SAMPLE, chunk):
            found = dijkstra(
                self.matrix, indices=self.origins[first : first + chunk], limit=LIMIT_M
            )
            out.append(np.isfinite(found[:, self.facility]).astype(np.float32) @ self.belongs)
        return np.vstack(out).astype(np.int32)


def assert_pairs(asked: Within, theirs: InScipy, counts: np.ndarray) -> None:
    """Every pair of 32 origins as in scipy, at the same distance; the sum of all as counted."""
    wanted = {int(theirs.sample[i]): int(theirs.origins[i]) for i in range(0, SAMPLE, 8)}
    n_pairs = seen = 0
    for batch in catchments(asked.graph, asked.points, asked.targets, pairs_at_once=100_000):
        n_pairs += len(batch.rank)
        for row, origin in enumerate(batch.origin.tolist()):
            if origin in wanted:
                seen += 1
                rows = slice(batch.first[row], batch.first[row + 1])
                found = dijkstra(theirs.matrix, indices=wanted[origin], limit=LIMIT_M)
                found = found[theirs.facility]
                assert np.array_equal(batch.rank[rows], np.flatnonzero(np.isfinite(found)))
                assert np.abs(batch.cost[rows] - found[batch.rank[rows]]).max(initial=0) <= MM
    assert seen == len(wanted)
    assert n_pairs == counts.sum()


@pytest.mark.parametrize(("character", "bar"), [("sparse", 40.0), ("dense", 9.0)])
def test_beside_scipy(character: str, bar: float) -> None:
    graph = tiled(character, 250_000)
    asked = Within(graph)
    theirs = InScipy(graph, asked)
    jobs = {"ours": asked.counts, "two": lambda: asked.counts(2), "ids": asked.stream}
    jobs["hierarchy"] = asked.contract
    jobs |= {f"scipy {chunk}": lambda chunk=chunk: theirs.counts(chunk) for chunk in CHUNKS}
    rounds = {name: 3 if "scipy" in name else 7 for name in jobs}
    took = interleaved(jobs, rounds)
    counts = took["ours"].result
    assert np.array_equal(counts, took["two"].result)
    for chunk in CHUNKS:
        assert np.array_equal(counts[theirs.sample], took[f"scipy {chunk}"].result)
    assert_pairs(asked, theirs, counts)
    scale = len(asked.origins) / SAMPLE
    whole = {chunk: took[f"scipy {chunk}"].times(scale) for chunk in CHUNKS}
    best = min(CHUNKS, key=lambda chunk: whole[chunk].median_s)
    before, after = in_fresh_process(
        "from tests.benchmarks.graphs import tiled; from tests.benchmarks.timing import peak_mb; "
        "from tests.benchmarks.test_catchments import Within; "
        f"asked = Within(tiled('{character}', 250_000)); before = peak_mb(); "
        "asked.counts(2); asked.stream(); print(before, peak_mb())"
    )
    show(
        f"Facilities of 25 elements within 15 minutes of 20,000 origins, {graph.name}, one thread",
        [
            faster(
                f"counts, beside scipy dijkstra, {chunk} a call"
                + (" (its best)" if chunk == best else ""),
                took["ours"],
                whole[chunk],
                bar if chunk == best else None,
            )
            for chunk in CHUNKS
        ]
        + [
            at_least(
                "counts, two threads beside one",
                took["ours"].median_s / took["two"].median_s,
                1.6,
                note=f"by minima {took['ours'].min_s / took['two'].min_s:.2f}",
            ),
            faster("ids and distances streamed, beside scipy's counts", took["ids"], whole[best]),
            within("peak memory of counts and ids, whole process", after, 1000, "MB"),
            fact("of it before the first search", f"{before:.0f} MB"),
            fact(
                "hierarchy, once for a graph, not counted",
                f"{took['hierarchy'].median_s * 1000:.0f} ms",
            ),
            fact("pairs", f"{counts.sum():,}"),
        ],
        [
            f"scipy: {SAMPLE} origins, scaled by {scale:.0f}; counts equal on all of them",
            "pairs, their ids and distances equal to scipy on 32 origins; sum of pairs = counts",
        ],
    )


def free_gb() -> float:
    """Return the memory that may still be had, GB."""
    for row in Path("/proc/meminfo").read_text("utf-8").splitlines():
        if row.startswith("MemAvailable:"):
            return int(row.split()[1]) * 1024 / 1e9
    return 0.0


@pytest.mark.parametrize(
    ("character", "n"), [("sparse", 60_000), ("sparse", 250_000), ("dense", 250_000)]
)
def test_beside_pandana(character: str, n: int) -> None:
    need_gb = PRECOMPUTE_GB[character]
    if free_gb() < need_gb:
        pytest.skip(f"pandana's precompute wants {need_gb} GB of memory")
    graph = tiled(character, n)
    asked = Within(graph)
    everybody = at_nodes(graph.network, np.arange(graph.n))
    net = foreign.pandana_network(graph)
    made_s, more_mb = foreign.pandana_precompute(net)
    jobs = {
        "ours": asked.counts,
        "pandana": lambda: foreign.pandana_counts(net, graph.facility_sets()),
        "everybody": lambda: count_within(
            asked.graph, everybody, asked.targets, hierarchy=asked.hierarchy
        ),
    }
    took = interleaved(jobs, {"ours": 5, "pandana": 1, "everybody": 1}, warm=("ours",))
    theirs = took["pandana"].result
    assert np.array_equal(took["everybody"].result[asked.origins], took["ours"].result)
    differing = np.count_nonzero(theirs != took["everybody"].result)
    show(
        f"Facilities of 25 elements within 15 minutes, {graph.name}, beside pandana, one thread",
        [
            faster("20,000 origins, beside pandana aggregate", took["ours"], took["pandana"], 15),
            faster("every node, as pandana always does", took["everybody"], took["pandana"]),
        ],
        [
            f"pandana's precompute, not counted: {made_s:.0f} s, {more_mb:.0f} MB",
            (
                f"{differing} of {theirs.size:,} counts differ: pandana rounds each arc to a millimetre, "
                "and a facility at the bound falls in or out"
            ),
        ],
    )
    assert differing <= 1e-3 * theirs.size
    assert np.abs(theirs - took["everybody"].result).max() <= 2

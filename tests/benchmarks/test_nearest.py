"""The nearest facility of 25 elements for every node: ours, pandana and scipy on the same graph."""

import time

import numba as nb
import numpy as np
import pytest

from analysis.kernels.rows import LANES
from analysis.streets.node_order import locality_order
from analysis.walks.hierarchy import Hierarchy, hierarchy_of
from analysis.walks.travel_time import Nearest, TargetGroup, node_costs_to_nearest
from analysis.walks.walk_graph import WalkGraph
from tests.benchmarks import foreign
from tests.benchmarks.graphs import LIMIT_M, N_ELEMENTS, BenchGraph, tiled
from tests.benchmarks.ours import MM, facilities, prepared
from tests.benchmarks.timing import (
    Line,
    Timing,
    at_least,
    fact,
    faster,
    interleaved,
    show,
    timed,
    within,
)

pytestmark = [pytest.mark.slow, pytest.mark.shared_data]
PANDANA_ROUNDING_M = 0.06  # millimetres an arc, along a walk of 1,250 m


class Nearby:
    """All elements at once from every node, with what does not change made beforehand.

    The contracted graph depends on neither facilities nor limits; its making is reported beside.
    """

    def __init__(self, graph: BenchGraph, ready: WalkGraph) -> None:
        self.graph = ready
        self.hierarchy = hierarchy_of(ready)
        self.targets, element = facilities(graph)
        self.rank = np.arange(len(element), dtype=np.int32)
        self.groups = [
            TargetGroup(chosen=element == one, limit=LIMIT_M) for one in range(N_ELEMENTS)
        ]

    def ask(self, *, identities: bool = False, threads: int = 1) -> Nearest:
        return node_costs_to_nearest(
            self.graph, self.targets, target_rank=self.rank, groups=self.groups,
            hierarchy=self.hierarchy, identities=identities, threads=threads,
        )  # fmt: skip


def assert_equal(ours: Nearest, theirs: list[np.ndarray], place: np.ndarray) -> None:
    """Every node and every element: the same to a millimetre, and reached by both or by none."""
    for element, metres in enumerate(theirs):
        mine, other = ours.cost[:, element], metres[place]
        assert np.array_equal(np.isfinite(mine), np.isfinite(other)), element
        near = np.isfinite(mine)
        assert np.abs(mine[near] - other[near]).max(initial=0.0) <= MM, element


def assert_named(ours: Nearest, graph: BenchGraph) -> None:
    """The facility that is named stands at that very distance: nodes of facilities name one there."""
    first = 0
    for element, nodes in enumerate(graph.facility_sets()):
        who = ours.rank[nodes, element]
        assert np.array_equal(who, first + np.arange(len(nodes))), element
        first += len(nodes)


@pytest.mark.parametrize(
    ("character", "n", "bars"),
    [("sparse", 60_000, False), ("sparse", 250_000, True), ("dense", 250_000, True)],
)
def test_beside_pandana_and_scipy(character: str, n: int, bars: bool) -> None:
    graph = tiled(character, n)
    ready = prepared(graph)
    ours, sets = Nearby(graph, ready), graph.facility_sets()
    start = time.perf_counter()
    net = foreign.pandana_network(graph)
    net_s = time.perf_counter() - start
    foreign.set_pois(net, graph, sets)
    jobs = {
        "ours": ours.ask,
        "two threads": lambda: ours.ask(threads=2),
        "identities": lambda: ours.ask(identities=True),
        "order": lambda: ordered(graph),
        "contract": lambda: hierarchy_of(ready),
        "scipy": lambda: foreign.scipy_nearest(graph, sets),
        "pandana": lambda: foreign.pandana_nearest(net, N_ELEMENTS),
    }
    rounds = {
        "ours": 9,
        "two threads": 9,
        "identities": 9,
        "order": 5,
        "contract": 5,
        "scipy": 5,
        "pandana": 1,
    }
    took = interleaved(jobs, rounds, warm=[name for name in jobs if name != "pandana"])
    theirs = took["scipy"].result
    mine = took["ours"].result
    for name in ("ours", "two threads", "identities"):
        assert_equal(took[name].result, theirs, graph.network.node_place)
    assert_named(took["identities"].result, graph)
    for element, metres in enumerate(took["pandana"].result):
        capped = np.minimum(mine.cost[:, element], LIMIT_M)
        assert np.abs(metres - capped).max() <= PANDANA_ROUNDING_M, element
    show(
        f"Nearest of 25 elements for every node, {graph.name}, one thread",
        [
            faster("pandana nearest_pois", took["ours"], took["pandana"], 80 if bars else None),
            faster("scipy dijkstra(min_only)", took["ours"], took["scipy"], 3 if bars else None),
            faster("with who it is, beside scipy", took["identities"], took["scipy"]),
            faster("two threads beside one", took["two threads"], took["ours"]),
            *built(took),
            *roofline(graph, ours, took["ours"], theirs),
        ],
        [
            f"equal to scipy on all {graph.n:,} nodes × {N_ELEMENTS}, ≤ 1 mm; pandana within its rounding",
            (
                "builds are not counted (ours: order and contraction; pandana: "
                f"{net_s:.0f} s and set_pois) unless the line says so"
            ),
        ],
    )


def test_a_million_nodes() -> None:
    small, large = tiled("sparse", 250_000), tiled("sparse", 1_000_000)
    near, far = Nearby(small, prepared(small)), Nearby(large, prepared(large))
    took = interleaved({"250k": near.ask, "1M": far.ask, "2": lambda: far.ask(threads=2)}, 5)
    sets = large.facility_sets()[::6]
    some = foreign.scipy_nearest(large, sets)
    mine = Nearest(cost=took["1M"].result.cost[:, ::6].copy(), rank=np.empty((0, 0), np.int32))
    assert_equal(mine, some, large.network.node_place)
    growth = took["1M"].median_s / took["250k"].median_s
    show(
        f"Nearest of 25 elements, {large.n:,} nodes beside {small.n:,}",
        [
            within("time at 1M over time at 250k", growth, 5, "×"),
            fact("250k", f"{took['250k'].median_s * 1e3:.1f} ms"),
            fact("1M", f"{took['1M'].median_s * 1e3:.1f} ms"),
            at_least("1M, two threads beside one", took["1M"].median_s / took["2"].median_s, None),
        ],
        ["equal to scipy on all nodes × 5 elements of the 1M graph"],
    )


@nb.njit(nogil=True)
def _stream(indptr, indices, cost, dist):
    """Touch every half-edge once with the arithmetic of a relaxation and no queue."""
    count = 0
    for u in range(len(indptr) - 1):
        d = dist[u]
        for p in range(indptr[u], indptr[u + 1]):
            if d + cost[p] < dist[indices[p]]:
                count += 1
    return count


def ordered(graph: BenchGraph) -> np.ndarray:
    """Order the nodes anew, which a network does once and keeps."""
    network = graph.network
    return locality_order(network.n_nodes, network.arc_tail, network.arc_head)


def built(took: dict[str, Timing]) -> list[Line]:
    """What is made once, alone and counted in."""
    parts = [took[name].seconds for name in ("order", "contract", "ours")]
    whole = Timing(tuple(sum(runs) for runs in zip(*parts, strict=False)))
    return [
        fact("ordering the nodes, once for each network", timed(took["order"])),
        fact("contraction, once for each network and walker", timed(took["contract"])),
        faster("scipy dijkstra(min_only), both counted in", whole, took["scipy"]),
    ]


def roofline(graph: BenchGraph, ours: Nearby, took: Timing, theirs: list[np.ndarray]) -> list[Line]:
    """What the machine could do: bytes that must move, and relaxations without any queue."""
    half, hierarchy = ours.graph.inwards, ours.hierarchy
    source = np.ones(50_000_000)
    target = np.empty_like(source)
    flat = np.full(graph.n, 1 << 28, np.uint32)
    floor = interleaved(
        {
            "copy": lambda: np.copyto(target, source),
            "stream": lambda: _stream(half.indptr, half.indices, half.cost, flat),
        },
        5,
    )
    gb_s = 2 * source.nbytes / floor["copy"].min_s / 1e9
    must_b, touched_b, relaxed = _moved(graph.n, hierarchy)
    degree = np.diff(half.indptr)
    needed = sum(int(degree[np.isfinite(metres)].sum()) for metres in theirs)
    return [
        fact("copy bandwidth of the machine", f"{gb_s:.1f} GB/s"),
        fact(
            "bytes that must move, were every row fetched once a pass",
            f"{must_b / 1e6:.0f} MB, {must_b / 1e9 / took.min_s:.1f} GB/s, "
            f"{must_b / 1e9 / gb_s / took.min_s:.0%} of the bandwidth",
        ),
        fact(
            "bytes touched, caches included",
            f"{touched_b / 1e6:.0f} MB, {touched_b / 1e9 / took.min_s:.1f} GB/s",
        ),
        fact(
            "relaxations needed (a queue's work), a second",
            f"{needed / 1e6:.1f} M, {needed / took.min_s / 1e6:.0f} M/s",
        ),
        fact(
            "relaxations made at most, a second",
            f"{relaxed / 1e6:.1f} M, {relaxed / took.min_s / 1e6:.0f} M/s",
        ),
        fact(
            "streaming all half-edges, no queue, one lane",
            f"{len(half.indices) / floor['stream'].min_s / 1e6:.0f} M/s",
        ),
    ]


def _moved(n: int, hierarchy: Hierarchy) -> tuple[int, int, int]:
    """Return bytes that two passes must move, bytes they touch, and relaxations, all blocks."""
    blocks, row_b, k = -(-N_ELEMENTS // LANES), LANES * 8, len(hierarchy.upper)
    climb_b = 4 + 8  # the upper end and the key
    # Up: rows are filled and written. Down: read and written. Out: read, costs written in float64.
    must_b = blocks * (4 * n * row_b + 2 * k * climb_b) + n * N_ELEMENTS * 8
    # Up, each climb reads and writes the row above; down, it reads it.
    touched_b = must_b + blocks * k * 3 * row_b
    return must_b, touched_b, 2 * k * N_ELEMENTS

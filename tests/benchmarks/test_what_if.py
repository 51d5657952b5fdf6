"""One facility opened or closed: ours repairs, beside working out that element anew."""

import numpy as np
import pytest

from analysis.walks.hierarchy import Hierarchy, hierarchy_of
from analysis.walks.travel_time import Nearest, TargetGroup, node_costs_to_nearest
from analysis.what_if.nearest_field import NearestField, RepairScratch, nearest_field
from analysis.what_if.repair import facility_added, facility_closed
from tests.benchmarks import foreign
from tests.benchmarks.graphs import LIMIT_M, BenchGraph, tiled
from tests.benchmarks.ours import at_nodes, prepared
from tests.benchmarks.timing import Line, by_query, faster, interleaved, show, within

pytestmark = [pytest.mark.slow, pytest.mark.shared_data]
N_EDITS, N_CHECKED = 60, 10
ELEMENTS = {"rare": 0, "middle": 12, "common": 24}


@pytest.mark.parametrize(("character", "bar_ms"), [("sparse", None), ("dense", 1.0)])
def test_one_facility(character: str, bar_ms: float | None) -> None:
    graph = tiled(character, 250_000)
    ready = prepared(graph)
    scratch, hierarchy = RepairScratch(ready, LIMIT_M), hierarchy_of(ready)
    lines: list[Line] = []
    for element, number in ELEMENTS.items():
        nodes = graph.facility_sets()[number]
        lines += edits_of(graph, hierarchy, scratch, element, nodes, bar_ms)
    show(
        f"What if: one facility opened or closed, {graph.name}, beside its element worked out anew",
        lines,
        [
            (
                f"{N_EDITS} edits of each kind, three times over; {3 * N_CHECKED} of them bit for bit what "
                "a computation from scratch gives, costs and names"
            ),
            (
                "anew: every node's nearest facility of that one element, cost and name, from its linked "
                "facilities, by a search from them; search alone: without handing out cost and name by "
                "node; sweep: over the hierarchy, one lane in use"
            ),
        ],
    )


def edits_of(
    graph: BenchGraph, hierarchy: Hierarchy, scratch: RepairScratch, element: str,
    nodes: np.ndarray, bar_ms: float | None,
) -> list[Line]:  # fmt: skip
    ready = hierarchy.graph

    def anew(places: np.ndarray, rank: np.ndarray) -> NearestField:
        return nearest_field(
            ready, at_nodes(graph.network, places), target_rank=rank,
            chosen=np.ones(len(places), bool), limit=LIMIT_M, scratch=scratch,
        )  # fmt: skip

    ranks = np.arange(len(nodes), dtype=np.int32)
    before, linkage = anew(nodes, ranks), at_nodes(graph.network, nodes)
    every = np.ones(len(nodes), bool)
    rng = np.random.default_rng(9)
    fresh = rng.choice(np.setdiff1d(np.arange(graph.n), nodes), N_EDITS, replace=False)
    linked = [at_nodes(graph.network, np.array([node])) for node in fresh]
    going = rng.choice(len(nodes), N_EDITS, replace=len(nodes) < N_EDITS)
    jobs = {
        "open": lambda i: facility_added(before, linked[i], len(nodes), scratch),
        "close": lambda i: facility_closed(before, int(going[i]), scratch),
    }
    took = by_query(jobs, N_EDITS)

    def search() -> NearestField:
        return nearest_field(
            ready, linkage, target_rank=ranks, chosen=every, limit=LIMIT_M, scratch=scratch
        )

    def sweep() -> Nearest:
        group = TargetGroup(chosen=every, limit=LIMIT_M)
        return node_costs_to_nearest(
            ready, linkage, target_rank=ranks, groups=[group], hierarchy=hierarchy
        )

    whole = interleaved(
        {
            "anew": lambda: search().costs(),
            "search alone": search,
            "sweep": sweep,
            "scipy": lambda: foreign.scipy_nearest(graph, [nodes]),
        }
    )
    for i in range(N_CHECKED):
        opened = anew(np.append(nodes, fresh[i]), np.append(ranks, np.int32(len(nodes))))
        assert_same(jobs["open"](i).field, opened)
        kept = np.arange(len(nodes)) != going[i]
        assert_same(jobs["close"](i).field, anew(nodes[kept], ranks[kept]))
        back = facility_closed(jobs["open"](i).field, len(nodes), scratch)
        assert_same(back.field, before)
    lines = []
    for name, job in jobs.items():
        what = f"{element} ({len(nodes):,}): {name} one"
        changed = np.median([len(job(i).node) for i in range(N_EDITS)])
        p95 = f"p95 {took[name].p95_s * 1e3:.3f} ms; {changed:,.0f} nodes change"
        lines.append(faster(what, took[name], whole["anew"], 50))
        lines += [
            faster(f"the same beside {other}", took[name], whole[other])
            for other in ("search alone", "sweep", "scipy")
        ]
        lines.append(within(what, took[name].median_s * 1e3, bar_ms, "ms", p95))
    return [*lines, faster(f"{element}: anew, beside scipy", whole["anew"], whole["scipy"])]


def assert_same(one: NearestField, other: NearestField) -> None:
    """Every node: the same cost, bit for bit, and the same facility."""
    for mine, theirs in zip(one.costs(), other.costs(), strict=True):
        assert np.array_equal(mine, theirs)

"""Many origins searched with one working memory: what one search leaves must not reach the next."""

import numpy as np

from analysis.linking.linkage import Link, Linkage
from analysis.testing.cities import grid_city
from analysis.units import quantised
from analysis.walking import ArcFlag, WalkProfile
from analysis.walks.pairs import walks_between
from analysis.walks.scratch import SearchScratch
from analysis.walks.walk_costs import walk_costs
from analysis.walks.walk_graph import walk_graph

ADULT = WalkProfile(name="adult", speed_m_s=1.25, barred=ArcFlag(0))


def on_arcs(rng: np.random.Generator, network, count: int) -> Linkage:
    arc = rng.integers(0, network.n_arcs, count).astype(np.int32)
    return Linkage(
        point_first=np.arange(count + 1, dtype=np.int32),
        arc=arc,
        offset_m=quantised(rng.random(count) * network.arc_length_m[arc]),
        access_m=np.zeros(count),
        how=np.full(count, Link.NEAR, dtype=np.uint8),
    )


def test_one_working_memory_gives_what_a_fresh_one_gives() -> None:
    """A search narrows its limit once it knows a way to each target, and may stop between buckets.

    What then waited in the buckets beyond was once met by the next search: one walk in 400 was
    wrong, and with other seeds the search never ended.
    """
    rng = np.random.default_rng(2)
    network = grid_city(30, 30)
    graph = walk_graph(network, walk_costs(network, ADULT, "metres"))
    origins, targets = on_arcs(rng, network, 400), on_arcs(rng, network, 400)
    pairs = np.column_stack([np.arange(400), rng.integers(0, 400, 400)]).astype(np.int32)
    together = walks_between(graph, origins, targets, pairs, 6000.0, SearchScratch(graph))
    alone = [walks_between(graph, origins, targets, one[None], 6000.0)[0] for one in pairs]
    assert together.tolist() == alone
    assert np.isfinite(together).all()

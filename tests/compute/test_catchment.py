"""Catchments: predicted worlds, the other kernel, scipy; streaming and large limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from analysis.errors import InvalidParameterError
from analysis.linking.linkable import LinkRules, linkable_arcs
from analysis.linking.linkage import Linkage, link_points
from analysis.streets.barriers import no_barriers
from analysis.streets.network import WalkNetwork, build_network
from analysis.testing.cities import street_city
from analysis.walking import ArcFlag, walk_profile
from analysis.walks.catchment import Catchment, CatchmentTargets, catchments, count_within
from analysis.walks.hierarchy import hierarchy_of
from analysis.walks.travel_time import TargetGroup, walk_to_nearest
from analysis.walks.walk_costs import walk_costs
from analysis.walks.walk_graph import WalkGraph, walk_graph

ADULT = walk_profile("adult", speed_m_s=1.25)
RULES = LinkRules(min_component_share=0.0)


def linked(network: WalkNetwork, xy_m: list[tuple[float, float]] | np.ndarray) -> Linkage:
    points = np.asarray(xy_m, dtype=float).reshape(-1, 2)
    return link_points(points, network, linkable_arcs(network, ADULT, RULES), no_barriers(), RULES)


def graph_of(network: WalkNetwork) -> WalkGraph:
    return walk_graph(network, walk_costs(network, ADULT, "metres"))


def targets_of(
    linkage: Linkage, rank: list[int], group: list[int], limit: list[float]
) -> CatchmentTargets:
    return CatchmentTargets(
        linked=linkage,
        rank=np.array(rank, np.int32),
        group=np.array(group, np.int32),
        limit=np.array(limit, float),
    )


def pairs(chunks: list[Catchment]) -> dict[tuple[int, int], float]:
    out = {}
    for one in chunks:
        for i, origin in enumerate(one.origin.tolist()):
            for q in range(one.first[i], one.first[i + 1]):
                assert (origin, int(one.rank[q])) not in out
                out[origin, int(one.rank[q])] = float(one.cost[q])
    return out


def test_a_street_by_hand() -> None:
    # One street of 1,000 m in two arcs, homes at 0, 100, … 1,000 m; shops at 250 and 900 m, the
    # second with two doors (900 and 950); a clinic at 500 m, the joint of the arcs.
    network = street_city(np.array([(0.0, 0.0), (500.0, 0.0), (1000.0, 0.0)]), [(0, 1), (1, 2)])
    homes = linked(network, [(100.0 * i, 0.0) for i in range(11)])
    doors = linked(network, [(250.0, 0.0), (900.0, 0.0), (950.0, 0.0), (500.0, 0.0)])
    targets = targets_of(doors, [0, 1, 1, 2], [0, 0, 1], [300.0, 100.0])
    count = count_within(graph_of(network), homes, targets)
    # Shops within 300 m: 250 reaches homes 0…500 (550 is not one); 900/950 reaches 600…1,000.
    assert count[:, 0].tolist() == [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
    # The clinic within 100 m, and exactly 100 m counts.
    assert count[:, 1].tolist() == [0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0]
    found = pairs(list(catchments(graph_of(network), homes, targets)))
    assert found[10, 1] == 50.0  # the nearer door
    assert found[6, 1] == 300.0
    assert found[5, 0] == 250.0
    assert (6, 0) not in found
    assert found[4, 2] == found[6, 2] == 100.0


def test_one_way_is_walked_one_way() -> None:
    network = build_network(
        crs="EPSG:3857",
        node_id=np.arange(3),
        node_xy_m=np.array([(0.0, 0.0), (100.0, 0.0), (200.0, 0.0)]),
        arc_tail=np.array([0, 1]),
        arc_head=np.array([1, 2]),
        arc_flags=np.array([int(ArcFlag.NO_BACKWARD)] * 2, np.uint16),
    )
    ends = linked(network, [(20.0, 0.0), (180.0, 0.0)])
    targets = targets_of(ends, [0, 1], [0, 1], [500.0, 500.0])
    count = count_within(graph_of(network), ends, targets)
    assert count.tolist() == [[1, 1], [0, 1]]
    back = linked(network, [(40.0, 0.0), (60.0, 0.0)])
    both = targets_of(back, [0, 1], [0, 1], [500.0, 500.0])
    assert count_within(graph_of(network), back, both).tolist() == [[1, 1], [0, 1]]


@given(seed=st.integers(0, 100_000))
@settings(max_examples=30, deadline=None)
def test_random_one_way_streets_and_a_hierarchy_given(seed: int) -> None:
    rng = np.random.default_rng(seed)
    xy_m = rng.uniform(0, 600, (40, 2)).round(2)
    tail, head = rng.integers(0, 40, (2, 120))
    some = tail != head
    flags = rng.choice([0, int(ArcFlag.NO_BACKWARD)], some.sum()).astype(np.uint16)
    network = build_network(
        crs="EPSG:3857", node_id=np.arange(40), node_xy_m=xy_m,
        arc_tail=tail[some], arc_head=head[some], arc_flags=flags,
    )  # fmt: skip
    graph = graph_of(network)
    people, shops = linked(network, rng.uniform(0, 600, (50, 2))), linked(network, xy_m[:8])
    alone = [TargetGroup(chosen=np.arange(8) == f, limit=350.0) for f in range(8)]
    rank = np.arange(8, dtype=np.int32)
    cost = walk_to_nearest(graph, people, shops, target_rank=rank, groups=alone).cost
    targets = targets_of(shops, list(range(8)), [0] * 8, [350.0])
    found = pairs(list(catchments(graph, people, targets, hierarchy=hierarchy_of(graph))))
    assert found == {(i, f): cost[i, f] for i, f in np.argwhere(np.isfinite(cost)).tolist()}


def test_a_hierarchy_of_another_graph_is_refused() -> None:
    network = street_city(np.array([(0.0, 0.0), (500.0, 0.0)]), [(0, 1)])
    shop = linked(network, [(100.0, 0.0)])
    other = hierarchy_of(graph_of(network))
    with pytest.raises(InvalidParameterError):
        count_within(graph_of(network), shop, targets_of(shop, [0], [0], [300.0]), hierarchy=other)


def test_nobody_and_nothing() -> None:
    network = street_city(np.array([(0.0, 0.0), (500.0, 0.0)]), [(0, 1)])
    far_away = linked(network, [(5000.0, 5000.0)])
    none = linked(network, np.empty((0, 2)))
    shop = linked(network, [(100.0, 0.0)])
    targets = targets_of(shop, [0], [0], [300.0])
    assert count_within(graph_of(network), far_away, targets).tolist() == [[0]]
    (chunk,) = catchments(graph_of(network), far_away, targets)
    assert chunk.origin.tolist() == [0]
    assert chunk.first.tolist() == [0, 0]
    assert count_within(graph_of(network), none, targets).shape == (0, 1)
    assert list(catchments(graph_of(network), none, targets)) == []
    nothing = targets_of(none, [], [], [300.0])
    assert count_within(graph_of(network), shop, nothing).tolist() == [[0]]


@pytest.mark.parametrize("limit", [-1.0, np.nan, np.inf, 1e300])
def test_a_limit_that_is_none_is_refused(limit: float) -> None:
    network = street_city(np.array([(0.0, 0.0), (500.0, 0.0)]), [(0, 1)])
    with pytest.raises(InvalidParameterError):
        targets_of(linked(network, [(1.0, 0.0)]), [0], [0], [limit])


def test_limits_beyond_uint32_are_exact() -> None:
    # 9 arcs of 10 km each: no arc and no limit fits 2³¹ units.
    xy = np.array([(10_000.0 * i, 0.0) for i in range(10)])
    network = street_city(xy, [(i, i + 1) for i in range(9)])
    ends = linked(network, [(0.0, 0.0), (90_000.0, 0.0), (25_000.5, 0.0)])
    targets = targets_of(ends, [0, 1, 2], [0, 0, 0], [65_000.0])
    found = pairs(list(catchments(graph_of(network), ends, targets)))
    assert found == {
        (0, 0): 0.0, (0, 2): 25_000.5, (1, 1): 0.0, (1, 2): 64_999.5,
        (2, 0): 25_000.5, (2, 1): 64_999.5, (2, 2): 0.0,
    }  # fmt: skip


def random_world(seed: int, n_people: int) -> tuple[WalkGraph, Linkage, Linkage, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = 60
    xy_m = rng.uniform(0, 1000, (n, 2)).round(2)
    arcs = []
    for node in range(n):
        near = np.argsort(np.hypot(*(xy_m - xy_m[node]).T))[1:5]
        arcs += [(node, int(other)) for other in near if rng.random() < 0.6]
    network = street_city(xy_m, arcs or [(0, 1)])
    people, shops = rng.uniform(0, 1000, (n_people, 2)), rng.uniform(0, 1000, (9, 2))
    return graph_of(network), linked(network, people), linked(network, shops), rng.integers(0, 6, 9)


@given(seed=st.integers(0, 100_000), n_people=st.integers(1, 150), room=st.integers(1, 400))
@settings(max_examples=60, deadline=None)
def test_equal_to_the_nearest_of_each_facility_alone(seed: int, n_people: int, room: int) -> None:
    graph, people, shops, rank = random_world(seed, n_people)
    group = [0, 1, 1, 2, 2, 2]
    limit = [200.0, 450.0, 700.0]
    targets = targets_of(shops, rank.tolist(), group, limit)
    alone = [TargetGroup(chosen=rank == f, limit=limit[group[f]]) for f in range(6)]
    nearest = walk_to_nearest(graph, people, shops, target_rank=rank.astype(np.int32), groups=alone)
    expected = {
        (i, f): float(nearest.cost[i, f])
        for i in range(n_people)
        for f in range(6)
        if np.isfinite(nearest.cost[i, f])
    }
    chunks = list(catchments(graph, people, targets, pairs_at_once=room))
    assert pairs(chunks) == expected  # to the bit
    assert sorted(np.concatenate([c.origin for c in chunks]).tolist()) == list(range(n_people))
    count = np.zeros((n_people, 3), int)
    for i, f in expected:
        count[i, group[f]] += 1
    for threads in (1, 3):
        got = count_within(graph, people, targets, threads=threads)
        np.testing.assert_array_equal(got, count)


@pytest.mark.parametrize("threads", [1, 2])
def test_notes_that_run_out_of_room_are_made_longer(
    monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    graph, people, shops, rank = random_world(3, 150)
    targets = targets_of(shops, rank.tolist(), [0, 1, 1, 2, 2, 2], [200.0, 450.0, 700.0])
    enough = count_within(graph, people, targets)
    assert enough.sum() > 300
    monkeypatch.setattr("analysis.walks.catchment._NOTES_EACH", 0)
    assert np.array_equal(count_within(graph, people, targets, threads=threads), enough)


@given(seed=st.integers(0, 100_000))
@settings(max_examples=40, deadline=None)
def test_counts_of_nodes_equal_scipy(seed: int) -> None:
    graph, _, _, _ = random_world(seed, 1)
    network = graph.network
    nodes = linked_to_nodes(network, np.arange(network.n_nodes))
    rng = np.random.default_rng(seed)
    shops = np.sort(rng.choice(network.n_nodes, 15, replace=False))
    targets = targets_of(linked_to_nodes(network, shops), list(range(15)), [0] * 15, [400.0])
    half = graph.outwards
    matrix = csr_array(
        (half.cost.astype(float) / (1 << 18), half.indices, half.indptr),
        shape=(network.n_nodes,) * 2,
    )
    # scipy adds parallel arcs up: this world has none that matters below.
    if len(
        np.unique(
            np.stack([half.indices, np.repeat(np.arange(network.n_nodes), np.diff(half.indptr))]),
            axis=1,
        ).T
    ) != len(half.indices):
        return
    metres = dijkstra(matrix, indices=graph.place[np.arange(network.n_nodes)])
    within = (metres[:, graph.place[shops]] <= 400.0).sum(axis=1)
    np.testing.assert_array_equal(count_within(graph, nodes, targets)[:, 0], within)


def linked_to_nodes(network: WalkNetwork, nodes: np.ndarray) -> Linkage:
    """Stand points on nodes: on an arc's end, without an access leg."""
    arc = np.array(
        [np.flatnonzero((network.arc_tail == n) | (network.arc_head == n))[:1] for n in nodes],
        dtype=object,
    )
    rows = [(i, int(a[0])) for i, a in enumerate(arc) if len(a)]
    at_head = np.array([network.arc_tail[a] != nodes[i] for i, a in rows])
    arcs = np.array([a for _, a in rows], np.int32)
    first = np.zeros(len(nodes) + 1, np.int32)
    first[1:] = np.cumsum(np.bincount([i for i, _ in rows], minlength=len(nodes)))
    return Linkage(
        point_first=first,
        arc=arcs,
        offset_m=np.where(at_head, network.arc_length_m[arcs], 0.0),
        access_m=np.zeros(len(arcs)),
        how=np.zeros(len(nodes), np.uint8),
    )

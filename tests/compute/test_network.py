"""WalkNetwork: invariants, canonical order, components."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InvalidNetworkError
from analysis.streets.network import build_network
from analysis.testing.cities import TEST_CRS, grid_city, street_city
from analysis.units import from_units
from analysis.walking import ArcFlag, walk_profile
from analysis.walks.walk_costs import walk_costs
from analysis.walks.walk_graph import HalfEdges, walk_graph

ADULT = walk_profile("adult", speed_m_s=1.2)


def test_counts_of_a_grid() -> None:
    city = grid_city(3, 2)
    assert (city.n_nodes, city.n_arcs, city.n_components) == (12, 17, 1)
    assert city.length_m == pytest.approx(1700)


@given(seed=st.integers(0, 500))
def test_input_order_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    xy_m = rng.uniform(0, 100, (12, 2))
    arcs = rng.integers(0, 12, (20, 2))
    kwargs = {"crs": TEST_CRS.definition}
    ids = np.arange(100, 112)
    one = build_network(
        node_id=ids,
        node_xy_m=xy_m,
        arc_tail=arcs[:, 0],
        arc_head=arcs[:, 1],
        arc_way_id=np.arange(20),
        **kwargs,
    )
    nodes, ways = rng.permutation(12), rng.permutation(20)
    place = np.argsort(nodes)
    two = build_network(
        node_id=ids[nodes],
        node_xy_m=xy_m[nodes],
        arc_tail=place[arcs[ways, 0]],
        arc_head=place[arcs[ways, 1]],
        arc_way_id=np.arange(20)[ways],
        **kwargs,
    )
    for field in (
        "node_id",
        "node_xy_m",
        "arc_tail",
        "arc_head",
        "arc_length_m",
        "arc_first",
        "arc_xy_m",
        "arc_way_id",
        "arc_component",
    ):
        np.testing.assert_array_equal(getattr(one, field), getattr(two, field))


def test_components_are_numbered_by_falling_length() -> None:
    nodes = np.array([[0, 0], [10, 0], [100, 0], [400, 0], [0, 50], [200, 50]], float)
    network = street_city(nodes, [(0, 1), (2, 3), (4, 5)])
    assert network.arc_component.tolist() == [2, 0, 1]
    assert network.component_length_m().tolist() == [300, 200, 10]


def test_walk_graph_keeps_parallel_and_zero_arcs() -> None:
    network = street_city(
        np.array([[0, 0], [1, 0], [2, 0]], float),
        [(0, 1), (1, 0), (1, 2)],
        length_m=[7.0, 5.0, 0.0],
    )
    graph = walk_graph(network, walk_costs(network, ADULT, "metres"))
    assert graph.inwards is graph.outwards
    assert ways(graph.place, graph.outwards) == [
        (0, 1, 5.0), (0, 1, 7.0), (1, 0, 5.0), (1, 0, 7.0), (1, 2, 0.0), (2, 1, 0.0),
    ]  # fmt: skip


def test_arriving_ways_are_seen_from_where_they_arrive() -> None:
    network = street_city(
        np.array([[0, 0], [1, 0]], float), [(0, 1)], flags=[int(ArcFlag.NO_BACKWARD)]
    )
    graph = walk_graph(network, walk_costs(network, ADULT, "metres"))
    assert ways(graph.place, graph.outwards) == [(0, 1, 1.0)]
    assert ways(graph.place, graph.inwards) == [(1, 0, 1.0)]


def ways(place: np.ndarray, half: HalfEdges) -> list[tuple[int, int, float]]:
    """Return (node, node at the other end, metres) of half-edges, sorted."""
    node = np.argsort(place)
    at = np.repeat(np.arange(len(place)), np.diff(half.indptr))
    metres = from_units(half.cost)
    rows = zip(node[at].tolist(), node[half.indices].tolist(), metres.tolist(), strict=True)
    return sorted(rows)


def test_arrays_are_read_only() -> None:
    city = grid_city(1, 1)
    with pytest.raises(ValueError, match="read-only"):
        city.arc_length_m[0] = 1.0


@pytest.mark.parametrize(
    ("lengths", "field"),
    [([-1.0], "arc_length_m"), ([np.inf], "arc_length_m"), ([np.nan], "arc_length_m")],
)
def test_broken_invariants_are_refused(lengths: list[float], field: str) -> None:
    with pytest.raises(InvalidNetworkError, match=field):
        street_city(np.array([[0, 0], [1, 0]], float), [(0, 1)], length_m=lengths)

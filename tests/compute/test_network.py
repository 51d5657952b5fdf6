"""WalkNetwork: invariants, canonical order, components."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InvalidNetworkError
from analysis.network import build_network, search_graph
from analysis.testing.cities import TEST_CRS, grid_city, street_city
from analysis.walking import ArcFlag, walk_profile

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


def test_search_graph_keeps_shortest_parallel_and_zero_arcs() -> None:
    network = street_city(
        np.array([[0, 0], [1, 0], [2, 0]], float),
        [(0, 1), (1, 0), (1, 2)],
        length_m=[7.0, 5.0, 0.0],
    )
    graph = search_graph(network, ADULT, reverse=False)
    assert graph.indptr.tolist() == [0, 1, 3, 4]
    assert graph.indices.tolist() == [1, 0, 2, 1]
    assert graph.length_m.tolist() == [5.0, 5.0, 0.0, 0.0]


def test_reversing_swaps_one_way_arcs() -> None:
    network = street_city(
        np.array([[0, 0], [1, 0]], float), [(0, 1)], flags=[int(ArcFlag.NO_BACKWARD)]
    )
    there = search_graph(network, ADULT, reverse=False)
    back = search_graph(network, ADULT, reverse=True)
    assert there.indptr.tolist() == [0, 1, 1]
    assert back.indptr.tolist() == [0, 0, 1]


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

"""Connected components and node places: against scipy, and lazily."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analysis.streets import node_places
from analysis.streets.components import smallest_in_component
from analysis.testing.cities import grid_city


@pytest.mark.parametrize("seed", range(60))
def test_components_equal_scipys(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 400))
    m = int(rng.integers(0, 2 * n))
    tail, head = rng.integers(0, n, (2, m)).astype(np.int32)
    found = smallest_in_component(n, tail, head)
    _, label = connected_components(coo_array((np.ones(m), (tail, head)), shape=(n, n)).tocsr())
    smallest = np.full(n, n)
    np.minimum.at(smallest, label, np.arange(n))
    assert np.array_equal(found, smallest[label])
    assert found.dtype == np.int32


@pytest.mark.parametrize("n", [1, 2, 1000])
def test_a_long_street_in_any_order_is_one_component(n: int) -> None:
    order = np.random.default_rng(n).permutation(n).astype(np.int32)
    assert not smallest_in_component(n, order[:-1], order[1:]).any()


def test_places_are_worked_out_once_when_asked(monkeypatch) -> None:
    asked = []

    def order(n_nodes, tail, head):
        asked.append(len(tail))
        return np.arange(n_nodes)[::-1].astype(np.int32)

    monkeypatch.setattr(node_places, "locality_order", order)
    network = grid_city(3, 3)
    assert asked == []
    same = replace(network, class_names=network.class_names)
    first = network.node_place
    assert network.node_place is first
    assert same.node_place is first, "the same arcs keep their places"
    assert asked == [24]
    assert not first.flags.writeable
    other = replace(network, arc_tail=network.arc_head.copy(), arc_head=network.arc_tail.copy())
    assert other.node_place is not first, "other arcs have other places"
    assert len(asked) == 2

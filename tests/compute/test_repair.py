"""Edits of a field of nearest facilities: equal to computing anew, whatever is edited."""

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InvalidParameterError
from analysis.linking.linkage import Linkage
from analysis.streets.network import build_network
from analysis.testing.cities import grid_city, street_city
from analysis.units import UNITS
from analysis.walks.walk_graph import WalkGraph
from analysis.what_if.nearest_field import NearestField, RepairScratch, nearest_field
from analysis.what_if.repair import (
    FieldChange,
    facility_added,
    facility_closed,
    path_added,
    path_changed,
)
from tests.random_graphs import graph_of, linked, random_graph, random_points


def field_of(
    graph: WalkGraph, targets: Linkage, rank: list[int], limit: float = np.inf
) -> NearestField:
    return nearest_field(
        graph,
        targets,
        target_rank=np.array(rank, np.int32),
        chosen=np.ones(len(rank), bool),
        limit=limit,
    )


def plain(
    graph: WalkGraph, entrances: list[tuple[int, list[tuple]]], limit: float
) -> tuple[list[float], list[int]]:
    """Return cost and rank by node with a heap of tuples; each entrance is (rank, candidates)."""
    network, costs = graph.network, graph.costs
    into: dict[int, list[tuple[int, float]]] = {}
    for a in range(network.n_arcs):
        tail, head = int(network.arc_tail[a]), int(network.arc_head[a])
        if np.isfinite(costs.forward[a]):
            into.setdefault(head, []).append((tail, float(costs.forward[a])))
        if np.isfinite(costs.backward[a]):
            into.setdefault(tail, []).append((head, float(costs.backward[a])))
    heap = []
    for rank, candidates in entrances:
        for a, x, leg_m in candidates:
            leg = np.rint(np.rint(leg_m * UNITS) / UNITS * costs.leg_pace * UNITS) / UNITS
            length_m = network.arc_length_m[a]
            share = np.rint(x * UNITS) / UNITS / length_m if length_m else 0.0
            on, back = costs.forward[a], costs.backward[a]
            if np.isfinite(on):
                there = leg + np.rint(on * share * UNITS) / UNITS
                heap.append((float(there), rank, int(network.arc_tail[a])))
            if np.isfinite(back):
                there = leg + back - np.rint(back * share * UNITS) / UNITS
                heap.append((float(there), rank, int(network.arc_head[a])))
    heapq.heapify(heap)
    cost, who = [np.inf] * network.n_nodes, [-1] * network.n_nodes
    while heap:
        there, rank, node = heapq.heappop(heap)
        if there > limit or who[node] >= 0:
            continue
        cost[node], who[node] = there, rank
        for other, more in into.get(node, []):
            heapq.heappush(heap, (there + more, rank, other))
    return cost, who


def assert_field(field: NearestField, expected: tuple[list[float], list[int]]) -> None:
    cost, rank = field.costs()
    assert cost.tolist() == expected[0]
    assert rank.tolist() == expected[1]


def assert_change(before: NearestField, change: FieldChange) -> None:
    """Check that the change names just the nodes where the two fields differ."""
    cost, rank = before.costs()
    cost_after, rank_after = change.field.costs()
    differs = (cost != cost_after) | (rank != rank_after)
    assert sorted(change.node.tolist()) == np.flatnonzero(differs).tolist()
    assert change.cost_before.tolist() == cost[change.node].tolist()
    assert change.rank_before.tolist() == rank[change.node].tolist()
    assert change.cost.tolist() == cost_after[change.node].tolist()
    assert change.rank.tolist() == rank_after[change.node].tolist()


def street() -> WalkGraph:
    """Return five junctions 100 m apart on a street."""
    return graph_of(
        street_city(np.array([(100.0 * i, 0) for i in range(5)]), [(i, i + 1) for i in range(4)])
    )


def test_a_facility_opens_and_closes_again() -> None:
    graph = street()
    scratch = RepairScratch(graph, np.inf)
    field = field_of(graph, linked([(0, 0.0, 0.0)]), [5])
    assert field.costs()[0].tolist() == [0, 100, 200, 300, 400]
    change = facility_added(field, linked([(3, 100.0, 10.0)]), 2, scratch)
    assert change.field.costs()[0].tolist() == [0, 100, 200, 110, 10]
    assert change.field.costs()[1].tolist() == [5, 5, 5, 2, 2]
    assert sorted(change.node.tolist()) == [3, 4]
    again = facility_closed(change.field, 2, scratch)
    assert again.field.costs()[0].tolist() == [0, 100, 200, 300, 400]
    assert len(again.field.patch_place) == 0
    # The first field and the one in between are what they were.
    assert field.costs()[0].tolist() == [0, 100, 200, 300, 400]
    assert change.field.costs()[0].tolist() == [0, 100, 200, 110, 10]
    nobody = facility_closed(field, 5, scratch)
    assert nobody.field.costs()[0].tolist() == [np.inf] * 5
    assert nobody.field.costs()[1].tolist() == [-1] * 5


def test_of_equally_near_facilities_the_smaller_rank_is_named() -> None:
    graph = street()
    scratch = RepairScratch(graph, np.inf)
    field = field_of(graph, linked([(0, 0.0, 0.0)]), [5])
    smaller = facility_added(field, linked([(3, 100.0, 0.0)]), 4, scratch)
    assert smaller.field.costs()[1].tolist() == [5, 5, 4, 4, 4]
    larger = facility_added(field, linked([(3, 100.0, 0.0)]), 6, scratch)
    assert larger.field.costs()[1].tolist() == [5, 5, 5, 6, 6]
    assert facility_closed(larger.field, 5, scratch).field.costs()[1].tolist() == [6] * 5


def test_a_gate_opens_and_a_street_closes() -> None:
    graph = street()
    scratch = RepairScratch(graph, np.inf)
    field = field_of(graph, linked([(0, 0.0, 0.0)]), [0])
    gate, arc = path_added(field, 0, 4, 30.0, np.inf, scratch)
    assert gate.field.costs()[0].tolist() == [0, 100, 200, 300, 400]  # one may only walk 0 → 4
    gate = path_changed(gate.field, arc, np.inf, 30.0, scratch)
    assert gate.field.costs()[0].tolist() == [0, 100, 200, 130, 30]
    closed = path_changed(gate.field, 1, np.inf, np.inf, scratch)
    assert closed.field.costs()[0].tolist() == [0, 100, 230, 130, 30]
    without_gate = path_changed(closed.field, arc, np.inf, np.inf, scratch)
    assert without_gate.field.costs()[0].tolist() == [0, 100, np.inf, np.inf, np.inf]
    back = path_changed(without_gate.field, 1, 100.0, 100.0, scratch)
    assert back.field.costs()[0].tolist() == [0, 100, 200, 300, 400]
    assert len(back.field.patch_place) == 0


def test_places_that_lean_on_each_other_at_no_cost_are_given_up() -> None:
    # Three landings in a ring without length beyond the junction that the shop hangs on.
    network = street_city(
        np.array([[0, 0], [10, 0], [10, 1], [11, 1]], float),
        [(0, 1), (1, 2), (2, 3), (3, 1)],
        length_m=[10.0, 0.0, 0.0, 0.0],
    )
    graph = graph_of(network)
    scratch = RepairScratch(graph, np.inf)
    field = field_of(graph, linked([(0, 0.0, 0.0)]), [3])
    assert field.costs()[0].tolist() == [0, 10, 10, 10]
    assert facility_closed(field, 3, scratch).field.costs()[0].tolist() == [np.inf] * 4
    cut = path_changed(field, 0, np.inf, np.inf, scratch)
    assert cut.field.costs()[0].tolist() == [np.inf] * 4  # the shop stands midway on that arc
    ring = path_changed(field, 0, 25.0, 25.0, scratch)
    assert ring.field.costs()[0].tolist() == [0, 25, 25, 25]


def test_what_cannot_be_is_refused() -> None:
    graph = street()
    scratch = RepairScratch(graph, 500.0)
    field = field_of(graph, linked([(0, 0.0, 0.0)]), [5], 500.0)
    here = linked([(0, 1.0, 0.0)])
    for edit in (
        lambda: facility_closed(field, 4, scratch),
        lambda: facility_added(field, here, -1, scratch),
        lambda: facility_added(field, here, 1 << 16, scratch),
        lambda: facility_added(field_of(graph, here, [1 << 29], 500.0), here, 1 << 31, scratch),
        lambda: path_changed(field, 4, 1.0, 1.0, scratch),
        lambda: path_changed(field, -1, 1.0, 1.0, scratch),
        lambda: path_changed(field, 0, -1.0, 1.0, scratch),
        lambda: path_changed(field, 0, 1.0, float("nan"), scratch),
        lambda: path_added(field, 0, 5, 1.0, 1.0, scratch),
        lambda: facility_closed(field, 5, RepairScratch(street(), 500.0)),
        lambda: facility_closed(field_of(graph, here, [5]), 5, scratch),
        lambda: field_of(graph, here, [1 << 29], 9e6),
    ):
        with pytest.raises(InvalidParameterError):
            edit()
    # A closed facility cannot be closed again.
    closed = facility_closed(field, 5, scratch).field
    with pytest.raises(InvalidParameterError, match="No facility of this rank"):
        facility_closed(closed, 5, scratch)


class Story:
    """A scenario told twice: by edits, and by making everything anew."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.base = random_graph(rng)
        scale = self.base.costs.leg_pace
        self.limit = float(rng.choice([np.inf, 4.0 * scale, rng.uniform(0, 25) * scale]))
        self.arcs = list(
            zip(
                self.base.network.arc_tail.tolist(),
                self.base.network.arc_head.tolist(),
                strict=True,
            )
        )
        self.forward = self.base.costs.forward.tolist()
        self.backward = self.base.costs.backward.tolist()
        self.entrances = [self.entrance(int(rng.integers(0, 5))) for _ in range(rng.integers(1, 8))]
        points = linked(*[candidates for _, candidates in self.entrances])
        self.field = field_of(self.base, points, [rank for rank, _ in self.entrances], self.limit)
        self.scratch = RepairScratch(self.base, self.limit)
        if rng.random() < 0.5:  # the pool grows on the way
            little = np.empty((1, 2), np.int32)
            self.scratch.buckets = self.scratch.buckets._replace(waiting=little)

    def entrance(self, rank: int) -> tuple[int, list[tuple]]:
        points = random_points(self.rng, self.base, 1)
        rows = zip(points.arc, points.offset_m, points.access_m, strict=True)
        return rank, [(int(a), float(x), float(leg)) for a, x, leg in rows]

    def cost(self) -> float:
        scale = self.base.costs.leg_pace
        return float(self.rng.choice([np.inf, 0.0, 1.0, 2.0, self.rng.uniform(0, 6)]) * scale)

    def edit(self) -> FieldChange:
        kind = self.rng.choice(["open", "close", "change", "add"], p=[0.35, 0.3, 0.25, 0.1])
        ranks = sorted({rank for rank, candidates in self.entrances if candidates})
        if kind == "close" and ranks:
            rank = int(self.rng.choice(ranks))
            self.entrances = [one for one in self.entrances if one[0] != rank]
            return facility_closed(self.field, rank, self.scratch)
        if kind == "change":
            arc = int(self.rng.integers(len(self.arcs)))
            keep = self.rng.random(2) < 0.3
            self.forward[arc] = self.forward[arc] if keep[0] else self.rounded(self.cost())
            self.backward[arc] = self.backward[arc] if keep[1] else self.rounded(self.cost())
            costs = self.forward[arc], self.backward[arc]
            return path_changed(self.field, arc, *costs, self.scratch)
        if kind == "add":
            tail, head = (int(node) for node in self.rng.integers(0, self.base.network.n_nodes, 2))
            self.arcs.append((tail, head))
            self.forward.append(self.rounded(self.cost()))
            self.backward.append(self.rounded(self.cost()))
            change, arc = path_added(
                self.field, tail, head, self.forward[-1], self.backward[-1], self.scratch
            )
            assert arc == len(self.arcs) - 1
            return change
        rank, candidates = self.entrance(int(self.rng.integers(0, 9)))
        self.entrances.append((rank, candidates))
        return facility_added(self.field, linked(candidates), rank, self.scratch)

    @staticmethod
    def rounded(cost: float) -> float:
        return float(np.rint(cost * UNITS) / UNITS)

    def anew(self) -> WalkGraph:
        """Return the graph as it is by now."""
        old = self.base.network
        more = len(self.arcs) - old.n_arcs
        network = build_network(
            crs=old.crs,
            node_id=old.node_id,
            node_xy_m=old.node_xy_m,
            arc_tail=np.array([tail for tail, _ in self.arcs], np.int32),
            arc_head=np.array([head for _, head in self.arcs], np.int32),
            arc_length_m=np.concatenate([old.arc_length_m, np.ones(more)]),
            arc_way_id=np.arange(len(self.arcs)),
        )
        return graph_of(network, self.forward, self.backward, self.base.costs.leg_pace)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=300, deadline=None)
def test_edits_equal_computing_anew(seed: int) -> None:
    story = Story(np.random.default_rng(seed))
    first = story.field.costs()
    baseline = story.field
    for _ in range(6):
        before = story.field
        change = story.edit()
        assert_change(before, change)
        story.field = change.field
        anew = story.anew()
        assert_field(story.field, plain(anew, story.entrances, story.limit))
        points = linked(*[candidates for _, candidates in story.entrances])
        again = field_of(anew, points, [rank for rank, _ in story.entrances], story.limit)
        for ours, theirs in zip(story.field.costs(), again.costs(), strict=True):
            assert ours.tobytes() == theirs.tobytes()
        assert (story.field.patch_key != baseline.key[story.field.patch_place]).all()
    for now, then in zip(baseline.costs(), first, strict=True):
        assert now.tobytes() == then.tobytes()


def test_edits_on_a_city_of_ties() -> None:
    # On a grid nearly every node has many equally short ways.
    graph = graph_of(grid_city(15, 15))
    rng = np.random.default_rng(5)
    scratch = RepairScratch(graph, 900.0)
    shops = [[(int(a), 0.0, 0.0)] for a in rng.choice(graph.network.n_arcs, 12, replace=False)]
    field = field_of(graph, linked(*shops), list(range(12)), 900.0)
    for rank in rng.permutation(12).tolist():
        closed = facility_closed(field, rank, scratch)
        others = [(one, shops[one]) for one in range(12) if one != rank]
        assert_field(closed.field, plain(graph, others, 900.0))
        again = facility_added(closed.field, linked(shops[rank]), rank, scratch)
        assert len(again.field.patch_place) == 0

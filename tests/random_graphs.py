"""Small walking graphs for tests: made by hand, or at random and full of what is awkward."""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from analysis.linking.linkage import Linkage
from analysis.streets.network import WalkNetwork
from analysis.testing.cities import street_city
from analysis.units import UNITS, quantised
from analysis.walks.walk_costs import WalkCosts
from analysis.walks.walk_graph import WalkGraph, walk_graph

BLOCKS = 30.0  # so that a walk takes many buckets of a search
BEYOND_32_BITS = 9000.0  # metres or seconds that uint32 cannot count


def graph_of(network: WalkNetwork, forward=None, backward=None, pace: float = 1.0) -> WalkGraph:
    """Return `network` with costs of its arcs; its lengths where none are given."""
    forward = network.arc_length_m if forward is None else forward
    backward = forward if backward is None else backward
    costs = WalkCosts(
        measure="metres",
        forward=quantised(np.array(forward, float)),
        backward=quantised(np.array(backward, float)),
        leg_pace=pace,
    )
    return walk_graph(network, costs)


def linked(*points: list[tuple[int, float, float]]) -> Linkage:
    """Return points, each a list of candidates (arc, offset, leg)."""
    rows = [row for point in points for row in point]
    arc, offset_m, leg_m = zip(*rows, strict=True) if rows else ((), (), ())
    return Linkage(
        point_first=np.cumsum([0, *map(len, points)]).astype(np.int32),
        arc=np.array(arc, np.int32),
        offset_m=quantised(np.array(offset_m, float)),
        access_m=quantised(np.array(leg_m, float)),
        how=np.zeros(len(points), np.uint8),
    )


def random_graph(rng: np.random.Generator, *, directed: bool = True) -> WalkGraph:
    """Return a small graph full of ties, loops, parallel and closed arcs and arcs of no length."""
    n, m = int(rng.integers(2, 25)), int(rng.integers(1, 60))
    arcs = rng.integers(0, n, (m, 2))
    length_m = rng.choice([0.0, 1.0, 2.0, 2.0, 5.0, rng.uniform(0, 9)], m)
    network = street_city(
        rng.uniform(0, 9, (n, 2)), [tuple(arc) for arc in arcs.tolist()], length_m=length_m.tolist()
    )
    scale = float(rng.choice([1.0, BLOCKS, BEYOND_32_BITS], p=[0.4, 0.4, 0.2]))
    forward = backward = network.arc_length_m * scale
    if directed:
        forward = forward * rng.choice([1.0, 1.5, 0.7, 0.0], m, p=[0.7, 0.1, 0.1, 0.1])
        backward = backward * rng.choice([1.0, 2.0], m, p=[0.8, 0.2])
        forward, backward = (np.where(rng.random(m) < 0.1, np.inf, c) for c in (forward, backward))
    return graph_of(network, forward, backward, pace=scale)


def random_points(rng: np.random.Generator, graph: WalkGraph, n: int, most: int = 4) -> Linkage:
    """Return `n` points with 0 to `most` candidates each, some at the ends of arcs."""
    length_m = graph.network.arc_length_m
    points = []
    for _ in range(n):
        arcs = np.sort(rng.integers(0, len(length_m), int(rng.integers(0, most + 1))))
        points.append(
            [
                (
                    int(a),
                    length_m[a] * rng.choice([0.0, 1.0, rng.random()]),
                    rng.choice([0.0, 1.0, rng.random()]),
                )
                for a in arcs
            ]
        )
    return linked(*points)


def finite(cost: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(cost), cost, 0.0)


def plain_node_costs(graph: WalkGraph, origin: Linkage, limit: float) -> np.ndarray:
    """Return the cost of each node by scipy on a graph with one more node for the origin.

    Rows are by place. Arcs of no cost cannot be stored in a sparse matrix; they cost next to nothing.
    """
    network, costs = graph.network, graph.costs
    n = network.n_nodes
    tail, head = graph.place[network.arc_tail], graph.place[network.arc_head]
    a, x = origin.arc, origin.offset_m
    share = np.divide(
        x, network.arc_length_m[a], out=np.zeros(len(a)), where=network.arc_length_m[a] > 0
    )
    leg = quantised(origin.access_m * costs.leg_pace)
    on, back = costs.forward[a], costs.backward[a]
    onwards = np.where(np.isfinite(on), leg + on - quantised(finite(on) * share), np.inf)
    back = np.where(np.isfinite(back), leg + quantised(finite(back) * share), np.inf)
    start = np.full(len(a), n)
    rows = np.concatenate([tail, head, start, start])
    columns = np.concatenate([head, tail, head[a], tail[a]])
    cost = np.concatenate([costs.forward, costs.backward, onwards, back])
    best = np.full((n + 1, n + 1), np.inf)
    np.minimum.at(best, (rows, columns), cost)
    best[best == 0] = 1e-12
    best[~np.isfinite(best)] = 0
    found = dijkstra(csr_array(best), indices=n)[:n]
    found = np.rint(found * UNITS) / UNITS
    found[found > np.floor(limit * UNITS) / UNITS] = np.inf
    return found

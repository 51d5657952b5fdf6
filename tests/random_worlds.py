"""Random street worlds with people and shops, for properties and oracles."""

from dataclasses import dataclass

import numpy as np

from analysis.linking.linkable import LinkRules, linkable_arcs
from analysis.linking.linkage import Linkage, link_points
from analysis.streets.barriers import no_barriers
from analysis.streets.network import WalkNetwork
from analysis.testing.cities import street_city
from analysis.walking import WalkProfile, walk_profile
from analysis.walks.travel_time import Nearest, TargetGroup, walk_to_nearest
from analysis.walks.walk_costs import Measure, walk_costs
from analysis.walks.walk_graph import WalkGraph, walk_graph

ADULT = walk_profile("adult", speed_m_s=1.25)
RULES = LinkRules(min_component_share=0.0)


@dataclass(frozen=True)
class World:
    """Streets as plain lists, so that a test may change them, with people and shops."""

    node_xy_m: np.ndarray
    arcs: list[tuple[int, int]]
    people: np.ndarray
    shops: np.ndarray

    def network(self, extra: list[tuple[int, int]] | None = None) -> WalkNetwork:
        return street_city(self.node_xy_m, self.arcs + (extra or []))


def random_world(seed: int, *, n_nodes: int = 40, n_people: int = 8, n_shops: int = 3) -> World:
    """Return streets between near nodes of one square kilometre, some in parts of their own."""
    rng = np.random.default_rng(seed)
    xy_m = rng.uniform(0, 1000, (n_nodes, 2)).round(2)
    arcs = []
    for node in range(n_nodes):
        near = np.argsort(np.hypot(*(xy_m - xy_m[node]).T))[1:5]
        arcs += [(node, int(other)) for other in near if rng.random() < 0.6]
    if arcs:
        arcs += [arcs[int(rng.integers(len(arcs)))]]  # a parallel one
    else:
        arcs = [(0, 1)]
    people, shops = rng.uniform(0, 1000, (n_people, 2)), rng.uniform(0, 1000, (n_shops, 2))
    return World(xy_m, arcs, people, shops)


def linked(network: WalkNetwork, xy_m: np.ndarray) -> Linkage:
    """Link points by the default distances, to components of any size."""
    points = np.asarray(xy_m, dtype=np.float64).reshape(-1, 2)
    return link_points(points, network, linkable_arcs(network, ADULT, RULES), no_barriers(), RULES)


def graph_of(
    network: WalkNetwork, *, profile: WalkProfile = ADULT, measure: Measure = "metres"
) -> WalkGraph:
    return walk_graph(network, walk_costs(network, profile, measure))


def nearest(
    graph: WalkGraph, points: Linkage, shops: Linkage, *, limit: float = 1500.0,
    rank: np.ndarray | None = None, chosen: np.ndarray | None = None,
) -> Nearest:  # fmt: skip
    """Return the walk of each point to its nearest shop."""
    n = len(shops.how)
    return walk_to_nearest(
        graph, points, shops,
        target_rank=np.arange(n, dtype=np.int32) if rank is None else rank.astype(np.int32),
        groups=[TargetGroup(chosen=np.ones(n, bool) if chosen is None else chosen, limit=limit)],
    )  # fmt: skip

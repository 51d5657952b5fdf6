"""What must hold in any world: more than 2,000 random ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.linking.linkage import Linkage
from analysis.streets.network import WalkNetwork, build_network
from analysis.testing.cities import TEST_CRS, street_city
from analysis.walking import walk_profile
from analysis.walks.pairs import walks_between
from analysis.walks.reached import ReachedPieces, reached_pieces
from tests.random_worlds import World, graph_of, linked, nearest, random_world

SEEDS = st.integers(0, 1_000_000)
MANY = settings(max_examples=210, deadline=None)
LIMIT_M = 700.0


def answers(world: World, **changes: object) -> np.ndarray:
    network = changes.get("network") or world.network()
    shops = changes.get("shops", world.shops)
    people = linked(network, world.people)
    return nearest(graph_of(network), people, linked(network, shops), limit=LIMIT_M).cost[:, 0]


@given(seed=SEEDS)
@MANY
def test_another_street_lengthens_no_walk_and_closing_it_shortens_none(seed: int) -> None:
    # The homes stay linked as they are: a street may not come between a home and its own street.
    world = random_world(seed)
    rng = np.random.default_rng(seed + 1)
    a, b = rng.choice(len(world.node_xy_m), 2, replace=False)
    before, after = world.network(), world.network([(int(a), int(b))])
    people, shops = linked(before, world.people), linked(before, world.shops)
    # Arcs are sorted by way id, which street_city counts up: the old ones keep their numbers.
    np.testing.assert_array_equal(before.arc_tail, after.arc_tail[: before.n_arcs])
    was = nearest(graph_of(before), people, shops, limit=LIMIT_M).cost
    now = nearest(graph_of(after), people, shops, limit=LIMIT_M).cost
    assert (now <= was).all()


@given(seed=SEEDS)
@MANY
def test_another_shop_lengthens_no_walk(seed: int) -> None:
    world = random_world(seed, n_shops=5)
    fewer, more = answers(world, shops=world.shops[:4]), answers(world)
    assert (more <= fewer).all()
    alone = answers(world, shops=world.shops[4:])
    np.testing.assert_array_equal(more, np.minimum(fewer, alone))  # the pointwise minimum


@given(seed=SEEDS)
@MANY
def test_there_and_back_are_equally_far(seed: int) -> None:
    world = random_world(seed, n_people=4, n_shops=4)
    network = world.network()
    people, shops = linked(network, world.people), linked(network, world.shops)
    pairs = np.array([(i, j) for i in range(4) for j in range(4)], dtype=np.int32)
    there = walks_between(graph_of(network), people, shops, pairs, LIMIT_M)
    back = walks_between(graph_of(network), shops, people, pairs[:, ::-1].copy(), LIMIT_M)
    np.testing.assert_array_equal(there, back)


@given(seed=SEEDS)
@MANY
def test_order_and_ids_do_not_matter(seed: int) -> None:
    world = random_world(seed)
    rng = np.random.default_rng(seed + 2)
    plain = answers(world)
    n = len(world.node_xy_m)
    at = rng.permutation(n)
    where = np.empty(n, dtype=int)
    where[at] = np.arange(n)
    arcs = [world.arcs[i] for i in rng.permutation(len(world.arcs))]
    turned = [(a, b) if rng.random() < 0.5 else (b, a) for a, b in arcs]
    tail, head = where[np.array(turned)].T
    network = build_network(
        crs=TEST_CRS.definition,
        node_id=rng.choice(10**9, n, replace=False).astype(np.int64),
        node_xy_m=world.node_xy_m[at],
        arc_tail=tail.astype(np.int32),
        arc_head=head.astype(np.int32),
    )
    mixed = answers(world, network=network, shops=world.shops[rng.permutation(len(world.shops))])
    reached = np.isfinite(plain)
    np.testing.assert_array_equal(reached, np.isfinite(mixed))
    # A turned drawing is measured from its other end: the last unit may differ.
    np.testing.assert_allclose(mixed[reached], plain[reached], atol=1e-4, rtol=0)


@given(seed=SEEDS)
@MANY
def test_a_city_beside_the_city_changes_nothing(seed: int) -> None:
    world = random_world(seed)
    n = len(world.node_xy_m)
    far = np.concatenate([world.node_xy_m, world.node_xy_m + [50_000.0, 0.0]])
    both = street_city(far, world.arcs + [(a + n, b + n) for a, b in world.arcs])
    np.testing.assert_array_equal(answers(world, network=both), answers(world))


@given(seed=SEEDS, factor=st.sampled_from([2.0, 4.0, 8.0]))
@MANY
def test_lengths_and_speed_scaled_together_leave_the_seconds(seed: int, factor: float) -> None:
    world = random_world(seed)
    network = world.network()
    people, shops = linked(network, world.people), linked(network, world.shops)
    larger = street_city(
        world.node_xy_m, world.arcs, length_m=(network.arc_length_m * factor).tolist()
    )
    scaled = [
        type(one)(
            point_first=one.point_first, arc=one.arc, offset_m=one.offset_m * factor,
            access_m=one.access_m * factor, how=one.how,
        )
        for one in (people, shops)
    ]  # fmt: skip
    slow, fast = (walk_profile("adult", speed_m_s=1.25 * f) for f in (1.0, factor))
    was = nearest(graph_of(network, profile=slow, measure="seconds"), people, shops, limit=600.0)
    now = nearest(graph_of(larger, profile=fast, measure="seconds"), *scaled, limit=600.0)
    np.testing.assert_array_equal(was.cost, now.cost)
    np.testing.assert_array_equal(was.rank, now.rank)


def length_by_arc(pieces: ReachedPieces, n_arcs: int) -> np.ndarray:
    return np.bincount(pieces.arc, weights=pieces.end_m - pieces.start_m, minlength=n_arcs)


@given(seed=SEEDS, first=st.floats(20.0, 400.0), more=st.floats(1.0, 400.0))
@MANY
def test_a_larger_budget_reaches_all_that_a_smaller_one_does(
    seed: int, first: float, more: float
) -> None:
    world = random_world(seed, n_people=1)
    network = world.network()
    home = linked(network, world.people)
    small, large = reached_pieces(graph_of(network), home, (first, first + more))
    for arc, start, end in zip(small.arc, small.start_m, small.end_m, strict=True):
        holds = (large.arc == arc) & (large.start_m <= start + 1e-5) & (large.end_m >= end - 1e-5)
        assert holds.sum() == 1
    # And each is what it is, whatever else was asked.
    for cutoff, piece in ((first, small), (first + more, large)):
        (alone,) = reached_pieces(graph_of(network), home, (cutoff,))
        for field in ("arc", "start_m", "end_m"):
            np.testing.assert_array_equal(getattr(alone, field), getattr(piece, field))


@given(seed=SEEDS)
@MANY
def test_a_place_is_reached_exactly_when_its_walk_is_within_the_budget(seed: int) -> None:
    world = random_world(seed, n_people=1)
    network = world.network()
    rng = np.random.default_rng(seed + 3)
    home = linked(network, world.people)
    graph = graph_of(network)
    (pieces,) = reached_pieces(graph, home, (LIMIT_M,))
    # Places on the streets themselves, linked to their own arc only, without a leg.
    arc = rng.integers(network.n_arcs, size=12).astype(np.int32)
    offset_m = np.rint(rng.random(12) * network.arc_length_m[arc] * 1024) / 1024
    offset_m = np.minimum(offset_m, network.arc_length_m[arc])
    places = type(home)(
        point_first=np.arange(13, dtype=np.int32), arc=arc, offset_m=offset_m,
        access_m=np.zeros(12), how=np.zeros(12, np.uint8),
    )  # fmt: skip
    pairs = np.array([(0, i) for i in range(12)], dtype=np.int32)
    walk_m = walks_between(graph, home, places, pairs, 5000.0)
    for i in range(12):
        on = (pieces.arc == arc[i]) & (pieces.start_m - 1e-4 <= offset_m[i])
        inside = bool((on & (offset_m[i] <= pieces.end_m + 1e-4)).any())
        if abs(walk_m[i] - LIMIT_M) > 1e-3:
            assert inside == (walk_m[i] <= LIMIT_M)


@given(seed=SEEDS)
@MANY
def test_several_origins_reach_what_each_reaches(seed: int) -> None:
    world = random_world(seed, n_people=3, n_shops=4)
    network = world.network()
    shops, graph = linked(network, world.shops), graph_of(network)
    people = linked(network, world.people)
    pairs = np.array([(i, j) for i in range(3) for j in range(4)], dtype=np.int32)
    each = walks_between(graph, people, shops, pairs, LIMIT_M).reshape(3, 4)
    together = nearest(graph, shops, people, limit=LIMIT_M).cost[:, 0]
    np.testing.assert_array_equal(each.min(axis=0), together)


def between_nodes(network: WalkNetwork, nodes: np.ndarray) -> np.ndarray:
    """Return the walks between nodes by their ids, from end to end of arcs."""
    arc, offset_m, first = [], [], [0]
    for node in nodes:
        tail, head = (
            np.flatnonzero(network.arc_tail == node),
            np.flatnonzero(network.arc_head == node),
        )
        arc += [*tail.tolist(), *head.tolist()]
        offset_m += [*np.zeros(len(tail)).tolist(), *network.arc_length_m[head].tolist()]
        first.append(len(arc))
    hubs = Linkage(
        point_first=np.array(first, np.int32), arc=np.array(arc, np.int32),
        offset_m=np.array(offset_m, float), access_m=np.zeros(len(arc)),
        how=np.zeros(len(nodes), np.uint8),
    )  # fmt: skip
    pairs = np.array([(i, j) for i in range(len(nodes)) for j in range(len(nodes))], np.int32)
    return walks_between(graph_of(network), hubs, hubs, pairs, 5000.0)


@given(seed=SEEDS, cut=st.floats(0.05, 0.95))
@MANY
def test_a_street_cut_in_two_lengthens_no_walk(seed: int, cut: float) -> None:
    world = random_world(seed)
    network = world.network()
    rng = np.random.default_rng(seed + 4)
    row = int(rng.integers(len(world.arcs)))
    a, b = world.arcs[row]
    xy_m = world.node_xy_m
    middle = xy_m[a] + cut * (xy_m[b] - xy_m[a])
    split = street_city(
        np.vstack([xy_m, middle]),
        [*world.arcs[:row], (a, len(xy_m)), *world.arcs[row + 1 :], (len(xy_m), b)],
    )
    was, now = answers(world), answers(world, network=split)
    # Two arcs have two nearest points where one had one: a home may step across a little sooner.
    near = np.isfinite(was) & (was < LIMIT_M - 0.01)
    assert (now[near] <= was[near] + 1e-3).all()
    # From junction to junction nobody steps across: the same to a millimetre.
    hubs = rng.choice(len(xy_m), 5, replace=False)
    was, now = (between_nodes(one, hubs) for one in (network, split))
    np.testing.assert_array_equal(np.isfinite(was), np.isfinite(now))
    reached = np.isfinite(was)
    assert now[reached] == pytest.approx(was[reached], abs=1e-3)

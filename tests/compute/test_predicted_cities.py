"""Cities whose walks are arithmetic; people are powers of two, so a sum names whom it holds."""

import itertools

import numpy as np
import pytest

from analysis.streets.network import WalkNetwork
from analysis.testing.cities import grid_city, street_city
from tests.random_worlds import graph_of, linked, nearest


def covered_people(network: WalkNetwork, homes: list, shops: list, limit_m: float) -> int:
    """Return the sum of 2^i over the homes within `limit_m` of a shop."""
    found = nearest(
        graph_of(network), linked(network, np.array(homes)), linked(network, np.array(shops)),
        limit=limit_m,
    )  # fmt: skip
    return sum(1 << i for i in np.flatnonzero(np.isfinite(found.cost[:, 0])).tolist())


def bits(*who: int) -> int:
    return sum(1 << i for i in who)


@pytest.mark.parametrize("radius_blocks", range(6))
def test_grid(radius_blocks: int) -> None:
    homes = [(100.0 * x, 100.0 * y) for x, y in itertools.product(range(6), range(6))]
    expected = bits(
        *(
            i
            for i, (x, y) in enumerate(itertools.product(range(6), range(6)))
            if min(abs(x - 2) + abs(y - 3), abs(x - 5) + abs(y - 0)) <= radius_blocks
        )
    )
    shops = [(200.0, 300.0), (500.0, 0.0)]
    assert covered_people(grid_city(5, 5), homes, shops, 100.0 * radius_blocks) == expected


def ring_city(n: int, side_m: float) -> tuple[WalkNetwork, np.ndarray]:
    """Return a ring of `n` arcs of `side_m` metres (drawn as chords of a circle)."""
    turn = 2 * np.pi * np.arange(n) / n
    radius_m = side_m / (2 * np.sin(np.pi / n))
    xy_m = radius_m * np.column_stack([np.cos(turn), np.sin(turn)])
    arcs = [(i, (i + 1) % n) for i in range(n)]
    return street_city(xy_m, arcs, length_m=[side_m] * n), xy_m


@pytest.mark.parametrize("n", [12, 13])
def test_ring(n: int) -> None:
    # Sides of 128 m, homes on the corners, one shop on corner 0: the shorter way round counts.
    network, xy_m = ring_city(n, 128.0)
    found = nearest(graph_of(network), linked(network, xy_m), linked(network, xy_m[:1]), limit=1e4)
    way_m = np.array([min(i, n - i) * 128.0 for i in range(n)])
    assert found.cost[:, 0] == pytest.approx(way_m, abs=1e-4)
    within = covered_people(network, list(xy_m), [xy_m[0]], 128.0 * 3 + 0.001)
    assert within == bits(0, 1, 2, 3, n - 3, n - 2, n - 1)


def test_the_far_side_of_a_ring_is_a_tent() -> None:
    # An odd ring: the middle of the opposite side is 6.5 sides away, its corners 6.
    network, xy_m = ring_city(13, 128.0)
    middle = (xy_m[6] + xy_m[7]) / 2
    found = nearest(
        graph_of(network), linked(network, middle), linked(network, xy_m[:1]), limit=1e4
    )
    assert found.cost[0, 0] == pytest.approx(6.5 * 128.0, abs=1e-4)


def test_tree() -> None:
    # A binary tree of streets 256, 128, 64 and 32 m long: the walk between leaves is twice the way
    # up to where their branches part.
    xy_m, arcs, length_m, leaves = [(0.0, 0.0)], [], [], [(0, 0.0)]
    for level in range(4):
        metres = 256.0 / 2**level
        nxt = []
        for node, x in leaves:
            for side in (-1, 1):
                at = x + side * 2000.0 / 2**level
                xy_m.append((at, -1000.0 * (level + 1)))
                arcs.append((node, len(xy_m) - 1))
                length_m.append(metres)
                nxt.append((len(xy_m) - 1, at))
        leaves = nxt
    network = street_city(np.array(xy_m), arcs, length_m=length_m)
    ends = np.array([xy_m[node] for node, _ in leaves])
    up = {1: 32.0, 2: 96.0, 3: 224.0, 4: 480.0}  # metres up to the common branch
    found = nearest(graph_of(network), linked(network, ends), linked(network, ends[:1]), limit=1e4)
    expected = [0.0] + [2 * up[i.bit_length()] for i in range(1, 16)]
    assert found.cost[:, 0] == pytest.approx(expected, abs=1e-4)
    assert covered_people(network, list(ends), [ends[5]], 192.0) == bits(4, 5, 6, 7)


def test_river_with_one_bridge() -> None:
    # Two quays 200 m apart (too far to link across), homes every 100 m on the south quay, the bridge
    # at x = 300, the shop on the north quay at x = 0.
    network = street_city(
        np.array([(0, 0), (300.0, 0), (600.0, 0), (0, 200.0), (300.0, 200), (600.0, 200)]),
        [(0, 1), (1, 2), (3, 4), (4, 5), (1, 4)],
    )
    homes = [(100.0 * i, 0.0) for i in range(7)]
    found = nearest(
        graph_of(network), linked(network, np.array(homes)), linked(network, [(0, 200.0)])
    )
    expected = [abs(300.0 - 100.0 * i) + 200.0 + 300.0 for i in range(7)]
    assert found.cost[:, 0].tolist() == expected
    assert covered_people(network, homes, [(0.0, 200.0)], 600.0) == bits(2, 3, 4)
    without = street_city(network.node_xy_m, [(0, 1), (1, 2), (3, 4), (4, 5)])
    assert covered_people(without, homes, [(0.0, 200.0)], 1e4) == 0


def test_mid_block_and_off_street_homes() -> None:
    # 100 m blocks; the shop mid-block at (250, 200), homes mid-block and up to 30 m off the street.
    homes = [(250.0, 210.0), (210.0, 200.0), (300.0, 240.0), (350.0, 170.0), (150.0, 100.0)]
    by_hand = [
        10.0,  # straight out to the same street
        40.0,  # along the shared arc
        50.0 + 40.0,  # to the corner (300, 200) and up
        # 30 m up to the street y = 200 and 100 m along; the other ways are longer
        30.0 + 100.0,
        # to (200, 100) 50, up 100, along 50
        200.0,
    ]
    found = nearest(
        graph_of(grid_city(5, 5)), linked(grid_city(5, 5), np.array(homes)),
        linked(grid_city(5, 5), [(250.0, 200.0)]),
    )  # fmt: skip
    assert found.cost[:, 0].tolist() == pytest.approx(by_hand, abs=1e-9)

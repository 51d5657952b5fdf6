"""100,000 points linked to a real city with its barriers, and one point to a large network.

Shapely's tree and predicates (`tests/shapely_linkage.py`) are what linking was done with before.
"""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import shapely

from analysis.linking.candidate_arcs import Pairs, free_pairs, walls_of
from analysis.linking.linkable import LinkRules, linkable_arcs
from analysis.linking.linkage import Linkage, link_points
from analysis.sources.inputs import read_inputs
from analysis.sources.request import InputRequest
from analysis.streets.barriers import no_barriers
from analysis.streets.network import WalkNetwork
from analysis.walking import walk_profile
from tests.benchmarks.graphs import tiled
from tests.benchmarks.timing import (
    by_query,
    fact,
    faster,
    in_fresh_process,
    interleaved,
    show,
    within,
)
from tests.shapely_linkage import Rows, ShapelyLinker

pytestmark = [pytest.mark.slow, pytest.mark.shared_data]
N_POINTS, AROUND_M = 100_000, 60.0
ADULT = walk_profile("adult", speed_m_s=1.2)
RULES = LinkRules()


def points_around(network: WalkNetwork, n: int = N_POINTS, seed: int = 1) -> np.ndarray:
    """Return points spread evenly over the length of the streets, within 60 m of them."""
    rng = np.random.default_rng(seed)
    arc = rng.choice(network.n_arcs, n, p=network.arc_length_m / network.length_m)
    steps = np.diff(network.arc_first)[arc] - 1
    k = network.arc_first[arc] + (rng.random(n) * steps).astype(int)
    share, turn = rng.random((n, 1)), rng.random(n) * 2 * np.pi
    away_m = AROUND_M * np.sqrt(rng.random(n))
    on_street = network.arc_xy_m[k] * (1 - share) + network.arc_xy_m[k + 1] * share
    return on_street + np.column_stack([np.cos(turn), np.sin(turn)]) * away_m[:, None]


def assert_same(ours: Pairs, theirs: Rows) -> None:
    theirs = theirs.ordered()
    assert np.array_equal(ours.point, theirs.point)
    assert np.array_equal(ours.arc, theirs.arc)
    assert np.abs(ours.offset_m - theirs.offset_m).max() < 2e-6
    assert np.abs(ours.access_m - theirs.access_m).max() < 2e-6


def test_a_hundred_thousand_points_in_las_palmas(shared_data: Path) -> None:
    inputs = read_inputs(InputRequest(source=shared_data / "las_palmas_2023.osm.pbf"))
    network, barriers = inputs.network, inputs.barriers
    linkable, walls = linkable_arcs(network, ADULT, RULES), walls_of(barriers)
    shapelys = ShapelyLinker(network, ADULT, barriers, RULES)
    xy_m = points_around(network)
    points, every = shapely.points(xy_m), np.arange(N_POINTS)

    def ours(rows: np.ndarray, within_m: float) -> Pairs:
        return free_pairs(xy_m, rows, network, linkable, walls.grid, walls.solid, within_m)

    left = np.setdiff1d(every, ours(every, RULES.near_m).point)
    took = interleaved(
        {
            "near": partial(ours, every, RULES.near_m),
            "near, shapely": lambda: shapelys.free(points, every, shapelys.walls, RULES.near_m),
            "wide": partial(ours, left, RULES.snap_limit_m),
            "wide, shapely": lambda: shapelys.free(
                points, left, shapelys.walls, RULES.snap_limit_m
            ),
            "whole": lambda: link_points(xy_m, network, linkable, barriers, RULES, walls=walls),
            "set up": lambda: (linkable_arcs(network, ADULT, RULES), walls_of(barriers)),
            "set up, shapely": lambda: ShapelyLinker(network, ADULT, barriers, RULES),
        },
        rounds=5,
    )
    near, wide = took["near"].result, took["wide"].result
    assert_same(near, took["near, shapely"].result)
    assert_same(wide, took["wide, shapely"].result)
    some = slice(0, N_POINTS, 20)
    assert took["whole"].result.how[some].tolist() == shapelys.link(xy_m[some])[1].tolist()
    show(
        f"Linkage, {N_POINTS:,} points within {AROUND_M:.0f} m of the streets of Las Palmas",
        [
            within(
                f"near pass, {RULES.near_m:.0f} m", took["near"].median_s, 1.0, "s",
                f"{len(near.point) / N_POINTS:.2f} candidates a point",
            ),
            faster("near pass beside shapely", took["near"], took["near, shapely"]),
            faster(
                f"widened remainder, {RULES.snap_limit_m:.0f} m: {len(left):,} points, "
                f"{len(wide.point) / len(left):.1f} candidates each",
                took["wide"], took["wide, shapely"],
            ),
            fact(
                "all, gates and reasons too",
                f"{took['whole'].median_s:.3f} s (min {took['whole'].min_s:.3f})",
            ),
            faster("set-up: streets and walls", took["set up"], took["set up, shapely"]),
        ],
        [
            f"{network!r}, {barriers!r}, {len(walls.grid.segment):,} entries of walls",
            "the same pairs of point and arc; offsets and legs equal to 2⁻¹⁹ m, their rounding",
        ],
    )  # fmt: skip


@pytest.mark.parametrize("character", ["sparse", "dense"])
def test_a_large_network(character: str) -> None:
    network = tiled(character, 250_000).network
    linkable, barriers = linkable_arcs(network, ADULT, RULES), no_barriers()
    walls, xy_m = walls_of(barriers), points_around(network)

    def link(rows: slice) -> Linkage:
        return link_points(xy_m[rows], network, linkable, barriers, RULES, walls=walls)

    one = by_query({"one": lambda i: link(slice(i, i + 1))}, 300)["one"]
    took = interleaved(
        {
            "set up": lambda: linkable_arcs(network, ADULT, RULES),
            "all": lambda: link(slice(None)),
        },
        rounds=5,
    )
    whole = took["all"].result
    assert isinstance(whole, Linkage)
    show(
        f"Linkage on {character} {network.n_nodes:,} nodes",
        [
            within("one point, p95", one.p95_s * 1e3, 5, "ms", f"median {one.median_s * 1e3:.2f}"),
            fact("set-up, once a network", f"{took['set up'].median_s * 1e3:.0f} ms"),
            fact(
                f"{N_POINTS:,} points, {len(whole.arc) / N_POINTS:.1f} candidates each",
                f"{took['all'].median_s:.3f} s (min {took['all'].min_s:.3f})",
            ),
        ],
    )


MEMORY = """
from tests.benchmarks.test_linkage import *
from tests.benchmarks.timing import peak_mb
network = tiled("sparse", 250_000).network
linkable = linkable_arcs(network, ADULT, RULES)
xy_m = points_around(network, 1_000_000)
link_points(xy_m[:1000], network, linkable, no_barriers(), RULES)
before = peak_mb()
linked = link_points(xy_m, network, linkable, no_barriers(), RULES)
kept = sum(one.nbytes for one in (linked.point_first, linked.arc, linked.offset_m, linked.access_m))
print(before, peak_mb(), kept / 1e6, len(linked.arc))
"""


def test_memory_of_a_million_points() -> None:
    before_mb, peak_mb, kept_mb, rows = in_fresh_process(MEMORY)
    show(
        "Memory of linking 1,000,000 points on sparse 250k",
        [
            fact("the answer itself", f"{kept_mb:.0f} MB, {rows:,.0f} rows"),
            fact("peak beside what was there before", f"{peak_mb - before_mb:.0f} MB"),
        ],
    )

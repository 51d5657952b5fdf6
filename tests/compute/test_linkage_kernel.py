"""The linkage kernels beside shapely, on random worlds and a real city, and predicted by hand."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.kernels.legs import free_legs, leg_is_cut, nearest_by_kind
from analysis.kernels.segments import segment_grid
from analysis.linking.candidate_arcs import walls_of
from analysis.linking.linkable import (
    LinkRules,
    arc_lines,
    island_nearest,
    linkable_arcs,
    street_grid,
)
from analysis.linking.linkage import Link, Linkage, link_points
from analysis.sources.inputs import read_inputs
from analysis.sources.request import InputRequest
from analysis.streets.barriers import Barriers, no_barriers
from analysis.streets.network import WalkNetwork, build_network
from analysis.testing.cities import grid_city, street_city
from analysis.units import quantised
from analysis.walking import ArcFlag, WalkProfile, walk_profile
from tests.shapely_linkage import ShapelyLinker

ADULT = walk_profile("adult", speed_m_s=1.2)
WHEELCHAIR = walk_profile("wheelchair", speed_m_s=1.2)
RULES = LinkRules()
UNIT_M = 2.0**-18  # offsets and legs are rounded to it, a leg through a gate twice
KINDS = ("wall", "compound", "water", "railway")


def link(
    xy_m: np.ndarray,
    network: WalkNetwork,
    barriers: Barriers | None = None,
    rules: LinkRules = RULES,
    profile: WalkProfile = ADULT,
) -> Linkage:
    """Link points in one line."""
    barriers = no_barriers() if barriers is None else barriers
    linkable = linkable_arcs(network, profile, rules)
    return link_points(np.asarray(xy_m, float), network, linkable, barriers, rules)


def of_point(linked: Linkage, i: int) -> list[tuple[int, float, float]]:
    """Return (arc, offset, leg) of point i."""
    rows = slice(linked.point_first[i], linked.point_first[i + 1])
    return list(
        zip(
            linked.arc[rows].tolist(),
            linked.offset_m[rows].tolist(),
            linked.access_m[rows].tolist(),
            strict=True,
        )
    )


def fenced(*lines: list[tuple[float, float]], kind: str, compounds=(), gates=()) -> Barriers:
    """Return barrier lines of one kind, compounds and their gates."""
    drawn = np.empty(len(lines), dtype=object)
    drawn[:] = [shapely.LineString(line) for line in lines]
    areas = np.empty(len(compounds), dtype=object)
    areas[:] = [shapely.Polygon(ring) for ring in compounds]
    return Barriers(
        lines=drawn,
        kinds=(kind,) * len(lines),
        compounds=areas,
        compound_id=tuple(f"way/{i}" for i in range(len(areas))),
        gate_compound=np.array([compound for compound, _, _ in gates], dtype=np.int32),
        gate_xy_m=np.array([gate[1:] for gate in gates], dtype=float).reshape(-1, 2),
        gate_inferred=np.zeros(len(gates), dtype=bool),
    )


def random_world(seed: int) -> tuple[WalkNetwork, Barriers, np.ndarray]:
    """Return bent arcs with islands, bridges and stairs, four kinds of walls, gates and points."""
    rng = np.random.default_rng(seed)
    n, side_m = int(rng.integers(4, 30)), float(rng.choice([150.0, 400.0, 1200.0]))
    nodes = rng.uniform(0, side_m, (n, 2)) + rng.uniform(-1e6, 4e6, 2)
    corner = nodes.min(axis=0)
    tail, head = rng.integers(0, n, (2, int(rng.integers(3, 40))))
    bends = [rng.uniform(0, side_m, (rng.integers(0, 4), 2)) + corner for _ in tail]
    lines = [np.vstack([nodes[t], b, nodes[h]]) for t, b, h in zip(tail, bends, head, strict=True)]
    drawn_m = np.array([np.hypot(*np.diff(line, axis=0).T).sum() for line in lines])
    flags = [0, ArcFlag.UNLINKABLE, ArcFlag.STEPS, ArcFlag.PRIVATE]
    network = build_network(
        crs="EPSG:32628",
        node_id=np.arange(n),
        node_xy_m=nodes,
        arc_tail=tail.astype(np.int32),
        arc_head=head.astype(np.int32),
        arc_lines_m=lines,
        arc_length_m=drawn_m * rng.choice([1.0, 1.0, 1.0, 1.3], len(lines)),
        arc_flags=rng.choice(flags, len(lines), p=[0.7, 0.1, 0.1, 0.1]).astype(np.uint16),
    )
    n_walls = int(rng.integers(0, 14))
    walls = np.empty(n_walls, dtype=object)
    walls[:] = [
        shapely.LineString(
            rng.uniform(0, side_m, 2) + corner
            + np.cumsum(rng.normal(0, 40, (rng.integers(2, 9), 2)), axis=0)
        )
        for _ in range(n_walls)
    ]  # fmt: skip
    n_compounds = int(rng.integers(0, 4))
    compounds = np.empty(n_compounds, dtype=object)
    compounds[:] = [
        shapely.Point(*(rng.uniform(0, side_m, 2) + corner)).buffer(60.0)
        for _ in range(n_compounds)
    ]
    of_gate = np.sort(rng.integers(0, max(n_compounds, 1), 2 * n_compounds)).astype(np.int32)
    ring = [shapely.get_coordinates(compounds[c]) for c in of_gate]
    barriers = Barriers(
        lines=np.concatenate([walls, shapely.boundary(compounds)]).astype(object),
        kinds=(*rng.choice(KINDS, n_walls).tolist(), *("compound",) * n_compounds),
        compounds=compounds,
        compound_id=tuple(str(i) for i in range(n_compounds)),
        gate_compound=of_gate,
        # 10 cm outside the ring, so that no rounding decides which side a gate is on.
        gate_xy_m=np.array([
            centre + (xy[rng.integers(len(xy))] - centre) * (60.1 / 60.0)
            for xy, centre in ((xy, xy[:-1].mean(axis=0)) for xy in ring)
        ]).reshape(-1, 2),
        gate_inferred=np.zeros(len(of_gate), dtype=bool),
    )  # fmt: skip
    return network, barriers, rng.uniform(-150, side_m + 150, (60, 2)) + corner


def assert_equal_to_shapely(linked: Linkage, linker: ShapelyLinker, xy_m: np.ndarray) -> None:
    rows, how = linker.link(xy_m)
    assert linked.how.tolist() == how.tolist()
    point = np.repeat(np.arange(len(xy_m)), np.diff(linked.point_first))
    assert point.tolist() == rows.point.tolist()
    assert linked.arc.tolist() == rows.arc.tolist()
    # Ours are rounded to 2⁻¹⁸ m, by half of that at most; each of the two parts of a way over a gate.
    np.testing.assert_allclose(linked.offset_m, rows.offset_m, rtol=0, atol=UNIT_M / 2 + 1e-8)
    np.testing.assert_allclose(linked.access_m, rows.access_m, rtol=0, atol=UNIT_M + 1e-8)


@given(
    seed=st.integers(0, 100_000),
    near_m=st.sampled_from([5.0, 50.0, 120.0]),
    share=st.sampled_from([0.0, 0.1]),
)
@settings(max_examples=150, deadline=None)
def test_random_worlds_are_linked_as_shapely_links_them(
    seed: int, near_m: float, share: float
) -> None:
    network, barriers, xy_m = random_world(seed)
    rules = LinkRules(near_m=near_m, min_component_share=share)
    for profile in (ADULT, WHEELCHAIR):
        linked = link(xy_m, network, barriers, rules, profile)
        assert_equal_to_shapely(linked, ShapelyLinker(network, profile, barriers, rules), xy_m)


def test_random_worlds_hold_every_kind_of_link() -> None:
    # Or the test above would prove less than it says.
    seen: set[int] = set()
    for seed in range(40):
        network, barriers, xy_m = random_world(seed)
        for profile in (ADULT, WHEELCHAIR):
            rules = LinkRules(min_component_share=0.1)
            seen |= set(link(xy_m, network, barriers, rules, profile).how.tolist())
    assert seen == {int(one) for one in Link}


@pytest.mark.shared_data
def test_a_real_city_is_linked_as_shapely_links_it(shared_data: Path) -> None:
    inputs = read_inputs(InputRequest(source=shared_data / "las_palmas_2023.osm.pbf"))
    network, barriers = inputs.network, inputs.barriers
    linker = ShapelyLinker(network, ADULT, barriers, RULES)
    for xy_m in (inputs.demand.xy_m[::4], inputs.facilities.entrance_xy_m[::2]):
        linked = link(xy_m, network, barriers)
        assert len(linked.arc) > 3 * len(xy_m)
        assert_equal_to_shapely(linked, linker, xy_m)


@given(seed=st.integers(0, 100_000))
@settings(max_examples=200, deadline=None)
def test_islands_beside_points_are_those_that_shapely_sees(seed: int) -> None:
    network, _, xy_m = random_world(seed)
    rules = LinkRules(min_component_share=0.3)
    linkable = linkable_arcs(network, ADULT, rules)
    linker = ShapelyLinker(network, ADULT, no_barriers(), rules)
    assert linkable.refused.tolist() == linker.refused.tolist()
    points, expected = shapely.points(xy_m), []
    lines = arc_lines(network, np.arange(network.n_arcs, dtype=np.int32))
    for i in range(len(points)):
        island_m = shapely.distance(lines[linker.refused], points[i]).min(initial=np.inf)
        street_m = shapely.distance(lines[linker.arcs], points[i]).min(initial=np.inf)
        if island_m <= 100.0 and island_m < street_m:
            expected.append(i)
    assert island_nearest(xy_m, linkable, 100.0).tolist() == expected


# Predicted: a street along y = 0 from x = 0 to 400, another along y = 60; homes between them.

STREETS = street_city(
    np.array([[0, 0], [400, 0], [0, 60], [400, 60]], float), [(0, 1), (2, 3), (0, 2)]
)
ALONG_0, ALONG_60 = (
    int(np.flatnonzero((STREETS.arc_tail == tail) & (STREETS.arc_head == head))[0])
    for tail, head in ((0, 1), (2, 3))
)


def test_without_barriers_both_streets_are_candidates() -> None:
    assert of_point(link([[200, 40]], STREETS), 0) == [
        (ALONG_0, 200.0, 40.0),
        (ALONG_60, 200.0, 20.0),
    ]


@pytest.mark.parametrize("kind", ["wall", "fence", "compound", "water", "railway", "motorway"])
def test_a_barrier_takes_the_street_behind_it_away(kind: str) -> None:
    between = fenced([(-500, 10), (900, 10)], kind=kind)
    linked = link([[200, 40], [200, 5]], STREETS, between)
    assert of_point(linked, 0) == [(ALONG_60, 200.0, 20.0)]
    assert of_point(linked, 1) == [(ALONG_0, 200.0, 5.0)]
    assert linked.how.tolist() == [Link.NEAR, Link.NEAR]


def boxed_in(kind: str) -> Barriers:
    """Return a closed ring of 20 × 20 m around (200, 30)."""
    return fenced([(190, 20), (210, 20), (210, 40), (190, 40), (190, 20)], kind=kind)


def test_a_wall_without_a_gate_is_left_over_the_shortest_leg() -> None:
    linked = link([[200, 35]], STREETS, boxed_in("wall"))
    assert linked.how.tolist() == [Link.INFERRED_GATE]
    assert of_point(linked, 0) == [(ALONG_60, 200.0, 25.0)]


@pytest.mark.parametrize("kind", ["water", "railway", "motorway"])
def test_water_and_tracks_are_never_left(kind: str) -> None:
    linked = link([[200, 35]], STREETS, boxed_in(kind))
    assert linked.how.tolist() == [Link.SHUT_IN]
    assert not linked.linked.any()


def test_a_compound_is_left_through_its_gate() -> None:
    # The ring is open at the gate in the south, (200, 20); the home is nearer to the north.
    ring = [(190, 20), (210, 20), (210, 40), (190, 40)]
    cut = [(203, 20), (210, 20), (210, 40), (190, 40), (190, 20), (197, 20)]
    compound = fenced(cut, kind="compound", compounds=[ring], gates=[(0, 200.0, 20.0)])
    rules = LinkRules(near_m=21.0, snap_limit_m=24.0)
    linked = link([[206, 36]], STREETS, compound, rules)
    assert linked.how.tolist() == [Link.GATE]
    # √(6² + 16²) to the gate and 20 m on to the southern street.
    assert [(arc, x) for arc, x, _ in of_point(linked, 0)] == [(ALONG_0, 200.0)]
    assert linked.access_m[0] == pytest.approx(np.hypot(6, 16) + 20, abs=UNIT_M)


def test_a_river_is_crossed_where_its_line_ends_and_a_railway_at_its_crossing() -> None:
    for kind in ("water", "railway"):
        opened = fenced([(-500, 10), (197, 10)], [(203, 10), (900, 10)], kind=kind)
        linked = link([[200, 40], [190, 40]], STREETS, opened)
        assert [arc for arc, _, _ in of_point(linked, 0)] == [ALONG_0, ALONG_60], kind
        assert [arc for arc, _, _ in of_point(linked, 1)] == [ALONG_60], kind


def test_a_leg_that_ends_on_a_wall_does_not_cross_it() -> None:
    # A wall along the street itself: people on both sides get to the street, nobody beyond it.
    along = fenced([(0, 0), (400, 0)], kind="wall")
    linked = link([[200, 40], [200, -20]], STREETS, along)
    assert of_point(linked, 0) == [(ALONG_0, 200.0, 40.0), (ALONG_60, 200.0, 20.0)]
    assert of_point(linked, 1) == [(ALONG_0, 200.0, 20.0)]


@pytest.mark.parametrize("bend", [-7.0, 0.0, 7.0])
@pytest.mark.parametrize("turned", [1, -1])
def test_a_leg_through_the_very_corner_of_a_wall_crosses_it(bend: float, turned: int) -> None:
    # The legs to both streets run along x = 200, where the wall has a point, bent or straight.
    wall = [(100.0, 10 + bend), (200.0, 10.0), (300.0, 10 + bend)][::turned]
    linked = link([[200, 40], [200, 5]], STREETS, fenced(wall, kind="water"))
    assert [arc for arc, _, _ in of_point(linked, 0)] == [ALONG_60]
    assert [arc for arc, _, _ in of_point(linked, 1)] == [ALONG_0]


@pytest.mark.parametrize("at", [0.0, 12.5, 50.0])
def test_barriers_on_the_seams_of_the_grid_hold(at: float) -> None:
    # Points, walls and streets on multiples of the cell of 50 m, and shifted; to all four sides.
    network = grid_city(8, 8, block_m=50.0)
    lines = [[(x + at, -50.0), (x + at, 450.0)] for x in range(25, 400, 50)]
    walls = fenced(*lines, kind="water")
    xy_m = np.array([[x, y] for x in range(0, 401, 25) for y in range(0, 401, 25)], float)
    rules = LinkRules(near_m=50.0, snap_limit_m=100.0)
    assert_equal_to_shapely(
        link(xy_m, network, walls, rules), ShapelyLinker(network, ADULT, walls, rules), xy_m
    )


def test_the_limit_is_included() -> None:
    linked = link(
        [[200, -50], [200, np.nextafter(-50.0, -60)], [200, -200], [200, -200.001]], STREETS
    )
    assert linked.how.tolist() == [Link.NEAR, Link.WIDENED, Link.WIDENED, Link.NO_STREET]


def test_the_nearest_place_of_an_arc_nearest_to_its_tail_counts() -> None:
    # A street in the form of a U: (100, 20) is 20 m from its bottom and from both of its legs.
    bent = build_network(
        crs="EPSG:32628",
        node_id=np.arange(2),
        node_xy_m=np.array([[80.0, 100], [120, 100]]),
        arc_tail=np.array([0], np.int32),
        arc_head=np.array([1], np.int32),
        arc_lines_m=[np.array([[80.0, 100], [80, 0], [120, 0], [120, 100]])],
        arc_length_m=np.array([480.0]),  # stated: twice what is drawn
    )
    assert of_point(link([[100, 20], [101, 20]], bent), 0) == [(0, 160.0, 20.0)]
    assert of_point(link([[100, 20], [101, 20]], bent), 1) == [(0, 320.0, 19.0)]


def test_places_that_are_no_places_are_not_linked() -> None:
    xy_m = np.array([[np.nan, 0.0], [0.0, np.inf], [-1e300, 1e300], [200.0, 0.0]])
    linked = link(xy_m, STREETS, fenced([(0, 10), (400, 10)], kind="wall"))
    assert linked.how.tolist() == [Link.NO_STREET] * 3 + [Link.NEAR]


def test_nothing_is_linked_to_nothing() -> None:
    empty = street_city(np.empty((0, 2)), [])
    assert link([[0, 0]], empty).how.tolist() == [Link.NO_STREET]
    assert len(link(np.empty((0, 2)), STREETS).how) == 0


def test_far_off_streets_cost_no_memory_and_change_nothing() -> None:
    # The same two streets, and one 3,000 km off: cells of 50 m would be thousands of millions.
    far = street_city(
        np.array([[0, 0], [400, 0], [0, 60], [400, 60], [3e6, 3e6], [3e6 + 400, 3e6]], float),
        [(0, 1), (2, 3), (0, 2), (4, 5)],
    )
    grid = street_grid(far)
    assert grid.columns * grid.rows <= 1 << 17
    linked = link([[200, 40], [3e6 + 100, 3e6 + 30]], far)
    assert [arc_row[1:] for arc_row in of_point(linked, 0)] == [(200.0, 40.0), (200.0, 20.0)]
    assert [arc_row[1:] for arc_row in of_point(linked, 1)] == [(100.0, 30.0)]


@given(seed=st.integers(0, 100_000))
@settings(max_examples=50, deadline=None)
def test_the_answer_depends_neither_on_order_nor_on_company(seed: int) -> None:
    network, barriers, xy_m = random_world(seed)
    together = link(xy_m, network, barriers)
    by = np.random.default_rng(seed).permutation(len(xy_m))
    shuffled = link(xy_m[by], network, barriers)
    assert shuffled.how.tolist() == together.how[by].tolist()
    linkable, walls = linkable_arcs(network, ADULT, RULES), walls_of(barriers)
    for i, j in enumerate(by[:20].tolist()):
        alone = link_points(xy_m[j : j + 1], network, linkable, barriers, RULES, walls=walls)
        assert of_point(shuffled, i) == of_point(together, j) == of_point(alone, 0)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("analysis.linking.linkage._POINTS_AT_ONCE", 7)
        in_parts = link(xy_m, network, barriers)
    for field in fields(Linkage):
        np.testing.assert_array_equal(getattr(in_parts, field.name), getattr(together, field.name))


@given(seed=st.integers(0, 100_000))
@settings(max_examples=100, deadline=None)
def test_offsets_and_legs_are_whole_units_on_the_arc(seed: int) -> None:
    network, barriers, xy_m = random_world(seed)
    linked = link(xy_m, network, barriers)
    for metres in (linked.offset_m, linked.access_m):
        assert np.array_equal(metres, quantised(metres))
    assert (linked.offset_m >= 0).all()
    assert (linked.offset_m <= network.arc_length_m[linked.arc]).all()


@given(seed=st.integers(0, 100_000))
@settings(max_examples=200, deadline=None)
def test_crossings_are_those_that_shapely_sees(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lines = np.empty(6, dtype=object)
    lines[:] = [shapely.LineString(rng.uniform(0, 300, (rng.integers(2, 9), 2))) for _ in range(6)]
    barriers = replace(fenced(kind="wall"), lines=lines, kinds=("wall",) * 3 + ("water",) * 3)
    walls = walls_of(barriers)
    ends = rng.uniform(-50, 350, (30, 4))
    for solid, of in ((walls.solid, lines), (walls.firm, lines[3:])):
        for x, y, to_x, to_y in ends.tolist():
            leg = shapely.LineString([(x, y), (to_x, to_y)])
            cut = leg_is_cut(x, y, to_x, to_y, walls.grid, solid)
            assert cut == bool(shapely.crosses(leg, of).any())


@given(seed=st.integers(0, 100_000), cell_m=st.sampled_from([7.0, 50.0]))
@settings(max_examples=100, deadline=None)
def test_every_cell_knows_the_segments_in_it(seed: int, cell_m: float) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(2, 6, 8)
    # Half of the places on the seams of the cells.
    xy_m = np.where(
        rng.random((counts.sum(), 2)) < 0.5,
        rng.uniform(0, 400, (counts.sum(), 2)),
        rng.integers(0, 8, (counts.sum(), 2)) * cell_m,
    )
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    grid = segment_grid(xy_m, first, np.array([0, 2, 3, 7], np.int32), cell_m=cell_m)
    laid: set[tuple[int, int]] = set()
    for cell in range(grid.columns * grid.rows):
        entries = grid.segment[grid.cell_first[cell] : grid.cell_first[cell + 1]].tolist()
        assert entries == sorted(set(entries))
        laid |= {(cell, k) for k in entries}
    at = dict(zip(grid.segment.tolist(), grid.line.tolist(), strict=True))
    assert at == {k: line for line in (0, 2, 3, 7) for k in range(first[line], first[line + 1] - 1)}
    for k in at:
        for share in [0.0, 1.0, *rng.random(20)]:
            x, y = xy_m[k] + share * (xy_m[k + 1] - xy_m[k])
            column = min(int(max(x - grid.west_m, 0.0) // grid.cell_m), grid.columns - 1)
            row = min(int(max(y - grid.south_m, 0.0) // grid.cell_m), grid.rows - 1)
            assert (row * grid.columns + column, k) in laid
    # And no cell knows one that is nowhere near it.
    cells = shapely.box(
        grid.west_m + np.arange(grid.columns * grid.rows) % grid.columns * grid.cell_m,
        grid.south_m + np.arange(grid.columns * grid.rows) // grid.columns * grid.cell_m,
        grid.west_m + (np.arange(grid.columns * grid.rows) % grid.columns + 1) * grid.cell_m,
        grid.south_m + (np.arange(grid.columns * grid.rows) // grid.columns + 1) * grid.cell_m,
    )
    segments = shapely.linestrings(np.stack([xy_m[:-1], xy_m[1:]], axis=1))
    pairs = np.array(sorted(laid))
    assert shapely.distance(cells[pairs[:, 0]], segments[pairs[:, 1]]).max() < 1e-3


def test_kernels_are_compiled_once_whatever_comes_in() -> None:
    # Read-only or not, one point or many, whole metres or not: no second wait for the compiler.
    for xy_m in (np.zeros((1, 2)), np.asfortranarray(np.zeros((7, 2)))):
        for rules in (RULES, LinkRules(near_m=50, snap_limit_m=200)):
            xy_m.flags.writeable = not xy_m.flags.writeable
            link(xy_m, STREETS, boxed_in("wall"), rules)
            link(xy_m, STREETS, None, rules)
    for kernel in (free_legs, nearest_by_kind):
        assert len(kernel.signatures) == 1

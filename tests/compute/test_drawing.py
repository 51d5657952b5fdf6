"""Drawings: predicted by hand, against shapely's union of buffers, and properties on random sets."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.ops import substring

from analysis.errors import InvalidParameterError
from analysis.isochrones.agreement import measure_agreement
from analysis.isochrones.drawing import draw, drawing_kind, outline_of_points
from analysis.kernels.field import distance_field, keep_off, within_distance
from analysis.kernels.rings import corners
from analysis.kernels.stretches import cut_stretches, segments_of

BUFFER_M = 25.0
KINDS = ("fast", "exact")
seeds = st.integers(0, 2**32 - 1)


def segments(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def square(side_m: float, x: float = 0.0, y: float = 0.0) -> np.ndarray:
    """Return the four sides of a square with its south-west corner at (x, y)."""
    a, b = (x, y), (x + side_m, y)
    c, d = (x + side_m, y + side_m), (x, y + side_m)
    return segments((*a, *b), (*b, *c), (*c, *d), (*d, *a))


def union(rows: np.ndarray, buffer_m: float = BUFFER_M) -> shapely.Geometry:
    lines = shapely.linestrings(rows.reshape(-1, 2, 2))
    return shapely.union_all(shapely.buffer(lines, buffer_m, quad_segs=32))


def jaccard(one: shapely.Geometry, other: shapely.Geometry) -> float:
    return shapely.area(one & other) / shapely.area(one | other)


def random_segments(seed: int) -> np.ndarray:
    """Return segments of all sorts: points, snapped to the grids, axis-parallel, far from zero."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 50))
    spread = rng.choice([30.0, 100.0, 300.0])
    start = rng.uniform(-spread, spread, (n, 2))
    end = start + rng.normal(0, 1, (n, 2)) * rng.choice([0.0, 1.0, 20.0, 60.0], (n, 1))
    snap = rng.choice([0.0, 1.0, 2.5, 8.0, 25.0])
    if snap:
        start, end = np.round(start / snap) * snap, np.round(end / snap) * snap
    if rng.random() < 0.3:
        end[:, 0] = start[:, 0]
    return np.hstack([start, end]) + rng.choice([0.0, 3.1e4, 5e6])


@pytest.mark.parametrize(
    ("kind", "off_m", "within"), [("fast", 0.35, 0.025), ("exact", 0.04, 0.0025)]
)
def test_a_point_is_drawn_as_a_disc(kind, off_m, within) -> None:
    drawing = draw(segments((3.0, 7.0, 3.0, 7.0)), buffer_m=BUFFER_M, kind=kind)
    assert drawing.shape.area == pytest.approx(np.pi * BUFFER_M**2, rel=within)
    xy = shapely.get_coordinates(drawing.shape)
    assert np.abs(np.hypot(xy[:, 0] - 3.0, xy[:, 1] - 7.0) - BUFFER_M).max() < off_m
    assert shapely.is_ccw(drawing.shape.exterior)
    assert (drawing.kind, drawing.buffer_m) == (kind, BUFFER_M)
    assert drawing.cell_m == {"fast": 8.0, "exact": 2.5}[kind]


def test_a_straight_street_has_straight_sides() -> None:
    shape = draw(segments((0.0, 0.1, 1000.0, 0.1)), buffer_m=BUFFER_M).shape
    west, south, east, north = shape.bounds
    assert (west, east) == pytest.approx((-25, 1025), abs=0.05)
    # Distance to a straight line is linear, so that the contour is exact, wherever the grid lies.
    assert (south, north) == pytest.approx((-24.9, 25.1), abs=1e-9)
    assert shape.area == pytest.approx(1000 * 50 + np.pi * 25**2, rel=1e-3)
    # Only the round ends have corners: none lies along the sides.
    x = shapely.get_coordinates(shape)[:, 0]
    assert not ((x > 5) & (x < 995)).any()


def test_blocks_keep_their_yards() -> None:
    # Inside a block of 100 m the buffers leave 50 × 50 m.
    drawing = draw(square(100.0), buffer_m=BUFFER_M)
    (yard,) = drawing.shape.interiors
    assert shapely.area(shapely.Polygon(yard)) == pytest.approx(2500, rel=8e-3)
    assert (drawing.holes_filled, drawing.holes_filled_m2) == (0, 0.0)
    kept = draw(square(100.0), buffer_m=BUFFER_M, fill_holes_below_m2=2400)
    assert kept.shape.equals(drawing.shape)
    filled = draw(square(100.0), buffer_m=BUFFER_M, fill_holes_below_m2=2600)
    assert len(filled.shape.interiors) == 0
    assert filled.holes_filled == 1
    assert filled.holes_filled_m2 == pytest.approx(2500, rel=8e-3)
    # What was filled is not in the set, and the agreement says so: 22,463 of 24,963 m².
    share = drawing.shape.area / filled.shape.area
    assert filled.agreement.jaccard == pytest.approx(share, abs=0.01)
    assert filled.agreement.area_error_share == pytest.approx(1 / share - 1, abs=0.012)
    assert drawing.agreement.jaccard > 0.99


def test_an_island_in_a_filled_yard_goes_under_in_it() -> None:
    # A yard of 250 × 250 m with a lonely point in its middle, and a block far away.
    rows = np.concatenate([square(300.0), segments((150, 150, 150, 150)), square(100.0, 1000.0)])
    drawing = draw(rows, buffer_m=BUFFER_M)
    assert shapely.get_num_geometries(drawing.shape) == 3
    filled = draw(rows, buffer_m=BUFFER_M, fill_holes_below_m2=250**2 + 500)
    assert filled.shape.is_valid
    assert shapely.get_num_geometries(filled.shape) == 2
    assert filled.holes_filled == 2
    disc = np.pi * BUFFER_M**2
    assert filled.holes_filled_m2 == pytest.approx(250**2 - disc + 2500, rel=2e-3)
    one = draw(rows, buffer_m=BUFFER_M, fill_holes_below_m2=2600)
    assert (one.holes_filled, shapely.get_num_geometries(one.shape)) == (1, 3)


def test_a_slit_narrower_than_a_street_is_seen() -> None:
    # Streets 54 m apart leave 4 m between their buffers.
    rows = segments((0.0, 0.3, 400.0, 0.3), (0.0, 54.3, 400.0, 54.3))
    shape = draw(rows, buffer_m=BUFFER_M).shape
    assert shapely.get_num_geometries(shape) == 2
    assert shapely.distance(*shape.geoms) == pytest.approx(4.0, abs=0.08)


def test_distances_equal_to_the_buffer_on_the_grid_itself_fold_nothing() -> None:
    # Streets every 50 m: the middle line of each pair is exactly 25 m from both, on grid points.
    rows = np.concatenate([segments((0, y, 200, y)) for y in (0.0, 50.0, 100.0)])
    for kind in KINDS:
        shape = draw(rows, buffer_m=BUFFER_M, kind=kind).shape
        assert shape.is_valid
        assert jaccard(shape, union(rows)) > (0.97 if kind == "fast" else 0.99)


def test_nothing_is_drawn_for_nothing() -> None:
    drawing = draw(segments(), buffer_m=BUFFER_M, fill_holes_below_m2=10.0)
    assert drawing.shape.is_empty
    assert drawing.agreement is None


def test_a_buffer_too_narrow_for_the_extent_is_refused() -> None:
    rows = segments((0.0, 0.0, 30_000.0, 30_000.0))
    with pytest.raises(InvalidParameterError, match="narrow"):
        draw(rows, buffer_m=1.0)
    wide = draw(rows, buffer_m=BUFFER_M)
    assert wide.cell_m == 10.0  # doubled twice, and told
    assert wide.agreement.jaccard > 0.97


def test_kinds_of_drawing_have_names() -> None:
    assert [drawing_kind(one) for one in KINDS] == list(KINDS)
    with pytest.raises(InvalidParameterError, match="fast"):
        drawing_kind("pretty")


@settings(max_examples=100, deadline=None)
@given(seeds, st.sampled_from([25.0, 10.0, 7.3, 60.0]))
def test_drawings_are_valid_nested_and_close_to_the_union(seed, buffer_m) -> None:
    rows = random_segments(seed)
    some, truth = rows[: len(rows) // 2 + 1], union(rows, buffer_m)
    for kind, least in (("fast", 0.9), ("exact", 0.985)):
        whole = draw(rows, buffer_m=buffer_m, kind=kind).shape
        part = draw(some, buffer_m=buffer_m, kind=kind).shape
        assert whole.is_valid and part.is_valid
        assert shapely.covers(shapely.buffer(whole, 1e-5), part)
        assert jaccard(whole, truth) > least
        again = draw(rows[::-1][:, [2, 3, 0, 1]], buffer_m=buffer_m, kind=kind).shape
        assert jaccard(again, whole) > 1 - 1e-9
        below_m2 = float(np.random.default_rng(seed).choice([50.0, 500.0, 5000.0]))
        filled = draw(rows, buffer_m=buffer_m, kind=kind, fill_holes_below_m2=below_m2)
        inner = draw(some, buffer_m=buffer_m, kind=kind, fill_holes_below_m2=below_m2)
        assert filled.shape.is_valid
        assert filled.holes_filled_m2 == pytest.approx(filled.shape.area - whole.area, abs=1e-3)
        assert shapely.covers(shapely.buffer(filled.shape, 1e-5), inner.shape)


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_the_field_is_the_distance_up_to_its_cap(seed) -> None:
    rows, cell_m, cap_m = random_segments(seed), 5.0, 32.0
    first = np.floor((rows.reshape(-1, 2).min(axis=0) - 60.0) / cell_m).astype(int)
    field = distance_field(rows, int(first[0]), int(first[1]), 90, 60, cell_m, cap_m)
    x, y = (first[0] + np.arange(90)) * cell_m, (first[1] + np.arange(60)) * cell_m
    points = shapely.points(*np.meshgrid(x, y))
    truth = shapely.distance(points, shapely.MultiLineString(list(rows.reshape(-1, 2, 2))))
    assert np.abs(field - np.minimum(truth, cap_m)).max() < 1e-6
    moved = field.copy()
    keep_off(moved, 25.0, 0.1)
    assert (np.abs(moved - 25.0) >= 0.1 - 1e-12).all()
    assert ((moved < 25.0) == (field < 25.0 + 1e-6)).all()
    assert np.abs(moved - field).max() <= 0.1 + 2e-6


@settings(max_examples=100, deadline=None)
@given(seeds, st.floats(3.0, 200.0))
def test_membership_is_measured_exactly(seed, bucket_m) -> None:
    rows = random_segments(seed)
    rng = np.random.default_rng(seed)
    xy_m = rows[0, :2] + rng.uniform(-200, 200, (300, 2))
    found = within_distance(xy_m, rows, BUFFER_M, bucket_m)
    lines = shapely.MultiLineString(list(rows.reshape(-1, 2, 2)))
    truth = shapely.distance(shapely.points(xy_m), lines)
    sure = np.abs(truth - BUFFER_M) > 1e-6
    assert np.array_equal(found[sure], truth[sure] <= BUFFER_M)


def test_agreement_tells_what_is_wrong() -> None:
    rows = segments((0.0, 0.0, 400.0, 0.0))
    truth = union(rows)
    assert measure_agreement(truth, rows, BUFFER_M).jaccard > 0.998
    half = shapely.intersection(truth, shapely.box(-100, -100, 200, 100))
    told = measure_agreement(half, rows, BUFFER_M)
    # The box around the half, widened by 25 m, holds 25 m more of the set than the half does.
    seen = shapely.box(-50, -50, 225, 50)
    share = half.area / shapely.area(truth & seen)
    assert told.jaccard == pytest.approx(share, abs=0.01)
    assert told.area_error_share == pytest.approx(share - 1, abs=0.01)
    assert told.only_polygon == 0
    double = shapely.box(-25, -50, 425, 50)
    told = measure_agreement(double, rows, BUFFER_M)
    assert told.jaccard == pytest.approx(truth.area / double.area, abs=0.015)
    assert told.area_error_share == pytest.approx(double.area / truth.area - 1, abs=0.03)
    assert told.only_set == 0
    assert told.n_sample >= told.inside_both + told.only_polygon > 1500
    assert measure_agreement(shapely.Polygon(), rows, BUFFER_M) is None
    assert measure_agreement(double, rows, BUFFER_M) == told


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_outlines_of_points_keep_to_one_per_cent(seed) -> None:
    rng = np.random.default_rng(seed)
    xy_m = rng.uniform(-200, 200, (int(rng.integers(1, 80)), 2)).round(int(rng.integers(0, 2)))
    outline = outline_of_points(xy_m, 60.0)
    truth = union(np.hstack([xy_m, xy_m]), 60.0)
    assert outline.is_valid
    assert jaccard(outline, truth) > 0.985
    assert outline.area == pytest.approx(truth.area, rel=0.012)


def random_lines(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    sizes = rng.integers(2, 7, n)
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    xy_m = rng.uniform(0, 100, (int(first[-1]), 2))
    if rng.random() < 0.3:  # points that repeat
        xy_m[1] = xy_m[0]
    drawn_m = [shapely.length(shapely.LineString(xy_m[a:b])) for a, b in zip(first[:-1], first[1:])]
    return first, xy_m, np.array(drawn_m) * rng.choice([1.0, 0.9, 1.3], n)


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_stretches_are_cut_as_shapely_cuts_them(seed) -> None:
    rng = np.random.default_rng(seed)
    first, xy_m, length_m = random_lines(rng, 5)
    arc = np.sort(rng.integers(0, 5, 12)).astype(np.int32)
    share = np.sort(rng.choice([0.0, 1.0, rng.random(), rng.random()], (12, 2)), axis=1)
    start_m, end_m = (share * length_m[arc][:, None]).T.copy()
    piece_first, piece_xy_m = cut_stretches(arc, start_m, end_m, first, xy_m, length_m)
    rows = segments_of(piece_first, piece_xy_m)
    at = 0
    for k, a in enumerate(arc):
        chain = piece_xy_m[piece_first[k] : piece_first[k + 1]]
        line = shapely.LineString(xy_m[first[a] : first[a + 1]])
        truth = substring(line, share[k, 0], share[k, 1], normalized=True)
        assert len(chain) >= 2
        ends = shapely.get_coordinates(truth)[[0, -1]]
        np.testing.assert_allclose(chain[[0, -1]], ends, atol=1e-9)
        drawn = shapely.LineString(chain)
        assert drawn.length == pytest.approx(truth.length, abs=1e-9)
        assert shapely.hausdorff_distance(drawn, truth) < 1e-9
        for i in range(len(chain) - 1):
            assert np.array_equal(rows[at], [*chain[i], *chain[i + 1]])
            at += 1
    assert at == len(rows)


def test_an_arc_without_length_is_cut_to_its_place() -> None:
    first, xy_m = np.array([0, 2], np.int32), np.array([[5.0, 6.0], [5.0, 6.0]])
    zero = np.zeros(1)
    got, chain = cut_stretches(np.zeros(1, np.int32), zero, zero, first, xy_m, zero)
    assert got.tolist() == [0, 2]
    assert chain.tolist() == [[5.0, 6.0], [5.0, 6.0]]


def test_corners_keep_what_is_not_straight() -> None:
    ring = np.array(
        [[0, 0], [1, 0], [2, 0], [4, 0], [4, 1], [4, 4], [2, 4.001], [0, 4], [0, 2], [0, 0]], float
    )
    first = np.array([0, len(ring)], np.int32)
    keep = corners(first, ring, 1e-6)
    assert ring[keep].tolist() == [[0, 0], [4, 0], [4, 4], [2, 4.001], [0, 4], [0, 0]]
    assert ring[corners(first, ring, 0.01)].tolist() == [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
    back = np.array([[0, 0], [2, 0], [1, 0], [1, 1], [0, 0]], float)  # a turn back is a corner
    assert corners(np.array([0, 5], np.int32), back, 1e-6).all()

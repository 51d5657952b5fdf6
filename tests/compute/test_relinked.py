"""Links made otherwise, anew only where it matters: the same as linking everybody again."""

import math
from dataclasses import fields, replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.certainty.variants import guessed_compounds, without_inferred
from analysis.linking.linkable import LinkRules
from analysis.linking.linkage import Link, Linkage
from analysis.linking.linker import Linker
from analysis.linking.relinked import linked_within, points_around, reached_points, with_fresh
from analysis.streets.barriers import Barriers
from analysis.testing.cities import grid_city, plain_standard

ADULT = plain_standard().profile("adult")
RULES = LinkRules()
POINT = st.tuples(st.integers(-60, 560), st.integers(-60, 560))


def walled() -> Barriers:
    """Return a compound in the middle of a block with an inferred gate, and a wall."""
    ring = shapely.box(110, 110, 190, 190)
    return Barriers(
        lines=np.array([shapely.boundary(ring), shapely.LineString([(300, 330), (400, 330)])]),
        kinds=("compound", "wall"),
        compounds=np.array([ring]),
        compound_id=("way/1",),
        gate_compound=np.array([0], dtype=np.int32),
        gate_xy_m=np.array([[150.0, 110.0]]),
        gate_inferred=np.array([True]),
    )


def same(one: Linkage, other: Linkage) -> None:
    for name in (each.name for each in fields(Linkage)):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


def of(rules: LinkRules, barriers: Barriers) -> Linker:
    return Linker(grid_city(5, 5), barriers, rules)


@settings(max_examples=60, deadline=None)
@given(st.lists(POINT, min_size=1, max_size=12), st.sampled_from([1.0, 10.0, 25.0, 40.0]))
def test_within_a_shorter_distance(points: list[tuple[int, int]], near_m: float) -> None:
    xy_m = np.array(points, dtype=np.float64)
    known = of(RULES, walled()).link(xy_m, ADULT)
    again = of(replace(RULES, near_m=near_m), walled())
    calls: list[int] = []

    def link(some_xy_m: np.ndarray) -> Linkage:
        calls.append(len(some_xy_m))
        return again.link(some_xy_m, ADULT)

    same(linked_within(known, xy_m, near_m, link), again.link(xy_m, ADULT))
    assert sum(calls) <= len(xy_m)


@settings(max_examples=60, deadline=None)
@given(st.lists(POINT, min_size=1, max_size=12))
def test_without_an_inferred_ring(points: list[tuple[int, int]]) -> None:
    xy_m, barriers = np.array(points, dtype=np.float64), walled()
    opened = without_inferred(barriers, guessed_compounds(barriers))
    assert len(opened.lines) == 1
    known, again = of(RULES, barriers).link(xy_m, ADULT), of(RULES, opened)
    changed = np.concatenate([barriers.lines[:1], barriers.compounds])
    fresh = reached_points(changed, xy_m, barriers, RULES.snap_limit_m)
    found = with_fresh(known, xy_m, fresh, lambda some: again.link(some, ADULT))
    same(found, again.link(xy_m, ADULT))


BOX = st.tuples(*[st.integers(-400, 900)] * 2, st.integers(0, 300), st.integers(0, 300))


@given(st.lists(BOX, max_size=4), st.lists(POINT, min_size=1, max_size=8), st.integers(0, 250))
def test_no_point_near_a_box_is_left_out(
    boxes: list[tuple[int, ...]], points: list[tuple[int, int]], within_m: int
) -> None:
    areas = np.array([shapely.box(x, y, x + w, y + h) for x, y, w, h in boxes], dtype=object)
    xy_m = np.array(points, dtype=np.float64)
    around = points_around(shapely.bounds(areas).reshape(-1, 4), xy_m, float(within_m))
    for row, point in enumerate(shapely.points(xy_m)):
        apart_m = min((shapely.distance(point, one) for one in areas), default=math.inf)
        assert around[row] or apart_m > within_m
        assert not around[row] or apart_m <= within_m + 150.0  # a square's diagonal


@pytest.mark.parametrize(("y", "how", "n"), [(320.0, Link.NEAR, 1), (330.0, Link.NEAR, 2)])
def test_who_keeps_a_street_is_not_linked_again(y: float, how: Link, n: int) -> None:
    """30 m and 20 m from a street at y = 300: within 25 m the second keeps it without a search."""
    xy_m = np.array([[250.0, y]])
    known = of(RULES, walled()).link(xy_m, ADULT)
    assert known.how[0] == how
    calls = []

    def link(some_xy_m: np.ndarray) -> Linkage:
        calls.append(len(some_xy_m))
        return of(replace(RULES, near_m=25.0), walled()).link(some_xy_m, ADULT)

    linked_within(known, xy_m, 25.0, link)
    assert len(calls) == n - 1

"""Where an extract is complete: predicted boxes, cuts along a boundary, and the sea."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from analysis.sources.osm.complete_area import complete_area
from analysis.sources.osm.data import OsmData
from analysis.testing.osm import WORLD_CRS, OsmWorld

HALF_M = 3000.0
SOUTH_TO_NORTH = [(0.0, -3500.0), (0.0, 0.0), (0.0, 3500.0)]


def extract(keep, coast: list[tuple[float, float]] | None = None) -> OsmData:
    """Draw a node every 300 m where `keep(x, y)` holds, in a box of 6 × 6 km."""
    world = OsmWorld()
    for x in np.arange(-HALF_M + 150, HALF_M, 300.0):
        for y in np.arange(-HALF_M + 150, HALF_M, 300.0):
            if keep(x, y):
                world.node(float(x), float(y), {"shop": "yes"})
    if coast:
        world.line(coast, {"natural": "coastline"})
    corners = WORLD_CRS.unproject(np.array([[-HALF_M, -HALF_M], [HALF_M, HALF_M]]))
    return replace(world.data(), extent=tuple(corners.ravel().tolist()))


def covers(area: shapely.Geometry, x_m: float, y_m: float) -> bool:
    return bool(shapely.covers(area, shapely.Point(x_m, y_m)))


def test_a_filled_box_is_complete_to_its_edge() -> None:
    area, notices = complete_area(extract(lambda x, y: True), WORLD_CRS)
    assert notices == ()
    assert shapely.area(area) == pytest.approx(36e6, rel=1e-3)
    assert covers(area, 2990, 2990)


def test_an_extract_cut_along_a_boundary_ends_there() -> None:
    area, notices = complete_area(extract(lambda x, y: y < x), WORLD_CRS)
    assert [one.code for one in notices] == ["source.not_a_box"]
    assert notices[0].text.args["share"] == pytest.approx(0.5, abs=0.06)
    assert shapely.area(area) == pytest.approx(18e6, rel=0.12)
    assert covers(area, 1000, -1000)
    assert covers(area, 2900, -2900)  # the box itself still ends the data where it is filled
    assert not covers(area, -1000, 1000)


def test_a_hole_and_a_lone_road_out_do_not_shape_it() -> None:
    kept = extract(lambda x, y: y < 0 and not (abs(x) < 900 and -2100 < y < -900))
    world_area, _ = complete_area(kept, WORLD_CRS)
    assert covers(world_area, 0, -1500)  # woods inside the data
    road = extract(lambda x, y: y < 0 or (abs(x - 150) < 1 and y < 2400))
    area, _ = complete_area(road, WORLD_CRS)
    assert covers(area, 0, -1000)
    assert shapely.area(area) < 0.62 * 36e6


def test_the_sea_needs_no_data() -> None:
    west_land = extract(lambda x, y: x < 0, SOUTH_TO_NORTH)  # a coastline has land on its left
    area, notices = complete_area(west_land, WORLD_CRS)
    assert notices == ()
    assert shapely.area(area) == pytest.approx(36e6, rel=1e-3)
    turned = extract(lambda x, y: x < 0, SOUTH_TO_NORTH[::-1])  # now the empty east is land
    area, notices = complete_area(turned, WORLD_CRS)
    assert [one.code for one in notices] == ["source.not_a_box"]
    assert not covers(area, 1500, 0)


@pytest.mark.parametrize("length_m", [3500.0, 1500.0])
def test_a_cut_town_at_the_sea_ends_on_land_only(length_m: float) -> None:
    # Land in the west, kept in its south only; the coastline may end inside the box.
    coast = [(0.0, -3500.0), (0.0, 0.0), (0.0, length_m)]
    area, notices = complete_area(extract(lambda x, y: x < 0 and y < 0, coast), WORLD_CRS)
    assert notices[0].text.args["share"] == pytest.approx(0.5, abs=0.07)
    assert covers(area, -1500, -1500)
    assert covers(area, 1500, 1000)
    assert not covers(area, -1500, 1500)


def test_next_to_nothing_tells_no_shape() -> None:
    area, notices = complete_area(extract(lambda x, y: x < -2800 and y < -2800), WORLD_CRS)
    assert notices == ()
    assert shapely.area(area) == pytest.approx(36e6, rel=1e-3)

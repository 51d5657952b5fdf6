"""Homes and residential land from an extract."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from analysis.crs import metric_crs
from analysis.places.circles import Circles
from analysis.sources.extent import StudyArea, placed
from analysis.sources.files.circles import read_circle_layer
from analysis.sources.files.placed_circles import crs_of, place_circles
from analysis.sources.osm.data import OsmData
from analysis.sources.people.building_rules import building_rules
from analysis.sources.people.buildings import Buildings, read_buildings, read_residential_land
from analysis.sources.people.land_cells import land_cells

CRS = metric_crs(106.70, 26.60)
SQUARE = shapely.box(-1000, -1000, 1000, 1000)
AREA = StudyArea(crs=CRS, judged=SQUARE, read=SQUARE, data=SQUARE)
Tags = dict[str, str]
HOUSE: Tags = {"building": "house"}


def extract(
    *areas: tuple[list[tuple[float, float]], Tags],
    relations: tuple[tuple[shapely.Geometry, Tags], ...] = (),
) -> OsmData:
    """Return an extract of closed ways 1, 2, … (rings in metres) and relations 1, 2, …."""
    points = [point for ring, _ in areas for point in ring]
    lonlat = CRS.unproject(np.array(points, dtype=np.float64).reshape(-1, 2))
    first = np.cumsum([0, *(len(ring) for ring, _ in areas)])
    nodes = np.arange(len(points), dtype=np.int32)
    for start, end in zip(first[:-1], first[1:], strict=True):
        if points[start] == points[end - 1]:
            nodes[end - 1] = start
    polygons = shapely.transform(
        np.array([polygon for polygon, _ in relations], dtype=object), CRS.unproject
    )
    return OsmData(
        node_id=np.arange(1, len(points) + 1, dtype=np.int64),
        node_lonlat=lonlat,
        way_id=np.arange(1, len(areas) + 1, dtype=np.int64),
        way_first=first.astype(np.int32),
        way_node=nodes,
        way_tags=tuple(tags for _, tags in areas),
        tagged_node=np.empty(0, dtype=np.int32),
        node_tags=(),
        relation_id=np.arange(1, len(relations) + 1, dtype=np.int64),
        relation_polygon=polygons,
        relation_tags=tuple(tags for _, tags in relations),
        mapped_lonlat=lonlat,
        extent=(106.6, 26.5, 106.8, 26.7),
        extent_from="header",
        data_date="",
        notices=(),
    )


def box(x: float, y: float, width: float, height: float | None = None) -> list[tuple[float, float]]:
    up = height if height is not None else width
    return [(x, y), (x + width, y), (x + width, y + up), (x, y + up), (x, y)]


def told(buildings: Buildings) -> dict[str, tuple[str, ...]]:
    return {one.code: one.subjects for one in buildings.notices}


def test_floor_area_is_footprint_times_levels() -> None:
    homes = read_buildings(
        extract(
            (box(0, 0, 16, 8), {"building": "apartments", "building:levels": "4"}),
            (box(50, 0, 16, 8), {"building": "house"}),
        ),
        AREA,
    )
    assert homes.source_id == ("osm:way/1", "osm:way/2")
    assert homes.footprint_m2 == pytest.approx([128, 128], rel=1e-6)
    assert homes.levels.tolist() == [4, 2]
    assert homes.floor_area_m2 == pytest.approx([512, 256], rel=1e-6)
    assert homes.levels_estimated.tolist() == [False, True]
    assert told(homes) == {"buildings.levels_assumed": ("osm:way/2",)}
    assert all(shapely.contains_xy(homes.polygons, *homes.xy_m.T))


@pytest.mark.parametrize(
    ("tags", "levels"),
    [
        ({"building:levels": "6"}, 6),
        ({"building:levels": "5.5"}, 5.5),
        ({"building:levels": "6;7"}, 6.5),
        ({"building:levels": "1-3"}, 2),
        ({"building:levels": "6+1"}, 7),
        ({"building:levels": "６"}, 6),
        ({"height": "21"}, 7),
        ({"height": "9.5 m"}, 3),
        ({"height": "30 ft"}, 3),
        ({"height": "1"}, 1),
        ({"building:levels": "many", "height": "12"}, 4),
        ({"building:levels": "0"}, None),
        ({"building:levels": "-1"}, None),
        ({"building:levels": "9999"}, None),
        ({"height": "tall"}, None),
        ({}, None),
    ],
)
def test_reads_storeys(tags: Tags, levels: float | None) -> None:
    assert building_rules().stated_levels(tags) == levels


@given(st.text(), st.text())
def test_any_storeys_give_a_sane_number_or_none(levels: str, height: str) -> None:
    read = building_rules().stated_levels({"building:levels": levels, "height": height})
    assert read is None or 0 < read <= 200


def test_unreadable_storeys_are_told() -> None:
    homes = read_buildings(extract((box(0, 0, 8), {**HOUSE, "building:levels": "?"})), AREA)
    assert told(homes)["buildings.levels_unreadable"] == ("osm:way/1",)
    assert homes.levels.tolist() == [2]


@pytest.mark.parametrize(
    ("tags", "on_land", "rule"),
    [
        ({"building": "apartments"}, False, "apartments"),
        ({"building": "apartments", "shop": "bakery"}, False, "apartments+mixed"),
        ({"building": "yes"}, True, "yes+land"),
        ({"building": "yes"}, False, None),
        ({"building": "yes", "amenity": "school"}, True, None),
        ({"building": "yes", "building:use": "residential"}, False, "yes+tag"),
        ({"building": "garage"}, True, None),
        ({"building": "shed"}, True, None),
        ({"building": "school"}, True, None),
        ({"building": "house", "abandoned": "yes"}, True, None),
        ({"building": "construction"}, True, None),
    ],
)
def test_what_is_a_home(tags: Tags, on_land: bool, rule: str | None) -> None:
    assert building_rules().rule_of(tags, place="land" if on_land else None) == rule


def test_unspecified_buildings_count_on_residential_land_only() -> None:
    homes = read_buildings(
        extract(
            (box(0, 0, 100), {"landuse": "residential"}),
            (box(10, 10, 8), {"building": "yes"}),
            (box(300, 10, 8), {"building": "yes"}),
            (box(30, 30, 8), {"building": "yes", "shop": "mall"}),
            (box(50, 50, 8), {"building": "no"}),
            (box(70, 70, 8), {"building:part": "yes"}),
        ),
        AREA,
    )
    assert homes.source_id == ("osm:way/2",)
    assert told(homes)["buildings.off_land"] == ("osm:way/3",)


def test_unspecified_buildings_count_along_residential_streets_too() -> None:
    homes = read_buildings(
        extract(
            ([(0, 0), (400, 0)], {"highway": "residential"}),
            ([(0, 500), (400, 500)], {"highway": "primary"}),
            (box(10, 10, 8), {"building": "yes"}),
            (box(10, 40, 8), {"building": "yes"}),  # 40 m off: too far
            (box(10, 510, 8), {"building": "yes"}),  # along a main road
            (box(200, 5, 30), {"landuse": "industrial"}),
            (box(205, 10, 8), {"building": "yes"}),  # on other land
            (box(100, 10, 8), {"building": "yes", "shop": "mall"}),
        ),
        AREA,
    )
    assert homes.source_id == ("osm:way/3",)
    assert homes.rule == ("yes+street",)
    assert told(homes)["buildings.along_street"] == ("osm:way/3",)
    assert told(homes)["buildings.off_land"] == ("osm:way/4", "osm:way/5", "osm:way/7")


def test_tiny_nested_and_open_ones_are_told() -> None:
    homes = read_buildings(
        extract(
            (box(0, 0, 20), HOUSE),
            (box(2, 2, 10), HOUSE),
            (box(0, 0, 20), HOUSE),
            (box(20, 0, 20), HOUSE),  # a neighbour that shares a wall
            (box(100, 0, 3), HOUSE),
            (box(200, 0, 20)[:4], HOUSE),
            (box(5000, 0, 20), HOUSE),  # elsewhere
        ),
        AREA,
    )
    assert homes.source_id == ("osm:way/1", "osm:way/4")
    assert told(homes)["buildings.nested"] == ("osm:way/2", "osm:way/3")
    assert told(homes)["buildings.tiny"] == ("osm:way/5",)
    assert told(homes)["buildings.open_ways"] == ("osm:way/6",)


def test_a_self_crossing_outline_is_mended() -> None:
    homes = read_buildings(extract(([(0, 0), (20, 20), (20, 0), (0, 20), (0, 0)], HOUSE)), AREA)
    assert homes.footprint_m2 == pytest.approx([200], rel=1e-6)
    assert told(homes)["buildings.mended"] == ("osm:way/1",)


def test_courtyards_of_multipolygons_do_not_count() -> None:
    ring = shapely.Polygon(box(0, 0, 20), [box(5, 5, 10)])
    homes = read_buildings(extract((box(100, 0, 10), HOUSE), relations=((ring, HOUSE),)), AREA)
    assert homes.source_id == ("osm:relation/1", "osm:way/1")
    assert homes.footprint_m2 == pytest.approx([300, 100], rel=1e-6)


def test_no_building_is_no_error() -> None:
    homes = read_buildings(extract(), AREA)
    assert len(homes) == 0
    assert homes.xy_m.shape == (0, 2)
    land, _ = read_residential_land(extract(), AREA)
    assert len(land) == 0


def circles(*polygons: shapely.Geometry) -> Circles:
    n = len(polygons)
    return Circles(
        circle_id=tuple("abcdef"[:n]),
        name=tuple("abcdef"[:n]),
        level=tuple("15min" for _ in polygons),
        polygons=np.array(polygons, dtype=object),
        total_population=np.full(n, np.nan),
        inside_data=np.ones(n),
    )


def test_overlapping_land_counts_once_and_is_clipped() -> None:
    rings = ((box(900, 0, 200), {"landuse": "residential"}),) * 2
    land, _ = read_residential_land(extract(*rings), AREA)
    assert shapely.area(land).sum() == pytest.approx(200 * 100, rel=1e-6)


def test_cells_lie_on_a_fixed_grid() -> None:
    cells = land_cells(np.array([shapely.box(10, 0, 110, 50)], dtype=object), circles(SQUARE))
    assert cells.cell_id == ("land/0/0", "land/1/0", "land/2/0")
    assert cells.land_m2.tolist() == [2000, 2500, 500]
    inner = shapely.box(10, 0, 110, 50)
    assert shapely.contains_xy(inner, *cells.xy_m.T).all()


def test_a_cell_shared_by_two_circles_has_a_piece_in_each() -> None:
    left, right = shapely.box(0, 0, 70, 50), shapely.box(60, 0, 200, 50)
    cells = land_cells(np.array([shapely.box(0, 0, 100, 50)], dtype=object), circles(left, right))
    assert cells.cell_id == ("land/0/0", "land/1/0/a", "land/1/0/b")
    assert cells.land_m2.tolist() == [2500, 1000, 1500]  # the overlap belongs to a
    assert cells.circle.tolist() == [0, 0, 1]


def test_no_land_gives_no_cell() -> None:
    assert len(land_cells(np.empty(0, dtype=object), circles(SQUARE))) == 0
    far = np.array([shapely.box(5000, 0, 5100, 50)], dtype=object)
    assert len(land_cells(far, circles(SQUARE))) == 0


def millimetres(low: int, high: int) -> st.SearchStrategy[float]:
    """Return lengths as surveyed: no map holds a coordinate of 5e-324."""
    return st.integers(low * 1000, high * 1000).map(lambda mm: mm / 1000)


@given(st.lists(st.tuples(*[millimetres(-900, 900)] * 2, *[millimetres(1, 400)] * 2), max_size=5))
def test_cells_keep_the_area_of_the_land(rectangles: list[tuple[float, ...]]) -> None:
    land = shapely.union_all([shapely.box(x, y, x + w, y + h) for x, y, w, h in rectangles])
    parts = shapely.get_parts(land)
    first, second = shapely.box(-500, -500, 300, 300), shapely.Point(200, 0).buffer(450)
    cells = land_cells(parts, circles(first, second))
    within = shapely.intersection(land, shapely.union(first, second)).area
    assert cells.land_m2.sum() == pytest.approx(within, rel=1e-6, abs=0.1)
    assert (cells.land_m2 <= 2500 + 1e-6).all()


@pytest.mark.shared_data
def test_las_palmas_homes(shared_data: Path) -> None:
    from analysis.sources.osm.reader import read_osm  # noqa: PLC0415 - slow to import

    data = read_osm(shared_data / "las_palmas_2023.osm.pbf")
    layer = read_circle_layer(shared_data / "las_palmas_school_districts_epsg5635.geojson")
    crs = crs_of(layer)
    extent = placed(np.array([shapely.box(*data.extent)], dtype=object), crs)[0]
    placed_circles, _ = place_circles(layer, crs, extent)
    judged = shapely.union_all(placed_circles.polygons)
    area = StudyArea(crs=crs, judged=judged, read=shapely.buffer(judged, 2000), data=extent)
    homes = read_buildings(data, area)
    tagged = [t for t in (*data.way_tags, *data.relation_tags) if t.get("building", "no") != "no"]
    assert len(tagged) > 22_000
    by_value = [rule for rule in homes.rule if "+street" not in rule and "+land" not in rule]
    assert 7_000 < len(by_value) < 7_400  # 7 382 buildings of the file carry a residential value
    # The city held some 378 000 people; without the homes along its streets the estimate is 145 000.
    assert 200_000 < homes.home_floor_m2.sum() / 35 < 400_000
    land, _ = read_residential_land(data, area)
    cells = land_cells(land, placed_circles)
    within = shapely.intersection(shapely.union_all(land), judged).area
    assert cells.land_m2.sum() == pytest.approx(within, rel=1e-9)

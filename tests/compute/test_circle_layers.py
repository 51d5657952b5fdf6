"""Circles from layers, boundaries and extents."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from analysis.crs import MetricCRS
from analysis.errors import InvalidCirclesError
from analysis.sources.extent import placed
from analysis.sources.files.circles import (
    boundary_circle,
    extent_circle,
    read_boundary,
    read_circle_layer,
)
from analysis.sources.files.placed_circles import crs_of, place_circles

STEP = 0.01


def square(column: float, row: float = 0, size: float = 1) -> shapely.Polygon:
    west, south = 106.6 + column * STEP, 26.6 + row * STEP
    return shapely.box(west, south, west + size * STEP, south + size * STEP)


def layer(folder: Path, *features: tuple[shapely.Geometry, dict[str, object]]) -> Path:
    path = folder / "圈.geojson"
    document = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": p, "geometry": shapely.geometry.mapping(g)}
            for g, p in features
        ],
    }
    path.write_text(json.dumps(document), "utf-8")
    return path


def everywhere(path: Path) -> tuple[MetricCRS, shapely.Geometry]:
    crs = crs_of(read_circle_layer(path))
    return crs, placed(np.array([square(-5, -5, 20)], dtype=object), crs)[0]


def test_reads_chinese_columns_sorted_by_id(tmp_path: Path) -> None:
    path = layer(
        tmp_path,
        (square(1), {"编号": "B", "名称": "二号", "层级": "10分钟", "规划人口": "20,000"}),
        (square(0), {"编号": "A", "名称": "", "层级": "", "规划人口": ""}),
    )
    circles = read_circle_layer(path)
    assert circles.circle_id == ("A", "B")
    assert circles.name == ("A", "二号")
    assert circles.level == ("15min", "10min")
    assert np.isnan(circles.total_population[0])
    assert circles.total_population[1] == 20000


def test_features_are_numbered_where_no_id_is_given(tmp_path: Path) -> None:
    circles = read_circle_layer(layer(tmp_path, (square(1), {}), (square(0), {})))
    assert circles.circle_id == ("1", "2")
    assert "circle_layer.no_id" in {one.code for one in circles.notices}


@pytest.mark.parametrize(
    ("properties", "key", "row"),
    [
        ([{"id": "a"}, {"id": "b"}, {"id": "a"}], "circle_layer.duplicate", 3),
        ([{"id": "a"}, {"id": " "}], "circle_layer.blank_id", 2),
        ([{"id": "a", "level": "20分钟"}], "table.problems", 1),
        ([{"id": "a", "人口": "约五万"}], "table.problems", 1),
        ([{"id": "a"}, {"id": "b", "人口": -1}], "table.problems", 2),
    ],
)
def test_names_bad_rows(
    tmp_path: Path, properties: list[dict[str, object]], key: str, row: int
) -> None:
    path = layer(tmp_path, *((square(i), one) for i, one in enumerate(properties)))
    with pytest.raises(InvalidCirclesError) as caught:
        read_circle_layer(path)
    assert caught.value.reason.key == key
    assert caught.value.row == row
    assert "圈.geojson，第" in caught.value.text("zh")
    assert "Remedy" in caught.value.text("en")


def test_overlaps_are_named_with_their_area_and_slivers_are_not(tmp_path: Path) -> None:
    path = layer(
        tmp_path,
        (square(0), {"id": "a"}),
        (square(0.5), {"id": "b"}),
        (square(1.4999), {"id": "c"}),
    )
    crs, data = everywhere(path)
    circles, notices = place_circles(read_circle_layer(path), crs, data)
    (told,) = [one for one in notices if one.code == "circle_layer.overlap"]
    assert told.subjects == ("a", "b")
    shared_m2 = shapely.intersection(*circles.polygons[:2]).area
    assert shared_m2 == pytest.approx(shapely.area(circles.polygons[0]) / 2, rel=1e-4)
    assert f"a 与 b（{shared_m2:,.0f} m²）" in told.text.text("zh")
    inside_both = crs.project(np.array([[106.6 + 0.75 * STEP, 26.6 + 0.5 * STEP]]))
    assert circles.locate(inside_both).tolist() == [0]


def test_share_inside_the_data_is_measured(tmp_path: Path) -> None:
    path = layer(
        tmp_path, (square(0), {"id": "a"}), (square(2), {"id": "b"}), (square(9), {"id": "c"})
    )
    crs = crs_of(read_circle_layer(path))
    data = placed(np.array([square(-1, -1, 3.5)], dtype=object), crs)[0]  # ends in the middle of b
    circles, notices = place_circles(read_circle_layer(path), crs, data)
    assert circles.inside_data == pytest.approx([1, 0.5, 0], abs=1e-3)
    (told,) = [one for one in notices if one.code == "circle_layer.outside"]
    assert told.subjects == ("c",)


def test_all_circles_elsewhere_is_an_error_with_both_extents(tmp_path: Path) -> None:
    path = layer(tmp_path, (square(0), {"id": "a"}))
    crs = crs_of(read_circle_layer(path))
    far = placed(np.array([square(50)], dtype=object), crs)[0]
    with pytest.raises(InvalidCirclesError) as caught:
        place_circles(read_circle_layer(path), crs, far)
    text = caught.value.text("en")
    assert "(106.6000, 26.6000, 106.6100, 26.6100)" in text
    assert "(107.1000, 26.6000, 107.1100, 26.6100)" in text
    assert "颠倒" in caught.value.text("zh")


def test_a_boundary_is_the_union_and_one_circle(tmp_path: Path) -> None:
    path = layer(tmp_path, (square(0), {"name": "x"}), (square(1), {"name": "y"}))
    boundary = read_boundary(path)
    assert boundary.polygon.area == pytest.approx(2 * STEP**2)
    circle = boundary_circle(boundary)
    assert circle.circle_id == ("1",)
    assert circle.name == ("圈.geojson",)


def test_an_extent_is_one_circle() -> None:
    circle = extent_circle((106.6, 26.6, 106.8, 26.7))
    assert crs_of(circle).lon == 106.7
    assert shapely.bounds(circle.polygons[0]).tolist() == [106.6, 26.6, 106.8, 26.7]
    with pytest.raises(InvalidCirclesError):
        extent_circle((106.8, 26.6, 106.6, 26.7))


@pytest.mark.shared_data
def test_school_districts_are_circles(shared_data: Path) -> None:
    circles = read_circle_layer(shared_data / "las_palmas_school_districts_epsg5635.geojson")
    assert len(circles) == 29
    assert circles.circle_id[0] == "35001293"
    assert "IES ALONSO QUESADA" in circles.name
    crs = crs_of(circles)
    data = placed(np.array([shapely.box(-15.543, 28.01, -15.385, 28.181)], dtype=object), crs)[0]
    result, _ = place_circles(circles, crs, data)
    assert 1e8 < shapely.area(result.polygons).sum() < 1.1e8


def test_the_id_of_the_total_is_refused(tmp_path: Path) -> None:
    square = [[[106.6, 26.6], [106.7, 26.6], [106.7, 26.7], [106.6, 26.7], [106.6, 26.6]]]
    feature = {
        "type": "Feature",
        "properties": {"id": "*"},
        "geometry": {"type": "Polygon", "coordinates": square},
    }
    path = tmp_path / "圈.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    with pytest.raises(InvalidCirclesError, match="kept for all circles"):
        read_circle_layer(path)

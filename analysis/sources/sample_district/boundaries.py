"""Circles, their ten- and five-minute units, streets (街道), and the outer boundary."""

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from shapely.geometry import Polygon, mapping
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from analysis.sources.sample_district.frame import (
    LOCAL_CRS,
    PLANNING_CRS,
    plan_to_lon_lat,
    warp,
)
from analysis.sources.sample_district.layout import (
    CIRCLE_IDS,
    CIRCLE_NAMES,
    CIRCLE_RESIDENTS,
    Cell,
    fifth_unit_of,
    tenth_unit_of,
)
from analysis.sources.sample_district.names import chinese_number

STREETS = (("S1", "云岚街道"), ("S2", "新云街道"), ("S3", "临溪街道"))
STREET_OF_CIRCLE = (0, 1, 2, 2)
VERTEX_STEP_M = 40.0
FIXED_DATE = "2026-01-01T00:00:00Z"


@contextmanager
def fixed_file_date() -> Iterator[None]:
    """Make GDAL write a fixed date into GeoPackages while the block runs."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def write_boundaries(folder: Path, cells: tuple[Cell, ...]) -> float:
    """Write ``circles.gpkg`` and ``boundary.geojson``; returns the area in km²."""
    path = folder / "circles.gpkg"
    path.unlink(missing_ok=True)
    layers = {
        "circles": _circle_frame(cells),
        "units_10min": _unit_frame(cells, "10min", _tenth_id, _parent_circle),
        "units_5min": _unit_frame(cells, "5min", _fifth_id, _tenth_id),
        "streets": _street_frame(cells),
    }
    with fixed_file_date():
        for layer, frame in layers.items():
            frame.to_crs(PLANNING_CRS).to_file(path, layer=layer, driver="GPKG", engine="pyogrio")
    outer = _merged(list(cells))
    _write_boundary(folder / "boundary.geojson", outer)
    return float(shapely.transform(outer, warp).area) / 1e6


def _circle_frame(cells: tuple[Cell, ...]) -> gpd.GeoDataFrame:
    shapes = [_merged([c for c in cells if c.circle == k]) for k in range(len(CIRCLE_IDS))]
    return _frame(
        {
            "id": list(CIRCLE_IDS),
            "name": list(CIRCLE_NAMES),
            "level": ["15min"] * len(CIRCLE_IDS),
            "street_id": [STREETS[s][0] for s in STREET_OF_CIRCLE],
            "planned_population": list(CIRCLE_RESIDENTS),
        },
        shapes,
    )


def _unit_frame(
    cells: tuple[Cell, ...],
    level: str,
    identify: Callable[[Cell], str],
    parent: Callable[[Cell], str],
) -> gpd.GeoDataFrame:
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(identify(cell), []).append(cell)
    ids = sorted(groups)
    minutes = "十分钟" if level == "10min" else "五分钟"
    circle_names = {
        unit_id: CIRCLE_NAMES[groups[unit_id][0].circle].removesuffix("生活圈") for unit_id in ids
    }
    return _frame(
        {
            "id": ids,
            "name": [
                f"{circle_names[u]}{minutes}单元{chinese_number(n + 1)}" for n, u in enumerate(ids)
            ],
            "level": [level] * len(ids),
            "parent_id": [parent(groups[unit_id][0]) for unit_id in ids],
        },
        [_merged(groups[unit_id]) for unit_id in ids],
    )


def _street_frame(cells: tuple[Cell, ...]) -> gpd.GeoDataFrame:
    shapes = [
        _merged([c for c in cells if STREET_OF_CIRCLE[c.circle] == s]) for s in range(len(STREETS))
    ]
    return _frame({"id": [s[0] for s in STREETS], "name": [s[1] for s in STREETS]}, shapes)


def _frame(columns: dict[str, list[str] | list[int]], shapes: list[Polygon]) -> gpd.GeoDataFrame:
    ground = [shapely.transform(shape, warp) for shape in shapes]
    return gpd.GeoDataFrame(columns, geometry=ground, crs=LOCAL_CRS)


def _merged(cells: list[Cell]) -> Polygon:
    """Union of cells with vertices at fixed places, so that neighbours share every edge."""
    dense = [_dense(cell.polygon) for cell in cells]
    union: BaseGeometry = unary_union(dense)
    if not isinstance(union, Polygon):
        message = "the cells of a circle or unit must hang together"
        raise TypeError(message)
    return Polygon(union.exterior)


def _dense(polygon: Polygon) -> Polygon:
    # Every edge is cut from its lower end on, so that both neighbours cut it alike.
    corners = list(polygon.exterior.coords)
    points = []
    for start, end in pairwise(corners):
        (ax, ay), (bx, by) = sorted((start, end))
        pieces = max(1, math.ceil(math.hypot(bx - ax, by - ay) / VERTEX_STEP_M))
        cuts = [
            (round(ax + (bx - ax) * k / pieces, 2), round(ay + (by - ay) * k / pieces, 2))
            for k in range(pieces + 1)
        ]
        points += cuts[:-1] if start <= end else cuts[:0:-1]
    return Polygon(points)


def _write_boundary(path: Path, outer: Polygon) -> None:
    lon_lat = plan_to_lon_lat(np.array(outer.exterior.coords))
    feature = {
        "type": "Feature",
        "properties": {"name": "云岚区（虚构）"},
        "geometry": mapping(Polygon(lon_lat)),
    }
    collection = {"type": "FeatureCollection", "features": [feature]}
    text = json.dumps(collection, ensure_ascii=False, indent=1) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _parent_circle(cell: Cell) -> str:
    return CIRCLE_IDS[cell.circle]


def _tenth_id(cell: Cell) -> str:
    return f"{_parent_circle(cell)}-T{tenth_unit_of(cell.column, cell.row) + 1}"


def _fifth_id(cell: Cell) -> str:
    return f"{_tenth_id(cell)}-F{fifth_unit_of(cell.column, cell.row) + 1}"

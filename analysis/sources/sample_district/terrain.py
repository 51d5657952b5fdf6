"""The ground's height: hills, the river's valley, and the elevation grid."""

from pathlib import Path

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from analysis.sources.sample_district.frame import LOCAL_CRS, Points, plan_to_lon_lat, warp
from analysis.sources.sample_district.obstacles import Obstacles, extent

CELL_DEGREES = 0.0003
MARGIN_DEGREES = 0.003
BASE_M = 1268.0
# Centre east and north, height and spread of each hill, metres.
HILLS = (
    (-2150.0, 1350.0, 105.0, 420.0),
    (-700.0, 2300.0, 120.0, 520.0),
    (2900.0, 1900.0, 150.0, 600.0),
    (2600.0, -1700.0, 110.0, 480.0),
    (-2900.0, -400.0, 90.0, 450.0),
    (1900.0, -1350.0, 38.0, 330.0),
    (-1000.0, -2400.0, 130.0, 420.0),
)


def height_m(ground: Points, river_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Height above sea of ground points ``(n, 2)`` with their distance to the river line."""
    x, y = ground[:, 0], ground[:, 1]
    height = BASE_M + 0.006 * (y - x) + 3.0 * np.sin(x / 330.0) * np.cos(y / 290.0)
    for east, north, top_m, spread_m in HILLS:
        away2 = (x - east) ** 2 + (y - north) ** 2
        height = height + top_m * np.exp(-away2 / (2.0 * spread_m**2))
    return np.asarray(height - 24.0 * np.exp(-((river_m / 210.0) ** 2)), dtype=np.float64)


def write_elevation(path: Path, obstacles: Obstacles) -> None:
    """Write the elevation GeoTIFF (EPSG:4326, float32, about 30 m) over district and ring."""
    corners = plan_to_lon_lat(np.array(extent().exterior.coords))
    west, south = corners.min(axis=0) - MARGIN_DEGREES
    east, north = corners.max(axis=0) + MARGIN_DEGREES
    lons = np.arange(west + CELL_DEGREES / 2, east, CELL_DEGREES)
    lats = np.arange(north - CELL_DEGREES / 2, south, -CELL_DEGREES)
    grid_lon, grid_lat = np.meshgrid(lons, lats)
    to_metres = Transformer.from_crs("EPSG:4326", LOCAL_CRS, always_xy=True)
    x, y = to_metres.transform(grid_lon.ravel(), grid_lat.ravel())
    ground = np.column_stack([x, y])
    shore = shapely.LineString(warp(np.array(obstacles.river.exterior.coords)))
    shapely.prepare(shore)
    river_m = shapely.distance(shapely.points(ground), shore)
    heights = height_m(ground, river_m).astype(np.float32).reshape(grid_lon.shape)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=heights.shape[1],
        height=heights.shape[0],
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=rasterio.Affine(CELL_DEGREES, 0.0, west, 0.0, -CELL_DEGREES, north),
        nodata=-9999.0,
        compress="deflate",
    ) as raster:
        raster.write(heights, 1)

"""Elevation GeoTIFFs: the window around the streets, in any CRS, heights in metres or feet."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
from rasterio.windows import Window

from analysis.crs import MetricCRS
from analysis.errors import CRSError, InvalidElevationError
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.sources.elevation.height_grid import HeightGrid, Places, plausible
from analysis.sources.elevation.windows import cell_sizes, window_cells
from analysis.sources.geotiff import open_geotiff
from analysis.units import FloatArray

MAX_CELLS: Final = 25_000_000
_METRES_IN: Final = {
    "": 1.0, "m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0,
    "ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "international foot": 0.3048,
    "us survey foot": 1200.0 / 3937.0, "foot_us": 1200.0 / 3937.0, "us-ft": 1200.0 / 3937.0,
}  # fmt: skip
_BYTE_TOP: Final = 255

Stored = np.ma.MaskedArray[tuple[int, int], np.dtype[np.number[Any]]]


def read_geotiff(
    path: Path, xy_m: FloatArray, crs: MetricCRS
) -> tuple[list[tuple[HeightGrid, int]], tuple[Notice, ...]]:
    """Read the heights around the points `xy_m` (metres of the study, float64 [n, 2]).

    Returns the grid with the number of implausible heights taken out (none where the raster lies
    elsewhere), and what else was noticed. Raises :class:`CRSError` where the raster has no usable
    CRS, :class:`SourceDataError` where it cannot be read, :class:`InvalidElevationError` where it
    has several bands, heights in an unknown unit, or too many cells in one piece.
    """
    why, remedy = message("elevation.damaged"), message("elevation.damaged.remedy")
    with open_geotiff(path, why=why, remedy=remedy) as dataset:
        return _window(dataset, path.name, xy_m, crs)


def _window(
    dataset: rasterio.DatasetReader, source: str, xy_m: FloatArray, crs: MetricCRS
) -> tuple[list[tuple[HeightGrid, int]], tuple[Notice, ...]]:
    metres_in = _checked(dataset, source)
    places = _places(dataset, crs)
    place = places(xy_m)
    place = place[np.isfinite(place).all(axis=1)]
    size = np.array([dataset.width, dataset.height])
    beyond = (
        window_cells(cell_sizes(places, xy_m)) // 2 + 1
    )  # what is averaged at the outer streets
    low = np.clip(np.floor(place.min(axis=0, initial=np.inf)) - beyond, 0, size).astype(np.int64)
    high = np.ceil(place.max(axis=0, initial=-np.inf)) + beyond + 1
    high = np.clip(high, 0, size).astype(np.int64)
    columns, rows = (int(one) for one in high - low)
    if columns <= 0 or rows <= 0:
        return [], ()
    if columns * rows > MAX_CELLS:
        raise _refused("elevation.too_many_cells", source, f"{columns} × {rows}")
    window = Window(int(low[0]), int(low[1]), columns, rows)
    stored = dataset.read(1, window=window, masked=True)
    height_m, wrong = plausible(_metres(stored, dataset, metres_in))
    told = _noticed(stored, source, metres_in)

    def within(points_m: FloatArray) -> FloatArray:
        shifted: FloatArray = places(points_m) - low
        return shifted

    return [(HeightGrid(height_m=height_m, places=within, margin=0.5), wrong)], told


def _checked(dataset: rasterio.DatasetReader, source: str) -> float:
    """Return how many metres the raster's unit has; raise where it is no raster of heights."""
    if dataset.crs is None:
        raise CRSError(
            message("layer.no_crs"), remedy=message("layer.no_crs.remedy"), source=source
        )
    if dataset.count != 1 or np.dtype(dataset.dtypes[0]).kind not in "iuf":
        raise _refused("elevation.bands", source, f"{dataset.count} × {dataset.dtypes[0]}")
    if dataset.transform.is_degenerate:
        raise _refused("elevation.degenerate", source, "")
    if any(high * wide > MAX_CELLS for high, wide in dataset.block_shapes):
        raise _refused("elevation.too_many_cells", source, str(dataset.block_shapes[0]))
    unit = (dataset.units[0] or "").strip().lower()
    if unit not in _METRES_IN:
        raise _refused("elevation.unit", source, unit)
    return _METRES_IN[unit]


def _places(dataset: rasterio.DatasetReader, crs: MetricCRS) -> Places:
    to_raster = pyproj.Transformer.from_crs(crs.definition, dataset.crs.to_wkt(), always_xy=True)
    back = ~dataset.transform

    def places(xy_m: FloatArray) -> FloatArray:
        x, y = to_raster.transform(xy_m[:, 0], xy_m[:, 1])
        column = back.a * x + back.b * y + back.c
        row = back.d * x + back.e * y + back.f
        return np.column_stack([column, row]) - 0.5  # a height stands in the middle of its cell

    return places


def _metres(
    stored: Stored, dataset: rasterio.DatasetReader, metres_in: float
) -> npt.NDArray[np.float32]:
    values: FloatArray = np.ma.filled(np.ma.asarray(stored, dtype=np.float64), np.nan)
    values = (values * dataset.scales[0] + dataset.offsets[0]) * metres_in
    values[~np.isfinite(values)] = np.nan
    return values.astype(np.float32)


def _noticed(stored: Stored, source: str, metres_in: float) -> tuple[Notice, ...]:
    told = []
    if metres_in != 1.0:
        told.append(notice("elevation.feet", message("elevation.feet", source=source), (source,)))
    if stored.dtype == np.uint8 and bool((stored == _BYTE_TOP).any()):
        text = message("elevation.byte", source=source)
        told.append(notice("elevation.byte", text, (source,), "warning"))
    return tuple(told)


def _refused(key: str, source: str, value: str) -> InvalidElevationError:
    return InvalidElevationError(
        message(key), remedy=message(f"{key}.remedy"), source=source, value=value or None
    )

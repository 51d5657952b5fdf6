"""Elevation files of any kind, opened, and heights at points, averaged over windows."""

from pathlib import Path
from typing import Final

import numpy as np

from analysis.crs import MetricCRS
from analysis.errors import InvalidElevationError
from analysis.messages import message
from analysis.notices import Notice
from analysis.sources.elevation.geotiff import read_geotiff
from analysis.sources.elevation.height_grid import HeightGrid
from analysis.sources.elevation.srtm import read_archive, read_tile
from analysis.sources.elevation.windows import averaged
from analysis.sources.files.tables import check_file
from analysis.units import BoolArray, FloatArray

MAX_BYTES: Final = 2**32
_TIFF: Final = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_ZIP: Final = b"PK\x03\x04"


def read_grids(
    path: Path, xy_m: FloatArray, crs: MetricCRS
) -> tuple[list[tuple[HeightGrid, int]], tuple[Notice, ...]]:
    """Return the heights of a file around points, as :func:`read_geotiff` does."""
    check_file(path, MAX_BYTES)
    with path.open("rb") as opened:
        head = opened.read(4)
    if head.startswith(_TIFF):
        return read_geotiff(path, xy_m, crs)
    if head == _ZIP:
        return read_archive(path, xy_m, crs), ()
    if path.suffix.lower() == ".hgt":
        return read_tile(path, xy_m, crs), ()
    raise InvalidElevationError(
        message("elevation.kind"), remedy=message("elevation.kind.remedy"), source=path.name
    )


def fill_heights(
    height_m: FloatArray, grids: list[tuple[HeightGrid, int]], xy_m: FloatArray
) -> tuple[BoolArray, float]:
    """Set the heights that were not known, as means over windows.

    Returns which points lie within any grid, bool [n], and the metres per cell of the coarsest grid
    that told a height.
    """
    inside, coarsest_m = np.zeros(len(height_m), dtype=bool), 0.0
    for raw, _ in grids:
        grid, cell_m = averaged(raw, xy_m)
        found_m, within = grid.at(xy_m)
        inside |= within
        told = np.isnan(height_m) & np.isfinite(found_m)
        height_m[told] = found_m[told]
        coarsest_m = max(coarsest_m, cell_m if told.any() else 0.0)
    return inside, coarsest_m

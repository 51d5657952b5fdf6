"""GeoTIFF files, opened by that driver alone."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyproj
import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from analysis.errors import CRSError, SourceDataError
from analysis.messages import Message, message


@contextmanager
def open_geotiff(path: Path, *, why: Message, remedy: Message) -> Iterator[rasterio.DatasetReader]:
    """Open a GeoTIFF; a raster without georeference is opened too, and nobody warns of it.

    Raises :class:`CRSError` for an unknown CRS and :class:`SourceDataError`, which says `why` and
    `remedy`, where the file cannot be read; also for what is read within.
    """
    try:
        # Naming the driver keeps every other one of GDAL's away from the file.
        with (
            warnings.catch_warnings(category=NotGeoreferencedWarning, action="ignore"),
            rasterio.open(path.resolve(), driver="GTiff") as dataset,
        ):
            yield dataset
    except pyproj.exceptions.ProjError as error:
        raise CRSError(
            message("layer.unknown_crs"), remedy=message("layer.no_crs.remedy"), source=path.name
        ) from error
    except (RasterioError, UnicodeDecodeError) as error:
        raise SourceDataError(why, remedy=remedy, source=path.name, value=str(error)) from error

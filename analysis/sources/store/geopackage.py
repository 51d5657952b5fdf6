"""GeoPackages that are the same bytes every time: GDAL stamps them with a fixed date."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pyogrio

_FIXED_DATE: Final = "2000-01-01T00:00:00.000Z"
_DATE_OPTION: Final = "OGR_CURRENT_DATE"


@contextmanager
def fixed_date() -> Iterator[None]:
    """Let GDAL write a fixed date while the block runs."""
    before = pyogrio.get_gdal_config_option(_DATE_OPTION)
    pyogrio.set_gdal_config_options({_DATE_OPTION: _FIXED_DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({_DATE_OPTION: before})

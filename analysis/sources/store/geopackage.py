"""GeoPackages that are the same bytes every time: GDAL stamps them with a fixed date."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyogrio.raw
import shapely

_FIXED_DATE: Final = "2000-01-01T00:00:00.000Z"
_DATE_OPTION: Final = "OGR_CURRENT_DATE"


def write_layer(
    path: Path,
    layer: str,
    kind: str,
    shapes: Sequence[shapely.Geometry],
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    types: Mapping[str, str],
) -> None:
    """Write one layer in WGS84, beside those that the file holds already.

    `kind` is the type of geometry; `rows` hold a value for each of `columns`, which are texts but
    for those whose numpy type `types` names. None in a float column is no number.
    """
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = [shapely.to_wkb(shape, byte_order=1) for shape in shapes]
    with _fixed_date():
        pyogrio.raw.write(
            path, geometry=geometry,
            field_data=[_column([row[one] for row in rows], types.get(one)) for one in columns],
            fields=list(columns), geometry_type=kind, crs="EPSG:4326", layer=layer, driver="GPKG",
            append=path.exists(),
        )  # fmt: skip


def floats(columns: Collection[str]) -> dict[str, str]:
    """Return the types of columns that hold numbers or nothing."""
    return dict.fromkeys(columns, "float64")


def _column(values: Sequence[Any], kind: str | None) -> "np.ndarray[Any, np.dtype[Any]]":
    if kind == "float64":
        return np.array([np.nan if one is None else one for one in values], dtype=np.float64)
    if kind is not None:
        return np.array(values, dtype=kind)
    texts = np.empty(len(values), dtype=object)
    texts[:] = values
    return texts


@contextmanager
def _fixed_date() -> Iterator[None]:
    """Let GDAL write a fixed date while the block runs."""
    before = pyogrio.get_gdal_config_option(_DATE_OPTION)
    pyogrio.set_gdal_config_options({_DATE_OPTION: _FIXED_DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({_DATE_OPTION: before})

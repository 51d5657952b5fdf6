"""SRTM tiles: ``N43E007.hgt``, alone or in a zip archive."""

import re
import zipfile
from pathlib import Path
from typing import Final

import numpy as np

from analysis.crs import MetricCRS
from analysis.errors import SourceDataError
from analysis.messages import Message, message
from analysis.sources.elevation.height_grid import HeightGrid, plausible
from analysis.sources.files.workbooks import DAMAGED_ARCHIVE
from analysis.units import FloatArray

_NAME: Final = re.compile(r"([NS])(\d{2})([EW])(\d{3})", re.IGNORECASE)
_VOID: Final = -32768
_POSTS: Final = {2 * posts * posts: posts for posts in (1201, 3601)}  # by bytes: 3″ and 1″ tiles
_MAX_MEMBERS: Final = 1000
_SUFFIX: Final = ".hgt"


def read_tile(path: Path, xy_m: FloatArray, crs: MetricCRS) -> list[tuple[HeightGrid, int]]:
    """Read one ``.hgt`` file; returned as :func:`read_archive` does."""
    lonlat = crs.unproject(xy_m)
    corner = _corner(path.name, path.name)
    if not _touches(corner, lonlat):
        return []
    with path.open("rb") as opened:
        data = opened.read(max(_POSTS) + 1)
    return [_grid(data, corner, crs, path.name)]


def read_archive(path: Path, xy_m: FloatArray, crs: MetricCRS) -> list[tuple[HeightGrid, int]]:
    """Read the tiles of a zip archive that touch the points `xy_m` (metres, float64 [n, 2]).

    Returns each with the number of implausible heights taken out. Of a member no more is unpacked
    than a tile holds, and of tiles elsewhere nothing, so that a bomb costs nothing. Raises
    :class:`SourceDataError` where the archive is damaged or holds no tile.
    """
    lonlat = crs.unproject(xy_m)
    grids = []
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(_tiles(archive, path.name))
            for name in names:
                corner = _corner(name.rsplit("/", 1)[-1], path.name)
                if _touches(corner, lonlat):
                    with archive.open(name) as member:
                        data = member.read(max(_POSTS) + 1)
                    grids.append(_grid(data, corner, crs, f"{path.name}/{name}"))
    except SourceDataError:
        raise
    except DAMAGED_ARCHIVE as error:
        raise _unusable(message("elevation.damaged"), path.name, str(error)) from error
    return grids


def _tiles(archive: zipfile.ZipFile, source: str) -> list[str]:
    members = archive.namelist()
    found = [
        one
        for one in members
        if one.lower().endswith(_SUFFIX) and not one.rsplit("/", 1)[-1].startswith(".")
    ]
    if len(members) > _MAX_MEMBERS or not found:
        raise _unusable(message("elevation.no_tile"), source, f"{len(members)}")
    return found


def _corner(name: str, source: str) -> tuple[int, int]:
    """Return longitude and latitude of a tile's south-west corner, which its name tells."""
    found = _NAME.search(name)
    if found is None:
        raise _unusable(message("elevation.tile_name"), source, name)
    south, lat, west, lon = found.groups()
    return (
        int(lon) * (-1 if west.upper() == "W" else 1),
        int(lat) * (-1 if south.upper() == "S" else 1),
    )


def _touches(corner: tuple[int, int], lonlat: FloatArray) -> bool:
    low = np.array(corner)
    return bool(((lonlat >= low) & (lonlat <= low + 1)).all(axis=1).any())


def _grid(
    data: bytes, corner: tuple[int, int], crs: MetricCRS, source: str
) -> tuple[HeightGrid, int]:
    posts = _POSTS.get(len(data))
    if posts is None:
        raise _unusable(message("elevation.tile_size"), source, f"{len(data)}")
    stored = np.frombuffer(data, dtype=">i2").reshape(posts, posts)
    height_m = np.where(stored == _VOID, np.nan, stored).astype(np.float32)
    west, north = corner[0], corner[1] + 1

    def places(xy_m: FloatArray) -> FloatArray:
        lonlat = crs.unproject(xy_m)
        return np.column_stack([lonlat[:, 0] - west, north - lonlat[:, 1]]) * (posts - 1)

    kept, wrong = plausible(height_m)
    return HeightGrid(height_m=kept, places=places, margin=0.0), wrong


def _unusable(reason: Message, source: str, value: str) -> SourceDataError:
    return SourceDataError(
        reason, remedy=message("elevation.damaged.remedy"), source=source, value=value
    )

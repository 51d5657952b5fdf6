"""From elevation files to streets that know how steep they are."""

from pathlib import Path
from typing import Final

import numpy as np

from analysis.crs import MetricCRS
from analysis.errors import InvalidElevationError
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.sources.elevation.rasters import fill_heights, read_grids
from analysis.standard.profile import ServiceStandard
from analysis.streets.network import WalkNetwork
from analysis.streets.relief import lay_terrain, stations
from analysis.streets.terrain import Terrain
from analysis.walking import ArcFlag

_ALL: Final = 0.9995  # what is shown as 100 %


def with_elevation(
    network: WalkNetwork, paths: tuple[Path, ...], crs: MetricCRS, standard: ServiceStandard
) -> tuple[WalkNetwork, tuple[Notice, ...]]:
    """Return `network` with the terrain that the files at `paths` tell, and what was noticed.

    Without any path the network as it is. Where several files know a height the first one named
    counts. Heights are metres unless a GeoTIFF says feet. Raises
    :class:`~analysis.errors.SourceError` for files that cannot be read, :class:`CRSError`, and
    :class:`InvalidElevationError` where they know no height of any street or where the standard
    has no slope law, so that they would change nothing.
    """
    if not paths:
        return network, ()
    if standard.walking.slope is None:
        raise InvalidElevationError(
            message("elevation.no_law", standard=standard.id),
            remedy=message("elevation.no_law.remedy"),
            source=paths[0].name,
        )
    where = stations(network)
    height_m = np.full(len(where.xy_m), np.nan)
    told: list[Notice] = []
    cell_m = 0.0
    for path in paths:
        grids, noticed = read_grids(path, where.xy_m, crs)
        told += noticed
        inside, coarsest_m = fill_heights(height_m, grids, where.xy_m)
        cell_m = max(cell_m, coarsest_m)
        if not inside.any():
            raise InvalidElevationError(
                message("elevation.elsewhere"),
                remedy=message("elevation.elsewhere.remedy"),
                source=path.name,
            )
        wrong = sum(one for _, one in grids)
        if wrong:
            text = message("elevation.implausible", source=path.name, count=wrong)
            told.append(notice("elevation.implausible", text, (path.name,), "warning"))
    grade = standard.walking.wheelchair_max_grade
    hilly = lay_terrain(
        network,
        where,
        height_m,
        wheelchair_max_grade=None if grade is None else grade.value,
        cell_m=cell_m,
    )
    names = tuple(path.name for path in paths)
    return hilly, (*told, *_terrain_notices(hilly, names))


def _terrain_notices(network: WalkNetwork, names: tuple[str, ...]) -> list[Notice]:
    terrain = network.terrain
    if terrain is None or terrain.known_m <= 0:
        raise InvalidElevationError(
            message("elevation.elsewhere"),
            remedy=message("elevation.elsewhere.remedy"),
            source=names[0],
        )
    share = terrain.known_m / network.length_m
    median, steep = _grades(network, terrain)
    text = message("elevation.used", share=share, median=median, p95=steep)
    told = [notice("elevation.used", text, names)]
    if share < _ALL:
        text = message("elevation.partly", share=1.0 - share)
        told.append(notice("elevation.partly", text, names, "warning"))
    if terrain.estimated:
        text = message("elevation.estimate", cell=terrain.cell_m, window=terrain.window_m)
        told.append(notice("elevation.estimate", text, names, "warning"))
    closed = (network.arc_flags & int(ArcFlag.STEEP)) != 0
    if closed.any():
        km = float(network.arc_length_m[closed].sum()) / 1000.0
        told.append(notice("elevation.steep", message("elevation.steep", km=km)))
    return told


def _grades(network: WalkNetwork, terrain: Terrain) -> tuple[float, float]:
    """Return median and 95th percentile of the absolute grade, weighted by length; no steps."""
    on_slope = ((network.arc_flags & int(ArcFlag.STEPS)) == 0)[terrain.run_arc]
    grade, run_m = np.abs(terrain.grade[on_slope]), terrain.run_m[on_slope]
    if len(grade) == 0:
        return 0.0, 0.0
    order = np.argsort(grade, kind="stable")
    upto_m = np.cumsum(run_m[order])
    at = np.searchsorted(upto_m, np.array([0.5, 0.95]) * upto_m[-1]).clip(max=len(grade) - 1)
    return float(grade[order][at[0]]), float(grade[order][at[1]])

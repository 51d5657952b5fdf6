"""From elevation files to the ground of sites: heights on a lattice around the streets."""

from pathlib import Path
from typing import Final

import numpy as np

from analysis.crs import MetricCRS
from analysis.places.ground import FINE_WINDOW_M, MOST_LATTICE_POINTS, Ground
from analysis.sources.elevation.rasters import fill_heights, read_grids
from analysis.streets.network import WalkNetwork
from analysis.streets.terrain import WINDOW_CELLS

STEP_M: Final = 20.0  # finer than the windows over which heights are averaged


def read_ground(paths: tuple[Path, ...], network: WalkNetwork, crs: MetricCRS) -> Ground | None:
    """Return the ground of the box around `network`; None without a file or a street.

    Heights are means over windows, as those of streets are (docs/adr/0011), so that slopes of sites
    and of streets agree; where several files know a height the first one named counts. Raises as
    :func:`~analysis.sources.elevation.streets.with_elevation` does, which tells what was noticed.
    """
    if not paths or len(network.arc_xy_m) == 0:
        return None
    low_m, high_m = network.arc_xy_m.min(axis=0), network.arc_xy_m.max(axis=0)
    square_m2 = float(np.prod(high_m - low_m)) / MOST_LATTICE_POINTS
    step_m = STEP_M * max(1.0, np.ceil(square_m2**0.5 / STEP_M))
    first = np.floor(low_m / step_m)
    columns, rows = (np.ceil(high_m / step_m) - first).astype(np.int64) + 1
    x_m, y_m = np.meshgrid(first[0] + np.arange(columns), first[1] + np.arange(rows))
    xy_m = step_m * np.column_stack([x_m.ravel(), y_m.ravel()])
    height_m = np.full(len(xy_m), np.nan)
    cell_m = 0.0
    for path in paths:
        grids, _ = read_grids(path, xy_m, crs)
        cell_m = max(cell_m, fill_heights(height_m, grids, xy_m)[1])
    return Ground(
        origin_m=step_m * first,
        step_m=float(step_m),
        height_m=height_m.astype(np.float32).reshape(rows, columns),
        window_m=max(FINE_WINDOW_M, WINDOW_CELLS * cell_m),
    )

"""Land as candidates: the planner's parcels, and what the map calls vacant or public."""

from collections.abc import Iterator
from math import pi
from typing import Final

import numpy as np
import shapely

from analysis.candidates.candidates import Candidate
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.places.parcels import Parcels
from analysis.places.site_layers import MappedLand
from analysis.units import BoolArray

SAME_LAND_SHARE: Final = 0.5  # mapped land that parcels cover by more is the planner's


def parcel_candidates(parcels: Parcels) -> Iterator[Candidate]:
    """Yield the planner's parcels.

    A parcel without an outline may reach as far from its point as a disc of its area does.
    """
    for row, parcel_id in enumerate(parcels.parcel_id):
        shape, area_m2 = parcels.shapes[row], float(parcels.area_m2[row])
        is_point = shapely.area(shape) == 0
        floor_area_m2 = float(parcels.floor_area_m2[row])
        if np.isnan(floor_area_m2) and parcels.kind[row] == "ground_floor":
            floor_area_m2 = area_m2
        yield Candidate(
            candidate_id=f"parcel:{parcel_id}",
            kind="parcel",
            shape=shape,
            xy_m=_pair(parcels.xy_m[row]),
            name=parcels.name[row],
            source_id=parcel_id,
            space=parcels.kind[row],
            area_m2=area_m2,
            floor_area_m2=floor_area_m2,
            cost_yuan=float(parcels.cost_yuan[row]),
            floor=float(parcels.floor[row]),
            width_m=float(parcels.width_m[row]),
            loose_m=(area_m2 / pi) ** 0.5 if is_point and area_m2 > 0 else 0.0,
            land_use=parcels.land_use[row],
            tenure=parcels.tenure[row],
            exclusion=parcels.exclusion[row],
            attributes=parcels.attributes[row],
        )


def mapped_land_candidates(
    land: MappedLand, parcels: Parcels | None
) -> tuple[tuple[Candidate, ...], tuple[Notice, ...]]:
    """Return land of the map, and what of it the planner's parcels cover and is left out."""
    covered = _covered(land, parcels)
    found = tuple(_mapped(land, row) for row in np.flatnonzero(~covered).tolist())
    told = [land.source_id[row] for row in np.flatnonzero(covered).tolist()]
    if not told:
        return found, ()
    text = message("candidates.land_is_parcel", count=len(told))
    return found, (notice("candidates.land_is_parcel", text, told),)


def _mapped(land: MappedLand, row: int) -> Candidate:
    shape, kind = land.shapes[row], land.kind[row]
    return Candidate(
        candidate_id=f"{kind}:{land.source_id[row]}",
        kind=kind,
        shape=shape,
        xy_m=_pair(shapely.get_coordinates(shapely.point_on_surface(shape))[0]),
        name=land.name[row],
        source_id=land.source_id[row],
        space="idle" if kind == "vacant_land" else "unknown",
        area_m2=float(shapely.area(shape)),
        land_use=land.use[row],
    )


def _covered(land: MappedLand, parcels: Parcels | None) -> BoolArray:
    """Return which pieces of land parcels cover by more than :data:`SAME_LAND_SHARE`, bool [l]."""
    covered = np.zeros(len(land), dtype=bool)
    if parcels is None or len(parcels) == 0 or len(land) == 0:
        return covered
    own, parcel = shapely.STRtree(parcels.shapes).query(land.shapes, predicate="intersects")
    for row in np.unique(own).tolist():
        # Parcels may overlap each other: a square metre counts once.
        listed = shapely.union_all(shapely.make_valid(parcels.shapes[parcel[own == row]]))
        shape = land.shapes[row]
        shared_m2 = shapely.area(shapely.intersection(shape, listed))
        covered[row] = shared_m2 > SAME_LAND_SHARE * shapely.area(shape)
    return covered


def _pair(xy_m: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, float]:
    return float(xy_m[0]), float(xy_m[1])

"""A street of twenty blocks for plans that can be worked out by hand."""

from dataclasses import replace

import numpy as np
import shapely

from analysis.messages import Name
from analysis.places.facilities import Entrance, FacilityRecord, build_facilities
from analysis.plan.sites import Sites
from analysis.standard.profile import Element
from analysis.standard.rules import CapacityRule, ScaleRule, Sourced
from analysis.standard.siting_rules import MinBuild, SitingProfile, UnitCost, WorksRules
from analysis.study import Study, StudyInputs, StudyParameters, analyse
from analysis.testing.cities import (
    grid_city,
    people_at,
    plain_element,
    plain_inputs,
    plain_standard,
    square_circles,
)

BLOCK_M = 100.0


def sourced(value: float) -> Sourced:
    return Sourced(value=value, source="DEFAULT", confidence="default")


def unit_cost(low: float, high: float, per: str = "building_m2") -> UnitCost:
    return UnitCost(
        low=low, high=high, per=per, price_year=2025, source="DEFAULT", confidence="default"
    )


def planned(
    element_id: str,
    *,
    threshold_m: float = 300.0,
    target: float = 0.9,
    floor_m2: float = 100.0,
    new: tuple[float, float] = (1000.0, 2000.0),
    norm: float | None = None,
    compatible: tuple[str, ...] = (),
) -> Element:
    """Return an element with a smallest size, a cost and (with `norm`) m² for 1000 residents."""
    scale = None
    if norm is not None:
        scale = ScaleRule(
            indicator="floor",
            unit="m2",
            basis="population",
            per=1000.0,
            norm=sourced(norm),
            capacity=CapacityRule(columns=("building_m2",), per_floor_m2=1.0),
            short_share=0.7,
        )
    element = plain_element(element_id, threshold_m=threshold_m, target=target, acceptable=target)
    build = MinBuild(building_m2=floor_m2, land_m2=None, source="DEFAULT", confidence="default")
    return replace(
        element,
        scale=scale,
        siting=SitingProfile(
            min_build=build,
            costs={"new": unit_cost(*new), "expand": unit_cost(500.0, 700.0)},
            compatible_with=compatible,
        ),
    )


def street(
    homes: list[tuple[float, float]],
    shops: list[tuple[str, float]],
    *elements: Element,
    attributes: list[dict[str, str]] | None = None,
    status: list[str] | None = None,
    bounds: tuple[tuple[float, float], ...] = ((-1.0, 2001.0),),
    works: WorksRules | None = None,
) -> StudyInputs:
    """Return a town of homes (x, people) and shops (element, x) along the street y = 0."""
    x_of = [x for x, _ in homes]
    circle = [next(i for i, (low, high) in enumerate(bounds) if low <= x < high) for x in x_of]
    standard = plain_standard(*elements)
    return plain_inputs(
        network=grid_city(20, 1),
        demand=people_at(
            [(x, 0.0) for x in x_of], people=[people for _, people in homes], circle=circle
        ),
        facilities=build_facilities(
            [
                FacilityRecord(
                    element_id=element_id,
                    source_id=f"test:{i:04d}",
                    name=f"shop {i}",
                    origin="table",
                    status="open" if status is None else status[i],
                    xy_m=(x, 0.0),
                    area_m2=float("nan"),
                    ambiguous=False,
                    entrances=((x, 0.0, Entrance.POINT),),
                    attributes={} if attributes is None else attributes[i],
                )
                for i, (element_id, x) in enumerate(shops)
            ]
        ),
        standard=replace(standard, works=works or WorksRules()),
        circles=square_circles(*((low, -50.0, high, 150.0) for low, high in bounds)),
    )


def study_of(inputs: StudyInputs) -> Study:
    return analyse(inputs, StudyParameters(min_gap_people=1.0))


def sites_at(
    places: dict[str, float],
    *element_ids: str,
    land_m2: float = 1000.0,
    cost_yuan: float = float("nan"),
    forbidden: dict[str, tuple[str, ...]] | None = None,
    bounds: tuple[tuple[float, float], ...] = ((-1.0, 2001.0),),
) -> Sites:
    """Return sites (id → x) where all elements may stand but those in `forbidden`."""
    ids = sorted(places)
    xy_m = np.array([(places[one], 0.0) for one in ids]).reshape(-1, 2)
    k = len(ids)
    refused = forbidden or {}
    circle = [
        next((i for i, (low, high) in enumerate(bounds) if low <= places[one] < high), -1)
        for one in ids
    ]
    shapes = np.empty(k, dtype=object)
    shapes[:] = [shapely.Point(xy) for xy in xy_m]
    return Sites(
        site_id=tuple(ids),
        name=tuple(f"site {one}" for one in ids),
        kind=("parcel",) * k,
        tenure=("",) * k,
        land_use=("",) * k,
        shapes=shapes,
        xy_m=xy_m,
        land_m2=np.full(k, land_m2),
        floor_m2=np.full(k, np.nan),
        cost_yuan=np.full(k, cost_yuan),
        circle=np.array(circle, dtype=np.int32),
        allowed={
            one: np.array([site not in refused.get(one, ()) for site in ids], dtype=bool)
            for one in element_ids
        },
        why_not=lambda _site, _element: (Name("太小", "too small"),),
    )

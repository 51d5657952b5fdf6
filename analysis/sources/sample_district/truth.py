"""The truth about the district: walking distance to each element, and the gaps planted."""

import numpy as np
from numpy.typing import NDArray

from analysis.sources.sample_district.city import City
from analysis.sources.sample_district.facilities import Facility
from analysis.sources.sample_district.frame import Point, plan_to_lon_lat
from analysis.sources.sample_district.gaps import COVERAGE_GAPS, OtherGap
from analysis.sources.sample_district.layout import (
    CIRCLE_IDS,
    NEW_TOWN,
    OLD_TOWN,
    SINGLE_GATE_CELL,
)
from analysis.sources.sample_district.ramps import only_steps
from analysis.sources.sample_district.services import (
    PLANTED_TOO_SMALL,
    SERVICES,
    SHORT_BY_GAP,
    STANDS_IN,
)

HILL_STATION_REACH_M = 250.0
TEN_MINUTES_M = 500.0
# Who goes a long way round, as the profile calls it.
LONG_WAY, LONGER_BY_M = 3.0, 360.0
GAP_COLUMNS = ("circle_id", "element", "kind", "lon", "lat", "people", "note")


def walk_to_m(city: City, element: str) -> NDArray[np.float64]:
    """Measure walking metres from every building to the nearest open facility of an element."""
    counted = {element, STANDS_IN.get(element, element)}
    chosen = [f.site for f in city.facilities if _counts(f, counted)]
    away_m: NDArray[np.float64] = city.ground.reach_m[chosen].min(axis=0).astype(np.float64)
    if element == "park_green_space":
        return np.asarray(np.minimum(away_m, city.park_m), dtype=np.float64)
    return away_m


def coverage_shares(city: City) -> dict[str, dict[str, float]]:
    """Share of each circle's residents within the walking threshold, by element and circle."""
    people, circles = city.ground.people, city.ground.circles
    shares: dict[str, dict[str, float]] = {}
    for service in SERVICES:
        near = walk_to_m(city, service.element) <= service.threshold_m
        shares[service.element] = {
            circle_id: round(
                float(people[near & (circles == c)].sum() / people[circles == c].sum()), 3
            )
            for c, circle_id in enumerate(CIRCLE_IDS)
        }
    return shares


def planted_gap_rows(city: City) -> list[tuple[object, ...]]:
    """Rows of ``planted_gaps.csv``: coverage gaps first, then the other kinds."""
    rows: list[tuple[object, ...]] = []
    seen: dict[str, int] = {}
    for gap in COVERAGE_GAPS:
        number = seen.get(gap.element, 0)
        seen[gap.element] = number + 1
        homes = city.cores[gap.element][number].homes
        people = city.ground.people[homes]
        centres = np.array([city.buildings[k].centre for k in homes])
        middle = (centres * people[:, None]).sum(axis=0) / people.sum()
        lon, lat = plan_to_lon_lat(middle)[0]
        note = f"{gap.note}；隔河" if gap.across_river else gap.note
        rows.append(
            (CIRCLE_IDS[gap.circle], gap.element, "missing", lon, lat, int(people.sum()), note)
        )
    rows += [
        (CIRCLE_IDS[g.circle], g.element, g.kind, *g.lon_lat, g.people, g.note)
        for g in _other_gaps(city)
    ]
    return rows


def _counts(facility: Facility, counted: set[str]) -> bool:
    return (
        facility.status == "open"
        and facility.site >= 0
        and (facility.element in counted or bool(counted.intersection(facility.also)))
    )


def _other_gaps(city: City) -> list[OtherGap]:
    people, circles = city.ground.people, city.ground.circles
    centres = np.array([b.centre for b in city.buildings])
    gaps = [
        OtherGap(
            circle=circle,
            element=element,
            kind="insufficient",
            lon_lat=_lon_lat(_middle_home(centres[circles == circle])),
            people=int(people[circles == circle].sum()),
            note=f"本圈自有设施规模约为标准的{share:.0%}",
        )
        for (circle, element), share in PLANTED_TOO_SMALL.items()
    ]
    gaps += [
        OtherGap(
            circle=circle,
            element=element,
            kind="insufficient",
            lon_lat=_lon_lat(_middle_home(centres[circles == circle])),
            people=int(people[circles == circle].sum()),
            note="成片缺失，全圈总量也不足",
        )
        for circle, element in SHORT_BY_GAP
    ]
    gaps.append(_single_gate_gap(city, centres))
    top = city.fabric.stairs_only
    if top is not None:
        near = np.hypot(*(centres - np.array(top)).T) <= HILL_STATION_REACH_M
        near &= only_steps(city.ground, city.facilities)
        gaps.append(
            OtherGap(
                circle=OLD_TOWN,
                element="elderly_day_care_station",
                kind="poor",
                lon_lat=_lon_lat(np.array(top)),
                people=int(people[near].sum()),
                note="步行范围内的养老站只能走台阶到达，无无障碍通道",
            )
        )
    return gaps


def _single_gate_gap(city: City, centres: NDArray[np.float64]) -> OtherGap:
    """Find the element that residents of the single-gate compound go the longest way round to."""
    homes = np.array(
        [k for k, b in enumerate(city.buildings)
         if (b.cell.column, b.cell.row) == SINGLE_GATE_CELL]
    )  # fmt: skip
    worst, ratio, people = "", 0.0, 0
    for service in SERVICES:
        sites = [f.site for f in city.facilities if _counts(f, {service.element})]
        walk = city.ground.reach_m[np.ix_(np.array(sites), homes)]
        gaps = city.ground.sites_xy[sites][:, None, :] - city.ground.homes_xy[homes][None, :, :]
        straight = np.linalg.norm(gaps, axis=2).min(axis=0)
        detour = float(walk.min(axis=0).mean() / max(straight.mean(), 60.0))
        if detour > ratio and service.threshold_m >= TEN_MINUTES_M:
            worst, ratio = service.element, detour
            nearest = walk.argmin(axis=0)
            apart = gaps[nearest, np.arange(len(homes))]
            away_m, straight_m = walk.min(axis=0), np.hypot(*apart.T)
            long_way = (away_m >= LONG_WAY * straight_m) & (away_m - straight_m >= LONGER_BY_M)
            people = int(city.ground.people[homes[long_way]].sum())
    return OtherGap(
        circle=NEW_TOWN,
        element=worst,
        kind="inconvenient",
        lon_lat=_lon_lat(centres[homes].mean(axis=0)),
        people=people,
        note=f"小区只有一个门，平均绕行系数约{ratio:.1f}",
    )


def _middle_home(centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the home nearest to the middle of all, which itself may lie in the river."""
    away_m = np.linalg.norm(centres - centres.mean(axis=0), axis=1)
    return np.asarray(centres[int(away_m.argmin())], dtype=np.float64)


def _lon_lat(point: NDArray[np.float64]) -> Point:
    lon, lat = plan_to_lon_lat(point)[0]
    return float(lon), float(lat)

"""The planted gaps: who is to be left without which element, and on what terms."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.sources.sample_district.frame import Point, Points
from analysis.sources.sample_district.layout import NEW_TOWN, OLD_TOWN, RIVERSIDE, VILLAGE

GAP_MARGIN = 1.38
STRAIGHT_MARGIN = 1.03


@dataclass(frozen=True, kw_only=True, slots=True)
class PlantedGap:
    """One coverage gap: nobody in the core may reach the element within 1.3 thresholds.

    ``share_cap`` is the largest share of the circle that may be covered; ``across_river`` tells
    that an open facility may lie within the threshold in a straight line, over the water.
    """

    circle: int
    element: str
    centre: Point
    radius_m: float
    share_cap: float
    note: str
    across_river: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherGap:
    """A gap of another kind, for the truth table."""

    circle: int
    element: str
    kind: str
    lon_lat: Point
    people: int
    note: str


COVERAGE_GAPS: tuple[PlantedGap, ...] = (
    PlantedGap(
        circle=OLD_TOWN, element="park_green_space", centre=(-1250.0, 900.0), radius_m=260.0,
        share_cap=0.56, note="老城连片老房，步行范围内无公园",
    ),
    PlantedGap(
        circle=OLD_TOWN, element="bus_stop", centre=(-1450.0, 1150.0), radius_m=300.0,
        share_cap=0.58, note="坡地窄巷，公交进不去",
    ),
    PlantedGap(
        circle=NEW_TOWN, element="wet_market", centre=(1450.0, 480.0), radius_m=330.0,
        share_cap=0.55, note="新城建成多年未配农贸市场",
    ),
    PlantedGap(
        circle=NEW_TOWN, element="community_canteen", centre=(1150.0, 650.0), radius_m=330.0,
        share_cap=0.42, note="新城无社区食堂",
    ),
    PlantedGap(
        circle=NEW_TOWN, element="convenience_store", centre=(1900.0, 1330.0), radius_m=240.0,
        share_cap=0.62, note="高速东北侧片区无便利店",
    ),
    PlantedGap(
        circle=VILLAGE, element="kindergarten", centre=(-1150.0, -1480.0), radius_m=330.0,
        share_cap=0.56, note="城中村铁路以南无幼儿园",
    ),
    PlantedGap(
        circle=VILLAGE, element="park_green_space", centre=(-1300.0, -750.0), radius_m=280.0,
        share_cap=0.52, note="城中村无公园绿地",
    ),
    PlantedGap(
        circle=VILLAGE, element="public_toilet", centre=(-1050.0, -620.0), radius_m=260.0,
        share_cap=0.55, note="城中村中部缺公共厕所",
    ),
    PlantedGap(
        circle=VILLAGE, element="elderly_day_care_station", centre=(-1600.0, -600.0),
        radius_m=260.0, share_cap=0.48, note="城中村西部缺养老服务站",
    ),
    PlantedGap(
        circle=VILLAGE, element="cultural_activity_station", centre=(-950.0, -900.0),
        radius_m=280.0, share_cap=0.55, note="城中村缺文化活动站",
    ),
    PlantedGap(
        circle=RIVERSIDE, element="primary_school", centre=(1400.0, -1010.0), radius_m=330.0,
        share_cap=0.58, note="南岸无小学，北岸学校隔河相望，仅两座桥", across_river=True,
    ),
    PlantedGap(
        circle=RIVERSIDE, element="pharmacy", centre=(1650.0, -1260.0), radius_m=280.0,
        share_cap=0.60, note="南岸缺药店",
    ),
)  # fmt: skip


def core_mask(gap: PlantedGap, centres: Points, circles: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which buildings (plan centres ``(n, 2)``) belong to the gap's core."""
    away_m = np.hypot(centres[:, 0] - gap.centre[0], centres[:, 1] - gap.centre[1])
    inside = (away_m <= gap.radius_m) & (circles == gap.circle)
    if gap.across_river:
        inside &= centres[:, 1] < river_south_bank_y(centres[:, 0])
    return np.asarray(inside, dtype=np.bool_)


def river_south_bank_y(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Northing of the river's centre line over the riverside circle, plan metres."""
    return np.interp(x, [640.0, 950.0, 1500.0, 2300.0], [-1080.0, -820.0, -640.0, -480.0])

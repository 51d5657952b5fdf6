"""The point-like elements of the district: how they are named, tagged, sized and sited."""

from dataclasses import dataclass
from enum import StrEnum


class Ground(StrEnum):
    """What an element stands on."""

    PLOT = "plot"
    STREET = "street"
    ANYWHERE = "anywhere"


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """One element as the generator needs it.

    ``measure`` names the column that carries the size; ``per_resident`` is the norm in that
    measure per resident (or per older resident, household or e-bike, see ``basis``); ``bounds``
    the usual size of one facility. ``threshold_m`` is the walking threshold.
    """

    element: str
    name_zh: str
    threshold_m: float
    ground: Ground
    in_osm: bool
    ending: str
    tags: tuple[tuple[str, str], ...] = ()
    measure: str = ""
    basis: str = "people"
    per_resident: float = 0.0
    bounds: tuple[int, int] = (0, 0)


# In this order plots are given away, so that schools come before parks and pitches.
SERVICES: tuple[Service, ...] = (
    Service(
        element="primary_school", name_zh="小学", threshold_m=500.0, ground=Ground.PLOT,
        in_osm=True, ending="小学", tags=(("amenity", "school"), ("barrier", "fence")),
        measure="capacity", per_resident=0.075, bounds=(270, 1620),
    ),
    Service(
        element="junior_middle_school", name_zh="初中", threshold_m=1000.0, ground=Ground.PLOT,
        in_osm=True, ending="初级中学", tags=(("amenity", "school"), ("barrier", "fence")),
        measure="capacity", per_resident=0.040, bounds=(450, 1800),
    ),
    Service(
        element="park_green_space", name_zh="公园绿地", threshold_m=500.0, ground=Ground.PLOT,
        in_osm=True, ending="口袋公园", tags=(("leisure", "park"),),
    ),
    Service(
        element="multi_sport_ground", name_zh="多功能运动场地", threshold_m=1000.0,
        ground=Ground.PLOT, in_osm=True, ending="球场",
        tags=(("leisure", "pitch"), ("sport", "basketball"), ("surface", "acrylic")),
        measure="land_m2", per_resident=0.270, bounds=(770, 5620),
    ),
    Service(
        element="wet_market", name_zh="农贸市场", threshold_m=500.0, ground=Ground.STREET,
        in_osm=True, ending="农贸市场", tags=(("amenity", "marketplace"),),
        measure="building_m2", per_resident=0.070, bounds=(500, 2500),
    ),
    Service(
        element="cultural_activity_center", name_zh="文化活动中心", threshold_m=1000.0,
        ground=Ground.STREET, in_osm=True, ending="文化活动中心",
        tags=(("amenity", "community_centre"), ("community_centre", "culture_centre")),
        measure="building_m2", per_resident=0.060, bounds=(900, 6000),
    ),
    Service(
        element="cultural_activity_station", name_zh="文化活动站(综合文化服务站)",
        threshold_m=500.0, ground=Ground.ANYWHERE, in_osm=False, ending="综合文化服务站",
        tags=(("amenity", "community_centre"),),
        measure="building_m2", per_resident=0.050, bounds=(120, 1200),
    ),
    Service(
        element="community_health_center", name_zh="社区卫生服务中心", threshold_m=1000.0,
        ground=Ground.STREET, in_osm=True, ending="社区卫生服务中心",
        tags=(("amenity", "clinic"), ("healthcare", "centre")),
        measure="building_m2", per_resident=0.034, bounds=(600, 3250),
    ),
    Service(
        element="community_health_station", name_zh="社区卫生服务站", threshold_m=500.0,
        ground=Ground.ANYWHERE, in_osm=False, ending="社区卫生服务站",
        tags=(("amenity", "clinic"),),
        measure="building_m2", per_resident=0.015, bounds=(60, 270),
    ),
    Service(
        element="pharmacy", name_zh="药店", threshold_m=500.0, ground=Ground.STREET,
        in_osm=True, ending="大药房", tags=(("amenity", "pharmacy"), ("dispensing", "yes")),
    ),
    Service(
        element="public_toilet", name_zh="公共厕所", threshold_m=300.0, ground=Ground.ANYWHERE,
        in_osm=True, ending="公共厕所", tags=(("amenity", "toilets"), ("access", "yes")),
    ),
    Service(
        element="outdoor_fitness_site", name_zh="室外综合健身场地", threshold_m=300.0,
        ground=Ground.ANYWHERE, in_osm=False, ending="健身点",
        tags=(("leisure", "fitness_station"),),
        measure="land_m2", per_resident=0.050, bounds=(80, 750),
    ),
    Service(
        element="elderly_care_center", name_zh="街道综合养老服务中心(老年养护)",
        threshold_m=1000.0, ground=Ground.STREET, in_osm=False, ending="综合养老服务中心",
        tags=(("amenity", "social_facility"), ("social_facility", "nursing_home")),
        measure="beds", basis="older", per_resident=0.040, bounds=(20, 200),
    ),
    Service(
        element="elderly_day_care_station", name_zh="社区养老服务站(日间照料)",
        threshold_m=300.0, ground=Ground.ANYWHERE, in_osm=False, ending="社区养老服务站",
        tags=(("amenity", "social_facility"), ("social_facility", "day_care"),
              ("social_facility:for", "senior")),
        measure="building_m2", basis="households", per_resident=0.15, bounds=(100, 750),
    ),
    Service(
        element="kindergarten", name_zh="幼儿园", threshold_m=300.0, ground=Ground.ANYWHERE,
        in_osm=True, ending="幼儿园", tags=(("amenity", "kindergarten"),),
        measure="capacity", per_resident=0.036, bounds=(60, 360),
    ),
    Service(
        element="nursery", name_zh="托育机构", threshold_m=500.0, ground=Ground.ANYWHERE,
        in_osm=False, ending="托育园", tags=(("amenity", "childcare"),),
        measure="capacity", per_resident=0.0045, bounds=(10, 100),
    ),
    Service(
        element="fresh_food_store", name_zh="惠民生鲜超市", threshold_m=500.0,
        ground=Ground.STREET, in_osm=True, ending="生鲜超市", tags=(("shop", "supermarket"),),
        measure="building_m2", per_resident=0.040, bounds=(150, 2000),
    ),
    Service(
        element="convenience_store", name_zh="便利店", threshold_m=300.0,
        ground=Ground.ANYWHERE, in_osm=True, ending="便利店", tags=(("shop", "convenience"),),
    ),
    Service(
        element="community_canteen", name_zh="社区食堂(老年助餐点)", threshold_m=500.0,
        ground=Ground.ANYWHERE, in_osm=False, ending="社区食堂", tags=(("amenity", "canteen"),),
        measure="meals", basis="older", per_resident=0.050, bounds=(20, 300),
    ),
    Service(
        element="community_service_station", name_zh="社区综合服务站(党群服务)",
        threshold_m=300.0, ground=Ground.ANYWHERE, in_osm=False, ending="社区党群服务中心",
        tags=(("amenity", "community_centre"),),
        measure="building_m2", basis="households", per_resident=0.30, bounds=(150, 1000),
    ),
    Service(
        element="bus_stop", name_zh="公交站点", threshold_m=500.0, ground=Ground.STREET,
        in_osm=True, ending="站", tags=(("highway", "bus_stop"), ("public_transport", "platform"),
                                       ("bus", "yes")),
    ),
    Service(
        element="public_parking", name_zh="公共停车场", threshold_m=500.0, ground=Ground.STREET,
        in_osm=True, ending="公共停车场", tags=(("amenity", "parking"), ("access", "yes")),
        measure="capacity", basis="cars", per_resident=0.12, bounds=(20, 300),
    ),
    Service(
        element="ebike_charging", name_zh="电动自行车停放充电", threshold_m=200.0,
        ground=Ground.ANYWHERE, in_osm=False, ending="电动自行车充电点",
        tags=(("amenity", "charging_station"), ("bicycle", "yes")),
        measure="ports", basis="ebikes", per_resident=0.33, bounds=(8, 100),
    ),
)  # fmt: skip
# A centre counts for the station of the same trade when it is as near as the station must be.
STANDS_IN = {"community_health_station": "community_health_center"}
# Where neighbours draw on facilities so much that the usual supply over the norm is too little.
AMPLE_SUPPLY = {(1, "elderly_care_center"): 1.85, (2, "elderly_care_center"): 1.5}
# Circle number and element whose size is planted too small, with the share of the norm built.
PLANTED_TOO_SMALL = {(0, "primary_school"): 0.5, (2, "ebike_charging"): 0.4,
                     (3, "elderly_care_center"): 0.1}  # fmt: skip
# Where a planted coverage gap takes so much away that the whole circle has too little as well.
SHORT_BY_GAP = ((0, "park_green_space"), (0, "bus_stop"), (1, "convenience_store"),
                (2, "park_green_space"))  # fmt: skip

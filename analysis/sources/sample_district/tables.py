"""The planner's tables of supply and demand: facilities, population, planted gaps."""

# Shares drawn by chance describe the place and are read best where they are used.
# ruff: noqa: PLR2004

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from analysis.sources.sample_district.city import City
from analysis.sources.sample_district.facilities import Facility
from analysis.sources.sample_district.frame import plan_to_lon_lat
from analysis.sources.sample_district.population import GROUPS
from analysis.sources.sample_district.premises import beside
from analysis.sources.sample_district.services import SERVICES

FACILITY_COLUMNS = (
    "id", "name", "element", "lon", "lat", "status", "capacity", "classes", "class_size", "beds",
    "ports", "meals", "places", "stalls", "building_m2", "land_m2", "functions", "opening_hours",
    "barrier_free", "operator", "source_note",
)  # fmt: skip
POPULATION_COLUMNS = (
    "id", "osm_id", "lon", "lat", "population", "households", *GROUPS, "cars", "ebikes",
)  # fmt: skip
STATUS_WORDS = {"open": ("open", "建成"), "construction": ("construction", "在建"),
                "closed": ("closed", "停用")}  # fmt: skip
FUNCTIONS = {
    "cultural_activity_center": "阅览;排练;展厅;培训;讲座",
    "cultural_activity_station": "阅览;棋牌;排练",
    "community_service_station": "政务;党群;调解;志愿服务",
    "elderly_day_care_station": "日托;助餐;康复",
    "elderly_care_center": "全托;日托;护理;助餐",
}


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table as UTF-8 with LF line ends; ``None`` becomes an empty field."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_text(value) for value in row])


def write_population(path: Path, city: City) -> None:
    """Write one row per residential building."""
    lon_lat = plan_to_lon_lat(np.array([b.centre for b in city.buildings]))
    numbers = np.column_stack(
        [
            city.population.people,
            city.population.households,
            city.population.groups,
            city.population.cars,
            city.population.ebikes,
        ]
    )
    rows = [
        (f"B{k + 1:05d}", building.osm_id, *lon_lat[k], *(int(v) for v in numbers[k]))
        for k, building in enumerate(city.buildings)
    ]
    write_csv(path, POPULATION_COLUMNS, rows)


def write_facilities(path: Path, city: City, rng: np.random.Generator) -> None:
    """Write the planner's facility table."""
    listed = [facility for facility in city.facilities if facility.in_table]
    names = {service.element: service.name_zh for service in SERVICES}
    rows = []
    for k, facility in enumerate(listed):
        values = _row(facility, rng, number=k)
        values["id"] = f"F{k + 1:04d}"
        values["element"] = facility.element if rng.random() < 0.5 else names[facility.element]
        rows.append([values.get(column) for column in FACILITY_COLUMNS])
    write_csv(path, FACILITY_COLUMNS, rows)


def _row(facility: Facility, rng: np.random.Generator, *, number: int) -> dict[str, object]:
    chance = rng.random(4)
    # Tables are drawn by other hands than the map: a few metres off, not the same spot.
    offset_m = 1.2 if facility.plot is None else 9.0
    lon, lat = plan_to_lon_lat(np.array(beside(facility.point, offset_m, number)))[0]
    english, chinese = STATUS_WORDS[facility.status]
    values: dict[str, object] = {
        "name": facility.name,
        "lon": lon,
        "lat": lat,
        "status": english if chance[0] < 0.6 else chinese,
        "functions": FUNCTIONS.get(facility.element),
        "opening_hours": "08:30-18:00" if chance[1] < 0.7 else None,
        "barrier_free": _barrier_free(facility, float(chance[2])),
        "operator": ("街道办", "社区居委会", "物业公司", "民办")[int(chance[3] * 4)],
        "source_note": facility.note or ("2025年公共服务设施台账" if chance[1] < 0.8 else None),
    }
    if facility.measure:
        values[facility.measure] = facility.size
    if facility.element in {"primary_school", "junior_middle_school", "kindergarten"}:
        class_size = 30 if facility.element == "kindergarten" else 45
        values["class_size"] = class_size
        values["classes"] = max(1, round(facility.size / class_size))
    if facility.element == "wet_market":
        values["stalls"] = max(12, facility.size // 14)
    if facility.element == "elderly_day_care_station":
        values["places"] = max(10, facility.size // 14)
    if facility.element in {"nursery", "community_canteen"}:
        values["building_m2"] = 4 * facility.size
    if facility.element == "elderly_care_center":
        values["building_m2"] = 36 * facility.size
    return values


def _barrier_free(facility: Facility, chance: float) -> str | None:
    if facility.steps_only:
        return "no"
    return "yes" if chance < 0.88 else None


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.7f}".rstrip("0").rstrip(".")
    return str(value)

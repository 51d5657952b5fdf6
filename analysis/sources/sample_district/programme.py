"""The programme's own tables: opinions, projects, old communities, back streets."""

# Shares drawn by chance describe the place and are read best where they are used.
# ruff: noqa: PLR2004

from datetime import date, timedelta
from pathlib import Path

import numpy as np

from analysis.sources.sample_district.city import City
from analysis.sources.sample_district.frame import plan_to_lon_lat, warp
from analysis.sources.sample_district.gaps import COVERAGE_GAPS
from analysis.sources.sample_district.layout import CIRCLE_IDS, OLD_BEFORE_YEAR
from analysis.sources.sample_district.services import SERVICES
from analysis.sources.sample_district.tables import write_csv

OPINION_COUNT = 250
CHANNELS = ("坝坝会", "问卷", "热线")
OPINION_STATES = ("已受理", "办理中", "已回复", "已采纳")
WISHES = (
    "希望就近建一个{}", "附近没有{}，走路太远", "{}太少了，排不上", "老人孩子盼着有{}",
    "建议利用闲置地块建{}", "{}什么时候能建好",
)  # fmt: skip
LOOSE_TEXTS = (
    "路灯晚上不亮", "下雨天巷子积水", "夜里广场舞音量太大", "坡上的石梯没有扶手", "垃圾清运不及时",
)  # fmt: skip
PROJECT_STATES = ("立项", "施工", "建设", "移交", "管理", "运行")
KINDS = ("新建", "改造", "扩建", "盘活")
OFFICERS = ("周启明", "罗文静", "杨树林", "吴晓岚", "陈立新", "龙国安", "田雨薇")
CONTRACTORS = ("黔岚建设有限公司", "云溪市政工程有限公司", "青枫建筑安装公司", "锦屏园林公司")
UNITS = {"capacity": "学位", "building_m2": "平方米", "land_m2": "平方米", "beds": "床",
         "meals": "餐", "ports": "充电口", "": "处"}  # fmt: skip
FIRST_DAY = date(2025, 3, 1)


def write_opinions(path: Path, city: City, rng: np.random.Generator) -> None:
    """Write residents' opinions: most of them where a gap was planted."""
    columns = ("id", "date", "lon", "lat", "element", "text", "channel", "state")
    names = {service.element: service.name_zh.split("(")[0] for service in SERVICES}
    rows = []
    for k in range(OPINION_COUNT):
        chance = rng.random(3)
        if chance[0] < 0.68:
            gap = COVERAGE_GAPS[int(rng.integers(0, len(COVERAGE_GAPS)))]
            spread = rng.normal(0.0, gap.radius_m * 0.55, size=2)
            point = np.array(gap.centre) + spread
            element = gap.element
        else:
            point = np.array(city.buildings[int(rng.integers(0, len(city.buildings)))].centre)
            element = SERVICES[int(rng.integers(0, len(SERVICES)))].element
        text = WISHES[int(rng.integers(0, len(WISHES)))].format(names[element])
        if chance[1] < 0.12:
            element, text = "", LOOSE_TEXTS[int(rng.integers(0, len(LOOSE_TEXTS)))]
        day = FIRST_DAY + timedelta(days=int(rng.integers(0, 290)))
        lon, lat = plan_to_lon_lat(point)[0]
        channel = CHANNELS[int(rng.integers(0, len(CHANNELS)))]
        state = OPINION_STATES[int(chance[2] * len(OPINION_STATES))]
        rows.append((f"O{k + 1:04d}", day, lon, lat, element, text, channel, state))
    write_csv(path, columns, rows)


def write_projects(path: Path, city: City, rng: np.random.Generator) -> None:
    """Write 33 projects over the four circles in every state of the works."""
    columns = (
        "id", "name", "element", "circle_id", "lon", "lat", "kind", "state", "start_date",
        "due_date", "opened_date", "officer", "contractor", "cost_wan_yuan", "capacity_added",
        "unit",
    )  # fmt: skip
    services = {service.element: service for service in SERVICES}
    known = [f for f in city.facilities if f.in_table and f.status == "open"]
    planned = [f for f in city.facilities if f.status == "construction"]
    drawn = [known[int(k)] for k in rng.choice(len(known), 33 - len(planned), replace=False)]
    rows = []
    for k, facility in enumerate([*planned, *drawn]):
        state = PROJECT_STATES[k % 3] if k < len(planned) else PROJECT_STATES[k % 6]
        start = FIRST_DAY + timedelta(days=int(rng.integers(0, 160)))
        due = start + timedelta(days=int(rng.integers(120, 420)))
        opened = due - timedelta(days=int(rng.integers(-20, 40)))
        running = state in {"移交", "管理", "运行"}
        lon, lat = plan_to_lon_lat(np.array(facility.point))[0]
        rows.append(
            (
                f"X{k + 1:03d}",
                f"{facility.name}{KINDS[k % 4]}项目",
                facility.element,
                CIRCLE_IDS[facility.circle],
                lon,
                lat,
                KINDS[k % 4],
                state,
                start,
                due,
                opened if running else None,
                OFFICERS[k % len(OFFICERS)],
                CONTRACTORS[k % len(CONTRACTORS)],
                int(rng.integers(8, 2600)),
                facility.size or 1,
                UNITS.get(services[facility.element].measure, "处"),
            )
        )
    write_csv(path, columns, rows)


def write_old_communities(path: Path, city: City, rng: np.random.Generator) -> int:
    """Write the compounds built before 2001, part of them renewed."""
    columns = (
        "id", "name", "lon", "lat", "households", "built_year", "renovated", "renovated_year",
        "safety_done", "basic_done", "consent", "lifts", "status",
    )  # fmt: skip
    zones = np.array([b.zone for b in city.buildings])
    rows: list[tuple[object, ...]] = []
    for compound in city.fabric.compounds:
        if compound.built_year >= OLD_BEFORE_YEAR:
            continue
        households = int(city.population.households[zones == compound.zone].sum())
        if households == 0:
            continue
        middle = compound.ring.centroid
        lon, lat = plan_to_lon_lat(np.array([middle.x, middle.y]))[0]
        done = bool(rng.random() < 0.55)
        rows.append(
            (
                f"OC{len(rows) + 1:03d}",
                compound.name,
                lon,
                lat,
                households,
                compound.built_year,
                "yes" if done else "no",
                int(rng.integers(2020, 2026)) if done else None,
                "yes" if done or rng.random() < 0.3 else "no",
                "yes" if done else "no",
                f"{rng.uniform(0.55, 0.98):.2f}",
                int(rng.integers(0, 9)) if done else 0,
                "已完工" if done else "待改造",
            )
        )
    write_csv(path, columns, rows)
    return len(rows)


def write_back_streets(path: Path, city: City, rng: np.random.Generator) -> int:
    """Write the register of lanes, with the state of every tenth of the renewal list."""
    columns = (
        "id", "name", "osm_id", "length_m", "renewed", "renewed_year", "lit", "surface",
        "drainage", "cables", "width_m", "status",
    )  # fmt: skip
    drawn_ways = {way.way_id for way in city.fabric.sketch.ways}
    rows: list[tuple[object, ...]] = []
    for lane in city.fabric.lanes:
        chance = rng.random(6)
        if lane.way_id not in drawn_ways or chance[0] > 0.22:
            continue
        steps_m = np.diff(warp(np.array(lane.points)), axis=0)
        done = bool(chance[1] < 0.5)
        rows.append(
            (
                f"L{len(rows) + 1:03d}",
                lane.name,
                f"way/{lane.way_id}",
                round(float(np.hypot(steps_m[:, 0], steps_m[:, 1]).sum()), 1),
                "yes" if done else "no",
                2021 + int(chance[2] * 5) if done else None,
                "yes" if done or chance[3] < 0.4 else "no",
                "石板" if lane.steps else "混凝土" if chance[4] < 0.6 else "沥青",
                "yes" if done or chance[4] < 0.5 else "no",
                "整齐" if done and chance[5] < 0.8 else "杂乱",
                round(1.8 + 3.4 * float(chance[5]), 1),
                "已整治" if done else "待整治",
            )
        )
    write_csv(path, columns, rows)
    return len(rows)

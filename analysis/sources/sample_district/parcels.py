"""Candidate land: corner, idle, cleared and ground-floor space, some of it unfit."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import Polygon, box

from analysis.sources.sample_district.boundaries import fixed_file_date
from analysis.sources.sample_district.city import City
from analysis.sources.sample_district.frame import LOCAL_CRS, PLANNING_CRS, Point, to_lon_lat, warp
from analysis.sources.sample_district.gaps import COVERAGE_GAPS
from analysis.sources.sample_district.names import STREET_STEMS
from analysis.sources.sample_district.plots import Plot
from analysis.sources.sample_district.tables import write_csv

PARCEL_COLUMNS = (
    "id", "name", "lon", "lat", "area_m2", "tenure", "land_use", "cost_yuan_per_m2", "exclusion",
)  # fmt: skip
KINDS = ("闲置地块", "边角地", "拆违空间", "首层空间")
TENURES = ("国有", "集体", "国有", "企业自有")
LAND_USES = ("待建设用地", "绿地", "待建设用地", "商业服务业用地")
UNFIT = (
    ((430.0, -1290.0), 1500.0, "洪水缓冲区"),
    ((1120.0, -805.0), 2200.0, "洪水缓冲区"),
    ((1700.0, -500.0), 900.0, "洪水缓冲区"),
    ((-2080.0, 1500.0), 1800.0, "陡坡(>25%)"),
    ((-1850.0, 1560.0), 1200.0, "陡坡(>25%)"),
    ((-900.0, 420.0), 60.0, "面积过小"),
    ((-1350.0, -300.0), 45.0, "面积过小"),
    ((700.0, 1180.0), 80.0, "面积过小"),
)
WANTED_PARCELS = 62


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """One row of the table; the polygon stays beside it."""

    parcel_id: str
    name: str
    lon: float
    lat: float
    area_m2: float
    tenure: str
    land_use: str
    cost_yuan_per_m2: int
    exclusion: str


def write_parcels(
    folder: Path, city: City, unused: tuple[Plot, ...], rng: np.random.Generator
) -> int:
    """Write ``parcels.gpkg`` and ``parcels.csv``; returns the number of parcels."""
    drawn = list(_ground(city, unused, rng))[:WANTED_PARCELS]
    parcels, shapes = [], []
    for k, (polygon, kind, exclusion) in enumerate(drawn):
        ground = shapely.transform(polygon, warp)
        lon, lat = to_lon_lat(np.array(ground.centroid.coords))[0]
        stem = STREET_STEMS[int(rng.integers(0, len(STREET_STEMS)))]
        parcels.append(
            Parcel(
                parcel_id=f"P{k + 1:03d}",
                name=f"{stem}{KINDS[kind]}{k + 1}号",
                lon=float(lon),
                lat=float(lat),
                area_m2=round(float(ground.area), 1),
                tenure=TENURES[kind],
                land_use=LAND_USES[kind],
                cost_yuan_per_m2=int(rng.integers(3, 40)) * 100,
                exclusion=exclusion,
            )
        )
        shapes.append(ground)
    rows = [astuple(parcel) for parcel in parcels]
    write_csv(folder / "parcels.csv", PARCEL_COLUMNS, rows)
    columns = {name: [row[i] for row in rows] for i, name in enumerate(PARCEL_COLUMNS)}
    path = folder / "parcels.gpkg"
    path.unlink(missing_ok=True)
    with fixed_file_date():
        frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=LOCAL_CRS)
        frame.to_crs(PLANNING_CRS).to_file(path, layer="parcels", driver="GPKG", engine="pyogrio")
    return len(parcels)


def _ground(
    city: City, unused: tuple[Plot, ...], rng: np.random.Generator
) -> Iterator[tuple[Polygon, int, str]]:
    for point, area_m2, why in UNFIT:
        yield _square(point, area_m2), 1, why
    # In every planted gap: a large piece where one lies idle, and a small one for a small site.
    for k, gap in enumerate(COVERAGE_GAPS):
        near = sorted(unused, key=lambda p: p.polygon.distance(shapely.Point(gap.centre)))[:2]
        for plot in near:
            yield plot.polygon, 0, ""
        street = _nearest_street(city, gap.centre)
        yield _square(street, float(rng.integers(70, 640))), 1 + k % 3, ""
    order = rng.permutation(len(unused))
    for k in order:
        yield unused[int(k)].polygon, int(k) % 3, ""


def _nearest_street(city: City, point: Point) -> Point:
    near = min(
        (site for site in city.sites if site.plot is None and site.on_street),
        key=lambda s: np.hypot(s.point[0] - point[0], s.point[1] - point[1]),
    )
    return near.point[0] + 9.0, near.point[1] + 9.0


def _square(point: Point, area_m2: float) -> Polygon:
    half_m = area_m2**0.5 / 2
    return box(point[0] - half_m, point[1] - half_m, point[0] + half_m, point[1] + half_m)

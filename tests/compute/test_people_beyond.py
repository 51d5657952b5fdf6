"""Who lives beyond the circles, from floor area, tables, polygons; nobody of the circles changes."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from analysis.crs import metric_crs
from analysis.places.circles import OUTSIDE, Circles
from analysis.sources.extent import StudyArea
from analysis.sources.people.buildings import Buildings
from analysis.sources.people.demand import DemandReading, build_demand
from analysis.sources.people.given_buildings import StatedHomes
from analysis.sources.people.land_cells import land_cells

CRS = metric_crs(106.70, 26.60)
EAST, WEST = shapely.box(0, -500, 500, 500), shapely.box(-500, -500, 0, 500)
READ = shapely.box(-1500, -1500, 1500, 1500)
DATA = shapely.box(-3000, -3000, 1400, 3000)


def circles(east: float = float("nan"), west: float = float("nan")) -> Circles:
    return Circles(
        circle_id=("east", "west"),
        name=("东", "西"),
        level=("15min", "15min"),
        polygons=np.array([EAST, WEST], dtype=object),
        total_population=np.array([east, west]),
        inside_data=np.ones(2),
    )


def homes(*places: tuple[float, float, float]) -> Buildings:
    """Return one-storey homes 1, 2, … at x, y with a floor area each."""
    n = len(places)
    floor_m2 = np.array([one[2] for one in places], dtype=np.float64)
    return Buildings(
        source_id=tuple(f"osm:way/{one + 1}" for one in range(n)),
        xy_m=np.array([one[:2] for one in places], dtype=np.float64).reshape(-1, 2),
        polygons=np.array([shapely.box(x - 5, y - 5, x + 5, y + 5) for x, y, _ in places]),
        footprint_m2=floor_m2,
        levels=np.ones(n),
        floor_area_m2=floor_m2,
        home_share=np.ones(n),
        levels_estimated=np.zeros(n, dtype=bool),
        rule=("house",) * n,
        notices=(),
    )


# East 400 m², west 400 m², beyond 800 m²; one outside what is read, one where the data has ended.
FIVE = homes((100, 0, 400), (-100, 0, 400), (900, 0, 800), (1600, 0, 70), (1450, 0, 70))


def run(population: Path | None = None, **options: object) -> DemandReading:
    given: dict[str, object] = {
        "buildings": FIVE, "circles": circles(), "total_population": None, "stated": None, **options
    }  # fmt: skip
    return build_demand(
        land=land_cells(np.array([EAST]), circles()),
        population=population,
        area=StudyArea(crs=CRS, judged=shapely.union(EAST, WEST), read=READ, data=DATA),
        **given,  # type: ignore[arg-type]
    )


def table(folder: Path, *lines: str) -> Path:
    path = folder / "people.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


def at(x: float, y: float) -> str:
    lon, lat = CRS.unproject(np.array([[x, y]], dtype=np.float64))[0]
    return f"{lon:.9f},{lat:.9f}"


def codes(found: DemandReading) -> set[str]:
    return {one.code for one in found.notices}


def test_homes_beyond_the_circles_are_kept_where_data_is_read_and_complete() -> None:
    found = run()
    assert found.beyond.point_id == ("osm:way/3",)
    assert found.beyond.people.tolist() == pytest.approx([800 / 35])
    assert found.beyond.circle.tolist() == [OUTSIDE]
    assert found.beyond.land_m2.tolist() == [0.0]
    assert found.beyond.people_estimated.all()
    assert "osm:way/3" not in found.demand.point_id
    assert (found.demand.circle >= 0).all()


def test_beyond_people_have_the_floor_area_of_those_in_the_circles() -> None:
    # East holds 40 on 400 m², west 60 on 400 m²: 8 m² each in all, so 100 on the 800 m² beyond.
    found = run(circles=circles(40.0, 60.0))
    assert found.demand.people.sum() == pytest.approx(100.0)
    assert found.beyond.people.tolist() == pytest.approx([100.0])
    assert run(circles=circles(40.0)).beyond.people.tolist() == pytest.approx(
        [800 * (40 + 400 / 35) / 800]
    )
    total = run(total_population=50.0)
    assert total.demand.people.sum() == pytest.approx(50.0)
    assert total.beyond.people.tolist() == pytest.approx([50.0])


def test_what_a_building_table_states_is_not_scaled() -> None:
    nothing = np.full(5, np.nan)
    people = nothing.copy()
    people[2] = 33.0
    stated = StatedHomes(people=people, households=nothing, from_households=np.zeros(5, dtype=bool))
    assert run(circles=circles(40.0, 60.0), stated=stated).beyond.people.tolist() == [33.0]


def test_a_table_that_knows_only_the_circles_is_told(tmp_path: Path) -> None:
    inside = table(tmp_path, "lon,lat,population", f"{at(100, 0)},10")
    found = run(inside)
    assert len(found.beyond) == 0
    assert "co_users.only_inside" in codes(found)
    told = next(one for one in found.notices if one.code == "co_users.only_inside")
    assert "1 home stands" in told.text.text("en")
    assert "1 栋住宅" in told.text.text("zh")


def test_a_table_with_people_beyond_is_used_with_its_groups(tmp_path: Path) -> None:
    both = table(
        tmp_path, "lon,lat,population,pop_3_5",
        f"{at(100, 0)},10,1", f"{at(900, 0)},20,3", f"{at(700, 300)},5,2", f"{at(9000, 0)},7,7",
    )  # fmt: skip
    found = run(both)
    assert found.beyond.point_id == ("osm:way/3", "people.csv:4")
    assert found.beyond.people.tolist() == [20.0, 5.0]
    assert found.beyond.groups["population_3_5"].tolist() == [3.0, 2.0]
    assert found.demand.people.sum() == 10.0
    assert "co_users.only_inside" not in codes(found)


def test_polygons_without_homes_leave_their_people_beyond_too(tmp_path: Path) -> None:
    # Half of the polygon lies in the east, half beyond; there is no home in it.
    outline = shapely.transform(shapely.box(400, 100, 600, 200), CRS.unproject)
    path = tmp_path / "people.geojson"
    feature = {
        "type": "Feature",
        "properties": {"population": 80},
        "geometry": json.loads(shapely.to_geojson(outline)),
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    found = run(path)
    assert found.beyond.people.tolist() == pytest.approx([40.0], rel=1e-6)
    assert found.demand.people.sum() == pytest.approx(40.0, rel=1e-6)
    assert not found.beyond.is_building.any()


def test_circles_that_cover_the_data_leave_nobody_beyond() -> None:
    whole = Circles(
        circle_id=("all",),
        name=("",),
        level=("15min",),
        polygons=np.array([DATA], dtype=object),
        total_population=np.array([np.nan]),
        inside_data=np.ones(1),
    )
    found = run(circles=whole)
    assert len(found.beyond) == 0
    assert "co_users.only_inside" not in codes(found)

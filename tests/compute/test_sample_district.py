"""The sample district is what it says: deterministic, whole, and short of just what was planted."""

import csv
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pytest
import rasterio
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry import LineString, Polygon

from analysis.sources.sample_district import SampleDistrict, write_sample_district

LOCAL = "+proj=tmerc +lat_0=26.70 +lon_0=106.65 +k=1 +x_0=0 +y_0=0 +ellps=WGS84"
OPEN = {"open", "建成"}
OSM_RULES: dict[str, tuple[str, str, str]] = {
    "primary_school": ("amenity", "school", "小学|九年"),
    "junior_middle_school": ("amenity", "school", "中学|九年"),
    "cultural_activity_center": ("community_centre", "culture_centre", ""),
    "community_health_center": ("amenity", "clinic", "社区卫生服务中心"),
    "pharmacy": ("amenity", "pharmacy", ""),
    "public_toilet": ("amenity", "toilets", ""),
    "multi_sport_ground": ("leisure", "pitch", "球场"),
    "kindergarten": ("amenity", "kindergarten", ""),
    "wet_market": ("amenity", "marketplace", ""),
    "fresh_food_store": ("shop", "supermarket", ""),
    "convenience_store": ("shop", "convenience", ""),
    "park_green_space": ("leisure", "park", ""),
    "bus_stop": ("highway", "bus_stop", ""),
    "public_parking": ("amenity", "parking", "停车场"),
    "back_street_renewal": ("highway", "footway", "巷"),
    "old_community_renovation": ("landuse", "residential", ""),
}
TABLE_NAMES = {
    "cultural_activity_station": "文化活动站(综合文化服务站)",
    "community_health_station": "社区卫生服务站",
    "outdoor_fitness_site": "室外综合健身场地",
    "elderly_care_center": "街道综合养老服务中心(老年养护)",
    "elderly_day_care_station": "社区养老服务站(日间照料)",
    "nursery": "托育机构",
    "community_canteen": "社区食堂(老年助餐点)",
    "community_service_station": "社区综合服务站(党群服务)",
    "ebike_charging": "电动自行车停放充电",
    "kindergarten": "幼儿园",
    "primary_school": "小学",
    "wet_market": "农贸市场",
    "pharmacy": "药店",
    "convenience_store": "便利店",
    "public_toilet": "公共厕所",
    "bus_stop": "公交站点",
    "park_green_space": "公园绿地",
}
THRESHOLD_M = {
    "park_green_space": 500, "bus_stop": 500, "wet_market": 500, "community_canteen": 500,
    "convenience_store": 300, "kindergarten": 300, "public_toilet": 300, "pharmacy": 500,
    "elderly_day_care_station": 300, "cultural_activity_station": 500, "primary_school": 500,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Extract:
    """The PBF read back: node metres, ways and relations with their tags."""

    nodes: dict[int, tuple[float, float]]
    node_tags: dict[int, dict[str, str]]
    ways: dict[int, tuple[list[int], dict[str, str]]]
    relations: dict[int, tuple[list[tuple[int, str]], dict[str, str]]]

    def line(self, way_id: int) -> LineString:
        """A way in metres."""
        return LineString([self.nodes[n] for n in self.ways[way_id][0]])

    def area_of(self, relation_id: int) -> Polygon:
        """A multipolygon in metres."""
        members = self.relations[relation_id][0]
        outer = next(w for w, role in members if role == "outer")
        holes = [self.line(w).coords for w, role in members if role == "inner"]
        return Polygon(self.line(outer).coords, holes)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> SampleDistrict:
    """One written district for the whole module."""
    return write_sample_district(tmp_path_factory.mktemp("district"))


@pytest.fixture(scope="module")
def extract(district: SampleDistrict) -> Extract:
    """The district's PBF."""
    to_metres = Transformer.from_crs("EPSG:4326", LOCAL, always_xy=True)
    found = Extract(nodes={}, node_tags={}, ways={}, relations={})
    for item in osmium.FileProcessor(str(district.osm_pbf)):
        tags = dict(item.tags)
        if isinstance(item, osmium.osm.Node):
            found.nodes[item.id] = (item.lon, item.lat)
            found.node_tags[item.id] = tags
        elif isinstance(item, osmium.osm.Way):
            found.ways[item.id] = ([n.ref for n in item.nodes], tags)
        elif isinstance(item, osmium.osm.Relation):
            found.relations[item.id] = ([(m.ref, m.role) for m in item.members], tags)
    lon, lat = np.array(list(found.nodes.values())).T
    metres = np.column_stack(to_metres.transform(lon, lat)).tolist()
    found.nodes.update({node: (x, y) for node, (x, y) in zip(found.nodes, metres, strict=True)})
    return found


def rows_of(path: Path) -> list[dict[str, str]]:
    """A table as dictionaries."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def metres_of(rows: list[dict[str, str]]) -> NDArray[np.float64]:
    """Local metres of the rows' lon and lat, ``(n, 2)``."""
    to_metres = Transformer.from_crs("EPSG:4326", LOCAL, always_xy=True)
    lon, lat = [float(r["lon"]) for r in rows], [float(r["lat"]) for r in rows]
    return np.column_stack(to_metres.transform(lon, lat))


def shapes_of(extract: Extract, element: str) -> list[shapely.Geometry]:
    """What the map holds for an element, by its own short rule."""
    key, value, words = OSM_RULES[element]
    named = [w for w in words.split("|") if w]

    def fits(tags: dict[str, str]) -> bool:
        name = tags.get("name", "")
        return tags.get(key) == value and (not named or any(w in name for w in named))

    points = [shapely.Point(extract.nodes[n]) for n, t in extract.node_tags.items() if fits(t)]
    return points + [extract.line(w) for w, (_, t) in extract.ways.items() if fits(t)]


def river_of(extract: Extract) -> Polygon:
    """The river as a polygon in metres."""
    river = [r for r, (_, t) in extract.relations.items() if t.get("natural") == "water"]
    assert len(river) == 1
    return extract.area_of(river[0])


def test_two_writes_give_the_same_bytes(district: SampleDistrict, tmp_path: Path) -> None:
    write_sample_district(tmp_path)
    first = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in district.folder.iterdir()}
    second = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in tmp_path.iterdir()}
    assert first == second
    assert len(first) == 14


def test_headline_figures(district: SampleDistrict) -> None:
    assert 200_000 <= district.residents <= 260_000
    assert 4_000 <= district.buildings <= 7_000
    assert 14.0 <= district.area_km2 <= 16.5
    assert district.circle_count == 4
    described = json.loads(district.description.read_text(encoding="utf-8"))
    assert described["invented"] is True
    assert described["residents"] == district.residents
    assert "虚构" in described["statement_zh"]
    assert "invented" in described["statement_en"]


def test_population_adds_up(district: SampleDistrict, extract: Extract) -> None:
    rows = rows_of(district.population)
    groups = ["pop_0_2", "pop_3_5", "pop_6_11", "pop_12_14", "pop_60plus"]
    people = np.array([int(r["population"]) for r in rows])
    members = np.array([[int(r[g]) for g in groups] for r in rows])
    households = np.array([int(r["households"]) for r in rows])
    assert people.sum() == district.residents
    assert len(rows) == district.buildings
    assert (members >= 0).all()
    assert (members.sum(axis=1) <= people).all()
    assert ((households > 0) & (households <= people)).all()
    known = {f"way/{w}" for w in extract.ways} | {f"relation/{r}" for r in extract.relations}
    assert {r["osm_id"] for r in rows} <= known


def test_circles_hold_their_people_and_do_not_overlap(district: SampleDistrict) -> None:
    homes = shapely.points(metres_of(rows_of(district.population)))
    people = np.array([int(r["population"]) for r in rows_of(district.population)])
    bands = {"circles": (48_000, 67_000, 4), "units_10min": (14_000, 26_000, 12),
             "units_5min": (5_000, 13_000, 24)}  # fmt: skip
    for layer, (low, high, count) in bands.items():
        frame = gpd.read_file(district.circles, layer=layer)
        assert frame.crs.to_epsg() == 4545
        assert len(frame) == count
        shapes = frame.to_crs(LOCAL).geometry.to_numpy()
        held = [int(people[shapely.contains(shape, homes)].sum()) for shape in shapes]
        assert all(low <= n <= high for n in held), (layer, held)
        assert sum(held) == district.residents
        overlap = sum(s.area for s in shapes) - shapely.union_all(shapes).area
        assert abs(overlap) < 1.0


def test_layers_name_their_parents(district: SampleDistrict) -> None:
    circles = gpd.read_file(district.circles, layer="circles")
    tens = gpd.read_file(district.circles, layer="units_10min")
    fives = gpd.read_file(district.circles, layer="units_5min")
    streets = gpd.read_file(district.circles, layer="streets")
    assert set(circles["street_id"]) <= set(streets["id"])
    assert set(tens["parent_id"]) == set(circles["id"])
    assert set(fives["parent_id"]) == set(tens["id"])
    assert set(circles["level"]) == {"15min"}


def test_osm_ids_are_unique_sorted_and_resolved(extract: Extract) -> None:
    every = [*extract.nodes, *extract.ways, *extract.relations]
    assert len(every) == len(set(every))
    assert min(every) >= 1_000_000_000
    for group in (extract.nodes, extract.ways, extract.relations):
        assert list(group) == sorted(group)
    assert {n for nodes, _ in extract.ways.values() for n in nodes} <= set(extract.nodes)
    assert all(len(nodes) >= 2 for nodes, _ in extract.ways.values())


def test_polygons_are_valid(extract: Extract) -> None:
    keys = {"building", "landuse", "leisure", "natural"}
    closed = [
        Polygon(extract.line(w).coords)
        for w, (nodes, tags) in extract.ways.items()
        if nodes[0] == nodes[-1] and (keys & set(tags) or tags.get("amenity") == "school")
    ]
    assert len(closed) > 4_000
    assert all(p.is_valid and p.area > 1.0 for p in closed)
    relations = [extract.area_of(r) for r in extract.relations]
    assert all(p.is_valid and len(p.interiors) == 1 for p in relations)


def test_exactly_two_ways_cross_the_river(extract: Extract) -> None:
    river = river_of(extract)
    over = [
        tags
        for w, (_, tags) in extract.ways.items()
        if "highway" in tags and extract.line(w).intersects(river)
    ]
    assert len(over) == 2
    assert all(t["bridge"] == "yes" and t["layer"] == "1" for t in over)


def test_streets_form_one_network_and_one_island(extract: Extract) -> None:
    groups: dict[int, int] = {}

    def root(node: int) -> int:
        while groups.setdefault(node, node) != node:
            groups[node] = groups[groups[node]]
            node = groups[node]
        return node

    for nodes, tags in extract.ways.values():
        if "highway" in tags and tags["highway"] != "motorway" and "access" not in tags:
            for a, b in zip(nodes[:-1], nodes[1:], strict=True):
                groups[root(a)] = root(b)
    sizes = sorted(Counter(root(n) for n in list(groups)).values(), reverse=True)
    assert sizes[0] > 8_000
    assert sum(sizes[1:]) == 6


def test_features_of_the_place_are_there(extract: Extract) -> None:
    ways = [tags for _, tags in extract.ways.values()]
    kinds = Counter(t.get("highway") for t in ways)
    for kind in ("steps", "living_street", "pedestrian", "cycleway", "motorway", "primary"):
        assert kinds[kind] > 0, kind
    assert any(t.get("railway") == "rail" for t in ways)
    assert any(t.get("conveying") == "yes" for t in ways)
    assert any(t.get("tunnel") == "yes" and t.get("highway") == "footway" for t in ways)
    assert any(t.get("landuse") == "industrial" and t.get("access") == "private" for t in ways)
    assert any(t.get("barrier") == "wall" and "landuse" not in t for t in ways)
    names = {t.get("name") for t in extract.node_tags.values()}
    assert {"<script>alert(1)</script>", "{{7*7}}${1}"} <= names


def test_compounds_have_many_one_or_no_mapped_gates(extract: Extract) -> None:
    gates = {n for n, t in extract.node_tags.items() if t.get("barrier") == "gate"}
    paths = {n for nodes, t in extract.ways.values() if "highway" in t for n in nodes}
    counts = Counter()
    for nodes, tags in extract.ways.values():
        if tags.get("landuse") == "residential" and "barrier" in tags:
            mine = set(nodes) & gates
            assert mine <= paths
            counts[len(mine)] += 1
    assert counts[0] >= 1
    assert counts[1] >= 1
    assert counts[2] + counts[3] >= 40


def test_every_element_occurs(district: SampleDistrict, extract: Extract) -> None:
    table = {r["element"] for r in rows_of(district.facilities)}
    on_map = {element for element in OSM_RULES if shapes_of(extract, element)}
    in_table = {e for e, zh in TABLE_NAMES.items() if e in table or zh in table}
    assert len(on_map | in_table) == 25


def test_coverage_gaps_hold_in_a_straight_line(district: SampleDistrict, extract: Extract) -> None:
    """Nothing open lies within the threshold of a gap's middle, but for what is over the river."""
    gaps = [r for r in rows_of(district.planted_gaps) if r["kind"] == "missing"]
    assert len(gaps) >= 8
    assert {g["circle_id"] for g in gaps} == {"C1", "C2", "C3", "C4"}
    river = river_of(extract)
    table = [r for r in rows_of(district.facilities) if r["status"] in OPEN]
    spots = metres_of(table)
    for gap, middle in zip(gaps, shapely.points(metres_of(gaps)), strict=True):
        element = gap["element"]
        assert int(gap["people"]) >= 1_500
        names = {element, TABLE_NAMES[element]}
        known = [shapely.Point(p) for r, p in zip(table, spots, strict=True)
                 if r["element"] in names]  # fmt: skip
        known += shapes_of(extract, element) if element in OSM_RULES else []
        near = [s for s in known if middle.distance(s) <= THRESHOLD_M[element]]
        if "隔河" in gap["note"]:
            assert all(shapely.shortest_line(middle, s).intersects(river) for s in near)
        else:
            assert near == [], element


def test_other_kinds_are_planted(district: SampleDistrict) -> None:
    kinds = Counter(r["kind"] for r in rows_of(district.planted_gaps))
    assert kinds == {"missing": 12, "insufficient": 7, "inconvenient": 1, "poor": 1}


def test_whoever_lives_on_the_hill_has_stations_with_steps_only(district: SampleDistrict) -> None:
    """Within a straight line of the walk, that is: no nearer station can be without steps."""
    (gap,) = [r for r in rows_of(district.planted_gaps) if r["kind"] == "poor"]
    names = {gap["element"], TABLE_NAMES[gap["element"]]}
    stations = [
        r for r in rows_of(district.facilities) if r["status"] in OPEN and r["element"] in names
    ]
    top = metres_of([gap])[0]
    away_m = np.hypot(*(metres_of(stations) - top).T)
    said = [row["barrier_free"] for row, away in zip(stations, away_m, strict=True) if away <= 300]
    assert len(said) >= 2
    assert set(said) == {"no"}
    assert int(gap["people"]) >= 1_000


def test_only_planted_circles_have_too_few_places_of_their_own(district: SampleDistrict) -> None:
    """Beds of old-age care that stand in a circle, over its norm: one planted short."""
    circles = gpd.read_file(district.circles, layer="circles").to_crs(LOCAL)
    homes, homes_m = rows_of(district.population), metres_of(rows_of(district.population))
    older = np.array([int(row["pop_60plus"]) for row in homes])
    rows = [
        row
        for row in rows_of(district.facilities)
        if row["status"] in OPEN
        and row["element"] in {"elderly_care_center", TABLE_NAMES["elderly_care_center"]}
    ]
    spots = shapely.points(metres_of(rows))
    share = {}
    for circle_id, shape in zip(circles["id"], circles.geometry, strict=True):
        here = shapely.contains(shape, spots)
        beds = sum(int(row["beds"]) for row, own in zip(rows, here, strict=True) if own)
        need = 0.040 * older[shapely.contains(shape, shapely.points(homes_m))].sum()
        share[circle_id] = beds / need
    assert share["C4"] < 0.5
    assert all(share[one] > 1.0 for one in ("C1", "C2", "C3"))


def test_only_planted_pairs_fall_short_by_the_generators_own_walks(
    district: SampleDistrict,
) -> None:
    described = json.loads(district.description.read_text(encoding="utf-8"))
    planted = {
        (r["circle_id"], r["element"])
        for r in rows_of(district.planted_gaps)
        if r["kind"] == "missing"
    }
    for element, shares in described["coverage_by_generator"].items():
        for circle_id, share in shares.items():
            if (circle_id, element) in planted:
                assert share <= 0.66, (circle_id, element, share)
            else:
                assert share >= 0.92, (circle_id, element, share)


def test_elevation_covers_every_street(district: SampleDistrict) -> None:
    processor = osmium.FileProcessor(str(district.osm_pbf), osmium.osm.NODE)
    spots = np.array([(n.lon, n.lat) for n in processor])
    with rasterio.open(district.elevation) as raster:
        heights = raster.read(1)
        bounds = raster.bounds
        assert raster.crs.to_epsg() == 4326
    assert bounds.left < spots[:, 0].min()
    assert bounds.right > spots[:, 0].max()
    assert bounds.bottom < spots[:, 1].min()
    assert bounds.top > spots[:, 1].max()
    assert np.isfinite(heights).all()
    assert heights.max() - heights.min() > 80.0


def test_planners_tables_are_complete(district: SampleDistrict) -> None:
    parcels = rows_of(district.parcels_csv)
    assert 50 <= len(parcels) <= 70
    assert any(p["exclusion"] for p in parcels)
    assert len(gpd.read_file(district.parcels_gpkg, layer="parcels")) == len(parcels)
    assert len(rows_of(district.opinions)) == 250
    assert {r["channel"] for r in rows_of(district.opinions)} == {"坝坝会", "问卷", "热线"}
    projects = rows_of(district.projects)
    assert len(projects) == 33
    assert {p["state"] for p in projects} == {"立项", "施工", "建设", "移交", "管理", "运行"}
    assert {p["circle_id"] for p in projects} == {"C1", "C2", "C3", "C4"}
    assert rows_of(district.old_communities)
    assert rows_of(district.back_streets)
    statuses = {r["status"] for r in rows_of(district.facilities)}
    assert statuses == {"open", "construction", "closed", "建成", "在建", "停用"}


def test_somebodys_own_files_are_never_overwritten(tmp_path: Path) -> None:
    from analysis.errors import SourceDataError

    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "facilities.csv").write_text("my data", "utf-8")
    with pytest.raises(SourceDataError, match="not overwritten"):
        write_sample_district(mine)
    assert (mine / "facilities.csv").read_text("utf-8") == "my data"
    assert len(list(mine.iterdir())) == 1


def test_an_edited_district_is_kept_and_an_untouched_one_replaced(tmp_path: Path) -> None:
    from analysis.errors import SourceDataError

    first = write_sample_district(tmp_path / "d")
    again = write_sample_district(tmp_path / "d", seed=3)
    assert again.folder == first.folder
    again.population.write_text("edited", "utf-8")
    with pytest.raises(SourceDataError, match=r"population\.csv has been edited"):
        write_sample_district(tmp_path / "d")
    assert again.population.read_text("utf-8") == "edited"

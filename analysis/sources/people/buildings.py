"""Homes and residential land on OpenStreetMap."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.sources.extent import StudyArea, placed
from analysis.sources.files.layers import is_polygon
from analysis.sources.osm.data import OsmData, Tags
from analysis.sources.people.building_rules import BuildingRules, Place, building_rules, has_any
from analysis.units import BoolArray, FloatArray, GeometryArray, IntArray, freeze


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Buildings:
    """Residential buildings, sorted by source id.

    Attributes
    ----------
    source_id
        Such as ``osm:way/12`` [b]; unique.
    xy_m
        A point inside each, metres, float64 [b, 2].
    polygons
        Valid footprints in metres, object array [b].
    footprint_m2, levels, floor_area_m2
        Gross, float64 [b], > 0; floor area is footprint times levels.
    home_share
        Share of the floor area that is lived in, 0…1, float64 [b].
    levels_estimated
        True where the storeys are a default, bool [b].
    rule
        Why each counts as a home, such as ``apartments`` or ``yes+land`` [b].
    notices
        What was mended, left out or assumed.
    """

    source_id: tuple[str, ...]
    xy_m: FloatArray
    polygons: GeometryArray
    footprint_m2: FloatArray
    levels: FloatArray
    floor_area_m2: FloatArray
    home_share: FloatArray
    levels_estimated: BoolArray
    rule: tuple[str, ...]
    notices: tuple[Notice, ...]

    def __post_init__(self) -> None:
        """Freeze."""
        for array in (self.xy_m, self.polygons, self.footprint_m2, self.levels, self.floor_area_m2):
            freeze(array)
        freeze(self.home_share)
        freeze(self.levels_estimated)

    def __len__(self) -> int:
        """Return the number of buildings."""
        return len(self.source_id)

    def __repr__(self) -> str:
        """Summarise the buildings."""
        return f"Buildings({len(self)} homes, {self.floor_area_m2.sum() / 1e6:.2f} km2 of floor)"

    @property
    def home_floor_m2(self) -> FloatArray:
        """Return the floor area that is lived in, float64 [b]."""
        return self.floor_area_m2 * self.home_share


@dataclass(frozen=True, slots=True, eq=False)
class _Shapes:
    """Polygons with their ids and tags, sorted by id."""

    source_id: tuple[str, ...]
    tags: tuple[Tags, ...]
    polygons: GeometryArray
    mended: tuple[str, ...]
    open_ways: tuple[str, ...]

    def picked(self, keep: BoolArray) -> "_Shapes":
        rows = np.flatnonzero(keep)
        return _Shapes(
            tuple(self.source_id[row] for row in rows),
            tuple(self.tags[row] for row in rows),
            self.polygons[rows],
            self.mended,
            self.open_ways,
        )


def read_buildings(data: OsmData, area: StudyArea) -> Buildings:
    """Return the homes whose inner point lies in the area that is read.

    Closed ways and multipolygons with a ``building`` tag count when the rules of
    ``building_rules.yaml`` make them homes. One that lies in another by more than 90 % of its
    area counts once, as the larger of the two. No home at all is no error.
    """
    rules = building_rules()
    shapes = _shapes(data, area, lambda tags: tags.get("building", "no") != "no")
    told = [*_told_mended(shapes, "buildings")]
    places = _places(shapely.point_on_surface(shapes.polygons), data, area)
    found = [
        rules.rule_of(tags, place=place) for tags, place in zip(shapes.tags, places, strict=True)
    ]
    along = [
        one
        for one, rule in zip(shapes.source_id, found, strict=True)
        if rule is not None and "+street" in rule
    ]
    if along:
        text = message("buildings.along_street", count=len(along), near_m=rules.home_street_m)
        told.append(notice("buildings.along_street", text, along))
    unclear = [
        one
        for one, tags, rule in zip(shapes.source_id, shapes.tags, found, strict=True)
        if rule is None and rules.rule_of(tags, place="land") is not None
    ]
    if unclear:
        text = message("buildings.off_land", count=len(unclear))
        told.append(notice("buildings.off_land", text, unclear, "warning"))
    homes = np.array([rule is not None for rule in found], dtype=bool)
    shapes, rule = shapes.picked(homes), [one for one in found if one is not None]
    keep = _told_kept(shapes, rules, told)
    shapes, rule = shapes.picked(keep), [one for one, kept in zip(rule, keep, strict=True) if kept]
    return _buildings(shapes, rule, rules, told)


def _places(inner: GeometryArray, data: OsmData, area: StudyArea) -> list[Place | None]:
    """Return what says that a building of unstated use is a home: its land, else its street."""
    rules = building_rules()
    land, _ = read_residential_land(data, area)
    other = _shapes(data, area, lambda tags: has_any(tags, rules.other_land), whole=True)
    streets = np.array(
        [row for row, tags in enumerate(data.way_tags) if has_any(tags, rules.home_streets)],
        dtype=np.int32,
    )
    lines = data.way_lines(streets, data.node_xy_m(area.crs)) if len(streets) else _none()
    on_land = _on_any(inner, land)
    beside = np.zeros(len(inner), dtype=bool)
    tree = shapely.STRtree(lines)
    beside[tree.query(inner, predicate="dwithin", distance=rules.home_street_m)[0]] = True
    beside &= ~_on_any(inner, other.polygons)
    return [
        "land" if on else "street" if by else None for on, by in zip(on_land, beside, strict=True)
    ]


def read_residential_land(
    data: OsmData, area: StudyArea
) -> tuple[GeometryArray, tuple[Notice, ...]]:
    """Return residential land in the area that is read as disjoint polygons in metres."""
    wanted = building_rules().residential_land
    shapes = _shapes(data, area, lambda tags: has_any(tags, wanted), whole=True)
    land = shapely.intersection(shapely.union_all(shapes.polygons), area.read)
    parts = shapely.get_parts(land)
    return parts[is_polygon(parts)], tuple(_told_mended(shapes, "land"))


def _shapes(
    data: OsmData, area: StudyArea, wanted: Callable[[Tags], bool], *, whole: bool = False
) -> _Shapes:
    """Return wanted areas in or (`whole`) touching the area that is read, valid and sorted."""
    closed = data.is_closed()
    ways: IntArray = np.array(
        [row for row, tags in enumerate(data.way_tags) if wanted(tags)], dtype=np.int32
    )
    xy_m = data.node_xy_m(area.crs)
    open_ways = _in_area(data, ways[~closed[ways]], xy_m, area)
    ways = ways[closed[ways]]
    relations = [row for row, tags in enumerate(data.relation_tags) if wanted(tags)]
    polygons = np.concatenate(
        [
            data.way_polygons(ways, xy_m) if len(ways) else _none(),
            placed(data.relation_polygon[relations], area.crs) if relations else _none(),
        ]
    )
    ids = [f"osm:way/{data.way_id[row]}" for row in ways]
    ids += [f"osm:relation/{data.relation_id[row]}" for row in relations]
    tags = [data.way_tags[row] for row in ways] + [data.relation_tags[row] for row in relations]
    broken = np.flatnonzero(~shapely.is_valid(polygons))
    polygons[broken] = shapely.make_valid(polygons[broken], method="structure")
    tested = polygons if whole else shapely.point_on_surface(polygons)
    shapely.prepare(area.read)
    near = shapely.intersects(area.read, tested) & (shapely.area(polygons) > 0)
    mended = tuple(ids[row] for row in broken if near[row])
    order = sorted(np.flatnonzero(near).tolist(), key=ids.__getitem__)
    return _Shapes(
        tuple(ids[row] for row in order),
        tuple(tags[row] for row in order),
        polygons[order],
        mended,
        open_ways,
    )


def _in_area(data: OsmData, ways: IntArray, xy_m: FloatArray, area: StudyArea) -> tuple[str, ...]:
    """Return the ids of those ways that start in the area that is read."""
    start = xy_m[data.way_node[data.way_first[ways]]] if len(ways) else np.empty((0, 2))
    near = shapely.contains_xy(area.read, start[:, 0], start[:, 1])
    return tuple(f"osm:way/{data.way_id[row]}" for row in ways[near])


def _none() -> GeometryArray:
    return np.empty(0, dtype=object)


def _on_any(points: GeometryArray, land: GeometryArray) -> BoolArray:
    on_land = np.zeros(len(points), dtype=bool)
    if len(land):
        on_land[shapely.STRtree(land).query(points, predicate="intersects")[0]] = True
    return on_land


def _told_mended(shapes: _Shapes, kind: str) -> list[Notice]:
    told = []
    if shapes.mended:
        text = message(f"{kind}.mended", count=len(shapes.mended))
        told.append(notice(f"{kind}.mended", text, shapes.mended))
    if shapes.open_ways:
        text = message(f"{kind}.open_ways", count=len(shapes.open_ways))
        told.append(notice(f"{kind}.open_ways", text, shapes.open_ways, "warning"))
    return told


def _told_kept(shapes: _Shapes, rules: BuildingRules, told: list[Notice]) -> BoolArray:
    """Return which homes stay; the tiny and the nested ones are told."""
    area_m2 = shapely.area(shapes.polygons)
    tiny: BoolArray = area_m2 < rules.min_footprint_m2
    nested = _nested(shapes.polygons, area_m2, tiny, rules.nested_share)
    for left_out, key in ((tiny, "buildings.tiny"), (nested, "buildings.nested")):
        if left_out.any():
            ids = [shapes.source_id[row] for row in np.flatnonzero(left_out)]
            text = message(key, count=len(ids), limit=f"{rules.min_footprint_m2:g}")
            told.append(notice(key, text, ids))
    keep: BoolArray = ~(tiny | nested)
    return keep


def _nested(
    polygons: GeometryArray, area_m2: FloatArray, tiny: BoolArray, share: float
) -> BoolArray:
    """Return which polygons lie in a larger one (or in an equal one that comes first)."""
    nested = np.zeros(len(polygons), dtype=bool)
    inner, outer = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    smaller = (area_m2[inner] < area_m2[outer]) | (
        (area_m2[inner] == area_m2[outer]) & (inner > outer)
    )
    smaller &= ~tiny[inner] & ~tiny[outer]
    inner, outer = inner[smaller], outer[smaller]
    shared_m2 = shapely.area(shapely.intersection(polygons[inner], polygons[outer]))
    nested[inner[shared_m2 > share * area_m2[inner]]] = True
    return nested


def _buildings(
    shapes: _Shapes, rule: list[str], rules: BuildingRules, told: list[Notice]
) -> Buildings:
    stated = [rules.stated_levels(tags) for tags in shapes.tags]
    assumed = np.array([one is None for one in stated], dtype=bool)
    levels = np.array(
        [
            rules.levels[tags["building"]] if one is None else one
            for one, tags in zip(stated, shapes.tags, strict=True)
        ],
        dtype=np.float64,
    )
    unreadable = [
        one
        for one, tags, read in zip(shapes.source_id, shapes.tags, stated, strict=True)
        if read is None and ("building:levels" in tags or "height" in tags)
    ]
    if unreadable:
        text = message("buildings.levels_unreadable", count=len(unreadable))
        told.append(notice("buildings.levels_unreadable", text, unreadable, "warning"))
    if assumed.any():
        ids = [shapes.source_id[row] for row in np.flatnonzero(assumed)]
        text = message("buildings.levels_assumed", count=len(ids), of=len(levels))
        told.append(notice("buildings.levels_assumed", text, ids))
    mixed = np.array([one.endswith("+mixed") for one in rule], dtype=bool)
    footprint_m2 = shapely.area(shapes.polygons)
    return Buildings(
        source_id=shapes.source_id,
        xy_m=shapely.get_coordinates(shapely.point_on_surface(shapes.polygons)),
        polygons=shapes.polygons,
        footprint_m2=footprint_m2,
        levels=levels,
        floor_area_m2=footprint_m2 * levels,
        home_share=np.where(mixed, rules.mixed_home_share, rules.home_share),
        levels_estimated=assumed,
        rule=tuple(rule),
        notices=tuple(told),
    )

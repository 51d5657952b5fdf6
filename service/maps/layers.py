"""The drawn layers of a study as compact JSON: circles, homes, streets, gaps, facilities."""

from typing import Any, Final

import numpy as np
import shapely

from analysis.documents.plain import number
from analysis.linking.linkable import arc_lines
from analysis.messages import LANGUAGES
from analysis.places.facilities import Facilities
from analysis.reach.table import counted
from analysis.study import Study
from analysis.units import BoolArray, FloatArray, GeometryArray, IdArray
from service.maps.classes import class_tally, home_classes
from service.maps.encoding import (
    LonLatGrid,
    pack_column,
    pack_integers,
    pack_lines,
    pack_positions,
)
from service.maps.numbers import (
    minute_tenths,
    people_tenths,
    shown_threshold,
    tenth_minutes,
    walk_tenths,
    whole,
)

Json = dict[str, Any]

_STREET_TOLERANCE_M: Final = 3.0  # a pixel at the scale of a district
_GAP_TOLERANCE_M: Final = 2.0
_ARTERIALS: Final = frozenset({"motorway", "trunk", "primary", "secondary"})
_STREETS: Final = frozenset(
    {"tertiary", "residential", "unclassified", "living_street", "road", "pedestrian"}
)
_POLYGON: Final = 3  # shapely's type id


def shown_homes(study: Study) -> BoolArray:
    """Return the demand points that are drawn, bool [p]: buildings, or land cells without any."""
    buildings = study.inputs.demand.is_building
    return buildings if buildings.any() else np.ones_like(buildings)


def circles_json(study: Study, grid: LonLatGrid) -> Json:
    """Return the circles: ids, names, outlines and where their labels stand."""
    circles, demand = study.inputs.circles, study.inputs.demand
    rings, counts, first = _rings(circles.polygons)
    centre = shapely.centroid(circles.polygons)
    inside = shapely.contains(circles.polygons, centre)
    label = np.where(inside, centre, shapely.point_on_surface(circles.polygons))
    homes = shown_homes(study) & (demand.circle >= 0)
    return {
        "id": list(circles.circle_id),
        "name": list(circles.name),
        "level": list(circles.level),
        "area_m2": [round(float(area)) for area in shapely.area(circles.polygons)],
        "homes": np.bincount(demand.circle[homes], minlength=len(circles)).tolist(),
        "people": _people_by_circle(study),
        "rings": first,
        "outline": pack_lines(_steps(study, grid, rings), counts),
        "label": pack_positions(_steps(study, grid, _coordinates(label))),
    }


def homes_json(study: Study, grid: LonLatGrid) -> Json:
    """Return the homes: positions once, then for each walked element its columns.

    `walk` and `minutes` are what is shown, in decimetres + 1 and tenths of a minute + 1, and
    `nearest` the facility's row + 1; 0 stands for none. `tally` counts homes and people by class
    (:func:`service.maps.classes.class_tally`).
    """
    demand, reach = study.inputs.demand, study.reach
    homes = shown_homes(study)
    rows = np.flatnonzero(homes)
    order = rows[np.lexsort((demand.xy_m[rows, 0], demand.xy_m[rows, 1] // 100.0))]
    every = np.ones_like(homes)
    by_metres = reach.criterion == "metres"
    columns = {}
    for column, element_id in enumerate(reach.element_ids):
        threshold = float(reach.threshold[column])
        walks = walk_tenths(reach.walk_m[order, column], threshold if by_metres else None)
        times = minute_tenths(reach.walk_s[order, column], None if by_metres else threshold)
        classes = home_classes(study, column, every)
        columns[element_id] = {
            "class": pack_column(classes[order].astype(np.int64)),
            "walk": pack_column(walks + 1),
            "minutes": pack_column(times + 1),
            "nearest": pack_column(reach.nearest[order, column].astype(np.int64) + 1),
            "tally": class_tally(study, classes, homes),
        }
    return {
        "buildings": bool(demand.is_building.any()),
        "id": [demand.point_id[row] for row in order.tolist()],
        "xy": pack_positions(_steps(study, grid, demand.xy_m[order])),
        "people": pack_integers(people_tenths(demand.people[order])),
        "estimated": pack_column(demand.people_estimated[order].astype(np.int64)),
        "circle": pack_column(demand.circle[order].astype(np.int64) + 1),
        "elements": columns,
    }


def streets_json(study: Study, grid: LonLatGrid) -> list[Json]:
    """Return the streets in three weights: paths, streets, arterials; simplified to 3 m."""
    network = study.inputs.network
    weight = np.array([_weight(name) for name in network.class_names], dtype=np.int64)
    of_arc = weight[network.arc_class] if network.n_arcs else np.empty(0, dtype=np.int64)
    bundles = []
    for level in range(3):
        arcs = np.flatnonzero(of_arc == level).astype(np.int32)
        lines = shapely.simplify(
            arc_lines(network, arcs), _STREET_TOLERANCE_M, preserve_topology=False
        )
        counts = shapely.get_num_coordinates(lines).astype(np.int64)
        xy_m = shapely.get_coordinates(lines)
        bundles.append(pack_lines(_steps(study, grid, xy_m), counts))
    return bundles


def gaps_json(study: Study, grid: LonLatGrid) -> Json:
    """Return the gaps by rank: who, how many, how far, and their outlines."""
    gaps = study.gaps
    circle = {one: number for number, one in enumerate(study.inputs.circles.circle_id)}
    shapes = np.array([gap.shape for gap in gaps], dtype=object)
    rings, counts, first = _rings(shapely.simplify(shapes, _GAP_TOLERANCE_M))
    label = _coordinates(shapely.point_on_surface(shapes))
    return {
        "element": [gap.element_id for gap in gaps],
        "rows": [
            [
                gap.rank, circle[gap.circle_id], number(gap.people), gap.buildings,
                whole(gap.walk_median_m), whole(gap.walk_worst_m),
                shown_threshold(study, gap.element_id),
                int(gap.edge_of_data), gap.kind, gap.circle_verdict,
                tenth_minutes(gap.walk_median_s), tenth_minutes(gap.walk_worst_s),
                int(gap.tolerated),
            ]
            for gap in gaps
        ],
        "reason": [
            None if gap.kind == "missing" else [gap.reason.text(one) for one in LANGUAGES]
            for gap in gaps
        ],
        "rings": first,
        "outline": pack_lines(_steps(study, grid, rings), counts),
        "label": pack_positions(_steps(study, grid, label)),
    }  # fmt: skip


def facilities_json(study: Study, grid: LonLatGrid) -> Json:
    """Return the facilities as columns, in the order that `nearest` of the homes counts in."""
    facilities = study.inputs.facilities
    circle = study.inputs.circles.locate(facilities.xy_m)
    kinds = sorted(set(facilities.element_id))
    entrances = np.diff(facilities.entrance_first).astype(np.int64)
    return {
        "kinds": kinds,
        "kind": [kinds.index(one) for one in facilities.element_id],
        "name": list(facilities.name),
        "source": list(facilities.source_id),
        "origin": list(facilities.origin),
        "status": list(facilities.status),
        "ambiguous": facilities.ambiguous.astype(int).tolist(),
        "counts": counted(facilities, study.inputs.standard).astype(int).tolist(),
        "circle": circle.tolist(),
        "area_m2": [whole(area) for area in facilities.area_m2.tolist()],
        "attributes": _attributes(facilities),
        "xy": pack_positions(_steps(study, grid, facilities.xy_m)),
        "entrances": pack_lines(_steps(study, grid, facilities.entrance_xy_m), entrances),
        "entrance_kind": pack_column(facilities.entrance_kind.astype(np.int64)),
    }


def _attributes(facilities: Facilities) -> list[list[list[str]]]:
    return [
        [[key, str(value)] for key, value in sorted(row.items())] for row in facilities.attributes
    ]


def _people_by_circle(study: Study) -> list[int]:
    demand = study.inputs.demand
    return [
        round(float(np.where(demand.circle == circle, demand.people, 0.0).sum()))
        for circle in range(len(study.inputs.circles))
    ]


def _weight(name: str) -> int:
    plain = name.removesuffix("_link")
    if plain in _ARTERIALS:
        return 2
    return 1 if plain in _STREETS else 0


def _coordinates(points: GeometryArray) -> FloatArray:
    """Return float64 [n, 2]; an empty point, of an outline cut away whole, stands at 0, 0."""
    xy_m: FloatArray = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    return np.where(np.isnan(xy_m), 0.0, xy_m)


def _steps(study: Study, grid: LonLatGrid, xy_m: FloatArray) -> IdArray:
    return grid.steps(study.inputs.crs.unproject(np.asarray(xy_m, dtype=np.float64)))


def _rings(shapes: GeometryArray) -> tuple[FloatArray, IdArray, list[int]]:
    """Return all rings' positions, the number in each, and how many rings each shape has."""
    parts, of_shape = shapely.get_parts(shapes, return_index=True)
    inner, of_part = shapely.get_parts(parts, return_index=True)
    is_polygon = shapely.get_type_id(inner) == _POLYGON
    polygons, owner = inner[is_polygon], of_shape[of_part[is_polygon]]
    rings, of_polygon = shapely.get_rings(polygons, return_index=True)
    per_shape = np.bincount(owner[of_polygon].astype(np.int64), minlength=len(shapes))
    counts = shapely.get_num_coordinates(rings).astype(np.int64)
    return shapely.get_coordinates(rings), counts, per_shape.tolist()

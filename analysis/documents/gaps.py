"""Gaps as GeoJSON (RFC 7946): WGS84, outer rings anticlockwise, no nan and no infinity."""

from typing import Final

import numpy as np
import shapely

from analysis.crs import MetricCRS
from analysis.documents.plain import number, plain_text, texts
from analysis.documents.tables import circle_names
from analysis.gaps import Gap
from analysis.messages import message
from analysis.reach import SEARCH_FACTOR
from analysis.study import Study
from analysis.units import FloatArray

_DECIMALS: Final = 7  # about a centimetre

GAP_FIELDS: Final = (
    "rank", "gap_id", "kind", "circle_id", "circle_name", "element_id", "element_zh", "element_en",
    "circle_verdict", "people", "buildings", "walk_median_m", "walk_worst_m", "walk_note_zh",
    "walk_note_en", "threshold_m", "edge_of_data",
)  # fmt: skip


def gap_collection(study: Study) -> dict[str, object]:
    """Return all gaps as a FeatureCollection, by rank; properties are :data:`GAP_FIELDS`."""
    names = circle_names(study)
    return {
        "type": "FeatureCollection",
        "attribution": message("outputs.attribution").text("en"),
        "features": [
            {
                "type": "Feature",
                "id": plain_text(gap.gap_id),
                "geometry": geometry_json(lonlat_polygons(gap.shape, study.inputs.crs)),
                "properties": _properties(study, gap, names[gap.circle_id].text("zh")),
            }
            for gap in study.gaps
        ],
    }


def lonlat_polygons(shape: shapely.Geometry, crs: MetricCRS) -> shapely.MultiPolygon:
    """Return the areas of a metric `shape` in degrees, outer rings anticlockwise.

    Points and lines that a clip left over are dropped: they hold no area.
    """
    parts = [one for one in shapely.get_parts(shape) if one.geom_type == "Polygon"]
    exact = shapely.transform(shapely.MultiPolygon(parts), crs.unproject)
    rounded = shapely.transform(exact, _rounded)
    chosen = rounded if shapely.is_valid(rounded) else exact
    return shapely.orient_polygons(chosen, exterior_cw=False)


def geometry_json(polygons: shapely.MultiPolygon) -> dict[str, object] | None:
    """Return a GeoJSON geometry: a Polygon where one is enough, None for an empty one."""
    parts = [
        [shapely.get_coordinates(ring).tolist() for ring in (one.exterior, *one.interiors)]
        for one in shapely.get_parts(polygons)
    ]
    if not parts:
        return None
    if len(parts) == 1:
        return {"type": "Polygon", "coordinates": parts[0]}
    return {"type": "MultiPolygon", "coordinates": parts}


def _rounded(lonlat: FloatArray) -> FloatArray:
    return np.round(lonlat, _DECIMALS)


def _properties(study: Study, gap: Gap, circle_name: str) -> dict[str, object]:
    element = study.inputs.standard.element(gap.element_id)
    note = {"zh": "", "en": ""}
    if np.isinf(gap.walk_worst_m):
        which = "outputs.walk.max" if np.isfinite(gap.walk_median_m) else "outputs.walk.all"
        limit_m = SEARCH_FACTOR * gap.threshold_m
        note = texts(message("outputs.beyond_search", figures=message(which), limit_m=limit_m))
    return {
        "rank": gap.rank,
        "gap_id": plain_text(gap.gap_id),
        "kind": gap.kind,
        "circle_id": plain_text(gap.circle_id),
        "circle_name": circle_name,
        "element_id": gap.element_id,
        "element_zh": element.name.text("zh"),
        "element_en": element.name.text("en"),
        "circle_verdict": gap.circle_verdict,
        "people": number(gap.people),
        "buildings": gap.buildings,
        "walk_median_m": number(gap.walk_median_m),
        "walk_worst_m": number(gap.walk_worst_m),
        "walk_note_zh": note["zh"],
        "walk_note_en": note["en"],
        "threshold_m": number(gap.threshold_m),
        "edge_of_data": gap.edge_of_data,
    }

"""Gaps as GeoJSON (RFC 7946): WGS84, outer rings anticlockwise, no nan and no infinity."""

from typing import Final

import numpy as np

from analysis.documents.geometry import geometry_json, lonlat_polygons
from analysis.documents.plain import number, plain_text
from analysis.documents.tables import beyond_search, circle_names, walker_cells
from analysis.gaps.listing import Gap
from analysis.judgement.coverage import deciding
from analysis.messages import message
from analysis.study import Study

GAP_FIELDS: Final = (
    "rank", "gap_id", "kind", "kind_zh", "kind_en", "tolerated", "circle_id", "circle_name",
    "element_id", "element_zh", "element_en",
    "circle_verdict", "deciding_basis", "basis_lacking", "people", "buildings",
    "walk_median_m", "walk_worst_m", "walk_median_s", "walk_worst_s",
    "walk_note_zh", "walk_note_en", "threshold_m", "threshold_s",
    "search_m", "search_s", "walker", "walker_zh", "walker_en", "detour",
    "lacking", "unit", "reason_zh", "reason_en", "edge_of_data",
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


def _properties(study: Study, gap: Gap, circle_name: str) -> dict[str, object]:
    element = study.inputs.standard.element(gap.element_id)
    basis, weight = deciding(element, study.inputs.demand)
    lacking = number(float(weight[gap.points].sum())) if gap.kind == "missing" else None
    note = {"zh": "", "en": ""}
    if np.isinf(gap.walk_worst_m):
        which = "outputs.walk.max" if np.isfinite(gap.walk_median_m) else "outputs.walk.all"
        note = beyond_search(study, message(which), gap.element_id)
    search = float(study.reach.search[study.reach.column(gap.element_id)])
    by_metres = study.reach.criterion == "metres"
    return {
        "rank": gap.rank,
        "gap_id": plain_text(gap.gap_id),
        "kind": gap.kind,
        "kind_zh": message(f"gap.kind.{gap.kind}").text("zh"),
        "kind_en": message(f"gap.kind.{gap.kind}").text("en"),
        "tolerated": gap.tolerated,
        "circle_id": plain_text(gap.circle_id),
        "circle_name": circle_name,
        "element_id": gap.element_id,
        "element_zh": element.name.text("zh"),
        "element_en": element.name.text("en"),
        "circle_verdict": gap.circle_verdict,
        "deciding_basis": basis,
        "basis_lacking": lacking,
        "people": number(gap.people),
        "buildings": gap.buildings,
        "walk_median_m": number(gap.walk_median_m),
        "walk_worst_m": number(gap.walk_worst_m),
        "walk_median_s": number(gap.walk_median_s),
        "walk_worst_s": number(gap.walk_worst_s),
        "walk_note_zh": note["zh"],
        "walk_note_en": note["en"],
        "threshold_m": number(gap.threshold_m),
        "threshold_s": number(gap.threshold_s),
        "search_m": number(round(search, 3)) if by_metres else None,
        "search_s": None if by_metres else number(round(search, 3)),
        **walker_cells(study, gap.element_id),
        "detour": None if gap.detour is None else number(gap.detour),
        "lacking": None if gap.lacking is None else number(gap.lacking),
        "unit": gap.unit,
        "reason_zh": gap.reason.text("zh"),
        "reason_en": gap.reason.text("en"),
        "edge_of_data": gap.edge_of_data,
    }

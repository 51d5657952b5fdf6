"""The study document: all that a reader needs to know of a study, as plain JSON.

It holds no time, machine or version: the same inputs and parameters give the same document.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final

import numpy as np
import shapely

from analysis.documents.circles import checks_document
from analysis.documents.coordinates import of_file
from analysis.documents.diagnosis import diagnosis_document
from analysis.documents.digest import array_digests, study_digest
from analysis.documents.parameters import chosen_parameters, element_walkers
from analysis.documents.plain import number, plain, plain_text, texts
from analysis.documents.planner import people_asking, planner_document
from analysis.documents.tables import (
    ASSESSMENT_COLUMNS,
    assessment_rows,
    circle_names,
    circle_points,
    lacking_text,
)  # fmt: skip
from analysis.linking.linkage import Link
from analysis.messages import message
from analysis.places.circles import ALL_CIRCLES
from analysis.reach.table import counted
from analysis.standard.verdicts import VERDICTS
from analysis.study import Study

FORMAT: Final = "living-circle-study"
FORMAT_VERSION: Final = 3
LEFT_OPEN_BY_EDGE: Final = ("verdict.edge_of_data", "verdict.outside_extract")

__all__ = ["ASSESSMENT_COLUMNS", "FORMAT", "assessment_rows", "study_digest", "study_document"]


def study_document(study: Study) -> dict[str, object]:
    """Return the study as plain JSON values: no nan, no infinity, texts in zh and en.

    Its last entry, ``digest``, is the :func:`~analysis.documents.digest.study_digest` of the rest,
    of the flat assessment and of all arrays.
    """
    inputs = study.inputs
    document: dict[str, object] = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "title": inputs.title,
        "statement": texts(inputs.standard.statement),
        "standard": _standard(study),
        "parameters": chosen_parameters(study),
        "element_walkers": element_walkers(study),
        "inputs": [
            {"role": one.role, "name": one.name, "bytes": one.n_bytes, "sha256": one.sha256,
             "coordinates": of_file(inputs.coordinates, one.role, one.name)}
            for one in inputs.files
        ],
        "data": _data(study),
        "counts": _counts(study),
        "access_rules": [
            {"section": one.section, "rule": one.rule_id, "verdict": one.verdict,
             "objects": one.objects, "length_m": number(one.length_m), "note": texts(one.note)}
            for one in inputs.access
        ],
        "notices": [
            {"code": one.code, "severity": one.severity, "count": one.count, **texts(one.text),
             "subjects": list(one.subjects)}
            for one in study.notices
        ],
        "planner_tables": planner_document(study),
        "circles": _circles(study),
        "gaps": {"count": len(study.gaps), "min_people": number(study.parameters.min_gap_people)},
        "diagnosis": diagnosis_document(study),
        "circle_checks": None
        if study.circle_checks is None
        else checks_document(study.circle_checks, inputs.crs),
        "edge_of_data": _edge(study),
        "array_digests": array_digests(study),
    }  # fmt: skip
    document = dict(_as_mapping(plain(document)))
    document["digest"] = study_digest(document, assessment_rows(study), study)
    return document


def _as_mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError(type(value))
    return value


def _standard(study: Study) -> dict[str, object]:
    standard = study.inputs.standard
    return {
        "id": standard.id,
        "version": standard.version,
        "title": texts(standard.title),
        "official": standard.official,
        "digest": standard.digest,
        "elements": len(standard.elements),
        "walked_elements": len(standard.walked),
        "sources": dict(standard.sources),
    }


def _data(study: Study) -> dict[str, object]:
    inputs = study.inputs
    lonlat = inputs.crs.unproject(shapely.get_coordinates(inputs.data_area))
    box = [*lonlat.min(axis=0), *lonlat.max(axis=0)] if len(lonlat) else []
    return {
        "date": inputs.data_date,
        "attribution": texts(message("outputs.attribution")),
        "metric_crs": inputs.crs.definition,
        "data_area_wgs84": [number(float(one)) for one in box],
        "services": inputs.evidence.services,
        "streets_only": inputs.evidence.streets_only(inputs.standard),
        "elevation_known_share": _elevation_share(study),
        **_grades(study),
        "elements_given_by_table": sorted(inputs.evidence.table_elements),
    }


def _elevation_share(study: Study) -> float | None:
    """Return the share of street length whose heights are known; None without an elevation."""
    network = study.inputs.network
    if network.terrain is None or network.length_m <= 0:
        return None
    return number(network.terrain.known_m / network.length_m)


def _grades(study: Study) -> dict[str, object]:
    """Return over how many metres grades are means, and whether what is steep is an estimate."""
    terrain = study.inputs.network.terrain
    return {
        "elevation_cell_m": None if terrain is None else number(terrain.cell_m),
        "grade_window_m": None if terrain is None else number(terrain.window_m),
        "grades_estimated": None if terrain is None else terrain.estimated,
    }


def _counts(study: Study) -> dict[str, object]:
    network, barriers = study.inputs.network, study.inputs.barriers
    demand, homes = study.inputs.demand, study.inputs.demand.is_building
    unlinked = ~study.points.linked
    estimated = demand.people_estimated & homes
    lengths_m = network.component_length_m()
    counting = counted(study.inputs.facilities, study.inputs.standard)
    return {
        "nodes": network.n_nodes,
        "arcs": network.n_arcs,
        "street_km": number(network.length_m / 1000.0),
        "components": network.n_components,
        "largest_component_share": number(
            float(lengths_m[0] / lengths_m.sum()) if lengths_m.sum() > 0 else float("nan")
        ),
        "barriers": len(barriers.lines),
        "barriers_by_kind": dict(sorted(Counter(barriers.kinds).items())),
        "compounds": len(barriers.compounds),
        "gates": len(barriers.gate_compound),
        "inferred_gates": int(barriers.gate_inferred.sum()),
        "facilities": len(study.inputs.facilities),
        "facilities_ambiguous": int(study.inputs.facilities.ambiguous.sum()),
        "facilities_not_counting": int((~counting).sum()),
        "facilities_unlinked": int((~facilities_linked(study)).sum()),
        "facilities_by_element": _facilities(study),
        "buildings": int(homes.sum()),
        "residents": number(float(demand.people.sum())),
        "residents_estimated": number(float(demand.people[estimated].sum())),
        "buildings_estimated": int(estimated.sum()),
        "groups": {one: number(float(people.sum())) for one, people in demand.groups.items()},
        "land_cells": int((~homes).sum()),
        "residential_land_m2": number(float(demand.land_m2.sum())),
        "buildings_by_link": {
            one.name.lower(): int(((study.points.how == one) & homes).sum()) for one in Link
        },
        "unlinked_buildings": int((unlinked & homes).sum()),
        "unlinked_residents": number(float(demand.people[unlinked].sum())),
    }


def facilities_linked(study: Study) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Return which facilities have an entrance that is linked to a street, bool [k]."""
    facilities = study.inputs.facilities
    rows = np.repeat(np.arange(len(facilities)), np.diff(facilities.entrance_first))
    linked = np.bincount(rows[study.entrances.linked], minlength=len(facilities))
    return linked > 0


def _facilities(study: Study) -> dict[str, object]:
    facilities = study.inputs.facilities
    counting = counted(facilities, study.inputs.standard)
    table: dict[str, object] = {}
    for element_id in sorted(set(facilities.element_id)):
        rows = facilities.of_element(element_id)
        origins = Counter(facilities.origin[row] for row in rows.tolist())
        table[element_id] = {
            "osm": origins["osm"],
            "table": origins["table"],
            "ambiguous": int(facilities.ambiguous[rows].sum()),
            "not_counting": int((~counting[rows]).sum()),
        }
    return table


def _circles(study: Study) -> list[dict[str, object]]:
    circles, demand = study.inputs.circles, study.inputs.demand
    out: list[dict[str, object]] = []
    for circle_id, name in circle_names(study).items():
        here = circle_points(study, circle_id)
        rows = study.assessment.of_circle(circle_id)
        verdicts = Counter(row.verdict for row in rows)
        whole = circle_id == ALL_CIRCLES
        at = slice(None) if whole else circles.circle_id.index(circle_id)
        area_m2 = np.atleast_1d(shapely.area(circles.polygons[at]))
        inside = np.atleast_1d(circles.inside_data[at])
        stated = np.atleast_1d(circles.total_population[at])
        out.append(
            {
                "id": circle_id,
                "name": name.text("zh") if not whole else texts(name)["zh"],
                "name_zh": name.text("zh"),
                "name_en": name.text("en"),
                "level": None if whole else circles.level[circles.circle_id.index(circle_id)],
                "area_km2": number(float(area_m2.sum()) / 1e6),
                "inside_data": number(float((inside * area_m2).sum() / area_m2.sum())),
                "stated_population": number(float(stated.sum())),
                "people": number(float(demand.people[here].sum())),
                "people_estimated": bool((demand.people_estimated & here).any()),
                "buildings": int((demand.is_building & here).sum()),
                "land_m2": number(float(demand.land_m2[here].sum())),
                "verdicts": {one: verdicts[one] for one in VERDICTS},
                "missing": _missing(study, circle_id),
                "not_assessed": [
                    {"element": row.element_id, "why": texts(row.coverage.reason)}
                    for row in rows if row.verdict == "not_assessed"
                ],
            }
        )  # fmt: skip
    return out


def _missing(study: Study, circle_id: str) -> list[dict[str, object]]:
    """Return what a circle lacks (缺什么): out of reach first, most residents first, then scale."""
    found: list[tuple[bool, float, int, dict[str, object]]] = []
    for place, row in enumerate(study.assessment.of_circle(circle_id)):
        if row.verdict != "short":
            continue
        figures, short = row.figures, row.coverage.verdict == "short"
        element = study.inputs.standard.element(row.element_id)
        lacking = 0.0 if figures is None else max(figures.people - figures.people_covered, 0.0)
        entry: dict[str, object] = {
            "element": row.element_id,
            "name": texts(element.name),
            "dimensions": [one.dimension for one in row.dimensions if one.verdict == "short"],
            "share": None if figures is None else number(figures.share),
            "target": number(element.coverage.target.value),
            "people_lacking": number(lacking),
            "deciding_basis": None if figures is None else figures.basis,
            "basis_lacking": None if figures is None else number(figures.basis_lacking),
            "people_asking": people_asking(study, row.element_id, circle_id),
            "edge_of_data": row.edge_of_data,
            "lacks": texts(lacking_text(row)),
            "reason": texts(row.sentence),
        }
        found.append((not short, -lacking, place, entry))
    return [entry for *_, entry in sorted(found, key=lambda one: one[:3])]


def _edge(study: Study) -> dict[str, object]:
    """Say where the extract ends too close to tell."""
    rows = [row for row in study.assessment.rows if row.circle_id != ALL_CIRCLES]
    left_open = [row for row in rows if row.coverage.reason.key in LEFT_OPEN_BY_EDGE]
    touched = [row for row in rows if row.edge_of_data or row in left_open]
    walked = sum(row.figures is not None for row in rows)
    key = "outputs.edge.some" if touched else "outputs.edge.none"
    statement = message(
        key,
        open=len(left_open),
        touched=len(touched),
        walked=walked,
        circles=len({row.circle_id for row in touched}),
    )
    return {
        "affected": bool(touched),
        "verdicts_left_open": len(left_open),
        "verdicts_touched": len(touched),
        "verdicts_walked": walked,
        "circles": [plain_text(one) for one in sorted({row.circle_id for row in touched})],
        "text": texts(statement),
    }

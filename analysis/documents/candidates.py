"""Candidates as tables and GeoJSON: where something could be, and every reason why not there."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely

from analysis.candidates.candidates import UNSEEN, Candidates
from analysis.candidates.checks import BROKEN, KEPT, UNKNOWN
from analysis.candidates.screening import Screening
from analysis.documents.geometry import geometry_json, lonlat_polygons
from analysis.documents.plain import number, plain_text, texts
from analysis.documents.tables import Cell, Row
from analysis.messages import LANGUAGES, Joined, Message, message
from analysis.places.circles import Circles
from analysis.standard.siting_rules import SitingRule
from analysis.study import Study

CANDIDATE_FIELDS: Final = (
    "candidate_id", "kind", "kind_zh", "kind_en", "unseen", "name", "source_id", "element_id",
    "circle_id", "lon", "lat", "area_m2", "floor_area_m2", "cost_yuan", "floor", "width_m",
    "space_zh", "space_en", "land_use", "tenure", "exclusion", "allowed", "allowed_elements",
    "allowed_shared_elements", "scores", "not_known_zh", "not_known_en",
)  # fmt: skip
REJECTION_COLUMNS: Final = (
    "candidate_id", "kind", "kind_zh", "kind_en", "name", "circle_id",
    "element_id", "element_zh", "element_en", "finding", "finding_zh", "finding_en", "rule_id",
    "rule_zh", "rule_en", "reason_zh", "reason_en", "source", "confidence", "fits_shared",
)  # fmt: skip
RULE_COLUMNS: Final = (
    "element_id", "element_zh", "element_en", "rule_id", "hard", "checked_by", "rule_zh",
    "rule_en", "kept", "broken", "not_known", "source", "confidence",
)  # fmt: skip


def candidate_rows(study: Study, screening: Screening) -> list[Row]:
    """Return one row of :data:`CANDIDATE_FIELDS` for each candidate, by id."""
    found, inputs = screening.candidates, study.inputs
    lonlat = inputs.crs.unproject(found.xy_m)
    rows = []
    for row in range(len(found)):
        cells = _candidate_cells(found, row, inputs.circles)
        cells |= {"lon": round(float(lonlat[row, 0]), 7), "lat": round(float(lonlat[row, 1]), 7)}
        cells |= _screened_cells(screening, row)
        rows.append({name: cells[name] for name in CANDIDATE_FIELDS})
    return rows


def candidate_collection(study: Study, screening: Screening) -> dict[str, object]:
    """Return all candidates as a FeatureCollection in WGS84: outlines, else points."""
    rows = candidate_rows(study, screening)
    return {
        "type": "FeatureCollection",
        "attribution": message("outputs.attribution").text("en"),
        "features": [
            {
                "type": "Feature",
                "id": row["candidate_id"],
                "geometry": _geometry(study, screening.candidates, position, row),
                "properties": row,
            }
            for position, row in enumerate(rows)
        ],
    }


def rejection_rows(screening: Screening, circles: Circles) -> Iterator[Row]:
    """Yield one row for each candidate × element × reason: hard ones and soft ones that it misses.

    Pairs of a facility and another element are left out, and what is not known stands with the
    candidate.
    """
    found = screening.candidates
    names = [texts(one.name) for one in screening.elements]
    for row in range(len(found)):
        cells = _head(found, row, circles)
        for column, element in enumerate(screening.elements):
            fits_shared = bool(screening.allowed_shared[row, column])
            for one in screening.findings(row, column):
                if one.kind == "unknown":
                    continue
                said, rule = texts(one.text), texts(one.rule)
                kind = texts(message(f"candidates.finding.{one.kind}"))
                yield {
                    **cells,
                    "element_id": element.id,
                    "element_zh": names[column]["zh"],
                    "element_en": names[column]["en"],
                    "finding": one.kind,
                    "finding_zh": kind["zh"],
                    "finding_en": kind["en"],
                    "rule_id": one.rule_id,
                    "rule_zh": rule["zh"],
                    "rule_en": rule["en"],
                    "reason_zh": said["zh"],
                    "reason_en": said["en"],
                    "source": one.source,
                    "confidence": one.confidence,
                    "fits_shared": fits_shared,
                }


def rule_rows(screening: Screening) -> list[Row]:
    """Return each rule of each element: who checks it, and how many candidates keep or break it."""
    rows = []
    for column, element in enumerate(screening.elements):
        applies, asked = screening.applies[:, column], screening.by_element[column]
        for check in asked.checks:
            outcome = check.outcome[applies]
            counts: Row = {
                "kept": int((outcome == KEPT).sum()),
                "broken": int((outcome == BROKEN).sum()),
                "not_known": int((outcome == UNKNOWN).sum()),
            }
            rows.append(_rule_row(element.id, texts(element.name), check.rule, counts))
        for rule in asked.for_person:
            nobody: Row = {"kept": None, "broken": None, "not_known": None}
            rows.append(_rule_row(element.id, texts(element.name), rule, nobody))
    return rows


def candidates_summary(screening: Screening) -> dict[str, object]:
    """Return the counts of a screening, for machines."""
    found = screening.candidates
    return {
        "candidates": len(found),
        "by_kind": {kind: found.kind.count(kind) for kind in sorted(set(found.kind))},
        "unseen": int(found.unseen.sum()),
        "elements": [
            {
                "element_id": element.id,
                "candidates": int(screening.applies[:, column].sum()),
                "allowed": int(screening.allowed[:, column].sum()),
                "allowed_shared": int(screening.allowed_shared[:, column].sum()),
                "needs_person": [one.id for one in screening.needs_person(column)],
            }
            for column, element in enumerate(screening.elements)
        ],
    }


def _rule_row(element_id: str, name: dict[str, str], rule: SitingRule, counts: Row) -> Row:
    said = texts(rule.text)
    return {
        "element_id": element_id,
        "element_zh": name["zh"],
        "element_en": name["en"],
        "rule_id": rule.id,
        "hard": rule.hard,
        "checked_by": "person" if rule.needs_person else "machine",
        "rule_zh": said["zh"],
        "rule_en": said["en"],
        **counts,
        "source": rule.source,
        "confidence": rule.confidence,
    }


def _head(found: Candidates, row: int, circles: Circles) -> Row:
    kind = texts(message(f"candidates.kind.{found.kind[row]}"))
    circle = int(found.circle[row])
    return {
        "candidate_id": plain_text(found.candidate_id[row]),
        "kind": found.kind[row],
        "kind_zh": kind["zh"],
        "kind_en": kind["en"],
        "name": plain_text(found.name[row]),
        "circle_id": plain_text(circles.circle_id[circle]) if circle >= 0 else "",
    }


def _candidate_cells(found: Candidates, row: int, circles: Circles) -> Row:
    space = texts(message(f"parcel_kind.{found.space[row]}"))
    numbers: dict[str, Cell] = {
        name: number(float(getattr(found, name)[row]))
        for name in ("area_m2", "floor_area_m2", "cost_yuan", "floor", "width_m")
    }
    return {
        **_head(found, row, circles),
        "unseen": found.kind[row] in UNSEEN,
        "source_id": plain_text(found.source_id[row]),
        "element_id": found.element_id[row],
        **numbers,
        "space_zh": space["zh"],
        "space_en": space["en"],
        "land_use": plain_text(found.land_use[row]),
        "tenure": plain_text(found.tenure[row]),
        "exclusion": plain_text(found.exclusion[row]),
    }


def _screened_cells(screening: Screening, row: int) -> Row:
    ids = [one.id for one in screening.elements]
    alone = np.flatnonzero(screening.allowed[row]).tolist()
    shared = np.flatnonzero(screening.allowed_shared[row]).tolist()
    unknown: dict[str, Message] = {}
    for column in np.flatnonzero(screening.applies[row]).tolist():
        for one in screening.unknown(row, column):
            unknown.setdefault(one.text("en"), one)
    told = Joined(tuple(unknown.values()))
    return {
        "allowed": len(alone),
        "allowed_elements": ",".join(ids[one] for one in alone),
        "allowed_shared_elements": ",".join(ids[one] for one in shared),
        "scores": ",".join(f"{ids[one]}={screening.score[row, one]:.2f}" for one in shared),
        **{f"not_known_{one}": plain_text(told.text(one)) for one in LANGUAGES},
    }


def _geometry(study: Study, found: Candidates, row: int, cells: Row) -> dict[str, object] | None:
    shape = found.shapes[row]
    if shapely.area(shape) > 0:
        return geometry_json(lonlat_polygons(shape, study.inputs.crs))
    return {"type": "Point", "coordinates": [cells["lon"], cells["lat"]]}

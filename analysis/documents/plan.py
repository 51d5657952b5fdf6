"""A plan as plain JSON, and its works as GeoJSON (WGS84)."""

import hashlib
from typing import Final

import numpy as np
import shapely

from analysis.candidates.candidates import UNSEEN
from analysis.documents.digest import canonical_json
from analysis.documents.geometry import geometry_json, lonlat_polygons
from analysis.documents.links import beside_rows, link_rows
from analysis.documents.plain import number, plain, plain_text, texts
from analysis.documents.plan_tables import (
    curve_rows,
    override_rows,
    plan_circle_rows,
    proof_rows,
    solve_rows,
    unreachable_rows,
    work_rows,
)
from analysis.documents.plan_words import proof_words
from analysis.messages import message
from analysis.plan.plan import Plan
from analysis.study import Study

PLAN_FORMAT: Final = "living-circle-plan"
PLAN_VERSION: Final = 1
_DECIMALS: Final = 7  # about a centimetre
_POLYGONS: Final = ("Polygon", "MultiPolygon")


def plan_document(study: Study, plan: Plan) -> dict[str, object]:
    """Return the whole plan; `digest` is the sha256 of all the rest, times are in none of it."""
    asked, proof = plan.parameters, plan.proof
    document: dict[str, object] = {
        "format": PLAN_FORMAT,
        "format_version": PLAN_VERSION,
        "title": plain_text(plan.title),
        "scenario_id": plan.scenario().scenario_id,
        "parameters": {
            "elements": None if asked.elements is None else list(asked.elements),
            "circles": None if asked.circles is None else list(asked.circles),
            "model": dict(sorted(asked.model.items())),
            "n_sites": asked.n_sites,
            "budget_yuan": asked.budget_yuan,
            "target_share": asked.target_share,
            "joint": asked.joint,
            "remedies": asked.remedies,
            "links": asked.links,
            "max_gap": asked.max_gap,
            "time_limit_s": asked.time_limit_s,
            "alternatives": asked.alternatives,
        },
        "elements": list(plan.element_ids),
        "circles": list(plan.circle_ids),
        "candidates": len(plan.sites),
        "works": work_rows(study, plan),
        "works_unseen": works_unseen(plan),
        "dropped": [one.work_id for one in plan.dropped],
        "overrides": override_rows(plan),
        "curve": curve_rows(plan),
        "by_circle": plan_circle_rows(study, plan),
        "solves": solve_rows(study, plan),
        "unreachable": unreachable_rows(study, plan),
        "alternatives": _alternatives(plan),
        "links": link_rows(study, plan.links),
        "path_or_building": beside_rows(study, plan.beside),
        "left_out": [texts(one) for one in plan.left_out],
        "proof": {
            "claimed": {one: number(people) for one, people in proof.claimed.items()},
            "found": {one: number(people) for one, people in proof.found.items()},
            "agrees": proof.agrees,
            "with_paths": proof.with_paths,
            "text": texts(proof_words(proof)),
            "gaps_closed": [one.gap_id for one in proof.difference.gaps_closed],
            "gaps_opened": [one.gap_id for one in proof.difference.gaps_opened],
            "people_in_gaps": [number(one) for one in proof.difference.people_in_gaps],
            "verdicts": proof_rows(study, plan),
        },
        "statement": texts(message("plan.statement")),
    }  # fmt: skip
    whole = plain(document)
    assert isinstance(whole, dict)  # noqa: S101 - a mapping stays one
    return whole | {"digest": _digest(whole)}


def proposal_collection(study: Study, plan: Plan) -> dict[str, object]:
    """Return the works in order as a FeatureCollection; properties are the rows of the table."""
    return {
        "type": "FeatureCollection",
        "attribution": message("outputs.attribution").text("en"),
        "features": [
            {
                "type": "Feature",
                "id": row["work_id"],
                "geometry": _geometry(study, work.proposal.shape),
                "properties": row,
            }
            for work, row in zip(plan.works, work_rows(study, plan), strict=True)
        ],
    }


def works_unseen(plan: Plan) -> int:
    """Return how many works stand where nobody has looked: places generated from the map."""
    return sum(one.proposal.site_kind in UNSEEN for one in plan.works)


def _digest(document: dict[object, object]) -> str:
    return hashlib.sha256(canonical_json(document)).hexdigest()


def _alternatives(plan: Plan) -> list[dict[str, object]]:
    ids = plan.sites.site_id
    return [
        {
            "element": one.element_id,
            "plans": [
                {"sites": [ids[site] for site in sites], "fewer_people": number(loss),
                 "fewer_share": number(share)}
                for sites, loss, share in zip(one.plans, one.loss, one.loss_share, strict=True)
            ],
            "no_regret": [ids[site] for site in one.no_regret],
        }
        for one in plan.alternatives
    ]  # fmt: skip


def _geometry(study: Study, shape: shapely.Geometry) -> dict[str, object] | None:
    crs = study.inputs.crs
    if shape.geom_type in _POLYGONS:
        return geometry_json(lonlat_polygons(shape, crs))
    lonlat = np.round(crs.unproject(shapely.get_coordinates(shape)), _DECIMALS).tolist()
    if shape.geom_type == "LineString":
        return {"type": "LineString", "coordinates": lonlat}
    return {"type": "Point", "coordinates": lonlat[0]} if lonlat else None

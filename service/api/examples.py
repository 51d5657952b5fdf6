"""Example answers of the API's description: short, and true of the demo's sample district."""

from collections.abc import Mapping
from typing import Any, Final

STUDY_ID: Final = "sample-district"
STANDARD_ID: Final = "living_circle_25"
CIRCLE_ID: Final = "C1"
ELEMENT_ID: Final = "primary_school"
LON, LAT = 106.64607, 26.7087  # a crossing of two streets in the district's centre
_DIGEST: Final = "b70c8f6386fd80da592215b1d1d0e0d383ef5beb5e4e26bd39b83e1b0901189b"
_BASE: Final = f"/api/v1/studies/{STUDY_ID}"
_ATTRIBUTION: Final = "© OpenStreetMap contributors (ODbL 1.0)"
_LINKS: Final = {
    "self": _BASE,
    "assessment": f"{_BASE}/assessment",
    "gaps": f"{_BASE}/gaps",
    "isochrones": f"{_BASE}/isochrones",
    "map": f"{_BASE}/map",
}
_VERDICTS: Final = {"met": 13, "weak": 7, "short": 2, "not_assessed": 3}
_TITLE: Final = "云岚区（虚构 · invented）"

HEALTH: Final[Mapping[str, Any]] = {
    "status": "ok", "version": "0.1.0", "studies": 2, "damaged": 0,
}  # fmt: skip
STANDARD: Final[Mapping[str, Any]] = {
    "id": STANDARD_ID,
    "title": {
        "zh": "15分钟生活圈25项要素（项目自拟）",
        "en": "The 25 elements of the 15-minute living circle (this project's own profile)",
    },
    "statement": {
        "zh": "本标准是本项目自拟的25项要素。",
        "en": "This is the project's own profile.",
    },
    "official": False,
    "digest": _DIGEST,
}
STANDARDS: Final = ({**STANDARD, "elements": 25, "walked_elements": 22},)
STUDIES: Final[Mapping[str, Any]] = {
    "studies": [
        {
            "id": STUDY_ID,
            "title": _TITLE,
            "standard_id": STANDARD_ID,
            "data_date": "2026-01-01",
            "residents": 231000.0,
            "circles": 4,
            "verdicts": _VERDICTS,
            "edge_of_data": False,
            "digest": _DIGEST,
            "links": _LINKS,
        }
    ],
    "damaged": [],
}
STUDY: Final[Mapping[str, Any]] = {
    "id": STUDY_ID,
    "links": _LINKS,
    "title": _TITLE,
    "standard": {"id": STANDARD_ID, "official": False, "elements": 25, "walked_elements": 22},
    "parameters": {
        "criterion": "metres",
        "walker": "adult",
        "speed_m_s": 1.2,
        "by_group": False,
    },
    "element_walkers": [],
    "counts": {"residents": 231000.0, "buildings": 5542, "facilities": 1198},
    "gaps": {"count": 555, "min_people": 1.0},
    "digest": _DIGEST,
}
ASSESSMENT: Final[Mapping[str, Any]] = {
    "study_id": STUDY_ID,
    "digest": _DIGEST,
    "count": 1,
    "rows": [
        {
            "circle_id": "*",
            "circle_name": "全部生活圈 / all circles",
            "element_id": ELEMENT_ID,
            "element_zh": "小学",
            "element_en": "primary school",
            "verdict": "weak",
            "share": 0.895212,
            "target": 0.9,
            "people": 231000.0,
            "people_covered": 206794.0,
            "people_lacking": 24206.0,
            "threshold_m": 500.0,
            "reason_coverage_en": "89.5% of residents within the walk (target 90%).",
        }
    ],
}


def _polygon(east: float) -> dict[str, Any]:
    west, south, north = LON - east, LAT - east, LAT + east
    ring = [[west, south], [LON + east, south], [LON + east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [[[round(x, 7) for x in one] for one in ring]]}


GAPS: Final[Mapping[str, Any]] = {
    "type": "FeatureCollection",
    "attribution": _ATTRIBUTION,
    "features": [
        {
            "type": "Feature",
            "id": "C1.primary_school.way/1",
            "geometry": _polygon(0.002),
            "properties": {
                "rank": 1,
                "circle_id": CIRCLE_ID,
                "element_id": ELEMENT_ID,
                "element_zh": "小学",
                "element_en": "primary school",
                "people": 1200.0,
                "walk_worst_m": 930.0,
                "threshold_m": 500.0,
                "edge_of_data": False,
            },
        }
    ],
}
ISOCHRONES: Final[Mapping[str, Any]] = {
    "type": "FeatureCollection",
    "attribution": _ATTRIBUTION,
    "notes": [],
    "features": [
        {
            "type": "Feature",
            "geometry": _polygon(0.008),
            "properties": {
                "part": "polygon",
                "minutes": 15.0,
                "cutoff_s": 900.0,
                "measure": "seconds",
                "origin": [LON, LAT],
                "walker": "adult",
                "speed_m_s": 1.2,
                "elevation_known_share": 1.0,
                "reached_street_m": 31250.4,
                "area_m2": 1240000.0,
                "drawing": "fast",
                "buffer_m": 25.0,
                "cell_m": 8.0,
                "agreement_jaccard": 0.9945,
                "agreement_area_error_share": 0.0025,
                "agreement_n_sample": 4321,
                "holes_filled": 0,
                "holes_filled_m2": 0.0,
                "access_m": 0.5,
                "edge_of_data": False,
            },
        }
    ],
}
SCENARIO: Final[Mapping[str, Any]] = {
    "title": "新增小学",
    "modifications": [
        {
            "id": "school-1", "kind": "add_facility", "element": ELEMENT_ID, "lon": LON, "lat": LAT,
            "name": "新小学",
        }
    ],
}  # fmt: skip
SCENARIO_ID: Final = "4a5384718ed10654"
SCENARIO_ANSWER: Final[Mapping[str, Any]] = {
    "id": SCENARIO_ID,
    "study_id": STUDY_ID,
    "links": {"self": f"{_BASE}/scenarios/{SCENARIO_ID}", "study": _BASE},
    "parts": "all",
    "headline": {
        "zh": "新增小学后：新增 2,340 人可达。",
        "en": "A new primary school: 2,340 more residents within reach.",
    },
    "touched": [ELEMENT_ID],
    "residents": 231000.0,
    "circles": [
        {
            "circle_id": CIRCLE_ID,
            "element_id": ELEMENT_ID,
            "people": 58000.0,
            "people_gained": 2340.0,
            "people_lost": 0.0,
            "share_before": 0.88,
            "share_after": 0.92,
            "verdict_before": "weak",
            "verdict_after": "met",
        }
    ],
    "gaps": {"closed": 1, "opened": 0, "before": 555, "after": 554},
    "points": {"type": "FeatureCollection", "attribution": _ATTRIBUTION, "features": []},
}
PAGE: Final = "<!DOCTYPE html>…"

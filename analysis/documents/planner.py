"""What planners' files gave: columns, rows without a place, pairs to review, opinions, parcels."""

from collections import Counter
from typing import Final

import numpy as np

from analysis.documents.plain import number, plain_text, texts
from analysis.documents.tables import Row
from analysis.places.matches import MatchReview, MatchSide
from analysis.places.opinions import Opinions
from analysis.places.parcels import Parcels
from analysis.places.planner_tables import BuildingCount, FileReading, UnlocatedRow
from analysis.study import Study

UNLOCATED_COLUMNS: Final = (
    "role", "file", "row", "id", "name", "address", "element_id", "element_zh", "element_en",
    "people", "why_zh", "why_en",
)  # fmt: skip
REVIEW_COLUMNS: Final = (
    "finding", "decision", "element_id", "element_zh", "element_en", "row", "row_name",
    "row_status", "other", "other_origin", "other_element_id", "other_name", "other_status",
    "distance_m", "similarity", "why_zh", "why_en",
)  # fmt: skip


def planner_document(study: Study) -> dict[str, object]:
    """Return the study document's section on planners' files."""
    planner = study.inputs.planner
    return {
        "files": [file_document(one) for one in planner.readings],
        "unlocated": unlocated_rows(study),
        "review": review_rows(study),
        "review_counts": dict(sorted(Counter(one.finding for one in planner.matches).items())),
        "buildings": None if planner.buildings is None else _buildings(planner.buildings),
        "opinions": None if planner.opinions is None else _opinions(study, planner.opinions),
        "parcels": None if planner.parcels is None else _parcels(study, planner.parcels),
    }


def people_asking(study: Study, element_id: str, circle_id: str) -> float | None:
    """Return how many distinct people ask for an element in a circle; None without opinions."""
    opinions = study.inputs.planner.opinions
    if opinions is None:
        return None
    ids = study.inputs.circles.circle_id
    return number(opinions.people(element_id, ids.index(circle_id) if circle_id in ids else None))


def unlocated_rows(study: Study) -> list[Row]:
    """Return the rows that could not be placed, with the keys of :data:`UNLOCATED_COLUMNS`."""
    return [_unlocated(study, one) for one in study.inputs.planner.unlocated]


def review_rows(study: Study) -> list[Row]:
    """Return the pairs to review, with the keys of :data:`REVIEW_COLUMNS`."""
    return [_review(study, one) for one in study.inputs.planner.matches]


def file_document(reading: FileReading) -> dict[str, object]:
    """Return how one file was read as plain values."""
    return {
        "role": reading.role,
        "file": reading.source,
        "rows": reading.rows,
        "unlocated": reading.unlocated,
        "columns": [
            {"column": one.column, "read_as": one.meaning, "how": one.how}
            for one in reading.columns
        ],
        "alike_but_unused": dict(reading.passed_over),
        "unused": list(reading.unused),
    }


def _element(study: Study, element_id: str) -> Row:
    names = {one.id: texts(one.name) for one in study.inputs.standard.elements}
    shown = names.get(element_id, {"zh": element_id, "en": element_id})
    return {"element_id": element_id, "element_zh": shown["zh"], "element_en": shown["en"]}


def _unlocated(study: Study, one: UnlocatedRow) -> Row:
    why = texts(one.why)
    return {
        "role": one.role,
        "file": plain_text(one.source),
        "row": one.row,
        "id": plain_text(one.row_id),
        "name": plain_text(one.name),
        "address": plain_text(one.address),
        **_element(study, one.element_id),
        "people": number(one.people),
        "why_zh": why["zh"],
        "why_en": why["en"],
    }


def _review(study: Study, one: MatchReview) -> Row:
    why = texts(one.why)
    return {
        "finding": one.finding,
        "decision": one.decision,
        **_element(study, one.row.element_id),
        "row": plain_text(one.row.source_id),
        "row_name": plain_text(one.row.name),
        "row_status": one.row.status,
        **_other(one.other),
        "distance_m": _rounded(one.distance_m, 1),
        "similarity": _rounded(one.similarity, 3),
        "why_zh": why["zh"],
        "why_en": why["en"],
    }


def _rounded(value: float, digits: int) -> float | None:
    return None if np.isnan(value) else number(round(value, digits))


def _other(side: MatchSide | None) -> Row:
    if side is None:
        return {f"other{key}": "" for key in ("", "_origin", "_element_id", "_name", "_status")}
    return {
        "other": plain_text(side.source_id),
        "other_origin": side.origin,
        "other_element_id": side.element_id,
        "other_name": plain_text(side.name),
        "other_status": side.status,
    }


def _buildings(count: BuildingCount) -> dict[str, object]:
    return {
        "rows": count.rows,
        "mapped_homes_replaced": count.replaced,
        "homes_not_on_the_map": count.own,
        "not_homes": count.not_homes,
        "residents_stated": number(count.residents_stated),
        "built_year_known": count.year_known,
        "built_before_2001": count.before_2001,
    }


def _opinions(study: Study, opinions: Opinions) -> dict[str, object]:
    placed = np.isfinite(opinions.xy_m).all(axis=1)
    dates = [one for one in opinions.date if one]
    return {
        "opinions": len(opinions),
        "people": number(opinions.people()),
        "located": int(placed.sum()),
        "in_circles": int((opinions.circle >= 0).sum()),
        "without_element": sum(not one for one in opinions.element_ids),
        "first_date": min(dates, default=None),
        "last_date": max(dates, default=None),
        "asked_for": _asked(study, opinions, None),
        "circles": [
            {"id": circle_id, "people": number(opinions.people(circle=at)),
             "asked_for": _asked(study, opinions, at)}
            for at, circle_id in enumerate(study.inputs.circles.circle_id)
        ],
    }  # fmt: skip


def _asked(study: Study, opinions: Opinions, circle: int | None) -> list[Row]:
    return [
        {**_element(study, element_id), "people": number(people)}
        for element_id, people in opinions.asked_for(circle).items()
    ]


def _parcels(study: Study, parcels: Parcels) -> dict[str, object]:
    circles = study.inputs.circles.circle_id
    return {
        "parcels": len(parcels),
        "in_circles": int((parcels.circle >= 0).sum()),
        "area_m2": number(float(np.nansum(parcels.area_m2))),
        "by_kind": dict(sorted(Counter(parcels.kind).items())),
        "without_area": int(np.isnan(parcels.area_m2).sum()),
        "list": [
            {
                "id": plain_text(parcels.parcel_id[row]),
                "name": plain_text(parcels.name[row]),
                "kind": parcels.kind[row],
                "circle": circles[at] if at >= 0 else None,
                "area_m2": number(float(parcels.area_m2[row])),
                "floor_area_m2": number(float(parcels.floor_area_m2[row])),
                "cost_yuan": number(float(parcels.cost_yuan[row])),
                "land_use": plain_text(parcels.land_use[row]),
                "tenure": plain_text(parcels.tenure[row]),
                "exclusion": plain_text(parcels.exclusion[row]),
            }
            for row, at in enumerate(parcels.circle.tolist())
        ],
    }

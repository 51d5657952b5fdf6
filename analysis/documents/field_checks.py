"""The field-check list as a flat table: which facilities and which gates to visit, and what for."""

from typing import Final, NamedTuple

import numpy as np

from analysis.certainty.field_checks import FieldCheck
from analysis.documents.plain import number, plain_text, texts
from analysis.documents.tables import Row, circle_names
from analysis.messages import Joined, Message, message
from analysis.study import Study
from analysis.units import FloatArray

FIELD_CHECK_COLUMNS: Final = (
    "rank", "kind", "visit_zh", "visit_en", "circle_name", "element_id", "element_zh",
    "element_en", "source_id", "name", "lon", "lat", "people", "resident_elements", "people_so_far",
    "people_open",
    "why_zh", "why_en",
)  # fmt: skip


class _Place(NamedTuple):
    """What is visited: its id, its name and where it is, metres."""

    source_id: str
    name: str
    xy_m: FloatArray


def field_check_rows(study: Study) -> list[Row]:
    """Return the visits that settle the most people, the most telling first.

    A gate may settle several elements: their ids stand in `element_id` with semicolons between.
    """
    checks = study.certainty.field_checks
    if not checks:
        return []
    circles, names = study.inputs.circles, circle_names(study)
    places = [_place(study, one) for one in checks]
    xy_m = np.array([one.xy_m for one in places])
    lonlat, inside = study.inputs.crs.unproject(xy_m), circles.locate(xy_m)
    rows: list[Row] = []
    for at, (one, place) in enumerate(zip(checks, places, strict=True)):
        visit = texts(message(f"field_check.visit.{one.kind}"))
        elements = [study.inputs.standard.element(i).name for i in one.element_ids]
        element, why = texts(Joined(tuple(elements))), texts(_why(study, one))
        circle_id = circles.circle_id[inside[at]] if inside[at] >= 0 else None
        rows.append(
            {
                "rank": one.rank,
                "kind": one.kind,
                "visit_zh": visit["zh"],
                "visit_en": visit["en"],
                "circle_name": "" if circle_id is None else names[circle_id].text("zh"),
                "element_id": ";".join(one.element_ids),
                "element_zh": element["zh"],
                "element_en": element["en"],
                "source_id": plain_text(place.source_id),
                "name": plain_text(place.name),
                "lon": round(float(lonlat[at, 0]), 7),
                "lat": round(float(lonlat[at, 1]), 7),
                "people": number(one.residents),
                "resident_elements": number(one.people),
                "people_so_far": number(one.people_so_far),
                "people_open": number(one.people_open),
                "why_zh": why["zh"],
                "why_en": why["en"],
            }
        )
    return rows


def _place(study: Study, check: FieldCheck) -> _Place:
    if check.kind == "facility":
        facilities, row = study.inputs.facilities, check.facility
        return _Place(facilities.source_id[row], facilities.name[row], facilities.xy_m[row])
    barriers, compound = study.inputs.barriers, check.compound
    gate = np.flatnonzero(barriers.gate_compound == compound)[0]
    return _Place(
        barriers.compound_id[compound], barriers.name_of(compound), barriers.gate_xy_m[gate]
    )


def _why(study: Study, check: FieldCheck) -> Message:
    """Return what is to be found out on the spot."""
    if check.kind == "gate":
        return message("field_check.gate")
    element = study.inputs.standard.element(check.element_ids[0])
    unclear = study.inputs.facilities.ambiguous[check.facility]
    return message("field_check.kind" if unclear else "field_check.there", element=element.name)

"""Facilities as a flat table: where each comes from, whether it counts, how it was linked."""

from typing import Final

import numpy as np

from analysis.documents.plain import number, plain_text, texts
from analysis.documents.tables import Row
from analysis.linking.linkage import Link
from analysis.messages import Joined, message
from analysis.places.facilities import Entrance
from analysis.reach.table import counted
from analysis.study import Study

FACILITY_COLUMNS: Final = (
    "element_id", "element_zh", "element_en", "source_id", "name", "origin", "status", "counts",
    "ambiguous", "area_m2", "lon", "lat", "entrances", "entrances_found_zh", "entrances_found_en",
    "linked", "link_zh", "link_en", "access_m", "nearest_for_people", "attributes",
)  # fmt: skip


def facility_rows(study: Study) -> list[Row]:
    """Return one row for each facility × element, with the keys of :data:`FACILITY_COLUMNS`.

    `access_m` is the shortest straight leg from an entrance to a street; `nearest_for_people` the
    residents for whom it is the nearest of its element.
    """
    facilities = study.inputs.facilities
    lonlat = study.inputs.crs.unproject(facilities.xy_m) if len(facilities) else facilities.xy_m
    counting, people = counted(facilities, study.inputs.standard), _nearest_for_people(study)
    names = {element.id: texts(element.name) for element in study.inputs.standard.elements}
    rows: list[Row] = []
    for row, element_id in enumerate(facilities.element_id):
        name = names.get(element_id, {"zh": element_id, "en": element_id})
        first, last = facilities.entrance_first[row : row + 2].tolist()
        kinds = sorted(set(facilities.entrance_kind[first:last].tolist()))
        found = texts(
            Joined(tuple(message(f"outputs.entrance.{Entrance(k).name.lower()}") for k in kinds))
        )
        how = Link(int(study.entrances.how[first:last].min()))
        linked = how < Link.NO_STREET
        tags = facilities.attributes[row]
        rows.append(
            {
                "element_id": element_id,
                "element_zh": name["zh"],
                "element_en": name["en"],
                "source_id": plain_text(facilities.source_id[row]),
                "name": plain_text(facilities.name[row]),
                "origin": facilities.origin[row],
                "status": facilities.status[row],
                "counts": bool(counting[row]),
                "ambiguous": bool(facilities.ambiguous[row]),
                "area_m2": number(float(facilities.area_m2[row])),
                "lon": round(float(lonlat[row, 0]), 7),
                "lat": round(float(lonlat[row, 1]), 7),
                "entrances": last - first,
                "entrances_found_zh": found["zh"],
                "entrances_found_en": found["en"],
                "linked": linked,
                **{f"link_{k}": v
                   for k, v in texts(message(f"outputs.link.{how.name.lower()}")).items()},
                "access_m": number(_access_m(study, first, last)),
                "nearest_for_people": number(float(people[row])),
                "attributes": plain_text("; ".join(f"{k}={tags[k]}" for k in sorted(tags))),
            }
        )  # fmt: skip
    return rows


def _access_m(study: Study, first: int, last: int) -> float:
    bounds = study.entrances.point_first
    legs = study.entrances.access_m[bounds[first] : bounds[last]]
    return float(legs.min()) if len(legs) else float("nan")


def _nearest_for_people(study: Study) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return how many residents each facility is the nearest for, float64 [k]."""
    nearest = study.reach.nearest
    people = np.broadcast_to(study.inputs.demand.people[:, None], nearest.shape)
    found = nearest >= 0
    return np.bincount(
        nearest[found], weights=people[found], minlength=len(study.inputs.facilities)
    ).astype(np.float64)

"""Standing facilities as candidates: to be enlarged, mended, or opened."""

from collections.abc import Collection, Iterator
from typing import Final

import shapely

from analysis.candidates.candidates import Candidate, CandidateKind
from analysis.candidates.outlines import FacilityOutlines
from analysis.places.facilities import Facilities
from analysis.standard.profile import Element
from analysis.standard.siting_rules import WorkKind

_WORK: Final[dict[CandidateKind, WorkKind]] = {"expansion": "expand", "upgrade": "upgrade"}


def facility_candidates(
    element: Element,
    facilities: Facilities,
    outlines: FacilityOutlines,
    works: Collection[CandidateKind],
) -> Iterator[Candidate]:
    """Yield the facilities of one element that `works` could be done on.

    ``expansion`` and ``upgrade`` where it counts now, is surely of the element, and the standard
    costs such a work; ``opening`` where it is under construction.
    """
    counts = facilities.counts_now
    for row in facilities.of_element(element.id).tolist():
        if facilities.status[row] == "construction":
            if "opening" in works:
                yield _standing("opening", row, facilities, outlines)
        elif counts[row] and not facilities.ambiguous[row]:
            for kind, work in _WORK.items():
                if kind in works and work in element.siting.costs:
                    yield _standing(kind, row, facilities, outlines)


def _standing(
    kind: CandidateKind, row: int, facilities: Facilities, outlines: FacilityOutlines
) -> Candidate:
    element_id, source_id = facilities.element_id[row], facilities.source_id[row]
    x_m, y_m = facilities.xy_m[row].tolist()
    return Candidate(
        candidate_id=f"{kind}:{element_id}:{source_id}",
        kind=kind,
        shape=outlines.outline(row) or shapely.Point(x_m, y_m),
        xy_m=(x_m, y_m),
        name=facilities.name[row],
        source_id=source_id,
        element_id=element_id,
        facility=row,
        area_m2=float(facilities.area_m2[row]),
        attributes=facilities.attributes[row],
    )

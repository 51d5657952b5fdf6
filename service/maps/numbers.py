"""Numbers as the page shows them: rounded once, here, the way the sentences of the study are.

The page writes these figures out and never rounds them again, so that a cell, the legend and the
sentence below it agree. Half goes to the even neighbour, as in Python's own formats.
"""

from math import isfinite, isnan
from typing import Any, Final

import numpy as np

from analysis.documents.plain import number
from analysis.judgement.assessment import ElementVerdict
from analysis.judgement.coverage import CoverageFigures
from analysis.judgement.coverage_verdict import shown_share
from analysis.standard.profile import Element
from analysis.study import Study
from analysis.units import SECONDS_PER_MINUTE, BoolArray, FloatArray, IdArray, minutes

Json = dict[str, Any]

_EDGE: Final = "verdict.edge_of_data"
_AT_LEAST: Final = "verdict.at_least"
_CLASS_BOUNDS: Final = (0.5, 1.0, 1.5, 2.0)  # of the threshold, where the classes of homes part
_SAME_M: Final = 1e-6  # what arithmetic leaves behind counts as equal
_WHOLE_FROM_MIN: Final = 10.0
_ONE_DECIMAL_BELOW: Final = 100.0  # people of one home with a decimal, where there is one


def whole(value: float) -> int | None:
    """Return `value` rounded once to a whole number; None where it is not finite."""
    return round(value) if isfinite(value) else None


def per_cent(share: float) -> float:
    """Return a share in per cent with one decimal, as the format ``.1%`` gives it."""
    return round(share * 100.0, 1)


def apportioned(parts: FloatArray, total: int, *, free: int) -> list[int]:
    """Return whole numbers for `parts`, float64 [n] ≥ 0, that add up to `total`.

    Each is rounded by itself; where the sum then misses `total`, the first `free` parts make up
    for it, always the one that is farthest on the other side. Only where those cannot do the
    others. A part of exactly 0 stays 0: there is nobody to show.
    """
    exact = parts.tolist()
    shown = [round(part) for part in exact]
    missing = total - sum(shown)
    step = 1 if missing > 0 else -1
    for _ in range(abs(missing)):
        able = [row for row, part in enumerate(exact) if part > 0 and shown[row] + step >= 0]
        rows = [row for row in able if row < free] or able
        if rows:
            shown[min(rows, key=lambda row: (step * (shown[row] - exact[row]), row))] += step
    return shown


def people_tenths(people: FloatArray) -> IdArray:
    """Return residents of single homes as shown, in tenths, int64 [n].

    Whole people from 100 on, below with one decimal.
    """
    return np.array(
        [
            round(10.0 * round(one, 1)) if one < _ONE_DECIMAL_BELOW else 10 * round(one)
            for one in people.tolist()
        ],
        dtype=np.int64,
    )


def walk_tenths(walk_m: FloatArray, threshold_m: float | None) -> IdArray:
    """Return walks as shown, in decimetres, int64 [n]; -1 where infinite.

    Whole metres; with one decimal where those would stand on the wrong side of a class bound.
    Without a threshold, where metres decide nothing, there are no bounds.
    """
    known = np.isfinite(walk_m)
    exact = np.where(known, walk_m, 0.0)
    return _on_its_side(known, exact, np.rint(exact) * 10.0, threshold_m)


def minute_tenths(walk_s: FloatArray, threshold_s: float | None) -> IdArray:
    """Return walks as shown, in tenths of a minute, int64 [n]; -1 where infinite.

    Whole minutes from ten on; with a threshold always tenths, none of them on the wrong side of a
    class bound.
    """
    known = np.isfinite(walk_s)
    exact = np.where(known, walk_s, 0.0) / SECONDS_PER_MINUTE
    if threshold_s is None:
        shown = np.where(exact < _WHOLE_FROM_MIN, np.rint(exact * 10.0), np.rint(exact) * 10.0)
        return _on_its_side(known, exact, shown, None)
    return _on_its_side(known, exact, np.rint(exact * 10.0), minutes(threshold_s))


def _on_its_side(
    known: BoolArray, exact: FloatArray, shown: FloatArray, threshold: float | None
) -> IdArray:
    """Return tenths as shown, moved by less than one where a bound would part them from `exact`."""
    for bound in () if threshold is None else [part * threshold for part in _CLASS_BOUNDS]:
        beyond = exact > bound + _SAME_M
        hidden = beyond != (shown / 10.0 > bound + _SAME_M)
        tenths = np.where(beyond, np.ceil(exact * 10.0), np.floor((exact + _SAME_M) * 10.0))
        shown = np.where(hidden, tenths, shown)
    return np.where(known, shown, -1.0).astype(np.int64)


def shown_threshold(study: Study, element_id: str) -> float | None:
    """Return what may be walked, in metres or, under that criterion, in minutes."""
    reach = study.reach
    threshold = float(reach.threshold[reach.column(element_id)])
    return number(threshold if reach.criterion == "metres" else minutes(threshold))


def shown_search(study: Study, element_id: str) -> float | None:
    """Return how far facilities were looked for, in the same measure."""
    reach = study.reach
    search = float(reach.search[reach.column(element_id)])
    return number(round(search if reach.criterion == "metres" else minutes(search), 1))


def target_per_cent(element: Element) -> float:
    """Return the share that the element's coverage is to reach, in per cent."""
    return per_cent(element.coverage.target.value)


def figures_json(row: ElementVerdict, element: Element) -> Json | None:
    """Return the figures of a verdict as the page shows them; None where they say nothing.

    Without a verdict only the edge of the data and an extract that holds too little leave figures
    that mean something: a share from … to …, a share of at least ….
    """
    figures, reason = row.figures, row.coverage.reason.key
    if figures is None or isnan(figures.share):
        return None
    judged = row.coverage.verdict != "not_assessed"
    if not judged and reason not in {_EDGE, _AT_LEAST}:
        return None
    share = shown_share(figures.share, element.coverage) if judged else figures.share
    return {
        "share": per_cent(share),
        "upto": per_cent(figures.share_upper) if reason == _EDGE else None,
        "least": int(not judged),
        "basis": figures.basis,
        "basis_amount": whole(figures.basis_amount),
        "basis_covered": whole(figures.basis_covered),
        "people": whole(figures.people),
        "covered": whole(figures.people_covered),
        "beyond": whole(figures.people_beyond),
        "walks_m": _walks(figures),
        "walks_min": _walk_minutes(figures),
        "inside": figures.facilities_inside,
        "ambiguous": figures.facilities_ambiguous,
    }


def _walks(figures: CoverageFigures) -> list[int | None] | None:
    """Return median, 95th percentile and longest walk, None beyond the search; None for nobody."""
    walks_m = [figures.walk_median_m, figures.walk_p95_m, figures.walk_max_m]
    if any(isnan(one) for one in walks_m):
        return None
    return [whole(one) for one in walks_m]


def _walk_minutes(figures: CoverageFigures) -> list[float | None] | None:
    """Return the same of the fastest walks, in minutes with one decimal."""
    walks_s = [figures.walk_median_s, figures.walk_p95_s, figures.walk_max_s]
    if any(isnan(one) for one in walks_s):
        return None
    return [tenth_minutes(one) for one in walks_s]


def tenth_minutes(walk_s: float) -> float | None:
    """Return seconds in minutes with one decimal; None where infinite."""
    return round(minutes(walk_s), 1) if isfinite(walk_s) else None

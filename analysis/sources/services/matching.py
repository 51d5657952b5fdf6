"""Which row of a planner's table is which mapped facility, and what a person should look at."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.messages import message
from analysis.places.facilities import FacilityRecord
from analysis.places.matches import Decision, Finding, MatchReview, MatchSide
from analysis.sources.files.columns import plain
from analysis.sources.services.name_likeness import numbers_differ, similarity
from analysis.sources.services.osm_places import stated_objects
from analysis.sources.services.same_place import normal_name
from analysis.standard.profile import STOCK, ServiceStandard

NAMED_FACTOR: Final = 2.0
UNNAMED_M: Final = 30.0
ALIKE: Final = 0.8  # names at least so alike are one name, within the distance of the element
FAR_M: Final = 300.0
_OPEN: Final = ("open", "unknown")


@dataclass(frozen=True, slots=True)
class Pair:
    """A mapped facility and the row of a table that is the same one, by position."""

    osm: int
    table: int


@dataclass(frozen=True, slots=True)
class Near:
    """Two records near each other: positions, metres, likeness of names, declared as one."""

    left: int
    right: int
    gap_m: float
    similarity: float
    declared: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """Pairs that are one facility, and all that should be looked at."""

    pairs: list[Pair]
    reviews: tuple[MatchReview, ...]


def match_facilities(
    osm: Sequence[FacilityRecord], tables: Sequence[FacilityRecord], standard: ServiceStandard
) -> Matching:
    """Return each mapped facility with the row that is the same one, and the pairs to review.

    Parameters
    ----------
    osm, tables
        Records of either origin, each in a fixed order.
    standard
        Its distances and generic name suffixes decide what is the same.

    Notes
    -----
    A row that states the ``osm_id`` of a mapped facility of its element is that one. Otherwise they
    are the same when they serve the same element and their normalised names are at least 80 % alike
    (:func:`~analysis.sources.services.name_likeness.similarity`) within twice the element's
    ``dedupe_m``, or when one has no name and they are within 30 m. Of several rows the declared one
    is taken, then one with a name, the most alike, the nearest, the first by id. A row whose
    ``osm_id`` is ``-`` or ``无`` is none of the mapped ones. Stock to be renewed is nothing that
    the map holds, and parts of one street share its name: it is not reviewed.
    """
    names = [[normal_name(one.name, standard.generic_suffixes) for one in side]
             for side in (osm, tables)]  # fmt: skip
    near = _near(osm, tables, names, _reach_m(standard))
    near += _declared(osm, tables, names)
    limit_m = {one.id: NAMED_FACTOR * one.osm.dedupe_m for one in standard.elements}
    same = [one for one in near if _is_same(osm[one.left], tables[one.right], one, limit_m)]
    best: dict[int, Near] = {}
    for one in sorted(same, key=lambda one: _rank(one, tables)):
        best.setdefault(one.left, one)
    walked = [one for one in tables if one.element_id not in _stock(standard)]
    names_of = [normal_name(one.name, standard.generic_suffixes) for one in walked]
    reviews = [
        *_merged_reviews(osm, tables, best, same),
        *_apart_reviews(osm, tables, near, best, limit_m),
        *_row_reviews(walked, names_of, limit_m),
        *_unknown_ids(osm, walked),
    ]
    reviews.sort(key=_review_key)
    return Matching([Pair(i, best[i].right) for i in sorted(best)], tuple(reviews))


def _stock(standard: ServiceStandard) -> set[str]:
    return {one.id for one in standard.elements if one.treatment in STOCK}


def _reach_m(standard: ServiceStandard) -> float:
    return max([FAR_M, *(NAMED_FACTOR * one.osm.dedupe_m for one in standard.elements)])


def extent(one: FacilityRecord) -> shapely.Geometry:
    """Return the place of a facility with its entrances: all that a record knows of its shape."""
    return shapely.MultiPoint([one.xy_m, *(entrance[:2] for entrance in one.entrances)])


def _near(
    left: Sequence[FacilityRecord],
    right: Sequence[FacilityRecord],
    names: Sequence[Sequence[str]],
    reach_m: float,
) -> list[Near]:
    """Return pairs within `reach_m`; of different elements only those within 30 m."""
    shapes = [np.array([*map(extent, side), None], dtype=object)[:-1] for side in (left, right)]
    found = shapely.STRtree(shapes[1]).query(shapes[0], predicate="dwithin", distance=reach_m)
    gaps_m = shapely.distance(shapes[0][found[0]], shapes[1][found[1]])
    near = []
    for i, j, gap_m in zip(*found.tolist(), gaps_m.tolist(), strict=True):
        if left[i].element_id == right[j].element_id or gap_m <= UNNAMED_M:
            near.append(Near(i, j, float(gap_m), similarity(names[0][i], names[1][j])))
    return near


def _stated_ids(row: FacilityRecord) -> set[str]:
    """Return the mapped objects that a row names, such as ``way/12``; empty where it names none."""
    return {f"osm:{one}" for one in stated_objects(row.attributes.get("osm_id", ""))}


def _is_own(row: FacilityRecord) -> bool:
    return plain(row.attributes.get("osm_id", "")) in ("-", "无", "none", "no")


def _declared(
    osm: Sequence[FacilityRecord],
    tables: Sequence[FacilityRecord],
    names: Sequence[Sequence[str]],
) -> list[Near]:
    place: dict[tuple[str, str], int] = {}
    for i, one in enumerate(osm):
        for source_id in (one.source_id, *one.attributes.get("merged", "").split(";")):
            place.setdefault((one.element_id, source_id), i)
    found = []
    for j, row in enumerate(tables):
        for i in sorted(
            {
                place[row.element_id, one]
                for one in _stated_ids(row)
                if (row.element_id, one) in place
            }
        ):
            gap_m = float(shapely.distance(extent(osm[i]), extent(row)))
            found.append(Near(i, j, gap_m, similarity(names[0][i], names[1][j]), declared=True))
    return found


def _is_same(
    mapped: FacilityRecord, row: FacilityRecord, near: Near, limit_m: Mapping[str, float]
) -> bool:
    if near.declared:
        return True
    if mapped.element_id != row.element_id or _is_own(row):
        return False
    if np.isnan(near.similarity):
        return near.gap_m <= UNNAMED_M
    return near.similarity >= ALIKE and near.gap_m <= limit_m.get(row.element_id, 0.0)


def _rank(
    near: Near, tables: Sequence[FacilityRecord]
) -> tuple[bool, bool, float, float, str, int]:
    unnamed = bool(np.isnan(near.similarity))
    alike = 0.0 if unnamed else near.similarity
    return (
        not near.declared, unnamed, -alike, near.gap_m, tables[near.right].source_id, near.right,
    )  # fmt: skip


def _side(one: FacilityRecord) -> MatchSide:
    return MatchSide(
        origin=one.origin,
        source_id=one.source_id,
        element_id=one.element_id,
        name=one.name,
        status=one.status,
    )


def _review(
    finding: Finding, row: FacilityRecord, other: FacilityRecord, near: Near, decision: Decision
) -> MatchReview:
    return MatchReview(
        finding=finding,
        row=_side(row),
        other=_side(other),
        distance_m=near.gap_m,
        similarity=near.similarity,
        decision=decision,
        why=message(
            f"match.{finding}",
            row_status=message(f"match.status.{row.status}"),
            other_status=message(f"match.status.{other.status}"),
        ),
    )


def _merged_reviews(
    osm: Sequence[FacilityRecord],
    tables: Sequence[FacilityRecord],
    taken: Mapping[int, Near],
    same: Sequence[Near],
) -> list[MatchReview]:
    """Return what should be looked at among pairs that became one, and rows that came second."""
    objects = defaultdict(list)
    for one in taken.values():
        objects[one.right].append(one)
    reviews = []
    for one in taken.values():
        mapped, row = osm[one.left], tables[one.right]
        findings = _findings(mapped, row, one, len(objects[one.right]))
        reviews += [_review(finding, row, mapped, one, "merged") for finding in findings]
    for one in same:
        if taken[one.left].right != one.right and one.right not in objects:
            mapped, row = osm[one.left], tables[one.right]
            reviews.append(_review("second_row", row, mapped, one, "kept_both"))
    return reviews


def _findings(
    mapped: FacilityRecord, row: FacilityRecord, near: Near, n_objects: int
) -> list[Finding]:
    found: list[Finding] = []
    if near.declared:
        found.append("declared")
    elif np.isnan(near.similarity):
        found.append("unnamed")
    elif near.similarity < 1.0:
        found.append("alike_names")
    if (mapped.status in _OPEN) != (row.status in _OPEN):
        found.append("status")
    if n_objects > 1:
        found.append("several_objects")
    return found


def _apart_reviews(
    osm: Sequence[FacilityRecord],
    tables: Sequence[FacilityRecord],
    near: Sequence[Near],
    best: Mapping[int, Near],
    limit_m: Mapping[str, float],
) -> list[MatchReview]:
    """Return pairs that stayed apart though place or name speak for one facility."""
    matched = {one.right for one in best.values()}
    reviews = []
    for one in near:
        mapped, row = osm[one.left], tables[one.right]
        if one.left in best or np.isnan(one.similarity):
            continue
        finding = _apart(mapped, row, one, limit_m, alone=one.right not in matched)
        if finding is not None:
            reviews.append(_review(finding, row, mapped, one, "kept_both"))
    return reviews


def _apart(
    mapped: FacilityRecord,
    row: FacilityRecord,
    near: Near,
    limit_m: Mapping[str, float],
    *,
    alone: bool,
) -> Finding | None:
    alike = near.similarity >= ALIKE
    if mapped.element_id != row.element_id:
        return "other_element" if alike and near.gap_m <= UNNAMED_M else None
    if _is_own(row) or not alone:
        return None
    if alike:
        return "far_apart" if near.gap_m > limit_m.get(row.element_id, 0.0) else None
    if near.gap_m > UNNAMED_M:
        return None
    return "number_differs" if numbers_differ(mapped.name, row.name) else "other_name"


def _row_reviews(
    tables: Sequence[FacilityRecord], names: Sequence[str], limit_m: Mapping[str, float]
) -> list[MatchReview]:
    """Return rows of the tables that look like one facility; both are kept."""
    if not tables:
        return []
    reviews = []
    for one in _near(tables, tables, (names, names), max(UNNAMED_M, *limit_m.values())):
        left, right = tables[one.left], tables[one.right]
        close = one.gap_m <= limit_m.get(left.element_id, 0.0)
        same = left.element_id == right.element_id and close and one.similarity >= ALIKE
        if one.left < one.right and same:
            reviews.append(_review("two_rows", left, right, one, "kept_both"))
    return reviews


def _unknown_ids(
    osm: Sequence[FacilityRecord], tables: Sequence[FacilityRecord]
) -> list[MatchReview]:
    known: dict[str, set[str]] = defaultdict(set)
    for mapped in osm:
        known[mapped.element_id] |= {
            mapped.source_id,
            *mapped.attributes.get("merged", "").split(";"),
        }
    return [
        MatchReview(
            finding="unknown_osm_id",
            row=_side(row),
            other=None,
            distance_m=float("nan"),
            similarity=float("nan"),
            decision="kept_both",
            why=message("match.unknown_osm_id", osm_id=row.attributes["osm_id"]),
        )
        for row in tables
        if row.attributes.get("osm_id")
        and not _is_own(row)
        and not (_stated_ids(row) & known[row.element_id])
    ]


def _review_key(one: MatchReview) -> tuple[str, str, str, str]:
    other = "" if one.other is None else f"{one.other.element_id} {one.other.source_id}"
    return (one.row.element_id, one.row.source_id, one.finding, other)

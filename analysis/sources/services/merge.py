"""Planners' tables laid over the map: which row is which mapped facility, and who wins."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal, NamedTuple

import numpy as np

from analysis.errors import InvalidParameterError, one_of
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.places.facilities import Entrance, Facilities, FacilityRecord, build_facilities
from analysis.places.matches import MatchReview
from analysis.sources.services.matching import Pair, match_facilities
from analysis.standard.profile import ServiceStandard

Mode = Literal["add", "replace"]
MODES: Final[tuple[Mode, ...]] = ("add", "replace")


class Merged(NamedTuple):
    """Facilities of map and tables, what was done, and the pairs that a person should look at."""

    facilities: Facilities
    notices: tuple[Notice, ...]
    reviews: tuple[MatchReview, ...]


def merge_facilities(
    osm: list[FacilityRecord], tables: list[FacilityRecord], standard: ServiceStandard, mode: Mode
) -> Merged:
    """Return map and tables as one list of facilities.

    Parameters
    ----------
    osm, tables
        Records of either origin, in any order.
    standard
        Its distances and generic name suffixes decide what is the same.
    mode
        ``add``: a row that is a mapped facility of the same element replaces it and keeps the
        attributes of both; other rows are added. What is the same one says
        :func:`~analysis.sources.services.matching.match_facilities`. ``replace``: of each element
        that occurs in the tables every mapped facility is dropped.

    Notes
    -----
    The row gives source id, status, name and place, the map what the row leaves empty: area, and
    the entrances of a polygon where the row is a single point. A row that tells what an ambiguous
    mapped facility is takes it out of the other elements that it might have been. Raises
    :class:`~analysis.errors.InvalidParameterError` for another `mode`.
    """
    if mode not in MODES:
        reason = message("parameter.choice", name="--facilities-mode", allowed=one_of(MODES))
        raise InvalidParameterError(reason, value=mode)
    tables, notices = _unique(sorted(tables, key=_record_key))
    osm = sorted(osm, key=_record_key)
    if mode == "replace":
        covered = {one.element_id for one in tables}
        dropped = [one for one in osm if one.element_id in covered]
        kept = [one for one in osm if one.element_id not in covered]
        if dropped:
            text = message("facility_merge.replaced", count=len(dropped))
            ids = (f"{one.element_id}:{one.source_id}" for one in dropped)
            notices.append(notice("facility_merge.replaced", text, ids))
        reviews = match_facilities([], tables, standard).reviews
        return Merged(build_facilities([*kept, *tables]), tuple(notices), reviews)
    matching = match_facilities(osm, tables, standard)
    pairs = matching.pairs
    joined = _joined(osm, tables, pairs)
    taken = {pair.osm for pair in pairs}
    settled = _settled(osm, pairs)
    rest = [one for i, one in enumerate(osm) if i not in taken and i not in settled]
    notices += _pair_notices(osm, tables, pairs, settled)
    return Merged(build_facilities([*rest, *joined]), tuple(notices), matching.reviews)


def _record_key(one: FacilityRecord) -> tuple[str, str, tuple[float, float], str]:
    return (one.element_id, one.source_id, one.xy_m, one.name)


def _unique(tables: list[FacilityRecord]) -> tuple[list[FacilityRecord], list[Notice]]:
    """Give repeated ids of a table a number, so that (element, source id) is unique."""
    seen: Counter[tuple[str, str]] = Counter()
    used = {(one.element_id, one.source_id) for one in tables}
    unique: list[FacilityRecord] = []
    renamed: list[str] = []
    for one in tables:
        key = (one.element_id, one.source_id)
        seen[key] += 1
        if seen[key] == 1:
            unique.append(one)
            continue
        number = seen[key]
        while (one.element_id, f"{one.source_id}#{number}") in used:
            number += 1
        new_id = f"{one.source_id}#{number}"
        used.add((one.element_id, new_id))
        unique.append(replace(one, source_id=new_id))
        renamed.append(new_id)
    if not renamed:
        return unique, []
    text = message("facility_merge.renamed", count=len(renamed))
    return unique, [notice("facility_merge.renamed", text, renamed, "warning")]


def _joined(
    osm: Sequence[FacilityRecord], tables: Sequence[FacilityRecord], pairs: Sequence[Pair]
) -> list[FacilityRecord]:
    mapped_of: dict[int, list[FacilityRecord]] = {}
    for pair in pairs:
        mapped_of.setdefault(pair.table, []).append(osm[pair.osm])
    return [_join(row, mapped_of.get(position, [])) for position, row in enumerate(tables)]


def _join(row: FacilityRecord, mapped: Sequence[FacilityRecord]) -> FacilityRecord:
    if not mapped:
        return row
    attributes: dict[str, str] = {}
    for one in reversed(mapped):
        attributes.update(one.attributes)
    attributes.update(row.attributes)
    ids = {part for one in mapped for part in _ids_of(one)}
    attributes["merged"] = ";".join(sorted(ids))
    areas = [one.area_m2 for one in (row, *mapped) if np.isfinite(one.area_m2)]
    names = [one.name for one in (row, *mapped) if one.name]
    return replace(
        row,
        name=names[0] if names else "",
        area_m2=areas[0] if areas else float("nan"),
        entrances=_better_entrances(row, mapped),
        attributes=attributes,
    )


def _ids_of(one: FacilityRecord) -> list[str]:
    merged = one.attributes.get("merged", "")
    return [one.source_id, *(part for part in merged.split(";") if part)]


def _better_entrances(
    row: FacilityRecord, mapped: Sequence[FacilityRecord]
) -> tuple[tuple[float, float, Entrance], ...]:
    """Return the row's entrances, unless it is a bare point and the map knows real doors."""
    is_bare = all(entrance[:2] == row.xy_m for entrance in row.entrances)
    doors = {
        entrance for one in mapped for entrance in one.entrances if entrance[2] != Entrance.POINT
    }
    if not is_bare or not doors:
        return row.entrances
    best = min(kind for _, _, kind in doors)
    kept = (door for door in doors if door[2] == best)
    return tuple(sorted(kept, key=lambda door: (door[2], door[0], door[1])))


def _settled(osm: Sequence[FacilityRecord], pairs: Sequence[Pair]) -> set[int]:
    """Return ambiguous mapped records whose object a row has told to be another element."""
    told = {osm[pair.osm].source_id for pair in pairs if osm[pair.osm].ambiguous}
    matched = {pair.osm for pair in pairs}
    return {
        i
        for i, one in enumerate(osm)
        if i not in matched and one.ambiguous and one.source_id in told
    }


def _pair_notices(
    osm: Sequence[FacilityRecord],
    tables: Sequence[FacilityRecord],
    pairs: Sequence[Pair],
    settled: set[int],
) -> list[Notice]:
    said: Mapping[str, list[str]] = {
        "facility_merge.paired": [
            f"{osm[pair.osm].element_id}:{osm[pair.osm].source_id}→{tables[pair.table].source_id}"
            for pair in pairs
        ],
        "facility_merge.settled": [f"{osm[i].element_id}:{osm[i].source_id}" for i in settled],
    }
    return [
        notice(key, message(key, count=len(subjects)), subjects)
        for key, subjects in said.items()
        if subjects
    ]

"""Facility edits: facilities opened, closed, moved, expanded and added."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, TypeVar

import numpy as np

from analysis.places.facilities import (
    Entrance,
    Facilities,
    FacilityRecord,
    build_facilities,
)
from analysis.scenario.modifications import (
    AddFacility,
    ChangeFacility,
    CloseFacility,
    FacilityEdit,
    MoveFacility,
)
from analysis.units import IntArray

_T = TypeVar("_T")
ADDED: Final = "scenario:"  # source ids of what a scenario adds begin with this


def edited_facilities(facilities: Facilities, edits: Iterable[FacilityEdit]) -> Facilities:
    """Return `facilities` after `edits`, one after another.

    What closes keeps its row, with the status *closed*. Raises ``KeyError`` for a facility that is
    not there: :func:`analysis.scenario.checking.problems_of` tells beforehand.
    """
    row_of = {
        key: row
        for row, key in enumerate(zip(facilities.element_id, facilities.source_id, strict=True))
    }
    edited: dict[tuple[str, str], FacilityRecord] = {}
    for edit in edits:
        key = (edit.element_id, source_id_of(edit))
        if isinstance(edit, AddFacility):
            edited[key] = _added(edit)
        else:
            before = edited[key] if key in edited else _record(facilities, row_of[key])
            edited[key] = _changed(before, edit)
    if not edited:
        return facilities
    kept = np.ones(len(facilities), dtype=bool)
    kept[[row_of[key] for key in edited if key in row_of]] = False
    return _merged(
        facilities, np.flatnonzero(kept).astype(np.int32), build_facilities(list(edited.values()))
    )


def source_id_of(edit: FacilityEdit) -> str:
    """Return the source id of the facility that `edit` is about."""
    return f"{ADDED}{edit.id}" if isinstance(edit, AddFacility) else edit.source_id


def rows_in(before: Facilities, after: Facilities) -> IntArray:
    """Return where each row of `before` stands in `after`, int32 [k]."""
    row = {
        key: position
        for position, key in enumerate(zip(after.element_id, after.source_id, strict=True))
    }
    keys = zip(before.element_id, before.source_id, strict=True)
    return np.array([row[key] for key in keys], dtype=np.int32)


def _added(edit: AddFacility) -> FacilityRecord:
    places = edit.entrances_m or (edit.xy_m,)
    return FacilityRecord(
        element_id=edit.element_id,
        source_id=source_id_of(edit),
        name=edit.name,
        origin="table",
        status="open",
        xy_m=edit.xy_m,
        area_m2=edit.area_m2,
        ambiguous=False,
        entrances=tuple((x, y, Entrance.TABLE) for x, y in places),
        attributes=edit.attributes,
    )


def _changed(before: FacilityRecord, edit: FacilityEdit) -> FacilityRecord:
    if isinstance(edit, CloseFacility):
        return replace(before, status="closed")
    if isinstance(edit, MoveFacility):
        entrance = (*edit.xy_m, Entrance.TABLE)
        return replace(before, xy_m=edit.xy_m, entrances=(entrance,), shape=None)
    if isinstance(edit, ChangeFacility):
        area_m2 = before.area_m2 if edit.area_m2 is None else edit.area_m2
        attributes = {**before.attributes, **edit.attributes}
        # What is stated of it now are columns, wherever the facility itself is known from.
        return replace(before, attributes=attributes, area_m2=area_m2, origin="table")
    return replace(before, status="open")


def _record(facilities: Facilities, row: int) -> FacilityRecord:
    first, last = facilities.entrance_first[row : row + 2].tolist()
    return FacilityRecord(
        element_id=facilities.element_id[row],
        source_id=facilities.source_id[row],
        name=facilities.name[row],
        origin=facilities.origin[row],
        status=facilities.status[row],
        xy_m=(float(facilities.xy_m[row, 0]), float(facilities.xy_m[row, 1])),
        area_m2=float(facilities.area_m2[row]),
        ambiguous=bool(facilities.ambiguous[row]),
        entrances=tuple(
            (float(x), float(y), Entrance(kind))
            for (x, y), kind in zip(
                facilities.entrance_xy_m[first:last],
                facilities.entrance_kind[first:last].tolist(),
                strict=True,
            )
        ),
        attributes=facilities.attributes[row],
        shape=facilities.shapes[row],
    )


def _merged(facilities: Facilities, rows: IntArray, others: Facilities) -> Facilities:
    """Return some rows of `facilities` and all of `others` in canonical order."""
    keys = [(facilities.element_id[row], facilities.source_id[row]) for row in rows.tolist()]
    keys += zip(others.element_id, others.source_id, strict=True)
    order = sorted(range(len(keys)), key=keys.__getitem__)
    by = np.array(order, dtype=np.int64)

    def picked(one: tuple[_T, ...], other: tuple[_T, ...]) -> tuple[_T, ...]:
        joined = [*(one[row] for row in rows.tolist()), *other]
        return tuple(joined[position] for position in order)

    counts = np.concatenate([np.diff(facilities.entrance_first)[rows], _counts(others)])[by]
    starts = np.concatenate(
        [
            facilities.entrance_first[:-1][rows],
            others.entrance_first[:-1] + len(facilities.entrance_xy_m),
        ]
    )[by]
    ends = np.cumsum(counts)
    entrance = np.repeat(starts - (ends - counts), counts) + np.arange(int(counts.sum()))
    return Facilities(
        element_id=picked(facilities.element_id, others.element_id),
        source_id=picked(facilities.source_id, others.source_id),
        name=picked(facilities.name, others.name),
        origin=picked(facilities.origin, others.origin),
        status=picked(facilities.status, others.status),
        xy_m=np.concatenate([facilities.xy_m[rows], others.xy_m])[by],
        area_m2=np.concatenate([facilities.area_m2[rows], others.area_m2])[by],
        ambiguous=np.concatenate([facilities.ambiguous[rows], others.ambiguous])[by],
        entrance_first=np.concatenate([[0], ends]).astype(np.int32),
        entrance_xy_m=np.concatenate([facilities.entrance_xy_m, others.entrance_xy_m])[entrance],
        entrance_kind=np.concatenate([facilities.entrance_kind, others.entrance_kind])[entrance],
        attributes=picked(facilities.attributes, others.attributes),
        shapes=np.concatenate([facilities.shapes[rows], others.shapes])[by],
    )


def _counts(facilities: Facilities) -> IntArray:
    return np.diff(facilities.entrance_first)

"""Parcels from a planner's table or layer."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import numpy as np
import shapely

from analysis.errors import InvalidParameterError
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.places.circles import Circles
from analysis.places.parcels import ParcelKind, Parcels
from analysis.places.planner_tables import FileReading, UnlocatedRow
from analysis.sources.extent import StudyArea, placed
from analysis.sources.files.cells import normal_cells, plain_number
from analysis.sources.files.columns import plain, raise_problems, vocabulary, word
from analysis.sources.files.mapping import ColumnMapping
from analysis.sources.files.row_reading import NO_MAPPING, read_rows
from analysis.sources.files.rows import Rows
from analysis.sources.parcels.storeys import GROUND_FLOOR, drawn_widths_m, storey, width
from analysis.units import FloatArray, GeometryArray

YUAN_PER_WAN: Final = 10_000.0
DIFFERS_SHARE: Final = 0.1
_OVERLAP_M2: Final = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class ParcelReading:
    """Parcels of one or several files, what was found odd, and rows without a place."""

    parcels: Parcels
    notices: tuple[Notice, ...]
    readings: tuple[FileReading, ...]
    unlocated: tuple[UnlocatedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Row:
    parcel_id: str
    name: str
    kind: ParcelKind
    shape: shapely.Geometry
    xy_m: tuple[float, float]
    area_m2: float
    floor_area_m2: float
    cost_yuan: float
    floor: float
    width_m: float
    land_use: str
    tenure: str
    exclusion: str
    attributes: dict[str, str]


def read_parcels(
    paths: tuple[Path, ...],
    area: StudyArea,
    circles: Circles,
    mapping: ColumnMapping = NO_MAPPING,
) -> ParcelReading:
    """Read parcels of any format: polygons, or points with a stated area.

    Understood: ``id``, ``name``, ``kind`` (边角地, 闲置地块, 拆违空间, 首层空间, 校园空间 …),
    ``area_m2``, ``floor_area_m2``, ``land_use``, ``tenure``, ``cost`` in yuan, ``cost_wan`` in
    ten thousand yuan or ``cost_yuan_per_m2``, ``floor`` (1, -1, B1, 首层), ``width_m``,
    ``exclusion``. Parcels outside the area that is
    read are named in notices; rows without coordinates are `unlocated`. Raises
    :class:`InvalidParameterError` for files without rows and
    cells that cannot be used.
    """
    found: list[_Row] = []
    told: list[Notice] = []
    readings: list[FileReading] = []
    unlocated: list[UnlocatedRow] = []
    for path in paths:
        rows = read_rows(path, "parcels", area, InvalidParameterError, mapping=mapping)
        found += _parcels(rows, area)
        rows.tell_left_out()
        told += rows.told
        lost = rows.unlocated()
        unlocated += lost
        readings.append(rows.reading(len(lost)))
    return ParcelReading(_built(found, circles), tuple(told), tuple(readings), tuple(unlocated))


def _built(found: list[_Row], circles: Circles) -> Parcels:
    found = sorted(found, key=lambda one: one.parcel_id)
    shapes = np.full(len(found), None, dtype=object)
    shapes[:] = [one.shape for one in found]
    xy_m = np.array([one.xy_m for one in found], dtype=np.float64).reshape(-1, 2)
    return Parcels(
        parcel_id=tuple(one.parcel_id for one in found),
        name=tuple(one.name for one in found),
        kind=tuple(one.kind for one in found),
        shapes=shapes,
        xy_m=xy_m,
        area_m2=np.array([one.area_m2 for one in found], dtype=np.float64),
        floor_area_m2=np.array([one.floor_area_m2 for one in found], dtype=np.float64),
        cost_yuan=np.array([one.cost_yuan for one in found], dtype=np.float64),
        floor=np.array([one.floor for one in found], dtype=np.float64),
        width_m=np.array([one.width_m for one in found], dtype=np.float64),
        land_use=tuple(one.land_use for one in found),
        tenure=tuple(one.tenure for one in found),
        exclusion=tuple(one.exclusion for one in found),
        circle=circles.locate(xy_m),
        attributes=tuple(one.attributes for one in found),
    )


def _parcels(rows: Rows, area: StudyArea) -> list[_Row]:
    if not rows.cells:
        raise InvalidParameterError(
            message("parcels.rows", source=rows.source),
            remedy=message("table.empty_file.remedy"),
            source=rows.source,
        )
    if not (rows.is_layer or any(one in rows.columns for one in ("wkt", "address"))):
        rows.require(InvalidParameterError, "lon", "lat")
    normal = [
        normal_cells(cells, number, rows.columns, rows.problems)
        for cells, number in zip(rows.cells, rows.numbers, strict=True)
    ]
    kinds = [_kind(rows, position) for position in range(len(rows))]
    floors = [_floor(rows, position, kinds[position]) for position in range(len(rows))]
    widths_m = [_read(rows, position, "width_m", width) for position in range(len(rows))]
    _check_ids(rows)
    raise_problems(
        rows.problems, InvalidParameterError, rows.source, message("table.fix_rows.remedy")
    )
    shapes = _shapes(rows, area)
    kept = np.flatnonzero(rows.kept)
    xy_m = rows.xy_m(area)
    drawn_m2: FloatArray = shapely.area(shapes)
    width_m = np.where(np.isnan(widths_m), drawn_widths_m(shapes), widths_m)
    _tell(rows, normal, shapes, drawn_m2)
    _tell_kinds(rows, kinds)
    return [
        _Row(
            parcel_id=_id(rows, one),
            name=rows.get(one, "name"),
            kind=kinds[one],
            shape=shapes[one],
            xy_m=(float(xy_m[one, 0]), float(xy_m[one, 1])),
            area_m2=_area_m2(normal[one], float(drawn_m2[one])),
            floor_area_m2=plain_number(normal[one].get("floor_area_m2", "")),
            cost_yuan=_cost_yuan(normal[one], _area_m2(normal[one], float(drawn_m2[one]))),
            floor=floors[one],
            width_m=float(width_m[one]),
            land_use=rows.get(one, "land_use"),
            tenure=rows.get(one, "tenure"),
            exclusion=rows.get(one, "exclusion"),
            attributes=normal[one],
        )
        for one in kept.tolist()
    ]


def _shapes(rows: Rows, area: StudyArea) -> GeometryArray:
    shapes = np.full(len(rows), None, dtype=object)
    kept = np.flatnonzero(rows.kept)
    shapes[kept] = shapely.points(rows.xy_m(area)[kept])
    if rows.shapes is not None:
        drawn = kept[~shapely.is_missing(rows.shapes[kept])]
        shapes[drawn] = placed(rows.shapes[drawn], area.crs)
    return shapes


def _kind(rows: Rows, position: int) -> ParcelKind:
    text = rows.get(position, "kind")
    kind = word("kind_words", text) if text else _kind_in(rows.get(position, "name"))
    if kind is None:
        rows.problem(position, "kind", "parcels.bad_kind")
    return cast("ParcelKind", kind)


def _kind_in(name: str) -> str:
    """Return the kind that a parcel's name tells (建设边角地1号), the longest word first."""
    words = [(one, kind) for kind, words in vocabulary("kind_words").items() for one in words]
    words.sort(key=lambda one: (-len(one[0]), one))
    shown = plain(name)
    return next((kind for one, kind in words if kind != "other" and plain(one) in shown), "unknown")


def _floor(rows: Rows, position: int, kind: ParcelKind) -> float:
    found = _read(rows, position, "floor", storey)
    return GROUND_FLOOR if np.isnan(found) and kind == "ground_floor" else found


def _read(rows: Rows, position: int, name: str, parse: Callable[[str], float]) -> float:
    try:
        return parse(rows.get(position, name))
    except ValueError:
        rows.problem(position, name, f"parcels.bad_{name}")
        return float("nan")


def _id(rows: Rows, position: int) -> str:
    return f"{rows.source}:{rows.get(position, 'id') or rows.numbers[position]}"


def _check_ids(rows: Rows) -> None:
    first: dict[str, int] = {}
    for position in range(len(rows)):
        own = _id(rows, position)
        if own in first:
            rows.problem(position, "id", "parcels.duplicate", first=first[own])
        first.setdefault(own, rows.numbers[position])


def _area_m2(normal: dict[str, str], drawn_m2: float) -> float:
    stated = plain_number(normal.get("area_m2", ""))
    return stated if stated > 0 else drawn_m2 if drawn_m2 > 0 else float("nan")


def _cost_yuan(normal: dict[str, str], area_m2: float) -> float:
    """Return the cost of the whole parcel; nan where nothing says it."""
    wan = plain_number(normal.get("cost_wan", ""))
    whole = plain_number(normal.get("cost", ""))
    if np.isfinite(wan) or np.isfinite(whole):
        return wan * YUAN_PER_WAN if np.isfinite(wan) else whole
    return plain_number(normal.get("cost_yuan_per_m2", "")) * area_m2


def _tell_kinds(rows: Rows, kinds: list[ParcelKind]) -> None:
    guessed = [
        f"{rows.source}:{number}"
        for position, (number, kind) in enumerate(zip(rows.numbers, kinds, strict=True))
        if not rows.get(position, "kind") and kind != "unknown"
    ]
    if guessed:
        text = message("parcels.kind_guessed", source=rows.source, count=len(guessed))
        rows.told.append(notice("parcels.kind_guessed", text, guessed, "warning"))


def _tell(
    rows: Rows, normal: list[dict[str, str]], shapes: GeometryArray, drawn_m2: FloatArray
) -> None:
    """Tell areas that differ from their outline, parcels without any, and overlaps."""
    stated_m2 = np.array([plain_number(one.get("area_m2", "")) for one in normal])
    names = np.array([f"{rows.source}:{number}" for number in rows.numbers], dtype=object)
    differs = np.abs(stated_m2 - drawn_m2) > DIFFERS_SHARE * drawn_m2
    unknown = rows.kept & ~(stated_m2 > 0) & ~(drawn_m2 > 0)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    shared_m2 = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    pairs = (left < right) & (shared_m2 > _OVERLAP_M2)
    for key, subjects in (
        ("parcels.area_differs", names[rows.kept & (drawn_m2 > 0) & differs].tolist()),
        ("parcels.no_area", names[unknown].tolist()),
        ("parcels.overlap",
         [f"{names[a]}+{names[b]}" for a, b in zip(left[pairs], right[pairs], strict=True)]),
    ):  # fmt: skip
        if subjects:
            text = message(key, source=rows.source, count=len(subjects))
            rows.told.append(notice(key, text, subjects, "warning"))

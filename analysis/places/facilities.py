"""Facilities: what serves whom, from the map and from planners' tables, with provenance."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

import numpy as np
import shapely

from analysis.errors import InvalidFacilitiesError
from analysis.messages import message
from analysis.units import BoolArray, ByteArray, FloatArray, GeometryArray, IntArray, freeze

Status = Literal["open", "construction", "closed", "unknown"]
Origin = Literal["osm", "table"]


class Entrance(IntEnum):
    """How a facility's entrance was found, best first."""

    POINT = 0  # the facility is a point
    GATE = 1  # a mapped gate or entrance on its ring
    CROSSING = 2  # a walkable street crosses its ring
    RING = 3  # the nearest point of its ring
    TABLE = 4  # given by a planner


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Facilities:
    """Facilities by element, sorted by (element, source id); one row for each pair of the two.

    Attributes
    ----------
    element_id
        The element each row serves [k].
    source_id
        Where it comes from, such as ``osm:node/12`` or ``facilities.csv:7`` [k]; unique within an
        element. Ties of distance break by it.
    name
        As given, may be empty or hostile text [k].
    origin, status
        ``osm`` or ``table``; only ``open`` and ``unknown`` rows count in a baseline [k].
    xy_m
        A point inside or at the facility, metres, float64 [k, 2].
    area_m2
        Area of its polygon, float64 [k]; nan for points without a stated area.
    ambiguous
        True where tags cannot tell the element (a school without a level), bool [k].
    entrance_first, entrance_xy_m, entrance_kind
        Ragged entrances: int32 [k + 1], float64 [e, 2], uint8 [e] of :class:`Entrance`.
    attributes
        Planner's columns and OSM tags kept with each row [k].
    shapes
        Outline of a planner's polygon or line in metres, None for what is a point or came from the
        map, object array [k].
    """

    element_id: tuple[str, ...]
    source_id: tuple[str, ...]
    name: tuple[str, ...]
    origin: tuple[Origin, ...]
    status: tuple[Status, ...]
    xy_m: FloatArray
    area_m2: FloatArray
    ambiguous: BoolArray
    entrance_first: IntArray
    entrance_xy_m: FloatArray
    entrance_kind: ByteArray
    attributes: tuple[Mapping[str, str], ...]
    shapes: GeometryArray = field(default_factory=lambda: np.empty(0, dtype=object))

    def __post_init__(self) -> None:
        """Check the canonical order and freeze."""
        if len(self.shapes) != len(self.element_id):
            object.__setattr__(self, "shapes", np.full(len(self.element_id), None, dtype=object))
        keys = list(zip(self.element_id, self.source_id, strict=True))
        if keys != sorted(set(keys)):
            raise InvalidFacilitiesError(message("facilities.order"))
        if len(self.entrance_first) != len(keys) + 1 or np.any(np.diff(self.entrance_first) < 1):
            raise InvalidFacilitiesError(message("facilities.entrances"))
        for array in (self.xy_m, self.area_m2, self.ambiguous, self.entrance_first):
            freeze(array)
        freeze(self.entrance_xy_m)
        freeze(self.entrance_kind)
        freeze(self.shapes)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.element_id)

    def __repr__(self) -> str:
        """Summarise the facilities."""
        return f"Facilities({len(self)} rows, {len(set(self.element_id))} elements)"

    @property
    def counts_now(self) -> BoolArray:
        """Return which rows count in a baseline: neither closed nor under construction."""
        return np.array([one in ("open", "unknown") for one in self.status], dtype=bool)

    def of_element(self, element_id: str) -> IntArray:
        """Return the positions of the rows of one element, ascending."""
        first = bisect_left(self.element_id, element_id)  # rows are sorted by element
        return np.arange(first, bisect_right(self.element_id, element_id), dtype=np.int32)


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityRecord:
    """One facility on its way into :class:`Facilities`; readers make lists of these."""

    element_id: str
    source_id: str
    name: str
    origin: Origin
    status: Status
    xy_m: tuple[float, float]
    area_m2: float
    ambiguous: bool
    entrances: tuple[tuple[float, float, Entrance], ...]
    attributes: Mapping[str, str]
    shape: shapely.Geometry | None = None


def build_facilities(records: list[FacilityRecord]) -> Facilities:
    """Build the canonical form; raises :class:`InvalidFacilitiesError` for a repeated pair."""
    records = sorted(records, key=lambda r: (r.element_id, r.source_id))
    counts = [len(r.entrances) for r in records]
    entrances = [e for r in records for e in r.entrances]
    shapes = np.full(len(records), None, dtype=object)
    shapes[:] = [r.shape for r in records]
    return Facilities(
        element_id=tuple(r.element_id for r in records),
        source_id=tuple(r.source_id for r in records),
        name=tuple(r.name for r in records),
        origin=tuple(r.origin for r in records),
        status=tuple(r.status for r in records),
        xy_m=np.array([r.xy_m for r in records], dtype=np.float64).reshape(-1, 2),
        area_m2=np.array([r.area_m2 for r in records], dtype=np.float64),
        ambiguous=np.array([r.ambiguous for r in records], dtype=bool),
        entrance_first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        entrance_xy_m=np.array([e[:2] for e in entrances], dtype=np.float64).reshape(-1, 2),
        entrance_kind=np.array([e[2] for e in entrances], dtype=np.uint8),
        attributes=tuple(dict(r.attributes) for r in records),
        shapes=shapes,
    )

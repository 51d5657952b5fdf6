"""Candidates: all places where an element could be built, enlarged, mended or opened."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import shapely

from analysis.errors import InvalidParameterError
from analysis.messages import message
from analysis.places.circles import Circles
from analysis.places.parcels import ParcelKind
from analysis.units import BoolArray, FloatArray, GeometryArray, IntArray, freeze

CandidateKind = Literal[
    "parcel", "expansion", "upgrade", "opening", "generated", "vacant_land", "public_land"
]
CANDIDATE_KINDS: Final[tuple[CandidateKind, ...]] = (
    "parcel", "expansion", "upgrade", "opening", "vacant_land", "public_land", "generated",
)  # fmt: skip
# Ours alone: no planner has named these places, and nobody has looked at them.
UNSEEN: Final[frozenset[CandidateKind]] = frozenset({"generated", "vacant_land", "public_land"})
_NAN: Final = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One place on its way into :class:`Candidates`; what is not known is nan or empty."""

    candidate_id: str
    kind: CandidateKind
    shape: shapely.Geometry
    xy_m: tuple[float, float]
    name: str = ""
    source_id: str = ""
    element_id: str = ""
    facility: int = -1
    space: ParcelKind = "unknown"
    area_m2: float = _NAN
    floor_area_m2: float = _NAN
    cost_yuan: float = _NAN
    floor: float = _NAN
    width_m: float = _NAN
    loose_m: float = 0.0
    land_use: str = ""
    tenure: str = ""
    exclusion: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Candidates:
    """Places where something could be, sorted by id.

    Attributes
    ----------
    candidate_id
        Such as ``parcel:parcels.gpkg:P7`` or ``expansion:pharmacy:osm:node/12`` [c]; unique.
    kind
        A planner's ``parcel``; an ``expansion``, ``upgrade`` or ``opening`` of a facility;
        ``vacant_land`` and ``public_land`` of the map; a ``generated`` point on a street [c].
    name
        As given, may be empty or hostile [c].
    source_id
        The parcel, facility, object of the map or node of the network that it is [c].
    element_id
        The only element it is for: that of the facility; empty where any may come [c].
    facility
        Row of the facility, int32 [c]; -1 for all other kinds.
    space
        边角地 corner, 闲置地块 idle, 首层空间 ground_floor … [c].
    shapes, xy_m
        Outline or point, metres, object array [c]; a point inside, float64 [c, 2].
    area_m2, floor_area_m2, cost_yuan, width_m
        float64 [c]; nan where not known. The floor of ground-floor rooms is their area.
    floor
        Storey, 1 the ground floor, below 0 a basement, float64 [c]; nan where not known.
    loose_m
        How far from `shapes` its outline may really lie, float64 [c] ≥ 0: of a generated point and
        of a parcel without an outline.
    land_use, tenure
        As given [c].
    exclusion
        Why it may not be used, as given; empty where nothing is stated [c].
    circle
        Position of the circle that holds `xy_m`, int32 [c]; -1 outside all of them.
    attributes
        Columns and tags as given [c].
    """

    candidate_id: tuple[str, ...]
    kind: tuple[CandidateKind, ...]
    name: tuple[str, ...]
    source_id: tuple[str, ...]
    element_id: tuple[str, ...]
    facility: IntArray
    space: tuple[ParcelKind, ...]
    shapes: GeometryArray
    xy_m: FloatArray
    area_m2: FloatArray
    floor_area_m2: FloatArray
    cost_yuan: FloatArray
    floor: FloatArray
    width_m: FloatArray
    loose_m: FloatArray
    land_use: tuple[str, ...]
    tenure: tuple[str, ...]
    exclusion: tuple[str, ...]
    circle: IntArray
    attributes: tuple[Mapping[str, str], ...]

    def __post_init__(self) -> None:
        """Check and freeze."""
        if list(self.candidate_id) != sorted(set(self.candidate_id)):
            raise InvalidParameterError(message("candidates.order"))
        for array in (
            self.facility, self.shapes, self.xy_m, self.area_m2, self.floor_area_m2,
            self.cost_yuan, self.floor, self.width_m, self.loose_m, self.circle,
        ):  # fmt: skip
            freeze(array)

    def __len__(self) -> int:
        """Return the number of candidates."""
        return len(self.candidate_id)

    def __repr__(self) -> str:
        """Summarise the candidates."""
        counts = {one: self.kind.count(one) for one in CANDIDATE_KINDS if one in self.kind}
        told = ", ".join(f"{count} {one}" for one, count in counts.items())
        return f"Candidates({len(self)}: {told})"

    @property
    def unseen(self) -> BoolArray:
        """Return which of them no planner has named, bool [c]."""
        return np.array([one in UNSEEN for one in self.kind], dtype=bool)

    @property
    def is_new(self) -> BoolArray:
        """Return where something new would stand, bool [c]: not an existing facility."""
        return self.facility < 0

    def row(self, candidate_id: str) -> int:
        """Return the position of one id; raises ``KeyError``."""
        at = bisect_left(self.candidate_id, candidate_id)
        if self.candidate_id[at : at + 1] != (candidate_id,):
            raise KeyError(candidate_id)
        return at


def build_candidates(found: Iterable[Candidate], circles: Circles) -> Candidates:
    """Return the canonical form; raises :class:`InvalidParameterError` for a repeated id."""
    rows = sorted(found, key=lambda one: one.candidate_id)
    shapes: GeometryArray = np.empty(len(rows), dtype=object)
    shapes[:] = [one.shape for one in rows]
    xy_m = np.array([one.xy_m for one in rows], dtype=np.float64).reshape(-1, 2)

    def numbers(name: str) -> FloatArray:
        return np.array([getattr(one, name) for one in rows], dtype=np.float64)

    return Candidates(
        candidate_id=tuple(one.candidate_id for one in rows),
        kind=tuple(one.kind for one in rows),
        name=tuple(one.name for one in rows),
        source_id=tuple(one.source_id for one in rows),
        element_id=tuple(one.element_id for one in rows),
        facility=np.array([one.facility for one in rows], dtype=np.int32),
        space=tuple(one.space for one in rows),
        shapes=shapes,
        xy_m=xy_m,
        area_m2=numbers("area_m2"),
        floor_area_m2=numbers("floor_area_m2"),
        cost_yuan=numbers("cost_yuan"),
        floor=numbers("floor"),
        width_m=numbers("width_m"),
        loose_m=numbers("loose_m"),
        land_use=tuple(one.land_use for one in rows),
        tenure=tuple(one.tenure for one in rows),
        exclusion=tuple(one.exclusion for one in rows),
        circle=circles.locate(xy_m),
        attributes=tuple(dict(one.attributes) for one in rows),
    )

"""Modifications: the single edits of which a scenario is made.

Each is a value with an id of the planner's, unique within its scenario, and the day `since` which
it holds (ISO date; empty: from the start). Facilities are named by element and source id, as in
:class:`~analysis.places.facilities.Facilities`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

PathKind = Literal["path", "gate", "crossing", "footbridge", "stairs", "lift"]
PATH_KINDS: Final[tuple[PathKind, ...]] = (
    "path", "gate", "crossing", "footbridge", "stairs", "lift",
)  # fmt: skip
StandardField = Literal[
    "threshold_m", "minutes", "coverage_target", "coverage_acceptable", "scale_norm"
]
STANDARD_FIELDS: Final[tuple[StandardField, ...]] = (
    "threshold_m", "minutes", "coverage_target", "coverage_acceptable", "scale_norm",
)  # fmt: skip
XY = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Modification:
    """What all modifications have."""

    id: str
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFacility(Modification):
    """A new facility.

    `xy_m` where it stands, metres; `entrances_m` where it is entered, `xy_m` where empty;
    `area_m2` nan where unknown; `attributes` as planners' columns, its capacity among them.
    """

    element_id: str
    xy_m: XY
    name: str = ""
    area_m2: float = float("nan")
    attributes: Mapping[str, str] = field(default_factory=dict)
    entrances_m: tuple[XY, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveFacility(Modification):
    """A facility moves to `xy_m`, with all it offers; it is entered there."""

    element_id: str
    source_id: str
    xy_m: XY


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseFacility(Modification):
    """A facility closes."""

    element_id: str
    source_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFacility(Modification):
    """A facility that is closed or under construction opens."""

    element_id: str
    source_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFacility(Modification):
    """A facility is expanded or upgraded: `attributes` set, and the area where it is not None."""

    element_id: str
    source_id: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    area_m2: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPath(Modification):
    """A new way on foot along `line_m`, at least two points, metres.

    Both ends are joined to the streets, see :mod:`analysis.scenario.joints`. Walls, fences and
    rings of compounds are opened where it crosses them; a footbridge passes over whatever lies
    below and is stepped onto at its ends alone; stairs are closed to wheelchairs.
    """

    line_m: tuple[XY, ...]
    kind: PathKind = "path"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePath(Modification):
    """The stretches of a street between its junctions nearest to `xy_m` are closed to everybody.

    `way_id` names the street as in :class:`~analysis.streets.network.WalkNetwork`; without `xy_m`
    all of it is closed.
    """

    way_id: int
    xy_m: XY | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStandard(Modification):
    """One number of an element of the standard becomes `value`, in the field's own unit."""

    element_id: str
    field: StandardField
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AddHousing(Modification):
    """New homes at `xy_m`.

    `households` nan: worked out from the people per household of the baseline; `groups` of
    residents that are not stated hold their share of the baseline's residents.
    """

    xy_m: XY
    people: float
    households: float = float("nan")
    groups: Mapping[str, float] = field(default_factory=dict)


FacilityEdit = AddFacility | MoveFacility | CloseFacility | OpenFacility | ChangeFacility
PathEdit = AddPath | ClosePath
AnyModification = FacilityEdit | PathEdit | ChangeStandard | AddHousing
KINDS: Final[Mapping[str, type[AnyModification]]] = {
    "add_facility": AddFacility,
    "move_facility": MoveFacility,
    "close_facility": CloseFacility,
    "open_facility": OpenFacility,
    "change_facility": ChangeFacility,
    "add_path": AddPath,
    "close_path": ClosePath,
    "change_standard": ChangeStandard,
    "add_housing": AddHousing,
}


def kind_of(modification: AnyModification) -> str:
    """Return the name of the kind, as scenario files write it."""
    return next(name for name, one in KINDS.items() if type(modification) is one)

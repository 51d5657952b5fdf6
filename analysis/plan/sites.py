"""Sites: what a plan needs to know of candidates, element by element."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from analysis.candidates.screening import Screening
from analysis.errors import InvalidParameterError
from analysis.messages import Spoken, message
from analysis.plan.builds import Build, smallest
from analysis.standard.profile import Element
from analysis.units import BoolArray, FloatArray, GeometryArray, IntArray, freeze


def _nothing(_site: int, _element_id: str) -> tuple[Spoken, ...]:
    """Say nothing against a site."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Sites:
    """Places where something new could stand, sorted by id.

    Attributes
    ----------
    site_id, name, kind, tenure, land_use
        As the candidates state them [k].
    shapes
        Outlines or points, metres, object array [k].
    xy_m
        Where a facility would be entered, metres, float64 [k, 2].
    land_m2, floor_m2
        Ground and floor that there is, float64 [k]; nan where it is not known.
    cost_yuan
        What making all of it usable costs, as planners state it, float64 [k]; nan: not stated.
    circle
        Position of the circle, int32 [k]; -1 outside.
    allowed
        By element id which sites pass every hard rule that a machine can check, bool [k].
    score
        By element id how many of the soft rules hold, 0…1, float64 [k]; nan where none was looked
        at.
    needs_person
        By element id the rules that only a person can check.
    expandable
        By element id the rows of facilities that may be enlarged; None: all that count.
    why_not
        Tells of a site (position) and an element why it is not allowed.
    """

    site_id: tuple[str, ...]
    name: tuple[str, ...]
    kind: tuple[str, ...]
    tenure: tuple[str, ...]
    land_use: tuple[str, ...]
    shapes: GeometryArray
    xy_m: FloatArray
    land_m2: FloatArray
    floor_m2: FloatArray
    cost_yuan: FloatArray
    circle: IntArray
    allowed: Mapping[str, BoolArray]
    score: Mapping[str, FloatArray] = field(default_factory=dict)
    needs_person: Mapping[str, tuple[Spoken, ...]] = field(default_factory=dict)
    expandable: Mapping[str, frozenset[int]] | None = None
    why_not: Callable[[int, str], tuple[Spoken, ...]] = _nothing

    def __post_init__(self) -> None:
        """Check the order and freeze the arrays."""
        if list(self.site_id) != sorted(set(self.site_id)):
            raise InvalidParameterError(message("plan.sites.order"))
        for array in (self.xy_m, self.land_m2, self.floor_m2, self.cost_yuan, self.circle):
            freeze(array)
        for allowed in self.allowed.values():
            freeze(allowed)
        for score in self.score.values():
            freeze(score)

    def __len__(self) -> int:
        """Return the number of sites."""
        return len(self.site_id)

    def __repr__(self) -> str:
        """Summarise the sites."""
        return f"Sites({len(self)}, {len(self.allowed)} elements)"

    @property
    def room_m2(self) -> FloatArray:
        """Return what can be taken up: floor where it is stated, else ground; inf unknown."""
        room = np.where(np.isnan(self.floor_m2), self.land_m2, self.floor_m2)
        return np.where(np.isnan(room), np.inf, room)

    def allowed_for(self, element_id: str) -> IntArray:
        """Return the sites where an element may stand, int32, ascending."""
        none = np.zeros(len(self), dtype=bool)
        return np.flatnonzero(self.allowed.get(element_id, none)).astype(np.int32)

    def has_room(self, site: int, build: Build, taken_m2: float = 0.0) -> bool:
        """Return whether `build` fits beside `taken_m2` that is used already."""
        return bool(build.room_m2 + taken_m2 <= self.room_m2[site] * (1 + 1e-9))


def takes_all(element: Element) -> bool:
    """Return whether one takes the whole of a site: how far it serves depends on its size."""
    return any(
        rule.element_id == element.id and rule.min_area_m2 > 0 for rule in element.reach_rules
    )


def builds_at(element: Element, sites: Sites) -> tuple[Build, ...]:
    """Return what would be built of an element on its own at each site: the smallest of its kind.

    What serves farther the larger it is takes all the ground that there is.
    """
    least = smallest(element)
    if not takes_all(element):
        return (least,) * len(sites)
    return tuple(_on_all(least, land_m2) for land_m2 in sites.land_m2.tolist())


def _on_all(least: Build, land_m2: float) -> Build:
    if not land_m2 > least.land_m2 > 0:
        return least
    return replace(least, land_m2=land_m2, amount=least.amount * land_m2 / least.land_m2)


def sites_of(screening: Screening) -> Sites:
    """Return the new sites of `screening`, and which facilities may be enlarged.

    A site counts for an element where the smallest facility on its own fits and no hard rule that a
    machine checks is broken.
    """
    candidates = screening.candidates
    rows = np.flatnonzero(candidates.is_new)
    columns = {one.id: column for column, one in enumerate(screening.elements)}

    def why_not(site: int, element_id: str) -> tuple[Spoken, ...]:
        column = columns.get(element_id)
        return () if column is None else screening.reasons(int(rows[site]), column)

    def picked(texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(texts[row] for row in rows.tolist())

    return Sites(
        site_id=picked(candidates.candidate_id),
        name=picked(candidates.name),
        kind=picked(candidates.kind),
        tenure=picked(candidates.tenure),
        land_use=picked(candidates.land_use),
        shapes=candidates.shapes[rows],
        xy_m=candidates.xy_m[rows],
        land_m2=screening.room.land_m2[rows],
        floor_m2=screening.room.floor_m2[rows],
        cost_yuan=candidates.cost_yuan[rows],
        circle=candidates.circle[rows],
        allowed={one: screening.allowed[rows, column] for one, column in columns.items()},
        score={one: screening.score[rows, column] for one, column in columns.items()},
        needs_person={
            one: tuple(rule.text for rule in screening.needs_person(column))
            for one, column in columns.items()
        },
        expandable=_expandable(screening, columns),
        why_not=why_not,
    )


def _expandable(
    screening: Screening, columns: Mapping[str, int]
) -> Mapping[str, frozenset[int]] | None:
    candidates = screening.candidates
    asked = [row for row, kind in enumerate(candidates.kind) if kind == "expansion"]
    if not asked:
        return None
    return {
        one: frozenset(
            int(candidates.facility[row]) for row in asked if screening.allowed[row, column]
        )
        for one, column in columns.items()
    }

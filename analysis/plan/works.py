"""Works: what could be done, and what is done in which order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import shapely

from analysis.messages import Spoken
from analysis.plan.builds import Build, Cost
from analysis.scenario.modifications import AnyModification
from analysis.standard.profile_rules import Span
from analysis.units import FloatArray, IntArray, freeze

PlanWork = Literal["new", "expand", "upgrade", "open", "path"]
PLAN_WORKS: Final[tuple[PlanWork, ...]] = ("new", "expand", "upgrade", "open", "path")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Effect:
    """Whom a work lets reach an element within its limit.

    `points` int32, ascending: rows of the demand; `walk` float64 to the new facility, in the
    measure of the criterion.
    """

    element_id: str
    points: IntArray
    walk: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self.points)
        freeze(self.walk)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What a work adds to the scale of an element; `amount` nan where nobody can say."""

    element_id: str
    amount: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proposal:
    """Something that could be done, whatever else is.

    Attributes
    ----------
    work_id
        Says what and where: ``new:P010:wet_market``.
    kind, element_ids
        What is done, and for which elements, in the standard's order.
    site_id, place, site_kind
        The candidate, or the facility's source id; its name; the kind of candidate, empty for what
        stands already.
    xy_m, shape, circle
        Where, metres; `circle` is a position, -1 outside all of them.
    builds, scale
        What is built, and what that adds.
    cost
        All of it together.
    effects
        Whom it lets reach what.
    helped, helped_by
        Residents for whom it mends what they have in reach: more room, better quality; and the gap
        ids that it mends in that way.
    edits
        The same as modifications of a scenario.
    needs_person
        Rules of siting that only a person can check.
    lead_time_months
        From the decision until it is open; None where the standard does not say.
    score
        How many soft rules of siting hold, 0…1; nan where none was looked at.
    """

    work_id: str
    kind: PlanWork
    element_ids: tuple[str, ...]
    site_id: str
    place: str
    xy_m: tuple[float, float]
    shape: shapely.Geometry
    circle: int
    cost: Cost
    edits: tuple[AnyModification, ...]
    builds: tuple[Build, ...] = ()
    scale: tuple[Scale, ...] = ()
    effects: tuple[Effect, ...] = ()
    helped: float = 0.0
    helped_by: tuple[str, ...] = ()
    needs_person: tuple[Spoken, ...] = ()
    lead_time_months: Span | None = None
    score: float = float("nan")
    site_kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Work:
    """A proposal in its place of the order, with what it adds there.

    Attributes
    ----------
    order
        1 first.
    people
        Residents newly covered × elements, beyond all works before it.
    people_by_element
        The same by element, those that a new facility serves as well among them.
    walk_saved
        Metres (seconds under minutes) that the residents whom it serves within the limit walk less
        than before it, all added up; who had none within the search counts with its limit.
    closes, narrows
        Ids of missing gaps of which nobody, or fewer, are left.
    priority_id, priority_rank
        The gate of the programme that it belongs to; empty and one past the last where none.
    people_asking
        Distinct people whose opinions ask for one of its elements in its circle; beside the figures
        and in none of them.
    """

    proposal: Proposal
    order: int
    people: float
    people_by_element: Mapping[str, float]
    walk_saved: float
    closes: tuple[str, ...]
    narrows: tuple[str, ...]
    priority_id: str
    priority_rank: int
    people_asking: float

    @property
    def work_id(self) -> str:
        """Return what names it."""
        return self.proposal.work_id

    @property
    def benefit(self) -> float:
        """Return the people it is for: newly covered, and helped otherwise."""
        return self.people + self.proposal.helped

    @property
    def yuan_per_person(self) -> float:
        """Return the middle of the cost for each of these; nan where either is not known."""
        if not self.proposal.cost.known or self.benefit <= 0:
            return float("nan")
        return self.proposal.cost.middle / self.benefit

"""LinkProposal: a missing link that is worth building, and what it does for every element."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from analysis.gaps.kinds import inconvenient
from analysis.messages import Message, Spoken
from analysis.plan.builds import Cost
from analysis.plan.crossed import LinkKind
from analysis.reach.table import Reach
from analysis.scenario.modifications import XY, AddPath
from analysis.standard.profile import Element
from analysis.study import Study
from analysis.units import BoolArray, FloatArray, IntArray, freeze


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinkGain:
    """What a link does for one element: exactly what the scenario with it shows.

    `points` int32, ascending, are the rows of the demand that reach it within the walk and did not,
    `walk` float64 how far they then walk, in the measure that decides, and `people` the residents
    there. `straightened` are residents within the walk who went a long way round, as gaps count it,
    and do not any more; `saved_person_m` metres to the nearest that those spare who reached one
    within the search before, one way.
    """

    element_id: str
    points: IntArray
    walk: FloatArray
    people: float
    straightened: float
    saved_person_m: float

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self.points)
        freeze(self.walk)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinkProposal:
    """A missing link.

    Attributes
    ----------
    link_id
        Kind and place, the same in every run on the same inputs.
    kind
        What is built, as :class:`~analysis.scenario.modifications.AddPath` names it.
    line_m, length_m
        Straight from street to street, metres.
    barred_by
        What a footbridge spans: ``water``, ``railway`` or ``motorway``; else empty.
    walls
        How many walls, fences or rings are opened.
    cost
        By the standard's path costs.
    element_id
        For whose gaps it was looked for.
    gap_people
        By gap id, residents of these gaps whom it helps; for them it is the chosen link.
    gains
        By element id, of all walked elements.
    name, text
        What is built, and what that does at what cost.
    unseen
        What could not be looked at and a person has to.
    """

    link_id: str
    kind: LinkKind
    line_m: tuple[XY, XY]
    length_m: float
    barred_by: str
    walls: int
    cost: Cost
    element_id: str
    gap_people: Mapping[str, float]
    gains: Mapping[str, LinkGain]
    name: Message
    text: Spoken
    unseen: tuple[Message, ...]

    @property
    def path(self) -> AddPath:
        """Return the edit that builds it."""
        return AddPath(id=self.link_id, line_m=self.line_m, kind=self.kind)

    @property
    def people(self) -> float:
        """Return the residents of its gaps whom it helps."""
        return sum(self.gap_people.values())


class Gains:
    """What links do for the elements of one study; what holds for all links is worked out once."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._long_way: dict[str, BoolArray] = {}

    def of(self, reach: Reach) -> dict[str, LinkGain]:
        """Return what `reach` has beyond that of the study, by element."""
        before, people = self._study.reach, self._study.inputs.demand.people
        fresh = reach.covered & ~before.covered
        known = np.isfinite(before.walk_m) & np.isfinite(reach.walk_m)
        saved_m = np.subtract(before.walk_m, reach.walk_m, out=np.zeros(known.shape), where=known)
        saved_person_m = people @ saved_m
        gains = {}
        for element in self._study.inputs.standard.walked:
            column = before.column(element.id)
            points = np.flatnonzero(fresh[:, column]).astype(np.int32)
            gains[element.id] = LinkGain(
                element_id=element.id,
                points=points,
                walk=reach.walk[points, column],
                people=float(people[points].sum()),
                straightened=self._straightened(element, reach, column),
                saved_person_m=float(saved_person_m[column]),
            )
        return gains

    def _straightened(self, element: Element, reach: Reach, column: int) -> float:
        if element.id not in self._long_way:
            self._long_way[element.id] = inconvenient(self._study.measured, element).chosen
        was = self._long_way[element.id]
        walk_m = self._study.reach.walk_m[was, column]
        if np.array_equal(walk_m, reach.walk_m[was, column]):
            return 0.0
        is_ = inconvenient(replace(self._study.measured, reach=reach), element).chosen
        return float(self._study.inputs.demand.people[was & ~is_].sum())

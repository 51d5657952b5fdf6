"""Unreachable: whom no candidate can serve, how many, where, and why not, in words."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from analysis.gaps.groups import connected_groups
from analysis.judgement.coverage import deciding
from analysis.messages import Message, Spoken, message
from analysis.plan.problem import PlanProblem, Progress
from analysis.standard.profile import Element
from analysis.study import Study
from analysis.units import FloatArray, IntArray, freeze


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unreachable:
    """Residents of one circle whom neither what exists nor any candidate can serve.

    Attributes
    ----------
    element_id, circle_id
        What they lack, and where they live.
    people
        How many, of the element's deciding basis; `residents` are all of them.
    groups
        In how many connected groups.
    xy_m
        The home in the middle of the largest group, metres.
    rejected
        Candidates within the walk, in a straight line from that home, that may not be used.
    best_share
        Share of the circle that all candidates together reach, 0…1.
    why
        All of it in words.
    points
        Rows of the demand, int32, ascending.
    """

    element_id: str
    circle_id: str
    people: float
    residents: float
    groups: int
    xy_m: tuple[float, float]
    rejected: int
    best_share: float
    why: Message
    points: IntArray

    def __post_init__(self) -> None:
        """Freeze the array."""
        freeze(self.points)


def unreachable(
    problem: PlanProblem, element: Element, circles: tuple[int, ...]
) -> tuple[Unreachable, ...]:
    """Return who cannot be served with an element, circle by circle."""
    table = problem.table(element, Progress(problem.study))
    alone = np.zeros(table.n_demand, dtype=bool)
    alone[table.unreached] = True
    demand = problem.study.inputs.demand
    found = []
    for circle in circles:
        points = np.flatnonzero(alone & (demand.circle == circle)).astype(np.int32)
        if len(points):
            found.append(_told(problem, element, circle, points))
    return tuple(found)


def _told(problem: PlanProblem, element: Element, circle: int, points: IntArray) -> Unreachable:
    inputs = problem.study.inputs
    demand, (_, weight) = inputs.demand, deciding(element, inputs.demand)
    chosen = np.zeros(len(demand), dtype=bool)
    chosen[points] = True
    groups = connected_groups(demand.xy_m, chosen)
    largest = max(groups, key=lambda rows: (float(weight[rows].sum()), -int(rows[0])))
    middle = _middle(demand.xy_m[largest], weight[largest])
    near, reason = _rejected(problem, element, middle)
    whole = float(weight[demand.circle == circle].sum())
    people = float(weight[points].sum())
    share = 1.0 - people / whole if whole > 0 else float("nan")
    key = "rejected" if near else ("none" if len(problem.sites) else "no_candidates")
    why = message(
        f"plan.unreachable.{key}",
        element=element.name, circle=circle_name(problem.study, circle),
        people=people, groups=len(groups), share=share, target=element.coverage.target.value,
        rejected=near, reason=reason, limit=element.threshold_m,
    )  # fmt: skip
    return Unreachable(
        element_id=element.id,
        circle_id=inputs.circles.circle_id[circle],
        people=people,
        residents=float(demand.people[points].sum()),
        groups=len(groups),
        xy_m=(float(middle[0]), float(middle[1])),
        rejected=near,
        best_share=share,
        why=why,
        points=points,
    )


def circle_name(study: Study, circle: int) -> str:
    """Return the name of a circle by its position, its id where it has none."""
    circles = study.inputs.circles
    return circles.name[circle] or circles.circle_id[circle]


def _middle(xy_m: FloatArray, weight: FloatArray) -> FloatArray:
    """Return the home nearest to the middle of all."""
    centre = np.average(xy_m, axis=0, weights=weight)
    away_m = np.hypot(*(xy_m - centre).T)
    middle: FloatArray = xy_m[int(np.argmin(away_m))]
    return middle


def _rejected(problem: PlanProblem, element: Element, xy_m: FloatArray) -> tuple[int, object]:
    """Return how many candidates within the walk may not be used, and what most of them lack."""
    sites = problem.sites
    if not len(sites):
        return 0, ""
    near = np.hypot(*(sites.xy_m - xy_m).T) <= element.threshold_m
    allowed = sites.allowed_for(element.id)
    near[allowed] = False
    why = [sites.why_not(row, element.id) for row in np.flatnonzero(near).tolist()]
    first = [one[0] for one in why if one]
    if not first:
        return 0, ""
    # What matters is which kind of reason is met most; its figure is that of the first site.
    kinds = Counter(_kind(one) for one in first)
    most = min(kinds, key=lambda kind: (-kinds[kind], kind))
    return len(first), next(one for one in first if _kind(one) == most)


def _kind(reason: Spoken) -> str:
    return reason.key if isinstance(reason, Message) else reason.text("en")

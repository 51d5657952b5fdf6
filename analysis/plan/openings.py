"""Openings: facilities under construction, which will serve when they open."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import shapely

from analysis.capacity.supply import supply_of
from analysis.capacity.within_reach import Serving, within_reach
from analysis.plan.builds import Cost
from analysis.plan.problem import PlanProblem, Progress
from analysis.plan.works import Effect, Proposal, Scale
from analysis.reach.serving import facility_limits
from analysis.scenario.modifications import OpenFacility
from analysis.standard.profile import Element
from analysis.units import IntArray

PAID = Cost(low=0.0, high=0.0, source="none")


def openings(problem: PlanProblem, elements: Iterable[Element]) -> tuple[Proposal, ...]:
    """Return what is under construction of `elements` and would newly serve somebody.

    It costs the plan nothing more: it is being built.
    """
    progress = Progress(problem.study)
    found = []
    for element in elements:
        for one in _under_construction(problem, element):
            fresh = [
                progress.add(effect.element_id, effect.points, effect.walk)
                for effect in one.effects
            ]
            if any(problem.here[points].any() for points in fresh):
                found.append(one)
    return tuple(found)


def _under_construction(problem: PlanProblem, element: Element) -> Iterator[Proposal]:
    facilities = problem.study.inputs.facilities
    rows = facilities.of_element(element.id)
    rows = rows[[facilities.status[row] == "construction" for row in rows.tolist()]]
    effects: dict[int, list[Effect]] = {row: [] for row in rows.tolist()}
    for served in problem.study.inputs.standard.walked if len(rows) else ():
        if any(rule.element_id == element.id for rule in served.reach_rules):
            for row, effect in _served(problem, element, served, rows):
                effects[row].append(effect)
    for row, of_row in effects.items():
        xy_m = facilities.xy_m[row]
        yield Proposal(
            work_id=f"open:{facilities.source_id[row]}:{element.id}",
            kind="open",
            element_ids=(element.id,),
            site_id=facilities.source_id[row],
            place=facilities.name[row] or facilities.source_id[row],
            xy_m=(float(xy_m[0]), float(xy_m[1])),
            shape=facilities.shapes[row] or shapely.Point(xy_m),
            circle=int(problem.study.inputs.circles.locate(xy_m[None, :])[0]),
            cost=PAID,
            edits=(
                OpenFacility(
                    id=f"open:{facilities.source_id[row]}:{element.id}",
                    element_id=element.id,
                    source_id=facilities.source_id[row],
                ),
            ),
            scale=_scale(problem, element, row),
            effects=tuple(of_row),
        )


def _served(
    problem: PlanProblem, element: Element, served: Element, rows: IntArray
) -> Iterator[tuple[int, Effect]]:
    """Yield whom each row would serve with another element's or its own reach rules."""
    study = problem.study
    facilities = study.inputs.facilities
    walks = study.measured.other_walks.get(served.id, study.walks)
    # The rules of `served` that `element` fills, as if they were its own.
    rules = tuple(one for one in served.reach_rules if one.element_id == element.id)
    filled = replace(served, id=element.id, reach_rules=rules)
    limit = facility_limits(filled, facilities, rows, walks.profile, walks.criterion)
    (reach,) = within_reach(
        walks.graph, walks.points, walks.entrances, entrance_first=facilities.entrance_first,
        asked=(Serving(facility=rows[limit > 0], limit=limit[limit > 0]),),
        hierarchy=walks.hierarchy,
    )  # fmt: skip
    for position, row in enumerate(reach.facility.tolist()):
        own = reach.position == position
        if own.any():
            points, walk = reach.point[own], reach.cost[own]
            yield row, Effect(element_id=served.id, points=points, walk=walk)


def _scale(problem: PlanProblem, element: Element, row: int) -> tuple[Scale, ...]:
    if element.scale is None:
        return ()
    facilities = problem.study.inputs.facilities
    supply = supply_of(element.scale.capacity, facilities, np.array([row], dtype=np.int32))
    return (Scale(element_id=element.id, amount=float(supply.amount[0]), unit=element.scale.unit),)

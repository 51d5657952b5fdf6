"""Upgrades: which facilities to mend so that nobody has poor ones alone (poor)."""

from collections.abc import Sequence

import numpy as np
import shapely

from analysis.gaps.kinds import poor_attributes
from analysis.gaps.listing import Gap
from analysis.plan.builds import Build, cost_of
from analysis.plan.problem import PlanProblem
from analysis.plan.works import Proposal
from analysis.scenario.modifications import ChangeFacility
from analysis.siting.cover_table import cover_table
from analysis.siting.lscp import lscp
from analysis.standard.profile import Element
from analysis.units import BoolArray

_YES = "yes"


def upgrades(problem: PlanProblem, element: Element, gaps: Sequence[Gap]) -> tuple[Proposal, ...]:
    """Return the fewest facilities to mend so that all residents of `gaps` have a good one.

    `gaps` are poor ones of `element`. A facility is mended by setting every attribute that decides
    *poor* to yes; one is enough for whoever has it within the walk.
    """
    study = problem.study
    load, names = study.measured.loads.get(element.id), poor_attributes(study.measured, element)
    columns = [study.inputs.standard.attributes[one].columns for one in names]
    if load is None or not gaps or not all(columns):
        return ()
    concerned: BoolArray = np.zeros(len(study.inputs.demand), dtype=bool)
    for gap in gaps:
        concerned[gap.points] = True
    people = np.where(concerned, study.inputs.demand.people, 0.0)
    table = cover_table(
        first=load.reach.first, site=load.reach.position, walk_m=load.reach.cost, people=people,
        n_sites=len(load.supply.row),
    )  # fmt: skip
    answer = lscp(table)
    attributes = {one[0]: _YES for one in columns}
    works = []
    for position, helped in zip(answer.sites.tolist(), answer.people.tolist(), strict=True):
        row = int(load.supply.row[position])
        reached = load.reach.point[load.reach.position == position]
        mended = tuple(one.gap_id for one in gaps if np.isin(one.points, reached).any())
        works.append(_mended(problem, element, row, attributes, helped, mended))
    return tuple(works)


def _mended(
    problem: PlanProblem,
    element: Element,
    row: int,
    attributes: dict[str, str],
    helped: float,
    gap_ids: tuple[str, ...],
) -> Proposal:
    facilities = problem.study.inputs.facilities
    source_id, xy_m = facilities.source_id[row], facilities.xy_m[row]
    work_id = f"upgrade:{source_id}:{element.id}"
    one = Build(element_id=element.id, floor_m2=np.nan, land_m2=np.nan, amount=np.nan)
    return Proposal(
        work_id=work_id,
        kind="upgrade",
        element_ids=(element.id,),
        site_id=source_id,
        place=facilities.name[row] or source_id,
        xy_m=(float(xy_m[0]), float(xy_m[1])),
        shape=facilities.shapes[row] or shapely.Point(xy_m),
        circle=int(problem.study.inputs.circles.locate(xy_m[None, :])[0]),
        cost=cost_of(element, "upgrade", one),
        edits=(
            ChangeFacility(
                id=work_id, element_id=element.id, source_id=source_id, attributes=attributes
            ),
        ),
        helped=helped,
        helped_by=gap_ids,
    )

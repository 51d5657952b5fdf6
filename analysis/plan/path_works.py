"""Path works: missing links that spare people a long way round, as works of a plan."""

from collections.abc import Collection, Iterable, Iterator

import numpy as np
import shapely

from analysis.plan.links import LinkProposal
from analysis.plan.problem import PlanProblem
from analysis.plan.works import Effect, Proposal


def path_works(
    problem: PlanProblem, links: Iterable[LinkProposal], gap_ids: Collection[str]
) -> tuple[Proposal, ...]:
    """Return the links that mend any of `gap_ids`, each once, whichever elements it is for."""
    by_id: dict[str, list[LinkProposal]] = {}
    for link in links:
        if set(link.gap_people) & set(gap_ids):
            by_id.setdefault(link.link_id, []).append(link)
    return tuple(_work(problem, by_id[one], gap_ids) for one in sorted(by_id))


def _work(problem: PlanProblem, links: list[LinkProposal], gap_ids: Collection[str]) -> Proposal:
    study, first = problem.study, links[0]
    line = shapely.LineString(first.line_m)
    middle = shapely.get_coordinates(line.interpolate(0.5, normalized=True))
    path_cost = study.inputs.standard.works.path_costs.get(
        "stair" if first.kind == "stairs" else first.kind
    )
    order = [one.id for one in study.inputs.standard.elements]
    helped = [(one, count) for link in links for one, count in link.gap_people.items()]
    return Proposal(
        work_id=f"path:{first.link_id}",
        kind="path",
        element_ids=tuple(sorted({one.element_id for one in links}, key=order.index)),
        site_id=first.link_id,
        place="",
        xy_m=(float(middle[0, 0]), float(middle[0, 1])),
        shape=line,
        circle=int(study.inputs.circles.locate(middle)[0]),
        cost=first.cost,
        edits=(first.path,),
        effects=tuple(_effects(first)),
        helped=sum(count for one, count in helped if one in gap_ids),
        helped_by=tuple(sorted({one for one, _ in helped if one in gap_ids})),
        needs_person=first.unseen,
        lead_time_months=None if path_cost is None else path_cost.lead_time_months,
    )


def _effects(link: LinkProposal) -> Iterator[Effect]:
    for gain in link.gains.values():
        if len(gain.points):
            yield Effect(
                element_id=gain.element_id,
                points=np.array(gain.points, dtype=np.int32),
                walk=np.array(gain.walk, dtype=np.float64),
            )

"""Remedies: what mends a gap of each kind beside new sites.

*missing*: a new site, chosen by :mod:`analysis.plan.choosing`, with the missing link told beside
it; *insufficient*: what is under construction, more room, one more; *poor*: the facility mended;
*inconvenient*: the missing link, found by :mod:`analysis.plan.links`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analysis.gaps.listing import Gap
from analysis.messages import Message, message
from analysis.plan.links import LinkProposal
from analysis.plan.path_works import path_works
from analysis.plan.problem import PlanProblem
from analysis.plan.scale_needs import Draws, ScaleNeed
from analysis.plan.scale_works import ScaleWorks
from analysis.plan.upgrades import upgrades
from analysis.plan.works import Proposal
from analysis.standard.profile import Element


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedies:
    """Works beside new sites, and what no work was found for."""

    works: tuple[Proposal, ...]
    left: tuple[Message, ...]


def remedies(
    problem: PlanProblem,
    wanted: Mapping[str, tuple[int, ...]],
    planned: Sequence[Proposal],
    links: Sequence[LinkProposal] = (),
) -> Remedies:
    """Return works for the gaps of `wanted` (element id → circles) that new sites do not close.

    `planned` are the works known so far: what they add is counted, and their sites are taken;
    `links` are the missing links that were found.
    """
    ids = problem.study.inputs.circles.circle_id
    site_of = {site_id: at for at, site_id in enumerate(problem.sites.site_id)}
    taken = {site_of[one.site_id] for one in planned if one.kind == "new"}
    works: list[Proposal] = []
    left: list[Message] = []
    for element in problem.elements:
        circles = {ids[one] for one in wanted.get(element.id, ())}
        gaps = [
            one
            for one in problem.study.gaps
            if one.element_id == element.id and one.circle_id in circles
        ]
        found, unmet = _more_room(problem, element, gaps, planned, taken)
        taken |= {site_of[one.site_id] for one in found if one.kind == "new"}
        left += unmet
        works += [*found, *upgrades(problem, element, _of_kind(gaps, "poor"))]
        mended = {gap_id for link in links for gap_id in link.gap_people}
        long_way = [one for one in _of_kind(gaps, "inconvenient") if one.gap_id not in mended]
        if long_way:
            left.append(
                message(
                    "plan.left_out.inconvenient",
                    element=element.name,
                    people=sum(one.people for one in long_way),
                    gaps=len(long_way),
                )
            )
    inconvenient = {one.gap_id for one in problem.study.gaps if one.kind == "inconvenient"}
    return Remedies(works=(*works, *path_works(problem, links, inconvenient)), left=tuple(left))


def _of_kind(gaps: Iterable[Gap], kind: str) -> list[Gap]:
    return [one for one in gaps if one.kind == kind]


def _more_room(
    problem: PlanProblem,
    element: Element,
    gaps: Sequence[Gap],
    planned: Sequence[Proposal],
    taken: set[int],
) -> tuple[tuple[Proposal, ...], list[Message]]:
    rule, ids = element.scale, problem.study.inputs.circles.circle_id
    short = [one for one in _of_kind(gaps, "insufficient") if (one.lacking or 0.0) > 0]
    if rule is None or not short:
        return (), []
    draws = Draws(problem, element, rule)
    needs = []
    for gap in short:
        circle = ids.index(gap.circle_id)
        needs.append(
            ScaleNeed(
                circle=circle,
                gap_id=gap.gap_id,
                lacking=gap.lacking or 0.0,
                needed=draws.needed(circle),
                people=gap.people,
            )
        )
    finder = ScaleWorks(problem, element, rule, needs, taken=taken)
    finder.count(planned)
    works = finder.works()
    return works, finder.left

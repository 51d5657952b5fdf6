"""New sites: what was chosen for a site as one work, with what it takes, costs and serves."""

from collections.abc import Iterable

import numpy as np

from analysis.messages import Spoken
from analysis.plan.builds import NO_COST, Build, Cost
from analysis.plan.choices import Choice
from analysis.plan.problem import PlanProblem
from analysis.plan.works import Effect, Proposal, Scale
from analysis.scenario.modifications import AddFacility
from analysis.standard.profile import Element
from analysis.standard.profile_rules import Span


def new_work(problem: PlanProblem, choice: Choice) -> Proposal:
    """Return the work of building all elements of `choice` on its site.

    Alone an element takes the smallest size that is worth building, beside others its part of a
    shared site, where it all fits.
    """
    standard, sites, site = problem.study.inputs.standard, problem.sites, choice.site
    elements = [standard.element(one) for one in choice.element_ids]
    builds = [problem.build(one, site, shared=len(elements) > 1) for one in elements]
    costs = [problem.cost(one, site, build) for one, build in zip(elements, builds, strict=True)]
    scores = [sites.score[one][site] for one in choice.element_ids if one in sites.score]
    known = [float(one) for one in scores if np.isfinite(one)]
    return Proposal(
        work_id=f"new:{sites.site_id[site]}:{'+'.join(choice.element_ids)}",
        kind="new",
        element_ids=choice.element_ids,
        site_id=sites.site_id[site],
        place=sites.name[site],
        site_kind=sites.kind[site],
        xy_m=(float(sites.xy_m[site, 0]), float(sites.xy_m[site, 1])),
        shape=sites.shapes[site],
        circle=int(sites.circle[site]),
        cost=total(costs),
        edits=tuple(
            added(problem, one, site, build) for one, build in zip(elements, builds, strict=True)
        ),
        builds=tuple(builds),
        scale=tuple(
            Scale(element_id=one.id, amount=build.amount, unit=one.scale.unit)
            for one, build in zip(elements, builds, strict=True)
            if one.scale is not None
        ),
        effects=effects_of(problem, choice.element_ids, site),
        needs_person=needs_person(problem, choice.element_ids),
        lead_time_months=longest(elements),
        score=float(np.mean(known)) if known else float("nan"),
    )


def effects_of(problem: PlanProblem, element_ids: Iterable[str], site: int) -> tuple[Effect, ...]:
    """Return whom a site lets reach what, by element served: the shorter walk of several."""
    found: dict[str, Effect] = {}
    for built in element_ids:
        for served in problem.served_by(built):
            reach = problem.reach(built, served)
            if reach is None:
                continue
            points, walk = reach.of_site(site)
            known = found.get(served)
            # Of two on the same place only the limits differ.
            if known is None or len(points) > len(known.points):
                found[served] = Effect(element_id=served, points=points.copy(), walk=walk.copy())
    return tuple(one for one in found.values() if len(one.points))


def added(problem: PlanProblem, element: Element, site: int, build: Build) -> AddFacility:
    """Return a new facility at a site, with what it offers in the column that is read for it."""
    sites, rule = problem.sites, element.scale
    attributes: dict[str, str] = {}
    if rule is not None and rule.capacity.columns and np.isfinite(build.amount):
        attributes[rule.capacity.columns[0]] = plain_amount(build.amount)
    return AddFacility(
        id=f"{sites.site_id[site]}:{element.id}",
        element_id=element.id,
        xy_m=(float(sites.xy_m[site, 0]), float(sites.xy_m[site, 1])),
        name=sites.name[site],
        area_m2=build.area_m2,
        attributes=attributes,
    )


def plain_amount(amount: float) -> str:
    """Return an amount as a column states it."""
    return f"{amount:.6f}".rstrip("0").rstrip(".")


def total(costs: Iterable[Cost]) -> Cost:
    """Return the sum of what is known; unknown where any part is."""
    whole = NO_COST
    for cost in costs:
        if not cost.known:
            return NO_COST
        whole = whole.plus(cost)
    return whole


def needs_person(problem: PlanProblem, element_ids: Iterable[str]) -> tuple[Spoken, ...]:
    """Return the rules of siting that only a person can check, each once."""
    found: dict[tuple[str, str], Spoken] = {}
    for one in element_ids:
        for rule in problem.sites.needs_person.get(one, ()):
            found.setdefault((rule.text("zh"), rule.text("en")), rule)
    return tuple(found.values())


def longest(elements: Iterable[Element]) -> Span | None:
    """Return the lead time of whatever takes longest; None where the standard says nothing."""
    spans = [one.siting.lead_time_months for one in elements]
    known = [one for one in spans if one is not None]
    return max(known, key=lambda one: (one.high, one.low)) if known else None

"""Scale works: more room where there is too little (insufficient): expand, or add.

For each circle the cheapest unit first: enlarging what its residents draw on, up to double, or one
more facility on a site that is left, as large as is lacking and as fits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.messages import Message, message
from analysis.plan.builds import Build, Cost, cost_of
from analysis.plan.new_sites import added, effects_of, longest, needs_person, plain_amount
from analysis.plan.problem import PlanProblem
from analysis.plan.scale_needs import Draws, ScaleNeed
from analysis.plan.works import Proposal, Scale
from analysis.scenario.modifications import ChangeFacility
from analysis.standard.figures import plain_number
from analysis.standard.profile import Element
from analysis.standard.rules import ScaleRule

_MOST_GROWTH: Final = 1.0  # an expansion adds at most as much as there is
_ENOUGH: Final = 1e-9  # of what is needed
_MOST_WORKS: Final = 20  # for one circle


@dataclass(frozen=True, slots=True, kw_only=True)
class _Option:
    """One way to get more: `row` of a facility, or a `site`; `share` is the circle's part of it."""

    amount: float
    share: float
    cost: Cost
    row: int = -1
    site: int = -1
    build: Build | None = None

    def price(self, lacking: float) -> tuple[bool, float, int, int]:
        useful = max(min(self.amount * self.share, lacking), _ENOUGH)
        if not self.cost.known:
            return True, -useful, self.site, self.row
        return False, self.cost.middle / useful, self.site, self.row


@dataclass(slots=True, kw_only=True)
class _Growth:
    """What one facility grows by so far, for whom."""

    before: float
    amount: float
    helped: float
    gaps: list[str]


class ScaleWorks:
    """Finds works for the scale of one element; `taken` sites are used already."""

    def __init__(
        self,
        problem: PlanProblem,
        element: Element,
        rule: ScaleRule,
        needs: Sequence[ScaleNeed],
        *,
        taken: Iterable[int],
    ) -> None:
        self.problem, self.element, self.rule, self.needs = problem, element, rule, needs
        self.draws = Draws(problem, element, rule)
        self._taken = set(taken)
        self._growth: dict[int, _Growth] = {}
        self._new: list[Proposal] = []
        self.left: list[Message] = []

    def count(self, proposals: Iterable[Proposal]) -> None:
        """Take off what works that are planned anyway will add."""
        site_of = {site_id: at for at, site_id in enumerate(self.problem.sites.site_id)}
        for one in proposals:
            for scale in one.scale:
                if scale.element_id != self.element.id or not np.isfinite(scale.amount):
                    continue
                for need in self.needs:
                    share = float(one.circle == need.circle)
                    if one.kind == "new":
                        share = self.draws.of_site(site_of[one.site_id], need.circle)
                    need.meet(scale.amount * share)

    def works(self) -> tuple[Proposal, ...]:
        """Return what mends the needs, as far as anything does; `left` says what stays lacking."""
        for need in sorted(self.needs, key=lambda one: (-one.lacking, one.circle)):
            for _ in range(_MOST_WORKS):
                if need.lacking <= _ENOUGH * need.needed:
                    break
                options = [*self._expansions(need), *self._additions(need)]
                if not options:
                    break
                self._take(min(options, key=lambda one: one.price(need.lacking)), need)
            if need.lacking > _ENOUGH * need.needed:
                self.left.append(self._lacks(need))
        return (*self._new, *(self._grown(row) for row in sorted(self._growth)))

    def _lacks(self, need: ScaleNeed) -> Message:
        circles = self.problem.study.inputs.circles
        return message(
            "plan.scale_left",
            element=self.element.name,
            circle=circles.name[need.circle] or circles.circle_id[need.circle],
            amount=plain_number(need.lacking, digits=3),
            unit=message(f"unit.{self.rule.unit}"),
        )

    def _expansions(self, need: ScaleNeed) -> Iterable[_Option]:
        if self.rule.capacity.each is not None or not self.rule.capacity.columns:
            return
        rows, amount, share = self.draws.of_facilities(need.circle)
        may = self.problem.sites.expandable
        for row, there, part in zip(rows.tolist(), amount.tolist(), share.tolist(), strict=True):
            if may is not None and row not in may.get(self.element.id, ()):
                continue
            grown = self._growth[row].amount if row in self._growth else 0.0
            room = there * _MOST_GROWTH - grown
            if not (np.isfinite(there) and part > 0 and room > _ENOUGH * need.needed):
                continue
            more = min(need.lacking / part, room)
            cost = cost_of(self.element, "expand", self._more(more))
            yield _Option(amount=more, share=part, cost=cost, row=row)

    def _additions(self, need: ScaleNeed) -> Iterable[_Option]:
        problem = self.problem
        for site in problem.sites.allowed_for(self.element.id).tolist():
            # Nobody knows what there is room for at a place whose size is unknown.
            if site in self._taken or not np.isfinite(problem.sites.room_m2[site]):
                continue
            share = self.draws.of_site(site, need.circle)
            build = problem.build(self.element, site)
            if share <= 0 or not (np.isfinite(build.amount) and build.amount > 0):
                continue
            largest = self._largest(build, site)
            wanted = build.larger(self.element, min(need.lacking / share, largest))
            cost = problem.cost(self.element, site, wanted)
            yield _Option(amount=wanted.amount, share=share, cost=cost, site=site, build=wanted)

    def _largest(self, build: Build, site: int) -> float:
        """Return what fits on a site; a shop or a stop is one, however large."""
        room = float(self.problem.sites.room_m2[site])
        if self.rule.capacity.each is not None or build.room_m2 <= 0 or not np.isfinite(room):
            return build.amount
        return build.amount * max(1.0, room / build.room_m2)

    def _more(self, amount: float) -> Build:
        """Return `amount` of the unit as something to be priced."""
        m2 = amount if self.rule.unit == "m2" else float("nan")
        if self.rule.unit != "m2" and self.rule.capacity.per_land_m2:
            m2 = amount / self.rule.capacity.per_land_m2
        return Build(element_id=self.element.id, floor_m2=m2, land_m2=m2, amount=amount)

    def _take(self, option: _Option, need: ScaleNeed) -> None:
        helped, gaps = 0.0, []
        for other in self.needs:
            share = option.share if other is need else self._share(option, other)
            if share > 0 and other.lacking > 0:
                helped += other.meet(option.amount * share)
                gaps.append(other.gap_id)
        if option.build is not None:
            self._taken.add(option.site)
            self._new.append(self._addition(option.site, option.build, option.cost, helped, gaps))
            return
        rows, amount, _ = self.draws.of_facilities(need.circle)
        before = float(amount[rows.tolist().index(option.row)])
        growth = self._growth.setdefault(
            option.row, _Growth(before=before, amount=0.0, helped=0.0, gaps=[])
        )
        growth.amount += option.amount
        growth.helped += helped
        growth.gaps += [one for one in gaps if one not in growth.gaps]

    def _share(self, option: _Option, need: ScaleNeed) -> float:
        if option.site >= 0:
            return self.draws.of_site(option.site, need.circle)
        rows, _, share = self.draws.of_facilities(need.circle)
        return float(share[rows.tolist().index(option.row)])

    def _addition(
        self, site: int, build: Build, cost: Cost, helped: float, gaps: list[str]
    ) -> Proposal:
        sites, element = self.problem.sites, self.element
        score = sites.score.get(element.id)
        return Proposal(
            work_id=f"new:{sites.site_id[site]}:{element.id}",
            kind="new",
            element_ids=(element.id,),
            site_id=sites.site_id[site],
            place=sites.name[site],
            site_kind=sites.kind[site],
            xy_m=(float(sites.xy_m[site, 0]), float(sites.xy_m[site, 1])),
            shape=sites.shapes[site],
            circle=int(sites.circle[site]),
            cost=cost,
            edits=(added(self.problem, element, site, build),),
            builds=(build,),
            scale=(Scale(element_id=element.id, amount=build.amount, unit=self.rule.unit),),
            effects=effects_of(self.problem, (element.id,), site),
            helped=helped,
            helped_by=tuple(gaps),
            needs_person=needs_person(self.problem, (element.id,)),
            lead_time_months=longest((element,)),
            score=float("nan") if score is None else float(score[site]),
        )

    def _grown(self, row: int) -> Proposal:
        facilities, growth = self.problem.study.inputs.facilities, self._growth[row]
        source_id, xy_m = facilities.source_id[row], facilities.xy_m[row]
        column = self.rule.capacity.columns[0]
        work_id = f"expand:{source_id}:{self.element.id}"
        return Proposal(
            work_id=work_id,
            kind="expand",
            element_ids=(self.element.id,),
            site_id=source_id,
            place=facilities.name[row] or source_id,
            xy_m=(float(xy_m[0]), float(xy_m[1])),
            shape=facilities.shapes[row] or shapely.Point(xy_m),
            circle=int(self.problem.study.inputs.circles.locate(xy_m[None, :])[0]),
            cost=cost_of(self.element, "expand", self._more(growth.amount)),
            edits=(
                ChangeFacility(
                    id=work_id,
                    element_id=self.element.id,
                    source_id=source_id,
                    attributes={column: plain_amount(growth.before + growth.amount)},
                ),
            ),
            scale=(Scale(element_id=self.element.id, amount=growth.amount, unit=self.rule.unit),),
            helped=growth.helped,
            helped_by=tuple(growth.gaps),
        )

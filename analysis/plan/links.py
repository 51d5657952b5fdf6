"""Links: the missing piece of a way that would close a gap (修路还是建设施).

For each gap that a walk makes, candidates of all kinds are valued at once
(:mod:`analysis.plan.link_screening`); the most promising ones are put into the streets and the
whole reach table is measured again, so that what a proposal claims is what a scenario with it
shows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from analysis.gaps.listing import Gap
from analysis.messages import Clauses, Message, Spoken, message
from analysis.plan.builds import Cost
from analysis.plan.crossed import LinkGround, LinkKind
from analysis.plan.link_aims import Aim, aims_of
from analysis.plan.link_candidates import LinkCandidates, link_candidates
from analysis.plan.link_parameters import LinkParameters
from analysis.plan.link_proposal import Gains, LinkGain, LinkProposal
from analysis.plan.link_screening import LinkScreening, screened
from analysis.plan.link_words import cost_text, link_cost, link_name, within_text
from analysis.scenario.evaluation import WhatIf
from analysis.scenario.modifications import XY, AddPath
from analysis.scenario.scenario import Scenario
from analysis.study import Study
from analysis.units import FloatArray, GeometryArray

__all__ = ["LinkGain", "LinkParameters", "LinkProposal", "find_links"]


def find_links(
    study: Study,
    what_if: WhatIf,
    gaps: Sequence[Gap],
    parameters: LinkParameters | None = None,
    *,
    footprints: GeometryArray | None = None,
) -> tuple[LinkProposal, ...]:
    """Return the missing links that serve `gaps` best, by whom they help most.

    For each missing or inconvenient gap the link that helps most of its people, or the cheapest of
    those that help nearly as many; one link may be the answer to several gaps. Gaps that no link
    helps have none. Each element is looked at for itself.

    Parameters
    ----------
    study, what_if
        The baseline, and what answers for scenarios on it.
    footprints
        Outlines of all buildings, metres; no link runs through one. Without them links keep clear
        of the middles of homes and of the outlines that the inputs hold, and say so.
    """
    search = _Search(study, what_if, parameters or LinkParameters(), footprints, Gains(study))
    found = [one for aim in aims_of(study, gaps) for one in search.proposals(aim)]
    return tuple(sorted(found, key=lambda one: (-one.people, one.element_id, one.link_id)))


@dataclass(frozen=True, slots=True, eq=False)
class _Tried:
    """One link of the candidates and what the scenario with it shows.

    `helped` float64 [g]: residents of each gap of the aim.
    """

    row: int
    helped: FloatArray
    cost: Cost
    gains: Mapping[str, LinkGain]


@dataclass(slots=True)
class _Search:
    study: Study
    what_if: WhatIf
    parameters: LinkParameters
    footprints: GeometryArray | None
    gains: Gains
    _grounds: dict[int, LinkGround] = field(default_factory=dict)

    def proposals(self, aim: Aim) -> list[LinkProposal]:
        """Return the links chosen for the gaps of one aim."""
        ground = self._ground(aim)
        candidates = link_candidates(self.study, aim, ground, self.parameters)
        promise = screened(self.study, aim, candidates)
        tried = [self._try(aim, candidates, row) for row in self._shortlist(promise)]
        chosen = self._choose(tried, len(aim.gaps))
        return [self._proposal(aim, candidates, ground, *one) for one in chosen]

    def _ground(self, aim: Aim) -> LinkGround:
        barred = int(aim.walks.profile.barred)
        if barred not in self._grounds:
            self._grounds[barred] = LinkGround(
                self.study.inputs, aim.walks.profile, self.parameters, self.footprints
            )
        return self._grounds[barred]

    def _shortlist(self, promise: LinkScreening) -> list[int]:
        """Return the links to be worked out: of each gap the best, and the cheapest nearly so."""
        links = range(len(promise.candidates))
        costs = np.array([self._cost(promise.candidates, row).middle for row in links])
        costs = np.where(np.isfinite(costs), costs, promise.candidates.length_m)
        rows: set[int] = set()
        for people in promise.people:
            best = float(people.max(initial=0.0))
            if best < max(self.parameters.min_people, np.finfo(float).tiny):
                continue
            near = np.flatnonzero(people >= self.parameters.nearly * best)
            by_cost = near[np.lexsort((near, -people[near], costs[near]))]
            by_people = near[np.lexsort((near, costs[near], -people[near]))]
            rows |= {int(by_people[0]), *by_cost[: self.parameters.tried - 1].tolist()}
        return sorted(rows)

    def _cost(self, candidates: LinkCandidates, row: int) -> Cost:
        return link_cost(
            self.study.inputs.standard,
            candidates.kind(row),
            float(candidates.length_m[row]),
            int(candidates.crossed.walls[row]),
        )

    def _try(self, aim: Aim, candidates: LinkCandidates, row: int) -> _Tried:
        path = AddPath(
            id="link",
            line_m=candidates.line_m(row),
            kind=candidates.kind(row),
        )
        reach = self.what_if.reach(Scenario(title="", modifications=(path,))).reach
        helped = aim.helped(self.study, reach)
        residents = np.where(helped, self.study.inputs.demand.people[aim.point], 0.0)
        by_gap = np.bincount(aim.gap, residents, len(aim.gaps)).astype(np.float64)
        return _Tried(row, by_gap, self._cost(candidates, row), self.gains.of(reach))

    def _choose(self, tried: list[_Tried], n_gaps: int) -> list[tuple[_Tried, list[int]]]:
        """Return the chosen links with the gaps that each is chosen for.

        The gap that can be helped most comes first; others take a link that is chosen already where
        it is nearly as good for them.
        """
        best = np.array([one.helped for one in tried]).reshape(-1, n_gaps).max(axis=0, initial=0.0)
        chosen: dict[int, list[int]] = {}
        for gap in np.lexsort((np.arange(n_gaps), -best)).tolist():
            if best[gap] <= 0 or best[gap] < self.parameters.min_people:
                continue
            good = [
                at for at, one in enumerate(tried)
                if one.helped[gap] >= self.parameters.nearly * best[gap]
            ]  # fmt: skip
            at = min(good, key=lambda one: (one not in chosen, *_order(tried[one], gap)))
            chosen.setdefault(at, []).append(gap)
        return [(tried[at], sorted(gaps)) for at, gaps in sorted(chosen.items())]

    def _proposal(
        self,
        aim: Aim,
        candidates: LinkCandidates,
        ground: LinkGround,
        tried: _Tried,
        gaps: list[int],
    ) -> LinkProposal:
        inputs, row = self.study.inputs, tried.row
        kind = candidates.kind(row)
        line_m, length_m = candidates.line_m(row), float(candidates.length_m[row])
        barred_by = candidates.crossed.barred_by[row]
        name = link_name(inputs, kind, shapely.LineString(line_m), barred_by, length_m)
        gap_people = {aim.gaps[one].gap_id: float(tried.helped[one]) for one in gaps}
        return LinkProposal(
            link_id=_link_id(kind, line_m),
            kind=kind,
            line_m=line_m,
            length_m=length_m,
            barred_by=barred_by,
            walls=int(candidates.crossed.walls[row]),
            cost=tried.cost,
            element_id=aim.element.id,
            gap_people=gap_people,
            gains=tried.gains,
            name=name,
            text=_text(self.study, aim, name, tried, sum(gap_people.values())),
            unseen=tuple(_unseen(kind, ground)),
        )


def _order(tried: _Tried, gap: int) -> tuple[float, float, int]:
    cost = tried.cost.middle if tried.cost.known else np.inf
    return cost, -float(tried.helped[gap]), tried.row


def _link_id(kind: LinkKind, line_m: tuple[XY, XY]) -> str:
    """Return a name that says where a link is, to the decimetre."""
    ends = "/".join(f"{x:.1f},{y:.1f}" for x, y in line_m)
    return f"{kind}/{ends}"


def _text(study: Study, aim: Aim, name: Message, tried: _Tried, people: float) -> Spoken:
    element = aim.element
    key = "link.serves" if aim.from_limit else "link.straightens"
    clauses = [
        message(
            key, link=name, people=people, within=within_text(study.reach, element),
            element=element.name, cost=cost_text(tried.cost),
        )
    ]  # fmt: skip
    others = [
        one for one in tried.gains.values() if one.element_id != element.id and one.people > 0
    ]
    if others:
        clauses.append(
            message("link.also", elements=len(others), people=sum(one.people for one in others))
        )
    return Clauses(tuple(clauses))


def _unseen(kind: LinkKind, ground: LinkGround) -> Iterable[Message]:
    if not ground.footprints_known and kind != "crossing":
        yield message("link.unseen.buildings")
    if not ground.heights_known and kind in ("path", "gate"):
        yield message("link.unseen.heights")
    if kind == "gate":
        yield message("link.unseen.owners")

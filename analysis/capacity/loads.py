"""Loads: who draws on which facility of an element, and how much of it is used."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from analysis.capacity.amounts import Amounts, amounts
from analysis.capacity.assignment import Assignment, assign
from analysis.capacity.co_users import CoUsers, co_users
from analysis.capacity.floating_catchment import EVEN, ZoneDecay, floating_catchment
from analysis.capacity.supply import Supply, supply_of
from analysis.capacity.within_reach import Serving, WithinReach, within_reach
from analysis.linking.linkage import joined_links
from analysis.places.demand import Demand
from analysis.places.facilities import Facilities
from analysis.reach.serving import facility_limits
from analysis.reach.study_walks import StudyWalks
from analysis.standard.profile import Element, ServiceStandard
from analysis.units import BoolArray, FloatArray, freeze

BY_GROUND: Final = ("area", "residential_land")
Score = Literal["2sfca", "e2sfca"]
MIN_KNOWN: Final = 0.5  # with fewer sizes known, loads would tell more of the gaps than of the town


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Load:
    """One element's facilities and those who draw on them.

    Attributes
    ----------
    supply
        What each facility offers.
    reach
        Demand points of the circles and the facilities within their walk, by position in `supply`.
    amounts
        The basis of the norm by point; None where it belongs to no point.
    wanted
        What each point asks for in the unit of capacity: the norm times the basis, float64 [p].
    assignment
        Who of the circles is served where, with co-users beyond them served likewise; None where
        too few capacities are known or the norm is by ground.
    scores
        Supply that falls to one unit of the basis by 2SFCA and E2SFCA, float64 [p] each, in the
        unit of capacity; empty where there is no assignment.
    guessed
        Facilities of unknown size that were given the median of the known ones, bool [f].
    co_users
        Residents beyond all circles who share these facilities; nobody where the norm is by ground.
    """

    supply: Supply
    reach: WithinReach
    amounts: Amounts | None
    wanted: FloatArray
    assignment: Assignment | None
    scores: Mapping[Score, FloatArray]
    guessed: BoolArray
    co_users: CoUsers

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self.wanted)
        freeze(self.guessed)

    @property
    def is_shared(self) -> bool:
        """Return whether facilities are drawn on by people, not owned by the ground."""
        return self.amounts is not None and self.amounts.basis not in BY_GROUND

    @property
    def estimated(self) -> bool:
        """Return whether demand or capacity rests on anything that nobody stated."""
        amounts_estimated = self.amounts is not None and self.amounts.estimated
        sizes_estimated = bool(self.guessed.any() or self.supply.estimated.any())
        return amounts_estimated or self.co_users.estimated or sizes_estimated


def measure_loads(
    *,
    standard: ServiceStandard,
    demand: Demand,
    beyond: Demand,
    facilities: Facilities,
    counting: BoolArray,
    walks: StudyWalks,
) -> Mapping[str, Load]:
    """Return the load of every element judged by `walks` that has a norm of scale, by element id.

    `counting` bool [k] are the facilities that count; `beyond` is the demand beyond all circles
    that may share them. All pairs are found in one pass.
    """
    elements = [one for one in walks.judged(standard) if one.scale is not None]
    rows = [facilities.of_element(one.id) for one in elements]
    rows = [one[counting[one]] for one in rows]
    asked = [
        Serving(
            facility=own,
            limit=facility_limits(element, facilities, own, walks.profile, walks.criterion),
        )
        for element, own in zip(elements, rows, strict=True)
    ]
    pairs = within_reach(
        walks.graph, joined_links((walks.points, walks.beyond)), walks.entrances,
        entrance_first=facilities.entrance_first, asked=asked, hierarchy=walks.hierarchy,
    )  # fmt: skip
    return {
        element.id: _load(element, standard, (demand, beyond), facilities, reach)
        for element, reach in zip(elements, pairs, strict=True)
    }


def _load(
    element: Element,
    standard: ServiceStandard,
    demand: tuple[Demand, Demand],
    facilities: Facilities,
    reach: WithinReach,
) -> Load:
    """Return one load; `demand` is that of the circles and that beyond, `reach` holds both."""
    rule = element.scale
    assert rule is not None  # noqa: S101 - measure_loads asks for no other
    supply = supply_of(rule.capacity, facilities, reach.facility)
    inside, beyond = demand
    basis = amounts(inside, standard.cohorts, rule.basis)
    nobody = np.zeros(len(inside))
    wanted = nobody if basis is None else basis.of_point * (rule.norm.value / rule.per)
    sharing = CoUsers.none(len(reach.facility))
    if basis is not None and rule.basis not in BY_GROUND:
        theirs = amounts(beyond, standard.cohorts, rule.basis, like=inside)
        sharing = co_users(reach, basis, theirs)
    own = np.arange(len(inside), dtype=np.int32)
    ours = reach.of_points(own)
    known = supply.known
    enough = known.any() and np.count_nonzero(known) >= MIN_KNOWN * len(known)
    if basis is None or rule.basis in BY_GROUND or not enough:
        return Load(
            supply=supply, reach=ours, amounts=basis, wanted=wanted, assignment=None, scores={},
            guessed=np.zeros(len(known), dtype=bool), co_users=sharing,
        )  # fmt: skip
    capacity = np.where(known, supply.amount, np.median(supply.amount[known]))
    everybody = reach.of_points(np.concatenate([own, len(inside) + sharing.point]))
    asked = np.concatenate([wanted, sharing.amount * (rule.norm.value / rule.per)])
    people = np.concatenate([basis.of_point, sharing.amount])
    return Load(
        supply=supply,
        reach=ours,
        amounts=basis,
        wanted=wanted,
        assignment=assign(everybody, asked, capacity).of_first(len(inside)),
        scores={
            name: floating_catchment(everybody, people, capacity, decay).score[: len(inside)]
            for name, decay in _decays(standard).items()
        },
        guessed=~known,
        co_users=sharing,
    )


def _decays(standard: ServiceStandard) -> Mapping[Score, ZoneDecay]:
    """Return the weights of both scores; E2SFCA only where the standard sets zones."""
    zones = standard.two_step_zones
    if zones is None:
        return {"2sfca": EVEN}
    return {"2sfca": EVEN, "e2sfca": ZoneDecay(upto_share=zones.until_share, weight=zones.weight)}

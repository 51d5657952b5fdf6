"""LinkAims: what a missing link is to do: who wants to come how near to an element.

A walk is counted in the measure that decides. It costs d to the link, then the link, then the rest
from its far end; somebody is helped where the sum is at most `need`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from analysis.gaps.kinds import inconvenient
from analysis.gaps.listing import Gap
from analysis.linking.linkage import Linkage, picked_links
from analysis.reach.serving import Criterion, RuleSearch, rule_searches
from analysis.reach.study_walks import StudyWalks, facility_of_entrance
from analysis.reach.table import Reach
from analysis.standard.profile import Element
from analysis.study import Study
from analysis.units import BoolArray, FloatArray, IntArray, freeze
from analysis.walks.hierarchy import Hierarchy, hierarchy_of
from analysis.walks.travel_time import TargetGroup, walk_to_nearest
from analysis.walks.walk_costs import walk_costs
from analysis.walks.walk_graph import walk_graph

AimedKind = Literal["missing", "inconvenient"]
AIMED_KINDS: Final[tuple[AimedKind, ...]] = ("missing", "inconvenient")
_STRICTLY: Final = 1e-6  # who walks exactly so far is still inconvenienced


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Aim:
    """Gaps of one element and of one kind, and what would close them.

    `point` int32 [k]: rows in the demand, `gap` int32 [k]: position in `gaps`, `need` float64 [k].
    `from_limit`: whether the rest of a walk is counted from what its rule allows (it is then
    negative where there is something to spare), or from nothing.
    """

    element: Element
    gaps: tuple[Gap, ...]
    walks: StudyWalks
    hierarchy: Hierarchy
    criterion: Criterion
    point: IntArray
    gap: IntArray
    need: FloatArray
    from_limit: bool

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.point, self.gap, self.need):
            freeze(array)

    @property
    def homes(self) -> Linkage:
        """Return where those concerned are linked, in the order of `point`."""
        return picked_links(self.walks.points, self.point)

    def rest(self, study: Study, points: Linkage) -> FloatArray:
        """Return what is left to walk from `points` to the element, float64 [s].

        The nearest facility of every rule, less what the rule allows under `from_limit`; inf
        beyond the search.
        """
        searches = self._searches(study)
        rank = facility_of_entrance(study.inputs.facilities)
        found = walk_to_nearest(
            self.hierarchy.graph, points, self.walks.entrances, target_rank=rank,
            groups=[TargetGroup(chosen=one.serving[rank], limit=one.search) for one in searches],
            hierarchy=self.hierarchy,
        ).cost  # fmt: skip
        limits = np.array([one.limit for one in searches])
        least: FloatArray = (found - limits if self.from_limit else found).min(
            axis=1, initial=np.inf
        )
        return least

    def reaching(self, study: Study) -> float:
        """Return how far somebody may walk at most and be helped."""
        limits = [one.limit for one in self._searches(study)]
        most = max(limits, default=0.0) if self.from_limit else 0.0
        return float(self.need.max(initial=0.0)) + most

    def helped(self, study: Study, reach: Reach) -> BoolArray:
        """Return who of `point` has the gap no more where people reach what `reach` says."""
        covered: BoolArray = reach.covered[self.point, reach.column(self.element.id)]
        if self.from_limit:
            return covered
        again = inconvenient(replace(study.measured, reach=reach), self.element)
        return covered & ~again.chosen[self.point]

    def _searches(self, study: Study) -> list[RuleSearch]:
        searches = rule_searches(
            study.inputs.standard, study.inputs.facilities, self.walks.profile, self.criterion,
            [self.element],
        )  # fmt: skip
        return [one for one in searches if one.counts]


def aims_of(study: Study, gaps: Sequence[Gap]) -> tuple[Aim, ...]:
    """Return what links are to do for `gaps`, by element in the standard's order, then by kind.

    Gaps that are insufficient or poor are none of a link's business and are left out.
    """
    aims = []
    for element in study.inputs.standard.walked:
        for kind in AIMED_KINDS:
            own = [one for one in gaps if one.element_id == element.id and one.kind == kind]
            if own:
                aims.append(_aim(study, element, kind, sorted(own, key=lambda gap: gap.gap_id)))
    return tuple(aims)


def _aim(study: Study, element: Element, kind: AimedKind, gaps: Sequence[Gap]) -> Aim:
    walks = study.measured.other_walks.get(element.id, study.walks)
    point = np.concatenate([one.points for one in gaps]).astype(np.int32)
    if kind == "missing":
        hierarchy, criterion, need = walks.hierarchy, walks.criterion, np.zeros(len(point))
    else:  # a detour is one of metres, whatever decides
        hierarchy, criterion = _in_metres(walks), "metres"
        need = _need_m(study, element, point)
    return Aim(
        element=element,
        gaps=tuple(gaps),
        walks=walks,
        hierarchy=hierarchy,
        criterion=criterion,
        point=point,
        gap=np.repeat(np.arange(len(gaps)), [len(one.points) for one in gaps]).astype(np.int32),
        need=need,
        from_limit=kind == "missing",
    )


def _need_m(study: Study, element: Element, point: IntArray) -> FloatArray:
    """Return the walk at which going to the nearest is no detour any more."""
    rules = study.measured.standard.gap_rules
    straight_m = inconvenient(study.measured, element).straight_m[point]
    least_m = np.maximum(rules.detour.value * straight_m, straight_m + rules.longer_by_m.value)
    need_m: FloatArray = least_m - _STRICTLY
    return need_m


def _in_metres(walks: StudyWalks) -> Hierarchy:
    if walks.graph.costs.measure == "metres":
        return walks.hierarchy
    network = walks.graph.network
    return hierarchy_of(walk_graph(network, walk_costs(network, walks.profile, "metres")))

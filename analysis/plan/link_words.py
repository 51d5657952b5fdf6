"""Link words: what a missing link is called, what it costs, and whom it helps, in sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import shapely

from analysis.messages import Language, Message, Name, Spoken, message
from analysis.plan.builds import NO_COST, Cost
from analysis.plan.crossed import ARTERIAL_KINDS, LinkKind
from analysis.reach.table import Reach
from analysis.standard.profile import Element, ServiceStandard
from analysis.standard.siting_rules import PathCost, PathWork
from analysis.study import StudyInputs

_WORK: Final[Mapping[LinkKind, PathWork]] = {
    "gate": "gate", "crossing": "crossing", "path": "path", "footbridge": "footbridge",
    "stairs": "stair", "lift": "lift",
}  # fmt: skip
_NEAR_M: Final = 1.0
_WAN: Final = 10_000.0
_FINE: Final = 10.0  # below so many 万元 tenths are told
_THOUSAND: Final = 1000


@dataclass(frozen=True, slots=True)
class YuanRange:
    """A range of costs as people say it."""

    low: float
    high: float

    def text(self, language: Language) -> str:
        """Return the range: 8–15 万元, or 80,000–150,000 yuan."""
        if language == "zh":
            low, high = _wan(self.low), _wan(self.high)
            return f"{low} 万元" if low == high else f"{low}–{high} 万元"
        low, high = _rounded(self.low), _rounded(self.high)
        return f"{low} yuan" if low == high else f"{low}–{high} yuan"


def _wan(yuan: float) -> str:
    wan = yuan / _WAN
    return f"{wan:,.0f}" if wan >= _FINE else f"{round(wan, 1):g}"


def _rounded(yuan: float) -> str:
    """Return an amount to a thousand yuan, as finely as 0.1 万元; small ones to the yuan."""
    return f"{yuan:,.0f}" if yuan < _THOUSAND else f"{round(yuan / _THOUSAND) * _THOUSAND:,.0f}"


def link_cost(standard: ServiceStandard, kind: LinkKind, length_m: float, walls: int) -> Cost:
    """Return what a link costs by the path costs of the standard.

    A gate is paid for each wall that is opened, with the metres of path through it; what is stated
    for a metre by its length, all else once.
    """
    costs = standard.works.path_costs
    own = costs.get(_WORK[kind])
    if own is None:
        return NO_COST
    if kind != "gate":
        return _times(own, length_m)
    gates = _times(own, length_m, max(walls, 1))
    return gates.plus(_times(costs["path"], length_m)) if "path" in costs else gates


def _times(cost: PathCost, length_m: float, number: int = 1) -> Cost:
    unit = cost.cost
    quantity = length_m if unit.per == "m" else float(number)
    return Cost(
        low=unit.low * quantity,
        high=unit.high * quantity,
        source="planner" if unit.confidence == "planner" else "default",
        confidence=unit.confidence,
        says=(unit.source,),
    )


def link_name(
    inputs: StudyInputs, kind: LinkKind, line: shapely.LineString, barred_by: str, length_m: float
) -> Message:
    """Return what is built where, such as a gate in the wall of a compound."""
    if kind == "footbridge":
        barrier = message(f"link.over.{barred_by}")
        return message("link.footbridge", barrier=barrier, length=length_m)
    if kind == "gate":
        hit = shapely.intersects(inputs.barriers.compounds, line).nonzero()[0].tolist()
        names = sorted({inputs.barriers.name_of(one) for one in hit} - {""})
        named = "link.gate.named" if names else "link.gate"
        return message(named, name=names[0] if names else "", length=length_m)
    if kind == "crossing":
        return message("link.crossing", road=_road(inputs, line), length=length_m)
    return message(f"link.{kind}", length=length_m)


def _road(inputs: StudyInputs, line: shapely.LineString) -> Spoken:
    """Return the name of the road that is crossed, or that it is an arterial one."""
    if (roads := inputs.dividers) is not None:
        near = shapely.dwithin(roads.lines, line, _NEAR_M).nonzero()[0].tolist()
        arterial = [one for one in near if roads.kinds[roads.kind[one]].id in ARTERIAL_KINDS]
        names = sorted({roads.names[one] for one in arterial} - {""})
        if names:
            return Name(names[0], names[0])
    return message("link.arterial")


def cost_text(cost: Cost) -> Spoken:
    """Return a cost in words, with where it comes from."""
    if not cost.known:
        return message("link.cost.unknown")
    key = "link.cost.planner" if cost.source == "planner" else "link.cost.default"
    return message(key, cost=YuanRange(cost.low, cost.high))


def within_text(reach: Reach, element: Element) -> Message:
    """Return the walk that decides, in its own measure."""
    column = reach.column(element.id)
    if reach.criterion == "metres":
        return message("link.within.metres", metres=float(reach.threshold_m[column]))
    return message("link.within.minutes", minutes=float(reach.threshold_s[column]) / 60.0)

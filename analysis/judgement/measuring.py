"""Everything that is measured of a place before it is judged, each element by its own walks."""

from collections.abc import Mapping

from analysis.capacity.loads import Load, measure_loads
from analysis.judgement.coverage import Measured
from analysis.places.circles import Circles
from analysis.places.demand import Demand
from analysis.places.evidence import Evidence
from analysis.places.facilities import Facilities
from analysis.reach.element_walks import ElementWalks, routes_by_element
from analysis.reach.table import Reach, counted
from analysis.standard.profile import ServiceStandard
from analysis.streets.network import WalkNetwork
from analysis.units import BoolArray


def measure(
    *,
    standard: ServiceStandard,
    circles: Circles,
    demand: Demand,
    beyond: Demand,
    facilities: Facilities,
    evidence: Evidence,
    network: WalkNetwork,
    walks: ElementWalks,
    reach: Reach,
) -> Measured:
    """Measure loads and routes beside `reach`, and put together what is judged.

    `beyond` is the demand beyond all circles, which shares facilities.
    """
    counting = counted(facilities, standard)
    return Measured(
        standard=standard,
        circles=circles,
        demand=demand,
        facilities=facilities,
        counting=counting,
        points=walks.own.walks.points,
        reach=reach,
        evidence=evidence,
        network=network,
        routes=routes_by_element(
            walks, standard=standard, facilities=facilities, counting=counting
        ),
        loads=_loads(walks, standard, (demand, beyond), facilities, counting),
        other_walks={
            one.id: other.walks for other in walks.others for one in other.walks.judged(standard)
        },
    )


def _loads(
    walks: ElementWalks,
    standard: ServiceStandard,
    demand: tuple[Demand, Demand],
    facilities: Facilities,
    counting: BoolArray,
) -> Mapping[str, Load]:
    found: dict[str, Load] = {}
    for one in walks.parts:
        found |= measure_loads(
            standard=standard, demand=demand[0], beyond=demand[1], facilities=facilities,
            counting=counting, walks=one.walks,
        )  # fmt: skip
    return {one.id: found[one.id] for one in standard.walked if one.id in found}

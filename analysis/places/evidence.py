"""Evidence: what the inputs can tell, so that thin data is never called a gap."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.messages import Message, message
from analysis.places.mapped_lanes import MappedLanes
from analysis.standard.profile import Element, ServiceStandard


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What an extract and the planner's tables hold.

    Attributes
    ----------
    services
        Tagged service objects of any kind inside the area read, a count.
    table_elements
        Elements that a planner's table lists; for them an absence is a fact.
    residents
        People in the study, for the density of services; 0 where unknown.
    unlocated
        Element → rows of tables that could not be placed: they exist somewhere.
    lanes
        Element → the streets that the map's tags name as its lanes.
    """

    services: int
    table_elements: frozenset[str]
    residents: float
    unlocated: Mapping[str, int] = field(default_factory=dict)
    lanes: Mapping[str, MappedLanes] = field(default_factory=dict)

    def streets_only(self, standard: ServiceStandard) -> bool:
        """Return whether the extract is a street network without services."""
        return self.services < standard.evidence.min_services

    def thin(self, standard: ServiceStandard) -> bool:
        """Return whether the extract holds too few services for an absence to mean anything."""
        if self.streets_only(standard):
            return True
        per_1000 = 1000.0 * self.services / self.residents if self.residents > 0 else float("inf")
        return per_1000 < standard.evidence.min_services_per_1000

    def poorly_mapped(self, element: Element, standard: ServiceStandard) -> bool:
        """Return whether OSM is expected to hold few of an element that no table lists."""
        poor = element.osm.expected_completeness in standard.evidence.untold_completeness
        return poor and element.id not in self.table_elements


def too_thin(
    element: Element, standard: ServiceStandard, evidence: Evidence, share: float
) -> Message | None:
    """Return why a coverage below its target proves nothing; None where it does.

    Asked where some facilities are known. In a streets-only or thin extract they are those that
    somebody happened to map, so `share` (0…1) is only the least that is covered.
    """
    if element.id in evidence.table_elements or not evidence.thin(standard):
        return None
    return message("verdict.at_least", services=evidence.services, share=share)


def untold(element: Element, standard: ServiceStandard, evidence: Evidence) -> Message | None:
    """Return why the absence of `element` cannot be judged; None where it is a gap.

    Asked only where no facility that counts is known anywhere in the area read. A planner's table
    that lists the element settles it; otherwise the profile's ``evidence`` section decides (see
    :class:`~analysis.standard.profile.EvidenceRule`).
    """
    if evidence.unlocated.get(element.id, 0) > 0:
        return message("verdict.unlocated", count=evidence.unlocated[element.id])
    if element.id in evidence.table_elements:
        return None
    if evidence.streets_only(standard):
        return message("verdict.no_data_streets_only", services=evidence.services)
    if element.osm.expected_completeness in standard.evidence.untold_completeness:
        level = message(f"completeness.{element.osm.expected_completeness}")
        return message("verdict.no_data_completeness", level=level)
    if evidence.thin(standard):
        return message("verdict.no_data_thin", services=evidence.services)
    return None

"""What an extract holds, and what an analysis can and cannot say from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import shapely

from analysis.errors import InvalidNetworkError
from analysis.messages import Joined, Message, message
from analysis.notices import Notice
from analysis.places.evidence import Evidence, untold
from analysis.places.facilities import Facilities, build_facilities
from analysis.sources.extent import StudyArea, placed
from analysis.sources.files.circles import extent_circle
from analysis.sources.files.placed_circles import crs_of
from analysis.sources.osm.complete_area import complete_area
from analysis.sources.osm.data import OsmData
from analysis.sources.people.buildings import read_buildings, read_residential_land
from analysis.sources.services.mapped import read_osm_facilities
from analysis.sources.streets.access_table import access_rules
from analysis.sources.streets.network import read_network
from analysis.standard.profile import Element, ServiceStandard
from analysis.streets.network import WalkNetwork
from analysis.units import M2_PER_KM2
from analysis.walking import ArcFlag

_WHOLE_SHARE: Final = 0.9  # a network whose largest part holds less is in pieces
_MANY_LEVELS: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementCount:
    """How many facilities of one element an extract holds; `told` is None where absence counts.

    Otherwise `told` says why seeing none proves nothing.
    """

    element: Element
    certain: int
    ambiguous: int
    told: Message | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What an extract holds.

    Attributes
    ----------
    extent, extent_from
        (west, south, east, north) in degrees and where that is from.
    area_km2, inner_km2
        Area that the extract fills (see :func:`~analysis.sources.osm.complete_area.complete_area`),
        and of the part farther from its edge than the largest threshold:
        only there no verdict can be touched by missing data.
    data_date
        ISO date; empty where unknown.
    objects
        Nodes, ways and assembled relations by kind.
    street_km
        Walkable street by class, longest first; empty where nothing can be walked.
    private_km, components, largest_share
        Street inside compounds, number of connected components, share of the largest (nan
        without streets).
    elements
        Counts by element, in the standard's order.
    services
        Tagged services of any kind.
    streets_only
        Whether the extract is a street network without services.
    buildings, buildings_with_levels, residential_land_km2
        Residential buildings, those with mapped storeys, and residential land.
    can, cannot
        What an analysis can and cannot say from this extract alone.
    notices
        How many things reading dropped, repaired or inferred, by code.
    """

    extent: tuple[float, float, float, float]
    extent_from: str
    area_km2: float
    inner_km2: float
    data_date: str
    objects: Mapping[str, int]
    street_km: Mapping[str, float]
    private_km: float
    components: int
    largest_share: float
    elements: tuple[ElementCount, ...]
    services: int
    streets_only: bool
    buildings: int
    buildings_with_levels: int
    residential_land_km2: float
    can: tuple[Message, ...]
    cannot: tuple[Message, ...]
    notices: Mapping[str, int] = field(default_factory=dict)


def inspect_extract(data: OsmData, standard: ServiceStandard) -> Inspection:
    """Return what `data` holds, looked at with the eyes of `standard`."""
    area, area_notices = _whole_area(data)
    found = _services(data, area, standard)
    homes = read_buildings(data, area)
    land, land_notices = read_residential_land(data, area)
    evidence = Evidence(services=found.services, table_elements=frozenset(), residents=0.0)
    inner = shapely.buffer(area.data, -standard.max_threshold_m)
    notices = (*data.notices, *area_notices, *found.notices, *homes.notices, *land_notices)
    network = found.network
    lengths_m = np.zeros(1) if network is None else network.component_length_m()
    inspection = Inspection(
        extent=data.extent,
        extent_from=data.extent_from,
        area_km2=float(shapely.area(area.data)) / M2_PER_KM2,
        inner_km2=float(shapely.area(inner)) / M2_PER_KM2,
        data_date=data.data_date,
        objects={
            "nodes": len(data.node_id),
            "tagged_nodes": len(data.tagged_node),
            "ways": len(data.way_id),
            "relations": len(data.relation_id),
        },
        street_km={} if network is None else _street_km(network),
        private_km=0.0 if network is None else _flagged_km(network, ArcFlag.PRIVATE),
        components=0 if network is None else network.n_components,
        largest_share=float(lengths_m[0] / lengths_m.sum()) if lengths_m.sum() > 0 else np.nan,
        elements=_elements(standard, found.facilities, evidence),
        services=found.services,
        streets_only=evidence.streets_only(standard),
        buildings=len(homes),
        buildings_with_levels=int((~homes.levels_estimated).sum()),
        residential_land_km2=float(shapely.area(land).sum()) / M2_PER_KM2,
        can=(),
        cannot=(),
        notices=_notice_counts(notices),
    )
    can, cannot = _judgement(inspection, standard)
    partial = tuple(one.text for one in area_notices)
    return replace(inspection, can=can, cannot=(*cannot, *partial))


@dataclass(frozen=True, slots=True, eq=False)
class _Services:
    network: WalkNetwork | None
    facilities: Facilities
    services: int
    notices: tuple[Notice, ...]


def _whole_area(data: OsmData) -> tuple[StudyArea, tuple[Notice, ...]]:
    layer = extent_circle(data.extent)
    crs = crs_of(layer)
    whole = placed(layer.polygons, crs)[0]
    complete, notices = complete_area(data, crs)
    return StudyArea(crs=crs, judged=whole, read=whole, data=complete), notices


def _services(data: OsmData, area: StudyArea, standard: ServiceStandard) -> _Services:
    """Read streets and facilities; an extract without any street has neither."""
    try:
        streets = read_network(data, area, access_rules())
    except InvalidNetworkError:
        return _Services(None, build_facilities([]), 0, ())
    found = read_osm_facilities(data, area, streets.network, standard)
    return _Services(
        streets.network,
        build_facilities(found.records),
        found.service_count,
        (*streets.notices, *found.notices),
    )


def _street_km(network: WalkNetwork) -> dict[str, float]:
    """Return kilometres by street class, longest first; ties by name."""
    km = (
        np.bincount(
            network.arc_class, weights=network.arc_length_m, minlength=len(network.class_names)
        )
        / 1000.0
    )
    pairs = zip(network.class_names, km.tolist(), strict=True)
    return dict(sorted(pairs, key=lambda one: (-one[1], one[0])))


def _flagged_km(network: WalkNetwork, flag: ArcFlag) -> float:
    return float(network.arc_length_m[(network.arc_flags & int(flag)) != 0].sum()) / 1000.0


def _elements(
    standard: ServiceStandard, facilities: Facilities, evidence: Evidence
) -> tuple[ElementCount, ...]:
    counts = []
    for element in standard.walked:
        rows = facilities.of_element(element.id)
        ambiguous = int(facilities.ambiguous[rows].sum())
        serving = {rule.element_id for rule in element.reach_rules}
        known = not serving.isdisjoint(facilities.element_id)
        counts.append(
            ElementCount(
                element=element,
                certain=len(rows) - ambiguous,
                ambiguous=ambiguous,
                told=None if known else untold(element, standard, evidence),
            )
        )
    return tuple(counts)


def _notice_counts(notices: tuple[Notice, ...]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in notices:
        counts[one.code] = counts.get(one.code, 0) + max(one.count, 1)
    return dict(sorted(counts.items()))


def _judgement(
    inspection: Inspection, standard: ServiceStandard
) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    """Return what can and what cannot be said, as phrases."""
    can: list[Message] = []
    cannot: list[Message] = []
    if not inspection.street_km:
        return (), (message("inspect.no_streets"),)
    can.append(message("inspect.isochrones", km=sum(inspection.street_km.values())))
    if inspection.largest_share < _WHOLE_SHARE:
        cannot.append(message("inspect.in_pieces", share=inspection.largest_share))
    seen = sum(one.told is None for one in inspection.elements)
    untold_ = [one.element.name for one in inspection.elements if one.told is not None]
    if inspection.streets_only:
        cannot.append(message("inspect.streets_only", services=inspection.services))
    else:
        can.append(message("inspect.elements", seen=seen, of=len(inspection.elements)))
        if untold_:
            cannot.append(message("inspect.untold", elements=Joined(tuple(untold_))))
    if inspection.buildings == 0:
        cannot.append(message("inspect.no_homes"))
    else:
        can.append(message("inspect.residents", buildings=inspection.buildings))
        share = inspection.buildings_with_levels / inspection.buildings
        if share < _MANY_LEVELS:
            cannot.append(message("inspect.few_levels", share=share))
    if inspection.inner_km2 < inspection.area_km2:
        cannot.append(
            message(
                "inspect.edge",
                inner_km2=inspection.inner_km2,
                area_km2=inspection.area_km2,
                threshold_m=standard.max_threshold_m,
            )
        )
    return tuple(can), tuple(cannot)

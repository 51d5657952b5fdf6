"""Facilities of a study from OpenStreetMap: matched by the standard's rules, once each, with doors.

Elements that are stock to be renewed (old compounds, back streets) are not facilities: nothing is
read for them here. Ambiguous facilities are read and marked; whether they count is the element's
``osm.ambiguous_counts``.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.places.facilities import Entrance, FacilityRecord
from analysis.sources.extent import StudyArea
from analysis.sources.osm.data import OsmData, Tags
from analysis.sources.osm.objects import MapObject, count_objects, read_objects
from analysis.sources.services.entrances import EntranceFinder, Entrances
from analysis.sources.services.same_place import normal_name, same_places, shown_name
from analysis.sources.services.tags import Match, RuleSet, TagMatcher, status_of, values_of
from analysis.standard.profile import STOCK, Element, EvidenceRule, ServiceStandard
from analysis.streets.network import WalkNetwork

Matched = MapObject[tuple[Match, ...]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FacilityReading:
    """What the map says.

    Attributes
    ----------
    records
        One for each facility and element, sorted by (element, source id).
    notices
        What was merged, left out, repaired or could not be told.
    service_count
        Tagged services inside the area read, for the evidence rule: see :func:`is_service`.
    """

    records: list[FacilityRecord]
    notices: tuple[Notice, ...]
    service_count: int


def is_service(tags: Tags, rule: EvidenceRule) -> bool:
    """Return whether an object is a service: one of the rule's keys, with a value not trivial."""
    for key in rule.service_keys:
        if key in tags:
            trivial = rule.trivial_values.get(key, ())
            if any(value not in trivial for value in values_of(tags[key])):
                return True
    return False


def read_osm_facilities(
    data: OsmData, area: StudyArea, network: WalkNetwork, standard: ServiceStandard
) -> FacilityReading:
    """Return the facilities inside or touching `area.read`.

    Nodes, closed ways and multipolygon relations are read; an open way that matches is read as a
    line. A polygon is entered at its gates, else where a walkable street crosses its ring, else at
    the ring's nearest points to the streets within 50 m.
    """
    matcher = TagMatcher(standard)
    elements = {one.id: one for one in standard.elements if one.treatment not in STOCK}
    objects, notices = read_objects(
        data,
        area,
        lambda tags: tuple(one for one in matcher.match(tags) if one.element_id in elements),
    )
    of_element: dict[str, list[Matched]] = {element_id: [] for element_id in elements}
    for one in objects:
        for match in one.picked:
            of_element[match.element_id].append(one)
    told = [*notices]
    gathered: list[tuple[Element, list[Matched]]] = []
    grounds = _Grounds(data, area, standard)
    for element_id, members in of_element.items():
        element = elements[element_id]
        kept = _large_enough(element, members, told)
        kept = grounds.outside(element, kept, told)
        gathered += [(element, group) for group in _facilities(kept, element, standard)]
    gathered = _settled(gathered, told)
    records = _records(gathered, EntranceFinder(data, area, network), data.data_date)
    told += _group_notices(gathered)
    told += _record_notices(records, elements)
    return FacilityReading(
        records=records,
        notices=tuple(told),
        service_count=count_objects(data, area, lambda tags: is_service(tags, standard.evidence)),
    )


def _large_enough(element: Element, members: list[Matched], told: list[Notice]) -> list[Matched]:
    small = {
        one.source_id for one in members if one.is_area and one.area_m2 < element.osm.min_area_m2
    }
    if small:
        text = message(
            "osm_facilities.too_small",
            element=element.name,
            count=len(small),
            area_m2=f"{element.osm.min_area_m2:g}",
        )
        told.append(notice("osm_facilities.too_small", text, small))
    return [one for one in members if one.source_id not in small]


class _Grounds:
    """Polygons inside which an element's features do not count (pitches in school grounds)."""

    def __init__(self, data: OsmData, area: StudyArea, standard: ServiceStandard) -> None:
        keys = frozenset(standard.range_keys)
        self._keys = keys
        self._polygons: Mapping[str, list[MapObject[bool]]] = {
            element.id: [
                one
                for one in read_objects(data, area, RuleSet(element.osm.not_inside, keys).holds)[0]
                if one.is_area
            ]
            for element in standard.elements
            if element.osm.not_inside
        }

    def outside(
        self, element: Element, members: list[Matched], told: list[Notice]
    ) -> list[Matched]:
        """Return the members that are outside, or that may stand inside; list the others."""
        grounds = self._polygons.get(element.id, [])
        if not grounds or not members:
            return members
        allowed = RuleSet(element.osm.not_inside_unless, self._keys)
        places = shapely.point_on_surface(np.array([one.geometry for one in members], dtype=object))
        tree = shapely.STRtree([one.geometry for one in grounds])
        inside = {
            members[member].source_id
            for member, ground in tree.query(places, predicate="intersects").T.tolist()
            if members[member].source_id != grounds[ground].source_id
            and not allowed.holds(members[member].tags)
        }
        if inside:
            text = message("osm_facilities.inside", element=element.name, count=len(inside))
            told.append(notice("osm_facilities.inside", text, inside, "warning"))
        return [one for one in members if one.source_id not in inside]


def _facilities(
    members: list[Matched], element: Element, standard: ServiceStandard
) -> list[list[Matched]]:
    """Group what is one facility; the first of each group stands for it.

    Polygons go before lines and points, larger ones first, then what is certain, then source ids.
    """
    names = [normal_name(shown_name(one.tags), standard.generic_suffixes) for one in members]
    groups = same_places([one.geometry for one in members], names, element.osm)
    return [sorted((members[i] for i in group), key=_precedence) for group in groups]


def _settled(
    gathered: list[tuple[Element, list[Matched]]], told: list[Notice]
) -> list[tuple[Element, list[Matched]]]:
    """Sort the facilities, without the ambiguous ones that another object has told.

    The nameless ground of a school with a named primary school inside is that primary school, and
    no longer perhaps a junior one.
    """
    certain: set[str] = set()
    for element, group in gathered:
        if not all(_is_ambiguous(one, element.id) for one in group):
            certain.update(one.source_id for one in group)
    kept = [
        (element, group)
        for element, group in sorted(gathered, key=lambda p: (p[0].id, p[1][0].source_id))
        if not all(_is_ambiguous(one, element.id) and one.source_id in certain for one in group)
    ]
    left = {(element.id, group[0].source_id) for element, group in gathered}
    left -= {(element.id, group[0].source_id) for element, group in kept}
    if left:
        text = message("osm_facilities.settled", count=len(left))
        subjects = (f"{element_id}:{source_id}" for element_id, source_id in left)
        told.append(notice("osm_facilities.settled", text, subjects))
    return kept


def _precedence(one: Matched) -> tuple[int, float, bool, str]:
    area_m2 = 0.0 if math.isnan(one.area_m2) else one.area_m2
    dimension = int(shapely.get_dimensions(one.geometry))
    return (-dimension, -area_m2, all(match.ambiguous for match in one.picked), one.source_id)


def _doors(group: Sequence[Matched]) -> list[Matched]:
    """Return the members whose entrances are the facility's: its polygons, else all of it."""
    return [one for one in group if one.is_area] or [*group]


def _records(
    gathered: Sequence[tuple[Element, list[Matched]]], finder: EntranceFinder, data_date: str
) -> list[FacilityRecord]:
    shapes = {one.source_id: one.geometry for _, group in gathered for one in _doors(group)}
    found = finder.find(list(shapes.values()))
    entrances: dict[str, Entrances] = dict(zip(shapes, found, strict=True))
    return [_record(element, group, entrances, data_date) for element, group in gathered]


def _record(
    element: Element, group: list[Matched], entrances: Mapping[str, Entrances], data_date: str
) -> FacilityRecord:
    first, others = group[0], group[1:]
    areas = [one.geometry for one in group if one.is_area]
    place = shapely.point_on_surface(first.geometry)
    names = (shown_name(one.tags) for one in group)
    attributes = dict(first.tags)
    if others:
        attributes["merged"] = ";".join(sorted(one.source_id for one in others))
    doors = {door for one in _doors(group) for door in entrances[one.source_id]}
    return FacilityRecord(
        element_id=element.id,
        source_id=first.source_id,
        name=next((name for name in names if name), ""),
        origin="osm",
        status=status_of(first.tags, data_date),
        xy_m=(float(place.x), float(place.y)),
        area_m2=float(shapely.area(shapely.union_all(areas))) if areas else float("nan"),
        ambiguous=all(_is_ambiguous(one, element.id) for one in group),
        entrances=tuple(sorted(doors, key=lambda door: (door[2], door[0], door[1]))),
        attributes=attributes,
    )


def _is_ambiguous(one: Matched, element_id: str) -> bool:
    return any(match.ambiguous for match in one.picked if match.element_id == element_id)


def _group_notices(gathered: Sequence[tuple[Element, list[Matched]]]) -> Iterable[Notice]:
    merged = {f"{one.source_id}→{group[0].source_id}" for _, group in gathered for one in group[1:]}
    if merged:
        text = message("osm_facilities.merged", count=len(merged))
        yield notice("osm_facilities.merged", text, merged)


def _record_notices(
    records: Sequence[FacilityRecord], elements: Mapping[str, Element]
) -> Iterable[Notice]:
    for counts in (True, False):
        ids = {
            one.source_id
            for one in records
            if one.ambiguous and elements[one.element_id].osm.ambiguous_counts is counts
        }
        if ids:
            key = "osm_facilities.ambiguous" if counts else "osm_facilities.ambiguous_shown"
            yield notice(key, message(key, count=len(ids)), ids, "warning" if counts else "info")
    for status in ("construction", "closed"):
        ids = {one.source_id for one in records if one.status == status}
        if ids:
            key = f"osm_facilities.{status}"
            yield notice(key, message(key, count=len(ids)), ids)
    ringed = {
        one.source_id
        for one in records
        if all(kind == Entrance.RING for _, _, kind in one.entrances)
    }
    if ringed:
        text = message("osm_facilities.ring", count=len(ringed))
        yield notice("osm_facilities.ring", text, ringed)

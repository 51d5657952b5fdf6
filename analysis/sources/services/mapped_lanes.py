"""From an extract to the lanes that its tags name: what they are lit and paved with."""

from collections.abc import Mapping

import numpy as np
import shapely

from analysis.places.mapped_lanes import MappedLanes
from analysis.sources.extent import StudyArea
from analysis.sources.osm.data import OsmData
from analysis.sources.osm.objects import read_objects
from analysis.sources.services.tags import TagMatcher
from analysis.standard.profile import ServiceStandard


def read_mapped_lanes(
    data: OsmData, area: StudyArea, standard: ServiceStandard
) -> Mapping[str, MappedLanes]:
    """Return the lines within `area.read` that match each element of lanes, by element.

    In the order of their ids. Areas and points are no lanes.
    """
    lanes = frozenset(one.id for one in standard.elements if one.treatment == "line_renewal")
    if not lanes:
        return {}
    matcher = TagMatcher(standard)

    def named(tags: Mapping[str, str]) -> tuple[str, ...]:
        if "highway" not in tags:
            return ()
        return tuple(one.element_id for one in matcher.match(tags) if one.element_id in lanes)

    objects, _ = read_objects(data, area, named)
    lines = [one for one in objects if shapely.get_dimensions(one.geometry) == 1]
    found = {}
    for element_id in sorted(lanes):
        own = [one for one in lines if element_id in one.picked]
        drawn = np.empty(len(own), dtype=object)
        drawn[:] = [one.geometry for one in own]
        found[element_id] = MappedLanes(lines=drawn, tags=tuple(one.tags for one in own))
    return found

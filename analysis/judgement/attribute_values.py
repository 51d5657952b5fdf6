"""The attributes of facilities as an element's metrics ask for them, and what could not be read."""

from collections.abc import Iterable, Mapping

import numpy as np

from analysis.notices import Notice
from analysis.places.attributes import AttributeValues, read, unread_notice
from analysis.places.facilities import Facilities
from analysis.standard.profile import Element
from analysis.standard.rules import Attribute, MetricRule
from analysis.units import IntArray


def read_attributes(
    rules: Iterable[MetricRule],
    attributes: Mapping[str, Attribute],
    facilities: Facilities,
    rows: IntArray,
) -> dict[str, AttributeValues]:
    """Read what `rules` ask of an element's facilities `rows`: once, for all circles."""
    asked = {
        one
        for rule in rules
        for one in (rule.metric.attribute, rule.metric.per_attribute)
        if one is not None
    }
    picked = np.unique(rows).astype(np.int32)
    return {one: read(attributes[one], facilities, picked) for one in sorted(asked & {*attributes})}


def unread_notices(
    elements: Iterable[Element], attributes: Mapping[str, Attribute], facilities: Facilities
) -> tuple[Notice, ...]:
    """Return what stands in the facilities' columns and tags and could not be read."""
    found = (
        unread_notice(values)
        for element in elements
        for values in read_attributes(
            (*element.efficiency, *element.quality), attributes, facilities,
            facilities.of_element(element.id),
        ).values()
    )  # fmt: skip
    return tuple(one for one in found if one is not None)

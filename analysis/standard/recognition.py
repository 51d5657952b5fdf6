"""What a standard decides while a place is read: how far around, and what is recognised as what.

All else is decided when the place is judged, so that inputs read once can be judged by another
standard, as far as both read a place alike.
"""

from dataclasses import replace

from analysis.standard.profile import SEARCH_FACTOR, Element, ServiceStandard
from analysis.units import seconds


def read_beyond_m(standard: ServiceStandard, *, on_slopes: bool) -> float:
    """Return how far around the circles to read: the search limit of any walker and criterion.

    `on_slopes`: whether walkers may go faster than on the level.
    """
    fastest_m_s = max(one.fastest_m_s if on_slopes else one.speed_m_s for one in standard.profiles)
    walks_m = [standard.max_threshold_m]
    walks_m += [
        seconds(element.minutes) * fastest_m_s
        for element in standard.walked
        if element.minutes is not None
    ]
    asked_m = max((one.farthest_target_m for one in standard.walked), default=0.0)
    hurry = max(one.fastest_m_s / one.speed_m_s for one in standard.profiles) if on_slopes else 1.0
    return max(SEARCH_FACTOR * max(walks_m), asked_m * hurry)


def never_read(standard: ServiceStandard, other: ServiceStandard) -> tuple[Element, ...]:
    """Return the elements of `other` that a place read by `standard` was not searched for."""
    known = {one.id for one in standard.elements}
    return tuple(one for one in other.elements if one.id not in known)


def read_otherwise(standard: ServiceStandard, other: ServiceStandard) -> tuple[Element, ...]:
    """Return the elements of both whose facilities `other` would recognise in another way.

    Tags, names, distances of twins and planners' columns count; what an absence means and whether
    ambiguous facilities count is decided later.
    """
    alike = (standard.range_keys, standard.generic_suffixes) == (
        other.range_keys,
        other.generic_suffixes,
    )
    before = {one.id: one for one in standard.elements}
    return tuple(
        one
        for one in other.elements
        if one.id in before and not (alike and _read_alike(before[one.id], one))
    )


def read_around_otherwise(standard: ServiceStandard, other: ServiceStandard) -> tuple[str, ...]:
    """Return the fields beside elements that were applied while reading and differ, dotted."""
    ours, theirs = standard.evidence, other.evidence
    differs = {
        "evidence.service_keys": (ours.service_keys, ours.trivial_values)
        != (theirs.service_keys, theirs.trivial_values),
        "walking.wheelchair_max_grade": _grade(standard) != _grade(other),
    }
    return tuple(name for name, changed in differs.items() if changed)


def _read_alike(one: Element, other: Element) -> bool:
    later = one.osm
    osm = replace(
        other.osm,
        expected_completeness=later.expected_completeness,
        ambiguous_counts=later.ambiguous_counts,
    )
    return (one.osm, one.planner_columns) == (osm, other.planner_columns)


def _grade(standard: ServiceStandard) -> float | None:
    grade = standard.walking.wheelchair_max_grade
    return None if grade is None else grade.value

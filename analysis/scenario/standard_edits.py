"""Standard edits: one number of an element changed, for the length of a scenario."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Final

from analysis.scenario.modifications import ChangeStandard, StandardField
from analysis.standard.profile import Element, ServiceStandard
from analysis.standard.rules import Sourced

SCENARIO_SOURCE: Final = "SCENARIO"  # where a changed number says it comes from
SHARES: Final[tuple[StandardField, ...]] = ("coverage_target", "coverage_acceptable")


def edited_standard(standard: ServiceStandard, edits: Iterable[ChangeStandard]) -> ServiceStandard:
    """Return `standard` after `edits`; its digest tells it from the original.

    Raises ``KeyError`` for an element that is not there, ``ValueError`` for a field that it has
    not: :func:`analysis.scenario.checking.problems_of` tells beforehand.
    """
    edits = tuple(edits)
    if not edits:
        return standard
    elements: Mapping[str, Element] = {one.id: one for one in standard.elements}
    for edit in edits:
        elements = {**elements, edit.element_id: _edited(elements[edit.element_id], edit)}
    said = "".join(f"{one.element_id}.{one.field}={one.value!r};" for one in edits)
    return replace(
        standard,
        elements=tuple(elements[one.id] for one in standard.elements),
        digest=sha256(f"{standard.digest}:{said}".encode()).hexdigest(),
    )


def has_field(element: Element, field: StandardField) -> bool:
    """Return whether an element holds a number of that name."""
    if field == "threshold_m":
        return element.threshold is not None
    if field == "minutes":
        return element.minutes is not None
    return field in SHARES or element.scale is not None


def _edited(element: Element, edit: ChangeStandard) -> Element:
    if not has_field(element, edit.field):
        raise ValueError(edit.field)
    if edit.field == "threshold_m":
        return _at_threshold(element, edit.value)
    if edit.field == "minutes":
        return replace(element, minutes=edit.value)
    number = Sourced(value=edit.value, source=SCENARIO_SOURCE, confidence="default")
    if edit.field == "coverage_target":
        return replace(element, coverage=replace(element.coverage, target=number))
    if edit.field == "coverage_acceptable":
        return replace(element, coverage=replace(element.coverage, acceptable=number))
    assert element.scale is not None  # noqa: S101 - has_field has seen to it
    return replace(element, scale=replace(element.scale, norm=number))


def _at_threshold(element: Element, threshold_m: float) -> Element:
    """Return an element with another threshold; rules with a shorter radius keep their share."""
    assert element.threshold is not None  # noqa: S101 - has_field has seen to it
    times = threshold_m / element.threshold.value
    return replace(
        element,
        threshold=Sourced(value=threshold_m, source=SCENARIO_SOURCE, confidence="default"),
        reach_rules=tuple(
            replace(rule, threshold_m=rule.threshold_m * times) for rule in element.reach_rules
        ),
    )

"""Touched: the elements whose figures a scenario can change."""

from analysis.scenario.modifications import (
    AddHousing,
    AddPath,
    ChangeStandard,
    ClosePath,
)
from analysis.scenario.scenario import Scenario
from analysis.standard.profile import Element, ServiceStandard


def touched_elements(scenario: Scenario, standard: ServiceStandard) -> frozenset[str]:
    """Return the ids of elements that `scenario` may change; all others stay as they are.

    Paths and homes concern everything. A facility concerns its own element, those that it may
    stand in for, those with a metric of what is near, and those that stand in for these.
    """
    edits = scenario.modifications
    if any(isinstance(one, AddPath | ClosePath | AddHousing) for one in edits):
        return frozenset(one.id for one in standard.elements)
    named = {
        one.element_id for one in edits if not isinstance(one, AddPath | ClosePath | AddHousing)
    }
    changed = {one.element_id for one in edits if isinstance(one, ChangeStandard)}
    return frozenset(
        one.id for one in standard.elements if one.id in named or read_by(one) & (named | changed)
    )


def read_by(element: Element) -> frozenset[str]:
    """Return the elements whose facilities the figures of `element` read."""
    rules = (*element.efficiency, *element.quality)
    near = {rule.metric.element_id for rule in rules if rule.metric.element_id is not None}
    return frozenset({rule.element_id for rule in element.reach_rules} | near)


def with_readers(wanted: frozenset[str], standard: ServiceStandard) -> frozenset[str]:
    """Return `wanted` and all whose loads their figures read."""
    read = {name for one in standard.elements if one.id in wanted for name in read_by(one)}
    return wanted | frozenset(one.id for one in standard.elements if one.id in read)

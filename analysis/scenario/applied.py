"""A scenario applied: the inputs of a study as they would be."""

from dataclasses import replace

from analysis.scenario.demand_edits import edited_demand
from analysis.scenario.edited_streets import edit_streets
from analysis.scenario.facility_edits import edited_facilities
from analysis.scenario.modifications import (
    AddHousing,
    AddPath,
    ChangeStandard,
    ClosePath,
    FacilityEdit,
    PathEdit,
)
from analysis.scenario.path_closing import closed_arcs
from analysis.scenario.scenario import Scenario
from analysis.scenario.standard_edits import edited_standard
from analysis.study import StudyInputs


def applied(inputs: StudyInputs, scenario: Scenario) -> StudyInputs:
    """Return `inputs` with `scenario`; what it does not touch is shared, not copied.

    An empty scenario returns the very `inputs`. Analysing the result is what a scenario means;
    :mod:`analysis.scenario.evaluation` comes to the same by a shorter way. The scenario must be
    sound (:func:`analysis.scenario.checking.problems_of`).
    """
    edits = scenario.modifications
    if not edits:
        return inputs
    homes = [one for one in edits if isinstance(one, AddHousing)]
    demand, beyond = edited_demand(inputs.demand, inputs.beyond, homes, inputs.circles)
    changed = replace(
        inputs,
        facilities=edited_facilities(
            inputs.facilities, [one for one in edits if isinstance(one, FacilityEdit)]
        ),
        demand=demand,
        beyond=beyond,
        standard=edited_standard(
            inputs.standard, [one for one in edits if isinstance(one, ChangeStandard)]
        ),
    )
    paths = [one for one in edits if isinstance(one, PathEdit)]
    return _on_edited_streets(changed, paths) if paths else changed


def _on_edited_streets(inputs: StudyInputs, paths: list[PathEdit]) -> StudyInputs:
    closing = closed_arcs(inputs.network, [one for one in paths if isinstance(one, ClosePath)])
    streets = edit_streets(
        inputs.network,
        inputs.barriers,
        closing,
        [one for one in paths if isinstance(one, AddPath)],
    )
    return replace(inputs, network=streets.network, barriers=streets.barriers, uncut=streets.uncut)

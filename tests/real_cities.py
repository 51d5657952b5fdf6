"""What the tests on real extracts share: a study in one line and what must hold of every one."""

from pathlib import Path

import numpy as np

from analysis.judgement.assessment import ALL_CIRCLES, ElementVerdict
from analysis.judgement.coverage_verdict import share_verdict
from analysis.sources.inputs import read_inputs
from analysis.sources.request import InputRequest
from analysis.study import Study, StudyParameters, analyse

NO_DATA = (
    "verdict.no_data_streets_only",
    "verdict.no_data_completeness",
    "verdict.no_data_thin",
    "verdict.at_least",
)
NO_DEMAND = ("verdict.no_demand.population", "verdict.no_demand.population_60plus")
EDGE = "verdict.edge_of_data"


def real_study(source: Path, **named) -> Study:
    """Run `source` end to end."""
    return analyse(read_inputs(InputRequest(source=source, **named)), StudyParameters())


def whole(study: Study) -> dict[str, ElementVerdict]:
    """Return the verdicts on the whole study by element."""
    return {row.element_id: row for row in study.assessment.of_circle(ALL_CIRCLES)}


def judged(study: Study) -> set[str]:
    """Return the elements that the whole study judges."""
    return {one for one, row in whole(study).items() if row.verdict != "not_assessed"}


def codes(study: Study) -> set[str]:
    """Return the codes of all notices."""
    return {one.code for one in study.notices}


def street_km(study: Study) -> float:
    """Return the kilometres of walkable street, each street once."""
    return float(study.inputs.network.component_length_m().sum()) / 1000.0


def assert_honest(study: Study) -> None:
    """Check what must hold whatever the city: nothing short that the data cannot tell."""
    inputs, standard = study.inputs, study.inputs.standard
    elements = {one.id: one for one in standard.elements}
    for row in study.assessment.rows:
        element, figures = elements[row.element_id], row.figures
        if figures is None:
            assert row.verdict == "not_assessed"
            continue
        assert 0 <= figures.people_covered <= figures.people + 1e-6
        assert figures.people_edge <= figures.people - figures.people_covered + 1e-6
        if row.verdict == "short":
            assert share_verdict(figures.share_upper, element.coverage) == "short", row.element_id
            assert not inputs.evidence.thin(standard), row.element_id
            known = row.element_id in set(inputs.facilities.element_id)
            poor = inputs.evidence.poorly_mapped(element, standard)
            assert known or not poor, row.element_id
        if row.verdict == "not_assessed":
            assert row.coverage.reason.text("en"), row.element_id
            assert row.coverage.reason.text("zh"), row.element_id
    lived_in = sum(
        row.figures.people
        for row in study.assessment.rows
        if row.element_id == "bus_stop" and row.circle_id != ALL_CIRCLES and row.figures
    )
    assert np.isclose(lived_in, inputs.demand.people.sum())
    ranks = [gap.circle_verdict == "not_assessed" for gap in study.gaps]
    assert ranks == sorted(ranks), "gaps left open come after those that are judged"

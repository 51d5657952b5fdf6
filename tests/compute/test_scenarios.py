"""Scenarios: what they mean, and that the short way to it comes to exactly the same."""

import math
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.documents.study import study_document
from analysis.reach.table import Reach
from analysis.scenario.applied import applied
from analysis.scenario.evaluation import ScenarioResult, WhatIf
from analysis.scenario.modifications import (
    AddFacility,
    AddHousing,
    AddPath,
    AnyModification,
    ChangeStandard,
    CloseFacility,
    ClosePath,
    MoveFacility,
)
from analysis.scenario.scenario import Scenario
from analysis.study import Study, StudyParameters, analyse
from analysis.testing.cities import people_at
from analysis.testing.studies import small_inputs, small_study


def scenario(*edits: AnyModification) -> Scenario:
    return Scenario(title="", modifications=edits)


def differing(result: ScenarioResult, whole: Study) -> list[str]:
    """Return what differs between the short way and the whole study."""
    wrong = []
    for one in fields(Reach):
        a, b = getattr(result.of.reach, one.name), getattr(whole.reach, one.name)
        same = (
            np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
            if isinstance(a, np.ndarray)
            else a == b
        )
        if not same:
            wrong.append(f"reach.{one.name}")
    for name, a, b in (
        ("assessment", result.assessment.rows, whole.assessment.rows),
        ("equity", result.equity.rows, whole.equity.rows),
        ("gaps", [told(one) for one in result.gaps], [told(one) for one in whole.gaps]),
    ):
        if repr(a) != repr(b):
            wrong.append(name)
    return wrong


def told(gap: object) -> list[object]:
    return [(one.name, _plain(getattr(gap, one.name))) for one in fields(gap)]  # type: ignore[arg-type]


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.wkb if hasattr(value, "wkb") else value


BASELINE = small_study()
WHAT_IF = WhatIf(BASELINE)


def both_ways(
    one: Scenario, baseline: Study = BASELINE, session: WhatIf = WHAT_IF
) -> ScenarioResult:
    result = session.evaluate(one)
    whole = analyse(applied(baseline.inputs, one), baseline.parameters)
    assert differing(result, whole) == []
    return result


SHOP = AddFacility(id="S", element_id="market", xy_m=(800.0, 500.0))


def test_an_empty_scenario_is_the_baseline() -> None:
    assert applied(BASELINE.inputs, scenario()) is BASELINE.inputs
    result = both_ways(scenario())
    assert result.of.touched == frozenset()
    assert result.of.reach is not None
    assert study_document(analyse(applied(BASELINE.inputs, scenario()), BASELINE.parameters)) == (
        study_document(BASELINE)
    )


def test_a_new_market_serves_those_near_it() -> None:
    result = both_ways(scenario(SHOP))
    column = result.of.reach.column("market")
    assert BASELINE.reach.covered[:5, column].tolist() == [True, True, True, False, False]
    assert result.of.reach.covered[:5, column].tolist() == [True, True, True, True, True]
    assert result.of.touched == {"market"}


def test_closing_the_only_market_leaves_nobody_served() -> None:
    result = both_ways(
        scenario(
            CloseFacility(
                id="C", element_id="market", source_id=BASELINE.inputs.facilities.source_id[0]
            )
        )
    )
    assert not result.of.reach.covered[:, result.of.reach.column("market")].any()


def test_a_moved_market_serves_where_it_is_now() -> None:
    source = BASELINE.inputs.facilities.source_id[0]
    result = both_ways(
        scenario(MoveFacility(id="M", element_id="market", source_id=source, xy_m=(800.0, 500.0)))
    )
    column = result.of.reach.column("market")
    assert result.of.reach.covered[:5, column].tolist() == [False, False, False, True, True]


def test_a_longer_threshold_covers_more() -> None:
    result = both_ways(
        scenario(ChangeStandard(id="T", element_id="market", field="threshold_m", value=500.0))
    )
    assert result.of.reach.covered[3, result.of.reach.column("market")]


def test_new_homes_want_what_is_there() -> None:
    result = both_ways(scenario(AddHousing(id="H", xy_m=(210.0, 500.0), people=100.0)))
    row = next(r for r in result.assessment.of_circle("c-1") if r.element_id == "market")
    assert row.figures is not None
    assert row.figures.people == 700.0
    assert row.figures.people_covered == 700.0


def test_a_path_shortens_walks_and_a_closed_street_lengthens_them() -> None:
    # The diagonal from the home at (700, 500) to the market at (200, 500) is no shorter than the street,
    # but (400, 450) is reached over a new lane that cuts a block.
    lane = AddPath(id="P", line_m=((650.0, 500.0), (650.0, 600.0)))
    result = both_ways(scenario(lane))
    assert (result.of.reach.walk_m <= BASELINE.reach.walk_m).all()
    way = int(BASELINE.inputs.network.arc_way_id[0])
    both_ways(scenario(ClosePath(id="X", way_id=way)))


XY = st.tuples(st.integers(5, 995), st.integers(5, 995)).map(
    lambda xy: (float(xy[0]), float(xy[1]))
)
ELEMENT = st.sampled_from(["market", "school", "clinic"])
SOURCES = {
    element: BASELINE.inputs.facilities.source_id[
        int(BASELINE.inputs.facilities.of_element(element)[0])
    ]
    for element in ("market", "school")
}
EDIT = st.one_of(
    st.builds(lambda e, xy: AddFacility(id="", element_id=e, xy_m=xy), ELEMENT, XY),
    st.builds(
        lambda e: CloseFacility(id="", element_id=e, source_id=SOURCES[e]),
        st.sampled_from(["market", "school"]),
    ),
    st.builds(
        lambda e, xy: MoveFacility(id="", element_id=e, source_id=SOURCES[e], xy_m=xy),
        st.sampled_from(["market", "school"]),
        XY,
    ),
    st.builds(
        lambda a, b, k: AddPath(id="", line_m=(a, b), kind=k),
        XY,
        XY,
        st.sampled_from(["path", "footbridge", "stairs", "gate", "crossing"]),
    ),
    st.builds(
        lambda i: ClosePath(id="", way_id=int(BASELINE.inputs.network.arc_way_id[i])),
        st.integers(0, BASELINE.inputs.network.n_arcs - 1),
    ),
    st.builds(
        lambda e, v: ChangeStandard(id="", element_id=e, field="threshold_m", value=float(v)),
        ELEMENT,
        st.integers(100, 900),
    ),
    st.builds(lambda xy, n: AddHousing(id="", xy_m=xy, people=float(n)), XY, st.integers(1, 500)),
)


def numbered(edits: list[AnyModification]) -> Scenario:
    return scenario(*(replace(one, id=str(n)) for n, one in enumerate(edits) if _is_real(one)))


def _is_real(one: AnyModification) -> bool:
    return not (isinstance(one, AddPath) and one.line_m[0] == one.line_m[1])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EDIT, min_size=1, max_size=4))
def test_the_short_way_equals_the_whole_study(edits: list[AnyModification]) -> None:
    both_ways(numbered(edits))


OTHER = [
    StudyParameters(criterion="minutes", walker="older_adult"),
    StudyParameters(walker="wheelchair"),
]
STUDIES = [(study, WhatIf(study)) for study in (small_study(one) for one in OTHER)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EDIT, min_size=1, max_size=3), st.sampled_from(STUDIES))
def test_for_every_walker(edits: list[AnyModification], one: tuple[Study, WhatIf]) -> None:
    both_ways(numbered(edits), *one)


def off_the_street() -> Study:
    """Return the small study with homes in the middle of blocks, 50 m from every street."""
    inputs = small_inputs()
    homes = people_at(
        [(250.0, 550.0), (450.0, 450.0), (750.0, 550.0), (550.0, 350.0)],
        people=[100.0, 200.0, 300.0, 400.0],
        circle=[0, 0, 1, 1],
        land_m2=[2500.0],
    )
    return analyse(replace(inputs, demand=homes), StudyParameters())


YARDS = off_the_street()
IN_YARDS = WhatIf(YARDS)


def test_who_lives_beside_a_new_path_steps_onto_it() -> None:
    """The home at (250, 550) was 50 m from the street; the lane runs past its door."""
    lane = scenario(AddPath(id="P", line_m=((200.0, 500.0), (300.0, 600.0))))
    result = both_ways(lane, YARDS, IN_YARDS)
    column = result.of.reach.column("market")
    assert (
        YARDS.reach.walk_m[0, column] == 50.0 + 50.0
    )  # to the street y = 500, along it to x = 200
    assert result.of.reach.walk_m[0, column] == pytest.approx(math.hypot(50.0, 50.0), abs=1e-5)


CORNER = st.tuples(st.integers(1, 9), st.integers(3, 7)).map(
    lambda xy: (xy[0] * 100.0, xy[1] * 100.0)
)
LANE = st.builds(lambda a, b: AddPath(id="", line_m=(a, b)), CORNER, CORNER)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(EDIT, LANE), min_size=1, max_size=3))
def test_whoever_lives_in_a_yard(edits: list[AnyModification]) -> None:
    both_ways(numbered(edits), YARDS, IN_YARDS)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(XY, XY, st.sampled_from(["path", "footbridge", "gate", "crossing"]))
def test_a_path_never_lengthens_a_walk(
    a: tuple[float, float], b: tuple[float, float], kind: str
) -> None:
    if a == b:
        return
    reach = WHAT_IF.reach(scenario(AddPath(id="P", line_m=(a, b), kind=kind))).reach  # type: ignore[arg-type]
    assert (reach.walk_m <= BASELINE.reach.walk_m).all()
    assert (reach.covered >= BASELINE.reach.covered).all()


@given(st.lists(st.tuples(ELEMENT, XY), min_size=2, max_size=4))
@settings(max_examples=20, deadline=None)
def test_the_order_of_independent_edits_does_not_matter(
    wanted: list[tuple[str, tuple[float, float]]],
) -> None:
    edits = [AddFacility(id=str(n), element_id=e, xy_m=xy) for n, (e, xy) in enumerate(wanted)]
    one, other = WHAT_IF.reach(scenario(*edits)), WHAT_IF.reach(scenario(*reversed(edits)))
    for name in ("walk_m", "walk_s", "nearest", "covered"):
        assert np.array_equal(getattr(one.reach, name), getattr(other.reach, name))


@pytest.mark.parametrize("title", ["a", "b"])
def test_the_id_follows_from_the_edits_alone(title: str) -> None:
    assert Scenario(title=title, modifications=(SHOP,)).scenario_id == scenario(SHOP).scenario_id
    assert scenario(replace(SHOP, xy_m=(801.0, 500.0))).scenario_id != scenario(SHOP).scenario_id

"""Scenarios in hard worlds: the short way equals the whole study wherever streets are awkward."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.places.circles import ALL_CIRCLES
from analysis.places.demand import Demand
from analysis.scenario.applied import applied
from analysis.scenario.checking import problems_of
from analysis.scenario.difference import difference
from analysis.scenario.evaluation import WhatIf
from analysis.scenario.modifications import (
    PATH_KINDS,
    AddFacility,
    AddHousing,
    AddPath,
    AnyModification,
    ChangeFacility,
    ChangeStandard,
    CloseFacility,
    ClosePath,
    MoveFacility,
)
from analysis.scenario.reach_difference import circle_reach, reach_changes
from analysis.scenario.scenario import Scenario
from analysis.scenario.years import over_the_years
from analysis.sources.inputs import read_inputs
from analysis.sources.request import InputRequest
from analysis.sources.sample_district import write_sample_district
from analysis.streets.barriers import Barriers
from analysis.study import Study, StudyInputs, StudyParameters, analyse
from analysis.testing.cities import on_hills, people_at, street_city
from analysis.testing.studies import small_inputs
from tests.compute.test_scenarios import differing

GENTLY = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def scenario(*edits: AnyModification) -> Scenario:
    return Scenario(title="", modifications=tuple(edits))


def awkward_inputs(*, hills: bool = False) -> StudyInputs:
    """Return the small study with a river, an island beyond it, a walled compound and co-users.

    Streets of 100 m blocks, x 0…1000; between y = 600 and y = 700 only water: the north is an
    island of its own. A compound without a known gate stands in the south, homes in it.
    """
    inputs = small_inputs()
    xy = [(x * 100.0, y * 100.0) for y in range(11) for x in range(11)]
    arcs = [
        (a, b)
        for a, (xa, ya) in enumerate(xy)
        for b, (xb, yb) in enumerate(xy)
        if a < b and abs(xa - xb) + abs(ya - yb) == 100.0 and (ya, yb) != (600.0, 700.0)
    ]
    network = street_city(np.array(xy), arcs)
    if hills:
        network = on_hills(network, lambda x, y: 0.03 * x + 5.0 * np.sin(y / 90.0))
    ring = shapely.box(215.0, 215.0, 285.0, 285.0)
    river = [shapely.LineString([(-50.0, y), (1050.0, y)]) for y in (620.0, 680.0)]
    barriers = Barriers(
        lines=np.array([*river, shapely.LineString(ring.exterior), shapely.LineString([(705, 450), (705, 550)])]),
        kinds=("water", "water", "compound", "wall"),
        compounds=np.array([ring]),
        compound_id=("way/9",),
        gate_compound=np.array([0], dtype=np.int32),
        gate_xy_m=np.array([[250.0, 215.0]]),
        gate_inferred=np.array([True]),
    )  # fmt: skip
    demand = people_at(
        [(100, 500), (250, 250), (220, 280), (400, 500), (700, 500), (900, 500), (300, 800), (640, 905)],
        people=[100.0, 60.0, 50.0, 300.0, 400.0, 500.0, 200.0, 80.0],
        circle=[0, 0, 0, 0, 1, 1, 0, 1],
    )  # fmt: skip
    return replace(
        inputs, network=network, barriers=barriers, demand=demand, beyond=_neighbours(demand)
    )


def _neighbours(like: Demand) -> Demand:
    """Return residents who live beyond all circles, east of the streets' last block."""
    beyond = people_at([(1003.0, 450.0), (1004.0, 620.0)], people=[70.0, 30.0], circle=[0, 0])
    return replace(
        beyond,
        point_id=("beyond/0", "beyond/1"),
        circle=np.array([-1, -1], dtype=np.int32),
        groups={name: np.zeros(2) for name in like.groups},
    )


WORLDS = [
    (awkward_inputs(), StudyParameters()),
    (awkward_inputs(), StudyParameters(criterion="minutes", walker="older_adult")),
    (awkward_inputs(hills=True), StudyParameters(criterion="minutes")),
    (awkward_inputs(hills=True), StudyParameters(walker="wheelchair")),
]
STUDIES = [(study, WhatIf(study)) for study in (analyse(*one) for one in WORLDS)]
XY = st.tuples(st.integers(-20, 1020), st.integers(-20, 1020)).map(
    lambda xy: (float(xy[0]), float(xy[1]))
)
ELEMENT = st.sampled_from(["market", "school", "clinic"])
PATH = st.builds(
    lambda a, b, kind: AddPath(id="", line_m=(a, b), kind=kind), XY, XY, st.sampled_from(PATH_KINDS)
)
ADDED = st.builds(lambda e, xy: AddFacility(id="", element_id=e, xy_m=xy), ELEMENT, XY)
EDIT = st.one_of(
    PATH,
    ADDED,
    st.builds(lambda xy, n: AddHousing(id="", xy_m=xy, people=float(n)), XY, st.integers(0, 500)),
    st.builds(lambda w: ClosePath(id="", way_id=w), st.sampled_from(
        np.unique(WORLDS[0][0].network.arc_way_id).tolist())),
    st.builds(lambda e, v: ChangeStandard(id="", element_id=e, field="minutes", value=float(v)),
              ELEMENT, st.integers(1, 12)),
)  # fmt: skip


def sound(study: Study, edits: list[AnyModification]) -> Scenario:
    """Return those of `edits` that the check lets pass, numbered."""
    numbered = [replace(one, id=str(n)) for n, one in enumerate(edits)]
    wrong = {
        one.number - 1
        for one in problems_of(scenario(*numbered), study.inputs)
        if one.severity == "error"
    }
    return scenario(*(one for n, one in enumerate(numbered) if n not in wrong))


def both_ways(study: Study, session: WhatIf, one: Scenario) -> None:
    whole = analyse(applied(study.inputs, one), study.parameters)
    assert differing(session.evaluate(one), whole) == []


@GENTLY
@given(st.sampled_from(STUDIES), st.lists(EDIT, min_size=1, max_size=3))
def test_rivers_walls_islands_and_hills(
    one: tuple[Study, WhatIf], edits: list[AnyModification]
) -> None:
    both_ways(*one, sound(one[0], edits))


def test_a_bridge_to_the_island_serves_it() -> None:
    study, session = STUDIES[0]
    bridge = scenario(AddPath(id="B", line_m=((300.0, 700.0), (300.0, 600.0)), kind="footbridge"))
    market = study.reach.column("market")
    assert np.isinf(study.reach.walk_m[6, market])
    found = session.reach(bridge).reach
    assert found.walk_m[6, market] == 400.0  # 100 to the bridge, 100 over it, 200 to the market
    both_ways(study, session, bridge)


def test_a_gate_lets_a_compound_out_and_nobody_loses_the_inferred_one() -> None:
    study, session = STUDIES[0]
    market = study.reach.column("market")
    gate = scenario(AddPath(id="G", line_m=((250.0, 300.0), (250.0, 270.0)), kind="gate"))
    found = session.reach(gate).reach
    assert found.walk_m[1, market] < study.reach.walk_m[1, market]
    assert (found.walk_m <= study.reach.walk_m).all()
    both_ways(study, session, gate)


def test_homes_beyond_the_circles_share_and_are_judged_nowhere() -> None:
    study, session = STUDIES[0]
    home = AddHousing(id="H", xy_m=(1004.0, 500.0), people=40.0)
    inputs = applied(study.inputs, scenario(home))
    assert len(inputs.demand) == len(study.inputs.demand)
    assert inputs.beyond.people.tolist() == [70.0, 30.0, 40.0]
    assert inputs.beyond.circle.tolist() == [-1, -1, -1]
    assert [one.text.key for one in problems_of(scenario(home), study.inputs)] == [
        "scenario.problem.outside_circles"
    ]
    both_ways(study, session, scenario(home))
    alone = applied(replace(study.inputs, beyond=small_inputs().beyond), scenario(home))
    assert set(alone.beyond.groups) == set(study.inputs.demand.groups)


@GENTLY
@given(st.sampled_from(STUDIES), ADDED)
def test_an_added_facility_never_lengthens_a_walk(
    one: tuple[Study, WhatIf], edit: AddFacility
) -> None:
    study, session = one
    found = session.reach(sound(study, [edit])).reach
    assert (found.walk <= study.reach.walk).all()
    assert (found.covered >= study.reach.covered).all()


@GENTLY
@given(st.sampled_from(STUDIES), PATH)
def test_a_path_never_shrinks_a_catchment(one: tuple[Study, WhatIf], edit: AddPath) -> None:
    study, session = one
    found = session.reach(sound(study, [edit])).reach
    assert (found.walk <= study.reach.walk).all()
    assert (found.covered >= study.reach.covered).all()


@GENTLY
@given(st.sampled_from(STUDIES), st.integers(0, 1), st.integers(0, 200))
def test_taking_away_never_improves(one: tuple[Study, WhatIf], row: int, arc: int) -> None:
    study, session = one
    facilities, network = study.inputs.facilities, study.inputs.network
    way = int(network.arc_way_id[arc % network.n_arcs])
    for edit in (
        CloseFacility(id="C", element_id=facilities.element_id[row], source_id=facilities.source_id[row]),
    ):  # fmt: skip
        found = session.reach(scenario(edit)).reach
        assert (found.walk >= study.reach.walk).all()
        assert (found.covered <= study.reach.covered).all()
    # Who lived at a closed street walks to the next one, which may lie nearer to where they go.
    linked_elsewhere = session.reach(scenario(ClosePath(id="X", way_id=way)))
    assert linked_elsewhere.inputs.network.n_arcs == network.n_arcs


@GENTLY
@given(st.sampled_from(STUDIES), st.lists(EDIT, min_size=1, max_size=2))
def test_quick_figures_are_those_of_the_judged_ones(
    one: tuple[Study, WhatIf], edits: list[AnyModification]
) -> None:
    study, session = one
    result = session.evaluate(sound(study, edits))
    judged = {(row.circle_id, row.element_id): row for row in difference(study, result).circles}
    quick = circle_reach(study, result.of, reach_changes(study, result.of))
    for row in quick:
        verdict = next(
            one
            for one in result.assessment.rows
            if (one.circle_id, one.element_id) == (row.circle_id, row.element_id)
        )
        assert verdict.figures is not None
        assert np.isclose(row.share_after, verdict.figures.share, equal_nan=True)
        if row.is_reach_changed and row.share_before == row.share_before:  # noqa: PLR0124 - nan
            assert (row.circle_id, row.element_id) in judged
    by_circle = {(row.element_id, row.circle_id): row for row in quick}
    for (element, circle), row in by_circle.items():
        if circle == ALL_CIRCLES:
            parts = [by_circle[element, other] for other in study.inputs.circles.circle_id]
            assert np.isclose(row.people_gained, sum(part.people_gained for part in parts))
            assert np.isclose(row.people, sum(part.people for part in parts))


def town(*homes: tuple[float, float]) -> Study:
    """Return the small study with other homes, 100 people each, in the circle where they stand."""
    circle = [0 if x < 500 else 1 for x, _ in homes]
    demand = people_at(list(homes), people=[100.0] * len(homes), circle=circle)
    return analyse(replace(small_inputs(), demand=demand), StudyParameters())


def test_a_gap_that_only_shrinks_is_neither_closed_nor_opened() -> None:
    study = town((700.0, 500.0), (720.0, 500.0))
    (before,) = [one for one in study.gaps if one.element_id == "market"]
    assert before.points.tolist() == [0, 1]
    shop = AddFacility(id="S", element_id="market", xy_m=(410.0, 500.0))
    result = WhatIf(study).evaluate(scenario(shop))
    (after,) = [one for one in result.gaps if one.element_id == "market"]
    assert after.points.tolist() == [1]
    assert after.gap_id != before.gap_id
    change = difference(study, result)
    assert (change.gaps_closed, change.gaps_opened) == ((), ())
    assert change.people_in_gaps[0] - change.people_in_gaps[1] == 100.0
    nearer = replace(shop, xy_m=(600.0, 500.0))
    closed = difference(study, WhatIf(study).evaluate(scenario(nearer))).gaps_closed
    assert [one.gap_id for one in closed] == [before.gap_id]


def test_years_end_where_the_whole_scenario_is() -> None:
    study, session = STUDIES[0]
    plan = scenario(
        AddFacility(id="S", since="2027-01-01", element_id="market", xy_m=(800.0, 500.0)),
        AddPath(id="B", since="2028-01-01", line_m=((300.0, 700.0), (300.0, 600.0))),
    )
    days = list(over_the_years(session, plan))
    assert [one.day for one in days] == ["", "2027-01-01", "2028-01-01"]
    market = study.reach.column("market")
    covered = [one.result.of.reach.covered[:, market].sum() for one in days]
    assert covered[0] < covered[1] <= covered[2]
    last, whole = days[-1].result, session.evaluate(plan)
    assert repr(last.assessment.rows) == repr(whole.assessment.rows)


def test_flip_lists_of_a_study_with_a_path_keep_the_links_of_before() -> None:
    """Within half the snap distance lies the new path alone; the street of before still counts."""
    study = town((140.0, 530.0))
    stairs = AddPath(id="L", line_m=((150.0, 530.0), (300.0, 530.0), (300.0, 500.0)), kind="stairs")
    norm = ChangeStandard(id="T", element_id="market", field="threshold_m", value=200.0)
    whole = analyse(applied(study.inputs, scenario(stairs, norm)), study.parameters)
    assert whole.reach.walk_m[0, whole.reach.column("market")] == 90.0  # 30 to the street, 60 along
    snap = [
        one
        for one in whole.certainty.flips.rows
        if (one.variant, one.element_id) == ("snap", "market")
    ]
    assert "snap" in whole.certainty.flips.tried
    assert not any(one.people_lost for one in snap)  # over the stairs it would be 290 m


def random_edits(inputs: StudyInputs, rng: np.random.Generator, n: int) -> list[AnyModification]:
    """Return edits of every kind at random places of a real or invented town."""
    facilities, elements = inputs.facilities, [one.id for one in inputs.standard.walked]

    def place() -> tuple[float, float]:
        near = inputs.demand.xy_m[rng.integers(len(inputs.demand))] + rng.normal(0, 60, 2)
        return float(near[0]), float(near[1])

    def one() -> AnyModification:
        row = int(rng.integers(len(facilities)))
        named = {"element_id": facilities.element_id[row], "source_id": facilities.source_id[row]}
        x, y = place()
        line = ((x, y), (x + float(rng.normal(0, 90)), y + float(rng.normal(0, 90))))
        way = int(inputs.network.arc_way_id[rng.integers(inputs.network.n_arcs)])
        kind = PATH_KINDS[rng.integers(len(PATH_KINDS))]
        return (
            AddFacility(id="", element_id=str(rng.choice(elements)), xy_m=place(), area_m2=500.0),
            CloseFacility(id="", **named),
            MoveFacility(id="", **named, xy_m=place()),
            ChangeFacility(id="", **named, area_m2=9000.0),
            AddPath(id="", line_m=line, kind=kind),
            ClosePath(id="", way_id=way),
            AddHousing(id="", xy_m=place(), people=float(rng.integers(1, 500))),
        )[rng.integers(7)]

    return [one() for _ in range(n)]


def check_town(inputs: StudyInputs, parameters: StudyParameters, seed: int, n: int) -> None:
    study, rng = analyse(inputs, parameters), np.random.default_rng(seed)
    session = WhatIf(study)
    for _ in range(n):
        one = sound(study, random_edits(inputs, rng, int(rng.integers(1, 4))))
        both_ways(study, session, one)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> StudyInputs:
    files = write_sample_district(tmp_path_factory.mktemp("district") / "files")
    return read_inputs(
        InputRequest(
            source=files.osm_pbf, circles=files.circles, facilities=(files.facilities,),
            population=files.population, elevation=(files.elevation,),
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    "parameters",
    [StudyParameters(by_group=True, old_area=True), StudyParameters(criterion="minutes")],
)
def test_the_sample_district(district: StudyInputs, parameters: StudyParameters) -> None:
    check_town(district, parameters, 3, 2)


@pytest.mark.shared_data
def test_monaco(shared_data: Path) -> None:
    request = InputRequest(
        source=shared_data / "monaco_2023.osm.pbf",
        boundary=shared_data / "monaco_boundary.geojson",
        elevation=(shared_data / "monaco_dem_srtm3_N43E007.hgt.zip",),
    )
    check_town(read_inputs(request), StudyParameters(by_group=True), 5, 4)

"""Elements judged by a walker of their own, and groups of residents on their own walks."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.documents.diagnosis import equity_rows, figure_rows
from analysis.documents.digest import array_digests
from analysis.documents.gaps import gap_collection
from analysis.documents.study import study_document
from analysis.documents.tables import assessment_rows
from analysis.errors import InvalidParameterError
from analysis.judgement.equity import is_fixed_share
from analysis.messages import LANGUAGES
from analysis.places.facilities import build_facilities
from analysis.reach.table import Reach
from analysis.sources.second_engine.studies import saved_study
from analysis.sources.standard_workbook import read_standard_workbook
from analysis.sources.standards import read_standard, validate_standard
from analysis.sources.store.inputs import open_inputs
from analysis.sources.store.studies import open_study, save_study
from analysis.standard.difference import standard_changes
from analysis.standard.inheritance import plain
from analysis.standard.profile import Element
from analysis.streets.network import WalkNetwork
from analysis.study import Study, StudyInputs, StudyParameters, analyse
from analysis.testing.cities import (
    grid_city,
    people_at,
    plain_element,
    plain_inputs,
    shops_at,
    square_circles,
    street_city,
)
from analysis.walking import ArcFlag, WalkerName
from service.reports.standard_workbook import standard_workbook
from tests.diagnosis_city import facility, metric, scale_rule, standard_of
from tests.small_standard import CHILD as CHILD_STANDARD
from tests.small_standard import PARENT, line_of

STANDARD = read_standard()
WHOLE = square_circles((-5000, -5000, 5000, 5000))
STEPS = int(ArcFlag.STEPS)
TABLES = ("walk_m", "walk_s", "nearest", "covered", "covered_certain", "stretch")


def own(element_id: str, walker: WalkerName | None, threshold_m: float = 700.0) -> Element:
    return replace(plain_element(element_id, threshold_m=threshold_m), walker=walker)


def inputs_of(
    network: WalkNetwork,
    elements: tuple[Element, ...],
    homes: list[tuple[float, float]],
    shops: list[tuple[str, float, float]],
    **groups: list[float],
) -> StudyInputs:
    demand = people_at(homes, people=[100.0] * len(homes))
    counted = {name: np.array(people) for name, people in groups.items()}
    return plain_inputs(
        standard=replace(standard_of(*elements), walking=STANDARD.walking),
        network=network,
        demand=replace(demand, groups=counted),
        facilities=shops_at(shops),
        circles=WHOLE,
    )


def judged(
    inputs: StudyInputs,
    *,
    criterion: str = "metres",
    walker: WalkerName = "adult",
    by_group: bool = True,
) -> Study:
    return analyse(
        inputs,
        StudyParameters(criterion=criterion, walker=walker, by_group=by_group),  # type: ignore[arg-type]
    )


# --- closed arcs, under metres --------------------------------------------------------------------


def stairs() -> WalkNetwork:
    """Two streets from (0, 0) to (400, 0): stairs straight on, and 1,000 m round by a ramp."""
    nodes = np.array(
        [[-400.0, 0.0], [0.0, 0.0], [400.0, 0.0], [800.0, 0.0], [0.0, 300.0], [400.0, 300.0]]
    )
    arcs = [(0, 1), (1, 2), (2, 3), (1, 4), (4, 5), (5, 2)]
    return street_city(nodes, arcs, flags=[0, STEPS, 0, 0, 0, 0])


def town(**groups: list[float]) -> StudyInputs:
    # The home at −100 m is 600 m from x = 500 by the stairs and 1,200 m by the ramp.
    return inputs_of(
        stairs(),
        (own("market", None), own("clinic", "wheelchair"), own("shop", "adult")),
        [(-100.0, 0.0), (600.0, 0.0)],
        [("market", 500.0, 0.0), ("clinic", 500.0, 0.0), ("shop", 500.0, 0.0)],
        **groups,
    )


def test_stairs_are_closed_only_to_the_element_whose_walker_they_stop() -> None:
    study = judged(town())
    reach = study.reach
    assert reach.element_ids == ("market", "clinic", "shop")
    assert reach.walk_m[0].tolist() == [600.0, 1200.0, 600.0]
    assert reach.walk_m[1].tolist() == [100.0, 100.0, 100.0]
    assert reach.covered.tolist() == [[True, False, True], [True, True, True]]
    names = [study.inputs.facilities.element_id[row] for row in reach.nearest[0]]
    assert names == ["market", "clinic", "shop"]
    assert reach.threshold_m.tolist() == [700.0] * 3
    assert reach.walk_s[1] == pytest.approx([100 / 1.2, 100 / 0.8, 100 / 1.2])
    assert reach.threshold_s == pytest.approx([700 / 1.2, 700 / 0.8, 700 / 1.2])
    assert [one.profile.name for one in study.other_walks] == ["wheelchair"]
    assert [study.walker_of(one).name for one in reach.element_ids] == [
        "adult", "wheelchair", "adult",
    ]  # fmt: skip
    rows = {row.element_id: row for row in study.assessment.of_circle("*")}
    assert [rows[one].coverage.verdict for one in reach.element_ids] == ["met", "short", "met"]
    assert [gap.element_id for gap in study.gaps] == ["clinic"]


def test_off_all_are_judged_by_the_study_s_walker() -> None:
    study = judged(town(), by_group=False)
    assert study.reach.covered.all()
    assert study.other_walks == ()
    assert study.reach.walk_m[0].tolist() == [600.0] * 3


def test_the_study_s_walker_judges_what_names_none_and_what_names_it() -> None:
    study = judged(town(), walker="wheelchair")
    assert study.reach.walk_m[0].tolist() == [1200.0, 1200.0, 600.0]
    assert study.walker_of("clinic").name == "wheelchair"
    assert [one.profile.name for one in study.other_walks] == ["adult"]


def test_a_home_on_the_stairs_is_not_linked_for_the_wheelchair_alone() -> None:
    inputs = town()
    demand = people_at([(200.0, 0.0), (600.0, 0.0)], people=[100.0, 100.0])
    study = judged(replace(inputs, demand=demand))
    assert study.measured.linked("market").tolist() == [True, True]
    assert study.measured.linked("clinic").tolist() == [False, True]
    rows = {row.element_id: row.figures for row in study.assessment.of_circle("*")}
    assert rows["market"] is not None and rows["clinic"] is not None
    assert (rows["market"].people_unlinked, rows["clinic"].people_unlinked) == (0.0, 100.0)
    told = {one.code: one for one in study.notices}
    assert told["linkage.homes.barred_to"].subjects == ("home/0000",)
    assert "轮椅" in told["linkage.homes.barred_to"].text.text("zh")
    assert "linkage.homes.barred" not in told
    off = {one.code for one in judged(replace(inputs, demand=demand), by_group=False).notices}
    assert "linkage.homes.barred_to" not in off


# --- speeds, under minutes ------------------------------------------------------------------------


def grid(walkers: dict[str, WalkerName | None]) -> StudyInputs:
    """Homes every 100 m east of the facilities, which all stand at the corner of a grid."""
    return inputs_of(
        grid_city(9, 1, block_m=100.0),
        tuple(own(name, walker) for name, walker in walkers.items()),
        [(100.0 * i, 0.0) for i in range(10)],
        [(name, 0.0, 0.0) for name in walkers],
    )


def test_under_minutes_each_covers_as_far_as_its_walker_goes_in_the_time() -> None:
    # 10 minutes: 720 m at 1.2 m/s, 540 m at 0.9, 600 m at 1.0 (the home at 600 m just so).
    walkers: dict[str, WalkerName | None] = {
        "market": None,
        "care": "older_adult",
        "school": "child",
    }
    study = judged(grid(walkers), criterion="minutes")
    assert study.reach.covered.sum(axis=0).tolist() == [8, 6, 7]
    assert study.reach.threshold_s.tolist() == [600.0] * 3
    assert study.reach.threshold_m == pytest.approx([720.0, 540.0, 600.0])
    assert study.reach.farthest_m == pytest.approx([720.0, 540.0, 600.0])
    assert study.reach.walk_s[9] == pytest.approx([750.0, 1000.0, 900.0])
    off = judged(grid(walkers), criterion="minutes", by_group=False)
    assert off.reach.covered.sum(axis=0).tolist() == [8, 8, 8]


def test_under_metres_speed_changes_minutes_and_never_who_is_covered() -> None:
    study = judged(grid({"market": None, "care": "older_adult"}))
    assert study.reach.covered.sum(axis=0).tolist() == [8, 8]
    assert study.reach.walk_s[9] == pytest.approx([750.0, 1000.0])
    market, care = study.walks, study.other_walks[0]
    assert care.hierarchy is market.hierarchy  # no arc is closed to either
    assert care.points is market.points


def test_loads_and_approaches_follow_the_element_s_walker() -> None:
    seats = replace(
        own("school", "wheelchair"), scale=scale_rule(),
        efficiency=(metric("crossing", "ge", 0.5, unit="share"),),
    )  # fmt: skip
    plain = replace(seats, id="plain", walker=None, reach_rules=plain_element(
        "plain", threshold_m=700.0).reach_rules)  # fmt: skip
    inputs = replace(
        inputs_of(stairs(), (plain, seats), [(-100.0, 0.0), (600.0, 0.0)], []),
        facilities=build_facilities([
            facility(500.0, {"capacity": "40"}, element_id=one, number=number)
            for number, one in enumerate(("plain", "school"))
        ]),
    )  # fmt: skip
    measured = judged(inputs).measured
    assert tuple(measured.loads) == ("plain", "school")
    assert np.diff(measured.loads["plain"].reach.first).tolist() == [1, 1]
    assert np.diff(measured.loads["school"].reach.first).tolist() == [0, 1]
    ways = measured.routes.approach
    assert ways["plain"].cost[0] == pytest.approx(600.0)
    assert ways["school"].cost[0] == pytest.approx(1200.0)


def test_a_facility_near_another_is_so_for_the_walker_of_its_element() -> None:
    near = metric("near_element", "ge", 0.5, unit="share")
    near = replace(near, metric=replace(near.metric, element_id="shop", within_m=500.0))
    elements = (
        replace(own("market", None), quality=(near,)),
        replace(own("clinic", "wheelchair"), quality=(near,)),
        own("shop", None),
    )
    inputs = inputs_of(
        stairs(), elements, [(600.0, 0.0)],
        [("market", -50.0, 0.0), ("clinic", -50.0, 0.0), ("shop", 420.0, 0.0)],
    )  # fmt: skip
    told = judged(inputs).measured.routes.near
    assert told["market", "shop", 500.0].tolist() == [True, True, False]
    assert told["clinic", "shop", 500.0].tolist() == [False, False, False]


# --- merged from one run for each walker ----------------------------------------------------------


def column(reach: Reach, name: str, element_id: str) -> np.ndarray:
    array: np.ndarray = getattr(reach, name)
    return array[..., reach.column(element_id)]


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), criterion=st.sampled_from(["metres", "minutes"]))
def test_the_table_and_all_that_follows_equal_one_study_for_each_walker(
    seed: int, criterion: str
) -> None:
    rng = np.random.default_rng(seed)
    city = grid_city(4, 3, block_m=90.0)
    flags = np.where(rng.random(city.n_arcs) < 0.2, STEPS, 0).astype(np.uint16)
    city = replace(city, arc_flags=flags)
    ids = ("a", "b", "c", "d", "e")
    walkers = [None, *rng.choice(["adult", "older_adult", "child", "wheelchair"], 4).tolist()]
    rng.shuffle(walkers)
    elements = tuple(
        replace(own(one, walker, 250.0), scale=scale_rule())
        for one, walker in zip(ids, walkers, strict=True)
    )
    places = city.node_xy_m[rng.integers(0, city.n_nodes, 12)]
    homes = [tuple(city.node_xy_m[i]) for i in rng.choice(city.n_nodes, 8, replace=False)]
    inputs = inputs_of(
        city, elements, homes, [(ids[i % 5], float(x), float(y)) for i, (x, y) in enumerate(places)]
    )
    mixed = judged(inputs, criterion=criterion)
    assert mixed.reach.element_ids == ids
    for one in elements:
        alone = judged(inputs, criterion=criterion, walker=one.walker or "adult", by_group=False)
        for name in (*TABLES, "threshold_m", "threshold_s", "farthest_m"):
            expected = column(alone.reach, name, one.id)
            assert np.array_equal(column(mixed.reach, name, one.id), expected), (one.id, name)
        assert np.array_equal(
            mixed.certainty.flips.points[:, mixed.reach.column(one.id)],
            alone.certainty.flips.points[:, alone.reach.column(one.id)],
        )
        load, expected_load = mixed.measured.loads[one.id], alone.measured.loads[one.id]
        assert np.array_equal(load.reach.first, expected_load.reach.first)
        assert np.array_equal(load.reach.cost, expected_load.reach.cost)
        rows = [[row for row in assessment_rows(study) if row["element_id"] == one.id]
                for study in (mixed, alone)]  # fmt: skip
        assert rows[0] == rows[1]


@settings(deadline=None, max_examples=10)
@given(criterion=st.sampled_from(["metres", "minutes"]), walker=st.sampled_from(["adult", "child"]))
def test_without_any_walker_in_the_standard_nothing_changes(
    criterion: str, walker: WalkerName
) -> None:
    inputs = grid({"market": None, "care": None})
    on = judged(inputs, criterion=criterion, walker=walker)
    off = judged(inputs, criterion=criterion, walker=walker, by_group=False)
    assert array_digests(on) == array_digests(off)
    assert assessment_rows(on) == assessment_rows(off)
    assert figure_rows(on) == figure_rows(off)
    assert equity_rows(on) == equity_rows(off)
    assert gap_collection(on) == gap_collection(off)
    told = study_document(on)
    assert told.pop("digest") != off  # the parameter itself is recorded
    expected = study_document(off)
    expected.pop("digest")
    assert told["parameters"].pop("by_group") is True  # type: ignore[union-attr, attr-defined]
    assert expected["parameters"].pop("by_group") is False  # type: ignore[union-attr, attr-defined]
    assert told == expected


def test_the_choice_changes_the_digest() -> None:
    documents = [study_document(judged(grid({"a": None}), by_group=on)) for on in (True, False)]
    assert documents[0]["digest"] != documents[1]["digest"]


# --- what is told ---------------------------------------------------------------------------------


def test_every_row_says_who_walks() -> None:
    study = judged(town())
    document = study_document(study)
    assert document["parameters"]["by_group"] is True  # type: ignore[index]
    (told,) = document["element_walkers"]  # type: ignore[misc]
    assert (told["walker"], told["speed_m_s"]) == ("wheelchair", 0.8)
    assert [one["id"] for one in told["elements"]] == ["clinic"]
    rows = {row["element_id"]: row for row in assessment_rows(study)}
    assert [rows[one]["walker"] for one in study.reach.element_ids] == [
        "adult", "wheelchair", "adult",
    ]  # fmt: skip
    assert (rows["clinic"]["walker_zh"], rows["clinic"]["walker_en"]) == ("轮椅", "wheelchair")
    gap = gap_collection(study)["features"][0]["properties"]  # type: ignore[index]
    assert (gap["element_id"], gap["walker"]) == ("clinic", "wheelchair")


def test_figures_say_who_walks() -> None:
    longest = metric("walk_p95", "le", 600.0)
    elements = (
        replace(own("market", None), efficiency=(longest,)),
        replace(own("clinic", "wheelchair"), efficiency=(longest,)),
    )
    inputs = inputs_of(
        stairs(), elements, [(-100.0, 0.0)], [("market", 500.0, 0.0), ("clinic", 500.0, 0.0)]
    )
    rows = {row["element_id"]: row for row in figure_rows(judged(inputs))
            if row["circle_id"] == "*"}  # fmt: skip
    assert (rows["market"]["walker"], rows["market"]["value"]) == ("adult", 600.0)
    assert (rows["clinic"]["walker"], rows["clinic"]["value"]) == ("wheelchair", 1200.0)


def test_a_saved_study_is_judged_again_by_the_same_walkers(tmp_path) -> None:  # noqa: ANN001
    study = judged(town(population_60plus=[3.0, 4.0]), criterion="minutes")
    save_study(study, tmp_path / "s", run={})
    found = open_inputs(tmp_path / "s")
    assert found.parameters.by_group is True
    again = analyse(found.inputs, found.parameters)
    assert study_document(again) == study_document(study)
    assert [one.profile.name for one in again.other_walks] == ["wheelchair"]
    stored = open_study(tmp_path / "s").document
    assert stored["parameters"]["by_group"] is True
    assert [one["walker"] for one in stored["element_walkers"]] == ["wheelchair"]


def test_only_walks_on_the_study_s_own_network_are_held_against_another_engine(tmp_path) -> None:  # noqa: ANN001
    study = judged(town())
    save_study(study, tmp_path / "s", run={})
    held = saved_study(open_study(tmp_path / "s")).walks
    assert held.walk_m[0].tolist() == [600.0, 600.0]  # the clinic's 1,200 m are a wheelchair's
    save_study(judged(town(), by_group=False), tmp_path / "off", run={})
    assert saved_study(open_study(tmp_path / "off")).walks.walk_m.shape == (2, 3)


def test_a_walker_whose_speed_nobody_states_is_refused() -> None:
    inputs = grid({"market": "child"})
    walking = STANDARD.walking
    only = replace(walking, speeds_m_s={"adult": walking.speeds_m_s["adult"]})
    with pytest.raises(InvalidParameterError) as caught:
        judged(replace(inputs, standard=replace(inputs.standard, walking=only)))
    assert caught.value.reason.key == "walkers.no_speed"


# --- in the standard ------------------------------------------------------------------------------

ADULT_SPEED = "      - {group: adult, value: 1.3, source: A, confidence: default}\n"
CHILD_SPEED = "      - {group: child, value: 1.0, source: A, confidence: default}\n"
WALKER = "    walker: {value: child, source: A, confidence: default}\n"
TREATMENT = "    treatment: facility_access\n"


def with_walker(walker: str = WALKER, speeds: str = ADULT_SPEED + CHILD_SPEED) -> str:
    return PARENT.replace(TREATMENT, TREATMENT + walker, 1).replace(ADULT_SPEED, speeds, 1)


@pytest.fixture
def write(tmp_path):  # noqa: ANN001, ANN201
    def write(text: str, name: str = "parent.yaml") -> Path:
        path: Path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


def test_the_packaged_standards_name_walkers_of_elements_for_an_age_group() -> None:
    expected = {
        "primary_school": "child", "junior_middle_school": "child",
        "elderly_care_center": "older_adult", "elderly_day_care_station": "older_adult",
        "community_canteen": "older_adult",
    }  # fmt: skip
    for name in ("living_circle_25", "tdt1062_2021"):
        named = {one.id: one.walker for one in read_standard(name).elements if one.walker}
        assert named == expected
        assert set(named.values()) <= set(read_standard(name).walking.speeds_m_s)


def test_a_walker_is_read_and_none_is_none(write) -> None:  # noqa: ANN001
    school, shop = read_standard(write(with_walker())).elements
    assert (school.walker, shop.walker) == ("child", None)


@pytest.mark.parametrize(
    ("text", "reason", "at"),
    [
        (with_walker(speeds=ADULT_SPEED), "standard.walker.no_speed", "walker:"),
        (with_walker(WALKER.replace("child", "horse")), "standard.schema.enum", "walker:"),
        (with_walker(WALKER.replace("source: A, ", "")), "standard.schema.required", "walker:"),
        (with_walker(WALKER.replace("source: A", "source: Z")), "standard.source", "walker:"),
        (
            with_walker().replace(TREATMENT + WALKER, "    treatment: line_renewal\n" + WALKER),
            "standard.walker.not_walked", "walker:",
        ),
    ],
)  # fmt: skip
def test_a_walker_that_could_judge_nothing_names_line_element_and_remedy(
    write,
    text: str,
    reason: str,
    at: str,  # noqa: ANN001
) -> None:
    problems = {str(one.args["reason"].key): one for one in validate_standard(write(text))}
    problem = problems[reason]
    assert problem.args["line"] == line_of(text, at)
    assert problem.args["element"] == "school"
    if reason == "standard.walker.no_speed":
        told = problem.text("en")
        assert "adult" in told and "walker.value" in told and "child" in told


def test_a_child_standard_inherits_changes_and_removes_a_walker(write) -> None:  # noqa: ANN001
    write(with_walker())
    assert read_standard(write(CHILD_STANDARD, "child.yaml")).elements[0].walker == "child"
    other = CHILD_STANDARD + "    walker: {value: adult, source: A, confidence: default}\n"
    assert read_standard(write(other, "child.yaml")).elements[0].walker == "adult"
    without = CHILD_STANDARD + "remove:\n  - school.walker\n"
    assert read_standard(write(without, "child.yaml")).elements[0].walker is None


def test_a_changed_walker_is_told_in_words() -> None:
    old, new = yaml.safe_load(PARENT), yaml.safe_load(with_walker())
    told = [one.text for one in standard_changes(old, new) if one.element_id == "school"]
    assert len(told) == 1
    assert "步行者" in told[0].text("zh")
    assert "who walks there" in told[0].text("en")
    third = yaml.safe_load(with_walker(WALKER.replace("child", "adult")))
    (change,) = standard_changes(new, third)
    assert change.text.text("zh") == "学校　步行者：儿童 → 成年人"


def test_a_walker_survives_the_workbook(tmp_path) -> None:  # noqa: ANN001
    document = yaml.safe_load(with_walker())
    standard_workbook(document, tmp_path / "s.xlsx")
    tree, problems = read_standard_workbook(tmp_path / "s.xlsx")
    assert problems == () and tree is not None
    back = plain(tree)
    assert back["elements"][0]["walker"] == document["elements"][0]["walker"]  # type: ignore[index,call-overload]
    assert "walker" not in back["elements"][1]  # type: ignore[index,call-overload]


# --- groups of residents --------------------------------------------------------------------------


def test_groups_walk_as_they_do_where_the_study_asks_for_it() -> None:
    # Older people live at 100 and 600 m, 10 each: within 10 minutes they walk 540 m.
    inputs = inputs_of(
        grid_city(9, 1, block_m=100.0), (own("market", None),),
        [(100.0, 0.0), (600.0, 0.0)], [("market", 0.0, 0.0)],
        population_60plus=[10.0, 10.0], population_6_11=[5.0, 15.0], population_0_2=[1.0, 3.0],
    )  # fmt: skip
    found = {
        on: {row.group: row for row in judged(inputs, criterion="minutes", by_group=on).equity.rows
             if row.circle_id == "*"}
        for on in (True, False)
    }  # fmt: skip
    shares = {on: {one: row.covered_share for one, row in rows.items()}
              for on, rows in found.items()}  # fmt: skip
    assert shares[False] == {
        "population": 1.0, "population_60plus": 1.0, "population_6_11": 1.0, "population_0_2": 1.0,
    }  # fmt: skip
    assert shares[True] == {
        "population": 1.0, "population_60plus": 0.5, "population_6_11": 1.0, "population_0_2": 1.0,
    }  # fmt: skip
    on = found[True]
    assert on["population_60plus"].walk_p95_s == pytest.approx(600 / 0.9)
    assert on["population_6_11"].walk_p95_s == pytest.approx(600.0)
    assert on["population"].walk_p95_s == pytest.approx(500.0)
    assert {one: row.walker for one, row in on.items()} == {
        "population": None, "population_60plus": "older_adult", "population_6_11": "child",
        "population_0_2": None,
    }  # fmt: skip
    told = {row["group"]: row["walker"] for row in equity_rows(judged(inputs))}
    assert told == {
        "population": "adult", "population_60plus": "older_adult", "population_6_11": "child",
        "population_0_2": "adult",
    }  # fmt: skip


def test_a_group_that_is_one_share_everywhere_is_no_finding() -> None:
    inputs = inputs_of(
        grid_city(9, 1, block_m=100.0), (own("market", None),),
        [(100.0, 0.0), (900.0, 0.0)], [("market", 0.0, 0.0)],
        population_60plus=[20.0, 20.0], population_6_11=[5.0, 6.0],
    )  # fmt: skip
    study = judged(inputs, by_group=False)
    rows = {row.group: row for row in study.equity.rows if row.circle_id == "*"}
    assert {one: row.by_fixed_share for one, row in rows.items()} == {
        "population": False, "population_60plus": True, "population_6_11": False,
    }  # fmt: skip
    old, all_ = rows["population_60plus"], rows["population"]
    assert (old.covered_share, old.walk_p95_m, old.palma) == (
        all_.covered_share, all_.walk_p95_m, all_.palma,
    )  # fmt: skip
    note = study.equity.fixed_note
    assert note is not None
    for language in LANGUAGES:
        assert "60" in note.text(language)
        assert "11" not in note.text(language)
    assert study_document(study)["diagnosis"]["equity_fixed_note"] is not None  # type: ignore[index]


def test_what_is_a_fixed_share() -> None:
    people, here = np.array([10.0, 30.0, 0.0, 7.0]), np.array([True, True, True, False])
    assert is_fixed_share(0.2 * people, people, here)
    assert is_fixed_share(np.array([2.0, 6.0, 0.0, 5.0]), people, here)  # elsewhere: does not count
    assert is_fixed_share(people / 3.0 * (1 + 1e-9), people, here)
    assert not is_fixed_share(np.array([2.0, 6.1, 0.0, 0.0]), people, here)
    assert not is_fixed_share(
        np.array([2.0, 6.0, 1.0, 0.0]), people, here
    )  # a group without people
    assert not is_fixed_share(np.zeros(4), people, here)
    assert not is_fixed_share(people, people, np.zeros(4, dtype=bool))

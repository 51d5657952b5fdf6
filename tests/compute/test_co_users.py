"""Residents beyond the circles share facilities and are judged nowhere: predicted by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.capacity.amounts import amounts
from analysis.capacity.sharing import Sharing
from analysis.documents.diagnosis import diagnosis_document
from analysis.documents.study import study_document
from analysis.places.demand import Demand, nobody
from analysis.standard.profile_rules import Cohorts, TwoStepZones
from analysis.study import Study, StudyInputs, StudyParameters, analyse
from analysis.testing.cities import people_at, square_circles
from tests.diagnosis_city import (
    WEST,
    homes,
    inputs_of,
    scale_rule,
    school,
    schools,
    verdict_of,
)

ONE_EACH = school(scale=scale_rule(1000.0))  # everybody asks for a seat


def beyond(*places: tuple[float, float]) -> Demand:
    """Return homes of (x metres, people) beyond all circles."""
    return people_at(
        [(x, 0.0) for x, _ in places],
        people=[people for _, people in places],
        circle=[-1] * len(places),
    )


def rim(outside: Demand, *, seats: str = "100", school_m: float = 500.0) -> StudyInputs:
    """Return one circle that ends at x = 450, 80 children at x = 200, a school beyond the rim."""
    inputs = inputs_of(
        homes([(200.0, 80.0)]), schools([(school_m, seats)]), ONE_EACH,
        circles=square_circles(WEST),
    )  # fmt: skip
    return replace(inputs, beyond=outside)


def run(inputs: StudyInputs) -> Study:
    return analyse(inputs, StudyParameters())


def figure(study: Study, metric: str, circle: str = "A"):  # noqa: ANN201
    row = verdict_of(study, circle)
    return next(f for one in row.dimensions for f in one.figures if f.metric == metric)


def test_a_school_at_the_rim_is_shared_with_the_children_outside() -> None:
    # 100 seats; 80 inside walk 300 m, 80 outside 200 m: those outside are served, 20 inside.
    study = run(rim(beyond((700.0, 80.0))))
    assert figure(study, "unserved").value == pytest.approx(60 / 80)
    assert figure(study, "utilisation").value == pytest.approx(1.0)
    assert figure(study, "2sfca").value == pytest.approx(1000 * 100 / 160)
    assert figure(study, "scale").value == pytest.approx(1000 * 50 / 80)  # half of the school
    assert verdict_of(study, "A").dimension("scale").lacking == pytest.approx(30.0)
    load = study.measured.loads["school"]
    assert load.assignment is not None
    assert load.assignment.served.tolist() == [20.0]
    assert load.assignment.load.tolist() == [100.0]
    assert load.co_users.drawing.tolist() == [80.0]


def test_without_anybody_outside_the_school_is_theirs_alone() -> None:
    study = run(rim(nobody()))
    assert figure(study, "unserved").value == 0.0
    assert figure(study, "utilisation").value == pytest.approx(0.8)
    assert figure(study, "2sfca").value == pytest.approx(1000 * 100 / 80)
    assert figure(study, "scale").value == pytest.approx(1000 * 100 / 80)
    assert diagnosis_document(study)["beyond_circles"]["residents"] == 0.0
    assert not [one for one in study.notices if one.code.startswith("co_users")]


def test_the_nearer_ones_inside_come_first() -> None:
    # 150 m for those inside, 350 m for those outside: all 80 find room.
    study = run(rim(beyond((700.0, 80.0)), school_m=350.0))
    assert figure(study, "unserved").value == 0.0
    assert figure(study, "utilisation").value == pytest.approx(1.0)


def test_co_users_are_in_no_denominator() -> None:
    alone, shared = run(rim(nobody())), run(rim(beyond((700.0, 80.0))))
    for one, other in zip(alone.assessment.rows, shared.assessment.rows, strict=True):
        assert repr(one.figures) == repr(other.figures)  # coverage, people, homes, walks
        assert repr(one.coverage) == repr(other.coverage)
    assert [(one.kind, one.people) for one in alone.gaps if one.kind == "missing"] == [
        (one.kind, one.people) for one in shared.gaps if one.kind == "missing"
    ]
    counts = [study_document(one)["counts"]["residents"] for one in (alone, shared)]
    assert counts == [80.0, 80.0]
    assert len(shared.measured.loads["school"].wanted) == 1


def test_who_shares_nothing_changes_nothing() -> None:
    # The home at x = 1000 is 650 m from the school: it is told of, and everything stays.
    alone = run(rim(nobody(), school_m=350.0))
    far = run(rim(beyond((1000.0, 500.0)), school_m=350.0))
    assert repr(alone.assessment.rows) == repr(far.assessment.rows)
    assert diagnosis_document(far)["beyond_circles"] == {
        "residents": 500.0,
        "residents_estimated": False,
        "residents_sharing": 0.0,
        "residents_unlinked": 0.0,
        "residents_sharing_by_element": {"school": 0.0},
    }


def test_the_study_says_how_many_share() -> None:
    study = run(rim(beyond((700.0, 80.0), (1000.0, 500.0), (990.0, 7.0))))
    told = {one.code: one.text for one in study.notices}["co_users.shared"]
    assert told.text("en").startswith("587 of the 587 residents")  # 500 m and 490 m: within reach
    assert "587" in told.text("zh")
    assert diagnosis_document(study)["beyond_circles"]["residents_sharing_by_element"] == {
        "school": 587.0
    }


def test_who_cannot_be_linked_is_listed() -> None:
    lost = people_at([(700.0, 900.0)], people=[5.0], circle=[-1])
    study = run(rim(lost))
    found = Sharing.of(study.measured.loads, study.inputs.beyond, study.walks.beyond)
    assert dict(found.unlinked) == {"home/0000": 5.0}
    told = next(one for one in study.notices if one.code == "co_users.unlinked")
    assert told.subjects == ("home/0000",)


def test_e2sfca_weighs_co_users_by_their_walk() -> None:
    inputs = rim(beyond((700.0, 80.0)))
    zones = TwoStepZones(
        until_share=(0.5, 1.0), weight=(1.0, 0.5), source="DEFAULT", confidence="default"
    )
    inputs = replace(inputs, standard=replace(inputs.standard, two_step_zones=zones))
    # Inside 300 of 500 m weighs 0.5, outside 200 m weighs 1: 100 / (40 + 80) × 0.5 each.
    assert figure(run(inputs), "e2sfca").value == pytest.approx(1000 * 0.5 * 100 / 120)


def test_a_school_inside_that_only_outsiders_reach_is_not_the_circles() -> None:
    # A school at x = 440 stands inside, nobody inside reaches it: 0 … 440 m is too far from −40.
    inputs = inputs_of(
        homes([(200.0, 80.0)]), schools([(200.0, "10"), (440.0, "90")]),
        school(scale=scale_rule(1000.0), threshold_m=200.0), circles=square_circles(WEST),
    )  # fmt: skip
    assert figure(run(inputs), "scale").value == pytest.approx(1000 * 100 / 80)
    others = replace(inputs, beyond=beyond((500.0, 5.0)))
    assert figure(run(others), "scale").value == pytest.approx(1000 * 10 / 80)


def test_a_group_that_is_counted_inside_is_not_guessed_outside() -> None:
    inside = replace(homes([(0.0, 100.0)]), groups={"population_3_5": np.array([7.0])})
    outside = replace(beyond((0.0, 100.0)), groups={"population_3_5": np.array([0.0])})
    found = amounts(outside, Cohorts(), "population_3_5", like=inside)
    assert found is not None
    assert found.of_point.tolist() == [0.0]


@given(seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_more_people_outside_raise_nobodys_share(seed: int) -> None:
    rng = np.random.default_rng(seed)
    inside = homes([(x, float(p)) for x, p in zip(rng.uniform(0, 449, 6), rng.integers(1, 90, 6))])
    places = [(float(x), str(rng.integers(0, 120))) for x in rng.uniform(0, 1000, 4)]
    outside = [
        (float(x), float(p)) for x, p in zip(rng.uniform(451, 1000, 4), rng.integers(1, 90, 4))
    ]
    base = inputs_of(inside, schools(places), ONE_EACH, circles=square_circles(WEST))
    few, many = (
        run(replace(base, beyond=beyond(*some) if some else nobody()))
        for some in (outside[: int(rng.integers(0, 3))], outside)
    )
    one, other = (study.measured.loads["school"] for study in (few, many))
    assert one.assignment is not None
    assert other.assignment is not None
    assert (other.assignment.served <= one.assignment.served + 1e-5).all()
    assert (other.assignment.load <= other.assignment.capacity).all()
    for name, score in one.scores.items():
        assert (other.scores[name] <= score + 1e-9).all()
    assert figure(many, "scale").value <= figure(few, "scale").value + 1e-9
    assert repr(many.reach) == repr(few.reach)
    np.testing.assert_array_equal(many.reach.walk_m, few.reach.walk_m)


def test_facilities_of_the_other_side_are_weighed_with_both_neighbours() -> None:
    # Those outside have a school of their own next door and leave the rim's to the circle.
    inputs = replace(rim(beyond((700.0, 80.0))), facilities=schools([(500.0, "80"), (700.0, "80")]))
    study = run(inputs)
    assert figure(study, "unserved").value == 0.0
    assert study.measured.loads["school"].assignment.load.tolist() == [80.0, 80.0]


def test_who_only_competes_with_co_users_elsewhere_is_left_out() -> None:
    # The home at x = 1000 reaches the far school alone, which thus stays free for the co-users:
    # they and the circle's 80 all find room. Counted in, it would send them to the rim's.
    inputs = replace(
        rim(beyond((750.0, 80.0), (1000.0, 80.0))),
        facilities=schools([(480.0, "100"), (900.0, "80")]),
    )
    study = run(inputs)
    assert figure(study, "unserved").value == 0.0
    assert study.measured.loads["school"].co_users.point.tolist() == [0]
    assert study.measured.loads["school"].co_users.drawing.tolist() == [80.0, 160.0]


def test_norms_by_ground_are_shared_with_nobody() -> None:
    element = school(scale=scale_rule(3.0, basis="area", per=1.0, each=1.0))
    inputs = inputs_of(
        homes([(200.0, 80.0)]), schools([(440.0, None)]), element, circles=square_circles(WEST)
    )
    alone, shared = (run(replace(inputs, beyond=one)) for one in (nobody(), beyond((500.0, 9.0))))
    assert repr(alone.assessment.rows) == repr(shared.assessment.rows)


def test_estimated_co_users_make_what_they_share_an_estimate() -> None:
    outside = beyond((700.0, 80.0))
    guessed = replace(outside, people_estimated=np.ones(1, dtype=bool))
    for metric in ("scale", "utilisation", "unserved", "2sfca"):
        assert not figure(run(rim(outside)), metric).estimated
        assert figure(run(rim(guessed)), metric).estimated

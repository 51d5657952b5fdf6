"""How far, how directly, how loaded: by hand and against plain definitions."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.judgement import efficiency
from analysis.places.facilities import Entrance, build_facilities
from analysis.standard.figures import Answer, Known, Unknown, figure_of, value_text
from analysis.standard.rules import Target
from tests.diagnosis_city import facility, homes, metric, scale_rule, schools, study_of, verdict_of

INF = math.inf


def value(answer: Answer) -> float:
    assert isinstance(answer, Known)
    return answer.value


def arrays(*columns: list[float]) -> list[np.ndarray]:
    return [np.array(one, dtype=float) for one in columns]


ALL = np.ones(3, dtype=bool)
MEAN = metric("walk_mean", "le", 300.0)
AT_MOST_300 = Target(op="le", source="DEFAULT", confidence="default", high=300.0)


def walks(
    walk_m: np.ndarray, people: np.ndarray, here: np.ndarray = ALL, beyond_m: float = 600.0
) -> efficiency.Walks:
    """Who is beyond the search walks more than 600 m."""
    least_m = np.full(len(walk_m), beyond_m)
    return efficiency.Walks(walk_m=walk_m, people=people, here=here, beyond_m=least_m)


def mean(walk_m: np.ndarray, people: np.ndarray, here: np.ndarray = ALL) -> Answer:
    return efficiency.walk_mean(walks(walk_m, people, here), AT_MOST_300)


def p95(walk_m: np.ndarray, people: np.ndarray, here: np.ndarray = ALL) -> Answer:
    return efficiency.walk_p95(walks(walk_m, people, here), AT_MOST_300)


def test_who_walks_farther_than_was_searched_is_not_left_out_of_the_mean() -> None:
    walk, people = arrays([100.0, 400.0, INF], [30.0, 10.0, 40.0])
    found = mean(walk, people)
    # The 40 walk more than 600 m each: a mean of the others alone would be 175 m and pass.
    assert value(found) == pytest.approx((30 * 100 + 10 * 400 + 40 * 600) / 80)
    assert isinstance(found, Known)
    assert (found.least, found.judged) == (True, True)
    assert found.known_share == pytest.approx(0.5)
    assert found.basis.text("en") == "80 residents"
    figure = figure_of(MEAN, found)
    assert figure.verdict == "weak"
    assert value_text(figure).text("zh") == "超过 387 米"
    assert figure.why_not is not None
    assert "40 residents" in figure.why_not.text("en")


def test_a_mean_that_only_those_beyond_could_spoil_is_left_open() -> None:
    walk, people = arrays([100.0, 300.0, INF], [30.0, 10.0, 1.0])
    found = mean(walk, people)
    assert value(found) == pytest.approx((30 * 100 + 10 * 300 + 600) / 41, abs=1e-3)
    assert isinstance(found, Known)
    assert (found.least, found.judged) == (True, False)
    figure = figure_of(MEAN, found)
    assert figure.verdict == "not_assessed"
    assert figure.why_not is not None
    assert "1 人" in figure.why_not.text("zh")
    within = np.array([True, True, False])
    assert figure_of(MEAN, mean(walk, people, within)).verdict == "met"


def test_p95_beyond_the_search_is_judged_only_where_the_search_went_past_the_target() -> None:
    walk, people = arrays([100.0, 200.0, INF], [90.0, 4.0, 6.0])
    for beyond_m, verdict in ((250.0, "not_assessed"), (300.0 + 2**-18, "weak"), (600.0, "weak")):
        given = walks(walk, people, beyond_m=beyond_m)
        figure = figure_of(metric("walk_p95", "le", 300.0), efficiency.walk_p95(given, AT_MOST_300))
        assert figure.verdict == verdict
        assert figure.least
        assert value_text(figure).text("en") == f"more than {beyond_m:.0f} m"


def test_without_residents_or_walks_there_is_no_figure_never_zero() -> None:
    walk, nobody, people = arrays([100.0, INF, INF], [0.0, 0.0, 0.0], [0.0, 5.0, 5.0])
    for found in (
        mean(walk, nobody),
        p95(walk, nobody),
        mean(walk, people),
        efficiency.detour(walk, walk, people, ALL),
        efficiency.unserved(nobody, nobody, ALL, estimated=False),
        efficiency.utilisation(nobody, nobody, people, estimated=False),
        efficiency.utilisation(people, people, nobody, estimated=False),
    ):
        assert isinstance(found, Unknown)
        assert found.why_not.text("zh")


def test_the_walk_of_95_in_100_leaves_out_nobody_who_has_none() -> None:
    walk, people = arrays([100.0, 200.0, INF], [90.0, 5.0, 5.0])
    assert value(p95(walk, people)) == 200.0
    walk, people = arrays([100.0, 200.0, INF], [90.0, 4.0, 6.0])
    assert value(p95(walk, people)) == 600.0
    walk, people = arrays([300.0, 200.0, 999.0], [94.0, 6.0, 0.0])
    assert value(p95(walk, people)) == 300.0


@given(
    st.lists(st.tuples(st.sampled_from([50.0, 120.0, 700.0, INF]), st.integers(1, 50)), min_size=1),
    st.sampled_from([1.0, 1 / 3, 0.1, 7.7]),
)
def test_p95_is_the_least_walk_within_which_95_in_100_live(
    homes_: list[tuple[float, int]], factor: float
) -> None:
    walk = np.array([one for one, _ in homes_])
    people = np.array([float(number) for _, number in homes_])
    whole = sum(number for _, number in homes_)
    expected = min(
        limit
        for limit in walk
        if 100 * sum(number for one, number in homes_ if one <= limit) >= 95 * whole
    )
    here = np.ones(len(walk), dtype=bool)
    assert efficiency.quantile(walk, people * factor, here) == expected
    order = np.argsort(-people, kind="stable")
    assert efficiency.quantile(walk[order], people[order], here) == expected


def test_detours_are_of_pairs_farther_apart_than_fifty_metres() -> None:
    walk, apart, people = arrays([60.0, 140.0, 300.0], [50.0, 100.0, 200.0], [9.0, 10.0, 30.0])
    found = efficiency.detour(walk, apart, people, ALL)
    assert value(found) == pytest.approx((10 * 1.4 + 30 * 1.5) / 40)
    assert isinstance(found, Known)
    assert found.known_share == pytest.approx(40 / 49)


def test_the_straight_line_goes_to_the_nearest_entrance_of_the_nearest_facility() -> None:
    park = facility(0.0)
    gates = ((0.0, 0.0, Entrance.POINT), (300.0, 400.0, Entrance.POINT))
    facilities = build_facilities(
        [
            facility(1000.0, number=0),
            type(park)(**{  # type: ignore[arg-type]
                **{name: getattr(park, name) for name in type(park).__slots__},
                "source_id": "test:0001", "entrances": gates,
            }),
            facility(50.0, number=2),
        ]
    )  # fmt: skip
    points = np.array([[0.0, 30.0], [300.0, 390.0], [0.0, 0.0], [1000.0, 7.0]])
    nearest = np.array([1, 1, -1, 0], dtype=np.int32)
    found = efficiency.straight_m(points, nearest, facilities)
    assert np.array_equal(found, [30.0, 10.0, np.nan, 7.0], equal_nan=True)
    nowhere = efficiency.straight_m(points, np.full(4, -1, dtype=np.int32), facilities)
    assert np.isnan(nowhere).all()


def test_utilisation_weighs_each_facility_by_the_part_that_is_used() -> None:
    load, capacity, used = arrays([20.0, 10.0, 99.0], [40.0, 10.0, 99.0], [1.0, 0.25, 0.0])
    found = efficiency.utilisation(load, capacity, used, estimated=True)
    assert value(found) == pytest.approx((20 + 2.5) / (40 + 2.5))
    assert isinstance(found, Known)
    assert found.estimated
    assert found.basis.text("en") == "2 facilities"


def test_unserved_is_what_finds_no_room_in_the_scope() -> None:
    demand, served = arrays([10.0, 30.0, 60.0], [10.0, 0.0, 45.0])
    assert value(efficiency.unserved(demand, served, ALL, estimated=False)) == pytest.approx(0.45)
    west = np.array([True, True, False])
    assert value(efficiency.unserved(demand, served, west, estimated=False)) == pytest.approx(0.75)
    # Sums that come out a hair above what is asked for leave nobody unserved, not less than none.
    assert value(efficiency.unserved(demand, demand * (1 + 1e-12), ALL, estimated=False)) == 0.0


def test_five_figures_of_a_street_by_hand() -> None:
    # 100 residents at 0 m ask for 30 seats, 300 at 900 m for 90; one school of 40 in the middle.
    town = homes([(0.0, 100.0), (900.0, 300.0)])
    study = study_of(town, schools([(450.0, "40")]))
    found = {
        one.metric: one.value for one in verdict_of(study, "*").dimension("efficiency").figures
    }
    assert found["walk_mean"] == pytest.approx(450.0)
    assert found["walk_p95"] == pytest.approx(450.0)
    assert found["detour"] == pytest.approx(1.0)
    assert found["utilisation"] == pytest.approx(1.0)
    assert found["unserved"] == pytest.approx(80 / 120)
    # No circle can be left with less than its demand beyond the 40 seats.
    west = {one.metric: one.value for one in verdict_of(study, "A").dimension("efficiency").figures}
    east = {one.metric: one.value for one in verdict_of(study, "B").dimension("efficiency").figures}
    assert 30 * west["unserved"] + 90 * east["unserved"] == pytest.approx(80)


def test_a_score_is_the_mean_of_who_lives_there_and_open_where_nobody_does() -> None:
    score, amount = arrays([0.1, 0.4, 0.9], [30.0, 10.0, 0.0])
    found = efficiency.score_figure("2sfca", score, amount, ALL, scale_rule(300.0), estimated=False)
    assert found.value == pytest.approx(1000 * (30 * 0.1 + 10 * 0.4) / 40)
    assert found.verdict == "not_assessed"
    assert found.basis.text("en").startswith("75.0% of the demand")
    nobody = np.array([False, False, True])
    empty = efficiency.score_figure("2sfca", score, amount, nobody, scale_rule(), estimated=False)
    assert math.isnan(empty.value)
    assert "nan" not in empty.basis.text("zh")


def test_loads_need_sizes_and_name_their_column() -> None:
    town = homes([(0.0, 100.0), (900.0, 300.0)])
    study = study_of(town, schools([(450.0, None), (500.0, None), (400.0, "40")]))
    figures = verdict_of(study, "*").dimension("efficiency").figures
    for figure in figures:
        if figure.metric in ("utilisation", "unserved"):
            assert math.isnan(figure.value)
            assert figure.verdict == "not_assessed"
            assert figure.why_not is not None
            assert "capacity" in figure.why_not.text("zh")
            assert "2 of 3" in figure.why_not.text("en")


def test_a_guessed_size_makes_loads_an_estimate() -> None:
    town = homes([(0.0, 100.0), (900.0, 300.0)])
    for stated, estimated in ((("40", "40"), False), (("40", None), True)):
        places = list(zip((450.0, 500.0), stated, strict=True))
        figures = verdict_of(study_of(town, schools(places)), "*").dimension("efficiency").figures
        by_metric = {one.metric: one for one in figures}
        assert by_metric["unserved"].estimated is estimated
        assert by_metric["utilisation"].estimated is estimated
        assert not by_metric["walk_mean"].estimated
        # What nobody states is taken for the median of what is stated: 40 seats each, 120 asked.
        assert by_metric["unserved"].value == pytest.approx(40 / 120, abs=1e-6)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 200), st.integers(0, 200))
def test_more_seats_never_leave_more_unserved(seats: int, more: int) -> None:
    town = homes([(0.0, 100.0), (900.0, 300.0)])
    few, many = (
        verdict_of(study_of(town, schools([(450.0, str(one)), (100.0, "5")])), "*")
        for one in (seats, seats + more)
    )
    shares = [
        next(f.value for f in one.dimension("efficiency").figures if f.metric == "unserved")
        for one in (few, many)
    ]
    assert shares[1] <= shares[0] + 1e-9
    assert shares[0] == pytest.approx(max(120 - seats - 5, 0) / 120, abs=1e-6)

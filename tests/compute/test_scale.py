"""Whether there is enough: predicted on a street, and properties that hold of any town."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.capacity.amounts import Amounts
from analysis.capacity.supply import Supply
from analysis.judgement.parking import shortage
from analysis.judgement.scale import count_holds, judge_scale
from analysis.judgement.scale_figures import ScaleFigures, drawn_shares, scale_figures
from analysis.messages import LANGUAGES, Joined
from analysis.places.facilities import build_facilities
from analysis.places.scope import Scope
from analysis.sources.standards import packaged_standards, read_standard
from analysis.standard.rules import Basis, ScaleRule, Target
from analysis.standard.verdicts import DimensionVerdict, Verdict
from tests.diagnosis_city import (
    facility,
    homes,
    reach_of,
    scale_rule,
    school,
    schools,
    scope_of,
    study_of,
    verdict_of,
)

RANK: dict[Verdict, int] = {"short": 0, "weak": 1, "met": 2}
COLUMNS = Joined(("capacity", "seats"))
# 100 residents at 0 m and 300 at 900 m; schools at 100 m (west alone) and at 450 m (both).
TOWN = homes([(0.0, 100.0), (900.0, 300.0)])
BOTH = ((100.0, "20"), (450.0, "40"))


def scale_of(places: Sequence[tuple[float, str | None]], circle: str, **rule: object):  # noqa: ANN201
    element = school(scale=scale_rule(**rule))  # type: ignore[arg-type]
    return verdict_of(study_of(TOWN, schools(places), element), circle).dimension("scale")


# Predicted on a street.


def test_a_school_within_reach_of_both_circles_is_shared_by_their_residents() -> None:
    # Of the 40 seats at 450 m, 100 of 400 residents draw 10 and the others 30.
    west, east = scale_of(BOTH, "A"), scale_of(BOTH, "B")
    assert west.figures[0].value == pytest.approx(1000 * (20 + 10) / 100)
    assert east.figures[0].value == pytest.approx(1000 * 30 / 300)
    assert west.verdict == "met"  # needs 300 ‰ of 100
    assert east.verdict == "short"  # 30 of 90
    assert east.reason.text("zh") == "缺 60 个学位：现有 30，需 90（每 1,000 人 100，标准 300）。"
    assert east.reason.text("en") == (
        "60 seats short: 30 for a need of 90 (100 per 1,000 residents, norm 300)."
    )
    assert west.reason.text("zh") == "现有 30 个学位，需 30 个学位（每 1,000 人 300，标准 300）。"
    together = scale_of(BOTH, "*")
    assert together.figures[0].value == pytest.approx(1000 * 60 / 400)
    assert together.figures[0].basis.text("en") == "2 facilities (size known of 2), 400 residents"


def test_a_school_outside_all_circles_counts_for_who_reaches_it() -> None:
    # Circles end 50 m beside the street.
    outside = build_facilities([facility(900.0, {"capacity": "90"}, y_m=60.0)])
    found = verdict_of(study_of(TOWN, outside), "B")
    assert found.figures is not None
    assert found.figures.facilities_inside == 0
    assert found.dimension("scale").verdict == "met"
    assert found.dimension("scale").figures[0].value == pytest.approx(300.0)


@pytest.mark.parametrize("status", ["closed", "construction"])
def test_a_school_that_is_not_open_offers_nothing(status: str) -> None:
    ready = facility(100.0, {"capacity": "20"})
    later = facility(450.0, {"capacity": "4000"}, number=1, status=status)  # type: ignore[arg-type]
    with_it = study_of(TOWN, build_facilities([ready, later]))
    without = study_of(TOWN, build_facilities([ready]))
    for circle in ("A", "B", "*"):
        one, other = (verdict_of(study, circle) for study in (with_it, without))
        assert repr(one.dimensions) == repr(other.dimensions)  # nan is not equal to nan


@pytest.mark.parametrize(
    ("seats", "verdict"),
    [("120", "met"), ("119", "weak"), ("84", "weak"), ("83", "short"), ("0", "short")],
)
def test_met_at_the_norm_weak_from_its_short_share(seats: str, verdict: str) -> None:
    found = scale_of([(450.0, seats)], "*")
    assert found.verdict == verdict
    assert found.figures[0].verdict == verdict


def test_a_size_that_nobody_states_leaves_open_what_it_could_change() -> None:
    found = scale_of([(100.0, "20"), (450.0, None)], "A")
    assert found.verdict == "not_assessed"
    assert found.reason.key == "scale.partly_known"
    for language in LANGUAGES:
        assert "capacity" in found.reason.text(language)
    assert found.figures[0].known_share == 0.5
    unknown = scale_of([(450.0, None)], "A")
    assert unknown.verdict == "not_assessed"
    assert math.isnan(unknown.figures[0].value)  # never zero
    assert unknown.reason.key == "scale.unknown"
    # The known school alone is enough: no unknown one can change that.
    assert scale_of([(100.0, "30"), (450.0, None)], "A").verdict == "met"


def test_what_one_usually_offers_bounds_an_unknown_school() -> None:
    # West needs 30; of the unknown school at 450 m it draws a quarter.
    def west(low: float, high: float) -> Verdict:
        return scale_of([(100.0, "20"), (450.0, None)], "A", typical=(low, high)).verdict

    assert west(40.0, 900.0) == "met"  # 20 + 10 at least
    assert west(0.0, 3.0) == "short"  # 20.75 of 30 at most
    assert west(0.0, 40.0) == "not_assessed"
    assert west(8.0, 36.0) == "weak"  # 22 to 29 of 30


def test_nobody_to_count_is_no_verdict() -> None:
    for basis in ("population_12_14", "lane_length", "vehicles", "eligible_households"):
        found = scale_of(BOTH, "A", basis=basis, norm=0.001, per=1.0)
        assert found.verdict == "not_assessed", basis
        assert found.reason.key == "scale.no_demand"
    empty = study_of(homes([(0.0, 0.0), (900.0, 300.0)]), schools(BOTH))
    assert verdict_of(empty, "A").dimension("scale").verdict == "not_assessed"


def test_a_norm_by_ground_counts_what_stands_on_it() -> None:
    # The western circle is 500 × 100 m: 0.05 km² at 20 seats per km² needs one.
    west = scale_of([(100.0, "1"), (500.0, "7")], "A", basis="area", norm=20.0, per=1.0)
    assert west.verdict == "met"
    assert west.figures[0].value == pytest.approx(1 / 0.05)
    east = scale_of([(100.0, "1"), (500.0, "7")], "B", basis="area", norm=20.0, per=1.0)
    assert east.figures[0].value == pytest.approx(7 / 0.06)


def test_too_few_facilities_are_short_however_large_they_are() -> None:
    found = scale_of([(460.0, "4000")], "A", at_least=1)
    assert found.verdict == "short"
    # Count and capacity are both told: all the 4,000 seats are drawn by the 100 of the west.
    assert found.reason.text("en").startswith("Fewer than 1 inside the circle; 1,000 seats for a")
    assert found.brief is not None
    assert found.brief.text("zh") == "圈内不足 1 处"
    assert found.lacking == 0.0
    assert scale_of([(440.0, "4000")], "A", at_least=1).verdict == "met"


def test_a_lack_of_less_than_one_is_not_printed_as_none() -> None:
    found = scale_of([(450.0, "119.7")], "*")
    assert found.verdict == "weak"
    assert found.brief is not None
    assert found.brief.text("zh") == "缺 1 个学位"
    assert found.reason.text("en").startswith("1 seats short: 119.7 for a need of 120 (299.2 ")


def test_large_numbers_are_written_out() -> None:
    town = homes([(0.0, 53_124.0), (900.0, 300.0)])
    found = verdict_of(study_of(town, schools([(0.0, "9000")])), "A").dimension("scale")
    assert found.figures[0].basis.text("en").endswith("53,124 residents")
    for language in LANGUAGES:
        assert "e+" not in found.reason.text(language)


@pytest.mark.parametrize("name", sorted(packaged_standards()))
def test_every_norm_of_the_packaged_standards_is_said_in_both_languages(name: str) -> None:
    rules = [one.scale for one in read_standard(name).elements if one.scale is not None]
    assert len(rules) > 10
    for rule in rules:
        for least, most, unknown in ((0.3, 0.3, 0), (1.0, 1.0, 0), (0.8, 0.8, 0), (0.3, 3.0, 1)):
            figures = figures_of(least, most, unknown=unknown, rule=rule)
            found = judge_scale(rule, figures, columns=COLUMNS, count_holds=None)
            for said in (found.reason, found.brief or found.reason, found.figures[0].basis):
                for language in LANGUAGES:
                    assert "{" not in said.text(language)
                    assert "nan" not in said.text(language)


# Properties.


def figures_of(least: float, most: float, *, unknown: int, rule: ScaleRule) -> ScaleFigures:
    """Return figures with a need of the norm; `least` and `most` as shares of it."""
    need = rule.norm.value
    return ScaleFigures(
        basis_amount=rule.per, need=need, supply=least * need, least=least * need,
        most=most * need, facilities=3, unknown=unknown, unused=0.0, estimated=False,
    )  # fmt: skip


@st.composite
def towns(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return reach [p, f], people [p], circle [p], where facilities stand [f] (-1: nowhere), seats."""
    p, f = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    bits = draw(st.lists(st.booleans(), min_size=p * f, max_size=p * f))
    people = draw(st.lists(st.integers(0, 400), min_size=p, max_size=p))
    circle = draw(st.lists(st.integers(0, 2), min_size=p, max_size=p))
    stands = draw(st.lists(st.integers(-1, 2), min_size=f, max_size=f))
    seats = draw(
        st.lists(st.one_of(st.just(math.nan), st.integers(0, 500)), min_size=f, max_size=f)
    )
    return (
        np.array(bits).reshape(p, f), np.array(people, float), np.array(circle),
        np.array(stands), np.array(seats, float),
    )  # fmt: skip


def supply(seats: np.ndarray, low: float = 0.0, high: float = math.inf) -> Supply:
    known = np.isfinite(seats)
    return Supply(
        row=np.arange(len(seats), dtype=np.int32),
        amount=seats.copy(),
        estimated=np.zeros(len(seats), dtype=bool),
        least=np.where(known, seats, low),
        most=np.where(known, seats, high),
    )


def counted(people: np.ndarray) -> Amounts:
    return Amounts(basis="population", of_point=people.copy(), estimated=False)


def circles(town: tuple[np.ndarray, ...]) -> list[Scope]:
    _, _, circle, stands, _ = town
    return [scope_of(circle == one, stands == one) for one in range(3)]


def measured(town: tuple[np.ndarray, ...], scope: Scope, rule: ScaleRule, offer: Supply):  # noqa: ANN201
    reach, people = reach_of(town[0]), counted(town[1])
    return scale_figures(rule, scope, offer, reach, people, people)


def judged(rule: ScaleRule, figures: ScaleFigures) -> DimensionVerdict:
    return judge_scale(rule, figures, columns=COLUMNS, count_holds=None)


@given(towns())
def test_circles_together_draw_each_reached_facility_once(town: tuple[np.ndarray, ...]) -> None:
    matrix, people, _, stands, seats = town
    offer, reach = supply(seats), reach_of(matrix)
    shares = sum(drawn_shares(one, offer, reach, counted(people)) for one in circles(town))
    reached = (matrix & (people > 0)[:, None]).any(axis=0)
    expected = np.where(reached | (stands >= 0), 1.0, 0.0)
    assert shares == pytest.approx(expected)
    figures = [measured(town, one, scale_rule(), offer) for one in circles(town)]
    assert sum(one.supply for one in figures) == pytest.approx(np.nansum(seats * expected))
    unused = ~reached & (stands >= 0)
    assert sum(one.unused for one in figures) == pytest.approx(np.nansum(seats[unused]))
    # All circles as one draw what each draws.
    whole = measured(town, scope_of(np.ones(len(people), bool), stands >= 0), scale_rule(), offer)
    assert whole.supply == pytest.approx(sum(one.supply for one in figures))


@given(towns(), st.data(), st.integers(0, 400), st.floats(0.1, 800.0))
def test_adding_capacity_never_lowers_a_verdict_nor_raises_a_shortage(
    town: tuple[np.ndarray, ...], data: st.DataObject, more: int, norm: float
) -> None:
    rule, seats = scale_rule(norm), town[4]
    grown = seats.copy()
    grown[data.draw(st.integers(0, len(seats) - 1))] += more
    target = Target(op="le", source="S", confidence="default", high=10.0)
    for one in circles(town):
        before, after = (measured(town, one, rule, supply(each)) for each in (seats, grown))
        assert after.least >= before.least - 1e-9
        assert after.most >= before.most - 1e-9
        first, then = judged(rule, before).verdict, judged(rule, after).verdict
        if first == "met":
            assert then == "met"
        if "not_assessed" not in (first, then):
            assert RANK[then] >= RANK[first]
        lacking = [shortage(rule, each, target, ("capacity",)) for each in (before, after)]
        assert getattr(lacking[1], "value", 0.0) <= getattr(lacking[0], "value", 0.0) + 1e-9


@given(towns(), st.floats(0.1, 800.0), st.integers(0, 500))
def test_a_new_school_never_lowers_a_verdict(
    town: tuple[np.ndarray, ...], norm: float, seats: int
) -> None:
    matrix, people, circle, stands, before = town
    wider = np.column_stack([matrix, np.ones(len(people), dtype=bool)])
    grown = (wider, people, circle, np.append(stands, 0), np.append(before, float(seats)))
    rule = scale_rule(norm)
    for old, new in zip(circles(town), circles(grown), strict=True):
        first = judged(rule, measured(town, old, rule, supply(before))).verdict
        then = judged(rule, measured(grown, new, rule, supply(grown[4]))).verdict
        if "not_assessed" not in (first, then):
            assert RANK[then] >= RANK[first]


@given(towns(), st.floats(0.1, 800.0), st.integers(0, 200), st.integers(0, 200), st.data())
def test_a_verdict_given_with_unknown_sizes_holds_whatever_they_are(
    town: tuple[np.ndarray, ...], norm: float, low: int, wide: int, data: st.DataObject
) -> None:
    rule, seats = scale_rule(norm), town[4]
    n = len(seats)
    told = data.draw(st.lists(st.integers(low, low + wide), min_size=n, max_size=n))
    truth = np.where(np.isfinite(seats), seats, told)
    for one in circles(town):
        given_ = measured(town, one, rule, supply(seats, float(low), float(low + wide)))
        true = measured(town, one, rule, supply(truth))
        assert given_.least - 1e-9 <= true.supply <= given_.most + 1e-9
        verdict = judged(rule, given_).verdict
        if verdict != "not_assessed":
            assert verdict == judged(rule, true).verdict
        if given_.unknown == 0 and given_.need > 0:
            assert verdict != "not_assessed"


@given(towns(), st.randoms(use_true_random=False))
def test_the_order_of_points_and_facilities_changes_nothing(
    town: tuple[np.ndarray, ...],
    random: "st.DrawFn",
) -> None:
    matrix, people, circle, stands, seats = town
    points, places = list(range(len(people))), list(range(len(seats)))
    random.shuffle(points)  # type: ignore[attr-defined]
    random.shuffle(places)  # type: ignore[attr-defined]
    mixed = (
        matrix[np.ix_(points, places)], people[points], circle[points], stands[places],
        seats[places],
    )  # fmt: skip
    for one, other in zip(circles(town), circles(mixed), strict=True):
        rule = scale_rule()
        first = measured(town, one, rule, supply(seats))
        then = measured(mixed, other, rule, supply(mixed[4]))
        for name in ScaleFigures.__slots__:
            assert getattr(first, name) == pytest.approx(getattr(then, name)), name


@given(
    one=st.floats(0.0, 3.0),
    other=st.floats(0.0, 3.0),
    basis=st.sampled_from(["population", "area", "households"]),
    holds=st.booleans(),
)
@settings(max_examples=200)
def test_a_verdict_is_given_only_where_both_ends_agree(
    one: float, other: float, basis: Basis, *, holds: bool
) -> None:
    rule = scale_rule(basis=basis, at_least=1)
    low, high = sorted((one, other))
    ends = [judged(rule, figures_of(x, x, unknown=0, rule=rule)).verdict for x in (low, high)]
    found = judged(rule, figures_of(low, high, unknown=1, rule=rule)).verdict
    assert found == (ends[0] if ends[0] == ends[1] else "not_assessed")
    figures = figures_of(low, high, unknown=1, rule=rule)
    counted_ = judge_scale(rule, figures, columns=COLUMNS, count_holds=holds).verdict
    assert counted_ == (found if holds else "short")


def test_only_facilities_inside_that_count_are_counted() -> None:
    scope = scope_of(np.ones(1, bool), np.array([True, True, False]))
    rows = np.array([True, False, True])
    assert count_holds(scale_rule(at_least=1), scope, rows) is True
    assert count_holds(scale_rule(at_least=2), scope, rows) is False
    assert count_holds(scale_rule(), scope, rows) is None
    rule = scale_rule(at_least=2)
    assert rule.count_rule is not None
    by_street = replace(rule, count_rule=replace(rule.count_rule, per="street"))
    assert count_holds(by_street, scope, rows) is None

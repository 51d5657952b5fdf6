"""The shortest list of visits: what it adds up to, and that nobody is left."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.certainty.field_checks import FieldCheck
from analysis.certainty.variants import doubtful_rows
from analysis.messages import LANGUAGES
from analysis.places.facilities import Facilities, build_facilities
from analysis.standard.profile import Element, ReachRule
from analysis.study import Study, StudyParameters, analyse
from analysis.testing.cities import people_at, plain_element
from tests.diagnosis_city import facility, inputs_of, schools, study_of

HOMES = [(0.0, 0.0), (400.0, 0.0), (600.0, 0.0), (1000.0, 0.0)]  # 1, 2, 4 and 8 people


def study(
    facilities: Facilities,
    *elements: Element,
    homes: list[tuple[float, float]] = HOMES,
    criterion: str = "metres",
) -> Study:
    demand = people_at(homes, circle=[int(x >= 450) for x, _ in homes])
    inputs = inputs_of(
        demand, facilities, *(elements or (plain_element("market", threshold_m=300.0),))
    )  # noqa: E501
    return analyse(inputs, StudyParameters(criterion=criterion))  # type: ignore[arg-type]


def market(x_m: float, number: int, *, ambiguous: bool = True, **more: object):  # noqa: ANN201
    return facility(x_m, element_id="market", number=number, ambiguous=ambiguous, **more)  # type: ignore[arg-type]


def told(checks: tuple[FieldCheck, ...]) -> list[tuple[int, int, float, float, float]]:
    return [(c.rank, c.facility, c.people, c.people_so_far, c.people_open) for c in checks]


def test_the_visit_that_settles_the_most_comes_first() -> None:
    # At 0 m: 1 person; at 500 m: 2 + 4; at 800 m: 4 + 8; at 1,000 m: 8.
    shops = build_facilities([market(x, i) for i, x in enumerate((0.0, 500.0, 800.0, 1000.0))])
    checks = study(shops).certainty.field_checks
    # After 800 m has settled 12, only 2 are left to the one at 500 m, none to that at 1,000 m.
    assert told(checks) == [
        (1, 2, 12.0, 12.0, 15.0), (2, 1, 2.0, 14.0, 15.0), (3, 0, 1.0, 15.0, 15.0),
    ]  # fmt: skip
    assert {one.element_ids for one in checks} == {("market",)}


def test_who_has_a_sure_facility_needs_no_visit() -> None:
    shops = build_facilities([market(0.0, 0), market(100.0, 1, ambiguous=False)])
    assert study(shops).certainty.field_checks == ()
    closed = build_facilities([market(0.0, 0, status="closed")])
    assert study(closed).certainty.field_checks == ()
    assert study(build_facilities([market(0.0, 0, ambiguous=False)])).certainty.field_checks == ()


def test_elements_are_ranked_together_and_their_open_people_added() -> None:
    shops = build_facilities(
        [market(0.0, 0), facility(1000.0, element_id="clinic", number=1, origin="osm")]
    )
    clinic = plain_element("clinic", threshold_m=300.0, completeness="very_low")
    checks = study(shops, plain_element("market", threshold_m=300.0), clinic).certainty.field_checks
    assert [(*one.element_ids, one.people, one.people_open) for one in checks] == [
        ("clinic", 8.0, 9.0), ("market", 1.0, 9.0),
    ]  # fmt: skip


def test_an_element_s_visit_may_be_to_another_element_s_facility() -> None:
    # Of two levels, the higher one serves here as well: its doubtful facilities are to be seen.
    rules = (
        ReachRule(element_id="clinic", threshold_m=300.0),
        ReachRule(element_id="hospital", threshold_m=300.0),
    )
    clinic = plain_element("clinic", threshold_m=300.0, rules=rules)
    hospital = plain_element("hospital", threshold_m=100.0)
    shops = build_facilities([facility(600.0, element_id="hospital", ambiguous=True)])
    checks = study(shops, clinic, hospital).certainty.field_checks
    assert [(*one.element_ids, one.facility, one.people) for one in checks] == [
        ("clinic", 0, 6.0), ("hospital", 0, 4.0),
    ]  # fmt: skip


def test_a_small_park_settles_nobody_beyond_its_own_walk() -> None:
    rules = (
        ReachRule(element_id="park", threshold_m=100.0, below_area_m2=500.0),
        ReachRule(element_id="park", threshold_m=500.0, min_area_m2=500.0),
    )
    park = plain_element("park", threshold_m=500.0, rules=rules)
    shops = build_facilities(
        [
            facility(0.0, element_id="park", number=0, ambiguous=True, area_m2=900.0),
            facility(300.0, element_id="park", number=1, ambiguous=True, area_m2=100.0),
        ]
    )
    # Both homes are covered by the large park alone; the small one reaches only that at 400 m.
    checks = study(shops, park, homes=[(0.0, 0.0), (400.0, 0.0)]).certainty.field_checks
    assert told(checks) == [(1, 0, 3.0, 3.0, 3.0)]
    far = study(shops, park, homes=[(700.0, 0.0), (500.0, 0.0), (400.0, 0.0)])
    assert [one.facility for one in far.certainty.field_checks] == [0]


@st.composite
def towns(draw: st.DrawFn) -> tuple[list[tuple[float, float]], Facilities]:
    xs = draw(st.lists(st.integers(0, 100), min_size=1, max_size=8))
    found = draw(
        st.lists(
            st.tuples(st.integers(0, 100), st.booleans(), st.sampled_from([100.0, 900.0]),
                      st.sampled_from(["market", "clinic"])),
            min_size=1, max_size=7,
        )
    )  # fmt: skip
    return [(10.0 * x, 0.0) for x in xs], build_facilities(
        [
            facility(10.0 * x, element_id=element_id, number=i, ambiguous=doubt, area_m2=area_m2)
            for i, (x, doubt, area_m2, element_id) in enumerate(found)
        ]
    )


TIERS = (
    ReachRule(element_id="market", threshold_m=150.0, below_area_m2=500.0),
    ReachRule(element_id="market", threshold_m=420.0, min_area_m2=500.0),
    ReachRule(element_id="clinic", threshold_m=60.0),
)


@given(town=towns(), minutes=st.booleans())
@settings(max_examples=40, deadline=None)
def test_visits_add_up_and_settle_everybody(
    town: tuple[list[tuple[float, float]], Facilities], *, minutes: bool
) -> None:
    homes, facilities = town
    elements = (
        plain_element("market", threshold_m=420.0, rules=TIERS),
        plain_element("clinic", threshold_m=250.0),
    )
    found = study(facilities, *elements, homes=homes, criterion="minutes" if minutes else "metres")
    checks, demand = found.certainty.field_checks, found.inputs.demand
    open_ = found.reach.covered & ~found.certainty.flips.sure
    whole = float((open_ * demand.people[:, None]).sum())
    assert sum(one.people for one in checks) == pytest.approx(whole)
    assert [one.rank for one in checks] == list(range(1, len(checks) + 1))
    assert all(one.people > 0 for one in checks)
    assert all(one.people_open == whole for one in checks)
    assert all(a.people >= b.people for a, b in pairwise(checks))
    so_far = np.cumsum([one.people for one in checks])
    assert [one.people_so_far for one in checks] == pytest.approx(so_far.tolist())
    doubtful = doubtful_rows(facilities, found.inputs.standard)
    assert all(doubtful[one.facility] for one in checks)
    assert len({(one.element_ids, one.facility) for one in checks}) == len(checks)
    # Once they are confirmed nobody is in doubt; nothing but them has to be.
    confirmed = facilities.ambiguous.copy()
    confirmed[[one.facility for one in checks]] = False
    sure = study(
        replace(facilities, ambiguous=confirmed), *elements, homes=homes,
        criterion="minutes" if minutes else "metres",
    )  # fmt: skip
    assert np.array_equal(sure.reach.covered_certain, found.reach.covered)
    assert sure.certainty.field_checks == ()


@given(town=towns())
@settings(max_examples=15, deadline=None)
def test_each_visit_is_the_best_of_those_left(
    town: tuple[list[tuple[float, float]], Facilities],
) -> None:
    homes, facilities = town
    element = plain_element("market", threshold_m=300.0)
    found = study(facilities, element, homes=homes)
    demand = found.inputs.demand
    left = np.where(found.reach.covered[:, 0] & ~found.certainty.flips.sure[:, 0], demand.people, 0)
    rows = [r for r in facilities.of_element("market").tolist() if facilities.ambiguous[r]]
    near = {r: np.abs(demand.xy_m[:, 0] - facilities.xy_m[r, 0]) <= 300.0 + 1e-6 for r in rows}
    for one in found.certainty.field_checks:
        gains = {r: float(left[near[r]].sum()) for r in rows}
        assert one.people == pytest.approx(max(gains.values()))
        assert gains[one.facility] == pytest.approx(one.people)
        left[near[one.facility]] = 0
    assert left.sum() == 0


def test_the_statement_of_each_element_says_where_its_facilities_come_from() -> None:
    elements = (
        plain_element("clinic", completeness="very_low"),
        plain_element("market"),
        plain_element("school"),
    )
    shops = build_facilities(
        [
            market(0.0, 0, origin="osm"),
            market(0.0, 1, origin="osm", ambiguous=False),
            market(0.0, 2, status="closed"),
            facility(0.0, element_id="school", number=3),
            facility(0.0, element_id="school", number=4, origin="osm"),
        ]
    )
    inputs = inputs_of(
        people_at([(0.0, 0.0)]), shops, *elements, table_elements=frozenset({"school"})
    )
    clinic, markets, schools_ = analyse(inputs, StudyParameters()).certainty.data
    assert (clinic.mapped, clinic.listed, clinic.expected) == (0, 0, "very_low")
    assert clinic.statement.key == "data.none"
    assert (markets.mapped, markets.listed, markets.ambiguous) == (2, 0, 1)
    assert markets.statement.key == "data.mapped"
    assert (schools_.mapped, schools_.listed) == (1, 1)
    assert schools_.statement.key == "data.listed"
    for one in (clinic, markets, schools_):
        assert np.isnan(one.sized)  # no norm asks for sizes
        for language in LANGUAGES:
            assert "{" not in one.statement.text(language)


def test_the_share_of_known_sizes_is_told() -> None:
    found = study_of(people_at([(0.0, 0.0)]), schools([(0.0, "40"), (9.0, None), (8.0, "无")]))
    assert found.certainty.data[0].sized == pytest.approx(1 / 3)

"""Flip lists against the study made again with the one assumption changed."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.certainty.variants import VARIANTS, doubtful_rows, variants, without_inferred
from analysis.judgement.assessment import scopes
from analysis.judgement.coverage_verdict import share_verdict
from analysis.linking.linkable import LinkRules
from analysis.places.facilities import Facilities, build_facilities
from analysis.standard.profile import ReachRule, ServiceStandard
from analysis.streets.barriers import Barriers, no_barriers
from analysis.study import Study, StudyInputs, StudyParameters, analyse
from analysis.testing.cities import (
    grid_city,
    people_at,
    plain_element,
    plain_inputs,
    plain_standard,
    square_circles,
)
from tests.diagnosis_city import facility

CITY = grid_city(12, 3)  # 1,200 × 300 m
CIRCLES = square_circles((-50, -50, 550, 350), (550, -50, 1250, 350))


def scaled(standard: ServiceStandard, factor: float) -> ServiceStandard:
    """Return the standard with every walk made longer or shorter."""
    elements = tuple(
        replace(
            one,
            threshold=None if one.threshold is None else replace(
                one.threshold, value=one.threshold.value * factor
            ),
            reach_rules=tuple(
                replace(rule, threshold_m=rule.threshold_m * factor) for rule in one.reach_rules
            ),
        )
        for one in standard.elements
    )  # fmt: skip
    return replace(standard, elements=elements)


def slower(standard: ServiceStandard, factor: float) -> ServiceStandard:
    """Return the standard with other speeds."""
    speeds = {
        name: replace(speed, value=speed.value * factor)
        for name, speed in standard.walking.speeds_m_s.items()
    }
    return replace(standard, walking=replace(standard.walking, speeds_m_s=speeds))


def without(facilities: Facilities, rows: np.ndarray) -> Facilities:
    """Return the facilities but for some, closed: positions stay."""
    status = tuple(
        "closed" if out else one for one, out in zip(facilities.status, rows, strict=True)
    )
    return replace(facilities, status=status)  # type: ignore[arg-type]


def changed(study: Study) -> dict[str, Study]:
    """Return the study made again, by variant."""
    inputs, parameters = study.inputs, study.parameters
    metres = parameters.criterion == "metres"
    alter = scaled if metres else slower
    doubtful = doubtful_rows(inputs.facilities, inputs.standard)
    rules = study.link_rules

    def again(given: StudyInputs, chosen: StudyParameters = parameters) -> Study:
        return analyse(given, chosen)

    return {
        "shorter": again(replace(inputs, standard=alter(inputs.standard, 0.9))),
        "longer": again(replace(inputs, standard=alter(inputs.standard, 1.1))),
        "snap": again(inputs, replace(parameters, link=replace(rules, near_m=rules.near_m / 2))),
        "doubtful": again(replace(inputs, facilities=without(inputs.facilities, doubtful))),
        "gate": again(replace(inputs, barriers=without_inferred(inputs.barriers))),
    }


def check(study: Study) -> None:
    """Compare everything a flip list says with the studies made again."""
    flips, base, demand = study.certainty.flips, study.reach.covered, study.inputs.demand
    others = changed(study)
    for name, other in others.items():
        bit = (flips.points >> VARIANTS.index(name)) & 1
        assert np.array_equal(bit.astype(bool), base != other.reach.covered), name
        if name not in flips.tried:
            assert np.array_equal(base, other.reach.covered), name
    assert np.array_equal(flips.sure, others["doubtful"].reach.covered)
    judged = {(one.circle_id, one.element_id): one for one in study.assessment.rows}
    expected = {}
    for scope in scopes(study.measured):
        for column, element_id in enumerate(study.reach.element_ids):
            row = judged[scope.circle_id, element_id]
            if row.coverage.verdict == "not_assessed":
                continue
            for name, other in others.items():
                now, then = base[:, column], other.reach.covered[:, column]
                gained, lost = scope.here & then & ~now, scope.here & now & ~then
                if not (gained.any() or lost.any()):
                    continue
                share = next(
                    one.figures.share
                    for one in other.assessment.of_circle(scope.circle_id)
                    if one.element_id == element_id and one.figures is not None
                )
                verdict = share_verdict(share, study.inputs.standard.element(element_id).coverage)
                expected[scope.circle_id, element_id, name] = (
                    float(demand.people[gained].sum()), float(demand.people[lost].sum()),
                    int(demand.is_building[gained].sum()), int(demand.is_building[lost].sum()),
                    pytest.approx(share), verdict, verdict != row.coverage.verdict,
                )  # fmt: skip
    found = {
        (one.circle_id, one.element_id, one.variant): (
            one.people_gained, one.people_lost, one.buildings_gained, one.buildings_lost,
            one.share, one.verdict, one.flips,
        )
        for one in flips.rows
    }  # fmt: skip
    assert found == expected
    for (circle_id, element_id), row in judged.items():
        fragile = tuple(
            name for name in VARIANTS if expected.get((circle_id, element_id, name), (False,))[-1]
        )
        assert flips.fragile(circle_id, element_id) == fragile
        del row


def study_of(
    homes: list[tuple[float, float]],
    facilities: Facilities,
    *,
    criterion: str = "metres",
    barriers: Barriers | None = None,
    elements: tuple = (plain_element("market", threshold_m=300.0), plain_element("clinic")),
) -> Study:
    demand = people_at(homes, circle=[int(x > 550) for x, _ in homes])
    inputs = plain_inputs(
        network=CITY, demand=demand, facilities=facilities, standard=plain_standard(*elements),
        circles=CIRCLES, barriers=barriers,
    )  # fmt: skip
    return analyse(inputs, StudyParameters(criterion=criterion))  # type: ignore[arg-type]


def test_who_flips_by_hand() -> None:
    # A market at 0 m, walk 300 m: homes at 270 m and 330 m stand exactly on the margins.
    shops = build_facilities([facility(0.0, element_id="market")])
    homes = [(float(x), 0.0) for x in (0, 269, 270, 271, 300, 301, 330, 331)]
    study = study_of(homes, shops, elements=(plain_element("market", threshold_m=300.0),))
    bits = study.certainty.flips.points[:, 0]
    shorter, longer = (1 << VARIANTS.index(one) for one in ("shorter", "longer"))
    assert bits.tolist() == [0, 0, 0, shorter, shorter, longer, longer, 0]
    row = {one.variant: one for one in study.certainty.flips.rows if one.circle_id == "A"}
    assert (row["shorter"].people_lost, row["shorter"].people_gained) == (8 + 16, 0)
    assert (row["longer"].people_gained, row["longer"].people_lost) == (32 + 64, 0)
    assert row["longer"].buildings_gained == 2
    assert row["longer"].share == pytest.approx(127 / 255)
    assert study.certainty.flips.tried == ("shorter", "longer", "snap")


@pytest.mark.parametrize(
    ("far", "fragile"), [(290.0, ("shorter",)), (310.0, ("longer",)), (200.0, ()), (600.0, ())]
)
def test_a_verdict_is_fragile_where_a_variant_gives_another(
    far: float, fragile: tuple[str, ...]
) -> None:
    shops = build_facilities([facility(0.0, element_id="market")])
    study = study_of(
        [(0.0, 0.0), (far, 0.0)], shops, elements=(plain_element("market", threshold_m=300.0),)
    )  # noqa: E501
    assert study.certainty.flips.fragile("A", "market") == fragile
    check(study)


def test_facilities_in_doubt_are_the_ambiguous_and_the_poorly_mapped() -> None:
    elements = (
        plain_element("market"),
        plain_element("clinic", completeness="very_low"),
    )
    facilities = build_facilities(
        [
            facility(0.0, element_id="clinic", number=0, origin="osm"),
            facility(0.0, element_id="clinic", number=1, origin="table"),
            facility(0.0, element_id="clinic", number=2, origin="table", ambiguous=True),
            facility(0.0, element_id="market", number=3, origin="osm"),
            facility(0.0, element_id="market", number=4, origin="osm", ambiguous=True),
        ]
    )
    doubtful = doubtful_rows(facilities, plain_standard(*elements))
    assert doubtful.tolist() == [True, False, True, False, True]


def compound(*, inferred: bool) -> Barriers:
    """Return a walled square of 60 m beside the street, with one gate on its far side."""
    ring = shapely.box(410, 20, 470, 80)
    return Barriers(
        lines=np.array([shapely.LinearRing(ring.exterior.coords)]),
        kinds=("wall",),
        compounds=np.array([ring]),
        compound_id=("way/7",),
        gate_compound=np.array([0], dtype=np.int32),
        gate_xy_m=np.array([[440.0, 80.0]]),
        gate_inferred=np.array([inferred]),
    )


def test_only_rings_whose_gates_are_all_inferred_are_opened() -> None:
    guessed, known = compound(inferred=True), compound(inferred=False)
    assert len(without_inferred(guessed).lines) == 0
    assert without_inferred(guessed).kinds == ()
    assert len(without_inferred(known).lines) == 1
    both = replace(
        guessed,
        gate_compound=np.array([0, 0], dtype=np.int32),
        gate_xy_m=np.array([[440.0, 80.0], [410.0, 50.0]]),
        gate_inferred=np.array([True, False]),
    )
    assert len(without_inferred(both).lines) == 1
    wall = shapely.LineString([(0, 500), (50, 500)])
    beside = replace(guessed, lines=np.array([*guessed.lines, wall]), kinds=("wall", "fence"))
    assert without_inferred(beside).kinds == ("fence",)
    assert without_inferred(no_barriers()).kinds == ()


def test_a_compound_with_an_inferred_gate_is_tried_open() -> None:
    shops = build_facilities([facility(440.0, element_id="market", y_m=0.0)])
    # The home stands 40 m from the shop's street, and walks round by the gate to the next one.
    near = (plain_element("market", threshold_m=60.0),)
    homes = [(440.0, 40.0), (100.0, 0.0)]
    study = study_of(homes, shops, barriers=compound(inferred=True), elements=near)
    assert "gate" in study.certainty.flips.tried
    assert study.reach.covered[:, 0].tolist() == [False, False]
    gate = 1 << VARIANTS.index("gate")
    assert (study.certainty.flips.points[:, 0] & gate).tolist() == [gate, 0]
    check(study)
    firm = study_of([(440.0, 40.0), (100.0, 0.0)], shops, barriers=compound(inferred=False))
    assert "gate" not in firm.certainty.flips.tried


COORDINATES = st.tuples(
    st.floats(0.0, 1200.0).map(lambda x: round(x, 1)),
    st.floats(0.0, 300.0).map(lambda y: round(y, 1)),
)


@st.composite
def places(draw: st.DrawFn) -> Facilities:
    """Return markets, small and large, and clinics; some ambiguous, some only mapped."""
    found = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["market", "clinic"]), COORDINATES, st.booleans(), st.booleans(),
                st.sampled_from([float("nan"), 100.0, 900.0]),
            ),
            min_size=1, max_size=6,
        )
    )  # fmt: skip
    return build_facilities(
        [
            facility(
                x, element_id=element_id, number=i, y_m=y, ambiguous=ambiguous,
                origin="osm" if mapped else "table", area_m2=area_m2,
            )
            for i, (element_id, (x, y), ambiguous, mapped, area_m2) in enumerate(found)
        ]
    )  # fmt: skip


@given(
    homes=st.lists(COORDINATES, min_size=1, max_size=8, unique=True),
    facilities=places(),
    minutes=st.booleans(),
    walled=st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_flips_are_exactly_what_the_study_made_again_changes(
    homes: list[tuple[float, float]], facilities: Facilities, *, minutes: bool, walled: bool
) -> None:
    tiers = (
        ReachRule(element_id="market", threshold_m=200.0, below_area_m2=500.0),
        ReachRule(element_id="market", threshold_m=420.0, min_area_m2=500.0),
    )
    elements = (
        plain_element("market", threshold_m=420.0, rules=tiers),
        plain_element("clinic", threshold_m=300.0, completeness="low"),
    )
    study = study_of(
        homes, facilities, criterion="minutes" if minutes else "metres", elements=elements,
        barriers=compound(inferred=True) if walled else None,
    )  # fmt: skip
    check(study)


@given(homes=st.lists(COORDINATES, min_size=1, max_size=8), facilities=places())
@settings(max_examples=15, deadline=None)
def test_a_longer_walk_never_covers_fewer(
    homes: list[tuple[float, float]], facilities: Facilities
) -> None:
    study = study_of(homes, facilities)
    by_name: Mapping[str, np.ndarray] = {
        one.name: one.covered for one in variants((study.walks,), study.measured)
    }
    base = study.reach.covered
    assert not (by_name["shorter"] & ~base).any()
    assert not (base & ~by_name["longer"]).any()
    if "doubtful" in by_name:
        assert not (by_name["doubtful"] & ~base).any()
        # Without what is ambiguous alone, no fewer are covered than without all that is in doubt.
        assert not (by_name["doubtful"] & ~study.reach.covered_certain).any()


def test_what_was_not_assessed_has_no_flips() -> None:
    shops = build_facilities([facility(0.0, element_id="market")])
    homes = [(0.0, 0.0), (290.0, 0.0)]
    demand = people_at(homes)
    inputs = plain_inputs(
        network=CITY, demand=demand, facilities=shops,
        standard=plain_standard(plain_element("market", threshold_m=300.0)),
        circles=replace(CIRCLES, inside_data=np.array([0.1, 1.0])),
    )  # fmt: skip
    study = analyse(inputs, StudyParameters())
    assert {one.circle_id for one in study.certainty.flips.rows} == {"*"}
    assert study.certainty.flips.points.any()  # whose answer changes is told all the same


def test_the_snap_variant_halves_the_distance_of_candidates() -> None:
    # The home stands 10 m from the street y = 0 and 40 m from the one that leads to the market.
    shops = build_facilities([facility(0.0, element_id="market", y_m=100.0)])
    study = study_of([(60.0, 10.0), (260.0, 49.0)], shops)
    assert study.link_rules == LinkRules(snap_limit_m=200.0)
    check(study)

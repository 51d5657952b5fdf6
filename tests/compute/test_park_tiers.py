"""Parks by size: who has a small and a large one, how many ways lead in, and norms of old areas."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.errors import InvalidParameterError
from analysis.judgement.element_measures import element_measures
from analysis.judgement.park_tiers import entrance_counts, entrances_per_facility
from analysis.messages import Name
from analysis.places.facilities import Entrance, FacilityRecord, build_facilities
from analysis.standard.figures import Known, Unknown
from analysis.standard.profile import ReachRule
from analysis.standard.rules import (
    Attribute,
    CapacityRule,
    Metric,
    MetricRule,
    ScaleRule,
    Sourced,
    Target,
)
from analysis.study import StudyParameters, analyse
from analysis.testing.cities import (
    grid_city,
    people_at,
    plain_element,
    plain_inputs,
    plain_standard,
    square_circles,
)

CITY = grid_city(20, 2)
WHOLE = square_circles((-50, -50, 2050, 250))
ID = "park"
RULES = (
    ReachRule(element_id=ID, threshold_m=500.0, min_area_m2=5000.0),
    ReachRule(element_id=ID, threshold_m=300.0, below_area_m2=5000.0),
)
AREA = Attribute(
    id="area_m2", name=Name(zh="面积", en="area"), kind="number", unit="m2", columns=("area_m2",),
    polygon_area=True,
)  # fmt: skip
FACTOR = Sourced(value=0.7, source="GB50180", confidence="secondary")


def metric(name: str, measure: str, *, low: float = 0.0, text: bool = False, **more) -> MetricRule:
    target = Target(
        op="text" if text else "ge", low=low, text="both" if text else "", source="DEFAULT",
        confidence="default",
    )  # fmt: skip
    named = Metric(id=name, name=Name(zh=name, en=name), measure=measure, unit="share", **more)
    return MetricRule(metric=named, target=target)


def element():
    return replace(
        plain_element(ID, treatment="tiered_polygon_access", threshold_m=500.0, rules=RULES),
        scale=ScaleRule(
            indicator="green", unit="m2", basis="population", per=1000.0,
            norm=Sourced(value=2000.0, source="GB50180", confidence="secondary"),
            capacity=CapacityRule(columns=("area_m2",), per_land_m2=1.0),
        ),
        efficiency=(
            metric("park_m2_per_resident", "per_demand", low=2.0, attribute="area_m2"),
            metric("entrance_count_per_park", "entrances", low=2.0),
        ),
        quality=(metric("park_area_tiers_present", "tiers", text=True),),
    )  # fmt: skip


def parks(*rows: tuple[float, float], **stated: str):
    """Return parks at (x, area); the area is that of a polygon."""
    return build_facilities(
        [
            FacilityRecord(
                element_id=ID, source_id=f"osm:{i:02d}", name="", origin="osm", status="open",
                xy_m=(x, 0.0), area_m2=area, ambiguous=False,
                entrances=((x, 0.0, Entrance.POINT),), attributes=stated,
            )
            for i, (x, area) in enumerate(rows)
        ]
    )  # fmt: skip


def study(facilities, homes, people=None, *, factor=FACTOR, criterion="metres", old_area=False):
    standard = replace(
        plain_standard(element()), attributes={"area_m2": AREA}, old_area_factor=factor
    )
    inputs = plain_inputs(
        network=CITY, demand=people_at(homes, people=people), facilities=facilities,
        standard=standard, circles=WHOLE,
    )  # fmt: skip
    return analyse(inputs, StudyParameters(criterion=criterion, old_area=old_area))


def row(result):
    return result.assessment.of_circle("A")[0]


@pytest.mark.parametrize(("criterion", "people"), [("metres", 2 + 4), ("minutes", 1 + 2 + 4 + 8)])
def test_both_tiers_are_counted_by_their_own_radius(criterion: str, people: int) -> None:
    # A large park at 0 (within 500 m), a small one at 600 (within 300 m): people 1, 2, 4 … at
    # 200, 300, 500, 600, 900, 1,000 m. Both: 300 (2) and 500 (4) only. Ten minutes are 720 m, three
    # fifths of them 432 m: then it is all up to 600 m.
    homes = [(200.0, 0.0), (300.0, 0.0), (500.0, 0.0), (600.0, 0.0), (900.0, 0.0), (1000.0, 0.0)]
    result = study(parks((0.0, 6000.0), (600.0, 800.0)), homes, criterion=criterion)
    figure = row(result).dimension("quality").figures[0]
    assert figure.value == pytest.approx(people / 63)
    assert figure.verdict == "not_assessed"  # the target is words: a person judges
    assert figure.known_share == 1.0


def test_a_park_of_unknown_size_is_a_small_one_and_lowers_the_known_share() -> None:
    homes = [(0.0, 0.0), (500.0, 0.0)]  # 1 and 2 people
    result = study(parks((0.0, 6000.0), (0.0, float("nan"))), homes)
    figure = row(result).dimension("quality").figures[0]
    assert figure.value == pytest.approx(1 / 3)
    assert figure.known_share == pytest.approx(0.5)


def test_square_metres_for_each_resident_are_shared_by_all_who_reach_the_park() -> None:
    # 6,000 m² for 1,000 + 2,000 people within 500 m: 2 m² each; nobody else reaches it.
    homes, people = [(0.0, 0.0), (500.0, 0.0)], [1000.0, 2000.0]
    one = row(study(parks((0.0, 6000.0)), homes, people))
    rate = one.dimension("efficiency").figures[0]
    assert rate.value == pytest.approx(2.0)
    assert rate.verdict == "met"
    scale = one.dimension("scale")
    assert scale.figures[0].value == pytest.approx(2000.0)
    assert scale.verdict == "met"
    less = row(study(parks((0.0, 5999.0)), homes, people))
    assert less.dimension("efficiency").figures[0].verdict == "weak"
    assert less.dimension("scale").verdict == "weak"


def test_a_circle_draws_only_the_part_of_a_park_that_its_own_residents_do() -> None:
    # 1,000 people of A and 2,000 of B reach 6,000 m² that stand in A: A draws a third.
    standard = replace(plain_standard(element()), attributes={"area_m2": AREA})
    inputs = plain_inputs(
        network=CITY, standard=standard, facilities=parks((0.0, 6000.0)),
        demand=people_at([(100.0, 0.0), (400.0, 0.0)], people=[1000.0, 2000.0], circle=[0, 1]),
        circles=square_circles((-50, -50, 200, 250), (200, -50, 2050, 250)),
    )  # fmt: skip
    assessment = analyse(inputs, StudyParameters()).assessment
    for circle in ("A", "B", "*"):
        figure = assessment.of_circle(circle)[0].dimension("efficiency").figures[0]
        assert figure.value == pytest.approx(2.0)


def test_a_park_of_unknown_size_can_only_add() -> None:
    homes, people = [(0.0, 0.0)], [3000.0]
    open_ = row(
        study(parks((0.0, 3000.0), (0.0, float("nan")), (0.0, float("nan"))), homes, people)
    )
    assert open_.dimension("efficiency").figures[0].verdict == "not_assessed"
    enough = row(
        study(parks((0.0, 6000.0), (0.0, float("nan")), (0.0, float("nan"))), homes, people)
    )
    assert enough.dimension("efficiency").figures[0].verdict == "met"


def test_entrances_are_stated_or_seen_and_never_made_of_a_bare_point() -> None:
    def park(name: str, attributes, *entrances):
        return FacilityRecord(
            element_id=ID, source_id=name, name="", origin="table", status="open",
            xy_m=(0.0, 0.0), area_m2=6000.0, ambiguous=False, entrances=entrances,
            attributes=attributes,
        )  # fmt: skip

    ring = tuple((float(i), 50.0, Entrance.RING) for i in range(9))
    facilities = build_facilities(
        [
            park("a", {"entrances": "4"}, (0.0, 0.0, Entrance.TABLE)),
            park("b", {}, (50.0, 0.0, Entrance.GATE), (0.0, 50.0, Entrance.CROSSING)),
            park("c", {}, (0.0, 0.0, Entrance.TABLE)),
            park("d", {}, *ring),
        ]
    )
    rows = facilities.of_element(ID)
    np.testing.assert_array_equal(entrance_counts(facilities, rows), [4, 2, np.nan, np.nan])
    known = entrances_per_facility(facilities, rows, 0.5)
    assert isinstance(known, Known)
    assert (known.value, known.known_share, known.judged) == (3.0, 0.5, True)
    few = entrances_per_facility(facilities, rows, 0.51)
    assert isinstance(few, Known)
    assert not few.judged
    assert few.note is not None
    nobody = entrances_per_facility(facilities, rows[2:], 0.5)
    assert isinstance(nobody, Unknown)
    assert "entrances" in nobody.why_not.text("zh")


def test_old_areas_need_seventy_per_cent_of_the_green_and_of_nothing_else() -> None:
    homes, people = [(0.0, 0.0)], [4000.0]  # 8,000 m² are asked for, 5,600 in old areas
    facilities = parks((0.0, 5600.0))
    plain, eased = study(facilities, homes, people), study(facilities, homes, people, old_area=True)
    assert row(plain).dimension("scale").verdict == "weak"
    figure = row(eased).dimension("scale").figures[0]
    assert row(eased).dimension("scale").verdict == "met"
    assert figure.target.low == pytest.approx(1400.0)
    assert row(plain).coverage == row(eased).coverage
    assert eased.inputs.standard.elements[0].scale.norm.value == 2000.0  # the file's own stays
    shop = replace(element(), treatment="facility_access")
    same = replace(plain_standard(shop), old_area_factor=FACTOR).in_old_area()
    assert same.elements[0].scale == shop.scale
    with pytest.raises(InvalidParameterError) as caught:
        study(facilities, homes, people, factor=None, old_area=True)
    assert "--old-area" in str(caught.value.remedy.text("en"))


def test_tiers_of_nobody_are_unknown() -> None:
    result = study(parks((0.0, 6000.0)), [(0.0, 0.0)], [0.0])
    element = result.measured.standard.elements[0]
    metrics = element_measures(result.measured, element).metrics
    assert metrics is not None
    from analysis.judgement.assessment import scopes  # noqa: PLC0415

    (tiers,) = (rule for rule in element.quality if rule.metric.measure == "tiers")
    assert isinstance(metrics.answer(scopes(result.measured)[0], tiers), Unknown)

"""Back streets: metres of listed lanes that meet the lane standard, counted by hand."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.judgement.line_renewal import nearest_lane, street_lines, with_lengths
from analysis.judgement.stock_renewal import read_stock
from analysis.messages import Name
from analysis.places.facilities import Entrance, FacilityRecord, build_facilities
from analysis.standard.rules import (
    Attribute,
    Metric,
    MetricRule,
    ScaleRule,
    Sourced,
    StockRule,
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
    street_city,
)
from analysis.walking import ArcFlag

ID = "lane"
PLAIN = grid_city(4, 4)  # 5 + 5 streets of 400 m: 4,000 m
CITY = replace(
    PLAIN, class_names=("residential",), arc_class=np.zeros(PLAIN.n_arcs, dtype=np.uint8)
)
WHOLE = square_circles((-50, -50, 450, 450))
RULE = StockRule(amount=("length_m",), done=("renewed",))
ATTRIBUTES = {
    "lit": Attribute(
        id="lit", name=Name(zh="照明", en="lit"), kind="yes_no", unit="share", columns=("lit",)
    ),
    "drainage": Attribute(
        id="drainage", name=Name(zh="排水", en="drainage"), kind="yes_no", unit="share",
        columns=("drainage",),
    ),
    "width_m": Attribute(
        id="width_m", name=Name(zh="路宽", en="width"), kind="number", unit="m",
        columns=("width_m",),
    ),
}  # fmt: skip


def element():
    def rule(name: str, measure: str, low: float) -> MetricRule:
        unit = "m" if measure == "least" else "share"
        return MetricRule(
            metric=Metric(
                id=name, name=ATTRIBUTES[name].name, measure=measure, unit=unit, attribute=name
            ),
            target=Target(op="ge", low=low, source="DEFAULT", confidence="default"),
        )

    number = Sourced(value=1.0, source="DEFAULT", confidence="default")
    return replace(
        plain_element(
            ID, treatment="line_renewal", target=0.9, acceptable=0.7, basis=("lane_length",)
        ),
        scale=ScaleRule(
            indicator="renewed", unit="m", basis="lane_length", per=1.0, norm=number,
            density=Sourced(value=8.0, source="GB", confidence="secondary"),
        ),
        stock=RULE,
        quality=(rule("lit", "share", 1), rule("drainage", "share", 1), rule("width_m", "least", 4)),
    )  # fmt: skip


def lanes(*rows: tuple[float, dict[str, str]], drawn: bool = True):
    """Return lanes of a length each, one at every 100 m to the north, from x = 0 on."""
    return build_facilities(
        [
            FacilityRecord(
                element_id=ID, source_id=f"lanes.csv:{i:03d}", name="", origin="table",
                status="open", xy_m=(length / 2, 100.0 * i), area_m2=float("nan"),
                ambiguous=False, entrances=((length / 2, 100.0 * i, Entrance.TABLE),),
                attributes=cells,
                shape=shapely.LineString([(0, 100.0 * i), (length, 100.0 * i)]) if drawn else None,
            )
            for i, (length, cells) in enumerate(rows)
        ]
    )  # fmt: skip


def judged(facilities, *, network=CITY, homes=((0.0, 0.0),), circles=WHOLE, circle: str = "A"):
    inputs = plain_inputs(
        network=network, demand=people_at(list(homes)), facilities=facilities, circles=circles,
        standard=replace(plain_standard(element()), attributes=ATTRIBUTES),
    )  # fmt: skip
    return analyse(inputs, StudyParameters()).assessment.of_circle(circle)[0]


GOOD = {"renewed": "yes", "lit": "yes", "drainage": "yes", "width_m": "3"}
DARK = GOOD | {"lit": "no"}


def test_metres_that_meet_the_standard_not_lanes_and_not_works() -> None:
    # 300 m good, 100 m dark though renewed, 100 m not listed as renewed but in order.
    row = judged(lanes((300, GOOD), (100, DARK), (100, GOOD | {"renewed": "no"})))
    assert row.coverage.figures[0].value == pytest.approx(400 / 500)
    assert row.coverage.verdict == "weak"
    assert row.dimension("scale").figures[0].value == pytest.approx(400 / 500)  # 300 + 100 renewed
    assert "照明" in row.coverage.reason.text("zh")
    # A lane of 3 m is no lane of 4 m; that is quality, and no works change it.
    width = row.dimension("quality").figures[2]
    assert (width.value, width.verdict) == (3.0, "weak")
    assert "width" not in row.coverage.reason.text("en")


def test_a_stated_length_goes_before_the_line() -> None:
    facilities = lanes((100, {"length_m": "250"}), (100, {}), (100, {"length_m": "很长"}))
    stock = with_lengths(read_stock(RULE, facilities, facilities.of_element(ID)), facilities)
    assert stock.amount.tolist() == [250, 100, 100]
    bare = lanes((100, {}), drawn=False)
    assert np.isnan(with_lengths(read_stock(RULE, bare, bare.of_element(ID)), bare).amount).all()


def test_one_failing_item_fails_a_lane_and_an_unknown_one_leaves_it_open() -> None:
    no_light = {"renewed": "yes", "drainage": "yes"}
    # 95 of 100 m told: met whatever the 5 m are.
    assert judged(lanes((95, GOOD), (5, no_light))).coverage.verdict == "met"
    open_ = judged(lanes((60, GOOD), (20, no_light), (20, DARK))).coverage
    assert open_.verdict == "not_assessed"
    assert "lit" in open_.reason.text("en")
    failing = no_light | {"drainage": "no"}  # fails already, whatever its light is
    assert judged(lanes((60, GOOD), (20, failing), (20, DARK))).coverage.verdict == "short"


def test_without_a_checklist_completed_works_stand_for_it_and_say_so() -> None:
    row = judged(lanes((90, {"renewed": "yes"}), (10, {"renewed": "no"})))
    assert row.coverage.verdict == "met"
    assert row.coverage.figures[0].estimated
    assert "estimate" in row.coverage.reason.text("en")


def test_residents_whose_nearest_lane_meets_the_standard_are_reported() -> None:
    # People 1, 2, 4, 8: nearest lanes are good, good, dark; the last is 350 m from any lane.
    homes = [(0.0, 10.0), (50.0, 40.0), (50.0, 90.0), (450.0, 100.0)]
    facilities = lanes((100, GOOD), (100, DARK))
    row = judged(facilities, homes=homes, circles=square_circles((-50, -50, 550, 450)))
    figure = next(one for one in row.coverage.figures if one.metric == "nearest_lane_share")
    assert figure.value == pytest.approx(3 / 7)
    assert figure.known_share == 1.0
    stock = read_stock(RULE, facilities, facilities.of_element(ID))
    at = nearest_lane(stock, facilities, np.array([*homes, (50.0, 50.0)]))
    np.testing.assert_array_equal(at, [0, 0, 1, np.nan, 0])  # of two equally near the first


def test_density_is_that_of_streets_inside_the_circle() -> None:
    # The circle of 250 × 500 m holds x = 0, 100 and, on its edge, 200 (400 m
    # each), and 200 m of five streets across.
    halves = square_circles((-50, -50, 200, 450), (200, -50, 450, 450))
    row = judged(lanes((100, GOOD)), circles=halves)
    figure = row.dimension("scale").figures[1]
    assert figure.metric == "street_density"
    assert figure.value == pytest.approx((3 * 0.4 + 5 * 0.2) / (0.25 * 0.5))
    assert figure.verdict == "not_assessed"
    assert figure.target.low == 8.0
    # Reported without any list too, since the map knows streets.
    empty = judged(build_facilities([]), circles=halves)
    assert empty.verdict == "not_assessed"
    assert empty.dimension("scale").figures[0].value == figure.value
    assert "length_m" in empty.coverage.reason.text("en")


def test_footways_and_private_ways_are_no_streets() -> None:
    ends = np.array([(0, 0), (100, 0), (0, 50), (130, 50), (0, 90), (170, 90)], dtype=np.float64)
    network = replace(
        street_city(ends, [(0, 1), (2, 3), (4, 5)], flags=[0, 0, int(ArcFlag.PRIVATE)]),
        class_names=("residential", "footway"),
        arc_class=np.array([0, 1, 0], dtype=np.uint8),
    )
    assert shapely.length(street_lines(network)).tolist() == [100.0]


CELLS = st.fixed_dictionaries(
    {"renewed": st.sampled_from(["yes", "no", ""]), "lit": st.sampled_from(["yes", "no", ""]),
     "length_m": st.integers(1, 400).map(str)}
)  # fmt: skip


@given(cells=st.lists(CELLS, min_size=1, max_size=5), shuffled=st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_a_good_lane_never_lowers_a_verdict_and_relabelling_changes_none(cells, shuffled) -> None:
    order = ("short", "weak", "met")
    rows = [(10.0, one | {"drainage": "yes"}) for one in cells]
    other = list(rows)
    shuffled.shuffle(other)
    first, again = judged(lanes(*rows)), judged(lanes(*other))
    better = judged(lanes(*rows, (300.0, GOOD)))
    for name in ("scale", "coverage"):
        was, now = first.dimension(name), better.dimension(name)
        assert again.dimension(name).verdict == was.verdict
        if "not_assessed" not in (was.verdict, now.verdict):
            assert order.index(now.verdict) >= order.index(was.verdict)

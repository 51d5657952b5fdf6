"""Quality: figures and verdicts worked out by hand."""

import numpy as np
import pytest

from analysis.judgement.attribute_values import read_attributes
from analysis.judgement.judged import Surroundings, judged_facilities
from analysis.judgement.quality import judge_quality
from analysis.messages import Name, message
from analysis.places.facilities import Entrance, FacilityRecord, build_facilities
from analysis.standard.figures import Known, Unknown
from analysis.standard.rules import Attribute, Metric, MetricRule, Target

INF = float("inf")


def attribute(attribute_id, kind="number", unit="count", **more):
    more.setdefault("columns", (attribute_id,))
    return Attribute(
        id=attribute_id, name=Name(zh=attribute_id, en=attribute_id), kind=kind, unit=unit, **more
    )


ATTRIBUTES = {
    one.id: one
    for one in (
        attribute("ramp", "yes_no", "share", osm={"wheelchair": {"yes": "yes", "no": "no"}}),
        attribute("tagged", "yes_no", "share", columns=(), osm={"bench": {"yes": "yes"}}),
        attribute("class_size"),
        attribute("beds"),
        attribute("residents"),
        attribute("sport", "text"),
        attribute("closes_at", "hours", "closes_at", columns=("opening_hours",)),
        attribute("guessed", default="3"),
    )
}


def target(op="ge", low=-INF, high=INF, text=Name("", "")):
    return Target(op=op, low=low, high=high, text=text, source="GB", confidence="secondary")


def rule(measure, read=None, goal=None, unit="share", **more):
    metric = Metric(
        id=f"{measure}_{read}", name=Name(zh="无障碍率", en="barrier-free facilities"),
        measure=measure, unit=unit, attribute=read, **more,
    )  # fmt: skip
    return MetricRule(metric=metric, target=goal or target(low=0.8))


def facilities(*said, entrances=None):
    doors = entrances or [((0.0, 0.0, Entrance.POINT),)] * len(said)
    return build_facilities(
        [
            FacilityRecord(
                element_id="shop", source_id=f"t:{i:03d}", name="", origin="table", status="open",
                xy_m=(0.0, 0.0), area_m2=float("nan"), ambiguous=False, entrances=doors[i],
                attributes=one,
            )
            for i, one in enumerate(said)
        ]
    )  # fmt: skip


def judge(rules, *said, inside=True, surroundings=None, entrances=None, **more):
    given = facilities(*said, entrances=entrances)
    rows = np.arange(len(given), dtype=np.int32)
    none = np.empty(0, dtype=np.int32)
    return judge_quality(
        rules,
        judged=judged_facilities(given, rows if inside else none, rows),
        values=read_attributes(rules, ATTRIBUTES, given, rows),
        surroundings=surroundings or Surroundings(),
        **more,
    )


YES, NO, SILENT = {"ramp": "是"}, {"ramp": "否"}, {}


def test_the_sentence_of_a_share():
    """Nine of twelve known, six of them barrier-free: two thirds, which is less than 80 %."""
    found = judge([rule("share", "ramp")], *([YES] * 6 + [NO] * 3 + [SILENT] * 3))
    (figure,) = found.figures
    assert figure.value == pytest.approx(6 / 9)
    assert figure.known_share == 0.75
    assert (figure.source, figure.confidence) == ("GB", "secondary")
    assert (figure.verdict, found.verdict) == ("weak", "weak")
    assert found.reason.text("zh") == (
        "无障碍率 66.7%（目标 ≥ 80.0%，12 处中 9 处已知）；1 项指标中评价了 1 项。"
    )
    assert found.reason.text("en") == (
        "barrier-free facilities 66.7% (target ≥ 80.0%, 9 of 12 facilities known); "
        "1 of 1 metric assessed."
    )


def test_too_few_known_are_shown_and_not_judged():
    """One yes of four: between 25 % and 100 %, so that anything may be true."""
    found = judge([rule("share", "ramp")], YES, SILENT, SILENT, SILENT)
    (figure,) = found.figures
    assert (figure.value, figure.known_share, figure.verdict) == (1.0, 0.25, "not_assessed")
    assert found.verdict == "not_assessed"
    assert "25%" in found.reason.text("en")


def test_few_known_are_judged_where_the_others_change_nothing():
    """One no of four: at most 75 % can be barrier-free, whatever the others are."""
    found = judge([rule("share", "ramp")], NO, SILENT, SILENT, SILENT)
    assert found.verdict == "weak"
    enough = judge([rule("share", "ramp", target(low=0.25))], YES, SILENT, SILENT, SILENT)
    assert enough.verdict == "met"


def test_the_least_known_share_is_a_parameter():
    said = (YES, SILENT, SILENT)
    assert judge([rule("share", "ramp")], *said).verdict == "not_assessed"
    assert judge([rule("share", "ramp")], *said, min_known_share=1 / 3).verdict == "met"


@pytest.mark.parametrize(
    ("asked", "value", "verdict"),
    [
        (rule("mean", "class_size", target("le", high=45)), 42.0, "met"),
        (rule("greatest", "class_size", target("le", high=45)), 50.0, "weak"),
        (rule("least", "class_size", target(low=30)), 36.0, "met"),
        (rule("sum", "class_size", target(low=127)), 126.0, "weak"),
        (rule("share", "class_size", target(low=0.3), at_least=50), 1 / 3, "met"),
        (rule("ratio", "residents", target("between", low=0.6, high=0.95), per_attribute="beds"),
         30 / 40, "met"),
        (rule("share", "closes_at", target(low=0.6), at_least=21), 1 / 2, "weak"),
        (rule("mean", "sport", target(low=2), unit="count"), 2.0, "met"),
        (rule("sum", "sport", target(low=4), unit="count"), 3.0, "weak"),
        (rule("mean", "guessed", target("eq", low=3, high=3), unit="count"), 3.0, "met"),
    ],
)  # fmt: skip
def test_measures_by_hand(asked, value, verdict):
    said = (
        {"class_size": "36", "residents": "10", "beds": "20", "opening_hours": "8:00-21:00",
         "sport": "篮球;网球"},
        {"class_size": "50", "residents": "20", "beds": "20", "opening_hours": "8:00-20:00",
         "sport": "网球;足球"},
        {"class_size": "40", "beds": "100"},
    )  # fmt: skip
    found = judge([asked], *said)
    assert found.figures[0].value == pytest.approx(value)
    assert found.verdict == verdict
    assert found.figures[0].estimated == (asked.metric.attribute == "guessed")


def test_what_is_known_already_settles_extremes_and_sums():
    """One of five known: the largest can only be larger, the sum only more."""
    said = ({"class_size": "60"}, {}, {}, {}, {})
    le, ge = target("le", high=45), target(low=50)
    assert judge([rule("greatest", "class_size", le)], *said).verdict == "weak"
    assert judge([rule("sum", "class_size", ge)], *said).verdict == "met"
    assert judge([rule("least", "class_size", ge)], *said).verdict == "not_assessed"
    assert judge([rule("mean", "class_size", ge)], *said).verdict == "not_assessed"


def test_one_metric_that_fails_makes_it_weak_and_is_named_alone():
    rules = [
        rule("share", "ramp"),
        rule("greatest", "class_size", target("le", high=45), unit="pupil"),
        rule("mean", "beds", target(low=1)),
    ]
    found = judge(rules, {"ramp": "yes", "class_size": "50"})
    assert [one.verdict for one in found.figures] == ["met", "weak", "not_assessed"]
    assert found.verdict == "weak"
    assert "50" in found.reason.text("en")
    assert "100" not in found.reason.text("en")
    assert "2 of 3" in found.reason.text("en")


def test_what_would_settle_it_is_named():
    for asked, words in (
        (rule("share", "ramp"), "column: ramp, or OSM tag: wheelchair"),
        (rule("share", "tagged"), "OSM tag: bench"),
        (rule("ratio", "residents", per_attribute="beds"), "column: beds"),
    ):
        found = judge([asked], {"residents": "3"}, {"residents": "4"})
        assert found.verdict == "not_assessed"
        assert words in found.reason.text("en")
        assert "2" in found.reason.text("zh")


def test_places_for_the_demand_of_the_circle():
    asked = rule("per_demand", "beds", target(low=25), unit="place", per=1000.0,
                 basis="population_60plus")  # fmt: skip
    demand = Surroundings(demand={"population_60plus": 2000.0})
    found = judge([asked], {"beds": "30"}, {"beds": "10"}, surroundings=demand)
    assert found.figures[0].value == pytest.approx(20.0)
    assert found.verdict == "weak"
    few = judge([asked], {"beds": "60"}, {}, {}, {}, surroundings=demand)
    assert few.verdict == "met"
    assert judge([asked], {"beds": "30"}).verdict == "not_assessed"
    outside = judge([asked], {"beds": "30"}, surroundings=demand, inside=False)
    assert outside.verdict == "not_assessed"


def test_facilities_outside_are_judged_where_there_is_none_inside():
    found = judge([rule("share", "ramp")], YES, NO, inside=False)
    assert found.verdict == "weak"
    assert "within reach" in found.reason.text("en")
    nothing = judge([rule("share", "ramp")])
    assert nothing.verdict == "not_assessed"
    assert nothing.reason == message("quality.none", why=nothing.reason.args["why"])


def test_surroundings_answer_what_walks_tell():
    choice, slope = rule("choice", goal=target(low=0.5)), rule("slope", unit="grade")
    known = Known(
        value=0.6, known_share=1.0, basis=message("quality.residents", people=10, known=10)
    )
    unknown = Unknown(why_not=message("quality.no_terrain"))
    around = Surroundings(measured={choice.metric.id: known, slope.metric.id: unknown})
    found = judge([choice, slope], YES, surroundings=around)
    assert [one.verdict for one in found.figures] == ["met", "not_assessed"]
    assert found.verdict == "met"
    assert judge([choice], YES).verdict == "not_assessed"


def test_entrances_count_where_any_is_known():
    """Two gates and one, and a ring without any: 1.5 a facility, two of three known."""
    gate, ring = (0.0, 0.0, Entrance.GATE), (0.0, 0.0, Entrance.RING)
    doors = [(gate, (1.0, 0.0, Entrance.GATE)), (gate,), (ring, ring)]
    asked = rule("entrances", goal=target(low=2), unit="count")
    found = judge([asked], {}, {}, {}, entrances=doors)
    assert found.figures[0].value == 1.5
    assert found.figures[0].known_share == pytest.approx(2 / 3)
    assert found.verdict == "weak"
    assert judge([asked], {}, entrances=[(ring,)]).verdict == "not_assessed"


def test_what_a_person_has_to_judge_is_shown():
    found = judge([rule("share", "ramp", target("text", text=Name("有", "present")))], YES, NO)
    (figure,) = found.figures
    assert (figure.value, figure.verdict) == (0.5, "not_assessed")
    assert "for a person to judge" in found.reason.text("en")


def test_order_of_rows_changes_nothing():
    said = [YES, NO, SILENT, YES, NO, YES]
    first = judge([rule("share", "ramp")], *said)
    assert first == judge([rule("share", "ramp")], *said[::-1])


def test_facilities_outside_do_not_count_where_one_is_inside():
    given = facilities(YES, NO, NO)
    inside, in_reach = np.array([0], dtype=np.int32), np.array([2, 0, 1], dtype=np.int32)
    assert judged_facilities(given, inside, in_reach).rows.tolist() == [0]
    outside = judged_facilities(given, inside[:0], in_reach)
    assert outside.rows.tolist() == [0, 1, 2]
    assert not outside.inside

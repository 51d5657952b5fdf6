"""What differs between two standards: every change once, nothing else, in words of both languages."""

import copy
import random
import re
from types import SimpleNamespace

import pytest
import yaml

from analysis.judgement.assessment import Assessment
from analysis.judgement.verdict_difference import verdict_difference
from analysis.messages import LANGUAGES
from analysis.sources.standards import open_standard
from analysis.standard.difference import standard_changes
from analysis.standard.fields import FieldLabel, FieldValue, field_unit
from tests.small_standard import PARENT


def small() -> dict:
    return yaml.safe_load(PARENT)


def test_a_threshold_in_words() -> None:
    new = small()
    new["elements"][0]["walk_threshold"] |= {"metres": 800, "source": "B", "confidence": "default"}
    changes = standard_changes(small(), new)
    assert [one.text.text("zh") for one in changes] == [
        "学校　步行阈值：500 m → 800 m", "学校　步行阈值来源：A → B",
        "学校　步行阈值可信度：原文 → 项目默认",
    ]  # fmt: skip
    assert changes[0].text.text("en") == "school: walking threshold 500 m → 800 m"
    assert changes[0].path == ("walk_threshold", "metres")
    assert (changes[0].old, changes[0].new, changes[0].element_id) == (500, 800, "school")


def test_elements_rows_and_fields_that_come_and_go() -> None:
    new = small()
    del new["elements"][1]
    new["elements"].append({**new["elements"][0], "id": "college", "name_zh": "学院"})
    new["sources"].append({"id": "B", "title": "乙"})
    del new["elements"][0]["walk_threshold"]["note"]
    told = [(one.kind, one.element_id, one.path) for one in standard_changes(small(), new)]
    assert told == [
        ("added", "", ("sources", "B")),
        ("removed", "school", ("walk_threshold", "note")),
        ("added", "college", ()),
        ("removed", "shop", ()),
    ]
    texts = [one.text.text("zh") for one in standard_changes(small(), new)]
    assert texts[2:] == ["新增要素：学院", "去掉要素：商店"]
    assert texts[1] == "学校　去掉步行阈值备注（原为 of the 500）"


def test_order_layout_and_whole_numbers_do_not_count() -> None:
    new = small()
    new["elements"].reverse()
    new["elements"][1]["walk_threshold"]["metres"] = 500.0
    new["profile"] = dict(reversed(new["profile"].items()))
    assert standard_changes(small(), new) == ()


def test_true_is_not_one() -> None:
    new = small()
    new["profile"]["official"] = 1
    assert len(standard_changes(small(), new)) == 1


@pytest.mark.parametrize(
    ("path", "value", "zh", "en"),
    [
        (("walk_threshold", "metres"), None, "无", "none"),
        (("coverage", "target"), 0.925, "92.5 %", "92.5 %"),
        (("osm", "min_area_m2", "value"), 1500, "1,500 m²", "1,500 m²"),
        (("osm", "ambiguous_counts"), True, "是", "yes"),
        (("coverage", "basis"), ["a", "b"], "a、b", "a, b"),
        (("circle", "radius_m", "value"), [800, 1000], "800–1,000 m", "800–1,000 m"),
        (("speeds_m_per_s", "adult", "value"), 1.2, "1.2", "1.2"),
        (("scale", "per_1000", "value"), 75, "75", "75"),
        (("tags",), {"a": "b"}, "a=b", "a=b"),
        (("circle", "metres"), [500, 500], "500 m", "500 m"),
        (("tier",), "5-10min", "5–10 分钟", "5–10 minutes"),
        (("walker", "value"), "wheelchair", "轮椅", "wheelchair"),
        (
            ("coverage", "basis"),
            ["population_60plus", "residential_land"],
            "60岁以上人口、居住用地",
            "residents aged 60+, residential land",
        ),
        (
            ("status",),
            "project_profile_not_official",
            "项目自拟，非官方",
            "the project's own, not official",
        ),
        (("target",), {"op": "le", "value": 800}, "≤ 800", "≤ 800"),
        (
            ("nested_levels", "5-10min"),
            {"id": "5-10min", "metres": [300, 500]},
            "5–10 分钟，300–500 m",
            "5–10 minutes, 300–500 m",
        ),
        (
            ("categories", "basic"),
            {"id": "basic", "zh": "基础保障", "en": "basic provision"},
            "基础保障",
            "basic provision",
        ),
        (("layer",), "power_line", "架空高压线", "overhead power lines"),
    ],
)
def test_values_read_as_people_write_them(path, value, zh, en) -> None:
    assert (FieldValue(path, value).text("zh"), FieldValue(path, value).text("en")) == (zh, en)


def test_ids_of_elements_stand_by_their_names() -> None:
    new = small()
    new["elements"][0]["compatible_with"] = {"elements": ["shop"], "source": "A"}
    (change,) = standard_changes(small(), new)
    assert change.text.text("zh") == "学校　新增可合设：要素 商店，来源 A"
    assert change.text.text("en") == "school: may share a site with added: elements shop, source A"
    assert change.new == {"elements": ["shop"], "source": "A"}  # as the file has it


def test_no_code_of_the_packaged_profiles_stays_in_chinese_words() -> None:
    documents = [open_standard(one).document for one in ("living_circle_25", "tdt1062_2021")]
    told = " ".join(one.text.text("zh") for one in standard_changes(*documents))
    assert not re.findall(r'[{"\[]|[a-z]{3,}_[a-z_]+', told.replace("living_circle_25", ""))
    for code in ("memory", "secondary", "population", "5-10min", "low", "crossing"):
        assert f" {code}" not in told.replace("：", " ").replace("，", " ").replace("、", " ")


def test_the_numbers_of_categories_are_told_by_their_elements() -> None:
    new = small()
    for one in new["profile"]["categories"]:
        del one["elements"]  # as in a profile that inherits
    assert standard_changes(small(), new) == ()
    new["profile"]["categories"][0]["zh"] = "教育"
    assert len(standard_changes(small(), new)) == 1


def test_names_of_fields() -> None:
    assert FieldLabel(("scale", "per_1000", "value")).text("zh") == "规模 · 每千人"
    assert FieldLabel(("scale", "odd_one", "value")).text("en") == "scale · odd_one"
    assert FieldLabel(("value",)).text("zh") == "数值"
    assert field_unit(("walk_threshold", "minutes")) == "min"
    assert field_unit(("scale", "unit")) == ""


def test_every_random_edit_is_told_exactly_once_and_back_again() -> None:
    document = open_standard().document
    draw = random.Random(7)
    for _ in range(60):
        new = copy.deepcopy(document)
        element = draw.choice(new["elements"])
        place = draw.choice([("walk_threshold", "note"), ("coverage", "target"), ("meaning",),
                             ("gap_remedy",), ("osm", "expected_completeness_cn")])  # fmt: skip
        holder = element
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = f"edited {draw.random()}"
        (change,) = standard_changes(document, new)
        assert (change.element_id, change.path) == (element["id"], place)
        (back,) = standard_changes(new, document)
        assert (back.old, back.new) == (change.new, change.old)
        for language in LANGUAGES:
            assert change.text.text(language)


def row(
    circle: str, element: str, verdict: str, share: float | None = None, scale: str = "met"
) -> SimpleNamespace:
    return SimpleNamespace(
        circle_id=circle, element_id=element, verdict=verdict,
        figures=None if share is None else SimpleNamespace(share=share),
        dimension=lambda name: SimpleNamespace(verdict=scale if name == "scale" else "met"),
    )  # fmt: skip


def test_dimensions_and_shares_that_differ_alone_are_listed() -> None:
    before = Assessment(rows=(row("1", "a", "weak", 0.9), row("1", "b", "met", 0.9),
                              row("1", "c", "met", 0.9), row("1", "d", "met", 0.9)))  # fmt: skip
    after = Assessment(rows=(row("1", "a", "weak", 0.9, "short"), row("1", "b", "met", 0.8995),
                             row("1", "c", "met", 0.8996), row("1", "d", "met")))  # fmt: skip
    found = verdict_difference(before, after)
    assert [(one.element_id, one.overall, one.share_differs) for one in found.changes] == [
        ("a", False, False), ("b", False, True), ("d", False, True),
    ]  # fmt: skip
    (only,) = found.changes[0].dimensions
    assert (only.dimension, only.before, only.after) == ("scale", "met", "short")
    assert sum(found.counts.values()) == found.judged == 4
    assert dict(found.counts) == {("weak", "weak"): 1, ("met", "met"): 3}


def test_verdicts_that_differ_are_counted_and_listed() -> None:
    before = Assessment(rows=(row("1", "a", "met"), row("1", "b", "short"), row("2", "a", "met"),
                              row("*", "a", "met")))  # fmt: skip
    after = Assessment(rows=(row("1", "a", "weak"), row("1", "c", "met"), row("2", "a", "met"),
                             row("*", "a", "weak")))  # fmt: skip
    found = verdict_difference(before, after)
    assert found.judged == 4
    assert dict(found.counts) == {
        ("met", "weak"): 1, ("short", None): 1, (None, "met"): 1, ("met", "met"): 1,
    }  # fmt: skip
    told = [(one.circle_id, one.element_id, one.before, one.after) for one in found.changes]
    assert told == [
        ("1", "a", "met", "weak"), ("1", "c", None, "met"), ("1", "b", "short", None),
        ("*", "a", "met", "weak"),
    ]  # fmt: skip
    assert verdict_difference(before, before).changes == ()
    assert [one.circle_id for one in found.of_circles()] == ["1", "1", "1"]
    assert [one.circle_id for one in found.of_all()] == ["*"]

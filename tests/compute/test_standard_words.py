"""Words of a standard: targets in two languages, exact targets, minutes, headings of its workbook."""

import copy
import json
from importlib import resources

import openpyxl
import pytest
import yaml

from analysis.documents.plain import texts
from analysis.messages import Name, message, phrase_table, tenths
from analysis.sources.standards import (
    open_standard,
    packaged_standards,
    read_standard,
    validate_standard,
)
from analysis.standard.fields import FieldLabel
from analysis.standard.figures import target_text
from analysis.standard.rules import Target
from service.reports.standard_workbook import standard_workbook
from service.standard_view import standard_view

FIELD = "standard.field."


def rules(standard):
    return [rule for one in (*standard.elements, *standard.available)
            for rule in (*one.efficiency, *one.quality)]  # fmt: skip


@pytest.mark.parametrize("name", packaged_standards())
def test_no_target_begins_as_a_formula_and_chinese_ones_are_chinese(name) -> None:
    found = {"text": 0, "eq": 0}
    for rule in rules(read_standard(name)):
        both = texts(target_text(rule.target, rule.metric.unit))
        assert not {both["zh"][0], both["en"][0]} & set("=+-@"), both
        if rule.target.op == "text":
            assert not any(one.isascii() and one.isalpha() for one in both["zh"]), both
            assert both["en"].isascii()
        if rule.target.op in found:
            found[rule.target.op] += 1
    assert all(found.values()), found


def test_an_exact_target_is_said_in_words() -> None:
    whole = Target(op="eq", source="", confidence="default", low=1.0, high=1.0)
    assert texts(target_text(whole, "share")) == {"zh": "须为 100.0%", "en": "exactly 100.0%"}
    assert texts(target_text(whole, "yes_no")) == {"zh": "须为 是", "en": "exactly yes"}


@pytest.mark.parametrize(
    ("value", "both"),
    [
        ("只看一眼", {"zh": "只看一眼", "en": "只看一眼"}),
        ({"zh": "有", "en": "present"}, {"zh": "有", "en": "present"}),
    ],
)
def test_planners_may_write_a_target_in_one_language_or_in_two(value, both, tmp_path) -> None:
    document = copy.deepcopy(dict(open_standard().document))
    document["profile"] = document["profile"] | {"id": "own", "version": "1"}
    school = document["elements"][0]
    row = next(one for one in school["quality"] if one["metric"] == "barrier_free_share")
    row["target"] = {"op": "text", "value": value}
    paths = tmp_path / "own.yaml", tmp_path / "own.xlsx"
    paths[0].write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    standard_workbook(document, paths[1])
    for path in paths:
        assert validate_standard(path) == ()
        opened = open_standard(path)
        back = opened.document["elements"][0]["quality"]
        assert next(one for one in back if one["metric"] == "barrier_free_share") == row
        target = next(one.target for one in opened.standard.elements[0].quality
                      if one.metric.id == "barrier_free_share")  # fmt: skip
        assert target.text == Name(both["zh"], both["en"])
        shown = standard_view(opened.standard)["elements"][0]["quality"]
        assert both in [one["target"] for one in shown]


@pytest.mark.parametrize("value", [{"zh": "有"}, {"zh": "有", "en": ""}, {"zh": "有", "fr": "oui"}])
def test_half_a_target_is_refused(value, tmp_path) -> None:
    document = copy.deepcopy(dict(open_standard().document))
    document["elements"][0]["quality"][0]["target"] = {"op": "text", "value": value}
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    assert validate_standard(path) != ()


def test_a_text_by_language_is_no_number(tmp_path) -> None:
    document = copy.deepcopy(dict(open_standard().document))
    document["elements"][0]["quality"][0]["target"] = {
        "op": "ge", "value": {"zh": "有", "en": "present"},
    }  # fmt: skip
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    (problem,) = validate_standard(path)
    assert "ge" in problem.text("zh")


@pytest.mark.parametrize(
    ("value", "said"),
    [(20.0, "20"), (5.04, "5"), (9.96, "10"), (7.25, "7.2"), (1234.5, "1,234.5"), (0.0, "0"),
     (-0.01, "0")],
)  # fmt: skip
def test_minutes_have_a_decimal_only_where_they_need_it(value, said) -> None:
    assert tenths(value) == said
    for key, args in (
        ("sentence.farthest_minutes", {"minutes": value}),
        ("verdict.farthest_minutes", {"minutes": value}),
        ("sentence.beyond_minutes", {"people": 3, "limit": value}),
        ("verdict.beyond_minutes", {"people": 3, "minutes": value}),
        ("outputs.beyond_search_minutes", {"figures": "x", "minutes": value}),
    ):
        assert f"{said} 分钟" in message(key, **args).text("zh")


@pytest.mark.parametrize("name", packaged_standards())
def test_every_heading_of_the_workbook_is_in_words(name, tmp_path) -> None:
    path = tmp_path / "标准.xlsx"
    standard_workbook(open_standard(name).document, path)
    book = openpyxl.load_workbook(path, read_only=True)
    seen = 0
    for sheet in book.worksheets[1:]:
        heads, ids = sheet.iter_rows(min_row=1, max_row=2, values_only=True)
        for head, field in zip(heads, ids, strict=True):
            chinese = head.split("\n")[0]
            assert not any(one.isascii() and one.isalpha() for one in chinese), (sheet.title, field)
            seen += 1
        if "label" in ids:
            labels = [
                row[ids.index("label")] for row in sheet.iter_rows(min_row=3, values_only=True)
            ]
            assert [one for one in labels if any(c.isascii() and c.isalpha() for c in one)] == []
    assert seen > 100


def test_every_field_of_the_schema_has_a_name() -> None:
    file = resources.files("analysis.standards").joinpath("standard.schema.json")
    named = {key.removeprefix(FIELD).rpartition(".")[2] for key in phrase_table()
             if key.startswith(FIELD)}  # fmt: skip
    assert sorted(_properties(json.loads(file.read_text("utf-8"))) - named) == []


def test_a_field_without_a_name_shows_its_own() -> None:
    label = FieldLabel(("scale", "brand_new"))
    assert texts(label) == {"zh": "规模 · brand_new", "en": "scale · brand_new"}


def _properties(schema: object) -> set[str]:
    if isinstance(schema, list):
        return set().union(*(_properties(one) for one in schema))
    if not isinstance(schema, dict):
        return set()
    own = schema.get("properties")
    names = set(own) if isinstance(own, dict) else set()
    return names.union(*(_properties(one) for one in schema.values()))

"""Profiles that inherit: what is taken over, what is not, and where mistakes are pointed to."""

from pathlib import Path

import pytest
import yaml

from analysis.errors import InvalidStandardError, SourceUnavailableError
from analysis.messages import LANGUAGES, Message
from analysis.sources.standards import (
    open_standard,
    packaged_standards,
    read_standard,
    validate_standard,
)
from analysis.standard.inheritance import Place, inherit, plain, plant
from analysis.standard.parsing import standard_digest
from tests.small_standard import CHILD, PARENT, line_of


@pytest.fixture
def beside(tmp_path: Path):
    """Return a writer of files in one folder; the parent is there."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    write("parent.yaml", PARENT)
    return write


def told(problems: tuple[Message, ...]) -> list[tuple[str, object, str]]:
    return [(p.args["reason"].key, p.args["line"], p.args["place"].key) for p in problems]


def merged(child: str, parent: str = PARENT) -> tuple[dict, list[str]]:
    nodes = [plant(yaml.safe_load(text), lambda _path: Place()) for text in (parent, child)]
    document, problems = inherit(*nodes)
    assert plain(nodes[0]) == yaml.safe_load(parent)  # untouched
    return plain(document), [one.problem.reason.key for one in problems]


def test_a_child_states_only_what_it_changes(beside) -> None:
    opened = open_standard(beside("child.yaml", CHILD))
    expected = yaml.safe_load(PARENT)
    expected["profile"] |= {
        "id": "child", "version": "2026.1", "title_zh": "下级标准", "official": False,
        "statement_zh": "试行", "statement_en": "on trial",
    }  # fmt: skip
    del expected["profile"]["title_en"]  # the parent's name is not the child's
    for one in expected["profile"]["categories"]:
        del one["elements"]  # a count of the parent's list
    expected["sources"].append({"id": "B", "title": "乙"})
    # The note was said of 500 m; minutes stand beside the metres and were not changed.
    expected["elements"][0]["walk_threshold"] = {
        "minutes": 10, "metres": 800, "source": "B", "confidence": "secondary",
    }  # fmt: skip
    assert opened.document == expected
    assert [Path(one).name for one in opened.lineage] == ["parent.yaml"]
    assert opened.standard.digest == standard_digest(expected)
    school, shop = opened.standard.elements
    assert (school.threshold_m, shop.threshold_m) == (800.0, 300.0)
    assert school.threshold is not None
    assert (school.threshold.source, school.threshold.confidence) == ("B", "secondary")
    assert not opened.standard.official


def test_official_standing_is_never_inherited(beside) -> None:
    text = CHILD.replace("  official: false\n", "").replace("  statement_zh: 试行\n", "")
    problems = validate_standard(beside("child.yaml", text))
    assert (
        told(problems)
        == [("standard.schema.required", line_of(text, "profile:"), "standard.at.line")] * 2
    )


def test_the_version_is_the_child_s_own(beside) -> None:
    text = CHILD.replace("  version: '2026.1'\n", "")
    (problem,) = validate_standard(beside("child.yaml", text))
    assert problem.args["field"] == "profile.version"
    assert problem.args["line"] == line_of(text, "profile:")


def test_elements_and_single_fields_are_removed() -> None:
    document, problems = merged("{extends: x, remove: [school, shop.gap_remedy, sources.A]}")
    assert [one["id"] for one in document["elements"]] == ["shop"]
    assert "gap_remedy" not in document["elements"][0]
    assert document["sources"] == []
    assert "remove" not in document
    assert "extends" not in document
    assert problems == []
    assert "version" not in document["profile"]  # the schema asks for the child's own


def test_rows_merge_by_id_and_other_lists_are_replaced() -> None:
    child = """
profile:
  version: '1'
  categories: [{id: food, zh: 饮食}, {id: play, zh: 玩}]
  evidence: {service_keys: [office]}
elements:
  - {id: shop, osm: {any_of: [{tags: {shop: supermarket}}]}}
"""
    document, problems = merged(child)
    assert problems == []
    assert document["profile"]["categories"] == [
        {"zh": "教", "id": "education"}, {"zh": "饮食", "id": "food"}, {"zh": "玩", "id": "play"},
    ]  # fmt: skip
    assert document["profile"]["evidence"]["service_keys"] == ["office"]
    assert document["profile"]["evidence"]["untold_completeness"] == ["low"]
    shop = document["elements"][1]
    assert shop["osm"] == {
        "any_of": [{"tags": {"shop": "supermarket"}}], "expected_completeness_cn": "high",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "reason", "at", "value"),
    [
        ("id: school", "id: schol", "standard.inherit.unknown", "id: schol", "schol"),
        ("profile:", "remove: [scholl]\nprofile:", "standard.remove.unknown", "remove", "scholl"),
        ("profile:", "remove: [school.colour]\nprofile:", "standard.remove.unknown", "remove",
         "school.colour"),
        ("profile:", "remove: {a: 1}\nprofile:", "standard.remove.form", "remove", ""),
        (", source: B, confidence", ", confidence", "standard.inherit.unvouched", "metres: 800",
         ""),
        (", source: B, confidence: secondary", "", "standard.inherit.unvouched", "metres: 800",
         ""),
        ("metres: 800", "metres: -8", "standard.schema.above", "metres: -8", "-8"),
        ("extends: parent.yaml", "extends: https://a.b/c.yaml", "standard.extends", "extends", "h"),
        ("extends: parent.yaml", "extends: ../parent.yaml", "standard.extends", "extends", ".."),
        ("extends: parent.yaml", "extends: /etc/passwd", "standard.extends", "extends", "/etc"),
        ("extends: parent.yaml", "extends: nobody", "standard.extends", "extends", "nobody"),
        ("extends: parent.yaml", "extends: [parent.yaml]", "standard.extends", "extends", ""),
        ("extends: parent.yaml", "extends: other.yaml", "standard.extends.missing", "extends", ""),
        ("extends: parent.yaml", "extends: child.yaml", "standard.extends.cycle", "extends", ""),
    ],
)  # fmt: skip
def test_each_mistake_of_a_child_names_its_line(beside, old, new, reason, at, value) -> None:
    assert CHILD.count(old) >= 1
    text = CHILD.replace(old, new, 1)
    problems = validate_standard(beside("child.yaml", text))
    found = [p for p in problems if p.args["reason"].key == reason]
    assert found, [p.text("en") for p in problems]
    assert found[0].args["line"] == line_of(text, at)
    assert found[0].args["place"].key == "standard.at.line"
    assert str(found[0].args["value"]).startswith(value)
    for language in LANGUAGES:
        assert "{" not in found[0].text(language)


def test_a_near_id_is_offered(beside) -> None:
    (problem,) = validate_standard(beside("child.yaml", CHILD.replace("id: school", "id: schol")))
    assert "school" in problem.text("en")


def test_what_is_wrong_in_the_parent_is_told_with_its_own_line(beside) -> None:
    broken = PARENT.replace("tier: 5min", "tier: 7min")
    beside("parent.yaml", broken)
    (problem,) = validate_standard(beside("child.yaml", CHILD))
    assert told((problem,)) == [
        ("standard.schema.enum", line_of(broken, "tier: 7min"), "standard.at.other")
    ]
    assert "parent.yaml" in problem.text("zh")
    assert problem.args["element"] == "shop"
    with pytest.raises(InvalidStandardError):
        read_standard(beside("child.yaml", CHILD))


def test_a_parent_that_is_no_yaml_is_told_too(beside) -> None:
    beside("parent.yaml", "a: [\n")
    problems = validate_standard(beside("child.yaml", CHILD))
    assert [key for key, *_ in told(problems)] == ["standard.yaml.syntax"]


def test_three_generations_and_circles(beside) -> None:
    beside("child.yaml", CHILD)
    third = CHILD.replace("parent.yaml", "child.yaml").replace("id: child", "id: third")
    third = third.replace("metres: 800", "metres: 900")
    opened = open_standard(beside("third.yaml", third))
    assert [Path(one).name for one in opened.lineage] == ["child.yaml", "parent.yaml"]
    assert opened.standard.elements[0].threshold_m == 900.0
    beside(
        "parent.yaml", PARENT.replace("schema_version: 1", "schema_version: 1\nextends: third.yaml")
    )
    problems = validate_standard(beside("third.yaml", third))
    assert "standard.extends.cycle" in [key for key, *_ in told(problems)]


def test_remove_needs_something_to_inherit(beside) -> None:
    text = PARENT + "remove: [shop]\n"
    problems = validate_standard(beside("alone.yaml", text))
    assert ("standard.remove.alone", line_of(text, "remove:"), "standard.at.line") in told(problems)


def test_a_file_that_is_missing_is_still_that(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailableError):
        read_standard(tmp_path / "none.yaml")


def test_a_profile_may_extend_a_packaged_one(beside) -> None:
    text = CHILD.replace("parent.yaml", "living_circle_25").replace("id: school", "id: pharmacy")
    opened = open_standard(beside("ours.yaml", text))
    assert opened.lineage == ("living_circle_25",)
    assert opened.standard.element("pharmacy").threshold_m == 800.0
    assert len(opened.standard.elements) == len(read_standard().elements)


# --- the packaged profiles -------------------------------------------------------------------


def test_every_packaged_profile_passes_the_checks_of_a_planner_s_file(beside) -> None:
    from importlib import resources

    assert packaged_standards() == ("living_circle_25", "tdt1062_2021")
    for name in packaged_standards():
        text = resources.files("analysis.standards").joinpath(f"{name}.yaml").read_text("utf-8")
        problems = validate_standard(beside(f"copy_of_{name}.yaml", text))
        assert [one.text("en") for one in problems] == []


def test_the_second_profile_is_another_one_and_says_what_it_is() -> None:
    first, second = read_standard(), read_standard("tdt1062_2021")
    assert second.official is False
    assert "不是标准原文" in second.statement.text("zh")
    assert "not the official text" in second.statement.text("en")
    assert [one.name.zh for one in second.categories] == ["基础保障", "品质提升"]
    assert len(second.elements) == 19
    assert {one.id for one in second.elements} < {one.id for one in first.elements}
    changed = {
        one.id: (first.element(one.id).threshold_m, one.threshold_m)
        for one in second.elements
        if first.element(one.id).threshold_m != one.threshold_m
    }
    assert changed == {
        "outdoor_fitness_site": (300.0, 500.0), "convenience_store": (300.0, 500.0),
        "community_service_station": (300.0, 500.0), "park_green_space": (500.0, 300.0),
    }  # fmt: skip
    for one in second.elements:
        assert one.threshold is not None
        assert one.threshold.source in second.sources
    assert second.element("primary_school").threshold.source == "TDT1062"
    assert second.element("primary_school").coverage.basis[0] == "residential_land"


def test_a_parent_of_another_version_is_warned_of(beside) -> None:
    pinned = CHILD.replace("extends: parent.yaml", "extends: parent.yaml@1")
    opened = open_standard(beside("child.yaml", pinned))
    assert opened.notices == ()
    assert (opened.standard.version, opened.document.get("extends")) == ("2026.1", None)
    assert opened.standard.digest == open_standard(beside("plain.yaml", CHILD)).standard.digest
    beside("parent.yaml", PARENT.replace("version: '1'", "version: '2'"))
    opened = open_standard(beside("child.yaml", pinned))
    (told,) = opened.notices
    assert (told.code, told.severity, told.subjects) == (
        "standard.extends.version", "warning", ("child.yaml",),
    )  # fmt: skip
    assert {key: told.text.args[key] for key in ("parent", "stated", "found")} == {
        "parent": "parent.yaml", "stated": "1", "found": "2",
    }  # fmt: skip
    assert validate_standard(beside("child.yaml", pinned)) == ()  # a warning is no mistake


def test_who_names_no_version_is_not_warned(beside) -> None:
    beside("parent.yaml", PARENT.replace("version: '1'", "version: '2'"))
    assert open_standard(beside("child.yaml", CHILD)).notices == ()


@pytest.mark.parametrize("name", packaged_standards())
def test_packaged_standards_have_a_version_and_name_their_parents(name) -> None:
    opened = open_standard(name)
    assert opened.standard.version
    assert opened.notices == ()


@pytest.mark.parametrize("version", ["''", "a@b", "2 0", "1", "x" * 50])
def test_a_version_is_a_short_text_without_at(beside, version) -> None:
    text = PARENT.replace("version: '1'", f"version: {version}")
    (problem,) = validate_standard(beside("parent.yaml", text))
    assert problem.args["field"] == "profile.version"


def test_an_at_without_a_version_is_an_error(beside) -> None:
    text = CHILD.replace("extends: parent.yaml", "extends: parent.yaml@")
    (problem,) = validate_standard(beside("child.yaml", text))
    assert told((problem,)) == [
        ("standard.extends.no_version", line_of(text, "extends:"), "standard.at.line")
    ]
    assert "parent.yaml@版本（现为 1）" in problem.text("zh")
    with pytest.raises(InvalidStandardError):
        open_standard(beside("child.yaml", text))


def test_another_content_under_a_packaged_id_and_version_is_warned_of(beside) -> None:
    from importlib import resources

    text = resources.files("analysis.standards").joinpath("tdt1062_2021.yaml").read_text("utf-8")
    copy = open_standard(beside("copy.yaml", text))
    assert copy.notices == ()
    assert copy.parent_versions == ("2026.1",)
    edited = text.replace("metres: 500, source: TDT1062", "metres: 600, source: TDT1062", 1)
    assert edited != text
    (warned,) = open_standard(beside("edited.yaml", edited)).notices
    assert (warned.code, warned.severity, warned.subjects) == (
        "standard.same_version", "warning", ("edited.yaml",),
    )  # fmt: skip
    assert "tdt1062_2021 1" in warned.text.text("zh")
    renamed = edited.replace("version: '1'", "version: '1-ours'", 1)
    assert open_standard(beside("renamed.yaml", renamed)).notices == ()

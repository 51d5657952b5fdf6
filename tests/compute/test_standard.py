"""The packaged standard, and what its reader says of files that are not one."""

import re
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import yaml

from analysis.errors import (
    InvalidParameterError,
    InvalidStandardError,
    SourceDataError,
    SourceUnavailableError,
)
from analysis.messages import LANGUAGES, Message
from analysis.sources.standards import packaged_standards, read_standard, validate_standard
from analysis.standard.profile import ReachRule
from analysis.standard.profile_rules import TwoStepZones
from analysis.standard.rules import CountRule, Sourced
from tests.small_standard import SHARED

# Line numbers below are counted in this text; line 1 is schema_version.
SMALL = (
    """\
schema_version: 1
profile:
  id: small
  version: '1'
  title_zh: 小标准
  official: true
  statement_zh: 测试
  statement_en: test
"""
    + SHARED
    + """\
  metric_catalogue:
    - {id: lit_share, zh: 照明, measure: share, unit: share, attribute: lit}
    - {id: load, zh: 负荷, measure: utilisation, unit: share}
    - {id: near_parking, zh: 停车, measure: near_element, unit: share, element: parking, within_m: 90}
  attributes:
    - {id: lit, zh: 照明, kind: yes_no, unit: share, columns: [light, lit], osm: {lit: {'yes': 'yes'}}}
    - {id: hours, zh: 时长, kind: hours, unit: hours_per_week, columns: [opening_hours]}
  two_step_zones: {until_share: [0.5, 1], weight: [1, 0.4], source: A, confidence: default}
sources:
  - {id: A, title: 甲}
elements:
  - id: school
    name_zh: 学校
    category: 教
    tier: 10min
    treatment: facility_access
    walk_threshold: {minutes: 10, metres: 500, source: A, confidence: verbatim}
    coverage:
      basis: [population]
      target: 0.9
      source: A
      confidence: default
      acceptable: 0.8
      acceptable_source: A
      acceptable_confidence: default
    scale:
      indicator: seats
      unit: seat
      basis: population
      per_1000: {value: 75, source: A, confidence: default}
      capacity: {columns: [seats], osm_tags: [capacity], source: A, confidence: default}
      per_facility: {value: [100, 900], unit: seat, source: A, confidence: default}
    efficiency:
      - {metric: load, target: {op: between, value: [0.7, 1]}, source: A, confidence: default}
    quality:
      - {metric: lit_share, target: {op: ge, value: 0.6}, source: A, confidence: default}
    osm:
      any_of:
        - {tags: {amenity: school, grades: 1-6}}
        - {tags: {amenity: [school, college]}, needs_name: true}
      name_patterns: {zh: [小学, 学堂], en: primary}
      expected_completeness_cn: low
    planner_columns: [id, name, status, seats, lit]
  - id: parking
    name_zh: 停车场
    name_en: parking
    category: food
    tier: 5min
    treatment: capacity_ratio
    walk_threshold: {metres: 400, source: A, confidence: default}
    scale:
      indicator: spaces
      unit: space
      basis: vehicles
      per_vehicle: {value: [0.8, 1.1], source: A, confidence: default}
      capacity: {columns: [spaces], per_land_m2: 0.04, source: A, confidence: default}
      count_rule: {at_least: 2, per: circle, source: A, confidence: verbatim}
    coverage:
      basis: [population]
      target: 0.8
      source: A
      confidence: default
      acceptable: 0.8
      acceptable_source: A
      acceptable_confidence: default
    osm:
      any_of:
        - tags: {amenity: parking}
      expected_completeness_cn: high
      dedupe_m: {value: 5, source: A, confidence: default}
    planner_columns: [id, name, spaces]
optional_extensions:
  - id: garden
    name_zh: 花园
    category: 食
    tier: 5min
    treatment: facility_access
    walk_threshold: {metres: 200, source: A, confidence: default}
    coverage: {basis: [population], target: 0.5, source: A, confidence: default, acceptable: 0.4, acceptable_source: A, acceptable_confidence: default}
    osm:
      any_of:
        - {tags: {leisure: garden}}
      expected_completeness_cn: low
    planner_columns: [id, lit]
"""
)


@pytest.fixture
def write(tmp_path: Path):  # noqa: ANN201 - a writer of files
    def writer(text: str | bytes) -> Path:
        path = tmp_path / "standard.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return writer


def changed(old: str, new: str) -> str:
    """Return the small standard with one place changed; the place must be there."""
    assert SMALL.count(old) >= 1, old
    return SMALL.replace(old, new, 1)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def keys_and_lines(problems: tuple[Message, ...]) -> list[tuple[str, object]]:
    found = []
    for problem in problems:
        reason = problem.args["reason"]
        assert isinstance(reason, Message)
        found.append((reason.key, problem.args["line"]))
    return found


# --- the packaged standard -------------------------------------------------------------------


def test_the_packaged_standard_is_the_project_s_own_profile_of_25_elements() -> None:
    standard = read_standard()
    assert "living_circle_25" in packaged_standards()
    assert standard == read_standard("living_circle_25")
    assert (standard.id, standard.official) == ("living_circle_25", False)
    assert "不是贵阳市官方清单" in standard.statement.text("zh")
    assert "not Guiyang's official list" in standard.statement.text("en")
    assert [one.name.zh for one in standard.categories] == list("教文卫体老幼食住行")
    per_category = [
        sum(one.category_id == category.id for one in standard.elements)
        for category in standard.categories
    ]
    assert per_category == [2, 2, 4, 2, 2, 2, 4, 3, 4]
    assert len(standard.walked) == 23
    assert standard.max_threshold_m == 1000.0
    assert standard.walking.speeds_m_s["adult"] == Sourced(
        value=1.2, source="DEFAULT", confidence="default"
    )
    assert standard.snap_limit_m.value == 200.0
    assert standard.range_keys == ("isced:level", "grades")
    assert re.fullmatch(r"[0-9a-f]{64}", standard.digest)


def test_every_element_has_both_names_columns_and_a_known_source() -> None:
    standard = read_standard()
    for element in (*standard.elements, *standard.available):
        assert element.name.zh
        assert element.name.en
        assert element.scale is not None
        counted = element.scale.capacity.each is not None
        assert bool(element.needs_columns["scale"]) is not counted, element.id
        assert element.needs_columns["quality"], element.id
        assert bool(element.needs_columns["coverage"]) is not element.is_walked
        assert element.coverage.target.value >= element.coverage.acceptable.value
        assert element.coverage.target.source in standard.sources
        assert element.osm.ambiguous_counts is False or element.osm.ambiguous


def test_reach_rules_of_parks_stations_and_plain_elements() -> None:
    standard = read_standard()
    park = "park_green_space"
    assert standard.element(park).reach_rules == (
        ReachRule(element_id=park, threshold_m=500.0, min_area_m2=5000.0),
        ReachRule(element_id=park, threshold_m=300.0, below_area_m2=5000.0),
    )
    assert [
        (rule.element_id, rule.threshold_m)
        for rule in standard.element("community_health_station").reach_rules
    ] == [("community_health_station", 500.0), ("community_health_center", 500.0)]
    assert standard.element("kindergarten").reach_rules == (
        ReachRule(element_id="kindergarten", threshold_m=300.0),
    )
    for unwalked in ("old_community_renovation", "back_street_renewal"):
        assert standard.element(unwalked).reach_rules == ()
    assert standard.element("bus_stop").osm.dedupe_m == 100.0
    assert standard.element("pharmacy").osm.dedupe_m == 50.0
    assert standard.element(park).osm.min_area_m2 == 400.0


def test_numbers_keep_their_source_and_confidence() -> None:
    toilet = read_standard().element("public_toilet")
    assert toilet.threshold == Sourced(value=300.0, source="GB55013", confidence="verbatim")
    park = read_standard().element("park_green_space").coverage
    assert park.target == Sourced(value=0.9, source="GBT51346", confidence="memory")
    assert park.acceptable == Sourced(value=0.8, source="GB55014", confidence="verbatim")


def test_the_schema_is_valid_and_closed_everywhere() -> None:
    folder = resources.files("analysis.standards")
    schema = yaml.safe_load(folder.joinpath("standard.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    open_ones: list[object] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            if value.get("type") == "object" and "additionalProperties" not in value:
                open_ones.append(value)
            for child in value.values():
                walk(child)
        elif isinstance(value, list):
            for child in value:
                walk(child)

    walk(schema)
    assert open_ones == []


def test_every_ambiguous_rule_says_why_it_counts_or_not() -> None:
    folder = resources.files("analysis.standards")
    document = yaml.safe_load(folder.joinpath("living_circle_25.yaml").read_text("utf-8"))
    told = [one for one in document["elements"] if one["osm"]["ambiguous"]]
    assert len(told) >= 10
    for element in told:
        assert len(element["osm"]["ambiguous_note"]) > 40, element["id"]


# --- a planner's file -----------------------------------------------------------------------


def test_a_small_standard_of_a_planner_is_read(write) -> None:  # noqa: ANN001
    standard = read_standard(write(SMALL))
    assert standard.official is True
    assert standard.title.text("en") == "小标准"
    school, parking = standard.elements
    assert (school.category_id, parking.category_id) == ("education", "food")
    assert school.minutes == 10.0
    assert school.reach_rules == (ReachRule(element_id="school", threshold_m=500.0),)
    assert parking.reach_rules == (ReachRule(element_id="parking", threshold_m=400.0),)
    assert parking.minutes is None
    assert school.osm.any_of[1].tags == {"amenity": ("school", "college")}
    assert school.osm.name_patterns == {"zh": "小学|学堂", "en": "primary"}
    assert (school.osm.dedupe_m, parking.osm.dedupe_m) == (40.0, 5.0)
    assert standard.evidence.untold_completeness == ("low",)


def test_needed_columns_follow_from_the_rules(write) -> None:  # noqa: ANN001
    school, parking = read_standard(write(SMALL)).elements
    assert school.needs_columns == {
        "scale": ("seats",),
        "coverage": (),
        "efficiency": ("seats",),  # what a load rests on
        "quality": ("lit",),  # the first of the attribute's columns that the element lists
    }
    assert parking.needs_columns == {
        "scale": ("spaces",), "coverage": (), "efficiency": (), "quality": (),
    }  # fmt: skip
    renewed = changed("treatment: capacity_ratio", "treatment: stock_renewal").replace(
        "spaces\n      unit: space\n      basis: vehicles\n      per_vehicle: {value: [0.8, 1.1]",
        "stock\n      unit: household\n      basis: eligible_households\n"
        "      target_share: {value: 0.9",
    )
    renewed = renewed.replace(
        "    coverage:\n      basis: [population]\n      target: 0.8",
        "    stock: {amount: [spaces], done: [name]}\n"
        "    coverage:\n      basis: [population]\n      target: 0.8",
    )
    _, stock = read_standard(write(renewed)).elements
    assert stock.needs_columns["scale"] == stock.needs_columns["coverage"] == ("spaces", "name")


def test_norms_capacities_and_targets_of_a_planner_are_read(write) -> None:  # noqa: ANN001
    standard = read_standard(write(SMALL))
    school, parking = standard.elements
    number = Sourced(value=75.0, source="A", confidence="default")
    assert school.scale is not None
    assert (school.scale.unit, school.scale.basis, school.scale.per) == ("seat", "population", 1000)
    assert (school.scale.norm, school.scale.upper) == (number, None)
    assert school.scale.capacity.columns == ("seats",)
    assert school.scale.capacity.osm_tags == ("capacity",)
    assert school.scale.capacity.typical == (100.0, 900.0)
    assert school.scale.short_share == 0.7
    assert parking.scale is not None
    assert (parking.scale.norm.value, parking.scale.upper, parking.scale.per) == (0.8, 1.1, 1.0)
    assert parking.scale.capacity.per_land_m2 == 0.04
    assert parking.scale.capacity.typical is None
    assert parking.scale.count_rule == CountRule(
        at_least=2, per="circle", source="A", confidence="verbatim"
    )
    (load,), (lit,) = school.efficiency, school.quality
    assert (load.metric.measure, load.target.low, load.target.high) == ("utilisation", 0.7, 1.0)
    assert (lit.metric.attribute, lit.target.low, lit.target.high) == ("lit", 0.6, float("inf"))
    assert standard.attributes["lit"].columns == ("light", "lit")
    assert standard.attributes["lit"].osm == {"lit": {"yes": "yes"}}
    assert standard.two_step_zones == TwoStepZones(
        until_share=(0.5, 1.0), weight=(1.0, 0.4), source="A", confidence="default"
    )


def test_a_usual_size_in_another_unit_bounds_nothing(write) -> None:  # noqa: ANN001
    text = changed("value: [100, 900], unit: seat", "value: [100, 900], unit: m2, of: building")
    school = read_standard(write(text)).element("school")
    assert school.scale is not None
    assert school.scale.capacity.typical is None


def test_optional_elements_count_only_when_asked_for(write) -> None:  # noqa: ANN001
    path = write(SMALL)
    plain, extended = read_standard(path), read_standard(path, ("garden",))
    assert [one.id for one in plain.elements] == ["school", "parking"]
    assert [(one.id, one.optional) for one in plain.available] == [("garden", True)]
    assert [one.id for one in extended.elements] == ["school", "parking", "garden"]
    assert extended.available == ()
    assert extended.digest != plain.digest
    assert read_standard(path, ["garden", "garden"]).digest == extended.digest
    with pytest.raises(InvalidParameterError) as caught:
        read_standard(path, ("gardens",))
    assert "garden" in caught.value.text("en")


def test_the_digest_ignores_layout_and_sees_content(write) -> None:  # noqa: ANN001
    digest = read_standard(write(SMALL)).digest
    commented = "# hello\n" + SMALL.replace("- {id: A, title: 甲}", "- id: A\n    title: '甲'")
    assert read_standard(write(commented)).digest == digest
    assert read_standard(write(changed("metres: 500", "metres: 501"))).digest != digest


@pytest.mark.parametrize(
    ("old", "new", "reason", "at"),
    [
        ("official: true", "official: true\n  colour: red", "standard.schema.unknown", "colour"),
        ("metres: 500", "metres: 500, miles: 1", "standard.schema.unknown", "miles: 1"),
        ("metres: 500", "metres: 0", "standard.schema.above", "metres: 0"),
        ("metres: 500", "metres: far", "standard.schema.type", "metres: far"),
        ("metres: 500", "metres: .nan", "standard.yaml.scalar", "metres: .nan"),
        ("tier: 5min", "tier: 7min", "standard.schema.enum", "tier: 7min"),
        ("target: 0.9", "target: 1.9", "standard.schema.maximum", "target: 1.9"),
        ("target: 0.9", "target: 0.7", "standard.target", "target: 0.7"),
        ("basis: [population]", "basis: [dogs]", "standard.schema.enum", "basis: [dogs]"),
        ("basis: [population]", "basis: []", "standard.schema.min_items", "basis: []"),
        ("id: parking", "id: school", "standard.repeated_id", "id: school\n    name_zh: 停"),
        ("id: parking", "id: Parking", "standard.schema.pattern", "id: Parking"),
        ("category: 教", "category: 玩", "standard.category", "category: 玩"),
        ("elements: 1}", "elements: 2}", "standard.category_count", "elements: 2}"),
        (
            "      basis: [population]",
            (
                "      rules: [{element: moon, metres: 5, source: A, confidence: default}]\n"
                "      basis: [population]"
            ),
            "standard.substitute",
            "rules: [{element: moon",
        ),
        ("zh: [小学, 学堂]", "zh: ['小学(']", "standard.pattern", "name_patterns"),
        ("zh: [小学, 学堂]", "zh: ['(a|b)']", "standard.pattern_form", "name_patterns"),
        ("zh: [小学, 学堂]", "zh: ['(?:a+)+$']", "standard.pattern_form", "name_patterns"),
        ("      name_patterns: {zh: [小学, 学堂], en: primary}\n", "", "standard.needs_name",
         "any_of"),
        ("metres: 500, source: A", "metres: 500, source: B", "standard.source", "source: B"),
        ("metres: 500", "metres: null", "standard.no_threshold", "metres: null"),
        ("columns: [spaces]", "columns: [wheels]", "standard.column", "columns: [wheels]"),
        ("metric: load", "metric: loads", "standard.metric", "metric: loads"),
        ("attribute: lit}", "attribute: lid}", "standard.attribute", "attribute: lid}"),
        (", attribute: lit}", "}", "standard.measure", "id: lit_share"),
        (", within_m: 90", "", "standard.measure", "id: near_parking"),
        ("element: parking", "element: garden", "standard.near_element", "element: garden"),
        ("measure: share", "measure: shares", "standard.schema.enum", "measure: shares"),
        ("attribute: lit}", "attribute: hours}", "standard.share_of_number", "attribute: hours"),
        ("unit: hours_per_week", "unit: h", "standard.hours_unit", "unit: h,"),
        ("{lit: {'yes': 'yes'}}", "{lit: {'yes': lit}}", "standard.meaning", "osm: {lit"),
        ("kind: yes_no", "kind: maybe", "standard.schema.enum", "kind: maybe"),
        ("[0.5, 1]", "[0.5, 0.9]", "standard.zones.until", "until_share"),
        ("weight: [1, 0.4]", "weight: [0.4, 1]", "standard.zones.weight", "weight: [0.4"),
        ("weight: [1, 0.4]", "weight: [1]", "standard.zones.length", "weight: [1]"),
        ("      per_1000: {", "      per_km2: {value: 1, source: A, confidence: default}\n      per_1000: {",
         "standard.norm", "per_km2"),
        ("      per_1000: {value: 75, source: A, confidence: default}\n", "", "standard.norm",
         "    scale:"),
        ("basis: vehicles", "basis: area", "standard.norm_basis", "basis: area"),
        ("columns: [seats], osm_tags: [capacity], ", "", "standard.capacity", "capacity: {"),
        ("at_least: 2", "at_least: 0", "standard.schema.minimum", "count_rule"),
        ("per: circle", "per: city", "standard.schema.enum", "per: city"),
        ("unit: seat\n", "unit: bench\n", "standard.schema.enum", "unit: bench"),
        ("value: [0.7, 1]}", "value: 0.7}", "standard.target_form", "value: 0.7}"),
        ("value: 0.6", "value: true", "standard.target_form", "value: true"),
        ("value: 0.6", "value: 60", "standard.target_share", "value: 60"),
        ("seats, lit]", "seats]", "standard.metric_column", "metric: lit_share"),
        ("treatment: capacity_ratio", "treatment: line_renewal", "standard.stock.missing",
         "id: parking\n    name"),
        ("id: garden", "id: school", "standard.repeated_id", "id: school\n    name_zh: 花"),
        ("category: 食\n", "category: 玩\n", "standard.category", "category: 玩"),
        ("amenity: parking", "amenity: yes", "standard.schema.type", "amenity: yes"),
        ("confidence: verbatim", "confidence: sure", "standard.schema.enum", "confidence: sure"),
        ("group: adult", "group: child", "standard.schema.adult", "speeds_m_per_s"),
        ("service_keys: [shop]", "service_keys: [shop]\n    trivial_values: {office: [x]}",
         "standard.trivial", "office: [x]"),
    ],
)  # fmt: skip
def test_each_problem_names_its_line(write, old, new, reason, at) -> None:  # noqa: ANN001
    text = changed(old, new)
    problems = validate_standard(write(text))
    assert (reason, line_of(text, at)) in keys_and_lines(problems)
    for problem in problems:
        for language in LANGUAGES:
            assert str(line_of(text, at)) in problem.text(language) or len(problems) > 1


def test_a_missing_field_is_named_with_its_element(write) -> None:  # noqa: ANN001
    text = changed("    planner_columns: [id, name, status, seats, lit]\n", "")
    (problem,) = validate_standard(write(text))
    assert problem.args["element"] == "school"
    assert problem.args["field"] == "planner_columns"
    assert problem.args["line"] == line_of(text, "  - id: school")


def test_ambiguous_rules_must_say_whether_they_count(write) -> None:  # noqa: ANN001
    text = changed(
        "      name_patterns:", "      ambiguous: [{tags: {a: b}}]\n      name_patterns:"
    )
    assert keys_and_lines(validate_standard(write(text))) == [
        ("standard.ambiguous_counts", line_of(text, "ambiguous:"))
    ]


def test_all_problems_are_collected_in_the_order_of_lines(write) -> None:  # noqa: ANN001
    text = changed("metres: 500", "metres: -1").replace("tier: 5min", "tier: soon")
    text = text.replace("official: true", "official: maybe").replace(
        "acceptable: 0.8", "acceptable: 2"
    )
    with pytest.raises(InvalidStandardError) as caught:
        read_standard(write(text))
    lines = [int(str(one.args["line"])) for one in caught.value.problems]
    assert lines == sorted(lines)
    assert len(lines) >= 6
    assert caught.value.row == lines[0] == line_of(text, "official: maybe")
    assert str(caught.value.source).endswith("standard.yaml")
    assert caught.value.text("zh").count("\n") == len(lines)


def test_repeated_keys_are_found_with_both_lines(write) -> None:  # noqa: ANN001
    text = changed("    tier: 5min\n", "    tier: 5min\n    tier: 10min\n")
    (problem,) = validate_standard(write(text))
    assert problem.args["line"] == line_of(text, "    tier: 5min") + 1
    assert f"line {line_of(text, '    tier: 5min')}" in problem.text("en")


def test_order_of_fields_does_not_matter(write) -> None:  # noqa: ANN001
    document = yaml.safe_load(SMALL)

    def turned(value: object) -> object:
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in reversed(value)}
        return [turned(one) for one in value] if isinstance(value, list) else value

    text = yaml.safe_dump(turned(document), allow_unicode=True, sort_keys=False)
    assert read_standard(write(text)).digest == read_standard(write(SMALL)).digest


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("a: &x [1]\nb: *x\n", "standard.yaml.anchor", 1),
        ("a: 1\nb: *x\n", "standard.yaml.anchor", 2),
        ("a: 1\nb: [\n", "standard.yaml.syntax", 3),
        ("a:\n\t- 1\n", "standard.yaml.syntax", 2),
        ("[" * 40 + "]" * 40, "standard.yaml.depth", 1),
        ("[" * 100_000, "standard.yaml.depth", 1),
        ("", "standard.empty", 1),
        ("# nothing\n", "standard.empty", 1),
        ("a: !!python/object/apply:os.system [ls]\n", "standard.schema.unknown", 1),
        ("a: !!python/name:os.system x\n", "standard.yaml.scalar", 1),
        ("? [a]\n: 1\n", "standard.yaml.key", 1),
        ("- 1\n", "standard.no_mapping", 1),
        ("just words\n", "standard.no_mapping", 1),
        ("a: 1\n---\nb: 1\n", "standard.yaml.syntax", 3),
    ],
)
def test_hostile_and_broken_yaml(write, text, reason, line) -> None:  # noqa: ANN001
    found = keys_and_lines(validate_standard(write(text)))
    assert reason in [key for key, _ in found]
    assert min(int(str(at)) for key, at in found if key == reason) <= line


def test_files_that_cannot_be_read(write, tmp_path: Path) -> None:  # noqa: ANN001
    with pytest.raises(SourceUnavailableError) as missing:
        read_standard("no_such_standard")
    assert "living_circle_25" in missing.value.text("en")
    with pytest.raises(SourceUnavailableError):
        read_standard(tmp_path)
    with pytest.raises(SourceUnavailableError):
        validate_standard("nul\x00byte")
    with pytest.raises(SourceDataError) as encoded:
        read_standard(write("a: 1\nb: 生活圈\n".encode("gbk")))
    assert encoded.value.row == 2
    with pytest.raises(SourceDataError):
        read_standard(write("#" * 2_000_001))


def test_a_byte_order_mark_is_no_problem(write) -> None:  # noqa: ANN001
    assert validate_standard(write(b"\xef\xbb\xbf" + SMALL.encode())) == ()


def test_long_and_hostile_values_are_cut_and_stay_text(write) -> None:  # noqa: ANN001
    text = changed("category: 教", "category: '<script>{line}%s" + "x" * 500 + "'")
    problem = next(one for one in validate_standard(write(text)) if one.args["field"] == "category")
    assert len(str(problem.args["value"])) == 80
    assert "<script>{line}%s" in problem.text("zh")

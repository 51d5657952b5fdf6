"""What may be built where, at what cost: types, checks with their lines, inheritance, workbook."""

import json
from importlib import resources
from math import inf, nan
from pathlib import Path
from typing import get_args

import pytest
import yaml

from analysis.messages import LANGUAGES, Message, message
from analysis.places.parcels import ParcelKind
from analysis.sources.standards import open_standard, read_standard, validate_standard
from analysis.standard.checkable_layers import (
    CHECKABLE_COLUMNS,
    CHECKABLE_LAYERS,
    COLUMNS,
    LAYERS,
    ops_of_column,
    ops_of_layer,
)
from analysis.standard.profile import STOCK, ServiceStandard
from analysis.standard.siting_parsing import siting_rules
from analysis.standard.siting_rules import (
    CostUnit,
    PathWork,
    SitingOp,
    SitingRule,
    UnitCost,
    WorkKind,
)
from service.cli import main
from service.reports.standard_workbook import standard_workbook
from service.standard_view import standard_view
from tests.small_standard import CHILD, PARENT, line_of

NAMES = ("living_circle_25", "tdt1062_2021")
STANDARDS = {name: read_standard(name) for name in NAMES}
OWN = STANDARDS["living_circle_25"]
EVERY = [(one, e) for one in STANDARDS.values() for e in (*one.elements, *one.available)]
SITED = PARENT.replace(
    "    planner_columns: [id, name, status]\n",
    """\
    planner_columns: [id, name, status]
    min_build: {building_m2: 6500, land_m2: null, source: A, confidence: default}
    shared_build: {building_m2: 400, land_m2: 0, source: A, confidence: default}
    unit_cost:
      new: {value: [4000, 6000], per: building_m2, source: A, confidence: default}
      expand: {value: [9, 9], per: seat, price_year: 2020, source: A, confidence: planner}
    lead_time_months: {value: [12, 24], source: A, confidence: default}
    compatible_with: {elements: [shop], source: A, confidence: default}
    siting:
      - {id: rail, kind: hard, rule: far from rails, rule_zh: 远离铁路, layer: railway, op: beyond_m, value: 300, source: A, confidence: memory}
      - {id: near_shop, kind: soft, rule: by a shop, layer: 'element:shop', op: within_m, value: 50, source: A, confidence: default}
      - {id: floors, kind: hard, rule: floors 1-3, column: floor, op: between, value: [1, 3], source: A, confidence: default}
      - {id: owner, kind: soft, rule: public land, column: tenure, op: in, value: [国有], source: A, confidence: default}
      - {kind: hard, rule: a quiet street, source: A, confidence: default}
""",
).replace(
    "sources:\n  - {id: A",
    """\
  cost_basis: {price_year: 2024, source: A, confidence: default}
  path_costs:
    - {id: gate, zh: 开口, en: a gate, value: [1, 2], per: facility, source: A, confidence: default}
  common_siting:
    - {id: dry, kind: hard, rule: not in water, layer: water, op: beyond_m, value: 0, source: A, confidence: default}
  priority_rule:
    - {rank: 2, id: demand, zh: 诉求, any_opinion: true, source: A, confidence: default}
    - {rank: 1, id: safety, zh: 安全, elements: [shop], path_works: [gate], opinion_words: [消防], source: A, confidence: default}
sources:
  - {id: A""",
)


@pytest.fixture
def write(tmp_path: Path):  # noqa: ANN201
    """Return a writer of files in one folder."""

    def put(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return put


def told(problems: tuple[Message, ...]) -> list[tuple[str, object]]:
    for one in problems:
        for language in LANGUAGES:
            assert one.text(language)
    return [(one.args["reason"].key, one.args["line"]) for one in problems]


def rule(**fields: object) -> SitingRule:
    given = {"kind": "hard", "rule": "r", "source": "A", "confidence": "default"} | fields
    return siting_rules([given])[0]


# --- the packaged profiles --------------------------------------------------------------------


@pytest.mark.parametrize(("standard", "element"), EVERY, ids=lambda one: one.id)
def test_every_element_says_what_it_takes_to_build_it(standard: ServiceStandard, element) -> None:  # noqa: ANN001
    siting = element.siting
    assert siting.min_build is not None
    assert siting.rules
    is_stock = element.treatment in STOCK
    assert set(siting.costs) >= ({"upgrade"} if is_stock else {"new", "upgrade"})
    if not is_stock:  # what cannot be measured cannot be refused for being too small
        assert siting.min_build.building_m2 or siting.min_build.land_m2
        assert siting.compatible_with
    assert siting.lead_time_months is not None
    for one in (siting.min_build, siting.lead_time_months, *siting.costs.values(), *siting.rules):
        assert one.source in standard.sources
        assert (one.source == "DEFAULT") is (one.confidence == "default"), one
    for cost in siting.costs.values():
        assert 0 < cost.low < cost.high <= 5 * cost.low or cost.per in ("facility", "space")
        assert cost.price_year == 2025
        assert cost.confidence == "default"  # nobody published it


@pytest.mark.parametrize("standard", STANDARDS.values(), ids=NAMES)
def test_every_rule_names_what_can_be_looked_at_or_needs_a_person(standard) -> None:  # noqa: ANN001
    ids = {one.id for one in standard.elements}
    rules = [
        *standard.works.siting,
        *(r for one in (*standard.elements, *standard.available) for r in one.siting.rules),
    ]
    assert len(rules) > 80
    for one in rules:
        assert one.text.zh != one.text.en
        if one.needs_person:
            assert (one.layer, one.column, one.op) == ("", "", None)
            assert one.holds(0.0) is None
            assert one.holds("") is None
        elif one.element_id:
            assert one.element_id in ids
        else:
            assert (one.layer in LAYERS) is not (one.column in COLUMNS)
            assert one.op in (*ops_of_layer(one.layer), *ops_of_column(one.column))


@pytest.mark.parametrize("standard", STANDARDS.values(), ids=NAMES)
def test_shared_sites_are_told_from_both_sides(standard) -> None:  # noqa: ANN001
    every = {one.id: one.siting for one in (*standard.elements, *standard.available)}
    for name, siting in every.items():
        assert name not in siting.compatible_with
        assert not set(siting.compatible_with) & set(siting.incompatible_with)
        for other in siting.compatible_with:
            assert name in every[other].compatible_with
        for other in siting.incompatible_with:
            assert name in every[other].incompatible_with
    kindergarten = every["kindergarten"].incompatible_with
    assert {"public_toilet", "wet_market"} <= set(kindergarten)
    assert "elderly_day_care_station" in every["community_canteen"].compatible_with


def test_a_few_values_of_the_packaged_profile() -> None:
    school, market = OWN.element("primary_school"), OWN.element("wet_market")
    assert school.siting.costs["new"] == UnitCost(
        low=4000, high=6000, per="building_m2", price_year=2025, source="DEFAULT",
        confidence="default",
    )  # fmt: skip
    rail = next(one for one in school.siting.rules if one.id == "railway")
    assert (rail.layer, rail.op, rail.low, rail.unit) == ("railway", "beyond_m", 300.0, "m")
    assert (rail.hard, rail.source, rail.confidence) == (True, "GB50099", "memory")
    line = next(one for one in school.siting.rules if one.id == "power_line")
    assert (line.low, line.source, line.confidence) == (15.0, "DLBH", "verbatim")
    assert market.siting.shared_build is not None
    assert market.siting.shared_build.building_m2 == 750.0
    assert [one.id for one in OWN.works.priorities] == ["safety", "ecology", "resident_demand"]
    assert set(OWN.works.path_costs) == set(get_args(PathWork))
    assert OWN.works.path_costs["footbridge"].cost.per == "m"


def test_a_profile_without_an_element_does_not_share_with_it() -> None:
    reading = STANDARDS["tdt1062_2021"]
    ids = {one.id for one in reading.elements}
    assert "pharmacy" in OWN.element("community_canteen").siting.compatible_with
    for one in reading.elements:
        assert set(one.siting.compatible_with) <= ids
        assert set(one.siting.incompatible_with) <= ids
    assert reading.works.priorities == ()  # the programme's own
    assert reading.works.path_costs == OWN.works.path_costs


# --- layers and columns -----------------------------------------------------------------------


def test_layers_and_columns_have_words_and_stand_in_the_schema() -> None:
    text = resources.files("analysis.standards").joinpath("standard.schema.json").read_text("utf-8")
    schema = json.loads(text)["$defs"]["siting_rule"]["properties"]
    assert schema["layer"]["examples"] == [
        *(one.id for one in CHECKABLE_LAYERS),
        "element:bus_stop",
    ]
    assert schema["column"]["examples"] == [one.id for one in CHECKABLE_COLUMNS]
    assert tuple(schema["op"]["enum"]) == get_args(SitingOp)
    for layer in CHECKABLE_LAYERS:
        assert message(f"siting.layer.{layer.id}").text("zh")
        assert bool(layer.osm) is (layer.kind == "objects")
    for column in CHECKABLE_COLUMNS:
        assert message(f"siting.column.{column.id}").text("zh")
    assert COLUMNS["kind"].words == get_args(ParcelKind)
    told_of = Path(__file__).parents[2].joinpath("docs", "standard-format.md").read_text("utf-8")
    for one in (*CHECKABLE_LAYERS, *CHECKABLE_COLUMNS):
        assert f"| `{one.id}` |" in told_of, one.id


def test_the_schema_s_lists_are_the_types() -> None:
    text = resources.files("analysis.standards").joinpath("standard.schema.json").read_text("utf-8")
    definitions = json.loads(text)["$defs"]
    assert tuple(definitions["unit_cost"]["properties"]["per"]["enum"]) == get_args(CostUnit)
    assert tuple(definitions["path_cost"]["properties"]["id"]["enum"]) == get_args(PathWork)
    costs = definitions["element"]["properties"]["unit_cost"]["properties"]
    assert tuple(costs) == get_args(WorkKind)
    for unit in get_args(CostUnit):
        assert message(f"cost.per.{unit}").text("en")


@pytest.mark.parametrize(
    ("fields", "found", "expected"),
    [
        ({"layer": "railway", "op": "beyond_m", "value": 300}, 300.0, True),
        ({"layer": "railway", "op": "beyond_m", "value": 300}, 299.9, False),
        ({"layer": "railway", "op": "beyond_m", "value": 300}, inf, True),
        ({"layer": "water", "op": "beyond_m", "value": 0}, 0.0, False),  # stands in it
        ({"layer": "water", "op": "beyond_m", "value": 0}, 0.1, True),
        ({"layer": "element:shop", "op": "within_m", "value": 50}, 50.0, True),
        ({"layer": "element:shop", "op": "within_m", "value": 50}, inf, False),
        ({"layer": "slope", "op": "le", "value": 0.2}, 0.22, False),
        ({"layer": "slope", "op": "le", "value": 0.3}, 0.1 + 0.2, True),
        ({"layer": "elevation", "op": "ge", "value": 1000}, 999.0, False),
        ({"layer": "slope", "op": "le", "value": 0.2}, nan, None),
        ({"column": "area_m2", "op": "ge", "value": 700}, 580.0, False),
        ({"column": "area_m2", "op": "ge", "value": 700}, None, None),
        ({"column": "floor", "op": "between", "value": [1, 3]}, 4.0, False),
        ({"column": "floor", "op": "eq", "value": 1}, 1.0, True),
        ({"column": "tenure", "op": "in", "value": ["国有"]}, "国有划拨", True),
        ({"column": "tenure", "op": "in", "value": ["Public"]}, " public land", True),
        ({"column": "tenure", "op": "in", "value": ["国有"]}, "", False),
        ({"column": "land_use", "op": "not_in", "value": ["耕地"]}, "一般耕地", False),
        ({"column": "land_use", "op": "not_in", "value": ["耕地"]}, "居住", True),
        ({"column": "exclusion", "op": "not_in", "value": ["*"]}, "", True),
        ({"column": "exclusion", "op": "not_in", "value": ["*"]}, "权属不清", False),
        ({"column": "kind", "op": "in", "value": ["idle"]}, "idle", True),
        ({"column": "kind", "op": "in", "value": ["idle"]}, "idle_rooms", False),  # whole words
        ({}, 5.0, None),
    ],
)
def test_what_a_rule_says_of_a_site(fields, found, expected) -> None:  # noqa: ANN001
    assert rule(**fields).holds(found) is expected


# --- a planner's file -------------------------------------------------------------------------


def test_a_planner_s_file_is_read(write) -> None:  # noqa: ANN001
    path = write("sited.yaml", SITED)
    assert validate_standard(path) == ()
    standard = read_standard(path)
    school, shop = standard.elements
    rail, near, floors, owner, quiet = school.siting.rules
    assert (rail.id, rail.hard, rail.text.zh, rail.low, rail.high) == (
        "rail", True, "远离铁路", 300.0, inf,
    )  # fmt: skip
    assert (near.hard, near.element_id, near.low, near.high) == (False, "shop", -inf, 50.0)
    assert (floors.column, floors.low, floors.high, floors.unit) == ("floor", 1.0, 3.0, "floor")
    assert (owner.words, owner.unit) == (("国有",), "")
    assert (quiet.id, quiet.needs_person, quiet.text.zh) == ("rule_5", True, "a quiet street")
    assert school.siting.min_build is not None
    assert (school.siting.min_build.building_m2, school.siting.min_build.land_m2) == (6500.0, None)
    assert school.siting.shared_build is not None
    assert school.siting.shared_build.land_m2 == 0.0
    assert [one.price_year for one in school.siting.costs.values()] == [2024, 2020]
    assert school.siting.costs["expand"].confidence == "planner"
    # One side says it, both know it.
    assert school.siting.compatible_with == ("shop",)
    assert shop.siting.compatible_with == ("school",)
    assert shop.siting.rules == ()
    works = standard.works
    assert [(one.rank, one.id) for one in works.priorities] == [(1, "safety"), (2, "demand")]
    assert works.priorities[0].opinion_words == ("消防",)
    assert works.priorities[1].any_opinion
    assert (works.path_costs["gate"].cost.high, works.path_costs["gate"].lead_time_months) == (
        2,
        None,
    )
    assert [one.id for one in works.siting] == ["dry"]


def test_a_file_that_says_nothing_of_building_is_good(write) -> None:  # noqa: ANN001
    path = write("parent.yaml", PARENT)
    assert validate_standard(path) == ()
    standard = read_standard(path)
    siting = standard.elements[0].siting
    assert (siting.min_build, siting.costs, siting.rules) == (None, {}, ())
    assert standard.works.price_year is None


@pytest.mark.parametrize(
    ("old", "new", "reason", "line"),
    [
        ("layer: railway", "layer: railways", "standard.siting.layer", "id: rail,"),
        ("layer: 'element:shop'", "layer: 'element:shoq'", "standard.near_element", "id: near_shop"),
        ("column: floor", "column: storey", "standard.siting.column", "id: floors"),
        ("op: beyond_m, value: 300", "op: ge, value: 300", "standard.siting.op", "id: rail,"),
        ("op: in, value: [国有]", "op: eq, value: 1", "standard.siting.op", "id: owner"),
        ("op: beyond_m, value: 300", "op: beyond_m, value: [3]", "standard.siting.value", "id: rail,"),
        ("value: 300", "value: -3", "standard.siting.negative", "id: rail,"),
        ("value: [1, 3]", "value: 1", "standard.siting.value", "id: floors"),
        ("value: [1, 3]", "value: [1, 2, 3]", "standard.siting.value", "id: floors"),
        ("value: [国有]", "value: [国有, 3]", "standard.siting.value", "id: owner"),
        ("column: tenure, op: in, value: [国有]", "column: kind, op: in, value: [idel]",
         "standard.siting.word", "id: owner"),
        ("op: beyond_m, value: 300, ", "value: 300, ", "standard.siting.lacking", "id: rail,"),
        ("layer: railway, ", "", "standard.siting.nothing", "id: rail,"),
        ("layer: railway", "column: floor, layer: railway", "standard.siting.both", "id: rail,"),
        ("id: near_shop", "id: rail", "standard.repeated_id", "id: rail, kind: soft"),
        ("elements: [shop], source: A, confidence: default}\n    siting",
         "elements: [shops], source: A, confidence: default}\n    siting", "standard.near_element",
         "elements: [shops]"),
        ("elements: [shop], source: A, confidence: default}\n    siting",
         "elements: [school], source: A, confidence: default}\n    siting",
         "standard.shared.itself", "elements: [school]"),
        ("    gap_remedy: open one", "    incompatible_with: {elements: [school], source: A, confidence: default}",
         "standard.shared.never", "elements: [shop], source"),
        ("elements: [shop], path_works", "elements: [shap], path_works", "standard.near_element", "rank: 1"),
        ("rank: 2", "rank: 1", "standard.repeated_id", "id: safety"),
        ("opinion_words: [消防]", "metrics: [nothing]", "standard.metric", "rank: 1"),
        ("value: [4000, 6000]", "value: [6000, 4000]", "standard.span", "value: [6000"),
        ("value: [4000, 6000]", "value: 4000", "standard.schema.type", "value: 4000"),
        ("per: building_m2", "per: square", "standard.schema.enum", "per: square"),
        ("id: gate", "id: tunnel", "standard.schema.enum", "id: tunnel"),
        ("op: within_m", "op: near", "standard.schema.enum", "op: near"),
        ("confidence: planner", "confidence: sure", "standard.schema.enum", "confidence: sure"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_line(write, old, new, reason, line) -> None:  # noqa: ANN001
    assert old in SITED
    text = SITED.replace(old, new, 1)
    keys = told(validate_standard(write("sited.yaml", text)))
    assert (reason, line_of(text, line)) in keys


def test_costs_without_a_year_are_told_one_by_one(write) -> None:  # noqa: ANN001
    text = SITED.replace("  cost_basis: {price_year: 2024, source: A, confidence: default}\n", "")
    keys = told(validate_standard(write("sited.yaml", text)))
    assert keys == [
        ("standard.price_year", line_of(text, "id: gate")),
        ("standard.price_year", line_of(text, "new: {value")),  # the other states its own
    ]


def test_a_child_overrides_single_rules_and_costs(write) -> None:  # noqa: ANN001
    write("parent.yaml", SITED)
    child = CHILD.replace(
        "extends: parent.yaml\n", "extends: parent.yaml\nremove: [shop, school.siting.owner]\n"
    )
    child += """\
    siting:
      - {id: rail, value: 200, source: B, confidence: planner}
      - {id: steep, kind: hard, rule: flat, layer: slope, op: le, value: 0.1, source: B, confidence: planner}
    unit_cost:
      new: {value: [5000, 5500], source: B, confidence: planner}
"""
    # The last rule of the parent has no id, so it cannot be merged: state it by id first.
    write(
        "parent.yaml",
        SITED.replace("{kind: hard, rule: a quiet", "{id: quiet, kind: hard, rule: a quiet"),
    )
    path = write("child.yaml", child)
    assert told(validate_standard(path)) == []
    (school,) = read_standard(path).elements
    assert [(one.id, one.low, one.high, one.source) for one in school.siting.rules] == [
        ("rail", 200.0, inf, "B"), ("near_shop", -inf, inf, "A"), ("floors", 1.0, 3.0, "A"), ("quiet", -inf, inf, "A"),
        ("steep", -inf, 0.1, "B"),
    ]  # fmt: skip
    assert school.siting.rules[1].needs_person  # there is no shop to measure to
    new = school.siting.costs["new"]
    assert (new.low, new.per, new.confidence, new.price_year) == (
        5000,
        "building_m2",
        "planner",
        2024,
    )
    assert school.siting.costs["expand"].source == "A"
    assert school.siting.compatible_with == ()  # the shop is gone
    opened = open_standard(path)
    assert [
        one["elements"] for one in opened.document["profile"]["priority_rule"] if "elements" in one
    ] == [[]]


def test_a_changed_list_or_cost_needs_its_own_source(write) -> None:  # noqa: ANN001
    write("parent.yaml", SITED)
    child = CHILD + "    compatible_with: {elements: []}\n    unit_cost: {new: {value: [1, 2]}}\n"
    keys = told(validate_standard(write("child.yaml", child)))
    assert (
        keys
        == [("standard.inherit.unvouched", line_of(child, "compatible_with"))] * 2
        + [("standard.inherit.unvouched", line_of(child, "unit_cost"))] * 2
    )


def test_the_workbook_keeps_it_all(write, tmp_path) -> None:  # noqa: ANN001
    for source in (write("sited.yaml", SITED), "living_circle_25"):
        opened = open_standard(source)
        path = tmp_path / "book.xlsx"
        standard_workbook(opened.document, path)
        back = open_standard(path)
        assert back.standard == opened.standard
        assert back.standard.digest == opened.standard.digest
        assert validate_standard(path) == ()


def test_a_wrong_cell_is_told_by_sheet_and_cell(tmp_path) -> None:  # noqa: ANN001
    document = yaml.safe_load(SITED)
    document["elements"][0]["siting"][0]["layer"] = "rails"
    path = tmp_path / "book.xlsx"
    standard_workbook(document, path)
    (problem,) = validate_standard(path)
    assert problem.args["reason"].key == "standard.siting.layer"
    assert problem.args["place"].args["sheet"].endswith("siting")
    assert "rails" in problem.text("zh")


def test_the_command_shows_sizes_costs_and_what_needs_a_person(capsys) -> None:  # noqa: ANN001
    assert main(["standard", "show", "--lang", "zh"]) == 0
    shown = capsys.readouterr().out
    assert "10,000～30,000" in "".join(shown.split())
    assert "老旧小区改造：有安全隐患的小区优先；" in shown
    assert "人行天桥：60,000～150,000 元/米" in shown
    assert "所有要素：不在生态保护红线" in shown


def test_the_view_says_what_a_rule_looks_at() -> None:
    view = standard_view(OWN)
    school = view["elements"][0]["works"]  # type: ignore[index]
    assert school["unit_cost"]["new"]["per"] == "building_m2"
    rail = next(one for one in school["siting"] if one["id"] == "railway")
    assert (rail["layer"], rail["op"], rail["low"], rail["high"]) == (
        "railway",
        "beyond_m",
        300.0,
        None,
    )
    assert [one["needs_person"] for one in school["siting"]].count(True) == 2
    assert view["works"]["priorities"][0]["id"] == "safety"  # type: ignore[index]

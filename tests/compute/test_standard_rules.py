"""The packaged standard's rules: norms, capacities, metrics, attributes, cohorts, optional ones."""

import json
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
import yaml

from analysis.messages import Name, message
from analysis.sources.files.columns import vocabulary
from analysis.sources.standard_schema import schema_problems
from analysis.sources.standards import read_standard
from analysis.standard.checks import standard_problems
from analysis.standard.parsing import parse_standard, standard_digest
from analysis.standard.profile import STOCK
from analysis.standard.profile_rules import Span
from analysis.standard.rules import MetricRule, Target
from service.cli import main
from service.commands.options import split_ids
from service.errors import EXIT_INPUT
from service.standard_view import standard_view

STANDARD = read_standard()
EVERY = (*STANDARD.elements, *STANDARD.available)
OPTIONAL = (
    "senior_high_school", "library", "children_playground", "indoor_fitness_center",
    "police_station", "express_station", "waste_collection_station", "emergency_shelter", "bank",
)  # fmt: skip
# Not columns of a facility table: a stated place, and what every table has.
_PLACED = ("id", "name", "status")


def document() -> dict[str, object]:
    text = (
        resources.files("analysis.standards").joinpath("living_circle_25.yaml").read_text("utf-8")
    )
    return yaml.load(text, Loader=yaml.CSafeLoader)


def rule(element_id: str, metric_id: str) -> MetricRule:
    element = STANDARD.element(element_id)
    (found,) = [
        one for one in (*element.efficiency, *element.quality) if one.metric.id == metric_id
    ]
    return found


def test_nothing_is_wrong_with_the_packaged_standard() -> None:
    plain = document()
    assert list(schema_problems(plain)) == []
    assert standard_problems(plain) == []


def test_every_metric_of_every_element_is_the_catalogue_s_and_every_entry_is_used() -> None:
    used = set()
    for element in EVERY:
        assert element.efficiency, element.id
        assert element.quality, element.id
        for one in (*element.efficiency, *element.quality):
            assert STANDARD.metrics[one.metric.id] is one.metric
            used.add(one.metric.id)
    assert used == set(STANDARD.metrics)
    attributes = {
        one
        for metric in STANDARD.metrics.values()
        for one in (metric.attribute, metric.per_attribute)
        if one is not None
    }
    assert attributes == set(STANDARD.attributes)


def test_only_what_needs_a_plan_or_a_scenario_is_left_to_people() -> None:
    reported = {one.id for one in STANDARD.metrics.values() if one.measure == "reported"}
    assert reported == {"renovated_households_per_year", "facility_gain", "network_gain"}


def test_every_column_of_a_rule_is_one_that_planners_can_name() -> None:
    known = set(vocabulary("aliases"))
    asked: set[str] = set()
    for element in EVERY:
        assert element.scale is not None
        asked |= set(element.scale.capacity.columns)
        asked |= set(() if element.stock is None else element.stock.columns)
    for attribute in STANDARD.attributes.values():
        asked |= set(attribute.columns)
    assert asked - known == set()


@pytest.mark.parametrize("element", EVERY, ids=lambda one: one.id)
def test_every_number_has_a_known_source(element) -> None:  # noqa: ANN001
    assert element.scale is not None
    assert element.scale.norm.source in STANDARD.sources
    assert element.scale.capacity.source in STANDARD.sources
    for one in (*element.efficiency, *element.quality):
        assert one.target.source in STANDARD.sources
        # A target that nobody published is the project's own, and says so.
        assert (one.target.source == "DEFAULT") is (one.target.confidence == "default"), one
    if element.optional:
        assert element.provision == "optional"
        assert element.coverage.target.confidence == "default"


def test_units_and_bases_have_words_in_both_languages() -> None:
    for element in EVERY:
        assert element.scale is not None
        for key in (f"unit.{element.scale.unit}", f"basis.{element.scale.basis}"):
            assert message(key).text("zh"), key
            assert message(key).text("en"), key


def test_norms_are_those_of_the_profile() -> None:
    norms = {
        one.id: (one.scale.norm.value, one.scale.per, one.scale.basis)
        for one in STANDARD.elements
        if one.scale is not None
    }
    assert norms["primary_school"] == (75.0, 1000.0, "population")
    assert norms["elderly_care_center"] == (40.0, 1000.0, "population_60plus")
    assert norms["community_service_station"] == (30.0, 100.0, "households")
    assert norms["public_toilet"] == (3.0, 1.0, "residential_land")
    assert norms["bus_stop"] == (4.0, 1.0, "area")
    assert norms["public_parking"] == (0.8, 1.0, "vehicles")
    assert norms["ebike_charging"] == (0.33, 1.0, "ebikes")
    assert norms["old_community_renovation"] == (1.0, 1.0, "eligible_households")
    assert norms["back_street_renewal"] == (1.0, 1.0, "lane_length")
    uppers = {one.id: one.scale.upper for one in STANDARD.elements if one.scale}
    assert {key: one for key, one in uppers.items() if one is not None} == {
        "public_toilet": 5.0, "public_parking": 1.1,
    }  # fmt: skip


def test_capacities_say_where_an_amount_comes_from() -> None:
    rules = {one.id: one.scale.capacity for one in EVERY if one.scale is not None}
    assert rules["kindergarten"].typical == (180.0, 360.0)
    assert rules["elderly_care_center"].osm_tags[0] == "beds"
    assert rules["community_health_center"].per_floor_m2 == 1.0
    assert rules["park_green_space"].per_land_m2 == 1.0
    assert rules["public_parking"].per_land_m2 == pytest.approx(1 / 30)
    assert [key for key, one in rules.items() if one.each == 1.0] == [
        "pharmacy", "public_toilet", "convenience_store", "bus_stop", "bank",
    ]  # fmt: skip
    # 40 to 200 m² of a pharmacy bound no number of shops, meals of a sitting no meals of a day.
    assert rules["pharmacy"].typical is None
    assert rules["community_canteen"].typical is None
    counts = {one.id: one.scale.count_rule for one in EVERY if one.scale and one.scale.count_rule}
    assert {key: (one.at_least, one.per) for key, one in counts.items()} == {
        "community_health_center": (1, "street"),
        "elderly_care_center": (1, "street"),
        "community_canteen": (1, "street"),
        "community_service_station": (1, "community"),
    }


def test_targets_keep_their_direction() -> None:
    assert rule("primary_school", "p95_walk_m").target.high == 800.0
    assert rule("primary_school", "utilisation").target == Target(
        op="between", low=0.7, high=1.0, source="DEFAULT", confidence="default"
    )
    every_one = rule("wet_market", "covered_share").target
    assert (every_one.low, every_one.high) == (1.0, 1.0)
    assert every_one.holds(0.9) is False
    assert rule("multi_sport_ground", "fee_share").target.text == Name(
        "免费或低收费", "free or low"
    )
    assert rule("kindergarten", "outdoor_play_m2_per_child").target.confidence == "verbatim"


def test_stock_is_read_for_stock_alone() -> None:
    for element in EVERY:
        assert (element.stock is not None) is (element.treatment in STOCK)
    old = STANDARD.element("old_community_renovation").stock
    assert old is not None
    assert old.built_before is not None
    assert (old.amount, old.done, old.built_before.value) == (("households",), ("renovated",), 2001)


def test_cohorts_circles_zones_and_rules_are_typed() -> None:
    cohorts = STANDARD.cohorts
    assert cohorts.share["population_60plus"].value == 0.187
    assert sum(one.value for one in cohorts.share.values()) < 1
    everything = (
        *cohorts.share.values(), cohorts.household_size, cohorts.vehicles_per_1000,
        cohorts.ebikes_per_1000,
    )  # fmt: skip
    assert all(one is not None and one.confidence == "default" for one in everything)
    circle = STANDARD.circle
    assert circle is not None
    assert circle.population == Span(
        low=50000.0, high=100000.0, source="GB50180", confidence="verbatim"
    )
    assert (circle.radius_m.low, circle.radius_m.high) == (800.0, 1000.0)
    assert STANDARD.two_step_zones is not None
    assert STANDARD.two_step_zones.weight == (1.0, 0.68, 0.22)
    assert STANDARD.old_area_factor is not None
    assert STANDARD.old_area_factor.value == 0.7
    assert STANDARD.verdict_rules.short_share.value == 0.7


def test_the_nine_extensions_are_off_unless_asked_for() -> None:
    assert tuple(one.id for one in STANDARD.available) == OPTIONAL
    assert all(one.optional for one in STANDARD.available)
    assert not any(one.optional for one in STANDARD.elements)
    more = read_standard(extensions=("library", "bank"))
    assert [one.id for one in more.elements[25:]] == ["library", "bank"]
    assert len(more.available) == 7
    assert more.element("bank").reach_rules[0].threshold_m == 800.0


def test_ids_of_extensions_may_be_repeated_or_separated_by_commas() -> None:
    assert split_ids(["library, bank", "bank，police_station", ""]) == (
        "library", "bank", "police_station",
    )  # fmt: skip
    assert split_ids(None) == ()


def test_the_digest_changes_with_any_number() -> None:
    plain = document()
    digest = standard_digest(plain)
    assert digest == STANDARD.digest
    seen = {digest}
    places = list(_numbers(plain))
    assert len(places) > 600
    for holder, key in places[::7]:
        old = holder[key]
        holder[key] = old + 1
        seen.add(standard_digest(plain))
        holder[key] = old
    assert len(seen) == 1 + len(places[::7])
    assert standard_digest(plain) == digest


def _numbers(value: object) -> Iterator[tuple[object, object]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]
    for key, one in items:
        if isinstance(one, dict | list):
            yield from _numbers(one)
        elif isinstance(one, int | float) and not isinstance(one, bool):
            yield value, key


def test_the_view_is_json_and_shows_every_rule() -> None:
    view = json.loads(json.dumps(standard_view(STANDARD), allow_nan=False))
    assert len(view["elements"]) == 25
    assert len(view["optional_elements"]) == 9
    school = view["elements"][0]
    assert school["scale"]["norm"] == {"value": 75, "source": "DEFAULT", "confidence": "default"}
    assert school["efficiency"][3]["target"] == [0.7, 1.0]
    assert school["quality"][0] == {
        "metric": "class_size_max", "op": "le", "target": 45, "source": "SD18",
        "confidence": "secondary",
    }  # fmt: skip
    assert {one["id"] for one in view["metrics"]} == set(STANDARD.metrics)
    assert view["verdict_rules"]["short_share"]["value"] == 0.7


def test_a_profile_without_rules_beyond_reach_is_read() -> None:
    plain = document()
    for key in ("metric_catalogue", "attributes", "cohorts", "two_step_zones", "circle", "gaps"):
        del plain["profile"][key]  # type: ignore[index]
    del plain["profile"]["priority_rule"]  # type: ignore[index]  # it names metrics
    plain["optional_extensions"] = []
    for element in plain["elements"]:  # type: ignore[attr-defined]
        for key in ("scale", "efficiency", "quality", "compatible_with", "incompatible_with"):
            element.pop(key, None)
    assert list(schema_problems(plain)) == []
    assert standard_problems(plain) == []
    bare = parse_standard(plain)
    assert bare.elements[0].scale is None
    assert bare.elements[0].needs_columns["scale"] == ()
    assert (bare.circle, bare.two_step_zones, bare.metrics) == (None, None, {})


def test_the_examples_of_the_format_s_page_are_good() -> None:
    page = (Path(__file__).parents[2] / "docs" / "standard-format.md").read_text("utf-8")
    examples = [yaml.safe_load(one) for one in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    (school,), (metric,), (attribute,) = [one for one in examples if isinstance(one, list)]
    plain = document()
    swap(plain["elements"], school)
    swap(plain["profile"]["metric_catalogue"], metric)  # type: ignore[index]
    swap(plain["profile"]["attributes"], attribute)  # type: ignore[index]
    assert list(schema_problems(plain)) == []
    assert standard_problems(plain) == []
    assert parse_standard(plain).elements[0].needs_columns["quality"] == ("class_size",)


def swap(entries: object, one: dict[str, object]) -> None:
    """Put `one` in the place of the entry of its id."""
    assert isinstance(entries, list)
    (place,) = [i for i, entry in enumerate(entries) if entry["id"] == one["id"]]
    entries[place] = one


def test_an_unknown_extension_is_refused_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(
        ["analyse", str(tmp_path / "no.osm"), "--with", "libary", "--out", str(tmp_path / "o"),
         "--lang", "en"],
    )  # fmt: skip
    told = capsys.readouterr().err
    assert code == EXIT_INPUT
    assert "libary" in told
    assert "children_playground" in told

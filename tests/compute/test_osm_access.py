"""The table of pedestrian access rules: what it says, and what a broken one is told."""

from pathlib import Path

import pytest

from analysis.errors import SourceDataError, SourceUnavailableError
from analysis.sources.streets.access import AccessRules
from analysis.sources.streets.access_table import access_rules
from analysis.walking import ArcFlag


@pytest.fixture(scope="module")
def rules() -> AccessRules:
    return access_rules()


def say(rules: AccessRules, tags: dict[str, str], *, inside: bool = False) -> str | None:
    verdict = rules.way(tags, inside_compound=inside)
    return None if verdict is None else rules.ways[verdict.rule].rule_id


def flags(rules: AccessRules, **tags: str) -> ArcFlag:
    verdict = rules.way({key.replace("__", ":"): value for key, value in tags.items()})
    assert verdict is not None
    assert verdict.is_open
    return verdict.flags


@pytest.mark.parametrize(
    "highway",
    ["residential", "living_street", "pedestrian", "footway", "path", "track", "steps", "service",
     "unclassified", "tertiary", "secondary", "primary", "primary_link", "road", "bridleway",
     "corridor", "crossing"],
)  # fmt: skip
def test_ordinary_streets_are_open(rules, highway):
    verdict = rules.way({"highway": highway})
    assert verdict.is_open
    assert verdict.street_class == highway


@pytest.mark.parametrize(
    ("tags", "rule_id"),
    [
        ({"highway": "motorway", "foot": "yes"}, "never.motorway"),
        ({"highway": "motorway_link"}, "never.motorway"),
        ({"highway": "construction"}, "never.not_built"),
        ({"highway": "platform", "foot": "yes"}, "never.not_a_street"),
        ({"highway": "raceway"}, "never.not_a_street"),
        ({"route": "ferry", "foot": "yes"}, "never.ferry"),
        ({"highway": "footway", "foot": "no"}, "foot.refused"),
        ({"highway": "secondary", "foot": "use_sidepath"}, "foot.refused"),
        ({"highway": "service", "access": "private"}, "access.refused"),
        ({"highway": "residential", "access": "no"}, "access.refused"),
        ({"highway": "trunk"}, "trunk.bare"),
        ({"highway": "trunk", "sidewalk": "separate"}, "trunk.bare"),
        ({"highway": "primary", "motorroad": "yes"}, "motorroad.closed"),
        ({"highway": "cycleway"}, "cycleway.bare"),
        ({"highway": "dance_floor"}, "unlisted.closed"),
        (
            {"highway": "path", "foot:forward": "no", "foot:backward": "no"},
            "foot.refused_both_ways",
        ),
    ],
)
def test_closed_and_by_which_rule(rules, tags, rule_id):
    assert say(rules, tags) == rule_id
    assert not rules.way(tags).is_open


@pytest.mark.parametrize(
    ("tags", "rule_id"),
    [
        ({"highway": "service", "access": "private", "foot": "yes"}, "foot.granted"),
        ({"highway": "residential", "access": "no", "foot": "designated"}, "foot.granted"),
        ({"highway": "path", "access": "no", "foot": "customers"}, "foot.granted"),
        ({"highway": "trunk", "foot": "yes"}, "foot.granted"),
        ({"highway": "trunk", "sidewalk": "right"}, "trunk.sidewalk"),
        ({"highway": "trunk_link", "sidewalk:left": "yes"}, "trunk.sidewalk_left"),
        ({"highway": "cycleway", "foot": "designated"}, "foot.granted"),
        ({"highway": "cycleway", "segregated": "no"}, "cycleway.shared"),
        ({"highway": "secondary", "sidewalk": "separate"}, "street.separate_sidewalk"),
        ({"highway": "service", "service": "driveway"}, "service.driveway"),
        ({"place": "square"}, "square.open"),
    ],
)
def test_open_and_by_which_rule(rules, tags, rule_id):
    assert say(rules, tags) == rule_id
    assert rules.way(tags).is_open


def test_what_is_no_street_has_no_verdict(rules):
    assert rules.way({"building": "yes"}) is None
    assert rules.way({"barrier": "wall", "foot": "yes"}) is None


def test_private_ways_are_open_to_residents_inside_their_compound_only(rules):
    tags = {"highway": "service", "access": "private"}
    assert say(rules, tags, inside=True) == "compound.access_private"
    assert rules.way(tags, inside_compound=True).flags == ArcFlag.PRIVATE
    assert not rules.way(tags).is_open
    refused = {"highway": "service", "access": "private", "foot": "no"}
    assert not rules.way(refused, inside_compound=True).is_open


def test_marks_add_up(rules):
    assert flags(rules, highway="steps") == ArcFlag.STEPS
    assert flags(rules, highway="steps", ramp__wheelchair="yes") == ArcFlag(0)
    assert flags(rules, highway="footway", wheelchair="no") == ArcFlag.NO_WHEELCHAIR
    assert flags(rules, highway="footway", bridge="yes") == ArcFlag.BRIDGE | ArcFlag.UNLINKABLE
    assert flags(rules, highway="footway", tunnel="yes") == ArcFlag.TUNNEL | ArcFlag.UNLINKABLE
    assert flags(rules, highway="footway", tunnel="building_passage") == ArcFlag(0)
    assert flags(rules, highway="footway", bridge="no") == ArcFlag(0)
    assert flags(rules, highway="corridor") == ArcFlag.UNLINKABLE
    assert flags(rules, highway="footway", level="-1") == ArcFlag.UNLINKABLE
    assert flags(rules, highway="footway", level="0;1") == ArcFlag(0)
    assert flags(rules, highway="pedestrian", area="yes") == ArcFlag.PLAZA
    assert flags(rules, place="square") == ArcFlag.PLAZA


def test_directions(rules):
    assert flags(rules, highway="steps", conveying="forward") == (
        ArcFlag.STEPS | ArcFlag.ESCALATOR | ArcFlag.NO_BACKWARD
    )
    assert ArcFlag.NO_FORWARD in flags(rules, highway="steps", conveying="backward")
    assert flags(rules, highway="path", oneway__foot="yes") == ArcFlag.NO_BACKWARD
    assert flags(rules, highway="path", oneway__foot="-1") == ArcFlag.NO_FORWARD
    assert flags(rules, highway="path", foot__backward="no") == ArcFlag.NO_BACKWARD
    assert flags(rules, highway="path", oneway="yes") == ArcFlag(0), "oneway is for vehicles"


@pytest.mark.parametrize(
    ("tags", "inside", "verdict"),
    [
        ({"barrier": "gate"}, False, None),
        ({"barrier": "gate", "foot": "no"}, True, "closed"),
        ({"barrier": "gate", "access": "private"}, False, "closed"),
        ({"barrier": "gate", "access": "private"}, True, "open"),
        ({"barrier": "gate", "access": "no"}, True, "closed"),
        ({"barrier": "gate", "access": "no", "foot": "yes"}, False, "open"),
        ({"barrier": "gate", "locked": "yes"}, True, "closed"),
        ({"barrier": "gate", "locked": "yes", "foot": "yes"}, False, "closed"),
        ({"barrier": "bollard", "access": "no"}, False, None),
        ({"highway": "elevator"}, False, None),
        ({"highway": "elevator", "access": "no"}, False, "closed"),
        ({"highway": "elevator", "access": "no", "foot": "yes"}, False, None),
        ({"highway": "elevator", "access": "private"}, False, None),
    ],
)
def test_what_stands_on_a_street(rules, tags, inside, verdict):
    rule = rules.node(tags, inside_compound=inside)
    assert (None if rule is None else rule.verdict) == verdict


def test_values_in_a_list_count_one_by_one(rules):
    assert say(rules, {"highway": "cycleway", "foot": "permissive; yes"}) == "foot.granted"


def test_every_rule_says_what_it_is_for_in_both_languages(rules):
    for rule in (*rules.ways, *rules.marks, *rules.nodes, *rules.lines):
        assert rule.note.zh
        assert rule.note.en
        assert rule.note.zh != rule.note.en


def edited(tmp_path: Path, old: str, new: str) -> Path:
    packaged = Path(access_rules.__code__.co_filename).with_name("access_rules.yaml")
    text = packaged.read_text("utf-8")
    assert old in text
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def test_a_planner_can_change_a_rule_without_touching_code(tmp_path):
    old = "    when: {highway: [cycleway]}\n    verdict: closed"
    mine = access_rules(edited(tmp_path, old, old.replace("closed", "open")))
    assert mine.way({"highway": "cycleway"}).is_open


@pytest.mark.parametrize(
    ("old", "new", "key", "row"),
    [
        ("flags: [STEPS]", "flags: [STAIRS]", "access.flag", "mark.steps"),
        ("    verdict: closed", "    verdict: maybe", "access.choice", "never.not_built"),
        ("    flags: [STEPS]", "    flag: [STEPS]", "access.lacks", "mark.steps"),
        ("    kind: wall", "    kind: wall\n    colour: red", "access.unknown", "line.wall"),
        ("when: {motorroad: [yes]}", "when: [motorroad]", "access.condition", "motorroad.closed"),
        ("min_area_m2: 200 ", "min_area_m2: small ", "access.number", "-"),
        ("id: trunk.bare", "id: foot.granted", "access.id_twice", "-"),
        ("scope:\n", "scope: none\nscopes:\n", "access.unknown", "-"),
    ],
)
def test_a_broken_table_names_rule_and_value(tmp_path, old, new, key, row):
    with pytest.raises(SourceDataError) as caught:
        access_rules(edited(tmp_path, old, new))
    assert caught.value.reason.key == key
    assert caught.value.row == row
    assert caught.value.source.endswith("mine.yaml")
    assert caught.value.text("zh") != caught.value.text("en")


def test_a_file_that_is_no_table(tmp_path):
    path = tmp_path / "t.yaml"
    with pytest.raises(SourceUnavailableError):
        access_rules(path)
    for text in ("a: [", "", "- 1", "ways: !!python/object:os.system {}"):
        path.write_text(text, "utf-8")
        with pytest.raises(SourceDataError):
            access_rules(path)

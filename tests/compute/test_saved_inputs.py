"""A saved study holds all that it was made from: judged again, it is the same study."""

import json
from collections import Counter
from dataclasses import replace
from enum import IntEnum

import numpy as np
import pytest
import shapely

from analysis.documents.study import study_document
from analysis.errors import SourceDataError
from analysis.messages import Joined, Name, message
from analysis.notices import notice
from analysis.places.circles import Circles
from analysis.places.facilities import Entrance, FacilityRecord, build_facilities
from analysis.rejudging import under_standard
from analysis.sources.store.folder import CHECKSUMS_FILE, INPUT_ARRAYS_FILE, INPUTS_FILE
from analysis.sources.store.inputs import open_inputs
from analysis.sources.store.studies import save_study
from analysis.sources.store.values import Packer, Unpacker
from analysis.standard.rules import Sourced
from analysis.study import StudyParameters, analyse
from analysis.testing.studies import small_element, small_inputs, small_study

CHOSEN = StudyParameters(criterion="minutes", walker="older_adult", min_gap_people=5.0)


def there_and_back(value):
    packer = Packer()
    packed = json.loads(json.dumps(packer.pack(value), allow_nan=False))
    return Unpacker(dict(packer.arrays)).unpack(packed)


@pytest.fixture
def saved(tmp_path):
    folder = tmp_path / "west"
    save_study(small_study(), folder, run={})
    return folder


def test_a_study_judged_again_from_its_folder_has_the_same_digest(tmp_path) -> None:
    hostile = small_inputs(circle_name="\u202e西\x00\ud800圈", shop_name="=1+1")
    study = analyse(hostile, CHOSEN)
    save_study(study, tmp_path / "s", run={})
    found = open_inputs(tmp_path / "s")
    assert found.parameters == CHOSEN
    again = analyse(found.inputs, found.parameters)
    assert study_document(again) == study_document(study)
    assert found.inputs.circles.name[0] == "\u202e西\x00\ud800圈"
    other = replace(found.parameters, criterion="metres")
    assert study_document(analyse(found.inputs, other))["digest"] != study_document(study)["digest"]


def test_values_come_back_exactly() -> None:
    for value in (
        None, True, 0, -3, 0.1, "x\ud800", (), ((1, "a"), ()), {"a": (1.5, None)}, {},
        frozenset({"b", "a"}), message("a.b", n=3, x=Joined((Name("甲", "a"), "b")), y=1e-300),
        Sourced(value=float("inf"), source="A", confidence="default"),
        notice("c", message("d"), ("x",), "warning"),
    ):  # fmt: skip
        assert there_and_back(value) == value
    assert np.isnan(there_and_back(float("nan")))
    assert there_and_back(Counter(a=2)) == {"a": 2}
    assert type(there_and_back(np.float64(0.5))) is float
    assert there_and_back(np.bool_(True)) is True


def test_arrays_and_shapes_come_back_exactly_and_read_only() -> None:
    ring = shapely.LinearRing([(0, 0), (1 / 3, 0), (0, 1)])
    shapes = np.array([shapely.Point(0.1, 0.2), None, shapely.Polygon(ring), shapely.Polygon()])
    back = there_and_back(shapes)
    assert [one is None for one in back] == [False, True, False, False]
    kept = [0, 2, 3]
    assert shapely.equals_identical(back[kept], shapes[kept]).all()
    assert there_and_back(shapely.box(0, 0, 1, 1)).equals_exact(shapely.box(0, 0, 1, 1), 0.0)
    for array in (np.array([0.1, np.nan]), np.zeros((0, 2)), np.array([True]), np.array(["学校"])):
        found = there_and_back(array)
        assert (found.dtype, found.shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(found, array)
        assert not found.flags.writeable


def test_facilities_with_some_outlines_come_back() -> None:
    one = FacilityRecord(
        element_id="market", source_id="way/1", name="甲", origin="osm", status="open",
        xy_m=(1.0, 2.0), area_m2=float("nan"), ambiguous=False,
        entrances=((1.0, 2.0, Entrance.GATE),), attributes={"wheelchair": "yes"},
        shape=shapely.box(0, 0, 2, 4),
    )  # fmt: skip
    facilities = build_facilities([one, replace(one, source_id="way/2", shape=None)])
    back = there_and_back(facilities)
    assert back.attributes == facilities.attributes
    assert [x is None for x in back.shapes] == [x is None for x in facilities.shapes]
    assert back.entrance_kind.dtype == facilities.entrance_kind.dtype


def test_nothing_but_our_values_is_written_or_built() -> None:
    class Foreign(IntEnum):
        ONE = 1

    with pytest.raises(TypeError):
        Packer().pack(object())
    packed = Packer().pack(Foreign.ONE)
    with pytest.raises(KeyError):
        Unpacker({}).unpack(packed)
    with pytest.raises(KeyError):
        Unpacker({}).unpack({"$": "Popen", "v": {"args": ["true"]}})


def resigned(folder, name, data: bytes) -> None:
    """Change a file and its sum, as somebody would who edits a study by hand."""
    from analysis.sources.digests import sha256_of

    (folder / name).write_bytes(data)
    sums = folder / CHECKSUMS_FILE
    lines = [one.split("  ", 1) for one in sums.read_text("utf-8").splitlines()]
    rows = [(sha256_of(folder / name) if one == name else digest, one) for digest, one in lines]
    sums.write_text("".join(f"{digest}  {one}\n" for digest, one in rows), "utf-8")


@pytest.mark.parametrize("name", [INPUTS_FILE, INPUT_ARRAYS_FILE])
def test_damage_is_named_and_edits_that_do_not_fit_are_refused(saved, name) -> None:
    whole = (saved / name).read_bytes()
    (saved / name).write_bytes(whole[:-1])
    with pytest.raises(SourceDataError, match="inputs"):
        open_inputs(saved)
    for bad in (b"", b"{}", whole[: len(whole) // 2], b"[" * 100_000):
        resigned(saved, name, bad)
        with pytest.raises(SourceDataError, match="inputs"):
            open_inputs(saved)
    resigned(saved, name, whole)
    assert len(open_inputs(saved).inputs.circles) == 2


def test_values_that_no_class_of_ours_takes_are_refused(saved) -> None:
    for change in (
        lambda facilities: facilities["v"].pop("name"),
        lambda facilities: facilities["v"].update(colour="red"),
        lambda facilities: facilities.update({"$": "Popen"}),
        lambda facilities: facilities["v"].update(xy_m={"$": "array", "v": "a999"}),
    ):
        whole = (saved / INPUTS_FILE).read_bytes()
        packed = json.loads(whole)
        change(packed["inputs"]["facilities"])
        resigned(saved, INPUTS_FILE, json.dumps(packed).encode())
        with pytest.raises(SourceDataError, match=r"inputs\.json"):
            open_inputs(saved)
        resigned(saved, INPUTS_FILE, whole)


def test_under_its_own_standard_nothing_changes() -> None:
    inputs = small_inputs()
    found = under_standard(inputs, inputs.standard)
    assert (found.notices, found.left_out) == ((), ())
    assert found.inputs.data_area is inputs.data_area
    again = study_document(analyse(found.inputs, StudyParameters()))
    assert again["digest"] == study_document(small_study())["digest"]


def test_elements_that_were_never_looked_for_are_left_out_and_named() -> None:
    inputs = small_inputs()
    library = small_element("library", "图书馆")
    wider = replace(inputs.standard, elements=(*inputs.standard.elements, library), id="wider")
    found = under_standard(inputs, wider)
    assert [one.id for one in found.left_out] == ["library"]
    assert [one.id for one in found.inputs.standard.elements] == [
        one.id for one in inputs.standard.elements
    ]
    (told,) = found.notices
    assert (told.code, told.subjects, told.severity) == (
        "rejudging.left_out", ("library",), "warning",
    )  # fmt: skip
    assert found.inputs.notices[0] is told
    assert "图书馆" in told.text.text("zh")


def test_other_tags_are_said_and_other_verdict_rules_are_not() -> None:
    inputs = small_inputs()
    market, *rest = inputs.standard.elements
    other_tags = replace(market, osm=replace(market.osm, dedupe_m=market.osm.dedupe_m + 1.0))
    found = under_standard(inputs, replace(inputs.standard, elements=(other_tags, *rest)))
    assert [(one.code, one.subjects) for one in found.notices] == [
        ("rejudging.read_otherwise", ("market",))
    ]
    counted = replace(market, osm=replace(market.osm, ambiguous_counts=False))
    assert under_standard(inputs, replace(inputs.standard, elements=(counted, *rest))).notices == ()
    keys = replace(inputs.standard.evidence, service_keys=("shop",))
    (told,) = under_standard(inputs, replace(inputs.standard, evidence=keys)).notices
    assert told.subjects == ("evidence.service_keys",)


def test_a_standard_that_looks_farther_finds_the_end_of_what_was_read() -> None:
    """500 m at most were read 1,000 m around; 800 m ask for 1,600 m."""
    inputs = small_inputs()
    market, school, clinic, pipes = inputs.standard.elements
    far = replace(clinic, reach_rules=(replace(clinic.reach_rules[0], threshold_m=800.0),))
    found = under_standard(inputs, replace(inputs.standard, elements=(market, school, far, pipes)))
    (told,) = found.notices
    assert told.code == "rejudging.farther"
    assert told.text.args["had_m"] == pytest.approx(1000.0)
    assert told.text.args["wants_m"] == pytest.approx(1600.0)
    bounds = found.inputs.data_area.bounds
    assert bounds == pytest.approx((-1000.0, -1000.0, 2000.0, 2000.0))
    assert isinstance(found.inputs.circles, Circles)

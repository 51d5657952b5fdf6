"""Cutoffs of isochrones: either minutes or metres, what they are worth, what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.documents.cutoffs import Cutoffs, parse_cutoffs
from analysis.documents.isochrones import isochrone_collection
from analysis.errors import InvalidParameterError
from analysis.messages import LANGUAGES
from analysis.study import StudyParameters, analyse
from analysis.testing.cities import on_hills
from analysis.testing.studies import small_inputs
from analysis.units import FloatArray


def test_minutes_are_seconds_and_metres_are_metres() -> None:
    by_time = parse_cutoffs("5,15，10, 5", None)
    assert by_time == Cutoffs(minutes=(5.0, 15.0, 10.0))
    assert by_time.measure == "seconds"
    assert by_time.largest_first == (15.0, 10.0, 5.0)
    assert by_time.budgets == (900.0, 600.0, 300.0)
    by_distance = parse_cutoffs(None, "300,1000,0.5")
    assert by_distance.measure == "metres"
    assert by_distance.budgets == by_distance.largest_first == (1000.0, 300.0, 0.5)
    assert parse_cutoffs(None, None).largest_first == (15.0, 10.0, 5.0)


@pytest.mark.parametrize("text", ["5000", "1,2,3,4,5,6", "7,7,7,7,7,7,7"])
def test_metres_within_range_are_taken(text) -> None:
    assert max(parse_cutoffs(None, text).metres) <= 5000


@pytest.mark.parametrize(
    "text", ["", "0", "-5", "5000.1", "nan", "inf", "300;500", "300,,500", "1,2,3,4,5,6,7", "1_000"]
)
def test_metres_out_of_range_name_the_value_and_the_remedy(text) -> None:
    with pytest.raises(InvalidParameterError) as caught:
        parse_cutoffs(None, text)
    error = caught.value
    assert (error.source, error.value) == ("metres", text)
    for language in LANGUAGES:
        assert "5,000" in error.reason.text(language)
        assert "300,500,1000" in error.remedy.text(language)


def test_both_are_refused_and_so_is_neither() -> None:
    for refused in (
        lambda: parse_cutoffs("5", "300"),
        lambda: parse_cutoffs("", ""),
        lambda: Cutoffs(minutes=(5.0,), metres=(300.0,)),
        Cutoffs,
    ):
        with pytest.raises(InvalidParameterError) as caught:
            refused()
        for language in LANGUAGES:
            for name in ("minutes", "metres"):
                assert name in caught.value.reason.text(language)
                assert name in caught.value.remedy.text(language)
    with pytest.raises(InvalidParameterError) as caught:
        parse_cutoffs("5", "300")
    assert caught.value.value == "minutes=5 metres=300"


def collection(study, cutoffs: Cutoffs) -> dict:
    inputs = study.inputs
    lon, lat = inputs.crs.unproject(np.array([[500.0, 500.0]]))[0].tolist()
    return isochrone_collection(
        (lon, lat), cutoffs, network=inputs.network,
        barriers=inputs.barriers, profile=study.profile, rules=study.link_rules, crs=inputs.crs,
        data_area=inputs.data_area, drawing="fast",
    )  # fmt: skip


def test_where_no_heights_are_known_both_agree_and_times_say_so() -> None:
    study = analyse(small_inputs(), StudyParameters())
    by_time = collection(study, Cutoffs(minutes=(2.0, 4.0)))
    by_distance = collection(study, Cutoffs(metres=(150.0, 300.0)))  # at 1.25 m/s
    for one, other in zip(by_time["features"], by_distance["features"], strict=True):
        for name in ("reached_street_m", "area_m2"):
            assert one["properties"][name] == pytest.approx(other["properties"][name], rel=1e-6)
        assert one["properties"]["elevation_known_share"] is None
    (note,) = by_time["notes"]
    assert "No heights are known" in note["en"] and "1.25 m/s" in note["en"]
    assert "没有高程" in note["zh"]
    assert by_distance["notes"] == []


def uphill(x_m: FloatArray, y_m: FloatArray) -> FloatArray:
    return 0.2 * abs(x_m - 500.0) + 0.2 * abs(y_m - 500.0)


def test_from_the_bottom_of_a_hollow_minutes_reach_less_than_their_metres() -> None:
    # Every way out rises by 20 %: e^-0.7 of the speed on the level, so 4 min are 148.98 m. On a
    # grid of 100 m that is four arms and three directions from the end of each.
    flat = small_inputs()
    hollow = replace(flat, network=on_hills(flat.network, uphill, wheelchair_max_grade=0.08))
    study = analyse(hollow, StudyParameters())
    by_time = collection(study, Cutoffs(minutes=(4.0,)))
    by_distance = collection(study, Cutoffs(metres=(300.0,)))
    assert by_time["notes"] == by_distance["notes"] == []
    (slow,), (level,) = by_time["features"], by_distance["features"]
    assert slow["properties"]["elevation_known_share"] == 1.0
    far_m = 300.0 * np.exp(-0.7)
    expected_m = 4 * (100.0 + 3 * (far_m - 100.0))
    assert slow["properties"]["reached_street_m"] == pytest.approx(expected_m, abs=0.01)
    on_flat = collection(analyse(flat, StudyParameters()), Cutoffs(metres=(300.0,)))["features"][0]
    assert level["geometry"] == on_flat["geometry"]
    assert slow["properties"]["area_m2"] < 0.5 * level["properties"]["area_m2"]


def test_heights_of_some_streets_only_are_told() -> None:
    flat = small_inputs()
    hills = on_hills(flat.network, uphill, wheelchair_max_grade=0.08)
    half = replace(hills, terrain=replace(hills.terrain, known_m=hills.length_m / 2))
    study = analyse(replace(flat, network=half), StudyParameters())
    told = collection(study, Cutoffs(minutes=(2.0,)))
    assert told["features"][0]["properties"]["elevation_known_share"] == 0.5
    (note,) = told["notes"]
    assert "50.0%" in note["en"] and "50.0%" in note["zh"]

"""Scenario files: read in three forms, written back the same, every mistake told at once."""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.coordinates.reading import parse_reading
from analysis.documents.scenario_file import scenario_document, scenario_yaml
from analysis.errors import InvalidScenarioError, SourceDataError, SourceUnavailableError
from analysis.scenario.modifications import KINDS as MODIFICATION_KINDS
from analysis.scenario.modifications import (
    PATH_KINDS,
    STANDARD_FIELDS,
    AddFacility,
    AddHousing,
    AddPath,
    ChangeFacility,
    ChangeStandard,
    CloseFacility,
    ClosePath,
    MoveFacility,
    OpenFacility,
    kind_of,
)
from analysis.scenario.scenario import Scenario
from analysis.sources.scenarios import reading
from analysis.sources.scenarios.reading import OpenedScenario, open_scenario, scenario_from
from analysis.testing.studies import small_inputs

INPUTS = small_inputs()
MARKET = INPUTS.facilities.source_id[0]
WAY = int(INPUTS.network.arc_way_id[0])


def lonlat(x: float, y: float) -> list[float]:
    return INPUTS.crs.unproject(np.array([[x, y]]))[0].tolist()


LON, LAT = lonlat(800.0, 500.0)
EVERY_KIND = Scenario(
    title="全部",
    modifications=(
        AddFacility(
            id="a", since="2027-09-01", element_id="market", xy_m=(800.0, 500.0), name="新市场",
            area_m2=900.5, attributes={"seats": "20", "班数": "是"},
            entrances_m=((801.0, 500.0), (802.123, 501.0)),
        ),
        MoveFacility(id="b", element_id="market", source_id=MARKET, xy_m=(300.25, 500.0)),
        CloseFacility(id="c", element_id="market", source_id=MARKET),
        OpenFacility(id="d", element_id="market", source_id=MARKET),
        ChangeFacility(
            id="e", element_id="market", source_id=MARKET, area_m2=10.0, attributes={"a": "b"}
        ),
        AddPath(id="f", line_m=((650.0, 500.0), (655.5, 550.0), (650.0, 600.0)), kind="footbridge"),
        ClosePath(id="g", way_id=WAY, xy_m=(10.0, 0.0)),
        ChangeStandard(id="h", element_id="market", field="threshold_m", value=500.0),
        AddHousing(
            id="i", xy_m=(210.0, 500.0), people=100.0, households=40.0, groups={"population_60plus": 9.0}
        ),
    ),
)  # fmt: skip


def opened(tmp_path: Path, text: str | bytes, name: str = "s.yaml") -> OpenedScenario:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return open_scenario(path, INPUTS)


def asked(*modifications: dict[str, object], **more: object) -> OpenedScenario:
    return scenario_from(json.dumps({"modifications": modifications, **more}).encode(), INPUTS)


def told(found: OpenedScenario) -> list[tuple[int | None, int, str]]:
    return [(one.line, one.number, one.field) for one in found.problems if one.severity == "error"]


def test_every_kind_is_written_and_read_back_the_same(tmp_path: Path) -> None:
    document = scenario_document(EVERY_KIND, INPUTS.crs)
    assert [one["kind"] for one in document["modifications"]] == list(MODIFICATION_KINDS)
    for found in (
        opened(tmp_path, scenario_yaml(document)),
        opened(tmp_path, json.dumps(document), "s.json"),
        scenario_from(json.dumps(document).encode(), INPUTS),
    ):
        assert found.errors == ()
        assert found.scenario.title == "全部"
        assert found.scenario.scenario_id == EVERY_KIND.scenario_id
        assert found.scenario.modifications[5] == EVERY_KIND.modifications[5]
        assert [kind_of(one) for one in found.scenario.modifications] == list(MODIFICATION_KINDS)


def test_the_schema_knows_what_the_program_knows() -> None:
    text = (Path(reading.__file__).parent / "scenario.schema.json").read_text("utf-8")
    schema = json.loads(text)
    kinds = schema["properties"]["modifications"]["items"]["properties"]["kind"]["enum"]
    assert kinds == list(MODIFICATION_KINDS)
    assert schema["$defs"]["add_path"]["properties"]["path"]["enum"] == list(PATH_KINDS)
    fields = schema["$defs"]["change_standard"]["properties"]["field"]["enum"]
    assert fields == list(STANDARD_FIELDS)


def test_geojson_draws_points_and_lines(tmp_path: Path) -> None:
    features = [
        {"type": "Feature", "id": 7, "geometry": {"type": "Point", "coordinates": [LON, LAT, 12.0]},
         "properties": {"kind": "add_facility", "element": "market", "since": None, "name": None}},
        {"type": "Feature",
         "geometry": {"type": "LineString", "coordinates": [lonlat(650, 500), lonlat(650, 600)]},
         "properties": {"id": "B", "kind": "add_path", "path": "footbridge"}},
        {"type": "Feature", "geometry": None,
         "properties": {"kind": "close_facility", "element": "market", "facility": MARKET}},
    ]  # fmt: skip
    text = json.dumps(
        {"type": "FeatureCollection", "name": "画", "features": features}, indent="\t"
    )
    found = opened(tmp_path, text, "s.geojson")
    assert found.problems == ()
    assert found.scenario.title == "画"
    facility, path, closed = found.scenario.modifications
    assert isinstance(facility, AddFacility)
    assert (facility.id, facility.xy_m) == ("7", (800.0, 500.0))
    assert isinstance(path, AddPath)
    assert path.line_m == ((650.0, 500.0), (650.0, 600.0))
    assert (path.id, path.kind, closed.id) == ("B", "footbridge", "3")


def test_geojson_mistakes_name_the_line_of_the_feature(tmp_path: Path) -> None:
    text = """{"type": "FeatureCollection", "features": [
 {"type": "Feature",
  "properties": {"kind": "add_path",
                 "path": "tunnel"},
  "geometry": {"type": "Polygon",
               "coordinates": []}}
]}"""
    assert set(told(opened(tmp_path, text, "s.geojson"))) == {
        (5, 1, "geometry"), (4, 1, "path"), (6, 1, "line"),
    }  # fmt: skip


def test_all_mistakes_at_once_with_their_lines(tmp_path: Path) -> None:
    text = f"""title: 错
modifications:
- id: s
  kind: add_facility
  element: markt
  lon: {LON}
  lat: {LAT}
- kind: add_path
  path: footbridg
  line: [[{LON}, {LAT}]]
- kind: add_housing
  lon: {LON}
  lat: .nan
  people: -1
  peple: 3
- id: s
  kind: change_standard
  element: market
  field: threshold_m
  value: 500
  since: 2027-02-30
- id: s
  kind: close_facility
  element: market
  facility: nobody
"""
    found = opened(tmp_path, text)
    assert told(found) == [
        (5, 1, "element"), (9, 2, "path"), (10, 2, "line"), (13, 3, "lat"), (14, 3, "people"),
        (15, 3, "peple"), (21, 4, "since"), (22, 5, "id"), (25, 5, "facility"),
    ]  # fmt: skip
    for language, part in (
        ("zh", "第 5 行，第 1 项修改（s），字段 element"),
        ("en", "line 5, mod"),
    ):
        assert found.problems[0].told.text(language).startswith(part)  # type: ignore[arg-type]
    with pytest.raises(InvalidScenarioError) as error:
        found.sound("s.yaml")
    assert len(error.value.problems) == 9
    assert error.value.row == 5


def test_the_first_of_two_with_one_id_is_counted_as_in_the_file() -> None:
    bad: dict[str, object] = {"kind": "nothing"}
    one: dict[str, object] = {"id": "x", "kind": "add_housing", "lon": LON, "lat": LAT, "people": 1}
    found = asked(bad, one, one)
    same = next(one for one in found.problems if one.text.key.endswith("same_id"))
    assert (same.number, same.text.args["first"]) == (3, 2)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b'{"modifications": [], "modifications": []}', ""),
        (b'{"modifications": [{"kind": "add_housing", "lon": NaN, "lat": 0, "people": 1}]}', "lon"),
        (b'{"modifications": [{"kind": "add_housing", "lon": 1e999, "lat": 0, "people": 1}]}', "lon"),
        (b'{"modifications": {}}', "modifications"),
        (b'{"modifications": [{"kind": ["add_housing"]}]}', "kind"),
        (b'{"modifications": [], "colour": 1}', "colour"),
        (b'{"modifications": [], "coordinates": "mars"}', "coordinates"),
        (b'{"type": "FeatureCollection", "features": 3}', "modifications"),
        (b"[1, 2]", ""),
        (b'{"a":', ""),
        (b"[" * 100_000, ""),
        (b"1" * 10_000, ""),
        (b"null", ""),
    ],
)  # fmt: skip
def test_hostile_json_is_refused_with_words(data: bytes, field: str) -> None:
    found = scenario_from(data, INPUTS)
    assert field in {one.field for one in found.errors}
    for one in found.problems:
        assert one.told.text("zh")
        assert one.told.text("en")


def test_hostile_files_are_refused(tmp_path: Path) -> None:
    assert told(opened(tmp_path, "a: &x [1]\nb: *x\n"))
    assert told(opened(tmp_path, "modifications: [{kind: add_housing, <<: {lon: 1}}]\n"))
    for data in (b"\x00\x01", "标题: 值".encode("gbk"), b" " * 2_000_001):
        with pytest.raises(SourceDataError):
            opened(tmp_path, data)
    with pytest.raises(SourceUnavailableError):
        open_scenario(tmp_path / "none.yaml", INPUTS)


def test_a_lone_surrogate_does_no_harm() -> None:
    found = asked(
        {"id": "\ud800", "kind": "close_facility", "element": "market", "facility": MARKET}
    )
    assert found.scenario.scenario_id
    assert found.scenario.modifications[0].id == "?"


def test_coordinates_are_read_as_declared(tmp_path: Path) -> None:
    lat_first: dict[str, object] = {
        "kind": "add_facility",
        "element": "market",
        "lon": LAT,
        "lat": LON,
    }
    assert told(asked(lat_first)) == [(None, 1, "")]
    swapped = asked(lat_first, coordinates="swapped")
    shifted = parse_reading("gcj02").pairs(np.array([[LON, LAT]]))[0].tolist()
    gcj: dict[str, object] = {
        "kind": "add_facility",
        "element": "market",
        "lon": shifted[0],
        "lat": shifted[1],
    }
    moved = asked(gcj, coordinates="gcj02")
    path = tmp_path / "g.json"
    path.write_text(json.dumps({"modifications": [gcj]}), "utf-8")
    declared = open_scenario(path, INPUTS, parse_reading("gcj02"))
    for found in (swapped, moved, declared):
        assert found.problems == ()
        (one,) = found.scenario.modifications
        assert isinstance(one, AddFacility)
        assert np.allclose(one.xy_m, (800.0, 500.0), atol=0.02)


def test_values_become_what_planners_tables_hold() -> None:
    found = asked(
        {"kind": "add_facility", "element": "market", "lon": LON, "lat": LAT,
         "attributes": {"a": 500, "b": 0.25, "c": True, "d": "四"}},
    )  # fmt: skip
    (one,) = found.scenario.modifications
    assert isinstance(one, AddFacility)
    assert one.attributes == {"a": "500", "b": "0.25", "c": "yes", "d": "四"}

"""The map page without a browser: what it holds, what it must never hold, and that it fails closed."""

import ast
import base64
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib import metadata, resources
from pathlib import Path
from typing import get_args

import folium
import numpy as np
import pytest
import shapely

from analysis.documents.gaps import gap_collection
from analysis.errors import SourceDataError, SourceUnavailableError
from analysis.gaps.listing import GapKind
from analysis.judgement.assessment import ElementVerdict
from analysis.judgement.coverage_verdict import shown_share
from analysis.messages import message, phrase_table
from analysis.notices import Severity
from analysis.places.circles import Level
from analysis.places.facilities import Entrance, Origin, Status
from analysis.reach.table import Criterion
from analysis.sources.inputs import read_inputs
from analysis.sources.request import InputRequest
from analysis.standard.profile import CoverageTarget, Element
from analysis.standard.rules import Sourced
from analysis.standard.verdicts import DimensionVerdict
from analysis.study import Study, StudyParameters, analyse
from analysis.testing.cities import TEST_CRS, grid_city, people_at, shops_at
from analysis.walking import WalkerName
from service.maps import assets, page, study_map
from service.maps.classes import HomeClass, home_classes
from service.maps.encoding import (
    STEP_DEG,
    grid_at,
    json_text,
    pack_column,
    pack_integers,
    pack_positions,
    zigzag,
)  # fmt: skip
from service.maps.numbers import (
    apportioned,
    figures_json,
    minute_tenths,
    people_tenths,
    walk_tenths,
)
from service.maps.payload import study_payload
from service.maps.tables import MAX_SUBJECTS
from tests.map_worlds import NAMES, town_inputs, town_study

MAPS = Path(str(resources.files("service.maps")))
STATIC = sorted((MAPS / "static").iterdir())


@pytest.fixture(scope="module")
def study() -> Study:
    return town_study()


@pytest.fixture(scope="module")
def document(study: Study) -> str:
    return study_map(study)


def integers(text: str) -> list[int]:
    values, value, shift = [], 0, 0
    for byte in base64.b64decode(text):
        value |= (byte & 127) << shift
        shift += 7
        if not byte & 128:
            values.append(value)
            value, shift = 0, 0
    return values


def positions(text: str) -> np.ndarray:
    moved = np.array([v // 2 if v % 2 == 0 else -(v + 1) // 2 for v in integers(text)])
    return np.cumsum(moved.reshape(-1, 2), axis=0)


def data_of(document: str) -> dict:
    return json.loads(re.search(r'id="study">(.*?)</script>', document, re.DOTALL)[1])


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.styles: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "style":
            self.styles.append(data)


# --- the document ---------------------------------------------------------------------------------


def test_same_study_gives_same_bytes(study: Study, document: str) -> None:
    assert study_map(study) == document
    assert study_map(town_study()) == document


def test_language_is_the_first_one_shown(study: Study, document: str) -> None:
    english = study_map(study, language="en")
    assert '<html lang="zh-CN">' in document
    assert '<html lang="en">' in english
    assert data_of(document) | {"language": "en"} == data_of(english)


def test_nothing_is_loaded(document: str) -> None:
    parsed = Page(document)
    for tag, attributes in parsed.tags:
        assert not {"src", "href", "srcset", "data", "action", "poster"} & set(attributes), tag
        assert tag not in {"link", "iframe", "object", "embed", "img", "base"}
    css = "\n".join(parsed.styles)
    assert "leaflet-container" in css
    assert not re.search(r"url\s*\(|@import|image-set", css)
    assert "sourceMappingURL" not in document


def test_policy_forbids_loading(document: str) -> None:
    policies = [
        a for t, a in Page(document).tags if a.get("http-equiv") == "Content-Security-Policy"
    ]
    assert [one["content"] for one in policies] == [
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
    ]


def test_only_links_are_the_licence_and_names_of_namespaces(document: str) -> None:
    found = set(re.findall(r"https?:[\\/]+[\w./-]+", document))
    assert found <= {
        "https://www.openstreetmap.org/copyright",
        "https://leafletjs.com",
        "http://www.w3.org/2000/svg",
        "https://bugs.chromium.org/p/chromium/issues/detail",  # a comment in Leaflet's style
        "https://bugzilla.mozilla.org/show_bug.cgi",  # another
    }


def test_no_widget_library_is_in_the_page(document: str) -> None:
    for name in ("jquery", "bootstrap", "fontawesome", "glyphicon"):
        assert name not in document.lower()


def test_data_element_cannot_be_left(study: Study) -> None:
    evil = "</script><script>alert(1)</script><!-- & \u2028 \u2029 \x00 \ud800"
    text = study_map(replace(study, inputs=replace(study.inputs, title=evil)))
    assert "alert(1)</script>" not in text
    assert data_of(text)["facts"]["title"] == evil
    text.encode("utf-8")


@pytest.mark.parametrize("payload", ["<", ">", "&", "\u2028", "\u2029", "\udfff"])
def test_json_escapes_what_could_leave_a_script(payload: str) -> None:
    text = json_text({"a": payload})
    assert payload not in text
    assert json.loads(text) == {"a": payload}


def test_json_refuses_what_json_has_not() -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_text(float("nan"))


# --- folium gets numbers only ---------------------------------------------------------------------


def test_study_texts_never_reach_folium(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    marked = "\u2603snowman"
    circles = replace(study.inputs.circles, name=tuple(marked + n for n in NAMES))
    facilities = replace(
        study.inputs.facilities, name=tuple(marked for _ in study.inputs.facilities.name)
    )
    inputs = replace(study.inputs, title=marked, circles=circles, facilities=facilities)
    seen: list[str] = []
    real = page._skeleton
    monkeypatch.setattr(page, "_skeleton", lambda *a: seen.append(repr(a)) or real(*a))
    text = study_map(replace(study, inputs=inputs))
    assert marked in text
    assert seen
    assert all(re.fullmatch(r"\([-\d.]+, [-\d.]+\)", one) for one in seen)


def test_code_hands_folium_constants_and_numbers_only() -> None:
    for file in sorted(MAPS.glob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        imports = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        imports |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        foreign = {one for one in imports if one.split(".")[0] in {"folium", "branca", "jinja2"}}
        assert foreign == ({"folium"} if file.name == "page.py" else set())
        assert not {
            one for one in imports if one.split(".")[0] in {"fastapi", "starlette", "django"}
        }
    tree = ast.parse((MAPS / "page.py").read_text("utf-8"))
    used = [
        n
        for n in ast.walk(tree)
        if isinstance(n, ast.Attribute) and ast.unparse(n.value) == "folium"
    ]
    assert sorted(one.attr for one in used) == ["Figure", "Map"]
    call = next(
        n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == "folium.Map"
    )
    assert not call.args
    given = {one.arg: ast.unparse(one.value) for one in call.keywords}
    assert given.pop("location") == "[round(lat, 6), round(lon, 6)]"
    assert given.pop("zoom_start") == "_ZOOM"
    assert set(given.values()) <= {"True", "False", "None"}


@pytest.mark.parametrize("file", STATIC, ids=lambda f: f.name)
def test_page_never_makes_markup_from_text(file: Path) -> None:
    text = file.read_text("utf-8")
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser",
                 "eval(", "new Function", "createContextualFragment", "srcdoc", "javascript:"):  # fmt: skip
        assert sink not in text
    assert "{{" not in text
    assert "</script" not in text


# --- fails closed ---------------------------------------------------------------------------------


def test_unknown_link_is_refused() -> None:
    with pytest.raises(SourceUnavailableError, match="leaflet_draw"):
        assets.link_text("leaflet_draw")


def test_new_link_of_folium_is_refused(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    more = [*folium.Map.default_js, ("fancy", "https://example.org/fancy.js")]
    monkeypatch.setattr(folium.Map, "default_js", more)
    with pytest.raises(SourceUnavailableError, match="fancy"):
        study_map(study)


def test_class_level_links_stay_untouched(study: Study) -> None:
    before = (list(folium.Map.default_js), list(folium.Map.default_css))
    study_map(study)
    assert (folium.Map.default_js, folium.Map.default_css) == before


def test_skeleton_with_a_link_is_refused(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    class Linked(folium.Map):
        def render(self, **kwargs: object) -> None:
            super().render(**kwargs)
            script = folium.Element('<script src="https://example.org/x.js"></script>')
            self.get_root().header.add_child(script)

    monkeypatch.setattr(folium, "Map", Linked)
    with pytest.raises(SourceDataError, match="folium"):
        study_map(study)


def test_changed_leaflet_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assets._leaflet.cache_clear()
    monkeypatch.setattr(assets, "_read", lambda _: b"/* not Leaflet */")
    with pytest.raises(SourceDataError, match=r"leaflet\.js"):
        assets.link_text("leaflet")
    assets._leaflet.cache_clear()


def test_missing_leaflet_is_told_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    assets._leaflet.cache_clear()
    monkeypatch.setattr(assets, "find_spec", lambda _: None)
    with pytest.raises(SourceUnavailableError, match="django-js-lib-leaflet") as caught:
        assets.link_text("leaflet_css")
    assert caught.value.remedy is not None
    assets._leaflet.cache_clear()


def test_leaflet_is_the_pinned_one() -> None:
    assert metadata.version("django-js-lib-leaflet") == "1.9.4.1"
    assert "Leaflet 1.9.4," in assets.link_text("leaflet")[:80]


# --- encoding -------------------------------------------------------------------------------------


def test_zigzag_by_hand() -> None:
    assert zigzag(np.array([0, -1, 1, -2, 2])).tolist() == [0, 1, 2, 3, 4]


def test_integers_by_hand() -> None:
    # 300 = 0b10_0101100: the low seven bits with the continuation bit, then 2.
    assert base64.b64decode(pack_integers(np.array([5, 300]))) == bytes([5, 0xAC, 2])


def test_integers_round_trip() -> None:
    values = np.array([0, 1, 127, 128, 16383, 16384, 2**31, 2**53])
    assert integers(pack_integers(values)) == values.tolist()
    assert pack_integers(np.empty(0, dtype=np.int64)) == ""


def test_positions_round_trip_within_half_a_step() -> None:
    lonlat = np.random.default_rng(3).uniform((-15.6, 28.0), (-15.3, 28.2), (500, 2))
    grid = grid_at(-15.45, 28.1)
    steps = positions(pack_positions(grid.steps(lonlat)))
    back = (steps + [grid.lon_steps, grid.lat_steps]) * STEP_DEG
    assert np.abs(back - lonlat).max() <= STEP_DEG / 2 * 1.0001


@pytest.mark.parametrize(("top", "bits"), [(255, 8), (256, 16), (65535, 16), (65536, 32)])
def test_column_takes_the_narrowest_width(top: int, bits: int) -> None:
    packed = pack_column(np.array([0, top]))
    assert packed["bits"] == bits
    assert np.frombuffer(base64.b64decode(packed["data"]), f"<u{bits // 8}").tolist() == [0, top]


# --- what the page is told ------------------------------------------------------------------------


def test_payload_holds_every_home_circle_gap_and_facility(study: Study) -> None:
    data = study_payload(study, "zh")
    inputs = study.inputs
    assert len(data["homes"]["id"]) == len(inputs.demand)
    assert sorted(data["homes"]["id"]) == sorted(inputs.demand.point_id)
    assert data["circles"]["name"] == list(NAMES)
    assert len(data["elements"]) == 25
    assert len(data["categories"]) == 9
    assert len(data["verdicts"]) == 5
    assert all(len(rows) == 25 for rows in data["verdicts"])
    assert [row[0] for row in data["gaps"]["rows"]] == [gap.rank for gap in study.gaps]
    assert len(data["facilities"]["name"]) == len(inputs.facilities)
    assert sum(data["circles"]["homes"]) == data["facts"]["homes"] == 1200


def test_homes_come_back_with_their_walks_and_nearest(study: Study) -> None:
    data = study_payload(study, "zh")
    homes, demand, reach = data["homes"], study.inputs.demand, study.reach
    row = [demand.point_id.index(one) for one in homes["id"]]
    steps = positions(homes["xy"]) + [data["grid"]["lon"], data["grid"]["lat"]]
    lonlat = study.inputs.crs.unproject(demand.xy_m[row])
    assert np.abs(steps / data["grid"]["per_degree"] - lonlat).max() < 0.51 * STEP_DEG
    assert [v / 10 for v in integers(homes["people"])] == demand.people[row].tolist()
    for column, element_id in enumerate(reach.element_ids):
        packed = homes["elements"][element_id]
        raw = {
            key: np.frombuffer(
                base64.b64decode(packed[key]["data"]), f"<u{packed[key]['bits'] // 8}"
            )
            for key in ("class", "walk", "minutes", "nearest")
        }
        assert (raw["nearest"].astype(int) - 1).tolist() == reach.nearest[row, column].tolist()
        walk_m = np.where(raw["walk"] == 0, np.inf, (raw["walk"] - 1.0) / 10)
        true_m = reach.walk_m[row, column]
        assert (np.isinf(walk_m) == np.isinf(true_m)).all()
        known = np.isfinite(true_m)
        assert (np.abs(walk_m[known] - true_m[known]) <= 0.5).all()
        minutes = np.where(raw["minutes"] == 0, np.inf, (raw["minutes"] - 1.0) / 10)
        true_min = reach.walk_s[row, column] / 60
        assert (np.isinf(minutes) == np.isinf(true_m)).all()
        short, long = known & (true_min < 10), known & (true_min >= 10)
        assert (np.abs(minutes[short] - true_min[short]) <= 0.0501).all()
        assert (np.abs(minutes[long] - true_min[long]) <= 0.5).all()
        covered = reach.covered[row, column]
        assert ((raw["class"] < HomeClass.NEAR) == covered)[study.points.linked[row]].all()


def test_verdicts_and_reasons_are_the_assessment_s(study: Study) -> None:
    data = study_payload(study, "zh")
    circle = study.inputs.circles.circle_id.index("c3")
    for element, row in enumerate(study.assessment.of_circle("c3")):
        told = data["verdicts"][circle][element]
        assert ["met", "weak", "short", "not_assessed"][told["verdict"]] == row.verdict
        assert data["texts"][told["dimensions"][1][2]] == [
            row.coverage.reason.text("zh"), row.coverage.reason.text("en"),
        ]  # fmt: skip
        if row.verdict != "not_assessed":
            share = told["figures"]["share"]
            assert share == pytest.approx(100.0 * row.figures.share, abs=0.1)
            assert f" {share:.1f}%" in f" {row.coverage.reason.text('en')}"


def test_gap_outlines_keep_their_area(study: Study) -> None:
    data = study_payload(study, "zh")
    assert len(data["gaps"]["rings"]) == len(study.gaps) > 0
    assert sum(data["gaps"]["rings"]) == len(integers(data["gaps"]["outline"]["counts"]))
    xy = (
        positions(data["gaps"]["outline"]["xy"]) + [data["grid"]["lon"], data["grid"]["lat"]]
    ) * STEP_DEG
    counts = integers(data["gaps"]["outline"]["counts"])
    first = data["gaps"]["rings"][0]
    rings = np.split(TEST_CRS.project(xy), np.cumsum(counts))[:first]
    areas = [shapely.Polygon(ring).area for ring in rings]
    assert 2 * max(areas) - sum(areas) == pytest.approx(study.gaps[0].shape.area, rel=0.02)


def test_long_notices_are_cut_and_counted(study: Study) -> None:
    long = replace(study.notices[0], subjects=tuple(f"way/{i}" for i in range(MAX_SUBJECTS + 5)))
    told = study_payload(replace(study, notices=(long,)), "zh")["notices"]
    assert (told[0]["count"], len(told[0]["subjects"])) == (MAX_SUBJECTS + 5, MAX_SUBJECTS)


def test_every_phrase_the_page_asks_for_is_there(study: Study) -> None:
    phrases = study_payload(study, "zh")["phrases"]
    asked = set()
    for file in STATIC:
        asked |= set(
            re.findall(
                r'"((?:map|verdict|dimension)\.[a-z0-9_.]*[a-z0-9_])"', file.read_text("utf-8")
            )
        )
    assert asked
    assert {key for key in asked if key not in phrases and f"{key}.other" not in phrases} == set()
    kinds = {
        "criterion": Criterion, "walker": WalkerName, "status": Status, "origin": Origin,
        "level": Level, "severity": Severity, "gap.kind": GapKind,
    }  # fmt: skip
    for stem, values in kinds.items():
        assert {f"map.{stem}.{value}" for value in get_args(values)} <= set(phrases)
    assert {f"map.door.{kind.name.lower()}" for kind in Entrance} <= set(phrases)
    for key in phrases:
        if key.startswith("map."):
            zh, en = (
                set(re.findall(r"\{(\w+)\}", phrase_table()[key][one])) for one in ("zh", "en")
            )
            assert zh == en, key


def test_cities_without_buildings_show_land(study: Study) -> None:
    demand = replace(study.inputs.demand, is_building=np.zeros(1200, dtype=bool))
    data = study_payload(replace(study, inputs=replace(study.inputs, demand=demand)), "zh")
    assert data["homes"]["buildings"] is False
    assert len(data["homes"]["id"]) == 1200


def test_study_without_gaps_facilities_or_homes_still_has_a_map() -> None:
    inputs = replace(town_inputs(), demand=people_at([]), facilities=shops_at([]))
    empty = analyse(inputs, StudyParameters())
    assert empty.gaps == ()
    data = data_of(study_map(empty))
    assert data["homes"]["id"] == []
    assert data["facilities"]["name"] == []


# --- numbers: rounded once, and the same everywhere -----------------------------------------------

TARGET = CoverageTarget(
    basis=("population",),
    target=Sourced(value=0.95, source="test", confidence="default"),
    acceptable=Sourced(value=0.9, source="test", confidence="default"),
)


def judged(study: Study, element_id: str, circle_id: str = "*") -> ElementVerdict:
    return next(r for r in study.assessment.of_circle(circle_id) if r.element_id == element_id)


def reshared(study: Study, share: float) -> tuple[ElementVerdict, Element]:
    """The town's verdict on primary schools with another share and the targets 95 % and 90 %."""
    row = judged(study, "primary_school")
    element = replace(study.inputs.standard.element("primary_school"), coverage=TARGET)
    return replace(row, figures=replace(row.figures, share=share)), element


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.899909, 89.9), (0.89949, 89.9), (0.9, 90.0), (0.94999, 94.9), (0.95, 95.0),
        (0.8996, 89.9), (0.12345, 12.3), (1.0, 100.0), (0.0, 0.0), (0.20449, 20.4),
    ],
)  # fmt: skip
def test_share_is_never_rounded_up_to_a_bound_nor_twice(
    study: Study, share: float, shown: float
) -> None:
    assert figures_json(*reshared(study, share))["share"] == shown


def test_share_agrees_with_the_sentence(study: Study) -> None:
    for share in np.random.default_rng(2).uniform(0, 1, 500).tolist():
        row, element = reshared(study, share)
        sentence = f"{shown_share(share, element.coverage):.1%}"
        assert f"{figures_json(row, element)['share']:.1f}%" == sentence


def test_people_and_walks_are_rounded_once_to_even(study: Study) -> None:
    row = judged(study, "primary_school")
    figures = replace(
        row.figures, people=2.5, people_covered=1.4999, people_beyond=3.5,
        walk_median_m=150.49, walk_p95_m=0.5, walk_max_m=np.inf,
        walk_median_s=125.4, walk_p95_s=0.4, walk_max_s=np.inf,
    )  # fmt: skip
    told = figures_json(
        replace(row, figures=figures), study.inputs.standard.element(row.element_id)
    )
    assert (told["people"], told["covered"], told["beyond"]) == (2, 1, 4)
    assert told["walks_m"] == [150, 0, None]
    assert told["walks_min"] == [2.1, 0.0, None]  # 125.4 s, 0.4 s and beyond the search
    nobody = replace(
        figures,
        walk_median_m=np.nan, walk_p95_m=np.nan, walk_max_m=np.nan,
        walk_median_s=np.nan, walk_p95_s=np.nan, walk_max_s=np.nan,
    )  # fmt: skip
    told = figures_json(replace(row, figures=nobody), study.inputs.standard.element(row.element_id))
    assert told["walks_m"] is None
    assert told["walks_min"] is None


def test_minutes_are_tenths_below_ten_and_stay_on_their_side_where_they_decide() -> None:
    walk_s = np.array([0.0, 62.9, 150.1, 299.0, 300.0, 300.4, 602.0, 1171.0, np.inf])
    assert minute_tenths(walk_s, None).tolist() == [0, 10, 25, 50, 50, 50, 100, 200, -1]
    # 5 minutes decide: 300.4 s is beyond them, 150.1 s beyond half, 602 s beyond twice.
    assert minute_tenths(walk_s, 300.0).tolist() == [0, 10, 26, 50, 50, 51, 101, 195, -1]


def test_home_s_walk_stays_on_its_side_of_every_class_bound() -> None:
    walk_m = [100.46, 249.6, 250.4, 499.6, 500.0, 500.04, 500.6, 750.3, 1000.2, np.inf]
    assert walk_tenths(np.array(walk_m), 500.0).tolist() == [
        1000, 2500, 2504, 5000, 5000, 5001, 5010, 7503, 10002, -1,
    ]  # fmt: skip
    assert walk_tenths(np.array([833.2, 833.4]), 833.3).tolist() == [8330, 8334]


def test_residents_of_a_home_are_shown_as_python_writes_them() -> None:
    people = [9.73, 0.35, 20.0, 99.96, 123.46, 123.5, 0.0]
    assert people_tenths(np.array(people)).tolist() == [97, 3, 200, 1000, 1230, 1240, 0]


@pytest.mark.parametrize(
    ("parts", "total", "free", "shown"),
    [
        ([1.4, 1.4, 1.4], 4, 3, [2, 1, 1]),
        ([10.4, 5.45, 3.3], 19, 2, [10, 6, 3]),  # the last is named by a sentence and stays
        ([0.0, 0.0, 5.4, 0.4], 6, 2, [0, 0, 6, 0]),  # nobody else can make up for it
        ([50.5, 50.5], 101, 2, [51, 50]),
        ([51.0], 50, 1, [50]),
        ([0.4, 0.4, 3.5], 3, 2, [0, 0, 3]),
        ([0.0, 0.0], 0, 2, [0, 0]),
    ],
)
def test_parts_add_up(parts: list[float], total: int, free: int, shown: list[int]) -> None:
    assert apportioned(np.array(parts), total, free=free) == shown


def test_classes_add_up_to_the_footer_and_to_the_panel(study: Study) -> None:
    rng = np.random.default_rng(6)
    demand = replace(study.inputs.demand, people=rng.uniform(0.1, 40.0, 1200))
    uneven = analyse(replace(study.inputs, demand=demand), StudyParameters())
    data = study_payload(uneven, "zh")
    circle_ids = [*uneven.inputs.circles.circle_id, "*"]
    people = [*data["circles"]["people"], data["facts"]["people"]]
    homes = [*data["circles"]["homes"], data["facts"]["homes"]]
    assert data["facts"]["people"] == round(float(demand.people.sum()))
    for element_id in uneven.reach.element_ids:
        for number, circle_id in enumerate(circle_ids):
            n, of_class = data["homes"]["elements"][element_id]["tally"][number]
            figures = judged(uneven, element_id, circle_id).figures
            assert sum(n) == homes[number]
            assert sum(of_class) == people[number] == round(figures.people)
            assert of_class[0] + of_class[1] == round(figures.people_covered)
            assert of_class[HomeClass.UNLINKED] == round(figures.people_unlinked)
            if of_class[HomeClass.EDGE] + of_class[HomeClass.UNTOLD] == 0:
                assert of_class[HomeClass.NONE] == round(figures.people_beyond)


def test_people_who_are_not_drawn_still_count_in_the_classes(study: Study) -> None:
    demand = study.inputs.demand
    mixed = replace(demand, is_building=np.arange(1200) < 700)
    data = study_payload(replace(study, inputs=replace(study.inputs, demand=mixed)), "zh")
    n, people = data["homes"]["elements"]["primary_school"]["tally"][-1]
    assert (sum(n), sum(people)) == (700, round(float(demand.people.sum())))


def test_gaps_are_those_of_the_geojson(study: Study) -> None:
    told = study_payload(study, "zh")["gaps"]["rows"]
    saved = [one["properties"] for one in gap_collection(study)["features"]]
    assert [row[2] for row in told] == [one["people"] for one in saved]
    assert [row[3] for row in told] == [one["buildings"] for one in saved]
    for place, key in ((4, "walk_median_m"), (5, "walk_worst_m")):
        assert [row[place] for row in told] == [
            None if one[key] is None else round(one[key]) for one in saved
        ]


def test_elements_without_a_verdict_show_no_figures(study: Study) -> None:
    empty = replace(street_study(listed=False))
    row = judged(empty, "nursery")
    assert row.coverage.reason.key.startswith("verdict.no_data")
    assert row.figures is not None
    assert row.figures.share == 0.0
    assert figures_json(row, empty.inputs.standard.element("nursery")) is None
    outside = replace(
        row, dimensions=(row.dimensions[0], with_reason(row, "verdict.outside_extract"))
    )
    assert figures_json(outside, empty.inputs.standard.element("nursery")) is None
    assert figures_json(*reshared(study, float("nan"))) is None


def with_reason(row: ElementVerdict, key: str) -> DimensionVerdict:
    return replace(row.coverage, verdict="not_assessed", reason=message(key))


@pytest.mark.parametrize(
    ("key", "upto"), [("verdict.edge_of_data", 100.0), ("verdict.at_least", None)]
)
def test_open_shares_are_told_as_bounds(study: Study, key: str, upto: float | None) -> None:
    row, element = reshared(study, 0.89996)
    open_ = replace(
        row,
        dimensions=(row.dimensions[0], with_reason(row, key)),
        figures=replace(row.figures, share_upper=1.0),
    )
    told = figures_json(open_, element)
    # As the sentence writes it: a lower bound of 89.996 % is told as 90.0 %.
    assert (told["share"], told["upto"], told["least"]) == (90.0, upto, 1)


def test_facilities_say_where_they_are_and_whether_they_count(study: Study) -> None:
    data = study_payload(study, "zh")["facilities"]
    for element_id in ("primary_school", "pharmacy", "bus_stop"):
        for number, circle_id in enumerate([*study.inputs.circles.circle_id, "*"]):
            rows = study.inputs.facilities.of_element(element_id)
            here = [
                row for row in rows
                if data["counts"][row]
                and (data["circle"][row] == number or (circle_id == "*" and data["circle"][row] >= 0))
            ]  # fmt: skip
            assert len(here) == judged(study, element_id, circle_id).figures.facilities_inside


def test_counts_have_a_singular_and_a_plural(study: Study) -> None:
    phrases = study_payload(study, "zh")["phrases"]
    asked: set[str] = set()
    for file in STATIC:
        for call in re.findall(r"counted\(([^)]*)", file.read_text("utf-8")):
            asked |= set(re.findall(r'"(map\.[a-z_.]+)"', call))
    assert {"map.people", "map.homes_counted", "map.notice.subjects"} <= asked
    for key in asked:
        one, other = phrases[f"{key}.one"], phrases[f"{key}.other"]
        assert one[0] == other[0]
        assert one[1] != other[1]
    for key in phrases:  # nothing countable is left with a plural alone
        text = phrases[key][1]
        if not key.endswith((".one", ".other")):
            assert not re.search(
                r"\{\w+\} (homes|people|residents|buildings|facilities|subjects)\b", text
            ), key


# --- classes of homes, by hand --------------------------------------------------------------------


def street_study(*, data_east_m: float = 9000.0, listed: bool = True) -> Study:
    """One street along y = 0; the only school stands at x = 0 and may be 500 m away."""
    east_m = [0, 250, 251, 500, 501, 750, 751, 1000, 1001, 1900]
    homes = [(float(x), 0.0) for x in east_m] + [(300.0, 900.0)]
    base = town_inputs()
    boxes = np.array([shapely.box(-100, -100, 2100, 1100)], dtype=object)
    circles = replace(
        base.circles, circle_id=("c1",), name=("one",), level=("15min",), polygons=boxes,
        total_population=np.full(1, np.nan), inside_data=np.ones(1),
    )  # fmt: skip
    return analyse(
        replace(
            base,
            network=grid_city(20, 1),
            demand=people_at(homes, people=[10.0] * len(homes)),
            facilities=shops_at([("primary_school", 0.0, 0.0)]),
            circles=circles,
            data_area=shapely.box(-5000.0, -5000.0, data_east_m, 5000.0),
            evidence=replace(
                base.evidence,
                table_elements=frozenset({"junior_middle_school"}) if listed else frozenset(),
            ),
        ),
        StudyParameters(),
    )


def classes_of(study: Study, element_id: str) -> list[HomeClass]:
    every = np.ones(len(study.inputs.demand), dtype=bool)
    found = home_classes(study, study.reach.column(element_id), every)
    return [HomeClass(one) for one in found.tolist()]


def test_classes_follow_the_threshold() -> None:
    c = HomeClass
    assert classes_of(street_study(), "primary_school") == [
        c.HALF, c.HALF, c.WITHIN, c.WITHIN, c.NEAR, c.NEAR, c.FAR, c.FAR, c.NONE, c.NONE, c.UNLINKED,
    ]  # fmt: skip


def test_homes_near_the_end_of_the_data_are_marked() -> None:
    found = classes_of(street_study(data_east_m=1250.0), "primary_school")
    assert found[6] is HomeClass.EDGE  # 751 m east: the data ends 499 m further
    assert found[5] is HomeClass.NEAR  # 750 m east: exactly the threshold away
    assert found[3] is HomeClass.WITHIN


def test_absence_that_proves_nothing_is_not_called_none() -> None:
    assert set(classes_of(street_study(), "junior_middle_school")[:-1]) == {HomeClass.NONE}
    untold = street_study(listed=False)
    row = next(r for r in untold.assessment.rows if r.element_id == "nursery")
    assert row.verdict == "not_assessed"
    assert set(classes_of(untold, "nursery")[:-1]) == {HomeClass.UNTOLD}


# --- size -----------------------------------------------------------------------------------------


def test_a_city_of_22000_homes_stays_below_10_mb(study: Study) -> None:
    n, reach, rng = 22_000, study.reach, np.random.default_rng(4)
    e, k = len(reach.element_ids), len(study.inputs.facilities)
    xy = [(float(x), float(y)) for x, y in rng.uniform((0, 0), (3200, 2000), (n, 2))]
    walk_m = rng.uniform(0, 2000, (n, e))
    points = replace(study.points, point_first=np.arange(n + 1, dtype=np.int32))
    big = replace(
        study,
        gaps=(),
        inputs=replace(study.inputs, demand=people_at(xy, people=[9.7] * n)),
        walks=replace(study.walks, points=points),
        measured=replace(
            study.measured,
            points=points,
            reach=replace(
                reach,
                walk_m=walk_m,
                walk_s=walk_m * rng.uniform(0.8, 1.4, (n, e)),
                nearest=rng.integers(0, k, (n, e)).astype(np.int32),
                covered=walk_m <= reach.threshold_m,
                covered_certain=walk_m <= reach.threshold_m,
                stretch=walk_m / reach.threshold_m,
                edge_m=np.full(n, 9000.0),
            ),
        ),
    )
    assert len(study_map(big).encode()) < 6_000_000


@pytest.mark.shared_data
@pytest.mark.slow
def test_las_palmas_stays_below_10_mb(shared_data: Path) -> None:
    inputs = read_inputs(
        InputRequest(
            source=shared_data / "las_palmas_2023.osm.pbf",
            circles=shared_data / "las_palmas_school_districts_epsg5635.geojson",
        )
    )
    study = analyse(inputs, StudyParameters())
    text = study_map(study)
    assert len(text.encode()) < 10_000_000
    data = data_of(text)
    assert len(data["circles"]["id"]) == 29
    assert sum(data["circles"]["homes"]) == int(inputs.demand.is_building.sum()) > 5000

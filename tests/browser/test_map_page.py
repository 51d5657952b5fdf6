"""The map page in headless Chromium without a network: it works, and nothing in it executes."""

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from importlib import resources
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from playwright.sync_api import Browser, Page, sync_playwright

from analysis.judgement.assessment import Assessment
from analysis.messages import message
from analysis.notices import notice
from analysis.places.circles import Circles
from analysis.study import Study, StudyParameters, analyse
from analysis.testing.cities import on_hills, people_at
from service.maps import study_map
from service.maps.encoding import grid_at, pack_column, pack_positions
from tests.compute.test_lacking import old_people
from tests.map_worlds import NAMES, town_inputs, town_study

pytestmark = pytest.mark.browser

PAYLOADS = {
    "html": "<img src=x onerror=\"window.__pwned=1;document.title='pwned'\">",
    "script": "</script><script>window.__pwned=1;document.title='pwned'</script>",
    "comment": "<!--<script>window.__pwned=1</script>-->",
    "backtick": "`;window.__pwned=1;`",
    "dollar": "${window.__pwned=1}",
    "braces": "{{7*7}}",
    "raw": "{% raw %}x{% endraw %}{% for i in (1,2) %}y{% endfor %}",
    "jinja_comment": "a{# gone #}b",
    "cycler": "{{cycler.__init__.__globals__.os.popen(dict(id=1)|join).read()}}",
    "quotes": '"\'\\" onmouseover="window.__pwned=1" x=\'',
    "placeholder": "{title} {count} $& $1",
    "separators": "a\u2028b\u2029c",
    "nul": "a\x00b",
    "override": "abc\u202egnp.exe",
    "entity": "&lt;b&gt; &amp; &#60;",
}


def chromium() -> str | None:
    named = os.environ.get("CHROMIUM_PATH", "/usr/bin/chromium")
    return named if Path(named).exists() else shutil.which("chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    assert path is not None, "these tests need Chromium (deselect them with -m 'not browser')"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def study() -> Study:
    return town_study(data_area=town_inputs(data_east_m=3400.0).data_area)


# Keeps what is written on each canvas since it was last cleared by a new size.
WRITTEN = """
window.__written = new Map();
const write = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const at = this.getTransform().transformPoint({ x, y });
    if (!window.__written.has(this.canvas)) window.__written.set(this.canvas, []);
    window.__written.get(this.canvas).push([text, at.x, at.y, this.measureText(text).width / 2]);
    return write.apply(this, arguments);
};
const width = Object.getOwnPropertyDescriptor(HTMLCanvasElement.prototype, 'width');
Object.defineProperty(HTMLCanvasElement.prototype, 'width', {
    get() { return width.get.call(this); },
    set(value) { window.__written.delete(this); width.set.call(this, value); },
});
"""


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


class Opened:
    """A page with everything that went wrong on it and everything it asked for."""

    def __init__(
        self, browser: Browser, file: Path, *, width: int = 1280, height: int = 800, query: str = ""
    ) -> None:
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
        self.page: Page = context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda m: self.said.append(m.text))
        self.page.on("pageerror", lambda e: self.said.append(str(e)))
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.add_init_script(WRITTEN)
        self.page.goto(file.as_uri() + query)
        self.page.wait_for_selector("#elements", state="attached")

    def written(self) -> list[tuple[str, float, float, float]]:
        """Return the texts on the map's canvas: middle and half width, in pixels of the screen."""
        return [
            tuple(one)
            for one in self.page.evaluate(
                """() => {
                    const canvas = document.querySelector('.study-canvas');
                    const box = canvas.getBoundingClientRect();
                    const size = [box.width / canvas.width, box.height / canvas.height];
                    return (window.__written.get(canvas) || []).map(([text, x, y, half]) => (
                        [text, box.left + x * size[0], box.top + y * size[1], half]));
                }"""
            )
        ]

    def box(self, selector: str) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of an element."""
        found = self.page.eval_on_selector(
            selector, "node => { const b = node.getBoundingClientRect(); "
            "return [b.left, b.top, b.right, b.bottom]; }",
        )  # fmt: skip
        return tuple(found)

    def text(self, selector: str) -> str:
        return self.page.eval_on_selector(selector, "node => node.textContent")

    def choose(self, element_id: str) -> None:
        number = self.page.evaluate(
            "id => JSON.parse(document.getElementById('study').textContent)"
            ".elements.findIndex((one) => one.id === id)",
            element_id,
        )
        self.page.select_option("#element", str(number))

    def click_at(self, study: Study, xy_m: tuple[float, float], zoom: int = 17) -> None:
        lon, lat = study.inputs.crs.unproject(np.array([xy_m])).tolist()[0]
        x, y = self.page.evaluate(
            """([lat, lon, zoom]) => {
                map_study.setView([lat, lon], zoom, { animate: false });
                const point = map_study.latLngToContainerPoint([lat, lon]);
                const box = map_study.getContainer().getBoundingClientRect();
                return [box.left + point.x, box.top + point.y];
            }""",
            [lat, lon, zoom],
        )
        self.page.mouse.click(x, y)

    def picture(self) -> str:
        """Return the map's canvas as it stands."""
        return self.page.eval_on_selector(".study-canvas", "canvas => canvas.toDataURL()")

    def ink(self) -> int:
        """Return how many pixels of the map's canvas are painted."""
        return self.page.eval_on_selector(
            ".study-canvas",
            """canvas => {
                const data = canvas.getContext('2d')
                    .getImageData(0, 0, canvas.width, canvas.height).data;
                let n = 0;
                for (let i = 3; i < data.length; i += 4) n += data[i] > 0;
                return n;
            }""",
        )


@pytest.fixture
def open_study(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Return what opens the map of a study; the pages close after the test."""
    pages: list[Opened] = []

    def opened(study: Study, **how: Any) -> Opened:
        file = tmp_path / f"map{len(pages)}.html"
        file.write_text(study_map(study), "utf-8")
        pages.append(Opened(browser, file, **how))
        return pages[-1]

    yield opened
    for one in pages:
        one.page.context.close()


@pytest.fixture
def town(open_study: Callable[..., Opened], study: Study) -> Opened:
    return open_study(study)


def assert_quiet(opened: Opened) -> None:
    assert opened.said == []
    assert [url for url in opened.asked if not url.startswith("file:")] == []
    assert len(opened.asked) == 1


def test_page_opens_without_a_network(town: Opened, tmp_path: Path) -> None:
    assert town.page.evaluate("L.version") == "1.9.4"
    assert town.ink() > 10_000
    shot = town.page.screenshot(path=str(tmp_path / "overview.png"))
    assert len(shot) > 20_000
    assert "OpenStreetMap" in town.text("#attribution")
    assert "ODbL" in town.text("#attribution")
    assert town.text("#statement") == "项目自拟标准，非官方清单"
    assert "2026-11-01" in town.text("#subtitle")
    assert town.page.is_visible(".leaflet-control-scale-line")
    assert_quiet(town)


def test_overview_counts_the_verdicts(town: Opened, study: Study) -> None:
    rows = study.assessment.of_circle("*")
    n = {v: sum(r.verdict == v for r in rows) for v in ("met", "weak", "short", "not_assessed")}
    assert town.text("#tally") == (
        f"达标 {n['met']} / 基本达标 {n['weak']} / 不达标 {n['short']} / 未评价 {n['not_assessed']}"
    )
    missing = town.page.locator("#missing li").all_text_contents()
    names = [study.inputs.standard.element(i).name.zh for i in study.assessment.missing("*")]
    assert missing == names


def test_chooser_has_25_elements_in_nine_groups(town: Opened) -> None:
    assert town.page.locator("#element option").count() == 26
    groups = town.page.locator("#element optgroup").evaluate_all("all => all.map(one => one.label)")
    assert "".join(groups) == "教文卫体老幼食住行"


def test_choosing_an_element_recolours_and_explains(town: Opened, study: Study) -> None:
    before = town.page.screenshot()
    town.choose("primary_school")
    assert town.page.screenshot() != before
    row = next(r for r in study.assessment.of_circle("*") if r.element_id == "primary_school")
    assert row.coverage.reason.text("zh") in town.text("#chosen")
    reach = study.reach
    column = reach.column("primary_school")
    half = int((reach.walk_m[:, column] <= 250).sum())
    people = study.inputs.demand.people[reach.walk_m[:, column] <= 250].sum()
    assert f"{half:,} / {people:,.0f}" in town.text("#legend")
    gaps = [gap for gap in study.gaps if gap.element_id == "primary_school"]
    assert town.page.locator("#gaps tbody tr").count() == len(gaps) > 0
    assert_quiet(town)


def test_table_click_chooses_the_element(town: Opened, study: Study) -> None:
    name = study.inputs.standard.element("pharmacy").name.zh
    town.page.locator("#elements button", has_text=name).click()
    assert name in town.text("#chosen h2")
    assert town.page.locator("#element").input_value() == str(
        [e.id for e in study.inputs.standard.elements].index("pharmacy")
    )


def test_chooser_works_from_the_keyboard(town: Opened) -> None:
    town.page.focus("#element")
    town.page.keyboard.press("ArrowDown")
    town.page.keyboard.press("Enter")
    town.page.wait_for_selector("#chosen")
    assert town.page.evaluate("document.activeElement.id") == "element"


def test_language_switch_changes_everything(town: Opened, study: Study) -> None:
    town.choose("pharmacy")
    town.page.click("#language")
    assert town.page.get_attribute("html", "lang") == "en"
    assert town.text("#statement") == "Project profile, not the official list"
    body = "".join(
        town.text(one)
        for one in ("#subtitle", "#legend", "#panel-body", "#choosers", "#attribution")
    )
    for name in NAMES:
        body = body.replace(name, "")
    assert [c for c in body if "\u4e00" <= c <= "\u9fff"] == []
    town.page.click("#language")
    assert town.page.get_attribute("html", "lang") == "zh-CN"
    assert_quiet(town)


def test_home_says_what_it_has(town: Opened, study: Study) -> None:
    column = study.reach.column("primary_school")
    home = int(np.flatnonzero(study.reach.covered[:, column])[0])
    town.choose("primary_school")
    town.click_at(study, tuple(study.inputs.demand.xy_m[home]), zoom=18)
    town.page.wait_for_selector(".card")
    text = town.text(".card")
    nearest = study.inputs.facilities.name[study.reach.nearest[home, column]]
    assert study.inputs.demand.point_id[home] in text
    assert nearest in text
    assert f"{study.reach.walk_m[home, column]:,.0f} 米" in text
    assert "分钟" in text


def test_home_in_the_overview_lists_what_it_lacks(town: Opened, study: Study) -> None:
    town.click_at(study, tuple(study.inputs.demand.xy_m[5]), zoom=18)
    town.page.wait_for_selector(".card")
    assert "已评价的" in town.text(".card")
    assert town.page.locator(".card .chip").count() > 0


def test_facility_card_shows_its_provenance(town: Opened, study: Study) -> None:
    facilities = study.inputs.facilities
    row = facilities.status.index("construction")
    town.choose(facilities.element_id[row])
    town.click_at(study, tuple(facilities.xy_m[row]))
    town.page.wait_for_selector(".card")
    text = town.text(".card")
    for expected in (facilities.name[row], facilities.source_id[row], "设施表", "在建", "出入口"):
        assert expected in text


def test_gap_list_opens_the_gap(town: Opened, study: Study) -> None:
    town.page.locator("#gaps button").first.click()
    town.page.wait_for_selector(".card")
    assert not overlap(town.box("#legend"), town.box(".leaflet-popup-content-wrapper"))
    first = study.gaps[0]
    assert study.inputs.standard.element(first.element_id).name.zh in town.text(".card")
    assert f"{first.people:,.0f} 人" in town.text(".card")


def test_edge_of_data_is_announced(town: Opened, open_study: Callable[..., Opened]) -> None:
    assert "数据边缘" in town.text("#banner")
    assert town.page.is_visible("#banner")
    calm = open_study(town_study())
    assert not calm.page.is_visible("#banner")


@pytest.mark.parametrize("layer", ["circles", "homes", "gaps", "facilities", "streets"])
def test_layers_can_be_hidden(town: Opened, layer: str) -> None:
    town.choose("primary_school")
    before = town.page.screenshot()
    town.page.uncheck(f"#show-{layer}")
    assert town.page.screenshot() != before
    assert not town.page.is_checked(f"#show-{layer}")


def test_phone_has_a_folding_panel(open_study: Callable[..., Opened], study: Study) -> None:
    phone = open_study(study, width=390, height=844)
    assert not phone.page.is_visible("#panel-body")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    phone.page.click("#fold")
    assert phone.page.is_visible("#panel-body")
    assert phone.page.get_attribute("#fold", "aria-expanded") == "true"
    assert_quiet(phone)


def test_phone_shows_a_gap_from_the_list(open_study: Callable[..., Opened], study: Study) -> None:
    phone = open_study(study, width=390, height=844)
    phone.page.click("#fold")
    phone.page.locator("#gaps button").first.click()
    phone.page.wait_for_selector(".card")
    assert not phone.page.is_visible("#panel-body")
    assert phone.page.get_attribute("#fold", "aria-expanded") == "false"
    assert phone.page.evaluate("map_study.getZoom()") > 13.5
    west, south, east, north = study.gaps[0].shape.bounds
    corners = study.inputs.crs.unproject(np.array([[west, south], [east, north]])).tolist()
    seen = phone.page.evaluate(
        "corners => corners.every(([lon, lat]) => map_study.getBounds().contains([lat, lon]))",
        corners,
    )
    assert seen
    phone.page.wait_for_timeout(400)  # the map moves to make room for the card
    assert_apart(phone, ".leaflet-popup-content-wrapper")
    assert_quiet(phone)


FURNITURE = ("#legend", "#north", ".leaflet-control-zoom", ".leaflet-control-scale", "#attribution")


def assert_apart(opened: Opened, *more: str) -> None:
    """Whatever stands on the map stands clear of everything else on it."""
    boxes = {one: opened.box(one) for one in (*FURNITURE, *more) if opened.page.is_visible(one)}
    for one in boxes:
        for other in boxes:
            if one < other:
                assert not overlap(boxes[one], boxes[other]), (one, other)


@pytest.mark.parametrize(
    ("width", "height"), [(390, 844), (360, 640), (844, 390), (1024, 768), (1100, 700), (1280, 800)]
)
def test_nothing_on_the_map_overlaps(
    open_study: Callable[..., Opened], study: Study, width: int, height: int
) -> None:
    opened = open_study(study, width=width, height=height)
    assert_apart(opened)
    opened.choose("primary_school")
    assert_apart(opened)
    if width <= 760:
        opened.page.click("#fold")
        assert_apart(opened)


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (1100, 700)])
def test_on_a_narrow_map_legend_and_card_take_turns(
    open_study: Callable[..., Opened], study: Study, width: int, height: int
) -> None:
    opened = open_study(study, width=width, height=height)
    is_open = "details => details.open"
    assert not opened.page.eval_on_selector("#legend details", is_open)
    opened.page.click("#legend summary")
    assert opened.page.eval_on_selector("#legend details", is_open)
    opened.page.locator("#gaps button").first.click()
    opened.page.wait_for_selector(".card")
    opened.page.wait_for_timeout(400)
    assert not opened.page.eval_on_selector("#legend details", is_open)
    assert_apart(opened, ".leaflet-popup-content-wrapper")
    opened.page.click("#legend summary")
    opened.page.wait_for_selector(".card", state="detached")
    assert_apart(opened)


# --- language of the address ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "language"),
    [("", "zh-CN"), ("?lang=en", "en"), ("?lang=zh", "zh-CN"), ("?x=1&lang=en-GB", "en"),
     ("?lang=fr", "zh-CN"), ("?lang=<script>", "zh-CN")],
)  # fmt: skip
def test_address_chooses_the_language(
    open_study: Callable[..., Opened], study: Study, query: str, language: str
) -> None:
    opened = open_study(study, query=query)
    assert opened.page.get_attribute("html", "lang") == language
    assert opened.text("#language") == ("English" if language == "zh-CN" else "Chinese (中文)")
    assert_quiet(opened)


def test_address_chooses_the_language_in_a_sandbox(
    browser: Browser, study: Study, tmp_path: Path
) -> None:
    (tmp_path / "map.html").write_text(study_map(study), "utf-8")
    around = tmp_path / "around.html"
    around.write_text('<iframe sandbox="allow-scripts" src="map.html?lang=en"></iframe>', "utf-8")
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(around.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("#elements").wait_for(state="attached")
    assert frame.locator("html").get_attribute("lang") == "en"
    context.close()


# --- numbers on the screen ------------------------------------------------------------------------


def figures_in(text: str) -> list[int]:
    return [int(one.replace(",", "")) for one in re.findall(r"\d[\d,]*", text)]


def test_legend_panel_sentence_and_gaps_agree(open_study: Callable[..., Opened]) -> None:
    rng = np.random.default_rng(11)
    inputs = town_inputs()
    people = rng.uniform(0.2, 30.0, 1200)
    uneven = town_study(demand=replace(inputs.demand, people=people))
    opened = open_study(uneven, query="?lang=en")
    for circle in (*range(4), 4):
        opened.page.select_option("#circle", str(circle))
        opened.choose("primary_school")
        circle_id = (*uneven.inputs.circles.circle_id, "*")[circle]
        row = next(
            r for r in uneven.assessment.of_circle(circle_id) if r.element_id == "primary_school"
        )
        rows = opened.page.locator(".legend-part:has(#show-homes) .figure").all_text_contents()
        of_class = [figures_in(one) for one in rows]
        total = round(row.figures.people)
        assert sum(one[1] for one in of_class) == total
        assert (
            sum(one[0] for one in of_class)
            == figures_in(opened.text("#legend > details > .note"))[0]
        )
        assert figures_in(opened.text("#legend > details > .note"))[1] == total
        facts = opened.text("#chosen .facts")
        assert f"{of_class[0][1] + of_class[1][1]:,} of {total:,}" in facts
        assert row.coverage.reason.text("en") in opened.text("#chosen")
        # The cell of the table and the sentence below it.
        cell = opened.page.locator("#elements tr.head.chosen .number").text_content()
        assert row.coverage.reason.text("en").startswith(cell.split(" / ")[0])
        gaps = [
            gap for gap in uneven.gaps
            if gap.element_id == "primary_school" and circle_id in ("*", gap.circle_id)
        ]  # fmt: skip
        shown = opened.page.locator("#gaps tbody tr td:nth-child(3)").all_text_contents()
        assert shown == [f"{gap.people:,.0f}" for gap in gaps]
        # Whoever lacks capacity may be missing one too: people are counted of missing groups only.
        missing = [gap for gap in gaps if gap.kind == "missing"]
        in_all = f"{len(missing):,} / {sum(gap.people for gap in missing):,.0f} people"
        assert in_all in opened.text(".legend-part:has(#show-gaps)")


def test_half_goes_to_the_even_neighbour(town: Opened) -> None:
    source = (resources.files("service.maps") / "static/text.js").read_text("utf-8")
    rounded = re.search(r"function rounded\(value\) \{.*?\n\}", source, re.DOTALL)[0]
    values = [0.5, 1.5, 2.5, 3.4999, 3.5001, 100.5, 101.5, 7.0]
    assert town.page.evaluate(
        f"values => {{ {rounded}; return values.map(rounded); }}", values
    ) == [round(one) for one in values]


def test_facilities_are_counted_in_the_chosen_circle(town: Opened, study: Study) -> None:
    town.choose("primary_school")
    here = [
        next(r for r in study.assessment.of_circle(one) if r.element_id == "primary_school")
        for one in (*study.inputs.circles.circle_id, "*")
    ]
    assert len({row.figures.facilities_inside for row in here}) > 1
    for circle, row in enumerate(here):
        town.page.select_option("#circle", str(circle))
        figures = town.page.locator(
            ".legend-part:has(#show-facilities) .legend-row:not(:has-text('不计入')) .figure"
        ).all_text_contents()
        assert sum(figures_in(one)[0] for one in figures) == row.figures.facilities_inside


def test_element_without_data_shows_no_figures(open_study: Callable[..., Opened]) -> None:
    evidence = replace(town_inputs().evidence, table_elements=frozenset())
    bare = town_study(evidence=evidence)
    row = next(r for r in bare.assessment.of_circle("*") if r.figures is not None
               and r.coverage.reason.key.startswith("verdict.no_data"))  # fmt: skip
    opened = open_study(bare, query="?lang=en")
    opened.choose(row.element_id)
    assert opened.page.locator("#elements tr.head.chosen .number").text_content() == "—"
    facts = opened.text("#chosen .facts")
    assert "0.0%" not in facts
    assert "0 of" not in facts
    assert "median" not in facts


def test_where_a_group_decides_the_panel_counts_it_beside_all_residents(
    open_study: Callable[..., Opened],
) -> None:
    study = old_people()  # 100 of 400 old and 600 of 1,000 residents are within the walk
    opened = open_study(study, query="?lang=zh")
    opened.choose("school")
    facts = opened.text("#chosen .facts")
    assert "步行可达的60岁以上人口（人）" in facts
    assert "100 / 400" in facts
    assert "步行可达人口（全体居民）" in facts
    assert "600 / 1,000 人" in facts


def test_beyond_the_search_is_told_in_metres(open_study: Callable[..., Opened]) -> None:
    study = town_study()
    row = next(
        r for r in study.assessment.of_circle("*")
        if r.figures is not None and r.verdict != "not_assessed" and r.figures.people_beyond > 0
    )  # fmt: skip
    limit_m = 2.0 * study.reach.threshold_m[study.reach.column(row.element_id)]
    opened = open_study(study, query="?lang=en")
    opened.choose(row.element_id)
    assert f"farthest over {limit_m:,.0f} m" in opened.text("#chosen .facts")
    assert (
        f"{row.figures.people_beyond:,.0f} people with none within {limit_m:,.0f} m"
        in opened.text("#chosen .facts")
    )


def test_each_element_says_who_walks_where_they_differ(open_study: Callable[..., Opened]) -> None:
    inputs = town_inputs()
    opened = open_study(analyse(inputs, StudyParameters(by_group=True)), query="?lang=en")
    for element_id, told in (
        ("primary_school", "child, 1.00 m/s"), ("community_canteen", "older adult, 0.90 m/s"),
        ("pharmacy", "adult, 1.20 m/s"),
    ):  # fmt: skip
        opened.choose(element_id)
        assert f"Walker{told}" in opened.text("#chosen .facts")
    assert "own users" in opened.text("#panel-body")
    assert_quiet(opened)
    off = open_study(analyse(inputs, StudyParameters()), query="?lang=en")
    off.choose("primary_school")
    assert "m/s" not in off.text("#chosen .facts")
    assert "own users" not in off.text("#panel-body")
    assert_quiet(off)


def test_under_minutes_the_page_speaks_of_minutes(open_study: Callable[..., Opened]) -> None:
    inputs = town_inputs()
    hills = on_hills(inputs.network, lambda x, y: 0.08 * np.abs(x - 1600.0) + 0.0 * y)
    study = analyse(
        replace(inputs, network=hills),
        StudyParameters(criterion="minutes", walker="older_adult"),
    )
    row = next(
        r for r in study.assessment.of_circle("*")
        if r.figures is not None and r.verdict != "not_assessed" and r.figures.people_beyond > 0
        and np.isfinite(r.figures.walk_median_s)
    )  # fmt: skip
    minutes = study.inputs.standard.element(row.element_id).minutes
    opened = open_study(study, query="?lang=en")
    opened.choose(row.element_id)
    facts = opened.text("#chosen .facts")
    assert f"{minutes:.0f} min" in facts
    assert f"farthest over {2 * minutes:.0f} min" in facts
    assert f"with none within {2 * minutes:.0f} min" in facts
    median_min = round(row.figures.walk_median_s / 60, 1)
    assert f"median {median_min:g} min" in facts
    assert f"median {row.figures.walk_median_m:,.0f} m" in facts
    assert facts.index("Walking times") < facts.index("median")  # what decides comes first
    assert facts.index("Walking times") < facts.index("Walksmedian")
    legend = opened.text("#legend")
    assert "Walking time to the nearest facility" in legend
    assert f"≤ {minutes:.0f} min (reached)" in legend
    assert f"≤ {1.5 * minutes:g} min (1.5×)" in legend or f"≤ {1.5 * minutes:.1f} min" in legend
    assert "Median walk (min)" in opened.text("#gaps")
    panel = opened.text("#panel-body")
    assert "older adult" in panel
    assert "with slopes and steps" in panel
    assert "walking time in minutes" in panel
    level = open_study(town_study(), query="?lang=en").text("#panel-body")
    assert "on level ground" in level
    assert_quiet(opened)


def test_a_walk_names_the_measure_that_decides_first(open_study: Callable[..., Opened]) -> None:
    for criterion in ("minutes", "metres"):
        study = analyse(town_inputs(), StudyParameters(criterion=criterion))
        column = study.reach.column("primary_school")
        home = int(np.flatnonzero(study.reach.covered[:, column])[0])
        opened = open_study(study, query="?lang=en")
        opened.choose("primary_school")
        opened.click_at(study, tuple(study.inputs.demand.xy_m[home]), zoom=18)
        opened.page.wait_for_selector(".card")
        said = r"\d+ min|\d+\.\d min", r"\d+ m"
        first, other = said if criterion == "minutes" else reversed(said)
        assert re.search(rf"({first}) \(({other})\)", opened.text(".card"))


def test_one_of_a_thing_is_written_in_the_singular(open_study: Callable[..., Opened]) -> None:
    inputs = town_inputs()
    home = replace(people_at([(400.0, 500.0)], people=[1.0]), circle=np.zeros(1, dtype=np.int32))
    told = notice("x", message("source.node_lost"), ["node/1"], "warning")
    lonely = town_study(demand=home, notices=(told,), facilities=inputs.facilities)
    opened = open_study(lonely, query="?lang=en")
    assert "1 residential building, 1 person" in opened.text("#panel-body")
    assert "In all 1 home, 1 person" in opened.text("#legend")
    assert "1 subject" in opened.text("#notices")
    opened.choose("primary_school")
    for selector in ("#panel-body .facts", "#legend", "#gaps"):
        if opened.page.locator(selector).count() > 0:
            assert not re.search(r"\b1 (homes|people|buildings|subjects)", opened.text(selector))


# --- the map's own writing ------------------------------------------------------------------------


def crowded() -> Study:
    """The town cut into 40 circles of 320 × 250 m."""
    inputs = town_inputs()
    spots = [(x, y) for y in range(8) for x in range(5)]
    boxes = [shapely.box(x * 640, y * 250, (x + 1) * 640, (y + 1) * 250) for x, y in spots]
    circles = Circles(
        circle_id=tuple(f"c{n:02d}" for n in range(40)),
        name=tuple(f"生活圈名称很长的第 {n} 号片区 circle" for n in range(40)),
        level=("15min",) * 40,
        polygons=np.array(boxes, dtype=object),
        total_population=np.full(40, np.nan),
        inside_data=np.ones(40),
    )
    demand = replace(inputs.demand, circle=circles.locate(inputs.demand.xy_m))
    return town_study(circles=circles, demand=demand)


def test_map_knows_its_own_size(open_study: Callable[..., Opened], study: Study) -> None:
    for calm in (study, town_study()):
        opened = open_study(calm, width=390, height=844)
        for _ in range(2):
            left, top, right, bottom = opened.box("#map-box")
            size = opened.page.evaluate("[map_study.getSize().x, map_study.getSize().y]")
            assert size == pytest.approx([right - left, bottom - top], abs=1.0)
            opened.page.click("#language")


def assert_legible(opened: Opened, every: Iterable[int] = ()) -> None:
    """No text leaves the map or runs under what stands on it, no number hides another."""
    written = opened.written()
    zones = [opened.box(one) for one in FURNITURE if opened.page.is_visible(one)]
    frame = opened.box("#map-box")
    for text, x, y, half in written:
        box = (x - half, y - 5, x + half, y + 5)
        assert frame[0] <= box[0] <= box[2] <= frame[2], text
        assert frame[1] <= box[1] <= box[3] <= frame[3], text
        assert not any(overlap(box, zone) for zone in zones), text
    spots = {text: (x, y) for text, x, y, _ in written if text.isdigit()}
    assert set(map(str, every)) <= set(spots)
    for one, other in combinations(sorted(spots), 2):
        (x, y), (to_x, to_y) = spots[one], spots[other]
        assert abs(x - to_x) >= 16 or abs(y - to_y) >= 16, (one, other)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844), (1024, 768)])
def test_every_circle_is_named_or_numbered(
    open_study: Callable[..., Opened], width: int, height: int
) -> None:
    opened = open_study(crowded(), width=width, height=height)
    assert_legible(opened, every=range(1, 41))
    opened.page.evaluate("map_study.setZoom(map_study.getZoom() - 0.7, { animate: false })")
    assert_legible(opened, every=range(1, 41))
    for right, down in ((350, -100), (-250, -250), (-200, 250)):
        opened.page.evaluate("by => map_study.panBy(by, { animate: false })", [right, down])
        assert_legible(opened)
    key = opened.page.locator("#circles tbody tr").evaluate_all(
        "rows => rows.map((row) => [row.cells[0].textContent, row.cells[1].textContent])"
    )
    assert [one[0] for one in key] == [str(n) for n in range(1, 41)]
    assert "第 7 号片区" in key[7][1]


def test_four_circles_carry_their_names(town: Opened) -> None:
    texts = [one[0] for one in town.written()]
    assert set(NAMES) <= set(texts)
    assert not any(one.isdigit() for one in texts)


def test_long_name_is_wrapped_whole(open_study: Callable[..., Opened], study: Study) -> None:
    circles = replace(
        study.inputs.circles, name=("全部范围 whole extent", *study.inputs.circles.name[1:])
    )
    opened = open_study(replace(study, inputs=replace(study.inputs, circles=circles)))
    assert "全部范围 whole extent" in " ".join(one[0] for one in opened.written())


def test_circle_of_which_little_is_judged_is_not_painted_as_met(
    open_study: Callable[..., Opened], study: Study
) -> None:
    rows = []
    for row in study.assessment.rows:
        judged = ("park_green_space", "pharmacy", "bus_stop", "primary_school")
        verdict = "met" if row.element_id in judged else "not_assessed"
        rows.append(replace(row, verdict=verdict if row.circle_id == "c1" else "met"))
    few = replace(study, assessment=Assessment(rows=tuple(rows)))
    opened = open_study(few, query="?lang=en")
    texts = [one[0] for one in opened.written()]
    assert "4 met · 21 not assessed" in texts
    assert texts.count("25 of 25 met") == 3
    counts = opened.page.locator(
        ".legend-part:has(#show-circles) .legend-row .figure"
    ).all_text_contents()
    assert counts == ["0", "0", "0", "0", "3", "1"]


def test_homes_leave_the_colours_of_the_overview_alone(town: Opened) -> None:
    changed = []
    for element_id, zoom in ((None, 12), (None, 15), ("primary_school", 12)):
        if element_id is not None:
            town.choose(element_id)
        town.page.evaluate("zoom => map_study.setZoom(zoom, { animate: false })", zoom)
        with_homes = town.picture()
        town.page.uncheck("#show-homes")
        changed.append(town.picture() != with_homes)
        town.page.check("#show-homes")
    assert changed == [False, True, True]


# --- paper ----------------------------------------------------------------------------------------


def test_paper_has_no_controls_and_everything_else(town: Opened, study: Study) -> None:
    town.choose("primary_school")
    assert not town.page.eval_on_selector("#notices", "one => one.open")
    town.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert town.page.eval_on_selector("#notices", "one => one.open")
    assert "node/1" in town.text("#notices")
    assert town.page.eval_on_selector("#legend details", "one => one.open")
    for control in (
        "input",
        "select",
        "#language",
        "#fold",
        ".screen-only",
        ".leaflet-control-zoom",
    ):
        for one in town.page.locator(control).all():
            assert not one.is_visible(), control
    assert town.page.locator("#circles tbody tr").count() == 4
    town.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert not town.page.eval_on_selector("#notices", "one => one.open")
    assert town.page.is_visible("#element")
    assert_quiet(town)


def test_paper_lists_up_to_200_gaps(open_study: Callable[..., Opened], study: Study) -> None:
    many = replace(study, gaps=tuple(replace(study.gaps[0], rank=rank) for rank in range(1, 231)))
    opened = open_study(many, query="?lang=en")
    assert opened.page.locator("#gaps tbody tr").count() == 50
    assert "180 more; gaps.geojson holds them all." in opened.text("#panel-body")
    opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert opened.page.locator("#gaps tbody tr").count() == 200
    assert "30 more; gaps.geojson holds them all." in opened.text("#panel-body")


def test_paper_keeps_rows_and_short_tables_whole(town: Opened) -> None:
    town.page.emulate_media(media="print")
    town.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    for selector in ("#gaps tbody tr", "#elements tbody", "#circles"):
        inside = "node => getComputedStyle(node).breakInside"
        assert town.page.eval_on_selector(selector, inside) == "avoid"
    head = "node => getComputedStyle(node).display"
    assert town.page.eval_on_selector("#gaps thead", head) == "table-header-group"


def test_page_prints(town: Opened, tmp_path: Path) -> None:
    town.choose("primary_school")
    paper = town.page.pdf(path=str(tmp_path / "map.pdf"), prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")
    assert paper.count(b"/Type /Page\n") >= 2
    assert town.page.get_attribute("html", "class") in (None, "")
    assert_quiet(town)


# --- hostile texts --------------------------------------------------------------------------------


def hostile(study: Study, payload: str) -> Study:
    inputs = study.inputs
    n = len(inputs.facilities)
    return replace(
        study,
        inputs=replace(
            inputs,
            title=payload,
            data_date=payload,
            circles=replace(inputs.circles, name=(payload, *NAMES[1:])),
            facilities=replace(
                inputs.facilities, name=(payload,) * n, attributes=({payload: payload},) * n
            ),
            demand=replace(inputs.demand, point_id=(payload, *inputs.demand.point_id[1:])),
        ),
        notices=(notice("x", message("source.remark", remark=payload), [payload], "warning"),),
    )


@pytest.mark.parametrize("name", sorted(PAYLOADS))
def test_hostile_text_is_shown_as_it_is(
    open_study: Callable[..., Opened], study: Study, name: str
) -> None:
    payload = PAYLOADS[name]
    evil = hostile(study, payload)
    opened = open_study(evil)
    assert opened.text("#title .given") == payload
    assert opened.text("#subtitle .given:last-child") == payload
    assert opened.page.locator("#circle option").nth(1).evaluate("o => o.textContent") == payload
    assert opened.text("#circles tbody .given") == payload
    opened.page.click("#notices > summary")
    opened.page.click("#notices details > summary")
    opened.page.wait_for_selector(".subjects")
    assert opened.text(".subjects .given") == payload
    assert payload in opened.text("#notices li p")
    opened.choose("primary_school")
    row = int(evil.inputs.facilities.of_element("primary_school")[0])
    opened.click_at(evil, tuple(evil.inputs.facilities.xy_m[row]))
    opened.page.wait_for_selector(".card")
    assert opened.text(".card h3 .given") == payload
    assert opened.text(".card details dt .given") == payload
    assert opened.text(".card details dd .given") == payload
    opened.click_at(evil, tuple(evil.inputs.demand.xy_m[0]), zoom=19)
    opened.page.wait_for_function(
        "payload => [...document.querySelectorAll('.card .given')]"
        ".some((one) => one.textContent === payload)", arg=payload,
    )  # fmt: skip
    assert opened.page.evaluate("window.__pwned") is None
    assert opened.page.title() != "pwned"
    assert opened.page.locator("img, iframe, object").count() == 0
    assert_quiet(opened)


# --- the page's decoder against the writer --------------------------------------------------------


def test_script_decodes_what_was_written(browser: Browser) -> None:
    context = browser.new_context(offline=True)
    blank = context.new_page()
    blank.add_script_tag(content=(resources.files("service.maps") / "static/decode.js").read_text())
    lonlat = np.random.default_rng(1).uniform((-15.6, 28.0), (-15.3, 28.2), (200, 2))
    grid = grid_at(-15.45, 28.1)
    world = blank.evaluate(
        "([text, grid]) => Array.from(positionsOf(text, grid))",
        [pack_positions(grid.steps(lonlat)), grid.json()],
    )
    lon = np.array(world[0::2]) / 256 * 360 - 180
    y = np.array(world[1::2]) / 256
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y))))
    assert np.abs(np.column_stack([lon, lat]) - lonlat).max() < 0.51e-5
    for values in ([0, 255], [0, 65535], [7, 70000, 2**32 - 1]):
        packed = pack_column(np.array(values))
        assert blank.evaluate("packed => Array.from(columnOf(packed))", packed) == values
    context.close()

"""The map page in headless Chromium without a network: it works, and nothing in it executes."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from analysis.messages import message
from analysis.notices import notice
from analysis.study import Study
from service.maps import study_map
from service.maps.encoding import grid_at, pack_column, pack_positions
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


class Opened:
    """A page with everything that went wrong on it and everything it asked for."""

    def __init__(
        self, browser: Browser, file: Path, *, width: int = 1280, height: int = 800
    ) -> None:
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
        self.page: Page = context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda m: self.said.append(m.text))
        self.page.on("pageerror", lambda e: self.said.append(str(e)))
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.goto(file.as_uri())
        self.page.wait_for_selector("#elements", state="attached")

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

    def opened(study: Study, **size: int) -> Opened:
        file = tmp_path / f"map{len(pages)}.html"
        file.write_text(study_map(study), "utf-8")
        pages.append(Opened(browser, file, **size))
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

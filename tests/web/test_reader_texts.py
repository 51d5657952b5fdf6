"""What people read: the words of codes, our own refusals, tables that fit, figures that decide."""

import csv
import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from rich.console import Console

from analysis.certainty.certificate import agreement_share
from analysis.coordinates.check import deciding_text
from analysis.coordinates.fit import ReadingFit
from analysis.coordinates.reading import parse_reading
from analysis.documents.diagnosis import figure_rows
from analysis.errors import InvalidFacilitiesError, InvalidStandardError, NotOnNetworkError
from analysis.isochrones.isochrone import isochrones, prepare_place
from analysis.linking.link_notices import _islands
from analysis.linking.linkable import LinkRules, linkable_arcs
from analysis.messages import LANGUAGES, Message, Name, message
from analysis.sources.files.columns import Problem, raise_problems
from analysis.standard.difference import StandardChange
from analysis.streets.barriers import no_barriers
from analysis.study import Study
from analysis.testing.cities import street_city
from analysis.testing.studies import small_study
from analysis.walking import ArcFlag, WalkProfile
from service.cli import main
from service.commands import circles as circles_command
from service.commands.console import Speaker
from service.commands.isochrone import area_text
from service.commands.misuse import misuse
from service.commands.standard_diff import _tally
from service.commands.summary import _warnings
from service.reports.workbook import assessment_workbook
from tests.diagnosis_city import homes, school, schools, study_of

CODES = {
    "verbatim", "secondary", "memory", "default", "population", "population_60plus", "osm",
    "table", "open", "construction", "closed", "high", "medium", "low", "very_low", "DEFAULT",
}  # fmt: skip


@pytest.fixture(scope="module")
def study() -> Study:
    """Return a study with figures in all four dimensions, one of them only for a person to judge."""
    shown = replace(school(), id="academy", name=Name("学院", "academy"))
    return study_of(
        homes([(100.0, 500.0), (900.0, 300.0)]), schools([(200.0, "400"), (850.0, None)]), shown,
        school(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def book(study: Study, tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    path = tmp_path_factory.mktemp("words") / "a.xlsx"
    assessment_workbook(study, path)
    return openpyxl.load_workbook(path)


def test_no_sheet_shows_a_bare_code(book: openpyxl.Workbook) -> None:
    shown = {
        (sheet.title, cell.value)
        for sheet in book.worksheets
        for row in sheet.iter_rows(min_row=2)
        for cell in row
        if cell.value in CODES
    }
    assert shown == set()


def test_codes_are_said_in_both_languages(book: openpyxl.Workbook) -> None:
    figures = {cell.value for row in book["四维指标 Figures"].iter_rows() for cell in row}
    assert {"规模 scale", "项目默认 this project’s default"} <= figures
    about = {cell.value for row in book["说明 About"].iter_rows() for cell in row}
    assert "判据 criterion: 米 metres" in about


def test_figures_say_whether_they_decide(study: Study) -> None:
    rows = figure_rows(study)
    assert {row["decides"] for row in rows} == {"yes", "shown", "open"}
    assert {row["decides"] for row in rows if row["metric"] == "2sfca"} <= {"shown", "open"}
    for row in rows:
        assert (row["decides"] == "yes") is (row["verdict"] != "not_assessed")
        assert (row["decides"] == "open") is (row["value"] is None and row["decides"] != "yes")


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ("Invalid value for '--fill-holes-below': Input should be greater than or equal to 0",
         "api.value.least"),
        ("Invalid value for '--pairs': Input should be a valid integer, unable to parse string as",
         "api.value.whole"),
        ("Invalid value for '--walker': 'dog' is not one of 'adult', 'child'.", "cli.usage.choice"),
        ("Missing option '--at'.", "api.value.missing"),
        ("No such option: --nosuch (Possible options: --out)", "cli.usage.unknown_alike"),
        ("No such option: --nosuch", "cli.usage.unknown"),
        ("No such command 'x'.", "cli.usage.command"),
        ("Got unexpected extra argument(s) (a b)", "cli.usage.extra"),
    ],
)  # fmt: skip
def test_misuse_is_said_in_our_words(told: str, key: str) -> None:
    said = misuse(told)
    detail = said.args["detail"]
    assert isinstance(detail, Message)
    assert detail.key == key
    assert "Input should" not in said.text("zh") + said.text("en")


def test_a_wrong_number_is_refused_in_chinese(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "a.geojson")
    given = ["isochrone", "x", "--at", "1,2", "--out", out, "--fill-holes-below=-5"]
    assert main([*given, "--lang", "zh"]) == 2
    assert "--fill-holes-below 太小，不得小于 0。" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "data", "part"),
    [
        ("a.yaml", b"", "标准文件是空的"),
        ("a.csv", b"id,name\n1,x\n", "这不是标准文件"),
        ("a.bin", b"\x7fELF\x00\x01", "内容是二进制数据"),
        ("b.yaml", b"\x01\x02", "不是有效的 YAML"),
        ("c.yaml", b'a: [1\nb: "\n', "不是有效的 YAML"),
    ],
)
def test_what_is_no_standard_is_refused_in_our_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, data: bytes, part: str
) -> None:
    (tmp_path / name).write_bytes(data)
    assert main(["standard", "validate", str(tmp_path / name), "--lang", "zh"]) == 2
    told = capsys.readouterr().err
    assert part in told
    for foreign in ("object", "expected", "mapping values", "unicode", "found"):
        assert foreign not in told


def test_a_workbook_of_something_else_is_one_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assessment_workbook(small_study(), tmp_path / "a.xlsx")
    assert main(["standard", "validate", str(tmp_path / "a.xlsx"), "--lang", "en"]) == 2
    assert "The standard has 1 problem." in capsys.readouterr().err


def test_of_many_problems_fifty_are_told_and_the_rest_counted() -> None:
    problems = tuple(message("standard.empty") for _ in range(53))
    lines = InvalidStandardError(message("standard.invalid", count=53), problems=problems)
    assert len(lines.text("en").splitlines()) == 1 + 50 + 1
    assert "and 3 more" in lines.text("en")


def test_bad_cells_are_grouped_by_column_and_kind() -> None:
    why = message("table.bad_lon")
    problems = [Problem(row, "lon", str(row * 1000), why) for row in range(2, 302)]
    problems.append(Problem(7, "lat", "x", message("table.not_a_number")))
    with pytest.raises(InvalidFacilitiesError) as refused:
        raise_problems(problems, InvalidFacilitiesError, "a.csv", message("table.fix_rows.remedy"))
    text = refused.value.text("en")
    lines = [line for line in text.splitlines() if line.startswith("  - ")]
    assert len(lines) == 2
    assert "rows 2, 3, 4, 5, 6, 7, 8, 9 and 292 more, column “lon”" in text
    assert "“2000”, “3000”, “4000”…: longitude must lie" in text
    assert "row 7, column “lat”, value “x”: is no number" in text
    assert "第 2、3、4、5、6、7、8、9 行及另外 292 行" in refused.value.text("zh")


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("name,lon,lat\n", ("只有表头，没有数据行。建议：", "缺少列：element。建议：")),
        ("id,label\n1,a\n", ("缺少列：lon。建议：", "缺少列：element。建议：")),
    ],
)
def test_inspect_says_what_is_missing_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, parts: tuple[str, ...]
) -> None:
    (tmp_path / "a.csv").write_text(content, "utf-8")
    assert main(["inspect", str(tmp_path / "a.csv"), "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    for part in parts:
        assert part in told
    assert "--mapping" in told


@pytest.mark.parametrize(
    ("area_m2", "zh"),
    [(0.0, "0 平方米"), (3148.4, "3,148 平方米"), (9999.0, "9,999 平方米"), (1e4, "0.01 平方公里")],
)
def test_small_areas_are_square_metres(area_m2: float, zh: str) -> None:
    assert area_text(area_m2).text("zh") == zh


def test_shares_of_a_certificate_agree_and_never_round_up_to_all() -> None:
    assert agreement_share(0.9995) == "99.95%"
    assert agreement_share(0.99996) == "99.99%"
    assert agreement_share(1.0) == "100.00%"
    said = message(
        "certainty.statement", engine="V", version="3", walks=2000, rest="",
        share=agreement_share(0.9995), harmonised=agreement_share(1.0),
    )  # fmt: skip
    assert "99.95% agree" in said.text("en")


def test_hidden_warnings_are_counted_and_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notices = [
        {"code": str(n), "severity": "warning", "count": n, "zh": "某事", "en": "something"}
        for n in range(10)
    ]
    _warnings(Speaker("en"), {"notices": notices}, tmp_path / "out")
    told = capsys.readouterr().out
    assert told.count("something") == 4
    assert "something (9)" in told
    assert "6 more" in told
    assert "study.json" in told


def fit(system: str, inside: float, building: float, street: float) -> ReadingFit:
    return ReadingFit(
        reading=parse_reading(system), inside_share=inside, building_share=building,
        street_share=street, street_median_m=float("nan") if inside == 0 else 20.0,
        shift_m=500.0, better_t=5.0, peak_t=5.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("likely", "declared", "lead"),
    [
        (fit("gcj02", 1.0, 0.9, 0.6), fit("wgs84", 1.0, 0.2, 0.5), "90% of the points lie in or"),
        (fit("gcj02", 1.0, 0.2, 0.9), fit("wgs84", 1.0, 0.2, 0.3), "90% of the points lie within"),
        (fit("swapped", 1.0, 0.9, 0.9), fit("wgs84", 0.0, 0.0, 0.0), "100% of the points lie in"),
    ],
)
def test_the_figure_that_decides_leads(likely: ReadingFit, declared: ReadingFit, lead: str) -> None:
    assert lead in deciding_text(likely, declared).text("en")


def test_the_table_of_circles_fits_eighty_columns() -> None:
    from analysis.delineation.figures import CircleCheck, CircleChecks

    one = object.__new__(CircleCheck)
    for name, value in {
        "circle_id": "C1", "name": "城中村生活圈（一期与二期）", "people": 100_000.0, "homes": 12_345,
        "area_m2": 4.07e6, "compactness": 0.67, "walk_share": 0.44, "cuts": (), "overlaps": (),
    }.items():  # fmt: skip
        object.__setattr__(one, name, value)
    checks = object.__new__(CircleChecks)
    object.__setattr__(checks, "circles", (one,))
    for language in ("zh", "en"):
        table = circles_command._table(Speaker(language), checks)
        screen = Console(width=80, record=True, file=StringIO())
        screen.print(table)
        text = screen.export_text()
        assert "…" not in text
        for figure in ("100,000", "12,345", "4.07", "0.67", "44 %"):
            assert figure in text


def test_a_notice_names_what_it_is_about() -> None:
    from analysis.notices import notice

    subjects = [f"osm:relation/{n}" for n in range(7)]
    told = notice("source.relation_incomplete", message("source.relation_incomplete"), subjects)
    text = circles_command._named(told).text("en")
    assert "osm:relation/0, osm:relation/1" in text
    assert "and 2 more" in text


def test_the_figures_file_keeps_codes(study: Study, tmp_path: Path) -> None:
    from service.outputs import write_outputs

    write_outputs(study, tmp_path / "s", language="zh", run={})
    with (tmp_path / "s" / "figures.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {row["dimension"] for row in rows} >= {"scale", "efficiency"}
    assert {row["confidence"] for row in rows} == {"default"}
    document = json.loads((tmp_path / "s" / "study.json").read_text("utf-8"))
    assert document["parameters"]["criterion"] == "metres"


WHEELCHAIR = WalkProfile(name="wheelchair", speed_m_s=0.9, barred=ArcFlag.STEPS)
LINKS = LinkRules(near_m=50.0, snap_limit_m=200.0, min_component_share=0.2)


def test_advice_fits_the_cause_of_a_refusal() -> None:
    nodes = np.array([[0, 0], [100, 0], [100, 120], [0, 120]], float)
    network = street_city(nodes, [(0, 1), (1, 2), (2, 3)], flags=[int(ArcFlag.STEPS), 0, 0])
    place = prepare_place(network, no_barriers(), WHEELCHAIR, LINKS)
    with pytest.raises(NotOnNetworkError) as refused:
        isochrones((10.0, 0.0), (300.0,), place=place)
    for language in LANGUAGES:
        told = refused.value.text(language)
        assert "GCJ" not in told
        assert "lon,lat" not in told
        assert "--walker adult" in told
    with pytest.raises(NotOnNetworkError) as far:
        isochrones((5000.0, 5000.0), (300.0,), place=place)
    assert "GCJ-02" in far.value.text("en")


def test_the_count_of_islands_is_the_count_of_the_ways_that_the_text_names() -> None:
    nodes = np.array([[0, 0], [900, 0], [0, 300], [50, 300], [50, 350]], float)
    network = street_city(nodes, [(0, 1), (2, 3), (3, 4)])
    linkable = linkable_arcs(network, WHEELCHAIR, LINKS)
    told = _islands(replace(network, arc_way_id=np.array([7, 8, 9])), linkable, LINKS)
    assert told.count == 2
    assert told.text.text("en").startswith("2 ways in 1 island of streets (0.1 km in all")
    assert told.text.text("zh").startswith("2 条道路属于 1 处孤立路网")


def test_a_diff_of_standards_counts_what_is_dropped_added_and_changed() -> None:
    changes = tuple(
        StandardChange(kind=kind, element_id="a", element=Name("甲", "a"), path=path)
        for kind, path in (
            ("removed", ()), ("removed", ()), ("added", ()), ("changed", ("note",)),
        )
    )  # fmt: skip
    said = _tally(changes).text("en")
    assert said.startswith("From A to B: 2 elements dropped, 1 element added, 1 field differs")
    assert _tally(changes).text("zh").startswith("从前者到后者：去掉 2 个要素，新增 1 个要素")
    assert _tally(()).key == "standard.diff.same"

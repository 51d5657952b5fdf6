"""The workbook: five sheets, text that stays text, the same bytes twice."""

import openpyxl
import pytest

from analysis.testing.studies import small_study
from service.reports.workbook import MISSING_SHEET, assessment_workbook

SHEETS = [
    "说明 About", "评价 Assessment", "缺什么 Missing", "评分 Scores", "四维指标 Figures", "翻转 Flips",
    "现场核查 Field checks", "数据完整度 Data", "公平性 Equity", "缺口 Gaps", "设施 Facilities",
]  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "a.xlsx"
    assessment_workbook(small_study(), path)
    return openpyxl.load_workbook(path)


def column(sheet, english: str) -> int:
    heads = [cell.value for cell in sheet[1]]
    return next(i for i, head in enumerate(heads, 1) if head.split("\n")[1] == english)


def test_sheets_and_headers(book) -> None:
    assert book.sheetnames == SHEETS
    for name in SHEETS[1:]:
        sheet = book[name]
        assert sheet.freeze_panes.endswith("2")
        assert sheet.auto_filter.ref.startswith("A1:")
        for cell in sheet[1]:
            chinese, english = cell.value.split("\n")
            assert chinese
            assert english


def test_verdicts_are_coloured_and_shares_are_numbers(book) -> None:
    sheet = book["评价 Assessment"]
    verdict, share = column(sheet, "Verdict"), column(sheet, "Covered share")
    assert sheet.cell(2, verdict).value == "达标 met"
    assert sheet.cell(2, verdict).fill.fgColor.rgb == "FFD9EAD3"
    assert sheet.cell(4, verdict).value == "不达标 short"
    assert sheet.cell(4, verdict).fill.fgColor.rgb == "FFF4CCCC"
    assert sheet.cell(2, share).value == 1.0
    assert sheet.cell(2, share).number_format == "0.0%"
    assert sheet.max_row == 13


def test_missing_is_circle_by_circle(book) -> None:
    sheet = book["缺什么 Missing"]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    place = {name: i for i, (name, _) in enumerate(MISSING_SHEET)}
    listed = [(row[place["circle_name"]], row[place["element_en"]]) for row in rows]
    assert listed[:4] == [
        ("西圈", "clinic"), ("东圈", "market"), ("东圈", "school"), ("东圈", "clinic"),
    ]  # fmt: skip
    assert rows[0][place["people_lacking"]] == 600.0


def test_gaps_beyond_the_search_have_words_not_numbers(book) -> None:
    sheet = book["缺口 Gaps"]
    worst, note = column(sheet, "Worst walk (m)"), column(sheet, "Note on walks")
    assert sheet.cell(2, worst).value is None
    assert "1,000 m" in sheet.cell(2, note).value
    assert sheet.max_row == 9


def test_about_tells_statement_sources_and_denominators(book) -> None:
    text = "\n".join(
        f"{label}: {value}" for label, value in book["说明 About"].iter_rows(values_only=True)
    )
    for told in ("这是项目配置，不是官方标准。", "OpenStreetMap", "1,500 residents", "1" * 64,
                 "small.osm.pbf", "2026-01-01"):  # fmt: skip
        assert told in text


def test_the_same_study_gives_the_same_bytes(tmp_path, monkeypatch) -> None:
    import time

    assessment_workbook(small_study(), tmp_path / "a.xlsx")
    now = time.time() + 86400 * 400
    monkeypatch.setattr(time, "time", lambda: now)
    assessment_workbook(small_study(), tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "http://evil.example/", "{=1+1}", "x" * 40000]
)
def test_names_stay_text(tmp_path, name) -> None:
    path = tmp_path / "a.xlsx"
    assessment_workbook(small_study(circle_name=name, shop_name=name), path)
    book = openpyxl.load_workbook(path)
    shop = book["设施 Facilities"].cell(2, 3)
    assert shop.data_type == "s"
    assert shop.value[:32000] == name[:32000]
    assert shop.hyperlink is None
    for sheet in book:
        assert not [c for row in sheet.iter_rows() for c in row if c.data_type == "f"]


def test_control_characters_and_surrogates_do_not_break_the_file(tmp_path) -> None:
    path = tmp_path / "a.xlsx"
    assessment_workbook(small_study(shop_name="a\x00\x07\ud800b"), path)
    assert openpyxl.load_workbook(path)["设施 Facilities"].max_row == 3

"""Tables: encodings, delimiters, damaged files, workbooks, numbers and column names."""

import random
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import SourceDataError, SourceUnavailableError
from analysis.messages import phrase_table
from analysis.sources.files.columns import parse_number, plain, recognise, word
from analysis.sources.files.tables import read_table

CHINESE = "编号,名称,人口\n1,云岩区一号院,1024\n2,“花果园”,512\n"


def write(folder: Path, data: bytes | str, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def refusal(path: Path) -> SourceDataError:
    with pytest.raises(SourceDataError) as caught:
        read_table(path)
    for language in ("zh", "en"):
        assert path.name in caught.value.text(language)
        assert ("建议：" if language == "zh" else "Remedy: ") in caught.value.text(language)
    return caught.value


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gbk", "gb18030"), ("utf-16", "utf-16")],
)
def test_reads_chinese_in_every_common_encoding(tmp_path: Path, encoding: str, said: str) -> None:
    table = read_table(write(tmp_path, CHINESE.encode(encoding)))
    assert table.columns == ("编号", "名称", "人口")
    assert table.rows[1] == {"编号": "2", "名称": "“花果园”", "人口": "512"}
    assert table.encoding == said


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_finds_the_delimiter_even_among_others(tmp_path: Path, delimiter: str) -> None:
    lines = [["id", "name", "n"], ["1", "a, b; c", "5"], ["2", "d", "6"]]
    quoted = "\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    table = read_table(write(tmp_path, quoted))
    assert table.columns == ("id", "name", "n")
    assert [row["name"] for row in table.rows] == ["a, b; c", "d"]


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, 'id,name\n1,"two\nlines"\n,\n4,d\n\n\n'))
    assert table.row_numbers == (2, 4)
    assert [one.code for one in table.notices] == ["table.blank_rows"]
    assert table.notices[0].subjects == ("t.csv:3",)


def test_header_only_is_an_empty_table(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "id,name\n"))
    assert len(table) == 0
    assert table.columns == ("id", "name")


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "table.empty_file"),
        (b"\n \n,,\n", "table.one_column"),
        (b"id name n\n1 a 2\n", "table.one_column"),
        (b"id,name,id\n1,a,2\n", "table.duplicate_columns"),
        (b"id,,n\n1,a,2\n", "table.unnamed_column"),
        (b"id,n\n1,2\x00\n", "table.binary"),
        (b"\x81\xff\xff,\xff\n", "table.binary"),
        (b"PK\x03\x04....", "table.foreign"),
        (b"\xd0\xcf\x11\xe0....", "table.foreign"),
        (b"<html><table>", "table.foreign"),
        (b'id,n\n1,"2\n', "table.broken_quotes"),
    ],
)
def test_refuses_what_is_no_table(tmp_path: Path, data: bytes, key: str) -> None:
    assert refusal(write(tmp_path, data)).reason.key in (key, "table.empty_file")


@pytest.mark.parametrize(("line", "found"), [("3", 1), ("3,c,9,8", 4)])
def test_names_the_ragged_row(tmp_path: Path, line: str, found: int) -> None:
    error = refusal(write(tmp_path, f"id,name,n\n1,a,2\n{line}\n"))
    assert error.row == 3
    assert error.value == line
    assert f"{found} {'cell' if found == 1 else 'cells'}" in error.text("en")
    assert f"{found} 个单元格" in error.text("zh")


def test_names_the_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailableError, match=r"none\.csv"):
        read_table(tmp_path / "none.csv")


def workbook(folder: Path, rows: list[list[object]], name: str = "t.xlsx") -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder / name)
    return folder / name


def test_reads_the_first_sheet_as_text(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["名称", "人口"], ["甲", 1024], [None, None], ["乙", 0.5]])
    table = read_table(path)
    assert table.rows == ({"名称": "甲", "人口": "1024"}, {"名称": "乙", "人口": "0.5"})
    assert table.row_numbers == (2, 4)


def test_reports_formulas_without_a_value_and_other_sheets(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["name", "population"], ["a", "=1+1"]])
    book = openpyxl.load_workbook(path)
    book.create_sheet("第二页")
    book.save(path)
    table = read_table(path)
    assert table.rows[0]["population"] == ""
    assert {one.code: one.subjects for one in table.notices} == {
        "table.formulas": ("t.xlsx:B2",),
        "table.other_sheets": ("第二页",),
    }


def test_refuses_a_zip_bomb_unopened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (64 * 2**20))
    assert refusal(path).reason.key == "table.archive_bomb"


def test_refuses_text_named_xlsx_and_damaged_workbooks(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, "a,b\n", "t.xlsx")).reason.key == "table.not_an_archive"
    path = tmp_path / "hollow.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("nothing.txt", "x")
    assert refusal(path).reason.key == "table.damaged_workbook"


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,234", 1234), ("１２．５", 12.5), (" 7 ", 7), ("", None), ("-.5", -0.5), ("1e3", 1000)],
)
def test_parses_numbers(text: str, number: float | None) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["12人", "1,23", "nan", "inf", "1e999", "约100", "1 000", "--1"])
def test_refuses_to_guess_numbers(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_number(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_survive_their_text(number: float) -> None:
    assert parse_number(repr(number)) == number


@given(st.text())
def test_any_text_is_a_number_a_blank_or_refused(text: str) -> None:
    try:
        number = parse_number(text)
    except ValueError:
        return
    assert (number is None) == (plain(text) == "")


def test_columns_are_recognised_in_both_languages_and_told() -> None:
    columns = recognise(
        ["户籍人口", "常住人口(人)", "经度", "LAT", "面积(公顷)"],
        ("population", "lon", "lat", "area_m2"),
    )
    assert dict(columns.read_as) == {"population": "常住人口(人)", "lon": "经度", "lat": "LAT"}
    told = {one.code: one for one in columns.notices("t.csv")}
    assert told["table.column_passed_over"].subjects == ("户籍人口",)
    assert "经度 → lon" in told["table.columns_read"].text.text("zh")


def test_the_canonical_name_wins_over_an_alias() -> None:
    assert recognise(["名称", "name"], ("name",)).read_as == {"name": "name"}


def test_words_have_one_meaning() -> None:
    assert word("status_words", "在建") == "construction"
    assert word("status_words", "Ｏｐｅｎ ") == "open"
    assert word("status_words", "maybe") is None


def test_phrases_of_planners_files_are_complete() -> None:
    table = phrase_table()
    for key in ("table.ragged", "layer.swapped", "population.zero", "facility_table.bad_element"):
        assert set(table[key]) == {"zh", "en"}


def test_damaged_workbooks_are_read_or_refused(tmp_path: Path) -> None:
    sound = workbook(tmp_path, [["name", "population"], ["a", 1]]).read_bytes()
    dice = random.Random(0)
    refused = 0
    for _ in range(60):
        changed = bytearray(sound)
        for _ in range(dice.choice([1, 10, 100])):
            changed[dice.randrange(4, len(sound))] = dice.randrange(256)
        path = write(tmp_path, bytes(changed), "damaged.xlsx")
        try:
            read_table(path)
        except SourceDataError as error:
            assert error.source == "damaged.xlsx"
            refused += 1
    assert refused > 0

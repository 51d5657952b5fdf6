"""A standard as a workbook and back: nothing is lost, and mistakes are pointed to by their cell."""

import copy
from importlib import resources
from pathlib import Path

import openpyxl
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analysis.errors import InvalidStandardError, SourceDataError
from analysis.sources.standard_cells import CellError, cell_of, value_of
from analysis.sources.standard_sheets import VERSION
from analysis.sources.standard_workbook import read_standard_workbook
from analysis.sources.standards import (
    open_standard,
    packaged_standards,
    read_standard,
    validate_standard,
)
from analysis.standard.inheritance import plain
from service.reports.standard_workbook import standard_workbook
from tests.small_standard import PARENT

TEXT = st.text(min_size=1, max_size=40)
NUMBER = st.floats(allow_nan=False, allow_infinity=False) | st.integers()
SCALAR = TEXT | NUMBER | st.booleans() | st.none()
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def same(one: object, other: object) -> bool:
    """Compare as documents are compared: 1 is 1.0, but true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return (
        type(one) is type(other)
        and one == other
        or (isinstance(one, int | float) and isinstance(other, int | float) and one == other)
    )


def there_and_back(document: dict, folder: Path) -> object:
    path = folder / "standard.xlsx"
    standard_workbook(document, path)
    tree, problems = read_standard_workbook(path)
    assert problems == ()
    assert tree is not None
    return plain(tree)


@pytest.mark.parametrize("name", ["living_circle_25", "tdt1062_2021"])
def test_packaged_profiles_come_back_whole(name, tmp_path) -> None:
    assert name in packaged_standards()
    opened = open_standard(name)
    path = tmp_path / "标准.xlsx"
    standard_workbook(opened.document, path)
    back = open_standard(path)
    assert same(back.document, opened.document)
    assert back.standard == opened.standard  # the digest is one of its fields
    assert validate_standard(path) == ()
    first = path.read_bytes()
    standard_workbook(opened.document, path)
    assert path.read_bytes() == first


@pytest.mark.parametrize("name", ["living_circle_25", "tdt1062_2021"])
def test_the_order_of_elements_and_rows_is_kept(name, tmp_path) -> None:
    document = open_standard(name).document
    back = there_and_back(document, tmp_path)
    assert [one["id"] for one in back["elements"]] == [one["id"] for one in document["elements"]]
    for ours, theirs in zip(document["elements"], back["elements"], strict=True):
        assert ours.get("quality") == theirs.get("quality")
        assert ours["osm"]["any_of"] == theirs["osm"]["any_of"]


@given(value=VALUE)
@example(value="null")
@example(value="[not a list")
@example(value='"quoted"')
@example(value="!7")
@example(value="=1+1")
@example(value="_x000D_ and _x0041_")
@example(value=" leading\r\nand\ttrailing ")
@example(value="a\u2028b\x85c\x00d")
@example(value=["yes", "no", "1", 1, 1.5, None, True, "2020-01-01", "1:30", "", "~"])
@example(value={"isced:level": "1", "": {}})
@example(value={"\n": "\U00010000"})
@example(value=[0, "1e100"])
@example(value=0.1 + 0.2)
@example(value=2**60 + 1)
@example(value=5e-324)
@settings(max_examples=80, deadline=None)
def test_every_value_survives_its_cell(value) -> None:
    assert same(value_of(cell_of(value)), value)


@given(st.data())
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_random_edits_of_both_profiles_come_back(tmp_path, data) -> None:
    document = copy.deepcopy(
        dict(open_standard(data.draw(st.sampled_from(packaged_standards()))).document)
    )
    for _ in range(5):
        element = data.draw(st.sampled_from(document["elements"]))
        holder = data.draw(st.sampled_from([element, element["osm"], element["coverage"],
                                            document["profile"], element["quality"][0]]))  # fmt: skip
        holder[data.draw(st.sampled_from(["note", "meaning", "odd_field", "more"]))] = data.draw(
            VALUE
        )
    document["elements"] = data.draw(st.permutations(document["elements"]))
    assert same(there_and_back(document, tmp_path), document)


# --- a planner's hand --------------------------------------------------------------------------


@pytest.fixture
def edited(tmp_path):
    """Return a writer of the small standard's workbook with cells changed by `edit(book)`."""
    path = tmp_path / "edited.xlsx"
    document = yaml.safe_load(PARENT)
    document["profile"]["version"] = "1"

    def write(edit) -> Path:
        standard_workbook(document, path)
        book = openpyxl.load_workbook(path)
        edit({sheet.title.split()[-1]: sheet for sheet in book.worksheets} | {"book": book})
        book.save(path)
        return path

    return write


def cell(sheet, row: int, field: str):
    """Return the cell in `row` of the column whose id is `field`."""
    column = next(one.column for one in sheet[2] if one.value == field)
    return sheet.cell(row, column)


def test_a_planner_changes_a_number_in_excel(edited) -> None:
    def edit(sheets) -> None:
        cell(sheets["elements"], 3, "walk_threshold.metres").value = 650

    standard = read_standard(edited(edit))
    assert standard.elements[0].threshold_m == 650.0
    assert standard.elements[1].threshold_m == 300.0


def test_headings_stand_in_chinese_above_the_ids(edited) -> None:
    book = openpyxl.load_workbook(edited(lambda _sheets: None))
    sheet = next(one for one in book.worksheets if one.title == "要素 elements")
    column = next(one.column for one in sheet[2] if one.value == "walk_threshold.metres")
    assert sheet.cell(1, column).value.startswith("步行阈值")
    assert all(one.value for one in sheet[1])


def test_rows_columns_and_sheets_may_change_places_and_blanks_are_skipped(edited) -> None:
    def edit(sheets) -> None:
        sheets["book"].move_sheet("要素 elements", offset=5)
        sheets["book"].create_sheet("Sheet1")
        sheets["elements"].insert_rows(4, amount=2)
        sheets["osm"].insert_cols(1)

    before = read_standard(edited(lambda _sheets: None))
    assert read_standard(edited(edit)) == before


def test_a_new_element_is_a_new_row(edited) -> None:
    def edit(sheets) -> None:
        for name in ("elements", "osm", "osm_rules"):
            sheet = sheets[name]
            sheet.append([one.value for one in sheet[3]])
            last = sheet.max_row
            cell(sheet, last, "id" if name == "elements" else "@element").value = "college"
        for row in (3, 4):
            next(one for one in sheets["categories"][row] if one.value == 1).value = None

    standard = read_standard(edited(edit))
    assert [one.id for one in standard.elements] == ["school", "shop", "college"]
    assert standard.element("college").osm.any_of == standard.element("school").osm.any_of


@pytest.mark.parametrize(
    ("sheet", "row", "field", "value", "reason"),
    [
        ("elements", 3, "walk_threshold.metres", "=250*2", "standard.workbook.formula"),
        ("elements", 4, "tier", "7min", "standard.schema.enum"),
        ("elements", 3, "coverage.target", 9, "standard.schema.maximum"),
        ("elements", 3, "walk_threshold.metres", "far", "standard.schema.type"),
        ("elements", 3, "walk_threshold.source", "Z", "standard.source"),
        ("elements", 4, "planner_columns", "[id, name", "standard.yaml.syntax"),
        ("elements", 4, "gap_remedy", '"open one', "standard.cell.broken"),
        ("elements", 4, "gap_remedy", "!many", "standard.cell.broken"),
        ("osm", 3, "@element", "schol", "standard.workbook.element"),
        ("osm_rules", 3, "@list", None, "standard.workbook.no_list"),
        ("osm_rules", 3, "@list", "osm..any", "standard.workbook.path"),
        ("osm_rules", 3, "tags", "{amenity: {a: b}}", "standard.schema.type"),
        ("osm", 3, "@element", None, "standard.workbook.no_element"),
        ("profile", 4, "field", "profile.title zh", "standard.workbook.path"),
        ("profile", 4, "field", None, "standard.workbook.no_field"),
        ("profile", 4, "field", "schema_version", "standard.workbook.twice"),
        ("elements", 2, "tier", "category", "standard.workbook.heading"),
        ("elements", 2, "tier", None, "standard.workbook.no_heading"),
        ("elements", 2, "tier", "tear", "standard.schema.unknown"),
    ],
)  # fmt: skip
def test_each_mistake_names_sheet_row_and_column(edited, sheet, row, field, value, reason) -> None:
    at = []

    def edit(sheets) -> None:
        one = cell(sheets[sheet], row, field)
        one.value = value
        at.append((sheets[sheet].title, one.coordinate))

    problems = validate_standard(edited(edit))
    found = [one for one in problems if one.args["reason"].key == reason]
    assert found, [one.text("en") for one in problems]
    title, where = at[0]
    place = found[0].args["place"]
    assert place.args["sheet"] == title
    if value is not None and reason != "standard.schema.unknown":
        assert f"{place.args['column']}{place.args['row']}" == where
    assert title in found[0].text("zh")
    with pytest.raises(InvalidStandardError):
        read_standard(edited(edit))


def test_a_workbook_may_hold_only_what_it_changes(tmp_path) -> None:
    book = openpyxl.Workbook()
    profile, elements = book.active, book.create_sheet("要素 elements")
    profile.title = "标准 profile"
    for row in (
        ("字段", "值"), ("field", "value"), ("extends", "living_circle_25"),
        ("remove", "[bus_stop]"), ("profile.id", "thin"), ("profile.version", "1"),
        ("profile.title_zh", "薄"), ("profile.official", False), ("profile.statement_zh", "甲"),
        ("profile.statement_en", "a"),
    ):  # fmt: skip
        profile.append(row)
    for row in (("编号", "米", "来源", "可信度"),
                ("id", "walk_threshold.metres", "walk_threshold.source",
                 "walk_threshold.confidence"),
                ("pharmacy", 700, "DEFAULT", "default")):  # fmt: skip
        elements.append(row)
    book.save(tmp_path / "thin.xlsx")
    opened = open_standard(tmp_path / "thin.xlsx")
    assert opened.lineage == ("living_circle_25",)
    assert len(opened.standard.elements) == len(read_standard().elements) - 1
    assert opened.standard.element("pharmacy").threshold_m == 700.0


def test_dates_errors_merged_cells_and_foreign_sheets_are_refused(edited) -> None:
    import datetime as dt

    def edit(sheets) -> None:
        cell(sheets["elements"], 3, "tier").value = dt.date(2026, 5, 10)
        cell(sheets["elements"], 4, "tier").value = "#REF!"
        sheets["osm"].merge_cells("A3:B3")
        sheets["book"].create_sheet("算账").cell(1, 1).value = 1

    keys = {one.args["reason"].key for one in validate_standard(edited(edit))}
    assert {f"standard.workbook.{one}" for one in ("date", "error", "merged", "sheet")} <= keys


@pytest.mark.parametrize(("typed", "read"), [(2026.2, "2026.2"), (3, "3"), ("2026-trial", None)])
def test_a_version_that_excel_made_a_number_of_is_its_text(edited, typed, read) -> None:
    def edit(sheets) -> None:
        shown = next(row[2] for row in sheets["profile"].iter_rows() if row[0].value == VERSION)
        assert shown.number_format == "@"  # what is typed over it stays text
        shown.value = typed

    path = edited(edit)
    assert validate_standard(path) == ()
    assert read_standard(path).version == (read or typed)


def test_a_version_of_another_form_and_a_number_for_a_text_are_told_in_words(edited) -> None:
    def edit(sheets) -> None:
        shown = next(row[2] for row in sheets["profile"].iter_rows() if row[0].value == VERSION)
        shown.value = "版本 一"
        cell(sheets["elements"], 3, "name_zh").value = 12

    both = [one.text("zh") for one in validate_standard(edited(edit))]
    form = next(one for one in both if "版本 一" in one)
    assert "英文字母、数字" in form
    assert "^" not in form
    number = next(one for one in both if "name_zh" in one)
    assert "单元格格式设为“文本”" in number
    assert '"12"' in number
    with pytest.raises(InvalidStandardError) as caught:
        open_standard(edited(edit))
    assert "单元格 标准 profile!C" in caught.value.text("zh")
    assert "行：" not in caught.value.text("zh").split("建议")[0]


def test_what_is_no_workbook(tmp_path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(SourceDataError):
        read_standard(path)
    book = openpyxl.Workbook()
    book.save(path)
    assert [one.args["reason"].key for one in validate_standard(path)][:1] == [
        "standard.workbook.empty"
    ]


def test_a_value_too_long_for_a_cell_is_refused_when_it_is_written(tmp_path) -> None:
    document = yaml.safe_load(PARENT)
    document["profile"]["status"] = "x" * 40_000
    with pytest.raises(InvalidStandardError) as caught:
        standard_workbook(document, tmp_path / "x.xlsx")
    assert "profile.status" in caught.value.text("zh") or "40000" in caught.value.text("zh")


def test_broken_cells() -> None:
    for text in ('"a', "!x", "[a", "{a", "!inf", "!1.e999"):
        with pytest.raises(CellError):
            value_of(text)
    assert value_of("nullable") == "nullable"
    assert resources.files("analysis.standards").joinpath("living_circle_25.yaml").is_file()

"""Columns guessed, shown and corrected."""

from pathlib import Path

import pytest

from analysis.errors import InvalidParameterError
from analysis.sources.files.columns import recognise, wanted_columns
from analysis.sources.files.mapping import ColumnMapping, read_mapping
from analysis.sources.table_inspection import inspect_table

FILES = (Path("/a/设施.csv"), Path("/b/parcels.gpkg"))


# --- guessing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "meaning", "how"),
    [
        ("capacity", "capacity", "exact"),
        ("ＣＡＰＡＣＩＴＹ", "capacity", "exact"),
        ("学位数", "capacity", "synonym"),
        ("学位数(个)", "capacity", "synonym"),
        ("学校名称", "name", "similar"),  # ends with 名称
        ("名称（全称）", "name", "similar"),
        ("现状学位数", "capacity", "similar"),
        ("Longtitude", "lon", "similar"),  # 9 of 10 letters agree with longitude
        ("building-m2", "building_m2", "similar"),
        ("lift_s", "lifts", "similar"),
    ],
)
def test_what_is_guessed_and_why(column: str, meaning: str, how: str) -> None:
    columns = recognise([column], wanted_columns("facilities"))
    assert dict(columns.read_as) == {meaning: column}
    assert dict(columns.how) == {meaning: how}
    assert columns.unused == ()


@pytest.mark.parametrize(
    "column",
    [
        "规划学位数",  # planned seats are no seats
        "联系人名称",  # a contact's name is no facility's
        "建设单位名称",
        "面积(公顷)",  # hectares are no square metres
        "一二三四五名称",  # more than four characters before
        "latte",  # near to nothing
        "备注",
        "fixtures_x",  # as like fixtures_f as fixtures_m
    ],
)
def test_what_is_not_guessed(column: str) -> None:
    columns = recognise([column], wanted_columns("facilities"))
    assert columns.read_as == {}
    assert columns.unused == (column,)


def test_numbers_in_a_name_must_agree() -> None:
    wanted = wanted_columns("population")
    assert recognise(["population_0_3"], wanted).read_as == {}
    assert recognise(["population-0_2"], wanted).read_as == {"pop_0_2": "population-0_2"}


def test_two_columns_alike_are_no_guess_and_a_known_one_goes_first() -> None:
    wanted = ("name",)
    assert recognise(["学校名称", "设备名称"], wanted).read_as == {}
    columns = recognise(["学校名称", "name"], wanted)
    assert columns.read_as == {"name": "name"}
    assert columns.unused == ("学校名称",)


def test_a_guess_is_a_warning_and_a_column_passed_over_too() -> None:
    columns = recognise(["学校名称", "学位", "学位数"], ("name", "capacity"))
    told = {one.code: (one.severity, one.subjects) for one in columns.notices("a.csv")}
    assert told["table.columns_guessed"] == ("warning", ("学校名称 → name",))
    assert told["table.column_passed_over"] == ("warning", ("学位数",))
    assert "--mapping" in columns.notices("a.csv")[1].text.text("zh")


# --- declaring ------------------------------------------------------------------------------------


def test_a_line_declares_columns_of_a_file() -> None:
    mapping = read_mapping(["设施.csv:全称=name, 学位 = 容量，备注=-"], FILES)
    declared = mapping.of("设施.csv", "facilities", ("全称", "学位", "备注", "名称"))
    assert declared == {"全称": "name", "学位": "capacity", "备注": None}
    assert mapping.of("parcels.gpkg", "parcels", ("x",)) == {}


def test_a_yaml_file_declares_many(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text("设施.csv:\n  'a,b=c': name\n  x: null\nparcels.gpkg:\n  k: kind\n", "utf-8")
    mapping = read_mapping([str(path), "设施.csv:y=capacity"], FILES)
    assert mapping.of("设施.csv", "facilities", ("a,b=c", "x", "y")) == {
        "a,b=c": "name",
        "x": None,
        "y": "capacity",
    }
    assert mapping.of("parcels.gpkg", "parcels", ("k",)) == {"k": "kind"}


def test_what_is_declared_goes_before_all_guessing() -> None:
    wanted = wanted_columns("facilities")
    columns = recognise(["name", "全称", "学位"], wanted, {"全称": "name", "学位": None})
    assert dict(columns.read_as) == {"name": "全称"}
    assert dict(columns.how) == {"name": "declared"}
    assert columns.passed_over == {"name": ("name",)}
    assert columns.unused == ("学位",)


@pytest.mark.parametrize(
    ("value", "columns", "key", "shown"),
    [
        ("设施.csv:学位=seatz", ("学位",), "mapping.no_meaning", "capacity"),
        ("设施.csv:学位=kind", ("学位",), "mapping.no_meaning", "capacity"),  # parcels have it
        ("设施.csv:座=capacity", ("学位", "名称"), "mapping.no_column", "学位"),
        ("设施.csv:a=name,b=名称", ("a", "b"), "mapping.twice", "a"),
    ],
)
def test_refuses_what_the_file_does_not_have(
    value: str, columns: tuple[str, ...], key: str, shown: str
) -> None:
    mapping = read_mapping([value], FILES)
    with pytest.raises(InvalidParameterError) as caught:
        mapping.of("设施.csv", "facilities", columns)
    assert caught.value.reason.key == key
    assert shown in caught.value.text("zh")
    assert "--mapping" in caught.value.text("en") or "FILE:COLUMN" in caught.value.text("en")


@pytest.mark.parametrize(
    ("values", "key"),
    [
        (["其他.csv:a=name"], "mapping.no_file"),
        (["a=name"], "mapping.form"),
        (["设施.csv:a"], "mapping.form"),
        (["设施.csv:a=name,a=id"], "mapping.form"),
        (["设施.csv:a=name", "设施.csv:a=id"], "mapping.both"),
    ],
)
def test_refuses_what_cannot_be_meant(values: list[str], key: str) -> None:
    with pytest.raises(InvalidParameterError) as caught:
        read_mapping(values, FILES)
    assert caught.value.reason.key == key


@pytest.mark.parametrize(
    "text", ["- a\n", "设施.csv: name\n", "设施.csv: {a: [b]}\n", "a: [\n", ""]
)
def test_refuses_yaml_of_another_shape(tmp_path: Path, text: str) -> None:
    path = tmp_path / "m.yml"
    path.write_text(text or "# nothing\n", "utf-8")
    with pytest.raises(InvalidParameterError) as caught:
        read_mapping([str(path)], FILES)
    assert caught.value.reason.key == "mapping.yaml"
    assert caught.value.source == "m.yml"


def test_no_mapping_declares_nothing() -> None:
    assert read_mapping([], FILES) == ColumnMapping({})


# --- shown before anything is computed ------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("名称,要素,经度,纬度", "facilities"),
        ("诉求内容,地址", "opinions"),
        ("地块编号,空间类型,权属", "parcels"),
        ("楼栋,层数,人口", "buildings"),
        ("小区名称,人口,经度,纬度", "population"),
    ],
)
def test_inspection_tells_what_a_table_is(tmp_path: Path, header: str, role: str) -> None:
    path = tmp_path / "表.csv"
    path.write_text(f"{header}\n{',' * header.count(',')}\n1{',' * header.count(',')}\n", "gb18030")
    found = inspect_table(path)
    assert found.reading.role == role
    assert found.encoding == "gb18030"


def test_inspection_names_what_is_lacking_and_heeds_the_mapping(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("学校,种类,p,q\n一小,小学,1,2\n", "utf-8")
    found = inspect_table(path, "facilities")
    assert found.lacking == (("element",), ("lon",), ("lat",))
    assert found.reading.unused == ("学校", "种类", "p", "q")
    assert found.examples["学校"] == ("一小",)
    mapped = inspect_table(path, "facilities", ["f.csv:种类=要素,p=lon,q=lat,学校=name"])
    assert mapped.lacking == ()
    assert [(one.column, one.meaning, one.how) for one in mapped.reading.columns] == [
        ("学校", "name", "declared"),
        ("种类", "element", "declared"),
        ("p", "lon", "declared"),
        ("q", "lat", "declared"),
    ]

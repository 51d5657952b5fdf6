"""A facility table whose element column or values are written another way: read, or proposed."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from analysis.crs import metric_crs
from analysis.errors import InputError
from analysis.sources.extent import StudyArea
from analysis.sources.files.columns import recognise, wanted_columns
from analysis.sources.files.mapping import read_mapping
from analysis.sources.opinions.words import ElementWords
from analysis.sources.services.tables import read_facility_table
from analysis.sources.standards import read_standard

STANDARD = read_standard()
SQUARE = shapely.box(-1500, -1500, 1500, 1500)
AREA = StudyArea(crs=metric_crs(106.70, 26.60), judged=SQUARE, read=SQUARE, data=SQUARE)


def written(folder: Path, column: str, *values: str) -> Path:
    path = folder / "设施.csv"
    rows = "".join(f"甲{i},{value},106.70,26.60\n" for i, value in enumerate(values))
    path.write_text(f"名称,{column},lon,lat\n{rows}", "utf-8")
    return path


@pytest.mark.parametrize(
    "column", ["要素类型", "要素类别", "设施要素", "设施类型", "服务设施类型", "Facility_Type"]
)
def test_the_column_of_elements_has_many_names(tmp_path: Path, column: str) -> None:
    (record,) = read_facility_table(written(tmp_path, column, "小学"), STANDARD, AREA).records
    assert record.element_id == "primary_school"
    assert recognise([column], wanted_columns("facilities")).how["element"] == "synonym"


@pytest.mark.parametrize("column", ["类型", "学校类型", "办学类型", "性质分类"])
def test_a_kind_of_something_else_is_no_element(column: str) -> None:
    assert "element" not in recognise([column], wanted_columns("facilities"))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("托育", ("nursery",)),
        ("停车场", ("public_parking",)),
        ("充电桩", ("ebike_charging",)),
        ("幼儿圆", ("kindergarten",)),
        ("社区卫生中心", ("community_health_center",)),  # 12 of 14 letters
        ("小学初中", ("junior_middle_school", "primary_school")),
        ("火锅店", ()),
        ("", ()),
    ],
)
def test_what_a_text_may_mean(said: str, meant: tuple[str, ...]) -> None:
    assert ElementWords(STANDARD).near(said) == meant


def test_unknown_values_are_refused_with_what_they_may_mean(tmp_path: Path) -> None:
    path = written(tmp_path, "要素", "托育", "停车场", "火锅店", "小学")
    with pytest.raises(InputError) as caught:
        read_facility_table(path, STANDARD, AREA)
    lines = caught.value.text("zh").splitlines()
    assert any("托育" in one and "是否指“托育机构”" in one for one in lines)
    assert any("停车场" in one and "是否指“公共停车场”" in one for one in lines)
    (hotpot,) = (one for one in lines if "火锅店" in one and one.strip().startswith("- "))
    assert "是否指" not in hotpot
    name = STANDARD.element("nursery").name.en
    assert f"did you mean “{name}”" in caught.value.text("en")


def test_a_table_without_elements_is_offered_both_ways(tmp_path: Path) -> None:
    path = written(tmp_path, "备注", "小学")
    with pytest.raises(InputError) as caught:
        read_facility_table(path, STANDARD, AREA)
    for language, column in (("zh", "列名=element"), ("en", "COLUMN=element")):
        said = caught.value.text(language)
        assert f"设施.csv:{column}" in said
        assert "设施.csv:*=" in said


def test_a_declared_element_goes_before_a_column_and_is_corrected_where_near(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, "类别", "民办")
    (record,) = read_facility_table(
        path, STANDARD, AREA, mapping=read_mapping(["设施.csv:*=小学"], [path])
    ).records
    assert record.element_id == "primary_school"
    assert np.isfinite(record.xy_m).all()
    with pytest.raises(InputError) as caught:
        read_facility_table(path, STANDARD, AREA, mapping=read_mapping(["设施.csv:*=托育"], [path]))
    assert '是否指“托育机构”？写成 --mapping "设施.csv:*=nursery"' in caught.value.text("zh")

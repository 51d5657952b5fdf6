"""Cells: what people write in a table where a yes, a no or a number is meant."""

import re
import unicodedata
from typing import Final

PARTLY: Final = 0.5  # between no, 0, and yes, 1
# What means that nobody knows.
BLANK: Final = frozenset((
    "-", "--", "/", "?", "unknown", "n/a", "na", "none", "null", "nan",
    "未知", "不详", "不明", "待查", "待核实", "暂无", "暂缺",
))  # fmt: skip
YES: Final = frozenset((
    "yes", "y", "true", "t", "designated", "√", "✓", "✔", "是", "有", "对",
    "具备", "配备", "已有", "已配", "已建", "达标", "合格", "完成", "已完成",
))  # fmt: skip
NO: Final = frozenset((
    "no", "n", "false", "f", "×", "✗", "x", "否", "无", "没有", "没", "不",
    "未", "缺", "不具备", "未配", "未建", "不达标", "不合格", "未完成",
))  # fmt: skip
_PART: Final = frozenset(
    ("limited", "partial", "partly", "partially", "部分", "局部", "部分有", "一部分")
)
_FIGURE: Final = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)"
_UNIT: Final = r"(%|万|公顷|ha|亩|km2|km|千米|公里|cm|厘米|mm|毫米|m2|m\^2|m)?"
_WORDS: Final = (
    r"(?:[\u3400-\u9fff/()\s]|people|persons?|pupils?|children|seats?|beds?|hours?|h|min)*"
)
_NUMBER: Final = re.compile(
    rf"(?:约|近|大约|不少于|≥|>=|~)?\s*{_FIGURE}\s*{_UNIT}{_WORDS}?"
    rf"(?:(?:-|–|—|~|至|到)\s*{_FIGURE}\s*{_UNIT})?{_WORDS}"
)
_TIMES: Final = {
    "万": 1e4, "公顷": 1e4, "ha": 1e4, "亩": 1e4 / 15.0, "km2": 1e6, "%": 0.01,
    "km": 1e3, "千米": 1e3, "公里": 1e3, "cm": 0.01, "厘米": 0.01, "mm": 0.001, "毫米": 0.001,
}  # fmt: skip
_PER_CENT: Final = 100.0
_LONGEST: Final = 60  # characters; more is a story


def plain(text: str) -> str:
    """Return `text` in NFKC (full-width → half-width), with single spaces, lower case."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def said_yes(text: str) -> float | None:
    """Return 1 for yes and numbers above 0, 0 for no, :data:`PARTLY`; None for all else.

    `text` is :func:`plain`.
    """
    if text in YES:
        return 1.0
    if text in NO:
        return 0.0
    if text in _PART:
        return PARTLY
    number = said_number(text, "count")
    return None if number is None else float(number > 0.0)


def said_number(text: str, unit: str) -> float | None:
    """Return the number in `text` (:func:`plain`), ≥ 0, in `unit`; None where there is none.

    Words of Chinese and thousands separators are let through (``约 1,200 人``), multiples of the
    metric units turned into metres and square metres (``2 公顷``), a range stands for its middle,
    *no* for 0. A ``share`` above 1 can only be per cent, and above 100 nothing.
    """
    if text in NO:
        return 0.0
    found = _NUMBER.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    low, low_unit, high, high_unit = found.groups()
    value = _scaled(low, low_unit or high_unit)
    if high is not None:
        upper = _scaled(high, high_unit or low_unit)
        if upper < value:
            return None
        value = (value + upper) / 2.0
    if unit == "share" and "%" not in (low_unit, high_unit) and value > 1.0:
        value /= _PER_CENT
    return None if unit == "share" and value > 1.0 else value


def _scaled(figure: str, unit: str | None) -> float:
    return float(figure.replace(",", "")) * _TIMES.get(unit or "", 1.0)

"""The phrase table: both languages everywhere, the same placeholders, no key missing."""

import re
import string
from pathlib import Path

import analysis
from analysis.errors import InvalidParameterError, SourceDataError
from analysis.messages import Joined, Name, message, phrase_table

ROOT = Path(analysis.__file__).resolve().parent.parent
LITERAL_KEY = re.compile(r"""\bmessage\(\s*"([a-z0-9_.]+)"[,)\s]""")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_placeholders() -> None:
    for key, phrase in phrase_table().items():
        assert phrase["zh"].strip() and phrase["en"].strip(), key
        assert placeholders(phrase["zh"]) == placeholders(phrase["en"]), key


def test_english_texts_hold_no_chinese_prose() -> None:
    # Chinese may stand in an English text as an example in brackets or quotes, never as its prose.
    for key, phrase in phrase_table().items():
        chinese = re.findall(r"[\u4e00-\u9fff]", phrase["en"])
        assert len(chinese) <= 0.5 * len(phrase["en"]), key


def test_every_key_named_in_the_code_exists() -> None:
    table = phrase_table()
    used = {
        (key, file.name)
        for package in ("analysis", "service")
        for file in (ROOT / package).rglob("*.py")
        for key in LITERAL_KEY.findall(file.read_text("utf-8"))
    }
    assert len(used) > 50
    assert not {(key, file) for key, file in used if key not in table}


def test_nested_texts_follow_the_language() -> None:
    names = Joined((Name("小学", "primary school"), Name("药店", "pharmacy")))
    told = message("verdict.needs_columns", columns=names)
    assert told.text("zh") == "需要列：小学、药店。"
    assert told.text("en") == "Needs column: primary school, pharmacy."
    assert Name("小学", "").text("en") == "小学"


def test_an_error_names_place_value_and_remedy_in_both_languages() -> None:
    error = SourceDataError(
        message("parameter.positive", name="population"),
        remedy=message("circles.none.remedy"),
        source="people.csv",
        row=7,
        value="-3",
    )
    assert error.text("en").startswith("people.csv, row 7: population must be greater than 0.")
    assert "(value: -3)" in error.text("en")
    assert "Remedy:" in error.text("en")
    assert error.text("zh").startswith("people.csv，第 7 行：population 必须大于 0。")
    assert str(error) == error.text("en")
    assert isinstance(error, ValueError)


def test_long_values_are_cut() -> None:
    error = InvalidParameterError(message("parameter.positive", name="x"), value="y" * 5000)
    assert len(error.text("en")) < 300

"""English counts agree with their nouns, and shares are printed with the decimals that they have."""

import re

import pytest

from analysis.messages import message, phrase_table


@pytest.mark.parametrize(
    ("key", "args", "one", "many"),
    [
        ("cli.planner.review", {}, "1 pair of facilities", "2 pairs of facilities"),
        ("parcels.overlap", {"source": "a.gpkg"}, "1 pair of parcels", "2 pairs of parcels"),
        ("osm_facilities.closed", {}, "1 facility is closed", "2 facilities are closed"),
        ("table.blank_rows", {"source": "a.csv"}, "1 blank row of", "2 blank rows of"),
        ("efficiency.facilities", {}, "1 facility", "2 facilities"),
        ("standard.invalid", {}, "1 problem.", "2 problems."),
    ],
)
def test_one_is_singular(key: str, args: dict[str, object], one: str, many: str) -> None:
    name = "facilities" if key.startswith("efficiency") else "count"
    assert one in message(key, **args, **{name: 1}).text("en")
    assert many in message(key, **args, **{name: 2}).text("en")
    assert many.replace("2", "0") in message(key, **args, **{name: 0}).text("en")


def test_a_number_that_is_printed_as_one_is_one() -> None:
    assert message("verdict.lacking", people=1.2).text("en") == "1 resident lacks one"
    assert message("verdict.lacking", people=1.6).text("en") == "2 residents lack one"
    assert message("verdict.lacking", people=1.2).text("zh") == "1 人步行不可达"


def test_a_written_number_counts_too() -> None:
    said = {"opinions": "1", "people": "1,001", "asked": "-"}
    text = message("cli.planner.opinions", **said).text("en")
    assert text.startswith("1 opinion of 1,001 people")


@pytest.mark.parametrize(
    ("share", "text"), [(0.9, "90%"), (0.925, "92.5%"), (1.0, "100%"), (2 / 3, "66.67%")]
)
def test_a_target_is_printed_in_full(share: float, text: str) -> None:
    said = message("sentence.coverage.population", share=0.5, target=share).text("en")
    assert f"(target {text})" in said


def test_no_english_count_stands_before_a_bare_plural() -> None:
    """What follows a count in English is chosen by that count."""
    nouns = "facilities|rows|pairs|homes|parcels|circles|opinions|islands|polygons|pieces|lines"
    bare = re.compile(r"\{(\w+)(?::[,.\df]*)?\} (?:" + nouns + r")\b")
    wrong = {
        key: phrase["en"]
        for key, phrase in phrase_table().items()
        if bare.search(phrase["en"]) and not key.endswith(".other")  # the page picks those itself
    }
    # “3 of 24 facilities”: what is counted is the whole, which has more than one by its nature.
    wrong = {key: text for key, text in wrong.items() if not re.search(r" of \{\w+[^}]*\} ", text)}
    assert wrong == {}

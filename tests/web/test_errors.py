"""One table of errors: every class has its place, every body the same shape, nothing leaks."""

import importlib
import pkgutil
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

import analysis
from analysis.errors import (
    AnalysisError,
    InvalidCirclesError,
    InvalidStandardError,
    NoResultError,
    NotOnNetworkError,
    SourceDataError,
    SourceUnavailableError,
)  # fmt: skip
from analysis.messages import message, phrase_table
from service.errors import OUTCOMES, http_problem, outcome, problem
from service.settings import Settings
from service.validation import refusal

FIELDS = {
    "type", "title", "status", "detail", "details", "source", "row", "value", "remedy", "remedies",
    "instance",
}  # fmt: skip


def every_error() -> set[type[AnalysisError]]:
    """Return all subclasses, wherever in the package they stand."""
    for module in pkgutil.walk_packages(analysis.__path__, "analysis."):
        if "place_download" not in module.name:  # a script of a child process
            importlib.import_module(module.name)
    found: set[type[AnalysisError]] = set()
    waiting = [AnalysisError]
    while waiting:
        for one in waiting.pop().__subclasses__():
            found.add(one)
            waiting.append(one)
    return found


def test_every_error_class_has_an_entry_of_its_own_kind() -> None:
    errors = every_error()
    assert len(errors) >= 12
    for one in errors:
        nearest = next(kind for kind in one.__mro__ if kind in OUTCOMES)
        assert nearest is not AnalysisError, one


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        (InvalidCirclesError, 422, 2), (NotOnNetworkError, 422, 2), (NoResultError, 404, 2),
        (SourceUnavailableError, 503, 2), (SourceDataError, 503, 2), (AnalysisError, 500, 1),
    ],
)  # fmt: skip
def test_statuses_and_exit_codes(kind, status, code) -> None:
    assert (outcome(kind).status, outcome(kind).exit_code) == (status, code)


def test_every_entry_has_a_title_in_both_languages() -> None:
    for entry in OUTCOMES.values():
        assert set(phrase_table()[f"api.problem.{entry.slug}"]) == {"zh", "en"}


def test_a_problem_names_the_file_without_its_folder() -> None:
    error = SourceDataError(
        message("parameter.positive", name="people"),
        remedy=message("circles.none.remedy"),
        source="/home/someone/secret/people.csv",
        row=7,
        value="-3\ud800",
    )
    body = problem(error, language="zh", instance="/api/v1/x")
    assert set(body) == FIELDS
    assert (body["source"], body["row"], body["value"]) == ("people.csv", 7, "-3?")
    assert body["details"] == {
        "zh": "people 必须大于 0。", "en": "people must be greater than 0.",
    }  # fmt: skip
    assert body["detail"] == body["details"]["zh"]
    assert body["status"] == 503
    assert body["type"] == "urn:living-circle:problem:source-data"
    assert "someone" not in str(body)


def test_a_standards_problems_are_listed() -> None:
    error = InvalidStandardError(
        message("parameter.positive", name="x"),
        problems=(message("circles.none"), message("circles.duplicate")),
    )
    body = problem(error, language="en", instance="")
    assert len(body["problems"]) == 2


@pytest.mark.parametrize("status", [404, 405, 418, 500])
def test_http_errors_have_the_same_shape(status) -> None:
    for language in ("zh", "en"):
        body = http_problem(status, language=language, instance="/x")
        assert set(body) == FIELDS
        assert body["status"] == status
        assert body["detail"] == body["details"][language]


def test_a_long_address_is_cut() -> None:
    body = http_problem(404, language="en", instance="/" + "x" * 5000)
    assert len(body["instance"]) == 200
    assert body["instance"].endswith("x…")
    assert http_problem(404, language="en", instance="/short")["instance"] == "/short"


class Everything(BaseModel):
    """One field for each way to be refused."""

    needed: int
    least: Annotated[float, Field(ge=-84)] = 0
    most: Annotated[float, Field(le=1000000)] = 0
    above: Annotated[float, Field(gt=0)] = 1
    below: Annotated[float, Field(lt=1)] = 0
    number: float = 0
    finite: Annotated[float, Field(allow_inf_nan=False)] = 0
    whole: int = 0
    choice: Literal["zh", "en"] = "zh"
    long: Annotated[str, Field(max_length=5)] = ""
    short: Annotated[str, Field(min_length=2)] = "xx"
    pattern: Annotated[str, Field(pattern="^[a-z]+$")] = "a"
    other: dict[str, int] = {}


@pytest.mark.parametrize(
    ("given", "key", "told"),
    [
        ({}, "missing", "needed"),
        ({"least": -85}, "least", "-84"),
        ({"most": 1e7}, "most", "1000000"),
        ({"above": 0}, "above", "0"),
        ({"below": 1}, "below", "1"),
        ({"number": "x"}, "number", "number"),
        ({"finite": "nan"}, "number", "finite"),
        ({"whole": "1.5"}, "whole", "whole"),
        ({"choice": "fr"}, "choice", "choice"),
        ({"long": "x" * 6}, "long", "5"),
        ({"short": "x"}, "short", "2"),
        ({"pattern": "1"}, "pattern", "pattern"),
        ({"other": "x"}, "other", "other"),
    ],
)
def test_every_kind_of_refusal_is_told_in_both_languages(given, key, told) -> None:
    start = {} if key == "missing" else {"needed": 1}
    with pytest.raises(ValidationError) as caught:
        Everything.model_validate({**start, **given})
    (first,) = caught.value.errors()
    found = refusal(first)
    assert found.reason.key == f"api.value.{key}"
    assert found.remedy is not None
    for language in ("zh", "en"):
        assert told in found.reason.text(language)
        assert first["msg"] not in found.text(language)
        assert found.remedy.text(language)
    # Chinese prose holds no English sentence: only names and values are in Latin letters.
    assert not any(word in found.text("zh") for word in ("Input", "should", "must", "String"))


def test_the_choices_stand_in_the_remedy() -> None:
    with pytest.raises(ValidationError) as caught:
        Everything.model_validate({"needed": 1, "choice": "fr"})
    remedy = refusal(caught.value.errors()[0]).remedy
    assert (remedy.text("zh"), remedy.text("en")) == ("可选：zh、en。", "Choose one of: zh, en.")


def test_settings_are_refused_in_the_same_words() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(port=99999)
    assert refusal(caught.value.errors()[0]).reason.text("zh") == "port 太大，不得大于 65535。"

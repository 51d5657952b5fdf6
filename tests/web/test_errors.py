"""One table of errors: every class has its place, every body the same shape, nothing leaks."""

import importlib
import pkgutil

import pytest

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
        (SourceUnavailableError, 503, 2), (SourceDataError, 502, 2), (AnalysisError, 500, 1),
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
    assert body["status"] == 502
    assert body["type"] == "urn:living-circle:problem:source-data"
    assert "someone" not in str(body)


def test_a_standards_problems_are_listed() -> None:
    error = InvalidStandardError(
        message("parameter.positive", name="x"),
        problems=(message("circles.none"), message("circles.duplicate")),
    )
    body = problem(error, language="en", instance="")
    assert len(body["problems"]) == 2


@pytest.mark.parametrize("status", [404, 405, 418, 422, 500])
def test_http_errors_have_the_same_shape(status) -> None:
    for language in ("zh", "en"):
        body = http_problem(status, language=language, instance="/x")
        assert set(body) == FIELDS
        assert body["status"] == status
        assert body["detail"] == body["details"][language]

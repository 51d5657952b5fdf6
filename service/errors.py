"""One table: which error class answers with which status, and ends the command with which code."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from analysis.documents.plain import plain_text
from analysis.errors import (
    AnalysisError,
    InputError,
    ManyProblemsError,
    NoResultError,
    NotOnNetworkError,
    SourceDataError,
    SourceError,
    SourceUnavailableError,
)  # fmt: skip
from analysis.messages import LANGUAGES, Language, Message, message

MEDIA_TYPE: Final = "application/problem+json"
EXIT_DONE: Final = 0
EXIT_BUG: Final = 1
EXIT_INPUT: Final = 2
EXIT_INTERRUPTED: Final = 130
_MAX_PATH: Final = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an error class means to whoever asked."""

    status: int
    exit_code: int
    slug: str


OUTCOMES: Final[Mapping[type[AnalysisError], Outcome]] = {
    InputError: Outcome(422, EXIT_INPUT, "invalid-input"),
    NotOnNetworkError: Outcome(422, EXIT_INPUT, "not-on-network"),
    NoResultError: Outcome(404, EXIT_INPUT, "no-result"),
    SourceUnavailableError: Outcome(503, EXIT_INPUT, "source-unavailable"),
    # A damaged study is our store's trouble, not a gateway's: it answers again once it is restored.
    SourceDataError: Outcome(503, EXIT_INPUT, "source-data"),
    SourceError: Outcome(503, EXIT_INPUT, "source"),
    AnalysisError: Outcome(500, EXIT_BUG, "analysis"),
}
# Errors of HTTP itself, which no analysis raises.
_HTTP_SLUGS: Final[Mapping[int, str]] = {
    404: "not-found", 405: "method-not-allowed", 500: "internal",
}  # fmt: skip


def outcome(kind: type[AnalysisError]) -> Outcome:
    """Return the entry of the nearest ancestor of `kind` in the table."""
    return next(OUTCOMES[one] for one in kind.__mro__ if one in OUTCOMES)


def problem(error: AnalysisError, *, language: Language, instance: str) -> dict[str, object]:
    """Return the problem+json body (RFC 9457) of an error that the analysis raised.

    Texts stand in `language` under ``title``, ``detail`` and ``remedy``, and in both under
    ``details`` and ``remedies``. A file is named without its folder.
    """
    entry = outcome(type(error))
    body = _body(entry.slug, entry.status, error.reason, error.remedy, language, instance)
    body["source"] = None if error.source is None else plain_text(PurePath(error.source).name)
    body["row"] = error.row if not isinstance(error.row, str) else plain_text(error.row)
    body["value"] = None if error.value is None else plain_text(error.value)
    if isinstance(error, ManyProblemsError):
        body["problems"] = [plain_text(one.text(language)) for one in error.problems]
    return body


def http_problem(status: int, *, language: Language, instance: str) -> dict[str, object]:
    """Return the same body for an error of HTTP: unknown path, wrong method, bug."""
    slug = _HTTP_SLUGS.get(status, "http")
    reason = message(f"api.problem.{slug}.detail")
    remedy = message(f"api.problem.{slug}.remedy")
    return _body(slug, status, reason, remedy, language, instance)


def cut_path(path: str) -> str:
    """Return an address for a log or an answer, cut to 200 characters."""
    return path if len(path) <= _MAX_PATH else path[: _MAX_PATH - 1] + "…"


def _body(
    slug: str,
    status: int,
    reason: Message,
    remedy: Message | None,
    language: Language,
    instance: str,
) -> dict[str, object]:
    return {
        "type": f"urn:living-circle:problem:{slug}",
        "title": message(f"api.problem.{slug}").text(language),
        "status": status,
        "detail": plain_text(reason.text(language)),
        "details": {one: plain_text(reason.text(one)) for one in LANGUAGES},
        "source": None,
        "row": None,
        "value": None,
        "remedy": None if remedy is None else plain_text(remedy.text(language)),
        "remedies": (
            None if remedy is None else {one: plain_text(remedy.text(one)) for one in LANGUAGES}
        ),
        "instance": cut_path(plain_text(instance)),
    }

"""Every refusal as problem+json: what the analysis raised, what HTTP refused, what we broke."""

import logging
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from analysis.documents.cutoffs import decimal
from analysis.documents.isochrones import swap_remedy
from analysis.errors import AnalysisError
from analysis.messages import Message
from service.api.answers import VARY_BY_LANGUAGE, json_answer
from service.api.languages import language_of
from service.api.methods import PLAIN_HEADERS, allowed
from service.errors import MEDIA_TYPE, cut_path, http_problem, outcome, problem
from service.validation import refusal

_LOG: Final = logging.getLogger("living_circle.service")
_SERVER_ERROR: Final = 500
_NOT_ALLOWED: Final = 405
_NO_CONTENT: Final = 204


def add_problem_handlers(app: FastAPI) -> None:
    """Let `app` answer every error with the same body."""
    app.add_exception_handler(AnalysisError, _analysis_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(Exception, _unexpected)


async def _analysis_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, AnalysisError):
        raise error
    return _refused(request, error)


async def _invalid_request(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    place = first["loc"][-1] in ("lon", "lat")
    return _refused(request, refusal(first, remedy=_swapped(request) if place else None))


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status, headers = error.status_code, dict(error.headers or {})
    if status == _NOT_ALLOWED:
        headers = {"Allow": allowed(request)}
        if request.method == "OPTIONS":
            return Response(status_code=_NO_CONTENT, headers=headers)
    answer = _problem(request, status, _http_body(request, status))
    answer.headers.update(headers)
    return answer


async def _unexpected(request: Request, error: Exception) -> Response:
    # The server logs the traceback; the client learns nothing of it.
    del error
    answer = _problem(request, _SERVER_ERROR, _http_body(request, _SERVER_ERROR))
    # This answer is given outside of the layers that do this for all others.
    for name, value in PLAIN_HEADERS:
        answer.headers[name.decode()] = value.decode()
    if request.method == "HEAD":
        answer.body = b""
    return answer


def _refused(request: Request, error: AnalysisError) -> Response:
    status = outcome(type(error)).status
    if status >= _SERVER_ERROR:
        _LOG.error("%s %s: %s", request.method, cut_path(request.url.path), error)
    body = problem(error, language=language_of(request), instance=request.url.path)
    return _problem(request, status, body)


def _http_body(request: Request, status: int) -> dict[str, object]:
    return http_problem(status, language=language_of(request), instance=request.url.path)


def _problem(request: Request, status: int, body: dict[str, object]) -> Response:
    answer = json_answer(request, body, media_type=MEDIA_TYPE)
    answer.status_code = status
    answer.headers["Content-Language"] = language_of(request)
    answer.headers.append(*VARY_BY_LANGUAGE)
    return answer


def _swapped(request: Request) -> Message | None:
    """Return the remedy where lon and lat were exchanged, None where nothing points to it."""
    try:
        lon, lat = (decimal(request.query_params[name]) for name in ("lon", "lat"))
    except (KeyError, ValueError):
        return None
    extent = request.app.state.studies.extent(str(request.path_params.get("study_id", "")))
    return swap_remedy((lon, lat), extent)

"""The web service: ``create_app(settings)``; nothing happens at import."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analysis import __version__
from analysis.errors import AnalysisError
from service.api import isochrones, pages, studies, system
from service.api.answers import json_answer
from service.api.languages import language_of
from service.api.schemas import Problem
from service.errors import MEDIA_TYPE, http_problem, outcome, problem
from service.library import StudyLibrary
from service.settings import Settings

_LOG: Final = logging.getLogger("living_circle.service")
_SERVER_ERROR: Final = 500
_INVALID: Final = 422
_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    code: {"model": Problem, "description": words, "content": {MEDIA_TYPE: {}}}
    for code, words in (
        (404, "Not found"), (422, "Invalid request"), (500, "Internal error"),
        (502, "Damaged data"), (503, "Source unavailable"),
    )
}  # fmt: skip

_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the service for `settings`; without them they are read from the environment.

    Run it with ``uvicorn --factory service.app:create_app`` or ``living-circle serve``.
    """
    chosen = Settings() if settings is None else settings

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.library = StudyLibrary(chosen.studies_folder, keep=chosen.open_studies)
        yield

    app = FastAPI(
        title="Living Circle",
        version=__version__,
        summary="Walking reach, verdicts and gaps of 15-minute living circles",
        description="Read-only. Map data: © OpenStreetMap contributors (ODbL 1.0).",
        docs_url=None,  # the stock pages load scripts from another site
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.settings = chosen
    for routes in (system, studies, isochrones, pages):
        app.include_router(routes.router, responses=_PROBLEMS)
    app.add_exception_handler(AnalysisError, _analysis_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(Exception, _unexpected)
    app.add_middleware(_PlainHeaders)
    return app


class _PlainHeaders:
    """Puts the protective headers on every answer that does not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(event: Message) -> None:
            if event["type"] == "http.response.start":
                own = {name.lower() for name, _ in event["headers"]}
                event["headers"] = [
                    *event["headers"], *(one for one in _HEADERS if one[0] not in own)
                ]  # fmt: skip
            await send(event)

        await self._app(scope, receive, send_with_headers)


async def _analysis_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, AnalysisError):
        raise error
    status = outcome(type(error)).status
    if status >= _SERVER_ERROR:
        _LOG.error("%s %s: %s", request.method, request.url.path, error)
    body = problem(error, language=language_of(request), instance=request.url.path)
    return _problem(request, body, status)


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    body = http_problem(error.status_code, language=language_of(request), instance=request.url.path)
    answer = _problem(request, body, error.status_code)
    answer.headers.update(error.headers or {})
    return answer


async def _invalid_request(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    given = first.get("input")
    body = http_problem(
        _INVALID,
        language=language_of(request),
        instance=request.url.path,
        source=str(first["loc"][-1]),
        value=None if given is None else str(given)[:120],
        detail=str(first["msg"]),
    )
    return _problem(request, body, _INVALID)


async def _unexpected(request: Request, error: Exception) -> Response:
    # The server logs the traceback; the client learns nothing of it.
    del error
    body = http_problem(_SERVER_ERROR, language=language_of(request), instance=request.url.path)
    answer = _problem(request, body, _SERVER_ERROR)
    for name, value in _HEADERS:  # this answer is given outside of the middleware
        answer.headers[name.decode()] = value.decode()
    return answer


def _problem(request: Request, body: dict[str, object], status: int) -> Response:
    answer = json_answer(request, body, media_type=MEDIA_TYPE)
    answer.status_code = status
    answer.headers["Content-Language"] = language_of(request)
    return answer

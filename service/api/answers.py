"""Answers: JSON that holds no nan, with an ETag that a client may send back."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from analysis import __version__

GEOJSON: Final = "application/geo+json"
JSON: Final = "application/json"
HTML: Final = "text/html"
VARY_BY_LANGUAGE: Final = ("Vary", "Accept-Language")
_NOT_MODIFIED: Final = 304


class GeoJSONResponse(JSONResponse):
    """GeoJSON, for the API's description: its routes answer with this media type only."""

    media_type = GEOJSON


def json_answer(
    request: Request, content: object, *, digest: str | None = None, media_type: str = JSON
) -> Response:
    """Return `content` as JSON, or 304 where the client already holds what `digest` stands for.

    Call it when `content` is complete: an error must never hide behind a 304.
    """
    etag = None if digest is None else etag_of(request, digest)
    if etag is not None and holds(request, etag):
        return not_modified(etag)
    body = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(
        body.encode("utf-8", "replace"), media_type=media_type, headers=etag_headers(etag)
    )


def etag_of(request: Request, digest: str) -> str:
    """Return the mark of an answer: what it was made of, by which version, asked how."""
    told = f"{digest}\n{__version__}\n{request.url.path}\n{request.url.query}"
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:32]


def not_modified(etag: str) -> Response:
    """Return the answer to a client whose copy is still good."""
    return Response(status_code=_NOT_MODIFIED, headers=etag_headers(etag))


def holds(request: Request, etag: str) -> bool:
    """Return whether If-None-Match names `etag`, weak or strong, or says ``*`` for any copy."""
    marks = _marks(request)
    return marks == ["*"] or names(request, etag)


def names(request: Request, etag: str) -> bool:
    """Return whether If-None-Match names `etag` itself.

    Only who was answered before knows it, so an answer that would take long need not be made again;
    ``*`` proves nothing.
    """
    return f'"{etag}"' in [mark.removeprefix("W/") for mark in _marks(request)]


def etag_headers(etag: str | None) -> Mapping[str, str] | None:
    """Return the caching headers: ask again each time, keep what has not changed."""
    return None if etag is None else {"ETag": f'"{etag}"', "Cache-Control": "no-cache"}


def page(rows: list[Any], *, study_id: str, digest: str) -> dict[str, Any]:
    """Return rows of a study as one JSON object."""
    return {"study_id": study_id, "digest": digest, "count": len(rows), "rows": rows}


def _marks(request: Request) -> list[str]:
    header = ",".join(request.headers.getlist("if-none-match"))
    return [mark.strip() for mark in header.split(",")]

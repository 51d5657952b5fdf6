"""Answers: JSON that holds no nan, with an ETag that a client may send back."""

import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

GEOJSON: Final = "application/geo+json"
JSON: Final = "application/json"
_NOT_MODIFIED: Final = 304


def json_answer(
    request: Request, content: object, *, etag: str | None = None, media_type: str = JSON
) -> Response:
    """Return `content` as JSON, or 304 where the client already holds `etag`."""
    if etag is not None and holds(request, etag):
        return not_modified(etag)
    body = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(
        body.encode("utf-8", "replace"), media_type=media_type, headers=etag_headers(etag)
    )


def not_modified(etag: str) -> Response:
    """Return the answer to a client whose copy is still good."""
    return Response(status_code=_NOT_MODIFIED, headers=etag_headers(etag))


def holds(request: Request, etag: str) -> bool:
    """Return whether If-None-Match names `etag`; a weak mark counts as well."""
    header = request.headers.get("if-none-match", "")
    marks = {mark.strip().removeprefix("W/") for mark in header.split(",")}
    return "*" in marks or f'"{etag}"' in marks


def etag_headers(etag: str | None) -> Mapping[str, str] | None:
    """Return the caching headers: ask again each time, keep what has not changed."""
    return None if etag is None else {"ETag": f'"{etag}"', "Cache-Control": "no-cache"}


def page(rows: list[Any], *, study_id: str, digest: str) -> dict[str, Any]:
    """Return rows of a study as one JSON object."""
    return {"study_id": study_id, "digest": digest, "count": len(rows), "rows": rows}

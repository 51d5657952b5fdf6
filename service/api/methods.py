"""Small ASGI layers: HEAD wherever GET is, protective headers; and which methods a path has."""

from typing import Final

from starlette.requests import Request
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_READING: Final = ("GET", "HEAD")
_OPTIONS: Final = "OPTIONS"
_ASKED: Final = ("GET", "POST")
PLAIN_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


def allowed(request: Request) -> str:
    """Return the methods of the path that a request has, whatever its own is."""
    found = {one for one in _ASKED if _answers(request, one)}
    reading = list(_READING) if "GET" in found else []
    return ", ".join([*reading, *sorted(found - set(_READING)), _OPTIONS])


def _answers(request: Request, method: str) -> bool:
    scope = {**request.scope, "method": method}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)


class HeadAsGet:
    """Answers HEAD as GET would be answered, with the same headers and no body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything else on as it is."""

        async def send_no_body(event: Message) -> None:
            if event["type"] == "http.response.body":
                if event.get("more_body", False):
                    return
                event = {**event, "body": b""}
            await send(event)

        if scope["type"] == "http" and scope["method"] == "HEAD":
            await self._app({**scope, "method": "GET"}, receive, send_no_body)
        else:
            await self._app(scope, receive, send)


class PlainHeaders:
    """Puts the protective headers on every answer that does not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add what is missing to the start of each answer."""

        async def send_with_headers(event: Message) -> None:
            if event["type"] == "http.response.start":
                own = {name.lower() for name, _ in event["headers"]}
                missing = (one for one in PLAIN_HEADERS if one[0] not in own)
                event["headers"] = [*event["headers"], *missing]
            await send(event)

        await self._app(scope, receive, send_with_headers)

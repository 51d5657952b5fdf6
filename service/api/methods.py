"""HEAD wherever GET is, and protective headers on every answer: two small ASGI layers."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALLOWED: Final = "GET, HEAD, OPTIONS"
PLAIN_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


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

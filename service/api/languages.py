"""Which language a reader wants: ``?lang=``, else Accept-Language, else the setting."""

from typing import Annotated, Literal

from fastapi import Query
from starlette.requests import Request

from analysis.messages import LANGUAGES, Language

LanguageQuery = Annotated[
    Literal["zh", "en"] | None,
    Query(
        alias="lang",
        description="language of refusals and pages; without it Accept-Language decides",
        examples=["en"],
    ),
]


def language_of(request: Request) -> Language:
    """Return the language to answer in; what makes no sense is passed over."""
    asked = request.query_params.get("lang", "")
    for language in LANGUAGES:
        if asked == language:
            return language
    return accepted_language(request.headers.get("accept-language", "")) or _default(request)


def accepted_language(header: str) -> Language | None:
    """Return the better-liked of zh and en in an Accept-Language header, None for neither."""
    best: Language | None = None
    best_weight = 0.0
    for part in header.lower().split(","):
        name, _, parameter = part.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        for language in LANGUAGES:
            if name.split("-")[0] == language and weight > best_weight:
                best, best_weight = language, weight
    return best


def _default(request: Request) -> Language:
    settings = getattr(request.app.state, "settings", None)
    return "zh" if settings is None else settings.language

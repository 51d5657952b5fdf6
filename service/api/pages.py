"""Pages: the index, and a study's map for embedding."""

import hashlib
from html import escape
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from analysis.errors import NoResultError
from analysis.messages import Joined, Language, Message, message
from analysis.sources.store.studies import StoredStudy
from service.api.answers import (
    HTML,
    VARY_BY_LANGUAGE,
    etag_headers,
    etag_of,
    holds,
    not_modified,
)  # fmt: skip
from service.api.description import answers
from service.api.examples import PAGE
from service.api.languages import LanguageQuery, language_of
from service.api.studies import StudyId, library_of, links
from service.study_library import Shelf

router = APIRouter()

_STYLE: Final = (
    "body{font:16px/1.6 system-ui,'Microsoft YaHei','PingFang SC',sans-serif;max-width:60rem;"
    "margin:2rem auto;padding:0 1rem;color:#1b2a3a}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.5rem .7rem;border-bottom:1px solid #d8dee6}"
    "th{background:#1f3864;color:#fff}a{color:#0b5cad}.note{color:#5a6673;font-size:.9rem}"
)
_INDEX_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_MAP_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; sandbox allow-scripts allow-popups "
    "allow-popups-to-escape-sandbox; "
)


@router.get(
    "/",
    operation_id="getIndex",
    tags=["pages"],
    response_class=HTMLResponse,
    responses=answers(422, 500, example=PAGE, media_type=HTML),
)
def index(request: Request, lang: LanguageQuery = None) -> Response:
    """List the studies with links to their results."""
    del lang
    language = language_of(request)
    html = _index_page(library_of(request).shelf(), language)
    headers = {
        "Content-Security-Policy": _INDEX_POLICY,
        "Content-Language": language,
        **dict([VARY_BY_LANGUAGE]),
    }
    return Response(html.encode("utf-8", "replace"), media_type=HTML, headers=headers)


@router.get(
    "/api/v1/studies/{study_id}/map",
    operation_id="getMap",
    tags=["studies"],
    response_class=HTMLResponse,
    responses=answers(304, 404, 422, 500, 503, example=PAGE, media_type=HTML),
)
def study_page(request: Request, study_id: StudyId, lang: LanguageQuery = None) -> Response:
    """Return the map as one HTML page that loads nothing and may be embedded.

    The page reads ``lang`` from its own address; without it, it opens in the language in which the
    study was written.
    """
    del lang
    html = _map_of(library_of(request).open(study_id))
    # The same study may have been drawn in another language or by another version.
    etag = etag_of(request, hashlib.sha256(html).hexdigest())
    if holds(request, etag):
        return not_modified(etag)
    ancestors = request.app.state.settings.frame_ancestors
    headers = {
        "Content-Security-Policy": f"{_MAP_POLICY}frame-ancestors {ancestors}",
        **(etag_headers(etag) or {}),
    }
    return Response(html, media_type=HTML, headers=headers)


def _map_of(found: StoredStudy) -> bytes:
    if found.map_path is None:
        raise NoResultError(
            message("api.no_map"), remedy=message("api.no_map.remedy"), source=found.id
        )
    return found.map_path.read_bytes()


def _index_page(shelf: Shelf, language: Language) -> str:
    rows = "".join(_row(study_id, doc, language) for study_id, doc in shelf.documents.items())
    heads = "".join(
        f"<th>{_say(f'api.index.{one}', language)}</th>"
        for one in ("study", "basis", "residents", "circles", "verdicts", "links")
    )
    none = f"<p>{_say('api.index.none', language)}</p>"
    table = f"<table><tr>{heads}</tr>{rows}</table>" if rows else none
    lost = ""
    if shelf.damaged:
        told = message("api.index.damaged", ids=", ".join(shelf.damaged)).text(language)
        lost = f'<p class="note">{escape(told)}</p>'
    title, other = _say("api.index.title", language), "en" if language == "zh" else "zh"
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>"
        f"{table}{lost}<p class='note'>{_say('outputs.attribution', language)} · "
        f'<a href="/openapi.json">OpenAPI</a> · <a href="/?lang={other}">'
        f"{'English' if other == 'en' else '中文'}</a></p></body></html>"
    )


def _row(study_id: str, document: Any, language: Language) -> str:
    to = links(study_id)
    counts, all_circles = document["counts"], document["circles"][-1]
    parts = (("map", "map"), ("assessment", "assessment"), ("gaps", "gaps"), ("document", "self"))
    anchors = " · ".join(
        f'<a href="{escape(to[link])}?lang={language}">{_say(f"api.index.{name}", language)}</a>'
        for name, link in parts
    )
    verdicts = " / ".join(f"{count:,}" for count in all_circles["verdicts"].values())
    edge = escape(document["edge_of_data"]["text"][language])
    name = f"<b>{escape(document['title'])}</b> ({escape(study_id)})"
    note = f'<div class="note">{escape(document["statement"][language])} {edge}</div>'
    return (
        f"<tr><td>{name}{note}</td><td>{_basis(document, language)}</td>"
        f"<td>{counts['residents']:,.0f}</td>"
        f"<td>{len(document['circles']) - 1}</td><td>{verdicts}</td><td>{anchors}</td></tr>"
    )


def _basis(document: Any, language: Language) -> str:
    """Return by what a study was judged: criterion, walkers, standard, date of the data."""
    chosen, standard = document["parameters"], document["standard"]
    said = (
        message(
            "api.index.judged",
            criterion=message(f"cli.criterion.{chosen['criterion']}"),
            walker=message(f"cli.walker.{chosen['walker']}"),
        ),
        _own_walkers(document) if chosen["by_group"] else message("api.index.same_walker"),
        message(
            "api.index.standard",
            title=standard["title"][language],
            id=standard["id"],
            version=standard["version"],
        ),
        message("api.index.data", date=document["data"]["date"] or "—"),
    )
    return "<br>".join(escape(one.text(language)) for one in said)


def _own_walkers(document: Any) -> Message:
    """Return which walkers judge elements of their own, and how many."""
    who = tuple(
        message(
            "api.index.by_group.one",
            walker=message(f"cli.walker.{one['walker']}"),
            count=len(one["elements"]),
        )
        for one in document["element_walkers"]
    )
    if not who:
        return message("api.index.by_group.none")
    return message("api.index.by_group", who=Joined(who))


def _say(key: str, language: Language) -> str:
    return escape(message(key).text(language))

"""Health and standards."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from analysis import __version__
from analysis.documents.plain import texts
from analysis.errors import NoResultError
from analysis.messages import message
from analysis.sources.standards import packaged_standards, read_standard
from analysis.standard.profile import ServiceStandard
from service.api.answers import json_answer
from service.api.description import answers
from service.api.examples import HEALTH, STANDARD, STANDARD_ID, STANDARDS
from service.api.languages import LanguageQuery
from service.api.schemas import Health, StandardDocument, StandardSummary
from service.api.studies import library_of
from service.standard_view import standard_view

router = APIRouter()

StandardId = Annotated[str, Path(max_length=200, examples=[STANDARD_ID])]


@router.get(
    "/health",
    operation_id="getHealth",
    tags=["system"],
    responses=answers(422, 500, example=HEALTH),
)
def health(request: Request) -> Health:
    """Say that the service is up, how many studies it offers, and how many are damaged."""
    shelf = library_of(request).shelf()
    return Health(version=__version__, studies=len(shelf.documents), damaged=len(shelf.damaged))


@router.get(
    "/api/v1/standards",
    operation_id="listStandards",
    tags=["standards"],
    responses=answers(422, 500, example=STANDARDS),
)
def standards(lang: LanguageQuery = None) -> list[StandardSummary]:
    """List the packaged standards."""
    del lang
    return [_summary(read_standard(name)) for name in packaged_standards()]


@router.get(
    "/api/v1/standards/{standard_id}",
    operation_id="getStandard",
    tags=["standards"],
    response_model=StandardDocument,
    responses=answers(304, 404, 422, 500, example=STANDARD),
)
def standard(request: Request, standard_id: StandardId, lang: LanguageQuery = None) -> Response:
    """Return a standard: every element with threshold, targets, sources and confidence."""
    del lang
    if standard_id not in packaged_standards():
        raise NoResultError(
            message("api.unknown_standard"),
            remedy=message("api.unknown_standard.remedy"),
            source="standard_id",
            value=standard_id,
        )
    found = read_standard(standard_id)
    return json_answer(request, standard_view(found), digest=found.digest)


def _summary(found: ServiceStandard) -> StandardSummary:
    return StandardSummary.model_validate(
        {
            "id": found.id,
            "title": texts(found.title),
            "statement": texts(found.statement),
            "official": found.official,
            "elements": len(found.elements),
            "walked_elements": len(found.walked),
            "digest": found.digest,
        }
    )

"""Saved studies: list, document, verdicts, gaps."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response

from analysis.errors import NoResultError
from analysis.gaps.kinds import GapKind
from analysis.messages import message
from analysis.places.circles import ALL_CIRCLES
from analysis.sources.store.studies import StoredStudy
from analysis.standard.verdicts import Verdict
from service.api.answers import GEOJSON, GeoJSONResponse, json_answer, page
from service.api.description import answers
from service.api.examples import (
    ASSESSMENT,
    CIRCLE_ID,
    ELEMENT_ID,
    GAPS,
    STUDIES,
    STUDY,
    STUDY_ID,
)  # fmt: skip
from service.api.languages import LanguageQuery
from service.api.parameters import Number
from service.api.schemas import (
    AssessmentPage,
    FeatureCollection,
    StudyDocument,
    StudyList,
    StudySummary,
)  # fmt: skip
from service.study_library import StudyLibrary

router = APIRouter(prefix="/api/v1/studies", tags=["studies"])

StudyId = Annotated[str, Path(max_length=200, examples=[STUDY_ID])]
CircleQuery = Annotated[
    str | None,
    Query(max_length=200, description="circle id; * is all circles together", examples=[CIRCLE_ID]),
]
ElementQuery = Annotated[
    str | None,
    Query(max_length=100, description="element id of the standard", examples=[ELEMENT_ID]),
]
VerdictQuery = Annotated[
    Verdict | None, Query(description="only rows with this verdict", examples=["short"])
]
KindQuery = Annotated[
    GapKind | None, Query(description="only gaps of this kind", examples=["missing"])
]
PeopleQuery = Annotated[
    Number,
    Query(
        ge=0,
        allow_inf_nan=False,
        description="only gaps with at least so many people",
        examples=[100.0],
    ),
]


def library_of(request: Request) -> StudyLibrary:
    """Return the service's studies."""
    library: StudyLibrary = request.app.state.studies
    return library


@router.get("", operation_id="listStudies", responses=answers(422, 500, example=STUDIES))
def studies(request: Request, lang: LanguageQuery = None) -> StudyList:
    """List the saved studies, and the ids of those whose files are damaged."""
    del lang
    shelf = library_of(request).shelf()
    found = [summary(study_id, document) for study_id, document in shelf.documents.items()]
    return StudyList(studies=found, damaged=list(shelf.damaged))


@router.get(
    "/{study_id}",
    operation_id="getStudy",
    response_model=StudyDocument,
    responses=answers(304, 404, 422, 500, 503, example=STUDY),
)
def study(request: Request, study_id: StudyId, lang: LanguageQuery = None) -> Response:
    """Return the whole document: inputs, parameters, counts, notices, what each circle lacks."""
    del lang
    found = library_of(request).open(study_id)
    content = {"id": found.id, "links": links(found.id), **found.document}
    return json_answer(request, content, digest=found.digest)


@router.get(
    "/{study_id}/assessment",
    operation_id="getAssessment",
    response_model=AssessmentPage,
    responses=answers(304, 404, 422, 500, 503, example=ASSESSMENT),
)
def assessment(
    request: Request,
    study_id: StudyId,
    circle: CircleQuery = None,
    element: ElementQuery = None,
    verdict: VerdictQuery = None,
    lang: LanguageQuery = None,
) -> Response:
    """Return flat verdicts, filtered."""
    del lang
    found = library_of(request).open(study_id)
    check_names(found, circle, element)
    rows = [
        row
        for row in found.assessment
        if circle in (None, row["circle_id"])
        and element in (None, row["element_id"])
        and verdict in (None, row["verdict"])
    ]
    content = page(rows, study_id=found.id, digest=found.digest)
    return json_answer(request, content, digest=found.digest)


@router.get(
    "/{study_id}/gaps",
    operation_id="getGaps",
    response_class=GeoJSONResponse,
    response_model=FeatureCollection,
    responses=answers(304, 404, 422, 500, 503, example=GAPS, media_type=GEOJSON),
)
def gaps(
    request: Request,
    study_id: StudyId,
    circle: CircleQuery = None,
    element: ElementQuery = None,
    kind: KindQuery = None,
    min_people: PeopleQuery = 0.0,
    lang: LanguageQuery = None,
) -> Response:
    """Return gaps as GeoJSON by kind, the largest of each first, filtered."""
    del lang
    found = library_of(request).open(study_id)
    check_names(found, circle, element)
    chosen = [
        one
        for one in found.gaps["features"]
        if circle in (None, ALL_CIRCLES, one["properties"]["circle_id"])
        and element in (None, one["properties"]["element_id"])
        and kind in (None, one["properties"]["kind"])
        and one["properties"]["people"] >= min_people
    ]
    content = {**found.gaps, "features": chosen}
    return json_answer(request, content, digest=found.digest, media_type=GEOJSON)


def check_names(found: StoredStudy, circle: str | None, element: str | None) -> None:
    """Raise :class:`NoResultError` for a circle or element that the study does not have."""
    for kind, name, known in (
        ("circle", circle, {row["circle_id"] for row in found.assessment}),
        ("element", element, {row["element_id"] for row in found.assessment}),
    ):
        if name is not None and name not in known:
            raise NoResultError(
                message(f"api.unknown_{kind}"),
                remedy=message(f"api.unknown_{kind}.remedy"),
                source=kind,
                value=name,
            )


def summary(study_id: str, document: Mapping[str, Any]) -> StudySummary:
    """Return a study's line in the list."""
    return StudySummary(
        id=study_id,
        title=document["title"],
        standard_id=document["standard"]["id"],
        data_date=document["data"]["date"],
        residents=document["counts"]["residents"],
        circles=sum(one["id"] != ALL_CIRCLES for one in document["circles"]),
        verdicts=document["circles"][-1]["verdicts"],
        edge_of_data=document["edge_of_data"]["affected"],
        digest=document["digest"],
        links=links(study_id),
    )


def links(study_id: str) -> dict[str, str]:
    """Return where a study's parts are, relative to the service."""
    base = f"/api/v1/studies/{quote(study_id, safe='')}"
    return {
        "self": base,
        "assessment": f"{base}/assessment",
        "gaps": f"{base}/gaps",
        "isochrones": f"{base}/isochrones",
        "map": f"{base}/map",
    }

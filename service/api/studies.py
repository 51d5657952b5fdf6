"""Saved studies: list, document, verdicts, gaps."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response

from analysis.assessment import ALL_CIRCLES, Verdict
from analysis.errors import NoResultError
from analysis.messages import message
from analysis.sources.store.studies import StoredStudy
from service.api.answers import GEOJSON, json_answer, page
from service.api.languages import LanguageQuery
from service.api.schemas import AssessmentPage, FeatureCollection, StudyList, StudySummary
from service.library import StudyLibrary

router = APIRouter(prefix="/api/v1/studies", tags=["studies"])

StudyId = Annotated[str, Path(max_length=200, examples=["sample-district"])]
CircleQuery = Annotated[
    str | None, Query(max_length=200, description="circle id; * is all circles together")
]
ElementQuery = Annotated[str | None, Query(max_length=100, examples=["food_market"])]
VerdictQuery = Annotated[Verdict | None, Query(description="only rows with this verdict")]
PeopleQuery = Annotated[
    float, Query(ge=0, allow_inf_nan=False, description="only gaps with at least so many people")
]
_GAP_EXAMPLE: Final = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[106.6, 26.6], [106.7, 26.6], [106.7, 26.7], [106.6, 26.6]]],
            },
            "properties": {"rank": 1, "element_en": "food market", "people": 1200.0},
        }
    ],
}


def library_of(request: Request) -> StudyLibrary:
    """Return the service's studies."""
    library: StudyLibrary = request.app.state.library
    return library


@router.get("", operation_id="listStudies")
def studies(request: Request, lang: LanguageQuery = None) -> StudyList:
    """List the saved studies."""
    del lang
    shelf = library_of(request).shelf()
    found = [summary(study_id, document) for study_id, document in shelf.documents.items()]
    return StudyList(studies=found, damaged=list(shelf.damaged))


@router.get(
    "/{study_id}",
    operation_id="getStudy",
    responses={200: {"content": {"application/json": {"example": {"id": "sample-district"}}}}},
)
def study(request: Request, study_id: StudyId, lang: LanguageQuery = None) -> Response:
    """Return the whole document: inputs, parameters, counts, notices, what each circle lacks."""
    del lang
    found = library_of(request).open(study_id)
    content = {"id": found.id, "links": links(found.id), **found.document}
    return json_answer(request, content, etag=found.digest)


@router.get(
    "/{study_id}/assessment",
    operation_id="getAssessment",
    responses={200: {"model": AssessmentPage}},
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
    return json_answer(request, content, etag=found.digest)


@router.get(
    "/{study_id}/gaps",
    operation_id="getGaps",
    responses={200: {"model": FeatureCollection, "content": {GEOJSON: {"example": _GAP_EXAMPLE}}}},
)
def gaps(
    request: Request,
    study_id: StudyId,
    circle: CircleQuery = None,
    element: ElementQuery = None,
    min_people: PeopleQuery = 0.0,
    lang: LanguageQuery = None,
) -> Response:
    """Return gaps as GeoJSON, the largest first, filtered."""
    del lang
    found = library_of(request).open(study_id)
    check_names(found, circle, element)
    chosen = [
        one
        for one in found.gaps["features"]
        if circle in (None, ALL_CIRCLES, one["properties"]["circle_id"])
        and element in (None, one["properties"]["element_id"])
        and one["properties"]["people"] >= min_people
    ]
    content = {**found.gaps, "features": chosen}
    return json_answer(request, content, etag=found.digest, media_type=GEOJSON)


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

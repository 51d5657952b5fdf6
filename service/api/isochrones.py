"""Isochrones of a saved study's network."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from analysis.documents.isochrones import isochrone_collection, parse_minutes
from analysis.sources.store.studies import StoredStudy
from analysis.walking import WalkerName, walk_profile
from service.api.answers import (
    GEOJSON,
    GeoJSONResponse,
    etag_of,
    json_answer,
    names,
    not_modified,
)  # fmt: skip
from service.api.description import answers
from service.api.examples import ISOCHRONES, LAT, LON
from service.api.languages import LanguageQuery
from service.api.parameters import Number
from service.api.schemas import IsochroneCollection
from service.api.studies import StudyId, library_of

router = APIRouter(prefix="/api/v1/studies", tags=["isochrones"])

Longitude = Annotated[
    Number, Query(ge=-180, le=180, allow_inf_nan=False, description="WGS84", examples=[LON])
]
Latitude = Annotated[
    Number, Query(ge=-84, le=84, allow_inf_nan=False, description="WGS84", examples=[LAT])
]
Minutes = Annotated[
    str,
    Query(
        max_length=100,
        description="up to six numbers above 0 and at most 60, separated by commas",
        examples=["5,10,15"],
    ),
]
WalkerQuery = Annotated[
    WalkerName | None,
    Query(
        description="a wheelchair takes no stairs; without it the study's own walker",
        examples=["wheelchair"],
    ),
]


@router.get(
    "/{study_id}/isochrones",
    operation_id="getIsochrones",
    response_class=GeoJSONResponse,
    response_model=IsochroneCollection,
    responses=answers(304, 404, 422, 500, 503, example=ISOCHRONES, media_type=GEOJSON),
)
def isochrones(
    request: Request,
    study_id: StudyId,
    lon: Longitude,
    lat: Latitude,
    minutes: Minutes = "5,10,15",
    walker: WalkerQuery = None,
    lang: LanguageQuery = None,
) -> Response:
    """Return how far one gets on foot from a place, the largest polygon first."""
    del lang
    cutoffs = parse_minutes(minutes)
    found = library_of(request).open(study_id)
    etag = etag_of(request, found.digest)
    if names(request, etag):
        return not_modified(etag)
    content = collection_of(found, (lon, lat), cutoffs, walker)
    return json_answer(request, content, digest=found.digest, media_type=GEOJSON)


def collection_of(
    found: StoredStudy,
    lonlat: tuple[float, float],
    minutes: tuple[float, ...],
    walker: str | None = None,
) -> dict[str, Any]:
    """Return the isochrones of a saved study as GeoJSON.

    `walker` is ``adult`` or ``wheelchair``, at the study's speed; None for the study's own.
    """
    own = found.profile
    return isochrone_collection(
        lonlat,
        minutes,
        network=found.network,
        barriers=found.barriers,
        profile=own if walker is None else walk_profile(walker, speed_m_s=own.speed_m_s),
        rules=found.rules,
        crs=found.crs,
        data_area=found.data_area,
    )

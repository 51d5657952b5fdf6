"""Isochrones of a saved study's network."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from analysis.documents.cutoffs import parse_cutoffs
from analysis.documents.isochrones import isochrone_collection
from analysis.errors import InvalidParameterError, one_of
from analysis.isochrones.drawing import DrawingKind
from analysis.messages import message
from analysis.sources.store.studies import StoredStudy
from analysis.walking import WalkerName, WalkProfile
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
from service.prepared_places import PreparedPlaces

router = APIRouter(prefix="/api/v1/studies", tags=["isochrones"])

Longitude = Annotated[
    Number, Query(ge=-180, le=180, allow_inf_nan=False, description="WGS84", examples=[LON])
]
Latitude = Annotated[
    Number, Query(ge=-84, le=84, allow_inf_nan=False, description="WGS84", examples=[LAT])
]
MinutesQuery = Annotated[
    str | None,
    Query(
        max_length=100,
        description="walking times: up to six numbers above 0 and at most 60, separated by commas; "
        "slopes and steps take their own time where the study knows them; 5,10,15 where neither "
        "minutes nor metres are given",
        examples=["5,10,15"],
    ),
]
MetresQuery = Annotated[
    str | None,
    Query(
        max_length=100,
        description="walking distances instead of times, not both: up to six numbers above 0 and "
        "at most 5000, separated by commas",
        examples=["300,500,1000"],
    ),
]
WalkerQuery = Annotated[
    WalkerName | None,
    Query(
        description="a wheelchair takes no stairs; without it the study's own walker",
        examples=["wheelchair"],
    ),
]
DrawingQuery = Annotated[
    DrawingKind,
    Query(
        description="fast for the screen (8 m grid), exact for reports (2.5 m grid); every polygon "
        "tells its measured agreement with the reached set",
        examples=["exact"],
    ),
]
HolesQuery = Annotated[
    Number,
    Query(
        ge=0,
        le=1e9,
        allow_inf_nan=False,
        description="holes of a polygon smaller than this, m², are filled and counted; 0 keeps all",
        examples=[400],
    ),
]
PiecesQuery = Annotated[
    Literal["no", "yes"],
    Query(
        description="yes: the reached stretches of street follow the polygons, one feature each",
        examples=["no"],
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
    minutes: MinutesQuery = None,
    metres: MetresQuery = None,
    walker: WalkerQuery = None,
    drawing: DrawingQuery = "fast",
    holes_below_m2: HolesQuery = 0.0,
    pieces: PiecesQuery = "no",
    lang: LanguageQuery = None,
) -> Response:
    """Return how far one gets on foot from a place, the largest polygon first."""
    del lang
    cutoffs = parse_cutoffs(minutes, metres)
    found = library_of(request).open(study_id)
    etag = etag_of(request, found.digest)
    if names(request, etag):
        return not_modified(etag)
    profile = profile_of(found, walker)
    content = isochrone_collection(
        (lon, lat),
        cutoffs,
        network=found.network,
        barriers=found.barriers,
        profile=profile,
        rules=found.rules,
        crs=found.crs,
        data_area=found.data_area,
        drawing=drawing,
        fill_holes_below_m2=holes_below_m2,
        pieces=pieces == "yes",
        place=places_of(request).open(found, profile, cutoffs.measure),
    )
    return json_answer(request, content, digest=found.digest, media_type=GEOJSON)


def places_of(request: Request) -> PreparedPlaces:
    """Return the service's prepared places."""
    places: PreparedPlaces = request.app.state.places
    return places


def profile_of(found: StoredStudy, walker: str | None) -> WalkProfile:
    """Return the walker asked for, as the study's standard describes them; None: the study's own.

    Raises :class:`InvalidParameterError` where the standard says nothing of this walker.
    """
    if walker is None:
        return found.profile
    if walker not in found.walkers:
        standard = found.document["standard"]["id"]
        raise InvalidParameterError(
            message("walkers.no_speed", standard=standard, allowed=one_of(tuple(found.walkers))),
            remedy=message("walkers.no_speed.remedy"),
            source="walker",
            value=walker,
        )
    return found.walkers[walker]

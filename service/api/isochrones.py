"""Isochrones of a saved study's network."""

from typing import Annotated, Any, Final

import numpy as np
import shapely
from fastapi import APIRouter, Query, Request, Response

from analysis.documents.isochrones import isochrone_collection, parse_minutes
from analysis.sources.store.studies import StoredStudy
from service.api.answers import GEOJSON, holds, json_answer, not_modified
from service.api.languages import LanguageQuery
from service.api.schemas import FeatureCollection
from service.api.studies import StudyId, library_of

router = APIRouter(prefix="/api/v1/studies", tags=["isochrones"])

Longitude = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False, examples=[106.63])]
Latitude = Annotated[float, Query(ge=-84, le=84, allow_inf_nan=False, examples=[26.65])]
Minutes = Annotated[
    str,
    Query(
        max_length=100,
        description="up to six numbers above 0 and at most 60, separated by commas",
        examples=["5,10,15"],
    ),
]
_EXAMPLE: Final = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[106.6, 26.6], [106.7, 26.6], [106.7, 26.7], [106.6, 26.6]]],
            },
            "properties": {"minutes": 15.0, "cutoff_m": 1080.0, "edge_of_data": False},
        }
    ],
}


@router.get(
    "/{study_id}/isochrones",
    operation_id="getIsochrones",
    responses={200: {"model": FeatureCollection, "content": {GEOJSON: {"example": _EXAMPLE}}}},
)
def isochrones(
    request: Request,
    study_id: StudyId,
    lon: Longitude,
    lat: Latitude,
    minutes: Minutes = "5,10,15",
    lang: LanguageQuery = None,
) -> Response:
    """Return how far one gets on foot from a place, the largest polygon first."""
    del lang
    cutoffs = parse_minutes(minutes)
    found = library_of(request).open(study_id)
    if holds(request, found.digest):
        return not_modified(found.digest)
    content = collection_of(found, (lon, lat), cutoffs)
    return json_answer(request, content, etag=found.digest, media_type=GEOJSON)


def collection_of(
    found: StoredStudy, lonlat: tuple[float, float], minutes: tuple[float, ...]
) -> dict[str, Any]:
    """Return the isochrones of a saved study as GeoJSON."""
    return isochrone_collection(
        lonlat,
        minutes,
        network=found.network,
        barriers=found.barriers,
        profile=found.profile,
        rules=found.rules,
        crs=found.crs,
        data_area=data_area_of(found),
    )


def data_area_of(found: StoredStudy) -> shapely.Geometry | None:
    """Return the box where the study's data is complete, metres."""
    box = found.document["data"]["data_area_wgs84"]
    if not box:
        return None
    corners = np.array(shapely.box(*box).exterior.coords, dtype=np.float64)
    return shapely.Polygon(found.crs.project(corners))

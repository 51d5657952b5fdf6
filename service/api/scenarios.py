"""Scenarios on a saved study: what would change. Nothing that is saved is ever touched."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from analysis.errors import InvalidParameterError
from analysis.messages import message
from analysis.sources.scenarios.reading import scenario_from
from analysis.sources.scenarios.text import MAX_BYTES
from service.api.answers import JSON, json_answer
from service.api.description import answers
from service.api.examples import SCENARIO, SCENARIO_ANSWER, SCENARIO_ID
from service.api.languages import LanguageQuery
from service.api.schemas import ScenarioDocument
from service.api.studies import StudyId, library_of
from service.what_if_sessions import Parts, WhatIfSession, WhatIfSessions

router = APIRouter(prefix="/api/v1/studies", tags=["scenarios"])

ScenarioId = Annotated[str, Path(max_length=64, examples=[SCENARIO_ID])]
PartsQuery = Annotated[
    Parts,
    Query(
        description="reach: who gains and who loses, circle by circle, at once; all: verdicts of "
        "all four dimensions and gaps too",
        examples=["reach"],
    ),
]
DaysQuery = Annotated[
    Literal["no", "yes"],
    Query(
        description="yes: coverage on each day on which something changes; with parts=all",
        examples=["no"],
    ),
]
OnQuery = Annotated[
    str | None,
    Query(
        max_length=10,
        pattern=r"^\d{4}-\d{2}-\d{2}$",
        description="only what holds on this day, YYYY-MM-DD",
        examples=["2030-01-01"],
    ),
]
_BODY: Final[Mapping[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "A scenario, docs/scenarios.md: modifications one after another, places in "
        "degrees, longitude first. A GeoJSON FeatureCollection does as well. At most 2 MB.",
        "content": {
            JSON: {
                "schema": {
                    "type": "object",
                    "required": ["modifications"],
                    "properties": {
                        "title": {"type": "string"},
                        "coordinates": {"type": "string"},
                        "modifications": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "required": ["kind"],
                                "properties": {
                                    "kind": {"type": "string"},
                                    "id": {"type": "string"},
                                    "since": {"type": "string"},
                                },
                            },
                        },
                    },
                },
                "example": SCENARIO,
            }
        },
    }
}


async def body_of(request: Request) -> bytes:
    """Return the request's body; raises :class:`InvalidParameterError` for more than 2 MB."""
    held = bytearray()
    async for part in request.stream():
        held += part
        if len(held) > MAX_BYTES:
            raise InvalidParameterError(
                message("scenario.file.too_large", limit_mb=MAX_BYTES // 1_000_000),
                remedy=message("scenario.file.remedy"),
                source="body",
            )
    return bytes(held)


Body = Annotated[bytes, Depends(body_of)]


@router.post(
    "/{study_id}/scenarios",
    operation_id="postScenario",
    response_model=ScenarioDocument,
    responses=answers(404, 422, 500, 503, example=SCENARIO_ANSWER),
    openapi_extra=dict(_BODY),
)
def ask(
    request: Request,
    study_id: StudyId,
    body: Body,
    parts: PartsQuery = "all",
    days: DaysQuery = "no",
    on: OnQuery = None,
    lang: LanguageQuery = None,
) -> Response:
    """Return what a scenario changes: the same scenario has the same id and the same answer."""
    del lang
    session = session_of(request, study_id)
    opened = scenario_from(body, session.inputs)
    found = session.answer(opened, parts, days=days == "yes", on=on)
    return json_answer(request, _linked(study_id, found))


@router.get(
    "/{study_id}/scenarios/{scenario_id}",
    operation_id="getScenario",
    response_model=ScenarioDocument,
    responses=answers(404, 422, 500, 503, example=SCENARIO_ANSWER),
)
def again(
    request: Request,
    study_id: StudyId,
    scenario_id: ScenarioId,
    parts: PartsQuery = "all",
    days: DaysQuery = "no",
    lang: LanguageQuery = None,
) -> Response:
    """Return the answer to a scenario that was asked about lately."""
    del lang
    found = session_of(request, study_id).again(scenario_id, parts, days=days == "yes")
    return json_answer(request, _linked(study_id, found))


def session_of(request: Request, study_id: str) -> WhatIfSession:
    """Return a study ready for scenarios."""
    sessions: WhatIfSessions = request.app.state.what_if
    return sessions.open(library_of(request).open(study_id))


def _linked(study_id: str, found: Mapping[str, Any]) -> dict[str, Any]:
    base = f"/api/v1/studies/{quote(study_id, safe='')}"
    links = {"self": f"{base}/scenarios/{found['id']}", "study": base}
    return {"id": found["id"], "study_id": study_id, "links": links, **found}

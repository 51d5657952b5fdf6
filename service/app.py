"""The web service: ``create_app(settings)``; nothing happens at import."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import Depends, FastAPI

from analysis import __version__
from service.api import isochrones, pages, scenarios, studies, system
from service.api.description import DESCRIPTION, DescribedAPI
from service.api.methods import HeadAsGet, PlainHeaders
from service.api.parameters import known_parameters
from service.api.problems import add_problem_handlers
from service.prepared_places import PreparedPlaces
from service.settings import Settings
from service.study_library import StudyLibrary
from service.what_if_sessions import WhatIfSessions

_LOG: Final = logging.getLogger("living_circle.service")


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the service for `settings`; without them they are read from the environment.

    Run it with ``uvicorn --factory service.app:create_app`` or ``living-circle serve``.
    """
    chosen = Settings() if settings is None else settings

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.studies = StudyLibrary(chosen.studies_folder, keep=chosen.open_studies)
        app.state.places = PreparedPlaces()
        app.state.what_if = WhatIfSessions()
        for study_id in app.state.studies.shelf().damaged:
            _LOG.warning("damaged study: %s", study_id)
        yield

    app = DescribedAPI(
        title="Living Circle",
        version=__version__,
        summary="Walking reach, verdicts and gaps of 15-minute living circles",
        description=DESCRIPTION,
        docs_url=None,  # the stock pages load scripts from another site
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.settings = chosen
    for routes in (system, studies, scenarios, isochrones, pages):
        app.include_router(routes.router, dependencies=[Depends(known_parameters)])
    add_problem_handlers(app)
    app.add_middleware(HeadAsGet)
    app.add_middleware(PlainHeaders)
    return app

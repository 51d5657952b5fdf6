"""Payload: a study as the one JSON value that the map page reads."""

from typing import Any

import numpy as np
import shapely

from analysis.gaps.listing import OUTLINE_M
from analysis.messages import LANGUAGES, Language
from analysis.study import Study
from service.maps.encoding import LonLatGrid, grid_at
from service.maps.layers import (
    circles_json,
    facilities_json,
    gaps_json,
    homes_json,
    shown_homes,
    streets_json,
)
from service.maps.tables import (
    Texts,
    both,
    elements_json,
    notices_json,
    phrases_json,
    verdicts_json,
)


def study_payload(study: Study, language: Language) -> dict[str, Any]:
    """Return everything the page shows, in both languages; `language` is the first one shown."""
    grid = study_grid(study)
    texts = Texts()
    standard = study.inputs.standard
    verdicts, notices = verdicts_json(study, texts), notices_json(study, texts)
    return {
        "languages": list(LANGUAGES),
        "language": language,
        "facts": _facts(study),
        "grid": grid.json(),
        "categories": [both(category.name) for category in standard.categories],
        "elements": elements_json(study),
        "circles": circles_json(study, grid),
        "verdicts": verdicts,
        "homes": homes_json(study, grid),
        "streets": streets_json(study, grid),
        "gaps": gaps_json(study, grid),
        "facilities": facilities_json(study, grid),
        "notices": notices,
        "texts": texts.pairs,
        "phrases": phrases_json(),
    }


def study_grid(study: Study) -> LonLatGrid:
    """Return the grid with its origin at the middle of the circles."""
    lon, lat = study_centre(study)
    return grid_at(lon, lat)


def study_centre(study: Study) -> tuple[float, float]:
    """Return longitude and latitude (degrees) of the middle of the circles' bounding box."""
    west, south, east, north = shapely.total_bounds(study.inputs.circles.polygons)
    middle = np.array([[(west + east) / 2.0, (south + north) / 2.0]])
    lon, lat = study.inputs.crs.unproject(middle)[0].tolist()
    return lon, lat


def _facts(study: Study) -> dict[str, Any]:
    demand, standard = study.inputs.demand, study.inputs.standard
    shown = shown_homes(study)
    return {
        "title": study.inputs.title,
        "data_date": study.inputs.data_date,
        "standard": both(standard.title),
        "statement": both(standard.statement),
        "official": standard.official,
        "criterion": study.parameters.criterion,
        "walker": study.parameters.walker,
        "by_group": bool(study.other_walks),
        "speed_m_s": study.profile.speed_m_s,
        "slopes": study.inputs.network.terrain is not None,
        "min_gap_people": study.parameters.min_gap_people,
        "homes": int(shown.sum()),
        "people": round(float(demand.people.sum())),
        "estimated": round(float(demand.people[demand.people_estimated].sum())),
        "outline_m": OUTLINE_M,
    }

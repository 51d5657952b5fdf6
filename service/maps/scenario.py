"""What a scenario changes as the map page reads it: who gains and loses, and what is new where."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from analysis.documents.tables import Row
from analysis.messages import LANGUAGES, message
from analysis.places.circles import ALL_CIRCLES
from analysis.standard.profile import ServiceStandard
from analysis.study import Study
from service.maps.encoding import LonLatGrid, pack_column, pack_lines, pack_positions
from service.maps.tables import both

Json = dict[str, Any]


def scenario_json(
    study: Study, document: Mapping[str, Any], points: Sequence[Row], grid: LonLatGrid
) -> Json:
    """Return sentences by circle, homes that gain or lose, and the scenario's places and paths."""
    standard = study.inputs.standard
    element = {one.id: number for number, one in enumerate(standard.elements)}
    circles = (*study.inputs.circles.circle_id, ALL_CIRCLES)
    circle = {one: number for number, one in enumerate(circles)}
    edits = document["scenario"]["modifications"]
    places = [one for one in edits if "lon" in one]
    paths = [one for one in edits if "line" in one]
    lines = [np.array(one["line"], dtype=np.float64).reshape(-1, 2) for one in paths]
    chosen = [element[str(row["element_id"])] for row in points]
    return {
        "title": document["scenario"]["title"],
        "headline": [document["headline"][language] for language in LANGUAGES],
        "rows": [
            [
                circle[row["circle_id"]],
                element[row["element_id"]],
                [row[f"sentence_{language}"] for language in LANGUAGES],
            ]
            for row in document["circles"]
        ],
        "points": {
            "xy": pack_positions(_steps(grid, [(row["lon"], row["lat"]) for row in points])),
            "element": pack_column(np.array(chosen, dtype=np.int64)),
            "lost": pack_column(
                np.array([row["change"] == "lost" for row in points], dtype=np.int64)
            ),
        },
        "places": {
            "xy": pack_positions(_steps(grid, [(one["lon"], one["lat"]) for one in places])),
            "label": [_label(one, standard) for one in places],
        },
        "paths": {
            "lines": pack_lines(
                _steps(grid, np.concatenate(lines) if lines else ()),
                np.array([len(one) for one in lines], dtype=np.int64),
            ),
            "label": [both(message(f"scenario.did.path.{one['path']}")) for one in paths],
        },
    }


def _steps(grid: LonLatGrid, lonlat: Iterable[Any]) -> Any:
    return grid.steps(np.array(list(lonlat), dtype=np.float64).reshape(-1, 2))


def _label(edit: Mapping[str, Any], standard: ServiceStandard) -> list[str]:
    """Return what stands beside a place: its name, else its element's."""
    if edit.get("name"):
        return [str(edit["name"])] * len(LANGUAGES)
    if "element" in edit:
        return both(standard.element(edit["element"]).name)
    if "people" in edit:
        people = f"{edit['people']:,.0f}"
        return both(message("scenario.did.add_housing", people=people))
    return both(message("scenario.did.close_path"))

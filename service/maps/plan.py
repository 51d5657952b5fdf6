"""A plan as the map page reads it: works in order where they stand, and who gains by them."""

from typing import Any, Final

import numpy as np
import shapely

from analysis.documents.plan_words import element_names
from analysis.messages import LANGUAGES, Clauses, Spoken, message
from analysis.plan.builds import Cost
from analysis.plan.plan import Plan
from analysis.plan.works import Work
from analysis.study import Study
from service.maps.encoding import LonLatGrid, pack_lines, pack_positions

Json = dict[str, Any]
_YUAN: Final = 1e4


def works_json(study: Study, plan: Plan, grid: LonLatGrid) -> Json:
    """Return places and paths of the works, each with its place in the order as a label.

    They take the place of those of the scenario that the plan is; `rows` tell in the panel what
    each is, whom it serves and what it costs, for all circles together and for its own.
    """
    paths = [one for one in plan.works if one.proposal.kind == "path"]
    places = [one for one in plan.works if one.proposal.kind != "path"]
    lines = [shapely.get_coordinates(one.proposal.shape) for one in paths]
    xy_m = np.array([one.proposal.xy_m for one in places], dtype=np.float64).reshape(-1, 2)
    crs = study.inputs.crs
    drawn = np.concatenate(lines) if lines else np.empty((0, 2))
    return {
        "places": {
            "xy": pack_positions(grid.steps(crs.unproject(xy_m))),
            "label": [_label(one) for one in places],
        },
        "paths": {
            "lines": pack_lines(
                grid.steps(crs.unproject(drawn)),
                np.array([len(one) for one in lines], dtype=np.int64),
            ),
            "label": [_label(one) for one in paths],
        },
        "rows": [row for one in plan.works for row in _rows(study, one)],
    }


def _label(work: Work) -> list[str]:
    return [str(work.order)] * len(LANGUAGES)


def _rows(study: Study, work: Work) -> list[list[object]]:
    """Return what the panel says of a work: circle, element and text, as of a scenario."""
    circles = (len(study.inputs.circles), work.proposal.circle)
    ids = [one.id for one in study.inputs.standard.elements]
    element, text = ids.index(work.proposal.element_ids[0]), _text(study, work)
    return [[circle, element, text] for circle in circles if circle >= 0]


def _text(study: Study, work: Work) -> list[str]:
    one = work.proposal
    name = message(
        "plan.map.work",
        order=work.order,
        work=message(f"plan.work.{one.kind}"),
        elements=element_names(study, one.element_ids),
    )
    parts: list[Spoken] = []
    if work.people > 0:
        parts.append(message("plan.map.people", people=work.people))
    if one.helped > 0:
        parts.append(message("plan.map.helped", helped=one.helped))
    said = message("plan.map.said", name=name, parts=Clauses((*parts, _cost(one.cost))))
    return [said.text(language) for language in LANGUAGES]


def _cost(cost: Cost) -> Spoken:
    if not cost.known:
        return message("plan.map.unpriced")
    if cost.high <= 0:
        return message("plan.map.paid")
    return message(
        "plan.map.cost",
        low=cost.low / _YUAN,
        high=cost.high / _YUAN,
        source=message(f"plan.cost_source.{cost.source}"),
    )

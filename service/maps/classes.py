"""Classes of homes: how far the walk to an element is, relative to what the standard allows."""

from enum import IntEnum
from typing import Final

import numpy as np

from analysis.judgement.assessment import ElementVerdict
from analysis.study import Study
from analysis.units import BoolArray, ByteArray, FloatArray, IntArray
from service.maps.numbers import apportioned

_EDGE_REASON: Final = "verdict.edge_of_data"


class HomeClass(IntEnum):
    """What one home is to one element, nearest first; the page draws each in its own form."""

    HALF = 0  # covered, at most half the threshold
    WITHIN = 1  # covered
    NEAR = 2  # not covered, up to 1.5 times the threshold
    FAR = 3  # not covered, up to twice the threshold
    NONE = 4  # nothing within the search limit
    EDGE = 5  # not covered, and the data ends within the threshold
    UNLINKED = 6  # no street to walk on
    UNTOLD = 7  # nothing seen, but the data cannot tell


def home_classes(study: Study, column: int, homes: BoolArray) -> ByteArray:
    """Return the :class:`HomeClass` of each of the chosen points for one walked element.

    Parameters
    ----------
    study
        The study.
    column
        The element's position in the reach table.
    homes
        Which demand points are asked for, bool [p].

    Returns
    -------
    ByteArray
        uint8 [number of homes], in the demand's order.
    """
    reach = study.reach
    walk = reach.walk[homes, column]
    covered = reach.covered[homes, column]
    threshold = float(reach.threshold[column])
    found = np.full(len(walk), HomeClass.NONE, dtype=np.uint8)
    found[walk <= 2.0 * threshold] = HomeClass.FAR
    found[walk <= 1.5 * threshold] = HomeClass.NEAR
    found[reach.at_edge(column)[homes]] = HomeClass.EDGE
    found[~covered & np.isinf(walk) & _untold(study, column)[homes]] = HomeClass.UNTOLD
    found[covered] = HomeClass.WITHIN
    found[covered & (walk <= 0.5 * threshold)] = HomeClass.HALF
    found[~study.measured.linked(reach.element_ids[column])[homes]] = HomeClass.UNLINKED
    return found


def class_tally(study: Study, classes: ByteArray, shown: BoolArray) -> list[list[list[int]]]:
    """Return homes and people by class: circle by circle, then all of them together.

    Parameters
    ----------
    study
        The study.
    classes
        The class of every demand point for one element, uint8 [p].
    shown
        Which points are drawn and counted as homes, bool [p]; people are everybody's.

    Returns
    -------
    list[list[list[int]]]
        For each circle and then for all: the homes by class and the people by class. People are
        whole and add up: the two covered classes to the people covered, all classes to the people.
    """
    demand = study.inputs.demand
    everywhere = np.ones(len(demand), dtype=bool)
    places = [demand.circle == number for number in range(len(study.inputs.circles))]
    return [
        [
            np.bincount(classes[here & shown], minlength=len(HomeClass)).tolist(),
            _whole_people(classes[here], demand.people[here]),
        ]
        for here in (*places, everywhere)
    ]


def _whole_people(classes: IntArray | ByteArray, people: FloatArray) -> list[int]:
    parts = np.bincount(classes, people, minlength=len(HomeClass)).astype(np.float64)
    covered = round(float(people[classes < HomeClass.NEAR].sum()))
    total = round(float(people.sum()))
    near, none = int(HomeClass.NEAR), int(HomeClass.NONE)
    # The sentences of the study name those beyond, at the edge and unlinked: these keep their own
    # rounding.
    return [
        *apportioned(parts[:near], covered, free=near),
        *apportioned(parts[near:], total - covered, free=none - near),
    ]


def _untold(study: Study, column: int) -> BoolArray:
    """Return the points in circles where the element's absence proves nothing, bool [p]."""
    element_id = study.reach.element_ids[column]
    open_ = {
        row.circle_id
        for row in study.assessment.rows
        if row.element_id == element_id and _cannot_tell(row)
    }
    of_circle = np.array([one in open_ for one in study.inputs.circles.circle_id], dtype=bool)
    circle = study.inputs.demand.circle
    return np.where(circle >= 0, of_circle[circle], False)


def _cannot_tell(row: ElementVerdict) -> bool:
    return row.verdict == "not_assessed" and row.coverage.reason.key != _EDGE_REASON

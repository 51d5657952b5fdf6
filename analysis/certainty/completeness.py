"""Completeness: what the inputs can tell of each element, in one statement."""

from dataclasses import dataclass

import numpy as np

from analysis.judgement.coverage import Measured
from analysis.messages import Message, message
from analysis.standard.profile import Completeness


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementData:
    """What is known of one element.

    Attributes
    ----------
    mapped, listed
        Facilities that count, from OSM and from planners' tables.
    ambiguous
        Those among them whose kind the tags cannot tell.
    expected
        How completely OSM is expected to hold the element.
    sized
        Share of them whose capacity is stated or estimated, 0…1; nan where no norm needs it.
    statement
        The same in a sentence.
    """

    element_id: str
    mapped: int
    listed: int
    ambiguous: int
    expected: Completeness
    sized: float
    statement: Message


def element_data(measured: Measured) -> tuple[ElementData, ...]:
    """Return the statement of every element, in the standard's order."""
    return tuple(_of(measured, element.id) for element in measured.standard.elements)


def _of(measured: Measured, element_id: str) -> ElementData:
    facilities, element = measured.facilities, measured.standard.element(element_id)
    rows = facilities.of_element(element_id)
    rows = rows[measured.counting[rows]]
    listed = sum(facilities.origin[row] == "table" for row in rows.tolist())
    mapped = len(rows) - listed
    ambiguous = int(np.count_nonzero(facilities.ambiguous[rows]))
    load = measured.loads.get(element_id)
    sized = float("nan")
    if load is not None and len(load.supply.row):
        sized = float(np.count_nonzero(load.supply.known) / len(load.supply.row))
    expected = element.osm.expected_completeness
    level = message(f"completeness.{expected}")
    if element_id in measured.evidence.table_elements:
        statement = message("data.listed", element=element.name, listed=listed, mapped=mapped)
    elif mapped == 0:
        statement = message("data.none", element=element.name, level=level)
    else:
        statement = message(
            "data.mapped", element=element.name, mapped=mapped, level=level, ambiguous=ambiguous
        )
    return ElementData(
        element_id=element_id,
        mapped=mapped,
        listed=listed,
        ambiguous=ambiguous,
        expected=expected,
        sized=sized,
        statement=statement,
    )

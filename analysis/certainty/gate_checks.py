"""Gate checks: which inferred gate the answers of residents rest on, compound by compound.

All inferred gates are opened at once; whose answer changes then is attributed to the one compound
that a visit has to settle: that in which they live, else that in which the facility lies.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from analysis.certainty.flips import FlipLists
from analysis.certainty.variants import VARIANTS, guessed_compounds
from analysis.judgement.coverage import Measured
from analysis.streets.barriers import Barriers
from analysis.units import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class GateVisit:
    """One compound to visit, and the residents × elements whose answer its gate settles."""

    compound: int
    element_ids: tuple[str, ...]
    people: float
    residents: float


def open_by_gates(flips: FlipLists) -> BoolArray:
    """Return whose met or unmet changes when all inferred gates stand open, bool [p, e]."""
    bit = np.uint8(1 << VARIANTS.index("gate"))
    open_: BoolArray = (flips.points & bit) != 0
    return open_


def gate_visits(
    measured: Measured, barriers: Barriers, flips: FlipLists, open_: BoolArray
) -> list[GateVisit]:
    """Return the compounds whose gates settle somebody of `open_` (bool [p, e]), by compound.

    Nobody is counted with two compounds, so the order of the visits changes nothing. Whose change
    touches no compound of an inferred gate is counted with none.
    """
    if flips.opened_by is None or not open_.any():
        return []
    guessed = guessed_compounds(barriers)
    lives_in = _compound_of(measured.demand.xy_m, barriers, guessed)
    lies_in = _compound_of(measured.facilities.xy_m, barriers, guessed)
    point, column = np.nonzero(open_)
    served = measured.reach.covered[point, column]
    # Who gains is served by a facility then, who loses by one now.
    facility = np.where(
        served, measured.reach.nearest[point, column], flips.opened_by[point, column]
    )
    compound = np.where(
        lives_in[point] >= 0, lives_in[point], np.where(facility >= 0, lies_in[facility], -1)
    )
    people: FloatArray = measured.demand.people[point]
    visits = []
    for one in np.unique(compound[compound >= 0]).tolist():
        here = compound == one
        settled = float(people[here].sum())
        if settled > 0:
            columns = np.unique(column[here & (people > 0)]).tolist()
            elements = tuple(measured.reach.element_ids[i] for i in columns)
            residents = float(measured.demand.people[np.unique(point[here])].sum())
            visits.append(
                GateVisit(compound=one, element_ids=elements, people=settled, residents=residents)
            )
    return visits


def _compound_of(xy_m: FloatArray, barriers: Barriers, guessed: IntArray) -> IntArray:
    """Return the smallest compound of `guessed` that holds each point, -1 for none, int32."""
    found = np.full(len(xy_m), -1, dtype=np.int32)
    size_m2 = shapely.area(barriers.compounds[guessed])
    order = guessed[np.lexsort((guessed, -size_m2))]
    tree = shapely.STRtree(shapely.points(xy_m))
    for one in order.tolist():  # the smallest last
        found[tree.query(barriers.compounds[one], predicate="intersects")] = one
    return found

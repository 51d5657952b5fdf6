"""Path closing: which arcs of the network a scenario closes."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import shapely

from analysis.linking.linkable import arc_lines
from analysis.scenario.modifications import ClosePath
from analysis.streets.network import WalkNetwork
from analysis.units import BoolArray, FloatArray, IntArray

NEAR_WAY_M: Final = 50.0
_AS_NEAR_M: Final = 0.01


def closed_arcs(network: WalkNetwork, edits: Iterable[ClosePath]) -> BoolArray:
    """Return which arcs `edits` close, bool [m].

    All arcs of the way; with a place, those of them that are nearest to it.
    """
    closing = np.zeros(network.n_arcs, dtype=bool)
    for edit in edits:
        arcs, apart_m = _arcs(network, edit)
        closing[arcs[apart_m <= apart_m.min(initial=np.inf) + _AS_NEAR_M]] = True
    return closing


def near_way(network: WalkNetwork, edit: ClosePath) -> bool:
    """Return whether the place of `edit` lies within :data:`NEAR_WAY_M` of its way."""
    _, apart_m = _arcs(network, edit)
    return bool(apart_m.min(initial=np.inf) <= NEAR_WAY_M)


def _arcs(network: WalkNetwork, edit: ClosePath) -> tuple[IntArray, FloatArray]:
    """Return the arcs of the way and how far each is from the place, 0 without one."""
    arcs = np.flatnonzero(network.arc_way_id == edit.way_id).astype(np.int32)
    if edit.xy_m is None:
        return arcs, np.zeros(len(arcs))
    return arcs, shapely.distance(arc_lines(network, arcs), shapely.Point(edit.xy_m))

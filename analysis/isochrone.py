"""Isochrones: how far one gets on foot, as pieces of street and as a polygon around them.

The reached set is exact: streets are cut where the budget ends, inside an arc; where the wave comes
in from both ends the middle stays out (a tent, not a straight line between the ends). The polygon
is a drawing of it: every place within `buffer_m` of a reached piece.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.ops import substring

from analysis.barriers import Barriers
from analysis.errors import InvalidParameterError, NotOnNetworkError
from analysis.kernels.search import bounded_search
from analysis.linkable import LinkRules, arc_lines, linkable_arcs
from analysis.linkage import Link, Linkage, link_points
from analysis.messages import message
from analysis.network import WalkNetwork, search_graph
from analysis.travel_time import walkable_arcs
from analysis.units import BoolArray, FloatArray, GeometryArray, IntArray
from analysis.walking import WalkProfile

DEFAULT_BUFFER_M = 25.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Isochrone:
    """What is reached within one cutoff.

    Attributes
    ----------
    cutoff_m
        The budget, metres, access leg included.
    pieces
        Reached stretches of street, object array of LineString, metres.
    reached_m
        Their length, metres; where two waves overlap on an arc it counts once.
    shape
        Polygon or MultiPolygon of all places within `buffer_m` of a piece or of `access_leg`,
        metres; empty where the budget ends before the street.
    access_m
        The shortest leg from the origin to a street, metres.
    access_leg
        That leg, drawn straight, metres.
    """

    cutoff_m: float
    pieces: GeometryArray
    reached_m: float
    shape: shapely.Geometry
    access_m: float
    access_leg: shapely.LineString


def isochrones(
    origin_xy_m: tuple[float, float],
    cutoffs_m: tuple[float, ...],
    *,
    network: WalkNetwork,
    barriers: Barriers,
    profile: WalkProfile,
    rules: LinkRules,
    buffer_m: float = DEFAULT_BUFFER_M,
) -> tuple[Isochrone, ...]:
    """Return one isochrone for each cutoff, in the order asked; a larger one holds a smaller one.

    Raises :class:`NotOnNetworkError` where the origin cannot be linked to a street and
    :class:`InvalidParameterError` for a cutoff or buffer that is not positive.
    """
    if not cutoffs_m or min(cutoffs_m) <= 0 or not np.isfinite(cutoffs_m).all() or buffer_m <= 0:
        raise InvalidParameterError(message("isochrone.positive"), value=(*cutoffs_m, buffer_m))
    linkable = linkable_arcs(network, profile, rules)
    origin = link_points(np.array([origin_xy_m]), network, linkable, barriers, rules)
    if not origin.linked[0]:
        name = Link(int(origin.how[0])).name.lower()
        raise NotOnNetworkError(
            message(f"isochrone.not_linked.{name}", limit_m=rules.snap_limit_m),
            remedy=message("isochrone.not_linked.remedy"),
        )
    arcs = walkable_arcs(network, profile)
    node_m = _search(network, profile, origin, arcs.forward, arcs.backward, max(cutoffs_m))
    leg = _access_leg(origin_xy_m, network, origin)
    out = []
    for cutoff_m in cutoffs_m:
        arc, start_m, end_m = _intervals(
            network, node_m, origin, arcs.forward, arcs.backward, cutoff_m
        )
        pieces = _cut(network, arc, start_m, end_m)
        out.append(
            Isochrone(
                cutoff_m=cutoff_m,
                pieces=pieces,
                reached_m=float((end_m - start_m).sum()),
                shape=_drawing(pieces, leg, buffer_m),
                access_m=float(origin.access_m.min()),
                access_leg=leg,
            )
        )
    return tuple(out)


def _access_leg(
    origin_xy_m: tuple[float, float], network: WalkNetwork, origin: Linkage
) -> shapely.LineString:
    nearest = int(np.argmin(origin.access_m))
    arc = int(origin.arc[nearest])
    line = arc_lines(network, np.array([arc], dtype=np.int32))[0]
    share = origin.offset_m[nearest] / network.arc_length_m[arc] if network.arc_length_m[arc] else 0
    foot = shapely.line_interpolate_point(line, share, normalized=True)
    return shapely.LineString([origin_xy_m, (foot.x, foot.y)])


def _drawing(pieces: GeometryArray, leg: shapely.LineString, buffer_m: float) -> shapely.Geometry:
    if len(pieces) == 0:
        return shapely.Polygon()
    return shapely.union_all(shapely.buffer([*pieces, leg], buffer_m))


def _search(
    network: WalkNetwork,
    profile: WalkProfile,
    origin: Linkage,
    forward: BoolArray,
    backward: BoolArray,
    limit_m: float,
) -> FloatArray:
    graph = search_graph(network, profile, reverse=False)
    arc, x, leg = origin.arc, origin.offset_m, origin.access_m
    on, back = forward[arc], backward[arc]
    return bounded_search(
        graph.indptr,
        graph.indices,
        graph.length_m,
        np.concatenate([network.arc_head[arc[on]], network.arc_tail[arc[back]]]),
        np.concatenate([leg[on] + (network.arc_length_m[arc[on]] - x[on]), leg[back] + x[back]]),
        limit_m,
    )


def _intervals(
    network: WalkNetwork,
    node_m: FloatArray,
    origin: Linkage,
    forward: BoolArray,
    backward: BoolArray,
    cutoff_m: float,
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return disjoint reached stretches as (arc, start offset, end offset)."""
    length_m = network.arc_length_m
    from_tail = np.where(forward, cutoff_m - node_m[network.arc_tail], -np.inf)
    from_head = np.where(backward, cutoff_m - node_m[network.arc_head], -np.inf)
    tail_side, head_side = np.flatnonzero(from_tail >= 0), np.flatnonzero(from_head >= 0)
    left = cutoff_m - origin.access_m
    near = np.flatnonzero(left >= 0)
    here, x, left = origin.arc[near], origin.offset_m[near], left[near]
    arc = np.concatenate([tail_side, head_side, here])
    start_m = np.concatenate(
        [
            np.zeros(len(tail_side)),
            np.maximum(length_m[head_side] - from_head[head_side], 0.0),
            np.where(backward[here], np.maximum(x - left, 0.0), x),
        ]
    )
    end_m = np.concatenate(
        [
            np.minimum(from_tail[tail_side], length_m[tail_side]),
            length_m[head_side],
            np.where(forward[here], np.minimum(x + left, length_m[here]), x),
        ]
    )
    return _merge(arc, start_m, end_m)


def _merge(
    arc: IntArray, start_m: FloatArray, end_m: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Join overlapping stretches of the same arc."""
    order = np.lexsort((end_m, start_m, arc))
    merged: list[tuple[int, float, float]] = []
    for row in order.tolist():
        one, low, high = int(arc[row]), float(start_m[row]), float(end_m[row])
        if merged and merged[-1][0] == one and low <= merged[-1][2]:
            merged[-1] = (one, merged[-1][1], max(merged[-1][2], high))
        else:
            merged.append((one, low, high))
    table = np.array(merged, dtype=np.float64).reshape(-1, 3)
    return table[:, 0].astype(np.int32), table[:, 1], table[:, 2]


def _cut(
    network: WalkNetwork, arc: IntArray, start_m: FloatArray, end_m: FloatArray
) -> GeometryArray:
    """Return the drawings of the stretches; a stretch of no length is drawn as a point's line."""
    lines = arc_lines(network, arc)
    drawn_m = shapely.length(lines)
    length_m = network.arc_length_m[arc]
    scale = np.divide(drawn_m, length_m, out=np.zeros(len(arc)), where=length_m > 0)
    partly = np.flatnonzero((start_m > 0) | (end_m < length_m))
    for row in partly.tolist():  # only the rim of the reached set is cut
        lines[row] = _substring(lines[row], start_m[row] * scale[row], end_m[row] * scale[row])
    return lines


def _substring(line: shapely.LineString, start_m: float, end_m: float) -> shapely.LineString:
    piece = substring(line, start_m, end_m)
    if piece.geom_type == "Point":
        return shapely.LineString([piece, piece])
    return piece

"""Isochrones: how far one gets on foot, as pieces of street and as a polygon around them.

The reached set is exact: streets are cut where the budget ends, inside an arc; where the wave comes
in from both ends the middle stays out (a tent, not a straight line between the ends). The polygon
is a drawing of it: every place within `buffer_m` of a reached piece. It carries its own measured
agreement with that set.
"""

from collections import deque
from dataclasses import dataclass, field

import numpy as np
import shapely

from analysis.errors import InvalidParameterError, NotOnNetworkError
from analysis.isochrones.drawing import Drawing, DrawingKind, draw
from analysis.kernels.stretches import cut_stretches, segments_of
from analysis.linking.candidate_arcs import Walls, walls_of
from analysis.linking.linkable import LinkableArcs, LinkRules, linkable_arcs
from analysis.linking.linkage import Link, Linkage, link_points
from analysis.messages import message
from analysis.streets.barriers import Barriers
from analysis.streets.network import WalkNetwork
from analysis.units import FloatArray, GeometryArray, IntArray, freeze
from analysis.walking import WalkProfile
from analysis.walks.reached import ReachedPieces, reached_pieces
from analysis.walks.scratch import SearchScratch
from analysis.walks.walk_costs import Measure, walk_costs
from analysis.walks.walk_graph import WalkGraph, walk_graph

DEFAULT_BUFFER_M = 25.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Isochrone:
    """What is reached within one cutoff.

    Attributes
    ----------
    cutoff
        The budget, access leg included, in the measure of the search: metres or seconds.
    reached
        Reached stretches of arcs.
    piece_first, piece_xy_m
        Their drawings: piece *k* of `reached` is ``piece_xy_m[piece_first[k]:piece_first[k + 1]]``,
        int32 [k + 1] and float64 [v, 2], metres.
    drawing
        The polygon of all places within the buffer of a piece or of `access_leg`; empty where the
        budget ends before the street.
    access_m
        The shortest leg from the origin to a street, metres.
    access_leg
        That leg, drawn straight, metres.
    """

    cutoff: float
    reached: ReachedPieces
    piece_first: IntArray
    piece_xy_m: FloatArray
    drawing: Drawing
    access_m: float
    access_leg: shapely.LineString

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self.piece_first)
        freeze(self.piece_xy_m)

    @property
    def shape(self) -> shapely.Geometry:
        """Return the polygon, metres."""
        return self.drawing.shape

    @property
    def reached_m(self) -> float:
        """Return the reached length of street, metres; where waves overlap it counts once."""
        return float((self.reached.end_m - self.reached.start_m).sum())

    @property
    def pieces(self) -> GeometryArray:
        """Return the reached stretches as LineStrings, metres; one of no length is a point twice.

        They are made anew each time.
        """
        row = np.repeat(np.arange(len(self.piece_first) - 1), np.diff(self.piece_first))
        lines: GeometryArray = shapely.linestrings(self.piece_xy_m, indices=row)
        return lines


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PreparedPlace:
    """A place prepared for the isochrones of one walker: all that no origin changes.

    It may be used by several threads at once: each borrows working memory of its own.
    """

    graph: WalkGraph
    linkable: LinkableArcs
    barriers: Barriers
    walls: Walls
    rules: LinkRules
    scratches: deque[SearchScratch] = field(default_factory=deque, repr=False)


def prepare_place(
    network: WalkNetwork,
    barriers: Barriers,
    profile: WalkProfile,
    rules: LinkRules,
    *,
    measure: Measure = "metres",
) -> PreparedPlace:
    """Prepare a place for `profile`; cutoffs are then in `measure`.

    In metres the walker decides which arcs are open; in seconds also how fast slopes and steps go.
    """
    return PreparedPlace(
        graph=walk_graph(network, walk_costs(network, profile, measure)),
        linkable=linkable_arcs(network, profile, rules),
        barriers=barriers,
        walls=walls_of(barriers),
        rules=rules,
    )


def isochrones(
    origin_xy_m: tuple[float, float],
    cutoffs: tuple[float, ...],
    *,
    place: PreparedPlace,
    buffer_m: float = DEFAULT_BUFFER_M,
    drawing: DrawingKind = "exact",
    fill_holes_below_m2: float = 0.0,
) -> tuple[Isochrone, ...]:
    """Return one isochrone for each cutoff, in the order asked; a larger one holds a smaller one.

    Parameters
    ----------
    origin_xy_m
        Where the walk starts, metres in the network's CRS.
    cutoffs
        Budgets in the measure of `place`, > 0, access leg included. One search answers all, and
        each as if it had been asked alone.
    place
        The network as the walker walks it, see :func:`prepare_place`.
    buffer_m
        How far the polygon reaches around reached street, > 0.
    drawing
        ``fast`` for the screen, ``exact`` for reports; the pieces are the same.
    fill_holes_below_m2
        Holes smaller than this are filled, and counted in the drawing; 0 keeps all.

    Raises
    ------
    NotOnNetworkError
        Where the origin cannot be linked to a street.
    InvalidParameterError
        For a cutoff or buffer that is not positive, or an area below 0 or not a number.
    """
    if not cutoffs or min(cutoffs) <= 0 or not np.isfinite([*cutoffs, buffer_m]).all():
        raise InvalidParameterError(message("isochrone.positive"), value=(*cutoffs, buffer_m))
    if buffer_m <= 0:
        raise InvalidParameterError(message("isochrone.positive"), value=buffer_m)
    if not fill_holes_below_m2 >= 0:
        raise InvalidParameterError(message("isochrone.holes"), value=fill_holes_below_m2)
    origin = _linked(origin_xy_m, place)
    leg_xy_m = _access_leg(origin_xy_m, place.graph.network, origin)
    return tuple(
        _isochrone(cutoff, reached, place, origin, leg_xy_m, buffer_m, drawing, fill_holes_below_m2)
        for cutoff, reached in zip(cutoffs, _search(place, origin, cutoffs), strict=True)
    )


def _linked(origin_xy_m: tuple[float, float], place: PreparedPlace) -> Linkage:
    origin = link_points(
        np.array([origin_xy_m]), place.graph.network, place.linkable, place.barriers, place.rules,
        walls=place.walls,
    )  # fmt: skip
    if not origin.linked[0]:
        how = Link(int(origin.how[0]))
        key = f"isochrone.not_linked.{how.name.lower()}"
        # Where streets are near, the place is not what is wrong: its cause has its own remedy.
        remedy = "isochrone.not_linked.remedy" if how is Link.NO_STREET else f"{key}.remedy"
        raise NotOnNetworkError(
            message(key, limit_m=place.rules.snap_limit_m), remedy=message(remedy)
        )
    return origin


def _search(
    place: PreparedPlace, origin: Linkage, cutoffs: tuple[float, ...]
) -> tuple[ReachedPieces, ...]:
    try:
        scratch = place.scratches.pop()
    except IndexError:
        scratch = SearchScratch(place.graph)
    reached = reached_pieces(place.graph, origin, cutoffs, scratch)
    place.scratches.append(scratch)
    return reached


def _access_leg(
    origin_xy_m: tuple[float, float], network: WalkNetwork, origin: Linkage
) -> FloatArray:
    """Return the shortest leg, from the origin to its foot, float64 [2, 2], metres."""
    nearest = int(np.argmin(origin.access_m))
    foot = origin.offset_m[nearest : nearest + 1]
    _, foot_xy_m = cut_stretches(
        origin.arc[nearest : nearest + 1], foot, foot,
        network.arc_first, network.arc_xy_m, network.arc_length_m,
    )  # fmt: skip
    leg: FloatArray = np.array([origin_xy_m, foot_xy_m[0]], dtype=np.float64)
    return leg


def _isochrone(
    cutoff: float,
    reached: ReachedPieces,
    place: PreparedPlace,
    origin: Linkage,
    leg_xy_m: FloatArray,
    buffer_m: float,
    drawing: DrawingKind,
    fill_holes_below_m2: float,
) -> Isochrone:
    network = place.graph.network
    first, xy_m = cut_stretches(
        reached.arc, reached.start_m, reached.end_m,
        network.arc_first, network.arc_xy_m, network.arc_length_m,
    )  # fmt: skip
    segments = segments_of(first, xy_m)
    if len(segments):
        segments = np.concatenate([segments, leg_xy_m.reshape(1, 4)])
    return Isochrone(
        cutoff=cutoff,
        reached=reached,
        piece_first=first,
        piece_xy_m=xy_m,
        drawing=draw(
            segments, buffer_m=buffer_m, kind=drawing, fill_holes_below_m2=fill_holes_below_m2
        ),
        access_m=float(origin.access_m.min()),
        access_leg=shapely.LineString(leg_xy_m),
    )

"""Reached pieces: the stretches of street within a budget of one origin.

The reached set is exact: streets are cut where the budget ends, inside an arc; where waves come in
from both ends the middle stays out (a tent, not a straight line between the ends). Several cutoffs
are answered by one search, and each as if it had been asked alone.
"""

from dataclasses import dataclass

import numpy as np

from analysis.kernels.pieces import search_pieces
from analysis.kernels.segments import read_only
from analysis.linking.linkage import Linkage
from analysis.units import FloatArray, IntArray, freeze
from analysis.walks.scratch import SearchScratch, limit_units
from analysis.walks.walk_graph import WalkGraph


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReachedPieces:
    """Reached stretches of arcs.

    `arc` int32 [k], `start_m` and `end_m` float64 [k], metres from the arc's tail,
    0 ≤ start ≤ end ≤ length; ordered by arc and start, disjoint even at their ends. A stretch of no
    length is a place reached with nothing left, or an arc of no length.
    """

    arc: IntArray
    start_m: FloatArray
    end_m: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self.arc)
        freeze(self.start_m)
        freeze(self.end_m)


def reached_pieces(
    graph: WalkGraph,
    origin: Linkage,
    cutoffs: tuple[float, ...],
    scratch: SearchScratch | None = None,
) -> tuple[ReachedPieces, ...]:
    """Return what is reached within each of `cutoffs`, in the order asked.

    Parameters
    ----------
    graph
        The network as the walker walks it.
    origin
        Where the walk starts: one linked point, or several, whichever is nearer to each place.
    cutoffs
        Budgets in the graph's measure (metres or seconds) ≥ 0, access leg included, themselves
        within reach; ``inf`` is everything that can be walked to.
    scratch
        Working memory for `graph`; made anew where None, which costs more than the search.

    Raises :class:`InvalidParameterError` for a cutoff that is negative or not a number.
    """
    if scratch is None:
        scratch = SearchScratch(graph)
    scratch.check(graph)
    limits = [limit_units(cutoff) for cutoff in cutoffs]
    if not limits:
        return ()
    arc, offset_m, leg_m = origin.arc, origin.offset_m, origin.access_m
    if len(origin.how) > 1:
        by_arc = np.argsort(arc, kind="stable")
        arc, offset_m = read_only(arc[by_arc]), read_only(offset_m[by_arc])
        leg_m = read_only(leg_m[by_arc])
    first, of_arc, start_m, end_m = search_pieces(
        scratch.wave(max(limits)), scratch.arcs, scratch.marks,
        arc, offset_m, leg_m, graph.costs.leg_pace, np.array(limits, dtype=np.int64),
    )  # fmt: skip
    rows = [slice(first[c], first[c + 1]) for c in range(len(limits))]
    return tuple(
        ReachedPieces(arc=of_arc[part], start_m=start_m[part], end_m=end_m[part]) for part in rows
    )

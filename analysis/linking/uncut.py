"""UncutStreets: streets as people link to them, where those that are walked have been cut.

Where a new path joins a street midway the street is cut into pieces. A cut must not bring the
street nearer to anybody, so points are linked to whole streets, and their links are then moved onto
the pieces. And what is added never takes a link away: whoever stepped onto a street before may
still do so, however near the new path lies.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.linking.linkage import Linkage
from analysis.streets.barriers import Barriers
from analysis.streets.network import WalkNetwork
from analysis.units import FloatArray, IntArray, freeze


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UncutStreets:
    """Whole streets, and the pieces that are walked.

    Attributes
    ----------
    before, barriers_before
        The streets without what was added, what was closed closed already; and their barriers.
    whole
        The same with the new paths after them, none of them cut. Its nodes and components are those
        of the network that is walked.
    piece_first, piece_arc, piece_from_m
        int32 [w + 1]; the pieces of arc *w* of `whole`, from its tail, are rows
        ``piece_first[w]:piece_first[w + 1]`` of `piece_arc` int32, the arc that is walked, and
        `piece_from_m` float64, where it begins.
    """

    before: WalkNetwork
    barriers_before: Barriers
    whole: WalkNetwork
    piece_first: IntArray
    piece_arc: IntArray
    piece_from_m: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.piece_first, self.piece_arc, self.piece_from_m):
            freeze(array)

    def on_pieces(self, links: Linkage) -> Linkage:
        """Return links to arcs of `whole` as links to the pieces that are walked."""
        first, count = self.piece_first[links.arc], np.diff(self.piece_first)[links.arc]
        piece = first.copy()
        for step in range(1, int(count.max(initial=1))):
            later = np.minimum(first + step, len(self.piece_from_m) - 1)
            reached = (step < count) & (self.piece_from_m[later] <= links.offset_m)
            piece[reached] = later[reached]
        return replace(
            links,
            arc=self.piece_arc[piece],
            offset_m=links.offset_m - self.piece_from_m[piece],
        )


def both(one: Linkage, other: Linkage) -> Linkage:
    """Return the candidates of the same points in either, each once.

    A point is linked in the better of the two ways: of :class:`Link` the smaller.
    """
    n = len(one.how)
    point = np.concatenate(
        [
            np.repeat(np.arange(n, dtype=np.int32), np.diff(links.point_first))
            for links in (one, other)
        ]
    )
    arc, offset_m, access_m = (
        np.concatenate([getattr(one, name), getattr(other, name)])
        for name in ("arc", "offset_m", "access_m")
    )
    order = np.lexsort((access_m, offset_m, arc, point))
    columns = np.column_stack([point, arc, offset_m, access_m])[order]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(columns, axis=0) != 0).any(axis=1)
    rows = order[fresh]
    first = np.zeros(n + 1, dtype=np.int32)
    first[1:] = np.cumsum(np.bincount(point[rows], minlength=n))
    return Linkage(
        point_first=first,
        arc=arc[rows],
        offset_m=offset_m[rows],
        access_m=access_m[rows],
        how=np.minimum(one.how, other.how).astype(np.uint8),
    )

"""Goals: the entrances of facilities on their arcs, and the places where one comes upon them."""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from analysis.kernels.along import ways_of_feet
from analysis.kernels.fields import Scale, Stands
from analysis.kernels.segments import read_only
from analysis.linking.linkage import Linkage
from analysis.units import BoolArray, FloatArray, IdArray, IntArray, freeze
from analysis.walks.feet import feet_of
from analysis.walks.walk_graph import WalkGraph
from analysis.what_if.path_changes import PathChanges

NO_ROWS: Final = read_only(np.empty(0, dtype=np.int32))
NO_KEYS: Final = read_only(np.empty(0, dtype=np.int64))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Goals:
    """Candidates of facilities: one row for each arc that an entrance is linked to.

    `arc` int32 [c], `offset_m` and `access_m` float64 [c] as in a Linkage; `rank` int32 [c] names
    the facility; `ends` int32 [c, 2], the places at tail and head of the arc; `arriving` int64
    [c, 2], units from there to the facility.
    """

    arc: IntArray
    offset_m: FloatArray
    access_m: FloatArray
    rank: IntArray
    ends: IntArray
    arriving: IdArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for one in fields(self):
            freeze(getattr(self, one.name))

    def rows(self, rows: IntArray | IdArray | BoolArray) -> "Goals":
        """Return some of the rows."""
        return Goals(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})

    def beside(self, other: "Goals") -> "Goals":
        """Return the rows of both."""
        return Goals(
            **{
                one.name: np.concatenate([getattr(self, one.name), getattr(other, one.name)])
                for one in fields(self)
            }
        )

    def at_cost(self, graph: WalkGraph, path: PathChanges) -> "Goals":
        """Return the same, all on one arc, with the costs that `path`, which is one, gives it."""
        _, arriving, _, _ = ways_of_feet(
            read_only(np.zeros(len(self.arc), dtype=np.int32)), self.offset_m, self.access_m,
            graph.costs.leg_pace, path.forward, path.backward,
            read_only(graph.network.arc_length_m[self.arc[:1]]),
        )  # fmt: skip
        return Goals(
            arc=self.arc,
            offset_m=self.offset_m,
            access_m=self.access_m,
            rank=self.rank,
            ends=self.ends,
            arriving=arriving,
        )

    def stands(self, scale: Scale, gone: IntArray | None = None) -> Stands:
        """Return the places where these are come upon within the limit; see :class:`Stands`."""
        gone = NO_ROWS if gone is None else gone
        if len(self.arc) == 0:
            return Stands(NO_ROWS, NO_KEYS, NO_ROWS, gone)
        within = self.arriving <= scale.limit
        row, side = np.nonzero(within)
        key = (self.arriving[within] << scale.bits) | self.rank[row]
        place = self.ends[row, side]
        order = np.argsort(place, kind="stable")
        return Stands(
            place=read_only(place[order]),
            key=read_only(key[order]),
            row=read_only(row[order].astype(np.int32)),
            gone=gone,
        )


def goals_of(graph: WalkGraph, targets: Linkage, target_rank: IntArray, chosen: BoolArray) -> Goals:
    """Return the candidates of the `chosen` targets (bool [t]); `target_rank` int32 [t]: names."""
    counts = np.diff(targets.point_first)
    feet = feet_of(graph, targets)
    rows = np.flatnonzero(np.repeat(chosen, counts))
    return Goals(
        arc=targets.arc[rows],
        offset_m=targets.offset_m[rows],
        access_m=targets.access_m[rows],
        rank=np.repeat(target_rank.astype(np.int32), counts)[rows],
        ends=feet.ends[rows],
        arriving=feet.arriving[rows],
    )

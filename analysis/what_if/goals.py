"""Goals: the entrances of facilities on their arcs, and the places where one comes upon them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.kernels.along import ways_of_feet
from analysis.kernels.fields import Scale, Stands
from analysis.kernels.repair import standing
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
        for array in self._arrays():
            freeze(array)

    def _arrays(self) -> tuple[IntArray, FloatArray, FloatArray, IntArray, IntArray, IdArray]:
        return self.arc, self.offset_m, self.access_m, self.rank, self.ends, self.arriving

    def rows(self, rows: IntArray | IdArray | BoolArray) -> "Goals":
        """Return some of the rows."""
        return Goals(
            arc=self.arc[rows],
            offset_m=self.offset_m[rows],
            access_m=self.access_m[rows],
            rank=self.rank[rows],
            ends=self.ends[rows],
            arriving=self.arriving[rows],
        )

    def beside(self, other: "Goals") -> "Goals":
        """Return the rows of both."""
        if len(self.arc) == 0 or len(other.arc) == 0:  # as in nearly every edit
            return other if len(self.arc) == 0 else self
        return Goals(
            arc=np.concatenate([self.arc, other.arc]),
            offset_m=np.concatenate([self.offset_m, other.offset_m]),
            access_m=np.concatenate([self.access_m, other.access_m]),
            rank=np.concatenate([self.rank, other.rank]),
            ends=np.concatenate([self.ends, other.ends]),
            arriving=np.concatenate([self.arriving, other.arriving]),
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
        place, key, row = standing(self.ends, self.arriving, self.rank, scale)
        for array in (place, key, row):
            freeze(array)
        return Stands(place, key, row, gone)


def goals_at(graph: WalkGraph, entrances: Linkage, rank: int) -> Goals:
    """Return the candidates of one facility with these entrances."""
    feet = feet_of(graph, entrances)
    return Goals(
        arc=entrances.arc,
        offset_m=entrances.offset_m,
        access_m=entrances.access_m,
        rank=np.full(len(entrances.arc), rank, dtype=np.int32),
        ends=feet.ends,
        arriving=feet.arriving,
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

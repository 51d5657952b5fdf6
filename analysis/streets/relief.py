"""Relief: from heights at stations along the streets to the terrain of a network.

A raster knows the surface, not the deck of a bridge nor the floor of a tunnel. So heights are asked
for at every node and every few metres along arcs that lie on the ground; bridges and tunnels run
straight between their ends; steps take from it only which end is the higher one.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from analysis.streets.network import WalkNetwork
from analysis.streets.terrain import Terrain
from analysis.units import BoolArray, FlagArray, FloatArray, IdArray, IntArray, freeze
from analysis.walking import ArcFlag

SPACING_M: Final = 30.0
_OFF_GROUND: Final = int(ArcFlag.BRIDGE | ArcFlag.TUNNEL)
_NOT_FOLLOWED: Final = _OFF_GROUND | int(ArcFlag.STEPS)
_PER_M: Final = 1e6  # heights are taken to a micrometre, so that no last bit shows
_SHORTEST_M: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stations:
    """Where heights are asked for.

    `xy_m` float64 [n + k, 2]: the n nodes, then the stations within arcs, from tail to head, arc
    after arc; `first` int32 [m + 1]: those of arc *a* are rows ``n + first[a]:n + first[a + 1]``,
    none for an arc that is short, a bridge, a tunnel or steps.
    """

    xy_m: FloatArray
    first: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self.xy_m)
        freeze(self.first)


def stations(network: WalkNetwork, *, spacing_m: float = SPACING_M) -> Stations:
    """Return the nodes and places at equal distances, at most `spacing_m`, along each arc."""
    line, counts = network.arc_xy_m, np.diff(network.arc_first)
    step_m = np.zeros(len(line))
    step_m[1:] = np.hypot(*np.diff(line, axis=0).T)
    step_m[network.arc_first[:-1]] = 0.0  # the jump from one arc to the next
    along_m = np.cumsum(step_m)
    start_m, end_m = along_m[network.arc_first[:-1]], along_m[network.arc_first[1:] - 1]
    runs = np.maximum(np.ceil((end_m - start_m) / spacing_m), 1.0).astype(np.int64)
    runs[(network.arc_flags & _NOT_FOLLOWED) != 0] = 1
    first = np.zeros(network.n_arcs + 1, dtype=np.int32)
    first[1:] = np.cumsum(runs - 1)
    arc = np.repeat(np.arange(network.n_arcs), runs - 1)
    share = (np.arange(len(arc)) - first[arc] + 1) / runs[arc]
    at_m = start_m[arc] + share * (end_m - start_m)[arc]
    last = network.arc_first[arc] + counts[arc] - 2  # no segment starts at an arc's last point
    segment = np.searchsorted(along_m, at_m, side="right") - 1
    segment = np.clip(segment, network.arc_first[arc], last)
    gone = np.divide(
        at_m - along_m[segment], step_m[segment + 1],
        out=np.zeros(len(arc)), where=step_m[segment + 1] > 0,
    )  # fmt: skip
    within = line[segment] + gone[:, None] * (line[segment + 1] - line[segment])
    return Stations(xy_m=np.concatenate([network.node_xy_m, within]), first=first)


def lay_terrain(
    network: WalkNetwork,
    where: Stations,
    height_m: FloatArray,
    *,
    wheelchair_max_grade: float | None = None,
    cell_m: float = 0.0,
) -> WalkNetwork:
    """Return `network` with its terrain.

    The grade of a run is its rise over its length. So that noise of a raster and a few steep metres
    do not count as a steep street, heights are given as means over a window
    (:mod:`analysis.sources.elevation.windows`): a run, however short, then has the mean grade over
    the window around it.

    Parameters
    ----------
    network
        The streets.
    where
        Their :func:`stations`.
    height_m
        float64 [n + k], metres above any one level; nan where not known: a stretch with an end of
        unknown height counts as level.
    wheelchair_max_grade
        Arcs with a steeper run carry :attr:`~analysis.walking.ArcFlag.STEEP`; None for none. Steps
        are closed to wheelchairs as steps.
    cell_m
        Metres between the heights of the raster they come from; 0 where they are exact.
    """
    height_m = np.rint(height_m * _PER_M) / _PER_M
    node_m, within_m = height_m[: network.n_nodes], height_m[network.n_nodes :]
    node_m = _bridged(network, node_m)
    run_first = (where.first + np.arange(network.n_arcs + 1)).astype(np.int32)
    arc = np.repeat(np.arange(network.n_arcs), np.diff(run_first))
    from_m, to_m = np.empty(len(arc)), np.empty(len(arc))
    starts, ends = run_first[:-1], run_first[1:] - 1
    inner_start = np.ones(len(arc), dtype=bool)
    inner_start[starts] = False
    inner_end = np.ones(len(arc), dtype=bool)
    inner_end[ends] = False
    from_m[starts], from_m[inner_start] = node_m[network.arc_tail], within_m
    to_m[ends], to_m[inner_end] = node_m[network.arc_head], within_m
    run_m = (network.arc_length_m / np.diff(run_first))[arc]
    rise_m = to_m - from_m
    known = np.isfinite(rise_m)
    grade = np.divide(rise_m, run_m, out=np.zeros(len(arc)), where=known & (run_m > 0))
    terrain = Terrain(
        run_first=run_first,
        run_m=run_m,
        grade=grade,
        known_m=float(run_m[known].sum()),
        cell_m=cell_m,
    )
    return replace(
        network,
        terrain=terrain,
        arc_flags=_with_steep(network, terrain, wheelchair_max_grade),
    )


def _with_steep(network: WalkNetwork, terrain: Terrain, max_grade: float | None) -> FlagArray:
    flags = network.arc_flags & np.uint16(0xFFFF & ~int(ArcFlag.STEEP))
    if max_grade is not None:
        on_foot = (network.arc_flags & int(ArcFlag.STEPS)) == 0
        flags[on_foot & (terrain.steepest() > max_grade)] |= np.uint16(ArcFlag.STEEP)
    return flags


def _bridged(network: WalkNetwork, node_m: FloatArray) -> FloatArray:
    """Return heights where nodes on bridges and in tunnels lie straight between the ends.

    A node where only bridges, tunnels and steps meet is not on the ground. Its height is the mean
    of its neighbours' along bridges and tunnels, each weighted by 1 / distance: on a single bridge
    of several arcs that is the straight line, where bridges branch a smooth surface. Bridges that
    nowhere come down to the ground but by steps have no known height.
    """
    off = _off_ground_nodes(network)
    if not off.any():
        return node_m
    decks = ((network.arc_flags & _OFF_GROUND) != 0) & (network.arc_tail != network.arc_head)
    tail, head = network.arc_tail[decks], network.arc_head[decks]
    here, there = np.concatenate([tail, head]), np.concatenate([head, tail])
    weight = np.tile(1.0 / np.maximum(network.arc_length_m[decks], _SHORTEST_M), 2)
    of_use = off[here] & (off[there] | np.isfinite(node_m[there]))
    here, there, weight = here[of_use], there[of_use], weight[of_use]
    solved = np.where(off, np.nan, node_m)
    rows = _grounded(network.n_nodes, here, there, off)
    if len(rows):
        mean_m = _weighted_means(network.n_nodes, rows, here, there, weight, solved)
        solved[rows] = np.rint(mean_m * _PER_M) / _PER_M
    return solved


def _grounded(n_nodes: int, here: IntArray, there: IntArray, off: BoolArray) -> IdArray:
    """Return the nodes off the ground from which bridges and tunnels lead down to it."""
    # Slow to import, and most streets have the ground below them.
    from scipy.sparse import csr_array  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    inner = off[there]
    links = csr_array(
        (np.ones(int(inner.sum())), (here[inner], there[inner])), shape=(n_nodes,) * 2
    )
    _, label = connected_components(links, directed=False)
    return np.flatnonzero(off & np.isin(label, label[here[~inner]]))


def _weighted_means(
    n_nodes: int,
    rows: IdArray,
    here: IntArray,
    there: IntArray,
    weight: FloatArray,
    height_m: FloatArray,
) -> FloatArray:
    """Return heights of `rows` that are each the weighted mean of their neighbours' heights."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - see above
    from scipy.sparse.linalg import spsolve  # noqa: PLC0415

    place = np.full(n_nodes, -1)
    place[rows] = np.arange(len(rows))
    kept = place[here] >= 0
    row, there, weight = place[here[kept]], there[kept], weight[kept]
    inner = place[there] >= 0
    total = np.bincount(row, weights=weight, minlength=len(rows))
    ends = np.bincount(row[~inner], weights=(weight * height_m[there])[~inner], minlength=len(rows))
    entries = np.concatenate([total, -weight[inner]])
    every = np.arange(len(rows))
    at = np.concatenate([every, row[inner]]), np.concatenate([every, place[there[inner]]])
    matrix = csr_array((entries, at), shape=(len(rows), len(rows)))
    heights: FloatArray = spsolve(matrix.tocsc(), ends)
    return heights


def _off_ground_nodes(network: WalkNetwork) -> BoolArray:
    """Return the nodes that bridges or tunnels meet and that nothing on the ground does."""
    decks = (network.arc_flags & _OFF_GROUND) != 0
    ground = (network.arc_flags & _NOT_FOLLOWED) == 0
    touched = np.zeros((2, network.n_nodes), dtype=bool)
    for row, arcs in enumerate((decks, ground)):
        touched[row, network.arc_tail[arcs]] = True
        touched[row, network.arc_head[arcs]] = True
    off: BoolArray = touched[0] & ~touched[1]
    return off

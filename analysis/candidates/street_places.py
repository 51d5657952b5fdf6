"""Street places: where, beside a street, something could serve those who lack it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import shapely

from analysis.candidates.candidates import Candidate
from analysis.gaps.listing import Gap
from analysis.places.demand import Demand
from analysis.streets.network import WalkNetwork
from analysis.units import BoolArray, FloatArray, IntArray
from analysis.walking import ArcFlag

SPACING_M: Final = 100.0
LEAST_SPACING_M: Final = 100.0
NEAR_M: Final = 150.0  # a node is amid a gap that has somebody this near
LOOSE_M: Final = 30.0  # a site would be found this near to its node
_NO_PLACE: Final = int(
    ArcFlag.UNLINKABLE | ArcFlag.STEPS | ArcFlag.ESCALATOR | ArcFlag.PRIVATE | ArcFlag.FERRY
)


def street_candidates(
    gaps: Iterable[Gap],
    demand: Demand,
    network: WalkNetwork,
    usable: BoolArray,
    *,
    spacing_m: float = SPACING_M,
) -> Iterator[Candidate]:
    """Yield nodes of the network amid `gaps`, at least `spacing_m` from each other.

    A node is worth the people within :data:`NEAR_M` of it, each counted once for every gap that
    they are in. The worthiest comes first, of equals the one nearer to them, then the smaller node
    id; one that stands nearer than `spacing_m` to one taken before is left out. Nodes of stairs,
    bridges, tunnels and of ways inside compounds are none; `usable` bool [m] tells which arcs count
    at all.
    """
    lacking = np.zeros(len(demand))
    for gap in gaps:
        lacking[gap.points] += demand.people[gap.points]
    nodes = _nodes(network, usable)
    worth, walk = _worth(network.node_xy_m[nodes], demand.xy_m, lacking)
    amid = worth > 0
    nodes, worth, walk = nodes[amid], worth[amid], walk[amid]
    order = np.lexsort((network.node_id[nodes], walk, -worth))
    for at in _thinned(network.node_xy_m[nodes[order]], spacing_m):
        node = int(nodes[order[at]])
        x_m, y_m = network.node_xy_m[node].tolist()
        yield Candidate(
            candidate_id=f"generated:{int(network.node_id[node])}",
            kind="generated",
            shape=shapely.Point(x_m, y_m),
            xy_m=(x_m, y_m),
            source_id=f"node/{int(network.node_id[node])}",
            loose_m=LOOSE_M,
            attributes={"people_times_gaps": f"{worth[order[at]]:.0f}"},
        )


def _nodes(network: WalkNetwork, usable: BoolArray) -> IntArray:
    arcs = np.flatnonzero(usable & ((network.arc_flags & _NO_PLACE) == 0))
    ends = np.unique(np.concatenate([network.arc_tail[arcs], network.arc_head[arcs]]))
    return ends.astype(np.int32)


def _worth(
    node_xy_m: FloatArray, point_xy_m: FloatArray, lacking: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the people in gaps near each node, and all their straight decimetres to it."""
    rows = np.flatnonzero(lacking > 0)
    tree = shapely.STRtree(shapely.points(point_xy_m[rows]))
    node, point = tree.query(shapely.points(node_xy_m), predicate="dwithin", distance=NEAR_M)
    away_m = np.hypot(*(node_xy_m[node] - point_xy_m[rows][point]).T)
    # Sums of whole numbers are exact, whatever the order in which a tree finds them.
    thousandths = np.rint(lacking[rows][point] * 1000.0)
    n = len(node_xy_m)
    walks = thousandths * np.rint(away_m * 10.0)
    people, walk = (
        np.bincount(node, weights=one, minlength=n).astype(np.float64)
        for one in (thousandths, walks)
    )
    return people / 1000.0, walk


def _thinned(xy_m: FloatArray, spacing_m: float) -> list[int]:
    """Return rows in order, without those nearer than `spacing_m` to an earlier one that stays."""
    taken: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    kept: list[int] = []
    least = spacing_m**2
    for row, (x_m, y_m) in enumerate(xy_m.tolist()):
        column, line = int(x_m // spacing_m), int(y_m // spacing_m)
        around = (
            one
            for right in (-1, 0, 1)
            for up in (-1, 0, 1)
            for one in taken.get((column + right, line + up), ())
        )
        if all((x_m - x) ** 2 + (y_m - y) ** 2 >= least for x, y in around):
            taken[column, line].append((x_m, y_m))
            kept.append(row)
    return kept

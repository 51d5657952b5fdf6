"""WalkNetwork: the walkable streets as arrays.

An *arc* is one stretch of street between two junctions (or between places where its character
changes), stored once and walked both ways unless a flag closes a direction. Several arcs may join
the same two nodes: all are kept, because people live along each of them; the search takes the
shortest.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from analysis.errors import InvalidNetworkError
from analysis.messages import message
from analysis.units import ByteArray, FlagArray, FloatArray, IdArray, IntArray, freeze
from analysis.walking import ArcFlag, WalkProfile


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class WalkNetwork:
    """The walkable streets of a study.

    Attributes
    ----------
    crs
        PROJ definition of the metric CRS.
    node_id
        int64 [n], source ids (OSM node id; negative where made by a reader), strictly ascending.
    node_xy_m
        float64 [n, 2], metres.
    arc_tail, arc_head
        int32 [m], node positions 0…n-1.
    arc_length_m
        float64 [m], finite, ≥ 0: a length of zero is legal (a landing) and never dropped.
    arc_first, arc_xy_m
        int32 [m + 1] and float64 [k, 2]: the drawing of arc *a*, from tail to head, is
        ``arc_xy_m[arc_first[a]:arc_first[a + 1]]``, at least two points.
    arc_way_id
        int64 [m], OSM way id (negative where made by a reader).
    arc_class
        uint8 [m], position in `class_names`.
    arc_flags
        uint16 [m], bits of :class:`~analysis.walking.ArcFlag`.
    class_names
        Street classes, such as ``footway`` or ``residential``.
    arc_component
        int32 [m], the connected component of each arc, ignoring flags, numbered by falling length.
    """

    crs: str
    node_id: IdArray
    node_xy_m: FloatArray
    arc_tail: IntArray
    arc_head: IntArray
    arc_length_m: FloatArray
    arc_first: IntArray
    arc_xy_m: FloatArray
    arc_way_id: IdArray
    arc_class: ByteArray
    arc_flags: FlagArray
    class_names: tuple[str, ...]
    arc_component: IntArray

    def __post_init__(self) -> None:
        """Check the invariants once and freeze the arrays."""
        _check(self)
        for array in (
            self.node_id, self.node_xy_m, self.arc_tail, self.arc_head, self.arc_length_m,
            self.arc_first, self.arc_xy_m, self.arc_way_id, self.arc_class, self.arc_flags,
            self.arc_component,
        ):  # fmt: skip
            freeze(array)

    def __repr__(self) -> str:
        """Summarise the network."""
        return (
            f"WalkNetwork({self.n_nodes} nodes, {self.n_arcs} arcs, "
            f"{self.length_m / 1000:.1f} km, {self.n_components} components)"
        )

    @property
    def n_nodes(self) -> int:
        """Return the number of nodes."""
        return len(self.node_id)

    @property
    def n_arcs(self) -> int:
        """Return the number of arcs."""
        return len(self.arc_tail)

    @property
    def n_components(self) -> int:
        """Return the number of connected components."""
        return int(self.arc_component.max()) + 1 if self.n_arcs else 0

    @property
    def length_m(self) -> float:
        """Return the length of all arcs, metres."""
        return float(self.arc_length_m.sum())

    def component_length_m(self) -> FloatArray:
        """Return the length of each component, metres, float64 [n_components], falling."""
        length_m: FloatArray = np.bincount(
            self.arc_component, weights=self.arc_length_m, minlength=self.n_components
        ).astype(np.float64)
        return length_m


@dataclass(frozen=True, slots=True, eq=False)
class SearchGraph:
    """A network as one walker may walk it, in CSR form, ready for the kernels.

    `indptr` int32 [n + 1], `indices` int32 [h], `length_m` float64 [h]: the arcs that *arrive* at
    a node when `reverse` was asked (distances *to* facilities), else those that leave it. Of
    parallel arcs only the shortest is kept.
    """

    indptr: IntArray
    indices: IntArray
    length_m: FloatArray


def search_graph(network: WalkNetwork, profile: WalkProfile, *, reverse: bool) -> SearchGraph:
    """Return the arcs that `profile` may walk as CSR; `reverse` swaps their direction."""
    open_ = (network.arc_flags & int(profile.barred)) == 0
    forward = open_ & ((network.arc_flags & int(ArcFlag.NO_FORWARD)) == 0)
    backward = open_ & ((network.arc_flags & int(ArcFlag.NO_BACKWARD)) == 0)
    tail = np.concatenate([network.arc_tail[forward], network.arc_head[backward]])
    head = np.concatenate([network.arc_head[forward], network.arc_tail[backward]])
    length_m = np.concatenate([network.arc_length_m[forward], network.arc_length_m[backward]])
    if reverse:
        tail, head = head, tail
    return _csr(network.n_nodes, tail, head, length_m)


def _csr(n_nodes: int, tail: IntArray, head: IntArray, length_m: FloatArray) -> SearchGraph:
    # A coo → csr conversion would add parallel arcs up and may drop zeros, so it is done by hand.
    order = np.lexsort((length_m, head, tail))
    tail, head, length_m = tail[order], head[order], length_m[order]
    first = np.ones(len(tail), dtype=bool)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    tail, head, length_m = tail[first], head[first], length_m[first]
    indptr = np.zeros(n_nodes + 1, dtype=np.int32)
    indptr[1:] = np.cumsum(np.bincount(tail, minlength=n_nodes))
    return SearchGraph(indptr, head.astype(np.int32), length_m)


def build_network(
    *,
    crs: str,
    node_id: IdArray,
    node_xy_m: FloatArray,
    arc_tail: IntArray,
    arc_head: IntArray,
    arc_lines_m: list[FloatArray] | None = None,
    arc_length_m: FloatArray | None = None,
    arc_way_id: IdArray | None = None,
    arc_class: tuple[str, ...] | None = None,
    arc_flags: FlagArray | None = None,
) -> WalkNetwork:
    """Build a network from nodes and arcs, deriving what is left out.

    `arc_lines_m` gives each arc's drawing (float64 [*, 2], tail to head); without it arcs are
    straight. `arc_length_m` defaults to the length of the drawing. Nodes are sorted by id, arcs by
    (way id, tail id, head id, length), so that the order of the input does not matter.
    """
    order = np.argsort(node_id, kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    node_id, node_xy_m = node_id[order], node_xy_m[order]
    tail, head = rank[arc_tail], rank[arc_head]
    if arc_lines_m is None:
        arc_lines_m = [node_xy_m[[t, h]] for t, h in zip(tail, head, strict=True)]
    counts: IntArray = np.array([len(line) for line in arc_lines_m], dtype=np.int32)
    xy_m = np.concatenate(arc_lines_m) if arc_lines_m else np.empty((0, 2))
    length_m = _line_length_m(xy_m, counts) if arc_length_m is None else arc_length_m
    way_id = np.arange(len(tail), dtype=np.int64) if arc_way_id is None else arc_way_id
    names = ("footway",) * len(tail) if arc_class is None else arc_class
    class_names = tuple(sorted(set(names)))
    class_of = {name: code for code, name in enumerate(class_names)}
    code = np.array([class_of[name] for name in names], dtype=np.uint8)
    flags = np.zeros(len(tail), dtype=np.uint16) if arc_flags is None else arc_flags
    by = np.lexsort((length_m, head, tail, way_id)).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    pick = _ragged_take(starts, counts, by)
    first = np.concatenate([[0], np.cumsum(counts[by])]).astype(np.int32)
    tail, head, length_m = tail[by], head[by], length_m[by]
    return WalkNetwork(
        crs=crs,
        node_id=node_id.astype(np.int64),
        node_xy_m=node_xy_m.astype(np.float64),
        arc_tail=tail.astype(np.int32),
        arc_head=head.astype(np.int32),
        arc_length_m=length_m.astype(np.float64),
        arc_first=first,
        arc_xy_m=xy_m[pick].astype(np.float64),
        arc_way_id=way_id[by].astype(np.int64),
        arc_class=code[by],
        arc_flags=flags[by].astype(np.uint16),
        class_names=class_names,
        arc_component=_components(len(node_id), tail, head, length_m),
    )


def _line_length_m(xy_m: FloatArray, counts: IntArray) -> FloatArray:
    if len(xy_m) == 0:
        return np.empty(0)
    step_m = np.hypot(*np.diff(xy_m, axis=0).T)
    ends = np.cumsum(counts)
    step_m[ends[:-1] - 1] = 0.0  # the jump from one line to the next
    return np.add.reduceat(np.append(step_m, 0.0), np.concatenate([[0], ends[:-1]]))


def _ragged_take(starts: IntArray, counts: IntArray, rows: IntArray) -> IntArray:
    """Return the positions of the points of `rows` in a ragged array, row after row."""
    taken = counts[rows]
    total = int(taken.sum())
    jumps = np.repeat(starts[rows] - np.concatenate([[0], np.cumsum(taken)[:-1]]), taken)
    return (np.arange(total) + jumps).astype(np.int32) if len(rows) else np.empty(0, np.int32)


def _components(n_nodes: int, tail: IntArray, head: IntArray, length_m: FloatArray) -> IntArray:
    if len(tail) == 0:
        return np.empty(0, dtype=np.int32)
    links = csr_array((np.ones(len(tail), np.int8), (tail, head)), shape=(n_nodes, n_nodes))
    n, label = connected_components(links, directed=False)
    of_arc = label[tail]
    total_m = np.bincount(of_arc, weights=length_m, minlength=n)
    # Longest first; ties by the smallest node, so that the numbering is the input's, not scipy's.
    first_node = np.full(n, n_nodes)
    np.minimum.at(first_node, label, np.arange(n_nodes))
    rank = np.empty(n, dtype=np.int32)
    has_arc = np.bincount(of_arc, minlength=n) > 0
    rank[np.lexsort((first_node, -total_m, ~has_arc))] = np.arange(n, dtype=np.int32)
    component: IntArray = rank[of_arc]
    return component


def _check(network: WalkNetwork) -> None:
    n, m = network.n_nodes, network.n_arcs
    problems: Mapping[str, bool] = {
        "node_id": n == 0 or bool(np.all(np.diff(network.node_id) > 0)),
        "node_xy_m": network.node_xy_m.shape == (n, 2)
        and bool(np.isfinite(network.node_xy_m).all()),
        "arc_head": len(network.arc_head) == m
        and (m == 0 or min(network.arc_tail.min(), network.arc_head.min()) >= 0)
        and (m == 0 or max(network.arc_tail.max(), network.arc_head.max()) < n),
        "arc_length_m": len(network.arc_length_m) == m
        and bool(np.isfinite(network.arc_length_m).all() and (network.arc_length_m >= 0).all()),
        "arc_first": len(network.arc_first) == m + 1
        and bool(np.all(np.diff(network.arc_first) >= 2))  # noqa: PLR2004 - a line has two ends
        and int(network.arc_first[-1]) == len(network.arc_xy_m),
        "arc_class": m == 0 or int(network.arc_class.max()) < len(network.class_names),
        "arc_component": len(network.arc_component) == m,
    }
    for field, holds in problems.items():
        if not holds:
            raise InvalidNetworkError(message("network.invariant", field=field))
